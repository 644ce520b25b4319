//! Emission factors and other published figures, each with its source.
//!
//! A [`FactorSet`] is built from tables that are handed in as text and answers look-ups; it embeds nothing, so a user's file
//! and a five-row table in a test enter as the built-in set does. Tables are checked when the set is built and scanned
//! on each look-up (about 0.1 ms): ask once and keep the answer.
//!
//! ```
//! use carbon_core::factor::{Basis, FactorSet, Match};
//!
//! let factors = FactorSet::from_tables(carbon_data::TABLES).unwrap();
//! let france = factors.zone("France").unwrap();
//! let intensity = factors.carbon_intensity(&france, Some(2024), Basis::Lifecycle).unwrap();
//! assert_eq!((intensity.value, intensity.matched), (40.48, Match::Exact));
//! assert!(intensity.low < 40.48 && 40.48 < intensity.high);
//!
//! let unknown = factors.zone("Frnace").unwrap_err();
//! assert_eq!(unknown.hint(), "did you mean FR (France)?");
//! ```

mod by_year;
mod embodied;
mod equivalents;
mod error;
mod grid;
mod hardware;
mod instruments;
mod interval;
mod load_model;
mod machine;
mod method;
mod model_name;
mod place_names;
mod plausible;
mod power_model;
mod published;
mod pue;
mod reference_models;
mod region;
mod slip;
mod source;
mod suggest;
mod table;
mod user;
mod value;
mod zone;

#[cfg(test)]
mod builtin_tests;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use table::{Row, Shape, Table};

pub use embodied::EmbodiedRow;
pub use equivalents::Equivalent;
pub use error::{FactorError, UnknownRegion, UnknownZone};
pub use hardware::{Accelerator, Cpu, PowerBasis};
pub use instruments::{Evaluation, InstrumentError};
pub use load_model::{cpu_power, gpu_power, memory_power};
pub use machine::MachinePart;
pub use method::{MethodConstant, Mlco2Device, Mlco2Region};
pub use plausible::PlausiblePower;
pub use power_model::PowerModel;
pub use published::is_published;
pub use reference_models::ReferenceModel;
pub use region::Region;
pub use slip::{KILOGRAMS_BELOW, Slip};
pub use source::Source;
pub use value::{Basis, Factor, FactorKind, INTENSITY_RANGE, Match, PUE_RANGE, SOURCE_DEFAULT, SOURCE_LOG, SOURCE_USER};
pub use zone::{Zone, ZoneId};

/// Every table that a set can hold.
const SHAPES: &[&Shape] = &[
    &hardware::ACCELERATORS,
    &region::HISTORY,
    &region::REGIONS,
    &hardware::CPUS,
    &embodied::SHAPE,
    &equivalents::SHAPE,
    &grid::SHAPE,
    &grid::SPREAD,
    &grid::TRADE,
    &instruments::SHAPE,
    &machine::KINDS,
    &machine::REST,
    &method::CONSTANTS,
    &method::MLCO2_DEVICES,
    &method::MLCO2_REGIONS,
    &plausible::SHAPE,
    &power_model::SHAPE,
    &pue::SHAPE,
    &reference_models::SHAPE,
    &source::SHAPE,
];

/// Factor tables, ready for look-ups.
#[derive(Clone, Debug, Default)]
pub struct FactorSet {
    tables: Vec<Table>,
    /// Tables of the user's own grid factors, the last given first: its rows win.
    user: Vec<Table>,
}

impl FactorSet {
    /// From tables as (name, CSV text), the names being those of `carbon_data::TABLES`.
    ///
    /// A table may be missing: look-ups in it find nothing.
    ///
    /// # Errors
    /// For a name that is not known or given twice, and where a table lacks a column or holds a value that cannot be.
    pub fn from_tables(tables: &[(&str, &str)]) -> Result<FactorSet, FactorError> {
        let mut set = FactorSet::default();
        for &(name, text) in tables {
            let Some(shape) = SHAPES.iter().copied().find(|shape| shape.name == name) else {
                let names: Vec<&str> = SHAPES.iter().map(|shape| shape.name).collect();
                return Err(FactorError::new(name, 0, "unknown table").hint(&format!("known tables: {}", names.join(", "))));
            };
            if set.tables.iter().any(|table| table.name == name) {
                return Err(FactorError::new(name, 0, "table given twice"));
            }
            set.tables.push(Table::parse(name, shape, text)?);
        }
        Ok(set)
    }

    /// Adds a user's own carbon intensities; `name` is what messages call the file.
    ///
    /// CSV with the columns `zone`, `gco2e_per_kwh`, `basis` (`lifecycle` or `direct`), `year` and `source`, and, where known,
    /// `low_gco2e_per_kwh`, `high_gco2e_per_kwh` and `name`. Other columns are left alone. A zone may be a known one or the user's
    /// own word. For a zone and basis that the file has, its rows stand in for every built-in row. What `source` says is shown as given.
    ///
    /// # Errors
    /// Where a column is missing, a value cannot be (intensities lie in [`INTENSITY_RANGE`]), a zone, basis and year stand twice, or a
    /// value looks like kilograms instead of grams.
    pub fn with_user_table(mut self, name: &str, text: &str) -> Result<FactorSet, FactorError> {
        let table = user::parse(name, text)?;
        user::check_beside(&table, |zone| {
            let zone = self.zone(zone).ok()?;
            Some(self.listed_intensity(&zone, None)?.value)
        })?;
        self.user.insert(0, table);
        Ok(self)
    }

    /// The same of a table that was found beside logs, and may be anybody's: it is its own source, whatever it says of one, gives no known place another
    /// name, and does not hide what the other tables say, which the intervals hold as well.
    ///
    /// # Errors
    /// As [`FactorSet::with_user_table`].
    pub fn with_found_table(self, name: &str, text: &str) -> Result<FactorSet, FactorError> {
        let mut set = self.with_user_table(name, text)?;
        if let Some(table) = set.user.first_mut() {
            table.found = true;
            table.without(grid::NAME);
            table.without(grid::ISO3);
        }
        Ok(set)
    }

    /// The rows of a built-in table; none where the set lacks it.
    fn rows<'s>(&'s self, shape: &'static Shape) -> impl Iterator<Item = Row<'s>> + use<'s> {
        self.tables.iter().filter(|table| table.shape().name == shape.name).flat_map(Table::rows)
    }
}

/// The parts of a text that are worth comparing in a name: lower case, accents and punctuation gone, no bracketed remark.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut depth = 0;
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            '(' => depth += 1,
            ')' => depth = 0,
            _ if depth > 0 => {}
            '\'' | '’' | '.' | '\u{300}'..='\u{36f}' => {}
            'à'..='å' | 'ā' | 'ă' => folded.push('a'),
            'ç' | 'č' | 'ć' => folded.push('c'),
            'è'..='ë' | 'ē' | 'ě' => folded.push('e'),
            'ì'..='ï' | 'ı' => folded.push('i'),
            'ñ' | 'ń' => folded.push('n'),
            'ò'..='ö' | 'ø' | 'ō' => folded.push('o'),
            'ù'..='ü' | 'ū' => folded.push('u'),
            'š' | 'ş' => folded.push('s'),
            _ if c.is_alphanumeric() => folded.push(c),
            _ if folded.ends_with(' ') || folded.is_empty() => {}
            _ => folded.push(' '),
        }
    }
    let folded = folded.trim_end();
    String::from(folded.strip_prefix("the ").unwrap_or(folded))
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn names_are_compared_by_their_letters() {
        assert_eq!(fold("Côte d’Ivoire"), "cote divoire");
        assert_eq!(fold("The  Netherlands"), "netherlands");
        assert_eq!(fold("Western Australia (SWIS)"), "western australia");
        assert_eq!(fold("New-York"), "new york");
        assert_eq!(fold("TÜRKİYE"), "turkiye");
    }

    #[test]
    fn only_known_tables_enter() {
        let error = FactorSet::from_tables(&[("grid", "")]).unwrap_err();
        assert_eq!(error.to_string(), "unknown table (grid)");
        let pue = "scope,kind,year,pue,source\n";
        assert!(FactorSet::from_tables(&[("pue", pue)]).is_ok());
        assert_eq!(FactorSet::from_tables(&[("pue", pue), ("pue", pue)]).unwrap_err().message, "table given twice");
    }
}
