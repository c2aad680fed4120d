"""Sweeps that run beside the dashboard: they tell how far they are, and can be stopped."""

import os
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from minibatch_core import (
    Settings,
    Summary,
    SweepSettings,
    loss_surface,
    make_dataset,
    notebook_grid,
    summarise,
    train_many,
)
from minibatch_core.sweep import cells, swept_values

__all__ = ["Sweep", "show_progress", "sweep_of"]

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
_finished: dict[tuple[Settings, SweepSettings], "Sweep"] = {}


class _StoppedError(Exception):
    """Raised out of a sweep when someone has clicked Stop."""


class Sweep:
    """Runs over a grid of two settings: what came of those that have come so far.

    `summaries` is [upwards][across][run], None for what is still ahead.

    Raises ValueError if the sweep can't be.
    """

    def __init__(self, settings: Settings, sweep: SweepSettings) -> None:
        self.settings, self.sweep = settings, sweep
        self.cells = cells(settings, sweep)
        self.across, self.up = swept_values(settings, sweep)
        self.target = 1.25 * lowest_loss(settings) if sweep.target is None else sweep.target
        self.summaries: list[list[list[Summary | None]]] = [
            [[None] * len(cell) for cell in row] for row in self.cells
        ]
        self.total = len(self.up) * len(self.across) * sweep.runs
        self.done = 0
        self.stopped = self.abandoned = False
        self.started = self.seen = time.monotonic()
        self.work = _leaders.submit(self._run)

    def _run(self) -> None:
        places: dict[Any, list[tuple[int, int, int]]] = {}
        for i, row in enumerate(self.cells):
            for j, cell in enumerate(row):
                for k, settings in enumerate(cell):
                    places.setdefault(settings.data, []).append((i, j, k))
        with suppress(_StoppedError):
            for data_settings, theirs in places.items():
                self._run_on(data_settings, theirs)
        if not self.stopped:
            _finished[self.settings, self.sweep] = self
            while len(_finished) > MOST_KEPT:
                del _finished[next(iter(_finished))]

    def _run_on(self, data_settings: Any, places: list[tuple[int, int, int]]) -> None:
        def take(came: Mapping[int, Summary]) -> None:
            for place, summary in came.items():
                i, j, k = places[place]
                self.summaries[i][j][k] = summary
            self.done += len(came)
            if time.monotonic() - self.seen > ABANDONED:
                self.stopped = self.abandoned = True
            if self.stopped:
                raise _StoppedError

        runs = [self.cells[i][j][k].train for i, j, k in places]
        keep = partial(summarise, target=self.target)
        train_many(make_dataset(data_settings), runs, keep, _workers, take)

    @property
    def running(self) -> bool:
        """Whether some runs are still ahead."""
        return not self.work.done()

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


def lowest_loss(settings: Settings) -> float:
    """The lowest loss of all the data on the notebook's grid."""
    data = make_dataset(settings.data)
    return float(np.min(loss_surface(data, *notebook_grid(41), settings.train.loss)))


def sweep_of(settings: Settings, sweep: SweepSettings) -> Sweep:
    """This session's sweep with these settings: its own, one kept, or a new one.

    A sweep that ended because nobody looked begins anew when someone does.

    Raises ValueError if the sweep can't be.
    """
    current: Sweep | None = st.session_state.get("sweep")
    if current is not None:
        if (current.settings, current.sweep) == (settings, sweep) and not current.abandoned:
            return current
        current.stop()
    kept = _finished.get((settings, sweep))
    st.session_state["sweep"] = Sweep(settings, sweep) if kept is None else kept
    return st.session_state["sweep"]


def show_progress(sweep: Sweep) -> None:
    """How far a running sweep is, how long it still takes, and a button that stops it."""
    sweep.seen = time.monotonic()
    left = sweep.seconds_left
    text = f"{sweep.done:,} of {sweep.total:,} runs"
    if sweep.done == 0:
        text += ": waiting for its turn"
    elif left is not None:
        text += f", about {left:.0f} s left"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(sweep.done / sweep.total, text)
        st.button("Stop", on_click=sweep.stop)
