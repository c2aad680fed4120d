"""The dashboard presented to a hall, as `present=1` in the address asks: its presets, its size."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Literal

import streamlit as st

from dashboard.server.undocumented import is_back_or_forward
from dashboard.shell.acts import change, change_together
from dashboard.shell.chosen import value
from dashboard.shell.controls import STOPS
from dashboard.shell.names import differences
from dashboard.shell.page import TABLES
from dashboard.shell.presets import PRESETS
from dashboard.shell.session import current_page, session
from minibatch_core import NOTEBOOK_PRESETS, Settings

__all__ = ["keep_in_address", "read_address", "show_presets", "take_from_browser"]

PARAMETER, ON = "present", "1"


def read_address() -> None:
    """Present, or not, as the address says that is opened, or gone back to."""
    kept, is_asked = session(), st.query_params.get(PARAMETER) == ON
    if kept.presents is None:
        kept.opens_in_hall = is_asked
    if kept.presents is None or is_back_or_forward():
        kept.presents = is_asked


def take_from_browser() -> None:
    """Present, or no longer, as the browser does already: a callback of its shell."""
    said = st.session_state["shell"].get("presented")
    if said is not None:
        session().presents = bool(said["is"])


def keep_in_address() -> None:
    """Have the address say whether it is presented, on every page."""
    if session().presents and st.query_params.get(PARAMETER) != ON:
        st.query_params[PARAMETER] = ON
    elif not session().presents and PARAMETER in st.query_params:
        del st.query_params[PARAMETER]


def show_presets(present: Settings) -> None:
    """The presets, the active one marked, and the batch size, for a key each."""
    active = next((name for name, run in PRESETS.items() if not differences(run, present)), None)
    names = list(PRESETS)
    first, more = names[: len(NOTEBOOK_PRESETS)], names[len(NOTEBOOK_PRESETS) :]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="presets"):
        for number, name in enumerate(first, 1):
            st.button(
                f"§{number}",
                key=f"preset_{number}",
                help=name,
                type=_marked(name == active),
                on_click=_load,
                args=(name,),
            )
        label = active if active in more else "Presets"
        st.menu_button(
            label, more, key="preset_more", type=_marked(active in more), on_click=_load_chosen
        )
        _show_batch_size(present)


def _marked(is_active: bool) -> Literal["primary", "secondary"]:
    return "primary" if is_active else "secondary"


def _load(preset: str) -> None:
    run = PRESETS[preset]
    change_together(
        {
            setting.key: getattr(values, field)
            for values, part in ((run.data, "data"), (run.train, "train"))
            for field, setting in TABLES[part].items()
            if setting.key in current_page().controls
        }
    )


def _load_chosen() -> None:
    _load(st.session_state["preset_more"])


def _show_batch_size(present: Settings) -> None:
    """The batch size between the usual ones that come before it and after it."""
    size, stops = present.train.batch_size, [k for k in STOPS["bs"] if k <= value("n")]
    _show_step("−", "smaller", stops[: bisect_left(stops, size)][-1:])
    st.markdown(f"B = {size:,}", width="content")
    _show_step("+", "larger", stops[bisect_right(stops, size) :][:1])


def _show_step(label: str, which: str, sizes: Sequence[float]) -> None:
    """A button that takes the only one of `sizes`, if there is one."""
    st.button(
        label,
        key=f"{which}_batch",
        help=f"A {which} batch size",
        disabled=not sizes,
        on_click=change,
        args=("bs", *sizes),
    )
