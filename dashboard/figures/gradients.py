"""Figures of how gradients and surfaces of minibatches scatter."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.palette import CLASS_0, CLASS_1, FULL, MINIBATCH
from dashboard.figures.parts import (
    LEGEND_ABOVE,
    Figure,
    axis,
    hovered,
    line,
    log_axis,
    shortened,
    upright,
)
from minibatch_core.arrays import Floats
from minibatch_core.engine.dataset import Dataset
from minibatch_core.theory.noise import GradientNoise

__all__ = [
    "MOST_DOTS",
    "ellipse",
    "gradients_figure",
    "one_step_figure",
    "scales_figure",
    "scatter_figure",
    "spread_curve_figure",
]


def spread_curve_figure(
    sizes: Sequence[int], found: tuple[Floats, Floats], predicted: Floats, chosen: int
) -> Figure:
    """The spread against the batch size on log-log axes: dots measured, the line predicted.

    `found` are the measured values and their standard errors.
    """
    x, (measured, errors) = np.array(sizes, dtype=np.float64), found
    # At B = N without replacement there is none but rounding, and no logarithm of it.
    shown = measured > 1e-6 * measured.max()
    some = predicted > 1e-6 * predicted.max()
    curve = line(x[some], predicted[some], FULL, 1.8, name="predicted")
    dots = {
        "type": "scatter",
        "mode": "markers",
        "name": "measured",
        "x": x[shown],
        "y": measured[shown],
        "marker": {
            "size": [12 if size == chosen else 7 for size in x[shown].tolist()],
            "color": MINIBATCH,
        },
    }
    for name, trace in (("predicted", curve), ("measured", dots)):
        trace["hovertemplate"] = f"B = %{{x}}: %{{y:.4f}}<extra>{name}</extra>"
    layout = {
        "xaxis": axis("batch size B", type="log", tickvals=list(sizes)),
        "yaxis": log_axis("standard deviation", measured[shown]),
        "legend": LEGEND_ABOVE,
    }
    bars = _bars(x[shown], measured[shown], errors[shown], is_log=True)
    return {"data": [curve, dots, bars], "layout": layout}


def _bars(x: NDArray[Any], measured: Floats, errors: Floats, is_log: bool) -> dict[str, Any]:
    """A standard error up and down from what was measured."""
    low, high = measured - errors, measured + errors
    return {**upright(x, low, high, MINIBATCH, "standard error", is_log), "meta": "errors"}


MOST_DOTS = 500
"""Gradients of points, and of minibatches, that are drawn."""

BELOW, ABOVE = 0.5, 1.4
"""Times the lowest and the highest value of law 3: so far its axis reaches."""

MARGIN = 0.04
"""Of an axis, before its first value and behind its last: with dots there as without."""


def gradients_figure(
    data: Dataset, noise: GradientNoise, means: Floats, predicted: Floats
) -> Figure:
    """The gradients of points by class, those of minibatches, their mean and both ellipses.

    As on the surfaces the part along b is across and the part along w upwards. An ellipse holds
    what lies within two standard deviations.
    """
    points = noise.gradients[:MOST_DOTS]
    labels = data.y[:MOST_DOTS]
    traces: list[dict[str, Any]] = [
        _dots(points[labels == y], colour, f"class {y:.0f}", 5, 0.55)
        for y, colour in ((0.0, CLASS_0), (1.0, CLASS_1))
    ]
    traces.append(_dots(means[:MOST_DOTS], MINIBATCH, "minibatches", 4, 0.45))
    for covariance, width, name in ((noise.covariance, 1.2, "points"), (predicted, 2.4, "law")):
        outline = ellipse(noise.mean, covariance)
        trace = line(outline[:, 1], outline[:, 0], FULL, width, name=name)
        unread = {"hoverinfo": "skip", "hovertemplate": None, "showlegend": False}
        traces.append({**trace, **unread, "meta": name})
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
    (ww, wb), (_, bb) = covariance
    mean, half = (ww + bb) / 2.0, np.hypot((ww - bb) / 2.0, wb)
    turn = 0.5 * np.arctan2(2.0 * wb, ww - bb)
    longest = np.array([np.cos(turn), np.sin(turn)]) * np.sqrt(mean + half)
    shortest = np.array([-np.sin(turn), np.cos(turn)]) * np.sqrt(np.maximum(mean - half, 0.0))
    angles = np.linspace(0.0, 2.0 * np.pi, 61)[:, None]
    return middle + deviations * (np.cos(angles) * longest + np.sin(angles) * shortest)


def scatter_figure(
    sizes: Sequence[int],
    found: tuple[Floats, Floats],
    laws: Sequence[tuple[str, Floats]],
    batch_size: int,
) -> Figure:
    """The variance of minibatch gradients against their size, measured and by its laws.

    `found` are the measured values and their standard errors.
    """
    measured, errors = found
    dots = {
        "type": "scatter",
        "mode": "markers",
        "name": "measured",
        "meta": "measured",
        "x": list(sizes),
        "y": shortened(measured),
        "marker": {
            "size": [10 if size == batch_size else 6 for size in sizes],
            "color": MINIBATCH,
        },
        "hovertemplate": f"B = %{{x}}: %{{y:{hovered(measured)}}}<extra></extra>",
    }
    lines = []
    for (name, values), dash in zip(laws, ("solid", "dot"), strict=True):
        drawn = np.where(values > 0.0, values, np.nan)  # log axes have no 0
        trace = line(np.array(sizes, dtype=np.int32), drawn, FULL, 1.6, name=name)
        trace["hovertemplate"] = f"B = %{{x}}: %{{y:{hovered(values)}}}<extra>{name}</extra>"
        lines.append({**trace, "meta": name, "line": {**trace["line"], "dash": dash}})
    margin = MARGIN * float(np.log10(sizes[-1]))
    values = np.concatenate([each for _, each in laws])
    layout = {
        "xaxis": log_axis(
            "batch size B", np.array(sizes), range=[-margin, float(np.log10(sizes[-1])) + margin]
        ),
        "yaxis": log_axis("variance", values, **_around(values, measured)),
        "showlegend": False,
    }
    bars = _bars(np.array(sizes), measured, errors, is_log=True)
    return {"data": [*lines, bars, dots], "layout": layout}


def _around(predicted: Floats, measured: Floats) -> dict[str, Any]:
    """The range of a log axis around what is predicted, if there is any, with all measured dots.

    Those near what is predicted do not move it: the browser draws that before they are known.
    """
    law, dots = (values[values > 0.0] for values in (predicted, measured))
    if not len(law):
        return {}
    low = min(BELOW * law.min(), dots.min(initial=math.inf))
    high = max(ABOVE * law.max(), dots.max(initial=0.0))
    return {"range": [math.log10(low), math.log10(high)]}


def scales_figure(
    steps: NDArray[np.int32], scales: Sequence[tuple[str, Floats]], batch_size: int
) -> Figure:
    """The noise scales along a run, and the batch size it was trained with."""
    traces = []
    for (name, values), dash in zip(scales, ("solid", "dot"), strict=True):
        drawn = np.where(np.isfinite(values) & (values > 0.0), values, np.nan)
        trace = line(steps, drawn, FULL, 1.8, name=name)
        traces.append({**trace, "meta": name, "line": {**trace["line"], "dash": dash}})
    level = np.full(2, float(batch_size))
    level_line = line(steps[[0, -1]], level, MINIBATCH, 1.8, name=f"B = {batch_size:,}")
    traces.append({**level_line, "meta": "B"})
    layout = {
        "xaxis": axis("step"),
        "yaxis": log_axis("points", np.concatenate([level, *(each for _, each in scales)])),
        "legend": LEGEND_ABOVE,
    }
    return {"data": traces, "layout": layout}


def one_step_figure(
    rates: Floats,
    predicted: Sequence[tuple[str, str, Floats]],
    measured: tuple[Floats, Floats, Floats],
    chosen: float,
) -> Figure:
    """The mean loss of all the data after one step of SGD against its learning rate.

    `predicted` for minibatches and without noise; `measured` are learning rates, the losses there
    and their standard errors.
    """
    traces = [line(rates, values, colour, 1.8, name=name) for name, colour, values in predicted]
    for trace, meta in zip(traces, ("B", "no noise"), strict=True):
        trace["meta"] = meta
        trace["hovertemplate"] = f"lr %{{x:{hovered(rates, digits=3)}}}: %{{y:.4f}}<extra></extra>"
    tried, losses, errors = measured
    dots: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "name": "measured",
        "meta": "measured",
        "x": shortened(tried),
        "y": shortened(losses),
        "marker": {"size": [10 if rate == chosen else 6 for rate in tried], "color": MINIBATCH},
        "hovertemplate": f"lr %{{x:{hovered(rates, digits=3)}}}: %{{y:.4f}}<extra>measured</extra>",
    }
    ends = [-MARGIN * rates[-1], (1.0 + MARGIN) * rates[-1]]
    layout = {
        "xaxis": axis("learning rate", range=[float(each) for each in ends]),
        "yaxis": axis("loss"),
        "legend": LEGEND_ABOVE,
    }
    bars = _bars(tried, losses, errors, is_log=False)
    return {"data": [*traces, bars, dots], "layout": layout}


def _dots(at: Floats, colour: str, name: str, size: int, opacity: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "meta": name,
        "x": shortened(at[:, 1].copy()),
        "y": shortened(at[:, 0].copy()),
        "marker": {"size": size, "color": colour, "opacity": opacity},
        "hovertemplate": f"{name}: ∂b %{{x:.4f}}, ∂w %{{y:.4f}}<extra></extra>",
    }
