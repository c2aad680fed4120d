"""Where a loss surface is lowest: inside a box of w and b, outside it, or at no point at all."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from minibatch_core.arrays import Floats
from minibatch_core.compiled import compiled
from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.surface import loss_surface
from minibatch_core.engine.training import full_loss
from minibatch_core.losses import LOSSES, loss_and_slope
from minibatch_core.theory.separability import is_separable

__all__ = [
    "FALLS",
    "Ends",
    "Lowest",
    "limit_far_out",
    "low_places",
    "lowest_point",
    "lowest_possible",
]

FALLS = (
    "If both are then multiplied by the same number above 1, the loss falls, again and again "
    "without end."
)
"""Why there is no minimum where some w and b put every point on the correct side of p = ½."""

Ends = tuple[float, float]

CELLS = 21
"""Values of w, and of b, of the grids from which the search begins."""

WIDE = (-20.0, 20.0)
"""Where the second of these grids lies, for w and for b."""

MOST_PLACES = 4
"""From how many low cells of the box itself the search begins."""

THRESHOLDS, STEEP = 8, (2.0, 5.0, 12.0, 30.0, 80.0, 200.0)
"""Steep sigmoids that the search begins from as well: at how many x, and how large abs(w) is."""

STEEPER = (500.0, 1200.0, 3000.0, 8000.0, 20000.0)
"""And from steeper ones: between thousands of points the best sigmoid can be almost a step."""

FARTHEST, MOST_STEPS = 200.0, 100
"""How far a descent goes, if not to twice where it begins, and in how many steps.

Some come to rest only infinitely far out.
"""

FLATTEST = 1e-8
"""Where the surface is bent less it is a plateau, on which every p is 0 or 1, and no minimum."""

NUDGE = 1e-6
"""By how much a logit is moved to see how its slope changes."""

ROUNDING = 1e-12
"""Two losses that differ by less are the same."""

SATURATED = 700.0
"""A logit at which p is 0 or 1 to the last digit."""


@dataclass(frozen=True, slots=True)
class Lowest:
    """Where the mean loss is lowest.

    - `"inside"`: in the box, at (w, b), with this loss
    - `"local"`: there is a minimum in the box, at (w, b), but the loss is lower outside
    - `"beyond"`: outside the box, and there is no minimum in it
    - `"far"`: at no point: the loss comes to its lowest value only infinitely far out
    - `"nowhere"`: at no point either: some x divides the classes, so the loss falls for ever
    """

    place: Literal["inside", "local", "beyond", "far", "nowhere"]
    w: float = math.nan
    b: float = math.nan
    loss: float = math.nan

    @property
    def is_in_sight(self) -> bool:
        """Whether there is a minimum in the box."""
        return self.place in ("inside", "local")


def lowest_point(data: Dataset, w_ends: Ends, b_ends: Ends, loss: str = "mse") -> Lowest:
    """Where the mean loss of some points is lowest, seen from a box of w and b.

    A grid alone does not tell: where some x divides the classes its lowest cell is no minimum, and
    in a diagonal valley the lowest cell may lie on the edge while the minimum is inside.

    The lowest of several descents by Newton's method, compared with `limit_far_out`: MSE is
    bounded, and may be lowest infinitely far out.

    >>> from minibatch_core import DataSettings, make_dataset
    >>> valley = make_dataset(DataSettings(n=60, noise=0.15, seed=5))
    >>> found = lowest_point(valley, (-4.0, 6.0), (-6.0, 4.0))
    >>> found.place, round(found.w, 3), round(found.b, 3)
    ('inside', 4.604, -4.94)
    >>> lowest_point(make_dataset(DataSettings(noise=0.0)), (-4.0, 6.0), (-6.0, 4.0)).place
    'nowhere'
    """
    if is_separable(data):
        return Lowest("nowhere")
    code, (limit, sigmoids) = LOSSES.code(loss), limit_far_out(data, loss)
    found, minima = [], []
    for w, b in _beginnings(data, w_ends, b_ends, loss, sigmoids):
        *end, is_minimum = _descend_kernel(data.x, data.y, code, w, b)
        found.append(end[2])
        if is_minimum:
            minima.append(tuple(end))
            if LOSSES[loss].is_convex:  # there is no other
                break
    lowest = min(found)
    here = [at for at in minima if _is_within(at[0], w_ends) and _is_within(at[1], b_ends)]
    if here:
        best = min(here, key=lambda at: at[2])
        is_lowest = best[2] < limit and best[2] <= lowest + ROUNDING
        return Lowest("inside" if is_lowest else "local", *best)
    return Lowest("beyond" if lowest < limit - ROUNDING else "far")


def lowest_possible(data: Dataset, loss: str = "mse") -> float:
    """The loss below which no w and b come: that of the lowest point, or what is tended to far out.

    >>> from minibatch_core import make_dataset
    >>> round(lowest_possible(make_dataset()), 4)
    0.0855
    """
    code, (limit, sigmoids) = LOSSES.code(loss), limit_far_out(data, loss)
    if is_separable(data):
        return limit
    begun = _beginnings(data, WIDE, WIDE, loss, sigmoids)
    return min(limit, *(_descend_kernel(data.x, data.y, code, w, b)[2] for w, b in begun))


def _is_within(value: float, ends: Ends) -> bool:
    return ends[0] <= value <= ends[1]


def limit_far_out(data: Dataset, loss: str) -> tuple[float, Floats]:
    """The lowest mean loss that is tended to infinitely far out, and steep sigmoids that come near.

    Far out every p is 0 or 1, apart from that of points at p = 1/2, which can have the better of
    the two: so all that counts is which x parts the points, and which side is called 1. The
    sigmoids are rows (side, x) with side 1 where p rises with x and -1 where it falls.
    """
    order = np.argsort(data.x, kind="stable")
    x, y = data.x[order], data.y[order].astype(np.int64)
    of_class = np.array([_saturated(loss, label) for label in (0.0, 1.0)])
    low, high = of_class[y, 0], of_class[y, 1]
    inner = (x[1:] + x[:-1]) / 2.0
    parts = np.concatenate([x[:1] - 1.0, inner, x[-1:] + 1.0])
    means, rows = [], []
    for side, left, right in ((1.0, low, high), (-1.0, high, low)):
        before = np.concatenate([[0.0], np.cumsum(left)])
        means.append((before + right.sum() - np.concatenate([[0.0], np.cumsum(right)])) / len(x))
        rows.append(np.column_stack([np.full(len(parts), side), parts]))
    every, sigmoids = np.concatenate(means), np.concatenate(rows)
    best = np.argsort(every, kind="stable")[:THRESHOLDS]
    return float(every[best[0]]), sigmoids[best]


def _saturated(loss: str, label: float) -> list[float]:
    """The loss of a point of this class where p is 0, and where it is 1."""
    point = Dataset(np.zeros(1), np.array([label]))
    ends = np.array([-SATURATED, SATURATED])
    return [float(value) for value in full_loss(point, np.zeros(2), ends, loss)]


def _beginnings(
    data: Dataset, w_ends: Ends, b_ends: Ends, loss: str, sigmoids: Floats
) -> list[tuple[float, float]]:
    """Low cells of the box, the lowest of a wider grid, the best of steep and steeper sigmoids."""
    begun = []
    for w_end, b_end, most in ((w_ends, b_ends, MOST_PLACES), (WIDE, WIDE, 1)):
        w_grid, b_grid = np.linspace(*w_end, CELLS), np.linspace(*b_end, CELLS)
        surface = loss_surface(data, w_grid, b_grid, loss)
        begun += [(float(w_grid[i]), float(b_grid[j])) for i, j in low_places(surface)[:most]]
    for steep in (STEEP, STEEPER):
        w = np.outer(sigmoids[:, 0], steep).ravel()
        b = -w * np.repeat(sigmoids[:, 1], len(steep))
        best = int(np.argmin(full_loss(data, w, b, loss)))
        begun.append((float(w[best]), float(b[best])))
    return begun


def low_places(surface: Floats) -> list[tuple[int, int]]:
    """The cells of a grid that are no higher than their neighbours, the lowest first.

    >>> low_places(np.array([[3.0, 1.0, 4.0], [3.0, 3.0, 3.0], [0.0, 3.0, 5.0]]))
    [(2, 0), (0, 1)]
    """
    padded = np.pad(surface, 1, constant_values=np.inf)
    rows, columns = surface.shape
    around = [
        padded[1 + i : 1 + i + rows, 1 + j : 1 + j + columns]
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
        if (i, j) != (0, 0)
    ]
    places = np.argwhere(surface <= np.min(around, axis=0)).tolist()
    return sorted(((i, j) for i, j in places), key=lambda place: float(surface[place]))


@compiled
def _descend_kernel(x, y, loss, w, b):
    """Newton's method against the gradient along both directions: w, b, loss, whether it ended."""
    value = _mean_loss(x, y, loss, w, b)
    farthest = max(FARTHEST, 2.0 * (abs(w) + abs(b)))
    for _ in range(MOST_STEPS):
        g_w = g_b = h_ww = h_wb = h_bb = 0.0
        for i in range(len(x)):
            z = w * x[i] + b
            slope = loss_and_slope(loss, z, y[i])[1]
            bend = (loss_and_slope(loss, z + NUDGE, y[i])[1] - slope) / NUDGE
            g_w += slope * x[i]
            g_b += slope
            h_ww += bend * x[i] * x[i]
            h_wb += bend * x[i]
            h_bb += bend
        n = len(x)
        g_w, g_b, h_ww, h_wb, h_bb = g_w / n, g_b / n, h_ww / n, h_wb / n, h_bb / n
        # The eigenvalues of H, and (c, s) the direction of the first.
        middle, half = (h_ww + h_bb) / 2.0, math.hypot((h_ww - h_bb) / 2.0, h_wb)
        angle = 0.5 * math.atan2(2.0 * h_wb, h_ww - h_bb)
        c, s = math.cos(angle), math.sin(angle)
        first = -(c * g_w + s * g_b) / max(abs(middle + half), 1e-9)
        second = -(c * g_b - s * g_w) / max(abs(middle - half), 1e-9)
        step_w, step_b = c * first - s * second, s * first + c * second
        there = _mean_loss(x, y, loss, w + step_w, b + step_b)
        while there > value and abs(step_w) + abs(step_b) > 1e-13:
            step_w, step_b = step_w / 2.0, step_b / 2.0
            there = _mean_loss(x, y, loss, w + step_w, b + step_b)
        if there <= value:
            w, b, value = w + step_w, b + step_b, there
        if abs(step_w) + abs(step_b) < 1e-9 * (1.0 + abs(w) + abs(b)):
            return w, b, value, math.hypot(g_w, g_b) < 1e-7 and middle - half > FLATTEST
        if abs(w) + abs(b) > farthest:
            break
    return w, b, value, False


@compiled
def _mean_loss(x, y, loss, w, b):
    total = 0.0
    for i in range(len(x)):
        total += loss_and_slope(loss, w * x[i] + b, y[i])[0]
    return total / len(x)
