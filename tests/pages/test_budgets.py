"""Equal budgets: what a page says is what the runs had, and old addresses lead to the same."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from dashboard.jobs.sweeps import Sweep
from dashboard.shell.registry import PAGES
from minibatch_core import (
    DataSettings,
    Settings,
    SweepSettings,
    TrainSettings,
    accuracy,
    full_loss,
    make_batches,
    make_dataset,
    train,
    train_torch,
)
from minibatch_core.engine.budgets import STEP_COST, UNITS, Budget
from minibatch_core.engine.sweep import plan
from minibatch_core.schedules import SCHEDULES
from minibatch_core.settings.train import SHUFFLES
from minibatch_core.theory.races import Race
from pages.compare import compared
from pages.optimizers import wins_in_words
from pages.sweep import said_of_budget, shown_of
from tests.support.computed import shown
from tests.support.opened import boards, metrics, open_page, session
from tests.support.swept import finished, to_its_end

OPENING = PAGES["sweep"].settings


def whole(text: str) -> int:
    return int(text.replace(",", ""))


# Sweep.


@st.composite
def sweeps(draw: st.DrawFn) -> tuple[Settings, SweepSettings, Budget]:
    n = draw(st.integers(10, 61))
    left = Settings(
        DataSettings(n=n),
        TrainSettings(
            optimizer="sgd",
            batch_size=draw(st.integers(1, n)),
            epochs=draw(st.integers(1, 4)),
            shuffle=draw(st.sampled_from([*SHUFFLES])),
            schedule=draw(st.sampled_from(["constant", "cosine"])),
            drop_last=draw(st.booleans()),
        ),
    )
    across, up = draw(
        st.sampled_from([("batch_size", "lr"), ("lr", "batch_size"), ("lr", "noise")])
    )
    grid = SweepSettings(across=across, up=up, across_count=3, up_count=2, runs=1)
    return left, grid, Budget(draw(st.sampled_from([*UNITS])), draw(st.integers(0, 50)))


@trials(max_examples=150)
@given(sweeps())
def test_the_page_says_of_a_budget_what_the_cells_have(
    asked: tuple[Settings, SweepSettings, Budget],
) -> None:
    left, grid, budget = asked
    swept = Sweep(left, grid, budget)
    swept.stop()
    said = said_of_budget(swept)
    steps, epochs = swept.steps, left.train.epochs
    cells = [(i, j, cell) for i, row in enumerate(swept.cells) for j, cell in enumerate(row)]
    runs = [(steps[i, j], make_batches(cell.data.n, cell.train)) for i, j, cell in cells]
    assert f"{epochs} epoch" in said
    if budget.unit == "steps":
        (count,) = re.findall(r"every cell takes ([\d,]+) steps?, as many as", said)
        assert (steps == whole(count)).all()
        assert len(make_batches(left.data.n, left.train)) == whole(count)
    elif budget.unit == "epochs":
        assert f"every cell trains for {epochs} epoch" in said
        assert all(len(batches) == count for count, batches in runs)
    else:
        (amount,) = re.findall(r"fit into ([\d,]+)", said)
        cost = budget.step_cost if budget.unit == "time" else 0
        for (i, j, cell), (count, batches) in zip(cells, runs, strict=True):
            assert batches.offsets[count] + cost * count <= whole(amount)
            longer = make_batches(
                cell.data.n, replace(cell.train, epochs=cell.train.epochs + 1)
            ).offsets[count + 1]
            assert longer + cost * (count + 1) > whole(amount)
            assert swept.steps[i, j] == count
    goes_on = any(count < len(batches) for count, batches in runs)
    assert ("goes on there to the end of its last epoch" in said) == goes_on
    assert ("its schedule" in said) == (goes_on and left.train.schedule != "constant")
    assert ("Time is calculated, not measured" in said) == (budget.unit == "time")
    if "changes nothing about how long they train" in said:
        others = [plan(left, grid, Budget(unit, 7)).steps for unit in UNITS]
        assert all((other == steps).all() for other in others)
    if epochs == 1:
        assert not re.search(r"1 epoch (have|are)|1 epochs", said)


def test_a_sweep_trains_each_cell_with_its_budget_as_torch_does() -> None:
    left = Settings(
        DataSettings(n=61, noise=0.3, seed=2),
        replace(OPENING.train, batch_size=8, epochs=3, shuffle="replacement"),
    )
    grid = SweepSettings(across_count=3, up_from=0.5, up_to=5.0, up_count=2, runs=2)
    for unit in UNITS:
        swept = finished(left, grid, Budget(unit, 20))
        for i, row in enumerate(swept.cells):
            for j, cell in enumerate(row):
                for k in (0, 1):
                    one = replace(cell.train, seed=cell.train.seed + k)
                    run = train_torch(make_dataset(cell.data), one, "cpu", "float64")
                    at = int(swept.steps[i, j])
                    loss = full_loss(
                        make_dataset(cell.data), run.w[at : at + 1], run.b[at : at + 1]
                    )
                    assert swept.kept["loss"][i, j, k] == pytest.approx(loss[0], rel=1e-9)
                    assert swept.kept["steps"][i, j, k] == at


def test_the_critical_batch_size_is_that_of_any_budget_that_is_long_enough() -> None:
    grid = SweepSettings(across_count=5, up_count=6, runs=10)
    long = replace(OPENING, train=replace(OPENING.train, epochs=60))
    by_unit = [finished(long, grid, Budget(unit)) for unit in ("epochs", "steps", "time")]
    curves = [
        next(chart for chart in shown_of(each, "viridis").board.charts if chart.name == "curve")
        for each in by_unit
    ]
    dots = [
        next(trace for trace in curve.figure["data"] if trace["name"] == "measured")
        for curve in curves
    ]
    for other in dots[1:]:
        np.testing.assert_array_equal(other["y"], dots[0]["y"])


@pytest.mark.parametrize("unit", ["steps", "time"])
def test_a_rule_of_equal_examples_is_not_told_of_another_budget(unit: str) -> None:
    grid = SweepSettings(across_count=4, up_count=6, runs=10)
    lab = shown_of(finished(OPENING, grid, Budget(unit)), "viridis")
    (law,) = (law for law in lab.laws if law.name == "11. The best learning rate")
    assert f"with equal {unit} a larger batch looks at more examples" in law.not_here
    titles = {chart.name: chart.title for chart in lab.board.charts}
    assert titles["time"] == ("Time to the target" if unit == "time" else "Time to train")


def test_the_time_to_the_target_is_that_of_its_steps_and_examples() -> None:
    grid = SweepSettings(across_count=3, up_count=4, runs=1)
    swept = finished(OPENING, grid, Budget("time", 30))
    charts = {chart.name: chart for chart in shown_of(swept, "viridis").board.charts}
    steps, examples, time = (
        np.expm1(charts[name].figure["data"][0]["z"].astype(np.float64))
        for name in ("steps", "examples", "time")
    )
    assert np.isfinite(time).any()
    np.testing.assert_allclose(time, 30 * steps + examples, rtol=1e-5)


def test_a_law_that_is_not_known_says_why() -> None:
    for settings, goal, why in (
        (OPENING, 0.0, "fewer than 3 batch sizes reached the target within the budget"),
        (OPENING, 0.3, "some runs start at the target or below"),
    ):
        grid = SweepSettings(across_count=3, up_count=3, runs=10, target=goal)
        lab = shown_of(finished(settings, grid), "viridis")
        told = {law.name[0]: law.not_here for law in lab.laws if law.name[0] in "56"}
        assert told == {"5": why, "6": why}


# Compare.


@pytest.mark.parametrize("unit", UNITS)
def test_runs_are_compared_where_they_have_spent_equally_much(unit: str) -> None:
    one = TrainSettings(optimizer="sgd", lr=1.0, batch_size=1, epochs=5, shuffle="replacement")
    pins = (
        Settings(DataSettings(n=61), one),
        Settings(DataSettings(n=61), replace(one, batch_size=60, epochs=90)),
        Settings(DataSettings(n=40), replace(one, batch_size=7, epochs=20, drop_last=True)),
    )
    budget = Budget(unit, 9)
    table = compared(pins, unit, 9)
    batches = [make_batches(pin.data.n, pin.train) for pin in pins]
    ends = {
        "steps": [305, 180, 100],
        "epochs": [5, 90, 20],
        "examples": [305, 5490, 700],
        "time": [305 * 10, 5490 + 9 * 180, 700 + 9 * 100],
    }[unit]
    assert table.amount == budget.words(min(ends))
    assert table.amount in table.words
    common, results = dict(table.common), dict(table.results)
    for k, (pin, size) in enumerate(zip(pins, (1, None, 7), strict=True)):
        step = whole(common["Steps"][k])
        spent = {
            "steps": step,
            "epochs": step / batches[k].steps_per_epoch,
            "examples": batches[k].offsets[step],
            "time": batches[k].offsets[step] + 9 * step,
        }[unit]
        dearest = {"steps": 1, "epochs": 1, "examples": size or 60, "time": (size or 60) + 9}[unit]
        assert spent <= min(ends) < spent + dearest or spent == min(ends)
        data = make_dataset(pin.data)
        run = train(data, pin.train)
        loss = full_loss(data, run.w[step : step + 1], run.b[step : step + 1])[0]
        assert common["Loss"][k] == f"{loss:.4f}"
        assert common["w"][k] == f"{run.w[step]:.4f}"
        assert common["Accuracy"][k] == f"{accuracy(data, run.w[step], run.b[step]):.1%}"
        end = full_loss(data, run.w[-1:], run.b[-1:])[0]
        assert results["Loss at the end"][k] == f"{end:.4f}"


def test_runs_that_end_at_the_same_budget_are_compared_once() -> None:
    usual = TrainSettings(epochs=6)
    pins = tuple(Settings(train=replace(usual, batch_size=size)) for size in (1, 30))
    together = compared(pins, "epochs")
    assert not together.common
    assert together.words == "Each run ends at 6 epochs, so their ends are compared."
    apart = compared(pins, "steps")
    assert dict(apart.common)["Steps"] == ["24", "24"]
    assert not compared(pins[:1], "steps").words


@pytest.mark.parametrize(("unit", "cost"), [("examples", 25), ("time", 0)])
def test_a_run_whose_first_step_takes_more_than_the_budget_is_taken_at_its_start(
    unit: str, cost: int
) -> None:
    short = Settings(DataSettings(n=20), TrainSettings(batch_size=20, epochs=1))
    long = Settings(DataSettings(n=50), TrainSettings(batch_size=50, epochs=3))
    table = compared((short, long), unit, cost)
    assert dict(table.common)["Steps"] == ["1", "0"]
    assert table.words.endswith("or at its start if its first step takes more.")
    fits = replace(long, train=replace(long.train, batch_size=15))
    assert compared((short, fits), unit, cost).words.endswith(
        "at its last step within that budget."
    )


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_that_stretches_is_told_where_runs_are_cut(schedule: str) -> None:
    usual = TrainSettings(schedule=schedule)
    pins = tuple(Settings(train=replace(usual, epochs=epochs)) for epochs in (20, 40))
    cut, whole_runs = compared(pins, "steps").words, compared(pins[:1] * 2, "steps").words
    says = "A schedule that stretches with its run is then at another part of it in a longer run"
    assert (says in cut) == SCHEDULES[schedule].stretches
    assert says not in whole_runs


def test_a_run_that_diverged_before_the_common_budget_says_so() -> None:
    wild = TrainSettings(optimizer="sgd", lr=100.0, weight_decay=50.0, epochs=100)
    tame = [Settings(train=replace(wild, lr=1.0, epochs=k, weight_decay=0.0)) for k in (90, 70)]
    two = compared((Settings(train=wild), tame[0]), "steps")
    assert not two.common
    assert "A run that diverges ends there, and the other run ends at 360 steps." in two.words
    assert dict(two.results)["Diverged at step"][0] == "83"
    three = compared((Settings(train=wild), *tame), "steps")
    assert dict(three.common)["Loss"][0] == "diverged"
    assert dict(three.common)["Steps"] == ["diverged", "280", "280"]
    assert "**280 steps**, the most that all runs have that do not diverge" in three.words


def test_runs_that_all_diverge_are_compared_where_the_first_one_does() -> None:
    wild = TrainSettings(optimizer="sgd", lr=1000.0, weight_decay=1000.0)
    pins = tuple(Settings(train=replace(wild, batch_size=size)) for size in (25, 50))
    ends = [train(make_dataset(), pin.train).diverged_at for pin in pins]
    together = compared(pins, "steps")
    assert ends == [51, 51]
    assert together.words == "Each run ends at 51 steps, so their ends are compared."
    later = Settings(train=replace(wild, lr=100.0, weight_decay=50.0, epochs=100))
    apart = compared((pins[0], later), "steps")
    assert "**51 steps**, the most that all of them have" in apart.words
    assert dict(apart.common)["Steps"] == ["51", "51"]
    assert "diverged" not in str(apart.common)


@pytest.mark.parametrize(
    ("n", "size", "said"),
    [
        (1000, 1, "0.102 epochs"),
        (100, 25, "25.5 epochs"),
        (90, 30, "34 epochs"),
        (75, 5, "6.8 epochs"),
        (35, 5, "about 14.57 epochs"),
    ],
)
def test_a_part_of_an_epoch_is_said_as_a_part(n: int, size: int, said: str) -> None:
    wild = TrainSettings(optimizer="sgd", lr=1.0, batch_size=size, epochs=60)
    pins = tuple(
        Settings(DataSettings(n=n), replace(wild, weight_decay=decay)) for decay in (1000.0, 500.0)
    )
    ends = [train(make_dataset(pin.data), pin.train).diverged_at for pin in pins]
    assert min(end for end in ends if end is not None) == 102
    shown = compared(pins, "epochs")
    assert shown.amount == said
    assert f"**{said}**, the most that all of them have" in shown.words
    assert dict(shown.common)["Steps"] == ["102", "102"]


# Seeds and Optimizers.


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("name", ["seeds", "optimizers"])
def test_with_one_batch_size_the_budget_changes_the_axes_alone(name: str, unit: str) -> None:
    asked = PAGES[name].settings
    asked = replace(asked, data=DataSettings(n=61), train=replace(asked.train, epochs=3))
    lab = shown(name, asked, unit=unit, step_cost=7)
    plain = shown(name, asked, unit="steps")
    batches = make_batches(61, asked.train)
    end = {
        "steps": len(batches),
        "epochs": 3,
        "examples": 183,
        "time": 183 + 7 * len(batches),
    }[unit]
    assert lab.board.metrics == plain.board.metrics
    for chart, other in zip(lab.board.charts, plain.board.charts, strict=True):
        if chart.name in ("surface", "ends"):
            continue
        for line, same in zip(chart.figure["data"], other.figure["data"], strict=True):
            np.testing.assert_array_equal(line["y"], same["y"])
        assert chart.figure["layout"]["xaxis"]["title"]["text"] == UNITS[unit].lower()
    assert lab.board.charts[0].figure["data"][-1]["x"][-1] == pytest.approx(end)
    assert any("a step with B points takes 7 + B" in each for each in lab.words) == (unit == "time")


def test_wins_are_told_with_what_their_number_tells() -> None:
    said = wins_in_words(["SGD", "Adam", "NAdam"], Race((5, 14, 0), 1))
    assert (
        "With 20 seeds, the lowest loss at the end is that of Adam 14 times (48 to 85%), " in said
    )
    assert (
        "SGD 5 times (11 to 47%), and of the other optimizer never (0 to 16%). 1 time several end"
        in said
    )
    many = wins_in_words(["SGD", "Adam", "NAdam"], Race((0, 20, 0), 0))
    assert ", and of each other optimizer never (0 to 16%). " in many
    assert wins_in_words(["SGD", "Adam"], Race((0, 0), 6)).endswith(
        "no optimizer ends lowest alone."
    )
    assert wins_in_words(["SGD", "Adam"], Race((0, 0), 0)) == ""


# Addresses.


def test_an_address_of_before_leads_to_the_same_view() -> None:
    old = open_page("sweep", ep_sweep="2", runs_sweep="1", sxn_sweep="3", syn_sweep="2")
    swept = to_its_end(session(old).sweep)
    assert swept.budget == Budget("epochs")
    assert swept.steps[0].tolist() == [200, 20, 2]
    pins = "bs=1&ep=2|bs=50&ep=2"
    for unit, count in (("Steps", [200, 4]), ("Epochs", [2, 2]), ("Examples seen", [200, 200])):
        (board,) = boards(open_page("compare", pins=pins, unit_compare=unit))
        lines = board["charts"][0]["data"]
        assert [line["x"][-1] for line in lines] == count
        (board,) = boards(open_page("seeds", unit_seeds=unit, ep_seeds="2", nseeds_seeds="2"))
        end = {"Steps": 20, "Epochs": 2, "Examples seen": 200}[unit]
        assert board["charts"][0]["data"][-1]["x"][-1] == end


def test_a_budget_and_its_cost_are_in_the_address() -> None:
    asked = {"unit_sweep": "Time", "cost_sweep": "0", "ep_sweep": "2", "runs_sweep": "1"}
    test = open_page("sweep", **asked)
    swept = to_its_end(session(test).sweep)
    assert swept.budget == Budget("time", 0)
    assert metrics(test.run())["Budget of a run"] == "200 units of time"
    bad = open_page("sweep", unit_sweep="Hours", cost_sweep="-3", ep_sweep="2", runs_sweep="1")
    told = [each.value for each in bad.warning]
    assert (
        "Ignored in the address: cost_sweep should be between 0 and 1,000,000, but got -3. "
        f"*Cost of a step, in examples* is now {STEP_COST}." in told
    )
    assert any("unit_sweep should be one of 'Steps', 'Epochs'" in each for each in told)


def test_the_cost_of_a_step_is_asked_for_where_time_is_counted() -> None:
    for unit, asked in (("Time", True), ("Steps", False)):
        test = open_page("seeds", unit_seeds=unit, nseeds_seeds="2")
        labels = [each.label for each in test.number_input]
        assert ("Cost of a step, in examples" in labels) == asked
