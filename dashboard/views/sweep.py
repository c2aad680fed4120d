"""What the lab "Sweep" shows of the runs that have come so far: laws 6 and 11."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.live_chart import Board, Chart, ColourBar, Grid
from dashboard.sweeps import Sweep
from dashboard.views.optimizers import ADAPTIVE
from dashboard.views.shared import Lab, Law, number
from minibatch_core import Summary
from minibatch_core.figures import colour_stops
from minibatch_core.lab_figures import Line, sweep_figure, tradeoff_figure
from minibatch_core.settings import SWEPT, DataSettings, TrainSettings, describe
from minibatch_core.sweep import Tradeoff, fit_tradeoff

__all__ = ["sweep_view"]

Floats = NDArray[np.float64]

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
    seconds = _medians(sweep, lambda run: run.seconds * 1e3)
    diverged = 100.0 * _means(sweep, lambda run: run.diverged_at is not None)
    lines, best_note = _scaling_lines(sweep, losses)
    goal = number(sweep.target, 4)
    reached = int(np.isfinite(steps).sum())
    none = "no cell reached it" if not reached else f"reached by {reached:,} of {steps.size:,}"
    charts = [
        _heat(sweep, "loss", "Loss on all the data", losses, ".4f", scale, best_note, lines),
        _heat(
            sweep, "steps", f"Steps to a loss of {goal}", steps, ",.0f", scale, f"median; {none}"
        ),
        _heat(
            sweep,
            "examples",
            "Examples to that loss",
            examples,
            ",.0f",
            scale,
            "points looked at, median",
        ),
        _heat(sweep, "diverged", "Runs that diverged", diverged, ".0f", scale, "percent"),
        _heat(sweep, "time", "Time to train", seconds, ".3f", scale, "milliseconds, median"),
    ]
    curve = _tradeoff_chart(sweep, steps)
    charts += [] if curve is None else [curve]
    metrics = {
        "Runs": f"{sweep.done:,} of {sweep.total:,}",
        "Cells": f"{len(sweep.across):,} x {len(sweep.up):,}",
        "Target loss": goal,
        "Best": _best(sweep, losses),
    }
    laws = [] if sweep.running else [*_steps_law(sweep), *_scaling_law(sweep, losses)]
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
    figure = sweep_figure(
        values,
        [label_of(sweep.sweep.across, value) for value in sweep.across],
        [label_of(sweep.sweep.up, value) for value in sweep.up],
        (SWEPT[sweep.sweep.across], SWEPT[sweep.sweep.up]),
        (low, high if high > low else low + 1.0),
        scale,
        form,
        lines or [],
    )
    bar = ColourBar(f"{low:{form}}", f"{high:{form}}", colour_stops(scale))
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


def _scaling_law(sweep: Sweep, losses: Floats) -> list[Law]:
    """Law 11: how the best learning rate grows with the batch size, where the grid holds it."""
    if (sweep.sweep.across, sweep.sweep.up) != ("batch_size", "lr"):
        return []
    finite = np.where(np.isfinite(losses), losses, np.inf)
    best = np.argmin(finite, axis=0)
    held = (best > 0) & (best < len(sweep.up) - 1)
    if held.sum() < 3:
        return []
    sizes = np.log(np.array(sweep.across, dtype=np.float64)[held])
    rates = np.log(np.array(sweep.up)[best[held]])
    slope = float(np.polyfit(sizes, rates, 1)[0])
    adaptive = sweep.settings.train.optimizer in ADAPTIVE
    return [
        Law(
            "11. Scaling rule",
            "best lr as √B" if adaptive else "best lr as B",
            0.5 if adaptive else 1.0,
            slope,
            f"the power of B, from {int(held.sum()):,} batch sizes whose best lr lies inside the "
            "grid; the rule ends at a critical batch size, and a fixed number of epochs bends it",
        )
    ]


def _tradeoff_chart(sweep: Sweep, steps: Floats) -> Chart | None:
    if sweep.sweep.across != "batch_size":
        return None
    best = np.where(np.isfinite(steps), steps, np.inf).min(axis=0)
    reached = np.isfinite(best) & (best > 0.0)
    sizes = np.array(sweep.across)[reached]
    law = fit_tradeoff(sizes, best[reached])
    figure = tradeoff_figure(sizes, best[reached], law)
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
