"""The Playground: everything the notebook plots, together, answering every control."""

import streamlit as st

from dashboard import controls, live_chart
from dashboard.proof import show_proof_button
from dashboard.repairs import show_notices
from dashboard.views import PLAYGROUND_GRID, playground_view


@st.fragment(key=controls.PAGE)
def page() -> None:
    settings, scale = controls.settings(), controls.scale()
    view = playground_view(settings, scale)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(view.summary)
        show_proof_button(settings)
    show_notices((settings, scale))
    with st.grid(6, min_column_width=110):
        st.metric("Steps", f"{view.steps:,}")
        st.metric("Loss on all the data", f"{view.final_loss:.4f}")
        st.metric("w", f"{view.w:.4f}")
        st.metric("b", f"{view.b:.4f}")
        st.metric("Accuracy", f"{view.accuracy:.1%}")
        st.metric("Training took", f"{view.seconds * 1e3:.2f} ms")
    live_chart.show(view.charts, PLAYGROUND_GRID, view.payload, key="playground")


page()
