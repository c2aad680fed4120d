"""Points that some x divides by class, whose BCE has no minimum: small minibatches often are."""

import math

import numpy as np
from numpy.typing import NDArray

from minibatch_core.arrays import Floats
from minibatch_core.compiled import compiled
from minibatch_core.engine.batches import Batches, check_batch_size
from minibatch_core.engine.dataset import Dataset
from minibatch_core.losses import LOSSES, loss_and_slope

__all__ = ["has_minimum", "is_separable", "separable_share"]

BCE = LOSSES.code("bce")

LOG_2 = math.log(2.0)
"""The BCE of a point where p = 1/2: more on its wrong side, less on its right one."""

MOST_NEWTON_STEPS = 100
"""A minimum is reached in some ten, and so are points where w and b divide the classes."""


def is_separable(data: Dataset) -> bool:
    """Whether some x has all the points of one class on one side, and those of the other beyond.

    >>> from minibatch_core import DataSettings, make_dataset
    >>> is_separable(make_dataset()), is_separable(make_dataset(DataSettings(noise=0.0)))
    (False, True)
    """
    zeros, ones = data.x[data.y == 0.0], data.x[data.y == 1.0]
    if len(zeros) == 0 or len(ones) == 0:
        return True
    return bool(zeros.max() < ones.min() or ones.max() < zeros.min())


def separable_share(data: Dataset, batch_size: int, replacement: bool = True) -> float:
    r"""The probability that the points of a random minibatch are separable, counted exactly.

    Let the rightmost point of the class on the left be point i, and m_i the number of points that
    may come with it: those of its class left of it, and those of the other right of it. Drawn with
    replacement, sum_i ((m_i + 1)^B - m_i^B) / N^B over both classes; without,
    sum_i C(m_i, B - 1) / C(N, B).

    Raises ValueError if the batch size is not between 1 and N.

    >>> from minibatch_core import make_dataset
    >>> [round(separable_share(make_dataset(), size), 3) for size in (1, 5, 25)]
    [1.0, 0.818, 0.136]
    """
    n = len(data)
    check_batch_size(batch_size, n)
    ones = data.y[np.argsort(data.x, kind="stable")]
    share = 0.0
    for left in (1.0 - ones, ones):  # the class on the left, as 0 or 1 for each point
        right = 1.0 - left
        m = ((np.cumsum(left) - left) + (right.sum() - np.cumsum(right)))[left == 1.0]
        if replacement:
            share += float(np.sum(((m + 1.0) / n) ** batch_size - (m / n) ** batch_size))
        else:
            logs = _log_choose(m, batch_size - 1) - _log_choose(n, batch_size)
            share += float(np.exp(logs).sum())
    return min(share, 1.0)


def _log_choose(n: Floats | int, k: int) -> Floats:
    """log C(n, k), minus infinity where n < k."""
    many = np.atleast_1d(np.asarray(n, dtype=np.int64))
    largest = max(many.max(initial=0), k)
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, largest + 1)))])
    enough = many >= k
    inside = np.where(enough, many, k)
    logs = log_factorial[inside] - log_factorial[k] - log_factorial[inside - k]
    return np.where(enough, logs, -math.inf)


def has_minimum(data: Dataset, batches: Batches) -> NDArray[np.bool_]:
    """For each minibatch whether Newton's method, from w = b = 0, finds a minimum of its BCE: (T,).

    It ends without one where the minibatch's losses sum to less than log 2: each of its points is
    then on its right side, and multiplying w and b by ever larger numbers lowers the loss for ever.

    >>> from minibatch_core import draw_minibatches, make_dataset
    >>> has_minimum(make_dataset(), draw_minibatches(100, 10, 4)).tolist()
    [True, False, True, False]
    """
    found = np.empty(len(batches), dtype=np.bool_)
    _minimum_kernel(data.x, data.y, batches.indices, batches.offsets, found)
    return found


@compiled
def _minimum_kernel(x, y, indices, offsets, found):
    for j in range(len(found)):
        points = indices[offsets[j] : offsets[j + 1]]
        w = b = 0.0
        loss = _total_loss(x, y, points, w, b)
        found[j] = False
        for _ in range(MOST_NEWTON_STEPS):
            g_w = g_b = h_ww = h_wb = h_bb = 0.0
            for i in points:
                _, slope = loss_and_slope(BCE, w * x[i] + b, y[i])
                bend = abs(slope) * (1.0 - abs(slope))  # p (1 - p), since slope = p - y
                g_w += slope * x[i]
                g_b += slope
                h_ww += bend * x[i] * x[i]
                h_wb += bend * x[i]
                h_bb += bend
            ridge = 1e-12 * (h_ww + h_bb)  # for points that are all at the same x
            h_ww, h_bb = h_ww + ridge, h_bb + ridge
            determinant = h_ww * h_bb - h_wb * h_wb
            step_w = -(h_bb * g_w - h_wb * g_b) / determinant
            step_b = -(h_ww * g_b - h_wb * g_w) / determinant
            if abs(step_w) + abs(step_b) < 1e-9 * (1.0 + abs(w) + abs(b)):
                found[j] = True
                break
            there = _total_loss(x, y, points, w + step_w, b + step_b)
            while there > loss and abs(step_w) + abs(step_b) > 1e-12:
                step_w, step_b = step_w / 2.0, step_b / 2.0
                there = _total_loss(x, y, points, w + step_w, b + step_b)
            w, b, loss = w + step_w, b + step_b, there
            if loss < LOG_2:
                break


@compiled
def _total_loss(x, y, points, w, b):
    total = 0.0
    for i in points:
        total += loss_and_slope(BCE, w * x[i] + b, y[i])[0]
    return total
