"""Values -> the plotly figures that only the labs show; as in `figures`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.common import (
    CLASS_0,
    CLASS_1,
    FULL,
    MINIBATCH,
    Figure,
    W,
    axis,
    colour_stops,
    line,
    log_axis,
    shortened,
    thinned,
)
from dashboard.figures.notebook import LEGEND_ABOVE
from minibatch_core.engine.dataset import Dataset
from minibatch_core.theory.noise import GradientNoise
from minibatch_core.theory.spectrum import Spectrum
from minibatch_core.theory.tradeoff import Tradeoff

__all__ = [
    "Line",
    "bands_figure",
    "ellipse",
    "ends_figure",
    "floors_figure",
    "gradients_figure",
    "limits_figure",
    "one_step_figure",
    "runs_figure",
    "scales_figure",
    "scatter_figure",
    "spectra_figure",
    "sweep_figure",
    "tradeoff_figure",
    "with_paths",
    "without_legend",
]

Floats = NDArray[np.float64]

MOST_DOTS = 500
"""Gradients of points, and of minibatches, that are drawn."""


def gradients_figure(
    data: Dataset, noise: GradientNoise, means: Floats, predicted: Floats
) -> Figure:
    """The gradients of points by class, those of minibatches, their mean and both ellipses.

    As on the surfaces the part along b is across and the part along w upwards. An ellipse holds
    what lies within two standard deviations.
    """
    points = noise.gradients[:MOST_DOTS]
    labels = data.y[:MOST_DOTS]
    traces = [
        _dots(points[labels == y], colour, f"class {y:.0f}", 5, 0.55)
        for y, colour in ((0.0, CLASS_0), (1.0, CLASS_1))
    ]
    traces.append(_dots(means[:MOST_DOTS], MINIBATCH, "minibatches", 4, 0.45))
    for covariance, width, name in ((noise.covariance, 1.2, "points"), (predicted, 2.4, "law")):
        outline = ellipse(noise.mean, covariance)
        trace = line(outline[:, 1], outline[:, 0], FULL, width, name=name)
        unread = {"hoverinfo": "skip", "hovertemplate": None, "showlegend": False}
        traces.append({**trace, **unread})
    traces.append(
        {
            **_dots(noise.mean[None], FULL, "all", 10, 1.0),
            "marker": {"symbol": "cross", "size": 10, "color": FULL},
        }
    )
    layout = {
        "xaxis": axis("∂loss/∂b"),
        "yaxis": axis("∂loss/∂w"),
        "legend": LEGEND_ABOVE,
    }
    return {"data": traces, "layout": layout}


def ellipse(middle: Floats, covariance: Floats, deviations: float = 2.0) -> Floats:
    """The outline of what lies within so many standard deviations: (61, 2).

    >>> ellipse(np.zeros(2), np.diag([4.0, 1.0]))[0].tolist()
    [4.0, 0.0]
    """
    values, vectors = np.linalg.eigh(covariance)
    angles = np.linspace(0.0, 2.0 * np.pi, 61)
    circle = np.column_stack([np.sin(angles), np.cos(angles)])
    scaled = circle * np.sqrt(np.maximum(values, 0.0)) * deviations
    return middle + scaled @ vectors.T


def scatter_figure(
    sizes: Sequence[int],
    measured: Floats,
    laws: Sequence[tuple[str, Floats]],
    batch_size: int,
) -> Figure:
    """The variance of minibatch gradients against their size, measured and by its laws."""
    dots = {
        "type": "scatter",
        "mode": "markers",
        "name": "measured",
        "x": list(sizes),
        "y": shortened(measured),
        "marker": {
            "size": [10 if size == batch_size else 6 for size in sizes],
            "color": MINIBATCH,
        },
        "hovertemplate": "B %{x}: %{y:.4g}<extra></extra>",
    }
    lines = []
    for (name, values), dash in zip(laws, ("solid", "dot"), strict=True):
        drawn = np.where(values > 0.0, values, np.nan)  # log axes have no 0
        trace = line(np.array(sizes, dtype=np.int32), drawn, FULL, 1.6, name=name)
        trace["hovertemplate"] = f"B %{{x}}: %{{y:.4g}}<extra>{name}</extra>"
        lines.append({**trace, "line": {**trace["line"], "dash": dash}})
    layout = {
        "xaxis": log_axis("batch size B", np.array(sizes)),
        "yaxis": log_axis("variance", np.concatenate([measured, *(each for _, each in laws)])),
        "showlegend": False,
    }
    return {"data": [*lines, dots], "layout": layout}


def scales_figure(
    steps: NDArray[np.int32], scales: Sequence[tuple[str, Floats]], batch_size: int
) -> Figure:
    """The noise scales along a run, and the batch size it was trained with."""
    traces = []
    for (name, values), dash in zip(scales, ("solid", "dot"), strict=True):
        drawn = np.where(np.isfinite(values) & (values > 0.0), values, np.nan)
        trace = line(steps, drawn, FULL, 1.8, name=name)
        traces.append({**trace, "line": {**trace["line"], "dash": dash}})
    level = np.full(2, float(batch_size))
    traces.append(line(steps[[0, -1]], level, MINIBATCH, 1.8, name=f"B = {batch_size:,}"))
    layout = {
        "xaxis": axis("step"),
        "yaxis": log_axis("points", np.concatenate([level, *(each for _, each in scales)])),
        "legend": LEGEND_ABOVE,
    }
    return {"data": traces, "layout": layout}


def one_step_figure(
    rates: Floats,
    predicted: Sequence[tuple[str, str, Floats]],
    measured: tuple[Floats, Floats],
    chosen: float,
) -> Figure:
    """The mean loss of all the data after one step of SGD against its learning rate."""
    traces = [line(rates, values, colour, 1.8, name=name) for name, colour, values in predicted]
    for trace in traces:
        trace["hovertemplate"] = "lr %{x:.3g}: %{y:.4f}<extra></extra>"
    tried, losses = measured
    dots: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "name": "measured",
        "x": shortened(tried),
        "y": shortened(losses),
        "marker": {"size": [10 if rate == chosen else 6 for rate in tried], "color": MINIBATCH},
        "hovertemplate": "lr %{x:.3g}: %{y:.4f}<extra>measured</extra>",
    }
    layout = {"xaxis": axis("learning rate"), "yaxis": axis("loss"), "legend": LEGEND_ABOVE}
    return {"data": [*traces, dots], "layout": layout}


def _dots(at: Floats, colour: str, name: str, size: int, opacity: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": shortened(at[:, 1].copy()),
        "y": shortened(at[:, 0].copy()),
        "marker": {"size": size, "color": colour, "opacity": opacity},
        "hovertemplate": f"{name}: ∂b %{{x:.4f}}, ∂w %{{y:.4f}}<extra></extra>",
    }


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
) -> Figure:
    """A heatmap over the cells of a sweep; a cell without a finite value is left blank.

    With `log` the colours go by log(1 + value).
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
        "customdata": [
            [[x, y, f"{value:{form}}"] for x, value in zip(across, row, strict=True)]
            for y, row in zip(up, values.tolist(), strict=True)
        ],
        "hovertemplate": f"{names[0]} %{{customdata[0]}}, {names[1]} %{{customdata[1]}}<br>"
        "%{customdata[2]}<br>click: open it in the Playground<extra></extra>",
        "hoverongaps": False,
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
    layout = {
        "xaxis": _cell_axis(names[0], across),
        "yaxis": _cell_axis(names[1], up),
        "margin": {"l": _room(up), "r": 14, "t": 8, "b": 36},
        "showlegend": False,
    }
    return {"data": [heat, *traces], "layout": layout}


def _cell_axis(name: str, labels: Sequence[str]) -> dict[str, Any]:
    every = 1 if _are_words(labels) else max(1, -(-len(labels) // 8))
    shown = list(range(0, len(labels), every))
    return axis(
        name,
        range=[-0.5, len(labels) - 0.5],
        tickvals=shown,
        ticktext=[labels[k] for k in shown],
        showgrid=False,
        automargin=_are_words(labels),
    )


def _are_words(labels: Sequence[str]) -> bool:
    return any(label[0].isalpha() for label in labels)


def _room(labels: Sequence[str]) -> int:
    """Pixels for the labels of the axis upwards and its title."""
    return 34 + 7 * max(len(label) for label in labels) if _are_words(labels) else 66


def bands_figure(
    x: Floats,
    bands: Sequence[tuple[str, Floats, Floats, float]],
    middle: Floats,
    one: Floats,
    unit: str,
    quantity: str,
) -> Figure:
    """Many runs at once: filled bands (name, low, high, opacity), their median, and one of them."""
    traces: list[dict[str, Any]] = []
    for name, low, high, opacity in bands:
        outline = {
            "type": "scatter",
            "mode": "lines",
            "name": name,
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
        trace = line(x, values, colour, width, name=name)
        trace["hovertemplate"] = f"{unit} %{{x:,.4~g}}: %{{y:.4f}}<extra>{name}</extra>"
        traces.append(trace)
    layout = {"xaxis": axis(unit), "yaxis": axis(quantity), "legend": LEGEND_ABOVE}
    return {"data": traces, "layout": layout}


def ends_figure(ends: Floats, quantity: str) -> Figure:
    """How often runs ended where."""
    bars = {
        "type": "histogram",
        "x": shortened(ends),
        "nbinsx": 30,
        "marker": {"color": MINIBATCH},
        "hovertemplate": "%{x}: %{y} runs<extra></extra>",
    }
    layout = {"xaxis": axis(quantity), "yaxis": axis("runs"), "showlegend": False, "bargap": 0.05}
    return {"data": [bars], "layout": layout}


def without_legend(figure: Figure) -> Figure:
    """A figure beside one whose legend serves both."""
    return {**figure, "layout": {**figure["layout"], "showlegend": False}}


def with_paths(surface: Figure, paths: Sequence[tuple[str, str, Floats, Floats]]) -> Figure:
    """A surface figure with the paths (name, colour, w, b) of several runs on it."""
    traces = []
    for name, colour, w, b in paths:
        kept = thinned(w, b, most=400)
        for shown, width in (("#ffffff", 4.0), (colour, 2.2)):
            trace = line(b[kept], w[kept], shown, width, name=name)
            trace["hovertemplate"] = f"{name}<br>b %{{x:.3f}}, w %{{y:.3f}}<extra></extra>"
            traces.append(trace)
    return {**surface, "data": [surface["data"][0], *traces]}


def limits_figure(
    momenta: Floats, predicted: Floats, measured: Floats, chosen: tuple[float, float]
) -> Figure:
    """The largest stable learning rate against momentum, by law, as found, and the chosen pair."""
    law = line(momenta, predicted, FULL, 1.8, name="law 10")
    law["hovertemplate"] = "momentum %{x:.2f}: lr %{y:.4g}<extra>law 10</extra>"
    dots = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": shortened(x),
            "y": shortened(y),
            "marker": {"size": size, "color": colour, "symbol": symbol},
            "hovertemplate": f"momentum %{{x:.2f}}: lr %{{y:.4g}}<extra>{name}</extra>",
        }
        for name, x, y, size, colour, symbol in (
            ("found", momenta, measured, 7, MINIBATCH, "circle"),
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
    runs: Sequence[tuple[str, str, str, Floats]], quantity: str, log: bool = False
) -> Figure:
    """One line for each of several runs, step by step: (name, colour, dash, values)."""
    traces, every = [], []
    for name, colour, dash, values in runs:
        steps = thinned(values)
        drawn = np.where(values[steps] > 0.0, values[steps], np.nan) if log else values[steps]
        trace = line(steps, drawn, colour, 1.6, name=name)
        trace["hovertemplate"] = "step %{x}: %{y:.4g}<extra>" + name + "</extra>"
        traces.append({**trace, "line": {**trace["line"], "dash": dash}})
        every.append(drawn)
    upwards = log_axis(quantity, np.concatenate(every)) if log else axis(quantity)
    layout = {"xaxis": axis("step"), "yaxis": upwards, "legend": LEGEND_ABOVE}
    return {"data": traces, "layout": layout}


def floors_figure(
    rates: Floats, floors: Sequence[tuple[str, str, str, Floats]], law: Floats, chosen: float
) -> Figure:
    """The mean squared distance to the minimum against the learning rate, of several orders."""
    traces = []
    for name, colour, dash, values in floors:
        drawn = np.where(np.isfinite(values) & (values > 0.0), values, np.nan)
        trace = line(rates, drawn, colour, 1.6, name=name)
        trace["mode"] = "lines+markers"
        trace["marker"] = {"size": [9 if rate == chosen else 5 for rate in rates]}
        trace["hovertemplate"] = "lr %{x:.3g}: %{y:.3g}<extra>" + name + "</extra>"
        traces.append({**trace, "line": {**trace["line"], "dash": dash}})
    ruled = line(rates, law, W, 1.6, name="law 7")
    traces.append({**ruled, "hovertemplate": "lr %{x:.3g}: %{y:.3g}<extra>law 7</extra>"})
    layout = {
        "xaxis": axis(
            "learning rate", type="log", tickvals=rates, ticktext=[f"{rate:.3g}" for rate in rates]
        ),
        "yaxis": log_axis(
            "squared distance", np.concatenate([law, *(values for *_, values in floors)])
        ),
        "showlegend": False,
    }
    return {"data": traces, "layout": layout}


def spectra_figure(spectra: Sequence[tuple[str, str, str, Spectrum]], period: int) -> Figure:
    """The spectra of several traces, with the multiples of 1 / period marked."""
    traces = []
    for name, colour, dash, spectrum in spectra:
        trace = line(spectrum.frequency, spectrum.amplitude, colour, 1.4, name=name)
        trace["hovertemplate"] = "%{x:.3f} cycles a step: %{y:.4f}<extra>" + name + "</extra>"
        traces.append({**trace, "line": {**trace["line"], "dash": dash}})
    every = -(-(period // 2) // 6)
    marked = range(every, period // 2 + 1, every)
    layout = {
        "xaxis": axis(
            "cycles a step",
            tickvals=[k / period for k in marked],
            ticktext=[f"{k}/{period}" for k in marked],
        ),
        "yaxis": axis("swing of the loss"),
        "legend": LEGEND_ABOVE,
    }
    return {"data": traces, "layout": layout}


def tradeoff_figure(sizes: NDArray[Any], steps: Floats, law: Tradeoff | None) -> Figure:
    """The steps to a target against the batch size, with the law fitted to them."""
    dots = {
        "type": "scatter",
        "mode": "markers",
        "name": "measured",
        "x": shortened(sizes.astype(np.float64)),
        "y": shortened(steps),
        "marker": {"size": 7, "color": MINIBATCH},
        "hovertemplate": "B %{x}: %{y:,.0f} steps<extra></extra>",
    }
    traces: list[dict[str, Any]] = [dots]
    if law is not None:
        grid = np.geomspace(sizes.min(), sizes.max(), 61)
        fitted = line(grid, law.steps(grid), FULL, 1.8, name="law 6, fitted")
        traces.insert(0, {**fitted, "hovertemplate": "B %{x:.3g}: %{y:,.0f} steps<extra></extra>"})
    layout = {
        "xaxis": log_axis("batch size B", sizes),
        "yaxis": log_axis("steps", steps),
        "legend": LEGEND_ABOVE,
    }
    return {"data": traces, "layout": layout}
