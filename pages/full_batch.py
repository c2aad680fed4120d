"""The notebook's section 1: 201 steps on all the points at once, with a sigmoid too many."""

import streamlit as st

from dashboard import chapter
from dashboard.shell import controls
from dashboard.views.full_batch import BUG, MEANT, full_batch_view

IDEA = """
Every step looks at all the points: it computes the loss, its gradient, and lets the optimizer
move w and b. No sampling, no noise: with a small learning rate the curves are smooth. The
notebook's loss takes the sigmoid twice; the switch turns that bug off and shows the same run with
the loss that was meant.
"""


def turn_bug() -> None:
    controls.change("loss", BUG if st.session_state["bug"] else MEANT)


@st.fragment(key=controls.PAGE)
def page() -> None:
    settings, scale = controls.settings(), controls.view().scale
    chapter.show_head("1. Full batch", IDEA, settings)
    st.session_state["bug"] = settings.train.loss == BUG
    st.toggle("The notebook's bug: BCEWithLogitsLoss on sigmoids", key="bug", on_change=turn_bug)
    chapter.show(full_batch_view(settings, scale), "full_batch", settings)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw

    draw()
