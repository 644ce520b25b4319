//! A bar on the terminal, for work that takes long enough to wonder.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shorter work shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);

const STEP: Duration = Duration::from_millis(100);

/// Does `work`, which counts bytes of `total`; `wanted` shows them on standard error when that is a terminal.
pub fn watch<T>(wanted: bool, total: u64, work: impl FnOnce(&AtomicU64) -> T) -> T {
    let done = AtomicU64::new(0);
    if !wanted || !std::io::stderr().is_terminal() {
        return work(&done);
    }
    thread::scope(|scope| {
        let (stop, stopped) = mpsc::channel::<()>();
        let done = &done;
        scope.spawn(move || {
            if stopped.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let style = ProgressStyle::with_template("reading {bar:30} {bytes} of {total_bytes}, {bytes_per_sec}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr()).with_style(style);
            while stopped.recv_timeout(STEP) == Err(RecvTimeoutError::Timeout) {
                bar.set_position(done.load(Ordering::Relaxed));
            }
            bar.finish_and_clear();
        });
        let result = work(done);
        drop(stop);
        result
    })
}
