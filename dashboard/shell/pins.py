"""Runs that someone has kept: the Playground draws them beside the present run, Compare together.

The address of every page holds them, as its pins: a page that is loaded anew has lost none.
"""

import streamlit as st

from dashboard.server.undocumented import is_back_or_forward, is_run_of_fragments
from dashboard.shell.problems import on_screen
from dashboard.shell.session import session
from minibatch_core import Settings
from minibatch_core.settings.address import from_address, to_address

__all__ = ["MOST_PINS", "pin", "pinned", "tell_pinned", "unpin", "unpin_all"]

MOST_PINS = 6
"""How many runs can be kept."""

ORDINALS = ("1st", "2nd", "3rd", "4th", "5th", "6th")
"""What the runs in an address are called: those that are shown are counted without the others."""

PARAMETER, SEPARATOR, DEFAULT = "pins", "|", "default"


def pin(settings: Settings) -> None:
    """Keep a run, from a callback; the page says what came of it."""
    pins = _pins()
    if settings in pins:
        told = "This run is kept already. The *Playground* and *Compare*, under Labs, show it."
    elif len(pins) >= MOST_PINS:
        told = f"{MOST_PINS} runs are kept already. Remove one on the *Playground*."
    else:
        pins.append(settings)
        kept = f"Kept, {len(pins)} of {MOST_PINS}."
        told = f"{kept} The *Playground* and *Compare*, under Labs, show it."
    session().told = told


def tell_pinned() -> None:
    """Say what came of keeping a run: a callback in a fragment is no place to show anything."""
    kept = session()
    if kept.told:
        st.toast(kept.told)
    kept.told = ""


def unpin(number: int) -> None:
    """Take a kept run away, from a callback."""
    del _pins()[number]


def unpin_all() -> None:
    """Take all kept runs away, from a callback."""
    _pins().clear()


def pinned() -> tuple[list[Settings], list[str]]:
    """The kept runs, and a sentence for each in the address that can't be.

    The address of a new session gives the pins, and so does a step through the history of one page,
    which undoes what was kept or removed there. Else the pins give the address.
    """
    kept, text = session(), st.query_params.get(PARAMETER, "")
    problems: list[str] = []
    has_arrived = kept.has_arrived and not is_run_of_fragments()
    if kept.pins is None or (is_back_or_forward() and not has_arrived):
        kept.pins, problems = _spelled(text)
    held = SEPARATOR.join(to_address(settings) or DEFAULT for settings in kept.pins)
    if held and held != text:
        st.query_params[PARAMETER] = held
    elif text and not held:
        del st.query_params[PARAMETER]
    return kept.pins, problems


def _spelled(text: str) -> tuple[list[Settings], list[str]]:
    """The runs that an address spells, and a sentence for each that can't be."""
    pins: list[Settings] = []
    problems = []
    for number, spelled in enumerate(text.split(SEPARATOR) if text else [], 1):
        if number > MOST_PINS:
            problems.append(f"The address pins more than {MOST_PINS} runs; the rest is left out.")
            break
        try:
            pins.append(from_address("" if spelled == DEFAULT else spelled))
        except ValueError as error:
            told = on_screen(error)
            problems.append(f"The {ORDINALS[number - 1]} run in the address is ignored: {told}.")
    return pins, problems


def _pins() -> list[Settings]:
    kept = session()
    if kept.pins is None:
        kept.pins = []
    return kept.pins
