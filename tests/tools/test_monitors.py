"""Monitors of GPUs that people keep beside a training: gpustat in a loop, and nvitop's collector."""

import csv
import json
import re
from datetime import datetime
from fractions import Fraction

from reports import formats, kwh, logged, same

LOOKS = 5

GPUSTAT = f"""
import subprocess, sys, time
with open("gpustat.log", "w") as log:
    for look in range({LOOKS}):
        subprocess.run([sys.executable, "-m", "gpustat", OPTION], stdout=log, check=True)
        time.sleep(1)
"""

NVITOP = f"""
import csv, time
from nvitop import Device, ResourceMetricCollector
collector, rows = ResourceMetricCollector(Device.all(), interval=0.2), []
with collector(tag="train"):
    for look in range({LOOKS}):
        time.sleep(1)
        rows.append(collector.collect())
with open("nvitop.csv", "w", newline="") as file:
    writer = csv.DictWriter(file, rows[0], extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
"""


def joules(looks):
    """The trapezoids below powers of one board, each with its time in seconds."""
    return sum((later - at) * (power + next) / 2 for (at, power), (later, next) in zip(looks, looks[1:]))


def seconds(stamp, form):
    return Fraction(round((datetime.strptime(stamp, form) - datetime(2020, 1, 1)).total_seconds() * 1_000_000), 1_000_000)


def by_board(looks):
    boards = {}
    for board, at, power in looks:
        boards.setdefault(board, []).append((at, Fraction(power)))
    assert len(boards) == 2 and all(len(board) == LOOKS for board in boards.values())
    return sum(joules(board) for board in boards.values())


def test_gpustat_as_text(run, report, tmp_path):
    run(GPUSTAT.replace("OPTION", '"-P"'), LC_ALL="C.UTF-8")
    at, looks = None, []
    for line in (tmp_path / "gpustat.log").read_text().splitlines():
        if board := re.match(r"\[(\d)\].*, +(\d+) / \d+ W", line):
            looks.append((board[1], at, board[2]))
        else:
            stamp = re.search(r"\w+ \w+ +\d+ [\d:]+ \d{4}", line)[0]
            at = seconds(stamp, "%a %b %d %H:%M:%S %Y")
    read = report(tmp_path / "gpustat.log")
    assert formats(read) == ["gpustat"]
    assert logged(read) == same(kwh(by_board(looks)))


def test_gpustat_as_json(run, report, tmp_path):
    run(GPUSTAT.replace("OPTION", '"--json"'))
    text, looks = (tmp_path / "gpustat.log").read_text(), []
    while text.strip():
        look, end = json.JSONDecoder().raw_decode(text.strip())
        text = text.strip()[end:]
        at = seconds(look["query_time"], "%Y-%m-%dT%H:%M:%S.%f")
        looks += [(board["uuid"], at, board["power.draw"]) for board in look["gpus"]]
    read = report(tmp_path / "gpustat.log")
    assert formats(read) == ["gpustat_json"]
    assert logged(read) == same(kwh(by_board(looks)))


def test_nvitop(run, report, tmp_path):
    run(NVITOP)
    with open(tmp_path / "nvitop.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    # Stamps count to the microsecond.
    at = [Fraction(round(Fraction(row["train/last_timestamp"]) * 1_000_000), 1_000_000) for row in rows]
    boards = [[Fraction(row[f"train/gpu:{board}/power_usage (W)/last"]) for row in rows] for board in (0, 1)]
    assert len(rows) == LOOKS
    read = report(tmp_path / "nvitop.csv")
    assert formats(read) == ["nvitop_csv"]
    assert logged(read) == same(kwh(sum(joules(list(zip(at, board))) for board in boards)))
