//! Sums worked by hand through the whole accounting: readings in, report out.

use carbon_core::account::{Settings, report};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::{InputFile, Ledger};
use carbon_core::read::{Clock, IntensityPoint, IntensitySeries, Reading};
use carbon_core::report::{Boundary, Report};
use carbon_core::series::{Channel, Component, Device, Instrument, Quantity};
use carbon_core::units::calendar::parse_stamp;
use carbon_core::units::{Instant, Power, Span};

/// One kilowatt for `hours` from 2024-05-01T00:00:00Z, a sample every ten seconds.
fn kilowatt(hours: i64) -> Reading {
    let mut reading = Reading::new("test", None, None);
    reading.clock = Clock::Utc;
    let device = Device { model: Some("NVIDIA B200".into()), ..Device::indexed("0") };
    let id = reading.channel(Channel {
        host: None,
        component: Component::Gpu,
        device,
        quantity: Quantity::Power,
        instrument: Instrument::GpuPower,
        run: None,
    });
    for tick in 0..=hours * 360 {
        reading.power(id, start().plus(Span::from_seconds(tick * 10)), Power::from_watts(1000)).expect("plausible");
    }
    reading
}

fn start() -> Instant {
    parse_stamp(b"2024-05-01T00:00:00Z").expect("a stamp").at
}

fn file(path: &str) -> InputFile {
    InputFile { path: path.into(), bytes: 1, blake3: path.into(), ..InputFile::default() }
}

fn factors() -> FactorSet {
    FactorSet::from_tables(carbon_data::TABLES).expect("the built-in tables")
}

fn account(readings: Vec<(&str, Reading)>, settings: &Settings) -> Report {
    let mut ledger = Ledger::default();
    for (path, mut reading) in readings {
        reading.end();
        ledger.add(file(path), reading);
    }
    // What the logs hold alone: the rest of the machines has tests of its own.
    let settings = Settings { boundary: Boundary::Logged, ..settings.clone() };
    report(&ledger, &factors(), &settings).expect("a report")
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs()
}

#[test]
fn ten_kilowatt_hours_at_given_factors() {
    // 10 kWh × 1.2 × 50 g = 600 g.
    let settings = Settings { intensity_g_per_kwh: Some(50.0), pue: Some(1.2), ..Settings::default() };
    let report = account(vec![("gpu.csv", kilowatt(10))], &settings);
    let (energy, emissions) = (report.energy.expect("energy"), report.emissions.expect("emissions"));
    assert!(close(energy.it_kwh.value, 10.0) && close(energy.facility_kwh.expect("a building").value, 12.0));
    assert!(close(emissions.operational_kgco2e.value, 0.6));
    assert_eq!(energy.measured_share, 1.0);
    // By hand: sensor up to +10 % (NVML, data-centre board), PUE ±5 %, intensity ±5 %: e^(√(ln² 1.10 + 2 ln² 1.05)) = 1.124868.
    let q = &emissions.operational_kgco2e;
    assert!((q.high / q.value - 1.124_868).abs() < 1e-3, "{q:?}");
    assert!(q.low < q.value && q.value < q.high);
    assert_eq!(q.text, "600 g");
    let card = report.model_card.expect("a card");
    assert_eq!(card.emissions_g.as_deref(), Some("600.00"));
    assert_eq!(card.hardware_type, "NVIDIA B200");
}

#[test]
fn hours_of_accelerators_are_told_without_their_models() {
    let mut reading = Reading::new("test", None, None);
    reading.clock = Clock::Utc;
    for device in [Device::indexed("0"), Device::indexed("1")] {
        let component = Component::Gpu;
        let id = reading.channel(Channel {
            host: None,
            component,
            device,
            quantity: Quantity::Power,
            instrument: Instrument::GpuPower,
            run: None,
        });
        for tick in 0..=360 {
            reading.power(id, start().plus(Span::from_seconds(tick * 10)), Power::from_watts(300)).expect("plausible");
        }
    }
    let card = account(vec![("gpu.csv", reading)], &Settings::default()).model_card.expect("a card");
    // Two devices for an hour; what they are nobody says.
    assert_eq!((card.hours_used.as_str(), card.hardware_used), ("2.000 GPU-hours (60.0 min wall clock)", None));
}

#[test]
fn the_interval_is_wider_than_the_factor_alone() {
    let report = account(vec![("gpu.csv", kilowatt(1))], &Settings { region: Some("FR".into()), ..Settings::default() });
    let intensity = report.carbon_intensity_gco2e_per_kwh.expect("an intensity");
    let q = report.emissions.expect("emissions").operational_kgco2e;
    assert!(q.high / q.value > intensity.high / intensity.value && q.low / q.value < intensity.low / intensity.value);
    assert_eq!((intensity.year, intensity.matched.as_str()), (Some(2024), "exact"));
    assert!(report.interval.budget.len() >= 3);
}

#[test]
fn an_unknown_place_is_the_world_with_the_spread_of_countries() {
    let report = account(vec![("gpu.csv", kilowatt(1))], &Settings::default());
    assert!(report.headline.sentence.contains("world-average"));
    assert!(report.quality.iter().any(|n| n.code == "zone-unknown"));
    let q = report.emissions.expect("emissions").operational_kgco2e;
    assert!(q.high / q.low > 5.0, "{q:?}");
    assert!(report.assumptions.iter().any(|a| a.option.as_deref() == Some("--region")));
}

#[test]
fn an_unknown_name_is_an_error_with_suggestions() {
    let mut ledger = Ledger::default();
    ledger.add(file("gpu.csv"), kilowatt(1));
    let error = report(&ledger, &factors(), &Settings { region: Some("Frnace".into()), ..Settings::default() }).expect_err("a typo");
    assert!(error.hint.contains("France"), "{error:?}");
}

/// Carbon intensities of one zone for the hours from `from` on.
fn hours_of(zone: Option<&str>, from: i64, grams: &[f64]) -> Reading {
    let mut out = Reading::new("intensity_csv", None, None);
    let point = |(hour, grams): (i64, &f64)| IntensityPoint::new(start().plus(Span::from_seconds(3600 * hour)), Some(*grams), None);
    out.intensity.push(IntensitySeries {
        zone: zone.map(String::from),
        publisher: String::new(),
        points: (from..).zip(grams).map(point).collect(),
        basis_stated: true,
    });
    out
}

#[test]
fn series_of_one_zone_are_one_and_none_is_taken_for_an_unknown_place() {
    let france = || Settings { region: Some("FR".into()), pue: Some(1.0), ..Settings::default() };
    let grams = |files: Vec<(&str, Reading)>, settings: &Settings| {
        let report = account([vec![("gpu.csv", kilowatt(2))], files].concat(), settings);
        let ambiguous = report.quality.iter().any(|n| n.code == "intensity-ambiguous");
        (report.carbon_intensity_gco2e_per_kwh.expect("an intensity").value, ambiguous)
    };
    // 1 kW for two hours: 100 and 300 g/kWh from two files that follow each other.
    let (value, ambiguous) =
        grams(vec![("a.csv", hours_of(Some("FR"), 0, &[100.0])), ("b.csv", hours_of(Some("FR"), 1, &[300.0, 300.0]))], &france());
    assert!(close(value, 200.0) && !ambiguous);
    // Both have the first hour: 100 and 200 there, 300 in the second.
    let files = vec![("a.csv", hours_of(Some("FR"), 0, &[100.0])), ("b.csv", hours_of(Some("FR"), 0, &[200.0, 300.0]))];
    let (value, ambiguous) = grams(files, &france());
    assert!(close(value, 225.0) && ambiguous);
    // The zone's own comes before another's, in whatever order.
    let files = vec![("a.csv", hours_of(Some("DE"), 0, &[400.0, 400.0])), ("b.csv", hours_of(Some("FR"), 0, &[50.0, 50.0]))];
    assert!(close(grams(files, &france()).0, 50.0));
    // A place that is not known: neither.
    let files = vec![("a.csv", hours_of(Some("DE"), 0, &[1.0, 1.0])), ("b.csv", hours_of(Some("FR"), 0, &[1.0, 1.0]))];
    let (value, ambiguous) = grams(files, &Settings { pue: Some(1.0), ..Settings::default() });
    assert!(value > 100.0 && ambiguous);
}

#[test]
fn hourly_intensity_is_applied_by_the_hour() {
    // Two hours at 1 kW and PUE 1.5: 1.5 kWh × 100 g + 1.5 kWh × 300 g = 600 g.
    let point = |hour: i64, grams: f64| IntensityPoint::new(start().plus(Span::from_seconds(hour * 3600)), Some(grams), None);
    let mut intensity = Reading::new("intensity_csv", None, None);
    intensity.intensity.push(IntensitySeries {
        zone: None,
        publisher: String::from("test"),
        points: vec![point(0, 100.0), point(1, 300.0), point(2, 500.0)],
        basis_stated: true,
    });
    let settings = Settings { pue: Some(1.5), ..Settings::default() };
    let report = account(vec![("gpu.csv", kilowatt(2)), ("grid.csv", intensity)], &settings);
    let q = report.emissions.expect("emissions").operational_kgco2e;
    assert!(close(q.value, 0.6), "{q:?}");
    assert!(close(report.carbon_intensity_gco2e_per_kwh.expect("an intensity").value, 200.0));
}

/// A series of the first of ten hours says nothing of the others: their factor is off as far as it is without the series.
#[test]
fn hours_that_a_series_lacks_keep_the_yearly_factors_interval() {
    let at = |minutes: i64| start().plus(Span::from_seconds(minutes * 60));
    let series = || {
        let mut reading = Reading::new("intensity_csv", None, None);
        let points = (0..2).map(|n| IntensityPoint::new(at(n * 30), Some(40.0), None)).collect();
        reading.intensity.push(IntensitySeries { zone: None, publisher: String::from("test"), points, basis_stated: true });
        reading
    };
    let settings = Settings { region: Some("FR".into()), ..Settings::default() };
    let half_width = |files| {
        let q = account(files, &settings).emissions.expect("emissions").operational_kgco2e;
        (q.high - q.low) / q.value
    };
    let (with, without) =
        (half_width(vec![("gpu.csv", kilowatt(10)), ("grid.csv", series())]), half_width(vec![("gpu.csv", kilowatt(10))]));
    assert!(with > 0.85 * without && with < without, "{with} with a tenth of the hours, {without} with none");
}

#[test]
fn a_higher_pue_never_lowers_emissions_and_doubled_pue_doubles_them() {
    let at = |pue| {
        let settings = Settings { region: Some("DE".into()), pue: Some(pue), ..Settings::default() };
        account(vec![("gpu.csv", kilowatt(1))], &settings).emissions.expect("emissions").operational_kgco2e.value
    };
    assert!(at(1.0) < at(1.1) && at(1.1) < at(2.0));
    assert!(close(at(2.0), 2.0 * at(1.0)));
}

#[test]
fn no_energy_is_unknown_and_not_zero() {
    let report = account(vec![("empty.csv", Reading::new("test", None, None))], &Settings::default());
    assert!(report.energy.is_none() && report.emissions.is_none() && report.model_card.is_none());
    assert!(report.quality.iter().any(|n| n.code == "no-energy"));
}
