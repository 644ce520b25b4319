//! What a page may choose: the names of the command's flags, with units where the command takes text.

use std::collections::BTreeMap;

use carbon_core::account::Settings;
use carbon_core::factor::Basis;
use carbon_core::read::{ReadOptions, ZoneTransitions, instant};
use carbon_core::units::{Instant, Power, Span};
use serde::Deserialize;

use crate::error::Problem;

/// Every field may be left out.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Options {
    title: Option<String>,
    region: Option<String>,
    pue: Option<f64>,
    hosts: BTreeMap<String, HostOptions>,
    intensity_g_per_kwh: Option<f64>,
    market_g_per_kwh: Option<f64>,
    basis: Option<String>,
    year: Option<i32>,
    compare: Vec<String>,
    embodied: bool,
    lifetime_years: Option<f64>,
    carbon_budget_kg: Option<f64>,
    predict_epochs: Option<u32>,
    training_type: Option<String>,
    reproduce: Option<String>,
    interval_s: Option<f64>,
    tdp_w: Option<f64>,
    offsets: Option<Vec<(f64, i32)>>,
    from: Option<String>,
    to: Option<String>,
    columns: Option<Vec<String>>,
    as_logged: bool,
    fill_gaps: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct HostOptions {
    region: Option<String>,
    pue: Option<f64>,
}

impl Options {
    /// Their names.
    pub const NAMES: &[&str] = &[
        "title",
        "region",
        "pue",
        "hosts",
        "intensity_g_per_kwh",
        "market_g_per_kwh",
        "basis",
        "year",
        "compare",
        "embodied",
        "lifetime_years",
        "carbon_budget_kg",
        "predict_epochs",
        "training_type",
        "reproduce",
        "interval_s",
        "tdp_w",
        "offsets",
        "from",
        "to",
        "columns",
        "as_logged",
        "fill_gaps",
    ];

    /// For the readers.
    pub fn reading(&self) -> Result<ReadOptions, Problem> {
        let micros = |seconds: f64| seconds * 1e6;
        let zone = self.offsets.as_ref().map(|offsets| {
            let at = |(unix_s, east_s): &(f64, i32)| (Instant::from_micros(micros(*unix_s) as i64), *east_s);
            ZoneTransitions(offsets.iter().map(at).collect())
        });
        let stamp = |setting: &str, text: &Option<String>| {
            let Some(text) = text else { return Ok(None) };
            let wrong = || Problem::setting(setting, format!("found {text:?}, expected a time such as 2025-06-12T14:00:00Z"));
            instant(text, zone.as_ref()).ok_or_else(wrong).map(Some)
        };
        let interval = match self.interval_s {
            Some(seconds) if seconds > 0.0 && seconds <= 86_400.0 => Some(Span::from_micros(micros(seconds) as i64)),
            Some(seconds) => {
                return Err(Problem::setting("interval_s", format!("found {seconds}, expected seconds above 0, at most a day")));
            }
            None => None,
        };
        let tdp = match self.tdp_w {
            Some(watts) if (1.0..=5000.0).contains(&watts) => Some(Power::from_microwatts(micros(watts) as i64)),
            Some(watts) => {
                return Err(Problem::setting("tdp_w", format!("found {watts}, expected the rated power of one GPU in watts, 1 to 5000")));
            }
            None => None,
        };
        let (from, to) = (stamp("from", &self.from)?, stamp("to", &self.to)?);
        Ok(ReadOptions {
            interval,
            zone,
            from,
            to,
            columns: self.columns.clone(),
            tdp,
            as_logged: self.as_logged,
            ..ReadOptions::default()
        })
    }

    /// For the accounting.
    pub fn settings(self) -> Result<Settings, Problem> {
        let basis = match self.basis.as_deref() {
            Some(word) => {
                let wrong = || Problem::setting("basis", format!("found {word:?}, expected lifecycle or direct"));
                Some(Basis::parse(word).ok_or_else(wrong)?)
            }
            None => None,
        };
        let (mut region_by_host, mut pue_by_host) = (BTreeMap::new(), BTreeMap::new());
        for (host, chosen) in self.hosts {
            region_by_host.extend(chosen.region.map(|region| (host.clone(), region)));
            pue_by_host.extend(chosen.pue.map(|pue| (host, pue)));
        }
        // Every field by its name: a setting that core gains is missing here until the package offers it.
        Ok(Settings {
            title: self.title,
            region: self.region,
            region_by_host,
            pue: self.pue,
            pue_by_host,
            intensity_g_per_kwh: self.intensity_g_per_kwh,
            market_g_per_kwh: self.market_g_per_kwh,
            basis,
            year: self.year,
            fill_gaps: self.fill_gaps,
            compare: self.compare,
            carbon_budget_kg: self.carbon_budget_kg,
            predict_epochs: self.predict_epochs,
            embodied: self.embodied,
            lifetime_years: self.lifetime_years,
            training_type: self.training_type,
            reproduce: self.reproduce,
        })
    }
}
