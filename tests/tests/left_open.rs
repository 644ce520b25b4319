//! What logs leave open: the value is one reading, the interval holds the other. Worked by hand: W × s, and kWh of trackers.

use carbon_tests::folder::Folder;
use serde_json::Value;

/// J in a kWh.
const KWH: f64 = 3.6e6;

fn folder_of(name: &str) -> Folder {
    Folder::new(env!("CARGO_TARGET_TMPDIR"), env!("CARGO_BIN_EXE_carbon-report-under-test"), &format!("left-open-{name}"))
}

/// Value, lower and upper end of a total, J.
fn total(report: &Value, name: &str) -> [f64; 3] {
    ["value", "low", "high"].map(|end| report.pointer(&format!("/energy/{name}/{end}")).and_then(Value::as_f64).expect("an energy") * KWH)
}

/// CodeCarbon's row of an hour in France, and a report of optimum-benchmark, which has no time and no place; kWh of processor, GPU and memory.
fn tracker_and_summary(tracker: [f64; 3], summary: [f64; 3]) -> (String, String) {
    let sum = |of: [f64; 3]| of.iter().sum::<f64>();
    let [cpu, gpu, ram] = tracker;
    let row = format!(
        "timestamp,project_name,run_id,duration,emissions,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,country_name,\
         country_iso_code,os,codecarbon_version,cpu_count,cpu_model,gpu_count,gpu_model,ram_total_size,tracking_mode,on_cloud,pue\n\
         2024-05-01T12:00:00,demo,a,3600,0.03,100,300,10,{cpu},{gpu},{ram},{},France,FRA,Linux-6.1,2.3.5,32,AMD EPYC 7713,1,\
         1 x NVIDIA A100-SXM4-80GB,251.7,machine,N,1.0\n",
        sum(tracker)
    );
    let [cpu, gpu, ram] = summary;
    let json = serde_json::json!({
        "preprocess": { "energy": { "unit": "kWh", "cpu": 0.0, "ram": 0.0, "gpu": 0.0, "total": 0.0 }, "efficiency": null },
        "decode": { "energy": { "unit": "kWh", "cpu": cpu, "ram": ram, "gpu": gpu, "total": sum(summary) }, "efficiency": { "unit": "samples/kWh" } },
    });
    (row, json.to_string())
}

#[test]
fn a_summary_without_a_time_may_be_of_the_run_beside_it() {
    for (name, tracker, summary, expected_kwh) in [
        ("a part of it", [0.1, 0.3, 0.01], [0.02, 0.09, 0.002], 0.41),
        ("more than it", [0.1, 0.3, 0.01], [0.2, 0.9, 0.02], 1.12),
        ("now one, now the other", [0.1, 0.3, 0.01], [0.2, 0.1, 0.005], 0.51),
    ] {
        let (row, json) = tracker_and_summary(tracker, summary);
        let folder = folder_of(&name.replace([' ', ','], "-"));
        folder.write("logs/emissions.csv", &row);
        folder.write("logs/benchmark_report.json", &json);
        let report = folder.report(&["logs"]);
        let [value, low, high] = total(&report, "logged_kwh").map(|joules| joules / KWH);
        let both: f64 = tracker.iter().chain(&summary).sum();
        assert!((value - expected_kwh).abs() < 1e-9, "{name}: {value} kWh, expected {expected_kwh}");
        assert!(low < value && high >= both && high < 2.0 * both, "{name}: {low} to {high} kWh, both are {both}");
        let left: f64 = report["decisions"].as_array().expect("decisions").iter().filter_map(|one| one["energy_kwh"].as_f64()).sum();
        assert!((left - (both - value)).abs() < 1e-9, "{name}: {left} kWh are left out of {both}");
        // One computer stands in one place.
        assert!(!report["factors"].to_string().contains("\"WORLD\""), "{name}: {}", report["factors"]);
    }
}

#[test]
fn single_readings_far_apart_may_be_all_that_was_watched() {
    // Ten minutes once a second, twelve single readings a quarter of an hour apart, ten minutes once a second: at 300 W.
    let every_second = |from: u64| (from..=from + 600).collect::<Vec<u64>>();
    let seconds = [every_second(0), (1..12).map(|at| 600 + 900 * at).collect(), every_second(600 + 900 * 12)].concat();
    let row =
        |at: &u64| format!("2026/03/01 {:02}:{:02}:{:02}.000, 0, NVIDIA A100-SXM4-80GB, 300.00 W\n", at / 3600, at / 60 % 60, at % 60);
    let folder = folder_of("single-readings");
    folder
        .write("logs/gpu.csv", &(String::from("timestamp, index, name, power.draw [W]\n") + &seconds.iter().map(row).collect::<String>()));
    let [value, low, high] = total(&folder.report(&["logs"]), "logged_kwh");
    assert!((value - 300.0 * 12_000.0).abs() < 1.0, "{value} J");
    assert!(low <= 300.0 * 1200.0 && low > 0.8 * 300.0 * 1200.0 && high < 1.15 * value, "{low} to {high} J");
}

#[test]
fn a_few_readings_far_apart_beside_a_fast_log_may_be_what_is_left_of_one() {
    // Ten minutes once a second; then a file of three rows, forty minutes apart: at 300 W.
    let row = |at: u64| format!("2026/03/01 {:02}:{:02}:{:02}.000, 0, NVIDIA A100-SXM4-80GB, 300.00 W\n", at / 3600, at / 60 % 60, at % 60);
    let log =
        |seconds: &[u64]| String::from("timestamp, index, name, power.draw [W]\n") + &seconds.iter().map(|at| row(*at)).collect::<String>();
    let fast: Vec<u64> = (0..=600).collect();
    let folder = folder_of("few-far-apart");
    folder.write("logs/a.csv", &log(&fast));
    folder.write("logs/b.csv", &log(&[3_000, 5_400, 7_800]));
    let [value, low, high] = total(&folder.report(&["logs"]), "logged_kwh");
    assert!((value - 300.0 * 5_400.0).abs() < 1.0, "{value} J");
    assert!(low <= 300.0 * 600.0 && low > 0.8 * 300.0 * 600.0 && high >= value, "{low} to {high} J");
}

#[test]
fn a_processor_that_draws_little_may_be_of_a_small_board() {
    let table = |watts: u32| {
        let row = |at: u32| format!("{},{watts}\n", 1_772_359_200 + at);
        format!("time,cpu_power_w\n{}", (0..=600).map(row).collect::<String>())
    };
    // A board of 4 W, all of it in the reading, behind a supply that loses an eighth; and a server, which no board is.
    let folder = folder_of("board");
    folder.write("logs/cpu.csv", &table(4));
    let [value, low, high] = total(&folder.report(&["logs"]), "it_kwh");
    assert!(low <= 4.0 * 600.0 * 8.0 / 7.0 && value > low && high > 600.0 * (4.0 + 60.0), "{low} to {high} J");
    let folder = folder_of("server");
    folder.write("logs/cpu.csv", &table(90));
    let [_, low, _] = total(&folder.report(&["logs"]), "it_kwh");
    assert!(low > 600.0 * (90.0 + 10.0), "{low} J");
}

/// An hour of a GPU whose power moves between 100 and 400 W, every so many seconds.
fn moving(step: usize, uuid: &str) -> String {
    let watts = |at: usize| 100 + (at / 40 * 97 + at / 7 * 31) % 301;
    let stamp = |at: usize| format!("2026/03/01 {:02}:{:02}:{:02}.000", 10 + at / 3600, at / 60 % 60, at % 60);
    let row = |at: usize| format!("{}, 0, {uuid}NVIDIA A100-SXM4-80GB, {}.00 W\n", stamp(at), watts(at));
    let name = if uuid.is_empty() { "" } else { "uuid, " };
    format!("timestamp, index, {name}name, power.draw [W]\n{}", (0..=3600).step_by(step).map(row).collect::<String>())
}

#[test]
fn the_folder_of_a_run_is_no_machine() {
    let of = |other: &str| {
        let folder = folder_of(&other.replace('/', "-"));
        folder.write("logs/gpu.csv", &moving(1, ""));
        folder.write(&format!("logs/{other}"), &moving(15, ""));
        let report = folder.report(&["logs"]);
        total(&report, "logged_kwh")
    };
    let [one, ..] = of("again.csv");
    let [value, _, high] = of("wandb/run-20260301_100000-abcd1234/files/power.csv");
    assert!((value - one).abs() < 1.0 && high > 1.9 * one, "{value} J, in one folder {one} J; to {high} J");
}

#[test]
fn jobs_that_each_see_one_board_are_of_the_node_that_a_scheduler_names() {
    let job = |number: u32, joules: u32| format!("{number}|t|COMPLETED|2026-03-01T10:00:00|2026-03-01T11:00:00|3600|1|gpu001|{joules}\n");
    let header = "JobID|JobName|State|Start|End|ElapsedRaw|NNodes|NodeList|ConsumedEnergyRaw\n";
    let folder = folder_of("one-board-each");
    folder.write("logs/jobs.psv", &(String::from(header) + &job(1, 3_600_000) + &job(2, 3_600_000)));
    folder.write("logs/job1/gpu.csv", &moving(1, "GPU-11111111-0000-0000-0000-000000000000, "));
    folder.write("logs/job2/gpu.csv", &moving(1, "GPU-22222222-0000-0000-0000-000000000000, "));
    let [value, low, high] = total(&folder.report(&["logs"]), "logged_kwh");
    assert!((value - 3_600_000.0).abs() < 1.0 && low < value && high > value, "{value} J, {low} to {high} J");
}

/// An hour of W&B's system metrics of one board, every 15 s.
fn wandb_events(watts: usize) -> String {
    let row = |number: usize| {
        let power = watts + number % 3;
        format!(
            "{{\"system.gpu.0.powerWatts\":{power}.0,\"_runtime\":{}.0,\"_timestamp\":{}.0}}\n",
            15 * number,
            1_772_359_200 + 15 * number
        )
    };
    (0..=240).map(row).collect()
}

#[test]
fn what_a_tracker_wrote_down_of_its_run_names_the_host() {
    let about = |host: &str| {
        format!(
            "{{\n  \"os\": \"Linux-5.15\",\n  \"python\": \"3.10.12\",\n  \"startedAt\": \"2026-03-01T10:00:00Z\",\n  \"program\": \"train.py\",\n  \
             \"host\": \"{host}\",\n  \"gpu\": \"NVIDIA A100-SXM4-80GB\",\n  \"gpu_count\": 1\n}}\n"
        )
    };
    let of = |name: &str, hosts: [&str; 2]| {
        let folder = folder_of(name);
        for (number, host) in hosts.into_iter().enumerate() {
            let run = format!("wandb/run-20260301_10000{number}-abcd123{number}/files");
            folder.write(&format!("{run}/wandb-events.jsonl"), &wandb_events(300 + number));
            folder.write(&format!("{run}/wandb-metadata.json"), &about(host));
        }
        folder.report(&["wandb"])
    };
    // W × s: 301 W on average, and 302 W.
    let (one, two) = (301.0 * 3600.0, 603.0 * 3600.0);
    let near = |found: f64, truth: f64| (found / truth - 1.0).abs() < 0.01;
    // Two nodes: both count, for certain.
    let report = of("two-nodes", ["node07", "node08"]);
    let [value, low, high] = total(&report, "logged_kwh");
    assert!(near(value, two) && low > 0.85 * two && high < 1.15 * two, "{value} J, {low} to {high} J of two nodes");
    // Two runs on one node are of its one board.
    let [value, low, high] = total(&of("one-node", ["node07", "node07"]), "logged_kwh");
    assert!(near(value, one) && low > 0.85 * one && high < 1.15 * one, "{value} J, {low} to {high} J of one node");
    // The id of a container is no machine's name: as without one.
    let [value, _, high] = total(&of("containers", ["3f2a9c01b7de", "9d11c0ffee42"]), "logged_kwh");
    assert!(near(value, one) && high > 1.95 * one, "{value} J, to {high} J of two containers");
    // The board that it names tells what machine stands around it.
    assert!(report["headline"]["boundary"] == "machine" && total(&report, "it_kwh")[0] > 1.2 * two, "{}", report["headline"]);
}

#[test]
fn a_tracker_names_the_board_of_the_log_beside_it() {
    let folder = folder_of("model");
    folder.write("logs/wandb-events.jsonl", &wandb_events(300));
    let report = folder.report(&["logs"]);
    assert_eq!(report["headline"]["boundary"], "logged", "nobody knows the board");
    let (codecarbon, _) = tracker_and_summary([0.02, 0.3, 0.01], [0.1; 3]);
    folder.write("logs/emissions.csv", &codecarbon);
    let report = folder.report(&["logs"]);
    assert_eq!(report["headline"]["boundary"], "machine");
    let models: Vec<&Value> = report["activities"].as_array().into_iter().flatten().map(|one| &one["model"]).collect();
    assert!(models.iter().any(|model| model.as_str().is_some_and(|model| model.contains("A100"))), "{models:?}");
}

#[test]
fn a_figure_without_a_date_may_be_of_another_period() {
    let (_, summary) = tracker_and_summary([0.1; 3], [0.1, 0.3, 0.1]);
    let folder = folder_of("undated-period");
    folder.write("logs/benchmark.json", &summary);
    folder.write("logs/gpu.csv", &moving(1, ""));
    let figure = 0.5 * KWH;
    // Beyond all rows the figure alone is left; it counts, and the lower end is without it.
    let report = folder.report(&["logs", "--from=2027-01-01"]);
    let [value, low, high] = total(&report, "logged_kwh");
    assert!((value - figure).abs() < 1.0 && low < 1.0 && high > figure, "{value} J, {low} to {high} J");
    assert!(report["quality"].to_string().contains("period-share"), "{}", report["quality"]);
    // Without a period there is no doubt.
    let [_, low, _] = total(&folder.report(&["logs"]), "logged_kwh");
    assert!(low > 0.5 * figure, "{low} J");
    // Where a log has no row in the period, it is said.
    let folder = folder_of("nothing-in-period");
    folder.write("logs/gpu.csv", &moving(1, ""));
    for period in ["--from=2027-01-01T00:00:00Z", "--to=2025-01-01", "--from=2026-03-02T00:00:00+02:00"] {
        let outcome = folder.run(&["logs", period]);
        assert!(outcome.status == 2 && outcome.stderr.contains("3601 rows lie outside"), "{period}: {}", outcome.stderr);
    }
}

#[test]
fn windows_of_an_hour_that_comes_twice_all_count() {
    // Windows of five minutes from midnight on, in France, on the night when the clock is set back from 03:00 to 02:00.
    let watts = |window: usize| 120 + window * 37 % 90;
    let row = |window: usize| {
        let minute = 5 * window - if window < 36 { 0 } else { 60 };
        format!("2026-10-25 {:02}:{:02}:00,{}\n", minute / 60, minute % 60, watts(window) as f64 / 12.0)
    };
    let log = |windows: usize| format!("time,energy_wh\n{}", (0..windows).map(row).collect::<String>());
    let of = |windows: usize| (0..windows).map(|window| watts(window) * 300).sum::<usize>() as f64;
    let folder = folder_of("dst");
    folder.write("logs/plug.csv", &log(96));
    let run = |zone: &str| {
        let outcome = folder.run_as_it_stands(&["logs", "--region=FR", "--format=json", zone]);
        serde_json::from_str::<Value>(&outcome.stdout).expect("JSON")
    };
    let twice: f64 = (24..36).map(|window| watts(window) as f64 * 300.0).sum();
    let report = run("--boundary=logged");
    let [value, low, high] = total(&report, "logged_kwh");
    assert!((value / of(96) - 1.0).abs() < 0.001 && low < of(96) - twice && high > of(96), "{value} J, {low} to {high} J");
    assert!(report["decisions"].to_string().contains("clock-set-back"), "{}", report["decisions"]);
    let [value, ..] = total(&run("--tz=Europe/Paris"), "logged_kwh");
    assert!((value / of(96) - 1.0).abs() < 0.001, "{value} J with a zone");
    // A log that was put together with a copy of its end counts that once.
    folder.write("logs/plug.csv", &(log(36) + &(24..36).map(row).collect::<String>()));
    let [value, ..] = total(&run("--boundary=logged"), "logged_kwh");
    assert!((value / of(36) - 1.0).abs() < 0.001, "{value} J of {} J", of(36));
}

#[test]
fn a_tracker_of_some_boards_may_be_of_others_than_a_sampler_beside_it() {
    // Four boards of 300 W for an hour. CodeCarbon tells the number of all, whichever it read; by hand, kWh.
    let smi = |boards: &[usize]| {
        let rows = (0..=360).flat_map(|number| {
            boards.iter().map(move |board| {
                let at = 10 * number;
                format!("2024/05/01 {:02}:{:02}:{:02}.000, {board}, {}.00 W\n", 11 + at / 3600, at / 60 % 60, at % 60, 300 + number % 2)
            })
        });
        format!("timestamp, index, power.draw [W]\n{}", rows.collect::<String>())
    };
    let of = |name: &str, gpu_kwh: f64, boards: &[usize]| {
        let folder = folder_of(name);
        let (tracker, _) = tracker_and_summary([0.1, gpu_kwh, 0.01], [0.1; 3]);
        folder.write("logs/emissions.csv", &tracker.replace(",1,1 x ", ",4,4 x "));
        folder.write("logs/gpu.csv", &smi(boards));
        total(&folder.report(&["logs", "--boundary=logged"]), "logged_kwh")
    };
    // It read two (`gpu_ids`), the sampler the other two: 1.2 and 0.11 kWh.
    let [value, low, high] = of("other-boards", 0.6, &[2, 3]);
    assert!(low < value && value < 1.31 * KWH && high > 1.31 * KWH, "{value} J, {low} to {high} J");
    // One of four is idle, at 50 W: it is what is left of a figure of all.
    let [value, _, high] = of("an-idle-board", 0.95, &[0, 1, 2]);
    assert!((value / (1.06 * KWH) - 1.0).abs() < 0.01 && high < 1.3 * KWH, "{value} J, to {high} J");
}

#[test]
fn boards_of_one_number_may_be_of_the_machine_whose_controller_reads_more() {
    // Two boards of number 0, of 300 and 200 W, and a controller that names no host, of 800 W: one machine, or two of which one has a meter. W × s.
    let stamp = |second: usize| format!("2026/03/01 {:02}:{:02}:{:02}.000", 10 + second / 3600, second / 60 % 60, second % 60);
    let board = |watts: usize, step: usize| {
        let row = |number: usize| format!("{}, 0, {}.00 W\n", stamp(5 * number), watts + number * step % 13);
        format!("timestamp, index, power.draw [W]\n{}", (0..=720).map(row).collect::<String>())
    };
    let meter = |watts: usize| {
        let row = |number: usize| format!("{},{watts}\n", stamp(5 * number).replace('/', "-"));
        format!("time,node_w\n{}", (0..=720).map(row).collect::<String>())
    };
    let of = |name: &str, files: &[(&str, String)]| {
        let folder = folder_of(name);
        files.iter().for_each(|(path, text)| folder.write(&format!("logs/{path}"), text));
        total(&folder.report(&["logs", "--boundary=logged"]), "logged_kwh")
    };
    let boards = || [("job1/gpu.csv", board(300, 5)), ("job2/gpu.csv", board(200, 7))];
    let [value, low, high] = of("one-controller", &[boards().as_slice(), &[("node.csv", meter(800))]].concat());
    let (one, two) = (800.0 * 3600.0, 1006.0 * 3600.0);
    assert!(low < one && high > two && value <= two * 1.01, "{value} J, {low} to {high} J");
    // With a meter each they are two for certain.
    let meters = [("job1/node.csv", meter(800)), ("job2/node.csv", meter(650))];
    let [value, low, _] = of("two-controllers", &[boards().as_slice(), &meters].concat());
    let two = 1450.0 * 3600.0;
    assert!((value / two - 1.0).abs() < 0.01 && low > 0.85 * two, "{value} J, {low} J at least, of {two} J");
}

/// Rows of `sacct` without an id, four hours each unless they say otherwise.
fn accounting(rows: &[(&str, u64)]) -> String {
    let row = |(name, joules): &(&str, u64)| format!("{name}|COMPLETED|2025-06-12T10:00:00|2025-06-12T14:00:00|04:00:00|1|{joules}\n");
    String::from("JobName|State|Start|End|Elapsed|NNodes|ConsumedEnergyRaw\n") + &rows.iter().map(row).collect::<String>()
}

#[test]
fn rows_of_jobs_and_of_steps_without_an_id() {
    let untimed = |rows: &[u64]| {
        let row = |joules: &u64| format!("{joules}|3600|1|COMPLETED\n");
        String::from("ConsumedEnergyRaw|CPUTimeRAW|ReqCPUS|State\n") + &rows.iter().map(row).collect::<String>()
    };
    let later = accounting(&[("train", 3_600_000)]) + "eval|COMPLETED|2025-06-12T15:00:00|2025-06-12T16:00:00|01:00:00|1|900000\n";
    let steps = accounting(&[("train", 3_600_000), ("batch", 3_590_000), ("extern", 3_600_000), ("python", 3_580_000)]);
    let of_steps_alone = accounting(&[("train", 0), ("batch", 3_590_000)]).replace("|0\n", "|\n");
    for (name, log, value_j, least_j) in [
        ("names of steps", steps, 3_600_000, 3_600_000),
        ("a job whose step alone has an energy", of_steps_alone, 3_590_000, 3_590_000),
        ("of one time, perhaps a step", accounting(&[("train", 3_600_000), ("other", 3_580_000)]), 7_180_000, 3_600_000),
        ("more than the job before", accounting(&[("train", 3_600_000), ("other", 3_700_000)]), 7_300_000, 7_300_000),
        ("another time", later, 4_500_000, 4_500_000),
        ("without times", untimed(&[3_600_000, 3_590_000, 3_580_000]), 10_770_000, 3_600_000),
    ] {
        let folder = folder_of(&name.replace([' ', ','], "-"));
        folder.write("logs/sacct.psv", &log);
        let [value, low, high] = total(&folder.report(&["logs"]), "logged_kwh");
        assert!((value - f64::from(value_j)).abs() < 1.0, "{name}: {value} J, expected {value_j}");
        assert!(
            low <= f64::from(least_j) && low > 0.8 * f64::from(least_j) && high > value,
            "{name}: {low} to {high} J, at least {least_j}"
        );
    }
}

#[test]
fn rows_of_a_stream_are_put_in_order() {
    // 300 W for ten minutes; the rows stand in no order.
    let rows: Vec<String> =
        (0..=600).map(|at| format!("2025/03/01 10:{:02}:{:02}.000, 0, NVIDIA A100-SXM4-80GB, 300.00 W\n", at / 60, at % 60)).collect();
    let shuffled: String = (0..rows.len()).map(|at| rows[at * 227 % rows.len()].as_str()).collect();
    let folder = folder_of("stream");
    folder.write("log.csv", &(String::from("timestamp, index, name, power.draw [W]\n") + &shuffled));
    let of = |args: &[&str]| {
        let outcome = folder.run_on("log.csv", args);
        assert!(outcome.status < 2, "{}", outcome.stderr);
        (total(&serde_json::from_str(&outcome.stdout).expect("JSON"), "logged_kwh"), outcome.stderr)
    };
    let ([value, low, high], told) = of(&[]);
    assert!((value - 180_000.0).abs() < 1.0 && low > 0.9 * value && high < 1.15 * value, "{value} J, {low} to {high}");
    assert!(!told.contains("warning"), "{told}");
    // Without a copy they count as they stand: no more than the highest power throughout.
    let ([value, low, high], told) = of(&["--limit=stream-copy-bytes=1000"]);
    assert!(value <= 180_001.0 && low < value && (180_000.0..1.15 * 180_000.0).contains(&high), "{value} J, {low} to {high}");
    assert!(told.contains("stream-copy-bytes") && !told.contains("another one"), "{told}");
}

#[test]
fn a_reading_in_the_middle_of_a_pause_is_no_mark_of_it() {
    // nvidia-smi's tables, printed by hand; one that came late stands where nobody looked, as far as was known.
    let table = |minute: u32, watts: u32| {
        format!(
            "Thu Jun 12 14:{minute:02}:00 2025\n| NVIDIA-SMI 535.104.05             Driver Version: 535.104.05   CUDA Version: 12.2     |\n\
             | N/A   42C    P0            {watts}W / 400W |   1000MiB / 40960MiB |     97%      Default |\n"
        )
    };
    for (name, minutes, joules) in [("even", [0, 4, 2], 24_240.0), ("uneven", [0, 4, 3], 24_240.0)] {
        let folder = folder_of(&format!("tables-{name}"));
        folder.write("logs/smi.txt", &minutes.map(|minute| table(minute, 101)).concat());
        let [value, low, high] = total(&folder.report(&["logs"]), "logged_kwh");
        assert!(low >= 0.0 && low <= joules && joules <= high && high < 10.0 * joules, "{name}: {value} J, {low} to {high}");
        assert!(value >= 0.0 && value <= 1.001 * joules, "{name}: {value} J");
    }
}

/// An hour of a table, every ten seconds, local or in UTC.
fn hour_of(column: &str, watts: u32, zone: &str) -> String {
    let row = |at: u32| format!("2026-03-01T10:{:02}:{:02}{zone},{watts}\n", at / 6, at % 6 * 10);
    (0..360).fold(format!("timestamp,{column}\n"), |text, at| text + &row(at)) + &format!("2026-03-01T11:00:00{zone},{watts}\n")
}

#[test]
fn a_log_in_utc_may_be_inside_a_named_hosts_meter_or_job_on_a_local_clock() {
    // Two nodes of 1,000 and 900 W. An accelerator of 300 W that names no host counts, and the lower end is without it; one of 1,200 W is in neither of them.
    let meters = [("node01/bmc.csv", hour_of("node_w", 1000, "")), ("node02/bmc.csv", hour_of("node_w", 900, ""))];
    let rows = "1|train|COMPLETED|2026-03-01T10:00:00|2026-03-01T11:00:00|3600|1|node01|3600000\n\
                2|train|COMPLETED|2026-03-01T10:00:00|2026-03-01T11:00:00|3600|1|node02|3240000\n";
    let jobs = [("jobs.psv", format!("JobID|JobName|State|Start|End|ElapsedRaw|NNodes|NodeList|ConsumedEnergyRaw\n{rows}"))];
    for (name, wholes) in [("meters", &meters[..]), ("jobs", &jobs[..])] {
        for (watts, may_be_inside) in [(300, true), (1200, false)] {
            let folder = folder_of(&format!("inside-{name}-{watts}"));
            for (path, text) in wholes {
                folder.write(&format!("logs/{path}"), text);
            }
            folder.write("logs/gpu.csv", &hour_of("gpu0_w", watts, "Z"));
            let outcome = folder.run_as_it_stands(&["logs", "--region=FR", "--format=json"]);
            let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
            let [value, low, high] = total(&report, "logged_kwh");
            let [wholes, both] = [1900, 1900 + watts].map(|watts| f64::from(watts) * 3600.0);
            let holds = if may_be_inside { low <= wholes } else { name == "jobs" || low > wholes };
            assert!(high >= both && holds, "{name}, {watts} W: {low} to {high} J, apart they are {both}");
            if name == "meters" {
                assert!((value / both - 1.0).abs() < 1e-9, "{watts} W: {value} J, expected {both}");
            }
        }
    }
}

/// What lies between a node's instrument and the plug is in proportion to what the node used: of a row that may be a step of the one before, nothing may be.
#[test]
fn what_is_added_to_doubtful_energy_is_doubtful() {
    // Lower end of what is added, J, to jobs of so many J; by their ids they are two.
    let lower_end = |second: u64, named: bool| {
        let folder = folder_of(&format!("steps-{second}-{named}"));
        let id = |id: &str| if named { format!("{id}|") } else { String::new() };
        let text = format!(
            "{}State|Elapsed|ConsumedEnergyRaw\n{}COMPLETED|01:00:00|3600000\n{}COMPLETED|01:00:00|{second}\n",
            id("JobID"),
            id("71"),
            id("72")
        );
        folder.write("logs/sacct.psv", &text);
        let report = folder.report(&["logs"]);
        let [value, low, _] = total(&report, "rest_kwh");
        assert!(value > 0.0 && low > 0.0, "{report}");
        low
    };
    // 1.8 of 5.4 MJ, 2.4 of 6.0 and 0.4 of 4.0.
    for (second, certain) in [(1_800_000, 2.0 / 3.0), (2_400_000, 0.6), (400_000, 0.9)] {
        let (open, known) = (lower_end(second, false), lower_end(second, true));
        assert!((open / known - certain).abs() < 1e-9, "{second}: {open} of {known} J");
    }
}
