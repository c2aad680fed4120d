"""What several pages show of a run: its charts, and the numbers in their notes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dashboard.charts.live_chart import Chart, ColourBar
from dashboard.charts.notes import NOTES
from dashboard.figures.data import data_figure
from dashboard.figures.kept import Kept, with_kept_paths
from dashboard.figures.palette import colour_stops
from dashboard.figures.parts import shortened, thinned
from dashboard.figures.run import loss_figure, steps_in_sight, traces_figure
from dashboard.figures.surface import surface_figure
from minibatch_core import (
    Dataset,
    DataSettings,
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
from minibatch_core.theory.lowest import Lowest, lowest_point
from minibatch_core.words import loss_in_short, number, plural

__all__ = [
    "Ground",
    "Trained",
    "any_ground",
    "any_run",
    "colour_bar",
    "data_chart",
    "divergence",
    "ends_of",
    "ground_of",
    "loss_chart",
    "loss_on",
    "lowest_note",
    "note_of_way",
    "path_of",
    "points_note",
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
    """A run with its settings, the data it saw, and the loss on all the data at some steps."""

    settings: Settings
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
    return Trained(settings, data, run, steps, full)


@cache
def any_run() -> Trained:
    """A run in place of one that the browser trains: of its figures only the looks are sent."""
    return trained(Settings(DataSettings(n=4), TrainSettings(batch_size=2, epochs=2)))


def loss_on(data: Dataset, shown: Trained) -> Floats:
    """The loss on other data at the steps at which that on all the data is known."""
    run, steps = shown.run, shown.steps
    return full_loss(data, run.w[steps], run.b[steps], run.settings.loss)


def divergence(shown: Trained) -> str | None:
    """A sentence that says where the run diverged, if it did."""
    run = shown.run
    if run.diverged_at is None:
        return None
    return NOTES["diverged"].format(step=f"{run.diverged_at:,}", steps=f"{len(run.batches):,}")


def loss_chart(
    shown: Trained,
    held_out: Dataset | None = None,
    budget: Budget = IN_STEPS,
    kept: Sequence[Kept] = (),
) -> Chart:
    """The loss of each step's minibatch, of all the data, and of held-out data if there are any."""
    run, full = shown.run, shown.full
    fresh = None if held_out is None else loss_on(held_out, shown)
    are_alike = run.settings.batch_size == len(shown.data) and run.settings.shuffle != "replacement"
    figure = loss_figure(run, shown.steps, full, fresh, budget, kept, are_alike=are_alike)
    note = _note_of_losses(run, full, fresh) if len(run) else NOTES["nothing"]
    return Chart("loss", "Loss", note, figure, seekable=True, mark="losses", follows="losses")


def _note_of_losses(run: Run, full: Floats, fresh: Floats | None) -> str:
    first, last = loss_in_short(full[0]), loss_in_short(full[-1])
    way = "losses" if first != last else "losses_alike" if np.ptp(full) else "losses_same"
    said = [NOTES[way].format(first=first, last=last)]
    if fresh is not None:
        said.append(NOTES["held_out"].format(last=loss_in_short(fresh[-1])))
    last_epoch = run.batch_loss[-run.batches.steps_per_epoch :]
    if run.diverged_at is None and len(last_epoch) > 1:
        low, high = loss_in_short(last_epoch.min()), loss_in_short(last_epoch.max())
        name = "minibatches_alike" if low == high else "minibatches"
        said.append(NOTES[name].format(low=low, high=high))
    return " ".join(said)


def traces_chart(shown: Trained, budget: Budget = IN_STEPS, kept: Sequence[Kept] = ()) -> Chart:
    """w and b along the run."""
    run = shown.run
    note = f"{note_of_way('w', run.w)} {note_of_way('b', run.b)}"
    drawn = steps_in_sight(run)
    if drawn < len(run.w):
        note += f" {NOTES['cut'].format(step=f'{drawn - 1:,}')}"
    figure = traces_figure(run, budget, kept)
    return Chart("traces", "w and b", note, figure, seekable=True, mark="traces", follows="traces")


def note_of_way(name: str, values: Floats, digits: int = 3) -> str:
    """From where to where a number goes along a run, as far as so many decimals tell."""
    ends = values[0], values[-1], values.min(), values.max()
    first, last, low, high = (number(float(each), digits) for each in ends)
    unmoved = "stays" if values.min() != values.max() else "same"
    way = "goes" if first != last else unmoved if low == high else "returns"
    return NOTES[way].format(name=name, first=first, last=last)


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The loss surface that a run walks on, and the colour range that its minibatches share."""

    w_grid: Floats
    b_grid: Floats
    surface: Floats
    limits: tuple[float, float]
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
    limits = surface_limits(data, loss, surface)
    is_of_all = run.settings.batch_size == len(data) and run.settings.shuffle != "replacement"
    path = path_of(run)  # one, that all the surfaces share
    lowest = lowest_point(data, _ends(w_grid), _ends(b_grid), loss)
    return Ground(w_grid, b_grid, surface, limits, not is_of_all, lowest, path)


@cache
def any_ground() -> Ground:
    """What `any_run` walks on."""
    return ground_of(any_run())


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
    # a minibatch may be better and worse than all the data anywhere
    ends = (-math.inf, math.inf) if ground.is_shared else ends_of(ground.surface)
    bar = colour_bar(ground.limits, ends, scale, ground.is_shared)
    clickable = click is not None
    return Chart(
        "surface", "All the data", note, full, bar, clickable, mark="surface", follows="surface"
    )


def ends_of(surfaces: Floats) -> tuple[float, float]:
    """The lowest and the highest loss of some surfaces."""
    return float(surfaces.min()), float(surfaces.max())


def surface_limits(data: Dataset, loss: str, surfaces: Floats) -> tuple[float, float]:
    """The losses at the ends of the colours of some surfaces.

    They end at four times the loss of a coin toss: BCE goes on to hundreds, and hides the valley.
    """
    coin_toss = full_loss(data, np.zeros(1), np.zeros(1), loss)[0]
    lowest, highest = ends_of(surfaces)
    return lowest, min(highest, 4.0 * float(coin_toss))


def colour_bar(
    limits: tuple[float, float], ends: tuple[float, float], scale: str, is_shared: bool = False
) -> ColourBar:
    """What the colours between the limits mean, of losses that go from one of `ends` to the other.

    The range is the chart's own, or `is_shared` with those that it is compared with.
    """
    less, more = "≤ " * (ends[0] < limits[0]), "≥ " * (ends[1] > limits[1])
    words = NOTES["shared_range" if is_shared else "own_range"]
    high = f"{limits[1]:.{2 if limits[1] >= 0.1 else 3}f}"
    return ColourBar(f"{less}{limits[0]:.3f}", f"{more}{high}", colour_stops(scale), words)


def lowest_note(lowest: Lowest, scaled: float = 1.0) -> str:
    """Where a surface is lowest, in a sentence; its losses may be drawn `scaled`."""
    words = {
        "inside": f"The surface's lowest loss is {lowest.loss * scaled:.4f}, at the cross ×.",
        "local": f"The cross × marks a local minimum, {lowest.loss * scaled:.4f}. Outside the "
        "picture the loss is lower.",
        "beyond": "The surface is lowest beyond the edge of this picture.",
        "far": "The surface has no minimum in this picture.",
        "nowhere": "The surface has no minimum.",
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
    return Chart("data", "Data and fit", "", data_figure(data, w, b), mark="data", follows="data")
