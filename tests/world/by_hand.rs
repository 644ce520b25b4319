//! The truth itself, checked on worlds so small that a reader can add them up.

use crate::files;
use crate::logger::{Logger, codecarbon, nvidia_smi, powercap, recorder, table};
use crate::scene::{Device, Fault, Load, Log, Node, Part, Session, World};
use crate::truth::Why;

/// 2026-03-01T10:00:00Z.
const TEN: i64 = 1_772_359_200_000;

fn device(part: Part, watts: i64) -> Device {
    Device { part, index: 0, uuid: String::from("GPU-1"), model: "NVIDIA A40", rated: 300, load: Load::constant(watts * 1_000) }
}

fn log(logger: &'static Logger, variant: usize, devices: &[usize], from: i64, seconds: i64) -> Log {
    let session = Session { from: TEN + from * 1_000, to: TEN + (from + seconds) * 1_000, hole: None };
    Log {
        logger,
        path: String::from("log"),
        node: 0,
        devices: devices.to_vec(),
        sessions: vec![session],
        period: 10_000,
        jitter: 0,
        variant,
        pue: 100,
        gains: Vec::new(),
        seed: 1,
        faults: Vec::new(),
    }
}

/// A GPU of 300 W, a processor of 90 W, 18 W of memory, and a tenth of that for the rest.
fn world(logs: Vec<Log>) -> World {
    let devices = vec![device(Part::Gpu, 300), device(Part::Cpu, 90), device(Part::Memory, 18)];
    World {
        class: "by hand",
        seed: 0,
        nodes: vec![Node { name: "node1".into(), devices, rest_ppm: 100_000 }],
        logs,
        overhead_ppm: 0,
        change: None,
    }
}

/// What counts, and what is left out for one reason, in J.
fn joules(world: &World, why: Why) -> (f64, f64) {
    let truth = files::write(world).truth;
    (truth.total as f64 / 2e12, truth.left_out.get(&why).map_or(0.0, |twice| *twice as f64 / 2e12))
}

fn smi(from: i64, seconds: i64) -> Log {
    log(&nvidia_smi::LOGGER, nvidia_smi::INDEX, &[0], from, seconds)
}

#[test]
fn power_times_time() {
    // 300 W for 60 s.
    assert_eq!(joules(&world(vec![smi(0, 60)]), Why::Copy), (18_000.0, 0.0));
}

#[test]
fn a_trapezoid_between_two_powers() {
    let mut world = world(vec![smi(0, 10)]);
    // 100 W up to 10:00:10, then 300 W: two rows, so 200 W for 10 s.
    world.nodes[0].devices[0].load = Load { seed: 0, low: 300_000, high: 100_000, half_wave: 10_000, noise: 0, grain: 10_000 };
    assert_eq!(joules(&world, Why::Copy).0, 2_000.0);
}

#[test]
fn copies_and_gaps_and_pauses() {
    let mut copied = smi(0, 60);
    copied.faults = vec![Fault::Copied("copy".into())];
    assert_eq!(joules(&world(vec![copied]), Why::Copy), (18_000.0, 18_000.0));
    // A hole of 300 s in the middle of 60 s that are watched.
    let mut hole = smi(0, 360);
    hole.sessions[0].hole = Some((TEN + 30_000, TEN + 330_000));
    assert_eq!(joules(&world(vec![hole]), Why::Copy).0, 18_000.0);
    let mut twice = smi(0, 60);
    twice.sessions.push(Session { from: TEN + 3_600_000, to: TEN + 3_660_000, hole: None });
    assert_eq!(joules(&world(vec![twice]), Why::Copy).0, 36_000.0);
}

#[test]
fn a_counter_bridges_a_hole_but_no_pause() {
    let mut counter = log(&powercap::LOGGER, 0, &[1], 0, 360);
    counter.sessions[0].hole = Some((TEN + 30_000, TEN + 330_000));
    counter.sessions.push(Session { from: TEN + 3_600_000, to: TEN + 3_660_000, hole: None });
    // 90 W for 360 s and 60 s.
    assert_eq!(joules(&world(vec![counter]), Why::Copy).0, 37_800.0);
}

#[test]
fn a_tracker_counts_where_no_sensor_looked() {
    // The tracker tells 300 + 90 + 18 W for 600 s; the GPU's sensor looked for 60 s of them.
    let tracker = log(&codecarbon::LOGGER, codecarbon::V2_8, &[0, 1, 2], 0, 600);
    assert_eq!(joules(&world(vec![smi(120, 60), tracker]), Why::Tracker), (408.0 * 600.0, 18_000.0));
}

#[test]
fn a_pue_inside_is_none_of_the_computers() {
    let mut tracker = log(&codecarbon::LOGGER, codecarbon::V3_3, &[1], 0, 60);
    tracker.pue = 150;
    assert_eq!(joules(&world(vec![tracker.clone()]), Why::Copy).0, 5_400.0);
    let file = files::write(&world(vec![tracker])).files.remove("log").expect("a file");
    // 90 W × 60 s × 1.5 = 8.1 kJ = 0.00225 kWh.
    assert!(String::from_utf8(file).expect("text").contains(",0.002250000000,"));
}

#[test]
fn a_counter_comes_before_power() {
    let both = log(&recorder::LOGGER, 0, &[0], 0, 60);
    assert_eq!(joules(&world(vec![both]), Why::SameDevice), (18_000.0, 18_000.0));
}

#[test]
fn a_node_holds_its_parts() {
    // 448.8 W at the plug for 600 s hold the GPU's 60 s.
    let meter = log(&table::LOGGER, table::NODE, &[], 0, 600);
    assert_eq!(joules(&world(vec![meter, smi(120, 60)]), Why::Whole), (269_280.0, 18_000.0));
    // A GPU that was watched for longer than its node adds what the node's meter did not see: 300 s of 300 W.
    let meter = log(&table::LOGGER, table::NODE, &[], 0, 300);
    assert_eq!(joules(&world(vec![meter, smi(0, 600)]), Why::Whole), (134_640.0 + 90_000.0, 90_000.0));
}
