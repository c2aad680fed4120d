"""Learning rates that change from step to step, computed by torch's own schedulers."""

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch.optim import SGD, Optimizer, lr_scheduler

__all__ = ["SCHEDULES", "learning_rates", "make_scheduler"]

SCHEDULES = {
    "constant": "Constant",
    "step": "Step",
    "exponential": "Exponential",
    "cosine": "Cosine",
    "warmup": "Linear warm-up",
    "one_cycle": "One cycle",
}

_MAKERS: Mapping[str, Callable[[Optimizer, int, float], lr_scheduler.LRScheduler]] = {
    "constant": lambda o, steps, lr: lr_scheduler.ConstantLR(o, factor=1.0),
    "step": lambda o, steps, lr: lr_scheduler.StepLR(o, max(1, -(-steps // 3)), gamma=0.1),
    "exponential": lambda o, steps, lr: lr_scheduler.ExponentialLR(o, 0.01 ** (1.0 / steps)),
    "cosine": lambda o, steps, lr: lr_scheduler.CosineAnnealingLR(o, T_max=steps),
    "warmup": lambda o, steps, lr: lr_scheduler.LinearLR(
        o, start_factor=0.01, total_iters=max(1, steps // 5)
    ),
    "one_cycle": lambda o, steps, lr: lr_scheduler.OneCycleLR(
        o, max_lr=lr, total_steps=max(2, steps), cycle_momentum=False
    ),
}


def make_scheduler(
    schedule: str, optimizer: Optimizer, steps: int, lr: float
) -> lr_scheduler.LRScheduler:
    """torch's scheduler for a run of so many steps, to be stepped after each of them.

    - "step": a tenth after each third of the run
    - "exponential": down to a hundredth at the end
    - "cosine": down to 0 along half a cosine
    - "warmup": up from a hundredth over the first fifth
    - "one_cycle": OneCycleLR with `lr` as its highest, momentum left alone

    Raises ValueError for a schedule that is none.
    """
    if schedule not in _MAKERS:
        raise ValueError(f"schedule should be one of {', '.join(_MAKERS)}, but got {schedule!r}")
    return _MAKERS[schedule](optimizer, steps, lr)


@lru_cache(maxsize=64)
def learning_rates(schedule: str, lr: float, steps: int) -> NDArray[np.float64]:
    """The learning rate of each step: (steps,).

    >>> learning_rates("step", 1.0, 6).round(3).tolist()
    [1.0, 1.0, 0.1, 0.1, 0.01, 0.01]

    Source: torch.optim.lr_scheduler.
    """
    optimizer = SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler = make_scheduler(schedule, optimizer, steps, lr)
    rates = np.empty(steps)
    for t in range(steps):
        rates[t] = optimizer.param_groups[0]["lr"]
        optimizer.step()
        if t < steps - 1:
            scheduler.step()
    rates.flags.writeable = False
    return rates
