"""What is in a store of trackio, MLflow or W&B, apart from carbon-report: the energy of each run and card, and of all, in kWh.

    python energy.py FILE...

Of the counters of trackio and W&B the last reading less the first, of power the trapezoid. Messages of `.wandb` files are read by W&B's own classes.
"""

import json
import sqlite3
import struct
import sys
import zlib
from collections import defaultdict
from datetime import datetime
from fractions import Fraction


def trapezoid(points):
    points = sorted(points)
    return sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in zip(points, points[1:]))


def number(text):
    return Fraction(str(text))


def trackio(database):
    counters = defaultdict(list)
    for run, stamp, metrics in database.execute("SELECT run_name, timestamp, metrics FROM system_metrics"):
        moment = datetime.fromisoformat(stamp)
        for key, value in json.loads(metrics).items():
            if key.endswith("/energy_consumed") and value is not None:
                counters[run, key].append((moment, number(value)))
    return {name: max(points)[1] - min(points)[1] for name, points in counters.items()}


def mlflow(database):
    powers = defaultdict(list)
    query = "SELECT run_uuid, key, timestamp, value FROM metrics WHERE key LIKE 'system/%gpu%power_usage_watts' AND NOT is_nan"
    for run, key, at, value in database.execute(query):
        powers[run, key].append((Fraction(at, 1000), number(value)))
    return {name: trapezoid(points) for name, points in powers.items()}


def records(path):
    """The records of LevelDB's log, whose parts lie in blocks of 32 KiB behind seven bytes of checksum, length and kind (whole, first, middle, last)."""
    with open(path, "rb") as file:
        log = file.read()
    at, record = 7, b""
    while at + 7 <= len(log) and at + 7 + struct.unpack_from("<IHB", log, at)[1] <= len(log):
        if 32768 - at % 32768 < 7:
            at += 32768 - at % 32768
            continue
        checksum, length, kind = struct.unpack_from("<IHB", log, at)
        part = log[at + 7 : at + 7 + length]
        assert zlib.crc32(bytes([kind]) + part) == checksum, at
        record += part
        at += 7 + length
        if kind in (1, 4):
            yield record
            record = b""


def wandb(path):
    from wandb.proto import wandb_internal_pb2

    counters, run = defaultdict(list), None
    for data in records(path):
        record = wandb_internal_pb2.Record()
        record.ParseFromString(data)
        run = record.run.display_name or run
        at = Fraction(record.stats.timestamp.seconds) + Fraction(record.stats.timestamp.nanos, 10**9)
        for item in record.stats.item:
            parts = item.key.split(".")
            if len(parts) == 3 and parts[0] == "gpu" and parts[2] == "energyJoules":
                counters[run, item.key].append((at, number(item.value_json)))
    return {name: max(points)[1] - min(points)[1] for name, points in counters.items()}


def of(path):
    """Joules by run and card."""
    if path.endswith(".wandb"):
        return wandb(path)
    database = sqlite3.connect(path)
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_schema")}
    return trackio(database) if "system_metrics" in tables else mlflow(database)


if __name__ == "__main__":
    total = Fraction(0)
    for path in sys.argv[1:]:
        joules = of(path)
        for name, energy in sorted(joules.items()):
            print(*name, f"{float(energy):.12g} J")
        total += sum(joules.values())
    print(f"{float(total / 3_600_000):.12g} kWh")
