//! What a page may choose: the names of the command's flags, with units where the command takes text.

use std::collections::BTreeMap;

use carbon_core::account::Settings;
use carbon_core::factor::Basis;
use carbon_core::read::{ReadOptions, ZoneTransitions, instant};
use carbon_core::units::{Instant, Span};
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
    training_type: Option<String>,
    reproduce: Option<String>,
    interval_s: Option<f64>,
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
        "training_type",
        "reproduce",
        "interval_s",
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
        let (from, to) = (stamp("from", &self.from)?, stamp("to", &self.to)?);
        Ok(ReadOptions { interval, zone, from, to, columns: self.columns.clone(), tdp: None, as_logged: self.as_logged })
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
        let mut settings = Settings {
            title: self.title,
            region: self.region,
            pue: self.pue,
            intensity_g_per_kwh: self.intensity_g_per_kwh,
            market_g_per_kwh: self.market_g_per_kwh,
            basis,
            year: self.year,
            fill_gaps: self.fill_gaps,
            training_type: self.training_type,
            reproduce: self.reproduce,
            ..Settings::default()
        };
        for (host, chosen) in self.hosts {
            settings.region_by_host.extend(chosen.region.map(|region| (host.clone(), region)));
            settings.pue_by_host.extend(chosen.pue.map(|pue| (host, pue)));
        }
        Ok(settings)
    }
}
