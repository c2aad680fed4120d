"""The lab of sweeps: two settings over a grid, and what batch size costs and saves."""

import math
import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts.live_chart import Board, Chart, ColourBar, Grid
from dashboard.charts.wire import SentAxis, SentCells, sent_settings
from dashboard.figures.palette import colour_stops
from dashboard.figures.sweep import Line, sweep_figure, tradeoff_figure
from dashboard.jobs.sweeps import Sweep, kept_sweep, kind_of
from dashboard.server.cached import cached
from dashboard.shell.acts import open_run
from dashboard.shell.chosen import settings, sweep, value, view
from dashboard.shell.layout import Shown, show, show_head
from dashboard.shell.navigation import follow_click
from dashboard.shell.page import DATA, LABS, ORDER, SWEEP, TRAIN, Page
from dashboard.shell.problems import on_screen
from dashboard.shell.session import session
from dashboard.shell.view_settings import ViewSettings, time_model
from minibatch_core import Settings, SweepSettings, make_dataset
from minibatch_core.arrays import Floats
from minibatch_core.engine.budgets import Budget
from minibatch_core.engine.many_runs import left_to_chance, with_seeds
from minibatch_core.engine.surface import NOTEBOOK_BOX
from minibatch_core.engine.sweep import MOST_LOOKS
from minibatch_core.engine.training import train_within
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.schedules import SCHEDULES
from minibatch_core.settings import DataSettings, TrainSettings
from minibatch_core.settings.fields import describe
from minibatch_core.settings.sweep import SWEPT
from minibatch_core.settings.train import MAX_STEPS, max_epochs, steps_per_epoch
from minibatch_core.theory import laws
from minibatch_core.theory.laws import Finding
from minibatch_core.theory.lowest import lowest_possible
from minibatch_core.theory.resampling import (
    FEWEST_RUNS,
    MANY_RESAMPLES,
    RESAMPLES,
    error_within,
    interval,
    may_be_lowest,
    resampled_medians,
)
from minibatch_core.theory.tradeoff import (
    FEWEST_SIZES,
    Tradeoff,
    critical_range,
    fit_tradeoff,
)
from minibatch_core.words import listed, number, plain, plural, rounded

IDEA = """
Each cell has its own {across} and {up}: they stand on the axes. {left} A cell trains {runs}. In the
charts of steps and of examples a cell is blank if {missed} did not reach the target within the
budget. {enough} Point at a cell with a mouse to see the loss of its {seen} step by step. Click it
to open its {first} in the Playground.
"""

QUESTION = """
Do larger batches need fewer steps? In a row of the charts all cells have the same learning rate,
and their steps may hardly differ. In *Steps by batch size* each batch size has its own best
learning rate. There, says law 6, larger batches need fewer steps. But far beyond a critical batch
size they save almost none, while each step looks at more points.
"""

TABLES = describe(TrainSettings) | describe(DataSettings)
"""Every setting that can be swept, by its name."""

LOGARITHMIC = ("steps", "examples")
"""Charts whose colours go by the logarithm."""

WIDE = 10.0
"""A critical batch size known no better than to so many times is not compared with anything."""

_SEEN = " and ".join(
    f"{name} from {plain(low)} to {plain(high)}"
    for name, (low, high) in zip("wb", NOTEBOOK_BOX, strict=True)
)
"""Where the lowest loss is looked for."""

_OF_A_BUDGET: Mapping[str, Set[str]] = {
    "steps": {"batch_size", "n"},
    "epochs": frozenset(),
    "examples": {"n"},
    "time": {"batch_size", "n"},
}
"""Which settings besides the epochs say how large a budget is, by what it is counted in."""

MOST_EPOCHS = int(TABLES["epochs"].maximum)
"""How many a run may have."""

GRID = Grid(
    areas=(
        *("loss loss steps steps examples examples",) * 2,
        *("worse worse time time curve curve",) * 2,
    ),
    rows="auto 230px auto 260px",
    columns="repeat(6, minmax(0, 1fr))",
    aligned=True,
)


@dataclass(frozen=True, slots=True, eq=False)
class Chance:
    """The medians of the cells with the runs drawn anew, (count, up, across)."""

    losses: Floats
    steps: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """The steps that each batch size needs at its best: what law 6 is about.

    - `resampled` (count, sizes): the steps with other runs, if they are enough to say
    - `inside` (sizes,): whether the best lies inside the grid; law 6 is about these alone
    - `law`: fitted to them; None where law 6 has nothing to say of this sweep, or the fit is none
    - `critical`: between which critical batch sizes 95% of those are; None if that can't be said
    - `why_not`: why there is no `critical`, as what follows "because"
    """

    sizes: Floats
    steps: Floats
    resampled: Floats | None
    inside: NDArray[np.bool_]
    law: Tradeoff | None = None
    critical: tuple[float, float] | None = None
    why_not: str = ""


def shown_of(sweep: Sweep, scale: str) -> Shown:
    """Heatmaps of what the cells came to, and the trade-off between steps and examples."""
    losses, several = _losses(sweep)
    steps = _median(sweep.kept["target_step"])
    examples = _median(sweep.kept["target_examples"])
    seconds = 1e3 * np.fmin.reduce(sweep.kept["seconds"], axis=2)
    worse = 100.0 * _mean(sweep.kept["got_worse"])
    chance = _chance(sweep) if sweep.whole and _tells_chance(sweep) else None
    lowest = _lowest(losses) if chance is None else may_be_lowest(losses, chance.losses)
    curve = None if several or not sweep.whole else _curve(sweep, steps, chance)
    lines, lines_note = _scaling_lines(sweep, losses)
    whose = "The median of the cell's runs." if sweep.runs > 1 else "Of the cell's one run."
    reached = _reached_in(sweep, steps)
    heat = partial(_heat, sweep, scale)
    charts = [
        heat(
            "loss",
            "Loss, relative" if several else "Loss on all the data",
            losses,
            ".4f",
            _loss_note(sweep, several, lowest, chance) + lines_note,
            lines=lines,
            marked=None if chance is None or _is_still(sweep) or lowest.sum() == 1 else lowest,
            good=1.0 if several else 0.0,
        ),
        heat(
            "steps",
            "Steps to the target",
            steps,
            ",.0f",
            " ".join(filter(None, [whose, reached, "The colours go by the logarithm."])),
        ),
        heat(
            "examples",
            "Examples to the target",
            examples,
            ",.0f",
            f"How many points the steps to the target looked at. {whose} The colours go by the "
            "logarithm.",
        ),
        heat(
            "worse",
            "Runs that got worse",
            worse,
            ".0f",
            "How many per cent of the runs diverged, or ended with a higher loss than they began "
            "with.",
        ),
        heat(
            "time",
            "Time to train",
            seconds,
            ".3f",
            "How many milliseconds the fastest run of the cell took here.",
        ),
    ]
    if sweep.budget.unit == "time":
        charts[-1] = heat(
            "time",
            "Time to the target",
            _time(sweep.budget, steps, examples),
            ",.0f",
            "What the steps and examples to the target cost by the model of time. The colours go "
            "by the logarithm.",
        )
    charts += [] if curve is None else [_curve_chart(sweep, curve)]
    lowest_at = "Lowest relative loss at" if several else "Lowest loss at"
    metrics = {
        "Runs": f"{sweep.done:,} of {sweep.total:,}",
        "Cells": f"{len(sweep.across):,} x {len(sweep.up):,}",
        **_budget_metric(sweep),
        "Target": _goal(sweep),
        lowest_at: _where(sweep, lowest, chance),
    }
    if curve is not None and _is_of_law_6(sweep):
        metrics["Critical batch size"] = _critical_words(curve)
    findings = [] if sweep.running else _findings(sweep, losses, steps, curve, chance)
    board = Board(metrics, charts, GRID, cells=_cells(sweep))
    return Shown(board, findings, _warning(sweep, steps))


def _cells(sweep: Sweep) -> SentCells:
    """What the browser trains the runs of a cell from."""
    targets = [
        [sweep.targets.get(kind_of(cell)) for cell in row]  # None until its turn, and where none is
        for row in sweep.cells
    ]
    return {
        "settings": sent_settings(sweep.settings),
        "across": _axis(sweep.sweep.across, sweep.across),
        "up": _axis(sweep.sweep.up, sweep.up),
        "runs": sweep.runs,
        "epochs": np.array([[cell.train.epochs for cell in row] for row in sweep.cells], np.int32),
        "steps": sweep.steps.astype(np.int32),
        "targets": np.array(targets, np.float64),
    }


def _axis(name: str, values: Sequence[Any]) -> SentAxis:
    return {
        "part": "data" if name in describe(DataSettings) else "train",
        "name": name,
        "label": SWEPT[name],
        "values": list(values),
        "labels": [label_of(name, value) for value in values],
    }


def _reached_in(sweep: Sweep, steps: Floats) -> str:
    """In how many of the cells that have come the target was reached; "" before there are any."""
    if _goal(sweep) == "none":
        return "There is no target."
    come = int((~np.isnan(steps)).sum())
    if come == 0:
        return ""
    begun = "So far, in" if sweep.running else "In"
    cells = f"{np.isfinite(steps).sum():,} of {come:,} {plural('cell', come)}"
    trained = " that were trained" if come < steps.size else ""
    return f"{begun} {cells}{trained} {_most(sweep)} reached the target."


@cached(most=16)
def _chance(sweep: Sweep) -> Chance:
    """What chance could have made of a sweep that is whole."""
    losses = resampled_medians(sweep.kept["loss"], MANY_RESAMPLES)
    lowest = _lowest_of_kinds(sweep)
    with np.errstate(over="ignore"):
        losses = losses if lowest is None else losses / lowest
    return Chance(losses, resampled_medians(sweep.kept["target_step"]))


def _tells_chance(sweep: Sweep) -> bool:
    """Whether it has runs enough to say how far chance reaches, or chance has no part in it."""
    return sweep.runs >= FEWEST_RUNS or not _is_by_chance(sweep)


def _is_by_chance(sweep: Sweep) -> bool:
    """Whether the runs of some cell differ."""
    return any(left_to_chance(cell.data.n, cell.train) for row in sweep.cells for cell in row)


def _lowest(losses: Floats) -> NDArray[np.bool_]:
    """The cells with the lowest loss: one, unless several are equal."""
    finite = np.isfinite(losses)
    return finite & (losses == losses.min(initial=np.inf, where=finite))


def _loss_note(
    sweep: Sweep, several: bool, lowest: NDArray[np.bool_], chance: Chance | None
) -> str:
    """How the losses are to be read, what is of chance, and whether the grid holds the lowest."""
    note = "The median of the cell's runs" if sweep.runs > 1 else "Of the cell's one run"
    if several:
        note += (
            ", divided by the lowest loss that its data and its kind of loss have on a grid with "
            f"{_SEEN}. Below 1: lower than at all places of that grid"
        )
    note += "."
    if not (sweep.whole and lowest.any()):
        return note
    if _is_still(sweep):
        return f"{note} {_STILL}, so these are the losses where the runs start."
    count = int(lowest.sum())
    if chance is None:
        note += f" With fewer than {FEWEST_RUNS} runs a cell, chance may decide which is lowest."
    elif not _is_by_chance(sweep):
        note += f" Dots: the {count:,} cells that are lowest, equally low." if count > 1 else ""
    elif count > 1:
        note += (
            f" Dots: {count:,} cells any of which may be the lowest. {_DREW} A cell has no dot if "
            f"one other cell was lower in all {MANY_RESAMPLES:,} draws."
        )
    else:
        note += (
            f" Chance hardly decides which cell is the lowest. {_DREW} The same cell was the "
            f"lowest in all {MANY_RESAMPLES:,} draws."
        )
    beyond = _beyond(sweep, lowest)
    which = "lowest relative loss" if several else "lowest loss"
    return note + (f" The {which} may lie beyond the grid ({beyond})." if beyond else "")


_DRAWN_AGAIN = "the seeds are drawn again from those of the runs, so that one may come twice"
_DREW = (
    f"To see what chance does, the seeds were drawn {MANY_RESAMPLES:,} times from those of the "
    "runs, so that one may come twice."
)


def _beyond(sweep: Sweep, cells: NDArray[np.bool_]) -> str:
    """On which sides of the grid, in words, these cells lie at an edge that is none of nature's."""
    rows, columns = np.nonzero(cells)
    axes = ((sweep.sweep.across, sweep.across, columns), (sweep.sweep.up, sweep.up, rows))
    sides = []
    for name, values, places in axes:
        low, high = _open_edges(sweep, name, values)
        if low and 0 in places:
            sides.append(f"{SWEPT[name]} below {label_of(name, values[0])}")
        if high and len(values) - 1 in places:
            sides.append(f"{SWEPT[name]} above {label_of(name, values[-1])}")
    return " or ".join(sides)


def _open_edges(sweep: Sweep, name: str, values: Sequence[Any]) -> tuple[bool, bool]:
    """Whether a setting could be lower than the first of the values, and higher than the last."""
    setting = TABLES[name]
    if setting.choices is not None:
        return False, False
    most = _smallest_n(sweep) if name == "batch_size" else setting.maximum
    return values[0] > setting.minimum, values[-1] < most


def _smallest_n(sweep: Sweep) -> int:
    return min(cell.data.n for row in sweep.cells for cell in row)


def _findings(
    sweep: Sweep,
    losses: Floats,
    steps: Floats,
    curve: Curve | None,
    chance: Chance | None,
) -> list[Finding]:
    """The laws that this sweep has something to say of."""
    found = [_steps_taken(sweep)]
    if (sweep.sweep.across, sweep.sweep.up) == ("batch_size", "lr"):
        found += [_critical(sweep, steps, curve), _against(sweep, curve)]
    found.append(_scaling_rule(sweep.settings))
    if chance is not None and (sweep.sweep.across, sweep.sweep.up) == ("batch_size", "lr"):
        found.append(_best_rate(sweep, losses, chance))
    return [each for each in found if each is not None]


def _best_rate(sweep: Sweep, losses: Floats, chance: Chance) -> Finding | None:
    """Law 11, where the cells have looked at equally many examples."""
    budget = sweep.budget
    if budget.unit == "steps" or (budget.unit == "time" and budget.step_cost):
        unfair = (
            f"with equal {budget.unit} a larger batch looks at more examples, and the rule "
            "compares runs that have looked at equally many"
        )
        return Finding.without(laws.BEST_RATE, "proportional to B, or to √B", unfair)
    return laws.best_learning_rate(
        sweep.settings.train.optimizer,
        sweep.settings.data.n,
        sweep.across,
        sweep.up,
        losses,
        chance.losses[:RESAMPLES],
    )


def _losses(sweep: Sweep) -> tuple[Floats, bool]:
    """(up, across): median losses; if of several kinds, each by the lowest of its kind."""
    losses = _median(sweep.kept["loss"])
    lowest = _lowest_of_kinds(sweep)
    with np.errstate(over="ignore"):  # left blank where it is more than a number can be
        return (losses, False) if lowest is None else (losses / lowest, True)


def _lowest_of_kinds(sweep: Sweep) -> Floats | None:
    """(up, across): the lowest loss of each cell's data and loss; None where all have the same."""
    if len({kind_of(cell) for row in sweep.cells for cell in row}) == 1:
        return None
    return np.array(
        [[sweep.lowest.get(kind_of(cell), np.nan) for cell in row] for row in sweep.cells]
    )


def _goal(sweep: Sweep) -> str:
    """The target in words."""
    if sweep.sweep.target is not None:
        return f"a loss of {plain(sweep.sweep.target)}"
    targets = set(sweep.targets.copy().values())  # of a sweep that goes on meanwhile
    if len(targets) > 1:
        return "a different one for each data set and loss"
    if not targets:
        return "none yet"
    target = targets.pop()
    return "none" if target is None else f"a loss of {rounded(target, 4)}"


def _most(sweep: Sweep) -> str:
    """How many runs of a cell must reach the target for it to count."""
    return "more than half of the runs" if sweep.runs > 1 else "the run"


def _reached(sweep: Sweep) -> str:
    """The target, as what is to be reached."""
    goal = _goal(sweep)
    return goal if goal.startswith("a loss") else "the target of their data set and loss"


def _floors(sweep: Sweep) -> list[float]:
    """The lowest possible loss with each data set and loss of the sweep."""
    return [_floor(kind) for kind in {kind_of(cell) for row in sweep.cells for cell in row}]


@cached(most=256)
def _floor(kind: tuple[DataSettings, str]) -> float:
    data, loss = kind
    return lowest_possible(make_dataset(data), loss)


def _below_floors(sweep: Sweep) -> tuple[int, int]:
    """With how many of the data sets and losses no run can reach the target, and of how many."""
    floors, target = _floors(sweep), sweep.sweep.target
    if target is None:  # the usual ones can be reached
        return 0, len(floors)
    return sum(target < floor for floor in floors), len(floors)


def _enough(sweep: Sweep) -> str:
    """Whether a larger budget can bring the runs of a blank cell to the target."""
    without, kinds = _below_floors(sweep)
    if without == kinds:
        return "No budget is enough: no w and b have a loss as low as the target."
    if _is_still(sweep):
        return f"{_STILL}, so no budget is enough for it."
    if without == 0:
        return f"A larger budget may be enough.{_of_decay(sweep)}"
    return (
        f"A larger budget may be enough, but not for {without:,} of the {kinds:,} data sets and "
        "losses. There no w and b have a loss as low as the target."
    )


def _advice(sweep: Sweep) -> str:
    """What to change where no cell reaches the target."""
    without, kinds = _below_floors(sweep)
    if without < kinds and _is_still(sweep):
        return f"{_STILL}. Take a higher target or a larger learning rate."
    if without < kinds:
        more = ", or more epochs" * _allows_more_epochs(sweep)
        return f"Take a higher target{more}.{_of_decay(sweep)}"
    whose = "these data and this loss" if kinds == 1 else "these data sets and losses"
    lowest, target = min(_floors(sweep)), sweep.sweep.target or 0.0
    digits = next((each for each in range(4, 17) if round(lowest, each) > target), 17)
    return (
        f"The lowest possible loss with {whose} is {number(lowest, digits)}, so no number of "
        "epochs is enough. "
        "Take a higher target."
    )


def _of_decay(sweep: Sweep) -> str:
    """What weight decay, where there is any, can do to the loss that a run comes to."""
    cells = [cell.train for row in sweep.cells for cell in row]
    decayed = [each for each in cells if each.hyperparameters.get("weight_decay")]
    if not decayed:
        return ""
    which = "" if len(decayed) == len(cells) else ", where it is not 0,"
    if which and "optimizer" in (sweep.sweep.across, sweep.sweep.up):
        names = dict.fromkeys(OPTIMIZERS[each.optimizer].label for each in decayed)
        which = f", which only {listed(list(names))} {'has' if len(names) == 1 else 'have'} here,"
    return f" But weight decay{which} pulls w and b to 0, which may hold the loss above the target."


_STILL = "With a learning rate of 0 nothing moves"


def _is_still(sweep: Sweep) -> bool:
    """Whether no run of any cell moves."""
    return not any(cell.train.lr for row in sweep.cells for cell in row)


def _allows_more_epochs(sweep: Sweep) -> bool:
    """Whether the epochs of the runs can be more."""
    for name, values in ((sweep.sweep.across, sweep.across), (sweep.sweep.up, sweep.up)):
        if name == "epochs":
            return bool(values[-1] < MOST_EPOCHS)
    train = sweep.settings.train
    return train.epochs < max_epochs(sweep.settings.data.n, train.batch_size, train.drop_last)


def _median(values: Floats) -> Floats:
    """(up, across): the median of what has come of each cell, NaN where nothing has."""
    ordered = np.sort(values, axis=2)  # NaN come last
    count = (~np.isnan(values)).sum(axis=2, keepdims=True)
    low, high = (
        np.take_along_axis(ordered, place, axis=2) for place in ((count - 1) // 2, count // 2)
    )
    return np.asarray((0.5 * low + 0.5 * high)[:, :, 0])


def _time(budget: Budget, steps: Floats, examples: Floats) -> Floats:
    """What steps and examples cost by the model, infinite where the target was not reached."""
    reached = np.isfinite(steps)
    time = examples.copy()
    time[reached] += budget.step_cost * steps[reached]
    return time


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
    marked: NDArray[np.bool_] | None = None,
    good: float = 0.0,
) -> Chart:
    """A heatmap; from four times the lowest loss on, or four times a `good` one, all look alike."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    if name == "loss":
        high = min(high, 4.0 * max(low, good)) if low > 0.0 else high
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
        log=name in LOGARITHMIC or (name == "time" and sweep.budget.unit == "time"),
        marked=marked,
    )
    bar = None
    if len(finite):
        more = "≥ " if finite.max() > high else ""
        bar = ColourBar(f"{low:{form}}", f"{more}{high:{form}}", colour_stops(scale))
    return Chart(name, title, note, figure, bar, clickable=True)


def label_of(name: str, value: Any) -> str:
    """A value as the sweep's axes spell it."""
    choices = TABLES[name].choices
    return plain(value) if choices is None else choices[value]


def _scaling_lines(sweep: Sweep, losses: Floats) -> tuple[list[Line], str]:
    """The best learning rate of each batch size, and how the rules would scale the first one."""
    swept = (sweep.sweep.across, sweep.sweep.up)
    every = np.isfinite(losses).any(axis=0).all()
    # Until a sweep is whole the best may be ahead.
    if swept != ("batch_size", "lr") or not (every and sweep.whole) or sweep.up[0] == 0.0:
        return [], ""
    rows = np.argmin(np.where(np.isfinite(losses), losses, np.inf), axis=0)
    positions = np.arange(len(sweep.up))
    rates, sizes = np.log(np.array(sweep.up)), np.log(np.array(sweep.across))
    columns = np.arange(float(len(sweep.across)))
    lines = [Line("best", "solid", columns, rows.astype(np.float64))]
    for name, power, dash in (("B", 1.0, "dash"), ("√B", 0.5, "dot")):
        scaled = rates[rows[0]] + power * (sizes - sizes[0])
        inside = scaled <= rates[-1]
        drawn = np.interp(scaled[inside], rates, positions)
        lines.append(Line(f"lr proportional to {name}", dash, columns[inside], drawn))
    note = " Solid line: the learning rate with the lowest loss for each batch size."
    if at_edge := int(_at_edge(sweep, rows).sum()):
        note += (
            f" For {_batch_sizes(at_edge, len(rows))} it is at the edge, and the best may lie "
            "beyond."
        )
    return lines, (
        f"{note} Two other lines begin where it does: on the dashed one lr is proportional to B, "
        "on the dotted one to √B."
    )


def _batch_sizes(some: int, of: int) -> str:
    """
    >>> _batch_sizes(2, 5), _batch_sizes(5, 5), _batch_sizes(1, 1)
    ('2 of 5 batch sizes', 'all 5 batch sizes', 'the one batch size')
    """
    if of == 1:
        return "the one batch size"
    return f"all {of:,} batch sizes" if some == of else f"{some:,} of {of:,} batch sizes"


def _at_edge(sweep: Sweep, rows: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Which of these rows are one at an edge beyond which there may be better ones."""
    low, high = _open_edges(sweep, sweep.sweep.up, sweep.up)
    return np.asarray((low & (rows == 0)) | (high & (rows == len(sweep.up) - 1)))


def _steps_taken(sweep: Sweep) -> Finding | None:
    """Law 1, counted on the first run of whole epochs that went through."""
    steps = sweep.kept["steps"][:, :, 0]
    for i, j in np.argwhere(np.isfinite(steps)):
        if _ends_with_an_epoch(sweep, i, j):
            return laws.epoch_steps(sweep.cells[i][j], float(steps[i, j]))
    return None


def _ends_with_an_epoch(sweep: Sweep, i: int, j: int) -> bool:
    """Whether the budget of a cell ends where an epoch does."""
    cell = sweep.cells[i][j]
    size, drop_last = cell.train.batch_size, cell.train.drop_last
    return bool(sweep.steps[i, j] % steps_per_epoch(cell.data.n, size, drop_last) == 0)


def _critical(sweep: Sweep, steps: Floats, curve: Curve | None) -> Finding:
    """Law 5, along the runs of the fastest cell of the largest batches, beside the fit of law 6."""
    why_not = _why_no_fit(sweep, curve) or _why_not_close(curve)
    if why_not or curve is None or curve.law is None or curve.critical is None:
        return _untold(sweep, laws.CRITICAL, why_not)
    column = sweep.across.index(curve.sizes[curve.inside][-1])
    row = int(np.argmin(np.where(np.isfinite(steps[:, column]), steps[:, column], np.inf)))
    cell, target_steps = sweep.cells[row][column], sweep.kept["target_step"][row, column]
    data, steps_of_each = make_dataset(cell.data), int(sweep.steps[row, column])
    runs = [
        (train_within(data, settings, steps_of_each), target_step)
        for settings, target_step in zip(
            with_seeds(cell.train, sweep.runs), target_steps, strict=True
        )
        if target_step < math.inf
    ]
    error = error_within(curve.critical)
    fitted = curve.law.critical_batch_size
    found = laws.critical_batch_size(data, runs, fitted, error)
    return _of_uneven_ones(sweep, curve, found)


def _why_no_fit(sweep: Sweep, curve: Curve | None) -> str:
    """Why law 6 can't be fitted with a range, as what follows "because"; "" where it can."""
    if why_not := _why_not_of_run(sweep):
        return why_not
    if not sweep.whole:
        return "the sweep was stopped before all of its runs had come"
    if (sweep.kept["target_step"] == 0.0).any():
        return "some runs start at the target or below"
    return _TOO_FEW if curve is None else curve.why_not


def _untold(sweep: Sweep, law: tuple[str, str], why_not: str) -> Finding:
    """A law that is not about such runs, or of which these runs do not tell enough."""
    tell = Finding.without if _why_not_of_run(sweep) else Finding.unchecked
    return tell(*law, why_not)


def _why_not_close(curve: Curve | None) -> str:
    """Why the critical batch size is not known closely enough to be compared; "" where it is."""
    if curve is None or curve.critical is None:
        return ""
    low, high = curve.critical
    words = _critical_words(curve)
    if words == "none":
        return "the steps do not fall with the batch size, so there is no critical batch size"
    if words == "not known":
        return "these runs do not show a critical batch size: by chance it may be any batch size"
    # The law is one of orders of magnitude: a range wider than that neither agrees nor disagrees.
    if not 0.0 < low <= high < WIDE * low:
        return f"no more is known of the critical batch size than this: {words}"
    return "" if curve.law else _NO_BEND


def _against(sweep: Sweep, curve: Curve | None) -> Finding:
    """Law 6, where the sweep has the best learning rate of each batch size and several runs."""
    if why_not := _why_no_fit(sweep, curve):
        return _untold(sweep, laws.AGAINST_EXAMPLES, why_not)
    if curve is None or curve.law is None or curve.resampled is None:
        return _untold(sweep, laws.AGAINST_EXAMPLES, _NO_BEND)
    inside = curve.inside
    found = laws.steps_against_examples(
        curve.sizes[inside], curve.steps[inside], curve.resampled[:, inside]
    )
    return _of_uneven_ones(sweep, curve, found)


def _of_uneven_ones(sweep: Sweep, curve: Curve, found: Finding) -> Finding:
    """The same, with a word on batch sizes that do not divide N, which the law does not know."""
    n = sweep.settings.data.n
    if found.not_here or not (n % curve.sizes[curve.inside]).any():
        return found
    said = (
        "Some of these batch sizes do not divide N: then an epoch has a short last minibatch, or "
        "leaves points out."
    )
    return replace(found, note=f"{found.note} {said}")


_scaling_rule = cached(most=32)(laws.scaling_rule)


def _curve(sweep: Sweep, steps: Floats, chance: Chance | None) -> Curve | None:
    """The steps of each batch size that reached the target, and law 6 fitted to them.

    None where the batch size is not swept across, none reached the target, or some run starts at
    it: then its steps say nothing of training.
    """
    if sweep.sweep.across != "batch_size" or (sweep.kept["target_step"] == 0.0).any():
        return None
    known = np.where(np.isfinite(steps), steps, np.inf)
    best = known.min(axis=0)
    reached = np.isfinite(best)
    if not reached.any():
        return None
    sizes, best = np.array(sweep.across, dtype=np.float64)[reached], best[reached]
    resampled = None if chance is None else chance.steps.min(axis=1)[:, reached]
    inside = np.full(len(sizes), True)
    if not _is_without_effect(sweep):
        inside = ~_at_edge(sweep, np.argmin(known, axis=0)[reached])
    curve = Curve(sizes, best, resampled, inside)
    if not _is_of_law_6(sweep):
        own_rate = (
            "it is about batch sizes each of which has its own best learning rate. Sweep the "
            "learning rate upwards to see it"
        )
        why_not = _why_not_of_run(sweep) or own_rate
    elif len(sizes) < FEWEST_SIZES:
        why_not = _TOO_FEW
    elif inside.sum() < FEWEST_SIZES:
        why_not = (
            f"for fewer than {FEWEST_SIZES} batch sizes the learning rate that needs the fewest "
            "steps lies inside the grid"
        )
    elif resampled is None:
        why_not = f"with fewer than {FEWEST_RUNS} runs a cell chance may decide"
    else:
        critical = critical_range(sizes[inside], resampled[:, inside])
        if critical is not None:
            law = fit_tradeoff(sizes[inside], best[inside])
            return replace(curve, law=law, critical=critical)
        why_not = "too few batch sizes reach the target surely enough"
    return replace(curve, why_not=why_not)


def _is_without_effect(sweep: Sweep) -> bool:
    """Whether the upper setting leaves the steps to the target as they are.

    More epochs follow the same path for longer, unless a schedule stretches with them.
    """
    return sweep.sweep.up == "epochs" and not _stretches(sweep)


_TOO_FEW = f"fewer than {FEWEST_SIZES} batch sizes reached the target within the budget"
_NO_BEND = "the steps do not bend as the law does, and its fit has no result"


def _is_of_law_6(sweep: Sweep) -> bool:
    """Whether each batch size has its own best learning rate, in runs that the law is about."""
    swept = sweep.sweep.across, sweep.sweep.up
    return swept == ("batch_size", "lr") and not _why_not_of_run(sweep)


def _why_not_of_run(sweep: Sweep) -> str:
    """Why law 6 is not about such runs, as what follows "because"; "" where it is."""
    swept = sweep.sweep.across, sweep.sweep.up
    train = sweep.settings.train
    if "shuffle" not in swept and (why_not := laws.why_not_random(train.shuffle)):
        return why_not
    if "schedule" not in swept and _stretches(sweep):
        return (
            "the schedule stretches with the run. So the steps to the target depend on how long "
            "the run is, and not on the batch size and the learning rate alone"
        )
    return ""


def _stretches(sweep: Sweep) -> bool:
    """Whether in any cell a step's learning rate depends on how many steps the run has."""
    cells = (cell for row in sweep.cells for cell in row)
    return any(SCHEDULES[cell.train.schedule].stretches for cell in cells)


def _critical_words(curve: Curve) -> str:
    """The critical batch size as far as the runs tell it."""
    if curve.critical is None:
        return "not known"
    low, high = (f"{end:,.1f}" if end < 10.0 else f"{end:,.0f}" for end in curve.critical)
    if curve.critical[0] < 1.0 and curve.critical[1] == math.inf:
        return "not known"  # any that a batch size can be
    if curve.critical[0] == math.inf:
        return f"larger than {curve.sizes[curve.inside][-1]:,.0f}"
    if curve.critical[1] == 0.0:
        return "none"
    if curve.critical[0] == 0.0:
        return f"smaller than {high}"
    return f"larger than {low}" if curve.critical[1] == math.inf else f"{low} to {high}"


def _curve_chart(sweep: Sweep, curve: Curve) -> Chart:
    note = f"Dots: the {'median ' * (sweep.runs > 1)}steps to the target"
    if not _is_without_effect(sweep):
        note += ", in the cell of each batch size that needs the fewest"
    note += "."
    ranges = None
    if curve.resampled is not None:
        ranges = [interval(steps) for steps in curve.resampled.T]
        note += f" Bars: 95% of the medians lie there if {_DRAWN_AGAIN}."
    if at_edge := int((~curve.inside).sum()):
        note += (
            f" For {_batch_sizes(at_edge, len(curve.sizes))}, drawn hollow, this cell is at the "
            "edge of the grid, and fewer steps may be possible beyond."
        )
        note += " Law 6 is fitted without them." if curve.law else ""
    if curve.why_not:
        why_not = curve.why_not.replace("*", "")  # a caption is no Markdown
        not_here = "can't be checked" if _is_of_law_6(sweep) else "does not apply"
        note += f" Law 6 {not_here} here, because {why_not}."
    else:
        note += f" {_said_of_critical(curve)}"
    figure = tradeoff_figure(curve.sizes, curve.steps, curve.law, ranges, curve.inside)
    return Chart("curve", "Steps by batch size", note, figure)


def _said_of_critical(curve: Curve) -> str:
    """What the runs say of the critical batch size, in sentences."""
    words = _critical_words(curve)
    if words == "none":
        return "The steps do not fall with the batch size, so there is no critical batch size here."
    if words == "not known":
        return "These runs do not show a critical batch size: by chance it may be any batch size."
    return f"Critical batch size by law 6: {words}, in 95% of such drawings."


def said_of_budget(sweep: Sweep) -> str:
    """What every cell may spend, and what follows, in sentences."""
    return " ".join(part for part in (_every_cell(sweep), _and_then(sweep)) if part)


def _every_cell(sweep: Sweep) -> str:
    """How much every cell may spend."""
    asked, budget, train = sweep.settings, sweep.budget, sweep.settings.train
    is_swept = "epochs" in (sweep.sweep.across, sweep.sweep.up)
    place = "column" if sweep.sweep.across == "epochs" else "row"
    epochs = f"the epochs of its {place}" if is_swept else _count(train.epochs, "epoch")
    is_one, amount = epochs == "1 epoch", budget.words(budget.of(asked))
    left = f"with B = {train.batch_size:,}, as set on the left"
    takes = "takes as many steps as fit into"
    if budget.unit == "epochs":
        does = f"trains for {epochs}"
    elif budget.unit == "steps":
        count = "as many steps as" if is_swept else f"{amount}, as many as"
        does = f"takes {count} {epochs} {'has' if is_one else 'have'} {left}"
    elif budget.unit == "examples":
        are = f"{amount}, which {'is' if is_one else 'are'} {epochs}"
        are = f"the examples that {epochs} have" if is_swept else are
        does = f"{takes} {are} with N = {asked.data.n:,}, as set on the left"
    else:
        time = f"the time that {epochs} take" if is_swept else f"{amount}, the time of {epochs}"
        dropped = asked.data.n % train.batch_size if train.drop_last else 0
        does = f"{takes} {time} {left}"
        does += ", if the dropped points count too" if dropped else ""
    said = f"**Equal {budget.unit}**: every cell {does}."
    return f"{said} {time_model(budget)}" if budget.unit == "time" else said


def _count(number: int, word: str) -> str:
    return f"{number:,} {plural(word, number)}"


def _and_then(sweep: Sweep) -> str:
    """What follows: where budgets make no difference, fewer runs, a longer last epoch."""
    swept, said = {sweep.sweep.across, sweep.sweep.up}, []
    if not swept & {"batch_size", "n"} and not sweep.settings.train.drop_last:
        said.append(
            "All cells have the same N and B, so *Counted in* changes nothing about how long they "
            "train."
        )
    if sweep.runs < sweep.sweep.runs:
        said.append(
            f"With {sweep.sweep.runs:,} runs a cell, the sweep would look at more than "
            f"{MOST_LOOKS:,} points, so each cell has {_count(sweep.runs, 'run')}."
        )
    said.append(_usual_sizes_end(sweep))
    rows, columns = sweep.steps.shape
    if not all(_ends_with_an_epoch(sweep, i, j) for i in range(rows) for j in range(columns)):
        schedule = sweep.settings.train.schedule
        said.append(
            "In some cells the budget ends before an epoch does. If you open such a cell in the "
            "Playground, its run goes on there to the end of its last epoch."
        )
        if schedule != "constant" or "schedule" in swept:
            said.append("So its schedule is longer there too, and the learning rates differ.")
    return " ".join(each for each in said if each)


def _usual_sizes_end(sweep: Sweep) -> str:
    """Why the usual batch sizes do not go from 1 to N, where they do not."""
    grid = sweep.sweep
    for name, values, low, high in (
        (grid.across, sweep.across, grid.across_from, grid.across_to),
        (grid.up, sweep.up, grid.up_from, grid.up_to),
    ):
        if name != "batch_size":
            continue
        n = _smallest_n(sweep)
        divide = all(n % size == 0 for size in values)
        others = [size for size in range(1, n + 1) if n % size == 0 or not divide]
        ends = []
        if low is None and values[0] > 1:
            ends.append(("begin", values[0], max(size for size in others if size < values[0])))
        if high is None and values[-1] < n:
            ends.append(("end", values[-1], min(size for size in others if size > values[-1])))
        next_one = ", the next one that divides N," if divide else ""
        return " ".join(
            f"The batch sizes {verb} with {last:,}: with {beyond:,}{next_one} a run would need "
            f"more than {MAX_STEPS:,} steps or {MOST_EPOCHS:,} epochs."
            for verb, last, beyond in ends
        )
    return ""


def _budget_metric(sweep: Sweep) -> dict[str, str]:
    """How much each cell may spend, where all may spend the same."""
    if "epochs" in (sweep.sweep.across, sweep.sweep.up):
        return {}
    return {"Budget of a run": sweep.budget.words(sweep.budget.of(sweep.settings))}


def runs_of(sweep: Sweep) -> dict[str, Settings]:
    """The runs that can be taken from a sweep, by name."""
    runs = {"As set on the left": sweep.settings}
    losses, several = _losses(sweep)
    places = np.argwhere(_lowest(losses))
    if sweep.running or not len(places):
        return runs
    i, j = places[0]
    name = f"Lowest {'relative ' if several else ''}loss of the sweep"
    return {name: sweep.cells[i][j], **runs}


def _where(sweep: Sweep, cells: NDArray[np.bool_], chance: Chance | None) -> str:
    """Where the lowest loss is: at how many dotted cells, or at which others."""
    if not cells.any():
        return "none yet" if sweep.running else "none"
    rows, columns = np.nonzero(cells)
    count = int(cells.sum())
    if _is_still(sweep):
        return "the start of each run"
    if count == cells.size > 1 and chance is None:
        return "all cells, which are equal"
    if chance is not None and count > 1:
        return f"{'one of ' if _is_by_chance(sweep) else ''}{count:,} dotted cells"
    return (f"{count:,} cells within " if count > 1 else "") + ", ".join(
        f"{_word(name)} {_from_to(name, [values[place] for place in np.unique(places)])}"
        for name, values, places in (
            (sweep.sweep.across, sweep.across, columns),
            (sweep.sweep.up, sweep.up, rows),
        )
    )


def _word(name: str) -> str:
    """What a swept setting is called in few words."""
    return {"batch_size": "B =", "lr": "lr =", "n": "N ="}.get(name, SWEPT[name].lower())


def _from_to(name: str, values: Sequence[Any]) -> str:
    labels = [label_of(name, value) for value in values]
    if TABLES[name].choices is not None:
        return " or ".join(labels)
    return labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}"


def _warning(sweep: Sweep, steps: Floats) -> str | None:
    if sweep.running:
        return None
    if not sweep.whole:
        return f"Stopped after {sweep.done:,} of {sweep.total:,} runs; here is what there is."
    if None in sweep.targets.values():
        some = "some of the data" if len(sweep.targets) > 1 else "these data"
        return (
            f"There is no usual target for {some}: a run starts at the lowest loss with {_SEEN}, "
            "or below. Type a target loss on the left, or start elsewhere."
        )
    at_start = int((sweep.kept["target_step"] == 0.0).sum())
    if at_start:
        verb = "starts" if at_start == 1 else "start"
        return (
            f"{at_start:,} of {sweep.total:,} runs {verb} at the target or below, without a single "
            "step. So steps and examples say nothing of training. Take a lower target."
        )
    if not np.isfinite(steps).any():
        return (
            f"In no cell did {_most(sweep)} reach {_reached(sweep)} within the budget. "
            f"{_advice(sweep)}"
        )
    return None


def draw() -> None:
    asked = settings()
    try:
        swept = sweep_of(asked, sweep(), view().budget)
    except ValueError as error:
        show_head(asked)
        st.error(f"This can't be swept: {on_screen(error)}.")
        return
    idea = f"{_idea(swept)}\n{said_of_budget(swept)}\n"
    if _is_of_law_6(swept) and _may_answer(swept):
        idea += QUESTION
    show_head(asked, idea, runs=runs_of(swept))
    follow_click()
    if swept.running:
        draw_running(swept)
    else:
        if not swept.work.cancelled():
            swept.work.result()  # what went wrong is shown, not hidden
        draw_sweep(swept)


def _idea(swept: Sweep) -> str:
    """What a cell is."""
    across, up = (f"*{SWEPT[name]}*" for name in (swept.sweep.across, swept.sweep.up))
    shared = {"across": across, "up": up, "left": _left(swept), "enough": _enough(swept)}
    if swept.runs == 1:
        return IDEA.format(runs="once", missed="its run", first="run", seen="run", **shared)
    runs = f"{swept.runs:,} times, each time with another seed"
    if not _is_by_chance(swept):
        runs += ". At these settings the seed decides nothing, so all runs of a cell are equal"
    missed = "at least half of its runs"
    return IDEA.format(runs=runs, missed=missed, first="first run", seen="runs", **shared)


def _left(swept: Sweep) -> str:
    """What the two settings that are swept do as they are set on the left."""
    both = (swept.sweep.across, swept.sweep.up)
    used = []
    if of_budget := [
        f"*{SWEPT[name]}*" for name in both if name in _OF_A_BUDGET[swept.budget.unit]
    ]:
        used.append(f"{listed(of_budget)} {'set' if len(of_budget) > 1 else 'sets'} the budget")
    rule = None if swept.running else _scaling_rule(swept.settings)
    if rule is not None and not rule.not_here:
        used.append("the runs of law 11 use both")
    said = "The cells do not use the values of these two on the left."
    return f"{said} But {listed(used)}." if used else said


def _may_answer(swept: Sweep) -> bool:
    """Whether the chart that the question points to is there, or may come."""
    if swept.running:
        return True
    charts = _shown_at_the_end(swept, value("scale")).board.charts
    return any(chart.name == "curve" for chart in charts)


def sweep_of(asked: Settings, grid: SweepSettings, budget: Budget = Budget()) -> Sweep:
    """This visitor's sweep with these settings: its own, one kept, or a new one.

    A sweep that ended because nobody looked begins anew when someone does.

    Raises ValueError if the sweep can't be.
    """
    current = session().sweep
    if current is not None:
        same = (current.settings, current.sweep, current.budget) == (asked, grid, budget)
        if same and not current.abandoned:
            return current
        current.stop()
    session().sweep = made = kept_sweep(asked, grid, budget)
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

    shown = (shown_of if swept.running else _shown_at_the_end)(swept, value("scale"))
    show(shown, swept.settings, on_click=open_cell)


_shown_at_the_end = cached(most=16)(shown_of)


PAGE = Page(
    name="sweep",
    title="Sweep",
    place=7,
    help="Two settings over a grid of values, several seeds each.",
    group=LABS,
    controls=SWEEP | DATA | TRAIN | ORDER | {"scale", "unit", "cost"},
    settings=Settings(
        train=TrainSettings(optimizer="sgd", lr=1.0, batch_size=10, epochs=30, shuffle="each_epoch")
    ),
    view=ViewSettings(unit="epochs"),
    draw=draw,
)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw as draw_dashboard

    draw_dashboard()
