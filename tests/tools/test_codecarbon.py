"""CodeCarbon without a network: its table of runs, and what it prints."""

import csv
import re
from fractions import Fraction

from reports import formats, logged, same

TRAINING = """
import codecarbon, training
for name in ("base", "tuned"):
    tracker = codecarbon.OfflineEmissionsTracker(
        country_iso_code="FRA", project_name=name, measure_power_secs=1, output_dir=".", allow_multiple_runs=True
    )
    tracker.start()
    for epoch, loss in training.epochs():
        pass
    tracker.stop()
"""


def test_runs(run, report, tmp_path):
    run(TRAINING)
    with open(tmp_path / "emissions.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    total = sum(Fraction(row["energy_consumed"]) for row in rows)
    assert len(rows) == 2 and min(float(row["gpu_energy"]) for row in rows) > 0.0005
    read = report(tmp_path / "emissions.csv")
    assert formats(read) == ["codecarbon_csv"]
    assert logged(read) == same(float(total))


def test_what_it_prints(run, report, tmp_path):
    # One run: what two print after each other can't be told from one that goes on.
    (tmp_path / "run.log").write_text(run(TRAINING.replace('("base", "tuned")', '("base",)')))
    last = {}
    for part, energy in re.findall(r"Energy consumed for (.*?) : ([0-9.]+) kWh", (tmp_path / "run.log").read_text()):
        last[part] = Fraction(energy)
    assert len(last) == 3
    read = report(tmp_path / "run.log")
    assert formats(read) == ["codecarbon_console"]
    assert logged(read) == same(float(sum(last.values())))
