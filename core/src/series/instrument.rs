//! What stands behind a reading: set by the reader that knows the log, and never guessed from words.

/// The instrument of a reading. With the [`Component`](super::Component) it is the key of the table of instruments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Instrument {
    /// A board controller of a node (BMC: IPMI, Redfish).
    BoardController,
    /// The energy counter of a GPU (NVML total energy).
    GpuCounter,
    /// The power reading of a GPU (NVML, nvidia-smi).
    GpuPower,
    /// A power reading of the operating system's sensor interface (hwmon, power supply, battery).
    Hwmon,
    /// A table with readings that does not say what made them.
    NotStated,
    /// RAPL counters and what reads them.
    Rapl,
    /// A model in a sampler: no sensor was read.
    SamplerModel,
    /// A scheduler's energy accounting.
    Scheduler,
    /// Nothing: a user states a phase without logs.
    Stated,
    /// A tracker's rated power times a guess at the load.
    TrackerAssumption,
    /// A tracker's model with some input (memory size, load).
    TrackerModel,
    /// A sensor that a tracker read, at second hand.
    TrackerSensor,
    /// A tracker's figure; the tracker does not say how it came to it.
    TrackerUnstated,
    /// A meter at the plug or in a power strip.
    WallMeter,
}

impl Instrument {
    /// All of them.
    pub const ALL: [Instrument; 14] = [
        Instrument::BoardController,
        Instrument::GpuCounter,
        Instrument::GpuPower,
        Instrument::Hwmon,
        Instrument::NotStated,
        Instrument::Rapl,
        Instrument::SamplerModel,
        Instrument::Scheduler,
        Instrument::Stated,
        Instrument::TrackerAssumption,
        Instrument::TrackerModel,
        Instrument::TrackerSensor,
        Instrument::TrackerUnstated,
        Instrument::WallMeter,
    ];

    /// The word in the report and in the table of instruments.
    pub const fn as_str(self) -> &'static str {
        match self {
            Instrument::BoardController => "board_controller",
            Instrument::GpuCounter => "gpu_counter",
            Instrument::GpuPower => "gpu_power",
            Instrument::Hwmon => "hwmon",
            Instrument::NotStated => "not_stated",
            Instrument::Rapl => "rapl",
            Instrument::SamplerModel => "sampler_model",
            Instrument::Scheduler => "scheduler",
            Instrument::Stated => "stated",
            Instrument::TrackerAssumption => "tracker_assumption",
            Instrument::TrackerModel => "tracker_model",
            Instrument::TrackerSensor => "tracker_sensor",
            Instrument::TrackerUnstated => "tracker_unstated",
            Instrument::WallMeter => "wall_meter",
        }
    }

    /// The instrument whose word `word` is.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// Whether a sensor was read, at first or second hand; otherwise a model, a guess or somebody's word stands there.
    pub const fn is_sensor(self) -> bool {
        use Instrument::{BoardController, GpuCounter, GpuPower, Hwmon, NotStated, Rapl, Scheduler, TrackerSensor, WallMeter};
        matches!(self, BoardController | GpuCounter | GpuPower | Hwmon | NotStated | Rapl | Scheduler | TrackerSensor | WallMeter)
    }
}
