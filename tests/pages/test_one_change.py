"""One change at a time: every sentence and every number is what the runs of the way say."""

import re
from dataclasses import replace
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from dashboard.figures.parts import FEWEST_FOR_BANDS, MIDDLE, in_the_middle
from dashboard.shell.page import Chosen
from dashboard.shell.registry import PAGES
from dashboard.shell.view_settings import MEASURES, ViewSettings
from minibatch_core import (
    NOTEBOOK_PRESETS,
    NOTEBOOK_PRINTS,
    DataSettings,
    Settings,
    TrainSettings,
    find_minimum,
    full_loss,
    make_batches,
    make_dataset,
    train,
)
from minibatch_core.arrays import Floats
from minibatch_core.course.story import CHANGES, ROUTES, Effect, Stage, story
from minibatch_core.settings.address import to_address
from pages.one_change import Told, compute
from pages.one_change import _with_error as with_error
from tests.support.computed import shown
from tests.support.opened import open_page, session

PAGE = PAGES["one_change"]
FEW = ViewSettings(seeds=12)


def told(
    data: DataSettings = DataSettings(), seed: int = 42, view: ViewSettings = PAGE.view
) -> Told:
    settings = Settings(data, replace(PAGE.settings.train, seed=seed, batch_size=data.n))
    return compute(Chosen(settings, view=view))


def ends(data: DataSettings, run: TrainSettings, seeds: int, measure: str) -> Floats:
    """Losses at the ends of runs trained one by one, by numpy."""
    points = make_dataset(data)
    losses = []
    for k in range(seeds):
        one = train(points, replace(run, seed=run.seed + k))
        losses.append(full_loss(points, one.w[-1:], one.b[-1:], measure)[0])
    return np.array(losses)


def word(page: Told, title: str) -> str:
    (text,) = [each for each in page.words if each.startswith(f"**{title}")]
    return text


def numbers(text: str) -> list[float]:
    return [float(each) for each in re.findall(r"(?<![\w.])[+-]?\d+\.\d+", text)]


def test_the_first_and_the_last_row_are_what_the_notebook_prints() -> None:
    page = told()
    for row, preset in ((page.rows[0], "full_batch"), (page.rows[-3], "dataloader")):
        printed = NOTEBOOK_PRINTS[preset][-1]
        assert row[3:] == [f"**{printed.w:.4f}**", f"**{printed.b:.4f}**"]
    assert page.rows[-3][0].startswith("**8. Start = run 3**")
    (middle,) = [row for row in page.rows if "= run 2" in row[0]]
    assert middle[3:] == ["**3.2215**", "**-2.9300**"]


def test_each_row_says_what_changed_and_by_how_much() -> None:
    page = told(view=FEW)
    data = make_dataset()
    stages = story(100)
    rows = iter(page.rows)
    assert next(rows)[0] == "**Run 1**"
    for before, after in pairwise(stages):
        title, draw, mean = next(rows), next(rows), next(rows)
        runs = [train(data, stage.train) for stage in (before, after)]
        assert CHANGES[str(after.changed)] in title[0]
        assert title[3] == f"**{runs[1].w[-1]:.4f}**"
        assert float(draw[3]) == pytest.approx(runs[1].w[-1] - runs[0].w[-1], abs=6e-5)
        mse = [ends(DataSettings(), stage.train, FEW.seeds, "mse") for stage in (before, after)]
        change = mse[1] - mse[0]
        shown_mean, shown_error = (float(each) for each in mean[1].split(" ± "))
        error = change.std(ddof=1) / np.sqrt(FEW.seeds)
        assert shown_mean == pytest.approx(change.mean(), abs=0.51 * error)
        assert shown_error == pytest.approx(error, rel=0.26)
    assert [list(rows), len(page.rows)] == [[], 1 + 3 * (len(stages) - 1)]


@st.composite
def ways(draw: st.DrawFn) -> tuple[DataSettings, int, ViewSettings]:
    data = DataSettings(
        n=draw(st.sampled_from([2, 5, 10, 30, 61, 100])),
        noise=draw(st.sampled_from([0.0, 0.1, 0.5])),
        seed=draw(st.integers(0, 20)),
    )
    view = ViewSettings(
        route=draw(st.sampled_from([*ROUTES])),
        first_change=draw(st.sampled_from([*CHANGES])),
        measure=draw(st.sampled_from([*MEASURES])),
        seeds=draw(st.sampled_from([2, 10, 12])),
    )
    return data, draw(st.integers(0, 1000)), view


@trials(max_examples=12)
@given(ways())
def test_every_sentence_holds_on_every_way(asked: tuple[DataSettings, int, ViewSettings]) -> None:
    data, seed, view = asked
    page = told(data, seed, view)
    stages = story(data.n, seed, view.route, view.first_change)
    losses = [ends(data, stage.train, view.seeds, view.measure) for stage in stages]
    changes = [after - before for before, after in pairwise(losses)]
    label = MEASURES[view.measure]

    at_once = word(page, "All at once")
    assert numbers(at_once)[0] == pytest.approx(losses[0][0], abs=6e-5)
    assert f"the {label} on all the data" in at_once
    assert f"Here {len(changes)} single changes" in at_once

    clear = [k for k, change in enumerate(changes) if is_clear(change)]
    if view.seeds < 10:
        check_few_seeds(page)
        return
    largest = word(page, "The largest change")
    if clear:
        most = max(clear, key=lambda k: abs(changes[k].mean()))
        assert f"is that of *{most + 1}. {CHANGES[str(stages[most + 1].changed)]}*" in largest
        sizes = {k: np.sign(changes[k].mean()) * changes[k] for k in clear}
        for k in set(clear) - {most}:
            is_named = f"*{k + 1}. " in largest.partition("seeds.")[2]
            assert is_named == (not is_clear(sizes[most] - sizes[k]))
    else:
        assert "No change is clearly different from 0" in largest
    check_shuffling(page, stages, changes, clear)
    check_luck(word(page, "Luck"), stages, changes, clear)
    assert ("**Few points.**" in str(page.words)) == (data.n < 50)
    assert "nan" not in str(page.words)


def is_clear(change: Floats) -> bool:
    error = change.std(ddof=1) / np.sqrt(len(change))
    return bool(
        len(change) >= 10 and np.abs(change).max() >= 1e-9 and abs(change.mean()) > 3.0 * error
    )


def check_shuffling(
    page: Told, stages: list[Stage], changes: list[Floats], clear: list[int]
) -> None:
    text = word(page, "Shuffling")
    (k,) = [k for k, stage in enumerate(stages[1:]) if stage.changed == "shuffle"]
    if np.abs(changes[k]).max() < 1e-9:
        assert "changes nothing at this place" in text
        return
    assert ("not clearly different from 0" in text) == (k not in clear)
    assert ("the loss higher" in text) == (k in clear and changes[k].mean() > 0.0)
    assert ("the loss lower" in text) == (k in clear and changes[k].mean() < 0.0)


def check_luck(text: str, stages: list[Stage], changes: list[Floats], clear: list[int]) -> None:
    unclear, _, against = text.partition("may be luck.")
    if "may be luck." not in text:
        unclear, against = "", text
    for k, change in enumerate(changes):
        name = f"*{k + 1}. {CHANGES[str(stages[k + 1].changed)]}*"
        is_nothing = np.abs(change).max() < 1e-9
        assert (name in unclear) == (k not in clear and not is_nothing)
        assert (name in against) == (k in clear and change[0] * change.mean() < 0.0)


@pytest.mark.parametrize(("first", "measure"), [*product(CHANGES, MEASURES)])
def test_the_credit_of_a_change_depends_on_when_it_is_made(first: str, measure: str) -> None:
    """Both numbers of the sentence are those of the straight way, begun and ended with it."""
    view = replace(FEW, route="straight", first_change=first, measure=measure)
    text = word(told(view=view), "The order of the changes")
    (name,) = re.findall(r"matters.\*\* \*(.*?)\*, for example", text)
    (change,) = [field for field, label in CHANGES.items() if label == name]
    start, end = (NOTEBOOK_PRESETS[each].train for each in ("full_batch", "dataloader"))
    alone = replace(start, **{change: getattr(end, change)})
    missing = replace(end, **{change: getattr(start, change)})
    expected = [
        np.mean(
            ends(DataSettings(), after, 12, measure) - ends(DataSettings(), before, 12, measure)
        )
        for before, after in ((start, alone), (missing, end))
    ]
    said, error, said_last, error_last = numbers(text)
    assert [said, said_last] == pytest.approx(expected, abs=max(error, error_last))
    assert "*Shuffling*, made first, changes nothing" in text


def test_what_the_opening_says_is_no_luck_of_its_seed() -> None:
    """Ten other base seeds tell of the same largest change, of the same sign."""
    found = set()
    for k in range(10):
        page = told(seed=10_000 * k)
        text = word(page, "The largest change")
        (name,) = re.findall(r"is that of \*(.*?)\*", text)
        (mean,) = re.findall(r"by ([+-])", text)
        turned = "6. Learning rate" in word(page, "One measure").partition("Measured by BCE")[2]
        found.add((name, mean, turned))
        assert "The order of the changes matters" in word(page, "The order")
        assert "the loss lower" not in word(page, "Shuffling")
    assert found == {("5. Epochs", "-", True)}


def test_where_two_changes_do_as_much_the_larger_is_not_the_largest_by_luck() -> None:
    view = replace(PAGE.view, route="straight", first_change="shuffle", measure="bce")
    text = word(told(view=view), "The largest change")
    assert "of *4. Epochs* (201 → 100)" in text
    assert "*5. Learning rate* may change it as much" in text


def test_few_points_and_fewer_seeds_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    text = word(told(DataSettings(n=30), view=FEW), "Few points")
    assert "N = 30 points are too few for batches of 50 (run 3)" in text
    text = word(told(DataSettings(n=10), view=FEW), "Few points")
    assert "batches of 25 (run 2) and 50 (run 3)" in text
    monkeypatch.setattr("pages.one_change.MOST_LOOKS", 4_000_000)
    page = told(DataSettings(n=300), view=replace(FEW, seeds=13))
    (seeds,) = re.findall(r"there are (\d) seeds here and not 13:", word(page, "Fewer seeds"))
    assert page.rows[-1][0] == f"{seeds} seeds"
    check_few_seeds(page)


@pytest.mark.parametrize("n", [20, 49, 50, 51])
def test_why_fewer_settings_differ_is_told(n: int) -> None:
    runs = [stage.train for stage in story(n, route="straight")]
    differing = [name for name in CHANGES if getattr(runs[0], name) != getattr(runs[-1], name)]
    text = word(told(DataSettings(n=n), view=FEW), "All at once")
    assert f"Run 1 and run 3 differ in {len(differing)} settings" in text
    said = f"settings, not 6, because with N = {n} both use all points in every step, so the"
    assert (said in text) == (len(differing) < 6) == (n <= 50)


def check_few_seeds(page: Told) -> None:
    """Of few seeds nothing is said that depends on whether an effect is clear, or on luck."""
    text = " ".join([*page.words, *(notice.text for notice in page.notices)])
    told_once = "With fewer than 10 seeds this page does not say which effects are clear."
    assert text.count(told_once) == 1
    for claim in (" clear", "luck", "which may", "higher here", "lower here", "the other way"):
        assert claim not in text.replace(told_once, "").replace("**Luck.**", "")


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("seeds", [2, 9, 10])
def test_few_seeds_are_not_said_to_find_nothing(seeds: int, measure: str) -> None:
    # Here an effect is many standard errors away from 0 with few seeds too.
    page = told(view=replace(FEW, seeds=seeds, measure=measure))
    stages = story(100)
    found = [ends(DataSettings(), stage.train, seeds, measure) for stage in stages]
    changes = [after - before for before, after in pairwise(found)]
    assert any(
        abs(each.mean()) > 5.0 * each.std(ddof=1) / np.sqrt(seeds) > 1e-9 for each in changes
    )
    if seeds < 10:
        check_few_seeds(page)
    else:
        assert "Few seeds" not in " ".join(page.words)
        assert "is that of" in word(page, "The largest change")


@pytest.mark.parametrize(
    ("mean", "error", "says"),
    [
        (-0.0106, 0.0003, "-0.0106 ± 0.0003"),
        (0.0031862678, 1.7e-9, "+0.003186 ± less than 0.000001"),
        (0.0031862678, 0.8e-6, "+0.0031863 ± 0.0000008"),
        (-0.25, 3e-13, "-0.25"),
        (-12.5, 1e-5, "-12.50 ± less than 0.01"),
        (0.0, 0.0004, "0.0000 ± 0.0004"),
    ],
)
def test_no_digit_is_shown_that_does_not_count(mean: float, error: float, says: str) -> None:
    assert with_error(Effect(np.array([mean - error, mean + error]))) == says


def test_the_small_charts_show_the_run_before_and_after_between_the_same_axes() -> None:
    for unit, last in (("steps", 804.0), ("epochs", 201.0), ("examples", 20_100.0)):
        page = told(view=replace(FEW, unit=unit))
        small = [chart for chart in page.board.charts if chart.name.startswith("change")]
        assert len(small) == 8
        assert len({str(chart.figure["layout"]) for chart in small}) == 1
        assert max(chart.figure["data"][0]["x"][-1] for chart in small) == last
        for before, after in pairwise(small):
            (left, _), (_, right) = before.figure["data"], after.figure["data"]
            assert left["y"].tolist() == right["y"].tolist()
        low, high = small[0].figure["layout"]["yaxis"]["range"]
        for chart in small:
            below, above = chart.figure["data"]  # the later of two traces lies on the other
            assert (below["name"], above["name"]) == ("after it", "before the change")
            assert below["line"]["width"] > 2 * above["line"]["width"]
            assert below["opacity"] < above["opacity"]
            assert low < below["y"][-1] < high


def test_the_circles_are_the_draw_and_the_diamonds_the_means() -> None:
    page = told(view=FEW)
    (chart,) = [each for each in page.board.charts if each.name == "effects"]
    circles, diamonds = chart.figure["data"][-1], chart.figure["data"][2]
    np.testing.assert_allclose(circles["x"], [float(row[1]) for row in page.rows[2::3]], atol=6e-5)
    means = [float(row[1].split(" ")[0]) for row in page.rows[3::3]]
    np.testing.assert_allclose(diamonds["x"], means, atol=6e-5)


@pytest.mark.parametrize("name", ["Run 1", "3. Epochs", "8. Start"])
def test_a_row_opens_its_run_in_the_playground(name: str) -> None:
    run = told().runs[name]
    test = open_page("one_change")
    (button,) = [each for each in test.button if each.label == name]
    button.click().run()
    assert not test.exception
    assert session(test).to_open is None  # the browser was told where to go
    train_settings = run.train
    kept = {key: test.session_state[key] for key in ("bs", "ep", "lr", "shuf", "loss", "pre")}
    assert list(kept.values()) == [
        train_settings.batch_size,
        train_settings.epochs,
        train_settings.lr,
        train_settings.shuffle,
        train_settings.loss,
        train_settings.randn_before_model,
    ]
    assert "pre=2" in to_address(told().runs["8. Start"])


# The slips on the other pages.


def slip(name: str, title: str, settings: Settings | None = None, **looks: Any) -> str:
    (found,) = [each.text for each in shown(name, settings, **looks).notices if title in each.title]
    return found


def test_the_heatmap_shows_another_loss_than_the_run_descends() -> None:
    text = slip("full_batch", "heatmap")
    assert "MSE is lowest at w = 6, b = -5.5, but the loss of the run at w = 6, b = -6" in text
    assert "its own loss goes from 0.7168 to 0.5668, and MSE goes from 0.2732 to 0.0874" in text
    mse = replace(NOTEBOOK_PRESETS["full_batch"].train, loss="mse")
    assert "descends MSE too" in slip("full_batch", "heatmap", Settings(train=mse))


def test_mse_has_another_minimum_than_logistic_regression() -> None:
    text = slip("in_order", "logistic regression")
    assert "BCE is lowest at w = 4.388, b = -4.239, and MSE at w = 7.390, b = -6.791" in text
    noisy = DataSettings(n=10, noise=0.5, seed=27)
    for data in (DataSettings(n=61, noise=0.3, seed=22), DataSettings(noise=0.0), noisy):
        text = slip("in_order", "logistic regression", Settings(data, TrainSettings(batch_size=5)))
        points = make_dataset(data)
        bce, mse = (find_minimum(points, loss) for loss in ("bce", "mse"))
        assert ("neither has a minimum" in text) == (bce is None)
        assert ("MSE has no minimum" in text) == (bce is not None and mse is None)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (TrainSettings(), "iteration 50 stands at 199 on the axis"),
        (TrainSettings(batch_size=30, epochs=30), "iteration 25 stands at 99 on the axis"),
        (TrainSettings(batch_size=100), "an epoch is one step"),
        (TrainSettings(epochs=3), "after 3 epochs, before the notebook would print anything"),
    ],
)
def test_an_iteration_is_an_epoch_or_a_step(settings: TrainSettings, says: str) -> None:
    text = slip("in_order", "iteration", Settings(train=settings))
    assert says in text


def test_the_batches_that_are_printed_have_no_seed() -> None:
    assert "1 of its 10 points was in it before" in slip("dataset_and_dataloader", "no seed")
    ordered = replace(NOTEBOOK_PRESETS["dataloader"].train, shuffle="none")
    assert "same minibatches come again" in slip(
        "dataset_and_dataloader", "no seed", Settings(train=ordered)
    )
    once = replace(ordered, shuffle="once")
    assert "Draw the order again, and it may be another one." in slip(
        "dataset_and_dataloader", "no seed", Settings(train=once)
    )


def test_the_third_run_is_worse_on_fresh_points_by_bce() -> None:
    text = slip("dataset_and_dataloader", "held out")
    own, _, _, bce, fresh, _ = numbers(text)
    assert [own, bce] == [0.0856, 0.3209]
    run = train(make_dataset(), NOTEBOOK_PRESETS["dataloader"].train)
    other = np.mean(
        [
            full_loss(make_dataset(DataSettings(seed=seed)), run.w[-1:], run.b[-1:], "bce")[0]
            for seed in range(2, 402)
        ]
    )
    assert fresh == pytest.approx(other, abs=0.03)


@pytest.mark.parametrize(
    ("lr", "w0", "says"),
    [(0.0, 1.0, "can make this difference"), (0.0, 0.0, "the same in every draw")],
)
def test_without_training_the_points_of_a_run_are_one_draw_among_others(
    lr: float, w0: float, says: str
) -> None:
    train_settings = replace(NOTEBOOK_PRESETS["dataloader"].train, lr=lr, init_w=w0, init_b=0.0)
    for seed in (1, 2, 3, 4):
        settings = Settings(DataSettings(seed=seed), train_settings)
        text = slip("dataset_and_dataloader", "held out", settings)
        assert text.count(says) == 2
        assert "hardly ever" not in text
    if w0:
        unlucky = Settings(DataSettings(seed=1272), train_settings)  # 3.8 standard deviations away
        assert "0 of the 400 draws" in slip("dataset_and_dataloader", "held out", unlucky)
        at = np.array([w0]), np.array([0.0])
        draws = [full_loss(make_dataset(DataSettings(seed=s)), *at)[0] for s in range(1000, 1400)]
        own = full_loss(make_dataset(settings.data), *at)[0]
        share = np.mean(draws <= own if own < np.mean(draws) else draws >= own)
        (count,) = re.findall(r"MSE .*?(\d+) of the 400 draws have .*, so .* BCE", text)
        assert float(count) / 400.0 == pytest.approx(share, abs=0.08)


@pytest.mark.parametrize(
    ("n", "noise", "loss"), [(4, 0.5, "mse"), (8, 0.5, "mse"), (7, 0.5, "bce"), (5, 0.3, "mse")]
)
def test_few_points_that_are_fitted_too_well_are_no_luck(n: int, noise: float, loss: str) -> None:
    usual = NOTEBOOK_PRESETS["dataloader"].train
    train_settings = replace(usual, loss=loss, batch_size=min(n, usual.batch_size), epochs=400)
    settings = Settings(DataSettings(n=n, noise=noise), train_settings)
    text = slip("dataset_and_dataloader", "held out", settings, order_batch_size=2)
    run = train(make_dataset(settings.data), train_settings)
    fresh = [make_dataset(DataSettings(n=n, noise=noise, seed=s)) for s in range(5000, 7000)]
    losses = [full_loss(each, run.w[-1:], run.b[-1:])[0] for each in fresh]
    own = full_loss(make_dataset(settings.data), run.w[-1:], run.b[-1:])[0]
    (count, judged) = re.findall(
        r"MSE .*?(\d+) of the 400 draws .* luck alone (\S+ \S+) .* BCE", text
    )[0]
    assert float(count) / 400.0 == pytest.approx(np.mean(losses <= own), abs=0.03)
    assert (judged == "hardly ever") == (float(count) <= 8)


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_two_points_is_called_another_one_only_where_it_is(seed: int) -> None:
    train_settings = replace(NOTEBOOK_PRESETS["dataloader"].train, seed=seed, batch_size=2)
    settings = Settings(DataSettings(n=2), train_settings)
    text = slip("dataset_and_dataloader", "no seed", settings, order_batch_size=2)
    first, again, *_ = make_batches(2, replace(train_settings, randn_before_model=0))
    is_same = np.array_equal(first, again)
    assert ("by luck in the same order" in text) == is_same
    assert ("in another order" in text) != is_same


def test_a_minibatch_of_one_point_has_no_part_that_was_in_it_before() -> None:
    text = slip("dataset_and_dataloader", "no seed", order_batch_size=1)
    assert "0 were" not in text


@pytest.mark.parametrize("seeds", [2, 9, 10, 11, 12, 13, 40])
def test_a_bar_holds_as_many_seeds_as_it_says_and_needs_ten(seeds: int) -> None:
    view = ViewSettings(seeds=seeds)
    (chart,) = [each for each in told(view=view).board.charts if each.name == "effects"]
    bars = [trace for trace in chart.figure["data"] if trace["name"] == "the middle"]
    assert len(bars) == ("A bar holds" in chart.note) == (seeds >= 10)
    for bar in bars:
        low, high = bar["x"][0], bar["x"][1]
        before, after = (stage.train for stage in story(100)[:2])
        effects = ends(DataSettings(), after, seeds, "mse") - ends(
            DataSettings(), before, seeds, "mse"
        )
        held = ((effects >= low - 1e-6) & (effects <= high + 1e-6)).sum()
        assert f"A bar holds the middle {held} of them." in chart.note


def test_between_two_quantiles_lie_as_many_as_are_said() -> None:
    draw = np.random.default_rng(3)
    for count in range(1, 300):
        values = draw.permutation(count)
        low, high = np.quantile(values, MIDDLE)
        assert in_the_middle(count) == ((values > low - 1e-9) & (values < high + 1e-9)).sum()
    enough = range(FEWEST_FOR_BANDS, 1000)
    assert all(0.66 < in_the_middle(count) / count < 0.83 for count in enough)


def test_shuffling_alone_hardly_changes_the_third_run() -> None:
    text = slip("dataset_and_dataloader", "more changes than the order")
    assert "this run has B = 50, lr = 0.5" in text
    preset = NOTEBOOK_PRESETS["dataloader"].train
    run = train(make_dataset(), replace(preset, shuffle="none"))
    without = full_loss(make_dataset(), run.w[-1:], run.b[-1:])[0]
    assert f"of {without:.5f} instead of 0.08560" in text


def test_two_points_are_both() -> None:
    words = " ".join(
        shown("one_change", Settings(DataSettings(n=2), TrainSettings(batch_size=2))).words
    )
    assert "every step uses both points" in words
    assert "both points are used at once" in words
