//! Reads a world with the program and holds what comes out against the truth: the laws.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use carbon_core::account::{self, Settings};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::{Basis, LedgerOptions};
use carbon_core::read::ReadOptions;
use carbon_core::units::Energy;
use carbon_report::{Inputs, Options, read_paths};

use serde::{Deserialize, Serialize};

use crate::changes::{self, Change};
use crate::files::{self, Written};
use crate::scene::{Part, World};
use crate::truth::{Why, union};

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Law {
    /// The value is what the logs hold, to the last digit where nothing is cut or open.
    Exact,
    /// The interval of what was logged holds the truth, in every world.
    Hull,
    /// The interval of what was logged holds what the devices really drew, in 93 to 98 % of the worlds of the class.
    Sight,
    /// The same where bounds, not errors, make the interval: in at least 93 %.
    Bound,
    /// The sum of all claims, less the total, is the sum of the decisions.
    Conserved,
    /// Each reason has its joules in a decision of its rule.
    Decided,
    /// The interval of the machine's energy holds what the machine drew, in at least 93 % of the worlds of the class.
    Machine,
    /// The same of what computers and building drew.
    Facility,
    /// No device used more than its highest power over the time that was watched.
    Ceiling,
    /// What is told as measured is no more than what loggers with a sensor watched.
    Measured,
    /// Rows that count and rows that were left out are all the readings that the loggers wrote, counted apart.
    Rows,
    /// What was done to the files afterwards changes the total by nothing.
    Same,
}

impl Law {
    pub const ALL: [Law; 12] = [
        Law::Exact,
        Law::Hull,
        Law::Sight,
        Law::Bound,
        Law::Conserved,
        Law::Decided,
        Law::Machine,
        Law::Facility,
        Law::Ceiling,
        Law::Measured,
        Law::Rows,
        Law::Same,
    ];

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|law| law.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Law::Exact => "exact",
            Law::Hull => "hull",
            Law::Sight => "sight",
            Law::Bound => "bound",
            Law::Conserved => "conserved",
            Law::Decided => "decided",
            Law::Machine => "machine",
            Law::Facility => "facility",
            Law::Ceiling => "ceiling",
            Law::Measured => "measured",
            Law::Rows => "rows",
            Law::Same => "same",
        }
    }

    /// Whether single worlds may break it.
    pub fn is_statistical(self) -> bool {
        matches!(self, Law::Sight | Law::Bound | Law::Machine | Law::Facility)
    }
}

/// Names of the program's rules for each reason of the truth. This is all that the worlds know of its decisions.
const RULES: &[(Why, &[&str])] = &[
    (Why::Copy, &["copy", "duplicate-file"]),
    (Why::SameDevice, &["counter-before-power", "overlap-counted-once"]),
    (Why::Tracker, &["measured-before-declared"]),
    (Why::Trackers, &["machine-counted-once"]),
    (Why::Whole, &["alternative-reading", "contained", "rest-of-container", "smaller-than-parts"]),
];

/// What the program makes of a folder. Energies in J, but for the exact total.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Doubled pJ.
    pub total: i128,
    pub logged: (f64, f64, f64),
    pub machine: (f64, f64),
    pub facility: (f64, f64),
    /// Of the total, what is told as measured.
    pub measured: i128,
    /// Rows that were read, used or left out.
    pub rows: u64,
    /// Doubled pJ by rule.
    pub decided: BTreeMap<String, i128>,
}

/// J in a kWh.
const KWH: f64 = 3.6e6;

fn factors() -> &'static FactorSet {
    static SET: OnceLock<FactorSet> = OnceLock::new();
    SET.get_or_init(|| FactorSet::from_tables(carbon_data::TABLES).expect("the built-in tables"))
}

/// Reads paths as the command does. A panic is a failure like another.
pub fn see(paths: &[PathBuf]) -> Result<Seen, String> {
    std::panic::catch_unwind(|| look(paths)).unwrap_or_else(|_| Err(String::from("the program panicked")))
}

/// As what the files of a folder are read.
pub fn formats(folder: &Path) -> Result<BTreeSet<String>, String> {
    let inputs = inputs(&[folder.to_path_buf()])?;
    Ok(inputs.ledger.entries().map(|entry| entry.reading.format.to_owned()).collect())
}

/// Of stamps without a zone in a folder of this name nobody says it.
pub const NO_ZONE: &str = "no-zone";

fn inputs(paths: &[PathBuf]) -> Result<Inputs, String> {
    let is_known = !paths.iter().any(|path| path.join(NO_ZONE).exists());
    let zone = is_known.then(|| carbon_report::zone::transitions("UTC")).transpose().map_err(|e| e.message)?;
    let options =
        Options { read: ReadOptions { zone, ..ReadOptions::default() }, threads: std::num::NonZeroUsize::new(1), ..Options::default() };
    let inputs = read_paths(paths, &options).map_err(|e| e.message)?;
    if let Some(unusable) = inputs.unusable.first() {
        return Err(format!("{} can't be used", unusable.path));
    }
    Ok(inputs)
}

fn look(paths: &[PathBuf]) -> Result<Seen, String> {
    let inputs = inputs(paths)?;
    let settled = inputs.ledger.settle(LedgerOptions::default());
    let sum = |of: &dyn Fn(Basis) -> bool| settled.evidence.iter().filter(|e| of(e.basis)).map(|e| 2 * e.energy.as_picojoules()).sum();
    let mut seen = Seen { total: sum(&|_| true), measured: sum(&|basis| basis == Basis::Measured), ..Seen::default() };
    seen.rows = inputs.ledger.entries().map(|entry| entry.reading.rows.read()).sum();
    for decision in &settled.decisions {
        if let Some(energy) = decision.energy {
            *seen.decided.entry(decision.rule.into()).or_default() += 2 * energy.as_picojoules();
        }
    }
    // Which parts count or not: no joule is lost.
    for part in ["gpu", "node", "gpu:1"] {
        let only = inputs.ledger.settle(LedgerOptions { only: &[part.into()], ..LedgerOptions::default() });
        let counted: Energy = only.evidence.iter().map(|e| e.energy).sum();
        let left: Energy = only.decisions.iter().filter_map(|decision| decision.energy).sum();
        if only.plain != settled.plain || only.plain != counted + left {
            return Err(format!("{part} alone: {counted:?} and {left:?} of {:?}", only.plain));
        }
    }
    let settings = Settings { region: Some("FR".into()), ..Settings::default() };
    let report = account::report(&inputs.ledger, factors(), &settings).map_err(|e| e.message)?;
    // By the report's JSON names, so that a world reads what a reader of the report reads.
    let energy = serde_json::to_value(&report.energy).map_err(|e| e.to_string())?;
    let interval = |name: &str| {
        let part = |end: &str| Some(energy.get(name)?.get(end)?.as_f64()? * KWH);
        Some((part("low")?, part("value")?, part("high")?))
    };
    let machine = interval("it_kwh").unwrap_or_default();
    let logged = interval("logged_kwh").unwrap_or(machine);
    seen.logged = logged;
    seen.machine = (machine.0, machine.2);
    seen.facility = interval("facility_kwh").map_or((0.0, 0.0), |(low, _, high)| (low, high));
    Ok(seen)
}

/// A folder of this process that is removed at the end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(files: &BTreeMap<String, Vec<u8>>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("world-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
        lay_down(&folder.0, files);
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn lay_down(folder: &Path, files: &BTreeMap<String, Vec<u8>>) {
    fs::create_dir_all(folder).expect("a folder");
    for (path, bytes) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
}

/// What must come out of a folder, in J: of a world as it is made, or of a saved one from its `about.toml`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// What the logs hold, each joule once.
    pub logged_j: f64,
    /// By how much that may be otherwise.
    pub slack_j: f64,
    /// Sum of all that the logs claim.
    pub claimed_j: f64,
    /// What the watched devices really drew.
    pub drawn_j: f64,
    /// What their computers drew.
    pub machine_j: f64,
    /// What computers and building drew.
    #[serde(default)]
    pub facility_j: f64,
    /// What the watched devices can have drawn at most.
    pub ceiling_j: f64,
    /// What loggers with a sensor claim of it.
    #[serde(default)]
    pub sensed_j: f64,
    /// Readings that the loggers wrote.
    #[serde(default)]
    pub readings: u64,
    /// What is left out, by reason.
    pub left_out_j: BTreeMap<Why, f64>,
}

impl Expected {
    pub fn of(world: &World, written: &Written) -> Self {
        let truth = &written.truth;
        Self {
            logged_j: joules(truth.total),
            slack_j: joules(truth.slack),
            claimed_j: joules(truth.plain),
            drawn_j: drawn(world, written),
            machine_j: machine(world, written),
            facility_j: machine(world, written) * (1.0 + world.overhead_ppm as f64 / 1e6),
            ceiling_j: joules(ceiling(world, written)),
            sensed_j: joules(truth.sensed),
            readings: written.readings as u64,
            left_out_j: truth.left_out.iter().map(|(why, twice)| (*why, joules(*twice))).collect(),
        }
    }

    /// Why a law does not hold.
    pub fn problem(&self, law: Law, seen: &Seen) -> Option<String> {
        // J to a millionth of a millionth, of which doubles hold more; a figure that is shared among devices loses less than a pJ at each step.
        let rounding = 1e-8 + self.claimed_j * 1e-12;
        let off = |found: f64, expected: f64, slack: f64| {
            ((found - expected).abs() > slack + rounding).then(|| format!("found {found} J, expected {expected} J (± {slack} J)"))
        };
        let held = |(low, high): (f64, f64), value: f64| {
            (value < low * (1.0 - 1e-9) || value > high * (1.0 + 1e-9)).then(|| format!("{value} J do not lie in {low} to {high} J"))
        };
        let logged = (seen.logged.0, seen.logged.2);
        match law {
            Law::Exact => off(joules(seen.total), self.logged_j, self.slack_j),
            Law::Hull => held(logged, self.logged_j),
            Law::Sight | Law::Bound => held(logged, self.drawn_j),
            Law::Conserved => off(joules(seen.decided.values().sum()), self.claimed_j - joules(seen.total), 0.0),
            Law::Decided => RULES.iter().find_map(|(why, rules)| {
                let found: i128 = rules.iter().filter_map(|rule| seen.decided.get(*rule)).sum();
                let expected = self.left_out_j.get(why).copied().unwrap_or(0.0);
                off(joules(found), expected, self.slack_j).map(|text| format!("{why:?}: {text}"))
            }),
            Law::Machine => held(seen.machine, self.machine_j),
            Law::Facility => held(seen.facility, self.facility_j),
            Law::Ceiling => {
                let total = joules(seen.total);
                (total > self.ceiling_j + rounding).then(|| format!("found {total} J, at most {} J can have been drawn", self.ceiling_j))
            }
            Law::Measured => {
                let measured = joules(seen.measured);
                (measured > self.sensed_j + self.slack_j + rounding)
                    .then(|| format!("{measured} J are told as measured, sensors watched {} J", self.sensed_j))
            }
            Law::Rows => (seen.rows != self.readings).then(|| format!("{} rows were counted, {} were written", seen.rows, self.readings)),
            // Two readings, not one, are compared: see `check`.
            Law::Same => None,
        }
    }
}

/// What a world came to.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Laws that do not hold, with what was found and expected.
    pub broken: Vec<(Law, String)>,
    /// Half of the interval of what was logged, over its value.
    pub half_width: f64,
}

/// Writes a world, reads it and checks the laws.
pub fn check(world: &World, laws: &[Law]) -> Verdict {
    let written = files::write(world);
    let folder = Folder::new(&written.files);
    match see(std::slice::from_ref(&folder.0)) {
        Ok(seen) => {
            let expected = Expected::of(world, &written);
            let mut broken: Vec<(Law, String)> = laws.iter().filter_map(|law| Some((*law, expected.problem(*law, &seen)?))).collect();
            if let Some(change) = world.change
                && let Some(problem) = changed(change, &written.files, world.seed, &seen)
            {
                broken.push((Law::Same, problem));
            }
            let (low, value, high) = seen.logged;
            Verdict { broken, half_width: if value > 0.0 { (high - low) / (2.0 * value) } else { f64::NAN } }
        }
        Err(why) => Verdict { broken: laws.iter().map(|law| (*law, why.clone())).collect(), half_width: f64::NAN },
    }
}

/// Why the total is not what it was, once the files are changed.
pub fn changed(change: Change, files: &files::Files, seed: u64, before: &Seen) -> Option<String> {
    let (files, named) = changes::apply(change, files, seed);
    let folder = Folder::new(&files);
    let paths = if named.is_empty() { vec![folder.0.clone()] } else { named.iter().map(|name| folder.0.join(name)).collect() };
    match see(&paths) {
        // A cut through a stretch that was spread on a grid of time may lose a pJ.
        Ok(after) => ((after.total - before.total).abs() > 2_000)
            .then(|| format!("{change:?} makes {} J of {} J", joules(after.total), joules(before.total))),
        Err(why) => Some(why),
    }
}

fn joules(twice: i128) -> f64 {
    twice as f64 / 2e12
}

type Watched = BTreeMap<(usize, Part, usize), Vec<(i64, i64)>>;

/// When each device was watched, from the first to the last moment of each run of a logger.
fn watched(written: &Written) -> Watched {
    let mut all: Watched = BTreeMap::new();
    for claim in &written.claims {
        all.entry((claim.node, claim.part, claim.device)).or_default().extend(claim.spans());
    }
    all.values_mut().for_each(|spans| *spans = union(std::mem::take(spans)));
    all
}

/// What the devices that were watched drew meanwhile, J.
fn drawn(world: &World, written: &Written) -> f64 {
    let all = watched(written);
    let mut sum = 0.0;
    for ((node, part, device), spans) in &all {
        let own = &world.nodes[*node];
        let of = |from: i64, to: i64| match part {
            Part::Node => own.devices.iter().map(|d| d.load.energy(from, to)).sum::<i64>() as f64 * (1.0 + own.rest_ppm as f64 / 1e6),
            _ => own.devices[*device].load.energy(from, to) as f64,
        };
        // What a node's meter watched holds its devices.
        let holes: Vec<(i64, i64)> =
            if *part == Part::Node { Vec::new() } else { all.get(&(*node, Part::Node, usize::MAX)).cloned().unwrap_or_default() };
        for (from, to) in spans {
            sum += of(*from, *to);
            sum -= holes.iter().map(|(a, b)| (*from.max(a), *to.min(b))).filter(|(a, b)| a < b).map(|(a, b)| of(a, b)).sum::<f64>();
        }
    }
    sum / 1e6
}

/// What the computers drew while any of their parts was watched, J.
fn machine(world: &World, written: &Written) -> f64 {
    let mut by_node: BTreeMap<usize, Vec<(i64, i64)>> = BTreeMap::new();
    for ((node, ..), spans) in watched(written) {
        by_node.entry(node).or_default().extend(spans);
    }
    let of = |node: usize, from: i64, to: i64| {
        let own = &world.nodes[node];
        own.devices.iter().map(|d| d.load.energy(from, to)).sum::<i64>() as f64 * (1.0 + own.rest_ppm as f64 / 1e6)
    };
    by_node.into_iter().flat_map(|(node, spans)| union(spans).into_iter().map(move |(a, b)| of(node, a, b))).sum::<f64>() / 1e6
}

/// Highest power times the union of the time that was watched, over all devices, doubled pJ.
fn ceiling(world: &World, written: &Written) -> i128 {
    let gain = world.logs.iter().flat_map(|log| log.gains.iter().map(|(_, gain)| *gain)).max().unwrap_or(0).max(0);
    // nW, so that what a node draws besides its devices is a whole number.
    let power = |node: usize, part: Part, device: usize| match part {
        Part::Node => world.nodes[node].devices.iter().map(|d| d.load.most()).sum::<i64>() * (1_000_000 + world.nodes[node].rest_ppm),
        _ => world.nodes[node].devices[device].load.most() * 1_000_000,
    };
    let one = |((node, part, device), spans): ((usize, Part, usize), Vec<(i64, i64)>)| {
        let time: i64 = spans.iter().map(|(a, b)| b - a).sum();
        i128::from(power(node, part, device)) * i128::from(time) * 2 * i128::from(1_000_000 + gain) / 1_000_000
    };
    watched(written).into_iter().map(one).sum()
}
