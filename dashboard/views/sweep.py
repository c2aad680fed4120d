"""What the lab "Sweep" shows of the runs that have come so far: laws 6 and 11."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.charts.live_chart import Board, Chart, ColourBar, Grid
from dashboard.charts.run import Lab, Law, number, plural
from dashboard.figures.common import colour_stops
from dashboard.figures.labs import Line, sweep_figure, tradeoff_figure
from dashboard.jobs.sweeps import USUAL_TARGET, Sweep, kind_of
from minibatch_core import Dataset, Settings, gradient_noise, make_dataset, train, train_many
from minibatch_core.engine.many_runs import with_seeds
from minibatch_core.engine.sweep import USUAL
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.settings import DataSettings, TrainSettings
from minibatch_core.settings.fields import describe
from minibatch_core.settings.sweep import SWEPT
from minibatch_core.settings.train import steps_per_epoch
from minibatch_core.theory.tradeoff import Tradeoff, fit_tradeoff

__all__ = ["runs_of", "sweep_view"]

Floats = NDArray[np.float64]

SCALED = 4
"""By how much the batches grow at which the scaling rule is looked at."""

MOST_SEEDS, MOST_LOOKS = 50, 20_000_000
"""How many runs that takes, or fewer, so that each batch size looks at no more points than this."""

LOOKED_AT = 60
"""At how many steps of a run the noise scale is computed."""

GRID = Grid(
    areas=("loss loss steps steps examples examples", "worse worse time time curve curve"),
    rows="270px 270px",
    columns="repeat(6, minmax(0, 1fr))",
)


def sweep_view(sweep: Sweep, scale: str) -> Lab:
    """Heatmaps of what the cells came to, and the trade-off between steps and examples."""
    losses, several = _losses(sweep)
    steps = _median(sweep.kept["target_step"])
    examples = _median(sweep.kept["target_examples"])
    seconds = 1e3 * np.fmin.reduce(sweep.kept["seconds"], axis=2)
    worse = 100.0 * _mean(sweep.kept["got_worse"])
    title = "Loss on all the data"
    goal = _goal(sweep)
    lines, best_note = _scaling_lines(sweep, losses)
    if several:
        title = "Loss, relative"
        best_note = f"to the lowest on the notebook's part of its surface; {best_note}"
    reached = f"{np.isfinite(steps).sum():,} of {steps.size:,} cells reached it"
    heat = partial(_heat, sweep, scale)
    charts = [
        heat("loss", title, losses, ".4f", best_note, lines=lines),
        heat(
            "steps", f"Steps to {goal}", steps, ",.0f", f"median, colours by logarithm; {reached}"
        ),
        heat("examples", "Examples to it", examples, ",.0f", "points looked at; as on the left"),
        heat("worse", "Runs that got worse", worse, ".0f", "percent that diverged or lost ground"),
        heat("time", "Time to train", seconds, ".3f", "milliseconds, fastest run"),
    ]
    tradeoff = None if several or not sweep.whole else _tradeoff(sweep, steps)
    charts += [] if tradeoff is None else [_tradeoff_chart(sweep, steps, tradeoff)]
    metrics = {
        "Runs": f"{sweep.done:,} of {sweep.total:,}",
        "Cells": f"{len(sweep.across):,} x {len(sweep.up):,}",
        "Target": goal,
        "Lowest loss at": _best(sweep, losses),
    }
    laws = []
    if not sweep.running:
        laws = [
            *_steps_law(sweep),
            *_critical_law(sweep, steps, None if tradeoff is None else tradeoff[-1]),
            *_tradeoff_law(tradeoff),
            *_scaling_law(sweep.settings),
            *(_best_lr_law(sweep, losses) if sweep.whole else []),
        ]
    return Lab(Board(metrics, charts, GRID), laws, _warning(sweep, steps))


def _losses(sweep: Sweep) -> tuple[Floats, bool]:
    """(up, across): median losses; if of several kinds, each by the lowest of its kind."""
    losses = _median(sweep.kept["loss"])
    if len({kind_of(cell) for row in sweep.cells for cell in row}) == 1:
        return losses, False
    lowest = [[sweep.lowest.get(kind_of(cell), np.nan) for cell in row] for row in sweep.cells]
    with np.errstate(over="ignore"):  # left blank where it is more than a number can be
        return losses / np.array(lowest), True


def _goal(sweep: Sweep) -> str:
    """The target in words: a number, or what it is for each data and loss."""
    target = sweep.sweep.target
    if target is None and len(sweep.lowest) == 1:
        (target,) = (USUAL_TARGET * lowest for lowest in sweep.lowest.values())
    if target is None:
        return f"{USUAL_TARGET:g} x its surface's lowest"
    return f"a loss of {number(target, 4)}"


def _median(values: Floats) -> Floats:
    """(up, across): the median of what has come of each cell, NaN where nothing has."""
    ordered = np.sort(values, axis=2)  # NaN come last
    count = (~np.isnan(values)).sum(axis=2, keepdims=True)
    low, high = (
        np.take_along_axis(ordered, place, axis=2) for place in ((count - 1) // 2, count // 2)
    )
    return np.asarray((0.5 * low + 0.5 * high)[:, :, 0])


def _mean(values: Floats) -> Floats:
    count = (~np.isnan(values)).sum(axis=2)
    return np.where(count > 0, np.nansum(values, axis=2) / np.maximum(count, 1), np.nan)


def _heat(
    sweep: Sweep,
    scale: str,
    name: str,
    title: str,
    values: Floats,
    form: str,
    note: str,
    lines: Sequence[Line] = (),
) -> Chart:
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    if name == "loss":
        high = min(high, 4.0 * low) if low > 0.0 else high
    elif name == "worse":
        low, high = 0.0, 100.0
    figure = sweep_figure(
        values,
        [label_of(sweep.sweep.across, value) for value in sweep.across],
        [label_of(sweep.sweep.up, value) for value in sweep.up],
        (SWEPT[sweep.sweep.across], SWEPT[sweep.sweep.up]),
        (low, high if high > low else low + 1.0),
        scale,
        form,
        lines,
        log=name in ("steps", "examples"),
    )
    bar = None
    if len(finite):
        more = "≥ " if finite.max() > high else ""
        bar = ColourBar(f"{low:{form}}", f"{more}{high:{form}}", colour_stops(scale))
    return Chart(name, title, note, figure, bar, clickable=True)


def label_of(name: str, value: Any) -> str:
    """A value as the sweep's axes spell it."""
    tables = describe(TrainSettings) | describe(DataSettings)
    choices = tables[name].choices
    return f"{value:g}" if choices is None else choices[value]


def _scaling_lines(sweep: Sweep, losses: Floats) -> tuple[list[Line], str]:
    """The best learning rate of each batch size, and how the rules would scale the first one."""
    note = "median of the cell's runs; a click opens its first run in the Playground"
    swept = (sweep.sweep.across, sweep.sweep.up)
    every = np.isfinite(losses).any(axis=0).all()
    # Until a sweep is whole the best may be ahead.
    if swept != ("batch_size", "lr") or not (every and sweep.whole) or sweep.up[0] == 0.0:
        return [], note
    rows = np.argmin(np.where(np.isfinite(losses), losses, np.inf), axis=0)
    positions = np.arange(len(sweep.up))
    rates, sizes = np.log(np.array(sweep.up)), np.log(np.array(sweep.across))
    columns = np.arange(float(len(sweep.across)))
    lines = [Line("best", "solid", columns, rows.astype(np.float64))]
    for name, power, dash in (("B", 1.0, "dash"), ("√B", 0.5, "dot")):
        scaled = rates[rows[0]] + power * (sizes - sizes[0])
        inside = scaled <= rates[-1]
        drawn = np.interp(scaled[inside], rates, positions)
        lines.append(Line(f"lr as {name}", dash, columns[inside], drawn))
    return lines, f"white: the best lr of each B; dashed lr as B, dotted lr as √B. {note}"


def _steps_law(sweep: Sweep) -> list[Law]:
    """Law 1, counted on the first run that went through."""
    steps = sweep.kept["steps"][:, :, 0]
    through = np.argwhere(np.isfinite(steps))
    if not len(through):
        return []
    i, j = through[0]
    run = sweep.cells[i][j]
    n, size, epochs = run.data.n, run.train.batch_size, run.train.epochs
    predicted = steps_per_epoch(n, size, run.train.drop_last)
    rounded = "floor" if run.train.drop_last else "ceil"
    note = f"N = {n:,}, B = {size:,}: steps taken, by epochs"
    measured = float(steps[i, j]) / epochs
    return [Law("1. Steps per epoch", f"{rounded}(N/B)", predicted, measured, note)]


def _critical_law(sweep: Sweep, steps: Floats, fitted: Tradeoff | None) -> list[Law]:
    """Laws 5 and 6: the noise scale along the fastest run of the largest batches, and the fit."""
    reached = np.isfinite(steps)
    if fitted is None or not reached.any():
        return []
    column = int(np.flatnonzero(reached.any(axis=0))[-1])
    row = int(np.nanargmin(np.where(reached[:, column], steps[:, column], np.nan)))
    settings, target_step = sweep.cells[row][column], sweep.kept["target_step"][row, column, 0]
    if not 1.0 <= target_step < math.inf:
        return []
    data, loss = make_dataset(settings.data), settings.train.loss
    run = train(data, settings.train)
    along = np.unique(np.linspace(0, target_step - 1.0, LOOKED_AT).astype(np.int64))
    scales = [gradient_noise(data, run.w[step], run.b[step], loss).b_noise for step in along]
    return [
        Law(
            "5. Noise scale and critical batch size",
            "B_crit ≈ B_noise",
            float(np.median(scales)),
            fitted.critical_batch_size,
            f"predicted: the median of B_noise over the {target_step:,.0f} "
            f"{plural('step', round(target_step))} to the target with B = "
            f"{settings.train.batch_size:,}; measured: the fit of law 6. An order of magnitude at "
            "best: towards the minimum B_noise grows beyond all bounds, but a run may touch the "
            "target by luck",
        )
    ]


@lru_cache(maxsize=32)
def _scaling_law(settings: Settings) -> list[Law]:
    """Law 11: whether batches and learning rate, both larger, lead to the same w."""
    data, chosen = make_dataset(settings.data), settings.train
    seeds = min(MOST_SEEDS, MOST_LOOKS // (len(data) * chosen.epochs))
    larger, power = SCALED * chosen.batch_size, OPTIMIZERS[chosen.optimizer].lr_power
    if power is None or larger > len(data) or SCALED * chosen.lr > 1000.0 or seeds < 5:
        return []
    factor = str(SCALED) if power == 1.0 else f"√{SCALED}"
    scaled = SCALED**power * chosen.lr
    small = _last_w(data, chosen, seeds)
    large = _last_w(data, replace(chosen, batch_size=larger, lr=scaled), seeds)
    unscaled = _last_w(data, replace(chosen, batch_size=larger), seeds)
    return [
        Law(
            "11. Scaling rule",
            f"{SCALED} B with {factor} lr leads where B with lr does",
            float(small.mean()),
            float(large.mean()),
            f"as set on the left, w after {chosen.epochs:,} {plural('epoch', chosen.epochs)}, mean "
            f"of {seeds} seeds: "
            f"B = {chosen.batch_size:,} with lr = {chosen.lr:g} against B = {larger:,} with "
            f"{scaled:.3g}; with lr as it was it would be {number(float(unscaled.mean()))}. It "
            "holds while steps are short and B is small",
        )
    ]


def _last_w(data: Dataset, settings: TrainSettings, seeds: int) -> Floats:
    """w at the end of runs with as many seeds from the chosen one up, NaN where one diverged."""
    runs = train_many(data, with_seeds(settings, seeds))
    return np.array([np.nan if run.diverged_at is not None else run.w[-1] for run in runs])


def _best_lr_law(sweep: Sweep, losses: Floats) -> list[Law]:
    """Law 11: how the best learning rate grows with the batch size, where the grid holds it."""
    power = OPTIMIZERS[sweep.settings.train.optimizer].lr_power
    if (sweep.sweep.across, sweep.sweep.up) != ("batch_size", "lr") or power is None:
        return []
    finite = np.where(np.isfinite(losses), losses, np.inf)
    best = np.argmin(finite, axis=0)
    held = (best > 0) & (best < len(sweep.up) - 1)
    if held.sum() < 3:
        return []
    sizes = np.log(np.array(sweep.across, dtype=np.float64)[held])
    rates = np.log(np.array(sweep.up)[best[held]])
    slope = float(np.polyfit(sizes, rates, 1)[0])
    return [
        Law(
            "11. The best learning rate",
            "as B" if power == 1.0 else "as √B",
            power,
            slope,
            f"the power of B, from {int(held.sum()):,} batch sizes whose best lr by loss lies "
            "inside the grid; the rule ends at a critical batch size, and a fixed number of epochs "
            "bends it",
        )
    ]


def _tradeoff(sweep: Sweep, steps: Floats) -> tuple[Floats, Floats, Tradeoff | None] | None:
    """Batch sizes that reached the target, the steps that each needed, and law 6 fitted to them.

    None where the batch size is not swept across, or no run had to take a step.
    """
    if sweep.sweep.across != "batch_size":
        return None
    best = np.where(np.isfinite(steps), steps, np.inf).min(axis=0)
    reached = np.isfinite(best) & (best > 0.0)
    if not reached.any():
        return None
    sizes = np.array(sweep.across, dtype=np.float64)[reached]
    return sizes, best[reached], fit_tradeoff(sizes, best[reached])


def _tradeoff_chart(
    sweep: Sweep, steps: Floats, tradeoff: tuple[Floats, Floats, Tradeoff | None]
) -> Chart:
    law = tradeoff[-1]
    label = SWEPT[sweep.sweep.up].lower()
    note = f"with the {label} that needs the fewest"
    rows = np.argmin(np.where(np.isfinite(steps), steps, np.inf), axis=0)
    at_edge = int(np.isin(rows[np.isfinite(steps).any(axis=0)], (0, len(sweep.up) - 1)).sum())
    if at_edge and sweep.sweep.up in USUAL:
        note += f" (at the edge of the grid for {at_edge:,} of {len(tradeoff[0]):,})"
    if law is None:
        note += "; too few batch sizes took steps to the target for law 6"
    else:
        note += (
            f". Law 6 fitted: at least {law.s_min:,.3g} steps, at least {law.e_min:,.3g} examples, "
            f"critical batch size {law.critical_batch_size:,.3g}"
        )
    return Chart("curve", "Steps by batch size", note, tradeoff_figure(*tradeoff))


def _tradeoff_law(tradeoff: tuple[Floats, Floats, Tradeoff | None] | None) -> list[Law]:
    """Law 6, fitted without one batch size, against the steps that this one needed."""
    if tradeoff is None or len(tradeoff[0]) < 4:
        return []
    sizes, steps, _ = tradeoff
    left_out = len(sizes) // 2
    others = fit_tradeoff(np.delete(sizes, left_out), np.delete(steps, left_out))
    if others is None:
        return []
    return [
        Law(
            "6. Steps against examples",
            "(S/S_min - 1)(E/E_min - 1) = 1",
            float(others.steps(sizes[left_out])),
            float(steps[left_out]),
            f"steps to the target with B = {sizes[left_out]:,.0f}: predicted by the fit to the "
            f"other {len(sizes) - 1:,} batch sizes",
        )
    ]


def runs_of(sweep: Sweep) -> dict[str, Settings]:
    """The runs that can be taken from a sweep, by name."""
    runs = {"As set on the left": sweep.settings}
    best = None if sweep.running else _lowest_cell(_losses(sweep)[0])
    return (
        runs
        if best is None
        else {"Lowest loss of the sweep": sweep.cells[best[0]][best[1]], **runs}
    )


def _lowest_cell(losses: Floats) -> tuple[int, int] | None:
    if not np.isfinite(losses).any():
        return None
    lowest = int(np.nanargmin(np.where(np.isfinite(losses), losses, np.nan)))
    i, j = divmod(lowest, losses.shape[1])
    return i, j


def _best(sweep: Sweep, losses: Floats) -> str:
    best = _lowest_cell(losses)
    if best is None:
        return "none yet"
    tables = describe(TrainSettings) | describe(DataSettings)
    pairs = ((sweep.sweep.across, sweep.across[best[1]]), (sweep.sweep.up, sweep.up[best[0]]))
    return ", ".join(f"{tables[name].key} {label_of(name, value)}" for name, value in pairs)


def _warning(sweep: Sweep, steps: Floats) -> str | None:
    if sweep.running:
        return None
    if not sweep.whole:
        return f"Stopped after {sweep.done:,} of {sweep.total:,} runs; here is what there is."
    finite = steps[np.isfinite(steps)]
    if not len(finite):
        return f"No run reached {_goal(sweep)}: take a higher target, or more epochs."
    if finite.max() == 0.0:
        return f"The runs start at {_goal(sweep)} or below: take a lower target."
    return None
