//! The watch itself: what sources say at each tick, marks, and gaps with their causes become lines of the log.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use carbon_core::read::carbon_report_jsonl::record::{self, Cause, Clocks, Content, End, Gap, Subject};
use carbon_core::units::Span;

use super::attribution::Attribution;
use super::clocks::{self, Jump, is_late};
use super::mailbox::Message;
use super::program::Ended;
use super::scribe::{Scribe, Statement};
use super::sink::{Sink, is_full};
use super::source::{Source, SourceOptions, Tick, sources};
use super::supervise::Order;
use crate::terminal::Terminal;

/// Hardware that does not answer within this share of the interval is passed over.
const PATIENCE_SHARE: i64 = 2;
const SHORTEST_PATIENCE: Duration = Duration::from_millis(50);
const LONGEST_PATIENCE: Duration = Duration::from_secs(1);

/// At the end it is waited for as long as its last answer took, this many times, and at least so long: the program's end is not held up by a sensor.
const LAST_PATIENCE_SHARE: u32 = 4;
const LAST_PATIENCE: Duration = Duration::from_millis(20);

const STOPPED: &str = "the recorder was stopped, or had no processor to run on";

/// What a run is recorded with.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Time between two ticks.
    pub interval: Span,
    /// Where the log goes.
    pub folder: PathBuf,
    /// Size of a file beyond which the next one is begun.
    pub rotate_at: u64,
    /// What the log says of the run.
    pub statement: Statement,
    /// Where hardware is looked for.
    pub sources: SourceOptions,
    /// Whether shares of the program are written.
    pub attribute: bool,
    /// For what has to be said once.
    pub terminal: Terminal,
}

/// What a run leaves.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// The files, in order.
    pub files: Vec<PathBuf>,
    /// The log was whole to the end.
    pub complete: bool,
}

/// Watches until it is told to end.
pub fn watch(plan: Plan, orders: &Receiver<Order>) -> Log {
    let mut sampler = Sampler::new(plan);
    loop {
        let wait = sampler.until_next();
        if wait.is_zero() {
            sampler.tick();
            continue;
        }
        match orders.recv_timeout(wait) {
            Ok(Order::Mark(message)) => sampler.mark(message),
            Ok(Order::Sync) => {
                sampler.tick();
                sampler.sync();
            }
            Ok(Order::End(ended)) => return sampler.end(ended),
            Err(RecvTimeoutError::Timeout) => {}
            // Whoever gives orders is gone, and with it the program.
            Err(RecvTimeoutError::Disconnected) => return sampler.end(None),
        }
    }
}

struct Sampler {
    interval: Span,
    terminal: Terminal,
    scribe: Scribe,
    sources: Vec<Box<dyn Source>>,
    attribution: Option<Attribution>,
    tick: Tick,
    sink: Sink,
    files: Vec<PathBuf>,
    /// When the next tick is due, on the monotonic clock.
    next: Span,
    /// The last tick.
    last: Option<Past>,
    ticks: u64,
    trouble: Option<Trouble>,
    told: bool,
}

/// A tick that is over.
struct Past {
    at: Clocks,
    /// How long reading and writing took.
    reading: Span,
    writing: Span,
    /// How often the recorder had been told to go on when it began.
    continued: u32,
}

/// Since when nothing can be written, and why.
struct Trouble {
    since: Clocks,
    cause: Cause,
    reason: String,
}

impl Sampler {
    fn new(plan: Plan) -> Self {
        let started = clocks::now();
        let scribe = Scribe::new(started, plan.interval, plan.statement, &plan.sources);
        let patience = Duration::from_micros(u64::try_from(plan.interval.as_micros() / PATIENCE_SHARE).unwrap_or(0));
        Self {
            interval: plan.interval,
            terminal: plan.terminal,
            sink: Sink::new(&plan.folder, started.wall, scribe.run(), plan.rotate_at),
            scribe,
            sources: sources(&plan.sources),
            attribution: plan.attribute.then(|| Attribution::new(&plan.sources.root)),
            tick: Tick::new(started, patience.clamp(SHORTEST_PATIENCE, LONGEST_PATIENCE)),
            files: Vec::new(),
            next: started.mono,
            last: None,
            ticks: 0,
            trouble: None,
            told: false,
        }
    }

    fn until_next(&self) -> Duration {
        let wait = (self.next - clocks::now().mono).as_micros();
        Duration::from_micros(u64::try_from(wait).unwrap_or(0))
    }

    fn tick(&mut self) {
        let (now, continued) = (clocks::now(), continued());
        let mut gaps: Vec<Gap> = self.jump(&now).into_iter().collect();
        self.tick.begin(now);
        for source in &mut self.sources {
            source.sample(&mut self.tick);
        }
        let read = clocks::now();
        gaps.extend(self.tick.gaps().iter().cloned());
        let mut contents: Vec<Content> = Vec::new();
        // The first record of the first file lists the devices that are known by then.
        let listed = self.files.is_empty();
        contents.extend(self.tick.new_devices().iter().filter(|_| !listed).cloned().map(Content::Device));
        contents.extend(gaps.into_iter().map(Content::Gap));
        contents.push(Content::Sample(self.tick.readings().to_vec()));
        let shares =
            self.attribution.as_mut().map(|attribution| attribution.shares(self.tick.devices(), self.tick.uses())).unwrap_or_default();
        if !shares.is_empty() {
            contents.push(Content::Share(shares));
        }
        self.ticks += 1;
        self.write(contents, now);
        let written = clocks::now();
        self.last = Some(Past { at: now, reading: read.mono - now.mono, writing: written.mono - read.mono, continued });
        // Ticks keep their places in time: one that comes late does not move the others, and those that were missed are not made up for.
        if self.next <= written.mono {
            let interval = self.interval.as_micros().max(1);
            let passed = (written.mono - self.next).as_micros() / interval + 1;
            self.next += Span::from_micros(passed.saturating_mul(interval));
        }
    }

    /// Why there was no tick between the last one and now, where one is missing.
    fn jump(&self, now: &Clocks) -> Option<Gap> {
        let Past { at: last, reading, writing, continued } = *self.last.as_ref()?;
        let (cause, detail) = match clocks::jump(&last, now, self.interval)? {
            Jump::ClockSet { by } => (Cause::ClockSet, format!("the wall clock was set by {:.3} s", by.as_seconds())),
            Jump::Suspended { by } => (Cause::Suspend, format!("the machine was suspended for {:.3} s", by.as_seconds())),
            // Stopped in the middle of a tick: what it was at that moment did not take so long.
            Jump::Starved if (is_late(reading, self.interval) || is_late(writing, self.interval)) && went_on(continued) => {
                (Cause::Starved, String::from(STOPPED))
            }
            Jump::Starved if is_late(reading, self.interval) => {
                (Cause::Hang, format!("the sensors took {:.3} s to answer", reading.as_seconds()))
            }
            Jump::Starved if is_late(writing, self.interval) => {
                (Cause::Hang, format!("the disk took {:.3} s to write", writing.as_seconds()))
            }
            Jump::Starved => (Cause::Starved, String::from(STOPPED)),
        };
        Some(Gap { cause, of: Subject::All, from: Some(last), to: Some(*now), detail: Some(detail) })
    }

    fn mark(&mut self, message: Message) {
        let mark = record::Mark { text: message.text, metrics: message.metrics };
        self.write(vec![Content::Mark(mark)], clocks::now());
    }

    fn sync(&mut self) {
        if let Err(error) = self.sink.sync(clocks::now().mono) {
            self.trouble(error, clocks::now());
        }
    }

    fn end(mut self, ended: Option<Ended>) -> Log {
        if let Some(Past { reading, .. }) = self.last {
            let usual = Duration::from_micros(u64::try_from(reading.as_micros()).unwrap_or(0)).saturating_mul(LAST_PATIENCE_SHARE);
            self.tick.patience = self.tick.patience.min(usual.max(LAST_PATIENCE));
        }
        self.tick();
        let status = ended.map(|ended| match ended {
            Ended::Status(status) => status.to_string(),
            Ended::Signal(signal) => signal_name(signal),
        });
        let end = End { status, ticks: self.ticks, own_cpu: own_cpu(), own_memory_bytes: own_memory() };
        self.write(vec![Content::End(end)], clocks::now());
        self.sync();
        Log { files: self.files, complete: self.trouble.is_none() }
    }

    /// Writes records in one piece.
    fn write(&mut self, contents: Vec<Content>, now: Clocks) {
        let head = |part: u32| self.scribe.head(part, self.tick.devices(), now);
        // A new file takes its first number before the records that follow.
        self.sink.prepare(&head);
        let result = self.sink.append(self.scribe.lines(contents, now), now, &head);
        if let Some(path) = self.sink.path().filter(|path| self.files.last().is_none_or(|last| last != path)) {
            self.files.push(path.into());
        }
        match result {
            Ok(lost) => {
                if let Some(trouble) = self.trouble.take() {
                    let to = lost.map_or(trouble.since, |lost| lost.to);
                    let detail = match lost {
                        Some(lost) => format!("{}; {} ticks were lost, later ones waited in memory", trouble.reason, lost.ticks),
                        None => format!("{}; what was sampled meanwhile waited in memory, and nothing was lost", trouble.reason),
                    };
                    let from = lost.map_or(trouble.since, |lost| lost.from);
                    let gap = Gap { cause: trouble.cause, of: Subject::All, from: Some(from), to: Some(to), detail: Some(detail) };
                    self.write(vec![Content::Gap(gap)], now);
                }
            }
            Err(error) => self.trouble(error, now),
        }
    }

    fn trouble(&mut self, error: io::Error, now: Clocks) {
        if self.trouble.is_some() {
            return;
        }
        let cause = if is_full(&error) { Cause::DiskFull } else { Cause::WriteError };
        if !self.told {
            self.told = true;
            let message = format!("the log can't be written: {error}");
            self.terminal.warning(
                &message,
                Some("the program goes on; samples of up to an hour wait in memory, and are written when that works again"),
            );
        }
        self.trouble = Some(Trouble { since: now, cause, reason: error.kind().to_string() });
    }
}

/// Whether the recorder was told to go on after it had been so `often`. The thread that takes signals may be a moment behind.
fn went_on(often: u32) -> bool {
    let deadline = clocks::now().mono + Span::from_micros(50_000);
    while continued() == often && clocks::now().mono < deadline {
        thread::sleep(Duration::from_millis(5));
    }
    continued() != often
}

/// How often the recorder was told to go on after a stop.
fn continued() -> u32 {
    #[cfg(unix)]
    return super::signals::continued();
    #[cfg(not(unix))]
    0
}

fn signal_name(signal: i32) -> String {
    #[cfg(unix)]
    if let Some(name) = signal_hook::low_level::signal_name(signal) {
        return name.into();
    }
    format!("signal {signal}")
}

/// Processor time that this process used.
fn own_cpu() -> Option<Span> {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        Some(Span::from_micros(time.tv_sec.saturating_mul(1_000_000).saturating_add(time.tv_nsec / 1_000)))
    }
    #[cfg(not(unix))]
    None
}

/// The most memory that this process held, bytes.
fn own_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}
