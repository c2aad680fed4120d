"""What there is to know of an optimizer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from minibatch_core.compiled import part

__all__ = ["DECAY", "LR", "WORDS", "Line", "Optimizer", "decayed", "lr_alone"]

LR = 0
"""Where lr stands among the numbers `h` that a step reads; its hyperparameters follow."""


@part
def lr_alone(h, memory, t):
    """The factors of an optimizer whose steps have nothing but lr in common."""
    return h[LR], 0.0, 0.0


@part
def decayed(weight_decay, theta, g):
    """The gradient with weight decay, as torch.optim adds it to the gradient."""
    return g + weight_decay * theta if weight_decay != 0.0 else g


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an update as it is done by hand: what `name` stands for becomes `formula`.

    Both are in torch's names. A formula knows lr, the hyperparameters, what the optimizer
    remembers, `g`, `theta`, `t`, the names of the lines before, and sqrt, max and float32. A line
    whose condition `when` does not hold is left out.
    """

    name: str
    formula: str
    when: str = "t > 0"


DECAY = Line("g", "g + weight_decay * theta", "weight_decay != 0")
"""Weight decay, as `decayed` adds it to the gradient."""

WORDS = {
    "theta": "The parameter: w, or b.",
    "theta_next": "The parameter after the step.",
    "t": "The number of this step, counted from 1. The player counts from 0.",
    "g": "The gradient: the slope of the loss in w, or in b, as a mean over this step's points.",
    "lr": "The learning rate of this step.",
}
"""What the names mean that every update knows."""


@dataclass(frozen=True, slots=True)
class Optimizer:
    """An optimizer of torch.optim, one parameter and one gradient at a time.

    - `torch_class`, `torch_arguments`: the class in torch.optim, and what it is always given
    - `hyperparameters`: those besides lr, with torch's names and defaults (betas: beta1, beta2);
      a step reads lr and these in this order as the numbers `h`
    - `usual`: those of them whose value is a usual one in place of torch's default
    - `state`: what it remembers of a parameter, a number each, in torch's words
    - `step`: compiled, (h, factors, state, t, theta, g) -> the parameter after step t = 1, 2, ...;
      `state` holds zeros before step 1
    - `factors`: compiled, (h, memory, t) -> three numbers that step t has in common for all
      parameters; `memory` (1,) starts at 1
    - `update`: the same step in lines that can be followed by hand; the last gives `theta_next`
    - `words`: a sentence for each name in it that is not in `WORDS` and no hyperparameter, and for
      a hyperparameter that means more here than its setting says
    - `memory`: what `memory` is in torch's words, where it is used
    - `is_adaptive`: whether it divides by the size of the gradient, and so wants an lr of its own
    - `lr_power`: the power of B with which lr grows, None where no rule is known
    - `colour`: one that can be told from the others on a light and a dark page
    """

    name: str
    label: str
    place: int
    torch_class: str
    hyperparameters: Mapping[str, float | bool]
    state: tuple[str, ...]
    step: Callable[..., float]
    update: tuple[Line, ...]
    colour: str
    is_adaptive: bool
    lr_power: float | None
    factors: Callable[..., tuple[float, float, float]] = lr_alone
    torch_arguments: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    usual: tuple[str, ...] = ()
    memory: str = ""
