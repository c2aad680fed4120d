"""Figures of sweeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.palette import FULL, MINIBATCH, colour_stops
from dashboard.figures.parts import (
    LEGEND_ABOVE,
    Figure,
    axis,
    line,
    log_axis,
    shortened,
    upright,
)
from minibatch_core.arrays import Floats
from minibatch_core.theory.tradeoff import Tradeoff

__all__ = ["Line", "sweep_figure", "tradeoff_figure"]

MOST_TICKS, MOST_LETTERS = 8, 28
"""How many values an axis names, and how many letters they have below a chart, with gaps."""

LONGEST_LINE = 11
"""How many letters of a value in words stand in a line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line over a sweep's cells, which are counted from 0."""

    name: str
    dash: str
    across: Floats
    up: Floats


def sweep_figure(
    values: Floats,
    across: Sequence[str],
    up: Sequence[str],
    names: tuple[str, str],
    limits: tuple[float, float],
    scale: str,
    form: str,
    lines: Sequence[Line],
    log: bool = False,
    marked: NDArray[np.bool_] | None = None,
) -> Figure:
    """A heatmap over the cells of a sweep; a cell without a finite value is left blank.

    With `log` the colours go by log(1 + value). Cells that are `marked` have a dot.
    """
    drawn = np.where(np.isfinite(values), values, np.nan)
    low, high = np.log1p(limits) if log else limits
    heat = {
        "type": "heatmap",
        "z": shortened(np.log1p(drawn) if log else drawn),
        "zmin": float(low),
        "zmax": float(high),
        "colorscale": colour_stops(scale),
        "showscale": False,
        "text": [
            [f"{value:{form}}" if np.isfinite(value) else "none" for value in row]
            for row in values.tolist()
        ],
        "hoverinfo": "none",  # the browser shows the runs of the cell
        "xgap": 1,
        "ygap": 1,
    }
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": each.name,
            "x": shortened(each.across),
            "y": shortened(each.up),
            "line": {"color": "#ffffff", "width": 2, "dash": each.dash},
            "hoverinfo": "skip",
        }
        for each in lines
    ]
    if marked is not None:
        traces.append(_dots(marked))
    layout = {
        "xaxis": _cell_axis(names[0], across, MOST_LETTERS // (1 + max(map(len, across)))),
        "yaxis": _cell_axis(names[1], up),
        "margin": {"l": _room(up), "r": 14, "t": 8, "b": 36},
        "showlegend": False,
    }
    return {"data": [heat, *traces], "layout": layout}


def _dots(marked: NDArray[np.bool_]) -> dict[str, Any]:
    rows, columns = np.nonzero(marked)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": shortened(columns.astype(np.float64)),
        "y": shortened(rows.astype(np.float64)),
        "marker": {"size": 6, "color": "#ffffff", "line": {"color": "#000000", "width": 1}},
        "hoverinfo": "skip",
    }


def _cell_axis(name: str, labels: Sequence[str], most: int = MOST_TICKS) -> dict[str, Any]:
    every = 1 if _are_words(labels) else -(-len(labels) // min(most, MOST_TICKS))
    shown = list(range(0, len(labels), every))
    return axis(
        name,
        range=[-0.5, len(labels) - 0.5],
        tickvals=shown,
        ticktext=[_in_lines(labels[k]) for k in shown],
        showgrid=False,
        automargin=_are_words(labels),
    )


def _are_words(labels: Sequence[str]) -> bool:
    return any(label[0].isalpha() for label in labels)


def _room(labels: Sequence[str]) -> int:
    """Pixels for the labels of the axis upwards and its title."""
    lines = [each for label in labels for each in _in_lines(label).split("<br>")]
    return 34 + 7 * max(map(len, lines)) if _are_words(labels) else 66


def _in_lines(label: str) -> str:
    """A label in short lines: beside a long one little room is left for the cells.

    >>> _in_lines("BCE with logits on sigmoid"), _in_lines("0.125")
    ('BCE with<br>logits on<br>sigmoid', '0.125')
    """
    return "<br>".join(wrap(label, LONGEST_LINE))


def tradeoff_figure(
    sizes: NDArray[Any],
    steps: Floats,
    law: Tradeoff | None,
    ranges: Sequence[tuple[float, float]] | None = None,
    inside: NDArray[np.bool_] | None = None,
) -> Figure:
    """The steps to a target against the batch size, with the law fitted to them.

    Of the `ranges`, one for each batch size, those that end are drawn. Dots that are not `inside`
    are hollow.
    """
    dots: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "name": "measured",
        "x": shortened(sizes.astype(np.float64)),
        "y": shortened(steps),
        "marker": {"size": 7, "color": MINIBATCH},
        "hovertemplate": "B %{x}: %{y:,.0f} steps<extra></extra>",
    }
    if inside is not None and not inside.all():
        dots["marker"]["symbol"] = np.where(inside, "circle", "circle-open").tolist()
    traces: list[dict[str, Any]] = [dots]
    if ranges is not None:
        low, high = np.array(ranges).T
        traces.insert(0, upright(sizes, low, high, MINIBATCH, "95% of the medians"))
    if law is not None:
        grid = np.geomspace(sizes.min(), sizes.max(), 61)
        fitted = line(grid, law.steps(grid), FULL, 1.8, name="law 6, fitted")
        traces.insert(
            0, {**fitted, "hovertemplate": "B %{x:,.3~r}: %{y:,.0f} steps<extra></extra>"}
        )
    layout = {
        "xaxis": log_axis("batch size B", sizes),
        "yaxis": log_axis("steps", steps),
        "legend": LEGEND_ABOVE,
    }
    return {"data": traces, "layout": layout}
