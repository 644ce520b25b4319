"""Prometheus with its exporter of a node, which reads the counters of a made-up processor: the exporter's own text, answers of the API, and promtool."""

import json
import re
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from datetime import datetime, timezone
from fractions import Fraction

import pytest
from reports import formats, kwh, logged, same

# Microjoules a second: of the package, of its cores, which are a part of it, and of the memory.
ZONES = {"intel-rapl:0": ("package-0", 91_234_567), "intel-rapl:0:0": ("core", 60_111_222), "intel-rapl:0:1": ("dram", 9_876_543)}
COUNTERS = '{__name__=~"node_rapl_.*_joules_total"}'


def counters(folder, since):
    """Writes what the counters of the kernel hold by now, each at once."""
    for zone, (name, rate) in ZONES.items():
        place = folder / "class/powercap" / zone
        place.mkdir(parents=True, exist_ok=True)
        now = 7_000_000_000 + int((time.monotonic() - since) * rate)
        for file, text in (("name", name), ("max_energy_range_uj", "262143328850"), ("energy_uj", str(now))):
            (place / "new").write_text(text + "\n")
            (place / "new").rename(place / file)


def port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


def get(url):
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as answer:
        return answer.read().decode()


def soon(url):
    for _ in range(100):
        try:
            return get(url)
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nothing answers at {url}")


@pytest.fixture(scope="module")
def scraped(tmp_path_factory):
    """What was written while a processor was watched for some seconds."""
    folder = tmp_path_factory.mktemp("prometheus")
    since, over = time.monotonic(), threading.Event()
    counters(folder / "sys", since)

    def work():
        while not over.wait(0.05):
            counters(folder / "sys", since)

    kernel = threading.Thread(target=work, daemon=True)
    kernel.start()
    exporter, server = f"127.0.0.1:{port()}", f"127.0.0.1:{port()}"
    (folder / "prometheus.yml").write_text(
        f"global: {{scrape_interval: 1s}}\nscrape_configs: [{{job_name: node, static_configs: [{{targets: ['{exporter}']}}]}}]\n"
    )
    programs = [
        [
            "prometheus-node-exporter",
            f"--web.listen-address={exporter}",
            f"--path.sysfs={folder}/sys",
            "--collector.disable-defaults",
            "--collector.rapl",
        ],
        [
            "prometheus",
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address={server}",
        ],
    ]
    running = [subprocess.Popen(program, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for program in programs]
    try:
        soon(f"http://{exporter}/metrics")
        soon(f"http://{server}/-/ready")

        def api(call, **query):
            return get(f"http://{server}/api/v1/{call}?" + urllib.parse.urlencode({"query": COUNTERS, **query}))

        # The server looks for its targets for some seconds before the first scrape.
        until = time.monotonic() + 30
        while not json.loads(api("query"))["data"]["result"]:
            assert time.monotonic() < until, "nothing is scraped"
            time.sleep(0.2)
        start = time.time()
        text, instants = "", ""
        for _ in range(8):
            time.sleep(1)
            stamp = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            text += stamp + "\n" + get(f"http://{exporter}/metrics")
            instants += api("query") + "\n"
        end = time.time()
        (folder / "metrics.prom").write_text(text)
        (folder / "instants.json").write_text(instants)
        (folder / "range.json").write_text(api("query_range", start=start, end=end, step="1s"))
        (folder / "vector.json").write_text(api("query", query=COUNTERS + "[8s]"))
        command = ["promtool", "query", "range", f"--start={start:.0f}", f"--end={end:.0f}", "--step=1s", f"http://{server}", COUNTERS]
        (folder / "promtool.txt").write_text(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    finally:
        over.set()
        kernel.join()
        for program in running:
            program.terminate()
        for program in running:
            program.wait(20)
    return folder


def drawn(series):
    """Joules of the package and the memory: the last reading of each less its first. The cores are in the package."""
    assert set(series) == {"node_rapl_package_joules_total", "node_rapl_core_joules_total", "node_rapl_dram_joules_total"}
    rise = {name: max(values) - min(values) for name, values in series.items()}
    assert 300 < rise["node_rapl_package_joules_total"] < 1000
    return kwh(rise["node_rapl_package_joules_total"] + rise["node_rapl_dram_joules_total"])


@pytest.mark.parametrize("name", ["range.json", "vector.json", "instants.json"])
def test_the_api(scraped, report, name):
    series = {}
    for line in (scraped / name).read_text().splitlines():
        for one in json.loads(line)["data"]["result"]:
            values = [Fraction(value) for _, value in one.get("values", [one.get("value")])]
            series.setdefault(one["metric"]["__name__"], []).extend(values)
    read = report(scraped / name)
    assert formats(read) == ["prometheus_api"]
    assert logged(read) == same(drawn(series))


def test_the_exporter(scraped, report):
    series = {}
    for metric, value in re.findall(r"^(node_rapl_\w+_joules_total)\{.*\} (\S+)$", (scraped / "metrics.prom").read_text(), re.M):
        series.setdefault(metric, []).append(Fraction(value))
    read = report(scraped / "metrics.prom")
    assert formats(read) == ["prometheus_text"]
    assert logged(read) == same(drawn(series))


def test_promtool(scraped, report):
    series, metric = {}, None
    for line in (scraped / "promtool.txt").read_text().splitlines():
        if "=>" in line:
            metric = line.split("{")[0]
        elif line:
            series.setdefault(metric, []).append(Fraction(line.split()[0]))
    read = report(scraped / "promtool.txt")
    assert formats(read) == ["prometheus_promtool"]
    assert logged(read) == same(drawn(series))
