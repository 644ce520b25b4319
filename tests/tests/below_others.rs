//! A log that begins further below than a header is looked for: a tool was asked what it sees, or a job said what it does, before the sampler began. The log
//! counts whole, and what stands above it is told. Energies are worked by hand.

use carbon_core::note::Severity;
use carbon_core::read::{FileReader, ReadOptions, Reading};
use carbon_core::units::Energy;
use carbon_tests::nvidia_smi;

fn read(log: &str, piece: usize) -> Reading {
    let mut reader = FileReader::new(ReadOptions::default());
    log.as_bytes().chunks(piece).for_each(|piece| reader.push(piece));
    reader.finish()
}

fn joules(reading: &Reading) -> f64 {
    let series: Energy = reading.series().iter().map(|series| series.energy(false)).sum();
    series.as_kwh() * 3.6e6
}

/// Seconds after 15:00.
fn clock(at: usize) -> String {
    format!("{:02}:{:02}:{:02}", 15 + at / 3_600, at / 60 % 60, at % 60)
}

/// Rows a second apart at 300 W.
fn csv(rows: usize) -> String {
    let row = |at: usize| format!("2025/06/12 {}.000, 0, 300.00 W\n", clock(at));
    format!("timestamp, index, power.draw [W]\n{}", (0..rows).map(row).collect::<String>())
}

fn by_hand(rows: usize) -> String {
    let row = |at: usize| format!("2025-06-12T{}Z;300\n", clock(at));
    format!("time;cpu_power_w\n{}", (0..rows).map(row).collect::<String>())
}

fn dmon(rows: usize) -> String {
    let row = |at: usize| format!(" 20250612   {}      0    300     58     71\n", clock(at));
    let rows: String = (0..rows).map(row).collect();
    format!("#Date       Time        gpu    pwr  gtemp  mtemp\n#YYYYMMDD   HH:MM:SS    Idx      W      C      C\n{rows}")
}

fn json(rows: usize) -> String {
    (0..rows).map(|at| format!("{{\"time\": \"2025-06-12T{}Z\", \"gpu\": 0, \"power_w\": 300.0}}\n", clock(at))).collect()
}

/// What `nvidia-smi` prints of so many boards and their processes.
fn look(boards: usize, second: usize) -> String {
    let process = |at: usize| format!("|    {at}   N/A  N/A      4321{at}      C   python                           61226MiB |\n");
    format!(
        "{}
+-----------------------------------------------------------------------------------------+
| Processes:                                                                              |
|  GPU   GI   CI        PID   Type   Process name                              GPU Memory |
|        ID   ID                                                               Usage      |
|=========================================================================================|
{}+-----------------------------------------------------------------------------------------+
",
        nvidia_smi::table(&format!("14:00:{second:02}"), &vec![100; boards]),
        (0..boards).map(process).collect::<String>()
    )
}

/// What `nvidia-smi -q` prints of so many boards, so many lines of each.
fn query(boards: usize, lines: usize) -> String {
    let board = |at: usize| {
        let fields: String = (0..lines).map(|field| format!("    Some Field {field:<30}: N/A\n")).collect();
        format!("GPU 00000000:{:02X}:00.0\n{fields}    GPU Power Readings\n        Power Draw              : 400.00 W\n", 16 + at)
    };
    let boards: String = (0..boards).map(board).collect();
    format!(
        "\n==============NVSMI LOG==============\n\nTimestamp                   : Thu Jun 12 14:00:00 2025\nDriver Version              : 550.54.15\n\nAttached GPUs               : 1\n{boards}\n"
    )
}

fn words(lines: usize) -> String {
    (0..lines).map(|at| format!("INFO step {at}: loss 2.71, learning rate 0.001, {at} of {lines}\n")).collect()
}

#[test]
fn a_log_below_others_counts_whole() {
    for (what, above, log) in [
        ("one board", look(1, 0), csv as fn(usize) -> String),
        ("eight boards", look(8, 0), csv),
        ("-q", query(4, 60), csv),
        // 8 x 250 lines of some 50 bytes: longer than the head.
        ("all that -q says", query(8, 250), csv),
        ("a look and -q", look(8, 0) + &query(8, 30), csv),
        ("what a job says", words(60), csv),
        ("a look, and a table made by hand", look(8, 0), by_hand),
        ("words, and a table made by hand", words(40), by_hand),
        ("a look, and dmon", look(8, 0), dmon),
        ("-q, and dmon", query(4, 60), dmon),
        ("a look, and JSON", look(8, 0), json),
        ("-q, and JSON", query(2, 60), json),
    ] {
        // 300 W from the first row to the last: the long one is no end of the head.
        for rows in [100, 3_600] {
            let text = above.clone() + &log(rows);
            let found = read(&text, 4_096);
            let (joules, expected) = (joules(&found), 300.0 * (rows - 1) as f64);
            assert!((joules - expected).abs() < 1e-6 * expected, "{what}: {joules} of {expected} J, {:?} {:?}", found.rows, found.notes);
            assert_eq!((found.rows.used, found.rows.lines), (rows as u64, text.lines().count() as u64), "{what}: {:?}", found.rows);
            assert!(!found.notes.iter().any(|note| note.code.severity == Severity::Warning), "{what}: {:?}", found.notes);
            let short = above.lines().filter(|line| !line.is_empty()).count() < 20;
            let told = found.notes.iter().any(|note| note.code.id == "lines-unknown" && note.line == Some(1));
            assert!(told || short, "{what}: {:?}", found.notes);
            let again = read(&text, 977);
            assert_eq!((&again.rows, again.notes.iter().count()), (&found.rows, found.notes.iter().count()), "{what}, in other pieces");
        }
    }
}

/// Where what stands above says of energy, too, the one of more rows is read and the other is lost: a warning, with its rows and where to split.
#[test]
fn what_is_lost_above_is_a_warning() {
    // Two looks a second apart, at eight boards.
    let found = read(&(look(8, 0) + &look(8, 1) + &csv(100)), 4_096);
    assert!((joules(&found) - 300.0 * 99.0).abs() < 1e-3, "{} J, {:?}", joules(&found), found.notes);
    // The hundred rows, and the sixteen of the looks.
    assert_eq!((found.rows.used, found.rows.read()), (100, 116), "{:?}", found.rows);
    let note = found.notes.iter().find(|note| note.code.id == "rows-lost" && note.line == Some(1)).expect("told");
    assert!(note.message.contains("nvidia_smi_table") && note.message.contains("16 rows"), "{note:?}");
    let lines = look(8, 0).lines().count() * 2;
    assert!(note.hint.as_ref().is_some_and(|hint| hint.ends_with(&format!("line {}", lines + 1))), "{note:?}");
    // Fewer rows below than above: what is above counts, 100 W of eight boards for nine seconds.
    let looks: String = (0..10).map(|second| look(8, second)).collect();
    let found = read(&(looks + &csv(30)), 4_096);
    assert!((joules(&found) - 8.0 * 100.0 * 9.0).abs() < 1e-3, "{} J, {:?}", joules(&found), found.notes);
    assert!(found.notes.iter().any(|note| note.code.id == "rows-lost" && note.message.contains("nvidia_smi_csv")), "{:?}", found.notes);
}
