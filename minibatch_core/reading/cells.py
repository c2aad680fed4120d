"""Cells -> numbers, as people in many countries write them; and what a cell is if it is none."""

import math
import re
from collections.abc import Iterable, Sequence

__all__ = [
    "DECIMALS",
    "decimals_of",
    "is_missing",
    "is_number",
    "kind_of",
    "number",
    "numbers_differ",
]

DECIMALS = (".", ",")
"""The marks before the decimals of a number; the other one may stand between its thousands."""

_ALWAYS_BETWEEN = " \u00a0\u2009\u202f'’"
"""What else may stand between thousands: spaces of four kinds, and apostrophes."""


def _pattern(decimal: str) -> str:
    between = f"[{_ALWAYS_BETWEEN}{'.' if decimal == ',' else ','}]"
    thousands = rf"[1-9]\d{{0,2}}(?P<between>{between})\d{{3}}(?:(?P=between)\d{{3}})*"
    digits = rf"(?:{thousands}|\d+)(?:[{decimal}]\d*)?|[{decimal}]\d+"
    return rf"[+\-\u2212]?(?:{digits})(?:[eE][+\-\u2212]?\d+)?"


_NUMBER = {mark: re.compile(_pattern(mark), re.ASCII) for mark in DECIMALS}
_WITH_UNIT = [
    re.compile(rf"[^\w\s+\-\u2212]?\s*{_pattern(mark)}\s*[^\d]{{0,30}}", re.ASCII)
    for mark in DECIMALS
]
_AS_PYTHON = {
    mark: str.maketrans(
        {**dict.fromkeys([*_ALWAYS_BETWEEN, *DECIMALS], ""), mark: ".", "\u2212": "-"}
    )
    for mark in DECIMALS
}
_MONTH = r"(?:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-zä]*\.?"
_DATE = re.compile(
    r"(\d{4}([-/.])\d{1,2}\2\d{1,2}|\d{1,2}([-/.])\d{1,2}\3(\d\d|\d{4}))([T ].*)?"
    r"|\d{1,2}:\d{2}(:\d{2})?\D*"
    rf"|(\d{{1,2}}[.\s-]+)?{_MONTH}[\s-]+(\d{{1,2}},?[\s-]+)?\d{{2,4}}",
    re.IGNORECASE,
)
_NAN = {"nan", "+nan", "-nan"}
_MISSING = {"", "na", "n/a", "#n/a", "null", "?"} | _NAN
_INFINITE = {"inf", "infinity", "∞"}


def number(text: str, decimal: str) -> float | None:
    """The number that a cell writes with this decimal mark, or None.

    >>> number("1.234,5", ","), number("1 234,5", ","), number("-1,234.5e-3", ".")
    (1234.5, 1234.5, -1.2345)
    """
    if not _NUMBER[decimal].fullmatch(text):
        return None
    return float(text.translate(_AS_PYTHON[decimal]))


def is_number(text: str) -> bool:
    """Whether a cell is a number with one decimal mark or the other.

    >>> is_number("0,5"), is_number("0.5"), is_number("0.5.1"), is_number("NaN")
    (True, True, False, False)
    """
    return any(pattern.fullmatch(text) for pattern in _NUMBER.values())


def is_missing(text: str) -> bool:
    """Whether a cell says that there is no value.

    >>> is_missing(""), is_missing("NA"), is_missing("NaN"), is_missing("0")
    (True, True, True, False)
    """
    return text.casefold() in _MISSING


def decimals_of(cells: Iterable[str]) -> list[str]:
    """The decimal marks with which all numbers among the cells can be read.

    >>> decimals_of(["1,234", "0,5"]), decimals_of(["1,234", "x"]), decimals_of(["1,5", "1.5"])
    ([','], ['.', ','], [])
    """
    numbers = [cell for cell in {*cells} if is_number(cell)]
    return [mark for mark in DECIMALS if all(number(cell, mark) is not None for cell in numbers)]


def numbers_differ(cells: Sequence[str]) -> int | None:
    """The place of the first cell that is another number with the other decimal mark, or None.

    >>> numbers_differ(["12", "1,234"]), numbers_differ(["12", "1 234"])
    (1, None)
    """
    for place, cell in enumerate(cells):
        point, comma = (number(cell, mark) for mark in DECIMALS)
        if point != comma and None not in {point, comma}:
            return place
    return None


def kind_of(text: str) -> str:
    """What a cell is that is no finite number.

    >>> [kind_of(text) for text in ("", "NaN", "-inf", "1e999", "2024-05-01", "5.1 cm", "tall")]
    ['missing', 'nan', 'infinite', 'infinite', 'date', 'unit', 'word']
    """
    small = text.casefold()
    if is_missing(text):
        return "nan" if small in _NAN else "missing"
    if small.lstrip("+-") in _INFINITE:
        return "infinite"
    if is_number(text):
        finite = all(math.isfinite(number(text, mark) or 0.0) for mark in DECIMALS)
        return "mark" if finite else "infinite"
    if _DATE.fullmatch(text):
        return "date"
    return "unit" if any(pattern.fullmatch(text) for pattern in _WITH_UNIT) else "word"
