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

    >>> SCHEDULES["cosine"].torch_class, SCHEDULES["cosine"].arguments(200, 0.1)
    ('CosineAnnealingLR', {'T_max': 200})
    """

    name: str
    label: str
    place: int
    torch_class: str
    arguments: Callable[[int, float], dict[str, Any]]


SCHEDULES: Records[Schedule] = Records(
    "schedule",
    [
        Schedule("constant", "Constant", 1, "ConstantLR", lambda steps, lr: {"factor": 1.0}),
        Schedule(  # a tenth after each third of the run
            "step",
            "Step",
            2,
            "StepLR",
            lambda steps, lr: {"step_size": max(1, -(-steps // 3)), "gamma": 0.1},
        ),
        Schedule(  # down to a hundredth at the end
            "exponential",
            "Exponential",
            3,
            "ExponentialLR",
            lambda steps, lr: {"gamma": 0.01 ** (1.0 / steps)},
        ),
        Schedule(  # down to 0 along half a cosine
            "cosine", "Cosine", 4, "CosineAnnealingLR", lambda steps, lr: {"T_max": steps}
        ),
        Schedule(  # up from a hundredth over the first fifth
            "warmup",
            "Linear warm-up",
            5,
            "LinearLR",
            lambda steps, lr: {"start_factor": 0.01, "total_iters": max(1, steps // 5)},
        ),
        Schedule(  # `lr` is its highest, momentum is left alone
            "one_cycle",
            "One cycle",
            6,
            "OneCycleLR",
            lambda steps, lr: {
                "max_lr": lr,
                "total_steps": max(2, steps),
                "cycle_momentum": False,
            },
        ),
    ],
)
