"""The notebook's pages: they open with its numbers, say what its slips do, and answer controls."""

import re
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import torch
from hypothesis import assume, given
from hypothesis import settings as trials
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboard.charts.live_chart import Board, Chart
from dashboard.figures.palette import coloured
from dashboard.shell.page import NOTEBOOK
from dashboard.shell.registry import PAGES
from dashboard.shell.view_settings import LOOKS
from minibatch_core import (
    NOTEBOOK_PRESETS,
    DataSettings,
    Settings,
    TrainSettings,
    find_minimum,
    loss_surface,
    make_dataset,
    notebook_grid,
    to_csv,
    to_script,
    train,
)
from minibatch_core.course.slips import broadcast_loss
from minibatch_core.losses import LOSSES
from minibatch_core.settings.fields import describe
from minibatch_core.settings.train import SHUFFLES
from pages.dataset_and_dataloader import pictures_of
from tests.core.test_properties import values_of
from tests.support.computed import computed, shown
from tests.support.opened import boards, end_of_run, go_to_page, metrics, open_page
from tests.support.opened import texts as texts_of

CHAPTERS = [name for name, page in PAGES.items() if page.group == NOTEBOOK]
EQUAL = "All of them are the notebook's, to every digit shown."


def texts(test: AppTest) -> str:
    return "\n".join(texts_of(test))


def notice(name: str, title: str, settings: Settings | None = None) -> str:
    (found,) = [n.text for n in shown(name, settings).notices if title in n.title]
    return found


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_page_opens_with_the_notebooks_settings_and_its_numbers(name: str) -> None:
    test = open_page(name)
    assert EQUAL in [caption.value for caption in test.caption]
    comparison = shown(name).comparison
    assert comparison is not None
    assert comparison.equal
    assert test.subheader[0].value == PAGES[name].title
    assert not test.warning


@pytest.mark.parametrize("name", CHAPTERS)
def test_other_data_has_other_numbers_and_the_page_says_so(name: str) -> None:
    test = open_page(name)
    key = PAGES[name].key("dseed")
    test.session_state[key] = 2
    test.run()
    assert not test.exception
    assert EQUAL not in [caption.value for caption in test.caption]
    assert any("settings are not the notebook's" in caption.value for caption in test.caption)
    (button,) = [b for b in test.button if b.label == "The notebook's settings"]
    button.click().run()
    assert EQUAL in [caption.value for caption in test.caption]


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_page_is_restored_from_its_address(name: str) -> None:
    page = PAGES[name]
    test = open_page(name, **{page.key("n"): "60", page.key("noise"): "0.3"})
    assert test.number_input(key=page.key("n")).value == 60
    assert test.number_input(key=page.key("noise")).value == 0.3
    assert EQUAL not in [caption.value for caption in test.caption]


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_bad_value_in_a_pages_address_is_told(name: str) -> None:
    key = PAGES[name].key("noise")
    test = open_page(name, **{key: "7"})
    assert len(test.warning) == 1
    assert test.warning[0].value.startswith(f"Ignored in the address: {key} should be between")
    assert EQUAL in [caption.value for caption in test.caption]


@pytest.mark.parametrize("name", CHAPTERS)
@pytest.mark.parametrize("n", ["2", "3", "7", "10000"])
def test_a_page_shows_any_number_of_points(name: str, n: str) -> None:
    test = open_page(name, **{PAGES[name].key("n"): n})
    assert not test.exception
    assert sum(len(board["charts"]) for board in boards(test)) >= 3


def test_pages_have_settings_of_their_own() -> None:
    test = open_page("in_order")
    test.session_state["bs_in_order"] = 10
    test.run()
    go_to_page(test, "dataset_and_dataloader")
    assert test.number_input(key="bs_dataset_and_dataloader").value == 50
    test.session_state["bs_dataset_and_dataloader"] = 20
    test.run()
    go_to_page(test, "in_order")
    assert not test.exception
    assert test.number_input(key="bs_in_order").value == 10


def test_the_settings_of_the_places_are_the_notebooks() -> None:
    assert PAGES["full_batch"].settings == NOTEBOOK_PRESETS["full_batch"]
    assert PAGES["in_order"].settings == NOTEBOOK_PRESETS["ordered_minibatches"]
    assert PAGES["dataset_and_dataloader"].settings == NOTEBOOK_PRESETS["dataloader"]
    last = PAGES["minibatch_surfaces"]
    assert (last.settings.train.batch_size, last.surfaces.count, last.surfaces.seed) == (10, 3, 1)
    assert (last.surfaces.replacement, last.surfaces.divisor) == (True, "n")


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", CHAPTERS)
def test_every_figure_of_a_page_is_one_that_plotly_accepts(name: str, look: str, loss: str) -> None:
    settings = PAGES[name].settings
    settings = replace(settings, train=replace(settings.train, loss=loss))
    for chart in shown(name, settings, look=look).board.charts:
        if not chart.figure:
            continue  # the player's own
        assert len(go.Figure(coloured(chart.figure)).data) == len(chart.figure["data"])


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_chart_stands_in_its_grid(name: str) -> None:
    board = shown(name).board
    assert {chart.name for chart in board.charts} == named_areas(board)


@pytest.mark.parametrize("count", range(13))
def test_any_number_of_minibatches_stands_in_the_grid(count: int) -> None:
    page = PAGES["minibatch_surfaces"]
    surfaces = replace(page.surfaces, count=count)
    board = computed("minibatch_surfaces", surfaces=surfaces).board
    assert {chart.name for chart in board.charts} == named_areas(board)
    assert len(board.charts) == count + 3
    widths = {len(row.split()) for row in board.grid.areas}
    assert len(widths) == 1


def named_areas(board: Board) -> set[str]:
    return {name for row in board.grid.areas for name in row.split()} - {"."}


# The opening: data and loss surface.


def test_the_sigmoid_of_the_lowest_cell_is_shown() -> None:
    for look, (points, _, _) in LOOKS.items():
        board = shown("loss_surface", look=look).board
        w_grid, b_grid = notebook_grid(points)
        surface = loss_surface(make_dataset(), w_grid, b_grid)
        i, j = np.unravel_index(np.argmin(surface), surface.shape)
        heat, _, ring = board.charts[2].figure["data"]  # no cross: it is lower beyond the edge
        assert heat["z"].shape == (points, points)
        assert (ring["y"][0], ring["x"][0]) == (w_grid[i], b_grid[j])


@pytest.mark.parametrize(
    ("data", "cross", "title"),
    [
        (DataSettings(n=60, noise=0.15, seed=5), (4.604, -4.940), "the lowest point does not"),
        (DataSettings(), None, "lies beyond the edge"),
        (DataSettings(noise=0.0), None, "no minimum"),
        (DataSettings(noise=0.3), (1.4508, -1.2076), None),
    ],
)
def test_the_cross_marks_the_lowest_point_and_not_the_lowest_cell(
    data: DataSettings, cross: tuple[float, float] | None, title: str | None
) -> None:
    opening = shown("loss_surface", Settings(data, PAGES["loss_surface"].settings.train))
    crosses = crosses_of(opening.board.charts[2])
    assert crosses == ([] if cross is None else [pytest.approx(cross, abs=1e-3)])
    if cross is not None:
        minimum = find_minimum(make_dataset(data))
        assert minimum is not None
        assert crosses == [pytest.approx((minimum.w, minimum.b), abs=1e-6)]
    titles = [notice.title for notice in opening.notices[3:]]
    assert [title in each for each in titles if title] == ([True] if title else [])


def crosses_of(chart: Chart) -> list[tuple[float, float]]:
    """Where a chart marks a lowest point, as (w, b)."""
    traces = [trace for trace in chart.figure["data"] if trace.get("meta") == "minimum"]
    return [(trace["y"][0], trace["x"][0]) for trace in traces]


def test_a_chosen_point_shows_its_own_sigmoid() -> None:
    test = open_page("loss_surface", pw_loss_surface="2", pb_loss_surface="-1.5")
    numbers = metrics(test)
    assert (numbers["w shown"], numbers["b shown"], numbers["Its loss"]) == (
        "2.00",
        "-1.50",
        "0.1135",
    )
    curve = shown("loss_surface", point_w=2.0, point_b=-1.5).board.charts[0].figure["data"][-1]
    expected = 1.0 / (1.0 + np.exp(-(2.0 * curve["x"].astype(np.float64) - 1.5)))
    np.testing.assert_allclose(curve["y"], expected, atol=1e-6)


def test_the_flip_chart_shows_the_noise_rule_and_the_flipped_points() -> None:
    settings = Settings(DataSettings(noise=0.4), PAGES["loss_surface"].settings.train)
    rule, *flipped = shown("loss_surface", settings).board.charts[1].figure["data"]
    assert sorted(set(rule["y"].round(3).tolist())) == [pytest.approx(0.1), pytest.approx(0.4)]
    assert rule["x"][1:5].tolist() == [0.0, 0.0, 2.0, 2.0]
    data = make_dataset(settings.data)
    x = sorted(float(x) for trace in flipped for x in trace["x"])
    np.testing.assert_allclose(x, sorted(data.x[data.y != (data.x > 1)]), rtol=1e-6)


def test_the_surface_moves_with_the_data() -> None:
    train_settings = PAGES["loss_surface"].settings.train
    surfaces = [
        shown("loss_surface", Settings(data, train_settings)).board.charts[2].figure["data"]
        for data in (DataSettings(), DataSettings(noise=0.3), DataSettings(seed=2))
    ]
    first, noisier, other = (figure[0]["z"] for figure in surfaces)
    assert noisier.min() > first.min() + 0.05
    assert not np.allclose(first, other, atol=0.01)


def test_the_slips_of_the_opening_are_told_with_their_effect() -> None:
    assert "b = 6, where the loss is 0.7496 and not 0.0858" in notice("loss_surface", "axis names")
    assert "6 of these 100 points lie that close" in notice("loss_surface", "noise of 0.2")
    assert "gives them 0.1." in notice("loss_surface", "noise of 0.2")
    text = notice("loss_surface", "numpy before 2.4")
    assert f"with numpy {np.__version__}, it ends with *only 0-dimensional arrays" in text


# Section 1: full batch.


def test_the_switch_turns_the_bug_off() -> None:
    test = open_page("full_batch")
    (switch,) = [toggle for toggle in test.toggle if "bug" in toggle.label]
    assert switch.value
    switch.set_value(False).run()
    assert not test.exception
    meant = replace(NOTEBOOK_PRESETS["full_batch"].train, loss="bce")
    run = train(make_dataset(), meant)
    end = end_of_run(test)
    assert (end["w"], end["b"]) == (f"{run.w[-1]:.4f}", f"{run.b[-1]:.4f}")
    assert test.selectbox(key="loss_full_batch").value == "bce"


def test_the_full_batch_stays_all_the_points() -> None:
    test = open_page("full_batch", n_full_batch="30", ep_full_batch="7")
    assert end_of_run(test)["Steps"] == "7"


def test_the_printed_losses_are_marked_on_the_curve() -> None:
    loss, marks = shown("full_batch").board.charts[0].figure["data"]
    assert marks["x"].tolist() == [0, 50, 100, 150, 200]
    assert marks["y"].tolist() == [0.7168, 0.6156, 0.5838, 0.5728, 0.5669]
    drawn = np.interp(marks["x"], loss["x"], loss["y"])
    np.testing.assert_allclose(drawn, marks["y"], atol=5e-5)


def test_both_runs_are_drawn_the_other_dotted() -> None:
    traces = shown("full_batch").board.charts[2].figure["data"]
    preset = NOTEBOOK_PRESETS["full_batch"].train
    runs = [train(make_dataset(), replace(preset, loss=loss)) for loss in (preset.loss, "bce")]
    ends = [float(trace["y"][-1]) for trace in traces]
    assert ends == pytest.approx([end for run in runs for end in (run.w[-1], run.b[-1])], rel=1e-6)
    assert [trace["line"].get("dash") for trace in traces] == [None, None, "dot", "dot"]


def test_the_slips_of_section_1_are_told_with_their_effect() -> None:
    text = notice("full_batch", "sigmoid is taken twice")
    assert "not fall below 0.4918" in text  # (53 log(1 + 1/e) + 47 log 2) / 100
    assert "it ends at 0.5668" in text
    assert "w = 5.059, b = -4.912, and without the bug to w = 3.669, b = -3.457" in text
    assert "it ran 0 times for `model.forward(x)`, and 1 time" in notice("full_batch", "forward")


# Section 2: minibatches in order.


def test_the_spectrum_has_its_peaks_at_the_epoch_and_shuffling_removes_them() -> None:
    settings = NOTEBOOK_PRESETS["ordered_minibatches"]
    chart = spectrum(settings)
    (swings,) = chart.figure["data"]
    highest_two = sorted(swings["x"][np.argsort(swings["y"])[-2:]].tolist())
    assert highest_two == [1.0, 2.0]
    assert chart.note == "99% of the power repeats each epoch."
    assert chart.answer == "Shuffled anew it is 1 to 8% for most seeds."
    shuffled = replace(settings, train=replace(settings.train, shuffle="each_epoch"))
    assert spectrum(shuffled).note == "4% of the power repeats each epoch."
    assert spectrum(shuffled).answer == "By chance it is 1 to 8% for most seeds."


def spectrum(settings: Settings) -> Chart:
    charts = shown("in_order", settings).board.charts
    (found,) = [chart for chart in charts if chart.name == "spectrum"]
    return found


def test_the_period_is_marked_on_the_traces() -> None:
    for chart in shown("in_order").board.charts[2:4]:
        layout = chart.figure["layout"]
        assert layout["xaxis"]["tickvals"] == [176, 180, 184, 188, 192, 196, 200]
        bands = [(s["x0"], s["x1"]) for s in layout["shapes"] if s["xref"] == "x"]
        assert bands == [(176, 180), (184, 188), (192, 196)]
        assert "An epoch has 4 steps" in chart.note


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"batch_size": 100, "epochs": 20}, "an epoch has 1 step"),
        ({"batch_size": 25, "epochs": 3}, "at least 4 whole epochs"),
        (
            {"lr": 0.0, "shuffle": "each_epoch", "init_w": 0.0, "init_b": 0.0},
            "the loss does not swing",
        ),
    ],
)
def test_where_no_period_can_be_seen_the_page_says_why(changed: dict[str, Any], why: str) -> None:
    chart = spectrum(Settings(train=TrainSettings(**changed)))
    assert why in chart.note
    assert chart.answer == ""
    assert not chart.figure["layout"]["xaxis"]["visible"]


def test_the_slips_of_section_2_are_told_with_their_effect() -> None:
    text = notice("in_order", "printed loss")
    assert "here 0.0811" in text
    assert "on all the data the loss is 0.0927" in text
    tail = notice("in_order", "leaves points out")
    assert "With B = 26, `int(100 / 26)` makes 3 minibatches" in tail
    assert "the last 22 points would never be seen; DataLoader makes 4" in tail
    settings = Settings(train=TrainSettings(batch_size=30))
    ends = [
        train(make_dataset(), replace(settings.train, drop_last=drop_last)).w[-1]
        for drop_last in (True, False)
    ]
    tail = notice("in_order", "leaves points out", settings)
    assert tail.startswith("With B = 30, `int(100 / 30)` makes 3 minibatches")
    assert f"w = {ends[0]:.3f}" in tail
    assert f"w = {ends[1]:.3f}" in tail


@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_the_dropped_tail_is_told_as_the_order_has_it(shuffle: str) -> None:
    run_settings = TrainSettings(batch_size=30, epochs=40, shuffle=shuffle, drop_last=True)
    seen = np.bincount(train(make_dataset(), run_settings).batches.indices, minlength=100)
    text = notice(
        "in_order", "leaves points out", Settings(train=replace(run_settings, drop_last=False))
    )
    assert ("never be seen" in text) == (np.count_nonzero(seen == 0) == 10)


@pytest.mark.parametrize("name", ["full_batch", "in_order", "dataset_and_dataloader"])
def test_a_run_that_diverges_is_told_on_its_page(name: str) -> None:
    diverging = TrainSettings(optimizer="sgd", lr=100.0, weight_decay=50.0, epochs=100)
    chapter = shown(name, Settings(train=replace(diverging, batch_size=25)))
    assert chapter.warning is not None
    assert re.match(r"The run stops after \d+ of [\d,]+ steps:", chapter.warning)
    assert shown(name).warning is None


def test_the_first_points_are_printed_as_in_the_notebook() -> None:
    test = open_page("in_order")
    test.session_state["first_points"] = True  # opened
    test.run()
    printed = (
        "tensor([[ 2.6243],\n        [ 0.3882],\n        [ 0.4718],\n        [-0.0730],\n"
        "        [ 1.8654]])"
    )
    assert printed in [code.value for code in test.code]


# Section 3: Dataset and DataLoader.


def test_a_dataset_and_a_dataloader_print_what_the_notebook_shows() -> None:
    settings = replace(NOTEBOOK_PRESETS["dataloader"].train, batch_size=10, randn_before_model=0)
    pictures = pictures_of(DataSettings(), settings)
    assert pictures.item == (
        "Without dataset object x[4] is: [[ 1.86540763]\n [-1.3015387 ]]\n"
        "Using dataset object x[4] is: {'x': tensor([[ 1.8654],\n        [-1.3015]], "
        "dtype=torch.float64), 'y': tensor([1., 0.], dtype=torch.float64)}"
    )
    assert pictures.printed.startswith("batch:  {'x': tensor([[ 1.4885],\n        [ 2.1447],")
    assert pictures.printed.count("batch:") == 10
    test = open_page("dataset_and_dataloader")
    assert [code.value for code in test.code][:2] == [pictures.item, pictures.printed]


def test_the_pictures_show_who_is_in_which_minibatch() -> None:
    settings = TrainSettings(batch_size=30, epochs=20, seed=3)
    for drop_last in (False, True):
        charts = pictures_of(DataSettings(), replace(settings, drop_last=drop_last)).board.charts
        orders = {chart.name: chart.figure["data"][0]["z"] for chart in charts}
        assert all(order.shape == (8, 100) for order in orders.values())
        seen = {name: ~np.isnan(order) for name, order in orders.items()}
        for name in ("none", "once", "each_epoch"):
            assert (seen[name].sum(axis=1) == (90 if drop_last else 100)).all()
        assert 0.5 < seen["replacement"].mean() < 0.75  # 1 - 1/e of the points, or 0.9 of them
        same = {
            n: all(np.array_equal(o[0], row, equal_nan=True) for row in o)
            for n, o in orders.items()
        }
        assert same == {"none": True, "once": True, "each_epoch": False, "replacement": False}
        none = orders["none"][0]
        assert none[[0, 29, 30, 89]].tolist() == [1, 1, 2, 3]
        assert np.isnan(none[90]) if drop_last else none[90] == 4


def test_the_unused_tensors_move_the_start() -> None:
    text = notice("dataset_and_dataloader", "unused tensors")
    preset = NOTEBOOK_PRESETS["dataloader"].train
    run = train(make_dataset(), replace(preset, randn_before_model=0))
    assert "starts at w = -0.2191, b = 0.2018" in text
    assert "would start at w = 0.7645, b = 0.8300" in text
    assert f"and end at w = {run.w[-1]:.4f}, b = {run.b[-1]:.4f}" in text


def test_a_row_of_labels_is_broadcast_against_the_column_of_p() -> None:
    data = make_dataset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of just this
        p = torch.sigmoid(3.0 * torch.tensor(data.x).reshape(-1, 1) - 3.0)
        expected = torch.nn.MSELoss()(p, torch.tensor(data.y)).item()
    columns, rows = broadcast_loss(data, 3.0, -3.0)
    assert rows == pytest.approx(expected)
    assert columns == pytest.approx(float(loss_surface(data, [3.0], [-3.0])[0, 0]))
    assert "every p against every y" in notice("dataset_and_dataloader", "first MyDataset")


@pytest.mark.parametrize("batch_size", [1, 10, 30, 100])
def test_the_notebooks_epochs_are_set_beside_ours_whatever_the_batch_size(batch_size: int) -> None:
    run_settings = TrainSettings(batch_size=batch_size, epochs=30)
    run = train(make_dataset(), run_settings)
    comparison = shown("in_order", Settings(train=run_settings)).comparison
    assert comparison is not None
    (label, pairs), (later, missing), _ = comparison.rows
    step = 25 * run.batches.steps_per_epoch - 1
    assert (label, later) == ("epoch 25", "epoch 50")
    assert pairs[0][1] == f"{run.batch_loss[step]:.4f}"
    assert pairs[1][1] == f"{run.w[step]:.4f}"
    assert {here for _, here in missing} == {"not reached"}


def test_the_models_summary_is_torchinfos() -> None:
    test = open_page("dataset_and_dataloader")
    (summary,) = [code.value for code in test.code if "Layer (type" in code.value]
    assert "Linear: 1-1                            [1, 1]                    2" in summary
    assert "Trainable params: 2" in summary


# The last cell: minibatch loss surfaces.


def test_minibatches_of_the_whole_data_are_the_full_surface() -> None:
    page = PAGES["minibatch_surfaces"]
    settings = replace(page.settings, train=TrainSettings(batch_size=100))
    surfaces = replace(page.surfaces, replacement=False, divisor="batch_size")
    charts = computed("minibatch_surfaces", settings, surfaces).board.charts
    full, *small = (chart.figure["data"][0]["z"] for chart in charts[:4])
    for surface in small:
        np.testing.assert_allclose(surface, full, rtol=1e-6)


def test_the_colour_ranges_are_shared_or_one_each() -> None:
    for own in (False, True):
        charts = shown("minibatch_surfaces", own_range=own).board.charts[:4]
        heats = [chart.figure["data"][0] for chart in charts]
        ranges = {(heat["zmin"], heat["zmax"]) for heat in heats}
        assert len(ranges) == (4 if own else 1)
        words = {chart.bar.words for chart in charts if chart.bar is not None}
        assert words == {"own range" if own else "shared range"}
        assert all(chart.bar is not None for chart in charts)
        lowest = min(float(heat["z"].min()) for heat in heats)
        assert min(low for low, _ in ranges) == pytest.approx(lowest, rel=1e-6)


def test_the_curve_shows_how_the_spread_shrinks() -> None:
    curve, dots, _ = shown("minibatch_surfaces").board.charts[-1].figure["data"]
    assert dots["x"].tolist() == [1, 2, 5, 10, 20, 50, 100]
    np.testing.assert_allclose(curve["y"] * np.sqrt(curve["x"]), curve["y"][0], rtol=1e-6)
    np.testing.assert_allclose(dots["y"], curve["y"], rtol=0.2)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("batch_size", [1, 10, 30, 100])
def test_the_surfaces_add_up_and_some_have_no_minimum(batch_size: int, loss: str) -> None:
    settings = Settings(train=TrainSettings(batch_size=batch_size, loss=loss))
    adds_up, minimum = shown("minibatch_surfaces", settings).laws
    assert adds_up.measured == pytest.approx(adds_up.predicted, rel=1e-12)
    assert adds_up.predicted == loss_surface(make_dataset(), *notebook_grid(11), loss).min()
    assert ("their plain mean is wrong" in adds_up.note) == (batch_size == 30)
    assert abs(minimum.measured - minimum.predicted) <= 4.0 * minimum.error + 1e-12
    assert (minimum.predicted == pytest.approx(1.0)) == (batch_size == 1)


def test_the_slips_of_the_last_cell_are_told_with_their_effect() -> None:
    text = notice("minibatch_surfaces", "divided by N")
    assert "0.1 times as large" in text
    assert "from 0.0136 to 0.0690 instead of from 0.1358 to 0.6905" in text
    text = notice("minibatch_surfaces", "its own colours")
    assert "highest loss would stand for 0.0690 on one and for 0.0830 on another" in text
    text = notice("minibatch_surfaces", "random.randint")
    assert "hold 1 point twice or more in the same minibatch; point 97 comes 3 times" in text


# Code and downloads.


@pytest.mark.parametrize("name", [*CHAPTERS, "playground"])
def test_a_page_gives_away_its_code_and_its_run(name: str) -> None:
    test = open_page(name)
    assert not test.get("download_button")
    test.session_state["take_away"] = True
    test.run()
    surfaces = name in ("loss_surface", "minibatch_surfaces")
    labels = [getattr(button, "label", "") for button in test.get("download_button")]
    is_played = any(board["player"] for board in boards(test))
    assert labels == [
        "PyTorch script",
        "Notebook for Jupyter, Colab, Kaggle",
        *["Web page, runs without a network"] * is_played,
        "A run on this data as CSV, a row a step" if surfaces else "This run as CSV, a row a step",
    ]


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_page_shows_the_code_of_exactly_its_settings(name: str) -> None:
    test = open_page(name)
    test.session_state["code"] = True
    page = PAGES[name]
    test.session_state[page.key("dseed")] = 5
    test.run()
    settings = replace(page.settings, data=DataSettings(seed=5))
    if name == "loss_surface":
        settings = replace(settings, train=replace(settings.train, batch_size=100))
    if name == "one_change":  # it shows several runs, and gives the code of the last
        settings = replace(settings, train=NOTEBOOK_PRESETS["dataloader"].train)
    surfaces = page.surfaces if name in ("loss_surface", "minibatch_surfaces") else None
    assert to_script(settings, surfaces).strip() in [code.value for code in test.code]


ANY_DATA = {name: values_of(setting) for name, setting in describe(DataSettings).items()}
ANY_TRAIN = {name: values_of(setting) for name, setting in describe(TrainSettings).items()}


@trials(max_examples=60)
@given(
    st.fixed_dictionaries({**ANY_DATA, "n": st.integers(2, 60)}),
    st.fixed_dictionaries(
        {**ANY_TRAIN, "batch_size": st.integers(1, 60), "epochs": st.integers(1, 9)}
    ),
    st.sampled_from(list(LOOKS)),
)
def test_every_page_can_show_any_settings(
    data: dict[str, Any], train_values: dict[str, Any], look: str
) -> None:
    batch_size = min(train_values["batch_size"], data["n"])
    assume(not (train_values["optimizer"] == "nesterov" and train_values["momentum"] == 0.0))
    chosen = Settings(
        DataSettings(**data), TrainSettings(**(train_values | {"batch_size": batch_size}))
    )
    for name in CHAPTERS:
        chapter = shown(name, chosen, look=look, order_batch_size=batch_size, seeds=2)
        assert chapter.board.payload
        assert all(n.text and "nan" not in n.text.split() for n in chapter.notices)
    pictures = pictures_of(chosen.data, chosen.train)
    assert pictures.board.payload
    compile(to_script(chosen, PAGES["minibatch_surfaces"].surfaces), "script", "exec")
    run = train(make_dataset(chosen.data), chosen.train)
    assert len(to_csv(run).splitlines()) == 1 + len(run)
