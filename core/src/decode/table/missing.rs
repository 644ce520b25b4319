//! What stands in a cell where there is no reading.

/// Whether a cell says that there is no reading: blank, `-`, `N/A`, `[Not Supported]`, `[Unknown Error]`, `ERR!`, `nan` and their like.
pub fn is_missing(cell: &[u8]) -> bool {
    let cell = cell.trim_ascii();
    let inner = cell.strip_prefix(b"[").and_then(|c| c.strip_suffix(b"]")).unwrap_or(cell);
    match inner.first() {
        None => true,
        // Most cells are numbers, and shorter than those that say that there is none.
        Some(b'0'..=b'9') => inner.len() >= 15 && BLANK_NUMBERS.contains(&inner),
        // nvidia-smi puts every reason into brackets: any bracketed text is a reason, not a reading.
        Some(_) if inner.len() < cell.len() => !inner.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b' ')),
        // Ids and names of models are longer than any of these.
        Some(_) => inner.len() <= LONGEST && MISSING.iter().any(|word| inner.eq_ignore_ascii_case(word)),
    }
}

/// Whether a cell says that arithmetic went wrong where it was written: `nan`, `-inf`.
pub fn is_nan(cell: &[u8]) -> bool {
    let cell = cell.trim_ascii();
    let cell = cell.strip_prefix(b"-").unwrap_or(cell);
    [&b"nan"[..], b"inf", b"infinity"].iter().any(|word| cell.eq_ignore_ascii_case(word))
}

/// How long the longest of [`MISSING`] is.
const LONGEST: usize = {
    let (mut longest, mut at) = (0, 0);
    while at < MISSING.len() {
        longest = if MISSING[at].len() > longest { MISSING[at].len() } else { longest };
        at += 1;
    }
    longest
};

/// Words that stand where there is no reading.
const MISSING: &[&[u8]] = &[
    b"-",
    b"--",
    b"ERR!",
    b"Error",
    b"GPU is lost",
    b"GPU requires reset",
    b"N/A",
    b"N/A (Secondary die)",
    b"NA",
    b"nan",
    b"-nan",
    b"None",
    b"null",
    b"Not Found",
    b"Not Supported",
    b"unavailable",
    b"unknown",
    b"Unknown Error",
    b"<not counted>",
    b"<not supported>",
];

/// Numbers that NVIDIA's DCGM writes where it has none (`DCGM_INT64_BLANK`, `DCGM_FP64_BLANK` and the three reasons above each), whole, as a float prints
/// them, and as Prometheus does.
const BLANK_NUMBERS: &[&[u8]] = &[
    b"9223372036854775792",
    b"9223372036854775793",
    b"9223372036854775794",
    b"9223372036854775795",
    b"9223372036854775807",
    b"9223372036854775808",
    b"9.223372036854776e+18",
    b"140737488355328",
    b"140737488355329",
    b"140737488355330",
    b"140737488355331",
    b"140737488355328.000",
    b"140737488355328.000000",
    b"1.40737488355328e+14",
    b"1.40737488355329e+14",
    b"1.4073748835533e+14",
    b"1.40737488355331e+14",
];
