"""What a page gives away: its settings as script and notebook, its run as CSV and as a web page."""

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from dashboard.charts.live_chart import Board
from dashboard.shell.names import name_of_file
from dashboard.shell.pins import pin, tell_pinned
from dashboard.shell.session import current_page
from dashboard.shell.web_page import Place, place, to_web_page
from minibatch_core import (
    Settings,
    SurfaceSettings,
    make_dataset,
    to_csv,
    to_notebook,
    to_script,
    train,
)

__all__ = ["show_take_away"]

JUPYTER = "application/x-ipynb+json"


def show_take_away(
    settings: Settings,
    surfaces: SurfaceSettings | None = None,
    runs: Mapping[str, Settings] | None = None,
    board: Callable[[], Board] | None = None,
) -> None:
    """A button that opens the downloads and one that keeps the run.

    Each file is made when it is asked for. A page that shows several runs gives them by name, and
    one of them is chosen; one that plays a run gives a `board` that the browser can draw alone.
    """

    def script() -> bytes:
        return to_script(settings, surfaces).encode()

    def notebook() -> bytes:
        return to_notebook(settings, surfaces).encode()

    def csv() -> bytes:
        return to_csv(train(make_dataset(settings.data), settings.train)).encode()

    tell_pinned()
    menu = st.popover(
        "Take it away",
        key="take_away",
        on_change="rerun",
        help="These settings as code, this run as a table or as a page that needs no server."
        if board
        else "These settings as code, this run as a table.",
    )
    if not menu.open:  # three buttons less to send with every move of a slider
        return
    with menu:
        if runs:
            settings = runs[st.selectbox("Which run", list(runs), key="run_taken")]
        name = partial(name_of_file, current_page(), settings=settings, surfaces=surfaces)
        _download("PyTorch script", script, name("py"), "text/x-python")
        _download("Notebook for Jupyter, Colab, Kaggle", notebook, name("ipynb"), JUPYTER)
        if board is not None:
            page = partial(_web_page, settings, board, place(settings))
            _download("Web page, runs without a network", page, name("html"), "text/html")
        run = "This run" if surfaces is None else "A run on this data"
        _download(f"{run} as CSV, a row a step", csv, name("csv"), "text/csv")
        st.button(
            f"Keep {run.lower()}, to compare it", on_click=pin, args=(settings,), width="stretch"
        )


def _web_page(settings: Settings, board: Callable[[], Board], where: Place) -> bytes:
    return to_web_page(settings, board(), where).encode()


def _download(label: str, make: Callable[[], bytes], name: str, mime: str) -> None:
    st.download_button(label, make, name, mime, on_click="ignore", width="stretch")
