//! The `carbon-report` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    carbon_report::commands::run()
}
