//! Which of a table's readings count: a total or a mean stands beside its parts, and no joule counts twice.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::meaning::{Energy, Group, Meaning, Named, is_of_nothing};
use super::values::Values;
use crate::decode::table::{Dimension, Table};
use crate::order;
use crate::read::sampled_table::{AsideMeter, Meter};
use crate::series::{Component, Device, Instrument, Quantity};
use crate::text::few;

/// What becomes of a reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It counts, for a part and its device; without a device it is of the row's.
    Counts(Component, Option<Device>),
    /// Others hold it, or it holds others.
    LeftOut,
    /// Not clear beside another column.
    Unclear,
    /// The same reading as the column at this position, as far as names say, and whether their sums are alike.
    Twice(usize, bool),
}

/// A reading that is looked at.
struct Candidate<'m> {
    position: usize,
    named: &'m Named,
    /// Row by row, in micro-units; of running totals, since the first row.
    values: Vec<Option<i64>>,
    verdict: Verdict,
}

/// How a reading compares with others of the same rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Less,
    Mean,
    More,
    Sum,
    Unknown,
}

/// Readings that are left out.
#[derive(Clone, Debug)]
pub(super) struct LeftOut {
    /// Their columns.
    pub positions: Vec<usize>,
    /// The columns that count instead, by name.
    pub kept: String,
    /// Why, in words.
    pub reason: String,
}

/// The verdict on each reading by its position, and what is left out for others.
pub(super) fn settle(
    table: &Table,
    meanings: &[Meaning],
    values: &Values,
    rows_name_devices: bool,
) -> (Vec<(usize, Verdict)>, Vec<LeftOut>) {
    let mut told = Vec::new();
    let mut settled = Vec::new();
    // A power, a running total and an energy of intervals are different readings of one device.
    for (dimension, counters) in [(Dimension::Power, false), (Dimension::Energy, false), (Dimension::Energy, true)] {
        let is_of = |named: &&Named| {
            named.dimension == dimension && (dimension == Dimension::Power || (named.energy == Energy::Counter) == counters)
        };
        let readings = meanings.iter().enumerate().filter_map(|(p, m)| Some((p, m.reading().filter(is_of)?)));
        let mut group = Side::of(table, readings, values, rows_name_devices);
        group.parts_of_one_kind(&mut told);
        group.whole(&mut told);
        group.unclear();
        settled.extend(group.candidates.into_iter().map(|c| (c.position, c.verdict)));
    }
    order::sort_by_key(&mut settled, |(position, _)| *position);
    all_beside_each(table, meanings, &mut settled, &mut told);
    (settled, told)
}

/// `gpu_total_energy_kwh` beside `gpu0_w,gpu1_w`: the energy of all of them, in another kind of reading than each of them. The parts count, as it may hold what
/// was used before the first row; should it hold more than they do, the upper end holds that (`larger_total`). Beside one part alone it is of that part.
fn all_beside_each(table: &Table, meanings: &[Meaning], settled: &mut [(usize, Verdict)], told: &mut Vec<LeftOut>) {
    let part = |at: usize| meanings.get(at).and_then(Meaning::reading).and_then(|named| named.part.as_ref());
    let counting: Vec<usize> =
        settled.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Counts(_, Some(_)))).map(|(at, _)| *at).collect();
    for (at, verdict) in settled.iter_mut().filter(|(at, _)| counting.contains(at)) {
        let Some((component, None)) = part(*at) else { continue };
        let is_part = |other: &&usize| part(**other).is_some_and(|(of, number)| of == component && number.is_some());
        let name = |at: usize| format!("\"{}\"", table.column(at).map_or("", |column| &column.text));
        let parts: Vec<usize> = counting.iter().filter(is_part).copied().collect();
        match parts.as_slice() {
            [] => {}
            [one] => {
                let number = part(*one).and_then(|(_, number)| number.as_deref());
                *verdict = Verdict::Counts(*component, Some(number.map_or_else(Device::default, Device::indexed)));
            }
            _ => {
                let names: Vec<String> = parts.iter().map(|other| name(*other)).collect();
                let kept = few(&names, ", ");
                let reason = format!("{} is of all of them together, and {kept} count", name(*at));
                told.push(LeftOut { positions: Vec::from([*at]), kept, reason });
                *verdict = Verdict::LeftOut;
            }
        }
    }
}

/// Powers that say nothing of what they are of, beside others that count: they are left out, and told.
pub(super) fn of_nothing(table: &Table, meanings: &[Meaning], verdicts: &[(usize, Verdict)], quantity: Quantity) -> Vec<AsideMeter> {
    let name = |at: usize| table.column(at).map(|column| format!("\"{}\"", column.text));
    let counting = verdicts.iter().filter(|(at, verdict)| {
        let is_power = meanings.get(*at).and_then(Meaning::reading).is_some_and(|named| named.dimension == Dimension::Power);
        is_power && matches!(verdict, Verdict::Counts(..))
    });
    let names: Vec<String> = counting.filter_map(|(at, _)| name(*at)).collect();
    let names = few(&names, ", ");
    let aside = |(at, meaning): (usize, &Meaning)| {
        let column = table.column(at).filter(|column| *meaning == Meaning::Other && !names.is_empty() && is_of_nothing(column))?;
        let meter = Meter {
            component: Component::Unsplit,
            quantity,
            instrument: Instrument::NotStated,
            device: Some(Device::indexed(column.text.as_str())),
            columns: Vec::from([(at, column.unit)]),
            only: Vec::new(),
            rated: None,
            of_list: None,
            run: None,
        };
        let reason = format!("\"{}\" does not say what it is of, and is left out beside {names}", column.text);
        Some(AsideMeter { meter, kept: names.clone(), reason })
    };
    meanings.iter().enumerate().filter_map(aside).collect()
}

/// `total_energy_j` may be a running total, or what the parts of its row are together: its values tell. Those that are the sum of parts which are no running
/// totals by their names are what these are; a running total does not fall as often as it rises, and of epochs it at least doubles.
pub(super) fn totals_by_values(meanings: &mut [Meaning], table: &Table, values: &Values) {
    let of_energy = |meaning: &Meaning, counts: bool| {
        meaning.reading().is_some_and(|named| named.dimension == Dimension::Energy && (named.energy == Energy::Counter) == counts)
    };
    let readings = |at: usize| {
        let unit = meanings.get(at).and_then(Meaning::reading).and_then(|named| named.unit);
        values.readings(at, Dimension::Energy, unit)
    };
    let says_more =
        |at: usize| table.column(at).is_some_and(|column| ["counter", "cum", "acc"].iter().any(|word| column.name.contains(word)));
    let parts: Vec<Vec<Option<i64>>> =
        (0..meanings.len()).filter(|at| meanings.get(*at).is_some_and(|meaning| of_energy(meaning, false))).map(readings).collect();
    let is_none = |at: &usize| {
        let own = readings(*at);
        let rows = || {
            own.iter().enumerate().filter_map(|(row, value)| {
                let sum = parts.iter().map(|part| part.get(row).copied().flatten().map(i128::from)).sum::<Option<i128>>()?;
                Some((i128::from((*value)?), sum))
            })
        };
        let are_sums = !parts.is_empty() && 10 * rows().filter(|(value, sum)| is_near(*value, *sum)).count() >= 9 * rows().count().max(1);
        are_sums || values.falls_as_it_rises(*at) || super::rows_are_epochs(&table.columns) && !values.doubles(*at)
    };
    let totals = (0..meanings.len()).filter(|at| meanings.get(*at).is_some_and(|meaning| of_energy(meaning, true)) && !says_more(*at));
    let none: Vec<usize> = totals.filter(is_none).collect();
    for at in none {
        if let Some(Meaning::Reading(named)) = meanings.get_mut(at) {
            named.energy = Energy::Unknown;
        }
    }
}

/// The readings of one kind, side by side.
struct Side<'m> {
    table: &'m Table,
    candidates: Vec<Candidate<'m>>,
    /// A reading that names no part is of the row's device.
    by_row: bool,
}

impl<'m> Side<'m> {
    fn of(table: &'m Table, readings: impl Iterator<Item = (usize, &'m Named)>, values: &Values, by_row: bool) -> Self {
        let all: Vec<(usize, &'m Named)> = readings.collect();
        // A column without a unit is in that of the columns beside it, where it is compared with them.
        let beside = all.iter().find_map(|(_, named)| named.unit);
        let candidate = |(position, named): (usize, &'m Named)| {
            let mut readings = values.readings(position, named.dimension, named.unit.or(beside));
            if named.energy == Energy::Counter {
                let first = readings.iter().flatten().next().copied().unwrap_or(0);
                readings.iter_mut().flatten().for_each(|value| *value = value.saturating_sub(first));
            }
            let verdict = match &named.part {
                // The row's device, named again: `gpu,gpu_power_w`.
                Some((Component::Gpu, None)) if by_row => Verdict::Counts(Component::Gpu, None),
                Some((component, number)) => {
                    Verdict::Counts(*component, Some(number.as_ref().map_or_else(Device::default, |n| Device::indexed(n.as_str()))))
                }
                None if by_row => Verdict::Counts(Component::Gpu, None),
                None => Verdict::Counts(Component::Unsplit, Some(Device::default())),
            };
            Candidate { position, named, values: readings, verdict }
        };
        Self { table, candidates: all.into_iter().map(candidate).collect(), by_row }
    }

    fn counting(&self, is: impl Fn(&Named) -> bool) -> Vec<usize> {
        let counts = |c: &Candidate<'_>| matches!(c.verdict, Verdict::Counts(..)) && is(c.named);
        self.candidates.iter().enumerate().filter(|(_, c)| counts(c)).map(|(i, _)| i).collect()
    }

    fn name(&self, at: usize) -> String {
        let column = self.candidates.get(at).and_then(|c| self.table.column(c.position));
        format!("\"{}\"", column.map_or("", |c| &c.text))
    }

    fn names(&self, which: &[usize]) -> String {
        few(&which.iter().map(|at| self.name(*at)).collect::<Vec<_>>(), ", ")
    }

    fn set(&mut self, which: &[usize], verdict: &Verdict) {
        for at in which {
            if let Some(candidate) = self.candidates.get_mut(*at) {
                candidate.verdict = verdict.clone();
            }
        }
    }

    /// Leaves readings out for others, and says why.
    fn leave(&mut self, which: &[usize], kept: &[usize], reason: String, told: &mut Vec<LeftOut>) {
        let positions = which.iter().filter_map(|at| Some(self.candidates.get(*at)?.position)).collect();
        told.push(LeftOut { positions, kept: self.names(kept), reason });
        self.set(which, &Verdict::LeftOut);
    }

    /// `gpu_w`, `gpu_total_w`, `mean_gpu_w` beside `gpu0_w,gpu1_w`.
    fn parts_of_one_kind(&mut self, told: &mut Vec<LeftOut>) {
        let components: Vec<Component> = self.candidates.iter().filter_map(|c| Some(c.named.part.as_ref()?.0)).collect();
        let mut done: Vec<Component> = Vec::new();
        for component in components {
            if done.contains(&component) {
                continue;
            }
            done.push(component);
            let of =
                |numbered: bool| move |n: &Named| matches!(&n.part, Some((c, number)) if *c == component && number.is_some() == numbered);
            let (numbered, together) = (self.counting(of(true)), self.counting(of(false)));
            if numbered.is_empty() {
                self.total_and_mean(&together, told);
                continue;
            }
            for one in together {
                if self.relation(one, &numbered) == Relation::More {
                    let reason = format!("{} holds more than {}: it counts, and they are inside it", self.name(one), self.names(&numbered));
                    let rest = self.counting(of(false)).into_iter().filter(|other| *other != one);
                    let left: Vec<usize> = numbered.iter().copied().chain(rest).collect();
                    self.leave(&left, &[one], reason, told);
                    break;
                }
                self.leave(&[one], &numbered, self.beside(one, &numbered), told);
            }
        }
    }

    /// `gpu_total_w,gpu_mean_w`: the total counts.
    fn total_and_mean(&mut self, together: &[usize], told: &mut Vec<LeftOut>) {
        let group = |at: &usize| self.candidates.get(*at).and_then(|c| c.named.group);
        let totals: Vec<usize> = together.iter().copied().filter(|at| group(at) == Some(Group::Total)).collect();
        let means: Vec<usize> = together.iter().copied().filter(|at| group(at) == Some(Group::Mean)).collect();
        if let (&[total], false) = (totals.as_slice(), means.is_empty()) {
            let reason = format!("{} is a mean of what {} holds together, and is left out", self.names(&means), self.name(total));
            self.leave(&means, &[total], reason, told);
        }
    }

    /// `total_w` beside parts of any kind, or beside columns of which nothing says what they are.
    fn whole(&mut self, told: &mut Vec<LeftOut>) {
        if self.by_row {
            return;
        }
        let (all, wholes) = (self.counting(|_| true), self.counting(|n| n.part.is_none()));
        let others = |one: &usize| -> Vec<usize> { all.iter().copied().filter(|other| other != one).collect() };
        // Of columns of which nothing says what they are, one may be the sum of all.
        let is_total = |one: &usize| wholes.len() > 1 && all.len() > 2 && self.relation(*one, &others(one)) == Relation::Sum;
        if let Some(total) = wholes.iter().copied().find(is_total) {
            let others = others(&total);
            let reason = format!("{} is the sum of {}: it counts, and they are inside it", self.name(total), self.names(&others));
            self.leave(&others, &[total], reason, told);
            return;
        }
        let parts = self.counting(|n| n.part.is_some());
        if parts.is_empty() {
            return;
        }
        for one in wholes {
            let mut sides: Vec<Vec<usize>> = [parts.clone()].to_vec();
            for component in [Component::Gpu, Component::Cpu, Component::Memory] {
                sides.push(self.counting(|n| n.part.as_ref().is_some_and(|(c, _)| *c == component)));
            }
            let repeats = |side: &&Vec<usize>| !side.is_empty() && matches!(self.relation(one, side), Relation::Sum | Relation::Mean);
            let side = sides.iter().find(repeats).cloned();
            match side {
                Some(side) => {
                    self.leave(&[one], &side, self.beside(one, &side), told);
                }
                None if self.relation(one, &parts) == Relation::Less => {
                    self.leave(&[one], &parts, self.beside(one, &parts), told);
                }
                // It holds more than its parts: the ledger counts the rest.
                None => {}
            }
        }
    }

    /// Readings that count for the same device, and names that may mean anything beside others.
    fn unclear(&mut self) {
        let counting = self.counting(|_| true);
        for (i, at) in counting.iter().enumerate() {
            let Some(candidate) = self.candidates.get(*at) else { continue };
            let same = counting.iter().take(i).find(|other| self.candidates.get(**other).is_some_and(|o| o.verdict == candidate.verdict));
            let sum = |c: &Candidate<'_>| c.values.iter().flatten().map(|value| i128::from(*value)).sum::<i128>();
            let first = same.and_then(|other| self.candidates.get(*other));
            let first = first.map(|other| (other.position, 10 * (sum(candidate) - sum(other)).abs() <= sum(other).abs()));
            if candidate.named.odd && counting.len() > 1 {
                self.set(&[*at], &Verdict::Unclear);
            } else if let Some((first, alike)) = first {
                self.set(&[*at], &Verdict::Twice(first, alike));
            }
        }
    }

    fn beside(&self, one: usize, parts: &[usize]) -> String {
        let what = match self.relation(one, parts) {
            Relation::Sum => "is the sum of",
            Relation::Mean => "is the mean of",
            Relation::Less => "is less than the sum of",
            Relation::More | Relation::Unknown => "stands beside",
        };
        format!("{} {what} {}, which count: it is left out", self.name(one), self.names(parts))
    }

    /// How one reading compares with the sum of others, in nine of ten rows that hold them all.
    fn relation(&self, one: usize, others: &[usize]) -> Relation {
        let Some(one) = self.candidates.get(one) else { return Relation::Unknown };
        let count = i128::try_from(others.len()).unwrap_or(1);
        let (mut rows, mut sums, mut means, mut more) = (0, 0, 0, 0);
        for (row, value) in one.values.iter().enumerate() {
            let parts = others.iter().map(|other| self.candidates.get(*other)?.values.get(row).copied().flatten());
            let (Some(value), Some(sum)) = (*value, parts.map(|p| p.map(i128::from)).sum::<Option<i128>>()) else { continue };
            let value = i128::from(value);
            if value == 0 && sum == 0 {
                continue;
            }
            rows += 1;
            sums += usize::from(is_near(value, sum));
            means += usize::from(is_near(value * count, sum));
            more += usize::from(value > sum && !is_near(value, sum));
        }
        let most = |count: usize| 10 * count >= 9 * rows;
        match () {
            () if rows == 0 => Relation::Unknown,
            () if most(sums) => Relation::Sum,
            () if most(means) => Relation::Mean,
            () if most(more) => Relation::More,
            () => Relation::Less,
        }
    }
}

/// Equal but for rounding: within 2 %, or a tenth of a watt or joule.
fn is_near(a: i128, b: i128) -> bool {
    let off = (a - b).abs();
    50 * off <= a.abs().max(b.abs()) || off <= 100_000
}
