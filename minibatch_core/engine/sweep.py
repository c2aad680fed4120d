"""Sweeps over two settings: the values of each, and the settings of every cell."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.surface import loss_surface, notebook_grid
from minibatch_core.engine.training import full_loss
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.settings import DataSettings, Settings, SweepSettings, TrainSettings
from minibatch_core.settings.fields import describe
from minibatch_core.settings.sweep import SWEPT

__all__ = ["USUAL", "cells", "lowest_loss", "swept_values", "usual_target"]

MOST_LOOKS = 500_000_000
"""How many points, counted as often as they are looked at, a sweep may look at."""

USUAL_LR = (0.03, 300.0)
"""From where to where the learning rate of plain SGD is swept unless told otherwise.

So that the best of each batch size lies inside for ordinary data: single points want a small one, a
full batch a large one.
"""

USUAL_ADAPTIVE_LR = (0.01, 30.0)
"""The same for an optimizer that divides by the size of the gradient."""

USUAL = {
    "batch_size": (1, None),
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
"""From where to where a number is swept unless told otherwise; None is N."""

SHARE_LEFT = 0.125
"""The usual target leaves so much of the way from the loss at w = b = 0 to the lowest."""


ROUNDING = 1e-9
"""Losses are not told apart that differ by less than so much of themselves."""


def swept_values(settings: Settings, sweep: SweepSettings) -> tuple[list[Any], list[Any]]:
    """The values across and upwards: evenly spaced, or by equal factors if all are above 0.

    Raises ValueError if a range is empty or beyond what the setting may be, or if the optimizer has
    no such setting.

    >>> swept_values(Settings(), SweepSettings(across_count=3, up="shuffle"))
    ([1, 10, 100], ['none', 'once', 'each_epoch', 'replacement'])
    """
    chosen = OPTIMIZERS[settings.train.optimizer]
    optimizers = {chosen.name}
    if "optimizer" in (sweep.across, sweep.up):
        optimizers = set(OPTIMIZERS)
    for name in (sweep.across, sweep.up):
        having = {each.name for each in OPTIMIZERS.values() if name in each.hyperparameters}
        if having and not having & optimizers:
            raise ValueError(
                f"{SWEPT[name]} should be a setting of the optimizer, but {chosen.label} has none; "
                "choose another optimizer"
            )
    across = (sweep.across, sweep.across_from, sweep.across_to, sweep.across_count)
    up = (sweep.up, sweep.up_from, sweep.up_to, sweep.up_count)
    return _values(settings, *across), _values(settings, *up)


def _values(
    settings: Settings, name: str, low: float | None, high: float | None, count: int
) -> list[Any]:
    part = DataSettings if name in describe(DataSettings) else TrainSettings
    setting = describe(part)[name]
    if setting.choices is not None:
        return list(setting.choices)
    usual_low, usual_high = _usual_lr(settings.train) if name == "lr" else USUAL[name]
    low = usual_low if low is None else low
    high = (settings.data.n if usual_high is None else usual_high) if high is None else high
    for end in (low, high):
        setting.check(SWEPT[name], setting.kind(end))
    if not low < high:
        raise ValueError(f"{SWEPT[name]} should go from less to more, but got {low:g} to {high:g}")
    spaced = np.geomspace(low, high, count) if low > 0 else np.linspace(low, high, count)
    if setting.kind is int:
        return [int(value) for value in np.unique(np.rint(spaced))]
    return [float(f"{value:.3g}") for value in spaced]


def _usual_lr(train: TrainSettings) -> tuple[float, float]:
    """Where the best learning rates of an optimizer usually lie."""
    optimizer = OPTIMIZERS[train.optimizer]
    if optimizer.is_adaptive:
        return USUAL_ADAPTIVE_LR
    low, high = USUAL_LR
    # Momentum lengthens a step 1 / (1 - momentum) times, which a momentum of 1 leaves open.
    shorter = max(1.0 - float(train.hyperparameters.get("momentum", 0.0)), 0.01)
    return float(f"{shorter * low:.3g}"), float(f"{shorter * high:.3g}")


def cells(settings: Settings, sweep: SweepSettings) -> list[list[Settings]]:
    """The settings of each cell: [upwards][across].

    Raises ValueError if some can't be, or if together they look at more than MOST_LOOKS points.

    >>> rows = cells(Settings(), SweepSettings(across_count=3, up_count=2))
    >>> [run.train.batch_size for run in rows[0]], rows[1][0].train.lr
    ([1, 10, 100], 30.0)
    """
    across, up = swept_values(settings, sweep)
    values = [[{sweep.across: x, sweep.up: y} for x in across] for y in up]
    usual = {"n": settings.data.n, "epochs": settings.train.epochs}
    sizes = [usual | each for row in values for each in row]
    looks = sweep.runs * sum(size["n"] * size["epochs"] for size in sizes)
    if looks > MOST_LOOKS:
        raise ValueError(
            f"a sweep may look at {MOST_LOOKS:,} points, but this one would look at {looks:,}; "
            "take fewer values, runs, epochs or points"
        )
    return [[_changed(settings, each) for each in row] for row in values]


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
