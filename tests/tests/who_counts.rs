//! Who counts, as laws over random logs: what an instrument adds, what nobody watched, and what names of folders may change.

use std::fmt::Write;

use carbon_core::account::{self, Settings};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::{Basis, InputFile, Ledger, LedgerOptions, Settled};
use carbon_core::read::FileReader;
use carbon_core::units::{Energy, Instant, calendar};
use carbon_tests::{CaseOptions, read_options};
use proptest::prelude::*;

/// 2025-06-12T14:00:00Z, in seconds.
const START: i64 = 1_749_736_800;

/// From one second to another, counted from the start.
type Window = (i64, i64);

fn stamp(second: i64) -> String {
    calendar::rfc3339(Instant::from_micros((START + second) * 1_000_000), true)
}

/// A table of power at each second of a window.
fn power((from, to): Window, watts: i64) -> String {
    (from..=to).fold(String::from("time,gpu0_w\n"), |text, second| text + &format!("{},{watts}\n", stamp(second)))
}

/// A table of an energy counter at each second of a window.
fn counter((from, to): Window, watts: i64) -> String {
    let row = |second: i64| format!("{},{}\n", stamp(second), 1_000_000 + watts * (second - from));
    (from..=to).fold(String::from("time,gpu0_counter_j\n"), |text, second| text + &row(second))
}

/// A row of CodeCarbon for one GPU over a window.
fn tracker((from, to): Window, watts: i64) -> String {
    let (seconds, kwh) = (to - from, watts as f64 * (to - from) as f64 / 3.6e6);
    let end = stamp(to).replace('Z', "");
    let mut text = String::from(
        "timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,\
         energy_consumed,country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_count,cpu_model,\
         gpu_count,gpu_model,longitude,latitude,ram_total_size,tracking_mode,on_cloud,pue\n",
    );
    let _ = writeln!(
        text,
        "{end},p,a0000000-0000-4000-8000-000000000001,{seconds},0.1,1e-5,0,{watts},0,0,{kwh:.12},0,{kwh:.12},Germany,DEU,,,,Linux-6.8,3.11,2.8.4,64,\
         AMD EPYC 7763,1,1 x NVIDIA A100-SXM4-80GB,10,50,256,machine,N,1.0"
    );
    text
}

fn ledger(files: &[(String, String)]) -> Ledger {
    let options = read_options(&CaseOptions { tz: Some(String::from("UTC")), ..CaseOptions::default() });
    let mut ledger = Ledger::default();
    for (path, text) in files {
        let mut reader = FileReader::new(options.clone());
        reader.push(text.as_bytes());
        // A stand-in for the hash: equal for equal content alone.
        let file = InputFile { path: path.clone(), bytes: text.len() as u64, blake3: text.clone(), ..InputFile::default() };
        ledger.add(file, reader.finish());
    }
    ledger
}

fn settled(files: &[(&str, String)]) -> Settled {
    let files: Vec<(String, String)> = files.iter().map(|(path, text)| ((*path).to_owned(), text.clone())).collect();
    ledger(&files).settle(LedgerOptions::default())
}

fn joules(settled: &Settled, counts: impl Fn(Basis) -> bool) -> f64 {
    let kwh: f64 = settled.evidence.iter().filter(|e| counts(e.basis)).map(|e| e.energy.as_kwh()).sum();
    kwh * 3.6e6
}

/// Seconds of a window that lie in none of others.
fn alone(window: Window, others: &[Window]) -> i64 {
    (window.0..window.1).filter(|second| others.iter().all(|(from, to)| second < from || second >= to)).count() as i64
}

fn window() -> impl Strategy<Value = Window> {
    (0i64..1_500, 120i64..900).prop_map(|(from, length)| (from, from + length))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// A counter, a power sensor and a tracker watch one GPU at any times: each worse one adds what it holds of the time that it alone covers.
    #[test]
    fn a_worse_instrument_adds_the_time_that_it_alone_covers(
        best in window(), second in window(), third in window(),
        watts in (200i64..400, 200i64..400, 200i64..400),
        with in (any::<bool>(), any::<bool>()),
    ) {
        let mut files = vec![("gpu.csv", counter(best, watts.0))];
        let mut expected = watts.0 * alone(best, &[]);
        let mut better = vec![best];
        if with.0 {
            files.push(("power.csv", power(second, watts.1)));
            expected += watts.1 * alone(second, &better);
            better.push(second);
        }
        if with.1 {
            files.push(("emissions.csv", tracker(third, watts.2)));
            expected += watts.2 * alone(third, &better);
        }
        let found = joules(&settled(&files), |_| true);
        // Clocks differ by up to three readings (`clock_tolerance_medians`), and a tracker's end is known to a second: what sticks out at an end by less
        // than that is none of its own.
        let slack = if with.0 { 2 * 3 * watts.1 } else { 0 } + if with.1 { 8 * watts.2 } else { 0 };
        prop_assert!((found - expected as f64).abs() <= slack as f64 + 1e-6 * expected as f64, "found {found} J, expected {expected}");
    }

    /// However long nobody watched between two stretches, what is measured is the same; a tracker that saw the pause adds to the total, and
    /// nothing to what is measured.
    #[test]
    fn time_that_nobody_watched_adds_nothing_measured(
        first in 60i64..300, second in 60i64..300, pauses in (60i64..90_000, 60i64..90_000), watts in 100i64..400, anew in any::<bool>(),
    ) {
        let logged = |pause: i64| {
            let (head, tail) = (power((0, first), watts), power((first + pause, first + pause + second), watts));
            // The logger goes on, or is started again with its header.
            let tail = if anew { tail } else { tail.split_once('\n').map(|(_, rows)| rows.to_owned()).unwrap_or_default() };
            ("gpu.csv", head + &tail)
        };
        let measured = |settled: &Settled| joules(settled, |basis| basis == Basis::Measured);
        let expected = (watts * (first + second)) as f64;
        for pause in [pauses.0, pauses.1] {
            let alone = measured(&settled(&[logged(pause)]));
            prop_assert!((alone - expected).abs() <= 1e-6 * expected, "{alone} J after a pause of {pause} s, expected {expected}");
            let both = settled(&[logged(pause), ("emissions.csv", tracker((0, first + pause + second), watts))]);
            prop_assert!((measured(&both) - expected).abs() <= 1e-6 * expected, "{} J beside a tracker, expected {expected}", measured(&both));
            let all = expected + (watts * pause) as f64;
            let total = joules(&both, |_| true);
            prop_assert!((total - all).abs() <= (2 * watts) as f64 + 1e-6 * all, "{total} J in all, expected {all}");
        }
    }

    /// Names of folders and files change nothing, as long as the words for machines in them say the same; nor does the order of reading.
    #[test]
    fn folders_may_be_renamed(
        names in prop::collection::vec("[b-df-hj-np-tv-z]{4,8}", 4), numbers in (1u32..50, 50u32..99),
        watts in prop::collection::vec(100i64..400, 4), order in Just(vec![0usize, 1, 2, 3]).prop_shuffle(),
    ) {
        let logs: Vec<String> = watts.iter().enumerate().map(|(at, watts)| power((at as i64 % 2 * 7, 300), *watts)).collect();
        let total = |folders: [String; 4], order: &[usize]| {
            let files: Vec<(String, String)> = order.iter().map(|at| (format!("{}/gpu.csv", folders[*at]), logs[*at].clone())).collect();
            ledger(&files).settle(LedgerOptions::default()).evidence.iter().map(|e| e.energy).sum::<Energy>()
        };
        let nodes = |names: &[String], a: u32, b: u32| {
            [format!("{}/node{a}", names[0]), format!("{}/node{b}", names[1]), format!("{}/node{a}", names[2]), format!("{}/node{b}", names[3])]
        };
        let plain = |names: &[String]| [0, 1, 2, 3].map(|at| format!("{}{at}", names[at]));
        let in_order = [0, 1, 2, 3];
        let letters: Vec<String> = ["wq", "xq", "yq", "zq"].map(str::to_owned).to_vec();
        prop_assert_eq!(total(plain(&names), &order), total(plain(&letters), &in_order));
        prop_assert_eq!(total(nodes(&names, numbers.0, numbers.1), &order), total(nodes(&letters, 1, 99), &in_order));
    }
}

/// A table of the power of one GPU over an hour, in a column of this name.
fn gpu(index: u32, model: &str, column: &str, power: f64) -> String {
    let row = |minute: i64| format!("{},{index},{model},{power}\n", stamp(60 * minute));
    (0..=60).fold(format!("time,gpu,name,{column}\n"), |text, minute| text + &row(minute))
}

const BOARD: &str = "NVIDIA H100 80GB HBM3";

/// kWh of an H100 of 700 W that nobody measured for an hour: by `power_model.csv` it idles at 15 % and is busy at 85 %, for nine tenths of the time.
const UNMEASURED: f64 = 0.7 * (0.15 + (0.85 - 0.15) * 0.9);

/// 7.5 mW are no power of a board, and 7.5 W neither: what its recording leaves out is estimated with the rest of the machine, unless something else holds it.
#[test]
fn a_recording_that_is_left_out_is_not_measured() {
    let factors = FactorSet::from_tables(carbon_data::TABLES).expect("the built-in tables");
    let wrong = |index: u32| (format!("gpu{index}.csv"), gpu(index, BOARD, "power_mw", 7.5));
    let right = |index: u32| (format!("gpu{index}.csv"), gpu(index, BOARD, "power_w", 350.0));
    let cpu = (String::from("cpu.csv"), power((0, 3600), 60).replace("gpu0_w", "cpu0_w"));
    let node = (String::from("node.csv"), power((0, 3600), 900).replace("gpu0_w", "node_w"));
    let own_counter = (String::from("counter.csv"), counter((0, 3600), 350));
    let all = tracker((0, 3600), 700)
        .replace("1 x NVIDIA A100-SXM4-80GB", &format!("2 x {BOARD}"))
        .replace(",64,AMD EPYC 7763,1,", ",64,AMD EPYC 7763,2,");
    for (what, files, logged, unmeasured) in [
        ("beside a processor", vec![cpu.clone(), wrong(0)], 0.06, UNMEASURED),
        ("two of them", vec![cpu.clone(), wrong(0), wrong(1)], 0.06, 2.0 * UNMEASURED),
        ("one of three", vec![right(0), right(1), wrong(2)], 0.7, UNMEASURED),
        ("its counter is there", vec![own_counter, wrong(0)], 0.35, 0.0),
        ("its node has a meter", vec![node, wrong(0)], 0.9, 0.0),
        ("a tracker holds both", vec![right(0), wrong(1), (String::from("emissions.csv"), all)], 0.7, 0.0),
    ] {
        let ledger = ledger(&files);
        let report = account::report(&ledger, &factors, &Settings::default()).expect("settings are right");
        let energy = report.energy.as_ref().expect("an energy");
        assert!((energy.logged_kwh.value - logged).abs() < 0.001, "{what}: {} kWh", energy.logged_kwh.value);
        let estimated = report.activities.iter().filter(|a| a.method_text.starts_with("not measured: by its rated power"));
        let kwh: f64 = estimated.map(|a| a.energy_kwh.value).sum();
        assert!((kwh - unmeasured).abs() < 1e-6, "{what}: {kwh} kWh are not measured, expected {unmeasured}");
        assert_conserved(what, &ledger, &factors);
    }
}

/// 350 mW of a board that idles at 70 W are 350 W: what counts is more than what was claimed, and the decision says by how much.
#[test]
fn a_thousandfold_is_a_decision_of_the_difference() {
    let factors = FactorSet::from_tables(carbon_data::TABLES).expect("the built-in tables");
    for (watts, boards) in [(350.0, 1u32), (350.0, 3), (699.0, 2)] {
        let files: Vec<_> = (0..boards).map(|index| (format!("gpu{index}.csv"), gpu(index, BOARD, "power_mw", watts))).collect();
        let settled = assert_conserved("milliwatts", &ledger(&files), &factors);
        let counted = joules(&settled, |_| true);
        assert!((counted - 3600.0 * watts * f64::from(boards)).abs() < 1e-3, "{counted} J");
        let left: f64 =
            settled.decisions.iter().filter(|d| d.rule == "implausible-repaired").filter_map(|d| d.energy).map(|e| e.as_kwh()).sum();
        let expected = -0.999 * watts / 1000.0 * f64::from(boards);
        assert!((left - expected).abs() < 1e-9, "{left} kWh, expected {expected}");
    }
}

/// What was claimed is what counts and what decisions left out; of what is left out, the upper ends hold what is told.
fn assert_conserved(what: &str, ledger: &Ledger, factors: &FactorSet) -> Settled {
    let settled = ledger.settle(LedgerOptions { factors: Some(factors), ..LedgerOptions::default() });
    let counted: Energy = settled.evidence.iter().map(|e| e.energy).sum();
    let left: Energy = settled.decisions.iter().filter_map(|decision| decision.energy).sum();
    assert_eq!(settled.plain, counted + left, "{what}: {:#?}", settled.decisions);
    settled
}

/// A host of which only an absurd figure is known has an upper end of its own, and none of another's.
#[test]
fn what_may_have_been_drawn_is_of_its_own_host() {
    let factors = FactorSet::from_tables(carbon_data::TABLES).expect("the built-in tables");
    let here = (String::from("node01/gpu0.csv"), gpu(0, BOARD, "power_w", 350.0));
    for (what, theirs) in [
        ("a tracker", (String::from("node02/emissions.csv"), tracker((0, 3600), 9_000_000).replace("NVIDIA A100-SXM4-80GB", BOARD))),
        ("a recording", (String::from("node02/gpu0.csv"), gpu(0, BOARD, "power_mw", 7.5))),
    ] {
        let ledger = ledger(&[here.clone(), theirs.clone()]);
        let settled = assert_conserved(what, &ledger, &factors);
        for one in &settled.evidence {
            let expected = if one.host == "node02" { 0.7 } else { 0.0 };
            assert!((one.bound.as_kwh() - expected).abs() < 0.001, "{what}: {} kWh of {}", one.bound.as_kwh(), one.host);
        }
        assert!(settled.evidence.iter().any(|one| one.host == "node02"), "{what}");
        let report = account::report(&ledger, &factors, &Settings::default()).expect("settings are right");
        let estimated = report.activities.iter().filter(|a| a.host.as_deref() == Some("node02") && a.component == "gpu");
        let kwh: f64 = estimated.map(|a| a.energy_kwh.value).sum();
        assert!((kwh - UNMEASURED).abs() < 1e-6, "{what}: {kwh} kWh");
        // Where nothing else counts it is all that is known: an estimate between what the board draws idle and what it can draw.
        let alone = self::ledger(&[theirs]);
        let settled = assert_conserved(what, &alone, &factors);
        assert_eq!(
            settled.evidence.iter().map(|one| (one.energy, one.bound.as_kwh())).collect::<Vec<_>>(),
            [(Energy::ZERO, 0.7)],
            "{what}"
        );
        let report = account::report(&alone, &factors, &Settings::default()).expect("settings are right");
        let gpu: f64 = report.activities.iter().filter(|a| a.component == "gpu").map(|a| a.energy_kwh.value).sum();
        assert!((gpu - UNMEASURED).abs() < 1e-6, "{what}: {gpu} kWh");
        let energy = report.energy.expect("an estimate");
        assert!((energy.logged_kwh.value - UNMEASURED).abs() < 1e-6 && energy.measured_share == 0.0, "{what}: {:?}", energy.logged_kwh);
        assert!(energy.logged_kwh.low > 0.0 && (energy.logged_kwh.high - 0.7).abs() < 1e-6, "{what}: {:?}", energy.logged_kwh);
    }
}

/// A report lists a thousand runs one by one, and the sum of the others: together they are all of the energy.
#[test]
fn runs_beyond_a_thousand_are_told_as_a_sum() {
    let mut text = String::new();
    for run in 0..1_250 {
        let row = tracker((run * 100, run * 100 + 60), 300)
            .replace("a0000000-0000-4000-8000-000000000001", &format!("{run:08x}-0000-4000-8000-000000000001"));
        text += if run == 0 { &row } else { row.split_once('\n').map_or("", |(_, row)| row) };
    }
    let ledger = ledger(&[(String::from("emissions.csv"), text)]);
    let factors = FactorSet::from_tables(carbon_data::TABLES).expect("the built-in tables");
    let report = account::report(&ledger, &factors, &Settings::default()).expect("settings are right");
    assert_eq!(report.runs.len(), 1_001);
    let further = report.runs.last().expect("runs");
    assert_eq!((further.name.as_str(), further.duration_s), ("250 further runs", Some(250.0 * 60.0)));
    let kwh: f64 = report.runs.iter().filter_map(|run| run.energy_kwh).sum();
    assert!((kwh - 1_250.0 * 300.0 * 60.0 / 3.6e6).abs() < 1e-9, "{kwh} kWh");
}

/// A clock that was set back by an hour stamps an hour twice: three hours at 600 W of a board of 700 W lie in two hours of stamps, and are no 900 W.
#[test]
fn a_clock_that_was_set_back_makes_no_power() {
    let factors = FactorSet::from_tables(carbon_data::TABLES).expect("the built-in tables");
    for step in [1, 10, 60] {
        let row = |at: i64| {
            let second = if at < 7_200 { at } else { at - 3_600 };
            format!(
                "{}, 0, {BOARD}, {}.00 W\n",
                stamp(second).replace('T', " ").replace('Z', ".000").replace('-', "/"),
                580 + at / step * 37 % 41
            )
        };
        let rows: String = (0..=10_800 / step).map(|n| row(n * step)).collect();
        let text = format!("timestamp, index, name, power.draw [W]\n{rows}");
        let settled = assert_conserved("set back", &ledger(&[(String::from("gpu.csv"), text)]), &factors);
        let found = joules(&settled, |basis| basis == Basis::Measured);
        // The step back is bridged by an interval.
        assert!((found / (600.0 * 10_800.0) - 1.0).abs() < 0.006 + step as f64 / 10_800.0, "every {step} s: {found} J");
    }
}
