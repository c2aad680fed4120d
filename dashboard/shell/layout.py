"""How a page is laid out: title, idea, charts, laws, numbers beside the notebook's, slips, code."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.charts.live_chart import Board
from dashboard.shell.comparison import Comparison
from dashboard.shell.pins import pinned
from dashboard.shell.proof_dialog import show_proof_button
from dashboard.shell.repairs import show_notices
from dashboard.shell.session import current_page, session
from dashboard.shell.share import show_share
from dashboard.shell.tables import show_laws, show_table
from dashboard.shell.take_away import show_take_away
from dashboard.shell.terms import explain, show_board
from minibatch_core import Settings, SurfaceSettings, to_script
from minibatch_core.theory.laws import Finding

__all__ = ["Notice", "Shown", "show", "show_beside_the_notebook", "show_head"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A slip of the notebook, and what it does."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows: charts and laws; a page of the notebook its numbers and slips as well.

    `words` say what is to be seen at these settings, a paragraph each.
    """

    board: Board
    laws: Sequence[Finding] = ()
    warning: str | None = None
    comparison: Comparison | None = None
    notices: Sequence[Notice] = ()
    words: Sequence[str] = ()  # what the charts below show, at these settings


def show_head(
    settings: Settings,
    idea: str = "",
    surfaces: SurfaceSettings | None = None,
    runs: Mapping[str, Settings] | None = None,
    can_be_checked: bool = False,
    board: Callable[[], Board] | None = None,
) -> None:
    """The title, what can be taken from the page, what had to be repaired, and the page's idea.

    A page that shows several `runs` gives them by name; one that trains can be checked against
    PyTorch; one that plays a run gives the `board` of it that can be taken away.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(current_page().title, anchor=False)
        show_take_away(settings, surfaces, runs, board)
        show_share()
        if can_be_checked:
            show_proof_button(settings)
    session().notices += pinned()[1]
    show_notices((settings, surfaces))
    if idea:
        explain(idea)


def show(
    shown: Shown,
    settings: Settings,
    surfaces: SurfaceSettings | None = None,
    on_click: Callable[[str, float, float], None] | None = None,
) -> None:
    """The charts and laws; for the notebook its numbers beside ours, its slips, and the code."""
    if shown.warning is not None:
        st.warning(shown.warning)
    if shown.words:
        several = len(shown.words) > 1
        explain("\n".join(f"- {each}" if several else each for each in shown.words))
    show_board(shown.board, current_page().name, on_click)
    show_laws(shown.laws)
    if shown.comparison is not None:
        show_beside_the_notebook(shown.comparison, shown.notices, settings, surfaces)


def show_beside_the_notebook(
    comparison: Comparison,
    notices: Sequence[Notice],
    settings: Settings,
    surfaces: SurfaceSettings | None = None,
    code_of: str = "exactly these settings",
) -> None:
    """The notebook's numbers beside ours, its slips, and the code of the settings."""
    _show_notebook(comparison, notices)
    # Sent when it is open only: colouring the code costs the browser as much as a chart.
    code = st.expander(f"PyTorch code of {code_of}", key="code", on_change="rerun")
    if code.open:
        code.code(to_script(settings, surfaces), language="python")


def _show_notebook(comparison: Comparison, notices: Sequence[Notice]) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**What the notebook shows, and ours beside it**")
        # Two rows each, since six columns of numbers do not fit a phone.
        rows = []
        for label, pairs in comparison.rows:
            rows.append([label, "notebook", *(notebook for notebook, _ in pairs)])
            rows.append(["", "ours", *(here for _, here in pairs)])
        show_table(["what", "whose", *comparison.quantities], rows)
        st.caption(comparison.said)
    if notices:
        with right:
            _show_slips(notices)


def _show_slips(notices: Sequence[Notice]) -> None:
    st.markdown("**Slips worth knowing**")
    for notice in notices:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**{notice.title}**")
            explain(f":small[{notice.text}]")
