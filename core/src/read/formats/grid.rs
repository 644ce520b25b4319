//! Carbon intensity and generation of grids, as their publishers give them.

use super::row;
use crate::read::Format;
use crate::read::intensity_csv::GRAMS_PER_POUND;
use crate::read::layout::{Intensity, Layout, Only, Shape, Syntax, TableShape, TreeShape};

const fn json(rows: &'static [&'static str]) -> Shape {
    Shape::Tree(TreeShape { syntax: Syntax::Json, rows, renamed: None })
}

const NONE: Intensity = Intensity {
    time: "",
    lifecycle: &[],
    direct: &[],
    is_direct: None,
    estimated: None,
    zone: "",
    place: "",
    grams: 1.0,
    publisher: "",
    must: &[],
};

/// Answers of the Electricity Maps API: hours that begin at their stamps. Life-cycle values, unless `emissionFactorType` says direct.
pub(super) static ELECTRICITY_MAPS: Format = row(
    "electricity_maps_json",
    "Electricity Maps API",
    "curl -H \"auth-token: TOKEN\" \"https://api.electricitymaps.com/v3/carbon-intensity/past-range?zone=DE&start=…&end=…\" > intensity.json",
    Layout {
        signature: &["\"carbonIntensity\"", "\"datetime\""],
        intensity: Some(&Intensity {
            time: "datetime",
            lifecycle: &["carbonintensity"],
            is_direct: Some(Only { field: "emissionfactortype", is: &["direct"] }),
            estimated: Some(Only { field: "isestimated", is: &["true"] }),
            zone: "zone",
            publisher: "Electricity Maps",
            ..NONE
        }),
        ..Layout::of(json(&["history.{n}", "data.{n}", "{n}", ""]))
    },
);

/// Answers of Great Britain's Carbon Intensity API, of the country or of a region: half-hours, in gCO2/kWh of generation, which is direct. Where what
/// was is not there yet, what was forecast stands in, as an estimate.
pub(super) static CARBON_INTENSITY_UK: Format = row(
    "carbon_intensity_uk_json",
    "Carbon Intensity API (Great Britain)",
    "curl https://api.carbonintensity.org.uk/intensity/2025-06-12T00:00Z/2025-06-13T00:00Z > intensity.json",
    Layout {
        signature: &["\"intensity\"", "\"forecast\"", "\"from\""],
        intensity: Some(&Intensity {
            time: "from",
            direct: &["intensity.actual", "intensity.forecast"],
            place: "GB",
            publisher: "NESO Carbon Intensity API",
            ..NONE
        }),
        ..Layout::of(json(&["data.{n}", "data.data.{n}", "data.{n}.data.{n}"]))
    },
);

/// WattTime's historical signals, in lb/MWh. `co2_aoer` is the average of what is generated, direct. `co2_moer` is marginal, what one more kWh would cause:
/// no footprint, and refused.
pub(super) static WATTTIME: Format = row(
    "watttime_json",
    "WattTime API",
    "curl -H \"Authorization: Bearer TOKEN\" \"https://api.watttime.org/v3/historical?region=CAISO_NORTH&signal_type=co2_aoer&start=…&end=…\" > intensity.json",
    Layout {
        signature: &["\"point_time\"", "\"value\""],
        lacking: Some("a footprint takes average rates: ask for `signal_type=co2_aoer`, in lbs_co2_per_mwh"),
        intensity: Some(&Intensity {
            time: "point_time",
            direct: &["value"],
            zone: "region",
            grams: GRAMS_PER_POUND / 1000.0,
            publisher: "WattTime",
            must: &[
                Only { field: "signal_type", is: &["co2_aoer"] },
                Only { field: "units", is: &["lbs_co2_per_mwh", "lbs_co2e_per_mwh"] },
            ],
            ..NONE
        }),
        ..Layout::of(json(&["data.{n}", "meta"]))
    },
);

/// ENTSO-E's export of generation by type: MW of each kind of plant, in local time. No intensity stands in it.
pub(super) static ENTSOE: Format = row(
    "entsoe_generation_csv",
    "ENTSO-E generation (refused)",
    "download the zone's hours from the Electricity Maps data portal",
    Layout {
        signature: &["mtu", "*actual aggregated*"],
        lacking: Some(
            "found the generation of each kind of plant, expected a carbon intensity; \
             give a series of intensities, such as the zone's hours from the Electricity Maps data portal",
        ),
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

/// EIA's hourly files of balancing authorities: stamps at the end of their hours, and an intensity whose unit stands nowhere.
pub(super) static EIA: Format = row(
    "eia_hourly_csv",
    "EIA Grid Monitor (refused)",
    "download the zone's hours from the Electricity Maps data portal",
    Layout {
        signature: &["ba code|balancing authority", "utc time*", "co2 emissions intensity*"],
        lacking: Some(
            "found EIA's intensities, whose unit stands nowhere and whose stamps are ends of hours; \
             save them as `datetime,gco2e_per_kwh` with the beginnings of hours in UTC, in the unit that EIA's page states",
        ),
        ..Layout::of(Shape::Table(TableShape::PLAIN))
    },
);

#[cfg(test)]
mod tests {
    use crate::read::{FileReader, ReadOptions};
    use alloc::string::String;
    use alloc::vec::Vec;

    /// Zone, life-cycle and direct values of each step, whether it is an estimate.
    fn steps(text: &str) -> Vec<(String, Option<f64>, Option<f64>, bool)> {
        let mut reader = FileReader::new(ReadOptions::default());
        reader.push(text.as_bytes());
        let out = reader.finish();
        let of = |zone: &Option<String>| zone.clone().unwrap_or_default();
        out.intensity.iter().flat_map(|s| s.points.iter().map(move |p| (of(&s.zone), p.lifecycle, p.direct, p.estimated))).collect()
    }

    #[test]
    fn steps_of_publishers() {
        let maps = r#"{"zone":"DE","history":[{"zone":"DE","carbonIntensity":501,"datetime":"2025-06-12T00:00:00.000Z","emissionFactorType":"lifecycle","isEstimated":true},
            {"zone":"DE","carbonIntensity":400,"datetime":"2025-06-12T01:00:00.000Z","emissionFactorType":"direct","isEstimated":false}]}"#;
        let de = String::from("DE");
        assert_eq!(steps(maps), [(de.clone(), Some(501.0), None, true), (de, None, Some(400.0), false)]);
        let region =
            r#"{"data":{"regionid":13,"data":[{"from":"2025-06-12T00:00Z","to":"2025-06-12T00:30Z","intensity":{"forecast":210}}]}}"#;
        assert_eq!(steps(region), [(String::from("GB"), None, Some(210.0), true)]);
        // 1,000 lb/MWh are 453.592 37 g/kWh.
        let average = r#"{"data":[{"point_time":"2025-06-12T00:00:00+00:00","value":1000.0}],"meta":{"region":"PJM","signal_type":"co2_aoer","units":"lbs_co2_per_mwh"}}"#;
        assert_eq!(steps(average), [(String::new(), None, Some(453.592_37), false)]);
        assert_eq!(steps(&average.replace("aoer", "moer")), []);
    }
}
