"""Figures of several runs at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dashboard.figures.palette import FULL, MINIBATCH, W
from dashboard.figures.parts import (
    ALONG,
    LEGEND_ABOVE,
    Figure,
    axis,
    hovered,
    line,
    log_axis,
    shortened,
    thinned,
)
from minibatch_core.arrays import Floats

__all__ = ["bands_figure", "counted_line", "ends_figure", "limits_figure", "runs_figure"]


def bands_figure(
    x: Floats,
    bands: Sequence[tuple[str, Floats, Floats, float]],
    middle: Floats,
    one: Floats,
    unit: str,
    quantity: str,
) -> Figure:
    """Many runs at once: filled bands (name, low, high, opacity), their median, and one of them.

    What a trace shows, its `meta` says, by which seed_runs.js knows it.
    """
    traces: list[dict[str, Any]] = []
    for name, low, high, opacity in bands:
        outline = {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "meta": name,
            "x": shortened(np.concatenate([x, x[::-1]])),
            "y": shortened(np.concatenate([high, low[::-1]])),
            "fill": "toself",
            "fillcolor": MINIBATCH,
            "opacity": opacity,
            "line": {"width": 0, "color": MINIBATCH},
            "hoverinfo": "skip",
        }
        traces.append(outline)
    for name, values, colour, width in (
        ("the first run", one, MINIBATCH, 1.2),
        ("median", middle, FULL, 2.6),
    ):
        traces.append({**counted_line(x, values, colour, width, name, unit), "meta": name})
    layout = {"xaxis": _across(unit), "yaxis": axis(quantity), "legend": LEGEND_ABOVE}
    return {"data": traces, "layout": layout}


def counted_line(
    x: Floats, y: Floats, colour: str, width: float, name: str, unit: str
) -> dict[str, Any]:
    """A line over what is counted along runs."""
    hover = f"{unit} %{{x:{ALONG}}}: %{{y:.4f}}<extra>{name}</extra>"
    return {**line(x, y, colour, width, name), "hovertemplate": hover}


def _across(unit: str) -> dict[str, Any]:
    """The axis of what is counted, whose zoom is kept as long as that is in this unit."""
    return axis(unit, uirevision=unit)


def ends_figure(ends: Floats, quantity: str) -> Figure:
    """How often runs ended where."""
    bars = {
        "type": "histogram",
        "meta": "ends",
        "x": shortened(ends),
        "nbinsx": 30,
        "marker": {"color": MINIBATCH},
        "hovertemplate": "%{x}: %{y} of the runs<extra></extra>",
    }
    layout = {"xaxis": axis(quantity), "yaxis": axis("runs"), "showlegend": False, "bargap": 0.05}
    return {"data": [bars], "layout": layout}


def limits_figure(
    momenta: Floats, predicted: Floats, measured: Floats, chosen: tuple[float, float]
) -> Figure:
    """The largest stable learning rate against momentum, by law, as found, and the chosen pair.

    NaN where none was found. What a trace shows, its `meta` says, by which stability_runs.js knows
    it; one that shows nothing is there too.
    """
    law = {**line(momenta, predicted, FULL, 1.8, name="law 10"), "meta": "law"}
    told = hovered(predicted, measured)
    law["hovertemplate"] = f"momentum %{{x:.2f}}: lr %{{y:{told}}}<extra>law 10</extra>"
    have = len(momenta) if np.isfinite(measured).any() else 0
    dots = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "meta": name,
            "x": shortened(x),
            "y": shortened(y),
            "showlegend": len(x) > 0,
            "marker": {"size": size, "color": colour, "symbol": symbol},
            "hovertemplate": f"momentum %{{x:.2f}}: lr %{{y:{told}}}<extra>{name}</extra>",
        }
        for name, x, y, size, colour, symbol in (
            ("found", momenta[:have], measured[:have], 7, MINIBATCH, "circle"),
            ("chosen", np.array([chosen[0]]), np.array([chosen[1]]), 11, W, "x"),
        )
    ]
    layout = {
        "xaxis": axis("momentum"),
        "yaxis": axis("learning rate", rangemode="tozero"),
        "legend": LEGEND_ABOVE,
    }
    return {"data": [law, *dots], "layout": layout}


def runs_figure(
    runs: Sequence[tuple[str, str, str, Floats]],
    quantity: str,
    log: bool = False,
    x: Sequence[Floats] | None = None,
    unit: str = "step",
) -> Figure:
    """One line for each of several runs: (name, colour, dash, values), step by step or over `x`."""
    traces, every = [], []
    for number, (name, colour, dash, values) in enumerate(runs):
        steps = thinned(values)
        drawn = np.where(values[steps] > 0.0, values[steps], np.nan) if log else values[steps]
        across = steps if x is None else shortened(x[number][steps])
        trace = line(across, drawn, colour, 1.6, name=name)
        place = "%{x}" if x is None else f"%{{x:{ALONG}}}"
        trace["hovertemplate"] = f"{unit} {place}: %{{y:{hovered(drawn)}}}<extra>{name}</extra>"
        traces.append({**trace, "line": {**trace["line"], "dash": dash}})
        every.append(drawn)
    upwards = log_axis(quantity, np.concatenate(every)) if log else axis(quantity)
    layout = {"xaxis": _across(unit), "yaxis": upwards, "legend": LEGEND_ABOVE}
    return {"data": traces, "layout": layout}
