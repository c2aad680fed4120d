"""The text of a file -> its rows of cells, each with the line where it begins."""

import csv
import io
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from minibatch_core.reading.errors import DataError

__all__ = ["Row", "Rows", "to_rows"]

SEPARATORS = "\t;,"
"""Those that fit a file equally well: the first, since in cells there are commas first of all."""

SAMPLE_LETTERS, SAMPLE_ROWS = 100_000, 100
"""Where a separator is looked for."""

_DECLARED = re.compile(rf'"?sep=([{SEPARATORS}])"?\s*', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """Cells without spaces around them, and the line of the file where they begin."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """The first rows of a file that are not blank, how many it has, and what separates cells."""

    first: tuple[Row, ...]
    count: int
    separator: str


def to_rows(text: str, most: int) -> Rows:
    r"""Cut a text into cells, at commas, semicolons or tabs; keep `most` rows and count the rest.

    Which of the three it is, says a first line as `sep=;`, or else how well each fits. A cell in
    quotation marks may have separators and line ends in it.

    Raises DataError if quotation marks do not fit together.

    >>> to_rows("x;y\n\n1,5;'0'\n", most=10).first[1]
    Row(line=3, cells=('1,5', "'0'"))
    """
    lines = io.StringIO(text, newline="")
    declared = _DECLARED.fullmatch(lines.readline())
    if declared is None:
        lines.seek(0)
    separator = declared[1] if declared else max(SEPARATORS, key=lambda each: _fit(text, each))
    return _cut(lines, separator, most, above=0 if declared is None else 1)


def _fit(text: str, separator: str) -> int:
    """How many rows have the same number of cells, if that is more than one."""
    lines = io.StringIO(text[:SAMPLE_LETTERS], newline="")
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    widths: Counter[int] = Counter()
    with suppress(csv.Error):  # a cell without an end: the rows before it say enough
        widths.update(len(cells) for cells in islice(filter(any, reader), SAMPLE_ROWS))
    return max((many for width, many in widths.items() if width > 1), default=0)


def _cut(lines: io.StringIO, separator: str, most: int, above: int) -> Rows:
    """Cut the lines that are left, of which so many are above."""
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True)
    first: list[Row] = []
    line = above + 1
    try:
        for cells in reader:
            stripped = tuple(cell.strip() for cell in cells)
            if any(stripped):
                first.append(Row(line, stripped))
            line = above + reader.line_num + 1
            if len(first) == most:
                break
        others = sum(1 for cells in reader if "".join(cells).strip())
    except csv.Error as error:
        raise DataError(
            f"The row that begins in line {line:,} can't be cut into cells: its quotation marks "
            f'(") do not come in pairs around whole cells, or a cell has more than '
            f"{csv.field_size_limit():,} letters. Correct or delete the quotation marks there."
        ) from error
    return Rows(tuple(first), len(first) + others, separator)
