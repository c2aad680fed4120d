"""How a page of the notebook is laid out: the idea, the charts, the numbers, slips, and code."""

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.charts import live_chart
from dashboard.charts.run import Chapter, Comparison, Notice
from dashboard.jobs.proof import show_proof_button
from dashboard.shell.law_table import show_laws
from dashboard.shell.repairs import show_notices
from dashboard.shell.take_away import show_take_away
from minibatch_core import Settings, SurfaceSettings, to_script

__all__ = ["show", "show_head"]


def show_head(
    title: str, idea: str, settings: Settings, surfaces: SurfaceSettings | None = None
) -> None:
    """The title, what can be taken from the page, and its idea.

    A page of surfaces trains nothing, and so has nothing to check against PyTorch.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(title, anchor=False)
        show_take_away(settings, surfaces)
        if surfaces is None:
            show_proof_button(settings)
    show_notices((settings, surfaces))
    if idea:
        st.markdown(idea)


def show(
    chapter: Chapter,
    key: str,
    settings: Settings,
    surfaces: SurfaceSettings | None = None,
    on_click: Callable[[str, float, float], None] | None = None,
) -> None:
    """The charts, then laws, the notebook's numbers beside ours, its slips, and the code."""
    if chapter.warning is not None:
        st.warning(chapter.warning)
    live_chart.show(chapter.board, key, on_click)
    show_laws(chapter.laws)
    left, right = st.columns(2, gap="medium")
    with left:
        _show_comparison(chapter.comparison)
    if chapter.notices:
        with right:
            _show_slips(chapter.notices)
    # Sent when it is open only: colouring the code costs the browser as much as a chart.
    code = st.expander("PyTorch code of exactly these settings", key="code", on_change="rerun")
    if code.open:
        code.code(to_script(settings, surfaces), language="python")


def _show_comparison(comparison: Comparison) -> None:
    st.markdown("**What the notebook shows, and ours beside it**")
    # Two rows each, since six columns of numbers do not fit a phone.
    lines = [["", "", *comparison.quantities], ["---"] * (2 + len(comparison.quantities))]
    for label, pairs in comparison.rows:
        lines.append([label, "notebook", *(notebook for notebook, _ in pairs)])
        lines.append(["", "ours", *(here for _, here in pairs)])
    st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))
    if comparison.equal:
        st.caption("All of them are the notebook's, to every digit shown.")
    else:
        st.caption("The settings are not the notebook's, so the numbers differ.")


def _show_slips(notices: Sequence[Notice]) -> None:
    st.markdown("**Slips worth knowing**")
    for notice in notices:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**{notice.title}**")
            st.markdown(f":small[{notice.text}]")
