//! Energies of windows that `--from` and `--to` cut, counters that fall over a pause, logs that begin again or change their pace: cutting a log changes no total.
//! Worked by hand: W × s.

use carbon_tests::folder::Folder;
use serde_json::Value;

/// J in a kWh.
const KWH: f64 = 3.6e6;

/// 2026-03-01, 10:00 UTC.
const TEN: u32 = 1_772_359_200;

fn folder_of(name: &str) -> Folder {
    Folder::new(env!("CARGO_TARGET_TMPDIR"), env!("CARGO_BIN_EXE_carbon-report-under-test"), &format!("windows-{name}"))
}

/// Value, lower and upper end of what is logged, J.
fn logged(report: &Value) -> [f64; 3] {
    ["value", "low", "high"]
        .map(|end| report.pointer(&format!("/energy/logged_kwh/{end}")).and_then(Value::as_f64).expect("an energy") * KWH)
}

#[track_caller]
fn assert_near(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() <= 1e-6 * expected.max(1.0), "{what}: found {found} J, expected {expected} J");
}

fn has_note(report: &Value, code: &str) -> bool {
    report["quality"].as_array().expect("notes").iter().any(|note| note["code"] == code)
}

/// Windows of 100 s and 30 kJ each.
fn zeus(windows: u32) -> String {
    let row = |number: u32| format!("{}.000000,e{number},100.0,30000.0\n", TEN + 100 * number);
    format!("start_time,window_name,elapsed_time,gpu0_energy\n{}", (0..windows).map(row).collect::<String>())
}

/// Energies of ten seconds at 100 W.
fn intervals(rows: u32) -> String {
    let row = |number: u32| format!("{},1000\n", TEN + 10 * number);
    format!("time,gpu0_energy_interval_j\n{}", (1..=rows).map(row).collect::<String>())
}

/// `perf stat -I 10000` at 100 W.
fn perf(start: &str, rows: u32) -> String {
    let row = |number: u32| format!("    {:2}.000000000,1000.00,Joules,power/energy-pkg/,10000000000,100.00,,\n", 10 * number);
    format!("# started on {start}\n\n{}", (1..=rows).map(row).collect::<String>())
}

#[test]
fn a_window_that_the_period_cuts_counts_by_its_share_of_the_time() {
    let members =
        [("zeus.csv", zeus(1)), ("zeus.csv", zeus(10)), ("i.csv", intervals(60)), ("perf.csv", perf("Sun Mar 01 10:00:00 2026", 60))];
    // What counts, and of it what is of cut windows.
    for (at, (from, to), expected, cut) in [
        (0, ("10:00:50", "11:00:00"), 15_000.0, 15_000.0),
        (0, ("10:00:20", "10:00:50"), 9_000.0, 9_000.0),
        (1, ("10:08:50", "11:00:00"), 141_000.0, 21_000.0),
        (1, ("09:00:00", "10:08:50"), 159_000.0, 9_000.0),
        (1, ("10:01:40", "10:08:20"), 120_000.0, 0.0),
        (2, ("10:00:15", "11:00:00"), 58_500.0, 500.0),
        (2, ("09:00:00", "10:00:15"), 1_500.0, 500.0),
        (3, ("10:00:15", "10:09:57"), 58_200.0, 1_200.0),
    ] {
        let (name, text) = &members[at];
        let folder = folder_of(&format!("cut-{at}-{}", from.replace(':', "")));
        folder.write(name, text);
        let report = folder.report(&[name, &format!("--from=2026-03-01T{from}Z"), &format!("--to=2026-03-01T{to}Z")]);
        let [value, low, high] = logged(&report);
        assert_near(value, expected, name);
        assert!(low <= expected - cut + 1e-6 && high >= expected + cut.min(1.0), "{name}, {from} to {to}: {low} to {high} J");
        assert_eq!(has_note(&report, "period-share"), cut > 0.0, "{name}, {from} to {to}: {}", report["quality"]);
    }
    // Nothing of it lies inside.
    let folder = folder_of("cut-outside");
    folder.write("zeus.csv", &zeus(1));
    let outcome = folder.run(&["zeus.csv", "--from=2026-03-01T10:01:40Z"]);
    assert!(!outcome.stderr.contains("-l 1"), "{}", outcome.stderr);
}

/// A counter of a package with its range: ten minutes at 100 W from a first reading in J.
fn powercap_from(start: u32, joules: u64) -> String {
    let row = |at: u32| {
        format!(
            "2026-03-01T10:{:02}:{:02},000000000+00:00\n/sys/class/powercap/intel-rapl:0/name:package-0\n\
             /sys/class/powercap/intel-rapl:0/max_energy_range_uj:262143328850\n/sys/class/powercap/intel-rapl:0/energy_uj:{}\n",
            (start + at) / 60,
            (start + at) % 60,
            (joules + 100 * u64::from(at)) * 1_000_000
        )
    };
    (0..=600).map(row).collect()
}

/// Ten minutes from a first reading, twenty minutes of pause, and ten minutes from another one.
fn powercap(first: u64, second: Option<u64>) -> [String; 2] {
    [powercap_from(0, first), second.map_or_else(String::new, |joules| powercap_from(1_800, joules))]
}

#[test]
fn a_counter_that_falls_over_a_pause_ran_through_its_range_or_began_again() {
    // By what its other readings tell, 100 W, it began again (127 and 77 W would be off the pace), or ran through its range (118 W): no log says which, and
    // the interval holds both.
    for (first, second, at_pace) in [(50_000, 1, false), (150_000, 40_000, false), (202_143, 142_000, true)] {
        let folder = folder_of(&format!("falls-{second}"));
        let [a, b] = powercap(first, Some(second));
        folder.write("one/rapl.log", &[a.as_str(), b.as_str()].concat());
        folder.write("cut/rapl-1.log", &a);
        folder.write("cut/rapl-2.log", &b);
        let [one, low, high] = logged(&folder.report(&["one"]));
        let [cut, ..] = logged(&folder.report(&["cut"]));
        let ran_through = 262_143.328_85 + second as f64 - (first + 60_000) as f64;
        assert_near(one, if at_pace { 120_000.0 + ran_through } else { 120_000.0 }, "what was watched");
        assert_near(cut, 120_000.0, "cut");
        assert!(low <= cut && high >= 120_000.0 + ran_through, "{first} J to {second} J: {low} to {high} J, {ran_through} over the pause");
        assert!(low >= 0.9 * 120_000.0, "{low}");
    }
    // One that rose over the pause counted it, and one that fell within the gap rule ran through its range.
    let folder = folder_of("rises");
    let [a, b] = powercap(10_000, Some(190_000));
    folder.write("rapl.log", &[a, b].concat());
    assert_near(logged(&folder.report(&["rapl.log"]))[0], 240_000.0, "100 W for forty minutes");
    // Two minutes of pause between two times ten, at 100 W. Cut there it is that log, or one that was started again: what was watched counts, and the upper end
    // holds what the counter gained. After twenty minutes, or where the counter stands where none of 100 W would, it is another run.
    for (name, start, joules, gained) in [("short", 720, 82_000, 12_000.0), ("long", 1_800, 190_000, 0.0), ("elsewhere", 720, 150_000, 0.0)]
    {
        let folder = folder_of(&format!("pause-{name}"));
        folder.write("rapl-1.log", &powercap_from(0, 10_000));
        folder.write("rapl-2.log", &powercap_from(start, joules));
        let report = folder.report(&["."]);
        let [value, low, high] = logged(&report);
        assert_near(value, 120_000.0, name);
        assert!(low >= 0.9 * 120_000.0 && high >= 120_000.0 + gained && high <= 1.12 * (120_000.0 + gained), "{name}: {low} to {high} J");
        let decisions = report["decisions"].as_array().expect("decisions");
        assert_eq!(decisions.iter().any(|one| one["rule"] == "counter-between-logs"), gained > 0.0, "{name}");
    }
    let folder = folder_of("wraps");
    folder.write("rapl.log", &powercap(232_143, None)[0].replace("energy_uj:", "energy_uj:0").lines().map(wrapped).collect::<String>());
    assert_near(logged(&folder.report(&["rapl.log"]))[0], 60_000.0, "100 W for ten minutes");
}

/// A line of a log whose counter starts again at its range.
fn wrapped(line: &str) -> String {
    match line.split_once("energy_uj:0") {
        Some((name, value)) => format!("{name}energy_uj:{}\n", value.parse::<u64>().expect("a number") % 262_143_328_850),
        None => format!("{line}\n"),
    }
}

#[test]
fn perf_that_was_started_again_is_another_recording() {
    for (name, second) in
        [("hour", "Sun Mar 01 11:00:00 2026"), ("minutes", "Sun Mar 01 10:15:00 2026"), ("day", "Mon Mar 02 10:00:00 2026")]
    {
        let folder = folder_of(&format!("perf-{name}"));
        folder.write("perf.csv", &[perf("Sun Mar 01 10:00:00 2026", 60), perf(second, 30)].concat());
        let report = folder.report(&["perf.csv"]);
        let [value, _, high] = logged(&report);
        assert_near(value, 90_000.0, name);
        assert!(high < 1.15 * 90_000.0, "{name}: {high} J");
        assert!(!has_note(&report, "coverage") && !has_note(&report, "coverage-low"), "{}", report["quality"]);
    }
}

/// Rows of 300 W at such steps, each so many times.
fn paced(steps: &[(u32, u32)]) -> String {
    let mut at = 0;
    let mut text = String::from("timestamp, index, name, power.draw [W]\n");
    let mut row = |at: u32| {
        text += &format!("2026/03/01 {:02}:{:02}:{:02}.000, 0, NVIDIA A100-SXM4-40GB, 300.00 W\n", 10 + at / 3600, at / 60 % 60, at % 60);
    };
    row(0);
    for (step, times) in steps {
        for _ in 0..*times {
            at += step;
            row(at);
        }
    }
    text
}

#[test]
fn a_log_that_changes_its_pace_has_no_gaps_by_it() {
    for steps in [&[(60, 60), (1, 600)][..], &[(1, 600), (60, 60)], &[(1, 300), (30, 40), (1, 300)], &[(120, 12), (1, 1200), (15, 100)]] {
        let folder = folder_of(&format!("pace-{}-{}", steps[0].0, steps.len()));
        folder.write("gpu.csv", &paced(steps));
        let seconds: u32 = steps.iter().map(|(step, times)| step * times).sum();
        assert_near(logged(&folder.report(&["gpu.csv"]))[0], 300.0 * f64::from(seconds), &format!("{steps:?}"));
    }
    // Pauses that come one by one are gaps, however alike they are.
    let folder = folder_of("pace-pauses");
    let pauses: Vec<(u32, u32)> = (0..20).flat_map(|_| [(1, 60), (60, 1)]).collect();
    folder.write("gpu.csv", &paced(&pauses));
    assert_near(logged(&folder.report(&["gpu.csv"]))[0], 300.0 * 1_200.0, "twenty minutes and twenty pauses");
}

/// A row of CodeCarbon: an hour to 11:00 on one A100 (400 W).
fn codecarbon(gpu_watts: f64) -> String {
    let kwh = gpu_watts / 1000.0;
    format!(
        "timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,\
         energy_consumed,country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_count,cpu_model,\
         gpu_count,gpu_model,longitude,latitude,ram_total_size,tracking_mode,on_cloud,pue\n\
         2026-03-01T11:00:00,p,a0000000-0000-4000-8000-000000000001,3600,0.1,1e-5,0,{gpu_watts},0,0,{kwh:.12},0,{kwh:.12},Germany,DEU,,,,Linux-6.8,3.11,\
         2.8.4,64,AMD EPYC 7763,1,1 x NVIDIA A100-SXM4-80GB,10,50,256,machine,N,1.0\n"
    )
}

#[test]
fn of_a_figure_that_the_period_cuts_no_more_lies_outside_than_its_device_can_draw_there() {
    // Of 300 W for an hour on a board of 400 W: 1,080 kJ in all, and at most 720 kJ in either half. Over ten minutes of it at most 240 kJ.
    for (to, value, least, most) in [("10:30:00", 540_000.0, 360_000.0, 720_000.0), ("10:10:00", 180_000.0, 0.0, 240_000.0)] {
        let folder = folder_of(&format!("figure-{}", to.replace(':', "")));
        folder.write("emissions.csv", &codecarbon(300.0));
        let [found, low, high] = logged(&folder.report(&["emissions.csv", &format!("--to=2026-03-01T{to}Z")]));
        assert_near(found, value, to);
        assert!(low <= f64::max(least, 1_000.0) && low >= 0.85 * least, "{to}: {low} J, at least {least} J");
        assert!(high >= most && high <= 1.15 * most, "{to}: {high} J, at most {most} J");
    }
    // Of a job nobody knows what its node can draw, but by what any can: all of it, or next to nothing, may be in either half.
    let folder = folder_of("figure-job");
    folder.write(
        "jobs.psv",
        "JobID|JobName|State|Start|End|ElapsedRaw|NNodes|NodeList|ConsumedEnergyRaw\n\
         1|t|COMPLETED|2026-03-01T10:00:00|2026-03-01T11:00:00|3600|1|node01|1800000\n",
    );
    let [value, low, high] = logged(&folder.report(&["jobs.psv", "--to=2026-03-01T10:30:00Z"]));
    assert_near(value, 900_000.0, "half of the time");
    assert!(low <= 10_000.0 && high >= 1_800_000.0, "{low} to {high} J");
}

#[test]
fn a_time_in_a_zone_is_not_compared_with_stamps_of_an_unknown_one() {
    // An hour at 300 W from 10:00 of a local clock, which stands two hours ahead of UTC.
    let folder = folder_of("zoned");
    let row = |at: u32| format!("2026/03/01 {:02}:{:02}:{:02}.000, 0, 300.00 W\n", 10 + at / 3600, at / 60 % 60, at % 60);
    folder.write("gpu.csv", &format!("timestamp, index, power.draw [W]\n{}", (0..=3_600).map(row).collect::<String>()));
    for option in [
        "--from=2026-03-01T08:30:00Z",
        "--from=2026-03-01T10:30:00+02:00",
        "--to=2026-03-01T08:30:00Z",
        "--to=2026-03-01T22:00:00Z",
        "--running=2026-03-01T08:00:00Z..2026-03-01T09:00:00Z",
    ] {
        let outcome = folder.run_as_it_stands(&["gpu.csv", "--region=FR", "--format=json", option]);
        let name = option.trim_start_matches("--").split('=').next().expect("a name");
        assert_eq!(outcome.status, 2, "{option}: {}", outcome.stderr);
        let says = |text: &str| outcome.stderr.contains(text);
        assert!(says(&format!("{name}: ")) && says("gpu.csv") && says("--tz"), "{option}: {}", outcome.stderr);
        assert!(outcome.stdout.is_empty(), "{option}: {}", outcome.stdout);
    }
    let reported = |options: &[&str]| -> Value {
        let outcome = folder.run_as_it_stands(&[&["gpu.csv", "--region=FR", "--format=json"], options].concat());
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|e| panic!("{e}: {}", outcome.stderr))
    };
    // With the zone, or on the logs' own clock, half an hour is inside.
    for options in [&["--from=2026-03-01T08:30:00Z", "--tz=+02:00"][..], &["--from=2026-03-01T10:30:00"]] {
        assert_near(logged(&reported(options))[0], 540_000.0, options[0]);
    }
    // A day further off the time is the same in every zone.
    for option in ["--from=2026-02-28T08:00:00Z", "--to=2026-03-02T08:00:00Z"] {
        assert_near(logged(&reported(&[option]))[0], 1_080_000.0, option);
    }
}

/// One window of each run, of two boards: begin, seconds, J.
fn window(from: u32, seconds: u32, joules: u32) -> String {
    format!("start_time,window_name,elapsed_time,gpu0_energy,gpu1_energy\n{from},train,{seconds},{joules},{joules}\n")
}

/// pyRAPL's file of one window: µs and µJ.
fn pyrapl(from: u32, seconds: u64, joules: u64) -> String {
    format!("label,timestamp,duration,pkg,dram,socket\ntrain,{from}.0,{}.0,{}.0,0.0,0\n", seconds * 1_000_000, joules * 1_000_000)
}

#[test]
fn windows_of_two_runs_have_no_gap_between_them() {
    let pair = |later: u32, seconds: u32, joules: u32| vec![window(TEN, seconds, joules), window(TEN + later, seconds, joules)];
    for (what, files, expected) in [
        ("half hours, three and a half hours apart", pair(12_600, 1800, 540_000), 2_160_000.0),
        ("minutes, eight minutes apart", pair(500, 60, 18_000), 72_000.0),
        ("a day apart", pair(86_400, 1800, 540_000), 2_160_000.0),
        ("pyRAPL", vec![pyrapl(TEN, 1800, 240_000), pyrapl(TEN + 12_600, 1800, 240_000)], 480_000.0),
        ("three", vec![window(TEN, 600, 60_000), window(TEN + 2000, 600, 60_000), window(TEN + 7000, 600, 60_000)], 360_000.0),
        ("several windows each", vec![zeus(5), zeus(5).replace("\n17723", "\n17733")], 300_000.0),
    ] {
        let folder = folder_of(&format!("apart-{}", what.replace([' ', ','], "-")));
        for (number, text) in files.iter().enumerate() {
            folder.write(&format!("logs/run{number}/windows.csv"), text);
        }
        let report = folder.report(&["logs"]);
        let [value, low, high] = logged(&report);
        assert_near(value, expected, what);
        assert!(low > 0.85 * expected && high < 1.15 * expected, "{what}: {low} to {high} J");
        assert!(!has_note(&report, "coverage") && !has_note(&report, "coverage-low"), "{what}: {}", report["quality"]);
    }
}

#[test]
fn windows_of_one_run_have_their_pauses_wherever_they_are_cut() {
    // Windows of 100 s with pauses of 300 s, in one file or cut after the third: 100 W.
    let rows = |numbers: core::ops::Range<u32>| {
        let row = |number: u32| format!("{}.000000,e{number},100.0,10000.0\n", TEN + 400 * number);
        format!("start_time,window_name,elapsed_time,gpu0_energy\n{}", numbers.map(row).collect::<String>())
    };
    let whole = folder_of("pauses-whole");
    whole.write("logs/zeus.csv", &rows(0..6));
    let cut = folder_of("pauses-cut");
    cut.write("logs/a.csv", &rows(0..3));
    cut.write("logs/b.csv", &rows(3..6));
    let (whole, cut) = (whole.report(&["logs"]), cut.report(&["logs"]));
    assert_eq!(logged(&whole), logged(&cut));
    assert!(has_note(&whole, "coverage-low") && has_note(&cut, "coverage-low"));
}

#[test]
fn gaps_of_the_boards_of_one_host_are_one_finding() {
    let folder = folder_of("one-finding");
    let row = |number: u32| format!("{}.0,e{number},100.0,9000.0,9000.0,9000.0\n", TEN + 1000 * number);
    let header = "start_time,window_name,elapsed_time,gpu0_energy,gpu1_energy,gpu2_energy\n";
    folder.write("logs/zeus.csv", &(String::from(header) + &(0..3).map(row).collect::<String>()));
    let report = folder.report(&["logs"]);
    let told: Vec<&str> = report["quality"]
        .as_array()
        .expect("notes")
        .iter()
        .filter(|note| note["code"] == "coverage-low")
        .filter_map(|note| note["message"].as_str())
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(["GPU 0", "GPU 1", "GPU 2", "2 gaps of 30.0 min in all"].iter().all(|word| told[0].contains(word)), "{told:?}");
}
