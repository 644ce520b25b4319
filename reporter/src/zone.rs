//! Time zones by name, from the database that ships with the program: the same offsets on every machine.

use carbon_core::read::ZoneTransitions;
use carbon_core::units::Instant;
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::error::Error;
use crate::suggest;

/// Stamps outside these years (Unix seconds) are no stamps of logs.
const FROM: i64 = 946_684_800; // 2000-01-01
const TO: i64 = 4_102_444_800; // 2100-01-01

/// The offsets of a zone: `Europe/Paris`, `UTC`, `+02:00`.
///
/// ```
/// let paris = carbon_report::zone::transitions("Europe/Paris").unwrap();
/// assert_eq!(paris.0[0].1, 3600);
/// assert!(carbon_report::zone::transitions("Europe/Pariss").unwrap_err().hint.unwrap().contains("Europe/Paris"));
/// ```
pub fn transitions(name: &str) -> Result<ZoneTransitions, Error> {
    if let Some(seconds) = fixed_offset(name) {
        return Ok(ZoneTransitions(vec![(Instant::from_micros(FROM * 1_000_000), seconds)]));
    }
    let database = TimeZoneDatabase::bundled();
    let zone = database.get(name).map_err(|_| unknown(name, &database))?;
    let start = Timestamp::from_second(FROM).map_err(|e| Error::new(e.to_string()))?;
    let mut offsets = vec![(start, zone.to_offset(start).seconds())];
    offsets.extend(following(&zone, start));
    Ok(ZoneTransitions(offsets.into_iter().map(|(at, seconds)| (Instant::from_micros(at.as_microsecond()), seconds)).collect()))
}

fn following(zone: &TimeZone, start: Timestamp) -> impl Iterator<Item = (Timestamp, i32)> + '_ {
    let mut last = zone.to_offset(start).seconds();
    let until_end = zone.following(start).take_while(|t| t.timestamp().as_second() < TO);
    // A zone may change its name and not its offset.
    until_end.filter_map(move |t| {
        let offset = t.offset().seconds();
        (offset != std::mem::replace(&mut last, offset)).then(|| (t.timestamp(), offset))
    })
}

/// `+02:00`, `-0530`, `+2`: seconds east.
fn fixed_offset(text: &str) -> Option<i32> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return matches!(text, "UTC" | "utc" | "Z").then_some(0),
    };
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = if digits.len() <= 2 { (digits.as_str(), "0") } else { digits.split_at(digits.len() - 2) };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

fn unknown(name: &str, database: &TimeZoneDatabase) -> Error {
    let names: Vec<String> = database.available().map(|n| n.to_string()).collect();
    let city = names.iter().find(|n| n.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(name)));
    let near = city.map(String::as_str).or_else(|| suggest::nearest(name, names.iter().map(String::as_str)));
    let error = Error::new(format!("time zone: found {name:?}, expected a name such as Europe/Paris, UTC or an offset such as +02:00"));
    match near {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use carbon_core::units::calendar::parse_stamp;

    use super::*;

    #[test]
    fn new_york_changes_as_published() {
        // Energy Policy Act of 2005: second Sunday of March, first Sunday of November, at 2:00 local time.
        let zone = transitions("America/New_York").unwrap();
        let at = |text: &str| parse_stamp(text.as_bytes()).unwrap().at;
        assert!(zone.0.contains(&(at("2025-03-09T07:00:00Z"), -4 * 3600)));
        assert!(zone.0.contains(&(at("2025-11-02T06:00:00Z"), -5 * 3600)));
        assert!(zone.0.contains(&(at("2099-11-01T06:00:00Z"), -5 * 3600)), "rules go on to 2100");
        assert!(zone.0.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 != pair[1].1));
    }

    #[test]
    fn offsets_and_mistakes() {
        let fixed = |text| transitions(text).map(|z| z.0[0].1);
        assert_eq!(fixed("+02:00"), Ok(7200));
        assert_eq!(fixed("-0530"), Ok(-19_800));
        assert_eq!(fixed("UTC"), Ok(0));
        assert!(fixed("+99").is_err());
        assert_eq!(transitions("paris").unwrap_err().hint.as_deref(), Some("did you mean Europe/Paris?"));
    }
}
