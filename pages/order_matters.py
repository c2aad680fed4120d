"""The lab of orders: what it does whether and how the points are shuffled."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.run import Trained, trained
from dashboard.figures.many_runs import runs_figure
from dashboard.figures.orders import floors_figure
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
from minibatch_core.settings.train import SHUFFLES
from minibatch_core.theory import laws
from minibatch_core.theory.jitter import RUNS
from minibatch_core.theory.laws import Finding
from minibatch_core.words import number

IDEA = """
Four runs of SGD from the same start with the same batch size: the points as stored, permuted once,
permuted each epoch, and drawn with replacement. A fixed order makes the run circle; a new order
each epoch makes the errors of an epoch cancel; replacement lets them add up.
"""

GRID = Grid(
    areas=("distances distances", "spectra floors", "w b"),
    rows="250px 270px 220px",
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


def orders(settings: Settings) -> dict[str, Settings]:
    """The settings of each order's run, by its label."""
    return {
        label: replace(settings, train=replace(settings.train, shuffle=shuffle))
        for shuffle, label in SHUFFLES.items()
    }


@cached(most=32)
def compute(chosen: Chosen) -> Shown:
    """Train with each order, and many times around the minimum."""
    settings, train = chosen.settings, chosen.settings.train
    runs = {order.train.shuffle: trained(order) for order in orders(settings).values()}
    period = next(iter(runs.values())).run.batches.steps_per_epoch
    minimum = _minimum(settings.data, train.loss)
    spectra = {
        shuffle: spectrum
        for shuffle, shown in runs.items()
        if (spectrum := trace_spectrum(shown.run.batch_loss, period)) is not None
    }
    findings = [
        laws.period_of_an_order(spectrum, replace(settings, train=replace(train, shuffle=shuffle)))
        for shuffle, spectrum in spectra.items()
    ]
    charts = []
    if spectra:
        note = (
            f"an epoch has {period:,} steps: an order that repeats swings at multiples of "
            f"1/{period:,} alone"
        )
        drawn = [(SHUFFLES[name], *STROKES[name], each) for name, each in spectra.items()]
        figure = spectra_figure(drawn, period)
        charts.append(Chart("spectra", "Spectrum of the minibatch loss", note, figure))
    for name in ("w", "b"):
        lines = [
            (SHUFFLES[shuffle], *STROKES[shuffle], np.clip(getattr(shown.run, name), -1e6, 1e6))
            for shuffle, shown in runs.items()
        ]
        figure = runs_figure(lines, name)
        figure = without_legend(figure) if charts else figure
        charts.append(Chart(name, name, "step by step", figure))
    warning = None
    if minimum is None:
        warning = (
            "No minimum of this loss was found on these points with |w| and |b| up to 100, so "
            "there is no distance to it; take more noise, other data or another loss."
        )
    elif period == 1:
        warning = (
            "With B = N an epoch is one step on all the points, so there is no order to speak of."
        )
    elif SHARES[0] * train.lr == 0.0:
        warning = f"With a learning rate of {train.lr:g} nothing moves."
    else:
        charts.insert(0, _distances_chart(runs, minimum, period))
        chart, more = _floors(replace(settings, train=replace(train, epochs=1, seed=0)), minimum)
        charts.append(chart)
        findings = [*more, *findings]
        if train.lr * minimum.sharpness >= 2.0:
            warning = (
                f"A learning rate of {train.lr:g} is past what the minimum can bear, "
                f"{largest_stable_lr(minimum.sharpness):.4g} (law 10, page Stability): runs do not "
                "settle, and law 7 says nothing."
            )
    ends = {SHUFFLES[shuffle]: number(float(shown.full[-1]), 4) for shuffle, shown in runs.items()}
    metrics = {f"Loss, shuffling {name.lower()}": end for name, end in ends.items()}
    return Shown(Board(metrics, charts, GRID), findings, warning)


@cached(most=32)
def _minimum(data: DataSettings, loss: str) -> Minimum | None:
    return find_minimum(make_dataset(data), loss)


def _distances_chart(runs: Mapping[str, Trained], minimum: Minimum, period: int) -> Chart:
    drawn, late = [], []
    for shuffle, shown in runs.items():
        run = shown.run
        far = np.hypot(run.w[::period] - minimum.w, run.b[::period] - minimum.b)
        drawn.append((SHUFFLES[shuffle], *STROKES[shuffle], np.minimum(far, 1e12)))
        late.append(f"{SHUFFLES[shuffle].lower()} {np.median(far[len(far) // 2 :]):.2g}")
    figure = runs_figure(drawn, "distance", log=True)
    figure["layout"]["xaxis"]["title"]["text"] = "epoch"
    note = (
        f"at epoch ends; the minimum is at w {minimum.w:.3f}, b {minimum.b:.3f}. Median of the "
        f"second half: {', '.join(late)}"
    )
    return Chart("distances", "Distance to the minimum", note, figure)


@cached(most=32)
def _floors(settings: Settings, minimum: Minimum) -> tuple[Chart, list[Finding]]:
    """How far runs stay from the minimum once they are there, whatever their epochs and seed."""
    data, train = make_dataset(settings.data), settings.train
    rates = np.array([share * train.lr for share in SHARES])
    found = {
        shuffle: [
            jitter_found(data, minimum, train.loss, shuffle, rate, train.batch_size)
            for rate in rates.tolist()
        ]
        for shuffle in SHUFFLES
    }
    law = np.array([_by_law(settings, minimum, rate) for rate in rates.tolist()])
    floors = [
        (SHUFFLES[shuffle], *STROKES[shuffle], np.array([mean for mean, _ in values]))
        for shuffle, values in found.items()
    ]
    (jittered, error), reshuffled = found["replacement"][-1], found["each_epoch"][-1]
    chart = Chart(
        "floors",
        "How close runs stay to the minimum",
        f"mean squared distance at epoch ends of {RUNS} runs that start there, by learning rate; "
        "green: law 7, for replacement",
        floors_figure(rates, floors, law, train.lr),
    )
    findings = [
        laws.jitter_around_the_minimum(float(law[-1]), jittered, error),
        laws.reshuffling(jittered, reshuffled, settings),
    ]
    return chart, findings


def _by_law(settings: Settings, minimum: Minimum, lr: float) -> float:
    """Law 7 for these runs, NaN where they do not settle."""
    if lr * minimum.sharpness >= 2.0:
        return math.nan
    train = settings.train
    data = make_dataset(settings.data)
    return jitter_of_runs(data, minimum, train.loss, lr, train.batch_size)


def draw() -> None:
    asked = chosen()
    show_head(asked.settings, IDEA, runs=orders(asked.settings))
    show(compute(asked), asked.settings)


PAGE = Page(
    name="order_matters",
    title="Order matters",
    place=9,
    help="The same start, the same minibatch size, four orders of the points.",
    group=LABS,
    controls=DATA | {"bs", "lr", "ep", "loss", "seed"},
    settings=Settings(
        train=TrainSettings(loss="bce", optimizer="sgd", lr=1.0, batch_size=10, epochs=100)
    ),
    is_ready_early=False,
    compute=compute,
    draw=draw,
)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw as draw_dashboard

    draw_dashboard()
