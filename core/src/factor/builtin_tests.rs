//! Look-ups in the built-in tables. Expected numbers are read off the published sources or the CSV text by eye.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::*;

fn factors() -> FactorSet {
    FactorSet::from_tables(carbon_data::TABLES).expect("the built-in tables are sound")
}

fn zone(text: &str) -> String {
    factors().zone(text).map_or_else(|unknown| format!("{unknown}: {}", unknown.suggestions.join(", ")), |zone| zone.as_str().to_string())
}

/// What holds for every factor that a look-up returns.
fn sound(set: &FactorSet, factor: &Factor) {
    assert!(factor.low < factor.value && factor.value < factor.high, "{factor:?}");
    assert!(factor.low > if factor.kind == FactorKind::Pue { 1.0 } else { 0.0 }, "{factor:?}");
    assert!(set.source(&factor.source).is_some(), "{factor:?}");
    assert!(!factor.label.is_empty() && factor.year.is_some(), "{factor:?}");
    assert_eq!(factor.basis.is_some(), factor.kind == FactorKind::CarbonIntensity, "{factor:?}");
}

#[test]
fn zones_are_known_by_code_and_by_name() {
    for (text, expected) in [
        ("FR", "FR"),
        (" fr ", "FR"),
        ("FRA", "FR"),
        ("France", "FR"),
        ("Czech Republic", "CZ"),
        ("Czechia", "CZ"),
        ("czechia", "CZ"),
        ("US-CA", "US-CA"),
        ("us-ca", "US-CA"),
        ("California", "US-CA"),
        ("EGRID-CAMX", "EGRID-CAMX"),
        ("egrid-camx", "EGRID-CAMX"),
        ("WORLD", "WORLD"),
        ("World", "WORLD"),
        ("EU27", "EU27"),
        ("European Union", "EU27"),
        ("UK", "GB"),
        ("USA", "US"),
        ("United States of America", "US"),
        ("Russian Federation", "RU"),
        ("Viet Nam", "VN"),
        ("Türkiye", "TR"),
        ("Côte d’Ivoire", "CI"),
        ("Republic of Korea", "KR"),
        ("Korea, Republic of", "KR"),
        ("Iran, Islamic Republic of", "IR"),
        ("Georgia", "GE"),
        ("Georgia, US", "US-GA"),
        ("Québec", "CA-QC"),
        ("Quebec, Canada", "CA-QC"),
        ("QC, CAN", "CA-QC"),
        ("Western Australia", "AU-WA"),
        ("CA", "CA"),
        ("DE", "DE"),
        ("gcp:europe-west1", "BE"),
        ("aws:eu-north-1", "SE"),
        ("azure:westeurope", "NL"),
        ("aws:us-east-1", "EGRID-SRVC"),
        ("Google:us-central1-a", "EGRID-MROW"),
        ("aws:us-west-2b", "EGRID-NWPP"),
        ("azure:West Europe", "NL"),
        ("aws:eu-central-1", "DE"),
    ] {
        assert_eq!(zone(text), expected, "{text}");
    }
}

#[test]
fn unknown_zones_are_errors_with_suggestions() {
    for (text, expected) in [
        ("Frnace", "unknown zone \"Frnace\": FR (France)"),
        ("Swede", "unknown zone \"Swede\": SE (Sweden)"),
        ("US-XX", "unknown zone \"US-XX\": US (United States)"),
        ("DE-BY", "unknown zone \"DE-BY\": DE (Germany)"),
        ("Californa", "unknown zone \"Californa\": US-CA (California)"),
        ("", "unknown zone \"\": "),
        ("X", "unknown zone \"X\": "),
        ("Atlantis", "unknown zone \"Atlantis\": "),
        ("Springfield, US", "unknown zone \"Springfield, US\": "),
        (
            "gcp:europe-west99",
            "unknown zone \"gcp:europe-west99\": gcp:europe-west9 (Paris), gcp:europe-west1 (St. Ghislain), gcp:europe-west10 (Berlin)",
        ),
        (
            "eu-central-1",
            "unknown zone \"eu-central-1\": alibaba:eu-central-1 (Frankfurt), aws:eu-central-1 (Frankfurt), aws:eu-central-2 (Zurich)",
        ),
        ("aws:Stockholm", "unknown zone \"aws:Stockholm\": aws:eu-north-1 (Stockholm)"),
    ] {
        assert_eq!(zone(text), expected);
    }
    let long = "x".repeat(10_000);
    assert_eq!(factors().zone(&long).unwrap_err().asked.len(), 80);
    assert_eq!(factors().zone("Frnace").unwrap_err().hint(), "did you mean FR (France)?");
}

#[test]
fn trackers_places_become_zones() {
    let set = factors();
    let place = |country: &str, region: &str| set.zone_of_place(country, region).map(|zone| zone.as_str().to_string());
    assert_eq!(place("USA", "california").as_deref(), Ok("US-CA"));
    assert_eq!(place("United States", "").as_deref(), Ok("US"));
    assert_eq!(place("CAN", "quebec").as_deref(), Ok("CA-QC"));
    assert_eq!(place("DK", "Capital Region").as_deref(), Ok("DK"));
    assert_eq!(place("The Netherlands", "north holland").as_deref(), Ok("NL"));
    assert_eq!(place("USA", "Georgia").as_deref(), Ok("US-GA"));
    assert!(place("", "california").is_err() && place("Nowhere", "").is_err());
}

#[test]
fn intensities_go_by_the_year_of_the_run() {
    let set = factors();
    let look = |zone: &str, year: i32, basis: Basis| {
        let factor = set.carbon_intensity(&set.zone(zone).unwrap(), Some(year), basis).unwrap();
        (factor.value, factor.year.unwrap(), factor.matched, factor.source)
    };
    let ember = || String::from("ember_owid_2026");
    assert_eq!(look("France", 2022, Basis::Lifecycle), (78.54, 2022, Match::Exact, ember()));
    assert_eq!(look("France", 2027, Basis::Lifecycle), (41.44, 2025, Match::OlderYear, ember()));
    assert_eq!(look("France", 2012, Basis::Lifecycle), (59.17, 2015, Match::LaterYear, ember()));
    // eGRID2022, CAMX total output rate: 499.3 lb/MWh × 0.45359237 = 226.5 g/kWh.
    assert_eq!(look("EGRID-CAMX", 2022, Basis::Direct), (226.47, 2022, Match::Exact, "egrid_2022".into()));
    assert!((499.3 * 0.453_592_37 - 226.47_f64).abs() < 0.05);
    assert_eq!(look("EGRID-CAMX", 2024, Basis::Lifecycle), (383.78, 2024, Match::ParentZone, ember()));
    assert_eq!(look("US-CA", 2024, Basis::Lifecycle).2, Match::ParentZone);
    assert_eq!(look("aws:ca-central-1", 2024, Basis::Direct), (2.56, 2024, Match::Exact, "eccc_nir_2026".into()));
    // UK Government conversion factors 2023: 0.20707 kg CO2e per kWh.
    assert_eq!(look("UK", 2023, Basis::Direct), (207.07, 2023, Match::Exact, "uk_desnz_2023".into()));
    assert_eq!(set.carbon_intensity(&set.zone("FR").unwrap(), Some(2024), Basis::Direct), None);
    let latest = set.carbon_intensity(&set.zone("FR").unwrap(), None, Basis::Lifecycle).unwrap();
    assert_eq!((latest.year, latest.matched), (Some(2025), Match::LatestYear));
    assert_eq!(latest.match_text(), "latest value, because the run's year is not known (2025)");
    assert_eq!(FactorSet::pue_unknown().match_text(), "not known: the computers alone");
    assert_eq!(set.bases(&set.zone("GB").unwrap()), [Basis::Direct, Basis::Lifecycle]);
}

#[test]
fn an_unknown_place_has_the_spread_of_countries() {
    let set = factors();
    let world = set.world(Some(2024), Basis::Lifecycle).unwrap();
    assert_eq!((world.value, world.matched), (471.08, Match::WorldDefault));
    // From Iceland's or Switzerland's level to that of coal and oil.
    assert!(world.low < 40.0 && world.high > 850.0 && world.high < 1_200.0, "{world:?}");
    let europe = set.carbon_intensity(&set.zone("EU27").unwrap(), Some(2024), Basis::Lifecycle).unwrap();
    assert!(europe.low > world.low * 0.8 && europe.low < 60.0 && europe.high < world.high, "{europe:?}");
    assert_eq!(set.world(Some(2024), Basis::Direct), None);
}

#[test]
fn every_zone_region_and_device_has_sound_factors() {
    let set = factors();
    let zones = set.zones();
    assert_eq!(zones.len(), 379);
    for listed in &zones {
        for basis in [Basis::Direct, Basis::Lifecycle] {
            for year in [None, Some(2016), Some(2024)] {
                if let Some(factor) = set.carbon_intensity(&listed.id, year, basis) {
                    sound(&set, &factor);
                    assert_eq!(factor.basis, Some(basis));
                } else {
                    assert!(!listed.bases.contains(&basis), "{listed:?}");
                }
            }
        }
    }
    let mut published = 0;
    for region in set.regions() {
        assert_eq!(set.region(&region.code()).as_ref(), Ok(&region));
        assert!(zones.iter().any(|zone| zone.id == region.zone) && zones.iter().any(|zone| zone.id == region.country), "{region:?}");
        assert!(set.carbon_intensity(&region.country, Some(2024), Basis::Lifecycle).is_some(), "{region:?}");
        for factor in [
            region.pue.clone(),
            region.carbon_intensity.clone(),
            set.region_pue(&region, Some(2023)),
            set.region_carbon_intensity(&region, Some(2021)),
        ] {
            factor.iter().for_each(|factor| sound(&set, factor));
        }
        published += usize::from(region.pue.is_some());
    }
    assert_eq!(published, 57);
    for accelerator in set.accelerators() {
        assert_eq!(set.accelerator(&accelerator.model).as_ref(), Some(&accelerator));
        assert_eq!(accelerator.tdp_w.is_none(), accelerator.power_basis == PowerBasis::Unpublished, "{}", accelerator.model);
        assert!(set.source(&accelerator.source).is_some());
        accelerator.embodied.iter().for_each(|factor| sound(&set, factor));
    }
    for equivalent in set.equivalents() {
        assert!(equivalent.kgco2e_per_unit > 0.0 && set.source(&equivalent.source).is_some());
    }
    for zone in set.comparison_zones() {
        assert!(set.bases(&zone).contains(&Basis::Lifecycle), "{zone}");
    }
    assert_eq!(set.comparison_zones().len(), grid::COMPARISON.len());
}

#[test]
fn regions_carry_what_providers_publish() {
    let set = factors();
    let region = set.region("gcp:europe-west1").unwrap();
    assert_eq!((region.location.as_str(), region.zone.as_str(), region.cfe_fraction), ("St. Ghislain", "BE", Some(0.84)));
    assert_eq!(region.pue.as_ref().map(|pue| (pue.value, pue.year)), Some((1.09, Some(2024))));
    // Google's series is life-cycle in 2020 and direct in 2021.
    let own = |year| set.region_carbon_intensity(&region, Some(year)).map(|factor| (factor.value, factor.basis, factor.matched));
    assert_eq!(own(2020), Some((212.0, Some(Basis::Lifecycle), Match::Exact)));
    assert_eq!(own(2021), Some((110.0, Some(Basis::Direct), Match::Exact)));
    assert_eq!(own(2026), Some((103.37, Some(Basis::Direct), Match::OlderYear)));
    let stockholm = set.region("aws:eu-north-1").unwrap();
    assert_eq!(set.region_pue(&stockholm, Some(2024)).map(|pue| (pue.value, pue.matched)), Some((1.1, Match::Exact)));
    assert_eq!(stockholm.carbon_intensity, None);
    // Paris publishes none: the fleet's.
    let paris = set.region("aws:eu-west-3").unwrap();
    let fleet = set.region_pue(&paris, Some(2023)).unwrap();
    assert_eq!((fleet.value, fleet.matched, fleet.label.as_str()), (1.15, Match::ParentZone, "AWS fleet"));
    assert!(fleet.high >= 1.5, "AWS regions reach 1.5: {fleet:?}");
    let hetzner = set.region("hetzner:fsn1").unwrap();
    assert_eq!(set.region_pue(&hetzner, Some(2024)), None);
    sound(&set, &set.pue_industry_average(Some(2020)).unwrap());
    assert_eq!(set.pue_industry_average(Some(2020)).unwrap().value, 1.59);
}

#[test]
fn accelerators_are_known_as_samplers_print_them() {
    let set = factors();
    for (name, model, watts) in [
        ("NVIDIA A100-SXM4-80GB", "A100-SXM4-80GB", 400.0),
        ("A100-SXM4-40GB", "A100-SXM4-40GB", 400.0),
        ("NVIDIA A100-PCIE-40GB", "A100-PCIE-40GB", 250.0),
        ("NVIDIA A100 80GB PCIe", "A100 80GB PCIe", 300.0),
        ("NVIDIA H100 80GB HBM3", "H100 80GB HBM3", 700.0),
        ("NVIDIA H100 PCIe", "H100 PCIe", 350.0),
        ("NVIDIA H200", "H200", 700.0),
        ("Tesla T4", "Tesla T4", 70.0),
        ("NVIDIA T4", "Tesla T4", 70.0),
        ("NVIDIA GeForce RTX 4090", "GeForce RTX 4090", 450.0),
        ("rtx 4090", "GeForce RTX 4090", 450.0),
        ("RTX4090", "GeForce RTX 4090", 450.0),
        ("GeForce GTX 1080 Ti", "GeForce GTX 1080 Ti", 250.0),
        ("NVIDIA GeForce RTX 3090", "GeForce RTX 3090", 350.0),
        ("NVIDIA L40S", "L40S", 350.0),
        ("NVIDIA RTX A6000", "RTX A6000", 300.0),
        ("Tesla V100-SXM2-32GB", "Tesla V100-SXM2-32GB", 300.0),
        ("V100-SXM2-32GB", "Tesla V100-SXM2-32GB", 300.0),
        ("Tesla K80", "Tesla K80", 300.0),
        ("AMD Instinct MI300X", "Instinct MI300X", 750.0),
        ("AMD Instinct MI300X OAM", "Instinct MI300X", 750.0),
        ("Apple M4", "M4", 0.0),
        ("Tesla M4", "Tesla M4", 0.0),
        ("NVIDIA M4", "Tesla M4", 0.0),
        ("TPU v4", "TPU v4", 192.0),
    ] {
        let found = set.accelerator(name).unwrap_or_else(|| panic!("{name}: {:?}", set.accelerator_suggestions(name)));
        assert_eq!(found.model, model, "{name}");
        assert!(watts == 0.0 || found.tdp_w == Some(watts), "{name}: {:?}", found.tdp_w);
    }
    assert_eq!(set.accelerator("Tesla K80").unwrap().device_tdp_w(), Some(150.0));
    assert_eq!(set.accelerator("TPU v5e").unwrap().tdp_w, None);
    for unknown in ["A100", "NVIDIA", "", "GeForce", "RTX 9999", "NVIDIA A100-SXM4-80GB MIG 1g.10gb"] {
        assert_eq!(set.accelerator(unknown), None, "{unknown}");
    }
    assert_eq!(set.accelerator_suggestions("RTX 4009").first().map(String::as_str), Some("GeForce RTX 4090"));
    assert!(
        set.accelerator_suggestions("A100").iter().any(|model| model.starts_with("A100-") || model.starts_with("A100 ")),
        "{:?}",
        set.accelerator_suggestions("A100")
    );
    // NVIDIA's footprint of the 8-GPU board: 1,312 kg, 164 for one; Boavizta's 575 kg is inside the interval.
    let h100 = set.accelerator("H100").unwrap().embodied.unwrap();
    assert_eq!(h100.value, 164.0);
    assert!(h100.high > 575.1);
    assert_eq!(set.embodied_server("anything").map(|server| (server.value, server.matched)), Some((5700.0, Match::Default)));
}

#[test]
fn processors_are_known_as_the_kernel_prints_them() {
    let set = factors();
    for (name, model, watts) in [
        ("Intel(R) Xeon(R) Platinum 8360Y CPU @ 2.40GHz", "Xeon Platinum 8360Y", 250.0),
        ("AMD EPYC 7763 64-Core Processor", "EPYC 7763", 280.0),
        ("AMD EPYC 9654 96-Core Processor", "EPYC 9654", 360.0),
        ("Intel(R) Xeon(R) CPU E5-2698 v4 @ 2.20GHz", "Xeon E5-2698 v4", 135.0),
        ("12th Gen Intel(R) Core(TM) i9-12900H", "Core i9-12900H", 45.0),
        ("AMD Ryzen 9 5950X 16-Core Processor", "Ryzen 9 5950X", 105.0),
        ("AMD Ryzen Threadripper PRO 3975WX 32-Cores", "Ryzen Threadripper PRO 3975WX", 280.0),
        ("Intel(R) Core(TM)2 Quad CPU    Q6600  @ 2.40GHz", "Core 2 Quad Q6600", 95.0),
        ("Xeon Platinum 8358", "Xeon Platinum 8358", 250.0),
    ] {
        let cpu = set.cpu(name).unwrap_or_else(|| panic!("{name}: {:?}", set.cpu_suggestions(name)));
        assert_eq!((cpu.model.as_str(), cpu.tdp_w), (model, watts), "{name}");
    }
    for unknown in ["AMD EPYC", "", "Intel(R) CPU @ 2.00GHz", "AMD EPYC 7R13 Processor"] {
        assert_eq!(set.cpu(unknown), None, "{unknown}");
    }
    let again: Vec<bool> = set.cpus().map(|cpu| set.source(&cpu.source).is_some()).take(50).collect();
    assert!(again.iter().all(|known| *known));
    assert!(set.cpu_suggestions("Xeon Platinum 8359").contains(&String::from("Xeon Platinum 8358")));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Names come from logs and from people: whatever they hold, a look-up answers.
    #[test]
    fn any_name_is_answered(name in "\\PC{0,40}|[a-zA-Z0-9:(),@/ -]{0,24}|(Intel|AMD|NVIDIA|gcp:|US-|EGRID-)\\PC{0,12}") {
        let set = FactorSet::from_tables(&carbon_data::TABLES.iter().copied().filter(|(table, _)| *table != "cpus").collect::<Vec<_>>()).unwrap();
        if let Ok(zone) = set.zone(&name) {
            proptest::prop_assert!(!set.bases(&zone).is_empty());
        }
        let _ = (set.zone_of_place(&name, &name), set.region(&name), set.accelerator(&name), set.cpu(&name));
        let _ = (set.accelerator_suggestions(&name), set.cpu_suggestions(&name), set.provider_pue(&name, None), set.source(&name));
    }

    /// A user's file is any text: it becomes a table or an error, and what becomes a table answers.
    #[test]
    fn any_user_table_is_read_or_refused(rows in "([A-Z]{2}|fr|\"a\"\"b\"|é|),([0-9.]{1,5}|nan|-1),(direct|lifecycle|x),(20[0-9]{2}|y),(s|\"s, t\"|)(\r\n|\n|,)*", header in "zone,gco2e_per_kwh,basis,year,source\n|\\PC{0,8}") {
        if let Ok(set) = FactorSet::default().with_user_table("own.csv", &(header + &rows)) {
            for listed in set.zones() {
                let factor = set.carbon_intensity(&listed.id, None, listed.bases[0]).unwrap();
                proptest::prop_assert!(factor.low < factor.value && factor.value < factor.high);
                proptest::prop_assert!(set.source(&factor.source).is_some());
            }
        }
    }
}
