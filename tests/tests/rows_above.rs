//! A log that was cut at its head, and whose logger was started again: rows stand above the header. They are read by it, or lost with a word. Energies are
//! worked by hand, and then every table of the case folders is cut so.

use carbon_core::note::Severity;
use carbon_core::read::{FileReader, ReadOptions, Reading};
use carbon_core::units::Energy;
use carbon_tests::{cases, read_options};

fn read(log: &str, options: &ReadOptions) -> Reading {
    let mut reader = FileReader::new(options.clone());
    // In pieces, as a file comes in.
    log.as_bytes().chunks(37).for_each(|piece| reader.push(piece));
    reader.finish()
}

fn joules(reading: &Reading) -> f64 {
    let series: Energy = reading.series().iter().map(|series| series.energy(false)).sum();
    let declared: Energy = reading.declared.iter().flat_map(|d| &d.parts).map(|part| part.energy).sum();
    (series + declared).as_kwh() * 3.6e6
}

/// Twenty rows, ten of them above their header.
fn cut(header: &str, row: impl Fn(usize) -> String) -> String {
    let rows = |from: usize| (from..from + 10).map(|at| row(at) + "\n").collect::<String>();
    format!("{}{header}\n{}", rows(0), rows(10))
}

#[test]
fn rows_above_the_header_are_rows() {
    // 300 W over the 19 s between the first row and the last; of windows of 1 s, 20.
    let (samples, windows) = (5_700.0, 6_000.0);
    for (what, log, expected) in [
        ("a table", cut("time,gpu0_power_w", |at| format!("2025-06-12T10:00:{at:02},300")), samples),
        ("with semicolons", cut("time;gpu0_power_w", |at| format!("2025-06-12 10:00:{at:02};300,0")), samples),
        ("of seconds", cut("elapsed_s,gpu0_power_w,gpu0_utilization", |at| format!("{at},300,98")), samples),
        ("nvidia-smi", cut("timestamp, index, power.draw [W]", |at| format!("2025/06/12 10:00:{at:02}.000, 0, 300.00 W")), samples),
        ("Zeus, power", cut("time,gpu_index,power_w", |at| format!("{}.5,0,300.0", 1_750_000_000 + at)), samples),
        (
            "Zeus, energy",
            cut("start_time,window_name,elapsed_time,gpu0_energy", |at| format!("{},step_{at},1.0,300.0", 1_750_000_000 + at)),
            windows,
        ),
        (
            "pyJoules",
            cut("timestamp;tag;duration;package_0;nvidia_gpu_0", |at| format!("{}.0;a;1.0;100000000.0;200000000", 1_750_000_000 + at)),
            windows,
        ),
        (
            "pyRAPL",
            cut("label,timestamp,duration,pkg,dram,socket", |at| format!("a,{}.0,1000000.0,300000000.0,,0", 1_750_000_000 + at)),
            windows,
        ),
    ] {
        let found = read(&log, &ReadOptions::default());
        let (joules, rows) = (joules(&found), &found.rows);
        assert!((joules - expected).abs() < 1e-6 * expected, "{what}: {joules} J; {rows:?} {:?}", found.notes);
        assert_eq!((rows.used, rows.read()), (20, 20), "{what}: {rows:?}");
    }
}

/// Rows of another width than the header's are of no column: they are counted, and a good part of a log that is lost so is a warning.
#[test]
fn rows_of_another_header_are_told() {
    let row = |at: usize| match at < 10 {
        true => format!("2025-06-12T10:00:{at:02},300,55"),
        false => format!("2025-06-12T10:00:{at:02},300"),
    };
    let found = read(&cut("time,gpu0_power_w", row), &ReadOptions::default());
    assert_eq!((found.rows.used, found.rows.read()), (10, 20), "{:?}", found.rows);
    assert!(found.notes.iter().any(|note| note.code.id == "rows-lost" && note.code.severity == Severity::Warning), "{:?}", found.notes);
}

/// What tools say of themselves above a header is no row.
#[test]
fn what_a_tool_says_above_the_header_is_no_row() {
    for above in ["Version, 1.0", "GPUs: 2", "Thu Jun 12 14:03:21 2025", "sampled at 1 Hz, 2 GPUs", "# 2025-06-12T10:00:00,300"] {
        let log = format!("{above}\ntime,gpu0_power_w\n2025-06-12T10:00:00,300\n2025-06-12T10:00:01,300\n");
        let found = read(&log, &ReadOptions::default());
        assert_eq!((found.rows.used, found.rows.read()), (2, 2), "{above}: {:?}", found.notes);
    }
}

/// The first header of a text, and its rows: the line before the first two that hold figures in as many cells.
fn header(lines: &[&str]) -> Option<usize> {
    let figures = |line: &&str| {
        let cells = line.split([',', ';', '\t']);
        cells.clone().filter(|cell| cell.trim().trim_matches('"').parse::<f64>().is_ok()).count().min(cells.count() - 1)
    };
    let at = lines.windows(3).position(|three| {
        let found: Vec<usize> = three.iter().map(figures).collect();
        matches!(found[..], [0, a, b] if a > 0 && b > 0) && !three[0].starts_with('#')
    })?;
    let width = |line: &str| line.split([',', ';', '\t']).count();
    (width(lines[at]) > 1 && width(lines[at]) == width(lines[at + 1])).then_some(at)
}

#[test]
fn no_row_above_a_header_is_taken_for_structure() {
    /// So many lines are looked at for a header.
    const MOST: usize = 12;
    let (mut failures, mut files, mut formats) = (Vec::new(), 0, std::collections::BTreeSet::new());
    for case in cases("formats") {
        let options = read_options(&case.about.options);
        for log in &case.logs {
            let Ok(text) = std::fs::read_to_string(log) else { continue };
            let lines: Vec<&str> = text.lines().collect();
            let Some(at) = header(&lines).filter(|at| lines.len() >= at + 5) else { continue };
            let own = options.of_file(&log.to_string_lossy());
            let whole = read(&text, &own);
            let half = ((lines.len() - at - 1) / 2).min(MOST);
            let (above, rows) = lines.split_at(at + 1);
            let (first, rest) = rows.split_at(half);
            let log_cut = [first, above, rest].concat().join("\n") + "\n";
            let found = read(&log_cut, &own);
            // Another format, and what is refused, say so.
            if whole.refused || whole.rows.used == 0 || found.refused || found.format != whole.format {
                continue;
            }
            files += 1;
            formats.insert(whole.format);
            if found.rows.read() < whole.rows.read() {
                let (path, of, left) = (log.display(), whole.rows.read(), found.rows.read());
                failures.push(format!("{path}: {} of {half} rows above the header are in no count: {left} of {of}", of - left));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {files} files:\n{}", failures.len(), failures.join("\n"));
    assert!(files >= 100 && formats.len() >= 20, "only {files} files of {} formats were looked at", formats.len());
}
