"""What there is to know of a source of data."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Source"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Source:
    """Where points come from, and how the labels of some of them are flipped.

    - `draw`: (n, noise, seed) -> x and y, both (N,)
    - `clean_label`: x -> the label that a point has unless it is flipped
    - `flip_chance`: (x, noise) -> the chance that a point's label is flipped
    - `script`: (n, noise, seed) -> the code of a script that draws the same x (N, 1) and y (N,)
    """

    name: str
    label: str
    place: int
    draw: Callable[[int, float, int], tuple[Floats, Floats]]
    clean_label: Callable[[Floats], NDArray[np.bool_]]
    flip_chance: Callable[[Floats, float], Floats]
    script: Callable[[int, float, int], str]
