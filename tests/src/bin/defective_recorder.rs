//! A recorder whose sampler has the defect that the first word names, around the program that the other words are.

use std::ffi::OsString;
use std::io;

use carbon_report::record::supervise::supervise;

fn main() -> io::Result<()> {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let Some((defect, program)) = words.split_first() else { return Err(io::ErrorKind::InvalidInput.into()) };
    let panics = defect == "panic";
    let watched = supervise(program, move |orders| {
        if panics {
            panic!("a defect of the sampler");
        }
        // It hangs: no order is read.
        loop {
            std::thread::park();
            let _ = &orders;
        }
    });
    match watched {
        Ok(watched) => {
            eprintln!("left: {}", if matches!(watched.left, carbon_report::record::supervise::Left::Failed) { "failed" } else { "hangs" });
            watched.ended.map_or(Ok(()), |ended| ended.mirror())
        }
        Err(not_started) => Err(not_started.error),
    }
}
