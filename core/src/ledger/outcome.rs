//! What the rule of who counts comes to.

use crate::series::Coverage;
use crate::units::Energy;

/// What of a claim counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    /// Energy.
    pub energy: Energy,
    /// Over this time.
    pub coverage: Coverage,
    /// What the upper end holds besides: joules that were left out and may be of another device.
    pub more: Energy,
    /// Of that, what another device with a machine of its own around it would have drawn.
    pub apart: Energy,
    /// Of what counts, what may be no joules of its own.
    pub less: Energy,
    /// Of `more`, and of `less`, what instruments that contradict each other differ by.
    pub contradicted: (Energy, Energy),
    /// The claim is of what no log names: another device of the same number.
    pub lane: usize,
}

impl Outcome {
    /// Another instrument of the same reads so much more.
    pub(super) fn contradicted_by_more(&mut self, energy: Energy) {
        self.more += energy;
        self.contradicted.0 += energy;
    }

    /// Another instrument of the same reads so much less.
    pub(super) fn contradicted_by_less(&mut self, energy: Energy) {
        self.less += energy;
        self.contradicted.1 += energy;
    }
}

/// Why joules of a claim do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// Parts count, and this is another reading of them and more.
    AlternativeReading,
    /// The same rows twice.
    Copy,
    /// A container holds them.
    Contained,
    /// An energy counter of the same device counts.
    CounterBeforePower,
    /// Something that is known counts, and this is an estimate.
    KnownBeforeEstimated,
    /// Another tracker of the machine counts.
    MachineCountedOnce,
    /// A sensor counts, and this is declared.
    MeasuredBeforeDeclared,
    /// The same readings stand in another log, on another clock.
    OnAnotherClock,
    /// Another log of the device counts.
    OverlapCountedOnce,
    /// Parts count, and this contains them.
    RestOfContainer,
    /// Parts count, and this is smaller than they are.
    SmallerThanParts,
}

/// Joules of a claim that do not count, and the claim that counts instead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Left {
    pub why: Why,
    pub claim: usize,
    pub kept: usize,
    pub energy: Energy,
    /// They may be of another device: the upper end holds them.
    pub open: bool,
}

/// Two claims of one device and time that do not agree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Disagreement {
    pub kept: usize,
    pub left: usize,
    pub kept_energy: Energy,
    pub left_energy: Energy,
}

/// Claims of two runs, or of one: the time, on the clock of the first.
#[derive(Clone, Debug)]
pub(super) struct TwoRuns {
    pub claim: usize,
    pub other: usize,
    pub time: Coverage,
}
