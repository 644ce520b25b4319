//! BLAKE3 of a file that is read in ranges by several threads: each range hashes its own whole subtrees, which are then merged.
//!
//! The tree of BLAKE3 is fixed by the length alone, so the result is that of one pass over the file.

use blake3::hazmat::{ChainingValue, HasherExt, Mode, left_subtree_len, merge_subtrees_non_root, merge_subtrees_root};
use blake3::{Hash, Hasher};

/// Ranges start at a multiple of this: a power of two, so that a segment is a whole subtree.
pub const SEGMENT: u64 = 1 << 20;

/// Hashes the segments of one range of a file.
pub struct RangeHasher {
    hasher: Hasher,
    at: u64,
    done: Vec<ChainingValue>,
}

impl RangeHasher {
    /// A hasher for a range that starts at `offset`, a multiple of [`SEGMENT`].
    pub fn new(offset: u64) -> Self {
        debug_assert!(offset.is_multiple_of(SEGMENT));
        Self { hasher: hasher_at(offset), at: offset, done: Vec::new() }
    }

    /// The next bytes of the range.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = (SEGMENT - self.at % SEGMENT) as usize;
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.hasher.update(now);
            self.at += now.len() as u64;
            bytes = later;
            if self.at.is_multiple_of(SEGMENT) {
                self.done.push(self.hasher.finalize_non_root());
                self.hasher = hasher_at(self.at);
            }
        }
    }

    /// The chaining values of the range's segments. Only the last segment of a file may be shorter than [`SEGMENT`].
    pub fn finish(mut self) -> Vec<ChainingValue> {
        if !self.at.is_multiple_of(SEGMENT) {
            self.done.push(self.hasher.finalize_non_root());
        }
        self.done
    }
}

fn hasher_at(offset: u64) -> Hasher {
    let mut hasher = Hasher::new();
    hasher.set_input_offset(offset);
    hasher
}

/// The hash of a file of `length` bytes from its segments, in order. `None` for one segment or none: such a file is hashed as a whole.
pub fn root(segments: &[ChainingValue], length: u64) -> Option<Hash> {
    if length <= SEGMENT || segments.len() as u64 != length.div_ceil(SEGMENT) {
        return None;
    }
    let left = left_subtree_len(length);
    let (first, second) = segments.split_at((left / SEGMENT) as usize);
    Some(merge_subtrees_root(&subtree(first, left), &subtree(second, length - left), Mode::Hash))
}

fn subtree(segments: &[ChainingValue], length: u64) -> ChainingValue {
    if let [only] = segments {
        return *only;
    }
    let left = left_subtree_len(length);
    let (first, second) = segments.split_at((left / SEGMENT) as usize);
    merge_subtrees_non_root(&subtree(first, left), &subtree(second, length - left), Mode::Hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_give_the_hash_of_the_whole() {
        let bytes: Vec<u8> = (0..(5 * SEGMENT + 4321)).map(|i| (i * 31 % 251) as u8).collect();
        for length in [SEGMENT + 1, 2 * SEGMENT, 3 * SEGMENT + 1024, 4 * SEGMENT, 5 * SEGMENT + 4321] {
            let file = &bytes[..length as usize];
            for cuts in [vec![], vec![1], vec![1, 2], vec![2], vec![1, 3]] {
                let mut starts: Vec<u64> = [0].into_iter().chain(cuts.iter().map(|c| c * SEGMENT)).filter(|s| *s < length).collect();
                starts.push(length);
                let mut segments = Vec::new();
                for pair in starts.windows(2) {
                    let mut hasher = RangeHasher::new(pair[0]);
                    file[pair[0] as usize..pair[1] as usize].chunks(70_001).for_each(|chunk| hasher.update(chunk));
                    segments.extend(hasher.finish());
                }
                assert_eq!(root(&segments, length), Some(blake3::hash(file)), "{length} bytes cut at {cuts:?}");
            }
        }
    }

    #[test]
    fn a_missing_segment_is_no_hash() {
        assert_eq!(root(&[[0; 32]; 2], 3 * SEGMENT), None);
        assert_eq!(root(&[[0; 32]], 100), None);
    }
}
