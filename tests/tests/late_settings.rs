//! What a settings file says wrongly is told with the file and the line, also where it shows late (an unknown place, a zone, a phase that can't be, a table that can't
//! be read), and also where only errors are shown.

use carbon_tests::folder::Folder;

fn folder_of(name: &str) -> Folder {
    let folder = Folder::new(env!("CARGO_TARGET_TMPDIR"), env!("CARGO_BIN_EXE_carbon-report-under-test"), &format!("late-{name}"));
    let rows: String = (0..60).map(|s| format!("2025/06/12 14:00:{s:02}.000, 0, 100.00 W\n")).collect();
    folder.write("logs/gpu.csv", &format!("timestamp, index, power.draw [W]\n{rows}"));
    folder.write("logs/own.csv", "zone,gco2e_per_kwh,basis,year,source\nMINE,0.4,lifecycle,2025,my utility\n");
    folder
}

/// What is said, the line that is wrong, and words of the message.
const WRONG: &[(&str, usize, &str)] = &[
    ("title = 'a run'\nregion = 'XX-NO'\npue = 1.1\n", 2, "unknown zone"),
    ("# zone\n\ntz = 'Mars/Olympus'\n", 3, "time zone"),
    ("title = 'a run'\n\ncompare = [\n  'FR',\n  'QQ',\n]\npue = 1.1\n", 3, "unknown zone"),
    ("factors = ['own.csv']\n", 1, "expected gCO2e per kWh"),
    ("pue = 1.1\n[[phase]]\nname = 'x'\ngpu = 'A100'\nhours = 1e9\n", 5, "expected more than 0"),
    ("[[phase]]\ngpu = 'A100'\nhours = 2\n[[phase]]\ngpu = 'No such board'\nhours = 1\n", 5, "no table has"),
    ("[[phase]]\nenergy-kwh = -5\n", 2, "found -5 kWh"),
    ("[hosts.a]\nregion = 'FR'\n[hosts.b]\nregion = 'XX-NO'\n", 4, "unknown zone"),
    ("[[phase]]\ngpu = 'A100'\nhours = 1\nstart = 'noon'\n", 4, "expected a time"),
];

#[test]
fn the_file_and_the_line_are_named() {
    for (at, (text, line, words)) in WRONG.iter().enumerate() {
        let folder = folder_of(&format!("found-{at}"));
        folder.write("logs/carbon-report.toml", text);
        folder.write("named.toml", &text.replace("own.csv", "logs/own.csv"));
        for args in [&["logs"][..], &["logs", "-q"], &["logs", "-q", "--config", "named.toml"]] {
            let outcome = folder.run_as_it_stands(args);
            let file = if args.contains(&"--config") { "named.toml" } else { "logs/carbon-report.toml" };
            assert_eq!(outcome.status, 2, "{text}: {}", outcome.stderr);
            let error = outcome.stderr.lines().find(|line| line.starts_with("error")).unwrap_or_default();
            assert!(error.contains(words) && error.contains(&format!("settings, line {line}: ")), "{text}: {error}");
            assert!(error.trim_end_matches(')').ends_with(file), "{text}: {error}");
        }
    }
}

/// What a flag says wrongly is no line of a file.
#[test]
fn flags_are_not_blamed_on_a_file() {
    let folder = folder_of("flags");
    folder.write("logs/carbon-report.toml", "title = 'a run'\nregion = 'FR'\n");
    for args in [["--region", "XX-NO"], ["--tz", "Mars/Olympus"], ["--compare", "QQ"], ["--factors", "logs/own.csv"], ["--from", "noon"]] {
        let outcome = folder.run_as_it_stands(&[&["logs", "-q"], &args[..]].concat());
        assert_eq!(outcome.status, 2, "{args:?}: {}", outcome.stderr);
        assert!(!outcome.stderr.contains("settings, line"), "{args:?}: {}", outcome.stderr);
    }
}

/// Numbers of hundreds of digits are told by their exponent.
#[test]
fn absurd_numbers_are_short() {
    let folder = folder_of("short");
    for args in [
        &["logs", "--intensity", "1e305"][..],
        &["logs", "--pue", "1e305"],
        &["logs", "--intensity", "1e-300"],
        &["estimate", "--gpu", "A100", "--hours", "1e305"],
        &["estimate", "--gpu", "A100", "--hours", "1", "--gpu-utilisation", "1e305"],
        &["estimate", "--energy-kwh", "1e305"],
    ] {
        let outcome = folder.run_as_it_stands(args);
        assert_eq!(outcome.status, 2, "{args:?}: {}", outcome.stderr);
        let longest = outcome.stderr.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
        assert!(longest <= 20 && outcome.stderr.contains("error"), "{args:?}: {}", outcome.stderr);
    }
}
