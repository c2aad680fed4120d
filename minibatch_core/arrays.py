"""The arrays of this package, and the standard error of what one holds."""

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "standard_error"]

Floats = NDArray[np.float64]
"""An array of float64."""


def standard_error(values: Floats) -> float:
    """That of the mean of independent values: 0 of a single one, NaN where one is not finite.

    sqrt(sum (v - mean)^2 / (count - 1) / count). Divided by the count in place of count - 1 it
    would be too small, by 11% for five values.

    >>> round(standard_error(np.array([0.0, 2.0, 1.0, 1.0])), 3), standard_error(np.array([3.0]))
    (0.408, 0.0)
    """
    if len(values) < 2:
        return 0.0
    if not np.isfinite(values).all():
        return math.nan
    return float(values.std(ddof=1)) / math.sqrt(len(values))
