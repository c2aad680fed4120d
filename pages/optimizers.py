"""The lab of optimizers: a race on the same minibatches."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.notes import NOTES
from dashboard.charts.run import colour_bar, ends_of, surface_limits
from dashboard.charts.wire import SentLooks, counted, sent_settings
from dashboard.figures.many_runs import runs_figure
from dashboard.figures.palette import FULL
from dashboard.figures.parts import MOST_DRAWN, Figure, without_legend
from dashboard.figures.surface import surface_figure, with_paths
from dashboard.server.cached import cached
from dashboard.shell.chosen import chosen
from dashboard.shell.controls import draw_optimizers
from dashboard.shell.layout import Shown, show, show_head
from dashboard.shell.page import DATA, LABS, Chosen, Page
from dashboard.shell.view_settings import UNITS, ViewSettings, time_model
from minibatch_core import (
    Dataset,
    Run,
    Settings,
    TrainSettings,
    full_loss,
    loss_surface,
    make_dataset,
    surface_grid,
)
from minibatch_core.arrays import Floats
from minibatch_core.engine.budgets import spent
from minibatch_core.engine.learning_rates import learning_rates
from minibatch_core.engine.training import train_with_states
from minibatch_core.optimizers import OPTIMIZERS, Optimizer
from minibatch_core.settings.train import steps_per_epoch
from minibatch_core.theory.races import Race, race, share_interval
from minibatch_core.words import listed, number, plain, plural, rounded

IDEA = """
All optimizers start at the same w and b, and see the same minibatches in the same order. They
differ in what they make of the gradients, and in their learning rates: Adagrad, RMSprop, Adam,
AdamW and NAdam divide by the size of the gradients, so they have a learning rate of their own.
Adadelta divides by it too, but then multiplies by the size of its own steps, and takes the learning
rate of SGD. AdamW alone has weight decay as well, as usual in PyTorch: with each step w and b lose
lr times 0.01 of themselves. The order in which they end holds for these learning rates only. With
others it may be another one. The end of a single run is partly luck, too.
"""

MOST_STEPS = 20_000
"""How many steps the runs of a race may have."""

MOST_SEEDS, MOST_STEPS_OF_SEEDS = 20, 2_000_000
"""With how many seeds a race is repeated, or fewer that take no more steps together."""

STEP_OF_ADAM = """
The model gives a step of every optimizer the same time. In PyTorch on a CPU a step with Adam takes
1.3 to 1.5 times as long as one with SGD.
""".strip().replace("\n", " ")
"""Measured by `benchmarks.step_cost`."""

GRID = Grid(
    areas=(
        "loss loss surface surface",
        "rate length surface surface",
        "first first second second",
    ),
    rows="230px 190px 210px",
    columns="repeat(4, minmax(0, 1fr))",
)

FOR_THESE = """
All this is about these learning rates, data, loss and epochs only. With other learning rates the
last may come first.
""".strip().replace("\n", " ")
"""What a winner has won."""

DASHES = ("solid", "dot", "dash")
"""Of the learning rates that a race has, the largest first."""

VELOCITY = "momentum_buffer"
FIRST = (VELOCITY, "exp_avg")
SUM = "sum"
SECOND = ("square_avg", "exp_avg_sq", SUM)


@dataclass(frozen=True, slots=True, eq=False)
class Runner:
    """An optimizer's run, the loss of all the data at some steps, and what it remembers of w."""

    optimizer: Optimizer
    run: Run
    steps: NDArray[np.int32]
    full: Floats
    states: Floats

    def remembered(self, names: tuple[str, ...]) -> Floats | None:
        """What the optimizer remembers of w under one of these names, if it does.

        Of a velocity, which is a sum of gradients, the mean: 1 - momentum times it.
        """
        for slot, name in enumerate(self.optimizer.state):
            if name in names and self.states[:, 0, slot].any():
                values: Floats = self.states[:, 0, slot]
                return values * _of_a_sum(self.run.settings) if name == VELOCITY else values
        return None


def runner_of(data: Dataset, settings: TrainSettings) -> Runner:
    """Train with these settings."""
    run, states = train_with_states(data, settings)
    steps = np.unique(np.linspace(0, len(run), MOST_DRAWN).astype(np.int32))
    full = full_loss(data, run.w[steps], run.b[steps], settings.loss)
    return Runner(OPTIMIZERS[settings.optimizer], run, steps, full, states)


def racers(settings: Settings, view: ViewSettings) -> dict[str, Settings]:
    """The settings of each optimizer's run by its label; those of a kind share a learning rate.

    With a momentum it may be matched: 1 - momentum times it, since the steps of many gradients add
    up.
    """
    runs = {}
    for name in view.optimizers:
        lr = view.adaptive_lr if OPTIMIZERS[name].is_adaptive else settings.train.lr
        racer = replace(settings.train, optimizer=name, lr=lr)
        if view.is_matched and (share := _of_a_sum(racer)) < 1.0:
            racer = replace(racer, lr=float(f"{lr * share:.6g}"))
        runs[OPTIMIZERS[name].label] = replace(settings, train=racer)
    return runs


def _of_a_sum(settings: TrainSettings) -> float:
    """What the mean of the gradients is of their sum in the long run, as a velocity keeps it."""
    return 1.0 - settings.hyperparameters.get("momentum", 0.0)


@cached(most=32)
def compute(chosen: Chosen) -> Shown:
    """Train with each of the optimizers, on the same minibatches from the same start."""
    settings, view = chosen.settings, chosen.view
    data, asked = make_dataset(settings.data), settings.train
    steps = asked.epochs * steps_per_epoch(len(data), asked.batch_size, asked.drop_last)
    if not view.optimizers:
        return Shown(Board({}, [], GRID), warning="Choose at least one optimizer.")
    if steps > MOST_STEPS:
        warning = (
            f"A race may have {MOST_STEPS:,} steps, but these settings make {steps:,}: take fewer "
            "epochs or points, or a larger batch size."
        )
        return Shown(Board({}, [], GRID), warning=warning)
    runners = [runner_of(data, racer.train) for racer in racers(settings, view).values()]
    charts = [
        _losses(runners, view),
        _surface(settings, runners, view.scale),
        _rates(runners, view, steps),
        _lengths(runners, view),
        *_remembered(runners, view, "first", FIRST),
        *_remembered(runners, view, "second", SECOND),
    ]
    metrics = {f"Loss, {each.optimizer.label}": _told(float(each.full[-1])) for each in runners}
    board = Board(metrics, charts, GRID, race={"settings": sent_settings(settings, raced(view))})
    return Shown(board, warning=_warning(runners), words=_words(settings, view))


def raced(view: ViewSettings) -> SentLooks:
    """What makes a race of the settings of a run."""
    return {
        "optimizers": view.optimizers,
        "adaptive_lr": view.adaptive_lr,
        "is_matched": view.is_matched,
        **counted(view.budget),
    }


def _losses(runners: list[Runner], view: ViewSettings) -> Chart:
    figure = _over_the_budget(
        [_line(each, each.full) for each in runners],
        runners,
        view,
        "loss",
        steps=[each.steps for each in runners],
    )
    note = _loss_note(runners)
    return Chart("loss", "Loss on all the data", note, figure, follows="race")


def _lengths(runners: list[Runner], view: ViewSettings) -> Chart:
    with np.errstate(over="ignore"):  # a run that explodes jumps farther than a number can be
        lines = [
            _line(each, np.hypot(np.diff(each.run.w), np.diff(each.run.b))) for each in runners
        ]
    figure = without_legend(_over_the_budget(lines, runners, view, "length", log=True))
    return Chart("length", "Length of each step", NOTES["race_length"], figure, follows="race")


def _remembered(
    runners: list[Runner], view: ViewSettings, name: str, names: tuple[str, ...]
) -> list[Chart]:
    """What those optimizers remember under one of these names that do, if any does."""
    shown = [(each, kept) for each in runners if (kept := each.remembered(names)) is not None]
    if not shown:
        return []
    lines = [_line(each, kept) for each, kept in shown]
    figure = without_legend(
        _over_the_budget(lines, runners, view, "remembered", log=name == "second")
    )
    remembering = [each.optimizer for each, _ in shown]
    sums = [each.label for each in remembering if SUM in each.state]
    means = [each.label for each in remembering if SUM not in each.state]
    note = " ".join(
        NOTES[kind].format(labels=", ".join(labels))
        for kind, labels in (("race_mean", means), ("race_sum", sums))
        if labels
    )
    return [Chart(name, NOTES[f"race_{name}_title"], note, figure, follows="race")]


def _line(runner: Runner, values: Floats) -> tuple[str, str, str, Floats]:
    return runner.optimizer.label, runner.optimizer.colour, "solid", values


def _over_the_budget(
    lines: list[tuple[str, str, str, Floats]],
    runners: list[Runner],
    view: ViewSettings,
    quantity: str,
    log: bool = False,
    steps: Sequence[NDArray[np.int32]] | None = None,
) -> Figure:
    """The lines over what their runs have spent, step by step or at some steps.

    All have the same minibatches.
    """
    every = [np.arange(len(values)) for _, _, _, values in lines] if steps is None else steps
    x = [spent(each, runners[0].run.batches, view.budget) for each in every]
    return runs_figure(lines, quantity, log, x, UNITS[view.unit].lower())


def _loss_note(runners: list[Runner]) -> str:
    """Who ends lowest in this one run, and of what that is true."""
    lowest = min(_end(each) for each in runners)
    if np.isinf(lowest):
        return NOTES["race_diverged" if len(runners) > 1 else "race_one_diverged"]
    shown = _told(lowest)
    if len(runners) == 1:
        return NOTES["race_one"].format(value=shown)
    best = [each.optimizer.label for each in runners if _told(_end(each)) == shown]
    name = "race_best" if len(best) == 1 else "race_both" if len(best) == 2 else "race_all"
    said = NOTES[name].format(best=listed(best), value=shown)
    return said if len(best) > 1 else f"{said} {NOTES['race_luck']}"


def _told(loss: float) -> str:
    """A loss with four decimals, or two digits where it is small.

    >>> _told(0.08571), _told(0.0000312)
    ('0.0857', '0.000031')
    """
    return number(loss, 4) if loss >= 1e-3 else rounded(loss, 2)


def _words(settings: Settings, view: ViewSettings) -> list[str]:
    """What a budget is here, and how often each optimizer ends lowest."""
    same = (
        "All runs have the same batch size, so equal steps are equal epochs and equal examples. "
        "*Counted in* changes the axes alone."
    )
    if view.unit == "time":
        same += f" {time_model(view.budget)} {STEP_OF_ADAM}"
    won = _wins(settings, view)
    return [same, won] if won else [same]


def _wins(settings: Settings, view: ViewSettings) -> str:
    """How often each optimizer ends lowest, with other starts and orders; the most often first."""
    asked, count = settings.train, len(view.optimizers)
    steps = asked.epochs * steps_per_epoch(settings.data.n, asked.batch_size, asked.drop_last)
    seeds = min(MOST_SEEDS, MOST_STEPS_OF_SEEDS // (steps * count))
    if count < 2 or seeds < 2:
        return ""
    racing = racers(settings, view)
    raced = race(make_dataset(settings.data), [each.train for each in racing.values()], seeds)
    return wins_in_words(list(racing), raced)


def wins_in_words(labels: Sequence[str], raced: Race) -> str:
    """How often each ended lowest, what so many seeds tell of its share, and for what that holds.

    >>> wins_in_words(["SGD", "Adam"], Race(wins=(2, 18), ties=0)).split(". ")[0]
    'With 20 seeds, the lowest loss at the end is that of Adam 18 times (70 to 97%), SGD 2 times \
(3 to 30%)'
    """
    if raced.seeds == 0:
        return ""
    ordered = sorted(zip(labels, raced.wins, strict=True), key=lambda each: -each[1])
    parts = [f"{label} {_times(won)} ({_share(won, raced.seeds)})" for label, won in ordered if won]
    some = f"With {raced.seeds:,} {plural('seed', raced.seeds)}, "
    if not parts:
        return f"{some}no optimizer ends lowest alone."
    some += f"the lowest loss at the end is that of {', '.join(parts)}"
    if len(parts) < len(labels):
        others = "each" if len(labels) - len(parts) > 1 else "the"
        some += f", and of {others} other optimizer never ({_share(0, raced.seeds)})"
    if raced.ties:
        some += f". {_times(raced.ties).capitalize()} several end lowest together"
    return (
        f"{some}. In brackets: the range of its true share of wins, with 95% confidence. Where two "
        f"ranges overlap, more seeds may change the order. {FOR_THESE}"
    )


def _times(count: int) -> str:
    return f"{count:,} {plural('time', count)}"


def _share(won: int, seeds: int) -> str:
    low, high = share_interval(won, seeds)
    return f"{100.0 * low:.0f} to {100.0 * high:.0f}%"


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
    limits = surface_limits(data, loss, surface)
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
        NOTES["race_surface"],
        with_paths(figure, paths),
        colour_bar(limits, ends_of(surface), scale),
        follows="race",
    )


def _rates(runners: list[Runner], view: ViewSettings, steps: int) -> Chart:
    """The learning rates, one line for all optimizers that have the same one."""
    alike: dict[float, list[Runner]] = {}
    for each in runners:
        alike.setdefault(each.run.settings.lr, []).append(each)
    lines, named = [], []
    for (lr, those), dash in zip(sorted(alike.items(), reverse=True), DASHES, strict=False):
        labels = ", ".join(each.optimizer.label for each in those)
        lines.append((labels, FULL, dash, learning_rates(those[0].run.settings, steps)))
        named.append(f"{plain(lr)} for {labels}")
    figure = _over_the_budget(lines, runners, view, "lr")
    figure["layout"]["yaxis"]["rangemode"] = "tozero"
    schedule = NOTES[f"schedule_{runners[0].run.settings.schedule}"]
    note = f"{schedule} {NOTES['race_rates'].format(named='; '.join(named))}"
    return Chart("rate", "Learning rate", note, without_legend(figure), follows="race")


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
    place=11,
    help="A race on the same minibatches from the same start, with what each remembers.",
    group=LABS,
    controls=DATA
    | {"scale", "lr", "alr", "sched", "opts", "bs", "shuf", "ep", "loss", "seed"}
    | {"match", "unit", "cost"},
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
