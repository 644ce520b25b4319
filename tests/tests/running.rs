//! `--running FROM..TO`: the user says that the training ran; what nobody watched of that time is estimated, and is neither measured nor logged.
//! Energies are worked by hand: W × s.

use carbon_tests::folder::Folder;
use serde_json::Value;

/// J in a kWh.
const KWH: f64 = 3.6e6;

const HEADER: &str = "timestamp, index, name, power.draw [W]\n";

/// One row a second from one second after 10:00 to another.
fn rows(index: u32, (from, to): (u32, u32), watts: u32) -> String {
    let row = |at: u32| {
        format!("2026/03/01 {:02}:{:02}:{:02}.000, {index}, NVIDIA A100-SXM4-80GB, {watts}.00 W\n", 10 + at / 3600, at / 60 % 60, at % 60)
    };
    (from..=to).map(row).collect()
}

fn folder_of(name: &str) -> Folder {
    Folder::new(env!("CARGO_TARGET_TMPDIR"), env!("CARGO_BIN_EXE_carbon-report-under-test"), &format!("running-{name}"))
}

/// A figure of the energy, J.
fn joules(report: &Value, field: &str) -> f64 {
    report.pointer(&format!("/energy/{field}")).and_then(Value::as_f64).expect("an energy") * KWH
}

/// J of GPUs that are estimated.
fn estimated(report: &Value) -> f64 {
    let activities = report["activities"].as_array().expect("activities");
    let of = activities.iter().filter(|one| one["component"] == "gpu" && one["basis"] == "estimated");
    of.filter_map(|one| one.pointer("/energy_kwh/value").and_then(Value::as_f64)).sum::<f64>() * KWH
}

#[track_caller]
fn assert_near(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() <= 1e-6 * expected.max(1.0), "{what}: found {found} J, expected {expected} J");
}

/// A minute at 300 W, and from 13:00 on another one: the logger was started again.
fn started_again(name: &str) -> Folder {
    let folder = folder_of(name);
    folder.write("logs/gpu.csv", &[HEADER, &rows(0, (0, 60), 300), HEADER, &rows(0, (10_800, 10_860), 300)].concat());
    folder
}

#[test]
fn what_nobody_watched_is_estimated_where_it_is_said_to_have_run() {
    let folder = started_again("again");
    let plain = folder.report(&["logs"]);
    assert_near(joules(&plain, "logged_kwh/value"), 36_000.0, "logged");
    for (said, seconds) in [
        ("2026-03-01T10:00:00Z..2026-03-01T13:01:00Z", 10_740),
        // A part of the pause, time before the log, parts that overlap, and what was watched throughout.
        ("2026-03-01T10:30:00..2026-03-01T11:00:00", 1_800),
        ("2026-03-01T09:00:00..2026-03-01T10:00:30", 3_600),
        ("2026-03-01T10:30:00..2026-03-01T11:00:00,2026-03-01T10:45:00..2026-03-01T11:30:00", 3_600),
        ("2026-03-01T10:00:00..2026-03-01T10:01:00", 0),
    ] {
        let report = folder.report(&["logs", "--running", said]);
        let unwatched = f64::from(300 * seconds);
        assert_near(joules(&report, "logged_kwh/value"), 36_000.0, said);
        assert_near(estimated(&report), unwatched, said);
        // The host ran, too: what is in proportion to the time of its GPU grows with it.
        let host = |report: &Value| joules(report, "rest_kwh/value") - estimated(report);
        assert_near(host(&report), host(&plain) * (36_000.0 + unwatched) / 36_000.0, said);
        // Nothing of it is measured; the lower end is without it, and the upper end what the board can draw: 400 W.
        let measured = report.pointer("/energy/measured_share").and_then(Value::as_f64).expect("a share");
        assert_near(measured * joules(&report, "it_kwh/value"), 36_000.0, said);
        assert!(joules(&report, "it_kwh/low") <= joules(&report, "it_kwh/value") - unwatched, "{said}");
        assert!(joules(&report, "it_kwh/high") >= 36_000.0 + f64::from(400 * seconds), "{said}");
        let told =
            report.pointer("/headline/scope").map(Value::to_string).unwrap_or_default() + &report["headline"]["sentence"].to_string();
        assert_eq!(told.contains("time that nobody watched"), seconds > 0, "{said}: {told}");
        assert!(report["assumptions"].as_array().is_some_and(|all| all.iter().any(|one| one["option"] == "--running")), "{said}");
    }
}

/// What the note on time between two recordings says, if it stands there.
fn apart(report: &Value) -> Option<&str> {
    let notes = report["quality"].as_array().expect("notes");
    let mut of = notes.iter().filter(|note| note["code"] == "recordings-apart").filter_map(|note| note["message"].as_str());
    let first = of.next();
    assert_eq!(of.next(), None, "one note for all logs");
    first
}

/// From 10:01:00 to 13:00:00 are 2 h 59 min: 3.0 h in two digits.
#[test]
fn a_pause_between_two_recordings_is_told() {
    let folder = started_again("told");
    let told = "between the 2 recordings of this log nobody watched for 3.0 h in all, and nothing counts for that";
    assert_eq!(apart(&folder.report(&["logs"])), Some(told));
    // Where the user says when it ran.
    assert_eq!(apart(&folder.report(&["logs", "--running", "2026-03-01T10:00:00..2026-03-01T10:01:00"])), None);
    // The same of a second log, and of one that has a gap within its recording besides.
    folder.write("logs/more/node2/gpu.csv", &[HEADER, &rows(0, (0, 60), 300), HEADER, &rows(0, (10_800, 10_860), 310)].concat());
    assert_eq!(apart(&folder.report(&["logs"])), Some(format!("{told} (and in one more file)").as_str()));
    let folder = folder_of("told-gap");
    folder.write(
        "logs/gpu.csv",
        &[HEADER, &rows(0, (0, 60), 300), &rows(0, (660, 720), 300), HEADER, &rows(0, (10_800, 10_860), 300)].concat(),
    );
    assert_eq!(apart(&folder.report(&["logs"])), Some(told.replace("3.0 h", "2.8 h").as_str()));
    // A gap within one recording alone, another log of the host in between, and two files are no such pause.
    for (name, logs) in [
        ("gap", vec![("gpu.csv", [HEADER, &rows(0, (0, 60), 300), &rows(0, (10_800, 10_860), 300)].concat())]),
        (
            "between",
            vec![
                ("gpu.csv", [HEADER, &rows(0, (0, 60), 300), HEADER, &rows(0, (10_800, 10_860), 300)].concat()),
                ("other.csv", [HEADER, &rows(1, (0, 10_860), 200)].concat()),
            ],
        ),
        (
            "files",
            vec![("a.csv", [HEADER, &rows(0, (0, 60), 300)].concat()), ("b.csv", [HEADER, &rows(0, (10_800, 10_860), 300)].concat())],
        ),
    ] {
        let folder = folder_of(&format!("told-{name}"));
        logs.iter().for_each(|(file, text)| folder.write(&format!("logs/{file}"), text));
        assert_eq!(apart(&folder.report(&["logs"])), None, "{name}");
    }
}

#[test]
fn a_pause_in_which_it_did_not_run_is_no_part_of_it() {
    // A minute at 300 W and another one three hours later, as one recording: 36 kJ, and in the pause up to 400 W x 10,739 s.
    let folder = folder_of("one-recording");
    folder.write("logs/gpu.csv", &[HEADER, &rows(0, (0, 60), 300), &rows(0, (10_800, 10_860), 300)].concat());
    let plain = folder.report(&["logs"]);
    assert!(joules(&plain, "logged_kwh/high") > 4e6, "{}", plain["energy"]);
    for (said, estimated_j) in [
        ("2026-03-01T10:00:00Z..2026-03-01T10:01:00Z,2026-03-01T13:00:00Z..2026-03-01T13:01:00Z", 0.0),
        // Half an hour of the pause it did.
        ("2026-03-01T10:00:00Z..2026-03-01T10:31:00Z,2026-03-01T13:00:00Z..2026-03-01T13:01:00Z", 300.0 * 1800.0),
    ] {
        let report = folder.report(&["logs", "--running", said]);
        assert_near(joules(&report, "logged_kwh/value"), 36_000.0, said);
        assert_near(estimated(&report), estimated_j, said);
        assert!(joules(&report, "logged_kwh/high") < 1.2 * 36_000.0, "{said}: {}", report["energy"]);
    }
}

#[test]
fn it_agrees_with_the_options_beside_it() {
    let said = "--running=2026-03-01T10:00:00Z..2026-03-01T13:01:00Z";
    let folder = started_again("beside");
    // What is cut away did not run: 10:01 to 11:00, and from 10:30 on.
    assert_near(estimated(&folder.report(&["logs", said, "--to=2026-03-01T11:00:00Z"])), 300.0 * 3_540.0, "--to");
    assert_near(estimated(&folder.report(&["logs", said, "--from=2026-03-01T10:30:00Z"])), 300.0 * 9_000.0, "--from");
    // A total of what was logged holds none of it.
    let logged = folder.report(&["logs", said, "--boundary=logged"]);
    assert_near(estimated(&logged), 0.0, "--boundary");
    assert_near(joules(&logged, "it_kwh/value"), 36_000.0, "--boundary");
    // A gap inside of a recording: 60 s of 300 W and 60 s of 100 W, and 180 s between them.
    let gap = folder_of("gap");
    gap.write("logs/gpu.csv", &[HEADER, &rows(0, (0, 60), 300), &rows(0, (240, 300), 100)].concat());
    let (plain, with) = (gap.report(&["logs"]), gap.report(&["logs", said]));
    assert_near(joules(&with, "logged_kwh/value"), 24_000.0, "a gap");
    assert_near(estimated(&with), 200.0 * (10_860.0 - 120.0), "a gap");
    // What it may have used in the gap is in the estimate, and not once more beside it.
    assert!(joules(&plain, "logged_kwh/high") > 60_000.0, "{}", joules(&plain, "logged_kwh/high"));
    assert!(joules(&with, "logged_kwh/high") < 30_000.0, "{}", joules(&with, "logged_kwh/high"));
    let filled = gap.report(&["logs", "--fill-gaps", "--running=2026-03-01T10:00:00Z..2026-03-01T10:05:00Z"]);
    assert_near(estimated(&filled), 0.0, "--fill-gaps");
    assert_near(joules(&filled, "logged_kwh/value"), 24_000.0 + 180.0 * 200.0, "--fill-gaps");
}

#[test]
fn other_evidence_of_the_time_comes_before_it() {
    let said = "--running=2026-03-01T10:00:00Z..2026-03-01T11:00:00Z";
    // Of two GPUs one was watched all the hour; of the other one half of it.
    let folder = folder_of("two");
    folder.write("logs/gpu.csv", &[HEADER, &rows(0, (0, 3_600), 300), HEADER].concat());
    folder.write("logs/other.csv", &[HEADER, &rows(1, (0, 1_800), 200)].concat());
    assert_near(estimated(&folder.report(&["logs", said])), 200.0 * 1_800.0, "two GPUs");
    assert_near(estimated(&folder.report(&["logs", said, "--only=gpu:0"])), 0.0, "the GPU that was watched");
    // A second log of the GPU goes on where the first ends.
    folder.write("logs/later.csv", &[HEADER, &rows(1, (1_801, 2_700), 200)].concat());
    assert_near(estimated(&folder.report(&["logs", said])), 200.0 * 900.0, "a second log");
    // A meter of the node watched: its joules are those of the GPU, too.
    let node = started_again("node");
    let meter: String =
        (0..=10_860).step_by(10).map(|at| format!("2026-03-01T{:02}:{:02}:{:02}Z,900\n", 10 + at / 3600, at / 60 % 60, at % 60)).collect();
    node.write("logs/meter.csv", &format!("time,node_w\n{meter}"));
    let report = node.report(&["logs", "--running=2026-03-01T10:00:00Z..2026-03-01T13:01:00Z"]);
    assert_near(estimated(&report), 0.0, "a meter");
    assert_near(joules(&report, "logged_kwh/value"), 900.0 * 10_860.0, "a meter");
}

#[test]
fn what_is_no_time_is_refused() {
    let folder = started_again("refused");
    for said in ["", "noon..evening", "2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z..2026-03-01T10:00:00Z"] {
        let outcome = folder.run(&["logs", "--running", said]);
        assert_eq!(outcome.status, 2, "{said:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("running") && outcome.stderr.contains("expected"), "{}", outcome.stderr);
    }
}

/// `time,` and counters of a package and its memory, ten minutes from 10:00, once a second.
fn counters(packages: &[(&str, u32)]) -> String {
    let header: String = packages.iter().map(|(name, _)| format!(",{name}_uj")).collect();
    let row = |at: u32| {
        let cells: String = packages.iter().map(|(_, watts)| format!(",{}", u64::from(*watts) * u64::from(at) * 1_000_000)).collect();
        format!("2026-03-01T10:{:02}:{:02}Z{cells}\n", at / 60, at % 60)
    };
    format!("time{header}\n{}", (0..=599).map(row).collect::<String>())
}

/// What such an hour can come to at most, W, of a component's devices together.
#[track_caller]
fn at_most_w(report: &Value, component: &str) -> f64 {
    let activities = report["activities"].as_array().expect("activities");
    let is_it =
        |one: &&Value| one["component"] == component && one["method_text"].as_str().is_some_and(|text| text.starts_with("nobody watched"));
    let found: Vec<&Value> = activities.iter().filter(is_it).collect();
    assert!(!found.is_empty(), "{component}: {activities:?}");
    found.iter().filter_map(|one| one.pointer("/energy_kwh/high").and_then(Value::as_f64)).sum::<f64>() * 1000.0
}

/// An hour that nobody watched, after what was.
const HOUR: &str = "--running=2026-03-01T11:00:00Z..2026-03-01T12:00:00Z";

#[test]
fn the_upper_end_is_what_such_devices_draw() {
    // A rating: an A100 draws 400 W, and a tenth more; readings lie below. The model of a processor gives 225 W, and twice that.
    let folder = folder_of("ceiling-rated");
    folder.write("logs/gpu.csv", &[HEADER, &rows(0, (0, 600), 300)].concat());
    assert_near(at_most_w(&folder.report(&["logs", HOUR]), "gpu"), 440.0, "an A100");
    // Packages whose model no log names: none is larger than the largest, of 500 W, and none draws more than twice its rating.
    let folder = folder_of("ceiling-packages");
    folder.write("logs/cpu.csv", &counters(&[("package-0", 100), ("package-1", 90)]));
    assert_near(at_most_w(&folder.report(&["logs", HOUR]), "cpu"), 2_000.0, "two packages");
    // More of them than such could be in one machine share its ceiling, 4000 W.
    let folder = folder_of("ceiling-machine");
    let names: Vec<String> = (0..8).map(|number| format!("package-{number}")).collect();
    folder.write("logs/cpu.csv", &counters(&names.iter().map(|name| (name.as_str(), 100)).collect::<Vec<_>>()));
    assert_near(at_most_w(&folder.report(&["logs", HOUR]), "cpu"), 4_000.0, "eight packages");
    // Memory whose size no log names: a server's at a socket (40 W), or twice what it drew.
    for (watts, expected) in [(5, 40.0), (60, 120.0)] {
        let folder = folder_of(&format!("ceiling-memory-{watts}"));
        folder.write("logs/cpu.csv", &counters(&[("package-0", 100), ("dram", watts)]));
        assert_near(at_most_w(&folder.report(&["logs", HOUR]), "memory"), expected, "memory");
    }
}

/// A job of one hour from 10:00, with GPUs and no energy.
fn job(nodes: u32, list: &str, gpus: u32) -> String {
    format!(
        "JobID|JobName|State|Start|End|ElapsedRaw|NNodes|NodeList|AllocTRES|ConsumedEnergyRaw\n\
         1|t|COMPLETED|2026-03-01T10:00:00|2026-03-01T11:00:00|3600|{nodes}|{list}|node={nodes},gres/gpu={gpus}|0\n"
    )
}

fn has_decision(report: &Value) -> bool {
    report["decisions"].as_array().expect("decisions").iter().any(|one| one["rule"] == "ran-unwatched")
}

#[test]
fn a_job_s_time_that_nobody_watched_is_estimated() {
    // Half an hour of its hour, a hole in the middle, the ends, and two nodes of which each was watched for a part: J by sensors, and by estimate.
    let half = [("node01/gpu.csv", [HEADER, &rows(0, (0, 1_800), 300)].concat())];
    let hole = [("node01/gpu.csv", [HEADER, &rows(0, (0, 600), 300), &rows(0, (1_800, 3_600), 300)].concat())];
    let ends = [("node01/gpu.csv", [HEADER, &rows(0, (1_200, 1_500), 300)].concat())];
    let two = [
        ("node01/gpu.csv", [HEADER, &rows(0, (0, 3_000), 300)].concat()),
        ("node02/gpu.csv", [HEADER, &rows(0, (900, 3_600), 200)].concat()),
    ];
    let logs: [(&str, &[(&str, String)], String, f64, f64); 4] = [
        ("half", &half, job(1, "node01", 1), 300.0 * 1_800.0, 300.0 * 1_800.0),
        ("hole", &hole, job(1, "node01", 1), 300.0 * 2_400.0, 300.0 * 1_200.0),
        ("ends", &ends, job(1, "node01", 1), 300.0 * 300.0, 300.0 * 3_300.0),
        ("two", &two, job(2, "node[01-02]", 2), 300.0 * 3_000.0 + 200.0 * 2_700.0, 300.0 * 600.0 + 200.0 * 900.0),
    ];
    for (name, files, jobs, sensors, unwatched) in logs {
        let folder = folder_of(&format!("job-{name}"));
        files.iter().for_each(|(path, text)| folder.write(&format!("logs/{path}"), text));
        folder.write("logs/jobs.psv", &jobs);
        let report = folder.report(&["logs"]);
        assert_near(joules(&report, "logged_kwh/value"), sensors, name);
        assert_near(estimated(&report), unwatched, name);
        assert!(has_decision(&report), "{name}: {}", report["decisions"]);
        let logged = folder.report(&["logs", "--boundary=logged"]);
        assert_near(joules(&logged, "it_kwh/value"), sensors, name);
        assert!(!has_decision(&logged), "{name}");
    }
}

#[test]
fn only_a_job_in_which_a_device_was_watched_says_that_it_ran() {
    // Of another node, of another time, of a time that stamps do not tell apart, and of one that holds its own energy.
    let later = job(1, "node01", 1).replace("T11:00", "T13:00").replace("T10:00", "T12:00");
    let with_energy = job(1, "node01", 1).replace("|0\n", "|2000000\n");
    // The next job of the node begins moments before the log ends, and takes ten hours.
    let next = job(1, "node01", 1).replace("T11:00", "T20:58").replace("T10:00", "T10:58");
    for (name, seconds, jobs) in [
        ("other", 1_800, job(1, "node02", 1)),
        ("next", 3_490, next),
        ("later", 1_800, later),
        ("stamps", 3_598, job(1, "node01", 1)),
        ("energy", 1_800, with_energy),
    ] {
        let folder = folder_of(&format!("no-job-{name}"));
        folder.write("logs/node01/gpu.csv", &[HEADER, &rows(0, (0, seconds), 300)].concat());
        folder.write("logs/jobs.psv", &jobs);
        let report = folder.report(&["logs"]);
        assert_near(estimated(&report), 0.0, name);
        assert!(!has_decision(&report), "{name}: {}", report["decisions"]);
    }
}

#[test]
fn a_job_says_it_of_as_many_devices_as_it_had() {
    let folder = folder_of("one-of-two");
    folder.write("logs/node01/gpu.csv", &[HEADER, &rows(0, (0, 600), 300), &rows(1, (0, 600), 300)].concat());
    folder.write("logs/jobs.psv", &job(1, "node01", 1));
    let report = folder.report(&["logs"]);
    assert_near(joules(&report, "logged_kwh/value"), 2.0 * 300.0 * 600.0, "logged");
    assert_near(estimated(&report), 300.0 * 3_000.0, "fifty minutes of one of two boards");
}

#[test]
fn a_tracker_of_other_parts_says_that_it_ran() {
    let folder = folder_of("tracker");
    folder.write("logs/gpu.csv", &[HEADER, &rows(0, (600, 1_800), 300)].concat());
    folder.write(
        "logs/emissions.csv",
        "timestamp,project_name,run_id,experiment_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,\
         energy_consumed,country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_count,cpu_model,\
         gpu_count,gpu_model,longitude,latitude,ram_total_size,tracking_mode,on_cloud,pue\n\
         2026-03-01T11:00:00,p,r1,e,3600,0.01,0.000002,100,0,20,0.1,0,0.02,0.12,France,FRA,,,,Linux,3.12,3.2.6,64,AMD EPYC 7713,,,2.3,48.8,64,\
         machine,N,1.0\n",
    );
    let report = folder.report(&["logs"]);
    assert_near(estimated(&report), 300.0 * 2_400.0, "the tracker's hour less twenty minutes");
    assert!(has_decision(&report), "{}", report["decisions"]);
    assert_near(joules(&report, "logged_kwh/value"), 300.0 * 1_200.0 + 0.12 * KWH, "logged");
}
