//! Log bytes in, a [`Reading`] out: one file a format, one line in [`FORMATS`].
//!
//! A host pushes a file's bytes into a [`FileReader`], in chunks of any size. The first [`HEAD_BYTES`] decide the format, from content
//! alone; from then on rows are read as they come and nothing of the file is kept.

mod about_run;
mod boamps_json;
pub mod carbon_report_jsonl;
mod carbontracker;
mod carbontracker_log;
mod clock;
mod clock_face;
mod codecarbon;
mod codecarbon_csv;
mod codecarbon_json;
mod counts;
mod declared;
mod electricity_maps_csv;
mod experiment_impact_tracker_json;
mod file;
mod fingerprint;
mod foreign;
mod formats;
mod generic_csv;
mod generic_json;
mod in_order;
mod intensity_csv;
mod intensity_series;
mod intensity_steps;
mod intensity_table;
mod larger_total;
pub mod layout;
mod local_clock;
mod lost_rows;
mod nvidia_smi_csv;
mod open_quote;
mod perf_stat;
mod powercap;
mod powerjoular;
mod printed;
mod python_pickle;
mod reading;
mod repeated;
mod row_clock;
mod rows;
mod sampled_table;
mod second_sampler;
mod slurm_sacct;
mod strays;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

pub use clock::Clock;
pub(crate) use declared::OF_ROW;
pub use declared::{Declared, DeclaredKind, DeclaredPart, Epoch, JobState, OfferedRepair, Place, Scope};
pub use file::{FileReader, RangePart};
pub use foreign::{is_own_document, note_foreign};
pub use formats::FORMATS;
pub use intensity_series::{IntensityPoint, IntensitySeries};
pub use layout::Layout;
pub use local_clock::{LocalClock, ZoneTransitions, instant};
pub use reading::{Allotted, Aside, ChannelId, Doubt, JobDevices, Mark, Reading, Rounds};
pub use rows::{RowAccount, SkipReason};
pub(crate) use sampled_table::{COLUMN_ROLES, is_column_role};
pub(crate) use slurm_sacct::node_names;

use crate::bounds::Bounds;
pub use crate::decode::head::{HEAD_BYTES, Head};
use crate::note::Code;
use crate::units::{Instant, Power, Span};

/// A log format: what it is called, how such a log is made, how it is recognised, how it is read.
pub struct Format {
    /// Stable public id: producer, then shape (`nvidia_smi_csv`).
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// A command that writes such a log, or where it comes from.
    pub how_to_log: &'static str,
    /// How it is recognised and read.
    pub read_by: ReadBy,
}

/// How a format is recognised and read.
// Formats are statics, and nothing moves them.
#[allow(clippy::large_enum_variant)]
pub enum ReadBy {
    /// By code of its own.
    Code {
        /// No file is surer to be of it than this.
        most: u8,
        /// Recognises the format by the head of a file.
        sniff: fn(&Head<'_>) -> Option<Evidence>,
        /// Opens a reader, which is then given every line from the first, or refuses with what to do.
        open: fn(&Head<'_>, &ReadOptions) -> Result<Box<dyn Reader>, Refusal>,
    },
    /// By what its fields mean.
    Layout(Layout),
}

impl core::fmt::Debug for Format {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.id)
    }
}

impl Format {
    /// How sure it is that a file of this head is of the format.
    pub fn sniff(&'static self, head: &Head<'_>) -> Option<Evidence> {
        match &self.read_by {
            ReadBy::Code { sniff, .. } => sniff(head),
            ReadBy::Layout(layout) => layout.sniff(head),
        }
    }

    /// No file is surer to be of it than this.
    fn most(&self) -> u8 {
        match &self.read_by {
            ReadBy::Code { most, .. } => *most,
            ReadBy::Layout(_) => layout::MOST,
        }
    }

    /// How sure it is by the name of a file that says nothing of itself.
    fn sniff_named(&'static self, head: &Head<'_>, options: &ReadOptions) -> Option<Evidence> {
        match &self.read_by {
            ReadBy::Code { .. } => None,
            ReadBy::Layout(layout) => layout.sniff_named(head, options),
        }
    }

    /// Whether a file is none of its logs by the folder that it lies in, whatever its rows look like.
    fn is_aside(&self, head: &Head<'_>, options: &ReadOptions) -> bool {
        matches!(&self.read_by, ReadBy::Layout(layout) if layout.is_aside(head, options))
    }

    /// Whether a file of its logs is a run of its own, which goes on from no other: a host knows that, or the name says it.
    pub(crate) fn is_run(&self, options: &ReadOptions) -> bool {
        options.is_run || matches!(&self.read_by, ReadBy::Layout(layout) if layout.is_run(options))
    }

    /// Opens a reader.
    pub(crate) fn open(&'static self, head: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
        match &self.read_by {
            ReadBy::Code { open, .. } => open(head, options),
            ReadBy::Layout(layout) => layout.open(head, options),
        }
    }
}

/// How sure a format is, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// 1 to 100; two formats with the same score are an error that names both. As a guide: 90 a unique signature, 60 typical columns,
    /// 30 a table that can be made sense of.
    pub score: u8,
    /// What was recognised: `6 of 6 columns are nvidia-smi's`.
    pub reason: String,
}

/// Why a recognised file cannot be used.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Note code.
    pub code: &'static Code,
    /// Line, where one is to blame.
    pub line: Option<u64>,
    /// What was found and expected; lower case, no full stop.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// What the host knows and a log may lack.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The file's own name, without folders: what it says of a table's columns is an assumption, where they do not say it.
    pub file_name: Option<String>,
    /// The folders above it, as far as the host knows them.
    pub folders: Vec<String>,
    /// `--interval`: time between samples of logs without a clock.
    pub interval: Option<Span>,
    /// `--tz`: offsets of the zone of local stamps.
    pub zone: Option<ZoneTransitions>,
    /// `--from`: earlier samples are left out.
    pub from: Option<Instant>,
    /// `--to`: later samples are left out.
    pub to: Option<Instant>,
    /// `--columns`: what each column of a table is, in order.
    pub columns: Option<Vec<String>>,
    /// `--tdp`: rated power of a GPU, to estimate from its load what a log without power does not say.
    pub tdp: Option<Power>,
    /// `--memory`: memory that the job had, GB, where a tracker models that of the whole host.
    pub memory_gb: Option<f64>,
    /// `--as-logged`: no repairs.
    pub as_logged: bool,
    /// `--limit`: how much is read.
    pub bounds: Bounds,
    /// `--formats`: formats of the user's, which go before ours.
    pub formats: Vec<&'static Format>,
    /// The file is a run of its own, which goes on from no other: a host knows that of what it took out of a store of runs.
    pub is_run: bool,
}

/// What packers put behind a name.
const PACKED: [&str; 6] = [".gz", ".zst", ".zstd", ".xz", ".bz2", ".lz4"];

impl ReadOptions {
    /// The same for the file at `path`; a packed file is called as what is in it.
    pub fn of_file(&self, path: &str) -> Self {
        let mut folders: Vec<String> = path.split(['/', '\\']).map(String::from).collect();
        let name = folders.pop().unwrap_or_default();
        let plain = PACKED.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
        Self { file_name: Some(plain.into()), folders, ..self.clone() }
    }
}

/// One line of a file, without its end.
#[derive(Clone, Copy, Debug)]
pub struct Line<'l> {
    /// UTF-8 as far as the log is; invalid bytes are the reader's to skip.
    pub text: &'l [u8],
    /// Counted from 1.
    pub number: u64,
    /// Whether the file ends here without a line end: such a line may be cut, and a cut number looks like a smaller one.
    pub unterminated: bool,
}

impl<'l> Line<'l> {
    /// The lines between two line feeds: several where a log was put together of parts whose line ends differ, and without the byte order mark that stood
    /// at the head of such a part.
    #[inline]
    pub(crate) fn all_of(text: &'l [u8], number: u64, unterminated: bool) -> impl Iterator<Item = Line<'l>> {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        let end = text.iter().rposition(|byte| *byte != b'\r').map_or(0, |last| last + 1);
        let mut rest = text.get(..end);
        core::iter::from_fn(move || {
            let text = rest.take()?;
            let end = memchr::memchr(b'\r', text);
            rest = end.and_then(|end| text.get(end + 1..));
            let text = end.and_then(|end| text.get(..end)).unwrap_or(text);
            Some(Line { text: text.strip_prefix(MARK).unwrap_or(text), number, unterminated: unterminated && rest.is_none() })
        })
    }
}

impl Line<'_> {
    /// How many bytes of text it takes the place of, where it is none: after a crash, in another encoding than the lines before, of a packed file.
    fn binary_bytes(&self) -> u64 {
        // What ends a document may be a NUL, which then stands before the first line of the next one.
        let text = self.text.strip_prefix(&[0]).unwrap_or(self.text);
        let is_control = |byte: &u8| byte.is_ascii_control() && !b"\t\r\x07\x08\x0c\x1b".contains(byte);
        if memchr::memchr(0, text).is_none() && (core::str::from_utf8(text).is_ok() || !text.iter().any(is_control)) {
            return 0;
        }
        // In UTF-16, a letter takes two.
        let is_nul = |first: usize| text.iter().skip(first).step_by(2).all(|byte| *byte == 0);
        let is_wide = is_nul(0) != is_nul(1);
        (text.len() as u64).div_ceil(if is_wide { 2 } else { 1 })
    }
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A row that counted.
    Used,
    /// A header, comment, blank line or other part of the format that is no row.
    Structure,
    /// A row that did not count.
    Skipped(SkipReason),
}

/// A format at work on one file: line by line, in order.
pub trait Reader: Send {
    /// Reads one line.
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row;

    /// Takes a piece of a line that is longer than a log line can be, for formats that do not read by lines; `false` where the line is to be skipped. The line's
    /// last piece is followed by an empty [`line`](Self::line).
    fn piece(&mut self, _piece: &[u8], _number: u64, _out: &mut Reading) -> bool {
        false
    }

    /// Whether more of the file would tell more of how it is to be read than the head did: then it is opened anew, with a longer head.
    fn head_is_short(&self) -> bool {
        false
    }

    /// Ends the file.
    fn finish(&mut self, _out: &mut Reading) {}

    /// Whether most lines may be none of its rows: nothing is looked for among them.
    fn is_among_others(&self) -> bool {
        false
    }

    /// A reader for a later range of the same file, when what was read so far (the header) is all that it needs to know.
    ///
    /// `None` where a row's meaning depends on rows before it. A reader that forks and then meets such a row anyway says so by
    /// [`Reading::mark_irregular`], and the file is read again in one pass.
    fn fork(&self) -> Option<Box<dyn Reader>> {
        None
    }

    /// Reads a line that was put together, and its end. For formats that read lines faster which are like those before.
    fn made_line(&mut self, ended: &[u8], number: u64, out: &mut Reading) -> Row {
        self.line(Line { text: ended.strip_suffix(b"\n").unwrap_or(ended), number, unterminated: false }, out)
    }

    /// Reads whole lines at once; `first` is the number of the first one. For formats that scan faster than line by line.
    fn block(&mut self, lines: &[u8], first: u64, out: &mut Reading) -> u64 {
        let mut number = first;
        for end in memchr::memchr_iter(b'\n', lines).scan(0, |start, end| {
            let line = lines.get(*start..end);
            *start = end + 1;
            line
        }) {
            for line in Line::all_of(end, number, false) {
                let row = self.line(line, out);
                out.account_line(row, line);
            }
            number += 1;
        }
        number - first
    }
}
