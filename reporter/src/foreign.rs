//! What a file is that no log reader knows, told by its first bytes, so that a message can say more than "unknown".

/// Bytes of a file's start that [`describe`] looks at.
pub const HEAD: usize = 512;

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
    (0, b"PAR1", "Parquet table: export it as CSV"),
    (0, b"ARROW1", "Arrow table: export it as CSV"),
    (0, b"SQLite format 3\0", "SQLite database"),
    (0, b"\x89HDF", "HDF5 file"),
    (0, b"\x93NUMPY", "NumPy array"),
    (0, b"\x7FELF", "program"),
    (0, b"#!", "script"),
    (0, b"<!DOCTYPE html", "HTML page"),
    (0, b"<!doctype html", "HTML page"),
    (0, b"<html", "HTML page"),
];

/// What the head of a file looks like.
pub fn describe(head: &[u8]) -> &'static str {
    if let Some((_, _, name)) = SIGNATURES.iter().find(|(at, signature, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(signature)))
    {
        return name;
    }
    let head = &head[..head.len().min(HEAD)];
    // A character may be cut at the end of the head.
    let is_text = std::str::from_utf8(head).map_or_else(|e| e.error_len().is_none(), |_| true) && !head.contains(&0);
    if is_text { "text that no log reader knows" } else { "binary data that no log reader knows" }
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
    const STARTS: [&[u8]; 2] = [b"host,component,device,model,start,end,energy_kwh,energy_low_kwh,", b"co2_eq_emissions:\n  emissions: "];
    STARTS.iter().any(|start| head.starts_with(start)) || MARKS.iter().any(|mark| head.windows(mark.len()).any(|window| window == *mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_a_file_is() {
        assert_eq!(describe(b"\x89PNG\r\n\x1a\n"), "PNG picture");
        let mut tar = vec![b'a'; 300];
        tar[257..262].copy_from_slice(b"ustar");
        assert!(describe(&tar).starts_with("tar archive"));
        assert_eq!(describe("Dear diary, caf\u{e9}".as_bytes()), "text that no log reader knows");
        assert_eq!(describe(b"a\0b"), "binary data that no log reader knows");
    }

    #[test]
    fn knows_its_own_documents() {
        assert!(is_own_document(b"{\n  \"schema\": \"carbon-report/1\","));
        assert!(is_own_document(b"# Card\n<!-- carbon-report:start -->\n"));
        assert!(!is_own_document(b"timestamp, power.draw [W]\n"));
    }
}
