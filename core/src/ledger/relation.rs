//! What two claims of one kind at one time say of their machines.

use alloc::string::String;

use super::alike::alike;
use super::claim::{Origin, fits_plug, is_plug_of};
use super::hosts::{Raw, are_other_devices, uuid};
use super::models::are_boards_of_two;
use crate::read::{Declared, Place};
use crate::series::Alike;

/// What trackers write of a country, region or system that they do not know.
const UNKNOWN: &[&str] = &["", "-", "?", "unknown", "undefined", "none", "null", "nan", "n/a"];

/// What two claims of one kind at one time say of their hosts.
pub(super) fn relation(a: &Raw<'_>, b: &Raw<'_>) -> Alike {
    if let (Origin::Declared(x, ..), Origin::Declared(y, ..)) = (&a.claim.origin, &b.claim.origin) {
        if x.hardware_key != y.hardware_key {
            return Alike::Apart;
        }
        let differ = |(x, y): (&str, &str)| !x.is_empty() && !y.is_empty() && !x.eq_ignore_ascii_case(y);
        match machine(x).into_iter().zip(machine(y)).position(differ) {
            // At one time no machine is in two countries.
            Some(0) => return Alike::Apart,
            Some(_) => return Alike::Other,
            None => {}
        }
        if a.claim.file == b.claim.file {
            return Alike::Unknown;
        }
    }
    if are_other_devices(a, b) || are_boards_of_two(a, b) {
        return Alike::Apart;
    }
    if uuid(a).zip(uuid(b)).is_some_and(|(x, y)| x.eq_ignore_ascii_case(y)) {
        return Alike::Identical;
    }
    // A plug and a board controller are two meters of one machine, where it can lose the difference.
    for (plug, board) in [(a, b), (b, a)] {
        if is_plug_of(&plug.claim, &board.claim) {
            return if fits_plug(&plug.claim, &board.claim) { Alike::Unknown } else { Alike::Other };
        }
    }
    // A counter and a power reading of one device may differ: that is told, and makes no second device.
    if a.claim.rank() != b.claim.rank() {
        return Alike::Unknown;
    }
    alike(&a.claim, &b.claim)
}

/// What a tracker's figure says of its machine: country, hardware, operating system and cloud region. A place that was not found says nothing.
pub(super) fn machine<'d>(declared: &'d Declared) -> [&'d str; 5] {
    let place = declared.place.as_deref().filter(|place| !place.failed);
    let known = |text: &'d str| if UNKNOWN.iter().any(|word| text.trim().eq_ignore_ascii_case(word)) { "" } else { text };
    let of = |text: fn(&Place) -> &Option<String>| known(place.and_then(|place| text(place).as_deref()).unwrap_or(""));
    let system = known(declared.system.as_deref().unwrap_or(""));
    [of(|at| &at.country_code), declared.hardware_key.as_str(), system, of(|at| &at.provider), of(|at| &at.cloud_region)]
}
