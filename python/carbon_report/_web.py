"""The web build in this package: the widget's script, and `<carbon-card>` for pages."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ._error import CarbonReportError

_WEB = Path(__file__).parent / "web"
WIDGET = _WEB / "widget.js"
_ELEMENT = _WEB / "element"


def checked(path: Path) -> Path:
    """The path, where the web build is there: a source tree has none."""
    if path.exists():
        return path
    raise CarbonReportError("this installation of carbon-report has no web build", "install the wheel, or build one with `cargo run -p xtask -- wheel`")


def save_element(folder: str | os.PathLike[str]) -> Path:
    """Writes `<carbon-card>` into a folder of a site, for pages that show live cards; returns its script.

        carbon_report.save_element("docs/carbon-report")

    A page takes it in with `<script type="module" src="carbon-report/element.js"></script>` and shows a report with
    `<carbon-card src="report.json"></carbon-card>`. Scripts of an earlier version in the folder are replaced, other files stay.
    """
    source, target = checked(_ELEMENT), Path(folder)
    try:
        # Names of chunks change with their content.
        for old in target.glob("chunks/*.js"):
            old.unlink()
        shutil.copytree(source, target, dirs_exist_ok=True)
    except OSError as error:
        raise CarbonReportError(f"the element could not be written into {os.fspath(folder)}: {error}") from error
    return target / "element.js"
