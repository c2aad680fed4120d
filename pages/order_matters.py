"""The lab of orders: what it does whether and how the points are shuffled."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.run import Trained, trained
from dashboard.figures.many_runs import runs_figure
from dashboard.figures.orders import epochs_figure, floors_figure, loops_figure, steps_figure
from dashboard.figures.palette import FULL, MINIBATCH
from dashboard.figures.parts import without_legend
from dashboard.figures.spectrum import spectra_figure
from dashboard.server.cached import cached
from dashboard.shell.chosen import chosen
from dashboard.shell.layout import Shown, show, show_head
from dashboard.shell.page import DATA, LABS, Chosen, Page
from minibatch_core import (
    DataSettings,
    Minimum,
    Settings,
    TrainSettings,
    find_minimum,
    jitter_found,
    jitter_of_runs,
    largest_stable_lr,
    make_dataset,
    trace_spectrum,
)
from minibatch_core.arrays import Floats
from minibatch_core.engine.learning_rates import learning_rates
from minibatch_core.schedules import SCHEDULES
from minibatch_core.settings.train import SHUFFLES, steps_per_epoch
from minibatch_core.theory import laws
from minibatch_core.theory.jitter import RUNS
from minibatch_core.theory.laws import Finding
from minibatch_core.theory.orders import (
    OrderFound,
    distances,
    distances_by_epoch,
    last_epochs,
    loop_of,
    order_found,
)
from minibatch_core.words import number, plural

IDEA = """
Four runs of SGD start at the same w and b, with the same batch size B. Only the order in which they
read the N points differs. *None* reads them as they are stored, in every epoch. *Once* shuffles
them once and keeps that order. *Each epoch* shuffles them anew for every epoch. *Replacement* draws
each point of a minibatch from all N points, so that an epoch can hold a point twice and another one
not at all.
"""

GRID = Grid(
    areas=("distances loops", "within floors", "spectra spectra", "w b"),
    rows="260px 260px 230px 200px",
    columns="repeat(2, minmax(0, 1fr))",
)

STROKES: Mapping[str, tuple[str, str]] = {
    "none": (FULL, "solid"),
    "once": (FULL, "dot"),
    "each_epoch": (MINIBATCH, "solid"),
    "replacement": (MINIBATCH, "dot"),
}
"""Colour and dash of each order: dark where all epochs have the same one."""

SHARES = (0.25, 0.5, 1.0)
"""At which shares of the learning rate the floors are measured."""

SHOWN_EPOCHS = 3
"""How many of the last epochs are drawn step by step."""

A_LITTLE = 1.5
"""Up to which ratio of two losses above the minimum the larger one is a little worse."""

ROUNDING = 1e-9
"""Standard errors below this share of a number are not of chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Ran:
    """The run of an order that is drawn, and what comes of the order over many seeds."""

    label: str
    colour: str
    dash: str
    shown: Trained
    found: OrderFound


def orders(settings: Settings) -> dict[str, Settings]:
    """The settings of each order's run, by its label."""
    return {
        label: replace(settings, train=replace(settings.train, shuffle=shuffle))
        for shuffle, label in SHUFFLES.items()
    }


@cached(most=32)
def compute(chosen: Chosen) -> Shown:
    """Train with each order, and many times around the minimum."""
    settings = chosen.settings
    minimum = _minimum(settings.data, settings.train.loss)
    runs = {order.train.shuffle: _ran(order, minimum) for order in orders(settings).values()}
    period = runs["none"].shown.run.batches.steps_per_epoch
    warning = _warning(settings, minimum, period)
    charts, findings = _swings(runs, period, settings)
    words: list[str] = []
    if minimum is not None and period > 1 and SHARES[0] * settings.train.lr > 0.0:
        floors = _floors(replace(settings, train=_at_constant_rate(settings.train)), minimum)
        charts = [
            *_distance_charts(runs, minimum, period),
            _floors_chart(floors, settings),
            *(replace(chart, figure=without_legend(chart.figure)) for chart in charts),
        ]
        findings = [*_laws_of_floors(floors, settings), *findings]
        words = [
            _why_shuffle(runs, settings, minimum),
            _loops(runs, floors),
            *_schedule_word(runs, settings, minimum),
            *_short_batch(settings, floors),
        ]
    elif settings.train.drop_last:
        words = _short_batch(settings, None)
    words.append(_measure(runs, settings, minimum))
    metrics = {
        f"{'Loss' if minimum is None else 'Above the minimum'}, {ran.label.lower()}": _measured(
            _height(ran.found, minimum), ran.found.loss_error
        )
        for ran in runs.values()
    }
    return Shown(Board(metrics, charts, GRID), findings, warning, words=words)


def _ran(settings: Settings, minimum: Minimum | None) -> Ran:
    shown, shuffle = trained(settings), settings.train.shuffle
    found = order_found(shown.data, shown.run, minimum)
    return Ran(SHUFFLES[shuffle], *STROKES[shuffle], shown, found)


@cached(most=32)
def _minimum(data: DataSettings, loss: str) -> Minimum | None:
    return find_minimum(make_dataset(data), loss)


def _at_constant_rate(train: TrainSettings) -> TrainSettings:
    """What the floors depend on: not on the epochs, the seed and the schedule of the runs."""
    return replace(train, epochs=1, seed=0, schedule="constant")


def _height(found: OrderFound, minimum: Minimum | None) -> float:
    """The loss above that of the minimum, or itself where there is none.

    Below 0 by rounding only, unless the minimum is a local one.
    """
    if minimum is None:
        return found.loss
    height = found.loss - minimum.loss
    return max(0.0, height) if minimum.is_lowest else height


def _measured(value: float, error: float) -> str:
    """A mean with its standard error, where chance has a part in it."""
    return f"{value:.2g} ± {error:.1g}" if error > ROUNDING * abs(value) else f"{value:.2g}"


def _warning(settings: Settings, minimum: Minimum | None, period: int) -> str | None:
    lr = settings.train.lr
    if minimum is None:
        return (
            "No minimum of this loss was found on these points with |w| and |b| up to 100, so "
            "there is no distance to it. Take more noise, other data or another loss."
        )
    if period == 1:
        return (
            f"An epoch is a single step here, on {settings.train.batch_size:,} of the "
            f"{settings.data.n:,} points, so there is no order of minibatches to compare."
        )
    if SHARES[0] * lr == 0.0:
        return f"With a learning rate of {lr:g} nothing moves."
    if lr * minimum.sharpness >= 2.0:
        return (
            f"A learning rate of {lr:g} is larger than the minimum can bear, which is "
            f"{largest_stable_lr(minimum.sharpness):.4g} (law 10, page Stability). At a constant "
            "rate the runs do not settle, and law 7 says nothing."
        )
    if not minimum.is_lowest:
        return (
            "This minimum is a local one: far from it the loss is lower, and a run may end there."
        )
    return None


# What is drawn of the runs.


def _distance_charts(runs: Mapping[str, Ran], minimum: Minimum, period: int) -> list[Chart]:
    epochs = len(runs["none"].shown.run.batches) // period
    last = min(SHOWN_EPOCHS, epochs)
    by_epoch, within, paths, late = [], [], [], []
    for ran in runs.values():
        run, style = ran.shown.run, (ran.label, ran.colour, ran.dash)
        steps = slice((epochs - last) * period, None)
        by_epoch.append((*style, np.minimum(distances_by_epoch(run, minimum), 1e12)))
        within.append((*style, np.minimum(distances(run, minimum)[steps], 1e12)))
        paths.append((*style, _drawn(run.w[steps]), _drawn(run.b[steps])))
        late.append(
            f"{ran.label.lower()} {_measured(ran.found.distance, ran.found.distance_error)}"
        )
    lasting = f"last {last:,} {plural('epoch', last)}" if last > 1 else "last epoch"
    return [
        Chart(
            "distances",
            "Distance to the minimum",
            "One run of each order, with the mean over the steps of each epoch. Medians over all "
            f"steps of the second half, and over {runs['once'].found.runs:,} seeds where chance "
            f"decides: {', '.join(late)}.",
            epochs_figure(by_epoch, "distance"),
        ),
        Chart(
            "loops",
            f"Paths in the {lasting}",
            f"w against b, step by step. The cross is the minimum, at w {number(minimum.w)}, "
            f"b {number(minimum.b)}.",
            loops_figure(paths, (minimum.w, minimum.b)),
        ),
        Chart(
            "within",
            f"Distance to the minimum within the {lasting}",
            f"After every step. An epoch has {period:,} steps and ends at a tick of the axis.",
            steps_figure(within, period, epochs - last, "distance"),
        ),
    ]


def _drawn(values: Floats) -> Floats:
    return np.clip(values, -1e6, 1e6)


def _swings(
    runs: Mapping[str, Ran], period: int, settings: Settings
) -> tuple[list[Chart], list[Finding]]:
    """The spectra of the minibatch loss with law 9, and w and b."""
    found = [
        (ran, spectrum)
        for ran in runs.values()
        if (spectrum := trace_spectrum(ran.shown.run.batch_loss, period)) is not None
    ]
    spectra = [(ran.label, ran.colour, ran.dash, spectrum) for ran, spectrum in found]
    charts, findings = [], []
    if spectra:
        steady = _is_steady(settings, spectra[0][-1].steps)
        note = f"An epoch has {period:,} {plural('step', period)}. The spectrum is of the last "
        note += f"{spectra[0][-1].steps:,} steps. "
        note += (
            f"A run that goes round a loop swings at multiples of 1/{period:,} cycles per step "
            "only."
            if steady
            else "The learning rate changes during these steps, so law 9 does not apply."
        )
        figure = spectra_figure(spectra, period)
        charts.append(Chart("spectra", "Spectrum of the minibatch loss", note, figure))
        if steady:
            findings = [
                laws.period_of_an_order(spectrum, replace(settings, train=ran.shown.run.settings))
                for ran, spectrum in found
            ]
    for name in ("w", "b"):
        lines = [
            (ran.label, ran.colour, ran.dash, _drawn(getattr(ran.shown.run, name)))
            for ran in runs.values()
        ]
        figure = runs_figure(lines, name)
        figure = without_legend(figure) if charts else figure
        charts.append(Chart(name, name, "Step by step.", figure))
    return charts, findings


def _is_steady(settings: Settings, last: int) -> bool:
    """Whether the learning rate is the same at so many last steps."""
    rates = _rates(settings)[-last:]
    return bool(np.ptp(rates) <= 1e-9 * rates.max())


def _rates(settings: Settings) -> Floats:
    """The learning rate of each step."""
    train = settings.train
    per_epoch = steps_per_epoch(settings.data.n, train.batch_size, train.drop_last)
    return learning_rates(train, train.epochs * per_epoch)


# How close runs stay to the minimum.


@dataclass(frozen=True, slots=True, eq=False)
class Floors:
    """Mean squared distances to the minimum at epoch ends, at a constant learning rate.

    `found` holds a mean and its standard error for each order and each of the rates; `law` is what
    law 7 gives with replacement. `without` and `in_proportion` are of runs shuffled each epoch at
    the last rate: without the short last minibatch, and with its step as short as itself. None
    where no minibatch is short.
    """

    rates: Floats
    found: Mapping[str, list[tuple[float, float]]]
    law: Floats
    without: tuple[float, float] | None
    in_proportion: tuple[float, float] | None


@cached(most=32)
def _floors(settings: Settings, minimum: Minimum) -> Floors:
    """Measured anew only where something changes that these runs depend on."""
    data, train = make_dataset(settings.data), settings.train
    rates = np.array([share * train.lr for share in SHARES])

    def found(shuffle: str, lr: float, drop_last: bool, share: bool = False) -> tuple[float, float]:
        size = train.batch_size
        return jitter_found(data, minimum, train.loss, shuffle, lr, size, drop_last, share)

    is_short = len(data) % train.batch_size > 0 and not train.drop_last
    return Floors(
        rates,
        {
            shuffle: [found(shuffle, rate, train.drop_last) for rate in rates.tolist()]
            for shuffle in SHUFFLES
        },
        np.array([_by_law(settings, minimum, rate) for rate in rates.tolist()]),
        found("each_epoch", train.lr, True) if is_short else None,
        found("each_epoch", train.lr, False, True) if is_short else None,
    )


def _by_law(settings: Settings, minimum: Minimum, lr: float) -> float:
    """Law 7 for these runs, NaN where they do not settle."""
    if lr * minimum.sharpness >= 2.0:
        return math.nan
    train, data = settings.train, make_dataset(settings.data)
    return jitter_of_runs(data, minimum, train.loss, lr, train.batch_size, train.drop_last)


def _floors_chart(floors: Floors, settings: Settings) -> Chart:
    lines = [
        (SHUFFLES[shuffle], *STROKES[shuffle], np.array([mean for mean, _ in values]))
        for shuffle, values in floors.found.items()
    ]
    constant = settings.train.schedule == "constant"
    note = (
        f"The mean squared distance at epoch ends of {RUNS} runs that start at the minimum, for "
        "three learning rates. "
        f"{'Each stays constant.' if constant else 'Each is constant: no schedule.'}"
    )
    if not np.isnan(floors.law).all():
        note += " Green: law 7, with replacement."
    figure = floors_figure(floors.rates, lines, floors.law, settings.train.lr)
    return Chart("floors", "How close runs stay to the minimum", note, figure)


def _laws_of_floors(floors: Floors, settings: Settings) -> list[Finding]:
    (jittered, error), reshuffled = (
        floors.found[shuffle][-1] for shuffle in ("replacement", "each_epoch")
    )
    return [
        laws.jitter_around_the_minimum(float(floors.law[-1]), jittered, error),
        laws.reshuffling(jittered, reshuffled, settings),
    ]


# What it says, each sentence by the numbers it speaks of.


def _measure(runs: Mapping[str, Ran], settings: Settings, minimum: Minimum | None) -> str:
    """What the numbers above the charts are."""
    ran = runs["each_epoch"]
    _, epochs, every = last_epochs(settings.data.n, ran.shown.run)
    steps = "every step" if every == 1 else f"one step in {every:,}"
    lasting = f"last {epochs:,} epochs" if epochs > 1 else "last epoch"
    what = (
        "what the loss on all the points is"
        if minimum is None
        else "how far the loss on all the points is above that of the minimum, "
        f"{number(minimum.loss, 4)}"
    )
    return (
        f"**The four numbers** below say {what}: the mean over {steps} of the {lasting}. Where "
        f"chance decides the order it is the mean of {ran.found.runs:,} runs with other seeds, "
        "± its standard error."
    )


def _why_shuffle(runs: Mapping[str, Ran], settings: Settings, minimum: Minimum) -> str:
    """Whether the stored order does harm here, and why."""
    none, once, each = (
        (_height(runs[shuffle].found, minimum), runs[shuffle].found.loss_error)
        for shuffle in ("none", "once", "each_epoch")
    )
    is_worse = _compared(each, none) == "larger" and none[0] - each[0] > ROUNDING
    degree = "a little worse" if none[0] < A_LITTLE * each[0] else "worse"
    said = (
        f"**Why shuffle?** *None* ends {_measured(*none)} above the minimum, *Each epoch* "
        f"{_measured(*each)}. Here *None* is {degree if is_worse else 'not worse'}"
    )
    stored = settings.data.stored
    if not is_worse and stored == "drawn":
        return (
            f"{said}, because these points are stored as they were drawn, and that is a random "
            "order already. Real files are often sorted: set *Stored order* to *Sorted by class*."
        )
    if not is_worse:
        return (
            f"{said}, although the points are sorted. Sorted points do most harm where an epoch "
            "has many steps and the runs have come close to the minimum."
        )
    if _compared(each, once) == "larger" and _compared(none, once) != "smaller":
        return (
            f"{said}, and so is *Once*. Any fixed order does harm here, since its errors come "
            "again in every epoch."
        )
    if stored == "drawn":
        return (
            f"{said}. The points are stored as they were drawn. That is one random order among "
            "many, and an unlucky one: its errors come again in every epoch."
        )
    order = (
        "first those of class 0, then those of class 1"
        if stored == "class"
        else "from the smallest x to the largest"
    )
    return (
        f"{said}. The points are stored sorted, {order}. Points that are alike err the same way, "
        "so their errors add up, in every epoch again. Shuffling mixes the "
        "points, so that errors cancel."
    )


def _loops(runs: Mapping[str, Ran], floors: Floors) -> str:
    """Whether a fixed order ends in a loop, and whether the errors of an epoch cancel."""
    fresh, drawn = (floors.found[shuffle][-1] for shuffle in ("each_epoch", "replacement"))
    if _compared(drawn, fresh) != "smaller":
        said = "A new order each epoch does not bring runs clearly closer than replacement here"
    else:
        share = "most" if fresh[0] < 0.5 * drawn[0] else "some"
        said = (
            f"With a new order each epoch {share} errors cancel within the epoch. With replacement "
            "they do not"
        )
    return (
        f"**Loops.** {_loop(runs['none'])} {said}: at epoch ends, and at a constant learning rate, "
        f"the mean squared distance to the minimum is {_measured(*fresh)} with *Each epoch* and "
        f"{_measured(*drawn)} with *Replacement*."
    )


def _loop(ran: Ran) -> str:
    farthest, end, is_loop = loop_of(ran.shown.run)
    if ran.shown.run.settings.epochs < SHOWN_EPOCHS:
        return f"A loop can be told after {SHOWN_EPOCHS} epochs at the earliest."
    way = (
        f"In its last epoch it moves up to {farthest:.3g} away from where the epoch began, and "
        f"ends {f'{end:.2g}' if end > 1e-6 else 'less than 0.000001'} away."
    )
    if is_loop:
        return f"With a fixed order the run ends in a repeating loop, as *None* does here. {way}"
    return f"*None* is not in a repeating loop at the end. {way}"


def _schedule_word(runs: Mapping[str, Ran], settings: Settings, minimum: Minimum) -> list[str]:
    """What the schedule does to the floor of runs with replacement."""
    train = settings.train
    if train.schedule == "constant":
        return []
    ran = runs["replacement"]
    constant = _constant_found(replace(settings, train=replace(train, schedule="constant")))
    low, high = _height(ran.found, minimum), _height(constant, minimum)
    last = float(_rates(settings)[-1])
    with_schedule, without = (low, ran.found.loss_error), (high, constant.loss_error)
    compared = _compared(without, with_schedule)
    end = f"With the schedule it is {compared}."
    if compared == "smaller" and last < 0.5 * train.lr:
        end += " With replacement the floor goes as lr/B, so it falls with the learning rate."
    return [
        f"**Schedule** *{SCHEDULES[train.schedule].label}*: the learning rate of the last step is "
        f"{last:.2g}, where lr is {train.lr:g}. *Replacement* ends {_measured(*with_schedule)} "
        f"above the minimum; at a constant rate it ends {_measured(*without)} above it. {end}"
    ]


@cached(most=32)
def _constant_found(settings: Settings) -> OrderFound:
    shown = trained(replace(settings, train=replace(settings.train, shuffle="replacement")))
    minimum = _minimum(settings.data, settings.train.loss)
    return order_found(shown.data, shown.run, minimum)


def _short_batch(settings: Settings, floors: Floors | None) -> list[str]:
    """What a last minibatch that is short does, and what helps."""
    n, size = settings.data.n, settings.train.batch_size
    short = n % size
    if short == 0:
        return []
    points = f"{short:,} {plural('point', short)}"
    if floors is None or floors.without is None or floors.in_proportion is None:
        return [
            f"**Short last minibatch.** B = {size:,} does not divide N = {n:,}, so every epoch "
            f"leaves {points} out. With *None* and *Once* {'it is' if short == 1 else 'they are'} "
            f"the same in every epoch, so these runs never see {'it' if short == 1 else 'them'}."
        ]
    as_is = floors.found["each_epoch"][-1]
    without, short_step = (
        f"{_measured(*each)} ({_compared(as_is, each)})"
        for each in (floors.without, floors.in_proportion)
    )
    it = "this point counts" if short == 1 else "each of these points counts"
    return [
        f"**Short last minibatch.** B = {size:,} does not divide N = {n:,}: the last minibatch of "
        f"an epoch has {points}, but takes a full step like any other. So {it} {size / short:.3g} "
        "times as much as a point of a full minibatch, and the errors of "
        "an epoch cannot cancel completely. *Each epoch*, at epoch ends and at a constant learning "
        f"rate, has a mean squared distance to the minimum of {_measured(*as_is)}. With *Drop the "
        f"last short batch* it is {without}; with lr × {short:,}/{size:,} for the last step it is "
        f"{short_step}."
    ]


def _compared(before: tuple[float, float], after: tuple[float, float]) -> str:
    """Whether a mean, with its standard error, is clearly smaller than another."""
    apart = 2.0 * math.hypot(before[1], after[1])
    if after[0] < before[0] - apart:
        return "smaller"
    return "larger" if after[0] > before[0] + apart else "not clearly different"


def draw() -> None:
    asked = chosen()
    show_head(asked.settings, IDEA, runs=orders(asked.settings))
    show(compute(asked), asked.settings)


PAGE = Page(
    name="order_matters",
    title="Order matters",
    place=10,
    help="The same start, the same minibatch size, four orders of the points.",
    group=LABS,
    controls=DATA | {"sort", "bs", "drop", "lr", "sched", "ep", "loss", "seed"},
    settings=Settings(
        DataSettings(n=500, stored="class"),
        TrainSettings(loss="bce", optimizer="sgd", lr=1.0, batch_size=20, epochs=100, seed=7),
    ),
    is_ready_early=False,
    compute=compute,
    draw=draw,
)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw as draw_dashboard

    draw_dashboard()
