//! Factors as a report shows them.

use alloc::format;
use alloc::string::ToString;

use super::FactorUse;
use crate::factor::{Factor, FactorKind};
use crate::text::significant;

/// A factor as the report shows it.
pub(crate) fn factor_use(factor: &Factor) -> FactorUse {
    let digits = if factor.kind == FactorKind::Pue { 3 } else { 4 };
    let value = significant(factor.value, digits);
    FactorUse {
        kind: factor.kind.as_str().to_string(),
        label: factor.label.clone(),
        value: factor.value,
        low: factor.low,
        high: factor.high,
        unit: factor.unit.to_string(),
        text: match factor.kind {
            FactorKind::Pue => value,
            FactorKind::CarbonIntensity => format!("{value} g CO2eq/kWh"),
            FactorKind::Embodied => format!("{value} kg CO2eq"),
        },
        basis: factor.basis,
        year: factor.year,
        source: factor.source.clone(),
        matched: factor.matched,
        match_text: factor.match_text(),
    }
}
