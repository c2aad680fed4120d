"""Sentences on the pages: each holds at every setting, and no two contradict each other."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from dashboard.charts.run import summary, trained
from dashboard.shell.registry import PAGES
from minibatch_core import (
    DataSettings,
    Settings,
    TrainSettings,
    full_loss,
    make_batches,
    make_dataset,
    train,
)
from minibatch_core.engine.dataset import make_held_out
from minibatch_core.losses import LOSSES
from minibatch_core.settings.train import SHUFFLES, steps_per_epoch
from minibatch_core.words import number
from tests.support.computed import shown

MOST_EPOCHS = 12


@st.composite
def runs(draw: st.DrawFn) -> Settings:
    """Short runs of every kind, as often as not with a short last minibatch."""
    n = draw(st.integers(2, 120))
    batch_size = draw(st.one_of(st.integers(1, n), st.sampled_from([1, n, max(1, n - 1)])))
    return Settings(
        DataSettings(
            n=n, noise=draw(st.sampled_from([0.0, 0.1, 0.5])), seed=draw(st.integers(1, 9))
        ),
        TrainSettings(
            loss=draw(st.sampled_from([*LOSSES])),
            optimizer=draw(st.sampled_from(["sgd", "adam"])),
            lr=draw(st.sampled_from([0.05, 1.0])),
            batch_size=batch_size,
            epochs=draw(st.integers(1, MOST_EPOCHS)),
            shuffle=draw(st.sampled_from([*SHUFFLES])),
            drop_last=draw(st.booleans()) and batch_size < n,
        ),
    )


def whole(text: str) -> int:
    return int(text.replace(",", ""))


@trials(max_examples=150, deadline=None)
@given(runs())
def test_the_first_sentence_counts_what_the_run_does(asked: Settings) -> None:
    text = summary(trained(asked))
    batches = make_batches(asked.data.n, asked.train)
    sizes = [len(batch) for batch in batches][: batches.steps_per_epoch]
    (steps,) = re.findall(r"([\d,]+) steps? makes? one epoch", text)
    assert whole(steps) == len(sizes)
    (epochs,) = re.findall(r"Training lasts ([\d,]+) epochs?", text)
    assert whole(epochs) == asked.train.epochs
    (uses,) = re.findall(r"Each step (?:uses|draws) (?:all )?([\d,]+)", text)
    assert whole(uses) == sizes[0]
    last = re.findall(r"the last of an epoch only ([\d,]+)", text)
    assert [whole(each) for each in last] == ([sizes[-1]] if sizes[-1] < sizes[0] else [])
    left = re.findall(r"([\d,]+) are left out in each epoch", text)
    without = asked.train.shuffle == "replacement"
    missed = asked.data.n - sum(sizes)
    assert [whole(each) for each in left] == ([missed] if missed and not without else [])
    assert ("more than once" in text) == without
    assert not ("all" in text and sizes[0] < asked.data.n)


@trials(max_examples=60, deadline=None)
@given(runs())
def test_in_order_says_nothing_that_its_charts_do_not_show(asked: Settings) -> None:
    page = shown("in_order", asked)
    charts = {chart.name: chart for chart in page.board.charts}
    period, epochs = (
        steps_per_epoch(asked.data.n, asked.train.batch_size, asked.train.drop_last),
        min(6, asked.train.epochs),
    )
    late = charts["late_loss"]
    assert late.title == (f"The last {epochs} epochs" if epochs > 1 else "The last epoch")
    assert f"an epoch has {period:,} step" in late.note
    ordered = asked.train.shuffle in ("none", "once")
    assert ("always in the same order" in late.note) == (ordered and period > 1)
    assert ("each time in another order" in late.note) == (not ordered and period > 1)
    if "spectrum" in charts:
        note = charts["spectrum"].note
        assert f"multiples of 1/{period:,}" in note
        assert "no period" not in note
        (share,) = re.findall(r"([\d]+)% of the power", note)
        assert 0 <= int(share) <= 100


@pytest.mark.parametrize(
    ("changed", "says", "does_not_say"),
    [
        ({}, ["Two unused", "notebook draws", "starts at", "sees other", "ends at"], ["called"]),
        ({"randn_before_model": 3}, ["called 3 times", "starts at"], ["notebook draws"]),
        ({"randn_before_model": 1}, ["called 1 time ", "starts at"], ["notebook draws"]),
        ({"init_w": 1.0, "init_b": 0.0}, ["sees other minibatches", "ends at"], ["starts at"]),
        ({"init_w": 1.0, "init_b": 0.0, "shuffle": "none"}, ["changes nothing"], ["instead"]),
        ({"shuffle": "none"}, ["starts at", "ends at"], ["sees other"]),
    ],
)
def test_unused_draws_are_said_to_change_what_they_change(
    changed: dict[str, object], says: list[str], does_not_say: list[str]
) -> None:
    asked = PAGES["dataset_and_dataloader"].settings
    settings = replace(asked, train=replace(asked.train, **changed))  # type: ignore[arg-type]
    (found,) = [
        n for n in shown("dataset_and_dataloader", settings).notices if "unused" in n.title.lower()
    ]
    text = f"{found.title} {found.text}"
    for words in says:
        assert words in text
    for words in does_not_say:
        assert words not in text
    data = make_dataset(settings.data)
    run, without = (
        train(data, settings.train),
        train(data, replace(settings.train, randn_before_model=0)),
    )
    assert ("instead of" in text) == (run.w[-1] != without.w[-1])


@pytest.mark.parametrize(
    ("data", "loss", "says"),
    [
        (DataSettings(n=60, noise=0.15, seed=5), "mse", "is inside the grid, at w = 4.604"),
        (DataSettings(n=100, noise=0.0, seed=1), "bce", "lower the loss for ever"),
        (DataSettings(n=100, noise=0.1, seed=1), "mse", "Somewhere outside the grid"),
        (DataSettings(n=100, noise=0.02, seed=3), "mse", "and never arrives"),
        (DataSettings(n=45, noise=0.3, seed=50), "mse", "no point near it is lower"),
    ],
)
def test_a_lowest_cell_that_is_not_the_lowest_point_says_why(
    data: DataSettings, loss: str, says: str
) -> None:
    settings = Settings(data, TrainSettings(loss=loss))
    assert any(says in notice.text for notice in shown("loss_surface", settings).notices)


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.compute])
def test_a_page_opens_with_ordinary_luck(name: str) -> None:
    for law in getattr(shown(name), "laws", ()):
        if law.error and not law.is_bound and not law.not_here:
            assert abs(law.measured - law.predicted) < 1.5 * law.error, law


@trials(max_examples=30, deadline=None)
@given(runs())
def test_the_playground_shows_the_loss_on_points_that_no_step_has_seen(asked: Settings) -> None:
    chart = shown("playground", asked).board.charts[0]
    fresh = chart.figure["data"][2]
    data, others = make_dataset(asked.data), make_held_out(asked.data)
    assert len(others) == asked.data.n
    assert not np.isin(others.x, data.x).any()
    run = train(data, asked.train)
    expected = full_loss(others, run.w[fresh["x"]], run.b[fresh["x"]], asked.train.loss)
    np.testing.assert_allclose(fresh["y"], expected, rtol=1e-5)
    if len(run) and run.diverged_at is None:
        assert f"held-out data: to {number(expected[-1], 4)}" in chart.note
