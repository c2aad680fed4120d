"""Budgets: a cell trains exactly what it may spend, and no step to a target depends on it."""

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from minibatch_core import (
    DataSettings,
    Settings,
    SweepSettings,
    TrainSettings,
    full_loss,
    make_batches,
    make_dataset,
    summarise,
    train_many,
    train_torch,
)
from minibatch_core.engine.budgets import MOST_STEP_COST, UNITS, Budget, spent, steps_within
from minibatch_core.engine.learning_rates import make_scheduler
from minibatch_core.engine.sweep import plan
from minibatch_core.engine.training import train_within
from minibatch_core.settings.train import SHUFFLES, sizes_of_epoch

UGLY = Settings(
    DataSettings(n=61, noise=0.5, seed=9),
    TrainSettings(optimizer="sgd", lr=1.0, batch_size=7, epochs=4, shuffle="each_epoch"),
)


@st.composite
def runs(draw: st.DrawFn) -> Settings:
    n = draw(st.integers(2, 90))
    size = draw(st.integers(1, n) | st.sampled_from([1, n, max(1, n - 1)]))
    return Settings(
        DataSettings(n=n),
        TrainSettings(
            batch_size=size, epochs=draw(st.integers(1, 9)), drop_last=draw(st.booleans())
        ),
    )


BUDGETS = st.builds(Budget, st.sampled_from([*UNITS]), st.integers(0, 300))


def paid_for(budget: Budget, amount: int, settings: Settings) -> int:
    """How many steps an amount pays for, paid one after another."""
    train = settings.train
    sizes = sizes_of_epoch(settings.data.n, train.batch_size, train.drop_last)
    steps, left = 0, float(amount)
    while True:
        price = {
            "steps": 1.0,
            "epochs": 1.0 / len(sizes),
            "examples": sizes[steps % len(sizes)],
            "time": budget.step_cost + sizes[steps % len(sizes)],
        }[budget.unit]
        left -= price
        if left < -1e-9:
            return steps
        steps += 1


@trials(max_examples=300)
@given(BUDGETS, runs(), runs())
def test_a_budget_pays_for_as_many_steps_as_can_be_paid_one_by_one(
    budget: Budget, giver: Settings, taker: Settings
) -> None:
    amount = budget.of(giver)
    expected = paid_for(budget, amount, taker)
    assert steps_within(budget, amount, taker.data.n, taker.train) == expected
    if budget.fits(amount, taker):
        run, steps = budget.allowing(amount, taker)
        batches = make_batches(run.data.n, run.train)
        assert steps == expected
        assert len(batches) - batches.steps_per_epoch < max(steps, 1) <= len(batches)
        along = spent(np.arange(len(batches) + 1), batches, budget)
        assert (along[: steps + 1] <= amount + 1e-9).all()
        assert (along[steps + 1 :] > amount - 1e-9).all()


def test_the_time_of_the_longest_run_is_that_of_its_steps_and_points() -> None:
    train = TrainSettings(batch_size=1, epochs=1000)
    batches, steps = make_batches(200, train), np.array([0, 2_147, 2_148, 200_000], dtype=np.int32)
    time = spent(steps, batches, Budget("time", MOST_STEP_COST))
    assert time.tolist() == [step * (MOST_STEP_COST + 1) for step in steps.tolist()]


@given(BUDGETS, runs())
def test_a_run_has_its_own_budget(budget: Budget, settings: Settings) -> None:
    if not settings.train.drop_last or budget.unit in ("steps", "epochs"):
        run, steps = budget.allowing(budget.of(settings), settings)
        assert run == settings
        assert steps == len(make_batches(settings.data.n, settings.train))


@given(runs(), runs())
def test_time_lies_between_equal_examples_and_equal_steps(left: Settings, cell: Settings) -> None:
    steps = {
        name: steps_within(budget, budget.of(left), cell.data.n, cell.train)
        for name, budget in {
            "examples": Budget("examples"),
            "free": Budget("time", 0),
            "dear": Budget("time", MOST_STEP_COST),
            "steps": Budget("steps"),
        }.items()
    }
    assert steps["free"] == steps["examples"]
    assert abs(steps["dear"] - steps["steps"]) <= 1


def test_a_budget_that_takes_too_many_epochs_is_told_with_the_cure() -> None:
    left = Settings(train=TrainSettings(batch_size=1, epochs=30))
    grid = SweepSettings(across_from=1.0, across_to=100.0)
    with pytest.raises(
        ValueError, match=r"3,000 steps or 1,500 epochs, but a run may have 1,000; take"
    ):
        plan(left, grid, Budget("steps"))
    usual = plan(left, SweepSettings(), Budget("steps"))
    assert usual.across[-1] == 25  # 4 steps an epoch; with B = 50, which divides N too, only 2
    assert max(cell.train.epochs for row in usual.cells for cell in row) == 750


@pytest.mark.parametrize("n", [100, 1000, 10_000])
@pytest.mark.parametrize("unit", UNITS)
def test_the_usual_sweep_can_be_with_every_budget(n: int, unit: str) -> None:
    left = Settings(DataSettings(n=n), TrainSettings(optimizer="sgd", batch_size=10, epochs=30))
    planned = plan(left, SweepSettings(), Budget(unit))
    assert len(planned.across) >= 9
    divisors = [size for size in range(1, n + 1) if n % size == 0]
    beyond = [size for size in divisors if not planned.across[0] <= size <= planned.across[-1]]
    for size in beyond:
        other = replace(left, train=replace(left.train, batch_size=size, epochs=1))
        assert not Budget(unit).fits(Budget(unit).of(left), other)


KINDS = [
    (shuffle, drop_last, unit)
    for shuffle in SHUFFLES
    for drop_last in (False, True)
    for unit in UNITS
]


@pytest.mark.parametrize(("shuffle", "drop_last", "unit"), KINDS)
def test_a_cell_ends_where_torch_is_after_its_budget(
    shuffle: str, drop_last: bool, unit: str
) -> None:
    left = replace(UGLY, train=replace(UGLY.train, shuffle=shuffle, drop_last=drop_last))
    budget = Budget(unit, 13)
    grid = SweepSettings(across_from=5.0, across_to=60.0, across_count=3, up_count=2)
    planned = plan(left, grid, budget)
    assert planned.across == [5, 17, 60]
    data = make_dataset(left.data)
    for j, cell in enumerate(planned.cells[0]):
        steps = int(planned.steps[0, j])
        assert steps == paid_for(budget, budget.of(left), cell)
        run = train_torch(data, cell.train, "cpu", "float64")
        came = summarise(data, cell.train, budget=steps)
        loss = full_loss(data, run.w[steps : steps + 1], run.b[steps : steps + 1])[0]
        assert came.steps == steps
        assert came.loss == pytest.approx(loss, rel=1e-10)


@pytest.mark.parametrize("schedule", ["cosine", "one_cycle", "step"])
def test_a_schedule_ends_with_the_budget(schedule: str) -> None:
    settings = replace(UGLY.train, schedule=schedule, batch_size=60, epochs=6)
    data, steps = make_dataset(UGLY.data), 8
    w = torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))
    run = train_within(data, settings, steps)
    with torch.no_grad():
        w[:] = torch.tensor([run.w[0], run.b[0]])
    optimizer = torch.optim.SGD([w], lr=settings.lr)
    scheduler = make_scheduler(settings, optimizer, steps)
    x, y = torch.tensor(data.x), torch.tensor(data.y)
    for step in range(steps):
        seen = torch.tensor(run.batches[step].astype(np.int64))
        optimizer.zero_grad()
        loss = ((torch.sigmoid(w[0] * x[seen] + w[1]) - y[seen]) ** 2).mean()
        loss.backward()
        optimizer.step()
        scheduler.step()
    assert [run.w[steps], run.b[steps]] == pytest.approx(w.tolist(), rel=1e-10)
    whole = train_within(data, settings, len(run))
    assert abs(whole.w[steps] - run.w[steps]) > 1e-6


@trials(max_examples=40)
@given(
    st.sampled_from([1, 7, 20, 60, 61]),
    st.sampled_from([*SHUFFLES]),
    st.sampled_from([0.3, 3.0, 30.0]),
    st.integers(0, 99),
)
def test_the_steps_to_a_target_depend_on_the_budget_by_being_cut_alone(
    size: int, shuffle: str, lr: float, seed: int
) -> None:
    train = replace(UGLY.train, batch_size=size, shuffle=shuffle, lr=lr, seed=seed, epochs=12)
    data, budget = make_dataset(replace(UGLY.data, noise=0.2)), Budget("steps")
    longest = len(make_batches(61, train))
    target = 0.18
    whole = summarise(data, train, target).target_step
    for steps in range(1, longest + 1, max(1, longest // 40)):
        cell, _ = budget.allowing(steps, Settings(UGLY.data, train))
        found = summarise(data, cell.train, target, steps).target_step
        expected = whole if whole is not None and whole <= steps else None
        assert found == expected


def test_a_run_that_diverges_after_its_budget_has_not_diverged() -> None:
    data = make_dataset()
    wild = TrainSettings(optimizer="sgd", lr=100.0, weight_decay=50.0, epochs=100)
    diverged_at = summarise(data, wild).diverged_at
    assert diverged_at is not None
    assert summarise(data, wild, budget=diverged_at).diverged_at is None
    assert summarise(data, wild, budget=diverged_at + 1).diverged_at == diverged_at


def test_budgets_can_be_counted_in_a_pool() -> None:
    data = make_dataset()
    came = train_many(data, [TrainSettings(seed=k) for k in range(3)], partial(summarise, budget=5))
    assert [each.steps for each in came] == [5, 5, 5]


@pytest.mark.parametrize("cost", [-1, MOST_STEP_COST + 1])
def test_a_cost_that_cannot_be_is_told(cost: int) -> None:
    with pytest.raises(ValueError, match="step_cost should be between 0 and 1,000,000, but got"):
        Budget("time", cost)
    assert math.isfinite(Budget("time").step_cost)
