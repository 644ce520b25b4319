//! Markdown laid out as prettier does: tables aligned, single blank lines, nothing at line ends.
//!
//! Templates write a table without caring for widths, and leave a part out without caring for the blank lines around it.

use unicode_width::UnicodeWidthStr;

/// Lays out `text`; what stands in fenced code stays as it is.
pub(super) fn tidy(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut table: Vec<Vec<String>> = Vec::new();
    let mut fence: Option<String> = None;
    for line in text.lines() {
        let line = line.trim_end();
        if fence.is_none() && line.starts_with('|') && line.ends_with('|') && line.len() > 1 {
            table.push(cells(line));
            continue;
        }
        out.extend(align(&std::mem::take(&mut table)));
        let mark: String = line.chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if mark.len() >= 3 => fence = Some(mark),
            None if line.is_empty() && out.last().is_none_or(|last| last.is_empty()) => continue,
            None => {}
        }
        out.push(String::from(line));
    }
    out.extend(align(&table));
    while out.last().is_some_and(|last| last.is_empty()) {
        out.pop();
    }
    let mut text = out.join("\n");
    text.push('\n');
    text
}

/// Cells of a row; a bar behind a backslash is text.
fn cells(line: &str) -> Vec<String> {
    let inner = &line[1..line.len() - 1];
    let mut cells = vec![String::new()];
    let mut escaped = false;
    for c in inner.chars() {
        match c {
            '|' if !escaped => cells.push(String::new()),
            c => cells.last_mut().expect("there is a cell from the start on").push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    cells.iter().map(|cell| String::from(cell.trim())).collect()
}

fn align(rows: &[Vec<String>]) -> Vec<String> {
    let Some((head, delimiters)) = rows.first().zip(rows.get(1)).filter(|(_, second)| second.iter().all(|c| is_delimiter(c))) else {
        return rows.iter().map(|row| format!("| {} |", row.join(" | "))).collect();
    };
    let body = rows.iter().enumerate().filter(|(at, _)| *at != 1).map(|(_, row)| row);
    let mut widths = vec![3; head.len()];
    for row in body {
        widths.iter_mut().zip(row).for_each(|(width, cell)| *width = (*width).max(cell.width()));
    }
    let pad = |cell: &str, at: usize| {
        let (width, right) = (widths.get(at).copied().unwrap_or(3), delimiters.get(at).is_some_and(|d| d.ends_with(':')));
        let blank = " ".repeat(width.saturating_sub(cell.width()));
        if right { format!("{blank}{cell}") } else { format!("{cell}{blank}") }
    };
    let rule = |at: usize| {
        let dashes = "-".repeat(widths.get(at).copied().unwrap_or(3) - 1);
        if delimiters[at].ends_with(':') { format!("{dashes}:") } else { format!(":{dashes}") }
    };
    let mut lines = Vec::with_capacity(rows.len());
    for (number, row) in rows.iter().enumerate() {
        let cells: Vec<String> = match number {
            1 => (0..head.len().min(delimiters.len())).map(rule).collect(),
            _ => row.iter().enumerate().map(|(at, cell)| pad(cell, at)).collect(),
        };
        lines.push(format!("| {} |", cells.join(" | ")));
    }
    lines
}

fn is_delimiter(cell: &str) -> bool {
    let dashes = cell.trim_start_matches(':').trim_end_matches(':');
    !dashes.is_empty() && dashes.bytes().all(|b| b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_aligned_and_blank_lines_single() {
        let text = "\n\n# a  \n\n\n| x | n |\n|:--|--:|\n| a \\| b | 1 |\n| 日本 | 100 |\n\n\n```console\n| a |\n\n\nb\n```\n\n";
        let expected = "# a\n\n| x      |   n |\n| :----- | --: |\n| a \\| b |   1 |\n| 日本   | 100 |\n\n```console\n| a |\n\n\nb\n```\n";
        assert_eq!(tidy(text), expected);
        assert_eq!(tidy(expected), expected);
    }
}
