//! Published footprints of models, for scale.

use alloc::string::String;

use super::FactorSet;
use super::table::{Column, Kind, Shape};

pub(super) const SHAPE: Shape = Shape {
    name: "reference_models",
    columns: &[
        Column::filled("model", Kind::Text),
        Column::present("tco2e", Kind::Number(0.0, 1e7)),
        Column::filled("basis", Kind::Word(&["lifecycle", "location", "market"])),
        Column::filled("year", Kind::Year),
        Column::filled("source", Kind::Text),
    ],
};

/// What a publication says that a model's training emitted.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceModel {
    /// Name in the publication.
    pub model: String,
    /// kgCO2e.
    pub kgco2e: f64,
    /// `location`, `market` or `lifecycle`.
    pub basis: String,
    /// Year of the publication.
    pub year: i32,
    /// Id of its source.
    pub source: String,
}

impl FactorSet {
    /// The published footprint of that model by that source; `None` where it gives no emissions.
    pub fn reference_model(&self, model: &str, source: &str) -> Option<ReferenceModel> {
        let row = self.rows(&SHAPE).find(|row| row.text(0) == model && row.text(4) == source)?;
        let kgco2e = row.number(1).filter(|tonnes| *tonnes > 0.0)? * 1000.0;
        Some(ReferenceModel { model: row.string(0), kgco2e, basis: row.string(2), year: row.year(3)?, source: row.string(4) })
    }
}
