//! Emissions of everyday things.

use alloc::string::String;

use super::FactorSet;
use super::table::{Column, Kind, Shape};

pub(super) const SHAPE: Shape = Shape {
    name: "equivalents",
    columns: &[
        Column::filled("name", Kind::Text),
        Column::filled("kgco2e_per_unit", Kind::Number(1e-6, 1e6)),
        Column::filled("unit", Kind::Text),
        Column::filled("description", Kind::Text),
        Column::filled("year", Kind::Year),
        Column::filled("source", Kind::Text),
    ],
};

/// What one unit of an everyday thing emits, or takes up in the case of trees.
#[derive(Clone, Debug, PartialEq)]
pub struct Equivalent {
    /// Key: `car_km_eu_fleet`. A name that ends in a tool's name is that tool's constant.
    pub name: String,
    /// kgCO2e of one unit.
    pub kgco2e_per_unit: f64,
    /// `km`, `person year`, …
    pub unit: String,
    /// In words.
    pub description: String,
    /// Year of the figure.
    pub year: i32,
    /// Id of its source.
    pub source: String,
}

impl FactorSet {
    /// Every equivalent, by name.
    pub fn equivalents(&self) -> impl Iterator<Item = Equivalent> + '_ {
        self.rows(&SHAPE).filter_map(|row| {
            Some(Equivalent {
                name: row.string(0),
                kgco2e_per_unit: row.number(1)?,
                unit: row.string(2),
                description: row.string(3),
                year: row.year(4)?,
                source: row.string(5),
            })
        })
    }

    /// The equivalent of that name.
    pub fn equivalent(&self, name: &str) -> Option<Equivalent> {
        self.equivalents().find(|equivalent| equivalent.name == name)
    }
}
