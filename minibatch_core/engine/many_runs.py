"""Many runs at once, and what is kept of each."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minibatch_core.engine.batches import LARGEST_KEPT, order_of_points
from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.training import Run, full_loss, train, train_within
from minibatch_core.settings import TrainSettings

__all__ = ["Summary", "left_to_chance", "summarise", "train_many", "with_seeds"]

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

    Of a run with a budget, what it came to with that; the seconds are those of whole epochs.
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


def summarise(
    data: Dataset,
    settings: TrainSettings,
    target: float | None = None,
    budget: int | None = None,
) -> Summary:
    """Train and keep a summary of the run, or of as many of its steps as a budget has.

    The target is looked for at the end of each epoch, and in the first epoch that ends at it or
    below, at each step. The last epoch is trained to its end for that, so that no step to the
    target depends on the budget; one after the budget's end does not count.

    >>> from minibatch_core import make_dataset
    >>> summarise(make_dataset(), TrainSettings(), target=0.1).target_step
    110
    """
    if len(data) * settings.epochs <= LARGEST_KEPT:
        # Many runs share an order that is kept, so drawing it is no part of one run's time.
        order_of_points(len(data), settings)
    started = time.perf_counter()
    run = train(data, settings) if budget is None else train_within(data, settings, budget)
    seconds = time.perf_counter() - started
    budget = len(run.batches) if budget is None else budget
    steps = min(budget, len(run))
    start_loss, loss = full_loss(data, run.w[[0, steps]], run.b[[0, steps]], settings.loss).tolist()
    diverged_at = run.diverged_at if steps < budget else None
    step = None if target is None else _first_step_at(data, run, target)
    if step is not None and step > budget:
        step = None
    examples = None if step is None else int(run.batches.offsets[step])
    return Summary(start_loss, loss, steps, diverged_at, step, examples, seconds)


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


def with_seeds(settings: TrainSettings, count: int) -> list[TrainSettings]:
    """The same settings with `count` seeds, counted up from the first.

    >>> [each.seed for each in with_seeds(TrainSettings(seed=7), 3)]
    [7, 8, 9]
    """
    return [replace(settings, seed=(settings.seed + k) % 2**32) for k in range(count)]


def left_to_chance(n: int, settings: TrainSettings) -> tuple[str, ...]:
    """What differs between runs on n points that differ in their seed alone.

    Of "w", "b" and "order": where they start, and which points each minibatch has. A step that
    looks at all the points has the same ones in any order.

    >>> left_to_chance(100, TrainSettings(init_w=1.0, shuffle="each_epoch"))
    ('b', 'order')
    >>> left_to_chance(100, TrainSettings(init_w=1.0, init_b=0.0))
    ()
    """
    is_drawn = {
        "w": settings.init_w is None,
        "b": settings.init_b is None,
        "order": settings.shuffle == "replacement"
        or (settings.shuffle != "none" and settings.batch_size < n),
    }
    return tuple(part for part, drawn in is_drawn.items() if drawn)
