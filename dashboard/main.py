"""The dashboard's main script: the controls in the sidebar, then the page."""

import time
from pathlib import Path

import streamlit as st

from dashboard import controls
from dashboard.frozen import freeze
from dashboard.places import PLACES

FOLDER = Path(__file__).parent.parent / "pages"

BREATH = 0.5
"""Seconds that a browser has to move to the address of a page."""

st.set_page_config(page_title="Minibatch", layout="wide", initial_sidebar_state=310)
first, *chapters = (
    st.Page(
        FOLDER / f"{place.name}.py",
        title=place.title,
        url_path=place.path,
        help=place.help,
        default=place.name == "playground",
    )
    for place in PLACES.values()
)
page = st.navigation({"": [first], "The notebook": chapters}, position="top")
place = next(place for place in PLACES.values() if place.title == page.title)
left = st.session_state.get("place", place.name)
with st.sidebar:
    controls.draw(place)
page.run()
if page in chapters[:-1]:
    following = chapters[chapters.index(page) + 1]
    st.page_link(following, label=f"Next: {following.title}")
freeze(page.title)  # the first run of a page has imported what it needs
if left != place.name:
    # When the run ends, Streamlit takes the settings of the page that was left out of the address.
    # Were the browser still there, its back button would not find them. All charts are sent by now.
    time.sleep(BREATH)
