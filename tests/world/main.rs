//! Simulated worlds: what the program makes of them is held against a truth that is computed apart from it. See README.md beside this file.

mod by_hand;
mod changes;
mod check;
mod classes;
mod files;
mod instruments;
mod known;
mod logger;
mod long_run;
mod random;
mod scene;
mod shrink;
mod spoken;
mod stamps;
mod truth;
mod widths;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use carbon_tests::command;
use check::{Folder, Law, Verdict, check, see};
use classes::{CLASSES, Class};
use shrink::About;

/// Worlds of a class in a check, of one whose laws are shares eight times as many: more than a thousand in all. `WORLDS=100000` is the long run, in the profile `worlds`.
const OF_A_CLASS: usize = 10;

/// So many of the worlds that broke a law are told of.
const TOLD: usize = 40;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}: expected a number")))
}

/// Verdicts by class and seed.
fn run(jobs: &[(usize, u64)]) -> BTreeMap<(usize, u64), Verdict> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, |n| n.get().min(8)) {
            scope.spawn(|| {
                while let Some((class, seed)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdict = check(&CLASSES[*class].world(*seed), CLASSES[*class].laws);
                    done.lock().expect("no panic").insert((*class, *seed), verdict);
                }
            });
        }
    });
    done.into_inner().expect("no panic")
}

/// How a law fares in a class.
struct Fared {
    worlds: usize,
    broken: Vec<(u64, String)>,
}

impl Fared {
    /// Whether the law holds: in every world; or, for a share, as far as chance allows.
    fn holds(&self, law: Law) -> bool {
        let held = self.worlds - self.broken.len();
        match law {
            Law::Bound | Law::Machine | Law::Facility => !surely_below(held, self.worlds, 0.93),
            Law::Sight => !surely_below(held, self.worlds, 0.93) && !surely_below(self.broken.len(), self.worlds, 0.02),
            _ => self.broken.is_empty(),
        }
    }
}

/// Whether `count` of `of` is too few to be chance where each has the probability `p`: less than one in a thousand (the binomial distribution's tail).
fn surely_below(count: usize, of: usize, p: f64) -> bool {
    let (mut term, mut sum) = ((1.0 - p).ln() * of as f64, 0.0);
    for k in 0..=count {
        sum += term.exp();
        term += ((of - k) as f64 / (k + 1) as f64).ln() + (p / (1.0 - p)).ln();
    }
    sum < 0.001
}

#[test]
fn worlds_hold() {
    let only = std::env::var("WORLD_CLASS").ok();
    let chosen = |class: &Class| only.as_ref().is_none_or(|name| class.name == name);
    let weights: usize = CLASSES.iter().map(Class::weight).sum();
    let of_a_class = number("WORLDS").map_or(OF_A_CLASS, |n| (n as usize).div_ceil(weights));
    let jobs: Vec<(usize, u64)> = CLASSES
        .iter()
        .enumerate()
        .filter(|(_, class)| chosen(class))
        .flat_map(|(at, class)| match number("WORLD_SEED") {
            Some(seed) => vec![(at, seed)],
            None => (0..(of_a_class * class.weight()) as u64).map(|seed| (at, seed)).collect(),
        })
        .collect();
    let verdicts = run(&jobs);
    let whole = only.is_none() && number("WORLD_SEED").is_none();
    if let (Some(folder), [(class, seed)]) = (std::env::var_os("WORLD_SAVE"), jobs.as_slice()) {
        check::lay_down(folder.as_ref(), &files::write(&CLASSES[*class].world(*seed)).files);
    }
    let known = known::read();
    let (mut failures, mut mended) = (Vec::new(), Vec::new());
    for (at, class) in CLASSES.iter().enumerate().filter(|(_, class)| chosen(class)) {
        let own: Vec<(u64, &Verdict)> = verdicts.iter().filter(|((c, _), _)| *c == at).map(|((_, seed), v)| (*seed, v)).collect();
        for law in class.laws {
            let broken = own.iter().flat_map(|(seed, v)| v.broken.iter().filter(|(l, _)| l == law).map(|(_, text)| (*seed, text.clone())));
            let fared = Fared { worlds: own.len(), broken: broken.collect() };
            if !whole || number("WORLDS").is_some() {
                println!("{:26} {:10} holds in {} of {}", class.name, law.name(), fared.worlds - fared.broken.len(), fared.worlds);
                fared.broken.iter().take(TOLD).for_each(|(seed, text)| println!("    seed {seed}: {text}"));
            }
            let is_known = known.contains_key(&(class.name.to_owned(), *law));
            match (fared.holds(*law), is_known) {
                (true, true) => mended.push((class.name.to_owned(), *law)),
                (false, false) => failures.push(failure(class, *law, &fared)),
                _ => {}
            }
        }
    }
    if whole {
        if std::env::var_os("UPDATE").is_some() && number("WORLDS").is_some_and(|worlds| worlds >= long_run::WORLDS) {
            long_run::write(&verdicts);
        } else if std::env::var_os("UPDATE").is_some() {
            known::remove(&mended);
        } else if number("WORLDS").is_none() {
            failures
                .extend(mended.iter().map(|(class, law)| format!("{class} {}: holds now; UPDATE=1 takes it out of known.txt", law.name())));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    if whole && number("WORLDS").is_none() {
        widths::compare(&verdicts);
    }
}

/// What to tell of a law that broke. Where single worlds may not break it, the smallest that was found stays as a case.
fn failure(class: &Class, law: Law, fared: &Fared) -> String {
    let (seed, text) = fared.broken.first().cloned().unwrap_or_default();
    let share = format!("{} {}: broken in {} of {} worlds", class.name, law.name(), fared.broken.len(), fared.worlds);
    if law.is_statistical() {
        return format!("{share}, first by seed {seed}: {text}");
    }
    let folder = shrink::save(&shrink::shrink(class.world(seed), law), law, None);
    format!("{share}, first by seed {seed}: {text}\n    cut down to {}", folder.display())
}

/// Worlds that broke a law once. Where that is known and not mended, they must break it still.
#[test]
fn saved_worlds_hold() {
    let mut failures = Vec::new();
    for folder in saved_folders() {
        let name = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let text = fs::read_to_string(folder.join("about.toml")).unwrap_or_else(|e| panic!("{name}: {e}"));
        let about: About = toml::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let law = Law::named(&about.law).unwrap_or_else(|| panic!("{name}: {}", about.law));
        let copy = Folder::new(&logs_of(&folder));
        let problem = match see(std::slice::from_ref(&copy.0)) {
            Ok(seen) => match about.change {
                Some(change) => check::changed(change, &logs_of(&folder), about.seed, &seen),
                None => about.expected.problem(law, &seen),
            },
            Err(why) => Some(why),
        };
        match (problem, &about.known) {
            (None, Some(_)) if std::env::var_os("UPDATE").is_some() => {
                let left: String = text.lines().filter(|line| !line.starts_with("known = ")).flat_map(|line| [line, "\n"]).collect();
                fs::write(folder.join("about.toml"), left).expect("a file");
            }
            (None, Some(_)) => failures.push(format!("{name}: holds now; UPDATE=1 takes `known` out of its about.toml")),
            (Some(problem), None) => failures.push(format!("{name}: {problem}")),
            _ => {}
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

fn saved_folders() -> Vec<PathBuf> {
    let entries = fs::read_dir(shrink::saved()).map(|all| all.flatten().map(|e| e.path()).filter(|p| p.is_dir()).collect());
    let mut folders: Vec<PathBuf> = entries.unwrap_or_default();
    folders.sort();
    folders
}

fn logs_of(folder: &std::path::Path) -> BTreeMap<String, Vec<u8>> {
    let mut paths = Vec::new();
    carbon_tests::walk(folder, &mut paths);
    let name = |path: &PathBuf| path.strip_prefix(folder).map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    paths
        .iter()
        .map(|path| (name(path), path))
        .filter(|(name, _)| name != "about.toml")
        .map(|(name, path)| (name, fs::read(path).expect("a log")))
        .collect()
}

/// The command says of a folder what the library says.
#[test]
fn the_command_says_the_same() {
    for (at, class) in CLASSES.iter().enumerate().filter(|(at, _)| at % 8 == 0) {
        let written = files::write(&class.world(at as u64));
        let folder = Folder::new(&written.files);
        let out = folder.0.with_extension("json");
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_carbon-report-under-test"));
        let outcome = command::run(program.arg(&folder.0).args(["--tz", "UTC", "--region", "FR", "-o"]).arg(&out)).expect("the command");
        assert_eq!(outcome.status, 0, "{}: {}", class.name, outcome.stderr);
        let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(&out).expect("a report")).expect("JSON");
        let _ = fs::remove_file(&out);
        let energy =
            report.pointer("/energy/logged_kwh/value").or(report.pointer("/energy/it_kwh/value")).and_then(serde_json::Value::as_f64);
        let seen = see(std::slice::from_ref(&folder.0)).unwrap_or_else(|e| panic!("{}: {e}", class.name));
        let kwh = energy.unwrap_or(0.0) * 3.6e6;
        assert!((kwh - seen.logged.1).abs() <= 1e-9 * kwh, "{}: the command says {kwh} J, the library {} J", class.name, seen.logged.1);
    }
}
