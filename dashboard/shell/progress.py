"""How far a visitor is in a lesson; the address holds it, as `lesson=name:step:answers`."""

import math
from collections.abc import Mapping, Sequence, Set
from typing import Any
from urllib.parse import quote, unquote, urlencode

import streamlit as st

from dashboard.lessons.lesson import Drawing, Lesson
from dashboard.server.undocumented import is_back_or_forward
from dashboard.shell.acts import change_together, give
from dashboard.shell.controls import SETTINGS
from dashboard.shell.lesson_files import lessons
from dashboard.shell.navigation import go_to
from dashboard.shell.page import Page
from dashboard.shell.registry import PAGES
from dashboard.shell.session import Progress, current_page, session
from minibatch_core.settings.fields import told

__all__ = [
    "begin",
    "drawn_of",
    "end",
    "follow_lesson",
    "go_on_there",
    "hidden_by_lesson",
    "keep_in_address",
    "read_address",
    "reveal",
    "say",
    "say_drawn",
    "shown_before",
    "spelled",
    "turn_to",
]

PARAMETER, PARTS, ANSWERS, BETWEEN = "lesson", ":", ",", "~"

VALUES: Mapping[Drawing, int] = {"loss": 17, "surface": 2}
"""How many values what is drawn has: of the loss at both ends of 16 equal parts of the run."""


def read_address() -> None:
    """Have the address say which lesson it is, before anything of the page is drawn.

    That of a new session is read, and one to which a step through the history of a page leads. One
    that names a lesson alone begins it.
    """
    kept, text = session(), st.query_params.get(PARAMETER, "")
    kept.lesson_problem = ""
    if not kept.lesson_is_read or (is_back_or_forward() and not kept.has_arrived):
        kept.lesson_is_read = True
        if text in lessons():
            begin(text)
            _clear_settings()
        else:
            kept.progress, kept.lesson_problem = _parsed(text)
    kept.runs_whole = False  # this run does


def _clear_settings() -> None:
    """Start the run over with an address that says nothing of controls: they would heed it."""
    page = current_page()
    said = {page.key(name) for name in page.controls} & {*st.query_params}
    for key in said:
        del st.query_params[key]
    if said:
        st.rerun()


def keep_in_address() -> None:
    """Have the address say what was done so far."""
    progress, text = session().progress, st.query_params.get(PARAMETER, "")
    held = "" if progress is None else spelled(progress)
    if held and held != text:
        st.query_params[PARAMETER] = held
    elif text and not held:
        del st.query_params[PARAMETER]


def spelled(progress: Progress) -> str:
    """How the address says it; steps are counted from 1 there.

    >>> spelled(Progress("shuffling", 2, {0: "1", 2: "so, so"}))
    'shuffling:3:1,,so%2C%20so'
    """
    last = max(progress.said, default=-1)
    answers = ANSWERS.join(quote(progress.said.get(k, ""), safe="") for k in range(last + 1))
    return PARTS.join([progress.name, f"{progress.at + 1}", *([answers] if answers else [])])


def _parsed(text: str) -> tuple[Progress | None, str]:
    if not text:
        return None, ""
    name, _, rest = text.partition(PARTS)
    at, _, answers = rest.partition(PARTS)
    lesson = lessons().get(name)
    if lesson is None:
        return None, f"There is no lesson {told(name)}. *Lessons*, above, lists all."
    said = {k: unquote(each) for k, each in enumerate(answers.split(ANSWERS)) if each}
    if not at.isdecimal() or not 1 <= int(at) <= len(lesson.steps) + 1 or not _are_of(lesson, said):
        return Progress(name), "The lesson begins anew: its place in the address can't be read."
    return Progress(name, int(at) - 1, said, shown_before(lesson, int(at) - 1)), ""


def shown_before(lesson: Lesson, number: int) -> Mapping[str, Any]:
    """What the lesson itself had set when a step began."""
    shown = dict(lesson.opening)
    for step in lesson.steps[:number]:
        shown |= step.then
    return shown


def _are_of(lesson: Lesson, said: Mapping[int, str]) -> bool:
    """Whether answers can have been given in a lesson."""
    return all(k < len(lesson.steps) and _can_be(lesson, k, text) for k, text in said.items())


def _can_be(lesson: Lesson, number: int, text: str) -> bool:
    step = lesson.steps[number]
    if step.draw is not None:
        return len(drawn_of(text) or []) == VALUES[step.draw]
    if step.kind == "predict":
        return text.isdecimal() and int(text) < len(step.choices)
    if step.kind == "observe":
        try:
            return bool(abs(float(text)) < float("inf"))
        except ValueError:
            return False
    return True


def drawn_of(text: str) -> list[float] | None:
    """The values of what was drawn, from an answer.

    >>> drawn_of("0.25~0.1"), drawn_of("0.25~inf")
    ([0.25, 0.1], None)
    """
    try:
        values = [float(each) for each in text.split(BETWEEN)]
    except ValueError:
        return None
    return values if all(map(math.isfinite, values)) else None


def say_drawn(values: Sequence[float], then: Mapping[str, Any]) -> None:
    """Answer the present step with what was drawn, from a callback."""
    say(BETWEEN.join(repr(float(value)) for value in values), then)


def begin(name: str) -> None:
    """Begin a lesson, from a callback: on its page, whose controls have what the lesson says."""
    kept, lesson = session(), lessons()[name]
    page = PAGES[lesson.page]
    kept.progress = Progress(name)
    values = {**{key: page.defaults[key] for key in page.controls}, **lesson.opening}
    if page is current_page():
        change_together(values)
    else:
        give(page, values)
        kept.to_visit = page.name


def go_on_there() -> None:
    """Go to the page of the lesson, from a callback, as its controls stand."""
    kept = session()
    if kept.progress is not None:
        kept.to_visit = lessons()[kept.progress.name].page


def hidden_by_lesson() -> Set[str]:
    """The controls of this page that the visitor's lesson hides."""
    progress = session().progress
    lesson = None if progress is None else lessons().get(progress.name)
    return (
        lesson.hides if lesson is not None and lesson.page == current_page().name else frozenset()
    )


def end() -> None:
    """Leave the lesson, from a callback; what it has hidden is drawn again."""
    session().runs_whole = bool(hidden_by_lesson())
    session().progress = None


def turn_to(number: int) -> None:
    """Turn to a step, from a callback; one that is answered is about what its answer showed."""
    progress = session().progress
    if progress is not None:
        progress.at, progress.began, progress.checked = number, None, None
        progress.revealed, progress.deeds = None, set()
        steps = lessons()[progress.name].steps
        if number in progress.said and steps[number].then:
            change_together(steps[number].then)


def say(answer: str, then: Mapping[str, Any]) -> None:
    """Answer the present step, from a callback, and bring on screen what the lesson then shows."""
    progress = session().progress
    if progress is not None:
        progress.said[progress.at] = answer
        if then:
            change_together(then)


def reveal(then: Mapping[str, Any]) -> None:
    """Show a hall the answer to the present step, from a callback, and bring on screen the same."""
    progress = session().progress
    if progress is not None:
        progress.revealed = progress.at
        if then:
            change_together(then)


def follow_lesson() -> None:
    """Go to the page of the lesson, if the visitor has asked for that."""
    kept = session()
    name, kept.to_visit = kept.to_visit, None
    if name is not None and kept.progress is not None:
        page = PAGES[name]
        said = [*_differing(page), (PARAMETER, spelled(kept.progress))]
        address = f"./{'' if page.is_default else page.name}?{urlencode(said)}"
        go_to(address, instead=st.query_params.get(PARAMETER) == kept.progress.name)


def _differing(page: Page) -> list[tuple[str, str]]:
    """What the address of a page says, as its controls stand."""
    said = []
    for name in sorted(page.controls):
        default = page.defaults[name]
        value = st.session_state.get(page.key(name), default)
        if value != default:
            several = SETTINGS[name].several
            said += [
                (page.key(name), SETTINGS[name].spell(each))
                for each in (value if several else [value])
            ]
    return said
