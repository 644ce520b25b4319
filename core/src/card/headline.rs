//! The headline: what was emitted, what of it the logs hold, what was added and how, what was measured. And the fields of the Hub, which say the same.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::totals;
use crate::factor::Basis;
use crate::report::{Boundary, Emissions, EnergyTotals, ModelCard, Quantity, Report, Wide};
use crate::text::{MASS_FROM_KG, duration, few, percent, significant, with_unit};

/// What the sentences need beside the report.
pub(crate) struct Facts {
    /// What the logs hold, counted: `4 GPUs`, `CPU`.
    pub parts: Vec<String>,
    /// Share of what the logs hold that sensors read.
    pub by_sensors: f64,
    /// Share of it that is no log's but was stated.
    pub stated: f64,
    /// Nothing that is logged can be believed but the devices and their time.
    pub by_rating: bool,
    /// Share of the emissions whose place is not known.
    pub unknown_place: f64,
    /// Whether the user asked for what the logs hold alone.
    pub logged_asked_for: bool,
    /// The PUEs that are known of some parts, where those of others are not.
    pub known_pues: Vec<String>,
    /// Whether time that nobody watched is estimated.
    pub unwatched: bool,
    /// Device-hours of accelerators, with a model or without.
    pub gpu_hours: f64,
    /// Seconds in which anything ran, where clocks add up to one.
    pub wall_s: Option<f64>,
}

/// Fills the headline and the fields of the Hub from the finished figures.
pub(crate) fn words(report: &mut Report, facts: &Facts) {
    let subject = report.title.as_ref().map_or_else(|| String::from("This training"), |title| format!("Training {title}"));
    let (Some(energy), Some(emissions)) = (&report.energy, &report.emissions) else {
        report.headline.sentence = format!("{subject}: the energy is not known, which is not zero.");
        report.headline.scope = String::from("Nothing in the logs says how much energy was used.");
        return;
    };
    let total = &emissions.operational_kgco2e;
    let number = format!("about {} CO2eq (95% interval {})", total.text, total.interval_text);
    let estimated = energy.measured_share < 0.5;
    let subject = match (&report.title, estimated) {
        (None, true) => String::from("By estimate, this training"),
        (Some(title), true) => format!("By estimate, training {title}"),
        (_, false) => subject,
    };
    report.headline.sentence =
        format!("{subject} emitted {number}, the best estimate for {}{}.", of_what(report, facts), how(report, facts));
    report.headline.scope = scope(report, facts, energy, emissions);
    report.model_card = Some(hub(report, facts));
    report.headline.number = Some(if estimated { format!("{number}, by estimate") } else { number });
    totals::totals(report, facts);
}

/// What the number is of.
fn of_what(report: &Report, facts: &Facts) -> String {
    match (report.headline.boundary, report.headline.facility) {
        (Boundary::Machine, true) => String::from("the computers and their facility"),
        (Boundary::Machine, false) => String::from("the computers"),
        (Boundary::Logged, true) => format!("the parts that {} ({}) and their share of the facility", holds(facts), list(&facts.parts)),
        (Boundary::Logged, false) => format!("the parts that {} ({})", holds(facts), list(&facts.parts)),
    }
}

fn holds(facts: &Facts) -> &'static str {
    if facts.stated > 0.5 { "were stated" } else { "the logs hold" }
}

/// What of the factors is not the default (the world's average, direct factors), and what makes the interval wide.
fn how(report: &Report, facts: &Facts) -> String {
    let mut text = match facts.unknown_place {
        share if share >= 0.995 => String::from(", at the world-average carbon intensity because the place is not known"),
        share if share > 0.0 => format!(", {} of it at the world-average carbon intensity because its place is not known", percent(share)),
        _ => String::new(),
    };
    if report.emissions.as_ref().is_some_and(|emissions| emissions.basis == Basis::Direct) {
        text.push_str(", by direct carbon intensities, which leave out fuel supply and the building of plants");
    }
    match report.headline.wide_because {
        None => {}
        // The words before say it, and what it does is all that is left to say.
        Some(Wide::Place) if facts.unknown_place > 0.0 => text.push_str(", which is most of the width of the interval"),
        Some(wide) => text.push_str(&format!("; the interval is wide mostly because {}", wide.words())),
    }
    text
}

fn scope(report: &Report, facts: &Facts, energy: &EnergyTotals, emissions: &Emissions) -> String {
    let mut sentences: Vec<String> = Vec::new();
    let logged = &emissions.logged_kgco2e;
    let by = match facts.by_sensors {
        share if share >= 0.995 => String::from("by sensors"),
        share if share > 0.005 => format!("{} of it by sensors", percent(share)),
        _ if facts.stated > 0.5 => String::from("by rated powers and what was stated"),
        _ if facts.by_rating => String::from("by rated powers, as no figure in them can be believed"),
        _ => String::from("by trackers' figures that no sensor stands behind"),
    };
    let subject = if facts.stated > 0.5 { "What was stated comes to" } else { "The logs hold" };
    let mass = |quantity: &Quantity| quantity.text.clone();
    let added = emissions.operational_kgco2e.value - logged.value;
    let rest = emissions.rest_kgco2e.as_ref();
    let of_it = if added > 0.0 { " of it" } else { "" };
    // Where the headline is of the logged parts alone, it has said this.
    if report.headline.boundary == Boundary::Machine || added > 0.0 {
        sentences.push(format!("{subject} {}{of_it} ({}, {by}; {}).", mass(logged), list(&facts.parts), logged.interval_text));
    }
    if added > 0.0 {
        let mut parts: Vec<String> = Vec::new();
        let unwatched = if facts.unwatched { " and the time that nobody watched" } else { "" };
        parts.extend(rest.map(|rest| format!("the rest of the computers{unwatched} {}, by estimate", mass(rest))));
        if let Some(pue) = report.pue.as_ref().filter(|_| report.headline.facility) {
            let building = added - rest.map_or(0.0, |rest| rest.value);
            if building > 0.0 {
                parts.push(format!("the facility {}, by its PUE ({}, {})", with_unit(building, 2, MASS_FROM_KG), pue.text, pue.match_text));
            }
        }
        let sum = with_unit(added, 2, MASS_FROM_KG);
        match parts.as_slice() {
            [] => {}
            [facility] if rest.is_none() => {
                let facility = facility.replacen(&format!(" {sum}"), "", 1);
                sentences.push(format!("{sum} are added for {facility}."));
            }
            [_] => sentences.push(format!("{sum} are added for the rest of the computers{unwatched}, by estimate.")),
            _ => sentences.push(format!("{sum} are added: {}.", parts.join(", and "))),
        }
    }
    if report.headline.boundary == Boundary::Logged && energy.rest_kwh.is_none() {
        sentences.push(String::from(match facts.logged_asked_for {
            true => "The rest of the computers is left out, as asked for.",
            false => "Not even the kind of machine is known, so the rest of the computers is not in it.",
        }));
    }
    let of = match report.headline.boundary {
        Boundary::Machine => "The computers",
        Boundary::Logged => "These parts",
    };
    let measured = match energy.measured_share > 0.0 {
        true => percent(energy.measured_share),
        false => String::from("none"),
    };
    sentences.push(format!("{of} used {}, {measured} of it measured.", energy.it_kwh.text));
    let known = few(&facts.known_pues, "; ");
    match (&emissions.facility_kgco2e, known.is_empty()) {
        (Some(facility), true) => sentences.push(format!(
            "No PUE is known; in a building of the kind where such machines usually stand it would be about {} ({}).",
            facility.text, facility.interval_text
        )),
        (Some(facility), false) => sentences.push(format!(
            "A PUE is known for a part of it alone ({known}), so the number is without buildings; with that, and for the other parts buildings of the kind \
             where such machines usually stand, it would be about {} ({}).",
            facility.text, facility.interval_text
        )),
        (None, _) if report.headline.facility => {}
        (None, true) => sentences.push(String::from("No PUE is known, so cooling and power distribution of the building are not in it.")),
        (None, false) => sentences.push(format!(
            "A PUE is known for a part of it alone ({known}), so cooling and power distribution of buildings are not in it."
        )),
    }
    let runs = if facts.stated > 0.0 { "other runs" } else { "runs without logs" };
    sentences.push(match report.embodied.is_empty() {
        true => format!("Hardware manufacture and {runs} are not included."),
        false => format!("The share of the hardware's manufacture stands beside; {runs} are not included."),
    });
    sentences.join(" ")
}

/// The fields of a model card that the Hub's readers take.
fn hub(report: &Report, facts: &Facts) -> ModelCard {
    let unknown = "not stated in the logs";
    let hardware = report.hardware.iter().filter(|h| h.kind == "gpu").chain(report.hardware.iter().filter(|h| h.kind != "gpu"));
    let names: Vec<String> = hardware.map(|h| if h.count > 1 { format!("{} x {}", h.count, h.model) } else { h.model.clone() }).collect();
    let named: f64 = report.hardware.iter().filter(|h| h.kind == "gpu").map(|h| h.device_hours).sum();
    let gpus = if named > 0.0 { named } else { facts.gpu_hours };
    let hours = match (gpus > 0.0, facts.wall_s) {
        (true, Some(wall)) => format!("{} GPU-hours ({} wall clock)", significant(gpus, 4), duration(wall)),
        (true, None) => format!("{} GPU-hours", significant(gpus, 4)),
        (false, Some(wall)) => format!("{} wall clock", duration(wall)),
        (false, None) => unknown.to_string(),
    };
    let place = report.location.as_ref();
    let place_name = place.and_then(|l| l.name.clone());
    let mut region = match (place.and_then(|l| l.region.clone()), &place_name) {
        (Some(region), Some(name)) => format!("{region} ({name})"),
        (Some(region), None) => region,
        (None, Some(name)) => name.clone(),
        (None, None) => String::from("not known; world average used"),
    };
    if place_name.is_some() && facts.unknown_place > 0.0 {
        region.push_str(&format!("; not known for {} of the emissions", percent(facts.unknown_place)));
    }
    let total = report.emissions.as_ref().map_or(0.0, |e| e.operational_kgco2e.value);
    let shown = grams(total);
    let told = report.emissions.as_ref().map_or_else(String::new, |e| e.operational_kgco2e.text.clone());
    let boundary = boundary_words(report);
    let logged = report.emissions.as_ref().map_or_else(String::new, |e| format!(", logged {} g", grams(e.logged_kgco2e.value)));
    let measured = percent(report.energy.as_ref().map_or(0.0, |e| e.measured_share));
    ModelCard {
        emissions_g: (total * 1000.0 >= 0.0001).then(|| shown.clone()),
        source: format!(
            "carbon-report {}, location-based, {boundary}{logged}, {measured} of {} measured",
            report.generator.version,
            if report.headline.boundary == Boundary::Machine { "the IT energy" } else { "the logged energy" }
        ),
        training_type: None,
        geographical_location: place_name,
        hardware_used: (!names.is_empty()).then(|| names.join(", ")),
        hardware_type: if names.is_empty() { unknown.to_string() } else { names.join(", ") },
        hours_used: hours,
        cloud_provider: place.and_then(|l| l.provider.clone()).unwrap_or_else(|| unknown.to_string()),
        compute_region: region,
        carbon_emitted: format!("{shown} g CO2eq (about {told}; operational, location-based, {boundary})"),
    }
}

fn boundary_words(report: &Report) -> &'static str {
    match (report.headline.boundary, report.headline.facility) {
        (Boundary::Machine, true) => "computers and facility",
        (Boundary::Machine, false) => "computers",
        (Boundary::Logged, true) => "logged parts and facility",
        (Boundary::Logged, false) => "logged parts",
    }
}

/// `a`, `a and b`, `a, b and c`; of many the first ones.
pub(crate) fn list(names: &[String]) -> String {
    match names {
        [] => String::from("nothing"),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Grams as a plain decimal number of five significant digits: no exponent, no separator.
pub(crate) fn grams(kg: f64) -> String {
    significant(kg * 1000.0, 5)
}
