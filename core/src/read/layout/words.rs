//! Words of logs: stamps on lines of their own, names, what a message shows of a line.

use alloc::format;
use alloc::string::String;

use crate::bounds;
use crate::decode::encoding;
use crate::note;
use crate::read::{Line, Reading, Row, SkipReason};
use crate::units::calendar::{Stamp, parse_stamp};

/// The stamp that a line is, as `date` prints it, or as a comment.
pub(super) fn stamp_of(line: &[u8]) -> Option<Stamp> {
    let line = line.trim_ascii();
    let Some(comment) = line.strip_prefix(b"#").map(<[u8]>::trim_ascii) else { return parse_stamp(line) };
    // Comments of Prometheus may hold numbers; `# scraped at 2025-06-12T14:03:21Z` says when.
    let words = [&b"scrape"[..], b"scraped", b"at", b"time"];
    let mut rest = comment;
    while let Some(after) = words.iter().find_map(|word| rest.strip_prefix(*word).filter(|after| after.starts_with(b" "))) {
        rest = after.trim_ascii_start();
    }
    parse_stamp(rest)
}

/// The name of a host that is given as an address to connect to; of one's own machine, nothing.
pub(super) fn without_port(host: &[u8]) -> Option<&[u8]> {
    // Addresses of IPv6 hold colons of their own.
    let is_port = |at: &usize| {
        let (name, port) = host.split_at(*at);
        (name.ends_with(b"]") || !name.contains(&b':')) && port.iter().skip(1).all(u8::is_ascii_digit)
    };
    let port = host.iter().rposition(|b| *b == b':').filter(is_port);
    let host = port.map_or(host, |at| host.get(..at).unwrap_or(host));
    (!matches!(host, b"localhost" | b"127.0.0.1" | b"[::1]" | b"")).then_some(host)
}

/// A name, no longer than names are kept.
pub(super) fn cut(mut name: String) -> String {
    let most = bounds::NAME_BYTES.value as usize;
    while name.len() > most {
        name.pop();
    }
    name
}

/// The beginning of a line, for a message.
pub(super) fn excerpt(text: &[u8]) -> String {
    encoding::text(text.trim_ascii()).chars().take(80).collect()
}

/// A record of JSON in which a name comes twice, and says two things: nothing tells which of them holds.
#[cold]
pub(in crate::read) fn said_twice(name: &[u8], line: Line<'_>, out: &mut Reading) -> Row {
    out.notes.add(&note::ROWS_TORN, "twice", Some(line.number).filter(|number| *number > 0), || {
        format!("\"{}\" comes twice in a record, and says two things", excerpt(name))
    });
    Row::Skipped(SkipReason::Torn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_without_their_ports() {
        for (host, name) in [
            ("node-a:9400", Some("node-a")),
            ("node-a", Some("node-a")),
            ("[2001:db8::1]:9100", Some("[2001:db8::1]")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("127.0.0.1:9100", None),
            ("localhost:9400", None),
        ] {
            assert_eq!(without_port(host.as_bytes()), name.map(str::as_bytes), "{host}");
        }
    }

    #[test]
    fn stamps_of_lines() {
        for line in [
            "2025-06-12T14:03:21Z",
            "# 2025-06-12T14:03:21Z",
            "# scraped at 2025-06-12T14:03:21Z",
            "# scrape 1749736999",
            "Thu Jun 12 14:03:21 2025",
        ] {
            assert!(stamp_of(line.as_bytes()).is_some(), "{line}");
        }
        for line in ["# HELP time 1749736999", "# TYPE a gauge", "scraped at 2025-06-12T14:03:21Z", ""] {
            assert!(stamp_of(line.as_bytes()).is_none(), "{line}");
        }
    }
}
