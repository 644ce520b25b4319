use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::read::{Clock, Declared, DeclaredPart, Scope};
use crate::series::{Channel, Component, CounterRange, Device, Instrument, Quantity, Sample};
use crate::units::{Energy, Instant, Power, Span};

const T0: i64 = 1_749_736_999_000_000;

fn file(path: &str) -> InputFile {
    InputFile { path: path.to_string(), bytes: 1, blake3: format!("hash of {path}"), ..InputFile::default() }
}

fn channel(component: Component, device: Device, quantity: Quantity) -> Channel {
    let instrument = match (component, quantity) {
        (Component::Gpu, Quantity::Counter(_)) => Instrument::GpuCounter,
        (Component::Gpu, _) => Instrument::GpuPower,
        (Component::Node, _) => Instrument::BoardController,
        (_, Quantity::PowerEstimated) => Instrument::SamplerModel,
        _ => Instrument::Rapl,
    };
    Channel { host: None, component, device, quantity, instrument, run: None }
}

/// `watts` from `start` for `seconds`, one sample a second.
fn power(component: Component, device: Device, start: i64, seconds: i64, watts: i64) -> Reading {
    let mut reading = Reading::new("test", None, None);
    reading.clock = Clock::Local;
    let id = reading.channel(channel(component, device, Quantity::Power));
    for s in 0..=seconds {
        reading.power(id, Instant::from_micros(T0 + (start + s) * 1_000_000), Power::from_watts(watts)).expect("plausible");
    }
    reading.close();
    reading
}

fn declared(scope: Scope, run: &str, start: i64, seconds: i64, parts: &[(Component, i64)]) -> Reading {
    let at = |s: i64| Instant::from_micros(T0 + s * 1_000_000);
    let mut reading = Reading::new("test", None, None);
    reading.clock = Clock::Local;
    let part =
        |(component, joules): &(Component, i64)| DeclaredPart::of(*component, Energy::from_joules(*joules), Instrument::TrackerSensor);
    reading.declared.push(Declared {
        run: Some(run.to_string()),
        scope,
        period: Some((at(start), at(start + seconds))),
        duration: Some(Span::from_seconds(seconds)),
        parts: parts.iter().map(part).collect(),
        hardware_key: "8 x A100".to_string(),
        ..Declared::by("CodeCarbon 3.0.8", 2)
    });
    reading
}

fn settle(files: Vec<(&str, Reading)>) -> Settled {
    let mut ledger = Ledger::default();
    for (path, reading) in files {
        ledger.add(file(path), reading);
    }
    ledger.settle(LedgerOptions::default())
}

fn total(settled: &Settled) -> i128 {
    settled.evidence.iter().map(|e| e.energy).sum::<Energy>().as_picojoules() / 1_000_000_000_000
}

#[test]
fn a_gpu_log_beside_a_tracker_counts_the_gpu_once() {
    let tracker = declared(Scope::Machine, "r", 0, 100, &[(Component::Gpu, 9_000), (Component::Cpu, 2_000), (Component::Memory, 500)]);
    let settled = settle(vec![("gpu.csv", power(Component::Gpu, Device::indexed("0"), 0, 100, 100)), ("emissions.csv", tracker)]);
    assert_eq!(total(&settled), 10_000 + 2_000 + 500);
    assert!(settled.decisions.iter().any(|d| d.rule == "measured-before-declared"));
}

#[test]
fn parts_of_a_tracker_count_alone_where_they_are_asked_for() {
    for (only, counts, not_asked_for) in
        [("gpu", 10_000, 2_500), ("gpu:0", 10_000, 11_500), ("cpu", 2_000, 19_500), ("memory", 500, 21_000)]
    {
        let tracker = declared(Scope::Machine, "r", 0, 100, &[(Component::Gpu, 9_000), (Component::Cpu, 2_000), (Component::Memory, 500)]);
        let mut ledger = Ledger::default();
        ledger.add(file("gpu.csv"), power(Component::Gpu, Device::indexed("0"), 0, 100, 100));
        ledger.add(file("emissions.csv"), tracker);
        let settled = ledger.settle(LedgerOptions { only: &[only.to_string()], ..LedgerOptions::default() });
        let left = |rule: Option<&str>| {
            settled.decisions.iter().filter(|d| rule.is_none_or(|rule| d.rule == rule)).filter_map(|d| d.energy).sum::<Energy>()
        };
        assert_eq!((total(&settled), left(Some("not-asked-for"))), (counts, Energy::from_joules(not_asked_for)), "{only}");
        assert_eq!(settled.plain, Energy::from_joules(21_500), "{only}");
        assert_eq!(left(None) + Energy::from_joules(counts as i64), settled.plain, "{only}");
    }
}

#[test]
fn a_tracker_that_ran_longer_counts_for_the_rest() {
    let tracker = declared(Scope::Machine, "r", 0, 200, &[(Component::Gpu, 20_000)]);
    let settled = settle(vec![("gpu.csv", power(Component::Gpu, Device::indexed("0"), 0, 100, 100)), ("emissions.csv", tracker)]);
    assert_eq!(total(&settled), 10_000 + 10_000);
}

#[test]
fn machine_trackers_of_one_node_count_once_and_processes_add_up() {
    let ranks = |scope, component| (0..4).map(|r| declared(scope, &format!("rank{r}"), r, 100, &[(component, 1_000)])).collect::<Vec<_>>();
    let named = |readings: Vec<Reading>| -> Vec<(&'static str, Reading)> {
        ["a.csv", "b.csv", "c.csv", "d.csv"].into_iter().zip(readings).collect()
    };
    assert_eq!(total(&settle(named(ranks(Scope::Process, Component::Cpu)))), 4_000);
    // No process has a part of a GPU that could be told apart: as with machines, the GPU counts once. Each starts a second later, which clocks and
    // stamps can't tell from the same time; the last one alone is more than two seconds longer than the first.
    for scope in [Scope::Process, Scope::Machine] {
        assert_eq!(total(&settle(named(ranks(scope, Component::Gpu)))), 1_030);
    }
}

#[test]
fn one_run_in_two_files_counts_once() {
    let small = declared(Scope::Process, "r", 0, 50, &[(Component::Cpu, 100)]);
    let large = declared(Scope::Process, "r", 0, 100, &[(Component::Cpu, 200)]);
    assert_eq!(total(&settle(vec![("emissions.csv", large), ("emissions.csv.bak", small)])), 200);
}

#[test]
fn rotated_files_of_one_device_are_one_series() {
    let settled = settle(vec![
        ("gpu.2.csv", power(Component::Gpu, Device::indexed("0"), 101, 99, 100)),
        ("gpu.1.csv", power(Component::Gpu, Device::indexed("0"), 0, 100, 100)),
    ]);
    assert_eq!(settled.evidence.len(), 1);
    assert_eq!(total(&settled), 20_000);
}

#[test]
fn the_same_numbers_in_two_folders_are_two_hosts() {
    let log = || power(Component::Gpu, Device::indexed("0"), 0, 100, 100);
    let settled = settle(vec![("node1/gpu.csv", log()), ("node2/gpu.csv", log())]);
    assert_eq!(total(&settled), 20_000);
    assert_eq!(settled.evidence.iter().map(|e| e.host.as_str()).collect::<Vec<_>>(), ["node1", "node2"]);
}

#[test]
fn a_uuid_is_one_device_in_every_folder() {
    let device = || Device { uuid: Some("GPU-1".to_string()), ..Device::default() };
    let settled = settle(vec![
        ("node1/gpu.csv", power(Component::Gpu, device(), 0, 100, 100)),
        ("copy/gpu.csv", power(Component::Gpu, device(), 0, 100, 100)),
    ]);
    assert_eq!(total(&settled), 10_000);
    assert_eq!(settled.evidence[0].more, Energy::ZERO);
}

/// The CPU of one node is inside no meter of another, and a number is no other node's because two logs state other uuids, one after the other.
#[test]
fn one_number_with_two_uuids_at_one_time_is_two_hosts() {
    let gpu = |uuid: &str| Device { uuid: Some(uuid.to_string()), ..Device::indexed("0") };
    let node1 = || ("first/gpu.csv", power(Component::Gpu, gpu("GPU-a"), 0, 100, 100));
    let cpu = || ("first/cpu.csv", power(Component::Cpu, Device::indexed("0"), 0, 100, 50));
    let node2 = |uuid: &str, start| ("second/gpu.csv", power(Component::Gpu, gpu(uuid), start, 100, 200));
    let meter = || ("second/node.csv", power(Component::Node, Device::default(), 0, 100, 300));
    let apart = settle(vec![node1(), cpu(), node2("GPU-b", 0), meter()]);
    assert_eq!(total(&apart), 10_000 + 5_000 + 30_000);
    assert!(apart.notes.iter().any(|n| n.code.id == "hosts-by-folder"));
    for together in [vec![node1(), node2("GPU-b", 101)], vec![node1(), node2("gpu-A", 0)]] {
        assert!(!settle(together).notes.iter().any(|n| n.code.id == "hosts-by-folder"));
    }
    let bus = |id: &str| Device { bus_id: Some(id.to_string()), ..Device::indexed("0") };
    assert!(bus("00000000:01:00.0").is_another(&bus("00000000:41:00.0")));
    assert!(!bus("00000000:3B:00.0").is_another(&bus("0000:3b:00.0")));
    assert!(!bus("00000000:01:00.0").is_another(&gpu("GPU-a")));
}

#[test]
fn one_gpu_by_number_and_by_uuid_counts_once_with_a_warning() {
    let device = Device { uuid: Some("GPU-1".to_string()), ..Device::default() };
    let settled = settle(vec![
        ("a.csv", power(Component::Gpu, Device::indexed("0"), 0, 100, 100)),
        ("b.csv", power(Component::Gpu, device, 0, 100, 101)),
    ]);
    assert_eq!(total(&settled), 10_100);
    assert!(settled.notes.iter().any(|n| n.code.id == "possible-double-count"));
}

#[test]
fn psys_and_cores_are_left_out_and_a_node_keeps_its_rest() {
    let mut reading = Reading::new("test", None, None);
    reading.clock = Clock::Local;
    for (component, watts) in
        [(Component::Cpu, 100), (Component::CpuCore, 80), (Component::Memory, 20), (Component::Platform, 150), (Component::Node, 300)]
    {
        let id = reading.channel(channel(component, Device::indexed("0"), Quantity::Power));
        for s in 0..=100 {
            reading.power(id, Instant::from_micros(T0 + s * 1_000_000), Power::from_watts(watts)).expect("plausible");
        }
    }
    reading.close();
    let settled = settle(vec![("all.csv", reading)]);
    let by: Vec<(Component, i128)> = settled.evidence.iter().map(|e| (e.component, e.energy.as_picojoules() / 1_000_000_000_000)).collect();
    assert_eq!(by, [(Component::Cpu, 10_000), (Component::Memory, 2_000), (Component::Node, 18_000)]);
}

/// A counter of 100 W over the first 100 s beside power of 300 W over 1000 s: 10 kJ by the counter and 270 kJ by the power of the other 900 s.
#[test]
fn power_counts_where_the_counter_was_not_read() {
    let device = Device::indexed("0");
    let mut counter = Reading::new("test", None, None);
    counter.clock = Clock::Local;
    let id = counter.channel(channel(Component::Gpu, device.clone(), Quantity::Counter(CounterRange::Unbounded)));
    for s in 0..=100 {
        let at = Instant::from_micros(T0 + s * 1_000_000);
        counter.sample(id, Sample { at, value: 5_000_000 + s * 100_000_000 }).expect("plausible");
    }
    counter.close();
    let settled = settle(vec![("counter.csv", counter), ("power.csv", power(Component::Gpu, device, 0, 1000, 300))]);
    let total = settled.evidence.iter().fold(Energy::ZERO, |sum, e| sum + e.energy);
    assert_eq!(total, Energy::from_joules(280_000));
    assert_eq!(settled.decisions.iter().filter_map(|d| d.energy).fold(Energy::ZERO, |sum, e| sum + e), Energy::from_joules(30_000));
}

#[test]
fn a_counter_is_preferred_to_power_of_the_same_device() {
    let mut reading = power(Component::Gpu, Device::indexed("0"), 0, 100, 110);
    let id = reading.channel(channel(Component::Gpu, Device::indexed("0"), Quantity::Counter(CounterRange::Unbounded)));
    for s in 0..=100 {
        reading.sample(id, Sample { at: Instant::from_micros(T0 + s * 1_000_000), value: 5_000_000 + s * 100_000_000 }).expect("plausible");
    }
    reading.close();
    let settled = settle(vec![("log.jsonl", reading)]);
    assert_eq!(total(&settled), 10_000);
}

/// A processor by a model, mean of each interval.
fn modelled(host: Option<&str>, start: i64, seconds: i64, watts: i64) -> Reading {
    let mut reading = Reading::new("test", None, None);
    reading.clock = Clock::Local;
    let own = channel(Component::Cpu, Device::default(), Quantity::PowerEstimated);
    let id = reading.channel(Channel { host: host.map(String::from), ..own });
    for s in 0..=seconds {
        reading.power(id, Instant::from_micros(T0 + (start + s) * 1_000_000), Power::from_watts(watts)).expect("plausible");
    }
    reading.close();
    reading
}

#[test]
fn a_model_counts_where_nothing_better_is_known() {
    // Alone: 100 s of 50 W. Beside a sensor for the first 60 s: 40 s of it. Beside a tracker, or inside a node's meter: none of it.
    let joules = |files: Vec<(&str, Reading)>| {
        let settled = settle(files);
        let estimated = |e: &&Evidence| e.basis == Basis::Estimated;
        (total(&settled), settled.evidence.iter().filter(estimated).map(|e| e.energy.as_picojoules() / 1_000_000_000_000).sum::<i128>())
    };
    let model = || ("model.jsonl", modelled(None, 0, 100, 50));
    assert_eq!(joules(vec![model()]), (5_000, 5_000));
    assert_eq!(joules(vec![model(), ("cpu.csv", power(Component::Cpu, Device::indexed("package-0"), 0, 60, 30))]), (1_800 + 2_000, 2_000));
    assert_eq!(joules(vec![model(), ("emissions.csv", declared(Scope::Machine, "r", 0, 100, &[(Component::Cpu, 4_000)]))]), (4_000, 0));
    assert_eq!(joules(vec![model(), ("node.csv", power(Component::Node, Device::indexed("0"), 0, 100, 90))]), (9_000, 0));
    assert_eq!(joules(vec![model(), ("psys.csv", power(Component::Platform, Device::indexed("psys"), 0, 100, 70))]), (7_000, 0));
    assert_eq!(joules(vec![model(), ("gpu.csv", power(Component::Gpu, Device::indexed("0"), 0, 100, 10))]), (6_000, 5_000));
}

#[test]
fn an_unnamed_log_is_of_the_only_host_that_is_named() {
    let named = |host: &str| {
        let mut reading = Reading::new("test", None, None);
        reading.clock = Clock::Local;
        let own = channel(Component::Cpu, Device::indexed("package-0"), Quantity::Power);
        let id = reading.channel(Channel { host: Some(host.to_string()), ..own });
        for s in 0..=100 {
            reading.power(id, Instant::from_micros(T0 + s * 1_000_000), Power::from_watts(50)).expect("plausible");
        }
        reading.close();
        reading
    };
    let unnamed = || ("cpu.csv", power(Component::Cpu, Device::indexed("package-0"), 0, 100, 50));
    assert_eq!(total(&settle(vec![("a.jsonl", named("a")), unnamed()])), 5_000, "one machine, logged twice");
    assert_eq!(total(&settle(vec![("a.jsonl", named("a")), ("b.jsonl", named("b"))])), 10_000, "two machines");
}

proptest! {
    /// The order in which files come in, and how ledgers are merged, leaves no trace.
    #[test]
    fn the_ledger_is_commutative(order in Just(vec![0usize, 1, 2, 3]).prop_shuffle(), cut in 0usize..4) {
        let make = |i: usize| match i {
            0 => ("gpu.csv", power(Component::Gpu, Device::indexed("0"), 0, 100, 100)),
            1 => ("emissions.csv", declared(Scope::Machine, "r", 0, 100, &[(Component::Gpu, 9_000), (Component::Cpu, 2_000)])),
            2 => ("gpu.2.csv", power(Component::Gpu, Device::indexed("0"), 101, 50, 90)),
            _ => ("cpu.csv", power(Component::Cpu, Device::indexed("package-0"), 0, 60, 40)),
        };
        let summary = |s: &Settled| s.evidence.iter().map(|e| format!("{} {:?} {:?}", e.describe(), e.energy, e.when)).collect::<Vec<String>>();
        let straight = settle((0..4).map(make).collect());
        let (mut left, mut right) = (Ledger::default(), Ledger::default());
        for (n, i) in order.into_iter().enumerate() {
            let (path, reading) = make(i);
            if n < cut { left.add(file(path), reading) } else { right.add(file(path), reading) }
        }
        left.merge(right);
        prop_assert_eq!(summary(&straight), summary(&left.settle(LedgerOptions::default())));
    }
}
