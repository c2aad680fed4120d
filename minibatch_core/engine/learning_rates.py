"""Learning rates that change from step to step, as torch's schedulers have them."""

from functools import lru_cache

import numpy as np
from torch.optim import Optimizer, lr_scheduler

from minibatch_core.arrays import Floats
from minibatch_core.compiled import compiled
from minibatch_core.schedules import SCHEDULES, share_of_lr
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


def learning_rates(settings: TrainSettings, steps: int) -> Floats:
    """The learning rate of each step: (steps,).

    >>> learning_rates(TrainSettings(schedule="step", lr=2.0), 6).round(3).tolist()
    [2.0, 2.0, 0.2, 0.2, 0.02, 0.02]

    Source: torch.optim.lr_scheduler.
    """
    return settings.lr * _shape(settings.schedule, steps)


@lru_cache(maxsize=64)
def _shape(schedule: str, steps: int) -> Floats:
    """The learning rates where lr is 1; every schedule is proportional to it."""
    rates = np.empty(steps)
    _shape_kernel(SCHEDULES.code(schedule), rates)
    rates.flags.writeable = False
    return rates


@compiled
def _shape_kernel(schedule, rates):
    share = 1.0
    for t in range(len(rates)):
        share = share_of_lr(schedule, t, len(rates), share)
        rates[t] = share
