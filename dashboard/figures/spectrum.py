"""Figures of how strongly traces swing, from slow swings to fast ones."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dashboard.figures.palette import MINIBATCH
from dashboard.figures.parts import ALONG, LEGEND_ABOVE, Figure, axis, line, thinned
from minibatch_core.theory.spectrum import Spectrum

__all__ = ["spectra_figure", "spectrum_figure"]

MOST_TICKS = 6


def spectrum_figure(spectrum: Spectrum | None, period: int) -> Figure:
    """How strongly the loss swings, against how often per epoch, which has `period` steps.

    Empty where there is no spectrum.
    """
    often, amplitude = np.empty((2, 0))
    if spectrum is not None:
        kept = thinned(spectrum.amplitude)
        often, amplitude = spectrum.frequency[kept] * period, spectrum.amplitude[kept]
    swings = line(often, amplitude, MINIBATCH, 1.6, name="loss")
    swings["hovertemplate"] = f"%{{x:{ALONG}}} times per epoch: swing %{{y:.4f}}<extra></extra>"
    swings["meta"] = "swings"
    is_drawn = spectrum is not None
    layout = {
        "xaxis": {**_times_per_epoch(period), "visible": is_drawn},
        "yaxis": axis("swing of the loss", rangemode="tozero", visible=is_drawn),
        "showlegend": False,
    }
    return {"data": [swings], "layout": layout}


def spectra_figure(spectra: Sequence[tuple[str, str, str, Spectrum]], period: int) -> Figure:
    """The spectra of several traces."""
    traces = []
    for name, colour, dash, spectrum in spectra:
        trace = line(spectrum.frequency * period, spectrum.amplitude, colour, 1.4, name=name)
        trace["hovertemplate"] = f"%{{x:{ALONG}}} times per epoch: %{{y:.4f}}<extra>{name}</extra>"
        traces.append({**trace, "line": {**trace["line"], "dash": dash}})
    layout = {
        "xaxis": _times_per_epoch(period),
        "yaxis": axis("swing of the loss"),
        "legend": LEGEND_ABOVE,
    }
    return {"data": traces, "layout": layout}


def _times_per_epoch(period: int) -> dict[str, Any]:
    """An axis up to the fastest swing, of two steps, with ticks at whole numbers alone."""
    fastest = period // 2
    every = max(1, -(-fastest // MOST_TICKS))
    whole = list(range(every, fastest + 1, every))
    return axis(
        "times per epoch",
        range=[0, 0.51 * period],
        tickvals=whole,
        ticktext=[f"{each:,}" for each in whole],
        tickangle=0,
    )
