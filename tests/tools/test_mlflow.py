"""MLflow: system metrics in a database, and in files below `mlruns`."""

from collections import defaultdict
from fractions import Fraction

import energy
from reports import formats, kwh, logged, same

TRAINING = """
import mlflow, training
mlflow.set_tracking_uri("{uri}")
mlflow.set_experiment("demo")
mlflow.set_system_metrics_sampling_interval(1)
mlflow.set_system_metrics_samples_before_logging(1)
for name in ("first", "second"):
    with mlflow.start_run(run_name=name, log_system_metrics=True):
        for epoch, loss in training.epochs():
            mlflow.log_metric("loss", loss, step=epoch)
"""


def test_the_database(run, report, tmp_path):
    run(TRAINING.format(uri="sqlite:///mlflow.db"))
    joules = energy.of(str(tmp_path / "mlflow.db"))
    assert len(joules) == 4 and min(joules.values()) > 200
    read = report(tmp_path / "mlflow.db")
    assert formats(read) == ["mlflow_metric"]
    assert logged(read) == same(kwh(sum(joules.values())))


def test_the_files(run, report, tmp_path):
    run(TRAINING.format(uri=f"file://{tmp_path}/mlruns"), MLFLOW_ALLOW_FILE_STORE="true")
    powers = defaultdict(list)
    for file in (tmp_path / "mlruns").glob("*/*/metrics/system/gpu_*_power_usage_watts"):
        for line in file.read_text().splitlines():
            at, value, step = line.split()
            powers[file].append((Fraction(at) / 1000, Fraction(value)))
    assert len(powers) == 4
    joules = sum(energy.trapezoid(points) for points in powers.values())
    read = report(tmp_path / "mlruns")
    assert formats(read) == ["mlflow_metric"]
    assert logged(read) == same(kwh(joules))
