"""The player: its numbers are Python's, its steps are all shown, its state is told and shared."""

import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from minibatch_core import (
    Dataset,
    DataSettings,
    Settings,
    TrainSettings,
    full_loss,
    make_batches,
    make_dataset,
    train,
)
from minibatch_core.theory.lowest import lowest_point
from minibatch_core.words import rounded
from tests.support.autograd import by_autograd
from tests.support.computed import computed
from tests.support.drawn import redrawn, wait_for_drawn, wait_for_page, with_axes

CHARTS = 6


def payload(settings: Settings) -> bytes:
    """The Playground as the browser is sent it."""
    return computed("playground", settings).board.payload


def test_a_run_to_play_is_small() -> None:
    thousand = Settings(train=TrainSettings(batch_size=10, epochs=100, shuffle="each_epoch"))
    assert len(payload(thousand)) < 10_000
    for data, batch_size, epochs in ((1000, 1, 100), (10_000, 100, 1000)):
        long = Settings(
            DataSettings(n=data),
            TrainSettings(batch_size=batch_size, epochs=epochs, shuffle="each_epoch"),
        )
        assert len(payload(long)) < 10_000


# ---- in the dashboard


LARGER = """plots => plots
  .filter(plot => plot.querySelector(".main-svg").clientHeight !== plot.clientHeight)
  .map(plot => plot.dataset.chart)
"""


def open_player(page: Page, url: str) -> Locator:
    page.goto(url)
    return drawn_player(page)


def drawn_player(page: Page) -> Locator:
    """The player of a page that is drawn, in which no chart is larger than its place."""
    section = page.locator("section.player")
    expect(section).to_have_attribute("data-step", re.compile(r"\d"), timeout=60_000)
    expect(page.locator(".live-chart-plot .main-svg").first).to_be_visible()
    wait_for_drawn(page)
    assert page.locator(".live-chart-plot.js-plotly-plot").evaluate_all(LARGER) == []
    return section


def step(section: Locator) -> int:
    return int(section.get_attribute("data-step") or "")


def row(section: Locator) -> dict[str, str]:
    terms = section.locator("dt").all_inner_texts()
    return dict(zip(terms, section.locator("dd").all_inner_texts(), strict=True))


def scrubber(page: Page) -> Locator:
    return page.get_by_role("slider", name="Step", exact=True)


def go_to(page: Page, at: int) -> None:
    scrubber(page).fill(str(at))
    wait_for_drawn(page)


def note(page: Page, chart: str) -> str:
    return page.locator("figure", has=page.locator(f"[data-chart={chart}]")).inner_text()


ADDRESS = "/?bs=7&n=60&shuf=Each+epoch&loss=BCE&ep=30"
SETTINGS = Settings(
    DataSettings(n=60), TrainSettings(batch_size=7, epochs=30, shuffle="each_epoch", loss="bce")
)


def test_the_row_of_a_step_is_what_python_computes(page: Page, server: str) -> None:
    section = open_player(page, f"{server}{ADDRESS}&step=137")
    data = make_dataset(SETTINGS.data)
    run = train(data, SETTINGS.train)
    for at in (137, 0, 8, 269, 270):
        go_to(page, at)
        taken = min(at, len(run) - 1)
        points = run.batches[taken].tolist()
        w, b = float(run.w[at]), float(run.b[at])
        own = by_autograd(data, points, "bce", w, b)
        everything = by_autograd(data, list(range(60)), "bce", w, b)
        expected = {
            "Step": f"{at} of 270",
            "Epoch": f"{taken // 9 + 1} of 30",
            "Minibatch": f"{taken % 9 + 1} of 9",
            "Minibatch loss": f"{own[0]:.4f}",
            "Loss, all data": f"{everything[0]:.4f}",
            "w": f"{w:.4f}",
            "b": f"{b:.4f}",
            "Minibatch ∂w, ∂b": gradient(*own[1:]),
            "All data ∂w, ∂b": gradient(*everything[1:]),
        }
        if at == 270:
            expected |= dict.fromkeys(("Minibatch", "Minibatch loss", "Minibatch ∂w, ∂b"), "–")
        assert row(section) == expected


def gradient(*slopes: float) -> str:
    """As the row spells it: of small parts two digits that count."""
    spelled = [f"{slope:.4f}" if abs(slope) >= 1e-3 else rounded(slope, 2) for slope in slopes]
    return ", ".join(spelled)


def test_the_captions_say_what_the_step_does(page: Page, server: str) -> None:
    data = make_dataset(SETTINGS.data)
    run = train(data, SETTINGS.train)
    full = full_loss(data, run.w, run.b, "bce")
    worse = int(np.argmax(np.diff(full)))
    assert f"{full[worse + 1]:.4f}" > f"{full[worse]:.4f}"
    open_player(page, f"{server}{ADDRESS}&step={worse}")
    raises = f"The step raises the loss from {full[worse]:.4f} to {full[worse + 1]:.4f}."
    assert raises in note(page, "surface")
    own = float(run.batch_loss[worse])
    points = f"7 points, {int(data.y[run.batches[worse]].sum())} of class 1"
    assert f"The minibatch's {points}, stand out." in note(page, "data")
    assert re.search(
        f"The step (?:raises|lowers) its loss(?:,| from) {own:.4f}", note(page, "minibatch")
    )
    gradients = [
        np.array(by_autograd(data, points, "bce", run.w[worse], run.b[worse])[1:])
        for points in (run.batches[worse].tolist(), list(range(60)))
    ]
    cosine = gradients[0] @ gradients[1] / np.prod([np.linalg.norm(g) for g in gradients])
    from_all = np.degrees(np.arccos(cosine))
    move = np.array([np.diff(run.w)[worse], np.diff(run.b)[worse]])
    cosine = -gradients[0] @ move / np.linalg.norm(gradients[0]) / np.linalg.norm(move)
    from_step = np.degrees(np.arccos(cosine))
    of_all = f"{from_all:.0f}° from that of all the data"
    apart = f"Its arrow is {of_all}, and {from_step:.0f}° from the step."
    assert apart in note(page, "minibatch")


def test_of_many_points_the_caption_says_how_many_are_drawn(page: Page, server: str) -> None:
    open_player(page, f"{server}/?n=1000&bs=700&ep=5&step=2")
    rugs = "return (plot.data[0].x.length + plot.data[1].x.length) / 3"
    assert with_axes(page, "data", rugs) == 600
    assert "The thin lines are 600 of all points." in note(page, "data")
    data = make_dataset(DataSettings(n=1000))
    points = make_batches(1000, TrainSettings(batch_size=700))[2]
    ones = int(data.y[points[np.linspace(0, 699, 600).astype(int)]].sum())
    assert ones != int(data.y[points].sum())
    said = f"600 of the minibatch's 700 points stand out, {ones} of class 1."
    assert said in note(page, "data")
    open_player(page, f"{server}/?n=100&step=3")
    assert "The thin lines" not in note(page, "data")


def test_of_a_minibatch_of_one_the_caption_says_its_class(page: Page, server: str) -> None:
    data, batches = make_dataset(), make_batches(100, TrainSettings(batch_size=1))
    open_player(page, f"{server}/?bs=1&ep=2")
    for at in (0, 99):
        go_to(page, at)
        label = int(data.y[batches[at][0]])
        says = f"The minibatch's one point, of class {label}, stands out."
        assert says in note(page, "data")


def test_where_every_p_is_a_half_no_point_is_said_to_be_on_a_side(page: Page, server: str) -> None:
    open_player(page, f"{server}/?w0=0&b0=0&step=0")
    page.get_by_text("More", exact=True).click()
    half = "p is ½ for every x, so the model says neither class."
    assert half in note(page, "data")
    for b in (1.0, -1.0):
        with redrawn(page):
            page.get_by_role("spinbutton", name="Start b").fill(f"{b:g}")
            page.keyboard.press("Enter")
        right = int(np.sum(make_dataset().y == (b > 0.0)))
        said = f"The model is right for {right} of 100 points: it says {b > 0.0:d} for every x."
        assert said in note(page, "data")
        assert half not in note(page, "data")


def test_the_dots_at_the_ends_of_a_path_have_the_colours_that_the_key_names(
    page: Page, server: str
) -> None:
    section = open_player(page, f"{server}/?step=20")
    expect(
        section.get_by_text("grey at the start, black now, and white at the end")
    ).to_be_visible()
    looks = """return [...plot.querySelectorAll(".points path")].map((dot) => {
        const { opacity, fill, fillOpacity } = getComputedStyle(dot)
        return [opacity, fillOpacity, fill]
    })"""
    start, end, *_ = with_axes(page, "surface", looks)
    assert start == ["1", "1", "rgb(95, 99, 104)"]
    assert end == ["1", "1", "rgb(255, 255, 255)"]


@pytest.mark.parametrize(("optimizer", "name"), [("sgd", "SGD"), ("adamw", "AdamW")])
def test_weight_decay_is_not_said_to_pull_towards_0_where_it_throws_away(
    page: Page, server: str, optimizer: str, name: str
) -> None:
    settings = TrainSettings(
        optimizer=optimizer, lr=1.0, weight_decay=3.0, epochs=1, batch_size=100
    )
    run = train(make_dataset(), settings)
    assert abs(run.w[1]) > abs(run.w[0])
    section = open_player(page, f"{server}/?opt={name}&lr=1&wd=3&ep=1&bs=100&step=0")
    says = section.locator(".player-key").inner_text()
    assert "weight decay" in says
    assert "towards 0" not in says


@pytest.mark.parametrize("place", ["", "full_batch"])
def test_weight_decay_is_said_to_be_in_no_loss_arrow_or_cross(
    page: Page, server: str, place: str
) -> None:
    on_page = f"_{place}" if place else ""
    sgd = {"opt": "SGD", "lr": "1", "loss": "MSE", "ep": "1000"} | ({} if place else {"bs": "100"})
    query = "&".join(f"{key}{on_page}={value}" for key, value in sgd.items())
    section = open_player(page, f"{server}/{place}?{query}&wd{on_page}=0.1")
    says = "Losses, arrows and crosses are without weight decay"
    expect(section.get_by_text(says)).to_be_visible()
    shown = row(section)
    w, b = float(shown["w"]), float(shown["b"])
    # At rest: the gradient shown is that of the loss alone, which the pull towards 0 makes up for.
    slopes = by_autograd(make_dataset(), list(range(100)), "mse", w, b)[1:]
    assert shown["All data ∂w, ∂b"] == gradient(*slopes)
    assert slopes == pytest.approx((-0.1 * w, -0.1 * b), abs=1e-4)
    assert abs(slopes[0]) > 0.01
    page.get_by_text("More", exact=True).click()
    with redrawn(page):
        page.get_by_role("spinbutton", name="weight_decay").fill("0")
        page.keyboard.press("Enter")
    expect(section.get_by_text("downhill")).to_be_visible()
    expect(section.get_by_text(says)).to_have_count(0)
    section = open_player(page, f"{server}/{place}?opt{on_page}=AdamW")  # 0.01 by itself
    expect(section.get_by_text(says)).to_be_visible()


def test_the_marks_stand_where_the_step_is(page: Page, server: str) -> None:
    shown = row(open_player(page, f"{server}/?step=60"))
    w, b, loss = (float(shown[name]) for name in ("w", "b", "Loss, all data"))

    def colour(chart: str, x: float, y: float, pair: str = "", axes_of: str = "") -> list[int]:
        layer = f"document.querySelector('[data-chart={chart}] .player-layer')"
        pixel = f"{layer}.getContext('2d').getImageData(axes.x({x}), axes.y({y}), 1, 1)"
        return with_axes(page, axes_of or chart, f"return [...{pixel}.data.slice(0, 3)]", pair)

    assert colour("loss", 60, loss) == [31, 41, 51]  # as all the data
    assert colour("traces", 60, w) == [15, 118, 110]
    assert colour("traces", 60, b, "2") == [161, 98, 7]
    assert colour("surface", b, w) == [17, 17, 17]  # a dot
    assert colour("minibatch", b, w, axes_of="surface") == [17, 17, 17]


WATCH_STEPS = """section => {
  window.steps = [Number(section.dataset.step)]
  window.times = [performance.now()]
  new MutationObserver(() => {
    window.steps.push(Number(section.dataset.step))
    window.times.push(performance.now())
  }).observe(section, { attributes: true, attributeFilter: ["data-step"] })
}"""
"""The steps that the player shows, the present one first, and when it does."""


def test_no_step_is_left_out_at_normal_speed_and_faster(page: Page, server: str) -> None:
    section = open_player(page, f"{server}/?step=0")
    page.get_by_role("combobox", name="Steps per second").select_option("30")
    section.evaluate(WATCH_STEPS)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => window.steps.at(-1) > 40")
    steps = page.evaluate("window.steps.filter((step, k, all) => k === 0 || step !== all[k - 1])")
    assert steps == list(range(len(steps)))


def test_playing_ends_at_the_end_and_starts_over(page: Page, server: str) -> None:
    section = open_player(page, f"{server}/?step=195")
    page.get_by_role("button", name="Play").click()
    expect(section).to_have_attribute("data-step", "200")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(page).to_have_url(re.compile("step=end"))
    section.evaluate(WATCH_STEPS)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => window.steps.length > 1")
    assert page.evaluate("window.steps[1]") in (0, 1)
    page.get_by_role("button", name="Pause").click()


def test_the_player_obeys_the_keyboard(page: Page, server: str) -> None:
    section = open_player(page, f"{server}/?step=100")
    scrubber(page).focus()
    for key, expected in (
        ("ArrowRight", 101),
        ("ArrowLeft", 100),
        ("PageUp", 104),
        ("PageDown", 100),
        ("Home", 0),
        ("ArrowLeft", 0),
        ("End", 200),
    ):
        page.keyboard.press(key)
        assert step(section) == expected
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_an_epoch_can_be_gone_to(page: Page, server: str) -> None:
    section = open_player(page, server)
    box = page.get_by_role("spinbutton", name="Epoch", exact=True)
    box.fill("35")
    box.press("Enter")
    expect(section).to_have_attribute("data-step", "136")
    for wrong in ("51", "0", ""):
        box.fill(wrong)
        box.press("Enter")
        told = f'Epoch should be a whole number between 1 and 50, but got "{wrong}".'
        expect(page.get_by_text(told)).to_be_visible()
        assert step(section) == 136
        expect(box).to_have_value("35")


def test_a_moment_is_shared_by_its_address(page: Page, server: str) -> None:
    section = open_player(page, f"{server}/?bs=20&step=137")
    assert step(section) == 137
    scrubber(page).focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"step=138"))
    # A setting that changes leaves the player where it is, in the address as well.
    page.get_by_role("slider", name="Batch size B").focus()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"bs=15"))
    wait_for_drawn(page)
    assert step(section) == 138
    expect(page).to_have_url(re.compile("step=138"))
    page.reload()
    section = drawn_player(page)
    assert step(section) == 138


def test_a_step_that_is_none_is_told(page: Page, server: str) -> None:
    for asked in ("5000", "-1", "1e2", ""):
        section = open_player(page, f"{server}/?step={asked}")
        told = f"The address asks for step {asked}, but this run goes from 0 to 200."
        expect(page.get_by_text(told)).to_be_visible()
        assert step(section) == 200, asked
        expect(page, asked).to_have_url(re.compile("step=end"))


def test_a_run_that_got_shorter_is_shown_at_its_end_and_says_so(page: Page, server: str) -> None:
    section = open_player(page, f"{server}/?step=137")
    page.get_by_role("spinbutton", name="Batch size B").fill("100")
    page.keyboard.press("Enter")
    expect(section).to_have_attribute("data-step", "50")
    expect(
        page.get_by_text("Step 137 is beyond this run, which goes from 0 to 50.")
    ).to_be_visible()


def test_a_click_on_the_surface_starts_there_and_a_button_goes_back(
    page: Page, server: str
) -> None:
    section = open_player(page, f"{server}/?step=0")
    plot = page.locator("[data-chart=surface]")
    start = row(section)
    box = plot.bounding_box()
    assert box
    expected = with_axes(page, "surface", "return [axes.up(90), axes.across(180)]")
    page.mouse.move(box["x"] + 175, box["y"] + 88)
    page.mouse.move(box["x"] + 180, box["y"] + 90)
    page.mouse.click(box["x"] + 180, box["y"] + 90)
    back = page.get_by_role("button", name="PyTorch's start")
    expect(back).to_be_visible()
    wait_for_drawn(page)
    shown = row(section)
    assert [float(shown["w"]), float(shown["b"])] == pytest.approx(expected, abs=0.1)  # a cell
    expect(page).to_have_url(re.compile(r"w0=-?\d.*b0=-?\d"))
    # The path is the one that Python computes from there.
    w, b = float(shown["w"]), float(shown["b"])
    run = train(make_dataset(), TrainSettings(init_w=w, init_b=b))
    page.get_by_role("button", name="To the end").click()
    assert row(section)["w"] == f"{run.w[-1]:.4f}"
    page.get_by_role("button", name="To the start").click()
    back.click()
    expect(back).to_have_count(0)
    wait_for_drawn(page)
    assert row(section) == start
    expect(page).not_to_have_url(re.compile("w0="))


# At once, whatever else the machine does: two that are far apart are no double click.
TWO_CLICKS = """(chart) => {
  const area = document.querySelector(`[data-chart=${chart}] .nsewdrag`)
  const { left, top } = area.getBoundingClientRect()
  const at = { clientX: left + 100, clientY: top + 60, bubbles: true, isPrimary: true }
  for (const click of [1, 2]) {
    area.dispatchEvent(new PointerEvent("pointerdown", at))
    area.dispatchEvent(new MouseEvent("mousedown", at))
    document.dispatchEvent(new PointerEvent("pointerup", at))
    document.dispatchEvent(new MouseEvent("mouseup", at))
  }
}"""


def test_two_clicks_that_zoom_out_start_nothing(page: Page, server: str) -> None:
    section = open_player(page, f"{server}/?step=10")
    before = row(section)
    for chart in ("surface", "loss"):
        page.evaluate(TWO_CLICKS, chart)
        page.wait_for_timeout(800)
    wait_for_drawn(page)
    assert row(section) == before
    assert "w0" not in page.url


def place_of(page: Page, to_step: int) -> tuple[float, float]:
    """Where in the window a step is on the curve of the loss."""
    of_step = (
        f"const {{ x, y }} = plot.data[1]; return [axes.x(x[{to_step}]), axes.y(y[{to_step}])]"
    )
    across, up = with_axes(page, "loss", of_step)
    box = page.locator("[data-chart=loss]").bounding_box()
    assert box
    return box["x"] + across, box["y"] + up


def near(at: int) -> re.Pattern[str]:
    return re.compile(f"^({'|'.join(str(at + by) for by in range(-3, 4))})$")


def test_a_click_on_the_loss_curve_goes_to_its_step(page: Page, server: str) -> None:
    section = open_player(page, server)
    x, y = place_of(page, 60)
    page.mouse.move(x - 3, y)
    page.mouse.click(x, y)
    expect(section).to_have_attribute("data-step", near(60))


# Plotly looks every 50 ms for what is under the pointer: nothing, while the button is down.
PRESS_AT_ONCE = """async ([x, y]) => {
  const area = document.querySelector("[data-chart=loss] .nsewdrag")
  const at = { clientX: x, clientY: y, bubbles: true, isPrimary: true }
  for (const move of [0, 1]) area.dispatchEvent(new MouseEvent("mousemove", at))
  area.dispatchEvent(new PointerEvent("pointerdown", at))
  area.dispatchEvent(new MouseEvent("mousedown", at))
  await new Promise((resolve) => setTimeout(resolve, 75))
  document.dispatchEvent(new PointerEvent("pointerup", at))
  document.dispatchEvent(new MouseEvent("mouseup", at))
}"""


def test_a_press_is_heard_as_soon_as_the_pointer_is_there(page: Page, server: str) -> None:
    section = open_player(page, server)
    page.evaluate(PRESS_AT_ONCE, place_of(page, 60))
    expect(section).to_have_attribute("data-step", near(60))


def test_a_tap_goes_to_a_step_and_starts_on_the_surface(phone: Page, server: str) -> None:
    section = open_player(phone, server)
    phone.locator("[data-chart=loss]").scroll_into_view_if_needed()
    phone.touchscreen.tap(*place_of(phone, 60))
    expect(section).to_have_attribute("data-step", near(60))
    with redrawn(phone):
        phone.locator("[data-chart=surface]").tap()
    expect(phone).to_have_url(re.compile("w0="))


def test_a_press_on_a_chart_takes_what_was_typed_and_leaves_the_box(
    page: Page, server: str
) -> None:
    section = open_player(page, server)
    noise = {"loss": "0.2", "traces": "0.3", "minibatch": "0.4", "data": "0.5", "surface": "0.25"}
    for chart, typed in noise.items():
        page.get_by_role("spinbutton", name="Noise").fill(typed)
        box = page.locator(f"[data-chart={chart}]").bounding_box()
        assert box
        with redrawn(page):
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(page, chart).to_have_url(re.compile(f"noise={typed}"))
        if chart == "surface":  # a click starts the run there, once no second one has followed
            expect(page).to_have_url(re.compile(f"noise={typed}.*w0="))
            wait_for_drawn(page)
        assert page.evaluate("!document.activeElement.matches('input, button')"), chart
        for key, there in (("Home", 0), ("End", 200)):  # keys are the page's again
            page.keyboard.press(key)
            assert step(section) == there, chart


def test_so_does_a_finger(phone: Page, server: str) -> None:
    phone.set_viewport_size({"width": 1024, "height": 768})  # of a tablet, with boxes beside charts
    open_player(phone, server)
    for chart, noise in (("loss", "0.3"), ("data", "0.2"), ("surface", "0.4")):
        phone.get_by_role("spinbutton", name="Noise").fill(noise)
        with redrawn(phone):
            phone.locator(f"[data-chart={chart}]").tap()
        expect(phone, chart).to_have_url(re.compile(f"noise={noise}"))


def test_a_press_on_a_chart_leaves_the_players_keys_and_takes_its_epoch(
    page: Page, server: str
) -> None:
    section = open_player(page, f"{server}/?step=0")
    page.get_by_role("button", name="One step forward").click()
    box = page.locator("[data-chart=data]").bounding_box()
    assert box
    page.mouse.click(box["x"] + 50, box["y"] + 50)
    page.keyboard.press("ArrowRight")
    assert step(section) == 2
    page.get_by_role("spinbutton", name="Epoch", exact=True).fill("3")
    page.mouse.click(box["x"] + 50, box["y"] + 50)
    assert step(section) == 2 * 4


def test_a_run_that_diverges_is_played_until_then(page: Page, server: str) -> None:
    section = open_player(page, f"{server}/?opt=SGD&lr=100&wd=50&ep=100&step=80")
    page.get_by_role("button", name="Play").click()
    expect(section.get_by_text("83 diverges", exact=True)).to_be_visible()
    expect(page.get_by_text("The run stops after 83 of 400 steps:")).to_be_visible()
    assert "The diverging step's 25 points" in note(page, "data")
    title = page.locator("figure", has_text="The minibatch whose step diverges, 25 points")
    expect(title).to_be_visible()
    expect(page.locator(".player-announcement")).to_contain_text("Step 83 diverges, ")


def test_a_run_whose_first_step_diverges_is_shown(page: Page, server: str) -> None:
    section = open_player(page, f"{server}/?opt=SGD&lr=1000&wd=1000&ep=1000&w0=1000&bs=100")
    assert step(section) > 0
    address = "/?opt=Adadelta&eps=0&rho=0&lr=1000"
    section = open_player(page, f"{server}{address}")
    run = train(make_dataset(), TrainSettings(optimizer="adadelta", eps=0.0, rho=0.0, lr=1000.0))
    assert step(section) == len(run)


def test_every_minibatch_of_an_epoch_has_its_surface_and_their_mean_is_the_whole(
    page: Page, server: str
) -> None:
    section = open_player(page, f"{server}/?bs=9&shuf=Each+epoch&step=137")
    settings = TrainSettings(batch_size=9, shuffle="each_epoch")
    data, batches = make_dataset(), make_batches(100, settings)
    epoch, j = divmod(137, batches.steps_per_epoch)
    tiles = page.locator(".player-tile")
    labels = tiles.locator("small").all_inner_texts()
    assert labels[-1] == "weighted mean"
    drawn = [int(label.split(":")[0]) - 1 for label in labels[:-1]]
    assert len(drawn) == 11
    assert f"Epoch {epoch + 1}" in note(page, "epoch")
    assert "11 of this epoch's 12 minibatches" in note(page, "epoch")
    assert j in drawn
    first = epoch * batches.steps_per_epoch
    words = {"nowhere": "no min.", "beyond": "beyond", "far": "no min."}
    for label, k in zip(labels, drawn, strict=False):
        points = batches[first + k]
        lowest = lowest_point(Dataset(data.x[points], data.y[points]), (-4.0, 6.0), (-6.0, 4.0))
        found = f"{lowest.loss:.3f}" + (" local" if lowest.place == "local" else "")
        assert label == f"{k + 1}: {words.get(lowest.place, found)}"
    assert re.search(
        r"is the surface of all the data \(largest difference [\d.]+·10⁻¹[²³⁴⁵⁶⁷⁸⁹],",
        note(page, "epoch"),
    )
    now = page.locator(".player-tile.player-now small")
    expect(now).to_have_text(re.compile(rf"^{j + 1}:"))
    tiles.nth(3).click()
    assert step(section) == first + drawn[3]


MEANINGS = {
    "no min.": '"No min." means that a loss has no lowest point.',
    "beyond": '"Beyond" means that a loss is lower beyond the picture.',
    "local": '"Local" means that a minimum is local: beyond the picture the loss is lower.',
}


def test_the_words_below_the_tiles_are_whole_and_the_caption_says_what_they_mean(
    page: Page, server: str
) -> None:
    for query, words in (
        ("bs=5&noise=0&step=0", {"no min."}),
        ("bs=100&step=0", {"beyond"}),
        ("bs=1&n=200&ep=2&step=163", {"no min."}),
        ("bs=4&shuf=Each+epoch&step=137", {"no min.", "beyond"}),
        ("bs=50&noise=0.5&loss=BCE", set()),
        ("n=30&bs=7&noise=0.5&dseed=4", {"local", "no min."}),
    ):
        open_player(page, f"{server}/?{query}")
        labels = page.locator(".player-tile small")
        cut = labels.evaluate_all("all => all.filter(it => it.scrollWidth > it.clientWidth).length")
        assert cut == 0, query
        found = " ".join(labels.all_inner_texts())
        assert {word for word in MEANINGS if word in found} == words, query
        said = note(page, "epoch")
        assert {word for word, meaning in MEANINGS.items() if meaning in said} == words, query
        box = page.locator(".player-tiles").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 768, query  # of a laptop


def test_no_arrow_is_spoken_of_that_is_out_of_sight(page: Page, server: str) -> None:
    for step, is_seen in ((0, True), (150, False)):
        open_player(page, f"{server}/?opt=Momentum&mom=1&lr=0.5&step={step}")
        assert ("The run is out of sight." in note(page, "surface")) != is_seen
        assert ("Its arrow is " in note(page, "minibatch")) == is_seen


def test_one_minibatch_an_epoch_is_not_its_own_mean(page: Page, server: str) -> None:
    for query, labels in (("bs=51&drop=true", 1), ("bs=100", 1), ("bs=51", 3)):
        open_player(page, f"{server}/?{query}&step=1")
        expect(page.locator(".player-tile small")).to_have_count(labels)


def test_where_each_minibatch_is_all_the_data_one_arrow_and_one_line_are_named(
    page: Page, server: str
) -> None:
    for query, minibatch in (("bs=100", 0), ("bs=100&shuf=Replacement", 1), ("bs=50", 1)):
        section = open_player(page, f"{server}/?{query}&step=1")
        key = section.locator(".player-key")
        expect(key).to_contain_text("where downhill is")
        expect(key).to_contain_text("not how steep")
        expect(key.get_by_text("this minibatch")).to_have_count(minibatch)
        legend = page.locator("[data-chart=loss] .legendtext")
        expect(legend.filter(has_text="all the data")).to_have_count(1)
        expect(legend.filter(has_text="its own minibatch")).to_have_count(minibatch)


@pytest.mark.parametrize(
    ("query", "sentence", "least"),
    [
        ("shuf=Replacement&bs=10", "because points are drawn with replacement", 1e-3),
        ("drop=true&bs=30", "because 10 points are dropped", 1e-4),
        ("drop=true&bs=60&n=61", "because 1 point is dropped", 1e-4),
    ],
)
def test_where_the_surfaces_do_not_add_up_the_page_says_by_how_much(
    page: Page, server: str, query: str, sentence: str, least: float
) -> None:
    open_player(page, f"{server}/?{query}")
    assert sentence in note(page, "epoch")
    assert float(note(page, "epoch").split("by up to ")[1].split(",")[0]) > least


def test_where_motion_is_unwanted_few_pictures_are_shown(page: Page, server: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    section = open_player(page, f"{server}/?step=0")
    page.get_by_role("combobox", name="Steps per second").select_option("30")
    section.evaluate(WATCH_STEPS)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => window.times.length > 4")
    steps, times = page.evaluate("[window.steps, window.times]")
    pictures, seconds = len(steps) - 1, (times[-1] - times[0]) / 1000.0
    assert pictures <= 2.0 * seconds + 1.0
    assert steps[-1] > 3 * pictures


def test_the_state_is_told_to_a_screen_reader_and_no_rule_is_broken(
    page: Page, server: str
) -> None:
    section = open_player(page, f"{server}/?step=137")
    shown = row(section)
    sentence = (
        f"Step 137 of 200, epoch 35, minibatch 2 of 4, its loss {shown['Minibatch loss']}: loss on "
        f"all the data {shown['Loss, all data']}, w {shown['w']}, b {shown['b']}."
    )
    expect(scrubber(page)).to_have_attribute("aria-valuetext", sentence)
    expect(page.locator(".player-announcement")).to_have_text(sentence)
    results = Axe().run(page, context=".stBidiComponentRegular, .player-bar, .player-row")
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("path", ["in_order", "dataset_and_dataloader", "full_batch"])
def test_the_notebooks_runs_can_be_played_and_their_updates_read_too(
    page: Page, server: str, path: str
) -> None:
    section = open_player(page, f"{server}/{path}?step=17")
    assert step(section) == 17
    page.get_by_role("button", name="One step forward").click()
    assert step(section) == 18
    expect(page).to_have_url(re.compile(rf"/{path}\?step=18"))
    page.get_by_text("The update in numbers", exact=True).click()
    fold = page.locator(".player-update")
    expect(fold).to_have_attribute("data-step", "18")
    expect(fold).to_contain_text("the same to the last digit shown")


def test_a_step_is_not_taken_along_to_another_page(page: Page, server: str) -> None:
    open_player(page, f"{server}/?step=17")
    page.get_by_test_id("stTopNavSection").filter(has_text="The notebook").click()
    page.get_by_role("menuitem", name="2. Minibatches in order").click()
    wait_for_page(page, "2. Minibatches in order")
    section = page.locator("section.player")
    expect(section).to_have_attribute("data-step", "200")
    expect(page).to_have_url(f"{server}/in_order")
    page.go_back()
    wait_for_page(page, "Playground")
    expect(section).to_have_attribute("data-step", "17")
