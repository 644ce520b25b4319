//! Logs of one run in two time zones, of which no readings can be compared: a tracker, a job or a node's meter beside a sampler. Worked by hand: W × s.

use carbon_tests::folder::Folder;
use serde_json::Value;

/// J in a kWh.
const KWH: f64 = 3.6e6;

/// Seconds in an hour.
const HOUR: i64 = 3600;

/// A time of 2026-03-02, with `-` and `T` between its parts or others.
fn stamp(second: i64, dash: char, between: char) -> String {
    let (hours, rest) = (second / HOUR, second % HOUR);
    format!("2026{dash}03{dash}{:02}{between}{:02}:{:02}:{:02}", 2 + hours / 24, hours % 24, rest / 60, rest % 60)
}

/// nvidia-smi of boards, W each: a reading every five seconds.
fn smi(from: i64, to: i64, watts: &[i64]) -> String {
    let row =
        |at: i64, (index, watts): (usize, &i64)| format!("{}.000, {index}, NVIDIA A100-SXM4-80GB, {watts}.00 W\n", stamp(at, '/', ' '));
    let rows = (from..=to).step_by(5).flat_map(|at| watts.iter().enumerate().map(move |of| row(at, of)));
    String::from("timestamp, index, name, power.draw [W]\n") + &rows.collect::<String>()
}

/// CodeCarbon's rows: of each run begin, end and W of the processor, of all GPUs and of the memory.
fn codecarbon(runs: &[(i64, i64)], [cpu, gpu, ram]: [i64; 3], gpus: usize) -> String {
    let header = "timestamp,project_name,run_id,duration,emissions,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,\
                  country_name,country_iso_code,os,codecarbon_version,cpu_count,cpu_model,gpu_count,gpu_model,ram_total_size,tracking_mode,on_cloud,pue\n";
    let row = |(number, (from, to)): (usize, &(i64, i64))| {
        let kwh = |watts: i64| (watts * (to - from)) as f64 / KWH;
        format!(
            "{},demo,run-{number},{},0.03,{cpu},{gpu},{ram},{},{},{},{},France,FRA,Linux-6.1,2.3.5,32,AMD EPYC 7713,{gpus},{gpus} x NVIDIA \
             A100-SXM4-80GB,251.7,machine,N,1.0\n",
            stamp(*to, '-', 'T'),
            to - from,
            kwh(cpu),
            kwh(gpu),
            kwh(ram),
            kwh(cpu + gpu + ram)
        )
    };
    String::from(header) + &runs.iter().enumerate().map(row).collect::<String>()
}

/// carbontracker's log of one run in four epochs, W of the GPU.
fn carbontracker(from: i64, to: i64, watts: i64) -> String {
    let at = |second: i64| stamp(second, '-', ' ');
    let mut text = format!("{} - carbontracker version 2.4.7\n", at(from));
    text += &format!("{} - The following components were found: GPU with device(s) NVIDIA A100-SXM4-80GB.\n", at(from));
    text += &format!("{} - Monitoring thread started.\n", at(from));
    let epoch = (to - from) / 4;
    for number in 1..=4 {
        let end = at(from + number * epoch);
        text += &format!("{end} - Epoch {number}:\n{end} - Duration: 0:{:02}:{:02}.00\n", epoch / 60, epoch % 60);
        text += &format!("{end} - Average power usage (W) for gpu: {watts}.0\n");
    }
    text + &format!("{} - Monitoring thread ended.\n", at(to))
}

/// A job on one node, W of the whole.
fn sacct(from: i64, to: i64, watts: i64) -> String {
    let joules = watts * (to - from);
    format!(
        "JobID|JobName|State|Start|End|ElapsedRaw|NNodes|AllocTRES|ConsumedEnergyRaw\n8123401|train|COMPLETED|{}|{}|{}|1|cpu=32,gres/gpu=1,node=1|{joules}\n",
        stamp(from, '-', 'T'),
        stamp(to, '-', 'T'),
        to - from
    )
}

/// A node's meter, W.
fn node(from: i64, to: i64, watts: i64) -> String {
    let rows = (from..=to).step_by(5).map(|at| format!("{},{watts}\n", stamp(at, '-', ' ')));
    String::from("time,node_power_w\n") + &rows.collect::<String>()
}

/// Counters of processors in joules, as `perf stat -a -I` has them.
fn processors(from: i64, to: i64, watts: i64) -> String {
    let rows = (from..=to).step_by(5).map(|at| format!("{},{watts}\n", stamp(at, '-', ' ')));
    String::from("time,cpu_power_w\n") + &rows.collect::<String>()
}

/// With a `Z` behind each time.
fn zoned(table: &str) -> String {
    table.replace(',', "Z,").replacen("Z,", ",", 1)
}

/// Value, lower and upper end of what the logs hold, J, and whether a note says that clocks differ.
fn logged(name: &str, files: &[(&str, String)], options: &[&str]) -> ([f64; 3], bool) {
    let folder = Folder::new(
        env!("CARGO_TARGET_TMPDIR"),
        env!("CARGO_BIN_EXE_carbon-report-under-test"),
        &format!("two-zones-{}", name.replace(' ', "-")),
    );
    for (path, text) in files {
        folder.write(&format!("logs/{path}"), text);
    }
    let outcome = folder.run_as_it_stands(&[&["logs", "--region=FR", "--format=json"], options].concat());
    assert!(outcome.status < 2, "{name}: {}", outcome.stderr);
    let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let end = |end: &str| report.pointer(&format!("/energy/logged_kwh/{end}")).and_then(Value::as_f64).expect("an energy") * KWH;
    let rules: Vec<&str> = report["decisions"].as_array().expect("decisions").iter().filter_map(|one| one["rule"].as_str()).collect();
    (["value", "low", "high"].map(end), rules.contains(&"clocks-differ"))
}

#[test]
fn two_instruments_of_one_run_in_two_zones_count_it_once() {
    let (from, to) = (36_000, 36_000 + 5_400);
    let joules = |watts: i64| (watts * (to - from)) as f64;
    let cc = |from: i64, to: i64| codecarbon(&[(from, to)], [100, 300, 20], 1);
    for (what, files, expected, both) in [
        ("CodeCarbon in UTC", vec![("emissions.csv", cc(from, to)), ("gpu.csv", smi(from + HOUR, to + HOUR, &[300]))], 420, 720),
        ("the sampler in UTC", vec![("emissions.csv", cc(from + 8 * HOUR, to + 8 * HOUR)), ("gpu.csv", smi(from, to, &[300]))], 420, 720),
        (
            "a zone of half an hour",
            vec![("emissions.csv", cc(from, to)), ("gpu.csv", smi(from + 11 * HOUR / 2, to + 11 * HOUR / 2, &[300]))],
            420,
            720,
        ),
        (
            "a sampler that ran two minutes longer at each end",
            vec![("emissions.csv", cc(from, to)), ("gpu.csv", smi(from - 120 + HOUR, to + 120 + HOUR, &[300]))],
            420,
            720,
        ),
        (
            "carbontracker",
            vec![("ct_carbontracker.log", carbontracker(from, to, 300)), ("gpu.csv", smi(from + HOUR, to + HOUR, &[300]))],
            300,
            600,
        ),
        (
            "two trackers",
            vec![("ct_carbontracker.log", carbontracker(from, to, 300)), ("emissions.csv", cc(from + HOUR, to + HOUR))],
            420,
            720,
        ),
        ("a job", vec![("sacct.txt", sacct(from, to, 700)), ("gpu.csv", smi(from + HOUR, to + HOUR, &[300]))], 700, 1000),
        ("a job and a tracker", vec![("sacct.txt", sacct(from, to, 700)), ("emissions.csv", cc(from + HOUR, to + HOUR))], 700, 1120),
        ("a meter", vec![("node.csv", node(from, to, 700)), ("gpu.csv", smi(from + HOUR, to + HOUR, &[300]))], 700, 1000),
        ("a meter and processors", vec![("node.csv", node(from, to, 700)), ("cpu.csv", processors(from - HOUR, to - HOUR, 150))], 700, 850),
        (
            "processors that say where the tracker was",
            vec![("emissions.csv", cc(from, to)), ("cpu.csv", processors(from, to, 100)), ("gpu.csv", smi(from + HOUR, to + HOUR, &[300]))],
            420,
            720,
        ),
        (
            "four boards beside their sum",
            vec![
                ("emissions.csv", codecarbon(&[(from, to)], [100, 1000, 20], 4)),
                ("gpu.csv", smi(from + HOUR, to + HOUR, &[300, 250, 250, 200])),
            ],
            1120,
            2120,
        ),
        (
            "two of three, in UTC",
            vec![
                ("emissions.csv", cc(from, to)),
                ("node.csv", node(from + HOUR, to + HOUR, 700)),
                ("gpu.csv", smi(from + HOUR, to + HOUR, &[300])),
            ],
            700,
            1120,
        ),
    ] {
        // Where the user says the zone of the stamps, a container's are in UTC all the same.
        let zone = match what {
            "the sampler in UTC" => "--tz=Asia/Shanghai",
            "a zone of half an hour" => "--tz=Asia/Kolkata",
            _ => "--tz=Europe/Paris",
        };
        for options in [&[][..], &[zone]] {
            let ([value, low, high], told) = logged(what, &files, options);
            let near = |a: f64, b: f64| (a - b).abs() <= 0.035 * b;
            assert!(near(value, joules(expected)), "{what}: {} W, expected {expected}", value / (to - from) as f64);
            assert!(low <= joules(expected) && high >= 0.98 * joules(both) && high < 1.6 * joules(both), "{what}: {low} to {high} J");
            assert!(told, "{what}: no decision says so");
        }
    }
}

/// Stamps of which the user says the zone are on one clock: jobs of one length four hours apart are two, each with a tracker of its own.
#[test]
fn on_a_clock_that_the_user_names_runs_hours_apart_are_two() {
    let (from, to) = (36_000, 36_000 + 5_400);
    let files =
        [("emissions.csv", codecarbon(&[(from, to)], [100, 300, 20], 1)), ("sacct.txt", sacct(from + 4 * HOUR, to + 4 * HOUR, 440))];
    for zone in ["--tz=UTC", "--tz=Europe/Paris"] {
        let ([value, low, high], _) = logged("named", &files, &[zone]);
        let joules = |watts: i64| (watts * (to - from)) as f64;
        assert!((value - joules(860)).abs() < 0.01 * joules(860), "{zone}: {value} J");
        assert!(low <= joules(440) && high >= joules(860), "{zone}: {low} to {high} J");
    }
}

#[test]
fn the_log_that_says_its_zone_stays_where_it_is() {
    let (from, to) = (36_000, 36_000 + 5_400);
    let files = [("node.csv", zoned(&node(from, to, 700))), ("gpu.csv", smi(from + HOUR, to + HOUR, &[300]))];
    let ([value, ..], told) = logged("zoned", &files, &["--tz=UTC"]);
    assert!(told && (value / (700 * (to - from)) as f64 - 1.0).abs() < 0.01, "{value} J");
}

#[test]
fn a_long_run_overlaps_itself() {
    // Six hours, an hour apart: five of them in common.
    let (from, to) = (36_000, 36_000 + 6 * HOUR);
    let files = [("emissions.csv", codecarbon(&[(from, to)], [100, 300, 20], 1)), ("gpu.csv", smi(from + HOUR, to + HOUR, &[300]))];
    let ([value, low, high], told) = logged("long", &files, &[]);
    let joules = |watts: i64| (watts * (to - from)) as f64;
    assert!(told && (value - joules(420)).abs() < 0.01 * joules(420), "{} W", value / (to - from) as f64);
    assert!(low <= joules(420) && high >= joules(420) + joules(300) / 6.0, "{low} to {high} J");
}

#[test]
fn several_runs_in_one_file_are_put_on_one_clock() {
    let runs = [(36_000, 38_700), (43_200, 48_600), (57_600, 60_000)];
    let seconds: i64 = runs.iter().map(|(from, to)| to - from).sum();
    let mut files = vec![("emissions.csv", codecarbon(&runs, [100, 300, 20], 1))];
    for (name, (from, to)) in ["a.csv", "b.csv", "c.csv"].into_iter().zip(runs) {
        files.push((name, smi(from + HOUR, to + HOUR, &[300])));
    }
    let ([value, _, high], told) = logged("runs", &files, &["--tz=Europe/Paris"]);
    let joules = |watts: i64| (watts * seconds) as f64;
    assert!(told && (value - joules(420)).abs() < 0.01 * joules(420), "{} W", value / seconds as f64);
    assert!(high >= joules(720), "{high} J");
}

#[test]
fn what_may_be_two_runs_counts_as_two() {
    let (from, to) = (36_000, 36_000 + 5_400);
    let joules = |watts: i64| (watts * (to - from)) as f64;
    let cc = |from: i64, to: i64| codecarbon(&[(from, to)], [100, 300, 20], 1);
    for (what, files, expected) in [
        (
            "an hour and three quarters, which no zones differ by",
            vec![("emissions.csv", cc(from, to)), ("gpu.csv", smi(from + 7 * HOUR / 4, to + 7 * HOUR / 4, &[300]))],
            720,
        ),
        ("another length", vec![("emissions.csv", cc(from, to)), ("gpu.csv", smi(from + 2 * HOUR, to + 3 * HOUR, &[300]))], 920),
        ("another energy", vec![("emissions.csv", cc(from, to)), ("gpu.csv", smi(from + 2 * HOUR, to + 2 * HOUR, &[150]))], 570),
        // A second run, beside the sampler of the first.
        (
            "a sampler that says where the tracker was",
            vec![
                ("emissions.csv", cc(from, to)),
                ("first.csv", smi(from, to, &[300])),
                ("second.csv", smi(from + 2 * HOUR, to + 2 * HOUR, &[300])),
            ],
            720,
        ),
        // One work, begun anew every two hours, of which a sampler saw the second.
        (
            "the same work three times",
            vec![
                (
                    "emissions.csv",
                    codecarbon(&[(from, to), (from + 2 * HOUR, to + 2 * HOUR), (from + 4 * HOUR, to + 4 * HOUR)], [100, 300, 20], 1),
                ),
                ("gpu.csv", smi(from + 2 * HOUR, to + 2 * HOUR, &[300])),
            ],
            1260,
        ),
        (
            "stamps that say their zone",
            vec![
                ("node.csv", zoned(&node(from, to, 700))),
                ("gpu.csv", zoned(&node(from + 2 * HOUR, to + 2 * HOUR, 300)).replace("node_power_w", "gpu0_power_w")),
            ],
            1000,
        ),
        (
            "two machines",
            vec![("node01/emissions.csv", cc(from, to)), ("node02/gpu.csv", smi(from + 2 * HOUR, to + 2 * HOUR, &[300]))],
            720,
        ),
    ] {
        let ([value, ..], told) = logged(what, &files, &[]);
        assert!(
            (value - joules(expected)).abs() <= 0.01 * joules(expected),
            "{what}: {} W, expected {expected}",
            value / (to - from) as f64
        );
        assert!(!told, "{what}: a decision says that clocks differ");
    }
}

/// A GPU's power each second, with a `Z` behind each time.
fn exporter(from: i64, to: i64, watts: i64) -> String {
    let rows = (from..=to).map(|at| format!("{}Z,{watts}\n", stamp(at, '-', 'T')));
    String::from("time,gpu0_power_w\n") + &rows.collect::<String>()
}

#[test]
fn what_another_clock_watched_is_taken_out_beside_what_the_own_one_did() {
    // Local time is an hour ahead of the log that says its zone.
    let (from, to) = (36_000, 36_000 + 5_400);
    let (local, end) = (from + HOUR, to + HOUR);
    let joules = |watts: i64| (watts * (to - from)) as f64;
    let tracker = || codecarbon(&[(local, end)], [100, 300, 20], 1);
    for (what, files, expected) in [
        (
            "a tracker beside two samplers",
            vec![("emissions.csv", tracker()), ("gpu.csv", smi(local, end, &[300])), ("exporter.csv", exporter(from, to, 300))],
            420,
        ),
        (
            "a meter beside processors and a GPU",
            vec![("node.csv", node(local, end, 700)), ("cpu.csv", processors(local, end, 150)), ("exporter.csv", exporter(from, to, 300))],
            700,
        ),
        (
            "a job beside a tracker's processors and a GPU",
            vec![("sacct.txt", sacct(local, end, 700)), ("emissions.csv", tracker()), ("exporter.csv", exporter(from, to, 300))],
            700,
        ),
        (
            "a tracker of two boards, of which each has a sampler of its own",
            vec![
                ("emissions.csv", codecarbon(&[(local, end)], [100, 550, 20], 2)),
                (
                    "gpu.csv",
                    smi(local, end, &[300, 250]).lines().filter(|line| !line.contains(", 0, ")).map(|line| format!("{line}\n")).collect(),
                ),
                ("exporter.csv", exporter(from, to, 300)),
            ],
            670,
        ),
    ] {
        let ([value, low, high], _) = logged(what, &files, &[]);
        assert!(
            (value - joules(expected)).abs() < 0.02 * joules(expected),
            "{what}: {} W, expected {expected}",
            value / (to - from) as f64
        );
        assert!(low <= joules(expected) && high >= joules(expected), "{what}: {low} to {high} J");
    }
}

#[test]
fn a_tracker_of_all_days_beside_logs_of_some_on_two_clocks() {
    // Three runs of an hour and a half, a day apart: the tracker's rows hold all, a sampler on its clock the first, and a log in UTC the second.
    const DAY: i64 = 24 * HOUR;
    let run = |day: i64| (36_000 + day * DAY, 41_400 + day * DAY);
    let tracker = codecarbon(&[run(0), run(1), run(2)], [100, 300, 20], 1);
    let expected = 3.0 * 420.0 * 5400.0;
    for ahead in [0, 1, -5] {
        let (from, to) = run(1);
        let files = vec![
            ("emissions.csv", tracker.clone()),
            ("gpu.csv", smi(run(0).0, run(0).1, &[300])),
            ("exporter.csv", exporter(from - ahead * HOUR, to - ahead * HOUR, 300)),
        ];
        let what = format!("a tracker of three days {ahead}");
        let ([value, low, high], _) = logged(&what, &files, &[]);
        assert!((value - expected).abs() < 0.01 * expected, "{what}: {value} J, expected {expected} J");
        // The upper end holds the log in UTC as another run: 300 W for an hour and a half.
        assert!(low <= expected && high >= expected + 300.0 * 5400.0, "{what}: {low} to {high} J");
    }
}

/// `nvidia-smi dmon -o T`: times of a day without a date.
fn of_day(from: i64, to: i64, watts: i64) -> String {
    let header = "#Time        gpu    pwr  gtemp\n#HH:MM:SS    Idx      W      C\n";
    let rows =
        (from..=to).step_by(5).map(|at| format!(" {:02}:{:02}:{:02}      0     {watts}     60\n", at / HOUR % 24, at / 60 % 60, at % 60));
    String::from(header) + &rows.collect::<String>()
}

#[test]
fn times_of_a_day_without_a_date_are_of_that_time_of_day() {
    // An hour at 300 W each, logged without a date from ten on, and with one from then on or later.
    let (from, to) = (10 * HOUR, 11 * HOUR);
    let joules = 300.0 * 3600.0;
    let dated = |behind: i64| smi(from + behind, to + behind, &[300]);
    for (what, behind, runs, options) in [
        ("at one time", 0, 1.0, &["--tz=UTC"][..]),
        ("a day later", 24 * HOUR, 1.0, &["--tz=UTC"]),
        ("three hours later", 3 * HOUR, 2.0, &["--tz=UTC"]),
        ("three hours later in a zone of the user", 3 * HOUR, 2.0, &["--tz=Europe/Paris"]),
        ("at one time in a zone of the user", 0, 1.0, &["--tz=Europe/Paris"]),
        ("three hours later in no zone", 3 * HOUR, 2.0, &[]),
        ("at one time in no zone", 0, 1.0, &[]),
    ] {
        let files = [("dmon.txt", of_day(from, to, 300)), ("gpu.csv", dated(behind))];
        let ([value, low, high], _) = logged(what, &files, options);
        assert!((value - runs * joules).abs() < 0.005 * joules, "{what}: {value} J, expected {} J", runs * joules);
        assert!(low <= joules && high >= 2.0 * joules, "{what}: {low} to {high} J");
    }
}

#[test]
fn a_night_in_which_clocks_change_is_out_of_the_lower_end() {
    // Three hours from half past midnight, 300 W of a GPU. On 29 March 2026 clocks of Europe skip the hour from two on.
    let midnight = |day: i64| (day - 2) * 24 * HOUR;
    let half = HOUR / 2;
    let append = |first: String, second: String| first + second.split_once('\n').map_or("", |cut| cut.1);
    let skipped = |day: i64| {
        let at = |hours: i64| midnight(day) + hours * half;
        append(smi(at(1), at(4), &[300]), smi(at(6), at(9), &[300]))
    };
    let tracker = |from: i64, to: i64| codecarbon(&[(from, to)], [100, 300, 20], 1);
    let (gpu, others, hour) = (300.0 * 3.0 * 3600.0, 120.0 * 3.0 * 3600.0, 300.0 * 3600.0);
    let spring = midnight(29);
    // The tracker knows how long it took, and its end.
    let files = vec![("emissions.csv", tracker(spring + 3 * half, spring + 9 * half)), ("gpu.csv", skipped(29))];
    let ([value, low, high], _) = logged("a tracker in a night that skips an hour", &files, &[]);
    assert!((value - gpu - others - hour).abs() < 0.005 * value, "{value} J, expected {} J", gpu + others + hour);
    assert!(low <= gpu + others && high >= value, "{low} to {high} J");
    // A log in UTC fits the half of it in one zone alone.
    let files = vec![("exporter.csv", exporter(spring - half, spring + 5 * half, 300)), ("gpu.csv", skipped(29))];
    let ([value, low, high], _) = logged("two samplers in a night that skips an hour", &files, &[]);
    assert!(value >= 0.995 * gpu && low <= gpu && high >= gpu, "{low} to {value} to {high} J of {gpu} J");
    // In October it comes twice: half past two, as the tracker says, is the second one.
    let autumn = |text: String| text.replace("2026-03-", "2026-10-").replace("2026/03/", "2026/10/");
    let night = midnight(25);
    let twice = append(smi(night + half, night + 6 * half - 5, &[300]), smi(night + 4 * half, night + 5 * half, &[300]));
    let files = vec![("emissions.csv", autumn(tracker(night - half, night + 5 * half))), ("gpu.csv", autumn(twice))];
    let ([value, low, high], _) = logged("a tracker in a night with an hour twice", &files, &["--tz=Europe/Berlin"]);
    assert!(low <= gpu + others && high >= gpu + others, "{low} to {value} to {high} J of {} J", gpu + others);
    // In another night it is an hour that the tracker alone has seen.
    let day = midnight(25);
    let files = vec![("emissions.csv", tracker(day + half, day + 7 * half)), ("gpu.csv", smi(day + half, day + 5 * half, &[300]))];
    let ([value, ..], _) = logged("an hour of a tracker alone", &files, &[]);
    assert!((value - gpu - others).abs() < 0.005 * value, "{value} J, expected {} J", gpu + others);
    let one = |what: &str, day: i64| {
        let day = midnight(day);
        let files = vec![("emissions.csv", tracker(day + half, day + 7 * half)), ("gpu.csv", smi(day + half, day + 5 * half, &[300]))];
        logged(what, &files, &[]).0[1]
    };
    let (wednesday, sunday) = (one("on a Wednesday", 25), one("on a Sunday", 29));
    assert!(sunday < wednesday - 0.8 * hour, "{sunday} J on a Sunday, {wednesday} J on a Wednesday");
}

#[test]
fn a_night_keeps_its_idle_hours_beside_a_short_log_in_utc() {
    // Twelve hours, of which two are work: 300 W, and 60 W for the rest. A second log, each second, of the work alone.
    let (from, to, work) = (10 * HOUR, 22 * HOUR, 15 * HOUR);
    let watts = |at: i64| if (work..work + 2 * HOUR).contains(&at) { 300 } else { 60 };
    let row = |at: i64| format!("{}.000, 0, NVIDIA A100-SXM4-80GB, {}.00 W\n", stamp(at, '/', ' '), watts(at));
    let night = String::from("timestamp, index, name, power.draw [W]\n") + &(from..=to).step_by(5).map(row).collect::<String>();
    let files = [("gpu.csv", night), ("exporter.csv", exporter(work - HOUR, work + HOUR, 300))];
    let ([value, ..], _) = logged("night", &files, &[]);
    let expected = (300 * 2 * HOUR + 60 * 10 * HOUR) as f64;
    assert!((value - expected).abs() < 0.02 * expected, "{value} J, expected {expected}");
}

#[test]
fn machines_that_write_into_one_file_of_a_tracker_may_be_several() {
    let (from, to) = (36_000, 36_000 + 5_400);
    for watts in [[300, 312, 324], [300, 240, 390]] {
        let header = codecarbon(&[], [0; 3], 1);
        let rows = watts.iter().enumerate().map(|(number, watts)| {
            let text = codecarbon(&[(from, to)], [100, *watts, 20], 1).replace("run-0", &format!("run-{number}"));
            String::from(text.strip_prefix(&header).expect("the header"))
        });
        let ([_, low, high], _) = logged("one-file", &[("emissions.csv", header.clone() + &rows.collect::<String>())], &[]);
        let joules = |watts: i64| (watts * (to - from)) as f64;
        let (one, all) = (120 + watts.iter().max().unwrap_or(&0), 360 + watts.iter().sum::<i64>());
        assert!(low <= joules(one) && high >= joules(all), "{watts:?}: {low} to {high} J");
    }
}

#[test]
fn a_machine_with_two_names_is_one() {
    // An exporter names the pod, another one the node: one board, by its uuid. A tracker without a host is of that machine.
    let (from, to) = (36_000, 36_000 + 1_800);
    let metrics = |host: &str, step: usize| {
        let row = |at: i64| {
            format!(
                "DCGM_FI_DEV_POWER_USAGE{{gpu=\"0\",UUID=\"GPU-a0000000-1111-4222-8333-000000000000\",modelName=\"NVIDIA A100-SXM4-80GB\",\
                 Hostname=\"{host}\"}} 300 {}\n",
                (1_772_409_600 + at) * 1000
            )
        };
        String::from("# HELP DCGM_FI_DEV_POWER_USAGE Power draw (in W).\n# TYPE DCGM_FI_DEV_POWER_USAGE gauge\n")
            + &(from..=to).step_by(step).map(row).collect::<String>()
    };
    let files = [
        ("pod.prom", metrics("train-0", 5)),
        ("node.prom", metrics("gpu-node", 1)),
        ("emissions.csv", codecarbon(&[(from, to)], [100, 300, 20], 1)),
    ];
    let ([value, ..], _) = logged("names", &files, &["--tz=UTC"]);
    let expected = (420 * (to - from)) as f64;
    assert!((value - expected).abs() < 0.02 * expected, "{value} J, expected {expected}");
}

#[test]
fn ids_that_were_blanked_out_join_no_machines() {
    let (from, to) = (36_000, 36_000 + 1_800);
    for id in ["GPU-00000000-0000-0000-0000-000000000000", "0", "", "N/A"] {
        let metrics = |host: &str, watts: i64| {
            let row = |at: i64| {
                let name = format!("DCGM_FI_DEV_POWER_USAGE{{gpu=\"0\",UUID=\"{id}\",Hostname=\"{host}\"}}");
                format!("{name} {} {}\n", watts + at % 7, (1_772_409_600 + at) * 1000)
            };
            String::from("# TYPE DCGM_FI_DEV_POWER_USAGE gauge\n") + &(from..=to).step_by(5).map(row).collect::<String>()
        };
        let ([value, ..], _) = logged("blanked", &[("a.prom", metrics("node1", 300)), ("b.prom", metrics("node2", 250))], &[]);
        let expected = (556 * (to - from)) as f64;
        assert!((value - expected).abs() < 0.01 * expected, "{id:?}: {value} J, expected {expected}");
    }
}

/// nvidia-smi of one board that draws 300 W in some times and 60 W in all others.
fn idling(from: i64, to: i64, busy: &[(i64, i64)]) -> String {
    let watts = |at: i64| if busy.iter().any(|(from, to)| (*from..*to).contains(&at)) { 300 } else { 60 };
    let row = |at: i64| format!("{}.000, 0, NVIDIA A100-SXM4-80GB, {}.00 W\n", stamp(at, '/', ' '), watts(at));
    String::from("timestamp, index, name, power.draw [W]\n") + &(from..=to).step_by(5).map(row).collect::<String>()
}

#[test]
fn what_may_be_one_run_is_out_of_the_lower_end() {
    // A tracker in UTC saw an hour of 420 W, 300 of them of the GPU. A sampler two hours later saw the same, and more.
    let (from, to) = (36_000, 36_000 + HOUR);
    let (start, end) = (from + 2 * HOUR, to + 2 * HOUR);
    let tracker = || codecarbon(&[(from, to)], [100, 300, 20], 1);
    let once = (420 * HOUR) as f64;
    for (what, files, idle_s, other) in [
        (
            "a sampler that ran ten minutes longer at each end",
            vec![("emissions.csv", tracker()), ("gpu.csv", idling(start - 600, end + 600, &[(start, end)]))],
            1200,
            0,
        ),
        (
            "an evaluation after the training",
            vec![("emissions.csv", tracker()), ("gpu.csv", idling(start, end + 1500, &[(start, end), (end + 300, end + 1500)]))],
            300,
            300 * 1200,
        ),
        (
            "a pause of ten minutes of the sampler",
            vec![("emissions.csv", tracker()), ("gpu.csv", smi(start, start + 1200, &[300]) + &smi(start + 1800, end, &[300]))],
            0,
            0,
        ),
    ] {
        let alone = once + (60 * idle_s + other) as f64;
        let ([value, low, high], told) = logged(what, &files, &[]);
        assert!(value > 1.5 * once, "{what}: too little says that they are one, and both count: {value} J");
        assert!(low <= alone && low > 0.8 * once && high >= value, "{what}: {low} to {high} J, once {alone}");
        assert!(!told, "{what}: nothing is put on another clock");
    }
}

#[test]
fn runs_that_fit_where_they_stand_leave_the_lower_end() {
    // A night of which a tracker saw two runs, and one more the evening after, that no sampler saw.
    let (from, to) = (10 * HOUR, 20 * HOUR);
    let runs = [(11 * HOUR, 12 * HOUR), (14 * HOUR, 15 * HOUR), (26 * HOUR, 27 * HOUR)];
    let files = [("emissions.csv", codecarbon(&runs, [100, 300, 20], 1)), ("gpu.csv", idling(from, to, &runs))];
    // The sampler's GPU, the tracker's other parts, and its GPU in the evening.
    let joules = (3 * 120 * HOUR + 2 * 300 * HOUR + 8 * 60 * HOUR + 300 * HOUR) as f64;
    let ([value, low, _], _) = logged("evening", &files, &[]);
    assert!((value - joules).abs() < 0.01 * joules, "{value} J, expected {joules}");
    assert!(low > 0.85 * joules, "{low} J of {joules}");
}
