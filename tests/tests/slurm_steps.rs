//! Steps of Slurm jobs, of which the job itself has no energy: what they come to is worked out here node by node and second by second, and many of them, on many nodes,
//! cost no more than their number.

use std::time::Instant;

use carbon_core::read::{FileReader, ReadOptions, Reading};

fn read(text: &str) -> Reading {
    let mut reader = FileReader::new(ReadOptions::default());
    reader.push(text.as_bytes());
    reader.finish()
}

fn joules(reading: &Reading) -> f64 {
    reading.declared.iter().flat_map(|declared| &declared.parts).map(|part| part.energy.as_picojoules() as f64 / 1e12).sum()
}

fn stamp(second: u32) -> String {
    format!("2025-06-{:02}T{:02}:{:02}:{:02}", 1 + second / 86_400, second / 3600 % 24, second / 60 % 60, second % 60)
}

const HEADER: &str = "JobID|State|Start|End|ElapsedRaw|NNodes|NodeList|ConsumedEnergyRaw\n";

/// A row of a job or a step.
fn row(id: &str, from: u32, to: u32, (count, list): (usize, &str), energy: Option<u64>) -> String {
    let energy = energy.map_or(String::new(), |energy| energy.to_string());
    format!("{id}|COMPLETED|{}|{}|{}|{count}|{list}|{energy}\n", stamp(from), stamp(to), to - from)
}

/// What some steps come to: of each node and second the largest one counts.
fn by_hand(steps: &[(u32, u32, Vec<usize>, u64)]) -> f64 {
    let mut order: Vec<_> = steps.iter().collect();
    order.sort_by_key(|(.., energy)| std::cmp::Reverse(*energy));
    let mut taken = std::collections::BTreeSet::new();
    let mut sum = 0.0;
    for (from, to, nodes, energy) in order {
        let places = nodes.iter().flat_map(|node| (*from..*to).map(move |second| (*node, second)));
        let (all, free) = places.fold((0, 0), |(all, free), place| (all + 1, free + u32::from(taken.insert(place))));
        sum += *energy as f64 * f64::from(free) / f64::from(all);
    }
    sum
}

/// Numbers that look like chance and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Numbers as Slurm writes them: `n[1,3-5]`.
fn list(nodes: &[usize], chance: &mut Chance) -> String {
    match nodes {
        [one] => format!("n{one}"),
        _ if chance.below(4) == 0 => nodes.iter().map(|node| format!("n{node}")).collect::<Vec<_>>().join(","),
        _ => {
            let runs = nodes.chunk_by(|a, b| a + 1 == *b).map(|run| match run {
                [one] => one.to_string(),
                run => format!("{}-{}", run[0], run[run.len() - 1]),
            });
            format!("n[{}]", runs.collect::<Vec<_>>().join(","))
        }
    }
}

#[test]
fn each_node_and_second_counts_once() {
    let mut chance = Chance(7);
    let mut overlaps = 0;
    for turn in 0..300 {
        let count = 1 + chance.below(12);
        let mut steps = Vec::new();
        for number in 0..count {
            let from = 20 * chance.below(6) as u32;
            let to = from + 20 * (1 + chance.below(4) as u32);
            let mut nodes: Vec<usize> = (1..=7).filter(|_| chance.below(2) == 0).collect();
            if nodes.is_empty() {
                nodes.push(1);
            }
            // No two are of one size, so that the order is certain.
            steps.push((from, to, nodes, 100_000 * (1 + chance.below(50)) + number));
        }
        let mut text = format!("{HEADER}{}", row("1", 0, 200, (7, "n[1-7]"), None));
        for (number, (from, to, nodes, energy)) in steps.iter().enumerate() {
            text += &row(&format!("1.{number}"), *from, *to, (nodes.len(), &list(nodes, &mut chance)), Some(*energy));
        }
        let expected = by_hand(&steps);
        overlaps += u32::from(expected + 1.0 < steps.iter().map(|(.., energy)| *energy as f64).sum());
        let found = joules(&read(&text));
        assert!((found - expected).abs() < 1e-3, "{turn}: found {found}, expected {expected}\n{text}");
    }
    assert!(overlaps > 100, "{overlaps} of 300");
}

/// Steps without names of nodes, on all of a job's: each second counts once.
#[test]
fn steps_without_names_of_nodes() {
    for nodes in [1, 2, 512, 4096] {
        let all = (nodes, "");
        let text = [
            HEADER,
            &row("1", 0, 300, all, None),
            &row("1.0", 0, 100, all, Some(5000)),
            &row("1.1", 50, 150, all, Some(4000)),
            &row("1.2", 200, 300, all, Some(3000)),
        ];
        // Half of the second one's time is the first's.
        assert!((joules(&read(&text.concat())) - 10_000.0).abs() < 1e-3, "{nodes} nodes");
        // Halves of the nodes have room for each other.
        let half = ((nodes / 2).max(1), "");
        let text = [HEADER, &row("1", 0, 300, all, None), &row("1.0", 0, 100, half, Some(5000)), &row("1.1", 0, 100, half, Some(4000))];
        let expected = if nodes == 1 { 5000.0 } else { 9000.0 };
        assert!((joules(&read(&text.concat())) - expected).abs() < 1e-3, "{nodes} nodes, by halves");
    }
}

#[test]
fn many_of_anything_take_seconds() {
    let start = Instant::now();
    let whole = (4096, "n[0-4095]");
    let many: Vec<(&str, String, f64)> = vec![
        ("attempts at one job", (0..10_000).map(|at| row("1", 60 * at, 60 * at + 50, (1, "n1"), Some(1000))).collect(), 10_000.0 * 1000.0),
        (
            "attempts without a row of their own",
            (0..10_000).map(|at| row("1.batch", 60 * at, 60 * at + 50, (1, "n1"), Some(1000))).collect(),
            10_000.0 * 1000.0,
        ),
        (
            "steps on all nodes",
            (0..5_000).map(|at| row(&format!("1.{at}"), 60 * at, 60 * at + 50, whole, Some(1000))).collect(),
            5_000.0 * 1000.0,
        ),
        (
            "steps on one node each, and one on all",
            (0..5_000)
                .map(|at| match at % 4000 {
                    0 => row(&format!("1.{at}"), 60 * at, 60 * at + 50, whole, Some(1000)),
                    node => row(&format!("1.{at}"), 60 * at, 60 * at + 50, (1, &format!("n{node}")), Some(1000)),
                })
                .collect(),
            5_000.0 * 1000.0,
        ),
        (
            "steps on halves of nodes without names",
            (0..5_000).map(|at| row(&format!("1.{at}"), 60 * at, 60 * at + 50, (1 + at as usize % 4096, ""), Some(1000))).collect(),
            5_000.0 * 1000.0,
        ),
        ("jobs", (0..10_000).map(|at| row(&at.to_string(), at, at + 50, (1, "n1"), Some(1000))).collect(), 10_000.0 * 1000.0),
    ];
    for (name, rows, expected) in &many {
        let job = if name.starts_with("steps") { row("1", 0, 1_900_000, (4096, "n[0-4095]"), None) } else { String::new() };
        let found = joules(&read(&format!("{HEADER}{job}{rows}")));
        assert!((found - expected).abs() < 1.0, "{name}: found {found}, expected {expected}");
    }
    // A row of a thousand nodes that each row before is compared with would take hours.
    assert!(start.elapsed().as_secs() < 300, "{:?}", start.elapsed());
}

/// More nodes than are told apart: each list is one, the interval holds that all were one, and a warning says so.
#[test]
fn more_than_is_told_apart_is_told() {
    let mut text = format!("{HEADER}{}", row("1", 0, 100_000, (4096, "n[0-4095]"), None));
    for step in 0..100 {
        text += &row(&format!("1.{step}"), 60 * step, 60 * step + 50, (4000, &format!("n[{step}-{}]", step + 3999)), Some(1000));
    }
    let reading = read(&text);
    assert!((joules(&reading) - 100_000.0).abs() < 1.0, "{}", joules(&reading));
    assert!(
        reading.notes.iter().any(|note| note.message.contains("limit `slurm-nodes`")),
        "{:?}",
        reading.notes.iter().map(|note| &note.message).collect::<Vec<_>>()
    );
}

/// Joules that may be a step's, and whether it is said that rows can't be told apart.
fn doubtful(reading: &Reading) -> (f64, bool) {
    let parts = reading.declared.iter().flat_map(|declared| &declared.parts);
    let doubtful = parts.map(|part| part.doubtful.as_picojoules() as f64 / 1e12).sum();
    (doubtful, reading.notes.iter().any(|note| note.code.id == "jobs-unnamed"))
}

/// `sacct` fills some columns in the rows of jobs alone.
#[test]
fn a_column_that_only_jobs_fill_tells_steps_from_jobs() {
    // Two jobs of 1,000 and 400 J; the steps of the first repeat it, and the second, which is shorter and has less, is none of them.
    let jobs = read(
        "Partition|State|Elapsed|ConsumedEnergyRaw\ngpu|COMPLETED|01:00:00|1000\n|COMPLETED|01:00:00|1000\n|COMPLETED|00:50:00|990\ngpu|COMPLETED|00:30:00|400\n",
    );
    assert_eq!((joules(&jobs), doubtful(&jobs)), (1_400.0, (0.0, false)));
    // A job without an energy of its own: 300 and 500 J of steps that follow each other.
    let steps = read(
        "User|Start|End|ConsumedEnergyRaw\nada|2025-06-01T00:00:00|2025-06-01T01:00:00|\n|2025-06-01T00:00:00|2025-06-01T00:20:00|300\n|2025-06-01T00:20:00|2025-06-01T01:00:00|500\n",
    );
    assert_eq!((joules(&steps), doubtful(&steps)), (800.0, (0.0, false)));
    // Of jobs alone (`-X`) each counts.
    let alone =
        read("QOS|Priority|State|ConsumedEnergyRaw\nnormal|7046|COMPLETED|3774906\nnormal|7046|COMPLETED|3723128\nnormal|6831|FAILED|22\n");
    assert_eq!((joules(&alone), doubtful(&alone)), (7_498_056.0, (0.0, false)));
}

/// Such a column that is empty throughout says nothing.
#[test]
fn a_column_that_no_row_fills_says_nothing() {
    let text = "Partition|State|Elapsed|ConsumedEnergyRaw\n|COMPLETED|01:00:00|1000\n|COMPLETED|00:50:00|990\n";
    let reading = read(text);
    assert_eq!((joules(&reading), doubtful(&reading)), (1_990.0, (990.0, true)));
}
