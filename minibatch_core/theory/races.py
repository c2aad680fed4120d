"""Which of several ways to train ends lowest, with many seeds, and how sure that is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.many_runs import train_many, with_seeds
from minibatch_core.engine.training import full_loss, train
from minibatch_core.settings import TrainSettings
from minibatch_core.theory.resampling import NORMAL

__all__ = ["Race", "race", "share_interval"]

ROUNDING = 1e-9
"""Losses that differ by a smaller share of themselves are equal."""


@dataclass(frozen=True, slots=True)
class Race:
    """How often each of the racers ended lowest, alone; over seeds with which one ended at all.

    - `wins`: of each racer
    - `ties`: with how many seeds several ended lowest together, or apart by rounding alone
    """

    wins: tuple[int, ...]
    ties: int

    @property
    def seeds(self) -> int:
        """Of how many seeds these are the wins and ties."""
        return sum(self.wins) + self.ties


def race(data: Dataset, racers: Sequence[TrainSettings], seeds: int) -> Race:
    """Train each racer with the same seeds, and count who ends with the lowest loss.

    A run that diverges does not end; a seed with which all diverge does not count.

    >>> from minibatch_core import make_dataset
    >>> usual = TrainSettings(optimizer="sgd", epochs=2)
    >>> slow, fast = usual, TrainSettings(optimizer="sgd", epochs=2, lr=1.0)
    >>> race(make_dataset(), [slow, fast], 3), race(make_dataset(), [slow, slow], 3)
    (Race(wins=(0, 3), ties=0), Race(wins=(0, 0), ties=3))
    """
    ends = np.array([train_many(data, with_seeds(each, seeds), _end) for each in racers])
    ends = ends[:, np.isfinite(ends).any(axis=0)]
    lowest = ends <= ends.min(axis=0) * (1.0 + ROUNDING)
    alone = lowest & (lowest.sum(axis=0) == 1)
    wins = tuple(alone.sum(axis=1).tolist())
    return Race(wins, ends.shape[1] - sum(wins))


def _end(data: Dataset, settings: TrainSettings) -> float:
    """The loss of all the data at the end of a run, infinite where it diverged."""
    run = train(data, settings)
    if run.diverged_at is not None:
        return math.inf
    return float(full_loss(data, run.w[-1:], run.b[-1:], settings.loss)[0])


def share_interval(won: int, of: int) -> tuple[float, float]:
    """Between which shares the true one lies, with 95% confidence, where `won` of `of` were won.

    Wilson's interval: the shares p from which won/of is no more than 1.96 standard errors
    sqrt(p (1 - p)/of) away. Unlike won/of give or take its own standard error, it is not empty
    where all were won, or none.

    >>> [round(share, 2) for share in share_interval(14, 20)], share_interval(0, 20)[0]
    ([0.48, 0.85], 0.0)

    Raises ValueError if nothing was raced for, or more was won than that.

    Source: Wilson 1927, Journal of the American Statistical Association 22, 158.
    """
    if not 0 <= won <= of or of == 0:
        raise ValueError(f"won should be between 0 and of, and of above 0, but got {won} of {of}")
    share, square = won / of, NORMAL**2 / of
    middle = share + 0.5 * square
    half = math.sqrt(share * (1.0 - share) * square + 0.25 * square**2)
    low, high = (middle - half) / (1.0 + square), (middle + half) / (1.0 + square)
    # At an end the two terms are the same but for rounding.
    return (0.0 if won == 0 else low), (1.0 if won == of else high)
