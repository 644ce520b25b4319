//! A timeline in fewer steps, for tables and small charts.

use super::{Timeline, TimelineSeries};
use crate::units;

impl Timeline {
    /// The same timeline in steps `n` times as long, so that at most `most` of them remain: for tables and small charts.
    ///
    /// A longer step holds the mean of the steps that are known; it is `null` only where none is.
    pub fn coarser(&self, most: usize) -> Timeline {
        let steps = self.series.iter().map(|s| s.mean_power_w.len()).max().unwrap_or(0);
        let n = steps.div_ceil(most.max(1)).max(1);
        let mean = |part: &[Option<f64>]| {
            let known = part.iter().flatten();
            units::weighted_mean(known.map(|power| (*power, 1.0)))
        };
        let series = self.series.iter().map(|s| TimelineSeries {
            component: s.component.clone(),
            label: s.label.clone(),
            mean_power_w: s.mean_power_w.chunks(n).map(mean).collect(),
        });
        let step_s = self.step_s.saturating_mul(u32::try_from(n).unwrap_or(u32::MAX));
        Timeline { start: self.start.clone(), utc: self.utc, step_s, series: series.collect() }
    }
}
