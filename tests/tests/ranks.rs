//! Ranks of one training that each keep a log: of a GPU of their own, of the same one, or of all GPUs of their machine.

use carbon_core::ledger::{Evidence, InputFile, Ledger, LedgerOptions, Settled};
use carbon_core::read::FileReader;
use carbon_core::units::Energy;
use carbon_tests::{CaseOptions, read_options};

const SECONDS: i64 = 1800;

/// Watts of a device at a second: all have one work, which rests for 20 seconds of each 300, and a noise of up to 30 W that is each device's own.
fn watts(device: i64, second: i64) -> i64 {
    let mut noise = (1000 * device + 1_000_000 * second + 12_345) as u64;
    for _ in 0..3 {
        noise = (noise ^ (noise >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    }
    let work = if second % 300 < 20 { 120 } else { 300 };
    work + ((noise >> 40) % 61) as i64 - 30
}

/// Watt-hours of devices, by the trapezoid over readings every so many seconds.
fn watt_hours(devices: &[i64], every: i64) -> f64 {
    let of = |device: i64| -> f64 {
        let looks = (0..SECONDS / every).map(|look| (watts(device, every * look) + watts(device, every * (look + 1))) as f64);
        looks.map(|two| two / 2.0 * every as f64).sum()
    };
    devices.iter().map(|device| of(*device)).sum::<f64>() / 3600.0
}

fn stamp(second: i64) -> String {
    format!("{:02}:{:02}:{:02}", 10 + second / 3600, second / 60 % 60, second % 60)
}

/// A table of one GPU that nothing names.
fn nameless(device: i64, every: i64, later_ms: i64) -> String {
    let row = |second: i64| format!("2026-03-01T{}.{later_ms:03}Z,{}\n", stamp(second), watts(device, second));
    format!("time,gpu_power_w\n{}", (0..=SECONDS / every).map(|look| row(every * look)).collect::<String>())
}

/// nvidia-smi's rows of GPUs, which it numbers from 0.
fn numbered(devices: &[i64], later_ms: i64) -> String {
    let row = |second: i64, number: usize| {
        format!("2026/03/01 {}.{:03}, {number}, {}.00 W\n", stamp(second), later_ms + number as i64, watts(devices[number], second))
    };
    let rows: String = (0..=SECONDS).flat_map(|second| (0..devices.len()).map(move |number| row(second, number))).collect();
    format!("timestamp, index, power.draw [W]\n{rows}")
}

fn settled(files: &[(String, String)], options: LedgerOptions<'_>) -> Settled {
    let read = read_options(&CaseOptions { tz: Some(String::from("UTC")), ..CaseOptions::default() });
    let mut ledger = Ledger::default();
    for (path, text) in files {
        let mut reader = FileReader::new(read.of_file(path));
        reader.push(text.as_bytes());
        let file = InputFile { path: path.clone(), bytes: text.len() as u64, blake3: text.clone(), ..InputFile::default() };
        ledger.add(file, reader.finish());
    }
    ledger.settle(options)
}

/// The lower end, the value and the upper end, Wh, of what was read.
fn ends(settled: &Settled) -> [f64; 3] {
    let sum = |of: fn(&Evidence) -> Energy| settled.evidence.iter().map(|one| of(one).as_kwh() * 1000.0).sum();
    [sum(|one| one.energy - one.less), sum(|one| one.energy), sum(|one| one.energy + one.more)]
}

fn assert_ends(what: &str, settled: &Settled, expected: [f64; 3]) {
    let found = ends(settled);
    let near = found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 0.005 * expected);
    assert!(near, "{what}: {found:.1?} Wh, expected {expected:.1?}\n{:#?}", settled.decisions);
}

/// Ranks with a GPU each, under every name that numbers them: each second the readings show several; each minute they may be of one, and the names decide.
#[test]
fn a_rank_logs_a_gpu_of_its_own() {
    let four = [1, 2, 3, 4];
    for paths in [
        ["power_rank0.csv", "power_rank1.csv", "power_rank2.csv", "power_rank3.csv"],
        ["rank0/power.csv", "rank1/power.csv", "rank2/power.csv", "rank3/power.csv"],
        ["run/local_rank_0/power.csv", "run/local_rank_1/power.csv", "run/local_rank_2/power.csv", "run/local_rank_3/power.csv"],
        ["gpu0/power.csv", "gpu1/power.csv", "gpu2/power.csv", "gpu3/power.csv"],
        ["node1/rank0.csv", "node1/rank1.csv", "node2/rank2.csv", "node2/rank3.csv"],
    ] {
        let logs = |every: i64| -> Vec<(String, String)> {
            paths.iter().zip(four).map(|(path, device)| (String::from(*path), nameless(device, every, 100 * device))).collect()
        };
        let all = watt_hours(&four, 1);
        assert_ends(paths[0], &settled(&logs(1), LedgerOptions::default()), [all; 3]);
        let [least, value, most] = ends(&settled(&logs(60), LedgerOptions::default()));
        let expected = watt_hours(&four, 60);
        assert!((value - expected).abs() < 0.01 * expected && most < 1.01 * expected, "{}: {value} Wh of {expected} Wh", paths[0]);
        // A name of a GPU says that it is one.
        let one = watt_hours(&[1], 60);
        let is_device = paths[0].starts_with("gpu");
        assert!(is_device == (least > 0.99 * expected) && least > 0.9 * one, "{}: {least} Wh at least", paths[0]);
    }
}

/// Files that are counted, of which nothing else says what they are of, are of several GPUs where all of their readings say so, and the lower end holds one. Files of
/// other numbers, such as those of intervals, are left to their readings as they were.
#[test]
fn counted_files_are_of_several_where_readings_say_so() {
    let logs = |names: [&str; 3], devices: [i64; 3]| -> Vec<(String, String)> {
        names
            .iter()
            .zip(devices)
            .zip([0, 200, 400])
            .map(|((name, device), later)| (String::from(*name), nameless(device, 1, later)))
            .collect()
    };
    let (one, three) = (watt_hours(&[1], 1), watt_hours(&[1, 2, 3], 1));
    for (names, devices, expected) in [
        (["power_0.csv", "power_1.csv", "power_2.csv"], [1, 2, 3], Some([one, three])),
        (["power1.csv", "power2.csv", "power3.csv"], [1, 2, 3], Some([one, three])),
        (["power_0.csv", "power_1.csv", "power_2.csv"], [1, 1, 1], Some([one, one])),
        (["power_1.csv", "power_5.csv", "power_10.csv"], [1, 2, 3], None),
    ] {
        let settled = settled(&logs(names, devices), LedgerOptions::default());
        let [least, value, most] = ends(&settled);
        let Some([at_least, expected]) = expected else {
            assert!(value < 0.99 * three && most > 0.99 * three, "{names:?}: {value} to {most} Wh");
            continue;
        };
        assert!((value - expected).abs() < 0.01 * expected, "{names:?} {devices:?}: {value} Wh, expected {expected} Wh");
        assert!((least - at_least).abs() < 0.01 * at_least && most > 0.99 * expected, "{names:?}: {least} to {most} Wh");
    }
}

/// Ranks that all look at the first GPU have logs of one, whatever they are called.
#[test]
fn ranks_may_log_one_gpu() {
    let logs: Vec<(String, String)> = (0..4).map(|rank| (format!("rank{rank}/power.csv"), nameless(1, 1, 200 * rank))).collect();
    let [least, value, _] = ends(&settled(&logs, LedgerOptions::default()));
    let one = watt_hours(&[1], 1);
    assert!((value - one).abs() < 0.01 * one && (least - value).abs() < 0.01 * one, "{least} to {value} Wh, expected {one} Wh");
}

/// Ranks of a machine that number the same GPUs log the same ones where the readings say so. A rank that sees one GPU calls it 0, and one that sees others than
/// its neighbour numbers them alike: then the upper end holds all.
#[test]
fn ranks_of_a_machine_number_the_same_gpus() {
    let all = watt_hours(&[1, 2], 1);
    for (what, paths, boards, more) in [
        ("files", ["node1/gpu_rank0.csv", "node1/gpu_rank1.csv"], [&[1, 2][..], &[1, 2]], 0.0),
        ("folders", ["node1/rank0/gpu.csv", "node1/rank1/gpu.csv"], [&[1, 2], &[1, 2]], 0.0),
        ("machines in names of files", ["gpu_node1_rank0.csv", "gpu_node1_rank1.csv"], [&[1, 2], &[1, 2]], 0.0),
        ("others of each rank", ["node1/gpu_rank0.csv", "node1/gpu_rank1.csv"], [&[1, 2], &[3, 4]], watt_hours(&[3, 4], 1)),
    ] {
        let logs: Vec<(String, String)> =
            paths.iter().zip(boards).zip([0, 400]).map(|((path, boards), later)| (String::from(*path), numbered(boards, later))).collect();
        let settled = settled(&logs, LedgerOptions::default());
        assert_ends(what, &settled, [all, all, all + more]);
        assert_eq!(settled.notes.iter().any(|note| note.code.id == "overlap-unresolved"), more > 0.0, "{what}");
    }
}

/// What may be one device on each of many machines is one finding; and the host that its hint asks for settles it.
#[test]
fn an_open_identity_is_told_once_and_its_hint_is_right() {
    // Readings of two devices at one work, which two logs of one device with a noise between their looks may have.
    let of_node = |node: i64| [("a", numbered(&[node, 20], 0)), ("b", numbered(&[node + 100, 120], 490))];
    let logs = |node: i64| of_node(node).map(|(log, text)| (format!("node{node}/{log}/gpu.csv"), text));
    let logs: Vec<(String, String)> = (1..=12).flat_map(logs).collect();
    let open = settled(&logs, LedgerOptions::default());
    let told: Vec<_> = open.notes.iter().filter(|note| note.code.id == "overlap-unresolved").collect();
    assert!(told.len() == 1 && told[0].message.contains("as on 11 more hosts"), "{told:#?}");
    let all = (1..=12).map(|node| watt_hours(&[node, 20], 1)).sum::<f64>();
    assert_ends("hosts that folders name", &open, [all, all, 2.0 * all]);
    let hosts: Vec<(String, String)> = (1..=12).map(|node| (format!("n{node}"), format!("node{node}/**"))).collect();
    let certain = settled(&logs, LedgerOptions { host_files: &hosts, ..LedgerOptions::default() });
    assert_ends("hosts that the user names", &certain, [all; 3]);
    assert!(certain.notes.iter().all(|note| note.code.id != "overlap-unresolved"), "{:#?}", certain.notes);
}
