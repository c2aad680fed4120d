"""The lab that sets kept runs beside one another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts import live_chart
from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.run import Trained, trained
from dashboard.figures.many_runs import counted, runs_figure
from dashboard.figures.palette import RUNS
from dashboard.figures.parts import Figure, without_legend
from dashboard.server.cached import cached
from dashboard.shell.acts import open_run
from dashboard.shell.chosen import value
from dashboard.shell.names import names_of, unshared
from dashboard.shell.navigation import follow_click
from dashboard.shell.page import LABS, Page
from dashboard.shell.pins import MOST_PINS, pinned, unpin
from dashboard.shell.repairs import show_notices
from dashboard.shell.tables import show_table
from dashboard.shell.view_settings import UNITS
from minibatch_core import Settings, accuracy, full_loss
from minibatch_core.arrays import Floats
from minibatch_core.words import number

IDEA = f"""
Keep a run on any page, up to {MOST_PINS}: *Keep this curve* on the Playground, or under *Take it
away*. Here they lie over one another, with
what differs between them. A small batch takes many short looks, a large one few long ones: count in
epochs or examples, and runs that saw equally many points stand above one another. The address holds
them all: copy it to share the comparison.
"""

GRID = Grid(
    areas=("loss batch_loss", "w b"), rows="270px 220px", columns="repeat(2, minmax(0, 1fr))"
)


@dataclass(frozen=True, slots=True)
class Compared:
    """Charts of the runs, and rows of a table: a label and a value for each run."""

    board: Board
    settings: Sequence[tuple[str, Sequence[str]]]
    results: Sequence[tuple[str, Sequence[str]]]


@cached(most=32)
def compared(pins: tuple[Settings, ...], unit: str = "steps") -> Compared:
    """Train each of the runs and set them beside one another."""
    runs = [trained(settings) for settings in pins]
    named = list(zip(names_of(pins), RUNS, runs, strict=False))
    one_loss = len({settings.train.loss for settings in pins}) == 1
    title, note = "Loss on all the data", "of each run's own data"
    if not one_loss:
        title, note = "MSE on all the data", "since the runs were trained with several losses"
    figure = _curves(
        named,
        [shown.full if one_loss else _mse(shown) for shown in runs],
        [shown.steps for shown in runs],
        unit,
        "loss",
    )
    charts = [Chart("loss", title, note, figure)]
    for name, title, note in (
        ("batch_loss", "Loss of each step's minibatch", "before the step"),
        ("w", "w", ""),
        ("b", "b", ""),
    ):
        values = [getattr(shown.run, name) for shown in runs]
        steps = [np.arange(len(each)) for each in values]
        quantity = "loss" if name == "batch_loss" else name
        figure = _curves(named, values, steps, unit, quantity)
        charts.append(Chart(name, title, note, without_legend(figure)))
    return Compared(Board({}, charts, GRID), _differences(pins), _results(runs))


def _curves(
    named: Sequence[tuple[str, str, Trained]],
    values: Sequence[Floats],
    steps: Sequence[NDArray[np.integer]],
    unit: str,
    quantity: str,
) -> Figure:
    lines = [
        (label, colour, "solid", each)
        for (label, colour, _), each in zip(named, values, strict=True)
    ]
    x = [
        counted(each, shown.run.batches, unit)
        for (_, _, shown), each in zip(named, steps, strict=True)
    ]
    figure = runs_figure(lines, quantity, x=x, unit=UNITS[unit].lower())
    for k, trace in enumerate(figure["data"]):
        trace["line"]["width"] = 1.4 + 0.8 * (len(lines) - 1 - k)  # none hides another
    return figure


def _mse(shown: Trained) -> Floats:
    return full_loss(shown.data, shown.run.w[shown.steps], shown.run.b[shown.steps], "mse")


def _differences(pins: Sequence[Settings]) -> list[tuple[str, list[str]]]:
    """The settings that not all of the runs share, by their labels."""
    return [
        (setting.label, values)
        for part in ("data", "train")
        for setting, values in unshared(pins, part)
    ]


def _results(runs: Sequence[Trained]) -> list[tuple[str, list[str]]]:
    rows: list[tuple[str, list[str]]] = [
        ("Steps", [f"{len(shown.run):,}" for shown in runs]),
        ("Loss at the end", [number(float(shown.full[-1]), 4) for shown in runs]),
        ("w", [number(shown.end[0], 4) for shown in runs]),
        ("b", [number(shown.end[1], 4) for shown in runs]),
        ("Accuracy", [f"{accuracy(shown.data, *shown.end):.1%}" for shown in runs]),
    ]
    if len({shown.run.settings.loss for shown in runs}) > 1:
        # Losses of different kinds can't be compared, so all are measured by one as well.
        rows.insert(2, ("MSE at the end", [number(float(_mse(shown)[-1]), 4) for shown in runs]))
    if any(shown.run.diverged_at is not None for shown in runs):
        rows.append(
            (
                "Diverged at step",
                ["" if s.run.diverged_at is None else f"{s.run.diverged_at:,}" for s in runs],
            )
        )
    return rows


def draw() -> None:
    st.subheader(PAGE.title, anchor=False)
    st.markdown(IDEA)
    pins, problems = pinned()
    for problem in problems:
        st.warning(problem)
    show_notices(value("unit"))
    if not pins:
        st.info("No run is kept yet.")
        return
    shown = compared(tuple(pins), value("unit"))
    live_chart.show(shown.board, PAGE.name)
    heads = [
        f'<span style="color:{colour}">●</span> Run {k}'
        for k, colour in enumerate(RUNS[: len(pins)], 1)
    ]
    rows: list[list[str]] = []
    for title, part in (("What differs", shown.settings), ("What came of it", shown.results)):
        rows.append([f"**{title}**", *[""] * len(pins)])
        rows += [[label, *values] for label, values in part]
    show_table(["", *heads], rows, has_html=True)
    follow_click()
    for k, run in enumerate(pins):
        with st.container(horizontal=True):
            st.button(f"Open run {k + 1} in the Playground", on_click=open_run, args=(run,))
            st.button(f"Remove run {k + 1}", on_click=unpin, args=(k,))


PAGE = Page(
    name="compare",
    title="Compare",
    place=11,
    help="Kept runs over one another, and what differs between them.",
    group=LABS,
    controls=frozenset({"unit"}),
    draw=draw,
)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw as draw_dashboard

    draw_dashboard()
