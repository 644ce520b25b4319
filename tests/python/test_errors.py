"""What goes wrong is an exception in the command's own words, with a way out."""

import carbon_report
import pytest
from carbon_report import CarbonReportError, CarbonReportWarning
from conftest import DIGITS


@pytest.mark.parametrize(
    ("paths", "options", "message", "hint"),
    [
        ((), {}, "found no path", "carbon-report logs/"),
        (("nowhere",), {}, "nowhere: found nothing there", None),
        ((DIGITS,), {"region": "Frence"}, 'unknown zone "Frence"', "FR (France)"),
        ((DIGITS,), {"pue": 0.5}, "pue", None),
        ((DIGITS,), {"limits": {"nothing": 1}}, "nothing", None),
        ((DIGITS,), {"region": "--strict"}, "--strict", None),
        ((DIGITS,), {"threads": -1}, "-1", None),
    ],
)
def test_nothing_made_is_an_error(paths, options, message, hint):
    with pytest.raises(CarbonReportError) as caught:
        carbon_report.read(*paths, **options)
    assert message in caught.value.message
    assert hint is None or hint in caught.value.hint
    assert str(caught.value).startswith(caught.value.message)


def test_a_folder_without_energy_is_an_error_with_a_hint(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing of use\n")
    with pytest.raises(CarbonReportError, match="nothing about energy|says anything about energy|says nothing") as caught:
        carbon_report.read(tmp_path)
    assert "carbon-report formats" in caught.value.hint


def test_a_named_path_that_cannot_be_used_is_a_warning(hour, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.warns(CarbonReportWarning, match="other.csv"):
        report = carbon_report.read(hour, other)
    assert report.it_energy_kwh.value == pytest.approx(0.3, rel=1e-9)


def test_what_is_no_report_is_refused(tmp_path):
    path = tmp_path / "report.json"
    for text in ("", "[]", '{"schema": "other/1"}', '{"schema": 1}'):
        path.write_text(text)
        with pytest.raises(CarbonReportError):
            carbon_report.load(path)
    with pytest.raises(CarbonReportError, match="could not be read"):
        carbon_report.load(tmp_path / "none.json")


def test_the_error_of_a_wrong_template_is_told(digits, tmp_path):
    template = tmp_path / "mine.md"
    template.write_text("{{ report.no_such_field }}")
    with pytest.raises(CarbonReportError):
        digits.render("markdown", template=template)
