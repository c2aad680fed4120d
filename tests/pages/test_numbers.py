"""Numbers and their words: written one way on every page, and none that says what is not so."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.charts.run import note_of_way
from dashboard.charts.summary import summary
from dashboard.jobs.sweeps import Sweep
from dashboard.shell.advice import without_minimum
from dashboard.shell.names import told_apart
from dashboard.shell.registry import PAGES
from dashboard.shell.tables import _row
from minibatch_core import (
    DataSettings,
    Settings,
    SurfaceSettings,
    SweepSettings,
    TrainSettings,
    find_minimum,
    gradient_noise,
    make_dataset,
)
from pages.compare import compared
from pages.sweep import shown_of
from tests.conftest import ROOT
from tests.support.computed import shown
from tests.support.filled import charts_of, filled
from tests.support.said import numbers_in
from tests.support.swept import finished

SOURCES = [
    path
    for folder in ("pages", "dashboard/charts", "dashboard/shell", "dashboard/figures")
    for path in (ROOT / folder).glob("*.py")
]
SOURCES += [
    *(ROOT / "minibatch_core/theory").glob("*.py"),
    *(ROOT / "dashboard/browser").glob("*.js"),
]
BOXES = {"controls.py", "sidebar.py"}
"""What is typed into a box is written as it can be typed."""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_page_writes_numbers_in_a_way_of_its_own(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    said = re.sub(r"raise ValueError\((?:[^()]|\([^()]*\))*\)", "", text)
    said = re.sub(r"float\(f\"[^\"]*\"\)|%\{[^}]*\}|\{CLEAR:g\}", "", said)
    assert path.name in BOXES or not re.search(r":[+,]?(?:\.\d+)?[eg]\}", said)
    assert not re.search(r"\d\}? %(?! ?[\w(])", text)
    assert not re.search(r"%\{+[xyz]:[^}]*g\}", text)  # a hover's
    assert path.name == "words.js" or ".toExponential" not in text
    assert path.name == "words.py" or not re.search(r"[^%]\{[^{}]*:\.\d%\}", text)


@pytest.mark.parametrize("batch_size", [1, 10, 40])
@pytest.mark.parametrize("seed", [6, 7, 8])
def test_how_many_standard_errors_apart_can_be_calculated_from_what_a_row_shows(
    batch_size: int, seed: int
) -> None:
    settings = PAGES["gradient_noise"].settings
    settings = replace(settings, train=replace(settings.train, batch_size=batch_size))
    rows = [
        _row(law)
        for law in shown("gradient_noise", settings, surfaces=SurfaceSettings(seed=seed)).laws
        if law.apart.endswith(" SE") and not law.is_approximate
    ]
    assert len(rows) >= 2
    for _, predicted, measured, apart in rows:
        plain = [
            text.replace("\u00a0", " ").replace("\u2011", "-") for text in (predicted, measured)
        ]
        (law,), (mean, error) = map(numbers_in, plain)
        (told,) = numbers_in(apart.replace("\u2011", "-").replace("+", ""))
        assert (mean - law) / error == pytest.approx(told, abs=0.09)


@pytest.mark.parametrize("seed", range(1, 9))
def test_the_lowest_place_of_the_grid_is_not_told_as_the_lowest_point(seed: int) -> None:
    page = shown("loss_surface", Settings(DataSettings(seed=seed), TrainSettings(loss="bce")))
    (chart,) = [chart for chart in page.board.charts if chart.name == "surface"]
    crosses = [trace for trace in chart.figure["data"] if trace.get("meta") == "minimum"]
    assert len(crosses) == ("the cross marks" in chart.note.lower())
    for cross in crosses:
        w, b = numbers_in(chart.note)[1:3]
        is_between = np.hypot(cross["y"][0] - w, cross["x"][0] - b) > 0.01
        said = "The cross marks the lowest point, between the places of the grid" in chart.note
        assert said == is_between


def small_sweep() -> Sweep:
    train = TrainSettings(optimizer="sgd", lr=1.0, epochs=3, shuffle="each_epoch")
    grid = SweepSettings(across_from=10, across_to=20, across_count=2, up_count=2, runs=2)
    return finished(Settings(train=train), grid)


def test_a_sweep_counts_the_cells_that_have_come(monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = small_sweep()
    notes = {chart.name: chart.note for chart in shown_of(sweep, "viridis").board.charts}
    cells = sweep.kept["target_step"].shape[0] * sweep.kept["target_step"].shape[1]
    assert re.search(rf"In \d+ of {cells} cells more than half of the runs reached", notes["steps"])
    sweep.kept = {name: values.copy() for name, values in sweep.kept.items()}
    monkeypatch.setattr(Sweep, "running", property(lambda _: True))
    sweep.kept["target_step"][1:] = np.nan
    notes = {chart.name: chart.note for chart in shown_of(sweep, "viridis").board.charts}
    half = cells // 2
    assert re.search(rf"So far, in \d+ of {half} cells that were trained more", notes["steps"])
    sweep.kept["target_step"][:] = np.nan
    notes = {chart.name: chart.note for chart in shown_of(sweep, "viridis").board.charts}
    assert "cells" not in notes["steps"]


@pytest.mark.parametrize(
    ("raced", "word"), [(("sgd", "momentum"), "both"), (("sgd", "momentum", "adam"), "all")]
)
def test_two_are_both_and_three_are_all(raced: tuple[str, ...], word: str) -> None:
    still = replace(
        PAGES["optimizers"].settings, train=replace(PAGES["optimizers"].settings.train, lr=0.0)
    )
    board = shown("optimizers", still, optimizers=raced, adaptive_lr=0.0).board
    assert re.search(rf" and [A-Z]\w+, {word} [\d.]+ to all digits shown", board.charts[0].note)


def test_one_minibatch_is_no_sum_of_many() -> None:
    for size, says in (
        (100, "the loss of the one minibatch of an epoch"),
        (50, "the 2 minibatches"),
    ):
        law, _ = shown("minibatch_surfaces", Settings(train=TrainSettings(batch_size=size))).laws
        assert says in law.note


def test_what_does_not_move_is_not_said_to_go_anywhere() -> None:
    still = TrainSettings(lr=0.0, init_w=1.0, init_b=0.5, epochs=2)
    board = filled(shown("playground", Settings(train=still)).board.payload)
    assert charts_of(board)["traces"]["note"] == ("w is 1.000 all along. b is 0.500 all along.")
    assert note_of_way("w", np.array([1.0, 1.0004, 0.9998])) == (
        "w stays at 1.000, to the digits shown."
    )
    assert note_of_way("w", np.array([1.0, 3.0, 1.0])) == (
        "w begins and ends at 1.000, to the digits shown."
    )
    assert note_of_way("It", np.array([1.0, 0.5]), 4) == "It goes from 1.0000 to 0.5000."
    full = replace(still, batch_size=100, loss="bce")
    page = shown("full_batch", Settings(train=full))
    assert page.board.charts[0].note.startswith("It is ")
    assert any("begins and ends at" in notice.text for notice in page.notices)


@pytest.mark.parametrize("size", [1, 2])
def test_a_minibatch_of_one_point_has_none_twice(size: int) -> None:
    train = TrainSettings(batch_size=size, shuffle="replacement", epochs=1)
    assert ("more than once" in summary(Settings(train=train))) == (size > 1)


@pytest.mark.parametrize("replacement", [True, False])
def test_dots_of_sampled_gradients_show_their_standard_errors(replacement: bool) -> None:
    settings = PAGES["gradient_noise"].settings
    page = shown(
        "gradient_noise", settings, surfaces=SurfaceSettings(seed=6, replacement=replacement)
    )
    (figure,) = [chart.figure for chart in page.board.charts if chart.name == "scatter"]
    *_, bars, dots = figure["data"]
    low, high = bars["y"].reshape(-1, 3)[:, :2].T
    sizes = bars["x"].reshape(-1, 3)[:, 0]
    middle = [float(dots["y"][dots["x"].index(size)]) for size in sizes.tolist()]
    np.testing.assert_allclose(0.5 * (low + high), middle, rtol=1e-5)
    noise = gradient_noise(make_dataset(settings.data), 1.0, -1.0, settings.train.loss)
    for size, error in zip(sizes.tolist(), (0.5 * (high - low)).tolist(), strict=True):
        means = [
            ((noise.sample(int(size), 1250, replacement, 1000 + k) - noise.mean) ** 2)
            .sum(axis=1)
            .mean()
            for k in range(40)
        ]
        assert 0.6 < error / np.std(means) < 1.6
    assert len(sizes) == len(dots["x"]) - (not replacement)


@pytest.mark.parametrize("n", [2, 3, 30])
@pytest.mark.parametrize("noise", [0.0, 0.1, 0.5])
def test_what_is_advised_where_a_loss_has_no_minimum_may_help_and_nothing_else(
    n: int, noise: float
) -> None:
    for seed in range(40):
        data = DataSettings(n=n, noise=noise, seed=seed)
        if find_minimum(make_dataset(data), "bce") is None:
            break
    advice = without_minimum(data)
    others = [replace(data, seed=seed) for seed in range(200)]

    def helps(**changed: Any) -> bool:
        asked = [make_dataset(replace(each, **changed)) for each in others]
        return any(find_minimum(each, "bce") is not None for each in asked)

    assert ("other data" in advice) == helps()
    assert ("more noise" in advice) == (
        noise < 0.5 and (helps(noise=0.5) or (n == 2 and noise == 0.0))
    )
    assert ("more points" in advice) == (n == 2)
    losses = ("bce", "mse", "bce_with_logits_on_sigmoid")
    found = [find_minimum(make_dataset(data), loss) is not None for loss in losses]
    assert ("another loss" in advice) == any(found)


def test_what_is_advised_can_be_done() -> None:
    assert "more noise" in without_minimum(DataSettings(noise=0.1))
    assert "more noise" not in without_minimum(DataSettings(noise=0.5))
    for name in ("stability", "order_matters"):
        asked = PAGES[name].settings
        separable = DataSettings(n=4, noise=0.0)
        page = shown(name, Settings(separable, replace(asked.train, batch_size=4)))
        assert page.warning is not None
        assert without_minimum(separable) in page.warning


def test_values_of_settings_are_said_as_numbers_and_words() -> None:
    usual = Settings(DataSettings(n=1000), TrainSettings(epochs=5))
    other = Settings(
        DataSettings(n=2000), TrainSettings(epochs=5, drop_last=True, lr=1.0, loss="bce")
    )
    rows = dict(compared((usual, other)).settings)
    assert rows["Points N"] == ["1,000", "2,000"]
    assert rows["Drop the last short batch"] == ["no", "yes"]
    assert rows["Learning rate"] == ["0.05", "1"]
    assert told_apart(other, usual).startswith("Its loss is BCE and it has ")
    assert "N = 2,000" in told_apart(other, usual)
