"""The usual target of a sweep, the fit of law 6, and how far chance reaches."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from minibatch_core import (
    DataSettings,
    Settings,
    SweepSettings,
    TrainSettings,
    gradient_noise,
    make_dataset,
    train,
)
from minibatch_core.engine.initialisation import draw_start
from minibatch_core.engine.many_runs import with_seeds
from minibatch_core.engine.sweep import lowest_loss, swept_values, usual_target
from minibatch_core.losses import LOSSES
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.theory import laws
from minibatch_core.theory.resampling import interval, medians, resampled_medians
from minibatch_core.theory.tradeoff import Tradeoff, critical_range, fit_tradeoff
from tests.support.autograd import by_autograd

SIZES = np.array([1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0])


@given(
    st.integers(2, 80),
    st.floats(0.0, 0.5),
    st.integers(0, 50),
    st.sampled_from(sorted(LOSSES)),
    st.integers(0, 1000),
)
@trials(max_examples=60)
def test_the_usual_target_is_below_every_start_and_can_be_reached(
    n: int, noise: float, data_seed: int, loss: str, seed: int
) -> None:
    data = make_dataset(DataSettings(n=n, noise=noise, seed=data_seed))
    starts = [draw_start(each)[:2] for each in with_seeds(TrainSettings(seed=seed), 5)]
    target = usual_target(data, loss, *np.array(starts).T)
    lowest = lowest_loss(data, loss)
    losses = [by_autograd(data, list(range(n)), loss, w, b)[0] for w, b in starts]
    coin_toss = by_autograd(data, list(range(n)), loss, 0.0, 0.0)[0]
    if target is None:
        assert min(losses) <= lowest * (1.0 + 1e-8)
    else:
        assert lowest <= target < min(losses)
        assert target < coin_toss


def test_where_a_run_starts_at_the_lowest_there_is_no_usual_target() -> None:
    assert usual_target(make_dataset(), "mse", [0.3, 6.0], [0.1, -5.5]) is None


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_usual_learning_rates_are_within_bounds(optimizer: str) -> None:
    for momentum in (0.5, 1.0):
        known = "momentum" in OPTIMIZERS[optimizer].hyperparameters
        train_settings = TrainSettings(optimizer=optimizer, momentum=momentum if known else None)
        settings = Settings(train=train_settings)
        rates = swept_values(settings, SweepSettings())[1]
        assert 0.0 < rates[0] < rates[-1] <= 1000.0


@pytest.mark.parametrize(
    ("steps", "low", "high"),
    [
        (np.full(7, 80.0), 0.0, 0.0),  # they do not fall
        (np.array([10.0, 12.0, 15.0, 20.0, 22.0, 25.0, 30.0]), 0.0, 0.0),  # they rise
        (1000.0 / SIZES, math.inf, math.inf),  # they fall for ever
    ],
)
def test_a_fit_that_ends_at_the_edge_of_its_search_is_none(
    steps: np.ndarray, low: float, high: float
) -> None:
    assert fit_tradeoff(SIZES, steps) is None
    assert critical_range(SIZES, np.array([steps] * 3)) == (low, high)


def test_batch_sizes_that_tell_nothing_are_left_out_of_the_fit() -> None:
    law = Tradeoff(s_min=30.0, e_min=240.0)
    steps = law.steps(SIZES)
    steps[[1, 4]] = np.inf, 0.0
    fitted = fit_tradeoff(SIZES, steps)
    assert fitted is not None
    assert fitted.critical_batch_size == pytest.approx(8.0, rel=0.02)
    steps[2:5] = np.inf
    steps[6] = np.inf
    assert fit_tradeoff(SIZES, steps) is None
    assert critical_range(SIZES, steps[None]) is None


def test_the_range_of_the_critical_batch_size_holds_the_true_one_nineteen_times_in_twenty() -> None:
    generator = np.random.default_rng(3)
    law = Tradeoff(s_min=40.0, e_min=480.0)
    held = 0
    for _ in range(60):
        # Medians of 20 runs whose steps scatter by a factor of about 1.5.
        runs = law.steps(SIZES)[:, None] * np.exp(generator.normal(0.0, 0.4, (7, 20)))
        found = critical_range(SIZES, resampled_medians(runs[None])[:, 0])
        assert found is not None
        held += found[0] <= 12.0 <= found[1]
    assert held >= 52


def test_medians_are_numpys_and_may_be_infinite() -> None:
    values = np.random.default_rng(1).normal(size=(4, 3, 8))
    np.testing.assert_allclose(medians(values), np.median(values, axis=2), rtol=1e-15)
    np.testing.assert_array_equal(medians(values[:, :, :7]), np.median(values[:, :, :7], axis=2))
    assert medians([np.inf, 1.0, np.inf, np.inf, 2.0]) == np.inf


def test_resampled_medians_scatter_as_the_medians_of_fresh_runs() -> None:
    generator = np.random.default_rng(5)
    fresh = np.median(generator.normal(size=(4000, 25)), axis=1).std()
    found = [resampled_medians(generator.normal(size=(1, 1, 25))).std() for _ in range(60)]
    assert np.mean(found) == pytest.approx(fresh, rel=0.15)


def test_cells_are_resampled_together_since_they_have_the_same_seeds() -> None:
    runs = np.random.default_rng(2).normal(size=(1, 1, 9))
    both = resampled_medians(np.concatenate([runs, runs + 1.0], axis=1))
    assert (both[:, 0, 1] - both[:, 0, 0]).tolist() == pytest.approx([1.0] * len(both))
    assert interval(both[:, 0, 0])[0] < interval(both[:, 0, 0])[1]


def test_the_best_learning_rates_power_is_found_between_the_grids_own() -> None:
    sizes, rates = [1, 4, 16, 64], np.geomspace(0.01, 100.0, 10)
    for power in (0.5, 0.8, 1.0):
        best = np.log(0.05) + power * np.log(sizes)
        losses = 1.0 + (np.log(rates)[:, None] - best) ** 2
        found = laws.best_learning_rate("sgd", 64, sizes, rates.tolist(), losses, losses[None])
        assert found is not None
        assert found.measured == pytest.approx(power)
        assert found.error == pytest.approx(0.0)
    edge = np.tile(rates[:, None], 4)
    assert laws.best_learning_rate("sgd", 64, sizes, rates.tolist(), edge, edge[None]) is None


@pytest.mark.parametrize("n", [64, 65, 100, 128])
def test_the_best_learning_rates_power_is_of_batch_sizes_that_divide_n(n: int) -> None:
    sizes, rates = [1, 2, 3, 4, 16, 25, 32, n], np.geomspace(0.01, 100.0, 10)
    even = [size for size in sizes if n % size == 0]
    # A short last minibatch takes a step more: ceil(N/B) of them lead as far as N/B with more lr.
    grown = [0.05 * n / -(-n // size) for size in sizes]
    losses = 1.0 + (np.log(rates)[:, None] - np.log(grown)) ** 2
    found = laws.best_learning_rate("sgd", n, sizes, rates.tolist(), losses, losses[None])
    assert found is not None
    if len(even) < 3:
        assert f"3 batch sizes that divide N = {n}, and in the grid there are" in found.not_here
        assert "has a short last minibatch, or leaves points out" in found.not_here  # drop_last
        return
    assert found.measured == pytest.approx(1.0)
    assert f"the {len(even)} batch sizes that divide N = {n} and whose" in found.note


def test_the_noise_scale_is_compared_only_where_it_has_a_meaning() -> None:
    # From far up on the plateau of the MSE, G^T H G is negative on the way down.
    data = make_dataset(DataSettings(n=37, noise=0.5, seed=3))
    settings = TrainSettings(
        optimizer="sgd", lr=0.5, batch_size=37, epochs=400, init_w=-3.0, init_b=-0.5
    )
    runs = [train(data, settings)] * 6  # chance decides nothing
    run = runs[0]
    noises = [gradient_noise(data, run.w[t], run.b[t]) for t in range(400)]
    curved = np.array([each.mean @ each.hessian @ each.mean for each in noises])
    first = int(np.argmax(curved > 0.0))
    assert first > 3
    early = laws.critical_batch_size(data, [(each, float(first)) for each in runs], 5.0, 1.0)
    assert early.not_here == (
        "B_noise has a meaning on the way of only 0 of the 6 runs that reached the target"
    )
    late = laws.critical_batch_size(data, [(each, 3.0 * first) for each in runs], 5.0, 1.0)
    assert not late.not_here
    along = np.unique(np.linspace(0, 3 * first - 1, laws.LOOKED_AT).astype(int))
    scales = [noises[t].b_noise for t in along if curved[t] > 0.0]
    assert len(scales) < len(along)
    assert late.predicted == pytest.approx(np.median(scales))
    assert late.predicted_error == 0.0
    some = [(each, 3.0 * first) for each in runs] + [(run, float(first))] * 5
    note = laws.critical_batch_size(data, some, 5.0, 1.0).note
    assert "the median of 6 runs with B = 37 that reached it. On the way of 5 more it has" in note


def test_the_error_of_the_predicted_noise_scale_is_how_far_it_scatters() -> None:
    data = make_dataset()
    start = TrainSettings(optimizer="sgd", lr=2.0, batch_size=50, epochs=20, shuffle="replacement")
    found = []
    for seed in range(40):
        each = with_seeds(replace(start, seed=100 * seed), 20)
        runs = [(train(data, settings), 20.0) for settings in each]
        found.append(laws.critical_batch_size(data, runs, 5.0, 1.0))
    predicted = np.array([law.predicted for law in found])
    errors = np.array([law.predicted_error for law in found])
    assert 0.7 < np.median(errors) / predicted.std() < 1.4


def test_a_scaling_rule_is_not_told_of_runs_that_end_nowhere() -> None:
    far = TrainSettings(optimizer="sgd", lr=250.0, weight_decay=0.5, batch_size=5, epochs=10)
    assert laws.scaling_rule(Settings(train=far)) is None
    assert (
        laws.scaling_rule(Settings(train=TrainSettings(optimizer="sgd", batch_size=5))) is not None
    )
