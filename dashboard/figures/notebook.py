"""Values -> the plotly figures that only the notebook's pages show; as in `figures`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.common import (
    CLASS_0,
    CLASS_1,
    FULL,
    MINIBATCH,
    MOST_POINTS,
    B,
    Figure,
    W,
    axis,
    colour_stops,
    line,
    log_axis,
    shortened,
    thinned,
)
from minibatch_core.engine.batches import Batches
from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.training import Run, predict
from minibatch_core.settings import DataSettings
from minibatch_core.theory.spectrum import Spectrum

__all__ = [
    "double_sigmoid_figure",
    "flip_figure",
    "late_loss_figure",
    "late_traces_figure",
    "order_figure",
    "order_of_epochs",
    "point_marks",
    "points_figure",
    "printed_marks",
    "spectrum_figure",
    "spread_curve_figure",
]

Floats = NDArray[np.float64]
LEGEND_ABOVE = {"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"}


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
    low, high = _span(data)
    far, near = settings.noise / 4.0, settings.noise
    x = np.array([min(low, 0.0), 0.0, 0.0, 2.0, 2.0, max(high, 2.0)])
    rule = line(x, np.array([far, far, near, near, far, far]), FULL, 2.0, name="chance")
    rule["hovertemplate"] = "x %{x:.2f}: chance %{y:.3f}<extra></extra>"
    flipped = flipped_points(data)[:MOST_POINTS]
    marks = []
    for label, colour in ((0, CLASS_0), (1, CLASS_1)):
        x_flipped = data.x[flipped][data.y[flipped] == label]
        marks.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": f"flipped to {label}",
                "x": shortened(x_flipped),
                "y": shortened(np.where(np.abs(x_flipped - 1.0) < 1.0, near, far)),
                "marker": {"size": 9, "color": colour, "opacity": 0.75},
                "hovertemplate": f"x %{{x:.3f}}, flipped to {label}<extra></extra>",
            }
        )
    layout = {
        "xaxis": axis("x", range=[low, high]),
        "yaxis": axis("chance of a flip", range=[0, max(0.2, near * 1.15)], nticks=4),
        "showlegend": False,
    }
    return {"data": [rule, *marks], "layout": layout}


def flipped_points(data: Dataset) -> NDArray[np.intp]:
    """The points whose label is not the side of 1 on which they lie.

    >>> from minibatch_core import make_dataset
    >>> len(flipped_points(make_dataset()))
    10
    """
    return np.flatnonzero(data.y != (data.x > 1.0))


def point_marks(w: float, b: float, loss: float) -> list[dict[str, Any]]:
    """A point of a surface, ringed."""
    ring = {
        "type": "scatter",
        "mode": "markers",
        "x": np.array([b]),
        "y": np.array([w]),
        "marker": {
            "size": 12,
            "color": "rgba(255,255,255,0.35)",
            "line": {"color": "#000000", "width": 2},
        },
        "hovertemplate": f"shown: b {b:.2f}, w {w:.2f}<br>loss {loss:.4f}<extra></extra>",
    }
    halo = {**ring, "hoverinfo": "skip"}
    halo["marker"] = {
        "size": 15,
        "color": "rgba(0,0,0,0)",
        "line": {"color": "#ffffff", "width": 2},
    }
    return [halo, ring]


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


def printed_marks(steps: Sequence[int], losses: Sequence[float]) -> dict[str, Any]:
    """The losses that the notebook prints, as rings on a loss figure."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "the notebook prints",
        "x": np.array(steps, dtype=np.int32),
        "y": np.array(losses),
        "marker": {
            "size": 10,
            "color": "rgba(0,0,0,0)",
            "line": {"color": MINIBATCH, "width": 2},
        },
        "hovertemplate": "step %{x}: %{y:.4f}<extra>the notebook prints</extra>",
    }


def late_loss_figure(run: Run, epochs: int) -> Figure:
    """The minibatch losses of the last epochs, every other epoch shaded."""
    steps = _late_steps(run, epochs)
    loss = line(steps, run.batch_loss[steps], MINIBATCH, 1.6, name="its own minibatch")
    if len(steps) <= 200:
        loss |= {"mode": "lines+markers", "marker": {"size": 5, "color": MINIBATCH}}
    starts = _late_starts(run, epochs)
    layout = {
        "xaxis": axis("step", **_epoch_ticks(starts)),
        "yaxis": axis("loss"),
        "showlegend": False,
        "shapes": _epoch_bands(starts),
    }
    return {"data": [loss], "layout": layout}


def late_traces_figure(run: Run, epochs: int) -> Figure:
    """w and b over the last epochs, side by side, every other epoch shaded."""
    steps = _late_steps(run, epochs)
    starts = _late_starts(run, epochs)
    layout: dict[str, Any] = {"showlegend": False, "shapes": _epoch_bands(starts, ("", "2"))}
    data = []
    for number, name, values, colour in (("", "w", run.w, W), ("2", "b", run.b, B)):
        trace = line(steps, values[steps], colour, 1.8, name=name)
        data.append({**trace, "xaxis": f"x{number}", "yaxis": f"y{number}"})
        domain = [0.56, 1.0] if number else [0.0, 0.44]
        ticks = _epoch_ticks(starts)
        layout[f"xaxis{number}"] = axis("step", domain=domain, anchor=f"y{number}", **ticks)
        layout[f"yaxis{number}"] = axis(name, anchor=f"x{number}")
    return {"data": data, "layout": layout}


def _late_steps(run: Run, epochs: int) -> NDArray[np.int32]:
    return np.arange(_late_starts(run, epochs)[0], len(run), dtype=np.int32)


def _late_starts(run: Run, epochs: int) -> list[int]:
    """The steps with which the last epochs begin, and the one after the last."""
    per_epoch = run.batches.steps_per_epoch
    begun = -(-len(run) // per_epoch)  # a run that diverged may have ended within an epoch
    return [epoch * per_epoch for epoch in range(max(0, begun - epochs), begun + 1)]


def _epoch_ticks(starts: list[int]) -> dict[str, Any]:
    """A tick where each epoch begins, every other labelled, or the first alone of long numbers."""
    every = 2 if starts[-1] < 1000 else len(starts)
    texts = [f"{start:,}" if number % every == 0 else "" for number, start in enumerate(starts)]
    return {"tickvals": starts, "ticktext": texts, "tickangle": 0}


def _epoch_bands(starts: list[int], axes: Sequence[str] = ("",)) -> list[dict[str, Any]]:
    """Every other epoch shaded, so that the eye sees the period."""
    return [
        {
            "type": "rect",
            "xref": f"x{number}",
            "yref": f"y{number} domain",
            "x0": start,
            "x1": stop,
            "y0": 0,
            "y1": 1,
            "fillcolor": "rgba(128,128,128,0.16)",
            "line": {"width": 0},
            "layer": "below",
        }
        for number in axes
        for start, stop in zip(starts[:-1:2], starts[1::2], strict=False)
    ]


def spectrum_figure(spectrum: Spectrum, period: int) -> Figure:
    """How strongly the loss swings at each frequency, a line at every multiple of 1 / period."""
    kept = thinned(spectrum.amplitude)
    swings = line(spectrum.frequency[kept], spectrum.amplitude[kept], MINIBATCH, 1.6, name="loss")
    swings["hovertemplate"] = "%{x:.4f} cycles a step: swing %{y:.4f}<extra></extra>"
    most = period // 2
    every = max(1, most // (5 if period < 100 else 2))
    multiples = range(every, most + 1, every)
    layout = {
        "xaxis": axis(
            "cycles a step",
            range=[0, 0.51],
            tickvals=[multiple / period for multiple in multiples],
            ticktext=[_fraction(multiple, period) for multiple in multiples],
            tickangle=0,
        ),
        "yaxis": axis("swing of the loss", rangemode="tozero"),
        "showlegend": False,
    }
    return {"data": [swings], "layout": layout}


def _fraction(numerator: int, denominator: int) -> str:
    return f"{numerator}/{denominator}"


def order_of_epochs(n: int, batches: Batches, epochs: int) -> NDArray[np.float32]:
    """Which batch of its epoch each point came in: (epochs, n), counted from 1.

    The last of them where it came in several, NaN where it came in none.

    >>> from minibatch_core import TrainSettings, make_batches
    >>> batches = make_batches(5, TrainSettings(batch_size=2, epochs=1, drop_last=True))
    >>> order_of_epochs(5, batches, 1).tolist()
    [[1.0, 1.0, 2.0, 2.0, nan]]
    """
    order = np.full((epochs, n), np.nan, dtype=np.float32)
    for step in range(min(epochs * batches.steps_per_epoch, len(batches))):
        epoch, batch = divmod(step, batches.steps_per_epoch)
        order[epoch, batches[step]] = batch + 1
    return order


def order_figure(order: NDArray[np.float32], steps_per_epoch: int) -> Figure:
    """One cell a point, coloured by its batch; one row an epoch, the first on top."""
    epochs, n = order.shape
    cells = {
        "type": "heatmap",
        "x": np.arange(n, dtype=np.int32),
        "y": np.arange(1, epochs + 1, dtype=np.int32),
        "z": order,
        "zmin": 1,
        "zmax": max(steps_per_epoch, 2),
        "colorscale": colour_stops("viridis"),
        "showscale": False,
        "ygap": 2,
        "hoverongaps": False,
        "hovertemplate": "point %{x}, epoch %{y}: batch %{z}<extra></extra>",
    }
    layout = {
        "xaxis": axis("point", showgrid=False, range=[-0.5, n - 0.5]),
        "yaxis": axis(
            "epoch", showgrid=False, range=[epochs + 0.5, 0.5], tickvals=sorted({1, epochs})
        ),
        "showlegend": False,
    }
    return {"data": [cells], "layout": layout}


def spread_curve_figure(
    sizes: Sequence[int], measured: Floats, predicted: Floats, chosen: int
) -> Figure:
    """The spread against the batch size on log-log axes: dots measured, the line predicted."""
    x = np.array(sizes, dtype=np.float64)
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
        trace["hovertemplate"] = f"bs %{{x}}: %{{y:.4f}}<extra>{name}</extra>"
    layout = {
        "xaxis": axis("batch size bs", type="log", tickvals=list(sizes)),
        "yaxis": log_axis("standard deviation", measured[shown]),
        "legend": LEGEND_ABOVE,
    }
    return {"data": [curve, dots], "layout": layout}
