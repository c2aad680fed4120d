"""How things are drawn, as settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.figures.palette import SCALES
from minibatch_core.course.story import CHANGES, ROUTES
from minibatch_core.engine.budgets import MOST_STEP_COST, STEP_COST, UNITS, Budget
from minibatch_core.losses import LOSSES
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.settings.fields import (
    check_fields,
    choice_field,
    choices_field,
    number_field,
    switch_field,
)

__all__ = ["LOOKS", "MEASURES", "UNITS", "ViewSettings", "said_of_time", "time_model"]


LOOKS: Mapping[str, tuple[int, str, str]] = {
    "notebook": (21, "rdylgn", "Notebook: 21 × 21, RdYlGn"),
    "viridis": (61, "viridis", "61 × 61, Viridis"),
    "cividis": (61, "cividis", "61 × 61, Cividis"),
    "fine": (121, "viridis", "121 × 121, Viridis"),
}
"""Grid points, colours and label of what a surface can look like."""


ADAPTIVE = [each.label for each in OPTIMIZERS.values() if each.is_adaptive]

MEASURES = {name: LOSSES[name].label for name in ("mse", "bce")}
"""By which loss runs are measured that were trained with several."""


@dataclass(frozen=True, slots=True)
class ViewSettings:
    """How things are drawn, and what runs that are compared have equally much of."""

    scale: str = choice_field(
        "viridis",
        "scale",
        "Surface colours",
        SCALES,
        "Which colours stand for low and high losses. Viridis and Cividis grow evenly lighter. "
        "RdYlGn, with red, yellow and green, is the notebook's.",
    )
    look: str = choice_field(
        "notebook",
        "look",
        "Grid and colours",
        {name: label for name, (_, _, label) in LOOKS.items()},
        "At how many values of w and b the loss is computed, and in which colours it is drawn.",
    )
    own_range: bool = switch_field(
        False,
        "own",
        "Own colour range for each",
        "On, as in the notebook: each surface has a colour range of its own, so the same colour "
        "may mean another loss on each. Off: one range for all.",
    )
    point_w: float | None = number_field(
        None,
        "pw",
        "w of the point",
        -1000.0,
        1000.0,
        "The w of the place that is looked at.",
        look="Empty: that of the grid's lowest loss.",
    )
    point_b: float | None = number_field(
        None,
        "pb",
        "b of the point",
        -1000.0,
        1000.0,
        "The b of the place that is looked at.",
        look="Empty: that of the grid's lowest loss.",
    )
    order_batch_size: int = number_field(
        10,
        "obs",
        "Batch size of the pictures",
        1,
        10_000,
        "How many points a minibatch has in the pictures of who is in which minibatch. Its points "
        "have one colour.",
    )
    unit: str = choice_field(
        "steps",
        "unit",
        "Counted in",
        UNITS,
        "What the charts count along a run. Runs that are compared get equally much of it. An "
        "example is one look at one point. Time is calculated, not measured: each step takes as "
        "long as looking at a fixed number of points, and then it looks at its B points.",
    )
    step_cost: int = number_field(
        STEP_COST,
        "cost",
        "Cost of a step, in examples",
        0,
        MOST_STEP_COST,
        "The time of a step besides its looks, counted in looks at one point. With 0, equal time "
        "is equal examples; with a very large number it is equal steps. Measured with PyTorch on a "
        f"CPU: about {STEP_COST} with a DataLoader as in the notebook, tens of thousands where "
        "minibatches are cut out of a tensor.",
    )
    adaptive_lr: float = number_field(
        0.1,
        "alr",
        "Learning rate, adaptive",
        0.0,
        1000.0,
        f"The learning rate of {', '.join(ADAPTIVE[:-1])} and {ADAPTIVE[-1]}. They divide by the "
        "size of the gradient, so they need another rate than SGD.",
    )
    is_matched: bool = switch_field(
        True,
        "match",
        "Match momentum's rate",
        "Momentum 0.9 adds up ten steps. So with the same learning rate it moves ten times as far. "
        "On: it takes 1 - momentum times the rate, and moves as far as SGD in the long run.",
    )
    optimizers: tuple[str, ...] = choices_field(
        ("sgd", "momentum", "rmsprop", "adam"),
        "opts",
        "Optimizers",
        OPTIMIZERS.labels,
        "Which optimizers race.",
    )
    route: str = choice_field(
        "through",
        "route",
        "Way from run 1 to run 3",
        ROUTES,
        "The notebook goes by way of its second run, so that batch size and epochs change twice.",
    )
    first_change: str = choice_field(
        "loss",
        "first",
        "Changed first",
        CHANGES,
        "This setting changes before the others; by way of run 2, before the others of each part.",
    )
    measure: str = choice_field(
        "mse",
        "by",
        "Measured by",
        MEASURES,
        "The loss on all the data by which every run is measured, whatever it was trained with.",
    )
    seeds: int = number_field(
        100, "nseeds", "Seeds", 2, 1000, "How many runs are drawn together, each with another seed."
    )

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def budget(self) -> Budget:
        """What is counted; views that count the same have the same."""
        return Budget(self.unit, self.step_cost if self.unit == "time" else STEP_COST)

    @property
    def points(self) -> int:
        """How many values of w, and of b, the chosen look has."""
        return LOOKS[self.look][0]

    @property
    def look_scale(self) -> str:
        """The colour scale of the chosen look."""
        return LOOKS[self.look][1]


def time_model(budget: Budget) -> str:
    """What time is, in words.

    >>> time_model(Budget("time", 0))[67:]
    'A step takes no time besides. So equal time is equal examples.'
    """
    looks = "Time is calculated, not measured: looking at a point takes 1 unit. "
    if budget.step_cost == 0:
        return f"{looks}A step takes no time besides. So equal time is equal examples."
    more = f"{budget.step_cost:,} {'unit' if budget.step_cost == 1 else 'units'}"
    return (
        f"{looks}Each step takes {more} more. So a step with B points takes "
        f"{budget.step_cost:,} + B units."
    )


def said_of_time(budget: Budget) -> list[str]:
    """What time is, where it is what is counted."""
    return [time_model(budget)] if budget.unit == "time" else []
