"""Under any path, behind any proxy, in a frame."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import free_port, serve_dashboard
from tests.support.deployed import (
    README,
    STRIPPED,
    batch_size,
    charts,
    click_a_cell,
    go_to_every_page_with_charts,
    open_charts,
    player_at,
    steps_of_the_run,
    use_it,
)
from tests.support.drawn import wait_for_drawn
from tests.support.proxy import Location, nginx, nginx_with


def test_every_page_draws_its_charts_where_a_proxy_strips_a_path(page: Page, proxied: str) -> None:
    go_to_every_page_with_charts(page, f"{proxied}{STRIPPED}")


def test_compare_shows_its_pins_where_a_proxy_strips_a_path(page: Page, proxied: str) -> None:
    open_charts(page, f"{proxied}{STRIPPED}compare?pins=bs%3D10%7Cbs%3D5")


@pytest.mark.parametrize("root", ["/", STRIPPED])
def test_behind_a_proxy_everything_can_be_done(page: Page, proxied: str, root: str) -> None:
    use_it(page, proxied + root)
    click_a_cell(page, proxied + root)


def test_a_slash_at_the_end_of_a_page_leads_to_the_page_under_any_path(
    page: Page, proxied: str
) -> None:
    open_charts(page, f"{proxied}{STRIPPED}stability/?lr_stability=5")
    assert page.url == f"{proxied}{STRIPPED}stability?lr_stability=5"


def test_in_the_frame_of_a_course_page_everything_can_be_done(page: Page, proxied: str) -> None:
    page.goto(f"{proxied}/course")
    frame = page.frame_locator("iframe")
    expect(charts(frame).first).to_be_visible(timeout=60_000)
    expect(batch_size(frame)).to_have_value("10")
    frame.get_by_role("button", name="To the start").click()
    player_at(frame, 0)
    frame.get_by_role("slider", name="Batch size B").press("ArrowLeft")
    expect(steps_of_the_run(frame)).to_have_text(" of 600")


def test_the_frame_that_the_readme_gives_works_in_a_sandbox(page: Page, proxied: str) -> None:
    (frame,) = re.findall(r"```html\n(<iframe.*?</iframe>)", README, re.DOTALL)
    (allowed,) = re.findall(r"`sandbox` attribute, `([a-z -]+)`", README)
    page.goto(f"{proxied}/course")
    frame = frame.replace("https://minibatch.example/", STRIPPED)
    frame = frame.replace("<iframe", f'<iframe sandbox="{allowed}"')
    page.evaluate("html => { document.body.innerHTML = html }", frame)
    inside = page.frame_locator("iframe")
    expect(charts(inside).first).to_be_visible(timeout=60_000)
    expect(batch_size(inside)).to_have_value("10")
    inside.get_by_role("button", name="Take it away").click()
    with page.expect_download() as caught:
        inside.get_by_role("button", name="PyTorch script").click()
    assert "torch" in Path(caught.value.path()).read_text()


def test_behind_the_nginx_of_the_readme_everything_can_be_done(
    page: Page, server: str, tmp_path: Path
) -> None:
    (location,) = re.findall(r"```nginx\n(location .*?\n\})", README, re.DOTALL)
    assert "http://127.0.0.1:8501/" in location
    location = location.replace("http://127.0.0.1:8501/", f"{server}/")
    port = free_port()
    servers = f"server {{ listen 127.0.0.1:{port}; {location} }}"
    with nginx_with(tmp_path, port, servers) as url:
        use_it(page, f"{url}/minibatch/")


def test_a_cell_opened_in_a_frame_stays_embedded(page: Page, proxied: str) -> None:
    open_charts(
        page, f"{proxied}{STRIPPED}sweep?embed=true&ep_sweep=2&sxn_sweep=2&syn_sweep=2&runs_sweep=1"
    )
    expect(page.get_by_text("4 of 4")).to_be_visible()
    wait_for_drawn(page)
    page.locator("[data-chart] .nsewdrag").first.click()
    expect(page.locator("section.player")).to_be_visible()
    expect(page).to_have_url(re.compile("embed=true"))


@pytest.fixture(scope="module")
def server_under_a_path() -> Iterator[str]:
    with serve_dashboard("--server.baseUrlPath=foo") as url:
        yield url


def test_with_a_base_path_everything_can_be_done(page: Page, server_under_a_path: str) -> None:
    use_it(page, f"{server_under_a_path}/foo/")
    click_a_cell(page, f"{server_under_a_path}/foo/")


def test_with_a_base_path_every_page_draws_its_charts(page: Page, server_under_a_path: str) -> None:
    go_to_every_page_with_charts(page, f"{server_under_a_path}/foo/")


def test_behind_a_proxy_that_keeps_a_base_path_everything_can_be_done(
    page: Page, server_under_a_path: str, tmp_path: Path
) -> None:
    places = [Location.passing("/foo/", server_under_a_path)]
    with nginx(tmp_path, free_port(), places) as url:
        use_it(page, f"{url}/foo/")
