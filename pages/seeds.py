"""The lab of seeds: one setting, trained many times."""

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.figures.many_runs import bands_figure, ends_figure
from dashboard.figures.palette import FULL
from dashboard.figures.parts import line, without_legend
from dashboard.server.cached import cached
from dashboard.shell.chosen import chosen
from dashboard.shell.layout import Shown, show, show_head
from dashboard.shell.page import DATA, LABS, ORDER, TRAIN, Chosen, Page
from dashboard.shell.view_settings import UNITS, said_of_time
from minibatch_core import (
    Dataset,
    Settings,
    TrainSettings,
    full_loss,
    make_batches,
    make_dataset,
    train,
    train_many,
)
from minibatch_core.arrays import Floats
from minibatch_core.engine.budgets import spent
from minibatch_core.engine.dataset import make_held_out
from minibatch_core.engine.many_runs import with_seeds
from minibatch_core.words import number, plural

IDEA = """
A single curve is one draw of the start and of the order of the points. Here the same settings are
trained with many seeds, counted up from the chosen one. If two settings differ by less than the
width of the bands, the difference may be luck. Dotted: the loss on as many other points of the same
source, on which no run has trained. Give *Start w* and *Start b*, under More, to leave only the
order to chance. All runs have the same settings, so equal steps are equal epochs, examples and
time: *Counted in* changes the axes alone.
"""

GRID = Grid(
    areas=("loss loss loss", "w b ends"),
    rows="290px 250px",
    columns="repeat(3, minmax(0, 1fr))",
)

DRAWN = 201
"""At how many steps the runs are looked at."""

MOST_LOOKS = 100_000_000
"""How many points the runs may look at together."""


@cached(most=16)
def compute(chosen: Chosen) -> Shown:
    """Train with many seeds, from the chosen one up."""
    data, asked = make_dataset(chosen.settings.data), chosen.settings.train
    held_out = make_held_out(chosen.settings.data)
    seeds, unit = chosen.view.seeds, chosen.view.unit
    looks = seeds * asked.epochs * len(data)
    if looks > MOST_LOOKS:
        warning = (
            f"These runs would look at {looks:,} points, more than {MOST_LOOKS:,}: take fewer "
            "seeds, epochs or points."
        )
        return Shown(Board({}, [], GRID), warning=warning)
    batches = make_batches(len(data), asked)
    steps = np.unique(np.linspace(0, len(batches), DRAWN).astype(np.int64))
    x = spent(steps, batches, chosen.view.budget)
    paths = np.array(
        train_many(data, with_seeds(asked, seeds), partial(_path, steps=steps, held_out=held_out))
    )  # (runs, 4, steps)
    diverged = int(np.isnan(paths[:, 0, -1]).sum())
    if diverged == seeds:
        return Shown(Board({}, [], GRID), warning=f"All {seeds:,} runs diverged.")
    names = UNITS[unit].lower()
    charts = [
        _with_held_out(
            _bands("loss", "Loss on all the data", x, paths[:, 0], names, "loss"), x, paths[:, 3]
        ),
        _bands("w", "w", x, paths[:, 1], names, "w"),
        _bands("b", "b", x, paths[:, 2], names, "b"),
        _ends_chart(paths[:, 0, -1]),
    ]
    ends = paths[:, 0, -1]
    low, middle, high = _quantiles(ends, 0.1, 0.5, 0.9)
    metrics = {
        "Runs": f"{seeds:,}",
        "Median loss at the end": number(float(middle), 4),
        "Four of five between": f"{number(float(low), 4)} and {number(float(high), 4)}",
        "Median on held-out data": number(float(_quantiles(paths[:, 3, -1], 0.5)[0]), 4),
        "The first run": number(float(ends[0]), 4),
    }
    some = f"{diverged:,} of {seeds:,} {plural('run', seeds)} diverged; drawn as far as they came."
    words = said_of_time(chosen.view.budget)
    return Shown(Board(metrics, charts, GRID), warning=some if diverged else None, words=words)


def _path(
    data: Dataset, settings: TrainSettings, steps: NDArray[np.int64], held_out: Dataset
) -> Floats:
    """Loss on all the data, w, b and loss on held-out data at the steps: (4, K).

    NaN where the first is no longer finite.
    """
    run = train(data, settings)
    there = steps[steps < len(run.w)]
    path = np.full((4, len(steps)), np.nan)
    path[1, : len(there)], path[2, : len(there)] = run.w[there], run.b[there]
    path[0, : len(there)] = full_loss(data, run.w[there], run.b[there], settings.loss)
    path[3, : len(there)] = full_loss(held_out, run.w[there], run.b[there], settings.loss)
    path[:, ~np.isfinite(path[0])] = np.nan
    return path


def _bands(name: str, title: str, x: Floats, values: Floats, unit: str, quantity: str) -> Chart:
    seen = ~np.isnan(values).all(axis=0)
    x, values = x[seen], values[:, seen]
    low, tenth, middle, ninth, high = _quantiles(values, 0.0, 0.1, 0.5, 0.9, 1.0)
    bands = [("all runs", low, high, 0.14), ("four of five", tenth, ninth, 0.28)]
    note = (
        f"median {number(float(middle[-1]), 4)} at the end, all runs between "
        f"{number(float(low[-1]), 4)} and {number(float(high[-1]), 4)}"
    )
    figure = bands_figure(x, bands, middle, values[0], unit, quantity)
    return Chart(name, title, note, figure if name == "loss" else without_legend(figure))


def _with_held_out(chart: Chart, x: Floats, values: Floats) -> Chart:
    """The median loss on held-out data, dotted."""
    seen = ~np.isnan(values).all(axis=0)
    (middle,) = _quantiles(values[:, seen], 0.5)
    fresh = line(x[seen], middle, FULL, 1.8, name="held-out data, median")
    fresh["line"]["dash"] = "dot"
    figure = {**chart.figure, "data": [*chart.figure["data"], fresh]}
    note = f"{chart.note}; on held-out data the median is {number(float(middle[-1]), 4)}"
    return replace(chart, figure=figure, note=note)


def _quantiles(values: Floats, *shares: float) -> Floats:
    """Quantiles over the runs; by halves, since two numbers can be farther apart than one is."""
    return np.asarray(2.0 * np.nanquantile(0.5 * values, shares, axis=0))


def _ends_chart(ends: Floats) -> Chart:
    finite = ends[~np.isnan(ends)]
    largest = float(finite.max()) or 1.0  # the square of a loss of 1e200 would be infinite
    spread = largest * float((finite / largest).std())
    note = f"loss on all the data; standard deviation between seeds {spread:.2g}"
    return Chart("ends", "Where the runs end", note, ends_figure(finite, "loss at the end"))


def draw() -> None:
    asked = chosen()
    show_head(asked.settings, IDEA)
    show(compute(asked), asked.settings)


PAGE = Page(
    name="seeds",
    title="Seeds",
    place=8,
    help="One setting, many seeds: what is luck, and what is not.",
    group=LABS,
    controls=DATA | TRAIN | ORDER | {"nseeds", "unit", "cost"},
    settings=Settings(
        train=TrainSettings(optimizer="sgd", lr=1.0, batch_size=10, shuffle="each_epoch")
    ),
    is_ready_early=False,
    compute=compute,
    draw=draw,
)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw as draw_dashboard

    draw_dashboard()
