"""Numbers, documents and display of a report."""

import base64
import gzip
import json
import re
from html.parser import HTMLParser

import carbon_report
import pytest
from conftest import DIGITS


def test_an_hour_at_300_watts_is_a_sum_by_hand(hour):
    report = carbon_report.read(hour, pue=1.2, intensity=100)
    assert report.it_energy_kwh.value == pytest.approx(0.3, rel=1e-9)
    assert report.energy_kwh.value == pytest.approx(0.36, rel=1e-9)
    assert report.emissions_kgco2e.value == pytest.approx(0.036, rel=1e-9)
    assert report.pue.value == 1.2
    assert report.carbon_intensity_gco2e_per_kwh.value == 100
    assert report.duration_s == 3600
    assert report.measured_share == 1
    assert report.emissions_kgco2e.low < float(report.emissions_kgco2e) < report.emissions_kgco2e.high
    assert report.emissions_kgco2e.unit == "kgCO2e" and report.energy_kwh.unit == "kWh"


def test_what_is_not_known_is_none(hour):
    report = carbon_report.read(hour)
    assert report.market_based_kgco2e is None and report.embodied_kgco2e is None
    assert carbon_report.read(hour, market=10).market_based_kgco2e.value == pytest.approx(0.003, rel=1e-9)


def test_keywords_are_heeded(hour):
    from datetime import datetime, timezone

    half = carbon_report.read(hour / "gpu.csv", from_="2025-06-12T14:30:00", title="Half")
    assert half.it_energy_kwh.value == pytest.approx(0.15, rel=1e-9)
    assert half.to_dict()["title"] == "Half"
    until = carbon_report.read([hour / "gpu.csv"][0], tz="UTC", to=datetime(2025, 6, 12, 14, 20, tzinfo=timezone.utc))
    assert until.it_energy_kwh.value == pytest.approx(0.1, rel=1e-9)


def test_other_places_are_sums_by_hand(hour):
    report = carbon_report.read(hour, pue=1.2, intensity=100)
    elsewhere = carbon_report.compare(report, intensity=[50, 200])
    rows = sorted(row["emissions_kgco2e"]["value"] for row in elsewhere.to_dict()["comparison"])
    assert rows[0] == pytest.approx(0.018, rel=1e-9) and rows[-1] == pytest.approx(0.072, rel=1e-9)
    assert elsewhere.emissions_kgco2e == report.emissions_kgco2e
    assert [row["zone"] for row in carbon_report.compare(hour, region="FR", regions=["SE", "PL"]).to_dict()["comparison"]]


def test_documents_are_those_of_the_command(digits, native):
    direct = [DIGITS, "--region", "FR", "--quiet", "--format"]
    assert digits.to_json() == native(*direct, "json")
    assert digits.to_markdown() == native(*direct, "markdown")
    assert digits.to_markdown(length="short") == native(*direct, "markdown", "--length", "short")
    assert digits.to_html() == native(*direct, "html")
    assert digits.to_html(fragment=True) == native(*direct, "html", "--fragment")
    assert digits.front_matter() == native(*direct, "yaml")
    assert digits.to_dict() == json.loads(native(*direct, "json"))


def test_attributes_are_the_fields_of_the_report(digits):
    document = digits.to_dict()
    for quantity, fields in (
        (digits.emissions_kgco2e, document["emissions"]["operational_kgco2e"]),
        (digits.total_kgco2e, document["emissions"]["total_kgco2e"]),
        (digits.energy_kwh, document["energy"]["it_kwh"]),
        (digits.logged_energy_kwh, document["energy"]["logged_kwh"]),
        (digits.logged_kgco2e, document["emissions"]["logged_kgco2e"]),
        (digits.it_energy_kwh, document["energy"]["it_kwh"]),
    ):
        assert vars(quantity) == fields
        assert fields["text"] in str(quantity)
    assert digits.headline == str(digits) == document["headline"]["sentence"]
    assert [note.code for note in digits.notes] == [note["code"] for note in document["quality"]]
    document.clear()
    assert digits.to_dict(), "the copy was the report itself"


def test_files(digits, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert digits.to_html("card.html") == (tmp_path / "card.html").read_text()
    assert digits.to_markdown("-o.md", length="short") == (tmp_path / "-o.md").read_text()
    digits.to_json("report.json")
    assert carbon_report.load("report.json") == digits
    assert carbon_report.load("report.json").to_markdown() == digits.to_markdown()


def test_update_touches_the_section_alone(digits, tmp_path):
    card = tmp_path / "README.md"
    card.write_text("# Model\n\nbefore\n\n<!-- carbon-report:start -->\n<!-- carbon-report:end -->\n\nafter\n")
    assert digits.update(card) is True
    text = card.read_text()
    assert digits.emissions_kgco2e.text in text and text.startswith("# Model\n\nbefore\n") and text.endswith("\n\nafter\n")
    assert digits.update(card) is False
    bare = tmp_path / "bare.md"
    bare.write_text("# Model\n")
    with pytest.raises(carbon_report.CarbonReportError, match="markers") as caught:
        digits.update(bare)
    assert "--append" in caught.value.hint and bare.read_text() == "# Model\n"
    assert digits.update(bare, append=True) is True


def test_pandas_has_the_rows_of_the_report(digits):
    frame = digits.to_pandas()
    activities = digits.to_dict()["activities"]
    assert list(frame["energy_kwh"]) == [activity["energy_kwh"]["value"] for activity in activities]
    assert list(frame["component"]) == [activity["component"] for activity in activities]
    assert [str(stamp) for stamp in frame["start"]] == [activity["period"]["start"].replace("T", " ") for activity in activities]
    assert frame["duration_s"].dtype == frame["emissions_kgco2e"].dtype == "float64"


def test_pandas_takes_names_for_names_and_stamps_for_stamps(tmp_path):
    rows = "".join(f"2025/06/12 14:00:{second:02}.000, 0, 007, {power} W\n" for second, power in enumerate((100, 100, 300, 300, 300)))
    for host in ("NA", "nan"):
        (tmp_path / host).mkdir()
        (tmp_path / host / "gpu.csv").write_text("timestamp, index, uuid, power.draw [W]\n" + rows.replace("007", f"GPU-{host}"))
    report = carbon_report.read(tmp_path, region="FR")
    frame = report.to_pandas()
    assert set(frame["host"].dropna()) <= {"NA", "nan"} and all(isinstance(device, str) for device in frame["device"])
    assert str(frame["start"].dtype).startswith("datetime64")
    power = report.to_pandas("timeline")
    assert list(power.columns) == ["gpu"] and str(power.index[0]) == "2025-06-12 14:00:00"
    assert len(power) == len(report.to_dict()["timeline"]["series"][0]["mean_power_w"])
    assert power["gpu"].iloc[-1] == pytest.approx(600)
    assert carbon_report.estimate(energy=1).to_pandas("timeline").empty


class Seen(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.images, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, attrs))
        if tag == "img":
            self.images.append(dict(attrs))

    def handle_data(self, data):
        self.text += data


def test_a_notebook_gets_plain_html_markdown_and_text(digits):
    bundle = digits._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/markdown", "text/plain"}
    assert bundle["text/markdown"] == digits._repr_markdown_() == digits.to_markdown()
    assert bundle["text/plain"] == digits.headline
    assert bundle["text/html"] == digits._repr_html_() == digits.static()._repr_html_()
    seen = Seen(bundle["text/html"])
    assert digits.headline in seen.text
    assert not {tag for tag, _ in seen.tags} & {"style", "script", "svg", "link", "iframe"}
    names = {name for _, attrs in seen.tags for name, _ in attrs}
    assert names <= {"href", "rel", "scope", "src", "alt", "open", "colspan", "rowspan", "datetime"}, names
    charts = digits.render("html", fragment=True).count("<svg")
    assert len(seen.images) == charts >= 2
    for image in seen.images:
        svg = base64.b64decode(image["src"].removeprefix("data:image/svg+xml;base64,")).decode()
        assert svg.startswith("<svg ") and svg.endswith("</svg>")
        title = re.search("<title>(.*?)</title>", svg)[1]
        assert image["alt"].startswith(title)


def test_text_of_hostile_logs_stays_text():
    logs = DIGITS.parents[2] / "tests/documents/hostile"
    seen = Seen(carbon_report.read(logs, region="FR")._repr_html_())
    allowed = "section h2 h3 h4 p strong em code pre img ul li table thead tbody tr th td details summary a br div figure figcaption svg".split()
    assert {tag for tag, _ in seen.tags} <= set(allowed)
    for tag, attrs in seen.tags:
        for name, value in attrs:
            assert not name.startswith("on") and name not in ("style", "class")
            if name in ("href", "src"):
                assert value.startswith(("https://", "data:image/svg+xml;base64,")), value


def test_the_widget_holds_the_report_and_falls_back(digits):
    card = digits.widget()
    assert card.report == digits.to_dict()
    bundle = card._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/html"] == digits._repr_html_() and data["text/markdown"] == digits.to_markdown()
    assert card.static() is digits.static()
    script = gzip.decompress(base64.b64decode(re.search('"(H4sI[^"]+)"', card._esm)[1])).decode()
    assert "carbon-card" in script and not re.search(r"""\bimport\s*[("'{*]|/(home|root|tmp|Users)/""", script), "the card is more than one file"
    # Every card of a notebook carries it.
    assert len(card._esm) < 1_110_000


def test_the_element_is_written_for_pages(tmp_path):
    (tmp_path / "site/chunks").mkdir(parents=True)
    (tmp_path / "site/chunks/old.js").write_text("")
    (tmp_path / "site/mine.js").write_text("")
    script = carbon_report.save_element(tmp_path / "site")
    assert script == tmp_path / "site/element.js" and "carbon-card" in script.read_text()
    assert (tmp_path / "site/mine.js").exists() and not (tmp_path / "site/chunks/old.js").exists()
    for file in (tmp_path / "site").rglob("*.js"):
        for name in re.findall(r"""(?:\bfrom|\bimport\(|\bimport)\s*["'](\.[^"']+)""", file.read_text()):
            # A worker of a blob has no files beside it: where this one fails, it is started with what unpacks in its text.
            in_worker = (file.name, name) == ("worker.js", "./unpack.js")
            assert in_worker or (file.parent / name).is_file(), f"{file.name} asks for {name}"
    (tmp_path / "file").write_text("")
    with pytest.raises(carbon_report.CarbonReportError, match="could not be written"):
        carbon_report.save_element(tmp_path / "file")
