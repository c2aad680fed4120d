"""The loss over a grid of (w, b): of all the data, of some points, or of each minibatch."""

import math

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial
from numpy.typing import ArrayLike, NDArray

from minibatch_core.compiled import compiled
from minibatch_core.engine.batches import Batches
from minibatch_core.engine.dataset import Dataset
from minibatch_core.losses import BCE, LOSS_CODES, MSE, loss_and_slope

__all__ = ["NOTEBOOK_BOX", "batch_surfaces", "loss_surface", "notebook_grid", "surface_grid"]

Floats = NDArray[np.float64]

NOTEBOOK_BOX = ((-4.0, 6.0), (-6.0, 4.0))
"""From where to where w and b go in the notebook's heatmaps."""

LARGEST_EXPONENT = 700.0
"""exp of up to this, and of minus this, is a normal float64; so is 1 over it."""

_NODES = np.cos(np.pi * (np.arange(16) + 0.5) / 16)
_SERIES = Chebyshev.fit(_NODES, np.log1p(np.exp((_NODES + 1.0) / 2.0)), 15, domain=[-1, 1])
SOFTPLUS = _SERIES.convert(kind=Polynomial).coef
"""log(1 + exp(p)) for p in [0, 1] as a polynomial in t = 2 p - 1, to within 1e-15."""


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
    if loss not in LOSS_CODES:
        raise ValueError(f"loss should be one of {', '.join(LOSS_CODES)}, but got {loss!r}")
    named = len(indices) and indices.min() >= 0 and indices.max() < len(data)
    if len(steps) and not named:
        raise ValueError(f"indices should name points 0 to {len(data) - 1}, but got {indices}")
    w, b = (np.asarray(grid, dtype=np.float64) for grid in (w_grid, b_grid))
    reach = max(np.abs(w).max() * np.abs(data.x).max(), np.abs(b).max())
    values = np.zeros((len(steps), len(w), len(b)))
    for k, step in enumerate(steps):
        surface = values[k]
        points = indices[offsets[step] : offsets[step + 1]]
        x, y = data.x[points], data.y[points]
        if reach > LARGEST_EXPONENT:
            _direct_kernel(x, y, LOSS_CODES[loss], w, b, surface)
        elif LOSS_CODES[loss] == MSE:
            _mse_kernel(x, y, w, b, np.exp(-b), surface)
        elif LOSS_CODES[loss] == BCE:
            _bce_kernel(x, y, w, b, np.exp(b), np.exp(-b), surface)
        else:
            _bce_on_sigmoid_kernel(x, y, w, b, np.exp(-b), SOFTPLUS, surface)
        values[k] /= len(points)
    return values


@compiled
def _direct_kernel(x, y, loss, w, b, total):
    for i in range(len(w)):
        for k in range(len(x)):
            for j in range(len(b)):
                total[i, j] += loss_and_slope(loss, w[i] * x[k] + b[j], y[k])[0]


@compiled
def _mse_kernel(x, y, w, b, exp_minus_b, total):
    """exp(-(w x + b)) is exp(-w x) exp(-b): one exp for a whole row, and a loop that vectorises."""
    for i in range(len(w)):
        for k in range(len(x)):
            e = math.exp(-w[i] * x[k])
            for j in range(len(b)):
                miss = 1.0 / (1.0 + e * exp_minus_b[j]) - y[k]
                total[i, j] += miss * miss


@compiled
def _bce_kernel(x, y, w, b, exp_b, exp_minus_b, total):
    """As above; log(1 + u) is taken of a product: of up to 512 factors in [1, 2] at once."""
    product = np.empty(len(b))
    for i in range(len(w)):
        for first in range(0, len(x), 512):
            product[:] = 0.0  # the product of the (1 + u) so far, minus 1, so that small u count
            for k in range(first, min(first + 512, len(x))):
                z_x = w[i] * x[k]
                e, e_minus = math.exp(z_x), math.exp(-z_x)
                for j in range(len(b)):
                    z = z_x + b[j]
                    u = e_minus * exp_minus_b[j] if z > 0.0 else e * exp_b[j]
                    product[j] += u + product[j] * u
                    total[i, j] += (z if z > 0.0 else 0.0) - y[k] * z
            for j in range(len(b)):
                total[i, j] += math.log1p(product[j])


@compiled
def _bce_on_sigmoid_kernel(x, y, w, b, exp_minus_b, softplus, total):
    """As the MSE's; a polynomial in place of log(1 + exp(p)) lets the loop vectorise."""
    value = np.empty(len(b))
    t = np.empty(len(b))
    for i in range(len(w)):
        for k in range(len(x)):
            e = math.exp(-w[i] * x[k])
            for j in range(len(b)):
                p = 1.0 / (1.0 + e * exp_minus_b[j])
                t[j] = 2.0 * p - 1.0
                value[j] = softplus[-1]
                total[i, j] -= y[k] * p
            for c in range(len(softplus) - 2, -1, -1):
                for j in range(len(b)):
                    value[j] = value[j] * t[j] + softplus[c]
            for j in range(len(b)):
                total[i, j] += value[j]


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
