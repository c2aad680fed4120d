"""The notebook's section 2: minibatches that come in the same order every epoch."""

import streamlit as st

from dashboard import chapter
from dashboard.shell import controls
from dashboard.views.in_order import in_order_view
from minibatch_core import make_dataset
from minibatch_core.course.dataset import first_points

IDEA = """
Now each step looks at B points only, the next ones in line, and an epoch has ⌈N/B⌉ steps. Unless
they are shuffled, the same minibatches come round in the same order, so the loss swings with a
period of one epoch: the notebook's "systematic oscillation". Set *Shuffling* to *Each epoch* and
the period goes, though the swings stay.
"""


@st.fragment(key=controls.PAGE)
def page() -> None:
    settings, scale = controls.settings(), controls.view().scale
    chapter.show_head("2. Minibatches in order", IDEA, settings)
    chapter.show(in_order_view(settings, scale), "in_order", settings)
    # Sent when it is open only: what draws code is half a megabyte to load.
    first = st.expander("The first points: x_tensor[:5]", key="first_points", on_change="rerun")
    if first.open:
        first.code(first_points(make_dataset(settings.data)), language=None)
        first.markdown(
            "One row a point, one column a feature: the shape (N, 1) that `nn.Linear` wants."
        )


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw

    draw()
