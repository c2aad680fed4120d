"""The bytes of a file -> its text."""

import codecs
import re

from minibatch_core.reading.errors import DataError
from minibatch_core.settings.fields import told

__all__ = ["MOST_BYTES", "to_text"]

MOST_BYTES = 5_000_000
"""A longer file is refused before anything of it is read."""

SEEN = 4_096
"""So many bytes tell whether a file without a mark is UTF-16."""

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")
_TO_DO = (
    "If it is a spreadsheet, open it there and save it as CSV (File, Save as, CSV UTF-8). Then "
    "choose the new file."
)


def to_text(raw: bytes) -> str:
    """The text in UTF-8 or UTF-16, with a byte order mark or without, or else in Windows-1252.

    Raises DataError if there is no text, or too much of it.

    >>> to_text("µ".encode()), to_text("µ".encode("cp1252")), to_text("µ = 1".encode("utf-16-le"))
    ('µ', 'µ', 'µ = 1')
    """
    if len(raw) > MOST_BYTES:
        raise DataError(
            f"The file has {len(raw):,} bytes, but at most {MOST_BYTES:,} (5 MB) can be read. "
            "Delete columns and rows that you do not need."
        )
    text = _decoded(raw)
    if not text.strip():
        raise DataError(
            f"The file is empty: there is no text in its {len(raw):,} bytes. Choose a file that "
            "has a column of numbers, x, and a column of two classes, y."
        )
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise DataError(f"The file is not a text: line {line:,} has {told(found[0])}. {_TO_DO}")
    return text


def _decoded(raw: bytes) -> str:
    *others, last = _encodings(raw)
    for encoding in others:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    try:
        return raw.decode(last)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"the byte {raw[error.start]:#04x}"
        raise DataError(f"The file is not a text: line {line:,} has {found}. {_TO_DO}") from error


def _encodings(raw: bytes) -> tuple[str, ...]:
    """What a file may be written in: every second byte of UTF-16 is 0 where letters are Latin."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    first, second = raw[:SEEN:2], raw[1:SEEN:2]
    if 0 not in first and 2 * second.count(0) > len(second):
        return ("utf-16-le",)
    if 0 not in second and 2 * first.count(0) > len(first):
        return ("utf-16-be",)
    return ("utf-8-sig", "cp1252")
