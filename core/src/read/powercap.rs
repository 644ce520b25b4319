//! RAPL counters as the Linux kernel shows them under `/sys/class/powercap`: tables that a loop prints, and `grep` of the tree.
//!
//! Counters are in µJ and start again at `max_energy_range_uj`, every few minutes to an hour under load.

mod table;
mod tree;
mod zone;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use super::sampled_table::SampledTable;
use super::{Evidence, Format, Head, Line, ReadOptions, Reader, Reading, Refusal, Row, SkipReason};
use crate::note;

/// Counters of `/sys/class/powercap`.
pub static FORMAT: Format = Format {
    id: "powercap",
    name: "Linux powercap (RAPL)",
    how_to_log: "while sleep 1; do date --iso-8601=ns; grep . /sys/class/powercap/*/{name,max_energy_range_uj,energy_uj}; done > rapl.log",
    sniff,
    open,
};

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    if let Some(count) = tree::count(head) {
        return Some(Evidence { score: 90, reason: format!("{count} lines are paths of the kernel's powercap tree") });
    }
    let (_, count) = table::find(head)?;
    Some(Evidence { score: 75, reason: format!("columns of {count} RAPL counters in µJ") })
}

fn open(head: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    if tree::count(head).is_some() {
        return tree::open(head, options);
    }
    let Some((found, _)) = table::find(head) else {
        return Err(Refusal {
            code: &note::NO_POWER_COLUMN,
            line: None,
            message: String::from("found no column of a RAPL counter"),
            hint: format!("log with `{}`", FORMAT.how_to_log),
        });
    };
    let plan = (table::DIALECT.plan)(&found, head, options)?;
    Ok(Box::new(Loop(SampledTable::new(plan, table::DIALECT, head, options))))
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

    fn fork(&self) -> Option<Box<dyn Reader>> {
        Some(Box::new(Loop(self.0.fork()?)))
    }
}

/// `cat: /sys/class/powercap/intel-rapl:0/energy_uj: Permission denied`
fn is_denied(text: &[u8]) -> bool {
    text.trim_ascii_end().ends_with(b"Permission denied")
}

fn denied(line: Line<'_>, out: &mut Reading) -> Row {
    out.notes.add(&note::PERMISSION_DENIED, "", Some(line.number), || {
        String::from("found \"Permission denied\", expected a counter: since Linux 5.10 only root may read energy_uj")
    });
    Row::Skipped(SkipReason::NoReading)
}
