"""What the page says when it can't work."""

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.support.deployed import SAYS_WITHIN, STRIPPED, charts, open_charts, the_word


def test_where_websockets_are_blocked_the_page_says_so(page: Page, proxied: str) -> None:
    page.goto(f"{proxied}/blocked{STRIPPED}")
    expect(the_word(page)).to_contain_text("a WebSocket, is blocked", timeout=SAYS_WITHIN)


@pytest.mark.parametrize(
    ("blocked", "says"),
    [
        ("**/static/js/**", "The scripts of the dashboard have not loaded"),
        ("**/unit.js", "The scripts of the charts have not loaded"),
        ("**/live_chart.js", "The scripts of the charts have not loaded"),
        ("**/BidiComponent.*.js", "The scripts of the charts have not loaded"),
    ],
)
@pytest.mark.parametrize("hangs", [False, True], ids=["blocked", "hanging"])
def test_where_scripts_do_not_come_the_page_says_so(
    context: BrowserContext, server: str, blocked: str, says: str, hangs: bool
) -> None:
    page = context.new_page()
    page.clock.install()
    page.route(blocked, lambda route: None if hangs else route.abort())
    page.goto(f"{server}/in_order", wait_until="commit")
    for _ in range(SAYS_WITHIN // 100):
        if the_word(page).filter(has_text=says).count():
            break
        page.clock.fast_forward(1_000)  # a busy server may be late by this clock: other words first
        page.wait_for_timeout(100)
    expect(the_word(page)).to_contain_text(says)


def test_where_plotly_hangs_the_page_says_so_until_it_comes(
    context: BrowserContext, server: str
) -> None:
    page = context.new_page()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/plotly.min.js", hold)
    page.goto(server, wait_until="commit")
    expect(the_word(page)).to_contain_text("The scripts of the charts", timeout=2 * SAYS_WITHIN)
    for route in held:
        route.continue_()
    expect(charts(page).first).to_be_visible()
    expect(the_word(page)).to_have_count(0)


def test_an_address_that_is_a_level_too_deep_says_so(page: Page, server: str) -> None:
    page.goto(f"{server}/sweep/abc")
    expect(page.locator("body")).to_contain_text("Check the address of this page")


def test_where_plotly_is_blocked_the_page_says_so(context: BrowserContext, server: str) -> None:
    page = context.new_page()
    page.route("**/plotly.min.js", lambda route: route.abort())
    page.goto(server)
    expect(page.get_by_role("alert").first).to_contain_text("did not load. Reload the page; if")


def test_where_styles_are_blocked_the_charts_are_drawn(
    context: BrowserContext, server: str
) -> None:
    page = context.new_page()
    page.route("**/live_chart.css", lambda route: route.abort())
    open_charts(page, server)
