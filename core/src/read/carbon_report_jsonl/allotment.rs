//! What of each device's energy is allotted to the measured program: the energy since the last `share` record times the share that the next one
//! states. It stands beside the measured energy and is never added to it.

use super::record::{Counter, DeviceId, PowerUnit, Reading, SampledDevice, Share};
use crate::map::Map;
use crate::series::{GAP_IN_MEDIANS, SHORTEST_GAP};
use crate::units::{Energy, Instant, Span};

/// One whole, in the unit of shares.
const WHOLE: i64 = 1_000_000;

/// Sums over one run.
#[derive(Debug, Default)]
pub(super) struct Allotment(Map<DeviceId, Account>);

/// Energy of one device that shares were stated of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    last: Option<(Instant, Reading)>,
    /// Since the last share.
    pending: Energy,
    /// What fell to the program.
    pub(super) allotted: Energy,
    /// Of so much.
    pub(super) of: Energy,
}

impl Account {
    const NEW: Account = Account { last: None, pending: Energy::ZERO, allotted: Energy::ZERO, of: Energy::ZERO };
}

impl Allotment {
    /// Adds a reading. A counter comes before power; power over a gap is not known.
    pub(super) fn reading(&mut self, device: &SampledDevice, reading: Reading, at: Instant, interval: Span) {
        let account = self.0.entry(reading.device).or_insert(Account::NEW);
        let Some((before, last)) = account.last.replace((at, reading)) else { return };
        let counted = device.counter.zip(last.counter.zip(reading.counter)).and_then(|(counter, (a, b))| difference(counter, a, b));
        let trapezoid = || {
            let (unit, (a, b)) = device.power.zip(last.power.zip(reading.power))?;
            let span = at.since(before);
            let gap = Span::from_micros(interval.as_micros().saturating_mul(GAP_IN_MEDIANS)).max(SHORTEST_GAP);
            // A model's power is the mean since the reading before.
            let a = if device.estimated_by.is_some() { b } else { a };
            if span > gap { None } else { trapezoid(unit, a, b, span) }
        };
        account.pending += counted.or_else(trapezoid).unwrap_or(Energy::ZERO);
    }

    /// Nobody watched a device until now: what it used meanwhile is not counted, and not divided either.
    pub(super) fn interrupted(&mut self, device: DeviceId) {
        if let Some(account) = self.0.get_mut(&device) {
            account.last = None;
        }
    }

    /// Divides what came since the last share.
    pub(super) fn shares(&mut self, shares: &[Share]) {
        for share in shares {
            let Some(account) = self.0.get_mut(&share.device) else { continue };
            let pending = core::mem::replace(&mut account.pending, Energy::ZERO);
            account.of += pending;
            account.allotted += pending.share(i64::from(share.ppm).min(WHOLE), WHOLE);
        }
    }

    /// Devices of which anything was allotted or could have been.
    pub(super) fn accounts(&self) -> impl Iterator<Item = (DeviceId, &Account)> {
        self.0.iter().filter(|(_, account)| account.of > Energy::ZERO).map(|(id, account)| (*id, account))
    }
}

fn difference(counter: Counter, a: u64, b: u64) -> Option<Energy> {
    let steps = if b >= a { b - a } else { b.checked_add(counter.range?.checked_sub(a)?)? };
    counter.unit.energy(steps)
}

fn trapezoid(unit: PowerUnit, a: u64, b: u64, span: Span) -> Option<Energy> {
    let (a, b) = (unit.power(a)?.as_microwatts(), unit.power(b)?.as_microwatts());
    let doubled = (i128::from(a) + i128::from(b)).checked_mul(i128::from(span.as_micros().max(0)))?;
    Some(Energy::from_picojoules(doubled / 2))
}

#[cfg(test)]
mod tests {
    use alloc::borrow::Cow;

    use super::super::record::CounterUnit;
    use super::*;
    use crate::series::Component;

    fn device(counter: Option<Counter>, power: Option<PowerUnit>) -> SampledDevice {
        SampledDevice {
            component: Component::Cpu,
            source: Cow::Borrowed("powercap"),
            uuid: None,
            index: None,
            bus_id: None,
            model: None,
            counter,
            power,
            estimated_by: None,
            remark: None,
        }
    }

    fn joules(energy: Energy) -> i128 {
        energy.as_picojoules() / 1_000_000_000_000
    }

    #[test]
    fn a_counter_that_wraps() {
        let mut allotment = Allotment::default();
        let device = device(Some(Counter { unit: CounterUnit::Millijoule, range: Some(100_000) }), None);
        let mut read = |second: i64, counter: u64, ppm: Option<u32>| {
            let reading = Reading { counter: Some(counter), ..Reading::of(DeviceId(0)) };
            allotment.reading(&device, reading, Instant::from_micros(second * 1_000_000), Span::from_seconds(1));
            if let Some(ppm) = ppm {
                allotment.shares(&[Share { device: DeviceId(0), ppm }]);
            }
        };
        // 30 J, of which a half; then 20 J to the end of the range and 20 J after it, of which a quarter: 15 J + 10 J.
        read(0, 50_000, None);
        read(1, 80_000, Some(500_000));
        read(2, 0, None);
        read(3, 20_000, Some(250_000));
        let (_, account) = allotment.accounts().next().unwrap();
        assert_eq!((joules(account.allotted), joules(account.of)), (25, 70));
    }

    #[test]
    fn what_nobody_watched_is_not_divided() {
        let mut allotment = Allotment::default();
        let device = device(None, Some(PowerUnit::Milliwatt));
        // 100 W for 1 s; 3 s in which the recorder was stopped; 100 W for 1 s.
        for second in [0, 1, 4, 5] {
            if second == 4 {
                allotment.interrupted(DeviceId(0));
            }
            let reading = Reading { power: Some(100_000), ..Reading::of(DeviceId(0)) };
            allotment.reading(&device, reading, Instant::from_micros(second * 1_000_000), Span::from_seconds(1));
        }
        allotment.shares(&[Share { device: DeviceId(0), ppm: 500_000 }]);
        let (_, account) = allotment.accounts().next().unwrap();
        assert_eq!((joules(account.allotted), joules(account.of)), (100, 200));
    }

    #[test]
    fn power_without_what_nobody_watched() {
        let mut allotment = Allotment::default();
        let device = device(None, Some(PowerUnit::Milliwatt));
        // 100 to 300 W over 2 s: 400 J; then a gap of an hour; then 300 W for 1 s.
        for (second, milliwatts) in [(0, 100_000), (2, 300_000), (3602, 300_000), (3603, 300_000)] {
            let reading = Reading { power: Some(milliwatts), ..Reading::of(DeviceId(0)) };
            allotment.reading(&device, reading, Instant::from_micros(second * 1_000_000), Span::from_seconds(2));
        }
        assert_eq!(allotment.accounts().count(), 0, "no share was stated");
        allotment.shares(&[Share { device: DeviceId(0), ppm: 100_000 }, Share { device: DeviceId(7), ppm: 1 }]);
        let (_, account) = allotment.accounts().next().unwrap();
        assert_eq!((joules(account.allotted), joules(account.of)), (70, 700));
    }
}
