"""Values -> plotly figures, as plain dicts: 300 times as fast to make as validated ones.

One meaning has one colour everywhere. A figure names it, as `$full`, and the browser puts the
colour of its theme there; elsewhere `plotly.graph_objects.Figure(coloured(figure))` does.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from plotly.colors import get_colorscale
from tsdownsample import MinMaxDownsampler

from minibatch_core.arrays import Floats
from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.training import Run, predict

__all__ = [
    "CLASS_0",
    "CLASS_1",
    "FULL",
    "MINIBATCH",
    "MOST_POINTS",
    "PALETTE",
    "SCALES",
    "B",
    "Figure",
    "W",
    "axis",
    "colour_stops",
    "coloured",
    "data_figure",
    "line",
    "log_axis",
    "loss_figure",
    "minimum_mark",
    "shortened",
    "steps_in_sight",
    "surface_figure",
    "thinned",
    "traces_figure",
]

Figure = dict[str, Any]
Theme = Literal["light", "dark"]

PALETTE: Mapping[Theme, Mapping[str, str]] = {
    "light": {
        "class0": "#c2410c",
        "class1": "#0369a1",
        "minibatch": "#c026a3",
        "full": "#1f2933",
        "w": "#0f766e",
        "b": "#a16207",
        "casing": "#ffffff",
        "grid": "rgba(0,0,0,0.08)",
    },
    "dark": {
        "class0": "#fb923c",
        "class1": "#5cb8f2",
        "minibatch": "#f08ad8",
        "full": "#e8eaed",
        "w": "#3fcfb8",
        "b": "#e3b341",
        "casing": "#111111",
        "grid": "rgba(255,255,255,0.10)",
    },
}
"""The colours that have a meaning, by name; `casing` is around an arrow, `grid` behind a chart."""

CLASS_0, CLASS_1 = "$class0", "$class1"
MINIBATCH, FULL = "$minibatch", "$full"
W, B = "$w", "$b"

SCALES = {"viridis": "Viridis", "cividis": "Cividis", "rdylgn": "RdYlGn"}

MOST_DRAWN = 800
"""Points of a trace that are drawn: about as many as a chart has pixels, every spike among them."""

FARTHEST_IN_SIGHT = 1e6
"""How far w and b of a diverging run are drawn."""

MOST_POINTS = 600
"""Points of the data that are drawn."""


def coloured(figure: Figure, theme: Theme = "light") -> Figure:
    """The figure with the colours of a theme in place of their names, as the browser draws it.

    >>> coloured({"data": [{"line": {"color": FULL, "width": 2}}], "layout": {}}, "dark")
    {'data': [{'line': {'color': '#e8eaed', 'width': 2}}], 'layout': {}}
    """

    def change(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: change(value) for key, value in part.items()}
        if isinstance(part, list):
            return [change(value) for value in part]
        is_name = isinstance(part, str) and part.startswith("$")
        return PALETTE[theme].get(part[1:], part) if is_name else part

    return {key: change(part) for key, part in figure.items()}


def thinned(*traces: NDArray[Any], most: int = MOST_DRAWN) -> NDArray[np.int32]:
    """The steps to draw of traces that share their steps: first, last, and every bin's extremes.

    A trace may be any array of numbers, a column or every other value of another one as well.

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
    whole = [np.ascontiguousarray(trace, dtype=np.float64) for trace in traces]
    kept = [MinMaxDownsampler().downsample(trace, n_out=share) for trace in whole]
    return np.unique(np.concatenate([*kept, [0, length - 1]])).astype(np.int32)


def shortened(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Values to draw as float32, half the bytes on the way to the browser, if that can hold them.

    >>> shortened(np.array([0.5])).dtype, shortened(np.array([0.5, 1e300])).dtype
    (dtype('float32'), dtype('float64'))
    """
    if np.max(np.abs(values), initial=0.0, where=~np.isnan(values)) > np.finfo(np.float32).max:
        return values
    return values.astype(np.float32, copy=False)


def loss_figure(run: Run, full_steps: NDArray[np.int32], full: Floats) -> Figure:
    """Each step's minibatch loss, thin, and the loss on all the data at `full_steps`, thick."""
    steps = thinned(run.batch_loss)
    layout = {
        "xaxis": axis("step", **_few_ticks(run)),
        "yaxis": axis("loss", rangemode="tozero"),
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"},
    }
    minibatch = line(steps, run.batch_loss[steps], MINIBATCH, 1.2, name="its own minibatch")
    everything = line(full_steps, full, FULL, 2.6, name="all the data")
    return {"data": [minibatch, everything], "layout": layout}


def steps_in_sight(run: Run) -> int:
    """How many values of w and b are drawn: all, or those before a diverging run leaves +-1e6.

    What comes after would flatten everything before.
    """
    far = (np.abs(run.w) > FARTHEST_IN_SIGHT) | (np.abs(run.b) > FARTHEST_IN_SIGHT)
    return int(np.argmax(far)) if run.diverged_at is not None and far.any() else len(run.w)


def _few_ticks(run: Run) -> dict[str, str]:
    """How the steps of a long run are written: 100k."""
    return {"tickformat": "~s"} if len(run) >= 10_000 else {}


def traces_figure(run: Run) -> Figure:
    """w and b over the steps, side by side."""
    layout: dict[str, Any] = {"showlegend": False}
    few_ticks = {"nticks": 4, **_few_ticks(run)} if len(run) >= 10_000 else {}
    data = []
    end = steps_in_sight(run)
    for number, name, values, colour in (("", "w", run.w[:end], W), ("2", "b", run.b[:end], B)):
        steps = thinned(values, most=MOST_DRAWN // 2)
        trace = line(steps, values[steps], colour, 1.8, name=name)
        data.append({**trace, "xaxis": f"x{number}", "yaxis": f"y{number}"})
        domain = [0.56, 1.0] if number else [0.0, 0.44]
        layout[f"xaxis{number}"] = axis("step", domain=domain, anchor=f"y{number}", **few_ticks)
        layout[f"yaxis{number}"] = axis(name, anchor=f"x{number}")
    return {"data": data, "layout": layout}


def surface_figure(
    surface: Floats,
    w_grid: Floats,
    b_grid: Floats,
    limits: tuple[float, float],
    scale: str = "viridis",
    path: tuple[NDArray[np.floating], NDArray[np.floating]] | None = None,
    bar: bool = True,
    labels: bool = True,
    cells: bool = False,
    quantity: str = "loss",
) -> Figure:
    """A loss surface, b across and w upwards, with a path (w, b) on it and its minimum marked.

    `limits` are the losses at the ends of the colour scale; low loss looks deep. A minimum on the
    edge of the grid is not marked, since the surface goes on falling outside. A small multiple
    does without `labels`, and without a colour `bar` where one serves several. `cells` shows every
    value of the grid as a square, without smoothing.
    """
    heat = {
        "type": "heatmap",
        "x": shortened(b_grid),
        "y": shortened(w_grid),
        "z": shortened(surface),
        "zmin": limits[0],
        "zmax": limits[1],
        "zsmooth": False if cells else "fast",
        "colorscale": colour_stops(scale),
        "showscale": bar,
        "colorbar": {"thickness": 9, "outlinewidth": 0, "title": {"text": quantity}},
        "hovertemplate": f"b %{{x:.2f}}, w %{{y:.2f}}<br>{quantity} %{{z:.4f}}<extra></extra>",
    }
    ticks = {"showticklabels": labels, "showgrid": False, "ticks": "outside" if labels else ""}
    layout = {
        "xaxis": axis("b" if labels else "", range=_ends(b_grid, cells), **ticks),
        "yaxis": axis("w" if labels else "", range=_ends(w_grid, cells), **ticks),
        "showlegend": False,
    }
    marks = [] if path is None else _path(*path, edge=labels)
    return {"data": [heat, *marks, *_minimum(surface, w_grid, b_grid)], "layout": layout}


def _ends(grid: Floats, cells: bool) -> list[float]:
    """Where an axis begins and ends: at the outer values, or half a cell farther out."""
    half = (grid[1] - grid[0]) / 2.0 if cells else 0.0
    return [float(grid[0] - half), float(grid[-1] + half)]


def _path(w: NDArray[np.floating], b: NDArray[np.floating], edge: bool) -> list[dict[str, Any]]:
    w, b = shortened(w), shortened(b)
    lines = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": b,
            "y": w,
            "line": {"color": colour, "width": width},
            "hoverinfo": "skip",
        }
        for colour, width in (("rgba(0,0,0,0.55)", 4.2), ("#ffffff", 2.0))
    ]
    ends = {
        "type": "scatter",
        "mode": "markers",
        "x": b[[0, -1]],
        "y": w[[0, -1]],
        "text": ["start", "end"],
        "marker": {
            "size": [8, 9],
            "color": ["#5f6368", "#ffffff"],
            "line": {"color": ["#ffffff", "#000000"], "width": 1.5},
        },
        "hovertemplate": "%{text}: b %{x:.3f}, w %{y:.3f}<extra></extra>",
    }
    return [*(lines if edge else lines[1:]), ends]


@cache
def colour_stops(scale: str) -> list[list[Any]]:
    """The [position, colour] stops of a surface scale, from the lowest loss to the highest.

    The notebook's scale is reversed, as there: low loss is green.

    >>> colour_stops("viridis")[0]
    [0.0, '#440154']
    """
    name = {"viridis": "viridis", "cividis": "cividis", "rdylgn": "rdylgn_r"}[scale]
    return [[position, colour] for position, colour in get_colorscale(name)]


def data_figure(data: Dataset, w: float, b: float) -> Figure:
    """The points by class and the fitted p = sigmoid(w x + b), as a ghost of the p of a step."""
    rugs = []
    for label, colour in ((0.0, CLASS_0), (1.0, CLASS_1)):
        x = data.x[:MOST_POINTS][data.y[:MOST_POINTS] == label]
        gap = np.full_like(x, np.nan)
        rug = line(
            np.column_stack([x, x, gap]).ravel(),
            np.column_stack([x * 0 + label - 0.045, x * 0 + label + 0.045, gap]).ravel(),
            colour,
            1.4,
            name=f"y = {label:.0f}",
        )
        rugs.append({**rug, "opacity": 0.75, "hovertemplate": f"y = {label:.0f}, x %{{x:.3f}}"})
    grid = np.linspace(data.x.min() - 0.3, data.x.max() + 0.3, 161)
    fitted = line(grid, predict(grid, w, b), FULL, 2.6, name="fitted p")
    fitted["hovertemplate"] = "x %{x:.2f}: p %{y:.3f}<extra></extra>"
    fitted["opacity"] = 0.3
    layout = {
        "xaxis": axis("x"),
        "yaxis": axis("p, y", range=[-0.12, 1.12], tickvals=[0, 0.5, 1]),
        "showlegend": False,
    }
    return {"data": [*rugs, fitted], "layout": layout}


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis of a figure's layout."""
    plain = {"exponentformat": "power", "minexponent": 6}  # 20000, not 2e+4
    return {"title": {"text": title, "standoff": 4}, "zeroline": False, **plain, **more}


def log_axis(title: str, values: NDArray[Any], **more: Any) -> dict[str, Any]:
    """A logarithmic axis for these values, with some three to nine ticks whatever they span."""
    drawn = np.asarray(values, dtype=np.float64)
    drawn = drawn[np.isfinite(drawn) & (drawn > 0.0)]
    ticks: dict[str, Any] = {}
    if len(drawn):
        low, high = float(np.log10(drawn.min())), float(np.log10(drawn.max()))
        if high - low > 2.0:
            ticks = {"dtick": int(np.ceil((high - low) / 6.0))}
        elif high - low > 0.6:  # below, plotly's own ticks are evenly spaced
            powers = range(int(np.floor(low)), int(np.ceil(high)) + 1)
            digits = [f"{digit}e{power}" for power in powers for digit in (1, 2, 5)]
            ticks = {"tickvals": [float(text) for text in digits]}
    return axis(title, type="log", minexponent=3, **ticks, **more)


def line(x: NDArray[Any], y: Floats, colour: str, width: float, name: str) -> dict[str, Any]:
    """A line of a figure over steps, which hovering reads."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x if x.dtype == np.int32 else shortened(x),
        "y": shortened(y),
        "line": {"color": colour, "width": width},
        "hovertemplate": "step %{x}: %{y:.4f}<extra>" + name + "</extra>",
    }


def _minimum(surface: Floats, w_grid: Floats, b_grid: Floats) -> list[dict[str, Any]]:
    i, j = np.unravel_index(np.argmin(surface), surface.shape)
    if i in (0, len(w_grid) - 1) or j in (0, len(b_grid) - 1):
        return []
    return [minimum_mark(float(w_grid[i]), float(b_grid[j]))]


def minimum_mark(w: float, b: float) -> dict[str, Any]:
    """A cross at the lowest point of a surface's grid."""
    return {
        "type": "scatter",
        "mode": "markers",
        "meta": "minimum",
        "x": np.array([b]),
        "y": np.array([w]),
        "marker": {"symbol": "x-thin", "size": 9, "line": {"color": "#ffffff", "width": 2}},
        "hovertemplate": "minimum on the grid<br>b %{x:.2f}, w %{y:.2f}<extra></extra>",
        "cliponaxis": False,
    }
