"""Numbers as they are written in many countries, and what a cell is that is none."""

import pytest

from minibatch_core import DataError, parse_csv
from minibatch_core.reading.cells import kind_of


def x_of(separator: str, *cells: str, **choice: str) -> list[float]:
    quoted = (f'"{cell}"{separator}{place % 2}' for place, cell in enumerate(cells))
    raw = "\n".join([f"x{separator}y", *quoted])
    return parse_csv(raw.encode(), **choice).x.tolist()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    "cells",
    [
        ("1,234.5", "-0.25"),
        ("1.234,5", "-0,25"),
        ("1 234,5", "-0,25"),
        ("1\u00a0234.5", "-.25"),
        ("1\u202f234,5", "\u22120,25"),
        ("1\u2009234,5", "-25e-2"),
        ("1'234.5", "-2.5E-01"),
        ("1’234.5", "-2.5e\u221201"),
        ("+1234,5", "-,25"),
    ],
)
def test_thousands_and_decimals_are_told_apart(separator: str, cells: tuple[str, str]) -> None:
    assert x_of(separator, *cells) == [1234.5, -0.25]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_mark_that_may_be_either_is_decided_by_the_rest_of_the_column(separator: str) -> None:
    assert x_of(separator, "1,234", "0,5") == [1.234, 0.5]
    assert x_of(separator, "1,234", "0.5") == [1234.0, 0.5]
    assert x_of(separator, "1,234", "1,234,567") == [1234.0, 1234567.0]
    assert x_of(separator, "1,234", "0,567") == [1.234, 0.567]
    assert x_of(separator, "1.234", "12345.678") == [1.234, 12345.678]


def test_or_by_the_other_columns() -> None:
    assert parse_csv(b"x;z;y\n1,234;0,5;0\n2;1;1\n").x.tolist() == [1.234, 2.0]
    assert parse_csv(b"x;z;y\n1,234;0.5;0\n2;1;1\n").x.tolist() == [1234.0, 2.0]


def test_or_by_commas_between_cells() -> None:
    assert x_of(",", "1.234", "2.345") == [1.234, 2.345]


@pytest.mark.parametrize(
    ("separator", "cell"), [(",", "1,234"), (";", "1,234"), (";", "1.234"), ("\t", "1.234")]
)
def test_or_else_it_is_asked_for(separator: str, cell: str) -> None:
    with pytest.raises(DataError, match=f"has '{cell}': is it ") as caught:
        x_of(separator, cell, "2")
    assert caught.value.choice == "decimal"
    read = sorted(x_of(separator, cell, "2", decimal=decimal)[0] for decimal in ".,")
    assert read == [1.234, 1234.0]


KINDS = {
    "missing": ("", "NA", "n/a", "#N/A", "null", "NULL", "?"),
    "nan": ("NaN", "nan", "-nan"),
    "infinite": ("inf", "-Inf", "Infinity", "∞", "1e999", "-1,5e400"),
    "date": (
        *("2024-05-01", "01.05.2024", "1/5/24", "2024-05-01T10:00:00Z", "2024-05-01 10:00"),
        *("10:15", "10:15:30 AM", "3 Jan 2024", "Jan 3, 2024", "Mai 2024", "1. Mai 2024"),
    ),
    "unit": ("5.1 cm", "12%", "$5", "€ 1.234,50", "1,5 °C", "-3 m/s"),
    "word": ("tall", "1.2.3", "12,34,567", "1 23", "0x1F", "1_000", "-", "٣", "5.1 cm or 3"),
    "mark": ("1.5", "1,5", "12"),
}


@pytest.mark.parametrize(("kind", "text"), [(k, text) for k in KINDS for text in KINDS[k]])
def test_a_cell_that_is_no_number_is_called_what_it_is(kind: str, text: str) -> None:
    assert kind_of(text) == kind
