"""The lab of sweeps: two settings over a grid, and what batch size costs and saves."""

import math
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts.live_chart import Board, Chart, ColourBar, Grid
from dashboard.figures.palette import colour_stops
from dashboard.figures.sweep import Line, sweep_figure, tradeoff_figure
from dashboard.jobs.sweeps import USUAL_TARGET, Sweep, kept_sweep, kind_of
from dashboard.server.cached import cached
from dashboard.shell.acts import open_run
from dashboard.shell.chosen import settings, sweep, value
from dashboard.shell.layout import Shown, show, show_head
from dashboard.shell.navigation import follow_click
from dashboard.shell.page import DATA, LABS, ORDER, SWEEP, TRAIN, Page
from dashboard.shell.session import session
from minibatch_core import Settings, SweepSettings, make_dataset, train
from minibatch_core.arrays import Floats
from minibatch_core.engine.sweep import USUAL
from minibatch_core.settings import DataSettings, TrainSettings
from minibatch_core.settings.fields import describe
from minibatch_core.settings.sweep import SWEPT
from minibatch_core.theory import laws
from minibatch_core.theory.laws import Finding
from minibatch_core.theory.tradeoff import Tradeoff, fit_tradeoff
from minibatch_core.words import number

IDEA = """
Each cell trains with one pair of values, with several seeds, and all the other settings as they are
on the left. Larger batches need fewer steps, but beyond a critical size hardly fewer, while every
step looks at more points. Click a cell to open its first run in the Playground. What *{across}* and
*{up}* on the left say matters to no cell.
"""

GRID = Grid(
    areas=("loss loss steps steps examples examples", "worse worse time time curve curve"),
    rows="270px 270px",
    columns="repeat(6, minmax(0, 1fr))",
)


def shown_of(sweep: Sweep, scale: str) -> Shown:
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
    findings = [] if sweep.running else _findings(sweep, losses, steps, tradeoff)
    return Shown(Board(metrics, charts, GRID), findings, _warning(sweep, steps))


def _findings(
    sweep: Sweep,
    losses: Floats,
    steps: Floats,
    tradeoff: tuple[Floats, Floats, Tradeoff | None] | None,
) -> list[Finding]:
    """The laws that this sweep has something to say of."""
    found = [
        _steps_taken(sweep),
        _critical(sweep, steps, None if tradeoff is None else tradeoff[-1]),
        None if tradeoff is None else laws.steps_against_examples(*tradeoff[:2]),
        _scaling_rule(sweep.settings),
    ]
    if sweep.whole and (sweep.sweep.across, sweep.sweep.up) == ("batch_size", "lr"):
        optimizer = sweep.settings.train.optimizer
        found.append(laws.best_learning_rate(optimizer, sweep.across, sweep.up, losses))
    return [each for each in found if each is not None]


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
    lowest = list(sweep.lowest.values())  # of a sweep that goes on meanwhile
    if target is None and len(lowest) == 1:
        target = USUAL_TARGET * lowest[0]
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


def _steps_taken(sweep: Sweep) -> Finding | None:
    """Law 1, counted on the first run that went through."""
    steps = sweep.kept["steps"][:, :, 0]
    through = np.argwhere(np.isfinite(steps))
    if not len(through):
        return None
    i, j = through[0]
    return laws.epoch_steps(sweep.cells[i][j], float(steps[i, j]))


def _critical(sweep: Sweep, steps: Floats, fitted: Tradeoff | None) -> Finding | None:
    """Law 5, along the fastest run of the largest batches, beside the fit of law 6."""
    reached = np.isfinite(steps)
    if fitted is None or not reached.any():
        return None
    column = int(np.flatnonzero(reached.any(axis=0))[-1])
    row = int(np.nanargmin(np.where(reached[:, column], steps[:, column], np.nan)))
    cell, target_step = sweep.cells[row][column], sweep.kept["target_step"][row, column, 0]
    if not 1.0 <= target_step < math.inf:
        return None
    data = make_dataset(cell.data)
    run = train(data, cell.train)
    return laws.critical_batch_size(data, run, target_step, fitted.critical_batch_size)


_scaling_rule = cached(most=32)(laws.scaling_rule)


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


def draw() -> None:
    asked = settings()
    try:
        swept = sweep_of(asked, sweep())
    except ValueError as error:
        show_head(asked)
        st.error(f"This can't be swept: {error}.")
        return
    across, up = SWEPT[swept.sweep.across], SWEPT[swept.sweep.up]
    show_head(asked, IDEA.format(across=across, up=up), runs=runs_of(swept))
    follow_click()
    if swept.running:
        draw_running(swept)
    else:
        if not swept.work.cancelled():
            swept.work.result()  # what went wrong is shown, not hidden
        draw_sweep(swept)


def sweep_of(asked: Settings, grid: SweepSettings) -> Sweep:
    """This visitor's sweep with these settings: its own, one kept, or a new one.

    A sweep that ended because nobody looked begins anew when someone does.

    Raises ValueError if the sweep can't be.
    """
    current = session().sweep
    if current is not None:
        if (current.settings, current.sweep) == (asked, grid) and not current.abandoned:
            return current
        current.stop()
    session().sweep = made = kept_sweep(asked, grid)
    return made


@st.fragment(run_every=1.0)
def draw_running(swept: Sweep) -> None:
    if not swept.running:
        st.rerun()
    draw_progress(swept)
    draw_sweep(swept)


def draw_progress(swept: Sweep) -> None:
    """How far a running sweep is, how long it still takes, and a button that stops it."""
    swept.seen = time.monotonic()
    left = swept.seconds_left
    text = f"{swept.done:,} of {swept.total:,} runs"
    if swept.done == 0:
        text += ": waiting for its turn"
    elif left is not None:
        text += f", about {left:.0f} s left"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(swept.done / swept.total, text)
        st.button("Stop", on_click=swept.stop)


def draw_sweep(swept: Sweep) -> None:
    def open_cell(_: str, across: float, up: float) -> None:
        i, j = round(up), round(across)
        if 0 <= i < len(swept.up) and 0 <= j < len(swept.across):
            open_run(swept.cells[i][j])

    show(shown_of(swept, value("scale")), swept.settings, on_click=open_cell)


PAGE = Page(
    name="sweep",
    title="Sweep",
    place=6,
    help="Two settings over a grid of values, several seeds each.",
    group=LABS,
    controls=SWEEP | DATA | TRAIN | ORDER | {"scale"},
    settings=Settings(
        train=TrainSettings(optimizer="sgd", lr=1.0, batch_size=10, epochs=30, shuffle="each_epoch")
    ),
    draw=draw,
)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw as draw_dashboard

    draw_dashboard()
