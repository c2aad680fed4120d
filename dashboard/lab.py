"""How a lab is laid out: title, charts, and its laws, predicted beside measured."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from dashboard import live_chart
from dashboard.repairs import show_notices
from dashboard.take_away import show_take_away
from dashboard.views.shared import Lab, Law
from minibatch_core import Settings

__all__ = ["show", "show_head"]


def show_head(title: str, settings: Settings, runs: Mapping[str, Settings] | None = None) -> None:
    """The title, what can be taken from the page's run or runs, and what had to be repaired."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(title, anchor=False)
        show_take_away(settings, runs=runs)
    show_notices(settings)


def show(lab: Lab, key: str, on_click: Callable[[str, float, float], None] | None = None) -> None:
    """The charts, then the laws."""
    if lab.warning is not None:
        st.warning(lab.warning)
    live_chart.show(lab.board, key, on_click)
    _show_laws(lab.laws)


def _show_laws(laws: Sequence[Law]) -> None:
    if not laws:
        return
    st.markdown("**Laws, predicted beside measured**")
    lines = ["| law | predicted | measured | apart |", "|---|---|---|---|"]
    for law in laws:
        # A bar of |G| would end the cell.
        formula = law.formula.replace("|", "&#124;")
        measured = f"{law.measured:.4g}" + (f" ± {law.error:.1g}" if law.error else "")
        name = f"**{law.name}**: {formula} :small[({law.note})]"
        lines.append(f"| {name} | {law.predicted:.4g} | {measured} | {law.apart} |")
    st.markdown("\n".join(lines))
