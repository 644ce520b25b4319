"""Documents as their readers see them: the Hub's own library, GitHub's allow-list and a real browser.

usage: check.py CARBON_REPORT [--screenshots FOLDER]
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from huggingface_hub import ModelCard

import front_matter

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
binary = Path(sys.argv[1]).resolve()
screenshots = Path(sys.argv[3]).resolve() if len(sys.argv) > 3 else None  # --screenshots FOLDER
# A real run, a made-up GPU node, and logs whose texts attack every target.
LOGS = [ROOT / "examples/digits-mlp/logs", ROOT / "examples/gpu-node/logs", ROOT / "tests/documents/hostile"]

README = """---
license: apache-2.0
language:
  - en
# a comment that must survive
tags: ["x", 'y']
---

# Model

Text before.

<!-- carbon-report:start -->
<!-- carbon-report:end -->

Text after.
"""


def report(logs, *outputs, cwd):
    command = [str(binary), str(logs), "--region", "FR", "--pue", "1.2", "--quiet", *[a for o in outputs for a in ("-o", o)]]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr


def hub(folder, logs):
    card = folder / "README.md"
    card.write_text(README)
    report(logs, "README.md", cwd=folder)
    text = card.read_text()
    assert "# a comment that must survive" in text and text.startswith("---\nlicense") and text.rstrip().endswith("Text after.")
    loaded = ModelCard(text)
    emissions = loaded.data.to_dict()["co2_eq_emissions"]
    assert isinstance(emissions["emissions"], (int, float)) and emissions["emissions"] > 0, emissions
    assert all(isinstance(v, str) for k, v in emissions.items() if k != "emissions"), emissions
    assert set(emissions) <= {"emissions", "source", "training_type", "geographical_location", "hardware_used"}, emissions
    assert set(yaml.safe_load(text.split("---\n")[1])) == {"license", "language", "tags", "co2_eq_emissions"}
    # A card without comments and quotes, which the library itself does not keep, comes back unchanged.
    plain = folder / "plain.md"
    plain.write_text("---\nlicense: apache-2.0\n---\n\n# Model\n\n<!-- carbon-report:start -->\n<!-- carbon-report:end -->\n")
    report(logs, "plain.md", cwd=folder)
    assert str(ModelCard(plain.read_text())) == plain.read_text(), "huggingface_hub writes the card back changed"
    report(logs, "README.md", cwd=folder)
    assert card.read_text() == text, "a second run changes the card"
    return card


def browser(folder, name):
    page = folder / "card.html"
    for mode, flags in (("light", []), ("dark", ["--blink-settings=preferredColorScheme=0"])):
        shot = (screenshots or folder) / f"{name}-{mode}.png"
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"]
        command += ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--enable-logging=stderr"]
        command += [f"--user-data-dir={folder}/profile-{mode}", "--window-size=900,2600", f"--screenshot={shot}", *flags, page.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        assert not console, console
        assert shot.stat().st_size > 20_000, f"{shot} looks empty"
    dom = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile-dom", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout
    assert "95% interval" in dom and "<svg" in dom and "Content-Security-Policy" in dom
    # Text from logs may name markup; none of it may become markup.
    assert not re.search(r"<[^>]*\son[a-z]+=", dom), "an event handler"
    assert "<script" not in dom and "<img" not in dom and "<iframe" not in dom


def shown(figure):
    """States what was counted, for the ledger of promises: see tests/src/promises.rs."""
    folder = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "promises"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tests_documents_check.py").write_text(f"tests/documents/check.py\t{figure}\n")


def main():
    if screenshots:
        screenshots.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "NODE_NO_WARNINGS": "1"}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        report(LOGS[0], "report.json", cwd=folder)
        print("front matter:", front_matter.check(binary, folder / "report.json", folder))
    for logs in LOGS:
        name = logs.parent.name if logs.name == "logs" else logs.name
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            hub(folder, logs)
            report(logs, "card.md", "card.html", cwd=folder)
            subprocess.run(["node", str(HERE / "github.mjs"), str(folder / "card.md")], check=True, env=env, cwd=HERE)
            browser(folder, name)
        print(f"{name}: the Hub, GitHub and Chromium show the card")
    shown(f"{len(LOGS)} cards, one of hostile names: 0 scripts, 0 violations, 0 foreign links; the Hub reads the keys that were there and ours")


main()
