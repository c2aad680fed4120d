"""lowest.js: where a minibatch's surface is lowest is what Python finds."""

import random
from typing import Any

import numpy as np
import pytest

from minibatch_core import Dataset, DataSettings, make_dataset
from minibatch_core.losses import LOSSES
from minibatch_core.theory.lowest import lowest_point
from tests.support.in_node import in_node

BOX = ((-4.0, 6.0), (-6.0, 4.0))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(("n", "noise"), [(100, 0.1), (61, 0.5), (10, 0.3), (700, 0.02)])
def test_the_lowest_point_is_the_one_that_python_finds(n: int, noise: float, loss: str) -> None:
    data = make_dataset(DataSettings(n=n, noise=noise, seed=n))
    draw = random.Random(n)
    sizes = [draw.randint(1, n) for _ in range(25)] + [1, n - 1, n]
    minibatches = [draw.choices(range(n), k=size) for size in sizes]  # some points twice
    code = """
        const unit = { x: Float64Array.from(x), y: Uint8Array.from(y), loss }
        return minibatches.map((points) => it.lowestPoint(unit, points, ...box))
    """
    given: dict[str, Any] = {"x": data.x, "y": data.y, "loss": loss, "box": BOX}
    found = in_node("lowest.js", code, minibatches=minibatches, **given)
    places = set()
    for points, here in zip(minibatches, found, strict=True):
        there = lowest_point(Dataset(data.x[points], data.y[points]), *BOX, loss)
        assert here["place"] == there.place, points
        places.add(there.place)
        if there.is_in_sight:
            where = (here["w"], here["b"], here["loss"])
            np.testing.assert_allclose(where, (there.w, there.b, there.loss), rtol=0, atol=1e-6)
    assert len(places) > 1


@pytest.mark.parametrize("n", [3000, 8000, 10_000])
def test_of_thousands_of_points_both_look_as_far(n: int) -> None:
    data = make_dataset(DataSettings(n=n))
    code = """
        const unit = { x: Float64Array.from(x), y: Uint8Array.from(y), loss: "mse" }
        return it.lowestPoint(unit, Int32Array.from(x, (_, i) => i), ...box).place
    """
    found = in_node("lowest.js", code, x=data.x, y=data.y, box=BOX)
    assert found == lowest_point(data, *BOX).place
