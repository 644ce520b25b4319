//! The filters that templates have beside Tera's own. Numbers become text by the core's rules, never here.

use carbon_core::factor::is_published;
use carbon_core::text::{ENERGY_FROM_KWH, MASS_FROM_KG, POWER_FROM_W, beside, column_unit, duration, percent, significant, with_unit};
use tera::{Kwargs, State, Tera, TeraResult, Value};

use crate::escape;

/// Digits of a number that brings no interval.
const DIGITS: u32 = 3;

pub(super) fn register(tera: &mut Tera) {
    // Names and other text, cut to the length of a name.
    tera.register_filter("short", |text: &str, _: Kwargs, _: &State| {
        escape::shorten(&escape::visible(text), escape::NAME_LENGTH).into_owned()
    });
    // Markdown alone.
    tera.register_filter("code", |text: &str, _: Kwargs, _: &State| Value::safe_string(&escape::code_span(text)));
    tera.register_filter("prose", |text: &str, _: Kwargs, _: &State| Value::safe_string(&escape::prose(text)));
    tera.register_filter("fenced", |text: &str, arguments: Kwargs, _: &State| -> TeraResult<Value> {
        let language = arguments.get::<&str>("language")?.unwrap_or("");
        Ok(Value::safe_string(&escape::fenced(text, language)))
    });
    tera.register_filter("link", |address: &str, arguments: Kwargs, _: &State| -> TeraResult<Value> {
        Ok(Value::safe_string(&escape::link(arguments.must_get("text")?, address)))
    });
    tera.register_filter("cited", |address: &str, arguments: Kwargs, _: &State| -> TeraResult<Value> {
        let text: &str = arguments.must_get("text")?;
        // A report may have been edited by hand: an address that no table has leads nowhere.
        Ok(Value::safe_string(&match is_published(address) {
            true => escape::link(text, address),
            false if is_plain_address(address) => escape::markdown(&format!("{text} ({address})")),
            false => escape::markdown(text),
        }))
    });
    // Inside a comment, where nothing is escaped.
    tera.register_filter("token", |text: &str, _: Kwargs, _: &State| Value::safe_string(&token(text)));
    // Codes of the report as words.
    tera.register_filter("words", |code: &str, _: Kwargs, _: &State| words(code));
    // Numbers.
    tera.register_filter("energy", |kwh: f64, _: Kwargs, _: &State| with_unit(kwh, DIGITS, ENERGY_FROM_KWH));
    tera.register_filter("mass", |kg: f64, _: Kwargs, _: &State| with_unit(kg, DIGITS, MASS_FROM_KG));
    tera.register_filter("power", |watts: f64, _: Kwargs, _: &State| with_unit(watts, DIGITS, POWER_FROM_W));
    tera.register_filter("percent", |share: f64, _: Kwargs, _: &State| percent(share));
    tera.register_filter("duration", |seconds: f64, _: Kwargs, _: &State| duration(seconds));
    tera.register_filter("digits", |value: f64, arguments: Kwargs, _: &State| -> TeraResult<String> {
        let text = significant(value, arguments.get("n")?.unwrap_or(DIGITS));
        let whole = text.contains('.').then(|| text.trim_end_matches('0').trim_end_matches('.'));
        Ok(String::from(whole.unwrap_or(&text)))
    });
    tera.register_filter("beside", |kwh: f64, arguments: Kwargs, _: &State| -> TeraResult<String> {
        Ok(beside(kwh, arguments.must_get("total")?, ENERGY_FROM_KWH))
    });
    tera.register_filter("column_unit", |total: f64, _: Kwargs, _: &State| column_unit(total, ENERGY_FROM_KWH).1);
}

/// Whether an https address is of letters, digits and the usual marks: what else stands in one is not worth showing.
fn is_plain_address(address: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/?#&=%+:".contains(&byte);
    address.strip_prefix("https://").is_some_and(|rest| rest.bytes().all(is_plain))
}

/// Letters, digits, points and single hyphens: two of them would end a comment.
fn token(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(escape::NAME_LENGTH) {
        let plain = c.is_ascii_alphanumeric() || "._+".contains(c) || (c == '-' && !out.ends_with('-'));
        out.push(if plain { c } else { '_' });
    }
    out
}

/// `carbon_intensity` → `Carbon intensity`, `pue` → `PUE`.
fn words(code: &str) -> String {
    if matches!(code, "cpu" | "gpu" | "pue") {
        return code.to_uppercase();
    }
    let text = code.replace(['_', '-'], " ");
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
