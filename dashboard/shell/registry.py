"""The pages, found by their modules being in pages/."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from dashboard.shell.page import Page

__all__ = ["PAGES"]

FOLDER = Path(__file__).parent.parent.parent / "pages"


def _found() -> list[Page]:
    modules = (import_module(f"pages.{path.stem}") for path in sorted(FOLDER.glob("*.py")))
    return sorted((module.PAGE for module in modules), key=lambda page: page.place)


PAGES: Mapping[str, Page] = {page.name: page for page in _found()}
"""The pages by name, in the order of the navigation."""
