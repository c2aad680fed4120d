"""The sidebar: the controls that a page shows, from top to bottom."""

from collections.abc import Iterable, Set

import streamlit as st

from dashboard.charts.component import mount
from dashboard.shell.acts import load_chosen_preset, load_defaults, load_preset
from dashboard.shell.chosen import value
from dashboard.shell.controls import SETTINGS, draw_control, draw_together, own_words, row
from dashboard.shell.hidden import hide
from dashboard.shell.page import LABS, TABLES, Page
from dashboard.shell.presets import PRESETS
from dashboard.shell.session import current_page
from minibatch_core import NOTEBOOK_PRESETS
from minibatch_core.optimizers import OPTIMIZERS

__all__ = ["draw"]

ROWS = (
    *(("route",), ("first",), ("by",)),
    *(("sx",), ("sx0", "sx1", "sxn"), ("sy",), ("sy0", "sy1", "syn"), ("runs", "goal")),
    *(("nseeds",), ("sort",)),
    *(
        ("bs",),
        ("drop",),
        ("lr",),
        ("match",),
        ("alr",),
        ("mom",),
        ("sched",),
        ("opt", "shuf"),
        ("loss",),
        ("ep",),
    ),
    *(("k",), ("repl",), ("div",), ("kseed",), ("look",), ("own",)),
    *(("src",), ("n",), ("noise",), ("seed", "dseed"), ("unit",), ("cost",)),
)
"""The settings of the sidebar from top to bottom, those of a row side by side."""

UNDO = 72
"""Pixels: as wide as its word."""

LAST = (("sched",), ("drop",), ("sort",), ("w0",), ("b0",), ("pre",), ("scale",))
"""What stands under "More", below the optimizer's hyperparameters."""

UNDER_MORE = {"mom", "sched", "drop", "sort"}
"""What stands under "More", and not above it, where an optimizer can be chosen."""


def draw(page: Page) -> None:
    """Draw the sidebar of a page that has one."""
    if not page.controls:
        return
    hide((*ROWS, *LAST))
    if page.is_default:
        _draw_presets()
    _draw_ways_back(page)
    more = "opt" in page.controls
    with st.container(gap="xsmall"):
        _draw_rows(ROWS, page.controls - UNDER_MORE if more else page.controls)
    if more:
        with st.expander("More"):
            draw_together(_draw_more, "more")


def _draw_ways_back(page: Page) -> None:
    """Undo, which the browser's history does, and the settings that the page opens with."""
    with row():
        mount("undo", {}, key="undo", width=UNDO)
        text = "Give every control on this page the value that it opened with."
        st.button(_opening_of(page), help=text, on_click=load_defaults, width="stretch")


def _opening_of(page: Page) -> str:
    if page.is_default:
        return "The usual settings"
    return "The lab's settings" if page.group == LABS else "The notebook's settings"


def _draw_presets() -> None:
    """The notebook's runs by the number of their section, and a menu with more."""
    with st.container(gap=None):
        st.caption("The notebook's runs, by section")
        with row():
            for number, name in enumerate(list(PRESETS)[: len(NOTEBOOK_PRESETS)], 1):
                st.button(f"§{number}", help=name, on_click=load_preset, args=(name,))
            st.menu_button("Presets", list(PRESETS), key="preset", on_click=load_chosen_preset)


def _draw_rows(rows: Iterable[tuple[str, ...]], keys: Set[str], group: str | None = None) -> None:
    for side_by_side in rows:
        names = [name for name in side_by_side if name in keys and _is_open(name)]
        if len(names) == 1:
            draw_control(names[0], group)
        elif names:
            with row():
                for name in names:
                    draw_control(name, group)


def _is_open(name: str) -> bool:
    """Whether there is anything to choose, as there is not between one source of data.

    A step costs something in time alone.
    """
    if name == "cost":
        return bool(value("unit") == "time")
    choices = SETTINGS[name].choices
    return choices is None or len(choices) > 1


def _draw_more(group: str) -> None:
    """The optimizer's hyperparameters, and what is seldom changed."""
    optimizer = value("opt")
    for field in OPTIMIZERS[optimizer].hyperparameters:
        setting = TABLES["train"][field]
        if setting.kind is bool:
            draw_control(setting.key, group)
        else:
            draw_control(setting.key, group, **own_words(field, optimizer, current_page().controls))
    _draw_rows(LAST, current_page().controls, group)
