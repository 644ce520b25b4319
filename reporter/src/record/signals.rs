//! Signals on Unix: which are taken for the program, which it has already, and how to die by one.

use std::fs;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};
use signal_hook::consts::{SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH, SIGXFSZ};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::iterator::exfiltrator::origin::Origin;
use signal_hook::low_level::siginfo::Cause;

/// What is handed on to the program.
const FORWARDED: &[i32] = &[SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH];

/// What asks to come to an end.
const ENDING: &[i32] = &[SIGHUP, SIGINT, SIGTERM];

/// How often this process was told to go on.
static CONTINUED: AtomicU32 = AtomicU32::new(0);

/// How often this process was told to go on after a stop, by what [`arrived`] has seen.
pub fn continued() -> u32 {
    CONTINUED.load(Ordering::Relaxed)
}

/// A signal that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// Its number.
    pub signal: i32,
    /// A terminal, or the kernel for another reason, sends it to the whole group: the program has it too.
    pub from_kernel: bool,
}

impl Arrived {
    /// A child changed its state.
    pub fn is_child(self) -> bool {
        self.signal == SIGCHLD
    }

    /// Somebody wants an end.
    pub fn is_ending(self) -> bool {
        ENDING.contains(&self.signal)
    }

    /// Hands it on to the program, where the program does not have it yet.
    pub fn forward(self, program: u32) {
        let pid = i32::try_from(program).ok().and_then(Pid::from_raw);
        let signal = Signal::from_named_raw(self.signal);
        let has_it = self.from_kernel && !(self.signal == SIGHUP && leads_session());
        if let (Some(pid), Some(signal), true) = (pid, signal, FORWARDED.contains(&self.signal) && !has_it) {
            let _ = kill_process(pid, signal);
        }
    }
}

/// A terminal that goes away (a lost `ssh -t`) tells the leader of its session alone.
fn leads_session() -> bool {
    rustix::process::getsid(None).is_ok_and(|session| session == rustix::process::getpid())
}

/// Takes signals from now on, but for those that were ignored when we started (`nohup`, a shell's background jobs): the program must find
/// them ignored too, and a handler of ours would not be inherited.
pub fn take() -> io::Result<SignalsInfo<WithOrigin>> {
    let ignored = ignored();
    // A limit on the size of files must fail our writes, not end us.
    SignalsInfo::new(FORWARDED.iter().chain([&SIGCHLD, &SIGXFSZ]).filter(|signal| ignored & (1 << (*signal - 1)) == 0))
}

/// A signal as the main loop sees it.
pub fn arrived(origin: &Origin) -> Arrived {
    if origin.signal == SIGCONT {
        CONTINUED.fetch_add(1, Ordering::Relaxed);
    }
    Arrived { signal: origin.signal, from_kernel: origin.cause == Cause::Kernel }
}

/// The mask of ignored signals. Only Linux tells without unsafe code.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

/// Ends this process by `signal`; returns where that signal ends none.
pub fn die_by(signal: i32) {
    // A second core file would replace the program's.
    let limit = getrlimit(Resource::Core);
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), ..limit });
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    let _ = signal_hook::low_level::emulate_default_handler(signal);
    let _ = signal_hook::low_level::raise(signal);
}
