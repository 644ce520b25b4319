//! carbontracker's logs. Each run writes three files: the standard log with the mean power of every epoch, the output log with the totals
//! (the same text goes to the terminal, without stamps), and an error log that holds nothing to count.
//!
//! One reader takes lines of all three, since people join them and paste them.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::carbontracker::{Found, Message, Place, RunLog, Summaries, message, stamped};
use super::{Clock, Evidence, Format, Head, Line, LocalClock, ReadBy, ReadOptions, Reader, Reading, Refusal, Row, SkipReason};
use crate::note;

/// carbontracker log.
pub static FORMAT: Format = Format {
    id: "carbontracker_log",
    name: "carbontracker log",
    how_to_log: "CarbonTracker(epochs=N, log_dir='logs')   (writes *_carbontracker.log and *_carbontracker_output.log)",
    read_by: ReadBy::Code { most: 95, sniff, open },
};

/// A tracker's first lines may stand below what the training printed.
const LINES_TO_A_MARK: usize = 1000;

/// What every line holds one of by which the format is known.
const SAID: [&[u8]; 3] = [b"carbontracker", b"power usage", b"consumption"];

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    if !SAID.iter().chain(&ABOUT).any(|words| head.may_hold(words)) {
        return None;
    }
    let mut best: Option<(u8, &str)> = None;
    let name = name_before(head);
    for line in head.lines().take(LINES_TO_A_MARK) {
        let line = line.strip_prefix(name).unwrap_or(line);
        let (stamp, text) = stamped(line);
        let found = match message(text) {
            Message::Version(_) | Message::Power { .. } if stamp.is_some() => Some((95, "a standard log of carbontracker")),
            Message::Consumption { .. } | Message::Printed | Message::Components { printed: true, .. } if stamp.is_some() => {
                Some((90, "an output log of carbontracker"))
            }
            // Documents quote such lines too: there they stand in a fenced block or in markup.
            Message::Consumption { .. } | Message::Printed if !is_document(head.bytes) && starts_printed(line) => {
                Some((60, "what carbontracker prints to the terminal"))
            }
            Message::Error if is_about_carbontracker(head.bytes) => Some((70, "an error log of carbontracker")),
            _ => None,
        };
        best = best.max(found);
    }
    best.map(|(score, what)| Evidence { score, reason: String::from(what) })
}

/// How lines begin that are printed to the terminal.
const PRINTED: &[u8] = b"CarbonTracker:";

/// What a container or job manager puts before each line that it captures is no longer.
const LONGEST_NAME: usize = crate::bounds::NAME_BYTES.value as usize;

fn starts_printed(line: &[u8]) -> bool {
    line.starts_with(PRINTED)
}

/// What stands before each line of a captured terminal: the name of a container, as in `trainer-0 | CarbonTracker:`.
fn name_before<'h>(head: &Head<'h>) -> &'h [u8] {
    let before = |line: &'h [u8]| line.get(..memchr::memmem::find(line, PRINTED)?).filter(|name| name.len() <= LONGEST_NAME);
    let first = head.lines().take(LINES_TO_A_MARK).find_map(|line| if stamped(line).0.is_some() { Some(&b""[..]) } else { before(line) });
    first.unwrap_or(b"")
}

fn is_document(head: &[u8]) -> bool {
    matches!(head.trim_ascii_start().first(), Some(b'{' | b'[' | b'<' | b'#')) || memchr::memmem::find(head, b"```").is_some()
}

/// What the error log speaks of.
const ABOUT: [&[u8]; 4] = [b"carbontracker", b"carbon intensity", b"Skipping intensity provider", b"Epoch duration is too short"];

fn is_about_carbontracker(head: &[u8]) -> bool {
    ABOUT.iter().any(|word| memchr::memmem::find(head, word).is_some())
}

fn open(head: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    Ok(Box::new(Log {
        clock: LocalClock::new(options.zone.clone()),
        run: RunLog::new(options),
        summaries: Summaries::new(options),
        in_error: false,
        name: name_before(head).to_vec(),
        is_captured: head.lines().any(|line| memchr::memmem::find(line, PRINTED).is_some() && stamped(line).0.is_none()),
    }))
}

struct Log {
    clock: LocalClock,
    run: RunLog,
    summaries: Summaries,
    /// In an entry of the error log, whose traceback has lines of its own.
    in_error: bool,
    /// What goes before each line.
    name: Vec<u8>,
    /// A terminal, on which a training prints as well.
    is_captured: bool,
}

impl Reader for Log {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        if line.text.contains(&0) {
            return Row::Skipped(SkipReason::Binary);
        }
        let (stamp, text) = stamped(line.text.strip_prefix(self.name.as_slice()).unwrap_or(line.text));
        let at = stamp.map(|stamp| self.clock.resolve(stamp));
        if at.is_some() {
            out.clock = Clock::of(false, self.clock.knows_zone());
        }
        if stamp.is_none()
            && let Some(row) = self.run.continue_vector(line, out)
        {
            return row;
        }
        let found = message(text);
        if self.in_error && stamp.is_none() && !matches!(found, Message::Printed | Message::Consumption { .. }) {
            return Row::Structure;
        }
        self.in_error = matches!(found, Message::Error);
        self.take(found, at, line, out)
    }

    fn finish(&mut self, out: &mut Reading) {
        self.run.finish(out);
        self.summaries.finish(out);
    }
}

impl Log {
    fn take(&mut self, found: Message<'_>, at: Option<crate::units::Instant>, line: Line<'_>, out: &mut Reading) -> Row {
        match found {
            Message::Blank | Message::Known | Message::Error => Row::Structure,
            Message::Interrupted(planned) => {
                self.run.interrupted(planned);
                Row::Structure
            }
            Message::Printed => {
                self.summaries.at(at);
                Row::Structure
            }
            Message::Version(version) => {
                self.run.finish(out);
                self.run.begin(version, line.number);
                Row::Structure
            }
            Message::Pue(pue) => {
                self.run.pue(pue);
                Row::Structure
            }
            Message::Components { printed, text } => {
                let found = Found::read(text);
                if printed {
                    self.summaries.components(found);
                } else {
                    self.run.components(found);
                }
                Row::Structure
            }
            Message::Epoch { number, mark } => {
                self.run.epoch(number, mark, at);
                Row::Structure
            }
            Message::Duration(text) => {
                self.run.duration(text);
                Row::Structure
            }
            Message::Power { component, text } => self.run.power(component, text, line, out),
            Message::Intensity { g_per_kwh, is_average, location, printed, text } => {
                let place = location.and_then(Place::at);
                if printed {
                    self.summaries.intensity(g_per_kwh, is_average, place, text);
                } else {
                    self.run.intensity(g_per_kwh, is_average, place);
                }
                Row::Structure
            }
            Message::Consumption { predicted, epochs } => {
                self.summaries.at(at);
                self.summaries.begin(predicted, epochs, line.number);
                Row::Structure
            }
            Message::Time(text) => {
                self.summaries.time(text);
                Row::Structure
            }
            Message::Energy(text) => self.summaries.energy(text, line),
            Message::Emissions(text) => {
                self.summaries.emissions(text);
                Row::Structure
            }
            Message::Torn if line.unterminated => Row::Skipped(SkipReason::LastLineCut),
            Message::Torn => {
                out.notes.add(&note::ROWS_TORN, "", Some(line.number), || String::from("a line that holds figures is torn"));
                Row::Skipped(SkipReason::Torn)
            }
            Message::Unknown if self.is_captured => Row::Structure,
            Message::Unknown => {
                out.notes.add(&note::LINES_UNKNOWN, "", Some(line.number), || {
                    format!("a line is none of carbontracker's: {}", short(line.text))
                });
                Row::Skipped(SkipReason::Unknown)
            }
        }
    }
}

fn short(text: &[u8]) -> String {
    crate::decode::encoding::text(text.get(..60).unwrap_or(text))
}
