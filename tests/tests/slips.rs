//! Figures in another unit than the one that is asked for: whoever gives kilograms for grams is told what was meant, and no document is written,
//! whether a flag, a settings file, a series or a table says it.

use carbon_tests::folder::Folder;

fn folder(name: &str) -> Folder {
    let folder = Folder::new(env!("CARGO_TARGET_TMPDIR"), env!("CARGO_BIN_EXE_carbon-report-under-test"), &format!("slips-{name}"));
    let row = |second: u32| format!("2025/06/12 14:00:{second:02}.000, 0, 300.00 W\n");
    let rows: String = (0..60).map(row).collect();
    folder.write("gpu.csv", &format!("timestamp, index, power.draw [W]\n{rows}"));
    let series = |header: &str, value: &str| {
        let rows: String = (0..24).map(|hour| format!("2025-06-12T{hour:02}:00:00Z,{value}\n")).collect();
        format!("datetime,{header}\n{rows}")
    };
    for (name, header, value) in [
        ("kg-as-g.csv", "gco2e_per_kwh", "0.4"),
        ("g-as-kg.csv", "kgco2e_per_kwh", "400"),
        ("kg-as-lbs.csv", "co2_lbs_per_mwh", "0.4"),
        ("t-as-g.csv", "gco2e_per_kwh", "0.0004"),
        ("mg-as-g.csv", "gco2e_per_kwh", "400000"),
        ("grams.csv", "gco2e_per_kwh", "400"),
        ("kg.csv", "kgco2e_per_kwh", "0.4"),
    ] {
        folder.write(name, &series(header, value));
    }
    let rows: String = (0..24).map(|hour| format!("2025-06-12 {hour:02}:00:00,Germany,Germany,DE,0.4,false\n")).collect();
    let header = "Datetime (UTC),Country,Zone name,Zone id,Carbon intensity gCO₂eq/kWh (Life cycle),Data estimated\n";
    folder.write("kg-as-g-of-maps.csv", &(String::from(header) + &rows));
    let step = |hour: u32| {
        format!(
            "{{\"zone\":\"DE\",\"carbonIntensity\":0.4,\"datetime\":\"2025-06-12T{hour:02}:00:00.000Z\",\"emissionFactorType\":\"lifecycle\",\"isEstimated\":false}}"
        )
    };
    folder.write("kg-as-g.json", &format!("{{\"zone\":\"DE\",\"history\":[{}]}}", (0..24).map(step).collect::<Vec<_>>().join(",")));
    let table = |rows: &str| format!("zone,gco2e_per_kwh,basis,year,source,low_gco2e_per_kwh,high_gco2e_per_kwh\n{rows}");
    folder.write("kg.tables", &table("FR,0.05,lifecycle,2024,us,,\n"));
    folder.write("one-in-kg.tables", &table("FR,50,lifecycle,2024,us,,\nDE,0.4,lifecycle,2024,us,,\n"));
    folder.write("kg-with-ends.tables", &table("FR,0.05,lifecycle,2024,us,0.04,0.06\n"));
    folder.write("mg.tables", &table("FR,50000,lifecycle,2024,us,,\n"));
    folder.write("swapped.tables", &table("FR,50,lifecycle,2024,us,60,40\n"));
    folder.write("hydro.tables", &table("SITE,1.7,direct,2024,us,1.2,2.5\n"));
    folder.write("kg.toml", "intensity = 0.4\n");
    folder.write("text.toml", "intensity = \"0.4\"\n");
    folder.write("market.toml", "market = 0.4\n");
    folder.write("pue.toml", "pue = 140\n");
    folder.write("phases.toml", "[[phase]]\ngpu = [\"8x A100\"]\nhours = 4\nintensity_g_per_kwh = 0.4\n");
    folder
}

#[test]
fn what_was_meant_is_told_before_anything_is_written() {
    let folder = folder("meant");
    for (number, (args, said)) in [
        (&["--intensity", "0.4"][..], "0.4 kg are 400 g"),
        (&["--intensity", "0.0004"], "0.0004 t are 400 g"),
        (&["--intensity", "400000"], "400000 mg are 400 g"),
        (&["--intensity", "0.056"], "give 56"),
        (&["--market", "0.4"], "0.4 kg are 400 g"),
        (&["--config", "kg.toml"], "0.4 kg are 400 g"),
        (&["--config", "text.toml"], "0.4 kg are 400 g"),
        (&["--config", "market.toml"], "0.4 kg are 400 g"),
        (&["--intensity", "g-as-kg.csv"], "400000 mg are 400 g"),
        (&["--intensity", "kg-as-lbs.csv"], "the unit of \"co2_lbs_per_mwh\" does not fit its values"),
        (&["--intensity", "kg-as-g.csv"], "0.4 kg are 400 g"),
        (&["--intensity", "kg-as-g-of-maps.csv"], "0.4 kg are 400 g"),
        (&["--intensity", "kg-as-g.json"], "0.4 kg are 400 g"),
        (&["--intensity", "t-as-g.csv"], "0.0004 t are 400 g"),
        (&["--intensity", "mg-as-g.csv"], "400000 mg are 400 g"),
        (&["--factors", "kg.tables", "--region", "FR"], "0.05 kg are 50 g (kg.tables, line 2)"),
        (&["--factors", "one-in-kg.tables", "--region", "FR"], "0.4 kg are 400 g (one-in-kg.tables, line 3)"),
        (&["--factors", "kg-with-ends.tables", "--region", "FR"], "g are known of FR (kg-with-ends.tables, line 2)"),
        (&["--factors", "mg.tables", "--region", "FR"], "50000 mg are 50 g (mg.tables, line 2)"),
        (&["--factors", "swapped.tables", "--region", "FR"], "60 to 40, whose ends are swapped (swapped.tables, line 2)"),
        (&["--pue", "0.4"], "adds 40 %, it is 1.4"),
        (&["--pue", "12"], "adds 12 %, it is 1.12"),
        (&["--config", "pue.toml"], "140 % are 1.4"),
        (&["--tdp", "0.7"], "where kW are meant, give 700"),
        (&["--tdp", "400000"], "where mW are meant, give 400"),
        (&["--memory", "65536"], "where MB are meant, give 65.536GB"),
        (&["--memory", "17179869184"], "where bytes are meant"),
        (&["--interval", "90000"], "90000ms is written with its unit"),
        (&["--interval", "48h"], "a day at most"),
        (&["--from", "2025-06-12T15:00:00Z", "--to", "2025-06-12T14:00:00Z"], "give the earlier one as `from`"),
        (&["--running", "2025-06-12T15:00:00Z..2025-06-12T14:00:00Z"], "earlier"),
        (&["--year", "25"], "expected a year with carbon intensities"),
    ]
    .into_iter()
    .enumerate()
    {
        let card = format!("card{number}.md");
        let outcome = folder.run_as_it_stands(&[&["gpu.csv", "--tz", "UTC", "-o", &card], args].concat());
        assert!(outcome.status == 2 && outcome.stderr.contains(said), "{args:?}: {}\n{}", outcome.status, outcome.stderr);
        assert!(!folder.has(&card), "{args:?}: a document was written");
    }
    for (args, said) in [
        (&["estimate", "--gpu", "8x A100", "--hours", "4", "--intensity", "0.4"][..], "0.4 kg are 400 g"),
        (&["estimate", "--phases", "phases.toml"], "0.4 kg are 400 g"),
        (&["estimate", "--gpu", "8x A100", "--hours", "4", "--utilisation", "80"], "0.9 for 90 %"),
        (&["estimate", "--gpu", "8x A100", "--hours", "4", "--pue", "0.4"], "adds 40 %, it is 1.4"),
    ] {
        let outcome = folder.run_as_it_stands(args);
        assert!(outcome.status == 2 && outcome.stderr.contains(said), "{args:?}: {}\n{}", outcome.status, outcome.stderr);
    }
}

#[test]
fn what_can_be_is_taken() {
    let folder = folder("plain");
    for args in
        [&["--intensity", "3"][..], &["--intensity", "grams.csv"], &["--factors", "hydro.tables", "--region", "SITE"], &["--pue", "1.4"]]
    {
        let outcome = folder.run_as_it_stands(&[&["gpu.csv", "--tz", "UTC"], args].concat());
        assert_eq!(outcome.status, 0, "{args:?}: {}", outcome.stderr);
    }
    // 300 W over 59 s at 400 g/kWh, whichever way the series writes it.
    let grams = |file: &str| {
        let report = folder.report(&["gpu.csv", "--boundary", "logged", "--intensity", file]);
        report.pointer("/emissions/operational_kgco2e/value").and_then(serde_json::Value::as_f64).expect("emissions") * 1000.0
    };
    let expected = 300.0 * 59.0 / 3.6e6 * 400.0;
    for file in ["grams.csv", "kg.csv"] {
        assert!((grams(file) - expected).abs() < 1e-9, "{file}: {}", grams(file));
    }
    // A grid of water power, whose direct emissions are no slip where the user says so: 0.4 g/kWh.
    let report = folder.report(&["gpu.csv", "--boundary", "logged", "--intensity", "kg-as-g.csv", "--as-logged"]);
    let found = report.pointer("/emissions/operational_kgco2e/value").and_then(serde_json::Value::as_f64).expect("emissions") * 1000.0;
    assert!((found - expected / 1000.0).abs() < 1e-9, "{found}");
}

/// A contract for wind, water or nuclear power states nothing, or a few grams.
#[test]
fn contracts_may_be_of_few_grams() {
    let folder = folder("contracts");
    for grams in ["0", "1", "1.5", "2.9", "11", "400"] {
        let report = folder.report(&["gpu.csv", "--boundary", "logged", "--pue", "1", "--market", grams]);
        let found = report.pointer("/emissions/market_based_kgco2e/value").and_then(serde_json::Value::as_f64).expect("a figure") * 1000.0;
        let expected = 300.0 * 59.0 / 3.6e6 * grams.parse::<f64>().expect("a number");
        assert!((found - expected).abs() < 1e-9, "{grams} g: {found} of {expected}");
    }
    for (grams, said) in
        [("0.4", "give 400; a contract of less than 1 g counts as 0"), ("-1", "found -1"), ("3001", "give 3.001"), ("1e305", "found 1e305")]
    {
        let outcome = folder.run_as_it_stands(&["gpu.csv", "--market", grams]);
        assert!(outcome.status == 2 && outcome.stderr.contains(said), "{grams}: {}", outcome.stderr);
    }
}

#[test]
fn single_values_in_kilograms_among_grams_are_taken_for_what_they_are() {
    let folder = folder("single");
    let maps = |values: &[(u32, &str)]| {
        let row = |(hour, value): &(u32, &str)| format!("2025-06-12 {hour:02}:00:00,Germany,Germany,DE,{value},false\n");
        String::from("Datetime (UTC),Country,Zone name,Zone id,Carbon intensity gCO₂eq/kWh (Life cycle),Data estimated\n")
            + &values.iter().map(row).collect::<String>()
    };
    let plain = |values: &[(u32, &str)]| {
        let row = |(hour, value): &(u32, &str)| format!("2025-06-12T{hour:02}:00:00Z,{value}\n");
        String::from("datetime,gco2e_per_kwh\n") + &values.iter().map(row).collect::<String>()
    };
    let json = |values: &[(u32, &str)]| {
        let step = |(hour, value): &(u32, &str)| {
            format!(
                "{{\"zone\":\"DE\",\"carbonIntensity\":{value},\"datetime\":\"2025-06-12T{hour:02}:00:00.000Z\",\"emissionFactorType\":\"lifecycle\",\"isEstimated\":false}}"
            )
        };
        format!("{{\"zone\":\"DE\",\"history\":[{}]}}", values.iter().map(step).collect::<Vec<_>>().join(","))
    };
    let values = [(12, "400"), (13, "400"), (14, "0.4"), (15, "400")];
    for (name, text) in [("plain.csv", plain(&values)), ("maps.csv", maps(&values)), ("maps.json", json(&values))] {
        folder.write(name, &text);
        let outcome = folder.run_as_it_stands(&["gpu.csv", "--tz=UTC", "--format=json", "--intensity", name]);
        let report: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        let grams = report["carbon_intensity_gco2e_per_kwh"]["value"].as_f64().expect("an intensity");
        assert!((grams - 400.0).abs() < 1e-6, "{name}: {grams} g/kWh");
        assert!(outcome.stderr.contains("found 0.4 among values near 400 g/kWh: taken as kg/kWh"), "{name}: {}", outcome.stderr);
    }
    // A grid of hydro power that is nearly without emissions for an hour.
    folder.write("hydro.csv", &plain(&[(12, "4"), (13, "3.5"), (14, "2.5"), (15, "5")]));
    let report = folder.run_as_it_stands(&["gpu.csv", "--tz=UTC", "--format=json", "--intensity=hydro.csv"]);
    let report: serde_json::Value = serde_json::from_str(&report.stdout).expect("JSON");
    let grams = report["carbon_intensity_gco2e_per_kwh"]["value"].as_f64().expect("an intensity");
    assert!((grams - 2.5).abs() < 1e-9, "{grams} g/kWh");
}
