"""From logs to a report: the command with its options as keywords."""

from __future__ import annotations

import os
import tempfile
import warnings
from dataclasses import replace
from datetime import datetime
from typing import Iterable, Mapping, Sequence, Union

from . import _command
from ._command import Answer
from ._error import CarbonReportWarning
from ._report import Report

PathLike = Union[str, "os.PathLike[str]"]


def read(
    *paths: PathLike,
    region: str | None = None,
    pue: float | None = None,
    intensity: float | PathLike | None = None,
    basis: str | None = None,
    factors: PathLike | Sequence[PathLike] = (),
    year: int | None = None,
    market: float | None = None,
    embodied: bool = False,
    lifetime_years: float | None = None,
    carbon_budget: str | None = None,
    predict_epochs: int | None = None,
    compare: str | Sequence[str] | None = None,
    training_type: str | None = None,
    interval: str | None = None,
    tz: str | None = None,
    from_: str | datetime | None = None,
    to: str | datetime | None = None,
    columns: str | Sequence[str] | None = None,
    as_logged: bool = False,
    fill_gaps: bool = False,
    strict: bool = False,
    title: str | None = None,
    config: PathLike | None = None,
    threads: int | None = None,
    sha256: bool = False,
    limits: Mapping[str, int] | None = None,
) -> Report:
    """The report of logs, or of folders of logs.

        carbon_report.read("logs/", region="gcp:europe-west4", pue=1.1)

    Keywords are the command's options, `from_` for `--from`; `carbon-report --help` says what each means. A `carbon-report.toml` beside the logs
    holds the same settings, and keywords win. Paths appear in the report as they are given.

    Raises CarbonReportError, with a hint where there is one, when nothing could be made, or with `strict` when the logs hold an error.
    Warns with CarbonReportWarning when a report was made without a path that was named.
    """
    options: dict[str, object] = {
        "region": region,
        "pue": pue,
        "intensity": intensity,
        "basis": basis,
        "factors": [factors] if isinstance(factors, (str, os.PathLike)) else factors,
        "year": year,
        "market": market,
        "embodied": embodied,
        "lifetime-years": lifetime_years,
        "carbon-budget": carbon_budget,
        "predict-epochs": predict_epochs,
        "compare": _comma(compare),
        "training-type": training_type,
        "interval": interval,
        "tz": tz,
        "from": from_,
        "to": to,
        "columns": _comma(columns),
        "as-logged": as_logged,
        "fill-gaps": fill_gaps,
        "strict": strict,
        "title": title,
        "config": config,
        "threads": threads,
        "sha256": sha256,
        "limit": [f"{name}={value}" for name, value in (limits or {}).items()],
    }
    answer = _command.run(["--format", "json", *flags(options), "--", *(_path(path) for path in paths)]).checked()
    if answer.status == 1 and strict:
        raise answer.error()
    return _report(answer)


def compare(
    *sources: Report | PathLike,
    regions: str | Sequence[str] = (),
    year: int | Sequence[int] = (),
    pue: float | Sequence[float] = (),
    intensity: float | Sequence[float] = (),
    hours: PathLike | None = None,
    region: str | None = None,
    config: PathLike | None = None,
) -> Report:
    """The report with its energy under other factors, in `to_dict()["comparison"]` and in its documents.

        carbon_report.compare(report, regions=["SE", "gcp:europe-west4"])

    `sources` is a report, or logs with their `region`. Without other keywords the report is compared with large countries.
    """
    options: dict[str, object] = {
        "regions": _comma(regions) or None,
        "year": _list(year),
        "pue": _list(pue),
        "intensity": _list(intensity),
        "hours": hours,
        "region": region,
        "config": config,
    }
    with tempfile.TemporaryDirectory(prefix="carbon-report-") as folder:
        paths = []
        for at, source in enumerate(sources):
            if isinstance(source, Report):
                saved = os.path.join(folder, f"report-{at}.json")
                source.to_json(saved)
                paths.append(saved)
            else:
                paths.append(_path(source))
        out = os.path.join(folder, "compared.json")
        answer = _command.run(["compare", f"--output={out}", *flags(options), "--", *paths]).checked()
        with open(out, encoding="utf-8") as compared:
            return _report(replace(answer, output=compared.read()))


def flags(options: Mapping[str, object]) -> Iterable[str]:
    """Options as the command takes them. None and False are not given; a list is given once for each of its items."""
    for name, value in options.items():
        if isinstance(value, bool):
            if value:
                yield f"--{name}"
            continue
        for item in value if isinstance(value, (list, tuple)) else [value]:
            if item is not None:
                # One argument, so that a value that starts with a dash is still a value.
                yield f"--{name}={_text(item)}"


def _list(items: float | Sequence[float]) -> list[float]:
    return list(items) if isinstance(items, (list, tuple, range)) else [items]  # type: ignore[list-item]


def _comma(items: str | Sequence[str] | None) -> str | None:
    return items if items is None or isinstance(items, str) else ",".join(items)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return os.fspath(value) if isinstance(value, os.PathLike) else str(value)


def _path(path: PathLike) -> str:
    """The path as it is given, but never standard input."""
    text = os.fspath(path)
    return os.path.join(os.curdir, text) if text == "-" else text


def _report(answer: Answer) -> Report:
    if answer.status == 1:
        told = [message.text for message in answer.messages if message.severity in ("error", "warning")]
        warnings.warn("; ".join(told) or "not every log could be used", CarbonReportWarning, stacklevel=3)
    return Report(answer.output)
