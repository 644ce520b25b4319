//! `carbon-report estimate`: a training without logs, from its hardware, hours and place.

use std::path::{Path, PathBuf};

use carbon_core::estimate::{self, EstimateRequest, METHODS, Phase};
use carbon_core::ledger::Ledger;
use carbon_core::units::Power;

use crate::discover::{SETTINGS_FILE, printable};
use crate::request::{Request, quoted, rated_power, unusable};
use crate::settings::{Choices, SettingsFile};
use crate::terminal::Terminal;
use crate::{Error, Options, number, read_paths};

use super::documents::Documents;
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

    /// GPUs, TPUs and other accelerators: `8x A100-SXM4-80GB`, `TPU v3-32`; may be given several times
    #[arg(long, value_name = "N x MODEL", allow_hyphen_values = true, help_heading = WHAT)]
    gpu: Vec<String>,

    /// Processors by socket: `2x EPYC 7763`; may be given several times
    #[arg(long, value_name = "N x MODEL", allow_hyphen_values = true, help_heading = WHAT)]
    cpu: Vec<String>,

    /// Memory of all machines: 512GB
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true, help_heading = WHAT)]
    memory: Option<String>,

    /// Number of machines of this kind
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = WHAT)]
    nodes: Option<u32>,

    /// Wall-clock hours
    #[arg(long, value_parser = number::parse, value_name = "H", help_heading = WHAT)]
    hours: Option<f64>,

    /// Hours summed over all devices, instead of --hours
    #[arg(long, value_parser = number::parse, visible_alias = "gpu-hours", value_name = "H", help_heading = WHAT)]
    device_hours: Option<f64>,

    /// How many times it ran
    #[arg(long, value_parser = number::parse, value_name = "N", help_heading = WHAT)]
    repeats: Option<f64>,

    /// Mean utilisation of the accelerators (of the processors, where there are none): 0.9
    #[arg(long, value_parser = number::parse, visible_alias = "utilization", value_name = "SHARE", help_heading = WHAT)]
    utilisation: Option<f64>,

    /// Mean utilisation of the processors beside accelerators
    #[arg(long, value_parser = number::parse, value_name = "SHARE", help_heading = WHAT)]
    cpu_utilisation: Option<f64>,

    /// Processor cores in use, where they are fewer than those of the processors
    #[arg(long, value_parser = number::parse, value_name = "N", help_heading = WHAT)]
    cpu_cores: Option<f64>,

    /// Rated power of one core, W, for a processor that no table has
    #[arg(long, value_parser = number::parse, value_name = "W", help_heading = WHAT)]
    cpu_core_w: Option<f64>,

    /// Mean power of all that it ran on, W, where somebody measured it
    #[arg(long, value_parser = number::parse, value_name = "W", help_heading = WHAT)]
    power: Option<f64>,

    /// Electricity of all that it ran on, without the building, kWh, where somebody states it
    #[arg(long, value_parser = number::parse, value_name = "KWH", help_heading = WHAT)]
    energy: Option<f64>,

    /// A file of phases, TOML, which may hold the settings of `carbon-report.toml` too; or phases alone in JSON
    #[arg(long, value_name = "FILE", help_heading = WHAT)]
    phases: Option<PathBuf>,

    /// How it is estimated: carbon-report, or another calculator's way [default: carbon-report]
    #[arg(long, value_name = "METHOD", help_heading = WHAT)]
    method: Option<String>,

    /// Show the methods and end
    #[arg(long)]
    methods: bool,

    #[command(flatten)]
    documents: Documents,

    #[command(flatten)]
    choices: Choices,

    /// Settings file [default: carbon-report.toml beside the logs or in a folder above them]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Show errors only
    #[arg(short, long)]
    quiet: bool,
}

const WHAT: &str = "What ran";

pub fn run(arguments: Arguments) -> anyhow::Result<Status> {
    if arguments.methods {
        let rows: Vec<_> = METHODS.iter().map(|m| [m.id.into(), m.about.into(), m.omits.into()]).collect();
        table::print(["METHOD", "WHAT IT DOES", "WHAT IT LEAVES OUT"], &rows)?;
        return Ok(Status::Done);
    }
    let terminal = Terminal { quiet: arguments.quiet };
    let targets = arguments.documents.targets()?;
    let settings = match &arguments.config {
        Some(path) => Some(SettingsFile::read(path)?),
        None if arguments.paths.is_empty() => None,
        None => SettingsFile::find(&arguments.paths)?,
    };
    if let Some(settings) = &settings {
        terminal.note(&format!("settings are taken from {}", printable(settings.path.as_os_str())), None);
    }
    let has_settings = settings.is_some();
    let SettingsFile { choices, mut hosts, phases: beside, .. } = settings.unwrap_or_default();
    arguments.choices.win_over(&mut hosts);
    let file = arguments.phases.as_deref().map(read_phases).transpose()?.unwrap_or_default();
    file.choices.win_over(&mut hosts);
    hosts.extend(file.hosts);
    let choices = arguments.choices.clone().or(file.choices).or(choices);
    let mut request = Request::new(&choices, &hosts, &arguments.paths)?.with_phases(&beside)?;
    request.account.reproduce = Some(command(&request, has_settings));
    let asked = asked(&arguments, file.phases, beside.phases.is_empty())?;
    let phases = match asked.phases.is_empty() {
        true => Vec::new(),
        false => estimate::evidence(&asked, &request.account, &request.factors).map_err(unusable)?,
    };
    let mut ledger = Ledger::default();
    let mut status = Status::Done;
    if !arguments.paths.is_empty() {
        let options = Options {
            read: request.read.clone(),
            progress: !arguments.quiet,
            outputs: arguments.documents.output.clone(),
            hosts: hosts.keys().cloned().collect(),
            ..Options::default()
        };
        let inputs = read_paths(&arguments.paths, &options)?;
        for unusable in &inputs.unusable {
            terminal.warning(&format!("{} can't be used", unusable.path), Some("give it alone to see why"));
            status = Status::Failed;
        }
        ledger = inputs.ledger;
    }
    request.complete(&mut ledger);
    ledger.add_phases(phases);
    let report = request.report(&ledger)?;
    terminal.say(&report.headline.sentence);
    arguments.documents.finish(choices.title.as_deref(), &request, &targets, &report, status, terminal)
}

/// The phases of the file, and the one that the flags describe; `needed` where no other is known.
fn asked(arguments: &Arguments, mut request: EstimateRequest, needed: bool) -> Result<EstimateRequest, Error> {
    if let Some(method) = &arguments.method {
        request.method = Some(method.clone());
    }
    let phase = Phase {
        gpu: arguments.gpu.clone(),
        cpu: arguments.cpu.clone(),
        memory_gb: arguments.memory.as_deref().map(gigabytes).transpose()?,
        nodes: arguments.nodes,
        hours: arguments.hours,
        device_hours: arguments.device_hours,
        repeats: arguments.repeats,
        utilisation: arguments.utilisation,
        cpu_utilisation: arguments.cpu_utilisation,
        cpu_cores: arguments.cpu_cores,
        cpu_core_w: arguments.cpu_core_w,
        tdp_w: arguments.choices.tdp.as_deref().map(rated_power).transpose()?.map(Power::as_watts),
        power_w: arguments.power,
        energy_kwh: arguments.energy,
        ..Phase::default()
    };
    if phase != Phase::default() || needed && request.phases.is_empty() {
        request.phases.push(phase);
    }
    Ok(request)
}

/// Phases with the settings beside them, TOML; phases alone, JSON.
fn read_phases(path: &Path) -> Result<SettingsFile, Error> {
    let named = |e: Error| Error { message: e.message.replacen("settings", "phases", 1), ..e };
    if !path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json")) {
        return SettingsFile::read(path).map_err(named);
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

/// `512GB`, `512`, `1.5TB`.
fn gigabytes(text: &str) -> Result<f64, Error> {
    let end = text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "g" | "gb" | "gib" => 1.0,
        "t" | "tb" | "tib" => 1000.0,
        "m" | "mb" | "mib" => 0.001,
        _ => f64::NAN,
    };
    let size = number.trim().parse::<f64>().unwrap_or(f64::NAN) * factor;
    if size.is_finite() { Ok(size) } else { Err(Error::new(format!("memory: found {text:?}, expected a size such as 512GB"))) }
}

/// The command that makes the report again: as it was given, without the documents, and with the last part of every path.
fn command(request: &Request, has_settings: bool) -> String {
    let mut words = vec![String::from("carbon-report"), String::from("estimate")];
    let mut given = std::env::args().skip_while(|word| word != "estimate").skip(1);
    let own = request.account.reproduce.as_deref().unwrap_or_default();
    while let Some(word) = given.next() {
        let (flag, value) = word.split_once('=').map_or((word.as_str(), None), |(flag, value)| (flag, Some(value.to_owned())));
        match flag {
            "-o" | "--output" | "--format" => drop(value.or_else(|| given.next())),
            "--check" | "--append" | "--force" | "--fragment" | "-q" | "--quiet" => {}
            "--config" => drop(value.or_else(|| given.next())),
            "--phases" | "--template" | "--factors" | "--intensity" => {
                let value = value.or_else(|| given.next()).unwrap_or_default();
                let name = Path::new(&value).file_name().map(printable).unwrap_or(value.clone());
                words.extend([flag.to_owned(), quoted(&name)]);
            }
            _ if word.starts_with("--") && value.is_some() => words.push(format!("{flag}={}", quoted(&value.unwrap_or_default()))),
            _ if word.starts_with('-') || own.is_empty() => words.push(quoted(&word)),
            _ if Path::new(&word).exists() => words.push(quoted(&Path::new(&word).file_name().map(printable).unwrap_or_default())),
            _ => words.push(quoted(&word)),
        }
    }
    if has_settings {
        words.extend([String::from("--config"), SETTINGS_FILE.to_owned()]);
    }
    words.join(" ")
}
