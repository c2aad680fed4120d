"""Formulas of the engine as the browser has them."""

import math
from typing import Any

import pytest

from minibatch_core.compiled import compiled
from minibatch_core.losses import LOSSES
from scripts.formulas import javascript
from tests.support.in_node import in_node


@compiled
def _everything(z, y):
    """What a formula may be made of."""
    far = abs(z) > 2.0
    power = (-z) ** 2 if far else math.sqrt(z + 3.5)
    return max(power, math.tanh(y)) - 0.1 * min(z, y), math.log(math.exp(z) + 1.0)


@compiled
def _loop(z):
    for _ in range(3):
        z += 1.0
    return z


@compiled
def _other(z):
    return math.erf(z)


UNKNOWN = 1.0
POINTS = [(z, y) for z in (-3.0, -0.5, 0.0, 1.7, 9.0) for y in (0.0, 1.0)]


def in_javascript(kernel: Any, *points: tuple[float, ...]) -> Any:
    code = f"const f = {javascript(kernel)}\nreturn points.map((point) => f(...point))"
    return in_node("losses.js", code, points=points)


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_of_the_browser_is_that_of_the_record(name: str) -> None:
    kernel = LOSSES[name].value_and_slope
    points = []
    for z, y in [*POINTS, (400.0, 0.0), (-400.0, 1.0)]:
        e = math.exp(-abs(z))
        points.append((z, e, 1.0 / (1.0 + e) if z >= 0.0 else e / (1.0 + e), y))
    code = "return points.map((point) => it.TERMS[name](...point))"
    found = in_node("losses.js", code, points=points, name=name)
    for pair, point in zip(found, points, strict=True):
        assert pair == pytest.approx(kernel(*point), rel=1e-14, abs=1e-300)


def test_a_formula_of_every_part_is_the_same_in_javascript() -> None:
    for pair, point in zip(in_javascript(_everything, *POINTS), POINTS, strict=True):
        assert pair == pytest.approx(_everything(*point), rel=1e-14)


@compiled
def _strange(z):
    return z + UNKNOWN


@compiled
def _twice(z):
    z = z + 1.0
    return z * z


@pytest.mark.parametrize(
    ("kernel", "named"),
    [
        (_loop, "a name one value, but not 'z' two"),
        (_other, r"math.erf\(z\)"),
        (_strange, "'UNKNOWN'"),
        (_twice, "a name one value, but not 'z' two"),
    ],
)
def test_what_has_no_counterpart_is_refused(kernel: Any, named: str) -> None:
    with pytest.raises(ValueError, match=f"a formula should .*{named}"):
        javascript(kernel)
