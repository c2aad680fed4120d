"""How a lab is laid out: title, charts, and its laws, predicted beside measured."""

from collections.abc import Callable, Mapping

import streamlit as st

from dashboard.charts import live_chart
from dashboard.charts.run import Lab
from dashboard.shell.law_table import show_laws
from dashboard.shell.repairs import show_notices
from dashboard.shell.take_away import show_take_away
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
    show_laws(lab.laws)
