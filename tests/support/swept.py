"""Sweeps to their end."""

import time

from dashboard.jobs.sweeps import Sweep
from minibatch_core import Settings, SweepSettings
from minibatch_core.engine.budgets import Budget


def finished(settings: Settings, sweep: SweepSettings, budget: Budget = Budget()) -> Sweep:
    """A sweep that came to its end."""
    return to_its_end(Sweep(settings, sweep, budget))


def to_its_end(sweep: Sweep | None) -> Sweep:
    """The sweep, looked at until its end, however long the kernels take to compile."""
    assert sweep is not None
    while sweep.running:
        sweep.seen = time.monotonic()
        time.sleep(0.01)
    sweep.work.result()
    return sweep
