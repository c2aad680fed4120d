"""The lab of optimizers: a race on the same minibatches."""

import streamlit as st

from dashboard import controls, lab
from dashboard.views.optimizers import optimizers_view
from minibatch_core.settings import OPTIMIZERS

IDEA = """
The same points in the same order from the same start: what differs is only what each optimizer
makes of the gradients. Those that divide by the gradient's size take a learning rate of their own.
"""


@st.fragment(key=controls.PAGE)
def page() -> None:
    settings = controls.settings()
    lab.show_head("Optimizers side by side", settings, run=False)  # they are several
    st.markdown(IDEA)
    chosen = st.pills(
        "Optimizers",
        list(OPTIMIZERS),
        selection_mode="multi",
        default=["sgd", "momentum", "rmsprop", "adam"],
        format_func=OPTIMIZERS.__getitem__,
        key="opts_10",
        bind="query-params",
        persist_state="session",
    )
    shown = optimizers_view(settings, tuple(chosen), controls.view())
    lab.show(shown, "optimizers")


page()
