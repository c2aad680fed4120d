"""The player in headless Chromium: frames a second, steps left out, scrubbing, memory, payload.

    python -m benchmarks.player                               # starts app.py
    python -m benchmarks.player --url http://127.0.0.1:8501   # a server that runs already

A frame is one of the browser's; a scrub is timed from the input event to the end of the frame that
shows the step. Memory is the page's heap after a garbage collection.
"""

import statistics

import numpy as np
from playwright.sync_api import CDPSession, Page

from benchmarks.browser import open_page, parser

RUNS = {
    "N=100, B=10, 500 steps": "?bs=10",
    "N=1,000, B=1, 100,000 steps": "?n=1000&bs=1&ep=100&shuf=Each+epoch",
    "N=10,000, B=100, BCE, 100,000 steps": "?n=10000&bs=100&ep=1000&loss=BCE&shuf=Each+epoch",
    "N=10,000, B=5,000, BCE, 400 steps": "?n=10000&bs=5000&ep=200&loss=BCE&shuf=Each+epoch",
}
SPEEDS = (10, 30, 1000)

PLAY = """async (seconds) => {
  const section = document.querySelector("section.player")
  const [first, , play] = section.querySelectorAll(".player-buttons button")
  first.click()
  await new Promise(resolve => setTimeout(resolve, 400))
  const steps = [0], frames = []
  const watch = new MutationObserver(() => steps.push(Number(section.dataset.step)))
  watch.observe(section, { attributes: true, attributeFilter: ["data-step"] })
  play.click()
  const start = performance.now()
  let last = start
  await new Promise(resolve => {
    const frame = now => {
      frames.push(now - last)
      last = now
      if (now - start < seconds * 1000) requestAnimationFrame(frame)
      else resolve()
    }
    requestAnimationFrame(frame)
  })
  play.click()
  watch.disconnect()
  return [frames, steps]
}"""

SCRUB = """async (share) => {
  const scrubber = document.querySelector("section.player input[type=range]")
  const start = performance.now()
  scrubber.value = Math.round(share * scrubber.max)
  scrubber.dispatchEvent(new Event("input"))
  await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)))
  return performance.now() - start
}"""


def play(page: Page, speed: int, seconds: float) -> str:
    page.get_by_role("combobox", name="Steps per second").select_option(str(speed))
    frames, steps = page.evaluate(PLAY, seconds)
    jumps = np.diff([step for k, step in enumerate(steps) if k == 0 or step != steps[k - 1]])
    rate = 1000 * len(frames) / sum(frames)
    worst = 1000 / np.quantile(frames, 0.95)
    left_out = int(np.sum(jumps[jumps > 0] - 1))
    return f"{rate:3.0f} frames/s (95%: {worst:3.0f}), {left_out} steps left out"


def scrub(page: Page) -> str:
    shares = np.random.default_rng(1).random(40).tolist()
    times = sorted(page.evaluate(SCRUB, share) for share in shares)
    return f"scrub median {statistics.median(times):.0f} ms, max {times[-1]:.0f} ms"


def heap_slope(page: Page, devtools: CDPSession, seconds: int) -> str:
    """Megabytes at the start of playing and how many ten minutes of it would add."""
    page.get_by_role("combobox", name="Steps per second").select_option("30")
    page.get_by_role("button", name="To the start").click()
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(5000)
    times, sizes = [], []
    for second in range(0, seconds + 1, 10):
        devtools.send("HeapProfiler.collectGarbage")
        times.append(second)
        sizes.append(devtools.send("Runtime.getHeapUsage")["usedSize"] / 1e6)
        page.wait_for_timeout(10_000)
    page.get_by_role("button", name="Pause").click()
    slope = float(np.polyfit(times, sizes, 1)[0])
    shown = ", ".join(f"{size:.1f}" for size in sizes)
    return f"heap every 10 s: {shown} MB; {600 * slope:+.2f} MB in ten minutes"


def main() -> None:
    command = parser(__doc__)
    command.add_argument("--seconds", type=float, default=4.0, help="of playing at each speed")
    command.add_argument("--memory", type=int, default=90, help="seconds of playing for memory")
    options = command.parse_args()
    with open_page(options.url) as (page, url):
        sent: list[int] = []
        page.on("websocket", lambda s: s.on("framereceived", lambda data: sent.append(len(data))))
        for name, query in RUNS.items():
            sent.clear()
            page.goto(url + "/" + query)
            page.locator("[data-chart=data] .main-svg").first.wait_for(timeout=60_000)
            page.wait_for_timeout(2500)
            print(f"{name}: largest message {max(sent) / 1000:,.0f} kB, {scrub(page)}")
            for speed in SPEEDS:
                print(f"  {speed:4} steps/s: {play(page, speed, options.seconds)}")
        page.goto(url + "/?bs=10&ep=1000&shuf=Each+epoch")
        page.locator("[data-chart=data] .main-svg").first.wait_for(timeout=60_000)
        page.wait_for_timeout(2500)
        print(heap_slope(page, page.context.new_cdp_session(page), options.memory))


if __name__ == "__main__":
    main()
