//! Every target: the name of the program says which body of `carbon_tests::fuzz` it runs.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| carbon_tests::fuzz::run(env!("CARGO_BIN_NAME"), bytes));
