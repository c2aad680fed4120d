"""What the Playground shows."""

from dataclasses import dataclass
from functools import lru_cache

from dashboard.charts.live_chart import Board, Grid
from dashboard.charts.player import surfaces_to_play
from dashboard.charts.run import (
    data_chart,
    loss_chart,
    summary,
    traces_chart,
    trained,
)
from minibatch_core import Settings

__all__ = ["PlaygroundView", "playground_view"]

GRID = Grid(
    areas=(
        "loss loss loss loss surface surface surface minibatch minibatch minibatch",
        "traces traces traces traces data data data data data data",
        "epoch epoch epoch epoch epoch epoch epoch epoch epoch epoch",
    ),
    rows="250px 160px auto",
    columns="repeat(10, minmax(0, 1fr))",
)


@dataclass(frozen=True, slots=True)
class PlaygroundView:
    """A sentence that says what was trained, and the board that shows what came of it."""

    summary: str
    board: Board


@lru_cache(maxsize=32)
def playground_view(settings: Settings, scale: str) -> PlaygroundView:
    """Train with these settings and draw everything the Playground shows of it."""
    shown = trained(settings)
    (surface, minibatch, epoch), player = surfaces_to_play(shown, scale, click="start there")
    data = data_chart(shown)
    charts = [loss_chart(shown), traces_chart(shown), surface, minibatch, data, epoch]
    return PlaygroundView(summary(shown), Board({}, charts, GRID, player))
