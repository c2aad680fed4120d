"""What the lab "Stability" shows: law 10, predicted from the Hessian and found by bisection."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.run import Lab, Law, Trained, ground_of, number, surface_chart, trained
from dashboard.figures.common import FULL, MINIBATCH, W
from dashboard.figures.labs import limits_figure, runs_figure
from minibatch_core import (
    Minimum,
    Settings,
    find_minimum,
    largest_stable_lr,
    make_dataset,
    stable_lr_found,
)
from minibatch_core.theory.stability import LARGEST_MOMENTUM

__all__ = ["stability_view"]

Floats = NDArray[np.float64]

GRID = Grid(
    areas=("limits distances surface",),
    rows="330px",
    columns="minmax(0, 3fr) minmax(0, 4fr) minmax(0, 4fr)",
)

MOMENTA = np.array([0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9])
"""The momenta at which the largest stable learning rate is looked for, besides the chosen one."""


@lru_cache(maxsize=32)
def stability_view(settings: Settings, scale: str) -> Lab:
    """Find the minimum, how sharp it is, and the learning rates that runs around it can bear."""
    data, train = make_dataset(settings.data), settings.train
    shown = trained(settings)
    surface = replace(surface_chart(ground_of(shown), scale), note="with the path of the run")
    minimum = find_minimum(data, train.loss)
    if minimum is None:
        warning = (
            "This loss has no minimum with |w| and |b| up to 100 on these points: it falls on "
            "outwards. Law 10 speaks of a minimum; take more noise, other data or another loss."
        )
        grid = Grid(areas=("surface",), rows="330px", columns="minmax(0, 1fr)")
        return Lab(Board({}, [surface], grid), [], warning)
    momentum = train.momentum or 0.0
    limit = largest_stable_lr(minimum.sharpness, momentum)
    found = stable_lr_found(data, minimum, train.loss, momentum)
    charts = (
        _limits_chart(settings, minimum, momentum),
        _distances_chart(settings, minimum, limit),
        surface,
    )
    metrics = {
        "w at the minimum": number(minimum.w),
        "b at the minimum": number(minimum.b),
        "Lowest loss": number(minimum.loss, 4),
        "Sharpness λ": f"{minimum.sharpness:.4g}",
        "Largest stable lr": f"{limit:.4g}",
        "Chosen lr / largest": f"{train.lr / limit:.3g}",
    }
    laws = []
    if found is not None:
        laws.append(
            Law(
                "10. Stability",
                "lr < (2 + 2 momentum) / λ",
                limit,
                found,
                "found by bisection: runs on all the data that start close to the minimum",
            )
        )
    return Lab(Board(metrics, charts, GRID), laws, _warning(shown, momentum))


def _limits_chart(settings: Settings, minimum: Minimum, momentum: float) -> Chart:
    data, loss = make_dataset(settings.data), settings.train.loss
    momenta = np.unique([*MOMENTA, momentum])
    predicted = np.array([largest_stable_lr(minimum.sharpness, each) for each in momenta])
    found = [stable_lr_found(data, minimum, loss, float(each)) for each in momenta]
    measured = np.array([np.nan if each is None else each for each in found])
    return Chart(
        "limits",
        "The largest stable learning rate",
        "at the minimum; above the line gradient descent leaves it",
        limits_figure(momenta, predicted, measured, (momentum, settings.train.lr)),
    )


def _distances_chart(settings: Settings, minimum: Minimum, limit: float) -> Chart:
    runs = []
    for share, colour, dash in ((0.9, FULL, "dot"), (1.1, MINIBATCH, "dot")):
        if share * limit <= 1000.0:
            shown = trained(_with_lr(settings, share * limit, minimum))
            name = f"{share:.0%} of it"
            runs.append((name, colour, dash, _distances(shown, minimum)))
    shown = trained(settings)
    runs.append(("the chosen lr", W, "solid", _distances(shown, minimum)))
    return Chart(
        "distances",
        "Distance to the minimum",
        "dotted: from close by, with 90 % and 110 % of the limit",
        runs_figure(runs, "distance", log=True),
    )


def _with_lr(settings: Settings, lr: float, minimum: Minimum) -> Settings:
    near_w, near_b = minimum.w + 1e-3, minimum.b + 1e-3
    train = replace(settings.train, lr=lr, init_w=near_w, init_b=near_b)
    return replace(settings, train=train)


def _distances(shown: Trained, minimum: Minimum) -> Floats:
    far = np.hypot(shown.run.w - minimum.w, shown.run.b - minimum.b)
    return np.minimum(far, 1e12)  # beyond, a log axis would show nothing else


def _warning(shown: Trained, momentum: float) -> str | None:
    run = shown.run
    if run.diverged_at is not None:
        return f"**Diverged at step {run.diverged_at:,}** of {len(run.batches):,}."
    if momentum == 1.0:
        return "With a momentum of 1 no step is ever forgotten, and no run comes to rest."
    if momentum > LARGEST_MOMENTUM:
        return (
            f"With a momentum above {LARGEST_MOMENTUM:g} a run forgets so slowly that its steps do "
            "not tell whether it is stable, so nothing is found by bisection."
        )
    return None
