"""What to sweep."""

from dataclasses import dataclass

from minibatch_core.settings.data import DataSettings
from minibatch_core.settings.fields import check_fields, choice_field, describe, number_field
from minibatch_core.settings.train import TrainSettings

__all__ = ["SWEPT", "SweepSettings"]

SWEPT = {
    name: (describe(TrainSettings) | describe(DataSettings))[name].label
    for name in (
        "batch_size",
        "lr",
        "schedule",
        "epochs",
        "optimizer",
        "shuffle",
        "loss",
        "momentum",
        "weight_decay",
        "beta1",
        "beta2",
        "eps",
        "init_w",
        "init_b",
        "n",
        "noise",
    )
}
"""What can be swept, by the name of the setting, and its label."""


@dataclass(frozen=True, slots=True)
class SweepSettings:
    """Which two settings to sweep, over which values, with how many seeds each, to which target.

    >>> SweepSettings(across="lr", up="lr")
    Traceback (most recent call last):
    ValueError: up should be another setting than across='lr', but got the same
    """

    across: str = choice_field(
        "batch_size", "sx", "Across", SWEPT, "The setting that changes from left to right."
    )
    across_from: float | None = number_field(
        None, "sx0", "from", -1000.0, 10_000.0, "Its smallest value. Empty: a usual one."
    )
    across_to: float | None = number_field(
        None, "sx1", "to", -1000.0, 10_000.0, "Its largest value. Empty: a usual one."
    )
    across_count: int = number_field(
        10,
        "sxn",
        "values",
        2,
        60,
        "How many values it has, or fewer: of whole numbers each comes once, and usual batch sizes "
        "are those that divide N, if N has enough such numbers.",
    )
    up: str = choice_field(
        "lr", "sy", "Upwards", SWEPT, "The setting that changes from bottom to top."
    )
    up_from: float | None = number_field(
        None, "sy0", "from", -1000.0, 10_000.0, "Its smallest value. Empty: a usual one."
    )
    up_to: float | None = number_field(
        None, "sy1", "to", -1000.0, 10_000.0, "Its largest value. Empty: a usual one."
    )
    up_count: int = number_field(
        10,
        "syn",
        "values",
        2,
        60,
        "How many values it has, or fewer: of whole numbers each comes once, and usual batch sizes "
        "are those that divide N, if N has enough such numbers.",
    )
    runs: int = number_field(
        20, "runs", "Runs a cell", 1, 50, "How many runs each cell has, each with another seed."
    )
    target: float | None = number_field(
        None,
        "goal",
        "Target loss",
        0.0,
        1000.0,
        "The loss on all the data that a run should reach. Empty: seven eighths of the way from "
        "the loss at w = b = 0 down to the lowest with w from -4 to 6 and b from -6 to 4, or lower "
        "where a run starts low.",
    )

    def __post_init__(self) -> None:
        check_fields(self)
        if self.across == self.up:
            raise ValueError(
                f"up should be another setting than across={self.across!r}, but got the same"
            )
