//! Logs without a clock that hold one log twice: nothing tells when a row was read, so that a copy counts again.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{DeclaredKind, Reading};
use crate::map::Set;
use crate::note;
use crate::units::Energy;

/// So many pieces of different text are no log that says the same again and again.
const LEAST_DIFFERENT: usize = 4;

/// Longer logs are not looked at.
const MOST_PIECES: usize = 1 << 16;

/// What comes more often is what a device at rest says.
const MOST_COPIES: usize = 3;

/// Pieces of a log by what they hold: its lines, and what ends in a brace.
#[derive(Clone, Debug)]
pub(super) struct Pieces {
    hashes: Vec<u64>,
    now: u64,
    has_digit: bool,
    lines: u64,
    /// The line of each piece that begins a line of its own.
    at: Vec<u64>,
}

impl Default for Pieces {
    fn default() -> Self {
        Self { hashes: Vec::new(), now: START, has_digit: false, lines: 1, at: Vec::new() }
    }
}

/// FNV-1a.
const START: u64 = 0xcbf2_9ce4_8422_2325;
const STEP: u64 = 0x0000_0100_0000_01b3;

/// A log that begins with the same rows several times over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Repeated {
    /// The line of the first copy.
    pub(super) line: u64,
    /// Pieces that stand there once, and all of them.
    pub(super) once: u32,
    pub(super) all: u32,
}

impl Pieces {
    /// The next bytes of the log.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.hashes.len() > MOST_PIECES {
            return;
        }
        for byte in bytes {
            if matches!(byte, b'\n' | b'}') {
                self.end();
                self.lines += u64::from(*byte == b'\n');
            } else if !byte.is_ascii_whitespace() {
                self.now = (self.now ^ u64::from(*byte)).wrapping_mul(STEP);
                self.has_digit |= byte.is_ascii_digit();
            }
        }
    }

    /// Pieces without a number say nothing.
    fn end(&mut self) {
        let now = core::mem::replace(&mut self.now, START);
        if core::mem::take(&mut self.has_digit) {
            self.hashes.push(now);
            self.at.push(self.lines);
        }
    }

    /// The copies at its start, once all of it is there.
    pub(super) fn repeated(&mut self) -> Option<Repeated> {
        self.end();
        let pieces = &self.hashes;
        let mut seen: Vec<u64> = Vec::new();
        let least = pieces.iter().position(|piece| {
            if !seen.contains(piece) {
                seen.push(*piece);
            }
            seen.len() == LEAST_DIFFERENT
        })? + 1;
        if pieces.len() > MOST_PIECES {
            return None;
        }
        let like = like_the_start(pieces);
        let once = (least..=pieces.len() / 2).find(|at| like.get(*at).is_some_and(|length| length >= at))?;
        let copies = like.get(once)? / once;
        let left = pieces.len().checked_sub(copies * once)?;
        (copies < MOST_COPIES).then_some(Repeated {
            line: *self.at.get(once)?,
            once: u32::try_from(left).ok()?,
            all: u32::try_from(pieces.len()).ok()?,
        })
    }
}

/// For each place, how many pieces from there on are as those from the start on.
fn like_the_start(pieces: &[u64]) -> Vec<usize> {
    let mut like = alloc::vec![0; pieces.len()];
    let (mut from, mut to) = (0, 0);
    for at in 1..pieces.len() {
        let known = if at < to { like.get(at - from).copied().unwrap_or(0).min(to - at) } else { 0 };
        let more = pieces.iter().skip(known).zip(pieces.iter().skip(at + known)).take_while(|(a, b)| a == b).count();
        if let Some(own) = like.get_mut(at) {
            *own = known + more;
        }
        if at + known + more > to {
            (from, to) = (at, at + known + more);
        }
    }
    like
}

impl Reading {
    /// Figures without a time of which one states what another one did, to the last digit and of the same length, may be of one run: the lower end holds it once.
    pub(super) fn doubt_repeated_figures(&mut self) {
        let mut seen = Set::new();
        let mut again = Vec::new();
        for figure in self.declared.iter_mut().filter(|figure| figure.period.is_none() && figure.kind == DeclaredKind::Actual) {
            let parts: Vec<_> = figure.parts.iter().map(|part| (part.component, part.energy)).collect();
            if parts.iter().all(|(_, energy)| *energy <= Energy::ZERO)
                || seen.insert((figure.run.clone(), figure.name.clone(), figure.duration, parts))
            {
                continue;
            }
            figure.parts.iter_mut().for_each(|part| part.doubtful = part.energy);
            again.push(figure.line);
        }
        let Some(first) = again.first().copied() else { return };
        let message = format!(
            "{} figures, from line {first} on, say what others did, to the last digit, and no time: they may be copies",
            again.len()
        );
        let hint = String::from("give each log once; where the training did run twice with the very same readings, nothing is wrong");
        self.notes.add_with_hint(&note::POSSIBLE_DOUBLE_COUNT, Some(first), message, hint);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeated(text: &str) -> Option<Repeated> {
        let mut pieces = Pieces::default();
        text.as_bytes().chunks(3).for_each(|piece| pieces.push(piece));
        pieces.repeated()
    }

    #[test]
    fn copies_at_the_start_are_found() {
        let log = "a 1\nb 2\nc 3\nd 4\n";
        assert_eq!(repeated(log), None);
        assert_eq!(repeated(&[log, log].concat()), Some(Repeated { line: 5, once: 4, all: 8 }));
        assert_eq!(repeated(&[log, "\nwords\n", log, "e 5\n"].concat()), Some(Repeated { line: 7, once: 5, all: 9 }));
        assert_eq!(repeated(&[log, "e 5\n", log].concat()), None);
        // A document a line is cut at its braces.
        let log = "{\"a\":[{\"b\":1},{\"b\":2},{\"b\":3},{\"b\":4}]}\n";
        assert_eq!(repeated(&[log, log].concat()), Some(Repeated { line: 2, once: 4, all: 8 }));
        // Devices at rest say the same in each round.
        assert_eq!(repeated(&"a 1\nb 2\nc 3\nd 4\n".repeat(9)), None);
        assert_eq!(repeated(&"a 1\n".repeat(9)), None);
    }
}
