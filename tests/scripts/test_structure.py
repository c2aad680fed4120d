"""The house: a page is one module, found by its being there, and nothing is undocumented."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.shell.controls import SETTINGS
from dashboard.shell.registry import PAGES
from minibatch_core.theory.laws import LAWS, Finding
from scripts.reference import REFERENCE
from tests.conftest import ROOT
from tests.support.opened import go_to_page


def test_every_file_in_pages_is_a_page_of_its_name() -> None:
    files = {path.stem for path in (ROOT / "pages").glob("*.py")}
    assert files == PAGES.keys() == {page.name for page in PAGES.values()}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_imports_the_whole_dashboard_before_its_parts(name: str) -> None:
    lines = (ROOT / "pages" / f"{name}.py").read_text(encoding="utf-8").splitlines()
    ours = [line for line in lines if re.match(r"(from|import) (dashboard|minibatch_core)\b", line)]
    assert ours[0].startswith("import dashboard ")


def test_no_two_pages_stand_in_one_place_and_one_is_the_bare_address() -> None:
    assert len({page.place for page in PAGES.values()}) == len(PAGES)
    assert [page.name for page in PAGES.values() if page.is_default] == ["playground"]


@pytest.mark.parametrize("name", PAGES)
def test_the_controls_of_a_page_are_settings(name: str) -> None:
    assert PAGES[name].controls <= SETTINGS.keys()


@pytest.mark.parametrize("path", REFERENCE, ids=lambda path: path.name)
def test_what_is_generated_is_what_the_code_declares(path: Path) -> None:
    """Every page, setting and law is documented, and the browser has every loss: `make docs`."""
    assert path.read_text(encoding="utf-8") == REFERENCE[path]()


def test_there_are_twelve_laws_and_a_finding_knows_its_own() -> None:
    assert list(LAWS) == list(range(1, 13))
    assert Finding("11. Scaling rule", "", 1.0, 1.0, "").law is LAWS[11]


ASKED = """
import streamlit as st
from dashboard.main import draw
from dashboard.shell.chosen import chosen

draw()
st.session_state["asked"] = chosen()
"""


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.compute is not None])
def test_what_is_computed_before_the_first_visitor_is_what_that_visitor_asks(name: str) -> None:
    test = go_to_page(AppTest.from_string(ASKED, default_timeout=60), name)
    assert test.session_state["asked"] == PAGES[name].opening
