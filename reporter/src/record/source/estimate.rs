//! What no sensor gave: processors by design power and load, memory by its size. Labelled as estimated in the log, and nothing else.

use std::borrow::Cow;
use std::path::PathBuf;

use carbon_core::factor::{FactorSet, cpu_power, memory_power};
use carbon_core::read::carbon_report_jsonl::record::{DeviceId, PowerUnit, Reading, SampledDevice};
use carbon_core::series::Component;
use carbon_core::units::Power;

use super::machine::Machine;
use super::{Source, SourceOptions, Tick};

/// Design power of a processor that no table has, for each thread: what CodeCarbon 3 takes.
const WATTS_PER_THREAD: i64 = 4;

/// Models in place of sensors.
pub struct Estimate {
    machine: Machine,
    cpu: Option<Modelled>,
    memory: Option<DeviceId>,
    stat: PathBuf,
    /// Busy and all time of the processors, in ticks of the kernel.
    last: (u64, u64),
}

struct Modelled {
    id: DeviceId,
    tdp: Power,
}

impl Estimate {
    /// Of this machine.
    pub fn new(options: &SourceOptions) -> Self {
        Self { machine: Machine::look(options), cpu: None, memory: None, stat: options.path("proc/stat"), last: (0, 0) }
    }

    /// The mean load since the last tick; at the first one, since the machine was started.
    fn load_permille(&mut self) -> Option<u32> {
        let (busy, all) = std::fs::read_to_string(&self.stat).ok().as_deref().and_then(busy_and_all)?;
        let (busy_before, all_before) = std::mem::replace(&mut self.last, (busy, all));
        let all = all.checked_sub(all_before).filter(|all| *all > 0)?;
        u32::try_from(busy.checked_sub(busy_before)?.saturating_mul(1000) / all).ok().map(|load| load.min(1000))
    }

    fn cpu(&mut self, tick: &mut Tick) {
        let Some(load) = self.load_permille() else { return };
        let cpu = self.cpu.get_or_insert_with(|| modelled(&self.machine, tick));
        let power = u64::try_from(cpu_power(cpu.tdp, load).as_microwatts()).ok();
        tick.reading(Reading { power, utilisation_permille: Some(load), ..Reading::of(cpu.id) });
    }

    fn memory(&mut self, tick: &mut Tick) {
        let Some(bytes) = self.machine.memory_bytes else { return };
        let id = *self.memory.get_or_insert_with(|| {
            let gigabytes = bytes as f64 / 1e9;
            let how = format!("{gigabytes:.1} GB x 0.375 W/GB");
            tick.device(SampledDevice { component: Component::Memory, estimated_by: Some(how), ..device() })
        });
        tick.reading(Reading { power: u64::try_from(memory_power(bytes).as_microwatts()).ok(), ..Reading::of(id) });
    }
}

impl Source for Estimate {
    fn sample(&mut self, tick: &mut Tick) {
        if tick.has_reading_of(Component::Node) {
            return;
        }
        // A platform's sensor holds the processor; whether it holds the memory differs.
        if !tick.has_reading_of(Component::Cpu) && !tick.has_reading_of(Component::Platform) {
            self.cpu(tick);
        }
        if !tick.has_reading_of(Component::Memory) {
            self.memory(tick);
        }
    }
}

fn device() -> SampledDevice {
    SampledDevice {
        component: Component::Cpu,
        source: Cow::Borrowed("estimate"),
        uuid: None,
        index: None,
        bus_id: None,
        model: None,
        counter: None,
        power: Some(PowerUnit::Microwatt),
        estimated_by: None,
        remark: None,
    }
}

/// The processors of the machine with their design power.
fn modelled(machine: &Machine, tick: &mut Tick) -> Modelled {
    let threads = i64::from(machine.cpu_threads.max(1));
    let known = machine.cpu.as_deref().and_then(|name| FactorSet::from_tables(carbon_data::TABLES).ok()?.cpu(name));
    let (tdp, how) = match known {
        Some(cpu) => {
            let one = Power::from_microwatts((cpu.tdp_w * 1e6) as i64);
            let whole = Power::from_microwatts(one.as_microwatts().saturating_mul(i64::from(machine.cpu_packages)));
            // A virtual machine has a share of a processor: its threads, of two for each core.
            let all = i64::from(cpu.cores) * 2 * i64::from(machine.cpu_packages);
            if machine.is_virtual && threads < all {
                let share = Power::from_microwatts(whole.as_microwatts() / all * threads);
                (share, format!("{} of {all} threads of {} x {:.0} W TDP ({})", threads, machine.cpu_packages, cpu.tdp_w, cpu.model))
            } else {
                (whole, format!("{} x {:.0} W TDP ({})", machine.cpu_packages, cpu.tdp_w, cpu.model))
            }
        }
        None => (
            Power::from_watts(WATTS_PER_THREAD * threads),
            format!("{threads} threads x {WATTS_PER_THREAD} W (no design power is known of the model)"),
        ),
    };
    let id =
        tick.device(SampledDevice { model: machine.cpu.clone(), estimated_by: Some(format!("{how} x (0.15 + 0.52 x load)")), ..device() });
    Modelled { id, tdp }
}

/// Time that the processors were busy and all their time, of the line `cpu` in `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal.
fn busy_and_all(stat: &str) -> Option<(u64, u64)> {
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let ticks: Vec<u64> = line.split_whitespace().take(8).map(|field| field.parse().ok()).collect::<Option<_>>()?;
    let all = ticks.iter().sum::<u64>();
    let idle = ticks.get(3)?.saturating_add(*ticks.get(4)?);
    Some((all.saturating_sub(idle), all))
}
