"""From logs to a report: the command with its options as keywords."""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from dataclasses import replace
from datetime import date, datetime
from typing import Iterable, Literal, Mapping, Sequence, TypedDict, Union

from . import _command
from ._command import Answer
from ._error import CarbonReportWarning
from ._report import Report

PathLike = Union[str, "os.PathLike[str]"]


class Phase(TypedDict, total=False):
    """A stretch of work on some hardware, for `estimate`. What is left out is not known, and the report says what stands in for it."""

    #: What you call it.
    name: str
    #: What it was for; `final` where left out.
    kind: Literal["evaluation", "experiments", "failed", "final"]
    #: Accelerators: `8x A100-SXM4-80GB`, `TPU v3-32`.
    gpu: str | list[str]
    #: Processors by socket: `2x EPYC 7763`.
    cpu: str | list[str]
    #: Processor cores in use, where they are fewer than those of the processors.
    cpu_cores: float
    #: Rated power of one core, W, for a processor that no table has.
    cpu_core_w: float
    #: Memory of all machines together, GB.
    memory_gb: float
    #: Number of machines of this kind: multiplies devices, cores and memory.
    nodes: int
    #: Hours on the clock.
    hours: float
    #: Hours summed over all devices, instead of `hours`.
    device_hours: float
    #: How many times it ran.
    repeats: float
    #: Mean utilisation of the accelerators (of the processors, where there are none), 0 to 1.
    utilisation: float
    #: Mean utilisation of the processors beside accelerators, 0 to 1.
    cpu_utilisation: float
    #: Rated power of one device, W, for hardware that no table has.
    tdp_w: float
    #: Mean power of all that it ran on, W, where somebody measured it.
    power_w: float
    #: Electricity of all that it ran on, without the building, kWh, where somebody states it.
    energy_kwh: float
    #: Zone or cloud region.
    region: str
    #: Power usage effectiveness of the building.
    pue: float
    #: Carbon intensity, gCO2e per kWh.
    intensity_g_per_kwh: float
    #: Offsets that somebody bought for it, kg: told, never subtracted.
    offsets_kg: float
    #: Year, for the carbon intensity and the PUE.
    year: int
    #: First instant; with it, logs of the same time come before the estimate.
    start: str | date
    #: Last instant.
    end: str | date


def read(
    *paths: PathLike,
    # Keywords of read, made from core/src/options:
    region: str | None = None,
    pue: float | None = None,
    intensity: float | PathLike | None = None,
    basis: Literal["lifecycle", "direct"] | None = None,
    boundary: Literal["machine", "logged"] | None = None,
    factors: PathLike | Sequence[PathLike] = (),
    year: int | None = None,
    market: float | None = None,
    tdp: float | None = None,
    embodied: bool = False,
    lifetime_years: float | None = None,
    carbon_budget: str | None = None,
    predict_epochs: int | None = None,
    compare: str | Sequence[str] = (),
    training_type: Literal["pre-training", "fine-tuning"] | None = None,
    interval: str | float | None = None,
    tz: str | None = None,
    from_: str | datetime | None = None,
    to: str | datetime | None = None,
    columns: str | Sequence[str] = (),
    formats: PathLike | Sequence[PathLike] = (),
    only: str | Sequence[str] = (),
    memory: str | float | None = None,
    as_logged: bool = False,
    fill_gaps: bool = False,
    running: str | Sequence[str] = (),
    strict: bool = False,
    title: str | None = None,
    config: PathLike | None = None,
    threads: int | None = None,
    sha256: bool = False,
    limits: Mapping[str, int] | None = None,
    # Until here.
) -> Report:
    """The report of logs, or of folders of logs.

        carbon_report.read("logs/", region="gcp:europe-west4", pue=1.1)

    Keywords are the command's options, `from_` for `--from`; `carbon-report --help` says what each means. A settings
    file named by `config` holds the same; a `carbon-report.toml` beside the logs says what logs can say, and counts as said by them. Keywords win. Paths appear in the report as they are given.

    Raises CarbonReportError, with a hint where there is one, when nothing could be made, or with `strict` when the logs hold an error.
    Warns with CarbonReportWarning when a report was made without a path that was named.
    """
    options = _options(locals())
    return _account(["--format", "json", *flags(options), "--", *map(_path, paths)], strict)


def estimate(
    *paths: PathLike,
    # Keywords of estimate, made from core/src/options:
    gpu: str | Sequence[str] = (),
    cpu: str | Sequence[str] = (),
    memory: str | float | None = None,
    nodes: int | None = None,
    hours: float | None = None,
    device_hours: float | None = None,
    repeats: float | None = None,
    utilisation: float | None = None,
    cpu_utilisation: float | None = None,
    cpu_cores: float | None = None,
    cpu_core_w: float | None = None,
    power: float | None = None,
    energy: float | None = None,
    phases: PathLike | Sequence[Phase] | None = None,
    method: str | None = None,
    region: str | None = None,
    pue: float | None = None,
    intensity: float | PathLike | None = None,
    basis: Literal["lifecycle", "direct"] | None = None,
    boundary: Literal["machine", "logged"] | None = None,
    factors: PathLike | Sequence[PathLike] = (),
    year: int | None = None,
    market: float | None = None,
    tdp: float | None = None,
    embodied: bool = False,
    lifetime_years: float | None = None,
    carbon_budget: str | None = None,
    predict_epochs: int | None = None,
    compare: str | Sequence[str] = (),
    training_type: Literal["pre-training", "fine-tuning"] | None = None,
    interval: str | float | None = None,
    tz: str | None = None,
    from_: str | datetime | None = None,
    to: str | datetime | None = None,
    columns: str | Sequence[str] = (),
    as_logged: bool = False,
    fill_gaps: bool = False,
    strict: bool = False,
    title: str | None = None,
    config: PathLike | None = None,
    # Until here.
) -> Report:
    """The report of a training without logs, from its hardware, hours and place.

        carbon_report.estimate(gpu="8x A100-SXM4-80GB", hours=24, region="gcp:europe-west4")
        carbon_report.estimate(cpu="2x Xeon E5-2683 v4", memory="128GB", hours=10, utilisation=0.5, region="FR")
        carbon_report.estimate(region="FR", phases=[
            {"kind": "experiments", "gpu": "4x A100-SXM4-40GB", "hours": 300, "utilisation": 0.6},
            {"kind": "final", "gpu": "8x A100-SXM4-80GB", "hours": 24},
        ])

    `gpu` and `cpu` are a number and a model, or several of them. `hours` are hours on the clock, `device_hours` hours summed over all devices.
    `tdp` (W of one device) is for hardware that no table has; `power` (W) and `energy` (kWh) of everything are for what somebody measured.

    `phases` are what the training is made of, or a TOML or JSON file of them; place, PUE and year of the keywords hold for phases that leave them
    out. `paths` are logs of other runs, to stand in the same report. `method` is how it is estimated: `carbon-report`, or another calculator's way
    (`mlco2`, `green-algorithms`, `strubell`, `carbontracker`). What was not given stands in the report under assumptions, with its spread in the
    interval.

    Keywords are the command's options; `carbon-report estimate --help` says what each means. Raises CarbonReportError as `read` does.
    """
    options = _options(locals())
    if phases is None or isinstance(phases, (str, os.PathLike)):
        return _account(["estimate", "--format", "json", *flags(options), "--", *map(_path, paths)], strict)
    with tempfile.TemporaryDirectory(prefix="carbon-report-") as folder:
        file = os.path.join(folder, "phases.json")
        with open(file, "w", encoding="utf-8") as out:
            json.dump({"phase": list(phases)}, out, default=_text, indent=1)
        return _account(["estimate", "--format", "json", *flags({**options, "phases": file}), "--", *map(_path, paths)], strict)


def compare(
    *sources: Report | PathLike,
    regions: str | Sequence[str] = (),
    year: int | Sequence[int] = (),
    pue: float | Sequence[float] = (),
    intensity: float | Sequence[float] = (),
    hours: PathLike | None = None,
    region: str | None = None,
    tz: str | None = None,
    config: PathLike | None = None,
) -> Report:
    """The report with its energy under other factors, in `to_dict()["comparison"]` and in its documents.

        carbon_report.compare(report, regions=["SE", "gcp:europe-west4"])

    `sources` is a report, or logs with their `region` and `tz`. Without other keywords the report is compared with large countries.
    """
    options: dict[str, object] = {
        "regions": _comma(regions) or None,
        "year": _list(year),
        "pue": _list(pue),
        "intensity": _list(intensity),
        "hours": hours,
        "region": region,
        "tz": tz,
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


def _account(arguments: Sequence[str], strict: bool) -> Report:
    answer = _command.run(arguments).checked()
    if answer.status == 1 and strict:
        raise answer.error()
    return _report(answer, level=4)


def _options(keywords: Mapping[str, object]) -> dict[str, object]:
    """Keywords of `read` and `estimate` as the command's options."""
    options = {name.rstrip("_").replace("_", "-"): value for name, value in keywords.items() if name != "paths"}
    limits = options.pop("limits", None)
    if isinstance(limits, Mapping):
        options["limit"] = [f"{name}={value}" for name, value in limits.items()]
    return options


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
    if isinstance(value, date):
        return value.isoformat()
    return os.fspath(value) if isinstance(value, os.PathLike) else str(value)


def _path(path: PathLike) -> str:
    """The path as it is given, but never standard input."""
    text = os.fspath(path)
    return os.path.join(os.curdir, text) if text == "-" else text


def _report(answer: Answer, level: int = 3) -> Report:
    if answer.status == 1:
        told = [message.text for message in answer.messages if message.severity in ("error", "warning")]
        warnings.warn("; ".join(told) or "not every log could be used", CarbonReportWarning, stacklevel=level)
    return Report(answer.output)
