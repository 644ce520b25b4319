"""The package against the command, its schema and its own types."""

import inspect
import re
import subprocess
import sys

import carbon_report
import pytest
from conftest import ROOT

#: Options of the command that `read` and `estimate` leave to methods of the report.
DOCUMENTS = {"output", "format", "fragment", "check", "append", "force", "length", "template", "limits", "methods", "quiet", "help", "version"}


@pytest.mark.parametrize(("function", "command"), [(carbon_report.read, []), (carbon_report.estimate, ["estimate"])])
def test_every_option_of_the_command_is_a_keyword(function, command, native):
    flags = set(re.findall(r"^\s+(?:-\w, )?--([a-z][a-z0-9-]*)", native(*command, "--help"), re.MULTILINE))
    assert len(flags) > 20
    names = {flag.replace("-", "_") for flag in flags - DOCUMENTS}
    names = {{"from": "from_", "limit": "limits"}.get(name, name) for name in names}
    keywords = {name for name, p in inspect.signature(function).parameters.items() if p.kind is p.KEYWORD_ONLY}
    assert keywords == names


def test_a_phase_has_the_fields_of_the_core():
    source = (ROOT / "core/src/estimate/request.rs").read_text()
    body = re.search(r"pub struct Phase \{\n(.*?)\n\}", source, re.DOTALL)[1]
    assert set(carbon_report.Phase.__annotations__) == set(re.findall(r"^    pub (\w+):", body, re.MULTILINE))


def test_types_hold():
    done = subprocess.run([sys.executable, "-m", "mypy", "--config-file", "pyproject.toml"], cwd=ROOT / "python", capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert (ROOT / "python/carbon_report/py.typed").exists()
    assert (carbon_report.__file__ or "").startswith(sys.prefix), "the tests are of the installed package"
