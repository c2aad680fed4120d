"""A table, and which columns of it are x and y -> the points to learn from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from minibatch_core.engine.dataset import Dataset
from minibatch_core.reading.cells import DECIMALS, is_missing, kind_of, number
from minibatch_core.reading.classes import class_one, classes_of, keys_of, usual_y
from minibatch_core.reading.columns import decimal_mark, is_of_numbers
from minibatch_core.reading.dropped import Dropped
from minibatch_core.reading.errors import DataError, told_all
from minibatch_core.reading.table import Table
from minibatch_core.settings.fields import told
from minibatch_core.words import all_of

__all__ = ["Reading", "read_points"]


@dataclass(frozen=True, slots=True)
class Reading:
    """The points of a table: `classes` are the names of 0 and 1, `dropped` the rows without one.

    `lines` has the line in the file of each point, and `decimal` is the decimal mark of x.
    """

    data: Dataset
    x: str
    y: str
    classes: tuple[str, str]
    dropped: tuple[Dropped, ...]
    lines: tuple[int, ...]
    decimal: str


def read_points(
    table: Table,
    x: str | None = None,
    y: str | None = None,
    one: str | float | None = None,
    decimal: str | None = None,
) -> Reading:
    r"""The points of a table, and which of its rows gave none; `parse_csv` says what is chosen.

    Here a row is also left out where x is no finite number, as long as half of the column is.

    Raises DataError where something can't be used, with the line, the column and what to do.

    >>> from minibatch_core import read_table
    >>> reading = read_points(read_table(b"x,y\n1,no\n2,yes\n3 cm,yes\n"))
    >>> reading.classes, [drop.line for drop in reading.dropped]
    (('no', 'yes'), [4])
    """
    _check_choice(table, x, y, decimal)
    y = y or usual_y(table, x, one)
    x = x or _usual_x(table, y)
    keys, classes = keys_of(table.columns[y]), classes_of(table.columns[y])
    key = class_one(y, classes, one)
    decimal = decimal or decimal_mark(table, x)
    _check_numbers(table, x, decimal)
    points: list[tuple[float, bool, int]] = []
    dropped: list[Dropped] = []
    for line, text, label in zip(table.lines, table.columns[x], table.columns[y], strict=True):
        value = number(text, decimal)
        if label not in keys:
            dropped.append(Dropped(line, y, label, kind_of(label)))
        elif value is None or not math.isfinite(value):
            dropped.append(Dropped(line, x, text, kind_of(text)))
        else:
            points.append((value, keys[label] == key, line))
    rest = [name for other, name in classes.items() if other != key]
    names = (rest[0] if len(rest) == 1 else f"not {classes[key]}", classes[key])
    _check_points(x, y, points, names, dropped)
    values, ones, lines = zip(*points, strict=True)
    data = Dataset(np.array(values), np.array(ones, dtype=np.float64))
    return Reading(data, x, y, names, tuple(dropped), lines, decimal)


def _check_choice(table: Table, x: str | None, y: str | None, decimal: str | None) -> None:
    for choice, name in (("x", x), ("y", y)):
        if name is not None and name not in table.columns:
            raise DataError(
                f"There is no column {told(name)} to be {choice}. Choose one of "
                f"{told_all([*table.columns])}.",
                choice,
            )
    if x is not None and x == y:
        raise DataError(f"x and y are both the column {told(x)}. Choose two columns.", "y")
    if decimal not in {None, *DECIMALS}:
        raise DataError(f"The decimal mark can't be {told(decimal)}. Choose '.' or ','.", "decimal")


def _usual_x(table: Table, y: str) -> str:
    """The first column of numbers that is not y; or else the first of all."""
    names = [name for name in table.columns if name != y]
    return next((name for name in names if is_of_numbers(table.columns[name])), names[0])


def _check_numbers(table: Table, x: str, decimal: str) -> None:
    """Half of the values of x have to be numbers: what is left out should not be the rule."""
    filled = [
        Dropped(line, x, cell, kind_of(cell))
        for line, cell in zip(table.lines, table.columns[x], strict=True)
        if not is_missing(cell)
    ]
    wrong = [drop for drop in filled if number(drop.text, decimal) is None]
    if not filled:
        raise DataError(
            f"Column {told(x)} is empty in every row. Choose a column of numbers as x.",
            "x",
        )
    if 2 * len(wrong) > len(filled):
        raise DataError(
            f"Column {told(x)} is not a column of numbers: of its {len(filled):,} values "
            f"{len(wrong):,} are none. {wrong[0].says} {wrong[0].cure}",
            "decimal" if wrong[0].kind == "mark" else "x",
        )


def _check_points(
    x: str,
    y: str,
    points: Sequence[tuple[float, bool, int]],
    names: tuple[str, str],
    dropped: Sequence[Dropped],
) -> None:
    ones = {one for _, one, _ in points}
    if len(ones) < 2:
        have = f"Only rows of the class {told(names[ones.pop()])} have" if ones else "No row has"
        raise DataError(
            f"{have} a number in column {told(x)} and a class in column {told(y)}. "
            f"{dropped[0].says} {dropped[0].cure}"
        )
    values = {value for value, _, _ in points}
    if len(values) == 1:
        raise DataError(
            f"Column {told(x)} is {told(values.pop())} in {all_of(len(points), 'row')}: nothing "
            "can be learned from it. Choose a column with different numbers as x.",
            "x",
        )
