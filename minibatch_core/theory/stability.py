"""How large a learning rate gradient descent can bear at a minimum, and where runs end."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.training import Run, full_loss, predict, train
from minibatch_core.settings import TrainSettings
from minibatch_core.settings.fields import describe
from minibatch_core.theory.minimum import Minimum
from minibatch_core.theory.noise import gradient_noise

__all__ = [
    "FLAT",
    "LARGEST_MOMENTUM",
    "SATURATED",
    "End",
    "cycle_at_the_end",
    "end_of",
    "ends_of_longer",
    "largest_stable_lr",
    "stable_lr_found",
]

NEAR = 1e-4
"""How far from the minimum the runs start that tell whether a learning rate is stable."""

STEPS, MOST_STEPS = 300, 1000
"""How many steps those runs take; more with a momentum that forgets slowly, but no more than ..."""

LARGEST_MOMENTUM = 0.99
"""... which is enough up to this one."""


def largest_stable_lr(sharpness: float, momentum: float = 0.0) -> float:
    """(2 + 2 momentum) / sharpness: beyond it gradient descent moves away from the minimum.

    >>> largest_stable_lr(0.5), largest_stable_lr(0.5, momentum=0.9)
    (4.0, 7.6)

    Source: Polyak 1964; for deep networks Cohen et al. 2021, arXiv 2103.00065.
    """
    return (2.0 + 2.0 * momentum) / sharpness


MOST_STEPS_OF_A_CYCLE, STILL, SHRINKING = 8, 1e-6, 1e-3
"""How long a cycle may be, how exactly a run comes back to where it was, and by which share of its
swing that may be less: a swing that shrinks is no cycle."""


def cycle_at_the_end(run: Run) -> int | None:
    """After how many steps a run is back where it was, at its end; 1 where it rests, None else.

    Past the largest stable learning rate a run leaves the minimum, but the gradient of a sigmoid is
    bounded, so that it may end in a cycle around the minimum, often of two steps.

    >>> from minibatch_core import TrainSettings, make_dataset, train
    >>> settings = TrainSettings(
    ...     loss="bce", optimizer="sgd", lr=11.0, batch_size=100, epochs=1000
    ... )
    >>> cycle_at_the_end(train(make_dataset(), settings))
    2
    """
    path = np.column_stack([run.w, run.b])
    size = 1.0 + float(np.abs(path[-1]).max())
    for steps in range(1, MOST_STEPS_OF_A_CYCLE + 1):
        if len(path) < 4 * steps:
            return None
        late = path[-3 * steps :]
        apart = float(np.abs(late[steps:] - late[:-steps]).max())
        swing = float(np.ptp(late, axis=0).max())
        if apart < STILL * size and (steps == 1 or apart < SHRINKING * swing):
            return steps
    return None


NEAREST = 1e-3
"""A run that rests so close to the minimum has come to it."""

SATURATED, MOST, FLAT = 0.01, 0.9, 1e-3
"""How close to 0 or 1 p is where the sigmoid is saturated, at which share of the points it is so on
a plateau, and how short the gradient is there."""

LITTLE = 1e-3
"""On a plateau a run moves slowly if its last step is a smaller share of its distance."""

FEWEST = 4
"""Fewer steps do not tell how a run goes on."""

Kind = Literal["minimum", "still", "slow", "short", "cycle", "closer", "moving"]


@dataclass(frozen=True, slots=True)
class End:
    """How a run of gradient descent on all the data ends.

    - `kind`: it rests at the minimum, or hardly moves elsewhere, or slowly on a plateau; it is too
      short to tell; it is in a cycle of `steps` steps; or it moves, and in its second half every
      step has brought it closer, or not
    - `nearest`, `farthest`: how far from the minimum it is, at its end, in its last cycle, or in
      its second half if it moves without coming closer
    - `loss`, `gradient`: after the last step, the second its length
    - `saturated`: at how many points p is almost 0 or 1 then
    - `on_plateau`: whether that is why the gradient is almost 0
    """

    kind: Kind
    steps: int
    nearest: float
    farthest: float
    loss: float
    gradient: float
    saturated: int
    on_plateau: bool


def end_of(data: Dataset, run: Run, minimum: Minimum) -> End:
    """How a run on all the data ends.

    >>> from minibatch_core import TrainSettings, find_minimum, make_dataset, train
    >>> data, settings = make_dataset(), TrainSettings(optimizer="sgd", lr=200.0, batch_size=100)
    >>> end = end_of(data, train(data, settings), find_minimum(data))
    >>> end.kind, round(end.loss, 2), end.saturated, end.on_plateau
    ('still', 0.53, 100, True)
    """
    w, b, loss = float(run.w[-1]), float(run.b[-1]), run.settings.loss
    gradient = float(np.linalg.norm(gradient_noise(data, w, b, loss).mean))
    p = predict(data.x, w, b)
    saturated = int((np.minimum(p, 1.0 - p) < SATURATED).sum())
    on_plateau = gradient < FLAT and saturated > MOST * len(data)
    far, cycle = np.hypot(run.w - minimum.w, run.b - minimum.b), cycle_at_the_end(run)
    last_step = float(np.hypot(run.w[-1] - run.w[-2], run.b[-1] - run.b[-2]))
    kind: Kind
    if cycle == 1 and far[-1] < NEAREST:
        kind, late = "minimum", far[-1:]
    elif cycle == 1:
        kind, late = "still", far[-1:]
    elif on_plateau and last_step < LITTLE * far[-1]:
        kind, late = "slow", far[-1:]
    elif len(run) < FEWEST:
        kind, late = "short", far[-1:]
    elif cycle is not None:
        kind, late = "cycle", far[-cycle:]
    elif (np.diff(far[len(far) // 2 - 1 :]) < 0.0).all():
        kind, late = "closer", far[-1:]
    else:
        kind, late = "moving", far[len(far) // 2 :]
    return End(
        kind,
        cycle or 0,
        float(late.min()),
        float(late.max()),
        float(full_loss(data, run.w[-1:], run.b[-1:], loss)[0]),
        gradient,
        saturated,
        on_plateau,
    )


LONGER, MOST_EPOCHS = 4, int(describe(TrainSettings)["epochs"].maximum)
"""How many times as long the next longer run is, and how long the longest."""


def ends_of_longer(data: Dataset, run: Run, minimum: Minimum) -> Iterator[tuple[int, End]]:
    """How the same run on all the data ends with more and more epochs, and with how many.

    It is over with the first that rests at the minimum.

    >>> from minibatch_core import TrainSettings, find_minimum, make_dataset, train
    >>> data = make_dataset()
    >>> run = train(data, TrainSettings("bce", "sgd", lr=10.0, batch_size=100, epochs=7))
    >>> [(epochs, end.kind) for epochs, end in ends_of_longer(data, run, find_minimum(data, "bce"))]
    [(28, 'closer'), (112, 'minimum')]
    """
    epochs = run.settings.epochs
    while epochs < MOST_EPOCHS:
        epochs = min(LONGER * epochs, MOST_EPOCHS)
        end = end_of(data, train(data, replace(run.settings, epochs=epochs)), minimum)
        yield epochs, end
        if end.kind == "minimum":
            return


def stable_lr_found(
    data: Dataset, minimum: Minimum, loss: str = "mse", momentum: float = 0.0
) -> float | None:
    """The largest stable learning rate as runs on all the data tell it, to a part in a thousand.

    Bisection between a quarter and four times `largest_stable_lr`: a run that starts close to the
    minimum, in the sharpest direction, has either come closer after hundreds of steps or not. None
    if that learning rate is above what a run may have, or the momentum is above 0.99: such runs do
    not tell in time.

    >>> from minibatch_core import find_minimum, make_dataset
    >>> data = make_dataset()
    >>> round(stable_lr_found(data, find_minimum(data, "bce"), "bce"), 1)
    10.7
    """
    if momentum > LARGEST_MOMENTUM:
        return None
    predicted = largest_stable_lr(minimum.sharpness, momentum)
    low, high = predicted / 4.0, predicted * 4.0
    if high > 1000.0:
        return None
    while high / low > 1.001:
        middle = float(np.sqrt(low * high))
        if _comes_closer(data, minimum, loss, momentum, middle):
            low = middle
        else:
            high = middle
    return float(np.sqrt(low * high))


def _comes_closer(data: Dataset, minimum: Minimum, loss: str, momentum: float, lr: float) -> bool:
    along_w, along_b = minimum.sharpest
    settings = TrainSettings(
        loss=loss,
        optimizer="momentum",
        momentum=momentum,
        lr=lr,
        batch_size=len(data),
        epochs=round(min(MOST_STEPS, max(STEPS, 10.0 / (1.0 - momentum)))),
        init_w=minimum.w + NEAR * along_w,
        init_b=minimum.b + NEAR * along_b,
    )
    run = train(data, settings)
    if run.diverged_at is not None:
        return False
    along = (run.w - minimum.w) * along_w + (run.b - minimum.b) * along_b
    return float(np.abs(along[-20:]).max()) < NEAR
