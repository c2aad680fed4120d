r"""The gradients of single points at one (w, b), and what they say about those of minibatches."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minibatch_core.arrays import Floats
from minibatch_core.engine.batches import check_batch_size
from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.training import predict
from minibatch_core.losses import LOSSES

__all__ = ["GradientNoise", "gradient_noise"]

MOST_DRAWN = 200_000
"""How many points of minibatches are in memory at once."""

ROUNDING = 1e-24
"""A |G|^2 that is a smaller share of tr(Sigma) is what rounding has left of a gradient of 0."""


@dataclass(frozen=True, slots=True, eq=False)
class GradientNoise:
    r"""The N gradients (dl/dw, dl/db) at a point, their mean, how they scatter, and the curvature.

    - `gradients` (N, 2): g_i, of each point's own loss
    - `mean` (2,): G = (1/N) sum_i g_i, the gradient of the loss of all the data
    - `covariance` (2, 2): Sigma = (1/N) sum_i (g_i - G)(g_i - G)^T
    - `hessian` (2, 2): H, of the mean loss
    """

    gradients: Floats
    mean: Floats
    covariance: Floats
    hessian: Floats

    @property
    def b_simple(self) -> float:
        """tr(Sigma) / |G|^2: at about this batch size noise and gradient are equally large.

        Infinite where the gradient is 0. Source: McCandlish et al. 2018, arXiv 1812.06162.
        """
        above, below = float(np.trace(self.covariance)), float(self.mean @ self.mean)
        return above / below if below > ROUNDING * above else float("inf")

    @property
    def b_noise(self) -> float:
        """tr(H Sigma) / (G^T H G): noise halves the best step's gain, each B with its own best lr.

        NaN where either is not positive: the surface then bends downwards along the step or along
        the noise, or there is no step, and no batch size has that meaning. Source: as `b_simple`.
        """
        curved = float(self.mean @ self.hessian @ self.mean)
        noisy = float(np.trace(self.hessian @ self.covariance))
        has_step = np.isfinite(self.b_simple)
        return noisy / curved if has_step and min(curved, noisy) > 0.0 else float("nan")

    def minibatch_covariance(self, batch_size: int, replacement: bool = True) -> Floats:
        """How the mean gradients of minibatches scatter: (2, 2).

        Sigma / B; drawn without replacement times (N - B) / (N - 1), which is 0 at B = N.

        Raises ValueError if the batch size is not between 1 and N.
        """
        n = len(self.gradients)
        check_batch_size(batch_size, n)
        without = 1.0 if replacement else (n - batch_size) / max(n - 1, 1)
        return self.covariance * (without / batch_size)

    def loss_after_step(
        self, loss: float, lr: float, batch_size: int | None, replacement: bool = True
    ) -> float:
        """The mean loss of all the data after one step of SGD from here, to second order in lr.

        L - lr |G|^2 + lr^2/2 (G^T H G + tr(H C)) with C the `minibatch_covariance`; None as the
        batch size means no noise, C = 0.
        """
        below = self._curvature_of_a_step(batch_size, replacement)
        return float(loss - lr * self.mean @ self.mean + 0.5 * lr * lr * below)

    def best_lr(self, batch_size: int | None, replacement: bool = True) -> float:
        """The lr at which `loss_after_step` is lowest; infinite where it falls for ever.

        With replacement lr_max / (1 + B_noise / B), where lr_max = |G|^2 / (G^T H G).
        """
        below = self._curvature_of_a_step(batch_size, replacement)
        return float(self.mean @ self.mean) / below if below > 0.0 else float("inf")

    def _curvature_of_a_step(self, batch_size: int | None, replacement: bool) -> float:
        curved = float(self.mean @ self.hessian @ self.mean)
        if batch_size is None:
            return curved
        scatter = self.minibatch_covariance(batch_size, replacement)
        return curved + float(np.trace(self.hessian @ scatter))

    def sample(
        self, batch_size: int, count: int, replacement: bool = True, seed: int = 1
    ) -> Floats:
        """The mean gradients of `count` minibatches, drawn one by one: (count, 2).

        Raises ValueError if the batch size is not between 1 and N.
        """
        n = len(self.gradients)
        check_batch_size(batch_size, n)
        generator = np.random.default_rng(seed)
        means = np.empty((count, 2))
        rows = max(1, MOST_DRAWN // (batch_size if replacement else n))
        for first in range(0, count, rows):
            some = means[first : first + rows]
            if replacement:
                points = generator.integers(n, size=(len(some), batch_size))
            else:
                points = _permutations(generator, n, len(some))[:, :batch_size]
            some[:] = self.gradients[points].mean(axis=1)
        return means

    def sample_pairs(self, batch_size: int, count: int, seed: int = 1) -> Floats:
        """The mean gradients of two disjoint minibatches, as of one epoch: (count, 2, 2).

        Raises ValueError unless two such minibatches fit into the data.
        """
        n = len(self.gradients)
        check_batch_size(2 * batch_size, n)
        generator = np.random.default_rng(seed)
        means = np.empty((count, 2, 2))
        rows = max(1, MOST_DRAWN // n)
        for first in range(0, count, rows):
            some = means[first : first + rows]
            points = _permutations(generator, n, len(some))[:, : 2 * batch_size]
            some[:] = self.gradients[points.reshape(len(some), 2, batch_size)].mean(axis=2)
        return means


def _permutations(generator: np.random.Generator, n: int, count: int) -> NDArray[np.int64]:
    return generator.permuted(np.tile(np.arange(n), (count, 1)), axis=1)


def gradient_noise(data: Dataset, w: float, b: float, loss: str = "mse") -> GradientNoise:
    r"""The gradients of all the points at (w, b), exactly.

    g_i = l'(z_i) (x_i, 1) and H = (1/N) sum_i l''(z_i) (x_i, 1)(x_i, 1)^T with z_i = w x_i + b.

    >>> from minibatch_core import make_dataset
    >>> noise = gradient_noise(make_dataset(), w=1.0, b=-1.0)
    >>> noise.mean.round(4).tolist(), round(noise.b_simple, 2)
    ([-0.0677, -0.008], 14.4)

    Source: McCandlish et al. 2018, arXiv 1812.06162.
    """
    slope, curvature = LOSSES[loss].derivatives(predict(data.x, w, b), data.y)
    inputs = np.column_stack([data.x, np.ones_like(data.x)])
    gradients = slope[:, None] * inputs
    mean = gradients.mean(axis=0)
    scatter = gradients - mean
    n = len(data)
    return GradientNoise(
        gradients, mean, scatter.T @ scatter / n, inputs.T @ (curvature[:, None] * inputs) / n
    )
