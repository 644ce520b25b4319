//! Lists on standard output, in columns.

use std::io::{self, Write};

use carbon_render::escape::visible;

/// Prints rows in columns as wide as they need; the last column runs free.
pub fn print<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> io::Result<()> {
    let mut width = header.map(|name| name.chars().count());
    for row in rows {
        for (width, cell) in width.iter_mut().zip(row) {
            *width = (*width).max(visible(cell).chars().count());
        }
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    let header = header.map(String::from);
    for row in std::iter::once(&header).chain(rows) {
        let mut line = String::new();
        for (i, cell) in row.iter().enumerate() {
            let cell = visible(cell);
            let padding = if i + 1 == N { 0 } else { width[i] - cell.chars().count() + 2 };
            line.push_str(&cell);
            line.push_str(&" ".repeat(padding));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    out.flush()
}

/// Whether every word of `search` is in one of `texts`, in any case.
pub fn matches(search: &[String], texts: &[&str]) -> bool {
    let texts: Vec<String> = texts.iter().map(|t| t.to_lowercase()).collect();
    search.iter().flat_map(|s| s.split_whitespace()).map(str::to_lowercase).all(|word| texts.iter().any(|t| t.contains(&word)))
}
