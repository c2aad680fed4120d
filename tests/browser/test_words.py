"""words.js: numbers as the page writes them."""

import re
from typing import Any

import pytest

from minibatch_core.words import number
from tests.support.in_node import in_node


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("it.whole(1234567)", "1,234,567"),
        ("it.count(1, 'point')", "1 point"),
        ("it.count(1200, 'minibatch', 'es')", "1,200 minibatches"),
        ("it.decimals(NaN, 2)", "not finite"),
        ("it.small(0)", "0.0000"),
        ("it.small(-0.00004)", "-4.0e-5"),
        ("it.pair({ slopeW: 0.5, slopeB: -0.0001 })", "0.5000, -1.0e-4"),
        ("it.change('its', 0.25, undefined)", "Its loss is 0.2500."),
        ("it.change('the', 0.25, 0.125)", "The step lowers the loss from 0.2500 to 0.1250."),
        ("it.change('its', 0.125, 0.25)", "The step raises its loss from 0.1250 to 0.2500."),
        ("it.change('the', 0.25, 0.25)", "The step leaves the loss at 0.2500."),
        ("it.change('the', 0.25, 0.250001)", "The step raises the loss, 0.2500, by 1e-6."),
        ("it.change('its', 0.25, 0.249999)", "The step lowers its loss, 0.2500, by 1e-6."),
        ("it.change('the', 0.25, NaN)", "The step raises the loss from 0.2500 to not finite."),
    ],
)
def test_a_number_is_written_so(code: str, expected: str) -> None:
    assert in_node("words.js", f"return {code}") == expected


def test_decimals_are_those_of_python_but_for_the_zeros_of_an_exponent() -> None:
    values: list[Any] = [0.0, 1.0005, -3.14159, 999_999.4, 1_234_567.0, -2.5e300]
    written = in_node("words.js", "return values.map((v) => it.decimals(v, 4))", values=values)
    assert written == [re.sub(r"e\+0+", "e+", number(value, 4)) for value in values]
