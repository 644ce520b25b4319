"""A training without logs: sums by hand, the command's own figures, and what can't be estimated."""

import json
from datetime import date, datetime, timezone

import carbon_report
import pytest
from carbon_report import CarbonReportError
from conftest import DIGITS

#: 8 devices of 400 W each.
GPU = "8x A100-SXM4-80GB"


def test_measured_power_and_stated_energy_are_sums_by_hand():
    report = carbon_report.estimate(power=300, hours=2, pue=1.2, intensity=100)
    assert report.it_energy_kwh.value == pytest.approx(0.6, rel=1e-9)
    assert report.energy_kwh.value == pytest.approx(0.72, rel=1e-9)
    assert report.emissions_kgco2e.value == pytest.approx(0.072, rel=1e-9)
    assert report.measured_share == 0
    assert "By estimate" in report.headline
    stated = carbon_report.estimate(energy=50, repeats=3, pue=1.1, intensity=200)
    assert stated.emissions_kgco2e.value == pytest.approx(50 * 3 * 1.1 * 0.2, rel=1e-9)


def test_another_calculators_method_is_its_sum():
    # ML CO2 Impact: rated power x time x intensity, nothing else.
    report = carbon_report.estimate(gpu=GPU, hours=24, intensity=100, method="mlco2")
    assert report.emissions_kgco2e.value == pytest.approx(8 * 400 * 24 / 1000 * 0.1, rel=1e-9)
    # Green Algorithms: (cores x rated power x usage + memory x 0.3725 W/GB) x time x PUE.
    report = carbon_report.estimate(gpu="2x 100 W card", tdp=100, memory=64, hours=10, utilisation=0.5, pue=1.5, intensity=100, method="green-algorithms")
    assert report.energy_kwh.value == pytest.approx((2 * 100 * 0.5 + 64 * 0.3725) * 10 / 1000 * 1.5, rel=1e-6)


@pytest.mark.parametrize(
    ("keywords", "flags"),
    [
        ({"gpu": GPU, "hours": 24, "region": "gcp:europe-west4"}, ["--gpu", GPU, "--hours", "24", "--region", "gcp:europe-west4"]),
        (
            {"gpu": ["4x V100", "T4"], "cpu": "2x EPYC 7763", "memory": "512GB", "nodes": 2, "device_hours": 7.5, "utilisation": 0.7, "year": 2022, "pue": 1.3},
            ["--gpu", "4x V100", "--gpu", "T4", "--cpu", "2x EPYC 7763", "--memory", "512GB", "--nodes", "2", "--device-hours", "7.5"]
            + ["--utilisation", "0.7", "--year", "2022", "--pue", "1.3"],
        ),
        ({"gpu": GPU, "hours": 1, "region": "FR", "embodied": True, "title": "a, b"}, ["--gpu", GPU, "--hours", "1", "--region", "FR", "--embodied", "--title", "a, b"]),
    ],
)
def test_the_figures_are_those_of_the_command(keywords, flags, native):
    ours = carbon_report.estimate(**keywords).to_dict()
    theirs = json.loads(native("estimate", *flags, "--quiet", "--format", "json"))
    for report in (ours, theirs):
        report.pop("reproduce", None)
    assert ours == theirs and ours["energy"]["it_kwh"]["value"] > 0


def test_phases_are_told_apart_and_added(tmp_path):
    phases: list[carbon_report.Phase] = [
        {"name": "Suche «ä»\t\x7f", "kind": "experiments", "power_w": 100, "hours": 5, "intensity_g_per_kwh": 100},
        {"kind": "final", "power_w": 1000, "hours": 1, "start": datetime(2025, 6, 12, 14, tzinfo=timezone.utc), "pue": 2},
        {"kind": "failed", "power_w": 200, "hours": 1, "start": date(2024, 1, 1), "region": "SE"},
    ]
    report = carbon_report.estimate(phases=phases, pue=1, intensity=500)
    assert report.it_energy_kwh.value == pytest.approx(1.7, rel=1e-9)
    assert report.emissions_kgco2e.value > 0.05 + 2 * 0.5
    assert len(report.to_dict()["activities"]) == 3
    assert report.to_dict()["period"]["start"].startswith("2024-01-01")
    (tmp_path / "phases.toml").write_text("[[phase]]\npower-w = 100\nhours = 5\n[[phase]]\npower-w = 1000\nhours = 1\n")
    assert carbon_report.estimate(phases=tmp_path / "phases.toml", intensity=100).it_energy_kwh.value == pytest.approx(1.5, rel=1e-9)


def test_an_estimate_stands_beside_logs_and_is_a_report_like_any_other(hour, tmp_path):
    both = carbon_report.estimate(hour, power=300, hours=1, pue=1.2, intensity=100)
    assert both.it_energy_kwh.value == pytest.approx(0.6, rel=1e-9) and both.measured_share == pytest.approx(0.5)
    both.to_json(tmp_path / "report.json")
    assert carbon_report.load(tmp_path / "report.json") == both
    assert both.emissions_kgco2e.text in both.to_markdown() and both.emissions_kgco2e.text in both._repr_html_()
    assert sorted(both.to_pandas()["basis"]) == ["estimated", "measured"]
    assert carbon_report.compare(both, intensity=[200]).to_dict()["comparison"]


@pytest.mark.parametrize(
    ("keywords", "message", "hint"),
    [
        ({}, "found no hardware", "--gpu"),
        ({"gpu": GPU}, "hours", None),
        ({"gpu": "8x Nonesuch 9000", "hours": 1}, "Nonesuch", None),
        ({"gpu": GPU, "hours": -1}, "hours", None),
        ({"gpu": GPU, "hours": float("nan")}, "hours", None),
        ({"gpu": GPU, "hours": 1, "method": "guess"}, "guess", None),
        ({"gpu": GPU, "hours": 1, "region": "Frence"}, 'unknown zone "Frence"', "FR (France)"),
        ({"phases": []}, "found no hardware", "--gpu"),
        ({"phases": [{"gpu": GPU, "hurs": 1}]}, "unknown field `hurs`", None),
        ({"phases": [{"gpu": GPU, "hours": "many"}]}, "phases", None),
        ({"phases": "nowhere.toml"}, "nowhere.toml", None),
        ({"paths": ["nowhere"], "power": 1, "hours": 1}, "nowhere: found nothing there", None),
    ],
)
def test_what_cannot_be_estimated_is_an_error(keywords, message, hint):
    keywords = dict(keywords)
    with pytest.raises(CarbonReportError) as caught:
        carbon_report.estimate(*keywords.pop("paths", ()), **keywords)
    assert message in caught.value.message
    assert hint is None or hint in (caught.value.hint or "")


def test_strict_fails_on_an_error_in_the_logs_beside_it():
    assert carbon_report.estimate(DIGITS, power=1, hours=1, region="FR", strict=True).emissions_kgco2e
