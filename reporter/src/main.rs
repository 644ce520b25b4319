//! The `carbon-report` command.

mod commands;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::run()
}
