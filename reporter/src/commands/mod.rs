//! The command line: what can be asked, and which file answers.

mod compare;
mod documents;
mod estimate;
mod explain;
mod findings;
mod formats;
mod hardware;
mod live;
mod mark;
mod record;
mod regions;
mod report;
mod table;

use std::io;
use std::process::ExitCode;

use crate::terminal::Terminal;
use carbon_render::escape::visible;
use clap::{Parser, Subcommand};

macro_rules! exit_status {
    () => {
        "\
Exit status:
  0  done
  1  done, but a check failed, a note is an error under --strict, or a recognised log or a path that was named could not be used
  2  not done, and no document is written: wrong usage, nothing that could be used, or a file that an option names can't be used"
    };
}

/// What the exit status says, for people.
pub const EXIT_STATUS: &str = exit_status!();

const EXAMPLES: &str = concat!(
    "\
Examples:
  carbon-report logs/ -o card.md                     the carbon section of a model card
  carbon-report logs/ --region FR --pue 1.1          on standard output, with place and building
  carbon-report logs/ -o README.md -o report.html    between the markers of a README, and as a page
  carbon-report logs/ -o README.md --check           says in CI whether the README is up to date
  carbon-report gpu.csv --interval 1s                a log without a clock
  carbon-report report.json -o card.html             another document from a saved report
  carbon-report estimate --gpu \"8x A100\" --hours 24 --region FR   without logs
  carbon-report compare report.json --regions FR,SE  the same energy elsewhere

",
    exit_status!(),
    "

Settings can also stand in a file that --config names. carbon-report.toml beside the logs or in a folder above them may come from
whoever made them: it can say what logs can say, and counts as said by the logs:
  region = \"gcp:europe-west4\"
  pue = 1.1
  [hosts.node17]               # logs that name node17, or lie in a folder or file of that name
  region = \"FR\"
  [[phase]]                    # what left no logs, as in `carbon-report estimate --help`
  gpu = \"4x A100\"
  hours = 120"
);

/// The carbon section of a model card, from training logs
///
/// Reads the logs of power samplers, trackers and schedulers, and says what the training emitted, with an interval and the source of every figure.
#[derive(Parser)]
#[command(name = "carbon-report", version, max_term_width = 100, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
#[command(arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    report: report::Arguments,
}

#[derive(Subcommand)]
enum Command {
    /// The same energy at other places, in other years, at other PUEs or hours
    Compare(compare::Arguments),
    /// Zones and cloud regions with their carbon intensity
    Regions(regions::Arguments),
    /// A training without logs, from its hardware, hours and place
    Estimate(Box<estimate::Arguments>),
    /// Accelerators and processors that are known
    Hardware(hardware::Arguments),
    /// Log formats that are read, and how to make such logs
    Formats(formats::Arguments),
    /// What a note in a report means, and what to do
    Explain(explain::Arguments),
    /// Follow the log of a run while it goes on
    Live(live::Arguments),
    /// Write a mark into the log of the recorder that this runs under
    Mark(mark::Arguments),
    /// Run a program and log the machine's energy beside it
    Record(record::Arguments),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All is well.
    Done = 0,
    /// Done, but a check failed or something could not be used.
    Failed = 1,
    /// Not done.
    NotDone = 2,
}

/// Runs the command line.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return not_understood(&error),
    };
    let result = match cli.command {
        None => report::run(cli.report),
        Some(Command::Compare(arguments)) => compare::run(arguments),
        Some(Command::Regions(arguments)) => regions::run(&arguments),
        Some(Command::Hardware(arguments)) => hardware::run(&arguments),
        Some(Command::Formats(arguments)) => formats::run(&arguments),
        Some(Command::Estimate(arguments)) => estimate::run(*arguments),
        Some(Command::Explain(arguments)) => explain::run(&arguments),
        Some(Command::Live(arguments)) => live::run(arguments),
        Some(Command::Mark(arguments)) => mark::run(arguments),
        Some(Command::Record(arguments)) => record::run(arguments),
    };
    ExitCode::from(match result {
        Ok(status) => status as u8,
        Err(error) if is_closed_pipe(&error) => Status::Done as u8,
        Err(error) => {
            let hint = error.downcast_ref::<crate::Error>().and_then(|e| e.hint.as_deref());
            Terminal::default().error(&format!("{error:#}"), hint);
            Status::NotDone as u8
        }
    })
}

/// Says what is wrong with the arguments, or helps. A shell puts names of files among them: what would act on a terminal is shown.
fn not_understood(error: &clap::Error) -> ExitCode {
    let arguments = std::env::args_os().map(|argument| visible(&argument.to_string_lossy()).into_owned());
    match Cli::try_parse_from(arguments) {
        Err(same) if same.kind() == error.kind() => drop(same.print()),
        _ => Terminal::default().error(&error.to_string(), None),
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Status::NotDone as u8))
}

/// Whoever read the output has seen enough.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe))
}
