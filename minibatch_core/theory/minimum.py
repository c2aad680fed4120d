"""Where the loss is lowest, and how it is curved there."""

from dataclasses import dataclass, replace

import numpy as np

from minibatch_core.arrays import Floats
from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.surface import loss_surface
from minibatch_core.engine.training import full_loss
from minibatch_core.theory.lowest import limit_far_out, low_places
from minibatch_core.theory.noise import gradient_noise
from minibatch_core.theory.separability import is_separable

__all__ = ["Minimum", "find_minimum"]

FARTHEST = 100.0
"""A minimum is looked for where w and b are no larger than this."""

WIDE, MOST_PLACES = 40.0, 20
"""How far the grid reaches, and from how many of its low places the search begins."""

FLATTEST, MOST_STEP_LEFT = 1e-12, 1e-6
"""A minimum is bent more than rounding is, and Newton's method has no longer step left there."""

UNSEEN = 1e-7
"""So short a step changes the loss by less than its rounding, which then does not judge it."""

STARTS = [(w, b) for w in (-8.0, -2.0, 2.0, 8.0) for b in (-8.0, -2.0, 2.0, 8.0)]
"""Where it begins when those lead to none: a narrow valley may lie between the grid's points."""


@dataclass(frozen=True, slots=True, eq=False)
class Minimum:
    """Where the mean loss has a minimum, how low it is, and its Hessian (2, 2) there.

    `is_lowest`: whether it is lower than all points of a grid with |w| and |b| up to 40, and than
    what the loss comes to far out.
    """

    w: float
    b: float
    loss: float
    hessian: Floats
    is_lowest: bool = True

    @property
    def sharpness(self) -> float:
        """The largest eigenvalue of the Hessian."""
        return float(np.linalg.eigh(self.hessian)[0][-1])  # to the last digit that of `jitter`

    @property
    def sharpest(self) -> tuple[float, float]:
        """The direction (w, b) in which it is sharpest, of length 1, towards larger w."""
        w, b = np.linalg.eigh(self.hessian)[1][:, -1].tolist()
        return (w, b) if w > 0.0 else (-w, -b)


def find_minimum(data: Dataset, loss: str = "mse") -> Minimum | None:
    """The lowest minimum that Newton's method finds from the low places of a wide grid.

    A loss that is not convex may have a minimum here and fall lower far out. None if there is no
    minimum with |w| and |b| up to 100: where some x divides the classes, the loss falls for ever.

    >>> from minibatch_core import make_dataset
    >>> minimum = find_minimum(make_dataset(), "bce")
    >>> round(minimum.w, 4), round(minimum.b, 4), minimum.is_lowest
    (4.3884, -4.2392, True)
    """
    if is_separable(data):
        return None
    grid = np.linspace(-WIDE, WIDE, 81)
    surface = loss_surface(data, grid, grid, loss)
    lowest = min(float(surface.min()), limit_far_out(data, loss)[0])
    for i, j in low_places(surface)[:MOST_PLACES]:
        found = _descend(data, loss, np.array([grid[i], grid[j]]), float(surface[i, j]))
        if found is not None:
            return replace(found, is_lowest=found.loss <= lowest)
    for start in STARTS:
        at = np.array(start)
        found = _descend(data, loss, at, float(full_loss(data, at[:1], at[1:], loss)[0]))
        if found is not None:
            return replace(found, is_lowest=found.loss <= lowest)
    return None


def _descend(data: Dataset, loss: str, at: Floats, lowest: float) -> Minimum | None:
    """The minimum that Newton's method comes to from here, if it comes to one."""
    for _ in range(200):
        noise = gradient_noise(data, at[0], at[1], loss)
        values, vectors = np.linalg.eigh(noise.hessian)
        # Against the gradient along every direction, also where the surface is bent downwards.
        bent = np.maximum(np.abs(values), 1e-9)
        step = -vectors @ ((vectors.T @ noise.mean) / bent)
        while True:
            there = at + step
            value = float(full_loss(data, there[:1].copy(), there[1:].copy(), loss)[0])
            if value <= lowest or np.abs(step).max() < UNSEEN:
                break
            step = step / 2.0
        at, lowest = there, min(value, lowest)
        if np.abs(at).max() > FARTHEST:
            return None
        if np.abs(step).max() < 1e-12:
            break
    noise = gradient_noise(data, at[0], at[1], loss)
    slope, curvature = np.linalg.norm(noise.mean), np.linalg.eigvalsh(noise.hessian)[0]
    # Far out every p is 0 or 1 and the surface a plateau: flat, but no more so than it is bent.
    if slope > 1e-9 or curvature < FLATTEST or slope > MOST_STEP_LEFT * curvature:
        return None
    return Minimum(float(at[0]), float(at[1]), lowest, noise.hessian)
