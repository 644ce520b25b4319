//! A BoAmps report as CodeCarbon writes it: one energy of the machine, with CodeCarbon's PUE inside, which it does not state.

use super::codecarbon::{kwh, said};
use super::{Logger, Row, Sheet, Written};
use crate::scene::World;
use crate::stamps::{decimal, iso};

pub static LOGGER: Logger = Logger { name: "boamps", write };

fn write(world: &World, number: usize) -> Written {
    let (all, claims) = said(world, number);
    let sheets = all
        .iter()
        .map(|one| {
            let (at, total) = (iso(one.at).replace('T', " "), kwh(one.cpu + one.gpu + one.memory));
            let text = format!(
                r#"{{"header": {{"formatVersion": "0.1", "formatVersionSpecificationUri": "https://github.com/Boavizta/BoAmps/tree/main/model", "reportId": "{}", "reportDatetime": "{at}"}}, "measures": [{{"measurementMethod": "codecarbon", "version": "3.3.2", "powerConsumption": {total}, "measurementDuration": {}, "measurementDateTime": "{at}"}}], "infrastructure": {{"infraType": "onPremise", "components": [{{"componentName": "AMD EPYC 7763 64-Core Processor", "componentType": "cpu", "nbComponent": 1}}]}}, "environment": {{"country": "France"}}}}"#,
                one.run, decimal(one.ms, 3)
            );
            Sheet { rows: vec![Row { at: one.at, text }], ..Sheet::default() }
        })
        .collect();
    Written { sheets, claims, repeated: 0 }
}
