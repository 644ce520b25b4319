"""Logs whose sums can be made by hand, and the installed package."""

import subprocess
from pathlib import Path

import carbon_report
import pytest

ROOT = Path(__file__).resolve().parents[2]
#: A real small run, with a warning in it.
DIGITS = ROOT / "examples/digits-mlp/logs"


@pytest.fixture(scope="session")
def hour(tmp_path_factory):
    """An hour at 300 W, a sample each minute: 0.3 kWh."""
    rows = "".join(f"2025/06/12 {14 + m // 60:02}:{m % 60:02}:00.000, 0, GPU-1, 300.00 W\n" for m in range(61))
    folder = tmp_path_factory.mktemp("hour")
    (folder / "gpu.csv").write_text("timestamp, index, uuid, power.draw [W]\n" + rows)
    return folder


@pytest.fixture(scope="session")
def digits():
    return carbon_report.read(DIGITS, region="FR")


@pytest.fixture(scope="session")
def native():
    """The command itself, for comparison."""

    def run(*arguments):
        return subprocess.run([carbon_report.command(), *map(str, arguments)], capture_output=True, text=True, check=True).stdout

    return run
