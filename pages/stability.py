"""The lab of stability: how large a learning rate can be."""

from dataclasses import replace

import numpy as np

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.run import Trained, ground_of, surface_chart, trained
from dashboard.figures.many_runs import limits_figure, runs_figure
from dashboard.figures.palette import FULL, MINIBATCH, W
from dashboard.server.cached import cached
from dashboard.shell.chosen import chosen
from dashboard.shell.layout import Shown, show, show_head
from dashboard.shell.page import DATA, LABS, Chosen, Page
from minibatch_core import (
    Minimum,
    Settings,
    TrainSettings,
    find_minimum,
    largest_stable_lr,
    make_dataset,
    stable_lr_found,
)
from minibatch_core.arrays import Floats
from minibatch_core.theory import laws
from minibatch_core.theory.stability import LARGEST_MOMENTUM, cycle_at_the_end
from minibatch_core.words import number, sentences

IDEA = """
Close to a minimum the loss is a bowl. Gradient descent on all the data goes down in it, unless the
learning rate is too large: then each step jumps over the minimum and ends farther away on the other
side. How large is too large follows from the sharpness λ alone, the largest eigenvalue of the
Hessian (the matrix of second derivatives) at the minimum. Without momentum the limit is 2/λ. Past
it a run need not go to infinity, because the gradient of a sigmoid is bounded. Often it jumps to
and fro around the minimum for ever.
"""

GRID = Grid(
    areas=("limits distances surface",),
    rows="330px",
    columns="minmax(0, 3fr) minmax(0, 4fr) minmax(0, 4fr)",
)

MOMENTA = np.array([0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9])
"""The momenta at which the largest stable learning rate is looked for, besides the chosen one."""


@cached(most=32)
def compute(chosen: Chosen) -> Shown:
    """Find the minimum, how sharp it is, and the learning rates that runs around it can bear."""
    settings, scale = chosen.settings, chosen.view.scale
    data, train = make_dataset(settings.data), settings.train
    shown = trained(settings)
    surface = replace(surface_chart(ground_of(shown), scale), note="With the path of the run.")
    minimum = find_minimum(data, train.loss)
    if minimum is None:
        warning = (
            "No minimum of this loss was found on these points with |w| and |b| up to 100. Law 10 "
            "is about a minimum; take more noise, other data or another loss."
        )
        grid = Grid(areas=("surface",), rows="330px", columns="minmax(0, 1fr)")
        return Shown(Board({}, [surface], grid), warning=warning)
    momentum = train.momentum or 0.0
    limit = largest_stable_lr(minimum.sharpness, momentum)
    found = stable_lr_found(data, minimum, train.loss, momentum)
    charts = (
        _limits_chart(settings, minimum, momentum),
        _distances_chart(shown, settings, minimum, limit),
        surface,
    )
    metrics = {
        "w at the minimum": number(minimum.w),
        "b at the minimum": number(minimum.b),
        "Loss at the minimum": number(minimum.loss, 4),
        "Sharpness λ": f"{minimum.sharpness:.4g}",
        "Largest stable lr": f"{limit:.4g}",
        "Chosen lr / largest": f"{train.lr / limit:.3g}",
    }
    findings = [] if found is None else [laws.stability(limit, found)]
    return Shown(Board(metrics, charts, GRID), findings, _warning(shown, minimum, momentum))


def _limits_chart(settings: Settings, minimum: Minimum, momentum: float) -> Chart:
    data, loss = make_dataset(settings.data), settings.train.loss
    momenta = np.unique([*MOMENTA, momentum])
    predicted = np.array([largest_stable_lr(minimum.sharpness, each) for each in momenta])
    found = [stable_lr_found(data, minimum, loss, float(each)) for each in momenta]
    measured = np.array([np.nan if each is None else each for each in found])
    return Chart(
        "limits",
        "The largest stable learning rate",
        "Line: law 10. Dots: found with runs. Above the line gradient descent leaves the minimum.",
        limits_figure(momenta, predicted, measured, (momentum, settings.train.lr)),
    )


def _distances_chart(shown: Trained, settings: Settings, minimum: Minimum, limit: float) -> Chart:
    runs = []
    for share, colour, dash in ((0.9, FULL, "dot"), (1.1, MINIBATCH, "dot")):
        if share * limit <= 1000.0:
            near = trained(_with_lr(settings, share * limit, minimum))
            name = f"{share:.0%} of it"
            runs.append((name, colour, dash, _distances(near, minimum)))
    runs.append(("the chosen lr", W, "solid", _distances(shown, minimum)))
    note = "Dotted: runs that start close by, with 90 % and 110 % of the limit."
    if len(runs) < 3:
        note = "The limit is larger than any lr that can be set."
        if len(runs) == 2:
            note = "Dotted: a run that starts close by, with 90 % of the limit."
    figure = runs_figure(runs, "distance", log=True)
    return Chart(
        "distances", "Distance to the minimum", sentences(note, _end(shown, minimum)), figure
    )


def _end(shown: Trained, minimum: Minimum) -> str:
    """Where the chosen run is at its end, in words."""
    far = _distances(shown, minimum)
    if shown.run.diverged_at is not None:
        return "The chosen run diverges"
    cycle = cycle_at_the_end(shown.run)
    if cycle is None:
        return f"At its end the chosen run is {far[-1]:.2g} away and still moves"
    if cycle == 1:
        return f"The chosen run rests {far[-1]:.2g} away from the minimum"
    near, farther = far[-cycle:].min(), far[-cycle:].max()
    return f"The chosen run ends in a cycle of {cycle} steps, {near:.2g} to {farther:.2g} away"


def _with_lr(settings: Settings, lr: float, minimum: Minimum) -> Settings:
    near_w, near_b = minimum.w + 1e-3, minimum.b + 1e-3
    train = replace(settings.train, lr=lr, init_w=near_w, init_b=near_b)
    return replace(settings, train=train)


def _distances(shown: Trained, minimum: Minimum) -> Floats:
    far = np.hypot(shown.run.w - minimum.w, shown.run.b - minimum.b)
    return np.minimum(far, 1e12)  # beyond, a log axis would show nothing else


def _warning(shown: Trained, minimum: Minimum, momentum: float) -> str | None:
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
    if not minimum.is_lowest:
        return (
            "This minimum is a local one: far from it the loss is lower, and a run may end there."
        )
    return None


def draw() -> None:
    asked = chosen()
    show_head(asked.settings, IDEA)
    show(compute(asked), asked.settings)


PAGE = Page(
    name="stability",
    title="Stability",
    place=13,
    help="The largest learning rate that gradient descent can bear, by law and as found.",
    group=LABS,
    controls=DATA | {"scale", "lr", "mom", "ep", "loss", "seed"},
    settings=Settings(
        train=TrainSettings(loss="bce", optimizer="momentum", momentum=0.0, lr=10.0, batch_size=100)
    ),
    is_full_batch=True,
    is_ready_early=False,
    compute=compute,
    draw=draw,
)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw as draw_dashboard

    draw_dashboard()
