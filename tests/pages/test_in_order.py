"""Minibatches in order: what is said of the order, of its swings and of the slips holds."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from dashboard.charts.live_chart import Chart
from dashboard.shell.registry import PAGES
from minibatch_core import (
    DataSettings,
    Settings,
    TrainSettings,
    make_batches,
    make_dataset,
    trace_spectrum,
    train,
)
from minibatch_core.losses import LOSSES
from minibatch_core.settings.train import SHUFFLES
from pages.in_order import idea
from tests.support.computed import shown
from tests.support.opened import open_page, texts

MOST_LETTERS = 105
"""What two lines of a narrow chart's caption hold beside its title."""

REPEATED = "Shuffled anew"


@st.composite
def asked(draw: st.DrawFn) -> Settings:
    n = draw(st.sampled_from([2, 3, 10, 61, 100]))
    size = draw(st.sampled_from([1, 2, n // 2 or 1, max(1, n - 1), n]))
    return Settings(
        DataSettings(
            n=n, noise=draw(st.sampled_from([0.0, 0.1, 0.5])), seed=draw(st.integers(1, 9))
        ),
        TrainSettings(
            loss=draw(st.sampled_from([*LOSSES])),
            optimizer=draw(st.sampled_from(["sgd", "adam"])),
            lr=draw(st.sampled_from([1e-9, 0.05, 1.0, 1000.0])),
            batch_size=size,
            epochs=draw(st.sampled_from([1, 2, 3, 7, 30])),
            shuffle=draw(st.sampled_from([*SHUFFLES])),
            drop_last=draw(st.booleans()),
        ),
    )


def charts(settings: Settings) -> dict[str, Chart]:
    return {chart.name: chart for chart in shown("in_order", settings).board.charts}


def test_the_page_opens_with_the_lead_of_an_order_that_repeats() -> None:
    test = open_page("in_order")
    assert any("systematic oscillation" in text for text in texts(test))
    assert "the next step uses the next points" in idea(PAGES["in_order"].settings)
    test = open_page("in_order", shuf_in_order="Each epoch")
    assert any("swings of the loss repeat by chance alone. Set" in text for text in texts(test))


@trials(max_examples=150)
@given(asked())
def test_the_lead_is_about_the_order_that_is_chosen(settings: Settings) -> None:
    text = idea(settings)
    batches = make_batches(settings.data.n, settings.train)
    period = batches.steps_per_epoch
    assert ("an epoch is a single step" in text) == (period == 1)
    if period == 1:
        assert "Now each step uses" not in text
        smaller = replace(settings.train, batch_size=settings.data.n // 2)
        assert make_batches(settings.data.n, smaller).steps_per_epoch > 1
        return
    sizes = [len(batch) for batch in batches][:period]
    last = re.findall(r"the last one of an epoch has ([\d,]+)", text)
    assert last == ([f"{sizes[-1]:,}"] if sizes[-1] < sizes[0] else [])
    here, _, advice = text.partition("Set *Shuffling* to *None*")
    assert ("and *Epochs* higher:" in advice) == bool(advice and settings.train.epochs == 1)
    longer = replace(settings.train, epochs=3)
    first, second, _ = np.array_split(make_batches(settings.data.n, longer).indices, 3)
    if "in every epoch the same minibatches come in the same order" in here:
        assert np.array_equal(first, second)
    else:
        assert "repeat by chance alone" in here
        assert "the same minibatches come in the same order" in advice
        assert settings.train.shuffle in ("each_epoch", "replacement")
    assert ("one epoch only" in text) == (settings.train.epochs == 1 and not advice)


@trials(max_examples=100)
@given(asked())
def test_the_captions_of_the_last_epochs_say_what_is_drawn(settings: Settings) -> None:
    late = charts(settings)["late_loss"]
    bands = [band for band in late.figure["layout"]["shapes"] if band["xref"] == "x"]
    drawn = len(late.figure["layout"]["xaxis"]["tickvals"]) - 1
    assert ("is shaded" in late.note) == bool(bands) == (drawn > 1)
    batches = make_batches(settings.data.n, settings.train)
    epochs = batches.indices.reshape(settings.train.epochs, -1)
    if "the same minibatches in every epoch" in late.note:
        assert (epochs == epochs[0]).all()
    assert ("anew" in late.note) == (
        settings.train.shuffle in ("each_epoch", "replacement")
        and drawn > 1
        and batches.steps_per_epoch > 1
    )


@trials(max_examples=100)
@given(asked())
def test_a_share_of_the_swings_is_called_0_or_all_only_where_it_is(settings: Settings) -> None:
    settings = replace(settings, train=replace(settings.train, epochs=30))
    chart = charts(settings)["spectrum"]
    note = chart.note
    run = train(make_dataset(settings.data), settings.train)
    period = run.batches.steps_per_epoch
    if "There is none" in note:
        late, before = run.batch_loss[-15 * period :], run.batch_loss[-18 * period :]
        assert ("1 step" in note) == (period == 1)
        assert ("does not swing" in note) == (period > 1 and len(run) >= 4 * period)
        assert period == 1 or len(run) < 4 * period or np.ptp(late) <= 1e-9 * np.abs(before).max()
        assert not chart.answer
        return
    assert len(f"{note} {chart.answer}") <= MOST_LETTERS
    bound, share = re.findall(r"^(?:(Less|More) than )?(\d+)% of the power", note)[0]
    assert share != "0"
    assert share != "100" or not bound
    assert (share, bound) not in {("1", "More"), ("99", "Less")}
    how = "By chance" if settings.train.shuffle in ("each_epoch", "replacement") else REPEATED
    low, high = most_seeds(chart.answer, how)
    assert 0.0 <= low < high <= 100.0


def most_seeds(answer: str, how: str) -> tuple[float, float]:
    """Between how many per cent the share is by chance for most seeds."""
    ((low, high),) = re.findall(
        rf"^{how} it is (?:([\d.]+)|up) to ([\d.]+)% for most seeds\.$", answer
    )
    return float(low or 0.0), float(high)


@pytest.mark.parametrize(("n", "batch_size"), [(100, 50), (100, 25), (61, 30), (60, 10)])
@pytest.mark.parametrize("shuffle", ["each_epoch", "replacement"])
def test_the_share_of_chance_is_where_seeds_lie_and_how_far_they_scatter(
    n: int, batch_size: int, shuffle: str
) -> None:
    # With steps this short the losses are those of minibatches at one (w, b).
    usual = TrainSettings(optimizer="sgd", lr=1e-7, batch_size=batch_size, epochs=40)
    settings = Settings(DataSettings(n=n), replace(usual, shuffle=shuffle))
    low, high = most_seeds(charts(settings)["spectrum"].answer, "By chance")
    shares = []
    for seed in range(300):
        run = train(make_dataset(settings.data), replace(settings.train, seed=seed))
        spectrum = trace_spectrum(run.batch_loss, run.batches.steps_per_epoch)
        assert spectrum is not None
        shares.append(100.0 * spectrum.periodic_share)
    # Both ends are rounded to whole per cent.
    for told, quantile in ((low, 0.1), (high, 0.9)):
        nearest = [np.quantile(shares, quantile + aside) for aside in (-0.07, 0.07)]
        assert nearest[0] - 0.5 <= told <= nearest[1] + 0.5
    fixed = replace(settings, train=replace(settings.train, shuffle="once"))
    answer = charts(fixed)["spectrum"].answer
    assert shuffle == "replacement" or most_seeds(answer, REPEATED) == (low, high)


def notice(settings: Settings, title: str) -> str:
    (found,) = [each.text for each in shown("in_order", settings).notices if title in each.title]
    return found


@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_a_single_point_that_is_dropped_is_spoken_of_as_one(shuffle: str) -> None:
    settings = Settings(
        DataSettings(n=61), TrainSettings(batch_size=60, epochs=10, shuffle=shuffle)
    )
    text = notice(settings, "leaves points out")
    assert "1 points" not in text
    assert "last 1" not in text
    assert "same 1" not in text
    assert "others" not in text


@pytest.mark.parametrize("batch_size", [25, 100])
def test_minibatches_of_an_epoch_are_compared_where_there_are_several(batch_size: int) -> None:
    settings = Settings(train=TrainSettings(batch_size=batch_size, epochs=30))
    text = notice(settings, "printed loss")
    run = train(make_dataset(), settings.train)
    assert f"that is here {run.batch_loss[-1]:.4f}." in text
    assert ("The losses of that epoch's minibatches lie" in text) == (batch_size < 100)


def test_points_of_one_class_are_not_said_to_be_divided() -> None:
    for seed in range(1, 30):
        data = DataSettings(n=3, noise=0.0, seed=seed)
        text = notice(Settings(data, TrainSettings(batch_size=1, epochs=2)), "logistic regression")
        is_one_class = len(set(make_dataset(data).y)) == 1
        assert ("all of them are of one class" in text) == is_one_class
        assert ("some x divides the classes" in text) != is_one_class


def test_w_and_b_before_and_after_a_step_are_compared_where_they_differ() -> None:
    for lr, differ in ((1e-9, False), (0.05, True)):
        settings = Settings(train=TrainSettings(lr=lr, epochs=3))
        assert ("not yet" in notice(settings, "printed loss")) == differ


def test_where_a_run_ends_without_the_tail_and_with_it_is_said_by_one_verb() -> None:
    settings = TrainSettings(batch_size=30, epochs=3)
    text = notice(Settings(train=settings), "leaves points out")
    ends = []
    for drop in (True, False):
        run = train(make_dataset(), replace(settings, drop_last=drop))
        ends.append(f"at w = {run.w[-1]:.3f}, b = {run.b[-1]:.3f}")
    assert f"Training ends {ends[0]} without the short minibatches and {ends[1]} with them." in text


def test_a_run_that_diverges_is_not_said_to_reach_an_epoch_that_is_printed() -> None:
    diverging = TrainSettings(
        optimizer="sgd", lr=100.0, weight_decay=50.0, batch_size=25, epochs=100
    )
    run = train(make_dataset(), diverging)
    assert run.diverged_at is not None
    assert len(run) < 25 * 4
    text = notice(Settings(train=diverging), "iteration")
    assert "The run diverges, before the notebook would print anything" in text
    assert "diverges without the short minibatches and with them" in notice(
        Settings(train=diverging), "leaves points out"
    )
