"""Which data to draw."""

from dataclasses import dataclass

from minibatch_core.settings.fields import check_fields, choice_field, number_field
from minibatch_core.sources import SOURCES
from minibatch_core.storage import STORAGE

__all__ = ["DataSettings"]


@dataclass(frozen=True, slots=True)
class DataSettings:
    """Which data to draw.

    >>> DataSettings(n=0)
    Traceback (most recent call last):
    ValueError: n should be between 2 and 10,000, but got 0
    """

    source: str = choice_field(
        "notebook",
        "src",
        "Data",
        SOURCES.labels,
        "The rule by which the points and their classes are drawn.",
    )
    n: int = number_field(100, "n", "Points N", 2, 10_000, "How many points the data has.")
    noise: float = number_field(
        0.1,
        "noise",
        "Noise",
        0.0,
        0.5,
        "The chance that noise flips the label of a point within 1 of the boundary x = 1. Farther "
        "away the chance is a quarter of this.",
    )
    seed: int = number_field(
        1, "dseed", "Data seed", 0, 2**32 - 1, "Another seed draws other points and other flips."
    )
    stored: str = choice_field(
        "drawn",
        "sort",
        "Stored order",
        STORAGE.labels,
        "In which order the data holds its points. They can be as they were drawn, which is a "
        "random order, or sorted, as real files often are.",
    )

    def __post_init__(self) -> None:
        check_fields(self)
