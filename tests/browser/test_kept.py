"""Kept runs in a browser: the address, the marks on each axis, the legend, what is in view."""

import re

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from minibatch_core import Settings, TrainSettings, full_loss, make_dataset, train
from minibatch_core.engine.budgets import Budget, spent
from tests.support.drawn import redrawn, revisions, wait_for_drawn, wait_for_page, with_axes

UNEVEN = Settings(train=TrainSettings(batch_size=30, epochs=12, shuffle="each_epoch"))
ADDRESS = "?bs=30&ep=12&shuf=Each+epoch"
"""Steps of 30, 30, 30 and 10 points."""


def open_kept(page: Page, url: str) -> Locator:
    page.goto(url)
    expect(page.locator(".live-chart-plot .main-svg").first).to_be_visible(timeout=60_000)
    wait_for_drawn(page)
    return page.locator("section.player")


def colour(page: Page, chart: str, x: float, y: float, pair: str = "") -> list[int]:
    """The colour that the player has painted at a point of a chart."""
    layer = f"document.querySelector('[data-chart={chart}] .player-layer')"
    pixel = f"{layer}.getContext('2d').getImageData(axes.x({x}), axes.y({y}), 1, 1)"
    found: list[int] = with_axes(page, chart, f"return [...{pixel}.data.slice(0, 3)]", pair)
    return found


@pytest.mark.parametrize("unit", ["Epochs", "Examples seen", "Steps"])
def test_the_marks_stand_where_the_axis_counts(page: Page, server: str, unit: str) -> None:
    spelled = unit.replace(" ", "+")
    open_kept(page, f"{server}/{ADDRESS}&unit={spelled}&step=7&pins=bs%3D1%26ep%3D12")
    run = train(make_dataset(), UNEVEN.train)
    name = {"Epochs": "epochs", "Examples seen": "examples", "Steps": "steps"}[unit]
    for step in (7, 3, 6):
        page.get_by_role("slider", name="Step", exact=True).fill(str(step))
        wait_for_drawn(page)
        (place,) = spent(np.array([step]), run.batches, Budget(name))
        loss = full_loss(make_dataset(), run.w[[step]], run.b[[step]])[0]
        assert colour(page, "loss", place, loss) == [31, 41, 51]
        assert colour(page, "traces", place, run.w[step]) == [15, 118, 110]
        assert colour(page, "traces", place, run.b[step], "2") == [161, 98, 7]


@pytest.mark.parametrize(("unit", "step"), [("Epochs", 22), ("Examples+seen", 23)])
def test_a_click_goes_to_the_step_where_the_axis_counts(
    page: Page, server: str, unit: str, step: int
) -> None:
    section = open_kept(page, f"{server}/{ADDRESS}&unit={unit}&step=0")
    at = f"const {{ x, y }} = plot.data[1]; return [axes.x(x[{step}]), axes.y(y[{step}])]"
    x, y = with_axes(page, "loss", at)
    box = page.locator("[data-chart=loss]").bounding_box()
    assert box
    page.mouse.move(box["x"] + x - 2, box["y"] + y)
    page.mouse.click(box["x"] + x, box["y"] + y)
    expect(section).to_have_attribute("data-step", str(step))


def test_a_curve_is_kept_and_a_copied_address_opens_the_same_picture(
    page: Page, server: str, browser: Browser
) -> None:
    open_kept(page, f"{server}/?bs=1&unit=Epochs")
    box = page.get_by_role("spinbutton", name="Batch size B")
    page.get_by_role("button", name="Keep this curve").click()
    chip = page.get_by_role("button", name=re.compile("1: as now"))
    expect(chip).to_be_visible()
    with redrawn(page):
        box.fill("100")
        page.keyboard.press("Enter")
    chip = page.get_by_role("button", name=re.compile("1: B = 1"))
    expect(chip).to_be_visible()
    expect(page).to_have_url(re.compile(r"bs=100.*pins=bs%3D1(&|$)"))
    ends = with_axes(page, "loss", "return plot.data.map(({ x }) => x.at(-1))")
    assert set(ends[1:3] + ends[4:]) == {50}  # the losses of all the data, one and all at a time
    fresh = browser.new_context(viewport={"width": 1366, "height": 768})
    other = fresh.new_page()
    open_kept(other, page.url)
    expect(other.get_by_role("button", name=re.compile("1: B = 1"))).to_be_visible()
    assert revisions(other) == revisions(page)
    with redrawn(other):
        other.get_by_role("button", name=re.compile("1: B = 1")).click()
    expect(other).not_to_have_url(re.compile("pins"))
    assert with_axes(other, "loss", "return plot.data.length") == 3
    fresh.close()


def test_back_undoes_what_was_kept_or_removed_and_no_press_is_without_effect(
    page: Page, server: str
) -> None:
    open_kept(page, f"{server}/?bs=1")
    length = page.evaluate("history.length")
    chip = page.get_by_role("button", name=re.compile("1: as now"))
    page.get_by_role("button", name="Keep this curve").click()
    expect(page).to_have_url(f"{server}/?bs=1&pins=bs%3D1")
    chip.click()
    expect(page).to_have_url(f"{server}/?bs=1")
    wait_for_drawn(page)
    assert page.evaluate("history.length") == length + 2
    for kept in (1, 0):
        page.go_back()
        expect(chip).to_have_count(kept)
    expect(page).to_have_url(f"{server}/?bs=1")
    page.go_forward()
    expect(chip).to_have_count(1)


def test_pins_come_into_the_address_of_a_page_without_an_entry_of_their_own(
    page: Page, server: str
) -> None:
    open_kept(page, f"{server}/?bs=100")
    page.get_by_role("button", name="Keep this curve").click()
    expect(page).to_have_url(f"{server}/?bs=100&pins=bs%3D100")
    length = page.evaluate("history.length")
    page.get_by_test_id("stTopNavSection").filter(has_text="Labs").click()
    page.get_by_role("menuitem", name="Compare").click()
    wait_for_page(page, "Compare")
    expect(page).to_have_url(f"{server}/compare?pins=bs%3D100")
    page.get_by_role("button", name="Remove run 1").click()
    expect(page).to_have_url(f"{server}/compare")
    page.get_by_test_id("stTopNavLink").first.click()
    wait_for_page(page, "Playground")
    expect(page).to_have_url(f"{server}/?bs=100")  # as they were removed, so they stay
    assert page.evaluate("history.length") == length + 3
    for address in ("compare", "compare?pins=bs%3D100", "?bs=100&pins=bs%3D100", "?bs=100"):
        page.go_back()
        expect(page).to_have_url(f"{server}/{address}")
        page.wait_for_timeout(300)  # a run that would change the address back
        expect(page).to_have_url(f"{server}/{address}")


def test_a_kept_curve_leaves_what_is_needed_in_view(page: Page, server: str) -> None:
    open_kept(page, f"{server}/?bs=100&pins=bs%3D1%7Cbs%3D10&unit=Epochs")
    for name in ("loss", "traces", "surface", "minibatch", "data"):
        box = page.locator(f"[data-chart={name}]").bounding_box()
        assert box
        assert box["y"] + box["height"] <= 768
    painted = page.locator("[data-chart=loss] path.js-line").evaluate_all(
        "lines => lines.map(line => getComputedStyle(line).stroke)"
    )
    blue, orange = "rgb(47, 127, 209)", "rgb(213, 94, 0)"
    assert painted[:6] == [blue, orange] * 3  # below the present run
    assert not {blue, orange} & set(painted[6:])


def test_a_line_hidden_in_the_legend_is_hidden_of_all_runs_and_the_marks_follow(
    page: Page, server: str
) -> None:
    open_kept(page, f"{server}/?bs=100&pins=bs%3D1&unit=Epochs&step=30")
    run = train(make_dataset(), TrainSettings(batch_size=100))
    loss = full_loss(make_dataset(), run.w[[30]], run.b[[30]])[0]
    top = with_axes(page, "loss", "return axes.ranges[1][1]")
    page.locator("[data-chart=loss] .legendtoggle").first.click()
    page.wait_for_function(
        "before => document.querySelector('[data-chart=loss]').layout.yaxis.range[1] < before",
        arg=0.6 * top,
    )
    page.wait_for_timeout(300)
    assert colour(page, "loss", 30, loss) == [31, 41, 51]


def test_kept_runs_fit_a_phone(phone: Page, server: str) -> None:
    open_kept(phone, f"{server}/?bs=100&pins=bs%3D1%7Copt%3DSGD%26lr%3D0.5%26bs%3D3%26ep%3D7")
    main = phone.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth") <= 390
    for text in ("1: B = 1", "2: B = 3, SGD"):
        box = phone.get_by_role("button", name=re.compile(text)).bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390


def test_a_zoom_stays_while_settings_change_and_goes_with_its_unit(page: Page, server: str) -> None:
    open_kept(page, f"{server}/?bs=100&pins=bs%3D1")

    def across() -> list[float]:
        found: list[float] = with_axes(page, "loss", "return axes.ranges[0]")
        return found

    box = page.locator("[data-chart=loss]").bounding_box()
    assert box
    left, right, y = with_axes(page, "loss", "return [axes.x(1000), axes.x(2000), axes.y(0.5)]")
    page.mouse.move(box["x"] + left, box["y"] + y)
    page.mouse.down()
    page.mouse.move(box["x"] + right, box["y"] + y, steps=4)
    page.mouse.up()
    page.wait_for_function(
        "() => document.querySelector('[data-chart=loss]')._fullLayout.xaxis.range[0] > 500"
    )
    zoomed = across()
    assert zoomed == pytest.approx([1000, 2000], abs=30)
    with redrawn(page):
        page.get_by_role("spinbutton", name="Batch size B").fill("50")
        page.keyboard.press("Enter")
    assert across() == zoomed
    with redrawn(page):
        page.get_by_role("combobox", name="Counted in").click()
        page.get_by_role("option", name="Epochs").click()
    assert across() == [0, 50]
