"""Values that can't be: an address may say anything, and N may shrink below B.

The run that finds some starts over with values that can be, and the page says what was done.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

from dashboard.server.undocumented import is_back_or_forward
from dashboard.shell.chosen import value, values
from dashboard.shell.controls import SETTINGS
from dashboard.shell.hidden import told_of_unknown
from dashboard.shell.session import Repair, current_page, session
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.settings.fields import Setting
from minibatch_core.settings.train import MAX_STEPS, max_epochs, steps_per_epoch
from minibatch_core.words import listed, plain

__all__ = [
    "REPAIRS",
    "find_in_address",
    "find_in_pictures",
    "find_in_values",
    "make_pending",
    "mend_address",
    "mend_pictures",
    "mend_values",
    "show_notices",
]


REPAIRS: Mapping[str, str] = {
    "bs": "Batch size B was {was}, but there are only N = {n} points. So it is now {now}.",
    "ep": "{was} epochs of {each} steps would be {all} steps, but a run may have {most} at most. "
    "So there are now {now} epochs.",
    "mom": "Nesterov needs a momentum above 0. So it is "
    f"{plain(OPTIMIZERS['nesterov'].hyperparameters['momentum'])} again, the usual value.",
}
"""What is said of values that can't be together, by the key of the one that is repaired."""


def mend_address() -> None:
    """Start the run over where the address of the page says what can't be.

    The address of a new session is read, and one to which the browser goes back or forward.
    """
    if session().address_is_read and not is_back_or_forward():
        return
    session().address_is_read = True
    session().notices += told_of_unknown()
    page = current_page()
    shown = {key: replace(SETTINGS[key], key=page.key(key)) for key in page.controls}
    _make(find_in_address(shown, page.defaults))


def mend_values() -> None:
    """Start the run over where controls of the sidebar say what can't be together."""
    _make(find_in_values(value("n"), values("train")))


def mend_pictures() -> None:
    """The same for the batch size of the pictures, once the page has drawn its control.

    Before that the control has not read the address yet, and says what the page opens with.
    """
    _make(find_in_pictures(value("n"), value("obs")))


def find_in_address(settings: Mapping[str, Setting], defaults: Mapping[str, Any]) -> list[Repair]:
    """What the address says that can't be; what else it says of the same counts, or the default.

    `settings` and `defaults` are by name; a setting's key is how the address spells it. To be asked
    before the first widget is drawn: Streamlit drops what a widget cannot be, and stumbles over a
    whole number that is infinite.
    """
    found: list[Repair] = []
    for name, setting in settings.items():
        texts, good, problems = [], [], []
        for text in st.query_params.get_all(setting.key):
            try:
                good.append(setting.parse(text))
                texts.append(text)
            except ValueError as error:
                problems.append(f"Ignored in the address: {error}.")
        usable = defaults[name]
        if good:
            usable = good if setting.several else good[-1]  # as Streamlit reads it
        now = f"*{setting.label}* is now {_say(setting, usable)}."
        found += [Repair(name, usable, f"{problem} {now}") for problem in problems]
        if problems:
            _leave_in_address(setting.key, texts)
    return found


def _say(setting: Setting, value: Any) -> str:
    values = value if setting.several else [value]
    return listed([setting.say(each) or "empty" for each in values] or ["empty"])


def _leave_in_address(key: str, texts: list[str]) -> None:
    # A widget that was drawn before holds the key, and writes there what it is given.
    with suppress(StreamlitAPIException):
        if texts:
            st.query_params[key] = texts
        else:
            del st.query_params[key]


def find_in_pictures(n: int, batch_size: int) -> list[Repair]:
    """Pictures of minibatches of more points than there are.

    >>> find_in_pictures(5, 4), find_in_pictures(5, 10)[0].value
    ([], 5)
    """
    if batch_size <= n:
        return []
    was = f"The pictures' batch size was {batch_size:,}, but there are only N = {n:,} points."
    return [Repair("obs", n, f"{was} So it is now {n:,}.")]


def find_in_values(n: int, train: Mapping[str, Any]) -> list[Repair]:
    """What can't be together: B above N, more epochs than steps allow, Nesterov without momentum.

    >>> train = {"batch_size": 25, "epochs": 50, "drop_last": False, "optimizer": "sgd"}
    >>> [(each.key, each.value) for each in find_in_values(10, train)]
    [('bs', 10)]
    """
    found: list[Repair] = []
    batch_size = min(train["batch_size"], n)
    if batch_size < train["batch_size"]:
        numbers = {"was": train["batch_size"], "n": n, "now": batch_size}
        found.append(Repair("bs", batch_size, _said("bs", numbers)))
    most = max_epochs(n, batch_size, train["drop_last"])
    if train["epochs"] > most:
        each, was = steps_per_epoch(n, batch_size, train["drop_last"]), train["epochs"]
        numbers = {"was": was, "each": each, "all": was * each, "most": MAX_STEPS, "now": most}
        found.append(Repair("ep", most, _said("ep", numbers)))
    if train["optimizer"] == "nesterov" and train["momentum"] == 0.0:
        found.append(Repair("mom", None, REPAIRS["mom"]))
    return found


def _said(key: str, numbers: Mapping[str, int]) -> str:
    return REPAIRS[key].format_map({name: f"{number:,}" for name, number in numbers.items()})


def _make(found: list[Repair]) -> None:
    if found:
        page = current_page()
        session().repairs = [each._replace(key=page.key(each.key)) for each in found]
        st.rerun()


def make_pending() -> None:
    """Give widgets their repaired values, before any of them is drawn."""
    kept = session()
    repairs, kept.repairs = kept.repairs, []
    for key, mended, _ in repairs:
        st.session_state[key] = mended
    if repairs:
        earlier = kept.notices if kept.noticed_for is None else []
        kept.notices = [*earlier, *(each.notice for each in repairs)]
        kept.noticed_for = None


def show_notices(shown: object) -> None:
    """Say what was repaired, until something else than `shown` is to be shown."""
    kept = session()
    if kept.noticed_for is None:
        kept.noticed_for = shown
    if kept.noticed_for != shown:
        kept.notices = []
    for notice in kept.notices:
        st.warning(notice)
