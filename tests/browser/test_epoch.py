"""epoch.js: the minibatches of an epoch, of which some are drawn."""

import numpy as np
import pytest

from minibatch_core import Settings, TrainSettings, batch_surfaces, make_batches, make_dataset
from tests.support.in_node import RUN, in_node
from tests.support.opened import run_of


@pytest.mark.parametrize("count", [1, 2, 11, 12, 13, 40, 100, 10_000])
def test_all_minibatches_are_drawn_or_eleven_and_the_one_whose_turn_it_is(count: int) -> None:
    turns = sorted({k * count // 100 for k in range(100)} | {count - 1})
    code = "return turns.map((now) => it.sampleOf(count, now))"
    samples = in_node("epoch.js", code, count=count, turns=turns)
    for now, sample in zip(turns, samples, strict=True):
        assert now in sample
        assert len(sample) == min(count, 11)
        assert sample == sorted(set(sample) & set(range(count)))


@pytest.mark.parametrize("batch_size", [9, 25])
def test_a_surface_is_that_of_python_and_the_mean_is_that_of_all_the_data(batch_size: int) -> None:
    settings = TrainSettings(batch_size=batch_size)
    sent = run_of(Settings(train=settings))
    code = f"""
        {RUN}
        const shown = it.epochOfTiles(run, run.order, 0, 2)
        const surface = shown.tile(2).heat.z.map((row) => [...row])
        return [shown.difference, surface, run.w_ends, run.b_ends]
    """
    difference, surface, *ends = in_node("epoch.js", code, sent=sent)
    w_grid, b_grid = (np.linspace(low, high, 25) for low, high in ends)
    batches = make_batches(100, settings)
    (expected,) = batch_surfaces(make_dataset(), batches, w_grid, b_grid, steps=[2])
    np.testing.assert_allclose(surface, expected, rtol=1e-12)
    assert difference < 1e-12
