use alloc::string::ToString;
use alloc::vec;

use proptest::prelude::*;

use super::*;
use crate::read::{Line, Reader, Reading, ZoneTransitions};
use crate::units::Instant;

/// All that a reading comes to, as text.
fn summary(out: &Reading) -> String {
    let series: Vec<_> = out
        .series()
        .iter()
        .map(|s| (s.channel(), s.counts(), s.integrals(false).collect::<Vec<_>>(), s.start(), s.end(), s.peak()))
        .collect();
    let notes: Vec<_> = out.notes.iter().collect();
    let rows = (out.rows.used, &out.rows.skipped, out.rows.lines);
    format!("{:?}\n{rows:?}\n{:?}\n{notes:#?}\n{series:#?}", out.clock, out.devices)
}

fn reader(log: &[u8], options: &ReadOptions) -> Box<dyn Reader> {
    open(&Head::new(log, true), options).unwrap_or_else(|refusal| panic!("{refusal:?}"))
}

fn by_line(log: &[u8], options: &ReadOptions) -> String {
    let (mut reader, mut out) = (reader(log, options), Reading::new(FORMAT.id, None, None));
    for (number, line) in (1..).zip(log.split_inclusive(|b| *b == b'\n')) {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let row = reader.line(Line { text, number, unterminated: false }, &mut out);
        out.account(row, number);
    }
    reader.finish(&mut out);
    out.close();
    summary(&out)
}

/// Blocks that end where `cuts` say, moved to the ends of lines.
fn by_block(log: &[u8], options: &ReadOptions, cuts: &[usize]) -> String {
    let (mut reader, mut out) = (reader(log, options), Reading::new(FORMAT.id, None, None));
    let (mut start, mut number) = (0, 1);
    for cut in cuts.iter().copied().chain([log.len()]) {
        let end = memchr::memrchr(b'\n', &log[..cut]).map_or(0, |end| end + 1);
        if end > start {
            number += reader.block(&log[start..end], number, &mut out);
            start = end;
        }
    }
    reader.finish(&mut out);
    out.close();
    summary(&out)
}

/// The rows from `cut` on read apart; `None` where the reader says that one pass is needed.
fn in_two_parts(log: &[u8], options: &ReadOptions, cut: usize) -> Option<String> {
    let mut first = reader(log, options);
    let (mut out, mut later) = (Reading::new(FORMAT.id, None, None), Reading::new(FORMAT.id, None, None));
    let end = memchr::memrchr(b'\n', &log[..cut]).map_or(0, |end| end + 1);
    first.block(&log[..end], 1, &mut out);
    let mut second = first.fork()?;
    second.block(&log[end..], 1, &mut later);
    for (reader, out) in [(&mut first, &mut out), (&mut second, &mut later)] {
        reader.finish(out);
        out.close();
    }
    out.append(later).then(|| summary(&out))
}

fn berlin() -> ReadOptions {
    let at = |text: &str| parse_stamp(text.as_bytes()).map(|s| s.at).expect("a stamp");
    let zone = ZoneTransitions(vec![(at("2024-10-27T01:00:00Z"), 3600), (at("2025-03-30T01:00:00Z"), 7200)]);
    ReadOptions { zone: Some(zone), ..ReadOptions::default() }
}

#[derive(Clone, Debug)]
struct Tick {
    interval_ms: i64,
    /// Hundredths of a watt of two GPUs.
    power: [u32; 2],
    /// What goes wrong with the second row.
    oddity: u8,
}

fn ticks() -> impl Strategy<Value = Vec<Tick>> {
    let interval = prop_oneof![6 => 990i64..1010, 1 => 0i64..30, 1 => 55_000i64..70_000, 1 => Just(7_200_000)];
    let oddity = prop_oneof![3 => Just(0u8), 2 => 0u8..19];
    let tick =
        (interval, [0u32..70_000, 0u32..700_000], oddity).prop_map(|(interval_ms, power, oddity)| Tick { interval_ms, power, oddity });
    prop::collection::vec(tick, 1..25)
}

const HEADERS: [&str; 4] = [
    "timestamp, index, name, uuid, power.draw [W], utilization.gpu [%], memory.used [MiB]",
    "timestamp, utilization.gpu [%], uuid, index, power.draw [W]",
    "timestamp, power.draw [W], index",
    "timestamp, serial, index, power.draw.average [W], power.draw [W]",
];

fn row(header: usize, stamp: &str, gpu: usize, power: &str) -> String {
    match header {
        0 => format!("{stamp}, {gpu}, NVIDIA A100-SXM4-80GB, GPU-3f1b6a1e-000{gpu}-4c1d, {power}, 97 %, 71234 MiB"),
        1 => format!("{stamp}, {} %, GPU-3f1b6a1e-000{gpu}-4c1d, {gpu}, {power}", power.len() + 90),
        2 => format!("{stamp}, {power}, {gpu}"),
        _ => format!("{stamp}, [N/A], {gpu}, {power}, 1.00 W"),
    }
}

fn log(header: usize, ticks: &[Tick], units: bool) -> String {
    let mut text = String::from(HEADERS[header]) + "\n";
    let mut at = parse_stamp(b"2025-03-30 01:59:30.000").map_or(0, |s| s.at.as_micros() / 1000);
    for tick in ticks {
        at += tick.interval_ms;
        for (gpu, hundredths) in tick.power.iter().enumerate() {
            let odd = if gpu == 1 { tick.oddity } else { 0 };
            let stamp = crate::units::calendar::rfc3339(Instant::from_micros(at * 1000 + 1), false);
            let stamp = stamp[..23].replace('-', "/").replace('T', " ");
            let number = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            let power = if units { number.clone() + " W" } else { number };
            let plain = row(header, &stamp, gpu, &power);
            let line = match odd {
                0 => plain,
                1 => row(header, &stamp, gpu, "[N/A]"),
                2 => row(header, &stamp, gpu, "ERR!"),
                3 => plain[..plain.len() / 2].to_string(),
                4 => plain.clone() + &plain,
                5 => format!("{}\n{plain}", HEADERS[header]),
                6 => format!("\n{plain}\r"),
                7 => row(header, &stamp, gpu, &(power + " ")),
                8 => row(header, &stamp, gpu, "61,83 W"),
                9 => row(header, &stamp, gpu, "6e1 W"),
                10 => row(header, &stamp, gpu, "-5.00 W"),
                11 => row(header, &stamp, gpu, "99999.00 W"),
                12 => row(header, &stamp, gpu, "61830 mW"),
                13 => row(header, &format!("{stamp}999"), gpu, &power),
                14 => row(header, &stamp, 7, &power),
                15 => plain + ",",
                16 => String::from("Unable to determine the device handle for GPU 0000:01:00.0: Unknown Error"),
                17 => plain.replace("GPU", "\"GPU\"").replace(", 1", ", [N/A]"),
                _ => plain.replace('/', "-") + "\0",
            };
            text = text + &line + "\n";
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// The fast way and the tolerant way are one.
    #[test]
    fn blocks_read_like_lines(header in 0..HEADERS.len(), ticks in ticks(), units: bool, zoned: bool, cut in 0usize..4000) {
        let log = log(header, &ticks, units);
        let options = if zoned { berlin() } else { ReadOptions::default() };
        let lines = by_line(log.as_bytes(), &options);
        prop_assert_eq!(&lines, &by_block(log.as_bytes(), &options, &[]));
        prop_assert_eq!(&lines, &by_block(log.as_bytes(), &options, &[cut.min(log.len())]));
    }

    /// Ranges read apart are the file read at once, or say that they can't be.
    #[test]
    fn parts_read_like_the_whole(header in 0..HEADERS.len(), ticks in ticks(), units: bool, zoned: bool, cut in 150usize..4000) {
        let log = log(header, &ticks, units);
        let options = if zoned { berlin() } else { ReadOptions::default() };
        if let Some(parts) = in_two_parts(log.as_bytes(), &options, cut.min(log.len())) {
            prop_assert_eq!(parts, by_line(log.as_bytes(), &options));
        }
    }
}

#[test]
fn a_small_log_split_at_every_byte() {
    let odd = |oddity| Tick { interval_ms: 1003, power: [6183, 12_345], oddity };
    for header in 0..HEADERS.len() {
        let log = log(header, &(0..19).map(odd).collect::<Vec<_>>(), true);
        let whole = by_line(log.as_bytes(), &ReadOptions::default());
        for cut in 0..log.len() {
            assert_eq!(whole, by_block(log.as_bytes(), &ReadOptions::default(), &[cut]), "{cut}");
        }
    }
}

#[test]
fn plain_rows_take_the_fast_way() {
    let ticks: Vec<Tick> = (0..100).map(|_| Tick { interval_ms: 1003, power: [6183, 12_345], oddity: 0 }).collect();
    for (header, units) in [(0, true), (0, false), (1, true), (2, false)] {
        let log = log(header, &ticks, units);
        let head = Head::new(log.as_bytes(), true);
        let table = Table::find(&head, score).expect("a header");
        let plan = plan(&table, &head, &ReadOptions::default()).expect("a plan");
        let mut smi = SampledTable::new(plan, DIALECT, &head, &ReadOptions::default());
        let mut out = Reading::new(FORMAT.id, None, None);
        let start = log.match_indices('\n').nth(2).map_or(0, |(end, _)| end + 1);
        smi.block(&log.as_bytes()[..start], 1, &mut out);
        let (rows, rest) = smi.like_before(&log.as_bytes()[start..], 4, &mut out);
        assert_eq!((rows, rest.len()), (198, 0), "{header}");
    }
}

/// What is said of a log of so many rows, of which the first ones have a load.
fn told(header: &str, row: fn(usize, u8) -> String, (busy, all): (usize, usize)) -> Option<String> {
    let rows: String = (0..all).map(|n| row(n, if n < busy { 97 } else { 0 })).collect();
    let log = format!("{header}{rows}");
    let (mut reader, mut out) = (reader(log.as_bytes(), &ReadOptions::default()), Reading::new(FORMAT.id, None, None));
    for (number, line) in (1..).zip(log.lines()) {
        let row = reader.line(Line { text: line.as_bytes(), number, unterminated: false }, &mut out);
        out.account(row, number);
    }
    reader.finish(&mut out);
    out.notes.iter().find(|note| note.code.id == "utilisation-zero").map(|note| note.message.clone())
}

#[test]
fn a_board_that_did_nothing_is_told() {
    // With a header, its column alone: the memory is read all the time.
    let header = "timestamp, utilization.gpu [%], utilization.memory [%], power.draw [W]\n";
    let row = |n: usize, load: u8| format!("2026/04/25 16:{:02}:{:02}.780, {load} %, 3 %, 11.64 W\n", n / 60, n % 60);
    let words = |zeros, all| Some(format!("utilisation read 0 % in {zeros} of {all} samples: was it this GPU that trained?"));
    assert_eq!(told(header, row, (1, 200)), words(199, 200));
    // 95 of 100, and 94.
    assert_eq!(told(header, row, (5, 100)), words(95, 100));
    assert_eq!(told(header, row, (6, 100)), None);
    // Without a header, all that has a percent sign.
    let row = |n: usize, load: u8| format!("2026/04/25 16:{:02}:{:02}.780, {load} %, 0 %, 2 MiB, 20146 MiB, 27, 11.64 W\n", n / 60, n % 60);
    assert_eq!(told("", row, (1, 200)), words(199, 200));
    // Too few to say so.
    assert_eq!(told(header, row, (0, 19)), None);
}
