"""The dashboard's main script: the controls in the sidebar, then the page."""

import time
from importlib import import_module
from urllib.parse import urlencode

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard.charts.live_chart import go_to
from dashboard.server.frozen import freeze
from dashboard.shell import controls
from dashboard.shell.page import PLACES, Place

__all__ = ["draw"]

BREATH = 0.5
"""Seconds that a browser has to move to the address of a page."""


def draw() -> None:
    """Draw the dashboard around the page that the address asks for.

    A plain Streamlit script whose first request is for a page knows no navigation yet, and runs the
    page's own file instead of this one; each of them then calls this.
    """
    st.set_page_config(page_title="Minibatch", layout="wide", initial_sidebar_state=310)
    pages = {name: _page(place) for name, place in PLACES.items()}
    groups: dict[str, list[StreamlitPage]] = {}
    for name, page in pages.items():
        groups.setdefault(PLACES[name].group, []).append(page)
    groups[""] += [_moved(place) for name, place in PLACES.items() if "_" in name]
    chosen = st.navigation(groups, position="top")
    if chosen not in pages.values():
        chosen.run()
        return
    place = next(PLACES[name] for name, page in pages.items() if page is chosen)
    left = st.session_state.get("place", place.name)
    with st.sidebar:
        controls.draw(place)
    chosen.run()
    chapters = groups["The notebook"]
    if chosen in chapters[:-1]:
        following = chapters[chapters.index(chosen) + 1]
        st.page_link(following, label=f"Next: {following.title}")
    freeze(chosen.title)  # the first run of a page has imported what it needs
    if left != place.name:
        # When the run ends, Streamlit takes the settings of the page that was left out of the
        # address. Were the browser still there, its back button would not find them. All charts are
        # sent by now.
        time.sleep(BREATH)


def _page(place: Place) -> StreamlitPage:
    def run() -> None:
        import_module(f"pages.{place.name}").page()

    return st.Page(
        run,
        title=place.title,
        url_path=place.name,
        help=place.help,
        default=place.name == "playground",
    )


def _moved(place: Place) -> StreamlitPage:
    """The address that a page had before it was that of its file; it leads to the page."""

    def go() -> None:
        settings = [(key, text) for key in st.query_params for text in st.query_params.get_all(key)]
        go_to(f"./{place.name}?{urlencode(settings)}", instead=True)

    address = place.name.replace("_", "-")
    return st.Page(go, title=place.title, url_path=address, visibility="hidden")


if __name__ == "__main__":
    draw()
