//! NVIDIA GPUs through NVML, which a thread of its own asks: a driver that hangs costs samples, never more.
//!
//! Calls are of scalars and strings alone but for the memory (a struct that carries its version): drivers have changed others in size.

mod library;
mod thread;

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError};

use carbon_core::read::carbon_report_jsonl::record::{Cause, DeviceId, Reading, SampledDevice, Subject};
use carbon_core::series::Component;
use carbon_core::units::Span;

use super::{Source, SourceOptions, Tick, Use};

/// A driver that has never answered is given so long to begin: it may have to wake eight cards.
const FIRST_ANSWER: Span = Span::from_seconds(10);

/// What the thread says of all GPUs.
struct Answer {
    gpus: Vec<Gpu>,
    /// NVML as a whole can't be asked, and why.
    trouble: Option<(Cause, String)>,
}

/// What the thread says of one GPU.
struct Gpu {
    device: SampledDevice,
    values: Result<Values, (Cause, String)>,
    /// What each process used since the last question; `None` where the driver does not say.
    uses: Option<Vec<Use>>,
}

/// One GPU's readings.
#[derive(Clone, Copy, Default)]
struct Values {
    energy_mj: Option<u64>,
    power_mw: Option<u32>,
    utilisation_percent: Option<u32>,
    memory_bytes: Option<u64>,
}

/// NVML, behind its thread.
pub struct NvmlSource {
    questions: SyncSender<Span>,
    answers: Receiver<Answer>,
    /// Since when an answer is awaited.
    awaited: Option<Span>,
    known: BTreeMap<DeviceId, SampledDevice>,
    /// There is an NVIDIA card on the bus, whether or not a driver is.
    has_card: bool,
}

impl NvmlSource {
    /// Starts the thread; the library is loaded there.
    pub fn new(options: &SourceOptions) -> Self {
        let (questions, answers) = thread::start(options.nvml_library.clone(), options.processes);
        Self { questions, answers, awaited: None, known: BTreeMap::new(), has_card: has_card(options) }
    }

    fn take(&mut self, answer: Answer, tick: &mut Tick, fresh: bool) {
        let mut answered: Vec<DeviceId> = Vec::new();
        for gpu in answer.gpus {
            let id = tick.device(gpu.device.clone());
            self.known.insert(id, gpu.device);
            answered.push(id);
            match gpu.values {
                // What was read before this tick began has no time of its own.
                Ok(values) if fresh => {
                    tick.reading(reading(id, values));
                    if let Some(uses) = gpu.uses {
                        tick.used_by(id, uses);
                    }
                }
                Ok(_) => {}
                Err((cause, reason)) => tick.missing(Subject::Device(id), cause, reason),
            }
        }
        for id in self.known.keys().filter(|id| !answered.contains(id)) {
            let reason = answer.trouble.as_ref().map_or("NVML no longer lists it", |(_, reason)| reason);
            tick.missing(Subject::Device(*id), Cause::LostDevice, reason);
        }
        if let Some((cause, reason)) = answer.trouble.filter(|_| self.known.is_empty()) {
            // A machine without an NVIDIA card misses nothing where another GPU answers.
            if self.has_card || !tick.has_reading_of(Component::Gpu) {
                let card = if self.has_card { "there is an NVIDIA card, but " } else { "" };
                tick.missing(Subject::Component(Component::Gpu), cause, format!("{card}{reason}"));
            }
        }
    }

    /// The driver has not answered in time.
    fn hangs(&mut self, since: Span, tick: &mut Tick) {
        let seconds = (tick.now.mono - since).as_seconds() + tick.patience.as_secs_f64();
        let reason = format!("NVML did not answer within {seconds:.1} s");
        for id in self.known.keys() {
            tick.missing(Subject::Device(*id), Cause::Hang, reason.clone());
        }
        if self.known.is_empty() && tick.now.mono - since >= FIRST_ANSWER {
            tick.missing(Subject::Component(Component::Gpu), Cause::Hang, reason);
        }
    }
}

impl Source for NvmlSource {
    fn sample(&mut self, tick: &mut Tick) {
        if let Some(since) = self.awaited {
            match self.answers.try_recv() {
                Ok(late) => {
                    self.awaited = None;
                    self.take(late, tick, false);
                }
                Err(TryRecvError::Empty) => return self.hangs(since, tick),
                Err(TryRecvError::Disconnected) => return,
            }
        }
        if self.questions.try_send(tick.now.mono).is_err() {
            return;
        }
        match self.answers.recv_timeout(tick.patience) {
            Ok(answer) => self.take(answer, tick, true),
            Err(RecvTimeoutError::Timeout) => {
                self.awaited = Some(tick.now.mono);
                self.hangs(tick.now.mono, tick);
            }
            Err(RecvTimeoutError::Disconnected) => {
                for id in self.known.keys() {
                    tick.missing(Subject::Device(*id), Cause::LostDevice, "the thread that asks NVML has ended");
                }
            }
        }
    }
}

fn reading(id: DeviceId, values: Values) -> Reading {
    Reading {
        counter: values.energy_mj,
        power: values.power_mw.map(u64::from),
        utilisation_permille: values.utilisation_percent.map(|percent| percent.saturating_mul(10)),
        memory_mib: values.memory_bytes.and_then(|bytes| u32::try_from(bytes >> 20).ok()),
        ..Reading::of(id)
    }
}

/// Whether the bus lists a display device of NVIDIA's (vendor 10de, class 03).
fn has_card(options: &SourceOptions) -> bool {
    let Ok(devices) = std::fs::read_dir(options.path("sys/bus/pci/devices")) else { return false };
    devices.flatten().any(|device| {
        let is = |file: &str, prefix: &str| std::fs::read_to_string(device.path().join(file)).is_ok_and(|text| text.starts_with(prefix));
        is("vendor", "0x10de") && is("class", "0x03")
    })
}
