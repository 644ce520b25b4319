"""The example sites, really built, and the card in them read back by Chromium."""

import os
import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import carbon_report
import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SITES = ROOT / "examples/docs-sites"
SHOTS = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "screenshots"
QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
LOGS = ROOT / "examples/digits-mlp/logs"
REPORT = carbon_report.read(LOGS, region="FR")

#: Where the card, its report and the element lie in each site, what builds it, and the address of the page with the live card.
BUILDS = {
    "mkdocs": ("docs", "docs", "docs", ["-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir"], "live/"),
    "sphinx": (".", ".", "_static", ["-m", "sphinx", "-q", "-W", "-b", "html", "."], "live.html"),
    "mdbook": ("src", "src", "src", ["mdbook", "build", "--dest-dir"], "live.html"),
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
    """The folder of a site with the card of `report`, as its README says to make it."""
    shutil.copytree(SITES / site, folder / site)
    card, saved, element, command, _ = BUILDS[site]
    report.to_html(folder / site / card / "card.html", fragment=True)
    report.to_json(folder / site / saved / "report.json")
    carbon_report.save_element(folder / site / element / "carbon-report")
    out = folder / "out"
    program = [str(Path(sys.executable).parent / command[0]), *command[1:]] if site == "mdbook" else [sys.executable, *command]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run([*program, str(out)], cwd=folder / site, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARN" not in done.stderr, done.stderr
    return out


@pytest.fixture(scope="module", params=BUILDS)
def built(request, tmp_path_factory):
    """A site, its folder, and its address: a browser runs no module of a file."""
    folder = build(request.param, tmp_path_factory.mktemp(request.param), REPORT)
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield request.param, folder, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


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


def test_the_page_shows_the_card_whole(built, chromium):
    site, folder, _ = built
    read = shown(chromium, folder / "index.html", f"docs-{site}")
    value = REPORT.emissions_kgco2e
    assert f"about {value.text} CO2eq (95% interval {value.interval_text})" in read["text"]
    assert read == alone(chromium, REPORT.to_html(fragment=True))
    assert len(read["charts"]) >= 2 and all(wide for _, _, wide in read["charts"])


def test_the_live_card_shows_the_number_and_answers(built, chromium):
    site, _, address = built
    page = chromium.new_page()
    asked, failed = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    page.goto(address + BUILDS[site][-1], wait_until="load")
    card = page.locator("carbon-card")
    value = REPORT.emissions_kgco2e
    assert card.locator(".figure").inner_text().split("\n")[0] == f"{value.text} CO2eq"
    assert card.locator(".interval").inner_text() == f"95% interval {value.interval_text}"
    assert not card.locator("section.carbon-report").is_visible(), "the card inside gives way"
    assert page.locator("em:text-is('emphasis')").count() == 1, "the Markdown after the card is no Markdown any more"
    sizes = card.evaluate("(card) => ['.sentence', 'td', 'h3'].map((name) => getComputedStyle(card.shadowRoot.querySelector(name)).fontSize)")
    assert sizes == ["17px", "14px", "17px"], "the page's own rem is not the card's"
    few = len(asked)
    card.get_by_label("What if it ran in").fill("SE")
    card.get_by_label("PUE").fill("1.1")
    card.get_by_role("button", name="Compare").click()
    row = next(row for row in carbon_report.compare(REPORT, regions=["SE"], pue=1.1).to_dict()["comparison"] if not row["own"])
    page.wait_for_function(
        "([output, text]) => output.textContent.includes(text)", arg=[card.locator("output").element_handle(), row["emissions_kgco2e"]["interval_text"]]
    )
    assert few < len(asked), "the core was loaded before it was used"
    # Material keeps the scheme of the first visit.
    page.add_init_script("localStorage.clear()")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.reload(wait_until="load")
        card.locator(".figure").wait_for()
        page.screenshot(path=SHOTS / f"docs-{site}-live-{scheme}.png")
        card.locator("form").scroll_into_view_if_needed()
        page.screenshot(path=SHOTS / f"docs-{site}-live-{scheme}-form.png")
    page.close()
    assert {urlsplit(url).netloc for url in asked if url.startswith("http")} == {urlsplit(address).netloc}
    assert failed == []


def test_without_its_script_the_live_page_shows_the_plain_card(built, chromium):
    site, _, address = built
    page = chromium.new_page()
    page.route("**/carbon-report/*.js*", lambda route: route.abort())
    page.goto(address + BUILDS[site][-1], wait_until="load")
    section = page.locator("carbon-card section.carbon-report")
    assert section.is_visible() and REPORT.emissions_kgco2e.text in section.inner_text()
    assert page.locator("em:text-is('emphasis')").count() == 1
    page.close()


@pytest.mark.parametrize("site", BUILDS)
def test_a_log_cannot_speak_to_the_generator(site, tmp_path, chromium):
    """Text of a log that a generator would take for its own: files of the site's author must not get into the page."""
    (tmp_path / "secret.txt").write_text("the author's secret")
    secret = tmp_path / "secret.txt"
    # A title has room for one of them.
    orders = [f"{{{{#include {secret}}}}}", f'--8<-- "{secret}" {{{{ config }}}}', f'{{% include "{secret}" %}}', f"```{{include}} {secret}"]
    for number, order in enumerate(orders):
        folder = tmp_path / str(number)
        folder.mkdir()
        report = carbon_report.read(ROOT / "tests/documents/hostile", region="FR", title=order)
        page = build(site, folder, report) / "index.html"
        read = shown(chromium, page, f"docs-{site}-hostile-{number}")
        assert "the author's secret" not in page.read_text()
        assert re.sub(r"\s+", " ", order) in read["text"]
        assert read == alone(chromium, report.to_html(fragment=True))
        assert read["active"] == 0


def test_markdown_of_a_log_cannot_speak_to_mdbook_either(tmp_path, chromium):
    """mdBook looks for orders in Markdown before it reads it, code and front matter included."""
    order = '{{#include secret.txt}} {% include "secret.txt" %} {# note #}'
    logs = tmp_path / "logs"
    logs.mkdir()
    rows = "".join(f"2025/06/12 14:00:0{second}.000, 0, {order}, GPU-{order}, 300.00 W\n" for second in range(3))
    (logs / "{{#include secret.txt}}.csv").write_text("timestamp, index, name, uuid, power.draw [W]\n" + rows)
    report = carbon_report.read(logs, region="FR", title=order)
    shutil.copytree(SITES / "mdbook", tmp_path / "mdbook")
    source = tmp_path / "mdbook/src"
    (source / "live.md").unlink()
    (source / "SUMMARY.md").write_text("- [Digits](index.md)\n")
    (source / "secret.txt").write_text("the author's secret")
    (source / "index.md").write_text(f"---\n{report.front_matter()}---\n\n{report.to_markdown(length='full')}")
    command = [str(Path(sys.executable).parent / "mdbook"), "build", "--dest-dir", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=tmp_path / "mdbook", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out/index.html").read_text()
    assert "the author's secret" not in page
    assert page.count("#include secret.txt") >= 5 and "reproduce" in page.lower()


@pytest.mark.parametrize("logs", [LOGS, ROOT / "tests/documents/hostile"], ids=["digits", "hostile"])
@pytest.mark.parametrize("live", [False, True])
def test_the_documented_mdx_page_compiles(logs, live, tmp_path):
    pages = re.findall(r"```mdx\n(.*?)```", (ROOT / "docs/embedding.md").read_text(), re.DOTALL)
    (tmp_path / "page.mdx").write_text(pages[live])
    report = carbon_report.read(logs, region="FR", title="{process.exit(3)} <Card/> &amp;")
    (tmp_path / "card.mdx").write_text(report.render("mdx"))
    command = ["node", "mdx.mjs", str(tmp_path / "page.mdx"), str(tmp_path / "card.mdx")]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"about {report.emissions_kgco2e.text} CO2eq" in done.stdout and "{process.exit(3)}" in done.stdout
    assert ('<carbon-card src="/report.json">' in done.stdout) == live


def test_the_documented_lines_are_those_of_the_examples():
    text = (ROOT / "docs/embedding.md").read_text()
    for file, lines in {
        "mkdocs/docs/index.md": ['--8<-- "card.html"'],
        "mkdocs/docs/live.md": ['<carbon-card src="../report.json">\n--8<-- "card.html"\n</carbon-card>'],
        "mkdocs/mkdocs.yml": ["extra_javascript:\n  - path: carbon-report/element.js\n    type: module", "exclude_docs: card.html"],
        "sphinx/index.md": [":file: card.html"],
        "sphinx/live.md": ['<carbon-card src="report.json">'],
        "sphinx/conf.py": ['html_js_files = [("carbon-report/element.js", {"type": "module"})]\nhtml_extra_path = ["report.json"]'],
        "mdbook/src/index.md": ["{{#include card.html}}"],
        "mdbook/src/live.md": ['<carbon-card src="report.json">\n{{#include card.html}}\n</carbon-card>'],
        "mdbook/book.toml": ['additional-js = ["carbon-card.js"]'],
        "mdbook/carbon-card.js": ['import(new URL("carbon-report/element.js", document.currentScript.src));'],
    }.items():
        for line in lines:
            assert line in text and line in (SITES / file).read_text(), file
