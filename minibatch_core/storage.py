"""The orders in which a file can hold the points, each as the sort that brings them into it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minibatch_core.arrays import Floats
from minibatch_core.records import Records

__all__ = ["STORAGE", "Storage"]


@dataclass(frozen=True, slots=True)
class Storage:
    """An order of the points; the sort is a stable one, so that ties stay as they were drawn.

    - `sorted_by`: (x, y) -> what the points are sorted by, (N,), or None for the order of the draw
    - `script`: the same in a script's x (N, 1) and y (N,), or nothing

    >>> STORAGE["class"].order(np.array([3.0, 1.0, 2.0]), np.array([1.0, 0.0, 1.0])).tolist()
    [1, 0, 2]
    """

    name: str
    label: str
    place: int
    sorted_by: Callable[[Floats, Floats], Floats] | None = None
    script: str = ""

    def order(self, x: Floats, y: Floats) -> NDArray[np.intp]:
        """Which of the points, as drawn, stands at each place: (N,)."""
        if self.sorted_by is None:
            return np.arange(len(x))
        return np.argsort(self.sorted_by(x, y), kind="stable")


STORAGE: Records[Storage] = Records(
    "stored",
    [
        Storage("drawn", "As drawn", 1),
        Storage("x", "Sorted by x", 2, lambda x, y: x, "x[:, 0]"),
        Storage("class", "Sorted by class", 3, lambda x, y: y, "y"),
    ],
)
