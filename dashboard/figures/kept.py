"""Runs that are kept in a picture while the settings go on to change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.parts import Figure
from dashboard.figures.units import counted_line
from minibatch_core.arrays import Floats
from minibatch_core.engine.budgets import Budget

__all__ = [
    "Curve",
    "Drawn",
    "Kept",
    "kept_losses",
    "kept_path",
    "kept_traces",
    "sight",
    "with_kept_paths",
]

FARTHER = 4.0
"""A kept run may make an axis of the present one this many times as long."""

LEAST_REACH = 10.0
"""So far w and b of kept runs are always in sight."""


MARGIN = 0.05
"""Of an axis, beyond a value that is to be seen whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Values of a run at some steps, where these stand on the axis, and what is counted there."""

    x: NDArray[Any]
    y: Floats
    counts: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """What is drawn of a kept run: five curves along it, and its path (w, b) on a surface.

    `held_out` is the loss on the held-out data of its own source and seed. `diverged_at` is as in a
    Run: the curves end there, but those of w and b with the step `in_sight_to`.
    """

    full: Curve
    held_out: Curve
    minibatch: Curve
    w: Curve
    b: Curve
    path: tuple[NDArray[np.floating], NDArray[np.floating]]
    diverged_at: int | None
    in_sight_to: int


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A kept run with what it is called and its colour."""

    name: str
    colour: str
    drawn: Drawn


def kept_losses(kept: Sequence[Kept], budget: Budget) -> list[dict[str, Any]]:
    """Lines below those of the present run, all data dashed, the others fainter.

    A click in the legend on a line of the present run hides the same lines of all runs.
    """
    faint = [
        _below(each, each.drawn.minibatch, 0.8, "its own minibatch", budget)
        | {"opacity": 0.3, "legendgroup": "minibatch"}
        for each in kept
    ]
    dashed = [
        _dashed(each, each.drawn.full, "all the data", budget) | {"legendgroup": "full"}
        for each in kept
    ]
    dotted = [
        _below(each, each.drawn.held_out, 1.2, "held-out data", budget, "dot")
        | {"opacity": 0.7, "legendgroup": "held_out"}
        for each in kept
    ]
    return faint + dashed + dotted


def kept_traces(kept: Sequence[Kept], budget: Budget) -> list[dict[str, Any]]:
    """Dashed lines of w and b, on the axes of the present run's."""
    return [
        {**_dashed(each, curve, name, budget), "xaxis": f"x{number}", "yaxis": f"y{number}"}
        for each in kept
        for number, name, curve in (("", "w", each.drawn.w), ("2", "b", each.drawn.b))
    ]


def _dashed(kept: Kept, curve: Curve, what: str, budget: Budget) -> dict[str, Any]:
    return _below(kept, curve, 1.6, what, budget, "dash")


def _below(
    kept: Kept, curve: Curve, width: float, what: str, budget: Budget, dash: str = "solid"
) -> dict[str, Any]:
    name = f"{kept.name}<br>{what}"
    trace = counted_line(curve.x, curve.y, kept.colour, width, name, budget)
    looks = {"line": {**trace["line"], "dash": dash}, "showlegend": False, "zorder": -1}
    return {**trace, **looks, "meta": "kept", "customdata": curve.counts}


def with_kept_paths(surface: Figure, kept: Sequence[Kept]) -> Figure:
    """A surface figure with the paths of kept runs below all that stands on it."""
    if not kept:
        return surface
    heat, *marks = surface["data"]
    return {**surface, "data": [heat, *(line for each in kept for line in kept_path(each)), *marks]}


def kept_path(kept: Kept) -> list[dict[str, Any]]:
    """The path of a kept run on a surface, its colour on a dark line."""
    w, b = kept.drawn.path
    hover = f"{kept.name}<br>b %{{x:.3f}}, w %{{y:.3f}}<extra></extra>"
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "meta": "kept",
            "x": b,
            "y": w,
            "line": {"color": colour, "width": width},
            "hovertemplate": hover,
        }
        for colour, width in (("rgba(0,0,0,0.55)", 3.2), (kept.colour, 1.6))
    ]


def sight(
    own: Sequence[Floats], kept: Sequence[Floats], least: float, from_zero: bool = False
) -> dict[str, list[float]]:
    """The range of an axis where a kept run would make it too long for the present one, else none.

    It reaches to four times the largest value of the present run, or to `least`.

    >>> sight([np.array([0.1, 0.3])], [np.array([0.2, 0.9])], 0.0, from_zero=True)
    {}
    >>> sight([np.array([0.5, 1.0])], [np.array([0.2, 90.0])], 0.0, from_zero=True)
    {'range': [0.0, 4.0]}
    """
    ours, theirs = (_finite(values) for values in (own, kept))
    if not len(ours) or not len(theirs):
        return {}
    reach = max(least, FARTHER * float(np.abs(ours).max()))
    low, high = float(min(ours.min(), theirs.min())), float(max(ours.max(), theirs.max()))
    if -reach <= low and high <= reach:
        return {}
    low, high = max(low, -reach), min(high, reach)
    margin = MARGIN * (high - low)
    low = 0.0 if from_zero else low - margin * (low > -reach)
    return {"range": [low, high + margin * (high < reach)]}


def _finite(several: Sequence[Floats]) -> Floats:
    values = np.concatenate([np.empty(0), *several])
    return values[np.isfinite(values)]
