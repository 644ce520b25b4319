//! Laws 2 and 5 over whole logs: how a log is cut, ordered, shifted, scaled or copied changes nothing that it should not.

use std::fmt::Write;
use std::sync::OnceLock;

use carbon_core::account::{self, Settings};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::{InputFile, Ledger, LedgerOptions};
use carbon_core::read::{FileReader, ReadOptions, Reading};
use carbon_core::report::Boundary;
use carbon_core::units::{Energy, Instant, calendar};
use carbon_tests::promises::{full, shown};
use carbon_tests::{Case, cases, read_options};
use proptest::prelude::*;

/// A power log: milliseconds since some start, and milliwatts.
type Rows = Vec<(i64, i64)>;

/// 2025-06-12T14:03:21.117Z.
const START_MS: i64 = 1_749_737_001_117;

/// Longer than the sampler of [`rows`] ever looks.
const PAUSE_MS: i64 = 2_000;

fn rows() -> impl Strategy<Value = Rows> {
    let interval = prop_oneof![12 => 900i64..1_100, 2 => 3_000i64..20_000, 1 => 60_000i64..9_000_000];
    prop::collection::vec((interval, 0i64..700_000), 2..80).prop_map(|steps| {
        let mut at = START_MS;
        steps
            .into_iter()
            .map(|(interval, watts)| {
                at += interval;
                (at, watts)
            })
            .collect()
    })
}

fn stamp(ms: i64) -> String {
    calendar::rfc3339(Instant::from_micros(ms * 1_000), true)
}

/// As nvidia-smi logs it, stamps in UTC by an ISO stamp's shape.
fn nvidia(rows: &[(i64, i64)], device: &str) -> String {
    let mut text = String::from("timestamp, index, uuid, power.draw [W]\n");
    for (ms, mw) in rows {
        let local = stamp(*ms).replace('-', "/").replace('T', " ").replace('Z', "");
        let _ = writeln!(text, "{local}, 0, {device}, {}.{:03} W", mw / 1_000, mw % 1_000);
    }
    text
}

/// A table with power or energy in the unit that its header states; `digits` of the number stand behind the point.
fn table(rows: &[(i64, i64)], column: &str, digits: u32) -> String {
    let mut text = format!("time,{column}\n");
    let one = 10i64.pow(digits);
    for (ms, value) in rows {
        let fraction = if digits == 0 { String::new() } else { format!(".{:0width$}", value % one, width = digits as usize) };
        let _ = writeln!(text, "{},{}{fraction}", stamp(*ms), value / one);
    }
    text
}

fn ledger<'f>(files: impl IntoIterator<Item = (&'f str, String)>) -> Ledger {
    let mut ledger = Ledger::default();
    for (path, text) in files {
        let mut reader = FileReader::new(ReadOptions::default());
        reader.push(text.as_bytes());
        // A stand-in for the hash: equal for equal content alone.
        let file = InputFile { path: path.into(), bytes: text.len() as u64, blake3: text, ..InputFile::default() };
        ledger.add(file, reader.finish());
    }
    ledger
}

fn energy(ledger: &Ledger) -> Energy {
    let settled = ledger.settle(LedgerOptions::default());
    settled.evidence.iter().map(|e| e.energy).sum()
}

/// Gaps counted too: which intervals are gaps depends on the median of all rows, so on every row.
fn filled(ledger: &Ledger) -> Energy {
    ledger.settle(LedgerOptions { fill_gaps: true, ..LedgerOptions::default() }).evidence.iter().map(|e| e.energy).sum()
}

fn factors() -> &'static FactorSet {
    static SET: OnceLock<FactorSet> = OnceLock::new();
    SET.get_or_init(|| FactorSet::from_tables(carbon_data::TABLES).expect("the built-in tables"))
}

fn emissions(ledger: &Ledger) -> f64 {
    let settings = Settings { region: Some(String::from("FR")), pue: Some(1.2), ..Settings::default() };
    let report = account::report(ledger, factors(), &settings).expect("settings are right");
    report.emissions.map_or(0.0, |e| e.total_kgco2e.value)
}

fn one(text: String) -> Energy {
    energy(&ledger([("gpu.csv", text)]))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if full() { 128 } else { 32 }, failure_persistence: None, ..ProptestConfig::default() })]

    /// Cut at any row into any number of files, whatever their names, a log gives the same picojoules. Of a log in which every fourth interval is a pause nobody
    /// can tell whether they are the sampler's own: pieces of two rows each are recordings of their own.
    #[test]
    fn a_log_may_be_cut_into_files(rows in rows(), cuts in prop::collection::vec(0usize..80, 0..6), names in Just(vec!["a", "b", "c", "d", "e", "f", "g"]).prop_shuffle()) {
        prop_assume!(4 * rows.windows(2).filter(|pair| pair[1].0 - pair[0].0 > PAUSE_MS).count() < rows.len());
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(rows.len())).chain([0, rows.len()]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        // A few readings far apart are a slow log, where nothing else in the file says how often it looks: then the interval holds both.
        let shows_its_pace = |part: &[(i64, i64)]| part.len() < 3 || part.windows(2).any(|pair| pair[1].0 - pair[0].0 < PAUSE_MS);
        prop_assume!(cuts.windows(2).all(|cut| shows_its_pace(&rows[cut[0]..cut[1]])));
        let parts = cuts.windows(2).zip(&names).map(|(cut, name)| (*name, nvidia(&rows[cut[0]..cut[1]], "GPU-1")));
        prop_assert_eq!(energy(&ledger(parts)), one(nvidia(&rows, "GPU-1")));
    }

    /// The order of files leaves no trace in the report.
    #[test]
    fn files_may_come_in_any_order(a in rows(), b in rows(), order in Just(vec![0usize, 1, 2]).prop_shuffle()) {
        let files = [("n1/gpu.csv", nvidia(&a, "GPU-1")), ("n1/gpu2.csv", nvidia(&b, "GPU-2")), ("n2/gpu.csv", table(&a, "cpu_power_w", 3))];
        let report = |files: Vec<(&str, String)>| {
            let report = account::report(&ledger(files), factors(), &Settings::default()).expect("settings are right");
            carbon_render::write_report(&report).expect("JSON")
        };
        let other = order.iter().map(|i| files[*i].clone()).collect();
        prop_assert_eq!(report(other), report(files.to_vec()));
    }

    /// Neighbouring rows may swap, and every row may stand there twice.
    #[test]
    fn small_disorder_and_copies_of_rows_change_nothing(rows in rows(), at in 0usize..79) {
        let mut messy: Rows = rows.iter().flat_map(|row| [*row, *row]).collect();
        let at = (2 * at).min(messy.len() - 3);
        messy.swap(at + 1, at + 2);
        prop_assert_eq!(one(nvidia(&messy, "GPU-1")), one(nvidia(&rows, "GPU-1")));
    }

    /// At another time, or in another zone's stamps, the same power is the same energy, and under a constant intensity the same emissions.
    #[test]
    fn time_may_shift(rows in rows(), seconds in -3_000_000i64..3_000_000, offset in -11i64..13) {
        let shifted: Rows = rows.iter().map(|(ms, mw)| (ms + seconds * 1_000, *mw)).collect();
        let (plain, later) = (ledger([("t.csv", table(&rows, "gpu_power_w", 3))]), ledger([("t.csv", table(&shifted, "gpu_power_w", 3))]));
        prop_assert_eq!(energy(&later), energy(&plain));
        prop_assert_eq!(emissions(&later), emissions(&plain));
        let zone = format!("{}{:02}:00", if offset < 0 { '-' } else { '+' }, offset.abs());
        let abroad: Rows = rows.iter().map(|(ms, mw)| (ms + offset * 3_600_000, *mw)).collect();
        let abroad = ledger([("t.csv", table(&abroad, "gpu_power_w", 3).replace("Z,", &format!("{zone},")))]);
        prop_assert_eq!(energy(&abroad), energy(&plain));
        prop_assert_eq!(emissions(&abroad), emissions(&plain));
    }

    /// One power in W, mW and kW is one energy, exactly; twice the power is twice the energy.
    #[test]
    fn units_of_power_scale(rows in rows()) {
        let watts = one(table(&rows, "gpu_power_w", 3));
        prop_assert_eq!(one(table(&rows, "gpu_power_mw", 0)), watts);
        prop_assert_eq!(one(table(&rows, "gpu_power_kw", 6)), watts);
        let twice: Rows = rows.iter().map(|(ms, mw)| (*ms, mw * 2)).collect();
        prop_assert_eq!(one(table(&twice, "gpu_power_w", 3)).as_picojoules(), 2 * watts.as_picojoules());
    }

    /// One counter in J and kJ, and in Wh and kWh, is one energy, exactly; steps are such that a processor draws in Wh, too.
    #[test]
    fn units_of_energy_scale(rows in rows()) {
        // Between 80 and 380 mW, as J, and 3,600 times as much, as Wh: a processor may draw both.
        let (mut sum, mut last) = (1_000_000, START_MS);
        let counter: Rows = rows.iter().map(|(ms, step)| {
            sum += (ms - last) * (80 + step % 300) / 1000;
            last = *ms;
            (*ms, sum)
        }).collect();
        let [joules, kilojoules] = [("cpu_energy_total_j", 3), ("cpu_energy_total_kj", 6)].map(|(column, digits)| one(table(&counter, column, digits)));
        prop_assert_eq!(kilojoules, joules);
        let [hours, kilohours] = [("cpu_energy_total_wh", 3), ("cpu_energy_total_kwh", 6)].map(|(column, digits)| one(table(&counter, column, digits)));
        prop_assert_eq!(kilohours, hours);
        // A register of joules may run through its range in a long pause, which is a gap then.
        if rows.iter().zip(rows.iter().skip(1)).all(|(a, b)| b.0 - a.0 < 1_200_000) {
            prop_assert_eq!(hours.as_picojoules(), 3_600 * joules.as_picojoules());
        }
    }

    /// A row of more power inside a span never takes energy away; a file less never gives its device more.
    #[test]
    fn more_evidence_never_means_less(rows in rows(), at in 0usize..79, more in 1i64..300_000) {
        let at = at.min(rows.len() - 1);
        let mut higher = rows.clone();
        higher[at].1 += more;
        prop_assert!(one(nvidia(&higher, "GPU-1")) >= one(nvidia(&rows, "GPU-1")));
        let (first, second) = rows.split_at(rows.len() / 2);
        let [first, second] = [("a.csv", first), ("b.csv", second)].map(|(name, rows)| (name, nvidia(rows, "GPU-1")));
        let both = filled(&ledger([first.clone(), second.clone()]));
        prop_assert!(filled(&ledger([first])) <= both && filled(&ledger([second])) <= both);
    }

    /// The same file twice is counted once, and told.
    #[test]
    fn a_copy_counts_once(rows in rows()) {
        let log = nvidia(&rows, "GPU-1");
        let twice = ledger([("a.csv", log.clone()), ("copy/b.csv", log.clone())]);
        prop_assert_eq!(energy(&twice), one(log));
        let settled = twice.settle(LedgerOptions::default());
        let told = twice.file_notes().map(|(_, note)| note.code.id).chain(settled.notes.iter().map(|note| note.code.id));
        prop_assert!(told.into_iter().any(|code| code == "duplicate-file"));
    }

    /// Samples left out of a power of bounded slope move the energy by no more than a tent over each longer step, whose sides have that slope: slope times
    /// the square of the step over four. The interval of what is left holds what every sample says.
    #[test]
    fn fewer_samples_stay_near(slopes in prop::collection::vec(-20_000i64..20_000, 60..200), every in 2usize..6) {
        let mut mw = 350_000;
        let rows: Rows = slopes.iter().enumerate().map(|(second, slope)| {
            mw = (mw + slope).clamp(60_000, 690_000);
            (START_MS + 1000 * second as i64, mw)
        }).collect();
        let last = rows.len() - 1;
        let fewer: Rows = rows.iter().enumerate().filter(|(n, _)| *n == 0 || *n == last || n % every == 0).map(|(_, row)| *row).collect();
        let [all, some] = [&rows, &fewer].map(|rows| one(nvidia(rows, "GPU-1")).as_kwh() * 3.6e6);
        // 20 W/s.
        let tent = |pair: &[(i64, i64)]| 20.0 * ((pair[1].0 - pair[0].0) as f64 / 1000.0).powi(2) / 4.0;
        let bound: f64 = fewer.windows(2).map(tent).filter(|joules| *joules > 5.0).sum();
        prop_assert!((all - some).abs() <= bound + 1e-6, "{all} J, {some} J, bound {bound} J");
        let settings = Settings { region: Some(String::from("FR")), boundary: Boundary::Logged, ..Settings::default() };
        let report = account::report(&ledger([("gpu.csv", nvidia(&fewer, "GPU-1"))]), factors(), &settings).expect("settings are right");
        let logged = report.energy.expect("energy").logged_kwh;
        prop_assert!((logged.low..=logged.high).contains(&(all / 3.6e6)), "{all} J is not in {} to {} kWh", logged.low, logged.high);
    }

    /// A higher PUE or intensity never lowers emissions.
    #[test]
    fn worse_factors_never_lower_emissions(rows in rows(), pue in 1.0f64..2.0, grams in 5.0f64..900.0, more in 0.0f64..0.5) {
        let ledger = ledger([("gpu.csv", nvidia(&rows, "GPU-1"))]);
        let total = |pue: f64, grams: f64| {
            let settings = Settings { pue: Some(pue), intensity_g_per_kwh: Some(grams), ..Settings::default() };
            account::report(&ledger, factors(), &settings).expect("settings are right").emissions.map_or(0.0, |e| e.total_kgco2e.value)
        };
        prop_assert!(total(pue + more, grams) >= total(pue, grams));
        prop_assert!(total(pue, grams * (1.0 + more)) >= total(pue, grams));
    }
}

/// Cut anywhere, a log never gives more than the whole with its gaps filled: no cut number is used, and no total is taken for a part.
#[test]
fn a_cut_log_never_gives_more() {
    // Runs that overlap by whole seconds: a cut one no longer covers the others.
    // And the digits of a line further down tell which release of carbontracker it was, and so what its energy means.
    // And what of a second is whose is not known, where two samples of a tenth share it and the whole lacks the last one that its part has.
    const SHOWN_BY_THE_WHOLE: &[&str] =
        &["codecarbon_csv/c2d-2.8.4-concurrent-bak", "carbontracker_log/stdout-two-gpus-of-1.2", "powermetrics/one_second_and_a_pause"];
    let (mut failures, mut logs, mut prefixes) = (Vec::new(), 0, 0);
    let of_one_log = |case: &&Case| case.about.expected.recognised && case.about.expected.refused.is_none() && case.logs.len() == 1;
    let known = |case: &&Case| SHOWN_BY_THE_WHOLE.iter().any(|name| case.folder.ends_with(name));
    for case in cases("formats").iter().filter(of_one_log).filter(|case| !known(case)) {
        let options = read_options(&case.about.options);
        let bytes = std::fs::read(&case.logs[0]).expect("a log");
        let read = |bytes: &[u8]| {
            let mut reader = FileReader::new(options.clone());
            reader.push(bytes);
            let mut ledger = Ledger::default();
            ledger.add(InputFile { path: String::from("log"), ..InputFile::default() }, reader.finish());
            filled(&ledger)
        };
        let whole = read(&bytes);
        // Cuts of the head, then some; in a full run every one of a short log.
        let every = full() && bytes.len() <= 700;
        let (of_head, of_rest) = if every { (1, 1) } else { (5, (bytes.len() / 30).max(1)) };
        let cuts = (0..bytes.len().min(400)).step_by(of_head).chain((400..bytes.len()).step_by(of_rest));
        let more = cuts.inspect(|_| prefixes += 1).find(|cut| read(&bytes[..*cut]) > whole);
        logs += 1;
        if let Some(cut) = more {
            failures.push(format!("{}: {:?} of {whole:?} after {cut} bytes", case.folder.display(), read(&bytes[..cut])));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    shown(&format!("{prefixes} prefixes of {logs} logs: 0 panics, none with more energy than the whole"));
}

/// A log that is read in ranges comes to what one pass comes to, or the ranges refuse to be joined: where devices are told apart by their place in
/// the round, and where a header that comes again begins another recording, rows mean what those before them say.
#[test]
fn ranges_come_to_one_pass_or_refuse() {
    let stamp = |ms: i64| {
        let (s, ms) = (ms / 1000, ms % 1000);
        format!("2026/03/{:02} {:02}:{:02}:{:02}.{ms:03}", 1 + s / 86_400, s / 3600 % 24, s / 60 % 60, s % 60)
    };
    let unnamed: String = (0..1500)
        .flat_map(|round| (0..8).map(move |gpu| (round * 1000 + gpu * 3, 300 + gpu)))
        .map(|(ms, watts)| format!("{}, {watts}.00 W\n", stamp(ms)))
        .collect();
    let two_nodes: String = (0..3000)
        .flat_map(|round| [(round * 1000, 300), (round * 1000 + 333, 400)])
        .map(|(ms, watts)| format!("{}, 0, {watts}.00 W\n", stamp(ms)))
        .collect();
    let resumed: String = (0..20)
        .map(|run| {
            let rows = (0..300).map(|row| format!("{}, 0, 300.00 W\n", stamp((run * 7200 + row) * 1000)));
            format!("timestamp, index, power.draw [W]\n{}", rows.collect::<String>())
        })
        .collect();
    let plain: String = (0..5000).map(|row| format!("{}, 0, {}.00 W\n", stamp(row * 1000), 300 + row % 7)).collect();
    let events: String = (0..2000)
        .map(|row| {
            let at = 1_772_359_200 + row;
            format!(
                "{{\"system.gpu.0.powerWatts\": {}.5, \"system.gpu.1.powerWatts\": 20{}.25, \"_timestamp\": {at}}}\n",
                300 + row % 7,
                row % 10
            )
        })
        .collect();
    let objects: String =
        (0..4000).map(|row| format!("{{\"time\": {}, \"gpus\": [{{\"power_w\": {}}}]}}\n", 1_772_359_200 + row, 300 + row % 7)).collect();
    let telegraf: String = (0..2000)
        .map(|row| {
            format!(
                "nvidia_smi,host=a,index={},uuid=GPU-{} power_draw={}.5 {}000000000\n",
                row % 2,
                row % 2,
                300 + row % 7,
                1_772_359_200 + row / 2
            )
        })
        .collect();
    let exposition: String = (0..2000)
        .map(|row| {
            let (gpu, watts, at) = (row % 2, 300 + row % 7, 1_772_359_200 + row / 2);
            format!("DCGM_FI_DEV_POWER_USAGE{{gpu=\"{gpu}\",UUID=\"GPU-{gpu}\",Hostname=\"a\"}} {watts}.5 {at}000\n")
        })
        .collect();
    let header = "timestamp, index, power.draw [W]\n";
    for (name, log, may_join) in [
        ("events", events.clone(), true),
        ("events on lines of their own", events.replace(", ", ",\n"), false),
        ("objects", objects, true),
        ("telegraf", telegraf, true),
        ("exposition", exposition, true),
        ("unnamed", format!("timestamp, power.draw [W]\n{unnamed}"), false),
        ("two nodes", format!("{header}{two_nodes}"), false),
        ("resumed", resumed, true),
        ("plain", format!("{header}{plain}"), true),
    ] {
        let describe = |reading: &Reading| {
            let series: Vec<String> =
                reading.series().iter().map(|s| format!("{:?} {:?}", s.channel(), s.integrals(false).collect::<Vec<_>>())).collect();
            format!("{series:#?} {:?} {:?}", reading.rows, reading.rounds)
        };
        let mut whole = FileReader::new(ReadOptions::default());
        whole.push(log.as_bytes());
        let whole = whole.finish();
        let mut joined = 0;
        let cuts = log.match_indices('\n').map(|(end, _)| end + 1).filter(|end| *end > 70_000 && *end < log.len());
        for cut in cuts.step_by(97) {
            let (head, tail) = log.as_bytes().split_at(cut);
            let mut first = FileReader::new(ReadOptions::default());
            first.push(head);
            let Some(mut part) = first.split() else { continue };
            part.push(tail);
            if let Some(reading) = first.join(vec![part]) {
                joined += 1;
                assert_eq!(describe(&reading), describe(&whole), "{name}, cut at {cut}");
            }
        }
        assert_eq!(joined > 0, may_join, "{name}: {joined} were joined");
    }
}
