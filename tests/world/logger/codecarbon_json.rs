//! CodeCarbon's figures as JSON: as its logger writes them, a line each (variant 0), or as people dump them: a list of objects, indented (variant 1).

use super::codecarbon::{kwh, said};
use super::{Logger, Row, Sheet, Written};
use crate::scene::{Part, World};
use crate::stamps::{decimal, iso};

pub static LOGGER: Logger = Logger { name: "codecarbon_json", write };

pub const LINES: usize = 0;
pub const LIST: usize = 1;

fn write(world: &World, number: usize) -> Written {
    let log = &world.logs[number];
    let (all, claims) = said(world, number);
    let gpus = world.watched(log).filter(|d| d.part == Part::Gpu).count();
    let model = world.watched(log).find(|d| d.part == Part::Gpu).map_or("", |d| d.model);
    let texts: Vec<(i64, String)> = all
        .iter()
        .map(|one| {
            let total = one.cpu + one.gpu + one.memory;
            let text = format!(
                r#"{{"timestamp": "{}", "project_name": "demo", "run_id": "{}", "duration": {}, "emissions": 0.02, "cpu_energy": {}, "gpu_energy": {}, "ram_energy": {}, "energy_consumed": {}, "country_name": "France", "country_iso_code": "FRA", "codecarbon_version": "3.3.2", "cpu_count": 64, "cpu_model": "AMD EPYC 7763 64-Core Processor", "gpu_count": {gpus}, "gpu_model": "{gpus} x {model}", "ram_total_size": 503.5, "tracking_mode": "machine", "pue": {}}}"#,
                iso(one.at), one.run, decimal(one.ms, 3), kwh(one.cpu), kwh(one.gpu), kwh(one.memory), kwh(total), decimal(log.pue, 2)
            );
            (one.at, text)
        })
        .collect();
    if log.variant == LINES {
        let sheets = texts.into_iter().map(|(at, text)| Sheet { rows: vec![Row { at, text }], ..Sheet::default() }).collect();
        return Written { sheets, claims, repeated: 0 };
    }
    let at = all.last().map_or(0, |one| one.at);
    let list: Vec<String> =
        texts.into_iter().map(|(_, text)| text.replace(", \"", ",\n  \"").replace('{', " {\n  ").replace('}', "\n }")).collect();
    let sheet =
        Sheet { rows: vec![Row { at, text: format!("[\n{}\n]", list.join(",\n")) }], readings: Some(all.len()), ..Sheet::default() };
    Written { sheets: vec![sheet], claims, repeated: 0 }
}
