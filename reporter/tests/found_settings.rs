//! Settings that lie beside logs may come from whoever made the logs: they are data, and can't read, write or run anything.

mod common;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use common::Folder;
use serde_json::Value;

const SECRET: &str = "the-secret-of-this-machine";

/// Two machines of one GPU each, by the names of their files; nothing else tells them apart.
fn with_logs() -> Folder {
    let folder = Folder::new();
    for (name, watts) in [("node1", 300), ("node2", 290)] {
        folder.write(&format!("logs/{name}.csv"), log(watts));
    }
    folder.write("secret", SECRET);
    folder
}

fn log(watts: u32) -> String {
    let mut text = String::from("timestamp, index, name, power.draw [W]\n");
    for at in 0..600 {
        text += &format!("2025/06/12 14:{:02}:{:02}.000, 0, NVIDIA A100-SXM4-80GB, {}.00 W\n", at / 60, at % 60, watts + at * 7 % 13);
    }
    text
}

/// The report of the logs, with these settings beside them, and what was said on the terminal.
fn report(folder: &Folder, settings: &str) -> (Value, String) {
    folder.write("logs/carbon-report.toml", settings);
    report_of(folder, &["logs"])
}

fn report_of(folder: &Folder, arguments: &[&str]) -> (Value, String) {
    let run = folder.run(&[arguments, &["--format", "json"]].concat()).status(0);
    (serde_json::from_str(&run.out).unwrap(), run.err)
}

fn notes<'r>(report: &'r Value, code: &str) -> Vec<&'r str> {
    let all = report["quality"].as_array().unwrap();
    all.iter().filter(|note| note["code"] == code).map(|note| note["message"].as_str().unwrap()).collect()
}

fn kwh(report: &Value, what: &str) -> [f64; 3] {
    ["low", "value", "high"].map(|end| report["energy"][what][end].as_f64().unwrap())
}

#[test]
fn what_a_log_could_say_counts_as_said_by_the_logs_and_is_told_once() {
    let folder = with_logs();
    let settings = "region = 'SE'\npue = 1.3\ntitle = 'A model'\ntz = 'Europe/Paris'\n[hosts.node1]\npue = 1.4\n[[phase]]\ngpu = 'A100'\nhours = 1\npue = 1.1\n";
    let (report, err) = report(&folder, settings);
    let said = "pue = 1.3; tz = Europe/Paris; region = SE; title = A model; [hosts.node1] pue = 1.4";
    for part in said.split("; ") {
        assert_eq!(err.matches(part).count(), 1, "{part}: {err}");
        assert!(notes(&report, "settings-found")[0].contains(part), "{part}");
    }
    assert_eq!(notes(&report, "settings-found").len(), 1);
    assert_eq!(report["location"]["origin"], "stated by carbon-report.toml");
    // PUE of each activity: none of them is the user's word.
    let factors = report["factors"].as_array().unwrap();
    let of_pue: Vec<(f64, &str)> = factors
        .iter()
        .filter(|factor| factor["kind"] == "pue")
        .map(|factor| (factor["value"].as_f64().unwrap(), factor["matched"].as_str().unwrap()))
        .collect();
    assert!(of_pue.len() == 3 && of_pue.iter().all(|(_, matched)| *matched == "log"), "{of_pue:?}");
    assert!(!report["reproduce"].as_str().unwrap().contains("--"), "{}", report["reproduce"]);
    // The same file named is the user's word.
    let (named, _) = report_of(&folder, &["logs", "--config", "logs/carbon-report.toml"]);
    assert!(notes(&named, "settings-found").is_empty());
    assert!(
        named["factors"].as_array().unwrap().iter().filter(|factor| factor["kind"] == "pue").all(|factor| factor["matched"] == "given")
    );
    // A flag is the user's word whatever lies beside the logs, and then nothing is told of what it replaces.
    folder.write("logs/carbon-report.toml", "region = 'SE'\npue = 1.3\n[hosts.node1]\npue = 1.4\n");
    let (flagged, err) = report_of(&folder, &["logs", "--region", "FR", "--pue", "1.2"]);
    assert_eq!((flagged["location"]["zone"].as_str(), flagged["pue"]["matched"].as_str()), (Some("FR"), Some("given")));
    assert!(!err.contains("region = SE") && !err.contains("1.3") && !err.contains("1.4"), "{err}");
}

#[test]
fn what_only_the_user_can_say_is_not_taken() {
    let folder = with_logs();
    let (plain, _) = report(&folder, "");
    for said in [
        "only = 'gpu:7'",
        "from = '2025-06-12T14:05:00Z'",
        "to = '2025-06-12T14:00:01Z'",
        "boundary = 'logged'",
        "basis = 'direct'",
        "year = 2001",
        "market = 10",
        "running = '2000-01-01T00:00:00Z..2099-01-01T00:00:00Z'",
        "fill-gaps = true",
        "as-logged = true",
        "strict = true",
        "length = 'short'",
        "length = 'full'",
    ] {
        let (found, err) = report(&folder, said);
        let name = said.split(' ').next().unwrap();
        assert_eq!(kwh(&found, "it_kwh"), kwh(&plain, "it_kwh"), "{said}");
        assert_eq!(found["emissions"], plain["emissions"], "{said}");
        assert!(notes(&found, "settings-doubted").iter().any(|message| message.contains(&format!("{name} = "))), "{said}");
        assert!(err.contains(&format!("{name} = ")) && err.contains("--config"), "{err}");
    }
}

#[test]
fn no_template_is_taken() {
    let folder = with_logs();
    let secret = folder.path().join("secret");
    folder.write("logs/t.html.tera", "<script>alert(1)</script>");
    folder.write("logs/t.md.tera", "the template ran {{ get_env(name=\"HOME\") }}");
    let mut names = vec![
        String::from("../secret"),
        String::from("./../logs/../secret"),
        secret.display().to_string(),
        String::from("t.html.tera"),
        String::from("t.md.tera"),
    ];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&secret, folder.path().join("logs/link.md.tera")).unwrap();
        names.extend([String::from("link.md.tera"), String::from("/proc/self/environ"), String::from("/dev/stdin")]);
    }
    for name in names {
        folder.write("logs/carbon-report.toml", format!("template = {name:?}\n"));
        folder.run(&["logs", "-o", "card.md", "-o", "card.html", "-o", "card.json"]).status(0).says("template = ");
        for document in ["card.md", "card.html", "card.json"] {
            let text = folder.read(document);
            assert!(!text.contains(SECRET) && !text.contains("<script>alert") && !text.contains("the template ran"), "{name}: {document}");
            assert!(text.contains("template"), "{name}: {document} tells it");
        }
    }
}

/// What a found file names is told whole where the user is; a document has its name alone.
#[test]
fn files_that_are_not_taken_are_told_as_they_are_written() {
    let folder = with_logs();
    for (option, path) in [
        ("template", "~/.ssh/id_rsa"),
        ("template", "/home/somebody/.aws/credentials"),
        ("factors", "../../private/mine.csv"),
        ("factors", "/srv/secret/mine.csv"),
        ("intensity", "../../private/series.csv"),
    ] {
        folder.write("logs/carbon-report.toml", format!("{option} = {path:?}\n"));
        folder
            .run(&["logs", "-o", "card.md", "-o", "card.html", "-o", "card.json"])
            .status(0)
            .says(&format!("{option} = {path:?}: not taken"));
        let name = path.rsplit('/').next().unwrap();
        for document in ["card.md", "card.html", "card.json"] {
            let text = folder.read(document);
            for part in path.split('/').filter(|part| part.len() > 2 && *part != name) {
                assert!(!text.contains(part), "{path}: {document} has {part}");
            }
        }
        assert!(folder.read("card.json").contains(name), "{path}");
    }
}

#[test]
fn tables_come_from_the_folder_of_the_settings_alone() {
    let folder = with_logs();
    let table = "zone,gco2e_per_kwh,basis,year,source\nFR,4,lifecycle,2025,nobody\n";
    let series = "time,gco2e_per_kwh\n2025-06-12T14:00:00Z,4\n2025-06-12T15:00:00Z,4\n";
    for (name, text) in [("x.csv", table), ("hours.csv", series)] {
        folder.write(name, text);
        folder.write(&format!("logs/.tables/{name}"), text);
    }
    let mut names: Vec<(&str, String)> = vec![
        ("factors", String::from("../x.csv")),
        ("factors", String::from(".tables/../../x.csv")),
        ("factors", folder.path().join("x.csv").display().to_string()),
        ("factors", String::from("not-there.csv")),
        ("factors", String::from(".tables")),
        ("intensity", String::from("../hours.csv")),
        ("intensity", folder.path().join("hours.csv").display().to_string()),
    ];
    #[cfg(unix)]
    {
        let logs = folder.path().join("logs");
        std::os::unix::fs::symlink("../x.csv", logs.join("link.csv")).unwrap();
        std::os::unix::fs::symlink("..", logs.join("up")).unwrap();
        std::os::unix::fs::symlink("../hours.csv", logs.join("hours-link.csv")).unwrap();
        make_pipe(&logs.join("pipe"));
        names.extend([
            ("factors", String::from("link.csv")),
            ("factors", String::from("up/x.csv")),
            ("factors", String::from("pipe")),
            ("intensity", String::from("hours-link.csv")),
            ("intensity", String::from("/dev/zero")),
        ]);
    }
    for (name, value) in names {
        let begun = Instant::now();
        let (report, err) = report(&folder, &format!("region = 'FR'\n{name} = {value:?}\n"));
        let doubted = notes(&report, "settings-doubted");
        assert!(doubted.len() == 1 && doubted[0].contains(&format!("`{name}`")), "{value}: {doubted:?}");
        assert!(err.contains(&format!("`{name}`")), "{value}: {err}");
        assert!(report["carbon_intensity_gco2e_per_kwh"]["value"].as_f64().unwrap() > 10.0, "{value} was read");
        assert!(begun.elapsed() < Duration::from_secs(20), "{value}");
    }
    for (name, value) in
        [("factors", ".tables/x.csv"), ("factors", "./.tables/x.csv"), ("intensity", ".tables/hours.csv"), ("intensity", "4")]
    {
        let (report, _) = report(&folder, &format!("region = 'FR'\ntz = 'UTC'\n{name} = {value:?}\n"));
        let doubted = notes(&report, "settings-doubted");
        assert!(doubted.iter().all(|message| message.contains("names a table of carbon intensities")), "{value}");
        assert_eq!(doubted.len(), usize::from(name == "factors"), "{value}");
        assert!(report["carbon_intensity_gco2e_per_kwh"]["value"].as_f64().unwrap() < 4.5, "{value} is inside of the folder");
    }
}

#[cfg(unix)]
#[test]
fn settings_are_a_file_and_nothing_else() {
    use std::os::unix::fs::symlink;

    let folder = with_logs();
    let settings = folder.path().join("logs/carbon-report.toml");
    folder.write("other.toml", "region = 'SE'\n");
    let link: &dyn Fn() = &|| symlink("../other.toml", &settings).unwrap();
    let to_device: &dyn Fn() = &|| symlink("/dev/zero", &settings).unwrap();
    let to_nothing: &dyn Fn() = &|| symlink("carbon-report.toml", &settings).unwrap();
    let pipe: &dyn Fn() = &|| make_pipe(&settings);
    let socket: &dyn Fn() = &|| drop(std::os::unix::net::UnixListener::bind(&settings).unwrap());
    let inner: &dyn Fn() = &|| fs::create_dir(&settings).unwrap();
    for (kind, make) in [("link", link), ("link", to_device), ("link", to_nothing), ("pipe", pipe), ("socket", socket), ("folder", inner)] {
        make();
        let (report, err) = report_of(&folder, &["logs"]);
        assert!(notes(&report, "settings-doubted")[0].contains(kind), "{kind}: {err}");
        assert!(err.contains(kind) && report["location"].is_null(), "{kind}: {err}");
        if kind == "folder" { fs::remove_dir(&settings).unwrap() } else { fs::remove_file(&settings).unwrap() }
    }
}

#[test]
fn what_is_no_settings_ends_the_run_with_its_reason_and_writes_nothing() {
    let folder = with_logs();
    let deep = |open: &str, close: &str| format!("title = {}1{}\n", open.repeat(200_000), close.repeat(200_000));
    for (text, reason) in [
        (String::from("output = '../card.md'\n"), "`known keys"),
        (String::from("limit = 'depth=1'\n"), "known keys"),
        (String::from("config = '../secret'\n"), "known keys"),
        (format!("title = '{}'\n", "x".repeat(2 << 20)), "expected 1048576 at most"),
        (deep("[", "]"), "settings, line 1"),
        (deep("{a=", "}"), "settings, line 1"),
        (format!("{}a = 1\n", "a.".repeat(100_000)), "settings"),
        ((0..5_000).map(|at| format!("[hosts.h{at}]\nsame_as = 'h{}'\n", at + 1)).collect(), "settings-hosts"),
        (String::from("pue = 1e300\n"), "expected 1 to 3"),
        (String::from("pue = 'nan'\n"), "pue"),
        (String::from("pue = -7\n"), "expected 1 to 3"),
        (String::from("[hosts.node1]\npue = 99\n"), "expected 1 to 3"),
        (String::from("tz = '../../../etc/passwd'\n"), "time zone"),
        (String::from("tz = '+99:00'\n"), "time zone"),
        (String::from("region = '../secret'\n"), "region"),
        (String::from("region = 'FR'\nregion = 'SE'\n"), "settings, line 2"),
        (String::from("title = '\u{0}'\n"), "settings, line 1"),
        (String::from("[[phase]]\ngpu = 'A100'\nhours = -1\n"), "hours"),
        (String::from("[[phase]]\ngpu = 'A100'\nhours = inf\n"), "hours"),
    ] {
        let begun = Instant::now();
        folder.write("logs/carbon-report.toml", &text);
        let run = folder.run(&["logs", "-o", "card.md"]).status(2);
        assert!(
            run.err.contains(reason.trim_start_matches('`')),
            "{:?}: {}",
            &text[..text.len().min(60)],
            &run.err[..run.err.len().min(600)]
        );
        assert!(run.err.len() < 4096, "{:?}: {} bytes are said", &text[..text.len().min(60)], run.err.len());
        assert!(!folder.path().join("card.md").exists() && !run.err.contains(SECRET));
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", &text[..text.len().min(60)]);
    }
    folder.write("logs/carbon-report.toml", b"title = '\xff\xfe'\n");
    folder.run(&["logs", "-o", "card.md"]).status(2).says("settings: ");
}

#[test]
fn settings_of_folders_below_are_told_and_those_that_differ_are_chosen_by_the_user() {
    let folder = with_logs();
    folder.write("logs/a/gpu.csv", log(100));
    folder.write("logs/a/carbon-report.toml", "region = 'SE'\npue = 2\n");
    let (report, _) = report_of(&folder, &["logs"]);
    assert!(report["location"].is_null());
    let told = report["quality"].as_array().unwrap().iter().any(|note| note["place"] == "logs/a/carbon-report.toml");
    assert!(told, "{:#}", report["quality"]);
    folder.write("more/gpu.csv", log(100));
    folder.write("more/carbon-report.toml", "region = 'FR'\n");
    folder.write("logs/carbon-report.toml", "region = 'SE'\n");
    folder.run(&["logs", "more"]).status(2).says("--config FILE");
    let (chosen, _) = report_of(&folder, &["logs", "more", "--config", "more/carbon-report.toml"]);
    assert_eq!((chosen["location"]["zone"].as_str(), notes(&chosen, "settings-found").len()), (Some("FR"), 0));
}

/// As many hosts as there may be, each another name of the next one, each with files: told in one line, and done soon.
#[test]
fn many_hosts_take_no_long_time() {
    let folder = with_logs();
    for said in ["same_as = 'hN'", "pue = 1.2", "files = '**/*a*b*c*N*'", "region = 'FR'"] {
        let settings: String = (0..4_000).map(|at| format!("[hosts.h{at}]\n{}\n", said.replace('N', &(at + 1).to_string()))).collect();
        let begun = Instant::now();
        let (_, err) = report(&folder, &settings);
        assert!(begun.elapsed() < Duration::from_secs(20), "{said}: {:?}", begun.elapsed());
        assert!(err.lines().count() < 16 && err.len() < 8192, "{said}: {err}");
    }
}

/// Of what is said of hosts the value is the settings', and the interval is the hull of that and of what the logs say alone.
#[test]
fn which_host_is_which_is_a_hypothesis() {
    let folder = with_logs();
    let (apart, _) = report(&folder, "");
    for (settings, joins) in [
        ("[hosts.node1]\nsame_as = 'node2'\n", true),
        ("[hosts.node2]\nsame_as = 'node1'\n", true),
        ("[hosts.node1]\nsame_as = 'node2'\n[hosts.node2]\nsame_as = 'node1'\n", true),
        ("[hosts.node1]\nsame_as = 'b'\n[hosts.b]\nsame_as = 'c'\n[hosts.c]\nsame_as = 'node2'\n", true),
        ("[hosts.a]\nfiles = '**'\n", true),
        ("[hosts.node1]\nsame_as = 'node1'\n", false),
        ("[hosts.a]\nfiles = '**/node1.csv'\n[hosts.b]\nfiles = '**/node2.csv'\n", false),
    ] {
        let (found, err) = report(&folder, settings);
        for what in ["logged_kwh", "it_kwh"] {
            let (found, apart) = (kwh(&found, what), kwh(&apart, what));
            let expected = if joins { apart[1] / 2.0 } else { apart[1] };
            assert!((found[1] / expected - 1.0).abs() < 0.05, "{settings}: {what} is {found:?}, and {apart:?} where logs alone decide");
            assert!(found[0] < expected && found[2] > apart[1], "{settings}: {what} is {found:?}, and {apart:?} where logs alone decide");
            // The hull, and no more than that: the upper end of the logs' own is the upper end of both.
            assert!(found[2] < 1.25 * apart[2], "{settings}: {what} is {found:?}, and {apart:?} where logs alone decide");
        }
        let decisions = found["decisions"].as_array().unwrap();
        assert_eq!(decisions.iter().filter(|decision| decision["rule"] == "hosts-by-found-settings").count(), 1, "{settings}");
        assert_eq!(
            joins,
            notes(&found, "settings-doubted").iter().any(|message| message.contains("more would count")),
            "{settings}: {err}"
        );
    }
    // Logs that are of one host by all that they say, torn apart.
    let one = Folder::new();
    one.write("logs/a.csv", log(300));
    one.write("logs/b.csv", log(299));
    let (joined, _) = report(&one, "");
    let (torn, _) = report(&one, "[hosts.x]\nfiles = '**/a.csv'\n[hosts.y]\nfiles = '**/b.csv'\n");
    let (joined, torn) = (kwh(&joined, "it_kwh"), kwh(&torn, "it_kwh"));
    assert!(torn[1] > 1.9 * joined[1] && torn[0] < joined[1], "{torn:?} {joined:?}");
}

#[test]
fn a_place_against_that_of_a_log_is_told() {
    let folder = Folder::new();
    let tracker = "timestamp,project_name,run_id,duration,emissions,cpu_power,gpu_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,country_name,country_iso_code,region,cloud_provider,cloud_region,tracking_mode\n\
                   2025-06-12T14:00:00,x,r1,3600,0.05,50,300,0.05,0.3,0.01,0.36,France,FRA,,,,machine\n";
    folder.write("logs/emissions.csv", tracker);
    for (settings, told) in [("region = 'SE'", true), ("region = 'FR'", false), ("pue = 1.2", false)] {
        let (report, _) = report(&folder, settings);
        let zone = if settings.contains("SE") { "SE" } else { "FR" };
        assert_eq!(report["location"]["zone"], zone, "{settings}");
        assert_eq!(notes(&report, "settings-doubted").iter().any(|message| message.contains("France")), told, "{settings}");
    }
    folder.write("own.toml", "region = 'SE'");
    let (named, _) = report_of(&folder, &["logs", "--config", "own.toml"]);
    assert!(notes(&named, "settings-doubted").is_empty());
}

#[test]
fn a_title_is_text_everywhere() {
    let folder = with_logs();
    for title in [
        "\\u001b]0;owned\\u0007",
        "</title><script>alert(1)</script>",
        "x\\n---\\nlicense: mit",
        "\\u202Eevil",
        "| a | b |\\n| - | - |",
        "{{ get_env(name='HOME') }}",
        "![x](https://evil.example/x.png)",
    ] {
        folder.write("logs/carbon-report.toml", format!("title = \"{title}\"\n[hosts.\"{title}\"]\npue = 1.1\n"));
        let run = folder.run(&["logs", "-o", "card.md", "-o", "card.html", "-o", "card.yaml", "-o", "card.tex"]).status(0);
        let hidden = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!run.err.chars().any(hidden), "{title}: {:?}", run.err);
        for name in ["card.md", "card.html", "card.yaml", "card.tex"] {
            let text = folder.read(name);
            assert!(!text.chars().any(hidden), "{title}: {name}");
            let link = if name.ends_with("html") { "src=\"https://evil" } else { "](https://evil" };
            for live in ["<script>alert", link, "\nlicense: mit"] {
                assert!(!text.contains(live), "{title}: {name} has {live:?}");
            }
            let home = std::env::var("HOME").unwrap_or_default();
            assert!(home.len() < 2 || !text.contains(&format!("{home}\n")), "{title}: {name}");
        }
        for name in ["card.md", "card.html", "card.yaml", "card.tex"] {
            fs::remove_file(folder.path().join(name)).unwrap();
        }
    }
}

#[cfg(unix)]
fn make_pipe(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// A phase is told by what it says, and the interval holds what the logs hold without it.
#[test]
fn a_phase_is_told_by_name_and_value_and_is_a_hypothesis() {
    let folder = with_logs();
    let (plain, _) = report(&folder, "");
    let day = "start = '2025-06-12T00:00:00Z'\nend = '2025-06-13T00:00:00Z'\n";
    for (said, told, kwh_more) in [
        (String::from("name = 'x'\nenergy-kwh = 100000\noffset-kg = 1000000"), "energy_kwh 100000, name x, offsets_kg 1000000", Some(1e5)),
        (String::from("energy_kwh = 0.25\nkind = 'failed'"), "energy_kwh 0.25, kind failed", Some(0.25)),
        (String::from("power-w = 2000\nhours = 3\nrepeats = 2"), "power_w 2000, hours 3, repeats 2", Some(12.0)),
        (String::from("cpu = ['2x EPYC 7763', 'Xeon Gold 6248']\nhours = 24"), "hours 24, cpu 2x EPYC 7763, Xeon Gold 6248", None),
        (format!("gpu = '8x A100'\n{day}"), "gpu 8x A100", None),
    ] {
        let (found, err) = report(&folder, &format!("[[phase]]\n{said}\n"));
        let [doubted] = notes(&found, "settings-doubted")[..] else { panic!("{said}: {:?}", found["quality"]) };
        for text in [notes(&found, "settings-found")[0], doubted, err.as_str()] {
            assert!(text.contains(&format!("[[phase]] {told}")), "{said}: {text}");
        }
        assert!(doubted.contains("carbon-report.toml"), "{doubted}");
        let decisions = found["decisions"].as_array().unwrap();
        assert_eq!(decisions.iter().filter(|decision| decision["rule"] == "phases-by-found-settings").count(), 1, "{said}");
        for what in ["logged_kwh", "it_kwh"] {
            let ([low, value, high], [_, without, _]) = (kwh(&found, what), kwh(&plain, what));
            assert!(low <= without && without < value && value <= high, "{said}: {what} {low} {value} {high}, without {without}");
            assert!(kwh_more.is_none_or(|more| value - without >= 0.999 * more), "{said}: {what} {value}, without {without}");
        }
        // Named, it is the user's word: nothing is doubted.
        let (named, _) = report_of(&folder, &["logs", "--config", "logs/carbon-report.toml"]);
        assert!(notes(&named, "settings-doubted").is_empty() && kwh(&named, "it_kwh")[0] > kwh(&plain, "it_kwh")[1], "{said}");
    }
    // Of many the first ones are told, with how many more there are.
    let (many, err) = report(&folder, &"[[phase]]\nenergy-kwh = 1\n".repeat(200));
    assert!(kwh(&many, "logged_kwh")[1] > 200.0 && kwh(&many, "logged_kwh")[0] <= kwh(&plain, "logged_kwh")[1]);
    assert!(err.contains("[[phase]] energy_kwh 1; and 188 more phases"), "{err}");
}

/// Whatever a found file names, the program is soon done with it; what stands several times is one.
#[test]
fn no_found_file_keeps_the_program_busy() {
    let folder = with_logs();
    let table = |rows: usize| {
        let zones = (0..rows).map(|at| format!("X{at},40,lifecycle,2025,nobody\n"));
        String::from("zone,gco2e_per_kwh,basis,year,source\n") + &zones.collect::<String>()
    };
    folder.write("logs/.t/f.csv", table(1));
    for (text, bound) in [
        ("[[phase]]\ngpu='A100'\nhours=1\n".repeat(20_000), "settings-phases"),
        ("[[phases]]\nenergy-kwh=1\n".repeat(257), "settings-phases"),
        (format!("compare = [{}]", (0..50_000).map(|at| format!("'X{at}',")).collect::<String>()), "settings-places"),
        (format!("factors = [{}]", (0..20_000).map(|at| format!("'.t/{at}.csv',")).collect::<String>()), "settings-tables"),
        ((0..5_000).map(|at| format!("[hosts.n{at}]\nregion='SE'\n")).collect::<String>(), "settings-hosts"),
        (format!("[hosts.x]\nfiles = [{}]", "'*a*a*a*b',".repeat(5_000)), "settings-patterns"),
        (format!("[hosts.x]\nfiles = [{}]", format!("'{}b',", "*a".repeat(200)).repeat(1_000)), "settings-pattern-bytes"),
    ] {
        folder.write("logs/carbon-report.toml", text);
        let start = Instant::now();
        folder.run(&["logs"]).status(2).says(&format!("limit `{bound}`")).says("--config");
        assert!(start.elapsed() < Duration::from_secs(60), "{bound}: {:?}", start.elapsed());
    }
    folder.write("logs/.t/large.csv", table(60_000));
    folder.write("logs/carbon-report.toml", "factors = '.t/large.csv'");
    folder.run(&["logs"]).status(2).says("limit `settings-table-bytes`");
    // A hundred names of one place and one table.
    let many = |one: &str, other: &str| format!("[{}]", format!("'{one}','{other}',").repeat(20_000));
    let (report, _) = report(&folder, &format!("compare = {}\n", many("SE", "se")));
    assert!(report["comparison"].as_array().unwrap().len() <= 2);
    folder.write("logs/carbon-report.toml", format!("factors = {}\n", many(".t/f.csv", "./.t/./f.csv")));
    folder.run(&["logs"]).status(0);
    let limits = folder.run(&["--limits"]).status(0).out;
    assert!(["settings-phases", "settings-places", "settings-tables"].iter().all(|name| limits.contains(name)), "{limits}");
}

/// A table of factors is its own source whatever it names as one, renames no place, and hides nothing that is known.
#[test]
fn a_found_table_cites_itself_and_the_interval_holds_what_is_known() {
    let folder = with_logs();
    let intensity = |report: &Value, end: &str| report["carbon_intensity_gco2e_per_kwh"][end].as_f64().unwrap();
    let (plain, _) = report(&folder, "region = 'FR'");
    for source in ["ember_owid_2026", "user", "log", "default", "https://example.org/x"] {
        folder.write("logs/.t/f.csv", format!("zone,gco2e_per_kwh,basis,year,source\nFR,900,lifecycle,2025,{source}\n"));
        let (found, err) = report(&folder, "region = 'FR'\nfactors = '.t/f.csv'");
        assert_eq!(intensity(&found, "value"), 900.0, "{source}");
        assert!(intensity(&found, "low") <= intensity(&plain, "value") && intensity(&found, "high") > 900.0, "{source}");
        let told = notes(&found, "settings-doubted");
        assert!(told.len() == 1 && told[0].contains("f.csv, found beside the logs") && told[0].contains("41.44 g"), "{told:?}");
        assert!(err.contains("f.csv, found beside the logs"), "{err}");
        let cited = found["carbon_intensity_gco2e_per_kwh"]["source"].as_str().unwrap();
        assert!(cited.starts_with("f.csv, found beside the logs"), "{cited}");
        let sources = found["sources"].as_array().unwrap();
        let own = sources.iter().find(|one| one["id"] == cited).unwrap_or_else(|| panic!("{cited} is no source"));
        assert!(["url", "publisher", "licence"].iter().all(|field| own[*field].as_str().is_none_or(str::is_empty)), "{own}");
        // The user's own table cites what the user says.
        let (given, _) = report_of(&folder, &["logs", "--region", "FR", "--factors", "logs/.t/f.csv"]);
        assert_eq!(given["carbon_intensity_gco2e_per_kwh"]["source"], source, "{source}");
    }
    // Whoever names a place means that place.
    for zone in ["MINE", "FRANCE", "France"] {
        folder.write("logs/.t/f.csv", format!("zone,gco2e_per_kwh,basis,year,source,name,iso3\n{zone},900,lifecycle,2025,x,France,FRA\n"));
        folder.write("logs/carbon-report.toml", "factors = '.t/f.csv'");
        for place in ["France", "FRA", "FR"] {
            let (found, _) = report_of(&folder, &["logs", "--region", place]);
            assert_eq!(intensity(&found, "value"), intensity(&plain, "value"), "{zone} {place}");
        }
    }
    folder.write("logs/.t/f.csv", "zone,gco2e_per_kwh,basis,year,source\nMINE,900,lifecycle,2025,x\n");
    let (found, _) = report_of(&folder, &["logs", "--region", "mine"]);
    assert_eq!(intensity(&found, "value"), 900.0);
}

#[test]
fn a_place_that_the_user_names_comes_before_a_found_intensity() {
    let folder = with_logs();
    folder.write("logs/.t/hours.csv", "time,gco2e_per_kwh\n2025-06-12T14:00:00Z,900\n2025-06-12T15:00:00Z,900\n");
    let (plain, _) = report(&folder, "region = 'FR'");
    for said in ["intensity = 900", "intensity = '.t/hours.csv'"] {
        folder.write("logs/carbon-report.toml", said);
        let (found, err) = report_of(&folder, &["logs", "--region", "FR"]);
        assert_eq!(found["carbon_intensity_gco2e_per_kwh"]["value"], plain["carbon_intensity_gco2e_per_kwh"]["value"], "{said}");
        let told = notes(&found, "settings-doubted");
        assert!(told.iter().any(|message| message.contains("`intensity`: the place is given")), "{told:?}");
        assert!(err.contains("the place is given"), "{err}");
    }
}
