"""The lab of sweeps: two settings over a grid, and what batch size costs and saves."""

import streamlit as st

from dashboard import lab
from dashboard.jobs.sweeps import Sweep, show_progress, sweep_of
from dashboard.shell import controls
from dashboard.views.sweep import runs_of, sweep_view
from minibatch_core.settings.sweep import SWEPT

IDEA = """
Each cell trains with one pair of values, with several seeds, and all the other settings as they are
on the left. Larger batches need fewer steps, but beyond a critical size hardly fewer, while every
step looks at more points. Click a cell to open its first run in the Playground. What *{across}* and
*{up}* on the left say matters to no cell.
"""


@st.fragment(key=controls.PAGE)
def page() -> None:
    settings = controls.settings()
    try:
        sweep = sweep_of(settings, controls.sweep())
    except ValueError as error:
        lab.show_head("Sweep", settings)
        st.error(f"This can't be swept: {error}.")
        return
    lab.show_head("Sweep", settings, runs_of(sweep))
    st.markdown(IDEA.format(across=SWEPT[sweep.sweep.across], up=SWEPT[sweep.sweep.up]))
    if "opened_run" in st.session_state:
        controls.open_in_playground(st.session_state.pop("opened_run"))
    if sweep.running:
        show_running(sweep)
    else:
        sweep.work.result()  # what went wrong is shown, not hidden
        show(sweep)


@st.fragment(run_every=1.0)
def show_running(sweep: Sweep) -> None:
    if not sweep.running:
        st.rerun()
    show_progress(sweep)
    show(sweep)


def show(sweep: Sweep) -> None:
    def open_cell(_: str, across: float, up: float) -> None:
        i, j = round(up), round(across)
        if 0 <= i < len(sweep.up) and 0 <= j < len(sweep.across):
            st.session_state["opened_run"] = sweep.cells[i][j]

    lab.show(sweep_view(sweep, controls.view().scale), "sweep", open_cell)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw

    draw()
