r"""How far runs stay from the minimum once they are there: by law, and over many runs."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from minibatch_core.data import Dataset
from minibatch_core.settings import MAX_STEPS, TrainSettings, steps_per_epoch
from minibatch_core.stability import Minimum
from minibatch_core.sweep import train_many
from minibatch_core.training import train

__all__ = ["jitter", "jitter_found"]

Floats = NDArray[np.float64]

RUNS = 24
"""How many runs are averaged."""

MIXING = 8.0
"""How often the slowest direction forgets its start before anything is measured."""

MOST_LOOKS = 4_000_000
"""How many points one of these runs may look at."""


def jitter(hessian: Floats, covariance: Floats, lr: float, batch_size: int) -> Floats:
    r"""The covariance of (w, b) around a minimum under SGD with replacement: (2, 2).

    V = (I - lr H) V (I - lr H)^T + lr^2 Sigma / B, for H and Sigma as they are at the minimum; its
    trace is the mean squared distance. For small lr it grows as lr / B.

    >>> spread = jitter(np.eye(2), np.eye(2), lr=0.1, batch_size=10)
    >>> spread.round(5).tolist()
    [[0.00526, 0.0], [0.0, 0.00526]]
    """
    step = np.eye(2) - lr * hessian
    noise = lr * lr * covariance / batch_size
    flat = np.linalg.solve(np.eye(4) - np.kron(step, step), noise.ravel())
    return flat.astype(np.float64).reshape(2, 2)


def jitter_found(
    data: Dataset, minimum: Minimum, loss: str, shuffle: str, lr: float, batch_size: int
) -> tuple[float, float]:
    """The mean squared distance to the minimum at epoch ends, over runs of SGD that start there.

    And its standard error. The first half of each run is left out: it forgets the start.
    """
    slowest = float(np.linalg.eigvalsh(minimum.hessian)[0])
    per_epoch = steps_per_epoch(len(data), batch_size)
    wanted = int(np.ceil(2.0 * MIXING / (lr * slowest * per_epoch)))
    most = min(1000, MAX_STEPS // per_epoch, MOST_LOOKS // len(data))
    settings = TrainSettings(
        loss=loss,
        optimizer="sgd",
        lr=lr,
        batch_size=batch_size,
        epochs=max(2, min(wanted, most)),
        shuffle=shuffle,
        init_w=minimum.w,
        init_b=minimum.b,
    )

    def keep(points: Dataset, each: TrainSettings) -> float:
        run = train(points, each)
        if run.diverged_at is not None:
            return np.inf
        late = slice(len(run) // 2 // per_epoch * per_epoch, None, per_epoch)
        far = (run.w[late] - minimum.w) ** 2 + (run.b[late] - minimum.b) ** 2
        return float(far.mean())

    found = np.array(train_many(data, [replace(settings, seed=s) for s in range(RUNS)], keep))
    return float(found.mean()), float(found.std() / np.sqrt(RUNS))
