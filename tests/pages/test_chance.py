"""What Sweep, Seeds, Optimizers and the tables of laws say of chance, and of where a law holds."""

import math
import re
import statistics
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from dashboard.shell.registry import PAGES
from dashboard.shell.tables import _row
from dashboard.shell.view_settings import time_model
from minibatch_core import (
    DataSettings,
    Settings,
    SurfaceSettings,
    SweepSettings,
    TrainSettings,
    full_loss,
    gradient_noise,
    make_dataset,
    train,
)
from minibatch_core.engine.budgets import UNITS, Budget
from minibatch_core.engine.many_runs import with_seeds
from minibatch_core.losses import LOSSES
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.schedules import SCHEDULES
from minibatch_core.settings.train import SHUFFLES
from minibatch_core.theory import laws
from minibatch_core.theory.resampling import medians
from minibatch_core.theory.tradeoff import fit_tradeoff
from minibatch_core.words import plain
from pages.sweep import said_of_budget, shown_of
from tests.pages.test_sentences import drawn, notes, texts_of
from tests.support.autograd import torch_loss
from tests.support.computed import shown
from tests.support.said import numbers_in
from tests.support.swept import finished

SWEEP = PAGES["sweep"].settings


@st.composite
def any_runs(draw: st.DrawFn) -> Settings:
    """Short runs of every kind, many of them with nothing left to chance."""
    n = draw(st.sampled_from([2, 10, 61]))
    return Settings(
        DataSettings(n=n, noise=draw(st.sampled_from([0.0, 0.5])), seed=draw(st.integers(1, 5))),
        TrainSettings(
            loss=draw(st.sampled_from([*LOSSES])),
            optimizer=draw(st.sampled_from([*OPTIMIZERS])),
            schedule=draw(st.sampled_from([*SCHEDULES])),
            lr=draw(st.sampled_from([1e-6, 0.1, 1.0, 1000.0])),
            batch_size=draw(st.sampled_from([1, max(1, n // 2), n - 1, n])),
            epochs=draw(st.integers(1, 4)),
            shuffle=draw(st.sampled_from([*SHUFFLES])),
            drop_last=draw(st.booleans()),
            init_w=draw(st.sampled_from([None, 1.0])),
            init_b=draw(st.sampled_from([None, -1.0])),
        ),
    )


def said(texts: Sequence[str]) -> str:
    """The texts as one, of which none has a number that is none, or a sentence without capital."""
    for text in texts:
        assert not re.search(r"\bnan\b|\binf\b|  |\.\.|\n", text), text
        assert not re.search(r"(?<![\d.,e-])1 (points|steps|epochs|runs|seeds|units)\b", text), text
        assert not re.search(r"[.!?] [a-z](?![a-z]* ?[=≥])(?!\b)", text), text
    return " ".join(texts)


@trials(max_examples=60)
@given(any_runs(), st.sampled_from([2, 5, 12]))
def test_seeds_says_what_the_seed_decides(asked: Settings, seeds: int) -> None:
    page = shown("seeds", asked, seeds=seeds)
    data = make_dataset(asked.data)
    runs = [train(data, each) for each in with_seeds(asked.train, seeds)]
    if all(run.diverged_at is not None for run in runs):
        return
    words = said(texts_of(page))
    first, others = runs[0], runs[1:]
    for name in ("w", "b"):
        moves = any(getattr(run, name)[0] != getattr(first, name)[0] for run in others)
        assert bool(re.search(rf"seed decides where [w and]*\b{name}\b", words)) == moves
    minibatches = [
        [sorted(run.batches[t].tolist()) for t in range(len(run.batches))] for run in runs
    ]
    is_drawn = any(each != minibatches[0] for each in minibatches[1:])
    by_words = re.search(r"which points each step draws|in which order the points come", words)
    assert bool(by_words) == is_drawn
    same = all(
        np.allclose(run.w, first.w, rtol=1e-9, atol=1e-9)
        and np.allclose(run.b, first.b, rtol=1e-9, atol=1e-9)
        for run in others
        if len(run.w) == len(first.w)
    )
    assert ("runs are the same, and one is drawn" in words) == same
    names = [trace.get("name", "") for trace in drawn(page, "loss")]
    assert ("all runs" in names) != same
    assert ("about four of five" in names) == (not same and seeds >= 10)
    assert str(page.board.metrics["Runs"]).endswith("all the same") == same


@pytest.mark.parametrize("seeds", [2, 6, 25])
def test_the_median_of_seeds_has_a_range_that_holds_it_as_surely_as_it_says(seeds: int) -> None:
    asked = replace(PAGES["seeds"].settings, train=replace(SWEEP.train, epochs=3))
    data = make_dataset(asked.data)
    ends = np.sort(
        [
            float(full_loss(data, run.w[-1:], run.b[-1:])[0])
            for run in (train(data, each) for each in with_seeds(asked.train, seeds))
        ]
    )
    said = notes(shown("seeds", asked, seeds=seeds))
    spread = re.findall(r"The standard deviation of these losses is ([\d.]+)\.", said["ends"])
    assert spread == ([f"{statistics.stdev(ends):.2g}"] if seeds >= 6 else [])
    note = said["loss"]
    assert f"The median is {np.median(ends):.4f} at the end." in note
    found = re.findall(
        r"The true median lies between ([\d.]+) and ([\d.]+), with 95% confidence", note
    )
    if seeds < 6:
        assert not found
        assert "too few runs to say how sure the median is" in note
        return
    low, high = (int(np.argmin(np.abs(ends - float(end)))) for end in found[0])
    assert low == seeds - 1 - high
    # The median is below the k-th lowest where fewer than k coins fall on their heads.
    tails = [sum(math.comb(seeds, j) for j in range(k)) / 2**seeds for k in (low + 1, low + 2)]
    assert tails[0] <= 0.025 < tails[1]


def test_rounding_that_grows_is_not_called_equal_runs() -> None:
    chaos = TrainSettings(
        loss="bce", optimizer="sgd", lr=900.0, batch_size=100, epochs=300,
        shuffle="each_epoch", init_w=1.0, init_b=-1.0,
    )  # fmt: skip
    page = shown("seeds", Settings(train=chaos), seeds=10)
    run, other = (train(make_dataset(), replace(chaos, seed=seed)) for seed in (42, 43))
    same = bool(np.allclose(run.w, other.w, rtol=1e-9))
    assert ("runs are the same" in page.words[0]) == same
    assert ("changes nothing but rounding" in page.words[0]) == (not same)


@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_laws_of_random_minibatches_are_told_of_those_alone(shuffle: str) -> None:
    settings = replace(SWEEP, train=replace(SWEEP.train, shuffle=shuffle, loss="bce"))
    page = shown_of(finished(settings, SweepSettings(across_count=5, up_count=6)), "viridis")
    is_random = shuffle in ("each_epoch", "replacement")
    assert ("Critical batch size" in page.board.metrics) == is_random
    fitted = [trace for trace in drawn(page, "curve") if trace["name"] == "law 6, fitted"]
    assert is_random or not fitted
    for law in page.laws:
        if law.name[0] in "56":
            assert ("drawn at random" in law.not_here) == (not is_random)
            assert is_random or np.isnan([law.predicted, law.measured]).all()
    assert is_random == ("Law 6 does not apply here, because it is" not in notes(page)["curve"])


def test_the_fit_of_law_6_leaves_out_what_may_be_better_beyond_the_grid() -> None:
    grid = SweepSettings(across_count=8, up_to=8.0, up_count=8)
    swept = finished(replace(SWEEP, train=replace(SWEEP.train, loss="bce")), grid)
    steps = medians(swept.kept["target_step"])
    rows, reached = np.argmin(steps, axis=0), np.isfinite(steps).any(axis=0)
    inside = reached & (rows > 0) & (rows < len(swept.up) - 1)
    assert 3 <= inside.sum() < reached.sum()
    page = shown_of(swept, "viridis")
    (dots,) = [trace for trace in drawn(page, "curve") if trace["name"] == "measured"]
    hollow = [symbol == "circle-open" for symbol in dots["marker"]["symbol"]]
    assert hollow == [not each for each in inside[reached]]
    fit = fit_tradeoff(np.array(swept.across)[inside], steps.min(axis=0)[inside])
    line = [trace for trace in drawn(page, "curve") if trace["name"] == "law 6, fitted"]
    assert (fit is not None) == bool(line)
    if fit is not None:
        sizes = np.array(swept.across)[reached]
        assert line[0]["y"][[0, -1]] == pytest.approx(fit.steps(sizes[[0, -1]]), rel=1e-5)
    count = int((~inside[reached]).sum())
    assert f"For {count} of {reached.sum()} batch sizes, drawn hollow" in notes(page)["curve"]


@pytest.mark.parametrize("change", [{"optimizer": "adam"}, {"weight_decay": 0.1}])
def test_b_noise_is_not_told_of_steps_that_are_not_its(change: dict[str, Any]) -> None:
    settings = replace(SWEEP.train, **change)
    runs = [(train(make_dataset(), settings), 20.0)]
    found = laws.critical_batch_size(make_dataset(), runs, 5.0, 1.0)
    assert found.not_here.startswith("B_noise is about")
    runs = [(train(make_dataset(), SWEEP.train), 20.0)]
    found = laws.critical_batch_size(make_dataset(), runs, 5.0, 1.0)
    assert not found.not_here.startswith("B_noise is about")


@pytest.mark.parametrize("loss", LOSSES)
def test_what_a_loss_can_be_is_what_torch_gives(loss: str) -> None:
    z = torch.linspace(-60.0, 60.0, 2001, dtype=torch.float64)
    values = torch.stack(
        [
            torch_loss(loss, each[None], torch.tensor([y], dtype=z.dtype))
            for each in z
            for y in (0.0, 1.0)
        ]
    )
    record = LOSSES[loss]
    assert float(values.min()) == pytest.approx(record.lowest, abs=1e-9)
    if math.isinf(record.highest):
        assert float(values.max()) > 50.0
    else:
        assert float(values.max()) == pytest.approx(record.highest, abs=1e-9)


@trials(max_examples=60)
@given(
    st.sampled_from([*LOSSES]),
    st.floats(1e-6, 1000.0),
    st.sampled_from([(1.0, -1.0), (-3.0, 2.0), (6.0, 0.83), (1000.0, 0.0)]),
    st.sampled_from([1, 7, 61]),
    st.booleans(),
)
def test_one_step_predicts_no_loss_that_cannot_be(
    loss: str, lr: float, at: tuple[float, float], size: int, replacement: bool
) -> None:
    settings = Settings(DataSettings(n=61), TrainSettings(optimizer="sgd", loss=loss, lr=lr,
                                                          batch_size=size))  # fmt: skip
    page = shown(
        "gradient_noise",
        settings,
        surfaces=SurfaceSettings(replacement=replacement),
        point_w=at[0],
        point_b=at[1],
    )
    words = said(texts_of(page)).replace(plain(lr), "")
    assert not re.search(r"\.0*[1-9]\d{6,}", words)  # more digits than anyone reads
    data, record = make_dataset(settings.data), LOSSES[loss]
    here = float(full_loss(data, np.array(at[:1]), np.array(at[1:]), loss)[0])
    predicted = gradient_noise(data, *at, loss).loss_after_step(here, lr, size, replacement)
    (law,) = [law for law in page.laws if law.name == "6. One step of SGD"]
    can_be = record.lowest <= predicted <= record.highest
    assert ("too long a step for this law" in law.not_here) == (not can_be)
    for told, end in re.findall(r"a loss of (\S+), but .* is never (.*)$", law.not_here):
        (value,), (limit,) = numbers_in(told), numbers_in(end)
        assert (value > limit) if end.startswith("above") else (value < limit)
        assert value == pytest.approx(predicted, rel=1e-3)
        assert limit == pytest.approx(record.highest if value > limit else record.lowest, rel=1e-3)
    for trace in drawn(page, "step")[:2]:
        lines = trace["y"][~np.isnan(trace["y"])]
        assert ((lines >= record.lowest - 1e-6) & (lines <= record.highest + 1e-6)).all()
    assert "for ever" not in notes(page)["step"]


def test_approximate_laws_are_judged_by_a_share_and_exact_ones_by_standard_errors() -> None:
    findings = [
        *shown("gradient_noise").laws,
        *shown("order_matters").laws,
        *shown("minibatch_surfaces").laws,
        *shown_of(finished(SWEEP, SweepSettings()), "viridis").laws,
    ]
    numbers = {law.name.split(".")[0] for law in findings}
    assert numbers >= {"1", "2", "3", "4", "5", "6", "7", "8", "9", "11", "12"}
    for law in findings:
        number = int(law.name.split(".")[0])
        is_exact = number in (1, 2, 3, 4, 8, 12) or law.name in (
            "5. Gradient noise scale",
            "9. Shuffling: none",
            "9. Shuffling: once",
        )
        if law.not_here:
            continue
        assert law.is_approximate == (not is_exact), law.name
        cells = _row(law)
        assert ("approximate law" in cells[3]) == law.is_approximate
        assert "SE" not in cells[3] or is_exact or "within" in cells[3]
        assert law.note[0].isupper()
        assert law.note.endswith(".")


def test_whole_numbers_are_written_as_such() -> None:
    settings = Settings(DataSettings(n=10_000), TrainSettings(batch_size=1, epochs=2))
    cells = _row(laws.epoch_steps(settings, 20_000.0))
    assert cells[1:3] == ["10,000", "10,000"]


@trials(max_examples=25)
@given(
    any_runs(),
    st.lists(st.sampled_from([*OPTIMIZERS]), min_size=1, max_size=4, unique=True),
    st.sampled_from([1e-6, 0.1, 30.0]),
)
def test_a_winner_is_named_with_what_it_won_with(
    asked: Settings, optimizers: list[str], adaptive_lr: float
) -> None:
    free = replace(asked.train, init_w=None, init_b=None, optimizer="sgd")
    page = shown(
        "optimizers",
        replace(asked, train=free),
        optimizers=tuple(optimizers),
        adaptive_lr=adaptive_lr,
    )
    words, note = said(texts_of(page)), notes(page)["loss"]
    is_won = "Lowest at the end" in note and "to all digits shown" not in note
    assert is_won == ("with these learning rates" in note)
    assert is_won <= (len(optimizers) > 1)
    named = "the lowest loss at the end is that of" in words
    assert named == ("All this is about these learning rates" in words)
    ends = [(numbers_in(value) or [np.nan])[0] for value in page.board.metrics.values()]
    if "Lowest at the end" in note:
        assert ("to all digits shown" in note) == (ends.count(np.nanmin(ends)) > 1)
    if is_won:
        (lowest,) = re.findall(r"Lowest at the end: [^,]+, (\S+)\. ", note)
        assert numbers_in(lowest) == [np.nanmin(ends)]


@trials(max_examples=40)
@given(any_runs(), st.sampled_from([*UNITS]), st.sampled_from([0, 1, 80]), st.data())
def test_a_sweep_says_what_it_does_in_sentences(
    asked: Settings, unit: str, cost: int, data: st.DataObject
) -> None:
    across, up = data.draw(
        st.sampled_from([("batch_size", "lr"), ("epochs", "lr"), ("lr", "epochs"),
                         ("optimizer", "noise"), ("shuffle", "batch_size")])
    )  # fmt: skip
    few: dict[str, Any] = {
        "across_count": 2,
        "up_count": 2,
        "across_to": 2.0 if across == "epochs" else None,
    }
    few |= {"across_from": 1.0 if across == "epochs" else None}
    few |= {"up_from": 1.0, "up_to": 2.0} if up == "epochs" else {}
    runs = data.draw(st.sampled_from([1, 2, 10]))
    grid = SweepSettings(across=across, up=up, runs=runs, **few)
    settings = replace(asked, train=replace(asked.train, epochs=min(2, asked.train.epochs)))
    swept = finished(settings, grid, Budget(unit, cost))
    page = shown_of(swept, "viridis")
    words = said([*texts_of(page), said_of_budget(swept)])
    assert not re.search(r"(?<!\d)0 units more", words)
    assert "1 epoch have" not in words
    for law in page.laws:
        assert bool(law.not_here) == bool(np.isnan(law.predicted)), law
        if law.name == laws.BEST_RATE and "batch sizes that divide" in law.not_here:
            assert sum(asked.data.n % size == 0 for size in swept.across) < 3
        elif law.name == laws.BEST_RATE and law.not_here:
            assert unit == "steps" or (unit == "time" and cost > 0)
    if runs == 1:
        assert "The median of the cell" not in words
    if "Dots: " in notes(page)["loss"]:
        (count,) = re.findall(r"Dots: (?:the )?(\d+) cells", notes(page)["loss"])
        dots = [trace for trace in drawn(page, "loss") if trace.get("mode") == "markers"]
        assert int(count) == len(dots[0]["x"])


@pytest.mark.parametrize("cost", [0, 1, 80])
def test_the_model_of_time_is_said_in_whole_sentences(cost: int) -> None:
    text = said([time_model(Budget("time", cost))])
    assert ("A step takes no time besides" in text) == (cost == 0)
    assert (f"takes {cost} + B units" in text) == (cost > 0)
