"""Sentences on the pages: each holds at every setting, and no two contradict each other."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from dashboard.charts.run import ground_of, loss_chart, surface_chart, trained
from dashboard.charts.summary import summary
from dashboard.shell.layout import Shown
from dashboard.shell.registry import PAGES
from minibatch_core import (
    DataSettings,
    Settings,
    SurfaceSettings,
    TrainSettings,
    full_loss,
    make_batches,
    make_dataset,
    train,
)
from minibatch_core.engine.dataset import make_held_out
from minibatch_core.losses import LOSSES
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.settings.train import SHUFFLES, steps_per_epoch
from minibatch_core.words import number
from pages.compare import compared
from pages.optimizers import IDEA as OF_THE_RACE
from tests.support.computed import computed, shown
from tests.support.filled import charts_of, filled
from tests.support.opened import open_page

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


@trials(max_examples=150)
@given(runs())
def test_the_first_sentence_counts_what_the_run_does(asked: Settings) -> None:
    text = summary(asked)
    batches = make_batches(asked.data.n, asked.train)
    sizes = [len(batch) for batch in batches][: batches.steps_per_epoch]
    (steps,) = re.findall(r"([\d,]+) steps? makes? one epoch", text)
    assert whole(steps) == len(sizes)
    (epochs,) = re.findall(r"Training lasts ([\d,]+) epochs?", text)
    assert whole(epochs) == asked.train.epochs
    (uses,) = re.findall(r"Each step (?:uses|draws|makes) (?:all )?([\d,]+|both)", text)
    assert (2 if uses == "both" else whole(uses)) == sizes[0]
    last = re.findall(r"[Tt]he last step of an epoch (?:makes )?only ([\d,]+)\.", text)
    assert [whole(each) for each in last] == ([sizes[-1]] if sizes[-1] < sizes[0] else [])
    left = re.findall(r"([\d,]+) (?:is|are) left out in each epoch", text)
    without = asked.train.shuffle == "replacement"
    missed = asked.data.n - sum(sizes)
    assert [whole(each) for each in left] == ([missed] if missed and not without else [])
    assert ("more than once" in text) == (without and sizes[0] > 1)
    assert not ("all" in text and sizes[0] < asked.data.n)


@trials(max_examples=60)
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
    assert f"An epoch has {period:,} step" in late.note
    ordered = asked.train.shuffle in ("none", "once")
    several = period > 1 and epochs > 1
    assert ("the same minibatches in every epoch" in late.note) == (ordered and several)
    assert ("anew for each" in late.note) == (not ordered and several)
    assert ("is shaded" in late.note) == (epochs > 1)
    spectrum = charts["spectrum"]
    whole = spectrum.figure["layout"]["xaxis"]["tickvals"]
    assert whole == [k for k in range(1, period // 2 + 1) if k % whole[0] == 0]
    assert len(spectrum.figure["data"][0]["x"]) > 0 or "There is none" in spectrum.note
    assert all(0 <= int(share) <= 100 for share in re.findall(r"(\d+)% of squared", spectrum.note))


@pytest.mark.parametrize(
    ("changed", "says", "does_not_say"),
    [
        ({}, ["Two unused", "notebook draws", "starts at", "sees other", "ends at"], ["called"]),
        ({"randn_before_model": 3}, ["called 3 times", "starts at"], ["notebook draws"]),
        ({"randn_before_model": 1}, ["called 1 time ", "starts at"], ["notebook draws"]),
        ({"init_w": 1.0, "init_b": 0.0}, ["sees other minibatches", "ends at"], ["starts at"]),
        ({"init_w": 1.0, "init_b": 0.0, "shuffle": "none"}, ["changes nothing"], ["instead"]),
        ({"shuffle": "none"}, ["starts at", "ends at"], ["sees other"]),
        ({"batch_size": 100}, ["starts at", "ends at"], ["sees other"]),
        ({"batch_size": 100, "shuffle": "once"}, ["starts at", "ends at"], ["sees other"]),
        ({"batch_size": 100, "shuffle": "replacement"}, ["sees other"], []),
        ({"batch_size": 100, "init_w": 1.0, "init_b": 0.0}, ["changes nothing"], ["instead"]),
        (
            {"batch_size": 100, "epochs": 1000, "loss": "bce"},
            ["and yet it ends at the same w ="],
            ["sees other"],
        ),
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
    for words in [*does_not_say, "instead of"]:
        assert words not in text
    data = make_dataset(settings.data)
    run, without = (
        train(data, settings.train),
        train(data, replace(settings.train, randn_before_model=0)),
    )
    start, end = (f"w = {run.w[k]:.4f}, b = {run.b[k]:.4f}" for k in (0, -1))
    other_start, other_end = (f"w = {without.w[k]:.4f}, b = {without.b[k]:.4f}" for k in (0, -1))
    assert (f"starts at {start}" in text) == (start != other_start)
    assert (f"and ends at {end}" in text) == (end != other_end)
    (otherwise,) = re.findall(r" Without th\w+ calls? it would (.*\d)\. ", text) or [""]
    expected = [
        f"{verb} at {other}"
        for verb, mine, other in (("start", start, other_start), ("end", end, other_end))
        if mine != other
    ]
    assert otherwise == ", and ".join(expected)


UNUSED_DRAWS = "torch.randn(1) before the model = 2"


@pytest.mark.parametrize(
    ("data", "changed", "says"),
    [
        ({}, {}, f"B = 50, lr = 0.5, epochs = 100, shuffling = Each epoch and {UNUSED_DRAWS}."),
        (
            {},
            {"shuffle": "none"},
            f"B = 50, lr = 0.5, epochs = 100 and {UNUSED_DRAWS}. Its shuffling is that of",
        ),
        (
            {},
            {"batch_size": 25, "epochs": 50, "lr": 0.05},
            f"shuffling = Each epoch and {UNUSED_DRAWS}.",
        ),
        (
            {},
            {"batch_size": 25, "lr": 0.05, "randn_before_model": 0},
            "epochs = 100 and shuffling = Each epoch.",
        ),
        (
            {},
            {"optimizer": "sgd", "lr": 5.0, "shuffle": "none", "randn_before_model": 0},
            "B = 50, SGD, lr = 5 and epochs = 100. Its shuffling is that of",
        ),
        (
            {"n": 60, "seed": 3},
            {"randn_before_model": 0, "init_w": 0.1, "momentum": 0.5},
            "B = 50, lr = 0.5, epochs = 100, shuffling = Each epoch, start w = 0.1, N = 60 and "
            "data seed = 3.",
        ),
    ],
)
def test_all_that_differs_from_section_2_is_said(
    data: dict[str, Any], changed: dict[str, Any], says: str
) -> None:
    asked = PAGES["dataset_and_dataloader"].settings
    settings = Settings(replace(asked.data, **data), replace(asked.train, **changed))
    texts = [each.text for each in shown("dataset_and_dataloader", settings).notices]
    assert any(text.startswith(f"Unlike section 2, this run has {says}") for text in texts)


@pytest.mark.parametrize(
    "query", [{"n": "5", "obs": "4", "bs": "5"}, {"n": "2", "obs": "2", "bs": "1"}]
)
def test_a_batch_size_of_the_pictures_that_can_be_is_left_alone(query: dict[str, str]) -> None:
    name = "dataset_and_dataloader"
    test = open_page(name, **{f"{key}_{name}": text for key, text in query.items()})
    assert [each.value for each in test.warning] == []
    assert test.session_state[f"obs_{name}"] == int(query["obs"])


def test_a_batch_size_of_the_pictures_above_n_is_mended_and_told() -> None:
    name = "dataset_and_dataloader"
    test = open_page(name, **{f"n_{name}": "5", f"obs_{name}": "8", f"bs_{name}": "9"})
    assert [each.value for each in test.warning] == [
        "Batch size B was 9, but there are only N = 5 points. So it is now 5.",
        "The pictures' batch size was 8, but there are only N = 5 points. So it is now 5.",
    ]
    assert [test.session_state[f"{key}_{name}"] for key in ("bs", "obs")] == [5, 5]


@pytest.mark.parametrize(
    ("data", "changed", "is_close"),
    [
        (DataSettings(), {}, True),
        (DataSettings(), {"lr": 0.0}, False),
        (DataSettings(n=10, noise=0.5, seed=4), {"epochs": 51}, False),
        (DataSettings(seed=9), {}, False),
        (DataSettings(n=10, noise=0.5), {"epochs": 1}, False),  # Adam's first step is lr long
    ],
)
def test_a_bug_is_said_to_be_easy_not_to_notice_where_its_run_ends_as_well(
    data: DataSettings, changed: dict[str, Any], is_close: bool
) -> None:
    asked = PAGES["full_batch"].settings.train
    both = [
        replace(asked, batch_size=data.n, loss=loss, **changed)
        for loss in ("bce_with_logits_on_sigmoid", "bce")
    ]
    texts = [each.text for each in shown("full_batch", Settings(data, both[0])).notices]
    assert any("easy not to notice" in text for text in texts) == is_close
    points = make_dataset(data)
    runs = [train(points, each) for each in both]
    ends = [full_loss(points, run.w[-1:], run.b[-1:], "bce")[0] for run in runs]
    assert not is_close or ends[0] == pytest.approx(ends[1], rel=0.01)


@pytest.mark.parametrize(("epochs", "is_same"), [(1, True), (10, True), (201, False)])
def test_runs_that_are_almost_the_same_are_not_said_to_show_a_bug(
    epochs: int, is_same: bool
) -> None:
    data = DataSettings(n=10, noise=0.5)
    asked = replace(PAGES["full_batch"].settings.train, batch_size=data.n, epochs=epochs)
    texts = [each.text for each in shown("full_batch", Settings(data, asked)).notices]
    assert any("do not show what the bug does" in text for text in texts) == is_same
    points = make_dataset(data)
    one, other = (train(points, replace(asked, loss=loss)) for loss in (asked.loss, "bce"))
    apart = np.hypot(one.w[-1] - other.w[-1], one.b[-1] - other.b[-1])
    assert (apart < 0.1 * np.hypot(one.w[-1] - one.w[0], one.b[-1] - one.b[0])) == is_same


def test_a_row_of_y_is_not_told_from_a_column_where_they_give_the_same() -> None:
    asked = PAGES["dataset_and_dataloader"].settings
    flat = replace(asked, train=replace(asked.train, lr=0.0, init_w=0.0, init_b=0.0))
    texts = " ".join(texts_of(shown("dataset_and_dataloader", flat)))
    assert "a row and a column give the same, 0.25." in texts


def test_a_loss_read_by_swapped_names_is_not_told_from_one_that_is_the_same() -> None:
    train = TrainSettings(loss="bce_with_logits_on_sigmoid", batch_size=2)
    page = shown("loss_surface", Settings(DataSettings(n=2, noise=0.0, seed=3), train))
    (text,) = [each.text for each in page.notices if "axis names" in each.title]
    assert text.endswith("the grid would be lowest at w = 4, b = 6, where the loss is 0.31 too.")


@pytest.mark.parametrize("seed", range(8))
def test_a_first_minibatch_is_called_another_one_only_where_it_is(seed: int) -> None:
    asked = PAGES["dataset_and_dataloader"].settings
    few = Settings(DataSettings(n=2), replace(asked.train, batch_size=1, seed=seed))
    texts = " ".join(texts_of(shown("dataset_and_dataloader", few, order_batch_size=1)))
    epochs = make_batches(2, replace(few.train, epochs=2, randn_before_model=0))
    assert ("its first minibatch is another one" in texts) == (epochs[0][0] != epochs[2][0])
    assert ("by luck its first minibatch has the same" in texts) == (epochs[0][0] == epochs[2][0])


@pytest.mark.parametrize("name", ["full_batch", "playground"])
def test_what_a_caption_says_is_lowest_is_the_surface_and_not_the_path(name: str) -> None:
    for data in (DataSettings(), DataSettings(noise=0.0), DataSettings(n=2), DataSettings(n=30)):
        train = replace(PAGES[name].settings.train, batch_size=data.n)
        note = surface_chart(ground_of(trained(Settings(data, train))), "viridis").note
        assert re.match(r"With the path of the run\. The (?:surface|cross)\b", note)


@pytest.mark.parametrize(
    ("data", "loss", "says"),
    [
        (DataSettings(n=60, noise=0.15, seed=5), "mse", "is inside the grid, at w = 4.604"),
        (
            DataSettings(n=100, noise=0.0, seed=1),
            "bce",
            "by the same number above 1, the loss falls",
        ),
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


@trials(max_examples=30)
@given(runs())
def test_the_playground_shows_the_loss_on_points_that_no_step_has_seen(asked: Settings) -> None:
    chart = charts_of(filled(shown("playground", asked).board.payload))["loss"]
    fresh = chart["data"][2]
    steps = fresh["x"].astype(int)
    data, others = make_dataset(asked.data), make_held_out(asked.data)
    assert len(others) == asked.data.n
    assert not np.isin(others.x, data.x).any()
    run = train(data, asked.train)
    expected = full_loss(others, run.w[steps], run.b[steps], asked.train.loss)
    np.testing.assert_allclose(fresh["y"], expected, rtol=1e-5)
    if len(run) and run.diverged_at is None:
        assert f"Held-out data: {number(expected[-1], 4)} at the end." in chart["note"]


@st.composite
def views(draw: st.DrawFn) -> tuple[Settings, SurfaceSettings]:
    """A short run, and minibatches to be drawn, of every kind."""
    surfaces = SurfaceSettings(
        points=5,
        count=draw(st.integers(0, 12)),
        replacement=draw(st.booleans()),
        divisor=draw(st.sampled_from(["n", "batch_size"])),
        seed=draw(st.integers(0, 99)),
    )
    return draw(runs()), surfaces


def notes(page: Shown) -> dict[str, str]:
    """What each chart says, with what only the server can say of it."""
    return {chart.name: f"{chart.note} {chart.answer}".strip() for chart in page.board.charts}


def drawn(page: Shown, name: str) -> list[dict[str, Any]]:
    """The traces of a chart."""
    (found,) = [chart.figure["data"] for chart in page.board.charts if chart.name == name]
    return list(found)


def texts_of(page: Shown) -> list[str]:
    """Every text of a page that is written by its settings."""
    laws = [text for law in page.laws for text in (law.note, law.not_here) if text]
    charts = [text for text in notes(page).values() if text]
    slips = [notice.text for notice in page.notices]
    return [*charts, *laws, *slips, *page.words, *([page.warning] if page.warning else [])]


PAGES_OF_A_RUN = ("loss_surface", "in_order", "dataset_and_dataloader", "minibatch_surfaces")


@pytest.mark.parametrize(
    "name", [*PAGES_OF_A_RUN, "full_batch", "gradient_noise", "stability", "order_matters"]
)
@trials(max_examples=25)
@given(asked=views())
def test_no_text_has_a_number_that_is_none_or_a_word_in_the_wrong_number(
    name: str, asked: tuple[Settings, SurfaceSettings]
) -> None:
    settings, surfaces = for_page(name, *asked)
    page = shown(name, settings, surfaces=surfaces, order_batch_size=settings.train.batch_size)
    for text in texts_of(page):
        assert not re.search(r"\bnan\b|\binf\b|\bNone\b(?!\*)", text), text
        one = re.search(
            r"(?<![\d.,e-])1 (points|steps|epochs|minibatches|dots|cells|runs|times)", text
        )
        assert not one, text
        many = re.search(r"(?<![\d.])([02-9]|\d\d+) (point|step|epoch|minibatch|dot|cell)\b", text)
        assert not many, text
        assert not re.search(r"(?<![\d.])([\d.]*\d) (?:instead of|and not) \1(?![\d.]*\d)", text), (
            text
        )
        assert "  " not in text
        assert "*" not in text or text not in notes(page).values()  # a caption is no Markdown
        assert ".." not in text.replace("...", "")
        assert not re.search(r"[.!?] [a-z](?![a-z]* ?[=≥])(?!\b)", text), text


def test_of_one_minibatch_an_epoch_no_range_is_told_and_of_one_class_no_difference() -> None:
    asked = PAGES["dataset_and_dataloader"].settings
    one = replace(asked, train=replace(asked.train, batch_size=asked.data.n))
    texts = " ".join(texts_of(shown("dataset_and_dataloader", one)))
    assert "Minibatches of the last epoch" not in texts
    assert "losses of that epoch" not in texts
    alike = Settings(DataSettings(n=2, noise=0.0, seed=3), replace(one.train, batch_size=2))
    assert np.ptp(make_dataset(alike.data).y) == 0.0
    texts = " ".join(texts_of(shown("dataset_and_dataloader", alike, order_batch_size=1)))
    assert "since all the points are of one class" in texts


@pytest.mark.parametrize("name", [*PAGES_OF_A_RUN, "full_batch"])
@trials(max_examples=25)
@given(asked=views())
def test_a_caption_is_made_of_whole_sentences(
    name: str, asked: tuple[Settings, SurfaceSettings]
) -> None:
    settings, surfaces = for_page(name, *asked)
    page = shown(name, settings, surfaces=surfaces, order_batch_size=settings.train.batch_size)
    check_whole(notes(page).values())


def test_captions_of_several_runs_are_made_of_whole_sentences() -> None:
    check_whole(notes(shown("one_change", seeds=5)).values())
    pins = Settings(), Settings(train=TrainSettings(loss="bce", batch_size=1))
    check_whole(chart.note for chart in compared(pins).board.charts)


def check_whole(captions: Iterable[str]) -> None:
    """Each begins as a sentence or with a number, w or b, ends as one, and joins no parts."""
    for text in captions:
        assert not text or re.fullmatch(r"(?:[A-Z\d]|[wb] ).*\.", text), text
        assert ";" not in text, text


def for_page(
    name: str, settings: Settings, surfaces: SurfaceSettings
) -> tuple[Settings, SurfaceSettings]:
    """The settings as the page can have them."""
    train = settings.train
    if name in ("full_batch", "stability"):
        train = replace(train, batch_size=settings.data.n, drop_last=False)
    if name == "stability":
        train = replace(train, optimizer="momentum", momentum=0.0)
    if name in ("gradient_noise", "order_matters"):
        train = replace(train, optimizer="sgd")
    return replace(settings, train=train), surfaces


@trials(max_examples=60)
@given(views())
def test_the_loss_surface_has_a_cross_where_its_note_says_so(
    asked: tuple[Settings, SurfaceSettings],
) -> None:
    settings, _ = asked
    page = shown("loss_surface", settings)
    note = notes(page)["surface"]
    crosses = [trace for trace in drawn(page, "surface") if trace.get("meta") == "minimum"]
    assert ("The cross marks" in note) == (len(crosses) == 1)
    for words, title in (
        ("has no minimum.", "This loss has no minimum"),
        ("has no minimum in this picture.", "This loss has no minimum here"),
    ):
        assert (words in note) == any(each.title == title for each in page.notices)
    assert ("beyond the edge the loss is lower" in note.lower()) == any(
        n.title == "The lowest point lies beyond the edge" for n in page.notices
    )
    flipped = sum(len(trace["x"]) for trace in drawn(page, "flips")[1:])
    assert page.board.metrics["Labels flipped"] == f"{flipped:,}"
    said = re.findall(r"Dots?: ([\d,]+) flipped points?\.", notes(page)["flips"])
    assert [whole(each) for each in said] == ([flipped] if flipped else [])


@pytest.mark.parametrize(("n", "replacement"), [(20, True), (3000, True), (3000, False)])
def test_the_gradients_note_counts_the_dots_that_are_drawn(n: int, replacement: bool) -> None:
    asked = PAGES["gradient_noise"].settings
    settings = replace(asked, data=replace(asked.data, n=n))
    page = shown("gradient_noise", settings, surfaces=SurfaceSettings(replacement=replacement))
    ones, zeros, minibatches, *_ = drawn(page, "gradients")
    note = notes(page)["gradients"]
    of_points, of_minibatches = re.findall(r"each of (?:the )?(?:first ([\d,]+) of )?", note)
    assert len(ones["x"]) + len(zeros["x"]) == (whole(of_points) if of_points else n)
    assert len(minibatches["x"]) == whole(of_minibatches)
    assert (" with replacement" in note) == replacement


@pytest.mark.parametrize(("n", "noise"), [(100, 0.1), (40, 0.02), (30, 0.3)])
@pytest.mark.parametrize("loss", [*LOSSES])
def test_stability_speaks_of_the_dotted_runs_that_are_drawn(
    n: int, noise: float, loss: str
) -> None:
    asked = PAGES["stability"].settings
    settings = Settings(
        DataSettings(n=n, noise=noise), replace(asked.train, loss=loss, batch_size=n)
    )
    page = shown("stability", settings)
    if "distances" not in notes(page):
        assert page.warning
        assert "No minimum" in page.warning
        return
    note, names = notes(page)["distances"], [trace["name"] for trace in drawn(page, "distances")]
    for share in ("90", "110"):
        assert (f"{share}%" in note) == (f"{share}% of it" in names)
    assert ("larger than any lr" in note) == (names == ["the chosen lr"])


@trials(max_examples=40)
@given(runs(), st.integers(2, 300))
def test_the_pictures_of_orders_have_as_many_empty_cells_as_they_say(
    asked: Settings, n: int
) -> None:
    settings = replace(asked, data=replace(asked.data, n=max(n, asked.train.batch_size)))
    size = settings.data.n - 1
    found = computed("dataset_and_dataloader", settings, order_batch_size=size)
    for chart in found.pictures.board.charts:
        cells = chart.figure["data"][0]["z"]
        empty = re.findall(r"([\d,]+) of ([\d,]+) cells (?:is|are) empty", chart.note)
        missing = int(np.isnan(cells).sum())
        expected = [(f"{missing:,}", f"{cells.size:,}")] if missing else []
        assert empty == expected
        assert ("Drawn are the first" in chart.note) == (settings.data.n > cells.shape[1])


@trials(max_examples=60)
@given(runs())
def test_the_words_of_the_pictures_count_an_epochs_minibatches(asked: Settings) -> None:
    size = asked.train.batch_size
    found = computed("dataset_and_dataloader", asked, order_batch_size=size).pictures
    batches = make_batches(asked.data.n, asked.train)
    sizes = [len(batch) for batch in batches][: batches.steps_per_epoch]
    counted = re.findall(r"An epoch has ([\d,]+) minibatch(?:es)?[ :]", found.words)
    assert [whole(each) for each in counted] == [len(sizes)]
    of_each = re.findall(r"minibatch(?:es)?(?:: (one|[\d,]+))? of ([\d,]+) point", found.words)
    short = re.findall(r", and a last one of only ([\d,]+)\.", found.words)
    if sizes[-1] < sizes[0]:
        large = "one" if len(sizes) == 2 else f"{len(sizes) - 1:,}"
        assert of_each == [(large, f"{sizes[0]:,}")]
        assert [whole(each) for each in short] == [sizes[-1]]
    else:
        assert of_each == [("", f"{sizes[0]:,}")]
        assert short == []
    left = re.findall(r"under More, leaves out a last one, of only ([\d,]+) point", found.words)
    missed = asked.data.n - sum(sizes)
    assert [whole(each) for each in left] == ([missed] if missed else [])


@pytest.mark.parametrize("name", ["gradient_noise", "minibatch_surfaces", "order_matters"])
@trials(max_examples=12)
@given(asked=views())
def test_a_law_that_is_not_here_has_no_numbers_and_is_told_how_points_are_drawn(
    name: str, asked: tuple[Settings, SurfaceSettings]
) -> None:
    settings, surfaces = for_page(name, *asked)
    if name == "order_matters":
        settings = replace(settings, train=replace(settings.train, shuffle="none"))
    page = shown(name, settings, surfaces=surfaces)
    for law in page.laws:
        assert np.isnan(law.predicted) == bool(law.not_here) or not np.isfinite(law.measured)
        for drawn_ in re.findall(r"drawn (with|without) replacement", law.note):
            assert (drawn_ == "with") == surfaces.replacement


@pytest.mark.parametrize("lr", [0.0, 1e-7, 0.05, 1.0])
@pytest.mark.parametrize("batch_size", [10, 100])
def test_losses_that_are_compared_have_equally_many_digits(lr: float, batch_size: int) -> None:
    train_settings = TrainSettings(lr=lr, batch_size=batch_size, init_w=0.0, init_b=0.0, epochs=4)
    run = trained(Settings(train=train_settings))
    note = loss_chart(run).note
    pairs = re.findall(r"(?:from|between) (\S+) (?:to|and) (\S+)\.(?: |$)", note)
    for one, other in pairs:
        assert len(one) == len(other)
        assert one != other
    moved = f"{run.full[0]:.4f}" != f"{run.full[-1]:.4f}"
    assert ("All the data: from" in note) == moved
    still = "all along" if lr == 0.0 else "at the start and at the end"
    assert (f"All the data: {run.full[-1]:.4f} {still}" in note) != moved


def test_the_race_names_the_optimizers_that_have_a_learning_rate_of_their_own() -> None:
    said = OF_THE_RACE.replace("\n", " ")
    labels = [each.label for each in OPTIMIZERS.values() if each.is_adaptive]
    (named,) = re.findall(r"learning rates: ([^.]*) divide by the size", said)
    assert set(re.split(r", | and ", named)) == set(labels)
    divided = [each for each in OPTIMIZERS.values() if "square_avg" in each.state]
    (other,) = [each.label for each in divided if not each.is_adaptive]
    assert f"{other} divides by it too" in said


def test_captions_of_one_run_are_sentences() -> None:
    same = TrainSettings(optimizer="sgd", batch_size=100, init_w=1.0, init_b=0.0)
    for chart in shown("seeds", Settings(train=same)).board.charts:
        assert chart.note.startswith("At the end it is ")
    race = shown("optimizers", Settings(train=same), optimizers=("sgd",))
    assert re.match(r"The loss is [\d.]+ at the end\.", race.board.charts[0].note)
    rate = {chart.name: chart for chart in race.board.charts}["rate"]
    assert rate.note.startswith("The schedule is Constant. Here lr is ")
