//! Odd rows in the logs of several tools: quoted line ends, NUL bytes, spaces that do not break, columns of one name, NaN. Each is read or told under a
//! reason of its own with its line, and a run that is lost is a warning. Energies are worked by hand.

use carbon_core::note::Severity;
use carbon_core::read::{FileReader, ReadOptions, Reading, SkipReason};
use carbon_core::units::Energy;

const CODECARBON: &str = "timestamp,project_name,run_id,experiment_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_count,cpu_model,gpu_count,gpu_model,longitude,latitude,ram_total_size,tracking_mode,on_cloud,pue\n";

/// What comes of a log: joules of its series and of its declared parts.
struct Found {
    joules: f64,
    reading: Reading,
}

fn read(log: &str) -> Found {
    let mut reader = FileReader::new(ReadOptions::default());
    // In pieces, as a file comes in.
    log.as_bytes().chunks(37).for_each(|piece| reader.push(piece));
    let reading = reader.finish();
    let series: Energy = reading.series().iter().map(|series| series.energy(false)).sum();
    let declared: Energy = reading.declared.iter().flat_map(|d| &d.parts).map(|part| part.energy).sum();
    Found { joules: (series + declared).as_kwh() * 3.6e6, reading }
}

impl Found {
    #[track_caller]
    fn holds(&self, what: &str, joules: f64) -> &Self {
        assert!(
            (self.joules - joules).abs() < 1e-6 * joules,
            "{what}: found {} J, expected {joules} J; {:?}",
            self.joules,
            self.reading.notes
        );
        self
    }

    #[track_caller]
    fn skips(&self, what: &str, reason: SkipReason, count: u64, line: u64) -> &Self {
        let found = self.reading.rows.skipped.get(&reason);
        assert_eq!(found, Some(&(count, line)), "{what}: {:?}", self.reading.rows);
        self
    }

    #[track_caller]
    fn skips_nothing(&self, what: &str) -> &Self {
        assert!(self.reading.rows.skipped.is_empty(), "{what}: {:?}", self.reading.rows);
        self
    }

    #[track_caller]
    fn tells(&self, what: &str, code: &str, severity: Severity, line: u64) -> &Self {
        let told = self.reading.notes.iter().any(|note| note.code.id == code && note.code.severity == severity && note.line == Some(line));
        assert!(told, "{what}: expected {code} at line {line} in {:?}", self.reading.notes);
        self
    }
}

/// Twenty rows, one a second, at 300 W: 5,700 J; the eighth stands on line 9.
fn smi(odd: &str) -> String {
    let row = |i: u32| match i {
        7 => format!("2025/06/12 14:00:07.000, 0, {odd}\n"),
        _ => format!("2025/06/12 14:00:{i:02}.000, 0, A100, 300.00 W\n"),
    };
    format!("timestamp, index, name, power.draw [W]\n{}", (0..20).map(row).collect::<String>())
}

fn table(odd: &str) -> String {
    let row = |i: u32| match i {
        7 => format!("2025-06-12T14:00:07Z,gpu0,{odd}\n"),
        _ => format!("2025-06-12T14:00:{i:02}Z,gpu0,300,x\n"),
    };
    format!("time,device,power_w,remark\n{}", (0..20).map(row).collect::<String>())
}

fn semicolons(odd: &str) -> String {
    let row = |i: u32| match i {
        7 => format!("2025-06-12 14:00:07;{odd}\n"),
        _ => format!("2025-06-12 14:00:{i:02};300,0;x\n"),
    };
    format!("time;gpu0_w;remark\n{}", (0..20).map(row).collect::<String>())
}

/// Three runs of 0.115 kWh each; the second stands on line 3.
fn codecarbon(project: &str, gpu: &str, total: &str) -> String {
    let row = |i: u32, project: &str, gpu: &str, total: &str| {
        format!(
            "2025-06-12T1{i}:00:00,{project},run-{i},e,3600,0.005,1.3e-06,10.0,100.0,5.0,0.01,{gpu},0.005,{total},France,FRA,idf,,,Linux,3.11,3.0.4,8,AMD EPYC 7763,1,1 x NVIDIA A100,2,48,64,machine,N,1.0\n"
        )
    };
    [CODECARBON, &row(0, "p", "0.1", "0.115"), &row(1, project, gpu, total), &row(2, "p", "0.1", "0.115")].concat()
}

/// Three jobs of 1 kWh each.
fn slurm(name: &str, energy: &str) -> String {
    let row = |i: u32, name: &str, energy: &str| {
        format!("{i}|{name}|COMPLETED|01:00:00|2025-06-12T1{i}:00:00|2025-06-12T1{}:00:00|1|node{i}|{energy}\n", i + 1)
    };
    let header = "JobID|JobName|State|Elapsed|Start|End|NNodes|NodeList|ConsumedEnergyRaw\n";
    [header, &row(1, "train", "3600000"), &row(2, name, energy), &row(3, "train", "3600000")].concat()
}

/// Three runs of 0.115 kWh each, one a line.
fn json(gpu: &str, total: &str, name: &str) -> String {
    let row = |i: u32, gpu: &str, total: &str, name: &str| {
        format!(
            "{{\"timestamp\": \"2025-06-12T1{i}:00:00\", \"project_name\": \"{name}\", \"run_id\": \"run-{i}\", \"duration\": 3600, \"emissions\": 0.005, \"cpu_power\": 10, \"gpu_power\": 100, \"ram_power\": 5, \"cpu_energy\": 0.01, \"gpu_energy\": {gpu}, \"ram_energy\": 0.005, \"energy_consumed\": {total}, \"country_iso_code\": \"FRA\", \"codecarbon_version\": \"3.0.4\", \"tracking_mode\": \"machine\", \"pue\": 1.0}}\n"
        )
    };
    [row(0, "0.1", "0.115", "p"), row(1, gpu, total, name), row(2, "0.1", "0.115", "p")].concat()
}

const RUNS: f64 = 3.0 * 0.115 * 3.6e6;

#[test]
fn line_ends_in_quotes_are_part_of_their_cell() {
    read(&smi("\"A1\n00\", 300.00 W")).holds("nvidia-smi", 5700.0).skips_nothing("nvidia-smi");
    read(&smi("\"A\n1\n00\", 300.00 W")).holds("nvidia-smi, three lines", 5700.0).skips_nothing("nvidia-smi, three lines");
    read(&table("300,\"a\nb\"")).holds("table", 5700.0).skips_nothing("table");
    read(&semicolons("300,0;\"a\nb\"")).holds("semicolons", 5700.0).skips_nothing("semicolons");
    let all: String = (0..20).map(|i| format!("2025-06-12T14:00:{i:02}Z,gpu0,300,\"a\nb\"\n")).collect();
    read(&format!("time,device,power_w,remark\n{all}")).holds("in each row", 5700.0).skips_nothing("in each row");
    read(&codecarbon("\"my\nproject\"", "0.1", "0.115")).holds("CodeCarbon", RUNS).skips_nothing("CodeCarbon");
    // A quote that is never closed costs its own row.
    read(&smi("\"A100, 300.00 W")).holds("torn", 5700.0).skips("torn", SkipReason::OpenQuote, 1, 9).tells(
        "torn",
        "rows-torn",
        Severity::Warning,
        9,
    );
    read(&table("300,\"a")).holds("torn", 5700.0).skips("torn", SkipReason::OpenQuote, 1, 9).tells(
        "torn",
        "rows-torn",
        Severity::Warning,
        9,
    );
    let found = read(&codecarbon("\"my project", "0.1", "0.115"));
    found.holds("torn run", RUNS * 2.0 / 3.0).skips("torn run", SkipReason::OpenQuote, 1, 3).tells(
        "torn run",
        "run-lost",
        Severity::Warning,
        3,
    );
    // Slurm quotes nothing: a line end in a name tears its row.
    read(&slurm("\"a\nb\"", "3600000")).holds("Slurm", 7.2e6).skips("Slurm", SkipReason::Torn, 2, 3).tells(
        "Slurm",
        "rows-torn",
        Severity::Warning,
        3,
    );
}

#[test]
fn nul_bytes_are_told_by_their_line() {
    for (what, log, joules, line, code) in [
        ("nvidia-smi", smi("A1\u{0}\u{0}00, 300.00 W"), 5700.0, 9, "lines-unknown"),
        ("table", table("300,\0"), 5700.0, 9, "lines-unknown"),
        ("semicolons", semicolons("\0\0\0;x"), 5700.0, 9, "lines-unknown"),
        ("CodeCarbon", codecarbon("p\0", "0.1", "0.115"), RUNS * 2.0 / 3.0, 3, "run-lost"),
        ("Slurm", slurm("a\0", "3600000"), 7.2e6, 3, "run-lost"),
    ] {
        let found = read(&log);
        found.holds(what, joules).skips(what, SkipReason::Binary, 1, line);
        found.tells(what, code, if code == "run-lost" { Severity::Warning } else { Severity::Note }, line);
    }
    let found = read(&json("0.1", "0.115", "p\0"));
    found.holds("JSON lines", RUNS * 2.0 / 3.0).tells("JSON lines", "run-lost", Severity::Warning, 2);
}

#[test]
fn spaces_that_do_not_break_are_spaces() {
    for space in ["\u{a0}", "\u{202f}", "\u{2009}", "\u{2007}"] {
        read(&smi(&format!("A100, 300.00{space}W"))).holds("nvidia-smi", 5700.0).skips_nothing("nvidia-smi");
        read(&smi("x").replace(" W", &format!("{space}W")).replace("0, x\n", &format!("0, A100,{space}300.00{space}W{space}\n")))
            .holds("in every row", 5700.0)
            .skips_nothing("in every row");
        read(&table(&format!("{space}300{space},x"))).holds("table", 5700.0).skips_nothing("table");
        read(&table("300,x").replace("power_w", &format!("power{space}[W]"))).holds("header", 5700.0).skips_nothing("header");
        read(&codecarbon("p", &format!("0.1{space}"), "0.115")).holds("CodeCarbon", RUNS).skips_nothing("CodeCarbon");
        read(&slurm("train", &format!("3600000{space}"))).holds("Slurm", 1.08e7).skips_nothing("Slurm");
        read(&slurm("train", &format!("3{space}600{space}000"))).holds("thousands", 1.08e7).skips_nothing("thousands");
    }
    // Other characters of two and three bytes stay what they are.
    read(&table("300,€ 5 °C")).holds("others", 5700.0).skips_nothing("others");
}

#[test]
fn columns_of_one_name_are_told() {
    let twice = |header: &str, row: &str| -> String {
        let rows: String = (0..20).map(|i| format!("2025-06-12T14:00:{i:02}Z,{row}\n")).collect();
        format!("{header}\n{rows}")
    };
    for (what, log, joules) in [
        ("nvidia-smi", twice("timestamp, index, power.draw [W], power.draw [W]", " 0, 300.00 W, 300.00 W"), 5700.0),
        ("nvidia-smi, other values", twice("timestamp, index, power.draw [W], power.draw [W]", " 0, 300.00 W, 200.00 W"), 5700.0),
        ("two clocks", twice("time,time,gpu0_w", "2025-06-12T14:00:00Z,300"), 5700.0),
        ("two names of devices", twice("time,device,device,power_w", "gpu0,gpu0,300"), 5700.0),
    ] {
        read(&log).holds(what, joules).tells(what, "columns-repeated", Severity::Warning, 1);
    }
    let header = CODECARBON.replace("gpu_energy,", "gpu_energy,gpu_energy,");
    let log = codecarbon("p", "0.1", "0.115").replace(CODECARBON, &header).replace(",0.1,", ",0.1,0.7,");
    read(&log).holds("CodeCarbon", RUNS).tells("CodeCarbon", "columns-repeated", Severity::Warning, 1);
    let log = slurm("train", "3600000").replace("Raw\n", "Raw|ConsumedEnergyRaw\n").replace("3600000\n", "3600000|7200000\n");
    read(&log).holds("Slurm", 1.08e7).tells("Slurm", "columns-repeated", Severity::Warning, 1);
    // Two columns that are one reading in a home-made table: nothing is guessed.
    let found = read(&twice("time,gpu0_w,gpu0_w", "300,200"));
    assert!(found.reading.refused && found.reading.notes.iter().any(|note| note.hint.is_some()), "{:?}", found.reading.notes);
    // A key that comes twice in a record.
    let found = read(&json("0.1, \"gpu_energy\": 0.7", "0.115", "p"));
    found.holds("JSON lines", RUNS * 2.0 / 3.0).tells("JSON lines", "run-lost", Severity::Warning, 2);
}

#[test]
fn nan_is_no_number_and_a_lost_run_is_a_warning() {
    for (what, log) in [
        ("nvidia-smi", smi("A100, nan")),
        ("nvidia-smi, in brackets of its own", smi("A100, NaN")),
        ("table", table("NaN,x")),
        ("table, negative", table("-nan,x")),
        ("semicolons", semicolons("nan;x")),
    ] {
        read(&log).holds(what, 5700.0).skips(what, SkipReason::NotANumber, 1, 9).tells(what, "missing-readings", Severity::Note, 9);
    }
    for (what, log, line) in [
        ("CodeCarbon", codecarbon("p", "0.1", "nan"), 3),
        ("CodeCarbon, of all", codecarbon("p", "nan", "NaN"), 3),
        ("CodeCarbon, infinite", codecarbon("p", "0.1", "inf"), 3),
    ] {
        read(&log).holds(what, RUNS * 2.0 / 3.0).skips(what, SkipReason::NotANumber, 1, line).tells(
            what,
            "run-lost",
            Severity::Warning,
            line,
        );
    }
    // JSON has no NaN: what Python writes for it is no figure.
    let found = read(&json("0.1", "NaN", "p"));
    found.holds("JSON lines", RUNS * 2.0 / 3.0).skips("JSON lines", SkipReason::NoReading, 1, 2);
    found.tells("JSON lines", "run-lost", Severity::Warning, 2);
    read(&slurm("train", "nan")).holds("Slurm", 7.2e6).tells("Slurm", "not-measured", Severity::Warning, 3);
}

/// Plain rows after a torn quote are rows, wherever the bytes are cut: nvidia-smi's take a shorter way, which must close the quote, too.
#[test]
fn a_torn_quote_costs_its_row_far_into_a_log_too() {
    for (torn, closing) in [(2_800, 2_990), (1_500, 1_502), (2_000, 2_500), (900, 2_999)] {
        let row = |i: u32| {
            let stamp = format!("2025/06/12 {:02}:{:02}:{:02}.000", 14 + i / 3600, i / 60 % 60, i % 60);
            match i {
                i if i == torn => format!("{stamp}, 0, \"A100, 300.00 W\n"),
                i if i == closing => format!("{stamp}, 0, A100\", 300.00 W\n"),
                _ => format!("{stamp}, 0, A100, 300.00 W\n"),
            }
        };
        let log = format!("timestamp, index, name, power.draw [W]\n{}", (0..3_000).map(row).collect::<String>());
        let account = |piece: usize| {
            let mut reader = FileReader::new(ReadOptions::default());
            log.as_bytes().chunks(piece).for_each(|piece| reader.push(piece));
            let reading = reader.finish();
            assert!(reading.rows.used >= 2_997, "{torn}, {closing}, pieces of {piece}: {:?}", reading.rows);
            assert!(
                reading.notes.iter().any(|note| note.code.id == "rows-torn"),
                "{torn}, {closing}, pieces of {piece}: {:?}",
                reading.notes
            );
            let energy: Energy = reading.series().iter().map(|series| series.energy(false)).sum();
            (reading.rows.used, reading.rows.read(), energy)
        };
        let whole = account(usize::MAX);
        assert!([37, 4_096, 65_536].into_iter().all(|piece| account(piece) == whole), "{torn}, {closing}");
    }
}

/// A row that gives several readings is one row, whatever becomes of them.
#[test]
fn a_repeated_row_of_many_columns_is_one_row() {
    for columns in [1, 2, 4, 9] {
        let header = (0..columns).fold(String::from("time"), |text, n| format!("{text},gpu{n}_w"));
        let row = |second: u32| (0..columns).fold(format!("2025-06-12T14:00:{second:02}Z"), |text, _| text + ",300");
        // Forty rows, of which four stand there twice.
        let rows = (0..40).flat_map(|second| std::iter::repeat_n(row(second), if second % 10 == 3 { 2 } else { 1 }));
        let found = read(&format!("{header}\n{}\n", rows.collect::<Vec<_>>().join("\n")));
        found.holds("repeated rows", f64::from(columns) * 300.0 * 39.0);
        assert_eq!(found.reading.rows.used, 40, "{columns}: {:?}", found.reading.rows);
        found.skips("repeated rows", SkipReason::Duplicate, 4, 0);
    }
}

/// Releases of CodeCarbon that leave out cells of a place write rows: a torn quote before them costs its own run.
#[test]
fn a_torn_quote_swallows_no_runs_that_lack_cells() {
    let whole = codecarbon("p", "0.1", "0.115");
    let mut lines: Vec<String> = whole.lines().map(String::from).collect();
    let short = lines[1].replacen("idf,", "", 1).replacen(",2,48,64", ",64", 1);
    let run = |line: &str, i: usize| line.replace("run-0", &format!("other-{i}")).replace("T10:", &format!("T{}:", 13 + i));
    let torn = run(&lines[1], 0).replacen("1 x NVIDIA A100", "\"1 x NVIDIA A100", 1);
    let closing = run(&lines[1], 5).replacen("1 x NVIDIA A100", "1 x NVIDIA A100\"", 1);
    lines.push(torn);
    lines.extend((1..5).map(|i| run(&short, i)));
    lines.push(closing);
    let found = read(&(lines.join("\n") + "\n"));
    // Three whole runs before it, the four short ones, and one in which a quote stands in the middle of a cell: the torn one costs its own.
    found.holds("runs", 8.0 * 0.115 * 3.6e6);
    assert!(found.reading.notes.iter().any(|note| note.code.id == "run-lost" && note.code.severity == Severity::Warning));
}

/// What a program says beside its rows is no lost row; rows of another kind are.
#[test]
fn sentences_are_no_lost_rows() {
    let rows: String = (0..20).map(|s| format!("2025/06/12 14:00:{s:02}.000, 0, 300.00 W\n")).collect();
    let header = "timestamp, index, power.draw [W]\n";
    for (what, lines, lost) in [
        ("an end in words", "Training has finished, bye for now\n".repeat(8), false),
        ("epochs", (0..8).map(|n| format!("Epoch {n} of eight: the loss went down to 0.{n}\n")).collect(), false),
        (
            "a traceback",
            "Traceback (most recent call last):\n  File \"train.py\", line 7, in main\nRuntimeError: CUDA error: out of memory\n".repeat(3),
            false,
        ),
        ("a shell", "user at host: nvidia-smi --query-gpu=power.draw --format=csv\n".repeat(8), false),
        ("another language", "Das Training ist zu Ende, schöne Grüße\n".repeat(8), false),
        ("rows of another table", (0..8).map(|s| format!("2025/06/12 14:01:{s:02}.000, 0, 300.00 W, 61, 17, 4\n")).collect(), true),
        ("rows of JSON", (0..8).map(|s| format!("{{\"t\": 17497368{s:02}, \"gpu\": 0, \"w\": 300.0}}\n")).collect(), true),
        ("numbers alone", "12345 300 61 17 4 0\n".repeat(8), true),
    ] {
        let text = [header, &rows, &lines].concat();
        let found = read(&text);
        found.holds(what, 19.0 * 300.0);
        assert_eq!(found.reading.notes.iter().any(|note| note.code.id == "rows-lost"), lost, "{what}: {:?}", found.reading.notes);
        assert_eq!(found.reading.doubts.is_empty(), !lost, "{what}");
        // They are skipped under a reason all the same, wherever they stand.
        assert_eq!(found.reading.rows.skipped.values().map(|(count, _)| count).sum::<u64>(), lines.lines().count() as u64, "{what}");
    }
}
