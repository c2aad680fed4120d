"""The loss over a grid of (w, b): of all the data, of some points, or of each minibatch."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minibatch_core.compiled import compiled
from minibatch_core.engine.batches import Batches
from minibatch_core.engine.dataset import Dataset
from minibatch_core.losses import LOSSES, loss_and_slope

__all__ = ["NOTEBOOK_BOX", "batch_surfaces", "loss_surface", "notebook_grid", "surface_grid"]

Floats = NDArray[np.float64]

NOTEBOOK_BOX = ((-4.0, 6.0), (-6.0, 4.0))
"""From where to where w and b go in the notebook's heatmaps."""

LARGEST_EXPONENT = 700.0
"""exp of up to this, and of minus this, is a normal float64; so is 1 over it."""


def loss_surface(
    data: Dataset,
    w_grid: ArrayLike,
    b_grid: ArrayLike,
    loss: str = "mse",
    indices: ArrayLike | None = None,
) -> Floats:
    r"""The mean loss at each (w, b) of a grid: (len(w_grid), len(b_grid)).

    L(w, b) = (1/n) sum_i l(w x_i + b, y_i), over all points or over those at `indices`, each as
    often as it is named there. Time O(n W B), memory O(W B + n).

    >>> from minibatch_core import make_dataset
    >>> loss_surface(make_dataset(), [0.0, 3.0], [-3.0, 0.0]).round(3).tolist()
    [[0.482, 0.25], [0.095, 0.262]]

    Source: the heatmap of the course notebook.
    """
    chosen = np.arange(len(data)) if indices is None else np.asarray(indices)
    offsets = np.array([0, len(chosen)])
    return _surfaces(data, w_grid, b_grid, loss, chosen, offsets, np.array([0]))[0]


def batch_surfaces(
    data: Dataset,
    batches: Batches,
    w_grid: ArrayLike,
    b_grid: ArrayLike,
    loss: str = "mse",
    steps: ArrayLike | None = None,
) -> Floats:
    r"""The mean loss of each step's own minibatch: (batches, len(w_grid), len(b_grid)).

    `steps` names the minibatches; None means all of them. Over one epoch without replacement
    sum_j (b_j / N) L_j(w, b) = L(w, b), where b_j is the size of batch j.

    >>> from minibatch_core import TrainSettings, make_batches, make_dataset
    >>> batches = make_batches(100, TrainSettings(batch_size=50, epochs=1))
    >>> batch_surfaces(make_dataset(), batches, [3.0], [-3.0]).round(3).tolist()
    [[[0.09]], [[0.1]]]
    """
    chosen = np.arange(len(batches)) if steps is None else np.asarray(steps)
    return _surfaces(data, w_grid, b_grid, loss, batches.indices, batches.offsets, chosen)


def _surfaces(
    data: Dataset,
    w_grid: ArrayLike,
    b_grid: ArrayLike,
    loss: str,
    indices: NDArray[np.integer],
    offsets: NDArray[np.integer],
    steps: NDArray[np.integer],
) -> Floats:
    record, code = LOSSES[loss], LOSSES.code(loss)
    named = len(indices) and indices.min() >= 0 and indices.max() < len(data)
    if len(steps) and not named:
        raise ValueError(f"indices should name points 0 to {len(data) - 1}, but got {indices}")
    w, b = (np.asarray(grid, dtype=np.float64) for grid in (w_grid, b_grid))
    reach = max(np.abs(w).max() * np.abs(data.x).max(), np.abs(b).max())
    near = b if reach <= LARGEST_EXPONENT else np.zeros_like(b)
    exp_b, exp_minus_b = np.exp(near), np.exp(-near)
    values = np.zeros((len(steps), len(w), len(b)))
    for k, step in enumerate(steps):
        surface = values[k]
        points = indices[offsets[step] : offsets[step + 1]]
        x, y = data.x[points], data.y[points]
        if record.surface is None or reach > LARGEST_EXPONENT:
            _direct_kernel(x, y, code, w, b, surface)
        else:
            record.surface(x, y, w, b, exp_b, exp_minus_b, surface)
        values[k] /= len(points)
    return values


@compiled
def _direct_kernel(x, y, loss, w, b, total):
    for i in range(len(w)):
        for k in range(len(x)):
            for j in range(len(b)):
                total[i, j] += loss_and_slope(loss, w[i] * x[k] + b[j], y[k])[0]


def surface_grid(w: Floats, b: Floats, points: int = 61) -> tuple[Floats, Floats]:
    """A grid for a path: the notebook's box, w in [-4, 6] and b in [-6, 4], or 2, 4 or 8 times it.

    The smallest that holds the whole path, else the largest.

    >>> w_grid, b_grid = surface_grid(np.array([0.0, 9.0]), np.array([0.0, -3.0]))
    >>> w_grid[[0, -1]].tolist(), b_grid[[0, -1]].tolist()
    ([-9.0, 11.0], [-11.0, 9.0])
    """
    reach = max(np.abs(w - 1.0).max(), np.abs(b + 1.0).max())
    half = next((half for half in (5.0, 10.0, 20.0) if reach <= half), 40.0)
    return np.linspace(1.0 - half, 1.0 + half, points), np.linspace(
        -1.0 - half, -1.0 + half, points
    )


def notebook_grid(points: int = 21) -> tuple[Floats, Floats]:
    """The w and b of the notebook's heatmaps: 21 values each, half a unit apart, or finer.

    >>> w_grid, b_grid = notebook_grid()
    >>> w_grid[:2].tolist(), b_grid[-2:].tolist()
    ([-4.0, -3.5], [3.5, 4.0])
    """
    (w_low, w_high), (b_low, b_high) = NOTEBOOK_BOX
    return np.linspace(w_low, w_high, points), np.linspace(b_low, b_high, points)
