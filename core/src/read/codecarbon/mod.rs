//! What CodeCarbon's files have in common: named columns, rows that are running totals of a run, and the known defects of its releases.

mod boamps;
mod components;
mod declare;
mod repairs;
mod runs;

pub(super) use boamps::BoAmps;
pub(super) use declare::{declare, lost_run};
pub(super) use runs::Runs;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::decode::encoding;
use crate::decode::quantity;
use crate::note::Code;
use crate::read::{Clock, Declared, ReadOptions};
use crate::units::{Energy, Instant, Power, Span, decimal};

macro_rules! columns {
    ($($variant:ident = $name:literal,)*) => {
        /// A column that is read; CodeCarbon's further columns are known but hold nothing that counts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Column {
            $(#[doc = $name] $variant,)*
        }

        impl Column {
            /// Number of columns.
            const COUNT: usize = [$(Column::$variant,)*].len();

            /// Its name.
            pub(super) const fn name(self) -> &'static str {
                match self {
                    $(Column::$variant => $name,)*
                }
            }

            /// The column of this name.
            pub(super) fn named(name: &[u8]) -> Option<Column> {
                match name {
                    $(name if name == $name.as_bytes() => Some(Column::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

columns! {
    CloudProvider = "cloud_provider",
    CloudRegion = "cloud_region",
    CodecarbonVersion = "codecarbon_version",
    CountryIsoCode = "country_iso_code",
    CountryName = "country_name",
    CpuCount = "cpu_count",
    CpuEnergy = "cpu_energy",
    CpuModel = "cpu_model",
    CpuPower = "cpu_power",
    Duration = "duration",
    Emissions = "emissions",
    EmissionsRate = "emissions_rate",
    EnergyConsumed = "energy_consumed",
    ExperimentId = "experiment_id",
    GpuCount = "gpu_count",
    GpuEnergy = "gpu_energy",
    GpuModel = "gpu_model",
    GpuPower = "gpu_power",
    Latitude = "latitude",
    Longitude = "longitude",
    OnCloud = "on_cloud",
    Os = "os",
    ProjectName = "project_name",
    Pue = "pue",
    RamEnergy = "ram_energy",
    RamPower = "ram_power",
    RamTotalSize = "ram_total_size",
    Region = "region",
    RunId = "run_id",
    TaskName = "task_name",
    Timestamp = "timestamp",
    TrackingMode = "tracking_mode",
    Wue = "wue",
}

/// The columns without which no energy of a run is known.
pub(super) const ESSENTIAL: [Column; 4] = [Column::Timestamp, Column::Duration, Column::Emissions, Column::EnergyConsumed];

/// Stamps are cut to whole seconds.
const STAMPS: Span = Span::from_seconds(1);

/// One row or JSON record: the text of every column, empty where it has none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'r> {
    cells: [&'r [u8]; Column::COUNT],
}

impl<'r> Record<'r> {
    /// A record without values.
    pub(super) fn empty() -> Self {
        Self { cells: [&[]; Column::COUNT] }
    }

    /// Sets a value.
    pub(super) fn set(&mut self, column: Column, text: &'r [u8]) {
        if let Some(cell) = self.cells.get_mut(column as usize) {
            *cell = text.trim_ascii();
        }
    }

    /// The text; empty where there is none.
    pub(super) fn get(&self, column: Column) -> &'r [u8] {
        self.cells.get(column as usize).copied().unwrap_or(&[])
    }

    /// The text, where there is one.
    fn text(&self, column: Column) -> Option<String> {
        let cell = self.get(column);
        (!cell.is_empty() && cell != b"None" && cell != b"nan").then(|| encoding::text(cell))
    }

    fn float(&self, column: Column) -> Option<f64> {
        quantity::float(self.get(column))
    }

    fn power(&self, column: Column) -> Option<Power> {
        decimal::parse_scaled_i64(self.get(column), 6).ok().filter(|w| *w > 0).map(Power::from_microwatts)
    }

    /// A number of things; pandas turns `2` into `2.0` where other rows have none.
    fn count(&self, column: Column) -> Option<u32> {
        decimal::parse_scaled_i64(self.get(column), 0).ok().and_then(|n| u32::try_from(n).ok())
    }

    /// Whether every cell holds what its column can hold: a row that was cut or shifted has numbers among words.
    pub(super) fn is_plausible(&self) -> bool {
        const NUMBERS: [Column; 9] = [
            Column::CpuCount,
            Column::CpuPower,
            Column::GpuCount,
            Column::GpuPower,
            Column::Latitude,
            Column::Longitude,
            Column::Pue,
            Column::RamPower,
            Column::RamTotalSize,
        ];
        let number = |c: &Column| {
            let cell = self.get(*c);
            cell.is_empty() || cell == b"None" || cell == b"nan" || quantity::float(cell).is_some()
        };
        let word = |c: Column, words: &[&[u8]]| self.get(c).is_empty() || words.iter().any(|w| self.get(c).eq_ignore_ascii_case(w));
        NUMBERS.iter().all(number)
            && word(Column::TrackingMode, &[b"machine", b"process"])
            && word(Column::OnCloud, &[b"Y", b"N", b"yes", b"no", b"true", b"false"])
            && !looks_cut(self.get(Column::RunId))
    }

    /// The release that wrote the row, where it says so.
    fn release(&self) -> Option<(u32, u32, u32)> {
        let text = core::str::from_utf8(self.get(Column::CodecarbonVersion)).ok()?;
        let mut parts = text.split(['.', '-', '_']).map(|part| {
            let digits = part.find(|c: char| !c.is_ascii_digit()).map_or(part, |end| part.get(..end).unwrap_or(""));
            digits.parse::<u32>().ok()
        });
        Some((parts.next()??, parts.next().flatten().unwrap_or(0), parts.next().flatten().unwrap_or(0)))
    }

    /// Whether the row is of a task inside a run.
    fn is_task(&self) -> bool {
        !self.get(Column::TaskName).is_empty()
    }
}

/// Whether an id is a part of a UUID; ids of other shapes are the user's own.
fn looks_cut(id: &[u8]) -> bool {
    let hex = id.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-');
    hex && id.contains(&b'-') && !is_uuid(id)
}

fn is_uuid(id: &[u8]) -> bool {
    id.len() == 36 && id.iter().enumerate().all(|(i, b)| if matches!(i, 8 | 13 | 18 | 23) { *b == b'-' } else { b.is_ascii_hexdigit() })
}

/// The number that a UUID in small letters is; others are kept as they are written.
fn uuid(id: &[u8]) -> Option<u128> {
    if !is_uuid(id) {
        return None;
    }
    id.iter().filter(|b| **b != b'-').try_fold(0u128, |number, b| {
        let digit = match b {
            b'0'..=b'9' => b - b'0',
            b'a'..=b'f' => b - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(digit))
    })
}

/// How rows are read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RowOptions {
    /// No repairs.
    as_logged: bool,
    /// Memory that the job had, GB.
    memory_gb: Option<f64>,
    /// A record may lack its time.
    undated: bool,
}

impl RowOptions {
    /// Of the options of reading.
    pub(super) fn of(options: &ReadOptions) -> Self {
        Self { as_logged: options.as_logged, memory_gb: options.memory_gb, undated: false }
    }

    /// The same for records that may lack their time.
    pub(super) fn undated(self) -> Self {
        Self { undated: true, ..self }
    }

    /// Whether rows are left as they are.
    pub(super) fn as_logged(&self) -> bool {
        self.as_logged
    }
}

/// A row that may count, with what is to be said of it if it does.
#[derive(Debug)]
pub(super) struct Candidate {
    /// What the row declares.
    declared: Declared,
    /// What its stamp means.
    clock: Clock,
    /// Its energy, to find the last row of a run.
    energy: Energy,
    /// Whether its numbers agree with each other: one that does not never replaces one that does.
    agrees: bool,
    /// Its duration is not the logged one but longer.
    lengthened: bool,
    /// Where it starts by the logged duration.
    logged_start: Option<Instant>,
    /// The time that its memory's energy speaks for.
    memory_time: Option<Span>,
    /// Task, where the row is of one.
    task: Option<String>,
    /// Notes.
    findings: Vec<Finding>,
}

/// A note for the case that the row counts.
#[derive(Debug)]
struct Finding {
    code: &'static Code,
    subject: &'static str,
    said: Said,
}

/// What a note says, made into words for the rows of which it is told.
#[derive(Debug)]
enum Said {
    /// The PUE that energies contain.
    Pue(f64),
    /// These words.
    Text(String),
}

impl Said {
    fn into_text(self) -> String {
        match self {
            Said::Pue(pue) => format!("the energies contain a PUE of {pue}, which is divided out"),
            Said::Text(text) => text,
        }
    }
}
