"""What several pages show of a run: its charts, and the numbers in their notes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard.charts.live_chart import Chart, ColourBar
from dashboard.figures.data import data_figure
from dashboard.figures.kept import Kept, with_kept_paths
from dashboard.figures.palette import colour_stops
from dashboard.figures.parts import shortened, thinned
from dashboard.figures.run import loss_figure, steps_in_sight, traces_figure
from dashboard.figures.surface import surface_figure
from minibatch_core import (
    Dataset,
    Run,
    Settings,
    TrainSettings,
    full_loss,
    loss_surface,
    make_dataset,
    surface_grid,
    train,
)
from minibatch_core.arrays import Floats
from minibatch_core.engine.budgets import IN_STEPS, Budget
from minibatch_core.losses import LOSSES
from minibatch_core.schedules import SCHEDULES
from minibatch_core.settings.train import sizes_of_epoch
from minibatch_core.theory.lowest import Lowest, lowest_point
from minibatch_core.words import number, plural

__all__ = [
    "Ground",
    "Trained",
    "colour_bar",
    "data_chart",
    "divergence",
    "ground_of",
    "loss_chart",
    "loss_on",
    "lowest_note",
    "path_of",
    "points_note",
    "summary",
    "surface_chart",
    "surface_limits",
    "traces_chart",
    "trained",
]

LARGEST_HALF = 40.0
"""How far the largest surface reaches from its middle, in w and in b."""

FARTHEST_DRAWN = 1e4
"""A path is drawn until w or b is this far away, a hundred times as far as any surface reaches."""


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A run, the data it saw, and the loss on all the data at some steps."""

    data: Dataset
    run: Run
    steps: NDArray[np.int32]
    full: Floats

    @property
    def end(self) -> tuple[float, float]:
        """w and b after the last step."""
        return float(self.run.w[-1]), float(self.run.b[-1])


def trained(settings: Settings) -> Trained:
    """Train with these settings."""
    data = make_dataset(settings.data)
    run = train(data, settings.train)
    steps = np.unique(np.linspace(0, len(run), 301).astype(np.int32))
    full = full_loss(data, run.w[steps], run.b[steps], settings.train.loss)
    return Trained(data, run, steps, full)


def loss_on(data: Dataset, shown: Trained) -> Floats:
    """The loss on other data at the steps at which that on all the data is known."""
    run, steps = shown.run, shown.steps
    return full_loss(data, run.w[steps], run.b[steps], run.settings.loss)


def divergence(shown: Trained) -> str | None:
    """A sentence that says where the run diverged, if it did."""
    run = shown.run
    if run.diverged_at is None:
        return None
    return (
        f"**Diverged at step {run.diverged_at:,}** of {len(run.batches):,}: the loss, w or b "
        "is no longer finite. What there was until then:"
    )


def summary(shown: Trained) -> str:
    """Sentences that say what was trained, and how an epoch comes about."""
    settings = shown.run.settings
    schedule, steps = settings.schedule, len(shown.run.batches)
    scheduled = "" if schedule == "constant" else f" Schedule: {SCHEDULES[schedule].label.lower()}."
    lasts = f"{settings.epochs:,} {plural('epoch', settings.epochs)}"
    if steps > settings.epochs:
        lasts += f", {steps:,} steps"
    return divergence(shown) or (
        "We train **p = σ(w x + b)** to separate two classes. "
        f"{_an_epoch(len(shown.data), settings)} Training lasts {lasts}.{scheduled}"
    )


def _an_epoch(n: int, settings: TrainSettings) -> str:
    sizes = sizes_of_epoch(n, settings.batch_size, settings.drop_last)
    left_out, short = n - sum(sizes), sizes[-1] < sizes[0]
    steps = f"{len(sizes):,} {'steps make' if len(sizes) > 1 else 'step makes'} one epoch"
    if settings.shuffle == "replacement":
        short_one = f", the last of an epoch only {sizes[-1]:,}" if short else ""
        return (
            f"Each step draws {sizes[0]:,} of the {n:,} points at random, some perhaps more than "
            f"once{short_one}, and {steps}."
        )
    if sizes == [n]:
        return f"Each step uses all {n:,} points, so {steps}."
    uses = f"Each step uses {sizes[0]:,} of the {n:,} points"
    if left_out:
        verb = "is" if left_out == 1 else "are"
        return f"{uses}, and {left_out:,} {verb} left out in each epoch, so {steps}."
    if short:
        return f"{uses}, the last of an epoch only {sizes[-1]:,}, so {steps}."
    return f"{uses}, so {steps}."


def loss_chart(
    shown: Trained,
    held_out: Dataset | None = None,
    budget: Budget = IN_STEPS,
    kept: Sequence[Kept] = (),
) -> Chart:
    """The loss of each step's minibatch, of all the data, and of held-out data if there are any."""
    run, full = shown.run, shown.full
    fresh = None if held_out is None else loss_on(held_out, shown)
    figure = loss_figure(run, shown.steps, full, fresh, budget, kept)
    if len(run) == 0:
        note = "The very first step diverged."
        return Chart("loss", "Loss", note, figure, seekable=True, mark="losses")
    note = f"All the data: from {number(full[0])} to {number(full[-1], 4)}."
    if fresh is not None:
        note += f" Held-out data: to {number(fresh[-1], 4)}."
    last_epoch = run.batch_loss[-run.batches.steps_per_epoch :]
    if run.diverged_at is None and len(last_epoch) > 1:
        between = f"{number(last_epoch.min())} and {number(last_epoch.max())}"
        note += f" Minibatches of the last epoch: between {between}."
    return Chart("loss", "Loss", note, figure, seekable=True, mark="losses")


def traces_chart(shown: Trained, budget: Budget = IN_STEPS, kept: Sequence[Kept] = ()) -> Chart:
    """w and b along the run."""
    run = shown.run
    note = (
        f"w goes from {number(run.w[0])} to {number(run.w[-1])}, "
        f"b from {number(run.b[0])} to {number(run.b[-1])}."
    )
    drawn = steps_in_sight(run)
    if drawn < len(run.w):
        note += f" They are drawn up to step {drawn - 1:,}, before one leaves ±1,000,000."
    figure = traces_figure(run, budget, kept)
    return Chart("traces", "w and b", note, figure, seekable=True, mark="traces")


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The loss surface that a run walks on, and the colour range that its minibatches share."""

    w_grid: Floats
    b_grid: Floats
    surface: Floats
    limits: tuple[float, float]
    highest: float
    is_shared: bool
    lowest: Lowest
    path: tuple[NDArray[np.floating], NDArray[np.floating]]


def ground_of(shown: Trained, kept: Sequence[Kept] = ()) -> Ground:
    """The surface of all the data around a run, with the run's path as far as it is drawn.

    The paths of `kept` runs are in sight too, unless they lead farther than any surface reaches.
    """
    data, run = shown.data, shown.run
    loss = run.settings.loss
    near = [each.drawn.path for each in kept if _is_near(*each.drawn.path)]
    w_grid, b_grid = surface_grid(
        np.concatenate([run.w, *(w for w, _ in near)]),
        np.concatenate([run.b, *(b for _, b in near)]),
    )
    surface = loss_surface(data, w_grid, b_grid, loss)
    is_shared = run.batches.steps_per_epoch > 1
    if not is_shared:
        limits, highest = surface_limits(data, loss, surface, surface), float(surface.max())
    else:  # a minibatch may be as good as can be, and worse than all the data anywhere
        limits = surface_limits(data, loss, surface, np.array([LOSSES[loss].lowest]))
        highest = math.inf
    path = path_of(run)  # one, that all the surfaces share
    lowest = lowest_point(data, _ends(w_grid), _ends(b_grid), loss)
    return Ground(w_grid, b_grid, surface, limits, highest, is_shared, lowest, path)


def path_of(run: Run) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """The (w, b) of a run as far as its path is drawn."""
    drawn = thinned(run.w, run.b, most=400)
    far = (np.abs(run.w[drawn]) > FARTHEST_DRAWN) | (np.abs(run.b[drawn]) > FARTHEST_DRAWN)
    drawn = drawn[: int(np.argmax(far))] if far.any() else drawn
    return shortened(run.w[drawn]), shortened(run.b[drawn])


def _is_near(w: NDArray[np.floating], b: NDArray[np.floating]) -> bool:
    """Whether the largest surface holds a path."""
    reach = max(np.abs(w - 1.0).max(initial=0.0), np.abs(b + 1.0).max(initial=0.0))
    return bool(reach <= LARGEST_HALF)


def _ends(grid: Floats) -> tuple[float, float]:
    return float(grid[0]), float(grid[-1])


def surface_chart(
    ground: Ground, scale: str, click: str | None = None, kept: Sequence[Kept] = ()
) -> Chart:
    """The loss surface of all the data with the path; `click` says what a click on it does."""
    grids = ground.w_grid, ground.b_grid
    lowest = ground.lowest
    full = surface_figure(
        ground.surface, *grids, ground.limits, scale, ground.path, bar=False, lowest=lowest
    )
    full = with_kept_paths(full, kept)
    if click is not None:
        heat = full["data"][0]
        heat["hovertemplate"] = heat["hovertemplate"].replace(
            "<extra>", f"<br>click: {click}<extra>"
        )
    note = f"With the path of the run. {lowest_note(lowest)}"
    bar = colour_bar(ground.limits, ground.highest, scale, ground.is_shared)
    clickable = click is not None
    return Chart("surface", "All the data", note, full, bar, clickable=clickable, mark="surface")


def surface_limits(data: Dataset, loss: str, surface: Floats, small: Floats) -> tuple[float, float]:
    """The losses at the ends of a colour range that several surfaces share.

    It ends at four times the loss of a coin toss: BCE goes on to hundreds, and hides the valley.
    """
    coin_toss = full_loss(data, np.zeros(1), np.zeros(1), loss)[0]
    lowest = min(surface.min(), small.min(initial=np.inf))
    return float(lowest), float(min(surface.max(), 4.0 * coin_toss))


def colour_bar(
    limits: tuple[float, float], highest: float, scale: str, is_shared: bool = False
) -> ColourBar:
    """What the colours between the limits mean, where the surface goes up to `highest`.

    The range is the chart's own, or `is_shared` with those that it is compared with.
    """
    more = "" if highest <= limits[1] else "≥ "
    words = "shared range" if is_shared else "own range"
    high = f"{limits[1]:.{2 if limits[1] >= 0.1 else 3}f}"
    return ColourBar(f"{limits[0]:.3f}", f"{more}{high}", colour_stops(scale), words)


def lowest_note(lowest: Lowest, scaled: float = 1.0) -> str:
    """Where a surface is lowest, in a sentence; its losses may be drawn `scaled`."""
    words = {
        "inside": f"Its lowest loss is {lowest.loss * scaled:.4f}, at the cross ×.",
        "local": f"The cross × marks a local minimum, {lowest.loss * scaled:.4f}. Outside the "
        "picture the loss is lower.",
        "beyond": "It is lowest beyond the edge.",
        "far": "It has no lowest point.",
        "nowhere": "It has no minimum.",
    }
    return words[lowest.place]


def points_note(data: Dataset, points: NDArray[np.int32]) -> str:
    """How many points a minibatch has, and how many of them are of class 1."""
    ones = int(data.y[points].sum())
    return f"{len(points):,} {plural('point', len(points))}, {ones:,} of class 1."


def data_chart(shown: Trained) -> Chart:
    """The points and the fitted p, as a ghost of the p that the player draws at a step."""
    data = shown.data
    w, b = shown.end
    return Chart("data", "Data and fit", "", data_figure(data, w, b), mark="data")
