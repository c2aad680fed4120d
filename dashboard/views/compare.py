"""What the lab "Compare" shows: pinned runs over one another, and what differs between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.live_chart import Board, Chart, Grid
from dashboard.views.shared import Trained, number, trained
from minibatch_core import DataSettings, Settings, TrainSettings, accuracy, full_loss
from minibatch_core.figures import shortened
from minibatch_core.lab_figures import runs_figure, without_legend
from minibatch_core.settings import HYPERPARAMETERS, Setting, describe

__all__ = ["COLOURS", "Comparison", "compare_view", "names_of"]

Floats = NDArray[np.float64]

COLOURS = ("#2f7fd1", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#8a8f98")
"""One for each pin, to be told apart on a light and on a dark page."""

UNUSED = "-"
"""What stands for a setting that a run's optimizer does not have."""

MOST_LETTERS = 32
"""How long a run's name in the legend may be."""

GRID = Grid(areas=("loss loss", "w b"), rows="270px 220px", columns="repeat(2, minmax(0, 1fr))")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Charts of the runs, and rows of a table: a label and a value for each run."""

    board: Board
    settings: Sequence[tuple[str, Sequence[str]]]
    results: Sequence[tuple[str, Sequence[str]]]


@lru_cache(maxsize=32)
def compare_view(pins: tuple[Settings, ...]) -> Comparison:
    """Train each of the runs and set them beside one another."""
    runs = [trained(settings) for settings in pins]
    differences = _differences(pins)
    names = names_of(differences, len(pins))
    one_loss = len({settings.train.loss for settings in pins}) == 1
    charts = []
    heading = ("Loss on all the data", "of each run's own data")
    if not one_loss:
        heading = ("MSE on all the data", "since the runs were trained with several losses")
    for name, title, note in (
        ("loss", *heading),
        ("w", "w", "step by step"),
        ("b", "b", "step by step"),
    ):
        lines = [
            (label, colour, "solid", _curve(shown, name))
            for label, shown, colour in zip(names, runs, COLOURS, strict=False)
        ]
        figure = runs_figure(lines, name)
        for k, trace in enumerate(figure["data"]):
            trace["line"]["width"] = 1.6 + 1.1 * (len(runs) - 1 - k)  # none hides another
        if name == "loss":
            for trace, shown in zip(figure["data"], runs, strict=True):
                curve = shown.full if one_loss else _mse(shown)
                trace["x"], trace["y"] = shown.steps, shortened(curve)
        else:
            figure = without_legend(figure)
        charts.append(Chart(name, title, note, figure))
    return Comparison(Board({}, charts, GRID), differences, _results(runs))


def names_of(differences: Sequence[tuple[str, Sequence[str]]], count: int) -> list[str]:
    """A name for each run: its number, and what it has that not all have, as far as that fits.

    >>> names_of([("Optimizer", ["SGD", "Adam"]), ("Learning rate", ["1.0", "0.05"])], 2)
    ['1: SGD, 1.0', '2: Adam, 0.05']
    """
    names = []
    for k in range(count):
        name = ", ".join(values[k] for _, values in differences if values[k] != UNUSED)
        names.append(f"{k + 1}: {name}"[:MOST_LETTERS] if name else f"{k + 1}")
    return names


def _curve(shown: Trained, name: str) -> Any:
    return shown.full if name == "loss" else getattr(shown.run, name)


def _mse(shown: Trained) -> Floats:
    return full_loss(shown.data, shown.run.w[shown.steps], shown.run.b[shown.steps], "mse")


def _differences(pins: Sequence[Settings]) -> list[tuple[str, list[str]]]:
    """The settings that not all of the runs share."""
    rows = []
    for part, table in (("data", describe(DataSettings)), ("train", describe(TrainSettings))):
        for name, setting in table.items():
            values = [getattr(getattr(settings, part), name) for settings in pins]
            if len(set(values)) > 1:
                optimizers = [settings.train.optimizer for settings in pins]
                pairs = zip(values, optimizers, strict=True)
                rows.append((setting.label, [_spell(name, setting, *pair) for pair in pairs]))
    return rows


def _spell(name: str, setting: Setting, value: Any, optimizer: str) -> str:
    """A value as it is said, a hyperparameter left alone by its default, "-" if there is none."""
    of_some = any(name in names for names in HYPERPARAMETERS.values())
    if of_some and name not in HYPERPARAMETERS[optimizer]:
        return UNUSED
    if value is None:
        return f"{HYPERPARAMETERS[optimizer][name]:g}" if of_some else "nn.Linear's"
    return setting.spell(value)


def _results(runs: Sequence[Trained]) -> list[tuple[str, list[str]]]:
    rows: list[tuple[str, list[str]]] = [
        ("Steps", [f"{len(shown.run):,}" for shown in runs]),
        ("Loss at the end", [number(float(shown.full[-1]), 4) for shown in runs]),
        ("w", [number(shown.end[0], 4) for shown in runs]),
        ("b", [number(shown.end[1], 4) for shown in runs]),
        ("Accuracy", [f"{accuracy(shown.data, *shown.end):.1%}" for shown in runs]),
    ]
    if len({shown.run.settings.loss for shown in runs}) > 1:
        # Losses of different kinds can't be compared, so all are measured by one as well.
        ends = [
            full_loss(shown.data, shown.run.w[-1:], shown.run.b[-1:], "mse")[0] for shown in runs
        ]
        rows.insert(2, ("MSE at the end", [number(float(end), 4) for end in ends]))
    if any(shown.run.diverged_at is not None for shown in runs):
        rows.append(
            (
                "Diverged at step",
                ["" if s.run.diverged_at is None else f"{s.run.diverged_at:,}" for s in runs],
            )
        )
    return rows
