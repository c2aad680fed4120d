"""How far chance reaches: what the medians of runs would have been with other seeds."""

import numpy as np
from numpy.typing import ArrayLike

from minibatch_core.arrays import Floats

__all__ = ["FEWEST_RUNS", "interval", "medians", "resampled_medians"]

RESAMPLES = 200
"""How many times the runs are drawn anew."""

FEWEST_RUNS = 5
"""Fewer runs are too few to say how far chance reaches."""

SEED = 1
"""The same runs always give the same range."""

COVERED = (0.025, 0.975)
"""The quantiles between which 95 % lie."""


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
    """From where to where 95 % of what was resampled lie; an end may be infinite.

    >>> interval(np.arange(1001.0))
    (25.0, 975.0)
    """
    low, high = np.quantile(np.asarray(values, np.float64), COVERED, method="nearest")
    return float(low), float(high)
