"""The way from the notebook's first run to its third, one change at a time, and what is luck."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from minibatch_core.arrays import Floats, standard_error
from minibatch_core.course.runs import NOTEBOOK_PRESETS
from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.many_runs import train_many, with_seeds
from minibatch_core.engine.training import train
from minibatch_core.settings import TrainSettings

__all__ = [
    "CHANGES",
    "CLEAR",
    "FEWEST_SEEDS",
    "ROUTES",
    "Effect",
    "Stage",
    "ends_of_runs",
    "made_first_and_last",
    "notebook_runs",
    "story",
]

CHANGES: Mapping[str, str] = MappingProxyType(
    {
        "loss": "Loss",
        "batch_size": "Batch size",
        "epochs": "Epochs",
        "lr": "Learning rate",
        "shuffle": "Shuffling",
        "randn_before_model": "Start",
    }
)
"""The fields in which the notebook's first and third run differ, as they are usually changed."""

ROUTES: Mapping[str, str] = MappingProxyType(
    {"through": "By way of run 2", "straight": "Straight to run 3"}
)
"""The ways from the first run to the third, and their labels."""

CLEAR, FEWEST_SEEDS = 3.0, 10
"""A mean of at least so many seeds is clear where it is so many standard errors away from 0."""

ROUNDING = 1e-9
"""Differences below this are rounding: batches of all points in another order, for example."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A run on the way.

    - `changed`: the field in which it differs from the run before it; None of the first
    - `before`: what that run has there
    - `preset`: the notebook's run that it is, if it is one
    """

    train: TrainSettings
    changed: str | None = None
    before: Any = None
    preset: str | None = None


def notebook_runs(n: int, seed: int = 42) -> dict[str, TrainSettings]:
    """The notebook's three runs on N = n points: the first on all of them at every step.

    A batch size that n points are too few for becomes n.

    >>> [run.batch_size for run in notebook_runs(100).values()]
    [100, 25, 50]
    >>> [run.batch_size for run in notebook_runs(30).values()]
    [30, 25, 30]
    """
    runs = {}
    for name, preset in NOTEBOOK_PRESETS.items():
        is_full = preset.train.batch_size == preset.data.n
        size = n if is_full else min(preset.train.batch_size, n)
        runs[name] = replace(preset.train, batch_size=size, seed=seed)
    return runs


def story(n: int, seed: int = 42, route: str = "through", first: str = "loss") -> list[Stage]:
    """The runs from the first to the third, each different from the one before in one field.

    The changes come as in CHANGES, but that of `first` before the others; by way of the second
    run, on both parts of the way.

    Raises ValueError for a route or a change that is none.

    >>> [stage.changed for stage in story(100, route="straight", first="shuffle")]
    [None, 'shuffle', 'loss', 'batch_size', 'epochs', 'lr', 'randn_before_model']
    """
    for name, value, allowed in (("route", route, ROUTES), ("first", first, CHANGES)):
        if value not in allowed:
            raise ValueError(f"{name} should be one of {', '.join(allowed)}, but got {value!r}")
    start, *ends = notebook_runs(n, seed).items()
    stages = [Stage(start[1], preset=start[0])]
    for preset, end in ends if route == "through" else ends[-1:]:
        for field in sorted(CHANGES, key=lambda each: each != first):
            before = getattr(stages[-1].train, field)
            if before != getattr(end, field):
                changed = replace(stages[-1].train, **{field: getattr(end, field)})
                stages.append(Stage(changed, field, before))
        stages[-1] = replace(stages[-1], preset=preset)
    return stages


def made_first_and_last(
    n: int, field: str, seed: int = 42
) -> tuple[tuple[TrainSettings, TrainSettings], tuple[TrainSettings, TrainSettings]]:
    """The runs before and after a change that is made first on the straight way, and made last.

    >>> first, last = made_first_and_last(100, "lr")
    >>> [(before.lr, after.lr, after.epochs) for before, after in (first, last)]
    [(0.05, 0.5, 201), (0.05, 0.5, 100)]
    """
    runs = notebook_runs(n, seed)
    start, end = runs["full_batch"], runs["dataloader"]
    alone = replace(start, **{field: getattr(end, field)})
    missing = replace(end, **{field: getattr(start, field)})
    return (start, alone), (missing, end)


def ends_of_runs(data: Dataset, settings: TrainSettings, seeds: int) -> Floats:
    """Where runs with so many seeds, counted up from the settings' own, end: (seeds, 2), w and b.

    >>> from minibatch_core import make_dataset
    >>> ends_of_runs(make_dataset(), notebook_runs(100)["dataloader"], 2)[0].round(4).tolist()
    [6.427, -5.8902]
    """
    return np.array(train_many(data, with_seeds(settings, seeds), _end))


def _end(data: Dataset, settings: TrainSettings) -> tuple[float, float]:
    run = train(data, settings)
    return float(run.w[-1]), float(run.b[-1])


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """What a change does to a number, seed by seed: the number after it, less that before it.

    >>> effect = Effect(np.array([0.0, 2.0, 1.0, 1.0]))
    >>> effect.one, effect.mean, round(effect.error, 3), effect.is_clear
    (0.0, 1.0, 0.408, False)
    """

    each: Floats

    @property
    def one(self) -> float:
        """That of the first seed, the single draw."""
        return float(self.each[0])

    @property
    def mean(self) -> float:
        """The mean over the seeds."""
        return float(self.each.mean())

    @property
    def error(self) -> float:
        """The standard error of the mean."""
        return standard_error(self.each)

    @property
    def is_nothing(self) -> bool:
        """Whether no seed's number changes by more than rounding."""
        return bool(np.abs(self.each).max() < ROUNDING)

    @property
    def is_clear(self) -> bool:
        """Whether the mean is farther from 0 than chance would take it."""
        enough = len(self.each) >= FEWEST_SEEDS and not self.is_nothing
        return enough and abs(self.mean) > CLEAR * self.error
