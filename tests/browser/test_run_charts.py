"""run_charts.js: a run's charts drawn anew in the browser are those that the server draws."""

import base64
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from dashboard.charts.live_chart import WRITTEN_BY_THE_PLAYER
from dashboard.shell.page import Chosen
from dashboard.shell.view_settings import ViewSettings
from minibatch_core import Settings, TrainSettings
from minibatch_core.settings.train import SHUFFLES
from pages.in_order import compute as in_order
from pages.playground import compute as playground
from tests.support.in_node import in_node
from tests.support.opened import decode

REDRAWN = """
    const { decode } = await load("wire.js")
    const { makeHeldOut } = await load("dataset.js")
    const { planOf } = await load("plan.js")
    const { Trainer } = await load("training.js")
    const { view } = decode(Uint8Array.from(atob(before), (letter) => letter.charCodeAt(0)))
    const { FINE, Grounds } = await load("ground.js")
    const plan = planOf(settings)
    const trained = new Trainer(plan, it.MOST_FULL, makeHeldOut(settings.data)).advance()
    const ground = new Grounds().under(plan, trained, it.keptPaths(view), FINE).advance()
    const run = it.runOf(view.player, settings, plan, trained)
    const { charts, player } = it.redrawn(view, { run, trained, ground })
    const plain = (_, value) => (ArrayBuffer.isView(value) ? [...value] : value)
    return JSON.parse(JSON.stringify({ charts, player }, plain))
"""
"""Trains with `settings` and draws that over a board that is `before`."""

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
    settings, view = Settings(train=RUNS[name]), ViewSettings(unit=unit)
    boards = [
        playground(Chosen(each, view=view), *kept).board.payload for each in (Settings(), settings)
    ]
    same_as_sent(settings, *boards)


@pytest.mark.parametrize("shuffle", SHUFFLES)
@pytest.mark.parametrize("name", RUNS)
def test_so_are_the_last_epochs_of_minibatches_in_order(name: str, shuffle: str) -> None:
    settings = Settings(train=replace(RUNS[name], shuffle=shuffle))
    before, after = (in_order(Chosen(each)).board.payload for each in (Settings(), settings))
    same_as_sent(settings, before, after)


def same_as_sent(settings: Settings, before: bytes, after: bytes) -> None:
    """Drawn in the browser over a board that is before, a run is what is sent of it."""
    found = in_node(
        "run_charts.js",
        REDRAWN,
        before=base64.b64encode(before).decode(),
        settings=asdict(settings),
    )
    expected = decode(after)
    same(found["player"], expected["player"], "player")
    followed = [
        [chart for chart in charts if chart["follows"] or chart["data"] is None]
        for charts in (found["charts"], expected["charts"])
    ]
    for chart, sent in zip(*followed, strict=True):
        for each in (chart, sent):
            without_what_others_write(each)
        same(chart, sent, sent["name"])


def without_what_others_write(chart: dict[str, Any]) -> None:
    """Without the notes that the player writes, and kept runs' names, told by their differences."""
    if chart["mark"] in WRITTEN_BY_THE_PLAYER:
        chart["note"] = ""
    for trace in chart["data"] or []:
        if trace.get("meta") == "kept":
            trace["name"] = trace["hovertemplate"] = ""


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
        np.testing.assert_allclose(numbers, np.ravel(finite), 3e-6, 1e-12, err_msg=where)
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for number, (mine, theirs) in enumerate(zip(found, expected, strict=True)):
            same(mine, theirs, f"{where}[{number}]")
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-6), where
    else:
        assert found == expected, where
