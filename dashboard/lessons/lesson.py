"""What a lesson is: a page as it opens, and steps."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from dashboard.lessons.conditions import Claim

__all__ = ["Choice", "Drawing", "Kind", "Lesson", "Picture", "Problem", "Step", "Values", "Wrong"]

Kind = Literal["read", "predict", "try", "observe", "check", "explain"]

Drawing = Literal["loss", "surface"]
"""Charts on which one can draw: a curve along the run, a point."""

Values = Mapping[str, Any]
"""Settings of a page, by their keys."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a lesson's file, in which line, and what to do."""

    line: int
    says: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a lesson, and what it shows in words."""

    file: Path
    says: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be chosen, whether it is right, and what is said to whoever has chosen it."""

    text: str
    is_right: bool
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is said where these claims hold: a wrong answer of a known kind."""

    claims: Sequence[Claim]
    says: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a lesson.

    - `choices`: of a question; or the chart to `draw` the answer on
    - `at`: the step of the run that is shown until the answer, and nothing of what comes after it
    - `then`: the settings that an answer brings on screen
    - `until`: claims that hold when the student has done it; `wrong`: what is said before
    - `solution`: settings with which they hold
    - `measure`: the number of the run that is asked for
    - `answer`: what is said after the student's own words
    """

    kind: Kind
    text: str = ""
    pictures: Sequence[Picture] = ()
    choices: Sequence[Choice] = ()
    draw: Drawing | None = None
    at: int | None = None
    then: Values = field(default_factory=dict)
    until: Sequence[Claim] = ()
    wrong: Sequence[Wrong] = ()
    solution: Values = field(default_factory=dict)
    measure: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson: where it is held, how its page opens, its steps, and notes for the instructor.

    `hides`: controls that are not seen meanwhile, by the keys of their settings.
    `place`: where it stands among the lessons; those of one place stand by their titles.
    """

    name: str
    title: str
    minutes: int
    page: str
    opening: Values
    steps: Sequence[Step]
    notes: str = ""
    hides: Set[str] = frozenset()
    place: int = 0
