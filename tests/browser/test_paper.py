"""paper.js: a page on paper is a handout in light colours, with what was set and the address."""

import re

import pytest
from playwright.sync_api import Page, expect

from dashboard.shell.registry import PAGES
from tests.browser.test_browser_pages import open_path
from tests.conftest import ROOT
from tests.support.drawn import wait_for_drawn
from tests.support.in_node import in_node

CUT = """() => [...document.querySelectorAll(".live-chart-plot")].flatMap((plot) => {
  const [box, at] = [plot.getBoundingClientRect(), (e) => e.getBoundingClientRect()]
  return [...plot.querySelectorAll(":scope .main-svg, :scope > canvas")]
    .filter((e) => at(e).right > Math.min(box.right + 1, 961) || at(e).bottom > box.bottom + 1)
    .map(() => plot.dataset.chart)
})"""
"""The charts that are wider or higher than their place, or wider than the paper."""

PALE = """() => [...document.querySelectorAll(".stMain :is(p, h3, li, td, dd, dt, figcaption)")]
  .filter((e) => e.checkVisibility())
  .filter((e) => getComputedStyle(e).color.match(/\\d+/g).slice(0, 3).every((part) => part > 150))
  .map((e) => e.textContent)"""
"""What is written in a light colour."""

BUTTONS = "button:visible:not(.player-tile), [role=slider]:visible, a:visible, nav:visible"


def print_page(page: Page) -> None:
    """Have the page laid out as for paper."""
    page.emulate_media(media="print")
    expect(page.locator(".on-paper")).to_be_visible()


def test_a_dark_page_is_printed_light_and_whole_and_is_dark_again(page: Page, server: str) -> None:
    page.emulate_media(color_scheme="dark")
    open_path(page, f"{server}/?bs=10&opt=SGD&step=137&pins=bs%3D1")
    axis = page.locator("[data-chart=loss] .xtick text").first
    look = "e => [getComputedStyle(e).fill, document.querySelector('.live-chart-grid').clientWidth]"
    colour, width = axis.evaluate(look)
    assert width != 960
    print_page(page)
    assert axis.evaluate(look) == ["rgb(31, 41, 51)", 960]
    assert page.evaluate(CUT) == []
    expect(page.locator(BUTTONS)).to_have_count(0)
    expect(page.locator(".on-paper")).to_have_text(
        "Minibatch: Playground. Settings: Batch size B = 10, Optimizer = SGD. "
        "All others are those that the page opens with."
        f"{server}/?bs=10&opt=SGD&step=137&pins=bs%3D1"
    )
    page.emulate_media(media="screen")
    expect(page.locator(".on-paper")).to_have_count(0)
    assert axis.evaluate(look) == [colour, width]


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ("lessons", "compare")])
def test_every_page_is_a_handout_from_a_phone_too(phone: Page, server: str, name: str) -> None:
    page = PAGES[name]
    phone.emulate_media(color_scheme="dark")
    phone.goto(f"{server}/{'' if page.is_default else name}")
    expect(phone.locator(".live-chart-plot .main-svg").first).to_be_visible(timeout=60_000)
    wait_for_drawn(phone)
    print_page(phone)
    assert phone.evaluate(CUT) == []
    expect(phone.locator(BUTTONS)).to_have_count(0)
    expect(phone.locator(".on-paper")).to_contain_text(f"Minibatch: {page.title}.")
    assert phone.evaluate(PALE) == []


def test_a_printed_file_has_no_empty_page_and_no_chart_on_two(page: Page, server: str) -> None:
    open_path(page, f"{server}/order_matters")
    page.evaluate("""() => {
      window.said = []
      const note = ({ type }) => said.push([type, document.querySelectorAll(".on-paper").length])
      for (const name of ["beforeprint", "afterprint"]) addEventListener(name, note)
    }""")
    file = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", file)) == 4
    assert page.evaluate("window.said") == [["beforeprint", 1], ["afterprint", 0]]
    print_page(page)
    broken = """() => [...document.querySelectorAll(".live-chart-grid figure, .live-chart-metrics")]
      .filter((e) => getComputedStyle(e).breakInside !== "avoid").length"""
    assert page.evaluate(broken) == 0


def test_what_the_address_says_is_said_by_the_names_of_controls() -> None:
    labels = {"bs": "B", "drop": "drop_last", "opts": "Optimizers", "w0": "Start w"}
    code = """return ["", "?step=3", "?bs=10&drop=true&x=1", "?opts=SGD&opts=Adam&w0="]
      .map((search) => it.settingsOf(search, labels))"""
    others = "All others are those that the page opens with."
    none = "All settings are those that the page opens with."
    assert in_node("paper.js", code, labels=labels) == [
        none,
        none,
        f"Settings: B = 10, drop_last = on. {others}",
        f"Settings: Optimizers = SGD + Adam, Start w = none. {others}",
    ]


def test_paper_has_the_colours_of_the_light_theme() -> None:
    styles = (ROOT / "dashboard" / "browser" / "paper.css").read_text(encoding="utf-8")
    config = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    light = config.split("[theme.light]")[1].split("[")[0]
    for name, colour in re.findall(r'(\w+)Color = "(#\w+)"', light):
        spelled = re.sub(r"([A-Z])", lambda each: f"-{each[1].lower()}", name)
        assert f"--st-{spelled}-color: {colour} !important" in styles
