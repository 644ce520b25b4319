//! Energy by component as bars, each with its interval.

use carbon_core::report::{EnergyTotals, Report};
use carbon_core::text::{ENERGY_FROM_KWH, beside, column_unit};

use super::colour;
use super::svg::{Anchor, Svg, short};

const WIDTH: f64 = 640.0;
const ROW: f64 = 30.0;
const BAR_START: f64 = 150.0;
const BAR_END: f64 = 520.0;

struct Bar<'r> {
    label: String,
    component: &'r str,
    estimated: bool,
    value: f64,
    interval: Option<(f64, f64)>,
}

/// Bars of the components' energy and of what the building adds; `None` without energy.
pub fn energy_by_component(report: &Report) -> Option<String> {
    let energy = report.energy.as_ref()?;
    let bars = bars(report, energy);
    let longest = bars.iter().map(|bar| bar.interval.map_or(bar.value, |(_, high)| high)).fold(0.0, f64::max);
    if !longest.is_finite() || longest <= 0.0 {
        return None;
    }
    let total = energy.facility_kwh.as_ref().unwrap_or(&energy.it_kwh).value;
    let text = |value: f64| beside(value, total, ENERGY_FROM_KWH);
    let (_, unit) = column_unit(total, ENERGY_FROM_KWH);
    let x = |value: f64| BAR_START + value / longest * (BAR_END - BAR_START);

    let mut svg = Svg::new(WIDTH, ROW * bars.len() as f64);
    for (at, bar) in bars.iter().enumerate() {
        let middle = ROW * (at as f64 + 0.5);
        let (class, fill) = colour(bar.component);
        svg.text((0.0, middle + 4.5), Anchor::Start, "cr-label", &bar.label);
        let size = ((x(bar.value) - BAR_START).max(1.0), 16.0);
        let look = if bar.estimated {
            format!(" rx=\"2\" fill-opacity=\"0.35\" stroke=\"{fill}\" stroke-dasharray=\"3 2\"")
        } else {
            String::from(" rx=\"2\"")
        };
        svg.rect((BAR_START, middle - 8.0), size, (class, fill), &look);
        let mut end = x(bar.value);
        if let Some((low, high)) = bar.interval {
            svg.line((x(low), middle), (x(high), middle), ("cr-whisker", "currentColor"), 1.0);
            for edge in [x(low), x(high)] {
                svg.line((edge, middle - 3.5), (edge, middle + 3.5), ("cr-whisker", "currentColor"), 1.0);
            }
            end = end.max(x(high));
        }
        svg.text((end + 8.0, middle + 4.5), Anchor::Start, "cr-value", &format!("{} {unit}", text(bar.value)));
    }
    let said: Vec<String> = bars.iter().map(|bar| format!("{} {} {unit}", bar.label, text(bar.value))).collect();
    let title = format!("Energy by component, {unit}");
    let description = format!("{}. Thin lines: {} interval.", said.join(", "), level(report));
    Some(svg.finish("cr-energy", &title, &description))
}

fn level(report: &Report) -> String {
    carbon_core::text::percent(report.interval.level)
}

fn bars<'r>(report: &'r Report, energy: &'r EnergyTotals) -> Vec<Bar<'r>> {
    let component_bars = energy.by_component.iter().map(|c| Bar {
        label: crate::escape::shorten(&c.label, 20).into_owned(),
        component: &c.component,
        estimated: !c.basis.contains("measured"),
        value: c.energy_kwh.value,
        interval: Some((c.energy_kwh.low, c.energy_kwh.high)).filter(|(low, high)| low < high),
    });
    let mut bars: Vec<Bar<'r>> = component_bars.collect();
    if let Some(value) = energy.overhead_kwh.filter(|kwh| *kwh > 0.0 && report.headline.facility) {
        let pue = report.pue.as_ref().map(|pue| format!(" (PUE {})", short(pue.value)));
        let label = format!("Building{}", pue.unwrap_or_default());
        bars.push(Bar { label, component: "building", estimated: true, value, interval: None });
    }
    bars
}
