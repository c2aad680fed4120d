"""What is drawn in a browser: waiting until it is what was last sent, and where it stands."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, expect

from dashboard.server import assets

# For some frames: Streamlit hands a board to its component a moment after the script has ended.
IS_DRAWN = """() => {
  const app = document.querySelector("[data-test-script-state]")
  const all = (selector) => [...document.querySelectorAll(selector)]
  const isDrawn =
    app?.getAttribute("data-test-script-state") === "notRunning" &&
    all('[data-stale="true"], [class*="st-key-live_"]:not(:has(.live-chart-grid))').length === 0 &&
    all(".live-chart-grid").every((board) => "revision" in board.dataset) &&
    all("section.player").every((player) => "settled" in player.dataset)
  window.framesDrawn = isDrawn ? (window.framesDrawn ?? 0) + 1 : 0
  if (window.framesDrawn < 6) return false
  window.framesDrawn = 0
  return true
}"""
IS_OFFERED = """key => {
  const { offered } = window[Symbol.for("minibatch.keys")] ?? { offered: new Map() }
  const found = [...offered.values()].flat().find((each) => each.key === key)
  return key === "s" || (found && (!found.presses || document.querySelector(found.presses)))
}"""
REVISIONS = """() =>
  [...document.querySelectorAll(".live-chart-grid")].map(board => board.dataset.revision ?? "")
"""


def wait_for_drawn(page: Page) -> None:
    """Wait until no script runs any more, every board is drawn, and the player stands still."""
    page.wait_for_function(IS_DRAWN, polling="raf")


def wait_for_page(page: Page, title: str) -> None:
    """Wait until the page of this title is drawn, and nothing more of the one before is there."""
    expect(page).to_have_title(f"{title} - Minibatch")
    wait_for_drawn(page)


def wait_for_key(page: Page, key: str) -> None:
    """Wait until a key does something."""
    page.wait_for_function(IS_OFFERED, arg=key)


@contextmanager
def redrawn(page: Page) -> Iterator[None]:
    """An act by which other boards are drawn than before; ends when they are."""
    before = revisions(page)
    yield
    page.wait_for_function(f"before => !({REVISIONS})().every(r => before.includes(r))", arg=before)
    wait_for_drawn(page)


def resize(page: Page, width: int, height: int) -> None:
    """Another size of the window, in which every chart fills its place."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function(
        """([width, height]) => innerWidth === width && innerHeight === height &&
          [...document.querySelectorAll(".js-plotly-plot")].every(plot =>
            plot.clientWidth === plot._fullLayout.width &&
            plot.clientHeight === plot._fullLayout.height)""",
        arg=[width, height],
    )
    wait_for_drawn(page)


def wait_for_hidden(page: Page, chart: str, line: int) -> None:
    """Wait until a press in its legend has hidden a line: Plotly may take it for a double click."""
    page.wait_for_function(
        """([chart, line]) => {
          const { _fullData: lines } = document.querySelector(`[data-chart=${chart}]`)
          return lines[line].visible === "legendonly"
        }""",
        arg=[chart, line],
    )


def revisions(page: Page) -> Any:
    """What each board on the page has drawn."""
    return page.evaluate(REVISIONS)


def with_axes(page: Page, chart: str, code: str, pair: str = "") -> Any:
    """What a function body returns that knows a chart's `plot` and its `axes`, values to pixels."""
    adapter = assets.address_of("plotly_adapter.js")
    return page.evaluate(
        f"""async () => {{
          const {{ axesOf }} = await import(new URL("/{adapter}", location.origin).href)
          const plot = document.querySelector("[data-chart={chart}]")
          const axes = axesOf(plot, "{pair}")
          {code}
        }}"""
    )
