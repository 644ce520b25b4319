//! All files by several threads. The result does not depend on their number: files are put back in order, and ranges of a file join exactly.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::discover::Found;
use crate::read::{self, Context, FileRead};

/// A thread is worth starting for this much.
const BYTES_A_THREAD: u64 = 1 << 20;

/// Opening a file costs about as much as reading this much.
const BYTES_A_FILE: u64 = 16 << 10;

/// Reads all files, in their order.
#[allow(clippy::vec_box, reason = "of many files each is freed as soon as it is taken over")]
pub fn read_all(files: &[Found], context: Context<'_>, threads: NonZeroUsize) -> Vec<Box<FileRead>> {
    let mut done: Vec<Option<Box<FileRead>>> = files.iter().map(|_| None).collect();
    // Large files first, one after the other, each by all threads; what can't be split is read beside the rest.
    for (slot, found) in done.iter_mut().zip(files) {
        if threads.get() > 1 && found.bytes >= 2 * context.smallest_range {
            *slot = read::read_in_ranges(found, context, threads).map(Box::new);
        }
    }
    let mut left: Vec<usize> = (0..files.len()).filter(|i| done[*i].is_none()).collect();
    // Longest first, so that no thread is left alone with the longest at the end.
    left.sort_by_key(|i| std::cmp::Reverse(files[*i].bytes));
    let work: u64 = left.iter().map(|i| files[*i].bytes.saturating_add(BYTES_A_FILE)).fold(0, u64::saturating_add);
    let workers = (threads.get() as u64).min(left.len() as u64).min(work / BYTES_A_THREAD + 1).max(1);
    let next = AtomicUsize::new(0);
    let results: Mutex<&mut Vec<Option<Box<FileRead>>>> = Mutex::new(&mut done);
    let work = || {
        while let Some(i) = left.get(next.fetch_add(1, Ordering::Relaxed)) {
            let result = Box::new(read::read(&files[*i], context));
            results.lock().expect("no thread panics while it holds the lock")[*i] = Some(result);
        }
    };
    thread::scope(|scope| {
        for _ in 1..workers {
            scope.spawn(work);
        }
        work();
    });
    done.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::fs;
    use std::sync::atomic::AtomicU64;

    use carbon_core::ledger::Ledger;
    use carbon_core::read::ReadOptions;

    use super::*;
    use crate::limits::Limits;
    use crate::read::Outcome;
    use crate::settings::Choices;

    /// An nvidia-smi log of two GPUs, with a late row, a missing reading and a last line that is cut.
    fn log(ticks: u32) -> String {
        let mut text = String::from("timestamp, index, uuid, power.draw [W]\n");
        for tick in 0..ticks {
            let (hour, minute, second) = (tick / 3600 % 24, tick / 60 % 60, tick % 60);
            for gpu in 0..2 {
                let watts = 100 + (tick * 37 + gpu * 11) % 300;
                let (minute, second) = if tick == 5000 && gpu == 1 { (minute, second.saturating_sub(1)) } else { (minute, second) };
                let reading = if tick == 9000 { String::from("[N/A]") } else { format!("{watts}.{:02} W", tick % 100) };
                let _ =
                    writeln!(text, "2025/06/{:02} {hour:02}:{minute:02}:{second:02}.250, {gpu}, GPU-{gpu}, {reading}", 1 + tick / 86_400);
            }
        }
        text.push_str("2025/06/30 00:00:0");
        text
    }

    #[test]
    fn the_report_does_not_depend_on_the_number_of_threads() {
        let text = log(50_000);
        assert!(text.len() as u64 > 4 << 20);
        let path = std::env::temp_dir().join(format!("carbon-report-threads-{}.csv", std::process::id()));
        fs::write(&path, &text).unwrap();
        let found = Found { path: Some(path.clone()), name: "gpu.csv".into(), named: true, bytes: text.len() as u64 };
        let request = crate::request::Request::new(&Choices::default(), &[]).unwrap();
        let mut reports = Vec::new();
        for threads in [1, 2, 3, 8] {
            let (options, limits, progress) = (ReadOptions::default(), Limits::default(), AtomicU64::new(0));
            let foreign = read::Foreign::default();
            let context = Context {
                options: &options,
                limits: &limits,
                sha256: false,
                progress: &progress,
                smallest_range: 1 << 20,
                foreign: &foreign,
            };
            let threads = NonZeroUsize::new(threads).unwrap();
            if threads.get() > 1 {
                let parts = read::read_in_ranges(&found, context, threads).expect("ranges of such a log join");
                assert_eq!(parts.input.blake3, blake3::hash(text.as_bytes()).to_hex().as_str());
            }
            let mut ledger = Ledger::default();
            for file in read_all(std::slice::from_ref(&found), context, threads) {
                let Outcome::Read(reading) = file.outcome else { panic!("{:?}", file.outcome) };
                assert_eq!(reading.rows.lines, 100_002);
                ledger.add(file.input, reading);
            }
            reports.push(carbon_render::write_report(&request.report(&ledger).unwrap()).unwrap());
        }
        fs::remove_file(path).unwrap();
        assert!(reports[0].contains("\"last-line-cut\"") && reports[0].contains("\"missing-readings\""), "{}", reports[0]);
        assert!(reports.iter().all(|report| *report == reports[0]));
    }
}
