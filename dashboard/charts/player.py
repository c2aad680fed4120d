"""A run as the browser trains, draws and plays it."""

from collections.abc import Sequence

from dashboard.charts.live_chart import Chart
from dashboard.charts.run import any_ground, surface_chart
from dashboard.charts.wire import SentLooks, SentRun, sent_settings
from dashboard.figures.kept import Kept
from dashboard.figures.palette import colour_stops
from minibatch_core import Settings

__all__ = ["player", "surfaces_to_play"]


def surfaces_to_play(
    scale: str, click: str | None = None, kept: Sequence[Kept] = ()
) -> tuple[Chart, Chart, Chart]:
    """The surface of all the data, and the charts that the player fills."""
    return (
        surface_chart(any_ground(), scale, click, kept),
        Chart("minibatch", "Minibatch", "", {}, mark="minibatch"),
        Chart("epoch", "Minibatches", "", {}, mark="epoch"),
    )


def player(settings: Settings, scale: str, looks: SentLooks | None = None) -> SentRun:
    """A run to play; the charts along it count steps, unless the `looks` of the page say else."""
    return {"settings": sent_settings(settings, looks), "stops": colour_stops(scale)}
