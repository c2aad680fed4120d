"""hand.js, hand_on_controls.js: a control is followed at once, and the server changes nothing."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_browser import open_dashboard
from tests.support.drawn import wait_for_drawn, wait_for_hidden
from tests.support.in_hand import (
    COUNTED_IN,
    HOLD_BACK,
    Act,
    choose,
    enter,
    held,
    press,
    same,
    toggle,
    unheard,
)

SLIDERS = ("Batch size B", "Learning rate", "Epochs", "Points N", "Noise")

ON_SCREEN = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)]
  const said = all(".live-words, figcaption, section.player, .player-tiles")
  const plots = all(".live-chart-plot").filter((plot) => plot.data)
  const numbers = (values = []) => [...values].flatMap((value) => value.length ? [...value] : value)
  return {
    texts: [
      ...said.map((each) => each.textContent),
      ...plots.flatMap(({ data, layout }) => [
        ...data.map(({ name, hovertemplate }) => `${name} ${hovertemplate}`),
        layout.xaxis.title?.text ?? "",
      ]),
    ],
    figures: plots.map(({ data, _fullLayout: { xaxis, yaxis } }) => [
      ...xaxis.range,
      ...yaxis.range,
      ...data.flatMap(({ x, y, z }) => [x, y, z].flatMap(numbers)),
    ]),
  }
}"""

FAINT = "it => Number(getComputedStyle(it).opacity)"

PLAYER_ON_SCREEN = """() => {
  const texts = [document.querySelector("section.player").innerText]
  return { texts, figures: [] }
}"""

WATCH_WORDS = """() => {
  window.said = []
  const place = document.querySelector(".live-words")
  const listen = () => window.said.push(place.textContent)
  new MutationObserver(listen).observe(place, { childList: true })
}"""

TO_AND_FRO = """async () => {
  const track = document.querySelector(".st-key-bs_slider [role=group]").getBoundingClientRect()
  const began = performance.now()
  const isSeen = (at) => at > 2000 && window.said.length >= 3
  for (let at = 0; !isSeen(at) && at < 20000; at = performance.now() - began) {
    await new Promise(requestAnimationFrame) // a hand that is as fast as the screen
    const clientX = track.x + track.width * Math.abs((at % 500) / 250 - 1)
    const pointer = { pointerId: 1, pointerType: "mouse", isPrimary: true, buttons: 1 }
    dispatchEvent(new PointerEvent("pointermove", { ...pointer, clientX, clientY: track.y }))
  }
}"""

# For some frames: a run may take longer than the frame in which it is begun.
IS_AT_REST = """() => {
  const isHeld = document.querySelector(".live-chart-held") !== null
  const isSent = "revision" in document.querySelector(".live-chart-grid").dataset
  const isSettled = "settled" in document.querySelector("section.player").dataset
  window.framesAtRest = !isHeld && !isSent && isSettled ? (window.framesAtRest ?? 0) + 1 : 0
  if (window.framesAtRest < 6) return false
  window.framesAtRest = 0
  return true
}"""


WATCH_PLOTLY = """() => {
  const { react } = window.Plotly
  window.drawings = []
  window.Plotly.react = (plot, ...figure) => {
    if (!window.heldBack) window.drawings.push(plot.dataset.chart)
    return react(plot, ...figure)
  }
}"""


def on_screen(page: Page) -> Any:
    return page.evaluate(ON_SCREEN)


@pytest.mark.parametrize(
    "query", ["/", "/?opt=SGD&loss=BCE&lr=0.7&shuf=Each+epoch&bs=30&sched=Cosine"]
)
def test_release_changes_nothing_that_the_hand_has_drawn(
    page: Page, server: str, query: str
) -> None:
    open_dashboard(page, server, query)
    for name in SLIDERS:
        before = on_screen(page)
        with held(page, name, 4, 9, 15, 22):
            page.wait_for_function(IS_AT_REST, polling="raf")
            drawn = on_screen(page)
        assert drawn != before, name
        page.mouse.move(1300, 10)
        page.wait_for_timeout(200)
        wait_for_drawn(page)
        same(on_screen(page), drawn)


@pytest.mark.parametrize(
    "query", ["", "?ep_in_order=4&bs_in_order=50", "?shuf_in_order=Each+epoch&bs_in_order=30"]
)
def test_on_minibatches_in_order_only_what_is_by_chance_waits_for_the_server(
    page: Page, server: str, query: str
) -> None:
    page.goto(f"{server}/in_order{query}")
    wait_for_drawn(page)
    spectrum = page.locator("figure", has=page.locator("[data-chart=spectrum]"))
    answer = spectrum.locator(".live-chart-answer")
    expect(answer).to_contain_text("for most seeds.")
    for name in SLIDERS:
        before = on_screen(page)
        with held(page, name, -3, -6, -9):
            page.wait_for_function(IS_AT_REST, polling="raf")
            expect(page.locator(".live-chart-waits")).to_have_count(0)
            assert answer.evaluate_all(f"all => all.every((each) => ({FAINT})(each) < 0.5)")
            drawn = without_answers(on_screen(page))
        assert drawn != without_answers(before), name
        page.mouse.move(1300, 10)
        page.wait_for_timeout(200)
        wait_for_drawn(page)
        same(without_answers(on_screen(page)), drawn)
        assert answer.evaluate_all(f"all => all.every((each) => ({FAINT})(each) > 0.5)")


def without_answers(screen: Any) -> Any:
    """What is on screen without the sentences that only the server can say."""
    answer = re.compile(
        r" (Shuffled anew|By chance) it is [\d.]*(up)? to [\d.]+% for most seeds\.$"
    )
    parted = [answer.sub("", it) for it in screen["texts"]]
    return {**screen, "texts": parted}


def test_a_held_slider_is_followed_before_the_server_hears_of_it(page: Page, server: str) -> None:
    open_dashboard(page, server)
    address, words = page.url, page.locator(".live-words")
    with held(page, "Batch size B") as pull:
        for move in (-10, -20, -30, -40, -50):
            before = words.text_content() or ""
            pull(move)
            expect(words).not_to_have_text(before)
        page.wait_for_function(IS_AT_REST, polling="raf")
        assert page.url == address
        expect(page.get_by_role("spinbutton", name="Batch size B")).not_to_have_value("25")
    wait_for_drawn(page)
    expect(page).not_to_have_url(address)


ACTS = {
    "seed": press("Seed", "ArrowUp"),
    "other data": press("Data seed", "ArrowUp"),
    "loss": choose("Loss", "BCE"),
    "optimizer": choose("Optimizer", "NAdam"),
    "order": choose("Shuffling", "Each epoch"),
    "number": enter("Epochs", "37"),
    "more than there can be": enter("Points N", "12"),  # fewer than a minibatch has
    "batch size": enter("Batch size B", "5"),
    "start": enter("Start w", "-2"),
    "hyperparameter": enter("betas[0]", "0.5"),
    "another optimizer's": choose("Optimizer", "SGD"),  # which has no betas
    "back": choose("Optimizer", "Adam"),  # its betas[0] is as it was left
    "schedule": choose("Schedule", "Cosine"),
    "switch": toggle("Drop the last short batch"),
    "what it opened with": choose("Loss", "MSE"),
}


def test_what_is_chosen_or_typed_is_drawn_before_the_server_hears_of_it(
    page: Page, server: str
) -> None:
    page.add_init_script(HOLD_BACK)
    open_dashboard(page, server, "/?opt=Adam")
    page.get_by_text("More", exact=True).click()
    page.evaluate(WATCH_PLOTLY)
    for name, _ in unheard(page, ACTS, IS_AT_REST, ON_SCREEN):
        assert page.evaluate("window.drawings") == [], name  # Plotly had nothing to draw anew
    assert page.evaluate("window.drawings") == []


@pytest.mark.parametrize(
    ("query", "acts"),
    [
        ("/?bs=30&ep=12&pins=bs%3D1%26ep%3D9", COUNTED_IN),
        ("/?unit=Time&cost=7", {name: COUNTED_IN[name] for name in ("epochs", "time again")}),
    ],
)
def test_what_is_counted_along_a_run_and_kept_ones_is_drawn_before_the_server_hears_of_it(
    page: Page, server: str, query: str, acts: Mapping[str, Act]
) -> None:
    page.add_init_script(HOLD_BACK)
    open_dashboard(page, server, query)
    for name, _ in unheard(page, acts, IS_AT_REST, ON_SCREEN):
        opacities = page.locator(".live-words, figure").evaluate_all(f"all => all.map({FAINT})")
        assert min(opacities) == 1.0, name


@pytest.mark.parametrize("address", ["/in_order", "/full_batch?opt_full_batch=Adam"])
def test_so_it_is_on_a_page_whose_settings_have_its_name(
    page: Page, server: str, address: str
) -> None:
    page.add_init_script(HOLD_BACK)
    page.goto(f"{server}{address}")
    acts = {
        "loss": choose("Loss", "BCE"),
        "number": enter("Learning rate", "0.123"),
        "back": choose("Loss", "MSE"),
    }
    for _ in unheard(page, acts, IS_AT_REST, PLAYER_ON_SCREEN):
        pass


def test_a_run_that_takes_longer_than_a_frame_is_seen_while_the_hand_moves(
    page: Page, server: str
) -> None:
    open_dashboard(page, server, "/?n=1000&bs=10&ep=1000&opt=SGD")  # 100,000 steps
    page.evaluate(WATCH_WORDS)
    with held(page, "Batch size B"):
        page.evaluate(TO_AND_FRO)
        assert len(page.evaluate("window.said")) >= 3
    wait_for_drawn(page)


def test_answers_to_earlier_keys_do_not_bring_the_picture_back(page: Page, server: str) -> None:
    open_dashboard(page, server)
    page.evaluate(WATCH_WORDS)
    page.get_by_role("slider", name="Epochs").focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(60)
    wait_for_drawn(page)
    said = page.evaluate(
        "window.said.map(text => Number(/lasts ([\\d,]+)/.exec(text)[1].replace(',', '')))"
    )
    assert said == sorted(said)
    assert said[-1] == 1000


def test_a_value_between_the_stops_is_the_same_when_the_hand_is_back_at_it(
    page: Page, server: str
) -> None:
    open_dashboard(page, server, "/?lr=0.0123456789")
    before = on_screen(page)
    with held(page, "Learning rate", 15, 0):
        page.wait_for_function(IS_AT_REST, polling="raf")
        same(on_screen(page), before)
    wait_for_drawn(page)
    same(on_screen(page), before)


def test_a_slider_let_go_outside_of_the_window_is_let_go(page: Page, server: str) -> None:
    open_dashboard(page, server)
    with held(page, "Noise", 20):
        page.mouse.move(-50, 900)
    wait_for_drawn(page)
    page.mouse.move(600, 300)
    expect(page).to_have_url(f"{server}/?noise=0.0&step=middle")


def test_a_preset_is_not_drawn_piece_by_piece(page: Page, server: str) -> None:
    open_dashboard(page, server)
    with held(page, "Batch size B", 12):
        pass
    wait_for_drawn(page)
    page.evaluate(WATCH_WORDS)
    page.get_by_role("button", name="§3").click()
    page.wait_for_function("() => window.said.length > 0")
    wait_for_drawn(page)
    assert len(set(page.evaluate("window.said"))) == 1


def test_no_minibatch_is_larger_than_the_data(page: Page, server: str) -> None:
    open_dashboard(page, server, "/?n=61&bs=10")
    slider = page.get_by_role("slider", name="Batch size B")
    slider.focus()
    page.keyboard.press("End")
    wait_for_drawn(page)
    expect(slider).to_have_attribute("aria-valuetext", "61")
    with held(page, "Points N", -40):
        page.wait_for_timeout(300)
        expect(page.locator(".live-words")).to_contain_text("Each step uses all")
    wait_for_drawn(page)
    expect(page.get_by_text("there are only N =")).to_be_visible()


def test_a_hidden_line_stays_hidden_while_the_hand_moves(page: Page, server: str) -> None:
    open_dashboard(page, server)
    plot = page.locator("[data-chart=loss]")
    for line, entry in enumerate(plot.locator(".legendtoggle").all()):
        entry.click()
        wait_for_hidden(page, "loss", line)
    page.get_by_role("button", name="To the start").click()
    with held(page, "Batch size B", 10):
        page.wait_for_timeout(60)
        painted = """plot => {
          const canvas = plot.querySelector("canvas")
          const box = [90, 0, canvas.width - 90, canvas.height]
          return canvas.getContext("2d").getImageData(...box).data.some((part) => part > 0)
        }"""
        assert not plot.evaluate(painted)


def test_charts_that_cannot_follow_say_so_until_the_server_has_answered(
    page: Page, server: str
) -> None:
    page.goto(f"{server}/full_batch")
    wait_for_drawn(page)
    waiting = page.locator(".live-chart-waits")
    with held(page, "Learning rate", -10, -20):
        page.wait_for_function(IS_AT_REST, polling="raf")
        late = ("Loss on all the data", "One sigmoid and two", "w and b")
        assert tuple(each.locator("b").text_content() for each in waiting.all()) == late
        drawn = on_screen(page)["texts"]
    page.mouse.move(1300, 10)
    expect(waiting).to_have_count(0)
    wait_for_drawn(page)
    followed = on_screen(page)["texts"]
    assert drawn != followed
    assert [text for text in drawn if not text.startswith(late)] == [
        text for text in followed if not text.startswith(late)
    ]


@pytest.mark.parametrize(
    ("path", "name", "selector"),
    [
        ("in_order", "Batch size B", "[data-testid=stMain] .stMarkdown"),
        ("full_batch", "Learning rate", "[data-testid=stMain] .stMarkdown"),
        ("minibatch_surfaces", "Batch size B", ".live-chart-grid"),
        ("stability", "Learning rate", "[data-testid=stMain] .stMarkdown"),
    ],
)
def test_what_only_the_server_can_say_anew_is_faint_while_the_hand_is_ahead(
    page: Page, server: str, path: str, name: str, selector: str
) -> None:
    page.goto(f"{server}/{path}")
    wait_for_drawn(page)
    place, box = page.locator(selector).first, page.get_by_role("spinbutton", name=name)
    before = box.input_value()
    assert place.evaluate(FAINT) == 1.0
    with held(page, name, -5, -10, -18):
        expect(box).not_to_have_value(before)
        expect(place).to_have_css("opacity", re.compile(r"^0\.[0-4]"))
        assert page.locator(".player-row").evaluate_all(f"all => all.map({FAINT})") in ([], [1.0])
        held_at = box.input_value()
    page.mouse.move(1300, 10)
    expect(place).to_have_css("opacity", "1")
    wait_for_drawn(page)
    expect(box).to_have_value(held_at)


def test_where_all_points_make_a_step_they_still_do_in_the_hand(page: Page, server: str) -> None:
    page.goto(f"{server}/full_batch")
    wait_for_drawn(page)
    row = page.locator("section.player")
    with held(page, "Points N", -15, -25):
        page.wait_for_function(IS_AT_REST, polling="raf")
        drawn = row.text_content()
        assert drawn
        assert "of 201" in drawn
    page.mouse.move(1300, 10)
    wait_for_drawn(page)
    assert row.text_content() == drawn


def test_on_a_phone_the_charts_are_seen_while_a_slider_is_held(phone: Page, server: str) -> None:
    phone.goto(server)
    wait_for_drawn(phone)
    phone.get_by_test_id("stExpandSidebarButton").tap()
    slider = phone.get_by_role("slider", name="Batch size B")
    thumb = slider.locator("xpath=ancestor::*[@data-rac][1]")
    thumb.tap(trial=True)  # once the sidebar stands still
    box = thumb.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2.0, box["y"] + box["height"] / 2.0
    other = phone.get_by_role("slider", name="Learning rate")
    touches = phone.context.new_cdp_session(phone)

    def touch(kind: str, *points: float) -> None:
        fingers = [{"x": point, "y": y} for point in points]
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    touch("touchStart", x)
    for k in range(1, 9):
        touch("touchMove", x - 5.0 * k)
    expect(other).to_be_hidden()
    expect(phone.locator(".live-words")).not_to_contain_text("uses 25 of")
    touch("touchEnd")
    expect(other).to_be_visible()
    wait_for_drawn(phone)
    expect(phone).to_have_url(re.compile("bs="))


def test_on_a_phone_a_second_finger_changes_nothing(phone: Page, server: str) -> None:
    phone.goto(server)
    wait_for_drawn(phone)
    phone.get_by_test_id("stExpandSidebarButton").tap()
    places = []
    for name in ("Batch size B", "Learning rate"):
        slider = phone.get_by_role("slider", name=name)
        thumb = slider.locator("xpath=ancestor::*[@data-rac][1]")
        thumb.tap(trial=True)  # once the sidebar stands still
        box = thumb.bounding_box()
        assert box
        places.append((box["x"] + box["width"] / 2.0, box["y"] + box["height"] / 2.0))
    touches = phone.context.new_cdp_session(phone)

    def touch(kind: str, *fingers: tuple[int, float, float]) -> None:
        points = [{"id": number, "x": x, "y": y} for number, x, y in fingers]
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    (x, y), (other_x, other_y) = places
    words = phone.locator(".live-words")
    touch("touchStart", (1, x, y))
    touch("touchMove", (1, x - 20.0, y))
    touch("touchStart", (1, x - 20.0, y), (2, other_x, other_y))  # where a slider is that is hidden
    for k in range(1, 5):
        touch("touchMove", (1, x - 20.0 - 5.0 * k, y), (2, other_x + 8.0 * k, other_y))
    touch("touchEnd", (2, other_x + 32.0, other_y))
    touch("touchEnd")
    wait_for_drawn(phone)
    expect(phone).to_have_url(re.compile(r"/\?bs=\d+(&step=\w+)?$"))  # the player is beneath
    size = phone.get_by_role("spinbutton", name="Batch size B").input_value()
    expect(words).to_contain_text(f"uses {size} of")
    expect(phone.locator("[data-in-hand]")).to_have_count(0)
