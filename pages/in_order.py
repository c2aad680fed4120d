"""The notebook's section 2: minibatches that come in the same order every epoch."""

from dataclasses import replace

import numpy as np
import streamlit as st

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts.late import late_charts
from dashboard.charts.live_chart import Board, Grid
from dashboard.charts.player import player, surfaces_to_play
from dashboard.charts.run import Trained, any_run, divergence, loss_chart, traces_chart, trained
from dashboard.charts.spectrum import spectrum_chart
from dashboard.server.cached import cached
from dashboard.shell.chosen import chosen
from dashboard.shell.comparison import printed_by_the_notebook
from dashboard.shell.layout import Notice, Shown, show, show_head
from dashboard.shell.page import DATA, NOTEBOOK, ORDER, TRAIN, Chosen, Page
from minibatch_core import (
    NOTEBOOK_PRESETS,
    Dataset,
    DataSettings,
    Minimum,
    Settings,
    Spectrum,
    TrainSettings,
    find_minimum,
    make_dataset,
    trace_spectrum,
    train,
)
from minibatch_core.arrays import Floats
from minibatch_core.course.dataset import first_points
from minibatch_core.course.slips import share_bent_downwards
from minibatch_core.settings.train import MAX_STEPS, sizes_of_epoch, steps_per_epoch
from minibatch_core.theory.laws import shares_by_law_9, why_not_random
from minibatch_core.words import lie_between, number, percent, plural

REPEATS = (
    "in every epoch the same minibatches come in the same order. Each minibatch has a loss of its "
    "own. So, once w and b change little from epoch to epoch, the loss swings with a period of one "
    'epoch: the notebook\'s "systematic oscillation".'
)

PRINTED_EVERY = 25
"""After how many epochs the notebook prints a line."""

MIDDLE, MOST_PLACES = (0.1, 0.9), 6
"""What is said of most seeds holds for these quantiles, with no more decimals than it takes."""

MOST_SEARCHED = 1000
"""Up to how many points the minima of two losses are looked for."""

GRID = Grid(
    areas=(
        "loss loss loss traces traces traces",
        "late_loss late_loss late_traces late_traces spectrum spectrum",
        "surface surface surface minibatch minibatch minibatch",
        "epoch epoch epoch epoch epoch epoch",
    ),
    rows="205px 225px 280px auto",
    columns="repeat(6, minmax(0, 1fr))",
)


@cached(most=32)
def compute(chosen: Chosen) -> Shown:
    """Train on minibatches, and look for the period of their order."""
    settings = chosen.settings
    shown = trained(settings)
    run = shown.run
    charts = [loss_chart(shown), traces_chart(shown)]
    if len(run):
        charts += late_charts(shown)
    spectrum = trace_spectrum(run.batch_loss, run.batches.steps_per_epoch)
    by_chance = "" if spectrum is None else _by_chance(spectrum, shown)
    charts.append(spectrum_chart(run, spectrum, by_chance))
    scale = chosen.view.scale
    board = Board({}, [*charts, *surfaces_to_play(scale)], GRID, player(settings, scale))
    comparison = printed_by_the_notebook("ordered_minibatches", run)
    notices = [
        *_last_minibatch(shown),
        _iterations(shown),
        _not_logistic_regression(settings.data),
        _dropped_tail(shown),
    ]
    return Shown(board, warning=divergence(shown), comparison=comparison, notices=notices)


def to_take(chosen: Chosen) -> Board:
    """What the browser can draw and say without the server."""
    shown, scale = any_run(), chosen.view.scale
    charts = [
        loss_chart(shown),
        traces_chart(shown),
        *late_charts(shown),
        spectrum_chart(shown.run, None),
        *surfaces_to_play(scale),
    ]
    return Board({}, charts, GRID, player(chosen.settings, scale))


def _by_chance(spectrum: Spectrum, shown: Trained) -> str:
    """How much of the power repeats without an order that does."""
    run = shown.run
    mostly = _mostly(shares_by_law_9(spectrum, run, shown.data))
    is_fixed = why_not_random(run.settings.shuffle)
    how = "Shuffled anew" if is_fixed else "By chance"
    return f"{how} it is {mostly} for most seeds."


def _mostly(shares: Floats) -> str:
    """Between what the middle eight of ten shares lie, in per cent.

    >>> _mostly(np.linspace(0.0, 0.07, 50)), _mostly(np.linspace(0.001, 0.005, 50))
    ('1 to 6%', '0.1 to 0.5%')
    >>> _mostly(np.linspace(0.0, 0.02, 50))
    'up to 2%'
    """
    low, high = 100.0 * np.quantile(shares, MIDDLE)
    texts = ((f"{low:.{places}f}", f"{high:.{places}f}") for places in range(MOST_PLACES))
    least, most = next((each for each in texts if each[0] != each[1]), ("0", f"{high:.1f}"))
    return f"{least} to {most}%" if float(least) else f"up to {most}%"


def _last_minibatch(shown: Trained) -> list[Notice]:
    run = shown.run
    period = run.batches.steps_per_epoch
    if run.diverged_at is not None:
        return []
    epoch = run.batch_loss[-period:]
    others = (
        f" The losses of that epoch's minibatches {lie_between(epoch, 4)}." if period > 1 else ""
    )
    before, after = (
        f"{number(run.w[at], 4)} and {number(run.b[at], 4)}" for at in (len(run) - 1, len(run))
    )
    not_yet = f", {before}, not yet {after}" if before != after else ""
    return [
        Notice(
            "The printed loss is the last minibatch's",
            "The notebook prints the loss of an epoch's last minibatch alone. In the last epoch "
            f"that is here {number(epoch[-1], 4)}.{others} After it, on all the data the loss is "
            f"{number(shown.full[-1], 4)}. The printed w and b are those before that "
            f"step{not_yet}.",
        )
    ]


def _iterations(shown: Trained) -> Notice:
    """The notebook counts two things by one word."""
    run, period = shown.run, shown.run.batches.steps_per_epoch
    epochs = len(run) // period
    title = "One word for two counts: iteration"
    said = (
        "The notebook prints *iteration 25*, and means the 25th epoch. Its charts count *training "
        "iteration* along their axis, and mean steps."
    )
    if period == 1:
        return Notice(title, f"{said} Here an epoch is one step, so the two differ only by one.")
    printed = epochs - epochs % PRINTED_EVERY
    if not printed:
        ends = (
            f"The run ends after {epochs:,} {plural('epoch', epochs)}"
            if run.diverged_at is None
            else "The run diverges"
        )
        return Notice(
            title,
            f"{said} Here an epoch has {period:,} steps. {ends}, before the notebook would print "
            "anything.",
        )
    return Notice(
        title,
        f"{said} Here an epoch has {period:,} steps: what is printed as iteration {printed:,} "
        f"stands at {printed * period - 1:,} on the axis, which counts from 0. We say *epoch* and "
        "*step*.",
    )


@cached(most=32)
def _not_logistic_regression(settings: DataSettings) -> Notice:
    """Logistic regression minimises BCE: another minimum, and a convex surface."""
    data = make_dataset(settings)
    title = "With MSE it is not logistic regression"
    said = (
        "The notebook calls its model identical to logistic regression. But logistic regression "
        "minimises BCE, and this section and the next minimise MSE."
    )
    if len(data) > MOST_SEARCHED:
        return Notice(title, f"{said} BCE is convex, and MSE is not.")
    bce = find_minimum(data, "bce")
    if bce is None:
        return Notice(
            title,
            f"{said} On these points neither has a minimum: {_divided(data)}, and both losses fall "
            "for ever.",
        )
    bent = share_bent_downwards(data, "mse")
    where = f"at {percent(bent)}" if bent else "though at none"
    return Notice(
        title,
        f"{said} On these points BCE is lowest at w = {number(bce.w)}, b = {number(bce.b)}, and "
        f"{_minimum_of_mse(find_minimum(data, 'mse'))}. And MSE is not convex: "
        f"{where} of 121 places, evenly spaced over w from -4 to 6 and b from -6 to 4, its surface "
        "bends downwards in some direction. BCE does so nowhere.",
    )


def _divided(data: Dataset) -> str:
    """Why BCE has no minimum."""
    if len(np.unique(data.y)) == 1:
        return "all of them are of one class"
    return "some x divides the classes"


def _minimum_of_mse(mse: Minimum | None) -> str:
    if mse is None:
        return "MSE has no minimum with |w| and |b| up to 100"
    there = f"at w = {number(mse.w)}, b = {number(mse.b)}"
    return (
        f"MSE {there}"
        if mse.is_lowest
        else f"MSE has a local minimum {there}, and is lower far out"
    )


def _dropped_tail(shown: Trained) -> Notice:
    n, settings = len(shown.data), shown.run.settings
    batch_size = settings.batch_size
    if n % batch_size == 0:
        larger = (size for size in range(batch_size + 1, n) if n % size)
        batch_size = next(larger, batch_size)
    kept, dropped = steps_per_epoch(n, batch_size), steps_per_epoch(n, batch_size, drop_last=True)
    title = "int(N / batch_size) leaves points out"
    if kept == dropped:
        return Notice(title, "With these N and B nothing is dropped, because B divides N.")
    never = n - dropped * batch_size
    several = f"{never:,} points" if never > 1 else "point"
    left_out = {
        "none": f"the last {several} would never be seen",
        "once": f"the same {several} would never be seen",
        "each_epoch": f"{never:,} {plural('point', never)}, drawn anew each time, would be left "
        "out of an epoch",
        "replacement": f"{never:,} {plural('point', never)} fewer would be drawn in an epoch",
    }[settings.shuffle]
    here = ""
    if batch_size != settings.batch_size:
        here = "Here nothing is lost, because B divides N. "
    return Notice(
        title,
        f"{here}With B = {batch_size:,}, `int({n} / {batch_size})` makes {dropped:,} "
        f"{plural('minibatch', dropped)}, and "
        f"{left_out}; DataLoader makes {kept:,}. Training "
        f"{_ends(shown.data, replace(settings, batch_size=batch_size))}. *Drop the last short "
        "batch*, under More, does what the notebook does.",
    )


def _ends(data: Dataset, settings: TrainSettings) -> str:
    """Where a run ends without the short minibatches and with them."""
    without, with_it = (_end(data, replace(settings, drop_last=drop)) for drop in (True, False))
    if without == with_it:
        return f"{without} without the short minibatches and with them"
    if without.startswith("ends "):
        with_it = with_it.removeprefix("ends ")
    return f"{without} without the short minibatches and {with_it} with them"


def _end(data: Dataset, settings: TrainSettings) -> str:
    """Where a run ends, or that it would be too long: short minibatches are steps more."""
    steps = settings.epochs * steps_per_epoch(len(data), settings.batch_size, settings.drop_last)
    if steps > MAX_STEPS:
        return f"would take {steps:,} steps, more than the {MAX_STEPS:,} that a run may have,"
    run = train(data, settings)
    if run.diverged_at is not None:
        return "diverges"
    return f"ends at w = {number(run.w[-1])}, b = {number(run.b[-1])}"


def idea(settings: Settings) -> str:
    """What is to be seen with the order that is chosen."""
    training = settings.train
    sizes = sizes_of_epoch(settings.data.n, training.batch_size, training.drop_last)
    if len(sizes) == 1:
        size = "of at most half of N" if training.drop_last else "below N"
        return (
            "Here an epoch is a single step, so there is no order of minibatches to see. With a "
            f"*Batch size B* {size}, an epoch has several steps."
        )
    last = f" (the last one of an epoch has {sizes[-1]:,})" if sizes[-1] < sizes[0] else ""
    step = f"Now each step uses a minibatch of B points only{last}"
    fresh = {
        "each_epoch": "The points are shuffled anew for every epoch",
        "replacement": "Each of these points is drawn from all N points",
    }
    if training.shuffle in fresh:
        longer = " and *Epochs* higher" if training.epochs == 1 else ""
        return (
            f"{step}. {fresh[training.shuffle]}, so the swings of the loss repeat by chance alone. "
            f"Set *Shuffling* to *None*{longer}: then {REPEATS}"
        )
    how = (
        f"{step}, and the next step uses the next points: {REPEATS}"
        if training.shuffle == "none"
        else f"{step}. The points are shuffled once, before training: {REPEATS}"
    )
    if training.epochs == 1:
        return f"{how} Here there is one epoch only: set *Epochs* higher to see it."
    by_chance = "then the swings of the loss repeat by chance alone."
    return f"{how} Set *Shuffling* to *Each epoch*: {by_chance}"


def draw() -> None:
    asked = chosen()
    show_head(
        asked.settings, idea(asked.settings), can_be_checked=True, board=lambda: to_take(asked)
    )
    show(compute(asked), asked.settings)
    # Sent when it is open only: what draws code is half a megabyte to load.
    first = st.expander("The first points: x_tensor[:5]", key="first_points", on_change="rerun")
    if first.open:
        first.code(first_points(make_dataset(asked.settings.data)), language=None)
        first.markdown(
            "One row per point, one column per feature: the shape (N, 1) that `nn.Linear` wants."
        )


PAGE = Page(
    name="in_order",
    title="2. Minibatches in order",
    place=3,
    help="Minibatches that come in the same order every epoch, and how training swings.",
    group=NOTEBOOK,
    controls=DATA | TRAIN | ORDER | {"scale"},
    settings=NOTEBOOK_PRESETS["ordered_minibatches"],
    compute=compute,
    draw=draw,
)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw as draw_dashboard

    draw_dashboard()
