"""The notebook's last cell: the loss surface that each minibatch sees."""

from collections import Counter

import numpy as np

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.run import colour_bar, points_note, surface_limits
from dashboard.figures.gradients import spread_curve_figure
from dashboard.figures.surface import surface_figure
from dashboard.server.cached import cached
from dashboard.shell.chosen import chosen
from dashboard.shell.comparison import Comparison
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
    measured_spread,
    notebook_grid,
    predicted_spread,
)
from minibatch_core.arrays import Floats
from minibatch_core.theory import laws
from minibatch_core.theory.spread import batch_sizes_up_to, minibatches_measured, spread_factor
from minibatch_core.words import number, plural

IDEA = """
A step does not walk on the landscape of all the data but on that of its own minibatch. Here are
those of k minibatches beside the real one. The smaller the minibatch, the more they differ: move
the batch size B, the notebook's `bs`, as its tip says, and watch the standard deviation between
them.
"""

CURVE_POINTS = 11
"""Values of w, and of b, over which the spread is averaged for the curve."""

SPREAD_POINTS = 41
"""Values of w, and of b, of the spread's heatmap."""

NONE = 1e-7
"""A standard deviation that is rounding alone."""


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
    small = honest * (batch_size / len(data) if surfaces.divisor == "n" else 1.0)
    charts = [
        *_surface_charts(data, batches, (w_grid, b_grid), full, small, loss, view),
        *_spread_charts(data, settings, surfaces, view),
    ]
    notices = [_divided_by_n(len(data), batch_size, honest), _own_ranges(small, view)]
    notices.append(_twice(batches))
    board = Board({}, charts, _grid(surfaces.count))
    return Shown(
        board,
        [
            laws.adding_up(data, settings.train),
            laws.separable_minibatches(data, batch_size, surfaces),
        ],
        comparison=_comparison(small),
        notices=[notice for notice in notices if notice is not None],
    )


def _grid(count: int) -> Grid:
    """The full surface on the left of up to four minibatches a row; the spread below."""
    across = min(count, 3) if count <= 3 else 4
    rows = max(1, -(-count // max(across, 1)))
    areas = []
    for row in range(rows):
        tiles = [f"batch{j}" if (j := row * across + i) < count else "." for i in range(across)]
        areas.append(" ".join(["surface", *tiles]))
    height = {1: 300, 2: 185}.get(rows, 165)
    if rows > 2:  # as wide as high, like the minibatches
        areas[-1] = areas[-1].replace("surface", ".")
    half = (across + 1) // 2
    areas.append(" ".join(["spread"] * (across + 1 - half) + ["curve"] * half) if across else "")
    if across == 0:
        return Grid(("surface surface", "spread curve"), "300px 250px", "repeat(2, minmax(0, 1fr))")
    return Grid(
        tuple(areas),
        " ".join([f"{height}px"] * rows + ["250px"]),
        f"minmax(0, {1.3 if across < 4 else 1.7}fr) repeat({across}, minmax(0, 1fr))",
    )


def _surface_charts(
    data: Dataset,
    batches: Batches,
    grid: tuple[Floats, Floats],
    full: Floats,
    small: Floats,
    loss: str,
    view: ViewSettings,
) -> list[Chart]:
    scale, cells = view.look_scale, view.look == "notebook"
    every = np.concatenate([full[None], small])

    def limits_of(surface: Floats) -> tuple[float, float]:
        ranged = surface if view.own_range else every
        return surface_limits(data, loss, ranged, ranged)

    limits = limits_of(full)
    highest = float((full if view.own_range else every).max())
    charts = [
        Chart(
            "surface",
            "All the data",
            f"{len(data):,} points",
            surface_figure(full, *grid, limits, scale, bar=False, cells=cells),
            colour_bar(limits, highest, scale),
        )
    ]
    for j, surface in enumerate(small):
        limits = limits_of(surface)
        figure = surface_figure(surface, *grid, limits, scale, bar=False, labels=False, cells=cells)
        note = points_note(data, batches[j])
        bar = colour_bar(limits, float(surface.max()), scale) if view.own_range else None
        charts.append(Chart(f"batch{j}", f"Minibatch {j + 1}", note, figure, bar, tile=True))
    return charts


def _spread_charts(
    data: Dataset, settings: Settings, surfaces: SurfaceSettings, view: ViewSettings
) -> list[Chart]:
    loss, batch_size = settings.train.loss, settings.train.batch_size
    replacement, seed = surfaces.replacement, surfaces.seed
    w_grid, b_grid = notebook_grid(SPREAD_POINTS)
    spread = measured_spread(data, w_grid, b_grid, batch_size, loss, replacement, seed)
    spread[spread < NONE] = 0.0
    limits = (float(spread.min()), float(spread.max()) or 1.0)
    heat = Chart(
        "spread",
        "Standard deviation",
        _spread_note(spread, w_grid, b_grid, batch_size),
        surface_figure(
            spread, w_grid, b_grid, limits, _calm(view), bar=False, quantity="standard deviation"
        ),
        colour_bar(limits, float(spread.max()), _calm(view)),
    )
    return [heat, _curve_chart(data, loss, batch_size, replacement, seed)]


def _spread_note(spread: Floats, w_grid: Floats, b_grid: Floats, batch_size: int) -> str:
    note = (
        f"of the mean loss, between {minibatches_measured(batch_size)} minibatches of "
        f"{batch_size:,} {plural('point', batch_size)}"
    )
    if not spread.any():
        return f"{note}: none, since each of them is all the data"
    i, j = np.unravel_index(np.argmax(spread), spread.shape)
    note += f", at most {spread.max():.4f} at w {w_grid[i]:.2f}, b {b_grid[j]:.2f}"
    middle = spread[np.argmin(np.abs(w_grid)), np.argmin(np.abs(b_grid))]
    return f"{note}; none at w = b = 0, where every p is ½" if middle == 0.0 else note


def _calm(view: ViewSettings) -> str:
    """A spread has no good and bad end, so it is never drawn in green and red."""
    return "viridis" if view.look_scale == "rdylgn" else view.look_scale


def _curve_chart(data: Dataset, loss: str, batch_size: int, replacement: bool, seed: int) -> Chart:
    grid = notebook_grid(CURVE_POINTS)
    sizes = sorted({*batch_sizes_up_to(len(data)), batch_size})
    measured = np.array(
        [_mean(measured_spread(data, *grid, size, loss, replacement, seed)) for size in sizes]
    )
    of_points = _mean(predicted_spread(data, *grid, 1, loss))
    factors = [spread_factor(len(data), size, replacement) for size in sizes]
    predicted = of_points * np.array(factors)
    here = sizes.index(batch_size)
    law = "1/√bs" if replacement else "√((N - bs) / (bs (N - 1)))"
    return Chart(
        "curve",
        "It shrinks with bs",
        f"as {law}; at bs = {batch_size:,} measured {number(measured[here], 4)}, "
        f"predicted {number(predicted[here], 4)} (root mean square over the grid)",
        spread_curve_figure(sizes, measured, predicted, batch_size),
    )


def _mean(spread: Floats) -> float:
    """The root mean square over a grid."""
    return float(np.sqrt(np.mean(spread**2)))


def _comparison(small: Floats) -> Comparison:
    """The ends of the notebook's three colour bars, as seaborn takes them from its surfaces."""
    ends = ((0.0136, 0.0690), (0.0029, 0.0830), (0.0083, 0.0762))
    rows = []
    for j, notebook in enumerate(ends):
        here = ["not drawn"] * 2
        if j < len(small):
            here = [number(float(end), 4) for end in (small[j].min(), small[j].max())]
        rows.append(
            (f"minibatch {j + 1}", list(zip((f"{e:.4f}" for e in notebook), here, strict=True)))
        )
    return Comparison(("lowest", "highest"), rows)


def _divided_by_n(n: int, batch_size: int, honest: Floats) -> Notice | None:
    if len(honest) == 0 or batch_size == n:
        return None
    lowest, highest = float(honest[0].min()), float(honest[0].max())
    share = batch_size / n
    return Notice(
        "Sums over bs points are divided by N",
        f"The notebook writes `1/N` where the mean of bs = {batch_size:,} needs 1/bs. That makes "
        f"every loss {share:g} times as large as it is: the first minibatch goes from "
        f"{number(lowest * share, 4)} to {number(highest * share, 4)} instead of from "
        f"{number(lowest, 4)} to {number(highest, 4)}. *Divide the sum by* mends it.",
    )


def _own_ranges(small: Floats, view: ViewSettings) -> Notice | None:
    if len(small) < 2:
        return None
    highest = small.max(axis=(1, 2))
    shared = (
        "To compare them, switch *Own colour range for each* off and divide by bs."
        if view.own_range
        else "Here they share one range."
    )
    return Notice(
        "Each surface has its own colours",
        "seaborn stretches the colours over each heatmap by itself, so the same colour means "
        f"another loss on each: the reddest is {number(float(highest.min()), 4)} on one and "
        f"{number(float(highest.max()), 4)} on another. {shared}",
    )


def _twice(batches: Batches) -> Notice | None:
    if len(batches) == 0:
        return None
    within = [point for batch in batches for point, c in Counter(batch.tolist()).items() if c > 1]
    often, times = Counter(batches.indices.tolist()).most_common(1)[0]
    found = (
        f"{len(within):,} {plural('point', len(within))} twice or more in the same minibatch"
        if within
        else "no point twice in the same minibatch"
    )
    several = f"; point {often:,} comes {times} times in all" if times > 1 else ""
    return Notice(
        "random.randint draws with replacement",
        "Each of its draws is from all N points anew, so a point can come twice, where a "
        f"DataLoader's shuffle=True gives each once an epoch. The minibatches shown hold {found}"
        f"{several}.",
    )


def draw() -> None:
    asked = chosen()
    show_head(asked.settings, IDEA, asked.surfaces)
    show(compute(asked), asked.settings, asked.surfaces)


PAGE = Page(
    name="minibatch_surfaces",
    title="Minibatch loss surfaces",
    place=5,
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
