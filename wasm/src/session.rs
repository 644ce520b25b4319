//! Logs in, one report out: files are pushed in as they are read, and nothing of them is kept.

use std::cell::RefCell;
use std::rc::Rc;

use carbon_core::account::{self, Settings};
use carbon_core::factor::FactorSet;
use carbon_core::ledger::{InputFile, Ledger};
use carbon_core::note;
use carbon_core::options::Made;
use carbon_core::read::{FileReader, ReadOptions, is_own_document, note_foreign};
use carbon_core::series::InOrder;
use wasm_bindgen::prelude::*;

use crate::error::Problem;
use crate::factors::Factors;
use crate::options;
use crate::value;

/// Bytes of a file that are looked at to describe one that is no log.
const HEAD: usize = 4096;

/// One report in the making.
#[wasm_bindgen]
pub struct Session {
    ledger: Rc<RefCell<Ledger>>,
    factors: Rc<FactorSet>,
    settings: Settings,
    reading: ReadOptions,
}

/// A file at its first reading.
#[wasm_bindgen]
pub struct LogReader {
    ledger: Rc<RefCell<Ledger>>,
    reader: FileReader,
    hasher: blake3::Hasher,
    /// Of what a packed file holds.
    content: Option<blake3::Hasher>,
    path: String,
    head: Vec<u8>,
    size: u64,
    trouble: Option<String>,
}

/// A file whose rows are out of order, while it is read again in order of time.
#[wasm_bindgen]
pub struct Reordering {
    ledger: Rc<RefCell<Ledger>>,
    options: ReadOptions,
    path: String,
    reader: Option<FileReader>,
    sorter: InOrder,
}

#[wasm_bindgen]
impl Session {
    /// A session with options; what can't be used is told now, before anything is read.
    #[wasm_bindgen(constructor)]
    pub fn new(factors: &Factors, options: JsValue) -> Result<Session, JsValue> {
        let Made { read: reading, account: settings } = options::take(options, &factors.0)?;
        let mut ledger = Ledger::default();
        ledger.name_hosts(settings.hosts());
        Ok(Session { ledger: Rc::new(RefCell::new(ledger)), factors: factors.0.clone(), settings, reading })
    }

    /// Begins a file; `path` is what the report calls it.
    pub fn open(&self, path: String) -> LogReader {
        LogReader {
            ledger: self.ledger.clone(),
            reader: FileReader::new(self.reading.of_file(&path)),
            hasher: blake3::Hasher::new(),
            content: None,
            path,
            head: Vec::new(),
            size: 0,
            trouble: None,
        }
    }

    /// Lists a file that could not be read.
    pub fn unread(&self, path: String, bytes: f64, message: String, hint: Option<String>) {
        let file = InputFile { path, bytes: bytes as u64, ..InputFile::default() };
        self.ledger.borrow_mut().add_unread(file, &note::FILE_UNREADABLE, message, hint);
    }

    /// Files whose rows are out of order: to be read again by [`Session::reorder`].
    pub fn unordered(&self) -> Vec<String> {
        self.ledger.borrow().unordered()
    }

    /// Begins to read a file in order of time.
    pub fn reorder(&self, path: String) -> Reordering {
        let (ledger, options) = (self.ledger.clone(), self.reading.of_file(&path));
        Reordering { ledger, options, path, reader: None, sorter: InOrder::default() }
    }

    /// The report on all files that were finished.
    pub fn report(&self) -> Result<JsValue, JsValue> {
        let report = account::report(&self.ledger.borrow(), &self.factors, &self.settings).map_err(Problem::from)?;
        value::give(&report)
    }
}

#[wasm_bindgen]
impl LogReader {
    /// The next bytes of a file that is not packed: [`Self::hash`] and [`Self::push`] at once.
    pub fn read(&mut self, bytes: &[u8]) -> bool {
        self.hash(bytes);
        self.feed(bytes)
    }

    /// The next bytes as the file holds them: for its hash and size.
    pub fn hash(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        self.hasher.update(bytes);
    }

    /// The next bytes of what a packed file holds. `false` once no reader knows the file, and the rest may stay unread.
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        self.content.get_or_insert_with(blake3::Hasher::new).update(bytes);
        self.feed(bytes)
    }

    fn feed(&mut self, bytes: &[u8]) -> bool {
        let room = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        self.reader.push(bytes);
        self.reader.reading_mut().is_none_or(|reading| !reading.format.is_empty() || reading.refused)
    }

    /// Says that the file ended too early; what came before stands.
    pub fn cut(&mut self, message: String) {
        self.trouble = Some(message);
    }

    /// Ends the file. `size` is its size in the folder, for a file that was not read to its end. `false` for a document of carbon-report, which is no log.
    pub fn finish(self, size: Option<f64>) -> bool {
        let mut reading = self.reader.finish();
        if reading.format.is_empty() && !reading.refused {
            if is_own_document(&self.head) {
                return false;
            }
            note_foreign(&mut reading, &self.head);
        }
        if let Some(message) = self.trouble {
            reading.notes.add(&note::INPUT_TRUNCATED, "", None, || message);
        }
        let (bytes, blake3) = match size {
            Some(size) => (size as u64, String::new()),
            None => (self.size, self.hasher.finalize().to_hex().to_string()),
        };
        let content = self.content.filter(|_| !blake3.is_empty()).map(|content| content.finalize().to_hex().to_string());
        self.ledger.borrow_mut().add(InputFile { path: self.path, bytes, blake3, content, sha256: None }, reading);
        true
    }
}

#[wasm_bindgen]
impl Reordering {
    /// The next bytes of a pass over the file.
    pub fn push(&mut self, bytes: &[u8]) {
        let reader = self.reader.get_or_insert_with(|| FileReader::queueing(self.options.clone()));
        // In small pieces: a reading in the queue takes more room than its row.
        for piece in bytes.chunks(16 * 1024) {
            reader.push(piece);
            if let Some(reading) = reader.reading_mut() {
                reading.drain_into(&mut self.sorter);
            }
        }
    }

    /// Ends a pass; `true` when another one is needed.
    pub fn end_pass(&mut self) -> bool {
        if let Some(reader) = self.reader.take() {
            reader.finish().drain_into(&mut self.sorter);
        }
        self.sorter.end_pass()
    }

    /// Puts the readings in order of time in the place of the file's own.
    pub fn finish(self) {
        self.ledger.borrow_mut().put_in_order(&self.path, self.sorter.finish());
    }
}
