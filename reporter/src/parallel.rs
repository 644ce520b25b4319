//! All files by several threads. The result does not depend on their number: files are put back in order, and ranges of a file join exactly.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::discover::Found;
use crate::read::{self, Context, FileRead, SPLIT_FROM};

/// A thread is worth starting for this much.
const BYTES_A_THREAD: u64 = 1 << 20;

/// Opening a file costs about as much as reading this much.
const BYTES_A_FILE: u64 = 16 << 10;

/// Reads all files, in their order.
pub fn read_all(files: &[Found], context: Context<'_>, threads: NonZeroUsize) -> Vec<FileRead> {
    let mut done: Vec<Option<FileRead>> = files.iter().map(|_| None).collect();
    // Large files first, one after the other, each by all threads; what can't be split is read beside the rest.
    for (slot, found) in done.iter_mut().zip(files) {
        if threads.get() > 1 && found.bytes >= SPLIT_FROM {
            *slot = read::read_in_ranges(found, context, threads);
        }
    }
    let mut left: Vec<usize> = (0..files.len()).filter(|i| done[*i].is_none()).collect();
    // Longest first, so that no thread is left alone with the longest at the end.
    left.sort_by_key(|i| std::cmp::Reverse(files[*i].bytes));
    let work: u64 = left.iter().map(|i| files[*i].bytes.saturating_add(BYTES_A_FILE)).fold(0, u64::saturating_add);
    let workers = (threads.get() as u64).min(left.len() as u64).min(work / BYTES_A_THREAD + 1).max(1);
    let next = AtomicUsize::new(0);
    let results: Mutex<&mut Vec<Option<FileRead>>> = Mutex::new(&mut done);
    let work = || {
        while let Some(i) = left.get(next.fetch_add(1, Ordering::Relaxed)) {
            let result = read::read(&files[*i], context);
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
