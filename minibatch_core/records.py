"""Records: what there is of a kind, each in a file of its own that says all there is to know of it.

A module of `optimizers`, `losses` or `sources` that has a RECORD is found by its being there.
"""

import pkgutil
from importlib import import_module
from typing import Protocol, TypeVar

__all__ = ["Records", "records_of"]


class Named(Protocol):
    """What every record says: its name in code, its label on screen, its place in menus."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def place(self) -> int: ...


R = TypeVar("R", bound=Named)


class Records(dict[str, R]):
    """Records by name, in the order of menus; an unknown name is a ValueError that says which are.

    >>> from minibatch_core.losses import LOSSES
    >>> LOSSES["mea"]
    Traceback (most recent call last):
    ValueError: loss should be one of 'mse', 'bce', 'bce_with_logits_on_sigmoid', but got 'mea'
    """

    def __init__(self, what: str, records: list[R]) -> None:
        super().__init__({each.name: each for each in sorted(records, key=lambda each: each.place)})
        self.what = what
        if len(self) != len(records):
            names = sorted(each.name for each in records)
            raise ValueError(f"every {what} should have a name of its own, but got {names}")

    def __missing__(self, name: str) -> R:
        known = ", ".join(map(repr, self))
        raise ValueError(f"{self.what} should be one of {known}, but got {name!r}")

    @property
    def labels(self) -> dict[str, str]:
        """What each is called on screen, by its name."""
        return {name: record.label for name, record in self.items()}

    def code(self, name: str) -> int:
        """The number by which compiled kernels know a record."""
        return list(self).index(self[name].name)


def records_of(package: str, what: str) -> Records[R]:
    """The RECORD of every module of a package that has one."""
    names = (module.name for module in pkgutil.iter_modules(import_module(package).__path__))
    modules = [import_module(f"{package}.{name}") for name in names]
    return Records(what, [module.RECORD for module in modules if hasattr(module, "RECORD")])
