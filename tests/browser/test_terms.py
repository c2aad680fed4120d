"""Terms that are explained where they first stand: by hover, tap and keyboard, on every page."""

import re
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.support.drawn import redrawn, resize, wait_for_drawn

USUAL = ["?bs=7&opt=SGD&lr=2&shuf=Each+epoch", "?n=1000&bs=700", "?w0=90"]
FAR = [
    "?n=10000&bs=5000&ep=2&noise=0.5&lr=1000&opt=SGD&wd=0.1&loss=BCE",
    "?lr=1000&wd=1000&opt=Momentum&loss=BCE&n=12&bs=5",
]
"""Runs that leave the picture, with losses and w and b of many digits."""

THEMES: dict[Literal["light", "dark"], str] = {
    "light": "rgb(255, 255, 255)",
    "dark": "rgb(18, 22, 28)",
}
"""The background that each has."""


def open_page(page: Page, server: str, path: str) -> None:
    page.goto(f"{server}/{path}")
    expect(page.locator(".live-chart-plot .main-svg").first).to_be_visible(timeout=60_000)
    wait_for_drawn(page)


def term(page: Page, text: str) -> Locator:
    return page.locator(".term").get_by_text(text, exact=True)


def bubble(page: Page) -> Locator:
    return page.locator(".term-bubble")


def is_in_window(page: Page) -> bool:
    return bool(
        bubble(page).evaluate(
            """it => {
              const { left, top, right, bottom } = it.getBoundingClientRect()
              return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight
            }"""
        )
    )


def test_a_text_that_comes_late_takes_its_terms_from_the_captions(page: Page, server: str) -> None:
    open_page(page, server, "")
    own = page.locator(".term[data-own][data-term='held-out data']")
    expect(own).to_have_count(1)
    page.evaluate(
        """() => {
          const late = document.createElement("p")
          late.innerHTML = '<span class="term" data-term="held-out data" data-says="x">late</span>'
          document.querySelector("[data-testid=stMain]").prepend(late)
        }"""
    )
    expect(own).to_have_count(0)
    caption = page.locator("figcaption span", has_text="Held-out data").first
    expect(caption.locator("[role=button]")).to_have_count(page.locator("figcaption .term").count())


@pytest.mark.parametrize("path", [*USUAL, *FAR])
def test_no_caption_is_cut_off_at_any_step_and_each_is_whole_sentences(
    page: Page, server: str, path: str
) -> None:
    open_page(page, server, path)
    scrubber = page.get_by_role("slider", name="Step", exact=True)
    last = int(scrubber.get_attribute("max") or "")
    captions = page.locator(".live-chart-played figcaption")
    cut = "all => all.filter(it => it.scrollHeight > it.clientHeight + 1).length"
    for width in (1366, 1280):
        resize(page, width, 768)
        for step in sorted({min(step, last) for step in (0, 33, 99)}):
            scrubber.fill(str(step))
            wait_for_drawn(page)
            assert captions.evaluate_all(cut) == 0, (width, step)
            for text in captions.locator("> span").all_inner_texts():
                assert re.fullmatch(r"(?:[A-Z\d]|[wb] )[^;]*\.", text), (step, text)


def test_a_pointer_on_a_term_shows_what_it_means_until_it_leaves(page: Page, server: str) -> None:
    open_page(page, server, "")
    expect(bubble(page)).to_be_hidden()
    before = page.get_by_test_id("stMain").evaluate("it => it.scrollHeight")
    term(page, "epoch").hover()
    expect(bubble(page)).to_have_text(re.compile("^An epoch is a round of steps"))
    assert is_in_window(page)
    assert page.get_by_test_id("stMain").evaluate("it => it.scrollHeight") == before
    bubble(page).hover()  # who reads it may point at it
    page.wait_for_timeout(300)
    expect(bubble(page)).to_be_visible()
    page.mouse.move(5, 5)
    expect(bubble(page)).to_be_hidden()


def test_with_the_keyboard_focus_shows_it_and_escape_hides_it(page: Page, server: str) -> None:
    open_page(page, server, "")
    chosen = term(page, "Minibatch ∂w, ∂b")
    chosen.focus()
    expect(bubble(page)).to_contain_text("how fast the loss grows when w grows")
    expect(chosen).to_have_attribute("aria-describedby", "term-bubble")
    page.keyboard.press("Escape")
    expect(bubble(page)).to_be_hidden()
    expect(chosen).not_to_have_attribute("aria-describedby", re.compile("."))
    page.keyboard.press("Space")  # neither plays the run nor scrolls the page
    expect(bubble(page)).to_be_visible()
    expect(page.get_by_role("button", name="Play (space)")).to_be_visible()
    page.keyboard.press("Tab")
    expect(bubble(page)).to_be_hidden()


def test_a_term_that_goes_takes_its_explanation_along(page: Page, server: str) -> None:
    open_page(page, server, "minibatch_surfaces")
    page.locator("figcaption .term", has_text="± ").focus()
    expect(bubble(page)).to_be_visible()
    with redrawn(page):
        page.get_by_role("slider", name="Batch size B").press("ArrowLeft")
    expect(bubble(page)).to_be_hidden()


def test_an_explanation_can_be_read_in_both_themes(page: Page, server: str) -> None:
    open_page(page, server, "gradient_noise")
    chosen = term(page, "L - lr |G|² + lr²/2 (GᵀHG + tr(H Σ/B))")
    for theme, background in THEMES.items():
        page.emulate_media(color_scheme=theme)
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", background)
        chosen.focus()
        expect(bubble(page)).to_contain_text("H is the Hessian")
        serious = [
            violation["id"]
            for violation in Axe().run(page).response["violations"]
            if violation["impact"] in ("serious", "critical")
        ]
        assert serious == [], theme
        chosen.blur()
        expect(bubble(page)).to_be_hidden()


def test_a_printed_page_has_neither_bubbles_nor_dots(page: Page, server: str) -> None:
    open_page(page, server, "")
    term(page, "epoch").focus()
    page.emulate_media(media="print")
    expect(bubble(page)).to_be_hidden()
    assert term(page, "epoch").evaluate("it => getComputedStyle(it).textDecorationLine") == "none"
