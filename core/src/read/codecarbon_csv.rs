//! CodeCarbon's `emissions.csv`, the files of its tasks, and the `.bak` files that it leaves behind: one row a run, or many.
//!
//! Columns are found by name, because every release has others and 3.1.0 to 3.2.3 drop the empty ones and move two to the end. Releases
//! 3.2.9 and 3.3.0 drop the empty cells of `region`, `longitude` and `latitude` from the rows but not from the header.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use memchr::memmem::Finder;

use super::codecarbon::{Column, ESSENTIAL, Record, RowOptions, Runs, declare, lost_run};
use super::open_quote::{Next, OpenQuote};
use super::{Evidence, Format, Head, Line, LocalClock, ReadBy, ReadOptions, Reader, Reading, Refusal, Row, SkipReason};
use crate::decode::cells::Cells;
use crate::decode::{encoding, quantity};
use crate::note;

/// CodeCarbon CSV.
pub static FORMAT: Format = Format {
    id: "codecarbon_csv",
    name: "CodeCarbon CSV",
    how_to_log: "python -c 'from codecarbon import EmissionsTracker' … tracker.start(); train(); tracker.stop()   (writes emissions.csv)",
    read_by: ReadBy::Code { most: 95, sniff, open },
};

/// A column that stands in every header and in no row.
const HEADER_WORD: &[u8] = b"energy_consumed";

/// A header further down stands after torn rows.
const LINES_TO_A_HEADER: usize = 50;

/// Columns whose empty cells 3.2.9 and 3.3.0 leave out of rows; coordinates go together.
const DROPPED: [&[Column]; 5] = [
    &[Column::Region, Column::Longitude, Column::Latitude],
    &[Column::Longitude, Column::Latitude],
    &[Column::Region],
    &[Column::Longitude],
    &[Column::Latitude],
];

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    let header = head.lines().take(LINES_TO_A_HEADER).find_map(Header::read)?;
    let known = header.columns.iter().flatten().count();
    let task = header.columns.contains(&Some(Column::TaskName));
    let what = if task { "CodeCarbon's for tasks" } else { "CodeCarbon's" };
    Some(Evidence { score: 95, reason: format!("{known} of {} columns are {what}", header.columns.len()) })
}

fn open(_: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    Ok(Box::new(Csv {
        header: None,
        runs: Runs::new(options),
        clock: LocalClock::new(options.zone.clone()),
        rows: RowOptions::of(options),
        cells: Cells::default(),
        open: OpenQuote::new(&options.bounds, lost_run),
        decimal_points: Vec::new(),
        last_cell: None,
        header_word: Finder::new(HEADER_WORD),
    }))
}

/// A header line: what each column is.
#[derive(Debug)]
struct Header {
    delimiter: u8,
    columns: Vec<Option<Column>>,
    /// The name that two columns have; the first of them counts.
    repeated: Option<String>,
}

/// Of two headers glued to one line nearly all names come twice.
const MOST_REPEATED: usize = 3;

impl Header {
    /// `None` where a line lacks one of the columns that every layout has.
    fn read(line: &[u8]) -> Option<Header> {
        memchr::memmem::find(line, HEADER_WORD)?;
        let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|d| memchr::memchr_iter(*d, line).count())?;
        let mut cells = Cells::default();
        let count = cells.split(line, delimiter);
        let (mut columns, mut repeated): (Vec<Option<Column>>, Vec<String>) = (Vec::with_capacity(count), Vec::new());
        for at in 0..count {
            let column = cells.cell(line, at).and_then(Column::named);
            let is_again = column.is_some() && columns.contains(&column);
            if is_again {
                repeated.push(cells.cell(line, at).map(encoding::text).unwrap_or_default());
            }
            columns.push(column.filter(|_| !is_again));
        }
        // A row that was glued to its header holds figures, a header names.
        let has_figures = (0..count).any(|at| cells.cell(line, at).is_some_and(|cell| quantity::float(cell.trim_ascii()).is_some()));
        let fits = repeated.len() <= MOST_REPEATED && !has_figures && ESSENTIAL.iter().all(|c| columns.contains(&Some(*c)));
        fits.then_some(Header { delimiter, columns, repeated: repeated.into_iter().next() })
    }

    /// The record of a row of `count` cells without the columns in `dropped`; `None` where the number of cells does not fit.
    fn record<'c>(&self, cells: &'c Cells, line: &'c [u8], dropped: &[Column]) -> Option<Record<'c>> {
        let mut record = Record::empty();
        let mut at = 0;
        let mut left_out = 0;
        for column in &self.columns {
            if column.is_some_and(|c| dropped.contains(&c)) {
                left_out += 1;
                continue;
            }
            let cell = cells.cell(line, at)?;
            if let Some(column) = column {
                record.set(*column, cell);
            }
            at += 1;
        }
        // Cells beyond the header must be empty: a glued row has more.
        let empty = (at..cells.len()).all(|i| cells.cell(line, i).is_some_and(<[u8]>::is_empty));
        (left_out == dropped.len() && empty).then_some(record)
    }

    /// The cells up to the country, which stand where they belong in ragged rows too.
    fn beginning<'c>(&self, cells: &'c Cells, line: &'c [u8]) -> Option<Record<'c>> {
        let end = self.columns.iter().position(|c| *c == Some(Column::CountryIsoCode))?;
        let mut record = Record::empty();
        for (at, column) in self.columns.iter().enumerate().take(end + 1) {
            let cell = cells.cell(line, at)?;
            if let Some(column) = column {
                record.set(*column, cell);
            }
        }
        Some(record)
    }
}

struct Csv {
    header: Option<Header>,
    runs: Runs,
    clock: LocalClock,
    rows: RowOptions,
    cells: Cells,
    /// A record whose quote is open.
    open: OpenQuote,
    /// A line whose decimal commas were replaced.
    decimal_points: Vec<u8>,
    /// The last cell of the row before.
    last_cell: Option<Vec<u8>>,
    /// Made once: every line is asked whether it is another header.
    header_word: Finder<'static>,
}

impl Reader for Csv {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        if line.text.trim_ascii().is_empty() {
            return Row::Structure;
        }
        if line.text.contains(&0) {
            lost_run(SkipReason::Binary, line.number, out);
            return Row::Skipped(SkipReason::Binary);
        }
        if self.header_word.find(line.text).is_some()
            && let Some(header) = Header::read(line.text)
        {
            if let Some(repeated) = &header.repeated {
                out.notes.add(&note::COLUMNS_REPEATED, "", Some(line.number), || format!("two columns are \"{repeated}\""));
            }
            self.header = Some(header);
            return Row::Structure;
        }
        if self.open.is_open() {
            // Rows that lack cells which some releases leave out are rows, too.
            let is_row = self.header.as_ref().is_some_and(|header| {
                let count = self.cells.split(line.text, header.delimiter);
                let is_whole = count == header.columns.len() || align(header, &self.cells, line.text, self.rows.as_logged()).is_some();
                is_whole && !self.cells.is_unclosed()
            });
            match self.open.next(line.text, is_row, out) {
                Next::Alone => {}
                Next::Taken(row) => return row,
                Next::Whole(text, number) => {
                    let row = self.row(Line { text: &text, number, ..line }, out);
                    let row = self.open.became(row, out);
                    if let Row::Skipped(reason) = row
                        && reason != SkipReason::OpenQuote
                    {
                        lost_run(reason, number, out);
                    }
                    return row;
                }
            }
        }
        self.record(line, out)
    }

    fn finish(&mut self, out: &mut Reading) {
        self.open.give_up(out);
        self.runs.finish(out);
    }
}

impl Csv {
    fn record(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        let row = self.row(line, out);
        if row == Row::Skipped(SkipReason::Torn) && self.cells.is_unclosed() && !self.open.is_open() {
            return self.open.begin(line);
        }
        if let Row::Skipped(reason) = row {
            lost_run(reason, line.number, out);
        }
        if row == Row::Skipped(SkipReason::Torn) {
            out.notes.add(&note::ROWS_TORN, "", Some(line.number), || {
                let cells = self.cells.len();
                let columns = self.header.as_ref().map_or(0, |h| h.columns.len());
                match cells == columns {
                    true => String::from("a row holds cells that its columns cannot hold"),
                    false => format!("a row has {cells} cells, the header {columns} columns"),
                }
            });
        }
        row
    }

    fn row(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        let Some(header) = &self.header else {
            return Row::Skipped(SkipReason::Torn);
        };
        let text = if header.delimiter == b',' {
            line.text
        } else {
            self.decimal_points.clear();
            self.decimal_points.extend(line.text.iter().map(|b| if *b == b',' { b'.' } else { *b }));
            &self.decimal_points
        };
        let count = self.cells.split(text, header.delimiter);
        if self.cells.is_unclosed() {
            return Row::Skipped(if line.unterminated { SkipReason::LastLineCut } else { SkipReason::Torn });
        }
        let Some((record, realigned)) = align(header, &self.cells, text, self.rows.as_logged()) else {
            return Row::Skipped(if line.unterminated { SkipReason::LastLineCut } else { SkipReason::Torn });
        };
        let last = self.cells.cell(text, count.saturating_sub(1)).unwrap_or(&[]);
        if line.unterminated && !ends_whole(header, last, self.last_cell.as_deref()) {
            return Row::Skipped(SkipReason::LastLineCut);
        }
        match declare(&record, line.number, &mut self.clock, &self.rows) {
            Ok(mut candidate) => {
                if realigned {
                    candidate.realigned();
                }
                self.last_cell = Some(last.to_vec());
                self.runs.add(candidate, out)
            }
            Err(reason) => Row::Skipped(reason),
        }
    }
}

/// The record of a row, and whether cells had to be put back.
fn align<'c>(header: &Header, cells: &'c Cells, line: &'c [u8], as_logged: bool) -> Option<(Record<'c>, bool)> {
    if cells.len() >= header.columns.len() {
        return header.record(cells, line, &[]).map(|record| (record, false));
    }
    let missing = header.columns.len() - cells.len();
    if as_logged && missing <= 3 {
        return header.beginning(cells, line).map(|record| (record, false));
    }
    DROPPED
        .iter()
        .filter(|dropped| dropped.len() == missing)
        .filter_map(|dropped| header.record(cells, line, dropped))
        .find(Record::is_plausible)
        .map(|record| (record, true))
}

/// Whether a last line without an end has lost nothing that counts: its last cell is there, and is a word, is not read, or is a PUE as
/// in the row before (or CodeCarbon's default).
fn ends_whole(header: &Header, last: &[u8], before: Option<&[u8]>) -> bool {
    match header.columns.last().copied().flatten() {
        Some(Column::OnCloud) => matches!(last, b"Y" | b"N"),
        Some(Column::TrackingMode) => matches!(last, b"machine" | b"process"),
        Some(Column::Pue) => last == b"1.0" || (!last.is_empty() && before == Some(last)),
        Some(Column::Wue) | None => !last.is_empty(),
        Some(Column::CloudRegion | Column::CloudProvider) => true,
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::FileReader;

    const C2C: &str = "timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,\
        ram_energy,energy_consumed,country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,codecarbon_version,\
        cpu_count,cpu_model,gpu_count,gpu_model,longitude,latitude,ram_total_size,tracking_mode,on_cloud,pue\n";

    fn read(text: &str) -> Reading {
        let mut reader = FileReader::new(ReadOptions::default());
        reader.push(text.as_bytes());
        reader.finish()
    }

    fn row(pue: &str) -> String {
        format!(
            "2024-05-05T04:04:43,Test,7e24a2c5-1111-4222-8333-444455556666,3600,0.11,0.00003,112.5,300,10,0.1125,0.3,0.01,0.4225,,,,,,Linux,\
             3.10.12,2.3.3,128,AMD EPYC 7713,8,8 x NVIDIA A40,7.0412,50.7088,503.71,machine,N,{pue}"
        )
    }

    #[test]
    fn a_last_row_without_an_end() {
        assert_eq!(read(&format!("{C2C}{}", row("1.0"))).rows.used, 1);
        let cut = read(&format!("{C2C}{}", row("1.")));
        assert_eq!(cut.rows.skipped.get(&SkipReason::LastLineCut).map(|s| s.0), Some(1));
        assert!(cut.declared.is_empty());
    }

    #[test]
    fn energies_without_pue() {
        let reading = read(&format!("{C2C}{}\n", row("1.25")));
        let [declared] = reading.declared.as_slice() else { panic!("one run") };
        let kwh: Vec<f64> = declared.parts.iter().map(|part| part.energy.as_kwh()).collect();
        assert_eq!(kwh, [0.09, 0.24, 0.008]);
        assert_eq!(declared.pue, Some(1.25));
        assert_eq!(declared.parts.get(1).and_then(|part| part.count), Some(8));
        assert_eq!(declared.hardware_key, "AMD EPYC 7713|128|8 x NVIDIA A40|8|503.71 GiB");
    }

    #[test]
    fn semicolons_and_decimal_commas() {
        let text = format!("{}{}\n", C2C.replace(',', ";"), row("1.0").replace(',', ";").replace('.', ","));
        let reading = read(&text);
        assert_eq!(reading.declared.first().and_then(|d| d.energy_as_logged).map(|e| e.as_kwh()), Some(0.4225));
    }

    #[test]
    fn tables_of_others() {
        for text in ["timestamp,power\n2024-05-05T04:04:43,3\n", "emissions,energy_consumed\n1,2\n", "{\"energy_consumed\":1}\n"] {
            let head = Head::new(text.as_bytes(), true);
            assert!(sniff(&head).is_none(), "{text}");
        }
    }
}
