"""Who ends lowest with many seeds, and how sure that is."""

import math
from dataclasses import replace

import numpy as np
import pytest

from minibatch_core import DataSettings, TrainSettings, full_loss, make_dataset, train_torch
from minibatch_core.theory.races import Race, race, share_interval

RACER = TrainSettings(optimizer="sgd", batch_size=30, epochs=3, shuffle="each_epoch", seed=7)


def test_a_race_counts_as_torch_does() -> None:
    data = make_dataset(DataSettings(n=61, noise=0.3, seed=4))
    racers = [
        replace(RACER, lr=4.0),
        replace(RACER, optimizer="adam", lr=0.3),
        replace(RACER, optimizer="rmsprop", lr=0.1),
    ]
    wins = [0, 0, 0]
    for seed in range(7, 19):
        ends = []
        for each in racers:
            run = train_torch(data, replace(each, seed=seed), "cpu", "float64")
            ends.append(full_loss(data, run.w[-1:], run.b[-1:])[0])
        wins[int(np.argmin(ends))] += 1
    raced = race(data, racers, 12)
    assert (raced.wins, raced.ties, raced.seeds) == (tuple(wins), 0, 12)
    assert sum(won > 0 for won in wins) > 1


def test_nobody_wins_where_several_end_lowest_together_or_all_diverge() -> None:
    still = replace(RACER, lr=0.0)
    assert race(make_dataset(), [still, still, replace(still, weight_decay=0.1)], 4) == Race(
        (0, 0, 0), 4
    )
    wild = replace(RACER, lr=100.0, weight_decay=50.0, epochs=100)
    assert race(make_dataset(), [wild, wild], 4).seeds == 0
    assert race(make_dataset(), [wild, still], 4) == Race((0, 4), 0)


@pytest.mark.parametrize("of", [1, 2, 7, 20])
def test_the_interval_holds_the_shares_that_are_near_enough(of: int) -> None:
    shares = np.linspace(0.0, 1.0, 20_001)
    for won in range(of + 1):
        error = np.sqrt(shares * (1.0 - shares) / of)
        near = shares[np.abs(won / of - shares) <= 1.959964 * error + 1e-12]
        assert share_interval(won, of) == pytest.approx((near.min(), near.max()), abs=1e-4)


@pytest.mark.parametrize("share", [0.02, 0.2, 0.5, 0.83])
def test_the_interval_holds_the_true_share_about_nineteen_times_in_twenty(share: float) -> None:
    of = 20
    held = 0.0
    for won in range(of + 1):
        low, high = share_interval(won, of)
        if low <= share <= high:
            held += math.comb(of, won) * share**won * (1.0 - share) ** (of - won)
    assert 0.91 < held <= 1.0


@pytest.mark.parametrize(("won", "of"), [(1, 0), (0, 0), (3, 2), (-1, 2)])
def test_a_share_that_cannot_be_is_told(won: int, of: int) -> None:
    with pytest.raises(ValueError, match="won should be between 0 and of"):
        share_interval(won, of)
