//! Two lines on a run that has just ended or still goes on: for whoever sits at the terminal.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::factor::Match;
use crate::ledger::Method;
use crate::report::Report;

/// What was used, and what that emitted.
pub fn of_run(report: &Report) -> [String; 2] {
    let energy = match &report.energy {
        None => String::from("energy: nothing could be measured"),
        Some(energy) => {
            let logged = |component: &str| report.activities.iter().any(|a| a.component == component && a.method != Method::Machine);
            let parts = energy.by_component.iter().filter(|c| logged(&c.component));
            let parts: Vec<String> = parts.map(|c| format!("{} {} ({})", c.label, c.energy_kwh.text, c.basis)).collect();
            let whole =
                energy.rest_kwh.as_ref().map(|_| format!("; about {} with the rest of the computers, by estimate", energy.it_kwh.text));
            let (text, interval) = (&energy.logged_kwh.text, &energy.logged_kwh.interval_text);
            format!("energy: {text} (95% interval {interval}): {}{}", parts.join(", "), whole.unwrap_or_default())
        }
    };
    let emissions = match &report.headline.number {
        None => String::from("emissions: not known"),
        Some(number) => format!("emissions: {number}, {}", grid(report)),
    };
    [energy, emissions]
}

/// Whose carbon intensity was used.
pub fn grid(report: &Report) -> String {
    match report.carbon_intensity_gco2e_per_kwh.as_ref() {
        Some(factor) if factor.matched == Match::WorldDefault => format!("{}; `--region` names your grid", factor.label),
        Some(factor) => format!("{}, {}", factor.label, factor.text),
        None => String::from("no grid known"),
    }
}
