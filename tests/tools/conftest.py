"""Tools as they are installed, over a library that answers for NVIDIA's driver: two cards whose power changes each second."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "stores"))
COMMAND = Path(os.environ.get("CARBON_REPORT", ROOT / "target/debug/carbon-report"))


@pytest.fixture(scope="session")
def driver(tmp_path_factory):
    """The folder of the library and of what else a driver brings."""
    folder = tmp_path_factory.mktemp("driver")
    source = HERE.parent / "bench/fake_nvml.c"
    options = ["-shared", "-fPIC", "-O1", "-DCARDS=2", "-DCHANGING"]
    subprocess.run(["cc", *options, "-o", folder / "libnvidia-ml.so.1", source], check=True)
    # CodeCarbon looks for cards only where this program answers.
    (folder / "nvidia-smi").write_text("#!/bin/sh\n")
    (folder / "nvidia-smi").chmod(0o755)
    return folder


@pytest.fixture
def run(driver, tmp_path):
    """Runs a program of Python in the test's folder. Whatever calls a server finds none at once."""

    def run(script, **environment):
        nowhere = "http://127.0.0.1:9"
        outside = {"HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere, "http_proxy": nowhere, "https_proxy": nowhere}
        paths = {
            "HOME": str(tmp_path / "home"),
            "LD_LIBRARY_PATH": f"{driver}:{os.environ.get('LD_LIBRARY_PATH', '')}",
            "PATH": f"{driver}:{os.environ['PATH']}",
            "PYTHONPATH": str(HERE),
        }
        (tmp_path / "home").mkdir(exist_ok=True)
        program = tmp_path / "program.py"
        program.write_text(script)
        done = subprocess.run(
            [sys.executable, program],
            cwd=tmp_path,
            env={**os.environ, **outside, **paths, **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture
def drawn(tmp_path):
    """Joules that both cards drew during the trainings of the test, as the driver counted them."""
    return lambda: sum(float(joules) for joules in (tmp_path / "drawn").read_text().split())


@pytest.fixture
def report(tmp_path):
    """The report of files, as the command writes it."""

    def report(*paths, options=()):
        to = tmp_path / "report.json"
        command = [COMMAND, *paths, "--region", "FR", "--quiet", *options, "-o", to]
        done = subprocess.run([str(part) for part in command], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(to.read_text())

    return report
