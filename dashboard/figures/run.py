"""Figures of a run: its losses, and w and b, step by step."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.kept import LEAST_REACH, Kept, kept_losses, kept_traces, sight
from dashboard.figures.palette import FULL, MINIBATCH, B, W
from dashboard.figures.parts import LEGEND_ABOVE, MOST_DRAWN, Figure, axis, line, thinned
from dashboard.figures.units import along, counted_axis, counted_line
from minibatch_core.arrays import Floats
from minibatch_core.engine.budgets import IN_STEPS, Budget
from minibatch_core.engine.training import Run

__all__ = [
    "FARTHEST_IN_SIGHT",
    "late_loss_figure",
    "late_starts",
    "late_traces_figure",
    "loss_figure",
    "printed_marks",
    "steps_in_sight",
    "traces_figure",
]

FARTHEST_IN_SIGHT = 1e6
"""How far w and b of a diverging run are drawn."""


LATE_EPOCHS = 6
"""How many of the last epochs are shown step by step."""

FEW_STEPS = 200
"""Up to so many steps each has a dot."""


def loss_figure(
    run: Run,
    full_steps: NDArray[np.int32],
    full: Floats,
    held_out: Floats | None = None,
    budget: Budget = IN_STEPS,
    kept: Sequence[Kept] = (),
    *,
    are_alike: bool = False,
) -> Figure:
    """Each step's minibatch loss, thin, and the loss on all the data at `full_steps`, thick.

    The thin line is below the thick one where they `are_alike`, and has then no place in the
    legend, unless kept runs have such a line. Dotted, the loss on held-out data at these steps, if
    it is given; below all of them the losses of `kept` runs.
    """
    steps = thinned(run.batch_loss)
    losses = [
        getattr(each.drawn, name).y for each in kept for name in ("minibatch", "full", "held_out")
    ]
    in_sight = sight([run.batch_loss, full], losses, 0.0, from_zero=True)
    layout = {
        "xaxis": counted_axis(budget, _last(run, budget, kept)),
        "yaxis": axis("loss", rangemode="tozero", **in_sight),
        "legend": LEGEND_ABOVE,
    }
    x = along(full_steps, run.batches, budget)
    own = along(steps, run.batches, budget), run.batch_loss[steps]
    in_legend = {"meta": "batch_loss", "showlegend": bool(kept) or not are_alike}
    data = [
        counted_line(*own, MINIBATCH, 1.2, "its own minibatch", budget) | in_legend,
        counted_line(x, full, FULL, 2.6, "all the data", budget) | {"meta": "full_loss"},
    ]
    if held_out is not None:
        fresh = counted_line(x, held_out, FULL, 1.8, "held-out data", budget)
        fresh["line"]["dash"] = "dot"
        data.append({**fresh, "meta": "held_out"})
    if kept:  # a click in the legend hides those of all runs
        for trace, group in zip(data, ("minibatch", "full", "held_out"), strict=False):
            trace["legendgroup"] = group
    return {"data": [*data, *kept_losses(kept, budget)], "layout": layout}


def steps_in_sight(run: Run) -> int:
    """How many values of w and b are drawn: all, or those before a diverging run leaves +-1e6.

    What comes after would flatten everything before.
    """
    far = (np.abs(run.w) > FARTHEST_IN_SIGHT) | (np.abs(run.b) > FARTHEST_IN_SIGHT)
    return int(np.argmax(far)) if run.diverged_at is not None and far.any() else len(run.w)


def _last(run: Run, budget: Budget, kept: Sequence[Kept]) -> float:
    """Where the longest of the runs ends."""
    end = along(np.array([len(run)], dtype=np.int32), run.batches, budget)
    return max(float(x[-1]) for x in (end, *(each.drawn.full.x for each in kept)))


def traces_figure(run: Run, budget: Budget = IN_STEPS, kept: Sequence[Kept] = ()) -> Figure:
    """w and b along the run, side by side; below them those of `kept` runs."""
    layout: dict[str, Any] = {"showlegend": False}
    last = _last(run, budget, kept)
    few_ticks = {"nticks": 4} if last >= 1000 else {}
    data = []
    end = steps_in_sight(run)
    for number, name, values, colour in (("", "w", run.w[:end], W), ("2", "b", run.b[:end], B)):
        steps = thinned(values, most=MOST_DRAWN // 2)
        x = along(steps, run.batches, budget)
        trace = counted_line(x, values[steps], colour, 1.8, name, budget)
        data.append({**trace, "meta": name, "xaxis": f"x{number}", "yaxis": f"y{number}"})
        domain, anchor = [0.56, 1.0] if number else [0.0, 0.44], f"y{number}"
        layout[f"xaxis{number}"] = counted_axis(
            budget, last, domain=domain, anchor=anchor, **few_ticks
        )
        theirs = [(each.drawn.b if number else each.drawn.w).y for each in kept]
        in_sight = sight([values], theirs, LEAST_REACH)
        layout[f"yaxis{number}"] = axis(name, anchor=f"x{number}", **in_sight)
    return {"data": [*data, *kept_traces(kept, budget)], "layout": layout}


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
        "hovertemplate": "step %{x:,d}: %{y:.4f}<extra>the notebook prints</extra>",
    }


def late_loss_figure(run: Run) -> Figure:
    """The minibatch losses of the last epochs, every other epoch shaded."""
    steps = _late_steps(run)
    loss = line(steps, run.batch_loss[steps], MINIBATCH, 1.6, name="its own minibatch")
    loss |= {"meta": "late_loss", "marker": {"size": 5, "color": MINIBATCH}}
    loss["mode"] = "lines+markers" if len(steps) <= FEW_STEPS else "lines"
    starts = late_starts(run)
    layout = {
        "xaxis": axis("step", **_epoch_ticks(starts)),
        "yaxis": axis("loss"),
        "showlegend": False,
        "shapes": _epoch_bands(starts),
    }
    return {"data": [loss], "layout": layout}


def late_traces_figure(run: Run) -> Figure:
    """w and b over the last epochs, side by side, every other epoch shaded."""
    steps = _late_steps(run)
    starts = late_starts(run)
    layout: dict[str, Any] = {"showlegend": False, "shapes": _epoch_bands(starts, ("", "2"))}
    data = []
    for number, name, values, colour in (("", "w", run.w, W), ("2", "b", run.b, B)):
        trace = line(steps, values[steps], colour, 1.8, name=name)
        shows = {"meta": f"late_{name}", "xaxis": f"x{number}", "yaxis": f"y{number}"}
        data.append({**trace, **shows})
        domain = [0.56, 1.0] if number else [0.0, 0.44]
        ticks = _epoch_ticks(starts)
        layout[f"xaxis{number}"] = axis("step", domain=domain, anchor=f"y{number}", **ticks)
        layout[f"yaxis{number}"] = axis(name, anchor=f"x{number}")
    return {"data": data, "layout": layout}


def _late_steps(run: Run) -> NDArray[np.int32]:
    return np.arange(late_starts(run)[0], len(run), dtype=np.int32)


def late_starts(run: Run) -> list[int]:
    """The steps with which the last epochs begin, and the one after the last."""
    per_epoch = run.batches.steps_per_epoch
    begun = -(-len(run) // per_epoch)  # a run that diverged may have ended within an epoch
    return [epoch * per_epoch for epoch in range(max(0, begun - LATE_EPOCHS), begun + 1)]


def _epoch_ticks(starts: list[int]) -> dict[str, Any]:
    """A tick where each epoch begins, every other labelled, or the first alone of long numbers."""
    every = 2 if starts[-1] < 1000 else len(starts)
    texts = [f"{start:,}" if number % every == 0 else "" for number, start in enumerate(starts)]
    return {"tickvals": starts, "ticktext": texts, "tickangle": 0}


def _epoch_bands(starts: list[int], axes: Sequence[str] = ("",)) -> list[dict[str, Any]]:
    """Every other of several epochs shaded, so that the eye sees the period."""
    several = starts if len(starts) > 2 else []
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
        for start, stop in zip(several[:-1:2], several[1::2], strict=False)
    ]
