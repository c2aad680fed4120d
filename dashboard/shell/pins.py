"""Runs that someone has pinned to compare them; the address of the page Compare holds them."""

import streamlit as st

from minibatch_core import Settings
from minibatch_core.settings.address import from_address, to_address

__all__ = ["MOST_PINS", "pin", "pinned", "unpin"]

MOST_PINS = 6
"""How many runs can be pinned."""

PARAMETER, SEPARATOR, DEFAULT = "pins", "|", "default"


def pin(settings: Settings) -> None:
    """Pin a run, from a callback; the page says what came of it."""
    pins = _pins()
    if settings in pins:
        st.toast("This run is pinned already. *Compare*, under Labs, shows it.")
    elif len(pins) >= MOST_PINS:
        st.toast(f"{MOST_PINS} runs are pinned already. Remove one on *Compare*, under Labs.")
    else:
        pins.append(settings)
        st.toast(f"Pinned, {len(pins)} of {MOST_PINS}. *Compare*, under Labs, shows it.")


def unpin(number: int) -> None:
    """Take a pin away, from a callback."""
    del _pins()[number]


def pinned() -> tuple[list[Settings], list[str]]:
    """The pinned runs, and a sentence for each in the address that can't be; for the page Compare.

    The address of a new session gives the pins; from then on the pins give the address.
    """
    problems = []
    text = st.query_params.get(PARAMETER, "")
    if text and "pins" not in st.session_state:
        for number, spelled in enumerate(text.split(SEPARATOR), 1):
            if number > MOST_PINS:
                problems.append(
                    f"The address pins more than {MOST_PINS} runs; the rest is left out."
                )
                break
            try:
                _pins().append(from_address("" if spelled == DEFAULT else spelled))
            except ValueError as error:
                problems.append(f"Ignored in the address, run {number}: {error}.")
    pins = _pins()
    held = SEPARATOR.join(to_address(settings) or DEFAULT for settings in pins)
    if pins and held != text:
        st.query_params[PARAMETER] = held
    elif not pins and text:
        del st.query_params[PARAMETER]
    return pins, problems


def _pins() -> list[Settings]:
    pins: list[Settings] = st.session_state.setdefault("pins", [])
    return pins
