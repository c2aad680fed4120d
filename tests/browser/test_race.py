"""race.js: a race is drawn in the hand as the server draws it."""

import math
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboard.charts.wire import SentSettings, sent_settings
from dashboard.shell.registry import PAGES
from minibatch_core import DataSettings, Settings
from minibatch_core.losses import LOSSES
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.schedules import SCHEDULES
from minibatch_core.settings.train import SHUFFLES
from pages.optimizers import raced
from tests.browser.test_run_charts import same
from tests.support.computed import shown
from tests.support.drawn import wait_for_drawn, with_axes
from tests.support.in_hand import (
    FAINT,
    HOLD_BACK,
    IS_AT_REST,
    choose,
    enter,
    held,
    press,
    toggle,
    unheard,
)
from tests.support.in_hand import same as same_on_screen
from tests.support.in_node import in_node
from tests.support.opened import decode

OPENING = PAGES["optimizers"].settings

# The board that a view of other settings becomes, as the race is run a slice at a time.
BOARD = """
    const { makeDataset } = await load("dataset.js")
    const { Grounds } = await load("ground.js")
    const known = { of: held.data, data: makeDataset(held.data) }
    const race = new it.Race(held, true, known, new Grounds())
    let board = null
    let slices = 0
    for (; !board; slices++) board = race.advance(view, performance.now() + slice)
    const plain = (values) => values && Array.from(values, (each) => each.length ? [...each] : each)
    return {
      slices,
      metrics: board.metrics,
      labels: board.labels,
      charts: board.charts.map((chart) => ({
        ...chart,
        data: chart.data.map((trace) => {
          const names = ["x", "y", "z"].filter((name) => name in trace)
          const numbers = names.map((name) => [name, plain(trace[name])])
          return { ...trace, ...Object.fromEntries(numbers) }
        }),
      })),
    }
"""


def changed(settings: Settings = OPENING, **values: Any) -> Settings:
    return replace(settings, train=replace(settings.train, **values))


def view_of(settings: Settings, **looks: Any) -> dict[str, Any]:
    return decode(shown("optimizers", settings, **looks).board.payload)


def asked(settings: Settings, **looks: Any) -> SentSettings:
    return sent_settings(settings, raced(replace(PAGES["optimizers"].view, **looks)))


SENT = view_of(changed(batch_size=30, epochs=9, loss="bce"), unit="epochs", optimizers=("sgd",))


def in_browser(settings: Settings, slice_ms: float = 1e9, **looks: Any) -> Any:
    """The board of settings that the hand holds, where other ones were sent."""
    held = asked(settings, **looks)
    return in_node("race.js", BOARD, held=held, view=SENT, slice=slice_ms)


ALL = tuple(OPTIMIZERS)

CASES: dict[str, tuple[Settings, dict[str, Any]]] = {
    "the opening": (OPENING, {}),
    "all": (changed(epochs=7), {"optimizers": ALL}),
    "in another order": (OPENING, {"optimizers": ALL[::-1], "adaptive_lr": 0.02}),
    **{name: (changed(epochs=9), {"optimizers": (name,)}) for name in OPTIMIZERS},
    **{
        f"schedule {name}": (changed(schedule=name, epochs=13), {"optimizers": ALL})
        for name in SCHEDULES
    },
    **{
        f"order {name}": (changed(shuffle=name, batch_size=7), {"optimizers": ALL})
        for name in SHUFFLES
    },
    **{f"loss {name}": (changed(loss=name, epochs=20), {"optimizers": ALL}) for name in LOSSES},
    "not matched": (OPENING, {"optimizers": ALL, "is_matched": False}),
    "equal rates": (changed(lr=0.1), {"optimizers": ALL, "is_matched": False}),
    "a rate of many digits": (
        changed(lr=0.123456789),
        {"optimizers": ALL, "adaptive_lr": 0.0123456789},
    ),
    "in epochs": (changed(batch_size=30, epochs=31), {"unit": "epochs"}),
    "in examples": (changed(batch_size=30, drop_last=True), {"unit": "examples"}),
    "in time": (changed(batch_size=7), {"unit": "time", "step_cost": 11}),
    "nothing moves": (changed(lr=0.0), {"optimizers": ("sgd", "momentum"), "adaptive_lr": 0.0}),
    "three alike": (
        changed(lr=0.0),
        {"optimizers": ("sgd", "momentum", "adam"), "adaptive_lr": 0.0},
    ),
    "hyperparameters": (
        changed(momentum=0.5, weight_decay=0.1, beta2=0.9, centered=True, amsgrad=True),
        {"optimizers": ALL, "is_matched": False},
    ),
    "one step": (changed(batch_size=100, epochs=1), {"optimizers": ALL}),
    "one diverges": (changed(lr=100.0, weight_decay=50.0), {"optimizers": ("sgd", "adagrad")}),
    "it diverges": (changed(lr=100.0, weight_decay=50.0), {"optimizers": ("sgd",)}),
    "all diverge": (
        changed(lr=1000.0, weight_decay=1000.0, init_w=1000.0, batch_size=50, epochs=500),
        {"optimizers": ("sgd", "momentum"), "adaptive_lr": 307.0},
    ),
    "a step that is longer than a number": (
        changed(batch_size=50, epochs=500),
        {"optimizers": ("adamw",), "adaptive_lr": 307.0},
    ),
    "far away": (changed(loss="bce", lr=30.0, batch_size=7), {"adaptive_lr": 3.0}),
    "other data": (
        replace(changed(seed=2**32 - 1), data=DataSettings(n=41, noise=0.3, seed=8)),
        {"optimizers": ALL},
    ),
    "many steps": (changed(batch_size=5, epochs=1000, lr=0.2), {"optimizers": ALL}),
    "many points": (
        Settings(DataSettings(n=10_000), replace(OPENING.train, batch_size=1000, epochs=30)),
        {"optimizers": ("adam", "adadelta")},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_race_in_the_hand_is_that_of_the_server(case: str) -> None:
    settings, looks = CASES[case]
    expected, found = view_of(settings, **looks), in_browser(settings, **looks)
    for name in ("metrics", "labels", "charts"):
        same(found[name], expected[name], name)


def test_a_race_may_be_run_a_little_at_a_time() -> None:
    settings = changed(batch_size=3)
    found = in_browser(settings, slice_ms=0.1)
    assert found["slices"] > len(view_of(settings)["race"]["settings"]["looks"]["optimizers"])
    same(found["charts"], view_of(settings)["charts"], "charts")


@pytest.mark.parametrize(
    ("settings", "looks"),
    [
        (OPENING, {"optimizers": ()}),
        (changed(batch_size=1, epochs=201), {}),  # 20,100 steps
    ],
)
def test_what_cannot_be_raced_waits(settings: Settings, looks: dict[str, Any]) -> None:
    assert not shown("optimizers", settings, **looks).board.charts
    found = in_browser(settings, **looks)
    assert [chart["name"] for chart in found["charts"]] == [each["name"] for each in SENT["charts"]]
    assert {chart["follows"] for chart in found["charts"]} == {None}


ON_SCREEN = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)]
  const plots = all(".live-chart-plot")
  const numbers = (values = []) => [...values].flatMap((value) => value.length ? [...value] : value)
  return {
    texts: [
      ...all(".live-chart-metrics, figcaption").map((each) => each.textContent),
      ...plots.flatMap(({ data, layout }) => [
        ...data.map(({ name, line, hovertemplate }) => JSON.stringify([name, line, hovertemplate])),
        layout.xaxis.title.text,
      ]),
    ],
    figures: plots.map(({ data, _fullLayout: { xaxis, yaxis } }) => [
      ...xaxis.range,
      ...yaxis.range,
      ...data.flatMap(({ x, y, z }) => [x, y, z].flatMap(numbers)),
    ]),
  }
}"""

WORDS = (
    ".live-chart-grid, .live-chart-metrics, .live-chart-metrics > div, figure, figcaption > span"
)


def test_a_race_follows_a_slider_and_release_changes_nothing(page: Page, server: str) -> None:
    page.goto(f"{server}/optimizers")
    wait_for_drawn(page)
    address = page.url
    for name in ("Batch size B", "Epochs", "Learning rate", "Points N", "Noise"):
        before = page.evaluate(ON_SCREEN)
        with held(page, name, 4, 9, 15, 22):
            page.wait_for_function(IS_AT_REST, polling="raf")
            assert page.url == address
            drawn = page.evaluate(ON_SCREEN)
            assert drawn != before, name
            assert page.locator(WORDS).evaluate_all(FAINT) == 0
        page.mouse.move(1300, 10)
        page.wait_for_timeout(200)
        wait_for_drawn(page)
        same_on_screen(page.evaluate(ON_SCREEN), drawn)
        address = page.url


def test_lines_are_painted_where_a_logarithmic_axis_has_their_values(
    page: Page, server: str
) -> None:
    page.goto(f"{server}/optimizers")
    wait_for_drawn(page)
    code = """
      const [low, high] = axes.ranges[1]
      const ends = [axes.y(10 ** high) - axes.top, axes.y(10 ** low) - axes.top - axes.height]
      return [...ends, axes.up(axes.y(0.01)), axes.y(0), axes.y(NaN)]
    """
    *ends, hundredth, none, nothing = with_axes(page, "length", code)
    assert ends == pytest.approx([0.0, 0.0])
    assert hundredth == pytest.approx(0.01, rel=1e-3)  # as far as hundredths of a pixel go
    assert math.isnan(none)
    assert math.isnan(nothing)


def tap(label: str) -> Any:
    pill = "[data-testid=stButtonGroup] button"
    return lambda page: page.locator(pill).get_by_text(label, exact=True).click()


ACTS = {
    "one more": tap("NAdam"),  # whose place is the last
    "one fewer": tap("Momentum"),
    "adaptive rate": enter("Learning rate, adaptive", "0.07"),
    "back": tap("Momentum"),
    "no match": toggle("Match momentum's rate"),
    "schedule": choose("Schedule", "Cosine"),
    "loss": choose("Loss", "BCE"),
    "epochs counted": choose("Counted in", "Epochs"),
    "batch size": enter("Batch size B", "7"),
    "seed": press("Seed", "ArrowUp"),
    "time": choose("Counted in", "Time"),
    "cost": enter("Cost of a step, in examples", "11"),
    "steps": choose("Counted in", "Steps"),
    "time again": choose("Counted in", "Time"),
    "what it opened with": choose("Loss", "MSE"),
}


def test_what_is_chosen_or_typed_is_raced_before_the_server_hears_of_it(
    page: Page, server: str
) -> None:
    page.add_init_script(HOLD_BACK)
    page.goto(f"{server}/optimizers")
    for name, _ in unheard(page, ACTS, IS_AT_REST, ON_SCREEN):
        assert page.locator(WORDS).evaluate_all(FAINT) == 0, name


def test_charts_of_what_is_remembered_come_and_go_with_who_remembers(
    page: Page, server: str
) -> None:
    page.add_init_script(HOLD_BACK)
    page.goto(f"{server}/optimizers?opts_optimizers=SGD")
    wait_for_drawn(page)
    page.wait_for_timeout(500)
    plots = page.locator("[data-chart=first], [data-chart=second]")
    for label, charts in (("Adagrad", ["second"]), ("Momentum", ["first", "second"])):
        page.evaluate("window.heldBack = true")
        tap(label)(page)
        expect(plots).to_have_count(len(charts))
        found = plots.evaluate_all("all => all.map(({ dataset }) => dataset.chart)")
        assert found == charts
        page.evaluate("window.letGo()")
        page.wait_for_timeout(200)
        wait_for_drawn(page)
        page.wait_for_timeout(500)


def test_where_nobody_races_the_charts_are_faint(page: Page, server: str) -> None:
    page.add_init_script(HOLD_BACK)
    page.goto(f"{server}/optimizers?opts_optimizers=SGD")
    wait_for_drawn(page)
    page.wait_for_timeout(500)
    page.evaluate("window.heldBack = true")
    tap("SGD")(page)
    expect(page.locator(".live-chart-grid")).to_have_css("opacity", "0.35")
    page.evaluate("window.letGo()")
    expect(page.get_by_text("Choose at least one optimizer.")).to_be_visible()
