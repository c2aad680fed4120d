"""Every lesson can be followed as its file says, and what ours claim is so."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations, pairwise, product
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from dashboard.lessons.conditions import COMPARISONS, PLAYED, Claim, Student
from dashboard.lessons.lesson import Lesson, Step, Wrong
from dashboard.lessons.measures import MEASURES, measured
from dashboard.lessons.reading import FIELDS, HEAD, NOTES, read_lesson
from dashboard.shell.lesson_files import FOLDER, broken, lessons, settings_of
from dashboard.shell.page import TABLES
from dashboard.shell.registry import PAGES
from minibatch_core import (
    DataSettings,
    Settings,
    TrainSettings,
    find_minimum,
    full_loss,
    make_dataset,
    train,
)
from minibatch_core.optimizers import HYPERPARAMETERS, OPTIMIZERS
from tests.conftest import ROOT
from tests.support.opened import open_page, texts

NAMES = sorted(file.stem for file in FOLDER.glob("*.md"))
OURS = sorted(lessons())
SEEDS = (1, 2, 3, 4)
"""Other seeds than the 42 that pages open with."""

MOST_WORDS = 70

VALUES: Mapping[str, tuple[Any, ...]] = {
    "bs": (1, 2, 5, 10, 20, 25, 33, 34, 36, 50, 60, 100, 500),
    "lr": (0.0, 0.001, 0.01, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 10.7, 12.0),
    "ep": (1, 5, 10, 20, 50, 100, 200, 500),
    "n": (20, 50, 100, 200),
    "mom": (0.0, 0.5),
    "dseed": (3, 4, 5, 16),
    "noise": (0.0, 0.3),
}
"""Values of settings at which a student may be wrong in a known way."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What stands on screen before a step and, done as the lesson says, after it."""

    step: Step
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def settings_in(lesson: Lesson, values: Mapping[str, Any]) -> Settings:
    """The run that the lesson's page shows where its controls have these values."""
    page = PAGES[lesson.page]
    said = {**page.defaults, **values}
    data, training = (
        {field: said[setting.key] for field, setting in TABLES[part].items()}
        for part in ("data", "train")
    )
    if page.is_full_batch:
        training["batch_size"] = data["n"]
    for field in HYPERPARAMETERS - OPTIMIZERS[training["optimizer"]].hyperparameters.keys():
        training[field] = getattr(page.settings.train, field)
    return Settings(DataSettings(**data), TrainSettings(**training))


def screens(lesson: Lesson, **others: Any) -> Iterator[Screen]:
    """Follow a lesson, from its opening with `others` set besides."""
    page = PAGES[lesson.page]
    values = {key: page.defaults[key] for key in page.controls} | dict(lesson.opening) | others
    for step in lesson.steps:
        after = {**values, **step.then, **step.solution}
        yield Screen(step, values, after)
        values = after


def hold(lesson: Lesson, claims: tuple[Claim, ...], now: Mapping[str, Any], screen: Screen) -> bool:
    done = {PLAYED} if now is screen.after else frozenset[str]()
    student = Student(now, screen.before, settings_in(lesson, now), done)
    return all(claim.holds(student) for claim in claims)


def deeds(lesson: Lesson, **others: Any) -> list[Screen]:
    """The steps that ask for something to be done that can be checked."""
    return [screen for screen in screens(lesson, **others) if screen.step.until]


def until(screen: Screen) -> tuple[Claim, ...]:
    return tuple(screen.step.until)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_in_the_folder_is_a_lesson(name: str) -> None:
    assert broken().get(f"{name}.md", []) == []
    assert name in lessons()


@pytest.mark.parametrize("name", OURS)
def test_what_is_asked_for_has_a_solution(name: str) -> None:
    for screen in deeds(lessons()[name]):
        asks_for_settings = any(claim.name != PLAYED for claim in screen.step.until)
        assert bool(screen.step.solution) == asks_for_settings, screen.step.text


@pytest.mark.parametrize("name", OURS)
def test_it_is_done_by_its_solution_and_not_before(name: str) -> None:
    lesson = lessons()[name]
    for screen in deeds(lesson):
        done = [hold(lesson, until(screen), now, screen) for now in (screen.before, screen.after)]
        assert done == [False, True], screen.step.text


@pytest.mark.parametrize("seed", SEEDS[:2])
@pytest.mark.parametrize("name", OURS)
def test_what_is_checked_holds_with_other_seeds_too(name: str, seed: int) -> None:
    lesson = lessons()[name]
    others = {"seed": seed} if "seed" in settings_of()[lesson.page] else {}
    for screen in deeds(lesson, **others):
        if screen.step.kind == "check":
            assert not hold(lesson, until(screen), screen.before, screen), screen.step.text
            assert hold(lesson, until(screen), screen.after, screen), screen.step.text


@pytest.mark.parametrize("name", OURS)
def test_nobody_who_is_right_is_called_wrong(name: str) -> None:
    lesson = lessons()[name]
    for screen in deeds(lesson):
        for wrong in screen.step.wrong:
            assert not hold(lesson, tuple(wrong.claims), screen.after, screen), wrong.says


@pytest.mark.parametrize("name", OURS)
def test_each_wrong_answer_of_a_known_kind_can_be_given(name: str) -> None:
    lesson = lessons()[name]
    for screen in deeds(lesson):
        for wrong in screen.step.wrong:
            assert witness(lesson, screen, wrong) is not None, wrong.says


def witness(lesson: Lesson, screen: Screen, wrong: Wrong) -> Mapping[str, Any] | None:
    """Settings at which a student who is not done yet is told just this."""
    earlier = screen.step.wrong[: list(screen.step.wrong).index(wrong)]
    for now in mistakes(lesson, screen):
        if (
            hold(lesson, tuple(wrong.claims), now, screen)
            and not any(hold(lesson, tuple(each.claims), now, screen) for each in earlier)
            and not hold(lesson, until(screen), now, screen)
        ):
            return now
    return None


def mistakes(lesson: Lesson, screen: Screen) -> Iterator[Mapping[str, Any]]:
    """Settings with up to two changes from those before the step, or after it."""
    known = settings_of()[lesson.page]
    claims = [*screen.step.until, *(each for wrong in screen.step.wrong for each in wrong.claims)]
    keys = {claim.name for claim in claims if claim.name in known} | {"bs", "lr", "ep"}
    tried = {key: values_of(known[key], key) for key in sorted(keys & known.keys())}
    for start in (screen.before, screen.after):
        for count in range(3):
            for changed in combinations(tried, count):
                for values in product(*(tried[key] for key in changed)):
                    now = {**start, **dict(zip(changed, values, strict=True))}
                    if can_be(lesson, now):
                        yield now


def values_of(setting: Any, key: str) -> tuple[Any, ...]:
    if setting.choices is not None:
        return tuple(setting.choices)
    return (True, False) if setting.kind is bool else VALUES[key]


def can_be(lesson: Lesson, values: Mapping[str, Any]) -> bool:
    try:
        settings = settings_in(lesson, values)
        settings.train.check_against(settings.data.n)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("name", OURS)
def test_each_prediction_has_one_right_choice_and_a_word_for_every_one(name: str) -> None:
    for step in lessons()[name].steps:
        if step.kind == "predict":
            right = sum(choice.is_right for choice in step.choices)
            assert right == (1 if step.draw is None else 0), step.text
            assert all(choice.reply for choice in step.choices), step.text
            assert step.draw is None or step.answer, step.text


@pytest.mark.parametrize("name", OURS)
def test_a_prediction_brings_something_new_on_screen(name: str) -> None:
    for screen in screens(lessons()[name]):
        if screen.step.then:
            assert screen.before != screen.after, screen.step.text


@pytest.mark.parametrize("name", OURS)
def test_something_is_hidden_where_the_player_stands(name: str) -> None:
    lesson = lessons()[name]
    for screen in screens(lesson):
        if screen.step.at is not None:
            steps = measured(settings_in(lesson, screen.before), "steps")
            assert steps is not None
            assert screen.step.at < steps, screen.step.text


@pytest.mark.parametrize("name", OURS)
def test_what_a_lesson_shows_can_be_trained(name: str) -> None:
    lesson = lessons()[name]
    for screen in screens(lesson):
        assert can_be(lesson, screen.after), screen.step.text


@pytest.mark.parametrize("name", OURS)
def test_what_is_measured_and_said_can_be_had(name: str) -> None:
    lesson = lessons()[name]
    for screen in screens(lesson):
        step, shown = screen.step, settings_in(lesson, screen.after)
        said = [step.answer, *(choice.reply for choice in step.choices)]
        places = [place for text in said for place in re.findall(r"\{\{(.*?)\}\}", text)]
        for place in {*places, *filter(None, [step.measure])} & MEASURES.keys():
            assert measured(shown, place) is not None, (place, step.text)


@pytest.mark.parametrize("name", OURS)
def test_a_step_is_short(name: str) -> None:
    """It stands above the charts."""
    for step in lessons()[name].steps:
        assert len(step.text.split()) <= MOST_WORDS, step.text


@pytest.mark.parametrize("name", OURS)
def test_controls_are_called_as_on_screen(name: str) -> None:
    """What stands in italics and begins with a capital letter is a label, or a word of a page."""
    lesson = lessons()[name]
    labels = {setting.label for setting in settings_of()[lesson.page].values()}
    others = {each for page in PAGES.values() for each in (page.title, *_choices())} | ON_SCREEN
    texts = [text for step in lesson.steps for text in (step.text, step.answer)]
    texts += [choice.reply for step in lesson.steps for choice in step.choices]
    texts += [wrong.says for step in lesson.steps for wrong in step.wrong]
    for text in texts:
        for word in re.findall(r"(?<![\w*])\*([A-Z][^*]*)\*(?!\*)", text):
            assert word in labels | others, word


ON_SCREEN = {
    *("Keep this curve", "The update in numbers", "Data and fit", "Lessons"),
    "Match momentum's rate",
}
"""Buttons, folds and charts of the Playground, and a switch that is named with its own page."""


def _choices() -> set[str]:
    table = TABLES["train"].values()
    return {label for setting in table for label in (setting.choices or {}).values()}


# What our lessons claim.


def opened(name: str) -> Settings:
    return settings_in(lessons()[name], next(screens(lessons()[name])).before)


def predicted(name: str) -> list[Settings]:
    """What comes on screen with each prediction of a lesson."""
    lesson = lessons()[name]
    return [
        settings_in(lesson, screen.after)
        for screen in screens(lesson)
        if screen.step.kind == "predict" and screen.step.then
    ]


def solved(name: str) -> list[Settings]:
    """What comes on screen by each solution."""
    lesson = lessons()[name]
    return [settings_in(lesson, screen.after) for screen in deeds(lesson)]


def of(settings: Settings, measure: str, **changed: Any) -> float:
    """A number of the run, with some of the training changed."""
    found = measured(replace(settings, train=replace(settings.train, **changed)), measure)
    return cast(float, found)


def over_seeds(settings: Settings, measure: str) -> np.ndarray:
    """A number of the runs with the page's own seed and with others."""
    seeds = (settings.train.seed, *SEEDS)
    return np.array([of(settings, measure, seed=seed) for seed in seeds])


def says(name: str, *numbers: str) -> None:
    """A lesson's file has these numbers in its words."""
    text = " ".join((FOLDER / f"{name}.md").read_text("utf-8").split())
    assert [number for number in numbers if number not in text] == []


def batch_losses(settings: Settings) -> np.ndarray:
    return train(make_dataset(settings.data), settings.train).batch_loss


def losses_of(settings: Settings) -> np.ndarray:
    """The loss on all the data at every step."""
    data, run = make_dataset(settings.data), train(make_dataset(settings.data), settings.train)
    return full_loss(data, run.w, run.b, settings.train.loss)


def sharpness(settings: Settings) -> float:
    minimum = find_minimum(make_dataset(settings.data), settings.train.loss)
    assert minimum is not None
    return minimum.sharpness


def test_the_tour_shows_what_it_says() -> None:
    _, few, all_, *_ = solved("first_steps")
    assert (few.train.batch_size, all_.train.batch_size) == (1, 100)
    assert of(few, "swing") > 10.0 * of(all_, "swing") == 0.0


def test_the_notebooks_runs_are_those_of_its_story() -> None:
    first = opened("notebook_story")
    second, shuffled, third = predicted("notebook_story")
    assert (np.diff(losses_of(first)) < 0.0).all()
    assert len(losses_of(first)) == 202
    last = batch_losses(second)[-12:].reshape(3, 4)
    assert np.ptp(last, axis=0).max() < 0.05 * np.ptp(last)  # the same in every epoch
    again = batch_losses(shuffled)[-12:].reshape(3, 4)
    assert np.ptp(again, axis=0).max() > 0.5 * np.ptp(again)
    assert of(second, "steps") == of(third, "steps") == 200
    ends = [of(second, "final loss"), of(third, "final loss"), of(third, "final loss", lr=0.05)]
    says("notebook_story", *(f"{end:.4f}" for end in ends))
    assert f"{of(third, 'final loss', shuffle='none'):.4f}" == f"{ends[1]:.4f}"


def test_the_notebooks_learning_rate_counts_for_more_than_its_shuffling() -> None:
    third = predicted("notebook_story")[-1]
    for seed in (42, *SEEDS):
        end = of(third, "final loss", seed=seed)
        unshuffled = of(third, "final loss", seed=seed, shuffle="none")
        slower = of(third, "final loss", seed=seed, lr=0.05)
        assert abs(unshuffled - end) < 0.1 * (slower - end)


def test_a_sorted_file_is_to_be_shuffled() -> None:
    shuffled, (sorted_, once) = opened("shuffling"), predicted("shuffling")
    assert over_seeds(shuffled, "floor").max() < 0.005
    assert over_seeds(once, "floor").max() < 0.01
    assert over_seeds(sorted_, "floor").min() > 0.1
    assert f"{of(sorted_, 'floor'):.2f}" == "0.12"
    says("shuffling", "without shuffling it is 0.12")
    last = losses_of(sorted_)[-26:]
    assert np.ptp(last) > 0.3
    assert last.max() > 2.0 * of(sorted_, "minimum loss")
    longer = of(sorted_, "final loss", epochs=300)
    assert longer == pytest.approx(of(sorted_, "final loss"), abs=1e-3)


def test_minibatches_of_one_class_pull_the_curve_to_and_fro() -> None:
    sorted_ = predicted("shuffling")[0]
    data, size = make_dataset(sorted_.data), sorted_.train.batch_size
    ones = data.y.reshape(-1, size).sum(axis=1)
    assert (ones[:11] == 0).all()
    assert (ones[12:] == size).all()
    once = predicted("shuffling")[1].train
    for seed in (42, *SEEDS):
        run = train(data, replace(once, seed=seed))
        mixed = [data.y[run.batches[step]].mean() for step in range(run.batches.steps_per_epoch)]
        assert 0.0 < min(mixed) < max(mixed) < 1.0
    run = train(data, sorted_.train)
    boundary = -run.b[-26:] / run.w[-26:]  # where p is a half
    assert (np.diff(boundary)[:11] > 0.0).all()
    assert (np.diff(boundary)[12:] < 0.0).all()


def test_four_times_as_many_points_halve_the_noise() -> None:
    ten, (forty, all_, one) = opened("batch_size_and_noise"), predicted("batch_size_and_noise")
    many = solved("batch_size_and_noise")[0]
    spreads = [over_seeds(each, "spread") for each in (ten, forty, many)]
    for wide, narrow in pairwise(spreads):
        assert narrow / wide == pytest.approx(0.5, abs=0.07)
    says("batch_size_and_noise", *(f"{spread[0]:.3f}" for spread in spreads[:2]))
    assert losses_of(ten) == pytest.approx(np.full(len(losses_of(ten)), losses_of(ten)[0]))
    assert of(all_, "spread") == pytest.approx(0.0, abs=1e-12)
    losses = batch_losses(one)
    assert losses.min() < 0.001
    assert losses.max() > 0.99


def test_with_one_point_a_step_w_is_rough_and_moves_all_the_same() -> None:
    one = predicted("batch_size_and_noise")[-1]
    rough, smooth = (
        train(make_dataset(one.data), replace(one.train, batch_size=size)).w for size in (1, 40)
    )
    ways = [np.abs(np.diff(w)).sum() / np.ptp(w) for w in (rough, smooth)]
    assert ways[0] > 2.0 * ways[1]
    assert rough[-1] > rough[0] + 5.0


def test_a_noise_floor_follows_the_learning_rate_and_not_the_epochs() -> None:
    short, (long, half, cosine) = opened("noise_floor"), predicted("noise_floor")
    assert over_seeds(long, "floor") == pytest.approx(over_seeds(short, "floor"), rel=0.3)
    assert over_seeds(half, "floor") / over_seeds(long, "floor") == pytest.approx(0.43, abs=0.08)
    assert (over_seeds(cosine, "floor") < 0.1 * over_seeds(short, "floor")).all()
    floors = f"{of(long, 'floor'):.3f}", f"{of(short, 'floor'):.3f}"
    says("noise_floor", f"was {floors[0]}", f"before it was {floors[1]}", f"floor is {floors[1]}")


def test_a_larger_minibatch_and_a_smaller_rate_lower_the_floor() -> None:
    long, slow = predicted("noise_floor")[0], solved("noise_floor")[-1]
    by_size = [
        over_seeds(replace(long, train=replace(long.train, batch_size=size)), "floor")
        for size in (2, 5, 10, 25)
    ]
    assert (np.diff(by_size, axis=0) < 0.0).all()
    shorter, short, larger = (
        over_seeds(replace(long, train=replace(long.train, lr=lr, batch_size=size)), "floor").mean()
        for lr, size in ((0.5, 5), (1.0, 5), (1.0, 10))
    )
    assert shorter / short == pytest.approx(0.5, abs=0.05)  # as lr / B
    assert larger / shorter == pytest.approx(1.0, abs=0.1)
    assert (over_seeds(slow, "floor") > 0.04).all()
    assert f"{of(slow, 'floor'):.2f}" == "0.05"
    assert f"{of(predicted('noise_floor')[-1], 'floor'):.3f}" == "0.002"
    says("noise_floor", "still 0.05 above", "and 0.002 at the end")


def test_minibatches_and_rates_scale_together() -> None:
    five, (twenty, all_, steep) = opened("linear_scaling"), predicted("linear_scaling")
    scaled = solved("linear_scaling")[0]
    assert (over_seeds(twenty, "w") < 0.65 * over_seeds(five, "w")).all()
    for each in (scaled, all_):
        assert over_seeds(each, "w") == pytest.approx(over_seeds(five, "w"), rel=0.03)
        assert over_seeds(each, "b") == pytest.approx(over_seeds(five, "b"), rel=0.03)
    says("linear_scaling", f"ended at {of(five, 'w'):.2f}", "400 short ones")
    assert (of(five, "steps"), of(twenty, "steps"), of(all_, "steps")) == (400, 100, 20)
    assert steep.train.lr > of(steep, "stable limit") == pytest.approx(10.7, abs=0.05)
    assert all_.train.lr < of(all_, "stable limit")


def test_the_scaling_rule_ends_where_steps_are_too_long() -> None:
    steep = predicted("linear_scaling")[-1]
    small = over_seeds(
        replace(steep, train=replace(steep.train, batch_size=5, lr=1.0)), "late loss"
    )
    assert (over_seeds(steep, "late loss") > small + 0.01).all()
    end = of(steep, "final loss", batch_size=5, lr=1.0)
    says("linear_scaling", f"ends at {end:.3f}")


def test_runs_past_the_limit_jump_to_and_fro() -> None:
    five, (ten, twelve, noisy) = opened("stability"), predicted("stability")
    for rests in (five, ten):
        assert over_seeds(rests, "final loss").max() < of(rests, "minimum loss") + 5e-5
    for jumps in (twelve, noisy):
        assert over_seeds(jumps, "floor").min() > 0.02
        assert of(jumps, "diverges") is False
        last = train(make_dataset(jumps.data), jumps.train).w[-20:]
        assert np.abs(np.diff(np.sign(np.diff(last)))).mean() > 1.0  # mostly up, down, up
    assert of(ten, "stable limit") == pytest.approx(2.0 / sharpness(ten))
    says("stability", f"2/λ = {2.0 / sharpness(ten):.1f}", f"λ = {sharpness(ten):.3f}")
    says("stability", f"at {2.0 / sharpness(noisy):.1f}.", f"λ = {sharpness(noisy):.3f}")
    says("stability", *(f"{1.0 - lr * sharpness(ten):.2f}" for lr in (10.0, 12.0)))
    assert sharpness(noisy) / sharpness(ten) == pytest.approx(2.0, abs=0.2)


def test_the_point_that_is_left_over_counts_for_many() -> None:
    even, (short, dropped) = opened("last_minibatch"), predicted("last_minibatch")
    losses = batch_losses(even)[-20:]
    assert (losses.min(), losses.max()) == pytest.approx((0.06, 0.12), abs=0.005)
    others, last = np.split(batch_losses(short)[-4:], [3])
    assert min(abs(others - last)) > 3.0 * np.ptp(others)
    assert (of(short, "last batch"), of(dropped, "last batch")) == (1, 33)
    unshuffled = train(make_dataset(dropped.data), dropped.train).batches
    assert unused(unshuffled) == [{99}] * len(unused(unshuffled))
    once = train(make_dataset(dropped.data), replace(dropped.train, shuffle="once")).batches
    assert len(set(map(frozenset, unused(once)))) == 1
    anew = train(make_dataset(dropped.data), replace(dropped.train, shuffle="each_epoch")).batches
    assert len(set(map(frozenset, unused(anew)))) > 10
    drawn = train(make_dataset(dropped.data), replace(dropped.train, shuffle="replacement")).batches
    assert np.mean([len(each) for each in unused(drawn)]) > 100 / 3


def unused(batches: Any) -> list[set[int]]:
    """Which points no minibatch of an epoch has, for each epoch."""
    period = batches.steps_per_epoch
    seen = [set(map(int, batches[step])) for step in range(len(batches))]
    return [
        set(range(100)).difference(*seen[start : start + period])
        for start in range(0, len(seen), period)
    ]


def test_momentum_goes_as_far_as_sgd_with_ten_times_its_rate() -> None:
    sgd, (alike, half) = opened("momentum"), predicted("momentum")
    matched = solved("momentum")[0]
    faster = over_seeds(replace(sgd, train=replace(sgd.train, lr=2.0)), "w")
    assert over_seeds(alike, "w") == pytest.approx(faster, rel=0.08)
    for each in (matched, half):
        assert over_seeds(each, "w") == pytest.approx(over_seeds(sgd, "w"), rel=0.02)
    assert (over_seeds(alike, "w") > 2.0 * over_seeds(sgd, "w")).all()
    says("momentum", f"at {of(matched, 'w'):.2f}, and with SGD at {of(sgd, 'w'):.2f}")
    says("momentum", f"at about {faster[0]:.1f}")


def test_equal_epochs_are_not_equal_steps() -> None:
    all_, (one, long) = opened("epochs_and_steps"), predicted("epochs_and_steps")
    assert (over_seeds(one, "final loss") < 0.65 * over_seeds(all_, "final loss")).all()
    assert (of(all_, "steps"), of(one, "steps"), of(long, "steps")) == (5, 500, 500)
    assert over_seeds(long, "w") == pytest.approx(over_seeds(one, "w"), rel=0.15)
    assert (of(one, "examples"), of(long, "examples")) == (500, 50_000)
    says("epochs_and_steps", f"it ended at {of(one, 'w'):.1f}")


def test_few_points_are_fitted_and_held_out_ones_are_not() -> None:
    many, (few, longer, more) = opened("held_out"), predicted("held_out")
    gap = {each.data.n: of(each, "held-out loss") - of(each, "final loss") for each in (many, more)}
    assert abs(gap[1000]) < 0.005
    assert 0.0 < gap[300] < 0.02
    for each in (few, longer):
        assert (over_seeds(each, "held-out loss") > over_seeds(each, "final loss") + 0.11).all()
    assert of(few, "final loss") < of(many, "final loss") < of(few, "held-out loss")
    assert (over_seeds(longer, "held-out loss") > over_seeds(few, "held-out loss")).all()
    assert (over_seeds(longer, "final loss") < over_seeds(few, "final loss")).all()


def test_held_out_points_are_harder_on_average() -> None:
    few = predicted("held_out")[0]
    ends = np.array(
        [
            [measured(each, name) for name in ("final loss", "held-out loss")]
            for seed in range(1, 41)
            for each in [replace(few, data=replace(few.data, seed=seed))]
        ]
    )
    own, fresh = ends.mean(axis=0)
    says("held_out", f"it was {fresh:.3f}, and {own:.3f}")
    easier = [f"{seed}" for seed, (of_own, of_fresh) in enumerate(ends, 1) if of_fresh < of_own]
    assert len(easier) == 10
    says("held_out", f"ten do it: {', '.join(easier)}.")


@pytest.mark.parametrize("name", OURS)
def test_an_address_that_names_a_lesson_begins_it(name: str) -> None:
    lesson = lessons()[name]
    page = PAGES[lesson.page]
    test = open_page(page.name, lesson=name)
    assert {key: test.session_state[page.key(key)] for key in lesson.opening} == lesson.opening
    assert test.query_params["lesson"] == f"{name}:1"


GUIDE = (ROOT / "docs" / "lessons.md").read_text("utf-8")


def test_the_guide_lists_the_numbers_of_a_run() -> None:
    listed = dict(
        re.findall(r"^\| `([^`]+)` \| (.+) \|$", GUIDE.split("## Numbers of a run")[1], re.M)
    )
    assert listed == {name: measure.says for name, measure in MEASURES.items()}


def test_the_guide_lists_steps_fields_heads_and_comparisons() -> None:
    steps = dict(re.findall(r"^\| `## (\w+)` \|[^|]*\|(.*)\|$", GUIDE, re.M))
    assert [each.lower() for each in steps] == [*FIELDS, NOTES]
    for kind, fields in FIELDS.items():
        assert [field for field in fields if f"`{field}`" not in steps[kind.capitalize()]] == []
    assert tuple(re.findall(r"^\| `(\w+): ` \|", GUIDE, re.M)) == HEAD
    assert [each for each in COMPARISONS if f"`{each}`" not in GUIDE] == []


EXAMPLE = GUIDE.split("````markdown\n")[1].split("````")[0]


def test_of_a_lesson_on_no_page_the_page_alone_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "noise.md"
    file.write_text(EXAMPLE.replace("page: playground", "page: elsewhere"), "utf-8")
    lesson, problems = read_lesson(file, settings_of())
    assert lesson is None
    assert [problem.line for problem in problems] == [4]


def test_the_example_of_the_guide_is_a_lesson(tmp_path: Path) -> None:
    file = tmp_path / "noise.md"
    file.write_text(EXAMPLE, "utf-8")
    lesson, problems = read_lesson(file, settings_of())
    assert problems == []
    assert lesson is not None
    first, check = (
        screen for screen in screens(lesson) if screen.step.kind in ("predict", "check")
    )
    swings = [measured(settings_in(lesson, each), "swing") for each in (first.before, first.after)]
    assert 2.0 * cast(float, swings[0]) < cast(float, swings[1])
    assert not hold(lesson, until(check), check.before, check)
    assert hold(lesson, until(check), check.after, check)


def test_who_turns_back_to_a_prediction_sees_what_its_reply_is_about() -> None:
    test = open_page("playground", lesson="batch_size_and_noise:3:,2", bs="160", n="1600", lr="0")
    assert test.session_state["bs"] == 160
    next(button for button in test.button if button.label == "Back").click().run()
    assert test.session_state["bs"] == 40
    assert any("now it is 0.0480" in text for text in texts(test))
