//! Stores as they are found: open, damaged, hostile.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rusqlite::Connection;

use crate::limits::Limits;
use crate::{Inputs, Options, read_paths};

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("carbon-report-stores-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// What is in it, byte by byte.
    fn content(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path()).map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn read(path: &Path) -> Inputs {
    read_paths(&[path.to_path_buf()], &Options::default()).unwrap()
}

fn rows(inputs: &Inputs) -> u64 {
    inputs.ledger.entries().map(|entry| entry.reading.rows.used).sum()
}

/// The codes of what is said of the files.
fn said(inputs: &Inputs) -> Vec<&'static str> {
    inputs.ledger.file_notes().map(|(_, note)| note.code.id).collect()
}

/// The table of trackio's first releases.
fn trackio(path: &Path) -> Connection {
    let store = Connection::open(path).unwrap();
    store
        .execute_batch(
            "CREATE TABLE system_metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT NOT NULL, run_name TEXT NOT NULL, metrics TEXT NOT NULL)",
        )
        .unwrap();
    store
}

fn add(store: &Connection, run: &str, second: u32, padding: usize) {
    let metrics = format!("{{\"gpu/0/power\": {}, \"note\": \"{}\"}}", 100 + second % 7, "x".repeat(padding));
    let stamp = format!("2026-11-29T16:{:02}:{:02}+00:00", second / 60, second % 60);
    store.execute("INSERT INTO system_metrics (timestamp, run_name, metrics) VALUES (?1, ?2, ?3)", (stamp, run, metrics)).unwrap();
}

#[test]
fn an_open_store_counts_as_far_as_it_was_committed() {
    for (name, mode) in [("ahead", "WAL"), ("journal", "DELETE")] {
        let folder = Folder::new(name);
        let store = trackio(&folder.file("demo.db"));
        store.execute_batch(&format!("PRAGMA journal_mode = {mode}; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = 2")).unwrap();
        for second in 0..10 {
            add(&store, "a", second, 10);
        }
        // Far more than the cache holds: of a journal that is still open the pages are in the database already.
        store.execute_batch("BEGIN").unwrap();
        for second in 10..400 {
            add(&store, "a", second, 1000);
        }
        let before = folder.content();
        assert!(before.len() > 1, "nothing is left beside the store");
        let inputs = read(&folder.file("demo.db"));
        assert_eq!((rows(&inputs), said(&inputs).contains(&"store-open")), (10, true), "{mode}: {:?}", said(&inputs));
        assert!(before == folder.content(), "{mode}: something was written among the logs");
        store.execute_batch("COMMIT").unwrap();
        drop(store);
        let inputs = read(&folder.file("demo.db"));
        assert_eq!((rows(&inputs), said(&inputs).contains(&"store-open")), (400, false), "{mode}: {:?}", said(&inputs));
    }
}

#[test]
fn runs_stay_apart_and_in_order() {
    let folder = Folder::new("order");
    let store = trackio(&folder.file("demo.db"));
    for second in (0..20).rev() {
        add(&store, if second % 2 == 0 { "a" } else { "../b\n" }, second, 0);
    }
    drop(store);
    let inputs = read(&folder.0);
    let names: Vec<(&str, u64)> =
        inputs.ledger.entries().map(|e| (e.file.path.rsplit_once("demo.db").unwrap().1, e.reading.rows.used)).collect();
    assert_eq!(names, [("", 0), ("/.._b_.jsonl", 10), ("/a.jsonl", 10)]);
    assert_eq!(inputs.ledger.unordered(), Vec::<String>::new());
}

#[test]
fn a_database_cannot_act() {
    let forever = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, 'x' AS timestamp, 'y' AS run_name, '{}' AS metrics FROM n";
    let long =
        "CREATE TABLE system_metrics (id INTEGER PRIMARY KEY, timestamp TEXT, run_name TEXT, n INTEGER, metrics TEXT AS (hex(zeroblob(n))));
        INSERT INTO system_metrics (timestamp, run_name, n) VALUES ('2026-11-29T16:00:00Z', 'a', 400000000)";
    for sql in [format!("CREATE VIEW system_metrics AS {forever}"), String::from(long)] {
        let folder = Folder::new("hostile");
        Connection::open(folder.file("demo.db")).unwrap().execute_batch(&sql).unwrap();
        let start = Instant::now();
        let inputs = read(&folder.0);
        assert!(rows(&inputs) == 0 && start.elapsed().as_secs() < 20, "{:?}", said(&inputs));
        assert!(said(&inputs).iter().any(|code| ["file-unknown", "store-damaged"].contains(code)), "{:?}", said(&inputs));
    }
}

/// A store with one byte changed, or cut, at many places, is read without a panic, and never gives more rows than it had.
fn damaged(name: &str, whole: &[u8], step: usize) -> u64 {
    let folder = Folder::new(name);
    let path = folder.file("store");
    let mut told = 0;
    for (turn, at) in (0..whole.len()).step_by(step).enumerate() {
        let mut bytes = whole.to_vec();
        match turn % 3 {
            0 => bytes[at] ^= 0xFF,
            1 => bytes[at] ^= 1 << (turn % 8),
            _ => bytes.truncate(at),
        }
        fs::write(&path, bytes).unwrap();
        let inputs = read(&path);
        told +=
            u64::from(said(&inputs).iter().any(|code| ["store-damaged", "file-unreadable", "file-unknown", "file-empty"].contains(code)));
    }
    told
}

#[test]
fn a_damaged_database_is_told_and_costs_itself() {
    let folder = Folder::new("to-damage");
    let store = trackio(&folder.file("demo.db"));
    for second in 0..200 {
        add(&store, "a", second, 100);
    }
    drop(store);
    let whole = fs::read(folder.file("demo.db")).unwrap();
    assert!(damaged("database", &whole, 211) > 40);
    // A page that leads back to the tree's own root.
    let root = whole.chunks(4096).position(|page| page[0] == 5).expect("a tree of several pages");
    let mut bytes = whole.clone();
    let cells = u16::from_be_bytes([bytes[root * 4096 + 3], bytes[root * 4096 + 4]]);
    for cell in 0..usize::from(cells) {
        let pointer = root * 4096 + 12 + 2 * cell;
        let at = root * 4096 + usize::from(u16::from_be_bytes([bytes[pointer], bytes[pointer + 1]]));
        bytes[at..at + 4].copy_from_slice(&(root as u32 + 1).to_be_bytes());
    }
    fs::write(folder.file("demo.db"), bytes).unwrap();
    let inputs = read(&folder.file("demo.db"));
    assert!(said(&inputs).contains(&"store-damaged"), "{:?}", said(&inputs));
    // The page that says what tables there are is of no kind that there is.
    let mut bytes = whole;
    bytes[100] = 0xff;
    fs::write(folder.file("demo.db"), bytes).unwrap();
    let inputs = read(&folder.file("demo.db"));
    assert!(said(&inputs).iter().any(|code| ["store-damaged", "file-unreadable"].contains(code)), "{:?}", said(&inputs));
}

#[test]
fn a_damaged_run_of_wandb_gives_its_other_blocks() {
    let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/bad/store-wandb/logs");
    let mut runs: Vec<PathBuf> =
        fs::read_dir(logs).unwrap().map(|run| fs::read_dir(run.unwrap().path()).unwrap().next().unwrap().unwrap().path()).collect();
    runs.sort();
    let whole = fs::read(&runs[0]).unwrap();
    assert!(damaged("wandb", &whole, 97) > whole.len() as u64 / 97 / 2);
    // The run's own records again, block after block: what follows a damaged block counts.
    let folder = Folder::new("blocks");
    let mut long = whole.clone();
    long.resize(32 << 10, 0);
    long.extend_from_slice(&whole[7..]);
    fs::write(folder.file("whole"), &long).unwrap();
    long[50] ^= 1;
    fs::write(folder.file("damaged"), &long).unwrap();
    let (whole, damaged) = (read(&folder.file("whole")), read(&folder.file("damaged")));
    assert!(rows(&damaged) > 0 && 2 * rows(&damaged) <= rows(&whole) + 1, "{} of {}", rows(&damaged), rows(&whole));
    assert!(said(&damaged).contains(&"store-damaged") && !said(&whole).contains(&"store-damaged"));
}

#[test]
fn what_the_hint_says_makes_a_log_of_a_store_of_mlflow() {
    let folder = Folder::new("hint");
    Connection::open(folder.file("other.db")).unwrap().execute_batch("CREATE TABLE other (a)").unwrap();
    let inputs = read(&folder.file("other.db"));
    let hints: Vec<&str> = inputs.ledger.file_notes().filter_map(|(_, note)| note.hint.as_deref()).collect();
    let said = hints.iter().find_map(|hint| hint.split_once("mlflow.db \"")?.1.split_once("\" > ")).expect("a statement and a file's name");
    let (statement, name) = (said.0, said.1.trim_end_matches('`'));
    let store = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/bad/store-mlflow/logs/mlflow.db");
    let whole = read(&store);
    let member = whole.ledger.entries().find(|entry| entry.file.path.ends_with(name)).expect("a log of that name");
    let run = member.file.path.split('/').rev().nth(3).unwrap();
    let copy = folder.file("mlflow.db");
    fs::copy(store, &copy).unwrap();
    let connection = Connection::open(copy).unwrap();
    let mut query = connection.prepare(&statement.replace("RUN", run)).unwrap();
    let line = |row: &rusqlite::Row<'_>| Ok(format!("{} {} {}\n", row.get::<_, i64>(0)?, row.get::<_, f64>(1)?, row.get::<_, i64>(2)?));
    let lines: String = query.query_map([], line).unwrap().map(Result::unwrap).collect();
    fs::write(folder.file(name), lines).unwrap();
    let made = read(&folder.file(name));
    let made = made.ledger.entries().next().unwrap();
    assert!(made.reading.rows.used > 0);
    assert_eq!((&made.file.blake3, made.reading.rows.used), (&member.file.blake3, member.reading.rows.used));
}

/// A cell that is too long is left out by its length, unread, and costs its own row.
#[test]
fn a_cell_of_megabytes_costs_its_row() {
    let long = super::sqlite::LONGEST_CELL as usize + 1;
    for column in ["metrics", "run_name", "timestamp"] {
        let folder = Folder::new(&format!("long-{column}"));
        let store = trackio(&folder.file("demo.db"));
        for second in 0..20 {
            add(&store, "a", second, 10);
        }
        store.execute(&format!("UPDATE system_metrics SET {column} = zeroblob(?1) WHERE id = 10"), [long as i64]).unwrap();
        drop(store);
        let inputs = read(&folder.file("demo.db"));
        assert_eq!((rows(&inputs), said(&inputs).contains(&"store-damaged")), (19, true), "{column}: {:?}", said(&inputs));
        let told: Vec<String> = inputs.ledger.file_notes().map(|(_, note)| note.message.clone()).collect();
        assert!(told.iter().any(|message| message.contains("left out unread: 1")), "{column}: {told:?}");
    }
    for column in ["key", "value", "run_uuid"] {
        let folder = Folder::new(&format!("long-{column}"));
        let store = Connection::open(folder.file("mlflow.db")).unwrap();
        store
            .execute_batch("CREATE TABLE metrics (key TEXT, value, timestamp INTEGER, run_uuid TEXT, step INTEGER, is_nan INTEGER)")
            .unwrap();
        for step in 0..20 {
            let row = (1_764_100_000_000_i64 + 1000 * step, step);
            store.execute("INSERT INTO metrics VALUES ('system/gpu_0_power_usage_watts', 100.0, ?1, 'r1', ?2, 0)", row).unwrap();
        }
        store.execute(&format!("UPDATE metrics SET {column} = zeroblob(?1) WHERE step = 10"), [long as i64]).unwrap();
        drop(store);
        let inputs = read(&folder.file("mlflow.db"));
        assert_eq!((rows(&inputs), said(&inputs).contains(&"store-damaged")), (19, true), "{column}: {:?}", said(&inputs));
    }
}

/// A journal as of a transaction of several databases: one page as it is, and at the end the name of the file that all of them share.
fn journal_of_several(database: &[u8], shared: &Path, tails: usize) -> Vec<u8> {
    let size = usize::from(u16::from_be_bytes([database[16], database[17]]));
    let (pages, nonce) = (database.len() / size, 0x1234_5678_u32);
    let mut journal = super::copy::MAGIC.to_vec();
    for number in [1, nonce, pages as u32, 512, size as u32] {
        journal.extend_from_slice(&number.to_be_bytes());
    }
    journal.resize(512, 0);
    let page = &database[(pages - 1) * size..];
    let sum = (1..=(size - 1) / 200).map(|turn| u32::from(page[size - 200 * turn])).fold(nonce, u32::wrapping_add);
    journal.extend_from_slice(&(pages as u32).to_be_bytes());
    journal.extend_from_slice(page);
    journal.extend_from_slice(&sum.to_be_bytes());
    let name = shared.to_str().unwrap().as_bytes();
    for _ in 0..tails {
        journal.extend_from_slice(&((0x4000_0000 / size) as u32 + 1).to_be_bytes());
        journal.extend_from_slice(name);
        journal.extend_from_slice(&(name.len() as u32).to_be_bytes());
        journal.extend_from_slice(&name.iter().map(|byte| u32::from(*byte)).sum::<u32>().to_be_bytes());
        journal.extend_from_slice(&super::copy::MAGIC);
    }
    journal
}

#[test]
fn no_journal_reaches_a_file_outside() {
    let folder = Folder::new("outside");
    let victim = folder.file("victim");
    let store = trackio(&folder.file("demo.db"));
    for second in 0..10 {
        add(&store, "a", second, 10);
    }
    drop(store);
    let database = fs::read(folder.file("demo.db")).unwrap();
    let names_its_child = format!("{}\0", folder.file("demo.db-journal").display());
    for (kind, held, tails) in [
        ("a file of any bytes", "precious", 1),
        ("two names", "precious", 2),
        ("one that names the journal", names_its_child.as_str(), 1),
        ("an empty one", "", 1),
    ] {
        fs::write(&victim, held).unwrap();
        let journal = journal_of_several(&database, &victim, tails);
        fs::write(folder.file("demo.db-journal"), &journal).unwrap();
        let inputs = read(&folder.file("demo.db"));
        assert_eq!(fs::read_to_string(&victim).ok().as_deref(), Some(held), "{kind}");
        assert_eq!((rows(&inputs), said(&inputs)), (0, vec!["file-unreadable"]), "{kind}");
        assert_eq!(fs::read(folder.file("demo.db-journal")).unwrap(), journal, "{kind}");
    }
    // One that is over, of whatever it ends in, and one that names nothing are no obstacle.
    let mut over = journal_of_several(&database, &victim, 1);
    over[..28].fill(0);
    for (kind, journal, open) in [("over", over, false), ("of one database", journal_of_several(&database, &victim, 0), true)] {
        fs::write(folder.file("demo.db-journal"), journal).unwrap();
        let inputs = read(&folder.file("demo.db"));
        assert_eq!((rows(&inputs), said(&inputs).contains(&"store-open")), (10, open), "{kind}: {:?}", said(&inputs));
    }
}

#[test]
fn what_is_copied_is_bounded_and_a_store() {
    let folder = Folder::new("copied");
    let limits = || Options { limits: Limits::default().with("store-copy-bytes=100000").unwrap(), ..Options::default() };
    let told = |name: &str| {
        let inputs = read_paths(&[folder.file(name)], &limits()).unwrap();
        let told: Vec<String> = inputs.ledger.file_notes().map(|(_, note)| format!("{}: {}", note.code.id, note.message)).collect();
        (rows(&inputs), told.join("; "))
    };
    let store = trackio(&folder.file("demo.db"));
    add(&store, "a", 0, 10);
    drop(store);
    Connection::open(folder.file("other.db")).unwrap().execute_batch("CREATE TABLE other (a)").unwrap();
    for name in ["demo.db", "other.db"] {
        for ending in ["-wal", "-journal"] {
            let beside = folder.file(&format!("{name}{ending}"));
            // The first byte says of a journal that it counts.
            fs::write(&beside, [b'1']).unwrap();
            fs::File::options().write(true).open(&beside).unwrap().set_len(3 << 30).unwrap();
            let (rows, told) = told(name);
            match name {
                "demo.db" => assert!(rows == 0 && told.contains("limit `store-copy-bytes`"), "{ending}: {told}"),
                _ => assert!(rows == 0 && told.starts_with("file-unknown"), "{ending}: {told}"),
            }
            fs::remove_file(beside).unwrap();
        }
    }
    // A table that is in the log of pages alone is a store's as well.
    let store = Connection::open(folder.file("new.db")).unwrap();
    store.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0").unwrap();
    drop(store);
    let store = trackio(&folder.file("new.db"));
    store.execute_batch("PRAGMA wal_autocheckpoint = 0").unwrap();
    add(&store, "a", 0, 10);
    let (rows, told) = told("new.db");
    assert!(rows == 1 && told.contains("store-open"), "{told}");
}
