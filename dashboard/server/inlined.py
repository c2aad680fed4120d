"""Our own modules as text, for a page that has them inside and asks no server for anything."""

import re
import string
from collections.abc import Mapping
from urllib.parse import quote

from dashboard.server.assets import BROWSER

__all__ = ["import_map"]

IMPORT = re.compile(r'^(import .*)"\./([\w.]+)"$', re.MULTILINE)
"""A module's import of another: what stands before its name, and the name."""

PLAIN = " " + string.punctuation.replace("%", "").replace("#", "")
"""What stands for itself in a data: address."""


def import_map(entry: str) -> Mapping[str, str]:
    """A module and all that it imports: what each is imported as, and its address, which holds it.

    A page that is a file can't import another file, but it can have an import map.
    """
    found: dict[str, str] = {}
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        text = (BROWSER / name).read_text(encoding="utf-8")
        found[name] = "data:text/javascript," + quote(IMPORT.sub(r'\1"\2"', text), safe=PLAIN)
        imported = {match[2] for match in IMPORT.finditer(text)}
        waiting += sorted(imported - found.keys() - set(waiting))
    return found
