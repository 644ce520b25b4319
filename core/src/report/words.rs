//! Words of the report that come from a fixed list.

use serde::{Deserialize, Serialize};

/// What the headline is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Boundary {
    /// The parts that the logs hold.
    Logged,
    /// The computers: what the logs hold, and the rest of the machines.
    #[default]
    Machine,
}

impl Boundary {
    /// `logged` or `machine`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Boundary::Logged => "logged",
            Boundary::Machine => "machine",
        }
    }

    /// The boundary whose word `word` is.
    pub fn named(word: &str) -> Option<Self> {
        [Boundary::Logged, Boundary::Machine].into_iter().find(|one| one.as_str() == word)
    }
}

/// What makes the interval of the headline wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Wide {
    /// Sources differ on the carbon intensity of the place.
    CarbonIntensity,
    /// Instruments contradict each other.
    Contradiction,
    /// Rows have no certain order, or stamps stand twice.
    Disorder,
    /// No sensor stands behind the figures.
    Estimation,
    /// Settings that were found beside the logs may not hold.
    FoundSettings,
    /// Nobody watched for a part of the time.
    Gaps,
    /// The run's hours may differ from the year's mean.
    Hours,
    /// Logs may be of one device, machine or run, or of several.
    Identity,
    /// A figure that cannot be was left out.
    LeftOut,
    /// A figure reaches beyond the period that is asked for.
    Period,
    /// The place is not known.
    Place,
    /// The PUE is not known well.
    Pue,
    /// What no log shows of the computers is estimated.
    Rest,
    /// Power moved much between samples.
    Sampling,
    /// Sensors are not exact.
    Sensor,
    /// Energies are printed in coarse steps.
    Steps,
    /// A counter may have run through its range, or begun again.
    Wraps,
}

impl Wide {
    /// As a clause: `the place is not known`.
    pub const fn words(self) -> &'static str {
        match self {
            Wide::CarbonIntensity => "a yearly mean of what is produced in the place may lie far from what its grid delivered",
            Wide::Contradiction => "instruments contradict each other",
            Wide::Disorder => "rows have no certain order in time",
            Wide::Estimation => "no sensor stands behind the figures",
            Wide::FoundSettings => "settings found beside the logs may not hold",
            Wide::Gaps => "nobody watched for a part of the time",
            Wide::Hours => "the hours of the run may differ from the year's mean",
            Wide::Identity => "the logs leave open whether they are of one device and run or of several",
            Wide::LeftOut => "a figure that cannot be was left out",
            Wide::Period => "a figure reaches beyond the period asked for",
            Wide::Place => "the place is not known",
            Wide::Pue => "the PUE is not known well",
            Wide::Rest => "what no log shows of the computers is estimated",
            Wide::Sampling => "power moved much between samples",
            Wide::Sensor => "sensors are not exact",
            Wide::Steps => "energies are printed in steps that are coarse for so little",
            Wide::Wraps => "a counter may have run through its range unseen",
        }
    }
}
