"""The notebook's opening: its data, its noise, and the loss over every w and b."""

import numpy as np
import streamlit as st

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.run import colour_bar, ends_of, surface_limits
from dashboard.figures.data import MOST_POINTS, flip_figure, flipped_points, points_figure
from dashboard.figures.parts import Figure
from dashboard.figures.surface import ends_in_sight, minimum_mark, point_marks, surface_figure
from dashboard.server.cached import cached
from dashboard.shell.acts import choose_point
from dashboard.shell.chosen import chosen, settings, surfaces
from dashboard.shell.comparison import Comparison
from dashboard.shell.controls import draw_point
from dashboard.shell.layout import Notice, Shown, show, show_head
from dashboard.shell.page import DATA, NOTEBOOK, Chosen, Page
from dashboard.shell.terms import explain
from minibatch_core import (
    Dataset,
    Settings,
    SurfaceSettings,
    accuracy,
    full_loss,
    loss_surface,
    make_dataset,
    notebook_grid,
)
from minibatch_core.course.slips import notebook_flip_probability, try_label_generator
from minibatch_core.sources import SOURCES
from minibatch_core.theory.lowest import FALLS, Lowest, lowest_point
from minibatch_core.words import (
    number,
    numbers_apart,
    percent,
    plain,
    plural,
    rounded,
    sentences,
)

IDEA = """
Each point has one feature x and a class y. The class is 1 where x is above 1 and 0 elsewhere,
unless noise flips it. The model p = σ(w x + b) has two parameters, w and b. So its loss is a
landscape over the plane of w and b, and training is a walk on it, towards lower places. Click
anywhere on the loss surface to see the sigmoid that belongs to that w and b.
"""

GRID = Grid(
    areas=("points surface", "flips surface"),
    rows="215px 215px",
    columns="minmax(0, 6fr) minmax(0, 5fr)",
)

BESIDE_THE_GRID = {
    "inside": "the cross marks the lowest point, between the places of the grid",
    "local": "the cross marks a local minimum: outside, the loss is lower",
    "beyond": "beyond the edge the loss is lower",
    "far": "the surface has no minimum in this picture",
    "nowhere": "the surface has no minimum",
}
"""What the note says of where the surface is lowest, which its grid does not tell."""

ON_THE_CELL = 0.005
"""So near in w and b a cross stands on a cell of the grid, to two decimals."""


@cached(most=32)
def compute(chosen: Chosen) -> Shown:
    """Draw the data, and compute its loss surface and the sigmoid of one point of it."""
    settings, view = chosen.settings, chosen.view
    data, loss = make_dataset(settings.data), settings.train.loss
    w_grid, b_grid = notebook_grid(view.points)
    surface = loss_surface(data, w_grid, b_grid, loss)
    i, j = np.unravel_index(np.argmin(surface), surface.shape)
    lowest_w, lowest_b, lowest = float(w_grid[i]), float(b_grid[j]), float(surface[i, j])
    w = lowest_w if view.point_w is None else view.point_w
    b = lowest_b if view.point_b is None else view.point_b
    loss_there = float(full_loss(data, np.array([w]), np.array([b]), loss)[0])
    cells = view.look == "notebook"
    limits = surface_limits(data, loss, surface)
    figure = surface_figure(
        surface, w_grid, b_grid, limits, view.look_scale, bar=False, cells=cells
    )
    ends = ends_in_sight(w_grid, cells), ends_in_sight(b_grid, cells)
    found = lowest_point(data, *ends, loss)
    figure = _marked(figure, found, (w, b, loss_there))
    flipped = flipped_points(data, settings.data.source)
    ones = int(data.y.sum())
    charts = (
        Chart("points", "Data", _points_note(data, w, b), points_figure(data, w, b)),
        Chart("flips", "Noise", _flips_note(settings, data), flip_figure(data, settings.data)),
        Chart(
            "surface",
            "Loss surface",
            sentences(
                f"the lowest loss on the grid is {number(lowest, 4)}, at w {lowest_w:.2f}, "
                f"b {lowest_b:.2f}",
                _beside_the_grid(found, (lowest_w, lowest_b)),
                "click to see another sigmoid",
            ),
            figure,
            colour_bar(limits, ends_of(surface), view.look_scale),
            clickable=True,
        ),
    )
    metrics = {
        "Points": f"{len(data):,}",
        "Of class 1": f"{ones:,}",
        "Labels flipped": f"{len(flipped):,}",
        "w shown": _parameter(w),
        "b shown": _parameter(b),
        "Its loss": number(loss_there, 4),
        "Its accuracy": percent(accuracy(data, w, b), 1),
    }
    comparison = Comparison(
        ("points", "of class 1", "lowest loss", "at w", "at b"),
        [
            (
                "",
                [
                    ("100", f"{len(data):,}"),
                    ("53", f"{ones:,}"),
                    ("0.0858", number(lowest, 4)),
                    ("6.0", _as_printed(lowest_w)),
                    ("-5.5", _as_printed(lowest_b)),
                ],
            )
        ],
    )
    notices = [_swapped_axes(data, loss, lowest_w, lowest_b, lowest), _dead_branch(data)]
    notices.append(_label_generator(data))
    edge = i in (0, len(w_grid) - 1) or j in (0, len(b_grid) - 1)
    if about := _lowest_cell(found, (lowest_w, lowest_b, lowest), edge):
        notices.append(about)
    return Shown(Board(metrics, charts, GRID), comparison=comparison, notices=notices)


def _beside_the_grid(found: Lowest, cell: tuple[float, float]) -> str:
    if found.place == "inside" and np.allclose(
        cell, (found.w, found.b), rtol=0.0, atol=ON_THE_CELL
    ):
        return "the cross marks it"
    return BESIDE_THE_GRID[found.place]


def _as_printed(value: float) -> str:
    return rounded(value, 4) if value % 1 else f"{value:.1f}"


def _marked(figure: Figure, lowest: Lowest, shown: tuple[float, float, float]) -> Figure:
    """The surface with its minimum, if that is in sight, and the point that is shown."""
    cross = [minimum_mark(lowest)] if lowest.is_in_sight else []
    return {**figure, "data": [*figure["data"], *point_marks(*shown), *cross]}


def _points_note(data: Dataset, w: float, b: float) -> str:
    many = len(data) > MOST_POINTS
    return sentences(
        f"the curve is p = σ({_parameter(w)} x {'-+'[b >= 0]} {_parameter(abs(b))})",
        _half(w, b),
        f"only the first {MOST_POINTS} of {len(data):,} points are drawn" if many else "",
    )


def _parameter(value: float) -> str:
    """Two decimals, or two digits where those would be 0.

    >>> _parameter(-1000.0), _parameter(1e-9), _parameter(0.0)
    ('-1,000.00', '1·10⁻⁹', '0.00')
    """
    return rounded(value, 2) if 0.0 < abs(value) < 0.005 else number(value, 2)


def _half(w: float, b: float) -> str:
    if w:
        return f"it is ½ at x = {number(-b / w, 2)}"
    return "it is flat" if b else "it is ½ for every x, so no point is on a side of it"


def _flips_note(settings: Settings, data: Dataset) -> str:
    chosen = settings.data
    flipped = len(flipped_points(data, chosen.source))
    chance = SOURCES[chosen.source].flip_words(chosen.noise)
    if flipped == 0:
        return sentences(chance, "here no label is flipped")
    of = f"the first {MOST_POINTS} of the {flipped:,}" if flipped > MOST_POINTS else f"{flipped:,}"
    return sentences(chance, f"{plural('dot', flipped)}: {of} flipped {plural('point', flipped)}")


def _swapped_axes(data: Dataset, loss: str, w: float, b: float, lowest: float) -> Notice:
    misread = float(full_loss(data, np.array([b]), np.array([w]), loss)[0])
    there, here = numbers_apart(misread, lowest, 4)
    there_is = f"w = {rounded(b, 4)}, b = {rounded(w, 4)}"
    if w == b:
        outcome = "Here that changes nothing, since the grid is lowest where w and b are equal."
    elif there == here:
        outcome = (
            f"Read by those names, the grid would be lowest at {there_is}, where the "
            f"loss is {there} too."
        )
    else:
        outcome = (
            f"Read by those names, the grid would be lowest at {there_is}, where the "
            f"loss is {there} and not {here}."
        )
    return Notice(
        "The first heatmap's axis names are swapped",
        "The notebook writes *w* below its heatmap and *b* beside it, but draws b across and w "
        f"upwards, as here. {outcome}",
    )


def _dead_branch(data: Dataset) -> Notice:
    near = np.abs(data.x - 1.0) < 0.1
    chances = {notebook_flip_probability(x) for x in data.x[near].tolist()}
    count = int(near.sum())
    found = f"{count:,} of these {len(data):,} points {'lies' if count == 1 else 'lie'} "
    found += "that close to the boundary"
    if count:
        given = " or ".join(f"{plain(chance)}" for chance in sorted(chances))
        found += f"; the notebook's own rule gives {'it' if count == 1 else 'them'} {given}"
    return Notice(
        "A noise of 0.2 that no point ever gets",
        "`addNoise` asks for |x - 1| < 1 first, so the branch `elif abs(x-1) < 0.1: return 0.2` is "
        f"never reached. {found}.",
    )


def _label_generator(data: Dataset) -> Notice:
    trial = try_label_generator(data)
    if trial.error is None:
        outcome = f"On this server, with numpy {trial.numpy}, it still runs."
    else:
        outcome = f"On this server, with numpy {trial.numpy}, it ends with *{trial.error}*."
    return Notice(
        "The label generator needs a numpy before 2.4",
        "`true_y` calls `int(x < 1)` on an array of one element. With numpy 2.3.5 that gives the "
        f"labels. {outcome} The code below takes each x as a number and draws the same labels.",
    )


def _lowest_cell(found: Lowest, cell: tuple[float, float, float], edge: bool) -> Notice | None:
    w, b, loss = cell
    at = f"w = {rounded(w, 4)}, b = {rounded(b, 4)}"
    there = f"The lowest cell of this grid is at {at}, with {number(loss, 4)}. "
    if found.place == "nowhere":
        return Notice(
            "This loss has no minimum",
            f"{there}But some w and b put every point on the correct side of p = ½. {FALLS}",
        )
    if found.place == "beyond":
        return Notice(
            "The lowest point lies beyond the edge",
            f"{there}Somewhere outside the grid the loss is lower than anywhere in it.",
        )
    if found.place == "far":
        return Notice(
            "This loss has no minimum here",
            f"{there}But the loss is lower far away, where w and b are very large and p is almost "
            "0 or 1 for every point. There it comes closer and closer to its lowest value, and "
            "never arrives.",
        )
    inside = f"w = {rounded(found.w, 4)}, b = {rounded(found.b, 4)}"
    if found.place == "local":
        return Notice(
            "The cross marks a local minimum",
            f"{there}The loss has a minimum at {inside}, with "
            f"{number(found.loss, 4)}: no point near it is lower. But outside the grid the loss is "
            "lower.",
        )
    if not edge:
        return None
    return Notice(
        "The lowest cell lies on the edge, the lowest point does not",
        f"{there}The valley runs between the cells: its lowest point is inside the grid, at "
        f"{inside}, with {number(found.loss, 4)}.",
    )


def draw() -> None:
    show_head(settings(), surfaces=surfaces())
    left, right = st.columns([5, 2], gap="medium")
    with left:
        explain(IDEA)
    with right:
        draw_point()
    asked = chosen()
    show(compute(asked), asked.settings, asked.surfaces, show_sigmoid)


def show_sigmoid(_: str, b: float, w: float) -> None:
    choose_point(w, b)


PAGE = Page(
    name="loss_surface",
    title="Data and loss surface",
    place=1,
    help="The points, the rule that flips labels, and the loss over every w and b.",
    group=NOTEBOOK,
    controls=DATA | {"look", "loss", "pw", "pb"},
    surfaces=SurfaceSettings(points=21, count=0),
    is_full_batch=True,
    compute=compute,
    draw=draw,
)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw as draw_dashboard

    draw_dashboard()
