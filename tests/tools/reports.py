"""What the tests look at in a report, and what they compare it with."""

import pytest


def logged(report):
    return report["energy"]["logged_kwh"]["value"]


def formats(report):
    """The formats of the files that are logs."""
    return sorted({file["format"] for file in report["inputs"] if file["rows_used"]})


def kwh(joules):
    return float(joules / 3_600_000)


def same(energy):
    return pytest.approx(energy, rel=1e-9, abs=0)
