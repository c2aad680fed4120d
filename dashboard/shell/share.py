"""What a page's address is good for: to copy, to scan, to stand in a course page."""

from collections.abc import Mapping

import segno
import streamlit as st

from dashboard.charts.component import mount
from dashboard.charts.wire import SentCode, SentShare
from dashboard.shell.controls import SETTINGS
from dashboard.shell.session import current_page, session
from dashboard.shell.sidebar import ROWS

__all__ = ["code_of", "show_share"]

MOST = 2953
"""How many letters the largest QR code holds."""

USUAL = ("opt", "shuf")
"""What is likely to be hidden, where a page has it."""

QUIET = 4
"""Modules of white around a code, without which not every phone finds it."""


def show_share() -> None:
    """A button that opens what can be done with the address of the page.

    Only the browser knows it whole: the server's own name, the step, what a frame shows.
    """
    menu = st.popover("Share", key="share", on_change="rerun")
    if not menu.open:
        return
    with menu:
        data: SentShare = {"code": session().code, "hide": _examples()}
        mount("share", data, key="share_sheet", on_asked_change=_make_code)


def _make_code() -> None:
    asked = st.session_state["share_sheet"].get("asked")
    if isinstance(asked, str):
        session().code = code_of(asked)


def code_of(address: str) -> SentCode:
    """A QR code, or why there is none.

    >>> code_of("https://minibatch.example/?bs=10")["picture"][:19]
    'data:image/svg+xml;'
    """
    if len(address.encode()) > MOST:
        says = (
            f"This address has {len(address):,} letters, and a QR code holds {MOST:,} at most. "
            "With fewer kept runs it is shorter."
        )
        return {"address": address, "picture": "", "says": says}
    code = segno.make(address, error="l", micro=False, mode="byte", encoding="utf-8")
    picture = code.svg_data_uri(border=QUIET, light="white", omitsize=True)
    return {"address": address, "picture": picture, "says": ""}


def _examples() -> Mapping[str, str]:
    """The names of two controls of the page, by the keys with which its address can hide them."""
    seen = [key for row in (USUAL, *ROWS) for key in row if key in current_page().controls]
    return {key: SETTINGS[key].label for key in [*dict.fromkeys(seen)][:2]}
