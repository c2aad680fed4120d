"""Formulas of the engine as the browser has them."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from minibatch_core.compiled import compiled, part
from minibatch_core.losses import LOSSES
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.optimizers.record import Line
from scripts.formulas import Parts, javascript, procedure
from scripts.optimizers import updates_module
from tests.support.in_node import in_node


@compiled
def _everything(z, y):
    """What a formula may be made of."""
    far = abs(z) > 2.0
    power = (-z) ** 2 if far else math.sqrt(z + 3.5)
    turned = math.cos(math.pi * z) + (y + 7.0) // 3.0 + (y + 7.0) % 3.0
    return max(power, math.tanh(y)) - 0.1 * min(z, y), math.log(math.exp(z) + 1.0), turned


SECOND = 1


@part
def _limited(z):
    """A part that the next calls."""
    return min(z, 2.0)


@compiled
def _with_state(numbers, z, unused):
    """What a step may be made of: state, conditions, names with two values, parts, float32."""
    z = _limited(z) * 0.3
    numbers[0] += z
    if numbers[SECOND] > 0.5:
        numbers[SECOND] = numbers[0] - z
        scale = 2.0
    else:
        numbers[0] = np.float32(z)
        scale = 3.0
    first, _ = numbers
    return first * scale if z != 0.0 and numbers[SECOND] >= 0.0 else z


TAKEN = {"z": "given[1]"}


@compiled
def _with_power(z, t):
    z = z * z
    return z**t, z


@compiled
def _early(z):
    if z > 0.0:
        return z
    return -z


@compiled
def _power(x, t):
    return x**t


@compiled
def _loop(z):
    while z < 3.0:
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


@pytest.mark.parametrize("name", LOSSES)
def test_so_are_its_derivatives(name: str) -> None:
    points = [(p, y) for p in (0.0, 1e-12, 0.3, 0.5, 0.97, 1.0) for y in (0.0, 1.0)]
    code = "return points.map((point) => it.DERIVATIVES[name](...point))"
    found = in_node("losses.js", code, points=points, name=name)
    p, y = np.array(points).T
    expected = np.column_stack(LOSSES[name].derivatives(p, y))
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=0.0)


def test_a_formula_of_every_part_is_the_same_in_javascript() -> None:
    for pair, point in zip(in_javascript(_everything, *POINTS), POINTS, strict=True):
        assert pair == pytest.approx(_everything(*point), rel=1e-14)


@compiled
def _strange(z):
    return z + UNKNOWN


def test_a_step_with_state_is_the_same_in_javascript() -> None:
    parts: Parts = {}
    step = javascript(_with_state, parts=parts)
    assert step.startswith("(numbers, z) => {")  # an argument that is not used is left out
    assert parts == {"_limited": _limited}
    code = f"""
        const _limited = {javascript(_limited)}
        const step = {step}
        const numbers = Float64Array.of(0, 0.7)
        return points.map((z) => [step(numbers, z), ...numbers])
    """
    points = [0.0, -1.0, 5.0, 0.1, 3.3]
    numbers = np.array([0.0, 0.7])
    expected = [[_with_state(numbers, z, 0.0), *numbers] for z in points]
    assert in_node("losses.js", code, points=points) == pytest.approx(np.array(expected), rel=1e-14)


def test_what_a_procedure_gives_is_written_into_arrays() -> None:
    made = procedure(_with_power, ["given", "t", "result"], ["result[1]", "result[0]"], given=TAKEN)
    code = f"""
        const {{ power }} = await load("power.js")
        const f = {made}
        return points.map(([z, t]) => {{
          const [given, result] = [Float64Array.of(0, z), new Float64Array(2)]
          f(given, t, result)
          return [...result, ...given]
        }})
    """
    points = [(0.999, 1), (0.3, 2), (1.5, 77)]
    expected = [[*reversed(_with_power(z, t)), 0.0, z] for z, t in points]
    assert in_node("losses.js", code, points=points) == expected


def test_a_procedure_that_returns_early_is_refused() -> None:
    with pytest.raises(ValueError, match="a formula should end in its one return"):
        procedure(_early, ["z", "result"], ["result[0]"])


def test_a_power_of_a_whole_number_is_the_compilers() -> None:
    points = [
        (x, t) for x in (0.9, 0.999, 0.999999, -0.99, 0.0) for t in (0, 1, 2, 3, 1000, 65_536)
    ]
    code = "return points.map(([x, t]) => it.power(x, t))"
    found = in_node("power.js", code, points=points)
    assert found == [_power(x, t) for x, t in points]


def test_two_parts_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="every part should have a name of its own"):
        javascript(_with_state, parts={"_limited": _loop})


def test_a_line_that_does_not_know_its_names_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = replace(OPTIMIZERS["sgd"], update=(Line("theta_next", "theta - lr * momentum_buffer"),))
    monkeypatch.setitem(OPTIMIZERS, "sgd", wrong)
    with pytest.raises(ValueError, match=r"of sgd should know its names, .*'momentum_buffer'"):
        updates_module()


@pytest.mark.parametrize(
    ("kernel", "named"),
    [
        (_loop, "hold assignments, conditions and a return, but got while"),
        (_other, r"math.erf\(z\)"),
        (_strange, "'UNKNOWN'"),
    ],
)
def test_what_has_no_counterpart_is_refused(kernel: Any, named: str) -> None:
    with pytest.raises(ValueError, match=f"a formula should .*{named}"):
        javascript(kernel)
