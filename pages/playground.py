"""The Playground: everything the notebook plots, together, answering every control."""

import streamlit as st

from dashboard import controls, live_chart
from dashboard.proof import show_proof_button
from dashboard.repairs import show_notices
from dashboard.take_away import show_take_away
from dashboard.views.playground import playground_view


@st.fragment(key=controls.PAGE)
def page() -> None:
    settings, scale = controls.settings(), controls.view().scale
    view = playground_view(settings, scale)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(view.summary)
        show_take_away(settings)
        show_proof_button(settings)
    show_notices((settings, scale))
    live_chart.show(view.board, key="playground")


page()
