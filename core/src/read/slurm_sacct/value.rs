//! Values of `sacct`: energies with their sentinels, lengths of time, states.

use alloc::format;

use crate::decode::encoding::text;
use crate::note;
use crate::read::{JobState, Reading};
use crate::units::decimal::{parse_digits, parse_scaled};
use crate::units::{Energy, Span};

/// "No value" and "infinite" of slurm.h, in 64 and in 32 bits, as raw numbers.
const NO_VALUE: [&[u8]; 4] = [b"18446744073709551614", b"18446744073709551615", b"4294967294", b"4294967295"];

/// 2^64 J in pJ: what "no value" comes to when it was scaled and rounded.
const TWO_TO_64: i128 = 18_446_744_073_709_551_616 * 1_000_000_000_000;

/// Suffixes in powers of a thousand.
const SUFFIXES: [(u8, u32); 6] = [(b'K', 1), (b'M', 2), (b'G', 3), (b'T', 4), (b'P', 5), (b'E', 6)];

/// Joules, with Slurm's suffixes (powers of 1000); `None` for what means "no value" in any of its forms, and for 0, which the plugin writes when it did not
/// measure.
pub(super) fn joules(cell: &[u8], out: &mut Reading, line: u64) -> Option<Energy> {
    if NO_VALUE.contains(&cell) {
        return None;
    }
    let (digits, power) = match cell.split_last() {
        Some((last, rest)) => SUFFIXES.iter().find(|(suffix, _)| suffix == last).map_or((cell, 0), |(_, power)| (rest, *power)),
        None => (cell, 0),
    };
    match parse_scaled(digits, 12) {
        Ok(0) => None,
        Ok(value) if value > 0 => {
            let scaled = |base: i128| base.checked_pow(power).and_then(|factor| value.checked_mul(factor));
            // Releases differ in whether a K is 1000 or 1024.
            let is_sentinel = |base| scaled(base).is_some_and(|v| v.abs_diff(TWO_TO_64) <= (TWO_TO_64 / 1000).unsigned_abs());
            let of_thousands = scaled(1000)?;
            (!is_sentinel(1000) && !is_sentinel(1024)).then(|| Energy::from_picojoules(of_thousands))
        }
        _ => {
            out.notes.add(&note::MISSING_READINGS, "energy", Some(line), || format!("energy: found {:?}, expected joules", text(cell)));
            None
        }
    }
}

/// `[D-]HH:MM:SS` or `MM:SS`.
pub(super) fn elapsed(cell: &[u8]) -> Option<Span> {
    let (days, clock) = match cell.iter().position(|b| *b == b'-') {
        Some(at) => (parse_digits(cell.get(..at)?)?, cell.get(at + 1..)?),
        None => (0, cell),
    };
    let whole = clock.split(|b| *b == b'.').next()?;
    let seconds = whole.split(|b| *b == b':').try_fold(0i64, |sum, part| sum.checked_mul(60)?.checked_add(parse_digits(part)?))?;
    Some(Span::from_seconds(days.checked_mul(86_400)?.checked_add(seconds)?))
}

/// `COMPLETED`, `CANCELLED by 1000`, `TO`: the manual's states, long and short.
pub(super) fn state(cell: &[u8]) -> Option<JobState> {
    let word = cell.split(|b| matches!(b, b' ' | b'+')).next()?;
    Some(match word {
        b"COMPLETED" | b"CD" => JobState::Completed,
        b"CANCELLED" | b"CA" | b"REVOKED" | b"RV" => JobState::Cancelled,
        b"FAILED" | b"F" | b"BOOT_FAIL" | b"BF" | b"NODE_FAIL" | b"NF" | b"OUT_OF_MEMORY" | b"OUT_OF_ME" | b"OOM" => JobState::Failed,
        b"TIMEOUT" | b"TO" | b"DEADLINE" | b"DL" => JobState::TimedOut,
        b"REQUEUED" | b"RQ" | b"PREEMPTED" | b"PR" => JobState::Requeued,
        b"RUNNING" | b"R" | b"PENDING" | b"PD" | b"SUSPENDED" | b"S" | b"RESIZING" | b"RS" | b"COMPLETING" | b"CG" => JobState::Running,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elapsed_times() {
        for (text, seconds) in [("04:00:25", 14_425), ("1-00:00:00", 86_400), ("05:30", 330), ("00:00:01.250", 1)] {
            assert_eq!(elapsed(text.as_bytes()), Some(Span::from_seconds(seconds)), "{text}");
        }
        assert_eq!(elapsed(b"UNLIMITED"), None);
    }

    #[test]
    fn joules_and_their_sentinels() {
        let mut out = Reading::default();
        assert_eq!(joules(b"41.23M", &mut out, 1), Some(Energy::from_joules(41_230_000)));
        assert_eq!(joules(b"360000", &mut out, 1), Some(Energy::from_joules(360_000)));
        assert_eq!(joules(b"1.5T", &mut out, 1), Some(Energy::from_joules(1_500_000_000_000)));
        for none in [
            "18446744073709551614",
            "18446744073709551615",
            "17179869184G",
            "16777216T",
            "16384P",
            "16E",
            "16.00E",
            "18446744073.71G",
            "18446744.07T",
            "18.45E",
            "4294967294",
            "0",
            "0.00M",
        ] {
            assert_eq!(joules(none.as_bytes(), &mut out, 1), None, "{none}");
        }
        assert!(out.notes.iter().next().is_none());
        assert_eq!(joules(b"a lot", &mut out, 1), None);
        assert!(out.notes.iter().next().is_some());
    }

    #[test]
    fn states() {
        for (text, expected) in [
            ("CANCELLED by 1001", Some(JobState::Cancelled)),
            ("CANCELLED+", Some(JobState::Cancelled)),
            ("OUT_OF_ME+", Some(JobState::Failed)),
            ("NODE_FAIL", Some(JobState::Failed)),
            ("TO", Some(JobState::TimedOut)),
            ("PREEMPTED", Some(JobState::Requeued)),
            ("COMPLETED", Some(JobState::Completed)),
            ("", None),
        ] {
            assert_eq!(state(text.as_bytes()), expected, "{text}");
        }
    }
}
