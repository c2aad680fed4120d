"""Learning rates that change from step to step, computed by torch's own schedulers."""

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch.optim import SGD, Optimizer, lr_scheduler

from minibatch_core.schedules import SCHEDULES
from minibatch_core.settings import TrainSettings

__all__ = ["learning_rates", "make_scheduler"]


def make_scheduler(
    settings: TrainSettings, optimizer: Optimizer, steps: int
) -> lr_scheduler.LRScheduler:
    """torch's scheduler of a run of so many steps."""
    schedule = SCHEDULES[settings.schedule]
    scheduler: lr_scheduler.LRScheduler = getattr(lr_scheduler, schedule.torch_class)(
        optimizer, **schedule.arguments(steps, settings.lr)
    )
    return scheduler


def learning_rates(settings: TrainSettings, steps: int) -> NDArray[np.float64]:
    """The learning rate of each step: (steps,).

    >>> learning_rates(TrainSettings(schedule="step", lr=2.0), 6).round(3).tolist()
    [2.0, 2.0, 0.2, 0.2, 0.02, 0.02]

    Source: torch.optim.lr_scheduler.
    """
    return settings.lr * _shape(settings.schedule, steps)


@lru_cache(maxsize=64)
def _shape(schedule: str, steps: int) -> NDArray[np.float64]:
    """The learning rates where lr is 1; every schedule is proportional to it."""
    optimizer = SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make_scheduler(TrainSettings(schedule=schedule, lr=1.0), optimizer, steps)
    optimizer.step()  # a scheduler warns if there was none
    rates = np.empty(steps)
    for t in range(steps):
        rates[t] = optimizer.param_groups[0]["lr"]
        scheduler.step()
    rates.flags.writeable = False
    return rates
