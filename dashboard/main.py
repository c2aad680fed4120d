"""The dashboard's main script: the controls in the sidebar, then the page."""

import time
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard import controls
from dashboard.frozen import freeze
from dashboard.places import PLACES

FOLDER = Path(__file__).parent.parent / "pages"

BREATH = 0.5
"""Seconds that a browser has to move to the address of a page."""

st.set_page_config(page_title="Minibatch", layout="wide", initial_sidebar_state=310)
groups: dict[str, list[StreamlitPage]] = {}
for place in PLACES.values():
    groups.setdefault(place.group, []).append(
        st.Page(
            FOLDER / f"{place.name}.py",
            title=place.title,
            url_path=place.path,
            help=place.help,
            default=place.name == "playground",
        )
    )
page = st.navigation(groups, position="top")
place = next(place for place in PLACES.values() if place.title == page.title)
left = st.session_state.get("place", place.name)
with st.sidebar:
    controls.draw(place)
page.run()
chapters = groups["The notebook"]
if page in chapters[:-1]:
    following = chapters[chapters.index(page) + 1]
    st.page_link(following, label=f"Next: {following.title}")
freeze(page.title)  # the first run of a page has imported what it needs
if left != place.name:
    # When the run ends, Streamlit takes the settings of the page that was left out of the address.
    # Were the browser still there, its back button would not find them. All charts are sent by now.
    time.sleep(BREATH)
