//! A program and a watcher beside it: signals go to the program, its end ends the watch, and nothing that the watcher does reaches it.

use std::any::Any;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::mailbox::Message;
use super::program::{Ended, NotStarted};

/// Orders that wait to be read; whoever sends marks faster is held up, not the memory.
const ORDERS: usize = 256;

/// A watcher that has not ended so long after the program (a sensor or a disk that hangs) is left behind.
const LEFT_BEHIND_AFTER: Duration = Duration::from_secs(2);

/// What a watcher is told.
#[derive(Debug)]
pub enum Order {
    /// Take a last look and come to an end: so the program ended.
    End(Option<Ended>),
    /// Write this down.
    Mark(Message),
    /// The end may be near: put what there is on the disk.
    Sync,
}

/// What came of it.
#[derive(Debug)]
pub struct Watched<T> {
    /// How the program ended; absent where there was none.
    pub ended: Option<Ended>,
    /// What the watcher leaves.
    pub left: Left<T>,
}

/// What a watcher leaves.
#[derive(Debug)]
pub enum Left<T> {
    /// It came to its end.
    Done(T),
    /// It failed: a defect of ours.
    Failed,
    /// It did not come to its end in time.
    Hangs,
}

enum Wake<T> {
    #[cfg(unix)]
    Signal(super::signals::Arrived),
    Watcher(Left<T>),
}

/// Runs a program, or nothing until an interrupt, with `watch` in a thread beside it. The program starts first.
///
/// # Errors
/// Where the program can't be started. Nothing is watched then.
pub fn supervise<T: Send + 'static>(
    program: &[OsString],
    watch: impl FnOnce(&Receiver<Order>) -> T + Send + 'static,
) -> Result<Watched<T>, NotStarted> {
    system::supervise(program, watch)
}

/// Starts the watcher. A panic of its own ends it and nothing else.
fn start_watch<T: Send + 'static>(
    watch: impl FnOnce(&Receiver<Order>) -> T + Send + 'static,
    wakes: SyncSender<Wake<T>>,
) -> SyncSender<Order> {
    let (orders, inbox) = sync_channel(ORDERS);
    let spawned = thread::Builder::new().name("sampler".into()).spawn(move || {
        let left = match catch_unwind(AssertUnwindSafe(|| watch(&inbox))) {
            Ok(left) => Left::Done(left),
            Err(panic) => {
                forget(panic);
                Left::Failed
            }
        };
        // The inbox is dropped after this: a sender that is held up must not wait for a watcher that is gone.
        let _ = wakes.send(Wake::Watcher(left));
    });
    // Without a thread there is no watch; the dropped channel says so.
    drop(spawned);
    orders
}

/// A panic's value may panic when it is dropped.
fn forget(panic: Box<dyn Any + Send>) {
    std::mem::forget(panic);
}

/// Tells the watcher to end and waits for it, but not for ever.
fn end_watch<T>(ended: Option<Ended>, orders: &SyncSender<Order>, wakes: &Receiver<Wake<T>>) -> Left<T> {
    let deadline = Instant::now() + LEFT_BEHIND_AFTER;
    let mut asked = false;
    loop {
        // The queue may be full of marks that a slow disk holds up.
        asked = asked || orders.try_send(Order::End(ended)).is_ok();
        let rest = deadline.saturating_duration_since(Instant::now());
        let wait = if asked { rest } else { rest.min(Duration::from_millis(10)) };
        match wakes.recv_timeout(wait) {
            Ok(Wake::Watcher(left)) => return left,
            #[cfg(unix)]
            Ok(Wake::Signal(_)) => {}
            Err(RecvTimeoutError::Timeout) if rest.is_zero() => return Left::Hangs,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Left::Failed,
        }
    }
}

#[cfg(unix)]
mod system {
    use std::ffi::OsString;
    use std::fs::File;
    use std::process::Child;
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
    use std::sync::{Arc, OnceLock};
    use std::thread;

    use super::super::mailbox::{Mailbox, VARIABLE};
    use super::super::program::{self, Ended, NotStarted};
    use super::super::signals::{self, Arrived};
    use super::{Left, ORDERS, Order, Wake, Watched, end_watch, start_watch};

    pub fn supervise<T: Send + 'static>(
        words: &[OsString],
        watch: impl FnOnce(&Receiver<Order>) -> T + Send + 'static,
    ) -> Result<Watched<T>, NotStarted> {
        let (wakes, woken) = sync_channel(ORDERS);
        let ended = Arc::new(OnceLock::new());
        // Before the program starts: no signal that comes in between may be lost.
        listen(wakes.clone(), Arc::clone(&ended)).map_err(|error| NotStarted { status: 126, error })?;
        let mailbox = if words.is_empty() { None } else { Mailbox::open().ok() };
        let socket = mailbox.as_ref().map(|m| m.path().into_os_string());
        let mut child = match words {
            [] => None,
            words => Some(program::start(words, socket.as_ref().map(|path| (VARIABLE, path)))?),
        };
        if child.is_some() {
            let_go_of_streams();
        }
        let orders = start_watch(watch, wakes);
        if let Some(mailbox) = &mailbox {
            receive_marks(mailbox, orders.clone());
        }
        let (status, early) = wait(child.as_mut(), &orders, &woken);
        if let Some(status) = status {
            let _ = ended.set(status);
        }
        let left = early.unwrap_or_else(|| end_watch(status, &orders, &woken));
        Ok(Watched { ended: status, left })
    }

    /// Hands signals to the main loop. Once the program has ended, one that asks for an end gets it.
    fn listen<T: Send + 'static>(wakes: SyncSender<Wake<T>>, ended: Arc<OnceLock<Ended>>) -> std::io::Result<()> {
        let mut signals = signals::take()?;
        thread::Builder::new().name("signals".into()).spawn(move || {
            for origin in signals.forever() {
                let arrived = signals::arrived(&origin);
                if let (Some(ended), true) = (ended.get(), arrived.is_ending()) {
                    ended.mirror();
                }
                // Nobody listens once all has ended.
                let _ = wakes.send(Wake::Signal(arrived));
            }
        })?;
        Ok(())
    }

    fn receive_marks(mailbox: &Mailbox, orders: SyncSender<Order>) {
        let Ok(mut receive) = mailbox.reader() else { return };
        let _ = thread::Builder::new().name("marks".into()).spawn(move || {
            while let Ok(message) = receive() {
                if let Some(message) = message
                    && orders.send(Order::Mark(message)).is_err()
                {
                    return;
                }
            }
        });
    }

    /// A reader of the program's output must see its end when the program closes it, and a writer to its input likewise.
    fn let_go_of_streams() {
        if let Ok(nothing) = File::options().read(true).write(true).open("/dev/null") {
            let _ = rustix::stdio::dup2_stdin(&nothing);
            let _ = rustix::stdio::dup2_stdout(&nothing);
        }
    }

    /// Until the program has ended, or, without one, until somebody asks for an end.
    fn wait<T>(mut child: Option<&mut Child>, orders: &SyncSender<Order>, woken: &Receiver<Wake<T>>) -> (Option<Ended>, Option<Left<T>>) {
        let mut early = None;
        loop {
            match woken.recv() {
                Ok(Wake::Signal(arrived)) => match &mut child {
                    Some(child) => {
                        if arrived.is_child() {
                            if let Ok(Some(status)) = child.try_wait() {
                                return (Some(Ended::new(status)), early);
                            }
                        } else {
                            pass_on(arrived, child, orders);
                        }
                    }
                    None if arrived.is_ending() => return (None, early),
                    None => {}
                },
                // The watch is over; the program goes on, and there is nothing else to wait for where there is none.
                Ok(Wake::Watcher(left)) if child.is_none() => return (None, Some(left)),
                Ok(Wake::Watcher(left)) => early = Some(left),
                // The thread that takes signals can't end; should it, the program is waited for all the same.
                Err(_) => return (child.and_then(|c| c.wait().ok()).map(Ended::new), early),
            }
        }
    }

    fn pass_on(arrived: Arrived, child: &Child, orders: &SyncSender<Order>) {
        if arrived.is_ending() {
            let _ = orders.try_send(Order::Sync);
        }
        arrived.forward(child.id());
    }
}

#[cfg(not(unix))]
mod system {
    use std::ffi::OsString;
    use std::io;
    use std::sync::mpsc::{Receiver, sync_channel};

    use super::super::program::{self, Ended, NotStarted};
    use super::{ORDERS, Order, Watched, end_watch, start_watch};

    pub fn supervise<T: Send + 'static>(
        words: &[OsString],
        watch: impl FnOnce(&Receiver<Order>) -> T + Send + 'static,
    ) -> Result<Watched<T>, NotStarted> {
        if words.is_empty() {
            let error = io::Error::new(io::ErrorKind::Unsupported, "recording without a program needs a Unix system");
            return Err(NotStarted { status: 2, error });
        }
        let (wakes, woken) = sync_channel(ORDERS);
        let mut child = program::start(words, None)?;
        let orders = start_watch(watch, wakes);
        let ended = child.wait().map(Ended::new).map_err(|error| NotStarted { status: 126, error })?;
        Ok(Watched { ended: Some(ended), left: end_watch(Some(ended), &orders, &woken) })
    }
}
