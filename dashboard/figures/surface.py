"""Figures of loss surfaces, with what stands on them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.palette import colour_stops
from dashboard.figures.parts import Figure, axis, line, shortened, thinned
from minibatch_core.arrays import Floats
from minibatch_core.theory.lowest import Lowest

__all__ = ["ends_in_sight", "minimum_mark", "point_marks", "surface_figure", "with_paths"]


def surface_figure(
    surface: Floats,
    w_grid: NDArray[np.floating],
    b_grid: NDArray[np.floating],
    limits: tuple[float, float],
    scale: str = "viridis",
    path: tuple[NDArray[np.floating], NDArray[np.floating]] | None = None,
    bar: bool = True,
    cells: bool = False,
    quantity: str = "loss",
    lowest: Lowest | None = None,
) -> Figure:
    """A loss surface, b across and w upwards, with a path (w, b) on it and its minimum marked.

    `limits` are the losses at the ends of the colour scale; low loss looks deep. A cross stands
    where `lowest` says that the surface has its minimum, if that is in sight: the grid alone can't
    tell.
    `cells` shows every value of the grid as a square, without smoothing.
    """
    heat = {
        "type": "heatmap",
        "meta": "heat",
        "x": shortened(b_grid),
        "y": shortened(w_grid),
        "z": shortened(surface),
        "zmin": limits[0],
        "zmax": limits[1],
        "zsmooth": False if cells else "fast",
        "colorscale": colour_stops(scale),
        "showscale": bar,
        "colorbar": {"thickness": 9, "outlinewidth": 0, "title": {"text": quantity}},
        "hovertemplate": f"w %{{y:.2f}}, b %{{x:.2f}}<br>{quantity} %{{z:.4f}}<extra></extra>",
    }
    ticks = {"showgrid": False, "ticks": "outside"}
    layout = {
        "xaxis": axis("b", range=list(ends_in_sight(b_grid, cells)), **ticks),
        "yaxis": axis("w", range=list(ends_in_sight(w_grid, cells)), **ticks),
        "showlegend": False,
    }
    marks = [] if path is None else _path(*path)
    if lowest is not None and lowest.is_in_sight:
        marks.append(minimum_mark(lowest))
    return {"data": [heat, *marks], "layout": layout}


def ends_in_sight(grid: NDArray[np.floating], cells: bool) -> tuple[float, float]:
    """Where an axis begins and ends: at the outer values, or half a cell farther out."""
    half = (grid[1] - grid[0]) / 2.0 if cells else 0.0
    return float(grid[0] - half), float(grid[-1] + half)


def _path(w: NDArray[np.floating], b: NDArray[np.floating]) -> list[dict[str, Any]]:
    w, b = shortened(w), shortened(b)
    lines = [
        {
            "type": "scatter",
            "mode": "lines",
            "meta": "path",
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
        "meta": "ends",
        "x": b[[0, -1]],
        "y": w[[0, -1]],
        "text": ["start", "end"],
        "marker": {
            "size": [8, 9],
            "color": ["#5f6368", "#ffffff"],
            "line": {"color": ["#ffffff", "#000000"], "width": 1.5},
            "opacity": 1.0,  # of dots of several sizes Plotly lets the ground shine through
        },
        "hovertemplate": "%{text}: b %{x:.3f}, w %{y:.3f}<extra></extra>",
    }
    return [*lines, ends]


def minimum_mark(lowest: Lowest) -> dict[str, Any]:
    """A cross at the lowest point of a surface, or at a local minimum."""
    name = "local minimum" if lowest.place == "local" else "lowest point"
    return {
        "type": "scatter",
        "mode": "markers",
        "meta": "minimum",
        "x": np.array([lowest.b]),
        "y": np.array([lowest.w]),
        "marker": {"symbol": "x-thin", "size": 9, "line": {"color": "#ffffff", "width": 2}},
        "hovertemplate": f"{name}<br>w %{{y:.2f}}, b %{{x:.2f}}<extra></extra>",
        "cliponaxis": False,
    }


def point_marks(w: float, b: float, loss: float) -> list[dict[str, Any]]:
    """A point of a surface, ringed."""
    ring = {
        "type": "scatter",
        "mode": "markers",
        "meta": "point",
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
