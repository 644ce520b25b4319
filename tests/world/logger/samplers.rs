//! Samplers that people run beside a training: each writes what it sees of its devices in the words of its tool. The variant says which.
//!
//! A sampler is a row of its family: what it watches, what its figures mean (`Meter`), and the text of one look. All else is done here.

mod amd;
mod apple;
mod exports;
mod exposition;
mod intel;
mod meters;
mod nvidia;
mod trackers;
mod windows;

use super::{Counter, Logger, Row, Sheet, Written, claim, gap, node_claim, node_energy, node_power};
use crate::scene::{Device, Log, Part, World};
use crate::stamps::{asctime, decimal};
use crate::truth::{Claim, Means, Stretch};

pub static LOGGER: Logger = Logger { name: "samplers", write };

const FAMILIES: &[&[Sampler]] = &[
    nvidia::SAMPLERS,
    exports::SAMPLERS,
    exposition::SAMPLERS,
    amd::SAMPLERS,
    intel::SAMPLERS,
    apple::SAMPLERS,
    trackers::SAMPLERS,
    meters::SAMPLERS,
    windows::SAMPLERS,
];

/// All samplers, in the order of their numbers.
pub fn all() -> impl Iterator<Item = &'static Sampler> {
    FAMILIES.iter().copied().flatten()
}

/// The sampler that a variant means.
pub fn sampler(variant: usize) -> &'static Sampler {
    all().nth(variant).expect("a sampler")
}

/// A sampler: a few words on how its log looks.
pub struct Sampler {
    /// The folder of `tests/formats` that shows such logs.
    pub format: &'static str,
    /// Where its log lies.
    pub path: &'static str,
    pub watches: &'static [Part],
    /// Whether it watches one device of each kind, not all.
    pub one_each: bool,
    pub meter: Meter,
    pub clock: Clock,
    pub again: Again,
    pub order: Order,
    /// Its stamps are multiples of so many ms.
    stamp: i64,
    /// The last digit of its powers, mW, and of its energies, µJ.
    step: i64,
    unit: i64,
    /// What stands above the looks of a run, and below them.
    head: fn(&Look<'_>, &[Seen<'_>]) -> String,
    foot: fn(&Look<'_>, &[Seen<'_>]) -> String,
    /// What it writes at one look. Each line stands for itself, or all are one record.
    look: fn(&Look<'_>, &[Seen<'_>]) -> Vec<String>,
    /// Where it writes one device after the other.
    series: Option<Series>,
    /// What of it are readings.
    readings: Readings,
    /// How often its figures stand in the log once more, as a total or as parts.
    pub repeats: i128,
}

/// What stands before and after the looks at one device, and between it and the next.
struct Series {
    open: fn(&Seen<'_>) -> String,
    close: &'static str,
    between: &'static str,
}

/// What the figures of a log mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meter {
    /// What was drawn at the stamp.
    Power,
    /// What was drawn on average since the look before. Where the log says how long the first was, it counts.
    Mean { first: bool },
    /// What is drawn from the stamp on.
    Held,
    /// A counter of energy, with the power at the stamp beside it or not.
    Counter { power: bool },
    /// A counter that began with the run.
    SinceStart,
    /// The energy since the look before, the first one's, too.
    Interval,
    /// What a tracker told of the run so far: the last counts.
    SoFar,
    /// One figure a run, and whether sensors stand behind it.
    Total { sensor: bool },
}

/// By what a reader knows when a look was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Each look has its stamp, with a date.
    Stamps,
    /// The same, and the first interval is taken to be as long as the others: looks are at even times.
    Even,
    /// Times of day alone.
    OfDay,
    /// Lengths of intervals, or seconds since the run began: of one run nothing says when it was.
    Lengths,
    /// None: the counter needs none.
    None,
}

/// Where it writes when it is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Behind what is there, with its head again or without.
    Behind,
    /// Behind what is there, with its head again.
    WithHead,
    /// Into a file of its own. So does a counter in these worlds: in one file it would tell what was drawn in the pause.
    FileEach,
    /// Its figures have no time, so that nothing says whether two of them are of one run.
    Never,
}

/// What may be done to its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Each line stands for itself: they may be cut, doubled and stand in any order.
    Any,
    /// Lines belong to blocks, or follow each other: they may be cut between two.
    Kept,
    /// The same, but the name of the file says what its figures are, so that a cut piece of another name says nothing.
    Named,
    /// Rows are told of time by the rows before them: where a piece begins is known to a second, or to a row, alone.
    Told,
    /// A document, which is whole or none.
    Whole,
}

/// What of a log are readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Readings {
    Lines,
    /// Each device of a record.
    Devices,
}

/// Watts of each GPU with dated stamps, in a table of one line a look: what a row does not say otherwise.
const SAMPLER: Sampler = Sampler {
    format: "",
    path: "power.csv",
    watches: &[Part::Gpu],
    one_each: false,
    meter: Meter::Power,
    clock: Clock::Stamps,
    again: Again::Behind,
    order: Order::Any,
    stamp: 1,
    step: 1,
    unit: 1,
    head: |_, _| String::new(),
    foot: |_, _| String::new(),
    look: |_, _| Vec::new(),
    series: None,
    readings: Readings::Lines,
    repeats: 0,
};

const CPU: &[Part] = &[Part::Cpu];
const PACKAGE_AND_MEMORY: &[Part] = &[Part::Cpu, Part::Memory];
const CPU_AND_GPU: &[Part] = &[Part::Cpu, Part::Gpu];
const ALL: &[Part] = &[Part::Cpu, Part::Gpu, Part::Memory];
const NODE: &[Part] = &[Part::Node];

/// A look: when it was, and what one knows of its run.
struct Look<'w> {
    at: i64,
    /// The look before, or a period before the first.
    before: i64,
    /// When the run began.
    start: i64,
    number: usize,
    log: &'w Log,
}

impl Look<'_> {
    /// ms since the look before.
    fn span(&self) -> i64 {
        self.at - self.before
    }

    /// A number that is this run's own.
    fn run(&self) -> u64 {
        self.log.seed % 1_000_000 * 1_000 + self.log.sessions.iter().position(|s| s.from >= self.start).unwrap_or(0) as u64
    }
}

/// A device, or the node where there is none: the mW and the µJ that are seen.
struct Seen<'w> {
    device: Option<&'w Device>,
    power: i64,
    energy: i64,
}

impl Seen<'_> {
    fn part(&self) -> Part {
        self.device.map_or(Part::Node, |device| device.part)
    }

    fn index(&self) -> usize {
        self.device.map_or(0, |device| device.index)
    }

    fn model(&self) -> &str {
        self.device.map_or("", |device| device.model)
    }

    fn uuid(&self) -> &str {
        self.device.map_or("", |device| &device.uuid)
    }

    fn watts(&self, digits: u32) -> String {
        decimal(self.power / 10i64.pow(3 - digits), digits)
    }

    fn joules(&self, digits: u32) -> String {
        decimal(self.energy / 10i64.pow(6 - digits), digits)
    }
}

/// kWh of an energy that is a multiple of 36 µJ, which are 1e-11 of it.
fn kwh(energy: i64) -> String {
    assert_eq!(energy % 36, 0, "an energy that kWh can't name");
    decimal(energy / 36, 11)
}

/// The sum of what was seen, mW or µJ.
fn sum(seen: &[Seen<'_>], of: fn(&Seen<'_>) -> i64) -> i64 {
    seen.iter().map(of).sum()
}

/// What was seen of one part.
fn of<'s, 'w>(seen: &'s [Seen<'w>], part: Part) -> &'s Seen<'w> {
    seen.iter().find(|one| one.part() == part).unwrap_or(&seen[0])
}

/// One line of names and values a look.
fn line(at: String, seen: &[Seen<'_>], value: impl Fn(&Seen<'_>) -> String) -> Vec<String> {
    vec![seen.iter().fold(at, |line, one| line + &value(one))]
}

/// A line for each device.
fn lines(seen: &[Seen<'_>], line: impl Fn(&Seen<'_>) -> String) -> Vec<String> {
    seen.iter().map(line).collect()
}

fn joined(seen: &[Seen<'_>], between: &str, of: impl Fn(&Seen<'_>) -> String) -> String {
    seen.iter().map(of).collect::<Vec<_>>().join(between)
}

/// `date` before what was seen.
fn dated(at: i64, lines: String) -> Vec<String> {
    vec![format!("{} UTC {}\n{lines}", &asctime(at)[..19], &asctime(at)[20..])]
}

/// `date -Is` before it.
fn dated_iso(at: i64, lines: String) -> Vec<String> {
    vec![format!("{}+00:00\n{lines}", crate::stamps::iso(at))]
}

/// What one device of a log shows over a run.
struct Readout<'w> {
    device: Option<&'w Device>,
    counter: Counter,
    /// µJ since the run began.
    since: i64,
}

impl Readout<'_> {
    fn energy(&self, world: &World, log: &Log, from: i64, to: i64) -> i64 {
        match self.device {
            Some(device) => log.seen(device.part, device.load.energy(from, to)),
            None => log.seen(Part::Node, node_energy(world, log, from, to)),
        }
    }

    /// mW and µJ at a look, to the last digit that the sampler prints.
    fn look(&mut self, world: &World, log: &Log, sampler: &Sampler, look: &Look<'_>) -> (i64, i64) {
        let energy = self.energy(world, log, look.before, look.at);
        let power = match (sampler.meter, self.device) {
            (Meter::Mean { .. }, _) => energy / look.span(),
            (_, Some(device)) => log.seen(device.part, device.load.power(look.at)),
            (_, None) => log.seen(Part::Node, node_power(world, log, look.at)),
        };
        self.since += energy;
        let energy = match sampler.meter {
            Meter::Counter { .. } => {
                let from = if look.number == 0 { look.at } else { look.before };
                match self.device {
                    Some(device) => self.counter.at(device, from, look.at, log),
                    None => self.counter.of_node(world, log, from, look.at),
                }
            }
            Meter::SinceStart | Meter::SoFar => self.since,
            _ => energy,
        };
        (power / sampler.step * sampler.step, energy / sampler.unit * sampler.unit)
    }
}

/// What one device showed at one look.
#[derive(Clone, Copy)]
struct Shown {
    before: i64,
    at: i64,
    power: i64,
    energy: i64,
}

fn write(world: &World, number: usize) -> Written {
    let log = &world.logs[number];
    let sampler = sampler(log.variant);
    let devices: Vec<Option<&Device>> = if sampler.watches == NODE { vec![None] } else { world.watched(log).map(Some).collect() };
    let mut runs: Vec<Vec<Vec<Shown>>> = vec![Vec::new(); devices.len()];
    let mut sheets = Vec::new();
    for ticks in log.ticks() {
        let ticks: Vec<i64> = ticks.into_iter().map(|tick| tick / sampler.stamp * sampler.stamp).collect();
        let (ticks, mut before) = match (sampler.meter, ticks.as_slice()) {
            (Meter::Total { .. }, [first, .., last]) => (vec![*last], *first),
            (_, [first, ..]) => (ticks.clone(), first - log.period),
            _ => continue,
        };
        runs.iter_mut().for_each(|run| run.push(Vec::new()));
        let start = before;
        let mut readouts: Vec<Readout<'_>> = devices
            .iter()
            .map(|device| Readout { device: *device, counter: Counter::of(world, log, *device, ticks[0]), since: 0 })
            .collect();
        let looks: Vec<(Look<'_>, Vec<Seen<'_>>)> = ticks
            .into_iter()
            .enumerate()
            .map(|(number, at)| {
                let look = Look { at, before, start, number, log };
                let seen: Vec<Seen<'_>> = readouts
                    .iter_mut()
                    .map(|one| (one.device, one.look(world, log, sampler, &look)))
                    .map(|(device, (power, energy))| Seen { device, power, energy })
                    .collect();
                for (run, one) in runs.iter_mut().zip(&seen) {
                    run.last_mut().expect("a run").push(Shown { before, at, power: one.power, energy: one.energy });
                }
                before = at;
                (look, seen)
            })
            .collect();
        sheets.push(sheet(sampler, &looks));
    }
    let mut written = Written { sheets, ..Written::default() };
    for (at, runs) in runs.iter().enumerate() {
        for (means, stretches) in claims(sampler, log, runs) {
            written.repeated += sampler.repeats * stretches.iter().flatten().map(Stretch::twice).sum::<i128>();
            written.claims.push(match devices[at] {
                None => node_claim(world, number, means, stretches),
                Some(_) => claim(world, number, at, means, stretches),
            });
        }
    }
    written
}

/// The text of a run.
fn sheet(sampler: &Sampler, looks: &[(Look<'_>, Vec<Seen<'_>>)]) -> Sheet {
    let (Some((first, seen)), Some((last, end))) = (looks.first(), looks.last()) else { return Sheet::default() };
    let row = |look: &Look<'_>, text: String| Row { at: look.at, text };
    let mut rows = Vec::new();
    match &sampler.series {
        None => rows.extend(looks.iter().flat_map(|(look, seen)| (sampler.look)(look, seen).into_iter().map(|text| row(look, text)))),
        Some(Series { open, close, between }) => {
            for device in 0..seen.len() {
                let own = looks
                    .iter()
                    .flat_map(|(look, seen)| (sampler.look)(look, &seen[device..=device]).into_iter().map(|text| row(look, text)));
                let from = rows.len();
                rows.extend(own);
                rows[from].text.insert_str(0, &open(&seen[device]));
                if device > 0 {
                    rows[from].text.insert_str(0, between);
                }
                rows.last_mut().expect("a look").text += close;
            }
        }
    }
    let readings = (sampler.readings == Readings::Devices).then(|| looks.len() * seen.len());
    Sheet { head: (sampler.head)(first, seen), rows, foot: (sampler.foot)(last, end), readings }
}

/// What a log says of one device.
fn claims(sampler: &Sampler, log: &Log, runs: &[Vec<Shown>]) -> Vec<(Means, Vec<Vec<Stretch>>)> {
    let each = |of: &dyn Fn(&Shown) -> (i64, i64)| runs.iter().map(|run| run.iter().map(of).collect()).collect::<Vec<Vec<_>>>();
    let even = |energy: &dyn Fn(&Shown) -> i64, skip: usize| {
        runs.iter().map(|run| run.iter().skip(skip).map(|s| Stretch::even(s.before, s.at, energy(s))).collect()).collect()
    };
    let power = || (Means::Power, Claim::of_power(each(&|s| (s.at, s.power)), gap(log)));
    match sampler.meter {
        Meter::Power => vec![power()],
        Meter::Mean { first } => vec![(Means::Power, even(&|s| s.power * (s.at - s.before), usize::from(!first)))],
        Meter::Held => {
            let held =
                |run: &Vec<Shown>| run.windows(2).map(|p| Stretch::even(p[0].at, p[1].at, p[0].power * (p[1].at - p[0].at))).collect();
            vec![(Means::Power, runs.iter().map(held).collect())]
        }
        Meter::Counter { power: beside } => {
            let runs = Claim::of_counter(&each(&|s| (s.at, s.energy)));
            // A step at the ends of each run, in doubled pJ, of which a µJ has two million.
            let steps = i128::from(sampler.unit) * 2_000_000 * runs.len() as i128;
            let counted: i128 = runs.iter().flatten().map(Stretch::twice).sum();
            let means = if 20 * steps > counted { Means::CoarseCounter } else { Means::Counter };
            if beside { vec![(means, runs), power()] } else { vec![(means, runs)] }
        }
        Meter::SinceStart => {
            let rises = |run: &Vec<Shown>| {
                let before = std::iter::once(0).chain(run.iter().map(|s| s.energy));
                run.iter().zip(before).map(|(s, before)| Stretch::even(s.before, s.at, s.energy - before)).collect()
            };
            vec![(Means::Counter, runs.iter().map(rises).collect())]
        }
        Meter::SoFar => {
            let last =
                |run: &Vec<Shown>| run.first().zip(run.last()).map(|(first, last)| Stretch::even(first.before, last.at, last.energy));
            vec![(Means::Tracker, runs.iter().map(|run| last(run).into_iter().collect()).collect())]
        }
        Meter::Interval => vec![(Means::Interval, even(&|s| s.energy, 0))],
        Meter::Total { sensor } => vec![(if sensor { Means::TrackerSensor } else { Means::Tracker }, even(&|s| s.energy, 0))],
    }
}
