"""The arrays of this package."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats"]

Floats = NDArray[np.float64]
"""An array of float64."""
