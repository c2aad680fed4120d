"""The oscillation of a run as a spectrum: how strongly its trace swings at each frequency."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minibatch_core.arrays import Floats

__all__ = ["Spectrum", "reshuffled_strength", "trace_spectrum"]

AROUND, ENOUGH = 3, 12
"""Over how many epochs around a value its trend is the mean, where there are enough epochs."""

ROUNDING = 1e-12
"""A trace whose swings are a smaller share of it does not swing."""


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Amplitudes of a trace's swings.

    - `frequency` (F,): in cycles per step, above 0 and up to 1/2
    - `amplitude` (F,): of each swing, in the units of the trace
    - `weight` (F,): the power that equally strong swings would have at each frequency
    - `at_multiples` (F,): whether a frequency is a multiple of 1 / period
    - `periodic_share`: the share of the power at those multiples
    - `steps`: how many of the trace's last steps were looked at
    """

    frequency: Floats
    amplitude: Floats
    weight: Floats
    at_multiples: NDArray[np.bool_]
    periodic_share: float
    steps: int

    @property
    def peak(self) -> float:
        """The frequency of the strongest swing."""
        return float(self.frequency[np.argmax(self.amplitude)])

    def share_by_chance(self, strength: Floats | float = 1.0) -> tuple[float, float]:
        """The `periodic_share` that noise has by chance, and how it scatters.

        `strength` (F,) is the expected power per frequency; 1 is noise without any memory. The
        power of noise at one frequency scatters as chi-squared with two degrees of freedom, and
        with one at 1/2, where its wave is a single real number.
        """
        expected = strength * self.weight
        expected = expected / expected.sum()
        variance = np.where(self.frequency < 0.5, 1.0, 2.0) * expected**2
        share = float(expected[self.at_multiples].sum())
        pulls = np.where(self.at_multiples, 1.0 - share, -share)
        # Of a ratio whose two parts scatter, to second order.
        mean = share - float((variance * pulls).sum())
        return mean, math.sqrt(float((variance * pulls**2).sum()))


def reshuffled_strength(frequency: Floats, n: int, sizes: Sequence[int]) -> Floats:
    r"""How strongly a quantity of minibatches swings where every epoch has a new order: (F,).

    (N/n) sum_j 1/b_j - F_n(f), up to a factor, for an epoch of n minibatches of b_j of the N
    points, with the Fejer kernel F_n(f) = \|sum_j exp(2 pi i f j)\|^2 / n. Minibatches of one epoch
    share no point and so are anti-correlated: equal ones swing at multiples of 1/n, where F_n is 0,
    n / (n - 1) times as strongly as on average.

    >>> reshuffled_strength(np.array([0.0, 0.25, 0.5]), 100, [50, 50]).round(2).tolist()
    [0.0, 1.0, 2.0]
    """
    steps = len(sizes)
    angle = np.pi * np.asarray(frequency, dtype=np.float64)
    below = np.sin(angle)
    with np.errstate(divide="ignore", invalid="ignore"):
        fejer = np.where(below == 0.0, steps, (np.sin(steps * angle) / below) ** 2 / steps)
    return np.asarray(n / steps * float((1.0 / np.asarray(sizes)).sum()) - fejer)


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
    around = _mean_around(window)
    aside = len(around) // 2
    steps = (epochs - epochs // 2) * period
    half = trace[-steps - 2 * aside :]
    highest = float(np.abs(half).max()) or 1.0
    half = half / highest  # the square of a loss of 1e200 would be infinite
    swings = half[aside : aside + steps] - np.convolve(half, around, "valid")
    swings -= swings.mean()
    if np.abs(swings).max() < ROUNDING:
        return None
    amplitude = 2.0 / steps * np.abs(np.fft.rfft(swings))[1:]
    frequency = np.arange(1, len(amplitude) + 1) / steps
    power, weight = amplitude**2, _left(frequency, window) ** 2
    if steps % 2 == 0:  # at 1/2 the two sides of the spectrum meet
        amplitude[-1] /= 2.0
        power[-1] /= 2.0
        weight[-1] /= 2.0
    at_multiples = np.zeros(len(frequency), dtype=np.bool_)
    every = steps // period
    at_multiples[every - 1 :: every] = True
    share = float(power[at_multiples].sum() / power.sum())
    with np.errstate(over="ignore"):
        amplitude = amplitude * highest
    return Spectrum(frequency, amplitude, weight, at_multiples, share, steps)


def _mean_around(window: int) -> Floats:
    """The weights of the values around one: half at both ends of a window that is even.

    >>> _mean_around(3).round(2).tolist(), _mean_around(2).tolist()
    ([0.33, 0.33, 0.33], [0.25, 0.5, 0.25])
    """
    weights = np.full(window + 1 - window % 2, 1.0 / window)
    if window % 2 == 0:
        weights[[0, -1]] /= 2.0
    return weights


def _left(frequency: Floats, window: int) -> Floats:
    """What of a swing is left once the mean around is taken away: 1 at multiples of 1 / window."""
    angle = np.pi * frequency
    ends = np.cos(angle) if window % 2 == 0 else 1.0
    return np.asarray(1.0 - np.sin(window * angle) * ends / (window * np.sin(angle)))
