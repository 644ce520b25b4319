"""The package against the command, its schema and its own types."""

import inspect
import re
import subprocess
import sys

import carbon_report
from conftest import ROOT

#: Options of the command that `read` leaves to methods of the report.
DOCUMENTS = {"output", "format", "fragment", "check", "append", "force", "length", "template", "limits", "quiet", "help", "version"}


def test_every_option_of_the_command_is_a_keyword(native):
    flags = set(re.findall(r"^\s+(?:-\w, )?--([a-z][a-z0-9-]*)", native("--help"), re.MULTILINE))
    assert len(flags) > 20
    names = {flag.replace("-", "_") for flag in flags - DOCUMENTS}
    names = {{"from": "from_", "limit": "limits"}.get(name, name) for name in names}
    keywords = {name for name, p in inspect.signature(carbon_report.read).parameters.items() if p.kind is p.KEYWORD_ONLY}
    assert keywords == names


def test_types_hold():
    done = subprocess.run([sys.executable, "-m", "mypy", "--config-file", "pyproject.toml"], cwd=ROOT / "python", capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert (ROOT / "python/carbon_report/py.typed").exists()
    assert (carbon_report.__file__ or "").startswith(sys.prefix), "the tests are of the installed package"
