"""The schedules of the learning rate, each as the torch.optim.lr_scheduler that makes it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from minibatch_core.compiled import by_code, part
from minibatch_core.records import Records

__all__ = ["SCHEDULES", "Schedule", "share_of_lr"]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A class of torch.optim.lr_scheduler, to be stepped after each of the run's steps.

    - `arguments`: (steps of the run, lr) -> its arguments besides the optimizer
    - `share`: compiled, (t, steps, before) -> the learning rate of step t = 0, 1, ... as a share of
      lr, where `before` is that of the step before, and 1 before step 0; as torch rounds it
    - `says`: how the learning rate goes, and what `lr` is of it

    >>> SCHEDULES["cosine"].torch_class, SCHEDULES["cosine"].arguments(200, 0.1)
    ('CosineAnnealingLR', {'T_max': 200})
    >>> SCHEDULES["cosine"].stretches, SCHEDULES["constant"].stretches
    (True, False)
    """

    name: str
    label: str
    place: int
    torch_class: str
    arguments: Callable[[int, float], dict[str, Any]]
    share: Callable[..., float]
    says: str

    @property
    def stretches(self) -> bool:
        """Whether the learning rate of a step depends on how many steps the run has."""
        return self.arguments(100, 1.0) != self.arguments(200, 1.0)


@part
def constant(t, steps, before):
    return before


@part
def thirds(t, steps, before):
    return before * 0.1 if t > 0 and t % max(1, -(-steps // 3)) == 0 else before


@part
def exponential(t, steps, before):
    return before * 0.01 ** (1.0 / steps) if t > 0 else before


@part
def cosine(t, steps, before):
    height = 1.0 + math.cos(math.pi * t / steps)
    height_before = 1.0 + math.cos(math.pi * (t - 1) / steps)
    return height / height_before * before if t > 0 else before


@part
def warmup(t, steps, before):
    last = max(1, steps // 5)
    growth = 1.0 + (1.0 - 0.01) / (last * 0.01 + (t - 1) * (1.0 - 0.01))
    if t == 0:
        return before * 0.01
    return before * growth if t <= last else before


@part
def along_a_cosine(start, end, passed):
    return end + (start - end) / 2.0 * (math.cos(math.pi * passed) + 1.0)


@part
def one_cycle(t, steps, before):
    first, lowest = 1.0 / 25.0, 1.0 / 25.0 / 1e4
    last = max(2, steps) - 1.0
    top = 0.3 * max(2, steps) - 1.0
    if t <= top:
        return along_a_cosine(first, 1.0, t / top)
    return along_a_cosine(1.0, lowest, (t - top) / (last - top))


SCHEDULES: Records[Schedule] = Records(
    "schedule",
    [
        Schedule(
            "constant",
            "Constant",
            1,
            "ConstantLR",
            lambda steps, lr: {"factor": 1.0},
            constant,
            "it stays at lr",
        ),
        Schedule(
            "step",
            "Step",
            2,
            "StepLR",
            lambda steps, lr: {"step_size": max(1, -(-steps // 3)), "gamma": 0.1},
            thirds,
            "it begins at lr and is divided by 10 after each third of the run",
        ),
        Schedule(
            "exponential",
            "Exponential",
            3,
            "ExponentialLR",
            lambda steps, lr: {"gamma": 0.01 ** (1.0 / steps)},
            exponential,
            "it begins at lr and falls by the same factor at each step, to a hundredth of it at "
            "the end",
        ),
        Schedule(
            "cosine",
            "Cosine",
            4,
            "CosineAnnealingLR",
            lambda steps, lr: {"T_max": steps},
            cosine,
            "it begins at lr and falls to 0 at the end, along half a cosine",
        ),
        Schedule(
            "warmup",
            "Linear warm-up",
            5,
            "LinearLR",
            lambda steps, lr: {"start_factor": 0.01, "total_iters": max(1, steps // 5)},
            warmup,
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
            one_cycle,
            "it grows from lr/25 to lr, its highest, in the first three tenths of the run, and "
            "then falls almost to 0",
        ),
    ],
)

share_of_lr = by_code([schedule.share for schedule in SCHEDULES.values()])
"""(code, t, steps, before) -> the learning rate of step t as a share of lr."""
