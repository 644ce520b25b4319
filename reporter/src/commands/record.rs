//! `carbon-report record`: a program runs, and a log of the machine's energy is written beside it.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use carbon_core::options;
use carbon_core::units::Span;
use carbon_core::units::decimal::parse_scaled_i64;

use crate::Error;
use crate::discover::printable;
use crate::record::program::NotStarted;
use crate::record::sampler::{Log, Plan, watch};
use crate::record::scribe::Statement;
use crate::record::source::SourceOptions;
use crate::record::summary;
use crate::record::supervise::{Left, supervise};
use crate::settings::{Choices, Flags, OfRecord};
use crate::terminal::Terminal;

use super::Status;

const SHORTEST: Span = Span::from_micros(1_000);
const LONGEST: Span = Span::from_seconds(3600);

const EXAMPLES: &str = "\
Examples:
  carbon-report record -- python train.py --epochs 3         a log in logs/, and a summary at the end
  carbon-report record --region FR -o runs/7 -- ./train.sh   the summary with your grid, the log in runs/7
  carbon-report record -o logs/                              until interrupted, whatever runs
  carbon-report mark \"epoch 3\" --metric loss=0.12            from inside the program
  carbon-report live logs/                                   follows the log, from elsewhere
  carbon-report logs/ -o card.md                             the card, during the run or after it

The program is never harmed: it starts first, has its own standard streams, gets every signal, and its exit status is that of this command. A full
disk, a sensor that hangs or the end of the recorder costs samples. The log says why any are missing.

Each tick is one write of whole lines; what is on the disk is synchronised at the start, every 30 s, and at the end. Nothing in the log names the user,
the host, the program or a path, unless asked for.

Exit status:
  that of the program; 128 and the number of the signal that ended it, as shells give it
  126  the program was found, but can't be started
  127  the program was not found
  0    without a program: interrupted
  2    not done: wrong usage";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The program and its arguments [default: none; record until interrupted]
    #[arg(value_name = "CMD", trailing_var_arg = true, allow_hyphen_values = true)]
    program: Vec<OsString>,

    /// Time between two samples
    #[arg(long, value_name = "TIME", default_value = "1s")]
    interval: String,

    /// Folder of the log; each run writes its own files
    #[arg(short, long, value_name = "FOLDER", default_value = "logs")]
    output: PathBuf,

    /// A label in the log; may be given several times
    #[arg(short, long, value_name = "NAME=TEXT")]
    label: Vec<String>,

    #[command(flatten)]
    flags: Flags<OfRecord>,

    /// Write beside the machine's energy what share of it the program has by processor time, memory and the GPU use that the driver tells of each process: an
    /// allocation, not a measurement
    #[arg(long)]
    attribute: bool,

    /// A new file is begun beyond this size
    #[arg(long, value_name = "SIZE", default_value = "64MiB")]
    rotate: String,

    /// Write the program and its arguments into the log; they may hold secrets
    #[arg(long)]
    with_command: bool,

    /// Write the machine's name into the log
    #[arg(long)]
    with_host_name: bool,

    /// Where the machine's /sys and /proc are seen, for containers that have them elsewhere
    #[arg(long, value_name = "FOLDER", default_value = "/")]
    host_root: PathBuf,

    /// NVIDIA's library, where the system does not find it [default: libnvidia-ml.so.1]
    #[arg(long, value_name = "FILE")]
    nvml_library: Option<PathBuf>,

    /// Show errors only
    #[arg(short, long)]
    quiet: bool,
}

pub fn run(arguments: Arguments) -> anyhow::Result<Status> {
    let terminal = Terminal { quiet: arguments.quiet };
    let choices = arguments.flags.choices.clone();
    // What can't be is told before anything starts.
    summary::check(&choices)?;
    let plan = plan(&arguments, terminal)?;
    let watched = match supervise(&arguments.program, move |orders| watch(plan, orders)) {
        Ok(watched) => watched,
        Err(NotStarted { status, error }) => {
            let name = arguments.program.first().map(|name| printable(name)).unwrap_or_default();
            terminal.error(&format!("{name}: could not be started: {error}"), None);
            std::process::exit(i32::from(status));
        }
    };
    match watched.left {
        Left::Done(log) => tell(&log, &choices, terminal),
        Left::Failed => terminal.error("the recorder failed; the log ends there", Some("please report this")),
        Left::Hangs => terminal.warning("a sensor or the disk does not answer; the log ends at the last tick before", None),
    }
    match watched.ended {
        Some(ended) => ended.mirror(),
        None => Ok(Status::Done),
    }
}

fn tell(log: &Log, choices: &Choices, terminal: Terminal) {
    if !log.complete {
        terminal.warning("the last samples could not be written", None);
    }
    if terminal.quiet {
        return;
    }
    match summary::lines(&log.files, choices) {
        Ok(lines) => lines.iter().for_each(|line| terminal.say(line)),
        Err(error) => terminal.warning(&error.message, error.hint.as_deref()),
    }
}

fn plan(arguments: &Arguments, terminal: Terminal) -> Result<Plan, Error> {
    let interval = options::duration(&arguments.interval).map_err(|e| Error::new(format!("interval: {e}")))?;
    if interval < SHORTEST || interval > LONGEST {
        return Err(Error::new(format!("interval: found {:?}, expected between 1ms and 1h", arguments.interval)));
    }
    let labels = arguments.label.iter().map(|text| label(text)).collect::<Result<BTreeMap<_, _>, _>>()?;
    let command = arguments.program.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    let attribute = arguments.attribute && !arguments.program.is_empty();
    Ok(Plan {
        interval,
        folder: arguments.output.clone(),
        rotate_at: size(&arguments.rotate)?,
        statement: Statement {
            labels,
            command: (arguments.with_command && !command.is_empty()).then_some(command),
            host_name: if arguments.with_host_name { host_name(&arguments.host_root) } else { None },
        },
        attribute,
        sources: SourceOptions { root: arguments.host_root.clone(), nvml_library: arguments.nvml_library.clone(), processes: attribute },
        terminal,
    })
}

fn label(text: &str) -> Result<(String, String), Error> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().into(), value.trim().into())),
        _ => Err(Error::new(format!("label: found {text:?}, expected a name and a text")).hint("for example `--label model=resnet50`")),
    }
}

/// `64MiB`, `1.5GiB`, `100000`: bytes.
fn size(text: &str) -> Result<u64, Error> {
    const SMALLEST: u64 = 64 << 10;
    let expected = || Error::new(format!("rotate: found {text:?}, expected a size of at least 64KiB")).hint("for example `--rotate 64MiB`");
    let number = text.trim_end_matches(|c: char| c.is_alphabetic());
    let unit = match &text[number.len()..] {
        "" | "B" => 1,
        "KiB" | "K" => 1 << 10,
        "MiB" | "M" => 1 << 20,
        "GiB" | "G" => 1 << 30,
        _ => return Err(expected()),
    };
    let thousandths = parse_scaled_i64(number.trim().as_bytes(), 3).ok().and_then(|n| u64::try_from(n).ok()).ok_or_else(expected)?;
    thousandths.checked_mul(unit).map(|bytes| bytes / 1000).filter(|bytes| *bytes >= SMALLEST).ok_or_else(expected)
}

fn host_name(root: &Path) -> Option<String> {
    let told = std::fs::read_to_string(root.join("proc/sys/kernel/hostname")).ok();
    told.map(|name| name.trim().to_owned()).or_else(|| env::var("COMPUTERNAME").ok()).filter(|name| !name.is_empty())
}
