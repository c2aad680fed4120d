"""Files as people have them give the points that they hold."""

from typing import Any

import pytest

from minibatch_core import (
    Dataset,
    columns_of_classes,
    columns_of_numbers,
    parse_csv,
    read_points,
    read_table,
)


def xy(data: Dataset) -> tuple[list[float], list[float]]:
    return data.x.tolist(), data.y.tolist()


def test_a_sensors_file_with_semicolons_and_decimal_commas() -> None:
    raw = (
        "Zeit;Temperatur [°C];Druck [hPa];Störung\r\n"
        "2024-05-01 10:00:00;21,5;1.013,25;nein\r\n"
        "2024-05-01 10:00:10;-3,25;998,5;nein\r\n"
        "2024-05-01 10:00:20;1,2E+02;1.001,125;ja\r\n"
    ).encode("cp1252")
    reading = read_points(read_table(raw), one="ja")
    assert xy(reading.data) == ([21.5, -3.25, 120.0], [0.0, 0.0, 1.0])
    assert (reading.x, reading.y) == ("Temperatur [°C]", "Störung")
    assert (reading.classes, reading.decimal) == (("nein", "ja"), ",")
    assert xy(parse_csv(raw, x="Druck [hPa]", one="ja"))[0] == [1013.25, 998.5, 1001.125]


def test_what_was_copied_from_a_spreadsheet_with_units_in_its_header() -> None:
    raw = '"height\n[cm]"\tmass (kg)\tadult\n162\t1,055.5\tFALSE\n171\t61\tTRUE\n\t70\tTRUE\n'
    reading = read_points(read_table(raw.encode()))
    assert xy(reading.data) == ([162.0, 171.0], [0.0, 1.0])
    assert (reading.x, reading.y, reading.classes) == ("height [cm]", "adult", ("FALSE", "TRUE"))
    assert [(drop.line, drop.kind) for drop in reading.dropped] == [(5, "missing")]
    assert xy(parse_csv(raw.encode(), x="mass (kg)"))[0] == [1055.5, 61.0, 70.0]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_an_export_in_utf_16(encoding: str) -> None:
    raw = "Länge µm\tκ\r\n0.25\t0\r\n0.5\t1\r\n".encode(encoding)
    assert tuple(read_table(raw).columns) == ("Länge µm", "κ")
    assert xy(parse_csv(raw)) == ([0.25, 0.5], [0.0, 1.0])


def test_a_file_like_kaggles_with_quotes_and_missing_values() -> None:
    raw = (
        b"PassengerId,Survived,Name,Sex,Age,Fare,Cabin\n"
        b'1,0,"Braund, Mr. Owen ""Harris""",male,22,7.25,\n'
        b'2,1,"Cumings, Mrs.\nJohn",female,38,71.2833,C85\n'
        b'3,1,"Heikkinen, Miss",female,,7.925,\n'
        b'4,0,"Allen, Mr.",male,35,NaN,NA\n'
    )
    reading = read_points(read_table(raw), x="Age", y="Survived")
    assert xy(reading.data) == ([22.0, 38.0, 35.0], [0.0, 1.0, 0.0])
    assert (reading.classes, reading.lines) == (("0", "1"), (2, 3, 6))
    assert [drop.says for drop in reading.dropped] == ["Line 5, column 'Age', has no value."]
    assert xy(parse_csv(raw, "Age", "Survived")) == xy(reading.data)
    assert xy(parse_csv(raw)) == ([1.0, 2.0, 3.0, 4.0], [1.0, 0.0, 0.0, 1.0])  # Sex


def test_two_columns_without_a_header() -> None:
    raw = b"-0.5,0\n+1.5e1,1\n.25,1\n"
    reading = read_points(read_table(raw))
    assert xy(reading.data) == ([-0.5, 15.0, 0.25], [0.0, 1.0, 1.0])
    assert (reading.x, reading.y, reading.lines) == ("column 1", "column 2", (1, 2, 3))


ONE_TWO = ([1.5, 2.5], [0.0, 1.0])


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbfx,y\n1.5,0\n2.5,1\n",
        b"sep=;\nx;y\n1,5;0\n2,5;1\n",
        b'"SEP=,"\r\nx,y\r\n1.5,0\r\n2.5,1\r\n',
        b"x,y,\n1.5,0,\n2.5,1,\n",
        b"x,y\n1.5,0,,\n2.5,1,,\n",
        b"x,y,\n1.5,0\n2.5,1\n",
        b"1.5,0,\n2.5,1,\n",
        b"\n\nx,y\n\n1.5,0\n , \n2.5,1\n\n",
        b"x,y\r1.5,0\r2.5,1",
        b'x, "y"\n1.5, "0"\n2.5, "1"\n',
        "x\ty\n1,5\t\u00a00\n2,5\t1\u202f\n".encode(),
    ],
    ids=[
        *("byte order mark", "sep=;", "sep=, in quotes", "comma after each row"),
        *("commas after each row below", "comma after the header", "comma, no header"),
        *("blank lines", "lines of an old Mac", "spaces before quotes", "spaces without a break"),
    ],
)
def test_how_a_file_is_dressed_does_not_change_its_points(raw: bytes) -> None:
    assert xy(parse_csv(raw)) == ONE_TWO


def test_lines_are_counted_as_an_editor_does() -> None:
    raw = b'sep=;\n\nx;note;y\n1;"a\nb\nc";0\n\n2;d;1\n'
    assert read_table(raw).lines == (4, 8)


def test_a_table_knows_whether_its_names_are_the_files() -> None:
    with_header, without = read_table(b"x,,y,x\n1,2,0,3\n"), read_table(b"1;2;0\n2;3;1\n")
    assert tuple(with_header.columns) == ("x column 1", "column 2", "y", "x column 4")
    assert (with_header.has_header, with_header.separator, len(with_header)) == (True, ",", 1)
    assert tuple(without.columns) == ("column 1", "column 2", "column 3")
    assert (without.has_header, without.separator, len(without)) == (False, ";", 2)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("no", "yes", "no"), [0.0, 1.0, 0.0]),
        (("yes", "no", "YES"), [1.0, 0.0, 1.0]),
        (("true", "False", "true"), [1.0, 0.0, 1.0]),
        (("1", "0", "1.0"), [1.0, 0.0, 1.0]),
        (("1", "-1", "1"), [1.0, 0.0, 1.0]),
        (("10", "9", "9"), [1.0, 0.0, 0.0]),
        (("b", "a", "b"), [1.0, 0.0, 1.0]),
    ],
)
def test_two_classes_are_in_their_natural_order(
    labels: tuple[str, ...], expected: list[float]
) -> None:
    raw = "x,y\n" + "".join(f"{i}.5,{label}\n" for i, label in enumerate(labels))
    assert parse_csv(raw.encode()).y.tolist() == expected


FLOWERS = b"width,kind,length,group\n1,setosa,4.5,2\n2,virginica,5.5,3\n3,Setosa,6.5,4\n"


@pytest.mark.parametrize(
    ("choice", "x", "y", "classes"),
    [
        ({}, [1.0, 2.0, 3.0], [0.0, 1.0, 0.0], ("setosa", "virginica")),
        ({"one": "SETOSA"}, [1.0, 2.0, 3.0], [1.0, 0.0, 1.0], ("virginica", "setosa")),
        ({"one": 3.0}, [1.0, 2.0, 3.0], [0.0, 1.0, 0.0], ("not 3", "3")),
        ({"one": "3,0"}, [1.0, 2.0, 3.0], [0.0, 1.0, 0.0], ("not 3", "3")),
        ({"x": "length"}, [4.5, 5.5, 6.5], [0.0, 1.0, 0.0], ("setosa", "virginica")),
        ({"y": "group", "one": 4}, [1.0, 2.0, 3.0], [0.0, 0.0, 1.0], ("not 4", "4")),
    ],
)
def test_what_is_chosen_is_taken(
    choice: dict[str, Any], x: list[float], y: list[float], classes: tuple[str, str]
) -> None:
    reading = read_points(read_table(FLOWERS), **choice)
    assert xy(reading.data) == (x, y)
    assert reading.classes == classes


def test_a_page_can_ask_what_can_be_x_and_y() -> None:
    table = read_table(FLOWERS)
    assert columns_of_numbers(table) == ("width", "length", "group")
    half = read_table(b"empty,half,less,y\n,1,1,0\n,a,a,1\nNA,,b,1\n")
    assert columns_of_numbers(half) == ("half", "y")
    assert columns_of_classes(half) == {
        "half": ("1", "a"),
        "less": ("1", "a", "b"),
        "y": ("0", "1"),
    }
    assert columns_of_classes(table)["kind"] == ("setosa", "virginica")
    assert columns_of_classes(table)["group"] == ("2", "3", "4")
