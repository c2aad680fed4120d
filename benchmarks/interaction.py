"""From a key press on the batch-size slider to the last chart's new picture, in headless Chromium.

    python -m benchmarks.interaction                               # starts app.py
    python -m benchmarks.interaction --url http://127.0.0.1:8501   # a server that runs already

The clock is the browser's: it starts at the key event and ends when the last of the eight charts
has been drawn and the next frame begins. The slider walks through values not shown before.
"""

import argparse
import shutil
import statistics
from contextlib import nullcontext

from playwright.sync_api import Page, sync_playwright

from tests.conftest import CHROMIUM_FLAGS, serve_dashboard

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
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", help="a running server, http://127.0.0.1:PORT")
    parser.add_argument("--presses", type=int, default=18)
    options = parser.parse_args()
    server = nullcontext(options.url) if options.url else serve_dashboard()
    with server as url, sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        # Waiting for an expression evaluates a string, which the page's policy forbids.
        page = browser.new_page(viewport={"width": 1366, "height": 768}, bypass_csp=True)
        times = sorted(latencies(page, url, options.presses))
        browser.close()
    print(f"key press to the new picture, {len(times)} presses, ms")
    print(f"min {times[0]:.0f}, median {statistics.median(times):.0f}, max {times[-1]:.0f}")


if __name__ == "__main__":
    main()
