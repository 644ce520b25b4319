//! Encoding and decoding are each other's inverse, and no flipped bit passes.

use alloc::string::ToString;
use alloc::vec;

use super::*;

fn at(seconds: i64) -> Clocks {
    let micros = seconds * 1_000_000 + 123_456;
    Clocks {
        wall: Instant::from_micros(1_764_100_000_000_000 + micros),
        mono: Span::from_micros(123_456_000_000 + micros),
        boot: Some(Span::from_micros(123_789_000_000 + micros)),
    }
}

fn gpu() -> SampledDevice {
    SampledDevice {
        component: Component::Gpu,
        source: Cow::Borrowed("nvml"),
        uuid: Some("GPU-1b6a2c3d-0000-1111-2222-333344445555".to_string()),
        index: Some("0".to_string()),
        bus_id: None,
        model: Some("A \"quoted\"\u{1b}[31m\u{2028}\u{e9} model".to_string()),
        counter: Some(Counter { unit: CounterUnit::Millijoule, range: None }),
        power: Some(PowerUnit::Milliwatt),
        estimated_by: None,
        remark: None,
    }
}

fn every_kind() -> Vec<Content> {
    let package = SampledDevice {
        component: Component::Cpu,
        source: Cow::Borrowed("powercap"),
        uuid: None,
        index: Some("package-0".to_string()),
        model: None,
        counter: Some(Counter { unit: CounterUnit::Microjoule, range: Some(262_143_328_850) }),
        power: None,
        estimated_by: Some("a model".to_string()),
        remark: Some("a remark".to_string()),
        ..gpu()
    };
    let machine = Machine {
        version: VERSION,
        tool: "carbon-report 0.1.0".to_string(),
        run: "0123456789abcdef".to_string(),
        part: 2,
        started: at(-60),
        interval: Span::from_seconds(1),
        host: Some("00ff".to_string()),
        boot: None,
        host_name: None,
        command: None,
        kernel: Some("Linux 6.8.0".to_string()),
        cpu: Some("AMD EPYC 7763 64-Core Processor".to_string()),
        labels: [("model".to_string(), "resnet\n50".to_string()), ("".to_string(), "".to_string())].into(),
        devices: vec![DeviceEntry { id: DeviceId(0), device: gpu() }, DeviceEntry { id: DeviceId(1), device: package }],
    };
    let readings = vec![
        Reading {
            counter: Some(u64::MAX),
            power: Some(61_830),
            utilisation_permille: Some(990),
            memory_mib: Some(81_559),
            ..Reading::of(DeviceId(0))
        },
        Reading { memory_mib: Some(1), ..Reading::of(DeviceId(1)) },
        Reading::of(DeviceId(2)),
    ];
    let gap = |cause, of| Content::Gap(Gap { cause, of, from: Some(at(1)), to: None, detail: Some("NVML: 15".to_string()) });
    vec![
        Content::Machine(machine),
        Content::Device(DeviceEntry { id: DeviceId(7), device: gpu() }),
        Content::Sample(readings),
        Content::Sample(Vec::new()),
        gap(Cause::LostDevice, Subject::Device(DeviceId(0))),
        gap(Cause::Permission, Subject::Component(Component::Cpu)),
        gap(Cause::Other("eaten".to_string()), Subject::All),
        Content::Mark(Mark { text: "epoch 3".to_string(), metrics: [("loss".to_string(), 0.1), ("n".to_string(), -1e300)].into() }),
        Content::Share(vec![Share { device: DeviceId(0), ppm: 250_000 }]),
        Content::End(End { status: Some("0".to_string()), ticks: 3, own_cpu: Some(Span::from_micros(7)), own_memory_bytes: Some(4096) }),
    ]
}

fn line(content: &Content, sequence: u64) -> String {
    let mut line = String::new();
    Record { sequence, clocks: at(5), content: content.clone() }.encode(&mut line);
    line
}

#[test]
fn decoding_undoes_encoding() {
    for (i, content) in every_kind().into_iter().enumerate() {
        let text = line(&content, i as u64);
        assert_eq!(text.find('\n'), Some(text.len() - 1), "one line: {text}");
        assert!(text.trim_end().bytes().all(|b| b >= b' ' && b != 0x7f), "no control: {text}");
        let record = Record::decode(text.trim_end().as_bytes()).unwrap_or_else(|e| panic!("{e:?}: {text}"));
        assert_eq!(record, Record { sequence: i as u64, clocks: at(5), content });
    }
}

#[test]
fn a_sample_of_one_device_takes_120_bytes() {
    let mut only = Reading::of(DeviceId(0));
    (only.counter, only.power) = (Some(123_456_789_012), Some(61_830));
    let length = line(&Content::Sample(vec![only]), 86_400).len();
    assert!(length <= 125, "{length}");
    let eight =
        (0..8).map(|i| Reading { device: DeviceId(i), utilisation_permille: Some(990), memory_mib: Some(40_000), ..only }).collect();
    let length = line(&Content::Sample(eight), 86_400).len();
    assert!(length <= 8 * 60, "{length}");
}

#[test]
fn every_changed_byte_and_every_cut_is_found() {
    for content in every_kind() {
        let text = line(&content, 3);
        let whole = text.trim_end().as_bytes();
        for cut in 0..whole.len() {
            assert!(Record::decode(&whole[..cut]).is_err(), "{cut}");
        }
        let mut changed = whole.to_vec();
        for position in 0..changed.len() {
            for flip in 1..=u8::MAX {
                changed[position] ^= flip;
                assert!(Record::decode(&changed).is_err(), "byte {position} of {text} by {flip}");
                changed[position] ^= flip;
            }
        }
    }
}

#[test]
fn what_a_newer_version_adds_is_ignored() {
    let signed = |content: &str| {
        let crc = crate::decode::crc32c::checksum(content.as_bytes());
        alloc::format!("{content},\"crc\":\"{crc:08x}\"}}")
    };
    let sample = signed(r#"{"sample":4,"clock_us":[1,2,3,4],"read":[[0,5,null,1,2,"new"]],"new":{"a":1}"#);
    let record = Record::decode(sample.as_bytes()).expect("a record");
    let reading = Reading { counter: Some(5), utilisation_permille: Some(1), memory_mib: Some(2), ..Reading::of(DeviceId(0)) };
    assert_eq!(record.content, Content::Sample(vec![reading]));
    let unknown = signed(r#"{"weather":5,"clock_us":[1,2,null]"#);
    assert_eq!(Record::decode(unknown.as_bytes()).expect("a record").content, Content::Unknown);
    let twice = signed(r#"{"sample":4,"clock_us":[1,2,3],"read":[],"read":[]"#);
    assert_eq!(Record::decode(twice.as_bytes()), Err(Damage::Fields));
}
