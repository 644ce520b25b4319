//! What stands in a log, in 64 bits, to know it again.

/// FNV-1a: of a million texts two that differ share one with a chance of 3 in 100 million.
pub(super) struct Fingerprint(pub u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fingerprint {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    }

    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut print = Self::default();
        print.add(bytes);
        print
    }
}
