"""The notebook's section 3: Dataset, DataLoader, the shuffled run, and the model's summary."""

from dataclasses import replace

import streamlit as st

from dashboard import chapter
from dashboard.charts import live_chart
from dashboard.shell import controls
from dashboard.views.dataset_and_dataloader import dataloader_view, pictures_view
from minibatch_core.course.dataset import model_summary

IDEA = """
A `Dataset` answers `dataset[i]` and `len(dataset)`; a `DataLoader` decides which of its points make
the next minibatch. Shuffling in each epoch gives every point a turn an epoch, in ever new company.
"""

PICTURES = """
**Who is in which minibatch?** One cell a point, one row an epoch, one colour a minibatch. Where the
batch size does not divide N, *Drop the last short batch*, under More, empties the cells of a tail.
"""

SUMMARY = """
**Linear, 2 parameters**: one weight w and one bias b, since the layer goes from one feature to one
output. **Sigmoid, none**: it has nothing to learn. **Output shape [1, 1]**: one point in, one
number out; with a minibatch of 50 it would be [50, 1]. Both parameters are trainable, and every
point costs two multiply-adds, so few that all sizes round to 0.00 MB. (The notebook's torchsummary
is no longer kept up; torchinfo is its successor and counts the same.)
"""


@st.fragment(key=controls.PAGE)
def page() -> None:
    settings, view = controls.settings(), controls.view()
    chapter.show_head("3. Dataset and DataLoader", IDEA, settings)
    # The notebook prints its batches before the third run, without the unused draws.
    pictured = replace(settings.train, batch_size=view.order_batch_size, randn_before_model=0)
    pictures = pictures_view(settings.data, pictured)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**A Dataset**: `x[4:6]` and `dataset[4:6]`, as the notebook prints them")
        st.code(pictures.item, language=None, wrap_lines=True)
    with right:
        st.markdown(f"**A DataLoader**: its first epoch, batch_size={view.order_batch_size:,}")
        st.code(pictures.printed, language=None, height=130)
    st.markdown(PICTURES)
    live_chart.show(pictures.board, "pictures")
    st.markdown("**Training with it**")
    chapter.show(dataloader_view(settings, view.scale), "dataloader", settings)
    with st.expander("The model's summary, by torchinfo"):
        st.code(model_summary(), language=None)
        st.markdown(SUMMARY)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw

    draw()
