"""Sweeps over two settings: the values of each, and the settings of every cell."""

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minibatch_core.engine.budgets import Budget
from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.surface import loss_surface, notebook_grid
from minibatch_core.engine.training import full_loss
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.settings import DataSettings, Settings, SweepSettings, TrainSettings
from minibatch_core.settings.fields import describe
from minibatch_core.settings.sweep import SWEPT
from minibatch_core.settings.train import max_epochs
from minibatch_core.words import plain

__all__ = ["USUAL", "Plan", "lowest_loss", "plan", "swept_values", "usual_target"]

MOST_LOOKS = 500_000_000
"""How many points, counted as often as they are looked at, a sweep may look at."""

USUAL_LR = (0.03, 300.0)
"""From where to where the learning rate of plain SGD is swept unless told otherwise.

So that the best of each batch size lies inside for ordinary data: single points want a small one, a
full batch a large one.
"""

USUAL_ADAPTIVE_LR = (0.01, 30.0)
"""The same for an optimizer that divides by the size of the gradient."""

USUAL: Mapping[str, tuple[float, float]] = {
    "n": (20, 1000),
    "noise": (0.0, 0.5),
    "lr": USUAL_LR,
    "epochs": (5, 200),
    "momentum": (0.1, 0.99),
    "weight_decay": (1e-4, 1.0),
    "beta1": (0.1, 0.999),
    "beta2": (0.5, 0.9999),
    "eps": (1e-10, 0.1),
    "init_w": (-4.0, 6.0),
    "init_b": (-6.0, 4.0),
}
"""From where to where a number is swept unless told otherwise; batch sizes go from 1 to N."""

WIDEST_GAP = 3.0
"""How many times apart neighbours among the batch sizes that divide N may lie in a usual range."""

SHARE_LEFT = 0.125
"""The usual target leaves so much of the way from the loss at w = b = 0 to the lowest."""


ROUNDING = 1e-9
"""Losses are not told apart that differ by less than so much of themselves."""


def swept_values(
    settings: Settings, sweep: SweepSettings, budget: Budget = Budget()
) -> tuple[list[Any], list[Any]]:
    """The values across and upwards: evenly spaced, or by equal factors if all are above 0.

    Batch sizes are usually swept from 1 to N, as far as runs with the budget can have them, and
    over those that divide N where these lie close enough: an epoch then has no short last
    minibatch, which no law of batch sizes speaks of.

    Raises ValueError if a range is empty or beyond what the setting may be, or if the optimizer has
    no such setting.

    >>> swept_values(Settings(), SweepSettings(across_count=3, up="shuffle"))
    ([1, 10, 100], ['none', 'once', 'each_epoch', 'replacement'])
    >>> swept_values(Settings(), SweepSettings())[0]
    [1, 2, 4, 5, 10, 20, 25, 50, 100]
    """
    chosen = OPTIMIZERS[settings.train.optimizer]
    optimizers = {chosen.name}
    if "optimizer" in (sweep.across, sweep.up):
        optimizers = set(OPTIMIZERS)
    for name in (sweep.across, sweep.up):
        having = {each.name for each in OPTIMIZERS.values() if name in each.hyperparameters}
        if having and not having & optimizers:
            *others, last = [each.label for each in OPTIMIZERS.values() if each.name in having]
            either = f"{', '.join(others)} or {last}" if others else last
            raise ValueError(f"{chosen.label} has no {SWEPT[name]}. Choose {either} as *Optimizer*")
    across = (sweep.across, sweep.across_from, sweep.across_to, sweep.across_count)
    up = (sweep.up, sweep.up_from, sweep.up_to, sweep.up_count)
    usual = _usual_ranges(settings, {sweep.across: across[1:3], sweep.up: up[1:3]}, budget)

    def values(name: str, low: float | None, high: float | None, count: int) -> list[Any]:
        spaced = _values(usual, name, low, high, count)
        if (name, low, high) != ("batch_size", None, None) or "n" in (sweep.across, sweep.up):
            return spaced
        return _dividing(settings.data.n, spaced)

    return values(*across), values(*up)


def _usual_ranges(
    settings: Settings, swept: Mapping[str, tuple[float | None, float | None]], budget: Budget
) -> Mapping[str, tuple[float, float]]:
    """From where to where each number is swept unless told otherwise.

    `swept` says from where to where the two that are swept go, if that is told.
    """
    sizes = 1, settings.data.n
    if "n" in swept:  # no batch size is larger than the fewest points
        fewest = swept["n"][0]
        sizes = 1, int(USUAL["n"][0] if fewest is None else fewest)
    elif "batch_size" in swept:
        longest = settings
        if "epochs" in swept:  # the most of them make the largest budget
            longest = _with_epochs(settings, swept["epochs"][1] or USUAL["epochs"][1])
        sizes = _sizes_within(longest, budget)
    return {**USUAL, "lr": _usual_lr(settings.train), "batch_size": sizes}


def _with_epochs(settings: Settings, epochs: float) -> Settings:
    """The same run for so many epochs, or as near to it as it can be."""
    train = settings.train
    most = max_epochs(settings.data.n, train.batch_size, train.drop_last)
    return replace(settings, train=replace(train, epochs=max(1, min(int(epochs), most))))


def _sizes_within(settings: Settings, budget: Budget) -> tuple[int, int]:
    """The smallest and the largest batch size with which a run can have this budget.

    A small one may need more steps than a run may have, a large one more epochs.
    """
    amount, n, given = budget.of(settings), settings.data.n, settings.train.batch_size

    def is_within(size: int) -> bool:
        start = replace(settings, train=replace(settings.train, batch_size=size, epochs=1))
        return budget.fits(amount, start)

    if not is_within(given):
        return 1, n
    smallest = given - bisect_left(range(given), True, key=lambda k: not is_within(given - k)) + 1
    beyond = bisect_left(range(given, n + 1), True, key=lambda size: not is_within(size))
    return smallest, given + beyond - 1


def _values(
    usual: Mapping[str, tuple[float, float]],
    name: str,
    low: float | None,
    high: float | None,
    count: int,
) -> list[Any]:
    part = DataSettings if name in describe(DataSettings) else TrainSettings
    setting = describe(part)[name]
    if setting.choices is not None:
        return list(setting.choices)
    usual_low, usual_high = usual[name]
    low = usual_low if low is None else low
    high = usual_high if high is None else high
    for end in (low, high):
        setting.check(SWEPT[name], setting.kind(end))
    if not low < high:
        raise ValueError(
            f"{SWEPT[name]} should go from less to more, but got {plain(low)} to {plain(high)}"
        )
    spaced = np.geomspace(low, high, count) if low > 0 else np.linspace(low, high, count)
    if setting.kind is int:
        return [int(value) for value in np.unique(np.rint(spaced))]
    return _in_few_digits(spaced.tolist())


def _in_few_digits(values: list[float]) -> list[float]:
    """Rising values, all but the first and the last with no more digits than tell them apart.

    >>> _in_few_digits([0.9, 0.9653, 0.9996]), _in_few_digits([1.0, 1.002, 1.004])
    ([0.9, 0.965, 0.9996], [1.0, 1.002, 1.004])
    """
    first, *between, last = values
    for digits in range(3, 17):
        shown = [first, *(float(f"{value:.{digits}g}") for value in between), last]
        if all(one < other for one, other in pairwise(shown)):
            return shown
    return values


def _dividing(n: int, sizes: list[int]) -> list[int]:
    """At most as many batch sizes over the same range that divide n, or these if too few do."""
    low, high = sizes[0], sizes[-1]
    dividing = [size for size in range(low, high + 1) if n % size == 0]
    gaps = [after / before for before, after in pairwise([low, *dividing, high])]
    if max(gaps) > WIDEST_GAP:
        return sizes
    if len(dividing) <= len(sizes):
        return dividing
    return sorted({min(dividing, key=lambda each: abs(math.log(each / size))) for size in sizes})


def _usual_lr(train: TrainSettings) -> tuple[float, float]:
    """Where the best learning rates of an optimizer usually lie."""
    optimizer = OPTIMIZERS[train.optimizer]
    if optimizer.is_adaptive:
        return USUAL_ADAPTIVE_LR
    low, high = USUAL_LR
    # Momentum lengthens a step 1 / (1 - momentum) times, which a momentum of 1 leaves open.
    shorter = max(1.0 - float(train.hyperparameters.get("momentum", 0.0)), 0.01)
    return float(f"{shorter * low:.3g}"), float(f"{shorter * high:.3g}")


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What a sweep is to train.

    - `across`, `up`: the values of the two settings
    - `cells`, `steps` (up, across): the settings of each cell, with as many epochs as its budget
      reaches into, and the steps that it has
    - `runs`: how many each cell has, which is fewer than were asked for where those would be too
      much work
    """

    across: list[Any]
    up: list[Any]
    cells: list[list[Settings]]
    steps: NDArray[np.int64]
    runs: int


def plan(settings: Settings, sweep: SweepSettings, budget: Budget = Budget()) -> Plan:
    """The cells of a sweep, each with the budget of the run with these settings.

    Raises ValueError if some can't be, or if they look at more than MOST_LOOKS points with a single
    run each.

    >>> planned = plan(Settings(), SweepSettings(across_count=3, up_count=2), Budget("steps"))
    >>> [run.train.batch_size for run in planned.cells[0]], planned.cells[1][0].train.lr
    ([1, 10, 100], 30.0)
    >>> planned.steps[0].tolist(), [run.train.epochs for run in planned.cells[0]], planned.runs
    ([200, 200, 200], [2, 20, 200], 20)
    """
    across, up = swept_values(settings, sweep, budget)
    largest, fewest = _largest_and_fewest(settings, {sweep.across: across, sweep.up: up})
    if largest > fewest:
        raise ValueError(
            f"a batch size of {largest:,} needs as many points, and some cells have N = "
            f"{fewest:,}. Take smaller batch sizes or more points"
        )
    pairs = [[_cell(settings, {sweep.across: x, sweep.up: y}, budget) for x in across] for y in up]
    cells = [[cell for cell, _ in row] for row in pairs]
    looks = sum(cell.data.n * cell.train.epochs for row in cells for cell in row)
    runs = min(sweep.runs, MOST_LOOKS // looks)
    if runs == 0:
        raise ValueError(
            f"a sweep may look at {MOST_LOOKS:,} points, but with one run a cell this one would "
            f"look at {looks:,}; take fewer values, epochs or points"
        )
    return Plan(across, up, cells, np.array([[steps for _, steps in row] for row in pairs]), runs)


def _largest_and_fewest(settings: Settings, swept: Mapping[str, list[Any]]) -> tuple[int, int]:
    """The largest batch size of all cells, and the fewest points."""
    sizes = swept.get("batch_size", [settings.train.batch_size])
    return max(sizes), min(swept.get("n", [settings.data.n]))


def _cell(settings: Settings, values: Mapping[str, Any], budget: Budget) -> tuple[Settings, int]:
    """The settings of a cell, and the steps that it has."""
    if budget.unit == "epochs":
        cell = _changed(settings, values)
        return budget.allowing(cell.train.epochs, cell)
    epochs = values.get("epochs", settings.train.epochs)
    amount = budget.of(_changed(settings, {"epochs": epochs}))
    cell = _changed(settings, {**values, "epochs": 1})
    try:
        return budget.allowing(amount, cell)
    except ValueError as error:
        raise ValueError(
            f"{error}; take fewer epochs, or a larger batch size for the run that gives the budget"
        ) from error


def _changed(settings: Settings, values: Mapping[str, Any]) -> Settings:
    ours = {name: value for name, value in values.items() if name in ("n", "noise")}
    theirs = {name: value for name, value in values.items() if name not in ours}
    return Settings(replace(settings.data, **ours), replace(settings.train, **theirs))


def lowest_loss(data: Dataset, loss: str) -> float:
    """The lowest loss of all the data on the notebook's grid."""
    return float(np.min(loss_surface(data, *notebook_grid(41), loss)))


def usual_target(data: Dataset, loss: str, w: ArrayLike, b: ArrayLike) -> float | None:
    """A loss of all the data that runs which start at these w and b have yet to reach.

    L* + (L(0, 0) - L*)/8 with L* the `lowest_loss`: at w = b = 0 every p is 1/2, a coin toss, and
    an eighth of the way from there is left. Where a run starts at that or below, the target is
    half-way from the lowest start down to L*. None where a run starts at L* or below.

    >>> from minibatch_core import make_dataset
    >>> data = make_dataset()
    >>> round(usual_target(data, "mse", [0.0], [0.0]), 4), usual_target(data, "mse", [6.0], [-5.5])
    (0.1063, None)
    """
    lowest = lowest_loss(data, loss)
    coin_toss = float(full_loss(data, np.zeros(1), np.zeros(1), loss)[0])
    start = float(np.min(full_loss(data, np.asarray(w, float), np.asarray(b, float), loss)))
    target = lowest + SHARE_LEFT * (coin_toss - lowest)
    if target >= start:
        target = 0.5 * lowest + 0.5 * start
    return target if start - lowest > ROUNDING * lowest else None
