//! A value within its interval, on a scale that starts at nothing.

use carbon_core::report::{Quantity, Report};

use super::svg::Svg;

const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 20.0;

/// The interval of the headline's emissions (operational) as a band on a line from zero, its central value as a mark; `None` without emissions
/// or without an interval.
pub fn interval_bar(report: &Report) -> Option<String> {
    let total = &report.emissions.as_ref()?.operational_kgco2e;
    let drawable = total.high.is_finite() && total.high > 0.0 && total.low >= 0.0 && total.low <= total.high;
    drawable.then(|| draw(total, report.interval.level))
}

fn draw(total: &Quantity, level: f64) -> String {
    let mut svg = Svg::new(WIDTH, HEIGHT);
    let x = |value: f64| value / (total.high * 1.08) * WIDTH;
    let middle = HEIGHT / 2.0;
    svg.line((0.0, middle), (WIDTH, middle), ("cr-track", "#8a949e"), 1.0);
    svg.line((0.5, middle - 4.0), (0.5, middle + 4.0), ("cr-track", "#8a949e"), 1.0);
    let band = (x(total.high) - x(total.low)).max(2.0);
    svg.rect((x(total.low), middle - 5.0), (band, 10.0), ("cr-band", "#7fb8ae"), " rx=\"5\"");
    svg.rect((x(total.value) - 1.5, middle - 8.0), (3.0, 16.0), ("cr-gpu", "#1b8a7a"), " rx=\"1.5\"");
    let percent = carbon_core::text::percent(level);
    let title = format!("{} within its {percent} interval", total.text);
    let description = format!("On a line from zero: interval {}, central value {}.", total.interval_text, total.text);
    svg.finish("cr-interval", &title, &description)
}
