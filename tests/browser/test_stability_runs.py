"""stability_runs.js: what the hand draws on Stability is what the server draws."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from dashboard.charts.wire import sent_settings
from dashboard.shell.registry import PAGES
from minibatch_core import (
    DataSettings,
    Settings,
    find_minimum,
    largest_stable_lr,
    make_dataset,
)
from minibatch_core.losses import LOSSES
from tests.support.computed import shown
from tests.support.drawn import wait_for_drawn
from tests.support.in_hand import (
    FAINT,
    HOLD_BACK,
    IS_AT_REST,
    choose,
    enter,
    held,
    press,
    same,
    unheard,
)
from tests.support.in_node import in_node
from tests.support.opened import decode

OPENING = PAGES["stability"].settings

# The boards that a view becomes in a hand that holds settings, one after another.
BOARDS = """
    const { makeDataset } = await load("dataset.js")
    const { Grounds } = await load("ground.js")
    const plain = (_, value) => (ArrayBuffer.isView(value) ? [...value] : value)
    return all.map(({ view, held, isWhole }) => {
      const known = { of: held.data, data: makeDataset(held.data) }
      const learner = new it.StabilityRuns(held, isWhole, view, known, new Grounds())
      const boards = []
      do {
        const board = learner.advance(view, performance.now() + time)
        if (board) boards.push(board)
      } while (!learner.isDone)
      return JSON.parse(JSON.stringify(boards, plain))
    })
"""


def changed(data: DataSettings | None = None, **values: Any) -> Settings:
    points = OPENING.data if data is None else data
    return Settings(points, replace(OPENING.train, batch_size=points.n, **values))


def view_of(settings: Settings) -> dict[str, Any]:
    return decode(shown("stability", settings).board.payload)


def in_browser(
    *pairs: tuple[Settings, Settings], is_whole: bool = True, time: float = 1e9
) -> list[list[Any]]:
    """The boards of settings that the hand holds, where those of others were sent."""
    given = [
        {"view": view_of(sent), "held": sent_settings(settings), "isWhole": is_whole}
        for settings, sent in pairs
    ]
    found: list[list[Any]] = in_node("stability_runs.js", BOARDS, all=given, time=time)
    return found


def compare(board: Any, settings: Settings, missing: tuple[str, ...] = ()) -> None:
    """Every number as far as the float32 goes in which it is sent, and all else that is drawn.

    Of traces that are `missing` there may be gaps.
    """
    view = view_of(settings)
    assert board["metrics"] == [list(pair) for pair in view["metrics"]]
    assert board["said"] == [label for label, _ in view["metrics"]]
    for chart, expected in zip(board["charts"], view["charts"], strict=True):
        where = f"{expected['name']} of {settings}"
        assert chart["follows"] == expected["follows"] == "stability"
        equal(chart["bar"], expected["bar"], where)
        equal(chart["layout"], expected["layout"], where)
        for trace, other in zip(chart["data"], expected["data"], strict=True):
            if trace["meta"] not in missing:
                equal(trace, other, where)


def equal(found: Any, expected: Any, where: str) -> None:
    if isinstance(expected, dict):
        assert found.keys() == expected.keys(), where
        for name, value in expected.items():
            equal(found[name], value, f"{name} of {where}")
    elif isinstance(expected, np.ndarray):
        numbers = np.array(found, dtype=np.float64)  # JSON has null for what is not finite
        np.testing.assert_allclose(numbers, expected, rtol=1e-6, atol=1e-12, err_msg=where)
    else:
        assert found == (pytest.approx(expected) if isinstance(expected, float) else expected), (
            where
        )


RUNS: dict[str, dict[str, Any]] = {
    "the opening": {},
    "below the limit": {"lr": 3.0, "epochs": 400},
    "at the limit": {"lr": 10.7, "epochs": 120},
    "a cycle": {"lr": 6.1, "epochs": 1000},
    "farther away": {"lr": 1000.0, "epochs": 30},
    "with momentum": {"lr": 3.0, "momentum": 0.55, "epochs": 90},
    "forgetting slowly": {"lr": 2.0, "momentum": 0.995},
    "never forgetting": {"lr": 1.0, "momentum": 1.0},
    "no step": {"lr": 0.0, "epochs": 3},
    "one step": {"epochs": 1},
    "another start": {"seed": 77, "lr": 6.0},
}


@pytest.mark.parametrize("loss", LOSSES)
def test_the_lines_in_the_hand_are_those_of_the_server(loss: str) -> None:
    data = DataSettings(noise=0.2, seed=4)
    cases = [changed(data, loss=loss, **values) for values in RUNS.values()]
    sent = changed(data, loss=loss, momentum=0.37, lr=4.0, epochs=9)
    for boards, settings in zip(in_browser(*((it, sent) for it in cases)), cases, strict=True):
        compare(boards[-1], settings)


def test_a_rate_beside_the_limit_is_said_to_be_beside_it() -> None:
    minimum = find_minimum(make_dataset(OPENING.data), OPENING.train.loss)
    assert minimum is not None
    limit = largest_stable_lr(minimum.sharpness)
    said = {limit * 1.0001: "just above 1", limit * 0.9999: "just below 1", limit: "1"}
    cases = [changed(lr=rate) for rate in said]
    boards = in_browser(*((it, OPENING) for it in cases))
    for settings, (*_, board), words in zip(cases, boards, said.values(), strict=True):
        compare(board, settings)
        assert ["Chosen lr / largest", words] in board["metrics"]


DATA = {
    "two points": DataSettings(n=2, noise=0.5, seed=6),
    "ten points": DataSettings(n=10, noise=0.5, seed=2),
    "as they are stored": DataSettings(n=41, noise=0.3, seed=8, stored="class"),
    "many points": DataSettings(n=1500),
    "without noise": DataSettings(noise=0.0),
    "much noise": DataSettings(n=61, noise=0.5, seed=3),
    "a local minimum": DataSettings(n=20, noise=0.5, seed=3),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_of_other_data_and_losses_the_minimum_is_found_in_the_browser(loss: str) -> None:
    cases = [changed(data, loss=loss, lr=2.0, momentum=0.2) for data in DATA.values()]
    have_minimum = []
    for boards, settings in zip(in_browser(*((it, OPENING) for it in cases)), cases, strict=True):
        has_minimum = view_of(settings)["stability"]["minimum"] is not None
        have_minimum.append(has_minimum)
        if has_minimum:
            compare(boards[-1], settings)
            continue
        follows = {chart["name"]: chart["follows"] for chart in boards[-1]["charts"]}
        assert follows == {"limits": None, "distances": None, "surface": "stability"}
        assert boards[-1]["said"] == []
    assert set(have_minimum) == {True, False}


def test_there_is_a_picture_before_all_dots_are_found() -> None:
    settings = changed(DataSettings(n=1001), lr=3.0, momentum=0.8)
    ((first, *_, last),) = in_browser((settings, OPENING), time=1.0)
    (found,) = [trace for trace in first["charts"][0]["data"] if trace["meta"] == "found"]
    assert not found["showlegend"]
    compare(first, settings, missing=("found",))
    compare(last, settings)


def test_while_the_hand_moves_nothing_is_looked_for_that_takes_long() -> None:
    settings = changed(DataSettings(n=1001), lr=3.0, momentum=0.8)
    sent = changed(DataSettings(n=1001))
    (known,), (other,) = in_browser((settings, sent), (settings, OPENING), is_whole=False)
    waiting = [[chart["follows"] for chart in board["charts"]] for board in (known, other)]
    assert waiting == [["stability"] * 3, [None, None, "stability"]]
    assert len(known["charts"][2]["data"][0]["z"]) < len(
        view_of(settings)["charts"][2]["data"][0]["z"]
    )
    expected = view_of(settings)
    for trace, its in zip(known["charts"][1]["data"], expected["charts"][1]["data"], strict=True):
        equal(trace, its, "distances")


def test_a_board_without_a_minimum_has_the_run_alone() -> None:
    sent = changed(DataSettings(noise=0.0))
    settings = changed(DataSettings(noise=0.0), lr=30.0)
    ((board,),) = in_browser((settings, sent))
    compare(board, settings)


# A hand that is twice where it is, and then elsewhere, while dots are still looked for.
TWICE = """
    globalThis.requestAnimationFrame = (act) => setTimeout(act)
    const afterTurns = (turns, act) => setTimeout(turns ? () => afterTurns(turns - 1, act) : act)
    const seen = []
    const sketch = ({ charts: [{ data }] }) => {
      const { y: [lr] } = data.find(({ meta }) => meta === "chosen")
      seen.push(lr)
      if (seen.length === 1) hand.hold(() => one)
      if (seen.length === 1) afterTurns(5, () => hand.hold(() => other))
      if (seen.includes(other.train.lr)) hand.remove()
    }
    const hand = new it.Hand({ draw() {}, sketch })
    hand.sent = { view, revision: "", settings: one }
    hand.hold(() => one)
    while (!seen.includes(other.train.lr)) await new Promise((resolve) => setTimeout(resolve))
    return seen
"""


def test_what_is_held_again_does_not_keep_the_next_picture_waiting() -> None:
    one, other = (changed(DataSettings(n=1000), lr=lr) for lr in (3.0, 4.0))
    given = {"one": sent_settings(one), "other": sent_settings(other), "view": view_of(OPENING)}
    assert in_node("hand.js", TWICE, **given) == [3.0, 4.0]


ON_SCREEN = """() => {
  const plots = [...document.querySelectorAll(".live-chart-plot")]
  const numbers = (values = []) => [...values].flatMap((each) => each?.length ? [...each] : each)
  const said = ".live-chart-metrics > div, figcaption b, figcaption div"
  return {
    texts: [...document.querySelectorAll(said)].map((each) => each.textContent),
    figures: plots.map(({ data, _fullLayout: { xaxis, yaxis } }) => [
      ...xaxis.range,
      ...yaxis.range,
      ...data.flatMap(({ x, y, z }) => [x, y, z].flatMap(numbers)),
    ]),
  }
}"""


def test_charts_of_stability_follow_a_slider_and_release_changes_nothing(
    page: Page, server: str
) -> None:
    page.goto(f"{server}/stability?mom_stability=0.35&lr_stability=11.3")
    wait_for_drawn(page)
    address, numbers = page.url, page.locator(".live-chart-metrics > div")
    for name in ("Learning rate", "Epochs", "Points N", "Noise"):
        before = page.evaluate(ON_SCREEN)
        with held(page, name, 4, 9, 15, 22):
            page.wait_for_function(IS_AT_REST, polling="raf")
            assert page.url == address
            in_hand = page.evaluate(ON_SCREEN)
            assert in_hand != before, name
            assert numbers.evaluate_all(FAINT) == 0
            assert page.locator("figcaption > span").evaluate_all(FAINT) == 3
            assert page.locator("figure, .live-chart-plot").evaluate_all(FAINT) == 0
        page.mouse.move(1300, 10)
        page.wait_for_timeout(200)
        wait_for_drawn(page)
        same(page.evaluate(ON_SCREEN), in_hand)
        assert page.locator("figcaption > span").evaluate_all(FAINT) == 0
        address = page.url


ACTS = {
    "momentum": enter("momentum", "0.8"),
    "number": enter("Learning rate", "13.7"),
    "seed": press("Seed", "ArrowUp"),
    "loss": choose("Loss", "MSE"),
    "other data": press("Data seed", "ArrowUp"),
    "no stable rate": enter("momentum", "1"),
}


def test_what_is_chosen_or_typed_is_drawn_before_the_server_hears_of_it(
    page: Page, server: str
) -> None:
    page.add_init_script(HOLD_BACK)
    page.goto(f"{server}/stability")
    for _ in unheard(page, ACTS, IS_AT_REST, ON_SCREEN):
        pass  # the answer changes nothing


def test_where_there_is_no_minimum_in_the_hand_only_the_run_follows(
    page: Page, server: str
) -> None:
    page.goto(f"{server}/stability")
    wait_for_drawn(page)
    waiting = page.locator("figure.live-chart-waits b")
    with held(page, "Noise", -60, -90):
        page.wait_for_function(IS_AT_REST, polling="raf")
        titles = ["The largest stable learning rate", "Distance to the minimum"]
        assert waiting.all_text_contents() == titles
        numbers = page.locator(".live-chart-metrics > div")
        assert numbers.evaluate_all(FAINT) == numbers.count() == 6
    wait_for_drawn(page)
    expect(page.get_by_text("No minimum of this loss was found")).to_be_visible()
    expect(page.locator("figure")).to_have_count(1)
