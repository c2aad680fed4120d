"""The schedules of the learning rate, each as the torch.optim.lr_scheduler that makes it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from minibatch_core.records import Records

__all__ = ["SCHEDULES", "Schedule"]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A class of torch.optim.lr_scheduler, to be stepped after each of the run's steps.

    - `arguments`: (steps of the run, lr) -> its arguments besides the optimizer
    - `says`: how the learning rate goes, and what `lr` is of it

    >>> SCHEDULES["cosine"].torch_class, SCHEDULES["cosine"].arguments(200, 0.1)
    ('CosineAnnealingLR', {'T_max': 200})
    """

    name: str
    label: str
    place: int
    torch_class: str
    arguments: Callable[[int, float], dict[str, Any]]
    says: str


SCHEDULES: Records[Schedule] = Records(
    "schedule",
    [
        Schedule(
            "constant",
            "Constant",
            1,
            "ConstantLR",
            lambda steps, lr: {"factor": 1.0},
            "it stays at lr",
        ),
        Schedule(
            "step",
            "Step",
            2,
            "StepLR",
            lambda steps, lr: {"step_size": max(1, -(-steps // 3)), "gamma": 0.1},
            "it begins at lr and is divided by 10 after each third of the run",
        ),
        Schedule(
            "exponential",
            "Exponential",
            3,
            "ExponentialLR",
            lambda steps, lr: {"gamma": 0.01 ** (1.0 / steps)},
            "it begins at lr and falls evenly, step by step, to a hundredth of it at the end",
        ),
        Schedule(
            "cosine",
            "Cosine",
            4,
            "CosineAnnealingLR",
            lambda steps, lr: {"T_max": steps},
            "it begins at lr and falls to 0 at the end, along half a cosine",
        ),
        Schedule(
            "warmup",
            "Linear warm-up",
            5,
            "LinearLR",
            lambda steps, lr: {"start_factor": 0.01, "total_iters": max(1, steps // 5)},
            "it grows from a hundredth of lr to lr in the first fifth of the run, and stays there",
        ),
        Schedule(  # momentum is left alone
            "one_cycle",
            "One cycle",
            6,
            "OneCycleLR",
            lambda steps, lr: {
                "max_lr": lr,
                "total_steps": max(2, steps),
                "cycle_momentum": False,
            },
            "it grows from lr/25 to lr, its highest, in the first three tenths of the run, and "
            "then falls almost to 0",
        ),
    ],
)
