"""The page of minibatch loss surfaces: what its captions say is what its figures show."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import settings as trials
from hypothesis import strategies as st

from dashboard.charts.live_chart import Chart
from dashboard.shell.layout import Shown
from dashboard.shell.page import Chosen
from dashboard.shell.view_settings import LOOKS, ViewSettings
from minibatch_core import (
    DataSettings,
    Settings,
    SurfaceSettings,
    TrainSettings,
    draw_minibatches,
    loss_surface,
    make_dataset,
)
from minibatch_core.losses import LOSSES
from minibatch_core.theory.lowest import limit_far_out
from pages.minibatch_surfaces import compute
from tests.support.autograd import by_autograd
from tests.support.computed import shown
from tests.support.said import numbers_in


@st.composite
def chosen(draw: st.DrawFn) -> Chosen:
    """Any settings of the page."""
    n = draw(st.integers(2, 12) | st.integers(2, 200))
    data = DataSettings(
        n=n, noise=draw(st.sampled_from([0.0, 0.1, 0.3, 0.5])), seed=draw(st.integers(0, 99))
    )
    size = draw(st.sampled_from([1, max(1, n - 1), n]) | st.integers(1, min(n, 12)))
    view = ViewSettings(look=draw(st.sampled_from(["notebook", "viridis"])))
    surfaces = SurfaceSettings(
        points=view.points,
        count=draw(st.integers(0, 12)),
        replacement=draw(st.booleans()),
        divisor=draw(st.sampled_from(["batch_size", "n"])),
        seed=draw(st.integers(0, 99)),
    )
    view = ViewSettings(look=view.look, own_range=draw(st.booleans()))
    train = TrainSettings(batch_size=size, loss=draw(st.sampled_from(list(LOSSES))))
    return Chosen(Settings(data, train), surfaces, view)


def opened(seed: int = 1, count: int = 3, **train: Any) -> Chosen:
    settings = Settings(train=TrainSettings(**({"batch_size": 10} | train)))
    return Chosen(settings, SurfaceSettings(points=21, count=count, seed=seed), ViewSettings())


def of_alike(n: int, size: int, noise: float, loss: str) -> Chosen:
    """Two minibatches of almost all the points."""
    settings = Settings(DataSettings(n=n, noise=noise), TrainSettings(batch_size=size, loss=loss))
    surfaces = SurfaceSettings(points=21, count=2, replacement=False, divisor="n")
    return Chosen(settings, surfaces, ViewSettings(own_range=True))


@trials(max_examples=60)
@given(chosen())
@example(opened(seed=3, count=12, batch_size=3))
@example(opened(count=12, batch_size=60, loss="bce_with_logits_on_sigmoid"))
@example(opened(count=0))
def test_the_captions_say_what_the_figures_show(asked: Chosen) -> None:
    found = compute(asked)
    data, surfaces = make_dataset(asked.settings.data), asked.surfaces
    n, size = len(data), asked.settings.train.batch_size
    batches = draw_minibatches(n, size, surfaces.count, surfaces.replacement, surfaces.seed)
    points = [list(range(n)), *(batch.tolist() for batch in batches)]
    surfaces_shown = found.board.charts[:-2]
    titles = ["All the data", *(f"Minibatch {j + 1}" for j in range(surfaces.count))]
    assert [chart.title for chart in surfaces_shown] == titles
    places = [
        check_surface(chart, asked, of) for chart, of in zip(surfaces_shown, points, strict=True)
    ]
    check_lead(found.words[0], places, n, size)
    check_ranges(surfaces_shown, asked.view.own_range)
    check_spread(found, size)


def check_surface(chart: Chart, asked: Chosen, points: list[int]) -> str:
    """Its counts, its cross, and where its note says that it is lowest: returned as a word."""
    data, loss = make_dataset(asked.settings.data), asked.settings.train.loss
    heat, *marks = chart.figure["data"]
    ones = int(data.y[points].sum())
    counts, _, lowest = chart.note.partition(". ")
    assert counts == f"{len(points):,} point{'s' * (len(points) > 1)}, {ones:,} of class 1"
    divided = is_divided(data.x[points], data.y[points])
    assert (lowest == "The surface has no minimum.") == divided
    lowest_cell = float(heat["z"].min())
    scaled = 1.0
    if chart.name != "surface" and asked.surfaces.divisor == "n":
        scaled = len(points) / len(data)
    is_lowest, is_local = (words in lowest for words in ("lowest loss is", "a local minimum"))
    if not (is_lowest or is_local):
        assert marks == []
        if divided:
            return "nowhere"
        check_beyond(asked, points, lowest_cell / scaled)
        if lowest == "The surface has no minimum in this picture.":
            return "far"
        assert lowest == "The surface is lowest beyond the edge of this picture."
        return "beyond"
    (cross,) = marks
    w, b = float(cross["y"][0]), float(cross["x"][0])
    (left, right), (low, high) = (chart.figure["layout"][a]["range"] for a in ("xaxis", "yaxis"))
    assert low <= w <= high
    assert left <= b <= right
    value, slope_w, slope_b = by_autograd(data, points, loss, w, b)
    assert abs(slope_w) + abs(slope_b) < 1e-6
    if is_local:
        assert lowest == (
            f"The cross × marks a local minimum, {value * scaled:.4f}. Outside the picture the "
            "loss is lower."
        )
        check_beyond(asked, points, value)
        return "local"
    assert lowest == f"The surface's lowest loss is {value * scaled:.4f}, at the cross ×."
    assert value * scaled <= lowest_cell + 1e-6
    return "inside"


def is_divided(x: Any, y: Any) -> bool:
    """Whether the classes of the points in the order of x change no more than once."""
    return int(np.abs(np.diff(y[np.argsort(x, kind="stable")])).sum()) <= 1


def check_beyond(asked: Chosen, points: list[int], lowest_cell: float) -> None:
    """Steep sigmoids, or what they tend to, come lower than the picture."""
    data, loss = make_dataset(asked.settings.data), asked.settings.train.loss
    part = type(data)(data.x[points], data.y[points])
    limit, sigmoids = limit_far_out(part, loss)
    steep = [(side * w, -side * w * at) for side, at in sigmoids for w in (6.5, 10, 20, 50, 200)]
    far = [limit, *(by_autograd(data, points, loss, w, b)[0] for w, b in steep)]
    fine, wide = np.linspace(-12.0, 12.0, 241), np.linspace(-60.0, 60.0, 121)
    far += [float(loss_surface(part, grid, grid, loss).min()) for grid in (fine, wide)]
    assert min(far) < lowest_cell


def check_lead(lead: str, places: list[str], n: int, size: int) -> None:
    """What is counted in the sentences above the charts."""
    k = len(places) - 1
    assert ("of both points" if n == 2 else f"of all {n:,} points") in lead
    assert ("A cross × marks" in lead) == ("inside" in places)
    counted = {"nowhere": r"(?:has|have) no minimum(?=:)"}
    assert "larger w" not in lead
    (surfaces,) = re.findall(r"The (surfaces? of [^.]*) lowest beyond the edge", lead) or [""]
    count = places[1:].count("beyond")
    assert surfaces.startswith("surfaces ") == (count > 1)
    if count:
        counts = re.findall(rf"of (\d+) of the {k} minibatches (?:is|are)", surfaces)
        assert counts == ([str(count)] if count < k else [])
    assert bool(surfaces) == bool(count)
    counted["far"] = r"(?:has|have) no minimum in the picture"
    assert ("the cross marks a local minimum" in lead) == ("local" in places)
    assert ("may lie between the cells" in lead) == ("inside" in places)
    for place, sentence in counted.items():
        said = re.findall(rf"((?:The|Both|All|\d+) [^.:]*minibatch(?:es)? {sentence})", lead)
        count = places[1:].count(place)
        assert [whose(each, k) for each in said] == ([count] if count else [])
    if k:
        assert f" {k} minibatch{'es' * (k > 1)} of {size:,} point{'s' * (size > 1)}" in lead


def whose(sentence: str, k: int) -> int:
    """How many of k minibatches a sentence speaks of: of all of them as people say it."""
    verb = r" (?:is|has) "
    if k == 1:
        assert re.match(rf"The minibatch{verb}", sentence)
        return 1
    if re.match(
        r"Both minibatches (?:are|have) " if k == 2 else rf"All {k} minibatches ", sentence
    ):
        return k
    (some,) = re.findall(rf"^(\d+) of the {k} minibatches ", sentence)
    assert int(some) < k
    assert bool(re.search(verb, sentence)) == (int(some) == 1)
    return int(some)


def check_ranges(charts: Sequence[Chart], own: bool) -> None:
    """The bar of each surface says whose range its colours have."""
    heats = [chart.figure["data"][0] for chart in charts]
    ranges = {(heat["zmin"], heat["zmax"]) for heat in heats}
    for chart, heat in zip(charts, heats, strict=True):
        assert chart.bar is not None
        assert chart.bar.words == ("own range" if own else "shared range")
        lowest = float(heat["z"].min())
        assert heat["zmin"] == pytest.approx(lowest, rel=1e-6, abs=1e-9) or not own
        assert heat["zmin"] <= lowest + 1e-6
        highest = max(float(each["z"].max()) for each in ([heat] if own else heats))
        assert chart.bar.high.startswith("≥") == (highest > heat["zmax"] * (1.0 + 1e-6))
    assert own or len(ranges) == 1


def check_spread(found: Shown, size: int) -> None:
    """The largest standard deviation, and what is measured at the chosen batch size."""
    spread, curve = found.board.charts[-2:]
    largest = float(spread.figure["data"][0]["z"].max())
    assert (spread.bar is None) == (largest == 0.0)
    assert len(spread.figure["data"]) == 1  # where a spread is lowest is no minimum of a loss
    if largest == 0.0:
        assert "It is 0, since each of them is all the data." in spread.note
    else:
        assert f"at most {largest:.4f}, at" in spread.note
    if "every minibatch is all the data, so it is 0" in curve.note:
        assert largest == 0.0
        assert size not in curve.figure["data"][1]["x"]
        return
    at, told = re.findall(r"At B = ([\d,]+) .* it is (.*)\. A bar", curve.note)[0]
    assert int(at.replace(",", "")) == size
    assert not re.search(r"± [0.]+(?![.\d])", curve.note)
    root, *error = numbers_in(told)
    dots = curve.figure["data"][1]
    drawn = dict(zip(dots["x"].tolist(), dots["y"].tolist(), strict=True))
    assert root == pytest.approx(drawn.get(size, 0.0), abs=6e-5 + 0.6 * sum(error))


@trials(max_examples=60)
@given(chosen())
@example(of_alike(2, 2, 0.0, "mse"))
@example(of_alike(100, 99, 0.5, "bce"))
def test_a_colour_is_said_to_mean_two_losses_where_they_differ(asked: Chosen) -> None:
    found = compute(asked)
    said = [each.text for each in found.notices if "own colours" in each.title]
    assert len(said) == (asked.surfaces.count > 1)
    for text in said:
        cells = [chart.figure["data"][0]["z"] for chart in found.board.charts[1:-2]]
        lowest, highest = ({f"{end(each):.4f}" for each in cells} for end in (np.min, np.max))
        differ = len(lowest) > 1 or len(highest) > 1
        check_advice(text, asked, differ)
        assert ("on one and for" in text) == differ
        if differ:
            one, other = re.findall(r"would stand for ([\d.]+) on one and for ([\d.]+) on", text)[0]
            assert one != other
            assert {one, other} <= (highest if "the highest loss" in text else lowest)
        else:
            said_of_all = f"every minibatch would go from {lowest.pop()} to {highest.pop()}."
            assert f"With the surfaces here its colours of {said_of_all}" in text


def check_advice(text: str, asked: Chosen, differ: bool) -> None:
    """What is advised can be done, and changes what is compared."""
    size, n = asked.settings.train.batch_size, asked.settings.data.n
    is_divided = asked.surfaces.divisor == "n" and size < n
    assert ("switch *Own" in text) == (differ and asked.view.own_range)
    assert ("set *Divide the sum by* to bs" in text) == (differ and is_divided)
    assert ("To compare them" in text) == (differ and (asked.view.own_range or is_divided))


def test_the_notice_of_the_division_knows_which_one_is_chosen() -> None:
    for divisor, says in (("n", "bs mends it"), ("batch_size", "Here *Divide the sum by* is bs")):
        asked = opened()
        found = compute(replace(asked, surfaces=replace(asked.surfaces, divisor=divisor)))
        (text,) = [each.text for each in found.notices if "1/bs" in each.text]
        assert says in text


def test_a_division_by_n_that_four_decimals_do_not_show_is_not_told_as_a_difference() -> None:
    asked = of_alike(10_000, 9999, 0.1, "mse")
    data = replace(asked.settings.data, seed=3)
    found = compute(replace(asked, settings=replace(asked.settings, data=data)))
    (text,) = [each.text for each in found.notices if "1/bs" in each.text]
    cells = found.board.charts[1].figure["data"][0]["z"]
    ends = f"from {cells.min():.4f} to {cells.max():.4f}"
    assert f"goes {ends}, and four decimals do not show the difference." in text


@pytest.mark.parametrize(
    ("count", "says"), [(1, "The minibatch shown holds "), (2, "The minibatches shown hold ")]
)
def test_one_minibatch_is_spoken_of_as_one(count: int, says: str) -> None:
    texts = [each.text for each in compute(opened(count=count)).notices]
    assert any(says in text for text in texts)


def test_minibatches_of_all_the_points_do_not_differ_by_rounding() -> None:
    for size, loss in ((2, "mse"), (2, "bce"), (30, "bce")):
        spread = compute(of_alike(size, size, 0.0, loss)).board.charts[-2]
        assert not spread.figure["data"][0]["z"].any()
        assert "It is 0, since each of them is all the data." in spread.note


def test_surfaces_are_of_one_size_and_each_has_axes_and_a_hover() -> None:
    board = compute(opened(count=12)).board
    assert board.grid.aligned
    *plots, _ = (row.split() for row in board.grid.areas[1::2])
    assert [row.split() for row in board.grid.areas[::2]][:-1] == plots
    assert {len(row) for row in plots} == {4}
    charts = board.charts[:-2]
    assert [name for row in plots for name in row if name != "."] == [c.name for c in charts]
    for chart in charts:
        layout, heat = chart.figure["layout"], chart.figure["data"][0]
        assert (layout["xaxis"]["title"]["text"], layout["yaxis"]["title"]["text"]) == ("b", "w")
        assert layout["xaxis"]["range"] == board.charts[0].figure["layout"]["xaxis"]["range"]
        assert all(part in heat["hovertemplate"] for part in ("w %{y", "b %{x", "loss %{z"))


@pytest.mark.parametrize("look", LOOKS)
def test_the_axes_of_all_surfaces_are_sent_once(look: str) -> None:
    view = ViewSettings(look=look)
    asked = Chosen(Settings(), SurfaceSettings(points=view.points, count=12), view)
    heats = [chart.figure["data"][0] for chart in compute(asked).board.charts[:-2]]
    assert len({id(heat[axis]) for heat in heats for axis in "xy"}) == 2


@pytest.mark.parametrize("replacement", [True, False])
def test_the_largest_spread_is_that_of_very_many_minibatches(replacement: bool) -> None:
    asked = opened()
    asked = replace(asked, surfaces=replace(asked.surfaces, replacement=replacement))
    spread = compute(asked).board.charts[-2]
    ((told, w, b),) = re.findall(r"at most ([\d.]+), at w (\S+), b (\S+)\.", spread.note)
    data, rng = make_dataset(asked.settings.data), np.random.default_rng(7)
    p = 1.0 / (1.0 + np.exp(-(float(w) * data.x + float(b))))
    squares = (p - data.y) ** 2
    means = [squares[rng.choice(100, 10, replace=replacement)].mean() for _ in range(20_000)]
    assert float(told) == pytest.approx(np.std(means), rel=0.02)


@pytest.mark.parametrize(("size", "replacement"), [(99, False), (100, True), (10, True)])
def test_a_prediction_has_the_digits_of_what_is_measured(size: int, replacement: bool) -> None:
    asked = opened(batch_size=size)
    asked = replace(asked, surfaces=replace(asked.surfaces, replacement=replacement))
    note = compute(asked).board.charts[-1].note
    ((law, found),) = re.findall(r"predicts ([\d.]+), and it is ([\d.]+) ±", note)
    assert abs(len(law) - len(found)) <= 1


@pytest.mark.parametrize("replacement", [True, False])
def test_the_draws_of_randint_are_told_apart_from_those_shown(replacement: bool) -> None:
    asked = opened(batch_size=100)
    found = compute(replace(asked, surfaces=replace(asked.surfaces, replacement=replacement)))
    (notice,) = [each for each in found.notices if each.title.startswith("random.randint")]
    assert ("*Draw with replacement* is off" in notice.text) != replacement


def test_the_page_opens_with_an_ordinary_spread() -> None:
    note = shown("minibatch_surfaces").board.charts[-1].note
    predicted, measured, error = numbers_in(note.partition("predicts ")[2])
    assert error > 0.0
    assert abs(measured - predicted) < 1.5 * error


def test_a_point_is_named_as_the_most_frequent_only_if_it_is_the_only_one() -> None:
    asked = opened(batch_size=100)
    surfaces = replace(asked.surfaces, replacement=False)
    found = compute(replace(asked, surfaces=surfaces))
    (notice,) = [each for each in found.notices if each.title.startswith("random.randint")]
    assert "each of 100 points comes 3 times in all of them together." in notice.text
