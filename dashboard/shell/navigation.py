"""Ways to another page."""

from dashboard.charts.live_chart import go_to
from dashboard.shell.acts import give_playground
from dashboard.shell.session import session
from minibatch_core.settings.address import to_address

__all__ = ["follow_click", "go_to"]


def follow_click() -> None:
    """Go to the Playground with the run that a click has asked for, if one has."""
    kept = session()
    run, kept.to_open = kept.to_open, None
    if run is not None:
        give_playground(run)
        go_to(f"./?{to_address(run)}")
