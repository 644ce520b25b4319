//! Hardware as people write it: `8x A100`, `2 x EPYC 7763`, `TPU v3-32`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{list_of, plain};
use crate::factor::{Accelerator, Cpu, FactorSet};
use crate::fault::SettingsError;

/// More devices than these are a slip of the keyboard.
const MOST_DEVICES: u32 = 10_000_000;

/// No single accelerator or processor is rated higher, W; what is, is a machine or a rack. GB300 is at 1,400 W.
pub(super) const HIGHEST_TDP_W: f64 = 3000.0;

/// A number of devices of one kind.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Devices {
    /// Model, as the tables have it or as the user wrote it.
    pub model: String,
    /// How many; whether that was said.
    pub count: u32,
    pub counted: bool,
    /// Rated power of one, W.
    pub tdp_w: f64,
    /// Rated power of what the name may also mean, as shares of `tdp_w`: lower and upper end.
    pub spread: (f64, f64),
    /// Published mean power in training, host included, W.
    pub mean_w: Option<f64>,
    /// Cores of one processor.
    pub cores: Option<u32>,
    /// What was assumed about the name.
    pub remark: Option<String>,
    /// Id of the source of the rated power.
    pub source: String,
}

/// The count and the name of `8x A100`, `A100 x8`, `8 A100`.
pub(super) fn counted(setting: &'static str, text: &str) -> Result<(Option<u32>, String), SettingsError> {
    let text = text.trim();
    let wrong = |what: String| SettingsError::new(setting, what, "write a number and a name, such as `8x A100-SXM4-80GB`");
    if text.is_empty() {
        return Err(wrong(String::from("found no name")));
    }
    let digits_end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | '+' | '.' | ',' | '_')).unwrap_or(text.len());
    let (lead, rest) = text.split_at(digits_end);
    let after = rest.trim_start();
    let times = ['x', 'X', '×', '*'].into_iter().find_map(|sign| after.strip_prefix(sign));
    // `x8 A100` is no count, `8xA100`, `8 x A100` and `8 A100` are; `3090` alone is a name.
    let name = match times {
        Some(name) if !lead.is_empty() => Some(name),
        _ if !lead.is_empty() && rest.starts_with(' ') => Some(after),
        _ => None,
    };
    if let Some(name) = name.map(str::trim).filter(|name| !name.is_empty()) {
        return Ok((Some(count(lead, text, &wrong)?), name.to_string()));
    }
    if let Some((name, tail)) = text.rsplit_once(['x', '×', '*'])
        && name.ends_with(' ')
        && !tail.trim().is_empty()
        && tail.trim().bytes().all(|b| b.is_ascii_digit() || b == b'-')
    {
        return Ok((Some(count(tail.trim(), text, &wrong)?), name.trim().to_string()));
    }
    if text.starts_with('-') {
        return Err(wrong(format!("found {text:?}, expected a number of devices above 0")));
    }
    Ok((None, text.to_string()))
}

fn count(digits: &str, text: &str, wrong: &impl Fn(String) -> SettingsError) -> Result<u32, SettingsError> {
    let plain: String = digits.chars().filter(|c| !matches!(c, ',' | '_')).collect();
    match plain.parse::<u32>() {
        Ok(0) | Err(_) => Err(wrong(format!("found {text:?}, expected a whole number of devices above 0"))),
        Ok(count) if count > MOST_DEVICES => Err(wrong(format!("found {count} devices, expected at most {MOST_DEVICES}"))),
        Ok(count) => Ok(count),
    }
}

/// Accelerators by what people write; `tdp_w` is the user's own figure for one of them.
pub(super) fn accelerators(text: &str, tdp_w: Option<f64>, factors: &FactorSet) -> Result<Devices, SettingsError> {
    let (count, name) = counted("gpu", text)?;
    let (slice, name) = slice_of(&name);
    let chips = slice.map_or(Ok(1), |slice| slice.chips(text))?;
    let mut remarks: Vec<String> = Vec::new();
    if let Some(slice) = slice {
        remarks.push(format!("{} is a slice of {chips} chips", slice.text));
    }
    let mut devices = Devices {
        model: name.clone(),
        count: count.unwrap_or(1).saturating_mul(chips),
        counted: count.is_some() || slice.is_some(),
        tdp_w: 0.0,
        spread: (1.0, 1.0),
        mean_w: None,
        cores: None,
        remark: None,
        source: String::from("user"),
    };
    let of = |name: &str| factors.accelerator(name).map_or_else(|| factors.accelerators_of_words(name), |one| [one].to_vec());
    let mut fits: Vec<Accelerator> = of(&name);
    // `8 A100s`; an L40S and a V100S are found as they are.
    if let Some(one) = name.strip_suffix('s').filter(|one| fits.is_empty() && one.ends_with(|c: char| c.is_ascii_digit())) {
        fits = of(one);
    }
    let mut known: Vec<(f64, &Accelerator)> = fits.iter().filter_map(|a| Some((a.device_tdp_w()?, a))).collect();
    known.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.model.cmp(&b.1.model)));
    if let Some(tdp) = tdp_w {
        devices.tdp_w = tdp;
        if let [one] = fits.as_slice() {
            devices.model = one.model.clone();
        }
        remarks.push(format!("{}: {} W each, as given", devices.model, plain(tdp)));
    } else if let Some((tdp, middle)) = likeliest(&known, &name) {
        let (low, high) = (known.first().map_or(tdp, |k| k.0), known.last().map_or(tdp, |k| k.0));
        devices.model = middle.model.clone();
        devices.tdp_w = tdp;
        devices.spread = (low / tdp, high / tdp);
        devices.source = middle.source.clone();
        devices.mean_w = middle.mean_w;
        if known.len() > 1 {
            remarks.push(format!(
                "{name} may be any of {} models of {} to {} W: {} with {} W is taken, and the interval holds the others",
                known.len(),
                plain(low),
                plain(high),
                middle.model,
                plain(tdp)
            ));
        } else if !name.to_ascii_lowercase().ends_with(&middle.model.to_ascii_lowercase()) {
            remarks.push(format!("{name} is read as {} with a rated power of {} W", middle.model, plain(tdp)));
        }
        if middle.gpus_per_board > 1 {
            devices.spread.1 *= f64::from(middle.gpus_per_board);
            remarks.push(format!(
                "a board of {} holds {} GPUs, of which each counts as one; the interval holds the case that boards were meant",
                middle.model, middle.gpus_per_board
            ));
        }
    } else if let Some(silent) = fits.first() {
        let message = format!("the vendor publishes no power for {}", silent.model);
        return Err(SettingsError::new(
            "gpu",
            message,
            "give the rated power of one with `--tdp W`, or what it all draws with `--power W`",
        ));
    } else {
        return Err(unknown("gpu", &name, &factors.accelerator_suggestions(&name)));
    }
    devices.remark = (!remarks.is_empty()).then(|| remarks.join("; "));
    Ok(devices)
}

/// The one of these (by rated power) that `name` says to its end; else the middle one.
fn likeliest<'a>(known: &[(f64, &'a Accelerator)], name: &str) -> Option<(f64, &'a Accelerator)> {
    let whole: Vec<_> = known.iter().copied().filter(|(_, one)| one.ends_with(name)).collect();
    let of = if whole.is_empty() { known } else { &whole };
    of.get(of.len() / 2).copied()
}

/// Processors by what people write; `tdp_w` is the user's own figure for one of them.
pub(super) fn processors(text: &str, tdp_w: Option<f64>, factors: &FactorSet) -> Result<Devices, SettingsError> {
    let (count, name) = counted("cpu", text)?;
    let exact = factors.cpu(&name);
    let named = exact.is_some();
    let fits = exact.map_or_else(|| factors.cpus_of_words(&name), |one| [one].to_vec());
    let known: Option<Cpu> = if let [one] = fits.as_slice() { Some(one.clone()) } else { None };
    let Some(tdp) = tdp_w.or(known.as_ref().map(|cpu| cpu.tdp_w)) else {
        if fits.is_empty() {
            return Err(unknown("cpu", &name, &factors.cpu_suggestions(&name)));
        }
        let near: Vec<String> = fits.iter().take(3).map(|cpu| cpu.model.clone()).collect();
        let hint = format!("write which, such as {}; or give the rated power of one with `--tdp W`", list_of(&near, "or"));
        return Err(SettingsError::new("cpu", format!("{name:?} may be any of {} processors", fits.len()), &hint));
    };
    let read_as = known.as_ref().filter(|_| tdp_w.is_none() && !named);
    let remark = match (tdp_w, read_as) {
        (Some(tdp), _) => Some(format!("{name}: {} W each, as given", plain(tdp))),
        (None, Some(cpu)) => Some(format!("{name} is read as {} with a rated power of {} W", cpu.model, plain(tdp))),
        (None, None) => None,
    };
    Ok(Devices {
        model: known.as_ref().map_or_else(|| name.clone(), |cpu| cpu.model.clone()),
        count: count.unwrap_or(1),
        counted: count.is_some(),
        tdp_w: tdp,
        spread: (1.0, 1.0),
        mean_w: None,
        cores: known.as_ref().map(|cpu| cpu.cores),
        remark,
        source: known.filter(|_| tdp_w.is_none()).map_or_else(|| String::from("user"), |cpu| cpu.source),
    })
}

fn unknown(setting: &'static str, name: &str, near: &[String]) -> SettingsError {
    let shown: String = name.chars().take(80).collect();
    let hint = match near {
        [] => String::from("`carbon-report hardware` lists what is known; for anything else give the rated power of one with `--tdp W`"),
        near => format!("did you mean {}? For anything else give the rated power of one with `--tdp W`", list_of(near, "or")),
    };
    SettingsError::new(setting, format!("no table has {shown:?}"), &hint)
}

/// `v3-32` of `TPU v3-32`.
#[derive(Clone, Copy)]
struct Slice<'t> {
    text: &'t str,
    generation: &'t str,
    size: &'t str,
}

impl Slice<'_> {
    /// Chips of the slice: names count cores up to v4 and in v5p, of which a chip has two, and chips in v5e and v6e.
    fn chips(&self, whole: &str) -> Result<u32, SettingsError> {
        let wrong =
            || SettingsError::new("gpu", format!("found {whole:?}, which is no size of a TPU slice"), "write for example `TPU v3-32`");
        let size: u32 = self.size.parse().map_err(|_| wrong())?;
        let by_chip = ["5e", "5litepod", "6e"].iter().any(|g| self.generation.eq_ignore_ascii_case(g));
        match (size, by_chip) {
            (0, _) | (MOST_DEVICES.., _) => Err(wrong()),
            (size, true) => Ok(size),
            (size, false) if size % 2 == 0 => Ok(size / 2),
            _ => Err(wrong()),
        }
    }
}

/// Parts `TPU v3-32` (also `v3-32`) into the slice and the name of its chip.
fn slice_of(name: &str) -> (Option<Slice<'_>>, String) {
    let whole = (None, name.to_string());
    let rest = name.strip_prefix("Google ").unwrap_or(name);
    let rest = ["TPU", "tpu", "Tpu"].iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest).trim_start_matches([' ', '-']);
    let Some(version) = rest.strip_prefix(['v', 'V']).filter(|v| v.starts_with(|c: char| c.is_ascii_digit())) else { return whole };
    let Some((generation, size)) = version.rsplit_once('-') else { return whole };
    if size.is_empty() || !size.bytes().all(|b| b.is_ascii_digit()) {
        return whole;
    }
    let chip = if generation.eq_ignore_ascii_case("5litepod") { "5e" } else { generation };
    (Some(Slice { text: name, generation, size }), format!("TPU v{}", chip.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors() -> FactorSet {
        FactorSet::from_tables(carbon_data::TABLES).unwrap()
    }

    #[test]
    fn counts_stand_before_or_behind() {
        for (text, expected) in [
            ("8x A100", (Some(8), "A100")),
            ("8 x NVIDIA A100-SXM4-80GB", (Some(8), "NVIDIA A100-SXM4-80GB")),
            ("8×A100", (Some(8), "A100")),
            ("8*A100", (Some(8), "A100")),
            ("16 V100", (Some(16), "V100")),
            ("1,024x TPU v3", (Some(1024), "TPU v3")),
            ("A100 x8", (Some(8), "A100")),
            ("A100 x 8", (Some(8), "A100")),
            ("A100", (None, "A100")),
            ("3090", (None, "3090")),
            ("12th Gen Intel Core i9-12900H", (None, "12th Gen Intel Core i9-12900H")),
            ("GTX 1080", (None, "GTX 1080")),
        ] {
            let found = counted("gpu", text).unwrap();
            assert_eq!((found.0, found.1.as_str()), expected, "{text}");
        }
        for text in ["", "0x A100", "-3x A100", "-3 A100", "2.5x A100", "99999999999x A100", "A100 x-2", "A100 x0"] {
            assert!(counted("gpu", text).is_err(), "{text}");
        }
    }

    #[test]
    fn slices_are_counted_in_chips() {
        for (text, count, model) in
            [("TPU v3-32", 16, "TPU v3"), ("v2-8", 4, "TPU v2"), ("2x TPU v4-64", 64, "TPU v4"), ("8x TPU v3", 8, "TPU v3")]
        {
            let found = accelerators(text, None, &factors()).unwrap();
            assert_eq!((found.count, found.model.as_str()), (count, model), "{text}");
        }
        assert_eq!(accelerators("v5e-256", Some(200.0), &factors()).unwrap().count, 256);
        assert!(accelerators("TPU v5e", None, &factors()).unwrap_err().hint.contains("--tdp"));
        assert!(accelerators("TPU v3-7", None, &factors()).is_err());
    }

    #[test]
    fn short_names_keep_what_they_leave_open() {
        let a100 = accelerators("8x A100", None, &factors()).unwrap();
        assert_eq!((a100.tdp_w, a100.spread), (400.0, (250.0 / 400.0, 1.0)));
        assert!(a100.remark.unwrap().contains("4 models of 250 to 400 W"));
        let exact = accelerators("NVIDIA A100-SXM4-80GB", None, &factors()).unwrap();
        assert_eq!((exact.tdp_w, exact.spread, exact.remark), (400.0, (1.0, 1.0), None));
        assert_eq!(accelerators("Tesla V100-PCIE-16GB", None, &factors()).unwrap().tdp_w, 250.0);
    }

    #[test]
    fn unknown_hardware_is_an_error_with_a_way_out() {
        let error = accelerators("8x A1000-SXM4", None, &factors()).unwrap_err();
        assert!(error.message.contains("A1000-SXM4") && error.hint.contains("--tdp"), "{error:?}");
        assert!(accelerators("Frobnicator 9000", None, &factors()).unwrap_err().hint.contains("--tdp W"));
        assert_eq!(accelerators("4x Frobnicator 9000", Some(200.0), &factors()).unwrap().count, 4);
        let cpu = processors("2x Xeon E5-2683 v4", None, &factors()).unwrap();
        assert_eq!((cpu.count, cpu.tdp_w, cpu.cores), (2, 120.0, Some(16)));
        assert!(processors("EPYC 7736", None, &factors()).unwrap_err().hint.contains("EPYC"));
        let many = processors("Xeon", None, &factors()).unwrap_err();
        assert!(many.message.contains("may be any of") && many.hint.contains("Xeon"), "{many:?}");
    }

    #[test]
    fn names_without_their_line_are_known() {
        // Rated powers as the vendors' pages give them.
        for (text, model, tdp) in [
            ("i7-8700K", "Core i7-8700K", 95.0),
            ("i9 9900K", "Core i9-9900K", 95.0),
            ("5950X", "Ryzen 9 5950X", 105.0),
            ("Ryzen 5950X", "Ryzen 9 5950X", 105.0),
            ("Threadripper 3970X", "Ryzen Threadripper 3970X", 280.0),
            ("E5-2683 v4", "Xeon E5-2683 v4", 120.0),
            ("2x Gold 6148", "Xeon Gold 6148", 150.0),
        ] {
            let found = processors(text, None, &factors()).unwrap_or_else(|e| panic!("{text}: {e:?}"));
            assert_eq!((found.model.as_str(), found.tdp_w), (model, tdp), "{text}");
            assert!(found.remark.is_some_and(|remark| remark.contains("is read as")), "{text}");
        }
        for (text, model, tdp) in [
            ("2080ti", "GeForce RTX 2080 Ti", 250.0),
            ("A100 SXM", "A100-SXM4-80GB", 400.0),
            ("8 T4s", "Tesla T4", 70.0),
            ("8 A40 GPUs", "A40", 300.0),
            ("L40S", "L40S", 350.0),
        ] {
            let found = accelerators(text, None, &factors()).unwrap_or_else(|e| panic!("{text}: {e:?}"));
            assert_eq!((found.model.as_str(), found.tdp_w), (model, tdp), "{text}");
        }
        // Whole to its end, and what else it may be in the interval.
        let short = accelerators("3090", None, &factors()).unwrap();
        assert_eq!((short.model.as_str(), short.tdp_w, short.spread), ("GeForce RTX 3090", 350.0, (1.0, 450.0 / 350.0)));
    }
}
