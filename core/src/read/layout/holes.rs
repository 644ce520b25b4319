//! Whether the templates of a format that a user describes have the fields that it measures.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Layout, LineDoes, Pattern, Shape};
use crate::read::{Format, ReadBy};
use crate::text::few;

/// The same format, where each field of its time, its names and its meters is a hole of a line.
pub(super) fn complete(format: Format) -> Result<Format, String> {
    let ReadBy::Layout(Layout { shape: Shape::Lines(rows), time, names, meters, .. }) = &format.read_by else { return Ok(format) };
    let holes = rows.iter().flat_map(|row| row.template.split('{').skip(1)).filter_map(|rest| rest.split_once('}'));
    let holes: Vec<&str> = holes.map(|(name, _)| name.trim_end_matches('#')).filter(|name| !name.is_empty()).collect();
    let time = time.iter().flat_map(|time| time.fields).map(|field| ("time", field));
    let all = [names.run, names.host, names.uuid, names.bus_id, names.serial, names.index, names.model, names.part, names.repeats];
    let names = all.into_iter().flatten().map(|field| ("names", field));
    let meters = meters.iter().flat_map(|meter| meter.fields).map(|field| ("meters", field));
    // Of lines inside others the names of these stand before the hole's.
    let is_inside = rows.iter().any(|row| matches!(row.does, LineDoes::Within(_)));
    let own = |field: &'static str| if is_inside { field.rsplit('.').next().unwrap_or(field) } else { field };
    let is_hole = |field: &'static str| holes.iter().any(|hole| Pattern::new(own(field)).matches(hole.as_bytes()));
    // What begins with `@` is of the line, and of no hole.
    match time.chain(names).chain(meters).find(|(_, field)| !field.starts_with('@') && !is_hole(field)) {
        Some((of, field)) => Err(format!("{of}: found the field {field:?}, expected a hole of a line: {}", few(&holes, ", "))),
        None => Ok(format),
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use crate::read::layout::text::FormatText;

    #[test]
    fn fields_are_holes() {
        let text = r#"{"id":"mine","name":"mine","shape":"lines","signature":["PWR="],"lines":[{"template":"[{time}] dev={dev} PWR={pwr#}W","does":"ends"}],"time":[{"fields":["time"],"kind":"stamp"}],"names":{"index":["dev"]},"meters":[{"fields":["pwr"],"component":"gpu","quantity":"power","unit":"W"}]}"#;
        let format = |text: &str| serde_json::from_str::<FormatText>(text).expect("a format").format().map(|format| format.id);
        assert_eq!(format(text), Ok("mine"));
        for (of, field, other) in
            [("meters", "[\"pwr\"]", "[\"power\"]"), ("time", "[\"time\"]", "[\"at\"]"), ("names", "[\"dev\"]", "[\"gpu\"]")]
        {
            let error = format(&text.replace(field, other)).expect_err("no format").to_string();
            assert!(error.contains(of) && error.ends_with("expected a hole of a line: time, dev, pwr"), "{error}");
        }
    }
}
