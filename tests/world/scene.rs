//! What a world is made of: computers, what they draw, and who watches them. Plain data, so that a failing world can be cut down part by part.
//!
//! Times are milliseconds since 1970, power is in mW, energy in µJ (mW × ms). No type of the program under test is used here.

use crate::changes::Change;
use crate::logger::Logger;
use crate::random::{Random, hash};

/// A part of a computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Cpu,
    Gpu,
    Memory,
    /// The whole computer, at its plug.
    Node,
}

/// What a device draws over time: constant within each cell of `grain` ms.
#[derive(Clone, Debug)]
pub struct Load {
    pub seed: u64,
    /// Half of the time between two steps goes at `low`, half at `high`.
    pub low: i64,
    pub high: i64,
    pub half_wave: i64,
    /// What each cell may differ besides, up and down.
    pub noise: i64,
    pub grain: i64,
}

impl Load {
    /// The same power at all times.
    pub fn constant(power: i64) -> Self {
        Self { seed: 0, low: power, high: power, half_wave: 1_000_000, noise: 0, grain: 1_000 }
    }

    /// mW in the cell of number `cell`.
    fn in_cell(&self, cell: i64) -> i64 {
        let wave = if (cell * self.grain).div_euclid(self.half_wave) % 2 == 0 { self.high } else { self.low };
        let noise = if self.noise == 0 { 0 } else { (hash(&[self.seed, cell as u64]) % (2 * self.noise as u64 + 1)) as i64 - self.noise };
        (wave + noise).max(0)
    }

    pub fn power(&self, at: i64) -> i64 {
        self.in_cell(at.div_euclid(self.grain))
    }

    /// µJ between two instants.
    pub fn energy(&self, from: i64, to: i64) -> i64 {
        if self.noise == 0 && self.low == self.high {
            return (to - from) * self.high;
        }
        let (mut at, mut sum) = (from, 0);
        while at < to {
            let cell = at.div_euclid(self.grain);
            let end = ((cell + 1) * self.grain).min(to);
            sum += (end - at) * self.in_cell(cell);
            at = end;
        }
        sum
    }

    /// No cell is above it.
    pub fn most(&self) -> i64 {
        self.low.max(self.high) + self.noise
    }
}

/// A device of a computer.
#[derive(Clone, Debug)]
pub struct Device {
    pub part: Part,
    pub index: usize,
    pub uuid: String,
    pub model: &'static str,
    /// W; 0 where nothing is rated.
    pub rated: i64,
    pub load: Load,
}

/// A computer.
#[derive(Clone, Debug)]
pub struct Node {
    pub name: String,
    pub devices: Vec<Device>,
    /// What the rest of it draws (fans, disks, network, power supplies), as a share of its devices, ppm.
    pub rest_ppm: i64,
}

/// What can befall a log besides what its logger does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The same bytes lie there a second time, under this path.
    Copied(String),
    /// The plain file lies beside its packed copy.
    PackedBeside,
    /// Only the packed file is there.
    Packed,
    /// `cat log log > log`.
    Doubled,
    /// Rows in any order.
    Shuffled(u64),
    /// Cut into so many files at rows, each with the header.
    Cut(usize),
    /// From the middle on, the clock goes this many seconds behind.
    ClockBack(i64),
    /// Each logger that was started again wrote the header again.
    HeaderAgain,
    /// Each logger that was started again began a file of its own.
    FileEach,
    /// Some rows lost their second half.
    Torn(u64),
    /// A copy under this path was made when half of the log was written.
    CopiedHalfway(String),
}

/// One run of a logger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    pub from: i64,
    pub to: i64,
    /// From here to there it wrote nothing, although it ran.
    pub hole: Option<(i64, i64)>,
}

/// A logger at work, and the file that it leaves.
#[derive(Clone, Debug)]
pub struct Log {
    pub logger: &'static Logger,
    pub path: String,
    pub node: usize,
    /// Devices of that node that it watches.
    pub devices: Vec<usize>,
    pub sessions: Vec<Session>,
    pub period: i64,
    /// By how much each stamp may come late.
    pub jitter: i64,
    /// Which of its layouts it writes: each logger says what that means.
    pub variant: usize,
    /// PUE inside its energies, in hundredths.
    pub pue: i64,
    /// By how much its sensors of each part are off, ppm.
    pub gains: Vec<(Part, i64)>,
    pub seed: u64,
    pub faults: Vec<Fault>,
}

impl Log {
    /// When it looks, run by run: about every period, but for the hole.
    pub fn ticks(&self) -> Vec<Vec<i64>> {
        let of = |session: &Session| {
            let mut ticks = Vec::new();
            let mut at = session.from;
            while at <= session.to {
                let late = if self.jitter == 0 { 0 } else { (hash(&[self.seed, at as u64]) % (self.jitter as u64 + 1)) as i64 };
                if !session.hole.is_some_and(|(from, to)| at > from && at < to) {
                    ticks.push(at + late);
                }
                at += self.period;
            }
            if let Some(back) =
                self.faults.iter().find_map(|fault| if let Fault::ClockBack(seconds) = fault { Some(seconds * 1_000) } else { None })
            {
                let half = ticks.len() / 2;
                ticks.iter_mut().skip(half).for_each(|tick| *tick -= back);
            }
            ticks
        };
        self.sessions.iter().map(of).collect()
    }

    pub fn gain(&self, part: Part) -> i64 {
        self.gains.iter().find(|(of, _)| *of == part).map_or(0, |(_, gain)| *gain)
    }

    /// What a sensor of a part shows that is off as this log's are.
    pub fn seen(&self, part: Part, true_value: i64) -> i64 {
        (i128::from(true_value) * i128::from(1_000_000 + self.gain(part)) / 1_000_000) as i64
    }
}

/// Everything.
#[derive(Clone, Debug)]
pub struct World {
    pub class: &'static str,
    pub seed: u64,
    pub nodes: Vec<Node>,
    pub logs: Vec<Log>,
    /// What the building draws besides its computers, ppm of what they draw.
    pub overhead_ppm: i64,
    /// What is done to its files afterwards, and must change nothing.
    pub change: Option<Change>,
}

impl World {
    pub fn device(&self, log: &Log, at: usize) -> &Device {
        &self.nodes[log.node].devices[log.devices[at]]
    }

    /// The devices that a log watches.
    pub fn watched<'w>(&'w self, log: &'w Log) -> impl Iterator<Item = &'w Device> + 'w {
        log.devices.iter().map(|d| &self.nodes[log.node].devices[*d])
    }
}

/// GPUs, with the power that they are rated at in W.
const GPUS: [(&str, i64); 4] =
    [("NVIDIA A100-SXM4-80GB", 400), ("NVIDIA H100 80GB HBM3", 700), ("Tesla V100-SXM2-32GB", 300), ("NVIDIA A40", 300)];

/// How unsteady a world's devices are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unrest {
    /// The same power throughout.
    None,
    /// Steps and noise.
    Some,
}

/// A computer with so many GPUs, a processor and its memory. Each GPU has a power of its own.
pub fn node(random: &mut Random, name: &str, gpus: usize, unrest: Unrest) -> Node {
    let (model, rated) = *random.pick(&GPUS);
    let grain = *random.pick(&[100, 200, 500, 1_000]);
    let mut load = |rated: i64| {
        let high = random.range(rated * 500, rated * 900);
        match unrest {
            Unrest::None => Load { seed: random.next(), ..Load::constant(high) },
            Unrest::Some => {
                let low = random.range(rated * 150, high);
                Load { seed: random.next(), low, high, half_wave: random.range(2_000, 120_000), noise: rated * 50, grain }
            }
        }
    };
    let mut devices: Vec<Device> = (0..gpus)
        .map(|index| (index, load(rated)))
        .map(|(index, load)| Device { part: Part::Gpu, index, uuid: uuid(load.seed), model, rated, load })
        .collect();
    devices.push(Device {
        part: Part::Cpu,
        index: 0,
        uuid: String::new(),
        model: "AMD EPYC 7763 64-Core Processor",
        rated: 280,
        load: load(280),
    });
    devices.push(Device { part: Part::Memory, index: 0, uuid: String::new(), model: "", rated: 0, load: load(40) });
    Node { name: name.into(), devices, rest_ppm: 150_000 }
}

fn uuid(seed: u64) -> String {
    let (a, b) = (hash(&[seed, 1]), hash(&[seed, 2]));
    format!("GPU-{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", a >> 32, a >> 16 & 0xffff, a & 0xfff, b >> 52, b & 0xffff_ffff_ffff)
}
