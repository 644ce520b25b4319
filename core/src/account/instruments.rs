//! How far each kind of instrument may be off: 95 % half-widths as factors on the true value.

use crate::ledger::Evidence;
use crate::series::{Component, Instrument};

/// What is known of an instrument.
#[derive(Clone, Copy, Debug)]
pub struct Error {
    /// True value over stated value, lower end of the 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Whether it is a sensor or a model.
    pub is_sensor: bool,
    /// Name, for the budget.
    pub name: &'static str,
    /// Where the figures come from.
    pub reason: &'static str,
}

/// The instrument behind an evidence.
///
/// GPU: NVIDIA's manual states ±5 W of the board; Yang, Adámek and Armour ("Part-time power measurements", arXiv 2312.02741) find an error of ±5 %
/// of the reading on 70 GPUs. RAPL: a few percent on Haswell and later (Khan et al., "RAPL in action", ACM TOMPECS 3(2), 2018). Trackers' CPU models: spread
/// of model over RAPL in CodeCarbon's own calibration data (78 points on four machines: TDP × load curve 0.24 to 1.39 between the 10th and 90th
/// percentile, half the TDP 0.52 to 2.15), inverted. This project's own model of a CPU ([`cpu_power`](crate::factor::cpu_power)) stands between what the
/// same data show idle (0.08 to 0.25 of the TDP) and at full load (0.51 to 0.93): 0.5 to 1.7 times its line, taken wider because four machines are few. Memory models: 0.3 to 0.4 W/GB against 5 W a module, both unmeasured.
pub fn instrument(evidence: &Evidence) -> Error {
    let sensor = |half: f64, name, reason| Error { low: 1.0 - half, high: 1.0 + half, is_sensor: true, name, reason };
    let model = |low, high, name, reason| Error { low, high, is_sensor: false, name, reason };
    match (evidence.instrument, evidence.component) {
        (Instrument::GpuCounter, _) => sensor(0.05, "gpu energy counter", "±5 %: the counter integrates the board's power sensor"),
        (Instrument::GpuPower, _) => sensor(0.05, "gpu power sensor", "±5 % of the reading"),
        (Instrument::SamplerModel, Component::Cpu) => {
            model(0.5, 2.0, "CPU model by load", "0.5 to 2 times: spread of processors between idle and full load against their TDP")
        }
        (Instrument::SamplerModel, Component::Gpu) => model(
            0.45,
            1.7,
            "GPU model by load",
            "0.45 to 1.7 times: utilisation says how long kernels ran, not how hard; idle 0.10 to 0.25 and busy 0.70 to 1.00 of the rated power",
        ),
        (Instrument::SamplerModel, _) => model(0.3, 2.0, "memory model", "0.3 to 2 times: models by capacity and by module differ so far"),
        (Instrument::Stated, _) => model(0.4, 1.5, "estimate", "0.4 to 1.5 times: rated power stands for what was drawn"),
        (Instrument::Rapl, _) => sensor(0.05, "RAPL", "±5 %: processor energy counters"),
        (Instrument::Hwmon, _) => sensor(0.05, "sensor of the operating system", "±5 %"),
        (Instrument::BoardController | Instrument::WallMeter, _) => sensor(0.05, "node meter", "±5 %: board controllers and meters"),
        (Instrument::NotStated, _) => sensor(0.05, "instrument not stated", "±5 %: the table does not say what read it"),
        (Instrument::Scheduler, _) => sensor(0.10, "scheduler", "±10 %: a node sensor at second hand, exact for exclusive nodes only"),
        (Instrument::TrackerSensor, _) => sensor(0.10, "tracker's sensor", "±10 %: a sensor at second hand, sampled at long intervals"),
        (Instrument::TrackerModel | Instrument::TrackerUnstated, Component::Cpu) => {
            model(0.6, 4.0, "tracker's CPU model", "0.6 to 4 times: spread of load models against RAPL")
        }
        (Instrument::TrackerAssumption, Component::Cpu) => {
            model(0.4, 2.0, "tracker's CPU assumption", "0.4 to 2 times: spread of half the rated power against RAPL")
        }
        (Instrument::TrackerModel | Instrument::TrackerUnstated | Instrument::TrackerAssumption, Component::Memory) => {
            model(0.3, 2.0, "tracker's memory model", "0.3 to 2 times: models by capacity and by module differ so far")
        }
        (Instrument::TrackerModel | Instrument::TrackerUnstated | Instrument::TrackerAssumption, _) => {
            model(0.5, 2.0, "tracker's figure", "0.5 to 2 times: the tracker does not say how it measures")
        }
    }
}
