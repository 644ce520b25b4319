//! Library behind the `carbon-report` command.
