"""What to change where a page has nothing to show: nothing that can't be changed any more."""

from minibatch_core import DataSettings, make_dataset
from minibatch_core.settings.fields import describe
from minibatch_core.theory.separability import is_separable

__all__ = ["without_minimum"]


def without_minimum(data: DataSettings) -> str:
    """What to change where a loss has no minimum.

    No loss has one on separable points: some x divides their classes. Two points always are, and so
    are any without noise.

    >>> without_minimum(DataSettings(noise=0.5)), without_minimum(DataSettings(n=2, noise=0.0))
    ('Take other data or another loss.', 'Take more points and more noise.')
    """
    if data.n <= 2 or data.noise == 0.0:
        points = ["more points"] if data.n <= 2 else []
        noise = ["more noise"] if data.noise == 0.0 else []
        return f"Take {' and '.join(points + noise)}."
    more = ["more noise"] if data.noise < describe(data)["noise"].maximum else []
    another = [] if is_separable(make_dataset(data)) else ["another loss"]
    ways = [*more, "other data", *another]
    either = f"{', '.join(ways[:-1])} or " if len(ways) > 1 else ""
    return f"Take {either}{ways[-1]}."
