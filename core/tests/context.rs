//! What the total means: prediction, manufacture, budget, hours and savings, against sums worked by hand.

use std::collections::BTreeMap;

use carbon_core::account::{Settings, SettingsError, report};
use carbon_core::compare::hours;
use carbon_core::factor::FactorSet;
use carbon_core::ledger::{InputFile, Ledger};
use carbon_core::read::{Clock, FileReader, IntensityPoint, IntensitySeries, Mark, ReadOptions, Reading, ZoneTransitions};
use carbon_core::report::{Boundary, Report};
use carbon_core::series::{Channel, Component, CounterRange, Device, Instrument, Quantity, Sample};
use carbon_core::units::calendar::parse_stamp;
use carbon_core::units::{Instant, Power, Span};

fn factors() -> FactorSet {
    FactorSet::from_tables(carbon_data::TABLES).expect("the built-in tables")
}

fn start() -> Instant {
    parse_stamp(b"2024-05-01T00:00:00Z").expect("a stamp").at
}

/// A log of one GPU each, sampled every ten seconds for `hours`; `watts` of hour.
fn gpus(hours: i64, gpus: &[&dyn Fn(i64) -> i64]) -> Reading {
    let mut reading = Reading::new("test", None, None);
    reading.clock = Clock::Utc;
    for (index, watts) in gpus.iter().enumerate() {
        let device = Device { model: Some("NVIDIA A100-SXM4-80GB".into()), ..Device::indexed(index.to_string()) };
        let id = reading.channel(Channel {
            host: None,
            component: Component::Gpu,
            device,
            quantity: Quantity::PowerMean,
            instrument: Instrument::GpuPower,
            run: None,
        });
        for tick in 0..=hours * 360 {
            let watts = Power::from_watts(watts((tick - 1).max(0) / 360));
            reading.power(id, start().plus(Span::from_seconds(tick * 10)), watts).expect("plausible");
        }
    }
    reading
}

fn account(mut reading: Reading, settings: &Settings) -> Result<Report, SettingsError> {
    reading.end();
    let mut ledger = Ledger::default();
    ledger.add(InputFile { path: "gpu.csv".into(), bytes: 1, blake3: "a".into(), ..InputFile::default() }, reading);
    // What the logs hold alone: the rest of the machines has tests of its own.
    let settings = Settings { boundary: Boundary::Logged, ..settings.clone() };
    report(&ledger, &factors(), &settings)
}

fn at(grams: f64) -> Settings {
    Settings { intensity_g_per_kwh: Some(grams), pue: Some(1.2), ..Settings::default() }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * b.abs()
}

fn marks(reading: &mut Reading, epochs: &[(i64, f64)]) {
    for (hour, epoch) in epochs {
        let metrics = BTreeMap::from([("epoch".into(), *epoch)]);
        reading.marks.push(Mark { at: start().plus(Span::from_seconds(hour * 3600)), text: "validated".into(), metrics, run: None });
    }
}

#[test]
fn marks_tell_epochs_apart_and_predict_the_rest() {
    // 300 W: an epoch of an hour is 0.3 kWh, × 1.2 at the meter = 0.36 kWh, × 100 g = 36 g.
    let mut reading = gpus(4, &[&|_| 300]);
    marks(&mut reading, &[(0, 0.0), (1, 1.0), (2, 2.0)]);
    let settings = Settings { predict_epochs: Some(10), ..at(100.0) };
    let prediction = account(reading, &settings).expect("a report").prediction.expect("a prediction");
    assert_eq!((prediction.epochs_known, prediction.epochs), (2, 10));
    assert!(prediction.epoch_it_kwh.iter().all(|kwh| near(*kwh, 0.3)), "{:?}", prediction.epoch_it_kwh);
    assert!(near(prediction.known_facility_kwh.value, 0.72));
    let rest = prediction.predicted_facility_kwh.expect("a rest");
    assert!(near(rest.value, 2.88) && near(prediction.facility_kwh.value, 3.6) && near(prediction.emissions_kgco2e.value, 0.36));
    assert!(near(prediction.duration_s.expect("a length"), 36_000.0));
    // By hand: t(2) = 4.303, s = 5 % ÷ √2, × √(1/8 + 1/2): ±12.027 %; with sensor +10 % and PUE 5 %: e^√(ln² 1.12027 + ln² 1.10 + ln² 1.05) = 1.16893.
    assert!((rest.high / rest.value - 1.168_93).abs() < 1e-3, "{rest:?}");
    assert!(prediction.text.contains("2 are known") && prediction.text.contains("other 8 are predicted"), "{}", prediction.text);
}

#[test]
fn epochs_that_are_done_again_are_a_saving_and_no_new_epochs() {
    // Epochs 0 to 2 end, the run falls back to 1 and does 1 and 2 again.
    let mut reading = gpus(7, &[&|_| 300]);
    marks(&mut reading, &[(0, 0.0), (1, 1.0), (2, 2.0), (3, 3.0), (4, 1.0), (5, 2.0), (6, 3.0)]);
    let report = account(reading, &Settings { predict_epochs: Some(3), ..at(100.0) }).expect("a report");
    assert_eq!(report.prediction.as_ref().expect("a prediction").epochs_known, 3);
    let saving = report.savings.iter().find(|saving| saving.code == "repeated_epochs").expect("a saving");
    // Two epochs of 0.3 kWh × 1.2 × 100 g.
    assert!(near(saving.kgco2e.value, 0.072), "{saving:?}");
    assert!(saving.action.contains("2 epochs"));
}

#[test]
fn a_second_pass_over_the_epochs_is_a_restart_only_after_a_failure() {
    // Two runs of two epochs, both from epoch 0: trials as well as a restart.
    let saved = |failed: &[&str], second: f64| {
        let mut reading = gpus(6, &[&|_| 300]);
        marks(&mut reading, &[(0, 0.0), (1, 1.0), (2, 2.0), (3, second), (4, second + 1.0), (5, second + 2.0)]);
        for (at, mark) in reading.marks.iter_mut().enumerate() {
            mark.run = Some(if at < 3 { "first".into() } else { "second".into() });
        }
        reading.failed_runs = failed.iter().map(|run| (*run).into()).collect();
        let savings = account(reading, &at(100.0)).expect("a report").savings;
        savings.into_iter().find(|saving| saving.code == "repeated_epochs").map(|saving| saving.kgco2e.value)
    };
    assert_eq!(saved(&[], 0.0), None);
    assert_eq!(saved(&["second"], 0.0), None);
    // 2 epochs × 0.3 kWh × 1.2 × 100 g.
    assert!(near(saved(&["first"], 0.0).expect("a saving"), 0.072));
    // From a checkpoint after epoch 0: epoch 1 was done twice, whatever ended the first run.
    assert!(near(saved(&[], 1.0).expect("a saving"), 0.036));
    // Where the first one ended: nothing twice.
    assert_eq!(saved(&["first"], 2.0), None);
}

#[test]
fn runs_beside_each_other_repeat_nothing() {
    // Two processes mark the same epochs, one a little later.
    let mut reading = gpus(4, &[&|_| 300]);
    marks(&mut reading, &[(0, 0.0), (1, 1.0), (2, 2.0), (3, 3.0)]);
    let late =
        reading.marks.clone().into_iter().map(|mark| Mark { at: mark.at.plus(Span::from_seconds(30)), run: Some("b".into()), ..mark });
    reading.marks.extend(late.collect::<Vec<_>>());
    let report = account(reading, &Settings { predict_epochs: Some(3), ..at(100.0) }).expect("a report");
    assert!(report.savings.iter().all(|saving| saving.code != "repeated_epochs"), "{:?}", report.savings);
    assert_eq!(report.prediction.expect("a prediction").epochs_known, 3);
}

/// A standard log of carbontracker: epochs of an hour at 100 W.
fn tracked(day: u32, epochs: u32, stopped_before: Option<u32>) -> String {
    let mut text = format!("2023-03-{day:02} 00:00:00 - carbontracker version 1.2.5\n");
    text += &format!("2023-03-{day:02} 00:00:00 - The following components were found: GPU with device(s) NVIDIA V100.\n");
    for epoch in 1..=epochs {
        text += &format!("2023-03-{day:02} {epoch:02}:00:00 - Epoch {epoch}:\n");
        text += &format!("2023-03-{day:02} {epoch:02}:00:00 - Duration: 1:00:00.00\n");
        text += &format!("2023-03-{day:02} {epoch:02}:00:00 - Average power usage (W) for gpu: [100.0]\n");
    }
    if let Some(planned) = stopped_before {
        text += &format!("2023-03-{day:02} 23:00:00 - Training was interrupted before all {planned} epochs were monitored.\n");
    }
    text
}

#[test]
fn a_tracker_that_says_that_a_run_stopped_tells_what_was_done_again() {
    let saved = |logs: &[String]| {
        let mut ledger = Ledger::default();
        for (at, text) in logs.iter().enumerate() {
            let mut reader = FileReader::new(ReadOptions::default());
            reader.push(text.as_bytes());
            let path = format!("logs/{at}_carbontracker.log");
            ledger.add(InputFile { path, bytes: 1, blake3: at.to_string(), ..InputFile::default() }, reader.finish());
        }
        let savings = report(&ledger, &factors(), &Settings { boundary: Boundary::Logged, ..at(100.0) }).expect("a report").savings;
        savings.into_iter().find(|saving| saving.code == "repeated_epochs").map(|saving| (saving.kgco2e.value, saving.assumption))
    };
    // 4 epochs of 0.1 kWh × 1.2 × 100 g = 48 g, then all ten.
    let (kg, assumption) = saved(&[tracked(1, 4, Some(10)), tracked(2, 10, None)]).expect("a saving");
    assert!(near(kg, 0.048) && assumption.contains("if it was the same training"), "{kg} {assumption}");
    // Twice cut: 4 and 3 epochs.
    assert!(near(saved(&[tracked(1, 4, Some(10)), tracked(2, 3, Some(10)), tracked(3, 10, None)]).expect("a saving").0, 0.084));
    // The six that were left, a training of another length, a run that nobody says was cut.
    assert!(saved(&[tracked(1, 4, Some(10)), tracked(2, 6, None)]).is_none());
    assert!(saved(&[tracked(1, 4, Some(10)), tracked(2, 12, None)]).is_none());
    assert!(saved(&[tracked(1, 4, None), tracked(2, 10, None)]).is_none());
}

#[test]
fn idle_hours_and_unused_gpus_are_told_apart() {
    // An A100's 400 W: idle is below 80 W. The first works two hours of four and idles at 60 W, the second idles throughout.
    let report = account(gpus(4, &[&|hour| if hour < 2 { 300 } else { 60 }, &|_| 50]), &at(100.0)).expect("a report");
    let of =
        |code: &str| report.savings.iter().find(|saving| saving.code == code).unwrap_or_else(|| panic!("{code}: {:?}", report.savings));
    // Two hours × 60 W = 0.12 kWh × 1.2 × 100 g = 14.4 g, but for the bucket at the end that is not whole.
    assert!((of("idle_gpus").kgco2e.value / 0.0144 - 1.0).abs() < 0.03, "{:?}", of("idle_gpus"));
    // Four hours × 50 W = 0.2 kWh: 24 g.
    assert!((of("unused_devices").kgco2e.value / 0.024 - 1.0).abs() < 0.03, "{:?}", of("unused_devices"));
    assert!(of("unused_devices").caveat.starts_with("At most"));
    // Most first.
    assert!(report.savings.windows(2).all(|pair| pair[0].kgco2e.value >= pair[1].kgco2e.value));
}

#[test]
fn nothing_is_said_where_nothing_supports_it() {
    // A busy GPU at a place that is not known, in a building of unknown PUE, without a series or marks.
    let report = account(gpus(2, &[&|_| 350]), &Settings::default()).expect("a report");
    assert!(report.savings.is_empty(), "{:?}", report.savings);
    assert!(report.prediction.is_none() && report.embodied.is_empty() && report.carbon_budget.is_none());
}

#[test]
fn another_region_saves_what_the_factors_differ_by() {
    let report =
        account(gpus(10, &[&|_| 400]), &Settings { region: Some("PL".into()), pue: Some(1.2), ..Settings::default() }).expect("a report");
    let saving = report.savings.iter().find(|saving| saving.code == "region").expect("a saving");
    let grams = |zone: &str| report.comparison.iter().find(|row| row.zone == zone).expect("a row").gco2e_per_kwh;
    assert!(near(saving.kgco2e.value, 4.0 * 1.2 * (grams("PL") - grams("SE")) / 1000.0), "{saving:?}");
    assert!(saving.kgco2e.low > 0.0 && saving.kgco2e.low < saving.kgco2e.value && saving.kgco2e.value < saving.kgco2e.high);
    assert!(saving.assumption.contains("Sweden"), "{}", saving.assumption);
}

#[test]
fn manufacture_is_a_share_of_the_expected_life() {
    // ISO/IEC 21031: TE 567.7 kg (A100-SXM4-80GB, Boavizta) × 10 h ÷ (4 × 8760 h) × 2 devices = 0.324030 kg.
    let reading = || gpus(10, &[&|_| 300, &|_| 300]);
    let report = account(reading(), &Settings { embodied: true, ..at(100.0) }).expect("a report");
    let emissions = report.emissions.expect("emissions");
    let embodied = emissions.embodied_kgco2e.expect("a share");
    assert!((embodied.value - 0.324_030).abs() < 1e-5, "{embodied:?}");
    assert!(near(emissions.total_kgco2e.value, emissions.operational_kgco2e.value + embodied.value));
    let row = report.embodied.first().expect("a row");
    // The BLOOM study takes 150 kg for the same card: the range holds both.
    assert!(row.by_source.len() > 1 && row.by_source.iter().all(|s| row.factor.low <= s.kgco2e && s.kgco2e <= row.factor.high), "{row:?}");
    assert!(report.assumptions.iter().any(|a| a.option.as_deref() == Some("--lifetime-years")));
    // Twice the life, half the share; without being asked, none.
    let longer = Settings { embodied: true, lifetime_years: Some(8.0), ..at(100.0) };
    let half = account(reading(), &longer).expect("a report").emissions.expect("emissions").embodied_kgco2e.expect("a share");
    assert!(near(half.value * 2.0, embodied.value) && half.high / half.value < embodied.high / embodied.value);
    let plain = account(reading(), &at(100.0)).expect("a report").emissions.expect("emissions");
    assert!(plain.embodied_kgco2e.is_none() && plain.total_kgco2e == plain.operational_kgco2e);
}

#[test]
fn a_budget_is_held_exceeded_or_open() {
    // 4 kWh × 1.2 × 100 g = 480 g.
    let of = |kg: f64| {
        let settings = Settings { carbon_budget_kg: Some(kg), ..at(100.0) };
        account(gpus(10, &[&|_| 400]), &settings).expect("a report").carbon_budget.expect("a budget")
    };
    assert!(near(of(0.96).share.value, 0.5));
    assert_eq!((of(0.96).verdict, of(0.5).verdict, of(0.3).verdict), ("within".into(), "open".into(), "exceeded".into()));
    assert_eq!(of(0.96).budget_text, "960 g");
}

#[test]
fn wrong_settings_are_told_with_a_way_out() {
    let wrong = |settings: Settings| account(gpus(1, &[&|_| 300]), &settings).expect_err("an error").setting;
    assert_eq!(wrong(Settings { predict_epochs: Some(0), ..Settings::default() }), "predict-epochs");
    assert_eq!(wrong(Settings { carbon_budget_kg: Some(0.0), ..Settings::default() }), "carbon-budget");
    assert_eq!(wrong(Settings { lifetime_years: Some(0.0), embodied: true, ..Settings::default() }), "lifetime-years");
    assert_eq!(wrong(Settings { lifetime_years: Some(4.0), ..Settings::default() }), "lifetime-years");
    assert_eq!(wrong(Settings { compare: vec!["Frnace".into()], ..Settings::default() }), "region");
}

/// 100 g by night, 300 g from 12:00 to 18:00, every day from April 30 to May 3.
fn series() -> IntensitySeries {
    let day = 24 * 3600;
    let points = (-24..72).map(|hour: i64| {
        let grams = if (12..18).contains(&hour.rem_euclid(24)) { 300.0 } else { 100.0 };
        let at = start().plus(Span::from_seconds(hour * 3600));
        IntensityPoint::new(at, Some(grams), None)
    });
    let series = IntensitySeries { zone: None, publisher: "made up".into(), points: points.collect(), basis_stated: true };
    assert_eq!(series.points.last().map(|p| p.at.since(start())), Some(Span::from_seconds(3 * day - 3600)));
    series
}

#[test]
fn the_start_is_moved_by_the_hour() {
    // Two hours of 300 W from 00:00 lie in the 100 g; started at 12:00, in the 300 g; at 11:00, half and half.
    let report = account(gpus(2, &[&|_| 300]), &at(250.0)).expect("a report");
    let rows = hours::starts(&report, &series()).expect("rows");
    assert_eq!(rows.len(), 24);
    let grams = |clock: &str| rows.iter().find(|row| row.name.starts_with(clock)).expect("a row").gco2e_per_kwh;
    assert!(near(grams("00:00"), 100.0) && near(grams("12:00"), 300.0) && near(grams("11:00"), 200.0) && near(grams("17:00"), 200.0));
    let own = rows.iter().find(|row| row.own).expect("the run");
    // 0.6 kWh × 1.2 × 100 g.
    assert!(near(own.kgco2e, 0.072) && own.name == "00:00 UTC, as it was");
    assert!(rows.windows(2).all(|pair| pair[0].kgco2e <= pair[1].kgco2e));
    // A series of another week does not cover the run.
    let mut late = series();
    late.points.retain(|point| point.at > start().plus(Span::from_seconds(3600)));
    assert_eq!(hours::starts(&report, &late).expect_err("an error").setting, "hours");
}

#[test]
fn a_cleaner_hour_is_a_saving() {
    // The run of two hours starts at noon of the series: moved, the same energy is at 100 g instead of 300.
    let mut reading = gpus(2, &[&|_| 300]);
    let mut noon = series();
    noon.points.iter_mut().for_each(|point| point.at = point.at.plus(Span::from_seconds(-12 * 3600)));
    reading.intensity.push(noon);
    let report = account(reading, &Settings { pue: Some(1.2), region: Some("FR".into()), ..Settings::default() }).expect("a report");
    let saving = report.savings.iter().find(|saving| saving.code == "hour").unwrap_or_else(|| panic!("{:?}", report.savings));
    // 0.6 kWh × 1.2 × (300 − 100) g.
    assert!(near(saving.kgco2e.value, 0.144), "{saving:?}");
}

/// GPU samples for two hours from midnight, and a tracker's figure of the processor from noon to two: carbontracker's stamps are read as UTC.
fn sampled_and_tracked() -> Ledger {
    let mut gpu = gpus(2, &[&|hour| 100 + 200 * hour]);
    gpu.end();
    let mut ledger = Ledger::default();
    ledger.add(InputFile { path: "gpu.csv".into(), bytes: 1, blake3: "a".into(), ..InputFile::default() }, gpu);
    ledger.add(InputFile { path: "tracker.log".into(), bytes: 1, blake3: "b".into(), ..InputFile::default() }, tracker());
    ledger
}

/// 0.4 kWh of a processor from 12:00 to 14:00.
fn tracker() -> Reading {
    let mut text = String::from("2024-05-01 12:00:00 - carbontracker version 1.2.5\n");
    text += "2024-05-01 12:00:00 - The following components were found: CPU with device(s) cpu:0.\n";
    text += "2024-05-01 14:00:00 - Epoch 1:\n2024-05-01 14:00:00 - Duration: 2:00:00.00\n";
    text += "2024-05-01 14:00:00 - Average power usage (W) for cpu: [200.0]\n";
    let options = ReadOptions { zone: Some(ZoneTransitions(vec![(Instant::from_micros(0), 0)])), ..ReadOptions::default() };
    let mut reader = FileReader::new(options);
    reader.push(text.as_bytes());
    reader.finish()
}

#[test]
fn power_over_time_is_of_samples_alone() {
    let settings = Settings { boundary: Boundary::Logged, ..at(250.0) };
    let report = report(&sampled_and_tracked(), &factors(), &settings).expect("a report");
    assert!(near(report.energy.as_ref().expect("energy").it_kwh.value, 0.1 + 0.3 + 0.4));
    let timeline = report.timeline.as_ref().expect("a timeline");
    let shown: Vec<&str> = timeline.series.iter().map(|series| series.component.as_str()).collect();
    assert_eq!((shown, timeline.start.as_str()), (vec!["gpu"], "2024-05-01T00:00:00Z"));
    let seconds: f64 = timeline.series[0].mean_power_w.iter().flatten().sum::<f64>() * f64::from(timeline.step_s);
    assert!(near(seconds, 0.4 * 3.6e6), "{seconds}");
    // The tracker's energy has its hours nevertheless: half of all lies at noon, in the 300 g.
    let rows = hours::starts(&report, &series()).expect("rows");
    let own = rows.iter().find(|row| row.own).expect("the run");
    assert!(near(own.gco2e_per_kwh, 200.0) && own.name == "00:00 UTC, as it was", "{own:?}");

    let mut alone = Ledger::default();
    alone.add(InputFile { path: "tracker.log".into(), bytes: 1, blake3: "b".into(), ..InputFile::default() }, tracker());
    let tracked = carbon_core::account::report(&alone, &factors(), &settings).expect("a report");
    assert!(tracked.energy.is_some() && tracked.timeline.is_none());
}

/// Where one log counts for a part of its time alone, its course over that part is its own, not even.
#[test]
fn a_log_that_counts_in_part_keeps_its_course() {
    let mut ledger = Ledger::default();
    // 100, 300 and 500 W by the hour; the second log is of the same device, from the second hour on, by a counter, which counts there.
    let mut power = gpus(3, &[&|hour| 100 + 200 * hour]);
    power.end();
    let mut counter = Reading::new("test", None, None);
    counter.clock = Clock::Utc;
    let device = Device { model: Some("NVIDIA A100-SXM4-80GB".into()), ..Device::indexed("0") };
    let quantity = Quantity::Counter(CounterRange::Unbounded);
    let id =
        counter.channel(Channel { host: None, component: Component::Gpu, device, quantity, instrument: Instrument::GpuCounter, run: None });
    for tick in 0..=360 {
        // 500 W in µJ.
        let sample = Sample { at: start().plus(Span::from_seconds(7200 + tick * 10)), value: tick * 5_000_000_000 };
        counter.sample(id, sample).expect("plausible");
    }
    counter.end();
    ledger.add(InputFile { path: "gpu.csv".into(), bytes: 1, blake3: "a".into(), ..InputFile::default() }, power);
    ledger.add(InputFile { path: "counter.csv".into(), bytes: 1, blake3: "b".into(), ..InputFile::default() }, counter);
    let report = report(&ledger, &factors(), &Settings { boundary: Boundary::Logged, ..at(250.0) }).expect("a report");
    assert!(near(report.energy.as_ref().expect("energy").it_kwh.value, 0.9), "{:?}", report.energy);
    let timeline = report.timeline.as_ref().expect("a timeline");
    let an_hour = 3600 / timeline.step_s as usize;
    let powers = &timeline.series[0].mean_power_w;
    for (hour, watts) in [(0, 100.0), (1, 300.0), (2, 500.0)] {
        let middle = powers[hour * an_hour + an_hour / 2].expect("a power");
        assert!((middle - watts).abs() < 1.0, "{hour}: {middle}");
    }
}
