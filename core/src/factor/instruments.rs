//! How far each instrument may be off: rows of published comparisons and of data sheets.

use alloc::string::String;

use super::FactorSet;
use super::plausible::holds;
use super::table::{Column, Kind, Row, Shape};

pub(super) const SHAPE: Shape = Shape {
    name: "instruments",
    columns: &[
        Column::filled("instrument", Kind::Text),
        Column::filled("component", Kind::Text),
        Column::present("models", Kind::Text),
        Column::present("below_w", Kind::Number(1.0, 2000.0)),
        Column::filled("correction", Kind::Number(0.1, 10.0)),
        Column::filled("low", Kind::Number(0.05, 1.0)),
        Column::filled("high", Kind::Number(1.0, 10.0)),
        Column::present("offset_w", Kind::Number(0.0, 100.0)),
        Column::filled("type", Kind::Word(&["A", "B"])),
        Column::filled("description", Kind::Text),
        Column::filled("source", Kind::Text),
    ],
};
const INSTRUMENT: usize = 0;
const COMPONENT: usize = 1;
const MODELS: usize = 2;
const BELOW_W: usize = 3;
const CORRECTION: usize = 4;
const LOW: usize = 5;
const HIGH: usize = 6;
const OFFSET_W: usize = 7;
const TYPE: usize = 8;
const DESCRIPTION: usize = 9;
const SOURCE: usize = 10;

/// The component of rows that hold for every component that has none of its own.
const ANY: &str = "any";

/// How a term was evaluated (JCGM 100:2008, 3.3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Evaluation {
    /// From the scatter of observations.
    A,
    /// From anything else: data sheets, publications without their data, judgement.
    B,
}

impl Evaluation {
    /// `A` or `B`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Evaluation::A => "A",
            Evaluation::B => "B",
        }
    }
}

/// What is known of an instrument: true over stated, at 95 %.
#[derive(Clone, Debug, PartialEq)]
pub struct InstrumentError {
    /// True over stated, the value that is taken; 1 where publications do not agree on a sign.
    pub correction: f64,
    /// Lower end over the corrected value.
    pub low: f64,
    /// Upper end over the corrected value.
    pub high: f64,
    /// Power by which a reading may be too high besides, whatever it reads, W; 0 where none is known.
    pub offset_w: f64,
    /// From observations or from anything else.
    pub evaluation: Evaluation,
    /// The instrument, and what the figures rest on.
    pub description: String,
    /// Id of the source.
    pub source: String,
}

impl FactorSet {
    /// The row of an instrument that reads a component: the device's class before its kind, the component before any. Of rows that fit equally
    /// the first one counts. `None` where the table has none.
    ///
    /// `rated_w` is the rated power of the device, where it is known: some rows hold below a power.
    pub fn instrument(&self, instrument: &str, component: &str, model: Option<&str>, rated_w: Option<f64>) -> Option<InstrumentError> {
        let mut best: Option<(u8, Row<'_>)> = None;
        for row in self.rows(&SHAPE) {
            if row.text(INSTRUMENT) != instrument {
                continue;
            }
            let fits_component = match &*row.text(COMPONENT) {
                ANY => 0,
                own if own == component => 8,
                _ => continue,
            };
            let words = row.text(MODELS);
            let fits_model = match (words.is_empty(), model) {
                (true, _) => 0,
                (false, Some(model)) if words.split(';').any(|word| holds(model, word)) => 2,
                _ => continue,
            };
            let fits_power = match (row.number(BELOW_W), rated_w) {
                (None, _) => 0,
                (Some(below), Some(rated)) if rated < below => 4,
                _ => continue,
            };
            let rank = fits_component + fits_model + fits_power;
            if best.as_ref().is_none_or(|(known, _)| rank > *known) {
                best = Some((rank, row));
            }
        }
        let (_, row) = best?;
        Some(InstrumentError {
            correction: row.number(CORRECTION)?,
            low: row.number(LOW)?,
            high: row.number(HIGH)?,
            offset_w: row.number(OFFSET_W).unwrap_or(0.0),
            evaluation: if row.text(TYPE) == "A" { Evaluation::A } else { Evaluation::B },
            description: row.string(DESCRIPTION),
            source: row.string(SOURCE),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "instrument,component,models,below_w,correction,low,high,offset_w,type,description,year,source\n";

    #[test]
    fn the_nearest_class_counts() {
        let rows = "gpu_power,any,,,1,0.5,2,,B,any,2026,s\ngpu_power,gpu,,,1,0.9,1.1,,B,board,2026,s\n\
            gpu_power,gpu,GeForce;TITAN,,1,0.95,1.14,,A,consumer,2026,s\ngpu_power,gpu,GeForce,80,1,0.8,2,,A,small,2026,s\n";
        let set = FactorSet::from_tables(&[("instruments", &(String::from(HEAD) + rows))]).unwrap();
        let of = |component, model, rated| set.instrument("gpu_power", component, model, rated).unwrap().description;
        assert_eq!(of("gpu", None, None), "board");
        assert_eq!(of("gpu", Some("NVIDIA GeForce RTX 3090"), Some(350.0)), "consumer");
        assert_eq!(of("gpu", Some("NVIDIA GeForce GTX 1650"), Some(75.0)), "small");
        assert_eq!(of("gpu", Some("NVIDIA A100-SXM4-80GB"), Some(400.0)), "board");
        assert_eq!(of("gpu_module", Some("GH200"), None), "any");
        assert_eq!(set.instrument("rapl", "cpu", None, None), None);
    }
}
