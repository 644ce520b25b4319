//! Databases of SQLite: what trackio and MLflow keep in them. A database is a program of whoever made it (views, triggers, columns that are computed), so that
//! plain tables alone are asked, by statements that may do nothing but read them.

use std::path::{Path, absolute};

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row, Statement};

use super::copy::{Beside, Copy};
use super::members::Members;
use super::{Told, Unread};

/// No cell may be longer: a log's line is bounded as well.
pub(super) const LONGEST_CELL: i32 = 16 << 20;

/// Steps of SQLite's machine that any database may take, and for each of its bytes. A row has at least ten bytes and takes about twenty steps; a damaged
/// tree that leads back to itself would take forever.
const STEPS: u64 = 10_000_000;
const STEPS_A_BYTE: u64 = 20;
const STEPS_BETWEEN: i32 = 100_000;

/// A store that is known: its tables and what is asked of them.
struct Store {
    name: &'static str,
    /// Tables, each with the columns that are read.
    table: &'static str,
    columns: &'static [&'static str],
    /// Columns that later releases have.
    later: &'static [&'static str],
    /// What is asked for, with those or with what stands in for them.
    query: fn(later: bool) -> &'static str,
    /// Which rows are read.
    rows: &'static str,
    order: fn(later: bool) -> &'static str,
    unpack: fn(&mut Statement<'_>, &mut Members<'_>) -> Result<(), String>,
}

const STORES: [Store; 2] = [
    Store {
        name: "store of trackio",
        table: "system_metrics",
        columns: &["timestamp", "run_name", "metrics"],
        later: &["run_id", "id"],
        query: |later| if later { "run_name, run_id, timestamp, metrics" } else { "run_name, run_name, timestamp, metrics" },
        rows: "TRUE",
        order: |later| if later { "run_id, timestamp, id" } else { "run_name, timestamp, rowid" },
        unpack: trackio,
    },
    Store {
        name: "store of MLflow",
        table: "metrics",
        columns: &["key", "value", "timestamp", "run_uuid", "step", "is_nan"],
        later: &[],
        query: |_| "run_uuid, key, timestamp, value, step, is_nan",
        rows: "key LIKE '%\\_power\\_usage\\_watts' ESCAPE '\\'",
        order: |_| "run_uuid, key, timestamp, step",
        unpack: mlflow,
    },
];

impl Store {
    /// Unpacks the rows. How long a cell is stands before it: those that are too long are left out unread, and counted.
    fn read(&self, connection: &Connection, later: bool, members: &mut Members<'_>) -> Result<(), String> {
        let (columns, table) = ((self.query)(later), self.table);
        let longer: Vec<String> = columns.split(", ").map(|column| format!("octet_length({column}) > {LONGEST_CELL}")).collect();
        let longer = longer.join(" OR ");
        let rows = format!(
            "SELECT {columns} FROM main.{table} WHERE CASE WHEN {longer} THEN FALSE ELSE {} END ORDER BY {}",
            self.rows,
            (self.order)(later)
        );
        connection.prepare(&rows).map_err(|e| in_words(&e)).and_then(|mut query| (self.unpack)(&mut query, members))?;
        let count = format!("SELECT count(*) FROM main.{table} WHERE {longer}");
        match connection.query_row(&count, [], |row| row.get(0)).map_err(|e| in_words(&e))? {
            0_i64 => Ok(()),
            left => Err(format!("rows with a cell of more than {} MiB are left out unread: {left}", LONGEST_CELL >> 20)),
        }
    }
}

/// Unpacks the runs of a database; `None` where it is no store that is known.
pub fn unpack(path: &Path, bytes: u64, members: &mut Members<'_>) -> Result<Option<Told>, Unread> {
    let copy = match Beside::of(path) {
        None => None,
        // Databases of others are not copied: the table is in the database or, where it is new, in what lies beside it.
        Some(beside) if !is_known(path, bytes) && !beside.holds(&STORES.each_ref().map(|store| store.table), members.limits()) => {
            return Ok(None);
        }
        Some(beside) => Some(Copy::of(&beside, members.limits())?),
    };
    let connection = open(copy.as_ref().map_or(path, |copy| &copy.path), copy.is_none(), bytes)
        .map_err(|e| Unread { message: in_words(&e), hint: None })?;
    let Some((store, columns)) = STORES.iter().find_map(|store| Some((store, columns(&connection, store)?))) else {
        // What its tables are may be lost.
        let tables = connection.query_row("SELECT count(sql) FROM main.sqlite_schema", [], |_| Ok(()));
        let damage = tables.err().map(|error| format!("the database is damaged ({error}): what its tables are can't be read"));
        return Ok(damage.map(|damage| Told { name: "SQLite database", damage: Some(damage), beside: None, open: None }));
    };
    let later = store.later.iter().all(|later| columns.iter().any(|column| column == later));
    let damage = store.read(&connection, later, members).err();
    let open = copy.map(|copy| match copy.changing {
        false => String::from("something was writing to the database, or was killed while it did: what was committed counts"),
        true => String::from("the database was written while it was read: what counts may be of two states of it"),
    });
    Ok(Some(Told { name: store.name, damage, beside: None, open }))
}

/// Whether a database is a store, as it stands without what lies beside it.
fn is_known(path: &Path, bytes: u64) -> bool {
    open(path, true, bytes).is_ok_and(|connection| STORES.iter().any(|store| columns(&connection, store).is_some()))
}

/// Opens a database to be read. One that stands alone can't change, as far as SQLite is told, so that it writes nothing beside it and takes no locks.
fn open(path: &Path, alone: bool, bytes: u64) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = match alone {
        true => Connection::open_with_flags(format!("{}?immutable=1", uri(path)), flags | OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        false => Connection::open_with_flags(uri(path), flags | OpenFlags::SQLITE_OPEN_READ_WRITE)?,
    };
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST_CELL)?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.set_limit(Limit::SQLITE_LIMIT_WORKER_THREADS, 0)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    let mut left = STEPS.saturating_add(bytes.saturating_mul(STEPS_A_BYTE)) / STEPS_BETWEEN as u64;
    connection.progress_handler(
        STEPS_BETWEEN,
        Some(move || {
            left = left.saturating_sub(1);
            left == 0
        }),
    )?;
    connection.authorizer(Some(|context: AuthContext<'_>| match context.action {
        AuthAction::Select | AuthAction::Read { .. } => Authorization::Allow,
        AuthAction::Function { function_name: "count" | "like" | "octet_length" } => Authorization::Allow,
        _ => Authorization::Deny,
    }))?;
    Ok(connection)
}

/// The columns of a store's table, where a plain table of that name has what is read.
fn columns(connection: &Connection, store: &Store) -> Option<Vec<String>> {
    let sql: String = connection
        .query_row("SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ?1", [store.table], |row| row.get(0))
        .ok()?;
    let words: Vec<String> = sql.split_ascii_whitespace().take(2).map(str::to_ascii_uppercase).collect();
    if words != ["CREATE", "TABLE"] {
        return None;
    }
    let all = connection.prepare(&format!("SELECT * FROM main.{} LIMIT 0", store.table)).ok()?;
    let all: Vec<String> = all.column_names().into_iter().map(String::from).collect();
    store.columns.iter().all(|column| all.iter().any(|name| name == column)).then_some(all)
}

/// `metrics` is a JSON object of what was read at `timestamp`: the stamp goes into it.
fn trackio(query: &mut Statement<'_>, members: &mut Members<'_>) -> Result<(), String> {
    each_row(query, members, 1, |row, is_new, members| {
        let (name, stamp, metrics) = (text(row, 0)?, text(row, 2)?, text(row, 3)?);
        if is_new {
            members.begin(&[&format!("{}.jsonl", String::from_utf8_lossy(name))])?;
        }
        let stamp = serde_json::to_vec(&String::from_utf8_lossy(stamp)).map_err(|e| e.to_string())?;
        match metrics.trim_ascii().strip_prefix(b"{").map(<[u8]>::trim_ascii_start) {
            // A row that is no object is one that can't be read, and is counted as such.
            None => members.line(&[metrics]),
            Some(b"}") => members.line(&[b"{\"timestamp\":", &stamp, b"}"]),
            Some(rest) => members.line(&[b"{\"timestamp\":", &stamp, b",", rest]),
        }
    })
}

/// A file for each metric of each run, as MLflow's file store has them: `milliseconds value step`.
fn mlflow(query: &mut Statement<'_>, members: &mut Members<'_>) -> Result<(), String> {
    each_row(query, members, 2, |row, is_new, members| {
        if is_new {
            let (run, key) = (String::from_utf8_lossy(text(row, 0)?), String::from_utf8_lossy(text(row, 1)?));
            let parts: Vec<&str> = [&*run, "metrics"].into_iter().chain(key.split('/')).collect();
            members.begin(&parts)?;
        }
        let value = match (cell(row, 3)?, cell(row, 5)?) {
            (ValueRef::Real(value), ValueRef::Null | ValueRef::Integer(0)) => value.to_string(),
            (ValueRef::Integer(value), ValueRef::Null | ValueRef::Integer(0)) => value.to_string(),
            _ => String::from("nan"),
        };
        let (ValueRef::Integer(at), step) = (cell(row, 2)?, cell(row, 4)?) else { return members.line(&[b"nan"]) };
        let step = step.as_i64().unwrap_or(0);
        members.line(&[format!("{at} {value} {step}").as_bytes()])
    })
}

/// Goes through rows that are sorted by their first columns; a row in which one of the first `keys` differs from the row before begins another run.
fn each_row(
    query: &mut Statement<'_>,
    members: &mut Members<'_>,
    keys: usize,
    mut take: impl FnMut(&Row<'_>, bool, &mut Members<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let keys: Vec<usize> = if keys == 1 { vec![1] } else { (0..keys).collect() };
    let mut before: Option<Vec<Vec<u8>>> = None;
    let mut rows = query.query([]).map_err(|e| in_words(&e))?;
    while let Some(row) = rows.next().map_err(|e| in_words(&e))? {
        // A row costs something whatever it holds.
        members.count(8)?;
        let key = keys.iter().map(|column| text(row, *column).map(<[u8]>::to_vec)).collect::<Result<Vec<_>, _>>()?;
        let is_new = before.as_ref() != Some(&key);
        take(row, is_new, members)?;
        before = Some(key);
    }
    Ok(())
}

fn cell<'r>(row: &'r Row<'_>, column: usize) -> Result<ValueRef<'r>, String> {
    row.get_ref(column).map_err(|e| in_words(&e))
}

/// The bytes of a text; nothing of a cell that is none.
fn text<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r [u8], String> {
    Ok(match cell(row, column)? {
        ValueRef::Text(text) | ValueRef::Blob(text) => text,
        _ => b"",
    })
}

fn in_words(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::OperationInterrupted) => {
            String::from("the database is damaged: it takes more steps to read than its size allows; what was read until then counts")
        }
        _ => format!("the database is damaged ({error}): what was read until then counts"),
    }
}

/// The path as SQLite takes it with options behind it: bytes that mean something there are written as numbers.
fn uri(path: &Path) -> String {
    let path = absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let bytes = path.as_os_str().as_encoded_bytes();
    let mut uri = String::from(if bytes.starts_with(b"/") { "file://" } else { "file:///" });
    for byte in bytes {
        match byte {
            b'\\' if cfg!(windows) => uri.push('/'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b':' => uri.push(char::from(*byte)),
            other => uri.push_str(&format!("%{other:02x}")),
        }
    }
    uri
}
