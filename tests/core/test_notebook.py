"""The course notebook: what it prints is what we compute, and what its pages claim holds."""

import random

import numpy as np
import pytest

from minibatch_core import (
    NOTEBOOK_PRESETS,
    NOTEBOOK_PRINTS,
    TrainSettings,
    batch_surfaces,
    draw_minibatches,
    loss_surface,
    make_batches,
    make_dataset,
    measured_spread,
    notebook_grid,
    predicted_spread,
    surface_spread,
    trace_spectrum,
    train,
    train_torch,
)
from minibatch_core.course.slips import notebook_flip_probability, try_label_generator
from minibatch_core.losses import LOSSES
from minibatch_core.theory.spread import batch_sizes_up_to, minibatches_measured

DATA = make_dataset()


@pytest.mark.parametrize("engine", [train, train_torch])
@pytest.mark.parametrize("preset", NOTEBOOK_PRESETS)
def test_every_printed_value_is_ours_to_four_decimals(preset: str, engine: object) -> None:
    settings = NOTEBOOK_PRESETS[preset]
    data = make_dataset(settings.data)
    run = train(data, settings.train) if engine is train else train_torch(data, settings.train)
    for line in NOTEBOOK_PRINTS[preset]:
        epochs = settings.train.epochs if line.epoch is None else line.epoch
        step = epochs * run.batches.steps_per_epoch - (0 if line.epoch is None else 1)
        for printed, values in ((line.loss, run.batch_loss), (line.w, run.w), (line.b, run.b)):
            if printed is not None:
                assert f"{values[step]:.4f}" == f"{printed:.4f}", line


def test_the_three_minibatches_of_the_last_cell_are_the_notebooks() -> None:
    printed = [17, 72, 97, 8, 32, 15, 63, 97, 57, 60, 83, 48, 26, 12, 62]
    printed += [3, 49, 55, 77, 97, 98, 0, 89, 57, 34, 92, 29, 75, 13, 40]
    assert draw_minibatches(100, 10, 3).indices.tolist() == printed


def test_the_notebooks_heatmaps_are_ours() -> None:
    w_grid, b_grid = notebook_grid()
    surface = loss_surface(DATA, w_grid, b_grid)
    i, j = np.unravel_index(np.argmin(surface), surface.shape)
    assert (w_grid[i], b_grid[j]) == (6.0, -5.5)
    assert surface[i, j] == pytest.approx(0.08577274868299659, abs=1e-12)
    small = batch_surfaces(DATA, draw_minibatches(100, 10, 3), w_grid, b_grid) * 10 / 100
    lowest = [0.013579403082764807, 0.0028730763492951883, 0.00826489023924745]
    highest = [0.06904604871194774, 0.08303272192698032, 0.07619991674711596]
    np.testing.assert_allclose(small.min(axis=(1, 2)), lowest, atol=1e-12)
    np.testing.assert_allclose(small.max(axis=(1, 2)), highest, atol=1e-12)


def test_the_printed_batches_are_those_of_the_dataloader() -> None:
    batches = make_batches(
        100, TrainSettings(batch_size=10, epochs=1, shuffle="each_epoch", seed=42)
    )
    first = [1.4885, 2.1447, 0.6561, 0.2388, 1.8762, 1.5866, 1.7620, 1.5025, 1.1218, -1.3015]
    last = [-0.1006, 2.4621, 1.6980, 0.2456, 1.9311, 1.4235, 1.9009, 0.3128, 1.8654, 0.8082]
    assert DATA.x[batches[0]].round(4).tolist() == first
    assert DATA.x[batches[-1]].round(4).tolist() == last


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("replacement", [True, False])
def test_the_spread_shrinks_as_predicted(loss: str, replacement: bool) -> None:
    w_grid, b_grid = notebook_grid(5)
    for batch_size in (2, 10, 60):
        expected = predicted_spread(DATA, w_grid, b_grid, batch_size, loss, replacement)
        actual = measured_spread(DATA, w_grid, b_grid, batch_size, loss, replacement)
        # 200 minibatches know a standard deviation to about 5%; the worst of 25 corners to less.
        np.testing.assert_allclose(actual, expected, rtol=0.3, atol=1e-9)


def test_the_spread_is_numpys_standard_deviation() -> None:
    w_grid, b_grid = notebook_grid(7)
    batches = draw_minibatches(100, 10, 400)
    surfaces = batch_surfaces(DATA, batches, w_grid, b_grid)
    actual = surface_spread(DATA, batches, w_grid, b_grid)
    np.testing.assert_allclose(actual, surfaces.std(axis=0, ddof=1), rtol=1e-9)


def test_all_points_without_replacement_have_no_spread() -> None:
    w_grid, b_grid = notebook_grid(5)
    assert predicted_spread(DATA, w_grid, b_grid, 100, replacement=False).max() == 0.0
    assert measured_spread(DATA, w_grid, b_grid, 100, replacement=False).max() < 1e-7


def test_a_spread_needs_two_minibatches() -> None:
    with pytest.raises(ValueError, match="at least 2 minibatches, but got 1"):
        surface_spread(DATA, draw_minibatches(100, 10, 1), [0.0], [0.0])


def test_minibatches_without_replacement_hold_no_point_twice() -> None:
    for batch in draw_minibatches(50, 30, 20, replacement=False):
        assert len(set(batch.tolist())) == 30
    assert any(len(set(batch.tolist())) < 30 for batch in draw_minibatches(50, 30, 20))


@pytest.mark.parametrize("batch_size", [0, 101])
def test_a_minibatch_has_one_to_n_points(batch_size: int) -> None:
    with pytest.raises(ValueError, match=f"between 1 and N=100, but got {batch_size}"):
        draw_minibatches(100, batch_size, 3)


def test_batch_sizes_go_up_to_n() -> None:
    assert batch_sizes_up_to(2) == [1, 2]
    assert batch_sizes_up_to(10_000)[-2:] == [5000, 10_000]
    assert minibatches_measured(10_000) >= 2


@pytest.mark.parametrize(
    ("period", "harmonic"),
    [(period, harmonic) for period in (2, 3, 4, 7, 10) for harmonic in range(1, period // 2 + 1)],
)
def test_a_swing_peaks_at_its_frequency_with_its_amplitude(period: int, harmonic: int) -> None:
    t = np.arange(40 * period)
    frequency = harmonic / period
    trace = 5.0 - 0.003 * t + 0.7 * np.cos(2 * np.pi * frequency * t)
    spectrum = trace_spectrum(trace, period)
    assert spectrum is not None
    assert spectrum.steps == 20 * period
    assert spectrum.peak == pytest.approx(frequency)
    assert spectrum.amplitude.max() == pytest.approx(0.7, rel=0.01)
    assert spectrum.periodic_share > 0.99


@pytest.mark.parametrize("batch_size", [5, 10, 25, 30, 50])
def test_batches_in_order_oscillate_with_the_epoch_and_shuffled_ones_do_not(
    batch_size: int,
) -> None:
    share = {}
    for shuffle in ("none", "once", "each_epoch", "replacement"):
        run = train(DATA, TrainSettings(batch_size=batch_size, epochs=50, shuffle=shuffle))
        spectrum = trace_spectrum(run.batch_loss, run.batches.steps_per_epoch)
        assert spectrum is not None
        share[shuffle] = spectrum.periodic_share
    assert min(share["none"], share["once"]) > 0.95
    assert max(share["each_epoch"], share["replacement"]) < 0.1


@pytest.mark.parametrize(("period", "epochs"), [(2, 50_000), (7, 1000), (2000, 40), (4, 5)])
def test_a_swing_far_smaller_than_the_trend_is_seen_as_it_is(period: int, epochs: int) -> None:
    t = np.arange(period * epochs)
    spectrum = trace_spectrum(1.0 - 0.9 * t / len(t) + 1e-9 * np.cos(np.pi * t), period)
    assert spectrum is not None
    if period % 2 == 0:
        assert spectrum.peak == 0.5
        assert spectrum.amplitude[-1] == pytest.approx(1e-9, rel=1e-4)
    assert spectrum.amplitude.max() == pytest.approx(1e-9, rel=0.5)


@pytest.mark.parametrize(("steps", "period"), [(50, 1), (12, 4), (0, 4)])
def test_there_is_no_spectrum_without_a_period_to_see(steps: int, period: int) -> None:
    assert trace_spectrum(np.zeros(steps), period) is None


@pytest.mark.parametrize("level", [0.0, 1.0, 0.1])
def test_a_flat_trace_has_no_spectrum(level: float) -> None:
    assert trace_spectrum(np.full(100, level), 4) is None


def test_the_notebooks_noise_rule_never_reaches_its_second_branch() -> None:
    everywhere = np.linspace(-5.0, 7.0, 12_001)
    assert {notebook_flip_probability(float(x)) for x in everywhere} == {0.1, 0.025}


def test_the_noise_rule_is_the_notebooks() -> None:
    draw = random.Random(1)
    flipped = [draw.random() < notebook_flip_probability(x) for x in DATA.x.tolist()]
    assert np.array_equal(DATA.y, np.where(flipped, DATA.x < 1, DATA.x > 1))


def test_the_notebooks_label_generator_fails_with_this_numpy() -> None:
    trial = try_label_generator(DATA)
    assert trial.numpy == np.__version__
    assert tuple(map(int, trial.numpy.split(".")[:2])) >= (2, 4)
    assert trial.error == "only 0-dimensional arrays can be converted to Python scalars"
