"""The kept runs of the Playground: which is which, what must be said of them, their removal."""

from collections.abc import Sequence

import streamlit as st

from dashboard.figures.palette import RUNS
from dashboard.shell.names import differences, name_beside, told_apart
from dashboard.shell.pins import pin, unpin, unpin_all
from minibatch_core import Settings

__all__ = ["show_keep_button", "show_kept", "titles"]


def titles(kept: Sequence[Settings], present: Settings) -> list[str]:
    """What each kept run is called: its number, and what it has that the present one has not."""
    return [f"{k}: {name_beside(run, present)}" for k, run in enumerate(kept, 1)]


def show_keep_button(present: Settings) -> None:
    """A button that leaves the present run in the charts while the settings go on to change."""
    text = (
        "This run stays in the charts, dashed, while you change the settings. "
        "*Compare*, under Labs, shows it as well."
    )
    st.button("Keep this curve", key="keep", help=text, on_click=pin, args=(present,))


def show_kept(kept: Sequence[Settings], present: Settings, remarks: Sequence[str]) -> None:
    """A button for each kept run, which names it in its colour and removes it; then the remarks."""
    if kept:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown("Kept runs (dashed):", width="content")
            for k, title in enumerate(titles(kept, present)):
                swatch = f':color[**╍╍**]{{foreground="{RUNS[k]}"}}'
                text = f"Remove this curve. {_told(kept[k], present)}"
                button = f"{swatch} {title} ✕"
                st.button(button, key=f"kept_{k}", help=text, on_click=unpin, args=(k,))
            if len(kept) > 1:
                st.button("Remove all", on_click=unpin_all)
    if remarks:
        st.caption(" ".join(remarks))


def _told(run: Settings, present: Settings) -> str:
    if not differences(run, present):
        return "It is the run that you see now, so it is not drawn twice."
    return f"{told_apart(run, present)}; the rest is as in the present run."
