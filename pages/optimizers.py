"""The lab of optimizers: a race on the same minibatches."""

import streamlit as st

from dashboard import lab
from dashboard.shell import controls
from dashboard.views.optimizers import optimizers_view, racers

IDEA = """
The same points in the same order from the same start: what differs is only what each optimizer
makes of the gradients. Those that divide by the gradient's size take a learning rate of their own.
"""


@st.fragment(key=controls.PAGE)
def page() -> None:
    settings = controls.settings()
    head = st.container()
    st.markdown(IDEA)
    controls.draw_optimizers()
    view = controls.view()
    with head:
        lab.show_head("Optimizers side by side", settings, racers(settings, view))
    lab.show(optimizers_view(settings, view), "optimizers")


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw

    draw()
