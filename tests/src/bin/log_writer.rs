//! Writes records through the recorder's own sink as fast as it can.
//!
//! `log-writer FOLDER` says each number once its call has returned, and ends when it is killed. `log-writer FOLDER TICKS` writes so many seconds of a counter that
//! rises by 1 J a second, by a clock of its own: hours pass in a moment.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use carbon_core::read::carbon_report_jsonl::record::{
    Clocks, Content, Counter, CounterUnit, DeviceEntry, DeviceId, Mark, Reading, SampledDevice,
};
use carbon_core::series::Component;
use carbon_core::units::Span;
use carbon_report::record::clocks;
use carbon_report::record::scribe::{Scribe, Statement};
use carbon_report::record::sink::Sink;
use carbon_report::record::source::SourceOptions;

fn main() -> io::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or(io::ErrorKind::InvalidInput)?);
    match std::env::args().nth(2).and_then(|ticks| ticks.parse().ok()) {
        Some(ticks) => by_its_own_clock(&folder, ticks),
        None => until_killed(&folder),
    }
}

fn by_its_own_clock(folder: &Path, ticks: u64) -> io::Result<()> {
    let start = clocks::now();
    let at = |second: u64| {
        let passed = Span::from_seconds(i64::try_from(second).unwrap_or(0));
        Clocks { wall: start.wall.plus(passed), mono: start.mono + passed, boot: start.boot.map(|boot| boot + passed) }
    };
    let scribe = Scribe::new(start, Span::from_seconds(1), Statement::default(), &SourceOptions::default());
    let device = SampledDevice {
        component: Component::Gpu,
        source: "nvml".into(),
        uuid: Some("GPU-a".into()),
        index: None,
        bus_id: None,
        model: None,
        counter: Some(Counter { unit: CounterUnit::Millijoule, range: None }),
        power: None,
        estimated_by: None,
        remark: None,
    };
    let devices = [DeviceEntry { id: DeviceId(0), device }];
    let mut sink = Sink::new(folder, start.wall, scribe.run(), 16 << 10);
    for second in 0..ticks {
        let now = at(second);
        let head = |part: u32| scribe.head(part, &devices, now);
        sink.prepare(&head);
        let reading = Reading { counter: Some(second * 1000), ..Reading::of(DeviceId(0)) };
        sink.append(scribe.lines([Content::Sample(vec![reading])], now), now, &head)?;
    }
    Ok(())
}

fn until_killed(folder: &Path) -> io::Result<()> {
    let now = clocks::now();
    let scribe = Scribe::new(now, Span::from_seconds(1), Statement::default(), &SourceOptions::default());
    // Small files, so that kills hit rotation too.
    let mut sink = Sink::new(folder, now.wall, scribe.run(), 16 << 10);
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
