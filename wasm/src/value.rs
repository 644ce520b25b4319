//! Rust values to plain JavaScript objects, and back.

#[cfg(any(feature = "planning", feature = "documents"))]
use js_sys::Object;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use crate::error::Problem;

/// A plain object: maps are objects too, and what is absent is left out.
pub fn to_js<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, serde_wasm_bindgen::Error> {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible())
}

/// What a call gives to the page.
pub fn give<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    to_js(value).map_err(|e| Problem::value("result", &e).into())
}

/// Options that the page gives, `undefined` being none of them; a misspelt one is an error, not a default in silence.
#[cfg(any(feature = "planning", feature = "documents"))]
pub fn take_options<T: DeserializeOwned + Default>(known: &[&str], value: JsValue) -> Result<T, JsValue> {
    if value.is_undefined() {
        return Ok(T::default());
    }
    for key in Object::keys(&Object::from(value.clone())).iter().filter_map(|key| key.as_string()) {
        if !known.contains(&key.as_str()) {
            return Err(Problem::setting(&key, format!("no such option, expected one of {}", known.join(", "))).into());
        }
    }
    take("options", value)
}

/// What the page gives as `place`.
pub fn take<T: DeserializeOwned>(place: &str, value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value).map_err(|e| Problem::value(place, &e).into())
}
