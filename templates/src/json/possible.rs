//! Numbers of a report that was edited by hand: what can't be is refused by its path.

use std::ops::RangeInclusive;

use carbon_core::factor::{INTENSITY_RANGE, PUE_RANGE};
use carbon_core::text::{ENERGY_FROM_KWH, MASS_FROM_KG, POWER_FROM_W};
use serde_json::{Map, Value};

/// Beyond this there is no energy, mass, power or time.
const MOST: f64 = 1e18;

/// Last digits of sums in binary.
const ROUNDING: f64 = 1e-9;

/// What figures that hold each other may differ by, which are rounded apart.
const RELATED: f64 = 1e-6;

/// Ends of a factor may lie beyond the range of its value, so many times.
const BEYOND: f64 = 10.0;

/// What a number of a field may be, by what its name ends in. Names without a row may hold any number below [`MOST`], of either sign.
const FIELDS: &[(&str, RangeInclusive<f64>)] = &[
    ("coverage", 0.0..=1.0),
    ("share", 0.0..=1.0),
    ("level", 0.0..=1.0),
    ("kwh", 0.0..=MOST),
    ("kgco2e", 0.0..=MOST),
    ("_w", 0.0..=MOST),
    ("_s", 0.0..=MOST),
    ("_hours", 0.0..=MOST),
    ("amount", 0.0..=MOST),
    ("relative", -1.0..=MOST),
    ("year", 1900.0..=2200.0),
    ("half_width_percent", 0.0..=MOST),
    ("low_percent", -100.0..=100.0),
    ("high_percent", -100.0..=MOST),
];

/// Numbers that a text beside them says: how the name of their field ends, their unit, and the units that the text may be in.
const SAID: &[(&str, &str, &[(f64, &str)])] =
    &[("_kwh", "kWh", ENERGY_FROM_KWH), ("_kgco2e", "kgCO2e", MASS_FROM_KG), ("_w", "W", POWER_FROM_W)];

/// Hold what was left out, which is below nothing where a repair adds to what was logged.
const EITHER_SIGN: &str = "decisions[";

/// Holds what trackers wrote, which may be anything.
const AS_WRITTEN: &str = "declared";

/// Checks every number.
///
/// # Errors
/// With path, what was found and what was expected.
pub(super) fn check(report: &Value) -> Result<(), String> {
    inside(report, &mut String::new(), "")?;
    related(report)?;
    texts(report, "", "")?;
    headline(report)
}

/// Checks every text that says a number, from the inside out.
fn texts(value: &Value, path: &str, field: &str) -> Result<(), String> {
    match value {
        Value::Array(items) => items.iter().enumerate().try_for_each(|(at, item)| texts(item, &format!("{path}[{at}]"), field)),
        Value::Object(fields) => {
            let mut inner = fields.iter().filter(|(name, _)| !path.is_empty() || *name != AS_WRITTEN);
            let below = |name: &str| if path.is_empty() { String::from(name) } else { format!("{path}.{name}") };
            inner.try_for_each(|(name, item)| texts(item, &below(name), name))?;
            said(fields, path, field)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

/// Checks that the number which is read first, and the one that goes into front matter, are those of the total.
fn headline(report: &Value) -> Result<(), String> {
    let of = |path: &str| report.pointer(path).filter(|found| !found.is_null());
    let text = |path: &str| of(path).and_then(Value::as_str);
    let Some(total) = text("/emissions/operational_kgco2e/text") else { return Ok(()) };
    for (path, name) in [("/headline/number", "headline.number"), ("/headline/sentence", "headline.sentence")] {
        if let Some(found) = text(path)
            && !found.contains(&format!("about {total} CO2eq"))
        {
            return Err(format!("{name}: found {found:?}, expected the total in it, \"about {total} CO2eq\""));
        }
    }
    let grams = of("/emissions/operational_kgco2e/value").and_then(Value::as_f64).unwrap_or_default() * 1000.0;
    match text("/model_card/emissions_g") {
        Some(found) if !is_near(found, grams) => {
            Err(format!("model_card.emissions_g: found {found:?}, expected the total in grams, {}", short(grams)))
        }
        _ => Ok(()),
    }
}

/// Whether a printed number is another, rounded.
fn is_near(printed: &str, number: f64) -> bool {
    let digits = printed.trim_start_matches(['-', '<', '~']);
    let place = match digits.split_once('.') {
        Some((_, decimals)) => 10f64.powi(-(decimals.len() as i32)),
        None => 10f64.powi((digits.len() - digits.trim_end_matches('0').len()) as i32),
    };
    printed.trim_start_matches(['<', '~']).parse::<f64>().is_ok_and(|found| (found - number).abs() <= place * (0.5 + RELATED))
}

/// Checks what texts say of the numbers beside them, and the units of these.
fn said(fields: &Map<String, Value>, path: &str, field: &str) -> Result<(), String> {
    let unit = fields.get("unit").and_then(Value::as_str);
    let expected = SAID.iter().find(|(ending, ..)| field.ends_with(ending) && !field.contains("_per_")).map(|(_, unit, _)| *unit);
    if let (Some(found), Some(expected)) = (unit, expected)
        && found != expected
    {
        return Err(format!("{path}.unit: found {found:?}, expected {expected:?}"));
    }
    for (ending, base, ladder) in SAID {
        for (name, item) in fields {
            let prefix = name.strip_suffix("text").filter(|_| name != "interval_text");
            let (Some(prefix), Some(text)) = (prefix, item.as_str()) else { continue };
            let number = match prefix {
                "" => fields.get("value").filter(|_| unit == Some(base) && fields.contains_key("interval_text")),
                _ => fields.get(&format!("{prefix}{}", ending.trim_start_matches('_'))),
            };
            let Some(number) = number.and_then(Value::as_f64) else { continue };
            let is_said = text.split_once(' ').is_some_and(|(printed, of)| {
                ladder.iter().any(|(factor, name)| *name == of.trim_end_matches(" CO2eq") && is_near(printed, number * factor))
            });
            if !is_said {
                return Err(format!("{path}.{name}: found {text:?}, expected what its number says, {} {base}", short(number)));
            }
        }
    }
    Ok(())
}

/// Checks figures that hold each other: what the logs hold is a part of the computers', and that of the building's.
fn related(report: &Value) -> Result<(), String> {
    let of = |path: &str| report.pointer(&format!("/{}/value", path.replace('.', "/"))).and_then(Value::as_f64);
    for (part, whole) in [
        ("energy.logged_kwh", "energy.it_kwh"),
        ("energy.it_kwh", "energy.facility_kwh"),
        ("emissions.logged_kgco2e", "emissions.operational_kgco2e"),
        ("emissions.operational_kgco2e", "emissions.total_kgco2e"),
    ] {
        if let (Some(found), Some(most)) = (of(part), of(whole))
            && found > most * (1.0 + RELATED)
        {
            return Err(format!("{part}.value: found {}, expected no more than {whole}, {}", short(found), short(most)));
        }
    }
    if let (Some(kg), Some(kwh)) = (of("emissions.operational_kgco2e"), of("energy.it_kwh")) {
        let most = kwh * INTENSITY_RANGE.1 / 1000.0 * PUE_RANGE.1;
        if kg > most * (1.0 + RELATED) {
            let expected = format!("no more than {} kWh can have caused, {} kg", short(kwh), short(most));
            return Err(format!("emissions.operational_kgco2e.value: found {}, expected {expected}", short(kg)));
        }
    }
    Ok(())
}

/// `field` is the name that a number stands under: its own, or that of the quantity whose value or end it is.
fn inside(value: &Value, path: &mut String, field: &str) -> Result<(), String> {
    let length = path.len();
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                path.push_str(&format!("[{at}]"));
                inside(item, path, field)?;
                path.truncate(length);
            }
        }
        Value::Object(fields) => {
            let number = |name: &str| fields.get(name).and_then(Value::as_f64);
            for (name, item) in fields.iter().filter(|(name, _)| length > 0 || *name != AS_WRITTEN) {
                path.push_str(if length > 0 { "." } else { "" });
                path.push_str(name);
                let of = if matches!(name.as_str(), "value" | "low" | "high") { field } else { name };
                inside(item, path, of)?;
                path.truncate(length);
            }
            if let (Some(value), Some(low), Some(high)) = (number("value"), number("low"), number("high")) {
                let most = value.abs() * ROUNDING;
                let wrong =
                    |end: &str, found: f64, side: &str| Err(format!("{path}.{end}: found {found}, expected {side} the value, {value}"));
                if low > value + most {
                    return wrong("low", low, "no more than");
                }
                if high < value - most {
                    return wrong("high", high, "no less than");
                }
                let kind = fields.get("kind").and_then(Value::as_str);
                let range = match kind {
                    Some("pue") => Some(PUE_RANGE),
                    Some("carbon_intensity") => Some(INTENSITY_RANGE),
                    _ => None,
                };
                if let Some((least, most)) = range {
                    // The lower end of an intensity may be nothing; no building uses less than its computers.
                    let lowest = if kind == Some("pue") { least } else { 0.0 };
                    for (name, found, least, most) in
                        [("value", value, least, most), ("low", low, lowest, most), ("high", high, lowest, BEYOND * most)]
                    {
                        if !(least - ROUNDING..=most + ROUNDING).contains(&found) {
                            return Err(format!("{path}.{name}: found {}, expected {least} to {most}", short(found)));
                        }
                    }
                }
            }
        }
        Value::Number(number) => {
            let found = number.as_f64().unwrap_or(f64::NAN);
            // A share with an interval is of something that can be used up more than once: a budget.
            let is_end = path.len() > field.len() && !path.ends_with(field) && !path.ends_with(']');
            let range = FIELDS.iter().find(|(ending, _)| field.ends_with(ending)).map(|(_, range)| range);
            let whole = 0.0..=MOST;
            let any_sign = -MOST..=MOST;
            let range = match range {
                Some(_) if path.starts_with(EITHER_SIGN) => Some(&any_sign),
                Some(_) if is_end => Some(&whole),
                None => Some(&any_sign),
                range => range,
            };
            if let Some(range) = range.filter(|range| !(range.start() - ROUNDING..=range.end() + ROUNDING).contains(&found)) {
                return Err(format!("{path}: found {}, expected {} to {}", short(found), range.start(), range.end()));
            }
        }
        Value::Bool(_) | Value::Null | Value::String(_) => {}
    }
    Ok(())
}

/// A number as it stands, or with an exponent where it would be hundreds of digits.
fn short(number: f64) -> String {
    if number.abs() < 1e15 { number.to_string() } else { format!("{number:e}") }
}

/// The path of the field that a line and a column of a JSON text, both from 1, lie in or after.
pub(super) fn path_at(text: &str, line: usize, column: usize) -> String {
    enum Level {
        Object(String, bool),
        Array(usize),
    }
    let start = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    let end = (start + column).min(text.len());
    let bytes = &text.as_bytes()[..end];
    let mut levels: Vec<Level> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], levels.last_mut()) {
            (b'"', top) => {
                let from = at + 1;
                at = from;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                if let Some(Level::Object(key, true)) = top {
                    *key = String::from_utf8_lossy(&bytes[from..at.min(bytes.len())]).into_owned();
                }
            }
            (b'{', _) => levels.push(Level::Object(String::new(), true)),
            (b'[', _) => levels.push(Level::Array(0)),
            // The error may be told after the last value of a level.
            (b'}' | b']', _) if at + 1 < bytes.len() => drop(levels.pop()),
            (b':', Some(Level::Object(_, awaits_key))) => *awaits_key = false,
            (b',', Some(Level::Object(_, awaits_key))) if at + 1 < bytes.len() => *awaits_key = true,
            (b',', Some(Level::Array(index))) if at + 1 < bytes.len() => *index += 1,
            _ => {}
        }
        at += 1;
    }
    let mut path = String::new();
    for level in levels {
        match level {
            Level::Object(key, _) if key.is_empty() => {}
            Level::Object(key, _) => path = if path.is_empty() { key } else { format!("{path}.{key}") },
            Level::Array(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}
