"""A run -> the table of its steps."""

import csv
import io

from minibatch_core.engine.training import Run

__all__ = ["to_csv"]


def to_csv(run: Run) -> str:
    """The run as CSV, a row a step: epoch, step, indices, loss, w, b.

    Epochs count from 1, steps from 0. `indices` are the minibatch's points, separated by spaces;
    `loss` is its loss, and w and b are those before the step.

    >>> from minibatch_core import TrainSettings, make_dataset, train
    >>> run = train(make_dataset(), TrainSettings(batch_size=2, epochs=1))
    >>> to_csv(run).splitlines()[1]
    '1,0,0 1,0.2867384561608089,0.7645385265350342,0.8300079107284546'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["epoch", "step", "indices", "loss", "w", "b"])
    per_epoch = run.batches.steps_per_epoch
    rows = zip(run.batches, run.batch_loss.tolist(), run.w.tolist(), run.b.tolist(), strict=False)
    for step, (points, loss, w, b) in enumerate(rows):
        indices = " ".join(map(str, points.tolist()))
        writer.writerow([step // per_epoch + 1, step, indices, loss, w, b])
    return text.getvalue()
