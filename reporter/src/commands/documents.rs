//! What is written where: the options that every command with documents has.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use carbon_core::report::Report;

use crate::Error;
use crate::document::{Document, Permission, Place, Target};
use crate::request::Request;
use crate::terminal::{Terminal, shown};

use super::Status;

/// Documents, and what may become of files that are there.
#[derive(clap::Args)]
pub struct Documents {
    /// Write a document here; its ending says which. May be given several times [default: Markdown on standard output]
    #[arg(short, long, value_name = "OUT", help_heading = "What is written")]
    pub output: Vec<PathBuf>,

    /// Format of the documents, whatever their endings
    #[arg(long, value_name = "F", help_heading = "What is written")]
    format: Option<String>,

    /// HTML without head and style, to stand in a page
    #[arg(long, help_heading = "What is written")]
    fragment: bool,

    /// Write nothing; show what would change and exit with 1 if anything would
    #[arg(long, requires = "output", help_heading = "What is written")]
    check: bool,

    /// Put the section at the end of a Markdown file that has no markers
    #[arg(long, help_heading = "What is written")]
    append: bool,

    /// Replace a file that carbon-report did not write
    #[arg(long, conflicts_with = "append", help_heading = "What is written")]
    force: bool,
}

impl Documents {
    /// Where documents go, checked before anything is read.
    pub fn targets(&self) -> Result<Vec<Target>, Error> {
        let format = self.format.as_deref();
        if self.output.is_empty() {
            return Ok(vec![Target::new(Path::new("-"), format)?]);
        }
        let mut targets: Vec<Target> = Vec::new();
        for out in &self.output {
            let target = Target::new(out, format)?;
            target.check()?;
            if let Some(other) = targets.iter().find(|other| other.is_of_same_file(&target)) {
                let as_other = if other.name() == target.name() { String::new() } else { format!(", the other time as {}", other.name()) };
                return Err(Error::new(format!("output {}: given twice{as_other}", target.name())));
            }
            if self.check && target.place == Place::Stdout {
                return Err(Error::new("output -: standard output holds nothing to check"));
            }
            targets.push(target);
        }
        Ok(targets)
    }

    /// Makes every document before the first is written, so that a mistake in one leaves all as they were.
    pub fn finish(
        &self,
        title: Option<&str>,
        request: &Request,
        targets: &[Target],
        report: &Report,
        status: Status,
        terminal: Terminal,
    ) -> anyhow::Result<Status> {
        let options = carbon_render::Options {
            length: request.length,
            fragment: self.fragment,
            title,
            template: request.template.as_ref().map(|(name, text)| (name.as_str(), text.as_str())),
            ..carbon_render::Options::default()
        };
        let permission = Permission { append: self.append, force: self.force };
        let documents: Vec<Document> = targets
            .iter()
            .map(|target| {
                // A template makes Markdown and HTML; other documents of the same run are made without it.
                let takes_template =
                    matches!(target.format, carbon_render::Format::Html | carbon_render::Format::Markdown | carbon_render::Format::Mdx);
                let template = options.template.filter(|_| takes_template || targets.len() == 1);
                Document::plan(target, report, &carbon_render::Options { template, ..options }, permission)
            })
            .collect::<Result<_, _>>()?;
        for document in &documents {
            if let Some(remark) = &document.remark {
                terminal.warning(remark, None);
            }
        }
        if self.check {
            return Ok(check(&documents, status, terminal)?);
        }
        let mut stdout = io::stdout().lock();
        for document in &documents {
            let name = document.target.name();
            document.write(&mut stdout).map_err(|e| match e.kind() {
                io::ErrorKind::BrokenPipe => anyhow::Error::from(e),
                _ => Error::new(format!("{name} could not be written: {e}")).into(),
            })?;
            if document.target.place != Place::Stdout {
                terminal.say(&format!("{} {name}", if document.changed { "wrote" } else { "unchanged:" }));
            }
        }
        Ok(status)
    }
}

fn check(documents: &[Document], status: Status, terminal: Terminal) -> io::Result<Status> {
    let mut stdout = io::stdout().lock();
    let escape = stdout.is_terminal();
    let mut stale = false;
    for document in documents.iter().filter(|d| d.changed) {
        stale = true;
        let diff = document.diff();
        stdout.write_all(if escape { shown(&diff) } else { diff }.as_bytes())?;
        terminal.error(&format!("{} is not up to date", document.target.name()), Some("run the same command without `--check`"));
    }
    Ok(if stale { Status::Failed } else { status })
}
