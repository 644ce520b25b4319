//! A meter or a job of a machine holds the joules of logs beside it, of its own machine, and a log is of one machine only.

use std::collections::BTreeSet;

use carbon_core::ledger::{InputFile, Ledger, LedgerOptions, Settled};
use carbon_core::read::FileReader;
use carbon_core::series::Instrument;
use carbon_core::units::Energy;
use carbon_tests::{CaseOptions, read_options};

/// A job of one hour and 3.6 MJ on its nodes.
fn jobs(nodes: &[&str]) -> (&'static str, String) {
    let mut text = String::from("JobID|JobName|State|Start|End|ElapsedRaw|NNodes|NodeList|ConsumedEnergyRaw\n");
    for (number, nodes) in nodes.iter().enumerate() {
        let count = if nodes.contains('[') { 2 } else { 1 };
        text += &format!("{number}|train|COMPLETED|2026-03-01T10:00:00|2026-03-01T11:00:00|3600|{count}|{nodes}|{}\n", 3_600_000 * count);
    }
    ("jobs.psv", text)
}

/// An hour of one GPU.
fn gpu(path: &'static str, watts: u32) -> (&'static str, String) {
    let row = |second: u32| {
        let (hour, minute) = (10 + second / 3600, second / 60 % 60);
        format!("2026/03/01 {hour:02}:{minute:02}:{:02}.000, 0, {watts}.00 W\n", second % 60)
    };
    let rows: String = (0..=360).map(|row_at| row(10 * row_at)).collect();
    (path, format!("timestamp, index, power.draw [W]\n{rows}"))
}

/// An hour of a node's meter.
fn meter(path: &'static str, watts: u32) -> (&'static str, String) {
    let rows: String = (0..=360).map(|row| format!("{},{watts}\n", 1_772_359_200 + 10 * row)).collect();
    (path, format!("time,node_w\n{rows}"))
}

fn settled(files: &[(&str, String)]) -> Settled {
    let options = read_options(&CaseOptions { tz: Some(String::from("UTC")), ..CaseOptions::default() });
    let mut ledger = Ledger::default();
    for (path, text) in files {
        let mut reader = FileReader::new(options.of_file(path));
        reader.push(text.as_bytes());
        ledger.add(
            InputFile { path: (*path).into(), bytes: text.len() as u64, blake3: text.clone(), ..InputFile::default() },
            reader.finish(),
        );
    }
    ledger.settle(LedgerOptions::default())
}

#[test]
fn joules_leave_one_machine_only() {
    // Watts over the hour, what the upper end holds besides, and hosts.
    let (a, b) = (300.0, 310.0);
    for (what, files, watts, open, hosts) in [
        ("a job and a log of its node", vec![jobs(&["node01"]), gpu("node01/gpu.csv", 300)], 1000.0, 0.0, 1),
        ("a job and a log without a host", vec![jobs(&["node01"]), gpu("gpu.csv", 300)], 1000.0, 0.0, 1),
        ("a job and a log of another node", vec![jobs(&["node01"]), gpu("node02/gpu.csv", 300)], 1000.0 + a, 0.0, 2),
        (
            "two nodes, a job and a log each",
            vec![jobs(&["node01", "node02"]), gpu("node01/gpu.csv", 300), gpu("node02/gpu.csv", 310)],
            2000.0,
            0.0,
            2,
        ),
        ("two jobs, a log of one node", vec![jobs(&["node01", "node02"]), gpu("node01/gpu.csv", 300)], 2000.0, 0.0, 2),
        ("two jobs, a log without a host", vec![jobs(&["node01", "node02"]), gpu("gpu.csv", 300)], 2000.0, a, 2),
        ("three jobs, a log without a host", vec![jobs(&["cn1", "cn2", "cn3"]), gpu("gpu.csv", 300)], 3000.0, a, 3),
        (
            "a job of two nodes, logs of both",
            vec![jobs(&["node[01-02]"]), gpu("node01/gpu.csv", 300), gpu("node02/gpu.csv", 310)],
            2000.0,
            0.0,
            3,
        ),
        (
            "two meters, a log without a host",
            vec![meter("node01/ipmi.csv", 1000), meter("node02/ipmi.csv", 900), gpu("gpu.csv", 300)],
            1900.0,
            a,
            2,
        ),
        ("a meter and a log of another node", vec![meter("node01/ipmi.csv", 1000), gpu("node02/gpu.csv", 300)], 1000.0 + a, 0.0, 2),
        (
            "a meter with its log, and one more log",
            vec![meter("node01/ipmi.csv", 1000), gpu("node01/gpu.csv", 300), gpu("gpu.csv", 310)],
            1000.0 + b,
            0.0,
            2,
        ),
    ] {
        let settled = settled(&files);
        let sum = |of: &dyn Fn(&carbon_core::ledger::Evidence) -> f64| settled.evidence.iter().map(of).sum::<f64>() * 1000.0;
        let (value, more) = (sum(&|e| e.energy.as_kwh()), sum(&|e| e.more.as_kwh()));
        assert!((value - watts).abs() < 1e-6 * watts, "{what}: {value} W in place of {watts}");
        assert!((more - open).abs() < 1.0, "{what}: {more} W more may be possible, in place of {open}");
        let machines: BTreeSet<&str> = settled.evidence.iter().map(|e| e.host.as_str()).collect();
        assert_eq!(machines.len(), hosts, "{what}: {machines:?}");
    }
}

/// Two trackers of which nobody knows whether they are of one machine, and a sensor beside the first: the upper end still holds both.
#[test]
fn what_may_be_another_machine_stays_possible_beside_a_sensor() {
    let tracker = |path: &'static str| {
        let head = "timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,\
                    energy_consumed,country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_count,cpu_model,\
                    gpu_count,gpu_model,longitude,latitude,ram_total_size,tracking_mode,on_cloud,pue\n";
        let run = if path.contains('1') { 1 } else { 2 };
        let row = format!(
            "2026-03-01T11:00:00,p,a0000000-0000-4000-8000-00000000000{run},3600,0.1,1e-5,50,300,20,0.05,0.3,0.02,0.37,Germany,DEU,,,,Linux-6.8,3.11,2.8.4,64,\
             AMD EPYC 7763,1,1 x NVIDIA A100-SXM4-80GB,10,50,256,machine,N,1.0\n"
        );
        (path, format!("{head}{row}"))
    };
    let with = settled(&[gpu("n1/gpu.csv", 300), tracker("n1/emissions.csv"), tracker("n2/emissions.csv")]);
    let upper: f64 = with.evidence.iter().map(|e| (e.energy + e.more).as_kwh()).sum();
    assert!((upper - 0.74).abs() < 1e-6, "{upper} kWh of two machines of 0.37");
}

/// Rows of one time in several countries are of as many machines, unless a place is the one that a tracker writes where it found none.
#[test]
fn no_machine_is_in_two_countries_at_one_time() {
    let head = "timestamp,project_name,run_id,duration,emissions,cpu_energy,gpu_energy,ram_energy,energy_consumed,country_name,country_iso_code,region,\
                longitude,latitude,os,codecarbon_version,tracking_mode,on_cloud,pue\n";
    let row = |number: usize, place: &str| {
        format!(
            "2026-03-01T11:00:00,p,a0000000-0000-4000-8000-00000000000{number},3600,0.1,0.05,0.3{number},0.02,0.4,{place},Linux-6.8,2.8.4,machine,N,1.0\n"
        )
    };
    let (france, germany, usa) = ("France,FRA,,2,48", "Germany,DEU,,10,50", "United States,USA,,-90,40");
    let unknown = "Canada,CAN,quebec,-71.2,46.8";
    // Whether they stand in one file, and the share of the least machine that the lower end is without.
    for (places, in_one, machines, open) in [
        (vec![france, germany, usa], true, 3, false),
        (vec![france, germany, usa], false, 3, false),
        (vec![france, germany], true, 2, false),
        (vec![france, germany], false, 2, false),
        (vec![germany, usa, france], false, 3, false),
        (vec![france, unknown], false, 2, true),
    ] {
        let rows = || places.iter().enumerate().map(|(number, place)| row(number, place));
        let names = ["n1/emissions.csv", "n2/emissions.csv", "n3/emissions.csv"];
        let files: Vec<(&str, String)> = match in_one {
            true => vec![("emissions.csv", String::from(head) + &rows().collect::<String>())],
            false => names.into_iter().zip(rows().map(|row| String::from(head) + &row)).collect(),
        };
        let found = settled(&files);
        let hosts: BTreeSet<&str> = found.evidence.iter().map(|one| one.host.as_str()).collect();
        assert_eq!(hosts.len(), machines, "{places:?}, {in_one}: {hosts:?}");
        let less: Energy = found.evidence.iter().map(|one| one.less).sum();
        let more: Energy = found.evidence.iter().map(|one| one.more).sum();
        assert_eq!(less > Energy::ZERO || more > Energy::ZERO, open, "{places:?}, {in_one}: {less:?} less, {more:?} more");
    }
}

/// A log in UTC beside a tracker's in local time, whose zone nobody says: the place that the tracker names is its machine's all the same.
#[test]
fn a_place_is_that_of_a_machine_whatever_its_clocks() {
    let tracker = |path: &'static str, (date, country): (&str, &str), pue: &str| {
        let columns =
            "timestamp,project_name,run_id,duration,emissions,cpu_energy,gpu_energy,ram_energy,energy_consumed,country_iso_code,pue";
        let run = format!("11111111-2222-4333-8444-0000000000{:02}", country.len() + date.len());
        (path, format!("{columns}\n{date},demo,{run}{},3600,0.01,0.08,0.3,0.02,0.4,{country},{pue}\n", country.to_lowercase()))
    };
    let counter = || {
        let rows: String =
            (0..=360).map(|row| format!("{},{}\n", 1_772_359_200 + 10 * row, 1_000_000_000 + 1_000_000_000_u64 * row)).collect();
        ("rapl.csv", format!("time,cpu0_counter_uj\n{rows}"))
    };
    let local = |files: &[(&str, String)]| {
        let mut ledger = Ledger::default();
        for (path, text) in files {
            let mut reader = FileReader::new(read_options(&CaseOptions::default()).of_file(path));
            reader.push(text.as_bytes());
            ledger.add(
                InputFile { path: (*path).into(), bytes: text.len() as u64, blake3: text.clone(), ..InputFile::default() },
                reader.finish(),
            );
        }
        let settled = ledger.settle(LedgerOptions::default());
        let of_counter = settled.evidence.iter().find(|e| e.instrument == Instrument::Rapl).expect("the counter");
        (of_counter.place.as_ref().and_then(|place| place.country_code.clone()), of_counter.pue)
    };
    for (what, files, country, pue) in [
        ("the same hour", vec![counter(), tracker("emissions.csv", ("2026-03-01T11:00:00", "FRA"), "1.0")], Some("FRA"), None),
        ("another zone's hour", vec![counter(), tracker("emissions.csv", ("2026-03-01T19:00:00", "FRA"), "1.2")], Some("FRA"), Some(1.2)),
        (
            "a GPU's log beside",
            vec![counter(), gpu("gpu.csv", 300), tracker("emissions.csv", ("2026-03-01T11:00:00", "DEU"), "1.0")],
            Some("DEU"),
            None,
        ),
        ("another day", vec![counter(), tracker("emissions.csv", ("2026-03-04T11:00:00", "FRA"), "1.0")], None, None),
        (
            "two places",
            vec![
                counter(),
                tracker("a.csv", ("2026-03-01T11:00:00", "FRA"), "1.0"),
                tracker("b.csv", ("2026-03-01T14:00:00", "DEU"), "1.0"),
            ],
            None,
            None,
        ),
    ] {
        let found = local(&files);
        assert_eq!((found.0.as_deref(), found.1.filter(|pue| *pue > 1.0)), (country, pue), "{what}");
    }
}

/// Jobs of an hour and 1 kWh that begin at these hours, each on one node.
fn jobs_at(jobs: &[(u32, &str)]) -> (&'static str, String) {
    let mut text = String::from("JobID|JobName|State|Start|End|ElapsedRaw|NNodes|NodeList|ConsumedEnergyRaw\n");
    for (number, (hour, node)) in jobs.iter().enumerate() {
        text += &format!("{number}|t|COMPLETED|2026-03-01T{hour}:00:00|2026-03-01T{}:00:00|3600|1|{node}|3600000\n", hour + 1);
    }
    ("jobs.psv", text)
}

/// Runs of CodeCarbon that begin 100 seconds after these hours and end 100 before the next, 0.75 kWh each, 0.6 of them of the GPU.
fn trackers(path: &'static str, hours: &[u32]) -> (&'static str, String) {
    let mut text = String::from(
        "timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,\
         country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_count,cpu_model,gpu_count,gpu_model,\
         longitude,latitude,ram_total_size,tracking_mode,on_cloud,pue\n",
    );
    for hour in hours {
        text += &format!(
            "2026-03-01T{hour}:58:20,p,a0000000-0000-4000-8000-0000000000{hour},3400,0.1,1e-5,105.88,635.29,52.94,0.1,0.6,0.05,0.75,France,FRA,,,,\
             Linux-5.15,3.10,3.2.6,128,AMD EPYC 7713,1,1 x NVIDIA A100-SXM4-40GB,2.3,48.8,64,machine,N,1.0\n"
        );
    }
    (path, text)
}

/// Hours of two GPUs at 300 W each: one recording for each run of hours.
fn gpus_at(hours: &[(u32, u32)]) -> (&'static str, String) {
    let mut text = String::new();
    for (from, to) in hours {
        text += "timestamp, index, power.draw [W]\n";
        for second in (from * 3600..=to * 3600).step_by(10) {
            for gpu in 0..2 {
                let (hour, minute) = (second / 3600, second / 60 % 60);
                text += &format!("2026/03/01 {hour:02}:{minute:02}:{:02}.00{gpu}, {gpu}, 300.00 W\n", second % 60);
            }
        }
    }
    ("gpu.csv", text)
}

/// A log without a host goes to the hosts of jobs run by run and recording by recording; where one recording lies beside the jobs of several hosts, the lower
/// end holds that all of them hold it.
#[test]
fn each_run_is_of_the_machine_of_its_job() {
    let three = || jobs_at(&[(10, "node01"), (11, "node02"), (12, "node03")]);
    for (what, files, kwh, low, high, hosts) in [
        ("three runs in one file", vec![three(), trackers("emissions.csv", &[10, 11, 12])], 3.0, 3.0, 3.0, 3),
        (
            "a run a folder",
            vec![
                three(),
                trackers("run0/emissions.csv", &[10]),
                trackers("run1/emissions.csv", &[11]),
                trackers("run2/emissions.csv", &[12]),
            ],
            3.0,
            3.0,
            3.0,
            3,
        ),
        ("a run that no job holds", vec![three(), trackers("emissions.csv", &[10, 12, 15])], 3.75, 3.75, 3.75, 3),
        ("jobs of one node", vec![jobs_at(&[(10, "node01"), (11, "node01")]), trackers("emissions.csv", &[10, 11])], 2.0, 2.0, 2.0, 1),
        ("two recordings", vec![jobs_at(&[(10, "node01"), (12, "node02")]), gpus_at(&[(10, 11), (12, 13)])], 2.0, 2.0, 2.0, 2),
        // Two GPUs of 0.6 kWh an hour: those of the hours beyond the job of their own node are in the jobs of the others, or nowhere.
        ("one recording", vec![three(), gpus_at(&[(10, 13)])], 4.2, 3.0, 4.8, 3),
    ] {
        let settled = settled(&files);
        let sum = |of: &dyn Fn(&carbon_core::ledger::Evidence) -> f64| settled.evidence.iter().map(of).sum::<f64>();
        let value = sum(&|e| e.energy.as_kwh());
        let ends = (value - sum(&|e| e.less.as_kwh()), value + sum(&|e| e.more.as_kwh()));
        // Stamps of two cards lie a millisecond apart.
        let is = |found: f64, want: f64| (found - want).abs() < 1e-4 * want;
        assert!(is(value, kwh) && is(ends.0, low) && is(ends.1, high), "{what}: {value} kWh, {ends:?}");
        let machines: BTreeSet<&str> = settled.evidence.iter().map(|e| e.host.as_str()).collect();
        assert_eq!(machines.len(), hosts, "{what}: {machines:?}");
    }
}

/// A tracker without a host beside the sensors of several: it is taken for the one that reads what it says, and the upper end holds another machine.
#[test]
fn a_tracker_is_of_the_machine_that_reads_the_same() {
    let dcgm = |watts: &[u32]| {
        let mut text = String::new();
        for second in (0..=3600).step_by(if watts.len() > 9 { 300 } else { 20 }) {
            text += &format!("2026-03-01T{:02}:{:02}:{:02}Z\n", 10 + second / 3600, second / 60 % 60, second % 60);
            for (host, watts) in watts.iter().enumerate() {
                text += &format!(
                    "DCGM_FI_DEV_POWER_USAGE{{gpu=\"0\",UUID=\"GPU-a000000{host}-1111-4222-8333-000000000001\",Hostname=\"n{host}\"}} {watts}\n"
                );
            }
        }
        ("dcgm.prom", text)
    };
    // 0.6 kWh in 3400 s are 635.3 W.
    for (what, watts, kwh, high) in [
        ("one reads the same", vec![635, 300], 0.635 + 0.3 + 0.15, 0.635 + 0.3 + 0.15 + 0.6),
        ("two do", vec![640, 634, 100], 1.374 + 0.15, 1.374 + 0.15 + 0.6),
        ("none does", vec![300, 400], 0.7 + 0.75, 0.7 + 0.75),
        ("one of many", [vec![300, 635], vec![300; 1200]].concat(), 0.635 + 0.3 * 1201.0 + 0.15, 0.635 + 0.3 * 1201.0 + 0.15 + 0.6),
    ] {
        let settled = settled(&[dcgm(&watts), trackers("emissions.csv", &[10])]);
        let value = settled.evidence.iter().map(|e| e.energy.as_kwh()).sum::<f64>();
        let upper = value + settled.evidence.iter().map(|e| e.more.as_kwh()).sum::<f64>();
        assert!((value - kwh).abs() < 1e-3 && (upper - high).abs() < 1e-3, "{what}: {value} kWh, up to {upper}");
    }
}

/// Figures of one tracker at one time that say of their machines what can't be of one count each; the lower end holds one machine, but for countries. What containers of one machine
/// differ in, or a place that was not found, tells no machines apart.
#[test]
fn machines_elsewhere_are_others() {
    let row = |run: usize, place: &str, at: &str, system: &str| {
        format!(
            "2026-03-01T11:00:00,p,a0000000-0000-4000-8000-00000000000{run},3600,0.1,1e-5,100,400,50,0.1,0.4,0.05,0.55,{place},{system},3.10,3.2.6,128,\
             AMD EPYC 7713,1,1 x NVIDIA A100-SXM4-40GB,{at},64,machine,N,1.0\n"
        )
    };
    let (france, here) = ("France,FRA,ile-de-france,,", "2.3,48.8");
    let (lost, nowhere) = ("Canada,CAN,quebec,,", "-71.2,46.8");
    for (what, other, machines) in [
        ("the same", row(2, france, here, "Linux-5.15"), 1.0),
        ("another country", row(2, "Germany,DEU,,,", "13.4,52.5", "Linux-5.15"), 2.0),
        ("another system", row(2, france, here, "Windows-10-10.0.19045-SP0"), 2.0),
        ("another cloud", row(2, "France,FRA,,gcp,europe-west9", here, "Linux-5.15"), 1.0),
        ("a container", row(2, france, here, "Linux-5.15-with-glibc2.31"), 1.0),
        ("no place", row(2, lost, nowhere, "Linux-5.15"), 1.0),
        ("no country", row(2, ",,,,", ",", "Linux-5.15"), 1.0),
    ] {
        let head = trackers("emissions.csv", &[]).1;
        let (one, other) = (format!("{head}{}", row(1, france, here, "Linux-5.15-with-glibc2.35")), other);
        let apart = [("a/emissions.csv", one.clone()), ("b/emissions.csv", format!("{head}{other}"))];
        for files in [vec![("emissions.csv", format!("{one}{other}"))], apart.to_vec()] {
            let settled = settled(&files);
            let value = settled.evidence.iter().map(|e| e.energy.as_kwh()).sum::<f64>();
            let low = value - settled.evidence.iter().map(|e| e.less.as_kwh()).sum::<f64>();
            let least = if what == "another country" { value } else { 0.55 };
            assert!((value - 0.55 * machines).abs() < 1e-9 && (low - least).abs() < 1e-9, "{what}: {value} kWh, from {low}");
            assert_eq!(settled.decisions.iter().any(|decision| decision.rule == "hosts-told-apart"), machines > 1.0, "{what}");
        }
    }
    // Two regions of one cloud.
    let head = trackers("emissions.csv", &[]).1;
    let (here, there) = ("Netherlands,NLD,,gcp,europe-west4", "USA,USA,,gcp,us-central1");
    let text = format!("{head}{}{}", row(1, here, ",", "Linux-5.15"), row(2, there, ",", "Linux-5.15"));
    let value = settled(&[("emissions.csv", text)]).evidence.iter().map(|e| e.energy.as_kwh()).sum::<f64>();
    assert!((value - 1.1).abs() < 1e-9, "{value}");
}

/// An exporter that names its host beside the host's own log in a folder of its name, however that is written; and machines of one name in two racks.
#[test]
fn folders_and_logs_name_one_host_in_their_ways() {
    let named = |host: &str| {
        let second = |at: u32| format!("2026-03-01T{:02}:{:02}:{:02}Z", 10 + at / 3600, at / 60 % 60, at % 60);
        let row = |at: u32| format!("{}\nDCGM_FI_DEV_POWER_USAGE{{gpu=\"0\",Hostname=\"{host}\"}} 300\n", second(at));
        ("dcgm/dcgm.prom", (0..=3600).step_by(10).map(row).collect::<String>())
    };
    let sampled = |path: &'static str| gpu(path, 300);
    for (what, files, hosts) in [
        ("words before the number", vec![named("gpu-node-7"), sampled("gpu-node-7/gpu.csv")], 1),
        ("words before the name", vec![named("dgx-node01"), sampled("logs/dgx-node01/gpu.csv")], 1),
        ("words behind", vec![named("node01-gpu"), sampled("node01-gpu.csv")], 1),
        ("a domain in the log", vec![named("node07.cluster.local"), sampled("node07/gpu.csv")], 1),
        ("a domain in the folder", vec![named("node07"), sampled("node07.cluster.local/gpu.csv")], 1),
        ("capitals", vec![named("NODE07"), sampled("node07/gpu.csv")], 1),
        ("a name without a number", vec![named("alice"), sampled("Alice/gpu.csv")], 1),
        ("another number", vec![named("gpu-node-7"), sampled("gpu-node-8/gpu.csv")], 2),
        ("another word", vec![named("gpu-node-7"), sampled("cpu-node-7/gpu.csv")], 2),
        ("two racks", vec![sampled("rack1-node03/gpu.csv"), ("rack2-node03/gpu.csv", gpu("", 301).1)], 2),
        ("folders of racks", vec![sampled("rack1/node03/gpu.csv"), ("rack2/node03/gpu.csv", gpu("", 301).1)], 2),
        ("one machine in two months", vec![sampled("jan/rack1/node03/gpu.csv"), ("feb/rack1/node03/gpu.csv", gpu("", 301).1)], 1),
    ] {
        let settled = settled(&files);
        let value = settled.evidence.iter().map(|e| e.energy.as_kwh()).sum::<f64>();
        assert!((value - 0.3 * f64::from(hosts)).abs() < 2e-3, "{what}: {value} kWh");
        let machines: BTreeSet<&str> = settled.evidence.iter().map(|e| e.host.as_str()).collect();
        assert_eq!(machines.len(), hosts as usize, "{what}: {machines:?}");
    }
}

/// A meter at the plug holds what the board controller of its machine reads, where the machine can lose the difference.
#[test]
fn a_plug_holds_the_board_controller() {
    let stamp = |second: u32| format!("2026-03-01T{:02}:{:02}:{:02}", 10 + second / 3600, second / 60 % 60, second % 60);
    let plug = |path: &'static str, watts: u32| {
        let total = |second: u32| 100.0 + f64::from(watts * second) / 3.6e6;
        let row = |at: u32| {
            format!(
                "{{\"Time\": \"{}\", \"ENERGY\": {{\"TotalStartTime\": \"2025-01-01T00:00:00\", \"Total\": {:.6}, \"Power\": {watts}}}}}\n",
                stamp(at),
                total(at)
            )
        };
        (path, (0..=3600).step_by(10).map(row).collect::<String>())
    };
    let board = |path: &'static str, watts: u32| {
        let row = |at: u32| format!("{}+00:00\n    Instantaneous power reading:                   {watts} Watts\n", stamp(at));
        (path, (0..=3600).step_by(10).map(row).collect::<String>())
    };
    for (what, files, watts, upper, hosts) in [
        ("a loss of 5 %", vec![plug("plug.jsonl", 1050), board("ipmi.txt", 1000)], 1050.0, 2050.0, 1),
        ("a loss of 25 %", vec![plug("a/plug.jsonl", 1250), board("b/ipmi.txt", 1000)], 1250.0, 2250.0, 1),
        ("a controller that reads too much", vec![plug("plug.jsonl", 980), board("ipmi.txt", 1000)], 980.0, 1980.0, 1),
        ("half of it", vec![plug("plug.jsonl", 1050), board("ipmi.txt", 500)], 1550.0, 1550.0, 2),
        ("more than it", vec![plug("plug.jsonl", 800), board("ipmi.txt", 1000)], 1800.0, 1800.0, 2),
        ("one machine by its folder", vec![plug("node01/plug.jsonl", 1200), board("node01/ipmi.txt", 1000)], 1200.0, 2200.0, 1),
        ("two machines by their folders", vec![plug("node01/plug.jsonl", 1050), board("node02/ipmi.txt", 1000)], 2050.0, 2050.0, 2),
    ] {
        let settled = settled(&files);
        let sum = |of: &dyn Fn(&carbon_core::ledger::Evidence) -> f64| settled.evidence.iter().map(of).sum::<f64>() * 1000.0;
        let (value, more) = (sum(&|e| e.energy.as_kwh()), sum(&|e| e.more.as_kwh()));
        assert!((value - watts).abs() < 1.0 && (value + more - upper).abs() < 2.0, "{what}: {value} W, up to {}", value + more);
        let machines: BTreeSet<&str> = settled.evidence.iter().map(|e| e.host.as_str()).collect();
        assert_eq!(machines.len(), hosts, "{what}: {machines:?}");
        assert_eq!(settled.decisions.iter().any(|decision| decision.rule == "contained"), hosts == 1, "{what}");
    }
    // Plugs and outlets with a name: the nearest one holds it, or all together.
    let named = |path: &'static str, watts: u32| {
        let row = |at: u32| format!("sensor.plug_3_power,{watts},{}.000Z\n", stamp(at));
        (path, format!("entity_id,state,last_changed\n{}", (0..=3600).step_by(10).map(row).collect::<String>()))
    };
    let outlets = |path: &'static str, watts: &[u32]| {
        let row = |at: u32| -> String {
            watts.iter().enumerate().map(|(number, watts)| format!("{number},{},{watts},0\n", 1_772_359_200 + at)).collect()
        };
        (path, format!("outlet,timestamp,activePower,activeEnergy\n{}", (0..=3600).step_by(10).map(row).collect::<String>()))
    };
    for (what, files, watts, upper, is_one) in [
        ("a named plug", vec![named("plug.csv", 1050), board("ipmi.txt", 1000)], 1050.0, 2050.0, true),
        ("in folders", vec![named("a/plug.csv", 1150), board("b/ipmi.txt", 1000)], 1150.0, 2150.0, true),
        ("two supplies", vec![outlets("pdu.csv", &[530, 520]), board("ipmi.txt", 1000)], 1050.0, 2050.0, true),
        ("one outlet of three", vec![outlets("pdu.csv", &[400, 1040, 700]), board("ipmi.txt", 1000)], 2140.0, 3140.0, true),
        ("another machine's plug", vec![named("plug.csv", 300), board("ipmi.txt", 1000)], 1300.0, 1300.0, false),
        ("other machines' outlets", vec![outlets("pdu.csv", &[300, 310]), board("ipmi.txt", 1000)], 1610.0, 1610.0, false),
    ] {
        let settled = settled(&files);
        let sum = |of: &dyn Fn(&carbon_core::ledger::Evidence) -> f64| settled.evidence.iter().map(of).sum::<f64>() * 1000.0;
        let (value, more) = (sum(&|e| e.energy.as_kwh()), sum(&|e| e.more.as_kwh()));
        assert!((value - watts).abs() < 1.0 && (value + more - upper).abs() < 2.0, "{what}: {value} W, up to {}", value + more);
        let held = |decision: &&carbon_core::ledger::Decision| decision.rule == "contained" && decision.energy > Some(Energy::ZERO);
        assert_eq!(settled.decisions.iter().filter(held).count() > 0, is_one, "{what}: {:#?}", settled.decisions);
    }
}

/// An hour of a table with a reading every so many seconds; where a column says nothing, of a GPU whose load is another one, of 100 W to 500 W, every seven
/// seconds.
fn table(path: &'static str, every: usize, header: &str, others: &str) -> (&'static str, String) {
    let gpu = |second: usize| 100 + (second / 7 * 2_654_435_761) % 4_294_967_296 % 401;
    let row = |second: usize| match header.starts_with("gpu") {
        true => format!("{},{}{others}\n", 1_772_359_200 + second, gpu(second)),
        false => format!("{},{others}\n", 1_772_359_200 + second),
    };
    (path, format!("time,{header}\n{}", (0..=3_600).step_by(every).map(row).collect::<String>()))
}

/// What counts in any case, Wh.
fn least(settled: &Settled) -> f64 {
    1000.0 * settled.evidence.iter().map(|one| (one.energy - one.less).as_kwh()).sum::<f64>()
}

/// Two samplers of one machine in two folders see a load that changes at other times: they may be of two, and the lower end is one machine's, with all of its
/// parts: 295 W of the GPU and 100 W of the processors, and no more than the meter where one holds both.
#[test]
fn one_machine_in_two_folders_is_in_the_lower_end() {
    let (a, b) = (table("logs/gpu.csv", 5, "gpu0_w", ""), table("logs/cpu.csv", 10, "cpu0_w,cpu1_w", "60,40"));
    let c = table("hw/power.csv", 11, "gpu0_w,cpu_w", ",100");
    let all = settled(&[a.clone(), b.clone(), c.clone()]);
    assert!((380.0..400.0).contains(&least(&all)), "{} Wh", least(&all));
    let total: f64 = all.evidence.iter().map(|one| one.energy.as_kwh()).sum();
    assert!(total > 0.78, "the readings tell two machines apart: {total} kWh");
    for path in ["logs/ipmi.csv", "hw/ipmi.csv"] {
        let with_meter = least(&settled(&[a.clone(), b.clone(), c.clone(), meter(path, 900)]));
        assert!(with_meter <= 905.0 && with_meter > 450.0, "{path}: {with_meter} Wh");
    }
}

/// Logs in a folder, and one of another tool in the only folder below it, are of one machine where nothing speaks against it, and the upper end holds two; so are
/// none of folders side by side, or of one that is numbered.
#[test]
fn a_folder_below_is_of_its_machine() {
    for (what, files, watts, least_watts, most) in [
        ("a folder of a tool", vec![gpu("gpu.csv", 300), gpu("hw/gpu.csv", 302)], 301.0, 301.0, 602.0),
        ("further below", vec![gpu("run/gpu.csv", 300), gpu("run/logs/hw/gpu.csv", 302)], 301.0, 301.0, 602.0),
        ("other parts beside it", vec![gpu("gpu.csv", 300), gpu("hw/gpu.csv", 302), meter("bmc/ipmi.csv", 900)], 900.0, 900.0, 1202.0),
        ("another load", vec![gpu("gpu.csv", 300), gpu("hw/gpu.csv", 400)], 700.0, 700.0, 700.0),
        ("side by side", vec![gpu("a/gpu.csv", 300), gpu("b/gpu.csv", 302)], 602.0, 301.0, 602.0),
        ("a numbered folder", vec![gpu("gpu.csv", 300), gpu("run2/gpu.csv", 302)], 602.0, 301.0, 602.0),
        ("two below", vec![gpu("gpu.csv", 300), gpu("a/gpu.csv", 302), gpu("b/gpu.csv", 301)], 903.0, 301.0, 903.0),
    ] {
        let settled = settled(&files);
        let sum = |of: &dyn Fn(&carbon_core::ledger::Evidence) -> f64| settled.evidence.iter().map(of).sum::<f64>() * 1000.0;
        let (value, upper) = (sum(&|e| e.energy.as_kwh()), sum(&|e| (e.energy + e.more).as_kwh()));
        let found = [value, least(&settled), upper];
        let near = found.iter().zip([watts, least_watts, most]).all(|(found, expected)| (found - expected).abs() < 2.5);
        assert!(near, "{what}: {found:?} W\n{:#?}", settled.decisions);
    }
}

/// Of machines that may be one the lower end holds as many as must be several: 300 and 340 W are of two, and 315 W may be of either; 345 W may be what 340 W is.
#[test]
fn as_many_machines_are_left_as_must_be_several() {
    let (a, b, c, d) = (gpu("a/gpu.csv", 300), gpu("b/gpu.csv", 315), gpu("c/gpu.csv", 340), gpu("d/gpu.csv", 345));
    for (what, files, watts, least_watts) in [
        ("two of two", vec![a.clone(), c.clone()], 640.0, 640.0),
        ("one of two", vec![a.clone(), b.clone()], 615.0, 300.0),
        ("two of three", vec![a.clone(), b.clone(), c.clone()], 955.0, 640.0),
        ("two of four", vec![a, b, c, d], 1300.0, 640.0),
    ] {
        let settled = settled(&files);
        let total = settled.evidence.iter().map(|one| one.energy.as_kwh()).sum::<f64>() * 1000.0;
        assert!((total - watts).abs() < 1.0 && (least(&settled) - least_watts).abs() < 6.0, "{what}: {total} W, {} W", least(&settled));
    }
}

/// What a job of several nodes holds of their logs stays in its figure, whether they are of one machine or of two.
#[test]
fn a_job_keeps_what_its_nodes_logs_hold() {
    for (nodes, paths, expected) in [("a[1-2]", ["a1/gpu.csv", "a2/gpu.csv"], 2000.0), ("x[1-2]", ["x1/power.csv", "x2/power.csv"], 2000.0)]
    {
        let [first, second] = paths;
        let settled = settled(&[jobs(&[nodes]), gpu(first, 300), gpu(second, 310)]);
        assert!((least(&settled) - expected).abs() < 1e-6 * expected, "{nodes}: {} Wh", least(&settled));
    }
}
