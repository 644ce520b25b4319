//! Readings that contradict each other: a decision, a note, and an interval that holds both. And what a superchip's module holds. Worked by hand: W × s.

use carbon_tests::folder::Folder;
use serde_json::Value;

/// J in a kWh.
const KWH: f64 = 3.6e6;

fn folder_of(name: &str) -> Folder {
    Folder::new(env!("CARGO_TARGET_TMPDIR"), env!("CARGO_BIN_EXE_carbon-report-under-test"), &format!("contradictions-{name}"))
}

/// Value, lower and upper end of what is logged, J.
fn logged(report: &Value) -> [f64; 3] {
    ["value", "low", "high"]
        .map(|end| report.pointer(&format!("/energy/logged_kwh/{end}")).and_then(Value::as_f64).expect("an energy") * KWH)
}

#[track_caller]
fn assert_near(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() <= 1e-5 * expected.max(1.0), "{what}: found {found} J, expected {expected} J");
}

fn has_note(report: &Value, code: &str) -> bool {
    report["quality"].as_array().expect("notes").iter().any(|note| note["code"] == code)
}

/// A table of ten minutes from 10:00, once a second.
fn table(columns: &str, cell: impl Fn(u64) -> String) -> String {
    let row = |at: u64| format!("{},{}\n", 1_772_359_200 + at, cell(at));
    format!("time,{columns}\n{}", (0..=600).map(row).collect::<String>())
}

/// Ten minutes of two GPUs of 300 W each.
fn gpus(watts: u32) -> String {
    let row = |at: u32| {
        let one = |index: u32| format!("2026/03/01 10:{:02}:{:02}.000, {index}, NVIDIA A100-SXM4-40GB, {watts}.00 W\n", at / 60, at % 60);
        one(0) + &one(1)
    };
    format!("timestamp, index, name, power.draw [W]\n{}", (0..=600).map(row).collect::<String>())
}

#[test]
fn a_whole_far_below_its_parts_is_held_by_the_lower_end() {
    let job = |joules: u32| {
        format!(
            "JobID|JobName|State|Start|End|ElapsedRaw|NNodes|NodeList|ConsumedEnergyRaw\n\
             1|t|COMPLETED|2026-03-01T10:00:00|2026-03-01T10:10:00|600|1|node01|{joules}\n"
        )
    };
    for (name, file, whole, joules) in [
        ("meter", "node01/meter.csv", table("node_w", |_| String::from("400")), 240_000.0),
        ("job", "jobs.psv", job(180_000), 180_000.0),
        ("unsplit", "node01/total.csv", table("total_w", |_| String::from("450")), 270_000.0),
    ] {
        let folder = folder_of(name);
        folder.write("logs/node01/gpu.csv", &gpus(300));
        folder.write(&format!("logs/{file}"), &whole);
        let report = folder.report(&["logs"]);
        let [value, low, high] = logged(&report);
        assert_near(value, 360_000.0, name);
        assert!(low <= joules && low > 0.8 * joules && high < 1.15 * 360_000.0, "{name}: {low} to {high} J");
        assert!(has_note(&report, "whole-below-parts"), "{name}: {}", report["quality"]);
        assert!(report["decisions"].as_array().expect("decisions").iter().any(|one| one["rule"] == "smaller-than-parts"), "{name}");
    }
    // Within what instruments differ by nothing is contradicted.
    let folder = folder_of("near");
    folder.write("logs/node01/gpu.csv", &gpus(300));
    folder.write("logs/node01/meter.csv", &table("node_w", |_| String::from("585")));
    let report = folder.report(&["logs"]);
    assert!(logged(&report)[1] > 0.9 * 360_000.0 && !has_note(&report, "whole-below-parts"), "{}", report["quality"]);
}

#[test]
fn of_two_readings_of_one_device_the_interval_holds_both() {
    // A counter of one GPU beside its power of 300 W: the counter counts.
    let still = |at: u64| if at <= 300 { 300 * at } else { 90_000 };
    let counters: [(&str, &dyn Fn(u64) -> u64); 3] = [("stands-still", &still), ("half", &|at| 150 * at), ("a-third-more", &|at| 400 * at)];
    for (name, joules) in counters {
        let folder = folder_of(name);
        let one: String = gpus(300).lines().filter(|line| !line.contains(", 1, ")).map(|line| format!("{line}\n")).collect();
        folder.write("logs/gpu.csv", &one);
        folder.write("logs/counter.csv", &table("gpu0_counter_mj", |at| (1_000_000_000 + 1_000 * joules(at)).to_string()));
        let report = folder.report(&["logs"]);
        let [value, low, high] = logged(&report);
        assert_near(value, joules(600) as f64, name);
        assert!(low <= 180_000.0 && high >= 180_000.0, "{name}: {low} to {high} J hold no 180 kJ");
        assert!(has_note(&report, "counter-differs"), "{name}: {}", report["quality"]);
    }
}

/// Four superchips: boards of 400 W in modules of 600 W.
fn superchips() -> String {
    let row = |at: u32| -> String {
        let one =
            |index: u32| format!("2026/03/01 10:{:02}:{:02}.000, {index}, NVIDIA GH200 480GB, 400.00 W, 600.00 W\n", at / 60, at % 60);
        (0..4).map(one).collect()
    };
    format!("timestamp, index, name, power.draw [W], module.power.draw.instant [W]\n{}", (0..=600).map(row).collect::<String>())
}

#[test]
fn a_superchip_s_module_holds_its_processor() {
    // In all the modules draw 4 × 600 W × 600 s, whoever else read their processors.
    for (name, columns, cells) in
        [("all", "cpu_w", "700"), ("packages", "cpu0_w,cpu1_w,cpu2_w,cpu3_w", "170,175,180,175"), ("one", "cpu2_w", "180")]
    {
        let folder = folder_of(&format!("module-{name}"));
        folder.write("logs/gpu.csv", &superchips());
        folder.write("logs/cpu.csv", &table(columns, |_| String::from(cells)));
        let report = folder.report(&["logs"]);
        assert_near(logged(&report)[0], 1_440_000.0, name);
        assert!(!report["decisions"].as_array().expect("decisions").iter().any(|one| one["rule"] == "smaller-than-parts"), "{name}");
    }
}

#[test]
fn intensities_of_one_zone_that_differ_are_in_the_interval() {
    // An hour of 300 W, and of each hour two values of a file that names one zone.
    let folder = folder_of("intensities");
    let rows: String = (0..=3600).map(|second| format!("{},300\n", 1_709_287_200 + second)).collect();
    folder.write("logs/gpu.csv", &format!("time,gpu0_w\n{rows}"));
    let hours = (0..24).flat_map(|hour| [350, 450].map(|grams| (hour, grams)));
    let steps: String = hours.map(|(hour, grams)| format!("2024-03-01 {hour:02}:00:00,Germany,Germany,DE,{grams},false\n")).collect();
    let header = "Datetime (UTC),Country,Zone name,Zone id,Carbon intensity gCO₂eq/kWh (Life cycle),Data estimated\n";
    folder.write("logs/intensity.csv", &(String::from(header) + &steps));
    let outcome = folder.run_as_it_stands(&["logs", "--format=json"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let grams = |end: &str| report["carbon_intensity_gco2e_per_kwh"][end].as_f64().expect("an intensity");
    assert_near(grams("value"), 400.0, "the mean");
    assert!(grams("low") <= 350.0 && grams("high") >= 450.0, "{} to {}", grams("low"), grams("high"));
    assert_eq!(report["location"]["zone"], "DE");
}
