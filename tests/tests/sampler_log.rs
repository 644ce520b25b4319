//! The sampler log: what the format cases do not show.

use carbon_core::read::carbon_report_jsonl::record::{self, Cause, Clocks, Content, DeviceId, Record};
use carbon_core::read::{FileReader, ReadOptions, Reading};
use carbon_core::series::InOrder;
use carbon_core::units::{Energy, Instant, Span};
use carbon_tests::promises::{full, shown};
use carbon_tests::root;

fn log(case: &str) -> Vec<u8> {
    std::fs::read(root().join("tests/formats/carbon_report_jsonl").join(case).join("run.0000.jsonl")).expect("a case")
}

fn read(bytes: &[u8]) -> Reading {
    let mut reader = FileReader::new(ReadOptions::default());
    reader.push(bytes);
    reader.finish()
}

fn energies(reading: &Reading) -> Vec<Energy> {
    reading.series().iter().map(|s| s.energy(true)).collect()
}

#[test]
fn marks_and_machines_reach_the_reading() {
    let reading = read(&log("normal"));
    let [mark] = reading.marks.as_slice() else { panic!("{:?}", reading.marks) };
    assert_eq!((mark.text.as_str(), mark.metrics["loss"], mark.metrics["accuracy"]), ("epoch 1 done", 0.25, 0.875));
    assert_eq!(mark.at.as_micros(), 1_764_100_004_500_000);
    assert_eq!(reading.tool.as_deref(), Some("carbon-report 0.1.0"));
    assert!(reading.series().iter().all(|s| s.channel().host.as_deref() == Some("0123456789abcdef")));
    assert_eq!(reading.devices.len(), 3);
}

/// A note names the device, when, how long and why.
#[test]
fn gaps_are_told_with_device_and_cause() {
    let reading = read(&log("gaps"));
    let messages: Vec<&str> = reading.notes.iter().map(|n| n.message.as_str()).collect();
    for expected in [
        "GPU 0 (NVIDIA A100-SXM4-80GB): the device was lost: 1 gap of 3.000 s from 2025-11-25T19:46:43Z (NVML: GPU is lost)",
        "GPU 1 (NVIDIA A100-SXM4-80GB): the driver did not answer: 1 gap of 2.000 s from 2025-11-25T19:46:46Z; \
         no reading from 2025-11-25T19:46:50Z to the end of the file (NVML did not answer for 2 s)",
        "CPU: energy_uj of package-0 can't be read: permission denied",
        "Memory: there is no such sensor (no powercap zone of memory)",
    ] {
        assert!(messages.contains(&expected), "{expected}\nin {messages:#?}");
    }
}

/// Covered time is the truth: 7 s of the GPU that was lost for 3 s, 8 s of the one that hung for 2 s.
#[test]
fn gaps_are_not_covered() {
    let covered: Vec<f64> =
        read(&log("gaps")).series().iter().map(|s| s.integrals(false).map(|i| i.covered).sum::<Span>().as_seconds()).collect();
    assert_eq!(covered, [7.0, 8.0]);
    let held: Vec<f64> =
        read(&log("gaps")).series().iter().map(|s| s.integrals(false).map(|i| i.gap_energy).sum::<Energy>().as_kwh() * 3.6e6).collect();
    assert_eq!(held, [600.0, 400.0], "joules that the upper bound holds");
}

/// One changed byte, at every place of a log: never a wrong energy, never in silence.
#[test]
fn a_changed_byte_costs_a_record_and_is_told() {
    // The machine and three seconds.
    let log: Vec<u8> = log("normal").split_inclusive(|b| *b == b'\n').take(4).flatten().copied().collect();
    let whole = read(&log);
    let mut changed = log.clone();
    // Each bit of each byte in a full run, one bit of each otherwise.
    let bits = if full() { 8 } else { 1 };
    for (position, bit) in (0..log.len()).flat_map(|position| (0..bits).map(move |bit| (position, (position + bit) % 8))) {
        let flip = 1 << bit;
        changed[position] ^= flip;
        let reading = read(&changed);
        // Two lines become one, or one two.
        let lost = whole.rows.used - reading.rows.used;
        assert!(lost <= 2 || reading.rows.used == 0, "byte {position}, bit {bit}: {:?}", reading.rows);
        assert_ne!(reading.rows, whole.rows, "byte {position}, bit {bit}: the change is not found");
        assert!(reading.notes.iter().next().is_some(), "byte {position}, bit {bit}: nothing is said");
        for (found, true_energy) in energies(&reading).iter().zip(energies(&whole)) {
            assert!(*found <= true_energy, "byte {position}, bit {bit}: {found:?}");
        }
        changed[position] ^= flip;
    }
    shown(&format!("{} flipped bits of {} bytes: all found", log.len() * bits, log.len()));
}

/// What an untouched log says, so that the test above can fail.
#[test]
fn an_untouched_log_says_nothing() {
    assert_eq!(read(&log("normal")).notes.iter().count(), 0);
}

/// Numbers count every record, those of the machine and its devices too, and records that waited for a disk stand after a machine record with a
/// higher number: none of that is a loss, and a loss is still seen.
#[test]
fn numbers_of_records_out_of_turn() {
    use carbon_core::read::carbon_report_jsonl::record::{Content, Record};
    let lines = log("normal");
    let lines: Vec<Record> = lines.split(|b| *b == b'\n').filter_map(|line| Record::decode(line).ok()).collect();
    let machine = |record: &Record| matches!(record.content, Content::Machine(_));
    let (head, samples): (Vec<&Record>, Vec<&Record>) = lines.iter().partition(|record| machine(record));
    let lost = |numbers: &[(&Record, u64)]| {
        let mut text = String::new();
        for (record, sequence) in numbers {
            Record { sequence: *sequence, ..(*record).clone() }.encode(&mut text);
        }
        read(text.as_bytes()).notes.iter().filter(|note| note.code.id == "records-lost").count()
    };
    let (head, a, b, c) = (head[0], samples[0], samples[1], samples[2]);
    assert_eq!(lost(&[(head, 0), (a, 1), (head, 2), (b, 3)]), 0, "in turn");
    assert_eq!(lost(&[(head, 9), (a, 7), (b, 8), (c, 10)]), 0, "two samples waited for a file");
    assert_eq!(lost(&[(head, 9), (a, 7), (b, 8), (c, 11)]), 1);
    assert_eq!(lost(&[(head, 0), (a, 1), (b, 3)]), 1);
}

/// Records in another order are put in order: none is lost, and none is a repetition that is none.
#[test]
fn records_in_another_order_are_all_read() {
    let text = String::from_utf8(with_gaps(&[])).expect("text");
    let (head, records) = text.split_once('\n').expect("a machine record");
    let records: Vec<&str> = records.lines().collect();
    let whole = energies(&read(text.as_bytes()));
    let thirds: Vec<Vec<&str>> = records.chunks(records.len().div_ceil(3)).map(<[&str]>::to_vec).collect();
    let parts = |order: &[usize]| order.iter().flat_map(|part| [vec![head], thirds[*part].clone()].concat()).collect::<Vec<_>>();
    let alternately: Vec<&str> = records.iter().step_by(2).chain(records.iter().skip(1).step_by(2)).copied().collect();
    let backwards: Vec<&str> = records.iter().rev().copied().collect();
    for lines in
        [parts(&[2, 1, 0]), parts(&[1, 2, 0]), parts(&[2, 0, 1]), [vec![head], alternately].concat(), [vec![head], backwards].concat()]
    {
        let text = lines.join("\n") + "\n";
        let found = read(text.as_bytes());
        let told: Vec<&str> = found.notes.iter().map(|note| note.code.id).filter(|code| code.starts_with("records-")).collect();
        assert!(found.rows.skipped.is_empty() && told.is_empty() && found.rows.used == 10, "{text}{told:?} {:?}", found.rows);
        let mut sorter = InOrder::default();
        loop {
            let mut reader = FileReader::queueing(ReadOptions::default());
            reader.push(text.as_bytes());
            reader.finish().drain_into(&mut sorter);
            if !sorter.end_pass() {
                break;
            }
        }
        let mut reading = found;
        reading.put_in_order(sorter.finish());
        assert_eq!(energies(&reading), whole, "{text}");
    }
    // A record that stands twice is a repetition, and one that is missing is lost.
    let twice = [&[head], &records[..], &records[3..5]].concat().join("\n") + "\n";
    assert_eq!(read(twice.as_bytes()).rows.read() - read(twice.as_bytes()).rows.used, 2);
    let missing = [&[head], &records[6..], &records[..5]].concat().join("\n") + "\n";
    assert_eq!(read(missing.as_bytes()).notes.iter().filter(|note| note.code.id == "records-lost").count(), 1);
}

/// A log of 200 W for ten seconds, with these gaps in the middle: cause, and by how many seconds clocks moved (wall, monotonic, boot).
fn with_gaps(gaps: &[(Cause, [i64; 3])]) -> Vec<u8> {
    let head = String::from_utf8(log("clock-set")).expect("text");
    let mut text = head.lines().next().map(|line| format!("{line}\n")).expect("a machine");
    let mut clocks = [1_764_100_000i64, 5_000, 9_000];
    let mut sequence = 1;
    let mut push = |clocks: [i64; 3], content: Content| {
        Record { sequence, clocks: at(clocks), content }.encode(&mut text);
        sequence += 1;
    };
    let sample = || Content::Sample(vec![record::Reading { power: Some(200_000), ..record::Reading::of(DeviceId(0)) }]);
    for second in 0..10 {
        push(clocks, sample());
        let step = if second == 4 { gaps } else { &[] };
        for (cause, moved) in step {
            let from = clocks;
            clocks = [0, 1, 2].map(|clock| clocks[clock] + moved[clock]);
            let gap =
                record::Gap { cause: cause.clone(), of: record::Subject::All, from: Some(at(from)), to: Some(at(clocks)), detail: None };
            push(clocks, Content::Gap(gap));
            push(clocks, sample());
        }
        clocks = clocks.map(|clock| clock + 1);
    }
    text.into_bytes()
}

fn at([wall, mono, boot]: [i64; 3]) -> Clocks {
    Clocks { wall: Instant::from_micros(wall * 1_000_000), mono: Span::from_seconds(mono), boot: Some(Span::from_seconds(boot)) }
}

/// How far the wall clock was set is told, forward and back apart, also where it was set while nobody watched.
#[test]
fn a_set_clock_is_told_with_its_jump() {
    for (gaps, code, told) in [
        (vec![(Cause::ClockSet, [3601, 1, 1])], "clock-set", Some("by 3600 s forward:")),
        (vec![(Cause::ClockSet, [-3599, 1, 1])], "clock-set", Some("by 3600 s back:")),
        (
            vec![(Cause::ClockSet, [3601, 1, 1]), (Cause::ClockSet, [-3599, 1, 1])],
            "clock-set",
            Some("by 3600 s forward and 3600 s back (2 times):"),
        ),
        (vec![(Cause::Suspend, [600 + 7200, 1, 600])], "sampling-gap", Some("the wall clock was set meanwhile, by 7200 s forward")),
        (vec![(Cause::Starved, [30 - 90, 30, 30])], "sampling-gap", Some("the wall clock was set meanwhile, by 90.00 s back")),
        (vec![(Cause::Suspend, [600, 1, 600])], "sampling-gap", None),
        // Ten hours of steering are no step.
        (vec![(Cause::Suspend, [36_018, 1, 36_000])], "sampling-gap", None),
    ] {
        let reading = read(&with_gaps(&gaps));
        let messages: Vec<&str> = reading.notes.iter().filter(|n| n.code.id == code).map(|n| n.message.as_str()).collect();
        assert_eq!(messages.len(), 1, "{gaps:?}: {messages:?}");
        match told {
            Some(told) => assert!(messages[0].contains(told), "{gaps:?}: {messages:?}"),
            None => assert!(!messages[0].contains("set"), "{gaps:?}: {messages:?}"),
        }
    }
}
