"""A row that gives no point, and why."""

from dataclasses import dataclass

from minibatch_core.settings.fields import told

__all__ = ["Dropped"]

PROBLEMS = {
    "missing": ("has no value", "Fill it in, or delete the row."),
    "nan": ("has {}, which is not a number", "Write a number, or delete the row."),
    "infinite": (
        "has {}, which is infinite or too large",
        "Write a number below 1e308, or delete the row.",
    ),
    "mark": (
        "has {}, which is not a number with the chosen decimal mark",
        "Choose the other decimal mark, or write all numbers with the same one.",
    ),
    "date": (
        "has {}, which is a date or a time",
        "Write a number in its place, such as the days since the first date.",
    ),
    "unit": (
        "has {}, which is a number with something beside it",
        "Write the number alone, and its unit in the name of the column.",
    ),
    "word": (
        "has {}, which is not a number",
        "Write a number in its place, or choose a column of numbers as x.",
    ),
}
"""What is said of a cell that gives no point, by what `kind_of` calls it, and what to do."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A row that gave no point: its line in the file, the column and the text that was the reason.

    `kind` is "missing", "nan", "infinite", "mark", "date", "unit" or "word".

    >>> Dropped(4, "x", "5.1 cm", "unit").says
    "Line 4, column 'x', has '5.1 cm', which is a number with something beside it."
    """

    line: int
    column: str
    text: str
    kind: str

    @property
    def says(self) -> str:
        """Why, in a sentence."""
        why = PROBLEMS[self.kind][0].format(told(self.text))
        return f"Line {self.line:,}, column {told(self.column)}, {why}."

    @property
    def cure(self) -> str:
        """What to do, in a sentence."""
        return PROBLEMS[self.kind][1]
