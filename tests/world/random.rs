//! Random numbers from a seed: the same on every machine and in every release, so that a seed is a world.

/// SplitMix64.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
    /// Which of many worlds is drawn: what has to be seen in turn is chosen by it.
    pub turn: u64,
}

impl Random {
    pub fn new(seed: u64) -> Self {
        Self { state: seed, turn: 0 }
    }

    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// A whole number from `low` to `high`, both among them.
    pub fn range(&mut self, low: i64, high: i64) -> i64 {
        low + (self.next() % (high - low + 1) as u64) as i64
    }

    /// True in so many of a hundred cases.
    pub fn chance(&mut self, percent: i64) -> bool {
        self.range(0, 99) < percent
    }

    pub fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.range(0, from.len() as i64 - 1) as usize]
    }

    /// Between 0 and 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Of the standard normal distribution (Box and Muller).
    pub fn normal(&mut self) -> f64 {
        let (a, b) = (self.unit().max(1e-300), self.unit());
        (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    }

    /// A factor whose logarithm is normal, with 95 % of all draws between `low` and `high`.
    pub fn factor(&mut self, low: f64, high: f64) -> f64 {
        let z = self.normal() / 1.959_964;
        (if z < 0.0 { -low.ln() * z } else { high.ln() * z }).exp()
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number that depends on `parts` alone: what one device draws does not change when another one is taken out of the world.
pub fn hash(parts: &[u64]) -> u64 {
    parts.iter().fold(0x243f_6a88_85a3_08d3, |sum, part| mix(sum ^ mix(part.wrapping_add(0x9e37_79b9_7f4a_7c15))))
}
