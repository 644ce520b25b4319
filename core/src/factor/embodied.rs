//! Embodied emissions of hardware: what making it emitted.

use alloc::string::String;
use alloc::vec::Vec;

use super::FactorSet;
use super::interval::Spread;
use super::model_name::{accelerator_words, same};
use super::table::{Column, Kind, Row, Shape};
use super::value::{Factor, FactorKind, Match};
use crate::rules;

pub(super) const SHAPE: Shape = Shape {
    name: "embodied",
    columns: &[
        Column::filled("vendor", Kind::Text),
        Column::filled("model", Kind::Text),
        Column::filled("kgco2e", Kind::Number(1.0, 100_000.0)),
        Column::filled("scope", Kind::Text),
        Column::filled("boundary", Kind::Text),
        Column::filled("year", Kind::Year),
        Column::filled("source", Kind::Text),
    ],
};

const MODEL: usize = 1;
const SCOPE: usize = 3;

/// How far the embodied emissions of a device may lie off, as a factor at 95 %: for the same H100 one source says 164 kg (the vendor,
/// cradle to gate), one 273 and one 575, 3.51 times the first.
const SOURCES_DIFFER: f64 = rules::high("embodied_sources_differ");

/// How far a further source's figure may lie off, as a factor.
const DIGITS: f64 = rules::high("embodied_digits");

/// One source's figure for one thing.
#[derive(Clone, Debug, PartialEq)]
pub struct EmbodiedRow {
    /// Vendor, or `generic`.
    pub vendor: String,
    /// What it is for, in the source's words.
    pub model: String,
    /// kgCO2e of one.
    pub kgco2e: f64,
    /// `device`, `baseboard` or `server`.
    pub scope: String,
    /// What is inside: `cradle_to_gate_pcf`, `cradle_to_grave_model`, `model`, `assumption`, …
    pub boundary: String,
    /// Year of the figure.
    pub year: i32,
    /// Id of its source.
    pub source: String,
}

impl FactorSet {
    /// Every figure, by vendor and model, all sources side by side.
    pub fn embodied_rows(&self) -> impl Iterator<Item = EmbodiedRow> + '_ {
        self.rows(&SHAPE).filter_map(|row| embodied_row(&row))
    }

    /// What every source says of a device of that model: rows with the same chip (`H100`) and, where both name it, the same memory, because sources
    /// differ more than the forms of a board do; else rows of the very model.
    pub fn embodied_devices(&self, model: &str) -> Vec<EmbodiedRow> {
        let fits = |row: &EmbodiedRow| match chip(model) {
            Some(asked) => chip(&row.model).is_some_and(|known| known.eq_ignore_ascii_case(asked)) && same_memory(&row.model, model),
            None => same(accelerator_words(&row.model), accelerator_words(model)),
        };
        self.embodied_rows().filter(|row| row.scope == "device" && fits(row)).collect()
    }

    /// Embodied kgCO2e of one server of the given model, the generic one where none is named so.
    pub fn embodied_server(&self, model: &str) -> Option<Factor> {
        let servers = || self.embodied_rows().filter(|row| row.scope == "server");
        let named = servers().find(|row| same(accelerator_words(&row.model), accelerator_words(model)));
        let matched = if named.is_some() { Match::Exact } else { Match::Default };
        let row = named.or_else(|| servers().find(|row| row.vendor == "generic"))?;
        Some(factor(row.model, row.kgco2e, Some(row.year), row.source, matched, Spread::symmetric(SOURCES_DIFFER)))
    }

    /// The factor of a device, its interval stretched to hold what other sources say of the same model.
    pub(super) fn embodied_factor(&self, model: &str, kgco2e: f64, year: Option<i32>, source: String) -> Factor {
        let mut found = factor(String::from(model), kgco2e, year, source, Match::Exact, Spread::symmetric(SOURCES_DIFFER));
        let fits = |row: &Row<'_>| row.text(SCOPE) == "device" && same(accelerator_words(&row.text(MODEL)), accelerator_words(model));
        for row in self.rows(&SHAPE).filter(fits) {
            if let Some(row) = embodied_row(&row) {
                found.low = found.low.min(row.kgco2e / DIGITS);
                found.high = found.high.max(row.kgco2e * DIGITS);
            }
        }
        found
    }
}

/// `H100` of `NVIDIA H100 80GB HBM3`: the first word if it starts with a letter and holds a digit.
fn chip(model: &str) -> Option<&str> {
    let is_chip = |word: &&str| word.starts_with(|c: char| c.is_ascii_alphabetic()) && word.contains(|c: char| c.is_ascii_digit());
    accelerator_words(model).next().filter(is_chip)
}

fn same_memory(a: &str, b: &str) -> bool {
    let memory = |name: &str| accelerator_words(name).find_map(|word| word.to_ascii_lowercase().strip_suffix("gb").map(String::from));
    memory(a).zip(memory(b)).is_none_or(|(a, b)| a == b)
}

fn factor(label: String, value: f64, year: Option<i32>, source: String, matched: Match, spread: Spread) -> Factor {
    let (low, high) = spread.around(value);
    Factor {
        kind: FactorKind::Embodied,
        label,
        value,
        low,
        high,
        unit: FactorKind::Embodied.unit(),
        basis: None,
        year,
        source,
        by_year: None,
        matched,
    }
}

fn embodied_row(row: &Row<'_>) -> Option<EmbodiedRow> {
    Some(EmbodiedRow {
        vendor: row.string(0),
        model: row.string(MODEL),
        kgco2e: row.number(2)?,
        scope: row.string(SCOPE),
        boundary: row.string(4),
        year: row.year(5)?,
        source: row.string(6),
    })
}
