//! Options of a report, as help lists them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Place::{Compare, Estimate, Host, Live, Python, Record, Report, Settings, Web};
use super::value::{duration, instant_expected, job_memory, mass_kg, number, watts};
use super::{ByHost, Changes, Effect, Group, Kind, PLAIN, Place, Row, about, fields};
use crate::account::LIFETIMES;
use crate::factor::Basis;
use crate::fault::SettingsError;
use crate::read::{COLUMN_ROLES, instant, is_column_role};
use crate::report::Boundary;
use crate::units::Instant;
use crate::units::calendar::parse_stamp;

/// What can be said of every report.
const EVERYWHERE: &[Place] = &[Report, Estimate, Settings, Python, Web];

/// The same of the way the command goes.
const COMMAND: &[Place] = &[Report, Estimate, Settings, Python];

/// And of its documents.
const DOCUMENTS: &[Place] = &[Report, Estimate, Settings];

const ABOUT: Row = Row { places: EVERYWHERE, ..PLAIN };
const READING: Row = Row { group: Group::Reading, ..ABOUT };

const ENERGY: Changes = fields(&["/energy/it_kwh/value"]);

/// The rows: [`super::SETTINGS`].
pub(super) const ROWS: &[Row] = &[
    Row {
        name: "region",
        kind: Kind::Place,
        value: about("ZONE"),
        places: &[Report, Estimate, Compare, Live, Record, Settings, Host, Python, Web],
        changes: fields(&["/location/zone", "/carbon_intensity_gco2e_per_kwh/value"]),
        help: about("Where the energy was used: FR, US-CA, EGRID-CAMX, gcp:europe-west1, aws:eu-north-1, WORLD, or a name such as France"),
        default: about("what the logs say, else the world's average"),
        example: about("gcp:europe-west4"),
        effect: Effect::Text(|made| &mut made.account.region),
        by_host: ByHost::Text(|account| &mut account.region_by_host),
        ..ABOUT
    },
    Row {
        name: "pue",
        kind: Kind::Pue,
        value: about("N"),
        places: &[Report, Estimate, Live, Record, Settings, Host, Python, Web],
        changes: fields(&["/energy/facility_kwh/value"]),
        help: about("Power usage effectiveness of the building, 1.0 to 3.0"),
        example: about("1.25"),
        effect: Effect::Number(|made| &mut made.account.pue),
        by_host: ByHost::Number(|account| &mut account.pue_by_host),
        ..ABOUT
    },
    Row {
        name: "intensity",
        kind: Kind::IntensityOrFile,
        value: about("G|FILE"),
        changes: fields(&["/carbon_intensity_gco2e_per_kwh/value"]),
        help: about("Carbon intensity: one value in gCO2e per kWh, or a file with a series of them"),
        help_in_pages: about("Carbon intensity for all energy, gCO2e per kWh. A series comes as a file among the logs"),
        example: about("41.5"),
        effect: Effect::With(|made, text| {
            made.account.intensity_g_per_kwh = number(text);
            made.account.intensity_series = made.account.intensity_g_per_kwh.is_none().then(|| String::from(text));
            Ok(())
        }),
        ..ABOUT
    },
    Row {
        name: "basis",
        kind: Kind::Choice(&["lifecycle", "direct"]),
        value: about("BASIS"),
        found: false,
        changes: fields(&["/carbon_intensity_gco2e_per_kwh/basis"]),
        help: about("What carbon intensities include"),
        default: about("lifecycle"),
        example: about("direct"),
        effect: Effect::With(|made, text| {
            made.account.basis = Basis::parse(text);
            Ok(())
        }),
        ..ABOUT
    },
    Row {
        name: "boundary",
        kind: Kind::Choice(&["machine", "logged"]),
        value: about("BOUNDARY"),
        found: false,
        changes: fields(&["/headline/boundary"]),
        help: about("What the total is of: the whole computers, or the parts that logs hold, as trackers have it"),
        default: about("machine"),
        example: about("logged"),
        effect: Effect::With(|made, text| {
            made.account.boundary = Boundary::named(text).unwrap_or_default();
            Ok(())
        }),
        ..ABOUT
    },
    Row {
        name: "factors",
        kind: Kind::Files,
        value: about("FILE.csv"),
        changes: fields(&["/carbon_intensity_gco2e_per_kwh/value"]),
        help: about("Your own table of carbon intensities: zone, gco2e_per_kwh, basis, year, source"),
        help_in_pages: about("Your own tables of carbon intensities, as CSV: zone, gco2e_per_kwh, basis, year, source"),
        example: about("mine.csv"),
        ..ABOUT
    },
    Row {
        name: "year",
        kind: Kind::Year,
        value: about("Y"),
        found: false,
        changes: fields(&["/carbon_intensity_gco2e_per_kwh/year"]),
        help: about("Year of the factors, instead of the year of the run"),
        example: about("2020"),
        effect: Effect::With(|made, text| {
            made.account.year = text.trim().parse().ok();
            Ok(())
        }),
        ..ABOUT
    },
    Row {
        name: "market",
        aliases: &["market-intensity"],
        kind: Kind::Contract,
        value: about("G"),
        found: false,
        changes: fields(&["/emissions/market_based_kgco2e"]),
        help: about(
            "Carbon intensity of your electricity contract, gCO2e per kWh: a market-based figure stands beside the location-based one",
        ),
        example: about("10"),
        effect: Effect::Number(|made| &mut made.account.market_g_per_kwh),
        ..ABOUT
    },
    Row {
        name: "tdp",
        kind: Kind::Watts,
        value: about("W"),
        changes: ENERGY,
        help: about("Rated power of one device in watts: estimates GPUs whose nvidia-smi log holds their utilisation and no power"),
        example: about("300"),
        effect: Effect::With(|made, text| {
            made.read.tdp = Some(watts(text)?);
            Ok(())
        }),
        ..ABOUT
    },
    Row {
        name: "embodied",
        kind: Kind::Flag,
        changes: fields(&["/embodied"]),
        help: about("Add the share of the accelerators' manufacture, as a range over the published figures"),
        effect: Effect::Flag(|made| &mut made.account.embodied),
        ..ABOUT
    },
    Row {
        name: "lifetime-years",
        kind: Kind::Number(*LIFETIMES.start(), *LIFETIMES.end(), "years"),
        value: about("N"),
        changes: fields(&["/embodied"]),
        help: about("Years that hardware is expected to be used for, with --embodied"),
        default: about("4, and 3 to 6 in the interval"),
        example: about("8"),
        effect: Effect::Number(|made| &mut made.account.lifetime_years),
        ..ABOUT
    },
    Row {
        name: "carbon-budget",
        kind: Kind::Mass,
        value: about("MASS"),
        changes: fields(&["/carbon_budget"]),
        help: about("Say which share of a carbon budget this is: 100kg, 1.5t"),
        help_in_pages: about("A carbon budget, kgCO2e: the report says which share of it this is"),
        example: about("100kg"),
        effect: Effect::With(|made, text| {
            made.account.carbon_budget_kg = Some(mass_kg(text)?);
            Ok(())
        }),
        ..ABOUT
    },
    Row {
        name: "predict-epochs",
        kind: Kind::Count,
        value: about("N"),
        changes: fields(&["/prediction"]),
        help: about("Predict the consumption of N epochs from those in the logs"),
        help_in_pages: about("Epochs of the whole run: its consumption is predicted from those in the logs"),
        example: about("100"),
        effect: Effect::With(|made, text| {
            made.account.predict_epochs = text.trim().parse().ok();
            Ok(())
        }),
        ..ABOUT
    },
    Row {
        name: "compare",
        kind: Kind::Places,
        value: about("ZONE,…"),
        changes: fields(&["/comparison"]),
        help: about("Zones or cloud regions to compare with in the card: SE,gcp:europe-north1"),
        help_in_pages: about("Zones or cloud regions to compare with in the card: `[\"SE\", \"gcp:europe-north1\"]`"),
        example: about("SE"),
        effect: Effect::Texts(|made| &mut made.account.compare),
        ..ABOUT
    },
    Row {
        name: "training-type",
        kind: Kind::Choice(&["pre-training", "fine-tuning"]),
        value: about("TYPE"),
        changes: fields(&["/model_card/training_type"]),
        help: about("What kind of training it was, for the Hub"),
        example: about("fine-tuning"),
        effect: Effect::Text(|made| &mut made.account.training_type),
        ..ABOUT
    },
    Row {
        name: "interval",
        kind: Kind::Duration,
        value: about("TIME"),
        changes: ENERGY,
        help: about("Time between samples, for logs without a clock: 1s, 500ms"),
        help_in_pages: about("Time between samples, for logs without a clock, seconds"),
        example: about("2s"),
        effect: Effect::With(|made, text| {
            made.read.interval = Some(duration(text).map_err(|message| SettingsError::new("interval", message, ""))?);
            Ok(())
        }),
        ..READING
    },
    Row {
        name: "tz",
        kind: Kind::Zone,
        value: about("ZONE"),
        places: &[Report, Estimate, Compare, Settings, Python, Web],
        changes: fields(&["/period/start"]),
        help: about("Zone of local stamps: Europe/Paris, UTC, +02:00"),
        example: about("Europe/Paris"),
        ..READING
    },
    Row {
        name: "from",
        kind: Kind::Time,
        value: about("TIME"),
        found: false,
        changes: ENERGY,
        help: about("Leave out what is earlier: 2025-06-12T14:00:00Z; without Z or offset, a time in --tz or on the logs' own clock"),
        example: about("2025-06-12T14:05:00"),
        effect: Effect::With(|made, text| {
            made.read.from = Some(time("from", text, made)?);
            Ok(())
        }),
        ..READING
    },
    Row {
        name: "to",
        kind: Kind::Time,
        value: about("TIME"),
        found: false,
        changes: ENERGY,
        help: about("Leave out what is later"),
        example: about("2025-06-12T14:10:00"),
        effect: Effect::With(|made, text| {
            made.read.to = Some(time("to", text, made)?);
            Ok(())
        }),
        ..READING
    },
    Row {
        name: "columns",
        kind: Kind::Words,
        value: about("NAMES"),
        changes: ENERGY,
        help: about("What the columns of a table are, in order: time,gpu0_w,gpu1_w,-"),
        help_in_pages: about("What the columns of a table are, in order: `[\"time\", \"gpu0_w\", \"-\"]`"),
        example: about("time,gpu0_w,-"),
        effect: Effect::With(|made, text| {
            let words: Vec<String> = text.split(',').map(ToString::to_string).collect();
            if let Some(odd) = words.iter().find(|word| !is_column_role(word)) {
                return Err(SettingsError::new("columns", format!("found \"{}\", which is no role", odd.trim()), COLUMN_ROLES));
            }
            made.read.columns = Some(words);
            Ok(())
        }),
        ..READING
    },
    Row {
        name: "formats",
        kind: Kind::Files,
        value: about("FILE.toml"),
        places: &[Report, Settings, Python],
        found: false,
        changes: ENERGY,
        help: about("Formats of logs that are not known, as rows in TOML: docs/formats.md says how"),
        example: about("mine.toml"),
        ..READING
    },
    Row {
        name: "only",
        kind: Kind::Parts,
        value: about("PART,…"),
        places: &[Report, Settings, Python, Web],
        found: false,
        changes: ENERGY,
        help: about(
            "Count these parts of the logs alone: gpu, cpu, gpu:2 (by index, place in the round, uuid, bus id or serial), a host (node07), or node07/gpu:2",
        ),
        help_in_pages: about(
            "Count these parts of the logs alone: `[\"gpu:2\", \"node07/gpu:0\"]`, by index, place in the round, uuid, bus id or serial; `gpu` is all of them, `node07` a host",
        ),
        default: about("all of them"),
        example: about("gpu"),
        effect: Effect::Texts(|made| &mut made.account.only),
        ..READING
    },
    Row {
        name: "same_as",
        value: about("HOST"),
        places: &[Host],
        changes: ENERGY,
        help: about("Another name of this host: what logs of the two names hold of one device at one time counts once"),
        example: about("node2"),
        by_host: ByHost::Texts(|account| &mut account.same_as),
        ..READING
    },
    Row {
        name: "files",
        kind: Kind::Texts,
        value: about("PATTERN"),
        places: &[Host],
        changes: ENERGY,
        help: about("Logs that are of this host, as patterns of their paths: `*` stands for any part of a name, `**` for folders too"),
        example: about("**/a/*.csv"),
        by_host: ByHost::Texts(|account| &mut account.host_files),
        ..READING
    },
    Row {
        name: "memory",
        kind: Kind::Memory,
        value: about("SIZE"),
        places: &[Report, Settings, Python, Web],
        changes: ENERGY,
        help: about("Memory that the job had, where a tracker models that of the whole host: 16GB"),
        help_in_pages: about("Memory that the job had, GB, where a tracker models that of the whole host"),
        example: about("2GB"),
        effect: Effect::With(|made, text| {
            made.read.memory_gb = Some(job_memory(text)?);
            Ok(())
        }),
        ..READING
    },
    Row {
        name: "as-logged",
        kind: Kind::Flag,
        found: false,
        changes: ENERGY,
        help: about("Leave trackers' known defects as they are"),
        effect: Effect::Flag(|made| &mut made.read.as_logged),
        ..READING
    },
    Row {
        name: "fill-gaps",
        kind: Kind::Flag,
        found: false,
        changes: ENERGY,
        help: about("Count gaps in the samples by the mean of their two ends"),
        effect: Effect::Flag(|made| &mut made.account.fill_gaps),
        ..READING
    },
    Row {
        name: "running",
        kind: Kind::Periods,
        value: about("FROM..TO,…"),
        places: &[Report, Settings, Python, Web],
        found: false,
        changes: ENERGY,
        help: about(
            "When the training ran: what no log watched of it is estimated, at each device's mean power, and other pauses are none of it",
        ),
        help_in_pages: about(
            "When the training ran: what no log watched of it is estimated, at each device's mean power, and other pauses are none of it: `[\"2025-06-12T14:00:00Z..2025-06-12T17:00:00Z\"]`",
        ),
        example: about("2025-06-12T14:00:00..2025-06-12T14:10:00"),
        effect: Effect::With(|made, text| {
            made.account.running =
                text.split(',').map(|text| period(text, made).ok_or_else(|| period_expected(text))).collect::<Result<_, _>>()?;
            Ok(())
        }),
        ..READING
    },
    Row {
        name: "strict",
        kind: Kind::Flag,
        places: COMMAND,
        found: false,
        changes: Changes::Status,
        help: about("Fail when a note of severity error is found"),
        ..READING
    },
    Row {
        name: "length",
        kind: Kind::Choice(&["short", "standard", "full"]),
        value: about("LENGTH"),
        places: DOCUMENTS,
        // A shorter card does not say what found settings changed.
        found: false,
        changes: Changes::Document,
        group: Group::Writing,
        help: about("How much is told"),
        default: about("standard"),
        example: about("full"),
        ..PLAIN
    },
    Row {
        name: "template",
        kind: Kind::File,
        value: about("FILE"),
        places: DOCUMENTS,
        found: false,
        changes: Changes::Document,
        group: Group::Writing,
        help: about("Make Markdown or HTML with your own template"),
        example: about("card.md.tera"),
        ..PLAIN
    },
    Row {
        name: "title",
        places: EVERYWHERE,
        changes: fields(&["/title"]),
        group: Group::Writing,
        help: about("What the report is about"),
        example: about("A model"),
        effect: Effect::Text(|made| &mut made.account.title),
        ..PLAIN
    },
    Row {
        name: "reproduce",
        places: &[Web],
        changes: Changes::Nothing,
        group: Group::Writing,
        help: about("The command or code that makes the report again"),
        example: about("make card"),
        effect: Effect::Text(|made| &mut made.account.reproduce),
        ..PLAIN
    },
];

fn time(setting: &'static str, text: &str, made: &mut super::Made) -> Result<Instant, SettingsError> {
    given(setting, text, made).ok_or_else(|| instant_expected(setting, text))
}

/// A time; one in a zone is kept in mind where that of the logs may not be known.
fn given(setting: &'static str, text: &str, made: &mut super::Made) -> Option<Instant> {
    let at = instant(text, made.read.zone.as_ref())?;
    if made.read.zone.is_none() && parse_stamp(text.as_bytes()).is_some_and(|stamp| stamp.zoned) {
        made.account.zoned.push((setting, at));
    }
    Some(at)
}

/// Two times, the earlier one first.
fn period(text: &str, made: &mut super::Made) -> Option<(Instant, Instant)> {
    let (from, to) = text.split_once("..")?;
    let mut of = |text: &str| given("running", text.trim(), made);
    of(from).zip(of(to)).filter(|(from, to)| from < to)
}

fn period_expected(text: &str) -> SettingsError {
    let message = format!("found {text:?}, expected two times, the earlier one first: 2025-06-12T14:00:00Z..2025-06-12T17:00:00Z");
    SettingsError::new("running", message, "")
}
