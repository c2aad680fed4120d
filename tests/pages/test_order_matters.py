"""Order matters: a student can say why one shuffles, and every sentence holds at every setting."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st
from numpy.typing import NDArray

from dashboard.shell.layout import Shown
from dashboard.shell.page import TABLES
from dashboard.shell.registry import PAGES
from minibatch_core import (
    Dataset,
    DataSettings,
    Minimum,
    Settings,
    TrainSettings,
    find_minimum,
    full_loss,
    jitter_found,
    jitter_of_runs,
    loss_surface,
    make_batches,
    make_dataset,
    trace_spectrum,
    train,
    train_torch,
)
from minibatch_core.arrays import standard_error
from minibatch_core.engine.learning_rates import learning_rates
from minibatch_core.engine.training import train_with_rates
from minibatch_core.schedules import SCHEDULES
from minibatch_core.settings.train import SHUFFLES
from minibatch_core.storage import STORAGE
from minibatch_core.theory import laws
from minibatch_core.theory.laws import Finding
from minibatch_core.theory.orders import distances_by_epoch, last_epochs, loop_of
from minibatch_core.words import rounded
from pages.order_matters import _compared
from tests.support.computed import computed, shown
from tests.support.filled import filled
from tests.support.opened import open_page, texts
from tests.support.said import numbers_in

PAGE = PAGES["order_matters"]


def settings_of(data: dict[str, Any], training: dict[str, Any]) -> Settings:
    return Settings(replace(PAGE.settings.data, **data), replace(PAGE.settings.train, **training))


def page(stored: str = "class", seed: int = 1, n: int = 500, **training: Any) -> Shown:
    data = {"stored": stored, "seed": seed, "n": n}
    return shown("order_matters", settings_of(data, training))


def heights(lab: Shown) -> dict[str, list[float]]:
    """The page's four numbers, each with its standard error if it has one."""
    return {label.split(", ")[1]: numbers_in(text) for label, text in lab.board.metrics.items()}


def note(lab: Shown, chart: str) -> str:
    (found,) = [each.note for each in lab.board.charts if each.name == chart]
    return found


def medians(lab: Shown) -> dict[str, float]:
    """The page's median distances to the minimum."""
    listed = note(lab, "distances").split(" seeds: ")[1].removesuffix(".")
    return {each.split(" ")[0]: numbers_in(each)[0] for each in listed.split(", ")}


def word(lab: Shown, title: str) -> str:
    found = [each for each in lab.words if each.startswith(f"**{title}")]
    return found[0] if found else ""


# Why one shuffles.

DEGREES = "(not clearly worse|about as good|(?:a little |far )?(?:better|worse))"


def degrees(why: str) -> dict[str, str]:
    """How *None* and *Once* are said to compare with *Each epoch*; not *Once* in one epoch."""
    if "neither *None* nor *Once* is clearly worse than *Each epoch*" in why:
        return dict.fromkeys(("none", "once"), "not clearly worse")
    both = re.findall(
        rf"\*None\* and \*Once\* are both {DEGREES} (?:than|as) \*Each epoch\*\.", why
    )
    if both:
        return dict.fromkeys(("none", "once"), both[0])
    (none,) = re.findall(rf"(?:Here|So far) \*None\* is {DEGREES} (?:than|as) \*Each epoch\*", why)
    once = re.findall(rf"and \*Once\* is {DEGREES}\.", why)
    return {"none": none} | ({"once": once[0]} if once else {})


SEEDS = range(1, 9)


@pytest.mark.parametrize("seed", SEEDS)
def test_sorted_points_need_shuffling_and_points_as_drawn_do_not(seed: int) -> None:
    for stored, by_class in (("class", True), ("x", False)):
        lab = page(stored, seed)
        high, far = heights(lab), medians(lab)
        assert high["none"][0] > (10.0 if by_class else 2.5) * high["each epoch"][0]
        assert far["none"] > (4.0 if by_class else 1.5) * far["each"]
        why = word(lab, "Why shuffle?")
        assert degrees(why)["none"] in (("far worse",) if by_class else ("worse", "far worse"))
        assert "The points are stored sorted" in why
    lab = page("drawn", seed)
    high, far = heights(lab), medians(lab)
    assert high["none"][0] < 1.5 * high["each epoch"][0]
    assert far["none"] < 1.5 * far["each"]
    why = word(lab, "Why shuffle?")
    assert degrees(why)["none"] not in ("worse", "far worse")
    assert re.search("random order already|one random order among many|a good one|Fixed", why)


@pytest.mark.parametrize("stored", ["drawn", "x", "class"])
def test_runs_shuffled_each_epoch_are_said_to_be_closer_where_law_8_has_them_so(
    stored: str,
) -> None:
    lab = page(stored)
    (law,) = [each for each in lab.laws if each.name.startswith("8")]
    assert law.measured < 0.4 * law.predicted
    assert "pulled back by the others of its epoch" in word(lab, "Loops")
    assert "not bring runs clearly closer" not in word(lab, "Loops")


def test_the_same_orders_with_other_seeds_are_hardly_ever_clearly_different() -> None:
    draw = np.random.default_rng(3)
    found = {1.0: 0, 20.0: 0}
    for times in found:
        for _ in range(2000):
            one, other = draw.lognormal(0.0, 1.0, (2, 16))
            means = [(each.mean(), standard_error(each)) for each in (one, times * other)]
            found[times] += _compared(*means) != "not clearly different"
    assert found[1.0] < 5
    assert found[20.0] > 1800


def test_one_control_of_the_opening_tells_it() -> None:
    assert PAGE.settings.data.stored == "class"
    test = open_page("order_matters")
    sorted_words = [each for each in texts(test) if "Why shuffle?" in each]
    assert degrees(sorted_words[0])["none"] == "far worse"
    test.selectbox(key=PAGE.key("sort")).set_value("drawn").run()
    drawn_words = [each for each in texts(test) if "Why shuffle?" in each]
    assert "worse" not in degrees(drawn_words[0])["none"].replace("not clearly worse", "")
    test = open_page("order_matters", sort_order_matters="Sorted by x")
    by_x_words = [each for each in texts(test) if "Why shuffle?" in each]
    assert "from the smallest x to the largest" in by_x_words[0]


def test_the_playground_has_a_control_for_every_setting_of_a_run_that_is_opened_there() -> None:
    keys = {setting.key for part in ("data", "train") for setting in TABLES[part].values()}
    assert "sort" in keys
    assert keys <= PAGES["playground"].controls


@pytest.mark.parametrize("stored", STORAGE)
def test_the_playground_shows_points_in_the_order_in_which_they_are_stored(stored: str) -> None:
    settings = Settings(DataSettings(n=700, stored=stored))
    played = filled(computed("playground", settings).board.payload)["player"]
    data = make_dataset(settings.data)
    np.testing.assert_allclose(played["x"], data.x, rtol=0, atol=1e-15)
    assert played["y"] == data.y.tolist()


@pytest.mark.parametrize("stored", STORAGE)
def test_the_opening_is_no_lucky_or_unlucky_one(stored: str) -> None:
    by_chance = [law for law in page(stored).laws if law.error and not law.is_bound]
    assert len(by_chance) == 3
    assert all(abs(law.measured - law.predicted) < 1.5 * law.error for law in by_chance)


def test_a_circling_run_is_seen_to_circle_within_the_epoch() -> None:
    lab = page("class")
    charts = {chart.name: chart.figure for chart in lab.board.charts}
    none = charts["within"]["data"][0]
    x, y = none["x"].astype(np.float64), none["y"].astype(np.float64)
    assert (x[0], x[-1], len(x)) == (97.0, 100.0, 76)
    np.testing.assert_allclose(y[:51], y[25:], rtol=1e-4)  # the same in every epoch
    assert y.max() > 5.0 * y.min()
    loop = charts["loops"]["data"][0]
    np.testing.assert_allclose(loop["x"][:51], loop["x"][25:], rtol=1e-4)
    run = train(make_dataset(PAGE.settings.data), PAGE.settings.train)
    np.testing.assert_allclose(loop["y"], run.w[-76:], rtol=1e-6)


def test_an_axis_that_counts_epochs_has_a_hover_that_does() -> None:
    charts = {chart.name: chart.figure for chart in page("class").board.charts}
    for trace in charts["distances"]["data"]:
        assert trace["hovertemplate"].startswith("epoch %{x}: ")
    assert charts["distances"]["layout"]["xaxis"]["title"]["text"] == "epoch"
    assert charts["distances"]["data"][0]["x"][[0, -1]].tolist() == [1, 100]
    for chart in ("w", "b"):
        assert charts[chart]["layout"]["xaxis"]["title"]["text"] == "step"
        assert charts[chart]["data"][0]["hovertemplate"].startswith("step %{x}: ")


# The numbers, by PyTorch.


def by_torch(settings: Settings, minimum: Minimum) -> tuple[float, float]:
    """The mean loss above the minimum over the last ten epochs, and the median distance."""
    data = make_dataset(settings.data)
    run = train_torch(data, settings.train, device="cpu", dtype="float64")
    period, x, y = run.batches.steps_per_epoch, torch.tensor(data.x), torch.tensor(data.y)
    losses = [
        torch.nn.functional.binary_cross_entropy_with_logits(w * x + b, y).item()
        for w, b in zip(run.w[-10 * period :], run.b[-10 * period :], strict=True)
    ]
    far = np.hypot(run.w - minimum.w, run.b - minimum.b)[len(run) // 2 + 1 :]
    return float(np.mean(losses)) - minimum.loss, float(np.median(far))


@pytest.mark.parametrize("schedule", ["constant", "step"])
@pytest.mark.parametrize("stored", STORAGE)
def test_the_numbers_are_those_of_pytorch(stored: str, schedule: str) -> None:
    settings = settings_of(
        {"n": 61, "noise": 0.3, "stored": stored},
        {"batch_size": 20, "epochs": 30, "schedule": schedule},
    )
    lab = shown("order_matters", settings)
    minimum = find_minimum(make_dataset(settings.data), "bce")
    assert minimum is not None
    start = train(make_dataset(settings.data), settings.train)
    found = {}
    for shuffle, count in (("none", 1), ("once", 16), ("replacement", 16)):
        runs = [
            by_torch(
                replace(
                    settings,
                    train=replace(
                        settings.train,
                        shuffle=shuffle,
                        seed=settings.train.seed + k,
                        init_w=float(start.w[0]),
                        init_b=float(start.b[0]),
                    ),
                ),
                minimum,
            )
            for k in range(count)
        ]
        found[shuffle] = np.array(runs)
    high, far = heights(lab), medians(lab)
    for shuffle, values in found.items():
        height, distance = values.mean(axis=0)
        assert high[shuffle][0] == pytest.approx(height, rel=0.06)  # two digits are shown
        assert far[shuffle] == pytest.approx(distance, rel=0.06)
        if len(values) > 1:
            error = values[:, 0].std(ddof=1) / np.sqrt(len(values))
            assert high[shuffle][1] == pytest.approx(error, rel=0.5)  # one digit is shown
    assert len(high["none"]) == 1


def test_a_schedule_kills_the_floor_that_is_proportional_to_lr_by_b() -> None:
    training: dict[str, Any] = {
        "n": 100,
        "seed": 1,
        "stored": "drawn",
        "batch_size": 10,
        "epochs": 200,
    }
    floors = {
        (schedule, size): heights(page(**(training | {"batch_size": size}), schedule=schedule))[
            "replacement"
        ]
        for schedule, size in (("constant", 10), ("cosine", 10), ("constant", 40))
    }
    constant, cosine, larger = (each[0] for each in floors.values())
    assert cosine < constant / 5.0
    assert larger == pytest.approx(constant / 4.0, rel=0.35)
    said = word(page(**training, schedule="cosine"), "Schedule")
    assert "With the schedule the loss is lower. With replacement the pulls of" in said
    assert numbers_in(said.split("*Replacement* ends")[1])[::2][:2] == [cosine, constant]


# The short last minibatch.


def by_plain_steps(
    data: Dataset, settings: TrainSettings, in_proportion: bool
) -> NDArray[np.float64]:
    """(w, b) after each step of SGD on BCE, by autograd; a short step in proportion or not."""
    x, y = torch.tensor(data.x), torch.tensor(data.y)
    at = torch.tensor([settings.init_w, settings.init_b], dtype=torch.float64, requires_grad=True)
    path = [at.detach().numpy().copy()]
    for batch in make_batches(len(data), settings):
        points = torch.tensor(batch.astype(np.int64))
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            at[0] * x[points] + at[1], y[points]
        )
        (slope,) = torch.autograd.grad(loss, at)
        share = len(batch) / settings.batch_size if in_proportion else 1.0
        with torch.no_grad():
            at -= settings.lr * share * slope
        path.append(at.detach().numpy().copy())
    return np.array(path)


def test_a_step_in_proportion_is_that_of_autograd() -> None:
    data = make_dataset(DataSettings(n=61, noise=0.3, seed=9))
    settings = TrainSettings(
        loss="bce", optimizer="sgd", lr=0.5, batch_size=60, epochs=20, shuffle="each_epoch",
        init_w=0.3, init_b=-0.2,
    )  # fmt: skip
    rates = np.tile([0.5, 0.5 / 60.0], 20)
    run = train_with_rates(data, settings, rates)
    expected = by_plain_steps(data, settings, in_proportion=True)
    np.testing.assert_allclose(np.column_stack([run.w, run.b]), expected, atol=1e-10)
    usual = by_plain_steps(data, settings, in_proportion=False)
    assert np.abs(usual - expected).max() > 0.1
    with pytest.raises(ValueError, match=r"rates should have shape \(40,\), but got \(39,\)"):
        train_with_rates(data, settings, rates[1:])


@pytest.mark.parametrize("batch_size", [80, 40, 30, 48])
def test_what_brings_back_a_short_minibatch_is_as_derived(batch_size: int) -> None:
    # With r points left, an epoch's errors sum to the r points' own, times 1/r - 1/B as it is and
    # 1/B without them: dropping helps by (r / (B - r))^2, so it helps where r is below B/2.
    data = make_dataset(DataSettings(n=100, noise=0.2, seed=2))
    minimum = find_minimum(data, "bce")
    assert minimum is not None
    usual, dropped, short = (
        jitter_found(data, minimum, "bce", "each_epoch", 0.02, batch_size, drop, proportional)
        for drop, proportional in ((False, False), (True, False), (False, True))
    )
    left = 100 % batch_size
    expected = (left / (batch_size - left)) ** 2
    # As many points a step, but B/100 or so as many steps an epoch.
    error = np.hypot(usual[1] / usual[0], dropped[1] / dropped[0])
    assert dropped[0] / usual[0] == pytest.approx(expected, rel=0.3 + 4.0 * error)
    assert short[0] < usual[0] / 20.0


def test_law_7_holds_where_the_last_batch_is_dropped() -> None:
    data = make_dataset(DataSettings(n=60, noise=0.2, seed=4))
    minimum = find_minimum(data, "bce")
    assert minimum is not None
    for size in (59, 25):
        predicted = jitter_of_runs(data, minimum, "bce", 0.2, size, drop_last=True)
        found, error = jitter_found(data, minimum, "bce", "replacement", 0.2, size, drop_last=True)
        assert found == pytest.approx(predicted, abs=4 * error, rel=0.05)
        kept = jitter_of_runs(data, minimum, "bce", 0.2, size)
        assert predicted < kept


def test_the_short_minibatch_is_told_with_numbers_that_hold() -> None:
    settings = settings_of(
        {"n": 61, "noise": 0.3, "seed": 9, "stored": "drawn"}, {"batch_size": 60, "lr": 0.1}
    )
    said = word(shown("order_matters", settings), "Short last minibatch")
    data = make_dataset(settings.data)
    minimum = find_minimum(data, "bce")
    assert minimum is not None
    assert "has 1 point, but takes a full step" in said
    assert "this point counts 60 times as much" in said
    told = numbers_in(said.split("minimum of")[1])
    usual, dropped, short = (
        jitter_found(data, minimum, "bce", "each_epoch", 0.1, 60, drop, proportional)[0]
        for drop, proportional in ((False, False), (True, False), (False, True))
    )
    assert [told[0], told[2], told[6]] == [
        pytest.approx(value, rel=0.06) for value in (usual, dropped, short)
    ]
    assert said.count("(smaller)") == 2
    # 20 of 30 points left: nothing is gained by dropping them.
    most = word(page("drawn", n=80, batch_size=30, lr=0.1), "Short last minibatch")
    assert re.search(r"\*Drop the last short batch\* it is [^(]*\(larger\)", most)


# How long the runs are that start at the minimum.


def each_epoch_by_plain_steps(
    data: Dataset, minimum: Minimum, loss: str, lr: float, batch_size: int, epochs: int
) -> NDArray[np.float64]:
    """Mean squared distance to the minimum at epoch ends, over 16 runs: (epochs,)."""
    runs, draw = 16, np.random.default_rng(8)
    w, b, far = np.full(runs, minimum.w), np.full(runs, minimum.b), []
    for _ in range(epochs):
        order = draw.permuted(np.tile(np.arange(len(data)), (runs, 1)), axis=1)
        for first in range(0, len(data), batch_size):
            points = order[:, first : first + batch_size]
            x, y = data.x[points], data.y[points]
            p = 1.0 / (1.0 + np.exp(-(w[:, None] * x + b[:, None])))
            slope = p - y if loss == "bce" else (1.0 / (1.0 + np.exp(-p)) - y) * p * (1.0 - p)
            w, b = w - lr * (slope * x).mean(axis=1), b - lr * slope.mean(axis=1)
        far.append(((w - minimum.w) ** 2 + (b - minimum.b) ** 2).mean())
    return np.array(far)


def test_runs_that_have_not_settled_say_so_and_how_long_they_are() -> None:
    settings = settings_of(
        {"n": 60, "noise": 0.5, "seed": 7, "stored": "drawn"},
        {"batch_size": 20, "loss": "bce_with_logits_on_sigmoid", "lr": 2.0},
    )
    lab = shown("order_matters", settings)
    data = make_dataset(settings.data)
    minimum = find_minimum(data, settings.train.loss)
    assert minimum is not None
    far = each_epoch_by_plain_steps(data, minimum, settings.train.loss, 2.0, 20, 4000)
    told, longer = far[500:1000].mean(), far[2000:].mean()
    assert longer > 1.5 * told
    said = word(lab, "Loops.")
    assert "in the second half" not in said.partition("Both are")[0]
    assert numbers_in(said.partition("minimum is ")[2])[0] == pytest.approx(told, rel=0.1)
    not_settled = "They have not settled by then: longer runs can give other numbers."
    assert "over the second half of runs of 1,000 epochs that start at the minimum" in said
    assert not_settled in said
    assert "1,000 epochs. The runs have not settled by then." in note(lab, "floors")
    faster = shown("order_matters", replace(settings, train=replace(settings.train, lr=8.0)))
    assert "The runs with lr 2 and 4 have not settled by then." in note(faster, "floors")
    # At lr 8 the slowest direction has settled, but runs come to a plateau sooner or later.
    assert each_epoch_by_plain_steps(data, minimum, settings.train.loss, 8.0, 20, 4000)[-1] > 100.0
    said = word(faster, "Loops.")
    assert "a run need not stay close to the minimum, so longer runs can give other" in said
    (law,) = [law for law in lab.laws if law.name.startswith("8")]
    assert "runs of 1,000 epochs" in law.note
    assert not_settled in law.note


def test_runs_that_have_settled_are_as_far_from_the_minimum_as_longer_ones() -> None:
    settings = settings_of(
        {"n": 60, "noise": 0.5, "seed": 7, "stored": "drawn"},
        {"batch_size": 20, "loss": "bce", "lr": 0.1},
    )
    lab = shown("order_matters", settings)
    said = word(lab, "Loops.")
    (epochs,) = map(int, re.findall(r"runs of (\d+) epochs", said))
    assert not re.search("not settled|other numbers", said)
    data = make_dataset(settings.data)
    minimum = find_minimum(data, "bce")
    assert minimum is not None
    longer = each_epoch_by_plain_steps(data, minimum, "bce", 0.1, 20, 5 * epochs)[epochs:].mean()
    assert numbers_in(said.partition("minimum is ")[2])[0] == pytest.approx(longer, rel=0.15)


# At any setting.

ANY = trials(max_examples=40)


@st.composite
def any_settings(draw: st.DrawFn) -> Settings:
    n = draw(st.sampled_from([2, 3, 10, 61, 100, 300]) | st.integers(2, 300))
    data = {
        "n": n,
        "noise": draw(st.sampled_from([0.0, 0.1, 0.2, 0.5])),
        "seed": draw(st.integers(0, 20)),
        "stored": draw(st.sampled_from(list(STORAGE))),
    }
    training = {
        "batch_size": draw(st.sampled_from([1, n, max(1, n - 1), max(1, n // 3)])),
        "lr": draw(st.sampled_from([0.0, 5e-324, 1e-9, 0.01, 0.3, 1.0, 30.0, 1000.0])),
        "epochs": draw(st.sampled_from([1, 2, 3, 4, 20, 60])),
        "loss": draw(st.sampled_from(["mse", "bce", "bce_with_logits_on_sigmoid"])),
        "schedule": draw(st.sampled_from(list(SCHEDULES))),
        "drop_last": draw(st.booleans()),
        "seed": draw(st.integers(0, 99)),
    }
    return settings_of(data, training)


@ANY
@given(any_settings())
def test_every_sentence_holds_at_any_setting(settings: Settings) -> None:
    lab = shown("order_matters", settings)
    data, chosen = make_dataset(settings.data), settings.train
    minimum = find_minimum(data, chosen.loss)
    text = " ".join([*lab.words, *(chart.note for chart in lab.board.charts)])
    assert "nan" not in re.findall(r"\w+", text)
    assert len(lab.board.metrics) == len(SHUFFLES)
    batches = make_batches(len(data), chosen)
    n, size, period = len(data), chosen.batch_size, batches.steps_per_epoch
    if word(lab, "Why shuffle?"):
        assert minimum is not None
        check_why(lab, settings, minimum)
        check_loop(lab, settings)
    else:
        assert lab.warning is not None
    said = word(lab, "Short last minibatch")
    if n % size == 0:
        assert not said
    elif said and chosen.drop_last:
        left_out = set(range(n)) - set(batches.indices.tolist())
        assert f"leaves {len(left_out):,} point" in said
        assert ("in every epoch" in said) == (chosen.epochs > 1)
    elif said:
        last = len(batches[period - 1])
        assert f"an epoch has {last:,} point" in said
        assert f"counts {rounded(size / last, 3)} times" in said
    rates = learning_rates(chosen, len(batches))
    late = rates[len(rates) // 2 :]
    for law in lab.laws:
        if law.name in ("9. Shuffling: none", "9. Shuffling: once"):
            check_law_9(law, settings)
    has_law_9 = any(law.name.startswith("9") for law in lab.laws)
    if has_law_9 and chosen.lr > 0.0:
        assert np.ptp(late) <= 1e-9 * late.max()
    assert bool(word(lab, "Schedule")) == (
        chosen.schedule != "constant" and bool(word(lab, "Why shuffle?"))
    )


def check_why(lab: Shown, settings: Settings, minimum: Minimum) -> None:
    high, why = heights(lab), word(lab, "Why shuffle?")
    said, several = degrees(why), settings.train.epochs > 1
    assert ("once" in said) == several
    for shuffle, degree in said.items():
        check_degree(high[shuffle], high["each epoch"], degree)
    first = why.split(" with *None*")[0]
    told = re.findall(r"(?:ends |epoch\*, |and )(\S[^*]*?) (above|below) (?:the min|it)", first)
    signs = {"above": 1.0, "below": -1.0}
    assert [numbers_in(value)[0] * signs[side] for value, side in told] == [
        high[shuffle][0] for shuffle in ("each epoch", "once", "none")
    ]
    is_worse = {shuffle: degree.endswith("worse") and "not" not in degree
                for shuffle, degree in said.items()}  # fmt: skip
    once_is_worse = is_worse.get("once", False)
    is_drawn = settings.data.stored == "drawn"
    if "random order already" in why:
        assert is_drawn
        assert not is_worse["none"]
        assert not once_is_worse
    if "a good one" in why and "not a good one" not in why:
        assert high["none"][0] <= high["once"][0]  # it is better than other fixed orders
    if "happens to be a good one" in why:
        assert ("although it is sorted" in why) != is_drawn
        assert not is_worse["none"]
        assert once_is_worse
    if "Fixed orders do harm here, because" in why:
        assert is_worse["none"]
        assert once_is_worse
    if "not a good one" in why:
        assert is_drawn
        assert is_worse["none"]
        assert not once_is_worse
    if "stored sorted" in why:
        assert not is_drawn
        assert is_worse["none"]
    if "that need not do harm" in why:
        assert not is_drawn
        assert not is_worse["none"]
        assert not once_is_worse
    if once_is_worse and "this says little" not in why:
        assert "in every epoch" in why
    if settings.train.lr * minimum.sharpness >= 2.0:
        assert "above the limit of law 10" in why
    assert several or not re.search("in every epoch", why)
    assert ("their random orders differ" in why) != several
    check_whether_it_still_changes(why, settings)


def check_whether_it_still_changes(why: str, settings: Settings) -> None:
    """What is told of *None*, whose run is one, is what its quarters say."""
    run = train(make_dataset(settings.data), replace(settings.train, shuffle="none"))
    loss = full_loss(make_dataset(settings.data), run.w, run.b, run.settings.loss)[::-1]
    epochs, period = settings.train.epochs, run.batches.steps_per_epoch
    length = max(1, epochs // 4) * period if epochs > 1 else max(1, len(run) // 4)
    every = -(-length // 100)
    change = loss[:length:every].mean() - loss[length : 2 * length : every].mean()
    told = re.findall(r"(lower|higher)(?: than over [^,]* before)?, by (.*?)(?=, and |\. So)", why)
    assert ("the loss still changes" in why) == (len(told) > 1)
    assert not told or ("this says little" in why) != ("with more epochs this may change" in why)
    assert "So far" in why or not told
    for way, by in told:
        of_none = re.findall(r"(?:^|and |, )([^ ]+) with \*None\*", by)
        if of_none:
            assert (way == "lower") == (change < 0.0)
            assert numbers_in(of_none[0])[0] == pytest.approx(abs(change), rel=1e-3)


def mean_losses_by_plain_steps(settings: Settings, epochs: int) -> NDArray[np.float64]:
    """The mean BCE over each epoch's steps, of 16 runs shuffled each epoch: (epochs,)."""
    data, size, runs = make_dataset(settings.data), settings.train.batch_size, 16
    first = train(data, replace(settings.train, epochs=1))
    draw, w, b = np.random.default_rng(5), np.full(runs, first.w[0]), np.full(runs, first.b[0])
    found = []
    for _ in range(epochs):
        order = draw.permuted(np.tile(np.arange(len(data)), (runs, 1)), axis=1)
        losses = []
        for begin in range(0, len(data), size):
            points = order[:, begin : begin + size]
            x, y = data.x[points], data.y[points]
            slope = 1.0 / (1.0 + np.exp(-(w[:, None] * x + b[:, None]))) - y
            w = w - settings.train.lr * (slope * x).mean(axis=1)
            b = b - settings.train.lr * slope.mean(axis=1)
            losses.append(full_loss(data, w, b, "bce").mean())
        found.append(np.mean(losses))
    return np.array(found)


@pytest.mark.parametrize(
    ("training", "longer", "is_unfinished"),
    [
        ({"lr": 0.05, "batch_size": 100, "epochs": 20}, 60, True),
        ({"lr": 0.3, "batch_size": 100, "epochs": 40}, 120, True),
        ({"lr": 1.0, "batch_size": 20, "epochs": 100}, 200, False),
        ({"lr": 3.0, "batch_size": 50, "epochs": 100}, 200, False),
    ],
)
def test_a_loss_is_said_to_fall_still_where_longer_runs_end_lower(
    training: dict[str, Any], longer: int, is_unfinished: bool
) -> None:
    why = word(page("class", **training), "Why shuffle?")
    settings = settings_of({"stored": "class", "seed": 1, "n": 500}, training)
    losses, epochs = mean_losses_by_plain_steps(settings, longer), training["epochs"]
    assert ("the loss still falls: over the last" in why) == is_unfinished
    assert ("So far" in why) == is_unfinished
    minimum = find_minimum(make_dataset(settings.data), "bce")
    assert minimum is not None
    heights_then, heights_later = losses[epochs - 10 : epochs], losses[-10:]
    end, later = (each.mean() - minimum.loss for each in (heights_then, heights_later))
    assert (later < 0.8 * end) == is_unfinished
    if is_unfinished:
        third, last = losses[epochs // 2 : epochs].reshape(2, -1).mean(axis=1)
        told, error = numbers_in(why.partition(" before, by ")[2])[:2]
        assert told == pytest.approx(third - last, abs=5.0 * error, rel=1e-3)


def test_no_cause_is_given_for_what_may_change_with_more_epochs() -> None:
    for lr in (0.1, 1.0):
        why = word(page("drawn", n=100, batch_size=10, loss="mse", lr=lr), "Why shuffle?")
        assert "a good one" not in why
        assert "says little about what an order does in the end" in why
        is_alike = "*None* and *Once* are both about as good as *Each epoch*" in why
        assert is_alike == (lr == 0.1)


def check_degree(order: list[float], each: list[float], degree: str) -> None:
    """A word for how a loss compares with that of *Each epoch*; four digits of each are shown."""
    apart = order[0] - each[0]
    of_order, of_each = (values[1] if len(values) > 1 else 0.0 for values in (order, each))
    errors, size = 4.0 * np.hypot(of_order, of_each), max(abs(order[0]), abs(each[0]))
    rounding = 0.002 * size + 1e-8
    if degree == "about as good":
        assert abs(apart) + 0.3 * errors <= 0.02 * size + rounding
        return
    assert not abs(apart) + 0.75 * errors < 0.02 * size - rounding
    if degree == "not clearly worse":
        assert abs(apart) <= 1.25 * errors + rounding
        return
    is_better = degree.endswith("better")
    assert (apart < rounding) if is_better else (apart > -rounding)
    assert abs(apart) >= 0.8 * errors - rounding or are_many_times_apart(order, each)
    if min(order[0], each[0]) > 0.0:
        ratio = each[0] / order[0] if is_better else order[0] / each[0]
        how = degree.removesuffix("better").removesuffix("worse")
        low, top = {"a little ": (0.0, 1.51), "": (1.49, 5.05), "far ": (4.95, np.inf)}[how]
        assert low < ratio < top


def are_many_times_apart(one: list[float], other: list[float]) -> bool:
    """Whether two means differ by so many times that their errors do not explain it."""
    if min(one[0], other[0]) <= 0.0:
        return False
    of_one, of_other = (each[1] / each[0] if len(each) > 1 else 0.0 for each in (one, other))
    return bool(abs(np.log(one[0] / other[0])) > 3.5 * np.hypot(of_one, of_other))


def check_loop(lab: Shown, settings: Settings) -> None:
    said = word(lab, "Loops.")
    run = train(make_dataset(settings.data), replace(settings.train, shuffle="none"))
    period, path = run.batches.steps_per_epoch, np.column_stack([run.w, run.b])
    if settings.train.epochs < 3:
        assert "can be told after 3 epochs" in said
        return
    if (path[-period - 1 :] == path[-1]).all():
        assert "*None* does not move in its last epoch" in said
        return
    last, before = path[-period - 1 :], path[-2 * period - 1 : -period]
    away = np.hypot(*(last - last[0]).T)
    assert f"at most {rounded(away.max(), 3)} away from where the epoch began" in said
    end = re.findall(r"began, and ends ([^ ]+) from there\.", said)
    is_closed = away[-1] <= 1e-6 * away.max()
    assert end == [] if is_closed else [rounded(away[-1], 3)]
    assert ("began, and comes back to where it began." in said) == is_closed
    ways = [
        "ends in a repeating loop" in said,
        "At the end *None* repeats itself every" in said,
        "goes round almost the same way in each epoch" in said,
        "is not in a repeating loop at the end" in said,
    ]
    assert sum(ways) == 1
    moved = np.hypot(*(last - before).T).max()
    if ways[0]:
        assert moved < 0.0011 * away.max()
        assert away[-1] < 0.0011 * away.max()
    else:
        assert np.hypot(*(path[-2 * period - 1 :] - path[-3 * period - 1 : -period]).T).max() > (
            0.0009 * away.max()
        )


def check_law_9(law: Finding, settings: Settings) -> None:
    """An order that repeats: told of runs whose loss is the same in every epoch, and true there."""
    shuffle = law.name.removeprefix("9. Shuffling: ")
    run = train(make_dataset(settings.data), replace(settings.train, shuffle=shuffle))
    period = run.batches.steps_per_epoch
    epochs = run.batch_loss[: len(run) // period * period].reshape(-1, period)
    late = epochs[len(epochs) // 2 :]
    changes = late.std(axis=0).max()
    if law.not_here:
        assert np.ptp(epochs, axis=0).max() > 0.01 * late.std()
    else:
        assert changes < 0.04 * np.sqrt(late.size) * late.std()
        assert law.predicted == 1.0
        assert law.measured > 0.99


@trials(max_examples=60)
@given(any_settings(), st.sampled_from(["none", "once"]))
def test_law_9_is_told_of_a_fixed_order_only_where_almost_all_swings_repeat(
    settings: Settings, shuffle: str
) -> None:
    data = make_dataset(settings.data)
    run = train(data, replace(settings.train, shuffle=shuffle, schedule="constant"))
    spectrum = trace_spectrum(run.batch_loss, run.batches.steps_per_epoch)
    if spectrum is not None:
        law = laws.period_of_an_order(spectrum, run, data)
        assert law.not_here or law.measured > 0.99


@pytest.mark.parametrize(
    ("data", "training"),
    [
        (
            {"n": 100, "noise": 0.5, "stored": "drawn"},
            {"batch_size": 50, "epochs": 20, "lr": 6.2, "loss": "mse", "seed": 66},
        ),
        (
            {"n": 10, "noise": 0.25},
            {"batch_size": 3, "epochs": 15, "lr": 1000.0, "drop_last": True, "seed": 95},
        ),
    ],
)
def test_law_9_is_not_told_of_a_run_that_comes_to_its_loop_in_its_last_epochs(
    data: dict[str, Any], training: dict[str, Any]
) -> None:
    settings = settings_of(data, training)
    lab = shown("order_matters", settings)
    (none,) = [law for law in lab.laws if law.name == "9. Shuffling: none"]
    assert "differs from epoch to epoch by more than 3% of its swings" in none.not_here
    assert loop_of(train(make_dataset(settings.data), settings.train)).epochs == 1


@pytest.mark.parametrize(
    ("data", "training", "every"),
    [
        ({"n": 10, "noise": 0.5}, {"batch_size": 5, "lr": 4.0}, 2),
        ({"n": 10, "noise": 0.5, "stored": "drawn"}, {"batch_size": 5, "lr": 3.0}, None),
        ({}, {"lr": 100.0}, 2),
        ({}, {"lr": 200.0}, 3),
        ({}, {}, 1),
        ({}, {"lr": 0.1}, None),
        ({}, {"lr": 0.0}, 1),
    ],
)
def test_law_9_is_told_of_an_order_that_brings_the_same_loop_in_every_epoch(
    data: dict[str, Any], training: dict[str, Any], every: int | None
) -> None:
    settings = settings_of(data, training)
    of_orders = [
        law
        for law in shown("order_matters", settings).laws
        if law.name in ("9. Shuffling: none", "9. Shuffling: once")
    ]
    assert of_orders
    for law in of_orders:
        check_law_9(law, settings)
        assert law.formula == "share of the power of the loss's swings that repeats in every epoch"
    none = next(law for law in of_orders if law.name.endswith("none"))
    if every is not None:
        assert bool(none.not_here) == (every != 1)
        assert (f"comes back only every {every} epochs" in none.not_here) == (every > 1)
        assert (not none.not_here) == ("by less than 3% of its swings" in none.note)


@pytest.mark.parametrize(
    ("data", "training", "every"),
    [
        ({}, {}, 1),
        ({}, {"lr": 100.0}, 2),
        ({}, {"lr": 200.0}, 3),
        ({"n": 100}, {"loss": "mse", "lr": 5.0}, None),
        ({"n": 10, "noise": 0.3}, {"loss": "mse", "batch_size": 2}, None),
        ({}, {"epochs": 3}, None),
    ],
)
def test_a_loop_is_one_where_torch_comes_back_and_else_the_page_says_how_far_it_moves(
    data: dict[str, Any], training: dict[str, Any], every: int | None
) -> None:
    settings = settings_of(data, training)
    said = word(shown("order_matters", settings), "Loops.")
    run = train_torch(make_dataset(settings.data), replace(settings.train, shuffle="none"))
    period, path = run.batches.steps_per_epoch, np.column_stack([run.w, run.b])
    ends = path[::period]
    size = np.hypot(*(path[-period - 1 :] - path[-period - 1]).T).max()
    assert ("ends in a repeating loop" in said) == (every == 1)
    assert (f"repeats itself every {every} epochs" in said) == (every in (2, 3))
    if every is None:
        assert np.hypot(*(ends[-1] - ends[-2])) > 0.001 * size
        for moved in re.findall(r"moves: by up to ([\d.]+) an epoch", said):
            assert float(moved) == pytest.approx(np.hypot(*(ends[-1] - ends[-2])), rel=0.2)
    else:
        assert np.hypot(*(ends[-1] - ends[-1 - every])) < 0.001 * size
        assert all(np.hypot(*(ends[-1] - ends[-1 - k])) > 0.01 * size for k in range(1, every))


def test_one_order_may_rise_while_others_fall() -> None:
    why = word(shown("order_matters", settings_of({}, {"epochs": 1})), "Why shuffle?")
    assert "But the loss still changes: over the last 6 steps its mean is lower than over" in why
    assert re.search(
        r"with \*Each epoch\* and .* with \*Once\*, and higher, by .* with \*None\*", why
    )


@pytest.mark.parametrize(
    ("data", "training"),
    [
        ({}, {"lr": 100.0}),
        ({}, {"lr": 20.0, "schedule": "one_cycle"}),
        ({"n": 100, "noise": 0.5}, {"lr": 1000.0}),
    ],
)
def test_law_8_says_nothing_above_the_limit_of_law_10(
    data: dict[str, Any], training: dict[str, Any]
) -> None:
    settings = settings_of(data, training)
    minimum = find_minimum(make_dataset(settings.data), settings.train.loss)
    assert minimum is not None
    assert settings.train.lr * minimum.sharpness > 2.0
    (law,) = [each for each in shown("order_matters", settings).laws if each.name.startswith("8")]
    assert "above the limit of law 10" in law.not_here


def test_law_8_shows_the_error_of_its_bound() -> None:
    (law,) = [each for each in page().laws if each.name.startswith("8")]
    settings = settings_of({"seed": 1}, {})
    data = make_dataset(settings.data)
    minimum = find_minimum(data, "bce")
    assert minimum is not None
    drawn = jitter_found(data, minimum, "bce", "replacement", 1.0, 20)
    assert (law.predicted, law.predicted_error) == drawn
    assert " ± " in law.apart


def test_what_is_averaged_is_every_step_where_that_can_be_done() -> None:
    for n, size, epochs, expected in (
        (500, 20, 100, (10, 1)),
        (60, 7, 5, (2, 1)),
        (10_000, 1, 2, (1, 100)),
    ):
        settings = TrainSettings(optimizer="sgd", batch_size=size, epochs=epochs)
        run = train(make_dataset(DataSettings(n=n)), settings)
        steps, lasting, every = last_epochs(n, run)
        assert (lasting, every) == expected
        period = run.batches.steps_per_epoch
        assert len(steps) == -(-lasting * period // every)
        assert steps[0] == len(run) - lasting * period + 1
        assert every > 1 or steps[-1] == len(run)


def test_the_mean_over_an_epoch_is_over_its_own_steps() -> None:
    data = make_dataset(DataSettings(n=60, noise=0.2))
    minimum = find_minimum(data, "bce")
    assert minimum is not None
    settings = TrainSettings(loss="bce", optimizer="sgd", lr=1.0, batch_size=25, epochs=4)
    run = train(data, settings)
    expected = [
        np.mean([np.hypot(run.w[t] - minimum.w, run.b[t] - minimum.b) for t in range(k, k + 3)])
        for k in (1, 4, 7, 10)
    ]
    np.testing.assert_allclose(distances_by_epoch(run, minimum), expected)
    assert full_loss(data, run.w[-1:], run.b[-1:], "bce")[0] >= minimum.loss


def test_a_run_may_end_below_a_minimum_that_is_a_local_one_and_the_page_says_so() -> None:
    data = DataSettings(n=20, noise=0.5, seed=3)
    minimum = find_minimum(make_dataset(data), "mse")
    assert minimum is not None
    grid = np.linspace(-40.0, 40.0, 81)
    surface = loss_surface(make_dataset(data), grid, grid)
    i, j = np.unravel_index(np.argmin(surface), surface.shape)
    far = TrainSettings(
        optimizer="sgd", lr=0.01, batch_size=5, epochs=6, init_w=grid[i], init_b=grid[j]
    )
    page = shown("order_matters", Settings(data, far))
    assert "This minimum is a local one" in (page.warning or "")
    assert not any("lowest" in word for word in page.words)
    run = train(make_dataset(data), far)
    steps, _, _ = last_epochs(20, run)
    height = float(full_loss(make_dataset(data), run.w[steps], run.b[steps]).mean()) - minimum.loss
    assert height < 0.0
    assert page.board.metrics["Above the minimum, none"] == rounded(height, 4)


def test_a_share_that_is_rounding_is_called_0() -> None:
    lab = shown("order_matters", settings_of({"n": 2, "noise": 0.5}, {"batch_size": 1}))
    (law,) = [each for each in lab.laws if each.name == "9. Shuffling: each epoch"]
    low, high = re.findall(r"lie between (\S+) and (\S+)\.$", law.note)[0]
    assert low == "0"
    assert 0.05 < float(high) < 0.2
