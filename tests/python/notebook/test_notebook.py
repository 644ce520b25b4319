"""The demo notebook in a real JupyterLab, run and read back by Chromium, and after nbconvert."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import carbon_report
import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[3]
SHOTS = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "screenshots"
REPORT = carbon_report.read(ROOT / "examples/digits-mlp/logs", region="FR")
NUMBER = str(REPORT.emissions_kgco2e)
TOKEN = "t0k"
QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"



def elsewhere(region, pue=()):
    """What the command says of the run at another place: the browser must say the same."""
    rows = carbon_report.compare(REPORT, regions=[region], pue=pue).to_dict()["comparison"]
    return next(row["emissions_kgco2e"]["interval_text"] for row in rows if not row["own"])


#: What is typed into the card, and what it must answer.
WHAT_IF = [("SE", "", elsewhere("SE")), ("BE", "1.5", elsewhere("BE", [1.5])), ("Frence", "", 'unknown zone "Frence"')]

# The live cards of a page, wherever they stand: their text.
CARDS = "() => [...document.querySelectorAll('*')].flatMap((e) => [...(e.shadowRoot?.querySelectorAll('carbon-card') ?? [])]).map((c) => c.shadowRoot.textContent)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The demo without its outputs, beside its logs."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "examples/digits-mlp/logs", folder / "digits-mlp/logs")
    notebook = json.loads((ROOT / "examples/notebook/card.ipynb").read_text())
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    (folder / "notebook").mkdir()
    (folder / "notebook/card.ipynb").write_text(json.dumps(notebook))
    return folder


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    return {**os.environ, **{name: str(home / name) for name in places}}


@pytest.fixture(scope="module")
def lab(folder, environment):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = f"--no-browser --allow-root --ip=127.0.0.1 --port={port} --ServerApp.port_retries=0 --IdentityProvider.token={TOKEN}"
    options += " --LabApp.news_url=None --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --ServerApp.terminals_enabled=False"
    command = [sys.executable, "-m", "jupyterlab", *options.split(), "--LabApp.expose_app_in_browser=True", f"--ServerApp.root_dir={folder}"]
    log = (folder / "lab.log").open("wb")
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(f"{address}/api/status?token={TOKEN}", timeout=5)
                break
            except OSError:
                assert server.poll() is None and time.monotonic() < deadline, (folder / "lab.log").read_text()
                time.sleep(0.2)
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path_factory.mktemp("profile")),
            executable_path=shutil.which("chromium"),
            headless=True,
            args=QUIET.split(),
            viewport={"width": 1300, "height": 1500},
        )
        yield context
        context.close()


@pytest.fixture(scope="module")
def run_in_lab(lab, folder, chromium):
    """The notebook after JupyterLab ran and saved it: its cards in the page, and what the page asked for."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page = chromium.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{lab}/lab/tree/notebook/card.ipynb?token={TOKEN}", wait_until="domcontentloaded")
    page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.sessionContext", timeout=120_000)
    page.evaluate(
        """async () => { const w = jupyterapp.shell.currentWidget; await w.context.ready; await w.sessionContext.ready;
        while (w.sessionContext.session?.kernel?.status !== "idle") await new Promise(r => setTimeout(r, 100)); }"""
    )
    # The promise is not returned: it settles only where nobody asks anything.
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")
    page.wait_for_function(f"() => ({CARDS})().length > 0", timeout=120_000)
    page.wait_for_function("() => jupyterapp.shell.currentWidget.content.widgets.every(c => c.model.type !== 'code' || c.model.executionCount)")
    cards = page.evaluate(CARDS)
    plain = page.evaluate("() => [...document.querySelectorAll('.jp-RenderedHTMLCommon section')].map(s => s.textContent)")
    images = page.evaluate("() => [...document.querySelectorAll('.jp-RenderedHTMLCommon section img')].map(i => i.naturalWidth)")
    page.evaluate("async () => { await jupyterapp.shell.currentWidget.context.save() }")
    page.evaluate("() => jupyterapp.shell.currentWidget.content.node.querySelector('.jp-RenderedHTMLCommon section')?.scrollIntoView()")
    page.screenshot(path=SHOTS / "jupyterlab.png")
    # What no kernel answers any more, the page still does.
    page.evaluate("async () => { await jupyterapp.shell.currentWidget.sessionContext.shutdown() }")
    card = page.locator("carbon-card")
    answers = {}
    for region, pue, expected in WHAT_IF:
        card.get_by_label("What if it ran in").fill(region)
        card.get_by_label("PUE").fill(pue)
        card.get_by_role("button", name="Compare").click()
        page.wait_for_function("([output, text]) => output.textContent.includes(text)", arg=[card.locator("output").element_handle(), expected])
        answers[region] = card.locator("output").inner_text()
    themes = [card.get_attribute("theme")]
    page.screenshot(path=SHOTS / "jupyterlab-widget.png")
    page.evaluate("() => { jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Dark' }) }")
    page.wait_for_function("() => document.body.dataset.jpThemeName === 'JupyterLab Dark'")
    page.wait_for_function("(card) => card.getAttribute('theme') === 'dark'", arg=card.element_handle())
    themes.append(card.get_attribute("theme"))
    for name, block in (("jupyterlab-widget-dark", "start"), ("jupyterlab-widget-dark-end", "end")):
        card.evaluate(f"(card) => card.scrollIntoView({{ block: '{block}' }})")
        page.screenshot(path=SHOTS / f"{name}.png")
    page.close()
    return {"answers": answers, "themes": themes, "cards": cards, "plain": plain, "images": images, "asked": asked, "saved": folder / "notebook/card.ipynb"}


def test_notebook_7_shows_the_live_card(run_in_lab, lab, chromium):
    """The same server, the other page: the plain card of the saved notebook, then the live one."""
    page = chromium.new_page()
    page.goto(f"{lab}/notebooks/notebook/card.ipynb?token={TOKEN}", wait_until="domcontentloaded")
    page.locator(".jp-RenderedHTMLCommon section h2").first.wait_for(timeout=60_000)
    assert page.evaluate(CARDS) == []
    page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").wait_for(timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.locator("carbon-card .figure").wait_for(timeout=60_000)
    region, _, expected = WHAT_IF[0]
    card = page.locator("carbon-card")
    card.get_by_label("What if it ran in").fill(region)
    card.get_by_role("button", name="Compare").click()
    page.wait_for_function("([output, text]) => output.textContent.includes(text)", arg=[card.locator("output").element_handle(), expected])
    page.screenshot(path=SHOTS / "notebook-7.png")
    page.close()


def printed(notebook):
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", []) if output.get("name") == "stdout"]
    return "".join("".join(output["text"]) for output in outputs).strip()


def test_the_page_shows_the_number_of_the_kernel(run_in_lab):
    notebook = json.loads(run_in_lab["saved"].read_text())
    assert printed(notebook) == NUMBER
    value, interval = re.fullmatch(r"(.+) (\(95% interval .+\))", NUMBER).groups()
    assert len(run_in_lab["cards"]) == 1 and f"about {value} CO2eq {interval}" in run_in_lab["cards"][0]
    assert run_in_lab["cards"][0].count(value) >= 2, "the large figure and the sentence"
    assert len(run_in_lab["plain"]) == 1 and f"about {value} CO2eq {interval}" in run_in_lab["plain"][0]
    assert run_in_lab["images"] and all(width > 0 for width in run_in_lab["images"])


def test_the_what_if_runs_in_the_page(run_in_lab):
    answers = run_in_lab["answers"]
    assert len({expected for _, _, expected in WHAT_IF}) == 3
    assert all(expected in answers[region] for region, _, expected in WHAT_IF)
    assert "FR (France)" in answers["Frence"]
    assert run_in_lab["themes"] == ["light", "dark"]


def test_nothing_is_asked_of_another_machine(run_in_lab, lab):
    hosts = {urlsplit(url).netloc for url in run_in_lab["asked"] if url.startswith("http")}
    assert hosts == {urlsplit(lab).netloc}


def test_the_saved_notebook_holds_the_card(run_in_lab):
    notebook = json.loads(run_in_lab["saved"].read_text())
    outputs = [output["data"] for cell in notebook["cells"] for output in cell.get("outputs", []) if "data" in output]
    cards = [data for data in outputs if "text/html" in data]
    assert len(cards) == 2, "the report and its widget"
    for data in cards:
        assert NUMBER.split(" (")[0] in "".join(data["text/html"]) and NUMBER.split(" (")[0] in "".join(data["text/markdown"])


@pytest.mark.parametrize("execute", [False, True])
def test_nbconvert_keeps_the_card(run_in_lab, execute, environment, chromium, tmp_path):
    options = ["--execute", "--ExecutePreprocessor.store_widget_state=False"] if execute else []
    saved = json.loads(run_in_lab["saved"].read_text())
    if execute:
        source = ROOT / "examples/notebook/card.ipynb"
    else:
        # Lab saves no widget state unless "Save Widget State Automatically" is on.
        assert "widgets" not in saved["metadata"]
        source = run_in_lab["saved"]
    command = [sys.executable, "-m", "nbconvert", str(source), "--output-dir", str(tmp_path), *options, "--to"]
    for format in ("html", "markdown"):
        done = subprocess.run([*command, format], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    value, interval = re.fullmatch(r"(.+) (\(95% interval .+\))", NUMBER).groups()
    assert (tmp_path / "card.md").read_text().count(f"about {value} CO2eq {interval}") >= 2
    page = chromium.new_page()
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith(("file:", "data:")) else route.abort())
    page.goto((tmp_path / "card.html").as_uri(), wait_until="load")
    sections = page.locator("section:has(h2:text-is('Environmental Impact'))")
    assert sections.count() == 2
    for section in sections.all():
        assert f"about {value} CO2eq {interval}" in section.inner_text()
        assert section.evaluate("s => [...s.querySelectorAll('img')].every(i => i.naturalWidth > 0)")
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"nbconvert{'-executed' if execute else ''}.png", full_page=True)
    page.close()


def test_the_committed_demo_is_this_run_without_paths_of_a_machine():
    text = (ROOT / "examples/notebook/card.ipynb").read_text()
    assert printed(json.loads(text)) == NUMBER
    assert not re.search(r"/(home|root|tmp|Users|work)/", text)
    assert "widgets" not in json.loads(text)["metadata"]
    # Its cards are today's. Another wording: run it again by `jupyter nbconvert --to notebook --execute --inplace
    # --ExecutePreprocessor.store_widget_state=False --ExecutePreprocessor.record_timing=False card.ipynb` in its folder.
    outputs = [output.get("data", {}) for cell in json.loads(text)["cells"] for output in cell.get("outputs", [])]
    saved = ["".join(data["text/markdown"]) for data in outputs if "text/markdown" in data]
    command = [sys.executable, "-c", "import carbon_report as c; print(c.read('../digits-mlp/logs', region='FR').to_markdown(), end='')"]
    card = subprocess.run(command, cwd=ROOT / "examples/notebook", capture_output=True, text=True, check=True).stdout
    assert saved == [card, card]
