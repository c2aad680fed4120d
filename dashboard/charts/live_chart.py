"""Plotly charts that are updated in place, several in a grid: never blank, zoom kept."""

import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field, replace
from functools import cache, partial
from itertools import chain
from typing import Any

import numpy as np
import orjson
import streamlit as st
from numpy.typing import NDArray

from dashboard.charts.component import mount
from dashboard.charts.wire import (
    Bar,
    Click,
    Follows,
    Place,
    SentAsked,
    SentCells,
    SentChart,
    SentRun,
    SentStability,
    SentTerm,
    View,
    placed,
)
from dashboard.charts.wire import Mark as PlayerMark
from dashboard.figures.palette import PALETTE
from dashboard.figures.parts import Figure
from dashboard.server import assets
from minibatch_core.terms import Mark, marks

__all__ = ["Board", "Chart", "ColourBar", "Grid", "show"]

_ALIGNMENT = 8

WRITTEN_BY_THE_PLAYER = frozenset({"surface", "minibatch", "data", "epoch"})
"""The marks of charts whose notes change with every step."""

FILLED = frozenset({"x", "y", "z", "zmin", "zmax"})
"""What run_charts.js fills in of a trace."""

PLAYER_LABELS = (
    "Step",
    "Minibatch",
    "Minibatch loss",
    "Loss, all data",
    "w",
    "b",
    "Minibatch ∂w, ∂b",
    "All data ∂w, ∂b",
)
"""What the player (steps.js) calls those of its numbers that are explained."""


@dataclass(frozen=True, slots=True)
class ColourBar:
    """What the colours of a chart mean: the values at both ends and the stops between.

    `words` say whose range it is.
    """

    low: str
    high: str
    stops: list[list[Any]]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with its name in the grid, its title, and a note that says what to notice.

    A chart with an empty figure is one that the player fills. Of one that follows the run that is
    played, the browser draws all but the looks, and writes the note; the `answer` stands after it,
    faint while the hand is ahead of the server. One that follows several runs is sent whole, and
    the browser draws it anew while the hand is ahead.
    """

    name: str
    title: str
    note: str
    figure: Figure
    bar: ColourBar | None = None
    clickable: bool = False  # a click reports where it was
    seekable: bool = False  # a click goes to the step under it, where a run is played
    mark: PlayerMark | None = None  # what the player draws on it
    follows: Follows | None = None
    answer: str = ""  # what the note can't say without the server


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the charts stand: a string of names a row, as in CSS grid-template-areas.

    `rows` and `columns` are CSS track sizes. Where the page is narrower than `fold` pixels the
    charts stand one below another, each `stacked` pixels high.

    Where the grid is `aligned`, each chart names two rows, one below the other: its caption stands
    in the first and its plot in the second, so that plots side by side begin and end together
    however long their captions are.
    """

    areas: Sequence[str]
    rows: str
    columns: str
    fold: int = 640
    stacked: int = 300
    aligned: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """Metrics above a grid of charts, brought up to date in one go.

    With a run to be played (see `charts.player`) its row of numbers stands in place of the metrics.
    Of `cells` the browser shows the runs of the one that is pointed at on a clickable chart.
    With `runs`, a `race`, `stability` or `noise`, it draws what they would be at the settings that
    the hand holds.
    The browser writes the `revision`, which names what is in the payload, to the board's element
    when all of it is drawn.
    """

    metrics: Mapping[str, str]
    charts: Sequence[Chart]
    grid: Grid
    player: InitVar[SentRun | None] = None
    cells: InitVar[SentCells | None] = None
    runs: InitVar[SentAsked | None] = None
    race: InitVar[SentAsked | None] = None
    stability: InitVar[SentStability | None] = None
    noise: InitVar[SentAsked | None] = None
    payload: bytes = field(init=False, repr=False)
    revision: str = field(init=False)
    explains: frozenset[str] = field(init=False)  # the names of the terms that its notes explain

    def __post_init__(
        self,
        player: SentRun | None,
        cells: SentCells | None,
        runs: SentAsked | None,
        race: SentAsked | None,
        stability: SentStability | None,
        noise: SentAsked | None,
    ) -> None:
        terms = _terms_of(self.charts, player is not None)
        labels = [mark for label in PLAYER_LABELS for mark in marks(label)] if player else []
        found = [mark.term for own in (labels, *chain(*terms)) for mark in own]
        explains = {name for term in found for name in term.explains}
        object.__setattr__(self, "explains", frozenset(explains))
        payload, revision = _encode(self, player, cells, runs, race, stability, noise, terms)
        object.__setattr__(self, "payload", payload)
        object.__setattr__(self, "revision", revision)


def show(
    board: Board, key: str, on_click: Callable[[str, float, float], None] | None = None
) -> None:
    """Show a board, or bring the one shown under the same key up to date.

    `on_click(name, x, y)` is called for a click on a clickable chart, as a callback of Streamlit.
    """
    callbacks = {}
    if on_click is not None:
        callbacks["on_clicked_change"] = partial(_report_click, key, on_click)
    mount("live_chart", key=f"live_{key}", data=board.payload, **callbacks)


def _report_click(key: str, on_click: Callable[[str, float, float], None]) -> None:
    click: Click | None = st.session_state[f"live_{key}"].get("clicked")
    if click is not None:
        on_click(click["chart"], click["x"], click["y"])


def _terms_of(charts: Sequence[Chart], is_played: bool) -> list[tuple[list[Mark], list[Mark]]]:
    """The terms to explain in each chart's note and answer, each once.

    The player writes notes of its own. What is explained in the notes does not depend on the
    answers, of which the browser knows nothing when it writes them.
    """
    seen: set[str] = set()

    def first_here(text: str) -> list[Mark]:
        own = marks(text, seen)
        seen.update(name for mark in own for name in mark.term.explains)
        return own

    notes = [
        [] if is_played and chart.mark in WRITTEN_BY_THE_PLAYER else first_here(chart.note)
        for chart in charts
    ]
    return [(own, first_here(chart.answer)) for own, chart in zip(notes, charts, strict=True)]


def _encode(
    board: Board,
    player: SentRun | None,
    cells: SentCells | None,
    runs: SentAsked | None,
    race: SentAsked | None,
    stability: SentStability | None,
    noise: SentAsked | None,
    terms: Sequence[tuple[Sequence[Mark], Sequence[Mark]]],
) -> tuple[bytes, str]:
    """A board as bytes for the browser, and their revision.

    The bytes are the length of a JSON head (`wire.Head`), the head, deflated, and the raw arrays.
    The head names an array by its number, so that one which several charts share is sent once.
    """
    arrays: dict[int, NDArray[Any]] = {}

    def reference(value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            raise TypeError(f"a figure should hold arrays and plain values, but got {type(value)}")
        arrays.setdefault(id(value), value)
        return {"array": list(arrays).index(id(value))}

    view_json = orjson.dumps(
        _view_of(board, player, cells, runs, race, stability, noise, terms), default=reference
    )
    blobs = [_padded(array.tobytes()) for array in arrays.values()]
    starts = np.cumsum([0, *(len(blob) for blob in blobs)]).tolist()
    places: list[Place] = [
        {"dtype": array.dtype.str[1:], "shape": list(array.shape), "start": start}
        for array, start in zip(arrays.values(), starts, strict=False)
    ]
    parts = orjson.dumps(places), view_json
    revision = _revision_of(*parts, *blobs)
    head = b'{"revision":"%b","arrays":%b,"view":%b}' % (revision.encode(), *parts)
    deflated = zlib.compress(head, wbits=-zlib.MAX_WBITS)
    length = len(deflated).to_bytes(_ALIGNMENT, "little")
    return b"".join([length, _padded(deflated), *blobs]), revision


def _view_of(
    board: Board,
    player: SentRun | None,
    cells: SentCells | None,
    runs: SentAsked | None,
    race: SentAsked | None,
    stability: SentStability | None,
    noise: SentAsked | None,
    terms: Sequence[tuple[Sequence[Mark], Sequence[Mark]]],
) -> View:
    has_runs = any([player, runs, race, stability, noise])  # that charts can follow
    return {
        "plotly": assets.plotly_address(),
        "metrics": [] if player else list(board.metrics.items()),
        "labels": _explained_labels(PLAYER_LABELS if player else tuple(board.metrics)),
        "charts": [
            _sent(chart if has_runs else replace(chart, follows=None), *own)
            for chart, own in zip(board.charts, terms, strict=True)
        ],
        "player": player,
        "cells": cells,
        "runs": runs,
        "race": race,
        "stability": stability,
        "noise": noise,
        "areas": " ".join(f'"{row}"' for row in board.grid.areas),
        "aligned": board.grid.aligned,
        "rows": board.grid.rows,
        "columns": board.grid.columns,
        "fold": board.grid.fold,
        "stacked": board.grid.stacked,
        "palette": PALETTE,
    }


@cache
def _explained_labels(labels: tuple[str, ...]) -> dict[str, SentTerm]:
    """The labels of numbers that name a term, and what it means."""
    found = {label: marks(label)[:1] for label in labels}
    return {
        label: {"name": mark.term.name, "says": mark.term.says}
        for label, first in found.items()
        for mark in first
    }


def _sent(chart: Chart, terms: Sequence[Mark], answered: Sequence[Mark]) -> SentChart:
    data = chart.figure.get("data")
    if chart.follows not in {None, "runs", "race", "stability", "noise"}:
        chart, terms, data = replace(chart, note=""), [], [_look(trace) for trace in data or []]
    bar: Bar | None = None
    if chart.bar is not None:
        bar = {
            "low": chart.bar.low,
            "high": chart.bar.high,
            "stops": chart.bar.stops,
            "words": chart.bar.words,
        }
    return {
        "name": chart.name,
        "title": chart.title,
        "note": chart.note,
        "terms": placed(terms),
        "answer": {"text": chart.answer, "terms": placed(answered)},
        "data": data,
        "layout": chart.figure.get("layout"),
        "bar": bar,
        "clickable": chart.clickable,
        "seekable": chart.seekable,
        "mark": chart.mark,
        "follows": chart.follows,
    }


def _look(trace: dict[str, Any]) -> dict[str, Any]:
    """A trace without what the browser fills in.

    Of a kept run that is where a line stands along it; its path is whole.
    """
    filled = FILLED
    if trace.get("meta") == "kept":
        filled = frozenset({"x"}) if "customdata" in trace else frozenset()
    return {name: value for name, value in trace.items() if name not in filled}


def _revision_of(*parts: bytes) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def _padded(part: bytes) -> bytes:
    return part + b"\0" * (-len(part) % _ALIGNMENT)
