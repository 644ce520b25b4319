//! Two meters of whole machines that different tools read, and no name tells apart: whether they are of one machine is a hypothesis, and the interval holds
//! both. Truths by hand: an hour at a constant power, so that watts are watt-hours.

use carbon_core::ledger::{Evidence, InputFile, Ledger, LedgerOptions, Settled};
use carbon_core::read::FileReader;
use carbon_tests::{CaseOptions, read_options};

type Log = (&'static str, String);

fn stamp(second: u32) -> String {
    format!("2026-03-01T{:02}:{:02}:{:02}", 10 + second / 3600, second / 60 % 60, second % 60)
}

fn rows(row: impl Fn(u32) -> String) -> String {
    (0..=3600).step_by(10).map(row).collect()
}

/// An export of Home Assistant, of plugs by their names.
fn home_assistant(path: &'static str, plugs: &[(&str, f64)]) -> Log {
    let of = |(name, watts): &(&str, f64)| rows(|at| format!("sensor.{name}_power,{watts},{}.000Z\n", stamp(at)));
    (path, format!("entity_id,state,last_changed\n{}", plugs.iter().map(of).collect::<String>()))
}

/// Tasmota's log, in an hour so much later.
fn tasmota_at(path: &'static str, watts: f64, hours: u32) -> Log {
    let total = |second: u32| 100.0 + watts * f64::from(second) / 3.6e6;
    (
        path,
        rows(|at| {
            let time = stamp(at + 3600 * hours);
            let of = "\"TotalStartTime\": \"2025-01-01T00:00:00\"";
            format!("{{\"Time\": \"{time}\", \"ENERGY\": {{{of}, \"Total\": {:.6}, \"Power\": {watts}}}}}\n", total(at))
        }),
    )
}

fn tasmota(path: &'static str, watts: f64) -> Log {
    tasmota_at(path, watts, 0)
}

fn dcmi(path: &'static str, watts: f64) -> Log {
    (path, rows(|at| format!("{}+00:00\n    Instantaneous power reading:                   {watts} Watts\n", stamp(at))))
}

/// `ipmitool sensor` of two power supplies.
fn supplies(path: &'static str, watts: [f64; 2]) -> Log {
    let of = |number: usize| {
        format!(
            "PS{} Power In     | {:<10.3} | Watts      | ok    | na        | na        | na        | na        | na        | na        \n",
            number + 1,
            watts[number]
        )
    };
    (path, rows(|at| format!("{}+00:00\n{}{}", stamp(at), of(0), of(1))))
}

/// Outlets of a PDU.
fn outlets(path: &'static str, watts: &[f64]) -> Log {
    let row = |at: u32| -> String {
        watts.iter().enumerate().map(|(number, watts)| format!("{number},{},{watts},0\n", 1_772_359_200 + at)).collect()
    };
    (path, format!("outlet,timestamp,activePower,activeEnergy\n{}", rows(row)))
}

/// The board of a Jetson, whose input rail holds all of it.
fn tegrastats(path: &'static str, watts: f64) -> Log {
    let row = |at: u32| {
        let time = format!("03-01-2026 {}", stamp(at).split_once('T').map_or("", |(_, time)| time));
        format!(
            "{time} RAM 2274/6834MB (lfb 27x4MB) CPU [99%@1189,off] EMC_FREQ 0% GR3D_FREQ 92% GPU@38C VDD_IN {0}mW/{0}mW\n",
            watts * 1000.0
        )
    };
    (path, rows(row))
}

fn settled(files: &[Log], tz: Option<&str>, host_files: &[(String, String)]) -> Settled {
    let options = read_options(&CaseOptions { tz: tz.map(String::from), ..CaseOptions::default() });
    let mut ledger = Ledger::default();
    for (path, text) in files {
        let mut reader = FileReader::new(options.of_file(path));
        reader.push(text.as_bytes());
        let file = InputFile { path: (*path).into(), bytes: text.len() as u64, blake3: text.clone(), ..InputFile::default() };
        ledger.add(file, reader.finish());
    }
    ledger.settle(LedgerOptions { host_files, ..LedgerOptions::default() })
}

/// The lower end, the value and the upper end, W, before instruments' own errors.
fn ends(settled: &Settled) -> [f64; 3] {
    let sum = |of: &dyn Fn(&Evidence) -> f64| settled.evidence.iter().map(of).sum::<f64>() * 1000.0;
    let (value, less, more) = (sum(&|e| e.energy.as_kwh()), sum(&|e| e.less.as_kwh()), sum(&|e| e.more.as_kwh()));
    [value - less, value, value + more]
}

fn hold(what: &str, found: &Settled, expected: [f64; 3]) {
    let found = ends(found);
    assert!(
        found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 2.0),
        "{what}: {found:?} in place of {expected:?}"
    );
}

/// Whether a warning names the way out.
fn warns(found: &Settled) -> bool {
    found.notes.iter().any(|note| {
        note.code.id == "overlap-unresolved" && note.hint.as_deref().is_some_and(|hint| hint.contains("`files` of `[hosts.NAME]`"))
    })
}

#[test]
fn meters_of_two_tools_may_be_of_one_machine() {
    for (what, files, expected) in [
        (
            "one plug in two tools",
            vec![home_assistant("ha.csv", &[("server", 500.0)]), tasmota("plug.jsonl", 505.0)],
            [500.0, 505.0, 1005.0],
        ),
        (
            "the other one reads more",
            vec![home_assistant("ha.csv", &[("server", 510.0)]), tasmota("plug.jsonl", 500.0)],
            [500.0, 500.0, 1010.0],
        ),
        ("a rail behind a plug", vec![home_assistant("ha.csv", &[("jetson", 12.0)]), tegrastats("t.log", 10.0)], [12.0, 12.0, 22.0]),
        ("a controller behind an outlet", vec![outlets("pdu.csv", &[1060.0]), dcmi("ipmi.txt", 1000.0)], [1060.0, 1060.0, 2060.0]),
        ("one of several outlets", vec![outlets("pdu.csv", &[400.0, 1060.0, 700.0]), dcmi("ipmi.txt", 1000.0)], [2160.0, 2160.0, 3160.0]),
        ("two supplies and their sum", vec![supplies("psu.txt", [510.0, 490.0]), dcmi("ipmi.txt", 1010.0)], [1000.0, 1010.0, 2010.0]),
        (
            "two supplies behind a plug",
            vec![supplies("psu.txt", [510.0, 490.0]), home_assistant("ha.csv", &[("server", 1030.0)])],
            [1030.0, 1030.0, 2030.0],
        ),
        (
            "three tools",
            vec![home_assistant("ha.csv", &[("server", 500.0)]), tasmota("plug.jsonl", 500.0), dcmi("ipmi.txt", 470.0)],
            [500.0, 500.0, 1470.0],
        ),
    ] {
        let found = settled(&files, Some("UTC"), &[]);
        hold(what, &found, expected);
        assert!(warns(&found), "{what}: {:?}", found.notes);
    }
}

#[test]
fn meters_that_can_be_told_apart_are_two() {
    let two = |names: [&str; 2]| home_assistant("ha.csv", &[(names[0], 500.0), (names[1], 505.0)]);
    for (what, files, expected) in [
        ("two plugs of one tool", vec![two(["server", "desk"])], 1005.0),
        ("two files of one tool", vec![home_assistant("a.csv", &[("server", 500.0)]), home_assistant("b.csv", &[("desk", 505.0)])], 1005.0),
        ("another load", vec![home_assistant("ha.csv", &[("server", 500.0)]), tasmota("plug.jsonl", 300.0)], 800.0),
        ("less than the controller", vec![home_assistant("ha.csv", &[("server", 500.0)]), dcmi("ipmi.txt", 600.0)], 1100.0),
        ("supplies of another machine", vec![supplies("psu.txt", [310.0, 290.0]), dcmi("ipmi.txt", 1010.0)], 1610.0),
        (
            "hosts by their folders",
            vec![home_assistant("node01/ha.csv", &[("server", 500.0)]), tasmota("node02/plug.jsonl", 505.0)],
            1005.0,
        ),
    ] {
        let found = settled(&files, Some("UTC"), &[]);
        hold(what, &found, [expected; 3]);
        assert!(!warns(&found), "{what}: {:?}", found.notes);
    }
    // Of the two plugs of one tool the nearer one is the other tool's.
    let found = settled(&[two(["server", "desk"]), tasmota("plug.jsonl", 505.0)], Some("UTC"), &[]);
    hold("two plugs, one of them twice", &found, [1005.0, 1005.0, 1510.0]);
}

/// What the warning says to write: one host for both files, or one for each.
#[test]
fn the_host_of_each_file_decides() {
    let files = [home_assistant("ha.csv", &[("server", 500.0)]), tasmota("plug.jsonl", 500.0)];
    let of = |hosts: [&str; 2]| {
        let host_files = [(hosts[0].to_string(), String::from("ha.csv")), (hosts[1].to_string(), String::from("plug.jsonl"))];
        let found = settled(&files, Some("UTC"), &host_files);
        assert!(!warns(&found), "{hosts:?}: {:?}", found.notes);
        ends(&found)
    };
    for (hosts, expected) in [(["server", "server"], 500.0), (["server", "desk"], 1000.0)] {
        let found = of(hosts);
        assert!(found.iter().all(|end| (end - expected).abs() < 2.0), "{hosts:?}: {found:?} in place of {expected}");
    }
}

/// A log in a zone that nobody says, beside one in UTC: an hour later by its stamps, and the same machine.
#[test]
fn meters_on_two_clocks_may_be_of_one_machine() {
    for hours in [0, 1] {
        let files = [home_assistant("ha.csv", &[("server", 500.0)]), tasmota_at("plug.jsonl", 500.0, hours)];
        let found = settled(&files, None, &[]);
        hold("two clocks", &found, [500.0, 500.0, 1000.0]);
        assert!(warns(&found), "{:?}", found.notes);
    }
}

/// A meter without a host beside those of two named ones may be either's, or a third machine's.
#[test]
fn a_meter_without_a_host_may_be_a_named_one_s() {
    let named = || vec![dcmi("node01/ipmi.txt", 1000.0), dcmi("node02/ipmi.txt", 700.0)];
    let with = |log: Log| settled(&[named(), vec![log]].concat(), Some("UTC"), &[]);
    hold("as much", &with(home_assistant("ha.csv", &[("server", 1050.0)])), [1700.0, 2750.0, 2750.0]);
    hold("another load", &with(home_assistant("ha.csv", &[("server", 300.0)])), [2000.0, 2000.0, 2000.0]);
}

/// A table of one total, by its column's name.
fn total(path: &'static str, column: &str, watts: f64) -> Log {
    (path, format!("time,{column}\n{}", rows(|at| format!("{},{watts}\n", 1_772_359_200 + at))))
}

/// A meter that reads what those of all machines below its folder do together is theirs: of it the rest counts, and where nothing is called a rack's the upper
/// end holds another machine besides.
#[test]
fn a_rack_holds_its_machines() {
    let two = || vec![dcmi("node1/ipmi.txt", 1000.0), dcmi("node2/ipmi.txt", 900.0)];
    let folders = || vec![dcmi("a/ipmi.txt", 1000.0), dcmi("b/ipmi.txt", 900.0)];
    let with = |mut logs: Vec<Log>, other: Log| {
        logs.push(other);
        logs
    };
    // Watts: what counts, and the upper end.
    for (what, logs, watts, most) in [
        ("a rack's unit", with(two(), total("rack_pdu.csv", "rack_power_w", 2000.0)), 2000.0, 2000.0),
        ("said to be a node", with(two(), total("rack_pdu.csv", "node_w", 2000.0)), 2000.0, 2000.0),
        (
            "a rack's folder",
            with(vec![dcmi("r/node1/a.txt", 1000.0), dcmi("r/node2/a.txt", 900.0)], total("r/pdu.csv", "power_w", 2000.0)),
            2000.0,
            2000.0,
        ),
        ("machines of folders", with(folders(), total("rack_pdu.csv", "rack_power_w", 2000.0)), 2000.0, 2000.0),
        ("any name", with(two(), total("power.csv", "power_w", 2000.0)), 2000.0, 3900.0),
        ("one that loses a third", with(two(), total("rack.csv", "node_w", 2500.0)), 2500.0, 2500.0),
        ("one that reads half as much again", with(two(), total("rack.csv", "node_w", 2900.0)), 4800.0, 4800.0),
        ("one that reads too little", with(two(), total("rack.csv", "node_w", 1700.0)), 3600.0, 3600.0),
    ] {
        let found = settled(&logs, Some("UTC"), &[]);
        let [_, value, upper] = ends(&found);
        assert!((value - watts).abs() < 1.0 && (upper - most).abs() < 1.0, "{what}: {value} W, up to {upper} W\n{:#?}", found.decisions);
        let is_told = found.decisions.iter().any(|decision| decision.rule == "meter-of-machines");
        assert_eq!(is_told, watts < 2600.0, "{what}");
    }
}
