"""The lab of seeds: one setting, trained many times."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.notes import NOTES
from dashboard.charts.wire import SentAsked, counted, sent_settings
from dashboard.figures.many_runs import bands_figure, counted_line, ends_figure, runs_figure
from dashboard.figures.palette import FULL
from dashboard.figures.parts import (
    FEWEST_FOR_BANDS,
    MIDDLE,
    Figure,
    in_the_middle,
    without_legend,
)
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
from minibatch_core.engine.many_runs import left_to_chance, with_seeds
from minibatch_core.theory.resampling import ROUNDING, median_interval
from minibatch_core.words import number, plural, rounded

IDEA = """
A single run can depend on its seed. Here the same settings are trained with many seeds, counted up
from the chosen one, always on the same data. Dotted: the loss on as many other points of the same
source, on which no run has trained. All runs have the same settings, so equal steps are equal
epochs, examples and time: *Counted in* changes the axes alone.
"""

COMPARING = """
Two single runs with different seeds may differ by as much as the pale band, of all runs, is wide.
The median of many runs is surer. So compare two settings by their medians: if the ranges given for
them do not overlap, the difference is hardly luck.
""".strip().replace("\n", " ")

GRID = Grid(
    areas=("loss loss loss", "w b ends"),
    rows="290px 250px",
    columns="repeat(3, minmax(0, 1fr))",
    stacked=340,  # its legend is in several lines on a phone
)

GRID_OF_ONE = Grid(
    areas=("loss loss", "w b"),
    rows="290px 250px",
    columns="repeat(2, minmax(0, 1fr))",
)
"""Where all runs are the same."""

DRAWN = 201
"""At how many steps the runs are looked at."""

MOST_LOOKS = 100_000_000
"""How many points the runs may look at together."""

QUANTITIES = ("loss", "w", "b", "held-out")
"""What is kept of a run, in this order."""


@cached(most=16)
def compute(chosen: Chosen) -> Shown:
    """Train with many seeds, from the chosen one up."""
    data, asked = make_dataset(chosen.settings.data), chosen.settings.train
    held_out = make_held_out(chosen.settings.data)
    seeds, budget = chosen.view.seeds, chosen.view.budget
    looks = seeds * asked.epochs * len(data)
    if looks > MOST_LOOKS:
        warning = (
            f"These runs would look at {looks:,} points, more than {MOST_LOOKS:,}: take fewer "
            "seeds, epochs or points."
        )
        return Shown(Board({}, [], GRID), warning=warning)
    batches = make_batches(len(data), asked)
    steps = np.unique(np.linspace(0, len(batches), DRAWN).astype(np.int64))
    paths = np.array(
        train_many(data, with_seeds(asked, seeds), partial(_path, steps=steps, held_out=held_out))
    )  # (runs, 4, steps)
    diverged = int(np.isnan(paths[:, 0, -1]).sum())
    if diverged == seeds:
        return Shown(Board({}, [], GRID), warning=f"All {seeds:,} runs diverged.")
    x, unit = spent(steps, batches, budget), UNITS[chosen.view.unit].lower()
    runs: SentAsked = {
        "settings": sent_settings(chosen.settings, {"seeds": seeds, **counted(budget)})
    }
    are_same = _are_same(paths)
    board = _board_of_one(x, paths, unit, runs) if are_same else _board(x, paths, unit, runs)
    came = "They are drawn as far as they" if diverged > 1 else "It is drawn as far as it"
    some = (
        f"{diverged:,} of {seeds:,} {plural('run', seeds)} diverged. {came} came, and the numbers "
        "are of the others."
    )
    words = [_said_of_chance(len(data), asked, are_same, seeds), *said_of_time(budget)]
    return Shown(board, warning=some if diverged else None, words=words)


def _path(
    data: Dataset, settings: TrainSettings, steps: NDArray[np.int64], held_out: Dataset
) -> Floats:
    """The QUANTITIES at the steps, (4, K): NaN where the first is no longer finite."""
    run = train(data, settings)
    there = steps[steps < len(run.w)]
    path = np.full((len(QUANTITIES), len(steps)), np.nan)
    path[1, : len(there)], path[2, : len(there)] = run.w[there], run.b[there]
    path[0, : len(there)] = full_loss(data, run.w[there], run.b[there], settings.loss)
    path[3, : len(there)] = full_loss(held_out, run.w[there], run.b[there], settings.loss)
    path[:, ~np.isfinite(path[0])] = np.nan
    return path


def _are_same(paths: Floats) -> bool:
    """Whether all runs are one and the same, rounding apart."""
    with np.errstate(over="ignore"):
        return bool(np.allclose(paths, paths[:1], rtol=ROUNDING, atol=ROUNDING, equal_nan=True))


def _said_of_chance(n: int, settings: TrainSettings, are_same: bool, seeds: int) -> str:
    """What the seed decides at these settings, and how two settings are to be compared."""
    drawn = left_to_chance(n, settings)
    starts = [name for name in drawn if name != "order"]
    parts = []
    if starts:
        parts.append(f"where {' and '.join(starts)} {'start' if len(starts) > 1 else 'starts'}")
    if "order" in drawn:
        is_with = settings.shuffle == "replacement"
        parts.append(
            "which points each step draws" if is_with else "in which order the points come"
        )
    if are_same:
        return _said_of_no_chance(settings, parts, seeds)
    if not parts:  # each step uses all the points
        return (
            "The seed decides the order of the points alone. Each step uses all of them, so their "
            "order changes nothing but rounding, and here that grows from step to step."
        )
    said = f"**The seed decides {', and '.join(parts)}**. All else is the same in every run."
    if len(parts) > 1:
        given = " and ".join(f"*Start {name}*" for name in starts)
        said += f" Give {given}, under More, and the seed decides only {parts[1]}."
    return said if median_interval(range(seeds)) is None else f"{said} {COMPARING}"


def _said_of_no_chance(settings: TrainSettings, parts: Sequence[str], seeds: int) -> str:
    """Why all runs are the same, in a sentence."""
    if parts:
        return (
            f"The seed decides {', and '.join(parts)}. But here this changes nothing: all "
            f"{seeds:,} runs are the same, and one is drawn."
        )
    order = (
        "the order of the points is fixed"
        if settings.shuffle == "none"
        else "each step uses all the points, in whatever order"
    )
    return (
        f"**Nothing is left to chance here**: w and b have a given start, and {order}. So all "
        f"{seeds:,} runs are the same, and one is drawn."
    )


def _board(x: Floats, paths: Floats, unit: str, runs: SentAsked) -> Board:
    """The bands of runs that differ, and where they end."""
    loss, w, b, fresh = paths.swapaxes(0, 1)
    ends, fresh_ends = loss[:, -1], fresh[:, -1]
    charts = [
        _with_held_out(
            _bands("loss", "Loss on all the data", x, loss, unit, "loss"), x, fresh, unit
        ),
        _bands("w", "w", x, w, unit, "w"),
        _bands("b", "b", x, b, unit, "b"),
        _ends_chart(ends),
    ]
    metrics = {
        "Runs": f"{len(paths):,}",
        "Median loss at the end": _median(ends),
        **_middle(ends),
        "Median on held-out data": _median(fresh_ends),
        "The first run": "diverged" if np.isnan(ends[0]) else number(float(ends[0]), 4),
    }
    return Board(metrics, charts, GRID, runs=runs)


def _middle(ends: Floats) -> dict[str, str]:
    """Between what the middle ones of the runs that did not diverge end, where these are enough."""
    count = int((~np.isnan(ends)).sum())
    if count < FEWEST_FOR_BANDS:
        return {}
    low, high = (number(float(end), 4) for end in _quantiles(ends, *MIDDLE))
    which = f"The middle {in_the_middle(count):,} of {count:,}"
    return {f"{which} at": low} if low == high else {f"{which} between": f"{low} and {high}"}


def _board_of_one(x: Floats, paths: Floats, unit: str, runs: SentAsked) -> Board:
    """The run that all are."""
    loss, w, b, fresh = paths[0]
    end, fresh_end = (number(float(each[-1]), 4) for each in (loss, fresh))
    charts = [
        Chart(
            "loss",
            "Loss on all the data",
            NOTES["seeds_one_loss"].format(end=end, fresh=fresh_end),
            _one([("loss", "solid", loss), ("held-out data", "dot", fresh)], x, unit, "loss"),
            follows="runs",
        ),
        *(
            Chart(
                name,
                name,
                NOTES["seeds_one"].format(end=number(float(values[-1]), 4)),
                without_legend(_one([(name, "solid", values)], x, unit, name)),
                follows="runs",
            )
            for name, values in (("w", w), ("b", b))
        ),
    ]
    metrics = {
        "Runs": f"{len(paths):,}, all the same",
        "Loss at the end": end,
        "On held-out data": fresh_end,
    }
    return Board(metrics, charts, GRID_OF_ONE, runs=runs)


def _one(lines: Sequence[tuple[str, str, Floats]], x: Floats, unit: str, quantity: str) -> Figure:
    strokes = [(name, FULL, dash, values) for name, dash, values in lines]
    figure = runs_figure(strokes, quantity, x=[x] * len(lines), unit=unit)
    metas = ["the first run", "held-out median"]  # as _board names them
    data = [{**trace, "meta": meta} for trace, meta in zip(figure["data"], metas, strict=False)]
    return {**figure, "data": data}


def _median(values: Floats) -> str:
    """The median of the runs that came so far, and between what the true one lies."""
    known = values[~np.isnan(values)]
    (middle,) = _quantiles(known, 0.5)
    found = median_interval(known)
    said = number(float(middle), 4)
    return said if found is None else f"{said} ({number(found[0], 4)} to {number(found[1], 4)})"


def _bands(name: str, title: str, x: Floats, values: Floats, unit: str, quantity: str) -> Chart:
    seen = ~np.isnan(values).all(axis=0)
    x, values = x[seen], values[:, seen]
    low, tenth, middle, ninth, high = _quantiles(values, 0.0, MIDDLE[0], 0.5, MIDDLE[1], 1.0)
    bands = [("all runs", low, high, 0.14), ("about four of five", tenth, ninth, 0.28)]
    note = _said_of_ends(values[:, -1])
    shown = bands if len(values) >= FEWEST_FOR_BANDS else bands[:1]
    figure = bands_figure(x, shown, middle, values[0], unit, quantity)
    figure = figure if name == "loss" else without_legend(figure)
    return Chart(name, title, note, figure, follows="runs")


def _said_of_ends(ends: Floats) -> str:
    """Where the runs end that did not diverge, and how sure their median is."""
    known = ends[~np.isnan(ends)]
    low, middle, high = (number(float(end), 4) for end in _quantiles(known, 0.0, 0.5, 1.0))
    every = "all" if len(known) == len(ends) else "others"
    if low == high:
        return NOTES[f"seeds_{every}_alike"].format(low=low)
    said = [
        NOTES["seeds_median"].format(middle=middle),
        NOTES[f"seeds_{every}"].format(low=low, high=high),
    ]
    found = median_interval(known)
    if found is None:
        return " ".join([*said, NOTES["seeds_few"]])
    low, high = (number(end, 4) for end in found)
    sure = NOTES["seeds_true_alike" if low == high else "seeds_true"].format(low=low, high=high)
    return " ".join([*said, sure])


def _with_held_out(chart: Chart, x: Floats, values: Floats, unit: str) -> Chart:
    """The median loss on held-out data, dotted."""
    seen = ~np.isnan(values).all(axis=0)
    (middle,) = _quantiles(values[:, seen], 0.5)
    fresh = counted_line(x[seen], middle, FULL, 1.8, "held-out data, median", unit)
    fresh["meta"] = "held-out median"
    fresh["line"]["dash"] = "dot"
    figure = {**chart.figure, "data": [*chart.figure["data"], fresh]}
    end = NOTES["seeds_held_out"].format(middle=number(float(middle[-1]), 4))
    return replace(chart, figure=figure, note=f"{chart.note} {end}")


def _quantiles(values: Floats, *shares: float) -> Floats:
    """Quantiles over the runs; by halves, since two numbers can be farther apart than one is."""
    return np.asarray(2.0 * np.nanquantile(0.5 * values, shares, axis=0))


def _ends_chart(ends: Floats) -> Chart:
    finite = ends[~np.isnan(ends)]
    largest = float(finite.max()) or 1.0  # the square of a loss of 1e200 would be infinite
    note = NOTES["seeds_ends"]
    if median_interval(finite) is not None:
        spread = largest * float((finite / largest).std(ddof=1))
        note += f" {NOTES['seeds_spread'].format(spread=rounded(spread, 2))}"
    figure = ends_figure(finite, "loss at the end")
    return Chart("ends", "Where the runs end", note, figure, follows="runs")


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
