//! `docs/worked-example.md`: every command on the page prints what stands below it. `UPDATE=1` rewrites the page: read that diff.

use std::fs;
use std::path::Path;
use std::process::Command;

use carbon_tests::root;

const FENCE: &str = "```";

/// Runs a line after `$ ` and gives what it prints on standard output.
fn run(line: &str, folder: &Path) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words.first(), Some(&"carbon-report"), "{line}: only this program runs");
    let output =
        Command::new(env!("CARGO_BIN_EXE_carbon-report-under-test")).current_dir(folder).args(&words[1..]).output().expect("it runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {stderr}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The logs alone, so that what commands write stays out of the repository.
fn copy_of_logs(name: &str) -> std::path::PathBuf {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder").flatten() {
            let target = to.join(entry.file_name());
            if entry.path().is_dir() { copy(&entry.path(), &target) } else { fs::copy(entry.path(), target).map(|_| ()).expect("a copy") }
        }
    }
    let folder = std::env::temp_dir().join(format!("carbon-report-worked-example-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    copy(&root().join("examples/mnist/logs"), &folder.join("logs"));
    folder
}

#[test]
fn every_command_prints_what_stands_below_it() {
    let path = root().join("docs/worked-example.md");
    let page = fs::read_to_string(&path).expect("the page");
    let folder = copy_of_logs("page");
    let (mut fresh, mut commands) = (String::new(), 0);
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        fresh += &format!("{line}\n");
        let Some(fence) = line.strip_suffix("console").filter(|fence| fence.starts_with(FENCE)) else { continue };
        let command = lines.next().and_then(|line| line.strip_prefix("$ ")).expect("a command in each console block");
        lines.by_ref().find(|line| *line == fence).expect("an end of the block");
        let printed = run(command, &folder);
        fresh += &format!("$ {command}\n{printed}{fence}\n");
        commands += 1;
    }
    let _ = fs::remove_dir_all(&folder);
    assert_eq!(commands, 3);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &fresh).expect("the page can be written");
    }
    assert_eq!(fs::read_to_string(&path).expect("the page"), fresh, "rewrite with UPDATE=1 and read the diff");
}

/// The published figures, from the text of the page that no command writes.
#[test]
fn the_logs_hold_the_published_figures() {
    let folder = copy_of_logs("figures");
    let report: serde_json::Value = serde_json::from_str(&run(
        "carbon-report logs --region DK --predict-epochs 10 --boundary logged --pue 1.59 --format json",
        &folder,
    ))
    .expect("JSON");
    let _ = fs::remove_dir_all(&folder);
    let near = |value: &serde_json::Value, expected: f64, relative: f64| {
        let value = value.as_f64().unwrap_or(f64::NAN);
        assert!((value / expected - 1.0).abs() <= relative, "{value} instead of {expected}");
    };
    let declared = report["declared"].as_array().expect("figures");
    let of = |kind: &str, tool: &str| {
        let fits = |d: &&serde_json::Value| {
            d["kind"] == kind && d["tool"].as_str().is_some_and(|name| name.starts_with(tool)) && d["energy_kwh"].is_number()
        };
        declared.iter().find(fits).unwrap_or_else(|| panic!("{kind} {tool}"))
    };
    near(&of("actual", "CodeCarbon")["energy_kwh"], 0.000_68, 1e-12);
    near(&of("actual", "CodeCarbon")["emissions_kgco2e"], 0.000_47, 1e-12);
    near(&of("actual", "carbontracker")["energy_kwh"], 0.000_397, 1e-12);
    near(&of("actual", "carbontracker")["emissions_kgco2e"], 0.000_116_738, 1e-12);
    near(&of("predicted", "carbontracker")["energy_kwh"], 0.003_968, 1e-12);
    near(&of("predicted", "carbontracker")["emissions_kgco2e"], 0.001_167_384, 1e-12);
    near(&report["runs"][0]["duration_s"], 112.15, 1e-12);
    // Kilometres are not read: `estimates/carbontracker-*.toml` reproduces them.
    let folder = root().join("examples/mnist/logs/carbontracker/2021-03-01T100000Z_carbontracker_output.log");
    let printed = fs::read_to_string(folder).expect("the log");
    for line in ["Energy:\t0.000397 kWh", "CO2eq:\t0.116738 g", "0.000970 km", "0.003968 kWh", "1.167384 g", "0.009696 km"] {
        assert!(printed.contains(line), "{line}");
    }
    // Ten epochs by this program, of the parts and with the PUE that carbontracker takes: what it predicts, with an interval around it.
    let prediction = &report["prediction"];
    near(&prediction["facility_kwh"]["value"], 0.003_968, 1e-3);
    near(&prediction["known_facility_kwh"]["value"], 0.000_396_8, 1e-3);
    assert!(prediction["predicted_facility_kwh"]["low"].as_f64() < Some(9.0 * 0.000_396_8));
}
