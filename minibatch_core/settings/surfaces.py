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
        61, "grid", "Grid", 2, 241, "Values of w, and of b, at which the loss is computed."
    )
    count: int = number_field(3, "k", "Minibatches k", 0, 12, "How many minibatches to draw.")
    replacement: bool = switch_field(
        True,
        "repl",
        "Draw with replacement",
        "As random.randint does: one minibatch can hold a point twice.",
    )
    divisor: str = choice_field(
        "batch_size",
        "div",
        "Divide the sum by",
        DIVISORS,
        "The notebook divides every sum by N = 100, also that of ten points.",
    )
    seed: int = number_field(
        1, "kseed", "Minibatch seed", 0, 2**32 - 1, "Another seed draws other minibatches."
    )

    def __post_init__(self) -> None:
        check_fields(self)
