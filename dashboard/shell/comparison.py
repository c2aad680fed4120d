"""The notebook's numbers beside those of the settings shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from minibatch_core import NOTEBOOK_PRINTS, Run
from minibatch_core.course.runs import Print
from minibatch_core.words import number

__all__ = ["NOT_DRAWN", "NOT_REACHED", "Comparison", "printed_by_the_notebook"]

TO_EVERY_DIGIT = "the notebook's, to every digit shown."

NOT_DRAWN, NOT_REACHED = "not drawn", "not reached"
"""What stands where there is no number of ours."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the notebook shows, each value beside that of the settings shown; "" where it has none.

    `rows` are a label and a pair (the notebook's, ours) for each quantity of `quantities`.
    """

    quantities: Sequence[str]
    rows: Sequence[tuple[str, Sequence[tuple[str, str]]]]

    @property
    def equal(self) -> bool:
        """Whether all of ours are the notebook's, to the last digit."""
        return all(notebook == here for notebook, here in self._pairs)

    @property
    def said(self) -> str:
        """How many of ours are the notebook's, in sentences.

        >>> Comparison(("loss", "w"), [("end", [("0.1", "0.1"), ("2.0", "3.0")])]).said
        "The settings are not the notebook's, so some of the numbers differ."
        """
        if self.equal:
            return f"All of them are {TO_EVERY_DIGIT}"
        count = len(self._pairs)
        missing = sum(here in (NOT_DRAWN, NOT_REACHED) for _, here in self._pairs)
        equal = sum(notebook == here for notebook, here in self._pairs)
        why, differ = "The settings are not the notebook's, so", count - missing - equal
        if missing == count:
            return f"{why} none of the numbers is here."
        if missing and differ:
            return f"{why} some of the numbers differ, and some are missing."
        if missing:
            return f"{why} some of the numbers are missing. The others are {TO_EVERY_DIGIT}"
        return f"{why} {'some of ' * (equal > 0)}the numbers differ."

    @property
    def _pairs(self) -> list[tuple[str, str]]:
        return [pair for _, pairs in self.rows for pair in pairs if pair[0]]


def printed_by_the_notebook(preset: str, run: Run) -> Comparison:
    """Each line that a run of the notebook prints, and the same values of this run."""
    return Comparison(
        ("loss", "w", "b"), [(line.label, _pairs(line, run)) for line in NOTEBOOK_PRINTS[preset]]
    )


def _pairs(line: Print, run: Run) -> list[tuple[str, str]]:
    period = run.batches.steps_per_epoch
    step = len(run) if line.epoch is None else line.epoch * period - 1
    pairs = []
    for printed, values in ((line.loss, run.batch_loss), (line.w, run.w), (line.b, run.b)):
        if printed is None:
            pairs.append(("", ""))
        else:
            here = number(float(values[step]), 4) if step < len(values) else NOT_REACHED
            pairs.append((f"{printed:.4f}", here))
    return pairs
