"""Columns of numbers in a table, and their decimal mark."""

from collections import Counter
from collections.abc import Sequence
from typing import NoReturn

from minibatch_core.reading.cells import (
    DECIMALS,
    decimals_of,
    is_missing,
    is_number,
    number,
    numbers_differ,
)
from minibatch_core.reading.errors import DataError
from minibatch_core.reading.table import Table
from minibatch_core.settings.fields import told

__all__ = ["columns_of_numbers", "decimal_mark", "is_of_numbers"]


def columns_of_numbers(table: Table) -> tuple[str, ...]:
    r"""The columns that can be x: at least half of their cells that are not empty are numbers.

    >>> from minibatch_core import read_table
    >>> columns_of_numbers(read_table(b"x,kind\n1,a\n2,b\n"))
    ('x',)
    """
    return tuple(name for name, cells in table.columns.items() if is_of_numbers(cells))


def is_of_numbers(cells: Sequence[str]) -> bool:
    """Whether a column can be x."""
    filled = {cell: many for cell, many in Counter(cells).items() if not is_missing(cell)}
    numbers = sum(many for cell, many in filled.items() if is_number(cell))
    return 0 < sum(filled.values()) <= 2 * numbers


def decimal_mark(table: Table, x: str) -> str:
    """The one with which the numbers of x can be read; or of the other columns, if x can't tell."""
    cells = table.columns[x]
    marks = decimals_of(cells)
    if not marks:
        _refuse_both_marks(table, x)
    place = numbers_differ(cells)
    if len(marks) == 1 or place is None:
        return marks[0]
    of_others = [decimals_of(column) for column in table.columns.values() if is_of_numbers(column)]
    found = {marks[0] for marks in of_others if len(marks) == 1}
    if len(found) == 1:
        return found.pop()
    if table.separator == "," and not any("," in cell for cell in cells):
        return "."  # who separates cells by commas writes no decimal commas
    one, other = (f"{number(cells[place], mark):.15g}" for mark in DECIMALS)
    raise DataError(
        f"Line {table.lines[place]:,}, column {told(x)}, has {told(cells[place])}: is it {one} or "
        f"{other}? No other number of the file tells. Choose whether the decimal mark is "
        "'.' or ','.",
        "decimal",
    )


def _refuse_both_marks(table: Table, x: str) -> NoReturn:
    alone: dict[str, str] = {}
    for line, cell in zip(table.lines, table.columns[x], strict=True):
        if len(marks := decimals_of([cell])) == 1:
            alone.setdefault(marks[0], f"{told(cell)} in line {line:,}")
    point, comma = (alone[mark] for mark in DECIMALS)
    raise DataError(
        f"Column {told(x)} has decimal points, as {point}, and decimal commas, as {comma}. Write "
        "all numbers with the same decimal mark."
    )
