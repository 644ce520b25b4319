"""The example sites, really built, and the card in them read back by Chromium."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import carbon_report
import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SITES = ROOT / "examples/docs-sites"
SHOTS = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "screenshots"
QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
LOGS = ROOT / "examples/digits-mlp/logs"

#: Where the card lies in each site, and what builds it.
BUILDS = {
    "mkdocs": ("docs/card.html", ["-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir"]),
    "sphinx": ("card.html", ["-m", "sphinx", "-q", "-W", "-b", "html", "."]),
    "mdbook": ("src/card.html", ["mdbook", "build", "--dest-dir"]),
}

# What a reader gets from a section: its words, its charts with their titles, and what it is made of.
READ = """(section) => ({
  text: section.textContent.replace(/\\s+/g, " ").trim(),
  charts: [...section.querySelectorAll("svg")].map((svg) => [svg.getAttribute("viewBox"), svg.querySelector("title").textContent, svg.getBoundingClientRect().width > 100]),
  rows: section.querySelectorAll("tr").length,
  active: section.querySelectorAll("script, style, iframe, object, link, [onclick], [onerror], [onload]").length,
})"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    SHOTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path_factory.mktemp("profile")), executable_path=shutil.which("chromium"), headless=True, args=QUIET.split()
        )
        yield context
        context.close()


def build(site, folder, report):
    """The page of a site with the card of `report`, as its README says to make it."""
    shutil.copytree(SITES / site, folder / site)
    card, command = BUILDS[site]
    report.to_html(folder / site / card, fragment=True)
    out = folder / "out"
    program = [str(Path(sys.executable).parent / command[0]), *command[1:]] if site == "mdbook" else [sys.executable, *command]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run([*program, str(out)], cwd=folder / site, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARN" not in done.stderr, done.stderr
    return out / "index.html"


def shown(chromium, page_path, shot):
    page = chromium.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_path.as_uri(), wait_until="load")
    section = page.locator("section.carbon-report")
    assert section.count() == 1
    read = section.evaluate(READ)
    after = page.locator("em:text-is('emphasis')")
    assert after.count() == 1, "the Markdown after the card is no Markdown any more"
    section.scroll_into_view_if_needed()
    page.screenshot(path=SHOTS / f"{shot}.png", full_page=True)
    page.close()
    assert not [url for url in asked if not url.startswith(("file:", "data:"))], asked
    return read


def alone(chromium, html):
    page = chromium.new_page()
    page.set_content(html)
    read = page.locator("section.carbon-report").evaluate(READ)
    page.close()
    return read


@pytest.mark.parametrize("site", BUILDS)
def test_the_page_shows_the_card_whole(site, tmp_path, chromium):
    report = carbon_report.read(LOGS, region="FR")
    read = shown(chromium, build(site, tmp_path, report), f"docs-{site}")
    value = report.emissions_kgco2e
    assert f"about {value.text} CO2eq (95% interval {value.interval_text})" in read["text"]
    assert read == alone(chromium, report.to_html(fragment=True))
    assert len(read["charts"]) >= 2 and all(wide for _, _, wide in read["charts"])


@pytest.mark.parametrize("site", BUILDS)
def test_a_log_cannot_speak_to_the_generator(site, tmp_path, chromium):
    """Text of a log that a generator would take for its own: files of the site's author must not get into the page."""
    (tmp_path / "secret.txt").write_text("the author's secret")
    secret = tmp_path / "secret.txt"
    orders = f'{{{{#include {secret}}}}} --8<-- "{secret}" {{{{ config }}}} {{% include "{secret}" %}} ```{{include}} {secret}'
    report = carbon_report.read(ROOT / "tests/documents/hostile", region="FR", title=orders)
    page = build(site, tmp_path, report)
    read = shown(chromium, page, f"docs-{site}-hostile")
    assert "the author's secret" not in page.read_text()
    assert re.sub(r"\s+", " ", orders) in read["text"]
    assert read == alone(chromium, report.to_html(fragment=True))
    assert read["active"] == 0


@pytest.mark.parametrize("logs", [LOGS, ROOT / "tests/documents/hostile"], ids=["digits", "hostile"])
def test_the_documented_mdx_page_compiles(logs, tmp_path):
    text = (ROOT / "docs/embedding.md").read_text()
    (tmp_path / "page.mdx").write_text(re.search(r"```mdx\n(.*?)```", text, re.DOTALL)[1])
    report = carbon_report.read(logs, region="FR", title="{process.exit(3)} <Card/> &amp;")
    (tmp_path / "card.mdx").write_text(report.render("mdx"))
    command = ["node", "mdx.mjs", str(tmp_path / "page.mdx"), str(tmp_path / "card.mdx")]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"about {report.emissions_kgco2e.text} CO2eq" in done.stdout and "{process.exit(3)}" in done.stdout


def test_the_documented_lines_are_those_of_the_examples():
    text = (ROOT / "docs/embedding.md").read_text()
    for page, line in (("mkdocs/docs/index.md", '--8<-- "card.html"'), ("sphinx/index.md", ":file: card.html"), ("mdbook/src/index.md", "{{#include card.html}}")):
        assert line in text and line in (SITES / page).read_text()
