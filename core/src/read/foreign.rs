//! What a file is that no log reader knows, told by its first bytes, so that a message can say more than "unknown".

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::LazyCell;

use super::layout::Pattern;
use super::{FORMATS, Format, ReadBy, Reading, about_run, generic_csv, nvidia_smi_csv};
use crate::decode::head::Head;
use crate::decode::table::Column;
use crate::note;

/// Bytes of a file's start that [`describe`] looks at.
const HEAD: usize = 512;

const SIGNATURES: &[(usize, &[u8], &str)] = &[
    (0, b"\x89PNG", "PNG picture"),
    (0, b"\xFF\xD8\xFF", "JPEG picture"),
    (0, b"GIF8", "GIF picture"),
    (0, b"%PDF", "PDF document"),
    (0, b"PK\x03\x04", "ZIP archive or office document: unpack it or export it as CSV"),
    (0, b"PK\x05\x06", "empty ZIP archive"),
    (0, b"7z\xBC\xAF\x27\x1C", "7z archive: unpack it first"),
    (0, b"Rar!", "RAR archive: unpack it first"),
    (0, b"\xFD7zXZ\0", "xz file: unpack it first"),
    (0, b"BZh", "bzip2 file: unpack it first"),
    (0, b"\x04\x22\x4D\x18", "lz4 file: unpack it first"),
    (0, b"\x1F\x8B", "gzip file inside another: unpack it first"),
    (0, b"\x28\xB5\x2F\xFD", "zstd file inside another: unpack it first"),
    (257, b"ustar", "tar archive: unpack it first"),
    (0, b"PAR1", "Parquet table"),
    (0, b"ARROW1", "Arrow table: export it as CSV"),
    (0, SQLITE, "SQLite database"),
    (0, b"\x37\x7F\x06\x82", "what is written ahead to the SQLite database beside it"),
    (0, b"\x37\x7F\x06\x83", "what is written ahead to the SQLite database beside it"),
    (0, b":W&B", "file of a W&B run"),
    (0, b"\x89HDF", "HDF5 file"),
    (0, b"\x93NUMPY", "NumPy array"),
    (0, b"\x7FELF", "program"),
    (0, b"#!", "script"),
];

/// How texts begin that are no logs, without regard to case and to space before them.
const BEGINNINGS: &[(&[u8], &str)] =
    &[(b"<!doctype html", HTML), (b"<html", HTML), (b"<head", HTML), (b"outs:\n- md5:", DVC), (b"outs:\n- hash:", DVC), (b"md5:", DVC)];

/// How those begin that stand in a log's place; a page, or a pointer of DVC, may stand beside what it is of.
const STAND_INS: &[(&[u8], &str)] = &[
    (b"version https://git-lfs.github.com/spec/", "Git LFS pointer: `git lfs pull` brings the file itself"),
    (b"/annex/objects/", "git-annex pointer: `git annex get` brings the file itself"),
    (b"../.git/annex/objects/", "git-annex pointer: `git annex get` brings the file itself"),
    (b"{\"status\":\"error\"", "error that Prometheus answered: ask it again"),
    (b"<error><code>", REFUSED_BY_STORE),
    (b"404: not found", "answer of a server that has no such file: download it again"),
    (b"{\"message\":\"not found\"", "answer of a server that has no such file: download it again"),
];

const DVC: &str = "DVC pointer: `dvc pull` brings the file itself";

const REFUSED_BY_STORE: &str = "error that a store of files (S3) answered: download the file again, with access to it";

const HTML: &str = "HTML page, such as a server shows in place of a file that needs a login or is not there: download the file itself";

const UNKNOWN_TEXT: &str = "text that no log reader knows";

/// Exports of tools that had nothing to write.
const EMPTY: [&[u8]; 4] = [b"[]", b"{}", b"null", b"[{}]"];

const ABOUT_RUN: &str = "what W&B wrote down of a run; the logs in its folder have the host that it names";

const SQLITE: &[u8] = b"SQLite format 3\0";

/// What makes a log of a store, by the start of the store. The command unpacks those that it knows itself.
const STORES: &[(&[u8], &str)] = &[
    (
        SQLITE,
        "the command `carbon-report` reads the stores of trackio and MLflow, as they are; elsewhere a log of one is needed: `trackio get \
         system-metric --project PROJECT --run RUN --json > power.json`, or of MLflow `sqlite3 -separator ' ' mlflow.db \"SELECT timestamp, value, \
         step FROM metrics WHERE run_uuid = 'RUN' AND key = 'system/gpu_0_power_usage_watts' ORDER BY 1\" > gpu_0_power_usage_watts`",
    ),
    (
        b":W&B",
        "the command `carbon-report` reads it as it is; elsewhere `run.history(stream=\"systemMetrics\").to_csv(\"power.csv\")` makes a log of a run that was synchronised",
    ),
    (
        b"PAR1",
        "the command `carbon-report` reads a table of power or energy as it is, unless it was built without its feature `parquet`; elsewhere a CSV of it is read: \
         `python -c \"import pandas; pandas.read_parquet('FILE').to_csv('power.csv')\"`, or `duckdb -c \"COPY (FROM 'FILE') TO 'power.csv'\"`",
    ),
];

/// Whether a file holds others, whose text must not be taken for its own.
pub(super) fn is_archive(head: &[u8]) -> bool {
    SIGNATURES
        .iter()
        .any(|(at, signature, name)| name.contains("archive") && head.get(*at..).is_some_and(|rest| rest.starts_with(signature)))
}

/// Whether a document declares entities, by which a few bytes can stand for anything: no log does.
pub(super) fn declares_entities(head: &[u8]) -> bool {
    const ENTITY: &[u8] = b"<!entity";
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let is_entity = |at: usize| text.get(at..at + ENTITY.len()).is_some_and(|own| own.eq_ignore_ascii_case(ENTITY));
    text.starts_with(b"<") && memchr::memchr_iter(b'<', text).any(is_entity)
}

/// What the head of a file looks like.
fn describe(head: &[u8]) -> &'static str {
    if let Some((_, _, name)) = SIGNATURES.iter().find(|(at, signature, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(signature)))
    {
        return name;
    }
    if declares_entities(head) {
        return "XML that declares entities of its own, which no log needs: leave the declaration out";
    }
    let text = behind_declaration(head);
    if let Some(name) = found_in(STAND_INS, text).or_else(|| found_in(BEGINNINGS, text)) {
        return name;
    }
    if EMPTY.contains(&text) {
        return "an empty export: the tool had nothing to write";
    }
    let head = head.get(..HEAD).unwrap_or(head);
    if memchr::memmem::find(head, b"kepler_container_").is_some() {
        return "metrics of Kepler's containers, which share what the node draws: scrape its metrics kepler_node_*";
    }
    // Text of an old code page holds no control characters, as UTF-8 does not.
    let is_text = !head.iter().any(|byte| byte.is_ascii_control() && !matches!(byte, b'\t'..=b'\r' | b'\x1b' | b'\x08'));
    if is_text { UNKNOWN_TEXT } else { "binary data that no log reader knows" }
}

/// Lines of a head that may hold a header, and cells of one.
const LINES: usize = crate::bounds::HEADER_LINES.value as usize;

/// The two formats at most of which a text holds most of what only they hold, and more than one piece of it.
fn nearest(head: &[u8]) -> Vec<&'static Format> {
    // Of most files no format comes so far that they are asked for.
    let columns = LazyCell::new(|| -> Vec<Column> {
        let lines = head.split(|byte| *byte == b'\n').take(LINES);
        let cells = lines.flat_map(|line| line.split(|byte| matches!(byte, b',' | b';' | b'\t' | b'|')).take(LINES));
        cells.filter_map(|cell| core::str::from_utf8(cell).ok()).map(Column::new).collect()
    });
    let whole = Head::new(head, true);
    let mut found: Vec<(usize, &'static Format)> = FORMATS
        .iter()
        .filter_map(|format| {
            let ReadBy::Layout(layout) = &format.read_by else { return None };
            let is_there = |text: &&str| match layout.shape {
                super::layout::Shape::Table(_) => {
                    let pattern = Pattern::new(text);
                    pattern.may_be_in(&whole) && columns.iter().any(|column| pattern.matches(column.name.as_bytes()))
                }
                _ => whole.may_hold(text.as_bytes()) && memchr::memmem::find(head, text.as_bytes()).is_some(),
            };
            let all = layout.signature.len();
            if layout.signature.iter().filter(|text| !is_there(text)).nth(all / 3).is_some() {
                return None;
            }
            let there = layout.signature.iter().filter(|text| is_there(text)).count();
            (there > 1).then(|| (100 * there / all, *format))
        })
        .collect();
    crate::order::sort_by_key(&mut found, |(share, format)| (core::cmp::Reverse(*share), format.id));
    found.into_iter().map(|(_, format)| format).take(2).collect()
}

/// The text behind what says that it is XML.
fn behind_declaration(head: &[u8]) -> &[u8] {
    let text = head.trim_ascii();
    match (text.starts_with(b"<?xml"), memchr::memmem::find(text, b"?>")) {
        (true, Some(end)) => text.get(end + 2..).unwrap_or(&[]).trim_ascii_start(),
        _ => text,
    }
}

fn found_in(table: &[(&[u8], &'static str)], text: &[u8]) -> Option<&'static str> {
    let begins = |start: &[u8]| text.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start));
    table.iter().find(|(start, _)| begins(start)).map(|(_, name)| *name)
}

/// Notes on a reading without a format what the file is instead, by its first bytes.
pub fn note_foreign(reading: &mut Reading, head: &[u8]) {
    if head.is_empty() {
        reading.notes.add(&note::FILE_EMPTY, "", None, || String::from("the file is empty"));
    } else {
        let is_about_run = about_run::take(reading, head);
        let what = if is_about_run { ABOUT_RUN } else { describe(head) };
        let by_head = match reading.head_bytes {
            bytes if bytes > 0 && what == UNKNOWN_TEXT => {
                format!("; its first {} KiB were looked at (`head-bytes` of --limits)", bytes >> 10)
            }
            _ => String::new(),
        };
        let message = format!("not a log: {what}{by_head}");
        match nvidia_smi_csv::columns_of_bare_numbers(head) {
            Some(columns) => {
                let hint = format!(
                    "if these are watts, as nvidia-smi prints them without header and units: `--columns {columns}`, and with `--interval` how far \
                     apart the rows of a GPU are"
                );
                reading.notes.add_with_hint(&note::FILE_UNKNOWN, None, message, hint);
            }
            None => match (STORES.iter().find(|(start, _)| head.starts_with(start)), nearest(head).as_slice()) {
                (Some((_, hint)), _) => reading.notes.add_with_hint(&note::FILE_UNKNOWN, None, message, String::from(*hint)),
                (None, []) => match generic_csv::asks(head) {
                    Some(hint) => reading.notes.add_with_hint(&note::FILE_UNKNOWN, None, message, hint),
                    None => {
                        let stands_in = found_in(STAND_INS, behind_declaration(head)).is_some();
                        let code = if stands_in { &note::FILE_STANDS_IN } else { &note::FILE_UNKNOWN };
                        reading.notes.add(code, "", None, || message);
                    }
                },
                (None, [first, rest @ ..]) => {
                    let other = rest.first().map_or_else(String::new, |other| format!(" and {}", other.id));
                    let verb = if other.is_empty() { "is" } else { "are" };
                    let hint = format!("nearest to it {verb} {}{other}; such a log is made by: {}", first.id, first.how_to_log);
                    reading.notes.add_with_hint(&note::FILE_UNKNOWN, None, message, hint);
                }
            },
        }
    }
}

/// Whether a file was written by this program: a document, not a log.
pub fn is_own_document(head: &[u8]) -> bool {
    const MARKS: [&[u8]; 6] = [
        b"carbon-report:start",
        b"\"schema\": \"carbon-report/",
        b"\"schema\":\"carbon-report/",
        b"content=\"carbon-report",
        b"class=\"cr-chart",
        b"<section class=\"carbon-report\">",
    ];
    const STARTS: [&[u8]; 3] = [
        b"% Generated by carbon-report ",
        b"co2_eq_emissions:\n  emissions: ",
        b"host,component,device,model,start,end,energy_kwh,energy_low_kwh,",
    ];
    STARTS.iter().any(|start| head.starts_with(start)) || MARKS.iter().any(|mark| head.windows(mark.len()).any(|window| window == *mark))
}

impl Reading {
    /// Whether both are of no format and say the same of their files.
    pub fn is_as_foreign_as(&self, other: &Reading) -> bool {
        let note = |n: &note::Note| (n.code.id, n.line, n.count, n.message.clone(), n.hint.clone());
        let told = |reading: &Reading| reading.notes.iter().map(note).collect::<Vec<_>>();
        let is_foreign = |reading: &Reading| reading.format.is_empty() && reading.rows.lines == 0 && reading.series().is_empty();
        let says_nothing = |reading: &Reading| reading.about_run.is_none() && reading.devices.is_empty();
        let are_foreign = [self, other].into_iter().all(|reading| is_foreign(reading) && says_nothing(reading));
        are_foreign && self.refused == other.refused && told(self) == told(other)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn says_what_a_file_is() {
        assert_eq!(describe(b"\x89PNG\r\n\x1a\n"), "PNG picture");
        let mut tar = vec![b'a'; 300];
        assert!(is_archive(b"PK\x03\x04\x14\0") && !is_archive(&tar) && !is_archive(b"SQLite format 3\0"));
        tar[257..262].copy_from_slice(b"ustar");
        assert!(describe(&tar).starts_with("tar archive") && is_archive(&tar));
        for (text, start) in [
            ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "Git LFS pointer"),
            ("/annex/objects/SHA256E-s1--ab.csv\n", "git-annex pointer"),
            ("\n<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html>", "HTML page"),
            ("404: Not Found", "answer of a server"),
            ("outs:\n- md5: d41d8c\n  size: 7\n  path: gpu.csv\n", "DVC pointer"),
            ("{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"parse error\"}", "error that Prometheus"),
            ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code></Error>", "error that a store"),
            (" [ ]\n", "text that no log reader knows"),
            ("[]\n", "an empty export"),
        ] {
            assert!(describe(text.as_bytes()).starts_with(start), "{text}: {}", describe(text.as_bytes()));
        }
        assert_eq!(describe("Dear diary, caf\u{e9}".as_bytes()), "text that no log reader knows");
        assert_eq!(describe(b"1\xa0200,5"), "text that no log reader knows");
        assert_eq!(describe(b"a\0b"), "binary data that no log reader knows");
    }

    #[test]
    fn entities_of_a_document_are_refused() {
        for text in [
            "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY p \"900.00 W\">]><a/>",
            "\u{feff}<!doctype a [\n<!entity % p SYSTEM \"file:///etc/passwd\">\n]><a/>",
            "  <!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;\">]><lolz/>",
        ] {
            assert!(declares_entities(text.as_bytes()) && describe(text.as_bytes()).contains("entities"), "{text}");
        }
        for text in [
            "<?xml version=\"1.0\" ?>\n<!DOCTYPE nvidia_smi_log SYSTEM \"nvsmi_device_v12.dtd\">\n<nvidia_smi_log>",
            "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">",
            "time,power_w,note\n1,2,<!ENTITY",
        ] {
            assert!(!declares_entities(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn says_what_a_text_is_nearest_to() {
        let ids = |text: &str| nearest(text.as_bytes()).iter().map(|format| format.id).collect::<Vec<_>>();
        // Eco2AI's, of whose columns a script kept six.
        assert_eq!(ids("id,project_name,start_time,duration(s),cpu_name,gpu_name\n1,a,2025-06-12,3,b,c\n"), ["eco2ai_csv"]);
        // A ZeusMonitor's log that lost a column.
        assert_eq!(ids("start_time,window_name\n1,epoch\n"), ["zeus_energy_csv"]);
        assert_eq!(ids("Dear diary, today I used some power"), [""; 0]);
    }

    #[test]
    fn knows_its_own_documents() {
        assert!(is_own_document(b"{\n  \"schema\": \"carbon-report/1\","));
        assert!(is_own_document(b"# Card\n<!-- carbon-report:start -->\n"));
        assert!(!is_own_document(b"timestamp, power.draw [W]\n"));
    }
}
