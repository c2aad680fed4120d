"""The course notebook's data: x ~ N(1, 1) and y = [x > 1], some of it flipped."""

import random

import numpy as np
from numpy.typing import NDArray

from minibatch_core.arrays import Floats
from minibatch_core.sources.record import Source
from minibatch_core.words import plain, rounded


def draw(n: int, noise: float, seed: int) -> tuple[Floats, Floats]:
    """Seed 1 with noise 0.1 gives the notebook's own points."""
    x = np.random.RandomState(seed).randn(n) + 1.0
    uniform = random.Random(seed).random
    flipped = np.array([uniform() for _ in range(n)]) < flip_chance(x, noise)
    return x, np.where(flipped, x < 1.0, clean_label(x)).astype(np.float64)


def clean_label(x: Floats) -> NDArray[np.bool_]:
    return np.asarray(x > 1.0)


def flip_chance(x: Floats, noise: float) -> Floats:
    """`noise` within 1 of the boundary, a quarter of it elsewhere."""
    return np.where(np.abs(x - 1.0) < 1.0, noise, noise / 4.0)


def flip_words(noise: float) -> str:
    elsewhere = rounded(noise / 4.0, 6)
    return f"a label flips with chance {plain(noise)} within 1 of x = 1, {elsewhere} elsewhere"


def script(n: int, noise: float, seed: int) -> str:
    return f"""\
N = {n}
noise = {noise!r}  # the chance of a flip within 1 of the boundary; a quarter of it elsewhere

random.seed({seed})
np.random.seed({seed})
x = np.random.randn(N, 1) + 1


def true_y(x_i):
    flip_probability = noise if abs(x_i - 1) < 1 else noise / 4
    flipped = random.random() < flip_probability
    return int(x_i < 1) if flipped else int(x_i > 1)


y = np.array([true_y(x_i) for x_i in x[:, 0]])"""


RECORD = Source(
    name="notebook",
    label="Notebook",
    place=1,
    draw=draw,
    clean_label=clean_label,
    flip_chance=flip_chance,
    flip_breaks=(0.0, 2.0),
    flip_words=flip_words,
    script=script,
    script_title="The data: y says on which side of 1 x lies, and some labels are flipped",
)
