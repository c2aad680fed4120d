"""What a first visit costs: bytes over the wire, requests, and the time to the first chart.

The slow network is Chromium's emulation of 1.5 Mbit/s with 40 ms of latency.
"""

import statistics
from dataclasses import dataclass

from playwright.sync_api import Browser, Page

from benchmarks.browser import open_browser, parser
from dashboard.shell.page import PLACES

SLOW = {
    "offline": False,
    "latency": 40,
    "downloadThroughput": 1.5e6 / 8,
    "uploadThroughput": 1.5e6 / 8,
}


@dataclass(slots=True)
class Traffic:
    """What a page has received so far."""

    requests: int = 0
    files: int = 0
    messages: int = 0

    @property
    def megabytes(self) -> float:
        """Files, and messages of the live connection."""
        return (self.files + self.messages) / 1e6


def watched(browser: Browser, slow: bool = False) -> tuple[Page, Traffic]:
    """A page of a browser that has never been here, and what it receives."""
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    traffic = Traffic()
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    if slow:
        wire.send("Network.emulateNetworkConditions", SLOW)

    def finished(event: dict[str, float]) -> None:
        traffic.requests += 1
        traffic.files += int(event["encodedDataLength"])

    def framed(event: dict[str, dict[str, str]]) -> None:
        text = event["response"]["payloadData"]  # in base64
        traffic.messages += len(text) * 3 // 4

    wire.on("Network.loadingFinished", finished)
    wire.on("Network.webSocketFrameReceived", framed)
    return page, traffic


def wait_for_charts(page: Page) -> None:
    """Until a chart is drawn, or where a page has none its notice."""
    page.locator(".live-chart-plot .main-svg, [data-testid=stAlert]").first.wait_for(
        timeout=120_000
    )


def seconds_to_the_first_chart(browser: Browser, url: str) -> float:
    """On the slow network, from the click on a link to the first chart."""
    page, _ = watched(browser, slow=True)
    page.goto(url, wait_until="commit", timeout=120_000)
    wait_for_charts(page)
    seconds: float = page.evaluate("performance.now() / 1000")
    page.context.close()
    return seconds


def main() -> None:
    """Print the figures of every page."""
    options = parser(__doc__)
    options.add_argument("--runs", type=int, default=3)
    arguments = options.parse_args()
    with open_browser(arguments.url) as (browser, url):
        times = [seconds_to_the_first_chart(browser, url) for _ in range(arguments.runs)]
        print(f"first chart of the Playground at 1.5 Mbit/s: {statistics.median(times):.1f} s")
        for name in PLACES:
            page, traffic = watched(browser)
            page.goto(url)
            wait_for_charts(page)
            page.wait_for_timeout(2000)
            first = traffic.megabytes
            if name == "playground":
                print(f"playground  {first:.2f} MB in {traffic.requests} requests")
            else:
                page.goto(f"{url}/{name}")
                wait_for_charts(page)
                page.wait_for_timeout(2000)
                print(f"{name:24} {traffic.megabytes - first:.2f} MB more")
            page.context.close()


if __name__ == "__main__":
    main()
