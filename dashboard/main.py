"""The dashboard's main script: the controls in the sidebar, then the page."""

from pathlib import Path

import streamlit as st

from dashboard import controls
from dashboard.frozen import freeze

PAGES = Path(__file__).parent.parent / "pages"

st.set_page_config(page_title="Minibatch", layout="wide", initial_sidebar_state=310)
page = st.navigation([st.Page(PAGES / "playground.py", title="Playground", default=True)])
with st.sidebar:
    controls.draw()
page.run()
freeze(page.title)  # the first run of a page has imported what it needs
