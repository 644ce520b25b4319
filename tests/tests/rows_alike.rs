//! Rows of JSON that are written like the one before are read by their values alone, all others are parsed: both ways come to the same.

use carbon_core::read::{FileReader, ReadOptions};

/// What a log comes to, but for how it was read.
fn read(log: &str) -> String {
    let mut reader = FileReader::new(ReadOptions::default());
    reader.push(log.as_bytes());
    let out = reader.finish();
    let series: String = out.series().iter().map(|s| format!("{:?} {:?} {:?}\n", s.channel(), s.energy(false), s.counts())).collect();
    let notes: String = out.notes.iter().map(|note| format!("{} {:?} {}\n", note.code.id, note.line, note.message)).collect();
    let (used, skipped) = (out.rows.used, &out.rows.skipped);
    format!("{} {:?} {used} {skipped:?} {:?}\n{series}{notes}", out.format, out.clock, out.devices)
}

/// A seeded sequence.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// The same text with a space more, or two, behind brackets, commas and colons: no row is then written like the one before.
fn spaced(log: &str) -> String {
    let (mut random, mut text, mut in_string) = (Random(5), String::new(), false);
    for sign in log.chars() {
        in_string ^= sign == '"';
        text.push(sign);
        if matches!(sign, '{' | '[' | ',' | ':') && !in_string {
            text.push_str(&" ".repeat(random.below(3) as usize));
        }
    }
    text
}

/// A value that a reading may have, and some that none has.
fn watts(random: &mut Random) -> String {
    match random.below(40) {
        0 => String::from("null"),
        1 => String::from("\"N/A\""),
        2 => String::from("-3"),
        3 => String::from("\"120.5\""),
        4 => String::from("99999999999"),
        5 => String::from("1.5e2"),
        6 => String::from("\"caf\\u00e9\""),
        7 => String::from("\"\""),
        8 => String::from("NaN"),
        _ => format!("{}.{:02}", random.below(300), random.below(100)),
    }
}

/// An answer of Prometheus: of each series the values, all in one line.
fn prometheus(random: &mut Random) -> String {
    let series = (0..4).map(|gpu| {
        let mut at = 1_749_737_001;
        let values = (0..60).map(|_| {
            at += 10 + random.below(40) / 39 * 600;
            let value = watts(random);
            let value = if value.starts_with('"') || value == "null" { value } else { format!("\"{value}\"") };
            // Now and then a number and not a text, and a time that is none.
            match random.below(50) {
                0 => format!("[{at},61.5]"),
                1 => format!("[\"{at}.5\",{value}]"),
                2 => format!("[0,{value}]"),
                3 => format!("[{at},{value},7]"),
                _ => format!("[{at}.{:03},{value}]", random.below(1000)),
            }
        });
        let values: Vec<String> = values.collect();
        let name = if gpu == 3 { "DCGM_FI_DEV_GPU_TEMP" } else { "DCGM_FI_DEV_POWER_USAGE" };
        format!("{{\"metric\":{{\"__name__\":\"{name}\",\"UUID\":\"GPU-{gpu}\",\"gpu\":\"{gpu}\"}},\"values\":[{}]}}", values.join(","))
    });
    let series: Vec<String> = series.collect();
    format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{}]}}}}\n", series.join(","))
}

/// Objects of one's own, of which some are of other fields, in another order, or name another device.
fn objects(random: &mut Random, between: &str) -> String {
    let rows = (0..200).map(|row| {
        let at = 1_749_737_001 + row * 10;
        let (first, second) = (watts(random), watts(random));
        match random.below(30) {
            0 => format!("{{\"gpu0_w\":{first},\"time\":{at}}}"),
            1 => format!("{{\"time\":{at},\"gpu0_w\":{first},\"gpu0_w\":{second}}}"),
            2 => format!("{{\"time\":{at},\"gpu0_w\":{first},\"more_w\":{second}}}"),
            3 => format!("{{\"time\":\"{at}\",\"gpu0_w\":{first},\"note\":\"a\\tb\"}}"),
            4 => String::from("{}"),
            _ => format!("{{\"time\":{at},\"gpu0_w\":{first},\"cpu\":{{\"power_w\":{second}}},\"note\":\"at work\"}}"),
        }
    });
    rows.collect::<Vec<_>>().join(between)
}

/// System metrics of W&B.
fn wandb(random: &mut Random) -> String {
    let rows = (0..200).map(|row| {
        let (first, second) = (watts(random), watts(random));
        format!(
            "{{\"system.gpu.0.powerWatts\":{first},\"system.gpu.1.powerWatts\":{second},\"system.cpu\":{}.5,\"_wandb\":true,\"_timestamp\":{},\"_runtime\":{row}}}\n",
            random.below(100),
            1_749_737_001 + 10 * row
        )
    });
    rows.collect()
}

#[test]
fn rows_written_alike_come_to_what_parsed_rows_come_to() {
    let mut random = Random(11);
    for round in 0..60 {
        let log = match round % 5 {
            0 => prometheus(&mut random),
            1 => objects(&mut random, "\n") + "\n",
            2 => format!("[{}]\n", objects(&mut random, ",")),
            3 => format!("[\n{}\n]\n", objects(&mut random, ",\n")),
            _ => wandb(&mut random),
        };
        let (alike, parsed) = (read(&log), read(&spaced(&log)));
        assert!(alike == parsed, "round {round}:\n{alike}\n{parsed}");
        let id = ["prometheus_api", "generic_json", "generic_json", "generic_json", "wandb"][round % 5];
        assert!(alike.starts_with(id), "round {round} is {id}:\n{alike}");
    }
}

/// 61 W and 62 W by turns, a reading a second: 3,600 readings of each of two devices, between which lie 3,599 s of 61.5 W in the mean.
#[test]
fn values_of_rows_alike_are_each_their_own() {
    let values: Vec<String> = (0..3600).map(|second| format!("[{}, \"{}\"]", 1_749_737_000 + second, 61 + second % 2)).collect();
    let series = |gpu: u32| {
        format!("{{\"metric\": {{\"__name__\": \"DCGM_FI_DEV_POWER_USAGE\", \"gpu\": \"{gpu}\"}}, \"values\": [{}]}}", values.join(", "))
    };
    let log = format!("{{\"status\": \"success\", \"data\": {{\"resultType\": \"matrix\", \"result\": [{}, {}]}}}}", series(0), series(1));
    let mut reader = FileReader::new(ReadOptions::default());
    log.as_bytes().chunks(1 << 12).for_each(|piece| reader.push(piece));
    let out = reader.finish();
    assert_eq!(out.series().len(), 2);
    for series in out.series() {
        let joules = series.energy(false).as_kwh() * 3.6e6;
        assert!((joules - 3599.0 * 61.5).abs() < 1e-6, "found {joules} J");
    }
}
