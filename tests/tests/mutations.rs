//! Ten thousand changed logs of all samples: none panics, hangs or fills the memory, and no total more than doubles or halves without a warning and an
//! interval that holds the one of before, but for a few in a thousand, which is a ratchet: it may only fall. `MUTATIONS=100000` looks longer,
//! `MUTATIONS_FROM` at others; `MOST_SILENT=0` shows what is left.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use carbon_core::account::{self, Settings};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::{InputFile, Ledger};
use carbon_core::note::Severity;
use carbon_core::read::{Clock, FileReader, ReadOptions};
use carbon_core::report::Report;
use carbon_core::series::{InOrder, Quantity, Series};
use carbon_tests::fuzz::Mutator;
use carbon_tests::mutation::{Kind, Truth, change};
use carbon_tests::{cases, csv_rows, read_options, root, samples, walk};

/// A log is changed as far as this: larger ones take long in a debug build.
const LARGEST: usize = 12 << 10;

/// One log takes milliseconds.
const LONGEST: Duration = Duration::from_secs(10);

/// All of it, seeds and test harness included, in kB.
const MOST_MEMORY_KB: u64 = 400_000;

/// In a thousand changed logs, so many totals may still be another in silence. What is left, by what was looked at last: rows that are gone behind a step
/// of the clock, running totals of a run whose last ones are gone beside torn rows, a name of a column that is torn.
const MOST_SILENT: u64 = 1;

/// Notes that any report may have, whatever its logs say of energy.
const OF_THE_PLACE: &[&str] = &["intensity-", "pue-", "time-zone-unknown", "zone-unknown", "factor-year", "offsets-stated"];

/// A log, how it is read, and what comes of it.
struct Seed {
    name: String,
    bytes: Vec<u8>,
    options: ReadOptions,
    kind: Kind,
    found: Found,
}

/// What a report says of a log.
#[derive(Clone, Debug, Default)]
struct Found {
    /// Value and ends, kWh.
    kwh: Option<(f64, f64, f64)>,
    /// Warnings and errors, code and message.
    told: BTreeSet<(String, String)>,
}

fn factors() -> &'static FactorSet {
    static SET: LazyLock<FactorSet> = LazyLock::new(|| FactorSet::from_tables(carbon_data::TABLES).expect("the built-in tables"));
    &SET
}

/// Reads a log as the command does: once more in order of time where its rows are out of order.
fn read(bytes: &[u8], options: &ReadOptions) -> (Ledger, &'static str, Kind) {
    let mut reader = FileReader::new(options.clone());
    reader.push(bytes);
    let reading = reader.finish();
    let format = reading.format;
    let has_table = ["codecarbon_csv", "generic_csv", "nvidia_smi_csv", "slurm_sacct"].contains(&format);

    let kind = Kind {
        rows_are_runs: !reading.declared.is_empty(),
        order_matters: !has_table || options.interval.is_some() || reading.rounds.is_some() || has_lines_of_dates(bytes),
        has_no_clock: options.interval.is_some() || reading.clock == Clock::Relative,
        columns_are_named: options.columns.is_some(),
        headers_matter: reading.series().iter().any(|series| series.recordings().count() > 1 || has_pauses(series)) || has_headers(bytes),
    };
    let mut ledger = Ledger::default();
    ledger.add(
        InputFile { path: String::from("log"), bytes: bytes.len() as u64, blake3: String::from("log"), ..InputFile::default() },
        reading,
    );
    for path in ledger.unordered() {
        let mut sorter = InOrder::default();
        loop {
            let mut reader = FileReader::queueing(options.clone());
            reader.push(bytes);
            reader.finish().drain_into(&mut sorter);
            if !sorter.end_pass() {
                break;
            }
        }
        ledger.put_in_order(&path, sorter.finish());
    }
    (ledger, format, kind)
}

/// Whether lines of a date stand between rows, which have none of their own.
fn has_lines_of_dates(bytes: &[u8]) -> bool {
    bytes
        .split(|byte| *byte == b'\n')
        .skip(1)
        .filter(|line| line.len() > 9 && !line.contains(&b',') && line[..4].iter().all(u8::is_ascii_digit))
        .count()
        > 0
}

/// Whether a counter goes on over a time in which nobody looked.
fn has_pauses(series: &Series) -> bool {
    let is_counter = matches!(series.channel().quantity, Quantity::Counter(_));
    let powers = series.recordings().map(|recording| recording.integral(Quantity::Power, false));
    is_counter && powers.map(|integral| integral.gap_count).sum::<u64>() > 0
}

/// Whether headers that differ stand in the middle.
fn has_headers(bytes: &[u8]) -> bool {
    let is_header = |line: &&[u8]| {
        line.contains(&b',')
            && line.split(|byte| *byte == b',').all(|cell| !cell.trim_ascii().first().is_none_or(|byte| byte.is_ascii_digit()))
    };
    bytes.split(|byte| *byte == b'\n').skip(1).filter(is_header).count() > 0
}

fn report(bytes: &[u8], options: &ReadOptions) -> Report {
    account::report(&read(bytes, options).0, factors(), &Settings::default()).expect("no setting is wrong")
}

fn found(bytes: &[u8], options: &ReadOptions) -> Found {
    let report = report(bytes, options);
    let kwh = report.energy.as_ref().map(|energy| (energy.logged_kwh.value, energy.logged_kwh.low, energy.logged_kwh.high));
    let serious = |severity: Severity| matches!(severity, Severity::Warning | Severity::Error);
    let of_energy = |code: &str| !OF_THE_PLACE.iter().any(|start| code.starts_with(start));
    let told = report.quality.iter().filter(|note| serious(note.severity) && of_energy(&note.code));
    Found { kwh, told: told.map(|note| (note.code.clone(), note.message.clone())).collect() }
}

/// What is wrong with what was found of a changed log.
fn wrong(before: &Found, after: &Found, truth: Truth) -> Option<String> {
    let (value, _, _) = before.kwh.filter(|(value, ..)| *value > 0.0)?;
    if truth == Truth::Another {
        return None;
    }
    // That nothing is known is told by a note of its own.
    let told = !after.told.is_subset(&before.told);
    let Some((now, low, high)) = after.kwh else {
        return (!told).then(|| format!("{value:.3e} kWh became unknown, and nothing is told"));
    };
    let (more, less) = (now > 2.0 * value * (1.0 + 1e-9), 2.0 * now < value * (1.0 - 1e-9) && truth != Truth::NoMore);
    let holds = truth == Truth::Lost || low <= value * (1.0 + 1e-9) && value <= high * (1.0 + 1e-9);
    ((more || less) && !(told && holds)).then(|| {
        format!(
            "{value:.3e} kWh became {now:.3e} ({low:.3e} to {high:.3e}), told {:?}",
            after.told.iter().map(|(code, _)| code).collect::<Vec<_>>()
        )
    })
}

fn seeds() -> Vec<Seed> {
    let mut files: BTreeMap<PathBuf, ReadOptions> = BTreeMap::new();
    for case in cases("formats") {
        files.extend(case.logs.iter().map(|log| (log.clone(), read_options(&case.about.options))));
    }
    let mut others = Vec::new();
    for folder in ["tests/bad", "tests/worlds", "examples"] {
        walk(&root().join(folder), &mut others);
    }
    if let Some(folder) = samples() {
        for row in csv_rows(&fs::read_to_string(folder.join("samplers/index.csv")).expect("an index")) {
            let words: Vec<&str> = row["options"].split_whitespace().collect();
            let columns = words.windows(2).find(|pair| pair[0] == "--columns").map(|pair| pair[1].split(',').map(String::from).collect());
            files.insert(folder.join("samplers").join(&row["file"]), ReadOptions { columns, ..ReadOptions::default() });
        }
        walk(&folder.join("trackers"), &mut others);
    }
    for path in others {
        files.entry(path).or_default();
    }
    let mut seen = BTreeSet::new();
    let mut seeds = Vec::new();
    for (path, options) in files {
        let Ok(mut bytes) = fs::read(&path) else { continue };
        if bytes.len() > LARGEST {
            bytes.truncate(LARGEST);
            bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
        }
        if bytes.is_empty() || !seen.insert(bytes.clone()) {
            continue;
        }
        let (_, format, kind) = read(&bytes, &options);
        if format.is_empty() {
            continue;
        }
        let found = found(&bytes, &options);
        // Wherever the repository lies.
        let place = path.strip_prefix(root()).or_else(|_| path.strip_prefix(root().parent().unwrap_or(Path::new("/"))));
        let name = place.unwrap_or(&path).to_string_lossy().into_owned();
        seeds.push(Seed { name: format!("{name} ({format})"), bytes, options, kind, found });
    }
    seeds
}

/// What goes wrong with so many changes of each log. What is done to a log depends on its name alone, so that another sample changes none of the others.
fn share(seeds: &[&Seed], from: u64, each: usize) -> (usize, Vec<String>) {
    let (mut with_energy, mut failures) = (0, Vec::new());
    for seed in seeds {
        let mut random = Mutator::new(seed.name.bytes().fold(from, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte))), "");
        for number in 0..each {
            let (bytes, done, truth) = change(&seed.bytes, seed.kind, &mut random);
            let start = Instant::now();
            let after = std::panic::catch_unwind(|| found(&bytes, &seed.options));
            let problem = match &after {
                Err(_) => Some(String::from("a panic")),
                Ok(_) if start.elapsed() > LONGEST => Some(format!("{:?}", start.elapsed())),
                Ok(after) => wrong(&seed.found, after, truth),
            };
            with_energy += usize::from(after.is_ok_and(|after| after.kwh.is_some()));
            if let Some(problem) = problem {
                let name: String = seed.name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
                let at = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mutation-{from}-{number}-{name}"));
                let _ = fs::write(&at, &bytes);
                failures.push(format!("{}: {done}: {problem}; the bytes are in {}", seed.name, at.display()));
            }
        }
    }
    (with_energy, failures)
}

fn peak_kb() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse().ok())
}

#[test]
fn changed_logs_give_no_other_total_in_silence() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (count, from) = (number("MUTATIONS").unwrap_or(10_000), number("MUTATIONS_FROM").unwrap_or(2_026));
    let seeds = seeds();
    assert!(seeds.len() > 150, "only {} samples", seeds.len());
    let each = usize::try_from(count).expect("a count").div_ceil(seeds.len());
    let count = each * seeds.len();
    let (some, others): (Vec<_>, Vec<_>) = seeds.iter().enumerate().partition(|(at, _)| at % 2 == 0);
    let of = |seeds: Vec<(usize, &Seed)>| share(&seeds.into_iter().map(|(_, seed)| seed).collect::<Vec<_>>(), from, each);
    let (first, second) = std::thread::scope(|scope| {
        let other = scope.spawn(|| of(others));
        (of(some), other.join().expect("a share"))
    });
    let failures: Vec<String> = [first.1, second.1].concat();
    let broken: Vec<&String> = failures.iter().filter(|failure| !failure.contains("kWh became")).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    let most = number("MOST_SILENT").unwrap_or(MOST_SILENT);
    let is_few = 1000 * failures.len() as u64 <= most * count as u64;
    assert!(
        is_few,
        "{} of {count} ({} seeds), expected at most {most} in a thousand\n{}",
        failures.len(),
        seeds.len(),
        failures.join("\n")
    );
    assert!(first.0 + second.0 > count / 2, "only {} changed logs had an energy: they are too broken to test anything", first.0 + second.0);
    let peak = peak_kb();
    assert!(peak.is_none_or(|peak| peak < MOST_MEMORY_KB), "{peak:?} kB at the most");
}
