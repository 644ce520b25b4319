//! carbontracker's lines and what they add up to.

mod components;
mod lines;
mod standard;
mod summary;

pub(super) use components::Found;
pub(super) use lines::{Mark, Message, message, stamped};
pub(super) use standard::RunLog;
pub(super) use summary::Summaries;

use alloc::string::String;
use alloc::sync::Arc;

/// A detected location; only ones that name a country are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place(super::Place);

impl Place {
    /// `Copenhagen, Capital Region, DK`; `None` for `Unknown`, `UNDETECTED` and the like.
    pub(super) fn at(location: &str) -> Option<Place> {
        let parts: alloc::vec::Vec<&str> = location.split(',').map(str::trim).collect();
        let (country, before) = parts.split_last()?;
        let is_code = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
        is_code.then(|| {
            Place(super::Place {
                country_code: Some(String::from(*country)),
                region: before.last().filter(|r| !r.is_empty()).map(|r| String::from(*r)),
                ..super::Place::default()
            })
        })
    }

    fn said(self) -> Option<Arc<super::Place>> {
        self.0.said()
    }
}

/// `2.4.7` as numbers that compare.
fn release(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    Some((parts.next()??, parts.next().flatten().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations() {
        let place = Place::at("Copenhagen, Capital Region, DK").and_then(Place::said).expect("a place");
        assert_eq!((place.country_code.as_deref(), place.region.as_deref()), (Some("DK"), Some("Capital Region")));
        for text in ["Unknown", "UNDETECTED", "", "None"] {
            assert_eq!(Place::at(text), None, "{text}");
        }
    }
}
