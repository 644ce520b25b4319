//! Contents to lines: numbered, stamped, and every file with the machine record at its head.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use carbon_core::read::carbon_report_jsonl::record::{self, Clocks, Content, DeviceEntry, Record, VERSION};
use carbon_core::units::Span;

use super::source::SourceOptions;
use super::source::machine::Machine;

/// What a run says of itself.
#[derive(Clone, Debug, Default)]
pub struct Statement {
    /// The user's labels.
    pub labels: BTreeMap<String, String>,
    /// The program, where the user wants it in the log.
    pub command: Option<String>,
    /// The machine's name, where the user wants it in the log.
    pub host_name: Option<String>,
}

/// Writes the records of one run.
#[derive(Debug)]
pub struct Scribe {
    run: String,
    started: Clocks,
    interval: Span,
    machine: Machine,
    statement: Statement,
    sequence: Cell<u64>,
}

impl Scribe {
    /// Of a run that starts now.
    pub fn new(started: Clocks, interval: Span, statement: Statement, options: &SourceOptions) -> Self {
        let run = format!("{:016x}", RandomState::new().build_hasher().finish());
        Self { run, started, interval, machine: Machine::look(options), statement, sequence: Cell::new(0) }
    }

    /// Random id of the run.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Lines under the next numbers.
    pub fn lines(&self, contents: impl IntoIterator<Item = Content>, clocks: Clocks) -> Vec<u8> {
        let mut lines = String::new();
        for content in contents {
            let sequence = self.sequence.replace(self.sequence.get() + 1);
            Record { sequence, clocks, content }.encode(&mut lines);
        }
        lines.into_bytes()
    }

    /// The head of the file of number `part`.
    pub fn head(&self, part: u32, devices: &[DeviceEntry], clocks: Clocks) -> Vec<u8> {
        let machine = record::Machine {
            version: VERSION,
            tool: concat!("carbon-report ", env!("CARGO_PKG_VERSION")).into(),
            run: self.run.clone(),
            part,
            started: self.started,
            interval: self.interval,
            host: self.machine.host.clone(),
            boot: self.machine.boot.clone(),
            host_name: self.statement.host_name.clone(),
            command: self.statement.command.clone(),
            kernel: self.machine.kernel.clone(),
            cpu: self.machine.cpu.clone(),
            labels: self.statement.labels.clone(),
            devices: devices.to_vec(),
        };
        self.lines([Content::Machine(machine)], clocks)
    }
}
