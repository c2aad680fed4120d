"""What there is to know of a loss."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from minibatch_core.arrays import Floats

__all__ = ["Loss"]


@dataclass(frozen=True, slots=True)
class Loss:
    """The loss of one point with logit z = w x + b, p = 1 / (1 + exp(-z)) and label y.

    - `torch_class`, `takes_logit`, `remark`: the class in torch.nn, whether it is given z or p, and
      what a script says of that
    - `value_and_slope`: compiled, (z, exp(-|z|), p, y) -> the loss and its derivative in z
    - `derivatives`: p, y -> the first and second derivative in z of many points
    - `lowest`, `highest`: what the loss of no point falls below, or rises above
    - `is_convex`: whether it is convex in z, so that a mean of it has one minimum at most
    - `surface`: compiled, (x, y, w, b, exp(b), exp(-b), total) adds the points' losses to a grid,
      where that can be done faster than point by point; |w x| and |b| are at most 700 then
    """

    name: str
    label: str
    place: int
    torch_class: str
    takes_logit: bool
    value_and_slope: Callable[..., tuple[float, float]]
    derivatives: Callable[[Floats, Floats], tuple[Floats, Floats]]
    lowest: float = 0.0
    highest: float = math.inf
    is_convex: bool = False
    remark: str = ""
    surface: Callable[..., Any] | None = None
