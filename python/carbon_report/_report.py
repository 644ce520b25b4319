"""A report: numbers as attributes, documents as methods."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Mapping

from . import _command, _web
from ._error import CarbonReportError
from ._static import Static, plain_html

if TYPE_CHECKING:
    import pandas

    from ._widget import CarbonCard


#: Columns of the command's CSV that are text, whatever they look like.
_TEXTS = ("host", "component", "device", "model", "basis", "method", "factors", "inputs")


@dataclass(frozen=True)
class Quantity:
    """A value with its 95 % interval; all three numbers are in `unit`."""

    value: float
    low: float
    high: float
    unit: str
    #: The value as people read it, rounded to what the interval supports: `337 kg`.
    text: str
    #: The interval as people read it: `291 to 386 kg`; empty where none was assessed.
    interval_text: str = ""

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        return f"{self.text} (95% interval {self.interval_text})" if self.interval_text else self.text


@dataclass(frozen=True)
class Note:
    """Something that a reader must know of the data; `carbon-report explain CODE` says what it means."""

    code: str
    severity: str
    message: str
    place: str | None = None
    hint: str | None = None


class Report:
    """What was used, what it emitted, and where every figure comes from.

    A notebook shows it as the card, without JavaScript, so that GitHub and nbconvert show it too; `widget()` is the card to work with.
    What is not known is None, never 0.
    """

    def __init__(self, text: str) -> None:
        """From the text of a JSON report, which is kept as the command wrote it."""
        try:
            document = json.loads(text)
        except ValueError as error:
            raise CarbonReportError(f"the report is no JSON: {error}") from error
        schema = document.get("schema") if isinstance(document, dict) else None
        if not isinstance(schema, str) or not schema.startswith("carbon-report/"):
            raise CarbonReportError(f"schema: found {schema!r}, expected a report of carbon-report", "`-o report.json` writes one")
        self._text = text
        self._document: dict[str, Any] = document

    # Numbers.

    @property
    def emissions_kgco2e(self) -> Quantity | None:
        """Operational emissions, location-based: the number of the headline, of what `boundary` and `facility` say."""
        return self._quantity("emissions", "operational_kgco2e")

    @property
    def logged_kgco2e(self) -> Quantity | None:
        """Emissions of what the logs hold alone, without the rest of the computers and the building."""
        return self._quantity("emissions", "logged_kgco2e")

    @property
    def boundary(self) -> str:
        """What the headline is of: `machine`, the whole computers, or `logged`, the parts of them that the logs hold."""
        return str(self._document["headline"]["boundary"])

    @property
    def facility(self) -> bool:
        """Whether the building is in the headline, by a PUE that is stated or published for the place."""
        return bool(self._document["headline"]["facility"])

    @property
    def market_based_kgco2e(self) -> Quantity | None:
        """The same with the factor of the electricity contract, where it was given."""
        return self._quantity("emissions", "market_based_kgco2e")

    @property
    def embodied_kgco2e(self) -> Quantity | None:
        """Share of the hardware's manufacture, where it was asked for."""
        return self._quantity("emissions", "embodied_kgco2e")

    @property
    def total_kgco2e(self) -> Quantity | None:
        """Operational and, where it was asked for, embodied emissions."""
        return self._quantity("emissions", "total_kgco2e")

    @property
    def energy_kwh(self) -> Quantity | None:
        """Electricity of what the headline is of: at the building's meter where a PUE is known, else of the computers."""
        return self._quantity("energy", "facility_kwh" if self.facility else "it_kwh")

    @property
    def it_energy_kwh(self) -> Quantity | None:
        """Electricity of the computers: what the logs hold, and the rest of the machines by estimate."""
        return self._quantity("energy", "it_kwh")

    @property
    def logged_energy_kwh(self) -> Quantity | None:
        """Electricity of the parts of the computers that the logs hold."""
        return self._quantity("energy", "logged_kwh")

    @property
    def rest_energy_kwh(self) -> Quantity | None:
        """Electricity of the rest of the computers, by estimate; `None` where nothing is added."""
        return self._quantity("energy", "rest_kwh")

    @property
    def carbon_intensity_gco2e_per_kwh(self) -> Quantity | None:
        """Carbon intensity of the whole, weighted by energy."""
        return _quantity(self._document.get("carbon_intensity_gco2e_per_kwh"))

    @property
    def pue(self) -> Quantity | None:
        """Power usage effectiveness of the whole, weighted by energy."""
        return _quantity(self._document.get("pue"))

    @property
    def duration_s(self) -> float | None:
        """From the first to the last instant that counts, in seconds."""
        return (self._document.get("period") or {}).get("duration_s")

    @property
    def measured_share(self) -> float | None:
        """Share of the energy of the computers that a sensor measured, 0 to 1."""
        return (self._document.get("energy") or {}).get("measured_share")

    @property
    def headline(self) -> str:
        """One sentence with the number, its interval and what it is of."""
        return str(self._document["headline"]["sentence"])

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is known of the quality of the data."""
        fields = ("code", "severity", "message", "place", "hint")
        return tuple(Note(**{name: note.get(name) for name in fields}) for note in self._document.get("quality", []))

    def _quantity(self, part: str, name: str) -> Quantity | None:
        return _quantity((self._document.get(part) or {}).get(name))

    # Data.

    def to_dict(self) -> dict[str, Any]:
        """The whole report, as the JSON Schema of the project describes it; a copy that is yours."""
        return dict(json.loads(self._text))

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """The report as JSON, byte for byte as the command writes it; with `path`, also into that file."""
        return self._document_of("json", path)

    def to_pandas(self, table: Literal["activities", "timeline"] = "activities") -> pandas.DataFrame:
        """Energy and emissions of every device, one row each, as the command's CSV has them; or `timeline`, mean power by component over time, in W.

        What is not known is missing. Stamps are without a zone where the logs do not say one. Needs pandas.
        """
        import io

        try:
            import pandas
        except ImportError as error:
            raise CarbonReportError("pandas is not installed", "pip install 'carbon-report[pandas]'") from error
        if table == "timeline":
            timeline = self._document.get("timeline") or {"start": "1970-01-01", "step_s": 1, "series": []}
            powers = pandas.DataFrame({series["component"]: series["mean_power_w"] for series in timeline["series"]}, dtype="float64")
            starts = pandas.date_range(timeline["start"], periods=len(powers), freq=pandas.Timedelta(seconds=timeline["step_s"]), name="start")
            return powers.set_index(starts)
        # A host may be called NA, and a device 007.
        frame = pandas.read_csv(io.StringIO(self.render("csv")), dtype={name: "object" for name in _TEXTS}, keep_default_na=False, na_values=[""])
        for name in ("start", "end"):
            frame[name] = pandas.to_datetime(frame[name], format="ISO8601")
        return frame

    # Documents.

    def render(self, format: str, *, length: str | None = None, fragment: bool = False, template: str | os.PathLike[str] | None = None) -> str:
        """A document in a format of the command: `markdown`, `mdx`, `html`, `json`, `yaml`, `csv`, `latex`, `svg`."""
        arguments = ["--format", format]
        if length is not None:
            arguments += ["--length", length]
        if template is not None:
            arguments += ["--template", os.fspath(template)]
        if fragment:
            arguments.append("--fragment")
        return self._run(arguments)

    def to_markdown(self, path: str | os.PathLike[str] | None = None, *, length: str | None = None) -> str:
        """The section of a model card; `length` is `short`, `standard` or `full`. With `path`, also into that file, between its markers."""
        return self._document_of("markdown", path, length=length)

    def to_html(self, path: str | os.PathLike[str] | None = None, *, length: str | None = None, fragment: bool = False) -> str:
        """A self-contained page, or with `fragment` a section to stand in one. With `path`, also into that file."""
        return self._document_of("html", path, length=length, fragment=fragment)

    def front_matter(self) -> str:
        """The `co2_eq_emissions` block of a model card's front matter, in YAML."""
        return self.render("yaml")

    def update(self, path: str | os.PathLike[str], *, append: bool = False) -> bool:
        """Replaces the section between the markers of a Markdown file, and `co2_eq_emissions` in its front matter; nothing else is touched.

        `append` puts the section at the end of a file without markers. Returns whether the file changed.
        """
        target = Path(path)
        before = target.read_bytes() if target.is_file() else None
        self._run([f"--output={_plain(path)}", *(["--append"] if append else [])])
        return target.read_bytes() != before

    def _document_of(self, format: str, path: str | os.PathLike[str] | None, *, length: str | None = None, fragment: bool = False) -> str:
        if path is not None:
            arguments = ["--format", format, f"--output={_plain(path)}"]
            self._run(arguments + (["--length", length] if length else []) + (["--fragment"] if fragment else []))
        return self._text if format == "json" else self.render(format, length=length, fragment=fragment)

    def _run(self, arguments: list[str]) -> str:
        with tempfile.TemporaryDirectory(prefix="carbon-report-") as folder:
            saved = Path(folder) / "report.json"
            saved.write_text(self._text, encoding="utf-8", newline="")
            return _command.run(["--quiet", *arguments, "--", str(saved)]).checked().output

    # Display.

    @cached_property
    def _static(self) -> Static:
        return Static(self.headline, self.to_markdown(), plain_html(self.render("html", fragment=True)))

    def static(self) -> Static:
        """The card without JavaScript: what a notebook shows of the report itself."""
        return self._static

    def widget(self) -> CarbonCard:
        """The card to work with: `<carbon-card>`, with a what-if of place, year and PUE that runs in the browser. Needs anywidget."""
        _web.checked(_web.WIDGET)
        try:
            from ._widget import CarbonCard
        except ImportError as error:
            raise CarbonReportError("the widget needs anywidget, which is not installed", "pip install 'carbon-report[widget]'") from error
        return CarbonCard(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Mapping[str, str]:
        return self._static._repr_mimebundle_(include, exclude)

    def _repr_html_(self) -> str:
        return self._static.html

    def _repr_markdown_(self) -> str:
        return self._static.markdown

    def __repr__(self) -> str:
        number = self._document["headline"].get("number")
        return f"<carbon_report.Report: {number or 'the energy is not known'}>"

    def __str__(self) -> str:
        return self.headline

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, Report) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)


def load(path: str | os.PathLike[str]) -> Report:
    """A report that was saved as JSON. Its numbers stay as they are."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CarbonReportError(f"{os.fspath(path)} could not be read: {error}") from error
    return Report(text)


def _quantity(found: Mapping[str, Any] | None) -> Quantity | None:
    if found is None:
        return None
    return Quantity(found["value"], found["low"], found["high"], found["unit"], found["text"], found.get("interval_text", ""))


def _plain(path: str | os.PathLike[str]) -> str:
    """A path that is never standard output."""
    text = os.fspath(path)
    return os.path.join(os.curdir, text) if text == "-" else text
