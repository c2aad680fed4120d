"""Which minibatches to draw loss surfaces of."""

from dataclasses import dataclass

from minibatch_core.settings.fields import check_fields, choice_field, number_field, switch_field

__all__ = ["SurfaceSettings"]

DIVISORS = {"batch_size": "bs, its own points", "n": "N, all points"}


@dataclass(frozen=True, slots=True)
class SurfaceSettings:
    """Which minibatches to draw loss surfaces of, and on which grid of the notebook's box.

    >>> SurfaceSettings(count=100)
    Traceback (most recent call last):
    ValueError: count should be between 0 and 12, but got 100
    """

    points: int = number_field(
        61, "grid", "Grid", 2, 241, "At how many values of w, and of b, the loss is computed."
    )
    count: int = number_field(
        3,
        "k",
        "Minibatches k",
        0,
        12,
        "How many minibatches are drawn, each with its loss surface.",
    )
    replacement: bool = switch_field(
        True,
        "repl",
        "Draw with replacement",
        "On: each point of a minibatch is drawn from all N points, as the notebook does with "
        "random.randint. So a minibatch can hold a point twice. Off: it can't.",
    )
    divisor: str = choice_field(
        "batch_size",
        "div",
        "Divide the sum by",
        DIVISORS,
        "A loss is a sum over points, divided by a number of points. The notebook divides by N, "
        "although a minibatch has only bs points, so its losses are bs/N times the mean.",
    )
    seed: int = number_field(
        1,
        "kseed",
        "Minibatch seed",
        0,
        2**32 - 1,
        "The same seed draws the same minibatches again, another seed draws others.",
    )

    def __post_init__(self) -> None:
        check_fields(self)
