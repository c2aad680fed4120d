"""Every source of data: what it draws, how it flips, and what it gives away as a script."""

import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from minibatch_core import DataSettings, make_dataset
from minibatch_core.sources import SOURCES


@pytest.mark.parametrize("name", SOURCES)
def test_the_script_of_a_source_draws_the_same_points(name: str) -> None:
    scope: dict[str, Any] = {"np": np, "random": random}
    exec(SOURCES[name].script(37, 0.2, 5), scope)  # noqa: S102
    data = make_dataset(DataSettings(source=name, n=37, noise=0.2, seed=5))
    np.testing.assert_allclose(scope["x"][:, 0], data.x, rtol=1e-15)
    assert scope["y"].tolist() == data.y.tolist()


@pytest.mark.parametrize("noise", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("name", SOURCES)
def test_labels_are_flipped_as_often_as_the_source_says(name: str, noise: float) -> None:
    source = SOURCES[name]
    data = make_dataset(DataSettings(source=name, n=10_000, noise=noise, seed=3))
    flipped = data.y != source.clean_label(data.x)
    chance = source.flip_chance(data.x, noise)
    deviation = np.sqrt((chance * (1.0 - chance)).sum())
    assert abs(flipped.sum() - chance.sum()) <= 4.0 * deviation


@pytest.mark.parametrize("name", SOURCES)
def test_between_its_breaks_the_chance_of_a_flip_does_not_change(name: str) -> None:
    source = SOURCES[name]
    edges = [-50.0, *source.flip_breaks, 50.0]
    for low, high in pairwise(edges):
        inside = np.linspace(low, high, 101)[1:-1]
        assert len(set(source.flip_chance(inside, 0.2).tolist())) == 1


def test_a_source_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="source should be one of 'notebook', but got 'web'"):
        SOURCES["web"]
    with pytest.raises(ValueError, match="source should be one of 'notebook', but got 'web'"):
        DataSettings(source="web")
