//! One file that holds more than one log: one of another format, whose rows nobody reads, and one without a clock that stands there twice. Energies are
//! worked by hand.

use carbon_core::note::{Note, Severity};
use carbon_core::read::{FileReader, ReadOptions, Reading};
use carbon_core::units::Energy;
use carbon_tests::nvidia_smi;

fn read(log: &str) -> Reading {
    let mut reader = FileReader::new(ReadOptions::default());
    log.as_bytes().chunks(41).for_each(|piece| reader.push(piece));
    reader.finish()
}

fn joules(reading: &Reading) -> f64 {
    let series: Energy = reading.series().iter().map(|series| series.energy(false)).sum();
    series.as_kwh() * 3.6e6
}

fn told<'r>(reading: &'r Reading, code: &str, word: &str) -> Option<&'r Note> {
    reading.notes.iter().find(|note| note.code.id == code && note.code.severity == Severity::Warning && note.message.contains(word))
}

/// Rows a second apart at 300 W.
fn csv(rows: usize) -> String {
    let row = |at: usize| format!("2025/06/12 15:{:02}:{:02}.000, 0, 300.00 W\n", at / 60, at % 60);
    format!("timestamp, index, power.draw [W]\n{}", (0..rows).map(row).collect::<String>())
}

fn table(looks: usize) -> String {
    (0..looks).map(|at| nvidia_smi::table(&format!("14:{:02}:{:02}", at / 60, at % 60), &[100, 300])).collect()
}

fn dmon(rows: usize) -> String {
    let row = |at: usize| format!(" 20250612   14:{:02}:{:02}      0    200     58     71\n", at / 60, at % 60);
    let rows: String = (0..rows).map(row).collect();
    format!("#Date       Time        gpu    pwr  gtemp  mtemp\n#YYYYMMDD   HH:MM:SS    Idx      W      C      C\n{rows}")
}

fn query(looks: usize) -> String {
    let look = |at: usize| {
        format!(
            "\n==============NVSMI LOG==============\n\nTimestamp                                 : Thu Jun 12 14:{:02}:{:02} 2025\nDriver Version                            : 550.54.15\nCUDA Version                              : 12.4\n\nAttached GPUs                             : 1\nGPU 00000000:3B:00.0\n    GPU Power Readings\n        Power Draw                        : 400.00 W\n        Current Power Limit               : 700.00 W\n\n",
            at / 60,
            at % 60
        )
    };
    (0..looks).map(look).collect()
}

fn made_by_hand(rows: usize) -> String {
    let row = |at: usize| format!("2025-06-12T16:{:02}:{:02}Z;150\n", at / 60, at % 60);
    format!("time;cpu_power_w\n{}", (0..rows).map(row).collect::<String>())
}

/// What is read counts as ever; what is not is told by its format, its line and the number of its rows.
#[test]
fn a_log_of_another_format_is_told() {
    for (what, first, second, joules_read, format, line) in [
        // 100 and 300 W for 19 s; the CSV stands behind 20 looks of 16 lines.
        ("a table, and a CSV", table(20), csv(15), 7_600.0, "nvidia_smi_csv", 321),
        // 200 W for 59 s.
        ("dmon, and a CSV", dmon(60), csv(30), 11_800.0, "nvidia_smi_csv", 63),
        // 300 W for 29 s.
        ("-q, and a CSV", query(2), csv(30), 8_700.0, "nvidia_smi_q", 2),
        ("a CSV, and dmon", csv(30), dmon(30), 8_700.0, "nvidia_smi_dmon", 32),
        ("a CSV, and -q", csv(30), query(6), 8_700.0, "nvidia_smi_q", 33),
        ("a CSV, and a table", csv(30), table(6), 8_700.0, "nvidia_smi_table", 32),
    ] {
        let found = read(&(first + &second));
        let joules = joules(&found);
        assert!((joules - joules_read).abs() < 1e-6 * joules_read, "{what}: {joules} J, {:?}", found.notes);
        let note = told(&found, "rows-lost", format).unwrap_or_else(|| panic!("{what}: {:?} {:?}", found.rows, found.notes));
        assert!(note.line.is_some_and(|found| found.abs_diff(line) <= 4), "{what}: {note:?}");
        assert!(note.hint.as_ref().is_some_and(|hint| hint.contains("split")), "{what}: {note:?}");
    }
    // One look at the boards above a log says nothing of energy.
    for log in [table(1) + &csv(30), made_by_hand(30), csv(30) + &csv(30)] {
        let found = read(&log);
        assert!(told(&found, "rows-lost", "another format").is_none(), "{:?}", found.notes);
    }
}

fn powermeter(joules: &[u64]) -> String {
    let measure = |joules: &u64| {
        format!(
            "Runtime: 10.0 s\nMeasure for socket 0 on CPU 0\nDomain PKG:\nEnergy consumed: {joules} Joules\nPower consumed: {} Watt\n",
            joules / 10
        )
    };
    joules.iter().map(measure).collect()
}

fn perfctr(joules: &[u64]) -> String {
    let measure = |joules: &u64| {
        format!(
            "Group 1: ENERGY\n|  Runtime (RDTSC) [s] |    10.0 |\n|      Energy [J]      |  {joules}.0 |\n|   Energy DRAM [J]    |  0 |\n"
        )
    };
    joules.iter().map(measure).collect()
}

fn perfctr_csv(joules: &[u64]) -> String {
    let measure = |joules: &u64| {
        format!("TABLE,Group 1 Metric,ENERGY,3\nMetric,HWThread 0\nRuntime (RDTSC) [s],10.0\nEnergy [J],{joules}.0\nEnergy DRAM [J],0\n")
    };
    joules.iter().map(measure).collect()
}

fn amd(joules: &[u64]) -> String {
    let look = |joules: &u64| {
        format!(
            "[{{\"gpu\": 0, \"power\": {{\"socket_power\": {{\"value\": 100, \"unit\": \"W\"}}}}, \"energy\": {{\"total_energy_consumption\": {{\"value\": {joules}.5, \"unit\": \"J\"}}}}}}]\n"
        )
    };
    joules.iter().map(look).collect()
}

fn intel(joules: &[u64]) -> String {
    let sample = |joules: &u64| {
        format!(
            "{{\"period\": {{\"duration\": 1000.0, \"unit\": \"ms\"}},\n \"rc6\": {{\"value\": 0.0, \"unit\": \"%\"}},\n \"power\": {{\"GPU\": {joules}.0, \"unit\": \"W\"}}, \"engines\": {{\"Render/3D/0\": {{\"busy\": 96.1}}}}}}"
        )
    };
    format!("[{}\n]\n", joules.iter().map(|joules| sample(&(joules / 10))).collect::<Vec<_>>().join(",\n"))
}

/// A log that stands there twice and says no times counts twice; the lower end holds it once.
#[test]
fn a_log_without_a_clock_that_stands_there_twice_is_told() {
    let joules = [1_000, 1_500, 2_100, 2_900];
    for (what, log) in [
        ("likwid-powermeter", powermeter(&joules)),
        ("likwid-perfctr", perfctr(&joules)),
        ("likwid-perfctr -O", perfctr_csv(&joules)),
        ("amd-smi", amd(&joules)),
        ("intel_gpu_top", intel(&joules)),
    ] {
        let (once, twice) = (read(&log), read(&format!("{log}{log}")));
        assert!(told(&once, "possible-double-count", "twice").is_none(), "{what}: {:?}", once.notes);
        assert!(!once.series().is_empty() && twice.format == once.format, "{what}: {} {:?}", twice.format, once.notes);
        told(&twice, "possible-double-count", "twice").unwrap_or_else(|| panic!("{what}: {:?}", twice.notes));
        for series in twice.series().iter().filter(|series| series.energy(false) > Energy::ZERO) {
            let all = series.energy(false);
            let less: Energy = twice.doubts.iter().filter(|d| d.channel == *series.channel()).map(|d| d.of(all).0).sum();
            assert!(less > Energy::ZERO && all - less <= all.share(11, 20), "{what}: {all:?} less {less:?}");
        }
    }
}

/// Each line twice: the second power of a board is of no board. 100 and 300 W for 10 s are 4,000 J.
#[test]
fn a_power_without_its_board_is_of_no_row() {
    let doubled: String = table(11).lines().map(|line| format!("{line}\n{line}\n")).collect();
    let found = read(&doubled);
    assert!((joules(&found) - 4_000.0).abs() < 1e-6, "{} J {:?}", joules(&found), found.rows);
    assert_eq!(found.series().len(), 2, "{:?}", found.devices);
    assert!(told(&found, "rows-torn", "").is_some(), "{:?}", found.notes);
}
