"""Values -> plotly figures, as plain dicts of `data` and `layout`: 300 times faster than validated ones.

`plotly.graph_objects.Figure(figure)` takes each as it is. Colours are those of the light theme;
`DARK` gives each its counterpart on a dark background. One meaning has one colour everywhere.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from tsdownsample import MinMaxDownsampler

from minibatch_core.data import Dataset
from minibatch_core.training import Run, predict

__all__ = [
    "CLASS_0",
    "CLASS_1",
    "DARK",
    "FULL",
    "MINIBATCH",
    "SCALES",
    "B",
    "Figure",
    "W",
    "data_figure",
    "loss_figure",
    "surface_figure",
    "thinned",
    "trace_figure",
]

Figure = dict[str, Any]
Floats = NDArray[np.float64]

CLASS_0, CLASS_1 = "#c2410c", "#0369a1"
MINIBATCH, FULL = "#c026a3", "#1f2933"
W, B = "#0f766e", "#a16207"
DARK = {
    CLASS_0: "#fb923c",
    CLASS_1: "#5cb8f2",
    MINIBATCH: "#f08ad8",
    FULL: "#e8eaed",
    W: "#3fcfb8",
    B: "#e3b341",
}

SCALES = {"viridis": "Viridis", "cividis": "Cividis", "rdylgn": "RdYlGn (the notebook's)"}
_COLORSCALES = {"viridis": "Viridis", "cividis": "Cividis", "rdylgn": "RdYlGn"}

MOST_DRAWN = 1000
"""Points of a trace that are drawn: more than a chart has pixels, and every spike among them."""

MOST_POINTS = 600
"""Points of the data that are drawn."""


def thinned(*traces: Floats, most: int = MOST_DRAWN) -> NDArray[np.int32]:
    """The steps to draw of traces that share their steps: first, last, and every bin's extremes.

    >>> spike = np.zeros(100_000)
    >>> spike[54_321] = 1.0
    >>> 54_321 in thinned(spike)
    True

    Source: tsdownsample's MinMaxDownsampler.
    """
    length = len(traces[0])
    if length <= most:
        return np.arange(length, dtype=np.int32)
    share = 2 * (most // (2 * len(traces)))
    kept = [MinMaxDownsampler().downsample(trace, n_out=share) for trace in traces]
    return np.unique(np.concatenate([*kept, [0, length - 1]])).astype(np.int32)


def loss_figure(run: Run, full_steps: NDArray[np.int32], full: Floats) -> Figure:
    """Each step's minibatch loss, thin, and the loss on all the data at `full_steps`, thick."""
    steps = thinned(run.batch_loss)
    layout = {
        "xaxis": _axis("step"),
        "yaxis": _axis("loss", rangemode="tozero"),
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"},
    }
    minibatch = _line(steps, run.batch_loss[steps], MINIBATCH, 1.2, name="its own minibatch")
    everything = _line(full_steps, full, FULL, 2.6, name="all the data")
    return {"data": [minibatch, everything], "layout": layout}


def trace_figure(name: str, values: Floats, colour: str) -> Figure:
    """One parameter over the steps."""
    steps = thinned(values)
    layout = {"xaxis": _axis("step"), "yaxis": _axis(name), "showlegend": False}
    return {"data": [_line(steps, values[steps], colour, 1.8, name=name)], "layout": layout}


def surface_figure(
    surface: Floats,
    w_grid: Floats,
    b_grid: Floats,
    path: tuple[Floats, Floats],
    limits: tuple[float, float],
    scale: str = "viridis",
    bar: bool = True,
) -> Figure:
    """A loss surface, b across and w upwards, with a path (w, b) on it and its minimum marked.

    `limits` are the losses at the ends of the colour scale; low loss looks deep. A minimum on the
    edge of the grid is not marked, since the surface goes on falling outside.
    """
    # The notebook's scale runs from red to green: reversed, so that low loss is green as there.
    heat = {
        "type": "contour",
        "x": _short(b_grid),
        "y": _short(w_grid),
        "z": _short(surface),
        "zmin": limits[0],
        "zmax": limits[1],
        "zauto": False,
        "colorscale": _COLORSCALES[scale],
        "reversescale": scale == "rdylgn",
        "showscale": bar,
        "colorbar": {
            "thickness": 9,
            "outlinewidth": 0,
            "tickfont": {"size": 11},
            "xpad": 4,
            "nticks": 8,
            "title": {"text": "loss", "side": "right", "font": {"size": 11}},
        },
        "contours": {"coloring": "heatmap", **_levels(*limits)},
        "line": {"width": 0.6, "color": "rgba(255,255,255,0.28)"},
        "hovertemplate": "b %{x:.2f}, w %{y:.2f}<br>loss %{z:.4f}<extra></extra>",
    }
    w, b = (_short(values) for values in path)
    edge, line = (
        {
            "type": "scatter",
            "mode": "lines",
            "x": b,
            "y": w,
            "line": {"color": colour, "width": width},
            "hoverinfo": "skip",
        }
        for colour, width in (("rgba(0,0,0,0.55)", 4.2), ("#ffffff", 2.0))
    )
    ends = {
        "type": "scatter",
        "mode": "markers",
        "x": b[[0, -1]],
        "y": w[[0, -1]],
        "text": ["start", "end"],
        "marker": {
            "size": [8, 9],
            "color": ["rgba(0,0,0,0.55)", "#ffffff"],
            "line": {"color": ["#ffffff", "#000000"], "width": 1.5},
        },
        "hovertemplate": "%{text}: b %{x:.3f}, w %{y:.3f}<extra></extra>",
    }
    layout = {
        "xaxis": _axis("b", range=b_grid[[0, -1]].tolist(), showgrid=False),
        "yaxis": _axis("w", range=w_grid[[0, -1]].tolist(), showgrid=False),
        "showlegend": False,
    }
    return {
        "data": [heat, edge, line, ends, *_minimum(surface, w_grid, b_grid)],
        "layout": layout,
    }


def data_figure(data: Dataset, w: float, b: float) -> Figure:
    """The points by class and the fitted p = sigmoid(w x + b)."""
    drawn = slice(MOST_POINTS)
    ticks = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": f"y = {label:.0f}",
            "x": _short(data.x[drawn][data.y[drawn] == label]),
            "y": _short(data.y[drawn][data.y[drawn] == label]),
            "marker": {
                "symbol": "line-ns-open",
                "size": 11,
                "opacity": 0.7,
                "color": colour,
                "line": {"width": 1.4, "color": colour},
            },
            "hovertemplate": "x %{x:.3f}<extra>y = " + f"{label:.0f}</extra>",
        }
        for label, colour in ((0.0, CLASS_0), (1.0, CLASS_1))
    ]
    grid = np.linspace(data.x.min() - 0.3, data.x.max() + 0.3, 161)
    fitted = _line(grid, predict(grid, w, b), FULL, 2.6, name="fitted p")
    fitted["hovertemplate"] = "x %{x:.2f}: p %{y:.3f}<extra></extra>"
    layout = {
        "xaxis": _axis("x"),
        "yaxis": _axis("p, y", range=[-0.12, 1.12], tickvals=[0, 0.5, 1]),
        "showlegend": False,
    }
    return {"data": [*ticks, fitted], "layout": layout}


def _axis(title: str, **more: Any) -> dict[str, Any]:
    return {"title": {"text": title, "standoff": 4}, "zeroline": False, **more}


def _line(x: NDArray[Any], y: Floats, colour: str, width: float, name: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x if x.dtype == np.int32 else _short(x),
        "y": _short(y),
        "line": {"color": colour, "width": width},
        "hovertemplate": "step %{x}: %{y:.4f}<extra>" + name + "</extra>",
    }


def _short(values: Floats) -> NDArray[np.float32]:
    """What is drawn needs no more than float32, and half the bytes on the way to the browser."""
    return np.clip(values, -3e38, 3e38).astype(np.float32)


def _levels(low: float, high: float) -> dict[str, float]:
    """About 14 contour lines at round values."""
    rough = max((high - low) / 14, 1e-12)
    unit = 10.0 ** np.floor(np.log10(rough))
    size = float(unit * min((1, 2, 5, 10), key=lambda step: abs(step * unit - rough)))
    return {"start": float(np.ceil(low / size) * size), "end": high, "size": size}


def _minimum(surface: Floats, w_grid: Floats, b_grid: Floats) -> list[dict[str, Any]]:
    i, j = np.unravel_index(np.argmin(surface), surface.shape)
    if i in (0, len(w_grid) - 1) or j in (0, len(b_grid) - 1):
        return []
    marker = {
        "type": "scatter",
        "mode": "markers",
        "x": b_grid[[j]],
        "y": w_grid[[i]],
        "marker": {"symbol": "x-thin", "size": 9, "line": {"color": "#ffffff", "width": 2}},
        "hovertemplate": "minimum on the grid<br>b %{x:.2f}, w %{y:.2f}<extra></extra>",
    }
    return [marker]
