"""What runs and files are called: by the settings that differ between them."""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from dashboard.shell.page import TABLES, Page
from minibatch_core import Settings, SurfaceSettings
from minibatch_core.optimizers import HYPERPARAMETERS, OPTIMIZERS
from minibatch_core.settings.fields import Setting, describe
from minibatch_core.words import listed, plain

__all__ = ["differences", "name_beside", "name_of_file", "names_of", "told_apart", "unshared"]

UNUSED = "-"
"""What stands for a setting that a run's optimizer does not have."""

MOST_LETTERS, MOST_BESIDE = 32, 40
"""How long a run's name may be in the legend of several, and beside the present run."""

MOST_OF_FILE, MARK = 60, 6
"""How long a file's name may be, and what in it stands for settings that have no room."""

NAMED = ("opt", "loss")
"""The settings whose values say in a list what they are of."""

WORDS = {"bs": "B", "n": "N", "lr": "lr"}
"""What stands before a setting's value in few words, by its key, where that is not its label."""


def names_of(runs: Sequence[Settings]) -> list[str]:
    """A name for each run: its number, and what it has that not all have, as far as that fits.

    >>> from minibatch_core import TrainSettings
    >>> names_of([Settings(), Settings(train=TrainSettings(optimizer="sgd", lr=1.0))])
    ['1: Adam, lr = 0.05', '2: SGD, lr = 1']
    """
    differing = _differing(runs)
    names = []
    for k in range(len(runs)):
        parts = [_said(each, values[k]) for each, values in differing if values[k] != UNUSED]
        name = _in_few_words(parts, MOST_LETTERS)
        names.append(f"{k + 1}: {name}" if name else f"{k + 1}")
    return names


def name_beside(run: Settings, present: Settings) -> str:
    """What a run has that the present one has not, as far as that fits.

    >>> from minibatch_core import TrainSettings
    >>> kept = Settings(train=TrainSettings(batch_size=1, optimizer="sgd", epochs=20))
    >>> name_beside(kept, Settings()), name_beside(kept, kept)
    ('B = 1, SGD, epochs = 20', 'as now')
    """
    return _in_few_words(differences(run, present), MOST_BESIDE) or "as now"


def name_of_file(
    page: Page, ending: str, settings: Settings, surfaces: SurfaceSettings | None = None
) -> str:
    """A file of a page, by what its settings have that the page does not open with.

    Where not all of that has room, digits stand for the rest: files of other settings are called
    otherwise.

    >>> from minibatch_core import TrainSettings
    >>> page = Page(name="a_page", title="", place=1, help="", controls=frozenset(), draw=print)
    >>> name_of_file(page, "py", Settings(train=TrainSettings(batch_size=5, optimizer="sgd")))
    'minibatch-a-page-opt-sgd-bs5.py'
    """
    opening = page.opening
    own = {"data": settings.data, "train": settings.train, "surfaces": surfaces}
    usual = {
        "data": opening.settings.data,
        "train": opening.settings.train,
        "surfaces": opening.surfaces,
    }
    parts = [
        _in_file(setting, getattr(values, name))
        for part, values in own.items()
        if values is not None
        for name, setting in TABLES[part].items()
        if getattr(values, name) != getattr(usual[part], name)
        and not (page.is_full_batch and name == "batch_size")
    ]
    start = f"minibatch-{page.name.replace('_', '-')}"
    name = "-".join([start, *parts])
    most = MOST_OF_FILE - len(f".{ending}")
    if len(name) > most:
        mark = sha256(name.encode()).hexdigest()[:MARK]
        while len("-".join([start, *parts, mark])) > most:
            parts.pop()
        name = "-".join([start, *parts, mark])
    return f"{name}.{ending}"


def _in_file(setting: Setting, value: Any) -> str:
    """A setting with its value, in letters that every file system has."""
    said = setting.spell(value).lower().replace("e+", "e").removesuffix(".0") or "none"
    safe = re.sub(r"[^a-z0-9.]+", "-", said).strip("-.")
    sign = "-" if said[0] == "-" or safe[0].isalpha() else ""
    return f"{setting.key}{sign}{safe}"


def differences(run: Settings, present: Settings) -> list[str]:
    """What a run has that the present one has not, the batch size first; empty for the same run.

    >>> differences(Settings(), Settings())
    []
    """
    return [_said(setting, own) for setting, own in _own(run, present)]


def told_apart(run: Settings, present: Settings) -> str:
    """The same as a sentence without its full stop.

    >>> from minibatch_core import TrainSettings
    >>> told_apart(Settings(train=TrainSettings(loss="bce", batch_size=1, lr=1.0)), Settings())
    'Its loss is BCE and it has B = 1 and lr = 1'
    """
    named, others = [], []
    for setting, own in _own(run, present):
        if setting.key in NAMED:
            named.append(f"its {setting.label.lower()} is {own}")
        else:
            others.append(_said(setting, own))
    said = listed([*named, *([f"it has {listed(others)}"] if others else [])])
    return f"{said[0].upper()}{said[1:]}"


def _own(run: Settings, present: Settings) -> list[tuple[Setting, str]]:
    """The settings that a run has and the present one has not, the batch size first."""
    pairs = sorted(_differing((run, present)), key=lambda each: each[0].key != "bs")
    return [(setting, own) for setting, (own, other) in pairs if own not in (other, UNUSED)]


def _said(setting: Setting, value: str) -> str:
    """A value with what it is of, where it does not say that itself."""
    if setting.key in NAMED:
        return value
    word = WORDS.get(setting.key, setting.label[0].lower() + setting.label[1:])
    return f"{word} = {value}"


def _in_few_words(parts: Sequence[str], letters: int) -> str:
    """As many parts as fit, the first in any case, and a sign that there are more."""
    fit: list[str] = []
    for part in parts:
        if not fit or len(", ".join([*fit, part])) <= letters:
            fit.append(part)
    return ", ".join([*fit, "…"] if len(fit) < len(parts) else fit)


def _differing(runs: Sequence[Settings]) -> list[tuple[Setting, list[str]]]:
    """The settings that not all of the runs share, what tells most of them apart first."""
    found = [each for part in ("train", "data") for each in unshared(runs, part)]
    return sorted(found, key=lambda each: -len(set(each[1])))


def unshared(runs: Sequence[Settings], part: str) -> list[tuple[Setting, list[str]]]:
    """The settings of a part that not all of the runs share, and what each of them has."""
    rows = []
    optimizers = [settings.train.optimizer for settings in runs]
    for name, setting in describe(getattr(runs[0], part)).items():
        values = [getattr(getattr(settings, part), name) for settings in runs]
        if len(set(values)) > 1:
            pairs = zip(values, optimizers, strict=True)
            rows.append((setting, [_value(name, setting, *pair) for pair in pairs]))
    return rows


def _value(name: str, setting: Setting, value: Any, optimizer: str) -> str:
    """A value as it is said, a hyperparameter left alone by its default, "-" if there is none."""
    of_some = name in HYPERPARAMETERS
    own = OPTIMIZERS[optimizer].hyperparameters
    if of_some and name not in own:
        return UNUSED
    if value is None:
        return plain(own[name]) if of_some else "nn.Linear's"
    return setting.say(value)
