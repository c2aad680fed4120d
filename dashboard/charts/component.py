"""Our own components of Streamlit, whose modules the browser loads from our folder."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import streamlit as st

from dashboard.server import assets

__all__ = ["mount"]


def mount(name: str, data: bytes | Mapping[str, Any], **arguments: Any) -> None:
    """Have the browser run a component of ours with bytes, or with a list of what else it is given.

    In a mapping Streamlit would look for tables, and read pandas for it: 65 MB of every server.
    """
    assets.register()
    _component(name)(data=data if isinstance(data, bytes) else [data], **arguments)


@cache
def _component(name: str) -> Any:
    return st.components.v2.component(assets.component(name), js=f"{name}.js", isolate_styles=False)
