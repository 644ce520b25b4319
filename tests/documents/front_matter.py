"""Edits of front matter as PyYAML and the Hub's library see them: what loads before loads after, with equal values, or the edit is refused.

What they do not load is never called up to date.
"""

import random
import re
import subprocess

import yaml
from huggingface_hub import ModelCard
from huggingface_hub.repocard import metadata_load

KEY = "co2_eq_emissions"
BODY = "# Card\n\n<!-- carbon-report:start -->\n<!-- carbon-report:end -->\n"
BLOCK = re.compile(r"^(\s*---(?:\r\n|\n))([\S\s]*?)((?:\r\n|\n)---[ \t]*(\r\n|\n|$))")

MEMBERS = [
    "  license: mit\n  tags: [a]\n",
    "{license: mit, co2_eq_emissions: 1}\n",
    "? co2_eq_emissions\n: 1\nb: 2\n",
    "? b\n: 1\n",
    "!!str co2_eq_emissions: 1\n",
    "&k co2_eq_emissions: 1\nb: *k\n",
    "co2_eq_emissions: &e 1\nb: *e\n",
    "base: &b {k: 1}\nuse: {<<: *b}\n",
    "<<: {k: 1}\nb: 2\n",
    "<<: [1]\nb: 2\n",
    "a: 1\na: 2\n",
    "co2_eq_emissions: 1\n'co2_eq_emissions': 2\n",
    "a: 1\n...\nb: 2\n",
    "a: 1\n...\n",
    "a:\t1\n",
    "a: 1\t# c\n",
    "a: 'x\ty'\n",
    "a: |\n  co2_eq_emissions: 3\n\nb: >+\n  text\n\n",
    "co2_eq_emissions: # by hand\n  emissions: 1\n# of b\nb: 2\n",
    "\"co2\\x5feq_emissions\": 1\n",
    "a: !mine 1\n",
    "a: 2024-13-01\n",
    "a: =\n",
    "a: x\u2028b\n",
    "a: [1\n",
    "a: &x.y 1\n",
    "a: &x 1\nb: &x 2\n",
    "a: [1, |2]\n",
    "- a\n",
    "\n",
]

VALUES = [
    *["a", "1", "[1, 2]", "{a: 1}", "\n  - x\n  - y", "|\n  text\n  co2_eq_emissions: 3", "\n  k: v", '"q"'] * 8,
    *["b c", "it's", '"q"', "'s'", "1.5", "NO", "~", "2024-01-02", "2024-13-01", "x: y", "a#b", "a #b", "- x", "*A", "&A 1", "&B x", "*B"],
    *[">-\n    folded\n\n    more", "|+\n  keep\n\n", "[1,\n 2]", "{a: 1,\n  b: 2}", '"x\n  y"', "'x\n\n  y'", "!!str 5", "!foo x", "!!int x"],
    *["=", "<<", "", "# only", '"\\u00e9"', "\t1", "1\t# c", "a\tb", '"a\tb"', "é", "\u2028x", "0b_", "1_000", "? x", "%x", "@x", "`x`", "---x"],
    *["...", "{a: {b: [c]}}", "&C\n  k: v", "&D {z: 1}", "*D", "plain\n  more words", "plain\n  # comment\n", "[a, # c\n  b]", "{}", "[]"],
    *["|2\n    deep\n", '"co2_eq_emissions: 1"', "\n  - co2_eq_emissions: 1", "\n- co2_eq_emissions", "\n  co2_eq_emissions: 2"],
]
OWN = ["\n  emissions: 1\n  source: y", "\n  emissions: 1 # g\n# why\n  source: y", "{emissions: 1,\n  source: y}", "4.2", "&E 3", "\n  emissions: &G 1"]
KEYS = ["license", "tags", '"quoted"', "'q2'", "k1", "? cx\n", "&K ka", "!!str ks", "<<", "a b", "x:y", "1", "~", "co2", KEY + "2", "[f]", "*A "]
OWN_KEYS = [*[KEY] * 8, f'"{KEY}"', f"'{KEY}'", f"? {KEY}\n", f"&Z {KEY}", f"!!str {KEY}", KEY + " "]


def random_front_matter(rng):
    indent = " " * rng.choice([0, 0, 0, 1, 2])
    entries = [(key, rng.choice(VALUES)) for key in rng.sample(KEYS[:5] if rng.random() < 0.6 else KEYS, rng.randint(0, 4))]
    if rng.random() < 0.6:
        entries.insert(rng.randint(0, len(entries)), (rng.choice(OWN_KEYS), rng.choice(OWN)))
    text = ""
    for key, value in entries:
        separator = rng.choice([*[": "] * 12, ":", " : ", ":\t", ":  "])
        entry = key + (separator if value and not value.startswith("\n") else separator.strip(" ")) + value
        entry += rng.choice([*[""] * 10, " # note", "\t", " "]) + rng.choice([*[""] * 8, "\n", "\n# c", "\n\n", "\n..."])
        text += "".join(indent + line if line.strip() else line for line in (entry + "\n").splitlines(keepends=True))
    if rng.random() < 0.1:
        at = rng.randint(0, len(text))
        text = text[:at] + rng.choice("\t \n\"'{}[]#:-&*!|\x07") + text[at:]
    return text


def loaded(document):
    """The keys of a front matter; an error where it is none that readers load."""
    found = BLOCK.search(document.removeprefix("\ufeff"))
    documents = list(yaml.safe_load_all(found.group(2) + "\n")) if found else []
    if len(documents) > 1:
        raise yaml.YAMLError("several documents")
    keys = documents[0] if documents else None
    keys = {} if keys is None else keys
    if not isinstance(keys, dict):
        raise yaml.YAMLError("no mapping")
    return keys


def takes(document):
    """Whether the Hub's library takes the keys of a card, some of which it checks."""
    try:
        return bool(ModelCard(document).data.to_dict())
    except Exception:
        return False


def check(binary, report, folder, seed=0, count=120):
    """Edits each front matter with the command, and looks at it with its readers."""
    rng = random.Random(seed)
    ended = {"edited": 0, "refused": 0, "invalid": 0}
    texts = MEMBERS + [random_front_matter(rng) for _ in range(count)]
    for at, text in enumerate(texts):
        document = f"---\n{text}---\n{BODY}"
        if at % 7 == 3:
            document = document.replace("\n", "\r\n")
        path = folder / "card.md"
        path.write_bytes(document.encode())
        try:
            before = loaded(document)
        except Exception:
            before = None
        command = [str(binary), str(report), "-o", str(path), "-q"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        checked = subprocess.run([*command, "--check"], capture_output=True, text=True, timeout=60)
        after = path.read_bytes().decode()
        if done.returncode != 0:
            assert done.returncode == 2 and "front matter" in done.stderr and after == document, (text, done.stderr)
            assert checked.returncode == 2, (text, "is refused and called up to date")
            ended["refused" if before is not None else "invalid"] += 1
            continue
        assert checked.returncode == 0 and before is not None, (text, "was no YAML that loads, and is called up to date")
        keys = loaded(after)
        emissions = keys.pop(KEY)
        before.pop(KEY, None)
        assert repr(keys) == repr(before), (text, after)
        assert isinstance(emissions, dict) and emissions["emissions"] > 0, (text, after)
        if before:
            assert metadata_load(path)[KEY] == emissions, (text, after)
        if takes(document):
            assert ModelCard(after).data.to_dict()[KEY] == emissions, (text, after)
        ended["edited"] += 1
    # Most of what is valid and no trap is edited, not refused.
    assert ended["edited"] > 2 * ended["refused"] and ended["edited"] > count // 8 and ended["invalid"] > 10, ended
    return ended
