"""A lesson in a browser: from the list step by step, drawn on, reloaded, on a phone."""

import re
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from dashboard.lessons.conditions import PLAYED
from dashboard.shell.lesson_files import lessons
from dashboard.shell.progress import VALUES, drawn_of
from tests.browser.test_every_page import TARGETS, TOO_SMALL
from tests.support.drawn import redrawn, wait_for_drawn, with_axes

STEPS: dict[str, tuple[str, int]] = {
    step.draw or step.kind: (lesson.name, number)
    for lesson in lessons().values()
    for number, step in enumerate(lesson.steps, 1)
}
"""A step of each kind, and one for each chart that can be drawn on: its lesson, and its number."""


def open_step(page: Page, server: str, kind: str, *answers: str) -> Locator:
    """A step of a kind as its address opens it."""
    name, number = STEPS[kind]
    said = [""] * (number - 1) + list(answers)
    page.goto(f"{server}/?lesson={name}:{number}:{','.join(said)}")
    wait_for_drawn(page)
    return panel(page)


def panel(page: Page) -> Locator:
    return page.locator(".st-key-lesson")


def place(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query)["lesson"][0]


def press(page: Page, name: str) -> None:
    panel(page).get_by_role("button", name=name).click()


def test_a_lesson_goes_from_the_list_step_by_step_and_back(page: Page, server: str) -> None:
    page.goto(f"{server}/lessons")
    first, *_ = lessons().values()
    begin = page.get_by_role("button", name="Begin", exact=True)
    expect(begin).to_have_count(len(lessons()))
    begin.first.click()
    expect(page).to_have_url(re.compile(rf"{re.escape(server)}/\?lesson={first.name}%3A1$"))
    expect(panel(page)).to_contain_text(f"{first.title} · step 1 of {len(first.steps)}")
    wait_for_drawn(page)
    press(page, "Skip")
    expect(panel(page)).to_contain_text("step 2 of")
    press(page, "Skip")
    expect(panel(page)).to_contain_text("step 3 of")
    expect(page).to_have_url(re.compile(rf"lesson={first.name}%3A3(&|$)"))
    wait_for_drawn(page)
    page.get_by_role("slider", name="Batch size B").press("Home")
    expect(panel(page)).to_contain_text("Done.")
    wait_for_drawn(page)
    expect(page).to_have_url(re.compile(rf"lesson={first.name}%3A3%3A%2C%2Cx&(.*&)?bs=1"))
    page.reload()
    expect(panel(page)).to_contain_text("Done.")
    wait_for_drawn(page)
    press(page, "Next")
    expect(panel(page)).to_contain_text("step 4 of")
    wait_for_drawn(page)
    page.go_back()
    expect(panel(page)).to_contain_text("step 3 of")
    press(page, "Close")
    expect(panel(page)).to_have_count(0)
    expect(page.get_by_role("heading", name="See what a minibatch does")).to_be_visible()
    wait_for_drawn(page)
    assert "lesson" not in page.url


def test_the_playground_shows_a_newcomer_around(page: Page, server: str) -> None:
    page.goto(f"{server}/?bs=7")
    wait_for_drawn(page)
    page.get_by_role("button", name="Show me around").click()
    expect(panel(page)).to_contain_text("First steps · step 1 of")
    expect(page.get_by_role("spinbutton", name="Batch size B")).to_have_value("25")
    wait_for_drawn(page)
    assert place(page) == "first_steps:1"
    assert "bs=" not in page.url


def test_a_link_to_a_lesson_opens_it_from_any_page_and_back_leads_out(
    page: Page, server: str
) -> None:
    page.goto(f"{server}/stability")
    wait_for_drawn(page)
    page.goto(f"{server}/seeds?lesson=shuffling")
    expect(panel(page)).to_contain_text("Why one shuffles · step 1 of")
    expect(page.get_by_role("spinbutton", name="Points N")).to_have_value("500")
    assert place(page) == "shuffling:1"
    wait_for_drawn(page)
    page.go_back()
    expect(page).to_have_url(f"{server}/stability")


@pytest.mark.parametrize("kind", STEPS)
def test_each_kind_of_step_breaks_no_rule_of_accessibility(
    page: Page, server: str, kind: str
) -> None:
    open_step(page, server, kind)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        wait_for_drawn(page)
        results = Axe().run(page, context=".st-key-lesson, .live-chart-grid")
        assert results.violations_count == 0, results.generate_report()


def test_a_line_is_drawn_on_the_loss_before_it_is_seen(page: Page, server: str) -> None:
    lesson = open_step(page, server, "loss")
    say = lesson.get_by_role("button", name="This is what I expect")
    expect(say).to_be_disabled()
    box = page.locator(".foretold-sheet").bounding_box()
    assert box
    left, top, width, height = (box[side] for side in ("x", "y", "width", "height"))
    page.mouse.move(left + 3, top + 0.2 * height)
    page.mouse.down()
    page.mouse.move(left + 0.5 * width, top + 0.5 * height, steps=12)
    page.mouse.move(left + 0.75 * width, top + 0.7 * height, steps=6)
    page.mouse.up()
    expect(say).to_be_enabled()
    across = (3 / width, 0.5, 0.75)
    heights = with_axes(
        page,
        "loss",
        f"return [0.2, 0.5, 0.7].map(share => axes.up(axes.top + share * {height}))",
    )
    with redrawn(page):
        say.click()
    expect(page.locator(".foretold-sheet")).to_have_count(0)
    drawn = drawn_of(place(page).split(":")[2].split(",")[-1])
    assert drawn is not None
    assert len(drawn) == VALUES["loss"]
    for share, value in zip(across, heights, strict=True):
        assert drawn[round(16 * share)] == pytest.approx(value, abs=0.01)
    assert drawn[12:] == [drawn[12]] * 5  # level from where the hand has stopped
    expect(lesson).to_contain_text(f"Your line ends at {drawn[-1]:.3}".rstrip("0"))
    assert orange(page, "loss") > 200
    page.reload()
    wait_for_drawn(page)
    assert orange(page, "loss") > 200
    press(page, "Next")
    wait_for_drawn(page)
    assert orange(page, "loss") > 200  # it stays over the run
    press(page, "Close")
    wait_for_drawn(page)
    assert orange(page, "loss") == 0


def test_what_a_step_asks_to_change_is_marked_and_no_longer_than_that(
    page: Page, server: str
) -> None:
    lesson = lessons()["first_steps"]
    number = next(
        number
        for number, (step, later) in enumerate(pairwise(lesson.steps), 1)
        if any(claim.name == "bs" for claim in step.until) and later.kind == "check"
    )
    page.goto(f"{server}/?lesson=first_steps:{number}")
    wait_for_drawn(page)
    size = page.get_by_role("spinbutton", name="Batch size B")
    marked = re.compile(r"rgba\(217, 119, 6, 0\.25\)")
    expect(size).to_have_css("background-color", marked)
    page.get_by_role("button", name="Collapse sidebar").click()
    opens = page.get_by_role("button", name="Expand sidebar")
    expect(opens).to_have_css("background-color", marked)
    press(page, "Skip")
    expect(panel(page).get_by_role("button", name="Check my run")).to_be_visible()
    expect(opens).not_to_have_css("background-color", marked)
    opens.click()
    expect(size).not_to_have_css("background-color", marked)


def test_what_was_typed_comes_with_the_first_press(page: Page, server: str) -> None:
    lesson = open_step(page, server, "explain")
    lesson.get_by_role("textbox").press_sequentially("Because it is so")
    press(page, "Compare with ours")
    expect(lesson).to_contain_text("Ours:")
    expect(page).to_have_url(re.compile("Because"))


def test_a_step_is_done_when_the_run_is_played(page: Page, server: str) -> None:
    name, number = next(
        (lesson.name, number)
        for lesson in lessons().values()
        for number, step in enumerate(lesson.steps, 1)
        if [claim.name for claim in step.until] == [PLAYED]
    )
    page.goto(f"{server}/?lesson={name}:{number}")
    wait_for_drawn(page)
    expect(panel(page).get_by_role("button", name="Skip")).to_be_visible()
    page.get_by_role("button", name="Play").click()
    expect(panel(page)).to_contain_text("Done.")  # while it goes on
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    wait_for_drawn(page)
    assert place(page) == f"{name}:{number}:" + "," * (number - 1) + "x"


def test_a_run_is_played_in_the_step_after_one_that_has_led_the_player(
    page: Page, server: str
) -> None:
    page.goto(f"{server}/?lesson=first_steps")
    wait_for_drawn(page)
    page.get_by_role("application").press("ArrowUp")
    press(page, "This is what I expect")
    expect(panel(page)).to_contain_text("Your line ends at")
    page.get_by_role("button", name="Play").click()
    expect(page.locator("section.player")).to_have_attribute("data-step", re.compile("^[3-9]"))
    page.get_by_role("button", name="Pause").click()
    wait_for_drawn(page)
    assert place(page).startswith("first_steps:1:")
    press(page, "Next")
    expect(panel(page)).to_contain_text("step 2 of")
    expect(panel(page).get_by_role("button", name="Skip")).to_be_visible()  # it was played before
    page.get_by_role("button", name="Play").click()
    expect(panel(page)).to_contain_text("Done.")
    page.get_by_role("button", name="Pause").click()


def test_what_comes_after_a_step_is_hidden_until_it_is_foretold(page: Page, server: str) -> None:
    name, number, at = next(
        (lesson.name, number, step.at)
        for lesson in lessons().values()
        for number, step in enumerate(lesson.steps, 1)
        if step.at is not None and step.draw == "loss"
    )
    page.goto(f"{server}/?lesson={name}:{number}&step=end")
    wait_for_drawn(page)
    player = page.locator("section.player")
    expect(player).to_have_attribute("data-step", str(at))
    cut = page.locator("[data-chart=loss].live-chart-cut")
    for key in ("End", "ArrowRight", "h"):
        page.keyboard.press(key)
        wait_for_drawn(page)
        expect(player).to_have_attribute("data-step", str(at))
        expect(cut).to_have_count(1)
    expect(page.get_by_role("button", name="Hide what comes after this step (H)")).to_be_hidden()
    page.get_by_role("application").press("ArrowUp")
    panel(page).get_by_role("button", name="This is what I expect").click()
    expect(panel(page)).to_contain_text("Your line ends at")
    wait_for_drawn(page)
    expect(player).to_have_attribute("data-step", str(at))
    expect(cut).to_have_count(0)
    page.keyboard.press("End")
    wait_for_drawn(page)
    expect(player).not_to_have_attribute("data-step", str(at))
    press(page, "Next")
    wait_for_drawn(page)
    press(page, "Back")
    wait_for_drawn(page)
    expect(player).not_to_have_attribute("data-step", str(at))  # it was answered


ORANGE = """
  const canvas = plot.querySelector("canvas.player-layer")
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
  let count = 0
  for (let k = 0; k < data.length; k += 4) {
    const [red, green, blue, alpha] = data.slice(k, k + 4)
    count += red > 200 && Math.abs(green - 119) < 25 && blue < 60 && alpha > 200
  }
  return count
"""


def orange(page: Page, chart: str) -> int:
    """How many pixels over a chart have the colour of what was foretold."""
    found: int = with_axes(page, chart, ORANGE)
    return found


def test_a_point_is_chosen_on_the_surface_and_no_run_is_started_there(
    page: Page, server: str
) -> None:
    lesson = open_step(page, server, "surface")
    sheet = page.locator(".foretold-sheet")
    box = sheet.bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 0.5 * box["height"])
    b, w = with_axes(
        page,
        "surface",
        "return [axes.across(axes.left + axes.width / 4), axes.up(axes.top + axes.height / 2)]",
    )
    assert orange(page, "surface") > 20
    with redrawn(page):
        lesson.get_by_role("button", name="This is what I expect").click()
    assert "w0=" not in page.url
    drawn = drawn_of(place(page).split(":")[2].split(",")[-1])
    assert drawn == pytest.approx([b, w], abs=0.1)
    expect(lesson).to_contain_text("Your point is w = ")
    expect(lesson).to_contain_text("The run ends at w = ")


@pytest.mark.parametrize("chart", VALUES)
def test_it_is_drawn_with_the_keyboard_alone(page: Page, server: str, chart: str) -> None:
    open_step(page, server, chart)
    sheet = page.get_by_role("application")
    sheet.focus()
    step = page.locator("section.player").get_attribute("data-step")
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    assert page.locator("section.player").get_attribute("data-step") == step  # no key of the player
    page.keyboard.press("Escape")
    with redrawn(page):
        panel(page).get_by_role("button", name="This is what I expect").press("Enter")
    drawn = drawn_of(place(page).split(":")[2].split(",")[-1])
    assert drawn is not None
    assert len(drawn) == VALUES[chart]  # type: ignore[index]
    if chart == "loss":
        others = [*drawn[:14], *drawn[15:]]
        assert others == [others[0]] * 16
        assert drawn[14] > others[0]


def test_a_lesson_fits_a_phone_and_its_first_prediction_is_made_there(
    phone: Page, server: str
) -> None:
    phone.goto(f"{server}/?lesson=notebook_story:2")
    wait_for_drawn(phone)
    assert phone.get_by_test_id("stMain").evaluate("element => element.scrollWidth") <= 390
    assert phone.evaluate(TOO_SMALL, f".st-key-lesson :is({TARGETS})") == []
    panel(phone).get_by_role("radio").nth(1).locator("xpath=ancestor::label").tap()
    panel(phone).get_by_role("button", name="This is what I expect").tap()
    expect(panel(phone)).to_contain_text("Right.")
    assert "Check against PyTorch" not in phone.get_by_test_id("stMain").inner_text()
    expect(phone.get_by_role("button", name="Keep this curve")).to_be_visible()
