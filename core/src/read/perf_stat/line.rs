//! One line of `perf stat` output, whichever of its shapes it has.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::number::locale_number;
use crate::decode::encoding;
use crate::series::Component;
use crate::units::Span;

/// What a line says.
#[derive(Debug, PartialEq)]
pub(super) enum PerfLine<'l> {
    /// `# started on Thu Jun 12 14:03:21 2025`: the stamp.
    Started(&'l [u8]),
    /// A row of an energy event.
    Energy(EnergyRow<'l>),
    /// ` 8012.345678901 seconds time elapsed`: the end of a summary.
    Elapsed(Span),
    /// `Performance counter stats for 'system wide' (5 runs):`: a summary begins; values are means of so many runs.
    Summary(i64),
    /// Another event, a heading, a comment, a blank line.
    Other,
    /// An energy event whose value can't be read.
    Torn,
    /// Nothing that `perf` prints.
    Unknown,
}

/// A row of an energy event.
#[derive(Debug, PartialEq)]
pub(super) struct EnergyRow<'l> {
    /// End of the interval since `perf` started; absent in a summary.
    pub(super) at: Option<Span>,
    /// Which part: socket, die, core, CPU; absent where `perf` added all up.
    pub(super) part: Option<Cow<'l, str>>,
    /// RAPL domain.
    pub(super) domain: Component,
    /// Energy in µJ; absent for `<not supported>` and `<not counted>`.
    pub(super) energy: Option<i64>,
    /// How long the event was counted, where the row says so.
    pub(super) counted: Option<Span>,
    /// Whether nothing that matters can be missing at the end of the line.
    pub(super) closed: bool,
}

/// Reads a line.
pub(super) fn parse(text: &[u8]) -> PerfLine<'_> {
    let trimmed = text.trim_ascii();
    if let Some(rest) = trimmed.strip_prefix(b"# started on ") {
        return PerfLine::Started(rest);
    }
    if trimmed.is_empty() || trimmed.starts_with(b"#") {
        return PerfLine::Other;
    }
    if let Some((event, domain)) = energy_event(trimmed) {
        // What follows the event holds no other: two rows stand in one line.
        if trimmed.get(event.end..).is_some_and(|rest| energy_event(rest).is_some()) {
            return PerfLine::Torn;
        }
        let row = if trimmed.starts_with(b"{") {
            json_row(trimmed, domain)
        } else {
            match event.start.checked_sub(1).and_then(|before| trimmed.get(before)) {
                Some(b' ') => table_row(trimmed, event, domain),
                Some(delimiter) => csv_row(trimmed, *delimiter, event, domain),
                None => None,
            }
        };
        return row.map_or(PerfLine::Torn, PerfLine::Energy);
    }
    other(trimmed)
}

/// How the names of energy events begin.
pub(super) const ENERGY: &[u8] = b"energy-";

/// What stands above a summary.
pub(super) const HEADING: &[u8] = b"Performance counter stats for";

/// Where the name of an energy event stands in a line, and its domain (`perf list`, kernel: `arch/x86/events/rapl.c`).
fn energy_event(line: &[u8]) -> Option<(core::ops::Range<usize>, Component)> {
    const DOMAINS: [(&[u8], Component); 6] = [
        (b"energy-pkg", Component::Cpu),
        (b"energy-cores", Component::CpuCore),
        (b"energy-core", Component::CpuCore),
        (b"energy-gpu", Component::CpuUncore),
        (b"energy-ram", Component::Memory),
        (b"energy-psys", Component::Platform),
    ];
    // A line holds few such signs, and to look for one takes less than to get ready to look for a word.
    let ends = memchr::memchr_iter(b'-', line).map(|at| at + 1);
    let found = ends.filter(|end| line.get(..*end).is_some_and(|text| text.ends_with(ENERGY))).map(|end| end - ENERGY.len()).next()?;
    let rest = line.get(found..)?;
    let (name, domain) = DOMAINS.into_iter().find(|(name, _)| rest.starts_with(name))?;
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-');
    let start = line.get(..found)?.iter().rposition(|b| !is_name(b)).map_or(0, |p| p + 1);
    let end = found + name.len() + rest.get(name.len()..)?.iter().position(|b| !is_name(b)).unwrap_or(rest.len() - name.len());
    Some((start..end, domain))
}

/// `[time,][part,[cpus,]]value,unit,event,run time,…`
fn csv_row(line: &[u8], delimiter: u8, event: core::ops::Range<usize>, domain: Component) -> Option<EnergyRow<'_>> {
    let before: Vec<&[u8]> = line.get(..event.start - 1)?.split(|b| *b == delimiter).map(<[u8]>::trim_ascii).collect();
    let (unit, before) = before.split_last()?;
    let (at, before) = time(before);
    // `--summary` writes that word where the time stands.
    let before = before.strip_prefix(&[b"summary".as_slice()]).unwrap_or(before);
    let (part, cpus, value) = part(before);
    let energy = match value {
        [value] => reading(value, unit, false)?,
        // A decimal comma beside commas between cells.
        [whole, fraction] if delimiter == b',' => reading(&[whole, b".".as_slice(), fraction].concat(), unit, false)?,
        _ => return None,
    };
    let rest = line.get(event.end..)?;
    let counted = rest.split(|b| *b == delimiter).nth(1).and_then(|ns| locale_number(ns, false, -3)).and_then(span);
    let counted = counted.map(|c| Span::from_micros(c.as_micros() / cpus.max(1)));
    Some(EnergyRow { at, part, domain, energy, counted, closed: !rest.is_empty() || ends_in_slash(line, &event) })
}

/// `    1.001130000    S0    1    78.02 Joules power/energy-pkg/   (100.00%)`
fn table_row(line: &[u8], event: core::ops::Range<usize>, domain: Component) -> Option<EnergyRow<'_>> {
    let mut words: Vec<&[u8]> = line.get(..event.start)?.split(|b| *b == b' ').filter(|w| !w.is_empty()).collect();
    let unit = words.pop_if(|w| !w.ends_with(b">")).unwrap_or(b"");
    let (at, words) = time(&words);
    let (part, _, value) = part(words);
    let energy = match value {
        [b"<not", b"supported>" | b"counted>"] => None,
        [value] => reading(value, unit, true)?,
        _ => return None,
    };
    let closed = line.len() > event.end || ends_in_slash(line, &event);
    Some(EnergyRow { at, part, domain, energy, counted: None, closed })
}

/// `{"interval" : 1.001, "socket" : "S0", "counter-value" : "62.11", "unit" : "Joules", "event" : "…", "event-runtime" : 1001, …}`
///
/// Fields are cut out by name: under a locale with a decimal comma, `perf` writes such numbers without quotes, which is no JSON.
fn json_row(line: &[u8], domain: Component) -> Option<EnergyRow<'_>> {
    if !line.ends_with(b"}") {
        return None;
    }
    let at = match field(line, b"interval") {
        Some(text) => Some(span(locale_number(text, false, 6)?)?),
        None => None,
    };
    let part = [&b"socket"[..], b"die", b"cluster", b"core", b"node", b"cache", b"cpu", b"thread"].iter().find_map(|key| field(line, key));
    let cpus = [&b"aggregate-number"[..], b"counters"].iter().find_map(|key| locale_number(field(line, key)?, false, 0)).unwrap_or(1);
    let energy = reading(field(line, b"counter-value")?, field(line, b"unit").unwrap_or(b""), false)?;
    let counted = field(line, b"event-runtime").and_then(|ns| locale_number(ns, false, -3)).and_then(span);
    let counted = counted.map(|c| Span::from_micros(c.as_micros() / i64::try_from(cpus).unwrap_or(1).max(1)));
    Some(EnergyRow { at, part: part.map(part_name), domain, energy, counted, closed: true })
}

fn field<'l>(line: &'l [u8], key: &[u8]) -> Option<&'l [u8]> {
    let mut rest = line;
    loop {
        let at = memchr::memmem::find(rest, key)?;
        let quoted = at > 0 && rest.get(at - 1) == Some(&b'"');
        let after = rest.get(at + key.len()..)?;
        if let (true, Some(value)) = (quoted, after.strip_prefix(b"\"")) {
            let value = value.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
            return match value.strip_prefix(b"\"") {
                Some(text) => text.get(..memchr::memchr(b'"', text)?).map(<[u8]>::trim_ascii),
                None => value.get(..memchr::memchr2(b',', b'}', value)?).map(<[u8]>::trim_ascii),
            };
        }
        rest = after;
    }
}

/// Energy in µJ of a cell: `Some(None)` where it says that there is none, `None` where it can't be read or has another unit.
fn reading(value: &[u8], unit: &[u8], grouped: bool) -> Option<Option<i64>> {
    if value.starts_with(b"<not ") {
        return Some(None);
    }
    if !unit.eq_ignore_ascii_case(b"Joules") {
        return None;
    }
    i64::try_from(locale_number(value, grouped, 6)?).ok().map(Some)
}

/// The time in front of an interval's row: always with a point and nine decimals, whatever the locale.
fn time<'w, 'l>(words: &'w [&'l [u8]]) -> (Option<Span>, &'w [&'l [u8]]) {
    let Some((first, rest)) = words.split_first() else {
        return (None, words);
    };
    let is_time = first.len() > 10
        && first.get(first.len() - 10) == Some(&b'.')
        && first.iter().enumerate().all(|(i, b)| b.is_ascii_digit() || i == first.len() - 10);
    match locale_number(first, false, 6).and_then(span) {
        Some(at) if is_time && !rest.is_empty() => (Some(at), rest),
        _ => (None, words),
    }
}

/// The part and the number of CPUs that `--per-socket` and its like put before the value, and the value's cells.
fn part<'w, 'l>(words: &'w [&'l [u8]]) -> (Option<Cow<'l, str>>, i64, &'w [&'l [u8]]) {
    match words {
        [name, value @ ..] if name.starts_with(b"CPU") => (Some(part_name(name)), 1, value),
        [name, cpus, value @ ..] if name.first().is_some_and(u8::is_ascii_alphabetic) => {
            (Some(part_name(name)), crate::units::decimal::parse_digits(cpus).unwrap_or(1), value)
        }
        value => (None, 1, value),
    }
}

/// `S1` is the kernel's `package-1`; other parts keep perf's name.
fn part_name(name: &[u8]) -> Cow<'_, str> {
    match name.split_first() {
        Some((b'S', number)) if !number.is_empty() && number.iter().all(u8::is_ascii_digit) => {
            Cow::Owned(alloc::format!("package-{}", encoding::text(number)))
        }
        _ => core::str::from_utf8(name).map_or_else(|_| Cow::Owned(encoding::text(name)), Cow::Borrowed),
    }
}

/// Lines without an energy event.
fn other(line: &[u8]) -> PerfLine<'_> {
    // Also where something stands before it: all below it is a mean over its runs.
    if let Some(rest) = memchr::memmem::find(line, HEADING).and_then(|at| line.get(at + HEADING.len()..)) {
        return PerfLine::Summary(runs(rest).unwrap_or(1));
    }
    let mut words = line.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty());
    let first = words.next().unwrap_or(b"");
    if memchr::memmem::find(line, b"seconds time elapsed").is_some() {
        return locale_number(first, false, 6).and_then(span).map_or(PerfLine::Torn, PerfLine::Elapsed);
    }
    // Joules of an event whose name was cut: what it was of is lost, and so is what a row holds that ends in its number or its unit.
    let separates = |b: &u8| b.is_ascii_whitespace() || matches!(b, b',' | b';');
    let named = line.split(separates).any(|word| word.iter().filter(|b| **b == b'/').count() > 1);
    let last = line.rsplit(separates).find(|word| !word.is_empty()).unwrap_or(b"");
    let in_joules = line.split(separates).any(|word| word == b"Joules") || b"Joules".starts_with(last);
    let is_reading = first.first().is_some_and(u8::is_ascii_digit);
    if is_reading && !named && (in_joules || !line.iter().any(u8::is_ascii_alphabetic)) {
        return PerfLine::Torn;
    }
    let is_event = first.first().is_some_and(|b| b.is_ascii_digit() || *b == b'<') || line.starts_with(b"{") || line.starts_with(b"S");
    if is_event { PerfLine::Other } else { PerfLine::Unknown }
}

/// The number in `'./train' (5 runs):`.
fn runs(text: &[u8]) -> Option<i64> {
    let inside = text.strip_suffix(b" runs):")?;
    let start = inside.iter().rposition(|b| *b == b'(')? + 1;
    crate::units::decimal::parse_digits(inside.get(start..)?).filter(|n| (1..=1_000_000).contains(n))
}

fn span(micros: i128) -> Option<Span> {
    i64::try_from(micros).ok().map(Span::from_micros)
}

fn ends_in_slash(line: &[u8], event: &core::ops::Range<usize>) -> bool {
    event.end.checked_sub(1).and_then(|last| line.get(last)) == Some(&b'/')
}

/// How a part is called in a note.
pub(super) fn describe(domain: Component, part: Option<&str>) -> String {
    match part {
        Some(part) => alloc::format!("{} of {part}", domain.label()),
        None => String::from(domain.label()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> EnergyRow<'_> {
        match parse(text.as_bytes()) {
            PerfLine::Energy(row) => row,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn rows_of_every_shape() {
        for (text, at_ms, part, energy_mj) in [
            ("     1.001200000,62.11,Joules,power/energy-pkg/,1001200000,100.00,,", Some(1001), None, Some(62_110)),
            ("     1.001200000,62,11,Joules,power/energy-pkg/,1001200000,100,00,,", Some(1001), None, Some(62_110)),
            ("     1.000500000;S1;1;79,0;Joules;power/energy-pkg/;1000500000;100,00;;", Some(1000), Some("package-1"), Some(79_000)),
            ("1.000500000,S0-D1,1,79.00,Joules,power/energy-pkg/,1000500000,100.00,,", Some(1000), Some("S0-D1"), Some(79_000)),
            ("1.000500000,CPU12,79.00,Joules,power/energy-pkg/,1000500000,100.00,,", Some(1000), Some("CPU12"), Some(79_000)),
            ("62.11,Joules,power/energy-pkg/,1001200000,100.00,,", None, None, Some(62_110)),
            ("62,11,Joules,power/energy-pkg/,1001200000,100,00,,", None, None, Some(62_110)),
            ("     1.001200000,<not supported>,Joules,power/energy-pkg/,0,100.00,,", Some(1001), None, None),
            ("     1.001130000              78.02 Joules power/energy-pkg/                     ", Some(1001), None, Some(78_020)),
            ("     1.001130000    <not supported> Joules power/energy-pkg/", Some(1001), None, None),
            ("     1.001130000    <not counted> power/energy-pkg/", Some(1001), None, None),
            ("     1.001130000 S0        1           1,078.02 Joules power/energy-pkg/", Some(1001), Some("package-0"), Some(1_078_020)),
            ("S1        1           1,078.02 Joules power/energy-pkg/  (50.00%)", None, Some("package-1"), Some(1_078_020)),
            ("        1.234.567,89 Joules power/energy-pkg/   ", None, None, Some(1_234_567_890)),
            (
                r#"{"interval" : 1.001200000, "socket" : "S0", "aggregate-number" : 1, "counter-value" : "62.110000", "unit" : "Joules", "event" : "power/energy-pkg/", "event-runtime" : 1001200000, "pcnt-running" : 100,00}"#,
                Some(1001),
                Some("package-0"),
                Some(62_110),
            ),
        ] {
            let found = row(text);
            assert_eq!(found.at.map(|t| t.as_micros() / 1000), at_ms, "{text}");
            assert_eq!(found.part.as_deref(), part, "{text}");
            assert_eq!(found.energy.map(|e| e / 1000), energy_mj, "{text}");
            assert_eq!(found.domain, Component::Cpu);
            assert!(found.closed, "{text}");
        }
        assert_eq!(row("62.11,Joules,power/energy-pkg/,1001200000,100.00,,").counted, Some(Span::from_micros(1_001_200)));
    }

    #[test]
    fn other_lines() {
        for (text, expected) in [
            ("# started on Thu Jun 12 14:03:21 2025", PerfLine::Started(b"Thu Jun 12 14:03:21 2025")),
            (" Performance counter stats for './train' (5 runs):", PerfLine::Summary(5)),
            (" Performance counter stats for 'system wide':", PerfLine::Summary(1)),
            ("     8012,345678901 seconds time elapsed", PerfLine::Elapsed(Span::from_micros(8_012_345_679))),
            ("   1.0023 +- 0.0012 seconds time elapsed  ( +-  0.12% )", PerfLine::Elapsed(Span::from_micros(1_002_300))),
            ("#           time             counts unit events", PerfLine::Other),
            ("         1,234,567      cycles                    #    1.2 GHz", PerfLine::Other),
            ("loss 0.1", PerfLine::Unknown),
            ("     1.001200000,62.11,Watts,power/energy-pkg/,1001200000,100.00,,", PerfLine::Torn),
            ("1.001200000,6x.11,Joules,power/energy-pkg/,1001200000,100.00,,", PerfLine::Torn),
            ("     1.001200000,62.11,Joules,power/en", PerfLine::Torn),
            ("     1.001200000;S0;1;62,11;Joules;pow", PerfLine::Torn),
            ("     1.001200000,62.11,Joules,power/", PerfLine::Torn),
            ("     1.001200000,62.11,Jou", PerfLine::Torn),
            ("     1.001200000,62.", PerfLine::Torn),
            ("     1.001130000              78.02 Joules pow", PerfLine::Torn),
            ("     1.001130000           1,234,567      cycles", PerfLine::Other),
            ("     1.001200000,62.11,Joules,power/energy-new/,1001200000,100.00,,", PerfLine::Other),
            (r#"{"interval" : 1.001200000, "counter-value" : "62.1", "unit" : "Joules", "event" : "power/energy-pkg/""#, PerfLine::Torn),
        ] {
            assert_eq!(parse(text.as_bytes()), expected, "{text}");
        }
    }
}
