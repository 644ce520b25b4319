"""trackio: the store it keeps on its own, and the Parquet it makes of it."""

import energy
from reports import formats, kwh, logged, same

TRAINING = """
import trackio, training
for name in ("base", "fine-tuned/é"):
    trackio.init(project="demo", name=name, gpu_log_interval=1.0, cpu_log_interval=2.0, auto_log_gpu=True)
    for epoch, loss in training.epochs():
        trackio.log({"loss": loss})
    trackio.finish()
"""


def test_the_store(run, report, tmp_path):
    run(TRAINING, TRACKIO_DIR=str(tmp_path / "trackio"), HF_HUB_OFFLINE="1")
    store = tmp_path / "trackio/demo.db"
    joules = energy.of(str(store))
    assert len(joules) == 4 and min(joules.values()) > 400
    read = report(store)
    assert formats(read) == ["trackio_json"]
    assert logged(read) == same(kwh(sum(joules.values())))
