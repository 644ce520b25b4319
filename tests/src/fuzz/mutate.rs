//! Mutated seeds from a fixed start: the same ones on every machine, so that a failure can be met again.

/// Changes seeds as torn writes, bad copies and attackers do.
pub struct Mutator {
    state: u64,
    dictionary: Vec<Vec<u8>>,
}

impl Mutator {
    /// `dictionary` is in libFuzzer's form: one `"token"` a line, with `\xNN`.
    pub fn new(start: u64, dictionary: &str) -> Self {
        let tokens = dictionary.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix('"'));
        Self { state: start, dictionary: tokens.map(unescape).collect() }
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        // SplitMix64: Steele, Lea, Flood (2014).
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound.max(1) as u64) as usize
    }

    /// `seed` with one to four changes; some take bytes from `other`.
    pub fn mutate(&mut self, seed: &[u8], other: &[u8], joint: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len() + 1);
            let length = self.below(bytes.len().saturating_sub(at).min(200) + 1);
            match self.below(9) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..at + length)),
                2 => bytes.extend_from_within(at..at + length),
                3 => {
                    let from = self.below(other.len() + 1);
                    bytes.truncate(at);
                    bytes.extend_from_slice(&other[from..]);
                }
                4 => {
                    bytes.extend_from_slice(joint);
                    bytes.extend_from_slice(other);
                }
                5 | 6 if !self.dictionary.is_empty() => {
                    let token = self.below(self.dictionary.len());
                    let end = if self.below(2) == 0 { at } else { at + length };
                    bytes.splice(at..end, self.dictionary[token].iter().copied());
                }
                7 => self.shuffle_lines(&mut bytes),
                _ if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                _ => {}
            }
        }
        bytes
    }

    fn shuffle_lines(&mut self, bytes: &mut Vec<u8>) {
        let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
        let (a, b) = (self.below(lines.len()), self.below(lines.len()));
        if a < lines.len() && b < lines.len() {
            lines.swap(a, b);
        }
        *bytes = lines.concat();
    }
}

fn unescape(token: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = token.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.strip_prefix(b"x").and_then(|digits| digits.get(..2)).and_then(|two| std::str::from_utf8(two).ok());
        match (first, hex.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            (b'\\', Some(byte)) => {
                out.push(byte);
                rest = &after[3..];
            }
            (b'\\', None) => {
                out.extend(after.first());
                rest = after.get(1..).unwrap_or(&[]);
            }
            _ => {
                out.push(*first);
                rest = after;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_as_libfuzzer_does() {
        let mutator = Mutator::new(1, "# words\n\"[N/A]\"\n\"\\xff\\xfe\"\nname=\"x\"\n\"a\\\\\\\"b\"\n");
        assert_eq!(mutator.dictionary, [&b"[N/A]"[..], b"\xff\xfe", b"a\\\"b"]);
    }

    #[test]
    fn one_start_gives_one_series() {
        let run = || {
            let mut mutator = Mutator::new(7, "\"x\"\n");
            (0..50).map(|_| mutator.mutate(b"a,b\n1,2\n3,4\n", b"other\n", b"|")).collect::<Vec<_>>()
        };
        assert_eq!(run(), run());
        assert!(run().iter().collect::<std::collections::BTreeSet<_>>().len() > 30);
    }
}
