"""What the lab "Order matters" shows: four orders of the points from one start, laws 7 to 9."""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.run import Lab, Law, Trained, number, trained
from dashboard.figures.common import FULL, MINIBATCH
from dashboard.figures.labs import floors_figure, runs_figure, spectra_figure, without_legend
from minibatch_core import (
    DataSettings,
    Minimum,
    Settings,
    find_minimum,
    jitter_found,
    jitter_of_runs,
    largest_stable_lr,
    make_dataset,
    trace_spectrum,
)
from minibatch_core.settings.train import SHUFFLES
from minibatch_core.theory.jitter import RUNS

__all__ = ["order_matters_view", "orders"]

Floats = NDArray[np.float64]

GRID = Grid(
    areas=("distances distances", "spectra floors", "w b"),
    rows="250px 270px 220px",
    columns="repeat(2, minmax(0, 1fr))",
)

LOOKS: Mapping[str, tuple[str, str]] = {
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


@lru_cache(maxsize=32)
def order_matters_view(settings: Settings) -> Lab:
    """Train with each order, and many times around the minimum."""
    train = settings.train
    runs = {order.train.shuffle: trained(order) for order in orders(settings).values()}
    period = next(iter(runs.values())).run.batches.steps_per_epoch
    minimum = _minimum(settings.data, train.loss)
    spectra = [
        (SHUFFLES[shuffle], *LOOKS[shuffle], spectrum)
        for shuffle, shown in runs.items()
        if (spectrum := trace_spectrum(shown.run.batch_loss, period)) is not None
    ]
    laws = [
        Law(
            f"9. Shuffling: {name.lower()}",
            f"share of the swing at multiples of 1/{period:,}",
            1.0 if colour == FULL else spectrum.even_share,
            spectrum.periodic_share,
            "the order repeats: exact once the run circles"
            if colour == FULL
            else "it does not: as much there as at every other frequency",
            0.0 if colour == FULL else spectrum.even_share / math.sqrt(spectrum.multiples),
        )
        for name, colour, _, spectrum in spectra
    ]
    charts = []
    if spectra:
        note = (
            f"an epoch has {period:,} steps: an order that repeats swings at multiples of "
            f"1/{period:,} alone"
        )
        figure = spectra_figure(spectra, period)
        charts.append(Chart("spectra", "Spectrum of the minibatch loss", note, figure))
    for name in ("w", "b"):
        lines = [
            (SHUFFLES[shuffle], *LOOKS[shuffle], np.clip(getattr(shown.run, name), -1e6, 1e6))
            for shuffle, shown in runs.items()
        ]
        figure = runs_figure(lines, name)
        figure = without_legend(figure) if charts else figure
        charts.append(Chart(name, name, "step by step", figure))
    warning = None
    if minimum is None:
        warning = (
            "This loss has no minimum with |w| and |b| up to 100 on these points, so there is no "
            "distance to it; take more noise, other data or another loss."
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
        laws = [*more, *laws]
        if train.lr * minimum.sharpness >= 2.0:
            warning = (
                f"A learning rate of {train.lr:g} is past what the minimum can bear, "
                f"{largest_stable_lr(minimum.sharpness):.4g} (law 10, page Stability): runs do not "
                "settle, and law 7 says nothing."
            )
    ends = {SHUFFLES[shuffle]: number(float(shown.full[-1]), 4) for shuffle, shown in runs.items()}
    metrics = {f"Loss, shuffling {name.lower()}": end for name, end in ends.items()}
    return Lab(Board(metrics, charts, GRID), laws, warning)


@lru_cache(maxsize=32)
def _minimum(data: DataSettings, loss: str) -> Minimum | None:
    return find_minimum(make_dataset(data), loss)


def _distances_chart(runs: Mapping[str, Trained], minimum: Minimum, period: int) -> Chart:
    drawn, late = [], []
    for shuffle, shown in runs.items():
        run = shown.run
        far = np.hypot(run.w[::period] - minimum.w, run.b[::period] - minimum.b)
        drawn.append((SHUFFLES[shuffle], *LOOKS[shuffle], np.minimum(far, 1e12)))
        late.append(f"{SHUFFLES[shuffle].lower()} {np.median(far[len(far) // 2 :]):.2g}")
    figure = runs_figure(drawn, "distance", log=True)
    figure["layout"]["xaxis"]["title"]["text"] = "epoch"
    note = (
        f"at epoch ends; the minimum is at w {minimum.w:.3f}, b {minimum.b:.3f}. Median of the "
        f"second half: {', '.join(late)}"
    )
    return Chart("distances", "Distance to the minimum", note, figure)


@lru_cache(maxsize=32)
def _floors(settings: Settings, minimum: Minimum) -> tuple[Chart, list[Law]]:
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
        (SHUFFLES[shuffle], *LOOKS[shuffle], np.array([mean for mean, _ in values]))
        for shuffle, values in found.items()
    ]
    (jittered, error), (reshuffled, _) = found["replacement"][-1], found["each_epoch"][-1]
    chart = Chart(
        "floors",
        "How close runs stay to the minimum",
        f"mean squared distance at epoch ends of {RUNS} runs that start there, by learning rate; "
        "green: law 7, for replacement",
        floors_figure(rates, floors, law, train.lr),
    )
    laws = []
    if not math.isnan(law[-1]):
        laws.append(
            Law(
                "7. Jitter around the minimum",
                "tr V, V = (I - lr H) V (I - lr H)ᵀ + lr² Σ/B",
                float(law[-1]),
                jittered,
                "with replacement, the mean squared distance of the runs in the chart above; the "
                "bowl is one for short steps only: a large lr, a small B or a short last minibatch "
                "breaks it",
                error,
            )
        )
    laws.append(
        Law(
            "8. Reshuffling beats replacement",
            "squared distance far below that with replacement",
            jittered,
            reshuffled,
            "predicted: measured with replacement; measured: shuffled each epoch. A floor, not an "
            "equality, and for short steps",
        )
    )
    return chart, laws


def _by_law(settings: Settings, minimum: Minimum, lr: float) -> float:
    """Law 7 for these runs, NaN where they do not settle."""
    if lr * minimum.sharpness >= 2.0:
        return math.nan
    train = settings.train
    data = make_dataset(settings.data)
    return jitter_of_runs(data, minimum, train.loss, lr, train.batch_size)
