"""Tables of Parquet by pyarrow and by trackio, read back by pyarrow."""

from collections import defaultdict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import pyarrow
import pytest
from pyarrow import parquet
from reports import formats, kwh, logged, same
from test_trackio import TRAINING

START = datetime(2026, 11, 29, 16, 0, tzinfo=timezone.utc)
EXPORT = """
import pathlib
from trackio.sqlite_storage import SQLiteStorage
SQLiteStorage.export_for_static_space("demo", pathlib.Path("out"))
"""


def test_what_trackio_exports(run, report, tmp_path):
    run(TRAINING, TRACKIO_DIR=str(tmp_path / "trackio"), HF_HUB_OFFLINE="1")
    run(EXPORT, TRACKIO_DIR=str(tmp_path / "trackio"), HF_HUB_OFFLINE="1")
    counters = defaultdict(list)
    for row in parquet.read_table(tmp_path / "out/aux/system_metrics.parquet").to_pylist():
        for name, value in row.items():
            if name.endswith("/energy_consumed") and value is not None:
                counters[row["run_id"], name].append(Fraction(str(value)))
    joules = sum(max(values) - min(values) for values in counters.values())
    assert len(counters) == 4 and joules > 1000
    read = report(tmp_path / "out/aux/system_metrics.parquet")
    assert formats(read) == ["trackio_csv"]
    assert logged(read) == same(kwh(joules))


def watts(row):
    return 100 + row * 37 % 101 + row % 8 / 8


def table(rows, **columns):
    stamps = [START + timedelta(seconds=row) for row in rows]
    return pyarrow.table({"time": pyarrow.array(stamps, pyarrow.timestamp("us", "UTC")), **columns})


def trapezoid(path, column, time="time"):
    """By pyarrow's own reading."""
    points = []
    for row in parquet.read_table(path).to_pylist():
        if row[column] is not None:
            points.append((Fraction(round((row[time] - START) / timedelta(microseconds=1)), 10**6), Fraction(str(row[column]))))
    return sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in zip(points, points[1:]))


def written(tmp_path, content, **options):
    parquet.write_table(content, tmp_path / "power.parquet", **options)
    return tmp_path / "power.parquet"


@pytest.mark.parametrize(
    "options",
    [
        {"compression": "none"},
        {"compression": "snappy"},
        {"compression": "gzip"},
        {"compression": "lz4"},
        {"compression": "zstd", "row_group_size": 700},
        {"data_page_version": "2.0"},
        {"data_page_size": 512, "use_dictionary": False},
        {"use_dictionary": False, "column_encoding": {"time": "DELTA_BINARY_PACKED", "gpu0_w": "BYTE_STREAM_SPLIT"}},
        {"write_page_index": True, "write_page_checksum": True},
    ],
    ids=str,
)
def test_ways_to_pack(report, tmp_path, options):
    rows = range(3000)
    path = written(tmp_path, table(rows, gpu0_w=pyarrow.array([watts(row) for row in rows])), **options)
    assert logged(report(path)) == same(kwh(trapezoid(path, "gpu0_w")))


@pytest.mark.parametrize(
    "kind",
    [
        pyarrow.float32(),
        pyarrow.float64(),
        pyarrow.int16(),
        pyarrow.uint32(),
        pyarrow.int64(),
        pyarrow.decimal128(9, 3),
        pyarrow.decimal128(30, 3),
    ],
    ids=str,
)
def test_kinds_of_numbers(report, tmp_path, kind):
    rows = range(200)
    convert = Decimal if pyarrow.types.is_decimal(kind) else float if pyarrow.types.is_floating(kind) else int
    readings = pyarrow.array([None if row % 50 == 7 else convert(int(8 * watts(row))) / 8 if convert is not int else int(watts(row)) for row in rows], kind)
    path = written(tmp_path, table(rows, gpu0_w=readings))
    assert logged(report(path)) == same(kwh(trapezoid(path, "gpu0_w")))


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", None])
def test_kinds_of_stamps(report, tmp_path, unit, zone):
    rows = range(100)
    stamps = pyarrow.array([(START + timedelta(seconds=1.25 * row)).replace(tzinfo=timezone.utc if zone else None) for row in rows], pyarrow.timestamp(unit, zone))
    path = written(tmp_path, pyarrow.table({"time": stamps, "gpu0_w": [watts(row) for row in rows]}))
    # Stamps without a zone are local ones.
    read = report(path, options=() if zone else ("--tz", "UTC"))
    joules = sum(Fraction(5, 4) * (Fraction(watts(row)) + Fraction(watts(row + 1))) / 2 for row in rows[:-1])
    assert logged(read) == same(kwh(joules))
    assert read["period"]["start"].startswith("2026-11-29T16:00:00")


def test_a_table_of_pandas_with_an_index_and_words(report, tmp_path):
    import pandas

    rows = range(60)
    index = pandas.date_range(START, periods=60, freq="s", name="time")
    frame = pandas.DataFrame({"gpu0_w": [watts(row) for row in rows], "note": ['a, "b"\nc'] * 60, "day": [date(2026, 11, 29)] * 60}, index=index)
    frame.to_parquet(tmp_path / "power.parquet")
    joules = sum((Fraction(watts(row)) + Fraction(watts(row + 1))) / 2 for row in rows[:-1])
    assert logged(report(tmp_path / "power.parquet")) == same(kwh(joules))


def test_a_table_of_pandas_that_lost_rows(report, tmp_path):
    """The numbers of the rows that are left stand in a column of their own."""
    import pandas

    frame = pandas.DataFrame({"time": pandas.date_range(START, periods=60, freq="s"), "gpu0_w": [watts(row) for row in range(60)]})
    frame.drop([5, 6, 23, 40]).to_parquet(tmp_path / "power.parquet")
    assert "__index_level_0__" in parquet.read_schema(tmp_path / "power.parquet").names
    assert logged(report(tmp_path / "power.parquet")) == same(kwh(trapezoid(tmp_path / "power.parquet", "gpu0_w")))


def test_a_set_of_data_is_no_log(report, tmp_path):
    rows = range(100_000)
    content = {"text": pyarrow.array([f"words of sample {row}" for row in rows]), "label": pyarrow.array([row % 7 for row in rows])}
    written(tmp_path, pyarrow.table(content))
    (tmp_path / "gpu.csv").write_text("time,gpu1_w\n2026-11-29T16:00:00Z,100\n2026-11-29T16:00:10Z,100\n")
    read = report(tmp_path)
    assert logged(read) == same(kwh(1000))
    assert not [note for note in read["quality"] if note["severity"] in ("warning", "error")]


def test_a_table_that_unpacks_to_too_much(report, tmp_path):
    """Four million rows that are the same take a few kilobytes."""
    rows = 4_000_000
    same_rows = {"time": pyarrow.array([START] * rows, pyarrow.timestamp("us", "UTC")), "gpu0_w": pyarrow.array([100.0] * rows)}
    path = written(tmp_path, pyarrow.table(same_rows))
    assert path.stat().st_size < 100_000
    (tmp_path / "gpu.csv").write_text("time,gpu1_w\n2026-11-29T16:00:00Z,100\n2026-11-29T16:00:10Z,100\n")
    read = report(path, tmp_path / "gpu.csv")
    told = [note["message"] for note in read["quality"] if note["code"] == "store-damaged"]
    assert len(told) == 1 and "limit `ratio`" in told[0]
    assert logged(read) == same(kwh(1000))
