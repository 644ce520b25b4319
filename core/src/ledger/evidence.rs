//! One source of energy that may count, and what is said about it.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{Method, PhaseKind};
use crate::factor::Factor;
use crate::note::Code;
use crate::read::Place;
use crate::seldom::Seldom;
use crate::series::{Component, Coverage, Device, Instrument, Profile, Wraps};
use crate::units::{Energy, Instant, Power, Span};

/// How an energy is known. Three words and no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "EnergyBasis"))]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A sensor.
    Measured,
    /// A tracker, scheduler or provider says so.
    Declared,
    /// A model.
    Estimated,
}

impl Basis {
    /// The word in the report.
    pub const fn as_str(self) -> &'static str {
        match self {
            Basis::Measured => "measured",
            Basis::Declared => "declared",
            Basis::Estimated => "estimated",
        }
    }
}

/// When something ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// Between two instants; `utc` is false on an unknown local clock.
    Dated {
        /// First instant.
        start: Instant,
        /// Last instant.
        end: Instant,
        /// Whether they are UTC.
        utc: bool,
    },
    /// For so long, no one knows when.
    Undated(Span),
}

/// A local clock may differ from UTC by this much.
pub(crate) const WIDEST_ZONE: Span = Span::from_seconds(14 * 3600);

impl When {
    /// Length.
    pub fn span(&self) -> Span {
        match self {
            When::Dated { start, end, .. } => end.since(*start),
            When::Undated(span) => *span,
        }
    }

    /// The share of `self` that `other` covers too, as µs of µs.
    ///
    /// Clocks that can't be compared (local against UTC, undated) overlap as far as they could: a joule that may be the same is not
    /// counted twice.
    pub fn overlap(&self, other: &When) -> (i64, i64) {
        let own = self.span().as_micros().max(1);
        let common = match (self, other) {
            (When::Dated { start: a, end: b, utc }, When::Dated { start: c, end: d, utc: other_utc }) => {
                if utc == other_utc {
                    let common = (*b).min(*d).since((*a).max(*c)).as_micros();
                    // An instant within the other counts as overlap.
                    if common == 0 && a == b { 1 } else { common.max(0) }
                } else {
                    let apart = if b < c { c.since(*b) } else { a.since(*d) };
                    if apart > WIDEST_ZONE { 0 } else { own.min(other.span().as_micros()) }
                }
            }
            _ => own.min(other.span().as_micros()),
        };
        (common.min(own), own)
    }
}

/// Why an end of the interval holds joules besides, where it is not that devices, machines or runs may be one or several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Because {
    /// Instruments contradict each other.
    pub contradicted: Energy,
    /// A figure reaches beyond the period that is asked for.
    pub cut: Energy,
    /// Rows have no certain order, or stamps stand twice.
    pub disorder: Energy,
    /// Settings that were found beside the logs may not hold.
    pub found: Energy,
    /// Nobody watched.
    pub gaps: Energy,
    /// Figures are printed in coarse steps.
    pub steps: Energy,
    /// A counter may have run through its range, or begun again.
    pub wraps: Energy,
}

impl Because {
    /// Adds a share of what others hold.
    pub(crate) fn add(&mut self, other: &Self, share: f64) {
        let of = |energy: Energy| Energy::from_picojoules(libm::round(energy.as_picojoules() as f64 * share) as i128);
        let Self { contradicted, cut, disorder, found, gaps, steps, wraps } = other;
        self.contradicted += of(*contradicted);
        self.cut += of(*cut);
        self.disorder += of(*disorder);
        self.found += of(*found);
        self.gaps += of(*gaps);
        self.steps += of(*steps);
        self.wraps += of(*wraps);
    }
}

/// A source of energy.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Host; empty when there is only one.
    pub host: String,
    /// The host under which a whole counts that holds it, such as a job of several nodes.
    pub held_by: Option<String>,
    /// Component.
    pub component: Component,
    /// Device, or the set of them.
    pub device: Device,
    /// Number of devices that it stands for.
    pub count: u32,
    /// Basis.
    pub basis: Basis,
    /// Instrument.
    pub instrument: Instrument,
    /// How the energy was obtained.
    pub method: Method,
    /// More on that in words, of what a user states.
    pub detail: Option<String>,
    /// A part of what the log holds: the rest is counted elsewhere.
    pub partly: bool,
    /// Energy that counts.
    pub energy: Energy,
    /// What the upper end holds besides: joules that were left out and may be of another device.
    pub more: Energy,
    /// Of that, what another device with a machine of its own around it would have drawn.
    pub apart: Energy,
    /// What it holds besides of devices whose figures were left out: so much as they can have drawn at most.
    pub bound: Energy,
    /// Of the energy, what may be no joules of its own: the lower end is without it.
    pub less: Energy,
    /// Of `more`, and of `less`, what has another cause than an open identity.
    pub because: Seldom<(Because, Because)>,
    /// When.
    pub when: When,
    /// Where that is not known, the year that a date beside it says: of a job, when it was submitted.
    pub year: Option<i32>,
    /// Covered time: of several recordings, their union.
    pub covered: Option<Span>,
    /// When it was watched, on the clock of `when`; of thousands of stretches, the shortest pauses are taken for watched.
    pub coverage: Coverage,
    /// Time in gaps that nothing else covers, and their number.
    pub gaps: (Span, u64),
    /// What the trapezoid over these gaps would add.
    pub gap_energy: Energy,
    /// Median time between samples.
    pub interval: Option<Span>,
    /// Sum over neighbouring power samples of (power difference × interval)², µJ²: how much power moved from sample to sample.
    pub scatter: u128,
    /// Counter intervals in which the counter may have run through its range unseen.
    pub wraps: Seldom<Wraps>,
    /// Number of samples.
    pub samples: Option<u64>,
    /// Highest reading.
    pub peak: Option<Power>,
    /// Doubled energy over time.
    pub profile: Option<Profile>,
    /// Where, as the log says.
    pub place: Option<Arc<Place>>,
    /// PUE that the log states.
    pub pue: Option<f64>,
    /// Tool and version.
    pub tool: Option<String>,
    /// Run.
    pub run: Option<String>,
    /// Files.
    pub inputs: Vec<String>,
    /// What a user states of a phase without logs; absent for everything that a log holds.
    pub stated: Option<Box<Stated>>,
}

/// What a user states of a phase without logs, and what was assumed where nothing is stated.
#[derive(Clone, Debug, Default)]
pub struct Stated {
    /// What the phase was for.
    pub kind: PhaseKind,
    /// Zone or cloud region.
    pub region: Option<String>,
    /// Year of the factors.
    pub year: Option<i32>,
    /// PUE.
    pub pue: Option<Factor>,
    /// Carbon intensity.
    pub intensity: Option<Factor>,
    /// The row of the table of equivalents that the method of estimating counts kilometres by.
    pub car: Option<&'static str>,
    /// It holds the whole machine, so nothing is added to it.
    pub complete: bool,
    /// Share of the machine that the phase used, where that is less than all.
    pub share: Option<f64>,
    /// Offsets of the phase, kgCO2e: never subtracted.
    pub offsets_kg: Option<f64>,
    /// How far the energy may lie off, by cause.
    pub causes: Vec<Cause>,
    /// What was assumed: stable name, in words, the option that changes it.
    pub assumptions: Vec<(&'static str, String, Option<&'static str>)>,
}

/// A cause of error of an estimate, at 95 %: parts with one name are off by the same factor.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    /// Its name, and what it rests on.
    pub name: String,
    /// Lower end over value, at most 1.
    pub low: f64,
    /// Upper end over value, at least 1.
    pub high: f64,
}

impl Evidence {
    /// An energy of which nothing more is known.
    pub fn of(
        component: Component,
        device: Device,
        basis: Basis,
        instrument: Instrument,
        method: Method,
        energy: Energy,
        when: When,
    ) -> Self {
        Self {
            host: String::new(),
            held_by: None,
            component,
            device,
            count: 1,
            basis,
            instrument,
            method,
            detail: None,
            partly: false,
            energy,
            more: Energy::ZERO,
            apart: Energy::ZERO,
            bound: Energy::ZERO,
            less: Energy::ZERO,
            because: Seldom::default(),
            year: None,
            when,
            covered: None,
            coverage: Coverage::default(),
            gaps: (Span::ZERO, 0),
            gap_energy: Energy::ZERO,
            interval: None,
            scatter: 0,
            wraps: Seldom::default(),
            samples: None,
            peak: None,
            profile: None,
            place: None,
            pue: None,
            tool: None,
            run: None,
            inputs: Vec::new(),
            stated: None,
        }
    }

    /// The host as whose machine it is looked at.
    pub fn machine(&self) -> &str {
        self.held_by.as_deref().unwrap_or(&self.host)
    }

    /// What its devices are: a total that is not split and names a model is of accelerators of that model, and of what stands beside them.
    pub fn stands_for(&self) -> Component {
        match self.component {
            Component::Unsplit if self.names_boards() => Component::Gpu,
            component => component,
        }
    }

    /// Whether it is a total that is not split and names the accelerators that are in it.
    pub fn names_boards(&self) -> bool {
        self.component == Component::Unsplit && self.device.model.is_some()
    }

    /// What it is of, for people.
    pub fn label(&self) -> &'static str {
        if self.names_boards() { "GPU and further parts, not split" } else { self.component.label_by(self.instrument) }
    }

    /// The same inside a sentence.
    pub fn in_sentence(&self) -> String {
        if self.names_boards() { String::from(self.label()) } else { self.component.in_sentence() }
    }

    /// A fixed order for reports.
    pub fn sort_key(&self) -> (String, Component, String, When, Energy) {
        (self.host.clone(), self.component, String::from(self.device.key()), self.when, self.energy)
    }

    /// How the energy was obtained, in words.
    pub fn method_text(&self) -> String {
        let mut text = match (self.method, &self.detail) {
            (Method::Stated | Method::Machine, Some(detail)) => detail.clone(),
            (Method::Declared, _) => {
                let how = match self.instrument {
                    Instrument::TrackerAssumption => "assumes a share of its rated power",
                    Instrument::TrackerModel => "models it",
                    Instrument::TrackerUnstated => "does not say how",
                    _ => "reads a sensor",
                };
                alloc::format!("declared by {}, which {how}", self.tool.as_deref().unwrap_or("a tool"))
            }
            (method, _) => String::from(method.words()),
        };
        if self.partly {
            text.push_str(", less what is counted elsewhere");
        }
        text
    }

    /// What it is, for decisions: `GPU 0 of node1 (gpu.csv)`.
    pub fn describe(&self) -> String {
        use core::fmt::Write;
        let mut text = Device::called(self.label(), self.device.short_key());
        if !self.host.is_empty() {
            let _ = write!(text, " of {}", self.host);
        }
        let _ = match (&self.tool, self.inputs.as_slice()) {
            (Some(tool), [one]) => write!(text, ", {tool} ({one})"),
            (Some(tool), many) => write!(text, ", {tool} ({} files)", many.len()),
            (None, [one]) => write!(text, " ({one})"),
            (None, many) => write!(text, " ({} files)", many.len()),
        };
        text
    }
}

/// A decision on what counts.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Stable name of the rule.
    pub rule: &'static str,
    /// What counts.
    pub kept: String,
    /// What does not.
    pub left_out: String,
    /// Energy that is not counted; less than nothing where a repair makes more of what was claimed.
    pub energy: Option<Energy>,
    /// Why.
    pub reason: String,
}

/// A finding beyond one line of one file.
#[derive(Clone, Debug)]
pub struct FoundNote {
    /// What kind of finding.
    pub code: &'static Code,
    /// What was found.
    pub message: String,
    /// File, where one is meant.
    pub place: Option<String>,
    /// What to do, where that is more than the code's remedy.
    pub hint: Option<String>,
}
