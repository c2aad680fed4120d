"""Plotly charts that are updated in place: never blank, never doubled, zoom kept.

One component shows several charts in a grid. Where the server is not ours (a plain Streamlit
script, AppTest) the same charts go through `st.plotly_chart`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import streamlit as st
from numpy.typing import NDArray

from minibatch_core.figures import DARK, Figure

__all__ = ["Board", "Chart", "ColourBar", "Grid", "is_live", "script", "serve_from", "show"]

_FOLDER = Path(__file__).parent / "browser"
_ALIGNMENT = 8
_SCRIPTS = (
    "live_chart.js",
    "surface_tile.js",
    "unit.js",
    "player.js",
    "player_marks.js",
    "epoch_tiles.js",
)
_STYLES = ("live_chart.css", "player.css")


@dataclass(frozen=True, slots=True)
class ColourBar:
    """What the colours of a chart mean: the values at both ends and the stops between."""

    low: str
    high: str
    stops: list[list[Any]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with its name in the grid, its title, and a note that says what to notice.

    A chart with an empty figure is one that the player fills.
    """

    name: str
    title: str
    note: str
    figure: Figure
    bar: ColourBar | None = None
    tile: bool = False  # small and many: painted on a canvas, with nothing to zoom
    clickable: bool = False  # a click reports where it was


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the charts stand: a string of names a row, as in CSS grid-template-areas.

    `rows` and `columns` are CSS track sizes. Where the page is narrower than `fold` pixels the
    charts stand one below another, each `stacked` pixels high.
    """

    areas: Sequence[str]
    rows: str
    columns: str
    fold: int = 640
    stacked: int = 300


@dataclass(frozen=True, slots=True)
class Board:
    """Metrics above a grid of charts, brought up to date in one go.

    With a run to be played (see `views.player`) its row of numbers stands in place of the metrics.
    """

    metrics: Mapping[str, str]
    charts: Sequence[Chart]
    grid: Grid
    player: InitVar[Mapping[str, Any] | None] = None
    payload: bytes = field(init=False, repr=False)

    def __post_init__(self, player: Mapping[str, Any] | None) -> None:
        object.__setattr__(self, "payload", _encode(self, player))


@dataclass(slots=True)
class _Server:
    """Where the browser finds plotly.js and our own script, if this process serves them."""

    plotly_url: str | None = None
    script_url: str | None = None


_server = _Server()


def script() -> str:
    """What draws and plays in the browser, in one file."""
    return "".join((_FOLDER / name).read_text() for name in _SCRIPTS)


def serve_from(plotly_url: str, script_url: str) -> None:
    """Say where the browser finds plotly.js and `script()`; called once, by their server."""
    _server.plotly_url, _server.script_url = plotly_url, script_url
    _component()


def is_live() -> bool:
    """Whether charts are drawn by our own component, and a run can so be played."""
    return _server.plotly_url is not None


def show(
    board: Board, key: str, on_click: Callable[[str, float, float], None] | None = None
) -> None:
    """Show a board, or bring the one shown under the same key up to date.

    `on_click(name, x, y)` is called for a click on a clickable chart, as a callback of Streamlit.
    """
    if not is_live():
        _show_plainly(board, key)
        return

    callbacks = {}
    if on_click is not None:
        callbacks["on_clicked_change"] = partial(_report_click, key, on_click)
    _component()(key=f"live_{key}", data=board.payload, **callbacks)


def _report_click(key: str, on_click: Callable[[str, float, float], None]) -> None:
    click = st.session_state[f"live_{key}"].get("clicked")
    if click is not None:
        on_click(click["chart"], click["x"], click["y"])


@cache
def _component() -> Any:
    # Streamlit sends this text with every change of a chart: no more than where the rest is.
    url = orjson.dumps(_server.script_url).decode()
    return st.components.v2.component(
        "live_chart",
        js=f"const url = new URL({url}, document.baseURI)\n"
        "export default (await import(url)).default",
        css="".join((_FOLDER / name).read_text() for name in _STYLES),
        isolate_styles=False,
    )


def go_to(address: str) -> None:
    """Have the browser go to another page, as if its link had been clicked; live charts only.

    Streamlit's own page switch writes the new page's settings into the address of the old one
    first, and the back button would not find what was set there.
    """
    _go_component()(key="go_to", data=address)


@cache
def _go_component() -> Any:
    return st.components.v2.component(
        "go_to",
        js="export default function ({ data }) {\n"
        '  history.pushState(null, "", new URL(data, location.href))\n'
        '  dispatchEvent(new PopStateEvent("popstate"))\n'
        "}",
    )


def _show_plainly(board: Board, key: str) -> None:
    if board.metrics:
        with st.grid(len(board.metrics), min_column_width=110):
            for label, value in board.metrics.items():
                st.metric(label, value)
    charts = [chart for chart in board.charts if chart.figure]
    for first in range(0, len(charts), 2):
        for column, chart in zip(st.columns(2), charts[first : first + 2], strict=False):
            column.caption(f"**{chart.title}** {chart.note}")
            column.plotly_chart(chart.figure, key=f"{key}_{chart.name}", height=300)


def _encode(board: Board, player: Mapping[str, Any] | None) -> bytes:
    """A board as bytes for the browser: the length of a JSON head, the head, the raw arrays.

    The head names an array by its number, so that one which several charts share is sent once.
    """
    arrays: dict[int, NDArray[Any]] = {}

    def reference(value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            raise TypeError(f"a figure should hold arrays and plain values, but got {type(value)}")
        arrays.setdefault(id(value), value)
        return {"array": list(arrays).index(id(value))}

    view = {
        "plotly": _server.plotly_url,
        "metrics": [] if player else list(board.metrics.items()),
        "player": player,
        "charts": [
            {
                "name": chart.name,
                "title": chart.title,
                "note": chart.note,
                "bar": chart.bar,
                "tile": chart.tile,
                "clickable": chart.clickable,
                **chart.figure,
            }
            for chart in board.charts
        ],
        "areas": " ".join(f'"{row}"' for row in board.grid.areas),
        "rows": board.grid.rows,
        "columns": board.grid.columns,
        "fold": board.grid.fold,
        "stacked": board.grid.stacked,
        "dark": DARK,
    }
    view_json = orjson.dumps(view, default=reference)
    blobs = [_padded(array.tobytes(), b"\0") for array in arrays.values()]
    starts = np.cumsum([0, *(len(blob) for blob in blobs)]).tolist()
    places = [
        {"dtype": array.dtype.str[1:], "shape": array.shape, "start": start}
        for array, start in zip(arrays.values(), starts, strict=False)
    ]
    head = _padded(b'{"arrays":%b,"view":%b}' % (orjson.dumps(places), view_json), b" ")
    return b"".join([len(head).to_bytes(_ALIGNMENT, "little"), head, *blobs])


def _padded(part: bytes, filler: bytes) -> bytes:
    return part + filler * (-len(part) % _ALIGNMENT)
