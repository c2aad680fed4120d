"""The notebook's pages in a real browser: the way through them, clicks, downloads, sizes."""

import csv
import io
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Page, Route, expect

from dashboard.shell.registry import PAGES
from minibatch_core import (
    NOTEBOOK_PRESETS,
    Settings,
    draw_minibatches,
    loss_surface,
    make_dataset,
    to_script,
    train,
)
from minibatch_core.course.story import story
from minibatch_core.settings.address import to_address
from tests.support.drawn import redrawn, resize, wait_for_drawn, wait_for_page, with_axes

CHAPTERS = [place for place in PAGES.values() if place.group == "The notebook"]
PATHS = [place.name for place in CHAPTERS]
EQUAL = "All of them are the notebook's, to every digit shown."


def open_path(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator(".live-chart-plot .main-svg").first).to_be_visible(timeout=60_000)
    wait_for_drawn(page)


def go(page: Page, title: str) -> None:
    page.get_by_test_id("stTopNavSection").filter(has_text="The notebook").click()
    page.get_by_role("menuitem", name=title).click()
    wait_for_page(page, title)
    expect(page.locator(".live-chart-plot .main-svg").first).to_be_visible()


def to_playground(page: Page) -> None:
    page.get_by_test_id("stTopNavLink").first.click()
    wait_for_page(page, "Playground")


def batch_size(page: Page) -> Any:
    return page.get_by_role("spinbutton", name="Batch size B")


def move_slider_down(page: Page, name: str) -> None:
    page.get_by_role("slider", name=name).focus()
    with redrawn(page):
        page.keyboard.press("ArrowLeft")


def test_the_way_through_the_notebook_leads_over_every_page(page: Page, server: str) -> None:
    open_path(page, f"{server}/{PATHS[0]}")
    for place in CHAPTERS[1:]:
        page.get_by_role("link", name=f"Next: {place.title}").click()
        expect(page.get_by_role("heading", name=place.title)).to_be_visible()
        expect(page).to_have_url(f"{server}/{place.name}")
        expect(page.get_by_text(EQUAL)).to_be_visible()
    expect(page.get_by_text("Next:")).to_have_count(0)


def test_the_tab_is_called_by_the_page_that_is_shown(page: Page, server: str) -> None:
    open_path(page, server)
    expect(page).to_have_title("Playground - Minibatch")
    go(page, "1. Full batch")
    expect(page).to_have_title("1. Full batch - Minibatch")
    move_slider_down(page, "Learning rate")
    expect(page).to_have_title("1. Full batch - Minibatch")
    page.go_back()
    page.go_back()
    expect(page).to_have_title("Playground - Minibatch")
    open_path(page, f"{server}/in_order")
    expect(page).to_have_title("2. Minibatches in order - Minibatch")


def test_every_page_keeps_its_own_settings_and_the_address_tells_them(
    page: Page, server: str
) -> None:
    open_path(page, f"{server}/?bs=7")
    go(page, "2. Minibatches in order")
    expect(page).to_have_url(f"{server}/in_order")
    expect(batch_size(page)).to_have_value("25")
    move_slider_down(page, "Batch size B")
    expect(page).to_have_url(f"{server}/in_order?bs_in_order=20")
    go(page, "3. Dataset and DataLoader")
    expect(batch_size(page)).to_have_value("50")
    expect(page).to_have_url(f"{server}/dataset_and_dataloader")
    go(page, "2. Minibatches in order")
    expect(batch_size(page)).to_have_value("20")
    expect(page).to_have_url(f"{server}/in_order?bs_in_order=20")
    page.get_by_role("button", name="The notebook's settings").click()
    expect(batch_size(page)).to_have_value("25")
    expect(page).to_have_url(f"{server}/in_order")
    expect(page.get_by_text(EQUAL)).to_be_visible()
    to_playground(page)
    expect(batch_size(page)).to_have_value("7")
    expect(page).to_have_url(f"{server}/?bs=7")


def test_the_back_button_leads_through_the_pages_with_their_settings(
    page: Page, server: str
) -> None:
    open_path(page, f"{server}/?bs=7")
    slow_device = page.context.new_cdp_session(page)
    slow_device.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    go(page, "1. Full batch")
    expect(page).to_have_url(f"{server}/full_batch")
    to_playground(page)
    expect(batch_size(page)).to_have_value("7")
    page.get_by_test_id("stTopNavSection").filter(has_text="Labs").click()
    page.get_by_role("menuitem", name="Compare").click()
    wait_for_page(page, "Compare")
    for address, title in (
        ("/?bs=7", "Playground"),
        ("/full_batch", "1. Full batch"),
        ("/?bs=7", "Playground"),
    ):
        page.go_back()
        wait_for_page(page, title)
        expect(page).to_have_url(f"{server}{address}")
    expect(batch_size(page)).to_have_value("7")
    assert page.evaluate("history.length") == 5  # with the page of a new tab


def test_on_a_phone_a_link_leads_to_its_page_and_back(phone: Page, server: str) -> None:
    open_path(phone, f"{server}/?bs=7")
    phone.get_by_test_id("stExpandSidebarButton").click()
    phone.get_by_test_id("stSidebarNavLink").filter(has_text="2. Minibatches in order").click()
    expect(phone).to_have_url(f"{server}/in_order")
    wait_for_page(phone, "2. Minibatches in order")
    phone.go_back()
    expect(phone).to_have_url(f"{server}/?bs=7")


def test_a_click_on_the_surface_shows_the_sigmoid_that_lives_there(page: Page, server: str) -> None:
    open_path(page, f"{server}/loss_surface")
    plot = page.locator("[data-chart=surface]")
    box = plot.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.4)
    expect(page).to_have_url(re.compile(r"\?pw_loss_surface=[-\d.]+&pb_loss_surface=[-\d.]+$"))
    wait_for_drawn(page)
    w, b = (float(number) for number in re.findall(r"=([-\d.]+)", page.url))
    expect(page.get_by_role("spinbutton", name="w of the point")).to_have_value(f"{w:g}")
    entry = page.locator(".live-chart-metrics div").filter(has=page.get_by_text("w shown"))
    expect(entry.locator("dd")).to_have_text(f"{w:.2f}")
    curve = page.locator("[data-chart=points]").evaluate(
        "plot => [Array.from(plot.data[2].x), Array.from(plot.data[2].y)]"
    )
    half = min(zip(*curve, strict=True), key=lambda point: abs(point[1] - 0.5))
    assert half[0] == pytest.approx(-b / w, abs=0.1)
    with_point = page.url
    page.get_by_role("button", name="The notebook's settings").click()
    expect(page).to_have_url(f"{server}/loss_surface")
    open_path(page, with_point)
    expect(entry.locator("dd")).to_have_text(f"{w:.2f}")


def test_hovering_the_surface_tells_w_b_and_loss(page: Page, server: str) -> None:
    open_path(page, f"{server}/loss_surface")
    box = page.locator("[data-chart=surface]").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.5)
    page.mouse.move(box["x"] + box["width"] * 0.7 + 3, box["y"] + box["height"] * 0.5)
    hover = page.locator("[data-chart=surface] .hoverlayer .hovertext")
    expect(hover).to_have_text(re.compile(r"w -?\d\.\d\d, b -?\d\.\d\d\s*loss \d\.\d{4}"))


def test_the_switch_shows_the_run_with_the_loss_that_was_meant(page: Page, server: str) -> None:
    open_path(page, f"{server}/full_batch")
    page.get_by_text("The notebook's bug: BCEWithLogitsLoss").click()
    expect(page).to_have_url(f"{server}/full_batch?loss_full_batch=BCE")
    entry = page.locator(".live-chart-metrics div").filter(has=page.get_by_text("w", exact=True))
    expect(entry.locator("dd")).to_have_text("3.6686")
    page.get_by_text("The notebook's bug: BCEWithLogitsLoss").click()
    expect(entry.locator("dd")).to_have_text("5.0585")
    expect(page).to_have_url(f"{server}/full_batch")


def test_the_gradients_have_room_beside_their_legend(page: Page, server: str) -> None:
    open_path(page, f"{server}/gradient_noise")
    for width in (390, 1280, 1366):
        resize(page, width, 720)
        assert with_axes(page, "gradients", "return axes.height") >= 180, width


def test_script_notebook_and_csv_are_what_the_page_shows(page: Page, server: str) -> None:
    settings = NOTEBOOK_PRESETS["dataloader"]
    open_path(page, f"{server}/dataset_and_dataloader")
    files = {}
    for label in ("PyTorch script", "Notebook for Jupyter", "This run as CSV"):
        page.get_by_role("button", name="Take it away").click()
        wait_for_drawn(page)  # the buttons of the menu that was open before have gone
        with page.expect_download() as caught:
            page.get_by_role("button", name=label).click()
        files[caught.value.suggested_filename] = Path(caught.value.path()).read_text()
        page.keyboard.press("Escape")
    name = "minibatch-dataset-and-dataloader"
    assert files[f"{name}.py"] == to_script(settings)
    notebook = nbformat.reads(files[f"{name}.ipynb"], as_version=4)
    assert any("torch.manual_seed(42)" in cell.source for cell in notebook.cells)
    rows = list(csv.DictReader(io.StringIO(files[f"{name}.csv"])))
    run = train(make_dataset(settings.data), settings.train)
    assert [float(row["w"]) for row in rows] == run.w[:-1].tolist()


def test_the_code_is_shown_when_it_is_opened_and_follows_the_settings(
    page: Page, server: str
) -> None:
    open_path(page, f"{server}/in_order")
    code = page.get_by_test_id("stCode").filter(has_text="import torch")
    expect(code).to_have_count(0)
    page.get_by_text("PyTorch code of exactly these settings").click()
    expect(code).to_contain_text("batch_size=25")
    wait_for_drawn(page)
    move_slider_down(page, "Batch size B")
    expect(code).to_contain_text("batch_size=20")


def test_the_notebooks_runs_are_one_click_on_the_playground(page: Page, server: str) -> None:
    open_path(page, f"{server}/?step=end")
    for number, preset in enumerate(NOTEBOOK_PRESETS.values(), 1):
        page.get_by_role("button", name=f"§{number}").click()
        run = train(make_dataset(preset.data), preset.train)
        entry = page.locator(".live-chart-metrics div").filter(
            has=page.get_by_text("w", exact=True)
        )
        expect(entry.locator("dd")).to_have_text(f"{run.w[-1]:.4f}")


LAWS = """() => [...document.querySelectorAll(".st-key-laws tbody tr")].map((row) => {
  const boxes = [...row.cells].map((cell) => cell.getBoundingClientRect())
  return boxes.map(({ left, right, top, bottom }) => ({ left, right, top, bottom }))
})"""


@pytest.mark.parametrize(
    "path",
    [
        *("stability", "order_matters", "gradient_noise", "minibatch_surfaces"),
        "gradient_noise?bs_gradient_noise=60",  # where law 4 does not apply
    ],
)
def test_on_a_phone_a_law_is_a_block_with_its_numbers_side_by_side(
    page: Page, phone: Page, server: str, path: str
) -> None:
    open_path(phone, f"{server}/{path}")
    check_tables(phone)
    assert phone.get_by_test_id("stMain").evaluate("main => main.scrollWidth") <= 390
    open_path(page, f"{server}/{path}")
    in_a_row, in_a_block = page.evaluate(LAWS), phone.evaluate(LAWS)
    assert len(in_a_block) == len(in_a_row) > 0
    for law, *numbers in in_a_row:
        assert {each["top"] for each in numbers} == {law["top"]}
    for law, *numbers in in_a_block:
        assert law["right"] - law["left"] > 390 / 2
        if not any(each["right"] for each in numbers):  # it has none
            continue
        assert len({each["top"] for each in numbers}) == 1
        assert numbers[0]["top"] > law["bottom"]
        for one, other in pairwise(numbers):
            assert 0 < one["left"] < one["right"] <= other["left"] < other["right"] <= 390
    without = page.locator(".st-key-laws td", has_text="here, because")
    assert without.count() == sum(not any(each["right"] for each in it[1:]) for it in in_a_block)
    assert ("?" in path) <= (without.count() > 0)


LEGENDS = """plots => plots.map((plot) => {
  const legend = plot.querySelector(".legend").getBoundingClientRect()
  const { left, right } = plot.getBoundingClientRect()
  const share = plot._fullLayout._size.h / plot.clientHeight
  return { share, isWithin: legend.left >= left && legend.right <= right }
})"""


@pytest.mark.parametrize("path", ["", "seeds", "order_matters", "optimizers", "gradient_noise"])
def test_on_a_phone_a_legend_leaves_most_of_a_chart_to_its_lines(
    phone: Page, server: str, path: str
) -> None:
    open_path(phone, f"{server}/{path}")
    charts = phone.locator(".live-chart-plot:has(.legend)").evaluate_all(LEGENDS)
    assert charts
    assert min(chart["share"] for chart in charts) > 0.5
    assert all(chart["isWithin"] for chart in charts)


def check_tables(page: Page) -> None:
    """There are tables, and none is wider than what it stands in."""
    expect(page.locator("table").first).to_be_visible()
    too_wide = page.locator("table").evaluate_all(
        "tables => tables.map(table => table.offsetWidth - table.parentElement.clientWidth)"
    )
    assert max(too_wide) <= 0


SURFACES = ["surface", *(f"batch{j}" for j in range(12))]
OF_TWELVE = "minibatch_surfaces?k_minibatch_surfaces=12&bs_minibatch_surfaces=3"


def test_surfaces_are_heatmaps_of_one_size_in_rows_and_columns(page: Page, server: str) -> None:
    open_path(page, f"{server}/{OF_TWELVE}")
    code = "return [axes.left, axes.top, axes.width, axes.height].map(Math.round)"
    inner = {tuple(with_axes(page, name, code)) for name in SURFACES}
    assert len(inner) == 1
    boxes = [page.locator(f"[data-chart={name}]").bounding_box() for name in SURFACES]
    assert len({(box["width"], box["height"]) for box in boxes if box}) == 1
    assert len({box["x"] for box in boxes if box}) == 4
    assert len({box["y"] for box in boxes if box}) == 4
    for name in SURFACES:
        titles = page.locator(f"[data-chart={name}] .infolayer .g-xtitle, .g-ytitle").count()
        assert titles >= 2


def test_on_a_phone_surfaces_stand_one_below_another(phone: Page, server: str) -> None:
    open_path(phone, f"{server}/{OF_TWELVE}")
    boxes = [phone.locator(f"[data-chart={name}]").bounding_box() for name in SURFACES]
    tops = [box["y"] for box in boxes if box]
    assert tops == sorted(set(tops))
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)


def test_the_hover_of_a_minibatchs_surface_reads_w_b_and_loss(page: Page, server: str) -> None:
    open_path(page, f"{server}/{OF_TWELVE}&div_minibatch_surfaces=bs%2C+its+own+points")
    code = "return [axes.x(-4), axes.y(4)]"
    left, top = with_axes(page, "batch4", code)
    box = page.locator("[data-chart=batch4]").bounding_box()
    assert box
    page.mouse.move(box["x"] + left, box["y"] + top)
    page.mouse.move(box["x"] + left + 1, box["y"] + top)
    data, points = make_dataset(), draw_minibatches(100, 3, 12)[4]
    loss = loss_surface(data, [4.0], [-4.0], "mse", points)[0, 0]
    hover = page.locator("[data-chart=batch4] .hoverlayer .hovertext")
    expect(hover).to_have_text(f"w 4.00, b -4.00loss {loss:.4f}")


def test_the_size_of_the_pictures_is_chosen_beside_them(page: Page, server: str) -> None:
    open_path(page, f"{server}/dataset_and_dataloader?obs_dataset_and_dataloader=30")
    control = page.get_by_role("slider", name="Batch size of the pictures")
    box, first = control.bounding_box(), page.locator("[data-chart=none]").bounding_box()
    assert box
    assert first
    assert 0 < first["y"] - box["y"] < 120
    expect(page.get_by_text("and a last one of only 10")).to_be_visible()
    colours = "return new Set(plot.data[0].z[0]).size"
    assert with_axes(page, "none", colours) == 4
    move_slider_down(page, "Batch size of the pictures")
    assert with_axes(page, "none", colours) == 4  # of 25 points
    expect(page.get_by_text("its first epoch, batch_size=25")).to_be_visible()
    expect(page).to_have_url(re.compile("obs_dataset_and_dataloader=25$"))


def test_a_size_of_the_pictures_above_n_becomes_n(page: Page, server: str) -> None:
    place = "dataset_and_dataloader"
    open_path(page, f"{server}/{place}?n_{place}=61&obs_{place}=500")
    expect(page.get_by_text("there are only N = 61 points. So it is now 61")).to_be_visible()
    expect(page.get_by_text("An epoch has 1 minibatch of 61 points.")).to_be_visible()


@pytest.mark.parametrize(
    "settings", ["", "&bs_sweep=7&lr_sweep=0.3", "&n_sweep=61&noise_sweep=0.2"]
)
def test_sliders_that_come_after_the_sweep_has_ended_say_what_their_boxes_say(
    page: Page, server: str, settings: str
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/Slider.*.js", hold)
    page.goto(f"{server}/sweep?runs_sweep=4&seed_sweep=77{settings}")
    stop = page.get_by_role("button", name="Stop")
    expect(page.get_by_text(re.compile(r"^(\d+) of \1$"))).to_be_visible(timeout=60_000)
    expect(stop).to_have_count(0, timeout=60_000)  # the end of the sweep has run the script again
    expect(batch_size(page)).to_be_visible()
    expect(page.get_by_role("slider")).to_have_count(0)
    assert held
    for route in held:
        route.continue_()
    for name in ("Batch size B", "Learning rate", "Epochs", "Points N", "Noise"):
        box = page.get_by_role("spinbutton", name=name).input_value()
        expect(page.get_by_role("slider", name=name)).to_have_attribute("aria-valuetext", box)


def test_a_click_on_a_cell_opens_that_very_run(page: Page, server: str) -> None:
    open_path(page, f"{server}/sweep?runs_sweep=1&ep_sweep=10&sxn_sweep=4&syn_sweep=4")
    expect(page.get_by_text("16 of 16", exact=True)).to_be_visible()
    plot = page.locator("[data-chart=loss]")
    code = """
        const { xaxis, yaxis } = plot.layout
        return [axes.x(2), axes.y(1), plot.data[0].z[1][2], xaxis.ticktext[2], yaxis.ticktext[1]]
    """
    left, top, loss, size, rate = with_axes(page, "loss", code)
    box = plot.bounding_box()
    assert box
    page.mouse.move(box["x"] + left - 4, box["y"] + top)
    page.mouse.click(box["x"] + left, box["y"] + top)
    player = page.locator("section.player")
    expect(player).to_be_attached()
    wait_for_drawn(page)
    expect(page).to_have_url(re.compile(rf"bs={size}(&|$)"))
    expect(page).to_have_url(re.compile(rf"lr={re.escape(rate)}(&|$)"))
    entry = page.locator(".player-row div").filter(has_text="Loss, all data")
    expect(entry.locator("dd")).to_have_text(f"{loss:.4f}")
    page.go_back()
    wait_for_page(page, "Sweep")
    expect(page).to_have_url(f"{server}/sweep?runs_sweep=1&ep_sweep=10&sxn_sweep=4&syn_sweep=4")
    expect(page.get_by_text("16 of 16", exact=True)).to_be_visible()
    expect(page.get_by_role("spinbutton", name="Runs a cell")).to_have_value("1")


def test_a_run_that_is_compared_opens_in_the_playground(page: Page, server: str) -> None:
    open_path(page, f"{server}/compare?pins=bs%3D10|opt%3DSGD%26lr%3D0.5")
    page.get_by_role("button", name="Open run 2 in the Playground").click()
    kept = "pins=bs%3D10%7Copt%3DSGD%26lr%3D0.5"
    expect(page).to_have_url(f"{server}/?opt=SGD&lr=0.5&{kept}")
    expect(page.locator("section.player")).to_be_attached()
    page.go_back()
    expect(page).to_have_url(re.compile("/compare.pins="))
    expect(page.get_by_role("button", name="Remove run 2")).to_be_visible()


def test_a_run_on_the_way_opens_in_the_playground_and_the_way_in_its_address(
    page: Page, server: str
) -> None:
    straight = "one_change?route_one_change=Straight+to+run+3&first_one_change=Shuffling"
    open_path(page, f"{server}/{straight}")
    expect(page.locator("[data-chart=change1]")).to_be_visible()
    page.get_by_role("button", name="5. Learning rate").click()
    run = story(100, route="straight", first="shuffle")[5].train
    expect(page).to_have_url(f"{server}/?{to_address(Settings(train=run))}")
    player = page.locator("section.player")
    expect(player).to_be_attached()
    wait_for_drawn(page)
    entry = page.locator(".live-chart-metrics div").filter(has=page.get_by_text("w", exact=True))
    expect(entry.locator("dd")).to_have_text(f"{train(make_dataset(), run).w[-1]:.4f}")
    page.go_back()
    expect(page).to_have_url(f"{server}/{straight}")
    expect(page.get_by_role("button", name="5. Learning rate")).to_be_visible()


def test_a_pinned_run_is_compared_and_the_address_holds_it(page: Page, server: str) -> None:
    open_path(page, f"{server}/?bs=10")
    for _ in range(2):
        page.get_by_role("button", name="Take it away").click()
        page.get_by_role("button", name="Keep this run").click()
        wait_for_drawn(page)
        page.keyboard.press("Escape")
        move_slider_down(page, "Batch size B")
    page.get_by_test_id("stTopNavSection").filter(has_text="Labs").click()
    page.get_by_role("menuitem", name="Compare").click()
    expect(page.get_by_role("button", name="Remove run 2")).to_be_visible()
    wait_for_drawn(page)
    expect(page).to_have_url(re.compile(r"pins=bs%3D10%7Cbs%3D9$"))
    page.reload()
    expect(page.get_by_role("button", name="Remove run 2")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Batch size B")).to_be_visible()
