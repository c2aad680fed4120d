r"""How far runs stay from the minimum once they are there: by law, and over many runs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from minibatch_core.arrays import Floats, standard_error
from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.many_runs import train_many
from minibatch_core.engine.training import train, train_with_rates
from minibatch_core.settings import TrainSettings
from minibatch_core.settings.train import max_epochs, sizes_of_epoch, steps_per_epoch
from minibatch_core.theory.minimum import Minimum
from minibatch_core.theory.noise import gradient_noise

__all__ = ["RUNS", "Lasting", "jitter", "jitter_found", "jitter_of_runs", "lasting"]

RUNS = 16
"""How many runs are averaged."""

MIXING = 3.0
"""How many times e-fold the slowest direction forgets its start before anything is measured."""

MOST_LOOKS = 4_000_000
"""How many points one of these runs may look at."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long the runs are that tell how far they stay from the minimum.

    - `epochs`: how many; the second half of them is measured
    - `have_settled`: whether the slowest direction has forgotten the start by then
    - `balance`: the trace of V of `jitter`, which they tend to with replacement; NaN where the
      learning rate is such that they never settle
    """

    epochs: int
    have_settled: bool
    balance: float


def jitter(
    hessian: Floats, covariance: Floats, lr: float, batch_sizes: int | Sequence[int]
) -> Floats:
    r"""The covariance of (w, b) around a minimum under SGD with replacement, at epoch ends: (2, 2).

    V = (I - lr H) V (I - lr H)^T + lr^2 Sigma / B, for H and Sigma as they are at the minimum; its
    trace is the mean squared distance. For small lr it is proportional to lr / B. `batch_sizes` are
    those of an epoch, one after the other, or the one that all have.

    Raises ValueError if lr is such that runs never settle.

    >>> spread = jitter(np.eye(2), np.eye(2), lr=0.1, batch_sizes=10)
    >>> spread.round(5).tolist()
    [[0.00526, 0.0], [0.0, 0.00526]]
    """
    axes, settled, _ = _along_axes(hessian, covariance, lr, batch_sizes)
    return np.asarray(axes @ settled @ axes.T)


def _along_axes(
    hessian: Floats, covariance: Floats, lr: float, batch_sizes: int | Sequence[int]
) -> tuple[Floats, Floats, Floats]:
    """The axes of the Hessian, V along them, and how much of it an epoch keeps: (2, 2) each."""
    sharpness, axes = np.linalg.eigh(hessian)
    if min(sharpness[0], lr) <= 0.0 or lr * sharpness[-1] >= 2.0:
        raise ValueError(
            f"lr should be above 0 and below {2.0 / sharpness[-1]:.4g}, where runs settle, but got "
            f"{lr:g}"
        )
    kept = np.outer(1.0 - lr * sharpness, 1.0 - lr * sharpness)  # by a step
    sizes = np.atleast_1d(np.asarray(batch_sizes, dtype=np.float64))
    later = np.arange(len(sizes))[::-1, None, None]  # steps that an epoch takes after each
    powers = kept**later
    noise = lr * (axes.T @ covariance @ axes) * (powers / sizes[:, None, None]).sum(axis=0)
    # 1 - kept ** len(sizes), over lr: as a difference it would be 0 where lr is small.
    lost_by_step = np.add.outer(sharpness, sharpness) - lr * np.outer(sharpness, sharpness)
    return axes, noise / (lost_by_step * powers.sum(axis=0)), kept ** len(sizes)


def jitter_of_runs(
    data: Dataset,
    minimum: Minimum,
    loss: str,
    lr: float,
    batch_size: int,
    drop_last: bool = False,
) -> float:
    """What `jitter_found` tends to with replacement, by the law of `jitter`.

    That is the trace of V where the runs have settled. From the minimum V grows as
    1 - (what an epoch keeps)^epochs, so that runs which are too short to settle are predicted too.

    Raises ValueError if lr is such that runs never settle.

    >>> from minibatch_core import find_minimum, make_dataset
    >>> data = make_dataset()
    >>> round(jitter_of_runs(data, find_minimum(data, "bce"), "bce", lr=0.25, batch_size=10), 3)
    0.028
    """
    last = lasting(data, minimum, loss, lr, batch_size, drop_last)
    if last.have_settled:
        return last.balance
    covariance = gradient_noise(data, minimum.w, minimum.b, loss).covariance
    sizes = sizes_of_epoch(len(data), batch_size, drop_last)
    _, settled, kept = _along_axes(minimum.hessian, covariance, lr, sizes)
    late = np.arange(last.epochs // 2, last.epochs + 1)[:, None]
    return float((np.diag(settled) * (1.0 - (np.diag(kept) ** late).mean(axis=0))).sum())


def jitter_found(
    data: Dataset,
    minimum: Minimum,
    loss: str,
    shuffle: str,
    lr: float,
    batch_size: int,
    drop_last: bool = False,
    in_proportion: bool = False,
) -> tuple[float, float]:
    """The mean squared distance to the minimum at epoch ends, over runs of SGD that start there.

    And its standard error. The first half of each run is left out: it forgets the start, if the
    run is long enough to settle (`lasting`). With `in_proportion` a short minibatch of b points
    takes a step with lr b / B.

    >>> from minibatch_core import find_minimum, make_dataset
    >>> data = make_dataset()
    >>> minimum = find_minimum(data, "bce")
    >>> far, error = jitter_found(data, minimum, "bce", "replacement", lr=0.25, batch_size=10)
    >>> round(far, 3), round(error, 4)
    (0.03, 0.0048)
    """
    per_epoch = steps_per_epoch(len(data), batch_size, drop_last)
    settings = TrainSettings(
        loss=loss,
        optimizer="sgd",
        lr=lr,
        batch_size=batch_size,
        epochs=lasting(data, minimum, loss, lr, batch_size, drop_last).epochs,
        shuffle=shuffle,
        drop_last=drop_last,
        init_w=minimum.w,
        init_b=minimum.b,
    )

    shares = np.array(sizes_of_epoch(len(data), batch_size, drop_last)) / batch_size
    rates = np.tile(lr * shares, settings.epochs) if in_proportion else None

    def keep(points: Dataset, each: TrainSettings) -> float:
        run = train(points, each) if rates is None else train_with_rates(points, each, rates)
        if run.diverged_at is not None:
            return np.inf
        late = slice(len(run) // 2 // per_epoch * per_epoch, None, per_epoch)
        far = (run.w[late] - minimum.w) ** 2 + (run.b[late] - minimum.b) ** 2
        return float(far.mean())

    runs = 1 if shuffle == "none" else RUNS  # they would all be the same
    found = np.array(train_many(data, [replace(settings, seed=s) for s in range(runs)], keep))
    return float(found.mean()), standard_error(found)


def lasting(
    data: Dataset,
    minimum: Minimum,
    loss: str,
    lr: float,
    batch_size: int,
    drop_last: bool = False,
) -> Lasting:
    """How long those runs are: until they have settled, or as many epochs as they may have.

    >>> from minibatch_core import find_minimum, make_dataset
    >>> data = make_dataset()
    >>> minimum = find_minimum(data, "bce")
    >>> for lr in (0.25, 0.01):
    ...     last = lasting(data, minimum, "bce", lr, batch_size=10)
    ...     print(last.epochs, last.have_settled, round(last.balance, 5))
    386 True 0.0284
    1000 False 0.00112
    """
    flattest = lr * float(np.linalg.eigvalsh(minimum.hessian)[0])
    sharpest = lr * minimum.sharpness
    is_stable = lr > 0.0 and sharpest < 2.0
    # Where a step jumps over the minimum, 2 - lr lambda is by how much it comes closer.
    lost = min(flattest, 2.0 - sharpest) if is_stable else flattest
    n = len(data)
    by_epoch = lost * steps_per_epoch(n, batch_size, drop_last)
    most = min(max_epochs(n, batch_size, drop_last), MOST_LOOKS // n)
    is_long_enough = by_epoch * most >= 2.0 * MIXING
    epochs = math.ceil(2.0 * MIXING / by_epoch) if is_long_enough else most
    balance = math.nan
    if is_stable:
        covariance = gradient_noise(data, minimum.w, minimum.b, loss).covariance
        sizes = sizes_of_epoch(n, batch_size, drop_last)
        balance = float(np.trace(jitter(minimum.hessian, covariance, lr, sizes)))
    return Lasting(max(2, epochs), is_stable and is_long_enough, balance)
