//! What the stamps of a file mean.

/// What a file's stamps mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clock {
    /// No stamp was read yet.
    #[default]
    None,
    /// Local stamps, zone unknown.
    Local,
    /// Time since some start, or samples a stated interval apart: no date.
    Relative,
    /// UTC, by the zone that the user says of stamps that have none.
    Told,
    /// UTC.
    Utc,
}

impl Clock {
    /// Of stamps that say their zone, or of which the user may say it.
    pub(crate) fn of(zoned: bool, is_told: bool) -> Self {
        match (zoned, is_told) {
            (true, _) => Clock::Utc,
            (false, true) => Clock::Told,
            (false, false) => Clock::Local,
        }
    }

    /// Whether times can be compared with those of the world.
    pub fn is_utc(self) -> bool {
        matches!(self, Clock::Told | Clock::Utc)
    }

    /// Whether they have a date.
    pub fn is_dated(self) -> bool {
        self == Clock::Local || self.is_utc()
    }
}
