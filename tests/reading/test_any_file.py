"""Whatever a file holds: its numbers come back exactly, or a sentence says why not."""

import csv
import io
import time
from collections.abc import Callable
from typing import Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minibatch_core import DataError, parse_csv, read_points, read_table
from minibatch_core.reading.decoding import MOST_BYTES

NARROW = "\u202f"
FORMS: dict[str, Callable[[float], str]] = {
    "point": repr,
    "comma": lambda value: repr(value).replace(".", ","),
    "1,234.5": lambda value: f"{value:,}",
    "1.234,5": lambda value: f"{value:,}".translate(str.maketrans(",.", ".,")),
    "1 234,5": lambda value: f"{value:,}".translate(str.maketrans(",.", " ,")),
    "1 234.5, narrow": lambda value: f"{value:,}".replace(",", NARROW),
    "no break": lambda value: f"{value:,}".translate(str.maketrans(",.", "\u00a0,")),
}
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]

ROWS = st.lists(
    st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 1)),
    min_size=2,
    max_size=12,
).filter(lambda rows: len({x for x, _ in rows}) > 1 and len({y for _, y in rows}) == 2)


@given(
    rows=ROWS,
    form=st.sampled_from(list(FORMS)),
    separator=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(ENCODINGS),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    header=st.booleans(),
    trailing=st.booleans(),
    declared=st.booleans(),
)
def test_a_table_of_any_floats_comes_back_exactly_from_any_dialect(
    rows: list[tuple[float, int]],
    form: str,
    separator: str,
    encoding: str,
    end: str,
    quoting: Literal[0, 1],
    header: bool,
    trailing: bool,
    declared: bool,
) -> None:
    file = io.StringIO(newline="")
    write = csv.writer(file, delimiter=separator, lineterminator=end, quoting=quoting).writerow
    if declared:
        file.write(f"sep={separator}{end}")
    rest = [""] if trailing else []
    if header:
        write(["x [m]", "y", *rest])
    for x, y in rows:
        write([FORMS[form](x), y, *rest])
    table = read_table(file.getvalue().encode(encoding))
    assert (table.has_header, table.separator) == (header, separator)
    x_name, y_name = table.columns
    try:
        reading = read_points(table, x_name, y_name)
    except DataError as error:  # each number with a mark has three digits after it
        assert error.choice == "decimal"
        decimal = "," if FORMS[form](0.5) == "0,5" else "."
        reading = read_points(table, x_name, y_name, decimal=decimal)
    assert list(zip(reading.data.x.tolist(), reading.data.y.tolist(), strict=True)) == rows


TEXTS = st.text(st.sampled_from("019.,;\t\n\r\"'- eExyNA%\u00a0é"), max_size=120)

CELLS = st.sampled_from(
    [
        *(
            "",
            "x",
            "0",
            "1",
            "1.0",
            "-2.5",
            "1,5",
            "1.234",
            "1,234",
            "1 234",
            "1e999",
            "NaN",
            "inf",
        ),
        *("no", "yes", "Yes", "a", "NA", "5 cm", "2024-01-05", '"a\n"', '"1,5"', '" "', "'"),
    ]
)
TABLES = st.builds(
    lambda separator, rows: "\n".join(separator.join(row) for row in rows),
    st.sampled_from([",", ";", "\t", ", "]),
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=1, max_size=width), max_size=12)
    ),
)


@given(
    raw=st.binary(max_size=300)
    | st.builds(str.encode, TEXTS | TABLES, st.sampled_from([*ENCODINGS, "cp1252"]))
)
@example(raw=b"\xff\xfe")
@example(raw=b"\xff\xfe\x00\x00")
@example(raw=b"\x00")
@example(raw=b"sep=;")
@example(raw=b'"')
@example(raw=b",\n")
@example(raw=b'""')
def test_any_bytes_give_points_or_a_sentence(raw: bytes) -> None:
    try:
        data = parse_csv(raw)
    except DataError as error:
        assert str(error).endswith((".", '"'))
        return
    assert {*data.y.tolist()} == {0.0, 1.0}
    assert data.x.min() < data.x.max()


LARGEST = {
    "commas": b"," * MOST_BYTES,
    "one row of numbers": b"1," * (MOST_BYTES // 2),
    "blank lines": b"\n" * (MOST_BYTES - 12) + b"x,y\n1,0\n2,1",
    "one quotation mark": b'x,y\n1,0\n"' + b"1,0\n" * 1_200_000,
    "numbers in a thousand columns": (b",".join([b"1.5"] * 1_000) + b"\n") * 1_249,
    "words in a thousand columns": b"".join(
        b",".join([letter] * 999 + [b"1"]) + b"\n" for letter in [b"a", b"b"] * 1_250
    ),
    "digits": b"x,y\n" + (b"1" * 131_000 + b",0\n2,1\n") * 37,
    "thousands without end": b"x,y\n" + (b"1 234 " * 21_000 + b"x,0\n2,1\n") * 37,
    "a point in each row": b"x,y\n" + b"1.234567890123456789e-05,0\n" * 9_998 + b"2,1\n",
}


@pytest.mark.parametrize("name", LARGEST)
def test_the_largest_files_take_seconds(name: str) -> None:
    started = time.process_time()
    try:
        parse_csv(LARGEST[name])
    except DataError as error:
        assert len(str(error)) < 1_000
    assert time.process_time() - started < 20.0
