//! Estimates by other calculators' methods give the figures that their authors publish, to the printed digit.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use carbon_core::account::{self, Settings};
use carbon_core::estimate::{EstimateRequest, Phase, evidence};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::{Basis, Ledger};
use carbon_core::report::Report;
use carbon_tests::root;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    source: String,
    region: Option<String>,
    pue: Option<f64>,
    intensity_g_per_kwh: Option<f64>,
    request: EstimateRequest,
    expected: Expected,
}

/// Published figures as printed: their decimals are the digits that must agree.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Expected {
    facility_kwh: Option<String>,
    kg: Option<String>,
    lb: Option<String>,
    /// By the car that the method counts with.
    km: Option<String>,
    g: Option<String>,
    region_t: BTreeMap<String, String>,
}

fn factors() -> FactorSet {
    FactorSet::from_tables(carbon_data::TABLES).expect("built-in tables")
}

fn report(request: &EstimateRequest, settings: &Settings, factors: &FactorSet) -> Report {
    let mut ledger = Ledger::default();
    ledger.add_phases(evidence(request, settings, factors).expect("an estimate"));
    account::report(&ledger, factors, settings).expect("a report")
}

fn kg(report: &Report) -> f64 {
    report.emissions.as_ref().expect("emissions").operational_kgco2e.value
}

fn same(published: &str, ours: f64) -> bool {
    let decimals = published.split_once('.').map_or(0, |(_, after)| after.len());
    format!("{ours:.decimals$}") == published
}

#[test]
fn published_figures_are_reproduced() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("estimates");
    let factors = factors();
    let (mut figures, mut wrong) = (0, Vec::new());
    for entry in fs::read_dir(folder).expect("tests/estimates") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            continue;
        }
        let case: Case = toml::from_str(&fs::read_to_string(&path).expect("a case")).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(!case.source.is_empty(), "{}", path.display());
        let settings =
            Settings { region: case.region.clone(), pue: case.pue, intensity_g_per_kwh: case.intensity_g_per_kwh, ..Settings::default() };
        let mut expect = |what: &str, published: &str, ours: f64| {
            figures += 1;
            if !same(published, ours) {
                wrong.push(format!("{} {what}: published {published}, ours {ours}", path.display()));
            }
        };
        for (region, t) in &case.expected.region_t {
            let settings = Settings { region: Some(region.clone()), ..settings.clone() };
            expect(region, t, kg(&report(&case.request, &settings, &factors)) / 1000.0);
        }
        let Expected { facility_kwh, kg: mass, lb, km, g, .. } = &case.expected;
        if [facility_kwh, mass, lb, km, g].iter().any(|figure| figure.is_some()) {
            let made = report(&case.request, &settings, &factors);
            let kwh = made.energy.as_ref().expect("an energy").facility_kwh.as_ref().expect("a building").value;
            let by_car = made.equivalents.iter().find(|e| e.unit == "km").map_or(f64::NAN, |e| e.amount);
            let found = [
                ("kWh", facility_kwh, kwh),
                ("kg", mass, kg(&made)),
                ("lb", lb, kg(&made) / 0.453_592_37),
                ("g", g, kg(&made) * 1000.0),
                ("km", km, by_car),
            ];
            for (what, published, ours) in found {
                if let Some(published) = published {
                    expect(what, published, ours);
                }
            }
        }
    }
    assert!(figures >= 35, "{figures} figures");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_estimate_says_that_it_is_one() {
    let factors = factors();
    let request = |phase: Phase| EstimateRequest { method: None, phases: vec![phase] };
    let phase = Phase { gpu: vec!["8x A100-SXM4-80GB".into()], hours: Some(24.0), ..Phase::default() };
    let made = report(&request(phase.clone()), &Settings::default(), &factors);
    assert!(made.headline.sentence.starts_with("By estimate, this training"), "{}", made.headline.sentence);
    assert!(made.activities.iter().all(|a| a.basis == Basis::Estimated));
    let total = made.emissions.expect("emissions").operational_kgco2e;
    assert!(total.low < total.value && total.value < total.high);
    for code in ["utilisation", "rest", "zone", "pue"] {
        assert!(made.assumptions.iter().any(|a| a.code == code && a.option.is_some()), "{code} is not among the assumptions");
    }
    // Twice the time is twice the energy; what is not named apart is not counted twice.
    let longer = report(&request(Phase { hours: Some(48.0), ..phase.clone() }), &Settings::default(), &factors);
    let kwh = |report: &Report| report.energy.as_ref().expect("an energy").it_kwh.value;
    let short = report(&request(phase.clone()), &Settings::default(), &factors);
    assert!((kwh(&longer) - 2.0 * kwh(&short)).abs() < 1e-9);
    let named = report(&request(Phase { cpu: vec!["2x EPYC 7763".into()], ..phase }), &Settings::default(), &factors);
    assert!(!named.activities.iter().any(|a| a.device.contains("processors that no log")));
}

#[test]
fn what_cannot_be_is_told_with_a_way_out() {
    let factors = factors();
    let fails = |phase: Phase, settings: Settings| {
        let error = evidence(&EstimateRequest { method: None, phases: vec![phase] }, &settings, &factors).expect_err("an error");
        format!("{}: {} | {}", error.setting, error.message, error.hint)
    };
    let good = Phase { gpu: vec!["8x A100".into()], hours: Some(24.0), ..Phase::default() };
    let none = Settings::default;
    for (phase, settings, words) in [
        (Phase { hours: Some(-1.0), ..good.clone() }, none(), "hours: found -1"),
        (Phase { hours: Some(f64::NAN), ..good.clone() }, none(), "hours: "),
        (Phase { hours: Some(1e9), ..good.clone() }, none(), "--device-hours"),
        (Phase { hours: None, ..good.clone() }, none(), "--hours"),
        (Phase { gpu: vec!["-8x A100".into()], ..good.clone() }, none(), "above 0"),
        (Phase { gpu: vec!["8x A1000-SXM4".into()], ..good.clone() }, none(), "--tdp"),
        (Phase { tdp_w: Some(40_000.0), ..good.clone() }, none(), "rack"),
        (Phase { utilisation: Some(1.5), ..good.clone() }, none(), "0 to 1"),
        (Phase { region: Some("Frnace".into()), ..good.clone() }, none(), "France"),
        (Phase { year: Some(1980), ..good.clone() }, Settings { region: Some("FR".into()), ..none() }, "found 1980"),
        (Phase { year: Some(2035), ..good.clone() }, Settings { region: Some("FR".into()), ..none() }, "the nearest is of 2025"),
        (Phase { offsets_kg: Some(-1.0), ..good.clone() }, none(), "never subtracted"),
        (Phase::default(), none(), "no hardware"),
    ] {
        let told = fails(phase, settings);
        assert!(told.contains(words), "{words:?} is not in {told:?}");
    }
}

#[test]
fn intervals_hold_published_energies() {
    let text = carbon_data::REFERENCE_TABLES.iter().find(|(name, _)| *name == "reference_models").expect("the table").1;
    let factors = factors();
    let (mut rows, mut outside) = (0, Vec::new());
    for cells in carbon_tests::csv_rows(text) {
        let number = |name: &str| cells[name].parse::<f64>().ok();
        let (Some(kwh), Some(hours)) = (number("energy_kwh"), number("hours")) else { continue };
        let hardware = &cells["hardware"];
        // Searches of many trials stand among them: a hundred runs of a hundredth. Device hours where the table's notes say so, else wall-clock hours of the stated number of devices.
        let wall = hardware.contains(" x ") && !cells["source"].starts_with("compvis");
        let (hours, device_hours) = if wall { (Some(hours / 100.0), None) } else { (None, Some(hours / 100.0)) };
        let phase = Phase { gpu: vec![hardware.clone()], hours, device_hours, repeats: Some(100.0), ..Phase::default() };
        let settings = Settings { pue: number("pue"), intensity_g_per_kwh: Some(400.0), ..Settings::default() };
        let request = EstimateRequest { method: None, phases: vec![phase] };
        let found = report(&request, &settings, &factors).energy.map(|e| e.facility_kwh.unwrap_or(e.it_kwh)).expect("an energy");
        rows += 1;
        if !(found.low..=found.high).contains(&kwh) {
            outside.push(format!("{} ({}): {kwh} kWh, ours {} to {}", cells["model"], cells["source"], found.low, found.high));
        }
    }
    assert!(rows >= 30, "{rows} rows");
    assert!(outside.len() * 10 <= rows, "{} of {rows} rows lie outside:\n{}", outside.len(), outside.join("\n"));
}

/// What stands on standard error, and the exit status.
fn command(args: &[&str], folder: &Path) -> (String, Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_carbon-report-under-test")).current_dir(folder).args(args).output().expect("it runs");
    (String::from_utf8_lossy(&output.stderr).into_owned(), output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_command_refuses_what_cannot_be_and_names_what_is_near() {
    let folder = root();
    let logs = "examples/mnist/logs";
    for (args, words) in [
        ("estimate --gpu|8x A100|--hours|-3", "hours: found -3"),
        ("estimate --gpu|8x A100|--hours|1e9", "--device-hours"),
        ("estimate --gpu|8x A100|--hours|3d", "a number alone"),
        ("estimate --gpu|8x A100|--hours|24|--year|2035", "the nearest is `--year 2025`"),
        ("estimate --cpu|Xeon|--hours|24", "may be any of"),
        ("estimate --gpu|-8x A100|--hours|24", "above 0"),
        ("estimate --gpu|8x A100|--hours|24|--nodes|-1", "found -1, expected a whole number, 1 or more"),
        ("estimate --gpu|8x A100|--hours|24|--memory|-5GB", "memory: found -5"),
        ("estimate --gpu|8x A100|--hours|24|--repeats|-2", "repeats: found -2"),
        ("estimate --gpu|8x A10000|--hours|24", "did you mean A100"),
        ("estimate --gpu|8x A100|--hours|24|--tdp|40000", "a machine or a rack"),
        ("estimate --gpu|8x A100|--hours|24|--region|Frnace", "FR (France)"),
        ("estimate --gpu|8x A100|--hours|24|--region|gcp:europe-west44", "gcp:europe-west4"),
        ("estimate --gpu|8x A100|--hours|24|--region|FR|--year|2035", "found 2035"),
        ("estimate --gpu|8x A100|--hours|24|--region|CA-ON|--basis|direct|--year|2016", "the nearest is of 2019"),
        ("estimate --gpu|8x A100|--hours|24|--method|mlc02", "mlco2"),
        ("LOGS|--region|DK|--year|1980", "found 1980"),
        ("LOGS|--region|DK|--year|2035", "found 2035"),
        ("LOGS|--region|US-GA|--basis|direct|--year|2020", "nearest is of 2023"),
        ("LOGS|--region|DK|--pue|-1", "pue: found -1"),
        ("LOGS|--carbon-budget|-5kg", "above 0"),
        ("compare|LOGS|--region|DK|--regions|SE|--year|2035", "2035"),
        ("compare|LOGS|--region|DK|--regions|Swedn", "SE (Sweden)"),
        ("compare|LOGS|--region|DK|--pue|0.5", "error: pue: found 0.5"),
        ("regions|--year|1980", "found 1980"),
        ("regions|--provider|gpc", "gcp"),
        ("regions|--below|-5", "below -5"),
    ] {
        let words_of = args.replacen("estimate ", "estimate|", 1).replace("LOGS", logs);
        let (stderr, status, stdout) = command(&words_of.split('|').collect::<Vec<_>>(), &folder);
        assert_eq!(status, Some(2), "{args}: {stderr}");
        assert!(stdout.is_empty() && stderr.contains(words), "{args}: {words:?} is not in {stderr:?}");
    }
}

#[test]
fn phases_of_the_settings_file_stand_beside_the_logs() {
    let folder = std::env::temp_dir().join(format!("carbon-report-phases-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("logs")).expect("a folder");
    let log: String =
        (0..60).map(|minute| format!("2025-06-12T14:{minute:02}:00Z,300\n")).collect::<String>() + "2025-06-12T15:00:00Z,300\n";
    fs::write(folder.join("logs/gpu.csv"), format!("time,gpu0_w\n{log}")).expect("a log");
    let settings = "region = 'FR'\n[[phase]]\nname = 'search'\nkind = 'experiments'\nenergy_kwh = 12\noffsets_kg = 5\n";
    fs::write(folder.join("logs/carbon-report.toml"), settings).expect("settings");
    let both = |args: &[&str]| {
        let (stderr, status, stdout) = command(args, &folder);
        assert_eq!(status, Some(0), "{args:?}: {stderr}");
        serde_json::from_str::<Report>(&stdout).unwrap_or_else(|e| panic!("{args:?}: {e}"))
    };
    let report = both(&["logs", "--format", "json"]);
    let bases: Vec<(&str, &str)> = report.activities.iter().map(|a| (a.basis.as_str(), a.component.as_str())).collect();
    assert!(bases.contains(&("measured", "gpu")) && bases.contains(&("estimated", "node")), "{bases:?}");
    // An hour at 300 W, and the 12 kWh of the phase.
    let kwh = report.energy.as_ref().expect("an energy").it_kwh.value;
    assert!((kwh - 12.3).abs() < 1e-3, "{kwh}");
    assert!(report.quality.iter().any(|note| note.code == "offsets-stated" && note.message.contains("5 kg")), "{:?}", report.quality);
    // The same file beside the same logs says the same; named, it is the user's word, and in the line.
    assert_eq!(report.reproduce.as_deref(), Some("carbon-report logs"));
    let named = both(&["logs", "--format", "json", "--config", "logs/carbon-report.toml"]);
    assert!(named.reproduce.as_ref().is_some_and(|command| command.contains("--config carbon-report.toml")), "{:?}", named.reproduce);
    // The same by `estimate`, with one more phase; and compared.
    let more = both(&["estimate", "logs", "--energy", "1", "--format", "json"]);
    assert!((more.energy.expect("an energy").it_kwh.value - 13.3).abs() < 1e-3);
    let (stderr, status, stdout) = command(&["compare", "logs", "--regions", "SE"], &folder);
    assert!(status == Some(0) && stdout.contains("Sweden"), "{stderr}");
    fs::write(folder.join("logs/carbon-report.toml"), "[[phase]]\ngpu = '8x A100'\nhours = -1\n").expect("settings");
    let (stderr, status, _) = command(&["logs"], &folder);
    assert!(status == Some(2) && stderr.contains("hours: found -1"), "{stderr}");
    let _ = fs::remove_dir_all(&folder);
}

#[test]
fn a_file_of_phases_holds_settings_and_what_the_phases_were_for() {
    let folder = std::env::temp_dir().join(format!("carbon-report-phases-file-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    let phase = |kind: &str| format!("[[phase]]\nkind = '{kind}'\nenergy_kwh = 1\n");
    let made = |text: &str, more: &[&str]| {
        fs::write(folder.join("phases.toml"), text).expect("a file of phases");
        let (stderr, status, stdout) = command(&[&["estimate", "--phases", "phases.toml"], more].concat(), &folder);
        (stderr, status, stdout)
    };
    let text = format!("region = 'FR'\npue = 1.5\n{}{}{}", phase("experiments"), phase("failed"), phase("final"));
    let (stderr, status, stdout) = made(&text, &["--pue", "2", "--format", "json"]);
    assert_eq!(status, Some(0), "{stderr}");
    let report: Report = serde_json::from_str(&stdout).expect("a report");
    assert_eq!(report.location.expect("a place").zone.as_deref(), Some("FR"));
    assert!((report.energy.expect("an energy").facility_kwh.expect("a building").value - 6.0).abs() < 1e-9, "flags come first");
    let runs: Vec<(&str, &str)> =
        report.boundary.iter().filter(|b| b.item.starts_with("Other runs")).map(|b| (b.item.as_str(), b.counted.as_str())).collect();
    assert_eq!(runs, [("Other runs: experiments, failed runs", "yes"), ("Other runs: evaluation", "no")]);
    for (text, words) in [
        (format!("regoin = 'FR'\n{}", phase("final")), "did you mean `region`?"),
        (String::from("[[phase]]\nhurs = 3\n"), "phases, line 2: unknown field `hurs`"),
        (String::from("region = 'FR'\n"), "found no hardware"),
    ] {
        let (stderr, status, _) = made(&text, &[]);
        assert!(status == Some(2) && stderr.contains(words), "{words}: {stderr}");
    }
    let _ = fs::remove_dir_all(&folder);
}

#[test]
fn places_that_are_asked_for_stand_in_the_card() {
    let card = |more: &[&str]| command(&[&["examples/mnist/logs", "--region", "DK"], more].concat(), &root()).2;
    assert!(!card(&[]).contains("| Sweden"));
    let asked = card(&["--compare", "SE,gcp:europe-north1"]);
    assert!(asked.contains("| Sweden") && asked.contains("gcp:europe-north1 (Hamina)") && !asked.contains("For scale"), "{asked}");
    assert!(!card(&["--compare", "SE", "--length", "short"]).contains("| Sweden"));
}

#[test]
fn kilometres_are_by_the_car_of_the_method() {
    let factors = factors();
    let phase = Phase { energy_kwh: Some(1000.0), ..Phase::default() };
    let by = |method: Option<&str>| {
        let request = EstimateRequest { method: method.map(String::from), phases: vec![phase.clone()] };
        let made = report(&request, &Settings { intensity_g_per_kwh: Some(120.4), pue: Some(1.0), ..Settings::default() }, &factors);
        made.equivalents.into_iter().find(|e| e.unit == "km").map(|e| e.name).expect("kilometres")
    };
    assert_eq!((by(None).as_str(), by(Some("carbontracker")).as_str()), ("car_km_eu_new_2024", "car_km_eu_new_2018"));
}
