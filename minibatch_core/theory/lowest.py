"""Where a loss surface is lowest: inside a box of w and b, beyond its edge, or nowhere."""

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

__all__ = ["Ends", "Lowest", "limit_far_out", "lowest_point"]

Ends = tuple[float, float]

CELLS = 21
"""Values of w, and of b, of the grids from which the search begins."""

WIDE = (-20.0, 20.0)
"""Where the second of these grids lies, for w and for b."""

THRESHOLDS, STEEP = 8, (2.0, 5.0, 12.0, 30.0, 80.0, 200.0)
"""Steep sigmoids that the search begins from as well: at how many x, and how large abs(w) is."""

FARTHEST, MOST_STEPS = 200.0, 100
"""How far a descent goes, and in how many steps: some come to rest only infinitely far out."""

NUDGE = 1e-6
"""By how much a logit is moved to see how its slope changes."""

SATURATED = 700.0
"""A logit at which p is 0 or 1 to the last digit."""


@dataclass(frozen=True, slots=True)
class Lowest:
    """Where the mean loss is lowest.

    - `"inside"`: in the box, at (w, b), with this loss
    - `"beyond"`: the loss is lower somewhere outside the box than anywhere in it
    - `"nowhere"`: some x divides the classes, so the loss falls for ever and has no minimum
    """

    place: Literal["inside", "beyond", "nowhere"]
    w: float = math.nan
    b: float = math.nan
    loss: float = math.nan


def lowest_point(data: Dataset, w_ends: Ends, b_ends: Ends, loss: str = "mse") -> Lowest:
    """Where the mean loss of some points is lowest, seen from a box of w and b.

    A grid alone does not tell: where some x divides the classes its lowest cell is no minimum, and
    in a diagonal valley the lowest cell may lie on the edge while the minimum is inside.

    The lowest of several descents by Newton's method. It is a minimum only if it lies below
    `limit_far_out`: the loss of MSE is bounded, and may be lowest infinitely far out.

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
    found = []
    for w, b in _beginnings(data, w_ends, b_ends, loss, sigmoids):
        found.append(_descend_kernel(data.x, data.y, code, w, b))
        if found[0][2] >= limit:  # of the box's own: the loss is lower far out
            return Lowest("beyond")
        if found[0][3] and LOSSES[loss].is_convex:  # there is no other
            break
    w, b, lowest, is_minimum = min(found, key=lambda end: end[2])
    is_inside = w_ends[0] <= w <= w_ends[1] and b_ends[0] <= b <= b_ends[1]
    if is_minimum and is_inside and lowest < limit:
        return Lowest("inside", w, b, lowest)
    return Lowest("beyond")


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
    """The lowest cells of the box and of a wider grid, and the best of some steep sigmoids."""
    begun = []
    for w_end, b_end in ((w_ends, b_ends), (WIDE, WIDE)):
        w_grid, b_grid = np.linspace(*w_end, CELLS), np.linspace(*b_end, CELLS)
        surface = loss_surface(data, w_grid, b_grid, loss)
        i, j = np.unravel_index(np.argmin(surface), surface.shape)
        begun.append((float(w_grid[i]), float(b_grid[j])))
    w = np.outer(sigmoids[:, 0], STEEP).ravel()
    b = -w * np.repeat(sigmoids[:, 1], len(STEEP))
    best = int(np.argmin(full_loss(data, w, b, loss)))
    return [*begun, (float(w[best]), float(b[best]))]


@compiled
def _descend_kernel(x, y, loss, w, b):
    """Newton's method against the gradient along both directions: w, b, loss, whether it ended."""
    value = _mean_loss(x, y, loss, w, b)
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
            return w, b, value, math.hypot(g_w, g_b) < 1e-7 and middle - half > 0.0
        if abs(w) + abs(b) > FARTHEST:
            break
    return w, b, value, False


@compiled
def _mean_loss(x, y, loss, w, b):
    total = 0.0
    for i in range(len(x)):
        total += loss_and_slope(loss, w * x[i] + b, y[i])[0]
    return total / len(x)
