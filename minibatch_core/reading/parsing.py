"""The bytes of a file -> the points to learn from, or why not."""

from minibatch_core.engine.dataset import Dataset
from minibatch_core.reading.cells import is_missing
from minibatch_core.reading.errors import DataError
from minibatch_core.reading.points import read_points
from minibatch_core.reading.table import read_table
from minibatch_core.words import plural

__all__ = ["parse_csv"]


def parse_csv(
    raw: bytes,
    x: str | None = None,
    y: str | None = None,
    one: str | float | None = None,
    decimal: str | None = None,
) -> Dataset:
    r"""The points in the bytes of a CSV file, or of what was copied from a spreadsheet.

    `x` and `y` name columns: without them y is the last column with two classes, and x the first
    other column of numbers. `one` is the class that becomes 1, all others become 0: without it
    the second in order, as of 0 and 1, no and yes, false and true. `decimal` is the decimal mark,
    "." or ",", where the file does not tell. Rows where x or y is missing or NaN are left out;
    `read_points` says which.

    Raises DataError where something can't be used, with the line, the column and what to do.

    >>> data = parse_csv("length [cm];grown\n1,5;no\n2,5;yes\n;yes\n".encode())
    >>> data.x.tolist(), data.y.tolist()
    ([1.5, 2.5], [0.0, 1.0])
    >>> parse_csv(b"x,kind\n1,a\n2,b\n3,c\n", one="b").y.tolist()
    [0.0, 1.0, 0.0]
    """
    reading = read_points(read_table(raw), x, y, one, decimal)
    wrong = [drop for drop in reading.dropped if not is_missing(drop.text)]
    if wrong:
        others = len(wrong) - 1
        also = f" {others:,} more {plural('row', others)} can't be used." if others else ""
        raise DataError(f"{wrong[0].says} {wrong[0].cure}{also}")
    return reading.data
