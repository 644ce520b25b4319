//! A user's own table of carbon intensities: checked harder than a built-in one, because nobody else will.

use alloc::format;
use alloc::string::String;

use super::error::FactorError;
use super::grid::{BASIS, BASIS_WORDS, HIGH, LOW, VALUE, YEAR, ZONE};
use super::table::{Column, Kind, Shape, Table};
use super::value::INTENSITY_RANGE;

use crate::map::Map;

/// The columns of [`grid::SHAPE`](super::grid::SHAPE), in the same places, and which of them a user may leave out.
pub(super) const SHAPE: Shape = Shape {
    name: "user",
    columns: &[
        Column::filled("zone", Kind::Text),
        Column::filled("gco2e_per_kwh", INTENSITY),
        Column::filled("basis", Kind::Word(BASIS_WORDS)),
        Column::filled("year", Kind::Year),
        Column::filled("source", Kind::Text),
        Column::optional("name", Kind::Text),
        Column::optional("iso3", Kind::Text),
        Column::optional("low_gco2e_per_kwh", INTENSITY),
        Column::optional("high_gco2e_per_kwh", INTENSITY),
    ],
};

const INTENSITY: Kind = Kind::Number(INTENSITY_RANGE.0, INTENSITY_RANGE.1);

/// Below this many gCO2e/kWh in every row a table was surely meant in kilograms: life-cycle values start near 10, direct ones
/// below it are a few hydro provinces.
const KILOGRAMS_BELOW: f64 = 3.0;

/// Reads and checks a user's table.
pub(super) fn parse(name: &str, text: &str) -> Result<Table, FactorError> {
    let table = Table::parse(name, &SHAPE, text)?;
    let mut seen = Map::new();
    let mut all_tiny = true;
    let mut any = false;
    for row in table.rows() {
        let fault = |message: String| FactorError::new(name, row.line, message);
        let zone = row.text(ZONE);
        if !zone.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c)) || zone.len() > 64 {
            return Err(fault(format!("zone: found {zone:?}, expected letters, digits, '-', '_', '.' or ':'"))
                .hint("put the full name in the column name"));
        }
        let key = (zone.to_ascii_uppercase(), row.string(BASIS), row.year(YEAR));
        if let Some(first) = seen.insert(key, row.line) {
            return Err(fault(format!("{zone}, {} and {} stand twice, first on line {first}", row.text(BASIS), row.text(YEAR))));
        }
        let (low, value, high) = (row.number(LOW), row.number(VALUE).unwrap_or(0.0), row.number(HIGH));
        if low.is_some() != high.is_some() {
            return Err(fault("low_gco2e_per_kwh and high_gco2e_per_kwh: found one, expected both or none".into()));
        }
        if low.is_some_and(|low| low >= value) || high.is_some_and(|high| high <= value) {
            return Err(fault(format!("gco2e_per_kwh: found {value}, expected it between low and high")));
        }
        any = true;
        // Whoever gives an interval in grams has thought about the unit.
        all_tiny &= value < KILOGRAMS_BELOW && low.is_none();
    }
    if !any {
        return Err(FactorError::new(name, 0, "found no row below the header"));
    }
    if all_tiny {
        return Err(FactorError::new(name, 0, format!("gco2e_per_kwh: every value is below {KILOGRAMS_BELOW}, expected grams per kWh"))
            .hint("multiply kilograms by 1000; if the values are grams, give low_gco2e_per_kwh and high_gco2e_per_kwh too"));
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    const HEAD: &str = "zone,gco2e_per_kwh,basis,year,source,low_gco2e_per_kwh,high_gco2e_per_kwh\n";

    fn fault(rows: &str) -> String {
        parse("my.csv", &(String::from(HEAD) + rows)).unwrap_err().to_string()
    }

    #[test]
    fn refuses_what_cannot_be_meant() {
        assert_eq!(
            fault("FR,0.056,lifecycle,2024,us,,\nDE,0.4,lifecycle,2024,us,,\n"),
            "gco2e_per_kwh: every value is below 3, expected grams per kWh (my.csv)"
        );
        assert_eq!(fault("FR,56,market,2024,us,,\n"), "basis: found \"market\", expected lifecycle or direct (my.csv, line 2)");
        assert_eq!(fault("FR,-5,direct,2024,us,,\n"), "gco2e_per_kwh: found \"-5\", expected a number from 0.01 to 3000 (my.csv, line 2)");
        assert_eq!(
            fault("FR,5e3,direct,2024,us,,\n"),
            "gco2e_per_kwh: found \"5e3\", expected a number from 0.01 to 3000 (my.csv, line 2)"
        );
        assert_eq!(fault("FR,56,direct,1924,us,,\n"), "year: found \"1924\", expected a year from 1990 to 2100 (my.csv, line 2)");
        assert_eq!(fault("FR,56,direct,2024,,,\n"), "source: found \"\", expected a value (my.csv, line 2)");
        assert_eq!(fault("FR,56,direct,2024,us,60,70\n"), "gco2e_per_kwh: found 56, expected it between low and high (my.csv, line 2)");
        assert_eq!(
            fault("FR,56,direct,2024,us,50,\n"),
            "low_gco2e_per_kwh and high_gco2e_per_kwh: found one, expected both or none (my.csv, line 2)"
        );
        assert_eq!(
            fault("FR,56,direct,2024,us,,\nfr,57,direct,2024,us,,\n"),
            "fr, direct and 2024 stand twice, first on line 2 (my.csv, line 3)"
        );
        assert_eq!(fault(""), "found no row below the header (my.csv)");
        assert!(fault("my site,56,direct,2024,us,,\n").starts_with("zone: found \"my site\""));
    }

    #[test]
    fn takes_small_grams_that_come_with_an_interval() {
        assert!(parse("my.csv", &(String::from(HEAD) + "CA-QC,1.7,direct,2023,Hydro,1.2,2.5\n")).is_ok());
        assert!(parse("my.csv", "source,year,basis,gco2e_per_kwh,zone,remark\nus,2024,direct,56,SITE-A,x\n").is_ok());
    }
}
