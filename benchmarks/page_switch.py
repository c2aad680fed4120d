"""From a click on a page's link to its first chart's picture, in headless Chromium, server warm.

    python -m benchmarks.page_switch                               # starts app.py
    python -m benchmarks.page_switch --url http://127.0.0.1:8501   # a server that runs already

The clock is the browser's: it starts at the click and ends with the frame that shows the first
chart of the new page. Every page is opened once before anything is timed.
"""

import statistics

from playwright.sync_api import Page

from benchmarks.browser import open_page, parser
from dashboard.shell.page import PLACES

FIRST_CHART = {
    "playground": ("playground", "loss"),
    "loss_surface": ("loss_surface", "points"),
    "full_batch": ("full_batch", "loss"),
    "in_order": ("in_order", "loss"),
    "dataset_and_dataloader": ("pictures", "none"),
    "minibatch_surfaces": ("minibatch_surfaces", "surface"),
}
"""The board and the name of the chart that each page draws first."""

WATCH = """(selector) => {
  addEventListener("click", () => {
    const clicked = performance.now()
    const look = () => {
      if (document.querySelector(selector)) {
        requestAnimationFrame(() => { window.latency = performance.now() - clicked })
      } else {
        requestAnimationFrame(look)
      }
    }
    requestAnimationFrame(look)
  }, { capture: true, once: true })
}"""


def switch_to(page: Page, name: str) -> float:
    """Milliseconds from the click to the first chart."""
    board, chart = FIRST_CHART[name]
    if name == "playground":
        link = page.get_by_test_id("stTopNavLink").first
    else:
        page.get_by_test_id("stTopNavSection").filter(has_text="The notebook").click()
        link = page.get_by_role("menuitem", name=PLACES[name].title)
        link.hover()
    page.evaluate("window.latency = null")
    page.evaluate(WATCH, f".st-key-live_{board} [data-chart={chart}] .main-svg")
    link.click()
    page.wait_for_function("window.latency !== null")
    latency = float(page.evaluate("window.latency"))
    page.wait_for_timeout(700)
    return latency


def main() -> None:
    command = parser(__doc__)
    command.add_argument("--rounds", type=int, default=9)
    options = command.parse_args()
    with open_page(options.url) as (page, url):
        page.goto(url)
        page.locator("[data-chart=data] .main-svg").first.wait_for(timeout=60_000)
        order = [*list(FIRST_CHART)[1:], "playground"]
        for name in order:
            switch_to(page, name)
        times: dict[str, list[float]] = {name: [] for name in order}
        for _ in range(options.rounds):
            for name in order:
                times[name].append(switch_to(page, name))
    print(f"click on a page's link to its first chart, {options.rounds} rounds, ms")
    for name, found in times.items():
        print(f"{name:24} median {statistics.median(found):4.0f}, max {max(found):4.0f}")


if __name__ == "__main__":
    main()
