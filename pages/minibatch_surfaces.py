"""The notebook's last cell: the loss surface that each minibatch sees."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.run import (
    colour_bar,
    ends_of,
    lowest_note,
    points_note,
    surface_limits,
)
from dashboard.figures.gradients import spread_curve_figure
from dashboard.figures.parts import shortened
from dashboard.figures.surface import ends_in_sight, surface_figure
from dashboard.server.cached import cached
from dashboard.shell.chosen import chosen
from dashboard.shell.comparison import NOT_DRAWN, Comparison
from dashboard.shell.layout import Notice, Shown, show, show_head
from dashboard.shell.page import DATA, NOTEBOOK, Chosen, Page
from dashboard.shell.view_settings import ViewSettings
from minibatch_core import (
    Batches,
    Dataset,
    Settings,
    SurfaceSettings,
    TrainSettings,
    batch_surfaces,
    draw_minibatches,
    loss_surface,
    make_dataset,
    notebook_grid,
    predicted_spread,
)
from minibatch_core.arrays import Floats
from minibatch_core.theory import laws
from minibatch_core.theory.lowest import FALLS, Lowest, lowest_point
from minibatch_core.theory.spread import (
    batch_sizes_up_to,
    root_mean_square_spread,
    spread_factor,
)
from minibatch_core.words import all_of, as_close_as, listed, number, plural, rounded, with_error

IDEA = """
A training step sees only its own minibatch, so it goes downhill on the loss surface of that
minibatch, not on the surface of all the data. Here you can compare the two. Move the batch size B
(`bs` in the notebook): in smaller minibatches the surfaces differ more from one another.
"""

CURVE_POINTS = 11
"""Values of w, and of b, over which the spread is averaged for the curve."""

SPREAD_POINTS = 41
"""Values of w, and of b, of the spread's heatmap."""

NONE = 1e-7
"""A standard deviation that is rounding alone."""

MOST_ACROSS, EQUAL = 4, "repeat({}, minmax(0, 1fr))"
"""How many surfaces stand side by side at most, each as wide as the others."""

HEIGHTS = {2: 300, 3: 260, 4: 215}
"""Pixels of a surface's plot, by how many stand side by side."""

FOLD = 760
"""Pixels of the page below which the charts stand one below another: four would be too small."""


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A surface that is drawn: of which points, its losses, where it is lowest.

    `losses` are `scaled`: the mean loss times this.
    """

    name: str
    title: str
    points: NDArray[np.int32]
    losses: Floats
    lowest: Lowest
    scaled: float = 1.0


@cached(most=32)
def compute(chosen: Chosen) -> Shown:
    """Draw minibatches, compute the loss surface of each, and how much such surfaces differ."""
    settings, surfaces, view = chosen.settings, chosen.surfaces, chosen.view
    data, loss = make_dataset(settings.data), settings.train.loss
    batch_size = settings.train.batch_size
    w_grid, b_grid = notebook_grid(surfaces.points)
    batches = draw_minibatches(
        len(data), batch_size, surfaces.count, surfaces.replacement, surfaces.seed
    )
    full = loss_surface(data, w_grid, b_grid, loss)
    honest = batch_surfaces(data, batches, w_grid, b_grid, loss)
    scaled = batch_size / len(data) if surfaces.divisor == "n" else 1.0
    small = honest * scaled
    cells = view.look == "notebook"
    ends = ends_in_sight(w_grid, cells), ends_in_sight(b_grid, cells)
    everything = np.arange(len(data), dtype=np.int32)
    shown = [Surface("surface", "All the data", everything, full, lowest_point(data, *ends, loss))]
    for j, losses in enumerate(small):
        points = batches[j]
        lowest = lowest_point(Dataset(data.x[points], data.y[points]), *ends, loss)
        shown.append(Surface(f"batch{j}", f"Minibatch {j + 1}", points, losses, lowest, scaled))
    charts = [
        *_surface_charts(settings, shown, (w_grid, b_grid), view),
        *_spread_charts(data, settings, surfaces, view),
    ]
    notices = [_divided_by_n(honest, settings, surfaces)]
    notices.append(_own_ranges(small, settings, surfaces, view))
    notices.append(_twice(batches, surfaces.replacement))
    board = Board({}, charts, _grid(surfaces.count))
    return Shown(
        board,
        [
            laws.adding_up(data, settings.train),
            laws.separable_minibatches(data, batch_size, surfaces, loss),
        ],
        comparison=_comparison(small),
        notices=[notice for notice in notices if notice is not None],
        words=(_lead(shown, batch_size),),
    )


def _grid(count: int) -> Grid:
    """All the data and then the minibatches, up to four of one size a row; the spread below."""
    if count == 0:
        row = "surface spread curve"
        return Grid((row, row), "auto 260px", EQUAL.format(3), aligned=True, fold=FOLD)
    names = ["surface", *(f"batch{j}" for j in range(count))]
    across = min(len(names), MOST_ACROSS)
    names += ["."] * (-len(names) % across)
    rows = [names[first : first + across] for first in range(0, len(names), across)]
    half = (across + 1) // 2
    rows.append(["spread"] * half + ["curve"] * (across - half))
    areas = tuple(" ".join(row) for row in rows for _ in ("captions", "plots"))
    tracks = f"auto {HEIGHTS[across]}px " * (len(rows) - 1) + "auto 250px"
    return Grid(areas, tracks, EQUAL.format(across), aligned=True, fold=FOLD)


def _surface_charts(
    settings: Settings, surfaces: list[Surface], grid: tuple[Floats, Floats], view: ViewSettings
) -> list[Chart]:
    """A heatmap of each, all of one kind, with a colour range of its own or one for all."""
    data, loss = make_dataset(settings.data), settings.train.loss
    scale, cells = view.look_scale, view.look == "notebook"
    every = np.stack([each.losses for each in surfaces])
    drawn = shortened(grid[0]), shortened(grid[1])  # sent once for all of them
    charts = []
    for each in surfaces:
        ranged = each.losses if view.own_range else every
        limits = surface_limits(data, loss, ranged)
        figure = surface_figure(
            each.losses, *drawn, limits, scale, bar=False, cells=cells, lowest=each.lowest
        )
        bar = colour_bar(limits, ends_of(ranged), scale, is_shared=not view.own_range)
        note = f"{points_note(data, each.points)} {lowest_note(each.lowest, each.scaled)}"
        charts.append(Chart(each.name, each.title, note, figure, bar))
    return charts


def _lead(surfaces: list[Surface], batch_size: int) -> str:
    """What the pictures show, counted."""
    full, *small = surfaces
    n, k = len(full.points), len(small)
    text = f"The loss surface of {all_of(n, 'point')}"
    if k:
        of_each = f"{batch_size:,} {plural('point', batch_size)}"
        those, each, both = ("those", " each", "All") if k > 1 else ("that", "", "Both")
        text += f", and {those} of {k} {plural('minibatch', k)} of {of_each}{each}."
        text += f" {both} have the same axes: b across, w upwards."
    else:
        text += (
            ", with b across and w upwards. *Minibatches k* puts those of minibatches beside it."
        )
    places = [each.lowest.place for each in surfaces]
    if "inside" in places:
        text += " A cross × marks the lowest point of a surface: it may lie between the cells, and "
        text += "a little lower than any of them."
    if "local" in places:
        text += " Where the note says so, the cross marks a local minimum: no point near it is "
        text += "lower, but outside the picture the loss is."
    if nowhere := places[1:].count("nowhere"):
        text += f" {_counted(nowhere, k)} {'has' if nowhere == 1 else 'have'} no minimum: some w "
        text += f"and b put every point of the minibatch on the correct side of p = ½. {FALLS}"
    if beyond := places[1:].count("beyond"):
        surfaces_are = "surface of {} is" if beyond == 1 else "surfaces of {} are"
        text += f" The {surfaces_are.format(_counted(beyond, k, within=True))} lowest beyond the "
        text += "edge of the picture."
    if far := places[1:].count("far"):
        text += f" {_counted(far, k)} {'has' if far == 1 else 'have'} no minimum in the picture: "
        text += "far away, where p is almost 0 or 1 for every point, the loss comes closer and "
        text += "closer to its lowest value, and never arrives."
    return text


def _counted(some: int, k: int, within: bool = False) -> str:
    """So many of the k minibatches, as a sentence begins, or as one says it `within`.

    >>> _counted(1, 1), _counted(2, 2), _counted(4, 4), _counted(1, 4)
    ('The minibatch', 'Both minibatches', 'All 4 minibatches', '1 of the 4 minibatches')
    >>> _counted(4, 4, within=True)
    'all 4 minibatches'
    """
    if some < k:
        return f"{some} of the {k} minibatches"
    words = {1: "The minibatch", 2: "Both minibatches"}.get(k, f"All {k} minibatches")
    return f"{words[0].lower()}{words[1:]}" if within else words


def _spread_charts(
    data: Dataset, settings: Settings, surfaces: SurfaceSettings, view: ViewSettings
) -> list[Chart]:
    loss, batch_size = settings.train.loss, settings.train.batch_size
    # Other minibatches than those drawn above: seed 1, the notebook's, is an unusual one here.
    replacement, seed = surfaces.replacement, (surfaces.seed + 1) % 2**32
    w_grid, b_grid = notebook_grid(SPREAD_POINTS)
    spread = predicted_spread(data, w_grid, b_grid, batch_size, loss, replacement)
    spread[spread < NONE] = 0.0
    limits = (float(spread.min()), float(spread.max()) or 1.0)
    heat = Chart(
        "spread",
        "Standard deviation",
        _spread_note(spread, w_grid, b_grid, batch_size),
        surface_figure(
            spread, w_grid, b_grid, limits, _calm(view), bar=False, quantity="standard deviation"
        ),
        colour_bar(limits, limits, _calm(view)) if spread.any() else None,
    )
    return [heat, _curve_chart(data, loss, batch_size, replacement, seed)]


def _spread_note(spread: Floats, w_grid: Floats, b_grid: Floats, batch_size: int) -> str:
    note = (
        f"It says how far the mean losses of minibatches of {batch_size:,} "
        f"{plural('point', batch_size)} typically lie from the loss of all the data."
    )
    if not spread.any():
        return f"{note} It is 0, since each of them is all the data."
    i, j = np.unravel_index(np.argmax(spread), spread.shape)
    note += f" It is at most {number(spread.max(), 4)}, at w {w_grid[i]:.2f}, b {b_grid[j]:.2f}."
    middle = spread[np.argmin(np.abs(w_grid)), np.argmin(np.abs(b_grid))]
    return f"{note} It is 0 at w = b = 0, where every p is ½." if middle == 0.0 else note


def _calm(view: ViewSettings) -> str:
    """A spread has no good and bad end, so it is never drawn in green and red."""
    return "viridis" if view.look_scale == "rdylgn" else view.look_scale


def _curve_chart(data: Dataset, loss: str, batch_size: int, replacement: bool, seed: int) -> Chart:
    grid = notebook_grid(CURVE_POINTS)
    sizes = sorted({*batch_sizes_up_to(len(data)), batch_size})
    found = [root_mean_square_spread(data, *grid, size, loss, replacement, seed) for size in sizes]
    measured, errors = np.array(found).T
    of_points = _mean(predicted_spread(data, *grid, 1, loss))
    factors = [spread_factor(len(data), size, replacement) for size in sizes]
    predicted = of_points * np.array(factors)
    measured[predicted == 0.0] = 0.0  # what is there is rounding
    here = sizes.index(batch_size)
    law = "1/√B" if replacement else "√((N - B) / (B (N - 1)))"
    return Chart(
        "curve",
        "Larger minibatches differ less",
        f"The root mean square of the standard deviation over the grid is proportional to {law}. "
        f"{_at_size(batch_size, predicted[here], measured[here], errors[here])} A bar is a "
        "standard error up and down.",
        spread_curve_figure(sizes, (measured, errors), predicted, batch_size),
    )


def _at_size(batch_size: int, predicted: float, measured: float, error: float) -> str:
    if predicted == 0.0:
        return (
            f"At B = N = {batch_size:,} every minibatch is all the data, so it is 0, as the law "
            "predicts."
        )
    return (
        f"At B = {batch_size:,} the law predicts {as_close_as(predicted, error)}, and it is "
        f"{with_error(measured, error)}."
    )


def _mean(spread: Floats) -> float:
    """The root mean square over a grid."""
    return float(np.sqrt(np.mean(spread**2)))


def _comparison(small: Floats) -> Comparison:
    """The ends of the notebook's three colour bars, as seaborn takes them from its surfaces."""
    ends = ((0.0136, 0.0690), (0.0029, 0.0830), (0.0083, 0.0762))
    rows = []
    for j, notebook in enumerate(ends):
        here = [NOT_DRAWN] * 2
        if j < len(small):
            here = [number(float(end), 4) for end in (small[j].min(), small[j].max())]
        rows.append(
            (f"minibatch {j + 1}", list(zip((f"{e:.4f}" for e in notebook), here, strict=True)))
        )
    return Comparison(("lowest cell", "highest cell"), rows)


def _divided_by_n(honest: Floats, settings: Settings, surfaces: SurfaceSettings) -> Notice | None:
    n, batch_size = settings.data.n, settings.train.batch_size
    if len(honest) == 0 or batch_size == n:
        return None
    lowest, highest = float(honest[0].min()), float(honest[0].max())
    share = batch_size / n
    divided, own = (
        f"from {number(lowest * by, 4)} to {number(highest * by, 4)}" for by in (share, 1.0)
    )
    outcome = (
        f"the first minibatch goes {divided} instead of {own}"
        if divided != own
        else f"the first minibatch goes {own}, and four decimals do not show the difference"
    )
    mended = (
        "*Divide the sum by* bs mends it."
        if surfaces.divisor == "n"
        else "Here *Divide the sum by* is bs, so the pictures show the mean."
    )
    return Notice(
        "Sums over B points are divided by N",
        f"The notebook writes `1/N` where the mean of B = {batch_size:,} needs `1/bs`. That makes "
        f"every loss {rounded(share, 3)} times as large as it is: {outcome}. {mended}",
    )


def _own_ranges(
    small: Floats, settings: Settings, surfaces: SurfaceSettings, view: ViewSettings
) -> Notice | None:
    n, batch_size = settings.data.n, settings.train.batch_size
    if len(small) < 2:
        return None
    lowest, highest = (
        [number(each, 4) for each in sorted(ends.tolist())]
        for ends in (small.min(axis=(1, 2)), small.max(axis=(1, 2)))
    )
    end, ends = ("lowest", lowest) if highest[0] == highest[-1] else ("highest", highest)
    outcome = (
        f"its colour of the {end} loss would stand for {ends[0]} on one and for {ends[-1]} on "
        "another."
        if ends[0] != ends[-1]
        else f"its colours of every minibatch would go from {lowest[0]} to {highest[0]}."
    )
    said = [
        "The notebook draws with seaborn, which gives each heatmap a colour range of its own, so "
        f"the same colour may mean another loss on each. With the surfaces here {outcome}"
    ]
    if not view.own_range:
        said.append("Here all surfaces share one range.")
    ways = ["switch *Own colour range for each* off"] * view.own_range
    ways += ["set *Divide the sum by* to bs"] * (surfaces.divisor == "n" and batch_size < n)
    if ways and ends[0] != ends[-1]:
        said.append(f"To compare them with all the data, {listed(ways)}.")
    return Notice("Each surface has its own colours", " ".join(said))


def _twice(batches: Batches, replacement: bool) -> Notice | None:
    if len(batches) == 0:
        return None
    within = {point for batch in batches for point, c in Counter(batch.tolist()).items() if c > 1}
    counts = Counter(batches.indices.tolist())
    often, times = counts.most_common(1)[0]
    as_often = sum(count == times for count in counts.values())
    who = f"point {often:,} comes" if as_often == 1 else f"each of {as_often:,} points comes"
    those = "minibatches shown hold" if len(batches) > 1 else "minibatch shown holds"
    found = (
        f"{len(within):,} {plural('point', len(within))} twice or more in the same minibatch"
        if within
        else "no point twice in the same minibatch"
    )
    together = " in all of them together" if len(batches) > 1 else ""
    several = f"; {who} {times} times{together}" if times > 1 else ""
    here = (
        f"The {those} {found}"
        if replacement
        else "Here *Draw with replacement* is off, so no minibatch holds a point twice"
    )
    return Notice(
        "random.randint draws with replacement",
        "Each of its draws is from all N points anew, so a point can come twice, where a "
        f"DataLoader's shuffle=True gives each once an epoch. {here}{several}.",
    )


def draw() -> None:
    asked = chosen()
    show_head(asked.settings, IDEA, asked.surfaces)
    show(compute(asked), asked.settings, asked.surfaces)


PAGE = Page(
    name="minibatch_surfaces",
    title="Minibatch loss surfaces",
    place=6,
    help="The loss surface that each minibatch sees, and how much they differ.",
    group=NOTEBOOK,
    controls=DATA | {"look", "own", "bs", "k", "repl", "div", "kseed", "loss"},
    settings=Settings(train=TrainSettings(batch_size=10, epochs=20)),
    surfaces=SurfaceSettings(points=21, divisor="n"),
    view=ViewSettings(own_range=True),
    compute=compute,
    draw=draw,
)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw as draw_dashboard

    draw_dashboard()
