"""The oscillation of a run as a spectrum: how strongly its trace swings at each frequency."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Spectrum", "trace_spectrum"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Amplitudes of a trace's swings.

    - `frequency` (F,): in cycles a step, above 0 and up to 1/2
    - `amplitude` (F,): of each swing, in the units of the trace
    - `periodic_share`: the share of the power at the multiples of 1 / period
    - `even_share`: the share that would be there were all frequencies equally strong, as in noise
    - `multiples`: how many such multiples there are
    - `steps`: how many of the trace's last steps were looked at
    """

    frequency: Floats
    amplitude: Floats
    periodic_share: float
    even_share: float
    multiples: int
    steps: int

    @property
    def peak(self) -> float:
        """The frequency of the strongest swing."""
        return float(self.frequency[np.argmax(self.amplitude)])


def trace_spectrum(trace: Floats, period: int) -> Spectrum | None:
    r"""The amplitude spectrum of the second half of a trace whose epochs are `period` steps long.

    The half is cut to whole epochs, so that 1 / period and its multiples are frequencies of the
    discrete Fourier transform, and its straight trend is taken away:
    A_k = (2/T) \|sum_t (y_t - trend_t) exp(-2 pi i k t / T)\| at k / T cycles a step.

    None where there are fewer than two steps an epoch or four epochs: nothing to see a period in.

    >>> swing = np.tile([1.0, -1.0, 3.0, -3.0], 20)
    >>> spectrum = trace_spectrum(swing, period=4)
    >>> spectrum.peak, round(spectrum.periodic_share, 2)
    (0.5, 1.0)

    Source: numpy.fft.rfft.
    """
    epochs = len(trace) // period
    if period < 2 or epochs < 4:
        return None
    steps = (epochs - epochs // 2) * period
    highest = float(np.abs(trace[-steps:]).max()) or 1.0
    late = trace[-steps:] / highest  # the square of a loss of 1e200 would be infinite
    t = np.arange(steps)
    swings = late - np.polynomial.Polynomial.fit(t, late, 1)(t)
    amplitude = 2.0 / steps * np.abs(np.fft.rfft(swings))[1:]
    if steps % 2 == 0:
        amplitude[-1] /= 2.0  # at 1/2 the two sides of the spectrum meet
    power = amplitude**2
    even = np.ones_like(power)
    if steps % 2 == 0:
        power[-1] *= 2.0
        even[-1] /= 2.0  # one real number where each other frequency has two
    frequency = np.arange(1, len(amplitude) + 1) / steps
    every = steps // period
    at_multiples = slice(every - 1, None, every)
    share = float(power[at_multiples].sum() / power.sum()) if power.any() else 0.0
    even_share = float(even[at_multiples].sum() / even.sum())
    multiples = len(power[at_multiples])
    with np.errstate(over="ignore"):
        amplitude = amplitude * highest
    return Spectrum(frequency, amplitude, share, even_share, multiples, steps)
