//! The rest of the computers, the building, and what is said of them: sums worked by hand from the rows of `machine_rest.csv`.

use carbon_core::account::{Settings, report};
use carbon_core::estimate::{EstimateRequest, Phase, evidence};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::{InputFile, Ledger};
use carbon_core::read::{Clock, JobDevices, Reading};
use carbon_core::report::{Boundary, Report};
use carbon_core::series::{Channel, Component, Device, Instrument, Quantity};
use carbon_core::units::calendar::parse_stamp;
use carbon_core::units::{Power, Span};

fn factors() -> FactorSet {
    FactorSet::from_tables(carbon_data::TABLES).expect("the built-in tables")
}

/// Constant power of devices for ten hours from 2024-05-01T00:00:00Z.
fn log(devices: &[(Component, &str, Option<&str>, Instrument, i64)]) -> Reading {
    log_on(1, devices)
}

/// The same on another day of the month.
fn log_on(day: u32, devices: &[(Component, &str, Option<&str>, Instrument, i64)]) -> Reading {
    let mut reading = Reading::new("test", None, None);
    reading.clock = Clock::Utc;
    let start = parse_stamp(format!("2024-05-{day:02}T00:00:00Z").as_bytes()).expect("a stamp").at;
    for (component, index, model, instrument, watts) in devices {
        let device = Device { model: model.map(String::from), ..Device::indexed(*index) };
        let channel = Channel { host: None, component: *component, device, quantity: Quantity::Power, instrument: *instrument, run: None };
        let id = reading.channel(channel);
        for tick in 0..=3600 {
            reading.power(id, start.plus(Span::from_seconds(tick * 10)), Power::from_watts(*watts)).expect("plausible");
        }
    }
    reading
}

fn account(mut reading: Reading, settings: &Settings) -> Report {
    reading.end();
    let mut ledger = Ledger::default();
    ledger.add(InputFile { path: "log.csv".into(), bytes: 1, blake3: "x".into(), ..InputFile::default() }, reading);
    report(&ledger, &factors(), settings).expect("a report")
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs()
}

const A100: &str = "NVIDIA A100-SXM4-80GB";

fn gpus(count: usize, watts: i64) -> Reading {
    let names = ["0", "1", "2", "3", "4", "5", "6", "7"];
    let of: Vec<_> = names[..count].iter().map(|name| (Component::Gpu, *name, Some(A100), Instrument::GpuPower, watts)).collect();
    log(&of)
}

fn in_france() -> Settings {
    Settings { intensity_g_per_kwh: Some(100.0), ..Settings::default() }
}

#[test]
fn each_accelerator_carries_its_share_of_the_host() {
    // 300 W and 25 % of the rated 400 W for processors, memory and the rest, 6.4 % of both lost in supplies: (300 + 100) × 1.064 = 425.6 W.
    for count in [1, 3, 8] {
        let report = account(gpus(count, 300), &in_france());
        let (energy, emissions) = (report.energy.expect("energy"), report.emissions.expect("emissions"));
        let devices = count as f64;
        assert!(near(energy.logged_kwh.value, 3.0 * devices) && near(energy.it_kwh.value, 4.256 * devices), "{:?}", energy.it_kwh);
        assert!(near(energy.rest_kwh.expect("a rest").value, 1.256 * devices));
        assert!(near(emissions.operational_kgco2e.value, 0.4256 * devices) && near(emissions.logged_kgco2e.value, 0.3 * devices));
        assert!(near(energy.measured_share, 3.0 / 4.256));
        // No PUE is known: the building stands beside, by the industry's mean of 1.56.
        assert!(near(energy.facility_kwh.expect("a building").value, 4.256 * 1.56 * devices));
        assert_eq!((report.headline.boundary, report.headline.facility), (Boundary::Machine, false));
        assert!(report.headline.sentence.contains("best estimate for the computers."), "{}", report.headline.sentence);
    }
}

/// Jobs that a scheduler tells beside four A100 at 300 W for ten hours.
fn beside_jobs(jobs: &[(Option<&str>, i64, i64, u32)]) -> Report {
    let mut reading = gpus(4, 300);
    let at = |hour: i64| parse_stamp(b"2024-05-01T00:00:00Z").expect("a stamp").at.plus(Span::from_seconds(3600 * hour));
    let job = |(host, from, to, devices): &(Option<&str>, i64, i64, u32)| JobDevices {
        run: format!("from {from}"),
        host: host.map(String::from),
        nodes: None,
        period: Some((at(*from), at(*to))),
        devices: *devices,
    };
    reading.jobs.extend(jobs.iter().map(job));
    account(reading, &in_france())
}

#[test]
fn accelerators_of_a_job_that_no_log_shows_are_idle() {
    let it = |jobs: &[(Option<&str>, i64, i64, u32)]| beside_jobs(jobs).energy.expect("energy").it_kwh;
    // 15 % of 400 W for each of four more, a quarter of the rated power of all eight for the host, 6.4 % lost in supplies.
    for (jobs, kwh) in [
        (vec![(Some("n1"), 0, 10, 8)], (12.0 + 2.4 + 8.0) * 1.064),
        // Three hours of the job that nobody watched are as the ten others.
        (vec![(Some("n1"), -1, 12, 8)], 1.3 * (12.0 + 2.4 + 8.0) * 1.064),
        (vec![(Some("n1"), 0, 5, 8)], (12.0 + 1.2 + 6.0) * 1.064),
        (vec![(Some("n1"), 0, 5, 5), (Some("n1"), 5, 10, 8)], (12.0 + 0.3 + 1.2 + 4.0 + 0.5 + 2.0) * 1.064),
        // As many as are logged, another time, a node that is not named, two of which the log may be of either.
        (vec![(Some("n1"), 0, 10, 4)], 17.024),
        (vec![(Some("n1"), 20, 30, 8)], 17.024),
        (vec![(None, 0, 10, 8)], 17.024),
        (vec![(Some("n1"), 0, 10, 8), (Some("n2"), 0, 10, 8)], 17.024),
    ] {
        let found = it(&jobs);
        assert!(near(found.value, kwh), "{jobs:?}: {found:?}, expected {kwh}");
    }
    // They may have been at work: 16 kWh of them, as the logged ones at their rating.
    let idle = it(&[(Some("n1"), 0, 10, 8)]);
    assert!(idle.high >= (12.0 + 16.0 + 8.0) * 1.064 && idle.high < 60.0, "{idle:?}");
    // A job that stands in two exports had its devices once.
    assert!(near(it(&[(Some("n1"), 0, 10, 8), (Some("n1"), 0, 10, 8)]).value, (12.0 + 2.4 + 8.0) * 1.064));
    // Of chosen parts nobody knows whether a log shows the others.
    let mut reading = gpus(4, 300);
    let at = |hour: i64| parse_stamp(b"2024-05-01T00:00:00Z").expect("a stamp").at.plus(Span::from_seconds(3600 * hour));
    reading.jobs.push(JobDevices { run: "7".into(), host: Some("n1".into()), nodes: None, period: Some((at(0), at(10))), devices: 4 });
    let only = account(reading, &Settings { only: vec!["gpu:0".into()], ..in_france() });
    assert!(only.activities.iter().all(|row| !row.device.contains("no log shows")), "{:?}", only.activities);
    // Beside an A100 a card at 350 W that no table rates: by twice that as its rating; 15 % of it for each of two more.
    let unrated = (Component::Gpu, "1", Some("Accelerator of 2031"), Instrument::GpuPower, 350);
    let mut reading = log(&[(Component::Gpu, "0", Some(A100), Instrument::GpuPower, 300), unrated]);
    reading.jobs.push(JobDevices { run: "7".into(), host: Some("n1".into()), nodes: None, period: Some((at(0), at(10))), devices: 4 });
    let idle: Vec<_> = account(reading, &in_france()).activities.into_iter().filter(|row| row.device.contains("no log shows")).collect();
    assert!(idle.len() == 1 && near(idle[0].energy_kwh.value, 2.0 * 0.15 * 7.0), "{idle:?}");
    // What was logged stays what it is.
    assert!(near(beside_jobs(&[(Some("n1"), 0, 10, 8)]).energy.expect("energy").logged_kwh.value, 12.0));
}

#[test]
fn a_stated_pue_is_in_the_headline() {
    let report = account(gpus(4, 300), &Settings { pue: Some(1.25), ..in_france() });
    let emissions = report.emissions.expect("emissions");
    // 17.024 kWh × 1.25 × 100 g = 2.128 kg, of which the logs hold 1.2 kg, the rest 502.4 g and the building 425.6 g.
    assert!(near(emissions.operational_kgco2e.value, 2.128) && near(emissions.logged_kgco2e.value, 1.2));
    assert!(near(emissions.rest_kgco2e.expect("a rest").value, 0.5024) && emissions.facility_kgco2e.is_none());
    assert!(report.headline.facility);
    for part in ["(4 GPUs, by sensors;", "the rest of the computers 500 g, by estimate", "the facility 430 g, by its PUE (1.25"] {
        assert!(report.headline.scope.contains(part), "{part}: {}", report.headline.scope);
    }
    let card = report.model_card.expect("a card");
    assert_eq!(card.emissions_g.as_deref(), Some("2128.0"));
    assert!(card.source.contains("computers and facility, logged 1200.0 g"), "{}", card.source);
}

#[test]
fn the_boundary_that_trackers_have_leaves_the_rest_out() {
    let report = account(gpus(4, 300), &Settings { boundary: Boundary::Logged, pue: Some(1.25), ..in_france() });
    let (energy, emissions) = (report.energy.expect("energy"), report.emissions.expect("emissions"));
    assert!(near(energy.it_kwh.value, 12.0) && energy.rest_kwh.is_none() && near(emissions.operational_kgco2e.value, 1.5));
    assert_eq!(energy.measured_share, 1.0);
    assert_eq!(report.headline.boundary, Boundary::Logged);
}

#[test]
fn what_a_log_shows_of_the_host_is_not_added() {
    // Processors and memory by their counters: 4 × 300 + 200 + 40 W, and 14 % of the rated 1600 W: (1440 + 224) × 1.064 = 1770.496 W.
    let mut all: Vec<_> = ["0", "1", "2", "3"].map(|index| (Component::Gpu, index, Some(A100), Instrument::GpuPower, 300)).to_vec();
    all.push((Component::Cpu, "package-0", None, Instrument::Rapl, 200));
    all.push((Component::Memory, "dram-0", None, Instrument::Rapl, 40));
    let energy = account(log(&all), &in_france()).energy.expect("energy");
    assert!(near(energy.it_kwh.value, 17.70496), "{:?}", energy.it_kwh);
    // One desktop: (250 + 55 + 8 + 35) × 1.136 W; a notebook's card: (80 + 20 + 3 + 10) × 1.136 W.
    for (model, watts, expected) in [("NVIDIA GeForce RTX 3090", 250, 3.95328), ("NVIDIA GeForce RTX 3070 Laptop GPU", 80, 1.28368)] {
        let energy = account(log(&[(Component::Gpu, "0", Some(model), Instrument::GpuPower, watts)]), &in_france()).energy.expect("energy");
        assert!(near(energy.it_kwh.value, expected), "{model}: {:?}", energy.it_kwh);
    }
}

#[test]
fn a_machine_of_which_nothing_is_known_is_told_as_what_was_logged() {
    let report = account(log(&[(Component::Gpu, "0", None, Instrument::GpuPower, 250)]), &in_france());
    let energy = report.energy.expect("energy");
    assert!(near(energy.it_kwh.value, 2.5) && energy.rest_kwh.is_none() && energy.facility_kwh.is_none());
    assert_eq!(report.headline.boundary, Boundary::Logged);
    assert!(report.headline.scope.contains("Not even the kind of machine is known"), "{}", report.headline.scope);
}

#[test]
fn a_meter_at_the_plug_needs_nothing_and_a_controller_its_correction() {
    let node = |instrument| account(log(&[(Component::Node, "", None, instrument, 1000)]), &in_france());
    let plug = node(Instrument::WallMeter);
    assert!(near(plug.energy.as_ref().expect("energy").it_kwh.value, 10.0) && plug.headline.boundary == Boundary::Machine);
    let controller = node(Instrument::BoardController).energy.expect("energy");
    assert!(near(controller.it_kwh.value, 11.4) && near(controller.logged_kwh.value, 10.0));
}

#[test]
fn a_node_and_its_gpus_have_the_nodes_own_uncertainty() {
    // The node's meter alone, and the same meter beside the sensors of its GPUs: what the sensors say does not make the total less certain.
    let relative = |report: Report| {
        let it = report.energy.expect("energy").it_kwh;
        (it.value, it.low / it.value, it.high / it.value)
    };
    let meter = (Component::Node, "", None, Instrument::WallMeter, 2000);
    let alone = relative(account(log(&[meter]), &in_france()));
    let all: Vec<_> = ["0", "1", "2", "3"].map(|index| (Component::Gpu, index, Some(A100), Instrument::GpuPower, 300)).to_vec();
    let beside = relative(account(log(&[&all[..], &[meter]].concat()), &in_france()));
    assert!(near(alone.0, 20.0) && near(beside.0, 20.0), "{alone:?} {beside:?}");
    assert!((alone.1 - beside.1).abs() < 1e-6 && (alone.2 - beside.2).abs() < 1e-6, "{alone:?} {beside:?}");
}

/// A board controller that is read each minute while the load swings between 2 and 4 kW, with so many of its boards' own readings beside it.
fn swinging(boards: usize) -> Report {
    let mut reading = Reading::new("test", None, None);
    reading.clock = Clock::Utc;
    let start = parse_stamp(b"2024-05-01T00:00:00Z").expect("a stamp").at;
    for at in 0..=boards {
        let (component, instrument) = match at {
            0 => (Component::Node, Instrument::BoardController),
            _ => (Component::Gpu, Instrument::GpuPower),
        };
        let device = if at == 0 { Device::default() } else { Device { model: Some(A100.into()), ..Device::indexed(at.to_string()) } };
        let id = reading.channel(Channel { host: None, component, device, quantity: Quantity::Power, instrument, run: None });
        for tick in 0..=120i64 {
            let watts = match (at, tick * 7 % 10 < 5) {
                (0, busy) => {
                    if busy {
                        4000
                    } else {
                        2000
                    }
                }
                (_, _) => 300,
            };
            reading.power(id, start.plus(Span::from_seconds(tick * 60)), Power::from_watts(watts)).expect("plausible");
        }
    }
    account(reading, &in_france())
}

#[test]
fn parts_beside_a_meter_that_is_read_seldom_make_nothing_wider() {
    let width = |report: &Report| {
        let energy = report.energy.as_ref().expect("energy");
        (energy.logged_kwh.high - energy.logged_kwh.low) / energy.logged_kwh.value
    };
    let alone = width(&swinging(0));
    for boards in [1, 3, 6] {
        let beside = width(&swinging(boards));
        assert!(beside < 1.1 * alone, "{boards} boards: {beside} of {alone}");
    }
}

#[test]
fn an_estimate_with_the_logs_load_is_the_logs_machine() {
    // 300 W of 400 W rated: 0.15 + 0.70 × u = 0.75, u = 6/7.
    for count in [1_usize, 4, 8] {
        let logs = account(gpus(count, 300), &in_france()).energy.expect("energy");
        let of = |utilisation: Option<f64>| {
            let phase = Phase { gpu: vec![format!("{count}x {A100}")], hours: Some(10.0), utilisation, ..Phase::default() };
            let mut ledger = Ledger::default();
            let request = EstimateRequest { method: None, phases: vec![phase] };
            ledger.add_phases(evidence(&request, &in_france(), &factors()).expect("phases"));
            report(&ledger, &factors(), &in_france()).expect("a report").energy.expect("energy")
        };
        let same = of(Some(6.0 / 7.0));
        assert!(near(same.it_kwh.value, logs.it_kwh.value) && near(same.logged_kwh.value, logs.logged_kwh.value), "{same:?}");
        let open = of(None).it_kwh;
        let holds = |a: &carbon_core::report::Quantity, b: f64| a.low <= b && b <= a.high;
        assert!(holds(&open, logs.it_kwh.value) && holds(&logs.it_kwh, open.value), "{open:?} {:?}", logs.it_kwh);
    }
}

#[test]
fn new_year_lies_between_two_factors() {
    // Ten hours from 2023-12-31T19:00Z in France: half at 2023's factor, half at 2024's.
    let mut reading = Reading::new("test", None, None);
    reading.clock = Clock::Utc;
    let start = parse_stamp(b"2023-12-31T19:00:00Z").expect("a stamp").at;
    let device = Device { model: Some(A100.into()), ..Device::indexed("0") };
    let channel =
        Channel { host: None, component: Component::Gpu, device, quantity: Quantity::Power, instrument: Instrument::GpuPower, run: None };
    let id = reading.channel(channel);
    for tick in 0..=3600 {
        reading.power(id, start.plus(Span::from_seconds(tick * 10)), Power::from_watts(300)).expect("plausible");
    }
    let report = account(reading, &Settings { region: Some("FR".into()), ..Settings::default() });
    let factors = factors();
    let zone = factors.zone("FR").expect("a zone");
    let of = |year| factors.carbon_intensity(&zone, Some(year), carbon_core::factor::Basis::Lifecycle).expect("a factor").value;
    let used = report.carbon_intensity_gco2e_per_kwh.expect("a factor");
    assert!(near(used.value, (of(2023) + of(2024)) / 2.0), "{used:?}");
    assert!(used.label.contains("2023: 50%") && used.label.contains("2024: 50%"), "{}", used.label);
}

#[test]
fn a_processor_under_two_names_is_one_at_a_time() {
    let rest = |logs: &[(u32, &[&str])]| {
        let mut ledger = Ledger::default();
        for (at, (day, names)) in logs.iter().enumerate() {
            let devices: Vec<_> = names.iter().map(|name| (Component::Cpu, *name, Some("AMD EPYC 7713"), Instrument::Rapl, 150)).collect();
            let mut reading = log_on(*day, &devices);
            reading.end();
            let path = format!("log{at}.csv");
            ledger.add(InputFile { blake3: path.clone(), path, bytes: 1, ..InputFile::default() }, reading);
        }
        let report = report(&ledger, &factors(), &in_france()).expect("a report");
        let energy = report.energy.expect("energy");
        energy.it_kwh.value - energy.logged_kwh.value
    };
    let one = rest(&[(1, &["package-0"])]);
    assert!(one > 0.0);
    for (what, logs, times) in [
        ("two names, a day each", &[(1, &["package-0"][..]), (3, &["AMD EPYC 7713"])][..], 2.0),
        ("three", &[(1, &["package-0"]), (3, &["0"]), (5, &["cpu"])], 3.0),
        ("two sockets at once", &[(1, &["package-0", "package-1"])], 2.0),
        ("and one of them another day", &[(1, &["package-0", "package-1"]), (3, &["package-0"])], 3.0),
    ] {
        let found = rest(logs);
        assert!((found - times * one).abs() < 1e-6 * found, "{what}: {found} kWh, one is {one}");
    }
}
