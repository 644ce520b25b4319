//! Python pickles: recognised, refused by name, never parsed. Reading a pickle can run whatever its author wrote into it.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use super::{Evidence, Format, Head, ReadBy, ReadOptions, Reader, Refusal};
use crate::note;

/// Python pickle.
pub static FORMAT: Format = Format {
    id: "python_pickle",
    name: "Python pickle (refused)",
    how_to_log: "not read: pickles can run code; give the text log beside it (experiment-impact-tracker: data.json, not info.pkl)",
    read_by: ReadBy::Code { most: 100, sniff, open },
};

fn sniff(head: &Head<'_>) -> Option<Evidence> {
    let protocol = protocol(head.bytes)?;
    Some(Evidence { score: 100, reason: format!("the opcodes of a Python pickle, protocol {protocol}") })
}

fn open(_: &Head<'_>, _: &ReadOptions) -> Result<Box<dyn Reader>, Refusal> {
    Err(Refusal {
        code: &note::PICKLE_REFUSED,
        line: None,
        message: String::from("the file is a Python pickle, which can run code when it is read; it was not opened"),
        hint: String::from("give the tool's text log; experiment-impact-tracker writes data.json beside info.pkl"),
    })
}

/// The protocol of a pickle by its first opcodes (CPython `Lib/pickle.py`); `None` for anything else, text above all.
fn protocol(bytes: &[u8]) -> Option<u8> {
    match bytes {
        // PROTO, and from 4 on FRAME with a length of eight bytes.
        [0x80, protocol @ (4 | 5), 0x95, ..] if bytes.len() > 11 => Some(*protocol),
        // PROTO, then an opcode that can begin a value; the lone byte 0x80 is no UTF-8, so text never begins like this.
        [0x80, protocol @ 2..=5, op, ..] if begins_value(*op) => Some(*protocol),
        // MARK, then DICT, LIST or TUPLE, memoised: how text protocol 0 writes containers.
        [b'(', b'd' | b'l' | b't', b'p', b'0'..=b'9', b'\n' | b'0'..=b'9', ..] => Some(0),
        // GLOBAL: module and name on a line each, then what is done with it.
        [b'c', rest @ ..] => begins_global(rest).then_some(0),
        // MARK, then GLOBAL or INST.
        [b'(', b'c' | b'i', rest @ ..] => begins_global(rest).then_some(0),
        // Protocol 1: EMPTY_DICT or EMPTY_LIST, memoised, then filled.
        [b'}' | b']', b'q', _, b'(' | b'.' | b'X' | b'U' | b'K', ..] => Some(1),
        _ => None,
    }
}

const fn begins_value(op: u8) -> bool {
    matches!(
        op,
        b'(' | b')'
            | b'}'
            | b']'
            | b'c'
            | b'X'
            | b'U'
            | b'T'
            | b'B'
            | b'C'
            | b'K'
            | b'M'
            | b'J'
            | b'G'
            | b'N'
            | b'I'
            | b'F'
            | 0x88
            | 0x89
            | 0x8a
            | 0x8c
            | 0x8d
            | 0x8e
            | 0x8f
            | 0x95
    )
}

fn begins_global(rest: &[u8]) -> bool {
    let mut lines = rest.splitn(3, |b| *b == b'\n');
    let name = |line: Option<&[u8]>| {
        line.is_some_and(|l| !l.is_empty() && l.len() < 256 && l.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'.'))
    };
    name(lines.next()) && name(lines.next()) && matches!(lines.next(), Some([b'(' | b'p' | b'q' | b')' | b'R' | b'.' | b'0', ..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{FileReader, ReadOptions};

    #[test]
    fn pickles_of_every_protocol() {
        // `pickle.dumps({"power": [1.5, None]}, protocol=n)` of CPython 3.11.
        let dumps: [&[u8]; 6] = [
            b"(dp0\nVpower\np1\n(lp2\nF1.5\naNas.",
            b"}q\x00X\x05\x00\x00\x00powerq\x01]q\x02(G?\xf8\x00\x00\x00\x00\x00\x00Nes.",
            b"\x80\x02}q\x00X\x05\x00\x00\x00powerq\x01]q\x02(G?\xf8\x00\x00\x00\x00\x00\x00Nes.",
            b"\x80\x03}q\x00X\x05\x00\x00\x00powerq\x01]q\x02(G?\xf8\x00\x00\x00\x00\x00\x00Nes.",
            b"\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x05power\x94]\x94(G?\xf8\x00\x00\x00\x00\x00\x00Nes.",
            b"\x80\x05\x95\x1d\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x05power\x94]\x94(G?\xf8\x00\x00\x00\x00\x00\x00Nes.",
        ];
        for (expected, dump) in dumps.iter().enumerate() {
            assert_eq!(protocol(dump), u8::try_from(expected).ok(), "protocol {expected}");
            let mut reader = FileReader::new(ReadOptions::default());
            reader.push(dump);
            let reading = reader.finish();
            assert!(reading.refused && reading.format == "python_pickle");
            assert!(reading.notes.iter().any(|n| n.code.id == "pickle-refused"));
        }
        assert_eq!(protocol(b"cposix\nsystem\np0\n(S'touch PICKLE_WAS_RUN'\np1\ntp2\nRp3\n."), Some(0));
        assert_eq!(protocol(b"ccopy_reg\n_reconstructor\np0\n(c__main__\n"), Some(0));
    }

    #[test]
    fn text_is_no_pickle() {
        for text in [
            &b"cpu,gpu\n1,2\n"[..],
            b"cpu\ngpu\n12\n",
            b"carbontracker version 2.4.7\n",
            b"(dp) power\n",
            b"}\n",
            b"]q",
            b"\xe2\x82\xac 3\n",
            b"",
        ] {
            assert_eq!(protocol(text), None, "{}", String::from_utf8_lossy(text));
        }
    }
}
