//! Comparing the names of devices as samplers, kernels, vendors and people write them.

/// The words of an accelerator's name that tell models apart: split at spaces, hyphens, underscores and slashes; vendors' and product lines' names gone.
///
/// `NVIDIA GeForce RTX 4090` and `rtx-4090` have the same words.
pub(super) fn accelerator_words(name: &str) -> impl Iterator<Item = &str> {
    const LINES: &[&str] = &["accelerator", "corporation", "gpu", "gpus", "geforce", "mba", "nvidia", "oam", "tesla"];
    name.split([' ', '-', '_', '/'])
        .filter(|word| !word.is_empty())
        .filter(|word| !is_one_of(word, VENDORS) && !is_one_of(word, LINES))
        // `(MCM)` names the package of a board, `(Pascal)` the generation of a TITAN X.
        .filter(|word| !word.eq_ignore_ascii_case("(mcm)"))
}

/// The words of a processor's name that tell models apart, from what the kernel's cpuinfo prints.
///
/// `12th Gen Intel(R) Core(TM) i9-12900H`, `AMD EPYC 7763 64-Core Processor` and `Intel(R) Xeon(R) CPU E5-2698 v4 @ 2.20GHz` become
/// `core i9-12900h`, `epyc 7763` and `xeon e5-2698 v4`.
pub(super) fn cpu_words(name: &str) -> impl Iterator<Item = &str> {
    const NOISE: &[&str] = &["(c)", "(r)", "(tm)", "cpu", "gen", "processor", "r", "tm", "c"];
    const END: &[&str] = &["@", "w/", "with", "||"];
    name.split([' ', '(', ')', '®', '™', '_'])
        .filter(|word| !word.is_empty())
        .take_while(|word| !is_one_of(word, END) && !word.starts_with('@'))
        .filter(|word| !is_one_of(word, NOISE) && !is_one_of(word, VENDORS) && !is_generation(word) && !is_core_count(word))
}

/// The vendor that a name starts with or contains, in lower case.
pub(super) fn vendor_of(name: &str) -> Option<&'static str> {
    VENDORS.iter().copied().find(|vendor| name.split([' ', '(', '-', '_']).any(|word| word.eq_ignore_ascii_case(vendor)))
}

/// Whether both have the same letters and digits in their words, case and hyphens ignored, and at least one.
///
/// Where a word ends does not count: `RTX4090` is `RTX 4090`, `FX(tm)-8350` is `FX-8350`.
pub(super) fn same<'a, 'b>(a: impl Iterator<Item = &'a str>, b: impl Iterator<Item = &'b str>) -> bool {
    let letters = |c: &char| *c != '-';
    let mut a = a.flat_map(str::chars).filter(letters).map(|c| c.to_ascii_lowercase()).peekable();
    let b = b.flat_map(str::chars).filter(letters).map(|c| c.to_ascii_lowercase());
    a.peek().is_some() && a.eq(b)
}

/// Whether an incomplete name may mean this one: its words are among `known`, or are neighbours there written as one (`2080ti`, `i9 9900K`).
///
/// A word of three letters or more stands for itself with digits behind: `SXM` for `SXM4`.
pub(super) fn may_mean(known: &[&str], asked: &[&str]) -> bool {
    let is = |word: &&str, other: &&str| {
        other.eq_ignore_ascii_case(word)
            || word.len() >= 3
                && word.bytes().all(|b| b.is_ascii_alphabetic())
                && other.trim_end_matches(|c: char| c.is_ascii_digit()).eq_ignore_ascii_case(word)
    };
    let among = !asked.is_empty() && asked.iter().all(|word| known.iter().any(|other| is(word, other)));
    among || (1..=known.len()).any(|end| ends_with(&known[..end], asked))
}

/// Whether the last words of `known` are `asked`: those of `GeForce RTX 3090` are `3090`, those of `GeForce RTX 3090 Ti` are not.
pub(super) fn ends_with(known: &[&str], asked: &[&str]) -> bool {
    (0..known.len()).any(|start| same(known[start..].iter().copied(), asked.iter().copied()))
}

const VENDORS: &[&str] = &["amd", "ampere", "apple", "aws", "google", "huawei", "intel", "nvidia"];

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|other| other.eq_ignore_ascii_case(word))
}

/// `12th`, `11th`, `13th`.
fn is_generation(word: &str) -> bool {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let ending = &word[digits.len()..];
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && is_one_of(ending, &["st", "nd", "rd", "th"])
}

/// `64-Core`, `32-Cores`, `Eight-Core`.
fn is_core_count(word: &str) -> bool {
    word.split_once('-').is_some_and(|(count, core)| !count.is_empty() && is_one_of(core, &["core", "cores"]))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn kernels_names_lose_their_noise() {
        for (name, expected) in [
            ("Intel(R) Xeon(R) Platinum 8360Y CPU @ 2.40GHz", "Xeon Platinum 8360Y"),
            ("Intel(R) Xeon(R) CPU E5-2698 v4 @ 2.20GHz", "Xeon E5-2698 v4"),
            ("12th Gen Intel(R) Core(TM) i9-12900H", "Core i9-12900H"),
            ("Intel(R) Core(TM)2 Quad CPU    Q6600  @ 2.40GHz", "Core 2 Quad Q6600"),
            ("AMD EPYC 7763 64-Core Processor", "EPYC 7763"),
            ("AMD Ryzen Threadripper PRO 3975WX 32-Cores", "Ryzen Threadripper PRO 3975WX"),
            ("AMD Opteron(tm) Processor 6376", "Opteron 6376"),
            ("AMD FX(tm)-8350 Eight-Core Processor", "FX -8350"),
            ("AMD Ryzen 7 5800H with Radeon Graphics", "Ryzen 7 5800H"),
            ("AMD Ryzen 7 7840U w/ Radeon  780M Graphics", "Ryzen 7 7840U"),
            ("Intel(R) Core(TM) Ultra 7 155H", "Core Ultra 7 155H"),
        ] {
            assert_eq!(cpu_words(name).collect::<Vec<_>>().join(" "), expected, "{name}");
        }
    }

    #[test]
    fn accelerators_are_compared_without_vendors_and_lines() {
        assert!(same(accelerator_words("NVIDIA GeForce RTX 4090"), accelerator_words("rtx-4090")));
        assert!(same(accelerator_words("Tesla V100-SXM2-16GB"), accelerator_words("NVIDIA V100 SXM2 16GB")));
        assert!(!same(accelerator_words("Quadro RTX 6000"), accelerator_words("RTX 6000 Ada Generation")));
        assert!(!same(accelerator_words("RTX 3070 Laptop GPU"), accelerator_words("RTX 3070")));
        assert!(!same(accelerator_words("NVIDIA"), accelerator_words("Tesla")));
        assert!(same(accelerator_words("RTX4090"), accelerator_words("GeForce RTX 4090")));
        assert!(same(cpu_words("AMD FX(tm)-8350 Eight-Core Processor"), cpu_words("FX-8350")));
        assert_eq!(vendor_of("Intel(R) Xeon(R)"), Some("intel"));
    }

    #[test]
    fn incomplete_names_may_mean_what_holds_their_words() {
        let known = ["GeForce", "RTX", "2080", "Ti"];
        for asked in [&["2080ti"][..], &["2080", "Ti"], &["rtx2080"], &["Ti", "2080"], &["RTX", "2080", "Ti"]] {
            assert!(may_mean(&known, asked), "{asked:?}");
        }
        for asked in [&["208"][..], &["080ti"], &["2080", "Super"], &["T"], &[]] {
            assert!(!may_mean(&known, asked), "{asked:?}");
        }
        assert!(may_mean(&["A100", "SXM4", "40GB"], &["A100", "SXM"]) && !may_mean(&["A100", "SXM4", "40GB"], &["A10"]));
        assert!(ends_with(&known, &["2080", "ti"]) && !ends_with(&known, &["2080"]));
    }
}
