//! Rows that are steps of a carbon intensity.

use alloc::format;
use alloc::string::String;

use super::fields::Fields;
use super::pattern::Pattern;
use super::words::excerpt;
use super::{Intensity, Layout};
use crate::decode::encoding;
use crate::decode::table::is_missing;
use crate::note;
use crate::read::intensity_steps::{Steps, Value};
use crate::read::{Line, ReadOptions, Reading, Row, SkipReason};
use crate::units::calendar::parse_stamp_in;
use crate::units::decimal::parse_scaled;

/// Reads steps.
pub(super) struct StepRows {
    layout: &'static Layout,
    intensity: &'static Intensity,
    steps: Steps,
    /// Zone of rows that name none.
    zone: Option<String>,
    /// The file says that its values are something else.
    is_refused: bool,
}

impl StepRows {
    pub(super) fn new(layout: &'static Layout, intensity: &'static Intensity, options: &ReadOptions) -> Self {
        let zone = (!intensity.place.is_empty()).then(|| String::from(intensity.place));
        Self { layout, intensity, steps: Steps::new(options), zone, is_refused: false }
    }

    pub(super) fn record(&mut self, fields: &Fields, line: Line<'_>, out: &mut Reading) -> Row {
        let intensity = self.intensity;
        let held = |name: &str| {
            let pattern = Pattern::new(name);
            fields.iter().rfind(|(own, value)| pattern.matches(own) && !is_missing(value)).map(|(_, value)| value)
        };
        for only in intensity.must {
            if let Some(value) = held(only.field).filter(|value| !only.admits(value) && !self.is_refused) {
                self.is_refused = true;
                let message = format!("found {} \"{}\", expected {}", only.field, excerpt(value), only.is.join(" or "));
                let hint = self.layout.lacking.map_or_else(String::new, String::from);
                out.notes.add_with_hint(&note::FORMAT_REFUSED, Some(line.number), message, hint);
            }
        }
        let zone = held(intensity.zone).map(encoding::text);
        let named = |names: &[&str]| names.iter().enumerate().find_map(|(rank, name)| Some((rank, held(name)?)));
        let is_named = |name: &[u8]| intensity.lifecycle.iter().chain(intensity.direct).any(|own| Pattern::new(own).matches(name));
        if !fields.iter().any(|(name, _)| is_named(name)) {
            self.zone = zone.or(self.zone.take());
            return Row::Structure;
        }
        let zone = zone.or_else(|| self.zone.clone());
        let stamp = held(intensity.time).and_then(|text| parse_stamp_in(text, self.layout.dates));
        let (lifecycle, direct) = (named(intensity.lifecycle), named(intensity.direct));
        // What stands in for a value is one that was expected.
        let stands_in = lifecycle.or(direct).is_some_and(|(rank, _)| rank > 0);
        let estimated = stands_in || intensity.estimated.is_some_and(|only| held(only.field).is_some_and(|value| only.admits(value)));
        let is_direct = intensity.is_direct.is_some_and(|only| held(only.field).is_some_and(|value| only.admits(value)));
        let value = |found: Option<(usize, &[u8])>| found.map_or(Value::Absent, |(_, text)| Value::of(parse_scaled(text, 9).ok()));
        let values = if is_direct { [Value::Absent, value(lifecycle)] } else { [value(lifecycle), value(direct)] };
        let added = match stamp {
            None => Err(SkipReason::Unknown),
            Some(stamp) => {
                let at = self.steps.instant(stamp, false);
                self.steps.add(zone.clone(), (at, estimated), values, intensity.grams, line, out)
            }
        };
        let Err(reason) = added else { return Row::Used };
        self.steps.place(zone);
        match reason {
            SkipReason::Unknown => out.notes.add(&note::LINES_UNKNOWN, "", Some(line.number), || {
                format!("found \"{}\", expected a stamp", held(intensity.time).map_or_else(String::new, excerpt))
            }),
            SkipReason::Implausible | SkipReason::NoReading => {
                out.notes.add(&note::INTENSITY_VALUES, "", Some(line.number), || String::from("expected a carbon intensity above 0"));
            }
            _ => {}
        }
        Row::Skipped(reason)
    }

    pub(super) fn finish(&mut self, out: &mut Reading) {
        out.refused |= self.is_refused;
        if self.is_refused {
            return;
        }
        if self.steps.is_empty() {
            return self.steps.finish_empty(out);
        }
        self.steps.tell_clock(out);
        if let Some(slip) = self.steps.slip(self.intensity.grams) {
            out.refused = true;
            let hint = format!("{}; `--as-logged` takes the values as they are", slip.hint());
            return out.notes.add_with_hint(&note::FORMAT_REFUSED, None, slip.message(), hint);
        }
        self.steps.finish(self.intensity.grams, self.intensity.publisher, true, out);
    }
}
