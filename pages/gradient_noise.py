"""The lab of gradient noise: how the gradients of minibatches scatter, and what that costs."""

import streamlit as st

from dashboard import lab
from dashboard.shell import controls
from dashboard.views.gradient_noise import gradient_noise_view

IDEA = """
At any (w, b) each point pulls in its own direction; the gradient of all the data is the mean. A
minibatch takes the mean of B of them, and so misses by chance. How far, which batch size that asks
for, and how long a step it allows, follows from the N gradients alone: B_simple = tr Σ / |G|² is
the batch size at which noise and gradient are equally large, B_noise the one at which a step is
half as useful as one without noise.
"""


def look_there(_: str, b: float, w: float) -> None:
    controls.choose_point(w, b)


@st.fragment(key=controls.PAGE)
def page() -> None:
    settings, surfaces = controls.settings(), controls.surfaces()
    lab.show_head("Gradient noise", settings)
    left, right = st.columns([5, 2], gap="medium")
    left.markdown(IDEA)
    with right:
        controls.draw_point()
    shown = gradient_noise_view(settings, surfaces, controls.view())
    lab.show(shown, "gradient_noise", look_there)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw

    draw()
