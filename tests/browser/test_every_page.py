"""What a page is as its address opens it: one visit on a laptop, and one on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboard.shell import page as shell
from dashboard.shell.registry import PAGES
from tests.browser.test_browser import CHARTS
from tests.browser.test_browser_pages import CHAPTERS, EQUAL, PATHS, check_tables, open_path
from tests.browser.test_terms import bubble, is_in_window
from tests.support.drawn import resize, wait_for_drawn

LABS = ["gradient_noise", "stability", "order_matters"]
VISITED = [PAGES[name] for name in ("playground", *PATHS, *LABS)]
WITHOUT_TERMS = ["one_change"]
PINNED = "pins=bs%3D10|opt%3DSGD%26lr%3D0.5"

WIDTHS = [1000, 1280, 1920, 1366]
"""Of laptops and a projector; the last is that of the other tests."""

CUT_OFF = "all => all.filter(it => it.scrollHeight > it.clientHeight + 1).map(it => it.innerText)"


def name_of(place: shell.Page) -> str:
    return place.name


def address_of(server: str, place: shell.Page) -> str:
    return f"{server}/{'' if place.is_default else place.name}"


@pytest.mark.parametrize("place", VISITED, ids=name_of)
def test_on_a_laptop_a_page_is_whole_explained_and_accessible(
    page: Page, server: str, place: shell.Page
) -> None:
    address = address_of(server, place)
    open_path(page, address)
    expect(page).to_have_url(address)
    for width in WIDTHS if page.locator(".live-chart-played").count() else ():
        resize(page, width, 768)
        assert page.locator(".live-chart-played figcaption").evaluate_all(CUT_OFF) == [], width
    if place in CHAPTERS:
        its_numbers_are_the_notebooks(page, place)
        its_charts_have_names(page)
    if place.name not in WITHOUT_TERMS:
        no_term_is_explained_twice_and_none_in_a_heading(page)


def its_numbers_are_the_notebooks(page: Page, place: shell.Page) -> None:
    expect(page.get_by_role("heading", name=place.title)).to_be_visible()
    expect(page.get_by_text(EQUAL)).to_be_visible()


def its_charts_have_names(page: Page) -> None:
    names = [image.get_attribute("aria-label") or "" for image in page.get_by_role("img").all()]
    assert len([name for name in names if name.startswith("Chart: ")]) >= 3


def no_term_is_explained_twice_and_none_in_a_heading(page: Page) -> None:
    marked = page.locator(".term")
    names = marked.evaluate_all("all => all.map(it => it.dataset.term)")
    assert 2 <= len(names) <= 24
    first = [each.split(";")[0] for each in names]
    assert len(set(first)) == len(first)
    assert page.locator(":is(h1, h2, h3, figcaption b) .term").count() == 0
    assert marked.evaluate_all("all => all.every(it => it.dataset.says.length > 20)")


TABLETS = [(820, 1180), (1180, 820)]
OVER_ANOTHER = """targets => {
  const shown = [...document.querySelectorAll(targets)]
    .filter((it) => it.checkVisibility() && it.getClientRects().length > 0)
    .filter((it) => !it.closest(".stNumberInput, .stSelectbox")) // whose parts lie in one another
    .map((it) => [it, it.getBoundingClientRect()])
    .filter(([, { width, height }]) => width > 1 && height > 1)
  const meet = (one, other) =>
    one.left < other.right - 1 && other.left < one.right - 1 &&
    one.top < other.bottom - 1 && other.top < one.bottom - 1
  return shown.flatMap(([one, its], k) => shown.slice(k + 1)
    .filter(([other, theirs]) => !one.contains(other) && !other.contains(one) && meet(its, theirs))
    .map(([other]) => `${one.outerHTML.slice(0, 90)} and ${other.outerHTML.slice(0, 90)}`))
}"""


@pytest.mark.parametrize("name", ["playground", "stability", "dataset_and_dataloader"])
def test_on_a_tablet_fingers_hit_one_thing_at_a_time(tablet: Page, server: str, name: str) -> None:
    open_path(tablet, address_of(server, PAGES[name]))
    for width, height in TABLETS:
        resize(tablet, width, height)
        assert tablet.evaluate(OVER_ANOTHER, TARGETS) == []
        assert tablet.evaluate(TOO_SMALL, TARGETS) == []


def test_in_a_large_window_the_charts_are_taller(page: Page, server: str) -> None:
    open_path(page, server)
    loss = page.locator("[data-chart=loss]")
    heights = []
    for width, height in ((1366, 768), (1920, 1080), (3840, 2160), (1920, 2160)):
        resize(page, width, height)
        box = loss.bounding_box()
        assert box
        heights.append(box["height"])
        assert loss.evaluate("plot => plot._fullLayout.height") == round(box["height"])
    laptop, projector, large, narrow = heights
    assert laptop == pytest.approx(projector, rel=0.1)  # its captions have more lines
    assert large == pytest.approx(2 * projector, rel=0.1)
    assert narrow == pytest.approx(projector, rel=0.01)


@pytest.mark.parametrize("place", PAGES.values(), ids=name_of)
def test_a_page_breaks_no_rule_of_accessibility(page: Page, server: str, place: shell.Page) -> None:
    """In both themes, and as a hall sees it."""
    more = f"?{PINNED}" if place.name == "compare" else ""
    page.goto(f"{address_of(server, place)}{more}")
    expect(page.get_by_test_id("stMainBlockContainer")).not_to_be_empty()
    wait_for_drawn(page)
    for theme, is_presented in (("light", False), ("dark", False), ("dark", True)):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        if page.locator("html.presenting").count() != is_presented:
            page.keyboard.press("p")
        expect(page.locator("html.presenting")).to_have_count(int(is_presented))
        wait_for_drawn(page)
        results = Axe().run(page)
        assert results.violations_count == 0, f"{theme}\n{results.generate_report()}"


@pytest.mark.parametrize("place", VISITED, ids=name_of)
def test_on_a_phone_a_page_fits_and_every_explanation_is_whole(
    phone: Page, server: str, place: shell.Page
) -> None:
    open_path(phone, address_of(server, place))
    main = phone.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth") <= 390
    boxes = [plot.bounding_box() for plot in phone.locator(".live-chart-plot").all()]
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)
    if place.is_default:
        tops = [box["y"] for box in boxes if box]
        assert len(tops) == CHARTS
        assert tops == sorted(set(tops))  # one below another
        assert all(box and box["width"] > 300 and box["height"] > 150 for box in boxes)
    else:
        check_tables(phone)
    if place.name not in WITHOUT_TERMS:
        every_explanation_is_whole_and_goes_when_one_taps_elsewhere(phone)
    fingers_hit_all_and_a_chart_is_seen_beside_the_settings(phone)


TARGETS = (
    "button, summary, select, a, "
    "input:not([type=range], [type=checkbox], [type=radio], [role=combobox]), "
    "label:has([type=checkbox], [type=radio])"
)
TOO_SMALL = """targets => [...document.querySelectorAll(targets)]
  .filter((it) => it.checkVisibility() && it.getClientRects().length > 0)
  .filter((it) => !it.closest(".player-tile, p a, li a, [data-testid=stCode]"))
  .map((it) => [it, it.getBoundingClientRect()])
  .filter(([, { width, height }]) => width > 1 && (width < 43.5 || height < 43.5))
  .map(([it, { width, height }]) => `${it.outerHTML.slice(0, 90)} ${width} x ${height}`)
"""


def fingers_hit_all_and_a_chart_is_seen_beside_the_settings(phone: Page) -> None:
    phone.get_by_role("button", name="Expand sidebar").tap()
    settings = phone.get_by_test_id("stSidebarUserContent")
    expect(settings).to_be_visible()
    phone.get_by_role("button", name="Collapse sidebar").wait_for()
    phone.wait_for_function(
        "() => document.querySelector('[data-testid=stSidebar]').getBoundingClientRect().top > 420"
    )
    assert phone.evaluate(TOO_SMALL, TARGETS) == []
    chart = phone.locator(".live-chart-plot").first
    chart.evaluate("it => it.scrollIntoView()")
    box = chart.bounding_box()
    assert box
    assert box["y"] + 120 < phone.get_by_test_id("stSidebar").bounding_box()["y"]  # type: ignore[index]
    control = settings.get_by_role("slider").first
    control.scroll_into_view_if_needed()
    assert control.bounding_box()["y"] < 844  # type: ignore[index]


def test_a_tap_beside_the_settings_is_for_the_page_and_leaves_them_open(
    phone: Page, server: str
) -> None:
    open_path(phone, f"{server}/?step=20")
    phone.get_by_role("button", name="Expand sidebar").tap()
    settings = phone.get_by_test_id("stSidebar")
    expect(settings).to_have_attribute("data-collapsed", "false")
    wait_for_drawn(phone)
    player = phone.locator("section.player")
    for step in (21, 22):
        phone.get_by_role("button", name="One step forward").tap()
        expect(player).to_have_attribute("data-step", str(step))
        expect(settings).to_have_attribute("data-collapsed", "false")
    phone.get_by_role("button", name="Collapse sidebar").tap()
    expect(settings).not_to_be_in_viewport()


def every_explanation_is_whole_and_goes_when_one_taps_elsewhere(phone: Page) -> None:
    for each in phone.locator(".term:visible").all():
        each.scroll_into_view_if_needed()
        each.tap()
        expect(bubble(phone)).to_have_text(each.get_attribute("data-says") or "-")
        assert is_in_window(phone), each.inner_text()
    phone.touchscreen.tap(380, 120)
    expect(bubble(phone)).to_be_hidden()
