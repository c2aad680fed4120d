"""What a hand on the batch-size slider sees and when, in headless Chromium.

    python -m benchmarks.interaction                               # starts app.py
    python -m benchmarks.interaction --url http://127.0.0.1:8501   # a server that runs already

The clock is the browser's. A picture is there when the frame begins after one in which the numbers
of the run have changed, and complete when the board says that all that the server sent is drawn.
"""

import statistics
from collections.abc import Callable

from playwright.sync_api import Page, WebSocket

from benchmarks.browser import open_page, parser

WATCH = """() => {
  window.pictures = []
  window.tasks = []

  const look = () => requestAnimationFrame((now) => window.pictures.push(now))
  const numbers = { childList: true, subtree: true, characterData: true }
  new MutationObserver(look).observe(document.querySelector("section.player"), numbers)
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.tasks.push(duration)
  }).observe({ entryTypes: ["longtask"] })
  for (const kind of ["keydown", "pointerup"]) {
    addEventListener(kind, () => { window.actedAt = performance.now() }, true)
  }
  const board = document.querySelector(".live-chart-grid")
  new MutationObserver(() => {
    if (board.dataset.revision) requestAnimationFrame((now) => { window.completeAt = now })
  }).observe(board, { attributeFilter: ["data-revision"] })
}"""

FIRST_PICTURE = "() => window.pictures.find((at) => at > window.actedAt) - window.actedAt"
COMPLETE = "() => window.completeAt > window.actedAt ? window.completeAt - window.actedAt : null"

DRAG = """async ([clientY, left, width]) => {
  window.pictures = []
  window.tasks = []
  const began = performance.now()
  const frame = () => new Promise(requestAnimationFrame)
  for (let step = 1; performance.now() - began < 1000; step++) {
    await frame() // to and fro, as fast as the screen
    const clientX = left + width * Math.abs(((performance.now() - began) % 1000) / 500 - 1)
    const pointer = { pointerId: 1, pointerType: "mouse", isPrimary: true, buttons: 1 }
    dispatchEvent(new PointerEvent("pointermove", { ...pointer, clientX, clientY, bubbles: true }))
  }
  const pictures = new Set(window.pictures.map(Math.round)).size
  await new Promise((resolve) => setTimeout(resolve, 100)) // until long tasks have been told
  return [pictures, Math.max(0, ...window.tasks)]
}"""


def open_playground(page: Page, url: str, query: str) -> None:
    page.goto(f"{url}/{query}")
    page.locator("[data-chart=data] .main-svg").first.wait_for(timeout=60_000)
    page.wait_for_timeout(2500)
    page.evaluate(WATCH)


def key_presses(page: Page, presses: int) -> tuple[list[float], list[float]]:
    """From a key to the first picture, and to the complete one."""
    page.get_by_role("slider", name="Batch size B").focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(1500)
    first, complete = [], []
    for _ in range(presses):
        page.evaluate("() => { window.pictures = [] }")
        page.keyboard.press("ArrowRight")
        page.wait_for_function(f"({FIRST_PICTURE})() > 0")
        first.append(float(page.evaluate(FIRST_PICTURE)))
        page.wait_for_function(f"({COMPLETE})() !== null")
        complete.append(float(page.evaluate(COMPLETE)))
        page.wait_for_timeout(400)
    return first, complete


def drag(page: Page) -> tuple[int, float]:
    """Pictures in a second of dragging, and the longest time in which nothing else could happen."""
    thumb = page.get_by_role("slider", name="Batch size B")
    x, y, left, width = thumb.evaluate(
        """input => {
          const { x, y, width, height } = input.closest("[data-rac]").getBoundingClientRect()
          const track = input.closest("[role=group]").getBoundingClientRect()
          return [x + width / 2, y + height / 2, track.x, track.width]
        }"""
    )
    page.mouse.move(x, y)
    page.mouse.down()
    pictures, longest = page.evaluate(DRAG, [y, left, width])
    page.mouse.up()
    page.wait_for_timeout(2500)
    return int(pictures), float(longest)


def received(page: Page, frames: list[int], act: Callable[[], object]) -> tuple[int, int]:
    """Messages and bytes that an act brings from the server, once all is quiet."""
    frames.clear()
    act()
    page.wait_for_timeout(2000)
    return len(frames), sum(frames)


def line(what: str, values: list[float], unit: str = "ms") -> str:
    ordered = sorted(values)
    late = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    median = statistics.median(ordered)
    return f"{what:<52} median {median:.0f}, p95 {late:.0f}, of {len(ordered)} {unit}"


def main() -> None:
    command = parser(__doc__)
    command.add_argument("--presses", type=int, default=18)
    command.add_argument("--drags", type=int, default=5)
    options = command.parse_args()
    runs = {
        "1,000 steps of N = 100": "?bs=5",
        "10,000 steps of N = 1,000": "?n=1000&bs=10&ep=100",
        "10,000 steps of N = 10,000": "?n=10000&bs=100&ep=100",
    }
    with open_page(options.url) as (page, url):
        frames: list[int] = []

        def listen(socket: WebSocket) -> None:
            socket.on("framereceived", lambda payload: frames.append(len(payload)))

        page.on("websocket", listen)
        for name, query in runs.items():
            open_playground(page, url, query)
            first, complete = key_presses(page, options.presses)
            print(name)
            print(line("  key to the first new picture", first))
            print(line("  key to the complete one", complete))
            drags = [drag(page) for _ in range(options.drags)]
            print(line("  pictures in a second of dragging", [n for n, _ in drags], "drags"))
            print(line("  longest task while dragging", [task for _, task in drags], "ms"))
            thumb = page.get_by_role("slider", name="Batch size B")
            thumb.focus()
            messages, size = received(page, frames, lambda: page.keyboard.press("ArrowLeft"))
            print(f"  after a move: {messages} messages, {size / 1000:.1f} kB")


if __name__ == "__main__":
    main()
