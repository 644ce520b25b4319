//! A series of carbon intensity and the place of a run: publishers part a country in ways of their own, and a series that the user names is used or the run ends.

use carbon_tests::folder::Folder;
use serde_json::Value;

/// Two hours at 250 g/kWh, life-cycle, as Electricity Maps exports them.
fn series(zone: &str) -> String {
    series_of(zone, 250)
}

fn series_of(zone: &str, grams: u32) -> String {
    let header = "Datetime (UTC),Country,Zone Name,Zone Id,Carbon Intensity gCO₂eq/kWh (direct),Carbon Intensity gCO₂eq/kWh (LCA),Low Carbon \
                  Percentage,Renewable Percentage,Data Source,Data Estimated,Data Estimation Method";
    [9, 10, 11]
        .iter()
        .fold(format!("{header}\n"), |text, hour| text + &format!("2026-03-01 {hour:02}:00:00,x,x,{zone},20,{grams},50,40,x,false,\n"))
}

fn folder_of(name: &str, zone: &str, beside: bool) -> Folder {
    let folder = Folder::new(env!("CARGO_TARGET_TMPDIR"), env!("CARGO_BIN_EXE_carbon-report-under-test"), &format!("series-{name}"));
    let rows = (0..=60).fold(String::new(), |text, at| text + &format!("2026-03-01T10:{:02}:{:02}Z,300\n", at / 6, at % 6 * 10));
    folder.write("logs/gpu.csv", &format!("time,gpu0_w\n{rows}"));
    folder.write(if beside { "logs/hours.csv" } else { "hours.csv" }, &series(zone));
    folder
}

#[test]
fn a_series_is_of_the_place_of_a_part_of_it_or_of_its_country() {
    // Whether it is used where it lies beside the logs, and where the user names it.
    for (region, zone, found, named) in [
        ("FR", "FR", true, true),
        ("US", "US-CAL-CISO", true, true),
        ("IT", "IT-NO", true, true),
        // Nobody can tell which part of the country publishers mean.
        ("US-CA", "US-CAL-CISO", false, true),
        ("aws:us-east-1", "US-MIDA-PJM", false, true),
        ("US-CA", "US", false, true),
        ("FR", "DE", false, false),
        ("CA", "US-CAL-CISO", false, false),
    ] {
        let what = format!("{region} by {zone}");
        let name = what.replace([' ', ':'], "-");
        let args =
            |more: &'static str| vec!["logs".into(), format!("--region={region}"), String::from("--format=json"), String::from(more)];
        for (beside, used) in [(true, found), (false, named)] {
            let folder = folder_of(&name, zone, beside);
            let args = args(if beside { "--tz=UTC" } else { "--intensity=hours.csv" });
            let outcome = folder.run_as_it_stands(&args.iter().map(String::as_str).collect::<Vec<_>>());
            if !beside && !used {
                assert_eq!(outcome.status, 2, "{what}: {}", outcome.stderr);
                assert!(outcome.stdout.is_empty() && outcome.stderr.contains("hours.csv"), "{what}: {}", outcome.stderr);
                continue;
            }
            let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
            let grams = report.pointer("/carbon_intensity_gco2e_per_kwh/value").and_then(Value::as_f64).expect("an intensity");
            assert_eq!((grams - 250.0).abs() < 1e-9, used, "{what}, beside {beside}: {grams} g/kWh");
            assert_eq!(outcome.stderr.contains("intensity-uncovered"), !used, "{what}, beside {beside}: {}", outcome.stderr);
        }
    }
}

/// A file that the user names is asked alone, whatever lies beside the logs, as a value is.
#[test]
fn a_series_that_the_user_names_is_not_outdone_by_one_that_is_found() {
    for (region, beside, named, used) in
        [("FR", "FR", "FR", true), ("US", "US", "US-CAL-CISO", true), ("US-CA", "US-CA", "US-CAL-CISO", true), ("FR", "FR", "DE", false)]
    {
        let what = format!("{region}: {beside} beside {named}");
        let folder = folder_of(&format!("beside-{region}-{named}"), named, false);
        folder.write("logs/found.csv", &series_of(beside, 50));
        let outcome = folder.run_as_it_stands(&["logs", &format!("--region={region}"), "--format=json", "--intensity=hours.csv"]);
        if !used {
            assert!(outcome.status == 2 && outcome.stderr.contains("hours.csv"), "{what}: {}", outcome.stderr);
            continue;
        }
        let report: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        let grams = report.pointer("/carbon_intensity_gco2e_per_kwh/value").and_then(Value::as_f64).expect("an intensity");
        assert!((grams - 250.0).abs() < 1e-9, "{what}: {grams} g/kWh");
    }
}
