//! BoAmps reports of other tools than CodeCarbon: an energy for a run, as its author states it.

use alloc::boxed::Box;
use alloc::string::String;

use super::codecarbon::BoAmps;
use super::{Evidence, Format, Head, LocalClock, ReadBy, ReadOptions, Reader, Refusal};

/// The format.
pub static FORMAT: Format = Format {
    id: "boamps_json",
    name: "BoAmps report",
    how_to_log: "a report with one entry in `measures`, which has `measurementMethod` and, in kWh, `powerConsumption`",
    read_by: ReadBy::Code { most: SCORE, sniff, open },
};

const SCORE: u8 = 90;

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    BoAmps::is_of_another_tool(head.bytes)
        .then(|| Evidence { score: SCORE, reason: String::from("a BoAmps report with a powerConsumption") })
}

#[expect(clippy::unnecessary_wraps, reason = "formats may refuse what they open")]
fn open(_: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    Ok(Box::new(BoAmps::new(LocalClock::new(options.zone.clone()))))
}
