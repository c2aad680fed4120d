"""Figures of how strongly traces swing at each frequency."""

from collections.abc import Sequence

from dashboard.figures.palette import MINIBATCH
from dashboard.figures.parts import LEGEND_ABOVE, Figure, axis, line, thinned
from minibatch_core.theory.spectrum import Spectrum

__all__ = ["spectra_figure", "spectrum_figure", "swings_of_an_epoch"]


def spectrum_figure(spectrum: Spectrum, period: int) -> Figure:
    """How strongly the loss swings at each frequency, a line at every multiple of 1 / period."""
    kept = thinned(spectrum.amplitude)
    swings = line(spectrum.frequency[kept], spectrum.amplitude[kept], MINIBATCH, 1.6, name="loss")
    swings["hovertemplate"] = "%{x:.4f} cycles per step: swing %{y:.4f}<extra></extra>"
    most = period // 2
    every = max(1, most // (5 if period < 100 else 2))
    multiples = range(every, most + 1, every)
    layout = {
        "xaxis": axis(
            "cycles per step",
            range=[0, 0.51],
            tickvals=[multiple / period for multiple in multiples],
            ticktext=[_fraction(multiple, period) for multiple in multiples],
            tickangle=0,
        ),
        "yaxis": axis("swing of the loss", rangemode="tozero"),
        "showlegend": False,
    }
    return {"data": [swings], "layout": layout}


def swings_of_an_epoch(period: int) -> str:
    """A sentence that says where on the axis the swings are of a curve with this period, in steps.

    >>> swings_of_an_epoch(2)
    'At 1/2 cycles per step a swing comes once in an epoch of 2 steps.'
    >>> swings_of_an_epoch(25)
    'At 1/25 cycles per step a swing comes once in an epoch of 25 steps, at 2/25 twice, and so on.'
    """
    once = f"At 1/{period:,} cycles per step a swing comes once in an epoch of {period:,} steps"
    twice = f", at 2/{period:,} twice" if period >= 4 else ""
    return f"{once}{twice}{', and so on' if period >= 6 else ''}."


def _fraction(numerator: int, denominator: int) -> str:
    return f"{numerator}/{denominator}"


def spectra_figure(spectra: Sequence[tuple[str, str, str, Spectrum]], period: int) -> Figure:
    """The spectra of several traces, with the multiples of 1 / period marked."""
    traces = []
    for name, colour, dash, spectrum in spectra:
        trace = line(spectrum.frequency, spectrum.amplitude, colour, 1.4, name=name)
        trace["hovertemplate"] = "%{x:.3f} cycles per step: %{y:.4f}<extra>" + name + "</extra>"
        traces.append({**trace, "line": {**trace["line"], "dash": dash}})
    every = -(-(period // 2) // 6)
    marked = range(every, period // 2 + 1, every)
    layout = {
        "xaxis": axis(
            "cycles per step",
            tickvals=[k / period for k in marked],
            ticktext=[f"{k}/{period}" for k in marked],
        ),
        "yaxis": axis("swing of the loss"),
        "legend": LEGEND_ABOVE,
    }
    return {"data": traces, "layout": layout}
