"""Runs that are kept on the charts of another: what is drawn of them, and what must be said."""

from collections.abc import Sequence

import numpy as np

from dashboard.charts.live_chart import Chart
from dashboard.charts.run import Trained, loss_on, path_of, trained
from dashboard.figures.kept import Curve, Drawn
from dashboard.figures.parts import thinned
from dashboard.figures.run import steps_in_sight
from dashboard.figures.units import along, counts_of
from dashboard.server.cached import cached
from minibatch_core import Settings
from minibatch_core.arrays import Floats
from minibatch_core.engine.budgets import Budget
from minibatch_core.engine.dataset import make_held_out
from minibatch_core.losses import LOSSES
from minibatch_core.settings.train import steps_per_epoch

__all__ = ["drawn_of", "remarks"]

MOST_KEPT = 400
"""Points of a curve of a kept run that are drawn."""

FEWER = 2
"""Where a run has so many times fewer steps per epoch, counting in steps hides it."""


@cached(most=64)
def drawn_of(settings: Settings, budget: Budget) -> Drawn:
    """What is drawn of a kept run; the run itself, which may be large, is not held."""
    shown = trained(settings)
    run, end = shown.run, steps_in_sight(shown.run)
    at, counts = along(shown.steps, run.batches, budget), counts_of(shown.steps, run.batches)
    held_out = loss_on(make_held_out(settings.data), shown)
    minibatch, w, b = (
        _curve(shown, values, budget) for values in (run.batch_loss, run.w[:end], run.b[:end])
    )
    return Drawn(
        Curve(at, shown.full, counts),
        Curve(at, held_out, counts),
        minibatch,
        w,
        b,
        path_of(run),
        run.diverged_at,
        end - 1,
    )


def _curve(shown: Trained, values: Floats, budget: Budget) -> Curve:
    steps, batches = thinned(values, most=MOST_KEPT), shown.run.batches
    at, counts = along(steps, batches, budget), counts_of(steps, batches)
    return Curve(at, np.asarray(values[steps]), counts)


def remarks(
    present: Settings,
    kept: Sequence[tuple[int, Settings, Drawn]],
    budget: Budget,
    charts: Sequence[Chart],
) -> list[str]:
    """What must be said of kept runs, by their numbers, to read their curves on charts rightly."""
    said = []
    sizes = {_steps_per_epoch(each) for each in (present, *(run for _, run, _ in kept))}
    if budget.unit == "steps" and max(sizes) >= FEWER * min(sizes):
        said.append(
            "These runs take different numbers of steps per epoch. To see them side by side, "
            "choose *Epochs* or *Examples seen* under *Counted in*."
        )
    for number, settings, drawn in kept:
        said += _remarks_of(number, settings, drawn, present)
    layouts = [chart.figure["layout"] for chart in charts]
    if any("range" in each.get(axis, ()) for each in layouts for axis in ("yaxis", "yaxis2")):
        said.append(
            "A kept run goes farther than a chart shows. Double-click on the chart to see all that "
            "is drawn of it."
        )
    return said


def _remarks_of(number: int, settings: Settings, drawn: Drawn, present: Settings) -> list[str]:
    said = []
    if settings.data != present.data:
        said.append(
            f"Run {number} was trained on other data: its losses are those of its own data, and "
            "its path lies on the surface of the data shown now."
        )
    if settings.train.loss != present.train.loss:
        own, now = (LOSSES[each.train.loss].label for each in (settings, present))
        said.append(
            f"Run {number} was trained with another loss: its curve is {own}, and its height "
            f"can't be compared with {now}."
        )
    if drawn.diverged_at is not None:
        said.append(f"Run {number} diverged at step {drawn.diverged_at:,} and ends there.")
        if drawn.in_sight_to < drawn.diverged_at:
            said.append(
                f"w and b of run {number} are drawn up to step {drawn.in_sight_to:,}, before one "
                "leaves ±1,000,000."
            )
    return said


def _steps_per_epoch(settings: Settings) -> int:
    train = settings.train
    return steps_per_epoch(settings.data.n, train.batch_size, train.drop_last)
