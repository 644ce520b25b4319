//! Options of how the command goes to work.

use super::Place::{Compare, Estimate, Python, Report};
use super::{Group, Kind, PLAIN, Row, about, fields};

const RUN: Row = Row { places: &[Report, Python], found: false, group: Group::Run, ..PLAIN };

/// The rows: [`super::RUN`].
pub(super) const ROWS: &[Row] = &[
    Row {
        name: "config",
        kind: Kind::File,
        value: about("FILE"),
        places: &[Report, Estimate, Compare, Python],
        help: about("Settings file; what it says is said by you"),
        default: about("carbon-report.toml beside the logs or in a folder above them, which counts as said by the logs"),
        example: about("carbon-report.toml"),
        ..RUN
    },
    Row {
        name: "threads",
        kind: Kind::Count,
        value: about("N"),
        help: about("Threads to read with; the result does not depend on it"),
        default: about("as many as the machine has"),
        example: about("2"),
        ..RUN
    },
    Row {
        name: "sha256",
        kind: Kind::Flag,
        changes: fields(&["/inputs/0/sha256"]),
        help: about("Give SHA-256 of the inputs beside BLAKE3"),
        ..RUN
    },
    Row {
        name: "limit",
        kind: Kind::Bound,
        value: about("NAME=N"),
        changes: fields(&["/inputs"]),
        help: about("Change a bound on what is read; `--limits` says which can be changed"),
        example: about("depth=1"),
        ..RUN
    },
];
