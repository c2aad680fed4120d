"""Learning rates that change from step to step, computed by torch's own schedulers."""

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.optim import SGD, Optimizer, lr_scheduler

from minibatch_core.settings import TrainSettings

__all__ = ["learning_rates", "make_scheduler", "scheduler_call"]


def scheduler_call(schedule: str, steps: int, lr: float) -> tuple[str, dict[str, Any]]:
    """The name of the torch.optim.lr_scheduler class and its arguments besides the optimizer.

    It is to be stepped after each of the run's steps.

    - "step": a tenth after each third of the run
    - "exponential": down to a hundredth at the end
    - "cosine": down to 0 along half a cosine
    - "warmup": up from a hundredth over the first fifth
    - "one_cycle": OneCycleLR with `lr` as its highest, momentum left alone

    >>> scheduler_call("cosine", steps=200, lr=0.1)
    ('CosineAnnealingLR', {'T_max': 200})
    """
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "constant": ("ConstantLR", {"factor": 1.0}),
        "step": ("StepLR", {"step_size": max(1, -(-steps // 3)), "gamma": 0.1}),
        "exponential": ("ExponentialLR", {"gamma": 0.01 ** (1.0 / steps)}),
        "cosine": ("CosineAnnealingLR", {"T_max": steps}),
        "warmup": ("LinearLR", {"start_factor": 0.01, "total_iters": max(1, steps // 5)}),
        "one_cycle": (
            "OneCycleLR",
            {"max_lr": lr, "total_steps": max(2, steps), "cycle_momentum": False},
        ),
    }
    return calls[schedule]


def make_scheduler(
    settings: TrainSettings, optimizer: Optimizer, steps: int
) -> lr_scheduler.LRScheduler:
    """torch's scheduler of a run of so many steps."""
    name, arguments = scheduler_call(settings.schedule, steps, settings.lr)
    scheduler: lr_scheduler.LRScheduler = getattr(lr_scheduler, name)(optimizer, **arguments)
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
