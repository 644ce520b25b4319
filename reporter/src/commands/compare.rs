//! `carbon-report compare`: the energy of a report or of logs under other factors.

use std::path::{Path, PathBuf};

use carbon_core::compare::{self, Alternative, hours};
use carbon_core::report::Report;
use carbon_render::{Format, Subject};

use crate::document::{Document, Permission, Place, Target};
use crate::request::{Request, unusable};
use crate::saved::read_saved_report;
use crate::settings::{Choices, Flags, OfCompare, SettingsFile};
use crate::terminal::Terminal;
use crate::{Error, Options, is_saved_report, number, read_paths};

use super::report::show;
use super::{Status, table};

const EXAMPLES: &str = "\
Examples:
  carbon-report compare report.json --regions FR,SE,gcp:europe-north1
  carbon-report compare logs/ --region DE --regions SE --year 2020,2024
  carbon-report compare report.json --pue 1.1,1.5
  carbon-report compare report.json --hours intensity.csv      the start at each hour of the day
  carbon-report compare report.json --regions SE,PL -o elsewhere.svg -o elsewhere.md

A cloud region brings its provider's PUE, where one is published; a zone keeps the report's. Several values of several options are combined.
Without any, the report is compared with large countries.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES, allow_negative_numbers = true)]
pub struct Arguments {
    /// A saved report.json (of logs or of an estimate), or logs and folders of logs
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,

    /// Zones or cloud regions to compare with: FR,US-CA,gcp:europe-west1
    #[arg(long, value_name = "ZONE,…", value_delimiter = ',')]
    regions: Vec<String>,

    /// Years of the factors
    #[arg(long, value_name = "Y,…", value_delimiter = ',')]
    year: Vec<i32>,

    /// PUEs, instead of the report's and of the cloud regions'
    #[arg(long, value_parser = number::parse, value_name = "N,…", value_delimiter = ',')]
    pue: Vec<f64>,

    /// Carbon intensities in gCO2e per kWh, instead of those of places
    #[arg(long, value_parser = number::parse, value_name = "G,…", value_delimiter = ',', conflicts_with = "regions")]
    intensity: Vec<f64>,

    /// An hourly series of carbon intensity: the run is moved to each other hour of the day
    #[arg(long, value_name = "FILE.csv", conflicts_with_all = ["regions", "year", "pue", "intensity"])]
    hours: Option<PathBuf>,

    #[command(flatten)]
    flags: Flags<OfCompare>,

    /// Write it here too: .md (the table), .svg (a chart) or .json (the report with this comparison, to render as a card) [default: a table]
    #[arg(short, long, value_name = "OUT")]
    output: Vec<PathBuf>,

    /// Replace a file that carbon-report did not write
    #[arg(long)]
    force: bool,

    /// Show errors only
    #[arg(short, long)]
    quiet: bool,
}

pub fn run(arguments: Arguments) -> anyhow::Result<Status> {
    let terminal = Terminal { quiet: arguments.quiet };
    let targets: Vec<Target> = arguments.output.iter().map(|out| target(out)).collect::<Result<_, _>>()?;
    let (mut report, request, status) = load(&arguments, terminal)?;
    let rows = match &arguments.hours {
        Some(file) => hours::starts(&report, &series(file)?).map_err(unusable)?,
        None => {
            let alternatives = alternatives(&arguments);
            match alternatives.is_empty() {
                true => report.comparison.clone(),
                false => compare::compare(&report, &request.factors, &alternatives).map_err(unusable)?,
            }
        }
    };
    if rows.is_empty() {
        return Err(Error::new("found no energy and emissions, so there is nothing to compare").into());
    }
    report.comparison = rows;
    report.comparison_asked_for = true;
    let caveat = compare::caveat(&report);
    report.comparison_caveat = Some(caveat.clone());
    let options = carbon_render::Options { subject: Subject::Comparison, ..carbon_render::Options::default() };
    let permission = Permission { append: false, force: arguments.force };
    let documents: Vec<Document> =
        targets.iter().map(|target| Document::plan(target, &report, &options, permission)).collect::<Result<_, _>>()?;
    if documents.iter().all(|document| document.target.place != Place::Stdout) {
        print(&report)?;
    }
    for document in &documents {
        document.write(&mut std::io::stdout().lock())?;
        if document.target.place != Place::Stdout {
            terminal.say(&format!("{} {}", if document.changed { "wrote" } else { "unchanged:" }, document.target.name()));
        }
    }
    terminal.say(&caveat);
    Ok(status)
}

fn target(out: &Path) -> Result<Target, Error> {
    let target = Target::new(out, None)?;
    target.check()?;
    if !matches!(target.format, Format::Json | Format::Markdown | Format::Mdx | Format::Svg) {
        return Err(Error::new(format!("output {}: a comparison alone is written as Markdown, SVG or JSON", target.name()))
            .hint("for a whole card or page use `carbon-report PATH --compare ZONE,…`, or render the JSON"));
    }
    Ok(target)
}

/// Every combination of the places, years, PUEs and intensities that were given.
fn alternatives(arguments: &Arguments) -> Vec<Alternative> {
    fn each<T: Clone>(values: &[T]) -> Vec<Option<T>> {
        if values.is_empty() { vec![None] } else { values.iter().cloned().map(Some).collect() }
    }
    let mut all = Vec::new();
    for region in each(&arguments.regions) {
        for year in each(&arguments.year) {
            for pue in each(&arguments.pue) {
                for intensity_g_per_kwh in each(&arguments.intensity) {
                    all.push(Alternative { region: region.clone(), year, pue, intensity_g_per_kwh });
                }
            }
        }
    }
    all.retain(|alternative| *alternative != Alternative::default());
    all
}

/// The report that is compared, as saved or made from logs with their settings, and whether every log could be used.
fn load(arguments: &Arguments, terminal: Terminal) -> Result<(Report, Request, Status), Error> {
    let flags = &arguments.flags.choices;
    if let Some(path) = arguments.paths.iter().find(|path| is_saved_report(path)) {
        if arguments.paths.len() > 1 {
            return Err(Error::new("a saved report is compared alone").hint("reports are not added up: give one, or the logs of all"));
        }
        if flags.plain.has("tz") {
            return Err(Error::new("a saved report keeps the clock that it was made with")
                .hint("give `--tz` where the report is made, or give the logs"));
        }
        if flags.plain.has("region") {
            return Err(Error::new("a saved report keeps the place that it was made for").hint("other places are given with `--regions`"));
        }
        return Ok((read_saved_report(path)?, Request::new(&Choices::default(), &[])?, Status::Done));
    }
    let settings = SettingsFile::of(flags, &arguments.paths, terminal)?;
    let request = Request::of_settings("carbon-report", flags, &settings, &arguments.paths)?;
    let choices = flags.clone().or(settings.choices);
    let mut paths = arguments.paths.clone();
    paths.extend(request.intensity_file.clone());
    let hosts = choices.plain.hosts().cloned().collect();
    let options = Options { read: request.read.clone(), progress: !arguments.quiet, hosts, ..Options::default() };
    let mut inputs = read_paths(&paths, &options)?;
    request.complete(&mut inputs.ledger);
    let report = request.report(&inputs.ledger)?;
    if report.energy.is_none() {
        return Err(Error::new("found no log that says how much energy was used").hint("`carbon-report formats` shows what is read"));
    }
    let status = show(&inputs, &report, request.strict, terminal);
    Ok((report, request, status))
}

/// The one series of a file.
fn series(file: &Path) -> Result<carbon_core::read::IntensitySeries, Error> {
    let inputs = read_paths(&[file.to_path_buf()], &Options::default())?;
    let found = inputs.ledger.entries().flat_map(|entry| &entry.reading.intensity).next().cloned();
    found.ok_or_else(|| {
        Error::new("hours: found no series of carbon intensities in the file").hint(
            "`carbon-report formats` lists the files that are read: Electricity Maps and others, or a table with time and gco2e_per_kwh",
        )
    })
}

fn print(report: &Report) -> std::io::Result<()> {
    let rows: Vec<[String; 7]> = report
        .comparison
        .iter()
        .map(|row| {
            let text = |text: Option<&String>| text.cloned().unwrap_or_else(|| String::from("-"));
            [
                row.text.clone(),
                text(row.emissions_kgco2e.as_ref().map(|quantity| &quantity.interval_text)),
                row.relative_text.clone(),
                carbon_core::text::significant(row.gco2e_per_kwh, 3),
                text(row.pue.as_ref().map(|pue| &pue.text)),
                text(row.carbon_free_text.as_ref()),
                format!("{}{}: {}", row.name, if row.own { " (this run)" } else { "" }, row.reason),
            ]
        })
        .collect();
    table::print(["CO2EQ", "95% INTERVAL", "RELATIVE", "G/KWH", "PUE", "CARBON-FREE", "WHERE"], &rows)
}
