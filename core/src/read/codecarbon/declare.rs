//! One row to a declared total, with the known defects of its release repaired.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::components;
use super::repairs::{self, Draft};
use super::{Candidate, Column, Finding, Record, RowOptions, STAMPS, Said};
use crate::decode::quantity;
use crate::decode::table::is_nan;
use crate::note;
use crate::read::{Clock, Declared, LocalClock, Place, Reading, Scope, SkipReason};
use crate::rules;
use crate::series::Component;
use crate::text::significant;
use crate::units::calendar::{self, Stamp};
use crate::units::{Energy, Span};

/// The point that CodeCarbon writes when geolocation failed: a village in Quebec.
const FALLBACK_POINT: (f64, f64) = (46.8, -71.2);

/// Power below which no machine runs, in µW.
const LEAST_MACHINE_POWER: i64 = rules::power("codecarbon_least_machine_w").as_microwatts();

/// Memory that is a larger share of the energy than this, on a machine with more than so much of it, is told.
const LARGE_SHARE: f64 = rules::value("codecarbon_host_share");
const LARGE_HOST_GIB: f64 = rules::value("codecarbon_host_gib");

/// A warning where a row that should hold a run's figures can't be used.
#[cold]
pub(in crate::read) fn lost_run(reason: SkipReason, line: u64, out: &mut Reading) {
    let why = match reason {
        SkipReason::Binary => "it holds NUL bytes",
        SkipReason::NoReading => "it has no energy",
        SkipReason::NoTime => "it has no time",
        SkipReason::NotANumber => "its energy is no number (NaN)",
        SkipReason::OpenQuote => "a quote in it is not closed",
        SkipReason::Torn => "it is torn, or a cell or key in it is not what it should be",
        _ => return,
    };
    out.notes.add(&note::RUN_LOST, reason.as_str(), Some(line), || format!("the row of a run is not used: {why}"));
}

/// What a row declares; the reason where it is no row that can count.
pub(in crate::read) fn declare(
    record: &Record<'_>,
    line: u64,
    clock: &mut LocalClock,
    options: &RowOptions,
) -> Result<Candidate, SkipReason> {
    let stamp = match record.get(Column::Timestamp) {
        b"" if options.undated => None,
        b"" if quantity::kilowatt_hours(record.get(Column::EnergyConsumed)).is_some() => return Err(SkipReason::NoTime),
        text => Some(stamp(text).ok_or(SkipReason::Torn)?),
    };
    if !record.is_plausible() {
        return Err(SkipReason::Torn);
    }
    let total = match record.get(Column::EnergyConsumed) {
        b"" | b"None" => return Err(SkipReason::NoReading),
        text if is_nan(text) => return Err(SkipReason::NotANumber),
        text => quantity::kilowatt_hours(text).ok_or(SkipReason::Torn)?,
    };
    let emissions = match record.get(Column::Emissions) {
        b"" | b"nan" | b"NaN" | b"None" => None,
        text => Some(quantity::float(text).ok_or(SkipReason::Torn)?),
    };
    let logged_duration = quantity::seconds(record.get(Column::Duration)).ok_or(SkipReason::Torn)?;

    let mut findings = Vec::new();
    let mut draft = Draft {
        duration: Some(logged_duration),
        length_by_energy: None,
        emissions_kg: emissions,
        parts: Vec::new(),
        as_logged: options.as_logged,
        repairs: Vec::new(),
    };
    if !options.as_logged {
        repairs::apply(repairs::OF_TIME, record, &mut draft);
    }
    draft.duration = draft.duration.and_then(repairs::sane);
    let lengthened = draft.duration.is_some_and(|d| d > logged_duration);
    let agrees = components::parts(record, total, &mut draft, options.as_logged, &mut findings)?;
    repairs::apply(repairs::OF_ENERGY, record, &mut draft);
    host_memory(record, options, &mut draft, &mut findings);
    draft.parts.shrink_to_fit();
    let Draft { duration, length_by_energy, parts, repairs, .. } = draft;
    for repair in &repairs {
        findings.push(Finding { code: &note::ROWS_REPAIRED, subject: "", said: Said::Text(repair.clone()) });
    }
    if parts.is_empty() && total == Energy::ZERO {
        findings.push(Finding {
            code: &note::NOT_MEASURED,
            subject: "energy_consumed",
            said: Said::Text(String::from("energy_consumed is 0: nothing was measured")),
        });
    }
    findings.extend(kilowatts_for_watts(record, total, duration));
    let pue = record.float(Column::Pue).filter(|p| *p > 0.0);
    if let Some(pue) = pue.filter(|p| *p != 1.0 && !parts.is_empty()) {
        findings.push(Finding { code: &note::PUE_DIVIDED_BACK, subject: "", said: Said::Pue(pue) });
    }
    let place = place(record, options.as_logged);
    if place.failed {
        findings.push(Finding {
            code: &note::LOCATION_FAILED,
            subject: "",
            said: Said::Text(String::from(
                "country CAN, region quebec, 46.8 N 71.2 W is what CodeCarbon writes when it cannot find the place",
            )),
        });
    }

    let at = stamp.map(|s| if s.zoned { s.at } else { clock.resolve(s.at) });
    let clock = match stamp {
        None => Clock::Relative,
        Some(s) => Clock::of(s.zoned, clock.knows_zone()),
    };
    let task = record.text(Column::TaskName);
    let tool = record.text(Column::CodecarbonVersion).map_or_else(|| String::from("CodeCarbon"), |v| format!("CodeCarbon {v}"));
    let declared = Declared {
        run: run(record),
        name: name(record, task.as_deref()),
        scope: if record.get(Column::TrackingMode) == b"process" { Scope::Process } else { Scope::Machine },
        period: at.zip(duration).map(|(at, d)| (at.plus(Span::from_micros(-d.as_micros())), at)),
        end_known_to: STAMPS,
        duration,
        length_by_energy,
        energy_as_logged: Some(total),
        emissions_kg: emissions,
        intensity_g_per_kwh: emissions.filter(|e| *e > 0.0 && total > Energy::ZERO).map(|e| e * 1000.0 / total.as_kwh()),
        pue,
        place: place.said(),
        hardware_key: hardware_key(record),
        // Containers of one machine share its kernel, and may differ in their C library.
        system: record.text(Column::Os).map(|os| os.split_once("-with-").map_or_else(|| os.clone(), |(kernel, _)| String::from(kernel))),
        repairs,
        part_of_run: record.is_task(),
        as_logged: options.as_logged,
        parts,
        ..Declared::by(tool, line)
    };
    let energy = declared.parts.iter().map(|part| part.energy).sum();
    let logged_start = at.zip(repairs::sane(logged_duration)).map(|(at, d)| at.plus(Span::from_micros(-d.as_micros())));
    let memory_time = components::time_by_memory(record);
    Ok(Candidate { declared, clock, energy, agrees, lengthened, logged_start, memory_time, task, findings })
}

impl Candidate {
    /// Says that cells were put back into the row before it was read.
    pub(in crate::read) fn realigned(&mut self) {
        let repair = String::from(repairs::CELLS_LEFT_OUT);
        self.declared.repairs.push(repair.clone());
        self.findings.push(Finding { code: &note::ROWS_REPAIRED, subject: "cells", said: Said::Text(repair) });
    }
}

/// A stamp of CodeCarbon's own shape; torn rows begin anywhere.
fn stamp(text: &[u8]) -> Option<Stamp> {
    let shaped = matches!(text, [_, _, _, _, b'-' | b'/', _, _, b'-' | b'/', _, _, b'T' | b' ', _, _, b':', _, _, b':', _, _, ..]);
    shaped.then(|| calendar::parse_stamp(text)).flatten()
}

/// The memory of a machine is modelled by all of its size, which in a container is the host's. Where it is most of what was counted on a large host, what is the
/// job's own may be a small part of it: the lower end is without it, and the user may say how much memory the job had.
fn host_memory(record: &Record<'_>, options: &RowOptions, draft: &mut Draft, findings: &mut Vec<Finding>) {
    let total: Energy = draft.parts.iter().map(|part| part.energy).sum();
    let Some(size) = record.float(Column::RamTotalSize).filter(|gib| *gib > 0.0) else { return };
    let Some(memory) = draft.parts.iter_mut().find(|part| part.component == Component::Memory) else { return };
    // GiB in the log, GB (10^9 bytes) from the user.
    let size_gb = size * 1.073_741_824;
    if let Some(own) = options.memory_gb.filter(|own| *own < size_gb) {
        memory.energy = memory.energy.share(libm::round(own * 1000.0) as i64, libm::round(size_gb * 1000.0) as i64);
        draft.repairs.push(format!("memory of {} GB taken to {own} GB, which the job had", significant(size_gb, 3)));
        return;
    }
    let share = memory.energy.as_kwh() / total.as_kwh();
    if share < LARGE_SHARE || size < LARGE_HOST_GIB || record.get(Column::TrackingMode) != b"machine" {
        return;
    }
    memory.doubtful = memory.energy;
    findings.push(Finding {
        code: &note::MEMORY_OF_HOST,
        subject: "",
        said: Said::Text(format!(
            "the memory is not measured but modelled by the {} GB of the machine, and is {}% of the run's energy: a job in a container had less",
            significant(size_gb, 3),
            libm::round(share * 100.0)
        )),
    });
}

/// 1.2 read RAPL's kilowatts as watts (upstream issue 286): a machine on less than a watt.
fn kilowatts_for_watts(record: &Record<'_>, total: Energy, duration: Option<Span>) -> Option<Finding> {
    let first_layouts = record.get(Column::RunId).is_empty() && record.get(Column::CpuEnergy).is_empty();
    let power = i64::try_from(total.as_picojoules() / i128::from(duration?.as_micros().max(1))).ok()?;
    (first_layouts && (1..LEAST_MACHINE_POWER).contains(&power)).then(|| Finding {
        code: &note::ENERGY_TOO_LOW,
        subject: "",
        said: Said::Text(format!(
            "the mean power is {:.3} W: CodeCarbon 1.2 wrote a thousandth where it read the CPU's own counters",
            power as f64 / 1e6
        )),
    })
}

/// The key of the running totals. Rows of the first releases have an `experiment_id` of their own each; from 2.7 on it is the same for
/// everybody and no key.
fn run(record: &Record<'_>) -> Option<String> {
    record.text(Column::RunId).or_else(|| record.text(Column::ExperimentId))
}

/// The project, and the task without the UUID that makes a repeated name unique.
fn name(record: &Record<'_>, task: Option<&str>) -> Option<String> {
    let project = record.text(Column::ProjectName);
    let Some(task) = task else {
        return project;
    };
    let plain = match task.rsplit_once('_') {
        Some((plain, suffix)) if super::is_uuid(suffix.as_bytes()) => plain,
        _ => task,
    };
    Some(project.map_or_else(|| String::from(plain), |project| format!("{project}: {plain}")))
}

fn place(record: &Record<'_>, as_logged: bool) -> Place {
    let near = |column, value: f64| record.float(column).is_some_and(|v| libm::fabs(v - value) < 0.01);
    let failed = record.get(Column::CountryIsoCode) == b"CAN"
        && record.get(Column::Region).eq_ignore_ascii_case(b"quebec")
        && near(Column::Latitude, FALLBACK_POINT.0)
        && near(Column::Longitude, FALLBACK_POINT.1);
    Place {
        country_code: record.text(Column::CountryIsoCode),
        country: record.text(Column::CountryName),
        region: record.text(Column::Region),
        provider: record.text(Column::CloudProvider),
        cloud_region: record.text(Column::CloudRegion),
        failed: failed && !as_logged,
        stated_by: None,
    }
}

/// Models, numbers and memory in one text. Counts are written as integers, for pandas makes floats of them; memory to a hundredth of a GiB.
fn hardware_key(record: &Record<'_>) -> String {
    let memory = record.float(Column::RamTotalSize).map(|gib| format!("{gib:.2} GiB"));
    let count = |column| record.count(column).filter(|n| *n > 0).map(|n| format!("{n}"));
    let text = |column| record.text(column);
    let words = [text(Column::CpuModel), count(Column::CpuCount), text(Column::GpuModel), count(Column::GpuCount), memory];
    if words.iter().all(Option::is_none) {
        return String::new();
    }
    words.map(Option::unwrap_or_default).join("|")
}
