//! A part of a computer is one, whatever the logs beside each other call it: `package-0`, `S0` or all processors; a number, a bus id, a uuid, a place in
//! the round or nothing; one device or the sum of all.

use carbon_core::ledger::{InputFile, Ledger, LedgerOptions, Settled};
use carbon_core::read::FileReader;
use carbon_core::units::Energy;
use carbon_tests::{CaseOptions, read_options};

const SECONDS: i64 = 600;

/// Watts of a device at a second: each has a level of its own, and moves.
fn watts(device: usize, second: i64) -> i64 {
    300 + 17 * device as i64 + (second * second / 7 * (7 + device as i64) * 31 % 41)
}

/// Joules of devices over the time of the logs, by the trapezoid.
fn joules(devices: &[usize]) -> f64 {
    let of = |device: usize| (0..SECONDS).map(|at| (watts(device, at) + watts(device, at + 1)) as f64 / 2.0).sum::<f64>();
    devices.iter().map(|device| of(*device)).sum()
}

fn stamp(second: i64) -> String {
    format!("{:02}:{:02}", 10 + second / 3600, second / 60 % 60) + &format!(":{:02}", second % 60)
}

/// A table with a row each second.
fn table(header: &str, row: impl Fn(i64) -> String) -> String {
    let rows: String = (0..=SECONDS).map(|second| format!("2026-03-01T{}Z,{}\n", stamp(second), row(second))).collect();
    format!("time,{header}\n{rows}")
}

fn columns(header: &str, devices: &[usize]) -> String {
    table(header, |second| devices.iter().map(|device| watts(*device, second).to_string()).collect::<Vec<_>>().join(","))
}

fn sum(header: &str, devices: &[usize]) -> String {
    table(header, |second| devices.iter().map(|device| watts(*device, second)).sum::<i64>().to_string())
}

/// nvidia-smi's rows of two boards, with these names of each.
fn boards(header: &str, name: impl Fn(usize) -> String) -> String {
    let row = |second: i64, board: usize| {
        format!("2026/03/01 {}.{:03}, {}{}.00 W\n", stamp(second), 2 * board, name(board), watts(board, second))
    };
    let rows: String = (0..=SECONDS).flat_map(|second| [0, 1].map(|board| row(second, board))).collect();
    format!("timestamp, {header}power.draw [W]\n{rows}")
}

/// Counters of processors, read each second.
fn powercap(packages: &[usize]) -> String {
    let mut text = String::new();
    let mut counters = vec![1_000_000_i64; packages.len()];
    for second in 0..=SECONDS {
        text += &format!("2026-03-01T{},000000000+00:00\n", stamp(second));
        for (at, package) in packages.iter().enumerate() {
            text += &format!("/sys/class/powercap/intel-rapl:{at}/name:package-{at}\n");
            text += &format!("/sys/class/powercap/intel-rapl:{at}/max_energy_range_uj:262143328850\n");
            text += &format!("/sys/class/powercap/intel-rapl:{at}/energy_uj:{}\n", counters[at]);
            counters[at] += (watts(*package, second) + watts(*package, second + 1)) * 500_000;
        }
    }
    text
}

/// One counter at so many watts, which stood so high at the start and runs through its range of 262 kJ, read every so many seconds from a moment on.
fn counter(start: i64, watts: i64, from: i64, every: i64) -> String {
    const RANGE: i64 = 262_143_328_850;
    let looks = (0..).map(|look| from + every * look).take_while(|at| *at <= SECONDS);
    let row = |second: i64| {
        let zone = "/sys/class/powercap/intel-rapl:0";
        let stands = (start + 1_000_000 * watts * second) % RANGE;
        format!(
            "2026-03-01T{},000000000+00:00\n{zone}/name:package-0\n{zone}/max_energy_range_uj:{RANGE}\n{zone}/energy_uj:{stands}\n",
            stamp(second)
        )
    };
    looks.map(row).collect()
}

/// Two logs of one counter begin where it stands, also where it runs through its range later on: 600 s at 100 W are 60 kJ, whatever the folders. A counter that
/// stands elsewhere is of another machine.
#[test]
fn a_counter_is_one_where_it_stands() {
    for (what, other, joules) in
        [("one counter", (261_000_000_000, 100), 60_000.0), ("two counters", (131_000_000_000, 130), 60_000.0 + 130.0 * 594.0)]
    {
        let logs = [("a/rapl.log", counter(261_000_000_000, 100, 0, 5)), ("b/rapl.log", counter(other.0, other.1, 3, 11))];
        let settled = settled(&logs);
        let sum =
            |of: fn(&carbon_core::ledger::Evidence) -> Energy| settled.evidence.iter().map(|one| of(one).as_kwh() * 3.6e6).sum::<f64>();
        let (value, less) = (sum(|one| one.energy), sum(|one| one.less));
        assert!((value - joules).abs() < 1000.0, "{what}: {value} J, expected {joules} J");
        if joules < 100_000.0 {
            let more = sum(|one| one.more);
            assert!(less < 1.0 && more < 1.0, "{what}: {less} J less, {more} J more\n{:#?}", settled.decisions);
        }
    }
}

/// `perf stat -a -I 1000 -x,` of all processors together.
fn perf(packages: &[usize]) -> String {
    let joules =
        |second: i64| packages.iter().map(|package| (watts(*package, second - 1) + watts(*package, second)) as f64 / 2.0).sum::<f64>();
    let row = |second: i64| format!("     {second}.000000000,{:.2},Joules,power/energy-pkg/,1000000000,100.00,,\n", joules(second));
    let rows: String = (1..=SECONDS).map(row).collect();
    format!("# started on Sun Mar  1 10:00:00 2026\n\n{rows}")
}

fn settled(files: &[(&str, String)]) -> Settled {
    let options = read_options(&CaseOptions { tz: Some(String::from("UTC")), ..CaseOptions::default() });
    let mut ledger = Ledger::default();
    for (path, text) in files {
        let mut reader = FileReader::new(options.of_file(path));
        reader.push(text.as_bytes());
        let file = InputFile { path: (*path).into(), bytes: text.len() as u64, blake3: text.clone(), ..InputFile::default() };
        ledger.add(file, reader.finish());
    }
    ledger.settle(LedgerOptions::default())
}

/// Counts the devices once, within the few joules by which instruments differ; every joule left out stands in a decision.
fn assert_counts(what: &str, files: &[(&str, String)], devices: &[usize], is_open: bool) {
    let settled = settled(files);
    let (mut counted, mut upper) = (0.0, 0.0);
    for one in &settled.evidence {
        counted += one.energy.as_kwh() * 3.6e6;
        upper += (one.energy + one.more).as_kwh() * 3.6e6;
    }
    let expected = joules(devices);
    assert!((counted / expected - 1.0).abs() < 0.002, "{what}: {counted} J, expected {expected} J\n{:#?}", settled.decisions);
    let left: f64 = settled.decisions.iter().filter_map(|decision| decision.energy).map(|energy| energy.as_kwh() * 3.6e6).sum();
    let plain = settled.plain.as_kwh() * 3.6e6;
    assert!((plain - counted - left).abs() < 1e-3, "{what}: {plain} J claimed, {counted} J count, {left} J left out");
    // No name says that both logs are of one machine: the upper end holds two.
    assert_eq!(upper > 0.99 * plain, is_open, "{what}: {upper} J at the upper end of {plain} J");
}

#[test]
fn processors_are_one_under_every_name() {
    let one = || ("rapl.log", powercap(&[0]));
    let two = || ("rapl.log", powercap(&[0, 1]));
    for (what, files, devices) in [
        ("perf of all", vec![one(), ("perf.csv", perf(&[0]))], &[0][..]),
        ("perf of all, two packages", vec![two(), ("perf.csv", perf(&[0, 1]))], &[0, 1]),
        ("a column of all", vec![two(), ("cpu.csv", sum("cpu_w", &[0, 1]))], &[0, 1]),
        ("numbered columns", vec![two(), ("cpu.csv", columns("cpu0_w,cpu1_w", &[0, 1]))], &[0, 1]),
        ("packages in columns", vec![two(), ("cpu.csv", columns("package-0_w,package-1_w", &[0, 1]))], &[0, 1]),
        ("perf and a column", vec![("perf.csv", perf(&[0, 1])), ("cpu.csv", sum("cpu_w", &[0, 1]))], &[0, 1]),
        ("all three", vec![two(), ("perf.csv", perf(&[0, 1])), ("cpu.csv", sum("cpu_w", &[0, 1]))], &[0, 1]),
    ] {
        assert_counts(what, &files, devices, true);
        // On a host that its folder names it may be no other's.
        let named: Vec<(String, String)> = files.into_iter().map(|(path, text)| (format!("node01/{path}"), text)).collect();
        let named: Vec<(&str, String)> = named.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
        assert_counts(what, &named, devices, true);
    }
    // One package of two was watched alone: of the figure for both the rest counts.
    assert_counts("one of two", &[("rapl.log", powercap(&[0])), ("perf.csv", perf(&[0, 1]))], &[0, 1], true);
}

#[test]
fn gpus_are_one_under_every_name() {
    let numbered = || ("gpu.csv", boards("index, ", |board| format!("{board}, ")));
    let both = &[0, 1][..];
    for (what, files, is_open) in [
        ("bus ids", vec![numbered(), ("bus.csv", boards("pci.bus_id, ", |board| format!("00000000:{:02X}:00.0, ", 0x41 + board)))], false),
        (
            "bus ids of two lengths",
            {
                let bus = |domain: &str| boards("pci.bus_id, ", |board| format!("{domain}{:02X}:00.0, ", 0x0a + board));
                vec![("a.csv", bus("00000000:")), ("b.csv", bus("0000:")), ("c.csv", bus(""))]
            },
            false,
        ),
        (
            "uuids",
            vec![numbered(), ("uuid.csv", boards("uuid, ", |board| format!("GPU-3f1b6a1e-0000-4000-8000-00000000000{board}, ")))],
            false,
        ),
        ("places in the round", vec![numbered(), ("round.csv", boards("", |_| String::new()))], false),
        ("a column of both", vec![numbered(), ("sum.csv", sum("gpu_w", both))], true),
        ("a total", vec![numbered(), ("sum.csv", sum("total_gpu_power_w", both))], true),
        ("a column of one", vec![numbered(), ("one.csv", columns("gpu_w", &[1]))], false),
    ] {
        assert_counts(what, &files, both, is_open);
    }
    // Rows of one number are the same ones for the first board alone: those of the second one are 2 ms apart.
    let wide = [numbered(), ("wide.csv", columns("gpu0_w,gpu1_w", both))];
    assert_counts("numbered columns", &wide, both, false);
    // Another power is another device.
    assert_counts("another", &[numbered(), ("one.csv", columns("gpu_w", &[40]))], &[0, 1, 40], true);
}

/// nvidia-smi's rows of one board, without any name of it.
fn nameless(power: impl Fn(i64) -> i64) -> String {
    let rows: String = (0..=SECONDS).map(|second| format!("2026/03/01 {}.000, {}.00 W\n", stamp(second), power(second))).collect();
    format!("timestamp, power.draw [W]\n{rows}")
}

#[test]
fn the_name_of_a_file_numbers_its_gpu() {
    let own = |board: usize| nameless(move |second| watts(board, second));
    let both = || vec![("gpu_0.log", own(0)), ("gpu_1.log", own(1))];
    let beside = |path, text| [both(), vec![(path, text)]].concat();
    let words = vec![("logs/run7_cuda-0.csv", own(0)), ("logs/run7_cuda-1.csv", own(1))];
    for (what, files, devices, is_open) in [
        ("alone", both(), &[0, 1][..], true),
        ("another word, in a folder", words, &[0, 1], true),
        ("beside numbers", beside("all.csv", boards("index, ", |board| format!("{board}, "))), &[0, 1], false),
        (
            "beside numbers that begin at another one",
            beside("all.csv", boards("index, ", |board| format!("{}, ", 4 - board))),
            &[0, 1],
            false,
        ),
        ("one log under two numbers", vec![("gpu_0.log", own(0)), ("gpu_1.log", own(0) + "\n")], &[0], false),
    ] {
        assert_counts(what, &files, devices, is_open);
        // Names of files say that they are several, and nothing speaks against it.
        let settled = settled(&files);
        assert!(settled.evidence.iter().all(|one| one.less == Energy::ZERO), "{what}: {:#?}", settled.decisions);
    }
}

#[test]
fn equal_readings_under_two_names_may_be_a_copy() {
    // Idle boards, and idle machines: each draws 60 W, or 60 and 61 W now and then.
    let idle = |second: i64| 60 + i64::from(second / 200 == 1);
    let joules = 60.0 * 600.0 + 200.0;
    let mlflow = || -> String {
        (0..=SECONDS).map(|second| format!("{} {}.0 {second}\n", 1_772_359_200_000 + 1000 * second, idle(second))).collect()
    };
    let path = |board: usize| format!("mlruns/0/abc/metrics/system/gpu_{board}_power_usage_watts");
    let (first, second) = (path(0), path(1));
    let node = || table("node_w", |second| idle(second).to_string());
    for (what, files) in [
        ("boards of files without names", [("gpu_0.log", nameless(idle)), ("gpu_1.log", nameless(idle))]),
        ("MLflow", [(first.as_str(), mlflow()), (second.as_str(), mlflow())]),
        ("folders of hosts", [("node01/power.csv", node()), ("node02/power.csv", node())]),
    ] {
        let settled = settled(&files);
        let of = |energy: &dyn Fn(&carbon_core::ledger::Evidence) -> Energy| {
            settled.evidence.iter().map(|one| energy(one).as_kwh() * 3.6e6).sum::<f64>()
        };
        let (value, less) = (of(&|one| one.energy), of(&|one| one.less));
        assert!(
            (value - 2.0 * joules).abs() < 2.0 && (less - joules).abs() < 2.0,
            "{what}: {value} {less}, {joules}\n{:#?}",
            settled.decisions
        );
        assert!(settled.decisions.iter().any(|decision| decision.rule == "perhaps-a-copy"), "{what}");
    }
    // The same bytes under names that say nothing, or readings that move, are a copy for certain.
    let moving = |second| watts(0, second);
    for (what, files) in [
        ("names that say nothing", [("a.log", nameless(idle)), ("b.log", nameless(idle))]),
        ("readings that move", [("gpu_0.log", nameless(moving)), ("gpu_1.log", nameless(moving))]),
    ] {
        let settled = settled(&files);
        assert!(settled.decisions.iter().any(|decision| decision.rule == "duplicate-file"), "{what}: {:#?}", settled.decisions);
        assert_eq!(settled.evidence.len(), 1, "{what}");
    }
}

#[test]
fn means_of_a_log_are_of_its_device() {
    const MEAN: i64 = 20;
    // A work whose phases last for half a minute, of each board its own.
    let phases = |board: usize, second: i64| 250 + 30 * (second / 30 * (3 + 2 * board as i64) % 7) + watts(board, second) % 17;
    let smi = |board: usize| -> String {
        let row = |second: i64| format!("2026/03/01 {}.000, {board}, {}.00 W\n", stamp(second), phases(board, second));
        (0..=SECONDS).map(row).collect()
    };
    let fine = || format!("timestamp, index, power.draw [W]\n{}{}", smi(0), smi(1));
    let of = |board: usize| -> f64 { (0..SECONDS).map(|at| (phases(board, at) + phases(board, at + 1)) as f64 / 2.0).sum() };
    let expected = of(0) + of(1);
    let mean = |board: usize, from: i64| (from..from + MEAN).map(|second| phases(board, second.max(0))).sum::<i64>() as f64 / MEAN as f64;
    let means = |boards: [usize; 2], back: i64| {
        let row = |at: i64| format!("2026-03-01T{}Z,{:.1},{:.1}\n", stamp(at), mean(boards[0], at - back), mean(boards[1], at - back));
        format!("time,gpu0_w,gpu1_w\n{}", (0..=SECONDS / MEAN).map(|number| row(MEAN * number)).collect::<String>())
    };
    let counted = |files: &[(&str, String)]| settled(files).evidence.iter().map(|one| one.energy.as_kwh() * 3.6e6).sum::<f64>();
    // Stamped at the beginning, in the middle and at the end.
    for back in [0, MEAN / 2, MEAN] {
        let counts = counted(&[("fine.csv", fine()), ("means.csv", means([0, 1], back))]);
        assert!((counts / expected - 1.0).abs() < 0.002, "{back} s back: {counts} J, expected {expected} J");
    }
    // Means of other boards are of another host.
    let counts = counted(&[("fine.csv", fine()), ("means.csv", means([2, 3], 0))]);
    let all = expected + of(2) + of(3);
    assert!((counts / all - 1.0).abs() < 0.01, "{counts} J, expected {all} J");
}

#[test]
fn slow_looks_at_one_device_may_differ() {
    /// A work of 150 s at 380 W, of which the first 25 s are at 100 W: 333 W on average.
    const ROUNDS: i64 = 12;
    let dips = |second: i64| if second % 150 < 25 { 100 } else { 380 };
    let log = |from: i64, every: i64, power: &dyn Fn(i64) -> i64| {
        let rows = (0..).map(|number| from + every * number).take_while(|at| *at <= 150 * ROUNDS);
        let rows: String = rows.map(|at| format!("2026-03-01T{}Z,{}\n", stamp(at), power(at))).collect();
        format!("time,gpu0_w\n{rows}")
    };
    let lower = |files: &[(&str, String)]| -> f64 {
        settled(files).evidence.iter().map(|one| (one.energy - one.less).as_kwh() * 3.6e6).sum::<f64>() / (150 * ROUNDS) as f64
    };
    // One look in five meets the dip, the others' looks none: 324 and 380 W, one device. The lower end holds one of them.
    for every in [30, 50] {
        let files = [("a.csv", log(0, every, &dips)), ("b.csv", log(27, every, &dips))];
        let watts = lower(&files);
        assert!((280.0..=385.0).contains(&watts), "every {every} s: {watts} W at the lower end");
    }
    // Looked at each second they are two, and so are two whose powers lie further apart than what may lie between two looks.
    let idle = |second: i64| 60 + second % 7;
    let low = |second: i64| dips(second) - 60;
    for (what, every, other, expected) in [("a second", 1, &low as &dyn Fn(i64) -> i64, 606.0), ("half a minute", 30, &idle, 385.0)] {
        let watts = lower(&[("a.csv", log(0, every, &dips)), ("b.csv", log(0, every, other))]);
        assert!((watts / expected - 1.0).abs() < 0.02, "{what}: {watts} W at the lower end, expected {expected} W");
    }
}

#[test]
fn slow_looks_that_tell_nothing_leave_it_to_the_folder() {
    const END: i64 = 3600;
    // Phases of so many seconds, of each load its own.
    let power = |load: i64, phase: i64, second: i64| {
        let mut turn = (second / phase + 1000 * load) as u64;
        for _ in 0..3 {
            turn = (turn ^ (turn >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        }
        [60, 140, 260, 390][(turn >> 62) as usize] + second % 5
    };
    let log = |from: i64, every: i64, load: i64, phase: i64| {
        let rows = (0..).map(|number| from + every * number).take_while(|at| *at <= END);
        let rows: String = rows.map(|at| format!("2026-03-01T{}Z,{}\n", stamp(at), power(load, phase, at))).collect();
        format!("time,gpu0_w\n{rows}")
    };
    let of = |load: i64, phase: i64| (0..END).map(|second| power(load, phase, second)).sum::<i64>() as f64;
    let ends = |files: &[(&str, String)]| {
        let settled = settled(files);
        let sum =
            |of: fn(&carbon_core::ledger::Evidence) -> Energy| -> f64 { settled.evidence.iter().map(|one| of(one).as_kwh() * 3.6e6).sum() };
        [sum(|one| one.energy), sum(|one| one.energy - one.less), sum(|one| one.energy + one.more)]
    };
    let near = |found: f64, truth: f64| (found / truth - 1.0).abs() < 0.12;
    // One device, whose load moves from look to look: in one folder it counts once, and the upper end holds two. One log may be fast.
    for (phase, every, other) in [(20, 30, 30), (20, 60, 60), (20, 1, 30), (7, 10, 10), (35, 30, 15)] {
        let files = [("a.csv", log(0, every, 1, phase)), ("b.csv", log(4 * other / 10, other, 1, phase))];
        let ([value, _, most], truth) = (ends(&files), of(1, phase));
        assert!(near(value, truth) && near(most, 2.0 * truth), "{phase} s at {every} and {other} s: {value} to {most} J of {truth} J");
        // Four logs of it, such as of four runs at once.
        let files = [("c.csv", log(3, other, 1, phase)), ("d.csv", log(7 * other / 10, other, 1, phase))].into_iter().chain(files);
        let value = ends(&files.collect::<Vec<_>>())[0];
        assert!(near(value, truth), "{phase} s, four logs: {value} J of {truth} J");
    }
    // Two devices, whose loads last for several looks, or that are looked at in one moment, are two.
    for (phase, every, later) in [(300, 30, 13), (150, 10, 4), (20, 30, 1)] {
        let files = [("a.csv", log(0, every, 1, phase)), ("b.csv", log(later, every, 2, phase))];
        let ([value, least, _], truth) = (ends(&files), of(1, phase) + of(2, phase));
        assert!(near(value, truth) && least <= value, "{phase} s, two: {value} J, {least} J at least, of {truth} J");
    }
}
