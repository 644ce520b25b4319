//! Law 4: a constant in code that reaches a number is a fault. Every figure in core that is not a row of a table stands here by name, with what it is.

use std::collections::BTreeSet;
use std::fs;

use carbon_tests::{root, walk};

/// What a figure may be that is no row of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Is {
    /// Definitions of units, calendars and statistics.
    Definition,
    /// What a format or a piece of hardware is defined to write.
    Format,
    /// A bound of memory or time: results beyond it are told, not changed.
    Bound,
    /// Beyond this, input is refused or no figure at all.
    Sane,
    /// Chooses words or digits; figures are what they are.
    Words,
}

/// Constants of physical or floating types, by file, and of any number where logs are read and counted.
const CONSTANTS: &[(&str, &str, Is)] = &[
    ("account/cost.rs", "MOST_YEARS", Is::Sane),
    ("account/differ.rs", "ABOUT_ONE", Is::Words),
    ("account/differ.rs", "TOLD_FROM", Is::Words),
    ("account/fleet.rs", "ONE", Is::Definition),
    ("account/settings.rs", "LIFETIMES", Is::Sane),
    ("account/student.rs", "NORMAL", Is::Definition),
    ("account/timeline.rs", "MOST_STEPS", Is::Bound),
    ("account/wide.rs", "TOLD_ABOVE", Is::Words),
    ("compare/hours.rs", "DAY", Is::Definition),
    ("decode/crc32c.rs", "POLYNOMIAL", Is::Definition),
    ("decode/head.rs", "PAIRS", Is::Bound),
    ("decode/quantity.rs", "MOST_KWH", Is::Sane),
    ("interval.rs", "MOST_DOUBTFUL", Is::Sane),
    ("interval.rs", "ROUNDING", Is::Sane),
    ("decode/encoding.rs", "PLAIN", Is::Sane),
    ("decode/encoding.rs", "SHIFTED", Is::Sane),
    ("decode/table.rs", "MOSTLY", Is::Sane),
    ("decode/table/above.rs", "LEAST_FIGURES", Is::Sane),
    ("decode/table/elapsed.rs", "PARTS", Is::Definition),
    ("decode/table.rs", "ROWS_LOOKED_AT", Is::Bound),
    ("estimate/hardware.rs", "HIGHEST_TDP_W", Is::Sane),
    ("estimate/methods.rs", "KG_PER_LB", Is::Definition),
    ("estimate/phase.rs", "LONGEST_H", Is::Sane),
    ("estimate/phase.rs", "MOST_DEVICE_H", Is::Sane),
    ("factor/slip.rs", "UNITS", Is::Definition),
    ("ledger/pattern.rs", "PLACES", Is::Definition),
    ("ledger/adopt.rs", "COMPARED", Is::Bound),
    ("ledger/clocks.rs", "BROKEN_ZONES", Is::Definition),
    ("ledger/clocks.rs", "COMPARED", Is::Bound),
    ("ledger/clocks.rs", "DIFFERENCES", Is::Bound),
    ("ledger/clocks.rs", "QUARTER_HOUR_US", Is::Definition),
    ("ledger/file_numbers.rs", "COMPARED", Is::Bound),
    ("ledger/assemble.rs", "MOST_STRETCHES", Is::Bound),
    ("ledger/claim.rs", "WIDEST_ZONE_US", Is::Definition),
    ("ledger/evidence.rs", "WIDEST_ZONE", Is::Definition),
    ("ledger/summer_time.rs", "CHANGED_BY_US", Is::Definition),
    ("ledger/summer_time.rs", "HOUR_US", Is::Definition),
    ("ledger/summer_time.rs", "SUNDAY_US", Is::Definition),
    ("ledger/summer_time.rs", "WEEK_US", Is::Definition),
    ("ledger/undated.rs", "DAY_US", Is::Definition),
    ("ledger/undated.rs", "DAYS", Is::Bound),
    ("ledger/hosts.rs", "COMPARED", Is::Bound),
    ("ledger/models.rs", "SHORTEST_NUMBER", Is::Words),
    ("ledger/only.rs", "NAMED", Is::Words),
    ("ledger/places.rs", "EVER", Is::Definition),
    ("ledger/plausible.rs", "LONGEST_TIME", Is::Sane),
    ("ledger/meters.rs", "COMPARED", Is::Bound),
    ("ledger/perhaps_named.rs", "LOOKS", Is::Bound),
    ("ledger/perhaps_zones.rs", "COMPARED", Is::Bound),
    ("ledger/perhaps_zones.rs", "LOOKS", Is::Bound),
    ("ledger/racks.rs", "LOOKS", Is::Bound),
    ("ledger/ranks.rs", "COMPARED", Is::Bound),
    ("ledger/rule.rs", "COMPARED", Is::Bound),
    ("ledger/rule.rs", "PARTS", Is::Definition),
    ("ledger/zone_fit.rs", "COMPARED", Is::Bound),
    ("ledger/zone_fit.rs", "LOOKS", Is::Bound),
    ("ledger/zone_fit.rs", "PIECES", Is::Bound),
    ("ledger/zones.rs", "COMPARED", Is::Bound),
    ("ledger/zones.rs", "HOUR_US", Is::Definition),
    ("ledger/undated.rs", "FITTED", Is::Bound),
    ("options/value.rs", "LONGEST_INTERVAL_US", Is::Sane),
    ("options/value.rs", "MOST_MEMORY_GB", Is::Sane),
    ("read/carbon_report_jsonl.rs", "LINES_TO_A_RECORD", Is::Bound),
    ("read/carbon_report_jsonl/allotment.rs", "WHOLE", Is::Definition),
    ("read/carbon_report_jsonl/gaps.rs", "STEERED", Is::Words),
    ("read/carbon_report_jsonl/gaps.rs", "STEERING", Is::Words),
    ("read/carbon_report_jsonl/record/encode.rs", "LONGEST_TEXT", Is::Format),
    ("read/about_run.rs", "ID_DIGITS", Is::Format),
    ("read/carbon_report_jsonl/record/encode.rs", "TAIL_BYTES", Is::Format),
    ("read/carbontracker/components.rs", "MOST_VALUES", Is::Sane),
    ("read/carbontracker/standard.rs", "MEANS_FROM", Is::Format),
    ("read/carbontracker/standard.rs", "MEANS_TO", Is::Format),
    ("read/carbontracker/standard.rs", "STAMPS", Is::Format),
    ("read/carbontracker_log.rs", "LINES_TO_A_MARK", Is::Bound),
    ("read/clock_face.rs", "DAY", Is::Definition),
    ("read/clock_face.rs", "HALF_DAY", Is::Definition),
    ("read/clock_face.rs", "HOUR", Is::Definition),
    ("read/codecarbon/components.rs", "LOAD_MODEL", Is::Format),
    ("read/codecarbon/components.rs", "POWERS_WITH_PUE", Is::Format),
    ("read/codecarbon/components.rs", "UNKNOWN_CPU", Is::Format),
    ("read/codecarbon/declare.rs", "FALLBACK_POINT", Is::Format),
    ("read/codecarbon/mod.rs", "STAMPS", Is::Format),
    ("read/codecarbon/repairs.rs", "LONGEST", Is::Sane),
    ("read/codecarbon_csv.rs", "LINES_TO_A_HEADER", Is::Bound),
    ("read/codecarbon_csv.rs", "MOST_REPEATED", Is::Sane),
    ("read/codecarbon_json.rs", "LINES_TO_A_RECORD", Is::Bound),
    ("read/experiment_impact_tracker_json.rs", "SAME_POWER", Is::Format),
    ("read/file.rs", "LINES_OF_HEAD", Is::Bound),
    ("read/file.rs", "LINES_OF_NAMES", Is::Bound),
    ("read/file.rs", "LONGEST_HEAD", Is::Bound),
    ("read/file.rs", "ROWS_OF_HEAD", Is::Sane),
    ("read/file/another.rs", "LAST_LINES", Is::Bound),
    ("read/file/another.rs", "LINES_OF_TABLE", Is::Sane),
    ("read/file/another.rs", "STARTS_LOOKED_AT", Is::Bound),
    ("read/foreign.rs", "HEAD", Is::Bound),
    ("read/generic_csv/spelling.rs", "LONGEST", Is::Bound),
    ("read/generic_csv/suggestion.rs", "AGREES", Is::Sane),
    ("read/generic_csv/suggestion.rs", "WATTS_BELOW", Is::Words),
    ("read/generic_csv/values.rs", "LEAST_STEP", Is::Sane),
    ("read/generic_csv/values.rs", "ROWS_LOOKED_AT", Is::Bound),
    ("read/generic_json.rs", "ROWS_LOOKED_AT", Is::Bound),
    ("read/generic_csv/values.rs", "STEPS_NEEDED", Is::Sane),
    ("read/intensity_csv.rs", "GRAMS_PER_POUND", Is::Definition),
    ("read/intensity_csv.rs", "MOST_COLUMNS", Is::Sane),
    ("read/larger_total.rs", "PARTS", Is::Definition),
    ("read/layout/lines.rs", "BEGINS_ALIKE", Is::Words),
    ("read/layout/lines.rs", "MOST_PLACES", Is::Bound),
    ("read/layout/lines.rs", "PIECES", Is::Words),
    ("read/layout/lines.rs", "WORD", Is::Words),
    ("read/layout/lines.rs", "WORDS_BEFORE_A_CUT", Is::Words),
    ("read/layout/metrics.rs", "LINES_LOOKED_AT", Is::Bound),
    ("read/layout/metrics.rs", "MOST_NAMES", Is::Bound),
    ("read/layout/records/names.rs", "NAMES_REMEMBERED", Is::Bound),
    ("read/layout/records/stray.rs", "STAMP_START", Is::Format),
    ("read/layout/table.rs", "PREAMBLE_LINES", Is::Bound),
    // The order of rows is all that matters.
    ("read/layout/table.rs", "UNTIMED", Is::Sane),
    ("read/layout/tree/alike.rs", "MOST_FIELDS", Is::Bound),
    ("read/layout/tree/alike.rs", "MOST_PASSED", Is::Bound),
    ("read/layout/windows.rs", "MOST_WAITING", Is::Bound),
    ("read/layout/windows.rs", "WHOLE", Is::Definition),
    ("read/lost_rows.rs", "WHOLE", Is::Definition),
    ("read/nvidia_smi_csv/headless.rs", "ROWS_LOOKED_AT", Is::Bound),
    ("read/perf_stat.rs", "MOST_PACKAGES", Is::Sane),
    ("read/powercap/table.rs", "ROWS_LOOKED_AT", Is::Bound),
    ("read/repeated.rs", "LEAST_DIFFERENT", Is::Sane),
    ("read/repeated.rs", "MOST_COPIES", Is::Sane),
    ("read/repeated.rs", "MOST_PIECES", Is::Bound),
    ("read/repeated.rs", "START", Is::Definition),
    ("read/repeated.rs", "STEP", Is::Definition),
    ("read/row_clock.rs", "MICROS_PER_DAY", Is::Definition),
    ("read/second_sampler.rs", "PARTS", Is::Definition),
    ("read/strays.rs", "ALIKE", Is::Sane),
    ("read/strays.rs", "LEAST_LINES", Is::Sane),
    ("read/strays.rs", "MOST_BYTES", Is::Bound),
    ("read/strays.rs", "MOST_KINDS", Is::Bound),
    ("read/strays.rs", "MOST_PREFIXES", Is::Bound),
    ("read/sampled_table/known_lines.rs", "EACH", Is::Definition),
    ("read/sampled_table/known_lines.rs", "LONGEST", Is::Bound),
    ("read/sampled_table/known_lines.rs", "LONGEST_RECORD", Is::Bound),
    ("read/sampled_table/known_lines.rs", "PLACES", Is::Bound),
    ("read/sampled_table/known_lines.rs", "SPREAD", Is::Definition),
    ("read/sampled_table/places.rs", "DIGITS_OF_MILLIS", Is::Definition),
    ("read/sampled_table/places.rs", "MOST_NUMBERS", Is::Bound),
    ("read/slurm_sacct/job.rs", "LATEST", Is::Bound),
    ("read/slurm_sacct/job.rs", "STAMPS", Is::Format),
    ("read/slurm_sacct/nodes.rs", "LONGEST_NAME", Is::Bound),
    ("read/slurm_sacct/nodes.rs", "MOST_NODES", Is::Bound),
    ("read/slurm_sacct/nodes.rs", "WIDEST", Is::Bound),
    ("read/slurm_sacct/steps.rs", "MOST_RUNS", Is::Bound),
    ("read/slurm_sacct/value.rs", "SUFFIXES", Is::Format),
    ("read/slurm_sacct/value.rs", "TWO_TO_64", Is::Format),
    ("series/again.rs", "DISTANCES", Is::Bound),
    ("series/again.rs", "MOST", Is::Bound),
    ("series/buckets.rs", "FEW", Is::Bound),
    ("series/clock_steps.rs", "MOST_COMPARED", Is::Bound),
    ("series/holes.rs", "MOST", Is::Bound),
    ("series/holes.rs", "SPARE", Is::Bound),
    ("series/in_order.rs", "KEPT", Is::Bound),
    ("series/intervals.rs", "IN_HAND", Is::Bound),
    ("series/likeness.rs", "MOST", Is::Bound),
    ("series/mod.rs", "RAPL_RANGES_UJ", Is::Format),
    ("series/pending.rs", "HEAD_DISORDER_US", Is::Bound),
    ("series/pending.rs", "HELD", Is::Bound),
    ("series/profile.rs", "LONGEST_LINEAR_US", Is::Bound),
    ("series/profile.rs", "DAY_S", Is::Definition),
    ("series/profile.rs", "HOUR_S", Is::Definition),
    ("series/profile.rs", "MOST_BUCKETS", Is::Bound),
    ("series/profile.rs", "MOST_LONG_BUCKETS", Is::Bound),
    ("series/profile.rs", "PROFILE_STEPS_S", Is::Bound),
    ("series/sample.rs", "INTERVAL_START", Is::Format),
    ("text.rs", "ENERGY_FROM_KWH", Is::Definition),
    ("text.rs", "MASS_FROM_KG", Is::Definition),
    ("text.rs", "POWER_FROM_W", Is::Definition),
    ("units/calendar.rs", "MICROS_PER_DAY", Is::Definition),
    ("units/calendar.rs", "PARTS_OF_DAY", Is::Definition),
    ("units/calendar.rs", "SANE_YEARS", Is::Sane),
    ("units/mod.rs", "HOURS_PER_YEAR", Is::Definition),
    ("units/mod.rs", "PICOJOULES_PER_KWH", Is::Definition),
    ("units/mod.rs", "ZERO", Is::Definition),
];

/// Where a number of rows or devices shapes what is read, as a figure does elsewhere.
const COUNTED: &[&str] = &["decode", "ledger", "read", "series"];

/// Fractions in formulas of these parts, but for units and shapes of tables.
const FORMULAS: &[&str] = &["account", "compare", "estimate", "factor", "interval", "interval.rs", "ledger", "series"];
const FRACTIONS: &[(&str, &str, Is)] = &[
    // Half a width of a normal distribution at 95 %; below a ten-thousandth nothing is told.
    ("account/cost.rs", "1.96", Is::Definition),
    ("account/cost.rs", "1e-4", Is::Words),
    ("account/cost.rs", "0.001", Is::Words),
    // Lower ends stay above 0, where a logarithm is taken.
    ("account/cost.rs", "0.05", Is::Sane),
    ("account/instruments.rs", "0.05", Is::Sane),
    ("account/instruments.rs", "1.05", Is::Sane),
    ("account/prediction.rs", "0.05", Is::Sane),
    ("account/wide.rs", "0.999", Is::Sane),
    ("interval.rs", "0.999", Is::Sane),
    ("interval/end.rs", "0.999", Is::Sane),
    ("factor/interval.rs", "1.01", Is::Sane),
    // Quantiles of 95 %, and its level.
    ("account/mod.rs", "0.95", Is::Definition),
    ("factor/grid.rs", "0.025", Is::Definition),
    ("factor/grid.rs", "0.975", Is::Definition),
    // Half a unit of the last digit that is printed.
    ("factor/pue.rs", "0.005", Is::Definition),
    // Half of the sum of two steps, doubled.
    ("series/likeness.rs", "4.0", Is::Definition),
    // The last digits of a sum in another order.
    ("account/found.rs", "1e-9", Is::Sane),
    ("account/runs.rs", "1e-6", Is::Sane),
    ("account/differ.rs", "0.99", Is::Words),
    ("account/epochs.rs", "1e9", Is::Sane),
    ("account/summary.rs", "1e-12", Is::Sane),
    ("account/timeline.rs", "2e12", Is::Definition),
    ("estimate/phase.rs", "1.001", Is::Sane),
    ("ledger/alike.rs", "1e-9", Is::Sane),
];

#[test]
fn figures_of_core_are_rows_of_tables() {
    let source = root().join("core/src");
    let mut files = Vec::new();
    walk(&source, &mut files);
    let (mut constants, mut fractions) = (BTreeSet::new(), BTreeSet::new());
    for file in files.iter().filter(|file| !file.to_string_lossy().contains("tests")) {
        let name = file.strip_prefix(&source).expect("in core").to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(file).expect("text");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let in_formula = FORMULAS.contains(&name.split('/').next().unwrap_or_default());
        // Words for people, and Student's distribution.
        let in_formula = in_formula && !["account/context.rs", "account/student.rs"].contains(&name.as_str());
        for statement in lines(code) {
            if let Some(constant) = constant(&statement, COUNTED.contains(&name.split('/').next().unwrap_or_default())) {
                constants.insert((name.clone(), constant));
            } else if in_formula && !statement.contains("Kind::Number") && !statement.contains("within(") {
                fractions.extend(numbers(&statement).into_iter().filter(|n| !is_unit(n)).map(|n| (name.clone(), n)));
            }
        }
    }
    assert!(constants.len() > 30 && fractions.len() > 10, "the walk finds nothing");
    let same = |found: &BTreeSet<(String, String)>, known: &[(&str, &str, Is)]| {
        let known: BTreeSet<(String, String)> = known.iter().map(|(file, name, _)| (file.to_string(), name.to_string())).collect();
        let new: Vec<_> = found.difference(&known).collect();
        assert!(new.is_empty(), "give these a row in data/tables/rules.csv, or say here what else they are: {new:?}");
        let gone: Vec<_> = known.difference(found).collect();
        assert!(gone.is_empty(), "no longer there: {gone:?}");
    };
    same(&constants, CONSTANTS);
    same(&fractions, FRACTIONS);
}

/// A format may read any part of a computer with any instrument, one of the user's as well.
#[test]
fn every_instrument_has_ends_for_any_part() {
    let rows = carbon_tests::csv_rows(include_str!("../../data/tables/instruments.csv"));
    for instrument in carbon_core::series::Instrument::ALL {
        let any = rows.iter().any(|row| row["instrument"] == instrument.as_str() && row["component"] == "any");
        assert!(any, "{}", instrument.as_str());
    }
}

/// Every rule of the table is asked for, once at least.
#[test]
fn every_rule_is_used() {
    let mut files = Vec::new();
    walk(&root().join("core/src"), &mut files);
    let code: String =
        files.iter().filter(|file| !file.ends_with("rules.rs")).map(|file| fs::read_to_string(file).expect("text")).collect();
    for row in carbon_data::RULES.lines().skip(1) {
        let name = row.split(',').next().unwrap_or_default();
        assert!(code.contains(&format!("\"{name}\"")), "{name} is a rule that nobody asks for");
    }
}

/// The table is read while the program is compiled: a rule that is asked for outside of a constant would search it for each reading.
#[test]
fn rules_are_constants() {
    let mut files = Vec::new();
    walk(&root().join("core/src"), &mut files);
    let mut asked = 0;
    for file in files.iter().filter(|file| !file.ends_with("rules.rs")) {
        let code = fs::read_to_string(file).expect("text");
        for (at, _) in code
            .match_indices("rules::")
            .filter(|(at, _)| code[at + 7..].find(['(', ';', '\n']).is_some_and(|end| code[at + 7 + end..].starts_with('(')))
        {
            asked += 1;
            // Of the statement or block that it stands in: nothing between the word and the rule begins a function or ends a line of code.
            let before = &code[..at];
            let constant = before.rfind("const ").map(|from| &before[from..]);
            let inside = constant.is_some_and(|text| !text.starts_with("const fn") && text.lines().count() <= 3);
            assert!(inside, "{}: {:?}", file.display(), &code[at..code.len().min(at + 60)]);
        }
    }
    assert!(asked > 50, "the walk finds nothing");
}

/// Lines of code without comments and texts.
fn lines(code: &str) -> Vec<String> {
    let mut out = String::new();
    for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
        let mut inside = false;
        let mut last = ' ';
        for c in line.chars() {
            if c == '"' && last != '\\' && last != '\'' {
                inside = !inside;
            } else if !inside {
                out.push(c);
            }
            last = c;
        }
        out.push('\n');
    }
    out.lines().map(str::trim).map(String::from).collect()
}

/// The name of a constant of a physical or floating type that holds a figure of its own.
fn constant(statement: &str, counts: bool) -> Option<String> {
    let at = statement.find("const ").filter(|at| *at == 0 || statement[..*at].trim_start().starts_with("pub"))?;
    let (name, rest) = statement[at + 6..].split_once(':')?;
    let (kind, value) = rest.split_once('=')?;
    let has = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    let is_physical = has(&["f64", "Power", "Energy", "Span", "i64", "i128"]) || counts && has(&["usize", "u64", "u32", "u16"]);
    let is_figure = value.contains(|c: char| c.is_ascii_digit()) && !value.contains("rules::") && !value.contains("bounds::");
    (is_physical && is_figure && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')).then(|| name.to_string())
}

/// Floating literals.
fn numbers(statement: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
    let words = statement.replace("e-", "e~");
    let words = words.split(|c| !is_part(c) && c != '~').map(|word| word.replace('~', "-"));
    words
        .filter(|word| word.starts_with(|c: char| c.is_ascii_digit()) && !word.contains(".."))
        .filter(|word| word.parse::<f64>().is_ok() && (word.contains('.') || word.contains('e')))
        .collect()
}

/// Powers of ten, halves and doubles, and lengths of time.
fn is_unit(number: &str) -> bool {
    ["0.0", "1.0", "2.0", "100.0", "1000.0", "1e6", "1e3", "3.6e6", "3.6e9", "24.0", "60.0", "3600.0", "10.0"].contains(&number)
}
