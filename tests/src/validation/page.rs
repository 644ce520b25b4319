//! `docs/validation.md` and its figure, made from the answers.

use std::fmt::Write;

use super::{Answer, Class, PUBLICATIONS, Row, quantile};

/// Rows of one class with what the report says of them.
pub type Answers = Vec<(Row, Answer)>;

/// How a class comes out: rows that can be known, rows that hold, half-widths in ascending order.
pub struct Outcome {
    /// The class.
    pub class: Class,
    /// Rows that a log can answer.
    pub rows: usize,
    /// Rows whose interval holds the meter.
    pub held: usize,
    /// Half-widths over the value, ascending.
    pub widths: Vec<f64>,
}

/// The outcome of each class that has rows.
pub fn outcomes(answers: &Answers) -> Vec<Outcome> {
    let of = |class: Class| {
        let known: Vec<&(Row, Answer)> = answers.iter().filter(|(row, _)| row.class == class && row.can_be_known == "yes").collect();
        let mut widths: Vec<f64> = known.iter().map(|(_, answer)| answer.half_width()).collect();
        widths.sort_by(f64::total_cmp);
        Outcome { class, rows: known.len(), held: known.iter().filter(|(row, answer)| answer.holds(row.truth_kwh)).count(), widths }
    };
    [Class::GpuSensor, Class::MemoryCounters, Class::BoardController, Class::NodeSensors, Class::Tracker].map(of).into_iter().collect()
}

/// The page.
pub fn page(answers: &Answers, intensity: &str) -> String {
    let all = outcomes(answers);
    let (rows, held) = all.iter().fold((0, 0), |(rows, held), one| (rows + one.rows, held + one.held));
    let mut text = format!(
        "# Does the interval hold the meter?

<!-- Made by `tests/tests/validation.rs`; `UPDATE=1` rewrites it. -->

A card says a number and a 95 % interval. This page says how often such intervals hold what a meter read, on comparisons that other people
published, and how wide they are: an interval that holds everything because it is wide is of no use.

**{held} of {rows}** comparisons lie inside. For each row the test writes the log that its authors must have had (samples of constant power, or the tracker's
file), reads it with the shipped readers, accounts for it as `carbon-report` does without any option, and looks where the meter's energy lies. So that a row is not
judged by figures that were learned from it, everything in the tables that rests on its publication is taken out first: what is left are the figures of other
publications and of data sheets.

![Truth over the card's value, by instrument](validation.svg)

| What the log holds | Compared with | Inside | Median half-width | 90 % of half-widths below |
| :-- | :-- | --: | --: | --: |
"
    );
    for one in &all {
        let (what, with) = one.class.label().rsplit_once(", ").unwrap_or((one.class.label(), ""));
        let _ = writeln!(
            text,
            "| {what} | {with} | {} of {} | {:.0} % | {:.0} % |",
            one.held,
            one.rows,
            quantile(&one.widths, 0.5) * 100.0,
            quantile(&one.widths, 0.9) * 100.0
        );
    }
    text += "
A board and memory are compared with *logged*, the parts that the log holds; a node at the plug with *machine*, which adds what no log shows.

## Where it fails

";
    for (row, answer) in answers.iter().filter(|(row, answer)| row.can_be_known == "yes" && !answer.holds(row.truth_kwh)) {
        let _ = writeln!(
            text,
            "- `{}` ({}): the meter read {:.2} times the card's value, the interval reaches from {:.2} to {:.2}. {}",
            row.id,
            row.machine(),
            row.truth_kwh / answer.value,
            answer.low / answer.value,
            answer.high / answer.value,
            row.why_outside()
        );
    }
    text += "
## What no log can answer

These rows are shown in the figure with open marks and are not counted.

";
    for (row, _) in answers.iter().filter(|(row, _)| row.can_be_known != "yes") {
        let why = row.can_be_known.trim_start_matches("no: ");
        let _ = writeln!(text, "- `{}`: {why}.", row.id);
    }
    text += &made_worlds();
    let _ = write!(
        text,
        "
## Carbon intensity

{intensity} The other source is Electricity Maps' flow-traced yearly mean of 2024 (as republished in CO2.js), which counts imports and
has its own factors of plants; the interval's own source is Ember's, of production. Neither is the truth. The interval says what choosing between them may change.

## For whoever must believe the number

- **It is a model, tried on few machines.** {} publications, a dozen kinds of machine. Most rows of a class are one machine under other loads, so {held} of {rows} is less
  evidence than it seems; a machine of another make may lie outside.
- **It was not made blind.** Whoever chose the figures for kinds of machines (`machine_rest.csv`, from data sheets and other papers) had these comparisons before
  their eyes. Taking a publication out of the tables takes out what was computed from it, not what was seen. Comparisons that nobody of this project has seen judge better.
- **The reading stays as it was logged** where publications disagree on the sign of an error, and the interval is uneven instead: GPU sensors read low more often than high.
- **The rest of a machine** (processors, memory, fans, disks, supplies that no log shows) is the largest term of a card that rests on GPU sensors alone. A meter at the
  plug, or a board controller's log beside, replaces it.
- **Not tried here**: buildings (PUE), clusters' shared network and storage, cooling of boards, accelerators other than GPUs. Their terms rest on surveys and data sheets.
- The tables say for each figure where it comes from: `data/tables/instruments.csv` (true over stated, type A or B), `machine_rest.csv`, `grid_spread.csv`. A better
  comparison is a row in `tests/validation/wallmeter.csv`, and the next run of the test says what it changes.

## Publications

",
        PUBLICATIONS.len()
    );
    for (id, title, _) in PUBLICATIONS {
        let count = answers.iter().filter(|(row, _)| row.publication == *id).count();
        let _ = writeln!(text, "- {title} ({count} rows).");
    }
    text
}

/// Classes of made worlds whose loggers err as instruments do, in words.
const SEEN: &[(&str, &str)] = &[
    ("sight-gpu-dense", "GPU, power every 0.1 to 1 s"),
    ("sight-gpu-sparse", "GPU, power every 10 to 60 s"),
    ("sight-gpu-names", "GPU of a known model, power every 1 to 5 s"),
    ("sight-gpu-counter", "GPU, energy counter of a table that does not say who read it"),
    ("sight-recorder", "our recorder, every 1 to 5 s"),
    ("sight-rapl", "processor and memory, RAPL"),
    ("sight-node", "node, a meter's table"),
    ("sight-codecarbon", "CodeCarbon's file"),
    ("sight-scheduler", "a scheduler's joules"),
    ("sight-bursts", "GPU, bursts between samples"),
    ("sight-holes", "GPU, hours without a sample"),
    ("sight-wraps", "RAPL, which runs through its range unseen"),
];

/// What the last long run of made worlds came to, where one was written down.
fn made_worlds() -> String {
    let Ok(table) = std::fs::read_to_string(crate::root().join("tests/world/long_run.csv")) else { return String::new() };
    let rows = crate::csv_rows(&table);
    let count = |name: &str| rows.iter().map(|row| row[name].parse::<u64>().expect("a number")).sum::<u64>();
    let mut text = format!(
        "
## In made worlds

Meters of real machines are few, so machines are made up as well (`tests/world/`): from a seed come computers whose power is known at every moment, loggers of every format that
is read, and what befalls logs: gaps, restarts, copies, cuts, clocks that step, counters that wrap, several loggers of one device. Of {} such worlds of {} kinds, {} came to what their
logs hold: to the last digit where it is certain which readings are of which device, else inside the interval, and no joule went without a decision. In the following kinds the loggers err, too, each as far as
the table of instruments says of its kind; *inside* is the share of worlds whose interval holds what the devices really drew, or the whole machine, or the machine and its building.

| What the log holds | Worlds | Inside, logged | Inside, machine | Inside, facility | Median half-width |
| :-- | --: | --: | --: | --: | --: |
",
        count("worlds"),
        rows.len(),
        match count("broken") {
            0 => String::from("all"),
            broken => format!("all but {broken}"),
        },
    );
    for (class, words) in SEEN {
        let Some(row) = rows.iter().find(|row| row["class"] == *class) else { continue };
        let percent = |name: &str| if row[name].is_empty() { String::new() } else { format!("{} %", row[name]) };
        let logged = if row["bound_percent"].is_empty() { percent("sight_percent") } else { percent("bound_percent") };
        let (machine, facility, width) = (percent("machine_percent"), percent("facility_percent"), percent("median_half_width_percent"));
        let _ = writeln!(text, "| {words} | {} | {logged} | {machine} | {facility} | {width} |", row["worlds"]);
    }
    text + "
Errors of sensors are drawn from the same table that makes the intervals, so that this shows whether the sums are done right, not whether the table is.
"
}

const LEFT: f64 = 250.0;
const RIGHT: f64 = 880.0;
const ROW: f64 = 7.0;
const HEAD: f64 = 26.0;

/// Truth over value, with the interval over value, one line a row, by class; on a logarithmic scale from 1/3 to 3.
pub fn figure(answers: &Answers) -> String {
    let x = |ratio: f64| LEFT + (ratio.clamp(1.0 / 3.0, 3.0).ln() / 3.0_f64.ln() + 1.0) / 2.0 * (RIGHT - LEFT);
    let mut body = String::new();
    let mut y = 30.0;
    for one in outcomes(answers) {
        y += HEAD;
        let _ = writeln!(
            body,
            "<text x=\"4\" y=\"{:.1}\" class=\"h\">{}: {} of {}</text>",
            y - 8.0,
            escape(one.class.label()),
            one.held,
            one.rows
        );
        for (row, answer) in answers.iter().filter(|(row, _)| row.class == one.class) {
            let (low, high, truth) = (x(answer.low / answer.value), x(answer.high / answer.value), x(row.truth_kwh / answer.value));
            let mark = match (row.can_be_known == "yes", answer.holds(row.truth_kwh)) {
                (false, _) => "open",
                (true, true) => "in",
                (true, false) => "out",
            };
            let _ = writeln!(
                body,
                "<line x1=\"{low:.1}\" x2=\"{high:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" class=\"i\"/><circle cx=\"{truth:.1}\" cy=\"{y:.1}\" r=\"2.4\" class=\"{mark}\"><title>{}: {:.2}</title></circle>",
                escape(&row.id),
                row.truth_kwh / answer.value
            );
            y += ROW;
        }
    }
    let mut axis = String::new();
    for ratio in [0.33, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0] {
        let at = x(ratio);
        let _ = writeln!(
            axis,
            "<line x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"26\" y2=\"{y:.1}\" class=\"g\"/><text x=\"{at:.1}\" y=\"20\" text-anchor=\"middle\">{ratio}</text>"
        );
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 900 {:.0}\" role=\"img\" font-family=\"sans-serif\" font-size=\"11\">
<title>The meter's energy over the card's value, by instrument</title>
<desc>Each line is the 95 % interval of one published comparison over its value; the dot is the meter's energy over that value: filled inside, red outside, open where no log can answer.</desc>
<style>svg{{background:#fff}}.g{{stroke:#ddd}}.i{{stroke:#7a9cc6;stroke-width:3}}.in{{fill:#1b4f8a}}.out{{fill:#c22}}.open{{fill:#fff;stroke:#777}}.h{{font-weight:bold}}</style>
{axis}{body}</svg>
",
        y + 10.0
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
