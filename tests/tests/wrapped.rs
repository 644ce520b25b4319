//! The second half of a log behind other text: a launcher's prefix, colours of a terminal, quotes. It is read, or told by its line. Nothing of it is lost
//! without a word.

use carbon_core::note::Severity;
use carbon_core::read::{FileReader, ReadOptions, Reading};
use carbon_core::units::Energy;

fn read(log: &str) -> Reading {
    let mut reader = FileReader::new(ReadOptions::default());
    log.as_bytes().chunks(43).for_each(|piece| reader.push(piece));
    reader.finish()
}

fn energy(reading: &Reading) -> Energy {
    reading.series().iter().map(|series| series.energy(false)).sum()
}

fn query(at: usize) -> String {
    format!(
        "==============NVSMI LOG==============\n\nTimestamp                                 : Thu Jun 12 14:{:02}:{:02} 2025\nDriver Version                            : 550.54.15\nCUDA Version                              : 12.4\n\nAttached GPUs                             : 1\nGPU 00000000:3B:00.0\n    GPU Power Readings\n        Power Draw                        : 400.00 W\n        Current Power Limit               : 700.00 W\n\n",
        at / 60,
        at % 60
    )
}

fn powermeter(at: usize) -> String {
    let joules = 1_000 + 10 * at;
    format!("Runtime: 10.0 s\nMeasure for socket 0 on CPU 0\nDomain PKG:\nEnergy consumed: {joules} Joules\nPower consumed: 100 Watt\n")
}

fn cray(at: usize) -> String {
    let micros = 1_750_000_000_000_000_u64 + 1_000_000 * at as u64;
    format!("energy: {} J {micros} us\ncpu_energy: {} J {micros} us\n", 5_000 + 400 * at, 2_000 + 90 * at)
}

fn gpustat(at: usize) -> String {
    format!(
        "node07                    Thu Jun 12 14:{:02}:{:02} 2025  550.54.15\n[0] NVIDIA H100 80GB HBM3 | 42°C,  98 %, 300 / 700 W | 61234 / 81559 MB | ann(61000M)\n",
        at / 60,
        at % 60
    )
}

fn csv(at: usize) -> String {
    let header = if at == 0 { "timestamp, index, power.draw [W]\n" } else { "" };
    format!("{header}2025/06/12 15:{:02}:{:02}.000, 0, 300.00 W\n", at / 60, at % 60)
}

fn around(text: &str, before: &str, behind: &str) -> String {
    text.lines().map(|line| format!("{before}{line}{behind}\n")).collect()
}

#[test]
fn the_half_of_a_log_behind_other_text_is_told() {
    let logs: [(&str, fn(usize) -> String); 5] =
        [("-q", query), ("likwid-powermeter", powermeter), ("Cray", cray), ("gpustat", gpustat), ("CSV", csv)];
    let texts =
        [("trainer-1  | ", ""), ("\u{1b}[32m", "\u{1b}[0m"), ("\"", "\""), ("> ", ""), ("2025-06-12T10:00:00.123456789Z stdout F ", "")];
    let mut failures = Vec::new();
    for (what, log) in logs {
        let rows = |range: core::ops::Range<usize>| range.map(log).collect::<String>();
        let whole = read(&rows(0..24));
        assert!(energy(&whole) > Energy::ZERO && whole.notes.iter().all(|note| note.code.severity != Severity::Warning), "{what}");
        for (before, behind) in texts {
            let found = read(&(rows(0..12) + &around(&rows(12..24), before, behind)));
            let is_told = found.notes.iter().any(|note| note.code.severity == Severity::Warning);
            let more: Energy = found.doubts.iter().map(|doubt| doubt.of(energy(&found)).1).sum();
            let is_held = (energy(&found) + more).as_kwh() >= 0.95 * energy(&whole).as_kwh();
            let is_read = energy(&found).as_kwh() >= 0.9 * energy(&whole).as_kwh();
            if !(is_read || is_told && is_held) {
                failures.push(format!(
                    "{what} behind {before:?}: {} of {} kWh, {more:?} more, {:?} {:?}",
                    energy(&found).as_kwh(),
                    energy(&whole).as_kwh(),
                    found.rows,
                    found.notes
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
