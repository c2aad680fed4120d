"""How a setting is declared: its bounds, default, label, help and short key, once.

Widgets, addresses, error messages and documentation all read such declarations.
"""

import dataclasses
import math
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from numbers import Integral, Real
from typing import Any

from minibatch_core.words import plain

__all__ = [
    "Setting",
    "check_fields",
    "choice_field",
    "choices_field",
    "describe",
    "number_field",
    "switch_field",
    "told",
]

MOST_LETTERS = 60
"""How much of a text that can't be an error message says."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of the settings: what it is called, what it may be, how an address spells it.

    What there is to say of it together with another one is `beside` it, by the other's key.
    """

    key: str
    label: str
    help: str
    kind: type
    minimum: float = -math.inf
    maximum: float = math.inf
    choices: Mapping[str, str] | None = None
    optional: bool = False
    several: bool = False
    beside: Mapping[str, str] = field(default_factory=dict)

    def help_beside(self, others: Container[str]) -> str:
        """What it is, in sentences that speak of these other settings alone, by their keys.

        >>> from minibatch_core import TrainSettings
        >>> epochs = describe(TrainSettings)["epochs"]
        >>> epochs.help_beside({"drop"}).removeprefix(epochs.help)
        ' With *Drop the last short batch* some points may be left out.'
        """
        return " ".join([self.help, *(says for key, says in self.beside.items() if key in others)])

    @property
    def whole_help(self) -> str:
        """What it is beside any other setting."""
        return self.help_beside(self.beside)

    def check(self, name: str, value: Any) -> Any:
        """Return `value` as this setting's type, or raise a ValueError that names the cure."""
        if value is None and self.optional:
            return None
        if self.several:
            one = replace(self, several=False)
            return tuple(one.check(name, each) for each in value)
        if self.choices is not None:
            if not isinstance(value, str) or value not in self.choices:
                allowed = ", ".join(repr(choice) for choice in self.choices)
                raise ValueError(f"{name} should be one of {allowed}, but got {told(value)}")
            return value
        if self.kind is bool:
            if not isinstance(value, bool):
                raise ValueError(f"{name} should be True or False, but got {told(value)}")
            return value
        return self._check_number(name, value)

    def parse(self, text: str) -> Any:
        """The value that an address spells as `text`, or a ValueError that names the cure.

        A choice is spelled by its label, as its widget shows it; of several, each by itself.

        >>> from minibatch_core import TrainSettings
        >>> describe(TrainSettings)["optimizer"].parse("AdamW")
        'adamw'
        >>> describe(TrainSettings)["batch_size"].parse("2.5")
        Traceback (most recent call last):
        ValueError: bs should be a whole number between 1 and 10,000, but got '2.5'
        """
        if self.optional and not text:
            return None
        if self.choices is not None:
            values = {label: value for value, label in self.choices.items()}
            if text not in values:
                allowed = ", ".join(repr(label) for label in values)
                raise ValueError(f"{self.key} should be one of {allowed}, but got {told(text)}")
            return values[text]
        if self.kind is bool:
            return self.check(self.key, {"true": True, "false": False}.get(text.lower(), text))
        try:
            value = float(text)
        except ValueError:
            return self.check(self.key, text)
        if self.kind is int:
            return self.check(self.key, int(value) if value.is_integer() else text)
        return self.check(self.key, value)

    def spell(self, value: Any) -> str:
        """The text that an address has for a value, which `parse` takes back.

        >>> from minibatch_core import TrainSettings
        >>> describe(TrainSettings)["drop_last"].spell(True)
        'true'
        """
        if value is None:
            return ""
        if self.choices is not None:
            return self.choices[value]
        return str(value).lower() if self.kind is bool else repr(value)

    def say(self, value: Any) -> str:
        """A value as sentences and tables say it.

        >>> from minibatch_core import TrainSettings
        >>> settings = describe(TrainSettings)
        >>> settings["drop_last"].say(False), settings["epochs"].say(1000), settings["lr"].say(1.0)
        ('no', '1,000', '1')
        """
        if value is None:
            return ""
        if self.choices is not None:
            return self.choices[value]
        return ("yes" if value else "no") if self.kind is bool else plain(value)

    def _check_number(self, name: str, value: Any) -> Any:
        wanted: Any = Integral if self.kind is int else Real
        word = "a whole number" if self.kind is int else "a number"
        bounds = f"between {plain(self.minimum)} and {plain(self.maximum)}"
        if isinstance(value, bool) or not isinstance(value, wanted):
            raise ValueError(f"{name} should be {word} {bounds}, but got {told(value)}")
        if not self.minimum <= value <= self.maximum:  # NaN fails this too
            raise ValueError(f"{name} should be {bounds}, but got {told(value)}")
        return self.kind(value)


def told(value: Any) -> str:
    """A value as an error message says it, cut where it is long.

    >>> told(1_000), told(10**400), told("1" * 309)[-24:]
    ('1,000', 'about 1e400', "11' and 249 more letters")
    """
    if isinstance(value, str) and len(value) > MOST_LETTERS:
        return f"{value[:MOST_LETTERS]!r} and {len(value) - MOST_LETTERS:,} more letters"
    if isinstance(value, bool) or not isinstance(value, Integral | float):
        return repr(value)
    if isinstance(value, float):
        return plain(value) if math.isfinite(value) else str(value)
    if abs(int(value)) < 10**15:
        return f"{value:,}"
    # Python refuses to write out more than 4,300 digits.
    return f"about {'-' if int(value) < 0 else ''}1e{math.log10(abs(int(value))):.0f}"


def number_field(
    default: float | None,
    key: str,
    label: str,
    minimum: float,
    maximum: float,
    text: str,
    **beside: str,
) -> Any:
    """A dataclass field for a number: whole if `minimum` is, optional if `default` is None."""
    kind = int if isinstance(minimum, int) else float
    optional = default is None
    setting = Setting(key, label, text, kind, minimum, maximum, optional=optional, beside=beside)
    return field(default=default, metadata={"setting": setting})


def choice_field(default: str, key: str, label: str, choices: Mapping[str, str], text: str) -> Any:
    """A dataclass field for one of `choices`, a mapping of values to labels."""
    return field(
        default=default, metadata={"setting": Setting(key, label, text, str, choices=choices)}
    )


def choices_field(
    default: tuple[str, ...], key: str, label: str, choices: Mapping[str, str], text: str
) -> Any:
    """A dataclass field for any number of `choices`, a mapping of values to labels."""
    setting = Setting(key, label, text, str, choices=choices, several=True)
    return field(default=default, metadata={"setting": setting})


def switch_field(default: bool, key: str, label: str, text: str) -> Any:
    """A dataclass field for True or False."""
    setting = Setting(key, label, text, bool)
    return field(default=default, metadata={"setting": setting})


def describe(settings: type | Any) -> dict[str, Setting]:
    """The declaration of each field of a settings class.

    >>> from minibatch_core import DataSettings
    >>> describe(DataSettings)["n"].maximum
    10000
    """
    return {entry.name: entry.metadata["setting"] for entry in dataclasses.fields(settings)}


def check_fields(settings: Any) -> None:
    """Give each field its type, or raise a ValueError that names the field and the cure."""
    for name, setting in describe(settings).items():
        object.__setattr__(settings, name, setting.check(name, getattr(settings, name)))
