//! What a folder's findings come to on a terminal: a few lines, however many files they are in.

use carbon_core::note::Severity;
use carbon_core::text::few;

use crate::terminal::Terminal;

/// More lines than these are not read.
const MOST_LINES: usize = 8;

/// A finding.
#[derive(Clone, Debug)]
pub struct Finding<'n> {
    pub severity: Severity,
    pub code: &'n str,
    pub message: String,
    pub hint: Option<&'n str>,
    /// The file, and the line in it, where one is meant.
    pub place: Option<String>,
}

/// A line: a finding, and the places of those of its kind that have no line.
struct Line<'f, 'n> {
    finding: &'f Finding<'n>,
    further: Vec<&'f Finding<'n>>,
}

/// Shows findings, in their order. Where they are many, those of one code share a line. `all_in_report` says whether a report will hold them all.
pub fn show(findings: &[Finding<'_>], all_in_report: bool, terminal: Terminal) {
    let lines = lines(findings);
    for line in lines.iter().take(MOST_LINES) {
        let text = line.text();
        match line.finding.severity {
            Severity::Error => terminal.error(&text, line.finding.hint),
            Severity::Warning => terminal.warning(&text, line.finding.hint),
            Severity::Good | Severity::Note => terminal.note(&text, line.finding.hint),
        }
    }
    let hidden: usize = lines.iter().skip(MOST_LINES).map(|line| 1 + line.further.len()).sum();
    if hidden > 0 {
        let what = if all_in_report { "more are in the report" } else { "more findings, of other kinds; name fewer files to see them" };
        terminal.note(&format!("{hidden} {what}"), None);
    }
}

/// What is found in the same words has one line, however many files it is in. Where that leaves many lines, each code has one, and codes that come
/// first have more while there is room.
fn lines<'f, 'n>(findings: &'f [Finding<'n>]) -> Vec<Line<'f, 'n>> {
    let mut codes: Vec<Vec<Line<'f, 'n>>> = Vec::new();
    for finding in findings {
        let is_own = |own: &Finding<'_>| (own.severity, own.code) == (finding.severity, finding.code);
        let at = codes.iter().position(|lines| lines.first().is_some_and(|line| is_own(line.finding))).unwrap_or_else(|| {
            codes.push(Vec::new());
            codes.len() - 1
        });
        match codes[at].iter_mut().find(|line| line.finding.message == finding.message && line.finding.hint == finding.hint) {
            Some(line) => line.further.push(finding),
            None => codes[at].push(Line { finding, further: Vec::new() }),
        }
    }
    let mut room = MOST_LINES.saturating_sub(codes.len());
    for lines in &mut codes {
        let more = room.min(lines.len() - 1);
        room -= more;
        let hidden = lines.split_off(1 + more);
        if let Some(last) = lines.last_mut() {
            last.further.extend(hidden.into_iter().flat_map(|line| std::iter::once(line.finding).chain(line.further)));
        }
    }
    codes.into_iter().flatten().collect()
}

impl Line<'_, '_> {
    fn text(&self) -> String {
        let Finding { message, code, place, .. } = self.finding;
        let place = place.as_ref().filter(|place| !message.contains(place.as_str())).map(|place| format!(" ({place})")).unwrap_or_default();
        let mut text = format!("{message}{place} [{code}]");
        if !self.further.is_empty() {
            text += &format!("; and {} more of this kind", self.further.len());
            let mut places: Vec<&str> = self.further.iter().filter_map(|finding| finding.place.as_deref()).collect();
            places.dedup();
            if !places.is_empty() {
                text += &format!(": {}", few(&places, ", "));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(codes: &[(&'static str, usize)]) -> Vec<Finding<'static>> {
        let of = |(code, count): &(&'static str, usize)| {
            let (code, count) = (*code, *count);
            (0..count).map(move |at| Finding {
                severity: Severity::Warning,
                code,
                message: format!("finding {at}"),
                hint: None,
                place: Some(format!("{code}-{at}.csv")),
            })
        };
        codes.iter().flat_map(of).collect()
    }

    fn texts(codes: &[(&'static str, usize)]) -> Vec<String> {
        lines(&findings(codes)).iter().map(Line::text).collect()
    }

    #[test]
    fn a_few_findings_have_a_line_each() {
        assert_eq!(texts(&[("a", 2), ("b", 1)]), ["finding 0 (a-0.csv) [a]", "finding 1 (a-1.csv) [a]", "finding 0 (b-0.csv) [b]"]);
    }

    #[test]
    fn many_findings_of_a_kind_share_one() {
        let texts = texts(&[("a", 900), ("b", 900)]);
        assert_eq!(texts.len(), MOST_LINES);
        assert_eq!(texts[6], "finding 6 (a-6.csv) [a]; and 893 more of this kind: a-7.csv, a-8.csv, a-9.csv, and 890 more");
        assert_eq!(texts[7], "finding 0 (b-0.csv) [b]; and 899 more of this kind: b-1.csv, b-2.csv, b-3.csv, and 896 more");
    }

    #[test]
    fn one_finding_has_one_line() {
        let mut all = findings(&[("a", 5)]);
        all.iter_mut().for_each(|finding| finding.message = String::from("no unit"));
        let texts: Vec<String> = lines(&all).iter().map(Line::text).collect();
        assert_eq!(texts, ["no unit (a-0.csv) [a]; and 4 more of this kind: a-1.csv, a-2.csv, a-3.csv, a-4.csv"]);
    }

    #[test]
    fn no_finding_is_lost() {
        for counts in [vec![1; 20], vec![9], vec![3, 3, 3], vec![20, 1, 1, 1], vec![1, 1, 30]] {
            let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t"];
            let all = findings(&names.into_iter().zip(counts.iter().copied()).collect::<Vec<_>>());
            let lines = lines(&all);
            assert_eq!(lines.iter().map(|line| 1 + line.further.len()).sum::<usize>(), counts.iter().sum::<usize>(), "{counts:?}");
            assert!(lines.len() <= MOST_LINES.max(counts.len()), "{counts:?}");
        }
    }
}
