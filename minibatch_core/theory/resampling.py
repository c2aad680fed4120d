"""How far chance reaches: what the medians of runs would have been with other seeds."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minibatch_core.arrays import Floats

__all__ = [
    "FEWEST_RUNS",
    "MANY_RESAMPLES",
    "NORMAL",
    "RESAMPLES",
    "error_within",
    "interval",
    "may_be_lowest",
    "median_error",
    "median_interval",
    "medians",
    "resampled_medians",
]

RESAMPLES, MANY_RESAMPLES = 200, 1000
"""How many times the runs are drawn anew; more often where it counts whether it is every time."""

FEWEST_RUNS = 10
"""Fewer runs are too few to say how far chance reaches."""

SEED = 1
"""The same runs always give the same range."""

COVERED = (0.025, 0.975)
"""The quantiles between which 95% lie."""

NORMAL = 1.959964
"""How many standard errors from the middle those are, where chance is normal."""

MOST_RIVALS = 400
"""With how many of the lowest cells each is compared."""

ROUNDING = 1e-9
"""Relative differences below this are none."""


def medians(values: ArrayLike) -> Floats:
    """The medians along the last axis, where a number may be infinite.

    >>> medians([[1.0, 3.0, 2.0], [1.0, 4.0, np.inf]]).tolist()
    [2.0, 4.0]
    """
    ordered = np.sort(np.asarray(values, np.float64), axis=-1)
    count = ordered.shape[-1]
    return np.asarray(0.5 * ordered[..., (count - 1) // 2] + 0.5 * ordered[..., count // 2])


def resampled_medians(values: Floats, count: int = RESAMPLES) -> Floats:
    """The bootstrap of the medians of a grid's cells: (up, across, run) -> (count, up, across).

    Each time as many runs are drawn with replacement as there are. The cells have the same seeds,
    so the same runs are drawn in all of them; then a seed that is lucky everywhere favours no cell.

    >>> spread = resampled_medians(np.array([[[1.0, 2.0, 3.0, 4.0, 5.0]]]))
    >>> spread.shape, float(spread.min()) >= 1.0, float(spread.max()) <= 5.0
    ((200, 1, 1), True, True)

    Source: Efron 1979, Annals of Statistics 7, 1.
    """
    runs = values.shape[2]
    drawn = np.random.default_rng(SEED).integers(runs, size=(count, runs))
    return np.stack([medians(row[:, drawn]).T for row in values], axis=1)


def interval(values: ArrayLike) -> tuple[float, float]:
    """From where to where 95% of what was resampled lie; an end may be infinite.

    >>> interval(np.arange(1001.0))
    (25.0, 975.0)
    """
    low, high = np.quantile(np.asarray(values, np.float64), COVERED, method="nearest")
    return float(low), float(high)


def median_interval(values: ArrayLike) -> tuple[float, float] | None:
    """Between which two of the values the true median lies, with 95% confidence.

    The k-th lowest and the k-th highest, with the largest k for which the true median lies beyond
    either with a chance of 2.5% at most. Each value is below it or not, as a coin falls, however
    they are distributed. None for fewer than six, between which it lies less surely than that.

    >>> median_interval(range(1, 101)), median_interval([1.0, 2.0, 3.0])
    ((40.0, 61.0), None)

    Source: Thompson 1936, Annals of Mathematical Statistics 7, 122.
    """
    ordered = np.sort(np.asarray(values, np.float64))
    n, beyond, ways = len(ordered), 0, 0
    while (ways := ways + math.comb(n, beyond)) <= COVERED[0] * 2**n:
        beyond += 1
    return (float(ordered[beyond - 1]), float(ordered[n - beyond])) if beyond else None


def median_error(values: ArrayLike) -> float:
    """The standard error of a median, by the bootstrap.

    >>> round(median_error(np.arange(100.0)), 1)  # of evenly spread values it is 100 / (2 √100)
    5.0

    Source: Efron 1979, Annals of Statistics 7, 1.
    """
    known = np.asarray(values, np.float64)
    drawn = np.random.default_rng(SEED).integers(len(known), size=(MANY_RESAMPLES, len(known)))
    return float(medians(known[drawn]).std(ddof=1))


def error_within(within: tuple[float, float]) -> float:
    """The standard error of what lies within a range with 95% confidence, as if chance were normal.

    >>> round(error_within((8.0, 12.0)), 2)
    1.02
    """
    low, high = within
    return (high - low) / (2.0 * NORMAL)


def may_be_lowest(found: Floats, resampled: Floats) -> NDArray[np.bool_]:
    """The cells any of which may have the lowest true median: (up, across).

    `found` are the medians of the cells, `resampled` (count, up, across) their bootstrap. A cell is
    left out where some other lies below it in every resampling: with MANY_RESAMPLES of them, the
    truly lowest is kept in about 95% of cases. That is far more than it takes to tell two cells
    apart, but among a hundred that are nearly as low some other is much too low by chance. Equal
    cells are kept or left out together.

    >>> runs = np.random.default_rng(1).normal(size=(1, 3, 20)) + [[[0.0], [0.1], [9.0]]]
    >>> may_be_lowest(medians(runs), resampled_medians(runs, MANY_RESAMPLES)).tolist()
    [[True, True, False]]
    """
    marked = np.isfinite(found)
    rows = resampled.reshape(len(resampled), -1)
    # A hair lower, by rounding alone, is not lower.
    lower = rows + ROUNDING * np.abs(rows)
    rivals = np.argsort(np.where(marked, found, np.inf), axis=None)[
        : min(MOST_RIVALS, marked.sum())
    ]
    for place in np.flatnonzero(marked):
        marked.flat[place] = (rows[:, [place]] <= lower[:, rivals]).any(axis=0).all()
    return marked
