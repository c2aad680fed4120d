"""N, settings -> the minibatches of a run, in exactly the order torch's DataLoader gives them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from minibatch_core.engine.initialisation import draw_start
from minibatch_core.settings import TrainSettings
from minibatch_core.settings.train import SHUFFLES, sizes_of_epoch

__all__ = [
    "LARGEST_KEPT",
    "Batches",
    "check_batch_size",
    "draw_minibatches",
    "make_batches",
    "order_of_points",
    "sample_minibatches",
    "sampler_seeds",
]


@dataclass(frozen=True, slots=True, eq=False)
class Batches:
    """Minibatch t is `indices[offsets[t]:offsets[t + 1]]`.

    `indices` (P,) int32 are points of the data, `offsets` (T+1,) int64; the last may be short.
    """

    indices: NDArray[np.int32]
    offsets: NDArray[np.int64]
    steps_per_epoch: int

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, t: int) -> NDArray[np.int32]:
        if not -len(self) <= t < len(self):
            raise IndexError(f"step should be between 0 and {len(self) - 1}, but got {t}")
        t %= len(self)
        return self.indices[self.offsets[t] : self.offsets[t + 1]]

    def __iter__(self) -> Iterator[NDArray[np.int32]]:
        return (self[t] for t in range(len(self)))


def make_batches(n: int, settings: TrainSettings) -> Batches:
    """The batches of all epochs over N = n points.

    - shuffle="none": as stored, DataLoader(shuffle=False)
    - shuffle="once": the data permuted by one torch.randperm(N) after the model, then as stored
    - shuffle="each_epoch": DataLoader(shuffle=True)
    - shuffle="replacement": DataLoader(sampler=RandomSampler(replacement=True))

    Raises ValueError if the batch size is above N or the steps are above the limit.

    >>> batches = make_batches(5, TrainSettings(batch_size=2, epochs=1))
    >>> [batch.tolist() for batch in batches]
    [[0, 1], [2, 3], [4]]

    Source: torch.utils.data.DataLoader, RandomSampler, BatchSampler.
    """
    settings.check_against(n)
    order = order_of_points(n, settings)
    sizes = sizes_of_epoch(n, settings.batch_size, settings.drop_last)
    steps, kept = len(sizes), sum(sizes)
    if kept < n:
        order = order.reshape(settings.epochs, n)[:, :kept].reshape(-1)
    offsets = np.zeros(settings.epochs * steps + 1, dtype=np.int64)
    np.cumsum(np.tile(sizes, settings.epochs), out=offsets[1:])
    for array in (order, offsets):
        array.flags.writeable = False
    return Batches(order, offsets, steps)


def order_of_points(n: int, settings: TrainSettings) -> NDArray[np.int32]:
    """All epochs' points in the order in which they are seen, (epochs * N,).

    >>> order_of_points(3, TrainSettings(epochs=2)).tolist()
    [0, 1, 2, 0, 1, 2]
    """
    if settings.shuffle == "none":
        return np.tile(np.arange(n, dtype=np.int32), settings.epochs)
    draw = _draw_order if n * settings.epochs > LARGEST_KEPT else _draw_order_once
    return draw(n, settings.epochs, settings.shuffle, settings.seed, settings.randn_before_model)


LARGEST_KEPT = 1_000_000
"""The most indices of an order that is worth keeping: 32 orders of 4 MB at the most."""


def _draw_order(
    n: int, epochs: int, shuffle: str, seed: int, randn_before_model: int
) -> NDArray[np.int32]:
    """The order depends on nothing but these five, so runs that share them share it."""
    seeded = TrainSettings(epochs=epochs, seed=seed, randn_before_model=randn_before_model)
    if shuffle == "once":
        _, _, generator = draw_start(seeded)
        kept = torch.randperm(n, generator=generator).numpy().astype(np.int32)
        return np.tile(kept, epochs)
    sampler = torch.Generator()
    order = torch.empty((epochs, n), dtype=torch.int64)
    for epoch, sampler_seed in zip(order, sampler_seeds(seeded).tolist(), strict=True):
        sampler.manual_seed(sampler_seed)
        if shuffle == "each_epoch":
            torch.randperm(n, generator=sampler, out=epoch)
        elif shuffle == "replacement":
            torch.randint(n, (n,), generator=sampler, out=epoch)
        else:
            raise ValueError(f"shuffle should be one of {', '.join(SHUFFLES)}, but got {shuffle!r}")
    return order.numpy().astype(np.int32).reshape(-1)


_draw_order_once = lru_cache(maxsize=32)(_draw_order)


def sampler_seeds(settings: TrainSettings) -> NDArray[np.int64]:
    """The seed of each epoch's sampler, where each epoch has an order of its own: (epochs,).

    All that a run's order is made from. Each epoch DataLoader draws a base seed for its workers,
    then RandomSampler a seed of its own, and torch.randperm or torch.randint take it from there.

    >>> len(sampler_seeds(TrainSettings(shuffle="each_epoch", epochs=3)))
    3

    Source: torch.utils.data.DataLoader, RandomSampler.
    """
    _, _, generator = draw_start(settings)
    seeds = torch.empty(2 * settings.epochs, dtype=torch.int64).random_(generator=generator)
    return seeds[1::2].numpy()


def check_batch_size(batch_size: int, n: int) -> None:
    """Raise a ValueError where no minibatch of that size can be drawn from n points.

    >>> check_batch_size(11, n=10)
    Traceback (most recent call last):
    ValueError: batch_size should be between 1 and N=10, but got 11
    """
    if not 1 <= batch_size <= n:
        raise ValueError(f"batch_size should be between 1 and N={n:,}, but got {batch_size:,}")


def draw_minibatches(
    n: int, batch_size: int, count: int, replacement: bool = True, seed: int = 1
) -> Batches:
    """`count` minibatches of N = n points, drawn one after another from `random.Random(seed)`.

    With replacement each index is a randint(0, N - 1), as in the notebook's last cell; without,
    each minibatch is a sample(range(N), batch_size), in which no point comes twice.

    Raises ValueError if the batch size is not between 1 and N.

    >>> [batch.tolist() for batch in draw_minibatches(100, 5, 2)]
    [[17, 72, 97, 8, 32], [15, 63, 97, 57, 60]]

    Source: the last cell of the course notebook.
    """
    check_batch_size(batch_size, n)
    draw = random.Random(seed)
    if replacement:
        indices = [draw.randint(0, n - 1) for _ in range(count * batch_size)]
    else:
        indices = [i for _ in range(count) for i in draw.sample(range(n), batch_size)]
    offsets = np.arange(count + 1, dtype=np.int64) * batch_size
    return Batches(np.array(indices, dtype=np.int32), offsets, count)


def sample_minibatches(
    n: int, batch_size: int, count: int, replacement: bool = True, seed: int = 1
) -> Batches:
    """`count` minibatches of N = n points from numpy's generator.

    It draws many of them tens of times as fast as the `random` of `draw_minibatches`.

    Raises ValueError if the batch size is not between 1 and N.

    >>> sample_minibatches(100, 5, 200).indices.shape
    (1000,)
    """
    check_batch_size(batch_size, n)
    generator = np.random.default_rng(seed)
    if replacement:
        indices = generator.integers(n, size=count * batch_size)
    else:
        draws = [generator.choice(n, batch_size, replace=False) for _ in range(count)]
        indices = np.concatenate(draws)
    offsets = np.arange(count + 1, dtype=np.int64) * batch_size
    return Batches(indices.astype(np.int32), offsets, count)
