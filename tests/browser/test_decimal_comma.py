"""Numbers as people write them who have a decimal comma."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.drawn import redrawn, wait_for_drawn


def open_playground(page: Page, server: str) -> None:
    page.goto(server)
    expect(page.locator(".live-chart-plot .main-svg").first).to_be_visible(timeout=60_000)
    wait_for_drawn(page)


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("spinbutton", name=name)


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
    ):
        box(page, name).select_text()
        with redrawn(page):
            page.keyboard.type(typed)
            page.keyboard.press("Enter")
        expect(box(page, name)).to_have_value(value)
        assert address in page.url


@pytest.mark.parametrize(
    ("pasted", "value"),
    [("0,5", "0.5"), (" 1.234,5 ", "1234.5"), ("5,0e-3", "5.0e-3"), ("0.25", "0.25")],
)
def test_a_pasted_number_with_a_comma_is_taken(
    page: Page, server: str, pasted: str, value: str
) -> None:
    open_playground(page, server)
    box(page, "Learning rate").select_text()
    box(page, "Learning rate").evaluate(
        """(input, text) => {
          const clipboardData = new DataTransfer()
          clipboardData.setData("text", text)
          const options = { clipboardData, bubbles: true, cancelable: true }
          const paste = new ClipboardEvent("paste", options)
          if (input.dispatchEvent(paste)) document.execCommand("insertText", false, text)
        }""",
        pasted,
    )
    expect(box(page, "Learning rate")).to_have_value(value)


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
