"""Numbers as people write them who have a decimal comma."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.drawn import redrawn, wait_for_drawn


def open_playground(page: Page, server: str) -> None:
    page.goto(server)
    expect(page.locator(".live-chart-plot .main-svg").first).to_be_visible(timeout=60_000)
    wait_for_drawn(page)


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("spinbutton", name=name, exact=True)


@pytest.mark.parametrize("locale", ["en-US", "de-DE"])
def test_a_comma_is_a_point_among_decimals_and_nothing_among_thousands(
    page: Page, server: str, locale: str
) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setLocaleOverride", {"locale": locale})
    open_playground(page, server)
    for name, typed, value, address in (
        ("Learning rate", "0,5", "0.5", "lr=0.5"),
        ("Learning rate", ",25", "0.25", "lr=0.25"),
        ("Noise", "0,2", "0.2", "noise=0.2"),
        ("Points N", "1,000", "1000", "n=1000"),
        ("Points N", "2.000", "2000", "n=2000"),
        ("Points N", "3e3", "3000", "n=3000"),
        ("Seed", "4,294,967,295", "4294967295", "seed=4294967295"),
        ("Seed", "1.234.567", "1234567", "seed=1234567"),
    ):
        box(page, name).select_text()
        with redrawn(page):
            page.keyboard.type(typed)
            page.keyboard.press("Enter")
        expect(box(page, name)).to_have_value(value)
        expect(page, typed).to_have_url(re.compile(address))


PASTE = """(input, text) => {
  const clipboardData = new DataTransfer()
  clipboardData.setData("text", text)
  const paste = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true })
  if (input.dispatchEvent(paste)) document.execCommand("insertText", false, text)
}"""


def test_a_pasted_number_with_a_comma_is_taken(page: Page, server: str) -> None:
    open_playground(page, server)
    for name, pasted, value in (
        ("Learning rate", "0,5", "0.5"),
        ("Learning rate", " 1.234,5 ", "1234.5"),
        ("Learning rate", "5,0e-3", "5.0e-3"),
        ("Learning rate", "0.25", "0.25"),
        ("Points N", " 1.000 ", "1000"),
        ("Points N", "12,7", "1000"),
        ("Points N", "2,500", "2500"),
    ):
        box(page, name).select_text()
        box(page, name).evaluate(PASTE, pasted)
        expect(box(page, name), pasted).to_have_value(value)
        told = page.get_by_role("alert").filter(has_text=f'but got "{pasted}"')
        expect(told, pasted).to_have_count(int(pasted == "12,7"))


@pytest.mark.parametrize("leave", ["Enter", "Tab", "a press on a chart"])
def test_what_is_no_whole_number_is_told_and_not_taken(page: Page, server: str, leave: str) -> None:
    open_playground(page, server)
    points, alert = box(page, "Points N"), page.get_by_role("alert").filter(has_text="Points N")
    for k, typed in enumerate(("12,7", "12.7", "1,00", "0.5", "1.234,5", "1234,567", "2e-1")):
        before, address = points.input_value(), page.url
        points.select_text()
        page.keyboard.type(typed)
        if leave == "a press on a chart":
            page.locator("[data-chart=data]").click()
        else:
            page.keyboard.press(leave)
        said = f'Points N should be a whole number, but got "{typed}".'
        expect(alert, typed).to_have_text(said)
        expect(points, typed).to_have_value(before)
        page.wait_for_timeout(300)
        wait_for_drawn(page)
        assert page.url == address, typed
        points.select_text()
        with redrawn(page):
            page.keyboard.type(f"{50 + k}")
            page.keyboard.press("Enter")
        expect(page, typed).to_have_url(re.compile(f"n={50 + k}"))
        expect(alert, typed).to_have_count(0)


def test_a_comma_that_was_written_over_is_forgotten(page: Page, server: str) -> None:
    open_playground(page, server)
    points = box(page, "Points N")
    for keys in (["Backspace"], ["Control+a"]):
        points.select_text()
        page.keyboard.type("12,7")
        for key in keys:
            page.keyboard.press(key)
        page.keyboard.type("5" if keys == ["Backspace"] else "126")
        with redrawn(page):
            page.keyboard.press("Enter")
        expect(points).to_have_value("125" if keys == ["Backspace"] else "126")


def test_what_was_typed_can_be_undone(page: Page, server: str) -> None:
    open_playground(page, server)
    lr = box(page, "Learning rate")
    lr.select_text()
    page.keyboard.type("0,")
    page.keyboard.type("7")
    expect(lr).to_have_value("0.7")
    page.keyboard.press("Escape")
    for _ in range(4):
        page.keyboard.press("Control+z")
    expect(lr).to_have_value("0.05")
