"""Which parts of the script run when a control changes.

A control whose change leaves the other controls as they are is a fragment of its own: moving it
runs that fragment and the page, a third of the work of the whole script.
"""

import streamlit as st

from dashboard.server.undocumented import is_run_of_fragments

__all__ = ["PAGE", "rerun"]

PAGE = "page"
"""The fragment in which every page draws what depends on the settings."""


def rerun(fragments: list[str]) -> None:
    """Run these fragments instead of the one whose control has changed, from a callback.

    Where a change of another control has asked for the whole script, it runs as it is: stopped by
    a rerun of fragments it would have drawn nothing, and the browser would clear the page.
    """
    if is_run_of_fragments():
        st.rerun(fragments)
