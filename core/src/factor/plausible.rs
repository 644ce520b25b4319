//! Up to which power a figure of a device is believed.

use alloc::borrow::Cow;
use alloc::string::String;

use super::FactorSet;
use super::table::{Column, Kind, Row, Shape};
use crate::series::Component;
use crate::units::Span;

pub(super) const SHAPE: Shape = Shape {
    name: "plausible_power",
    columns: &[
        Column::filled("component", Kind::Text),
        Column::filled("words", Kind::Text),
        Column::filled("at_least_s", Kind::Number(0.0, 1e6)),
        Column::present("multiple", Kind::Number(1.0, 10.0)),
        Column::filled("ceiling_w", Kind::Number(1.0, 1e6)),
        Column::filled("description", Kind::Text),
        Column::filled("year", Kind::Year),
        Column::filled("source", Kind::Text),
    ],
};
const COMPONENT: usize = 0;
const WORDS: usize = 1;
const AT_LEAST: usize = 2;
const MULTIPLE: usize = 3;
const CEILING: usize = 4;
const DESCRIPTION: usize = 5;
const SOURCE: usize = 7;

/// What a mean over a period may come to.
#[derive(Clone, Debug, PartialEq)]
pub struct PlausiblePower {
    /// Up to which multiple of the device's rated power; absent where devices of the kind have no rating.
    pub multiple: Option<f64>,
    /// Up to how many watts, where no rating is known.
    pub ceiling_w: f64,
    /// What it rests on.
    pub description: String,
    /// Id of its source.
    pub source: String,
}

impl FactorSet {
    /// Up to which power a mean over `span` is believed of one device of that kind; `model` chooses among kinds of cards.
    ///
    /// `None` where the set lacks the table.
    pub fn plausible_power(&self, component: Component, model: Option<&str>, span: Span) -> Option<PlausiblePower> {
        let kind = match component {
            // What is inside a package draws no more than the package.
            Component::Cpu | Component::CpuCore | Component::CpuUncore => Component::Cpu.as_str(),
            other => other.as_str(),
        };
        let seconds = span.as_seconds();
        let mut best: Option<(bool, f64, Row<'_>)> = None;
        for row in self.rows(&SHAPE).filter(|row| row.text(COMPONENT) == kind) {
            let words: Cow<'_, str> = row.text(WORDS);
            let named = words != "any" && words.split(';').any(|word| model.is_some_and(|model| holds(model, word)));
            let from = row.number(AT_LEAST).unwrap_or(0.0);
            let fits = (words == "any" || named) && from <= seconds;
            if fits && best.as_ref().is_none_or(|(other, least, _)| (named, from) > (*other, *least)) {
                best = Some((named, from, row));
            }
        }
        let (_, _, row) = best?;
        Some(PlausiblePower {
            multiple: row.number(MULTIPLE),
            ceiling_w: row.number(CEILING)?,
            description: row.string(DESCRIPTION),
            source: row.string(SOURCE),
        })
    }
}

/// Whether a name holds these words, case ignored, from where a word of it begins.
fn holds(name: &str, words: &str) -> bool {
    name.char_indices().any(|(at, _)| {
        let begins = at == 0 || name.as_bytes().get(at - 1).is_some_and(|b| !b.is_ascii_alphanumeric());
        begins && name.get(at..at + words.len()).is_some_and(|part| part.eq_ignore_ascii_case(words))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_cards_and_lengths_of_time() {
        let factors = FactorSet::from_tables(carbon_data::TABLES).expect("tables");
        let (minute, second) = (Span::from_seconds(60), Span::from_seconds(1));
        let multiple = |component, model, span| factors.plausible_power(component, model, span).and_then(|row| row.multiple);
        assert_eq!(multiple(Component::Gpu, Some("AMD Instinct MI300X"), minute), Some(1.1));
        assert_eq!(multiple(Component::Gpu, Some("NVIDIA GeForce RTX 4090"), minute), Some(1.35));
        assert_eq!(multiple(Component::Gpu, Some("Apple M2"), second), Some(2.0));
        assert_eq!(multiple(Component::Gpu, None, second), Some(1.1));
        assert_eq!(multiple(Component::Cpu, None, second), Some(4.0));
        assert_eq!(multiple(Component::CpuCore, None, minute), Some(2.0));
        assert_eq!(multiple(Component::Memory, None, minute), None);
        assert!(!holds("Carcassonne", "Arc") && holds("Intel Arc A770", "arc"));
        assert_eq!(FactorSet::default().plausible_power(Component::Gpu, None, minute), None);
    }
}
