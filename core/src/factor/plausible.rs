//! Up to which power a figure of a device is believed.

use alloc::string::String;
use alloc::vec::Vec;

use super::FactorSet;
use super::table::{Column, Kind, Shape};
use crate::order;
use crate::series::Component;

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

/// What a mean over a period may come to, of devices of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct PlausiblePower {
    /// Words of models that it is for, separated by `;`; empty for all others of the component.
    words: String,
    /// Periods that are at least so long.
    pub at_least_s: f64,
    /// Up to which multiple of the device's rated power; absent where devices of the kind have no rating.
    pub multiple: Option<f64>,
    /// Up to how many watts, where no rating is known.
    pub ceiling_w: f64,
    /// What it rests on.
    pub description: String,
    /// Id of its source.
    pub source: String,
}

impl PlausiblePower {
    /// Whether it is for all models but those of kinds that have rows of their own.
    pub fn is_of_any(&self) -> bool {
        self.words.is_empty()
    }
}

impl FactorSet {
    /// Up to which power a mean is believed of one device of that kind, by the length of the period, shortest first; `model` chooses among kinds of
    /// cards. Nothing where the set lacks the table.
    pub fn plausible_powers(&self, component: Component, model: Option<&str>) -> Vec<PlausiblePower> {
        // What is inside a package draws no more than the package.
        let kind = match component {
            Component::Cpu | Component::CpuCore | Component::CpuUncore => Component::Cpu,
            other => other,
        };
        let all = self.rows(&SHAPE).filter(|row| row.text(COMPONENT) == kind.as_str()).filter_map(|row| {
            let words = row.string(WORDS);
            Some(PlausiblePower {
                words: if words == "any" { String::new() } else { words },
                at_least_s: row.number(AT_LEAST)?,
                multiple: row.number(MULTIPLE),
                ceiling_w: row.number(CEILING)?,
                description: row.string(DESCRIPTION),
                source: row.string(SOURCE),
            })
        });
        let (named, mut any): (Vec<_>, Vec<_>) = all.partition(|row| !row.words.is_empty());
        let fits = |row: &PlausiblePower| row.words.split(';').any(|word| model.is_some_and(|model| holds(model, word)));
        let mut own: Vec<_> = named.into_iter().filter(fits).collect();
        if own.is_empty() {
            own.append(&mut any);
        }
        order::sort_by(&mut own, |a, b| a.at_least_s.total_cmp(&b.at_least_s));
        own
    }
}

/// Whether a name holds these words, case ignored, from where a word of it begins.
pub(super) fn holds(name: &str, words: &str) -> bool {
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
        let multiples = |component, model| -> Vec<(f64, Option<f64>)> {
            factors.plausible_powers(component, model).iter().map(|row| (row.at_least_s, row.multiple)).collect()
        };
        assert_eq!(multiples(Component::Gpu, Some("AMD Instinct MI300X")), [(0.0, Some(1.1))]);
        assert_eq!(multiples(Component::Gpu, Some("NVIDIA GeForce RTX 4090")), [(0.0, Some(1.35))]);
        assert_eq!(multiples(Component::Gpu, Some("Apple M2")), [(0.0, Some(2.0))]);
        assert_eq!(multiples(Component::Gpu, None), [(0.0, Some(1.1))]);
        assert_eq!(multiples(Component::CpuCore, None), [(0.0, Some(4.0)), (60.0, Some(2.0))]);
        assert_eq!(multiples(Component::Memory, None), [(0.0, None)]);
        assert!(!holds("Carcassonne", "Arc") && holds("Intel Arc A770", "arc"));
        assert!(FactorSet::default().plausible_powers(Component::Gpu, None).is_empty());
    }
}
