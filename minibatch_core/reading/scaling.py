"""x in other units: standardised, and the w and b that say the same there."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from minibatch_core.arrays import Floats
from minibatch_core.engine.dataset import Dataset
from minibatch_core.settings.fields import told

__all__ = ["Scale", "standardise"]

F = TypeVar("F", float, Floats)


@dataclass(frozen=True, slots=True)
class Scale:
    """How x was standardised: z = (x - mean) / sd.

    >>> scale = Scale(mean=100.0, sd=20.0)
    >>> scale.to_standard(w=0.1, b=-10.0), scale.from_standard(w=2.0, b=0.0)
    ((2.0, 0.0), (0.1, -10.0))
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.mean) and 0.0 < self.sd < np.inf):
            raise ValueError(
                "mean should be finite and sd above 0, "
                f"but got {told(self.mean)} and {told(self.sd)}"
            )

    def to_standard(self, w: F, b: F) -> tuple[F, F]:
        """The w and b that give of z what these give of x: w sd and b + w mean."""
        return w * self.sd, b + w * self.mean

    def from_standard(self, w: F, b: F) -> tuple[F, F]:
        """The w and b that give of x what these give of z: w / sd and b - w mean / sd."""
        return w / self.sd, b - w * self.mean / self.sd


def standardise(data: Dataset) -> tuple[Dataset, Scale]:
    """The same points with x as z = (x - mean) / sd, whose mean is 0 and sd 1; and that scale.

    sd is that of these points: sqrt(sum (x - mean)^2 / N), as in scikit-learn's StandardScaler.

    Raises ValueError if all x are the same, or too far apart for the numbers of a computer.

    >>> data, scale = standardise(Dataset([80.0, 120.0], [0.0, 1.0]))
    >>> data.x.tolist(), scale
    ([-1.0, 1.0], Scale(mean=100.0, sd=20.0))
    """
    if data.x.min() == data.x.max():
        raise ValueError(f"x should not be the same everywhere, but got {told(float(data.x[0]))}")
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        mean, sd = float(data.x.mean()), float(data.x.std())
    if not (np.isfinite(mean) and 0.0 < sd < np.inf):
        low, high = told(float(data.x.min())), told(float(data.x.max()))
        raise ValueError(f"x should be between 1e-100 and 1e100 or so, but got {low} to {high}")
    return Dataset((data.x - mean) / sd, data.y), Scale(mean, sd)
