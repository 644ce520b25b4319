//! Time that nobody watched between two recordings of one log: its logger was started again. That is told; it proves neither work nor rest.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::cost::Costed;
use crate::ledger::{Evidence, FoundNote, When};
use crate::map::Map;
use crate::note;
use crate::rules;
use crate::series::Coverage;
use crate::text::{duration, in_more_files};
use crate::units::Span;

/// What is shorter is no gap within a recording, and no pause between two.
const SHORTEST: Span = rules::seconds("gap_shortest_s");
const MEDIANS: i64 = rules::whole("gap_medians");

/// One finding for all logs. What another log of the host watched, or counts by estimate because the training is known to have run, is no pause.
pub(super) fn findings(costed: &[Costed<'_>]) -> Vec<FoundNote> {
    let mut hosts: Map<(&str, bool), (Vec<(i64, i64)>, Vec<&Evidence>)> = Map::new();
    for e in costed.iter().map(|one| one.evidence) {
        let When::Dated { utc, .. } = e.when else { continue };
        let (spans, candidates) = hosts.entry((&e.host, utc)).or_default();
        spans.extend_from_slice(e.coverage.spans());
        if e.samples.is_some() && e.inputs.len() == 1 && e.coverage.spans().len() > 1 {
            candidates.push(e);
        }
    }
    let mut logs: Map<&str, (Span, usize)> = Map::new();
    for (spans, candidates) in hosts.into_values().filter(|(_, candidates)| !candidates.is_empty()) {
        let watched = Coverage::from_spans(spans);
        for e in candidates {
            let (Some(start), Some(end), Some(path)) = (e.coverage.start(), e.coverage.end(), e.inputs.first()) else { continue };
            let medians = e.interval.unwrap_or_default().as_micros().saturating_mul(MEDIANS);
            let pauses = Coverage::of(start, end).without(&watched).longer_than(SHORTEST.max(Span::from_micros(medians)));
            // Gaps within a recording are told by themselves.
            let (in_gaps, gaps) = e.gaps;
            let (length, count) = (pauses.length() - in_gaps, pauses.spans().len().saturating_sub(gaps as usize));
            if length > Span::ZERO && count > 0 {
                let of_log = logs.entry(path).or_default();
                *of_log = (length, count).max(*of_log);
            }
        }
    }
    let more = in_more_files(logs.len().saturating_sub(1) as u64);
    let found = logs.iter().next().map(|(path, (length, count))| {
        let recordings = count + 1;
        let length = duration(length.as_seconds());
        FoundNote {
            code: &note::RECORDINGS_APART,
            message: format!(
                "between the {recordings} recordings of this log nobody watched for {length} in all, and nothing counts for that{more}"
            ),
            place: Some(String::from(*path)),
            hint: None,
        }
    });
    found.into_iter().collect()
}
