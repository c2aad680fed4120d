"""What a click does to the settings, as callbacks of Streamlit."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.shell.controls import SETTINGS
from dashboard.shell.fragments import PAGE, rerun
from dashboard.shell.page import TABLES, Page
from dashboard.shell.presets import PRESETS
from dashboard.shell.session import current_page, session
from minibatch_core import Settings

__all__ = [
    "change",
    "change_together",
    "choose_point",
    "give",
    "give_playground",
    "load_chosen_preset",
    "load_defaults",
    "load_preset",
    "open_run",
    "start_at",
]


def change(name: str, value: Any) -> None:
    """Give a control of the sidebar another value: it and the page run again."""
    _change({name: value})


def start_at(w: float | None, b: float | None) -> None:
    """Start the run at a point, or where PyTorch does."""
    wanted = {"w0": w, "b0": b}
    for name, value in wanted.items():
        checked = SETTINGS[name].check(name, value)
        wanted[name] = None if checked is None else round(checked, 3)
    _change(wanted)


def choose_point(w: Any, b: Any) -> None:
    """Look at another point of the surface."""
    for name, value in (("pw", w), ("pb", b)):
        st.session_state[current_page().key(name)] = round(SETTINGS[name].check(name, value), 4)


def open_run(run: Settings) -> None:
    """Open a run in the Playground, in the run that follows."""
    session().to_open = run


def give_playground(run: Settings) -> None:
    """Give the Playground's controls the settings of a run."""
    for values, part in ((run.data, "data"), (run.train, "train")):
        for field, setting in TABLES[part].items():
            st.session_state[setting.key] = getattr(values, field)


def give(page: Page, values: Mapping[str, Any]) -> None:
    """Give controls of a page that is not drawn these values, by the keys of their settings."""
    for name, value in values.items():
        st.session_state[page.key(name)] = value


def change_together(values: Mapping[str, Any]) -> None:
    """Give controls of this page other values, whatever depends on them: all is drawn anew."""
    session().wanted.update({current_page().key(name): value for name, value in values.items()})
    session().runs_whole = True


def load_preset(preset: str) -> None:
    """Give the Playground the settings of a preset."""
    give_playground(PRESETS[preset])


def load_chosen_preset() -> None:
    """The same, of the preset that was chosen in the menu."""
    load_preset(st.session_state["preset"])


def load_defaults() -> None:
    """Give every control of the page what it opens with."""
    page = current_page()
    for name in page.controls:
        st.session_state[page.key(name)] = page.defaults[name]


def _change(values: Mapping[str, Any]) -> None:
    wanted = {current_page().key(name): value for name, value in values.items()}
    session().wanted.update(wanted)
    drawn_by = session().drawn_by
    rerun([*dict.fromkeys(drawn_by[key] for key in wanted), PAGE])
