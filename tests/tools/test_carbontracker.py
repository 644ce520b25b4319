"""carbontracker without its services: the log of powers, and the log of totals alone."""

import re
from fractions import Fraction

import pytest
from reports import formats, kwh, logged, same

TRAINING = """
import training
from carbontracker.tracker import CarbonTracker
tracker = CarbonTracker(
    epochs=training.EPOCHS, monitor_epochs=-1, update_interval=0.1, components="gpu", log_dir="logs", ignore_errors=False
)
for epoch, loss in training.epochs():
    {call}
tracker.stop()
"""
CALLS = "tracker.epoch_end(); tracker.epoch_start()"


def test_a_run(run, report, drawn, tmp_path):
    # The first epoch begins before the loop, and the last one that begins after it is not ended.
    run(TRAINING.format(call=CALLS).replace("for epoch", "tracker.epoch_start()\nfor epoch", 1))
    log = next(file for file in (tmp_path / "logs").iterdir() if file.name.endswith("carbontracker.log")).read_text()
    durations = [Fraction(seconds) for seconds in re.findall(r"Duration: 0:00:([0-9.]+)", log)]
    watts = [Fraction(power) for power in re.findall(r"Average power usage \(W\) for gpu: ([0-9.]+)", log)]
    assert len(durations) == len(watts) == 8
    # This release prints the mean over its two cards, which are alike, where the sum is meant.
    joules = 2 * sum(seconds * power for seconds, power in zip(durations, watts))
    read = report(tmp_path / "logs")
    assert formats(read) == ["carbontracker_log"]
    assert logged(read) == same(kwh(joules))
    # What lies between two epochs is in no epoch, and a busy machine looks late: a card too many or too few would be twice or half.
    assert logged(read) == pytest.approx(drawn() / 3_600_000, rel=0.3)
