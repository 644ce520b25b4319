//! Writes records through the recorder's own sink as fast as it can, and says each number once its call has returned. Ends when it is killed.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use carbon_core::read::carbon_report_jsonl::record::{Content, Mark};
use carbon_core::units::Span;
use carbon_report::record::clocks;
use carbon_report::record::scribe::{Scribe, Statement};
use carbon_report::record::sink::Sink;
use carbon_report::record::source::SourceOptions;

fn main() -> io::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or(io::ErrorKind::InvalidInput)?);
    let now = clocks::now();
    let scribe = Scribe::new(now, Span::from_seconds(1), Statement::default(), &SourceOptions::default());
    // Small files, so that kills hit rotation too.
    let mut sink = Sink::new(&folder, now.wall, scribe.run(), 16 << 10);
    let mut acknowledgements = io::stdout().lock();
    for number in 0u64.. {
        let now = clocks::now();
        let head = |part: u32| scribe.head(part, &[], now);
        // As the recorder does it: a new file takes its number before the records that follow.
        sink.prepare(&head);
        let mark = Mark { text: format!("record {number}"), metrics: BTreeMap::new() };
        sink.append(scribe.lines([Content::Mark(mark)], now), now, &head)?;
        // Unbuffered: eight bytes are one write to the pipe.
        acknowledgements.write_all(&number.to_le_bytes())?;
        acknowledgements.flush()?;
    }
    Ok(())
}
