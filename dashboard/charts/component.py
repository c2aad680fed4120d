"""Our own components of Streamlit, whose modules the browser loads from our folder."""

from functools import cache
from typing import Any

import streamlit as st

from dashboard.server import assets

__all__ = ["mount"]


def mount(name: str, **arguments: Any) -> None:
    """Have the browser run a component of ours with what it is given."""
    assets.register()
    _component(name)(**arguments)


@cache
def _component(name: str) -> Any:
    return st.components.v2.component(assets.component(name), js=f"{name}.js", isolate_styles=False)
