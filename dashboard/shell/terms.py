"""Sentences whose terms are explained where they first stand on a page."""

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Literal

import streamlit as st

from dashboard.charts import live_chart, live_words
from dashboard.charts.live_chart import Board
from dashboard.shell.session import session
from minibatch_core.terms import legend, marks

__all__ = ["explain", "explain_live", "explained", "formula", "show_board", "with_terms"]

_OUTSIDE_CODE = re.compile("(`[^`]*`)|<")


def explain(text: str, width: int | Literal["stretch"] = "stretch") -> None:
    """Write a Markdown text in which the terms that are new on this page can be looked up."""
    st.markdown(with_terms(text), unsafe_allow_html=True, width=width)


def explain_live(text: str, key: str) -> None:
    """Write a text that the browser writes anew, and explains the terms of."""
    live_words.show(text, key)
    explained().update(name for mark in marks(text) for name in mark.term.explains)


def explained() -> set[str]:
    """The names of the terms that the page that is drawn has explained so far."""
    return session().explained


def show_board(
    board: Board, key: str, on_click: Callable[[str, float, float], None] | None = None
) -> None:
    """Show a board; what its captions explain need not be explained after it."""
    live_chart.show(board, key, on_click)
    explained().update(board.explains)


def with_terms(text: str) -> str:
    """A Markdown text with its new terms marked, in HTML; they are explained from then on."""
    text = _OUTSIDE_CODE.sub(lambda match: match[1] or "&lt;", text)
    parts, at = [], 0
    for mark in marks(text, explained()):
        term = mark.term
        parts += [
            text[at : mark.start],
            _term(text[mark.start : mark.end], term.explains, term.says),
        ]
        at = mark.end
        explained().update(term.explains)
    return "".join([*parts, text[at:]])


def formula(text: str) -> str:
    """A formula, as HTML in Markdown, of which all symbols are explained together."""
    says = legend(text)
    shown = text.replace("|", "&#124;")  # a bar would end the cell of a table
    return _term(shown, [text], says) if says else shown


def _term(shown: str, names: Sequence[str], says: str) -> str:
    """What the browser (terms.js) shows the explanation of, on hover, tap and focus."""
    data = f'data-term="{_attribute(";".join(names))}" data-says="{_attribute(says)}"'
    return f'<span class="term" role="button" tabindex="0" {data}>{shown}</span>'


def _attribute(text: str) -> str:
    return escape(text).replace("|", "&#124;").replace("\n", "&#10;")
