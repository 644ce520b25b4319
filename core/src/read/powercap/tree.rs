//! `grep . /sys/class/powercap/*/{name,energy_uj}` in a loop: lines `path:value`, with a stamp between the rounds.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::zone::Zone;
use crate::bounds::{self, Bounds};
use crate::decode::encoding;
use crate::map::Map;
use crate::note;
use crate::read::{ChannelId, Clock, Head, Line, LocalClock, ReadOptions, Reader, Reading, Refusal, Row, SkipReason};
use crate::series::{Channel, Component, CounterRange, Instrument, Quantity, Sample};
use crate::units::calendar::{Stamp, parse_stamp};
use crate::units::decimal::parse_digits;
use crate::units::{Instant, Span};

/// More zones than this are no machine.
const MOST_ZONES: usize = bounds::ZONES.value as usize;

/// A zone's attribute: `/sys/class/powercap/intel-rapl:0:1/energy_uj:65687295436`.
struct Attribute<'l> {
    /// `intel-rapl:0:1`.
    zone: &'l str,
    name: &'l str,
    value: &'l str,
}

fn attribute(line: &[u8]) -> Option<Attribute<'_>> {
    let line = core::str::from_utf8(line.trim_ascii()).ok()?;
    let (path, value) = line.rsplit_once(':')?;
    let (folder, name) = path.rsplit_once('/')?;
    let zone = folder.rsplit('/').next()?;
    (zone.contains("rapl") && zone.contains(':') && !name.contains(' ')).then_some(Attribute { zone, name, value: value.trim() })
}

/// How many lines of the head are of such a tree; `None` where none names a counter.
pub(super) fn count(head: &Head<'_>) -> Option<usize> {
    let is_energy = |line: &[u8]| attribute(line).is_some_and(|a| a.name == "energy_uj") || is_denied_counter(line);
    (head.may_hold(b"energy_uj") && head.lines().any(is_energy)).then(|| head.lines().filter(|line| attribute(line).is_some()).count())
}

/// A counter that must not be read: the tree is one all the same.
fn is_denied_counter(line: &[u8]) -> bool {
    super::is_denied(line) && memchr::memmem::find(line, b"/energy_uj").is_some() && line.starts_with(b"grep: ")
}

/// A reader of such a log.
pub(super) fn open(head: &Head<'_>, options: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    let first = |is: &dyn Fn(&[u8]) -> bool| head.lines().position(is);
    let stamp = first(&|line| parse_stamp(line).is_some());
    let counter = first(&|line| attribute(line).is_some());
    if stamp.is_none() && options.interval.is_none() {
        return Err(Refusal {
            code: &note::CLOCK_MISSING,
            line: None,
            message: String::from("found rounds of counters without a stamp between them"),
            hint: String::from("say how far apart the rounds are: `--interval`, such as 1s or 500ms; or print `date` before each"),
        });
    }
    Ok(Box::new(Tree {
        clock: LocalClock::new(options.zone.clone()),
        interval: options.interval.filter(|_| stamp.is_none()),
        stamp_follows: counter < stamp,
        now: None,
        rounds: 0,
        names: Map::new(),
        ranges: Map::new(),
        round: Vec::new(),
        channels: Map::new(),
    }))
}

struct Tree {
    clock: LocalClock,
    interval: Option<Span>,
    /// Stamps stand behind their round instead of before it.
    stamp_follows: bool,
    now: Option<Instant>,
    rounds: i64,
    names: Map<String, String>,
    ranges: Map<String, i64>,
    /// Counters of the round in hand: the names of their zones may stand behind them.
    round: Vec<Counter>,
    channels: Map<String, ChannelId>,
}

struct Counter {
    zone: String,
    value: i64,
    line: u64,
}

impl Reader for Tree {
    fn line(&mut self, line: Line<'_>, out: &mut Reading) -> Row {
        out.tool.get_or_insert_with(|| String::from("Linux powercap"));
        if line.unterminated && parse_stamp(line.text).is_none() {
            return Row::Skipped(SkipReason::LastLineCut);
        }
        if super::is_denied(line.text) {
            return super::denied(line, out);
        }
        if let Some(stamp) = parse_stamp(line.text) {
            self.stamp(stamp, out);
            return Row::Structure;
        }
        match attribute(line.text) {
            Some(Attribute { zone, name: "energy_uj", value }) => self.counter(zone, value, line, out),
            Some(Attribute { zone, name: "name", value }) => {
                if self.names.len() < MOST_ZONES {
                    self.names.insert(String::from(zone), String::from(value));
                }
                Row::Structure
            }
            Some(Attribute { zone, name: "max_energy_range_uj", value }) => {
                if let Some(range) = parse_digits(value.as_bytes()).filter(|r| *r > 0)
                    && self.ranges.len() < MOST_ZONES
                {
                    self.ranges.insert(String::from(zone), range);
                }
                Row::Structure
            }
            Some(_) => Row::Structure,
            None if line.text.trim_ascii().iter().all(|b| *b == b'-') => Row::Structure,
            None => {
                out.notes.add(&note::LINES_UNKNOWN, "", Some(line.number), || {
                    let text: String = encoding::text(line.text).chars().take(80).collect();
                    format!("found \"{text}\", expected a stamp or the path of a RAPL zone and a value")
                });
                Row::Skipped(SkipReason::Unknown)
            }
        }
    }

    fn finish(&mut self, out: &mut Reading) {
        if self.stamp_follows {
            // No stamp came behind the last round.
            self.now = None;
        }
        self.end_round(out);
    }
}

impl Tree {
    fn stamp(&mut self, stamp: Stamp, out: &mut Reading) {
        if !self.stamp_follows {
            self.end_round(out);
        }
        out.clock = Clock::of(stamp.zoned, self.clock.knows_zone());
        self.now = Some(if stamp.zoned { stamp.at } else { self.clock.resolve(stamp.at) });
        if self.stamp_follows {
            self.end_round(out);
        }
    }

    fn counter(&mut self, zone: &str, value: &str, line: Line<'_>, out: &mut Reading) -> Row {
        let Some(value) = parse_digits(value.as_bytes()) else {
            out.notes.add(&note::MISSING_READINGS, zone, Some(line.number), || format!("{zone}: energy_uj holds no number"));
            return Row::Skipped(SkipReason::NoReading);
        };
        if self.round.len() >= MOST_ZONES {
            out.beyond(&bounds::ZONES, &Bounds::default(), Some(line.number), "further zones are left out");
            return Row::Skipped(SkipReason::OverLimit);
        }
        // Without stamps, a zone that comes again is the next round.
        if self.interval.is_some() && self.round.iter().any(|c| c.zone == zone) {
            self.end_round(out);
        }
        self.round.push(Counter { zone: String::from(zone), value, line: line.number });
        Row::Used
    }

    fn end_round(&mut self, out: &mut Reading) {
        let round = core::mem::take(&mut self.round);
        if round.is_empty() {
            return;
        }
        let at = match self.interval {
            None => self.now,
            Some(interval) => {
                out.clock = Clock::Relative;
                self.rounds += 1;
                Some(Instant::from_micros(interval.as_micros().saturating_mul(self.rounds - 1)))
            }
        };
        for counter in &round {
            let result = match at {
                Some(at) => self.put(counter, &round, at, out),
                None => Err(SkipReason::NoTime),
            };
            if let Err(reason) = result {
                out.rows.demote(reason, counter.line, 1);
            }
        }
    }

    fn put(&mut self, counter: &Counter, round: &[Counter], at: Instant, out: &mut Reading) -> Result<(), SkipReason> {
        let zone = counter.zone.as_str();
        if let Some(rest) = zone.strip_prefix("intel-rapl-mmio")
            && round.iter().any(|c| c.zone.strip_prefix("intel-rapl") == Some(rest))
        {
            out.notes.add(&note::CONTAINED_READING, zone, Some(counter.line), || {
                format!("{zone} is the package of intel-rapl{rest} read by another way and is left out")
            });
            return Err(SkipReason::Contained);
        }
        let id = match self.channels.get(zone) {
            Some(id) => *id,
            None => {
                let Some(of) = self.zone(zone) else {
                    out.notes.add(&note::LINES_UNKNOWN, zone, Some(counter.line), || {
                        format!("{zone}: the log does not say what the zone is, expected a line {zone}/name:package-0 or the like")
                    });
                    return Err(SkipReason::Unknown);
                };
                let range = self.ranges.get(zone).map_or(CounterRange::Rapl, |r| CounterRange::Known(*r));
                let (component, device) = (of.component, of.device());
                out.devices.push((component, device.clone()));
                let id = out.channel(Channel {
                    host: None,
                    component,
                    device,
                    quantity: Quantity::Counter(range),
                    instrument: Instrument::Rapl,
                    run: None,
                });
                self.channels.insert(String::from(zone), id);
                id
            }
        };
        out.sample(id, Sample { at, value: counter.value })
    }

    /// What a zone is, by its name; a zone inside a package is numbered as the package is.
    fn zone(&self, id: &str) -> Option<Zone> {
        let Some(name) = self.names.get(id) else {
            // The kernel registers package 0 first; what other numbers stand for differs.
            return (id == "intel-rapl:0").then_some(Zone { component: Component::Cpu, number: Some(String::from("0")) });
        };
        let mut zone = Zone::named(name)?;
        let parent = id.rsplit_once(':').map(|(parent, _)| parent).filter(|parent| parent.contains(':'));
        if zone.number.is_none()
            && let Some(parent) = parent
        {
            let named = self.names.get(parent).and_then(|name| Zone::named(name)).and_then(|z| z.number);
            zone.number = named.or_else(|| parent.rsplit(':').next().map(String::from));
        }
        Some(zone)
    }
}
