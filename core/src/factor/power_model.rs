//! What stands between a rated power and an energy, where nothing was measured.

use alloc::string::String;

use super::FactorSet;
use super::table::{Column, Kind, Shape};

pub(super) const SHAPE: Shape = Shape {
    name: "power_model",
    columns: &[
        Column::filled("name", Kind::Text),
        Column::filled("value", SHARE),
        Column::filled("low", SHARE),
        Column::filled("high", SHARE),
        Column::filled("unit", Kind::Text),
        Column::filled("description", Kind::Text),
        Column::filled("year", Kind::Year),
        Column::filled("source", Kind::Text),
    ],
};

const SHARE: Kind = Kind::Number(0.01, 2.0);

/// A figure of the power model with its 95 % interval.
#[derive(Clone, Debug, PartialEq)]
pub struct PowerModel {
    /// Key: `accelerator_busy`.
    pub name: String,
    /// Central value.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// `W/W`, `W/GB` or `1`.
    pub unit: String,
    /// What it is and what it rests on.
    pub description: String,
    /// Id of its source.
    pub source: String,
}

impl FactorSet {
    /// Every figure of the power model, by name.
    pub fn power_models(&self) -> impl Iterator<Item = PowerModel> + '_ {
        self.rows(&SHAPE).filter_map(|row| {
            Some(PowerModel {
                name: row.string(0),
                value: row.number(1)?,
                low: row.number(2)?,
                high: row.number(3)?,
                unit: row.string(4),
                description: row.string(5),
                source: row.string(7),
            })
        })
    }

    /// The figure of that name.
    pub fn power_model(&self, name: &str) -> Option<PowerModel> {
        self.power_models().find(|row| row.name == name)
    }
}
