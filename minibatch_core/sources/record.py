"""What there is to know of a source of data."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minibatch_core.arrays import Floats

__all__ = ["Source"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where points come from, and how the labels of some of them are flipped.

    - `draw`: (n, noise, seed) -> x and y, both (N,)
    - `clean_label`: x -> the label that a point has unless it is flipped
    - `flip_chance`: (x, noise) -> the chance that a point's label is flipped
    - `flip_breaks`: the x at which that chance jumps
    - `flip_words`: noise -> that chance in words
    - `script`: (n, noise, seed) -> the code of a script that draws the same x (N, 1) and y (N,)
    - `script_title`: what that code draws
    """

    name: str
    label: str
    place: int
    draw: Callable[[int, float, int], tuple[Floats, Floats]]
    clean_label: Callable[[Floats], NDArray[np.bool_]]
    flip_chance: Callable[[Floats, float], Floats]
    flip_breaks: tuple[float, ...]
    flip_words: Callable[[float], str]
    script: Callable[[int, float, int], str]
    script_title: str
