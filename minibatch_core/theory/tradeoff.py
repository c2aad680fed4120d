"""The steps to a target against the examples, as the batch size grows."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minibatch_core.arrays import Floats
from minibatch_core.theory.resampling import interval

__all__ = ["FEWEST_SIZES", "Tradeoff", "critical_range", "fit_tradeoff"]

FEWEST_SIZES = 3
"""Two parameters go through two batch sizes whatever the steps are."""

BEYOND, CANDIDATES = 10.0, 1001
"""The critical batch size is looked for so many times beyond the batch sizes, at so many values.

Farther out it changes the steps by less than a tenth, which no run tells from none.
"""


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

    A batch size whose steps are infinite or 0 tells nothing. None for fewer than three that do, and
    where the fit ends at the edge of its search: then the steps do not bend, and show no critical
    batch size.

    >>> law = Tradeoff(s_min=40.0, e_min=800.0)
    >>> fitted = fit_tradeoff([1, 5, 20, 100], law.steps([1, 5, 20, 100]))
    >>> round(fitted.s_min), round(fitted.critical_batch_size)
    (40, 20)
    >>> fit_tradeoff([1, 5, 20, 100], [80, 80, 80, 80])

    Source: McCandlish et al. 2018, arXiv 1812.06162, equation 2.11.
    """
    sizes, counts = np.asarray(batch_sizes, np.float64), np.asarray(steps, np.float64)
    critical = _nearest(sizes, counts)
    if not 0.0 < critical < math.inf:
        return None
    told = np.isfinite(counts) & (counts > 0.0)
    s_min = float(np.exp((np.log(counts[told]) - np.log1p(critical / sizes[told])).mean()))
    return Tradeoff(s_min, s_min * critical)


def critical_range(batch_sizes: ArrayLike, steps: Floats) -> tuple[float, float] | None:
    """Between which critical batch sizes 95% of the fits to resampled steps (count, sizes) lie.

    The low end is 0 where steps that do not fall with the batch size are among what chance gives,
    the high end infinite where steps that fall as 1/B throughout are. None where most of the
    resamplings have too few batch sizes.

    >>> law = Tradeoff(s_min=40.0, e_min=800.0)
    >>> critical_range([1, 5, 20, 100], np.array([law.steps([1, 5, 20, 100])])) == (
    ...     fit_tradeoff([1, 5, 20, 100], law.steps([1, 5, 20, 100])).critical_batch_size,
    ... ) * 2
    True
    """
    sizes = np.asarray(batch_sizes, np.float64)
    found = np.array([_nearest(sizes, counts) for counts in steps])
    known = found[~np.isnan(found)]
    return interval(known) if 2 * len(known) > len(found) else None


def _nearest(sizes: Floats, counts: Floats) -> float:
    """The critical batch size of the fit; 0 or infinite at an edge, NaN for too few sizes."""
    told = np.isfinite(counts) & (counts > 0.0)
    if told.sum() < FEWEST_SIZES:
        return math.nan
    sizes = sizes[told]
    candidates = np.geomspace(sizes.min() / BEYOND, sizes.max() * BEYOND, CANDIDATES)
    logs = np.log(counts[told]) - np.log1p(candidates[:, None] / sizes)
    best = int(np.argmin(logs.var(axis=1)))
    if best == 0:
        return 0.0
    return math.inf if best == CANDIDATES - 1 else float(candidates[best])
