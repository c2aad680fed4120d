"""noise_at.js: what the hand draws on Gradient noise is what the server draws, but for chance."""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from dashboard.charts.wire import SentSettings, sent_settings
from dashboard.server import assets
from dashboard.shell.registry import PAGES
from minibatch_core import (
    DataSettings,
    Settings,
    SurfaceSettings,
    gradient_noise,
    make_dataset,
)
from minibatch_core.losses import LOSSES
from pages.gradient_noise import looked_at
from tests.browser.test_run_charts import same
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
    toggle,
    unheard,
)
from tests.support.in_hand import same as same_on_screen
from tests.support.in_node import in_node
from tests.support.opened import decode

OPENING = PAGES["gradient_noise"].settings
SURFACES = PAGES["gradient_noise"].surfaces
VIEW = PAGES["gradient_noise"].view

MEASURED = {
    ("gradients", "minibatches"),
    *(("scatter", each) for each in ("errors", "measured")),
    *(("step", each) for each in ("errors", "measured")),
}
"""The traces of what is measured by chance: the chart of each, and what it shows."""

# The boards that a view becomes in a hand that holds settings, one after another.
BOARDS = """
    const { makeDataset } = await load("dataset.js")
    const { Grounds } = await load("ground.js")
    const plain = (_, value) => (ArrayBuffer.isView(value) ? [...value] : value)
    return all.map(({ view, held, isWhole }) => {
      const known = { of: held.data, data: makeDataset(held.data) }
      const learner = new it.NoiseAt(held, isWhole, known, new Grounds())
      const boards = []
      do {
        const board = learner.advance(view, performance.now() + time)
        if (board) boards.push(board)
      } while (!learner.isDone)
      return JSON.parse(JSON.stringify(boards, plain))
    })
"""

Asked = tuple[Settings, SurfaceSettings, dict[str, Any]]
"""Settings, how minibatches are drawn, and the point that is looked at."""


def changed(
    data: DataSettings = OPENING.data,
    replacement: bool = True,
    seed: int = 6,
    point: tuple[float | None, float | None] = (1.0, -1.0),
    **values: Any,
) -> Asked:
    settings = Settings(data, replace(OPENING.train, **values))
    surfaces = replace(SURFACES, replacement=replacement, seed=seed)
    return settings, surfaces, {"point_w": point[0], "point_b": point[1]}


def view_of(asked: Asked) -> dict[str, Any]:
    settings, surfaces, looks = asked
    return decode(shown("gradient_noise", settings, surfaces=surfaces, **looks).board.payload)


def held_by(asked: Asked) -> SentSettings:
    settings, surfaces, looks = asked
    return sent_settings(settings, looked_at(surfaces, replace(VIEW, **looks)))


def in_browser(
    *pairs: tuple[Asked, dict[str, Any]], is_whole: bool = True, time: float = 1e9
) -> list[list[Any]]:
    """The boards of settings that the hand holds, where views of others were sent."""
    given = [{"view": view, "held": held_by(asked), "isWhole": is_whole} for asked, view in pairs]
    found: list[list[Any]] = in_node("noise_at.js", BOARDS, all=given, time=time)
    return found


SENT = view_of(changed(DataSettings(n=30, noise=0.3), loss="bce", batch_size=7, lr=0.3, seed=9))


def compare(board: Any, asked: Asked, measured: frozenset[str] = frozenset()) -> None:
    """Every number and word, but those measured by chance, unless they belong to the board."""
    view = view_of(asked)
    for name in ("metrics", "labels"):
        same(
            board[name], view[name] if name == "labels" else [[*each] for each in view[name]], name
        )
    assert board["said"] == [label for label, _ in view["metrics"]]
    for chart, expected in zip(board["charts"], view["charts"], strict=True):
        name = chart["name"]
        where = f"{name} of {asked}"
        for trace, other in zip(chart["data"], expected["data"], strict=True):
            if (name, trace["meta"]) not in MEASURED or name in measured:
                same(trace, other, f"{trace['meta']} of {where}")
            else:
                assert trace["x"] == trace["y"] == [None], where
        for part in expected.keys() - {"data", "answer"}:
            same(chart[part], expected[part], f"{part} of {where}")


POINTS = [(1.0, -1.0), (None, None), (None, 0.25), (0.0625, -1.4375)]

CASES = {
    f"{loss}, B = {size}, {'with' if replacement else 'without'}, {point}": changed(
        replacement=replacement, point=point, loss=loss, batch_size=size, epochs=7
    )
    for loss, size, replacement, point in product(LOSSES, (1, 61, 100), (True, False), POINTS)
}

OTHERS = {
    "the opening": changed(),
    "two points": changed(DataSettings(n=2, noise=0.5, seed=6), batch_size=1),
    "two points of one class": changed(DataSettings(n=2, noise=0.0, seed=3), batch_size=2),
    "61 points": changed(DataSettings(n=61, noise=0.5, seed=8, stored="class"), batch_size=61),
    "without noise": changed(DataSettings(noise=0.0, stored="x"), point=(None, None)),
    "more points than dots": changed(DataSettings(n=777), batch_size=50, epochs=3),
    "many points": changed(DataSettings(n=5000, noise=0.4), batch_size=500, epochs=2),
    "no step": changed(lr=0.0),
    "a long step": changed(lr=1000.0, epochs=2),
    "long steps": changed(lr=30.0, loss="bce", epochs=40),
    "one step": changed(batch_size=100, epochs=1),
    "120 steps": changed(epochs=12),
    "1,000 steps": changed(epochs=100, lr=0.2),
    "a short last batch": changed(batch_size=30, epochs=5),
    "it diverges": changed(lr=100.0, weight_decay=50.0, epochs=100),
    "it diverges at once": changed(init_w=1e3, lr=1e3, weight_decay=1e3, epochs=300),
    "B_noise has no meaning": changed(point=(6.0, 4.0)),
    "bent downwards": changed(point=(-4.0, 4.0), lr=5.0),
    "a plateau": changed(point=(10.0, 10.0)),
    "at a minimum of the surface's grid": changed(DataSettings(noise=0.3), point=(None, None)),
    "a p of almost 0": changed(point=(0.0, -36.5)),
    "almost all p are 0 or 1": changed(DataSettings(noise=0.0), loss="bce", point=(60.0, -30.0)),
    "all is 0": changed(point=(0.0, 1000.0)),
    "all is 0 or 1": changed(point=(0.0, -1000.0), loss="bce"),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_what_the_hand_draws_is_what_the_server_draws(loss: str) -> None:
    cases = [asked for asked in CASES.values() if asked[0].train.loss == loss]
    for boards, asked in zip(in_browser(*((it, SENT) for it in cases)), cases, strict=True):
        compare(boards[-1], asked)


def test_so_it_is_with_other_data_runs_and_places() -> None:
    found = in_browser(*((it, SENT) for it in OTHERS.values()))
    for boards, asked in zip(found, OTHERS.values(), strict=True):
        compare(boards[-1], asked)


NOISES = """
    const { makeDataset } = await load("dataset.js")
    return all.map(({ data, loss, w, b }) => {
      const noise = it.noiseAt({ ...makeDataset(data), loss }, w, b)
      return { ...noise, slopes: [...noise.slopes], scales: [it.bSimple(noise), it.bNoise(noise)] }
    })
"""


def test_gradients_and_what_is_made_of_them_are_those_of_the_core() -> None:
    data = DataSettings(n=61, noise=0.3, seed=4)
    places = [(1.0, -1.0), (-3.0, 0.5), (40.0, -20.0), (0.0, 36.5), (0.0, -300.0), (0.0, 1000.0)]
    asked = list(product(LOSSES, places))
    sent = sent_settings(Settings(data))["data"]
    given = [{"data": sent, "loss": loss, "w": w, "b": b} for loss, (w, b) in asked]
    all_found = in_node("noise.js", NOISES, all=given)
    for found, (loss, (w, b)) in zip(all_found, asked, strict=True):
        noise = gradient_noise(make_dataset(data), w, b, loss)
        np.testing.assert_allclose(found["slopes"], noise.gradients[:, 1], 1e-12, 1e-16)
        np.testing.assert_allclose([*found["mean"].values()], noise.mean, 1e-12, 1e-16)
        for name in ("covariance", "hessian"):
            entries = getattr(noise, name)[np.triu_indices(2)]
            np.testing.assert_allclose([*found[name].values()], entries, 1e-12, 1e-16)
        scales = np.array([noise.b_simple, noise.b_noise])
        finite = np.where(np.isfinite(scales), scales, np.nan)
        np.testing.assert_allclose(np.array(found["scales"], dtype=np.float64), finite, 1e-10)


def test_at_the_end_of_a_run_to_the_minimum_the_noise_scales_have_no_meaning() -> None:
    settings = changed(DataSettings(noise=0.3), batch_size=100, epochs=1000, lr=10.0)
    ((board,),) = in_browser((settings, SENT))
    (found, expected) = (each["charts"][-1] for each in (board, view_of(settings)))
    assert found["note"] == expected["note"]
    assert "has no meaning after the last." in found["note"]
    for trace, other in zip(found["data"], expected["data"], strict=True):
        numbers = np.array(trace["y"], dtype=np.float64)
        np.testing.assert_allclose(numbers, other["y"], rtol=1e-4)  # of G only rounding is left


@pytest.mark.parametrize(
    ("change", "measured"),
    [
        ({"epochs": 3}, {"gradients", "scatter", "step"}),
        ({"lr": 0.25}, {"gradients", "scatter"}),
        ({"batch_size": 20}, set()),
        ({"loss": "bce"}, set()),
        ({"seed": 7}, set()),
        ({"replacement": False}, set()),
        ({"point": (1.0, 0.0)}, set()),
        ({"data": DataSettings(n=50)}, set()),
    ],
)
def test_what_was_measured_stays_where_it_belongs_to_what_is_held(
    change: dict[str, Any], measured: set[str]
) -> None:
    settings = changed(**change)
    ((board,),) = in_browser((settings, view_of(changed())))
    compare(board, settings, frozenset(measured))


def test_there_is_a_picture_before_a_long_run_is_trained() -> None:
    settings = changed(DataSettings(n=1000), batch_size=5, epochs=500)
    first, last = in_browser((settings, SENT), time=1.0)[0]
    assert [chart["follows"] for chart in first["charts"]] == [*["noise"] * 4, None]
    assert first["charts"][:-1] == last["charts"][:-1]
    compare(last, settings)


@pytest.mark.parametrize("point", [(1.0, -1.0), (None, None)])
def test_while_the_hand_moves_the_surface_is_coarse_and_the_numbers_are_right(
    point: tuple[float | None, float | None],
) -> None:
    settings = changed(DataSettings(n=1001), point=point)
    ((board,),) = in_browser((settings, SENT), is_whole=False)
    expected = view_of(settings)
    same(board["metrics"], [[*each] for each in expected["metrics"]], "metrics")
    surface, *others, scales = zip(board["charts"], expected["charts"], strict=True)
    fine = len(surface[1]["data"][0]["z"])
    assert len(surface[0]["data"][0]["z"]) == (fine if None in point else 21)
    assert len(scales[0]["data"][0]["x"]) < len(scales[1]["data"][0]["x"])
    for found, its in others:
        assert found["note"] == its["note"]


# All but what is measured by chance, and the axes that go as far as that does.
ON_SCREEN = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)]
  const ofHand = "figcaption b, figcaption > span:not(.live-chart-answer)"
  const plots = all(".live-chart-plot")
  const numbers = (values = []) => [...values].flatMap((each) => each?.length ? [...each] : each)
  const lines = plots.map(({ data }) => data.filter(({ meta, name }) =>
    name !== "minibatches" && meta !== "errors" && meta !== "measured"))
  const looks = ({ name, line, hovertemplate }) => [name, line, hovertemplate]
  const ticks = ({ _fullLayout: { xaxis, yaxis } }) => [xaxis.tickvals, yaxis.tickvals]
  return {
    texts: [
      ...all(`.live-chart-metrics > div, ${ofHand}`).map((each) => each.textContent),
      ...lines.flat().map((trace) => JSON.stringify(looks(trace))),
      ...plots.map((plot) => JSON.stringify(ticks(plot))),
    ],
    figures: plots.map(({ _fullLayout: { xaxis } }, number) => [
      ...(xaxis.autorange ? [] : xaxis.range),
      ...lines[number].flatMap(({ x, y, z }) => [x, y, z].flatMap(numbers)),
    ]),
  }
}"""

WORDS = (
    ".live-chart-metrics > div, figure, .live-chart-plot, figcaption > span:not(.live-chart-answer)"
)
ANSWERS = ".live-chart-answer, [data-testid=stMain] .stMarkdown:has(table)"

DOTS = """() => ["gradients", "scatter", "step"].map((chart) => {
  const { data } = document.querySelector(`[data-chart=${chart}]`)
  const { y } = data.find(({ name }) => ["minibatches", "measured"].includes(name))
  return y.filter(Number.isFinite).length
})"""


def test_gradient_noise_follows_a_slider_and_release_adds_what_is_measured(
    page: Page, server: str
) -> None:
    page.goto(f"{server}/gradient_noise")
    wait_for_drawn(page)
    address = page.url
    stay = {"Learning rate": [True, True, False], "Epochs": [True, True, True]}
    for name in ("Batch size B", "Learning rate", "Epochs", "Points N", "Noise"):
        before = page.evaluate(ON_SCREEN)
        with held(page, name, 4, 9, 15, 22):
            page.wait_for_function(IS_AT_REST, polling="raf")
            assert page.url == address
            drawn = page.evaluate(ON_SCREEN)
            assert drawn != before, name
            assert [dots > 0 for dots in page.evaluate(DOTS)] == stay.get(name, [False] * 3)
            assert page.locator(WORDS).evaluate_all(FAINT) == 0
            assert page.locator(ANSWERS).evaluate_all(FAINT) == 4
        page.mouse.move(1300, 10)
        page.wait_for_timeout(200)
        wait_for_drawn(page)
        same_on_screen(page.evaluate(ON_SCREEN), drawn)
        assert min(page.evaluate(DOTS)) > 0
        assert page.locator(ANSWERS).evaluate_all(FAINT) == 0
        address = page.url


PAINTED = """async ([module, marker]) => {
  const { paintMarks } = await import(new URL(`/${module}`, location.origin).href)
  const context = new OffscreenCanvas(40, 40).getContext("2d")
  const mark = { mode: "markers", x: [20], y: [20], marker: { size: 20, color: "#000", ...marker } }
  paintMarks(context, [mark, { ...mark, x: [NaN] }], (x, y) => [x, y])
  const opacityAt = (x, y) => context.getImageData(20 + x, 20 + y, 1, 1).data[3] / 255
  return [[0, 0], [8, 0], [0, -8], [6, 6], [-6, 6], [11, 0]].map(([x, y]) => opacityAt(x, y))
}"""


MARKERS: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [1, 1, 1, 1, 1, 0]),
    ({"opacity": 0.4}, [1, 1, 1, 1, 1, 0]),
    ({"symbol": "cross", "opacity": 0.8}, [1, 1, 1, 0, 0, 0]),
    ({"symbol": "x"}, [1, 0, 0, 1, 1, 0]),
]
"""Markers, and which of the places of PAINTED each covers."""


def test_markers_are_painted_in_the_hand_as_plotly_draws_them(page: Page, server: str) -> None:
    page.goto(f"{server}/gradient_noise")
    for marker, covered in MARKERS:
        found = page.evaluate(PAINTED, [assets.address_of("surface_tile.js"), marker])
        opacity = marker.get("opacity", 1.0)
        assert found == pytest.approx([opacity * each for each in covered], abs=0.01), marker


def click_surface(page: Page) -> None:
    page.locator("[data-chart=surface]").click(position={"x": 180.0, "y": 60.0})


ACTS = {
    "batch size": enter("Batch size B", "7"),
    "point": enter("w of the point", "0.0625"),
    "the usual point": enter("w of the point", ""),
    "a click": click_surface,
    "loss": choose("Loss", "BCE"),
    "data": press("Data seed", "ArrowUp"),
    "rate": enter("Learning rate", "2.5"),
    "without replacement": toggle("Draw with replacement"),
}


def test_what_is_chosen_or_typed_is_drawn_before_the_server_hears_of_it(
    page: Page, server: str
) -> None:
    page.add_init_script(HOLD_BACK)
    page.goto(f"{server}/gradient_noise")
    for name, _ in unheard(page, ACTS, IS_AT_REST, ON_SCREEN):
        assert page.locator(WORDS).evaluate_all(FAINT) == 0, name
        assert page.locator(ANSWERS).evaluate_all(FAINT) == 4, name
