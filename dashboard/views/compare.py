"""What the lab "Compare" shows: pinned runs over one another, and what differs between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dashboard.live_chart import Board, Chart, Grid
from dashboard.views.shared import Trained, number, trained
from minibatch_core import DataSettings, Settings, TrainSettings, accuracy, full_loss
from minibatch_core.figures import shortened
from minibatch_core.lab_figures import runs_figure, without_legend
from minibatch_core.settings import describe

__all__ = ["COLOURS", "Comparison", "compare_view"]

COLOURS = ("#2f7fd1", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#8a8f98")
"""One for each pin, to be told apart on a light and on a dark page."""

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
    charts = []
    for name, title, note in (
        ("loss", "Loss on all the data", "of each run's own data, at up to 300 steps"),
        ("w", "w", "step by step"),
        ("b", "b", "step by step"),
    ):
        lines = [
            (f"Run {k}", colour, "solid", _curve(shown, name))
            for k, (shown, colour) in enumerate(zip(runs, COLOURS, strict=False), 1)
        ]
        figure = runs_figure(lines, name)
        if name == "loss":
            for trace, shown in zip(figure["data"], runs, strict=True):
                trace["x"], trace["y"] = shown.steps, shortened(shown.full)
        else:
            figure = without_legend(figure)
        charts.append(Chart(name, title, note, figure))
    return Comparison(Board({}, charts, GRID), _differences(pins), _results(runs))


def _curve(shown: Trained, name: str) -> Any:
    return shown.full if name == "loss" else getattr(shown.run, name)


def _differences(pins: Sequence[Settings]) -> list[tuple[str, list[str]]]:
    """The settings that not all of the runs share."""
    rows = []
    for part, table in (("data", describe(DataSettings)), ("train", describe(TrainSettings))):
        for name, setting in table.items():
            values = [getattr(getattr(settings, part), name) for settings in pins]
            if len(set(values)) > 1:
                rows.append((setting.label, [_spell(setting, value) for value in values]))
    return rows


def _spell(setting: Any, value: Any) -> str:
    return "PyTorch's" if value is None else setting.spell(value)


def _results(runs: Sequence[Trained]) -> list[tuple[str, list[str]]]:
    rows: list[tuple[str, list[str]]] = [
        ("Steps", [f"{len(shown.run):,}" for shown in runs]),
        ("Loss", [number(float(shown.full[-1]), 4) for shown in runs]),
        ("w", [number(shown.end[0], 4) for shown in runs]),
        ("b", [number(shown.end[1], 4) for shown in runs]),
        ("Accuracy", [f"{accuracy(shown.data, *shown.end):.1%}" for shown in runs]),
    ]
    if len({shown.run.settings.loss for shown in runs}) > 1:
        # Losses of different kinds can't be compared, so all are measured by one as well.
        ends = [
            full_loss(shown.data, shown.run.w[-1:], shown.run.b[-1:], "mse")[0] for shown in runs
        ]
        rows.insert(2, ("MSE", [number(float(end), 4) for end in ends]))
    if any(shown.run.diverged_at is not None for shown in runs):
        rows.append(
            (
                "Diverged at step",
                ["" if s.run.diverged_at is None else f"{s.run.diverged_at:,}" for s in runs],
            )
        )
    return rows
