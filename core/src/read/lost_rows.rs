//! Rows that could not be read, once all of a file is.

use alloc::vec::Vec;

use super::{Doubt, Reading, SkipReason};
use crate::note;
use crate::rules;
use crate::series::{IntervalStatistics, Recording, Series};

/// From this share on, in per cent, rows that could not be read are a good part of them.
const TOLD: u64 = rules::whole("lost_rows_told_percent") as u64;

/// Thousandths of an energy.
const WHOLE: i128 = 1_000;

impl Reading {
    /// A warning where a good part of the rows could not be read, and how much more it may have been: each that no longer step bridges may have been at
    /// the highest power for the usual step.
    pub(super) fn note_lost_rows(&mut self) {
        let count =
            |reasons: &[SkipReason]| reasons.iter().filter_map(|reason| self.rows.skipped.get(reason)).map(|(count, _)| count).sum::<u64>();
        let torn = count(&[
            SkipReason::Binary,
            SkipReason::LastLineCut,
            SkipReason::LineTooLong,
            SkipReason::NoTime,
            SkipReason::OpenQuote,
            SkipReason::Torn,
        ]);
        let unknown = count(&[SkipReason::Unknown]);
        // Lines of others may stand between the rows of a log, as many as they like.
        let lost = if unknown > self.rows.used { torn + unknown } else { torn };
        let (used, lost, all) = match self.records {
            Some((used, records)) => (used, records, used + records),
            None => (self.rows.used, lost, self.rows.read()),
        };
        if used == 0 || lost == 0 || 100 * lost < TOLD * all {
            return;
        }
        let read = used + lost;
        self.notes.add(&note::ROWS_LOST, "", None, || alloc::format!("{lost} of {read} rows could not be read"));
        let doubts: Vec<Doubt> = self
            .series()
            .iter()
            .filter_map(|series| {
                // Rows may be of one device each.
                let lost = u64::try_from((u128::from(lost) * u128::from(series.samples())).div_ceil(u128::from(used))).ok()?;
                Some(Doubt { channel: series.channel().clone(), times: times(series, lost)? })
            })
            .collect();
        self.doubts.extend(doubts);
    }
}

/// What a series would be multiplied by, had so many rows more been read.
fn times(series: &Series, lost: u64) -> Option<(u32, u32)> {
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
    let more = most.checked_mul(beyond)?.checked_mul(WHOLE)?.checked_add(energy - 1)?.checked_div(energy)?;
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
}
