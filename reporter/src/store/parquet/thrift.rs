//! What is said of a Parquet file inside it, looked through before the library is given it: sizes that nothing in the file bears out would have the library ask for
//! more memory than there is, and a schema of groups within groups for more stack. It is written in Thrift's compact protocol, whose fields are numbered in
//! `parquet.thrift`.

use std::fs::File;

use crate::open;

/// Groups within groups, and structures within structures.
const DEEPEST: u32 = 32;

/// The head of a page is mostly a few dozen bytes; with the extremes of long texts it is more.
const HEADS: [usize; 3] = [512, 64 << 10, 4 << 20];

// Kinds of values.
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const INTEGERS: std::ops::RangeInclusive<u8> = 4..=6;
const DOUBLE: u8 = 7;
const BYTES: u8 = 8;
const LISTS: std::ops::RangeInclusive<u8> = 9..=10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;

/// Values, one after the other. `None` stands for what is none.
struct Values<'b>(&'b [u8]);

impl Values<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn length(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn integer(&mut self) -> Option<i64> {
        let number = self.length()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    fn pass(&mut self, bytes: u64) -> Option<()> {
        self.0 = self.0.get(usize::try_from(bytes).ok()?..)?;
        Some(())
    }

    /// How many elements a list has, and of which kind: each takes a byte at least.
    fn list(&mut self) -> Option<(u64, u8)> {
        let head = self.byte()?;
        let size = if head >> 4 == 15 { self.length()? } else { u64::from(head >> 4) };
        (size <= self.0.len() as u64).then_some((size, head & 15))
    }

    fn skip(&mut self, kind: u8, depth: u32) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        match kind {
            TRUE | FALSE => Some(()),
            BYTE => self.pass(1),
            DOUBLE => self.pass(8),
            BYTES => self.length().and_then(|length| self.pass(length)),
            STRUCT => self.fields(depth, |_, kind, values| values.skip(kind, depth + 1)),
            kind if INTEGERS.contains(&kind) => self.length().map(drop),
            kind if LISTS.contains(&kind) => {
                let (size, kind) = self.list()?;
                (0..size).try_for_each(|_| self.skip_element(kind, depth + 1))
            }
            MAP => {
                let size = self.length().filter(|size| *size <= self.0.len() as u64)?;
                let kinds = if size == 0 { 0 } else { self.byte()? };
                (0..size).try_for_each(|_| self.skip_element(kinds >> 4, depth + 1).and_then(|()| self.skip_element(kinds & 15, depth + 1)))
            }
            _ => None,
        }
    }

    /// Of a list or a map, in which a truth value has a byte of its own.
    fn skip_element(&mut self, kind: u8, depth: u32) -> Option<()> {
        if matches!(kind, TRUE | FALSE) { self.pass(1) } else { self.skip(kind, depth) }
    }

    /// Goes through the fields of a structure: `each` takes the value of the field of that number and kind.
    fn fields(&mut self, depth: u32, mut each: impl FnMut(i64, u8, &mut Self) -> Option<()>) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        let mut number = 0;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            number = if head >> 4 == 0 { self.integer()? } else { number + i64::from(head >> 4) };
            each(number, head & 15, self)?;
        }
    }

    /// The integers of a structure by their numbers, below 16; other fields are passed over.
    fn integers(&mut self, depth: u32) -> Option<[Option<i64>; 16]> {
        let mut found = [None; 16];
        self.fields(depth, |number, kind, values| match usize::try_from(number).ok().and_then(|number| found.get_mut(number)) {
            Some(place) if INTEGERS.contains(&kind) => values.integer().map(|number| *place = Some(number)),
            _ => values.skip(kind, depth + 1),
        })?;
        Some(found)
    }
}

/// Whether a footer's schema is a tree that is not too deep, of as many elements as it says. `FileMetaData.schema` is field 2, `SchemaElement.num_children` 5.
pub fn is_sound(footer: &[u8]) -> bool {
    let mut sound = false;
    let looked = Values(footer).fields(0, |number, kind, values| match (number, kind) {
        (2, kind) if LISTS.contains(&kind) => {
            let (size, kind) = values.list()?;
            // Children that are still to come, of each group that is open.
            let mut open: Vec<i64> = Vec::new();
            for left in (0..i64::try_from(size).ok()?).rev() {
                let element = if kind == STRUCT { values.integers(1)? } else { return None };
                let children = element[5].unwrap_or(0);
                if let Some(last) = open.last_mut() {
                    *last -= 1;
                }
                if !(0..=left).contains(&children) || open.len() > DEEPEST as usize {
                    return None;
                }
                open.push(children);
                while open.last() == Some(&0) {
                    open.pop();
                }
            }
            sound = open.is_empty();
            Some(())
        }
        _ => values.skip(kind, 1),
    });
    looked.is_some() && sound
}

/// What the pages of a column need, once they are unpacked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// All of them.
    pub bytes: u64,
    /// At one time: the largest, and the dictionary with what is kept for each value of it.
    pub at_once: u64,
}

/// Bytes that are kept for a value of a dictionary, besides its own.
const A_VALUE: u64 = 40;

/// What makes a page one that the library can't be given.
pub enum Unfit {
    /// Nothing in the file bears out what the page says of itself.
    Damaged,
    /// Texts that are packed by what they have in common: the library takes their number from inside the packed bytes.
    Packed,
}

/// Looks through the heads of the pages of a column, which lie in `from..to`. `PageHeader` has the kind (1), its sizes unpacked (2) and packed (3), and a structure for
/// data (5), for a dictionary (7) or for data of the second version (8).
pub fn pages(file: &File, mut from: u64, to: u64) -> Result<Pages, Unfit> {
    let (mut found, mut largest, mut dictionary) = (Pages::default(), 0, None);
    while from < to {
        let mut head = None;
        for size in HEADS {
            let mut bytes = vec![0; usize::try_from(to - from).map_or(size, |left| left.min(size))];
            let read = open::read_full_at(file, &mut bytes, from).map_err(|_| Unfit::Damaged)?;
            bytes.truncate(read);
            head = page(&bytes);
            if head.is_some() || read < size {
                break;
            }
        }
        let Some((length, page)) = head else { return Err(Unfit::Damaged) };
        let unpacked = u64::try_from(page.unpacked).map_err(|_| Unfit::Damaged)?;
        from = u64::try_from(page.packed).ok().and_then(|packed| from.checked_add(length)?.checked_add(packed)).ok_or(Unfit::Damaged)?;
        let levels = page.levels.iter().try_fold(0, |sum: i64, length| (*length >= 0).then(|| sum.saturating_add(*length)));
        if from > to || levels.is_none_or(|levels| levels > page.unpacked) || page.values < 0 {
            return Err(Unfit::Damaged);
        }
        // DELTA_LENGTH_BYTE_ARRAY and DELTA_BYTE_ARRAY.
        if matches!(page.encoding, 6 | 7) {
            return Err(Unfit::Packed);
        }
        if page.is_dictionary {
            let values = u64::try_from(page.values).unwrap_or(u64::MAX);
            if values > unpacked || dictionary.is_some() {
                return Err(Unfit::Damaged);
            }
            dictionary = Some(unpacked.saturating_add(values.saturating_mul(A_VALUE)));
        }
        // A page that holds nothing is looked at all the same.
        found.bytes = found.bytes.saturating_add(unpacked).saturating_add(length);
        largest = largest.max(unpacked);
    }
    found.at_once = dictionary.map_or(largest, |dictionary| dictionary.saturating_add(largest));
    Ok(found)
}

struct Page {
    is_dictionary: bool,
    unpacked: i64,
    packed: i64,
    values: i64,
    encoding: i64,
    levels: [i64; 2],
}

/// The page whose head this begins with, and the length of that.
fn page(bytes: &[u8]) -> Option<(u64, Page)> {
    let mut values = Values(bytes);
    let (mut own, mut inner) = ([None; 4], None);
    values.fields(0, |number, kind, values| match (number, kind) {
        (1..=3, kind) if INTEGERS.contains(&kind) => values.integer().map(|integer| own[number as usize] = Some(integer)),
        (5 | 7 | 8, STRUCT) if inner.is_none() => values.integers(1).map(|integers| inner = Some((number, integers))),
        (5 | 7 | 8, _) => None,
        _ => values.skip(kind, 1),
    })?;
    let [_, _, unpacked, packed] = own;
    let (number, inner) = inner.unwrap_or((0, [None; 16]));
    let is_second = number == 8;
    let page = Page {
        is_dictionary: number == 7,
        unpacked: unpacked?,
        packed: packed?,
        values: inner[1].unwrap_or(0),
        encoding: inner[if is_second { 4 } else { 2 }].unwrap_or(0),
        levels: if is_second { [inner[5].unwrap_or(0), inner[6].unwrap_or(0)] } else { [0, 0] },
    };
    Some(((bytes.len() - values.0.len()) as u64, page))
}
