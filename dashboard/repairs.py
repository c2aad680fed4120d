"""Values that can't be: an address may say anything, and N may shrink below B.

The run that finds one starts over with a value that can be, and the page says what was done.
"""

from typing import Any

import streamlit as st

from minibatch_core.settings import Setting

__all__ = ["Repairs", "show_notices"]


class Repairs:
    """The repairs that one run finds necessary; made before the widgets of the next are drawn."""

    def __init__(self, settings: dict[str, Setting], defaults: dict[str, Any]) -> None:
        for key, value in st.session_state.pop("repairs", {}).items():
            st.session_state[key] = value
        self._values: dict[str, Any] = {}
        self._notices: list[str] = []
        if "address_read" not in st.session_state:
            st.session_state["address_read"] = True
            self._check_address(settings, defaults)

    def _check_address(self, settings: dict[str, Setting], defaults: dict[str, Any]) -> None:
        for key in st.query_params.to_dict():
            if key in settings:
                try:
                    settings[key].parse(st.query_params[key])
                except ValueError as error:
                    self.set(key, defaults[key], f"Ignored in the address: {error}.")

    @property
    def needed(self) -> bool:
        """Whether anything that was drawn can't be."""
        return bool(self._values)

    def set(self, key: str, value: Any, notice: str) -> None:
        """Give a widget another value."""
        self._values[key] = value
        self._notices.append(notice)

    def cap(self, setting: Setting, value: float, most: float, why: str) -> None:
        """Lower a widget's value to `most` if it is above."""
        if value > most and setting.key not in self._values:
            notice = f"{setting.label} was {value:,}; it is now {most:,}, {why}."
            self.set(setting.key, most, notice)

    def make(self, drawn: Any) -> None:
        """Start the run over if anything needs repair; `drawn` is what the sidebar says."""
        if self.needed:
            st.session_state["repairs"] = self._values
            st.session_state["notices"] = self._notices
            st.rerun()
        if "notices" in st.session_state:
            st.session_state["noticed"] = (drawn, st.session_state.pop("notices"))


def show_notices(drawn: Any) -> None:
    """Say what was repaired, as long as nothing else has been changed since."""
    noticed_for, notices = st.session_state.get("noticed", (None, []))
    if noticed_for == drawn:
        for notice in notices:
            st.warning(notice)
