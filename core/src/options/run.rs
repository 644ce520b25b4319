//! Options of how the command goes to work.

use super::Place::{Compare, Estimate, Python, Report};
use super::{Changes, Group, Kind, PLAIN, Row, about};

const RUN: Row = Row { places: &[Report, Python], found: false, group: Group::Run, ..PLAIN };

/// The rows: [`super::RUN`].
pub(super) const ROWS: &[Row] = &[
    Row {
        name: "config",
        kind: Kind::File,
        value: "FILE",
        places: &[Report, Estimate, Compare, Python],
        help: about("Settings file"),
        default: "carbon-report.toml beside the logs or in a folder above them",
        example: "carbon-report.toml",
        ..RUN
    },
    Row {
        name: "threads",
        kind: Kind::Count,
        value: "N",
        help: about("Threads to read with; the result does not depend on it"),
        default: "as many as the machine has",
        example: "2",
        ..RUN
    },
    Row {
        name: "sha256",
        kind: Kind::Flag,
        changes: Changes::Report(&["/inputs/0/sha256"]),
        help: about("Give SHA-256 of the inputs beside BLAKE3"),
        ..RUN
    },
    Row {
        name: "limit",
        kind: Kind::Bound,
        value: "NAME=N",
        changes: Changes::Report(&["/inputs"]),
        help: about("Change a bound on what is read"),
        example: "depth=1",
        ..RUN
    },
];
