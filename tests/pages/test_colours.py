"""Lines of one chart can be told apart by everybody, on a light and on a dark page."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest

from dashboard.figures.palette import RUNS
from minibatch_core.arrays import Floats
from minibatch_core.optimizers import OPTIMIZERS

SIGHT = {
    "as most": np.eye(3),
    "without red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "without green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "without blue": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
"""What becomes of linear RGB: protanopia, deuteranopia and tritanopia of Machado et al. (2009)."""

TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
WHITE = TO_XYZ.sum(axis=1)
PAGES = {"light": "#ffffff", "dark": "#12161c"}

APART = 16.0
"""CIE 1976 difference of two lines: about 2.3 can just be seen side by side."""

SEEN = 2.2
"""The contrast of a line with its page."""


def linear(colour: str) -> Floats:
    shares = np.array([int(colour[k : k + 2], 16) / 255.0 for k in (1, 3, 5)])
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def lab(rgb: Floats) -> Floats:
    share = TO_XYZ @ np.clip(rgb, 0.0, 1.0) / WHITE
    x, y, z = np.where(share > 0.008856, np.cbrt(share), 7.787 * share + 16.0 / 116.0)
    return np.array([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)])


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(TO_XYZ[1] @ linear(each)) for each in (one, other))
    return (high + 0.05) / (low + 0.05)


LINES = {"optimizers": [each.colour for each in OPTIMIZERS.values()], "runs": list(RUNS)}


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("colours", LINES.values(), ids=LINES)
def test_no_two_lines_look_alike(colours: Sequence[str], sight: str) -> None:
    seen = {each: lab(np.array(SIGHT[sight]) @ linear(each)) for each in colours}
    for one, other in combinations(colours, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > APART, (one, other)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("colours", LINES.values(), ids=LINES)
def test_every_line_is_seen_on_the_page(colours: Sequence[str], page: str) -> None:
    for each in colours:
        assert contrast(each, PAGES[page]) > SEEN, each
