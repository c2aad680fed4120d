"""undo.js, entries.js, links.js: what was done last is undone, and nothing is lost by a reload."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.test_browser_pages import (
    batch_size,
    go,
    move_slider_down,
    open_path,
    to_playground,
)
from tests.support.drawn import redrawn, wait_for_drawn, wait_for_page


def undo_of(page: Page) -> Locator:
    return page.get_by_role("button", name="Undo", exact=True)


def test_undo_leads_back_act_by_act_and_no_further_than_the_page(page: Page, server: str) -> None:
    open_path(page, f"{server}/in_order?bs_in_order=7")
    to_playground(page)
    undo = undo_of(page)
    expect(undo).to_be_disabled()
    with redrawn(page):
        batch_size(page).fill("10")
        page.keyboard.press("Enter")
    with redrawn(page):
        page.get_by_role("combobox", name="Optimizer").click()
        page.get_by_role("option", name="SGD", exact=True).click()
    with redrawn(page):
        page.get_by_role("button", name="§1").click()
    page.get_by_role("button", name="Keep this curve").click()
    expect(page).to_have_url(re.compile("&pins="))
    wait_for_drawn(page)
    page.get_by_role("button", name="One step back").click()  # no act
    for shown in ("bs=100", "bs=10&opt=SGD", "bs=10", ""):
        expect(undo).to_be_enabled()
        undo.click()
        expect(page).to_have_url(re.compile(rf"^{server}/\??{shown}&?(?!.*(bs|opt|pins)=)"))
        wait_for_drawn(page)
    expect(undo).to_be_disabled()
    expect(undo).to_be_focused()
    expect(batch_size(page)).to_have_value("25")
    undo.press("Enter")
    wait_for_drawn(page)
    expect(page).to_have_url(re.compile(f"^{server}/([?]step=.*)?$"))


def test_a_reset_gives_the_playground_what_it_opens_with_and_is_one_act(
    page: Page, server: str
) -> None:
    open_path(page, f"{server}/?bs=10&opt=SGD&w0=1&unit=Epochs&pins=bs%3D1&step=3")
    reset = page.get_by_role("button", name="The usual settings")
    with redrawn(page):
        reset.click()
    expect(page).to_have_url(re.compile(r"^[^?]*\?(pins=bs%3D1&step=3|step=3&pins=bs%3D1)$"))
    expect(batch_size(page)).to_have_value("25")
    with redrawn(page):
        undo_of(page).click()
    expect(page).to_have_url(f"{server}/?bs=10&opt=SGD&w0=1&unit=Epochs&pins=bs%3D1&step=3")
    expect(batch_size(page)).to_have_value("10")
    expect(undo_of(page)).to_be_disabled()


def test_a_step_of_a_lesson_is_undone(page: Page, server: str) -> None:
    open_path(page, f"{server}/?lesson=first_steps")
    undo = undo_of(page)
    expect(undo).to_be_disabled()
    page.get_by_role("button", name="Skip").click()
    expect(page).to_have_url(re.compile("lesson=first_steps(:|%3A)2"))
    undo.click()
    expect(page).to_have_url(re.compile("lesson=first_steps(:|%3A)1"))


def test_a_page_can_be_undone_after_a_reload_and_after_another_page(
    page: Page, server: str
) -> None:
    open_path(page, f"{server}/?step=5")
    move_slider_down(page, "Batch size B")
    page.reload()
    expect(batch_size(page)).to_have_value("20")
    wait_for_drawn(page)
    expect(undo_of(page)).to_be_enabled()
    go(page, "2. Minibatches in order")
    expect(undo_of(page)).to_be_disabled()
    page.go_back()
    wait_for_page(page, "Playground")
    expect(batch_size(page)).to_have_value("20")
    undo_of(page).click()
    expect(batch_size(page)).to_have_value("25")
    expect(page).to_have_url(f"{server}/?step=5")


def test_a_reload_loses_no_setting_of_another_page(page: Page, server: str) -> None:
    open_path(page, f"{server}/?bs=7&step=5")
    go(page, "2. Minibatches in order")
    move_slider_down(page, "Batch size B")
    go(page, "1. Full batch")
    page.reload()
    wait_for_drawn(page)
    go(page, "2. Minibatches in order")
    expect(page).to_have_url(f"{server}/in_order?bs_in_order=20")
    expect(batch_size(page)).to_have_value("20")
    expect(page.get_by_role("menuitem")).to_have_count(0)  # as Streamlit closes its menu
    to_playground(page)
    expect(page).to_have_url(f"{server}/?bs=7&step=5")
    expect(batch_size(page)).to_have_value("7")
    expect(page.locator("section.player")).to_have_attribute("data-step", "5")
    page.go_back()
    wait_for_page(page, "2. Minibatches in order")
    expect(page).to_have_url(f"{server}/in_order?bs_in_order=20")
    expect(batch_size(page)).to_have_value("20")


def test_a_reload_loses_no_run_that_was_kept_on_another_page(page: Page, server: str) -> None:
    open_path(page, f"{server}/?bs=10")
    page.get_by_role("button", name="Keep this curve").click()
    expect(page).to_have_url(f"{server}/?bs=10&pins=bs%3D10")
    go(page, "2. Minibatches in order")
    page.get_by_role("button", name="Take it away").click()
    page.get_by_role("button", name="Keep this run").click()
    expect(page).to_have_url(re.compile(r"/in_order\?pins=bs%3D10%7C"))
    page.reload()
    wait_for_drawn(page)
    to_playground(page)
    expect(page).to_have_url(re.compile(r"bs=10&pins=bs%3D10%7C"))
    chips = page.get_by_role("button", name=re.compile("[12]: "))
    expect(chips).to_have_count(2)


def test_a_frame_without_storage_works_as_before(page: Page, server: str) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException() } })"
    )
    open_path(page, f"{server}/?bs=7")
    go(page, "2. Minibatches in order")
    to_playground(page)
    expect(page).to_have_url(f"{server}/?bs=7")
    expect(batch_size(page)).to_have_value("7")
