"""W&B without a network: the file of each run, read by W&B's own classes."""

import energy
from reports import formats, kwh, logged, same

TRAINING = """
import training, wandb
for name in ("first", "second"):
    settings = wandb.Settings(mode="offline", x_stats_sampling_interval=1.0, console="off", host="node7")
    with wandb.init(project="demo", name=name, settings=settings) as run:
        for epoch, loss in training.epochs():
            run.log({"loss": loss})
"""


def test_offline_runs(run, report, tmp_path):
    run(TRAINING, WANDB_MODE="offline", WANDB_SILENT="true")
    files = sorted(tmp_path.glob("wandb/offline-run-*/*.wandb"))
    joules = [energy.of(str(file)) for file in files]
    assert len(files) == 2 and all(len(cards) == 2 and min(cards.values()) > 400 for cards in joules)
    read = report(tmp_path / "wandb")
    assert formats(read) == ["wandb_events"]
    assert logged(read) == same(kwh(sum(sum(cards.values()) for cards in joules)))
