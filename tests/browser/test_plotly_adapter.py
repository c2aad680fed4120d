"""plotly_adapter.js: what it reads of Plotly that no documentation names is there."""

import re

import pytest
from playwright.sync_api import Page, expect

from dashboard.server import assets
from tests.support.drawn import wait_for_drawn

PLOTLYS_OWN = re.compile(r'Plotly\.\w+|_fullLayout|_vals|\bp2c\b|\bc2p\b|"plotly_\w+"')


@pytest.fixture
def adapter(page: Page, server: str) -> str:
    """The Playground, drawn, and the code that imports the adapter in it."""
    page.goto(server)
    expect(page.locator("[data-chart=loss] .main-svg").first).to_be_visible(timeout=60_000)
    wait_for_drawn(page)
    return f"const it = await import('{server}/{assets.address_of('plotly_adapter.js')}')"


def test_plotly_still_has_every_part_that_the_adapter_reads(page: Page, adapter: str) -> None:
    version, missing = page.evaluate(
        f"""async () => {{
          {adapter}
          const plots = [...document.querySelectorAll(".js-plotly-plot")]
          return [Plotly.version, [...new Set(plots.flatMap(it.missing))]]
        }}"""
    )
    assert missing == [], (
        f"Plotly {version} has no {', '.join(missing)} any more, which is not documented: see what "
        "took its place, and change plotly_adapter.js, the only module that reads it."
    )


def test_the_adapter_names_what_is_missing(page: Page, adapter: str) -> None:
    found = page.evaluate(
        f"""async () => {{
          {adapter}
          const plot = document.createElement("div")
          const none = it.missing(plot)
          const axis = {{ range: [0, 1], _offset: 0, _length: 9, c2p: Number, p2c: Number }}
          const layout = {{ xaxis: {{ ...axis, _vals: [] }}, yaxis: axis }}
          Object.assign(plot, {{ on() {{}}, _fullLayout: layout }})
          return [none, it.missing(plot)]
        }}"""
    )
    assert found == [
        ["_fullLayout"],
        ["removeAllListeners", "_fullLayout.yaxis._vals", "_fullData", ".nsewdrag"],
    ]


def test_the_axes_lead_from_a_value_to_its_pixel_and_back(page: Page, adapter: str) -> None:
    found = page.evaluate(
        f"""async () => {{
          {adapter}
          const plot = document.querySelector("[data-chart=surface]")
          const axes = it.axesOf(plot)
          const {{ left, top }} = plot.getBoundingClientRect()
          const [x, y] = [axes.x(-2.5), axes.y(1.5)]
          const values = it.valuesAt(plot, {{ clientX: left + x, clientY: top + y }})
          const ends = [axes.x(axes.ranges[0][0]) - axes.left, axes.y(axes.ranges[1][1]) - axes.top]
          return [values.x, values.y, ...ends, it.ticksOf(plot).across.map(({{ text }}) => text)]
        }}"""
    )
    assert found[:4] == pytest.approx([-2.5, 1.5, 0.0, 0.0], abs=1e-9)
    assert "0" in found[4]


def test_so_they_do_where_they_are_logarithmic(page: Page, server: str, adapter: str) -> None:
    page.goto(f"{server}/stability")
    wait_for_drawn(page)
    found = page.evaluate(
        f"""async () => {{
          {adapter}
          const axes = it.axesOf(document.querySelector("[data-chart=distances]"))
          const [low, high] = axes.ranges[1].map((power) => axes.y(10 ** power) - axes.top)
          return [low - axes.height, high, axes.up(axes.y(0.002)), Number.isNaN(axes.y(NaN))]
        }}"""
    )
    assert found[:3] == pytest.approx([0.0, 0.0, 0.002], abs=0.02)
    assert found[2] == pytest.approx(0.002, rel=1e-3)
    assert found[3]


def test_no_other_module_touches_plotly() -> None:
    touching = {
        module.name: found
        for module in assets.BROWSER.glob("*.js")
        if (found := PLOTLYS_OWN.findall(module.read_text(encoding="utf-8")))
    }
    assert list(touching) == ["plotly_adapter.js"], touching
