"""The notebook's opening: its data, its noise, and the loss over every w and b."""

import streamlit as st

from dashboard import chapter
from dashboard.shell import controls
from dashboard.views.loss_surface import loss_surface_view

IDEA = """
Each point has one feature x and a class y, 1 where x is above 1 and 0 below, but for some labels
that noise has flipped. The model p = σ(w x + b) has two parameters, so its loss is a landscape over
the plane of w and b, and training is a walk to its lowest place. Click anywhere on it to see the
sigmoid that lives there.
"""


def show_sigmoid(_: str, b: float, w: float) -> None:
    controls.choose_point(w, b)


@st.fragment(key=controls.PAGE)
def page() -> None:
    settings, surfaces = controls.settings(), controls.surfaces()
    chapter.show_head("Data and loss surface", "", settings, surfaces)
    left, right = st.columns([5, 2], gap="medium")
    left.markdown(IDEA)
    with right:
        controls.draw_point()
    shown = loss_surface_view(settings, controls.view())
    chapter.show(shown, "loss_surface", settings, surfaces, show_sigmoid)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw

    draw()
