"""The steps to a target against the examples, as the batch size grows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Tradeoff", "fit_tradeoff"]


@dataclass(frozen=True, slots=True)
class Tradeoff:
    """(S / s_min - 1)(E / e_min - 1) = 1 between the steps S and the examples E to a target."""

    s_min: float
    e_min: float

    @property
    def critical_batch_size(self) -> float:
        """e_min / s_min: from there on larger batches hardly save steps."""
        return self.e_min / self.s_min

    def steps(self, batch_size: ArrayLike) -> NDArray[np.float64]:
        """S = s_min (1 + B_crit / B), which the law is with E = B S."""
        return self.s_min * (1.0 + self.critical_batch_size / np.asarray(batch_size, np.float64))


def fit_tradeoff(batch_sizes: ArrayLike, steps: ArrayLike) -> Tradeoff | None:
    """The trade-off nearest to measured steps, by least squares of their logarithms.

    None for fewer than three batch sizes.

    >>> law = Tradeoff(s_min=40.0, e_min=800.0)
    >>> fitted = fit_tradeoff([1, 5, 20, 100], law.steps([1, 5, 20, 100]))
    >>> round(fitted.s_min, 1), round(fitted.critical_batch_size, 1)
    (40.0, 20.0)

    Source: McCandlish et al. 2018, arXiv 1812.06162, equation 2.11.
    """
    sizes, counts = np.asarray(batch_sizes, np.float64), np.asarray(steps, np.float64)
    if len(sizes) < 3:
        return None
    candidates = np.geomspace(sizes.min() / 100.0, sizes.max() * 100.0, 4001)
    logs = np.log(counts) - np.log1p(candidates[:, None] / sizes)
    best = int(np.argmin(logs.var(axis=1)))
    s_min = float(np.exp(logs[best].mean()))
    return Tradeoff(s_min, s_min * float(candidates[best]))
