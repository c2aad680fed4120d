"""forced_colours.css: what is seen where the reader's own colours take the place of ours."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.test_browser_pages import open_path

PAGES_SEEN = ("?bs=10&step=137", "optimizers")

TRACK = '.stSlider [role="group"] > [data-orientation] > :first-child'

IS_OUTLINED = """() => {
  const isSeen = (e) => {
    const { outlineStyle: style, outlineWidth: width } = getComputedStyle(e)
    return style !== "none" && parseFloat(width) >= 2 && e.getBoundingClientRect().width > 2
  }
  let at = document.activeElement
  const name = at.getAttribute("aria-label") ?? at.textContent
  for (let up = 0; up < 4 && at; up++, at = at.parentElement) if (isSeen(at)) return null
  return name
}"""
"""What has the focus and does not show it; null where it does."""


@pytest.fixture
def forced(page: Page) -> Iterator[Page]:
    """A page in the reader's own colours."""
    page.emulate_media(forced_colors="active")
    yield page
    page.emulate_media(forced_colors="none")


@pytest.mark.parametrize("path", PAGES_SEEN)
def test_the_focus_is_seen_wherever_it_is(forced: Page, server: str, path: str) -> None:
    open_path(forced, f"{server}/{path}")
    unseen = []
    for _ in range(45):
        forced.keyboard.press("Tab")
        unseen.append(forced.evaluate(IS_OUTLINED))
    assert [each for each in unseen if each is not None] == []


@pytest.mark.parametrize("path", PAGES_SEEN)
def test_sliders_switches_and_choices_are_seen(forced: Page, server: str, path: str) -> None:
    open_path(forced, f"{server}/{path}")
    code = """(selector) => [...document.querySelectorAll(selector)].map((e) => {
      const { width, height } = e.getBoundingClientRect()
      const [own, ground] = [e, document.querySelector(".stApp")].map(
        (each) => getComputedStyle(each).backgroundColor)
      return [own !== ground && own !== "rgba(0, 0, 0, 0)", width > 3 && height > 3]
    })"""
    thumbs = forced.evaluate(code, ".stSlider [data-rac]:has(> div > input)")
    tracks = forced.evaluate(code, TRACK)
    assert len(thumbs) == len(tracks) == forced.locator(".stSlider").count() > 2
    assert all(all(each) for each in [*thumbs, *tracks])
    switches = forced.evaluate(
        code, ".stMain button[data-selected=true], .stCheckbox label > span + div"
    )
    assert all(all(each) for each in switches)
    assert len(switches) == (5 if path == "optimizers" else 2)


def test_a_pressed_button_and_a_bar_of_colours_are_seen(forced: Page, server: str) -> None:
    open_path(forced, f"{server}/?bs=10&step=137&future=hidden")
    grounds = forced.locator(".player-buttons button").evaluate_all(
        "all => all.map((e) => [e.ariaPressed, getComputedStyle(e).backgroundColor])"
    )
    pressed = {ground for is_pressed, ground in grounds if is_pressed == "true"}
    others = {ground for is_pressed, ground in grounds if is_pressed != "true"}
    assert len(pressed) == 1
    assert not pressed & others
    open_path(forced, f"{server}/optimizers")
    bar = "e => [getComputedStyle(e).backgroundImage, getComputedStyle(e).forcedColorAdjust]"
    image, adjust = forced.locator(".live-chart-bar:visible i:nth-child(2)").first.evaluate(bar)
    assert image.startswith("linear-gradient")
    assert adjust == "none"


@pytest.mark.parametrize("path", PAGES_SEEN)
def test_at_twice_the_size_nothing_is_cut_off(page: Page, server: str, path: str) -> None:
    page.set_viewport_size({"width": 683, "height": 384})
    open_path(page, f"{server}/{path}")
    wide = """() => [...document.querySelectorAll(".stMain, .stMain *")]
      .filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1)
      .map((e) => e.className)"""
    assert page.evaluate(wide) == []
