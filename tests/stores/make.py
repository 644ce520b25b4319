"""Makes the stores of `tests/bad/store-*` anew with the tools themselves, over a library that answers for NVIDIA's: two cards whose power changes.

    pip install trackio==0.43.0 pandas pyarrow mlflow-skinny==3.17.2 sqlalchemy alembic psutil nvidia-ml-py wandb==0.31.0
    python make.py [trackio] [mlflow] [wandb] [parquet]

`nameless.py` takes the names of the machine out of them, and `energy.py` then says what is in them, for the `about.toml` beside each.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import nameless

HERE = Path(__file__).resolve().parent

TRACKIO = """
import os, time, trackio
for name in ("base", "fine-tuned/é"):
    trackio.init(project="demo", name=name, gpu_log_interval=1.0, cpu_log_interval=2.0, auto_log_gpu=True)
    for step in range(7):
        trackio.log({"loss": 1 / (step + 1)})
        time.sleep(1)
    trackio.finish()
"""

MLFLOW = """
import sys, time, mlflow
mlflow.set_tracking_uri("sqlite:///" + sys.argv[1])
mlflow.set_experiment("demo")
mlflow.set_system_metrics_sampling_interval(1)
mlflow.set_system_metrics_samples_before_logging(2)
for name in ("first", "second"):
    with mlflow.start_run(run_name=name, log_system_metrics=True):
        for step in range(9):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
            time.sleep(1)
"""

WANDB = """
import time, wandb
for name in ("first", "second"):
    settings = wandb.Settings(mode="offline", x_stats_sampling_interval=1.0, console="off", host="node7")
    with wandb.init(project="demo", name=name, settings=settings) as run:
        for step in range(8):
            run.log({"loss": 1 / (step + 1)})
            time.sleep(1)
"""


EXPORT = """
import pathlib, sys
from trackio.sqlite_storage import SQLiteStorage
SQLiteStorage.export_for_static_space("demo", pathlib.Path("out"), pathlib.Path(sys.argv[1]))
"""


def tables(folder):
    """A table of two cards as pandas writes it, in several groups of rows, beside a column of lists: 100 W and 200 W for 99 s."""
    import pyarrow
    from pyarrow import parquet

    rows = range(100)
    table = pyarrow.table(
        {
            "time": pyarrow.array([1764100000_000_000 + 1_000_000 * row for row in rows], pyarrow.timestamp("us", "UTC")),
            "gpu0_w": pyarrow.array([None if row == 50 else 100.0 for row in rows], pyarrow.float64()),
            "gpu1_w": pyarrow.array([200.0 for _ in rows], pyarrow.float32()),
            "state": pyarrow.array(["train, \"warm\"" if row < 10 else "train" for row in rows]).dictionary_encode(),
            "clocks": pyarrow.array([[1410, 1593] for _ in rows], pyarrow.list_(pyarrow.int32())),
        }
    )
    parquet.write_table(table, folder / "power.parquet", compression="zstd", row_group_size=40)


def odd_tables(folder):
    """What few tables have. Cards at 100, 200, 300 and 400 W for 99 s, as numbers of 16 bits and as decimals of 32, 128 and 256 bits, beside texts that are packed by
    what they have in common, keys of bytes, and groups without rows; and runs at 100 W for 59 s each, one without a name and one with neither name nor number."""
    from decimal import Decimal

    import pyarrow
    from pyarrow import parquet

    def numbers(watts, type):
        return pyarrow.array([Decimal(watts) for _ in range(100)], type)

    table = pyarrow.table(
        {
            "time": pyarrow.array([1764100000_000 + 1000 * row for row in range(100)], pyarrow.timestamp("ms", "UTC")),
            "gpu0_w": pyarrow.array([100.0] * 100, pyarrow.float32()).cast(pyarrow.float16()),
            "gpu1_w": numbers("200.00", pyarrow.decimal128(9, 2)),
            "gpu2_w": numbers("300.000", pyarrow.decimal128(38, 3)),
            "gpu3_w": numbers("400.0", pyarrow.decimal256(60, 1)),
            "packed": [f"step {row}" for row in range(100)],
            "key": pyarrow.array([bytes([row, 0, 255, 10, 44, 34]) for row in range(100)], pyarrow.binary()),
        }
    )
    schema = table.schema
    encodings = {"packed": "DELTA_LENGTH_BYTE_ARRAY"}
    path = folder / "store-parquet-odd" / "logs" / "power.parquet"
    with parquet.ParquetWriter(path, schema, use_dictionary=False, column_encoding=encodings, compression="zstd") as writer:
        for start in range(0, 100, 25):
            writer.write_table(schema.empty_table())
            writer.write_table(table.slice(start, 25))
        for _ in range(20):
            writer.write_table(schema.empty_table())

    ids, names = ["r1", "r2", "r3", None], ["base", None, "", None]
    rows = [(second, run) for second in range(60) for run in range(4)]
    table = pyarrow.table(
        {
            "run_id": [ids[run] for _, run in rows],
            "run_name": pyarrow.array([names[run] for _, run in rows], pyarrow.string()),
            "timestamp": [f"2025-11-25T20:{run:02}:{second:02}+00:00" for second, run in rows],
            "gpu/0/power": [100.0 for _ in rows],
        }
    )
    parquet.write_table(table, folder / "store-parquet-unnamed" / "logs" / "system_metrics.parquet", compression="zstd")


def library(folder):
    """The library of the benchmark with two cards, whose power is another one each second."""
    options = ["-shared", "-fPIC", "-O1", "-DCARDS=2", "-DCHANGING"]
    subprocess.run(["cc", *options, "-o", folder / "libnvidia-ml.so.1", HERE.parent / "bench" / "fake_nvml.c"], check=True)


def run(script, folder, *args, **environment):
    path = f"{folder}:{os.environ.get('LD_LIBRARY_PATH', '')}"
    subprocess.run([sys.executable, "-c", script, *map(str, args)], cwd=folder, env={**os.environ, "LD_LIBRARY_PATH": path, **environment})


def main(tools):
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        library(folder)
        if "trackio" in tools:
            home = folder / "trackio"
            run(TRACKIO, folder, TRACKIO_DIR=str(home), HF_HUB_OFFLINE="1")
            shutil.copy(home / "demo.db", HERE.parent / "bad" / "store-trackio" / "logs")
        if "parquet" in tools:
            run(EXPORT, folder, HERE.parent / "bad" / "store-trackio" / "logs" / "demo.db")
            shutil.copy(folder / "out" / "aux" / "system_metrics.parquet", HERE.parent / "bad" / "store-trackio-parquet" / "logs")
            tables(HERE.parent / "bad" / "store-parquet" / "logs")
            odd_tables(HERE.parent / "bad")
        if "mlflow" in tools:
            run(MLFLOW, folder, folder / "mlflow.db")
            # Fifty tables, most of them empty: in small pages they take less room.
            database = sqlite3.connect(folder / "mlflow.db", isolation_level=None)
            database.execute("PRAGMA page_size = 512")
            database.execute("VACUUM")
            database.close()
            nameless.clean(folder / "mlflow.db")
            shutil.copy(folder / "mlflow.db", HERE.parent / "bad" / "store-mlflow" / "logs")
        if "wandb" in tools:
            run(WANDB, folder, WANDB_SILENT="true")
            logs = HERE.parent / "bad" / "store-wandb" / "logs"
            for file in sorted(folder.glob("wandb/offline-run-*/*.wandb")):
                to = logs / file.parent.name
                to.mkdir(parents=True, exist_ok=True)
                nameless.clean(file)
                shutil.copy(file, to)


main(sys.argv[1:] or ["trackio", "mlflow", "wandb", "parquet"])
