"""The pages, found by their modules being in pages/."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path

from dashboard.shell.page import Page

__all__ = ["PAGES"]

FOLDER = Path(__file__).parent.parent.parent / "pages"


class _Pages(Mapping[str, Page]):
    """Found when they are first asked for: pages import what asks for them."""

    @cached_property
    def found(self) -> Mapping[str, Page]:
        modules = (import_module(f"pages.{path.stem}") for path in sorted(FOLDER.glob("*.py")))
        pages = sorted((module.PAGE for module in modules), key=lambda page: page.place)
        return {page.name: page for page in pages}

    def __getitem__(self, name: str) -> Page:
        return self.found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


PAGES: Mapping[str, Page] = _Pages()
"""The pages by name, in the order of the navigation."""
