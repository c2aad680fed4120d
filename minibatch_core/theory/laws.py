r"""The twelve laws: what each says and when it holds, and what it comes to at given settings.

N points, batch size B, gradients g_i of single points with mean G and covariance Sigma, H the
Hessian of the mean loss, lr the learning rate, n = ceil(N/B) steps an epoch.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from minibatch_core.arrays import Floats, standard_error
from minibatch_core.engine.batches import make_batches, sample_minibatches
from minibatch_core.engine.dataset import Dataset, make_dataset
from minibatch_core.engine.many_runs import train_many, with_seeds
from minibatch_core.engine.surface import batch_surfaces, loss_surface, notebook_grid
from minibatch_core.engine.training import Run, full_loss, losses_of_points
from minibatch_core.losses import LOSSES
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.settings import Settings, SurfaceSettings, TrainSettings
from minibatch_core.settings.train import SHUFFLES, sizes_of_epoch, steps_per_epoch
from minibatch_core.theory.jitter import Lasting
from minibatch_core.theory.noise import GradientNoise, gradient_noise
from minibatch_core.theory.orders import loop_of
from minibatch_core.theory.resampling import median_error
from minibatch_core.theory.separability import has_minimum, separable_share
from minibatch_core.theory.spectrum import SAME, Spectrum, shares_by_chance
from minibatch_core.theory.spread import spread_factor
from minibatch_core.theory.tradeoff import FEWEST_SIZES, fit_tradeoff
from minibatch_core.words import (
    NOTHING,
    listed,
    number,
    percent,
    plain,
    plural,
    rounded,
    with_error,
)

__all__ = [
    "AGAINST_EXAMPLES",
    "BEST_RATE",
    "CRITICAL",
    "LAWS",
    "Finding",
    "Law",
    "adding_up",
    "best_learning_rate",
    "critical_batch_size",
    "epoch_steps",
    "jitter_around_the_minimum",
    "losses_after",
    "minibatch_noise",
    "minibatches_drawn",
    "noise_scale",
    "one_step",
    "pairs_of_an_epoch",
    "period_of_an_order",
    "reshuffling",
    "scaling_rule",
    "separable_minibatches",
    "shares_by_law_9",
    "squared_distances",
    "stability",
    "steps_against_examples",
    "why_not_random",
]

ROUNDING = 1e-9
"""Relative differences below this are not of chance, and not worth a word."""

SQUARED_ROUNDING = 1e-24
"""Squares of distances below this share of what they come from are of rounding."""

MOST_MINIBATCHES = 10_000
"""How many minibatches a measurement draws, ..."""

MOST_POINTS = 1_000_000
"""... or fewer, so that together they hold no more points than this."""

COARSE = 11
"""Values of w, and of b, at which the surfaces are added up."""

MOST_SEARCHED, MOST_POINTS_SEARCHED = 1_000, 100_000
"""In how many minibatches a minimum is looked for, or in fewer with no more points together."""

SCALED = (4, 2, 3, 5, 7)
"""By how much batches may grow where the scaling rule is looked at: the first that it is about."""

MOST_SEEDS, MOST_LOOKS = 50, 20_000_000
"""How many runs that takes, or fewer, so that each batch size looks at no more points than this."""

FARTHEST = 1e100
"""A run that ends farther out leads nowhere."""

LOOKED_AT = 20
"""At how many steps of a run the noise scale is computed."""

MEMORIES = 20.0
"""A run is so many times as long as what momentum adds up: its beginning hardly counts."""

LARGEST_EPS, LARGEST_PULL = 1e-6, 0.01
"""Above these eps and a decoupled weight decay have a say in where a run ends."""

FEWEST_WITH_SCALES = 6
"""Of fewer runs no median of the noise scale is told."""

ABOVE_THE_LIMIT = "the learning rate is above the limit of law 10, so runs do not stay close"
"""Why nothing is said of runs around a minimum that leave it."""

LARGEST_ERROR = 0.2
"""Nothing is divided by a number whose standard error is a larger share of it: it may be near 0."""

EXTREME = 1e-8
"""A share that is closer to 0 or 1 is the same for any search; its standard error means nothing."""


@dataclass(frozen=True, slots=True)
class Law:
    """What a law says, when it holds, and where it is from."""

    title: str
    statement: str
    condition: str
    source: str = ""


MCCANDLISH = "McCandlish et al. 2018, arXiv 1812.06162"

LAWS: Mapping[int, Law] = {
    1: Law("Steps per epoch", "n = ceil(N/B); with drop_last floor(N/B)", "always"),
    2: Law(
        "The surfaces add up",
        "L(w, b) = sum over an epoch's minibatches j of (b_j/N) L_j(w, b)",
        "every point comes once an epoch: not with replacement or drop_last",
    ),
    3: Law(
        "Noise of a minibatch gradient",
        "Cov = Sigma/B with replacement; without, times (N - B)/(N - 1)",
        "a fixed (w, b), and minibatches drawn at random",
    ),
    4: Law(
        "Two minibatches of an epoch",
        "the correlation of their gradients is -1/(N/B - 1)",
        "a fixed (w, b), and two minibatches of B points, drawn at random without a point in both",
    ),
    5: Law(
        "Gradient noise scale",
        "B_simple = tr Sigma/|G|^2; B_noise = tr(H Sigma)/(G^T H G), about the critical batch size",
        "minibatches drawn at random; for B_noise steps of SGD without weight decay or schedule, "
        "and G^T H G > 0 and tr(H Sigma) > 0",
        MCCANDLISH,
    ),
    6: Law(
        "One step of SGD, and steps against examples",
        "E L(theta - lr g) = L - lr |G|^2 + lr^2/2 (G^T H G + tr(H Cov)); "
        "(S/S_min - 1)(E/E_min - 1) = 1",
        "minibatches drawn at random; for the first short steps, for the second each batch size "
        "with its own best learning rate, and no schedule that stretches with the run",
        MCCANDLISH,
    ),
    7: Law(
        "Jitter around the minimum",
        "each step takes V, 0 at the start, to (I - lr H) V (I - lr H)^T + lr^2 Sigma/B, until the "
        "two are equal",
        "SGD with replacement, close to a minimum, and lr far below the limit of law 10",
    ),
    8: Law(
        "Reshuffling beats replacement",
        "at epoch ends the squared distance to the minimum is of order lr^2 or less, not lr",
        "small lr, and every minibatch of an epoch weighs its points alike: B divides N",
        "Mishchenko et al. 2020, arXiv 2006.05988",
    ),
    9: Law(
        "Ordered batches oscillate",
        "with one order the loss swings at multiples of 1/n alone; with a new order each epoch "
        "the squared swing at f is proportional to (N/n) sum_j 1/b_j - F_n(f), F_n the Fejer "
        "kernel, which is 0 at those multiples; with replacement it is the same at every f",
        "for one order: the loss itself is the same in every epoch; for the others: short "
        "steps, before the trend of the loss is taken away. The share of the squared swings at "
        "those multiples by chance, and how it scatters, are simulated with the points' losses",
    ),
    10: Law(
        "Stability",
        "lr < (2 + 2 momentum)/lambda, the largest eigenvalue of H",
        "gradient descent on all the data, close to a minimum",
        "Polyak 1964; Cohen et al. 2021, arXiv 2103.00065",
    ),
    11: Law(
        "Scaling rule",
        "k B with k lr ends at the same w and b as B with lr; with Adam and its kin sqrt(k) lr",
        "equally many examples, B and k B divide N, short steps, and B below the critical batch "
        "size, with Adam and its kin far below it; runs much longer than what momentum adds up",
        "Goyal et al. 2017, arXiv 1706.02677; Malladi et al. 2022, arXiv 2205.10287",
    ),
    12: Law(
        "A separable minibatch has no minimum",
        "where some x divides its classes, larger and larger multiples of some w and b make its "
        "BCE ever smaller, and its MSE too",
        "always",
    ),
}


CRITICAL = "5. Noise scale and critical batch size", "B_crit ≈ B_noise"
AGAINST_EXAMPLES = "6. Steps against examples", "(S/S_min - 1)(E/E_min - 1) = 1"
BEST_RATE = "11. The best learning rate"
"""Names and formulas of what sweeps say of the laws, or say why they can't."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a law predicts at some settings, and what was measured there.

    `name` begins with the law's number. `error` is the standard error of what was measured by
    chance, 0 for what was not, and `predicted_error` that of what is predicted, where that was
    measured too. Where the law `is_bound`, what is measured should lie below what is predicted, not
    at it. A law that `is_approximate` is not met exactly even without chance. Where chance is far
    from normal, `usual` says between which numbers 19 of 20 runs lie. Where its condition does not
    hold, or where it does and the law `is_unchecked` all the same, `not_here` says why,
    and there are no numbers.
    """

    name: str
    formula: str
    predicted: float
    measured: float
    note: str
    error: float = 0.0
    predicted_error: float = 0.0
    is_bound: bool = False
    is_approximate: bool = False
    usual: tuple[float, float] | None = None
    not_here: str = ""
    is_unchecked: bool = False

    @classmethod
    def without(cls, name: str, formula: str, not_here: str) -> Self:
        """A law whose condition does not hold at these settings."""
        return cls(name, formula, math.nan, math.nan, "", not_here=not_here)

    @classmethod
    def unchecked(cls, name: str, formula: str, why: str) -> Self:
        """A law that may hold at these settings, where what was measured can't tell."""
        return replace(cls.without(name, formula, why), is_unchecked=True)

    @property
    def law(self) -> Law:
        """The law whose number the name begins with."""
        return LAWS[int(self.name.split(".", maxsplit=1)[0])]

    @property
    def apart(self) -> str:
        """How far measured is from predicted.

        In standard errors where an exact law was measured by chance. Else as a share of what is
        predicted: an approximate law is always many standard errors away if enough is measured.
        """
        if not math.isfinite(self.measured) or not math.isfinite(self.predicted):
            return ""
        difference = self.measured - self.predicted
        largest = max(abs(self.predicted), abs(self.measured))
        if largest < 1e-20 or abs(difference) < ROUNDING * largest:
            return "equal"
        if self.is_bound:
            return _times_with_error(
                (self.measured, self.error), (self.predicted, self.predicted_error)
            )
        if self.error and not self.is_approximate:
            return f"{difference / self.error:+.1f} SE".replace("-0.0", "+0.0")
        apart = _share_apart(self.measured, self.predicted)
        if self.usual:
            low, high = self.usual
            return f"{apart}, within 19 of 20" if low <= self.measured <= high else apart
        by_chance = math.hypot(self.error, self.predicted_error)
        return f"{apart}, within 2 SE" if abs(difference) <= 2.0 * by_chance else apart


def _share_apart(measured: float, predicted: float) -> str:
    """By which share of what is predicted the other differs; how many times it is, if far.

    >>> _share_apart(2.1, 2.0), _share_apart(300.0, 2.0), _share_apart(-1.0, 2.0)
    ('+5.0%', '150 times', '3 less')
    """
    if predicted * measured <= 0.0:
        return (
            f"{rounded(abs(measured - predicted), 2)} {'more' if measured > predicted else 'less'}"
        )
    share = measured / predicted - 1.0
    if not -0.5 <= share < 1.0:
        return _times(measured, predicted)
    return "less than 0.1%" if abs(share) < 0.0005 else f"{share:+.1%}"


def _times(measured: float, predicted: float) -> str:
    if predicted == 0.0:
        return "above 0"
    return f"{rounded(measured / predicted, 2)} times"


def _times_with_error(measured: tuple[float, float], other: tuple[float, float]) -> str:
    """How many times another mean a mean is, with the standard error that both make.

    >>> _times_with_error((0.5, 0.1), (2.0, 0.2)), _times_with_error((0.5, 0.0), (2.0, 0.0))
    ('0.25 ± 0.06 times', '0.25 times')
    """
    (mean, error), (of_mean, of_error) = measured, other
    if mean <= 0.0 or of_mean <= 0.0:
        return _times(mean, of_mean)
    ratio = mean / of_mean
    of_ratio = ratio * math.hypot(error / mean, of_error / of_mean)
    return f"{with_error(ratio, of_ratio) if of_ratio else rounded(ratio, 2)} times"


def epoch_steps(settings: Settings, steps: float) -> Finding:
    """Law 1, counted on a run that took so many steps."""
    n, train = settings.data.n, settings.train
    rounded = "floor" if train.drop_last else "ceil"
    return Finding(
        "1. Steps per epoch",
        f"{rounded}(N/B)",
        steps_per_epoch(n, train.batch_size, train.drop_last),
        steps / train.epochs,
        f"N = {n:,} and B = {train.batch_size:,}. Measured: the steps that a run took, divided by "
        "its number of epochs.",
    )


def adding_up(data: Dataset, settings: TrainSettings) -> Finding:
    """Law 2, at the lowest point of a coarse grid and, as the largest difference, all over it."""
    name, formula = "2. The surfaces add up", "L = sum over j of (bⱼ/N) Lⱼ"
    kept = len(data) // settings.batch_size * settings.batch_size
    if settings.drop_last and kept < len(data):
        left_out = f"drop_last leaves out {len(data) - kept:,} of the {len(data):,} points"
        return Finding.without(name, formula, left_out)
    loss, epoch = settings.loss, replace(settings, shuffle="none", epochs=1)
    grid = notebook_grid(COARSE)
    full = loss_surface(data, *grid, loss)
    batches = make_batches(len(data), epoch)
    small = batch_surfaces(data, batches, *grid, loss)
    shares = np.diff(batches.offsets) / len(data)
    together = np.tensordot(shares, small, axes=1)
    i, j = np.unravel_index(np.argmin(full), full.shape)
    size, last = epoch.batch_size, len(batches[len(batches) - 1])
    apart = float(np.abs(together - full).max())
    note = (
        f"Predicted: the loss of all the data at w = {grid[0][i]:.1f}, b = {grid[1][j]:.1f}. "
        f"Measured: {_the_sum(len(batches))}, in stored order. "
        + (
            f"Elsewhere on the grid the two differ by {rounded(apart, 1)} at most, by rounding."
            if apart
            else "Elsewhere on the grid the two are equal too."
        )
    )
    if last < size:
        note += (
            f" The last minibatch has only {last:,} {plural('point', last)} and counts less than "
            "the others, so their plain mean is wrong: "
            f"{number(float(small[:, i, j].mean()), 6)}."
        )
    return Finding(name, formula, float(full[i, j]), float(together[i, j]), note)


def _the_sum(minibatches: int) -> str:
    """What is added up over an epoch, in words."""
    if minibatches == 1:
        return "the loss of the one minibatch of an epoch"
    return f"the sum over the {minibatches:,} minibatches of an epoch"


def minibatches_drawn(batch_size: int) -> int:
    """How many minibatches of a size are drawn for a measurement.

    >>> minibatches_drawn(10), minibatches_drawn(10_000)
    (10000, 100)
    """
    return max(100, min(MOST_MINIBATCHES, MOST_POINTS // batch_size))


def minibatch_noise(
    noise: GradientNoise, means: Floats, batch_size: int, replacement: bool
) -> Finding:
    """Law 3, for the mean gradients of minibatches that were drawn: (count, 2)."""
    without = "" if replacement else " · (N - B)/(N - 1)"
    name, formula = "3. Noise of a minibatch gradient", f"tr Cov = tr Σ/B{without}"
    of_points = float(np.trace(noise.covariance))
    if of_points < NOTHING:
        alike = "the gradients of all points are almost equal at this w and b"
        return Finding.unchecked(name, formula, alike)
    squares = squared_distances(means, noise.mean)
    squares[squares < SQUARED_ROUNDING * of_points] = 0.0
    return Finding(
        name,
        formula,
        float(np.trace(noise.minibatch_covariance(batch_size, replacement))),
        float(squares.mean()),
        "This is the mean squared distance between the gradient of a minibatch and that of all the "
        f"data. Measured with {len(means):,} minibatches of {batch_size:,} "
        f"{plural('point', batch_size)}, drawn {'with' if replacement else 'without'} replacement.",
        standard_error(squares),
    )


def pairs_of_an_epoch(noise: GradientNoise, batch_size: int, seed: int) -> Finding:
    """Law 4, over pairs of minibatches."""
    name, formula = "4. Two minibatches of an epoch", "correlation = -1/(N/B - 1)"
    n = len(noise.gradients)
    if 2 * batch_size > n:
        too_few = f"two minibatches of {batch_size:,} have more points than the {n:,} there are"
        return Finding.without(name, formula, too_few)
    count = minibatches_drawn(batch_size)
    first, second = np.moveaxis(noise.sample_pairs(batch_size, count, seed), 1, 0) - noise.mean
    products = (first * second).sum(axis=1)
    squares = 0.5 * (first**2 + second**2).sum(axis=1)
    if squares.mean() == 0.0:  # far out
        return Finding.unchecked(name, formula, "every minibatch has the same gradient here")
    measured = float(products.mean() / squares.mean())
    return Finding(
        name,
        formula,
        -1.0 / (n / batch_size - 1.0),
        measured,
        f"This is the correlation of their gradients. Measured with {count:,} pairs of minibatches "
        "that share no point.",
        standard_error(products - measured * squares) / float(squares.mean()),  # of a ratio
    )


def noise_scale(noise: GradientNoise, replacement: bool, seed: int) -> Finding:
    """Law 5: B_simple, from all the gradients and from those of minibatches of two sizes alone.

    The mean of |g|^2 over minibatches is |G|^2 + tr Cov. Two sizes give both unknowns, as where the
    gradient of all the data is too costly.
    """
    name, formula = "5. Gradient noise scale", "B_simple = tr Σ / |G|²"
    n, exact = len(noise.gradients), noise.b_simple
    if not math.isfinite(exact) or exact == 0.0:
        return Finding.without(
            name, formula, "the gradient of all the data, or its noise, is 0 at this w and b"
        )
    small = min(max(1, round(exact / 2.0)), max(1, n // 4))
    large = min(4 * small, n)
    if small == large:
        return Finding.unchecked(
            name, formula, "two sizes of minibatches are needed, and these points allow only one"
        )
    squares, shares = [], []
    for size in (small, large):
        means = noise.sample(size, minibatches_drawn(size), replacement, seed + size)
        squares.append((means**2).sum(axis=1))
        shares.append(spread_factor(n, size, replacement) ** 2)
    per_share = (squares[0].mean() - squares[1].mean()) / (shares[0] - shares[1])
    measured = float(per_share / (squares[0].mean() - shares[0] * per_share))
    # By how much either mean changes |G|^2, and the ratio where it is what is predicted.
    apart, gradient = shares[0] - shares[1], float(noise.mean @ noise.mean)
    errors = np.array([standard_error(values) for values in squares])
    of_gradient = np.array([-shares[1], shares[0]]) / apart
    of_ratio = (np.array([1.0, -1.0]) / apart - exact * of_gradient) / gradient
    sizes = f"of {small:,} {plural('point', small)} and of {large:,}"
    rough = float(np.linalg.norm(of_gradient * errors)) / gradient
    if rough > LARGEST_ERROR:
        too_rough = (
            f"B_simple is {rounded(exact, 4)}, so the gradient is small beside its noise. From "
            f"minibatches {sizes}, the square of its length would be known only with a standard "
            f"error of {rounded(rough, 2)} times itself"
        )
        return Finding.unchecked(name, formula, too_rough)
    error = float(np.linalg.norm(of_ratio * errors))
    note = (
        "Predicted from the gradients of all points. Measured from the lengths of the gradients of "
        f"minibatches alone, {sizes}."
    )
    return Finding(name, formula, exact, measured, note, error)


def critical_batch_size(
    data: Dataset, runs: Sequence[tuple[Run, float]], fitted: float, error: float
) -> Finding:
    """Law 5: the noise scale along runs to a target, beside the critical batch size of law 6.

    The runs differ by their seeds alone; each comes with the step at which it is at the target.
    """
    settings = runs[0][0].settings
    if why_not := _why_no_step_of_sgd(settings):
        return Finding.without(*CRITICAL, why_not)
    found = np.array([_noise_scale_along(data, run, target_step) for run, target_step in runs])
    scales = found[~np.isnan(found)]
    if 2 * len(scales) <= len(runs) or len(scales) < FEWEST_WITH_SCALES:
        no_meaning = (
            f"B_noise has a meaning on the way of only {len(scales):,} of the {len(runs):,} "
            f"{plural('run', len(runs))} that reached the target"
        )
        return Finding.unchecked(*CRITICAL, no_meaning)
    without = len(runs) - len(scales)
    others = f" On the way of {without:,} more it has no meaning." if without else ""
    return Finding(
        *CRITICAL,
        float(np.median(scales)),
        fitted,
        f"Predicted: B_noise on the way to the target, the median of {len(scales):,} runs with "
        f"B = {settings.batch_size:,} that reached it.{others} Measured: the fit of law 6. Expect "
        "the same order of magnitude at best: B_noise changes along a run, and a run may touch the "
        "target by luck.",
        error,
        median_error(scales),
        is_approximate=True,
    )


def _noise_scale_along(data: Dataset, run: Run, target_step: float) -> float:
    """The median of B_noise at some steps on the way; NaN where most of them give it no meaning."""
    along = np.unique(np.linspace(0, target_step - 1.0, LOOKED_AT).astype(np.int64))
    loss = run.settings.loss
    noises = [gradient_noise(data, run.w[step], run.b[step], loss).b_noise for step in along]
    scales = [each for each in noises if not math.isnan(each)]
    return float(np.median(scales)) if 2 * len(scales) > len(along) else math.nan


def _why_no_step_of_sgd(settings: TrainSettings) -> str:
    """Why these steps do not go along the gradient of a minibatch, "" where they do."""
    if settings.optimizer != "sgd":
        label = OPTIMIZERS[settings.optimizer].label
        return f"B_noise is about steps of SGD, and these are steps of {label}"
    if settings.hyperparameters["weight_decay"]:
        return "B_noise is about the gradient alone, and weight decay changes each step too"
    return ""


def why_not_random(shuffle: str) -> str:
    """Why the minibatches of a run are not drawn at random, "" where they are."""
    if shuffle in ("each_epoch", "replacement"):
        return ""
    return (
        "it is about minibatches drawn at random. With *Shuffling* at "
        f"*{SHUFFLES[shuffle]}* every epoch has the same ones"
    )


def one_step(
    data: Dataset,
    noise: GradientNoise,
    means: Floats,
    settings: TrainSettings,
    replacement: bool,
    at: tuple[float, float, float],
) -> Finding:
    """Law 6: the loss of all the data after one step from (w, b), where it is `at[2]`."""
    w, b, loss = at
    name, scatter = "6. One step of SGD", "Σ/B" if replacement else "Cov"
    formula = f"L - lr |G|² + lr²/2 (GᵀHG + tr(H {scatter}))"
    predicted = noise.loss_after_step(loss, settings.lr, settings.batch_size, replacement)
    record = LOSSES[settings.loss]
    if not record.lowest <= predicted <= record.highest:
        is_above = predicted > record.highest
        end = record.highest if is_above else record.lowest
        # As many digits as it takes to see that the one is beyond the other.
        digits = next(
            each for each in range(4, 18) if rounded(predicted, each) != rounded(end, each)
        )
        too_long = (
            f"lr = {plain(settings.lr)} makes too long a step for this law: it predicts a loss of "
            f"{rounded(predicted, digits)}, but {record.label} is never "
            f"{'above' if is_above else 'below'} {rounded(end, digits)}"
        )
        return Finding.without(name, formula, too_long)
    losses = losses_after(data, means, settings.lr, settings.loss, w, b)
    return Finding(
        name,
        formula,
        predicted,
        float(losses.mean()),
        "This is the mean loss of all the data after one step of SGD with the gradient of a "
        f"minibatch and lr = {plain(settings.lr)}. The law takes the loss surface for a parabola "
        "along the step. So the shorter the step is, the closer the law comes.",
        standard_error(losses),
        is_approximate=True,
    )


def losses_after(data: Dataset, means: Floats, lr: float, loss: str, w: float, b: float) -> Floats:
    """The loss of all the data after a step with each of the minibatch gradients."""
    some = means[: max(1, min(len(means), MOST_POINTS // len(data)))]
    return full_loss(data, w - lr * some[:, 0], b - lr * some[:, 1], loss)


def steps_against_examples(sizes: Floats, steps: Floats, resampled: Floats) -> Finding:
    """Law 6, fitted without one batch size, against the steps that this one needed.

    `resampled` (count, sizes) are the steps that other runs would have needed.
    """
    if len(sizes) < FEWEST_SIZES + 1:
        too_few = (
            f"it takes {FEWEST_SIZES + 1} batch sizes that reach the target with their best "
            f"learning rate inside the grid, and there are {len(sizes):,}"
        )
        return Finding.unchecked(*AGAINST_EXAMPLES, too_few)
    left_out = len(sizes) // 2
    predicted = _steps_without(left_out, sizes, steps)
    if predicted is None:
        no_bend = (
            f"without B = {sizes[left_out]:,.0f} the steps of the other batch sizes do not bend as "
            "the law does, and its fit has no result"
        )
        return Finding.unchecked(*AGAINST_EXAMPLES, no_bend)
    pairs = [(each[left_out], _steps_without(left_out, sizes, each)) for each in resampled]
    apart = [step - other for step, other in pairs if other is not None and step < math.inf]
    if 2 * len(apart) <= len(pairs):
        by_chance = "chance decides whether the steps bend as the law does"
        return Finding.unchecked(*AGAINST_EXAMPLES, by_chance)
    return Finding(
        *AGAINST_EXAMPLES,
        predicted,
        float(steps[left_out]),
        "S steps and E examples bring a run to the target. S_min and E_min are the fewest with any "
        f"batch size. Predicted: the steps with B = {sizes[left_out]:,.0f}, by the law fitted to "
        f"the other {len(sizes) - 1:,} batch sizes. Measured: the steps that it needed. ± is the "
        "standard error of the difference, since the prediction depends on chance too.",
        float(np.std(apart)),
        is_approximate=True,
    )


def _steps_without(left_out: int, sizes: Floats, steps: Floats) -> float | None:
    """The steps with a batch size by the fit of law 6 to the others."""
    others = fit_tradeoff(np.delete(sizes, left_out), np.delete(steps, left_out))
    return None if others is None else float(others.steps(sizes[left_out]))


def jitter_around_the_minimum(
    predicted: float, measured: tuple[float, float], lasting: Lasting, settings: Settings
) -> Finding:
    """Law 7, for runs that start at the minimum; NaN as predicted where they never settle."""
    name, formula = "7. Jitter around the minimum", "(I - lr H) V (I - lr H)ᵀ + lr² Σ/B"
    formula = f"tr V, {'V =' if lasting.have_settled else 'in each step V ←'} {formula}"
    if math.isnan(predicted):
        return Finding.without(name, formula, ABOVE_THE_LIMIT)
    runs = (
        f"in the second half of runs of {lasting.epochs:,} epochs that start at the minimum, with "
        "*Replacement*"
    )
    where = (
        f"V in the formula is the covariance at which the pull and the noise are equally strong. "
        f"Measured at the epoch ends {runs}."
        if lasting.have_settled
        else "V is 0 at the start, and grows until the pull and the noise are equally strong. Then "
        f"tr V is {rounded(lasting.balance, 4)}, but the runs measured here have not settled by "
        f"their end. So both numbers are the mean over the epoch ends {runs}."
    )
    sizes = sizes_of_epoch(settings.data.n, settings.train.batch_size, settings.train.drop_last)
    if sizes[-1] < sizes[0]:
        points = f"{sizes[-1]:,} {plural('point', sizes[-1])}"
        where += (
            f" The last minibatch of an epoch has only {points}, so its noise is lr² Σ/"
            f"{sizes[-1]:,}. V is taken at the ends of epochs."
        )
    return Finding(
        name,
        formula,
        predicted,
        measured[0],
        "V is the covariance of (w, b) around the minimum, so tr V is the mean squared distance to "
        "it. In each step (I - lr H) pulls the run towards the minimum, and the noise lr² Σ/B of a "
        f"minibatch drives it away. {where} The law is about SGD with *Replacement* close to the "
        "minimum, where the loss is nearly a parabola. The smaller lr is, the closer the law "
        "comes, but for chance.",
        measured[1],
        is_approximate=True,
    )


def reshuffling(
    with_replacement: tuple[float, float],
    reshuffled: tuple[float, float],
    lasting: Lasting,
    settings: Settings,
) -> Finding:
    """Law 8: the mean squared distances to the minimum, each with its standard error."""
    name = "8. Reshuffling beats replacement"
    formula = "squared distance, shuffled each epoch, below that with replacement"
    (drawn, drawn_error), (measured, error) = with_replacement, reshuffled
    if not math.isfinite(drawn) or not math.isfinite(measured):
        return Finding.without(name, formula, "runs diverge at this learning rate")
    if math.isnan(lasting.balance):
        return Finding.without(name, formula, ABOVE_THE_LIMIT)
    if why_uneven := _why_uneven(settings):
        uneven = (
            f"{why_uneven}. So the errors of an epoch cancel in part only, however small lr is. "
            "With *Each epoch* the squared distance here is "
            f"{_times_with_error(reshuffled, with_replacement)} that with *Replacement*"
        )
        return Finding.without(name, formula, uneven)
    note = (
        "Predicted: below what was measured with *Replacement*. Measured with *Each epoch*, both "
        f"in the second half of runs of {lasting.epochs:,} epochs that start at the minimum. The "
        "law is about a small lr: one so small that w and b move little in an epoch."
    )
    if not lasting.have_settled:
        note += " They have not settled by then: longer runs can give other numbers."
    if settings.train.batch_size == settings.data.n:
        note += " With *Each epoch* a step uses all the points, so there is no noise at all."
    return Finding(name, formula, drawn, measured, note, error, drawn_error, is_bound=True)


def _why_uneven(settings: Settings) -> str:
    """Why the points of an epoch do not all weigh the same, "" where they do."""
    n, train = settings.data.n, settings.train
    sizes = sizes_of_epoch(n, train.batch_size, train.drop_last)
    if n % train.batch_size == 0:
        return ""
    why = (
        f"the last minibatch of an epoch has {sizes[-1]:,} instead of {sizes[0]:,} points, yet "
        "its step is as long"
        if sizes[-1] < sizes[0]
        else f"each epoch leaves out {n - sum(sizes):,} of the {n:,} points"
    )
    return f"B = {train.batch_size:,} does not divide N = {n:,}: {why}"


def shares_by_law_9(spectrum: Spectrum, run: Run, data: Dataset) -> Floats:
    """Law 9: which share of the squared swings repeats in every epoch, by chance: (runs,).

    Of many simulated runs, at the (w, b) where this one ends, with minibatches drawn at random: by
    a new order in each epoch, or with replacement.
    """
    train = run.settings
    losses = losses_of_points(data, float(run.w[-1]), float(run.b[-1]), train.loss)
    sizes = sizes_of_epoch(len(data), train.batch_size, train.drop_last)
    return shares_by_chance(spectrum, losses, sizes, train.shuffle == "replacement")


def period_of_an_order(spectrum: Spectrum, run: Run, data: Dataset) -> Finding:
    """Law 9: the share of a trace's squared swings at the multiples of an epoch's frequency."""
    shuffle = run.settings.shuffle
    name = f"9. Shuffling: {SHUFFLES[shuffle].lower()}"
    formula = "share of the power of the loss's swings that repeats in every epoch"
    if shuffle in ("none", "once"):
        return _period_of_one_order(name, formula, spectrum, run)
    shares = shares_by_law_9(spectrum, run, data)
    ends = np.quantile(shares, (0.025, 0.975))
    low, high = np.where(ends < ROUNDING, 0.0, ends)
    note = (
        "Each epoch has a new order. By law swings that repeat are on average stronger than "
        "others, because the minibatches of one epoch share no point (law 4)."
        if shuffle == "each_epoch"
        else "The points are drawn anew for each step. So by law swings that repeat are as strong "
        "as any others."
    )
    return Finding(
        name,
        formula,
        float(shares.mean()),
        spectrum.periodic_share,
        f"{note} Predicted: the mean of {len(shares):,} simulated runs with the points' losses at "
        "the end of this run, as if w and b stayed there. The shorter the steps, the closer the "
        "law comes. The ± of what was measured is how far runs scatter from seed to seed: 19 of 20 "
        f"lie between {rounded(low, 2)} and {rounded(high, 2)}.",
        float(shares.std(ddof=1)),
        standard_error(shares),
        is_approximate=True,
        usual=(float(low), float(high)),
    )


def _period_of_one_order(name: str, formula: str, spectrum: Spectrum, run: Run) -> Finding:
    if not spectrum.repeats:
        every = loop_of(run).epochs
        why_not = (
            f"the run comes back only every {every} epochs"
            if every > 1
            else "in the steps of the spectrum the loss differs from epoch to epoch by more than "
            f"{percent(SAME)} of its swings"
        )
        share = percent(spectrum.periodic_share, 1)
        return Finding.without(name, formula, f"{why_not}. The share here is {share}")
    return Finding(
        name,
        formula,
        1.0,
        spectrum.periodic_share,
        "The order repeats in every epoch. In the steps of the spectrum the loss differs from "
        f"epoch to epoch by less than {percent(SAME)} of its swings. The less it differs, the "
        "closer the share is to 1.",
    )


def stability(limit: float, found: float) -> Finding:
    """Law 10: the largest stable learning rate by law, and as runs tell it."""
    return Finding(
        "10. Stability",
        "lr < (2 + 2 momentum) / λ",
        limit,
        found,
        "This is the largest lr with which runs that start close to the minimum stay there. "
        "Measured by bisection, with runs on all the data.",
    )


def scaling_rule(settings: Settings) -> Finding | None:
    """Law 11: whether batches and learning rate, both larger, lead to the same w.

    None where no rule is known, its runs can't be, or one of them diverges.
    """
    data, chosen = make_dataset(settings.data), settings.train
    n, size, power = len(data), chosen.batch_size, OPTIMIZERS[chosen.optimizer].lr_power
    seeds = min(MOST_SEEDS, MOST_LOOKS // (n * chosen.epochs))
    if power is None or seeds < 5:
        return None
    possible = [k for k in SCALED if k * size <= n and k * chosen.lr <= 1000.0]
    if not possible:
        return None
    name, times = "11. Scaling rule", next((k for k in possible if n % (k * size) == 0), None)
    if times is None:
        formula = _scaling_formula("k", power)
        multiples = listed([str(k) for k in sorted(possible)]).replace(" and ", " or ")
        none_divides = (
            f"no batch size that is {multiples} times B = {size:,} divides N = {n:,}. With such "
            "batches lr times the steps of an epoch would not stay the same"
        )
        return Finding.without(name, formula, _why_uneven(settings) or none_divides)
    if chosen.lr == 0.0:
        why_still = "with a learning rate of 0 nothing moves"
        return Finding.without(name, _scaling_formula(str(times), power), why_still)
    larger, scaled = times * size, times**power * chosen.lr
    if why_not := _why_not_scaled(chosen, n // larger * chosen.epochs):
        return Finding.without(name, _scaling_formula(str(times), power), why_not)
    small = _last_w(data, chosen, seeds)
    large = _last_w(data, replace(chosen, batch_size=larger, lr=scaled), seeds)
    unscaled = _last_w(data, replace(chosen, batch_size=larger), seeds)
    # A square beyond what a number can be has no standard error; NaN compares as false.
    if not (np.abs([small, large, unscaled]) < FARTHEST).all():
        return None
    error = standard_error(large - small)
    by_chance = error > ROUNDING * np.abs(large - small).max()
    return Finding(
        name,
        _scaling_formula(str(times), power),
        float(small.mean()),
        float(large.mean()),
        f"This is w after {chosen.epochs:,} {plural('epoch', chosen.epochs)}, the mean of {seeds} "
        "seeds. Predicted: the w of runs with the batch size and the learning rate on the left, "
        f"B = {chosen.batch_size:,} and lr = {plain(chosen.lr)}. Measured: the w of runs with "
        f"B = {larger:,} and lr = {rounded(scaled, 6)}. With B = {larger:,} and "
        f"lr = {plain(chosen.lr)}, w is "
        f"{number(float(unscaled.mean()))}. The rule holds while steps are short and "
        + ("B is small." if power == 1.0 else "the gradient of a minibatch is mostly noise.")
        + (" ± is the standard error of the difference." if by_chance else ""),
        error if by_chance else 0.0,
        is_approximate=True,
    )


def _scaling_formula(times: str, power: float) -> str:
    factor = times if power == 1.0 else f"√{times}"
    return f"{times} B with {factor} lr ends at the same w as B with lr"


def _why_not_scaled(settings: TrainSettings, steps: int) -> str:
    """Why hyperparameters spoil the scaling rule in runs of so many steps, "" where they do not."""
    has = {name: float(value) for name, value in settings.hyperparameters.items()}
    momentum = has.get("momentum", 0.0)
    if momentum == 1.0:
        return "with a momentum of 1 no step is ever forgotten, and each counts in all that follow"
    if has.get("dampening"):
        return "dampening weakens every gradient but the first"
    if momentum and steps * (1.0 - momentum) < MEMORIES:
        return (
            f"momentum adds up the gradients of about {1.0 / (1.0 - momentum):,.0f} steps, and the "
            f"larger batches take {steps:,} {plural('step', steps)} only"
        )
    if has.get("eps", 0.0) > LARGEST_EPS:
        return f"eps = {plain(has['eps'])} is too large to leave the length of a step to the noise"
    if has.get("lr_decay"):
        return "lr_decay lowers lr from step to step, and the larger batches take fewer steps"
    if settings.optimizer == "adamw" and has["weight_decay"] * settings.lr * steps > LARGEST_PULL:
        return "AdamW's weight decay pulls w and b in every step, and larger batches take fewer"
    return ""


def _last_w(data: Dataset, settings: TrainSettings, seeds: int) -> Floats:
    """w at the end of runs with as many seeds from the chosen one up, NaN where one diverged."""
    runs = train_many(data, with_seeds(settings, seeds))
    return np.array([np.nan if run.diverged_at is not None else run.w[-1] for run in runs])


def best_learning_rate(
    optimizer: str,
    n: int,
    batch_sizes: Sequence[int],
    rates: Sequence[float],
    losses: Floats,
    resampled: Floats,
) -> Finding | None:
    """Law 11: how the best learning rate grows with the batch size; `losses` (rates, sizes).

    `resampled` (count, rates, sizes) are the losses that other runs would have come to. It is
    about the batch sizes that divide n. None where no rule is known, or where fewer than three of
    these, or than half, have their best in the grid.
    """
    power = OPTIMIZERS[optimizer].lr_power
    if power is None:
        return None
    formula = f"proportional to {'B' if power == 1.0 else '√B'}"
    even = np.array([n % size == 0 for size in batch_sizes])
    sizes = np.array(batch_sizes)[even].tolist()
    if len(sizes) < FEWEST_SIZES:
        too_few = (
            f"it takes {FEWEST_SIZES} batch sizes that divide N = {n:,}, and in the grid there "
            f"{'is' if len(sizes) == 1 else 'are'} {len(sizes)}. With any other an epoch has a "
            "short last minibatch, or leaves points out"
        )
        if sum(n % size == 0 for size in range(1, n + 1)) < FEWEST_SIZES:
            too_few += f". {n:,} is a prime number: take another N"
        return Finding.unchecked(BEST_RATE, formula, too_few)
    losses, resampled = losses[:, even], resampled[:, :, even]
    grown = _power_of_best(sizes, rates, losses)
    if grown is None:
        return None
    others = [each for each in (_power_of_best(sizes, rates, some) for some in resampled) if each]
    if 2 * len(others) <= len(resampled):
        return None
    measured, held = grown
    return Finding(
        BEST_RATE,
        formula,
        power,
        measured,
        "The best learning rate grows with a power of B, and this is the power. Measured with the "
        f"{held:,} batch sizes that divide N = {n:,} and whose best learning rate lies inside the "
        "grid. It is where a parabola through the lowest loss and its two neighbours is lowest. "
        "The rule is about "
        "short steps and small batches, so the power may be another.",
        float(np.std([each[0] for each in others])),
        is_approximate=True,
    )


def _power_of_best(
    sizes: Sequence[float], rates: Sequence[float], losses: Floats
) -> tuple[float, int] | None:
    """With which power of B the best learning rate grows, and from how many batch sizes."""
    found = [(size, _vertex(rates, column)) for size, column in zip(sizes, losses.T, strict=True)]
    held = np.array([(size, best) for size, best in found if best is not None])
    if len(held) < max(FEWEST_SIZES, len(sizes) / 2):
        return None
    return float(np.polyfit(np.log(held[:, 0]), held[:, 1], 1)[0]), len(held)


def _vertex(rates: Sequence[float], losses: Floats) -> float | None:
    """The logarithm of the rate at which a parabola around the lowest loss is lowest.

    The grid's own rate would jump by a whole cell where chance moves a loss a little. None where
    the lowest lies at an edge, or beside a rate of 0 or a loss that is not finite.
    """
    best = int(np.argmin(np.where(np.isfinite(losses), losses, np.inf)))
    if not 0 < best < len(rates) - 1 or rates[best - 1] == 0.0:
        return None
    x, y = np.log(np.array(rates[best - 1 : best + 2])), losses[best - 1 : best + 2]
    left, right = (y[1] - y[0]) / (x[1] - x[0]), (y[2] - y[1]) / (x[2] - x[1])
    if not np.isfinite([left, right]).all():
        return None
    if left == right:  # level all along
        return float(x[1])
    slope_at = 0.5 * (x[0] + x[1]), 0.5 * (x[1] + x[2])
    return float(slope_at[0] - left * (slope_at[1] - slope_at[0]) / (right - left))


def separable_minibatches(
    data: Dataset, batch_size: int, drawn: SurfaceSettings, loss: str = "bce"
) -> Finding:
    """Law 12: the share that can be divided, counted, and the share where a search finds none.

    For BCE these are the same minibatches. Another loss has no minimum in them either, but may have
    none in others too.
    """
    count = min(MOST_SEARCHED, MOST_POINTS_SEARCHED // batch_size)
    batches = sample_minibatches(len(data), batch_size, count, drawn.replacement, drawn.seed)
    predicted = separable_share(data, batch_size, drawn.replacement)
    is_extreme = 0.0 < min(predicted, 1.0 - predicted) < EXTREME
    note = (
        f"Predicted: the share of all possible minibatches of {batch_size:,} "
        f"{plural('point', batch_size)} that some x divides into the two classes. Measured: the "
        f"share of {count:,} drawn minibatches in which Newton's method finds no minimum of the "
        "BCE."
    )
    if is_extreme:
        predicted = float(round(predicted))
        note += f" The predicted share is less than 10⁻⁸ away from {predicted:.0f}."
    if loss != "bce":
        note += (
            f" The surfaces here are of {LOSSES[loss].label}. It has no minimum in those "
            "minibatches either, but it may have none in others too. So for it this share is the "
            "least that there can be."
        )
    return Finding(
        "12. No minimum where some x divides the classes",
        "share of minibatches whose BCE has no minimum",
        predicted,
        1.0 - float(has_minimum(data, batches).mean()),
        note,
        math.sqrt(predicted * (1.0 - predicted) / count),
    )


def squared_distances(means: Floats, middle: Floats) -> Floats:
    """Of each minibatch's mean gradient from the mean of all: (count, 2), (2,) -> (count,)."""
    return np.asarray(((means - middle) ** 2).sum(axis=1))
