"""Ways to another page."""

from dashboard.charts.component import mount
from dashboard.charts.wire import GoTo
from dashboard.shell.acts import give_playground
from dashboard.shell.session import session
from minibatch_core.settings.address import to_address

__all__ = ["follow_click", "go_to"]


def go_to(address: str, instead: bool = False) -> None:
    """Have the browser go to another page, as if its link had been clicked, or instead of this one.

    Streamlit's own page switch writes the new page's settings into the address of the old one
    first, and the back button would not find what was set there.
    """
    data: GoTo = {"address": address, "instead": instead}
    mount("go_to", key="go_to", data=data)


def follow_click() -> None:
    """Go to the Playground with the run that a click has asked for, if one has."""
    kept = session()
    run, kept.to_open = kept.to_open, None
    if run is not None:
        give_playground(run)
        go_to(f"./?{to_address(run)}")
