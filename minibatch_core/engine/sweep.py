"""Sweeps over two settings: the values of each, and the settings of every cell."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.settings import DataSettings, Settings, SweepSettings, TrainSettings
from minibatch_core.settings.fields import describe
from minibatch_core.settings.sweep import SWEPT

__all__ = ["USUAL", "cells", "swept_values"]

MOST_LOOKS = 500_000_000
"""How many points, counted as often as they are looked at, a sweep may look at."""

USUAL = {
    "batch_size": (1, None),
    "n": (20, 1000),
    "noise": (0.0, 0.5),
    "lr": (0.01, 10.0),
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
    usual_low, usual_high = USUAL[name]
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


def cells(settings: Settings, sweep: SweepSettings) -> list[list[Settings]]:
    """The settings of each cell: [upwards][across].

    Raises ValueError if some can't be, or if together they look at more than MOST_LOOKS points.

    >>> rows = cells(Settings(), SweepSettings(across_count=3, up_count=2))
    >>> [run.train.batch_size for run in rows[0]], rows[1][0].train.lr
    ([1, 10, 100], 10.0)
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
