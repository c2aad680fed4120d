"""Sweeps that run beside the dashboard: they tell how far they are, and can be stopped."""

import math
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial

import numpy as np
from cachetools import LRUCache

from dashboard.jobs.stopped import StoppedError
from minibatch_core import (
    Dataset,
    DataSettings,
    Settings,
    Summary,
    SweepSettings,
    TrainSettings,
    make_dataset,
    summarise,
    train_many,
)
from minibatch_core.engine.budgets import Budget
from minibatch_core.engine.initialisation import draw_start
from minibatch_core.engine.many_runs import with_seeds
from minibatch_core.engine.sweep import lowest_loss, plan, usual_target

__all__ = ["Sweep", "kept_sweep", "kind_of"]

NICENESS = 10
"""How far sweeps stand back where others want the processor."""

ABANDONED = 5.0
"""Seconds after which a sweep ends at which nobody has looked."""

MOST_KEPT = 16
"""How many finished sweeps are kept for whoever asks for the same."""


def _stand_back() -> None:
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


_leaders = ThreadPoolExecutor(8, thread_name_prefix="sweep")
_workers = ThreadPoolExecutor(os.cpu_count(), "sweep-worker", initializer=_stand_back)
_finished: LRUCache[tuple[Settings, SweepSettings, Budget], "Sweep"] = LRUCache(MOST_KEPT)
_lock = threading.Lock()

KEPT: Mapping[str, Callable[[Summary], float | None]] = {
    "loss": lambda run: run.loss if run.diverged_at is None else None,
    "steps": lambda run: run.steps if run.diverged_at is None else None,
    "target_step": lambda run: run.target_step,
    "target_examples": lambda run: run.target_examples,
    "got_worse": lambda run: run.got_worse,
    "seconds": lambda run: run.seconds,
}
"""What a sweep keeps of each run, None for what it did not come to."""


class Sweep:
    """Runs over a grid of two settings: what came of those that have come so far.

    - `steps`: how many the budget gives each cell, (upwards, across)
    - `runs`: how many a cell has
    - `kept`: for each quantity of KEPT an array (upwards, across, run), NaN for what is still
      ahead, infinite for what a run did not come to
    - `lowest`: the lowest loss on the notebook's grid for each data and loss that had its turn
    - `targets`: the loss that their runs are to reach; None where there is no usual one

    Raises ValueError if the sweep can't be.
    """

    def __init__(self, settings: Settings, sweep: SweepSettings, budget: Budget = Budget()) -> None:
        self.settings, self.sweep, self.budget = settings, sweep, budget
        planned = plan(settings, sweep, budget)
        self.cells, self.steps, self.runs = planned.cells, planned.steps, planned.runs
        self.across, self.up = planned.across, planned.up
        self.lowest: dict[tuple[DataSettings, str], float] = {}
        self.targets: dict[tuple[DataSettings, str], float | None] = {}
        shape = len(self.up), len(self.across), self.runs
        self.kept = {name: np.full(shape, np.nan) for name in KEPT}
        self.total = math.prod(shape)
        self.done = 0
        self.stopped = self.abandoned = False
        self.started = self.seen = time.monotonic()
        self.work = _leaders.submit(self._run)

    def _run(self) -> None:
        self.started = time.monotonic()
        with suppress(StoppedError):
            for i, columns in self._turns():
                self._run_cells(i, columns)
        if not self.stopped:
            with _lock:
                _finished[self.settings, self.sweep, self.budget] = self

    def _turns(self) -> list[tuple[int, list[int]]]:
        """The cells of each row that have the same epochs, data and loss, those epochs together.

        Runs that have the same epochs share the orders of their points, which are kept for a while.
        """
        alike: dict[tuple[int, int, object], list[int]] = {}
        for i, row in enumerate(self.cells):
            for j, cell in enumerate(row):
                alike.setdefault((cell.train.epochs, i, kind_of(cell)), []).append(j)
        by_epochs = sorted(alike.items(), key=lambda each: each[0][:2])
        return [(i, columns) for (_, i, _), columns in by_epochs]

    def _run_cells(self, i: int, columns: list[int]) -> None:
        """Train the cells of a row that have the same data and loss."""
        runs = self.runs
        if self.stopped:
            raise StoppedError

        def take(came: Mapping[int, Summary]) -> None:
            for place, summary in came.items():
                at = i, columns[place // runs], place % runs
                for name, number_of in KEPT.items():
                    number = number_of(summary)
                    self.kept[name][at] = math.inf if number is None else number
            self.done += len(came)
            if time.monotonic() - self.seen > ABANDONED:
                self.stopped = self.abandoned = True
            if self.stopped:
                raise StoppedError

        kind = data_settings, loss = kind_of(self.cells[i][columns[0]])
        data = make_dataset(data_settings)
        if kind not in self.lowest:
            self.targets[kind] = self._target(kind)
            self.lowest[kind] = lowest_loss(data, loss)
        budgets = {j: int(self.steps[i, j]) for j in columns}
        settings = [(j, each) for j in columns for each in with_seeds(self.cells[i][j].train, runs)]
        keep = partial(
            _summarise,
            target=self.targets[kind],
            budgets={each: budgets[j] for j, each in settings},
        )
        train_many(data, [each for _, each in settings], keep, _workers, take)

    def _target(self, kind: tuple[DataSettings, str]) -> float | None:
        """The loss that the runs of all cells with this data and loss are to reach."""
        if self.sweep.target is not None:
            return self.sweep.target
        alike = [cell.train for row in self.cells for cell in row if kind_of(cell) == kind]
        given = {(train.init_w, train.init_b) for train in alike}
        # What a seed draws does not depend on what is given instead.
        free = replace(self.settings.train, init_w=None, init_b=None)
        drawn = [draw_start(train)[:2] for train in with_seeds(free, self.runs)]
        starts = [
            (w if init_w is None else init_w, b if init_b is None else init_b)
            for init_w, init_b in given
            for w, b in drawn
        ]
        w, b = np.array(starts).T
        return usual_target(make_dataset(kind[0]), kind[1], w, b)

    @property
    def running(self) -> bool:
        """Whether some runs are still ahead."""
        return not self.work.done()

    @property
    def whole(self) -> bool:
        """Whether every run has come."""
        return self.done == self.total

    @property
    def seconds_left(self) -> float | None:
        """How long it will take at the pace so far; None until that can be told."""
        took = time.monotonic() - self.started
        if self.done == 0 or took < 1.0:
            return None
        return took * (self.total / self.done - 1.0)

    def stop(self) -> None:
        """Begin no further runs; what has come stays."""
        self.stopped = True
        self.work.cancel()  # where its turn has not come


def _summarise(
    data: Dataset,
    settings: TrainSettings,
    target: float | None,
    budgets: Mapping[TrainSettings, int],
) -> Summary:
    return summarise(data, settings, target, budgets[settings])


def kind_of(settings: Settings) -> tuple[DataSettings, str]:
    """What a loss depends on besides w and b; losses of several kinds can't be compared."""
    return settings.data, settings.train.loss


def kept_sweep(settings: Settings, sweep: SweepSettings, budget: Budget) -> Sweep:
    """A finished sweep with these settings, or a new one.

    Raises ValueError if the sweep can't be.
    """
    with _lock:
        kept = _finished.get((settings, sweep, budget))
    return Sweep(settings, sweep, budget) if kept is None else kept
