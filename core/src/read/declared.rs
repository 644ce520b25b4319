//! What a tracker or scheduler states of a run: its own figure, which is evidence and no truth.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::series::{Component, Instrument};
use crate::units::{Energy, Instant, Span};

/// What stands before the hash of a row, as the id of a run that its log gives no name: people call it by its line.
pub(crate) const OF_ROW: &str = "row ";

/// Whether a tracker reports what was used or what it expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeclaredKind {
    /// What was used.
    Actual,
    /// What a whole run is expected to use: never counted.
    Predicted,
}

/// What a tracker's figure covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// An allocation of a scheduler: all its nodes.
    Job,
    /// The whole machine, whoever used it.
    Machine,
    /// The tracked process alone.
    Process,
}

/// How a job ended, as its scheduler says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobState {
    /// Stopped by somebody.
    Cancelled,
    /// Came to its end.
    Completed,
    /// Ended with an error, lacked memory, or lost its node.
    Failed,
    /// Stopped to make room for another job, and perhaps started again.
    Requeued,
    /// Not over yet.
    Running,
    /// Stopped at its limit of time.
    TimedOut,
}

impl JobState {
    /// The word in the report.
    pub const fn as_str(self) -> &'static str {
        match self {
            JobState::Cancelled => "cancelled",
            JobState::Completed => "completed",
            JobState::Failed => "failed",
            JobState::Requeued => "requeued",
            JobState::Running => "running",
            JobState::TimedOut => "timed out",
        }
    }

    /// Whether the job ended without what it was started for.
    pub const fn is_without_result(self) -> bool {
        matches!(self, JobState::Cancelled | JobState::Failed | JobState::Requeued | JobState::TimedOut)
    }
}

/// A way in which a release is known to go wrong, offered for the case that the figure as logged can't be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferedRepair {
    /// The rule, in words.
    pub rule: &'static str,
    /// By how much the figure is too large.
    pub divide_by: u32,
}

/// Energy of one component as a tracker declares it, without PUE.
#[derive(Clone, Debug)]
pub struct DeclaredPart {
    /// Component.
    pub component: Component,
    /// IT energy.
    pub energy: Energy,
    /// Of it, what may not be the run's own: memory of the host of a container, a PUE that may be inside. The lower end is without it.
    pub doubtful: Energy,
    /// Model, without a count in front.
    pub model: Option<String>,
    /// Number of devices.
    pub count: Option<u32>,
    /// Threads of the machine's processors, where the tracker says so.
    pub threads: Option<u32>,
    /// How the tracker knows.
    pub instrument: Instrument,
    /// The whole device although the figure is of a process: no process can be told apart on it.
    pub whole_device: bool,
    /// The tracker lists it and has no energy of it, which is not zero.
    pub unmeasured: bool,
    /// What may be wrong with the release, if the figure can't be.
    pub offered: Option<OfferedRepair>,
}

impl DeclaredPart {
    /// Energy of a component, of whatever devices.
    pub fn of(component: Component, energy: Energy, instrument: Instrument) -> Self {
        Self {
            component,
            energy,
            doubtful: Energy::ZERO,
            model: None,
            count: None,
            threads: None,
            instrument,
            whole_device: false,
            unmeasured: false,
            offered: None,
        }
    }
}

/// Where a tracker says it ran. Raw text; nothing is looked up in core's readers.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// ISO 3166-1 alpha-3 or alpha-2 code.
    pub country_code: Option<String>,
    /// Country name.
    pub country: Option<String>,
    /// State or province.
    pub region: Option<String>,
    /// Cloud provider.
    pub provider: Option<String>,
    /// The provider's region.
    pub cloud_region: Option<String>,
    /// The place is a known fallback of a failed geolocation: it counts as unknown.
    pub failed: bool,
    /// The file that states it, where that is not the file of the energy.
    pub stated_by: Option<String>,
}

impl Place {
    /// For a figure: nothing where nothing is said.
    pub(super) fn said(self) -> Option<Arc<Self>> {
        (self != Self::default()).then(|| Arc::new(self))
    }
}

/// An epoch of a run.
#[derive(Clone, Debug)]
pub struct Epoch {
    /// Number, from 1.
    pub number: u32,
    /// Length.
    pub duration: Span,
    /// IT energy; absent when nothing was measured in it.
    pub energy: Option<Energy>,
}

/// A tracker's own figure for a period.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Name and version: `CodeCarbon 2.8.4`.
    pub tool: Cow<'static, str>,
    /// Run as the tool names it.
    pub run: Option<String>,
    /// Name of the project or job.
    pub name: Option<String>,
    /// Actual or predicted.
    pub kind: DeclaredKind,
    /// What it covers.
    pub scope: Scope,
    /// When, on the clock of the reading.
    pub period: Option<(Instant, Instant)>,
    /// The year that a date beside it says, where nothing says when it was.
    pub year: Option<i32>,
    /// How much of its time lies outside of the period asked for, and was cut away.
    pub outside: Span,
    /// How late the end may really be: trackers cut their stamps to whole seconds.
    pub end_known_to: Span,
    /// Length; for undated figures too.
    pub duration: Option<Span>,
    /// A longer one that the run's energies speak for: it is right where the run had tasks, as a file of its tasks shows.
    pub length_by_energy: Option<Span>,
    /// Host as the log names it.
    pub host: Option<String>,
    /// IT energy by component; empty when the tracker measured nothing, and for predictions.
    pub parts: Vec<DeclaredPart>,
    /// Energy as the tool prints it, with whatever is inside.
    pub energy_as_logged: Option<Energy>,
    /// Emissions as the tool prints them, kgCO2e.
    pub emissions_kg: Option<f64>,
    /// Carbon intensity that the tool used, g/kWh, where it says so.
    pub intensity_g_per_kwh: Option<f64>,
    /// PUE that the tool applied, where the log states or implies one.
    pub pue: Option<f64>,
    /// The PUE is a constant of the tool, the same everywhere: it is inside its figures and says nothing of the building.
    pub pue_is_constant: bool,
    /// The energy may contain a PUE that the tool was given and that the file does not state.
    pub pue_may_be_inside: bool,
    /// Where, if it says so. Runs of a log that were in one place share it.
    pub place: Option<Arc<Place>>,
    /// What identifies the hardware (models, counts, memory): equal for runs of one machine.
    pub hardware_key: String,
    /// Operating system with its release, as all containers of a machine say it.
    pub system: Option<String>,
    /// Read with `--as-logged`: known defects are left, and so are figures for which a repair is known.
    pub as_logged: bool,
    /// Named rules that were applied to a known defect, in words.
    pub repairs: Vec<String>,
    /// Epochs, where the tool logs them.
    pub epochs: Vec<Epoch>,
    /// Line that the figure was read from.
    pub line: u64,
    /// A task or other part of a run: counts only where the run itself is not there.
    pub part_of_run: bool,
    /// How the job ended, where a scheduler says so.
    pub state: Option<JobState>,
    /// The training ended before so many epochs, which were to be done, where the tool says so.
    pub stopped_before: Option<u32>,
    /// A printed summary of a run whose details the tool logs elsewhere (carbontracker's output log beside its standard log): it counts
    /// only where no detailed figure of the same tool has its run or covers its period; without run and period, only where the tool has
    /// no detailed figure at all.
    pub summary: bool,
}

impl Declared {
    /// A figure of `tool` that was read from `line`, without anything known of it.
    pub fn by(tool: impl Into<Cow<'static, str>>, line: u64) -> Self {
        Self {
            tool: tool.into(),
            run: None,
            name: None,
            kind: DeclaredKind::Actual,
            scope: Scope::Machine,
            period: None,
            year: None,
            outside: Span::ZERO,
            end_known_to: Span::ZERO,
            duration: None,
            length_by_energy: None,
            host: None,
            parts: Vec::new(),
            energy_as_logged: None,
            emissions_kg: None,
            intensity_g_per_kwh: None,
            pue: None,
            pue_is_constant: false,
            pue_may_be_inside: false,
            place: None,
            hardware_key: String::new(),
            system: None,
            as_logged: false,
            repairs: Vec::new(),
            epochs: Vec::new(),
            line,
            part_of_run: false,
            state: None,
            stopped_before: None,
            summary: false,
        }
    }

    /// Keeps the share of a figure that falls on a part of its time.
    pub(super) fn cut(&mut self, inside: i64, whole: i64) {
        self.outside = Span::from_micros(whole - inside);
        for part in &mut self.parts {
            part.energy = part.energy.share(inside, whole);
            part.doubtful = part.doubtful.share(inside, whole);
        }
        self.energy_as_logged = self.energy_as_logged.map(|energy| energy.share(inside, whole));
        self.emissions_kg = self.emissions_kg.map(|kg| kg * inside as f64 / whole as f64);
        self.duration = self.duration.map(|span| {
            Span::from_micros(i64::try_from(i128::from(span.as_micros()) * i128::from(inside) / i128::from(whole)).unwrap_or(0))
        });
        // Epochs carry no dates.
        self.epochs.clear();
        self.repairs.push(String::from("cut to the period asked for, by its share of the time"));
    }
}
