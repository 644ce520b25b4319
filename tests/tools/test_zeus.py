"""Zeus: windows of its energy monitor, and the stream of its power monitor."""

import csv
from collections import defaultdict
from fractions import Fraction

import energy
from reports import formats, kwh, logged, same

WINDOWS = """
import training
from zeus.monitor import ZeusMonitor
if __name__ == "__main__":
    monitor = ZeusMonitor(log_file="energy.csv", approx_instant_energy=False)
    monitor.begin_window("epoch", sync_execution=False)
    for epoch, loss in training.epochs():
        monitor.end_window("epoch", sync_execution=False)
        if epoch + 1 < training.EPOCHS:
            monitor.begin_window("epoch", sync_execution=False)
"""


def test_windows(run, report, tmp_path):
    run(WINDOWS)
    with open(tmp_path / "energy.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    joules = sum(Fraction(value) for row in rows for name, value in row.items() if "energy" in name)
    assert len(rows) == 8 and joules > 1000
    read = report(tmp_path / "energy.csv")
    assert formats(read) == ["zeus_energy_csv"]
    assert logged(read) == same(kwh(joules))
