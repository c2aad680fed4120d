"""The oscillation of a run as a spectrum: how strongly its trace swings at each frequency."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minibatch_core.arrays import Floats

__all__ = ["Spectrum", "shares_by_chance", "trace_spectrum"]

AROUND, ENOUGH = 3, 12
"""Over how many epochs around a value its trend is the mean, where there are enough epochs."""

ROUNDING = 1e-12
"""A trace whose swings are a smaller share of it does not swing."""

SAME = 0.03
"""Epochs that differ by a smaller share of how the trace swings are the same."""

SEED, MOST, FEWEST = 1, 2_000, 20
"""How many runs are simulated, and from which seed, ..."""

MOST_VALUES = 1_000_000
"""... or fewer, so that together they take no more random numbers than this."""

FEWEST_EXACT = 700
"""Points are drawn one by one where that leaves so many runs."""

FEW_POINTS = 16
"""The mean of at least so many points is about normal."""


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Amplitudes of a trace's swings.

    - `frequency` (F,): in cycles per step, above 0 and up to 1/2
    - `amplitude` (F,): of each swing, in the units of the trace
    - `periodic_share`: the share of the power at multiples of 1 / period: of what repeats
    - `repeats`: whether the trace itself, trend and all, is the same in every epoch
    - `steps`: how many of the trace's last steps were looked at
    - `window`: over how many steps around each its trend is the mean
    """

    frequency: Floats
    amplitude: Floats
    periodic_share: float
    repeats: bool
    steps: int
    window: int

    @property
    def peak(self) -> float:
        """The frequency of the strongest swing."""
        return float(self.frequency[np.argmax(self.amplitude)])


def trace_spectrum(trace: Floats, period: int) -> Spectrum | None:
    r"""The amplitude spectrum of the second half of a trace whose epochs are `period` steps long.

    Each value is taken less the mean of the epochs around it, so that a slow trend, straight or
    bent, does not drown the swings: this leaves those at 1 / period and its multiples as they are.
    What remains is cut to whole epochs, so that these are frequencies of the discrete Fourier
    transform: A_k = (2/T) \|sum_t (y_t - mean_t) exp(-2 pi i k t / T)\| at k / T cycles per step.

    None where there are fewer than two steps per epoch or four epochs, or where nothing swings:
    there is no period to be seen.

    >>> swing = np.tile([1.0, -1.0, 3.0, -3.0], 20)
    >>> spectrum = trace_spectrum(swing, period=4)
    >>> spectrum.peak, round(spectrum.periodic_share, 2)
    (0.5, 1.0)

    Source: numpy.fft.rfft.
    """
    epochs = len(trace) // period
    if period < 2 or epochs < 4:
        return None
    window = period * (AROUND if epochs >= ENOUGH else 1)
    steps = (epochs - epochs // 2) * period
    late = trace[-steps - window :]
    highest = float(np.abs(late).max()) or 1.0
    late = late / highest  # the square of a loss of 1e200 would be infinite
    swings = _swings(late, steps, window)
    if np.abs(swings).max() < ROUNDING:
        return None
    amplitude = 2.0 / steps * np.abs(np.fft.rfft(swings))[1:]
    if steps % 2 == 0:  # at 1/2 the two sides of the spectrum meet
        amplitude[-1] /= 2.0
    with np.errstate(over="ignore"):
        amplitude = amplitude * highest
    return Spectrum(
        np.arange(1, len(amplitude) + 1) / steps,
        amplitude,
        float(_periodic_share(swings, period)),
        _repeats(late, period),
        steps,
        window,
    )


def shares_by_chance(
    spectrum: Spectrum, values: Floats, sizes: Sequence[int], replacement: bool
) -> Floats:
    """The `periodic_share` of many runs whose minibatches are drawn at random: (runs,).

    Of the mean, in each minibatch, of `values` (N,) that points have and keep. An epoch has
    minibatches of these `sizes`: of a new order of the points, or each drawn with replacement.
    """
    epochs = (spectrum.steps + spectrum.window) // len(sizes)
    generator = np.random.default_rng(SEED)
    if not 0.0 < np.ptp(values) < np.inf:
        values = generator.normal(size=len(values))
    values = values / np.abs(values).max()
    values = (values - values.mean()) / values.std()
    is_exact = epochs * len(values) * FEWEST_EXACT <= MOST_VALUES
    draw, numbers = (_drawn, len(values)) if is_exact else (_drawn_about, len(sizes))
    runs = max(FEWEST, min(MOST, MOST_VALUES // (epochs * numbers)))
    traces = draw(generator, values, (runs, epochs), np.asarray(sizes), replacement)
    swings = _swings(traces.reshape(runs, -1), spectrum.steps, spectrum.window)
    swings = swings[np.abs(swings).max(axis=-1) >= ROUNDING]
    return _periodic_share(swings, len(sizes))


def _drawn(
    generator: np.random.Generator,
    values: Floats,
    shape: tuple[int, int],
    sizes: NDArray[np.int_],
    replacement: bool,
) -> Floats:
    """The means of minibatches of points: (*shape, n)."""
    n = len(values)
    if replacement:
        points = values[generator.integers(n, size=(*shape, n))]
    else:
        points = generator.permuted(np.tile(values, (*shape, 1)), axis=-1)
    starts = np.cumsum(sizes) - sizes
    return np.asarray(np.add.reduceat(points[..., : sizes.sum()], starts, axis=-1) / sizes)


def _drawn_about(
    generator: np.random.Generator,
    values: Floats,
    shape: tuple[int, int],
    sizes: NDArray[np.int_],
    replacement: bool,
) -> Floats:
    """The same without drawing each point: normal numbers, but for a short last minibatch.

    The values have the mean 0 and the variance 1. Means z_j drawn with replacement have the
    variance 1/b_j. Less the mean of all the points, sum_j (b_j/N) z_j, any two of them have the
    covariance that those of a new order have.
    """
    n, left_out = len(values), len(values) - sizes.sum()
    means = generator.normal(size=(*shape, len(sizes))) / np.sqrt(sizes)
    if sizes[-1] < min(sizes[0], FEW_POINTS):
        means[..., -1] = values[generator.integers(n, size=(*shape, sizes[-1]))].mean(axis=-1)
    if replacement:
        return np.asarray(means)
    of_left_out = generator.normal(size=shape) * np.sqrt(left_out)
    return np.asarray(means - ((means @ sizes + of_left_out) / n)[..., None])


def _swings(late: Floats, steps: int, window: int) -> Floats:
    """So many steps of traces less the mean of the `window` around: (..., T) -> (..., steps).

    Where that is even it has half the weight at both ends.
    """
    late = late - late.mean(axis=-1, keepdims=True)
    so_far = np.cumsum(np.insert(late, 0, 0.0, axis=-1), axis=-1)
    around = (so_far[..., window:] - so_far[..., :-window]) / window
    if window % 2 == 0:
        around = (around[..., 1:] + around[..., :-1]) / 2.0
    aside = window // 2
    swings = late[..., -steps - aside : -aside] - around[..., -steps:]
    return np.asarray(swings - swings.mean(axis=-1, keepdims=True))


def _periodic_share(swings: Floats, period: int) -> Floats:
    """The share of the power of swings, over whole epochs, at the multiples of 1 / period."""
    epochs = swings.reshape(*swings.shape[:-1], -1, period)
    repeated = epochs.mean(axis=-2)
    return np.asarray((repeated**2).mean(axis=-1) / (swings**2).mean(axis=-1))


def _repeats(late: Floats, period: int) -> bool:
    """Whether the epochs of a trace are the same, but for a small share of how it swings."""
    epochs = late.reshape(-1, period)
    repeated = epochs.mean(axis=0)
    return bool(np.sqrt(((epochs - repeated) ** 2).mean()) <= SAME * repeated.std())
