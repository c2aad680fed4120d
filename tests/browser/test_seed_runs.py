"""seed_runs.js: many runs are drawn in the hand as the server draws them."""

import re
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboard.charts.wire import counted, sent_settings
from dashboard.shell.registry import PAGES
from minibatch_core import DataSettings, Settings
from minibatch_core.engine.budgets import MOST_STEP_COST, STEP_COST, UNITS
from minibatch_core.settings.train import SHUFFLES
from minibatch_core.theory.resampling import median_interval
from tests.browser.test_run_charts import same
from tests.support.computed import shown
from tests.support.drawn import wait_for_drawn
from tests.support.in_hand import COUNTED_IN, FAINT, HOLD_BACK, choose, enter, held, press, unheard
from tests.support.in_hand import same as same_on_screen
from tests.support.in_node import in_node
from tests.support.opened import decode

OPENING = PAGES["seeds"].settings

KNOWN = """
    const { makeDataset, makeHeldOut } = await load("dataset.js")
    const known = { of: held.data, data: makeDataset(held.data), heldOut: makeHeldOut(held.data) }
"""
# The boards that a view of other settings becomes, as runs are trained a slice at a time.
BOARDS = f"""{KNOWN}
    const learner = new it.SeedRuns(held, known)
    const boards = []
    do {{
      const board = learner.advance(view, until ?? Infinity)
      if (board) boards.push({{ ...board, runs: learner.runs }})
    }} while (!learner.isDone)
    const plain = (_, value) => (ArrayBuffer.isView(value) ? [...value] : value)
    return JSON.parse(JSON.stringify(boards, plain))
"""


def changed(settings: Settings = OPENING, **values: Any) -> Settings:
    return replace(settings, train=replace(settings.train, **values))


SAME = changed(init_w=-1.0, init_b=2.0, shuffle="none")
ONE_ORDER = changed(SAME, shuffle="each_epoch")


def view_of(settings: Settings, **looks: Any) -> dict[str, Any]:
    return decode(shown("seeds", settings, **looks).board.payload)


def in_browser(
    settings: Settings,
    view: dict[str, Any] | None = None,
    until: float | None = None,
    **looks: Any,
) -> list[Any]:
    """The boards of settings that the hand holds, where the view of others was sent."""
    asked = replace(PAGES["seeds"].view, **looks)
    held = sent_settings(settings, {"seeds": asked.seeds, **counted(asked.budget)})
    sent = SENT if view is None else view
    found: list[Any] = in_node("seed_runs.js", BOARDS, held=held, view=sent, until=until)
    return found


def compare(board: Any, view: dict[str, Any]) -> None:
    """Every word, and every number as far as the float32 goes in which it is sent."""
    assert board["said"] == [label for label, _ in view["metrics"]]
    assert board["metrics"] == [[*each] for each in view["metrics"]]
    for name in ("labels", "charts"):
        same(board[name], view[name], name)


SENT = view_of(changed(batch_size=3, epochs=9), unit="examples", seeds=11)
ONE = view_of(SAME, unit="epochs", seeds=7)

CASES: dict[str, tuple[Settings, dict[str, Any]]] = {
    "the opening": (OPENING, {}),
    **{order: (changed(shuffle=order, epochs=7), {}) for order in SHUFFLES},
    "the order alone": (ONE_ORDER, {}),
    "in epochs": (changed(batch_size=30, epochs=31), {"unit": "epochs"}),
    "in examples": (changed(batch_size=30, drop_last=True), {"unit": "examples"}),
    "in time": (changed(batch_size=7), {"unit": "time", "step_cost": 11}),
    "few steps": (changed(batch_size=60, epochs=2), {"seeds": 11}),
    "few seeds": (changed(optimizer="adam", lr=0.1), {"seeds": 4}),
    **{f"{seeds} seeds": (changed(epochs=6), {"seeds": seeds}) for seeds in (2, 9, 10, 12, 300)},
    **{
        f"in time, at {cost}": (
            changed(batch_size=30, drop_last=cost == 1, epochs=9),
            {"unit": "time", "step_cost": cost, "seeds": 12},
        )
        for cost in (0, 1, STEP_COST, MOST_STEP_COST)
    },
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
    (board,) = in_browser(settings, **looks)
    compare(board, decode(found.board.payload))


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("seeds", [2, 12, 300])
def test_where_all_runs_are_the_same_one_is_drawn(unit: str, seeds: int) -> None:
    other = changed(SAME, lr=0.3, epochs=4)
    (board,) = in_browser(other, ONE, unit=unit, seeds=seeds)
    compare(board, view_of(other, unit=unit, seeds=seeds))


def test_runs_that_were_trained_serve_other_looks_at_them() -> None:
    code = f"""{KNOWN}
        const {{ Trainer }} = await load("training.js")
        const {{ advance }} = Trainer.prototype
        let trained = 0
        Trainer.prototype.advance = function (until) {{
          trained += 1
          return advance.call(this, until)
        }}
        return changes.map(([lr, looks]) => {{
          trained = 0
          const train = {{ ...held.train, lr }}
          const settings = {{ ...held, train, looks: {{ ...held.looks, ...looks }} }}
          const learner = new it.SeedRuns(settings, known)
          while (!learner.isDone) learner.advance(view, Infinity)
          return [trained, learner.values.loss.quantile(learner.steps.length - 1, 0.5)]
        }})
    """
    changes = [
        (0.1, {"seeds": 12}),
        (0.1, {"seeds": 12, "unit": "epochs"}),
        (0.1, {"seeds": 7}),
        (0.1, {"seeds": 20}),
        (0.2, {"seeds": 12}),
        (0.1, {"seeds": 12}),
    ]
    held = sent_settings(changed(epochs=5), {"unit": "steps", "step_cost": 0})
    found = in_node("seed_runs.js", code, held=held, view=SENT, changes=changes)
    trained, medians = zip(*found, strict=True)
    assert trained == (12, 0, 0, 8, 12, 12)
    assert medians[0] == medians[1] == medians[5]
    assert len(set(medians)) == 4


def test_the_true_median_lies_between_the_values_that_the_server_says() -> None:
    code = """
        return counts.map((count) => {
          const sorted = new it.Sorted(1)
          for (let value = 0; value < count; value++) sorted.add(0, value)
          return sorted.medianWithin(0)
        })
    """
    counts = [*range(1, 200), *range(200, 1001, 37), 1000]
    found = in_node("sorted.js", code, counts=counts)
    expected = [median_interval(range(count)) for count in counts]
    assert found == [None if each is None else [*each] for each in expected]


def test_a_picture_of_the_first_runs_is_that_of_so_many_seeds() -> None:
    boards = in_browser(OPENING, until=0.0, seeds=30)  # a run is done a little at a time
    counts = [board["runs"] for board in boards]
    assert counts == sorted(set(counts))
    assert counts[0] < 10
    assert len([count for count in counts if count >= 10]) > 3
    for board in boards:
        runs, lines = board["runs"], board["charts"][:3]
        if runs < 30:
            assert board["metrics"][0] == ["Runs", f"{runs} of 30"]
            board["metrics"][0][1] = str(runs)
            for chart in lines:
                assert chart["data"][0]["name"] == f"{runs} of 30 runs"
                assert "The runs so far end" in chart["note"]
                chart["data"][0]["name"] = "all runs"
                chart["note"] = chart["note"].replace("The runs so far end", "All runs end")
        if runs < 10:  # of so few it can't be said where four of five lie
            bands = [chart["data"].pop(1) for chart in lines]
            assert [(band["x"], band["y"]) for band in bands] == [([], [])] * 3
        expected = view_of(OPENING, seeds=runs)
        for chart, other in zip(lines, expected["charts"], strict=False):
            assert len(chart["terms"]) == len(other["terms"])
            chart["terms"] = other["terms"]  # which stand elsewhere in longer words
        compare(board, expected)


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        (changed(lr=1000.0, weight_decay=1000.0), SENT),  # all runs diverge
        (changed(replace(OPENING, data=DataSettings(n=10_000)), epochs=101), SENT),  # too much
        (ONE_ORDER, ONE),  # whose board has no place for what differs
        (SAME, SENT),  # nor has this for one run
    ],
)
def test_what_cannot_be_drawn_waits(settings: Settings, sent: dict[str, Any]) -> None:
    places = [[chart["name"] for chart in view["charts"]] for view in (view_of(settings), sent)]
    assert places[0] != places[1]  # nor does the server draw it there
    board = in_browser(settings, sent)[-1]
    assert {chart["follows"] for chart in board["charts"]} == {None}


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
  const all = (selector) => [...document.querySelectorAll(selector)]
  const plots = all(".live-chart-plot")
  const looks = ({ name, line, hovertemplate }) => JSON.stringify([name, line, hovertemplate])
  return {
    texts: [
      ...all(".live-chart-metrics > div, figcaption").map((each) => each.textContent),
      ...plots.flatMap(({ data, layout }) => [...data.map(looks), layout.xaxis.title.text]),
    ],
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


WORDS = ".live-chart-metrics > div, figure, .live-chart-plot, figcaption > span"
ANSWERS = "[data-testid=stMain] .stMarkdown"


def test_charts_of_many_runs_follow_a_slider_and_release_changes_nothing(
    page: Page, server: str
) -> None:
    page.goto(f"{server}/seeds")  # more runs than one frame has time for
    wait_for_drawn(page)
    page.evaluate(WATCH_RUNS)
    address = page.url
    for name in ("Batch size B", "Epochs"):
        before = page.evaluate(ON_SCREEN)
        with held(page, name, 4, 9, 15, 22):
            page.wait_for_function(ALL_ARE_DRAWN, polling="raf")
            assert page.url == address
            drawn = page.evaluate(ON_SCREEN)
            assert drawn != before, name
            assert any(re.fullmatch(r"\d+ of 100", said) for said in page.evaluate("window.said"))
            assert page.locator(WORDS).evaluate_all(FAINT) == 0
            assert page.locator(ANSWERS).evaluate_all(FAINT) > 0
        page.mouse.move(1300, 10)
        page.wait_for_timeout(200)
        wait_for_drawn(page)
        same_on_screen(page.evaluate(ON_SCREEN), drawn)
        assert page.locator(ANSWERS).evaluate_all(FAINT) == 0
        address = page.evaluate("location.href")


ACTS = {
    "seed": press("Seed", "ArrowUp"),
    "order": choose("Shuffling", "Replacement"),
    "loss": choose("Loss", "BCE"),
    "number": enter("Epochs", "37"),
    **COUNTED_IN,
    "fewer than have a middle": enter("Seeds", "9"),
    "so many that they have": enter("Seeds", "12"),
    "many": enter("Seeds", "300"),
}


def test_what_is_chosen_or_typed_is_drawn_with_many_runs_before_the_server_hears_of_it(
    page: Page, server: str
) -> None:
    page.add_init_script(HOLD_BACK)
    page.goto(f"{server}/seeds?nseeds_seeds=20")
    for name, _ in unheard(page, ACTS, ALL_ARE_DRAWN, ON_SCREEN):
        assert page.locator(WORDS).evaluate_all(FAINT) == 0, name
        runs = page.locator("[data-metric=Runs] dd").text_content()
        middle = page.locator("[data-metric^='The middle']").all_text_contents()
        assert len(middle) == (runs != "9"), name
        assert all(f" of {runs} " in each for each in middle), name


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
