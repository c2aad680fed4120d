"""What the lab "Sweep" shows of the runs that have come so far: laws 6 and 11."""

import math
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.live_chart import Board, Chart, ColourBar, Grid
from dashboard.sweeps import Sweep
from dashboard.views.optimizers import ADAPTIVE
from dashboard.views.shared import Lab, Law, number, plural
from minibatch_core import (
    Dataset,
    Settings,
    Summary,
    gradient_noise,
    make_dataset,
    train,
    train_many,
)
from minibatch_core.figures import colour_stops
from minibatch_core.lab_figures import Line, sweep_figure, tradeoff_figure
from minibatch_core.settings import SWEPT, DataSettings, TrainSettings, describe
from minibatch_core.sweep import Tradeoff, fit_tradeoff

__all__ = ["sweep_view"]

Floats = NDArray[np.float64]

SCALED = 4
"""By how much the batches grow at which the scaling rule is looked at."""

MOST_SEEDS, MOST_LOOKS = 50, 20_000_000
"""How many runs that takes, or fewer, so that each batch size looks at no more points than this."""

LOOKED_AT = 60
"""At how many steps of a run the noise scale is computed."""

GRID = Grid(
    areas=("loss loss steps steps examples examples", "diverged diverged time time curve curve"),
    rows="270px 270px",
    columns="repeat(6, minmax(0, 1fr))",
)


def sweep_view(sweep: Sweep, scale: str) -> Lab:
    """Heatmaps of what the cells came to, and the trade-off between steps and examples."""
    losses = _medians(sweep, lambda run: np.inf if run.diverged_at is not None else run.loss)
    steps = _medians(sweep, lambda run: np.inf if run.target_step is None else run.target_step)
    examples = _medians(
        sweep, lambda run: np.inf if run.target_examples is None else run.target_examples
    )
    seconds = _of_cells(sweep, lambda run: run.seconds * 1e3, np.min)
    diverged = 100.0 * _means(sweep, lambda run: run.diverged_at is not None)
    lines, best_note = _scaling_lines(sweep, losses)
    goal = number(sweep.target, 4)
    reached = int(np.isfinite(steps).sum())
    none = "no cell reached it" if not reached else f"reached by {reached:,} of {steps.size:,}"
    charts = [
        _heat(sweep, "loss", "Loss on all the data", losses, ".4f", scale, best_note, lines),
        _heat(
            sweep,
            "steps",
            f"Steps to a loss of {goal}",
            steps,
            ",.0f",
            scale,
            f"median; {none}; colours by its logarithm",
        ),
        _heat(
            sweep,
            "examples",
            "Examples to that loss",
            examples,
            ",.0f",
            scale,
            "points looked at, median; colours by its logarithm",
        ),
        _heat(sweep, "diverged", "Runs that diverged", diverged, ".0f", scale, "percent"),
        _heat(sweep, "time", "Time to train", seconds, ".3f", scale, "milliseconds, fastest run"),
    ]
    tradeoff = _tradeoff(sweep, steps)
    charts += [] if tradeoff is None else [_tradeoff_chart(*tradeoff)]
    metrics = {
        "Runs": f"{sweep.done:,} of {sweep.total:,}",
        "Cells": f"{len(sweep.across):,} x {len(sweep.up):,}",
        "Target loss": goal,
        "Best": _best(sweep, losses),
    }
    laws = []
    if not sweep.running:
        fitted = None if tradeoff is None else tradeoff[-1]
        laws = [
            *_steps_law(sweep),
            *_critical_law(sweep, steps, fitted),
            *_scaling_law(sweep.settings),
            *_best_lr_law(sweep, losses),
        ]
    return Lab(Board(metrics, charts, GRID), laws, _warning(sweep, reached))


def _medians(sweep: Sweep, value: Any) -> Floats:
    return _of_cells(sweep, value, np.median)


def _means(sweep: Sweep, value: Any) -> Floats:
    return _of_cells(sweep, value, np.mean)


def _of_cells(sweep: Sweep, value: Any, together: Any) -> Floats:
    """(up, across): what the runs of a cell come to together, NaN where none has come yet."""

    def of(cell: list[Summary | None]) -> float:
        values = [float(value(run)) for run in cell if run is not None]
        return float(together(values)) if values else np.nan

    return np.array([[of(cell) for cell in row] for row in sweep.summaries])


def _heat(
    sweep: Sweep,
    name: str,
    title: str,
    values: Floats,
    form: str,
    scale: str,
    note: str,
    lines: list[Line] | None = None,
) -> Chart:
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    if name == "loss":
        high = min(high, 4.0 * low) if low > 0.0 else high
    elif name == "diverged":
        low, high = 0.0, 100.0
    figure = sweep_figure(
        values,
        [label_of(sweep.sweep.across, value) for value in sweep.across],
        [label_of(sweep.sweep.up, value) for value in sweep.up],
        (SWEPT[sweep.sweep.across], SWEPT[sweep.sweep.up]),
        (low, high if high > low else low + 1.0),
        scale,
        form,
        lines or [],
        log=name in ("steps", "examples"),
    )
    more = "≥ " if len(finite) and finite.max() > high else ""
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
    if (sweep.sweep.across, sweep.sweep.up) != ("batch_size", "lr") or not np.isfinite(losses).any(
        axis=0
    ).all():
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
    for cells, summaries in zip(sweep.cells, sweep.summaries, strict=True):
        for cell, found in zip(cells, summaries, strict=True):
            run, summary = cell[0], found[0]
            if summary is None or summary.diverged_at is not None:
                continue
            n, size = run.data.n, run.train.batch_size
            predicted = math.floor(n / size) if run.train.drop_last else math.ceil(n / size)
            rounded = "floor" if run.train.drop_last else "ceil"
            note = f"N = {n:,}, B = {size:,}: steps taken in {run.train.epochs:,} epochs, by epochs"
            measured = summary.steps / run.train.epochs
            return [Law("1. Steps per epoch", f"{rounded}(N/B)", predicted, measured, note)]
    return []


def _critical_law(sweep: Sweep, steps: Floats, fitted: Tradeoff | None) -> list[Law]:
    """Laws 5 and 6: the noise scale along the fastest run of the largest batches, and the fit."""
    reached = np.isfinite(steps)
    if fitted is None or not reached.any():
        return []
    column = int(np.flatnonzero(reached.any(axis=0))[-1])
    row = int(np.nanargmin(np.where(reached[:, column], steps[:, column], np.nan)))
    settings, summary = sweep.cells[row][column][0], sweep.summaries[row][column][0]
    if summary is None or not summary.target_step:
        return []
    data, loss = make_dataset(settings.data), settings.train.loss
    run = train(data, settings.train)
    along = np.unique(np.linspace(0, summary.target_step - 1, LOOKED_AT).astype(np.int64))
    scales = [gradient_noise(data, run.w[step], run.b[step], loss).b_noise for step in along]
    return [
        Law(
            "5. Noise scale and critical batch size",
            "B_crit ≈ B_noise",
            float(np.median(scales)),
            fitted.critical_batch_size,
            f"predicted: the median of B_noise over the {summary.target_step:,} "
            f"{plural('step', summary.target_step)} to the target with B = "
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
    larger, power = SCALED * chosen.batch_size, _power(chosen.optimizer)
    if power is None or larger > len(data) or SCALED * chosen.lr > 1000.0 or seeds < 5:
        return []
    factor = str(SCALED) if power == 1.0 else f"√{SCALED}"
    scaled = SCALED**power * chosen.lr
    small = _last_w(data, chosen, seeds)
    large = _last_w(data, replace(chosen, batch_size=larger, lr=scaled), seeds)
    unscaled = _last_w(data, replace(chosen, batch_size=larger), seeds)
    error = math.sqrt((small.var() + large.var()) / seeds)
    return [
        Law(
            "11. Scaling rule",
            f"{SCALED} B with {factor} lr leads where B with lr does",
            float(small.mean()),
            float(large.mean()),
            f"w after {chosen.epochs:,} {plural('epoch', chosen.epochs)}, mean of {seeds} seeds: "
            f"B = {chosen.batch_size:,} with lr = {chosen.lr:g} against B = {larger:,} with "
            f"{scaled:.3g}; with lr as it was it would be {number(float(unscaled.mean()))}. It "
            "holds while steps are short and B is small",
            error if math.isfinite(error) else 0.0,
        )
    ]


def _power(optimizer: str) -> float | None:
    """The power of B with which the learning rate scales; of Adadelta no rule is known."""
    if optimizer == "adadelta":
        return None
    return 0.5 if optimizer in ADAPTIVE else 1.0


def _last_w(data: Dataset, settings: TrainSettings, seeds: int) -> Floats:
    """w at the end of runs with as many seeds from the chosen one up, NaN where one diverged."""
    runs = [replace(settings, seed=(settings.seed + k) % 2**32) for k in range(seeds)]
    ends = [np.nan if run.diverged_at is not None else run.w[-1] for run in train_many(data, runs)]
    return np.array(ends)


def _best_lr_law(sweep: Sweep, losses: Floats) -> list[Law]:
    """Law 11: how the best learning rate grows with the batch size, where the grid holds it."""
    power = _power(sweep.settings.train.optimizer)
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
            f"the power of B, from {int(held.sum()):,} batch sizes whose best lr lies inside the "
            "grid; the rule ends at a critical batch size, and a fixed number of epochs bends it",
        )
    ]


def _tradeoff(sweep: Sweep, steps: Floats) -> tuple[Floats, Floats, Tradeoff | None] | None:
    """Batch sizes that reached the target, the steps that each needed, and law 6 fitted to them."""
    if sweep.sweep.across != "batch_size":
        return None
    best = np.where(np.isfinite(steps), steps, np.inf).min(axis=0)
    reached = np.isfinite(best) & (best > 0.0)
    sizes = np.array(sweep.across, dtype=np.float64)[reached]
    return sizes, best[reached], fit_tradeoff(sizes, best[reached])


def _tradeoff_chart(sizes: Floats, steps: Floats, law: Tradeoff | None) -> Chart:
    figure = tradeoff_figure(sizes, steps, law)
    return Chart("curve", "Steps against batch size", _tradeoff_note(law), figure)


def _tradeoff_note(law: Tradeoff | None) -> str:
    if law is None:
        return "at the best value upwards; too few batch sizes reached the target for law 6"
    return (
        f"at the best value upwards. Law 6 fitted: at least {law.s_min:,.3g} steps, at least "
        f"{law.e_min:,.3g} examples, critical batch size {law.critical_batch_size:,.3g}"
    )


def _best(sweep: Sweep, losses: Floats) -> str:
    if not np.isfinite(losses).any():
        return "none yet"
    i, j = np.unravel_index(
        np.nanargmin(np.where(np.isfinite(losses), losses, np.nan)), losses.shape
    )
    across, up = sweep.sweep.across, sweep.sweep.up
    return f"{label_of(across, sweep.across[j])}, {label_of(up, sweep.up[i])}"


def _warning(sweep: Sweep, reached: int) -> str | None:
    if sweep.running:
        return None
    if sweep.done < sweep.total:
        return f"Stopped after {sweep.done:,} of {sweep.total:,} runs; here is what there is."
    if not reached:
        return (
            f"No run reached a loss of {number(sweep.target, 4)}: take a higher target, or more "
            "epochs."
        )
    return None
