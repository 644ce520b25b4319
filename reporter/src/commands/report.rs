//! The command itself: paths to documents.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::discover::printable;
use crate::document::Target;
use crate::request::Request;
use crate::saved::read_saved_report;
use crate::settings::{Flags, OfReport, SettingsFile};
use crate::terminal::Terminal;
use crate::{Error, Inputs, Limits, Options, is_saved_report, read_paths};
use carbon_core::bounds::{BOUNDS, Bound};
use carbon_core::ledger::Entry;
use carbon_core::note::{self, Severity};
use carbon_core::options::{Changes, Place};
use carbon_core::report::{MOST_ROWS, QualityNote, Report};
use carbon_core::text::few;

use super::documents::Documents;
use super::findings::{self, Finding};
use super::{Status, table};

#[derive(clap::Args)]
#[command(allow_negative_numbers = true)]
pub struct Arguments {
    /// Logs, folders of logs, or a saved report.json; `-` is standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    flags: Flags<OfReport>,

    #[command(flatten)]
    documents: Documents,

    /// Show the bounds on what is read and end
    #[arg(long)]
    limits: bool,

    /// Show errors only
    #[arg(short, long)]
    quiet: bool,
}

pub fn run(arguments: Arguments) -> anyhow::Result<Status> {
    let terminal = Terminal { quiet: arguments.quiet };
    let mut limits = Limits::default();
    let flags = &arguments.flags.choices;
    for text in flags.plain.values("limit") {
        limits.set(text).map_err(|e| Error::new(format!("limit: found {text:?}, {e}")))?;
    }
    if arguments.limits {
        let raised = |bound: &Bound| bound.fixed.map_or_else(|| format!("--limit {}=N", bound.name), String::from);
        let rows: Vec<_> =
            BOUNDS.iter().map(|b| [b.name.into(), limits.of(b).to_string(), b.of.into(), b.beyond.into(), raised(b)]).collect();
        table::print(["LIMIT", "VALUE", "OF", "WHAT LIES BEYOND", "HOW TO RAISE IT"], &rows)?;
        return Ok(Status::Done);
    }
    if arguments.paths.is_empty() {
        return Err(Error::new("found no path, expected logs or a folder of logs")
            .hint("for example `carbon-report logs/ -o card.md`")
            .into());
    }
    let targets = arguments.documents.targets()?;
    if let Some(report) = saved_report(&arguments)? {
        if let Some(row) =
            flags.plain.given().find(|row| row.name != "title" && row.is_in(Place::Settings) && row.changes != Changes::Document)
        {
            let message = format!("{}: a saved report is rendered as it is, and nothing about its numbers can be chosen", row.name);
            return Err(Error::new(message).hint("give the logs instead of the report").into());
        }
        let request = Request::new(flags, &[])?;
        return arguments.documents.finish(flags.plain.text("title"), &request, &targets, &report, Status::Done, terminal);
    }
    from_logs(&arguments, &targets, limits, terminal)
}

/// The report that the only path holds, where it is one that this program saved.
fn saved_report(arguments: &Arguments) -> Result<Option<Report>, Error> {
    let Some(path) = arguments.paths.iter().find(|path| is_saved_report(path)) else { return Ok(None) };
    let shown = printable(path.as_os_str());
    if arguments.paths.len() > 1 {
        return Err(
            Error::new(format!("{shown} is a saved report, and reports are not added up")).hint("give it alone, or give the logs of both")
        );
    }
    let whole = path.canonicalize().ok();
    if arguments.documents.output.iter().any(|out| out.canonicalize().ok().is_some_and(|out| Some(out) == whole)) {
        return Err(Error::new(format!("{shown} is given as an input and as an output")).hint("write to another file"));
    }
    read_saved_report(path).map(Some)
}

fn from_logs(arguments: &Arguments, targets: &[Target], limits: Limits, terminal: Terminal) -> anyhow::Result<Status> {
    let settings = SettingsFile::of(&arguments.flags.choices, &arguments.paths, terminal)?;
    let request = Request::of_settings("carbon-report", &arguments.flags.choices, &settings, &arguments.paths)?;
    let choices = arguments.flags.choices.clone().or(settings.choices);
    let threads = choices.plain.text("threads").and_then(|threads| threads.trim().parse().ok());
    let options = Options {
        read: request.read.clone(),
        threads,
        sha256: choices.plain.has("sha256"),
        limits,
        progress: !arguments.quiet,
        hosts: choices.plain.hosts().cloned().collect(),
        outputs: arguments.documents.output.clone(),
    };
    let mut paths = arguments.paths.clone();
    paths.extend(request.intensity_file.clone());
    let mut inputs = read_paths(&paths, &options)?;
    request.complete(&mut inputs.ledger);
    if inputs.hidden > 0 {
        terminal.note(&format!("{} entries with a leading dot were not looked at", inputs.hidden), Some("name them to read them"));
    }
    match inputs.own_documents.as_slice() {
        [] => {}
        [name] => terminal.note(&format!("{name} was written by carbon-report and is no log"), None),
        names => terminal.note(&format!("{} files were written by carbon-report and are no logs: {}", names.len(), few(names, ", ")), None),
    }
    if !inputs.ledger.has_evidence() {
        return Ok(nothing(&inputs, terminal));
    }
    let report = request.report(&inputs.ledger)?;
    // A host that is another name of one is not told under it.
    let named = choices.plain.hosts().filter(|host| !choices.plain.has_for_host(host, "same_as"));
    warn_of_absent(named, &report, terminal);
    let status = show(&inputs, &report, request.strict, terminal);
    if report.energy.is_none() {
        // A card without a number would look like a number of nothing.
        return Ok(Status::NotDone);
    }
    arguments.documents.finish(choices.plain.text("title"), &request, targets, &report, status, terminal)
}

/// Says which hosts of the settings file no log is of: what stands under them has no effect.
fn warn_of_absent<'h>(hosts: impl Iterator<Item = &'h String>, report: &Report, terminal: Terminal) {
    let known: BTreeSet<&str> = report.activities.iter().filter_map(|activity| activity.host.as_deref()).collect();
    // Of a table that ends in sums, not every host is known.
    if report.activities.len() >= MOST_ROWS {
        return;
    }
    let absent: Vec<String> = hosts.filter(|host| !known.contains(host.as_str())).map(|host| format!("{host:?}")).collect();
    if absent.is_empty() {
        return;
    }
    let hint = match known.len() {
        0 => String::from("a log is of a host where it names it, or lies in a folder or file of that name"),
        _ => format!("hosts of these logs: {}", few(&known.iter().copied().collect::<Vec<_>>(), ", ")),
    };
    let what = if absent.len() == 1 { "host" } else { "hosts" };
    terminal.warning(&format!("settings: found the {what} {}, which no log is of", few(&absent, ", ")), Some(&hint));
}

/// Says why there is nothing to report.
fn nothing(inputs: &Inputs, terminal: Terminal) -> Status {
    let mut notes: Vec<_> = inputs.ledger.file_notes().collect();
    notes.sort_by_key(|(_, note)| Reverse(note.code.severity));
    let findings: Vec<Finding<'_>> = notes
        .into_iter()
        .map(|(path, note)| Finding {
            severity: note.code.severity,
            code: note.code.id,
            message: note.message.clone(),
            hint: note.hint.as_deref(),
            place: Some(note.line.map_or_else(|| path.to_string(), |line| format!("{path}, line {line}"))),
        })
        .collect();
    findings::show(&findings, false, terminal);
    let files = inputs.ledger.entries().count();
    if files == 0 && !inputs.own_documents.is_empty() {
        let message = "found nothing but what carbon-report wrote, expected at least one log";
        terminal.error(message, Some("to render a saved report again, give its path"));
        return Status::NotDone;
    }
    let message = match files {
        0 => String::from("found no file, expected at least one log"),
        1 => String::from("found 1 file, and it says nothing about energy"),
        n => format!("found {n} files, and none says anything about energy"),
    };
    terminal.error(&message, Some("`carbon-report formats` shows what is read and how to log it"));
    Status::NotDone
}

/// Says what was read and what is wrong with it.
pub(super) fn show(inputs: &Inputs, report: &Report, strict: bool, terminal: Terminal) -> Status {
    let serious: Vec<_> = report.quality.iter().filter(|q| matches!(q.severity, Severity::Error | Severity::Warning)).collect();
    let mut findings: Vec<Finding<'_>> = serious
        .iter()
        .map(|note| Finding {
            severity: note.severity,
            code: &note.code,
            message: note.message.clone(),
            hint: note.hint.as_deref(),
            place: note.place.clone(),
        })
        .collect();
    for path in inputs.unusable.iter().map(|unusable| unusable.path.as_str()) {
        let is_of = |note: &&QualityNote| note.place.as_deref().is_some_and(|place| place.starts_with(path));
        if !serious.iter().copied().any(|note| is_of(&note)) {
            let found = report.quality.iter().find(is_of);
            // The exit status says that something is wrong, so a quiet run must say what.
            findings.push(Finding {
                severity: Severity::Error,
                code: found.map_or(note::FILE_UNKNOWN.id, |note| note.code.as_str()),
                message: found.map_or_else(|| String::from("it can't be used"), |note| note.message.clone()),
                hint: None,
                place: Some(String::from(path)),
            });
        }
    }
    findings.sort_by_key(|finding| Reverse(finding.severity));
    findings::show(&findings, true, terminal);
    let unusable: BTreeSet<&str> = inputs.unusable.iter().map(|unusable| unusable.path.as_str()).collect();
    let refused = |path: &str| unusable.contains(path);
    let files = || inputs.ledger.entries();
    let logs = files().filter(|e| !e.reading.format.is_empty() && !refused(&e.file.path)).count();
    let rows: u64 = files().map(|e| e.reading.rows.read()).sum();
    let copies: BTreeSet<&str> =
        report.decisions.iter().filter(|one| one.rule == note::DUPLICATE_FILE.id).map(|one| one.left_out.as_str()).collect();
    let used: u64 = files().filter(|e| !copies.contains(e.file.path.as_str())).map(|e| e.reading.rows.used).sum();
    let unusable = files().filter(|e| refused(&e.file.path)).count();
    let others = files().count() - logs - unusable - stores_of_logs(inputs);
    let mut beside = String::new();
    if unusable > 0 {
        beside += &format!(", {} that can't be used", count(unusable, "file"));
    }
    if others > 0 {
        beside += &format!(", {}", count(others, "other file"));
    }
    if files().next().is_some() {
        terminal.say(&format!("read {}{beside}: {used} of {rows} rows count", count(logs, "log")));
    }
    terminal.say(&carbon_render::escape::shorten(&report.headline.sentence, carbon_render::escape::TEXT_LENGTH));
    let has_error = serious.iter().any(|q| q.severity == Severity::Error);
    if inputs.unusable.is_empty() && !(strict && has_error) { Status::Done } else { Status::Failed }
}

/// How many files are stores of which a log was read: they are no logs themselves, and no other files.
fn stores_of_logs(inputs: &Inputs) -> usize {
    let entries = || inputs.ledger.entries();
    let is_store = |entry: &Entry| entry.reading.notes.iter().any(|note| note.code.id == note::STORE_UNPACKED.id);
    let stores: BTreeSet<&str> = entries().filter(|entry| is_store(entry)).map(|entry| entry.file.path.as_str()).collect();
    let mut found = BTreeSet::new();
    for log in entries().filter(|entry| !stores.is_empty() && !entry.reading.format.is_empty()) {
        let above = log.file.path.match_indices('/').map(|(end, _)| &log.file.path[..end]);
        found.extend(above.filter(|path| stores.contains(path)));
    }
    found.len()
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
