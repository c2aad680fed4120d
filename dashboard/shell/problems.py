"""What settings can't be, in the words of the controls."""

import re
from collections.abc import Mapping

from dashboard.shell.page import TABLES
from minibatch_core.settings.fields import Setting

__all__ = ["on_screen"]

KNOWN: Mapping[str, Setting] = {
    **TABLES["train"],
    **TABLES["sweep"],
    **{setting.key: setting for table in TABLES.values() for setting in table.values()},
}
"""Settings by what an error calls them: by the name, or by the key in the address."""


def on_screen(error: ValueError) -> str:
    """What an error says, with labels for names and choices as the controls show them.

    >>> on_screen(ValueError("batch_size should be between 1 and N=100, but got 200"))
    '*Batch size B* should be between 1 and N = 100, but got 200'
    """
    text = re.sub(r"^\w+(?= should be)", lambda found: _label(found[0]), str(error))
    text = re.sub(r"\b(\w+)='(\w+)'", lambda found: _choice(found[1], found[2]), text)
    return re.sub(r"\b(\w+)=(?=\d)", lambda found: f"{_label(found[1])} = ", text)


def _label(name: str) -> str:
    return f"*{KNOWN[name].label}*" if name in KNOWN else name


def _choice(name: str, value: str) -> str:
    choices = (KNOWN[name].choices if name in KNOWN else None) or {}
    return f"{_label(name)} = {choices.get(value, value)}"
