//! Logs of one device on two clocks: a sequence of readings that comes back at other times is one, unless it comes back within itself.

use carbon_core::ledger::{Evidence, InputFile, Ledger, LedgerOptions, Settled};
use carbon_core::read::{FileReader, ReadOptions};
use carbon_core::units::Energy;
use carbon_tests::{CaseOptions, read_options};

/// mW of a device at a second: noise of its own, which never repeats.
fn noisy(device: i64, second: i64) -> i64 {
    let mut hash = (second as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (device as u64 + 7).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash ^= hash >> 29;
    hash = hash.wrapping_mul(0x94d0_49bb_1331_11eb);
    300_000 + 20_000 * device + (hash >> 33) as i64 % 60_000
}

fn constant(_: i64, _: i64) -> i64 {
    300_000
}

/// Five minutes of one level, a minute long saw, again and again.
fn periodic(_: i64, second: i64) -> i64 {
    250_000 + 1_000 * (second % 60)
}

/// A limit for most of two minutes, and the rest of each of them next to nothing; what is beside it is noise.
fn staged(device: i64, second: i64) -> i64 {
    let level = if second % 120 < 90 { 399_000 } else { 58_000 };
    level + noisy(device, second) % 1_500
}

fn staged_again(device: i64, second: i64) -> i64 {
    staged(device, second) - noisy(device, second) % 1_500 + noisy(device + 9, second) % 1_500
}

type Load = fn(i64, i64) -> i64;

/// Joules between two seconds, by the trapezoid.
fn joules(load: Load, device: i64, from: i64, to: i64) -> f64 {
    (from..to).map(|at| (load(device, at) + load(device, at + 1)) as f64 / 2000.0).sum()
}

fn stamp(second: i64, between: &str) -> String {
    let at = 10 * 3600 + second;
    format!(
        "2026-03-{:02}{between}{:02}:{:02}:{:02}",
        2 + at.div_euclid(86_400),
        at.rem_euclid(86_400) / 3600,
        at.rem_euclid(3600) / 60,
        at.rem_euclid(60)
    )
}

/// Which devices, and from which second to which; the clock is ahead by so many seconds.
struct Log {
    load: Load,
    devices: &'static [i64],
    from: i64,
    to: i64,
    ahead: i64,
}

impl Log {
    fn of(load: Load, devices: &'static [i64], from: i64, to: i64, ahead: i64) -> Self {
        Log { load, devices, from, to, ahead }
    }

    fn smi(&self) -> String {
        let row = |at: i64, device: i64| {
            let (at, milliwatts) = (stamp(at + self.ahead, " ").replace('-', "/"), (self.load)(device, at));
            format!(
                "{at}.000, {device}, GPU-a0000000-1111-4222-8333-00000000000{device}, {}.{:03} W\n",
                milliwatts / 1000,
                milliwatts % 1000
            )
        };
        let rows: String = (self.from..=self.to).flat_map(|at| self.devices.iter().map(move |device| row(at, *device))).collect();
        format!("timestamp, index, uuid, power.draw [W]\n{rows}")
    }

    fn table(&self) -> String {
        let header: String = self.devices.iter().map(|device| format!(",gpu{device}_mw")).collect();
        let row = |at: i64| {
            let own: String = self.devices.iter().map(|device| format!(",{}", (self.load)(*device, at))).collect();
            format!("{}Z{own}\n", stamp(at + self.ahead, "T"))
        };
        format!("time{header}\n{}", (self.from..=self.to).map(row).collect::<String>())
    }

    /// Counters of processors, read each second.
    fn powercap(&self) -> String {
        let mut text = String::new();
        let mut counters = vec![5_000_000_000_i64; self.devices.len()];
        for at in self.from..=self.to {
            text += &format!("{},000000000+00:00\n", stamp(at + self.ahead, "T"));
            for (counter, device) in counters.iter_mut().zip(self.devices) {
                text += &format!("/sys/class/powercap/intel-rapl:{device}/name:package-{device}\n");
                text += &format!("/sys/class/powercap/intel-rapl:{device}/max_energy_range_uj:262143328850\n");
                text += &format!("/sys/class/powercap/intel-rapl:{device}/energy_uj:{counter}\n");
                *counter += ((self.load)(*device, at) + (self.load)(*device, at + 1)) * 500;
            }
        }
        text
    }
}

fn settled(files: &[(&str, String)]) -> Settled {
    settled_with(&read_options(&CaseOptions { tz: Some(String::from("UTC")), ..CaseOptions::default() }), files)
}

fn settled_with(options: &ReadOptions, files: &[(&str, String)]) -> Settled {
    let mut ledger = Ledger::default();
    for (path, text) in files {
        let mut reader = FileReader::new(options.of_file(path));
        reader.push(text.as_bytes());
        let file = InputFile { path: (*path).into(), bytes: text.len() as u64, blake3: text.clone(), ..InputFile::default() };
        ledger.add(file, reader.finish());
    }
    ledger.settle(LedgerOptions::default())
}

/// What counts, the upper end, and what decisions of the two clocks left out, in joules; together with the rest that is all that was claimed.
fn counted(what: &str, files: &[(&str, String)]) -> (f64, f64, f64) {
    let settled = settled(files);
    let joules = |energy: Energy| energy.as_kwh() * 3.6e6;
    let counts: f64 = settled.evidence.iter().map(|one| joules(one.energy)).sum();
    let upper: f64 = settled.evidence.iter().map(|one| joules(one.energy + one.more)).sum();
    let left = |rule: Option<&str>| -> f64 {
        settled.decisions.iter().filter(|d| rule.is_none_or(|rule| d.rule == rule)).filter_map(|d| d.energy).map(joules).sum()
    };
    assert!((joules(settled.plain) - counts - left(None)).abs() < 1e-3, "{what}: {:#?}", settled.decisions);
    (counts, upper, left(Some("copy-on-another-clock")))
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-3 * b.max(1.0)
}

#[test]
fn one_sequence_on_two_clocks_counts_once() {
    const HOUR: i64 = 3600;
    let log = |ahead| Log::of(noisy, &[0], 0, 600, ahead);
    let both = |ahead| Log::of(noisy, &[0, 1], 0, 600, ahead);
    let one = joules(noisy, 0, 0, 600);
    let two = one + joules(noisy, 1, 0, 600);
    for (what, files, expected) in [
        ("an hour", [("a/g.csv", log(0).smi()), ("b/g.csv", log(HOUR).smi())], one),
        ("an hour back", [("a/g.csv", log(0).smi()), ("b/g.csv", log(-HOUR).smi())], one),
        ("five hours and three quarters", [("a.csv", log(0).smi()), ("b.csv", log(5 * HOUR + 2700).smi())], one),
        ("no uuid", [("a.csv", log(0).table()), ("b.csv", log(2 * HOUR).table())], one),
        ("a uuid and a number", [("a.csv", both(0).table()), ("b.csv", both(HOUR).table())], two),
        ("counters", [("a.log", both(0).powercap()), ("b.log", both(HOUR).powercap())], two),
        ("a copy whose clock is 90 s ahead", [("a.csv", both(0).smi()), ("b.csv", both(90).smi())], two),
    ] {
        let (counts, upper, left) = counted(what, &files);
        assert!(
            near(counts, expected) && near(left, expected) && near(upper, 2.0 * expected),
            "{what}: {counts} {left} {upper}, {expected}"
        );
    }
    // One ran on for five minutes, the other began two minutes later.
    let files = [("a.csv", Log::of(noisy, &[0], 0, 900, 0).smi()), ("b.csv", Log::of(noisy, &[0], 120, 600, -HOUR).smi())];
    let (counts, upper, left) = counted("one is longer", &files);
    let (whole, common) = (joules(noisy, 0, 0, 900), joules(noisy, 0, 120, 600));
    assert!(near(counts, whole) && near(left, common) && near(upper, whole + common), "{counts} {upper} {left}");
    // An idle board beside the one that moves is on the same clock.
    let idle: Load = |device, at| if device == 0 { noisy(0, at) } else { 60_000 };
    let files = [("a.csv", Log::of(idle, &[0, 1], 0, 600, 0).smi()), ("b.csv", Log::of(idle, &[0, 1], 0, 600, HOUR).smi())];
    let (counts, ..) = counted("an idle board", &files);
    assert!(near(counts, one + 600.0 * 60.0), "{counts}");
}

/// A sampler that looks at one device every so many seconds.
fn looks(load: Load, (from, to): (i64, i64), every: i64, ahead: i64) -> String {
    let log = |at: i64| Log::of(load, &[0], at, at, ahead).smi();
    let header = log(from).lines().next().unwrap_or_default().to_string();
    let row = |at: i64| log(at).lines().nth(1).unwrap_or_default().to_string();
    let rows: Vec<String> = (from..=to).step_by(every as usize).map(row).collect();
    format!("{header}\n{}\n", rows.join("\n"))
}

/// What such a sampler reads, J.
fn looked(load: Load, (from, to): (i64, i64), every: i64) -> f64 {
    (from..to).step_by(every as usize).map(|at| (load(0, at) + load(0, at + every)) as f64 * every as f64 / 2000.0).sum()
}

/// A noise that lasts for some seconds.
fn lasting(device: i64, second: i64) -> i64 {
    (0..4).map(|before| noisy(device, second + 3 - before) - 300_000 - 20_000 * device).sum::<i64>() / 6
}

/// Levels that last for less and less, ten minutes to one, and never come back.
fn levels(device: i64, second: i64) -> i64 {
    120_000 + 4 * (noisy(device, 1_000_000 + second * second / 400_000) - 300_000 - 20_000 * device)
}

fn wandering(device: i64, second: i64) -> i64 {
    levels(device, second) + lasting(device, second)
}

/// The same levels at the same seconds, with another noise.
fn wandering_again(device: i64, second: i64) -> i64 {
    levels(device, second) + lasting(device + 9, second)
}

/// A work of two minutes that comes back.
fn at_work(device: i64, second: i64) -> i64 {
    let level = if second % 120 < 90 { 399_000 } else { 58_000 };
    level + lasting(device, second)
}

fn at_work_again(device: i64, second: i64) -> i64 {
    at_work(device, second) - lasting(device, second) + lasting(device + 9, second)
}

#[test]
fn two_samplers_of_one_device_on_two_clocks_count_once() {
    const HOUR: i64 = 3600;
    for (what, load) in [("levels that do not come back", wandering as Load), ("a work that comes back", at_work)] {
        for (every, ahead, ends) in [
            (2, HOUR, (0, 3600)),
            (2, 9 * HOUR, (0, 3600)),
            (3, -5 * HOUR, (600, 3000)),
            // Both are there for most of the time as the stamps stand.
            (2, HOUR, (301, 14_101)),
        ] {
            let finer = (0, 3600.max(ends.1));
            let files = [("a.csv", looks(load, finer, 1, 0)), ("b.csv", looks(load, ends, every, ahead))];
            let (counts, upper, _) = counted(what, &files);
            let one = looked(load, finer, 1);
            assert!((counts - one).abs() < 0.002 * one, "{what}, {every} s, {ahead} s ahead: {counts} J, expected {one} J");
            let both = one + looked(load, ends, every);
            assert!((upper - both).abs() < 0.002 * both, "{what}, {every} s, {ahead} s ahead: up to {upper} J, expected {both} J");
        }
    }
    // Levels that another run repeats at the same seconds of the hour are one sequence; a work that comes back is none.
    for (what, load, other, is_one) in [
        ("the levels alone", wandering as Load, wandering_again as Load, true),
        ("a work with another noise", at_work, at_work_again, false),
    ] {
        let files = [("a.csv", looks(load, (0, 3600), 1, 0)), ("b.csv", looks(other, (0, 3600), 2, 2 * HOUR))];
        let (counts, upper, _) = counted(what, &files);
        let (one, another) = (looked(load, (0, 3600), 1), looked(other, (0, 3600), 2));
        let expected = if is_one { one } else { one + another };
        assert!((counts - expected).abs() < 0.002 * expected, "{what}: {counts} J, expected {expected} J");
        assert!((upper - one - another).abs() < 0.004 * upper, "{what}: up to {upper} J");
    }
}

#[test]
fn readings_that_prove_nothing_count_each_at_their_time() {
    let twice =
        |load: Load, ahead: i64| [("a.csv", Log::of(load, &[0], 0, 600, 0).smi()), ("b.csv", Log::of(load, &[0], 0, 600, ahead).smi())];
    let other: Load = |_, at| noisy(3, at);
    for (what, files, expected) in [
        ("a constant load", twice(constant, 3600), 2.0 * joules(constant, 0, 0, 600)),
        ("a load that comes back each minute", twice(periodic, 3600), 2.0 * joules(periodic, 0, 0, 600)),
        (
            "another run an hour later",
            [("a.csv", Log::of(noisy, &[0], 0, 600, 0).smi()), ("b.csv", Log::of(noisy, &[0], 3600, 4200, 0).smi())],
            joules(noisy, 0, 0, 600) + joules(noisy, 0, 3600, 4200),
        ),
        // A sequence that is not the device's own: one of two boards says that the clocks are the same.
        (
            "one board of two",
            [
                ("a.csv", Log::of(noisy, &[0, 1], 0, 600, 0).smi()),
                ("b.csv", Log::of(|device, at| if device == 0 { noisy(0, at) } else { 2 * noisy(1, at) }, &[0, 1], 0, 600, 3600).smi()),
            ],
            2.0 * joules(noisy, 0, 0, 600) + 3.0 * joules(noisy, 1, 0, 600),
        ),
        ("half an hour, which no zones differ by", twice(noisy, 1800), 2.0 * joules(noisy, 0, 0, 600)),
        ("a whole copy that may be true", twice(noisy, 1000), 2.0 * joules(noisy, 0, 0, 600)),
        // The same staged work at two times: levels and steps of a limiter, with a noise of its own each.
        (
            "a job that runs again after an hour",
            [("a.csv", Log::of(staged, &[0], 0, 600, 0).smi()), ("b.csv", Log::of(staged_again, &[0], 0, 600, 3600).smi())],
            joules(staged, 0, 0, 600) + joules(staged_again, 0, 0, 600),
        ),
        ("another device", [("a.csv", Log::of(noisy, &[0], 0, 600, 0).smi()), ("b.csv", Log::of(other, &[0], 0, 600, 3600).smi())], {
            joules(noisy, 0, 0, 600) + joules(noisy, 3, 0, 600)
        }),
    ] {
        let (counts, _, left) = counted(what, &files);
        assert!(near(counts, expected) && left == 0.0, "{what}: {counts} {left}, {expected}");
    }
    // A work that is begun anew each hour, and does the same.
    let log = |ahead| Log::of(noisy, &[0], 0, 600, ahead).smi();
    let (counts, _, left) = counted("four runs", &[("a.csv", log(0)), ("b.csv", log(3600)), ("c.csv", log(7200)), ("d.csv", log(10_800))]);
    assert!(near(counts, 4.0 * joules(noisy, 0, 0, 600)) && left == 0.0, "{counts} {left}");
}

#[test]
fn logs_of_one_kind_that_begin_and_end_together_in_another_zone_may_be_one() {
    const HOUR: i64 = 3600;
    let one = looked(constant, (0, 7200), 5);
    let log = |ahead: i64| looks(constant, (0, 7200), 10, ahead);
    let lower = |files: &[(&str, String)], tz: Option<&str>| -> (f64, f64) {
        let options = read_options(&CaseOptions { tz: tz.map(String::from), ..CaseOptions::default() });
        let settled = settled_with(&options, files);
        let joules = |of: fn(&Evidence) -> Energy| settled.evidence.iter().map(|one| of(one).as_kwh() * 3.6e6).sum::<f64>();
        (joules(|one| one.energy), joules(|one| one.less))
    };
    for (what, ahead, tz, value, least) in [
        // An hour is in both as the stamps stand.
        ("an hour", HOUR, None, 1.5 * one, one),
        ("nine hours", 9 * HOUR, None, 2.0 * one, one),
        ("five hours and a half before", -11 * HOUR / 2, None, 2.0 * one, one),
        ("half a minute beside an hour", 9 * HOUR + 40, None, 2.0 * one, 2.0 * one),
        ("nine hours in a zone that the user says", 9 * HOUR, Some("UTC"), 2.0 * one, 2.0 * one),
    ] {
        let (counts, less) = lower(&[("a.csv", looks(constant, (0, 7200), 5, 0)), ("b.csv", log(ahead))], tz);
        assert!((counts - value).abs() < 0.01 * one, "{what}: {counts} J, expected {value} J");
        assert!((counts - less - least).abs() < 0.01 * one, "{what}: {} J at least, expected {least} J", counts - less);
    }
    // A work that begins anew by the clock.
    let (counts, less) = lower(&[("a.csv", log(0)), ("b.csv", log(3 * HOUR)), ("c.csv", log(6 * HOUR))], None);
    assert!((counts - 3.0 * one).abs() < 0.01 * one && less == 0.0, "{counts} J, {less} J");
}

/// Power of one GPU from one second to another, with stamps or counted from a start of its own.
fn gpu(watts: i64, (from, to): (i64, i64), is_dated: bool) -> String {
    let at = |second: i64| if is_dated { format!("{}Z", stamp(second, "T")) } else { (second - from).to_string() };
    let header = if is_dated { "time" } else { "elapsed_s" };
    (from..=to).fold(format!("{header},gpu0_w\n"), |text, second| text + &format!("{},{watts}\n", at(second)))
}

#[test]
fn a_log_without_a_date_was_in_one_place() {
    // Ten minutes each at ten, at twelve and at two, 200 W: 360 kJ.
    let dated = |hour: i64| gpu(200, (7_200 * hour, 7_200 * hour + 600), true);
    let three = || vec![("a.csv", dated(0)), ("b.csv", dated(1)), ("c.csv", dated(2))];
    let joules = 360_000.0;
    for (what, length, apart) in [
        // Half an hour can have held one of the three alone, two hours and a half two of them, and five hours all.
        ("half an hour", 1_800, 1_200.0),
        ("two hours and a half", 9_000, 9_000.0 - 1_200.0),
        ("five hours", 18_000, 18_000.0 - 1_800.0),
        ("ten minutes", 600, 0.0),
    ] {
        let mut files = three();
        files.push(("u.csv", gpu(200, (0, length), false)));
        let (value, high, _) = counted(what, &files);
        assert!(near(value, joules + 200.0 * apart), "{what}: {value} J, expected {}", joules + 200.0 * apart);
        assert!(near(high, joules + 200.0 * length as f64), "{what}: up to {high} J");
    }
    let every = |length: usize, text: String| -> String {
        let is_kept = |row: &usize| *row == 0 || (*row - 1).is_multiple_of(length);
        text.lines().enumerate().filter(|(row, _)| is_kept(row)).map(|(_, line)| format!("{line}\n")).collect()
    };
    // The other way round: one log without a date that is better than the dated ones, as it is read more often.
    let files = vec![
        ("a.csv", every(10, dated(0))),
        ("b.csv", every(10, dated(1))),
        ("c.csv", every(10, dated(2))),
        ("u.csv", gpu(200, (0, 600), false)),
    ];
    let (value, ..) = counted("the better one has no date", &files);
    assert!((value - joules).abs() < 0.02 * joules, "{value} J");
    // The decision names the log whose time was compared: five minutes at ten, half an hour at two, and half an hour that has no date.
    let at_two = every(30, gpu(200, (14_400, 16_200), true));
    let files = vec![("a.csv", gpu(200, (0, 300), true)), ("b.csv", at_two), ("u.csv", every(60, gpu(200, (0, 1_800), false)))];
    let found = settled(&files);
    let one = found.decisions.iter().find(|one| one.rule == "overlap-counted-once").expect("a decision");
    assert!(one.kept.contains("b.csv") && one.left_out.contains("u.csv"), "{one:?}");
    // Two runs without a date can't both be the one that is dated.
    let files = vec![("a.csv", gpu(200, (0, 600), true)), ("u.csv", gpu(200, (0, 600), false)), ("v.csv", gpu(350, (0, 600), false))];
    let (value, high, _) = counted("two runs", &files);
    assert!(near(value, 600.0 * 550.0), "{value}");
    assert!(near(high, 600.0 * 750.0), "{high}");
}
