//! Every bound on what is read, in one table: its name, how much, of what, and what becomes of what lies beyond. `--limits` and `docs/limits.md` are
//! made from it, and the code asks the same rows. What loses something says so where it happens, as a warning with the bound's name.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// A bound.
#[derive(Debug, PartialEq, Eq)]
pub struct Bound {
    /// Stable name.
    pub name: &'static str,
    /// How much, where nothing else is said.
    pub value: u64,
    /// Of what.
    pub of: &'static str,
    /// What becomes of what lies beyond.
    pub beyond: &'static str,
    /// What to do where `--limit NAME=N` does not raise it.
    pub fixed: Option<&'static str>,
}

macro_rules! bounds {
    ($($constant:ident = $name:literal, $value:expr, $of:literal, $beyond:literal $(, $fixed:literal)?;)*) => {
        $(#[doc = $of] pub static $constant: Bound = Bound {
            name: $name, value: $value, of: $of, beyond: $beyond, fixed: bounds!(@fixed $($fixed)?),
        };)*
        /// Every bound, by name.
        pub static BOUNDS: &[&Bound] = &[$(&$constant),*];
    };
    (@fixed) => { None };
    (@fixed $fixed:literal) => { Some($fixed) };
}

bounds! {
    COLUMNS = "columns", 4_096, "columns of a home-made table", "the table is not used, and an error says so";
    DEPTH = "depth", 64, "folders inside folders", "deeper folders are not read, and a warning says so";
    DEVICES = "devices", 65_536, "devices of one log", "rows of further devices are left out under a reason of their own, and a warning says so";
    DOCUMENT_BYTES = "document-bytes", 1 << 20, "bytes of one BoAmps document", "the document is not used, and an error says so", "give the tool's table of the run instead";
    EARLY_RECORDS = "early-records", 1_024, "records of the machine in a sampler log that stand before others with lower numbers", "no energy is lost: the numbers of further ones count as those of lost records, and a warning says so";
    FILES = "files", 1_000_000, "files of all folders together", "the run ends with an error";
    GROUP_BYTES = "group-bytes", 256 << 20, "unpacked bytes that the columns of a Parquet table need at once", "the table is not used, and an error says so";
    HEAD_BYTES = "head-bytes", 64 << 10, "bytes of a file that decide its format; up to 1 MiB where they are fewer than 16 lines or rows, or a few rounds of devices that nothing else tells apart", "later rows are read as what the beginning says, and left out under a reason where they are not; of a file that it does not name, a note says how much was looked at", "put the header and the first rows at the beginning";
    HEADER_LINES = "header-lines", 20, "lines that are not blank up to a table's header", "the table counts as one without a header, and an error says so", "delete the lines before the header, or name the columns with `--columns`";
    INTENSITY_POINTS = "intensity-points", 1_000_000, "steps of one file of carbon intensities", "further steps are left out under a reason of their own, and a warning says so";
    JSON_DEPTH = "json-depth", 32, "JSON objects inside each other", "deeper ones are left out, and a warning says so", "give the tool's table of the run instead";
    LINE_BYTES = "line-bytes", 1 << 20, "bytes of one line", "the line is left out under a reason of its own, and a warning says so";
    NAME_BYTES = "name-bytes", 256, "bytes of the name of a device", "names are cut and end in the number of the device in the log, and a warning says so", "shorten the names";
    PLACES = "places", 4_096, "rows of a round that nothing but their order tells apart", "they count as rows of one device, the interval holds as many devices, and a warning says so", "log the index or the uuid as well";
    QUOTE_BYTES = "quote-bytes", 64 << 10, "bytes of one record whose cells hold line ends", "its lines are left out under a reason of their own, and a warning says so";
    QUOTE_LINES = "quote-lines", 16, "lines of one record whose cells hold line ends", "they are left out under a reason of their own, and a warning says so";
    RATIO = "ratio", 200, "unpacked bytes for one packed byte, once a file has unpacked to 64 MiB", "the file is not read further, and an error says so";
    RECORD_BYTES = "record-bytes", 1 << 20, "bytes of one JSON object, without the objects inside", "the object is left out, and a warning says so", "give the tool's table of the run instead";
    RECORD_HOLES = "record-holes", 262_144, "places in a sampler log where numbers of records are missing", "later records of those numbers are left out as repeated, and a warning says so";
    RECORDINGS = "recordings", 4_096, "recordings of one device in one file", "nothing is lost: further ones count, and are told apart no longer; a note says so", "give each run a file of its own";
    RUNS = "runs", 1_000, "runs, activities, devices, files, decisions and findings of a kind that a report lists one by one", "nothing is lost: the others stand in sums by kind", "give the logs of each group apart";
    SETTINGS_BYTES = "settings-bytes", 1 << 20, "bytes of a settings file", "the run ends with an error", "take out what is not needed";
    SETTINGS_HOSTS = "settings-hosts", 4_096, "hosts of a settings file that was found beside logs", "the run ends with an error", "name the file with `--config`";
    SETTINGS_PATTERN_BYTES = "settings-pattern-bytes", 256 << 10, "bytes of all such patterns together", "the run ends with an error", "name the file with `--config`";
    SETTINGS_PATTERNS = "settings-patterns", 4_096, "patterns of the logs of hosts in a settings file that was found beside logs", "the run ends with an error", "name the file with `--config`";
    SETTINGS_PHASES = "settings-phases", 256, "phases of a settings file that was found beside logs", "the run ends with an error", "name the file with `--config`";
    SETTINGS_PLACES = "settings-places", 256, "places to compare with of a settings file that was found beside logs", "the run ends with an error", "name the file with `--config`";
    SETTINGS_TABLE_BYTES = "settings-table-bytes", 1 << 20, "bytes of all tables of factors together that a settings file found beside logs names", "the run ends with an error", "name the file with `--config`";
    SETTINGS_TABLES = "settings-tables", 16, "tables of factors of a settings file that was found beside logs", "the run ends with an error", "name the file with `--config`";
    SLURM_NODES = "slurm-nodes", 1 << 18, "nodes that the steps of one Slurm job name together, or parts of them that each of the steps takes", "each list of nodes counts as one node, the interval holds the steps at one time and place, and a warning says so", "let `sacct` write the energy of the job itself";
    STORE_COPY_BYTES = "store-copy-bytes", 1 << 30, "bytes of an open database and of what lies beside it, which are copied to be read together", "the database is not read, and an error says so";
    STORE_RUNS = "store-runs", 512, "runs of one Parquet table whose rows stand between each other", "rows that come later of the run that was met longest ago are left out, and a warning says so";
    STREAM_COPY_BYTES = "stream-copy-bytes", 1 << 30, "bytes of standard input that are kept in a temporary file until its rows are known to be in order", "rows that are out of order count as they stand, the interval holds the highest power throughout, and a warning says so";
    SUMMARIES = "summaries", 1 << 20, "summaries of `perf stat` in one log, which are looked through for copies", "further ones are left out under a reason of their own, and a warning says so";
    UNPACKED_BYTES = "unpacked-bytes", 1 << 40, "unpacked bytes of one compressed file", "the file is not read further, and an error says so";
    VECTOR_BYTES = "vector-bytes", 1 << 16, "bytes of one reading of carbontracker", "the reading is left out, and a warning says so", "log the devices in several runs";
    WAITING_ROWS = "waiting-rows", 65_536, "rows of a document that wait for what stands behind them and says what they are", "further ones are left out under a reason of their own, and a warning says so";
    WRITERS = "writers", 64, "machines that write into one file under one name of a device", "they count as one device, the interval holds as many, and a warning says so", "let each machine write a file of its own";
    XZ_BYTES = "xz-bytes", 128 << 20, "bytes of memory that unpacking an xz file asks for; its highest level asks for half as much", "the file is not read further, and an error says so";
    ZONES = "zones", 4_096, "RAPL zones of one log", "further zones are left out under a reason of their own, and a warning says so", "log the zones of each package apart";
    ZSTD_WINDOW_BYTES = "zstd-window-bytes", 100 << 20, "bytes of the window of a zstd file; without `--long` it has 8 MiB", "the file is not read further, and an error says so";
}

/// The bounds of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    set: Vec<(&'static str, u64)>,
}

impl Bounds {
    /// How much of it there may be.
    pub fn of(&self, bound: &Bound) -> u64 {
        self.set.iter().find(|(name, _)| *name == bound.name).map_or(bound.value, |(_, value)| *value)
    }

    /// The same as a number of things in memory.
    pub fn count(&self, bound: &Bound) -> usize {
        usize::try_from(self.of(bound)).unwrap_or(usize::MAX)
    }

    /// Sets one from `NAME=N`.
    ///
    /// ```
    /// use carbon_core::bounds::{Bounds, DEPTH};
    /// let mut bounds = Bounds::default();
    /// bounds.set("depth=3").unwrap();
    /// assert_eq!(bounds.of(&DEPTH), 3);
    /// assert!(bounds.set("depth=deep").is_err());
    /// assert!(bounds.set("head-bytes=1").is_err());
    /// ```
    ///
    /// # Errors
    /// In words for people, where it names none that can be set, or no whole number.
    pub fn set(&mut self, text: &str) -> Result<(), String> {
        let known = || {
            let names: Vec<&str> = BOUNDS.iter().filter(|bound| bound.fixed.is_none()).map(|bound| bound.name).collect();
            format!("expected one of {} with a whole number, for example `depth=100`", names.join(", "))
        };
        let (name, value) = text.split_once('=').ok_or_else(known)?;
        let value: u64 = value.trim().parse().map_err(|_| known())?;
        let bound = BOUNDS.iter().find(|bound| bound.name == name.trim() && bound.fixed.is_none()).ok_or_else(known)?;
        self.set.retain(|(name, _)| *name != bound.name);
        self.set.push((bound.name, value));
        Ok(())
    }

    /// The same with one set.
    ///
    /// # Errors
    /// As [`Bounds::set`].
    pub fn with(mut self, text: &str) -> Result<Self, String> {
        self.set(text)?;
        Ok(self)
    }

    /// What a message says of a bound that was reached: how much, of what, and its name.
    pub fn reached(&self, bound: &Bound) -> String {
        format!("more than {} {} (limit `{}`)", self.of(bound), bound.of, bound.name)
    }

    /// How it is raised.
    pub fn hint(&self, bound: &Bound) -> String {
        match bound.fixed {
            Some(advice) => String::from(advice),
            None => format!("`--limit {}={}` reads twice as much", bound.name, self.of(bound).saturating_mul(2)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_each_can_be_raised_or_says_what_to_do() {
        assert!(BOUNDS.windows(2).all(|pair| matches!(pair, [a, b] if a.name < b.name)));
        for bound in BOUNDS {
            let set = Bounds::default().with(&format!("{}=7", bound.name));
            assert_eq!(set.is_ok(), bound.fixed.is_none(), "{}", bound.name);
            let bounds = set.unwrap_or_default();
            assert!(bounds.hint(bound).contains(bound.fixed.unwrap_or("=14`")) && bounds.reached(bound).contains(bound.name));
        }
    }
}
