"""The lab of stability: how large a learning rate can be."""

import streamlit as st

from dashboard import lab
from dashboard.shell import controls
from dashboard.views.stability import stability_view

IDEA = """
Close to a minimum the loss is a bowl, and gradient descent on all the data jumps to and fro across
its sharpest direction. With too large a learning rate each jump ends higher than the last. How
large is too large follows from the sharpness λ alone, the largest eigenvalue of the Hessian.
"""


@st.fragment(key=controls.PAGE)
def page() -> None:
    settings = controls.settings()
    lab.show_head("Stability", settings)
    st.markdown(IDEA)
    lab.show(stability_view(settings, controls.view().scale), "stability")


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw

    draw()
