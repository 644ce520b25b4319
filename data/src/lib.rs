//! Factor tables of carbon-report as embedded text, one list, no logic.
