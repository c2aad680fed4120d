"""The notebook's last cell: the loss surface that each minibatch sees."""

import streamlit as st

from dashboard import chapter
from dashboard.shell import controls
from dashboard.views.minibatch_surfaces import minibatch_surfaces_view

IDEA = """
A step does not walk on the landscape of all the data but on that of its own minibatch. Here are
those of k minibatches beside the real one. The smaller the minibatch, the more they differ: move
the batch size B, the notebook's `bs`, as its tip says, and watch the standard deviation between
them.
"""


@st.fragment(key=controls.PAGE)
def page() -> None:
    settings, surfaces, view = controls.settings(), controls.surfaces(), controls.view()
    chapter.show_head("Minibatch loss surfaces", IDEA, settings, surfaces)
    shown = minibatch_surfaces_view(settings, surfaces, view)
    chapter.show(shown, "minibatch_surfaces", settings, surfaces)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw

    draw()
