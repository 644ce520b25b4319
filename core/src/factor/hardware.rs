//! Accelerators and processors by the names that samplers and kernels print.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::FactorSet;
use super::model_name::{accelerator_words, cpu_words, ends_with, may_mean, same, vendor_of};
use super::suggest;
use super::table::{Column, Kind, Row, Shape};
use super::value::Factor;

pub(super) const ACCELERATORS: Shape = Shape {
    name: "accelerators",
    columns: &[
        Column::filled("vendor", Kind::Text),
        Column::filled("model", Kind::Text),
        Column::present("aliases", Kind::Text),
        Column::present("tdp_w", WATTS),
        Column::filled("gpus_per_board", Kind::Number(1.0, 16.0)),
        Column::filled("power_basis", Kind::Word(&["tdp", "max_measured", "package_estimate", "unpublished"])),
        Column::present("mean_w", WATTS),
        Column::present("memory_gb", Kind::Number(0.5, 10_000.0)),
        Column::present("release_year", Kind::Year),
        Column::present("embodied_kgco2e", Kind::Number(1.0, 100_000.0)),
        Column::present("embodied_source", Kind::Text),
        Column::filled("source", Kind::Text),
        Column::filled("year", Kind::Year),
    ],
};
const VENDOR: usize = 0;
const MODEL: usize = 1;
const ALIASES: usize = 2;
const TDP: usize = 3;
const GPUS_PER_BOARD: usize = 4;
const POWER_BASIS: usize = 5;
const MEAN: usize = 6;
const MEMORY: usize = 7;
const RELEASE_YEAR: usize = 8;
const EMBODIED: usize = 9;
const EMBODIED_SOURCE: usize = 10;
const SOURCE: usize = 11;
const YEAR: usize = 12;

pub(super) const CPUS: Shape = Shape {
    name: "cpus",
    columns: &[
        Column::filled("vendor", Kind::Text),
        Column::filled("model", Kind::Text),
        Column::filled("tdp_w", WATTS),
        Column::filled("cores", Kind::Number(1.0, 10_000.0)),
        Column::present("release_year", Kind::Year),
        Column::filled("source", Kind::Text),
    ],
};
const CPU_TDP: usize = 2;
const CPU_CORES: usize = 3;
const CPU_RELEASE_YEAR: usize = 4;
const CPU_SOURCE: usize = 5;

const WATTS: Kind = Kind::Number(0.5, 20_000.0);

/// A GPU, TPU, NPU or SoC.
#[derive(Clone, Debug, PartialEq)]
pub struct Accelerator {
    /// `NVIDIA`, `AMD`, …
    pub vendor: String,
    /// As NVML prints it, without the vendor: `A100-SXM4-80GB`.
    pub model: String,
    /// Power limit of one board in W; absent where no figure is published, and then none may be made up.
    pub tdp_w: Option<f64>,
    /// GPUs on a board, each of which samplers list as a device of its own.
    pub gpus_per_board: u32,
    /// What `tdp_w` is.
    pub power_basis: PowerBasis,
    /// Published mean power in training in W, share of the host included.
    pub mean_w: Option<f64>,
    /// Memory in GB, of the largest variant.
    pub memory_gb: Option<f64>,
    /// Year of release.
    pub release_year: Option<i32>,
    /// kgCO2e of making one board, where published or modelled.
    pub embodied: Option<Factor>,
    /// Id of the source of the power figures.
    pub source: String,
}

impl Accelerator {
    /// Power limit in W of one device as samplers list it: the board's over its GPUs (a Tesla K80's 300 W are 150 W for each half).
    pub fn device_tdp_w(&self) -> Option<f64> {
        self.tdp_w.map(|watts| watts / f64::from(self.gpus_per_board))
    }

    /// Whether the model's last words are those of `name`: a GeForce RTX 3090 is what `3090` says, a GeForce RTX 3090 Ti only holds it.
    pub fn ends_with(&self, name: &str) -> bool {
        let words = |text| accelerator_words(text).collect::<Vec<_>>();
        ends_with(&words(&self.model), &words(name))
    }
}

/// What an accelerator's power figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowerBasis {
    /// The highest power that was measured (TPU v4).
    MaxMeasured,
    /// An estimate of the whole package (Apple).
    PackageEstimate,
    /// The vendor's design power or limit.
    Tdp,
    /// The vendor publishes none.
    Unpublished,
}

impl PowerBasis {
    /// `max_measured`, `package_estimate`, `tdp` or `unpublished`.
    pub const fn as_str(self) -> &'static str {
        match self {
            PowerBasis::MaxMeasured => "max_measured",
            PowerBasis::PackageEstimate => "package_estimate",
            PowerBasis::Tdp => "tdp",
            PowerBasis::Unpublished => "unpublished",
        }
    }

    fn parse(text: &str) -> PowerBasis {
        match text {
            "max_measured" => PowerBasis::MaxMeasured,
            "package_estimate" => PowerBasis::PackageEstimate,
            "tdp" => PowerBasis::Tdp,
            _ => PowerBasis::Unpublished,
        }
    }
}

/// A processor.
#[derive(Clone, Debug, PartialEq)]
pub struct Cpu {
    /// `AMD`, `Intel`, …
    pub vendor: String,
    /// `EPYC 7763`, `Xeon Platinum 8360Y`.
    pub model: String,
    /// Design power of one socket in W: default TDP (AMD), processor base power (Intel).
    pub tdp_w: f64,
    /// Cores of one socket.
    pub cores: u32,
    /// Year of release, where known.
    pub release_year: Option<i32>,
    /// Id of its source.
    pub source: String,
}

impl FactorSet {
    /// The accelerator that a sampler calls `name`, such as `NVIDIA A100-SXM4-80GB`, `Tesla T4` or `RTX 4090`.
    ///
    /// A model's name or an alias, case ignored; else the one model that has the same words apart from vendor and product line. A name that fits
    /// several (`A100`) or none gives `None`: see [`accelerator_suggestions`](Self::accelerator_suggestions). `8 x NAME` is the caller's to split.
    pub fn accelerator(&self, name: &str) -> Option<Accelerator> {
        let name = name.trim();
        if let Some(row) = self.rows(&ACCELERATORS).find(|row| is_called(row, |known| known.eq_ignore_ascii_case(name))) {
            return Some(self.accelerator_of(&row));
        }
        let vendor = vendor_of(name);
        let fits = |row: &Row<'_>| {
            vendor.is_none_or(|vendor| row.text(VENDOR).eq_ignore_ascii_case(vendor))
                && is_called(row, |known| same(accelerator_words(known), accelerator_words(name)))
        };
        let mut rows = self.rows(&ACCELERATORS).filter(fits);
        match (rows.next(), rows.next()) {
            (Some(row), None) => Some(self.accelerator_of(&row)),
            _ => None,
        }
    }

    /// Every model that an incomplete name may mean: all words of `name` are among the words of one of its names. `A100 80GB` fits two, `2080ti` one.
    pub fn accelerators_of_words(&self, name: &str) -> Vec<Accelerator> {
        let asked: Vec<&str> = accelerator_words(name).collect();
        let vendor = vendor_of(name);
        let fits = |row: &Row<'_>| {
            vendor.is_none_or(|vendor| row.text(VENDOR).eq_ignore_ascii_case(vendor))
                && is_called(row, |known| may_mean(&accelerator_words(known).collect::<Vec<_>>(), &asked))
        };
        let rows = self.rows(&ACCELERATORS).filter(|row| !asked.is_empty() && fits(row));
        rows.map(|row| self.accelerator_of(&row)).collect()
    }

    /// Models whose name is near `name` or begins like it.
    pub fn accelerator_suggestions(&self, name: &str) -> Vec<String> {
        let words: Vec<&str> = accelerator_words(name).collect();
        let asked = words.join(" ");
        let rows: Vec<(String, String)> = self
            .rows(&ACCELERATORS)
            .flat_map(|row| {
                let model = row.string(MODEL);
                // People write `A100` and leave out the rest of the name.
                let short =
                    accelerator_words(&model).next().filter(|word| word.bytes().any(|b| b.is_ascii_digit())).map(ToString::to_string);
                let whole = names(&row).map(|known| (accelerator_words(&known).collect::<Vec<_>>().join(" "), model.clone()));
                whole.chain(short.map(|word| (word.clone(), word))).collect::<Vec<_>>()
            })
            .collect();
        suggest::nearest(&asked, rows.iter().map(|(known, model)| (known.as_str(), model.clone())))
    }

    /// Every accelerator, by vendor and model.
    pub fn accelerators(&self) -> impl Iterator<Item = Accelerator> + '_ {
        self.rows(&ACCELERATORS).map(|row| self.accelerator_of(&row))
    }

    /// The processor that the kernel calls `name`, such as `Intel(R) Xeon(R) Platinum 8360Y CPU @ 2.40GHz` or `AMD EPYC 7763 64-Core Processor`.
    ///
    /// `None` for what the table has not; parts made for one cloud provider are mostly missing.
    pub fn cpu(&self, name: &str) -> Option<Cpu> {
        let vendor = vendor_of(name);
        let fits = |row: &Row<'_>| {
            vendor.is_none_or(|vendor| row.text(VENDOR).eq_ignore_ascii_case(vendor)) && same(cpu_words(&row.text(MODEL)), cpu_words(name))
        };
        self.rows(&CPUS).find(fits).as_ref().and_then(cpu_of)
    }

    /// Every processor that an incomplete name may mean: `8360Y`, `i9 9900K`, `Threadripper 3970X`.
    pub fn cpus_of_words(&self, name: &str) -> Vec<Cpu> {
        let asked: Vec<&str> = cpu_words(name).flat_map(|word| word.split('-')).filter(|part| !part.is_empty()).collect();
        let vendor = vendor_of(name);
        let fits = |row: &Row<'_>| {
            let model = row.text(MODEL);
            let known: Vec<&str> = cpu_words(&model).flat_map(|word| word.split('-')).filter(|part| !part.is_empty()).collect();
            vendor.is_none_or(|vendor| row.text(VENDOR).eq_ignore_ascii_case(vendor)) && may_mean(&known, &asked)
        };
        self.rows(&CPUS).filter(fits).filter_map(|row| cpu_of(&row)).collect()
    }

    /// Processors whose name is near `name` or begins like it.
    pub fn cpu_suggestions(&self, name: &str) -> Vec<String> {
        let asked = cpu_words(name).collect::<Vec<_>>().join(" ");
        let models: Vec<String> = self.rows(&CPUS).map(|row| row.string(MODEL)).collect();
        suggest::nearest(&asked, models.iter().map(|model| (model.as_str(), model.clone())))
    }

    /// Every processor, by vendor and model.
    pub fn cpus(&self) -> impl Iterator<Item = Cpu> + '_ {
        self.rows(&CPUS).filter_map(|row| cpu_of(&row))
    }

    fn accelerator_of(&self, row: &Row<'_>) -> Accelerator {
        let model = row.string(MODEL);
        let embodied = row.number(EMBODIED).map(|value| self.embodied_factor(&model, value, row.year(YEAR), row.string(EMBODIED_SOURCE)));
        Accelerator {
            vendor: row.string(VENDOR),
            model,
            tdp_w: row.number(TDP),
            gpus_per_board: row.number(GPUS_PER_BOARD).map_or(1, |count| count as u32),
            power_basis: PowerBasis::parse(&row.text(POWER_BASIS)),
            mean_w: row.number(MEAN),
            memory_gb: row.number(MEMORY),
            release_year: row.year(RELEASE_YEAR),
            embodied,
            source: row.string(SOURCE),
        }
    }
}

fn cpu_of(row: &Row<'_>) -> Option<Cpu> {
    Some(Cpu {
        vendor: row.string(VENDOR),
        model: row.string(MODEL),
        tdp_w: row.number(CPU_TDP)?,
        cores: row.number(CPU_CORES)? as u32,
        release_year: row.year(CPU_RELEASE_YEAR),
        source: row.string(CPU_SOURCE),
    })
}

/// Whether the model or an alias of a row of accelerators is as asked.
fn is_called(row: &Row<'_>, is_asked: impl Fn(&str) -> bool) -> bool {
    is_asked(&row.text(MODEL)) || row.text(ALIASES).split(';').filter(|alias| !alias.is_empty()).any(is_asked)
}

/// Model and aliases of a row of accelerators.
fn names<'t>(row: &Row<'t>) -> impl Iterator<Item = String> + use<'t> {
    let aliases = row.string(ALIASES);
    let aliases: Vec<String> = aliases.split(';').filter(|alias| !alias.is_empty()).map(ToString::to_string).collect();
    core::iter::once(row.string(MODEL)).chain(aliases)
}
