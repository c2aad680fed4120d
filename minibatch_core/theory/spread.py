"""How much the loss surfaces of minibatches differ from one another, measured and predicted."""

import math

import numpy as np
from numpy.typing import ArrayLike

from minibatch_core.arrays import Floats, standard_error
from minibatch_core.engine.batches import Batches, sample_minibatches
from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.surface import batch_surfaces

__all__ = [
    "batch_sizes_up_to",
    "measured_spread",
    "minibatches_measured",
    "predicted_spread",
    "root_mean_square_spread",
    "spread_factor",
    "surface_spread",
]

MOST_INDICES = 100_000
"""The most points that the minibatches of one measurement hold together."""

CHUNK = 256
"""How many points have their own surface in memory at once."""


def surface_spread(
    data: Dataset, batches: Batches, w_grid: ArrayLike, b_grid: ArrayLike, loss: str = "mse"
) -> Floats:
    r"""The standard deviation between minibatch surfaces: (len(w_grid), len(b_grid)).

    sqrt((1/(k - 1)) sum_j (L_j(w, b) - mean_j L_j(w, b))^2) over the k minibatches.

    Raises ValueError if there are fewer than two minibatches.

    >>> from minibatch_core import draw_minibatches, make_dataset
    >>> batches = draw_minibatches(100, 10, 50)
    >>> surface_spread(make_dataset(), batches, [3.0], [-3.0]).round(2).tolist()
    [[0.05]]
    """
    if len(batches) < 2:
        raise ValueError(f"batches should hold at least 2 minibatches, but got {len(batches)}")
    total, squares = _sums(data, batches, w_grid, b_grid, loss)
    k = len(batches)
    return np.sqrt(np.maximum(squares - total * total / k, 0.0) / (k - 1))


def predicted_spread(
    data: Dataset,
    w_grid: ArrayLike,
    b_grid: ArrayLike,
    batch_size: int,
    loss: str = "mse",
    replacement: bool = True,
) -> Floats:
    r"""What `surface_spread` tends to with ever more minibatches: (len(w_grid), len(b_grid)).

    S / sqrt(B), where S(w, b) is the standard deviation of the N points' own losses; without
    replacement times sqrt((N - B) / (N - 1)), which is 0 at B = N.

    >>> from minibatch_core import make_dataset
    >>> predicted_spread(make_dataset(), [3.0], [-3.0], batch_size=10).round(2).tolist()
    [[0.05]]
    """
    n = len(data)
    points = Batches(np.arange(n, dtype=np.int32), np.arange(n + 1, dtype=np.int64), n)
    total, squares = _sums(data, points, w_grid, b_grid, loss)
    variance = np.maximum(squares / n - (total / n) ** 2, 0.0)
    return np.sqrt(variance) * spread_factor(n, batch_size, replacement)


def spread_factor(n: int, batch_size: int, replacement: bool = True) -> float:
    """How the spread of single points shrinks to that of minibatches.

    >>> spread_factor(100, 25), spread_factor(100, 100, replacement=False)
    (0.2, 0.0)
    """
    without = 1.0 if replacement else (n - batch_size) / max(n - 1, 1)
    return math.sqrt(without / batch_size)


def measured_spread(
    data: Dataset,
    w_grid: ArrayLike,
    b_grid: ArrayLike,
    batch_size: int,
    loss: str = "mse",
    replacement: bool = True,
    seed: int = 1,
) -> Floats:
    """The spread between up to 200 minibatches of one size: (len(w_grid), len(b_grid)).

    >>> from minibatch_core import make_dataset
    >>> measured_spread(make_dataset(), [3.0], [-3.0], batch_size=10).round(2).tolist()
    [[0.05]]
    """
    batches = _minibatches(data, batch_size, replacement, seed)
    return surface_spread(data, batches, w_grid, b_grid, loss)


def root_mean_square_spread(
    data: Dataset,
    w_grid: ArrayLike,
    b_grid: ArrayLike,
    batch_size: int,
    loss: str = "mse",
    replacement: bool = True,
    seed: int = 1,
) -> tuple[float, float]:
    """The root mean square of `measured_spread` over its grid, and the standard error of that.

    Each minibatch's squared distance from the mean surface is one draw of the variance. Where these
    are all alike, as of two points drawn equally often, the error of the mean surface remains: the
    variance of a variance is at least 2 m2^2/(n (n - 1)).

    >>> from minibatch_core import make_dataset
    >>> grid = [-2.0, 0.0, 2.0]
    >>> [round(each, 4) for each in root_mean_square_spread(make_dataset(), grid, grid, 10)]
    [0.117, 0.005]
    """
    batches = _minibatches(data, batch_size, replacement, seed)
    surfaces, count = batch_surfaces(data, batches, w_grid, b_grid, loss), len(batches)
    apart = (surfaces - surfaces.mean(axis=0)).reshape(count, -1)
    products = apart @ apart.T / apart.shape[1]
    squares = np.diagonal(products) * count / (count - 1)
    root = math.sqrt(squares.mean())
    of_mean = math.sqrt(2.0 * (products**2).sum() / (count * (count - 1.0) ** 3))
    error = max(standard_error(squares), of_mean)
    return root, error / (2.0 * root) if root else 0.0


def _minibatches(data: Dataset, batch_size: int, replacement: bool, seed: int) -> Batches:
    count = minibatches_measured(batch_size)
    return sample_minibatches(len(data), batch_size, count, replacement, seed)


def minibatches_measured(batch_size: int) -> int:
    """How many minibatches `measured_spread` draws.

    >>> minibatches_measured(10), minibatches_measured(10_000)
    (200, 10)
    """
    return min(200, MOST_INDICES // batch_size)


def batch_sizes_up_to(n: int) -> list[int]:
    """1, 2, 5, 10, 20, ... up to N = n, and n itself.

    >>> batch_sizes_up_to(60)
    [1, 2, 5, 10, 20, 50, 60]
    """
    sizes = (digit * 10**power for power in range(5) for digit in (1, 2, 5))
    return [*(size for size in sizes if size < n), n]


def _sums(
    data: Dataset, batches: Batches, w_grid: ArrayLike, b_grid: ArrayLike, loss: str
) -> tuple[Floats, Floats]:
    """The sum of the minibatches' surfaces and of their squares, a chunk of them at a time."""
    total = squares = np.zeros((np.size(w_grid), np.size(b_grid)))
    for first in range(0, len(batches), CHUNK):
        steps = range(first, min(first + CHUNK, len(batches)))
        surfaces = batch_surfaces(data, batches, w_grid, b_grid, loss, steps=list(steps))
        total = total + surfaces.sum(axis=0)
        squares = squares + (surfaces * surfaces).sum(axis=0)
    return total, squares
