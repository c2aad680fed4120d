"""The notebook's slips, run as they are written there, so that a page can say what they do."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from minibatch_core.arrays import Floats
from minibatch_core.engine.batches import make_batches
from minibatch_core.engine.dataset import Dataset, make_held_out
from minibatch_core.engine.surface import loss_surface, notebook_grid
from minibatch_core.engine.torch_training import Perceptron
from minibatch_core.engine.training import full_loss, predict
from minibatch_core.settings import DataSettings, TrainSettings
from minibatch_core.theory.noise import gradient_noise

__all__ = [
    "LabelTrial",
    "broadcast_loss",
    "first_batch_again",
    "fresh_draws",
    "hook_calls",
    "losses_on_draws",
    "lowest_cell",
    "notebook_flip_probability",
    "share_bent_downwards",
    "try_label_generator",
]

MOST_DRAWS, MOST_FRESH_POINTS = 400, 100_000
"""How many other draws of the data there are, or fewer that have no more points together."""


def notebook_flip_probability(x: float) -> float:
    """The notebook's rule, branch by branch: the second can never be reached.

    >>> notebook_flip_probability(1.05), notebook_flip_probability(3.0)
    (0.1, 0.025)

    Source: addNoise in the first code cell of the course notebook.
    """
    if abs(x - 1) < 1.0:
        return 0.1
    if abs(x - 1) < 0.1:
        return 0.2
    return 0.025


def hook_calls() -> tuple[int, int]:
    """How often a forward hook runs for one model.forward(x), and for one model(x).

    >>> hook_calls()
    (0, 1)

    Source: torch.nn.Module.register_forward_hook.
    """
    model = Perceptron()
    calls = []
    model.register_forward_hook(lambda *_: calls.append(1))
    with torch.no_grad():
        model.forward(torch.zeros(1, 1))
        by_forward = len(calls)
        model(torch.zeros(1, 1))
    return by_forward, len(calls) - by_forward


def broadcast_loss(data: Dataset, w: float, b: float) -> tuple[float, float]:
    """The MSE of p against y as a column, and against y as a row, as the first MyDataset gives it.

    p has shape (N, 1). Against y of shape (N,) both are broadcast to (N, N): every p against every
    y.

    >>> from minibatch_core import make_dataset
    >>> [round(loss, 3) for loss in broadcast_loss(make_dataset(), 3.0, -3.0)]
    [0.095, 0.373]

    Source: section 3 of the course notebook; torch.nn.MSELoss.
    """
    p = torch.tensor(predict(data.x, w, b)).reshape(-1, 1)
    y = torch.tensor(data.y)
    mse = torch.nn.MSELoss()
    with_columns = mse(p, y.reshape(-1, 1)).item()
    # MSELoss broadcasts by itself, but warns; asked for, the result is the same.
    return with_columns, mse(*torch.broadcast_tensors(p, y)).item()


@dataclass(frozen=True, slots=True)
class LabelTrial:
    """What came of the notebook's label generator: the error it ends with, or None."""

    numpy: str
    error: str | None


def try_label_generator(data: Dataset) -> LabelTrial:
    """Run the notebook's expression for the labels, which takes int() of an array of one element.

    numpy 2.4 and later raise a TypeError there; 2.3.5 and earlier give the labels.

    >>> from minibatch_core import make_dataset
    >>> try_label_generator(make_dataset()).numpy == np.__version__
    True

    Source: true_y in the first code cell of the course notebook.
    """
    draw = random.Random(1)

    def label(x: np.ndarray) -> list[int]:
        flipped = draw.random() < notebook_flip_probability(x[0])
        return [int(x < 1) if flipped else int(x > 1)]

    try:
        np.apply_along_axis(label, 1, data.x[:, None])
    except TypeError as error:
        return LabelTrial(np.__version__, str(error))
    return LabelTrial(np.__version__, None)


def lowest_cell(data: Dataset, loss: str) -> tuple[float, float]:
    """The w and b of the notebook's heatmap at which a loss is lowest.

    >>> from minibatch_core import make_dataset
    >>> lowest_cell(make_dataset(), "mse"), lowest_cell(make_dataset(), "bce")
    ((6.0, -5.5), (4.5, -4.5))

    Source: the second code cell of the course notebook.
    """
    w_grid, b_grid = notebook_grid()
    surface = loss_surface(data, w_grid, b_grid, loss)
    i, j = np.unravel_index(np.argmin(surface), surface.shape)
    return float(w_grid[i]), float(b_grid[j])


def share_bent_downwards(data: Dataset, loss: str) -> float:
    """At which share of the 11 x 11 points of the notebook's box some direction bends downwards.

    The surface of a convex loss does so nowhere: no eigenvalue of its Hessian is negative.

    >>> from minibatch_core import make_dataset
    >>> share_bent_downwards(make_dataset(), "bce")
    0.0
    """
    w_grid, b_grid = notebook_grid(11)
    hessians = [gradient_noise(data, w, b, loss).hessian for w in w_grid for b in b_grid]
    return float(np.mean(np.linalg.eigvalsh(hessians)[:, 0] < -1e-12))


def first_batch_again(
    n: int, settings: TrainSettings
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The first minibatch of a loop over a DataLoader, and of the same loop run once more.

    >>> first, again = first_batch_again(100, TrainSettings(batch_size=10, shuffle="each_epoch"))
    >>> len(set(first.tolist()) & set(again.tolist()))
    1

    Source: section 3 of the course notebook, whose cell that prints the batches sets no seed.
    """
    batches = make_batches(n, replace(settings, epochs=2))
    return batches[0], batches[batches.steps_per_epoch]


def fresh_draws(settings: DataSettings) -> list[Dataset]:
    """Other draws of the same source, each with as many points, on which no run has trained.

    >>> len(fresh_draws(DataSettings(n=100))), len(fresh_draws(DataSettings(n=10_000)))
    (400, 10)
    """
    count = min(MOST_DRAWS, MOST_FRESH_POINTS // settings.n)
    seeds = [(settings.seed + k) % 2**32 for k in range(count)]
    return [make_held_out(replace(settings, seed=seed)) for seed in seeds]


def losses_on_draws(draws: Sequence[Dataset], w: float, b: float, loss: str) -> Floats:
    """The loss at (w, b) on each of several draws of the data."""
    at = np.array([w]), np.array([b])
    return np.array([full_loss(draw, *at, loss)[0] for draw in draws])
