"""seed_runs.js: many runs are drawn in the hand as the server draws them."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from dashboard.charts.wire import sent_settings
from dashboard.shell.registry import PAGES
from minibatch_core import DataSettings, Settings
from minibatch_core.settings.train import SHUFFLES
from tests.support.computed import shown
from tests.support.drawn import wait_for_drawn
from tests.support.in_hand import FAINT, HOLD_BACK, choose, enter, held, press, same, unheard
from tests.support.in_node import in_node
from tests.support.opened import decode

OPENING = PAGES["seeds"].settings

# The boards that a view of other settings becomes, as runs are trained a slice at a time.
BOARDS = """
    const { makeDataset, makeHeldOut } = await load("dataset.js")
    const known = { of: held.data, data: makeDataset(held.data), heldOut: makeHeldOut(held.data) }
    const learner = new it.SeedRuns(held, view, known)
    const boards = []
    do {
      const board = learner.advance(view, until ?? Infinity)
      if (board) boards.push({ runs: learner.runs, metrics: board.metrics, charts: board.charts })
    } while (!learner.isDone)
    return boards.map(({ runs, metrics, charts }) => ({
      runs,
      band: charts[0].data[0].name,
      metrics,
      charts: charts.map(({ name, follows, data }) => [name, follows, data.map(
        ({ x, y }) => [x, y].map((values) => values && [...values])
      )]),
    }))
"""


def changed(settings: Settings = OPENING, **values: Any) -> Settings:
    return replace(settings, train=replace(settings.train, **values))


SAME = changed(init_w=-1.0, init_b=2.0, shuffle="none")
ONE_ORDER = changed(SAME, shuffle="each_epoch")


def view_of(settings: Settings, **looks: Any) -> dict[str, Any]:
    return decode(shown("seeds", settings, **looks).board.payload)


def in_browser(
    settings: Settings, sent: Settings = OPENING, until: float | None = None, **looks: Any
) -> list[Any]:
    """The boards of settings that the hand holds, where those of `sent` ones were sent."""
    held_settings = sent_settings(settings)
    view = view_of(sent, **looks)
    found: list[Any] = in_node("seed_runs.js", BOARDS, held=held_settings, view=view, until=until)
    return found


def compare(board: Any, view: dict[str, Any]) -> None:
    """Every number as far as the float32 goes in which it is sent."""
    assert [name for name, _, _ in board["charts"]] == [chart["name"] for chart in view["charts"]]
    for (name, follows, traces), chart in zip(board["charts"], view["charts"], strict=True):
        assert follows == "runs"
        for lines, trace in zip(traces, chart["data"], strict=True):
            for axis, values in zip("xy", lines, strict=True):
                if values is None:
                    assert axis not in trace, name
                    continue
                got = np.array(values, dtype=np.float64)
                assert len(got), name
                np.testing.assert_allclose(got, trace[axis], rtol=1e-6, atol=1e-12, err_msg=name)


CASES: dict[str, tuple[Settings, dict[str, Any]]] = {
    "the opening": (OPENING, {}),
    **{order: (changed(shuffle=order, epochs=7), {}) for order in SHUFFLES},
    "the order alone": (ONE_ORDER, {}),
    "in epochs": (changed(batch_size=30, epochs=31), {"unit": "epochs"}),
    "in examples": (changed(batch_size=30, drop_last=True), {"unit": "examples"}),
    "in time": (changed(batch_size=7), {"unit": "time", "step_cost": 11}),
    "few steps": (changed(batch_size=60, epochs=2), {"seeds": 11}),
    "few seeds": (changed(optimizer="adam", lr=0.1), {"seeds": 4}),
    "the last seed": (changed(seed=2**32 - 3, loss="bce", schedule="cosine"), {"seeds": 6}),
    "other data": (
        replace(OPENING, data=DataSettings(n=41, noise=0.3, seed=8, stored="class")),
        {"seeds": 25},
    ),
    # each step doubles w and b, so where a run starts decides when they are no longer finite
    "some diverge": (
        changed(batch_size=100, lr=3.1, weight_decay=1.0, epochs=956),
        {"seeds": 20},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_lines_in_the_hand_are_those_of_the_server(case: str) -> None:
    settings, looks = CASES[case]
    found = shown("seeds", settings, **looks)
    assert (found.warning is not None) == (case == "some diverge")
    (board,) = in_browser(settings, sent=changed(batch_size=3, epochs=9), **looks)
    compare(board, decode(found.board.payload))


def test_where_all_runs_are_the_same_one_is_drawn() -> None:
    other = changed(SAME, lr=0.3, epochs=4)
    (board,) = in_browser(other, sent=SAME)
    compare(board, view_of(other))


def test_a_picture_of_the_first_runs_is_that_of_so_many_seeds() -> None:
    boards = in_browser(OPENING, until=0.0, seeds=30)  # a run is done a little at a time
    counts = [board["runs"] for board in boards]
    assert counts == sorted(set(counts))
    assert counts[0] < 10
    assert len([count for count in counts if count >= 10]) > 3
    for board in boards:
        said = dict(board["metrics"])["Runs"], board["band"]
        some = f"{board['runs']} of 30"
        assert said == (("30", "all runs") if board["runs"] == 30 else (some, f"{some} runs"))
        if board["runs"] >= 10:
            compare(board, view_of(OPENING, seeds=board["runs"]))
        else:  # of so few it can't be said where four of five lie
            lines = [traces[1] for name, _, traces in board["charts"] if name != "ends"]
            assert lines == [[[], []]] * 3


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        (changed(lr=1000.0, weight_decay=1000.0), OPENING),  # all runs diverge
        (changed(replace(OPENING, data=DataSettings(n=10_000)), epochs=101), OPENING),  # too much
        (ONE_ORDER, SAME),  # whose board has no place for what differs
    ],
)
def test_what_cannot_be_drawn_waits(settings: Settings, sent: Settings) -> None:
    places = [[chart["name"] for chart in view_of(each)["charts"]] for each in (settings, sent)]
    assert places[0] != places[1]  # nor does the server draw it there
    for board in in_browser(settings, sent):
        assert {follows for _, follows, _ in board["charts"]} == {None}


# For some frames: more runs may be trained in the next.
ALL_ARE_DRAWN = r"""() => {
  const isHeld = document.querySelector(".live-chart-held") !== null
  const isSent = "revision" in document.querySelector(".live-chart-grid").dataset
  const isWhole = /^\d+$/.test(document.querySelector("[data-metric=Runs] dd").textContent)
  window.framesAtRest = !isHeld && !isSent && isWhole ? (window.framesAtRest ?? 0) + 1 : 0
  if (window.framesAtRest < 6) return false
  window.framesAtRest = 0
  return true
}"""

ON_SCREEN = """() => {
  const plots = [...document.querySelectorAll(".live-chart-plot")]
  return {
    texts: plots.map((plot) => plot.closest("figure").querySelector("b").textContent),
    figures: plots.map(({ data, _fullLayout: { xaxis, yaxis } }) => [
      ...xaxis.range,
      ...yaxis.range,
      ...data.flatMap(({ x, y = [] }) => [...x, ...y]),
    ]),
  }
}"""

WATCH_RUNS = """() => {
  window.said = []
  const metrics = document.querySelector(".live-chart-metrics")
  const listen = () => window.said.push(document.querySelector("[data-metric=Runs] dd").textContent)
  new MutationObserver(listen).observe(metrics, { childList: true })
}"""


def test_charts_of_many_runs_follow_a_slider_and_release_changes_nothing(
    page: Page, server: str
) -> None:
    page.goto(f"{server}/seeds")  # more runs than one frame has time for
    wait_for_drawn(page)
    page.evaluate(WATCH_RUNS)
    address, numbers = page.url, page.locator(".live-chart-metrics > div")
    for name in ("Batch size B", "Epochs"):
        before = page.evaluate(ON_SCREEN)
        with held(page, name, 4, 9, 15, 22):
            page.wait_for_function(ALL_ARE_DRAWN, polling="raf")
            assert page.url == address
            drawn = page.evaluate(ON_SCREEN)
            assert drawn != before, name
            assert any(re.fullmatch(r"\d+ of 100", said) for said in page.evaluate("window.said"))
            expect(numbers.first).to_have_css("opacity", "1")
            assert numbers.evaluate_all(FAINT) == numbers.count() - 1
            assert page.locator("figcaption > span").evaluate_all(FAINT) == len(drawn["texts"])
            assert page.locator("figure, .live-chart-plot").evaluate_all(FAINT) == 0
        page.mouse.move(1300, 10)
        page.wait_for_timeout(200)
        wait_for_drawn(page)
        same(page.evaluate(ON_SCREEN), drawn)
        assert page.locator(".live-chart-metrics > div, figcaption > span").evaluate_all(FAINT) == 0
        address = page.evaluate("location.href")


ACTS = {
    "seed": press("Seed", "ArrowUp"),
    "order": choose("Shuffling", "Replacement"),
    "loss": choose("Loss", "BCE"),
    "number": enter("Epochs", "37"),
}


def test_what_is_chosen_or_typed_is_drawn_with_many_runs_before_the_server_hears_of_it(
    page: Page, server: str
) -> None:
    page.add_init_script(HOLD_BACK)
    page.goto(f"{server}/seeds?unit_seeds=Epochs&nseeds_seeds=20")
    for _ in unheard(page, ACTS, ALL_ARE_DRAWN, ON_SCREEN):
        pass  # the answer changes nothing


def test_where_the_runs_in_the_hand_cannot_be_drawn_the_charts_are_faint(
    page: Page, server: str
) -> None:
    page.add_init_script(HOLD_BACK)
    page.goto(f"{server}/seeds?wd_seeds=1000&lr_seeds=0.0001")
    wait_for_drawn(page)
    page.wait_for_timeout(500)
    page.evaluate("window.heldBack = true")
    enter("Learning rate", "1000")(page)
    expect(page.locator(".live-chart-grid")).to_have_css("opacity", "0.35")
    expect(page.locator("figure:not(.live-chart-waits)")).to_have_count(0)
    page.evaluate("window.letGo()")
    expect(page.get_by_text("All 100 runs diverged.")).to_be_visible()
