//! Bounds on what is read, so that a hostile or mistaken input ends in a message and not in a full machine.

/// Bounds of one run; each can be set by `--limit NAME=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Folders inside folders.
    pub depth: u64,
    /// Files of all folders together.
    pub files: u64,
    /// Unpacked bytes of one compressed file.
    pub unpacked_bytes: u64,
    /// Unpacked bytes for one packed byte, beyond the first 64 MiB.
    pub ratio: u64,
}

/// Up to this size a compressed file may unpack to any multiple of its own.
pub const RATIO_FREE_BYTES: u64 = 64 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 64, files: 1_000_000, unpacked_bytes: 1 << 40, ratio: 200 }
    }
}

impl Limits {
    /// Sets one limit from `NAME=VALUE`.
    ///
    /// ```
    /// let mut limits = carbon_report::Limits::default();
    /// limits.set("depth=3").unwrap();
    /// assert_eq!(limits.depth, 3);
    /// assert!(limits.set("depth=deep").is_err());
    /// ```
    pub fn set(&mut self, text: &str) -> Result<(), String> {
        let known = "expected depth, files, unpacked-bytes or ratio with a whole number, for example `depth=100`";
        let (name, value) = text.split_once('=').ok_or(known)?;
        let value: u64 = value.trim().parse().map_err(|_| known)?;
        match name.trim() {
            "depth" => self.depth = value,
            "files" => self.files = value,
            "ratio" => self.ratio = value,
            "unpacked-bytes" => self.unpacked_bytes = value,
            _ => return Err(known.into()),
        }
        Ok(())
    }

    /// Every limit with its value and meaning, for `--limits`.
    pub fn rows(&self) -> Vec<(&'static str, u64, &'static str)> {
        vec![
            ("depth", self.depth, "folders inside folders"),
            ("files", self.files, "files of all folders together"),
            ("ratio", self.ratio, "unpacked bytes for one packed byte, once a file has unpacked to 64 MiB"),
            ("unpacked-bytes", self.unpacked_bytes, "unpacked bytes of one compressed file"),
        ]
    }
}
