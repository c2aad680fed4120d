"""What the Playground shows."""

from dataclasses import dataclass
from functools import lru_cache

from dashboard.live_chart import Board, Grid
from dashboard.views.shared import (
    data_chart,
    loss_chart,
    metrics,
    summary,
    surface_charts,
    traces_chart,
    trained,
)
from minibatch_core import Settings

__all__ = ["PlaygroundView", "playground_view"]

SHOWN_BATCHES = 4
"""How many minibatches have their surface drawn."""

GRID = Grid(
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
    shown = trained(settings)
    charts = (
        loss_chart(shown),
        traces_chart(shown),
        *surface_charts(shown, scale, SHOWN_BATCHES),
        data_chart(shown),
    )
    return PlaygroundView(summary(shown), Board(metrics(shown), charts, GRID))
