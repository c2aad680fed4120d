"""The Playground: everything the notebook plots, together, answering every control."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts.kept import drawn_of, remarks
from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.player import player, surfaces_to_play
from dashboard.charts.run import (
    Trained,
    any_run,
    data_chart,
    loss_chart,
    traces_chart,
    trained,
)
from dashboard.charts.summary import summary
from dashboard.charts.wire import counted
from dashboard.figures.kept import Kept
from dashboard.figures.palette import RUNS
from dashboard.server.cached import cached
from dashboard.shell.acts import start_at
from dashboard.shell.chosen import chosen
from dashboard.shell.kept import show_keep_button, show_kept, titles
from dashboard.shell.names import differences
from dashboard.shell.page import DATA, ORDER, TRAIN, Chosen, Page
from dashboard.shell.pins import pinned
from dashboard.shell.presenting import show_presets
from dashboard.shell.progress import begin
from dashboard.shell.proof_dialog import show_proof_button
from dashboard.shell.repairs import show_notices
from dashboard.shell.session import session
from dashboard.shell.share import show_share
from dashboard.shell.take_away import show_take_away
from dashboard.shell.terms import explain_live, show_board
from dashboard.shell.view_settings import ViewSettings, said_of_time
from minibatch_core import Settings
from minibatch_core.engine.budgets import Budget
from minibatch_core.engine.dataset import make_held_out

GRID = Grid(
    areas=(
        "loss loss loss loss surface surface surface minibatch minibatch minibatch",
        "traces traces traces traces data data data data data data",
        "epoch epoch epoch epoch epoch epoch epoch epoch epoch epoch",
    ),
    rows="250px 138px auto",
    columns="repeat(10, minmax(0, 1fr))",
)

HEADING = "See what a minibatch does"

TOUR = "first_steps"
"""The lesson for who has never been here."""

TO_TRY = {
    True: "**Try this:** make *Batch size B* smaller. Then there is a pink line, the loss of each "
    "step's own minibatch. What does it do?",
    False: "**Try this:** move *Batch size B*. What does the pink line do, the loss of each step's "
    "own minibatch?",
}
"""A first thing to do, by whether each minibatch is all the data."""


@dataclass(frozen=True, slots=True)
class Playground:
    """A sentence that says what was trained, and the board that shows what came of it.

    `remarks` are what must be said of kept runs.
    """

    summary: str
    board: Board
    remarks: Sequence[str] = ()


@cached(most=32)
def compute(chosen: Chosen, *kept: Settings) -> Playground:
    """What the browser draws of a run with these settings, and kept runs beside it."""
    settings, view, budget = chosen.settings, chosen.view, chosen.view.budget
    named = [
        (number, run, Kept(title, colour, drawn_of(run, budget)))
        for number, (run, title, colour) in enumerate(
            zip(kept, titles(kept, settings), RUNS, strict=False), 1
        )
        if differences(run, settings)
    ]
    ghosts = [ghost for _, _, ghost in named]
    # What is said of kept runs depends on how far this one goes.
    charts = _charts(trained(settings), view.scale, budget, ghosts) if ghosts else _alone(view)
    drawn = [(number, run, ghost.drawn) for number, run, ghost in named]
    said = [*said_of_time(budget), *remarks(settings, drawn, budget, charts[:2])]
    board = Board({}, charts, GRID, player(settings, view.scale, counted(budget)))
    return Playground(summary(settings), board, said)


@cached(most=32)
def _alone(view: ViewSettings) -> list[Chart]:
    return _charts(any_run(), view.scale, view.budget)


def _charts(shown: Trained, scale: str, budget: Budget, kept: Sequence[Kept] = ()) -> list[Chart]:
    surface, minibatch, epoch = surfaces_to_play(scale, "start there", kept)
    loss = loss_chart(shown, make_held_out(shown.settings.data), budget, kept)
    return [loss, traces_chart(shown, budget, kept), surface, minibatch, data_chart(shown), epoch]


def draw() -> None:
    asked = chosen()
    kept, problems = pinned()
    shown, train = compute(asked, *kept), asked.settings.train
    with st.container(gap="xsmall"):
        if session().presents:
            show_presets(asked.settings)
        with st.container(horizontal=True, vertical_alignment="center", key="acts"):
            if session().progress is None:
                st.subheader(HEADING, anchor=False)
                st.button("Show me around", on_click=begin, args=(TOUR,))
            if train.init_w is not None or train.init_b is not None:
                text = "Start again where nn.Linear(1, 1) does."
                st.button("PyTorch's start", help=text, on_click=start_at, args=(None, None))
            show_keep_button(asked.settings)
            show_take_away(asked.settings, board=lambda: shown.board)
            show_share()
            show_proof_button(asked.settings)
        with st.container(gap=None, key="intro"):
            if session().progress is None:
                st.markdown(f":small[{TO_TRY[_is_of_all(asked.settings)]}]")
            explain_live(shown.summary, "summary")
        for problem in problems:
            st.warning(problem)
        show_notices(asked)
        show_kept(kept, asked.settings, shown.remarks)
        show_board(shown.board, PAGE.name, start_there)


def _is_of_all(settings: Settings) -> bool:
    """Whether each minibatch is all the data."""
    return settings.train.batch_size == settings.data.n and settings.train.shuffle != "replacement"


def start_there(_: str, b: float, w: float) -> None:
    start_at(w, b)


PAGE = Page(
    name="playground",
    title="Playground",
    place=0,
    help="Everything the notebook plots, together, answering every control.",
    controls=DATA | TRAIN | ORDER | {"sort", "scale", "unit", "cost"},
    compute=compute,
    draw=draw,
)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw as draw_dashboard

    draw_dashboard()
