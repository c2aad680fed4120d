"""The labs: many runs at once, sweeps that can be stopped, laws beside what was measured."""

import inspect
import math
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import torch
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from dashboard.figures.palette import coloured
from dashboard.figures.parts import log_axis
from dashboard.jobs import sweeps
from dashboard.jobs.sweeps import Sweep
from dashboard.shell.layout import Shown
from dashboard.shell.page import LABS as LAB_GROUP
from dashboard.shell.page import Page
from dashboard.shell.registry import PAGES
from dashboard.shell.view_settings import ViewSettings
from minibatch_core import (
    DataSettings,
    Settings,
    SurfaceSettings,
    SweepSettings,
    TrainSettings,
    full_loss,
    loss_surface,
    make_dataset,
    notebook_grid,
    summarise,
    to_script,
    train,
    train_many,
)
from minibatch_core.engine.budgets import UNITS, Budget
from minibatch_core.engine.dataset import make_held_out
from minibatch_core.engine.many_runs import with_seeds
from minibatch_core.engine.sweep import plan, swept_values, usual_target
from minibatch_core.losses import LOSSES
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.schedules import SCHEDULES
from minibatch_core.settings.address import from_address, to_address
from minibatch_core.settings.fields import describe
from minibatch_core.settings.sweep import SWEPT
from minibatch_core.theory.laws import Finding
from minibatch_core.theory.resampling import FEWEST_RUNS
from minibatch_core.theory.tradeoff import Tradeoff, fit_tradeoff
from pages.compare import compared
from pages.optimizers import IDEA as OF_THE_RACE
from pages.optimizers import racers
from pages.sweep import shown_of
from tests.conftest import ROOT
from tests.support.computed import shown
from tests.support.opened import open_page, session, texts
from tests.support.swept import finished, to_its_end

LABS = [page for page in PAGES.values() if page.group == LAB_GROUP]
MANY = [
    TrainSettings(optimizer="sgd", lr=lr, batch_size=size, epochs=20, shuffle="each_epoch", seed=s)
    for lr in (0.1, 1.0)
    for size in (1, 7, 100)
    for s in (1, 2)
]


# Many runs.


def test_many_runs_are_those_of_one_at_a_time() -> None:
    data = make_dataset()
    for run, settings in zip(train_many(data, MANY), MANY, strict=True):
        alone = train(data, settings)
        assert (run.w.tolist(), run.b.tolist()) == (alone.w.tolist(), alone.b.tolist())


def test_a_pool_of_processes_can_train_them() -> None:
    data = make_dataset()
    keep = partial(summarise, target=0.1)
    with ProcessPoolExecutor(2) as pool:
        there = train_many(data, MANY, keep, pool)
    here = train_many(data, MANY, keep)
    assert [(s.loss, s.steps, s.target_step) for s in there] == [
        (s.loss, s.steps, s.target_step) for s in here
    ]


def test_a_cluster_can_train_them_as_the_readme_shows(tmp_path: Path) -> None:
    examples = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (example,) = (code for code in examples if "LocalCluster" in code)
    script = tmp_path / "cluster.py"
    script.write_text(example)
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    here = summarise(make_dataset(), TrainSettings(batch_size=1, seed=0), target=0.1)
    printed = done.stdout.split(", seconds=")[0]
    assert printed == str(here).split(", seconds=")[0]


def test_what_has_come_is_told_and_the_rest_can_be_stopped() -> None:
    seen: dict[int, Any] = {}

    def stop_soon(came: Mapping[int, Any]) -> None:
        seen.update(came)
        if len(seen) >= 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        train_many(make_dataset(), MANY * 30, progress=stop_soon)
    assert 3 <= len(seen) < len(MANY) * 30


def test_settings_that_cannot_be_trained_are_refused_before_any_work() -> None:
    with pytest.raises(ValueError, match="batch_size should be between 1 and N=100, but got 200"):
        train_many(make_dataset(), [*MANY, TrainSettings(batch_size=200)])


@pytest.mark.parametrize("settings", MANY)
def test_the_step_to_a_target_is_the_first_of_its_epoch(settings: TrainSettings) -> None:
    data = make_dataset()
    run = train(data, settings)
    losses = full_loss(data, run.w, run.b)
    period = run.batches.steps_per_epoch
    for target in (0.2, 0.1, 0.09, 1e-9):
        ends = [t for t in [*range(0, len(run) + 1, period)] if losses[t] <= target]
        found = summarise(data, settings, target)
        if not ends:
            assert (found.target_step, found.target_examples) == (None, None)
            continue
        epoch = range(max(ends[0] - period, 0), ends[0] + 1)
        expected = next(t for t in epoch if losses[t] <= target)
        assert found.target_step == expected
        assert found.target_examples == sum(len(run.batches[t]) for t in range(expected))


def test_a_summary_of_a_run_that_diverges_says_where() -> None:
    diverging = TrainSettings(optimizer="sgd", lr=100.0, weight_decay=50.0, epochs=100)
    assert summarise(make_dataset(), diverging).diverged_at == 83


# Sweeps.


@given(st.data())
@trials(max_examples=60)
def test_any_sweep_has_cells_or_says_why_not(data: st.DataObject) -> None:
    fields = describe(SweepSettings)
    ends = st.none() | st.floats(-1000, 10_000)
    across, up = data.draw(st.permutations(list(SWEPT)))[:2]
    sweep = SweepSettings(
        across=across,
        up=up,
        across_from=data.draw(ends),
        across_to=data.draw(ends),
        across_count=data.draw(st.integers(2, 6)),
        up_from=data.draw(ends),
        up_to=data.draw(ends),
        up_count=data.draw(st.integers(2, 6)),
        runs=data.draw(st.integers(1, 3)),
    )
    assert set(fields) >= {"across", "up", "runs", "target"}
    budget = Budget(data.draw(st.sampled_from([*UNITS])))
    try:
        rows = plan(Settings(), sweep, budget).cells
    except ValueError as error:
        assert re.search("should|may|Take|Choose", str(error))
        return
    columns, lines = swept_values(Settings(), sweep)
    assert [len(rows), len(rows[0])] == [len(lines), len(columns)]


@pytest.mark.parametrize(
    ("sweep", "message"),
    [
        (
            {"up_from": 2.0, "up_to": 1.0},
            "Learning rate should go from less to more, but got 2",
        ),
        ({"up_from": -1.0}, "Learning rate should be between 0 and 1,000, but got -1"),
        (
            {"across_to": 200.0},
            "a batch size of 200 needs as many points, and some cells have N = 100",
        ),
        (
            {"across": "seed"},
            "across should be one of",
        ),
        (
            {"up": "momentum"},
            r"Adam has no momentum\. Choose Momentum, Nesterov or RMSprop as \*Optimizer\*",
        ),
        ({"across_count": 1000}, "across_count should be between 2 and 60, but got 1,000"),
    ],
)
def test_a_sweep_that_cannot_be_names_field_value_and_cure(
    sweep: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        plan(Settings(), SweepSettings(**sweep))


def test_the_work_of_a_sweep_is_bounded() -> None:
    many = SweepSettings(across="lr", across_count=60, up="momentum", up_count=60, runs=50)
    train_settings = TrainSettings(optimizer="momentum", epochs=100)
    planned = plan(Settings(train=train_settings), many)
    looks = 60 * 60 * 100 * 100
    assert planned.runs * looks <= 500_000_000 < (planned.runs + 1) * looks
    larger = Settings(DataSettings(n=10_000), train_settings)
    with pytest.raises(ValueError, match=r"with one run a cell this one would look at 3,600,000,0"):
        plan(larger, many)


def test_ten_thousand_points_are_swept_with_fewer_runs_and_the_page_says_how_many() -> None:
    usual = PAGES["sweep"].settings
    large = replace(usual, data=DataSettings(n=10_000))
    assert FEWEST_RUNS <= plan(large, SweepSettings()).runs < SweepSettings().runs
    test = open_page("sweep", n_sweep="10000", ep_sweep="20", runs_sweep="50")
    swept = session(test).sweep
    assert swept is not None
    swept.stop()
    assert swept.runs == 500_000_000 // (10_000 * 20 * 100)
    assert any(f"so each cell has {swept.runs} runs." in each.value for each in test.markdown)
    assert swept.total == 100 * swept.runs


def test_a_cell_holds_the_runs_of_exactly_its_settings() -> None:
    settings = Settings(train=TrainSettings(optimizer="sgd", epochs=5, shuffle="each_epoch"))
    swept = finished(
        settings, SweepSettings(across="noise", across_count=3, up="optimizer", runs=2)
    )
    assert swept.across == [0.0, 0.25, 0.5]
    for i, optimizer in enumerate(swept.up):
        for j, noise in enumerate(swept.across):
            for k, train_settings in enumerate(with_seeds(swept.cells[i][j].train, 2)):
                run = replace(swept.cells[i][j], train=train_settings)
                assert (run.train.optimizer, run.data.noise) == (optimizer, noise)
                assert run.train.seed == 42 + k
                alone = train(make_dataset(run.data), run.train)
                expected = full_loss(make_dataset(run.data), alone.w[-1:], alone.b[-1:])[0]
                assert swept.kept["loss"][i, j, k] == expected


def test_a_sweep_can_be_stopped_and_keeps_what_it_has() -> None:
    settings = Settings(train=TrainSettings(optimizer="sgd", epochs=100, shuffle="each_epoch"))
    swept = Sweep(settings, SweepSettings(across_count=30, up_count=30, runs=20))
    while swept.done == 0:
        time.sleep(0.01)
    swept.stop()
    swept.work.result(timeout=60)
    assert 0 < swept.done < swept.total
    lab = shown_of(swept, "viridis")
    assert (
        lab.warning
        == f"Stopped after {swept.done:,} of {swept.total:,} runs; here is what there is."
    )
    drawn = lab.board.charts[0].figure["data"]
    assert np.isfinite(drawn[0]["z"]).sum() > 0
    assert len(drawn) == 1  # no line of the best, which may be ahead
    assert {law.name.split(".")[0] for law in lab.laws if not law.not_here} <= {"1", "11"}
    assert sum("stopped" in law.not_here for law in lab.laws) == 2
    assert "11. The best learning rate" not in {law.name for law in lab.laws}


def test_a_sweep_that_is_stopped_before_its_turn_trains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = threading.Event()
    with ThreadPoolExecutor(1) as leaders:
        leaders.submit(gate.wait)
        monkeypatch.setattr(sweeps, "_leaders", leaders)
        swept = Sweep(Settings(), SweepSettings(across_count=3, up_count=3, runs=2))
        assert swept.running
        swept.stop()
        gate.set()
    assert not swept.running
    assert swept.done == 0
    assert (
        shown_of(swept, "viridis").warning == "Stopped after 0 of 18 runs; here is what there is."
    )


def test_a_sweep_that_nobody_looks_at_ends() -> None:
    settings = Settings(train=TrainSettings(optimizer="sgd", epochs=100, shuffle="each_epoch"))
    swept = Sweep(settings, SweepSettings(across_count=30, up_count=30, runs=20))
    swept.seen -= 60.0
    swept.work.result(timeout=60)
    assert swept.abandoned
    assert swept.done < swept.total


def test_a_sweep_that_was_left_begins_anew_when_someone_comes_back() -> None:
    test = open_page("sweep", ep_sweep="1")
    left = to_its_end(session(test).sweep)
    sweeps._finished.clear()
    assert session(test.run()).sweep is left
    left.abandoned = True
    anew = session(test.run()).sweep
    assert anew is not left
    to_its_end(anew)


def test_sweeps_beside_one_another_end_without_a_thread_left_over() -> None:
    settings = Settings(train=TrainSettings(optimizer="sgd", epochs=5))
    others = others_than_sweeps()
    for _ in range(4):
        finished(settings, SweepSettings(across_count=4, up_count=4, runs=1))
    assert others_than_sweeps() <= others
    pools = sweeps._leaders, sweeps._workers
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("sweep")]
    assert len(threads) <= sum(pool._max_workers for pool in pools)


def others_than_sweeps() -> set[threading.Thread]:
    return {each for each in threading.enumerate() if not each.name.startswith("sweep")}


def test_the_laws_of_a_sweep_stand_beside_what_its_runs_did() -> None:
    settings = Settings(
        train=TrainSettings(loss="bce", optimizer="sgd", epochs=8, shuffle="each_epoch")
    )
    grid = SweepSettings(across_count=10, up_from=0.01, up_to=30.0, up_count=12)
    shown = shown_of(finished(settings, grid), "viridis")
    steps, critical, tradeoff, scaled, best = shown.laws
    assert tradeoff.name == "6. Steps against examples"
    assert abs(tradeoff.measured - tradeoff.predicted) < 4.0 * tradeoff.error
    assert steps.predicted == steps.measured == 100
    assert critical.name == "5. Noise scale and critical batch size"
    assert 0.1 < critical.measured / critical.predicted < 10.0
    low, high = map(float, shown.board.metrics["Critical batch size"].split(" to "))
    assert low < critical.measured < high
    assert critical.error == pytest.approx((high - low) / 3.92, rel=0.05)  # the words are rounded
    assert f"law 6: {low:g} to {high:g}, in 95%" in shown.board.charts[-1].note
    assert scaled.measured == pytest.approx(scaled.predicted, rel=0.1)
    data = make_dataset(settings.data)
    for law, size, lr in ((scaled.predicted, 25, 0.05), (scaled.measured, 100, 0.2)):
        some = replace(settings.train, batch_size=size, lr=lr)
        runs = [train(data, replace(some, seed=42 + k)) for k in range(50)]
        assert law == pytest.approx(np.mean([run.w[-1] for run in runs]))
    assert best.predicted == 1.0
    assert 0.3 < best.measured < 1.5  # a fixed number of epochs bends it
    assert 0.0 < best.error < 0.3
    other = shown_of(finished(settings, SweepSettings(up="noise", up_count=3)), "viridis")
    assert {law.name.split(".")[0] for law in other.laws} == {"1", "11"}


@pytest.mark.parametrize("change", [{"optimizer": "adadelta"}, {"batch_size": 60}, {"lr": 900.0}])
def test_the_scaling_rule_is_not_claimed_where_there_is_none(change: dict[str, Any]) -> None:
    settings = Settings(train=replace(TrainSettings(optimizer="sgd", epochs=4), **change))
    swept = finished(settings, SweepSettings(across_count=3, up="shuffle", runs=1))
    assert "11. Scaling rule" not in {law.name for law in shown_of(swept, "viridis").laws}


def test_a_target_that_no_run_reaches_is_told() -> None:
    settings = Settings(train=TrainSettings(epochs=2))
    swept = finished(settings, SweepSettings(across_count=3, up_count=3, target=0.0))
    warning = shown_of(swept, "viridis").warning or ""
    assert "In no cell did more than half of the runs reach a loss of 0 within" in warning


def test_a_target_that_every_run_starts_at_is_told() -> None:
    settings = Settings(train=TrainSettings(epochs=2))
    shown = shown_of(
        finished(settings, SweepSettings(across_count=3, up_count=3, target=10.0)), "viridis"
    )
    assert "180 of 180 runs start at the target or below" in (shown.warning or "")
    assert "curve" not in {chart.name for chart in shown.board.charts}


def test_losses_of_several_kinds_are_set_against_the_lowest_of_their_kind() -> None:
    settings = Settings(train=TrainSettings(optimizer="sgd", lr=1.0, epochs=20))
    swept = finished(settings, SweepSettings(across="loss", up="noise", up_count=3, runs=1))
    shown = shown_of(swept, "viridis")
    heat = shown.board.charts[0]
    assert heat.title == "Loss, relative"
    assert shown.board.metrics["Target"] == "a different one for each data set and loss"
    for i, row in enumerate(swept.cells):
        for j, cell in enumerate(row):
            data = make_dataset(cell.data)
            lowest = loss_surface(data, *notebook_grid(41), cell.train.loss).min()
            start = train(data, replace(cell.train, epochs=1))
            target = usual_target(data, cell.train.loss, start.w[:1], start.b[:1])
            alone = summarise(data, cell.train, target)
            assert heat.figure["data"][0]["z"][i][j] == pytest.approx(alone.loss / lowest)
            reached = np.inf if alone.target_step is None else alone.target_step
            assert swept.kept["target_step"][i, j, 0] == reached


def test_runs_that_lose_ground_are_counted() -> None:
    settings = Settings(train=TrainSettings(loss="bce", optimizer="sgd", batch_size=5, epochs=4))
    grid = SweepSettings(across_count=3, up_from=0.1, up_to=900.0, up_count=4, runs=4)
    swept = finished(settings, grid)
    worse = {chart.name: chart for chart in shown_of(swept, "viridis").board.charts}["worse"]
    data = make_dataset()
    for i, row in enumerate(swept.cells):
        for j, cell in enumerate(row):
            ends = [train(data, each) for each in with_seeds(cell.train, 4)]
            lost = [full_loss(data, run.w[[0, -1]], run.b[[0, -1]], "bce") for run in ends]
            share = 100.0 * np.mean([end > start for start, end in lost])
            assert worse.figure["data"][0]["z"][i][j] == pytest.approx(share)
    assert worse.figure["data"][0]["z"].max() > 0.0


def test_the_tradeoff_is_found_again_in_noisy_steps() -> None:
    law = Tradeoff(s_min=50.0, e_min=1500.0)
    sizes = np.array([1, 2, 5, 10, 20, 50, 100, 200])
    noisy = law.steps(sizes) * np.exp(np.random.default_rng(1).normal(0.0, 0.05, len(sizes)))
    fitted = fit_tradeoff(sizes, noisy)
    assert fitted is not None
    assert fitted.critical_batch_size == pytest.approx(30.0, rel=0.25)
    steps = law.steps(sizes)
    assert (steps / 50.0 - 1.0) * (steps * sizes / 1500.0 - 1.0) == pytest.approx(np.ones(8))


# The pages.


@pytest.mark.parametrize("page", LABS, ids=lambda page: str(page.name))
def test_a_lab_opens_and_stands_on_its_address(page: Page) -> None:
    test = open_page(page.name, **{page.key("n"): "50", page.key("noise"): "0.2"})
    assert test.subheader[0].value == page.title
    if "n" in page.controls:
        assert test.number_input(key=page.key("n")).value == 50


@pytest.mark.parametrize(
    ("predicted", "measured", "error", "exact", "approximate"),
    [
        (2.0, 2.1, 0.0, "+5.0%", "+5.0%"),
        (2.0, 2.0, 0.0, "equal", "equal"),
        (2.0, 2.1, 0.06, "+1.7 SE", "+5.0%, within 2 SE"),
        (2.0, 2.1, 0.001, "+100.0 SE", "+5.0%"),
        (2.0, 0.5, 0.001, "-1500.0 SE", "0.25 times"),
        (0.02, 30.0, 0.0, "1,500 times", "1,500 times"),
        (2.0, 2.0001, 0.0, "less than 0.1%", "less than 0.1%"),
        (-2.0, 1.0, 0.1, "+30.0 SE", "3 more"),
        (2.0, 2.0 + 1e-15, 1e-18, "equal", "equal"),
        (0.0, 1e-33, 0.0, "equal", "equal"),
        (0.0, 0.25, 0.0, "0.25 more", "0.25 more"),
        (2.0, math.inf, 0.0, "", ""),
        (math.nan, 1.0, 0.0, "", ""),
    ],
)
def test_a_law_says_how_far_measured_is_from_predicted(
    predicted: float, measured: float, error: float, exact: str, approximate: str
) -> None:
    found = Finding("law", "formula", predicted, measured, "note", error)
    assert found.apart == exact
    assert replace(found, is_approximate=True).apart == approximate


@pytest.mark.parametrize(
    ("measured", "apart"),
    [(0.1, "5 times, within 19 of 20"), (0.2, "10 times, within 19 of 20"), (0.21, "10 times")],
)
def test_a_law_says_whether_chance_often_makes_as_much_where_it_is_far_from_normal(
    measured: float, apart: str
) -> None:
    found = Finding("law", "formula", 0.02, measured, "note", 0.001, usual=(0.0, 0.2))
    assert replace(found, is_approximate=True).apart == apart


def test_a_law_that_does_not_apply_says_why_and_has_no_numbers() -> None:
    test = open_page("gradient_noise", bs_gradient_noise="100")
    table = next(text for text in texts(test) if "| law |" in text)
    (row,) = (line for line in table.splitlines() if line.startswith("| **4."))
    assert "does not apply here, because two minibatches of 100 have more points" in row
    assert row.endswith("| – | – |  |")
    assert Finding("8. law", "", 2.0, 0.5, "", is_bound=True).apart == "0.25 times"
    draw = np.random.default_rng(1).normal
    ratios = draw(0.5, 0.1, 100_000) / draw(2.0, 0.2, 100_000)
    of_both = Finding("8. law", "", 2.0, 0.5, "", 0.1, 0.2, is_bound=True).apart
    assert of_both == f"0.25 ± {ratios.std():.2f} times"


@pytest.mark.parametrize("decades", [0.0, 0.3, 0.7, 1.5, 2.9, 4.0, 7.0, 19.0])
def test_a_log_axis_has_a_few_ticks_whatever_it_spans(decades: float) -> None:
    ends = np.array([1.3e-4, 1.3e-4 * 10.0**decades])
    made = log_axis("x", np.array([*ends, 0.0, np.nan, np.inf]))
    if "tickvals" in made:
        inside = [tick for tick in made["tickvals"] if ends[0] <= tick <= ends[1]]
        assert 2 <= len(inside) <= 9
    elif "dtick" in made:
        assert 3 <= decades / made["dtick"] + 1 <= 7
    else:
        assert decades < 0.6  # left to plotly
    go.Figure({"data": [], "layout": {"xaxis": made}})
    assert "dtick" not in log_axis("x", np.empty(0))


def test_laws_stand_beside_what_was_measured() -> None:
    test = open_page("gradient_noise")
    table = next(text for text in texts(test) if "| law |" in text)
    assert [line.split("**")[1].split(".")[0] for line in table.splitlines()[2:]] == [
        "3",
        "4",
        "5",
        "6",
    ]


def lab_of(settings: Settings, replacement: bool, **view: Any) -> Shown:
    surfaces = SurfaceSettings(replacement=replacement)
    return shown("gradient_noise", settings, surfaces=surfaces, **view)


@pytest.mark.parametrize("replacement", [True, False])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("batch_size", [1, 10, 50, 100])
def test_the_laws_of_gradient_noise_hold_on_the_page(
    loss: str, replacement: bool, batch_size: int
) -> None:
    settings = Settings(
        train=TrainSettings(optimizer="sgd", lr=0.3, loss=loss, batch_size=batch_size, epochs=3)
    )
    laws = lab_of(settings, replacement, point_w=1.0, point_b=-1.0).laws
    assert [law.name[0] for law in laws if law.not_here] == (["4"] if batch_size == 100 else [])
    for law in (each for each in laws if not each.not_here):
        slack = 3e-3 * abs(law.predicted) if law.name.startswith("6.") else 1e-20
        assert abs(law.measured - law.predicted) <= 5.0 * law.error + slack, law


def test_the_bands_of_seeds_are_quantiles_of_single_runs() -> None:
    settings = Settings(
        train=TrainSettings(optimizer="sgd", batch_size=30, epochs=4, shuffle="each_epoch", seed=5)
    )
    data = make_dataset()
    runs = [train(data, replace(settings.train, seed=5 + k)) for k in range(20)]
    losses = np.array([full_loss(data, run.w, run.b) for run in runs])
    for unit, x in (
        ("steps", range(17)),
        ("epochs", [k / 4 for k in range(17)]),
        ("examples", runs[0].batches.offsets),
    ):
        chart = shown("seeds", settings, seeds=20, unit=unit).board.charts[0]
        outer, inner, first, median, fresh = chart.figure["data"]
        other = make_held_out()
        on_others = [full_loss(other, run.w, run.b) for run in runs]
        np.testing.assert_allclose(fresh["y"], np.median(on_others, axis=0), rtol=1e-6)
        assert f"held-out data the median is {np.median(on_others, axis=0)[-1]:.4f}" in chart.note
        np.testing.assert_allclose(median["x"], x)
        np.testing.assert_allclose(median["y"], np.median(losses, axis=0), rtol=1e-6)
        np.testing.assert_allclose(first["y"], losses[0], rtol=1e-6)
        np.testing.assert_allclose(outer["y"][:17], losses.max(axis=0), rtol=1e-6)
        np.testing.assert_allclose(
            inner["y"][17:][::-1], np.quantile(losses, 0.1, axis=0), rtol=1e-6
        )


@pytest.mark.parametrize("seeds", [9, 10, 12, 13])
def test_the_middle_ones_of_the_runs_are_counted(seeds: int) -> None:
    settings = Settings(train=TrainSettings(optimizer="sgd", batch_size=30, shuffle="each_epoch"))
    metrics = shown("seeds", settings, seeds=seeds).board.metrics
    middle = {label: text for label, text in metrics.items() if label.startswith("The middle")}
    assert len(middle) == (seeds >= 10)
    for label, text in middle.items():
        low, high = map(float, text.split(" and "))
        data, train_ = make_dataset(), settings.train
        runs = [train(data, replace(train_, seed=train_.seed + k)) for k in range(seeds)]
        ends = np.array([full_loss(data, run.w[-1:], run.b[-1:])[0] for run in runs])
        held = ((ends > low - 5e-5) & (ends < high + 5e-5)).sum()
        assert label == f"The middle {held} of {seeds} between"


def test_seeds_that_diverge_are_counted_and_too_much_work_is_refused() -> None:
    diverging = TrainSettings(optimizer="sgd", lr=100.0, weight_decay=50.0, epochs=100)
    assert (
        shown("seeds", Settings(train=diverging), seeds=5, unit="steps").warning
        == "All 5 runs diverged."
    )
    long = Settings(DataSettings(n=10_000), TrainSettings(epochs=100, batch_size=100))
    warning = shown("seeds", long, seeds=1000, unit="steps").warning or ""
    assert warning.startswith("These runs would look at 1,000,000,000 points, more than")


def test_the_laws_of_order_hold_on_the_page() -> None:
    settings = replace(PAGES["order_matters"].settings)
    small = replace(settings, train=replace(settings.train, lr=0.25))
    laws = {law.name.split(".")[0]: law for law in reversed(shown("order_matters", small).laws)}
    assert set(laws) == {"7", "8", "9"}
    assert abs(laws["7"].measured - laws["7"].predicted) <= 4 * laws["7"].error
    assert laws["8"].measured < laws["8"].predicted / 10
    for law in shown("order_matters", small).laws[2:]:
        repeats = law.predicted == 1.0
        assert law.measured > 0.99 if repeats else law.measured < law.predicted + 4 * law.error


def test_the_law_of_stability_holds_on_the_page() -> None:
    settings = PAGES["stability"].settings
    for momentum in (0.0, 0.6):
        lab = shown(
            "stability", replace(settings, train=replace(settings.train, momentum=momentum))
        )
        (law,) = lab.laws
        assert law.measured == pytest.approx(law.predicted, rel=5e-3)


def test_a_momentum_that_forgets_too_slowly_is_told() -> None:
    settings = PAGES["stability"].settings
    for momentum, text in ((0.995, "forgets so slowly"), (1.0, "no run comes to rest")):
        lab = shown(
            "stability", replace(settings, train=replace(settings.train, momentum=momentum))
        )
        assert text in (lab.warning or "")
        assert not lab.laws


def test_a_race_says_which_optimizer_has_weight_decay() -> None:
    settings, view = PAGES["optimizers"].settings, ViewSettings(optimizers=tuple(OPTIMIZERS))
    decays = {
        name: (
            racer.train.hyperparameters.get("weight_decay", 0.0),
            inspect.signature(getattr(torch.optim, OPTIMIZERS[name].torch_class))
            .parameters["weight_decay"]
            .default,
        )
        for name, racer in zip(OPTIMIZERS, racers(settings, view).values(), strict=True)
    }
    assert {name: each for name, each in decays.items() if any(each)} == {"adamw": (0.01, 0.01)}
    said = " ".join(OF_THE_RACE.split())
    assert "AdamW alone has weight decay as well, as usual in PyTorch" in said
    assert "lr times 0.01 of themselves" in said


def race(settings: Settings, *optimizers: str, adaptive_lr: float = 0.1) -> Shown:
    return shown("optimizers", settings, optimizers=optimizers, adaptive_lr=adaptive_lr)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_race_shows_the_run_of_each_optimizer(schedule: str) -> None:
    settings = PAGES["optimizers"].settings
    settings = replace(settings, train=replace(settings.train, schedule=schedule))
    lab = race(settings, *OPTIMIZERS, adaptive_lr=0.2)
    data = make_dataset()
    for name, record in OPTIMIZERS.items():
        lr = 0.2 if record.is_adaptive else settings.train.lr
        lr = 0.1 * lr if name in ("momentum", "nesterov") else lr
        run = train(data, replace(settings.train, optimizer=name, lr=lr))
        end = float(full_loss(data, run.w[-1:], run.b[-1:])[0])
        assert lab.board.metrics[f"Loss, {record.label}"] == f"{end:.4f}"
    for chart in lab.board.charts:
        go.Figure(coloured(chart.figure))
    assert {chart.name for chart in lab.board.charts} == named(lab)


def test_with_matched_rates_momentum_is_no_faster_than_sgd_in_the_long_run() -> None:
    settings = PAGES["optimizers"].settings
    slow = replace(settings, train=replace(settings.train, lr=0.2, epochs=100))
    ends = {}
    for is_matched in (True, False):
        lab = shown("optimizers", slow, optimizers=("sgd", "momentum"), is_matched=is_matched)
        ends[is_matched] = [float(loss) for loss in lab.board.metrics.values()]
    sgd, momentum = ends[True]
    assert momentum == pytest.approx(sgd, rel=0.01)
    assert ends[False][0] == sgd
    assert (
        ends[False][1] < 0.97 * sgd
    )  # ten times the rate, which momentum is not to be praised for


def test_a_winner_is_told_with_the_seeds_behind_it() -> None:
    settings = PAGES["optimizers"].settings
    words = race(settings, "sgd", "adam", "rmsprop").words[1]
    assert words.startswith("With 20 seeds, the lowest loss at the end is that of ")
    counts = dict(re.findall(r"(\w+) (\d+) times? \(", words))
    assert sum(int(count) for count in counts.values()) == 20
    data, wins = make_dataset(), {"SGD": 0, "Adam": 0, "RMSprop": 0}
    for seed in range(42, 62):
        ends = {}
        for label, name, lr in (
            ("SGD", "sgd", 1.0),
            ("Adam", "adam", 0.1),
            ("RMSprop", "rmsprop", 0.1),
        ):
            run = train(data, replace(settings.train, optimizer=name, lr=lr, seed=seed))
            ends[label] = float(full_loss(data, run.w[-1:], run.b[-1:])[0])
        wins[min(ends, key=ends.__getitem__)] += 1
    assert {label: str(won) for label, won in wins.items() if won} == counts


def named(lab: Shown) -> set[str]:
    """The names in a lab's grid, each of which must be a rectangle, as CSS wants it."""
    rows = [row.split() for row in lab.board.grid.areas]
    names = {name for row in rows for name in row}
    for name in names:
        at = [(i, j) for i, row in enumerate(rows) for j, here in enumerate(row) if here == name]
        (top, left), (bottom, right) = at[0], at[-1]
        assert len(at) == (bottom - top + 1) * (right - left + 1), name
    return names


def test_a_race_that_is_too_long_or_empty_says_so() -> None:
    settings = PAGES["optimizers"].settings
    assert race(settings).warning == "Choose at least one optimizer."
    long = replace(settings, train=replace(settings.train, batch_size=1, epochs=300))
    warning = race(long, "sgd").warning or ""
    assert warning.startswith("A race may have 20,000 steps, but these settings make 30,000")
    diverging = replace(settings, train=replace(settings.train, lr=100.0, weight_decay=50.0))
    assert "**Diverged**: SGD at step" in (race(diverging, "sgd", "adam").warning or "")


def test_an_optimizer_in_the_address_that_is_none_is_told() -> None:
    test = open_page("optimizers", opts_optimizers=["SGD", "Adamant"])
    assert test.warning[0].value.startswith(
        "Ignored in the address: opts_optimizers should be one of 'SGD'"
    )
    assert test.session_state["opts_optimizers"] == ["sgd"]
    usual = list(PAGES["optimizers"].defaults["opts"])
    alone = open_page("optimizers", opts_optimizers="Adamant")
    assert list(alone.session_state["opts_optimizers"]) == usual
    test.button_group(key="opts_optimizers").set_value(["nadam"]).run()
    assert test.session_state["opts_optimizers"] == ["nadam"]
    (button,) = (button for button in test.button if button.label == "The lab's settings")
    button.click().run()
    assert list(test.session_state["opts_optimizers"]) == usual


def test_any_run_of_a_race_can_be_taken_away_or_pinned() -> None:
    place = PAGES["optimizers"]
    settings = replace(place.settings, train=replace(place.settings.train, schedule="cosine"))
    runs = racers(settings, place.view)
    assert [run.train.optimizer for run in runs.values()] == list(place.view.optimizers)
    assert runs["Adam"].train.lr == place.view.adaptive_lr
    for run in runs.values():
        assert from_address(to_address(run)) == run
        assert "CosineAnnealingLR" in to_script(run)


@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize("batch_size", [1, 50, 100])
def test_labs_about_a_minimum_say_so_where_there_is_none(noise: float, batch_size: int) -> None:
    train_settings = TrainSettings(loss="bce", optimizer="sgd", batch_size=batch_size, epochs=6)
    settings = Settings(DataSettings(noise=noise), train_settings)
    momentum = replace(train_settings, optimizer="momentum", momentum=0.0)
    stability = shown("stability", replace(settings, train=momentum), scale="cividis")
    for lab in (shown("order_matters", settings), stability):
        assert ("No minimum" in (lab.warning or "")) == (noise == 0.0)
        for chart in lab.board.charts:
            go.Figure(coloured(chart.figure))
        assert {chart.name for chart in lab.board.charts} <= named(lab)


@pytest.mark.parametrize("n", [2, 10, 1000])
def test_every_figure_of_a_lab_is_one_that_plotly_accepts(n: int) -> None:
    settings = Settings(DataSettings(n=n), TrainSettings(optimizer="sgd", batch_size=2, epochs=3))
    swept = finished(settings, SweepSettings(across_count=3, up_count=3, runs=1))
    for lab in (
        lab_of(settings, True),
        lab_of(settings, False),
        shown_of(swept, "viridis"),
        shown("seeds", settings, seeds=5, unit="epochs"),
    ):
        for chart in lab.board.charts:
            go.Figure(coloured(chart.figure))
        assert {chart.name for chart in lab.board.charts} <= named(lab)


def test_a_sweep_of_one_setting_twice_is_refused_with_a_sentence() -> None:
    test = open_page("sweep", sx_sweep="Learning rate")
    assert "should be another setting than *Across*" in test.error[0].value


# Compare.


def three_runs() -> tuple[Settings, ...]:
    first = Settings(train=TrainSettings(batch_size=10))
    return (
        first,
        replace(first, train=replace(first.train, optimizer="sgd", lr=1.0)),
        Settings(DataSettings(noise=0.3), TrainSettings(loss="bce", epochs=9)),
    )


def test_pinned_runs_are_shown_with_what_differs_and_what_came_of_it() -> None:
    runs = three_runs()
    shown = compared(runs)
    assert dict(shown.settings) == {
        "Noise": ["0.1", "0.1", "0.3"],
        "Loss": ["MSE", "MSE", "BCE"],
        "Optimizer": ["Adam", "SGD", "Adam"],
        "Learning rate": ["0.05", "1", "0.05"],
        "Batch size B": ["10", "10", "25"],
        "Epochs": ["50", "50", "9"],
    }
    results = dict(shown.results)
    for k, settings in enumerate(runs):
        data = make_dataset(settings.data)
        run = train(data, settings.train)
        for name, loss in (("Loss at the end", settings.train.loss), ("MSE at the end", "mse")):
            end = full_loss(data, run.w[-1:], run.b[-1:], loss)[0]
            assert results[name][k] == f"{end:.4f}"
        assert results["Steps"][k] == str(len(run))
    for chart in shown.board.charts:
        go.Figure(coloured(chart.figure))
    curves = shown.board.charts[0].figure["data"]
    assert [curve["name"] for curve in curves] == [
        "1: MSE, Adam, lr = 0.05, B = 10, …",
        "2: MSE, SGD, lr = 1, B = 10, …",
        "3: BCE, Adam, lr = 0.05, B = 25, …",
    ]
    assert shown.board.charts[0].title == "MSE on all the data"
    assert curves[2]["y"][-1] == pytest.approx(float(results["MSE at the end"][2]), abs=1e-4)


@pytest.mark.parametrize("unit", UNITS)
def test_runs_of_one_point_and_of_all_are_compared_by_steps_epochs_and_examples(unit: str) -> None:
    usual = TrainSettings(epochs=6, optimizer="sgd")
    pins = tuple(Settings(train=replace(usual, batch_size=size)) for size in (1, 30, 100))
    charts = {chart.name: chart for chart in compared(pins, unit).board.charts}
    ends = {
        "steps": [600, 24, 6],
        "epochs": [6, 6, 6],
        "examples": [600, 600, 600],
        "time": [600 * 81, 24 * 80 + 600, 6 * 180],
    }[unit]
    for name, chart in charts.items():
        lines = chart.figure["data"]
        assert chart.figure["layout"]["xaxis"]["title"]["text"] == UNITS[unit].lower()
        for line, end, pin in zip(lines, ends, pins, strict=True):
            run = train(make_dataset(), pin.train)
            values = {
                "loss": full_loss(make_dataset(), run.w, run.b),
                "batch_loss": run.batch_loss,
                "w": run.w,
                "b": run.b,
            }[name]
            assert line["y"][-1] == pytest.approx(values[-1], rel=1e-6)
            last_step = end * (len(values) - 1) / len(run.batches)
            assert line["x"][-1] == pytest.approx(last_step, rel=0.2 if pin is pins[1] else 1e-6)


def test_hyperparameters_are_compared_as_they_are() -> None:
    momentum = Settings(train=TrainSettings(optimizer="momentum"))
    sgd = replace(momentum, train=replace(momentum.train, optimizer="sgd"))
    half = replace(momentum, train=replace(momentum.train, momentum=0.5, init_w=1.0))
    rows = dict(compared((momentum, sgd, half)).settings)
    assert rows["momentum"] == ["0.9", "-", "0.5"]
    assert rows["Start w"] == ["nn.Linear's", "nn.Linear's", "1"]


def test_the_address_holds_the_pins_and_tells_those_that_cannot_be() -> None:
    spelled = [to_address(settings) for settings in three_runs()]
    test = open_page("compare", pins="|".join([*spelled, "bs=0"]))
    buttons = {button.label: button for button in test.button if "run" in button.label}
    assert list(buttons) == [
        label for k in (1, 2, 3) for label in (f"Open run {k} in the Playground", f"Remove run {k}")
    ]
    told = (
        "The 4th run in the address is ignored: *Batch size B* should be between 1 and 10,000, "
        "but got 0."
    )
    assert [warning.value for warning in test.warning] == [told]
    buttons["Remove run 2"].click().run()
    assert test.query_params["pins"] == "|".join([spelled[0], spelled[2]])
    many = open_page("compare", pins="|".join(f"bs={k}" for k in range(1, 9)))
    assert "pins more than 6 runs" in many.warning[0].value
    assert len(many.button) == 13  # with that of the lab's settings


def test_the_default_run_is_held_by_the_address_as_well() -> None:
    test = open_page("compare", pins="default|bs=10")
    assert test.query_params["pins"] == "default|bs=10"
    test.button[3].click().run()  # remove the second
    assert test.query_params["pins"] == "default"
    assert len(open_page("compare", pins="default").button) == 3  # one of the lab's settings


def test_nothing_pinned_is_said() -> None:
    assert open_page("compare").info[0].value == "No run is kept yet."
