"""A text that the browser writes anew while the hand moves."""

from collections.abc import Sequence

from dashboard.charts.component import mount
from dashboard.charts.wire import Words, placed
from minibatch_core.terms import Mark

__all__ = ["show"]


def show(text: str, marks: Sequence[Mark], key: str) -> None:
    """Show a text in which terms are marked."""
    data: Words = {"text": text, "terms": placed(marks)}
    mount("live_chart", key=f"words_{key}", data=data)
