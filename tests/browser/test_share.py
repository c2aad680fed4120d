"""share.js: the address as text, as a code for a hall, as a frame; and controls that it hides."""

import re
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_player import open_player
from tests.support.drawn import redrawn, wait_for_drawn
from tests.support.in_node import in_node


def opened(page: Page) -> Locator:
    """The sheet of what can be done with the address."""
    page.get_by_role("button", name="Share", exact=True).click()
    sheet = page.locator(".share")
    expect(sheet).to_be_visible()
    wait_for_drawn(page)
    return sheet


def address_in(sheet: Locator) -> Locator:
    return sheet.get_by_role("textbox", name="Address of this page")


def code_of(page: Page) -> Locator:
    page.get_by_role("button", name="QR code").click()
    dialog = page.get_by_role("dialog", name="QR code of this page")
    expect(dialog).to_be_visible()
    return dialog


def test_an_address_is_shared_without_what_a_frame_has_set() -> None:
    code = """
      const shared = it.addressToShare("https://a.b/c/?embed=true&bs=5&embed_options=x&pins=a%7Cb")
      const bare = it.addressToShare("https://a.b/?embed=true")
      return [shared, bare, it.frameOf(shared), it.frameOf(bare)]
    """
    shared, bare, frame, of_bare = in_node("shared_address.js", code)
    assert (shared, bare) == ("https://a.b/c/?bs=5&pins=a%7Cb", "https://a.b/")
    assert 'src="https://a.b/c/?embed=true&bs=5&pins=a%7Cb"' in frame
    assert 'src="https://a.b/?embed=true"' in of_bare


def test_the_address_has_the_step_and_follows_what_is_done(page: Page, server: str) -> None:
    open_player(page, f"{server}/?bs=10&step=7")
    sheet = opened(page)
    expect(address_in(sheet)).to_have_value(f"{server}/?bs=10&step=7")
    expect(sheet).to_contain_text(
        "With &hide=opt,shuf at the end of the address Optimizer and Shuffling are hidden"
    )
    page.keyboard.press("Escape")
    page.get_by_role("button", name="One step forward").click()
    with redrawn(page):
        page.get_by_role("slider", name="Batch size B").press("ArrowLeft")
    expect(address_in(opened(page))).to_have_value(f"{server}/?bs=9&step=8")
    page.go_back()
    expect(address_in(sheet)).to_have_value(f"{server}/?bs=10&step=8")


def test_what_is_shared_can_be_copied(page: Page, server: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server)
    open_player(page, f"{server}/?bs=10")
    sheet = opened(page)
    for name, field in (("Copy the address", 0), ("Copy the HTML", 1)):
        page.get_by_role("button", name=name).click()
        expect(sheet.get_by_role("status")).to_have_text("Copied.")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == sheet.get_by_role("textbox").nth(field).input_value()
    page.context.clear_permissions()


@pytest.mark.parametrize("can_copy", [True, False])
def test_where_the_clipboard_is_closed_the_text_is_selected(
    page: Page, server: str, can_copy: bool
) -> None:
    says = "Copied." if can_copy else "This browser does not let the page copy."
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.add_init_script(
        "document.execCommand = (name) => "
        f"{{ window.copied = [name, String(getSelection())]; return {str(can_copy).lower()} }}"
    )
    open_player(page, f"{server}/?bs=10")
    sheet = opened(page)
    page.get_by_role("button", name="Copy the address").click()
    expect(sheet.get_by_role("status")).to_contain_text(says)
    assert page.evaluate("window.copied") == ["copy", f"{server}/?bs=10"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_a_code_fills_the_screen_black_on_white(
    page: Page, server: str, theme: Literal["light", "dark"], size: tuple[int, int]
) -> None:
    page.emulate_media(color_scheme=theme)
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    open_player(page, f"{server}/?bs=10")
    opened(page)
    results = Axe().run(page, context=".share")
    assert results.violations_count == 0, results.generate_report()
    dialog = code_of(page)
    assert dialog.bounding_box() == {"x": 0, "y": 0, "width": width, "height": height}
    picture = dialog.get_by_role("img").bounding_box()
    assert picture
    assert min(picture["width"], picture["height"]) >= 0.8 * min(size)
    look = "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]"
    assert dialog.evaluate(look) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    expect(dialog).to_contain_text(f"{server}/?bs=10")
    results = Axe().run(page, context=".share-code")
    assert results.violations_count == 0, results.generate_report()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="QR code")).to_be_focused()


def test_an_address_too_long_for_a_code_is_told_so(page: Page, server: str) -> None:
    open_player(page, f"{server}/?bs=10&note={'x' * 3000}")
    sheet = opened(page)
    page.get_by_role("button", name="QR code").click()
    expect(sheet.get_by_role("status")).to_contain_text("and a QR code holds 2,953 at most.")
    expect(page.get_by_role("dialog", name="QR code of this page")).to_have_count(0)


def test_in_a_frame_the_address_is_that_of_the_frame(page: Page, server: str) -> None:
    page.route("**/course", lambda route: route.fulfill(content_type="text/html", body=FRAMED))
    page.goto(f"{server}/course")
    frame = page.frame_locator("iframe")
    expect(frame.locator(".live-chart-plot .main-svg").first).to_be_visible()
    frame.get_by_role("button", name="Share", exact=True).click()
    shared = frame.get_by_role("textbox", name="Address of this page")
    expect(shared).to_have_value(f"{server}/?bs=10")
    html = frame.get_by_role("textbox", name="HTML for a course page").input_value()
    assert f'src="{server}/?embed=true&bs=10"' in html
    page.set_content(html)
    expect(page.frame_locator("iframe").locator(".live-chart-plot .main-svg").first).to_be_visible()


FRAMED = '<!doctype html><iframe src="/?embed=true&bs=10" width="1200" height="700"></iframe>'


def test_controls_are_hidden_with_their_row_and_keep_their_values(page: Page, server: str) -> None:
    section = open_player(page, f"{server}/?opt=SGD&bs=10&hide=opt,shuf,bs")
    assert section.locator("dd").first.inner_text().startswith("500")
    sidebar = page.get_by_test_id("stSidebarUserContent")
    for name in ("Optimizer", "Shuffling", "Batch size B"):
        shown = sidebar.get_by_text(name, exact=True).filter(visible=True)
        expect(shown).to_have_count(0)
    rows = sidebar.get_by_test_id("stHorizontalBlock").evaluate_all(
        "rows => rows.filter(e => e.checkVisibility() && e.clientHeight < 20).length"
    )
    assert rows == 0
    with redrawn(page):
        page.get_by_role("slider", name="Learning rate").press("ArrowRight")
    expect(page).to_have_url(re.compile(r"opt=SGD&bs=10&hide=opt(,|%2C)shuf(,|%2C)bs&lr=0\.07"))
    expect(sidebar.get_by_text("Optimizer", exact=True)).to_be_hidden()
    expect(sidebar.get_by_text("Loss", exact=True)).to_be_visible()


def test_a_control_beside_the_charts_is_hidden_too(page: Page, server: str) -> None:
    page.goto(f"{server}/gradient_noise?hide=pw")
    expect(page.locator(".st-key-pb_gradient_noise")).to_be_visible()
    expect(page.locator(".st-key-pw_gradient_noise")).to_be_hidden()
