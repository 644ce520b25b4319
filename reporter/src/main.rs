//! The `carbon-report` command.

fn main() {}
