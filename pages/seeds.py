"""The lab of seeds: one setting, trained many times."""

import streamlit as st

from dashboard import lab
from dashboard.shell import controls
from dashboard.views.seeds import seeds_view

IDEA = """
A single curve is one draw of the start and of the order of the points. Here the same settings are
trained with many seeds, counted up from the chosen one. What differs between two settings by less
than the bands are wide may be luck. Give *Start w* and *Start b*, under More, to leave only the
order to chance.
"""


@st.fragment(key=controls.PAGE)
def page() -> None:
    settings, view = controls.settings(), controls.view()
    lab.show_head("Seeds", settings)
    st.markdown(IDEA)
    lab.show(seeds_view(settings, view.seeds, view.unit), "seeds")


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw

    draw()
