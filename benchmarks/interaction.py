"""From a key press on the batch-size slider to the last chart's new picture, in headless Chromium.

    python -m benchmarks.interaction                               # starts app.py
    python -m benchmarks.interaction --url http://127.0.0.1:8501   # a server that runs already

The clock is the browser's: it starts at the key event and ends when the last of the charts
has been drawn and the next frame begins. The slider walks through values not shown before.
"""

import statistics

from playwright.sync_api import Page

from benchmarks.browser import open_page, parser

WATCH = """() => {
  window.pressed = 0
  addEventListener("keydown", () => { window.pressed = performance.now() }, true)
  const react = Plotly.react
  Plotly.react = (plot, ...rest) => {
    const drawn = react(plot, ...rest)
    if (plot.dataset.chart === "data") { // the last one of the grid
      requestAnimationFrame(() => { window.latency = performance.now() - window.pressed })
    }
    return drawn
  }
}"""


def latencies(page: Page, url: str, presses: int) -> list[float]:
    page.goto(url)
    page.locator("[data-chart=data] .main-svg").first.wait_for(timeout=60_000)
    page.wait_for_timeout(1500)
    page.evaluate(WATCH)
    page.get_by_role("slider", name="Batch size B").focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(1000)
    found = []
    for _ in range(presses):
        page.evaluate("window.latency = null")
        page.keyboard.press("ArrowRight")
        page.wait_for_function("window.latency !== null")
        found.append(float(page.evaluate("window.latency")))
        page.wait_for_timeout(300)
    return found


def main() -> None:
    command = parser(__doc__)
    command.add_argument("--presses", type=int, default=18)
    options = command.parse_args()
    with open_page(options.url) as (page, url):
        times = sorted(latencies(page, url, options.presses))
    print(f"key press to the new picture, {len(times)} presses, ms")
    print(f"min {times[0]:.0f}, median {statistics.median(times):.0f}, max {times[-1]:.0f}")


if __name__ == "__main__":
    main()
