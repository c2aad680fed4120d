"""wire.js and wire.py: two sides that name the same fields, and bytes that both can read."""

import re
from typing import Any, get_args, is_typeddict

import numpy as np
import pytest

from dashboard.charts import wire
from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.figures.palette import PALETTE
from dashboard.server.assets import BROWSER
from dashboard.shell.registry import PAGES
from minibatch_core import Settings
from minibatch_core.settings.train import SHUFFLES
from pages.playground import compute
from tests.support.computed import computed
from tests.support.in_node import in_node
from tests.support.opened import decode

SOURCE = (BROWSER / "wire.js").read_text(encoding="utf-8")
SENT = [name for name in wire.__all__ if is_typeddict(getattr(wire, name))]


def properties(name: str) -> list[str]:
    """The names of the properties of a typedef of wire.js; [name] may be missing."""
    (block,) = re.findall(rf"@typedef {{object}} {name}\n(.*?)\*/", SOURCE, re.DOTALL)
    return re.findall(r"@property \{.+?\} (\[?\w+\]?)", block)


def alternatives(name: str) -> set[str]:
    """The strings that a typedef of wire.js allows."""
    (union,) = re.findall(rf'@typedef {{("[^}}]*")}} {name}\b', SOURCE)
    return set(re.findall(r'"(\w+)"', union))


@pytest.mark.parametrize("name", SENT)
def test_both_sides_name_the_same_fields(name: str) -> None:
    sent = getattr(wire, name)
    fields = [f"[{it}]" if it in sent.__optional_keys__ else it for it in sent.__annotations__]
    assert properties(name) == fields


def test_both_sides_name_the_same_colours_marks_orders_and_what_follows() -> None:
    assert set(properties("Palette")) == PALETTE.keys()
    assert set(properties("Colours")) == PALETTE["light"].keys()
    assert alternatives("Mark") == set(get_args(wire.Mark))
    assert alternatives("Follows") == set(get_args(wire.Follows))
    assert alternatives("Shuffle") == SHUFFLES.keys()


def small_board(values: Any) -> Board:
    figure = {"data": [{"x": values, "z": np.arange(6.0).reshape(2, 3)}], "layout": {}}
    same = {"data": [{"x": values, "text": ["a", None]}], "layout": {}}
    charts = [
        Chart("one", "One", "é", figure),
        Chart("two", "Two", "", same),
        Chart("3", "", "", {}),
    ]
    return Board({"Steps": "1"}, charts, Grid(("one two",), "1fr", "1fr 1fr"))


@pytest.mark.parametrize("dtype", ["f4", "f8", "i4", "u1", "u4"])
def test_the_bytes_are_read_as_they_were_written(dtype: str) -> None:
    values = np.array([1, 2, 250], dtype=dtype)
    code = """
        const { revision, view } = await it.decode(Uint8Array.from(payload))
        const [one, two, three] = view.charts
        return {
          revision, view,
          type: one.data[0].x.constructor.BYTES_PER_ELEMENT,
          shared: one.data[0].x === two.data[0].x,
          x: [...one.data[0].x],
          z: one.data[0].z.map((row) => [...row]),
        }
    """
    board = small_board(values)
    found = in_node("wire.js", code, payload=list(board.payload))
    assert found["revision"] == board.revision
    assert found["x"] == [1, 2, 250]
    assert found["z"] == [[0, 1, 2], [3, 4, 5]]
    assert found["type"] == values.itemsize
    assert found["shared"]
    view = found["view"]
    assert view["metrics"] == [["Steps", "1"]]
    assert view["charts"][0]["note"] == "é"
    assert view["charts"][2]["data"] is None
    assert list(view) == list(wire.View.__annotations__) == list(decode(board.payload))


def test_the_same_board_has_the_same_bytes_and_another_another_revision() -> None:
    first, again, other = (small_board(np.array([1.0, value])) for value in (2.0, 2.0, 3.0))
    assert first.payload == again.payload
    assert first.revision == again.revision
    assert first.revision != other.revision
    settings = Settings()
    board = computed("playground", settings).board
    again = compute.__wrapped__(PAGES["playground"].opening).board  # type: ignore[attr-defined]
    assert again.payload == board.payload
