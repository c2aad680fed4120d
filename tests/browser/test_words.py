"""words.js: numbers as the page writes them."""

import re

import pytest

from minibatch_core.words import loss_in_short, number, percent, plain, rounded, with_error
from tests.support.in_node import in_node

WRITTEN = {
    "it.whole(1234567)": "1,234,567",
    "it.count(1, 'point')": "1 point",
    "it.count(1200, 'minibatch', 'es')": "1,200 minibatches",
    "it.decimals(NaN, 2)": "not finite",
    "it.small(0)": "0.0000",
    "it.small(-0.00004)": "-0.00004",
    "it.pair({ slopeW: 0.5, slopeB: -0.0001 })": "0.5000, -0.0001",
    "it.change('its', 0.25, undefined)": "Its loss is 0.2500.",
    "it.change('the', 0.25, 0.125)": "The step lowers the loss from 0.2500 to 0.1250.",
    "it.change('its', 0.125, 0.25)": "The step raises its loss from 0.1250 to 0.2500.",
    "it.change('the', 0.25, 0.25)": "The step leaves the loss at 0.2500.",
    "it.change('the', 0.25, 0.250001)": "The step raises the loss, 0.2500, by 0.000001.",
    "it.change('its', 0.25, 0.249999)": "The step lowers its loss, 0.2500, by 0.000001.",
    "it.change('its', 0.25, 0.125, true)": "The last step lowered its loss from 0.2500 to 0.1250.",
    "it.change('its', 0.25, 0.25, true)": "The last step left its loss at 0.2500.",
    "it.change('its', 0.25, 0.250001, true)": "The last step raised its loss, 0.2500, by 0.000001.",
    "it.change('the', 0.25, NaN)": "The step raises the loss from 0.2500 to not finite.",
}


def test_numbers_are_written_so() -> None:
    found = in_node("words.js", f"return [{', '.join(WRITTEN)}]")
    assert dict(zip(WRITTEN, found, strict=True)) == WRITTEN


@pytest.mark.parametrize("digits", [1, 2, 4])
def test_numbers_are_those_of_python(digits: int) -> None:
    values = [0.0, 1.0005, -3.14159, 1234.56, -1e-9, 6.7e-5, 999_999.4, 1_234_567.0, 2.755e10]
    values += [-2.5e300, 9.96e-7, 0.999996, 1e9, 5e-324, 100.0, 0.1]
    values += [0.125, 0.0625, -0.0625, 0.1875, 2.5, -0.5, 0.25, 0.75, 8.5, 1_500_000.0]  # halfway
    for name, by_python in (("decimals", number), ("rounded", rounded), ("percent", percent)):
        code = f"return values.map((value) => it.{name}(value, digits))"
        if name == "percent":
            values = [0.0, 0.5, 1.0, 0.933, 0.125, 0.0625, 0.00375, 1e-9, 1.0 - 1e-9, 0.00123]
        written = in_node("words.js", code, values=values, digits=digits)
        assert written == [by_python(value, digits) for value in values]


def test_losses_in_short_are_those_of_python() -> None:
    values = [0.0, 0.08571, 99.99, 100.0, 409.1461, 29_073.1963, 999_999.4, 4.0379e6, 1e306]
    written = in_node("words.js", "return values.map(it.lossInShort)", values=values)
    assert written == [loss_in_short(value) for value in values]


def test_no_number_is_written_as_a_programmer_writes_it() -> None:
    for power in range(-320, 300):
        value = 6.7512 * 10.0**power
        for text in (number(value), rounded(value, 3), plain(value), with_error(value, value / 7)):
            assert re.fullmatch(r"\(?[\d,]+(\.\d+)?( ± [\d.,]+\))?(·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?|"
                                r"[\d.,]+ ± [\d.,]+", text), text  # fmt: skip
