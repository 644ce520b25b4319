//! The thread that asks NVML: one answer to a question, however long it takes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use carbon_core::read::carbon_report_jsonl::record::{Cause, Counter, CounterUnit, PowerUnit, SampledDevice};
use carbon_core::series::Component;
use carbon_core::units::Span;
use nvml_wrapper::error::NvmlError;
use nvml_wrapper::{Device, Nvml};

use super::library::{describe, load};
use super::{Answer, Gpu, Use, Values};

/// A library that could not be loaded, or failed, is tried again after this time: a driver may be installed, a container may get its cards.
const RETRY_AFTER: Span = Span::from_seconds(60);

/// Starts the thread. A question is the monotonic time at which it is put.
pub(super) fn start(library: Option<PathBuf>, processes: bool) -> (SyncSender<Span>, Receiver<Answer>) {
    let (questions, asked) = sync_channel::<Span>(1);
    let (answering, answers) = sync_channel::<Answer>(1);
    let thread = std::thread::Builder::new().name(String::from("nvml"));
    // Where no thread can be had, the channel is closed and no GPU is found.
    let _ = thread.spawn(move || {
        let mut asker = Asker { library, processes, ..Asker::default() };
        while let Ok(now) = asked.recv() {
            if answering.send(asker.ask(now)).is_err() {
                return;
            }
        }
    });
    (questions, answers)
}

#[derive(Default)]
struct Asker {
    library: Option<PathBuf>,
    processes: bool,
    nvml: Option<Nvml>,
    /// When it was last tried, and what came of it.
    tried: Option<(Span, (Cause, String))>,
    /// What was seen at each number: a lost GPU no longer says who it is.
    seen: BTreeMap<u32, SampledDevice>,
    /// The driver's stamp of the last use of each GPU that was counted.
    counted: BTreeMap<u32, u64>,
}

impl Asker {
    fn ask(&mut self, now: Span) -> Answer {
        if self.nvml.is_none() {
            if let Some((at, trouble)) = &self.tried
                && now - *at < RETRY_AFTER
            {
                return Answer { gpus: Vec::new(), trouble: Some(trouble.clone()) };
            }
            match load(self.library.as_deref()) {
                Ok(nvml) => self.nvml = Some(nvml),
                Err(trouble) => return self.give_up(now, trouble),
            }
        }
        let Some(nvml) = &self.nvml else { return Answer { gpus: Vec::new(), trouble: None } };
        match nvml.device_count() {
            Ok(0) => Answer { gpus: Vec::new(), trouble: Some((Cause::Absent, String::from("NVML lists no GPU"))) },
            Ok(count) => {
                let (seen, counted) = (&mut self.seen, &mut self.counted);
                let mut gpus = Vec::new();
                for number in 0..count {
                    let Some((mut gpu, handle)) = gpu(nvml, number, seen) else { continue };
                    gpu.uses = handle.filter(|_| self.processes).and_then(|handle| uses(&handle, number, counted));
                    gpus.push(gpu);
                }
                Answer { gpus, trouble: None }
            }
            Err(error) => {
                // Begun anew after a while: the driver may have been loaded again.
                let trouble = describe(&error);
                self.nvml = None;
                self.give_up(now, trouble)
            }
        }
    }

    fn give_up(&mut self, now: Span, trouble: (Cause, String)) -> Answer {
        self.tried = Some((now, trouble.clone()));
        Answer { gpus: Vec::new(), trouble: Some(trouble) }
    }
}

/// What one GPU says, and its handle where it answers. `None` for one that has never said who it is.
fn gpu<'n>(nvml: &'n Nvml, number: u32, seen: &mut BTreeMap<u32, SampledDevice>) -> Option<(Gpu, Option<Device<'n>>)> {
    let lost = |seen: &BTreeMap<u32, SampledDevice>, error: &NvmlError| {
        let device = seen.get(&number).cloned()?;
        Some((Gpu { device, values: Err(describe(error)), uses: None }, None))
    };
    let handle = match nvml.device_by_index(number) {
        Ok(handle) => handle,
        Err(error) => return lost(seen, &error),
    };
    let uuid = match handle.uuid() {
        Ok(uuid) => Some(uuid),
        Err(NvmlError::Utf8Error(_)) => None,
        Err(error) => return lost(seen, &error),
    };
    let (energy, power) = (handle.total_energy_consumption(), handle.power_usage());
    let mut device = match seen.get(&number) {
        Some(known) if known.uuid == uuid => known.clone(),
        _ => describe_device(&handle, number, uuid),
    };
    if energy.is_ok() {
        device.counter = Some(Counter { unit: CounterUnit::Millijoule, range: None });
    }
    if power.is_ok() {
        device.power = Some(PowerUnit::Milliwatt);
    }
    seen.insert(number, device.clone());
    let values = match (energy, power) {
        (Err(error), Err(NvmlError::NotSupported)) if !is_lost(&error) => {
            Err((Cause::Absent, String::from("the card reports neither energy nor power")))
        }
        (Err(_), Err(error)) => Err(describe(&error)),
        (energy, power) => Ok(Values {
            energy_mj: energy.ok(),
            power_mw: power.ok(),
            utilisation_percent: handle.utilization_rates().ok().map(|rates| rates.gpu),
            memory_bytes: handle.memory_info().ok().map(|memory| memory.used),
        }),
    };
    Some((Gpu { device, values, uses: None }, Some(handle)))
}

/// What each process used of a GPU since the last question, as the sum of its utilisation over the driver's own samples. `None` where the driver does not
/// say, and at the first question: what it remembers then is of the time before.
fn uses(handle: &Device<'_>, number: u32, counted: &mut BTreeMap<u32, u64>) -> Option<Vec<Use>> {
    let before = counted.get(&number).copied();
    let samples = match handle.process_utilization_stats(before) {
        Ok(samples) => samples,
        // The driver's word for a GPU that no process used.
        Err(NvmlError::NotFound) => Vec::new(),
        Err(_) => return None,
    };
    let newest = samples.iter().map(|sample| sample.timestamp).max().unwrap_or(0);
    counted.insert(number, newest.max(before.unwrap_or(0)));
    let since = before?;
    let mut amounts: BTreeMap<u32, u64> = BTreeMap::new();
    for sample in samples.iter().filter(|sample| sample.timestamp > since) {
        *amounts.entry(sample.pid).or_default() += u64::from(sample.sm_util);
    }
    Some(amounts.into_iter().map(|(process, amount)| Use { process, amount }).collect())
}

fn is_lost(error: &NvmlError) -> bool {
    matches!(error, NvmlError::GpuLost | NvmlError::ResetRequired)
}

fn describe_device(handle: &Device<'_>, number: u32, uuid: Option<String>) -> SampledDevice {
    let mig = handle.mig_mode().is_ok_and(|mode| mode.current == 1);
    SampledDevice {
        component: Component::Gpu,
        source: Cow::Borrowed("nvml"),
        uuid,
        index: Some(number.to_string()),
        bus_id: None,
        // A name that is no text costs the name, not the device.
        model: handle.name().ok().filter(|name| !name.is_empty()),
        counter: None,
        power: None,
        estimated_by: None,
        remark: mig.then(|| String::from("MIG: its readings are of the whole card, whichever instances the program uses")),
    }
}
