//! `carbon-report estimate`: a training without logs, from its hardware, hours and place.

use std::path::{Path, PathBuf};

use carbon_core::estimate::{self, EstimateRequest, METHODS, Phase};
use carbon_core::units::Power;

use crate::discover::printable;
use crate::request::{Request, unusable};
use crate::settings::{Choices, Flags, OfEstimate, SettingsFile};
use crate::terminal::Terminal;
use crate::{Error, Inputs, Options, read_paths};

use super::documents::Documents;
use super::report::show;
use super::{Status, table};

const EXAMPLES: &str = "\
Examples:
  carbon-report estimate --gpu \"8x A100-SXM4-80GB\" --hours 24 --region gcp:europe-west4 -o card.md
  carbon-report estimate --gpu \"TPU v3-32\" --device-hours 1000 --region US --year 2021
  carbon-report estimate --cpu \"2x Xeon E5-2683 v4\" --memory 128GB --hours 10 --utilisation 0.5
  carbon-report estimate --gpu \"310x Tesla V100-PCIE-16GB\" --hours 2160 --region gcp:europe-west1 --method mlco2
  carbon-report estimate logs/ --phases experiments.toml -o card.md       logs of some runs, and phases that left none

A file of phases holds what a training is made of; what a phase leaves out is taken from the flags, or from the top of the file:
  region = \"gcp:europe-west4\"
  [[phase]]
  name = \"search\"
  kind = \"experiments\"            # experiments, failed, final or evaluation
  gpu = \"4x A100-SXM4-40GB\"
  hours = 120
  [[phase]]
  gpu = \"8x A100-SXM4-80GB\"
  hours = 24
  start = \"2025-06-12T14:00:00Z\"   # with dates, logs of the same time come before the estimate";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES, allow_negative_numbers = true)]
pub struct Arguments {
    /// Logs of other runs, to stand in the same card
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    flags: Flags<OfEstimate>,

    /// Show the methods and end
    #[arg(long)]
    methods: bool,

    #[command(flatten)]
    documents: Documents,

    /// Show errors only
    #[arg(short, long)]
    quiet: bool,
}

pub fn run(arguments: Arguments) -> anyhow::Result<Status> {
    if arguments.methods {
        let rows: Vec<_> = METHODS.iter().map(|m| [m.id.into(), m.about.into(), m.omits.into()]).collect();
        table::print(["METHOD", "WHAT IT DOES", "WHAT IT LEAVES OUT"], &rows)?;
        return Ok(Status::Done);
    }
    let terminal = Terminal { quiet: arguments.quiet };
    let targets = arguments.documents.targets()?;
    let flags = &arguments.flags.choices;
    let settings = SettingsFile::of(flags, &arguments.paths, terminal)?;
    let file = flags.file("phases").map(read_phases).transpose()?.unwrap_or_default();
    let said = flags.clone().or(file.choices);
    let request = Request::of_settings("carbon-report estimate", &said, &settings, &arguments.paths)?;
    let choices = said.or(settings.choices);
    let asked = asked(flags, &request, file.phases, settings.phases.phases.is_empty())?;
    let phases = match asked.phases.is_empty() {
        true => Vec::new(),
        false => estimate::evidence(&asked, &request.account, &request.factors).map_err(unusable)?,
    };
    let mut inputs = Inputs::default();
    let mut paths = arguments.paths.clone();
    paths.extend(request.intensity_file.clone());
    if !paths.is_empty() {
        let options = Options {
            read: request.read.clone(),
            progress: !arguments.quiet,
            outputs: arguments.documents.output.clone(),
            hosts: choices.plain.hosts().cloned().collect(),
            ..Options::default()
        };
        inputs = read_paths(&paths, &options)?;
    }
    request.complete(&mut inputs.ledger);
    inputs.ledger.add_phases(phases);
    let report = request.report(&inputs.ledger)?;
    let status = show(&inputs, &report, request.strict, terminal);
    arguments.documents.finish(choices.plain.text("title"), &request, &targets, &report, status, terminal)
}

/// The phases of the file, and the one that the flags describe; `needed` where no other is known.
fn asked(flags: &Choices, request: &Request, mut asked: EstimateRequest, needed: bool) -> Result<EstimateRequest, Error> {
    if let Some(method) = flags.plain.text("method") {
        asked.method = Some(method.to_owned());
    }
    let tdp = request.read.tdp.filter(|_| flags.plain.has("tdp"));
    let phase = Phase { tdp_w: tdp.map(Power::as_watts), ..flags.plain.phase().map_err(unusable)? };
    if phase != Phase::default() || needed && asked.phases.is_empty() {
        asked.phases.push(phase);
    }
    Ok(asked)
}

/// Phases with the settings beside them, TOML; phases alone, JSON.
fn read_phases(path: &Path) -> Result<SettingsFile, Error> {
    let named = |e: Error| Error { message: e.message.replacen("settings", "phases", 1), ..e };
    if !path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json")) {
        let mut file = SettingsFile::read(path).map_err(named)?;
        file.choices.tables = None;
        return Ok(file);
    }
    let shown = printable(path.as_os_str());
    let text = SettingsFile::text(path).map_err(named)?;
    let phases = serde_json::from_str(&text).map_err(|e| {
        let message = e.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        Error::new(format!("phases, line {}: {message} ({shown})", e.line())).hint("`carbon-report estimate --help` shows such a file")
    })?;
    Ok(SettingsFile { phases, ..SettingsFile::default() })
}
