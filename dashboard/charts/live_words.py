"""A text that the browser writes anew, and its terms with it, when it shows a run."""

from dashboard.charts.component import mount
from dashboard.charts.wire import Words

__all__ = ["show"]


def show(text: str, key: str) -> None:
    """Show a text until then."""
    data: Words = {"text": text, "terms": []}
    mount("live_chart", key=f"words_{key}", data=data)
