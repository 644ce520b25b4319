"""Records this machine while a block of Python runs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from types import TracebackType
from typing import IO, Mapping

from . import _accounting
from ._command import command
from ._error import CarbonReportError
from ._report import Report
from .mark import VARIABLE

# What the recorder runs: it says where marks go, and lives until this process writes a line or ends, however it ends. A closed pipe would not
# do: a forked worker may hold the other end open.
_COMPANION = f"import os, sys; print(os.environ.get({VARIABLE!r}, ''), flush=True); sys.stdin.readline()"


class record:
    """Samples the machine's power into `folder` while the block runs, as `carbon-report record` does.

        with carbon_report.record("logs/") as recording:
            train()
            carbon_report.mark("epoch 1", loss=0.3)
        recording.report(region="FR")

    The block is never disturbed: a recorder that fails later costs samples and says so in the log.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str] = "logs",
        *,
        interval: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = os.fspath(folder)
        self._options = {"interval": interval, "label": [f"{name}={text}" for name, text in (labels or {}).items()], "output": self.folder}
        self._process: subprocess.Popen[str] | None = None
        self._told: IO[bytes] | None = None
        self._marks_before: str | None = None

    def __enter__(self) -> record:
        if self._process is not None:
            raise CarbonReportError("record: this recording is running already", "make another one")
        arguments = [command(), "record", "--quiet", *_accounting.flags(self._options), "--", sys.executable, "-c", _COMPANION]
        self._told = tempfile.TemporaryFile()
        # A session of its own: an interrupt that is meant for the block does not end the recording.
        self._process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._told, text=True, start_new_session=True
        )
        assert self._process.stdout
        marks = self._process.stdout.readline()
        if not marks:
            status, message = self._end()
            raise CarbonReportError(f"record: {message or f'the recorder ended with status {status}'}")
        self._marks_before = os.environ.get(VARIABLE)
        if marks.strip():
            os.environ[VARIABLE] = marks.strip()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._marks_before is None:
            os.environ.pop(VARIABLE, None)
        else:
            os.environ[VARIABLE] = self._marks_before
        self._end()

    def report(self, **options: object) -> Report:
        """The report of the folder, with the keywords of `read`."""
        return _accounting.read(self.folder, **options)  # type: ignore[arg-type]

    def _end(self) -> tuple[int, str]:
        process, self._process = self._process, None
        assert process and self._told
        process.communicate("\n")
        with self._told as told:
            told.seek(0)
            return process.returncode, told.read().decode("utf-8", "replace").strip()
