"""What to change where a page has nothing to show: nothing that can't be changed any more."""

from minibatch_core import DataSettings
from minibatch_core.settings.fields import describe

__all__ = ["without_minimum"]


def without_minimum(data: DataSettings) -> str:
    """What to change where a loss has no minimum.

    >>> without_minimum(DataSettings(noise=0.5))
    'Take other data or another loss.'
    """
    more = ["more noise"] if data.noise < describe(data)["noise"].maximum else []
    *ways, last = [*more, "other data", "another loss"]
    return f"Take {', '.join(ways)} or {last}."
