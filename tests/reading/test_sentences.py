"""What can't be used of a file is said: what it is, in which line and column, and what to do."""

import time
import tracemalloc

import pytest

from minibatch_core import DataError, columns_of_classes, parse_csv, read_points, read_table
from minibatch_core.reading.decoding import MOST_BYTES
from minibatch_core.reading.table import MOST_COLUMNS, MOST_ROWS


def refused(raw: bytes, **choice: str | float) -> DataError:
    with pytest.raises(DataError) as caught:
        parse_csv(raw, **choice)  # type: ignore[arg-type]
    return caught.value


WHOLE = {
    "an empty file": (
        b"",
        "The file is empty: there is no text in its 0 bytes. Choose a file that has a column of "
        "numbers, x, and a column of two classes, y.",
    ),
    "blank lines after a byte order mark": (
        b"\xef\xbb\xbf\n \n",
        "The file is empty: there is no text in its 6 bytes. Choose a file that has a column of "
        "numbers, x, and a column of two classes, y.",
    ),
    "separators alone": (
        b"sep=,\n,\n,\n",
        "All cells of the file are empty. Choose a file that has a column of numbers, x, and a "
        "column of two classes, y.",
    ),
    "a picture": (
        b"\x89PNG\r\n\x1a\n\0\0\0",
        "The file is not a text: line 2 has '\\x1a'. If it is a spreadsheet, open it there and "
        "save it as CSV (File, Save as, CSV UTF-8). Then choose the new file.",
    ),
    "a byte that no text has": (
        b"x,y\n1,\x81\n",
        "The file is not a text: line 2 has the byte 0x81. If it is a spreadsheet, open it there "
        "and save it as CSV (File, Save as, CSV UTF-8). Then choose the new file.",
    ),
    "half a letter of UTF-16": (
        "x,y\n1,0\n".encode("utf-16") + b"2",
        "The file is not a text: line 3 has the byte 0x32. If it is a spreadsheet, open it there "
        "and save it as CSV (File, Save as, CSV UTF-8). Then choose the new file.",
    ),
    "a quotation mark without end": (
        b'x,y\n1,"a\n2,b\n',
        "The row that begins in line 2 can't be cut into cells: its quotation marks (\") do not "
        "come in pairs around whole cells, or a cell has more than 131,072 letters. Correct or "
        "delete the quotation marks there.",
    ),
    "one column": (
        b"x\n1\n2\n",
        "The file has only one column: line 1 is 'x'. Two are needed, x and y, with a comma, a "
        "semicolon or a tab between them.",
    ),
    "many columns": (
        b"a;" * (MOST_COLUMNS + 1),
        "The file has 1,001 columns, but at most 1,000 can be read. Delete those that you do not "
        "need.",
    ),
    "names alone": (
        b"x,y\n",
        "The file has the names of columns in line 1, 'x' and 'y', but no row below them. Add "
        "rows, one for each point.",
    ),
    "a title above the names": (
        b"Experiment 5\nx,y\n1,0\n2,1\n",
        "Line 2 has 2 cells, but line 1, the first, has 1: after 'x' comes 'y'. Delete what "
        "stands above the names of the columns. Where a comma is part of a cell, put the cell in "
        'quotation marks (").',
    ),
    "decimal commas between commas": (
        b"x,y\n1,0\n1,5,0\n",
        "Line 3 has 3 cells, but line 1, the first, has 2: after '1' comes '5'. Delete what "
        "stands above the names of the columns. Where a comma is part of a cell, put the cell in "
        'quotation marks (").',
    ),
    "a double header": (
        b"x,y\ncm,class\n1,0\n2,1\n",
        "The file has two headers: line 1 with 'x' and 'y', and line 2 with 'cm' and 'class'. "
        "Delete one of the two lines, so that the numbers begin just below the names.",
    ),
    "the header again": (
        b"x,y\n1,0\n2,1\nx,y\n3,0\n",
        "Line 4 repeats the header of line 1, 'x' and 'y'. Delete line 4.",
    ),
    "one name for two columns": (
        b"x,x,x column 1\n1,2,0\n2,3,1\n",
        "2 columns have the name 'x column 1'. Give each a name of its own.",
    ),
    "inf": (
        b"x,y\n1,0\n-inf,1\n2,1\n3,0\n",
        "Line 3, column 'x', has '-inf', which is infinite or too large. Write a number below "
        "1e308, or delete the row.",
    ),
    "a number that is too large": (
        b"x,y\n1,0\n1e999,1\n2,1\n3,0\n",
        "Line 3, column 'x', has '1e999', which is infinite or too large. Write a number below "
        "1e308, or delete the row.",
    ),
    "two words among numbers": (
        b"x,y\n1,0\ntall,1\n2,1\nlow,1\n",
        "Line 3, column 'x', has 'tall', which is not a number. Write a number in its place, or "
        "choose a column of numbers as x. 1 more row can't be used.",
    ),
    "a unit": (
        b"x,y\n5,0\n5.1 cm,1\n6,1\n",
        "Line 3, column 'x', has '5.1 cm', which is a number with something beside it. Write the "
        "number alone, and its unit in the name of the column.",
    ),
    "points and commas": (
        b"x;y\n3;0\n1,5;0\n1.5;1\n",
        "Column 'x' has decimal points, as '1.5' in line 4, and decimal commas, as '1,5' in line "
        "3. Write all numbers with the same decimal mark.",
    ),
    "a class that is lost": (
        b"x,y\n1,0\n2,0\n,1\n",
        "Only rows of the class '0' have a number in column 'x' and a class in column 'y'. Line 4, "
        "column 'x', has no value. Fill it in, or delete the row.",
    ),
    "no row with both": (
        b"x,y,z\n1,,3\n2,,4\n,a,5\n,b,6\n",
        "No row has a number in column 'x' and a class in column 'y'. Line 2, column 'y', has no "
        "value. Fill it in, or delete the row.",
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_wrong_with_a_file_is_said_with_the_cure(name: str) -> None:
    raw, says = WHOLE[name]
    choice = {"x": "x", "y": "y"} if name == "no row with both" else {}
    error = refused(raw, **choice)
    assert (says, None) == (str(error), error.choice)


CHOICES = {
    "one class": (
        b"x,y\n1,a\n2,a\n",
        "Column 'y' has the class 'a' in every row. Two classes are needed: add rows of another "
        "class, or choose another column as y.",
        "y",
    ),
    "three classes": (
        b"x,y\n1,setosa\n2,virginica\n3,versicolor\n",
        "Column 'y' has 3 classes: 'setosa', 'versicolor' and 'virginica'. Choose which of them is "
        "1, and all others are 0 (in Python one='setosa', for example).",
        "one",
    ),
    "numbers for classes": (
        b"x,y\n" + b"".join(b"%d,%d.5\n" % (i, i) for i in range(30)),
        "Column 'y' has 30 different values, such as '0.5' and '1.5'; two classes are needed. "
        "Choose a column of classes as y.",
        "y",
    ),
    "words in x": (
        b"x,y\ntall,0\nshort,1\n1.5,1\n",
        "Column 'x' is not a column of numbers: of its 3 values 2 are none. Line 2, column 'x', "
        "has 'tall', which is not a number. Write a number in its place, or choose a column of "
        "numbers as x.",
        "x",
    ),
    "dates in x": (
        b"x,y\n2024-01-05,0\n2024-01-06,1\n",
        "Column 'x' is not a column of numbers: of its 2 values 2 are none. Line 2, column 'x', "
        "has '2024-01-05', which is a date or a time. Write a number in its place, such as the "
        "days since the first date.",
        "x",
    ),
    "nothing in x": (
        b"x,y\nNA,0\n?,1\n",
        "Column 'x' is empty in every row. Choose a column of numbers as x.",
        "x",
    ),
    "nothing in y": (
        b"x,y\n1,\n2,NaN\n3,\n",
        "Column 'y' is empty in every row. Two classes are needed: add rows of another class, or "
        "choose another column as y.",
        "y",
    ),
    "constant x": (
        b"x,y\n3,0\n3.0,1\n3,1\n",
        "Column 'x' is 3 in all 3 rows: nothing can be learned from it. Choose a column with "
        "different numbers as x.",
        "x",
    ),
    "a comma that may be either": (
        b"x;y\n12;0\n1,234;1\n",
        "Line 3, column 'x', has '1,234': is it 1234 or 1.234? No other number of the file tells. "
        "Choose whether the decimal mark is '.' or ','.",
        "decimal",
    ),
}


@pytest.mark.parametrize("name", CHOICES)
def test_where_a_choice_is_the_cure_it_is_named(name: str) -> None:
    raw, says, choice = CHOICES[name]
    error = refused(raw)
    assert (says, choice) == (str(error), error.choice)


POINTS = b"x,y\n1.5,no\n2.5,yes\n"


@pytest.mark.parametrize(
    ("choice", "says", "cure"),
    [
        ({"x": "z"}, "There is no column 'z' to be x. Choose one of 'x' and 'y'.", "x"),
        ({"y": "z"}, "There is no column 'z' to be y. Choose one of 'x' and 'y'.", "y"),
        ({"x": "x", "y": "x"}, "x and y are both the column 'x'. Choose two columns.", "y"),
        ({"decimal": ";"}, "The decimal mark can't be ';'. Choose '.' or ','.", "decimal"),
        (
            {"one": "q"},
            "Column 'y' has no class 'q'. Choose which of its classes is 1: 'no' and 'yes'.",
            "one",
        ),
        (
            {"decimal": ","},
            "Column 'x' is not a column of numbers: of its 2 values 2 are none. Line 2, column "
            "'x', has '1.5', which is not a number with the chosen decimal mark. Choose the other "
            "decimal mark, or write all numbers with the same one.",
            "decimal",
        ),
    ],
)
def test_a_choice_that_can_not_be_is_said(choice: dict[str, str], says: str, cure: str) -> None:
    error = refused(POINTS, **choice)
    assert (says, cure) == (str(error), error.choice)


def of_classes(count: int) -> bytes:
    rows = (f"{place},{chr(97 + place % count)}\n" for place in range(2 * count))
    return ("x,y\n" + "".join(rows) + "5,\n5,NA\n").encode()


def test_ten_classes_are_named_and_twenty_counted_and_more_are_none() -> None:
    assert "has 10 classes: 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i' and 'j'. " in str(
        refused(of_classes(10))
    )
    assert "'i', 'j' and 1 other. Choose which of them is 1" in str(refused(of_classes(11)))
    assert "has 20 classes: " in str(refused(of_classes(20)))
    assert "'i', 'j' and 10 others. Choose which" in str(refused(of_classes(20)))
    assert "has 21 different values, such as 'a' and 'b'; " in str(refused(of_classes(21)))
    assert len(columns_of_classes(read_table(of_classes(20)))["y"]) == 20
    assert "y" not in columns_of_classes(read_table(of_classes(21)))


@pytest.mark.parametrize("second", ["tall,yes", ",other", "NA,yes", "NaN,other"])
def test_a_row_without_a_number_is_not_called_a_header_for_that(second: str) -> None:
    raw = f"x,y\n{second}\n1,no\n2,yes\n3,yes\n"
    assert read_table(raw.encode()).lines == (2, 3, 4, 5)


def test_a_long_text_is_cut_in_a_sentence() -> None:
    error = refused(b"x,y\n1,0\n2,1\n" + b"long" * 1_000 + b",1\n")
    assert "and 3,940 more letters" in str(error)
    assert len(str(error)) < 300


def test_each_row_that_is_left_out_says_why() -> None:
    rows = b"1,no\n2,yes\n3,no\n4,yes\n5,no\n,yes\nNaN,no\ninf,yes\nabc,no\n1,\n1 m,NA\n"
    reading = read_points(read_table(b"x,y\n" + rows))
    assert [drop.says for drop in reading.dropped] == [
        "Line 7, column 'x', has no value.",
        "Line 8, column 'x', has 'NaN', which is not a number.",
        "Line 9, column 'x', has 'inf', which is infinite or too large.",
        "Line 10, column 'x', has 'abc', which is not a number.",
        "Line 11, column 'y', has no value.",
        "Line 12, column 'y', has no value.",
    ]
    assert reading.lines == (2, 3, 4, 5, 6)
    assert len(reading.data) + len(reading.dropped) == 11


def test_as_many_rows_as_points_may_be_are_read_and_no_more() -> None:
    rows = b"1,0\n2,1\n" * (MOST_ROWS // 2)
    assert len(parse_csv(b"x,y\n" + rows)) == len(parse_csv(rows)) == MOST_ROWS
    says = (
        "The file has 10,001 rows, but at most 10,000 points can be used. Delete rows until 10,000 "
        "are left."
    )
    assert str(refused(b"x,y\n" + rows + b"3,1\n")) == says
    assert str(refused(rows + b"3,1\n\n\n")) == says


def test_a_million_rows_are_counted_in_seconds_and_in_little_memory() -> None:
    raw = b"x,y\n" + b"1,0\n" * 1_000_000
    started = time.process_time()
    error = refused(raw)
    assert time.process_time() - started < 5.0
    assert "The file has 1,000,000 rows, but" in str(error)


@pytest.mark.parametrize("size", [MOST_BYTES + 1, 50_000_000])
def test_a_file_that_is_too_large_is_refused_before_it_is_read(size: int) -> None:
    raw = bytes(size)
    tracemalloc.start()
    error = refused(raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    assert str(error) == (
        f"The file has {size:,} bytes, but at most 5,000,000 (5 MB) can be read. Delete columns "
        "and rows that you do not need."
    )
