//! What the integration tests share: case folders, samples that lie beside the repository, and comparing printed digits.

pub mod command;
pub mod folder;
pub mod fuzz;
pub mod mutation;
pub mod nvidia_smi;
pub mod promises;
pub mod recording;
pub mod validation;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use carbon_core::factor::FactorSet;
use carbon_core::ledger::{InputFile, Ledger, LedgerOptions, Settled};
use carbon_core::read::{FileReader, ReadOptions};
use carbon_core::units::{Energy, Span};
use serde::Deserialize;

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the repository").to_path_buf()
}

/// Compares a file that is made from the code with what the code says; `UPDATE=1` rewrites it.
///
/// # Panics
/// Where they differ.
pub fn compare_generated(path: &Path, text: &str) {
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    assert!(committed == text, "{} is stale: run the test with UPDATE=1", path.display());
}

/// Samples that lie beside the repository, where they are there: captures that may not be copied into it.
pub fn samples() -> Option<PathBuf> {
    let folder = root().parent()?.join("shared/samples");
    let found = folder.is_dir().then_some(folder);
    if found.is_none() {
        eprintln!("the samples do not lie beside this repository: what reads them is not tested here");
    }
    found
}

/// `about.toml` of a case folder.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Tool that wrote the log.
    pub tool: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
    /// `constructed`, `tool output` or `own run`.
    pub origin: String,
    /// What is tricky.
    pub trick: String,
    /// Licence of the case.
    pub licence: String,
    /// How it was made.
    #[serde(default)]
    pub command: String,
    /// On what.
    #[serde(default)]
    pub hardware: String,
    /// How it is read.
    #[serde(default)]
    pub options: CaseOptions,
    /// What must come out.
    #[serde(default)]
    pub expected: Expected,
}

/// How a case is read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CaseOptions {
    /// `--interval`.
    pub interval_s: Option<f64>,
    /// `--tz`.
    pub tz: Option<String>,
    /// `--columns`.
    pub columns: Option<String>,
    /// `--as-logged`.
    pub as_logged: bool,
}

/// What a case must come to.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expected {
    /// Energy that counts, kWh, as an independent source prints it.
    pub energy_kwh: Option<String>,
    /// Energy that trackers declare, kWh, before the ledger decides what counts.
    pub declared_kwh: Option<String>,
    /// Allowed relative difference; 0 means equal to the printed digit.
    pub tolerance_rel: f64,
    /// The case says that no energy is known.
    pub no_energy: bool,
    /// Number of evidences that count.
    pub devices: Option<usize>,
    /// Rows that counted.
    pub rows_used: Option<u64>,
    /// Rows that did not, by reason.
    pub rows_skipped: BTreeMap<String, u64>,
    /// Note codes that must appear.
    pub notes: Vec<String>,
    /// Note code of the refusal.
    pub refused: Option<String>,
    /// Energy, kWh, that decisions say a log holds twice.
    pub contained_kwh: Option<String>,
    /// Energy, kWh, that each `--columns` of the refusal's hint gives when it is obeyed, in the order in which they stand there.
    pub hinted_kwh: Vec<String>,
    /// Whether a reader claims the file.
    pub recognised: bool,
    /// Format id, where it is not the folder's.
    pub format: Option<String>,
}

impl Default for Expected {
    fn default() -> Self {
        Self {
            energy_kwh: None,
            declared_kwh: None,
            tolerance_rel: 0.0,
            no_energy: false,
            devices: None,
            rows_used: None,
            rows_skipped: BTreeMap::new(),
            notes: Vec::new(),
            refused: None,
            contained_kwh: None,
            hinted_kwh: Vec::new(),
            recognised: true,
            format: None,
        }
    }
}

/// A case folder.
pub struct Case {
    /// Folder.
    pub folder: PathBuf,
    /// Its `about.toml`.
    pub about: About,
    /// Its logs, sorted.
    pub logs: Vec<PathBuf>,
}

/// Every case under `tests/<area>/<group>/<case>/`.
pub fn cases(area: &str) -> Vec<Case> {
    let mut found = Vec::new();
    for group in folders(&root().join("tests").join(area)) {
        for folder in folders(&group) {
            let text = fs::read_to_string(folder.join("about.toml")).unwrap_or_else(|e| panic!("{}: about.toml: {e}", folder.display()));
            let about = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
            let mut logs = Vec::new();
            walk(&folder, &mut logs);
            logs.retain(|p| p.file_name().is_none_or(|n| n != "about.toml" && n != "README.md"));
            logs.sort();
            found.push(Case { folder, about, logs });
        }
    }
    found
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(of) else { return Vec::new() };
    let mut all: Vec<PathBuf> = entries.flatten().map(|e| e.path()).filter(|p| p.is_dir()).collect();
    all.sort();
    all
}

/// Every file below `folder`.
pub fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|e| e.path()) {
        if path.is_dir() { walk(&path, into) } else { into.push(path) }
    }
}

/// The core's options for a case.
pub fn read_options(options: &CaseOptions) -> ReadOptions {
    ReadOptions {
        interval: options.interval_s.map(|s| Span::from_micros((s * 1e6) as i64)),
        zone: options.tz.as_deref().map(|name| carbon_report::zone::transitions(name).expect("a time zone")),
        columns: options.columns.as_deref().map(|c| c.split(',').map(|s| s.trim().to_owned()).collect()),
        as_logged: options.as_logged,
        ..ReadOptions::default()
    }
}

/// Reads files in chunks of `chunk` bytes into a ledger.
pub fn ledger_of(base: &Path, logs: &[PathBuf], options: &ReadOptions, chunk: usize) -> Ledger {
    let mut ledger = Ledger::default();
    for log in logs {
        let bytes = fs::read(log).unwrap_or_else(|e| panic!("{}: {e}", log.display()));
        let mut reader = FileReader::new(options.of_file(&log.to_string_lossy()));
        bytes.chunks(chunk.max(1)).for_each(|c| reader.push(c));
        let path = log.strip_prefix(base).unwrap_or(log).to_string_lossy().replace('\\', "/");
        let file = InputFile { blake3: format!("{path}:{}", bytes.len()), path, bytes: bytes.len() as u64, ..InputFile::default() };
        ledger.add(file, reader.finish());
    }
    ledger
}

/// What counts in a ledger.
pub fn settled(ledger: &Ledger) -> Settled {
    static FACTORS: LazyLock<FactorSet> = LazyLock::new(|| FactorSet::from_tables(carbon_data::TABLES).expect("tables"));
    ledger.settle(LedgerOptions { factors: Some(&FACTORS), ..LedgerOptions::default() })
}

/// The energy that counts.
pub fn energy(settled: &Settled) -> Energy {
    settled.evidence.iter().map(|e| e.energy).sum()
}

/// Whether `kwh` rounds to the digits of `printed`.
pub fn same_digits(kwh: f64, printed: &str) -> bool {
    same_digits_of_parts(kwh, printed, 0)
}

/// The same where `printed` is a sum of `parts` figures that were rounded before: the index of samples adds devices so.
///
/// (Exact fractions give 0.0446491026667 for the four devices that it prints as 0.0446491026.)
pub fn same_digits_of_parts(kwh: f64, printed: &str, parts: u32) -> bool {
    let expected: f64 = printed.parse().unwrap_or(f64::NAN);
    let mantissa = printed.split(['e', 'E']).next().unwrap_or("");
    let digits = mantissa.chars().filter(char::is_ascii_digit).collect::<String>().trim_start_matches('0').len().max(1) as i32;
    // One unit of the last printed digit; half of it is rounding, the rest what a sum of floats may lose.
    let unit = 10f64.powi(expected.abs().log10().floor() as i32 - digits + 1);
    (kwh - expected).abs() <= 0.5001 * unit * f64::from(parts + 1) + expected.abs() * 1e-12
}

/// CSV text as rows of cells by column name.
pub fn csv_rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = text.lines();
    let mut cells = carbon_core::decode::cells::Cells::default();
    let mut cut = |line: &str| -> Vec<String> {
        let n = cells.split(line.as_bytes(), b',');
        (0..n).map(|i| String::from_utf8_lossy(cells.cell(line.as_bytes(), i).unwrap_or(b"")).into_owned()).collect()
    };
    let header = cut(lines.next().expect("a header"));
    lines.map(|line| header.iter().cloned().zip(cut(line)).collect()).collect()
}
