"""The bytes of a file -> a table: columns with names, and the line of each row."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from minibatch_core.reading.cells import is_missing, is_number
from minibatch_core.reading.decoding import to_text
from minibatch_core.reading.errors import DataError, told_all
from minibatch_core.reading.rows import Row, to_rows
from minibatch_core.settings import DataSettings
from minibatch_core.settings.fields import describe, told

__all__ = ["MOST_ROWS", "Table", "read_table"]

MOST_ROWS = int(describe(DataSettings)["n"].maximum)
"""As many as there may be points."""

MOST_COLUMNS = 1_000

NAMES = {"\t": "tab", ";": "semicolon", ",": "comma"}


@dataclass(frozen=True, slots=True)
class Table:
    """What a file says: the texts of each column by its name, and the line where each row begins.

    Columns without a name are called "column 1", "column 2" and so on. `has_header` is whether the
    names come from the file, and `separator` what stands between its cells.
    """

    columns: Mapping[str, tuple[str, ...]]
    lines: tuple[int, ...]
    has_header: bool
    separator: str

    def __len__(self) -> int:
        return len(self.lines)


def read_table(raw: bytes) -> Table:
    r"""Read the bytes of a CSV file, or of what was copied from a spreadsheet.

    Raises DataError if they are no table of at least two columns, have too many rows, or more than
    one header.

    >>> table = read_table("length [cm];grown\n1,5;no\n2,5;yes\n".encode("utf-16"))
    >>> table.columns["length [cm]"], table.lines, table.separator
    (('1,5', '2,5'), (2, 3), ';')
    """
    read = to_rows(to_text(raw), most=MOST_ROWS + 1)
    if not read.first:
        raise DataError(
            "All cells of the file are empty. Choose a file that has a column of numbers, x, and a "
            "column of two classes, y."
        )
    first = read.first[0]
    has_header = not any(is_number(cell) for cell in first.cells)
    count = read.count - has_header
    if count > MOST_ROWS:
        raise DataError(
            f"The file has {count:,} rows, but at most {MOST_ROWS:,} points can be used. Delete "
            f"rows until {MOST_ROWS:,} are left."
        )
    width = _width(read.first, read.separator)
    rows = read.first[has_header:]
    if has_header:
        _check_one_header(first, rows, width)
    names = _names(first.cells[:width] if has_header else (), width)
    padded = (row.cells[:width] + ("",) * (width - len(row.cells)) for row in rows)
    columns = dict(zip(names, zip(*padded, strict=True), strict=True))
    return Table(columns, tuple(row.line for row in rows), has_header, read.separator)


def _width(rows: Sequence[Row], separator: str) -> int:
    """How many columns there are: a separator at the end of a row begins no cell."""
    first = rows[0]
    width = max(_extent(row) for row in rows)
    if width > MOST_COLUMNS:
        raise DataError(
            f"The file has {width:,} columns, but at most {MOST_COLUMNS:,} can be read. Delete "
            "those that you do not need."
        )
    for row in rows:
        if (extent := _extent(row)) > len(first.cells):
            raise DataError(
                f"Line {row.line:,} has {extent:,} cells, but line {first.line:,}, the first, has "
                f"{len(first.cells):,}: after {told(row.cells[0])} comes {told(row.cells[1])}. "
                "Delete what stands above the names of the columns. Where a "
                f'{NAMES[separator]} is part of a cell, put the cell in quotation marks (").'
            )
    if width == 1:
        raise DataError(
            f"The file has only one column: line {first.line:,} is {told(first.cells[0])}. Two are "
            "needed, x and y, with a comma, a semicolon or a tab between them."
        )
    return width


def _extent(row: Row) -> int:
    """How many cells there are up to the last that is not empty."""
    return max(place for place, cell in enumerate(row.cells, 1) if cell)


def _check_one_header(header: Row, rows: Sequence[Row], width: int) -> None:
    if not rows:
        raise DataError(
            f"The file has the names of columns in line {header.line:,}, {told_all(header.cells)}, "
            "but no row below them. Add rows, one for each point."
        )
    for row in rows:
        if row.cells[:width] == header.cells[:width]:
            raise DataError(
                f"Line {row.line:,} repeats the header of line {header.line:,}, "
                f"{told_all(row.cells)}. Delete line {row.line:,}."
            )
    second, *below = rows
    if not any(is_number(cell) for cell in second.cells) and _is_header_of(second, below):
        raise DataError(
            f"The file has two headers: line {header.line:,} with {told_all(header.cells)}, and "
            f"line {second.line:,} with {told_all(second.cells)}. Delete one of the two lines, so "
            "that the numbers begin just below the names."
        )


def _is_header_of(row: Row, below: Sequence[Row]) -> bool:
    """Whether some word of a row stands above numbers, and none comes again below."""
    above_numbers = False
    for place, word in enumerate(row.cells):
        if is_missing(word):
            continue
        others = {other.cells[place] for other in below if place < len(other.cells)}
        if word in others:
            return False
        above_numbers |= any(map(is_number, others))
    return above_numbers


def _names(header: Sequence[str], width: int) -> list[str]:
    """A name of its own for each column, on one line."""
    given = [" ".join(cell.split()) for cell in header] + [""] * (width - len(header))
    times = Counter(given)
    names = [
        name if name and times[name] == 1 else f"{name} column {place}".lstrip()
        for place, name in enumerate(given, 1)
    ]
    ((name, times_used),) = Counter(names).most_common(1)
    if times_used > 1:
        raise DataError(
            f"{times_used} columns have the name {told(name)}. Give each a name of its own."
        )
    return names
