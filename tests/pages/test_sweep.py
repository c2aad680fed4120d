"""The page of sweeps: what it says is of chance, of the grid's edge, or void, and what is not."""

import re
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from dashboard.figures.sweep import sweep_figure, tradeoff_figure
from dashboard.jobs.sweeps import Sweep
from dashboard.shell.registry import PAGES
from minibatch_core import (
    DataSettings,
    Settings,
    SweepSettings,
    TrainSettings,
    full_loss,
    loss_surface,
    train,
)
from minibatch_core import make_dataset as dataset_of
from minibatch_core.engine.budgets import UNITS, Budget
from minibatch_core.engine.sweep import USUAL, plan, swept_values
from minibatch_core.losses import LOSSES
from minibatch_core.schedules import SCHEDULES
from minibatch_core.terms import TERMS
from minibatch_core.theory.laws import scaling_rule
from minibatch_core.theory.resampling import medians
from minibatch_core.theory.tradeoff import Tradeoff, fit_tradeoff
from pages.sweep import QUESTION as LAW_6
from pages.sweep import _idea, runs_of, said_of_budget, shown_of
from tests.support.opened import open_page, session, texts
from tests.support.swept import finished, to_its_end

OPENING = PAGES["sweep"].settings
UGLY = Settings(DataSettings(n=61, noise=0.3, seed=9), replace(OPENING.train, loss="bce"))
EVEN = replace(UGLY, data=replace(UGLY.data, n=64))
QUESTION = "Do larger batches need fewer steps?"
SEEDS = 20
"""So far apart are base seeds of which no run is common to two, with the usual runs a cell."""


def changed(settings: Settings, **values: Any) -> Settings:
    return replace(settings, train=replace(settings.train, **values))


def whole(text: str) -> int:
    return int(text.replace(",", ""))


@cache
def by_ten_seeds(settings: Settings) -> list[Sweep]:
    seeds = [1000 + SEEDS * k for k in range(10)]
    return [finished(changed(settings, seed=seed), SweepSettings()) for seed in seeds]


def pooled(sweeps: list[Sweep], name: str) -> np.ndarray:
    return medians(np.concatenate([each.kept[name] for each in sweeps], axis=2))


def ends(text: str) -> tuple[float, float]:
    """The ends of a range as the page words it."""
    if text.startswith("larger than "):
        return float(text.rsplit(maxsplit=1)[-1]), np.inf
    if text.startswith("smaller than "):
        return 0.0, float(text.rsplit(maxsplit=1)[-1])
    low, high = text.split(" to ")
    return float(low), float(high)


TEN = pytest.mark.parametrize("settings", [OPENING, UGLY], ids=["opening", "ugly"])


@TEN
def test_another_seed_says_the_same_of_the_critical_batch_size(settings: Settings) -> None:
    sweeps = by_ten_seeds(settings)
    steps = pooled(sweeps, "target_step").min(axis=0)
    all_runs = fit_tradeoff(np.array(sweeps[0].across), steps)
    assert all_runs is not None
    ranges = [
        ends(str(shown_of(each, "viridis").board.metrics["Critical batch size"])) for each in sweeps
    ]
    critical = all_runs.critical_batch_size
    # The words are rounded.
    assert sum(0.97 * low <= critical <= 1.03 * high for low, high in ranges) >= 9


@TEN
def test_another_seed_says_the_same_of_the_lowest_loss(settings: Settings) -> None:
    sweeps = by_ten_seeds(settings)
    losses = pooled(sweeps, "loss")
    i, j = np.unravel_index(np.argmin(losses), losses.shape)
    held = 0
    for each in sweeps:
        heat, *others = shown_of(each, "viridis").board.charts[0].figure["data"]
        dots = [other for other in others if other["mode"] == "markers"]
        if dots:
            held += (j, i) in zip(dots[0]["x"], dots[0]["y"], strict=True)
        else:
            held += heat["z"][i, j] == np.nanmin(heat["z"])
    assert held >= 9


@pytest.mark.parametrize("settings", [OPENING, EVEN], ids=["opening", "even"])
def test_another_seed_says_the_same_of_the_best_learning_rate(settings: Settings) -> None:
    found = [
        law
        for each in by_ten_seeds(settings)
        for law in shown_of(each, "viridis").laws
        if law.name == "11. The best learning rate"
    ]
    assert len(found) == 10
    powers, errors = (
        np.array([getattr(law, name) for law in found]) for name in ("measured", "error")
    )
    assert (np.abs(powers - powers.mean()) < 1.96 * errors).sum() >= 8
    # As far apart as their standard errors say, within what ten of them can show.
    assert 0.4 < powers.std(ddof=1) / np.sqrt((errors**2).mean()) < 1.8


@pytest.mark.parametrize("n", [61, 64, 65, 100])
def test_the_best_learning_rate_is_told_of_batch_sizes_that_divide_n(n: int) -> None:
    swept = finished(replace(OPENING, data=DataSettings(n=n)), SweepSettings())
    (law,) = [
        law for law in shown_of(swept, "viridis").laws if law.name == "11. The best learning rate"
    ]
    even = [size for size in swept.across if n % size == 0]
    assert bool(law.not_here) == (len(even) < 3)
    if law.not_here:
        assert f"that divide N = {n}, and in the grid there are {len(even)}." in law.not_here
        return
    rates, losses = np.log(np.array(swept.up)), medians(swept.kept["loss"])
    best = []
    for size in even:
        column = losses[:, swept.across.index(size)]
        k = int(np.argmin(column))
        parabola = np.polyfit(rates[k - 1 : k + 2], column[k - 1 : k + 2], 2)
        best.append(-parabola[1] / (2.0 * parabola[0]))
    assert law.measured == pytest.approx(np.polyfit(np.log(even), best, 1)[0], rel=1e-6)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_laws_5_and_6_are_told_where_the_steps_do_not_depend_on_how_long_a_run_is(
    schedule: str,
) -> None:
    settings = changed(OPENING, schedule=schedule)
    data, paths = dataset_of(settings.data), []
    for epochs in (10, 100):
        run = train(data, replace(settings.train, epochs=epochs))
        paths.append(np.column_stack([run.w, run.b])[:101])
    depends = bool(np.abs(paths[0] - paths[1]).max() > 1e-9)
    assert depends == (schedule != "constant")
    shown = shown_of(finished(settings, SweepSettings()), "viridis")
    for law in shown.laws:
        if law.name[0] in "56":
            assert ("the schedule stretches with the run" in law.not_here) == depends
    assert ("Critical batch size" in shown.board.metrics) != depends
    note, traces = shown.board.charts[-1].note, shown.board.charts[-1].figure["data"]
    assert ("because the schedule stretches with the run." in note) == depends
    assert any(trace["name"] == "law 6, fitted" for trace in traces) != depends


@pytest.mark.parametrize("data_seed", [1, 2, 3, 4, 5])
def test_the_usual_grid_has_its_best_inside(data_seed: int) -> None:
    settings = replace(OPENING, data=DataSettings(seed=data_seed))
    swept = finished(settings, SweepSettings())
    losses = medians(swept.kept["loss"])
    row = int(np.unravel_index(np.argmin(losses), losses.shape)[0])
    assert 0 < row < len(swept.up) - 1
    for chart in shown_of(swept, "viridis").board.charts:
        assert "edge" not in chart.note


def test_where_the_best_is_at_an_edge_the_page_says_so() -> None:
    shown = shown_of(finished(OPENING, SweepSettings(up_to=1.0, up_count=5, runs=10)), "viridis")
    notes = {chart.name: chart.note for chart in shown.board.charts}
    assert "The lowest loss may lie beyond the grid (Learning rate above 1)." in notes["loss"]
    assert "it is at the edge, and the best may lie beyond" in notes["loss"]
    assert "is at the edge of the grid, and fewer steps may be possible beyond" in notes["curve"]


def test_the_end_of_what_can_be_is_no_edge() -> None:
    sweep = SweepSettings(across="noise", across_count=3, up="batch_size", up_count=3, runs=10)
    shown = shown_of(finished(OPENING, sweep), "viridis")
    assert "beyond" not in shown.board.charts[0].note


@pytest.mark.parametrize("loss", ["mse", "bce", "bce_with_logits_on_sigmoid"])
@pytest.mark.parametrize("noise", [0.0, 0.4, 0.5])
@pytest.mark.parametrize("n", [10, 61])
def test_no_run_starts_at_the_usual_target(loss: str, noise: float, n: int) -> None:
    settings = changed(
        replace(OPENING, data=DataSettings(n=n, noise=noise, seed=9)), loss=loss, epochs=3
    )
    swept = finished(settings, SweepSettings(across_count=3, up_count=3))
    assert not (swept.kept["target_step"] == 0.0).any()
    warning = shown_of(swept, "viridis").warning or ""
    assert ("There is no usual target" in warning) == (None in swept.targets.values())


def test_no_run_starts_at_the_usual_target_where_the_start_is_swept() -> None:
    sweep = SweepSettings(across="init_w", across_count=4, up="init_b", up_count=4, runs=2)
    swept = finished(changed(OPENING, epochs=2), sweep)
    (target,) = swept.targets.values()
    data = dataset_of(swept.settings.data)
    starts = [
        full_loss(data, np.array([w]), np.array([b]))[0] for w in swept.across for b in swept.up
    ]
    assert target is not None
    assert target < min(starts)
    assert not (swept.kept["target_step"] == 0.0).any()


def test_a_start_at_the_lowest_has_no_usual_target_and_is_told() -> None:
    settings = changed(OPENING, init_w=6.0, init_b=-5.5, epochs=2)
    shown = shown_of(finished(settings, SweepSettings(across_count=3, up_count=3)), "viridis")
    assert shown.board.metrics["Target"] == "none"
    assert "There is no usual target for these data" in (shown.warning or "")
    assert "curve" not in {chart.name for chart in shown.board.charts}


def test_a_target_at_which_some_runs_start_is_told_and_gives_no_curve() -> None:
    sweep = SweepSettings(across_count=3, up_count=3, target=0.25)
    swept = finished(changed(OPENING, epochs=2), sweep)
    data = dataset_of(swept.settings.data)
    runs = [train(data, replace(swept.settings.train, seed=42 + k, epochs=1)) for k in range(20)]
    low = sum(full_loss(data, run.w[:1], run.b[:1])[0] <= 0.25 for run in runs)
    shown = shown_of(swept, "viridis")
    assert 0 < low < 20
    assert f"{9 * low} of 180 runs start at the target or below" in (shown.warning or "")
    assert "curve" not in {chart.name for chart in shown.board.charts}


@pytest.mark.parametrize("loss", ["mse", "bce", "bce_with_logits_on_sigmoid"])
def test_a_target_below_the_lowest_possible_loss_is_said_to_be(loss: str) -> None:
    settings = changed(replace(OPENING, data=DataSettings(n=61)), loss=loss, epochs=2, lr=0.01)
    data, far = dataset_of(settings.data), np.linspace(-60.0, 60.0, 481)
    lowest = loss_surface(data, far, far, loss).min()
    grid = SweepSettings(up="noise", up_from=0.2, up_to=0.3, up_count=2, across_count=2, runs=1)
    for target, possible in ((0.9 * lowest, False), (1.02 * lowest, True)):
        of_lr = SweepSettings(across_count=2, up_count=2, up_to=0.1, runs=1, target=target)
        warning = shown_of(finished(settings, of_lr), "viridis").warning or ""
        assert warning.startswith("In no cell did the run reach a loss of")
        assert ("or more epochs" in warning) == possible
        said = re.findall(r"The lowest possible loss .* is ([\d.]+), so no number of", warning)
        assert [float(each) for each in said] == [pytest.approx(lowest, rel=0.02)] * (not possible)
        # Of data with other noise each has its own lowest loss.
        others = [DataSettings(n=61, noise=noise) for noise in (0.2, 0.3)]
        floors = [loss_surface(dataset_of(each), far, far, loss).min() for each in others]
        between = replace(grid, target=(0.5 * min(floors) + 0.5 * max(floors)))
        warning = shown_of(finished(settings, between), "viridis").warning or ""
        assert "or more epochs" in warning


@pytest.mark.parametrize(
    ("goal", "says"),
    [
        ("0.01", "No budget is enough: no w and b have a loss as low as the target."),
        ("0.1", "A larger budget may be enough. Point"),
        ("0.13", "A larger budget may be enough, but not for 1 of the 2 data sets and losses."),
    ],
)
def test_the_page_says_whether_a_larger_budget_can_fill_a_blank_cell(goal: str, says: str) -> None:
    address = {"ep_sweep": "1", "runs_sweep": "1", "sxn_sweep": "2", "goal_sweep": goal}
    if "1 of the 2" in says:
        address |= {"sy_sweep": "Noise", "sy0_sweep": "0.1", "sy1_sweep": "0.4", "syn_sweep": "2"}
        far = np.linspace(-60.0, 60.0, 241)
        floors = [
            loss_surface(dataset_of(DataSettings(noise=noise)), far, far).min()
            for noise in (0.1, 0.4)
        ]
        assert min(floors) < float(goal) < max(floors)
    test = open_page("sweep", **address)
    assert session(test).sweep is not None
    assert any(says in each for each in texts(test))


def test_a_critical_batch_size_above_less_than_one_is_not_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pages.sweep.critical_range", lambda *_: (0.7, np.inf))
    shown = shown_of(finished(OPENING, SweepSettings()), "viridis")
    assert shown.board.metrics["Critical batch size"] == "not known"
    assert "do not show a critical batch size" in shown.board.charts[-1].note


def test_cells_that_may_be_the_lowest_are_counted() -> None:
    shown = shown_of(finished(OPENING, SweepSettings()), "viridis")
    heat, *others = shown.board.charts[0].figure["data"]
    (dots,) = [each["x"] for each in others if each["mode"] == "markers"]
    assert 1 < len(dots) < heat["z"].size
    assert shown.board.metrics["Lowest loss at"] == f"one of {len(dots)} dotted cells"


def test_what_doubling_saves_is_said_of_batch_sizes_far_from_the_critical_one() -> None:
    law = Tradeoff(s_min=1.0, e_min=100.0)
    saved = {size: 1.0 - law.steps(2.0 * size) / law.steps(size) for size in (1, 50, 100, 200, 1e4)}
    assert saved[1] > 0.49
    assert saved[1e4] < 0.01
    assert [saved[size] for size in (50, 100, 200)] == pytest.approx([1 / 3, 1 / 4, 1 / 6])
    (term,) = [term for term in TERMS if term.name == "critical batch size"]
    assert term.says.startswith("Far below")
    assert "Far above it they save almost none" in term.says
    assert "far beyond a critical batch size" in LAW_6.replace("\n", " ")


def test_few_runs_show_no_critical_batch_size_and_no_law_of_chance() -> None:
    shown = shown_of(finished(changed(OPENING, epochs=10), SweepSettings(runs=4)), "viridis")
    assert shown.board.metrics["Critical batch size"] == "not known"
    assert "fewer than 10 runs a cell" in shown.board.charts[0].note
    assert "with fewer than 10 runs a cell chance may decide" in shown.board.charts[-1].note
    said = {law.name.split(".")[0]: law.not_here for law in shown.laws}
    assert said["5"] == said["6"] == "with fewer than 10 runs a cell chance may decide"
    assert {law for law, why_not in said.items() if not why_not} == {"1", "11"}
    assert "11. The best learning rate" not in {law.name for law in shown.laws}


def test_a_fixed_learning_rate_shows_no_critical_batch_size() -> None:
    sweep = SweepSettings(up="shuffle", across_count=4, runs=10)
    shown = shown_of(finished(OPENING, sweep), "viridis")
    assert "Critical batch size" not in shown.board.metrics
    assert "Sweep the learning rate upwards" in shown.board.charts[-1].note
    assert {law.name.split(".")[0] for law in shown.laws} == {"1", "11"}


def test_a_sweep_of_one_small_learning_rate_does_not_claim_that_larger_batches_save_steps() -> None:
    # At such rates the steps do not depend on the batch size.
    sweep = SweepSettings(up_from=0.5, up_to=0.6, up_count=2, across_to=30.0, across_count=5)
    shown = shown_of(finished(changed(OPENING, epochs=60), sweep), "viridis")
    words = str(shown.board.metrics["Critical batch size"])
    assert words in ("none", "not known") or words.startswith("smaller than")


def test_a_dot_marks_each_cell_that_is_marked() -> None:
    marked = np.array([[True, False], [True, True]])
    values = np.ones((2, 2))
    labels = ["1", "2"]
    figure = sweep_figure(
        values, labels, labels, ("a", "b"), (0.0, 1.0), "viridis", ".1f", [], marked=marked
    )
    dots = figure["data"][-1]
    assert set(zip(dots["x"], dots["y"], strict=True)) == {(0, 0), (0, 1), (1, 1)}


def test_values_below_a_chart_have_room_and_long_words_leave_room_for_the_cells() -> None:
    noises = ["0", "0.0556", "0.111", "0.167", "0.222", "0.278", "0.333", "0.389", "0.444", "0.5"]
    losses = [loss.label for loss in LOSSES.values()]
    names = ("Noise", "Loss")
    figure = sweep_figure(np.ones((3, 10)), noises, losses, names, (0.0, 1.0), "viridis", ".1f", [])
    below = figure["layout"]["xaxis"]["ticktext"]
    assert below[0] == "0"
    assert sum(1 + len(each) for each in below) <= 28
    beside = figure["layout"]["yaxis"]["ticktext"]
    assert [each.replace("<br>", " ") for each in beside] == losses
    assert max(len(line) for each in beside for line in each.split("<br>")) <= 11
    assert figure["layout"]["margin"]["l"] < 120


def test_a_few_very_low_relative_losses_do_not_take_the_colours_from_all_others() -> None:
    sweep = finished(OPENING, SweepSettings(across="noise", up="lr", runs=1))
    (loss,) = [each for each in shown_of(sweep, "viridis").board.charts if each.name == "loss"]
    heat = loss.figure["data"][0]
    relative = np.array(heat["z"], dtype=float)
    assert np.nanmin(relative) < 0.5
    best = np.nanmin(relative, axis=0)
    assert best.max() < heat["zmax"] / 2


def test_a_range_without_an_end_is_not_drawn() -> None:
    figure = tradeoff_figure(
        np.array([1, 10]), np.array([9.0, 3.0]), Tradeoff(2.0, 7.0), [(8.0, np.inf), (2.0, 4.0)]
    )
    (bars,) = [trace for trace in figure["data"] if trace["name"].startswith("95")]
    assert bars["x"].tolist() == [10.0, 10.0, 10.0]
    assert bars["y"][:2].tolist() == [2.0, 4.0]


def test_the_page_says_which_settings_its_cells_ignore() -> None:
    test = open_page("sweep", ep_sweep="1", runs_sweep="1", sy_sweep="Noise")
    to_its_end(session(test).sweep)
    assert any(
        "Each cell has its own *Batch size B* and *Noise*: they stand" in each
        for each in texts(test)
    )
    assert not any(QUESTION in each.value for each in test.markdown)


def test_the_page_points_to_its_last_chart_only_where_there_is_one() -> None:
    for goal, asked in (("0.3", False), ("0.1", True)):
        address = {"ep_sweep": "3", "runs_sweep": "10", "syn_sweep": "3", "goal_sweep": goal}
        test = open_page("sweep", **address)
        to_its_end(session(test).sweep)
        test.run()
        assert any(QUESTION in each.value for each in test.markdown) == asked


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("pair", [("batch_size", "lr"), ("n", "noise"), ("init_w", "init_b")])
def test_the_page_says_what_the_swept_settings_do_as_set_on_the_left(
    unit: str, pair: tuple[str, str]
) -> None:
    settings, budget = changed(OPENING, epochs=4), Budget(unit)
    grid = SweepSettings(
        across=pair[0], up=pair[1], across_count=2, up_count=2, runs=1, across_to=4.0
    )
    if pair[0] == "n":
        grid = replace(grid, across_from=50.0, across_to=100.0)
    said = _idea(finished(settings, grid, budget))
    data = {"n": DataSettings(n=150), "noise": DataSettings(noise=0.3)}
    others = [
        replace(settings, data=data[name])
        if name in data
        else changed(settings, **{name: {"batch_size": 20, "lr": 0.5}.get(name, 1.0)})
        for name in pair
    ]
    is_of_budget = any(budget.of(other) != budget.of(settings) for other in others)
    assert bool(re.search(r"sets? the budget", said)) == is_of_budget
    here = scaling_rule(settings)
    there = [scaling_rule(other) for other in others]
    assert here is not None
    assert any(each is None or each.measured != here.measured for each in there)
    assert re.search(r"But (.+ sets? the budget and )?the runs of law 11 use both\.", said)
    assert "is not used" not in said


def test_where_epochs_are_swept_no_fewer_steps_are_said_to_be_beyond() -> None:
    grid = SweepSettings(up="epochs", across_count=4, up_count=4, runs=8)
    start = changed(OPENING, init_w=0.0, init_b=0.0)
    for schedule, may_be_fewer in (("constant", False), ("one_cycle", True)):
        swept = finished(changed(start, schedule=schedule), grid)
        (curve,) = [c for c in shown_of(swept, "viridis").board.charts if c.name == "curve"]
        dots = curve.figure["data"][-1]
        assert ("beyond" in curve.note) == ("symbol" in dots["marker"]) == may_be_fewer
        assert ("that needs the fewest" in curve.note) == may_be_fewer
        steps = medians(swept.kept["target_step"])
        known = [set(column[np.isfinite(column)].tolist()) for column in steps.T]
        assert all(len(each) <= 1 for each in known) != may_be_fewer


def test_where_nothing_moves_neither_epochs_nor_a_budget_are_advised() -> None:
    grid = SweepSettings(across="init_w", up="init_b", across_count=3, up_count=3, runs=2)
    swept = finished(changed(OPENING, lr=0.0, epochs=2), grid)
    path = train(dataset_of(OPENING.data), swept.cells[0][0].train)
    assert np.ptp(path.w) == 0.0
    warning = shown_of(swept, "viridis").warning or ""
    assert warning.endswith(
        "With a learning rate of 0 nothing moves. Take a higher target or a larger learning rate."
    )
    assert "With a learning rate of 0 nothing moves, so no budget is enough for it." in _idea(swept)
    assert "larger budget" not in _idea(swept)


@pytest.mark.parametrize("target", [0.08546, 0.08548, 0.000001])
def test_a_typed_target_is_shown_as_typed_and_apart_from_the_lowest_loss(target: float) -> None:
    grid = SweepSettings(across_count=2, up_count=2, runs=1, target=target)
    shown = shown_of(finished(changed(OPENING, epochs=1, lr=0.01), grid), "viridis")
    told = np.format_float_positional(target)
    assert shown.board.metrics["Target"] == f"a loss of {told}"
    assert f"reach a loss of {told} within" in (shown.warning or "")
    for lowest in re.findall(r"The lowest possible loss .* is ([\d.]+), so", shown.warning or ""):
        assert float(lowest) > target


def test_the_note_of_losses_says_how_chance_was_looked_at() -> None:
    several = shown_of(finished(OPENING, SweepSettings()), "viridis").board.charts[0].note
    assert "A cell has no dot if one other cell was lower in all 1,000 draws." in several
    assert "so that one may come twice" in several
    grid = SweepSettings(up="shuffle", across_count=6, runs=10)
    swept = finished(OPENING, grid)
    note = shown_of(swept, "viridis").board.charts[0].note
    losses = swept.kept["loss"]
    drawn = np.random.default_rng(7).integers(10, size=(1000, 10))
    places = [np.argmin(medians(losses[:, :, each])) for each in drawn]
    assert np.mean(np.array(places) == np.argmin(medians(losses))) > 0.99
    assert "The same cell was the lowest in all 1,000 draws." in note
    assert "Dots" not in note


def test_every_number_can_be_swept_over_its_usual_range_and_ends_where_it_is_told_to() -> None:
    for name, (low, high) in USUAL.items():
        optimizer = {"momentum": "momentum", "beta1": "adam", "beta2": "adam", "eps": "adam"}
        left = changed(OPENING, optimizer=optimizer.get(name, "sgd"))
        other = "lr" if name != "lr" else "batch_size"
        told: list[dict[str, Any]] = [{}, {"across_from": low, "across_to": high}]
        for ends in told:
            grid = SweepSettings(across=name, up=other, up_count=2, **ends)
            across = swept_values(left, grid)[0]
            assert across == sorted(set(across))
            assert ends == {} or (across[0], across[-1]) == (low, high)
            assert plan(left, replace(grid, runs=1), Budget()).runs == 1
    near = SweepSettings(across="lr", across_from=1.0, across_to=1.004, across_count=5, up="noise")
    values = swept_values(OPENING, near)[0]
    assert (values[0], values[-1], len(set(values))) == (1.0, 1.004, 5)


def test_where_nothing_moves_no_cell_is_said_to_be_lowest() -> None:
    grid = SweepSettings(across="epochs", up="shuffle", across_count=3, target=0.9, runs=1)
    swept = finished(changed(OPENING, lr=0.0), grid)
    shown = shown_of(swept, "viridis")
    assert shown.board.metrics["Lowest loss at"] == "the start of each run"
    note = shown.board.charts[0].note
    assert "nothing moves, so these are the losses where the runs start" in note
    assert "beyond" not in note
    assert "chance" not in note


def test_losses_of_several_kinds_are_divided_by_what_the_note_says() -> None:
    grid = SweepSettings(across="noise", across_count=2, up="loss", runs=1)
    swept = finished(changed(OPENING, epochs=1), grid)
    heat = shown_of(swept, "viridis").board.charts[0]
    box = r"with w from (\S+) to (\S+) and b from (\S+) to (\S+)\. "
    (ends,) = re.findall(box, heat.note)
    w_low, w_high, b_low, b_high = map(float, ends)
    cell = swept.cells[0][1]
    fine = loss_surface(
        dataset_of(cell.data),
        np.linspace(w_low, w_high, 41),
        np.linspace(b_low, b_high, 41),
        cell.train.loss,
    )
    expected = swept.kept["loss"][0, 1, 0] / fine.min()
    assert heat.figure["data"][0]["z"][0][1] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("n", "size", "epochs", "unit"),
    [
        (10_000, 25, 120, "epochs"),
        (1000, 400, 900, "steps"),
        (1000, 10, 300, "steps"),
        (10_000, 50, 1000, "examples"),
        (997, 5, 500, "time"),
        (100, 1, 500, "steps"),
    ],
)
def test_what_is_said_of_the_ends_of_the_usual_batch_sizes_is_so(
    n: int, size: int, epochs: int, unit: str
) -> None:
    left = changed(Settings(DataSettings(n=n), OPENING.train), batch_size=size, epochs=epochs)
    budget = Budget(unit)
    swept = Sweep(left, SweepSettings(up_count=2, runs=1), budget)
    swept.stop()
    found = re.findall(r"The batch sizes (\w+) with ([\d,]+): with ([\d,]+)", said_of_budget(swept))
    told = {verb: (whole(last), whole(beyond)) for verb, last, beyond in found}
    amount = budget.of(left)
    for verb, (last, beyond) in told.items():
        assert last == swept.across[0 if verb == "begin" else -1]
        for each, fits in ((last, True), (beyond, False)):
            run = changed(left, batch_size=each, epochs=1)
            assert budget.fits(amount, run) == fits, (verb, each)
    assert ("begin" in told) == (swept.across[0] > 1)
    assert ("end" in told) == (swept.across[-1] < n)
    divide = all(n % each == 0 for each in swept.across)
    assert ("the next one that divides N" in said_of_budget(swept)) == (divide and bool(told))


@pytest.mark.parametrize("n", [12, 61, 100, 360, 1000])
@pytest.mark.parametrize("count", [2, 4, 10, 60])
def test_usual_batch_sizes_divide_n_where_such_lie_close_enough(n: int, count: int) -> None:
    grid = SweepSettings(across_count=count)
    sizes = swept_values(Settings(DataSettings(n=n), TrainSettings(batch_size=5)), grid)[0]
    divisors = [size for size in range(1, n + 1) if n % size == 0]
    assert (sizes[0], sizes[-1]) == (1, n)
    assert sizes == sorted(set(sizes))
    assert len(sizes) <= count
    if n == 61:
        assert count == 2 or any(size not in divisors for size in sizes)
    else:
        assert set(sizes) <= set(divisors)
        assert len(sizes) == min(count, len(divisors)) or count < len(divisors)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(("n", "size"), [(100, 10), (100, 100), (10_000, 10)])
def test_batch_size_against_epochs_can_be_swept_over_usual_ranges(
    unit: str, n: int, size: int
) -> None:
    left = changed(Settings(DataSettings(n=n), OPENING.train), batch_size=size)
    for across, up in (("batch_size", "epochs"), ("epochs", "batch_size")):
        assert plan(left, SweepSettings(across=across, up=up, runs=1), Budget(unit)).runs == 1


@pytest.mark.parametrize(("decay", "held"), [(0.0, False), (1.0, True)])
def test_advice_knows_that_weight_decay_may_hold_the_loss_above_the_target(
    decay: float, held: bool
) -> None:
    left = changed(OPENING, weight_decay=decay, epochs=1)
    swept = finished(left, SweepSettings(up_to=0.1, across_count=2, up_count=2, runs=2))
    assert ("weight decay pulls w and b to 0" in _idea(swept)) == held
    warning = shown_of(swept, "viridis").warning or ""
    assert "Take a higher target" in warning
    assert ("weight decay pulls w and b to 0" in warning) == held


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        ({"across": "optimizer"}, ", which only AdamW has here, "),
        ({"across": "weight_decay", "across_from": 0.0, "across_to": 4.0}, ", where it is not 0, "),
        ({"across": "batch_size"}, ""),
    ],
)
def test_weight_decay_is_said_of_the_cells_that_have_it(grid: dict[str, Any], said: str) -> None:
    left = changed(OPENING, weight_decay=1.0) if not said else OPENING
    swept = finished(left, SweepSettings(up="schedule", across_count=9, up_count=2, runs=1, **grid))
    decays = {cell.train.hyperparameters.get("weight_decay") for row in swept.cells for cell in row}
    assert (0.0 in decays) == bool(said)
    assert len(decays) > bool(said)
    assert (f"But weight decay{said or ' '}pulls w and b to 0" in _idea(swept)) == any(decays)


def test_losses_of_several_kinds_are_called_relative_throughout() -> None:
    grid = SweepSettings(across="noise", up="loss", across_count=3, up_count=3, runs=2)
    swept = finished(OPENING, grid)
    shown = shown_of(swept, "viridis")
    assert "Lowest relative loss at" in shown.board.metrics
    assert "Lowest loss at" not in shown.board.metrics
    losses = shown.board.charts[0]
    assert "Below 1: lower than at all places of that grid" in losses.note
    assert "The lowest loss may" not in losses.note
    assert "Lowest relative loss of the sweep" in runs_of(swept)


def test_laws_that_are_not_told_do_not_apply_or_cannot_be_checked() -> None:
    grid = SweepSettings(across_count=3, up_count=3)
    for left, runs, unchecked in (
        (OPENING, 1, True),
        (changed(OPENING, shuffle="none"), 10, False),
    ):
        lab = shown_of(finished(left, replace(grid, runs=runs)), "viridis")
        told = {law.name[0]: law for law in lab.laws if law.name[0] in "56"}
        assert all(law.not_here and law.is_unchecked == unchecked for law in told.values())
        (note,) = [chart.note for chart in lab.board.charts if chart.name == "curve"]
        says = "can't be checked" if unchecked else "does not apply"
        assert f"Law 6 {says} here, because" in note
        assert note.startswith("Dots: the median steps" if runs > 1 else "Dots: the steps")


def test_usual_batch_sizes_end_at_the_fewest_points() -> None:
    for low, fewest in ((None, 20), (35.0, 35)):
        grid = SweepSettings(across="n", across_from=low, across_count=3, up="batch_size")
        swept = finished(changed(OPENING, epochs=1), replace(grid, up_count=3, runs=1))
        assert swept.up[-1] == fewest == min(swept.across)
        assert "would need more than" not in said_of_budget(swept)
        assert "B above" not in shown_of(swept, "viridis").board.charts[0].note


def test_a_learning_rate_of_0_scales_nothing() -> None:
    rule = scaling_rule(changed(OPENING, lr=0.0))
    assert rule is not None
    assert "nothing moves" in rule.not_here


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (
            {"sx": "Learning rate"},
            "*Upwards* should be another setting than *Across* = Learning rate, but got the same.",
        ),
        (
            {"opt": "Nesterov", "sx": "momentum", "sx0": "0"},
            "*momentum* should be above 0 for *Optimizer* = Nesterov, but got 0.0; "
            "use *Optimizer* = SGD for no momentum.",
        ),
    ],
)
def test_what_cannot_be_swept_is_said_in_the_words_of_the_controls(
    address: dict[str, str], said: str
) -> None:
    test = open_page("sweep", **{f"{key}_sweep": value for key, value in address.items()})
    assert test.error[0].value == f"This can't be swept: {said}"
