//! Rows that could not be read, once all of a file is.

use alloc::string::String;
use alloc::vec::Vec;

use super::{ChannelId, Doubt, Line, Reading, Row, SkipReason};
use crate::map::Map;
use crate::note;
use crate::rules;
use crate::series::{Channel, Component, Coverage, Device, GAP_IN_MEDIANS, IntervalStatistics, Recording, SHORTEST_GAP, Series};
use crate::units::{Instant, Span};

/// From this share on, in per cent, rows that could not be read are a good part of them.
const TOLD: u64 = rules::whole("lost_rows_told_percent") as u64;

/// Thousandths of an energy.
const WHOLE: i128 = 1_000;

impl Reading {
    /// What became of a line whose text is there: what is no text is binary, whatever its reader takes it for.
    pub(super) fn account_line(&mut self, row: Row, line: Line<'_>) {
        match row {
            Row::Used => self.account(row, line.number),
            row => {
                self.strays.add(line, self.rows.used);
                self.lost_line(row, line);
            }
        }
    }

    fn lost_line(&mut self, row: Row, line: Line<'_>) {
        let bytes = line.binary_bytes();
        self.rows.binary_bytes += bytes;
        // Of two bytes of a letter, one is more than the text has.
        self.rows.bytes = self.rows.bytes.saturating_sub(if bytes > 0 { line.text.len() as u64 - bytes } else { 0 });
        match row {
            row if bytes == 0 => {
                if matches!(row, Row::Skipped(SkipReason::Torn | SkipReason::LastLineCut)) {
                    self.rows.torn_bytes += line.text.len() as u64;
                } else if self.rows.used == 0 {
                    self.rows.head_bytes += line.text.len() as u64 + 1;
                }
                self.account(row, line.number);
            }
            Row::Skipped(SkipReason::Binary | SkipReason::Unknown) => self.account(Row::Skipped(SkipReason::Binary), line.number),
            _ => {
                let found = || String::from("found bytes that are no text, expected text");
                self.notes.add(&note::LINES_UNKNOWN, "binary", Some(line.number), found);
                self.account(Row::Skipped(SkipReason::Binary), line.number);
            }
        }
    }

    /// Rows of which nothing counts, where so many readings do not: a row whose other readings count is used.
    pub(super) fn rows_of(&self, readings: u64) -> u64 {
        readings / self.readings_a_row.max(1)
    }

    /// Says that a row of a channel has no reading that can be.
    #[cold]
    pub(super) fn has_no_reading(&mut self, id: ChannelId, at: Instant) {
        if self.is_asked_for(at) {
            let (first, last) = self.unread.entry(id.0).or_insert((at, at));
            (*first, *last) = (at.min(*first), at.max(*last));
        }
    }

    /// The first and the last row of a series that has no reading.
    pub(super) fn unread(&self, series: usize) -> Option<(Instant, Instant)> {
        self.unread.get(&series).copied()
    }

    /// A warning where a good part of the rows could not be read, and how much more it may have been: each that no longer step bridges may have been at
    /// the highest power for the usual step.
    pub(super) fn note_lost_rows(&mut self) {
        let at_ends = self.rows.take_unknown_at_ends();
        let count =
            |reasons: &[SkipReason]| reasons.iter().filter_map(|reason| self.rows.skipped.get(reason)).map(|(count, _)| count).sum::<u64>();
        let torn = count(&[SkipReason::LastLineCut, SkipReason::LineTooLong, SkipReason::NoTime, SkipReason::OpenQuote, SkipReason::Torn]);
        let binary = self.rows.binary();
        // A line that is as long as two rows and more is of several that are glued together; rows that are written otherwise may be somewhat longer.
        let glued = Some(self.rows.glued()).filter(|rows| *rows >= 2 * torn.max(1)).map_or(0, |rows| rows - torn);
        let all = self.rows.read() - count(&[SkipReason::Binary]) + binary + glued;
        let torn = torn + binary + glued;
        let unknown = self.rows.unknown();
        // Lines of others may stand between the rows of a log, as many as they like. Before and behind them they may be rows of another kind.
        let lost = torn
            + if unknown > self.rows.used || !self.is_table && unknown == self.rows.used {
                unknown
            } else if self.is_table {
                at_ends
            } else {
                0
            };
        let (used, lost, all) = match self.records {
            Some((used, records)) => (used, records, used + records),
            None => (self.rows.used, lost, all),
        };
        // Lines of another format may be among those that no template knows.
        let (lost, all) = (lost.max(self.of_another), all.max(used + self.of_another));
        let lost = if used == 0 || 100 * lost < TOLD * all { 0 } else { lost };
        if lost > 0 {
            let read = used + lost;
            self.notes.add(&note::ROWS_LOST, "", None, || alloc::format!("{lost} of {read} rows could not be read"));
        }
        self.note_unread();
        let silences = self.silences();
        let mut told = silences.iter().zip(self.series()).filter(|(silence, _)| silence.as_micros() > 0);
        if let Some((silence, series)) = told.next() {
            let channel = series.channel();
            let device = Device::called(channel.component.label(), channel.device.short_key());
            let more = match told.count() {
                0 => String::new(),
                more => alloc::format!(", and {more} others likewise"),
            };
            let message =
                alloc::format!("{device} has no reading for {} s at an end of its log, which goes on{more}", silence.as_seconds());
            self.notes.add(&note::DEVICE_SILENT, "", None, || message);
        }
        let doubts: Vec<Doubt> = self
            .series()
            .iter()
            .zip(silences)
            .filter_map(|(series, silence)| {
                // Rows may be of one device each.
                let lost = u128::from(lost) * u128::from(series.samples());
                let lost = u64::try_from(lost.checked_div(u128::from(used)).map_or(0, |_| lost.div_ceil(u128::from(used)))).ok()?;
                Some(Doubt { channel: series.channel().clone(), times: times(series, lost, silence)? })
            })
            .collect();
        self.doubts.extend(doubts);
    }

    /// Says of which devices there are rows, and no reading.
    fn note_unread(&mut self) {
        // A board that is no module has the module's column all the same.
        let part = |component| if component == Component::GpuModule { Component::Gpu } else { component };
        let is_read = |channel: &Channel| {
            let mut read = self.series().iter().filter(|series| series.samples() > 0).map(Series::channel);
            read.any(|own| part(own.component) == part(channel.component) && own.device == channel.device && own.host == channel.host)
        };
        let named = |channel: &Channel| Device::called(channel.component.label(), channel.device.short_key());
        let mut unread: Vec<String> = self.awaited.iter().filter(|channel| !is_read(channel)).map(named).collect();
        unread.dedup();
        if let Some((first, others)) = unread.split_first() {
            let more = if others.is_empty() { String::new() } else { alloc::format!(", and {} others likewise", others.len()) };
            self.notes.add(&note::DEVICE_UNREAD, "", None, || alloc::format!("{first} has rows, and none of them holds a reading{more}"));
        }
    }

    /// Of each series, how long its device has no reading before its first one and behind its last, while its rows, or those of the devices beside it
    /// that were logged until then, go on. Pauses in between are gaps.
    fn silences(&self) -> Vec<Span> {
        if self.is_unordered() {
            return self.series().iter().map(|_| Span::ZERO).collect();
        }
        let beside = |series: &Series| {
            let channel = series.channel();
            (channel.host.clone(), channel.run.clone(), channel.component, channel.quantity.is_power())
        };
        let mut spans: Map<_, Vec<(i64, i64)>> = Map::new();
        for series in self.series() {
            let of = series.recordings().filter_map(|recording| Some((recording.start()?.as_micros(), recording.end()?.as_micros())));
            spans.entry(beside(series)).or_default().extend(of);
        }
        let together: Map<_, Coverage> = spans.into_iter().map(|(key, spans)| (key, Coverage::from_spans(spans))).collect();
        let silence = |(at, series): (usize, &Series)| {
            let (start, end) = (series.start()?, series.end()?);
            let (first, last) = self.unread(at).unwrap_or((start, end));
            let goes_on = together.get(&beside(series)).and_then(|together| {
                together.spans().iter().find(|(from, to)| (*from..=*to).contains(&end.as_micros())).map(|(_, to)| *to)
            });
            let behind = last.as_micros().max(goes_on.unwrap_or(i64::MIN)).saturating_sub(end.as_micros());
            let before = start.as_micros().saturating_sub(first.as_micros());
            if before.max(behind) <= SHORTEST_GAP.as_micros() {
                return None;
            }
            let rule = usual(series)?.as_micros().saturating_mul(GAP_IN_MEDIANS).max(SHORTEST_GAP.as_micros());
            Some(Span::from_micros([before, behind].into_iter().filter(|length| *length > rule).sum()))
        };
        self.series().iter().enumerate().map(|of| silence(of).unwrap_or(Span::ZERO)).collect()
    }
}

/// The usual step of a series.
fn usual(series: &Series) -> Option<Span> {
    let mut all = IntervalStatistics::default();
    series.recordings().for_each(|recording| all.merge(recording.statistics()));
    all.median()
}

/// What a series would be multiplied by, had so many rows more been read, and had it drawn the most while it was silent.
fn times(series: &Series, lost: u64, silence: Span) -> Option<(u32, u32)> {
    let mut all = IntervalStatistics::default();
    series.recordings().for_each(|recording| all.merge(recording.statistics()));
    let step = all.median()?;
    let steps = i128::from(all.count());
    // Where rows are missing between others, a longer step bridges them, or is a gap, which has a bound of its own.
    let watched = |recording: &Recording| Some(recording.end()?.since(recording.start()?).as_micros());
    let usual: i64 = series.recordings().filter_map(watched).sum::<i64>() / step.as_micros().max(1);
    let bridged = (i128::from(usual) - steps).max(0);
    let beyond = (i128::from(lost) - bridged).max(0);
    let energy = series.energy(false).as_picojoules();
    let mean = energy.checked_div(steps)?;
    let most = series.peak().map_or(0, |peak| peak.over(step).as_picojoules()).max(mean);
    let silent = most.checked_mul(i128::from(silence.as_micros()))? / i128::from(step.as_micros().max(1));
    let more = most.checked_mul(beyond)?.checked_add(silent)?.checked_mul(WHOLE)?.checked_add(energy - 1)?.checked_div(energy)?;
    let numerator = u32::try_from(more.checked_add(WHOLE)?).unwrap_or(u32::MAX);
    (more > 0).then_some((numerator, u32::try_from(WHOLE).ok()?))
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use crate::read::{FileReader, ReadOptions, Reading};

    fn read(text: &str) -> Reading {
        let mut reader = FileReader::new(ReadOptions::default());
        reader.push(text.as_bytes());
        reader.finish()
    }

    /// A look each 10 s, of which one may be torn.
    fn looks(watts: &[u32], torn: Option<usize>) -> String {
        let mut text = String::from("timestamp, power.draw [W]\n");
        for (number, watts) in watts.iter().enumerate() {
            let cells = if torn == Some(number) { ", , " } else { ", " };
            text += &format!("2025/06/12 14:{:02}:{:02}.000{cells}{watts}.00 W\n", number / 6, 10 * (number % 6));
        }
        text
    }

    #[test]
    fn a_row_that_no_step_bridges_may_have_been_at_the_highest_power() {
        for (watts, torn, times) in [
            // 100 to 200 W and 200 to 300 W, 10 s each: 4000 J; one more at 300 W for 10 s.
            (&[100, 200, 300, 500][..], Some(3), Some((1_750, 1_000))),
            // A longer step bridges it.
            (&[100, 100, 100, 100, 100, 100][..], Some(3), None),
            (&[100, 200, 300, 500][..], None, None),
        ] {
            let found = read(&looks(watts, torn));
            assert_eq!(found.doubts.first().map(|doubt| doubt.times), times, "{watts:?}");
            assert_eq!(found.notes.iter().any(|note| note.code.id == "rows-lost"), torn.is_some(), "{watts:?}");
        }
    }

    #[test]
    fn what_is_torn_in_a_line_of_many_records_counts_by_its_length() {
        let values = |energies: core::ops::Range<u64>| {
            energies.map(|at| format!("[{},\"{}\"]", 1_795_435_300 + 5 * at, 1_000_000 * at)).collect::<alloc::vec::Vec<_>>().join(",")
        };
        let series = |gpu: &str, values: String| {
            format!("{{\"metric\":{{\"__name__\":\"DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION\",\"gpu\":\"{gpu}\"}},\"values\":[{values}]}}")
        };
        let document = |a: String, b: String| {
            format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{},{}]}}}}", series("0", a), series("1", b))
        };
        let whole = document(values(1..21), values(1..21));
        assert!(read(&whole).doubts.is_empty());
        // A quote too many at the end of the first device: the second one's 20 readings are lost, and 19 of 1000 J each were read.
        let torn = whole.replacen("\"20000000\"", "\"\"20000000\"", 1);
        let found = read(&torn);
        let told: alloc::vec::Vec<&str> = found.notes.iter().map(|note| note.code.id).collect();
        assert!(told.contains(&"rows-torn") && told.contains(&"rows-lost"), "{told:?}");
        let (numerator, denominator) = found.doubts.first().map(|doubt| doubt.times).expect("a doubt");
        // 38 steps of 1000 J in all, 18 of them read; the names between the rows count as rows, too.
        assert!((38 * denominator..=48 * denominator).contains(&(18 * numerator)), "{numerator}/{denominator}");
    }

    fn doubt(found: &Reading, device: &str) -> Option<(u32, u32)> {
        found.doubts.iter().find(|doubt| doubt.channel.device.key() == device).map(|doubt| doubt.times)
    }

    fn told(found: &Reading, code: &str) -> usize {
        found.notes.iter().filter(|note| note.code.id == code).count()
    }

    fn stamp(number: usize) -> String {
        format!("2025/06/12 14:{:02}:{:02}.000", number / 6, 10 * (number % 6))
    }

    /// Six rows of 100 W, 10 s apart, are 5 steps of 1000 J; six more, that are written otherwise, may have been 6 more.
    #[test]
    fn rows_that_are_written_otherwise_are_lost_and_told() {
        let row = |number: usize, between: &str| format!("{}{between}0{between}A100{between}100.00 W", stamp(number));
        let json = |number: usize| format!("{{\"timestamp\": \"{}\", \"power\": 100.0}}", stamp(number));
        for other in
            [&|number| row(number, ";"), &|number| row(number, "\t"), &|number| row(number, " | "), &|number| row(number, " "), &json]
                as [&dyn Fn(usize) -> String; 5]
        {
            for others_first in [false, true] {
                let mut text = String::from("timestamp, index, name, power.draw [W]\n");
                for number in 0..12 {
                    text += &if (number < 6) == others_first { other(number) } else { row(number, ", ") };
                    text.push('\n');
                }
                let found = read(&text);
                assert_eq!((told(&found, "rows-lost"), doubt(&found, "0")), (1, Some((2_200, 1_000))), "{text}");
            }
        }
        // Lines of others between the rows are none that were lost.
        let mut text = String::from("timestamp, index, name, power.draw [W]\n");
        (0..12).for_each(|number| text += &format!("{}\nepoch {number}\n", row(number, ", ")));
        let found = read(&text);
        assert_eq!((told(&found, "rows-lost"), doubt(&found, "0")), (0, None));
    }

    /// Of 20 rows, 10 s apart, six have 100 W: 5000 J, and 140 s of 100 W may be missing.
    #[test]
    fn a_device_without_readings_may_have_drawn_its_most() {
        for none in ["[N/A]", "NaN", "", "[Unknown Error]", "300000 W", "-"] {
            for first in [false, true] {
                let mut text = String::from("timestamp, index, power.draw [W]\n");
                for number in 0..20 {
                    let is_read = if first { number >= 14 } else { number < 6 };
                    text += &format!("{}, 0, {}\n", stamp(number), if is_read { "100.00 W" } else { none });
                }
                let found = read(&text);
                assert_eq!((told(&found, "device-silent"), doubt(&found, "0")), (1, Some((3_800, 1_000))), "{none:?} {first}");
            }
        }
        // A device that stops while the one beside it goes on, however its lines look; one reading that lacks is none.
        for lost in [Some("Unable to determine the device handle for GPU 0000:01:00.0: GPU is lost"), Some("No devices were found"), None] {
            let mut text = String::from("timestamp, index, power.draw [W]\n");
            for number in 0..20 {
                text += &format!("{}, 0, {}\n", stamp(number), if number == 19 { "[N/A]" } else { "200.00 W" });
                match lost {
                    _ if number < 6 => text += &format!("{}, 1, 100.00 W\n", stamp(number)),
                    Some(line) => text += &format!("{line}\n"),
                    None => {}
                }
            }
            let found = read(&text);
            // The other one is seen until 180 s: 130 s of 100 W beside 5000 J.
            assert_eq!(
                (told(&found, "device-silent"), doubt(&found, "1"), doubt(&found, "0")),
                (1, Some((3_600, 1_000)), None),
                "{lost:?}"
            );
        }
        // Two logs in one file, one after the other.
        let rows = |device: usize, from: usize| (from..from + 6).map(|n| format!("{}, {device}, 100.00 W\n", stamp(n))).collect::<String>();
        let found = read(&format!("timestamp, index, power.draw [W]\n{}{}", rows(0, 0), rows(1, 40)));
        assert_eq!((told(&found, "device-silent"), found.doubts.len()), (0, 0));
    }

    /// A file that others wrote on in UTF-8; and one index however it is written.
    #[test]
    fn rows_in_another_encoding_and_numbers_in_another_spelling_are_read() {
        let row = |number: usize, index: &str| format!("{}, {index}, 100.00 W\n", stamp(number));
        let rows = |from: usize| (from..from + 10).map(|number| row(number, "0")).collect::<String>();
        let (begin, end) = (format!("timestamp, index, power.draw [W]\n{}", rows(0)), rows(10));
        for is_big in [false, true] {
            for mark in ["", "\u{feff}"] {
                let utf16 = |text: &str| text.encode_utf16().flat_map(|u| if is_big { u.to_be_bytes() } else { u.to_le_bytes() }).collect();
                let mut bytes: alloc::vec::Vec<u8> = utf16(&format!("{mark}{begin}"));
                bytes.extend_from_slice(end.as_bytes());
                for piece in [1, 7, 4_096] {
                    let mut reader = FileReader::new(ReadOptions::default());
                    bytes.chunks(piece).for_each(|bytes| reader.push(bytes));
                    let found = reader.finish();
                    assert_eq!(found.series()[0].energy(false), crate::units::Energy::from_joules(19_000), "{is_big} {mark:?} {piece}");
                    let message = found.notes.iter().find(|note| note.code.id == "encoding").map(|note| note.message.clone());
                    assert!(message.is_some_and(|message| message.ends_with("goes on in UTF-8")));
                }
            }
        }
        for spellings in [["0", "00"], ["0", "0.0"], ["7", "007"], ["12", "12.00"], ["3", "03.000"]] {
            let text: String = (0..20).map(|number| row(number, spellings[number % 2])).collect();
            let found = read(&format!("timestamp, index, power.draw [W]\n{text}"));
            assert_eq!(found.series().len(), 1, "{spellings:?}");
            assert_eq!(found.series()[0].channel().device.index.as_deref(), Some(spellings[0]));
            assert_eq!(found.series()[0].energy(false), crate::units::Energy::from_joules(19_000));
        }
        for (one, other) in [("0", "0.5"), ("1", "10"), ("a0", "a00"), ("0", "0:1")] {
            let text: String = (0..20).map(|number| row(number / 2, if number % 2 == 0 { one } else { other })).collect();
            assert_eq!(read(&format!("timestamp, index, power.draw [W]\n{text}")).series().len(), 2, "{one} {other}");
        }
    }
}
