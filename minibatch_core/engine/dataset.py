"""Settings -> the points to learn from."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from minibatch_core.settings import DataSettings
from minibatch_core.sources import SOURCES
from minibatch_core.storage import STORAGE

__all__ = ["Dataset", "make_dataset", "make_held_out"]

ANOTHER_SEED = 2**31
"""How far the seed of the held-out data is from that of the data."""


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """N points: x and y, both (N,) float64, y in {0., 1.}; neither can be written to."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]

    def __post_init__(self) -> None:
        for name in ("x", "y"):
            values = np.array(getattr(self, name), dtype=np.float64)
            if values.ndim != 1:
                raise ValueError(f"{name} should have shape (N,), but got {values.shape}")
            if not np.isfinite(values).all():
                raise ValueError(
                    f"{name} should be finite, but got {values[~np.isfinite(values)][0]}"
                )
            values.flags.writeable = False
            object.__setattr__(self, name, values)
        if len(self.x) != len(self.y) or len(self.x) == 0:
            raise ValueError(
                f"x and y should have the same length of at least 1, "
                f"but got {len(self.x)} and {len(self.y)}"
            )
        if not np.isin(self.y, (0.0, 1.0)).all():
            wrong = self.y[~np.isin(self.y, (0.0, 1.0))][0]
            raise ValueError(f"y should be 0 or 1, but got {wrong}")

    def __len__(self) -> int:
        return len(self.x)


def make_dataset(settings: DataSettings = DataSettings()) -> Dataset:
    r"""Draw the points of a source.

    The notebook's are x ~ N(1, 1) and y = [x > 1], some of it flipped: with the chance `noise`
    where \|x - 1\| < 1 and `noise` / 4 elsewhere. x comes from numpy.random.RandomState(seed) and
    the flips from random.Random(seed), so that seed 1 with noise 0.1 gives the notebook's own.
    The points are stored as they were drawn, unless `stored` has them sorted.

    >>> data = make_dataset(DataSettings(n=100, noise=0.10, seed=1))
    >>> int(data.y.sum())
    53

    Source: the first code cell of the course notebook.
    """
    x, y = SOURCES[settings.source].draw(settings.n, settings.noise, settings.seed)
    order = STORAGE[settings.stored].order(x, y)
    return Dataset(x[order], y[order])


def make_held_out(settings: DataSettings = DataSettings()) -> Dataset:
    """As many points of the same source with the same noise, drawn anew: no run trains on them.

    >>> data, held_out = make_dataset(), make_held_out()
    >>> len(held_out), bool((data.x == held_out.x).any())
    (100, False)
    """
    return make_dataset(replace(settings, seed=(settings.seed + ANOTHER_SEED) % 2**32))
