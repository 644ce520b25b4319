//! Which formats the loggers of this world write, and which none writes yet.

use std::collections::BTreeSet;

use crate::check::{Folder, formats};
use crate::classes::CLASSES;
use crate::files;
use crate::logger::samplers;

/// Formats without a logger, each with its reason. What is not refused on purpose and holds energy may only become less: none is ever added.
const UNSPOKEN: &[(&str, &str)] = &[
    ("carbon_intensity_uk_json", "a carbon intensity, no energy"),
    ("eia_hourly_csv", "refused on purpose: generation of a grid"),
    ("electricity_maps_csv", "a carbon intensity, no energy"),
    ("electricity_maps_json", "a carbon intensity, no energy"),
    ("entsoe_generation_csv", "refused on purpose: generation of a grid"),
    ("intel_gpu_top_csv", "no clock: the user says how far apart rows are"),
    ("intel_gpu_top_list", "no clock: the user says how far apart rows are"),
    ("intensity_csv", "a carbon intensity, no energy"),
    ("python_pickle", "refused on purpose: to read one is to run it"),
    ("scaphandre_stdout", "no clock: the user says how far apart rows are"),
    ("watttime_json", "a carbon intensity, no energy"),
];

/// Worlds of a class that are looked at, where all are of a few formats: as many as the widest of them draws from.
const WORLDS: u64 = 24;

#[test]
fn every_format_has_a_logger_or_a_reason() {
    let mut spoken = BTreeSet::new();
    for class in CLASSES.iter().filter(|class| !class.name.starts_with("same-")) {
        let worlds = if class.name.starts_with("samplers") { 0 } else { WORLDS };
        for world in (0..worlds).map(|seed| class.world(seed)).filter(|world| world.logs.iter().any(|log| log.logger.name != "samplers")) {
            let names: BTreeSet<&str> = world.logs.iter().map(|log| log.logger.name).collect();
            if names.iter().all(|name| !spoken.contains(*name)) {
                spoken.extend(names.into_iter().map(String::from));
                spoken.extend(read(&files::write(&world).files));
            }
        }
    }
    let class = CLASSES.iter().find(|class| class.name == "samplers").expect("the class of samplers");
    let mut wrong = Vec::new();
    for (number, sampler) in samplers::all().enumerate() {
        let found = read(&files::write(&class.world(number as u64)).files);
        if found.iter().any(|format| format != sampler.format) {
            wrong.push(format!("{}: the logger of {} is read as {found:?}", sampler.path, sampler.format));
        }
        spoken.insert(sampler.format.into());
    }
    let folders = std::fs::read_dir(carbon_tests::root().join("tests/formats")).expect("the formats");
    let all: BTreeSet<String> = folders.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    for format in &all {
        match (spoken.contains(format), UNSPOKEN.iter().any(|(name, _)| name == format)) {
            (false, false) => wrong.push(format!("{format}: no logger writes it, and no reason says why")),
            (true, true) => wrong.push(format!("{format}: has a logger; take it out of the list")),
            _ => {}
        }
    }
    wrong.extend(UNSPOKEN.iter().filter(|(name, _)| !all.contains(*name)).map(|(name, _)| format!("{name}: is no format")));
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// As what the files of a world are read.
fn read(files: &files::Files) -> BTreeSet<String> {
    let folder = Folder::new(files);
    formats(&folder.0).unwrap_or_else(|why| panic!("{why}"))
}
