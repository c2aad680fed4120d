"""presenting.js: the dashboard in a hall, larger, by keys alone, and as before when it is over."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_every_page import CUT_OFF
from tests.browser.test_player import open_player, row, step
from tests.support.drawn import redrawn, resize, wait_for_drawn, wait_for_key

LETTERS = """() => {
  const sizes = {}
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const { data, parentElement: it } = walk.currentNode
    const isSeen = it.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    const isElsewhere = it.closest("style, script, noscript, [data-testid=stSidebar]")
    if (!data.trim() || !isSeen || isElsewhere) continue
    const range = document.createRange()
    range.selectNode(walk.currentNode)
    const { width, height } = range.getBoundingClientRect()
    const isRaised = it.matches("tspan, sup") // the power of a ten
    if (width < 2 || height < 2 || isRaised) continue
    sizes[data.trim()] = parseFloat(getComputedStyle(it).fontSize)
  }
  return sizes
}"""
KINDS = {
    "a tick": "[data-chart=loss] .xtick text",
    "an axis": "[data-chart=loss] .xtitle",
    "a name in the legend": "[data-chart=loss] .legendtext",
    "a caption": "[data-chart=surface]",
    "a number of the player": ".player-row dd",
    "what is counted": ".player-row dd small",
    "what a number is": ".player-row dt",
    "a tile": ".player-tile small",
    "a preset": ".st-key-preset_1 p",
    "a page": "[data-testid=stTopNavLink] span",
    "the first sentence": ".live-words",
}
LOOK = """() => ({
  sizes: [...document.querySelectorAll(".live-chart-plot, .player-bar, .st-key-acts, .live-words")]
    .map((it) => it.getBoundingClientRect())
    .map(({ x, y, width, height }) => [x, y, width, height]),
  strokes: [...document.querySelectorAll(".js-line, .xtick text")]
    .map((it) => it.getAttribute("style")),
  grid: document.querySelector(".live-chart-grid").getAttribute("style"),
  classes: document.documentElement.className + document.documentElement.style.cssText,
})"""
MARKED = ".st-key-presets button[kind=primary]:visible"
HEIGHTS = "all => all.map((it) => it.clientHeight)"
INK = """name => {
  const layer = document.querySelector(`[data-chart=${name}] .player-layer`)
  const { data } = layer.getContext("2d").getImageData(0, 0, layer.width, layer.height)
  return data.filter((value, k) => k % 4 === 3 && value > 100).length
}"""


@pytest.fixture
def hall(page: Page) -> Page:
    """A page on the smallest projector."""
    page.set_viewport_size({"width": 1280, "height": 720})
    return page


def size_of(page: Page, selector: str) -> float:
    found = page.locator(selector).first.evaluate("it => getComputedStyle(it).fontSize")
    return float(found.removesuffix("px"))


def stroke(page: Page) -> float:
    """How wide the first line of the loss is."""
    line = page.locator("[data-chart=loss] .js-line").first
    return float(line.evaluate("it => parseFloat(getComputedStyle(it).strokeWidth)"))


def press(page: Page, *keys: str) -> None:
    """Press keys, each as soon as it does something."""
    for key in keys:
        wait_for_key(page, key)
        page.keyboard.press(key)
        wait_for_drawn(page)


def expect_marked(page: Page, *presets: str) -> None:
    """Wait until these presets are marked."""
    expect(page.locator(MARKED)).to_contain_text([*presets])
    wait_for_drawn(page)


def is_within(page: Page, selector: str) -> bool:
    box = page.locator(selector).bounding_box()
    size = page.viewport_size
    assert box
    assert size
    return box["y"] + box["height"] <= size["height"] and box["x"] + box["width"] <= size["width"]


@pytest.mark.parametrize(
    "path",
    ["", "order_matters", "gradient_noise", "sweep", "dataset_and_dataloader", "lessons"],
)
def test_no_letter_is_smaller_than_18_pixels_and_nothing_is_too_wide(
    hall: Page, server: str, path: str
) -> None:
    hall.goto(f"{server}/{path}?present=1")
    expect(hall.locator("html.presenting")).to_be_attached()
    wait_for_drawn(hall)
    small = {text: size for text, size in hall.evaluate(LETTERS).items() if size < 18.0}
    assert small == {}
    for part in ("html", "[data-testid=stMain]"):
        assert hall.locator(part).evaluate("it => it.scrollWidth") <= 1280


def test_what_is_read_grows_with_the_screen(hall: Page, server: str) -> None:
    open_player(hall, f"{server}/?present=1")
    before = {kind: size_of(hall, selector) for kind, selector in KINDS.items()}
    assert {kind: size for kind, size in before.items() if size < 18.0} == {}
    width = stroke(hall)
    ink = hall.evaluate(INK, "surface")
    resize(hall, 1920, 1080)
    for kind, selector in KINDS.items():
        assert size_of(hall, selector) == pytest.approx(1.5 * before[kind], rel=0.01), kind
    assert stroke(hall) == pytest.approx(1.5 * width, rel=0.01)
    assert hall.evaluate(INK, "surface") > 1.8 * ink  # arrows and dots, on the canvas


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_what_matters_on_the_playground_fits(
    hall: Page, server: str, width: int, height: int
) -> None:
    hall.set_viewport_size({"width": width, "height": height})
    open_player(hall, f"{server}/?present=1&bs=10")
    for chart in ("loss", "traces", "surface", "minibatch"):
        assert is_within(hall, f"[data-chart={chart}]"), chart
    top, bottom = (hall.locator(f"[data-chart={k}]").bounding_box() for k in ("surface", "traces"))
    assert top
    assert bottom
    assert bottom["y"] + bottom["height"] > 0.97 * height
    assert top["height"] > 0.55 * height
    assert hall.locator(".live-chart-played figcaption").evaluate_all(CUT_OFF) == []


def test_a_key_presents_and_everything_is_as_before_when_it_is_over(
    hall: Page, server: str
) -> None:
    section = open_player(hall, f"{server}/?step=57")
    before, ordinary = hall.evaluate(LOOK), row(section)
    settings = hall.get_by_test_id("stSidebarUserContent")
    expect(settings).to_be_visible()
    letters, width = size_of(hall, KINDS["a tick"]), stroke(hall)
    press(hall, "p")
    expect(hall).to_have_url(re.compile("present=1"))
    expect(settings).not_to_be_visible()
    expect(hall.locator(".st-key-presets")).to_be_visible()
    assert size_of(hall, KINDS["a tick"]) == pytest.approx(1.65 * letters, rel=0.01)
    assert stroke(hall) == pytest.approx(1.65 * width, rel=0.01)
    assert row(section) == ordinary
    press(hall, "s")
    expect(settings).to_be_visible()
    press(hall, "s")
    expect(settings).not_to_be_visible()
    press(hall, "p")
    expect(hall).to_have_url(f"{server}/?step=57")
    expect(settings).to_be_visible()
    expect(hall.locator(".st-key-presets")).to_have_count(0)
    hall.wait_for_function(
        f"before => JSON.stringify(({LOOK})()) === before", arg=_as_json(hall, before)
    )


def _as_json(page: Page, value: object) -> str:
    return str(page.evaluate("value => JSON.stringify(value)", value))


def test_it_stays_on_every_page_after_a_reload_and_back_undoes_it(hall: Page, server: str) -> None:
    open_player(hall, f"{server}/")
    press(hall, "p")
    expect(hall).to_have_url(re.compile("present=1"))
    hall.get_by_role("link", name="Lessons").click()
    expect(hall.get_by_role("heading", name="Lessons")).to_be_visible()
    expect(hall).to_have_url(re.compile("/lessons.*present=1"))
    hall.reload()
    expect(hall.locator("html.presenting")).to_be_attached()
    hall.go_back()
    expect(hall).to_have_url(re.compile(r"/\?present=1"))
    wait_for_drawn(hall)
    expect(hall.locator("html.presenting")).to_be_attached()


def test_one_chart_is_shown_alone_and_the_others_come_back(hall: Page, server: str) -> None:
    section = open_player(hall, f"{server}/?present=1")
    places = hall.locator(".live-chart-plot").evaluate_all(
        "all => all.map((it) => it.clientHeight)"
    )
    box = hall.locator("[data-chart=surface]").bounding_box()
    assert box
    hall.mouse.move(box["x"] + 40.0, box["y"] + 40.0)
    press(hall, "f")
    shown = hall.locator(".live-chart-plot:visible")
    assert shown.evaluate_all("all => all.map((it) => it.dataset.chart)") == ["surface"]
    alone = shown.bounding_box()
    assert alone
    assert alone["width"] > 1200
    assert alone["height"] > 450
    assert is_within(hall, "[data-chart=surface]")
    press(hall, "ArrowRight")
    assert step(section) == 101
    press(hall, "c")
    assert shown.evaluate_all("all => all.map((it) => it.dataset.chart)") == ["minibatch"]
    press(hall, "Escape")
    heights = hall.locator(".live-chart-plot").evaluate_all(
        "all => all.map((it) => it.clientHeight)"
    )
    assert heights == places
    hall.mouse.move(640, 30)
    press(hall, "f")  # the one that was alone last
    assert shown.evaluate_all("all => all.map((it) => it.dataset.chart)") == ["minibatch"]
    press(hall, "f")
    expect(shown).to_have_count(6)


def test_a_click_on_an_enlarged_chart_is_heard_where_it_was(hall: Page, server: str) -> None:
    section = open_player(hall, f"{server}/?present=1")
    box = hall.locator("[data-chart=loss] .nsewdrag").bounding_box()
    assert box
    hall.mouse.click(box["x"] + box["width"] / 4.0, box["y"] + 20.0)
    expect(section).to_have_attribute("data-step", "50")


def test_a_hall_is_asked_and_told_when_its_teacher_wants(hall: Page, server: str) -> None:
    open_player(hall, f"{server}/?present=1&lesson=batch_size_and_noise")
    lesson = hall.locator(".st-key-lesson")
    press(hall, "n")
    expect(lesson).to_contain_text("step 2 of 6")
    expect(lesson).to_contain_text("C Half as far")
    expect(lesson).to_contain_text("less than 35% right")
    expect(lesson).not_to_contain_text("Answer")
    assert lesson.get_by_role("radio").count() == 0
    with redrawn(hall):
        hall.keyboard.press("r")
    expect(lesson).to_contain_text("Answer: C. The standard deviation was")
    expect(lesson).not_to_contain_text("Show of hands")
    expect(hall).to_have_url(re.compile("bs=40"))
    press(hall, "b")
    expect(lesson).to_contain_text("step 1 of 6")
    press(hall, "n", "p")
    expect(lesson.get_by_role("radio")).to_have_count(4)
    expect(lesson).not_to_contain_text("35%")


def test_the_ten_minutes_of_the_notebook_go_by_keys_alone(hall: Page, server: str) -> None:
    section = open_player(hall, server)
    press(hall, "p")
    press(hall, "1")  # section 1: all the data in each step, 201 of them
    expect_marked(hall, "§1")
    assert row(section)["Step"].endswith("of 201")
    press(hall, "Home", "h", "ArrowRight", "End", "h")
    press(hall, "2")  # section 2: minibatches in order, and a systematic oscillation
    expect_marked(hall, "§2")
    assert row(section)["Minibatch"].endswith("of 4") or step(section) == 200
    press(hall, "f", "ArrowLeft")
    assert hall.locator(".live-chart-plot:visible").count() == 1
    press(hall, "Escape")
    press(hall, "3")  # section 3: a DataLoader shuffles
    expect_marked(hall, "§3")
    hall.keyboard.press("Home")
    hall.keyboard.press("Space")
    hall.wait_for_function("() => Number(document.querySelector('.player').dataset.step) > 3")
    hall.keyboard.press("Space")
    wait_for_drawn(hall)
    with redrawn(hall):  # the tip: other batch sizes, and their surfaces
        hall.keyboard.press("-")
    expect_marked(
        hall,
    )
    expect(hall.locator(".st-key-presets")).to_contain_text("B = 40")
    with redrawn(hall):
        hall.keyboard.press("+")
    expect_marked(hall, "§3")
    hall.keyboard.press("m")
    hall.wait_for_function("() => document.activeElement.closest('[role=menu]')")
    hall.keyboard.press("ArrowDown")
    hall.wait_for_function("() => document.activeElement.role === 'menuitem'")
    with redrawn(hall):
        hall.keyboard.press("Enter")
    assert hall.locator(MARKED).inner_text().startswith(("One point", "All points"))
    hall.evaluate("document.activeElement.blur()")
    hall.keyboard.press("?")
    names = hall.get_by_role("dialog", name="Keys").locator("kbd").all_inner_texts()
    assert {"1", "2", "3", "M", "−", "F", "H", "P", "S", "?"} <= {*names}
