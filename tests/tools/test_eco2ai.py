"""Eco2AI: one row for a run."""

import csv
from fractions import Fraction

from reports import formats, logged, same

TRAINING = """
import eco2ai, training
tracker = eco2ai.Tracker(project_name="demo", experiment_description="points", file_name="emission.csv", alpha_2_code="FR", measure_period=1)
tracker.start()
for epoch, loss in training.epochs():
    pass
tracker.stop()
"""


def test_a_run(run, report, tmp_path):
    run(TRAINING)
    with open(tmp_path / "emission.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    total = sum(Fraction(row["power_consumption(kWh)"]) for row in rows)
    assert len(rows) == 1 and total > 0
    read = report(tmp_path / "emission.csv")
    assert formats(read) == ["eco2ai_csv"]
    assert logged(read) == same(float(total))
