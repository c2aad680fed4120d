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
from dashboard.figures.many_runs import runs_figure
from dashboard.figures.palette import RUNS
from dashboard.figures.parts import Figure, without_legend
from dashboard.server.cached import cached
from dashboard.shell.acts import open_run
from dashboard.shell.chosen import value, view
from dashboard.shell.names import names_of, unshared
from dashboard.shell.navigation import follow_click
from dashboard.shell.page import LABS, Page
from dashboard.shell.pins import MOST_PINS, pinned, unpin
from dashboard.shell.repairs import show_notices
from dashboard.shell.share import show_share
from dashboard.shell.tables import show_table
from dashboard.shell.view_settings import UNITS, said_of_time
from minibatch_core import Settings, accuracy, full_loss
from minibatch_core.arrays import Floats
from minibatch_core.engine.budgets import STEP_COST, Budget, spent
from minibatch_core.schedules import SCHEDULES
from minibatch_core.words import number, percent

IDEA = f"""
Keep a run on any page, up to {MOST_PINS}: *Keep this curve* on the Playground, or under *Take it
away*. Here they lie over one another, with what differs between them. A small batch takes many
cheap steps, a large one few costly ones. So choose on the left what counts as equal: the charts
count it, and the table compares the runs where they have spent equally much. Each run has one seed,
so a small difference may be luck: *Seeds* shows how far runs lie apart that differ by nothing else.
The address holds them all: copy it to share the comparison.
"""

GRID = Grid(
    areas=("loss batch_loss", "w b"), rows="270px 220px", columns="repeat(2, minmax(0, 1fr))"
)


@dataclass(frozen=True, slots=True)
class Compared:
    """Charts of the runs, and rows of a table: a label and a value for each run.

    - `words`: what is compared where
    - `common`: what the runs came to at the largest budget that all of them have
    - `results`: what each came to at its own end
    """

    board: Board
    words: str
    settings: Sequence[tuple[str, Sequence[str]]]
    common: Sequence[tuple[str, Sequence[str]]]
    results: Sequence[tuple[str, Sequence[str]]]
    amount: str


@cached(most=32)
def compared(
    pins: tuple[Settings, ...], unit: str = "steps", step_cost: int = STEP_COST
) -> Compared:
    """Train each of the runs and set them beside one another."""
    budget = Budget(unit, step_cost)
    runs = [trained(settings) for settings in pins]
    named = list(zip(names_of(pins), RUNS, runs, strict=False))
    one_loss = len({settings.train.loss for settings in pins}) == 1
    title, note = "Loss on all the data", "Each run is measured on its own data."
    of_steps = "It is measured before the step."
    if not one_loss:
        title = "MSE on all the data"
        note += " MSE measures all of them, since they were trained with several losses."
        of_steps += " Each run has its own loss here, and different losses can't be compared."
    if any(settings.train.hyperparameters.get("weight_decay") for settings in pins):
        note += " Weight decay is in none of these losses."
    figure = _curves(
        named,
        [shown.full if one_loss else _mse(shown) for shown in runs],
        [shown.steps for shown in runs],
        budget,
        "loss",
    )
    charts = [Chart("loss", title, note, figure)]
    for name, title, note in (
        ("batch_loss", "Loss of each step's minibatch", of_steps),
        ("w", "w", ""),
        ("b", "b", ""),
    ):
        values = [getattr(shown.run, name) for shown in runs]
        steps = [np.arange(len(each)) for each in values]
        quantity = "loss" if name == "batch_loss" else name
        figure = _curves(named, values, steps, budget, quantity)
        charts.append(Chart(name, title, note, without_legend(figure)))
    amount, there = _in_common(runs, budget)
    return Compared(
        Board({}, charts, GRID),
        _said(runs, budget, amount, there),
        _differences(pins),
        _rows(runs, there) if _some_go_on(runs, there) else [],
        _results(runs),
        budget.words(amount),
    )


def _in_common(runs: Sequence[Trained], budget: Budget) -> tuple[float, list[int]]:
    """The largest budget that all the runs spend, and at which of its steps each has spent it.

    Runs that diverge are left out of that, unless all do: one may not come so far.
    """
    along = [
        spent(np.arange(len(shown.run.batches) + 1), shown.run.batches, budget) for shown in runs
    ]
    ends = [float(each[len(shown.run)]) for each, shown in zip(along, runs, strict=True)]
    whole = [end for end, shown in zip(ends, runs, strict=True) if shown.run.diverged_at is None]
    amount = min(whole or ends)
    return amount, [int(np.searchsorted(each, amount, side="right")) - 1 for each in along]


def _some_go_on(runs: Sequence[Trained], steps: Sequence[int]) -> bool:
    """Whether some run has more steps than these."""
    return any(step < len(shown.run) for shown, step in zip(runs, steps, strict=True))


def _said(runs: Sequence[Trained], budget: Budget, amount: float, steps: Sequence[int]) -> str:
    """Where the runs are compared, in sentences."""
    said = said_of_time(budget)
    there = [
        spent(np.array([step]), shown.run.batches, budget)[0]
        for shown, step in zip(runs, steps, strict=True)
        if step <= len(shown.run)
    ]
    if not _some_go_on(runs, steps):
        if len(there) < len(runs):
            others = "the other run ends" if len(there) == 1 else "the others end"
            said.append(
                f"A run that diverges ends there, and {others} at {budget.words(amount)}. So their "
                "ends are compared."
            )
        elif len(runs) > 1:
            said.append(f"Each run ends at {budget.words(amount)}, so their ends are compared.")
        return " ".join(said)
    all_of_them = (
        "all of them have" if len(there) == len(runs) else "all runs have that do not diverge"
    )
    said.append(
        "The runs do not end at the same budget. So the table compares them first at "
        f"**{budget.words(amount)}**, the most that {all_of_them}, and then at their own ends."
    )
    if min(there) < amount:
        said.append(
            "A run whose steps do not fit exactly is taken at its last step within that budget"
            + (", or at its start if its first step takes more." if 0 in steps else ".")
        )
    if any(SCHEDULES[shown.run.settings.schedule].stretches for shown in runs):
        said.append(
            "A schedule that stretches with its run is then at another part of it in a longer run, "
            "so that the learning rates differ."
        )
    return " ".join(said)


def _curves(
    named: Sequence[tuple[str, str, Trained]],
    values: Sequence[Floats],
    steps: Sequence[NDArray[np.integer]],
    budget: Budget,
    quantity: str,
) -> Figure:
    lines = [
        (label, colour, "solid", each)
        for (label, colour, _), each in zip(named, values, strict=True)
    ]
    x = [
        spent(each, shown.run.batches, budget)
        for (_, _, shown), each in zip(named, steps, strict=True)
    ]
    figure = runs_figure(lines, quantity, x=x, unit=UNITS[budget.unit].lower())
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


def _rows(
    runs: Sequence[Trained], steps: Sequence[int], where: str = ""
) -> list[tuple[str, list[str]]]:
    """What the runs came to at these steps, "diverged" where one did not come so far."""
    names = ["Steps", f"Loss{where}", f"MSE{where}", "w", "b", "Accuracy"]
    columns = [_at(shown, step) for shown, step in zip(runs, steps, strict=True)]
    if len({shown.run.settings.loss for shown in runs}) == 1:
        # Losses of different kinds can't be compared, and are measured by one as well.
        names.remove(f"MSE{where}")
        columns = [[*column[:2], *column[3:]] for column in columns]
    return [(name, list(values)) for name, *values in zip(names, *columns, strict=True)]


def _at(shown: Trained, step: int) -> list[str]:
    """Steps, loss, MSE, w, b and accuracy of a run at one of its steps."""
    run = shown.run
    if step > len(run):
        return ["diverged"] * 6
    w, b = run.w[step : step + 1], run.b[step : step + 1]
    losses = [
        number(float(full_loss(shown.data, w, b, loss)[0]), 4)
        for loss in (run.settings.loss, "mse")
    ]
    right = accuracy(shown.data, float(w[0]), float(b[0]))
    return [f"{step:,}", *losses, number(float(w[0]), 4), number(float(b[0]), 4), percent(right, 1)]


def _results(runs: Sequence[Trained]) -> list[tuple[str, list[str]]]:
    rows = _rows(runs, [len(shown.run) for shown in runs], " at the end")
    if any(shown.run.diverged_at is not None for shown in runs):
        rows.append(
            (
                "Diverged at step",
                ["" if s.run.diverged_at is None else f"{s.run.diverged_at:,}" for s in runs],
            )
        )
    return rows


def draw() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(PAGE.title, anchor=False)
        show_share()
    st.markdown(IDEA)
    pins, problems = pinned()
    for problem in problems:
        st.warning(problem)
    show_notices((value("unit"), value("cost")))
    if not pins:
        st.info("No run is kept yet.")
        return
    budget = view().budget
    shown = compared(tuple(pins), budget.unit, budget.step_cost)
    if shown.words:
        st.markdown(shown.words)
    live_chart.show(shown.board, PAGE.name)
    heads = [
        f'<span style="color:{colour}">●</span> Run {k}'
        for k, colour in enumerate(RUNS[: len(pins)], 1)
    ]
    rows: list[list[str]] = []
    for title, part in (
        ("What differs", shown.settings),
        (f"At {shown.amount}", shown.common),
        ("At their own ends" if shown.common else "What came of it", shown.results),
    ):
        if part:
            rows.append([f"**{title}**", *[""] * len(pins)])
            rows += [[label, *values] for label, values in part]
    show_table(["what", *heads], rows, has_html=True)
    follow_click()
    for k, run in enumerate(pins):
        with st.container(horizontal=True):
            st.button(f"Open run {k + 1} in the Playground", on_click=open_run, args=(run,))
            st.button(f"Remove run {k + 1}", on_click=unpin, args=(k,))


PAGE = Page(
    name="compare",
    title="Compare",
    place=12,
    help="Kept runs over one another, and what differs between them.",
    group=LABS,
    controls=frozenset({"unit", "cost"}),
    draw=draw,
)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw as draw_dashboard

    draw_dashboard()
