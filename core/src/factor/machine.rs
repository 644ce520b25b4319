//! What a machine draws beside the parts that a log holds, by its kind.

use alloc::string::String;

use super::FactorSet;
use super::plausible::holds;
use super::table::{Column, Kind, Shape};

pub(super) const KINDS: Shape = Shape {
    name: "machine_kinds",
    columns: &[
        Column::filled("component", Kind::Text),
        Column::filled("words", Kind::Text),
        Column::filled("kind", Kind::Text),
        Column::filled("source", Kind::Text),
    ],
};

pub(super) const REST: Shape = Shape {
    name: "machine_rest",
    columns: &[
        Column::filled("kind", Kind::Text),
        Column::filled("part", Kind::Text),
        Column::filled("value", FIGURE),
        Column::filled("low", FIGURE),
        Column::filled("high", FIGURE),
        Column::filled("unit", Kind::Text),
        Column::filled("description", Kind::Text),
        Column::filled("source", Kind::Text),
    ],
};

const FIGURE: Kind = Kind::Number(0.0, 1000.0);

/// The word that stands for every device that the tables know.
const ANY: &str = "any";

/// A part of a kind of machine, with its 95 % interval.
#[derive(Clone, Debug, PartialEq)]
pub struct MachinePart {
    /// Central value.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// What it is per: `W per machine`, `W per rated W`, `W per socket`, or a share, `W/W`.
    pub unit: String,
    /// What it is and what it rests on.
    pub description: String,
    /// Id of its source.
    pub source: String,
}

impl FactorSet {
    /// The kind of machine that a device stands in: by words of its model; `None` where no row names it.
    pub fn machine_kind(&self, component: &str, model: &str) -> Option<String> {
        // The row for all others is for devices that the tables know: a name that nobody knows tells no kind.
        let known = || self.accelerator(model).is_some();
        let fits = |words: &str| if words == ANY { known() } else { words.split(';').any(|word| holds(model, word)) };
        self.rows(&KINDS).find(|row| row.text(0) == component && fits(&row.text(1))).map(|row| row.string(2))
    }

    /// The part of a kind of machine; of rows that fit equally the first one counts.
    pub fn machine_part(&self, kind: &str, part: &str) -> Option<MachinePart> {
        let row = self.rows(&REST).find(|row| row.text(0) == kind && row.text(1) == part)?;
        Some(MachinePart {
            value: row.number(2)?,
            low: row.number(3)?,
            high: row.number(4)?,
            unit: row.string(5),
            description: row.string(6),
            source: row.string(7),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_tell_their_machine() {
        let factors = FactorSet::from_tables(carbon_data::TABLES).unwrap();
        let kind = |component, model| factors.machine_kind(component, model);
        for (model, expected) in [
            ("NVIDIA GeForce RTX 3070 Laptop GPU", "laptop"),
            ("NVIDIA GeForce RTX 4090", "workstation"),
            ("NVIDIA RTX A6000", "workstation"),
            ("Tesla V100-SXM2-32GB", "accelerator_server"),
            ("NVIDIA H100 80GB HBM3", "accelerator_server"),
            ("Apple M2", "laptop"),
        ] {
            assert_eq!(kind("gpu", model).as_deref(), Some(expected), "{model}");
        }
        assert_eq!(kind("gpu", "Frobnicator 9000"), None);
        assert_eq!(kind("cpu", "Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz").as_deref(), Some("cpu_server"));
        assert_eq!(kind("cpu", "13th Gen Intel(R) Core(TM) i9-13900K").as_deref(), Some("cpu_desktop"));
        assert_eq!(factors.machine_part("workstation", "other").map(|part| part.value), Some(35.0));
    }
}
