"""The lab of optimizers: a race on the same minibatches."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.run import colour_bar, surface_limits
from dashboard.figures.many_runs import runs_figure
from dashboard.figures.palette import FULL
from dashboard.figures.parts import without_legend
from dashboard.figures.surface import surface_figure, with_paths
from dashboard.server.cached import cached
from dashboard.shell.chosen import chosen
from dashboard.shell.controls import draw_optimizers
from dashboard.shell.layout import Shown, show, show_head
from dashboard.shell.page import DATA, LABS, Chosen, Page
from dashboard.shell.view_settings import ViewSettings
from minibatch_core import (
    Run,
    Settings,
    TrainSettings,
    full_loss,
    loss_surface,
    make_dataset,
    surface_grid,
)
from minibatch_core.arrays import Floats
from minibatch_core.engine.learning_rates import learning_rates
from minibatch_core.engine.training import train_with_states
from minibatch_core.optimizers import OPTIMIZERS, Optimizer
from minibatch_core.schedules import SCHEDULES
from minibatch_core.settings.train import steps_per_epoch
from minibatch_core.words import number

IDEA = """
The same points in the same order from the same start: what differs is only what each optimizer
makes of the gradients. Those that divide by the gradient's size take a learning rate of their own.
"""

MOST_STEPS = 20_000
"""How many steps the runs of a race may have."""

GRID = Grid(
    areas=(
        "loss loss surface surface",
        "rate length surface surface",
        "first first second second",
    ),
    rows="230px 190px 210px",
    columns="repeat(4, minmax(0, 1fr))",
)

FIRST = ("momentum_buffer", "exp_avg")
SECOND = ("square_avg", "exp_avg_sq", "sum")


@dataclass(frozen=True, slots=True, eq=False)
class Runner:
    """An optimizer's run, the loss of all the data at each step, and what it remembers of w."""

    optimizer: Optimizer
    run: Run
    full: Floats
    states: Floats

    def remembered(self, names: tuple[str, ...]) -> Floats | None:
        """What the optimizer remembers of w under one of these names, if it does."""
        for slot, name in enumerate(self.optimizer.state):
            if name in names and self.states[:, 0, slot].any():
                values: Floats = self.states[:, 0, slot]
                return values
        return None


def racers(settings: Settings, view: ViewSettings) -> dict[str, Settings]:
    """The settings of each optimizer's run by its label; those of a kind share a learning rate."""
    runs = {}
    for name in view.optimizers:
        lr = view.adaptive_lr if OPTIMIZERS[name].is_adaptive else settings.train.lr
        train = replace(settings.train, optimizer=name, lr=lr)
        runs[OPTIMIZERS[name].label] = replace(settings, train=train)
    return runs


@cached(most=32)
def compute(chosen: Chosen) -> Shown:
    """Train with each of the optimizers, on the same minibatches from the same start."""
    settings, view = chosen.settings, chosen.view
    data, train = make_dataset(settings.data), settings.train
    per_epoch = steps_per_epoch(len(data), train.batch_size, train.drop_last)
    steps = train.epochs * per_epoch
    if not view.optimizers:
        return Shown(Board({}, [], GRID), warning="Choose at least one optimizer.")
    if steps > MOST_STEPS:
        warning = (
            f"A race may have {MOST_STEPS:,} steps, but these settings make {steps:,}: take fewer "
            "epochs or points, or a larger batch size."
        )
        return Shown(Board({}, [], GRID), warning=warning)
    runners = []
    for racer in racers(settings, view).values():
        run, states = train_with_states(data, racer.train)
        full = full_loss(data, run.w, run.b, train.loss)
        runners.append(Runner(OPTIMIZERS[racer.train.optimizer], run, full, states))
    charts = [
        _race(runners, "loss", "Loss on all the data", _loss_note(runners)),
        _surface(settings, runners, view.scale),
        _rates(runners, steps),
        _race(runners, "length", "Length of each step", "how far (w, b) moves", log=True),
    ]
    for name, names, title, note in (
        ("first", FIRST, "What they remember of w's gradient", "velocity, or first moment"),
        ("second", SECOND, "And of its square", "second moment, or its sum"),
    ):
        shown = [(each, kept) for each in runners if (kept := each.remembered(names)) is not None]
        if shown:
            lines = [
                (each.optimizer.label, each.optimizer.colour, "solid", kept) for each, kept in shown
            ]
            figure = without_legend(runs_figure(lines, "remembered", log=name == "second"))
            labels = ", ".join(each.optimizer.label for each, _ in shown)
            charts.append(Chart(name, title, f"{note}: {labels}", figure))
    metrics = {f"Loss, {each.optimizer.label}": number(float(each.full[-1]), 4) for each in runners}
    return Shown(Board(metrics, charts, GRID), warning=_warning(runners))


def _race(runners: list[Runner], name: str, title: str, note: str, log: bool = False) -> Chart:
    lines = []
    for each in runners:
        run = each.run
        with np.errstate(over="ignore"):  # a run that explodes jumps farther than a number can be
            values = each.full if name == "loss" else np.hypot(np.diff(run.w), np.diff(run.b))
        lines.append((each.optimizer.label, each.optimizer.colour, "solid", values))
    figure = runs_figure(lines, name, log)
    return Chart(name, title, note, figure if name == "loss" else without_legend(figure))


def _loss_note(runners: list[Runner]) -> str:
    best = min(runners, key=_end)
    return f"lowest at the end: {best.optimizer.label}, {number(float(best.full[-1]), 4)}"


def _end(runner: Runner) -> float:
    return np.inf if runner.run.diverged_at is not None else float(runner.full[-1])


def _surface(settings: Settings, runners: list[Runner], scale: str) -> Chart:
    data, loss = make_dataset(settings.data), settings.train.loss
    every_w, every_b = (
        np.clip(np.concatenate([getattr(each.run, name) for each in runners]), -1e6, 1e6)
        for name in ("w", "b")
    )
    w_grid, b_grid = surface_grid(every_w, every_b)
    surface = loss_surface(data, w_grid, b_grid, loss)
    limits = surface_limits(data, loss, surface, surface)
    figure = surface_figure(surface, w_grid, b_grid, limits, scale, bar=False)
    paths = [
        (
            each.optimizer.label,
            each.optimizer.colour,
            np.clip(each.run.w, -1e6, 1e6),
            np.clip(each.run.b, -1e6, 1e6),
        )
        for each in runners
    ]
    return Chart(
        "surface",
        "Their paths",
        "on the loss surface of all the data",
        with_paths(figure, paths),
        colour_bar(limits, float(surface.max()), scale),
    )


def _rates(runners: list[Runner], steps: int) -> Chart:
    shown = {each.optimizer.is_adaptive: each for each in runners}
    lines = [
        (label, FULL, dash, learning_rates(each.run.settings, steps))
        for adaptive, label, dash in ((False, "SGD's kin", "solid"), (True, "adaptive", "dot"))
        if (each := shown.get(adaptive)) is not None
    ]
    note = f"{SCHEDULES[runners[0].run.settings.schedule].label.lower()}, torch's own"
    figure = runs_figure(lines, "lr")
    figure["layout"]["yaxis"]["rangemode"] = "tozero"
    if len(lines) > 1:
        note += "; dotted: adaptive"
    return Chart("rate", "Learning rate", note, without_legend(figure))


def _warning(runners: list[Runner]) -> str | None:
    diverged = [
        f"{each.optimizer.label} at step {each.run.diverged_at:,}"
        for each in runners
        if each.run.diverged_at is not None
    ]
    return f"**Diverged**: {', '.join(diverged)}." if diverged else None


def draw() -> None:
    head = st.container()
    st.markdown(IDEA)
    draw_optimizers()
    asked = chosen()
    with head:
        show_head(asked.settings, runs=racers(asked.settings, asked.view))
    show(compute(asked), asked.settings)


PAGE = Page(
    name="optimizers",
    title="Optimizers side by side",
    place=10,
    help="A race on the same minibatches from the same start, with what each remembers.",
    group=LABS,
    controls=DATA | {"scale", "lr", "alr", "sched", "opts", "bs", "shuf", "ep", "loss", "seed"},
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
