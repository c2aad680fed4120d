"""Reading a lesson's file, and saying what is wrong with it: in which line, and what to do."""

import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, cast, get_args
from urllib.parse import parse_qsl

from dashboard.lessons.conditions import Claim, condition
from dashboard.lessons.lesson import (
    Choice,
    Drawing,
    Kind,
    Lesson,
    Picture,
    Problem,
    Step,
    Values,
    Wrong,
)
from dashboard.lessons.measures import MEASURES
from minibatch_core.settings.fields import Setting
from minibatch_core.settings.train import MAX_STEPS

__all__ = ["FIELDS", "MOST_BYTES", "PLACE", "read_lesson"]

MOST_BYTES = 100_000
"""A longer file is no lesson."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "read": (),
    "predict": ("draw", "step", "then", "answer"),
    "try": ("until", "if", "solution"),
    "observe": ("measure",),
    "check": ("until", "if", "solution"),
    "explain": ("answer",),
}
"""What a step may have besides its text, by its kind."""

NEEDED = {"try": "until", "observe": "measure", "check": "until", "explain": "answer"}
"""And what it must have."""

SEVERAL = "if"
"""The one that a step may have more than once."""

HEAD = ("title", "minutes", "page", "address", "hide", "place")
NEEDED_IN_HEAD = HEAD[:3]
RULE = "---"
NOTES = "notes"
ARROW = " -> "
ARROWS = re.compile(r" (?:->|→) ")
OF_PLAYER = {"step", "future", "embed", "embed_options", "lesson"}
"""Keys of an address that are no settings; a copied address may have them."""

PLACE = re.compile(r"\{\{([^{}]*)\}\}")
"""Where a text has a number of the run, or a setting."""

_FIELD = re.compile(r"([a-z]+):(?:\s+(.*))?")
_NO_FIELD = re.compile(r"([A-Z][a-z]+|[a-z]+(?= .*(?:->|→|=)))(?::| ).*")
"""A line that may have been meant for a field: with a capital letter, or without its colon."""

_CHOICE = re.compile(r"[-*] \[([ xX])\] (.*)")
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]*)\)")
_FENCE = re.compile(r"\s*(```|~~~)")
MOST = 999
"""The largest number of minutes, and the last place."""

T = TypeVar("T")
Pages = Mapping[str, Mapping[str, Setting]]
"""The settings that each page has, by their keys."""


@dataclass(slots=True)
class _Entry:
    """A field or a choice, with the line where it begins."""

    line: int
    name: str
    text: str


@dataclass(slots=True)
class _Part:
    """What stands below a heading."""

    line: int
    name: str
    text: list[str] = field(default_factory=list)
    pictures: list[_Entry] = field(default_factory=list)
    fields: list[_Entry] = field(default_factory=list)
    choices: list[_Entry] = field(default_factory=list)

    @property
    def has_content(self) -> bool:
        return bool(self.text or self.pictures or self.fields or self.choices)


def read_lesson(file: Path, pages: Pages) -> tuple[Lesson | None, list[Problem]]:
    """The lesson in a file, or None and what is wrong with it."""
    reader = _Reader(file, pages)
    lesson = reader.read()
    return (None if reader.problems else lesson), sorted(reader.problems, key=lambda it: it.line)


class _Reader:
    """Reads on after a problem, so that all are found at once."""

    def __init__(self, file: Path, pages: Pages) -> None:
        self.file = file
        self.pages = pages
        self.settings: Mapping[str, Setting] = {}
        self.problems: list[Problem] = []

    def complain(self, line: int, says: str) -> None:
        self.problems.append(Problem(line, says))

    def tried(self, line: int, make: Callable[[], T], otherwise: T) -> T:
        try:
            return make()
        except ValueError as error:
            self.complain(line, f"{error}.")
            return otherwise

    def read(self) -> Lesson | None:
        lines = self._lines()
        if lines is None:
            return None
        body = self._body_begins(lines)
        if body is None:
            return None
        head = self._head(lines[1 : body - 1])
        page = head["page"].text if "page" in head else ""
        self.settings = self.pages.get(page, {})
        first, *others = self._parts(lines, body)
        parts = [first, *others] if first.has_content else others
        steps = [self._step(part) for part in parts if part.name != NOTES]
        if not steps:
            self.complain(len(lines), "There is no step. Begin one with a line like '## Try'.")
        opening = self._values(head["address"]) if "address" in head else {}
        notes = "\n".join("\n".join(part.text) for part in parts if part.name == NOTES).strip()
        minutes, place = (self._whole_number(head.get(name)) for name in ("minutes", "place"))
        title = head["title"].text if "title" in head else ""
        hides = self._hidden(head["hide"]) if "hide" in head else frozenset()
        return Lesson(self.file.stem, title, minutes, page, opening, steps, notes, hides, place)

    def _hidden(self, entry: _Entry) -> Set[str]:
        keys = {key.strip() for key in entry.text.split(",")}
        for key in sorted(keys - self.settings.keys()) if self.settings else ():
            self._complain_of_key(entry.line, key)
        return frozenset(keys)

    def _complain_of_key(self, line: int, key: str) -> None:
        known = ", ".join(sorted(self.settings))
        self.complain(line, f"The page has no setting {key!r}. It has {known}.")

    def _whole_number(self, entry: _Entry | None, fewest: int = 1, most: int = MOST) -> int:
        if entry is None:
            return most
        if not entry.text.isdecimal() or not fewest <= int(entry.text) <= most:
            self.complain(
                entry.line,
                f"{entry.name!r} should be a whole number from {fewest} to {most:,}, but got "
                f"{entry.text!r}.",
            )
            return most
        return int(entry.text)

    def _lines(self) -> list[str] | None:
        size = self.file.stat().st_size
        if size > MOST_BYTES:
            self.complain(1, f"The file has {size:,} bytes, and a lesson at most {MOST_BYTES:,}.")
            return None
        try:
            text = self.file.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            self.complain(line, "This is no UTF-8. Save the file as UTF-8.")
            return None
        return text.expandtabs(4).splitlines()

    def _body_begins(self, lines: list[str]) -> int | None:
        if not lines or lines[0].rstrip() != RULE:
            self.complain(
                1,
                f"The first line should be '{RULE}'. Then come lines like 'title: My lesson', for "
                f"{', '.join(HEAD)}, and '{RULE}' again.",
            )
            return None
        for number, line in enumerate(lines[1:], 2):
            if line.rstrip() == RULE:
                return number
        self.complain(len(lines), f"A second line '{RULE}' should end what begins in line 1.")
        return None

    def _head(self, lines: list[str]) -> dict[str, _Entry]:
        head: dict[str, _Entry] = {}
        for number, line in enumerate(lines, 2):
            if not line.strip() or line.startswith("#"):
                continue
            name, colon, text = (each.strip() for each in line.partition(":"))
            if not colon or name not in HEAD:
                self.complain(number, f"{line.strip()!r} is not known here.{_meant(name, HEAD)}")
            elif name in head:
                self.complain(number, f"There is a second {name!r}. Leave one out.")
            elif not text:
                self.complain(number, f"{name!r} has no value.")
            else:
                head[name] = _Entry(number, name, text)
        for name in NEEDED_IN_HEAD:
            if name not in head:
                self.complain(1, f"There is no {name!r}. Add a line '{name}: ...' above '{RULE}'.")
        if "page" in head and head["page"].text not in self.pages:
            page, known = head["page"], ", ".join(self.pages)
            self.complain(page.line, f"There is no page {page.text!r}. The pages are {known}.")
        return head

    def _parts(self, lines: list[str], body: int) -> Iterator[_Part]:
        part = _Part(body + 1, "read")
        entry: _Entry | None = None
        is_code = False
        for number, line in enumerate(lines[body:], body + 1):
            if _FENCE.match(line):
                is_code = not is_code
            if not is_code and line.startswith("## "):
                yield part
                part, entry = _Part(number, line[3:].strip().lower()), None
                continue
            if entry is not None and not is_code and line.startswith(" ") and line.strip():
                entry.text = f"{entry.text} {line.strip()}"
                continue
            entry = None if is_code else self._entry(part, number, line)
            if entry is None and (part.text or line.strip()):
                part.text.append(line)
        yield part

    def _entry(self, part: _Part, number: int, line: str) -> _Entry | None:
        """A field, a choice or a picture, kept in its part; None where a line is text."""
        if part.name == NOTES:
            if _PICTURE.search(line):
                self.complain(number, "The notes have no pictures.")
            return None
        if choice := _CHOICE.fullmatch(line):
            part.choices.append(_Entry(number, choice[1].lower(), choice[2]))
            return part.choices[-1]
        if picture := _PICTURE.fullmatch(line.strip()):
            part.pictures.append(_Entry(number, picture[1], picture[2]))
            return part.pictures[-1]
        if found := _FIELD.fullmatch(line):
            part.fields.append(_Entry(number, found[1], (found[2] or "").strip()))
            return part.fields[-1]
        if _PICTURE.search(line):
            self.complain(number, "A picture stands on a line of its own.")
        name = maybe[1] if (maybe := _NO_FIELD.fullmatch(line)) else ""
        if name.lower() in FIELDS.get(part.name, ()) and (name.islower() or line[len(name)] == ":"):
            self.complain(
                number, f"This is read as text. If it is a field, begin with '{name.lower()}: '."
            )
        return None

    def _step(self, part: _Part) -> Step:
        if part.name not in get_args(Kind):
            known = ", ".join(f"'## {kind.capitalize()}'" for kind in (*FIELDS, NOTES))
            self.complain(part.line, f"'## {part.name}' is no step. Use one of {known}.")
            return Step("read")
        kind = cast(Kind, part.name)
        found = self._fields(part, kind)
        text = "\n".join(part.text).strip()
        self._look_for_places(part.line, text)
        if kind != "predict" and part.choices:
            self.complain(part.choices[0].line, "Only '## Predict' has choices.")
        if sum(each.name == "x" for each in part.choices) > 1:
            self.complain(part.line, "Two choices have '[x]'. At most one can be right.")
        if kind == "predict" and ("draw" in found or "step" in found):
            self._look_for_answers(part.line, text)
        if kind == "predict" and "draw" in found and part.choices:
            self.complain(part.choices[0].line, "Either draw or choose: leave one of them out.")
        if kind == "predict" and "draw" not in found and len(part.choices) < 2:
            self.complain(
                part.line,
                "'## Predict' should have two choices or more, in lines like '- [ ] It falls' and, "
                "where one is right, '- [x] It swings'; or a line 'draw: loss'.",
            )
        return Step(
            kind,
            text,
            [self._picture(each) for each in part.pictures],
            [self._choice(each) for each in part.choices],
            draw=self._drawing(found["draw"][0]) if "draw" in found else None,
            at=self._whole_number(found["step"][0], 0, MAX_STEPS) if "step" in found else None,
            then=self._values(found["then"][0]) if "then" in found else {},
            until=self._claims(found["until"][0]) if "until" in found else (),
            wrong=[self._wrong(each) for each in found.get("if", [])],
            solution=self._values(found["solution"][0]) if "solution" in found else {},
            measure=self._measure(found["measure"][0]) if "measure" in found else "",
            answer=self._said(found["answer"][0]) if "answer" in found else "",
        )

    def _fields(self, part: _Part, kind: Kind) -> dict[str, list[_Entry]]:
        found: dict[str, list[_Entry]] = {}
        for each in part.fields:
            if each.name not in FIELDS[kind]:
                cure = (
                    ""
                    if _is_near(each.name, FIELDS[kind])
                    else (" If it is text, begin the line with a capital letter.")
                )
                self.complain(
                    each.line,
                    f"{each.name!r} is not known in '## {kind.capitalize()}'."
                    f"{_meant(each.name, FIELDS[kind])}{cure}",
                )
            elif not each.text:
                self.complain(each.line, f"{each.name!r} has no value.")
            elif each.name in found and each.name != SEVERAL:
                self.complain(each.line, f"There is a second {each.name!r} in this step.")
            else:
                found.setdefault(each.name, []).append(each)
        needed = NEEDED.get(kind)
        if needed is not None and not any(each.name == needed for each in part.fields):
            self.complain(
                part.line, f"'## {kind.capitalize()}' should have a line '{needed}: ...'."
            )
        return found

    def _choice(self, entry: _Entry) -> Choice:
        text, _, reply = (each.strip() for each in _parted(entry.text))
        self._look_for_places(entry.line, entry.text)
        return Choice(text, entry.name == "x", reply)

    def _wrong(self, entry: _Entry) -> Wrong:
        asked, arrow, says = (each.strip() for each in _parted(entry.text))
        if not arrow:
            self.complain(entry.line, "'if' should be like 'if: lr changed -> What is said'.")
            return Wrong((), "")
        self._look_for_places(entry.line, says)
        return Wrong(self._claims(_Entry(entry.line, entry.name, asked)), says)

    def _claims(self, entry: _Entry) -> tuple[Claim, ...]:
        none: tuple[Claim, ...] = ()
        if not self.settings:  # of a page that is none, nothing can be told of what it has
            return none
        return self.tried(entry.line, lambda: condition(entry.text, self.settings), none)

    def _said(self, entry: _Entry) -> str:
        self._look_for_places(entry.line, entry.text)
        return entry.text

    def _drawing(self, entry: _Entry) -> Drawing | None:
        known = get_args(Drawing)
        if entry.text not in known:
            self.complain(
                entry.line, f"'draw' should be one of {', '.join(known)}, but got {entry.text!r}."
            )
            return None
        return cast(Drawing, entry.text)

    def _measure(self, entry: _Entry) -> str:
        if entry.text not in MEASURES:
            known = ", ".join(MEASURES)
            self.complain(entry.line, f"{entry.text!r} can't be measured. What can be: {known}.")
        return entry.text

    def _picture(self, entry: _Entry) -> Picture:
        file = self.file.parent / entry.text
        if "://" in entry.text or file.resolve().parent != self.file.parent.resolve():
            self.complain(
                entry.line,
                f"The picture {entry.text!r} is elsewhere. Put it beside the lesson's file, and "
                "name the file alone.",
            )
        elif not file.is_file():
            self.complain(entry.line, f"There is no picture {entry.text!r} beside the lesson.")
        if not entry.name:
            self.complain(entry.line, "Say in [...] what the picture shows, for who can't see it.")
        return Picture(file, entry.name)

    def _values(self, entry: _Entry) -> Values:
        """The settings that an address spells: a whole one, or what follows its question mark."""
        values: dict[str, Any] = {}
        for spelled, text in parse_qsl(entry.text.split("?")[-1], keep_blank_values=True):
            key = next(
                (each for each in self.settings if spelled in (each, *self._on_a_page(each))), None
            )
            if key is not None:
                setting = self.settings[key]
                value = self.tried(entry.line, lambda: setting.parse(text), None)  # noqa: B023  # called at once
                values[key] = (*values.get(key, ()), value) if setting.several else value
            elif spelled not in OF_PLAYER and self.settings:
                self._complain_of_key(entry.line, spelled)
        if not values and self.settings and not entry.text.strip("?"):
            self.complain(entry.line, f"{entry.name!r} should be like 'bs=10&lr=0.5'.")
        return values

    def _on_a_page(self, key: str) -> list[str]:
        """How an address spells a key on other pages than the Playground."""
        return [
            f"{key}_{page}" for page, settings in self.pages.items() if settings is self.settings
        ]

    def _look_for_answers(self, line: int, text: str) -> None:
        """What is to be foretold should not stand in the question."""
        for name in PLACE.findall(text):
            if name in MEASURES:
                self.complain(
                    line,
                    f"{{{{{name}}}}} tells how the run ends, which is hidden here. Move it to "
                    "'answer', or to a reply.",
                )

    def _look_for_places(self, line: int, text: str) -> None:
        for name in PLACE.findall(text) if self.settings else ():
            if name not in MEASURES and name not in self.settings:
                known = ", ".join(MEASURES)
                self.complain(
                    line,
                    f"{{{{{name}}}}} is no number of the run and no setting of the page. Numbers "
                    f"of the run are {known}.",
                )


def _parted(text: str) -> tuple[str, str, str]:
    """What stands before an arrow, the arrow, and what stands after it."""
    return ARROWS.sub(ARROW, text, count=1).partition(ARROW)


def _is_near(name: str, known: tuple[str, ...]) -> bool:
    return bool(get_close_matches(name, known, 1))


def _meant(name: str, known: tuple[str, ...]) -> str:
    """What may have been meant, or all that could be."""
    near = get_close_matches(name, known, 1)
    if near:
        return f" Did you mean {near[0]!r}?"
    return f" Known are {', '.join(known)}." if known else ""
