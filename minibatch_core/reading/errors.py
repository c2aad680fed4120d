"""Why a file can't be used."""

from collections.abc import Sequence

from minibatch_core.settings.fields import told
from minibatch_core.words import listed

__all__ = ["DataError", "told_all"]

MOST_TOLD = 10
"""So many names a sentence lists."""


class DataError(ValueError):
    """What in a file can't be used, in which line and column, and what to do.

    `choice` is what has to be chosen, where that is the cure: "x", "y", "one" or "decimal".

    >>> from minibatch_core import parse_csv
    >>> parse_csv(b"")
    Traceback (most recent call last):
    minibatch_core.reading.errors.DataError: The file is empty: there is no text in its 0 bytes. \
Choose a file that has a column of numbers, x, and a column of two classes, y.
    """

    def __init__(self, says: str, choice: str | None = None) -> None:
        super().__init__(says)
        self.choice = choice


def told_all(names: Sequence[str]) -> str:
    """Names as a sentence lists them, the first ten where there are many.

    >>> told_all(["x", "y"]), told_all("abcdefghijklm")[-16:]
    ("'x' and 'y'", "'j' and 3 others")
    """
    if len(names) <= MOST_TOLD:
        return listed([told(name) for name in names])
    others = len(names) - MOST_TOLD
    word = "other" if others == 1 else "others"
    return listed([*(told(name) for name in names[:MOST_TOLD]), f"{others:,} {word}"])
