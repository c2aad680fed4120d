"""The lessons, found by their files being in lessons/, and what is wrong with the others."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

from dashboard.lessons.lesson import Lesson, Problem
from dashboard.lessons.reading import read_lesson
from dashboard.shell.controls import SETTINGS
from dashboard.shell.registry import PAGES
from minibatch_core.settings.fields import Setting

__all__ = ["FOLDER", "broken", "lessons", "settings_of"]

FOLDER = Path(__file__).parent.parent.parent / "lessons"

MOST = 200
"""How many versions of files are kept as they were read."""


@cache
def settings_of() -> Mapping[str, Mapping[str, Setting]]:
    """The settings that a lesson can speak of, by its page."""
    return {
        name: {key: SETTINGS[key] for key in sorted(page.controls)}
        for name, page in PAGES.items()
        if page.controls
    }


def lessons() -> Mapping[str, Lesson]:
    """Those that can be held, by name, in their order."""
    found = [lesson for lesson, _ in _read().values() if lesson is not None]
    return {each.name: each for each in sorted(found, key=lambda it: (it.place, it.title))}


def broken() -> Mapping[str, Sequence[Problem]]:
    """What is wrong with the others, by the names of their files."""
    return {name: problems for name, (_, problems) in _read().items() if problems}


def _read() -> Mapping[str, tuple[Lesson | None, Sequence[Problem]]]:
    """A file that is changed is read anew, and one that is added is found, without a restart."""
    return {file.name: _read_version(file, _version(file)) for file in sorted(FOLDER.glob("*.md"))}


def _version(file: Path) -> tuple[int, int]:
    state = file.stat()
    return state.st_mtime_ns, state.st_size


@lru_cache(MOST)
def _read_version(file: Path, _: tuple[int, int]) -> tuple[Lesson | None, Sequence[Problem]]:
    return read_lesson(file, settings_of())
