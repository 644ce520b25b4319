//! A user's own table of carbon intensities: checked harder than a built-in one, because nobody else will.

use alloc::format;
use alloc::string::String;

use super::error::FactorError;
use super::grid::{BASIS, BASIS_WORDS, HIGH, LOW, VALUE, YEAR, ZONE};
use super::slip::{KILOGRAMS_BELOW, Slip};
use super::table::{Column, Kind, Shape, Table};
use super::value::INTENSITY_RANGE;

use crate::map::Map;
use crate::text::AsFound;

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

/// What can't be is told with what was meant.
const INTENSITY: Kind = Kind::Number(f64::MIN_POSITIVE, f64::MAX);

/// Reads and checks a user's table.
pub(super) fn parse(name: &str, text: &str) -> Result<Table, FactorError> {
    let table = Table::parse(name, &SHAPE, text)?;
    let mut seen = Map::new();
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
        let told = |grams: f64| Slip::of(grams).filter(|_| low.is_none() || !(INTENSITY_RANGE.0..=INTENSITY_RANGE.1).contains(&grams));
        if let Some(slip) = [value].into_iter().chain(low).chain(high).find_map(told) {
            return Err(fault(format!("gco2e_per_kwh: {}", slip.message())).hint(&slip.hint()));
        }
        if let (Some(low), Some(high)) = (low, high)
            && low > high
        {
            return Err(fault(format!("found the interval {} to {}, whose ends are swapped", AsFound(low), AsFound(high)))
                .hint("the lower end stands first"));
        }
        if low.is_some_and(|low| low >= value) || high.is_some_and(|high| high <= value) {
            return Err(fault(format!("gco2e_per_kwh: found {}, expected it between low and high", AsFound(value))));
        }
        any = true;
    }
    if !any {
        return Err(FactorError::new(name, 0, "found no row below the header"));
    }
    Ok(table)
}

/// Refuses small values that come with an interval all the same, where what is known of their zone is about a thousand times as much.
pub(super) fn check_beside(table: &Table, known: impl Fn(&str) -> Option<f64>) -> Result<(), FactorError> {
    for row in table.rows() {
        let Some((slip, value)) = row.number(VALUE).and_then(|value| Some((Slip::of(value)?, value))) else { continue };
        let zone = row.text(ZONE);
        let Some(known) = known(&zone).filter(|known| value < KILOGRAMS_BELOW && *known > 100.0 * value) else { continue };
        let message = format!("gco2e_per_kwh: {}; {known} g are known of {zone}", slip.message());
        return Err(FactorError::new(&table.name, row.line, message).hint("multiply kilograms by 1000"));
    }
    Ok(())
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
            "gco2e_per_kwh: found 0.056, expected gCO2e per kWh: no grid has so little, and 0.056 kg are 56 g (my.csv, line 2)"
        );
        assert_eq!(fault("FR,56,market,2024,us,,\n"), "basis: found \"market\", expected lifecycle or direct (my.csv, line 2)");
        assert_eq!(fault("FR,-5,direct,2024,us,,\n"), "gco2e_per_kwh: found \"-5\", expected a number above 0 (my.csv, line 2)");
        assert_eq!(
            fault("FR,5e3,direct,2024,us,,\n"),
            "gco2e_per_kwh: found 5000, expected gCO2e per kWh: no grid has so much, and 5000 mg are 5 g (my.csv, line 2)"
        );
        assert_eq!(fault("FR,56,direct,1924,us,,\n"), "year: found \"1924\", expected a year from 1990 to 2100 (my.csv, line 2)");
        assert_eq!(fault("FR,56,direct,2024,,,\n"), "source: found \"\", expected a value (my.csv, line 2)");
        assert_eq!(fault("FR,56,direct,2024,us,60,70\n"), "gco2e_per_kwh: found 56, expected it between low and high (my.csv, line 2)");
        assert_eq!(fault("FR,56,direct,2024,us,60,50\n"), "found the interval 60 to 50, whose ends are swapped (my.csv, line 2)");
        // One row in kilograms among rows in grams.
        assert!(fault("FR,56,direct,2024,us,,\nDE,0.4,direct,2024,us,,\n").ends_with("0.4 kg are 400 g (my.csv, line 3)"));
        assert!(fault("FR,56,direct,2024,us,0.004,70\n").ends_with("0.004 kg are 4 g (my.csv, line 2)"));
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
