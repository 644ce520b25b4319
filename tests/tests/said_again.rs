//! A log that holds itself again, where nothing tells when it was. Energies are worked by hand.

use carbon_core::read::{DeclaredKind, FileReader, ReadOptions};

/// What a tracker or a benchmark states without a time is stated again by a copy of it: all of it counts, the lower end holds it once, and a warning says so.
#[test]
fn figures_without_a_time_that_stand_again_may_be_copies() {
    let tracker = "CarbonTracker: The following components were found: GPU with device(s) NVIDIA A30.\nCarbonTracker: \nActual consumption for 1 epoch(s):\n\
                   \tTime:\t10:00:00\n\tEnergy:\t1.580000 kWh\n\tCO2eq:\t96.380000 g\n";
    let benchmark = |kwh: f64| {
        let phase = |kwh: f64| {
            let energy = format!("{{\"unit\": \"kWh\", \"cpu\": 0.0, \"ram\": 0.0, \"gpu\": {kwh}, \"total\": {kwh}}}");
            format!("{{\"memory\": null, \"latency\": null, \"throughput\": null, \"energy\": {energy}, \"efficiency\": null}}")
        };
        let phases = format!("\"preprocess\": {}, \"forward\": {}", phase(kwh / 4.0), phase(kwh * 0.75));
        format!("{{\"config\": {{\"scenario\": {{\"name\": \"energy_star\", \"energy\": true}}}}, \"report\": {{{phases}}}}}\n")
    };
    // 1.58 kWh by a PUE of 1.58 are 1 kWh of the computers.
    for (name, log, once, all, is_told) in [
        ("tracker once", tracker.to_owned(), 1.0, 1.0, false),
        ("tracker twice", tracker.repeat(2), 1.0, 2.0, true),
        ("tracker thrice", tracker.repeat(3), 1.0, 3.0, true),
        ("benchmark twice", benchmark(0.25).repeat(2), 0.25, 0.5, true),
        ("two benchmarks", benchmark(0.25) + &benchmark(0.5), 0.75, 0.75, false),
        ("a benchmark and two alike", benchmark(0.25) + &benchmark(0.5).repeat(2), 0.75, 1.25, true),
    ] {
        let mut reader = FileReader::new(ReadOptions::default());
        reader.push(log.as_bytes());
        let found = reader.finish();
        let parts = || found.declared.iter().filter(|figure| figure.kind == DeclaredKind::Actual).flat_map(|figure| &figure.parts);
        let energy: f64 = parts().map(|part| part.energy.as_kwh()).sum();
        let doubtful: f64 = parts().map(|part| part.doubtful.as_kwh()).sum();
        assert!((energy - all).abs() < 1e-9, "{name}: {energy} kWh");
        assert!((energy - doubtful - once).abs() < 1e-9, "{name}: {doubtful} kWh in doubt");
        assert_eq!(found.notes.iter().any(|note| note.code.id == "possible-double-count"), is_told, "{name}");
    }
}
