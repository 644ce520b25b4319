//! A card's front matter is edited by lines: what was YAML before is YAML after, nothing else changes, or the edit is refused with the reason.
//! `tests/documents/front_matter.py` asks PyYAML and the Hub's library the same of random ones.

use carbon_render::{check_front_matter, merge_front_matter};
use proptest::prelude::*;

const BLOCK: &str = "co2_eq_emissions:\n  emissions: 12.5\n  source: x\n";

fn merged(yaml: &str) -> Result<String, String> {
    let document = format!("---\n{yaml}---\n# Card\n");
    let merged = merge_front_matter(&document, BLOCK).map_err(|e| e.to_string())?;
    assert_eq!(merge_front_matter(&merged, BLOCK).as_ref(), Ok(&merged), "a second merge changes nothing");
    assert_eq!(check_front_matter(&merged), Ok(()));
    let yaml = merged.strip_prefix("---\n").and_then(|text| text.strip_suffix("---\n# Card\n"));
    Ok(String::from(yaml.expect("all outside stays")))
}

#[test]
fn what_can_be_edited_keeps_every_other_byte() {
    for (before, after) in [
        // Keys indented as a block: the new ones stand beside them.
        ("  license: mit\n  tags: [a]\n", "  license: mit\n  tags: [a]\n  co2_eq_emissions:\n    emissions: 12.5\n    source: x\n"),
        ("  co2_eq_emissions: 4\n  b: 2\n", "  co2_eq_emissions:\n    emissions: 12.5\n    source: x\n  b: 2\n"),
        // Comments in the key's line, before and after its value.
        ("co2_eq_emissions: 4.2 # by hand\n", "co2_eq_emissions: # by hand\n  emissions: 12.5\n  source: x\n"),
        (
            "co2_eq_emissions: # grams\n  emissions: 1\n# of b\nb: 2\n",
            "co2_eq_emissions: # grams\n  emissions: 12.5\n  source: x\n# of b\nb: 2\n",
        ),
        ("co2_eq_emissions: |- # old\n  text # no comment\nb: 2\n", "co2_eq_emissions: # old\n  emissions: 12.5\n  source: x\nb: 2\n"),
        ("co2_eq_emissions: 'a # b'\n", "co2_eq_emissions:\n  emissions: 12.5\n  source: x\n"),
        ("co2_eq_emissions: a#b\n", "co2_eq_emissions:\n  emissions: 12.5\n  source: x\n"),
        // What looks like the key and is none.
        (
            "about: |\n  co2_eq_emissions: 3\n\"x\": 'co2_eq_emissions: 4'\nco2_eq_emissions2: 5\n",
            "about: |\n  co2_eq_emissions: 3\n\"x\": 'co2_eq_emissions: 4'\nco2_eq_emissions2: 5\nco2_eq_emissions:\n  emissions: 12.5\n  source: x\n",
        ),
        ("a:\n  co2_eq_emissions: 1\n", "a:\n  co2_eq_emissions: 1\nco2_eq_emissions:\n  emissions: 12.5\n  source: x\n"),
        // Quoted, and with an escape.
        ("'co2_eq_emissions': 1\n", "co2_eq_emissions:\n  emissions: 12.5\n  source: x\n"),
        ("\"co2\\x5feq_emissions\": 1\n", "co2_eq_emissions:\n  emissions: 12.5\n  source: x\n"),
        // Values over several lines.
        ("co2_eq_emissions: {emissions: 1,\n  source: y}\nb: 2\n", "co2_eq_emissions:\n  emissions: 12.5\n  source: x\nb: 2\n"),
        ("co2_eq_emissions:\n- 1\n- 2\nb: 2\n", "co2_eq_emissions:\n  emissions: 12.5\n  source: x\nb: 2\n"),
        ("co2_eq_emissions: \"a\n  b: 1\"\nb: 2\n", "co2_eq_emissions:\n  emissions: 12.5\n  source: x\nb: 2\n"),
        // Anchors and merges of others.
        ("base: &b {k: 1}\nuse:\n  <<: *b\n", "base: &b {k: 1}\nuse:\n  <<: *b\nco2_eq_emissions:\n  emissions: 12.5\n  source: x\n"),
        ("co2_eq_emissions: &e 1\nb: &f 2\nc: *f\n", "co2_eq_emissions:\n  emissions: 12.5\n  source: x\nb: &f 2\nc: *f\n"),
        ("!!str b: 1\n&k c: 2\n? d\n: 3\n", "!!str b: 1\n&k c: 2\n? d\n: 3\nco2_eq_emissions:\n  emissions: 12.5\n  source: x\n"),
        // A last value that runs to the end.
        ("a: |+\n  text\n\n", "a: |+\n  text\n\nco2_eq_emissions:\n  emissions: 12.5\n  source: x\n"),
        ("a:\n", "a:\nco2_eq_emissions:\n  emissions: 12.5\n  source: x\n"),
        ("# nothing yet\n", "# nothing yet\nco2_eq_emissions:\n  emissions: 12.5\n  source: x\n"),
        ("", "co2_eq_emissions:\n  emissions: 12.5\n  source: x\n"),
        ("a: \"x\ty\" # z\tz\n", "a: \"x\ty\" # z\tz\nco2_eq_emissions:\n  emissions: 12.5\n  source: x\n"),
    ] {
        assert_eq!(merged(before).as_deref(), Ok(after), "{before}");
    }
}

#[test]
fn what_an_edit_by_lines_would_break_is_refused_with_the_reason() {
    for (yaml, reason) in [
        ("{license: mit, co2_eq_emissions: 1}\n", "in braces"),
        ("{}\n", "in braces"),
        ("? co2_eq_emissions\n: 1\n", "`? co2_eq_emissions`"),
        ("!!str co2_eq_emissions: 1\n", "a tag or an anchor"),
        ("&k co2_eq_emissions: 1\nb: *k\n", "a tag or an anchor"),
        ("co2_eq_emissions: &e 1\nb: *e\n", "used by another key"),
        ("co2_eq_emissions:\n  emissions: &e 1\nb: {c: [*e]}\n", "used by another key"),
        ("a: 1\n...\n", "would change other keys"),
    ] {
        let error = merged(yaml).expect_err(yaml);
        assert!(error.contains(reason), "{yaml}: {error}");
        let document = format!("---\n{yaml}---\n");
        assert_eq!(check_front_matter(&document), Ok(()), "{yaml}");
    }
}

#[test]
fn what_its_readers_do_not_load_is_never_up_to_date() {
    for (yaml, reason) in [
        ("a: 1\na: 2\n", "twice"),
        ("a: {b: 1, b: 2}\n", "twice"),
        ("co2_eq_emissions: 1\n\"co2_eq_emissions\": 2\n", "twice"),
        ("a: 1\n...\nb: 2\n", "several documents"),
        ("a:\t1\n", "line 2"),
        ("a: b\tc\n", "a tab"),
        ("a: 1\t# c\n", "a tab"),
        ("\ta: 1\n", "line 2"),
        ("a: [1\n", "no YAML"),
        ("a: 'b\n", "no YAML"),
        ("a: b: c\n", "no YAML"),
        ("a: *nowhere\n", "no YAML"),
        ("a: &x 1\nb: &x 2\n", "the name of another"),
        ("a: &x.y 1\n", "a name that PyYAML"),
        ("a: !!python/object:os.system x\n", "the tag"),
        ("a: !mine x\n", "the tag"),
        ("a: !!int x\n", "the tag"),
        ("[a]: 1\n", "no text"),
        ("- a\n", "no mapping"),
        ("text\n", "no mapping"),
        ("a: 2024-13-01\n", "a date"),
        ("a: 2023-02-29T10:00:00\n", "a date"),
        ("a: =\n", "`=`"),
        ("<<: 1\n", "`<<`"),
        ("<<: [1]\n", "`<<`"),
        ("a: [<<]\n", "`<<`"),
        ("a: x\u{2028}b\n", "ends lines"),
        ("a: \"\u{7}\"\n", "control"),
        (": 1\n", "missing"),
        ("a: {b?c: 1}\n", "sign"),
    ] {
        let error = merged(yaml).expect_err(yaml);
        assert!(error.contains(reason) && error.contains("line "), "{yaml}: {error}");
        let document = format!("---\n{yaml}---\n");
        assert!(check_front_matter(&document).is_err(), "{yaml}");
    }
    let deep = format!("a: {}{}\n", "[".repeat(100_000), "]".repeat(100_000));
    assert!(merged(&deep).is_err());
    assert!(merged(&format!("a: {}\n", "9".repeat(5_000))).is_err());
}

/// Of many keys each stays as it is.
#[test]
fn a_large_front_matter_keeps_every_byte() {
    for line in ["kN: 'a' # b\n", "kN: &aN {x: \"y\"}\n", "kN: |\n  a\n", "kN:\n  - 'a'\n  - [b, c]\n"] {
        let text: String = (0..5_000).map(|at| line.replace('N', &at.to_string())).collect();
        let merged = merged(&text).expect(line);
        assert!(merged.contains(&text) && merged.contains("co2_eq_emissions"), "{line}");
    }
}

/// Line breaks and byte order marks stay as they are.
#[test]
fn line_breaks_are_the_documents() {
    for document in ["---\nb: 1\n---\nx\n", "\u{feff}---\nb: |\n  y\n---\nx\n", "\n\n---\nb: 1\n---\nx", "---\nb: 1\n---"] {
        for document in [document.to_string(), document.replace('\n', "\r\n")] {
            let merged = merge_front_matter(&document, BLOCK).expect("an edit");
            let eol = if document.contains('\r') { "\r\n" } else { "\n" };
            let lines = BLOCK.replace('\n', eol);
            assert_eq!(merged.replacen(&lines, "", 1), document, "{merged:?}");
        }
    }
    assert_eq!(check_front_matter("# no front matter\n---\na: [\n---\n"), Ok(()));
    assert!(check_front_matter("---\na: 1\n").is_err(), "it has no end");
}

/// A key with a value of its own, as people write them; all valid.
fn entry() -> impl Strategy<Value = String> {
    let key = prop_oneof!["[a-z]{1,8}", "'[a-z ]{1,8}'", "\"[a-z:# ]{1,8}\"", "[a-z]{1,4} [a-z]{1,4}"];
    let value = prop_oneof![
        Just(String::new()),
        "[a-z]{1,9}".prop_map(|text| format!(" {text}")),
        "[0-9]{1,4}".prop_map(|text| format!("   {text}")),
        "[a-z:#, ]{0,12}".prop_map(|text| format!(" '{text}'")),
        "[a-z#]{1,9}".prop_map(|text| format!(" \"{text}\" # {text}")),
        "[a-z]{1,5}".prop_map(|text| format!("\n  - {text}\n  # about\n  - co2_eq_emissions: {text}")),
        "[a-z]{1,5}".prop_map(|text| format!("\n- {text}\n- co2_eq_emissions")),
        "[a-z]{1,5}".prop_map(|text| format!(" |\n  co2_eq_emissions: {text}\n\n  # {text}")),
        "[a-z]{1,5}".prop_map(|text| format!(" >+\n   {text}\n\n")),
        "[a-z]{1,5}".prop_map(|text| format!(" [{text}, {{b: {text}}},\n  c]")),
        "[a-z]{1,5}".prop_map(|text| format!(" {{{text}: 1,\n  co2_eq_emissions: 2}}")),
        "[a-z]{1,5}".prop_map(|text| format!("\n\n  # {text}\n  {text}:\n    co2_eq_emissions: 1")),
        "[a-z]{1,5}".prop_map(|text| format!(" {text}\n  more {text}")),
        "[a-z]{1,5}".prop_map(|text| format!(" \"{text}\n  more\"")),
    ];
    (key, value, prop_oneof![Just(""), Just("\n"), Just("\n# a comment"), Just("\n\n# one\n\n# two\n")])
        .prop_map(|(key, value, after)| format!("{key}:{value}{after}\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn other_keys_keep_their_bytes(
        entries in proptest::collection::vec(entry(), 0..6),
        own in proptest::option::of(entry()),
        at in 0usize..6,
        indent in 0usize..3,
        crlf in any::<bool>(),
    ) {
        let mut keys = std::collections::BTreeSet::new();
        let key_of = |entry: &str| entry.split_once(':').map(|(key, _)| key.trim_matches(['\'', '"']).trim().to_string()).unwrap_or_default();
        let entries: Vec<String> = entries.into_iter().filter(|entry| keys.insert(key_of(entry)) && !entry.contains("\":")).collect();
        let at = at.min(entries.len());
        let own = own.and_then(|entry| Some(format!("co2_eq_emissions:{}", entry.split_once(':')?.1)));
        let own = own.filter(|own| !own.starts_with("co2_eq_emissions:'") && !own.contains("\":"));
        // Without any key there is no indent to follow.
        let indent = if entries.is_empty() && own.is_none() { 0 } else { indent };
        let whole = |own: &str| {
            let text = [&entries[..at].concat(), own, &entries[at..].concat()].concat();
            let indented: String = text.split_inclusive('\n').map(|line| if line.trim().is_empty() { line.to_string() } else { format!("{}{line}", " ".repeat(indent)) }).collect();
            let document = format!("---\n{indented}---\n\ntext\n");
            if crlf { document.replace('\n', "\r\n") } else { document }
        };
        let document = whole(own.as_deref().unwrap_or(""));
        let merged = merge_front_matter(&document, BLOCK);
        prop_assert!(merged.is_ok(), "{document}: {merged:?}");
        let merged = merged.unwrap();
        // The new lines, in the place of the old ones or at the end; what follows the old value but is none of it stays.
        let lines = |text: &str| text.lines().map(|line| line.trim_end_matches('\r').to_string()).collect::<Vec<String>>();
        let (all, others) = (lines(&merged), lines(&whole("")));
        let start = all.iter().position(|line| line.trim_start().starts_with("co2_eq_emissions:") && line.len() - line.trim_start().len() == indent);
        let start = start.expect("the key");
        prop_assert!(all[start + 1].trim() == "emissions: 12.5" && all[start + 2].trim() == "source: x", "{merged}");
        let mut rest = all;
        rest.drain(start..start + 3);
        match &own {
            None => prop_assert_eq!(rest, others),
            Some(_) => {
                let kept = others.len();
                prop_assert!(rest.len() >= kept, "{merged}");
                let more = &rest[start..start + rest.len() - kept];
                prop_assert!(more.iter().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')), "{merged}");
                rest.drain(start..start + rest.len() - kept);
                prop_assert_eq!(rest, others);
            }
        }
        prop_assert_eq!(merge_front_matter(&merged, BLOCK), Ok(merged.clone()));
    }
}
