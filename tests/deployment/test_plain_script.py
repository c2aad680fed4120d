"""As a plain Streamlit script, and addresses of before."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.shell.registry import PAGES
from tests.conftest import serve_as_plain_script
from tests.support.deployed import (
    ADDRESSES,
    WITHOUT_CHARTS,
    batch_size,
    charts,
    click_a_cell,
    open_charts,
    player_at,
    use_it,
)
from tests.support.drawn import wait_for_drawn


@pytest.fixture(scope="module")
def plain_script() -> Iterator[str]:
    with serve_as_plain_script() as url:
        yield url


def test_as_a_plain_script_every_page_can_be_the_first_request(
    page: Page, plain_script: str
) -> None:
    for address, place in zip(ADDRESSES, PAGES.values(), strict=True):
        page.goto(f"{plain_script}/{address}?{place.key('n')}=50")
        expect(page.get_by_test_id("stTopNavSection")).to_have_count(2, timeout=90_000)
        expect(page.get_by_test_id("stSidebarNav")).to_have_count(0)
        expect(page.get_by_role("dialog")).to_have_count(0)
        if address in WITHOUT_CHARTS:
            expect(page.get_by_text(WITHOUT_CHARTS[address])).to_be_visible()
        else:
            expect(charts(page).first).to_be_visible(timeout=90_000)
            expect(page.get_by_role("spinbutton", name="Points N")).to_have_value("50")


def test_as_a_plain_script_everything_can_be_done(page: Page, plain_script: str) -> None:
    use_it(page, f"{plain_script}/")
    click_a_cell(page, f"{plain_script}/")


@pytest.mark.parametrize("firsts", [("", "seeds"), ("in_order", "loss_surface")])
def test_as_a_plain_script_two_first_visitors_can_ask_for_two_pages(
    browser: Browser, firsts: tuple[str, str]
) -> None:
    with serve_as_plain_script() as url:
        pages = [browser.new_context().new_page() for _ in firsts]
        for page, address in zip(pages, firsts, strict=True):
            page.goto(f"{url}/{address}", wait_until="commit")
        for page in pages:
            expect(charts(page).first).to_be_visible(timeout=90_000)
            expect(page.get_by_test_id("stException")).to_have_count(0)


FORMER = [
    "/in-order?bs_2=20&step=5",
    "/in-order?bs_in_order=20&step=5",
    "/in_order?bs_2=20&step=5",
    "/in_order?bs_in_order=20&step=5",
]


def test_the_address_that_a_page_had_before_leads_to_it_and_back(page: Page, server: str) -> None:
    open_charts(page, f"{server}/?bs=7")
    for former in FORMER:
        page.goto(f"{server}{former}")
        expect(page, former).to_have_url(f"{server}/in_order?bs_in_order=20&step=5")
        expect(batch_size(page), former).to_have_value("20")
        player_at(page, 5)
        wait_for_drawn(page)
        page.go_back()
        expect(page, former).to_have_url(f"{server}/?bs=7")
        expect(charts(page).first).to_be_visible()
        expect(batch_size(page), former).to_have_value("7")
