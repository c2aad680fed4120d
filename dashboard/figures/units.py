"""What an axis along a run counts: steps, epochs, or examples seen."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.many_runs import counted
from dashboard.figures.parts import axis, line
from minibatch_core import Batches
from minibatch_core.arrays import Floats

__all__ = ["along", "counted_axis", "counted_line"]

TITLES = {"steps": "step", "epochs": "epochs", "examples": "examples seen"}

PLACES = {
    "steps": "step %{x:,d}",
    "epochs": "after %{x:,.4~f} epochs",
    "examples": "after %{x:,d} examples",
}
"""How the hover says where it is."""

LARGE = 10_000
"""From here on ticks are written 10k."""


def along(steps: NDArray[np.int32], batches: Batches, unit: str) -> NDArray[Any]:
    """Where the steps of a run stand on an axis that counts in a unit."""
    return steps if unit == "steps" else counted(steps, batches, unit)


def counted_axis(unit: str, last: float, **more: Any) -> dict[str, Any]:
    """An axis that counts in a unit, up to the last step of the longest run.

    Its zoom is kept as long as it counts in this unit.
    """
    large = {"tickformat": "~s"} if last >= LARGE else {}
    return axis(TITLES[unit], uirevision=unit, **large, **more)


def counted_line(
    x: NDArray[Any], y: Floats, colour: str, width: float, name: str, unit: str
) -> dict[str, Any]:
    """A line over such an axis."""
    hover = f"{PLACES[unit]}: %{{y:.4f}}<extra>{name}</extra>"
    return {**line(x, y, colour, width, name), "hovertemplate": hover}
