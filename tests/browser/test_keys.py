"""keys.js: keys work on the whole page, but not where they have a use of their own."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.test_player import open_player, scrubber, step
from tests.support.drawn import wait_for_drawn, wait_for_key


def test_the_player_obeys_keys_wherever_the_focus_is(page: Page, server: str) -> None:
    section = open_player(page, f"{server}/?step=100")
    for key, expected in (
        ("ArrowRight", 101),
        ("ArrowLeft", 100),
        ("Home", 0),
        ("ArrowLeft", 0),
        ("End", 200),
    ):
        page.keyboard.press(key)
        assert step(section) == expected
    box = page.locator("[data-chart=loss] .nsewdrag").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2.0, box["y"] + 20.0)
    expect(section).to_have_attribute("data-step", "100")
    page.keyboard.press("ArrowRight")
    assert step(section) == 101
    page.mouse.click(1000, 10)  # on nothing
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_a_key_that_a_control_or_a_box_needs_is_left_to_it(page: Page, server: str) -> None:
    section = open_player(page, f"{server}/?step=100")
    thumb = page.get_by_role("slider", name="Learning rate")
    thumb.press("ArrowRight")
    wait_for_drawn(page)
    assert step(section) == 100
    expect(page).to_have_url(re.compile("lr="))
    box = page.get_by_role("spinbutton", name="Batch size B")
    box.focus()
    for key in ("Home", "ArrowLeft", "End", "h", "s", "?"):
        page.keyboard.press(key)
    assert step(section) == 100
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("future"))
    page.get_by_role("button", name="Keep this curve").focus()
    page.keyboard.press("Home")
    assert step(section) == 100
    page.evaluate("document.activeElement.blur()")
    for key in ("Control+Home", "Alt+End"):
        page.keyboard.press(key)
    assert step(section) == 100
    scrubber(page).focus()
    page.keyboard.press("PageUp")
    assert step(section) == 104


def test_a_sheet_lists_the_keys_and_a_key_closes_the_settings(page: Page, server: str) -> None:
    section = open_player(page, server)
    wait_for_key(page, "p")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet).to_be_visible()
    names = sheet.locator("kbd").all_inner_texts()
    assert names == ["Space", "→", "←", "Home", "End", "H", "S", "P", "?"]
    results = Axe().run(page, context="dialog")
    assert results.violations_count == 0, results.generate_report()
    page.keyboard.press("End")
    assert step(section) == 100  # beneath
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    settings = page.get_by_test_id("stSidebarUserContent")
    for is_seen in (False, True):
        page.keyboard.press("s")
        expect(settings).to_be_visible(visible=is_seen)
    page.get_by_role("button", name="Keys (?)").click()
    sheet.get_by_role("button", name="Close").click()
    expect(sheet).to_be_hidden()


def test_a_page_without_a_run_has_keys_too(page: Page, server: str) -> None:
    page.goto(f"{server}/compare")
    expect(page.get_by_text("No run is kept yet.")).to_be_visible()
    wait_for_drawn(page)
    wait_for_key(page, "p")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    assert sheet.locator("kbd").all_inner_texts() == ["S", "P", "?"]
    page.mouse.click(5, 5)  # beside it
    expect(sheet).to_be_hidden()


def test_the_first_that_is_seen_is_a_run_on_its_way(page: Page, server: str) -> None:
    section = open_player(page, f"{server}/")
    assert step(section) == 100
    expect(page).to_have_url(f"{server}/")
    expect(page.get_by_role("heading", name="See what a minibatch does")).to_be_visible()
    expect(page.get_by_text("Try this: move Batch size B.")).to_be_visible()
    assert "–" not in section.locator("dd").all_inner_texts()
    thumb = page.get_by_role("slider", name="Batch size B")
    thumb.press("End")
    expect(page.get_by_text("Try this: make Batch size B smaller.")).to_be_visible()
    wait_for_drawn(page)
    assert step(section) == 25  # in the middle of a shorter run too
    expect(page).to_have_url(f"{server}/?bs=100&step=middle")
    page.reload()
    assert step(open_player(page, page.url)) == 25
    assert step(open_player(page, f"{server}/?bs=100")) == 50  # whoever asks sees what comes of it
