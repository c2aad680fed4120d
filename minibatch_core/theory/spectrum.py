"""The oscillation of a run as a spectrum: how strongly its trace swings at each frequency."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from minibatch_core.arrays import Floats
from minibatch_core.compiled import compiled

__all__ = ["Spectrum", "shares_by_chance", "trace_spectrum"]

FEWEST_EPOCHS = 4
"""Of fewer no period is to be seen."""

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
    if period < 2 or epochs < FEWEST_EPOCHS:
        return None
    window = period * (AROUND if epochs >= ENOUGH else 1)
    steps = (epochs - epochs // 2) * period
    late = trace[-steps - window :]
    highest = float(np.abs(late).max()) or 1.0
    late = late / highest  # the square of a loss of 1e200 would be infinite
    swings = _swings_kernel(late, steps, window)
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
        _periodic_share_kernel(swings, period),
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
    n, steps = len(values), len(sizes)
    epochs = (spectrum.steps + spectrum.window) // steps
    if not 0.0 < np.ptp(values) < np.inf:
        values = np.random.default_rng(SEED).normal(size=n)
    values = values / np.abs(values).max()
    values = (values - values.mean()) / values.std()
    is_exact = epochs * n * FEWEST_EXACT <= MOST_VALUES
    short = sizes[-1] if sizes[-1] < min(sizes[0], FEW_POINTS) else 0
    normal_ones = steps + int(sum(sizes) < n)
    numbers = n if is_exact else normal_ones + short
    runs = max(FEWEST, min(MOST, MOST_VALUES // (epochs * numbers)))
    means = np.empty((runs * epochs, steps))
    if is_exact:
        points = _random("random", means.shape[0] * n)
        _draw_kernel(values, np.array(sizes), replacement, points, means)
    else:
        points = _random("random", means.shape[0] * short)
        normal = _random("standard_normal", means.shape[0] * normal_ones)
        _draw_about_kernel(values, np.array(sizes), short, replacement, points, normal, means)
    shares = np.empty(runs)
    _shares_kernel(means.reshape(runs, -1), spectrum.steps, spectrum.window, steps, shares)
    return np.asarray(shares[np.isfinite(shares)])


def _random(kind: str, count: int) -> NDArray[np.float32]:
    """So many random numbers, always the same: those of all but the longest runs are kept."""
    return _first_random(kind)[:count] if count <= MOST_VALUES else _drawn(kind, count)


@cache
def _first_random(kind: str) -> NDArray[np.float32]:
    return _drawn(kind, MOST_VALUES)


def _drawn(kind: str, count: int) -> NDArray[np.float32]:
    generator = np.random.default_rng([SEED, *kind.encode()])
    return np.asarray(getattr(generator, kind)(count, dtype=np.float32))


@compiled
def _draw_kernel(values, sizes, replacement, random, means):
    """The means of minibatches of points: (epochs, n); random numbers are between 0 and 1."""
    n, points, at = len(values), values.copy(), 0
    for epoch in range(len(means)):
        drawn = 0
        for j in range(len(sizes)):
            total = 0.0
            for _ in range(sizes[j]):
                if replacement:
                    total += values[int(random[at] * n)]
                else:  # one of those that are left
                    other = drawn + int(random[at] * (n - drawn))
                    points[drawn], points[other] = points[other], points[drawn]
                    total += points[drawn]
                drawn += 1
                at += 1
            means[epoch, j] = total / sizes[j]


@compiled
def _draw_about_kernel(values, sizes, short, replacement, random, normal, means):
    """The same without drawing each point: normal numbers, but for a last one of `short` points.

    The values have the mean 0 and the variance 1. Means z_j drawn with replacement have the
    variance 1/b_j. Less the mean of all the points, sum_j (b_j/N) z_j, any two of them have the
    covariance that those of a new order have.
    """
    n, steps, at, drawn = len(values), len(sizes), 0, 0
    roots, left_out = np.sqrt(sizes), n - sizes.sum()
    for epoch in range(len(means)):
        total = 0.0
        if left_out > 0:
            total = np.sqrt(left_out) * normal[at]
            at += 1
        for j in range(steps):
            mean = normal[at] / roots[j]
            at += 1
            if short > 0 and j == steps - 1:
                mean = 0.0
                for _ in range(short):
                    mean += values[int(random[drawn] * n)] / short
                    drawn += 1
            means[epoch, j] = mean
            total += sizes[j] * mean
        if not replacement:
            for j in range(steps):
                means[epoch, j] -= total / n


@compiled
def _shares_kernel(traces, steps, window, period, shares):
    """The share of each trace, NaN of one that does not swing."""
    for run in range(len(traces)):
        swings = _swings_kernel(traces[run], steps, window)
        does_swing = np.abs(swings).max() >= ROUNDING
        shares[run] = _periodic_share_kernel(swings, period) if does_swing else np.nan


@compiled
def _swings_kernel(late, steps, window):
    """So many steps of a trace less the mean of the `window` around: (steps + window,) -> (steps,).

    Where that is even it has half the weight at both ends. The browser adds up in the same order.
    """
    mean = 0.0
    for value in late:
        mean += value
    mean /= len(late)
    swings = np.empty(steps)
    total = of_all = 0.0
    for k in range(steps):
        if k % window == 0:  # anew, so that rounding does not add up
            total = 0.0
            for i in range(k, k + window):
                total += late[i] - mean
        moved = total + (late[k + window] - late[k])
        around = moved if window % 2 else 0.5 * (total + moved)
        swings[k] = late[k + window - window // 2] - mean - around / window
        of_all += swings[k]
        total = moved
    return swings - of_all / steps


@compiled
def _periodic_share_kernel(swings, period):
    """The share of the power of swings, over whole epochs, at the multiples of 1 / period."""
    epochs = len(swings) // period
    sums = np.zeros(period)
    power = repeated = 0.0
    for epoch in range(epochs):
        for j in range(period):
            swing = swings[epoch * period + j]
            sums[j] += swing
            power += swing * swing
    for each in sums:
        repeated += each * each
    return repeated / epochs / power


def _repeats(late: Floats, period: int) -> bool:
    """Whether the epochs of a trace are the same, but for a small share of how it swings."""
    epochs = late.reshape(-1, period)
    repeated = epochs.mean(axis=0)
    return bool(np.sqrt(((epochs - repeated) ** 2).mean()) <= SAME * repeated.std())
