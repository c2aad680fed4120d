"""A column of a table -> its classes, and which of them is 1."""

from collections.abc import Sequence

from minibatch_core.reading.cells import DECIMALS, decimals_of, is_missing, number
from minibatch_core.reading.columns import columns_of_numbers
from minibatch_core.reading.errors import DataError, told_all
from minibatch_core.reading.table import Table
from minibatch_core.settings.fields import told

__all__ = ["class_one", "classes_of", "columns_of_classes", "keys_of", "usual_y"]

MOST_CLASSES = 20
"""A column of more different values has no classes."""

Key = float | str
"""What makes cells one class: the number, or the word in small letters."""


def columns_of_classes(table: Table) -> dict[str, tuple[str, ...]]:
    r"""The columns that can be y, each with its 2 to 20 classes in order.

    Numbers are in the order of size, words in that of the alphabet: 0 and 1, no and yes, false and
    true. Capital letters make no other class.

    >>> from minibatch_core import read_table
    >>> columns_of_classes(read_table(b"x,kind\n1,b\n2,a\n3,B\n"))
    {'x': ('1', '2', '3'), 'kind': ('a', 'b')}
    """
    found = {name: classes_of(cells) for name, cells in table.columns.items() if _are_few(cells)}
    return {name: tuple(classes.values()) for name, classes in found.items() if len(classes) > 1}


def _are_few(cells: Sequence[str]) -> bool:
    return len({cell.casefold() for cell in cells if not is_missing(cell)}) <= MOST_CLASSES


def usual_y(table: Table, x: str | None, one: str | float | None) -> str:
    """The last column that has two classes, or has this one; or else the last of all.

    Where that would leave no column of numbers to be x, it is the last of all too.
    """
    names = [name for name in [*table.columns][::-1] if name != x]
    found = next((name for name in names if _fits(table.columns[name], one)), names[0])
    can_be_x = {x} if x else {*columns_of_numbers(table)}
    return found if can_be_x - {found} else names[0]


def _fits(cells: Sequence[str], one: str | float | None) -> bool:
    if not _are_few(cells):
        return False
    classes = classes_of(cells)
    return len(classes) == 2 if one is None else _key_of(classes, one) is not None


def keys_of(cells: Sequence[str]) -> dict[str, Key]:
    """The key of each text that is a class, in the order in which they come."""
    texts = [text for text in dict.fromkeys(cells) if not is_missing(text)]
    for decimal in decimals_of(texts):
        values = {text: value for text in texts if (value := number(text, decimal)) is not None}
        if len(values) == len(texts):
            return {**values}
    return {text: text.casefold() for text in texts}


def classes_of(cells: Sequence[str]) -> dict[Key, str]:
    """The name of each class, as it is first written, by its key, in order."""
    keys = keys_of(cells)
    names = {key: text for text, key in reversed(keys.items())}
    return {key: names[key] for key in sorted(names)}


def _key_of(classes: dict[Key, str], one: str | float) -> Key | None:
    """The key of the class that somebody calls so."""
    if not isinstance(one, str):
        return float(one) if float(one) in classes else None
    alike = {one.casefold(), *(number(one, decimal) for decimal in DECIMALS)}
    return next((key for key in classes if key in alike), None)


def class_one(y: str, classes: dict[Key, str], one: str | float | None) -> Key:
    """The key of the class that is 1: the one that is called so, or else the second of two."""
    names = [*classes.values()]
    if len(names) < 2:
        has = f"has the class {told(names[0])}" if names else "is empty"
        raise DataError(
            f"Column {told(y)} {has} in every row. Two classes are needed: add rows of another "
            "class, or choose another column as y.",
            "y",
        )
    if one is not None:
        key = _key_of(classes, one)
        if key is None:
            raise DataError(
                f"Column {told(y)} has no class {told(one)}. Choose which of its classes is 1: "
                f"{told_all(names)}.",
                "one",
            )
        return key
    if len(names) > MOST_CLASSES:
        raise DataError(
            f"Column {told(y)} has {len(names):,} different values, such as {told_all(names[:2])}; "
            "two classes are needed. Choose a column of classes as y.",
            "y",
        )
    if len(names) > 2:
        raise DataError(
            f"Column {told(y)} has {len(names)} classes: {told_all(names)}. Choose which of them "
            f"is 1, and all others are 0 (in Python one={told(names[0])}, for example).",
            "one",
        )
    return [*classes][1]
