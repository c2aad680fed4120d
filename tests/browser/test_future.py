"""future.js: where the future is hidden, nothing on screen is of what comes after the step."""

import base64
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from dashboard.shell.page import Chosen
from dashboard.shell.view_settings import ViewSettings
from minibatch_core import Settings, TrainSettings, make_dataset, train
from minibatch_core.engine.budgets import spent
from pages.in_order import compute as in_order
from pages.playground import compute as playground
from tests.browser.test_hand import IS_AT_REST
from tests.browser.test_player import go_to, note, open_player, step
from tests.support.drawn import wait_for_drawn
from tests.support.in_hand import HOLD_BACK, choose, unheard
from tests.support.in_node import TRAINED, in_node

SO_FAR = f"""
  {TRAINED}
  const {{ decode }} = await load("wire.js")
  const {{ prepared }} = await load("steps.js")
  const {{ view }} = await decode(Uint8Array.from(Buffer.from(payload, "base64")))
  const ran = trainedIn(view)
  const run = prepared(ran.run)
  const followed = filled(view, ran).charts.filter(({{ follows }}) => follows)
  const listed = ({{ meta, x, y }}) => ({{ meta, x: [...(x ?? [])], y: [...(y ?? [])] }})
  const knownAt = (step) => followed.flatMap(({{ data }}) => it.soFar(data, run, step).map(listed))
  return {{ whole: followed.flatMap(({{ data }}) => data.map(listed)), known: steps.map(knownAt) }}
"""
ALONG = {"batch_loss", "full_loss", "held_out", "w", "b", "late_loss", "late_w", "late_b"}
RUNS = {
    "the opening": TrainSettings(),
    "one point a step": TrainSettings(batch_size=1, epochs=120, shuffle="replacement"),
    "all points a step": TrainSettings(batch_size=100, lr=0.3, epochs=7),
    "a short last minibatch": TrainSettings(batch_size=30, epochs=9, optimizer="sgd", lr=2.0),
    "diverging": TrainSettings(
        optimizer="momentum", momentum=1.0, weight_decay=3.0, lr=40.0, loss="bce", epochs=60
    ),
}
KEPT = Settings(train=TrainSettings(batch_size=3))


@pytest.mark.parametrize("unit", ["steps", "epochs", "examples", "time"])
@pytest.mark.parametrize("name", RUNS)
def test_of_a_run_only_that_is_known_which_was_before_the_step(name: str, unit: str) -> None:
    settings, view = Settings(train=RUNS[name]), ViewSettings(unit=unit)
    run = train(make_dataset(settings.data), settings.train)
    for board in (
        playground(Chosen(settings, view=view), KEPT).board,
        *([in_order(Chosen(settings)).board] if unit == "steps" else []),
    ):
        last = len(run.w) - 1
        steps = sorted({0, 1, last // 3, last - 1, last})
        sent = base64.b64encode(board.payload).decode()
        found = in_node("future.js", SO_FAR, payload=sent, steps=steps)
        ends = spent(np.array(steps), run.batches, view.budget)
        assert {trace["meta"] for trace in found["whole"]} & ALONG
        for at, until, known in zip(steps, ends, found["known"], strict=True):
            assert len(known) == len(found["whole"])
            for trace, whole in zip(known, found["whole"], strict=True):
                check_known(trace, whole, float(until), at, run.w, run.b)


def check_known(
    trace: Mapping[str, Any],
    whole: Mapping[str, Any],
    until: float,
    at: int,
    w: NDArray[np.float64],
    b: NDArray[np.float64],
) -> None:
    """A trace at a step is the beginning of the whole one, up to there and no farther."""
    meta, is_end = trace["meta"], at == len(w) - 1
    if meta in ALONG:
        count = len(trace["x"])
        assert trace["x"] == whole["x"][:count]
        assert trace["y"] == whole["y"][:count]
        drawn_until = float(np.float32(until))  # as lines are drawn
        assert all(x <= drawn_until for x in trace["x"])
        assert all(x > drawn_until for x in whole["x"][count:])
    elif meta == "path":
        places = np.column_stack([trace["x"], trace["y"]])
        been = np.column_stack([b[: at + 1], w[: at + 1]])
        apart = np.abs(places[:, None] - been).max(axis=2).min(axis=1)
        assert (apart <= 1e-6 * np.abs(places).max(axis=1) + 1e-6).all()
        assert len(places) <= at + 1
    elif meta == "ends":
        assert trace["x"] == (whole["x"] if is_end else whole["x"][:1])
    elif meta == "fit":
        assert trace["y"] == (whole["y"] if is_end else [])
    else:
        assert trace == whole
        assert meta in {"heat", "class0", "class1", "kept", "minimum", "swings", None}, meta


TOLD = re.compile("0.0927|0.1039|0.0566|0.1179|3.222|-2.930")
"""What captions tell of the end of the Playground's first run."""

INK = """chart => {
  const plot = document.querySelector(`[data-chart=${chart}]`)
  const { xaxis: { _offset: left, _length: length }, yaxis } = plot._fullLayout
  const ratio = devicePixelRatio
  const canvas = plot.querySelector(".player-layer").getContext("2d")
  const inked = []
  for (let x = 0; x < length; x++) {
    const place = [left + x, yaxis._offset, 1 / ratio, yaxis._length].map((each) => ratio * each)
    inked.push(canvas.getImageData(...place).data.some((value, k) => k % 4 === 3 && value > 0))
  }
  const look = (name) => getComputedStyle(plot.querySelector(name)).visibility
  const hidden = [".scatterlayer", ".hoverlayer"].map(look)
  return { last: inked.lastIndexOf(true) / length, count: inked.filter(Boolean).length, hidden }
}"""
"""How far from the left anything is drawn on the canvas over a chart, and what Plotly shows."""

IN_UNIT = """() => {
  const { title: { text }, range } = document.querySelector("[data-chart=loss]")._fullLayout.xaxis
  return { texts: [text], figures: [range] }
}"""


def test_the_future_is_hidden_by_a_key_and_the_address_holds_it(page: Page, server: str) -> None:
    section = open_player(page, f"{server}/?step=50")
    assert TOLD.search(page.locator(".live-chart-grid").inner_text())
    page.keyboard.press("h")
    wait_for_drawn(page)
    expect(page).to_have_url(re.compile(r"\?(step=50&future=hidden|future=hidden&step=50)$"))
    for at in (50, 120):
        go_to(page, at)
        assert not TOLD.search(page.locator(".live-chart-grid").inner_text())
        assert "What comes after this step is hidden." in note(page, "loss")
        assert "Grey: p at the end" not in note(page, "data")
        ink = page.evaluate(INK, "loss")
        assert ink["hidden"] == ["hidden", "hidden"]
        assert ink["last"] == pytest.approx(at / 200.0, abs=0.03)  # half a dot farther
        assert ink["count"] > 50
    page.reload()
    section = open_player(page, page.url)
    assert step(section) == 120
    assert page.evaluate(INK, "loss")["hidden"] == ["hidden", "hidden"]
    button = page.get_by_role("button", name="Hide what comes after this step (H)")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    wait_for_drawn(page)
    assert TOLD.search(page.locator(".live-chart-grid").inner_text())
    assert page.evaluate(INK, "loss")["hidden"] == ["visible", "visible"]
    expect(page).to_have_url(re.compile(r"\?step=120$"))


def test_it_stays_hidden_while_the_hand_moves_and_after(page: Page, server: str) -> None:
    open_player(page, f"{server}/?step=30&future=hidden")
    thumb = page.get_by_role("slider", name="Batch size B")
    for _ in range(3):
        thumb.press("ArrowLeft")
        ink = page.evaluate(INK, "loss")
        assert ink["hidden"] == ["hidden", "hidden"]
    wait_for_drawn(page)
    ink = page.evaluate(INK, "loss")
    assert ink["hidden"] == ["hidden", "hidden"]
    assert ink["last"] < 0.2
    assert "What comes after this step is hidden." in note(page, "traces")


def test_it_stays_hidden_in_another_unit_before_the_server_hears_of_it(
    page: Page, server: str
) -> None:
    page.add_init_script(HOLD_BACK)
    open_player(page, f"{server}/?bs=30&step=50&future=hidden")
    acts = {unit: choose("Counted in", unit) for unit in ("Epochs", "Examples seen", "Time")}
    for unit, seen in unheard(page, acts, IS_AT_REST, IN_UNIT):
        assert seen["texts"] == [unit.lower()]
        assert "What comes after this step is hidden." in note(page, "loss")
        ink = page.evaluate(INK, "loss")
        assert ink["hidden"] == ["hidden", "hidden"], unit
        assert ink["last"] == pytest.approx(0.25, abs=0.03), unit  # half a dot farther
        assert ink["count"] > 50


def test_the_end_of_a_run_is_covered_where_a_chart_is_of_it_alone(page: Page, server: str) -> None:
    open_player(page, f"{server}/in_order?step=30&future=hidden")
    assert "This chart is of the end of the run, and is hidden." in note(page, "spectrum")
    picture = page.locator("[data-chart=spectrum] .plot-container")
    assert picture.evaluate("it => getComputedStyle(it).visibility") == "hidden"
    assert "for most seeds" not in note(page, "spectrum")
    ink = page.evaluate(INK, "late_loss")
    assert ink["count"] == 0


def test_it_is_not_offered_where_charts_are_of_the_whole_run(page: Page, server: str) -> None:
    open_player(page, f"{server}/full_batch?step=30&future=hidden")
    expect(page.get_by_role("button", name="Hide what comes after")).to_be_hidden()
    assert page.evaluate(INK, "loss")["hidden"] == ["visible", "visible"]
    page.keyboard.press("h")
    assert page.evaluate(INK, "loss")["hidden"] == ["visible", "visible"]
