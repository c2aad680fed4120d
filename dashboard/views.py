"""Settings -> what the Playground shows, computed once per settings and shared by all sessions."""

import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dashboard.live_chart import Board, Chart, ColourBar, Grid
from minibatch_core import (
    Dataset,
    Run,
    Settings,
    accuracy,
    batch_surfaces,
    full_loss,
    loss_surface,
    make_dataset,
    surface_grid,
    train,
)
from minibatch_core.figures import (
    MOST_POINTS,
    colour_stops,
    data_figure,
    loss_figure,
    shortened,
    surface_figure,
    thinned,
    traces_figure,
)

__all__ = ["PlaygroundView", "playground_view"]

Floats = NDArray[np.float64]

SHOWN_BATCHES = 4
"""How many minibatches have their surface drawn."""

FARTHEST_DRAWN = 1e4
"""A path is drawn until w or b is this far away, a hundred times as far as any surface reaches."""

PLAYGROUND_GRID = Grid(
    areas=(
        "loss loss loss loss loss loss surface surface surface surface",
        "traces traces traces traces traces traces surface surface surface surface",
        "data data batch0 batch0 batch1 batch1 batch2 batch2 batch3 batch3",
    ),
    rows="222px 142px 208px",
    columns="repeat(10, minmax(0, 1fr))",
)


@dataclass(frozen=True, slots=True)
class PlaygroundView:
    """A sentence that says what was trained, and the board that shows what came of it."""

    summary: str
    board: Board


@lru_cache(maxsize=128)
def playground_view(settings: Settings, scale: str) -> PlaygroundView:
    """Train with these settings and draw everything the Playground shows of it."""
    data = make_dataset(settings.data)
    started = time.perf_counter()
    run = train(data, settings.train)
    seconds = time.perf_counter() - started
    steps = np.unique(np.linspace(0, len(run), 301).astype(np.int32))
    full = full_loss(data, run.w[steps], run.b[steps], settings.train.loss)
    w, b = float(run.w[-1]), float(run.b[-1])
    metrics = {
        "Steps": f"{len(run):,}",
        "Loss on all the data": _number(full[-1], 4),
        "w": _number(w, 4),
        "b": _number(b, 4),
        "Accuracy": f"{accuracy(data, w, b):.1%}",
        "Training took": f"{seconds * 1e3:.2f} ms",
    }
    charts = (
        Chart("loss", "Loss", _loss_note(run, full), loss_figure(run, steps, full)),
        Chart("traces", "w and b", _traces_note(run), traces_figure(run)),
        *_surface_charts(data, run, scale),
        Chart("data", "Data and fit", _data_note(data, w, b), data_figure(data, w, b)),
    )
    return PlaygroundView(_summary(data, run), Board(metrics, charts, PLAYGROUND_GRID))


def _surface_charts(data: Dataset, run: Run, scale: str) -> list[Chart]:
    loss = run.settings.loss
    w_grid, b_grid = surface_grid(run.w, run.b)
    surface = loss_surface(data, w_grid, b_grid, loss)
    shown = range(min(SHOWN_BATCHES, run.batches.steps_per_epoch))
    small = batch_surfaces(data, run.batches, w_grid[::2], b_grid[::2], loss, steps=list(shown))
    coin_toss = full_loss(data, np.zeros(1), np.zeros(1), loss)[0]
    limits = (
        float(min(surface.min(), small.min())),
        float(min(surface.max(), 4.0 * coin_toss)),
    )
    drawn = thinned(run.w, run.b, most=400)
    far = (np.abs(run.w[drawn]) > FARTHEST_DRAWN) | (np.abs(run.b[drawn]) > FARTHEST_DRAWN)
    drawn = drawn[: int(np.argmax(far))] if far.any() else drawn
    path = shortened(run.w[drawn]), shortened(run.b[drawn])  # one, that all the surfaces share
    full = surface_figure(surface, w_grid, b_grid, path, limits, scale, bar=False)
    highest = "" if surface.max() <= limits[1] else "≥ "
    bar = ColourBar(f"{limits[0]:.3f}", f"{highest}{limits[1]:.2f}", colour_stops(scale))
    charts = [Chart("surface", "Loss surface, all the data", _surface_note(surface), full, bar)]
    for j in shown:
        points = run.batches[j]
        figure = surface_figure(
            small[j], w_grid[::2], b_grid[::2], path, limits, scale, bar=False, labels=False
        )
        ones = int(data.y[points].sum())
        note = f"{len(points):,} {_plural('point', len(points))}, {ones:,} of class 1"
        charts.append(Chart(f"batch{j}", f"Minibatch {j + 1}", note, figure, tile=True))
    return charts


def _summary(data: Dataset, run: Run) -> str:
    per_epoch = run.batches.steps_per_epoch
    if run.diverged_at is not None:
        return (
            f"**Diverged at step {run.diverged_at:,}** of {len(run.batches):,}: the loss, w or b "
            "is no longer finite. What there was until then:"
        )
    return (
        f"**One sigmoid unit, p = σ(w x + b)**, looks at {len(run.batches[0]):,} of {len(data):,} "
        f"points a step: {per_epoch:,} {_plural('step', per_epoch)} an epoch, "
        f"{run.settings.epochs:,} {_plural('epoch', run.settings.epochs)}."
    )


def _number(value: float, digits: int = 3) -> str:
    """As many decimals as asked for, or powers of ten where a run has gone far away."""
    return f"{value:.{digits}f}" if abs(value) < 1e6 else f"{value:.{digits}e}"


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def _loss_note(run: Run, full: Floats) -> str:
    if len(run) == 0:
        return "The very first step diverged."
    last_epoch = run.batch_loss[-run.batches.steps_per_epoch :]
    return (
        f"all the data: {_number(full[0])} to {_number(full[-1], 4)}; in the last epoch the "
        f"minibatches lie between {_number(last_epoch.min())} and {_number(last_epoch.max())}"
    )


def _traces_note(run: Run) -> str:
    return (
        f"w from {_number(run.w[0])} to {_number(run.w[-1])}, "
        f"b from {_number(run.b[0])} to {_number(run.b[-1])}"
    )


def _surface_note(surface: Floats) -> str:
    return f"with the path; lowest on the grid {surface.min():.4f}"


def _data_note(data: Dataset, w: float, b: float) -> str:
    ones = int(data.y.sum())
    boundary = f"p = ½ at x = {_number(-b / w, 2)}" if w else "p is flat"
    drawn = f", {MOST_POINTS} drawn" if len(data) > MOST_POINTS else ""
    return f"{len(data) - ones:,} + {ones:,} points{drawn}, {boundary}"
