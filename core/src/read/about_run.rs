//! What W&B writes down of a run beside its logs, `wandb-metadata.json`: the machine, and its boards. It holds no readings.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Reading;
use crate::decode::json::{Object, Value};
use crate::series::{Component, Device};

/// Words that such a file holds.
const WORDS: [&str; 3] = ["os", "python", "startedAt"];

/// Digits of a container's id that stand for its name.
const ID_DIGITS: usize = 12;

/// How the boards are listed, by release.
const BOARDS: [&str; 3] = ["gpu_nvidia", "gpu_devices", "gpu_amd"];

/// Takes what the head of a file says of the machine of the logs beside it. Whether it is such a file.
pub(super) fn take(reading: &mut Reading, head: &[u8]) -> bool {
    let Ok(about) = Object::parse(head) else { return false };
    if !WORDS.iter().all(|word| about.has(word)) {
        return false;
    }
    let known = |text: Option<Cow<'_, str>>| text.map(|text| text.trim().to_string()).filter(|text| !text.is_empty());
    reading.about_run = known(about.text("host")).filter(|host| !is_container(host));
    let all = known(about.text("gpu"));
    let listed = BOARDS.iter().find_map(|key| about.list(key));
    let of = |board: Value<'_>| if let Value::Object(board) = board { known(board.text("name")) } else { None };
    let names: Vec<Option<String>> = listed.map(|list| list.iter().map(of).collect()).unwrap_or_else(|| [None].to_vec());
    for (number, name) in names.into_iter().enumerate() {
        if let Some(model) = name.or_else(|| all.clone()) {
            reading.devices.push((Component::Gpu, Device { model: Some(model), ..Device::indexed(number.to_string()) }));
        }
    }
    reading.about_run.is_some() || !reading.devices.is_empty()
}

/// Whether a host is called by the id of a container: several of them may be on one machine.
fn is_container(host: &str) -> bool {
    host.len() == ID_DIGITS && host.bytes().all(|byte| byte.is_ascii_hexdigit()) && host.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_machine_and_its_boards() {
        let about = |text: &str| {
            let mut reading = Reading::default();
            let is_one = take(&mut reading, text.as_bytes());
            let models: Vec<String> = reading.devices.iter().filter_map(|(_, device)| device.model.clone()).collect();
            (is_one, reading.about_run, models)
        };
        let start = r#"{"os": "Linux-5.15", "python": "3.10.12", "startedAt": "2025-07-14T13:17:23Z", "host": "node07""#;
        let host = Some(String::from("node07"));
        assert_eq!(about(&alloc::format!("{start}}}")), (true, host.clone(), Vec::new()));
        let one = alloc::format!(r#"{start}, "gpu": "NVIDIA A100-SXM4-80GB", "gpu_count": 4}}"#);
        assert_eq!(about(&one), (true, host.clone(), ["NVIDIA A100-SXM4-80GB".into()].to_vec()));
        let listed = alloc::format!(r#"{start}, "gpu": "A", "gpu_nvidia": [{{"name": "B"}}, {{"memoryTotal": "1"}}, {{"name": "C"}}]}}"#);
        assert_eq!(about(&listed), (true, host, ["B".into(), "A".into(), "C".into()].to_vec()));
        let container = alloc::format!(r#"{}, "gpu": "B"}}"#, start.replace("node07", "3f2a9c01b7de"));
        assert_eq!(about(&container), (true, None, ["B".into()].to_vec()));
        for foreign in ["", "{}", r#"{"host": "node07"}"#, r#"{"host": "node07", "os": "Linux""#, "[1]"] {
            assert_eq!(about(foreign), (false, None, Vec::new()), "{foreign}");
        }
    }
}
