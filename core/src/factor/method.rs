//! Constants of other estimation methods, to reproduce them: their errors are kept.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::FactorSet;
use super::model_name::{accelerator_words, cpu_words, same};
use super::region::provider_of;
use super::suggest;
use super::table::{Column, Kind, Row, Shape};

pub(super) const CONSTANTS: Shape = Shape {
    name: "method_constants",
    columns: &[
        Column::filled("method", Kind::Text),
        Column::filled("name", Kind::Text),
        Column::filled("value", Kind::Number(1e-3, 2000.0)),
        Column::filled("unit", Kind::Text),
        Column::filled("description", Kind::Text),
        Column::filled("year", Kind::Year),
        Column::filled("source", Kind::Text),
    ],
};

pub(super) const MLCO2_REGIONS: Shape = Shape {
    name: "mlco2_impact_2021_regions",
    columns: &[
        Column::filled("provider", Kind::Text),
        Column::filled("region", Kind::Text),
        Column::filled("city", Kind::Text),
        Column::filled("kgco2e_per_kwh_shown", Kind::Number(0.0, 2.0)),
        Column::filled("year", Kind::Year),
        Column::filled("source", Kind::Text),
    ],
};

pub(super) const MLCO2_DEVICES: Shape = Shape {
    name: "mlco2_impact_gpus",
    columns: &[
        Column::filled("name", Kind::Text),
        Column::filled("tdp_w", Kind::Number(1.0, 2000.0)),
        Column::filled("year", Kind::Year),
        Column::filled("source", Kind::Text),
    ],
};

/// A number that a method fixes.
#[derive(Clone, Debug, PartialEq)]
pub struct MethodConstant {
    /// Id of the method.
    pub method: String,
    /// Key: `pue`.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// What it stands for.
    pub description: String,
    /// Year of the method's release that has it.
    pub year: i32,
    /// Id of its source.
    pub source: String,
}

/// A region of the ML CO2 Impact calculator.
#[derive(Clone, Debug, PartialEq)]
pub struct Mlco2Region {
    /// `gcp:europe-west1`.
    pub code: String,
    /// Town.
    pub city: String,
    /// What the calculator multiplies by: two decimals, rounded on the binary value.
    pub kgco2e_per_kwh: f64,
    /// Year of the calculator's table.
    pub year: i32,
    /// Id of its source.
    pub source: String,
}

/// A device of the ML CO2 Impact calculator.
#[derive(Clone, Debug, PartialEq)]
pub struct Mlco2Device {
    /// As the calculator lists it.
    pub name: String,
    /// Its power there, W; not always the rated one.
    pub tdp_w: f64,
    /// Id of its source.
    pub source: String,
}

impl FactorSet {
    /// Every constant of every method, by method and name.
    pub fn method_constants(&self) -> impl Iterator<Item = MethodConstant> + '_ {
        self.rows(&CONSTANTS).filter_map(|row| {
            Some(MethodConstant {
                method: row.string(0),
                name: row.string(1),
                value: row.number(2)?,
                unit: row.string(3),
                description: row.string(4),
                year: row.year(5)?,
                source: row.string(6),
            })
        })
    }

    /// The constant `name` of `method`.
    pub fn method_constant(&self, method: &str, name: &str) -> Option<MethodConstant> {
        self.method_constants().find(|row| row.method == method && row.name == name)
    }

    /// A region of ML CO2 Impact by `provider:region`.
    ///
    /// # Errors
    /// With the nearest codes where it has none of that name.
    pub fn mlco2_region(&self, code: &str) -> Result<Mlco2Region, Vec<String>> {
        let asked = code.trim();
        let (provider, region) = asked.split_once([':', '/']).map_or((String::new(), asked), |(p, r)| (provider_of(p), r.trim()));
        let regions: Vec<Mlco2Region> = self.rows(&MLCO2_REGIONS).filter_map(|row| mlco2_region_of(&row)).collect();
        let full = format!("{provider}:{region}");
        regions.iter().find(|r| r.code.eq_ignore_ascii_case(&full)).cloned().ok_or_else(|| {
            let codes = regions.iter().map(|r| (if provider.is_empty() { region_part(&r.code) } else { &r.code }, r.code.clone()));
            let near = suggest::nearest(if provider.is_empty() { region } else { &full }, codes);
            if near.is_empty() { suggest::nearest(region, regions.iter().map(|r| (r.city.as_str(), r.code.clone()))) } else { near }
        })
    }

    /// A device of ML CO2 Impact.
    ///
    /// # Errors
    /// With the nearest names where it has none of that name.
    pub fn mlco2_device(&self, name: &str) -> Result<Mlco2Device, Vec<String>> {
        let devices: Vec<Mlco2Device> = self
            .rows(&MLCO2_DEVICES)
            .filter_map(|row| Some(Mlco2Device { name: row.string(0), tdp_w: row.number(1)?, source: row.string(3) }))
            .collect();
        let name = name.trim();
        let alike =
            |d: &&Mlco2Device| same(accelerator_words(&d.name), accelerator_words(name)) || same(cpu_words(&d.name), cpu_words(name));
        let mut fits = devices.iter().filter(alike);
        let exact = devices.iter().find(|d| d.name.eq_ignore_ascii_case(name));
        if let Some(device) = exact.or_else(|| fits.next().filter(|_| fits.next().is_none())) {
            return Ok(device.clone());
        }
        let joined: Vec<(String, String)> =
            devices.iter().map(|d| (accelerator_words(&d.name).collect::<Vec<_>>().join(" "), d.name.clone())).collect();
        let asked = accelerator_words(name).collect::<Vec<_>>().join(" ");
        Err(suggest::nearest(&asked, joined.iter().map(|(words, name)| (words.as_str(), name.clone()))))
    }

    /// The PUE that carbontracker takes in `year`: that of the year, or the latest before it.
    pub fn carbontracker_pue(&self, year: Option<i32>) -> Option<(f64, i32, String)> {
        let rows = self.rows(&super::pue::SHAPE).filter(|row| row.text(0) == "carbontracker");
        let known: Vec<(i32, f64, String)> = rows.filter_map(|row| Some((row.year(2)?, row.number(3)?, row.string(4)))).collect();
        let before = known.iter().filter(|(y, ..)| year.is_none_or(|asked| *y <= asked)).max_by_key(|(y, ..)| *y);
        before.or_else(|| known.iter().min_by_key(|(y, ..)| *y)).map(|(y, pue, source)| (*pue, *y, source.to_string()))
    }
}

fn mlco2_region_of(row: &Row<'_>) -> Option<Mlco2Region> {
    Some(Mlco2Region {
        code: format!("{}:{}", row.text(0), row.text(1)),
        city: row.string(2),
        kgco2e_per_kwh: row.number(3)?,
        year: row.year(4)?,
        source: row.string(5),
    })
}

fn region_part(code: &str) -> &str {
    code.split_once(':').map_or(code, |(_, region)| region)
}
