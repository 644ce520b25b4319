//! Emissions of the same energy elsewhere as bars, each with its interval; the run itself stands out.

use carbon_core::report::Report;

use super::svg::{Anchor, Svg};

const WIDTH: f64 = 640.0;
const ROW: f64 = 26.0;
const BAR_START: f64 = 230.0;
const BAR_END: f64 = 540.0;

/// More rows than this are left to the table.
const MOST_ROWS: usize = 32;

/// Bars of the comparison's rows; `None` where there are none.
pub fn comparison(report: &Report) -> Option<String> {
    let rows = report.comparison.get(..report.comparison.len().min(MOST_ROWS))?;
    let high = |row: &carbon_core::report::Comparison| row.emissions_kgco2e.as_ref().map_or(row.kgco2e, |q| q.high.max(row.kgco2e));
    let longest = rows.iter().map(high).fold(0.0, f64::max);
    if !longest.is_finite() || longest <= 0.0 {
        return None;
    }
    let x = |value: f64| BAR_START + value / longest * (BAR_END - BAR_START);
    let mut svg = Svg::new(WIDTH, ROW * rows.len() as f64);
    for (at, row) in rows.iter().enumerate() {
        let middle = ROW * (at as f64 + 0.5);
        let name = crate::escape::shorten(&row.name, if row.own { 22 } else { 32 });
        let label = if row.own { format!("{name}, this run") } else { name.into_owned() };
        svg.text((0.0, middle + 4.5), Anchor::Start, "cr-label", &label);
        let (class, fill, look) = if row.own {
            ("cr-own", "#1b8a7a", String::from(" rx=\"2\""))
        } else {
            ("cr-elsewhere", "#4f7fbf", String::from(" rx=\"2\" fill-opacity=\"0.35\" stroke=\"#4f7fbf\""))
        };
        svg.rect((BAR_START, middle - 7.0), ((x(row.kgco2e) - BAR_START).max(1.0), 14.0), (class, fill), &look);
        let mut end = x(row.kgco2e);
        if let Some(quantity) = row.emissions_kgco2e.as_ref().filter(|q| q.low < q.high) {
            svg.line((x(quantity.low), middle), (x(quantity.high), middle), ("cr-whisker", "currentColor"), 1.0);
            for edge in [x(quantity.low), x(quantity.high)] {
                svg.line((edge, middle - 3.5), (edge, middle + 3.5), ("cr-whisker", "currentColor"), 1.0);
            }
            end = end.max(x(quantity.high));
        }
        svg.text((end + 8.0, middle + 4.5), Anchor::Start, "cr-value", &row.text);
    }
    let said: Vec<String> =
        rows.iter().map(|row| format!("{}{} {}", row.name, if row.own { " (this run)" } else { "" }, row.text)).collect();
    let description = format!("{}. Thin lines: {} interval.", said.join(", "), carbon_core::text::percent(report.interval.level));
    Some(svg.finish("cr-comparison", "Emissions of the same energy elsewhere", &description))
}
