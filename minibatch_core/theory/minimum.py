"""Where the loss is lowest, and how it is curved there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.surface import loss_surface
from minibatch_core.engine.training import full_loss
from minibatch_core.theory.noise import gradient_noise
from minibatch_core.theory.separability import is_separable

__all__ = ["Minimum", "find_minimum"]

Floats = NDArray[np.float64]

FARTHEST = 100.0
"""A minimum is looked for where w and b are no larger than this."""


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
