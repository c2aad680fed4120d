"""The notebook's numbers beside those of the settings shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from minibatch_core import NOTEBOOK_PRINTS, Run
from minibatch_core.course.runs import Print
from minibatch_core.words import number

__all__ = ["Comparison", "printed_by_the_notebook"]


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
        return all(notebook == here for _, pairs in self.rows for notebook, here in pairs)


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
            here = number(float(values[step]), 4) if step < len(values) else "not reached"
            pairs.append((f"{printed:.4f}", here))
    return pairs
