//! `carbon-report mark`: a word from inside a run to its recorder.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;

use crate::Error;
use crate::record::mailbox::{self, LARGEST, Message, VARIABLE};

use super::Status;

const EXAMPLES: &str = "\
Examples, in a program that runs under `carbon-report record`:
  carbon-report mark \"epoch 3\"
  carbon-report mark \"epoch 3\" --metric loss=0.12 --metric accuracy=0.93

From Python, without another process: `from carbon_report.mark import mark; mark(\"epoch 3\", loss=0.12)`.

Exit status:
  0  the recorder has it
  1  there is no recorder, or it does not answer; nothing is said
  2  not done: wrong usage";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// What happened
    text: String,

    /// A number beside it; may be given several times
    #[arg(short, long, value_name = "NAME=N")]
    metric: Vec<String>,
}

pub fn run(arguments: Arguments) -> anyhow::Result<Status> {
    let metrics = arguments.metric.iter().map(|text| metric(text)).collect::<Result<BTreeMap<_, _>, _>>()?;
    let message = Message { text: arguments.text, metrics };
    if message.text.trim().is_empty() {
        return Err(Error::new("mark: found an empty text, expected what happened")
            .hint("for example `carbon-report mark \"epoch 3\"`")
            .into());
    }
    let bytes = serde_json::to_vec(&message)?.len();
    if bytes > LARGEST {
        return Err(Error::new(format!("mark: found {bytes} bytes, expected at most {LARGEST}")).into());
    }
    let Some(path) = env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from) else { return Ok(Status::Failed) };
    Ok(if mailbox::send(&path, &message).is_ok() { Status::Done } else { Status::Failed })
}

fn metric(text: &str) -> Result<(String, f64), Error> {
    let expected = || Error::new(format!("metric: found {text:?}, expected a name and a number")).hint("for example `--metric loss=0.12`");
    let (name, value) = text.split_once('=').ok_or_else(expected)?;
    let value = value.trim().parse::<f64>().ok().filter(|v| v.is_finite()).ok_or_else(expected)?;
    if name.trim().is_empty() { Err(expected()) } else { Ok((name.trim().into(), value)) }
}
