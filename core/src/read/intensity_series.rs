//! Carbon intensities over time, as files hold them.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::units::Instant;

/// Carbon intensity at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntensityPoint {
    /// Start of the step, UTC.
    pub at: Instant,
    /// gCO2e per kWh, life-cycle; absent when the source has none.
    pub lifecycle: Option<f64>,
    /// gCO2e per kWh, direct.
    pub direct: Option<f64>,
    /// Whether the publisher estimated it.
    pub estimated: bool,
    /// The lowest and the highest of the values that were given for this time, over their mean; 1 and 1 where there is one.
    pub apart: (f64, f64),
}

impl IntensityPoint {
    /// The only value of its time.
    pub const fn new(at: Instant, lifecycle: Option<f64>, direct: Option<f64>) -> Self {
        Self { at, lifecycle, direct, estimated: false, apart: (1.0, 1.0) }
    }

    /// The mean of `count` values and another one of the same time, which nothing sets before the other: how far each lies from it is kept.
    pub(super) fn mean_with(&self, count: f64, other: &Self) -> Self {
        let mean = |own: Option<f64>, new: Option<f64>| match (own, new) {
            (Some(own), Some(new)) => Some((own * count + new) / (count + 1.0)),
            (own, new) => own.or(new),
        };
        let mut all = Self { lifecycle: mean(self.lifecycle, other.lifecycle), direct: mean(self.direct, other.direct), ..*self };
        all.apart = (1.0, 1.0);
        for point in [self, other] {
            for (value, mean) in [(point.lifecycle, all.lifecycle), (point.direct, all.direct)] {
                let Some((value, mean)) = value.zip(mean).filter(|(_, mean)| *mean > 0.0) else { continue };
                all.apart = (all.apart.0.min(value * point.apart.0 / mean), all.apart.1.max(value * point.apart.1 / mean));
            }
        }
        all
    }
}

/// A series of carbon intensity as read from a file.
#[derive(Clone, Debug, Default)]
pub struct IntensitySeries {
    /// Zone as the file names it.
    pub zone: Option<String>,
    /// Who publishes it, in words.
    pub publisher: String,
    /// Sorted by time, each once; none where no stamp or value could be read: the series says the place alone.
    pub points: Vec<IntensityPoint>,
    /// Whether the file says which values are life-cycle and which direct; otherwise they stand as life-cycle, which is noted.
    pub basis_stated: bool,
}

impl IntensitySeries {
    /// Takes in the values of another series of the same zone; of a time that both have, a final value, else the mean. Returns how many differed.
    pub fn merge(&mut self, other: &IntensitySeries) -> usize {
        let mut points: BTreeMap<Instant, IntensityPoint> = self.points.iter().map(|point| (point.at, *point)).collect();
        let mut differing = 0;
        for point in &other.points {
            let Some(own) = points.get_mut(&point.at) else {
                points.insert(point.at, *point);
                continue;
            };
            if (own.lifecycle, own.direct) != (point.lifecycle, point.direct) {
                differing += 1;
            }
            match (own.estimated, point.estimated) {
                (true, false) => *own = *point,
                (false, true) => {}
                _ => *own = own.mean_with(1.0, point),
            }
        }
        self.points = points.into_values().collect();
        self.basis_stated &= other.basis_stated;
        differing
    }
}
