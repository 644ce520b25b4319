//! Power usage effectiveness by provider and year, and what stands in where none is known.

use alloc::format;
use alloc::string::{String, ToString};

use super::FactorSet;
use super::by_year::{Chosen, choose};
use super::interval::Spread;
use super::region::{HISTORY, PROVIDER, REGION_PUE, provider_of};
use super::table::{Column, Kind, Row, Shape};
use super::value::{Factor, FactorKind, Match, PUE_RANGE, SOURCE_DEFAULT};
use crate::rules;

pub(super) const SHAPE: Shape = Shape {
    name: "pue",
    columns: &[
        Column::filled("scope", Kind::Text),
        Column::filled("kind", Kind::Text),
        Column::filled("year", Kind::Year),
        Column::filled("pue", Kind::Number(PUE_RANGE.0, PUE_RANGE.1)),
        Column::filled("source", Kind::Text),
    ],
};
const SCOPE: usize = 0;
const KIND: usize = 1;
const YEAR: usize = 2;
const VALUE: usize = 3;
const SOURCE: usize = 4;

/// How far the overhead (PUE − 1) of a published yearly PUE may lie off, as a factor at 95 %: two printed decimals and where the meters stand.
const OVERHEAD: f64 = rules::high("pue_overhead");

/// How far the overhead moves in one year: of the regions' year-to-year changes from 2022 to 2024 in the table, 95 % are below a factor
/// of 1.33, over two years 1.43; √n on the logarithm for n years.
const OVERHEAD_YEAR_STEP: f64 = rules::high("pue_overhead_year_step");

/// How far the overhead of one data centre lies from the industry's mean: sites and fleets in the table reach from 1.07 to 1.51,
/// Uptime's surveys find small old rooms above 2.
const INDUSTRY: (f64, f64) = rules::ends("pue_industry");

/// The spread of a fleet's regions where the table has none: AWS regions from 1.07 to 1.5 around a mean of 1.15.
const FLEET: (f64, f64) = rules::ends("pue_fleet");

impl FactorSet {
    /// The mean PUE of a provider's fleet in `year`: of the year, before it or after it. Its interval reaches from the provider's best to its
    /// worst published region, because it stands in for one of them; so its match is [`Match::ParentZone`].
    pub fn provider_pue(&self, provider: &str, year: Option<i32>) -> Option<Factor> {
        let provider = provider_of(provider);
        let fleet = |row: &Row<'_>| row.text(SCOPE) == provider && matches!(&*row.text(KIND), "provider_fleet" | "provider_best");
        let chosen = choose(self.rows(&SHAPE).filter(fleet), YEAR, year)?;
        let value = chosen.row.number(VALUE)?;
        let regions = self.rows(&HISTORY).filter(|row| row.text(PROVIDER) == provider).filter_map(|row| row.number(REGION_PUE));
        let (low, high) = regions.fold((f64::MAX, 0.0_f64), |(low, high), pue| (low.min(pue), high.max(pue)));
        let spread = if low < value && value < high {
            Spread::between(low - 1.0, value - 1.0, high - 1.0)
        } else {
            Spread::between(FLEET.0, 1.0, FLEET.1)
        };
        let mut factor = published(format!("{} fleet", provider_name(&provider)), value, &chosen, chosen.row.string(SOURCE));
        (factor.low, factor.high) = around(value, overhead_spread(chosen.distance).and(spread));
        factor.matched = Match::ParentZone;
        Some(factor)
    }

    /// The mean PUE of the industry's data centres in `year` (Uptime Institute), its interval being the spread of data centres.
    pub fn pue_industry_average(&self, year: Option<i32>) -> Option<Factor> {
        let chosen = choose(self.rows(&SHAPE).filter(|row| row.text(KIND) == "industry_average"), YEAR, year)?;
        let value = chosen.row.number(VALUE)?;
        let mut factor = published("industry average".to_string(), value, &chosen, chosen.row.string(SOURCE));
        let spread = Spread::between(INDUSTRY.0, 1.0, INDUSTRY.1);
        (factor.low, factor.high) = around(value, overhead_spread(chosen.distance).and(spread));
        Some(factor)
    }

    /// What stands in where no PUE is known: 1.0, the energy of the computers alone, which is what the total is then of. What a building may add
    /// is told beside it.
    pub fn pue_unknown() -> Factor {
        Factor {
            kind: FactorKind::Pue,
            label: "IT energy only".to_string(),
            value: 1.0,
            low: 1.0,
            high: 1.0,
            unit: FactorKind::Pue.unit(),
            basis: None,
            year: None,
            source: SOURCE_DEFAULT.to_string(),
            matched: Match::Default,
            by_year: None,
        }
    }
}

/// A PUE from a table.
pub(super) fn published(label: String, value: f64, chosen: &Chosen<'_>, source: String) -> Factor {
    let (low, high) = around(value, overhead_spread(chosen.distance));
    Factor {
        kind: FactorKind::Pue,
        label,
        value,
        low,
        high,
        unit: FactorKind::Pue.unit(),
        basis: None,
        year: Some(chosen.year),
        source,
        matched: chosen.matched,
        by_year: None,
    }
}

/// How people write a provider.
pub(super) fn provider_name(provider: &str) -> String {
    let known = [
        ("aws", "AWS"),
        ("azure", "Azure"),
        ("gcp", "Google Cloud"),
        ("ibm", "IBM Cloud"),
        ("ovh", "OVHcloud"),
        ("oracle", "Oracle Cloud"),
        ("alibaba", "Alibaba Cloud"),
        ("meta", "Meta"),
    ];
    known.iter().find(|(code, _)| *code == provider).map_or_else(|| provider.to_string(), |(_, name)| name.to_string())
}

fn overhead_spread(distance: u32) -> Spread {
    let step = libm::exp(libm::log(OVERHEAD_YEAR_STEP) * libm::sqrt(f64::from(distance)));
    Spread::symmetric(OVERHEAD).and(Spread::symmetric(step))
}

/// The spread is that of the overhead, so a PUE stays above 1.
fn around(value: f64, overhead: Spread) -> (f64, f64) {
    // A published 1.00 has an overhead too small to print: half a unit of its last digit.
    let (low, high) = overhead.around((value - 1.0).max(0.005));
    ((1.0 + low).min(value), 1.0 + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fleet_stands_in_for_its_regions() {
        let rows = "scope,kind,year,pue,source\nglobal,industry_average,2023,1.58,uptime\naws,provider_fleet,2023,1.15,aws\n";
        let set = FactorSet::from_tables(&[("pue", rows)]).unwrap();
        let fleet = set.provider_pue("Amazon", Some(2024)).unwrap();
        assert_eq!((fleet.value, fleet.year, fleet.matched), (1.15, Some(2023), Match::ParentZone));
        assert!(1.0 < fleet.low && fleet.low < 1.15 && 1.15 < fleet.high);
        assert_eq!(set.provider_pue("nobody", None), None);
    }
}
