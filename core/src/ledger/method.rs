//! How an energy was obtained from what the log holds.

/// From readings to energy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Differences of an energy counter.
    Counter,
    /// A tracker's or scheduler's own total.
    Declared,
    /// Energies of intervals, summed.
    IntervalEnergy,
    /// The kind of machine: nothing was read of this part.
    Machine,
    /// Power readings, each held until the next.
    PowerHeld,
    /// Mean power of each interval.
    PowerMean,
    /// Power of a sampler's model, mean of each interval.
    PowerModel,
    /// Power samples, trapezoid between neighbours.
    PowerTrapezoid,
    /// What a user states of a phase without logs.
    Stated,
}

impl Method {
    /// The word in the report.
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Counter => "counter",
            Method::Declared => "declared",
            Method::IntervalEnergy => "interval_energy",
            Method::Machine => "machine",
            Method::PowerHeld => "power_held",
            Method::PowerMean => "power_mean",
            Method::PowerModel => "power_model",
            Method::PowerTrapezoid => "power_trapezoid",
            Method::Stated => "stated",
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Method::Counter => "energy counter",
            Method::Declared => "declared",
            Method::IntervalEnergy => "energy of each interval, summed",
            Method::Machine => "estimated for the kind of machine",
            Method::PowerHeld => "power readings, each held until the next",
            Method::PowerMean => "mean power of each interval",
            Method::PowerModel => "power of a model, mean of each interval",
            Method::PowerTrapezoid => "power samples, trapezoid",
            Method::Stated => "stated",
        }
    }
}
