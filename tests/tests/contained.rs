//! What holds the joules of something else counts once, whatever instrument reads it and whenever it looked. Worked by hand: W × s.

use carbon_tests::folder::Folder;
use serde_json::Value;

/// J in a kWh.
const KWH: f64 = 3.6e6;

/// 2026-03-10, 12:00 UTC.
const NOON: u64 = 1_773_144_000;

fn folder_of(name: &str) -> Folder {
    Folder::new(
        env!("CARGO_TARGET_TMPDIR"),
        env!("CARGO_BIN_EXE_carbon-report-under-test"),
        &format!("contained-{}", name.replace(' ', "-")),
    )
}

/// Value, lower and upper end of a total, J.
fn total(report: &Value, name: &str) -> [f64; 3] {
    ["value", "low", "high"].map(|end| report.pointer(&format!("/energy/{name}/{end}")).and_then(Value::as_f64).expect("an energy") * KWH)
}

fn clock(second: u64, dash: char, between: char) -> String {
    format!("2026{dash}03{dash}10{between}{:02}:{:02}:{:02}", 12 + second / 3600, second / 60 % 60, second % 60)
}

/// W&B's events of one GPU: an hour, each 15 s.
fn events(watts: u64) -> String {
    let row = |second: u64| {
        format!("{{\"system.gpu.0.powerWatts\": {watts}.0, \"_wandb\": true, \"_timestamp\": {}, \"_runtime\": {second}}}\n", NOON + second)
    };
    (0..=3600).step_by(15).map(row).collect()
}

#[test]
fn supplies_and_outlets_of_one_machine_hold_its_gpu_together() {
    let supplies = |watts: &[u64]| {
        let row = |(number, watts): (usize, &u64)| {
            format!(
                "PS{} Power In     | {watts}.000    | Watts      | ok    | na        | na        | na        | na        | na        | na        \n",
                number + 1
            )
        };
        let look = |second: u64| format!("{}+00:00\n", clock(second, '-', 'T')) + &watts.iter().enumerate().map(row).collect::<String>();
        (0..=3600).step_by(10).map(look).collect::<String>()
    };
    let outlets = |watts: &[u64]| {
        let row = |second: u64| {
            watts
                .iter()
                .enumerate()
                .map(move |(number, watts)| format!("{},{},{watts},1234567\n", number + 7, NOON + second))
                .collect::<String>()
        };
        String::from("outlet,timestamp,activePower,activeEnergy\n") + &(0..=3600).step_by(30).map(row).collect::<String>()
    };
    for (name, meter, gpu, machine) in [
        ("two supplies", supplies(&[300, 300]), 400, 600),
        ("three supplies, one in reserve", supplies(&[250, 240, 10]), 400, 500),
        ("supplies that hold more than it each", supplies(&[900, 900]), 400, 1800),
        ("one supply", supplies(&[600]), 400, 600),
        ("two outlets", outlets(&[300, 300]), 400, 600),
        ("two outlets, unlike", outlets(&[500, 100]), 400, 600),
    ] {
        let folder = folder_of(name);
        folder.write("logs/meter.txt", &meter);
        folder.write("logs/wandb-events.jsonl", &events(gpu));
        let [value, low, high] = total(&folder.report(&["logs"]), "logged_kwh");
        let joules = (machine * 3600) as f64;
        assert!((value - joules).abs() < 0.01 * joules, "{name}: {value} J, expected {joules}");
        assert!(low > 0.7 * joules && high < 1.3 * joules, "{name}: {low} to {high} J of {joules}");
    }
}

#[test]
fn cores_are_in_the_package_that_another_log_holds() {
    let turbostat = String::from("Time_Of_Day_Seconds\tCore\tCPU\tBusy%\tBzy_MHz\tPkgWatt\tCorWatt\n")
        + &(0..=3600).step_by(5).map(|second| format!("{}.000000\t-\t-\t55.1\t3100\t100.00\t80.00\n", NOON + second)).collect::<String>();
    let perf = String::from("# started on Tue Mar 10 12:00:00 2026\n\n")
        + &(1..=3600)
            .map(|second| format!("     {second}.000300000,100.00,Joules,power/energy-pkg/,1000000000,100.00,,\n"))
            .collect::<String>();
    for (name, options) in [("in a known zone", &["--tz=UTC"][..]), ("in an unknown one", &[])] {
        let folder = folder_of(&format!("cores {name}"));
        folder.write("logs/turbostat.tsv", &turbostat);
        folder.write("logs/perf.csv", &perf);
        let outcome = folder.run_as_it_stands(&[&["logs", "--region=FR", "--format=json"], options].concat());
        let [value, ..] = total(&serde_json::from_str(&outcome.stdout).expect("JSON"), "logged_kwh");
        assert!((value - 360_000.0).abs() < 0.01 * 360_000.0, "{name}: {value} J");
    }
}

#[test]
fn a_sampler_counts_between_windows_that_another_tool_measured() {
    // 300 W for three hours, of which Zeus measured some windows.
    let row = |second: u64| format!("{}.000, 0, NVIDIA A100-SXM4-80GB, 300.00 W\n", clock(second, '/', ' '));
    let sampler = String::from("timestamp, index, name, power.draw [W]\n") + &(0..=10_800).step_by(10).map(row).collect::<String>();
    let zeus = |windows: &[(u64, u64)]| {
        let row =
            |(number, (start, length)): (usize, &(u64, u64))| format!("{},epoch_{number},{length}.0,{}.0\n", NOON + start, 300 * length);
        String::from("start_time,window_name,elapsed_time,gpu0_energy\n") + &windows.iter().enumerate().map(row).collect::<String>()
    };
    for (name, windows) in [
        ("two, far apart", &[(600, 600), (7200, 600)][..]),
        ("a minute apart", &[(600, 600), (1260, 600), (1920, 600)]),
        ("one after the other", &[(600, 600), (1200, 600)]),
    ] {
        let folder = folder_of(&format!("windows {name}"));
        folder.write("logs/gpu.csv", &sampler);
        folder.write("logs/zeus.csv", &zeus(windows));
        let [value, low, high] = total(&folder.report(&["logs"]), "logged_kwh");
        let joules = 300.0 * 10_800.0;
        assert!((value - joules).abs() < 0.01 * joules, "{name}: {value} J");
        assert!(low > 0.85 * joules && high < 1.6 * joules, "{name}: {low} to {high} J");
    }
}

#[test]
fn a_job_ends_where_the_period_does_that_is_asked_for() {
    let header = "# TYPE DCGM_FI_DEV_POWER_USAGE gauge\nDCGM_FI_DEV_POWER_USAGE{gpu=\"0\",UUID=\"GPU-00000001-0000-0000-0000-000000000000\",\
                  device=\"nvidia0\",modelName=\"NVIDIA A100-SXM4-80GB\",Hostname=\"node01\"} 300.0\n";
    let exporter: String = (0..=3600).step_by(30).map(|second| format!("# scraped at {}Z\n{header}", clock(second, '-', 'T'))).collect();
    let folder = folder_of("a job");
    folder.write("logs/dcgm.prom", &exporter);
    folder.write(
        "logs/sacct.psv",
        "JobID|JobName|State|NodeList|Start|End|ElapsedRaw|NNodes|AllocTRES|ConsumedEnergyRaw\n\
         9|train|COMPLETED|node01|2026-03-10T12:00:00|2026-03-10T13:00:00|3600|1|cpu=64,gres/gpu=1,node=1|\n",
    );
    let whole = folder.report(&["logs"]);
    let half = folder.report(&["logs", "--from=2026-03-10T12:30:00", "--to=2026-03-10T13:00:00"]);
    for name in ["logged_kwh", "it_kwh"] {
        let ([whole, ..], [half, ..]) = (total(&whole, name), total(&half, name));
        assert!((half - whole / 2.0).abs() < 0.01 * whole, "{name}: {half} J of {whole}");
    }
}

/// nvidia-smi of one board at even power: an hour, each five seconds.
fn smi(watts: u64) -> String {
    let row = |second: u64| format!("{}.000, 0, NVIDIA A100-SXM4-80GB, {watts}.00 W\n", clock(second, '/', ' '));
    String::from("timestamp, index, name, power.draw [W]\n") + &(0..=3600).step_by(5).map(row).collect::<String>()
}

/// A DCGM exporter's lines of boards, by host and W.
fn exporter(boards: &[(&str, u64)]) -> String {
    let row = |(host, watts): &(&str, u64)| {
        format!(
            "DCGM_FI_DEV_POWER_USAGE{{gpu=\"0\",device=\"nvidia0\",modelName=\"NVIDIA A100-SXM4-80GB\",Hostname=\"{host}\"}} {watts}.0\n"
        )
    };
    let look = |second: u64| {
        format!("# scraped at {}Z\n# TYPE DCGM_FI_DEV_POWER_USAGE gauge\n", clock(second, '-', 'T'))
            + &boards.iter().map(row).collect::<String>()
    };
    (0..=3600).step_by(30).map(look).collect()
}

#[test]
fn a_log_without_a_host_may_be_of_one_that_others_name() {
    for (name, files, least, most) in [
        ("a folder and the top", vec![("node01/gpu.csv", smi(300)), ("wandb-events.jsonl", events(300))], 300, 600),
        (
            "one of two hosts",
            vec![("dcgm.prom", exporter(&[("node01", 300), ("node02", 200)])), ("wandb-events.jsonl", events(300))],
            500,
            800,
        ),
        // It draws less than the only host that is named.
        ("another machine beside it", vec![("dcgm.prom", exporter(&[("node01", 300)])), ("wandb-events.jsonl", events(200))], 200, 500),
    ] {
        let folder = folder_of(name);
        for (path, text) in &files {
            folder.write(&format!("logs/{path}"), text);
        }
        let [value, low, high] = total(&folder.report(&["logs"]), "logged_kwh");
        let (least, most) = ((least * 3600) as f64, (most * 3600) as f64);
        assert!(low <= least && low > 0.85 * least, "{name}: {value} J from {low}, at least {least}");
        assert!(high >= most && high < 1.2 * most, "{name}: {value} J to {high}, at most {most}");
    }
    // Where a name stands in its folder, it is of that host.
    let folder = folder_of("named");
    folder.write("logs/node01/gpu.csv", &smi(300));
    folder.write("logs/node02/wandb-events.jsonl", &events(300));
    let [value, low, _] = total(&folder.report(&["logs"]), "logged_kwh");
    assert!((value - 2_160_000.0).abs() < 21_600.0 && low > 0.9 * value, "{value} J from {low}");
}

/// A mean that does not say what it is of beside a board's power: it does not count, and a note and a decision say so, with its joules.
#[test]
fn a_power_of_nothing_is_told() {
    let folder = folder_of("of nothing");
    let row = |second: u64| format!("{}Z,300,290,0.5\n", clock(second, '-', 'T'));
    folder.write("logs/power.csv", &format!("time,gpu0_w,avg_w,grad_w\n{}", (0..=3600).step_by(10).map(row).collect::<String>()));
    let report = folder.report(&["logs"]);
    let [value, ..] = total(&report, "logged_kwh");
    // 300 W for an hour, and 290 W left out; `grad_w` is no power.
    assert!((value - 300.0 * 3600.0 * 0.98).abs() < 0.05 * value, "{value} J");
    let left: Vec<&Value> = report["decisions"].as_array().expect("decisions").iter().filter(|one| one["rule"] == "contained").collect();
    let told = left.iter().any(|one| {
        one["left_out"].as_str().is_some_and(|left| left.contains("avg_w"))
            && one["energy_kwh"].as_f64().is_some_and(|kwh| (kwh - 0.29).abs() < 1e-6)
    });
    assert!(told && !report.to_string().contains("grad_w"), "{left:#?}");
    let note = report["quality"].to_string();
    assert!(note.contains("columns-left-out") && note.contains("does not say what it is of"), "{note}");
}

/// Many servers count their packages and not their cores: what reads 0 inside of what moves is no fault, and alone it is.
#[test]
fn cores_that_are_not_counted_inside_a_package_that_is_are_no_fault() {
    let folder = folder_of("uncounted cores");
    for (name, column, reads, is_told) in [
        ("both", "pkg0_energy_uj,core0_energy_uj", "100000000,5", false),
        ("cores", "core0_energy_uj", "5", true),
        ("package", "pkg0_energy_uj", "5", true),
    ] {
        let row = |second: u64| {
            let cells = reads.replace("100000000", &(100_000_000 * second).to_string());
            format!("{}Z,{cells}\n", clock(second, '-', 'T'))
        };
        folder.write(&format!("{name}/rapl.csv"), &format!("time,{column}\n{}", (0..=600).step_by(10).map(row).collect::<String>()));
        let outcome = folder.run_as_it_stands(&[name, "--region=FR", "--format=json"]);
        assert_eq!(outcome.stderr.contains("counter-frozen"), is_told, "{name}: {}", outcome.stderr);
        if !is_told {
            // 100 J a second for ten minutes.
            let [value, ..] = total(&serde_json::from_str(&outcome.stdout).expect("JSON"), "logged_kwh");
            assert!((value - 60_000.0).abs() < 1e-3, "{value} J");
        }
    }
}
