//! The program under test.

use std::process::ExitCode;

fn main() -> ExitCode {
    carbon_report::commands::run()
}
