"""What an order of the points does to a run: how far it stays away, and whether it circles."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from minibatch_core.arrays import Floats, standard_error
from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.many_runs import train_many, with_seeds
from minibatch_core.engine.training import Run, full_loss, train
from minibatch_core.settings import TrainSettings
from minibatch_core.theory.minimum import Minimum

__all__ = [
    "MOST_SEEDS",
    "Loop",
    "OrderFound",
    "distances",
    "distances_by_epoch",
    "last_epochs",
    "last_quarters",
    "loop_of",
    "order_found",
]

MOST_SEEDS, MOST_TRAINED = 16, 20_000_000
"""How many runs an order that is drawn at random has, or fewer that look at so many points."""

MOST_EPOCHS, MOST_LOOKS = 10, 1_000_000
"""Over how many of a run's last epochs its loss is averaged, or fewer that look at so many."""

MOST_LOOKED_AT = 100
"""At how many steps of a quarter of a run its loss is averaged."""

SAME, MOST_ROUNDS = 0.001, 4
"""Rounds of up to so many epochs are the same where they differ by less than this share of their
size, ..."""

FEWER = 0.1
"""... and those of several epochs by less than this share of what single epochs differ by."""


@dataclass(frozen=True, slots=True)
class OrderFound:
    """What comes of an order, the mean over `runs` runs that differ in the order they draw.

    - `loss`: on all the data, the mean over the steps of the last epochs, and its standard error
    - `distance`: to the minimum, the median over all steps of the second half, and its standard
      error; NaN where there is no minimum
    - `change`: of the loss, from its mean over the third quarter to that over the last, and its
      standard error: 0 where training has come to an end
    """

    loss: float
    loss_error: float
    distance: float
    distance_error: float
    change: float
    change_error: float
    runs: int


def order_found(data: Dataset, run: Run, minimum: Minimum | None) -> OrderFound:
    """What comes of the order of a run: of the run alone, or of more seeds where chance has a part.

    All start where the run does.

    >>> from minibatch_core import find_minimum, make_dataset
    >>> data = make_dataset()
    >>> run = train(data, TrainSettings(loss="bce", optimizer="sgd", lr=1.0, batch_size=10))
    >>> found = order_found(data, run, find_minimum(data, "bce"))
    >>> round(found.distance, 2), found.distance_error, found.runs
    (0.21, 0.0, 1)
    """
    settings, looks = run.settings, len(data) * run.settings.epochs
    is_drawn = settings.shuffle != "none"
    seeds = max(1, min(MOST_SEEDS, MOST_TRAINED // looks)) if is_drawn else 1
    start = replace(settings, init_w=float(run.w[0]), init_b=float(run.b[0]))
    found = np.array(train_many(data, with_seeds(start, seeds), _keep(minimum)))
    errors = [standard_error(each) for each in found.T]
    loss, distance, change = zip(found.mean(axis=0).tolist(), errors, strict=True)
    return OrderFound(*loss, *distance, *change, seeds)


def _keep(
    minimum: Minimum | None,
) -> Callable[[Dataset, TrainSettings], tuple[float, float, float]]:
    def keep(data: Dataset, settings: TrainSettings) -> tuple[float, float, float]:
        run = train(data, settings)
        if run.diverged_at is not None:
            return np.inf, np.nan if minimum is None else np.inf, np.nan

        def loss_at(steps: NDArray[np.int64]) -> float:
            return float(full_loss(data, run.w[steps], run.b[steps], settings.loss).mean())

        before, after, _ = last_quarters(run)
        far = np.nan
        if minimum is not None:
            far = float(np.median(distances(run, minimum)[len(run) // 2 + 1 :]))
        steps, _, _ = last_epochs(len(data), run)
        return loss_at(steps), far, loss_at(after) - loss_at(before)

    return keep


def last_quarters(run: Run) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Steps of a run's third quarter and of its last, and how many steps a quarter has.

    A quarter is of whole epochs, at least one, so that both see the same places of an epoch; that
    of a single epoch is of its steps. Where it is long, not every step of it is taken.

    >>> from minibatch_core import make_dataset
    >>> before, after, length = last_quarters(train(make_dataset()))
    >>> before[[0, -1]].tolist(), after[[0, -1]].tolist(), length
    ([105, 152], [153, 200], 48)
    """
    epochs, period = run.settings.epochs, run.batches.steps_per_epoch
    length = max(1, epochs // 4) * period if epochs > 1 else max(1, len(run) // 4)
    every = -(-length // MOST_LOOKED_AT)
    after = len(run) - np.arange(0, length, every)[::-1]
    return after - length, after, length


def last_epochs(n: int, run: Run) -> tuple[NDArray[np.int64], int, int]:
    """The steps of a run's last epochs, how many epochs these are, and every which step it is.

    Where a single epoch looks at too many points, not every step of it is taken.

    >>> from minibatch_core import make_dataset
    >>> steps, epochs, every = last_epochs(100, train(make_dataset()))
    >>> steps[[0, -1]].tolist(), epochs, every
    ([161, 200], 10, 1)
    """
    period = run.batches.steps_per_epoch
    epochs = max(1, min(MOST_EPOCHS, run.settings.epochs // 2, MOST_LOOKS // (n * period)))
    every = -(-n * period // MOST_LOOKS) if epochs == 1 else 1
    return np.arange(len(run) - epochs * period + 1, len(run) + 1, every), epochs, every


def distances(run: Run, minimum: Minimum) -> Floats:
    """How far (w, b) is from the minimum before step 0 ... after the last step: (T+1,)."""
    return np.asarray(np.hypot(run.w - minimum.w, run.b - minimum.b))


def distances_by_epoch(run: Run, minimum: Minimum) -> Floats:
    """The mean over the steps of each whole epoch of the distance to the minimum: (epochs,)."""
    period = run.batches.steps_per_epoch
    whole = len(run) // period * period
    return np.asarray(distances(run, minimum)[1 : whole + 1].reshape(-1, period).mean(axis=1))


@dataclass(frozen=True, slots=True)
class Loop:
    """How a run goes round at its end.

    - `farthest`, `end`: how far its last epoch leads from where that begins, and where it ends
    - `moved`: how far the same steps of two successive epochs lie apart, at most; NaN where the
      run has too few epochs to tell
    - `epochs`: after how many its path comes again, 0 where it does not; 1 of a run that stays put
    """

    farthest: float
    end: float
    moved: float
    epochs: int


def loop_of(run: Run) -> Loop:
    """Whether and how a run goes round at its end.

    >>> from minibatch_core import make_dataset
    >>> settings = TrainSettings(loss="bce", optimizer="sgd", lr=1.0, batch_size=10, epochs=400)
    >>> loop = loop_of(train(make_dataset(), settings))
    >>> round(loop.farthest, 2), round(loop.end, 4), loop.epochs
    (0.18, 0.0, 1)
    """
    period = run.batches.steps_per_epoch
    path = np.column_stack([run.w, run.b])
    last = path[-period - 1 :]
    away = np.hypot(*(last - last[0]).T)
    farthest, end = float(away.max()), float(away[-1])
    moved = [
        _moved(path[-(2 * epochs + 1) * period :], epochs * period)
        for epochs in range(1, min(MOST_ROUNDS, (run.settings.epochs - 1) // 2) + 1)
    ]
    if not moved:
        return Loop(farthest, end, np.nan, 0)
    same = (
        epochs
        for epochs, apart in enumerate(moved, 1)
        if apart <= SAME * farthest and (epochs == 1 or apart < FEWER * moved[0])
    )
    return Loop(farthest, end, moved[0], next(same, 0))


def _moved(path: Floats, steps: int) -> float:
    """How far places of a path lie from those so many steps later, at most."""
    return float(np.hypot(*(path[steps:] - path[:-steps]).T).max())
