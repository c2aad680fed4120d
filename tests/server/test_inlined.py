"""An import map that holds our modules: all that are imported, each as it is."""

import re
from urllib.parse import unquote

import pytest

from dashboard.server.assets import BROWSER
from dashboard.server.inlined import import_map
from dashboard.shell.web_page import ENTRY

MODULES = import_map(ENTRY)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_only_what_the_map_holds_and_is_else_as_it_was(name: str) -> None:
    kind, _, text = MODULES[name].partition(",")
    assert kind == "data:text/javascript"
    assert not {"\n", "\t", "#"} & {*text}  # what an address would lose
    written, found = (BROWSER / name).read_text(encoding="utf-8"), unquote(text)
    imported = re.findall(r'^import [^"]*"([^"]+)"', found, re.MULTILINE)
    assert {*imported} <= MODULES.keys()
    assert re.sub(r'^(import [^"]*)"', r'\1"./', found, flags=re.MULTILINE) == written


def test_what_belongs_to_streamlits_page_stays_there() -> None:
    assert not {"connection.js", "entries.js", "links.js", "hand_on_controls.js"} & MODULES.keys()
    assert {"page.js", "run_charts.js", "player.js"} <= MODULES.keys()
