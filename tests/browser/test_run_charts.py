"""run_charts.js: what the browser draws of a run is what the figures of Python show."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dashboard.charts.kept import drawn_of
from dashboard.charts.late import late_charts
from dashboard.charts.live_chart import WRITTEN_BY_THE_PLAYER, Board, Chart
from dashboard.charts.player import player
from dashboard.charts.run import (
    Ground,
    Trained,
    data_chart,
    divergence,
    ground_of,
    loss_chart,
    surface_chart,
    traces_chart,
    trained,
)
from dashboard.charts.summary import summary
from dashboard.charts.wire import SentLooks, counted
from dashboard.figures.kept import Kept
from dashboard.figures.palette import RUNS as COLOURS
from dashboard.shell.page import Chosen
from dashboard.shell.view_settings import ViewSettings
from minibatch_core import Settings, TrainSettings
from minibatch_core.engine.budgets import MOST_STEP_COST, STEP_COST, UNITS, Budget
from minibatch_core.engine.dataset import make_held_out
from minibatch_core.settings.train import SHUFFLES
from pages.in_order import compute as in_order
from pages.playground import compute as playground
from tests.support.filled import filled
from tests.support.opened import decode

RUNS = {
    "the opening": TrainSettings(),
    "one point a step": TrainSettings(batch_size=1, epochs=120, shuffle="replacement"),
    "all points a step": TrainSettings(batch_size=100, lr=0.3, epochs=1),
    "nothing moves": TrainSettings(lr=0.0, init_w=0.0, init_b=0.0, epochs=4),
    "far away": TrainSettings(optimizer="sgd", loss="bce", lr=30.0, batch_size=7, epochs=20),
    "diverging": TrainSettings(
        optimizer="momentum", momentum=1.0, weight_decay=3.0, lr=40.0, loss="bce", epochs=60
    ),
    "diverging soon": TrainSettings(
        optimizer="sgd", lr=1000.0, weight_decay=1000.0, init_w=1000.0, epochs=60
    ),
    "weight decay and a schedule": TrainSettings(
        optimizer="adamw", schedule="cosine", epochs=300, batch_size=30, drop_last=True
    ),
}
UNEVEN = ("one point a step", "far away", "diverging", "weight decay and a schedule")
COUNTED = [
    *((unit, STEP_COST) for unit in UNITS),
    *(("time", cost) for cost in (0, 1, 13, MOST_STEP_COST)),
]
"""What is counted, and the cost of a step."""

KEPT = (
    Settings(train=TrainSettings(batch_size=3)),
    Settings(train=TrainSettings(optimizer="sgd", lr=80.0, loss="bce")),
)


@pytest.mark.parametrize("kept", [(), KEPT], ids=["alone", "beside kept runs"])
@pytest.mark.parametrize("unit", ["steps", "examples"])
@pytest.mark.parametrize("name", RUNS)
def test_a_run_drawn_anew_is_the_one_that_the_server_draws(
    name: str, unit: str, kept: tuple[Settings, ...]
) -> None:
    view = ViewSettings(unit=unit)
    same_as_in_python(Settings(train=RUNS[name]), kept, view, view.budget)


@pytest.mark.parametrize("kept", [(), KEPT], ids=["alone", "beside kept runs"])
@pytest.mark.parametrize(("unit", "cost"), COUNTED)
def test_what_the_hand_has_counted_is_what_the_server_counts(
    unit: str, cost: int, kept: tuple[Settings, ...]
) -> None:
    budget = ViewSettings(unit=unit, step_cost=cost).budget
    for name, other in zip(UNEVEN, UNITS, strict=True):
        sent = ViewSettings(unit=other)
        same_as_in_python(Settings(train=RUNS[name]), kept, sent, budget, counted(budget))


def same_as_in_python(
    settings: Settings,
    kept: Sequence[Settings],
    sent: ViewSettings,
    budget: Budget,
    looks: SentLooks | None = None,
) -> None:
    """A board of the Playground, sent with one view, has the charts that Python draws."""
    ghosts = [
        Kept("", colour, drawn_of(each, budget))
        for each, colour in zip(kept, COLOURS, strict=False)
    ]
    shown = trained(settings)
    ground = ground_of(shown, ghosts)
    expected = [
        loss_chart(shown, make_held_out(settings.data), budget, ghosts),
        traces_chart(shown, budget, ghosts),
        surface_chart(ground, "viridis", "start there", ghosts),
        data_chart(shown),
    ]
    board = playground(Chosen(settings, view=sent), *kept).board
    same_as_drawn(board, expected, shown, ground, looks)


@pytest.mark.parametrize("shuffle", SHUFFLES)
@pytest.mark.parametrize("name", RUNS)
def test_so_are_the_last_epochs_of_minibatches_in_order(name: str, shuffle: str) -> None:
    settings = Settings(train=replace(RUNS[name], shuffle=shuffle))
    shown = trained(settings)
    ground = ground_of(shown)
    late = late_charts(shown) if len(shown.run) else []
    board = in_order(Chosen(settings)).board
    (spectrum,) = [chart for chart in board.charts if chart.name == "spectrum"]
    charts = [loss_chart(shown), traces_chart(shown), *late, spectrum]
    same_as_drawn(board, [*charts, surface_chart(ground, "viridis")], shown, ground)


def same_as_drawn(
    board: Board,
    charts: Sequence[Chart],
    shown: Trained,
    ground: Ground,
    looks: SentLooks | None = None,
) -> None:
    """A board filled in the browser has the charts that Python draws, their words, and the run."""
    found = filled(board.payload, looks)
    assert found["summary"] == (divergence(shown) or summary(shown.settings))
    (low, *_, high), (left, *_, right) = ground.w_grid.tolist(), ground.b_grid.tolist()
    run = {
        "x": shown.data.x,
        "y": shown.data.y,
        "w": shown.run.w,
        "b": shown.run.b,
        "diverged": shown.run.diverged_at is not None,
        "w_ends": [low, high],
        "b_ends": [left, right],
        "limits": list(ground.limits),
    }
    same({name: found["player"][name] for name in run}, run, "player")
    drawn_here = [replace(chart, follows=None) for chart in charts]
    expected = decode(Board({}, drawn_here, board.grid, player(shown.settings, "viridis")).payload)
    followed = [chart for chart in found["charts"] if chart["follows"]]
    for chart, drawn in zip(followed, expected["charts"], strict=True):
        chart["follows"] = None
        for each in (chart, drawn):
            without_what_others_write(each)
        same(chart, drawn, drawn["name"])


def without_what_others_write(chart: dict[str, Any]) -> None:
    """Without the notes that the player writes, and kept runs' names, told by their differences."""
    if chart["mark"] in WRITTEN_BY_THE_PLAYER:
        chart["note"] = ""
    for trace in chart["data"] or []:
        if trace.get("meta") == "kept":
            hover = trace["hovertemplate"].split("<extra>")[0]
            trace["name"], trace["hovertemplate"] = "", hover.split("<br>")[-1]


def same(found: Any, expected: Any, where: str) -> None:
    """The same names, words and, as far as float32 tells them apart, numbers."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys(), where
        for key, value in expected.items():
            same(found[key], value, f"{where}.{key}")
    elif isinstance(expected, np.ndarray):
        numbers = np.array(
            np.ravel(found), dtype=np.float64
        )  # JSON has null for what is not finite
        finite = np.where(np.isfinite(expected), expected, np.nan)
        # Of a spectrum most amplitudes may be of rounding.
        least = 1e-6 * np.abs(expected).max(initial=0.0) if where == "spectrum.data[0].y" else 1e-12
        np.testing.assert_allclose(numbers, np.ravel(finite), 3e-6, least, err_msg=where)
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for number, (mine, theirs) in enumerate(zip(found, expected, strict=True)):
            same(mine, theirs, f"{where}[{number}]")
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-6), where
    else:
        assert found == expected, where
