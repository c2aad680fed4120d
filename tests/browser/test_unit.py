"""unit.js: the numbers of the sigmoid unit are torch's and Python's."""

import random
from typing import Any

import numpy as np
import pytest

from minibatch_core import Dataset, DataSettings, loss_surface, make_dataset
from minibatch_core.losses import LOSSES
from tests.support.autograd import by_autograd
from tests.support.in_node import in_node


def of_unit(code: str, data: Dataset, loss: str, **given: Any) -> Any:
    """What the code returns that knows `unit`, the data and the loss."""
    typed = "const unit = { x: Float64Array.from(x), y: Uint8Array.from(y), loss };"
    return in_node("unit.js", typed + code, x=data.x, y=data.y, loss=loss, **given)


@pytest.mark.parametrize("loss", LOSSES)
def test_loss_and_gradient_are_those_of_autograd(loss: str) -> None:
    data = make_dataset(DataSettings(n=80, noise=0.2, seed=3))
    draw = random.Random(1)
    places = [
        (draw.sample(range(80), size), draw.uniform(-8.0, 8.0), draw.uniform(-8.0, 8.0))
        for size in (1, 7, 80)
    ]
    code = """
        const found = places.map((place) => it.lossAndGradient(unit, ...place))
        return found.map(({ loss, slopeW, slopeB }) => [loss, slopeW, slopeB])
    """
    for found, (points, w, b) in zip(of_unit(code, data, loss, places=places), places, strict=True):
        assert found == pytest.approx(by_autograd(data, points, loss, w, b), abs=1e-12)


@pytest.mark.parametrize("half", [5.0, 40.0, 900.0])
@pytest.mark.parametrize("loss", LOSSES)
def test_a_surface_is_the_one_that_python_computes(loss: str, half: float) -> None:
    data = make_dataset(DataSettings(n=700, noise=0.1, seed=2))
    w_grid, b_grid = np.linspace(1 - half, 1 + half, 9), np.linspace(-1 - half, -1 + half, 7)
    points = random.Random(2).sample(range(700), 600)
    code = """
        const [w, b] = [wGrid, bGrid].map((grid) => Float64Array.from(grid))
        return [...it.surfaceOf(unit, Int32Array.from(points), w, b)]
    """
    found = of_unit(code, data, loss, points=points, wGrid=w_grid, bGrid=b_grid)
    expected = loss_surface(data, w_grid, b_grid, loss, points)
    np.testing.assert_allclose(np.reshape(found, expected.shape), expected, rtol=1e-12, atol=1e-14)


def test_separable_points_are_found() -> None:
    data = make_dataset(DataSettings(n=40, noise=0.3, seed=5))
    draw = random.Random(3)
    samples = [draw.sample(range(40), draw.randint(1, 6)) for _ in range(60)]
    expected = []
    for points in samples:
        zeros = [data.x[i] for i in points if data.y[i] == 0.0]
        ones = [data.x[i] for i in points if data.y[i] == 1.0]
        expected.append(not zeros or not ones or max(zeros) < min(ones) or max(ones) < min(zeros))
    code = "return samples.map((points) => it.isSeparable(unit, points))"
    assert of_unit(code, data, "mse", samples=samples) == expected
    assert set(expected) == {False, True}


def test_the_accuracy_is_the_share_of_points_on_their_side() -> None:
    data = make_dataset(DataSettings(n=70, noise=0.3, seed=5))
    right = np.mean((2.0 * data.x - 1.5 > 0.0) == (data.y == 1.0))
    assert of_unit("return it.accuracy(unit, 2, -1.5)", data, "mse") == pytest.approx(right)
