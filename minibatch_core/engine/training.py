"""Dataset, TrainSettings -> Run: the notebook's training loop, compiled."""

import math
from dataclasses import dataclass

import numpy as np

from minibatch_core.arrays import Floats
from minibatch_core.compiled import compiled
from minibatch_core.engine.batches import Batches, make_batches
from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.initialisation import draw_start
from minibatch_core.engine.learning_rates import learning_rates
from minibatch_core.losses import LOSSES, loss_and_slope
from minibatch_core.optimizers import LR, OPTIMIZERS, STATE_SIZE, optimizer_step, step_factors
from minibatch_core.settings import TrainSettings
from minibatch_core.settings.train import steps_per_epoch

__all__ = [
    "Run",
    "accuracy",
    "full_loss",
    "predict",
    "train",
    "train_with_rates",
    "train_with_states",
    "train_within",
]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What training did, step by step.

    - `w`, `b` (T+1,): the parameters before step 0 ... after the last step
    - `batch_loss` (T,): the loss of each step's own minibatch, before the step
    - `batches`: which points each step saw
    - `diverged_at`: the first step whose loss, w or b is not finite, or None; the path ends there
    """

    w: Floats
    b: Floats
    batch_loss: Floats
    batches: Batches
    settings: TrainSettings
    diverged_at: int | None = None

    def __len__(self) -> int:
        return len(self.batch_loss)


def train(data: Dataset, settings: TrainSettings = TrainSettings()) -> Run:
    r"""Train one sigmoid unit p = 1 / (1 + exp(-(w x + b))) on minibatches of the data.

    Each step takes the mean loss over its minibatch, its gradient
    (dL/dw, dL/db) = mean of l'(z_i) (x_i, 1), and the optimizer's update; everything in float64.

    Raises ValueError if the batch size is above N or the steps are above the limit.

    >>> from minibatch_core import make_dataset
    >>> run = train(make_dataset(), TrainSettings(batch_size=25, epochs=50))
    >>> len(run), round(float(run.w[-1]), 4), round(float(run.b[-1]), 4)
    (200, 3.2215, -2.93)

    Source: the course notebook; torch.optim.
    """
    return _train(data, settings, np.empty((0, 2, STATE_SIZE)))


def train_with_rates(data: Dataset, settings: TrainSettings, rates: Floats) -> Run:
    """Train with a learning rate for each step, (T,), in place of `lr` and its schedule.

    >>> from minibatch_core import make_dataset
    >>> halved = train_with_rates(make_dataset(), TrainSettings(), np.full(200, 0.025))
    >>> bool(halved.w[-1] == train(make_dataset(), TrainSettings(lr=0.025)).w[-1])
    True
    """
    return _train(data, settings, np.empty((0, 2, STATE_SIZE)), rates)


def train_within(data: Dataset, settings: TrainSettings, steps: int) -> Run:
    """Train on to the end of the epoch in which a budget of so many steps ends.

    The schedule ends with the budget; after it the last rate stays.

    >>> from minibatch_core import make_dataset
    >>> run = train_within(make_dataset(), TrainSettings(epochs=2, schedule="cosine"), 5)
    >>> len(run), bool(run.w[5] == train(make_dataset(), TrainSettings(epochs=2)).w[5])
    (8, False)
    """
    size, drop_last = settings.batch_size, settings.drop_last
    planned = settings.epochs * steps_per_epoch(len(data), size, drop_last)
    if settings.schedule == "constant" or steps == planned:
        return train(data, settings)
    rates = learning_rates(settings, steps)
    return train_with_rates(data, settings, np.append(rates, [rates[-1]] * (planned - steps)))


def train_with_states(data: Dataset, settings: TrainSettings) -> tuple[Run, Floats]:
    """Train, and keep what the optimizer remembers of w and b after each step: (T, 2, 3).

    What the three numbers are, the optimizer's record says, in torch.optim's words.

    >>> from minibatch_core import make_dataset
    >>> run, states = train_with_states(make_dataset(), TrainSettings(optimizer="momentum"))
    >>> states.shape
    (200, 2, 3)
    """
    steps = len(make_batches(len(data), settings))
    states = np.zeros((steps, 2, STATE_SIZE))
    run = _train(data, settings, states)
    return run, states[: len(run)]


def _train(
    data: Dataset, settings: TrainSettings, states: Floats, rates: Floats | None = None
) -> Run:
    batches = make_batches(len(data), settings)
    w, b, _ = draw_start(settings)
    steps = len(batches)
    if rates is None:
        constant = settings.schedule == "constant"
        rates = np.empty(0) if constant else learning_rates(settings, steps)
    elif rates.shape != (steps,):
        raise ValueError(f"rates should have shape ({steps},), but got {rates.shape}")
    path = np.empty((2, steps + 1))
    path[:, 0] = w, b
    batch_loss = np.empty(steps)
    done = _train_kernel(
        data.x,
        data.y,
        batches.indices,
        batches.offsets,
        LOSSES.code(settings.loss),
        OPTIMIZERS.code(settings.optimizer),
        np.array([settings.lr, *settings.hyperparameters.values()], dtype=np.float64),
        rates,
        path,
        batch_loss,
        states,
    )
    return finished_run(path[0], path[1], batch_loss, batches, settings, done)


def finished_run(
    w: Floats, b: Floats, batch_loss: Floats, batches: Batches, settings: TrainSettings, done: int
) -> Run:
    """The Run of `done` good steps: cut off where it stopped being finite, and read-only."""
    diverged_at = done if done < len(batches) else None
    parts = (w[: done + 1], b[: done + 1], batch_loss[:done])
    for part in parts:
        part.flags.writeable = False
    return Run(*parts, batches, settings, diverged_at)


@compiled
def _train_kernel(x, y, indices, offsets, loss, optimizer, h, rates, path, batch_loss, states):
    """Fill path (2, T+1), batch_loss (T,) and, unless it is empty, states (T, 2, 3).

    Returns how many steps stayed finite. Where `rates` is empty, the rate is the one in h.
    """
    w, b = path[0, 0], path[1, 0]
    state = np.zeros((2, STATE_SIZE))
    memory = np.ones(1)
    for t in range(len(batch_loss)):
        start, stop = offsets[t], offsets[t + 1]
        total = slope_w = slope_b = 0.0
        for k in range(start, stop):
            i = indices[k]
            value, slope = loss_and_slope(loss, w * x[i] + b, y[i])
            total += value
            slope_w += slope * x[i]
            slope_b += slope
        size = stop - start
        if len(rates):
            h[LR] = rates[t]
        factors = step_factors(optimizer, h, memory, t + 1)
        w = optimizer_step(optimizer, h, factors, state[0], t + 1, w, slope_w / size)
        b = optimizer_step(optimizer, h, factors, state[1], t + 1, b, slope_b / size)
        batch_loss[t] = total / size
        if not (math.isfinite(total) and math.isfinite(w) and math.isfinite(b)):
            return t
        path[0, t + 1], path[1, t + 1] = w, b
        if len(states):
            states[t] = state
    return len(batch_loss)


def full_loss(data: Dataset, w: Floats, b: Floats, loss: str = "mse") -> Floats:
    """The mean loss over all the data at each of K points (w, b): (K,), (K,) -> (K,).

    >>> from minibatch_core import make_dataset
    >>> full_loss(make_dataset(), np.array([0.0]), np.array([0.0])).round(2).tolist()
    [0.25]
    """
    values = np.empty(len(w))
    _full_loss_kernel(data.x, data.y, LOSSES.code(loss), w, b, values)
    return values


def losses_of_points(data: Dataset, w: float, b: float, loss: str = "mse") -> Floats:
    """The loss of each point at (w, b): (N,).

    >>> from minibatch_core import make_dataset
    >>> losses_of_points(make_dataset(), 0.0, 0.0)[:3].tolist()
    [0.25, 0.25, 0.25]
    """
    return _losses_of_points_kernel(data.x, data.y, LOSSES.code(loss), w, b)


@compiled
def _losses_of_points_kernel(x, y, loss, w, b):
    values = np.empty(len(x))
    for i in range(len(x)):
        values[i] = loss_and_slope(loss, w * x[i] + b, y[i])[0]
    return values


@compiled
def _full_loss_kernel(x, y, loss, w, b, values):
    for k in range(len(w)):
        total = 0.0
        for i in range(len(x)):
            total += loss_and_slope(loss, w[k] * x[i] + b[k], y[i])[0]
        values[k] = total / len(x)


def accuracy(data: Dataset, w: float, b: float) -> float:
    """The share of points on the right side of p = 1/2, that is of w x + b = 0.

    NaN at w = b = 0, where p is 1/2 for every x: no point is on a side of it.

    >>> from minibatch_core import make_dataset
    >>> accuracy(make_dataset(), 1.0, -1.0)
    0.9
    """
    if w == 0.0 and b == 0.0:
        return math.nan
    with np.errstate(over="ignore"):  # what is infinite has a side as well
        return float(np.mean((w * data.x + b > 0.0) == (data.y == 1.0)))


def predict(x: Floats, w: float, b: float) -> Floats:
    """The fitted p = 1 / (1 + exp(-(w x + b))) at each x, so that no exp overflows.

    A p near 0 is as exact as others, as it would not be by tanh.

    >>> predict(np.array([-1000.0, 0.0, 1000.0]), 1.0, 0.0).tolist()
    [0.0, 0.5, 1.0]
    """
    with np.errstate(over="ignore"):  # p is 0 or 1 where w x + b is infinite
        z = w * x + b
    e = np.exp(-np.abs(z))
    return np.where(z >= 0.0, 1.0, e) / (1.0 + e)
