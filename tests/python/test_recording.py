"""`with record(…)` writes a log with marks, and leaves nothing running."""

import os

import carbon_report
import pytest


def test_a_block_is_logged_with_its_marks(tmp_path):
    with carbon_report.record(tmp_path / "logs", interval="200ms", labels={"run": "seven"}) as recording:
        assert carbon_report.mark("halfway", loss=0.25) is True
        process = recording._process
    assert process.returncode == 0
    assert "CARBON_REPORT_MARKS" not in os.environ
    text = "".join(path.read_text() for path in (tmp_path / "logs").iterdir())
    assert "halfway" in text and "0.25" in text and "seven" in text
    assert carbon_report.mark("after") is False


def test_an_error_in_the_block_is_the_callers(tmp_path):
    with pytest.raises(ZeroDivisionError):
        with carbon_report.record(tmp_path / "logs") as recording:
            process = recording._process
            1 / 0
    assert process.returncode == 0


def test_a_recorder_that_cannot_start_says_why(tmp_path):
    with pytest.raises(carbon_report.CarbonReportError, match="interval"):
        with carbon_report.record(tmp_path / "logs", interval="never"):
            raise AssertionError("not reached")
