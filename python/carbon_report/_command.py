"""Finds the command of this package and runs it."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Iterator, Sequence

from ._error import CarbonReportError

#: Names another command, for development.
VARIABLE = "CARBON_REPORT_COMMAND"

_DISTRIBUTION = "carbon-report"
_NAME = "carbon-report.exe" if os.name == "nt" else "carbon-report"


def command() -> str:
    """The path of the command that came with this package, wherever `PATH` points.

    A `carbon-report` elsewhere on `PATH` is never taken: it may be of another version.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not Path(named).is_file():
            raise CarbonReportError(f"{VARIABLE}: found nothing at {named!r}", "name the program, or unset the variable")
        return named
    return _installed()


@cache
def _installed() -> str:
    for path in _places():
        if path.is_file():
            return str(path)
    raise CarbonReportError(
        "the command of carbon-report is not installed beside its Python package",
        f"install the wheel again with pip, or name the program in {VARIABLE}",
    )


def _places() -> Iterator[Path]:
    try:
        files = metadata.files(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        files = []
    # What the installer wrote down comes first; `pip install --target` writes down a place that it then leaves.
    yield from (Path(str(file.locate())) for file in files if file.name == _NAME)
    yield Path(sysconfig.get_path("scripts")) / _NAME
    package = Path(__file__).resolve().parent
    yield package.parent / "bin" / _NAME
    yield package.parent / "Scripts" / _NAME


@dataclass(frozen=True)
class Message:
    """A line that the command writes for people."""

    severity: str
    text: str
    hint: str | None = None


@dataclass(frozen=True)
class Answer:
    """What a run of the command left."""

    status: int
    output: str
    messages: tuple[Message, ...]

    def checked(self) -> Answer:
        """Itself, where something was made; else the error that the command told."""
        if self.status in (0, 1):
            return self
        raise self.error()

    def error(self) -> CarbonReportError:
        """The last error that was told: what was found on the way comes before what ended the run."""
        errors = [message for message in self.messages if message.severity == "error"]
        if not errors:
            return CarbonReportError(f"the command ended with status {self.status} and said nothing")
        return CarbonReportError(errors[-1].text, errors[-1].hint)


def run(arguments: Sequence[str]) -> Answer:
    """Runs the command to its end; standard input is empty."""
    program = command()
    try:
        done = subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError as error:
        raise CarbonReportError(f"{program} could not be started: {error}", "install the wheel for this platform again") from error
    return Answer(done.returncode, done.stdout.decode("utf-8"), tuple(_messages(done.stderr.decode("utf-8", "replace"))))


def _messages(text: str) -> Iterator[Message]:
    """Lines `error: …`, `warning: …` and `note: …`, each with the `  hint: …` or `  tip: …` below it."""
    found: Message | None = None
    for line in text.splitlines():
        start, separator, rest = line.partition(": ")
        if separator and start in ("error", "warning", "note"):
            if found:
                yield found
            found = Message(start, rest)
        elif found and separator and start in ("  hint", "  tip"):
            found = Message(found.severity, found.text, rest)
        elif found and found.severity == "error" and line.startswith("  ") and not found.hint:
            # A list below an error, such as the arguments that are missing.
            found = Message(found.severity, f"{found.text} {line.strip()}", found.hint)
    if found:
        yield found


@cache
def version() -> str:
    """The version of the package; empty where it is used without being installed."""
    try:
        return metadata.version(_DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return ""
