//! Every option is one row of `core/src/options`: what people read and type is made from the rows, and each row does what it says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use carbon_core::options::{self, Changes, Group, Kind, Place, Row};
use carbon_report::commands::EXIT_STATUS;
use carbon_tests::command::{self, Outcome};
use carbon_tests::{compare_generated, root};
use serde_json::Value;

/// Options in the order of help, as far as they can be said there.
fn rows(place: Place) -> impl Iterator<Item = &'static Row> {
    options::all().filter(move |row| row.is_in(place))
}

/// A file with what stands between two marks replaced.
fn between(path: &Path, start: &str, end: &str, made: &str) -> String {
    let text = fs::read_to_string(path).expect("a file");
    let (before, rest) = text.split_once(start).unwrap_or_else(|| panic!("{}: found no {start:?}", path.display()));
    let (_, after) = rest.split_once(end).unwrap_or_else(|| panic!("{}: found no {end:?}", path.display()));
    format!("{before}{start}{made}{end}{after}")
}

#[test]
fn the_list_for_people_is_that_of_the_rows() {
    let mut text = String::from(
        "# Options\n\nWhat can be chosen, and where. This file is made from `core/src/options`. A flag comes before the settings file \
         (the one that `--config` names, else `carbon-report.toml` beside the logs or in a folder above them), and both before what a log says. Settings \
         that are found beside logs may come from whoever made them: they can say what logs can say, and it counts as said by the logs. \
         Where the last column names fields of the report, a test changes the option and sees them change.\n",
    );
    for group in [Group::About, Group::Reading, Group::Writing, Group::Ran, Group::Run] {
        let heading = group.heading().unwrap_or("How the command goes to work");
        text += &format!("\n## {heading}\n\n| Option | Means | Can also be said in | Changes |\n| :-- | :-- | :-- | :-- |\n");
        for row in options::all().filter(|row| row.group == group) {
            let flag = match row.kind {
                _ if row.is_in(Place::Report) || row.is_in(Place::Estimate) => match row.kind {
                    Kind::Flag => format!("`--{}`", row.name),
                    _ => format!("`--{} {}`", row.name, row.value.replace('|', "\\|")),
                },
                _ => format!("`{}`", row.name_with_unit()),
            };
            let mut means = row.help.replace('|', "\\|");
            if let Kind::Choice(words) = row.kind {
                means += &format!(": {}", words.join(", "));
            }
            if !row.default.is_empty() {
                means += &format!("; without it: {}", row.default);
            }
            let mut said = Vec::new();
            if row.is_in(Place::Settings) {
                said.push(String::from(if row.found { "settings file" } else { "settings file that `--config` names" }));
            }
            if row.is_in(Place::Host) {
                said.push(String::from("`[hosts.NAME]`"));
            }
            if row.is_in(Place::Python) {
                said.push(format!("Python `{}`", python_name(row)));
            }
            if row.is_in(Place::Web) {
                said.push(format!("JavaScript `{}`", row.name_with_unit()));
            }
            let changes = match row.changes {
                Changes::Document => String::from("the documents"),
                Changes::Nothing => String::from("nothing in the result"),
                Changes::Report(fields) => fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", "),
                Changes::Status => String::from("the exit status"),
            };
            text += &format!("| {flag} | {means} | {} | {changes} |\n", said.join(", "));
        }
    }
    let status = EXIT_STATUS.lines().skip(1).map(|line| format!("- `{}`: {}\n", &line[2..3], &line[5..])).collect::<String>();
    text += &format!(
        "\nWhere documents go (`-o`, `--format`, `--check`, `--append`, `--force`, `--fragment`) is the command's alone: a folder of logs from somebody \
         else may hold a settings file, and must not name files to write. `carbon-report --help` lists these, too.\n\n## Exit status\n\n{status}"
    );
    compare_generated(&root().join("docs/options.md"), &text);
}

fn python_name(row: &Row) -> String {
    match row.name {
        "from" => String::from("from_"),
        "limit" => String::from("limits"),
        name => name.replace('-', "_"),
    }
}

#[test]
fn the_keywords_of_python_are_the_rows() {
    let kind = |row: &Row| match row.kind {
        _ if row.name == "phases" => String::from("PathLike | Sequence[Phase] | None = None"),
        Kind::Bound => String::from("Mapping[str, int] | None = None"),
        Kind::Choice(words) => {
            format!("Literal[{}] | None = None", words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", "))
        }
        Kind::Count | Kind::Year => String::from("int | None = None"),
        Kind::Duration | Kind::Memory => String::from("str | float | None = None"),
        Kind::File => String::from("PathLike | None = None"),
        Kind::Files => String::from("PathLike | Sequence[PathLike] = ()"),
        Kind::Flag => String::from("bool = False"),
        Kind::Contract | Kind::Number(..) | Kind::Pue | Kind::Watts => String::from("float | None = None"),
        Kind::IntensityOrFile => String::from("float | PathLike | None = None"),
        Kind::Mass | Kind::Place | Kind::Text | Kind::Zone => String::from("str | None = None"),
        Kind::Parts | Kind::Periods | Kind::Places | Kind::Texts | Kind::Words => String::from("str | Sequence[str] = ()"),
        Kind::Time => String::from("str | datetime | None = None"),
    };
    let path = root().join("python/carbon_report/_accounting.py");
    for (function, place) in [("read", Place::Report), ("estimate", Place::Estimate)] {
        let keywords = rows(place).filter(|row| row.is_in(Place::Python));
        let made: String = keywords.map(|row| format!("    {}: {},\n", python_name(row), kind(row))).collect();
        let start = format!("    # Keywords of {function}, made from core/src/options:\n");
        compare_generated(&path, &between(&path, &start, "    # Until here.\n", &made));
    }
}

#[test]
fn the_options_of_javascript_are_the_rows() {
    let kind = |row: &Row| match row.kind {
        Kind::Choice(words) => words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(" | "),
        Kind::Files => String::from("{ name: string; csv: string }[]"),
        Kind::Flag => String::from("boolean"),
        kind if kind.is_list() => String::from("string[]"),
        Kind::Count | Kind::Number(..) | Kind::Pue | Kind::Year => String::from("number"),
        kind if !kind.unit().is_empty() => String::from("number"),
        _ => String::from("string"),
    };
    let mut made = String::new();
    for row in rows(Place::Web) {
        let about = if row.help_in_pages.is_empty() { row.help } else { row.help_in_pages };
        // An option of the command is one of these by its own name.
        let about = options::all()
            .fold(String::from(about), |text, other| text.replace(&format!("--{}", other.name), &format!("`{}`", other.name_with_unit())));
        let default = if row.default.is_empty() { String::new() } else { format!("; without it: {}", row.default) };
        made += &format!("  /** {about}{default}. */\n  {}?: {};\n", row.name_with_unit(), kind(row));
    }
    let by_host: Vec<String> = rows(Place::Host).map(|row| format!("{}?: {}", row.name_with_unit(), kind(row))).collect();
    made += &format!("  /** What holds for single hosts, by name. */\n  hosts?: Record<string, {{ {} }}>;\n", by_host.join("; "));
    let path = root().join("wasm/js/src/options.ts");
    compare_generated(&path, &between(&path, "export interface AccountOptions {\n", "}\n", &made));
}

/// What the comparison of the package with the command gives to both.
#[test]
fn the_package_is_compared_over_every_row() {
    let kind = |row: &Row| match row.kind {
        Kind::Flag => "flag",
        kind if kind.is_list() => "list",
        Kind::Duration => "seconds",
        Kind::Mass => "kilograms",
        Kind::Memory => "gigabytes",
        Kind::Count | Kind::Number(..) | Kind::Pue | Kind::Year => "number",
        kind if !kind.unit().is_empty() => "number",
        _ => "text",
    };
    let rows = rows(Place::Web).filter(|row| row.is_in(Place::Report) && !row.kind.is_file());
    let rows: Vec<String> = rows
        .map(|row| serde_json::json!({ "flag": format!("--{}", row.name), "name": row.name_with_unit(), "kind": kind(row), "example": row.example }).to_string())
        .collect();
    compare_generated(&root().join("tests/wasm/options.json"), &format!("[\n  {}\n]\n", rows.join(",\n  ")));
}

/// A phase has the same fields in every language.
#[test]
fn phases_of_python_and_javascript_have_the_fields_of_core() {
    let fields = serde_json::to_value(carbon_core::estimate::Phase::default()).expect("JSON");
    let fields: BTreeSet<&str> = fields.as_object().expect("an object").keys().map(String::as_str).collect();
    for (path, start, end, separator) in [
        ("python/carbon_report/_accounting.py", "class Phase(TypedDict, total=False):\n", "\ndef ", ": "),
        ("wasm/js/src/options.ts", "export interface Phase {\n", "\n}", "?: "),
    ] {
        let text = fs::read_to_string(root().join(path)).expect(path);
        let body = text.split_once(start).and_then(|(_, rest)| rest.split_once(end)).expect("the phase").0;
        let names = body.lines().filter_map(|line| Some(line.trim().split_once(separator)?.0));
        let names: BTreeSet<&str> = names.filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_')).collect();
        assert_eq!(names, fields, "{path}");
    }
}

/// A format that is in no list of ours.
const DESCRIBED: &str = r#"
[[format]]
id = "draw_log"
name = "lines of a meter"
shape = "lines"
signature = ["draw="]
lines = [{ template = "t={time} draw={watts}", does = "ends" }]
time = [{ fields = ["time"], kind = "stamp" }]
meters = [{ fields = ["watts"], component = "gpu", quantity = "power", unit = "W" }]
"#;

/// A folder in which every option has something to change.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("options-{name}-{}", std::process::id()));
        let folder = Self(path);
        let row =
            |at: u32, watts: u32| format!("2025/06/12 14:{:02}:{:02}.000, 0, NVIDIA A100-SXM4-80GB, {watts}.00 W\n", at / 60, at % 60);
        // Nobody watched for three minutes, and on their two sides it did not draw the same.
        let gpu: String = (0..180).map(|at| row(at, 300)).chain((360..900).map(|at| row(at, 100))).collect();
        folder.write("logs/deep/gpu.csv", &format!("timestamp, index, name, power.draw [W]\n{gpu}"));
        for (case, file) in [
            ("codecarbon_csv/host-memory-in-container", "emissions.csv"),
            ("codecarbon_csv/negative-energy", "emissions.csv"),
            ("carbontracker_log/2.4.7-std", "31975.230920_2026-11-23T112751Z_carbontracker.log"),
            ("generic_csv/headless_columns", "log.csv"),
            ("generic_csv/no_clock", "log.csv"),
            ("nvidia_smi_csv/no_power", "gpu.csv"),
        ] {
            let text = fs::read_to_string(root().join("tests/formats").join(case).join(file)).expect("a case");
            folder.write(&format!("logs/{case}/{file}"), &text);
        }
        folder.write("mine.csv", "zone,gco2e_per_kwh,basis,year,source\nUS-CA,777,lifecycle,2025,my utility\n");
        folder.write("hourly.csv", "time,gco2e_per_kwh\n2025-06-12T13:00:00Z,100\n2025-06-12T14:00:00Z,200\n2025-06-12T15:00:00Z,300\n");
        folder.write("experiments.toml", "[[phase]]\ngpu = \"A100-SXM4-80GB\"\nhours = 7\n");
        let rows: String = (0..60).map(|at| format!("t={} draw={}W\n", 1_750_000_000 + at, 100 + at)).collect();
        folder.write("logs/own/draw.log", &rows);
        folder.write("mine.toml", DESCRIBED);
        folder.write("mine.md.tera", "only {{ report.headline.sentence }}\n");
        folder
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    }

    fn run(&self, args: &[String]) -> Outcome {
        let mut command = Command::new(env!("CARGO_BIN_EXE_carbon-report-under-test"));
        command::run(command.current_dir(&self.0).args(args)).expect("it ends")
    }

    #[track_caller]
    fn report(&self, args: &[String]) -> Value {
        let outcome = self.run(&[args, &["--format".into(), "json".into()]].concat());
        assert!(outcome.status < 2, "{args:?}: {}", outcome.stderr);
        serde_json::from_str(&outcome.stdout).expect("JSON")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The command without the option, and with it: as flags of a name and a value, where it takes one.
fn without_and_with(row: &Row, place: Place) -> (Vec<String>, Vec<String>) {
    let mut before = match (place, row.group) {
        (Place::Report, _) => vec![("region", "US-CA"), ("tz", "UTC")],
        // What is stated of the whole stands in place of a model.
        (_, _) if row.name == "energy" => vec![("gpu", "8x A100-SXM4-80GB"), ("hours", "24")],
        _ => vec![("gpu", "8x A100-SXM4-80GB"), ("hours", "24"), ("cpu", "2x EPYC 7763"), ("region", "US-CA")],
    };
    match row.name {
        "lifetime-years" => before.push(("embodied", "")),
        "device-hours" => before.retain(|(name, _)| *name != "hours"),
        "cpu-core-w" => before = vec![("cpu-cores", "4"), ("hours", "24"), ("cpu-core-w", "3")],
        // California has one year, and direct factors alone.
        "basis" => before = vec![("region", "GB")],
        "year" => before = vec![("region", "FR")],
        _ => {}
    }
    let mut after: Vec<(&str, &str)> = before.iter().copied().filter(|(name, _)| *name != row.name).collect();
    after.push((row.name, row.example));
    if row.name == "device-hours" {
        before.push(("hours", "24"));
    }
    let words = |said: &[(&str, &str)]| {
        let command = if place == Place::Estimate { "estimate" } else { "logs" };
        let flags = said.iter().map(|(name, value)| if value.is_empty() { format!("--{name}") } else { format!("--{name}={value}") });
        [String::from(command)].into_iter().chain(flags).collect()
    };
    (words(&before), words(&after))
}

/// Rows whose change a report can show, with the commands that have them.
fn visible() -> impl Iterator<Item = (&'static Row, &'static [&'static str], Place)> {
    options::all().filter_map(|row| match row.changes {
        Changes::Report(fields) if row.is_in(Place::Report) => Some((row, fields, Place::Report)),
        Changes::Report(fields) if row.is_in(Place::Estimate) => Some((row, fields, Place::Estimate)),
        _ => None,
    })
}

#[test]
fn every_option_changes_the_fields_that_it_names() {
    let folder = Folder::new("fields");
    let mut still = Vec::new();
    for (row, fields, place) in visible() {
        let (before, after) = without_and_with(row, place);
        let (before, after) = (folder.report(&before), folder.report(&after));
        still.extend(
            fields.iter().filter(|field| before.pointer(field) == after.pointer(field)).map(|field| format!("--{}: {field}", row.name)),
        );
    }
    assert!(still.is_empty(), "these did not change: {still:#?}");
}

#[test]
fn what_a_report_depends_on_is_in_the_line_that_makes_it_again() {
    let folder = Folder::new("again");
    for (row, _, place) in visible() {
        let (_, after) = without_and_with(row, place);
        let report = folder.report(&after);
        let line = report["reproduce"].as_str().expect("a line");
        let words: Vec<String> = line.split_whitespace().skip(1).map(|word| word.trim_matches('\'').to_owned()).collect();
        assert!(words.contains(&format!("--{}", row.name)), "{line}");
        if !line.contains('\'') {
            assert_eq!(folder.report(&words), report, "{line}");
        }
    }
}

#[test]
fn the_settings_file_says_what_flags_say() {
    let folder = Folder::new("doors");
    for (row, _, place) in visible().filter(|(row, _, _)| row.is_in(Place::Settings)) {
        let (_, after) = without_and_with(row, place);
        let by_flag = folder.report(&after);
        let own = format!("--{}", row.name);
        let rest: Vec<String> = after.iter().filter(|word| word.split('=').next() != Some(&own)).cloned().collect();
        let value = if row.kind == Kind::Flag { String::from("true") } else { format!("{:?}", row.example) };
        folder.write("own.toml", &format!("{} = {value}\n", row.name));
        let by_file = folder.report(&[&rest[..], &[String::from("--config=own.toml")]].concat());
        assert_eq!(by_file, by_flag, "{}", row.name);
    }
}

/// Beside the logs the same file is no word of the user's: each option is taken as the row says, or the report is that without it, and tells so.
#[test]
fn settings_beside_logs_say_what_the_rows_let_them() {
    let folder = Folder::new("found");
    for (row, fields, place) in visible().filter(|(row, _, _)| row.is_in(Place::Settings)) {
        let (before, after) = without_and_with(row, place);
        let own = format!("--{}", row.name);
        // A place that the user names comes before an intensity that was found.
        let is_taken = |name: &str| name != own && !(row.name == "intensity" && name == "--region");
        let rest: Vec<String> = after.iter().filter(|word| word.split('=').next().is_some_and(is_taken)).cloned().collect();
        let (without, by_flag) = (folder.report(&before), folder.report(&after));
        let value = if row.kind == Kind::Flag { String::from("true") } else { format!("{:?}", row.example) };
        folder.write("carbon-report.toml", &format!("{} = {value}\n", row.name));
        let found = folder.report(&rest);
        fs::remove_file(folder.0.join("carbon-report.toml")).expect("removed");
        let code = if row.found { "settings-found" } else { "settings-doubted" };
        let told: Vec<&Value> = found["quality"].as_array().expect("notes").iter().filter(|note| note["code"] == code).collect();
        assert!(told.len() == 1 && told[0]["message"].as_str().is_some_and(|text| text.contains(row.name)), "{}: {told:?}", row.name);
        for field in fields {
            let expected = if row.found { by_flag.pointer(field) } else { without.pointer(field) };
            assert_eq!(found.pointer(field), expected, "{}: {field}", row.name);
        }
    }
}

#[test]
fn what_is_said_of_a_host_changes_its_figures() {
    let folder = Folder::new("hosts");
    let gpu = fs::read_to_string(folder.0.join("logs/deep/gpu.csv")).expect("a log");
    // Two loggers of what is one device under two names of its host, and one that names no host.
    folder.write("nodes/node1/gpu.csv", &gpu);
    folder.write("nodes/node2/gpu.csv", &gpu.replace(".000,", ".200,").replace(" 300.00 W", " 301.00 W"));
    folder.write("nodes/a/gpu.csv", &gpu.replace(".000,", ".300,").replace(" 300.00 W", " 299.00 W"));
    let args = [String::from("nodes"), String::from("--config=own.toml")];
    for row in rows(Place::Host) {
        let Changes::Report(fields) = row.changes else { panic!("{}: what does it change?", row.name) };
        // Hosts that are named in all of the files, so that the change is the row's alone.
        let said = |host: &str| {
            let hosts = ["node1", "node2", "nobody"].map(|name| match name == host {
                true => format!("[hosts.{name}]\n{} = {:?}\n", row.name, row.example),
                false => format!("[hosts.{name}]\n"),
            });
            hosts.concat()
        };
        folder.write("own.toml", &said(""));
        let before = folder.report(&args);
        folder.write("own.toml", &said("node1"));
        let after = folder.report(&args);
        for field in fields {
            assert_ne!(before.pointer(field), after.pointer(field), "{}: {field}", row.name);
        }
        if row.name != "files" {
            folder.write("own.toml", &said("nobody"));
            let other = folder.report(&args);
            assert!(fields.iter().all(|field| before.pointer(field) == other.pointer(field)), "{}", row.name);
        }
    }
}

#[test]
fn documents_and_the_exit_status_heed_their_options() {
    let folder = Folder::new("documents");
    let run = |flags: &[&str]| folder.run(&["logs", "--region", "FR"].iter().chain(flags).map(|word| word.to_string()).collect::<Vec<_>>());
    let plain = run(&[]);
    assert_ne!(run(&["--length", "full"]).stdout, plain.stdout);
    assert!(run(&["--template", "mine.md.tera"]).stdout.starts_with("only "));
    let threads = run(&["--threads", "1"]);
    assert_eq!((threads.stdout, threads.status), (plain.stdout, plain.status));
    folder.write("logs/broken.csv", "timestamp, index, name, power.draw [W]\n2025/06/12 14:00:00.000, 9, A100, many W\n");
    for option in options::all().filter(|row| row.changes == Changes::Status) {
        let quiet = folder.run(&["logs/deep".into(), "--region=FR".into()]);
        folder.write("logs/deep/no-clock.csv", "gpu7_w\n100\n100\n");
        let strict = folder.run(&["logs/deep".into(), "--region=FR".into(), format!("--{}", option.name)]);
        assert_eq!((quiet.status, strict.status), (0, 1), "{}", strict.stderr);
        let beside =
            folder.run(&["estimate".into(), "logs/deep".into(), "--gpu=A100".into(), "--hours=1".into(), format!("--{}", option.name)]);
        assert_eq!(beside.status, 1, "{}", beside.stderr);
        // A log that was named and can't be used is told by every command that reads logs.
        let compared =
            folder.run(&["compare".into(), "logs/deep/gpu.csv".into(), "mine.csv".into(), "--region=FR".into(), "--regions=SE".into()]);
        assert_eq!(compared.status, 1, "{}", compared.stderr);
    }
}

/// A page of somebody else must not learn where this machine keeps its files.
#[test]
fn no_path_of_this_machine_gets_into_a_document() {
    let folder = Folder::new("paths");
    let here = folder.0.display().to_string();
    let at = |name: &str| format!("{here}/{name}");
    folder.write("own.toml", "[hosts.nobody]\npue = 1.1\n");
    let outputs = [vec![String::from("-o"), at("a.md")], vec![format!("-o{}", at("b.html"))], vec![format!("--output={}", at("c.json"))]];
    let files = [
        format!("--factors={}", at("mine.csv")),
        format!("--intensity={}", at("hourly.csv")),
        format!("--config={}", at("own.toml")),
        String::from("--region=US-CA"),
        String::from("--tz=UTC"),
    ];
    let estimate = vec![String::from("estimate"), format!("--phases={}", at("experiments.toml"))];
    // A phase without dates has no place in a series.
    let of_estimate: Vec<String> =
        files.iter().filter(|file| !file.starts_with("--intensity") && !file.starts_with("--tz")).cloned().collect();
    for (command, files) in [(vec![at("logs")], files.to_vec()), (estimate, of_estimate)] {
        let outcome = folder.run(&[&command[..], &outputs.concat(), &files].concat());
        assert!(outcome.status < 2, "{}", outcome.stderr);
        for name in ["a.md", "b.html", "c.json"] {
            let text = fs::read_to_string(at(name)).expect("a document");
            let line = text.lines().find(|line| line.contains(&here)).unwrap_or_default();
            assert!(line.is_empty(), "{command:?} in {name}: {line}");
            let said = |file: &str| text.contains(file) || !files.iter().any(|option| option.ends_with(file));
            assert!(["own.toml", "mine.csv", "hourly.csv"].into_iter().all(said), "{command:?}, {name}");
            fs::remove_file(at(name)).expect("removed");
        }
    }
}

/// A file that an option names and that can't be used: nothing is written.
#[test]
fn a_file_that_an_option_names_must_be_usable() {
    let folder = Folder::new("unusable");
    for name in ["not-there.csv", "empty.csv", "words.csv", "folder"] {
        match name {
            "empty.csv" => folder.write(name, ""),
            "words.csv" => folder.write(name, "this is = = no [table\nof anything {{ at all\n"),
            "folder" => folder.write("folder/inside", ""),
            _ => {}
        }
        for row in options::all().filter(|row| row.kind.is_file() || row.kind == Kind::IntensityOrFile) {
            // An empty file is a table without rows, a file without settings, a template of nothing.
            if name == "empty.csv" && matches!(row.name, "config" | "phases" | "template") || name == "words.csv" && row.name == "config" {
                continue;
            }
            let command = if row.is_in(Place::Report) { vec!["logs"] } else { vec!["estimate", "--gpu=A100", "--hours=1"] };
            let args: Vec<String> =
                command.into_iter().map(String::from).chain([format!("--{}={name}", row.name), "--output=card.md".into()]).collect();
            let outcome = folder.run(&args);
            assert_eq!(outcome.status, 2, "{args:?}: {}", outcome.stderr);
            assert!(!folder.0.join("card.md").exists(), "{args:?}");
            assert!(outcome.stderr.contains(name), "{args:?}: {}", outcome.stderr);
        }
    }
}

#[test]
fn a_pue_has_one_range() {
    let folder = Folder::new("pue");
    let refused = |args: &[&str]| {
        let outcome = folder.run(&args.iter().map(|word| word.to_string()).collect::<Vec<_>>());
        assert_eq!(outcome.status, 2, "{args:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("expected 1 to 3"), "{args:?}: {}", outcome.stderr);
    };
    let report = folder.run(&["logs".into(), "-o".into(), "report.json".into()]);
    assert!(report.status < 2);
    for pue in ["0.99", "3.01", "5", "-1"] {
        refused(&["logs", &format!("--pue={pue}")]);
        refused(&["estimate", "--gpu=A100", "--hours=1", &format!("--pue={pue}")]);
        refused(&["compare", "report.json", &format!("--pue={pue}")]);
        for text in
            [format!("pue = {pue}\n"), format!("[hosts.a]\npue = {pue}\n"), format!("[[phase]]\ngpu = 'A100'\nhours = 1\npue = {pue}\n")]
        {
            folder.write("own.toml", &text);
            refused(&["logs", "--config=own.toml"]);
            refused(&["estimate", "--phases=own.toml"]);
        }
    }
    assert!(folder.run(&["logs".into(), "--pue=3".into()]).status < 2);
}
