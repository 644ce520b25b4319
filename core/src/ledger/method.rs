//! How an energy was obtained from what the log holds.

/// From readings to energy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Differences of an energy counter.
    Counter,
    /// A tracker's or scheduler's own total.
    Declared,
    /// Energies of intervals, summed.
    IntervalEnergy,
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
            Method::PowerHeld => "power readings, each held until the next",
            Method::PowerMean => "mean power of each interval",
            Method::PowerModel => "power of a model, mean of each interval",
            Method::PowerTrapezoid => "power samples, trapezoid",
            Method::Stated => "stated",
        }
    }
}
