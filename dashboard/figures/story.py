"""Figures of the way from the notebook's first run to its third."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dashboard.figures.palette import FULL, MINIBATCH
from dashboard.figures.parts import ALONG, FEWEST_FOR_BANDS, MIDDLE, Figure, axis, hovered, line
from minibatch_core.arrays import Floats
from minibatch_core.course.story import Effect

__all__ = ["before_and_after_figure", "effects_figure", "first_and_last_figure"]


def before_and_after_figure(
    before: tuple[Floats, Floats],
    after: tuple[Floats, Floats],
    unit: str,
    ends: tuple[tuple[float, float], tuple[float, float]],
) -> Figure:
    """A loss along the run before a change, and after it: (x, y) each, between `ends`.

    The first is dotted and lies on the other, which is broad and pale: both are seen where they
    meet.
    """
    traces = []
    for name, dash, width, opacity, (x, y) in (
        ("after it", "solid", 5.0, 0.4, after),
        ("before the change", "dot", 1.6, 1.0, before),
    ):
        trace = line(x, y, FULL, width, name=name)
        trace["hovertemplate"] = f"{unit} %{{x:{ALONG}}}: %{{y:.4f}}<extra>{name}</extra>"
        traces.append({**trace, "opacity": opacity, "line": {**trace["line"], "dash": dash}})
    across, up = (list(each) for each in ends)
    layout = {
        "xaxis": axis(unit, range=across, nticks=5),
        "yaxis": axis("loss", range=up, nticks=5),
        "showlegend": False,
    }
    return {"data": traces, "layout": layout}


def effects_figure(labels: Sequence[str], effects: Sequence[Effect], quantity: str) -> Figure:
    """What each change does: in one draw, on average over the seeds, and in the middle of them."""
    rows = np.arange(len(labels), dtype=np.float64)
    traces = [
        *_middles(rows, effects),
        *_means(rows, effects, "mean ± standard error", "diamond"),
        {
            **_dots(rows, np.array([each.one for each in effects]), "one draw", "circle-open"),
            "marker": {"symbol": "circle-open", "size": 10, "color": MINIBATCH},
        },
    ]
    return {"data": traces, "layout": _layout(labels, quantity)}


def first_and_last_figure(
    labels: Sequence[str], first: Sequence[Effect], last: Sequence[Effect], quantity: str
) -> Figure:
    """The mean of each change, made before all the others and made after them."""
    rows = np.arange(len(labels), dtype=np.float64)
    of_first, of_last = (np.array([each.mean for each in effects]) for effects in (first, last))
    traces = [
        _across(rows, of_first, of_last, 1.2, "the same change", FULL),
        *_means(rows, first, "made first", "diamond-open"),
        *_means(rows, last, "made last", "diamond"),
    ]
    return {"data": traces, "layout": _layout(labels, quantity)}


def _middles(rows: Floats, effects: Sequence[Effect]) -> list[dict[str, Any]]:
    if any(len(each.each) < FEWEST_FOR_BANDS for each in effects):
        return []
    low, high = np.array([np.quantile(each.each, MIDDLE) for each in effects]).T
    return [{**_across(rows, low, high, 8.0, "the middle", MINIBATCH), "opacity": 0.35}]


def _means(
    rows: Floats, effects: Sequence[Effect], name: str, symbol: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    mean, error = (np.array([getattr(e, part) for e in effects]) for part in ("mean", "error"))
    bars = _across(rows, mean - error, mean + error, 2.4, name, FULL)
    return bars, _dots(rows, mean, name, symbol)


def _dots(rows: Floats, values: Floats, name: str, symbol: str) -> dict[str, Any]:
    trace = line(values, rows, FULL, 1.0, name=name)
    trace["hovertemplate"] = f"%{{x:{hovered(values, digits=3)}}}<extra>{name}</extra>"
    return {**trace, "mode": "markers", "marker": {"symbol": symbol, "size": 9, "color": FULL}}


def _across(
    rows: Floats, low: Floats, high: Floats, width: float, name: str, colour: str
) -> dict[str, Any]:
    """A line in each row from one value to another."""
    gaps = np.full(len(rows), np.nan)
    trace = line(
        np.stack([low, high, gaps], axis=1).ravel(), np.repeat(rows, 3), colour, width, name=name
    )
    return {**trace, "hoverinfo": "skip", "hovertemplate": None}


def _layout(labels: Sequence[str], quantity: str) -> dict[str, Any]:
    """A row for each change, the first on top, and a line where there is no change."""
    zero = {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": 0,
        "x1": 0,
        "y0": 0,
        "y1": 1,
        "line": {"width": 1, "color": FULL, "dash": "dot"},
        "layer": "below",
    }
    up = {"tickvals": list(range(len(labels))), "ticktext": list(labels), "showgrid": False}
    return {
        "xaxis": axis(quantity, nticks=7),
        "yaxis": axis("", range=[len(labels) - 0.5, -0.5], **up),
        "margin": {"l": 104, "r": 14, "t": 8, "b": 34},  # for the names of the changes
        "showlegend": False,
        "shapes": [zero],
    }
