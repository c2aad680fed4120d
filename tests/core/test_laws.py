"""The laws that the labs show: each formula against what is simulated, or against autograd."""

import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st
from numpy.typing import NDArray

from dashboard.shell.registry import PAGES
from minibatch_core import (
    Batches,
    Dataset,
    DataSettings,
    Minimum,
    Settings,
    SurfaceSettings,
    TrainSettings,
    find_minimum,
    full_loss,
    gradient_noise,
    jitter,
    jitter_found,
    jitter_of_runs,
    largest_stable_lr,
    loss_surface,
    make_dataset,
    predicted_spread,
    stable_lr_found,
    trace_spectrum,
    train,
    train_many,
)
from minibatch_core.arrays import standard_error
from minibatch_core.engine.batches import sample_minibatches
from minibatch_core.engine.many_runs import with_seeds
from minibatch_core.losses import LOSSES
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.settings.train import sizes_of_epoch, steps_per_epoch
from minibatch_core.theory import laws
from minibatch_core.theory.jitter import lasting
from minibatch_core.theory.laws import LAWS, separable_minibatches
from minibatch_core.theory.noise import GradientNoise
from minibatch_core.theory.separability import has_minimum, is_separable, separable_share
from minibatch_core.theory.spectrum import shares_by_chance
from minibatch_core.theory.spread import root_mean_square_spread
from minibatch_core.theory.stability import cycle_at_the_end
from minibatch_core.words import rounded
from tests.support.autograd import torch_loss
from tests.support.said import numbers_in

ROOT = Path(__file__).parent.parent.parent
DATA = make_dataset(DataSettings(n=60, noise=0.2, seed=4))
SCALED = make_dataset(DataSettings(n=64, noise=0.2, seed=2))
POINTS = [(1.0, -1.0), (3.0, -2.0), (-2.0, 4.0)]


def mean_loss(parameters: torch.Tensor, loss: str, points: slice | int) -> torch.Tensor:
    x, y = (torch.tensor(values)[points] for values in (DATA.x, DATA.y))
    z = parameters[0] * x + parameters[1]
    return torch_loss(loss, z, y)


@pytest.mark.parametrize(("w", "b"), POINTS)
@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_and_hessian_are_those_of_autograd(loss: str, w: float, b: float) -> None:
    noise = gradient_noise(DATA, w, b, loss)
    at = torch.tensor([w, b], dtype=torch.float64)
    of_point = [partial(mean_loss, loss=loss, points=slice(i, i + 1)) for i in range(len(DATA))]
    of_all = partial(mean_loss, loss=loss, points=slice(None))
    gradients = [torch.autograd.functional.jacobian(f, at).numpy() for f in of_point]
    np.testing.assert_allclose(noise.gradients, gradients, atol=1e-14)
    gradient = torch.autograd.functional.jacobian(of_all, at).numpy()
    np.testing.assert_allclose(noise.mean, gradient, atol=1e-14)
    hessian = torch.autograd.functional.hessian(of_all, at).numpy()
    np.testing.assert_allclose(noise.hessian, hessian, atol=1e-14)
    np.testing.assert_allclose(
        noise.covariance, np.cov(np.array(gradients).T, bias=True), atol=1e-14
    )


@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_are_as_exact_where_p_is_almost_0(loss: str) -> None:
    w, b = 0.25, -36.5
    of_all = partial(mean_loss, loss=loss, points=slice(None))
    at = torch.tensor([w, b], dtype=torch.float64)
    gradient = torch.autograd.functional.jacobian(of_all, at).numpy()
    np.testing.assert_allclose(gradient_noise(DATA, w, b, loss).mean, gradient, rtol=1e-12)


def noise_at(w: float = 1.0, b: float = -1.0) -> GradientNoise:
    return gradient_noise(DATA, w, b)


def scatter(means: NDArray[np.float64], middle: NDArray[np.float64]) -> NDArray[np.float64]:
    return (means - middle).T @ (means - middle) / len(means)


@pytest.mark.parametrize("batch_size", [1, 6, 30, 60])
@pytest.mark.parametrize("replacement", [True, False])
def test_law_3_the_noise_of_a_minibatch_gradient(batch_size: int, replacement: bool) -> None:
    noise, count = noise_at(), 20_000
    means = noise.sample(batch_size, count, replacement)
    predicted = noise.minibatch_covariance(batch_size, replacement)
    measured = scatter(means, noise.mean)
    # The variance of an estimated variance is about 2/count of its square, more with heavy tails.
    assert np.trace(measured) == pytest.approx(np.trace(predicted), rel=0.05, abs=1e-25)
    np.testing.assert_allclose(measured, predicted, atol=0.05 * np.trace(predicted) + 1e-25)
    if batch_size == 60 and not replacement:
        assert predicted.max() == 0.0


@pytest.mark.parametrize("batch_size", [5, 12, 29, 30])
@pytest.mark.parametrize("n", [60, 61])
def test_law_4_two_minibatches_of_an_epoch_are_anticorrelated(n: int, batch_size: int) -> None:
    noise = gradient_noise(make_dataset(DataSettings(n=n, noise=0.2, seed=4)), 1.0, -1.0)
    count = 20_000
    first, second = np.moveaxis(noise.sample_pairs(batch_size, count), 1, 0)
    products = ((first - noise.mean) * (second - noise.mean)).sum(axis=1)
    variance = ((first - noise.mean) ** 2).sum(axis=1).mean()
    assert LAWS[4].statement.endswith("their gradients is -1/(N/B - 1)")
    predicted = -1.0 / (n / batch_size - 1.0)
    law = laws.pairs_of_an_epoch(noise, batch_size, 1)
    assert law.predicted == pytest.approx(predicted)
    error = products.std() / np.sqrt(count) / variance
    assert products.mean() / variance == pytest.approx(predicted, abs=4 * error)


@pytest.mark.parametrize(("w", "b"), [(0.7645, 0.83), (-3.0, -0.5)])
def test_law_5_b_noise_has_no_meaning_where_the_surface_bends_down(w: float, b: float) -> None:
    data = make_dataset(DataSettings(n=37, noise=0.5, seed=3)) if w < 0.0 else make_dataset()
    noise = gradient_noise(data, w, b)
    assert noise.mean @ noise.hessian @ noise.mean < 0.0
    assert np.isnan(noise.b_noise)
    assert noise.best_lr(None) == np.inf


@pytest.mark.parametrize("replacement", [True, False])
@pytest.mark.parametrize(("w", "b"), POINTS)
def test_law_5_minibatches_alone_tell_b_simple(w: float, b: float, replacement: bool) -> None:
    for data in (DATA, make_dataset(DataSettings(n=10, noise=0.5, seed=2))):
        noise = gradient_noise(data, w, b)
        apart = []
        for seed in range(1, 11):
            law = laws.noise_scale(noise, replacement, seed)
            if not law.not_here:
                apart.append((law.measured - noise.b_simple) / law.error)
        assert np.abs(apart).max(initial=0.0) < 4.5
        assert abs(np.mean(apart or [0.0])) < 1.5


@pytest.mark.parametrize("replacement", [True, False])
def test_law_5_a_noise_scale_above_n_is_measured_too(replacement: bool) -> None:
    data = make_dataset(DataSettings(n=61, noise=0.5, seed=9))
    noise = gradient_noise(data, -3.0, -0.5, "bce_with_logits_on_sigmoid")
    assert noise.b_simple > 2 * len(data)
    found = [laws.noise_scale(noise, replacement, seed) for seed in range(1, 31)]
    measured = np.array([law.measured for law in found])
    scatter = measured.std(ddof=1)
    assert abs(measured.mean() - noise.b_simple) < 4.0 * scatter / np.sqrt(len(found))
    assert 0.6 < np.mean([law.error for law in found]) / scatter < 1.6


@pytest.mark.parametrize("away", [0.003, 0.03, 0.3])
def test_law_5_says_where_minibatches_can_not_tell_b_simple(away: float) -> None:
    minimum = find_minimum(DATA, "bce")
    assert minimum is not None
    noise = gradient_noise(DATA, minimum.w + away, minimum.b, "bce")
    found = [laws.noise_scale(noise, True, seed) for seed in range(1, 31)]
    squares = []
    for seed in range(1, 41):
        few, many = (
            (noise.sample(size, 10_000, True, 100 * seed + size) ** 2).sum(axis=1).mean()
            for size in (15, 60)
        )
        squares.append(many - (few - many) / 3.0)  # since few - many = tr Σ (1/15 - 1/60)
    scatter = np.std(squares, ddof=1) / (noise.mean @ noise.mean)
    assert np.mean(squares) == pytest.approx(noise.mean @ noise.mean, abs=0.7 * np.std(squares))
    for law in found:
        assert bool(law.not_here) == (scatter > 0.2)
        said = re.findall(r"of 15 points and of 60, .* error of ([\d.,]+) times", law.not_here)
        assert [float(each) for each in said] == [pytest.approx(scatter, rel=0.4)] * len(said)
        assert len(said) == bool(law.not_here)


def test_law_5_the_noise_scales_are_ratios_of_noise_and_gradient() -> None:
    noise = noise_at()
    # At B = B_simple, with replacement, the minibatch gradient's noise is as large as its mean.
    variance = np.trace(noise.covariance) / noise.b_simple
    assert variance == pytest.approx(noise.mean @ noise.mean)
    assert noise.b_noise == pytest.approx(
        np.trace(noise.hessian @ noise.covariance) / (noise.mean @ noise.hessian @ noise.mean)
    )


@pytest.mark.parametrize("loss", ["mse", "bce"])
def test_law_5_the_noise_scales_have_no_meaning_at_a_minimum(loss: str) -> None:
    data = make_dataset(DataSettings(n=61, noise=0.3, seed=5))
    minimum = find_minimum(data, loss)
    assert minimum is not None
    for away, has_meaning in ((0.0, False), (1e-9, True)):
        noise = gradient_noise(data, minimum.w + away, minimum.b, loss)
        assert np.isfinite(noise.b_simple) == np.isfinite(noise.b_noise) == has_meaning


@pytest.mark.parametrize("batch_size", [2, 10])
def test_law_6_one_step_of_sgd(batch_size: int) -> None:
    noise, lr, count = noise_at(), 0.2, 40_000
    steps = np.array([1.0, -1.0]) - lr * noise.sample(batch_size, count)
    losses = full_loss(DATA, steps[:, 0].copy(), steps[:, 1].copy())
    predicted = noise.loss_after_step(
        float(full_loss(DATA, np.array([1.0]), np.array([-1.0]))[0]), lr, batch_size
    )
    error = losses.std() / np.sqrt(count)
    assert losses.mean() == pytest.approx(predicted, abs=4 * error + 2e-5)  # third order in lr


def test_the_best_learning_rate_of_a_step_makes_its_loss_lowest() -> None:
    noise = noise_at()
    best = noise.best_lr(10)
    lowest = noise.loss_after_step(0.0, best, 10)
    assert all(noise.loss_after_step(0.0, best * k, 10) > lowest for k in (0.9, 1.1))
    assert noise.best_lr(None) == pytest.approx(
        noise.mean @ noise.mean / (noise.mean @ noise.hessian @ noise.mean)
    )
    assert best == pytest.approx(noise.best_lr(None) / (1.0 + noise.b_noise / 10))


@pytest.mark.parametrize("loss", ["mse", "bce"])
def test_the_minimum_is_where_the_gradient_is_zero_and_nothing_lies_lower(loss: str) -> None:
    minimum = find_minimum(DATA, loss)
    assert minimum is not None
    at = torch.tensor([minimum.w, minimum.b], dtype=torch.float64)
    of_all = partial(mean_loss, loss=loss, points=slice(None))
    assert torch.autograd.functional.jacobian(of_all, at).abs().max() < 1e-9
    hessian = torch.autograd.functional.hessian(of_all, at)
    np.testing.assert_allclose(minimum.hessian, hessian.numpy(), atol=1e-9)
    grid = np.linspace(-40.0, 40.0, 161)
    assert loss_surface(DATA, grid, grid, loss).min() >= minimum.loss - 1e-12


@pytest.mark.parametrize("loss", LOSSES)
def test_points_that_some_x_divides_have_no_minimum(loss: str) -> None:
    assert find_minimum(make_dataset(DataSettings(n=20, noise=0.0)), loss) is None


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("loss", ["mse", "bce"])
def test_law_10_the_largest_stable_learning_rate(loss: str, momentum: float) -> None:
    minimum = find_minimum(DATA, loss)
    assert minimum is not None
    predicted = largest_stable_lr(minimum.sharpness, momentum)
    assert stable_lr_found(DATA, minimum, loss, momentum) == pytest.approx(predicted, rel=5e-3)


@pytest.mark.parametrize("batch_size", [2, 10])
def test_law_7_jitter_around_the_minimum(batch_size: int) -> None:
    minimum = find_minimum(DATA, "bce")
    assert minimum is not None
    covariance = gradient_noise(DATA, minimum.w, minimum.b, "bce").covariance
    lr = 0.02 * largest_stable_lr(minimum.sharpness)
    predicted = jitter(minimum.hessian, covariance, lr, batch_size)
    measured, error = jitter_found(DATA, minimum, "bce", "replacement", lr, batch_size)
    assert measured == pytest.approx(float(np.trace(predicted)), abs=4 * error, rel=0.1)
    by_law = jitter_of_runs(DATA, minimum, "bce", lr, batch_size)  # of runs that have settled
    assert by_law == pytest.approx(float(np.trace(predicted)), rel=0.01)
    half = float(np.trace(jitter(minimum.hessian, covariance, lr / 2, batch_size)))
    assert half == pytest.approx(float(np.trace(predicted)) / 2, rel=0.05)


@pytest.mark.parametrize(("lr", "batch_size"), [(0.2, 59), (0.2, 25), (1e-4, 10)])
def test_law_7_with_a_short_last_batch_and_before_it_has_settled(
    lr: float, batch_size: int
) -> None:
    minimum = find_minimum(DATA, "bce")
    assert minimum is not None
    predicted = jitter_of_runs(DATA, minimum, "bce", lr, batch_size)
    measured, error = jitter_found(DATA, minimum, "bce", "replacement", lr, batch_size)
    assert measured == pytest.approx(predicted, abs=4 * error, rel=0.05)


def sgd(data: Dataset, loss: str, lr: float, minimum: Minimum, epochs: int) -> NDArray[np.float64]:
    """Squared distances to the minimum at epoch ends, (epochs, runs), by steps written out."""
    runs, size = 200, 10
    draw, w, b = np.random.default_rng(3), np.full(runs, minimum.w), np.full(runs, minimum.b)
    far = []
    for _ in range(epochs):
        for _ in range(len(data) // size):
            points = draw.integers(0, len(data), (runs, size))
            x, y = data.x[points], data.y[points]
            p = 1.0 / (1.0 + np.exp(-(w[:, None] * x + b[:, None])))
            slope = p - y if loss == "bce" else 2.0 * (p - y) * p * (1.0 - p)
            w, b = w - lr * (slope * x).mean(axis=1), b - lr * slope.mean(axis=1)
        far.append((w - minimum.w) ** 2 + (b - minimum.b) ** 2)
    return np.array(far)


@pytest.mark.parametrize(
    ("loss", "lr", "settled"), [("mse", 0.1, False), ("bce", 1e-3, False), ("bce", 0.25, True)]
)
def test_law_7_predicts_what_its_formula_gives_and_what_runs_do(
    loss: str, lr: float, settled: bool
) -> None:
    data = make_dataset()
    minimum = find_minimum(data, loss)
    assert minimum is not None
    last = lasting(data, minimum, loss, lr, 10)
    assert last.have_settled == settled
    noise = gradient_noise(data, minimum.w, minimum.b, loss)
    pull = np.eye(2) - lr * minimum.hessian
    driven = lr**2 * noise.covariance / 10
    steps, spread = [], np.zeros((2, 2))
    for _ in range(10 * last.epochs):
        spread = pull @ spread @ pull.T + driven
        steps.append(np.trace(spread))
    balance = np.linalg.solve(np.eye(4) - np.kron(pull, pull), driven.ravel())
    assert last.balance == pytest.approx(balance[0] + balance[3], rel=1e-6)
    late = np.mean(steps[9::10][last.epochs // 2 :])
    predicted = jitter_of_runs(data, minimum, loss, lr, 10)
    assert predicted == pytest.approx(late, rel=2e-3)
    assert (predicted == last.balance) == settled
    far = sgd(data, loss, lr, minimum, last.epochs)[last.epochs // 2 :].mean(axis=0)
    error = far.std(ddof=1) / np.sqrt(len(far))
    assert far.mean() == pytest.approx(predicted, abs=4 * error, rel=lr / 5)
    measured, spread_of_mean = jitter_found(data, minimum, loss, "replacement", lr, 10)
    assert measured == pytest.approx(far.mean(), abs=4 * np.hypot(error, spread_of_mean))

    asked = Settings(DataSettings(), TrainSettings(loss=loss, lr=lr, batch_size=10))
    law = laws.jitter_around_the_minimum(predicted, (measured, spread_of_mean), last, asked)
    assert ("V =" in law.formula) == settled
    assert f"runs of {last.epochs:,} epochs" in law.note
    assert ("not settled" in law.note) != settled
    assert (f"Then tr V is {rounded(last.balance, 4)}," in law.note) != settled


def test_runs_have_settled_only_where_longer_ones_say_the_same() -> None:
    # Just below the limit a step jumps almost as far beyond the minimum as it was away from it.
    minimum = find_minimum(DATA, "bce")
    assert minimum is not None
    for share in (0.5, 0.9, 0.99, 0.9999, 0.999999):
        lr = share * largest_stable_lr(minimum.sharpness)
        last = lasting(DATA, minimum, "bce", lr, 100)
        kept = np.abs(1.0 - lr * np.linalg.eigvalsh(minimum.hessian)).max()
        assert (kept ** (last.epochs / 2) < np.exp(-2.9)) == last.have_settled
    assert not last.have_settled
    beyond = lasting(DATA, minimum, "bce", 1.1 * largest_stable_lr(minimum.sharpness), 100)
    assert not beyond.have_settled
    assert np.isnan(beyond.balance)


def test_jitter_is_refused_where_runs_never_settle() -> None:
    for lr in (0.0, 2.1):
        with pytest.raises(ValueError, match="lr should be above 0 and below 2, where runs settle"):
            jitter(np.eye(2), np.eye(2), lr, 10)


def test_law_8_reshuffling_beats_replacement() -> None:
    minimum = find_minimum(DATA, "bce")
    assert minimum is not None
    lr = 0.05 * largest_stable_lr(minimum.sharpness)
    floors = {
        shuffle: jitter_found(DATA, minimum, "bce", shuffle, lr, 5)[0]
        for shuffle in ("each_epoch", "replacement")
    }
    assert floors["each_epoch"] < floors["replacement"] / 4
    halved = jitter_found(DATA, minimum, "bce", "each_epoch", lr / 2, 5)[0]
    assert halved < floors["each_epoch"] / 3  # O(lr^2) or better, where replacement is O(lr)


def test_the_error_of_how_far_runs_stay_is_that_of_so_few_runs() -> None:
    minimum = find_minimum(DATA, "bce")
    assert minimum is not None
    lr = 0.5
    _, error = jitter_found(DATA, minimum, "bce", "replacement", lr, 10)
    epochs = lasting(DATA, minimum, "bce", lr, 10).epochs
    found = []
    for seed in range(16):
        settings = TrainSettings(
            loss="bce", optimizer="sgd", lr=lr, batch_size=10, epochs=epochs, seed=seed,
            shuffle="replacement", init_w=minimum.w, init_b=minimum.b,
        )  # fmt: skip
        run = train(DATA, settings)
        late = slice(epochs // 2 * 6, None, 6)
        found.append(np.mean((run.w[late] - minimum.w) ** 2 + (run.b[late] - minimum.b) ** 2))
    assert error == pytest.approx(np.std(found, ddof=1) / 4.0, rel=1e-6)
    assert jitter_found(DATA, minimum, "bce", "none", lr, 10)[1] == 0.0


def test_a_standard_error_of_few_values_is_right_on_average() -> None:
    draws = np.random.default_rng(6).normal(0.0, 3.0, (20_000, 5))
    squares = [standard_error(each) ** 2 for each in draws]
    assert np.mean(squares) == pytest.approx(draws.mean(axis=1).var(), rel=0.03)
    assert standard_error(np.array([2.0])) == 0.0
    assert np.isnan(standard_error(np.array([2.0, np.inf])))


@pytest.mark.parametrize(
    "path",
    [path for folder in ("minibatch_core", "pages") for path in (ROOT / folder).rglob("*.py")],
    ids=lambda path: path.name,
)
def test_no_standard_error_is_made_in_another_way(path: Path) -> None:
    makes = re.search(r"\.std\([^)]*\)[^\n]*(?:/|sqrt)", path.read_text(encoding="utf-8"))
    assert bool(makes) == (path.name == "arrays.py")


def mean_end(optimizer: str, lr: float, batch_size: int, epochs: int) -> NDArray[np.float64]:
    """(w, b) after some epochs, the mean over two hundred seeds."""
    settings = TrainSettings(
        loss="bce", optimizer=optimizer, lr=lr, batch_size=batch_size, epochs=epochs,
        shuffle="replacement", init_w=0.0, init_b=0.0,
    )  # fmt: skip
    runs = train_many(SCALED, [replace(settings, seed=seed) for seed in range(200)])
    return np.mean([(run.w[-1], run.b[-1]) for run in runs], axis=0)


def farther(end: NDArray[np.float64], than: NDArray[np.float64]) -> float:
    """How far one end is from another, by the length of the way there."""
    return float(np.linalg.norm(end - than) / np.linalg.norm(than))


def test_law_11_sgd_with_k_times_the_batch_and_the_rate_leads_to_the_same_place() -> None:
    lr, epochs = 0.05, 2
    small = mean_end("sgd", lr, 1, epochs)
    for k in (4, 16):
        assert farther(mean_end("sgd", k * lr, k, epochs), small) < 0.05
        assert farther(mean_end("sgd", np.sqrt(k) * lr, k, epochs), small) > 0.3
        assert farther(mean_end("sgd", lr, k, epochs), small) > 0.6
    # Where steps are long the rule fails, as it must.
    assert farther(mean_end("sgd", 16.0, 16, epochs), mean_end("sgd", 1.0, 1, epochs)) > 0.5


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
def test_law_11_adaptive_optimizers_scale_as_the_square_root(optimizer: str) -> None:
    lr, epochs, k = 0.002, 41, 4
    small = mean_end(optimizer, lr, 1, epochs)
    by_root = farther(mean_end(optimizer, 2.0 * lr, k, epochs), small)
    assert by_root < 0.2
    assert farther(mean_end(optimizer, k * lr, k, epochs), small) > 2.0 * by_root
    assert farther(mean_end(optimizer, lr, k, epochs), small) > 2.0 * by_root


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"optimizer": "momentum", "momentum": 1.0, "lr": 1e-7}, "no step is ever forgotten"),
        ({"optimizer": "nesterov", "momentum": 1.0, "lr": 1e-7}, "no step is ever forgotten"),
        ({"optimizer": "momentum", "lr": 1e-4}, "about 10 steps, and the larger batches take 5 st"),
        ({"optimizer": "momentum", "dampening": 1.0, "epochs": 50}, "gradient but the first"),
        ({"optimizer": "adam", "eps": 1.0, "lr": 1e-3}, "eps = 1 is too large"),
        ({"optimizer": "adagrad", "lr_decay": 1.0, "lr": 1e-3}, "lr_decay lowers lr"),
        ({"optimizer": "adamw", "weight_decay": 10.0, "lr": 1e-3, "epochs": 50}, "AdamW's weight"),
    ],
)
def test_law_11_is_not_told_where_a_hyperparameter_spoils_it(
    change: dict[str, Any], why: str
) -> None:
    usual: dict[str, Any] = {"batch_size": 5, "lr": 1e-2, "epochs": 1, "init_w": 0.0, "init_b": 0.0}
    train = TrainSettings(**(usual | {"shuffle": "each_epoch", "loss": "bce"} | change))
    law = laws.scaling_rule(Settings(train=train))
    assert law is not None
    assert why in law.not_here
    times = 4.0 ** float(OPTIMIZERS[train.optimizer].lr_power or math.nan)
    larger = replace(train, batch_size=20, lr=times * train.lr)
    ends = [np.mean([run.w[-1] for run in train_many(DATA, with_seeds(each, 20))])
            for each in (train, larger)]  # fmt: skip
    assert abs(ends[1] / ends[0] - 1.0) > 0.1


@trials(max_examples=60)
@given(
    st.integers(2, 130),
    st.integers(1, 40),
    st.sampled_from(["each_epoch", "replacement"]),
    st.booleans(),
)
def test_law_11_is_shown_where_an_epochs_steps_lead_equally_far_and_holds_there(
    n: int, size: int, shuffle: str, drop_last: bool
) -> None:
    data = DataSettings(n=n, noise=0.2, seed=3)
    training = TrainSettings(
        optimizer="sgd", lr=0.002, batch_size=min(n, size), epochs=10, shuffle=shuffle,
        drop_last=drop_last, init_w=1.0, init_b=-1.0,
    )  # fmt: skip
    law = laws.scaling_rule(Settings(data, training))
    if law is None:
        assert 2 * training.batch_size > n
        return
    steps = steps_per_epoch(n, training.batch_size, drop_last)
    lengths = {k: k * steps_per_epoch(n, k * training.batch_size, drop_last)
               for k in (2, 3, 4, 5, 7) if k * training.batch_size <= n}  # fmt: skip
    if law.not_here:
        is_even = n % training.batch_size == 0
        assert not is_even or all(length != steps for length in lengths.values())
        said = f"B = {training.batch_size} {'divides' if is_even else 'does not divide'} N = {n}"
        assert said in law.not_here
        assert law.not_here.startswith("no batch size that is 2" if is_even else said)
        return
    times, factor = re.findall(r"^(\d) B with (\d) lr ends at the same w as B", law.formula)[0]
    assert times == factor
    assert lengths[int(times)] == steps
    # How far a run comes is lr times its steps, to first order: what is left is of second order.
    way = law.predicted - 1.0
    assert law.measured - law.predicted == pytest.approx(0.0, abs=0.02 * abs(way) + 5.0 * law.error)


def test_law_11_is_seen_to_hold_where_the_page_of_sweeps_opens() -> None:
    law = laws.scaling_rule(PAGES["sweep"].settings)
    assert law is not None
    assert not law.not_here
    assert law.measured == pytest.approx(law.predicted, rel=0.01)
    (other,) = re.findall(r"lr = 1, w is ([\d.]+)\.", law.note)
    assert float(other) < 0.9 * law.predicted


def mean_loss_of_minibatches(
    losses: NDArray[np.float64], sizes: list[int], epochs: int, shuffle: str, seed: int
) -> NDArray[np.float64]:
    """A trace of the losses of minibatches at a fixed (w, b)."""
    generator, seen = np.random.default_rng(seed), np.tile(losses, (epochs, 1))
    if shuffle == "replacement":
        seen = generator.choice(losses, size=seen.shape)
    else:
        generator.permuted(seen, axis=1, out=seen)
    starts = np.cumsum([0, *sizes[:-1]])
    return np.asarray(np.add.reduceat(seen[:, : sum(sizes)], starts, axis=1) / sizes).ravel()


CHANCE = [
    *((1001, 100, 50), (501, 20, 100), (101, 20, 40), (100, 34, 4), (61, 60, 5), (61, 60, 12)),
    *((100, 50, 100), (100, 25, 100), (10, 3, 20), (3, 2, 8), (600, 6, 6), (2000, 1500, 30)),
]
WITHOUT_A_TAIL = [(100, 30, 50), (100, 30, 5), (1001, 400, 30)]


@pytest.mark.parametrize(
    ("n", "batch_size", "epochs", "drop_last"),
    [*((*each, False) for each in CHANCE), *((*each, True) for each in WITHOUT_A_TAIL)],
)
@pytest.mark.parametrize("shuffle", ["each_epoch", "replacement"])
def test_law_9_the_share_of_chance_is_where_runs_lie_and_how_far_they_scatter(
    n: int, batch_size: int, epochs: int, drop_last: bool, shuffle: str
) -> None:
    # With steps this short the losses are those of minibatches at one (w, b).
    data = make_dataset(DataSettings(n=n, noise=0.2, seed=5))
    run = train(data, TrainSettings(
        optimizer="sgd", lr=1e-12, batch_size=batch_size, epochs=epochs, shuffle=shuffle,
        drop_last=drop_last, init_w=2.0, init_b=-1.0,
    ))  # fmt: skip
    losses = (1.0 / (1.0 + np.exp(1.0 - 2.0 * data.x)) - data.y) ** 2
    sizes, found = sizes_of_epoch(n, batch_size, drop_last), []
    for seed in range(1600):
        trace = mean_loss_of_minibatches(losses, sizes, epochs, shuffle, seed)
        spectrum = trace_spectrum(trace, len(sizes))
        assert spectrum is not None
        found.append(spectrum.periodic_share)
    spectrum = trace_spectrum(run.batch_loss, len(sizes))
    assert spectrum is not None
    law = laws.period_of_an_order(spectrum, run, data)
    error = np.hypot(standard_error(np.array(found)), law.predicted_error)
    assert law.predicted == pytest.approx(np.mean(found), abs=4.0 * error)
    assert law.error == pytest.approx(np.std(found), rel=0.2)
    assert law.measured == spectrum.periodic_share


@pytest.mark.parametrize(("n", "batch_size"), [(10_000, 9_999), (10_000, 1), (4, 2), (1_000, 300)])
def test_law_9_takes_no_more_random_numbers_for_a_long_run(n: int, batch_size: int) -> None:
    sizes = sizes_of_epoch(n, batch_size)
    epochs = min(2_000, 200_000 // len(sizes))
    losses = np.random.default_rng(1).exponential(size=n)
    trace = np.random.default_rng(2).normal(size=epochs * len(sizes))
    spectrum = trace_spectrum(trace, len(sizes))
    assert spectrum is not None
    shares = shares_by_chance(spectrum, losses, sizes, replacement=False)
    assert 20 <= len(shares) <= 2000
    assert len(shares) * spectrum.steps <= max(1_000_000, 20 * 100_000)
    assert np.isfinite(shares).all()


@pytest.mark.parametrize(("n", "batch_size"), [(40, 20), (61, 60), (61, 30), (10, 3)])
def test_law_9_as_it_is_stated_is_the_spectrum_of_fresh_orders(n: int, batch_size: int) -> None:
    assert "to (N/n) sum_j 1/b_j - F_n(f), F_n the Fejer kernel, which is 0" in LAWS[9].statement
    generator, values = np.random.default_rng(4), np.random.default_rng(3).exponential(size=n)
    sizes = np.array(sizes_of_epoch(n, batch_size))
    steps, epochs, powers = len(sizes), 8, []
    for _ in range(4000):
        order = generator.permuted(np.tile(values - values.mean(), (epochs, 1)), axis=1)
        means = np.add.reduceat(order, np.cumsum(sizes) - sizes, axis=1) / sizes
        powers.append(np.abs(np.fft.rfft(means.ravel())) ** 2)
    frequency = np.arange(len(powers[0])) / (steps * epochs)
    waves = np.exp(2j * np.pi * np.outer(frequency, np.arange(steps)))
    stated = n / steps * (1.0 / sizes).sum() - np.abs(waves.sum(axis=1)) ** 2 / steps
    found, error = np.mean(powers, axis=0), np.std(powers, axis=0) / np.sqrt(len(powers))
    scale = found[epochs] / stated[epochs]  # at 1/n
    np.testing.assert_allclose(found, scale * stated, atol=0.05 * found.max() + 4.0 * error.max())


@pytest.mark.parametrize("batch_size", [50, 60, 30, 7])
def test_law_9_an_order_that_repeats_is_seen_while_the_loss_still_falls(batch_size: int) -> None:
    pattern = np.random.default_rng(1).normal(size=-(-100 // batch_size))
    trace = np.tile(pattern, 40)
    spectrum = trace_spectrum(trace + 5.0 * np.exp(-np.arange(len(trace)) / 40.0), len(pattern))
    assert spectrum is not None
    assert spectrum.periodic_share > 0.98


@pytest.mark.parametrize(
    ("data", "loss", "w", "b"),
    [
        (DataSettings(n=20, noise=0.5, seed=3), "mse", 2.4846, -1.4197),
        (DataSettings(n=60, noise=0.5, seed=7), "bce_with_logits_on_sigmoid", 2.469, -3.9528),
    ],
)
def test_a_minimum_that_is_a_local_one_is_found_and_told(
    data: DataSettings, loss: str, w: float, b: float
) -> None:
    points = make_dataset(data)
    minimum = find_minimum(points, loss)
    assert minimum is not None
    assert (minimum.w, minimum.b) == pytest.approx((w, b), abs=1e-4)
    assert not minimum.is_lowest
    at = torch.tensor([minimum.w, minimum.b], dtype=torch.float64)
    x, y = torch.tensor(points.x), torch.tensor(points.y)

    def loss_at(parameters: torch.Tensor) -> torch.Tensor:
        return torch_loss(loss, parameters[0] * x + parameters[1], y)

    gradient = torch.autograd.functional.jacobian(loss_at, at)
    assert torch.linalg.norm(gradient) < 1e-8
    assert torch.linalg.eigvalsh(torch.autograd.functional.hessian(loss_at, at))[0] > 0.0
    grid = np.linspace(-40.0, 40.0, 81)
    assert loss_surface(points, grid, grid, loss).min() < minimum.loss


def test_a_run_past_the_limit_ends_in_a_cycle_and_one_below_it_at_rest() -> None:
    data = make_dataset()
    minimum = find_minimum(data, "bce")
    assert minimum is not None
    settings = TrainSettings(loss="bce", optimizer="sgd", batch_size=100, epochs=1000)
    limit = largest_stable_lr(minimum.sharpness)
    ends = {share: cycle_at_the_end(train(data, replace(settings, lr=share * limit)))
            for share in (0.9, 1.05)}  # fmt: skip
    assert ends == {0.9: 1, 1.05: 2}
    still_on_its_way = train(data, replace(settings, lr=0.01, epochs=20))
    assert cycle_at_the_end(still_on_its_way) is None


def test_law_2_says_where_points_are_left_out() -> None:
    settings = TrainSettings(batch_size=30, drop_last=True)
    assert "leaves out 10 of the 100 points" in laws.adding_up(make_dataset(), settings).not_here
    assert not laws.adding_up(make_dataset(), replace(settings, batch_size=50)).not_here


@pytest.mark.parametrize(
    ("n", "batch_size", "loss", "holds"),
    [(60, 20, "bce", True), (40, 8, "bce", True), (61, 60, "bce", False), (41, 20, "bce", False)],
)
def test_law_8_needs_minibatches_of_one_size(
    n: int, batch_size: int, loss: str, holds: bool
) -> None:
    data = DataSettings(n=n, noise=0.3, seed=9)
    minimum = find_minimum(make_dataset(data), loss)
    assert minimum is not None
    found = {
        shuffle: jitter_found(make_dataset(data), minimum, loss, shuffle, 0.05, batch_size)
        for shuffle in ("replacement", "each_epoch")
    }
    settings = Settings(data, TrainSettings(loss=loss, batch_size=batch_size))
    last = lasting(make_dataset(data), minimum, loss, 0.05, batch_size)
    law = laws.reshuffling(found["replacement"], found["each_epoch"], last, settings)
    ratio = found["each_epoch"][0] / found["replacement"][0]
    assert bool(law.not_here) != holds
    if not holds:
        assert f"B = {batch_size} does not divide N = {n}" in law.not_here
        (told,) = re.findall(r"is (\S+ ± \S+) times that with \*Replacement\*", law.not_here)
        assert numbers_in(told)[0] == pytest.approx(ratio, rel=0.1)
        draw = np.random.default_rng(1).normal
        each, drawn = (draw(*found[shuffle], 100_000) for shuffle in ("each_epoch", "replacement"))
        assert numbers_in(told)[1] == pytest.approx((each / drawn).std(), rel=0.3)
    else:
        assert "one so small that w and b move little in an epoch" in law.note
    assert (ratio < 0.2) if holds else (0.5 < ratio < 1.5)


@pytest.mark.parametrize("batch_size", range(1, 7))
@pytest.mark.parametrize("replacement", [False, True])
def test_law_12_the_share_without_a_minimum_is_counted_exactly(
    replacement: bool, batch_size: int
) -> None:
    data = make_dataset(DataSettings(n=6, noise=0.5, seed=6))
    assert not is_separable(data)
    every: Iterator[tuple[int, ...]] = itertools.combinations(range(6), batch_size)
    if replacement:
        every = itertools.product(range(6), repeat=batch_size)
    points = np.array(list(every), dtype=np.int32)
    offsets = np.arange(len(points) + 1, dtype=np.int64) * batch_size
    found = has_minimum(data, Batches(points.ravel(), offsets, len(points)))
    counted = separable_share(data, batch_size, replacement)
    assert 1.0 - found.mean() == pytest.approx(counted, abs=1e-12)


def test_a_share_of_minibatches_larger_than_the_data_is_refused() -> None:
    with pytest.raises(ValueError, match="batch_size should be between 1 and N=60, but got 61"):
        separable_share(DATA, 61)


@pytest.mark.parametrize("noise", [0.0, 0.1, 0.4])
@pytest.mark.parametrize("batch_size", [2, 10, 40])
def test_law_12_a_minibatch_has_a_minimum_unless_some_x_divides_it(
    batch_size: int, noise: float
) -> None:
    data = make_dataset(DataSettings(n=200, noise=noise, seed=3))
    batches = sample_minibatches(200, batch_size, 500)
    divided = [is_separable(Dataset(data.x[batch], data.y[batch])) for batch in batches]
    assert has_minimum(data, batches).tolist() == [not each for each in divided]


@pytest.mark.parametrize(("loss", "size"), [("mse", 10), ("bce", 3)])
def test_the_standard_error_of_the_spread_is_how_far_it_scatters(loss: str, size: int) -> None:
    grid = np.linspace(-4.0, 4.0, 5)
    predicted = np.sqrt(np.mean(predicted_spread(DATA, grid, grid, size, loss) ** 2))
    found = [root_mean_square_spread(DATA, grid, grid, size, loss, seed=s) for s in range(200)]
    scores = [(root - predicted) / error for root, error in found]
    assert abs(np.mean(scores)) < 0.35
    assert 0.8 < np.std(scores) < 1.25


@pytest.mark.parametrize("replacement", [True, False])
def test_the_error_of_the_spread_of_two_points_is_how_far_it_scatters(replacement: bool) -> None:
    grid = np.linspace(-4.0, 4.0, 5)
    data = make_dataset(DataSettings(n=2))
    found = np.array(
        [root_mean_square_spread(data, grid, grid, 1, "mse", replacement, s) for s in range(300)]
    )
    measured, errors = found.T
    expected = np.sqrt(np.mean(predicted_spread(data, grid, grid, 1, "mse") ** 2))
    apart = np.abs(measured - expected) / errors
    assert apart.max() < 5.0
    assert (
        1.0 < np.sqrt(np.mean(errors**2)) / measured.std() < 1.7
    )  # too large rather than too small


@pytest.mark.parametrize("loss", LOSSES)
def test_law_12_says_of_which_loss_it_counts(loss: str) -> None:
    found = separable_minibatches(DATA, 5, SurfaceSettings(), loss)
    assert found.measured == separable_minibatches(DATA, 5, SurfaceSettings(), "bce").measured
    assert "no minimum of the BCE" in found.note
    assert ("least that there can be" in found.note) == (loss != "bce")


def test_law_12_calls_what_no_search_would_find_none() -> None:
    data = make_dataset(DataSettings(n=200))
    assert 0.0 < separable_share(data, 150, replacement=False) < 1e-8
    found = separable_minibatches(data, 150, SurfaceSettings(replacement=False))
    assert (found.predicted, found.measured, found.error) == (0.0, 0.0, 0.0)
    assert found.note.endswith("The predicted share is less than 10⁻⁸ away from 0.")


def test_law_3_takes_no_rounding_for_noise_and_does_not_call_unlike_numbers_equal() -> None:
    far = gradient_noise(make_dataset(), 1000.0, 1000.0, "mse")
    assert 0.0 < np.trace(far.covariance) < 1e-20
    law = laws.minibatch_noise(far, far.sample(10, 100, True, 1), 10, True)
    assert "almost equal at this w and b" in law.not_here
    n = len(DATA)
    here = gradient_noise(DATA, 1.0, -1.0, "mse")
    whole = laws.minibatch_noise(here, here.sample(n, 100, False, 1), n, False)
    assert (whole.predicted, whole.measured, whole.error) == (0.0, 0.0, 0.0)
    part = laws.minibatch_noise(here, here.sample(n - 1, 1000, False, 1), n - 1, False)
    assert part.measured == pytest.approx(part.predicted, abs=5.0 * part.error)
    assert part.error > 0.0
