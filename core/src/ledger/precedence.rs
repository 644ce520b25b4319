//! Who counts before whom: one row an instrument, one a way to come to an energy.

use super::Method;
use crate::series::Instrument;

/// How near an instrument is to what was drawn, the nearest first. Of a device and time the nearest claim counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// A sensor's or meter's own log.
    Sensor,
    /// What another program read from a sensor, and summed.
    SecondHand,
    /// A tracker's model that knows something of the run.
    Model,
    /// A tracker that does not say whether it read a sensor.
    Unstated,
    /// A tracker that guesses the load.
    Assumption,
    /// A sampler's model: it is there so that nothing is left out, and counts after all that is known.
    SamplerModel,
    /// A user's word on a run without logs.
    Stated,
}

/// Every instrument. Carbon-report's own rule: a reading before what was made of it, and what knows more before what knows less.
const INSTRUMENTS: &[(Instrument, Tier)] = &[
    // Measures the node.
    (Instrument::BoardController, Tier::Sensor),
    // Measures the board.
    (Instrument::GpuCounter, Tier::Sensor),
    // Measures the board.
    (Instrument::GpuPower, Tier::Sensor),
    // Measures a rail or a battery.
    (Instrument::Hwmon, Tier::Sensor),
    // Somebody's table of readings: its width says that its instrument is not known.
    (Instrument::NotStated, Tier::Sensor),
    // Measured by the regulator, or modelled from what the processor counts.
    (Instrument::Rapl, Tier::Sensor),
    // No sensor was read, and the sampler says so.
    (Instrument::SamplerModel, Tier::SamplerModel),
    // A node's sensor, read at long intervals and allotted to jobs.
    (Instrument::Scheduler, Tier::SecondHand),
    // Nothing was logged.
    (Instrument::Stated, Tier::Stated),
    // Rated power times a guess at the load.
    (Instrument::TrackerAssumption, Tier::Assumption),
    // Knows the load, or the size of the memory.
    (Instrument::TrackerModel, Tier::Model),
    // A sensor's readings, at long intervals, without their times.
    (Instrument::TrackerSensor, Tier::SecondHand),
    // May be a sensor or a guess.
    (Instrument::TrackerUnstated, Tier::Unstated),
    // Measures the machine.
    (Instrument::WallMeter, Tier::Sensor),
];

/// Of sensors: a counter loses nothing between two readings; energies of intervals lose the intervals that are missing; power is known at its samples alone.
const METHODS: &[(Method, u8)] = &[(Method::Counter, 0), (Method::IntervalEnergy, 1)];
const POWER: u8 = 2;
/// Energies that are printed in steps so coarse that power tells better.
const COARSE: u8 = 3;

/// The place of a claim in the order: the lower counts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank(Tier, u8);

impl Rank {
    /// The place of an instrument's claim that was come to in this way.
    pub(super) fn of(instrument: Instrument, method: Method) -> Self {
        // Each instrument has a row, as a test says.
        let tier = INSTRUMENTS.iter().find(|row| row.0 == instrument).map_or(Tier::Unstated, |row| row.1);
        let own = METHODS.iter().find(|(own, _)| *own == method).map_or(POWER, |(_, place)| *place);
        Rank(tier, if tier == Tier::Sensor { own } else { POWER })
    }

    /// The place of an energy that is printed in coarse steps: behind power of the same kind of instrument.
    pub(super) fn behind_power(self) -> Self {
        Rank(self.0, COARSE)
    }

    /// Whether the instrument itself added up the energy.
    pub(super) fn is_energy(self) -> bool {
        self < Rank(Tier::Sensor, POWER)
    }

    /// Whether it counts after everything that is known.
    pub(super) fn is_estimate(self) -> bool {
        self.0 >= Tier::SamplerModel
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instrument_has_one_row() {
        for instrument in Instrument::ALL {
            assert_eq!(INSTRUMENTS.iter().filter(|row| row.0 == instrument).count(), 1, "{instrument:?}");
        }
        assert_eq!(INSTRUMENTS.len(), Instrument::ALL.len());
    }

    #[test]
    fn readings_come_before_what_is_made_of_them() {
        let order = [
            Rank::of(Instrument::GpuCounter, Method::Counter),
            Rank::of(Instrument::Rapl, Method::IntervalEnergy),
            Rank::of(Instrument::GpuPower, Method::PowerTrapezoid),
            Rank::of(Instrument::TrackerSensor, Method::Declared),
            Rank::of(Instrument::TrackerModel, Method::Declared),
            Rank::of(Instrument::TrackerUnstated, Method::Declared),
            Rank::of(Instrument::TrackerAssumption, Method::Declared),
            Rank::of(Instrument::SamplerModel, Method::PowerModel),
            Rank::of(Instrument::Stated, Method::Stated),
        ];
        assert!(order.is_sorted() && order.windows(2).all(|w| w[0] != w[1]));
        assert!(order[1].is_energy() && !order[2].is_energy() && order[7].is_estimate() && !order[6].is_estimate());
        assert_eq!(Rank::of(Instrument::Scheduler, Method::Declared), order[3]);
    }
}
