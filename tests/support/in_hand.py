"""A hand on the controls in a browser, and acts of which the server does not hear at first."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from playwright.sync_api import Page

from tests.support.drawn import wait_for_drawn

Act = Callable[[Page], None]

# For some frames: a picture may take longer than the frame in which it is begun.
IS_AT_REST = """() => {
  const isHeld = document.querySelector(".live-chart-held") !== null
  const isSent = "revision" in document.querySelector(".live-chart-grid").dataset
  window.framesAtRest = !isHeld && !isSent ? (window.framesAtRest ?? 0) + 1 : 0
  if (window.framesAtRest < 6) return false
  window.framesAtRest = 0
  return true
}"""
"""Whether a board that plays no run shows what the hand holds, as far as it is going to."""

FAINT = "all => all.filter((each) => Number(getComputedStyle(each).opacity) < 0.5).length"

HOLD_BACK = """
  const { send } = WebSocket.prototype
  const kept = []
  WebSocket.prototype.send = function (message) {
    if (window.heldBack) kept.push([this, message])
    else send.call(this, message)
  }
  window.letGo = () => {
    window.heldBack = false
    for (const [socket, message] of kept.splice(0)) send.call(socket, message)
  }
"""
"""Messages to the server wait from `window.heldBack = true` to `window.letGo()`."""


@contextmanager
def held(page: Page, name: str, *moves: float) -> Iterator[Callable[[float], None]]:
    """A slider's thumb, pulled by so many pixels one after another, and held there.

    What it gives pulls the thumb on to another place.
    """
    thumb = page.get_by_role("slider", name=name).locator("xpath=ancestor::*[@data-rac][1]")
    box = thumb.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2.0, box["y"] + box["height"] / 2.0
    page.mouse.move(x, y)
    page.mouse.down()
    for move in moves:
        page.mouse.move(x + move, y)
        page.wait_for_timeout(50)
    yield lambda move: page.mouse.move(x + move, y)
    page.mouse.up()


def unheard(
    page: Page, acts: Mapping[str, Act], is_at_rest: str, on_screen: str
) -> Iterator[tuple[str, Any]]:
    """One act after another: the name of each, and what is on screen before the server hears of it.

    The server's answer may change nothing of that. The page has HOLD_BACK among its scripts.
    """
    for name, act in acts.items():
        wait_for_drawn(page)
        page.wait_for_timeout(500)  # until the address is known to say what is shown
        before = page.evaluate(on_screen)
        page.evaluate("window.heldBack = true")
        act(page)
        page.wait_for_function(is_at_rest, polling="raf")
        drawn = page.evaluate(on_screen)
        assert drawn != before, name
        yield name, drawn
        page.evaluate("window.letGo()")
        page.wait_for_timeout(200)
        wait_for_drawn(page)
        same(page.evaluate(on_screen), drawn)


def same(found: Any, expected: Any) -> None:
    """Equal words, and numbers equal as far as the float32 goes in which they are sent."""
    assert found["texts"] == expected["texts"]
    for one, other in zip(found["figures"], expected["figures"], strict=True):
        numbers, others = (np.array(each, dtype=np.float64) for each in (one, other))
        np.testing.assert_allclose(numbers, others, rtol=1e-6, atol=1e-12)


def choose(name: str, option: str) -> Act:
    def act(page: Page) -> None:
        page.get_by_role("combobox", name=name).click()
        page.keyboard.type(option)  # of a long list only a part is drawn
        page.get_by_role("option", name=option, exact=True).click()

    return act


def press(name: str, key: str) -> Act:
    return lambda page: page.get_by_role("spinbutton", name=name, exact=True).press(key)


def enter(name: str, value: str) -> Act:
    def act(page: Page) -> None:
        box = page.get_by_role("spinbutton", name=name, exact=True)
        box.fill(value)
        box.press("Enter")

    return act


def toggle(name: str) -> Act:
    return lambda page: page.get_by_text(name, exact=True).click()


COUNTED_IN: Mapping[str, Act] = {
    "epochs": choose("Counted in", "Epochs"),
    "time": choose("Counted in", "Time"),
    "cost": enter("Cost of a step, in examples", "11"),
    "examples": choose("Counted in", "Examples seen"),
    "time again": choose("Counted in", "Time"),
    "steps": choose("Counted in", "Steps"),
}
"""What is counted along a run that counts steps, each in turn."""
