//! Two runs hours apart, one logged in local time without a zone and one in UTC, and one run that both kinds of logs saw. Worked by hand: W × s.

use carbon_tests::folder::Folder;
use serde_json::Value;

/// J in a kWh.
const KWH: f64 = 3.6e6;

/// Seconds in an hour.
const HOUR: i64 = 3600;

/// 2026-03-02, midnight UTC.
const DAY: i64 = 1_772_409_600;

/// A time of 2026-03-02, with `-` and `T` between its parts or others.
fn stamp(second: i64, dash: char, between: char) -> String {
    let (hours, rest) = (second / HOUR, second % HOUR);
    format!("2026{dash}03{dash}{:02}{between}{:02}:{:02}:{:02}", 2 + hours / 24, hours % 24, rest / 60, rest % 60)
}

/// Begin, end and W of each run.
type Runs<'r> = &'r [(i64, i64, i64)];

/// nvidia-smi of one board without a zone, every fifteen seconds; 60 W for so long before and after each run.
fn smi(runs: Runs<'_>, idle: i64) -> String {
    let row = |at: i64, watts: i64| format!("{}.000, 0, NVIDIA A100-SXM4-80GB, {watts}.00 W\n", stamp(at, '/', ' '));
    let rows = runs.iter().flat_map(|(from, to, watts)| {
        let watts = move |at: i64| if (*from..=*to).contains(&at) { *watts } else { 60 };
        (from - idle..=to + idle).step_by(15).map(move |at| row(at, watts(at)))
    });
    String::from("timestamp, index, name, power.draw [W]\n") + &rows.collect::<String>()
}

/// What W&B's agent wrote of the same board: seconds of UTC.
fn wandb(runs: Runs<'_>) -> String {
    let row = |from: i64, at: i64, watts: i64| {
        let (stamp, runtime) = (DAY + at, at - from);
        format!("{{\"system.gpu.0.powerWatts\": {watts}, \"_timestamp\": {stamp}.0, \"_runtime\": {runtime}, \"_wandb\": true}}\n")
    };
    runs.iter().flat_map(|(from, to, watts)| (*from..=*to).step_by(15).map(move |at| row(*from, at, *watts))).collect()
}

/// Zeus's windows, in UTC.
fn zeus(runs: Runs<'_>) -> String {
    let row = |(from, to, watts): &(i64, i64, i64)| format!("{},train,{},{}\n", DAY + from, to - from, watts * (to - from));
    String::from("start_time,window_name,elapsed_time,gpu0_energy\n") + &runs.iter().map(row).collect::<String>()
}

/// CodeCarbon's rows without a zone: 100 W of the processor and 20 W of the memory besides.
fn codecarbon(runs: Runs<'_>) -> String {
    let header = "timestamp,project_name,run_id,duration,emissions,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,\
                  country_name,country_iso_code,os,codecarbon_version,cpu_count,cpu_model,gpu_count,gpu_model,ram_total_size,tracking_mode,on_cloud,pue\n";
    let row = |(from, to, watts): &(i64, i64, i64)| {
        let kwh = |watts: i64| (watts * (to - from)) as f64 / KWH;
        format!(
            "{},demo,run-{from},{},0.03,100,{watts},20,{},{},{},{},France,FRA,Linux-6.1,2.3.5,32,AMD EPYC 7713,1,1 x NVIDIA \
             A100-SXM4-80GB,251.7,machine,N,1.0\n",
            stamp(*to, '-', 'T'),
            to - from,
            kwh(100),
            kwh(*watts),
            kwh(20),
            kwh(120 + watts)
        )
    };
    String::from(header) + &runs.iter().map(row).collect::<String>()
}

/// A job of one node, W of the whole, without a zone.
fn sacct((from, to, watts): (i64, i64, i64)) -> String {
    let (start, end, joules) = (stamp(from, '-', 'T'), stamp(to, '-', 'T'), watts * (to - from));
    format!(
        "JobID|JobName|State|Start|End|ElapsedRaw|NNodes|AllocTRES|ConsumedEnergyRaw\n70|train|COMPLETED|{start}|{end}|{}|1|cpu=32,gres/gpu=1,node=1|{joules}\n",
        to - from
    )
}

/// Power of processors without a zone, and in UTC.
fn processors((from, to, watts): (i64, i64, i64), is_utc: bool) -> String {
    let at = |at: i64| if is_utc { (DAY + at).to_string() } else { stamp(at, '-', ' ') };
    String::from("time,cpu_power_w\n") + &(from..=to).step_by(5).map(|second| format!("{},{watts}\n", at(second))).collect::<String>()
}

/// Value, lower and upper end of what the logs hold, J, and the report.
fn logged(name: &str, files: &[(&str, String)]) -> ([f64; 3], Value) {
    let name = format!("two-runs-{}", name.replace(' ', "-"));
    let folder = Folder::new(env!("CARGO_TARGET_TMPDIR"), env!("CARGO_BIN_EXE_carbon-report-under-test"), &name);
    for (path, text) in files {
        folder.write(&format!("logs/{path}"), text);
    }
    let outcome = folder.run_as_it_stands(&["logs", "--region=FR", "--format=json"]);
    assert!(outcome.status < 2, "{name}: {}", outcome.stderr);
    let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let end = |end: &str| report.pointer(&format!("/energy/logged_kwh/{end}")).and_then(Value::as_f64).expect("an energy") * KWH;
    (["value", "low", "high"].map(end), report)
}

/// What the decisions of a rule say.
fn decided(report: &Value, rule: &str) -> String {
    let of = |one: &Value| format!("{} {} {}", one["kept"], one["left_out"], one["reason"]);
    report["decisions"].as_array().expect("decisions").iter().filter(|one| one["rule"] == rule).map(of).collect()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 0.02 * b
}

#[test]
fn two_runs_that_no_zone_makes_one_of_count_as_two() {
    let (first, later) = ((36_000, 37_800, 280), (74_040, 76_740, 330));
    let turns = [(30_000, 31_500, 300), (44_000, 46_700, 350), (58_000, 59_700, 220)];
    let between = [(37_000, 39_400, 250), (52_000, 53_300, 330), (66_000, 68_900, 270)];
    let joules = |runs: Runs<'_>| runs.iter().map(|(from, to, watts)| (watts * (to - from)) as f64).sum::<f64>();
    let with = |(from, to, watts): (i64, i64, i64), more: i64| (from, to, watts + more);
    for (what, files, expected, once) in [
        (
            "a sampler and W&B",
            vec![("monday/gpu.csv", smi(&[first], 0)), ("evening/wandb-events.jsonl", wandb(&[later]))],
            joules(&[first, later]),
            joules(&[later]),
        ),
        (
            "a sampler and Zeus",
            vec![("a/gpu.csv", smi(&[first], 0)), ("b/zeus.csv", zeus(&[later]))],
            joules(&[first, later]),
            joules(&[later]),
        ),
        (
            "CodeCarbon and W&B",
            vec![("a/emissions.csv", codecarbon(&[first])), ("b/wandb-events.jsonl", wandb(&[later]))],
            joules(&[with(first, 120), later]),
            joules(&[(first.0, first.1, 120), later]),
        ),
        (
            "by turns",
            vec![
                ("0/gpu.csv", smi(&turns[..1], 0)),
                ("1/wandb-events.jsonl", wandb(&between[..1])),
                ("2/gpu.csv", smi(&turns[1..2], 0)),
                ("3/wandb-events.jsonl", wandb(&between[1..2])),
                ("4/gpu.csv", smi(&turns[2..], 0)),
                ("5/wandb-events.jsonl", wandb(&between[2..])),
            ],
            joules(&turns) + joules(&between),
            0.9 * (joules(&turns) + joules(&between)),
        ),
        (
            "a job and W&B",
            vec![("sacct.txt", sacct((36_000, 39_600, 900))), ("b/wandb-events.jsonl", wandb(&[(57_600, 60_000, 330)]))],
            joules(&[(36_000, 39_600, 900), (57_600, 60_000, 330)]),
            joules(&[(36_000, 39_600, 900)]),
        ),
        (
            "processors in two logs",
            vec![("a.csv", processors((36_000, 39_600, 150), false)), ("b.csv", processors((50_400, 52_800, 110), true))],
            joules(&[(36_000, 39_600, 150), (50_400, 52_800, 110)]),
            joules(&[(36_000, 39_600, 150)]),
        ),
    ] {
        let ([value, low, high], report) = logged(what, &files);
        assert!(near(value, expected), "{what}: {value} J, expected {expected}");
        let is_held = low <= 1.02 * once && low > 0.6 * once && high >= value && high < 1.3 * expected;
        assert!(is_held, "{what}: {low} to {high} J, less one of them {once}");
        let said = decided(&report, "perhaps-on-another-clock");
        assert!(said.contains(" earlier than ") || said.contains(" later than "), "{what}: {said}");
        assert!(decided(&report, "clocks-differ").is_empty(), "{what}: nothing is put on another clock");
    }
}

#[test]
fn one_run_that_two_clocks_saw_counts_once() {
    let run = (36_000, 39_600, 300);
    let moved = |hours: i64| (run.0 + hours * HOUR, run.1 + hours * HOUR, run.2);
    let three = [(30_000, 31_500, 300), (44_000, 46_700, 350), (58_000, 59_700, 220)];
    let three_later: Vec<(i64, i64, i64)> = three.iter().map(|(from, to, watts)| (from + 2 * HOUR, to + 2 * HOUR, *watts)).collect();
    let joules = |watts: i64| (watts * HOUR) as f64;
    for (what, files, expected, far) in [
        (
            "both from end to end",
            vec![("gpu.csv", smi(&[moved(2)], 0)), ("wandb-events.jsonl", wandb(&[run]))],
            joules(300),
            "2:00 h later",
        ),
        (
            "a sampler that ran ten minutes longer at each end",
            vec![("gpu.csv", smi(&[moved(2)], 600)), ("wandb-events.jsonl", wandb(&[run]))],
            joules(300) + (60 * 1200) as f64,
            "2:00 h",
        ),
        ("Zeus", vec![("gpu.csv", smi(&[moved(2)], 0)), ("zeus.csv", zeus(&[run]))], joules(300), "2:00 h later"),
        (
            "CodeCarbon",
            vec![("emissions.csv", codecarbon(&[moved(2)])), ("wandb-events.jsonl", wandb(&[run]))],
            joules(420),
            "2:00 h later",
        ),
        ("a job", vec![("sacct.txt", sacct((43_200, 46_800, 700))), ("wandb-events.jsonl", wandb(&[run]))], joules(700), "2:00 h later"),
        ("far west", vec![("gpu.csv", smi(&[moved(-8)], 0)), ("wandb-events.jsonl", wandb(&[run]))], joules(300), "8:00 h"),
        (
            "three runs",
            vec![("gpu.csv", smi(&three_later, 0)), ("wandb-events.jsonl", wandb(&three))],
            (300 * 1500 + 350 * 2700 + 220 * 1700) as f64,
            "2:00 h later",
        ),
    ] {
        let ([value, low, high], report) = logged(&format!("once {what}"), &files);
        assert!(near(value, expected), "{what}: {value} J, expected {expected}");
        assert!(low <= expected && high >= expected, "{what}: {low} to {high} J");
        let said = decided(&report, "clocks-differ");
        assert!(said.contains(far), "{what}: {said}, all decisions {}", report["decisions"]);
        assert!(report["decisions"].to_string().contains("taken for UTC"), "{what}: {}", report["decisions"]);
    }
}

#[test]
fn what_stands_beside_each_other_as_it_is_stamped_is_of_one_time() {
    let run = (36_000, 39_600, 300);
    let ([value, ..], report) = logged("utc", &[("gpu.csv", smi(&[run], 0)), ("wandb-events.jsonl", wandb(&[run]))]);
    assert!(near(value, (300 * HOUR) as f64), "{value} J");
    assert!(decided(&report, "clocks-differ").is_empty() && decided(&report, "perhaps-on-another-clock").is_empty());
    assert!(report["decisions"].to_string().contains("taken for UTC"), "{}", report["decisions"]);
}
