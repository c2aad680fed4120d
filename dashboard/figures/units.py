"""What an axis along a run counts: steps, epochs, examples seen, or time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.parts import axis, line
from minibatch_core import Batches
from minibatch_core.arrays import Floats
from minibatch_core.engine.budgets import Budget, spent

__all__ = ["COUNTS", "along", "counted_axis", "counted_line", "counts_of"]

TITLES = {"steps": "step", "epochs": "epochs", "examples": "examples seen", "time": "time"}

PLACES = {
    "steps": "step %{x:,d}",
    "epochs": "after %{x:,.4~f} epochs",
    "examples": "after %{x:,d} examples",
    "time": "at time %{x:,d}",
}
"""How the hover says where it is."""

LARGE = 10_000
"""From here on ticks are written 10k."""


COUNTS = ("steps", "epochs", "examples")
"""What time, too, is made of."""


def along(steps: NDArray[np.int32], batches: Batches, budget: Budget) -> NDArray[Any]:
    """Where the steps of a run stand on an axis that counts a budget."""
    return steps if budget.unit == "steps" else spent(steps, batches, budget)


def counts_of(steps: NDArray[np.int32], batches: Batches) -> NDArray[np.float32]:
    """The COUNTS before each of these steps, a row each: float32 holds what is drawn of them."""
    return np.array([spent(steps, batches, Budget(unit)) for unit in COUNTS], dtype=np.float32)


def counted_axis(budget: Budget, last: float, **more: Any) -> dict[str, Any]:
    """An axis that counts a budget, up to the last step of the longest run.

    Its zoom is kept as long as it counts in this unit.
    """
    large = {"tickformat": "~s"} if last >= LARGE else {}
    return axis(TITLES[budget.unit], uirevision=budget.unit, **large, **more)


def counted_line(
    x: NDArray[Any], y: Floats, colour: str, width: float, name: str, budget: Budget
) -> dict[str, Any]:
    """A line over such an axis."""
    hover = f"{PLACES[budget.unit]}: %{{y:.4f}}<extra>{name}</extra>"
    return {**line(x, y, colour, width, name), "hovertemplate": hover}
