"""Many runs at once, sweeps over two settings, and what a sweep keeps of each run."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.training import Run, full_loss, train
from minibatch_core.settings import (
    HYPERPARAMETERS,
    OPTIMIZERS,
    SWEPT,
    DataSettings,
    Settings,
    SweepSettings,
    TrainSettings,
    describe,
)

__all__ = [
    "USUAL",
    "Summary",
    "Tradeoff",
    "cells",
    "fit_tradeoff",
    "summarise",
    "swept_values",
    "train_many",
    "with_seeds",
]

MOST_LOOKS = 500_000_000
"""How many points, counted as often as they are looked at, a sweep may look at."""

USUAL = {
    "batch_size": (1, None),
    "n": (20, 1000),
    "noise": (0.0, 0.5),
    "lr": (0.01, 10.0),
    "epochs": (5, 200),
    "momentum": (0.1, 0.99),
    "weight_decay": (1e-4, 1.0),
    "beta1": (0.1, 0.999),
    "beta2": (0.5, 0.9999),
    "eps": (1e-10, 0.1),
    "init_w": (-4.0, 6.0),
    "init_b": (-6.0, 4.0),
}
"""From where to where a number is swept unless told otherwise; None is N."""

PARTS, MOST_IN_PART = 64, 50
"""A sweep is divided into at least so many parts, of at most so many runs, and told of each."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a sweep keeps of a run: a hundred bytes in place of its path.

    - `start_loss`, `loss`: on all the data, before the first step and after the last
    - `steps`: how many were taken
    - `diverged_at`: the first step whose loss, w or b is not finite, or None
    - `target_step`, `target_examples`: how many steps, and points looked at, the run needed to
      bring the loss on all the data down to a target; None if it did not, or none was given
    - `seconds`: of training
    """

    start_loss: float
    loss: float
    steps: int
    diverged_at: int | None
    target_step: int | None
    target_examples: int | None
    seconds: float

    @property
    def got_worse(self) -> bool:
        """Whether the run diverged, or ended with a higher loss than it began with."""
        return self.diverged_at is not None or not self.loss <= self.start_loss


def train_many(
    data: Dataset,
    settings: Sequence[TrainSettings],
    keep: Callable[[Dataset, TrainSettings], Any] | None = None,
    executor: Executor | None = None,
    progress: Callable[[Mapping[int, Any]], None] | None = None,
) -> list[Any]:
    """One run for each of the settings, in their order, on all cores.

    `keep(data, settings)` trains and returns what is to be kept of a run; by default that is the
    `Run` itself, as `train` gives it. `progress` is called with what has come, by its place in
    `settings`, as soon as it has; what it raises ends the work.

    An `executor` is a pool as in concurrent.futures: threads by default, which the compiled loop
    lets run at the same time; or one of processes or of a cluster, and then what is kept, and
    `keep` itself, must be such as can be pickled.

    Raises ValueError, as `train` does, for settings that cannot be trained with.

    >>> from minibatch_core import make_dataset
    >>> runs = train_many(make_dataset(), [TrainSettings(lr=lr) for lr in (0.01, 0.05)])
    >>> [round(float(run.w[-1]), 4) for run in runs]
    [1.247, 3.2215]
    """
    for each in settings:
        each.check_against(len(data))
    kept: dict[int, Any] = {}
    size = max(1, min(MOST_IN_PART, -(-len(settings) // PARTS)))
    own = ThreadPoolExecutor(os.cpu_count()) if executor is None else nullcontext(executor)
    with own as pool:
        parts = {
            pool.submit(_train_part, data, settings[first : first + size], keep or train): first
            for first in range(0, len(settings), size)
        }
        try:
            for part in as_completed(parts):
                came = dict(enumerate(part.result(), parts[part]))
                kept |= came
                if progress is not None:
                    progress(came)
        finally:
            for part in parts:
                part.cancel()
    return [kept[place] for place in range(len(settings))]


def _train_part(
    data: Dataset,
    settings: Sequence[TrainSettings],
    keep: Callable[[Dataset, TrainSettings], Any],
) -> list[Any]:
    return [keep(data, each) for each in settings]


def summarise(data: Dataset, settings: TrainSettings, target: float | None = None) -> Summary:
    """Train and keep a summary of the run.

    The target is looked for at the end of each epoch, and in the first epoch that ends at it or
    below, at each step.

    >>> from minibatch_core import make_dataset
    >>> summarise(make_dataset(), TrainSettings(), target=0.1).target_step
    110
    """
    started = time.perf_counter()
    run = train(data, settings)
    seconds = time.perf_counter() - started
    start_loss, loss = full_loss(data, run.w[[0, -1]], run.b[[0, -1]], settings.loss).tolist()
    step = None if target is None else _first_step_at(data, run, target)
    examples = None if step is None else int(run.batches.offsets[step])
    return Summary(start_loss, loss, len(run), run.diverged_at, step, examples, seconds)


def _first_step_at(data: Dataset, run: Run, target: float) -> int | None:
    period = run.batches.steps_per_epoch
    ends = np.unique(np.append(np.arange(0, len(run.w), period), len(run)))
    reached = np.flatnonzero(full_loss(data, run.w[ends], run.b[ends], run.settings.loss) <= target)
    if len(reached) == 0:
        return None
    last = int(ends[reached[0]])
    first = int(ends[max(reached[0] - 1, 0)])
    steps = np.arange(first, last + 1)
    losses = full_loss(data, run.w[steps], run.b[steps], run.settings.loss)
    return int(steps[np.argmax(losses <= target)])


def swept_values(settings: Settings, sweep: SweepSettings) -> tuple[list[Any], list[Any]]:
    """The values across and upwards: evenly spaced, or by equal factors if all are above 0.

    Raises ValueError if a range is empty or beyond what the setting may be, or if the optimizer has
    no such setting.

    >>> swept_values(Settings(), SweepSettings(across_count=3, up="shuffle"))
    ([1, 10, 100], ['none', 'once', 'each_epoch', 'replacement'])
    """
    optimizers = {settings.train.optimizer}
    if "optimizer" in (sweep.across, sweep.up):
        optimizers = set(HYPERPARAMETERS)
    for name in (sweep.across, sweep.up):
        having = {optimizer for optimizer, names in HYPERPARAMETERS.items() if name in names}
        if having and not having & optimizers:
            raise ValueError(
                f"{SWEPT[name]} should be a setting of the optimizer, but "
                f"{OPTIMIZERS[settings.train.optimizer]} has none; choose another optimizer"
            )
    across = (sweep.across, sweep.across_from, sweep.across_to, sweep.across_count)
    up = (sweep.up, sweep.up_from, sweep.up_to, sweep.up_count)
    return _values(settings, *across), _values(settings, *up)


def _values(
    settings: Settings, name: str, low: float | None, high: float | None, count: int
) -> list[Any]:
    part = DataSettings if name in describe(DataSettings) else TrainSettings
    setting = describe(part)[name]
    if setting.choices is not None:
        return list(setting.choices)
    usual_low, usual_high = USUAL[name]
    low = usual_low if low is None else low
    high = (settings.data.n if usual_high is None else usual_high) if high is None else high
    for end in (low, high):
        setting.check(SWEPT[name], setting.kind(end))
    if not low < high:
        raise ValueError(f"{SWEPT[name]} should go from less to more, but got {low:g} to {high:g}")
    spaced = np.geomspace(low, high, count) if low > 0 else np.linspace(low, high, count)
    if setting.kind is int:
        return [int(value) for value in np.unique(np.rint(spaced))]
    return [float(f"{value:.3g}") for value in spaced]


def cells(settings: Settings, sweep: SweepSettings) -> list[list[Settings]]:
    """The settings of each cell: [upwards][across].

    Raises ValueError if some can't be, or if together they look at more than MOST_LOOKS points.

    >>> rows = cells(Settings(), SweepSettings(across_count=3, up_count=2))
    >>> [run.train.batch_size for run in rows[0]], rows[1][0].train.lr
    ([1, 10, 100], 10.0)
    """
    across, up = swept_values(settings, sweep)
    values = [[{sweep.across: x, sweep.up: y} for x in across] for y in up]
    usual = {"n": settings.data.n, "epochs": settings.train.epochs}
    sizes = [usual | each for row in values for each in row]
    looks = sweep.runs * sum(size["n"] * size["epochs"] for size in sizes)
    if looks > MOST_LOOKS:
        raise ValueError(
            f"a sweep may look at {MOST_LOOKS:,} points, but this one would look at {looks:,}; "
            "take fewer values, runs, epochs or points"
        )
    return [[_changed(settings, each) for each in row] for row in values]


def _changed(settings: Settings, values: Mapping[str, Any]) -> Settings:
    ours = {name: value for name, value in values.items() if name in ("n", "noise")}
    theirs = {name: value for name, value in values.items() if name not in ours}
    return Settings(replace(settings.data, **ours), replace(settings.train, **theirs))


def with_seeds(settings: TrainSettings, count: int) -> list[TrainSettings]:
    """The same settings with `count` seeds, counted up from the first.

    >>> [each.seed for each in with_seeds(TrainSettings(seed=7), 3)]
    [7, 8, 9]
    """
    return [replace(settings, seed=(settings.seed + k) % 2**32) for k in range(count)]


@dataclass(frozen=True, slots=True)
class Tradeoff:
    """(S / s_min - 1)(E / e_min - 1) = 1 between the steps S and the examples E to a target."""

    s_min: float
    e_min: float

    @property
    def critical_batch_size(self) -> float:
        """e_min / s_min: from there on larger batches hardly save steps."""
        return self.e_min / self.s_min

    def steps(self, batch_size: ArrayLike) -> NDArray[np.float64]:
        """S = s_min (1 + B_crit / B), which the law is with E = B S."""
        return self.s_min * (1.0 + self.critical_batch_size / np.asarray(batch_size, np.float64))


def fit_tradeoff(batch_sizes: ArrayLike, steps: ArrayLike) -> Tradeoff | None:
    """The trade-off nearest to measured steps, by least squares of their logarithms.

    None for fewer than three batch sizes.

    >>> law = Tradeoff(s_min=40.0, e_min=800.0)
    >>> fitted = fit_tradeoff([1, 5, 20, 100], law.steps([1, 5, 20, 100]))
    >>> round(fitted.s_min, 1), round(fitted.critical_batch_size, 1)
    (40.0, 20.0)

    Source: McCandlish et al. 2018, arXiv 1812.06162, equation 2.11.
    """
    sizes, counts = np.asarray(batch_sizes, np.float64), np.asarray(steps, np.float64)
    if len(sizes) < 3:
        return None
    candidates = np.geomspace(sizes.min() / 100.0, sizes.max() * 100.0, 4001)
    logs = np.log(counts) - np.log1p(candidates[:, None] / sizes)
    best = int(np.argmin(logs.var(axis=1)))
    s_min = float(np.exp(logs[best].mean()))
    return Tradeoff(s_min, s_min * float(candidates[best]))
