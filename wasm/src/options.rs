//! What a page may choose: the options of core, numbers with their units in the names.

use carbon_core::account::{self, SettingsError};
use carbon_core::factor::FactorSet;
use carbon_core::options::{Choices, Kind, Made, Place, Row, SETTINGS};
use carbon_core::read::ZoneTransitions;
use carbon_core::units::Instant;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsValue;

use crate::error::Problem;
use crate::value;

/// Reads and checks options, `undefined` being none of them; a misspelt one is an error, not a default in silence.
pub fn take(options: JsValue, factors: &FactorSet) -> Result<Made, JsValue> {
    let mut choices = Choices::default();
    let mut zone = None;
    for (key, value) in entries("options", &options)? {
        match key.as_str() {
            // The package makes these of `tz`: pairs of an instant, Unix seconds, and seconds east of Greenwich from then on.
            "offsets" => zone = Some(offsets(value::take("offsets", value)?)),
            "hosts" => {
                for (host, said) in entries("hosts", &value)? {
                    choices.name_host(&host);
                    for (key, value) in entries("hosts", &said)? {
                        let row = known(Place::Host, &key)?;
                        choices.set_for_host(&host, row, texts(row, &key, &value)?);
                    }
                }
            }
            _ => {
                let row = known(Place::Web, &key)?;
                if row.kind != Kind::Flag || value.is_truthy() {
                    choices.set(row, texts(row, &key, &value)?);
                }
            }
        }
    }
    let made = choices.make(zone).map_err(problem)?;
    account::check(factors, &made.account).map_err(problem)?;
    Ok(made)
}

/// Names and values, but for those that are `undefined`.
fn entries(place: &str, object: &JsValue) -> Result<Vec<(String, JsValue)>, Problem> {
    if object.is_undefined() {
        return Ok(Vec::new());
    }
    if !object.is_object() {
        return Err(Problem::argument(place, String::from("expected an object")));
    }
    let value = |key: JsValue| Some((key.as_string()?, Reflect::get(object, &key).ok()?));
    let keys = Object::keys(&Object::from(object.clone())).to_vec();
    Ok(keys.into_iter().filter_map(value).filter(|(_, value)| !value.is_undefined() && !value.is_null()).collect())
}

/// The option of this name that can be said there. Files are none: the package reads them.
fn known(place: Place, key: &str) -> Result<&'static Row, Problem> {
    let rows = || SETTINGS.iter().filter(|row| row.is_in(place) && !row.kind.is_file() && row.kind != Kind::Zone);
    rows().find(|row| row.name_with_unit() == key).ok_or_else(|| {
        let names: Vec<String> = rows().map(Row::name_with_unit).collect();
        Problem::setting(key, format!("no such option, expected one of {}", names.join(", ")))
    })
}

/// A value as the command is given it.
fn texts(row: &Row, key: &str, value: &JsValue) -> Result<Vec<String>, Problem> {
    let text = |value: JsValue| value.as_string();
    let (found, expected) = match row.kind {
        Kind::Flag => (value.as_bool().map(|_| Vec::new()), "true or false"),
        kind if kind.is_between_commas() => {
            (Array::is_array(value).then(|| Array::from(value).iter().map_while(text).collect()), "a list of texts")
        }
        Kind::Count | Kind::Number(..) | Kind::Pue | Kind::Year => (value.as_f64().map(|number| vec![number.to_string()]), "a number"),
        Kind::Duration => (value.as_f64().map(|seconds| vec![format!("{}us", (seconds * 1e6).round())]), "a number"),
        kind if !kind.unit().is_empty() => {
            let unit = if kind == Kind::Mass { kind.unit() } else { "" };
            (value.as_f64().map(|number| vec![format!("{number}{unit}")]), "a number")
        }
        _ => (value.as_string().map(|text| vec![text]), "a text"),
    };
    found.ok_or_else(|| Problem::argument(key, format!("expected {expected}")))
}

fn offsets(pairs: Vec<(f64, i32)>) -> ZoneTransitions {
    let at = |(unix_s, east_s): (f64, i32)| (Instant::from_micros((unix_s * 1e6) as i64), east_s);
    ZoneTransitions(pairs.into_iter().map(at).collect())
}

/// A mistake in an option, under the name that it has here.
fn problem(e: SettingsError) -> Problem {
    match SETTINGS.iter().find(|row| row.name == e.setting) {
        Some(row) => Problem::setting(&row.name_with_unit(), e.message).hint(e.hint),
        None => e.into(),
    }
}
