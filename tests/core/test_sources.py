"""Every source of data: what it draws, how it flips, and what it gives away as a script."""

import random
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from dashboard.figures.data import MOST_POINTS, data_figure, flipped_points
from minibatch_core import Dataset, DataSettings, make_dataset
from minibatch_core.sources import SOURCES
from minibatch_core.storage import STORAGE


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


def points(data: Dataset) -> list[tuple[float, float]]:
    return list(zip(data.x.tolist(), data.y.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", SOURCES)
def test_data_is_stored_as_python_would_sort_its_points(name: str, seed: int) -> None:
    settings = DataSettings(source=name, n=61, noise=0.5, seed=seed)
    drawn = points(make_dataset(settings))
    expected = {
        "drawn": drawn,
        "x": sorted(drawn),
        "class": [p for p in drawn if p[1] == 0.0] + [p for p in drawn if p[1] == 1.0],
    }
    assert expected.keys() == STORAGE.keys()
    for stored, each in expected.items():
        assert points(make_dataset(replace(settings, stored=stored))) == each


def test_the_default_is_the_order_of_the_draw_to_the_last_bit() -> None:
    x, y = SOURCES["notebook"].draw(1000, 0.3, 7)
    data = make_dataset(DataSettings(n=1000, noise=0.3, seed=7))
    assert data.x.tobytes() == x.tobytes()
    assert data.y.tobytes() == y.tobytes()


@pytest.mark.parametrize("stored", STORAGE)
def test_the_same_labels_are_flipped_however_the_points_are_stored(stored: str) -> None:
    drawn = make_dataset(DataSettings(n=400, noise=0.4, seed=3))
    data = make_dataset(DataSettings(n=400, noise=0.4, seed=3, stored=stored))
    flipped = [sorted(each.x[flipped_points(each, "notebook")]) for each in (drawn, data)]
    assert flipped[0] == flipped[1]


def test_of_many_sorted_points_those_drawn_are_from_all_over_the_data() -> None:
    data = make_dataset(DataSettings(n=5000, stored="x"))
    rugs = data_figure(data, 1.0, -1.0)["data"][:2]
    x = np.concatenate([rug["x"] for rug in rugs])[::3]
    assert len(x) == MOST_POINTS
    assert x.min() == pytest.approx(data.x.min())
    assert x.max() == pytest.approx(data.x.max())
    assert np.median(x) == pytest.approx(np.median(data.x), abs=0.02)


def test_a_source_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="source should be one of 'notebook', but got 'web'"):
        SOURCES["web"]
    with pytest.raises(ValueError, match="source should be one of 'notebook', but got 'web'"):
        DataSettings(source="web")
