r"""Where the loss is lowest, and how large a learning rate gradient descent can bear there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.surface import loss_surface
from minibatch_core.engine.training import full_loss, train
from minibatch_core.settings import TrainSettings
from minibatch_core.theory.noise import gradient_noise
from minibatch_core.theory.separability import is_separable

__all__ = ["Minimum", "find_minimum", "largest_stable_lr", "stable_lr_found"]

Floats = NDArray[np.float64]

FARTHEST = 100.0
"""A minimum is looked for where w and b are no larger than this."""

NEAR = 1e-4
"""How far from the minimum the runs start that tell whether a learning rate is stable."""

STEPS, MOST_STEPS = 300, 1000
"""How many steps those runs take; more with a momentum that forgets slowly, but no more than ..."""

LARGEST_MOMENTUM = 0.99
"""... which is enough up to this one."""


@dataclass(frozen=True, slots=True, eq=False)
class Minimum:
    """Where the mean loss is lowest, how low, and its Hessian (2, 2) there."""

    w: float
    b: float
    loss: float
    hessian: Floats

    @property
    def sharpness(self) -> float:
        """The largest eigenvalue of the Hessian."""
        return float(np.linalg.eigh(self.hessian)[0][-1])  # to the last digit that of `jitter`


def find_minimum(data: Dataset, loss: str = "mse") -> Minimum | None:
    """The minimum nearest to the lowest point of a wide grid, by Newton's method.

    None if there is none with |w| and |b| up to 100: where some x divides the classes, the loss
    falls for ever.

    >>> from minibatch_core import make_dataset
    >>> minimum = find_minimum(make_dataset(), "bce")
    >>> round(minimum.w, 4), round(minimum.b, 4)
    (4.3884, -4.2392)
    """
    if is_separable(data):
        return None
    grid = np.linspace(-40.0, 40.0, 81)
    surface = loss_surface(data, grid, grid, loss)
    i, j = np.unravel_index(np.argmin(surface), surface.shape)
    at, lowest = np.array([grid[i], grid[j]]), float(surface[i, j])
    for _ in range(200):
        noise = gradient_noise(data, at[0], at[1], loss)
        values, vectors = np.linalg.eigh(noise.hessian)
        # Against the gradient along every direction, also where the surface is bent downwards.
        bent = np.maximum(np.abs(values), 1e-9)
        step = -vectors @ ((vectors.T @ noise.mean) / bent)
        while True:
            there = at + step
            value = float(full_loss(data, there[:1].copy(), there[1:].copy(), loss)[0])
            if value <= lowest or np.abs(step).max() < 1e-14:
                break
            step = step / 2.0
        at, lowest = there, min(value, lowest)
        if np.abs(at).max() > FARTHEST:
            return None
        if np.abs(step).max() < 1e-12:
            break
    noise = gradient_noise(data, at[0], at[1], loss)
    if np.linalg.norm(noise.mean) > 1e-9 or np.linalg.eigvalsh(noise.hessian)[0] <= 0.0:
        return None
    return Minimum(float(at[0]), float(at[1]), lowest, noise.hessian)


def largest_stable_lr(sharpness: float, momentum: float = 0.0) -> float:
    """(2 + 2 momentum) / sharpness: beyond it gradient descent moves away from the minimum.

    >>> largest_stable_lr(0.5), largest_stable_lr(0.5, momentum=0.9)
    (4.0, 7.6)

    Source: Polyak 1964; for deep networks Cohen et al. 2021, arXiv 2103.00065.
    """
    return (2.0 + 2.0 * momentum) / sharpness


def stable_lr_found(
    data: Dataset, minimum: Minimum, loss: str = "mse", momentum: float = 0.0
) -> float | None:
    """The largest stable learning rate as runs on all the data tell it, to a part in a thousand.

    Bisection between a quarter and four times `largest_stable_lr`: a run that starts close to the
    minimum, in the sharpest direction, has either come closer after hundreds of steps or not. None
    if that learning rate is above what a run may have, or the momentum is above 0.99: such runs do
    not tell in time.
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
    sharpest = np.linalg.eigh(minimum.hessian)[1][:, -1]
    settings = TrainSettings(
        loss=loss,
        optimizer="momentum",
        momentum=momentum,
        lr=lr,
        batch_size=len(data),
        epochs=round(min(MOST_STEPS, max(STEPS, 10.0 / (1.0 - momentum)))),
        init_w=minimum.w + NEAR * float(sharpest[0]),
        init_b=minimum.b + NEAR * float(sharpest[1]),
    )
    run = train(data, settings)
    if run.diverged_at is not None:
        return False
    along = (run.w - minimum.w) * sharpest[0] + (run.b - minimum.b) * sharpest[1]
    return float(np.abs(along[-20:]).max()) < NEAR
