//! RAPL counters as the Linux kernel shows them under `/sys/class/powercap`: tables that a loop prints, and `grep` of the tree.
//!
//! Counters are in µJ and start again at `max_energy_range_uj`, every few minutes to an hour under load.

mod long;
mod table;
mod tree;
mod zone;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

pub(in crate::read) use long::part;

use super::sampled_table::SampledTable;
use super::{Evidence, Format, Head, Line, ReadBy, ReadOptions, Reader, Reading, Refusal, Row, SkipReason};
use crate::note;

/// Counters of `/sys/class/powercap`.
pub static FORMAT: Format = Format {
    id: "powercap",
    name: "Linux powercap (RAPL)",
    how_to_log: "while sleep 1; do date --iso-8601=ns; grep . /sys/class/powercap/*/{name,max_energy_range_uj,energy_uj}; done > rapl.log",
    read_by: ReadBy::Code { most: 90, sniff, open },
};

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    if let Some(count) = tree::count(head) {
        return Some(Evidence { score: 90, reason: format!("{count} lines are paths of the kernel's powercap tree") });
    }
    if let Some((_, count)) = long::find(head) {
        return Some(Evidence { score: 75, reason: format!("rows of {count} RAPL zones with their counters in µJ") });
    }
    let (_, count) = table::find(head)?;
    Some(Evidence { score: 75, reason: format!("columns of {count} RAPL counters in µJ") })
}

fn open(head: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    if tree::count(head).is_some() {
        return tree::open(head, options);
    }
    let long = long::find(head).map(|(table, _)| (table, long::DIALECT));
    let Some((found, dialect)) = long.or_else(|| Some((table::find(head)?.0, table::DIALECT))) else {
        return Err(Refusal {
            code: &note::NO_POWER_COLUMN,
            line: None,
            message: String::from("found no column of a RAPL counter"),
            hint: format!("log with `{}`", FORMAT.how_to_log),
        });
    };
    let plan = dialect.plan(&found, head, options)?;
    Ok(Box::new(Loop(SampledTable::new(plan, dialect, head, options))))
}

/// A table of counters; what a shell complains of in between is told as what it is.
struct Loop(SampledTable);

impl Reader for Loop {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        if is_denied(line.text) { denied(line, out) } else { self.0.line(line, out) }
    }

    fn finish(&mut self, out: &mut Reading) {
        self.0.finish(out);
    }

    fn block(&mut self, lines: &[u8], first: u64, out: &mut Reading) -> u64 {
        let (mut rest, mut number) = (lines, first);
        while let Some(at) = memchr::memmem::find(rest, DENIED) {
            let start = memchr::memrchr(b'\n', rest.get(..at).unwrap_or(b"")).map_or(0, |newline| newline + 1);
            let (before, from) = rest.split_at(start);
            number += self.0.block(before, number, out);
            let Some(end) = memchr::memchr(b'\n', from) else { return number - first };
            let (text, after) = from.split_at(end);
            let row = self.line(Line { text: text.strip_suffix(b"\r").unwrap_or(text), number, unterminated: false }, out);
            out.account(row, number);
            number += 1;
            rest = after.get(1..).unwrap_or(b"");
        }
        number += self.0.block(rest, number, out);
        number - first
    }

    fn fork(&self) -> Option<Box<dyn Reader>> {
        Some(Box::new(Loop(self.0.fork()?)))
    }
}

const DENIED: &[u8] = b"Permission denied";

/// `cat: /sys/class/powercap/intel-rapl:0/energy_uj: Permission denied`
fn is_denied(text: &[u8]) -> bool {
    text.trim_ascii_end().ends_with(DENIED)
}

fn denied(line: Line<'_>, out: &mut Reading) -> Row {
    out.notes.add(&note::PERMISSION_DENIED, "", Some(line.number), || {
        String::from("found \"Permission denied\", expected a counter: since Linux 5.10 only root may read energy_uj")
    });
    Row::Skipped(SkipReason::NoReading)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::read::FileReader;

    /// A row a minute of 30 W and 12 W, in any order: 11 x 1,800 J and 11 x 720 J, of counters that run through their range now and then.
    fn shuffled(between: &str, end: &str, from: i64) -> String {
        let row = |at: i64| {
            let (package, memory) = ((from + 1_800_000_000 * at) % 262_143_328_850, (from + 720_000_000 * at) % 65_712_999_613);
            format!("{},{package},{memory}{end}", 1_771_241_513 + 60 * at)
        };
        let rows: Vec<String> = (0..12).map(|at| row(at * 5 % 12)).collect();
        let (first, second) = rows.split_at(6);
        format!("timestamp,package_uj,dram_uj{end}{}{between}{}", first.concat(), second.concat())
    }

    #[test]
    fn rows_in_any_order_are_counters() {
        let denied = "cat: /sys/class/powercap/intel-rapl:1/energy_uj: Permission denied\n";
        for log in [
            shuffled("", "\n", 0),
            shuffled("", "\r\n", 0),
            shuffled("\n\n", "\n", 65_712_000_000),
            shuffled(denied, "\n", 261_000_000_000),
            shuffled("timestamp,package_uj,dram_uj\n", "\n", 60_000_000_000),
        ] {
            let mut reader = FileReader::new(ReadOptions::default());
            reader.push(log.as_bytes());
            assert_eq!(reader.finish().format, FORMAT.id, "{log}");
        }
    }
}
