"""The lab of orders: what it does whether and how the points are shuffled."""

import math
from collections.abc import Mapping, Sequence
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
from dashboard.shell.advice import without_minimum
from dashboard.shell.chosen import chosen
from dashboard.shell.layout import Shown, show, show_head
from dashboard.shell.page import DATA, LABS, Chosen, Page
from minibatch_core import (
    DataSettings,
    Minimum,
    Run,
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
from minibatch_core.theory.jitter import RUNS, Lasting, lasting
from minibatch_core.theory.laws import Finding
from minibatch_core.theory.orders import (
    OrderFound,
    distances,
    distances_by_epoch,
    last_epochs,
    last_quarters,
    loop_of,
    order_found,
)
from minibatch_core.words import all_of, listed, number, plain, plural, rounded, with_error

IDEA = """
Four runs of SGD start at the same w and b, with the same batch size B. Only the order in which they
read the N points differs. *None* reads them as they are stored, in every epoch. *Once* shuffles
them once and keeps that order. *Each epoch* shuffles them anew for every epoch. *Replacement* draws
each point of a minibatch from all N points, so that an epoch can hold a point twice and another one
not at all.
"""

PULL_AGAIN = "minibatches pull w and b the same way in every epoch"
"""What a fixed order does in every epoch."""

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

A_LITTLE, FAR = 1.5, 5.0
"""Up to which ratio of two losses above the minimum the larger is a little worse, or not far."""

ALIKE = 0.02
"""Up to which share two losses above the minimum differ if they are about as good."""

SURE, SLOW = 3.0, 0.02
"""A loss still changes if it changes from one quarter of the run to the next by more than so many
standard errors, and by more than this share of its height, or of what it has fallen."""

CLEAR = 4.0
"""Two means differ clearly if they are so many standard errors apart: those of few seeds, whose
losses have a long tail, are often too small."""

CLEAR_TIMES = 5.0
"""... or if the logarithm of how many times one is as large as the other is so many of its standard
errors. In a long tail the larger mean has the larger error, so a difference shows too little."""

ROUNDING = 1e-9
"""Losses that differ by less are the same."""

SIDES = {"falls": "lower", "rises": "higher"}

ALMOST = 0.05
"""Epochs go almost the same way where they differ by less than this share of its size."""

FAR_OUT = 5.0
"""From how many times as far from the minimum runs do not stay where those do that start at it."""

NEAR_THE_LAW = 3.0
"""Up to how many times what law 7 says runs are taken for such as stay close to the minimum."""

BETTER = ("a little better", "better", "far better")

NOT_CLEAR, AS_GOOD = "not clearly worse", "about as good"

CLEARLY_WORSE = ("worse", "far worse")
WORSE = ("a little worse", *CLEARLY_WORSE)
"""How the loss of an order compares with that of *Each epoch* where it does harm."""


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
            _why_shuffle(runs, floors, settings, minimum),
            _loops(runs, floors),
            *_schedule_word(runs, settings, minimum),
            *_short_batch(settings, floors),
        ]
    elif settings.train.drop_last:
        words = _short_batch(settings, None)
    words.append(_measure(runs, settings, minimum))
    metrics = {
        f"{'Loss' if minimum is None else 'Above the minimum'}, {ran.label.lower()}": with_error(
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


def _warning(settings: Settings, minimum: Minimum | None, period: int) -> str | None:
    lr = settings.train.lr
    if minimum is None:
        return (
            "No minimum of this loss was found on these points with |w| and |b| up to 100, so "
            f"there is no distance to it. {without_minimum(settings.data)}"
        )
    if period == 1:
        n, size = settings.data.n, settings.train.batch_size
        points = all_of(n, "point") if size == n else f"{size:,} of the {n:,} points"
        return (
            f"An epoch is a single step here, on {points}, so there is no order of minibatches to "
            "compare."
        )
    if SHARES[0] * lr == 0.0:
        return f"With a learning rate of {plain(lr)} nothing moves."
    if lr * minimum.sharpness >= 2.0:
        return (
            f"A learning rate of {plain(lr)} is larger than the minimum can bear, which is "
            f"{rounded(largest_stable_lr(minimum.sharpness), 4)} (law 10, page Stability). At a "
            "constant rate the runs do not come to rest at the minimum, and law 7 says nothing."
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
            f"{ran.label.lower()} {with_error(ran.found.distance, ran.found.distance_error)}"
        )
    lasting = f"last {last:,} {plural('epoch', last)}" if last > 1 else "last epoch"
    return [
        Chart(
            "distances",
            "Distance to the minimum",
            "One run of each order, with the mean over the steps of each epoch. The numbers: a "
            "run's median distance in its second half. Where chance decides, the mean of this over "
            f"{runs['once'].found.runs:,} seeds: {', '.join(late)}.",
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
        note = (
            f"How strongly the loss swings in the last {spectra[0][-1].steps:,} steps. "
            f"{_whole_numbers(period)} "
        )
        note += (
            "A loss that is the same in every epoch has no other swings (law 9)."
            if steady
            else "The learning rate changes during these steps, so law 9 does not apply."
        )
        figure = spectra_figure(spectra, period)
        charts.append(Chart("spectra", "Spectrum of the minibatch loss", note, figure))
        if steady:
            findings = [
                laws.period_of_an_order(spectrum, ran.shown.run, ran.shown.data)
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


def _whole_numbers(period: int) -> str:
    """What is at the whole numbers of a spectrum's axis.

    >>> _whole_numbers(25)
    'Swings at whole numbers repeat in every epoch: at 1 once per epoch, at 2 twice, and so on.'
    """
    twice = ", at 2 twice" if period >= 4 else ""
    more = ", and so on" if period >= 6 else ""
    return f"Swings at whole numbers repeat in every epoch: at 1 once per epoch{twice}{more}."


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
    law 7 gives with replacement, and `lasting` how long the runs of each rate are. `without` and
    `in_proportion` are of runs shuffled each epoch at the last rate: without the short last
    minibatch, which makes them as long as `lasting_without`, and with its step as short as itself.
    None where no minibatch is short.
    """

    rates: Floats
    found: Mapping[str, list[tuple[float, float]]]
    law: Floats
    lasting: list[Lasting]
    without: tuple[float, float] | None
    lasting_without: Lasting
    in_proportion: tuple[float, float] | None


@cached(most=32)
def _floors(settings: Settings, minimum: Minimum) -> Floors:
    """Measured anew only where something changes that these runs depend on."""
    data, train = make_dataset(settings.data), settings.train
    rates = np.array([share * train.lr for share in SHARES])

    def found(shuffle: str, lr: float, drop_last: bool, share: bool = False) -> tuple[float, float]:
        size = train.batch_size
        return jitter_found(data, minimum, train.loss, shuffle, lr, size, drop_last, share)

    def last(lr: float, drop_last: bool) -> Lasting:
        return lasting(data, minimum, train.loss, lr, train.batch_size, drop_last)

    is_short = len(data) % train.batch_size > 0 and not train.drop_last
    return Floors(
        rates,
        {
            shuffle: [found(shuffle, rate, train.drop_last) for rate in rates.tolist()]
            for shuffle in SHUFFLES
        },
        np.array([_by_law(settings, minimum, rate) for rate in rates.tolist()]),
        [last(rate, train.drop_last) for rate in rates.tolist()],
        found("each_epoch", train.lr, True) if is_short else None,
        last(train.lr, True),
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
        (SHUFFLES[shuffle], *STROKES[shuffle], np.array(values).T)
        for shuffle, values in floors.found.items()
    ]
    constant = settings.train.schedule == "constant"
    note = (
        "The mean squared distance at epoch ends of runs that start at the minimum, "
        f"{RUNS} of each order (none: one), for three learning rates. A bar is a standard "
        "error up and down. "
        f"{'Each stays constant.' if constant else 'Each is constant: no schedule.'} "
        f"{_how_long(floors)}"
    )
    if not np.isnan(floors.law).all():
        note += " Green: law 7 for such runs, with replacement."
    figure = floors_figure(floors.rates, lines, floors.law, settings.train.lr)
    return Chart("floors", "How close runs stay to the minimum", note, figure)


def _how_long(floors: Floors) -> str:
    """Over which epochs the floors are measured, and at which rates the runs have settled."""
    epochs = [last.epochs for last in floors.lasting]
    listed = f"{epochs[0]:,}"
    if len(set(epochs)) > 1:
        listed = f"{', '.join(f'{each:,}' for each in epochs[:-1])} and {epochs[-1]:,}"
    said = f"Measured in the second half of {listed} epochs."
    short = [
        rounded(rate, 3)
        for rate, last in zip(floors.rates, floors.lasting, strict=True)
        if _is_too_short(last)
    ]
    if not short:
        return said
    if len(short) == len(epochs):
        return f"{said} The runs have not settled by then."
    return f"{said} The runs with lr {' and '.join(short)} have not settled by then."


def _is_too_short(last: Lasting) -> bool:
    """Whether longer runs would settle."""
    return not last.have_settled and not math.isnan(last.balance)


def _laws_of_floors(floors: Floors, settings: Settings) -> list[Finding]:
    jittered, reshuffled = (floors.found[shuffle][-1] for shuffle in ("replacement", "each_epoch"))
    last = floors.lasting[-1]
    return [
        laws.jitter_around_the_minimum(float(floors.law[-1]), jittered, last, settings),
        laws.reshuffling(jittered, reshuffled, last, settings),
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


def _why_shuffle(
    runs: Mapping[str, Ran], floors: Floors, settings: Settings, minimum: Minimum
) -> str:
    """Which fixed order does harm here, and why."""
    none, once, each = (
        (_height(runs[shuffle].found, minimum), runs[shuffle].found.loss_error)
        for shuffle in ("none", "once", "each_epoch")
    )
    stored, kept = _degree(none, each), _degree(once, each)
    start = float(runs["none"].shown.full[0]) - minimum.loss
    changes = _still_changes(runs, start, minimum)
    if settings.train.lr * minimum.sharpness >= 2.0:
        reason = (
            "But the learning rate is above the limit of law 10, so the runs may have left the "
            "minimum, and this says little about what an order does."
        )
    elif changes and (stored in CLEARLY_WORSE or kept in CLEARLY_WORSE):
        reason = _reason(settings, stored, kept, none, once)
        reason += f" But {changes}. So with more epochs this may change."
    elif unlike := changes or _stays_away(runs, floors):
        reason = f"But {unlike}. So this says little about what an order does in the end."
    else:
        reason = _reason(settings, stored, kept, none, once)
    return (
        f"**Why shuffle?** The loss ends {_above(*each)} the minimum with *Each epoch*, "
        f"{_above(*once)} it with *Once* and {_above(*none)} it with *None*. "
        f"{_comparison(stored, kept, settings.train.epochs, bool(changes))} {reason}"
    )


def _still_changes(runs: Mapping[str, Ran], start: float, minimum: Minimum) -> str:
    """Of which orders the loss still falls or rises at the end of training, and by how much."""
    ways: dict[str, list[str]] = {}
    for shuffle in ("each_epoch", "once", "none"):
        ran = runs[shuffle]
        change, error = ran.found.change, ran.found.change_error
        height = _height(ran.found, minimum)
        least = SLOW * min(abs(height), abs(start - height))
        if abs(change) > max(least, SURE * error):
            by = f"{with_error(abs(change), error)} with *{ran.label}*"
            ways.setdefault("falls" if change < 0.0 else "rises", []).append(by)
    if not ways:
        return ""
    now, before = _quarters(runs["none"].shown.run)
    verb, *others = ways
    sides = [f", by {listed(by)}" for by in ways.values()]
    opposite = f", and {SIDES[others[0]]}{sides[1]}" if others else ""
    return (
        f"the loss still {'changes' if others else verb}: over {now} its mean is {SIDES[verb]} "
        f"than over {before}{sides[0]}{opposite}"
    )


def _quarters(run: Run) -> tuple[str, str]:
    """The last quarter of a run in words, and the one before it."""
    _, _, length = last_quarters(run)
    period = run.batches.steps_per_epoch
    count, word = (length, "step") if run.settings.epochs == 1 else (length // period, "epoch")
    if count == 1:
        return f"the last {word}", "the one before"
    return f"the last {count:,} {word}s", f"the {count:,} before"


def _stays_away(runs: Mapping[str, Ran], floors: Floors) -> str:
    """Where runs have settled far from the minimum: how far, beside those that start at it."""
    found = runs["each_epoch"].found
    near, _ = floors.found["each_epoch"][-1]
    if not found.distance > FAR_OUT * math.sqrt(near):
        return ""
    return (
        "with *Each epoch* the distance to the minimum is "
        f"{with_error(found.distance, found.distance_error)} in the second half of the run, while "
        f"runs that start at the minimum stay about {rounded(math.sqrt(near), 2)} away from it"
    )


def _comparison(stored: str, kept: str, epochs: int, is_unfinished: bool) -> str:
    """How *None* and *Once* compare with *Each epoch*."""
    here = "So far" if is_unfinished else "Here"
    if epochs == 1:
        return (
            "In a single epoch *Once* and *Each epoch* do the same: they shuffle one time. But "
            "their random orders differ, and so may their numbers. "
            f"{here} *None* is {_beside(stored)} *Each epoch*."
        )
    if stored != kept:
        return f"{here} *None* is {_beside(stored)} *Each epoch*, and *Once* is {kept}."
    if stored == NOT_CLEAR:
        return f"{here} neither *None* nor *Once* is clearly worse than *Each epoch*."
    return f"{here} *None* and *Once* are both {_beside(stored)} *Each epoch*."


def _beside(degree: str) -> str:
    return f"{degree} {'as' if degree == AS_GOOD else 'than'}"


def _above(height: float, error: float) -> str:
    """A loss seen from that of the minimum, which need not be the lowest."""
    return f"{with_error(abs(height), error)} {'below' if height < 0.0 else 'above'}"


def _degree(order: tuple[float, float], each: tuple[float, float]) -> str:
    """How the loss of an order compares with that of *Each epoch* or another."""
    most_apart = abs(order[0] - each[0]) + 2.0 * math.hypot(order[1], each[1])
    if most_apart <= ALIKE * max(abs(order[0]), abs(each[0])):
        return AS_GOOD
    compared = _compared(each, order)
    if compared == "not clearly different" or abs(order[0] - each[0]) <= ROUNDING:
        return NOT_CLEAR
    word = "better" if compared == "smaller" else "worse"
    low, high = sorted([order[0], each[0]])
    if low <= 0.0 or A_LITTLE * low <= high < FAR * low:
        return word
    return f"a little {word}" if high < A_LITTLE * low else f"far {word}"


def _reason(
    settings: Settings,
    stored: str,
    kept: str,
    none: tuple[float, float],
    once: tuple[float, float],
) -> str:
    """Why the stored order does harm or not, by how it and *Once* compare with *Each epoch*."""
    once_is_lower, is_good = _compared(none, once) == "smaller", _degree(none, once) in BETTER
    data, several = settings.data, settings.train.epochs > 1
    is_sorted, stored_is_worse = data.stored != "drawn", stored in WORSE
    fixed_are_worse = kept in WORSE and several
    if fixed_are_worse and not stored_is_worse:
        good = (
            f"This stored order happens to be a good one{', although it is sorted' * is_sorted}. "
        )
        return f"{good * is_good}Fixed orders do harm here on average, because their {PULL_AGAIN}."
    if fixed_are_worse and not (is_sorted and once_is_lower):
        return f"Fixed orders do harm here, because their {PULL_AGAIN}."
    if is_sorted and not stored_is_worse:
        return (
            "The points are sorted, but that need not do harm. It can where an epoch has many "
            "steps and the runs have come close to the minimum."
        )
    if not stored_is_worse:
        good = ", and here a good one" * (is_good and stored in BETTER)
        return (
            f"These points are stored as they were drawn. That is a random order already{good}. "
            "Real files are often sorted: set *Stored order* to *Sorted by class*."
        )
    if not is_sorted:
        return (
            "The points are stored as they were drawn. That is one random order among many, and "
            f"not a good one{f': its {PULL_AGAIN}' * several}."
        )
    order = (
        "first those of class 0, then those of class 1"
        if data.stored == "class"
        else "from the smallest x to the largest"
    )
    again = " *Once* mixes them too, but then pulls the same way in every epoch."
    return (
        f"The points are stored sorted, {order}. Points that are alike pull w and b the same way, "
        f"minibatch after minibatch{', in every epoch again' if several else ''}. Shuffling mixes "
        f"the points, so that minibatches pull different ways.{again * fixed_are_worse}"
    )


def _loops(runs: Mapping[str, Ran], floors: Floors) -> str:
    """Whether a fixed order ends in a loop, and whether the errors of an epoch cancel."""
    fresh, drawn = (floors.found[shuffle][-1] for shuffle in ("each_epoch", "replacement"))
    last = floors.lasting[-1]
    if _compared(drawn, fresh) != "smaller":
        said = "*Each epoch* does not bring runs clearly closer to the minimum than *Replacement*"
    elif _leave_the_bowl(floors):
        said = "*Each epoch* brings runs closer to the minimum than *Replacement*"
    else:
        share = "most" if fresh[0] < 0.5 * drawn[0] else "some"
        said = (
            f"With a new order in each epoch {share} of what one minibatch pulls too far is pulled "
            "back by the others of its epoch. With replacement it is not"
        )
    return (
        f"**Loops.** {_loop(runs['none'])} {said}: at epoch ends, and at a constant learning rate, "
        f"the mean squared distance to the minimum is {with_error(*fresh)} with *Each epoch* and "
        f"{with_error(*drawn)} with *Replacement*. Both are "
        f"{_means(f'{last.epochs:,} epochs', [last], floors)}"
    )


def _leave_the_bowl(floors: Floors) -> bool:
    drawn, _ = floors.found["replacement"][-1]
    return not drawn < NEAR_THE_LAW * floors.law[-1]


def _means(epochs: str, runs: Sequence[Lasting], floors: Floors) -> str:
    """Over what the floors of sentences are means, and whether longer runs would tell more."""
    said = f"means over the second half of runs of {epochs} that start at the minimum."
    if any(_is_too_short(last) for last in runs):
        return f"{said} They have not settled by then: longer runs can give other numbers."
    if _leave_the_bowl(floors):
        return (
            f"{said} At this learning rate a run need not stay close to the minimum, so longer "
            "runs can give other numbers."
        )
    return said


def _loop(ran: Ran) -> str:
    loop = loop_of(ran.shown.run)
    if ran.shown.run.settings.epochs < SHOWN_EPOCHS:
        return f"Whether *None* goes round a loop can be told after {SHOWN_EPOCHS} epochs at least."
    if loop.farthest == 0.0:
        return "*None* does not move in its last epoch."
    is_closed = loop.end <= 1e-6 * loop.farthest
    way = (
        f"In its last epoch it gets at most {rounded(loop.farthest, 3)} away from where the epoch "
        "began, and "
        + (
            "comes back to where it began."
            if is_closed
            else f"ends {rounded(loop.end, 3)} from there."
        )
    )
    if loop.epochs == 1:
        return f"*None* ends in a repeating loop: its last epochs are nearly the same. {way}"
    if loop.epochs:
        return f"At the end *None* repeats itself every {loop.epochs} epochs. {way}"
    if loop.moved < ALMOST * loop.farthest:
        return (
            "*None* goes round almost the same way in each epoch, but the way still moves: by up "
            f"to {rounded(loop.moved, 3)} an epoch. {way}"
        )
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
    word = {"smaller": "lower", "larger": "higher"}.get(compared, compared)
    end = f"With the schedule the loss is {word}."
    if compared == "smaller" and last < 0.5 * train.lr and train.lr * minimum.sharpness < 2.0:
        end += (
            " With replacement the pulls of single minibatches keep a run above the minimum. How "
            "far above is proportional to lr/B, as long as lr is small. So the loss falls with the "
            "learning rate."
        )
    return [
        f"**Schedule** *{SCHEDULES[train.schedule].label}*: lr is {plain(train.lr)}, and the "
        f"learning rate of the last step is {rounded(last, 2)}. *Replacement* ends "
        f"{_above(*with_schedule)} the minimum. At a constant rate it ends "
        f"{_above(*without)} it. {end}"
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
        they, them = ("it is", "it") if short == 1 else ("they are", "them")
        left_out = (
            f"every epoch leaves {points} out. With *None* and *Once* {they} the same in every "
            f"epoch, so these runs never see {them}"
            if settings.train.epochs > 1
            else f"the epoch leaves {points} out"
        )
        return [f"**Short last minibatch.** B = {size:,} does not divide N = {n:,}, so {left_out}."]
    as_is = floors.found["each_epoch"][-1]
    without, short_step = (
        f"{with_error(*each)} ({_compared(as_is, each)})"
        for each in (floors.without, floors.in_proportion)
    )
    last, dropped = floors.lasting[-1], floors.lasting_without
    epochs = f"{last.epochs:,} epochs"
    if dropped.epochs != last.epochs:
        epochs += f", or {dropped.epochs:,} without the short minibatch,"
    it = "this point counts" if short == 1 else "each of these points counts"
    return [
        f"**Short last minibatch.** B = {size:,} does not divide N = {n:,}: the last minibatch of "
        f"an epoch has {points}, but takes a full step like any other. So {it} "
        f"{rounded(size / short, 3)} times as much as a point of a full minibatch, and what one "
        "minibatch pulls too far, the others of its epoch cannot pull back completely. *Each "
        "epoch*, at epoch ends and at a constant learning rate, has a mean squared distance to the "
        "minimum of "
        f"{with_error(*as_is)}. With *Drop the last short batch* it is {without}; with lr × "
        f"{short:,}/{size:,} for the last step it is {short_step}. The three are "
        f"{_means(epochs, [last, dropped], floors)}"
    ]


def _compared(before: tuple[float, float], after: tuple[float, float]) -> str:
    """Whether a mean, with its standard error, is clearly smaller than another."""
    if not _are_apart(before, after):
        return "not clearly different"
    return "smaller" if after[0] < before[0] else "larger"


def _are_apart(one: tuple[float, float], other: tuple[float, float]) -> bool:
    if abs(one[0] - other[0]) > CLEAR * math.hypot(one[1], other[1]):
        return True
    if min(one[0], other[0]) <= 0.0:
        return False
    shares = math.hypot(one[1] / one[0], other[1] / other[0])
    return abs(math.log(one[0] / other[0])) > CLEAR_TIMES * shares


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
