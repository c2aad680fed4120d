"""The Playground: everything the notebook plots, together, answering every control."""

import streamlit as st

from dashboard.charts import live_chart
from dashboard.jobs.proof import show_proof_button
from dashboard.shell import controls
from dashboard.shell.repairs import show_notices
from dashboard.shell.take_away import show_take_away
from dashboard.views.playground import playground_view


def start_there(_: str, b: float, w: float) -> None:
    controls.start_at(w, b)


@st.fragment(key=controls.PAGE)
def page() -> None:
    settings, scale = controls.settings(), controls.view().scale
    view = playground_view(settings, scale)
    chosen = settings.train.init_w is not None or settings.train.init_b is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(view.summary)
        if chosen:
            text = "Start again where nn.Linear(1, 1) does."
            st.button("PyTorch's start", help=text, on_click=controls.start_at, args=(None, None))
        show_take_away(settings)
        show_proof_button(settings)
    show_notices((settings, scale))
    live_chart.show(view.board, "playground", start_there)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw

    draw()
