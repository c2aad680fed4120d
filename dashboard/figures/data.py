"""Figures of the data, its noise, and the fitted p."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.palette import CLASS_0, CLASS_1, FULL, MINIBATCH
from dashboard.figures.parts import LEGEND_ABOVE, Figure, axis, line, shortened
from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.training import predict
from minibatch_core.settings import DataSettings
from minibatch_core.sources import SOURCES

__all__ = [
    "MOST_POINTS",
    "data_figure",
    "double_sigmoid_figure",
    "flip_figure",
    "flipped_points",
    "points_figure",
]

MOST_POINTS = 600
"""Points of the data that are drawn."""


def data_figure(data: Dataset, w: float, b: float) -> Figure:
    """The points by class and the fitted p = sigmoid(w x + b), as a ghost of the p of a step."""
    rugs = []
    # From all over the data: of sorted points the first would all lie on one side.
    drawn = np.linspace(0, len(data) - 1, min(len(data), MOST_POINTS)).astype(np.intp)
    for label, colour in ((0.0, CLASS_0), (1.0, CLASS_1)):
        x = data.x[drawn][data.y[drawn] == label]
        gap = np.full_like(x, np.nan)
        rug = line(
            np.column_stack([x, x, gap]).ravel(),
            np.column_stack([x * 0 + label - 0.045, x * 0 + label + 0.045, gap]).ravel(),
            colour,
            1.4,
            name=f"y = {label:.0f}",
        )
        shows = {"meta": f"class{label:.0f}", "opacity": 0.75}
        rugs.append({**rug, **shows, "hovertemplate": f"y = {label:.0f}, x %{{x:.3f}}"})
    grid = np.linspace(data.x.min() - 0.3, data.x.max() + 0.3, 161)
    fitted = line(grid, predict(grid, w, b), FULL, 2.6, name="fitted p")
    fitted["hovertemplate"] = "x %{x:.2f}: p %{y:.3f}<extra></extra>"
    fitted |= {"meta": "fit", "opacity": 0.3}
    layout = {
        "xaxis": axis("x"),
        "yaxis": axis("p, y", range=[-0.12, 1.12], tickvals=[0, 0.5, 1]),
        "showlegend": False,
    }
    return {"data": [*rugs, fitted], "layout": layout}


def points_figure(data: Dataset, w: float, b: float) -> Figure:
    """The scatter of x and y by class, and p = sigmoid(w x + b) of one point of the surface."""
    curve_x = np.linspace(data.x.min() - 0.3, data.x.max() + 0.3, 161)
    curve = line(curve_x, predict(curve_x, w, b), FULL, 2.6, name="p")
    curve["hovertemplate"] = "x %{x:.2f}: p %{y:.3f}<extra></extra>"
    layout = {
        "xaxis": axis("x", range=_span(data)),
        "yaxis": axis("p, y", range=[-0.12, 1.12], tickvals=[0, 0.5, 1]),
        "showlegend": False,
    }
    return {"data": [*_points(data), curve], "layout": layout}


def _points(data: Dataset) -> list[dict[str, Any]]:
    x, y = data.x[:MOST_POINTS], data.y[:MOST_POINTS]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": f"y = {label}",
            "x": shortened(x[y == label]),
            "y": shortened(y[y == label]),
            "marker": {"size": 9, "color": colour, "opacity": 0.4},
            "hovertemplate": f"x %{{x:.3f}}, y = {label}<extra></extra>",
        }
        for label, colour in ((0, CLASS_0), (1, CLASS_1))
    ]


def _span(data: Dataset) -> list[float]:
    return [float(data.x.min() - 0.3), float(data.x.max() + 0.3)]


def flip_figure(data: Dataset, settings: DataSettings) -> Figure:
    """The chance over x that a label is flipped, and the points whose label was."""
    source, (low, high) = SOURCES[settings.source], _span(data)
    ends = [min([low, *source.flip_breaks]), *source.flip_breaks, max([high, *source.flip_breaks])]
    middles = np.array([(start + end) / 2.0 for start, end in pairwise(ends)])
    chances = source.flip_chance(middles, settings.noise)
    rule = line(np.repeat(ends, 2)[1:-1], np.repeat(chances, 2), FULL, 2.0, name="chance")
    rule["hovertemplate"] = "x %{x:.2f}: chance %{y:.3f}<extra></extra>"
    flipped = flipped_points(data, settings.source)[:MOST_POINTS]
    marks = []
    for label, colour in ((0, CLASS_0), (1, CLASS_1)):
        x_flipped = data.x[flipped][data.y[flipped] == label]
        marks.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": f"flipped to {label}",
                "x": shortened(x_flipped),
                "y": shortened(source.flip_chance(x_flipped, settings.noise)),
                "marker": {"size": 9, "color": colour, "opacity": 0.75},
                "hovertemplate": f"x %{{x:.3f}}, flipped to {label}<extra></extra>",
            }
        )
    highest = max(0.2, 1.15 * float(chances.max()))
    layout = {
        "xaxis": axis("x", range=[low, high]),
        "yaxis": axis("chance of a flip", range=[0, highest], nticks=4),
        "showlegend": False,
    }
    return {"data": [rule, *marks], "layout": layout}


def flipped_points(data: Dataset, source: str) -> NDArray[np.intp]:
    """The points whose label is not the one that their source gives without noise.

    >>> from minibatch_core import make_dataset
    >>> len(flipped_points(make_dataset(), "notebook"))
    10
    """
    return np.flatnonzero(data.y != SOURCES[source].clean_label(data.x))


def double_sigmoid_figure(data: Dataset, w: float, b: float, with_bug: bool = True) -> Figure:
    """p = sigmoid(z), and the sigmoid of p that BCEWithLogitsLoss takes of it once more."""
    low, high = _span(data)
    x = np.linspace(low, high, 161)
    p = predict(x, w, b)
    seen = "what the loss sees" if with_bug else "what it would see"
    once = line(x, p, FULL, 2.6, name="p = σ(w x + b)")
    twice = line(x, predict(p, 1.0, 0.0), MINIBATCH, 2.2, name=f"σ(p), {seen}")
    for trace in (once, twice):
        trace["hovertemplate"] = "x %{x:.2f}: %{y:.3f}<extra></extra>"
    points = [{**trace, "showlegend": False} for trace in _points(data)]
    layout = {
        "xaxis": axis("x", range=_span(data)),
        "yaxis": axis("p, y", range=[-0.12, 1.12], tickvals=[0, 0.5, 1]),
        "legend": LEGEND_ABOVE,
    }
    return {"data": [*points, once, twice], "layout": layout}
