"""The dashboard's main script: the controls in the sidebar, then the page."""

from urllib.parse import urlencode

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard.charts.component import mount
from dashboard.charts.wire import SentLabels
from dashboard.server.frozen import freeze
from dashboard.shell import presenting, repairs, sidebar
from dashboard.shell.controls import SETTINGS
from dashboard.shell.former_addresses import former_addresses, in_todays_words
from dashboard.shell.fragments import PAGE
from dashboard.shell.lesson_panel import show_lesson
from dashboard.shell.navigation import go_to
from dashboard.shell.page import NOTEBOOK, Page
from dashboard.shell.progress import read_address
from dashboard.shell.registry import PAGES
from dashboard.shell.session import session

__all__ = ["draw"]

len(PAGES)  # found now, and not by the threads of two visitors at once


def draw() -> None:
    """Draw the dashboard around the page that the address asks for.

    A plain Streamlit script whose first request is for a page knows no navigation yet, and runs the
    page's own file instead of this one; each of them then calls this.
    """
    entries = {name: _entry(page) for name, page in PAGES.items()}
    groups: dict[str, list[StreamlitPage]] = {}
    for name, entry in entries.items():
        groups.setdefault(PAGES[name].group, []).append(entry)
    groups[""] += [_moved(page, address) for page, address in former_addresses(PAGES)]
    chosen = st.navigation(groups, position="top", expanded=True)
    presenting.read_address()
    st.set_page_config(
        page_title=f"{chosen.title} - Minibatch",
        layout="wide",
        initial_sidebar_state="collapsed" if session().opens_in_hall else 310,
    )
    if chosen not in entries.values():
        chosen.run()
        return
    page = next(PAGES[name] for name, entry in entries.items() if entry is chosen)
    _arrive(page)
    said = _said()
    if (renamed := in_todays_words(page, said)) != said:
        go_to(f"./{page.name}?{urlencode(renamed)}", instead=True)
        return
    presenting.keep_in_address()
    repairs.make_pending()
    repairs.mend_address()
    read_address()
    with st.sidebar:
        sidebar.draw(page)
    chosen.run()
    chapters = groups[NOTEBOOK]
    if chosen in chapters[:-1]:
        following = chapters[chapters.index(chosen) + 1]
        st.page_link(following, label=f"Next: {following.title}")
    mount(
        "shell",
        _labels(page),
        key="shell",
        on_presented_change=presenting.take_from_browser,
    )
    freeze(page.title)  # the first run of a page has imported what it needs


def _arrive(page: Page) -> None:
    """Remember the page that is drawn; notices are of the page where they were made."""
    kept = session()
    kept.has_arrived = kept.page is not page
    kept.page = page
    if kept.has_arrived:
        kept.notices = []


def _labels(page: Page) -> SentLabels:
    """What a handout calls what the address of the page says."""
    labels = {page.key(key): SETTINGS[key].label for key in sorted(page.controls)}
    said: SentLabels = {"title": page.title, "labels": labels}
    return {**said, "presents": True} if session().presents else said


def _said() -> list[tuple[str, str]]:
    """What the address says, in its order."""
    return [(key, text) for key in st.query_params for text in st.query_params.get_all(key)]


@st.fragment(key=PAGE)
def _draw_page(page: Page) -> None:
    repairs.mend_values()
    session().explained.clear()
    show_lesson()
    page.draw()


def _entry(page: Page) -> StreamlitPage:
    def run() -> None:
        _draw_page(page)

    return st.Page(
        run, title=page.title, url_path=page.name, help=page.help, default=page.is_default
    )


def _moved(page: Page, address: str) -> StreamlitPage:
    """An address that a page had; it leads to the page."""

    def go() -> None:
        renamed = in_todays_words(page, _said())
        go_to(f"./{page.name}?{urlencode(renamed)}", instead=True)

    return st.Page(go, title=page.title, url_path=address, visibility="hidden")


if __name__ == "__main__":
    draw()
