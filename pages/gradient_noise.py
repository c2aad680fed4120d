"""The lab of gradient noise: how the gradients of minibatches scatter, and what that costs."""

import math

import numpy as np
import streamlit as st

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.notes import NOTES
from dashboard.charts.run import colour_bar, ends_of, surface_limits, trained
from dashboard.charts.wire import SentLooks, sent_settings
from dashboard.figures.gradients import (
    MOST_DOTS,
    gradients_figure,
    one_step_figure,
    scales_figure,
    scatter_figure,
)
from dashboard.figures.palette import FULL, MINIBATCH
from dashboard.figures.surface import point_marks, surface_figure
from dashboard.server.cached import cached
from dashboard.shell.acts import choose_point
from dashboard.shell.chosen import chosen, settings
from dashboard.shell.controls import draw_point
from dashboard.shell.layout import Shown, show, show_head
from dashboard.shell.page import DATA, LABS, Chosen, Page
from dashboard.shell.terms import explain
from dashboard.shell.view_settings import ViewSettings
from minibatch_core import (
    Dataset,
    GradientNoise,
    Settings,
    SurfaceSettings,
    TrainSettings,
    full_loss,
    gradient_noise,
    loss_surface,
    make_dataset,
    notebook_grid,
)
from minibatch_core.arrays import Floats, standard_error
from minibatch_core.losses import LOSSES
from minibatch_core.theory import laws
from minibatch_core.theory.spread import batch_sizes_up_to
from minibatch_core.words import number, plural, rounded

IDEA = """
At any (w, b) each point has its own gradient gᵢ. Their mean is G, the gradient of all the data. A
minibatch takes the mean of only B of them, so it misses G by chance. How far it misses follows from
the covariance Σ of the gᵢ: its trace tr Σ is the sum of their two variances. **B_simple** =
tr Σ / |G|² is the batch size at which this noise is as large as G itself. **B_noise** =
tr(HΣ) / (GᵀHG) also takes into account how the loss is curved, by its Hessian H. By law 6, the best
step of SGD with B = B_noise lowers the loss half as much as the best step without noise, if each of
the two has its own best learning rate. Both are about points drawn with replacement.
"""

GRID = Grid(
    areas=(
        "surface surface surface gradients gradients gradients",
        "scatter scatter step step scales scales",
    ),
    rows="325px 345px",
    columns="repeat(6, minmax(0, 1fr))",
    stacked=340,
)

SCALE_STEPS = 120
"""At how many steps of the run the noise scales are computed."""


@cached(most=32)
def compute(chosen: Chosen) -> Shown:
    """Compute the gradients of all the points at one (w, b), and draw minibatches of them."""
    settings, surfaces, view = chosen.settings, chosen.surfaces, chosen.view
    data, train = make_dataset(settings.data), settings.train
    w_grid, b_grid = notebook_grid(61)
    surface = loss_surface(data, w_grid, b_grid, train.loss)
    i, j = np.unravel_index(np.argmin(surface), surface.shape)
    w = float(w_grid[i]) if view.point_w is None else view.point_w
    b = float(b_grid[j]) if view.point_b is None else view.point_b
    loss = float(full_loss(data, np.array([w]), np.array([b]), train.loss)[0])
    noise = gradient_noise(data, w, b, train.loss)
    batch_size, replacement = train.batch_size, surfaces.replacement
    count = laws.minibatches_drawn(batch_size)
    means = noise.sample(batch_size, count, replacement, surfaces.seed)
    predicted = noise.minibatch_covariance(batch_size, replacement)
    limits = surface_limits(data, train.loss, surface)
    ground = surface_figure(surface, w_grid, b_grid, limits, view.scale, bar=False)
    ground["data"][1:] = point_marks(w, b, loss)
    charts = (
        Chart(
            "surface",
            "Loss surface",
            NOTES["noise_surface"],
            ground,
            colour_bar(limits, ends_of(surface), view.scale),
            clickable=True,
            follows="noise",
        ),
        Chart(
            "gradients",
            "Gradients there",
            _gradients_note(len(data)),
            gradients_figure(data, noise, means, predicted),
            follows="noise",
            answer=_minibatches_note(count, batch_size, replacement),
        ),
        _scatter_chart(noise, batch_size, surfaces),
        _step_chart(data, noise, means, settings, replacement, (w, b, loss)),
        _scales_chart(settings),
    )
    metrics = {
        "w": number(w),
        "b": number(b),
        "Loss of all": number(loss, 4),
        "Length of the gradient": rounded(float(np.linalg.norm(noise.mean)), 4),
        "B_simple": _scale(noise.b_simple),
        "B_noise": _scale(noise.b_noise),
    }
    findings = [
        laws.minibatch_noise(noise, means, batch_size, replacement),
        laws.pairs_of_an_epoch(noise, batch_size, surfaces.seed),
        laws.noise_scale(noise, replacement, surfaces.seed),
        laws.one_step(data, noise, means, train, replacement, (w, b, loss)),
    ]
    asked = sent_settings(settings, looked_at(surfaces, view))
    board = Board(metrics, charts, GRID, noise={"settings": asked})
    return Shown(board, findings, _warning(noise))


def looked_at(surfaces: SurfaceSettings, view: ViewSettings) -> SentLooks:
    """Where the gradients are looked at, and how minibatches are drawn there."""
    return {
        "replacement": surfaces.replacement,
        "seed": surfaces.seed,
        "point_w": view.point_w,
        "point_b": view.point_b,
    }


def _scale(points: float) -> str:
    """A noise scale, where it has a meaning: a gradient of 0 has none."""
    return rounded(points, 4) if math.isfinite(points) else "no meaning"


def _gradients_note(n: int) -> str:
    """What the ellipses are, and the dots of points, of which the first are drawn."""
    points = NOTES["noise_first_points" if n > MOST_DOTS else "noise_points"]
    dots = points.format(most=f"{MOST_DOTS:,}", n=f"{n:,}")
    return f"{NOTES['noise_ellipses']} {dots}"


def _minibatches_note(count: int, batch_size: int, replacement: bool) -> str:
    """What the dots of minibatches are, of which the first are drawn."""
    first = f"the first {MOST_DOTS:,} of " if count > MOST_DOTS else ""
    return (
        f"And a dot for each of {first}{count:,} minibatches of {batch_size:,} "
        f"{plural('point', batch_size)}, drawn {'with' if replacement else 'without'} replacement."
    )


def _warning(noise: GradientNoise) -> str | None:
    if not math.isnan(noise.b_noise):
        return None
    return (
        "B_noise has no meaning at this w and b: GᵀHG and tr(HΣ) are not both above 0, so the loss "
        "surface is flat or bends downwards along the step, or on average along the noise."
    )


def _scatter_chart(noise: GradientNoise, batch_size: int, surfaces: SurfaceSettings) -> Chart:
    sizes = sorted({*batch_sizes_up_to(len(noise.gradients)), batch_size})
    measured, errors = np.empty(len(sizes)), np.empty(len(sizes))
    for k, size in enumerate(sizes):
        count = max(50, laws.minibatches_drawn(size) // 8)
        means = noise.sample(size, count, surfaces.replacement, surfaces.seed)
        squares = laws.squared_distances(means, noise.mean)
        measured[k], errors[k] = squares.mean(), standard_error(squares)
    if not surfaces.replacement:
        measured[-1] = np.nan  # all the data: 0, which has no place on a log axis
    curves = [
        (name, np.array([np.trace(noise.minibatch_covariance(size, drawn)) for size in sizes]))
        for name, drawn in (("with replacement", True), ("without", False))
    ]
    return Chart(
        "scatter",
        "Variance of the gradient",
        NOTES["noise_variance"],
        scatter_figure(sizes, (measured, errors), curves, batch_size),
        follows="noise",
        answer="Dots: measured with many minibatches; a bar is a standard error up and down.",
    )


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
    found = [laws.losses_after(data, means, rate, train.loss, w, b) for rate in tried]
    measured = np.array([losses.mean() for losses in found])
    errors = np.array([standard_error(losses) for losses in found])
    size = train.batch_size
    predicted = [
        (
            name,
            colour,
            _possible([noise.loss_after_step(loss, lr, b_, replacement) for lr in rates], train),
        )
        for name, colour, b_ in ((f"B = {size:,}", MINIBATCH, size), ("no noise", FULL, None))
    ]
    return Chart(
        "step",
        "The loss after one step of SGD",
        f"{NOTES['noise_step']} {_lowest('', best)} {_lowest('_without', noise.best_lr(None))}",
        one_step_figure(rates, predicted, (tried, measured, errors), train.lr),
        follows="noise",
        answer="Dots: the mean loss after a step with each of many minibatches; a bar is its "
        "standard error up and down.",
    )


def _possible(losses: list[float], train: TrainSettings) -> Floats:
    """Only these can be losses; where a step is too long for the law, a parabola leaves them."""
    record, values = LOSSES[train.loss], np.array(losses)
    return np.where((record.lowest <= values) & (values <= record.highest), values, np.nan)


def _lowest(when: str, lr: float) -> str:
    if math.isinf(lr):
        return NOTES[f"noise_no_best{when}"]
    return NOTES[f"noise_best{when}"].format(lr=rounded(lr, 3))


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
    scale = NOTES["noise_scale"].format(first=_is(first), last=_is(last))
    said = [NOTES["noise_run"], scale]
    if math.inf > last > 2.0 * first and _shrank(along):
        said.append(NOTES["noise_shrinks"])
    gaps = sum(math.isnan(noise.b_noise) for noise in along)
    if gaps:
        said.append(NOTES["noise_gaps"].format(gaps=f"{gaps:,}", places=f"{len(along):,}"))
    if run.diverged_at is not None:
        said = [NOTES["noise_diverged"].format(step=f"{run.diverged_at:,}")]
    figure = scales_figure(steps, scales, run.settings.batch_size)
    title = "Noise scales along a run of SGD"
    return Chart("scales", title, " ".join(said), figure, follows="noise")


def _shrank(along: list[GradientNoise]) -> bool:
    """Whether G is shorter at the end of a run than at its start."""
    first, last = (np.linalg.norm(each.mean) for each in (along[0], along[-1]))
    return bool(last < first)


def _is(points: float) -> str:
    if math.isinf(points):
        return "has no meaning"
    return f"is {points:,.0f}" if 100.0 <= points < 1e9 else f"is {rounded(points, 3)}"


def draw() -> None:
    show_head(settings())
    left, right = st.columns([5, 2], gap="medium")
    with left:
        explain(IDEA)
    with right:
        draw_point()
    asked = chosen()
    show(compute(asked), asked.settings, on_click=look_there)


def look_there(_: str, b: float, w: float) -> None:
    choose_point(w, b)


PAGE = Page(
    name="gradient_noise",
    title="Gradient noise",
    place=9,
    help="How the gradients of minibatches scatter, and what that costs.",
    group=LABS,
    controls=DATA | {"scale", "bs", "lr", "ep", "repl", "kseed", "loss", "pw", "pb"},
    settings=Settings(
        train=TrainSettings(optimizer="sgd", lr=1.0, batch_size=10, shuffle="each_epoch")
    ),
    surfaces=SurfaceSettings(seed=6),
    view=ViewSettings(point_w=1.0, point_b=-1.0),
    compute=compute,
    draw=draw,
)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw as draw_dashboard

    draw_dashboard()
