"""The lab of orders: what it does whether and how the points are shuffled."""

import streamlit as st

from dashboard import lab
from dashboard.shell import controls
from dashboard.views.order_matters import order_matters_view, orders

IDEA = """
Four runs of SGD from the same start with the same batch size: the points as stored, permuted once,
permuted each epoch, and drawn with replacement. A fixed order makes the run circle; a new order
each epoch makes the errors of an epoch cancel; replacement lets them add up.
"""


@st.fragment(key=controls.PAGE)
def page() -> None:
    settings = controls.settings()
    lab.show_head("Order matters", settings, orders(settings))
    st.markdown(IDEA)
    lab.show(order_matters_view(settings), "order_matters")


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw

    draw()
