"""Figures of the order in which points come, and of what it leads to."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.palette import W, colour_stops
from dashboard.figures.parts import (
    LEGEND_ABOVE,
    Figure,
    axis,
    hovered,
    line,
    log_axis,
    thinned,
    upright,
)
from minibatch_core.arrays import Floats
from minibatch_core.engine.batches import Batches
from minibatch_core.words import rounded

__all__ = [
    "epochs_figure",
    "floors_figure",
    "loops_figure",
    "order_figure",
    "order_of_epochs",
    "steps_figure",
]


FEW_POINTS = 10
"""Up to so many points each has a tick."""


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
    whole = {"dtick": 1} if n <= FEW_POINTS else {}  # else some ticks would stand between points
    layout = {
        "xaxis": axis("point", showgrid=False, range=[-0.5, n - 0.5], **whole),
        "yaxis": axis(
            "epoch", showgrid=False, range=[epochs + 0.5, 0.5], tickvals=sorted({1, epochs})
        ),
        "showlegend": False,
    }
    return {"data": [cells], "layout": layout}


def floors_figure(
    rates: Floats, floors: Sequence[tuple[str, str, str, Floats]], law: Floats, chosen: float
) -> Figure:
    """The mean squared distance to the minimum against the learning rate, of several orders.

    Of each: name, colour, dash, and a row of values and one of their standard errors.
    """
    traces = []
    at = hovered(rates, digits=3)
    told = hovered(law, *(found[0] for *_, found in floors), digits=3)
    for name, colour, dash, (values, errors) in floors:
        bars = upright(rates, values - errors, values + errors, colour, name, is_log=True)
        traces.append(bars)
        trace = line(rates, _positive(values), colour, 1.6, name=name)
        trace["mode"] = "lines+markers"
        trace["marker"] = {"size": [9 if rate == chosen else 5 for rate in rates]}
        trace["hovertemplate"] = f"lr %{{x:{at}}}: %{{y:{told}}}<extra>{name}</extra>"
        traces.append({**trace, "line": {**trace["line"], "dash": dash}})
    ruled = line(rates, law, W, 1.6, name="law 7")
    traces.append({**ruled, "hovertemplate": f"lr %{{x:{at}}}: %{{y:{told}}}<extra>law 7</extra>"})
    layout = {
        "xaxis": axis(
            "learning rate",
            type="log",
            tickvals=rates,
            ticktext=[rounded(rate, 3) for rate in rates],
        ),
        "yaxis": log_axis(
            "mean squared distance", np.concatenate([law, *(found[0] for *_, found in floors)])
        ),
        "showlegend": False,
    }
    return {"data": traces, "layout": layout}


def epochs_figure(runs: Sequence[tuple[str, str, str, Floats]], quantity: str) -> Figure:
    """One value an epoch of several runs: (name, colour, dash, values of epoch 1, 2, ...)."""
    traces = []
    for name, colour, dash, values in runs:
        kept = thinned(values)
        trace = line(kept + np.int32(1), _positive(values[kept]), colour, 1.6, name=name)
        trace["hovertemplate"] = (
            f"epoch %{{x}}: %{{y:{hovered(values, digits=3)}}}<extra>{name}</extra>"
        )
        traces.append({**trace, "line": {**trace["line"], "dash": dash}})
    upwards = log_axis(quantity, np.concatenate([values for *_, values in runs]))
    return {
        "data": traces,
        "layout": {"xaxis": axis("epoch"), "yaxis": upwards, "legend": LEGEND_ABOVE},
    }


def steps_figure(
    runs: Sequence[tuple[str, str, str, Floats]], per_epoch: int, first: int, quantity: str
) -> Figure:
    """Values step by step of several runs, over epochs that begin when `first` are over."""
    traces = []
    for name, colour, dash, values in runs:
        kept = thinned(values)
        trace = line(first + kept / per_epoch, values[kept], colour, 1.6, name=name)
        trace["hovertemplate"] = (
            f"after %{{x:.2f}} epochs: %{{y:{hovered(values, digits=3)}}}<extra>{name}</extra>"
        )
        traces.append({**trace, "line": {**trace["line"], "dash": dash}})
    epochs = (len(runs[0][-1]) - 1) // per_epoch
    across = axis("epochs since the start", tickvals=[first + k for k in range(epochs + 1)])
    layout = {"xaxis": across, "yaxis": axis(quantity, rangemode="tozero"), "showlegend": False}
    return {"data": traces, "layout": layout}


def loops_figure(
    runs: Sequence[tuple[str, str, str, Floats, Floats]], minimum: tuple[float, float] | None
) -> Figure:
    """The paths of several runs in the plane of b and w: (name, colour, dash, w, b)."""
    traces = []
    for name, colour, dash, w, b in runs:
        kept = thinned(w, b)
        trace = line(b[kept], w[kept], colour, 1.6, name=name)
        trace["hovertemplate"] = f"{name}<br>b %{{x:.3f}}, w %{{y:.3f}}<extra></extra>"
        traces.append({**trace, "line": {**trace["line"], "dash": dash}})
    if minimum is not None:
        cross = line(np.array([minimum[1]]), np.array([minimum[0]]), W, 2.0, name="minimum")
        cross["hovertemplate"] = "minimum<br>b %{x:.3f}, w %{y:.3f}<extra></extra>"
        marker = {"symbol": "x-thin", "size": 13, "line": {"color": W, "width": 3}}
        traces.append({**cross, "mode": "markers", "marker": marker})
    layout = {"xaxis": axis("b"), "yaxis": axis("w"), "showlegend": False}
    return {"data": traces, "layout": layout}


def _positive(values: Floats) -> Floats:
    """Values for a logarithmic axis, which has no place for 0."""
    return np.where(np.isfinite(values) & (values > 0.0), values, np.nan)
