"""The dashboard in a real browser: charts that stay, addresses, themes, sizes, the proof."""

import re
from typing import Literal

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from minibatch_core import Settings, TrainSettings
from tests.support.computed import computed
from tests.support.drawn import redrawn, resize, wait_for_drawn, wait_for_hidden
from tests.support.said import numbers_in

CHARTS = 6
WATCH_EVERY_FRAME = """() => {
  window.frames_seen = 0
  window.bad_frames = []
  const look = () => {
    window.frames_seen += 1
    const plots = [...document.querySelectorAll(".live-chart-plot")]
    const faults = plots.flatMap((plot) => {
      const pictures = plot.querySelectorAll("svg.main-svg, canvas")
      const own = "[data-chart=minibatch] > .player-layer"
      const drawn = plot.querySelectorAll(`.plot-container, .player-tiles, ${own}`)
      const box = pictures[0]?.getBoundingClientRect()
      let opacity = 1
      for (let e = plot; e; e = e.parentElement) opacity *= getComputedStyle(e).opacity
      if (!box || box.width < 50 || box.height < 50) return [`${plot.dataset.chart} is blank`]
      if (drawn.length !== 1) return [`${plot.dataset.chart} is doubled`]
      if (opacity < 1) return [`${plot.dataset.chart} is faded`]
      return []
    })
    if (plots.length !== 6) faults.push(`${plots.length} charts`)
    if (faults.length) window.bad_frames.push(faults.join())
    window.watching = requestAnimationFrame(look)
  }
  look()
}"""


def open_dashboard(page: Page, url: str, query: str = "") -> None:
    page.goto(url + query)
    expect(page.locator(".live-chart-plot")).to_have_count(CHARTS, timeout=60_000)
    expect(page.locator(".live-chart-plot .main-svg").first).to_be_visible()
    wait_for_drawn(page)


def metric(page: Page, label: str) -> Locator:
    """The value that stands under a label above the charts."""
    entry = page.locator(".live-chart-metrics div").filter(has=page.get_by_text(label, exact=True))
    return entry.locator("dd")


def drawn_steps(page: Page) -> int:
    """The last step of the minibatch loss as Plotly holds it."""
    return int(
        page.evaluate("Array.from(document.querySelector('[data-chart=loss]').data[0].x).at(-1)")
    )


WATCH_SURFACES = """
  window.cells = []
  new MutationObserver(() => {
    const cells = document.querySelector("[data-chart=surface]")?.data?.[0].z.length
    if (cells && cells !== window.cells.at(-1)) window.cells.push(cells)
  }).observe(document, { childList: true, subtree: true })
"""


def test_a_key_on_the_slider_changes_metrics_charts_and_address(page: Page, server: str) -> None:
    open_dashboard(page, server)
    expect(metric(page, "Step")).to_have_text("100 of 200")
    assert drawn_steps(page) == 199
    thumb = page.get_by_role("slider", name="Batch size B")
    thumb.focus()
    with redrawn(page):
        page.keyboard.press("ArrowLeft")
    expect(metric(page, "Step")).to_have_text("125 of 250")
    assert drawn_steps(page) == 249
    assert page.get_by_role("spinbutton", name="Batch size B").input_value() == "20"
    expect(page).to_have_url(re.compile(r"\?bs=20&step=middle$"))


def test_the_board_says_when_all_of_what_was_sent_is_drawn(page: Page, server: str) -> None:
    open_dashboard(page, server)
    board = page.locator(".live-chart-grid")
    for settings in (Settings(), Settings(train=TrainSettings(batch_size=20))):
        sent = computed("playground", settings).board
        expect(board).to_have_attribute("data-revision", sent.revision)
        assert drawn_steps(page) == 100 // settings.train.batch_size * 50 - 1
        page.get_by_role("slider", name="Batch size B").press("ArrowLeft")


WATCH_SOCKET = """
  window.received = 0
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given)
      this.addEventListener("message", ({ data }) => (window.received += data.byteLength))
    }
  }
"""


@pytest.mark.parametrize("query", ["/", "/?n=1000&bs=10&ep=100&shuf=Each+epoch"])
def test_a_move_brings_settings_and_no_picture_of_them(page: Page, server: str, query: str) -> None:
    page.add_init_script(WATCH_SOCKET)
    open_dashboard(page, server, query)
    opened = page.evaluate("window.received")
    with redrawn(page):
        page.get_by_role("slider", name="Batch size B").press("ArrowLeft")
    assert 1000 < page.evaluate("window.received") - opened < 11_500


def test_of_many_points_the_first_picture_is_coarse_and_the_last_is_whole(
    page: Page, server: str
) -> None:
    page.add_init_script(WATCH_SURFACES)
    open_dashboard(page, server, "/?n=3000&bs=100")
    assert page.evaluate("window.cells") == [21, 61]


def test_no_frame_lacks_a_chart_while_the_slider_moves(page: Page, server: str) -> None:
    open_dashboard(page, server)
    page.evaluate(WATCH_EVERY_FRAME)
    page.get_by_role("slider", name="Batch size B").focus()
    for key in ["ArrowLeft"] * 6 + ["ArrowRight"] * 6:
        page.keyboard.press(key)
        page.wait_for_timeout(170)
    page.get_by_role("slider", name="Points N").focus()
    page.keyboard.press("End")  # 10,000 points: a slow run, in which Streamlit fades what is old
    page.wait_for_timeout(3000)
    wait_for_drawn(page)
    page.wait_for_function("() => window.frames_seen > 60")
    assert page.evaluate("window.bad_frames") == []


def test_zoom_and_legend_choices_survive_new_data(page: Page, server: str) -> None:
    open_dashboard(page, server)
    plot = page.locator("[data-chart=loss]")
    box = plot.bounding_box()
    assert box
    x, y = box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 120, y + 50, steps=5)
    page.mouse.up()
    plot.locator(".legendtoggle").first.click()
    wait_for_hidden(page, "loss", 0)
    look = "plot => [plot.layout.xaxis.range.map(Math.round), plot._fullData[0].visible]"
    zoomed = plot.evaluate(look)
    page.get_by_role("slider", name="Batch size B").focus()
    with redrawn(page):
        page.keyboard.press("ArrowLeft")
    expect(metric(page, "Step")).to_have_text("125 of 250")
    assert plot.evaluate(look) == zoomed


def test_an_address_is_restored_by_the_first_request(page: Page, server: str) -> None:
    open_dashboard(page, server, "/?bs=7&opt=SGD&lr=0.5&n=70&shuf=Each+epoch&ep=20")
    expect(metric(page, "Step")).to_have_text("200 of 200")
    assert page.get_by_role("spinbutton", name="Learning rate").input_value() == "0.5"
    expect(page).to_have_url(re.compile(r"bs=7&opt=SGD&"))


def test_a_bad_address_is_told_so(page: Page, server: str) -> None:
    open_dashboard(page, server, "/?bs=0&lr=0.5")
    notice = "bs should be between 1 and 10,000, but got 0. Batch size B is now 25."
    expect(page.get_by_role("alert").filter(has_text=notice)).to_be_visible()
    assert page.get_by_role("spinbutton", name="Batch size B").input_value() == "25"
    expect(page).to_have_url(f"{server}/?lr=0.5")


def test_n_that_shrinks_below_b_takes_b_along(page: Page, server: str) -> None:
    open_dashboard(page, server)
    page.get_by_role("slider", name="Points N").focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("there are only N = 10 points. So it is now 10")).to_be_visible()
    wait_for_drawn(page)
    assert page.get_by_role("spinbutton", name="Batch size B").input_value() == "10"
    expect(page).to_have_url(re.compile("bs=10"))


def test_a_preset_is_two_clicks(page: Page, server: str) -> None:
    open_dashboard(page, server, "/?step=end")
    page.get_by_role("button", name="Presets").click()
    page.get_by_text("Notebook, section 3: DataLoader").click()
    expect(metric(page, "w")).to_have_text("6.4270")
    wait_for_drawn(page)
    expect(page).to_have_url(re.compile("pre=2"))


def test_a_preset_is_one_step_of_the_history(page: Page, server: str) -> None:
    open_dashboard(page, server, "/?step=end")
    length = page.evaluate("history.length")
    first = f"{server}/?bs=100&loss=BCE+with+logits+on+sigmoid&ep=201"
    page.get_by_role("button", name="§1").click()
    expect(page).to_have_url(first)
    wait_for_drawn(page)
    page.get_by_role("button", name="§3").click()
    expect(page).to_have_url(re.compile("pre=2"))
    wait_for_drawn(page)
    assert page.evaluate("history.length") == length + 2
    page.go_back()
    expect(page).to_have_url(first)
    wait_for_drawn(page)
    expect(metric(page, "w")).to_have_text("5.0585")
    page.go_back()
    expect(page).to_have_url(f"{server}/?step=end")


def test_a_choice_a_typed_number_and_a_slider_are_one_step_of_the_history_each(
    page: Page, server: str
) -> None:
    open_dashboard(page, server, "/?step=end")
    length = page.evaluate("history.length")
    box = page.get_by_role("spinbutton", name="Batch size B")
    with redrawn(page):
        box.fill("10")
        page.keyboard.press("Enter")
    with redrawn(page):
        page.get_by_role("combobox", name="Optimizer").click()
        page.get_by_role("option", name="SGD", exact=True).click()
    with redrawn(page):
        page.get_by_role("slider", name="Epochs").press("ArrowLeft")
    expect(page).to_have_url(re.compile("ep=30"))
    player = page.get_by_role("slider", name="Step", exact=True)
    player.press("ArrowLeft")
    expect(page).to_have_url(re.compile("step="))
    player.press("ArrowRight")
    expect(page).not_to_have_url(re.compile("step="))
    assert page.evaluate("history.length") == length + 3  # a step of the run is no setting
    for shown in (r"bs=10&opt=SGD$", r"\?bs=10$", r"/\?step=end$"):
        page.go_back()
        expect(page).to_have_url(re.compile(shown))
        wait_for_drawn(page)
    expect(box).to_have_value("25")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_charts_follow_the_theme(page: Page, server: str, theme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=theme)
    open_dashboard(page, server)
    colours = page.evaluate(
        "[...document.querySelectorAll('[data-chart=loss] .legendtext')]"
        ".map(text => getComputedStyle(text).fill)"
    )
    line = page.evaluate("document.querySelector('[data-chart=loss]').data[1].line.color")
    expected = {"light": ("rgb(31, 41, 51)", "#1f2933"), "dark": ("rgb(232, 234, 237)", "#e8eaed")}
    assert (colours[0], line) == expected[theme]


def test_everything_needed_is_in_view_on_a_laptop(page: Page, server: str) -> None:
    open_dashboard(page, server)
    names = ["loss", "traces", "surface"]
    places = [page.locator(f"[data-chart={name}]") for name in names]
    places += page.locator(".live-chart-metrics dd").all()
    places += [page.get_by_role("slider", name=n) for n in ("Batch size B", "Epochs", "Noise")]
    places += [page.get_by_text("Data seed"), page.get_by_role("button", name="Presets")]
    for place in places:
        box = place.bounding_box()
        assert box
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 768


LONGEST = "BCE with logits on sigmoid"


def test_the_loss_can_be_read_closed_and_open(page: Page, phone: Page, server: str) -> None:
    is_whole = "it => it.scrollWidth <= it.clientWidth"
    for window in (page, phone):
        open_dashboard(window, server, f"/?loss={LONGEST.replace(' ', '+')}")
        if window is phone:
            window.get_by_test_id("stExpandSidebarButton").click()
        box = window.get_by_role("combobox", name="Loss")
        expect(box).to_have_value(LONGEST)
        box.click()  # once the sidebar stands still
        assert box.evaluate(is_whole)
        box.fill("logits")  # the list stays open, or opens again
        choice = window.get_by_role("option", name=LONGEST).locator("div")
        expect(choice).to_have_text(LONGEST)
        assert choice.evaluate(is_whole)


def test_a_resized_window_redraws_the_charts(page: Page, server: str) -> None:
    open_dashboard(page, server)
    before = page.locator("[data-chart=loss]").evaluate("plot => plot._fullLayout.width")
    resize(page, 1700, 900)  # which waits until every chart has the width of its place
    after = page.locator("[data-chart=loss]").evaluate("plot => plot._fullLayout.width")
    assert after > before


def test_the_page_says_so_if_plotly_cannot_be_loaded(page: Page, server: str) -> None:
    page.route("**/plotly.min.js", lambda route: route.abort())
    page.goto(server)
    alert = page.get_by_role("alert").filter(has_text="The charts can't be drawn")
    expect(alert).to_be_visible(timeout=30_000)


def test_every_chart_has_an_accessible_name(page: Page, server: str) -> None:
    open_dashboard(page, server)
    images = page.locator(".live-chart-plot[role=img]").all()
    names = [image.get_attribute("aria-label") or "" for image in images]
    assert len(names) == CHARTS - 1  # the epoch's minibatches are buttons
    assert all(name.startswith("Chart: ") and len(name) > 20 for name in names)


def test_a_tile_is_painted_in_the_colours_of_its_losses(page: Page, server: str) -> None:
    open_dashboard(page, server, "/?bs=1")
    # One point: the surface is nearly 0 on one side and nearly 1 on the other.
    corners = page.locator(".player-tile canvas").first.evaluate(
        """canvas => {
          const at = (x, y) => [...canvas.getContext("2d").getImageData(x, y, 1, 1).data]
          return [at(canvas.width >> 1, 1), at(canvas.width >> 1, canvas.height - 2)]
        }"""
    )
    low, high = corners  # the first point is of class 1, at x > 1
    assert low[2] > low[1]  # viridis begins in blue violet
    assert high[0] > 200
    assert high[1] > 200  # and ends in yellow


def test_the_proof_agrees_with_torch(page: Page, server: str) -> None:
    open_dashboard(page, server)
    page.get_by_role("button", name="Check against PyTorch").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Largest difference in w")).to_be_visible(timeout=60_000)
    values = dialog.get_by_test_id("stMetricValue").all_inner_texts()
    difference_w, _compiled, difference_b, _torch = values  # two columns of two
    assert numbers_in(difference_w)[0] < 1e-9
    assert numbers_in(difference_b)[0] < 1e-9


def test_the_proof_can_be_stopped_and_says_how_far_it_came(page: Page, server: str) -> None:
    open_dashboard(page, server, "/?n=1000&bs=1&ep=200")  # as long as a run can be
    page.get_by_role("button", name="Check against PyTorch").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(re.compile(r"Step [1-9]"))).to_be_visible(timeout=60_000)
    dialog.get_by_role("button", name="Stop").click()
    expect(dialog.get_by_text(re.compile("Stopped after step .* of 200,000"))).to_be_visible()
    (difference,) = numbers_in(dialog.get_by_test_id("stMetricValue").first.inner_text())
    assert difference < 1e-9


def test_no_policy_of_the_page_is_violated(context: BrowserContext, server: str) -> None:
    page = context.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(f"{message.type}: {message.text}"))
    open_dashboard(page, server)
    assert [text for text in messages if text.startswith(("error", "warning"))] == []


def test_a_run_that_diverges_is_drawn_as_far_as_it_came(page: Page, server: str) -> None:
    messages: list[str] = []
    page.on("console", lambda message: messages.append(f"{message.type}: {message.text}"))
    open_dashboard(page, server, "/?opt=SGD&lr=100&wd=50&ep=100")
    expect(
        page.get_by_text(re.compile(r"^The run stops after [\d,]+ of [\d,]+ steps:"))
    ).to_be_visible()
    expect(metric(page, "w")).to_have_text(re.compile(r"^-?\d\.\d{4}·10[⁰¹²³⁴⁵⁶⁷⁸⁹]+$"))
    assert drawn_steps(page) == int(metric(page, "Step").inner_text().split()[0]) - 1
    assert [text for text in messages if text.startswith("error")] == []
