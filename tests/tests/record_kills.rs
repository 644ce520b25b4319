//! A record whose write has returned outlives the recorder: it is killed at random, many times.
//!
//! A full run does it as often as the reliability promise says; fewer are enough to find a buffer (an 8 KiB one loses a record in most kills).
#![cfg(unix)]

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;

use carbon_core::read::carbon_report_jsonl::record::Content;
use carbon_tests::promises::{full, shown};
use carbon_tests::recording::Folder;

const INSIDE: &str = env!("CARGO_TARGET_TMPDIR");

#[test]
fn no_acknowledged_record_is_lost() {
    let kills: u32 = if full() { 1_000 } else { 60 };
    let (mut acknowledged_in_all, mut files) = (0, 0);
    for kill in 0..kills {
        let folder = Folder::new(INSIDE);
        let mut writer =
            Command::new(env!("CARGO_BIN_EXE_log-writer")).arg(folder.file("logs")).stdout(Stdio::piped()).spawn().expect("a writer");
        let mut acknowledgements = writer.stdout.take().expect("a pipe");
        // It is killed somewhere after its first acknowledgement: the moment is the random part.
        let mut first = [0; 8];
        acknowledgements.read_exact(&mut first).expect("a first record");
        let random = RandomState::new().build_hasher().finish();
        std::thread::sleep(Duration::from_micros(random % 20_000));
        writer.kill().expect("killed");
        writer.wait().expect("a status");
        let mut bytes = first.to_vec();
        acknowledgements.read_to_end(&mut bytes).expect("acknowledgements");
        let acknowledged: BTreeSet<u64> =
            bytes.chunks_exact(8).map(|chunk| u64::from_le_bytes(chunk.try_into().expect("eight bytes"))).collect();
        let log = folder.log();
        let written: BTreeSet<u64> = log
            .records
            .iter()
            .filter_map(|record| match &record.content {
                Content::Mark(mark) => mark.text.strip_prefix("record ").and_then(|n| n.parse().ok()),
                _ => None,
            })
            .collect();
        let lost: Vec<_> = acknowledged.difference(&written).collect();
        assert!(lost.is_empty(), "kill {kill}: lost {lost:?}");
        assert!(log.damaged.is_empty(), "kill {kill}: {:?}", log.damaged);
        // One write a tick: at most one record more than was acknowledged.
        assert!(written.len() <= acknowledged.len() + 1, "kill {kill}: {} records, {} acknowledged", written.len(), acknowledged.len());
        assert_eq!(log.missing(), Vec::<u64>::new());
        acknowledged_in_all += acknowledged.len();
        files += folder.logs().len();
    }
    shown(&format!("{kills} kills, {files} files, {acknowledged_in_all} records acknowledged, 0 lost, 0 damaged"));
    assert!(acknowledged_in_all > kills as usize);
}
