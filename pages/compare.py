"""The lab that sets pinned runs beside one another."""

import streamlit as st

from dashboard.charts import live_chart
from dashboard.shell import controls
from dashboard.shell.pins import MOST_PINS, pinned, unpin
from dashboard.views.compare import COLOURS, compare_view
from minibatch_core import Settings

IDEA = f"""
Pin a run on any page, under *Take it away*, up to {MOST_PINS}; here they lie over one another, with
what differs between them. The address holds them all: copy it to share the comparison.
"""


def page() -> None:
    st.subheader("Compare", anchor=False)
    st.markdown(IDEA)
    pins, problems = pinned()
    for problem in problems:
        st.warning(problem)
    if not pins:
        st.info("Nothing is pinned yet.")
        return
    shown = compare_view(tuple(pins))
    live_chart.show(shown.board, "compare")
    heads = [
        f'<span style="color:{colour}">●</span> Run {k}'
        for k, colour in enumerate(COLOURS[: len(pins)], 1)
    ]
    lines = [["", *heads], ["---"] * (len(pins) + 1)]
    for title, rows in (("What differs", shown.settings), ("What came of it", shown.results)):
        lines.append([f"**{title}**", *[""] * len(pins)])
        lines += [[label, *values] for label, values in rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    st.markdown(table, unsafe_allow_html=True)
    if "opened_run" in st.session_state:
        controls.open_in_playground(st.session_state.pop("opened_run"))
    for number, settings in enumerate(pins):
        with st.container(horizontal=True):
            st.button(
                f"Open run {number + 1} in the Playground", on_click=open_run, args=(settings,)
            )
            st.button(f"Remove run {number + 1}", on_click=unpin, args=(number,))


def open_run(settings: Settings) -> None:
    st.session_state["opened_run"] = settings


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw

    draw()
