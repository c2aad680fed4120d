"""What a lesson asks of the student's own run: `bs at most 10 and final loss below 0.1`."""

import math
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dashboard.lessons.measures import MEASURES, Value, measured
from minibatch_core import Settings
from minibatch_core.settings.fields import Setting
from minibatch_core.words import plain

__all__ = ["COMPARISONS", "PLAYED", "Claim", "Student", "condition", "unmet", "write"]

COMPARISONS = ("is not", "is", "at most", "at least", "below", "above", "not changed", "changed")
"""The comparisons; the last two are with what the step began with, and of settings alone."""

PLAYED = "played"
"""What can be asked for besides: that the run was played."""

NEAR = 1e-9
"""Two measured numbers that differ by a smaller share are the same."""


@dataclass(frozen=True, slots=True)
class Student:
    """What a student has on screen: settings by key, those the step began with, and the run.

    `deeds`: what was done in this step that no setting tells.
    """

    values: Mapping[str, Any]
    before: Mapping[str, Any]
    settings: Settings
    deeds: Set[str] = frozenset()

    def look(self, name: str) -> Any:
        """A setting, or a number of the run."""
        return self.values[name] if name in self.values else measured(self.settings, name)


@dataclass(frozen=True, slots=True)
class Claim:
    """A setting or a number of the run, compared with a value, or with another one by its name.

    Or a deed, which has no comparison.

    `half` is how far a measured number may be from a typed one that it `is`: half of the last
    decimal place.
    """

    name: str
    comparison: str = ""
    value: Any = None
    other: str | None = None
    half: float = 0.0

    def holds(self, student: Student) -> bool:
        """Whether it is so on the student's screen."""
        if self.name == PLAYED:
            return PLAYED in student.deeds
        found = student.look(self.name)
        if self.comparison in ("changed", "not changed"):
            return (found != student.before[self.name]) == (self.comparison == "changed")
        value = self.value if self.other is None else student.look(self.other)
        if self.comparison in ("is", "is not"):
            return self._are_same(found, value) == (self.comparison == "is")
        if found is None or value is None:
            return False
        return {
            "at most": found <= value,
            "at least": found >= value,
            "below": found < value,
            "above": found > value,
        }[self.comparison]

    def _are_same(self, found: Any, value: Any) -> bool:
        if isinstance(found, float) and isinstance(value, int | float):
            return math.isclose(found, value, rel_tol=NEAR, abs_tol=self.half)
        return bool(found == value)


def condition(text: str, settings: Mapping[str, Setting]) -> tuple[Claim, ...]:
    """The claims of a condition, all of which are to hold; `settings` are those that it may name.

    Raises ValueError for what is no claim.
    """
    return tuple(_claim(part.strip(), settings) for part in re.split(r"\band\b", text))


def _claim(text: str, settings: Mapping[str, Setting]) -> Claim:
    if text == PLAYED:
        return Claim(PLAYED)
    names = "|".join(sorted(map(re.escape, [*settings, *MEASURES]), key=len, reverse=True))
    found = re.fullmatch(rf"({names}) ({'|'.join(COMPARISONS)})(?: (.+))?", text)
    if found is None:
        known = any(text.startswith(f"{name} ") for name in [*settings, *MEASURES])
        cure = (
            f"compare with one of: {', '.join(COMPARISONS)}"
            if known
            else f"begin with a setting of this page ({', '.join(sorted(settings))}) or with a "
            f"number of the run ({', '.join(MEASURES)}), or say {PLAYED!r} alone"
        )
        raise ValueError(f"{text!r} can't be checked: {cure}")
    name, comparison, value = found.groups()
    if comparison in ("changed", "not changed"):
        if value is not None:
            raise ValueError(f"{text!r} can't be checked: nothing follows {comparison!r}")
        if name not in settings:
            raise ValueError(f"{text!r} can't be checked: only a setting can be {comparison}")
        return Claim(name, comparison)
    if value is None:
        raise ValueError(f"{text!r} can't be checked: name a value after {comparison!r}")
    if value in MEASURES or value in settings:
        return Claim(name, comparison, other=value)
    if name in settings:
        return Claim(name, comparison, settings[name].parse(value))
    number, half = _number(name, value)
    return Claim(name, comparison, number, half=half)


def _number(name: str, text: str) -> tuple[Value, float]:
    """A typed number, and half of its last decimal place."""
    if name == "diverges":
        if text not in ("yes", "no"):
            raise ValueError(f"{name} is 'yes' or 'no', but got {text!r}")
        return text == "yes", 0.0
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{name} is compared with a number, but got {text!r}") from None
    place = Decimal(text).as_tuple().exponent
    return value, 0.5 * 10.0 ** int(place) if math.isfinite(value) else 0.0


def unmet(claims: Sequence[Claim], student: Student, settings: Mapping[str, Setting]) -> list[str]:
    """A sentence for each claim that does not hold."""
    return [_said(claim, student, settings) for claim in claims if not claim.holds(student)]


def _said(claim: Claim, student: Student, settings: Mapping[str, Setting]) -> str:
    if claim.name == PLAYED:
        return "The run has not been played: press ▶."
    label = settings[claim.name].label if claim.name in settings else _capital(claim.name)
    now = write(claim.name, student.look(claim.name), settings)
    if claim.comparison == "changed":
        return f"*{label}* is still {now}."
    if claim.comparison == "not changed":
        was = write(claim.name, student.before[claim.name], settings)
        return f"*{label}* is {now}; leave it at {was}."
    if claim.other is None:
        wanted = _typed(claim, settings)
    else:
        wanted = f"{claim.other} ({write(claim.name, student.look(claim.other), settings)})"
    should = claim.comparison.removeprefix("is").strip()
    return f"*{label}*: {now}; it should be {f'{should} ' if should else ''}{wanted}."


def _capital(name: str) -> str:
    """A name at the beginning of a sentence; w and b are symbols."""
    return name if len(name) == 1 else name.capitalize()


def _typed(claim: Claim, settings: Mapping[str, Setting]) -> str:
    """A value as the lesson's file has it, not rounded."""
    is_number = claim.name not in settings and not isinstance(claim.value, bool)
    return plain(claim.value) if is_number else write(claim.name, claim.value, settings)


def write(name: str, value: Any, settings: Mapping[str, Setting]) -> str:
    """A setting or a number of the run as a sentence says it."""
    if name in settings:
        return settings[name].say(value) or "empty"
    return "–" if value is None else MEASURES[name].write(value)
