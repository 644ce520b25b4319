//! Whether a claim can be: no device draws much more than its rated power over a period.
//!
//! How much more is data (`plausible_power`): boards are held by a limiter, processors may run above their base power. A claim above it is
//! repaired by a named rule, or left out, and then bounded by what its devices could have drawn. It is never passed on as it is.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Settled;
use super::claim::{Claim, Origin};
use super::evidence::{Decision, FoundNote};
use crate::factor::{FactorSet, PlausiblePower};
use crate::map::Map;
use crate::note;
use crate::read::{Declared, DeclaredPart, OfferedRepair};
use crate::rules;
use crate::series::{Component, Instrument};
use crate::text::energy_text;
use crate::units::{Energy, Power, Span};

/// A claim on energy, as far as it matters here.
#[derive(Clone, Copy, Debug)]
pub struct Claimed<'c> {
    /// Part of the computer.
    pub component: Component,
    /// Its model, as the log names it.
    pub model: Option<&'c str>,
    /// Number of devices.
    pub count: u32,
    /// Threads of the machine's processors, where the log says so: they tell sockets.
    pub threads: Option<u32>,
    /// What is claimed.
    pub energy: Energy,
    /// Over so long; not known of some claims.
    pub duration: Option<Span>,
    /// What stands behind it.
    pub instrument: Instrument,
    /// A known way in which the release that wrote it goes wrong.
    pub offered: Option<OfferedRepair>,
}

impl<'c> Claimed<'c> {
    /// A part of a tracker's figure.
    pub fn of(declared: &Declared, part: &'c DeclaredPart) -> Self {
        Self {
            component: part.component,
            model: part.model.as_deref(),
            count: part.count.unwrap_or(1),
            threads: part.threads,
            energy: part.energy,
            // An end may be later than its stamp says, and so may the start be earlier.
            duration: declared.duration.max(declared.length_by_energy).map(|d| d.max(declared.end_known_to)),
            instrument: part.instrument,
            offered: part.offered,
        }
    }
}

/// What becomes of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its devices can draw it.
    Believed,
    /// It can't be as it is; by a named rule it comes to another energy.
    Repaired {
        /// The rule, in words.
        rule: String,
        /// What it comes to.
        energy: Energy,
        /// What was found, in words.
        found: String,
    },
    /// It can't be, and no rule mends it: its devices count as not measured.
    LeftOut {
        /// What they can have drawn at most: rated power × time, where the rating is known. Nothing where not even the time is known.
        bound: Energy,
        /// What was found, in words.
        found: String,
    },
}

/// Where the power of a known device lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Band {
    /// Below what it draws idle.
    Below,
    /// Where it can be, or above.
    Fits,
    /// Below, and a thousand times as much can be.
    Thousandth,
}

/// Devices are asked for again and again: what is known of each is looked up once.
#[derive(Debug)]
pub struct Plausible<'f> {
    factors: &'f FactorSet,
    known: Map<Component, Map<String, Known>>,
}

/// What is known of a device: its rating, and up to which power a mean is believed, by the length of the period.
#[derive(Clone, Debug)]
struct Known {
    rating: Option<Rating>,
    rows: Vec<PlausiblePower>,
    /// Share of its rating that it draws at least, idle.
    idle: f64,
}

/// The rated power of one device, and how many threads one processor runs at least.
#[derive(Clone, Copy, Debug)]
struct Rating {
    power: Power,
    /// Cores of a socket, for machines that may have several sockets; 0 for all others.
    cores: u32,
}

/// Time and energy of a figure are read moments apart: a figure of less than a second is not told from one of a second.
const SLACK: Span = rules::seconds("plausible_slack_s");

/// The longest that a single record without a time can stand for: a year.
const LONGEST_RECORD: Span = rules::seconds("plausible_longest_s");

/// A longer time is none: a thousand years.
const LONGEST_TIME: Span = Span::from_seconds(31_557_600_000);

/// Processors of which a machine may have several, and so many at most.
const SERVER_PROCESSORS: [&str; 5] = ["Altra", "EPYC", "Opteron", "Platinum", "Xeon"];
const MOST_SOCKETS: u32 = rules::whole("plausible_sockets") as u32;

/// Boards of one machine.
const MOST_BOARDS: u32 = rules::whole("plausible_boards") as u32;

/// A repair that no release offers, but that a claim a thousand times too high speaks for.
const MILLIWATTS: &str = "milliwatts (or millijoules) that were taken for watts divided by 1000";

/// A laptop's processor, or a card that its owner may set, draws at least this share of its rating (percent): a repaired claim below it explains
/// nothing. What boards and processors of servers draw when they are idle is a row of the power model.
const LEAST_PERCENT: i64 = rules::whole("plausible_least_percent");

impl<'f> Plausible<'f> {
    /// By the tables of `factors`.
    pub fn new(factors: &'f FactorSet) -> Self {
        Self { factors, known: Map::new() }
    }

    /// Judges a claim. Without the table of plausible powers every claim is believed.
    pub fn judge(&mut self, claim: &Claimed<'_>) -> Verdict {
        let span = claim.duration.unwrap_or(LONGEST_RECORD).clamp(Span::ZERO, LONGEST_TIME);
        let known = self.known(claim.component, claim.model.unwrap_or(""));
        let Some(row) = known.rows.iter().rev().find(|row| row.at_least_s <= span.as_seconds()) else {
            return Verdict::Believed;
        };
        let rating = known.rating;
        let devices = i64::from(match rating {
            Some(Rating { cores: 1.., .. }) if claim.component == Component::Cpu && claim.threads.is_some() => sockets(claim, rating),
            Some(Rating { cores: 1.., .. }) => claim.count.max(2),
            _ => claim.count.max(1),
        });
        let of_all = |watts: f64| Power::from_microwatts((watts * 1e6) as i64).over(span).share(devices, 1);
        let with_slack = |watts: f64| Power::from_microwatts((watts * 1e6) as i64).over(span + SLACK).share(devices, 1);
        let rated = rating.map(|r| r.power.as_watts()).filter(|_| claim.duration.is_some()).zip(row.multiple);
        let most = match rated {
            Some((watts, multiple)) => with_slack(watts * multiple),
            None => with_slack(row.ceiling_w),
        };
        if claim.energy <= most {
            return Verdict::Believed;
        }
        let found = found(claim, devices, rated);
        let least = rated.map_or(Energy::ZERO, |(watts, _)| of_all(watts * known.idle));
        let can_be = |energy: Energy| energy <= most && energy >= least && least > Energy::ZERO;
        if let Some(repair) = claim.offered {
            let energy = claim.energy.share(1, i64::from(repair.divide_by.max(1)));
            if can_be(energy) {
                return Verdict::Repaired { rule: String::from(repair.rule), energy, found };
            }
        }
        // A counter's unit is its driver's, and no reader mistakes it.
        let thousandth = claim.energy.share(1, 1000);
        if rated.is_some() && claim.instrument != Instrument::GpuCounter && claim.instrument != Instrument::Rapl && can_be(thousandth) {
            return Verdict::Repaired { rule: String::from(MILLIWATTS), energy: thousandth, found };
        }
        let bound = match (rated, claim.duration) {
            (Some((watts, _)), Some(_)) => of_all(watts),
            (None, Some(_)) => of_all(row.ceiling_w),
            (_, None) => Energy::ZERO,
        };
        Verdict::LeftOut { bound, found }
    }

    /// What the devices of a claim can have drawn at most, whatever it says. Nothing where not even the time is known.
    fn most(&mut self, claim: &Claimed<'_>) -> Energy {
        match self.judge(&Claimed { energy: Energy::from_joules(i64::MAX), offered: None, ..*claim }) {
            Verdict::LeftOut { bound, .. } => bound,
            Verdict::Believed | Verdict::Repaired { .. } => Energy::ZERO,
        }
    }

    /// Where the mean power of a recording of a device lies, and what the device can have drawn at most. `None` where its rating or its idle power is
    /// not known: laptops' cards sleep at next to nothing.
    fn band(&mut self, component: Component, model: &str, energy: Energy, span: Span) -> Option<(Band, Energy)> {
        let known = self.known(component, model);
        let row = known.rows.iter().rev().find(|row| row.at_least_s <= span.as_seconds())?;
        let rated = known.rating?.power.as_watts();
        if known.idle <= LEAST_PERCENT as f64 / 100.0 {
            return None;
        }
        let (idle, most) = (rated * known.idle, rated * row.multiple?);
        let watts = energy.mean_watts(span)?;
        let band = match watts {
            watts if watts >= idle => Band::Fits,
            watts if (idle..=most).contains(&(1e3 * watts)) => Band::Thousandth,
            _ => Band::Below,
        };
        Some((band, known.rating?.power.over(span)))
    }

    fn known(&mut self, component: Component, model: &str) -> &Known {
        let models = self.known.entry(component).or_default();
        if !models.contains_key(model) {
            let named = (!model.is_empty()).then_some(model);
            let rating = named.and_then(|model| rating(self.factors, component, model));
            let rows = self.factors.plausible_powers(component, named);
            let idle = match component {
                Component::Cpu if rating.is_some_and(|rating| rating.cores > 0) => self.factors.power_model("processor_idle"),
                Component::Gpu | Component::GpuModule if rows.iter().all(PlausiblePower::is_of_any) => {
                    self.factors.power_model("accelerator_idle")
                }
                _ => None,
            };
            let idle = idle.map_or(LEAST_PERCENT as f64 / 100.0, |row| row.low);
            models.insert(String::from(model), Known { rating, rows, idle });
        }
        models.get(model).expect("known or put in")
    }
}

fn rating(factors: &FactorSet, component: Component, model: &str) -> Option<Rating> {
    let watts = |watts: f64| Power::from_microwatts((watts * 1e6) as i64);
    match component {
        Component::Cpu | Component::CpuCore | Component::CpuUncore => factors.cpu(model).map(|cpu| Rating {
            power: watts(cpu.tdp_w),
            cores: if SERVER_PROCESSORS.iter().any(|word| cpu.model.contains(word)) { cpu.cores } else { 0 },
        }),
        Component::Gpu | Component::GpuModule => {
            let rated = factors.accelerator(model).and_then(|board| board.device_tdp_w());
            rated.map(|rated| Rating { power: watts(rated), cores: 0 })
        }
        _ => None,
    }
}

/// Sockets of a server by its threads: as many as there are without two threads a core, so that no real socket is missed.
fn sockets(claim: &Claimed<'_>, rating: Option<Rating>) -> u32 {
    let cores = rating.map_or(1, |r| r.cores).max(1);
    let by_threads = claim.threads.unwrap_or(1).div_ceil(cores).clamp(1, MOST_SOCKETS);
    by_threads.max(claim.count)
}

fn found(claim: &Claimed<'_>, devices: i64, rated: Option<(f64, f64)>) -> String {
    let label = claim.component.label();
    let watts = claim.duration.and_then(|d| claim.energy.mean_watts(d));
    let what = match watts {
        Some(watts) => format!("{label}: {} W over {} s", short(watts), short(claim.duration.map_or(0.0, Span::as_seconds))),
        None => format!("{label}: {} kWh without a time", short(claim.energy.as_kwh())),
    };
    match (rated, claim.model) {
        (Some((rating, multiple)), Some(model)) => {
            format!(
                "{what} cannot be: {devices} x {model} is rated at {} W, and a mean of up to {multiple} times that is believed",
                short(rating)
            )
        }
        _ if matches!(claim.component, Component::Node | Component::Unsplit) => {
            format!("{what} cannot be: it is more than any machine draws")
        }
        _ => format!("{what} cannot be: it is more than any {} draws", label.to_ascii_lowercase()),
    }
}

/// Judges the parts of trackers' figures, and tells each kind of finding once, however many figures have it.
#[derive(Debug)]
pub(super) struct Judge<'f> {
    plausible: Option<Plausible<'f>>,
    findings: Map<(Component, String, Option<String>), Finding>,
}

#[derive(Debug)]
struct Finding {
    figures: u64,
    first: String,
    tool: String,
    path: String,
    /// What was taken away.
    less: Energy,
}

impl<'f> Judge<'f> {
    pub(super) fn new(factors: Option<&'f FactorSet>) -> Self {
        Self { plausible: factors.map(Plausible::new), findings: Map::new() }
    }

    /// Where the mean power of a recording lies: see [`Plausible::band`].
    pub(super) fn band(&mut self, claim: &Claim<'_>, model: &str) -> Option<(Band, Energy)> {
        self.plausible.as_mut()?.band(claim.component, model, claim.energy, claim.coverage.length())
    }

    /// What becomes of a recording whose mean power is above what its device can draw: see [`Plausible::judge`]. `None` where it is believed.
    pub(super) fn above(&mut self, claim: &Claim<'_>, model: &str, is_named: bool) -> Option<Verdict> {
        // Where a clock was set back, stamps stand twice: more time passed than they cover.
        let twice = match &claim.origin {
            Origin::Recorded(recorded) => recorded.stamped_twice,
            Origin::Declared(..) => Energy::ZERO,
        };
        let is_board = matches!(claim.component, Component::Gpu | Component::GpuModule);
        let claimed = Claimed {
            component: claim.component,
            model: Some(model).filter(|model| !model.is_empty()),
            // A reading that names no device may be of all boards of a machine.
            count: if is_named || !is_board { claim.count } else { claim.count.max(MOST_BOARDS) },
            threads: None,
            energy: claim.energy - twice,
            duration: Some(claim.coverage.length()),
            instrument: claim.instrument,
            offered: None,
        };
        Some(self.plausible.as_mut()?.judge(&claimed)).filter(|verdict| *verdict != Verdict::Believed)
    }

    /// What counts of a part, and what the upper end holds besides where it is left out.
    pub(super) fn part(&mut self, declared: &Declared, part: &DeclaredPart, path: &str) -> (Energy, Energy) {
        let Some(plausible) = &mut self.plausible else { return (part.energy, Energy::ZERO) };
        let claim = Claimed::of(declared, part);
        if part.unmeasured {
            return (Energy::ZERO, plausible.most(&claim));
        }
        let (energy, bound, rule, found) = match plausible.judge(&claim) {
            Verdict::Believed => return (part.energy, Energy::ZERO),
            Verdict::Repaired { rule, found, .. } if declared.as_logged => {
                (part.energy, Energy::ZERO, Some(format!("{rule} (not applied, for `--as-logged`)")), found)
            }
            Verdict::Repaired { rule, energy, found } => (energy, Energy::ZERO, Some(rule), found),
            Verdict::LeftOut { bound, found } => (Energy::ZERO, bound, None, found),
        };
        let finding = self.findings.entry((part.component, part.model.clone().unwrap_or_default(), rule)).or_insert_with(|| Finding {
            figures: 0,
            first: found,
            tool: String::from(&*declared.tool),
            path: String::from(path),
            less: Energy::ZERO,
        });
        finding.figures += 1;
        finding.less += part.energy - energy;
        (energy, bound)
    }

    /// How much less and how much more of a figure than its share of the time may lie inside of the period that cuts it: no more than its devices can draw
    /// outside lies there, and no more than they can draw inside here. What a tool takes for constant is its share of the time.
    pub(super) fn cut(&mut self, declared: &Declared, part: &DeclaredPart, energy: Energy) -> (Energy, Energy) {
        let Some((start, end)) = declared.period.filter(|_| declared.outside > Span::ZERO) else { return Default::default() };
        if part.instrument == Instrument::TrackerAssumption {
            return Default::default();
        }
        let inside = end.since(start);
        let beyond = energy.share(declared.outside.as_micros(), inside.as_micros().max(1));
        let mut room = |span: Span, drawn: Energy| {
            let claim = Claimed { duration: Some(span), ..Claimed::of(declared, part) };
            match self.plausible.as_mut().map(|plausible| plausible.most(&claim)) {
                Some(bound) if bound > Energy::ZERO => bound - drawn.min(bound),
                _ => energy.max(beyond),
            }
        };
        (room(declared.outside, beyond).min(energy), room(inside, energy).min(beyond))
    }

    /// Notes and decisions; `possible` is what figures that were left out come to at most, by component and model.
    pub(super) fn finish(&self, possible: &Map<(Component, String), Energy>, settled: &mut Settled) {
        for ((component, model, rule), found) in self.findings.iter() {
            let bound = possible.get(&(*component, model.clone())).copied().unwrap_or_default();
            let times = if found.figures > 1 { format!(", the first of {} such figures", found.figures) } else { String::new() };
            let outcome = match rule {
                Some(rule) => format!("known defect: {rule}"),
                None if bound > Energy::ZERO => {
                    format!("left out: it counts as not measured, and the upper bound holds {}", energy_text(bound))
                }
                None => String::from("left out: it counts as not measured"),
            };
            settled.notes.push(FoundNote {
                code: &note::IMPLAUSIBLE_POWER,
                message: format!("{}{times} ({}); {outcome}", found.first, found.tool),
                place: Some(found.path.clone()),
                hint: Some(String::from("update the tracker, and log the device with a sensor")),
            });
            if found.less == Energy::ZERO {
                continue;
            }
            let device = if model.is_empty() { String::from(component.label()) } else { format!("{} {model}", component.label()) };
            settled.decisions.push(Decision {
                rule: if rule.is_some() { "implausible-repaired" } else { "implausible-left-out" },
                kept: rule.as_ref().map_or_else(String::new, |rule| format!("{device}: {rule}")),
                left_out: format!("{device}, {} ({}){times}", found.tool, found.path),
                energy: Some(found.less),
                reason: found.first.clone(),
            });
        }
    }
}

fn short(value: f64) -> String {
    crate::text::significant(value, 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Span = Span::from_seconds(3600);

    fn claim(component: Component, model: &'static str, joules: i64) -> Claimed<'static> {
        Claimed {
            component,
            model: (!model.is_empty()).then_some(model),
            count: 1,
            threads: None,
            energy: Energy::from_joules(joules),
            duration: Some(HOUR),
            instrument: Instrument::TrackerSensor,
            offered: None,
        }
    }

    fn judge(claim: &Claimed<'_>) -> Verdict {
        let factors = FactorSet::from_tables(carbon_data::TABLES).expect("tables");
        Plausible::new(&factors).judge(claim)
    }

    fn bound_wh(verdict: Verdict) -> Option<f64> {
        match verdict {
            Verdict::LeftOut { bound, .. } => Some(bound.as_kwh() * 1000.0),
            _ => None,
        }
    }

    #[test]
    fn boards_hold_their_rated_power() {
        // An A100 SXM4 is rated at 400 W.
        let model = "NVIDIA A100-SXM4-80GB";
        assert_eq!(judge(&claim(Component::Gpu, model, 430 * 3600)), Verdict::Believed);
        assert_eq!(bound_wh(judge(&claim(Component::Gpu, model, 1_600 * 3600))), Some(400.0));
        let eight = Claimed { count: 8, ..claim(Component::Gpu, model, 3_200 * 3600) };
        assert_eq!(judge(&eight), Verdict::Believed);
        // 9 MW for an hour, one MI300X of 750 W.
        assert_eq!(bound_wh(judge(&claim(Component::Gpu, "AMD Instinct MI300X", 9_000_000 * 3600))), Some(750.0));
        // A card whose owner raised its limit, and one of which nothing is known.
        assert_eq!(judge(&claim(Component::Gpu, "NVIDIA GeForce RTX 4090", 600 * 3600)), Verdict::Believed);
        assert_eq!(bound_wh(judge(&claim(Component::Gpu, "", 6_000 * 3600))), Some(5000.0));
    }

    #[test]
    fn processors_may_run_above_their_base_power_and_have_sockets() {
        // 360 W a socket, 96 cores.
        let epyc = |watts: i64, threads| Claimed { threads, ..claim(Component::Cpu, "AMD EPYC 9654 96-Core Processor", watts * 3600) };
        assert_eq!(judge(&epyc(700, Some(384))), Verdict::Believed);
        assert_eq!(bound_wh(judge(&epyc(2_880, Some(192)))), Some(720.0));
        assert_eq!(judge(&epyc(1_400, None)), Verdict::Believed);
        // A laptop part of 15 W for half a minute and for an hour.
        let laptop = |duration, watts: i64| Claimed {
            duration: Some(duration),
            energy: Power::from_watts(watts).over(duration),
            ..claim(Component::Cpu, "12th Gen Intel(R) Core(TM) i5-1235U", 0)
        };
        assert_eq!(judge(&laptop(Span::from_seconds(30), 55)), Verdict::Believed);
        assert!(bound_wh(judge(&laptop(HOUR, 55))).is_some());
    }

    #[test]
    fn named_repairs() {
        // Milliwatts: 300 kW of a T4 of 70 W are no 300 W either, 40 kW are 40 W.
        let milli = judge(&claim(Component::Gpu, "Tesla T4", 40_000 * 3600));
        assert!(matches!(milli, Verdict::Repaired { energy, .. } if energy == Energy::from_joules(40 * 3600)), "{milli:?}");
        assert_eq!(bound_wh(judge(&claim(Component::Gpu, "Tesla T4", 300_000 * 3600))), Some(70.0));
        let counter = Claimed { instrument: Instrument::GpuCounter, ..claim(Component::Gpu, "Tesla T4", 40_000 * 3600) };
        assert_eq!(bound_wh(judge(&counter)), Some(70.0));
        // What is below the idle power of the device is no repair: an H100 of 700 W idles at 70 W and more, one of 350 W at 35 W, two processors of 360 W
        // at 58 W; a desktop's card may idle at a few percent.
        for (component, model, kilowatts, watts) in [
            (Component::Gpu, "NVIDIA H100 80GB HBM3", 69, None),
            (Component::Gpu, "NVIDIA H100 80GB HBM3", 71, Some(71)),
            (Component::Gpu, "NVIDIA H100 PCIe", 7, None),
            (Component::Gpu, "NVIDIA H100 PCIe", 36, Some(36)),
            (Component::Gpu, "NVIDIA GeForce RTX 4090", 12, Some(12)),
            (Component::Gpu, "NVIDIA GeForce RTX 4090", 8, None),
            (Component::Cpu, "AMD EPYC 9654 96-Core Processor", 50, None),
            (Component::Cpu, "AMD EPYC 9654 96-Core Processor", 60, Some(60)),
        ] {
            let verdict = judge(&claim(component, model, kilowatts * 1_000 * 3600));
            let repaired = match verdict {
                Verdict::Repaired { energy, .. } => Some(energy),
                _ => None,
            };
            assert_eq!(repaired, watts.map(|watts: i64| Energy::from_joules(watts * 3600)), "{model} {kilowatts} kW");
        }
        // A release that multiplies by the threads: 65 W and 16 of them, at a load that is no half.
        let offered = Some(OfferedRepair { rule: "threads", divide_by: 16 });
        let windows = Claimed { offered, threads: Some(16), ..claim(Component::Cpu, "AMD Ryzen 7 5700X 8-Core Processor", 320 * 3600) };
        let repaired = judge(&windows);
        assert!(matches!(repaired, Verdict::Repaired { energy, .. } if energy == Energy::from_joules(20 * 3600)), "{repaired:?}");
        // What can be is left alone, whatever a release may do.
        assert_eq!(judge(&Claimed { energy: Energy::from_joules(60 * 3600), ..windows }), Verdict::Believed);
    }

    #[test]
    fn claims_without_a_time_or_a_rating() {
        // 2^64 J, Slurm's "no value" in its human form; a node's energy of a year is believed.
        let kilowatt_hour = 3_600_000_000_000_000_000;
        let job =
            |kwh: i128| Claimed { duration: None, energy: Energy::from_picojoules(kwh * kilowatt_hour), ..claim(Component::Node, "", 0) };
        assert_eq!(bound_wh(judge(&job(4_772_185_884_444))), Some(0.0));
        assert_eq!(judge(&job(100_000)), Verdict::Believed);
        assert_eq!(bound_wh(judge(&claim(Component::Unsplit, "", 3_600_000_000_000))), Some(50_000.0));
        assert_eq!(judge(&claim(Component::Memory, "", 378 * 3600)), Verdict::Believed);
        // Times and numbers that no machine has are no reason to fail.
        let absurd = Claimed { duration: Some(Span::from_micros(i64::MAX)), count: u32::MAX, ..claim(Component::Node, "", i64::MAX) };
        assert_eq!(judge(&absurd), Verdict::Believed);
        assert!(bound_wh(judge(&Claimed { duration: Some(Span::from_micros(i64::MIN)), ..absurd })).is_some());
        // Energies and times of moments are no powers.
        let moment = Claimed { duration: Some(Span::ZERO), energy: Energy::from_joules(200), ..claim(Component::Gpu, "Tesla T4", 0) };
        assert!(bound_wh(judge(&moment)).is_some());
        assert_eq!(judge(&Claimed { energy: Energy::from_joules(60), ..moment }), Verdict::Believed);
    }
}
