//! `carbon-report live`: what a run uses and emits, while it goes on.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use carbon_core::card;
use carbon_core::ledger::Method;
use carbon_core::options;
use carbon_core::report::Report;
use carbon_core::report::pace::Pace;
use carbon_core::text::duration;
use carbon_core::units::Span;
use carbon_core::units::calendar::parse_stamp;
use carbon_render::escape::visible;

use crate::Error;
use crate::record::follow::{Followed, State};
use crate::record::summary;
use crate::settings::{Choices, Flags, OfLive};

use super::Status;

/// "Now" is the mean of so long.
const NOW: Span = Span::from_seconds(10);

/// Looking costs at most this share of a processor, however long the log has become.
const COST_SHARE: u32 = 20;

const EXAMPLES: &str = "\
Examples:
  carbon-report live logs/                 the run that started last
  carbon-report live logs/ --region FR     with your grid
  carbon-report live logs/ > live.txt      a line every second

It only reads: the run does not notice, and it may be on another machine that writes to the same folder.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Folder of the log, or one of its files
    #[arg(value_name = "PATH", default_value = "logs")]
    path: PathBuf,

    /// Time between two looks
    #[arg(long, value_name = "TIME", default_value = "1s")]
    interval: String,

    #[command(flatten)]
    flags: Flags<OfLive>,
}

pub fn run(arguments: Arguments) -> anyhow::Result<Status> {
    let interval = options::duration(&arguments.interval).map_err(|e| Error::new(format!("interval: {e}")))?;
    let interval = Duration::from_micros(u64::try_from(interval.as_micros()).unwrap_or(1_000_000));
    let choices = arguments.flags.choices;
    summary::check(&choices)?;
    let mut followed = Followed::new(&arguments.path)?;
    let mut screen = Screen::new();
    let mut seen = None;
    loop {
        let started = Instant::now();
        let (state, clocks) = followed.state()?;
        if clocks != seen || state != State::Runs {
            seen = clocks;
            screen.show(&line(&followed.files()?, &choices)?)?;
        }
        match state {
            State::Runs => {}
            State::Ended(status) => {
                let how = status.map(|status| match status.parse::<i32>() {
                    Ok(_) => format!(", with status {status}"),
                    Err(_) => format!(", by {}", visible(&status)),
                });
                screen.end(&format!("the run has ended{}", how.unwrap_or_default()))?;
                return Ok(Status::Done);
            }
            State::Gone => {
                screen.end("the recorder is gone without a last word (killed, or its machine was); the log can be used as it is")?;
                return Ok(Status::Done);
            }
        }
        thread::sleep(interval.max(started.elapsed() * COST_SHARE));
    }
}

/// `12.5 min  312 W  61.2 Wh (measured)  12.1 g CO2eq, 3.4 g/h (France)`.
fn line(files: &[PathBuf], choices: &Choices) -> Result<String, Error> {
    let report = summary::report(files, choices, None)?;
    let Some((energy, period)) = report.energy.as_ref().zip(report.period.as_ref()) else {
        return Ok(String::from("nothing measured yet"));
    };
    let end = parse_stamp(period.end.as_bytes()).map(|stamp| stamp.at);
    let from = end.map(|end| end.plus(Span::ZERO - NOW));
    let now = Pace::of(&summary::report(files, choices, from)?).or_else(|| Pace::of(&report));
    let mut parts = vec![duration(period.duration_s)];
    parts.extend(now.as_ref().map(|pace| pace.power_text.clone()));
    parts.push(format!("{} ({})", energy.logged_kwh.text, bases(&report)));
    if let Some(emissions) = &report.emissions {
        let rate = now.and_then(|pace| pace.emissions_text).map(|rate| format!(", {rate}")).unwrap_or_default();
        parts.push(format!("{} CO2eq{rate} ({})", emissions.operational_kgco2e.text, card::grid(&report)));
    }
    Ok(parts.join("   "))
}

fn bases(report: &Report) -> String {
    let logged = report.activities.iter().filter(|activity| activity.method != Method::Machine);
    let mut bases: Vec<&str> = logged.map(|activity| activity.basis.as_str()).collect();
    bases.sort_unstable();
    bases.dedup();
    bases.join(" and ")
}

/// Columns of the terminal: a line that wraps could not be written anew.
fn width() -> Option<usize> {
    #[cfg(unix)]
    {
        let columns = rustix::termios::tcgetwinsize(io::stdout()).ok()?.ws_col;
        (columns > 0).then_some(usize::from(columns))
    }
    #[cfg(not(unix))]
    None
}

/// What of a line there is room for: the last column is the cursor's.
fn cut(line: &str, width: Option<usize>) -> String {
    let room = width.map_or(usize::MAX, |width| width.saturating_sub(1));
    if line.chars().count() <= room {
        return line.into();
    }
    line.chars().take(room.saturating_sub(1)).chain(['…']).collect()
}

/// One line that is written anew on a terminal, and a line each elsewhere.
struct Screen {
    is_terminal: bool,
    open: bool,
}

impl Screen {
    fn new() -> Self {
        Self { is_terminal: io::stdout().is_terminal(), open: false }
    }

    fn show(&mut self, line: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        if self.is_terminal {
            // To the first column, and what was there is cleared.
            write!(stdout, "\r\u{1b}[K{}", cut(&visible(line), width()))?;
            self.open = true;
        } else {
            writeln!(stdout, "{}", visible(line))?;
        }
        stdout.flush()
    }

    fn end(&mut self, line: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        if self.open {
            writeln!(stdout)?;
        }
        writeln!(stdout, "{line}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_to_the_terminal() {
        assert_eq!(cut("61 Wh (measured)", Some(17)), "61 Wh (measured)");
        assert_eq!(cut("61 Wh (measured)", Some(10)), "61 Wh (m…");
        assert_eq!(cut("61 Wh", None), "61 Wh");
        assert_eq!(cut("61 Wh", Some(1)), "…");
    }
}
