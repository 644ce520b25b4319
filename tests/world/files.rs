//! From what loggers write to the files of a folder, with what befell them.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::logger::{Row, Sheet};
use crate::random::Random;
use crate::scene::{Fault, World};
use crate::truth::{self, Claim, Truth};

/// Bytes by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A world as it lies on disk, and what it holds.
pub struct Written {
    pub files: Files,
    /// Readings in all files.
    pub readings: usize,
    pub claims: Vec<Claim>,
    pub truth: Truth,
}

/// Lets every logger write.
pub fn write(world: &World) -> Written {
    let mut claims = Vec::new();
    let mut repeated = Vec::new();
    let mut sheets: BTreeMap<&str, Vec<(usize, Vec<Sheet>)>> = BTreeMap::new();
    for (number, log) in world.logs.iter().enumerate() {
        let written = (log.logger.write)(world, number);
        claims.extend(written.claims);
        repeated.push(written.repeated);
        sheets.entry(&log.path).or_default().push((number, written.sheets));
    }
    let (mut files, mut readings) = (BTreeMap::new(), 0);
    for (path, of_path) in sheets {
        let faults = of_path.first().map(|(number, _)| world.logs[*number].faults.as_slice()).unwrap_or_default();
        let own: usize = of_path.iter().flat_map(|o| &o.1).map(|sheet| sheet.readings.unwrap_or(sheet.rows.len())).sum();
        let copies = faults.iter().filter(|fault| matches!(fault, Fault::Copied(_) | Fault::PackedBeside | Fault::Doubled)).count();
        readings += own * (1 + copies);
        let texts = if of_path.len() > 1 {
            vec![(path.to_owned(), shared(of_path))]
        } else {
            alone(path, of_path.into_iter().flat_map(|o| o.1).collect(), faults)
        };
        for (path, text) in texts {
            befall(&mut files, path, text, faults);
        }
    }
    let copies: Vec<usize> =
        world.logs.iter().map(|log| log.faults.iter().filter(|f| matches!(f, Fault::Copied(_) | Fault::PackedBeside)).count()).collect();
    let mut truth = truth::settle(world, &claims, &copies);
    // What stands in a log twice does so in each of its copies, too.
    let repeated: i128 = repeated.iter().zip(&copies).map(|(repeated, copies)| repeated * (1 + *copies as i128)).sum();
    truth.plain += repeated;
    if repeated != 0 {
        *truth.left_out.entry(truth::Why::Whole).or_default() += repeated;
    }
    Written { files, readings, claims, truth }
}

/// Several computers write into one file on a shared disk: rows as they come.
fn shared(of_path: Vec<(usize, Vec<Sheet>)>) -> String {
    let head = of_path.first().and_then(|(_, sheets)| sheets.first()).map(|sheet| sheet.head.clone()).unwrap_or_default();
    let mut rows: Vec<Row> = of_path.into_iter().flat_map(|(_, sheets)| sheets).flat_map(|sheet| sheet.rows).collect();
    rows.sort_by_key(|row| row.at);
    text(&head, &rows, "")
}

fn text(head: &str, rows: &[Row], foot: &str) -> String {
    let mut text = String::from(head);
    for row in rows {
        text += &row.text;
        text.push('\n');
    }
    text + foot
}

/// One logger's sheets: one file, or one a run, or one a piece.
fn alone(path: &str, sheets: Vec<Sheet>, faults: &[Fault]) -> Vec<(String, String)> {
    let has = |fault: &Fault| faults.contains(fault);
    let named = |at: usize| match path.rsplit_once('.') {
        Some((stem, end)) => format!("{stem}.{at}.{end}"),
        None => format!("{path}.{at}"),
    };
    if has(&Fault::FileEach) {
        return sheets.iter().enumerate().map(|(at, sheet)| (named(at), text(&sheet.head, &sheet.rows, &sheet.foot))).collect();
    }
    if let Some(Fault::Cut(pieces)) = faults.iter().find(|f| matches!(f, Fault::Cut(_))) {
        let head = sheets.first().map(|sheet| sheet.head.clone()).unwrap_or_default();
        let rows: Vec<Row> = sheets.into_iter().flat_map(|sheet| sheet.rows).collect();
        let size = rows.len().div_ceil(*pieces).max(1);
        return rows.chunks(size).enumerate().map(|(at, rows)| (named(at), text(&head, rows, ""))).collect();
    }
    let again = has(&Fault::HeaderAgain);
    let mut whole = String::new();
    let mut last_head: Option<String> = None;
    for mut sheet in sheets {
        for fault in faults {
            match fault {
                Fault::Shuffled(seed) => shuffle(&mut sheet.rows, *seed),
                Fault::Torn(seed) => tear(&mut sheet.rows, *seed),
                _ => {}
            }
        }
        // A head that differs from the last one's belongs to its run.
        let head = if again || last_head.as_ref() != Some(&sheet.head) { sheet.head.as_str() } else { "" };
        whole += &text(head, &sheet.rows, &sheet.foot);
        last_head = Some(sheet.head);
    }
    if has(&Fault::Doubled) {
        whole = whole.repeat(2);
    }
    vec![(path.to_owned(), whole)]
}

fn shuffle(rows: &mut [Row], seed: u64) {
    let mut random = Random::new(seed);
    for at in (1..rows.len()).rev() {
        rows.swap(at, random.range(0, at as i64) as usize);
    }
}

/// Every seventh row or so lost what stood in it from the middle on.
fn tear(rows: &mut [Row], seed: u64) {
    let mut random = Random::new(seed);
    for row in rows.iter_mut().skip(1) {
        if random.chance(15) {
            row.text.truncate(row.text.len() / 2);
        }
    }
}

fn befall(files: &mut Files, path: String, text: String, faults: &[Fault]) {
    let bytes = text.into_bytes();
    for fault in faults {
        match fault {
            Fault::Copied(to) => {
                files.insert(to.clone(), bytes.clone());
            }
            Fault::CopiedHalfway(to) => {
                let text = String::from_utf8_lossy(&bytes);
                let lines: Vec<&str> = text.split_inclusive('\n').collect();
                files.insert(to.clone(), lines[..lines.len().div_ceil(2)].concat().into_bytes());
            }
            Fault::PackedBeside | Fault::Packed => {
                files.insert(format!("{path}.gz"), packed(&bytes));
            }
            _ => {}
        }
    }
    if !faults.contains(&Fault::Packed) {
        files.insert(path, bytes);
    }
}

pub fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).and_then(|()| packer.finish()).expect("memory")
}
