"""What runs spend: steps, epochs, examples or time, and where a run has spent a budget."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from minibatch_core.arrays import Floats
from minibatch_core.engine.batches import Batches
from minibatch_core.settings import Settings
from minibatch_core.settings.train import (
    TrainSettings,
    max_epochs,
    sizes_of_epoch,
    steps_per_epoch,
)
from minibatch_core.words import rounded

__all__ = ["IN_STEPS", "MOST_STEP_COST", "STEP_COST", "UNITS", "Budget", "spent", "steps_within"]

UNITS = {"steps": "Steps", "epochs": "Epochs", "examples": "Examples seen", "time": "Time"}
"""What can be counted along a run. An example is one look at one point."""

STEP_COST = 80
"""A step of the notebook's loop costs as much as so many more points in its minibatch.

So it is with a DataLoader on a CPU, as `benchmarks.step_cost` measures it: 230 microseconds a step
and 2.8 a point. Where minibatches are cut out of a tensor, 190 a step and less than 0.01 a point.
"""

MOST_STEP_COST = 1_000_000
"""As good as equal steps."""

DIGITS = 4
"""How many digits of a part of an epoch are said."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What runs should have equally much of: one of UNITS.

    Time is of a model, so that it is the same on every machine: a step that looks at B points takes
    the time of step_cost + B looks.

    >>> Budget("hours")
    Traceback (most recent call last):
    ValueError: unit should be one of 'steps', 'epochs', 'examples', 'time', but got 'hours'
    """

    unit: str = "epochs"
    step_cost: int = STEP_COST

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            allowed = ", ".join(map(repr, UNITS))
            raise ValueError(f"unit should be one of {allowed}, but got {self.unit!r}")
        if not 0 <= self.step_cost <= MOST_STEP_COST:
            raise ValueError(
                f"step_cost should be between 0 and {MOST_STEP_COST:,}, but got {self.step_cost:,}"
            )

    def of(self, settings: Settings) -> int:
        """How much the run with these settings has: its steps, epochs, looks, or their time.

        Its epochs over N points count as epochs x N looks, whatever drop_last leaves out.

        >>> settings = Settings(train=TrainSettings(batch_size=30, epochs=2))
        >>> [Budget(unit, 10).of(settings) for unit in UNITS]
        [8, 2, 200, 280]
        """
        n, train = settings.data.n, settings.train
        steps = train.epochs * steps_per_epoch(n, train.batch_size, train.drop_last)
        looks = train.epochs * n
        return {
            "steps": steps,
            "epochs": train.epochs,
            "examples": looks,
            "time": steps * self.step_cost + looks,
        }[self.unit]

    def words(self, amount: float) -> str:
        """An amount as sentences say it.

        >>> Budget("steps").words(1), Budget("examples").words(3000), Budget("time").words(2700)
        ('1 step', '3,000 examples', '2,700 units of time')
        >>> Budget("epochs").words(25.5), Budget("epochs").words(100 / 3)
        ('25.5 epochs', 'about 33.33 epochs')
        """
        one, more = {
            "steps": ("step", "steps"),
            "epochs": ("epoch", "epochs"),
            "examples": ("example", "examples"),
            "time": ("unit of time", "units of time"),
        }[self.unit]
        if float(amount).is_integer():
            return f"{amount:,.0f} {one if amount == 1 else more}"
        about = "" if float(f"{amount:.{DIGITS}g}") == amount else "about "
        return f"{about}{rounded(amount, DIGITS)} {more}"

    def allowing(self, amount: int, settings: Settings) -> tuple[Settings, int]:
        """The same settings with as many epochs as the amount reaches into, and its steps.

        Raises ValueError if that takes more epochs than a run may have.

        >>> settings = Settings(train=TrainSettings(batch_size=30))
        >>> run, steps = Budget("steps").allowing(10, settings)
        >>> run.train.epochs, steps
        (3, 10)
        """
        n, train = settings.data.n, settings.train
        steps, epochs = self._needed(amount, settings)
        most = max_epochs(n, train.batch_size, train.drop_last)
        if epochs > most:
            raise ValueError(
                f"with B = {train.batch_size:,} and N = {n:,} this budget is {steps:,} steps or "
                f"{epochs:,} epochs, but a run may have {most:,}"
            )
        return replace(settings, train=replace(train, epochs=epochs)), steps

    def fits(self, amount: int, settings: Settings) -> bool:
        """Whether a run with these settings, its epochs apart, can be so long.

        >>> Budget("steps").fits(3000, Settings(train=TrainSettings(batch_size=100)))
        False
        """
        n, train = settings.data.n, settings.train
        _, epochs = self._needed(amount, settings)
        return epochs <= max_epochs(n, train.batch_size, train.drop_last)

    def _needed(self, amount: int, settings: Settings) -> tuple[int, int]:
        """How many steps an amount is, and into how many epochs they reach."""
        n, train = settings.data.n, settings.train
        steps = steps_within(self, amount, n, train)
        return steps, max(1, -(-steps // steps_per_epoch(n, train.batch_size, train.drop_last)))


IN_STEPS = Budget("steps")
"""A run that is counted step by step."""


def spent(steps: NDArray[np.integer], batches: Batches, budget: Budget) -> Floats:
    """What a run has spent before each of these steps.

    >>> from minibatch_core import make_batches
    >>> batches = make_batches(100, TrainSettings(batch_size=30, epochs=2))
    >>> some = np.array([0, 4, 5])
    >>> [spent(some, batches, Budget(unit, 10)).tolist() for unit in ("epochs", "time")]
    [[0.0, 1.0, 1.25], [0.0, 140.0, 180.0]]
    """
    looks = batches.offsets[steps]
    ways = {
        "steps": steps,
        "epochs": steps / batches.steps_per_epoch,
        "examples": looks,
        "time": steps * np.int64(budget.step_cost) + looks,
    }
    return np.asarray(ways[budget.unit], dtype=np.float64)


def steps_within(budget: Budget, amount: int, n: int, train: TrainSettings) -> int:
    """The most steps that spend no more than an amount, however many epochs they take.

    >>> train = TrainSettings(batch_size=30)
    >>> [steps_within(Budget(unit, 10), 150, 100, train) for unit in ("steps", "examples", "time")]
    [150, 5, 4]
    """
    sizes = sizes_of_epoch(n, train.batch_size, train.drop_last)
    if budget.unit == "steps":
        return amount
    if budget.unit == "epochs":
        return amount * len(sizes)
    # In whole numbers, so that no rounding takes the last step of a budget away.
    cost = budget.step_cost if budget.unit == "time" else 0
    along = np.cumsum(np.array(sizes, dtype=np.int64) + cost)
    epochs, left = divmod(amount, int(along[-1]))
    return epochs * len(sizes) + int(np.searchsorted(along, left, side="right"))
