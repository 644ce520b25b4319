//! The activities of a Report as CSV, one row a source of energy, for spreadsheets and data frames.

use carbon_core::report::{Activity, Quantity, Report};

use crate::escape::csv_field;

const COLUMNS: [&str; 22] = [
    "host",
    "component",
    "device",
    "model",
    "start",
    "end",
    "energy_kwh",
    "energy_low_kwh",
    "energy_high_kwh",
    "basis",
    "method",
    "coverage",
    "duration_s",
    "mean_power_w",
    "peak_power_w",
    "samples",
    "interval_s",
    "emissions_kgco2e",
    "emissions_low_kgco2e",
    "emissions_high_kgco2e",
    "factors",
    "inputs",
];

/// A header and one row an activity; what is unknown is empty. Text that a spreadsheet would compute is made text.
pub fn activities(report: &Report) -> String {
    let mut text = COLUMNS.join(",");
    text.push('\n');
    for activity in &report.activities {
        text.push_str(&row(report, activity).join(","));
        text.push('\n');
    }
    text
}

fn row(report: &Report, a: &Activity) -> [String; 22] {
    let words = |text: Option<&String>| text.map(|t| csv_field(t)).unwrap_or_default();
    let number = |value: Option<f64>| value.filter(|v| v.is_finite()).map(|v| v.to_string()).unwrap_or_default();
    let emissions = |part: fn(&Quantity) -> f64| number(a.emissions_kgco2e.as_ref().map(part));
    let factors = a.factors.iter().filter_map(|at| report.factors.get(*at as usize));
    let factors: Vec<String> = factors.map(|f| format!("{} {}", f.kind, f.text)).collect();
    [
        words(a.host.as_ref()),
        csv_field(&a.component),
        csv_field(&a.device),
        words(a.model.as_ref()),
        words(a.period.as_ref().map(|p| &p.start)),
        words(a.period.as_ref().map(|p| &p.end)),
        number(Some(a.energy_kwh.value)),
        number(Some(a.energy_kwh.low)),
        number(Some(a.energy_kwh.high)),
        csv_field(a.basis.as_str()),
        csv_field(&a.method_text),
        number(a.coverage),
        number(a.duration_s),
        number(a.mean_power_w),
        number(a.peak_power_w),
        a.samples.map(|n| n.to_string()).unwrap_or_default(),
        number(a.interval_s),
        emissions(|q| q.value),
        emissions(|q| q.low),
        emissions(|q| q.high),
        csv_field(&factors.join("; ")),
        csv_field(&a.inputs.join("; ")),
    ]
}
