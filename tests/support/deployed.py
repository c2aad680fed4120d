"""The dashboard as it is used behind whatever stands before it."""

import re
import signal
import subprocess
from pathlib import Path

from playwright.sync_api import FrameLocator, Locator, Page, expect

from dashboard.shell.registry import PAGES
from tests.conftest import ROOT, start_dashboard
from tests.support.drawn import wait_for_page

ADDRESSES = ["" if place.is_default else name for name, place in PAGES.items()]
WITHOUT_CHARTS = {"compare": "No run is kept yet.", "lessons": "A lesson asks what you expect"}
"""Pages that open with none, and what they say."""

WITH_CHARTS = [address for address in ADDRESSES if address not in WITHOUT_CHARTS]
STRIPPED = "/~/+/"
README = (ROOT / "README.md").read_text()
SAYS_WITHIN = 20_000
"""Milliseconds: the page has patience for 7 s, and a busy machine needs time to come to it."""
STATE = "data-test-connection-state"


def charts(page: Page | FrameLocator) -> Locator:
    return page.locator(".live-chart-plot .main-svg")


def the_word(page: Page) -> Locator:
    return page.locator(".connection-word")


def player_at(page: Page | FrameLocator, step: int) -> None:
    expect(page.locator("section.player")).to_have_attribute("data-step", str(step))


def batch_size(page: Page | FrameLocator) -> Locator:
    return page.get_by_role("spinbutton", name="Batch size B")


def open_charts(page: Page, url: str) -> None:
    page.goto(url)
    expect(charts(page).first).to_be_visible(timeout=90_000)


def steps_of_the_run(page: Page | FrameLocator) -> Locator:
    return page.locator(".player-row small").first


def go_to_section_2(page: Page) -> None:
    page.get_by_test_id("stTopNavSection").filter(has_text="The notebook").click()
    page.get_by_role("menuitem", name="2. Minibatches in order").click()
    wait_for_page(page, "2. Minibatches in order")
    expect(charts(page).first).to_be_visible()


def go_to_every_page_with_charts(page: Page, root: str) -> None:
    """Open one by its address and the others by the menu: all addresses are equally deep."""
    open_charts(page, f"{root}{WITH_CHARTS[-1]}")
    for address in WITH_CHARTS[:-1]:
        place = PAGES[address or "playground"]
        if place.is_default:
            page.get_by_test_id("stTopNavLink").first.click()
        else:
            page.get_by_test_id("stTopNavSection").filter(has_text=place.group).click()
            page.get_by_role("menuitem", name=place.title, exact=True).click()
        wait_for_page(page, place.title)
        expect(page).to_have_url(f"{root}{address}")
        expect(charts(page).first).to_be_visible()


def use_it(page: Page, root: str) -> None:
    """Play, share, change a setting, go to a page and back: what each address must stand."""
    open_charts(page, f"{root}?bs=10&step=57")
    player_at(page, 57)
    page.get_by_role("button", name="One step forward").click()
    expect(page).to_have_url(f"{root}?bs=10&step=58")
    page.get_by_role("slider", name="Batch size B").focus()
    page.keyboard.press("ArrowLeft")
    expect(steps_of_the_run(page)).to_have_text(" of 600")
    expect(page).to_have_url(f"{root}?bs=9&step=58")
    go_to_section_2(page)
    expect(page).to_have_url(f"{root}in_order")
    page.go_back()
    wait_for_page(page, "Playground")
    expect(page).to_have_url(f"{root}?bs=9&step=58")
    expect(batch_size(page)).to_have_value("9")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def click_a_cell(page: Page, root: str) -> None:
    """A click on a cell of a sweep goes to the Playground, under whatever path."""
    open_charts(page, f"{root}sweep?ep_sweep=2&sxn_sweep=2&syn_sweep=2&runs_sweep=1")
    expect(page.get_by_text("4 of 4")).to_be_visible()
    page.locator("[data-chart] .nsewdrag").first.click()
    expect(page.locator("section.player")).to_be_visible()
    expect(page).to_have_url(re.compile(re.escape(f"{root}?")))


def wait_until_it_is_back(page: Page) -> None:
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute(STATE, "CONNECTED", timeout=60_000)
    expect(the_word(page)).to_have_count(0)
    expect(app).to_have_js_property("inert", False)


class Restartable:
    """A server that can be stopped, and started again under the same address."""

    def __init__(self, port: int, root: Path = ROOT) -> None:
        self.port, self.root = port, root
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        self.process = start_dashboard(self.port, root=self.root)
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=20)
            self.process = None
