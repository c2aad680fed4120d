"""Values that can't be: an address may say anything, and N may shrink below B.

The run that finds some starts over with values that can be, and the page says what was done.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NoReturn

import streamlit as st
from streamlit.errors import StreamlitAPIException

from dashboard.server.undocumented import is_back_or_forward
from minibatch_core.settings.fields import Setting
from minibatch_core.settings.train import max_epochs

__all__ = ["Repair", "find_in_address", "find_in_values", "make", "make_pending", "show_notices"]

Repair = tuple[str, Any, str]
"""A widget's key, the value it is to have, and the sentence that says so."""


def find_in_address(settings: Mapping[str, Setting], defaults: Mapping[str, Any]) -> list[Repair]:
    """What the address says that can't be; what else it says of the same counts, or the default.

    The address of a new session is read, and one to which the browser goes back or forward.
    `settings` and `defaults` are by name; a setting's key is how the address spells it. To be asked
    before the first widget is drawn: Streamlit drops what a widget cannot be, and stumbles over a
    whole number that is infinite.
    """
    found: list[Repair] = []
    if "address_read" in st.session_state and not is_back_or_forward():
        return found
    st.session_state["address_read"] = True
    for name, setting in settings.items():
        texts, good, problems = [], [], []
        for text in st.query_params.get_all(setting.key):
            try:
                good.append(setting.parse(text))
                texts.append(text)
            except ValueError as error:
                problems.append(f"Ignored in the address: {error}.")
        value = defaults[name]
        if good:
            value = good if setting.several else good[-1]  # as Streamlit reads it
        found += [(name, value, problem) for problem in problems]
        if problems:
            _leave_in_address(setting.key, texts)
    return found


def _leave_in_address(key: str, texts: list[str]) -> None:
    # A widget that was drawn before holds the key, and writes there what it is given.
    with suppress(StreamlitAPIException):
        if texts:
            st.query_params[key] = texts
        else:
            del st.query_params[key]


def find_in_values(n: int, train: Mapping[str, Any], order_batch_size: int = 1) -> list[Repair]:
    """What can't be together: B above N, more epochs than steps allow, Nesterov without momentum.

    >>> find_in_values(10, {"batch_size": 25, "epochs": 50, "drop_last": False, "optimizer": "sgd"})
    [('bs', 10, 'Batch size B was 25, more than all N = 10 points; it is now 10.')]
    """
    found: list[Repair] = []
    if order_batch_size > n:
        was = f"The pictures' batch size was {order_batch_size:,}, more than all N = {n:,} points"
        found.append(("obs", n, f"{was}; it is now {n:,}."))
    batch_size = min(train["batch_size"], n)
    if batch_size < train["batch_size"]:
        was = f"Batch size B was {train['batch_size']:,}, more than all N = {n:,} points"
        found.append(("bs", batch_size, f"{was}; it is now {batch_size:,}."))
    most = max_epochs(n, batch_size, train["drop_last"])
    if train["epochs"] > most:
        was = f"Epochs was {train['epochs']:,}, too many steps for N = {n:,} and B = {batch_size:,}"
        found.append(("ep", most, f"{was}; it is now {most:,}."))
    if train["optimizer"] == "nesterov" and train["momentum"] == 0.0:
        was = "Nesterov needs a momentum above 0"
        found.append(("mom", None, f"{was}; it has PyTorch's default again."))
    return found


def make(repairs: list[Repair]) -> NoReturn:
    """Start the run over with these repairs."""
    st.session_state["repairs"] = repairs
    st.rerun()


def make_pending() -> None:
    """Give widgets their repaired values, before any of them is drawn."""
    repairs: list[Repair] = st.session_state.pop("repairs", [])
    for key, value, _ in repairs:
        st.session_state[key] = value
    if repairs:
        unseen = st.session_state.get("noticed_for") is None
        earlier = st.session_state.get("notices", []) if unseen else []
        st.session_state["notices"] = [*earlier, *(notice for _, _, notice in repairs)]
        st.session_state["noticed_for"] = None


def show_notices(shown: object) -> None:
    """Say what was repaired, until something else than `shown` is to be shown."""
    if st.session_state.get("noticed_for") is None:
        st.session_state["noticed_for"] = shown
    if st.session_state["noticed_for"] != shown:
        st.session_state["notices"] = []
    for notice in st.session_state.get("notices", []):
        st.warning(notice)
