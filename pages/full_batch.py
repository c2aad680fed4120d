"""The notebook's section 1: 201 steps on all the points at once, with a sigmoid too many."""

import math
from dataclasses import replace

import numpy as np
import streamlit as st

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.player import player, surfaces_to_play
from dashboard.charts.run import (
    Trained,
    any_run,
    data_chart,
    divergence,
    loss_chart,
    note_of_way,
    traces_chart,
    trained,
)
from dashboard.figures.data import double_sigmoid_figure
from dashboard.figures.palette import FULL
from dashboard.figures.parts import LEGEND_ABOVE, Figure, axis, line
from dashboard.figures.run import printed_marks, traces_figure
from dashboard.server.cached import cached
from dashboard.shell.acts import change
from dashboard.shell.chosen import chosen
from dashboard.shell.comparison import printed_by_the_notebook
from dashboard.shell.layout import Notice, Shown, show, show_head
from dashboard.shell.page import DATA, NOTEBOOK, TRAIN, Chosen, Page
from minibatch_core import NOTEBOOK_PRESETS, NOTEBOOK_PRINTS, accuracy, full_loss
from minibatch_core.course.slips import hook_calls, lowest_cell
from minibatch_core.losses import LOSSES
from minibatch_core.words import moved, number, percent, plain

IDEA = """
Every step looks at all the points. It computes the loss and its gradient, and then the optimizer
moves w and b. No step depends on chance, so with a small learning rate the curves are smooth. The
notebook's loss takes the sigmoid twice. The switch below turns this bug off and on.
"""

BUG, MEANT = "bce_with_logits_on_sigmoid", "bce"
PRESET = "full_batch"

CLOSE = 0.1
"""Two ends are close where their losses differ by less than this share of what training gained.

And they are almost the same where they lie apart by less than this share of the way there.
"""

GRID = Grid(
    areas=("loss sigmoids", "traces surface"),
    rows="215px 225px",
    columns="minmax(0, 6fr) minmax(0, 5fr)",
)

GRID_TO_TAKE = replace(GRID, areas=("loss data", GRID.areas[1]))


@cached(most=32)
def compute(chosen: Chosen) -> Shown:
    """Train on all the points at once, and once more with the other of the two losses."""
    settings = chosen.settings
    shown = trained(settings)
    loss = settings.train.loss
    other_loss = {BUG: MEANT, MEANT: BUG}.get(loss)
    other = None
    if other_loss is not None:
        other = trained(replace(settings, train=replace(settings.train, loss=other_loss)))
    w, b = shown.end
    # A full batch is no minibatch: of the surfaces only that of all the data.
    scale = chosen.view.scale
    surface, *_ = surfaces_to_play(scale)
    charts = (
        Chart(
            "loss",
            "Loss on all the data",
            _loss_note(shown),
            _loss_figure(shown),
            seekable=True,
            mark="losses",
        ),
        Chart(
            "sigmoids",
            "One sigmoid and two",
            _sigmoids_note(shown),
            double_sigmoid_figure(shown.data, w, b, with_bug=loss == BUG),
        ),
        Chart(
            "traces",
            "w and b",
            _traces_note(shown, other),
            _traces_figure(shown, other),
            seekable=True,
            mark="traces",
        ),
        surface,
    )
    notices = [_another_heatmap(shown), _called_directly()]
    if other is not None:
        with_bug, without = (shown, other) if loss == BUG else (other, shown)
        notices.insert(0, _double_sigmoid(with_bug, without))
    comparison = printed_by_the_notebook(PRESET, shown.run)
    board = Board({}, charts, GRID, player(settings, scale))
    return Shown(board, warning=divergence(shown), comparison=comparison, notices=notices)


def to_take(chosen: Chosen) -> Board:
    """What the browser can draw without the server: the run, and the data for the sigmoids."""
    run, scale = any_run(), chosen.view.scale
    surface, *_ = surfaces_to_play(scale)
    loss = loss_chart(run)
    of_all = [line for line in loss.figure["data"] if line["meta"] == "full_loss"]
    loss = replace(loss, figure=loss.figure | {"data": of_all})
    charts = [loss, data_chart(run), traces_chart(run), surface]
    return Board({}, charts, GRID_TO_TAKE, player(chosen.settings, scale))


def _loss_figure(shown: Trained) -> Figure:
    loss = line(shown.steps, shown.full, FULL, 2.6, name="all the data")
    layout = {"xaxis": axis("step"), "yaxis": axis("loss"), "legend": LEGEND_ABOVE}
    if shown.run.settings.loss != BUG:
        return {"data": [loss], "layout": {**layout, "showlegend": False}}
    printed = [(p.epoch, p.loss) for p in NOTEBOOK_PRINTS[PRESET] if p.epoch and p.loss]
    epochs, losses = zip(*printed, strict=True)
    steps = [epoch - 1 for epoch in epochs]  # one step an epoch
    return {"data": [loss, printed_marks(steps, losses)], "layout": layout}


def _loss_note(shown: Trained) -> str:
    return note_of_way("It", shown.full, 4)


def _sigmoids_note(shown: Trained) -> str:
    if shown.run.settings.loss == BUG:
        return (
            "BCEWithLogitsLoss takes σ of p once more. So it sees only numbers from 0.5 to 0.731."
        )
    return "The loss sees p itself. A second sigmoid would leave only numbers from 0.5 to 0.731."


def _traces_figure(shown: Trained, other: Trained | None) -> Figure:
    figure = traces_figure(shown.run)
    if other is None:
        return figure
    ghosts = [
        {**trace, "line": {**trace["line"], "dash": "dot"}, "name": f"{trace['name']}, other loss"}
        for trace in traces_figure(other.run)["data"]
    ]
    return {**figure, "data": [*figure["data"], *ghosts]}


def _traces_note(shown: Trained, other: Trained | None) -> str:
    w, b = shown.end
    note = f"w ends at {number(w)}, b at {number(b)}."
    if other is None:
        return note
    bug = "without the bug" if shown.run.settings.loss == BUG else "with the bug"
    return f"{note} Dotted: {bug} they end at {number(other.end[0])} and {number(other.end[1])}."


def _double_sigmoid(with_bug: Trained, without: Trained) -> Notice:
    data = with_bug.data
    floor = np.mean(np.where(data.y == 1.0, np.log1p(np.exp(-1.0)), np.log(2.0)))
    start = float(full_loss(data, with_bug.run.w[:1], with_bug.run.b[:1], MEANT)[0])
    bce = [
        float(full_loss(data, run.w[-1:], run.b[-1:], MEANT)[0])
        for run in (with_bug.run, without.run)
    ]
    right = [accuracy(data, *each.end) for each in (with_bug, without)]
    sides = "."
    if not np.isnan(right).any():
        sides = f", with {percent(right[0], 1)} and {percent(right[1], 1)} of the points right."
    are_close = abs(bce[0] - bce[1]) < CLOSE * (start - max(bce))
    says = " Such a bug is easy not to notice." if are_close and right[0] == right[1] else ""
    way = math.dist(with_bug.end, (with_bug.run.w[0], with_bug.run.b[0]))
    if right[0] == right[1] and math.dist(with_bug.end, without.end) < CLOSE * way:
        says = " Both end at almost the same w and b, so these runs do not show what the bug does."
    return Notice(
        "BCEWithLogitsLoss on sigmoid outputs: the sigmoid is taken twice",
        "`BCEWithLogitsLoss` expects the output of the linear layer, but gets p = σ(w x + b), and "
        "takes σ of it again. Even if every p were right, this loss would not fall below "
        f"{floor:.4f} on these points; it ends at {number(with_bug.full[-1], 4)}. Training goes to "
        f"w = {number(with_bug.end[0])}, b = {number(with_bug.end[1])}, and without the bug to "
        f"w = {number(without.end[0])}, b = {number(without.end[1])}. By the BCE that was meant, "
        f"the run with the bug ends at {number(bce[0], 4)} and the other at {number(bce[1], 4)}"
        f"{sides}{says}",
    )


def _another_heatmap(shown: Trained) -> Notice:
    """The heatmap before the run is of MSE, whatever the run descends."""
    loss, data = shown.run.settings.loss, shown.data
    title, label = "The heatmap shows another loss", LOSSES.labels[loss]
    of_mse, own = (
        "w = {}, b = {}".format(*map(plain, lowest_cell(data, each))) for each in ("mse", loss)
    )
    if loss == "mse":
        return Notice(
            title,
            "The notebook's heatmap is of MSE. Here the run descends MSE too, but the notebook's "
            f"first run descends *{LOSSES.labels[BUG]}*, whose surface is another one.",
        )
    cells = (
        f"both losses are lowest at {own}"
        if own == of_mse
        else f"MSE is lowest at {of_mse}, but the loss of the run at {own}"
    )
    mse = full_loss(data, shown.run.w[[0, -1]], shown.run.b[[0, -1]], "mse")
    ends = [*shown.full[[0, -1]].tolist(), *mse.tolist()]
    told = ""
    if np.isfinite(ends).all():
        own_start, own_end, mse_start, mse_end = (number(each, 4) for each in ends)
        told = (
            f" Along the run its own loss {moved(own_start, own_end)}, and MSE "
            f"{moved(mse_start, mse_end)}."
        )
    return Notice(
        title,
        f"The notebook draws a heatmap of MSE, and then this run descends *{label}*. On the "
        f"heatmap's grid {cells}.{told} *Data and loss surface* draws either.",
    )


def _called_directly() -> Notice:
    by_forward, by_call = hook_calls()
    return Notice(
        "forward is called directly",
        "`model.forward(x)` computes the same as `model(x)` but passes over the hooks of the "
        "module, on which tools such as torchinfo build; the notebook does it in all three of its "
        "runs. Tried with one hook: it ran "
        f"{by_forward} times for `model.forward(x)`, and {by_call} time for `model(x)`.",
    )


def draw() -> None:
    asked = chosen()
    show_head(asked.settings, IDEA, can_be_checked=True, board=lambda: to_take(asked))
    st.session_state["bug"] = asked.settings.train.loss == BUG
    st.toggle("The notebook's bug: BCEWithLogitsLoss on sigmoids", key="bug", on_change=turn_bug)
    show(compute(asked), asked.settings)


def turn_bug() -> None:
    change("loss", BUG if st.session_state["bug"] else MEANT)


PAGE = Page(
    name="full_batch",
    title="1. Full batch",
    place=2,
    help="201 steps on all the points, with the notebook's double sigmoid and without it.",
    group=NOTEBOOK,
    controls=DATA | TRAIN | {"scale"},
    settings=NOTEBOOK_PRESETS["full_batch"],
    is_full_batch=True,
    compute=compute,
    draw=draw,
)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw as draw_dashboard

    draw_dashboard()
