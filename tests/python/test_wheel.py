"""The wheel as pip installs it: one file, no compiler, no PATH."""

import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from conftest import DIGITS, ROOT

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
RELEASE = os.environ.get("WHEEL_PROFILE") == "release"
CODE = f"import carbon_report; print(carbon_report.read({str(DIGITS)!r}, region='FR').to_json(), end='')"


@pytest.fixture(scope="module")
def wheel():
    wheels = list((TARGET / "wheel").glob("carbon_report-*.whl"))
    assert len(wheels) == 1, f"expected one wheel, found {wheels}: cargo run -p xtask -- wheel dev"
    return wheels[0]


def test_a_fresh_environment_has_the_command_and_the_package(wheel, tmp_path, digits):
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv/bin/python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    subprocess.run([*pip, "install", "-q", "--no-index", str(wheel)], check=True)
    command = tmp_path / "venv/bin/carbon-report"
    version = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout
    assert version.split()[-1] == metadata.version("carbon-report")
    # PATH has no folder of scripts, and another program of that name is first on it.
    decoy = tmp_path / "decoy"
    decoy.mkdir()
    (decoy / "carbon-report").write_text("#!/bin/sh\necho wrong\n")
    (decoy / "carbon-report").chmod(0o755)
    environment = {"PATH": str(decoy)}
    done = subprocess.run([python, "-I", "-c", CODE], capture_output=True, text=True, env=environment)
    assert done.stdout == digits.to_json(), done.stderr
    module = subprocess.run([python, "-I", "-m", "carbon_report", "nowhere"], capture_output=True, text=True, env=environment)
    assert module.returncode == 2 and "nowhere" in module.stderr
    requires = [r for r in metadata.requires("carbon-report") or [] if "extra ==" not in r]
    assert requires == []


def test_a_folder_of_packages_has_its_command(wheel, tmp_path, digits):
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "-q", "--no-index", "--target", str(tmp_path), str(wheel)], check=True)
    done = subprocess.run([sys.executable, "-S", "-c", CODE], capture_output=True, text=True, env={"PYTHONPATH": str(tmp_path)})
    assert done.stdout == digits.to_json(), done.stderr


def test_a_package_without_its_command_says_so(tmp_path):
    (tmp_path / "carbon_report").symlink_to(ROOT / "python/carbon_report")
    code = "import carbon_report\ntry: carbon_report.read('x')\nexcept carbon_report.CarbonReportError as e: print(e)"
    environment = {"PYTHONPATH": str(tmp_path), "CARBON_REPORT_COMMAND": "/nowhere/carbon-report"}
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, env=environment)
    assert "CARBON_REPORT_COMMAND" in done.stdout and "hint: " in done.stdout


def test_the_wheel_holds_the_command_the_web_build_and_nothing_of_the_machine(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert {"carbon_report/py.typed", "carbon_report/web/widget.js", "carbon_report/web/element/element.js"} <= set(names)
        assert not [name for name in names if "__pycache__" in name or "sbom" in name]
        # The command that a quick build makes tells where its sources lie.
        checked = [name for name in names if RELEASE or not name.endswith("scripts/carbon-report")]
        paths = [str(ROOT).encode(), str(Path.home()).encode() + b"/"]
        assert not [name for name in checked if any(path in archive.read(name) for path in paths)]


def test_the_tag_names_the_newest_symbol_that_the_command_needs(wheel):
    from packaging.tags import sys_tags
    from packaging.utils import parse_wheel_filename

    _, _, _, tags = parse_wheel_filename(wheel.name)
    assert tags & set(sys_tags())
    assert {tag.interpreter for tag in tags} == {"py3"} and {tag.abi for tag in tags} == {"none"}
    if not sysconfig.get_platform().startswith("linux"):
        return
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith("scripts/carbon-report"))
        needed = max(tuple(map(int, found)) for found in re.findall(rb"GLIBC_(\d+)\.(\d+)", archive.read(name)))
    said = min(tuple(map(int, re.search(r"manylinux_(\d+)_(\d+)", tag.platform).groups())) for tag in tags)
    assert said >= needed
