"""What the lab "Gradient noise" shows: laws 3 to 6, at one point and along a run."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.run import (
    Lab,
    Law,
    colour_bar,
    number,
    plural,
    surface_limits,
    trained,
)
from dashboard.figures.common import FULL, MINIBATCH, surface_figure
from dashboard.figures.labs import (
    gradients_figure,
    one_step_figure,
    scales_figure,
    scatter_figure,
)
from dashboard.figures.notebook import point_marks
from dashboard.shell.page import ViewSettings
from minibatch_core import (
    Dataset,
    GradientNoise,
    Settings,
    SurfaceSettings,
    full_loss,
    gradient_noise,
    loss_surface,
    make_dataset,
    notebook_grid,
)
from minibatch_core.theory.spread import batch_sizes_up_to

__all__ = ["gradient_noise_view"]

Floats = NDArray[np.float64]

GRID = Grid(
    areas=(
        "surface surface gradients gradients scatter scatter",
        "step step step scales scales scales",
    ),
    rows="275px 225px",
    columns="repeat(6, minmax(0, 1fr))",
)

MOST_MINIBATCHES = 10_000
"""How many minibatches a measurement draws, ..."""

MOST_POINTS = 1_000_000
"""... or fewer, so that together they hold no more points than this."""

SCALE_STEPS = 120
"""At how many steps of the run the noise scales are computed."""


@lru_cache(maxsize=32)
def gradient_noise_view(settings: Settings, surfaces: SurfaceSettings, view: ViewSettings) -> Lab:
    """Compute the gradients of all the points at one (w, b), and draw minibatches of them."""
    data, train = make_dataset(settings.data), settings.train
    w_grid, b_grid = notebook_grid(61)
    surface = loss_surface(data, w_grid, b_grid, train.loss)
    i, j = np.unravel_index(np.argmin(surface), surface.shape)
    w = float(w_grid[i]) if view.point_w is None else view.point_w
    b = float(b_grid[j]) if view.point_b is None else view.point_b
    loss = float(full_loss(data, np.array([w]), np.array([b]), train.loss)[0])
    noise = gradient_noise(data, w, b, train.loss)
    batch_size, replacement = train.batch_size, surfaces.replacement
    count = minibatches_drawn(batch_size)
    means = noise.sample(batch_size, count, replacement, surfaces.seed)
    predicted = noise.minibatch_covariance(batch_size, replacement)
    limits = surface_limits(data, train.loss, surface, np.empty(0))
    ground = surface_figure(surface, w_grid, b_grid, limits, view.scale, bar=False)
    ground["data"][1:] = point_marks(w, b, loss)
    drawn = "with" if replacement else "without"
    charts = (
        Chart(
            "surface",
            "Loss surface",
            "click to look at another point",
            ground,
            colour_bar(limits, float(surface.max()), view.scale),
            clickable=True,
        ),
        Chart(
            "gradients",
            "Gradients there",
            f"of points, and of {count:,} minibatches of {batch_size:,} {drawn} replacement; "
            "ellipses: two standard deviations, the inner one by law",
            gradients_figure(data, noise, means, predicted),
        ),
        _scatter_chart(noise, batch_size, surfaces),
        _step_chart(data, noise, means, settings, replacement, (w, b, loss)),
        _scales_chart(settings),
    )
    metrics = {
        "w": number(w),
        "b": number(b),
        "Loss of all": number(loss, 4),
        "Length of the gradient": f"{np.linalg.norm(noise.mean):.4g}",
        "B_simple": f"{noise.b_simple:,.4g}",
        "B_noise": f"{noise.b_noise:,.4g}",
    }
    laws = [
        _scatter_law(noise, means, predicted, batch_size, replacement),
        *_pairs_law(noise, batch_size, surfaces.seed),
        *_scale_law(noise, surfaces.seed),
        _step_law(data, noise, means, settings, replacement, (w, b, loss)),
    ]
    return Lab(Board(metrics, charts, GRID), laws)


def minibatches_drawn(batch_size: int) -> int:
    """How many minibatches of a size are drawn for a measurement."""
    return max(100, min(MOST_MINIBATCHES, MOST_POINTS // batch_size))


def _variance(means: Floats, middle: Floats) -> float:
    return float(_squares(means, middle).mean())


def _squares(means: Floats, middle: Floats) -> Floats:
    return ((means - middle) ** 2).sum(axis=1)


def _error(values: Floats) -> float:
    """The standard error of a mean."""
    return float(values.std() / math.sqrt(len(values)))


def _scatter_chart(noise: GradientNoise, batch_size: int, surfaces: SurfaceSettings) -> Chart:
    sizes = sorted({*batch_sizes_up_to(len(noise.gradients)), batch_size})
    measured = np.empty(len(sizes))
    for k, size in enumerate(sizes):
        count = max(50, minibatches_drawn(size) // 8)
        means = noise.sample(size, count, surfaces.replacement, surfaces.seed)
        measured[k] = _variance(means, noise.mean)
    if not surfaces.replacement:
        measured[-1] = np.nan  # all the data: 0, which has no place on a log axis
    laws = [
        (name, np.array([np.trace(noise.minibatch_covariance(size, drawn)) for size in sizes]))
        for name, drawn in (("with replacement", True), ("without", False))
    ]
    note = (
        "of a minibatch's gradient falls as 1/B (line); without replacement (dotted) faster, to 0 "
        "at B = N"
    )
    return Chart("scatter", "The variance", note, scatter_figure(sizes, measured, laws, batch_size))


def _step_chart(
    data: Dataset,
    noise: GradientNoise,
    means: Floats,
    settings: Settings,
    replacement: bool,
    at: tuple[float, float, float],
) -> Chart:
    w, b, loss = at
    train = settings.train
    best = noise.best_lr(train.batch_size, replacement)
    farthest = max(2.0 * min(best, 50.0), 1.25 * train.lr)
    rates = np.linspace(0.0, farthest, 61)
    tried = np.unique([*np.linspace(0.0, farthest, 9)[1:], train.lr])
    measured = np.array(
        [_losses_after(data, means, rate, train.loss, w, b).mean() for rate in tried]
    )
    size = train.batch_size
    predicted = [
        (name, colour, np.array([noise.loss_after_step(loss, lr, b_, replacement) for lr in rates]))
        for name, colour, b_ in ((f"B = {size:,}", MINIBATCH, size), ("no noise", FULL, None))
    ]
    largest = noise.best_lr(None)
    note = (
        f"lowest at lr {best:.3g} by law 6, without noise at {largest:.3g}; the law is a parabola, "
        "so it holds for short steps"
    )
    figure = one_step_figure(rates, predicted, (tried, measured), train.lr)
    return Chart("step", "The loss after one step of SGD", note, figure)


def _losses_after(data: Dataset, means: Floats, lr: float, loss: str, w: float, b: float) -> Floats:
    """The loss of all the data after a step with each of the minibatch gradients."""
    some = means[: max(1, min(len(means), MOST_POINTS // len(data)))]
    return full_loss(data, w - lr * some[:, 0], b - lr * some[:, 1], loss)


def _scales_chart(settings: Settings) -> Chart:
    shown = trained(settings)
    run = shown.run
    steps = np.unique(np.linspace(0, len(run), SCALE_STEPS + 1).astype(np.int32))
    along = [
        gradient_noise(shown.data, run.w[step], run.b[step], run.settings.loss) for step in steps
    ]
    scales = [
        ("B_simple", np.array([noise.b_simple for noise in along])),
        ("B_noise", np.array([noise.b_noise for noise in along])),
    ]
    first, last = along[0].b_simple, along[-1].b_simple
    note = f"B_simple {_size(first)} at the first step, {_size(last)} after the last"
    if last > 2.0 * first and shown.full[-1] < shown.full[0]:
        note += ": as the gradient shrinks the noise wins"
    if run.diverged_at is not None:
        note = f"the run diverged at step {run.diverged_at:,}"
    figure = scales_figure(steps, scales, run.settings.batch_size)
    return Chart("scales", "Noise scales along a run of SGD", note, figure)


def _size(points: float) -> str:
    return f"{points:,.0f}" if 100.0 <= points < 1e9 else f"{points:.3g}"


def _scatter_law(
    noise: GradientNoise, means: Floats, predicted: Floats, batch_size: int, replacement: bool
) -> Law:
    without = "" if replacement else " · (N - B)/(N - 1)"
    return Law(
        "3. Noise of a minibatch gradient",
        f"tr Cov = tr Σ/B{without}",
        float(np.trace(predicted)),
        _variance(means, noise.mean),
        f"over {len(means):,} minibatches of {batch_size:,} {plural('point', batch_size)}",
        _error(_squares(means, noise.mean)),
    )


def _pairs_law(noise: GradientNoise, batch_size: int, seed: int) -> list[Law]:
    n = len(noise.gradients)
    if 2 * batch_size > n:
        return []
    count = minibatches_drawn(batch_size)
    first, second = np.moveaxis(noise.sample_pairs(batch_size, count, seed), 1, 0) - noise.mean
    products = (first * second).sum(axis=1)
    squares = 0.5 * (first**2 + second**2).sum(axis=1)
    if squares.mean() == 0.0:  # far out every gradient is 0
        return []
    measured = float(products.mean() / squares.mean())
    return [
        Law(
            "4. Two minibatches of an epoch",
            "correlation = -1/(N/B - 1)",
            -1.0 / (n / batch_size - 1.0),
            measured,
            f"over {count:,} pairs without a common point",
            _error(products - measured * squares) / float(squares.mean()),  # of a ratio
        )
    ]


def _scale_law(noise: GradientNoise, seed: int) -> list[Law]:
    """At a batch size of B_simple noise and gradient are equally large, drawn with replacement."""
    if not 1.0 <= noise.b_simple <= len(noise.gradients):
        return []
    size = round(noise.b_simple)
    means = noise.sample(size, minibatches_drawn(size), seed=seed)
    return [
        Law(
            "5. Gradient noise scale",
            "tr Cov = |G|² at B = B_simple",
            float(noise.mean @ noise.mean) * noise.b_simple / size,
            _variance(means, noise.mean),
            f"at B = {size:,}, the whole number nearest to B_simple = {noise.b_simple:.4g}",
            _error(_squares(means, noise.mean)),
        )
    ]


def _step_law(
    data: Dataset,
    noise: GradientNoise,
    means: Floats,
    settings: Settings,
    replacement: bool,
    at: tuple[float, float, float],
) -> Law:
    w, b, loss = at
    train = settings.train
    losses = _losses_after(data, means, train.lr, train.loss, w, b)
    scatter = "Σ/B" if replacement else "Cov"
    return Law(
        "6. One step of SGD",
        f"L - lr |G|² + lr²/2 (GᵀHG + tr(H {scatter}))",
        noise.loss_after_step(loss, train.lr, train.batch_size, replacement),
        float(losses.mean()),
        f"the loss of all the data after a step with lr = {train.lr:g}; a parabola, so for short "
        "steps only",
        _error(losses),
    )
