"""The lab of stability: how large a learning rate can be."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.run import Trained, ground_of, surface_chart, trained
from dashboard.charts.wire import SentMatrix, SentMinimum, SentStability, sent_settings
from dashboard.figures.many_runs import limits_figure, runs_figure
from dashboard.figures.palette import FULL, MINIBATCH, W
from dashboard.server.cached import cached
from dashboard.shell.advice import without_minimum
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
from minibatch_core.losses import LOSSES
from minibatch_core.theory import laws
from minibatch_core.theory.stability import (
    FLAT,
    LARGEST_MOMENTUM,
    SATURATED,
    End,
    end_of,
    ends_of_longer,
)
from minibatch_core.words import number, percent, plain, rounded, sentences

CLOSE_BY = """
Close to a minimum the loss is almost a bowl. Gradient descent on all the data goes down in it,
unless the learning rate is too large: then each step jumps over the minimum and ends farther away
on the other side. How large is too large follows from the momentum and the sharpness λ, the largest
eigenvalue of the Hessian (the matrix of second derivatives) at the minimum. Without momentum the
limit is 2/λ, with a momentum below 1 it is (2 + 2 momentum)/λ.
"""

FAR_AWAY = {
    True: """
Past it a run around a minimum need not go to infinity: far away the gradient of {loss} leads back,
and however far away, its length stays below a limit. Often the run jumps to and fro around the
minimum for ever.
""",
    False: """
Past it a run need not go to infinity. Far away the sigmoid is saturated: p is almost 0 or 1 at most
points, and there the gradient of {loss} is almost 0. So the run may stop far away, where the loss
is high. If its steps are too short to get there, it may jump to and fro around the minimum for
ever.
""",
}
"""What becomes of a run past the limit, by whether its loss is convex."""

CLOSE_BY_ONLY = (
    "Law 10 is about runs that start close to the minimum: of others it does not say whether they "
    "come to it"
)
"""Why a run below the limit may not come to rest at the minimum."""

CLOSER = 0.5
"""A longer run is told of if it ends at less than this share of the distance."""

LEAVES_AGAIN = (
    "But it cannot stay at the minimum: at this learning rate a run that comes close leaves it "
    "again, if only after many steps."
)
"""What becomes of a run past the limit that ends at the minimum or on its way there."""

GRID = Grid(
    areas=("limits distances surface",),
    rows="330px",
    columns="minmax(0, 3fr) minmax(0, 4fr) minmax(0, 4fr)",
)

MOMENTA = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
"""The momenta at which the largest stable learning rate is looked for, besides the chosen one."""

SHARES = (0.9, 1.1)
"""Of the largest stable learning rate: the learning rates of the runs that start close by."""

METAS = ("90%", "110%", "chosen")
"""By what stability_runs.js knows the lines of distances."""

CLOSEST, FARTHEST = 1e-9, 1e12
"""Distances that are drawn: smaller ones are rounding, beside larger ones nothing else is seen."""


@cached(most=32)
def compute(chosen: Chosen) -> Shown:
    """Find the minimum, how sharp it is, and the learning rates that runs around it can bear."""
    settings, scale = chosen.settings, chosen.view.scale
    data, train = make_dataset(settings.data), settings.train
    shown = trained(settings)
    surface = replace(
        surface_chart(ground_of(shown), scale),
        note="With the path of the run.",
        follows="stability",
    )
    minimum = find_minimum(data, train.loss)
    if minimum is None:
        warning = (
            "No minimum of this loss was found on these points with |w| and |b| up to 100, and law "
            f"10 is about a minimum. {without_minimum(settings.data)}"
        )
        grid = Grid(areas=("surface",), rows="330px", columns="minmax(0, 1fr)")
        board = Board({}, [surface], grid, stability=_sent(settings, None, {}))
        return Shown(board, warning=warning)
    momentum = train.momentum or 0.0
    limit = largest_stable_lr(minimum.sharpness, momentum) if momentum < 1.0 else None
    found = {
        each: stable_lr_found(data, minimum, train.loss, each) for each in {*MOMENTA, momentum}
    }
    charts = (
        _limits_chart(minimum, found, momentum, train.lr),
        _distances_chart(shown, settings, minimum, limit),
        surface,
    )
    metrics = {
        "w at the minimum": number(minimum.w),
        "b at the minimum": number(minimum.b),
        "Loss at the minimum": number(minimum.loss, 4),
        "Sharpness λ": rounded(minimum.sharpness, 4),
        "Largest stable lr": "–" if limit is None else rounded(limit, 4),
        "Chosen lr / largest": "–" if limit is None else _share_of(train.lr, limit),
    }
    measured = found[momentum]
    findings = [] if limit is None or measured is None else [laws.stability(limit, measured)]
    words = [_end(shown, minimum, limit)]
    board = Board(metrics, charts, GRID, stability=_sent(settings, minimum, found))
    return Shown(board, findings, _warning(minimum, momentum), words=words)


def _sent(
    settings: Settings, minimum: Minimum | None, found: Mapping[float, float | None]
) -> SentStability:
    """What the browser draws the charts of other settings with."""
    sent: SentMinimum | None = None
    if minimum is not None:
        (ww, wb), (_, bb) = minimum.hessian.tolist()
        hessian: SentMatrix = {"ww": ww, "wb": wb, "bb": bb}
        sent = {"w": minimum.w, "b": minimum.b, "loss": minimum.loss, "hessian": hessian}
    return {
        "settings": sent_settings(settings),
        "minimum": sent,
        "momenta": list(MOMENTA),
        "found": sorted(found.items()),
    }


def _limits_chart(
    minimum: Minimum, found: Mapping[float, float | None], momentum: float, lr: float
) -> Chart:
    momenta = np.array(sorted(found))
    predicted = np.array([largest_stable_lr(minimum.sharpness, each) for each in momenta])
    rates = [found[each] for each in sorted(found)]
    measured = np.array([np.nan if rate is None else rate for rate in rates])
    dots = "" if np.isnan(measured).all() else "Dots: found with runs."
    never = "With a momentum of 1 no run comes to rest there" if momentum == 1.0 else ""
    leaves = "Above the line gradient descent leaves the minimum"
    note = sentences("Line: law 10", dots, leaves, never)
    figure = limits_figure(momenta, predicted, measured, (momentum, lr))
    return Chart("limits", "The largest stable learning rate", note, figure, follows="stability")


def _distances_chart(
    shown: Trained, settings: Settings, minimum: Minimum, limit: float | None
) -> Chart:
    rates = [] if limit is None else [share * limit for share in SHARES if share * limit <= 1000.0]
    near = [_distances(trained(_with_lr(settings, lr, minimum)), minimum) for lr in rates]
    near += [np.empty(0)] * (len(SHARES) - len(rates))
    lines = [
        (f"{percent(share)} of it", colour, "dot", far)
        for share, colour, far in zip(SHARES, (FULL, MINIBATCH), near, strict=True)
    ]
    lines.append(("the chosen lr", W, "solid", _distances(shown, minimum)))
    note = [
        "The limit is larger than any lr that can be set",
        "Dotted: a run that starts close by, with 90% of the limit",
        "Dotted: runs that start close by, with 90% and 110% of the limit",
    ][len(rates)]
    is_cut = any((far == 0.0).any() for *_, far in lines)
    figure = runs_figure(lines, "distance", log=True)
    data = [
        {**trace, "meta": meta, "showlegend": len(trace["y"]) > 0}
        for trace, meta in zip(figure["data"], METAS, strict=True)
    ]
    return Chart(
        "distances",
        "Distance to the minimum",
        sentences(
            "Step by step" if limit is None else note,
            "What is closer than 10⁻⁹ is not drawn" if is_cut else "",
        ),
        {**figure, "data": data},
        follows="stability",
    )


def _end(shown: Trained, minimum: Minimum, limit: float | None) -> str:
    """How the chosen run ends, and why; `limit` is None at a momentum of 1."""
    lr = shown.run.settings.lr
    if lr == 0.0:
        return "**The chosen run** has a learning rate of 0, so it does not move."
    compared = "" if limit is None else f", {_of_the_limit(lr, limit)}"
    begun = f"**The chosen run** has a learning rate of {plain(lr)}{compared}."
    is_past = limit is not None and lr > limit
    end = end_of(shown.data, shown.run, minimum)
    if end.kind == "minimum" and is_past:
        return f"{begun} At its end it is at the minimum. {LEAVES_AGAIN}"
    if end.kind == "minimum":
        return f"{begun} It comes to rest at the minimum."
    near, far = _distance(end.nearest), _distance(end.farthest)
    away = f"{near if near == far else f'{near} to {far}'} away from the minimum"
    ends = {
        "still": f"At its end it hardly moves, {far} away from the minimum.",
        "slow": f"At its end it moves slowly, {far} away from the minimum. Its last step was "
        "shorter than a thousandth of that.",
        "short": f"It ends {far} away from the minimum.",
        "cycle": f"It ends in a cycle of {end.steps} steps, {away}.",
        "closer": f"At its end it still comes closer, and is {near} away from the minimum.",
        "moving": f"At its end it still moves: in the second half of the run it is {away}.",
    }[end.kind]
    loss, lowest = number(end.loss, 4), number(minimum.loss, 4)
    beside = "as at the minimum" if loss == lowest else f"while it is {lowest} at the minimum"
    return sentences(
        f"{begun} {ends}",
        f"After the last step the loss is {loss}, {beside}",
        LEAVES_AGAIN if end.kind == "closer" and is_past else "",
        *_why_it_stops(end, shown, minimum, limit is not None and lr < limit),
    )


def _of_the_limit(lr: float, limit: float) -> str:
    """How large a learning rate is beside the largest stable one.

    >>> _of_the_limit(5.0, 10.0), _of_the_limit(10.001, 10.0)
    ('50% of the largest stable one', 'just above the largest stable one (10)')
    """
    share = lr / limit
    if share < 0.01:
        return "less than 1% of the largest stable one"
    if share < 0.9995:
        return f"{rounded(100.0 * share, 3)}% of the largest stable one"
    times = rounded(share, 3)
    if times != "1":
        return f"{times} times the largest stable one"
    digits = next((each for each in range(4, 17) if _are_apart(lr, limit, each)), 17)
    return f"just {_side(lr, limit)} the largest stable one ({rounded(limit, digits)})"


def _share_of(lr: float, limit: float) -> str:
    """A learning rate over the largest stable one: 1 is said where it is that to its last digit.

    >>> _share_of(5.0, 10.0), _share_of(10.001, 10.0)
    ('0.5', 'just above 1')
    """
    share = rounded(lr / limit, 3)
    return share if share != "1" or lr == limit else f"just {_side(lr, limit)} 1"


def _side(lr: float, limit: float) -> str:
    return "above" if lr > limit else "below"


def _are_apart(lr: float, limit: float, digits: int) -> bool:
    """Whether so many digits of a limit show on which side of it a learning rate is."""
    shown = float(f"{limit:.{digits}g}")
    return shown != lr and (shown < lr) == (limit < lr)


def _distance(far: float) -> str:
    return f"{far:,.0f}" if far >= 100.0 else rounded(far, 2)


def _why_it_stops(end: End, shown: Trained, minimum: Minimum, is_below: bool) -> list[str]:
    """Why a run is not at the minimum, if its end or its learning rate says so."""
    length = f"its length is {rounded(end.gradient, 1)}" if end.gradient else "it rounds to 0"
    if end.on_plateau and end.kind != "cycle":
        said = (
            f"The gradient is almost 0 there ({length}), because the sigmoid is saturated: at "
            f"{end.saturated:,} of the {len(shown.data):,} points p is closer than "
            f"{plain(SATURATED)} to 0 or 1"
        )
        return [said, CLOSE_BY_ONLY] if is_below else [said]
    if end.kind in ("cycle", "moving") and is_below:
        return [_with_more_epochs(end, shown, minimum)]
    if end.kind not in ("still", "slow"):
        return []
    if end.gradient < FLAT:
        return [f"The gradient is almost 0 there ({length})"]
    return [
        "Its steps are tiny: lr times the gradient, whose length is "
        f"{rounded(end.gradient, 1)} there"
    ]


def _with_more_epochs(end: End, shown: Trained, minimum: Minimum) -> str:
    """Whether a run below the limit only needs more steps to come to rest at the minimum."""
    epochs, last = [(0, end), *ends_of_longer(shown.data, shown.run, minimum)][-1]
    if last.kind == "minimum":
        return f"It needs more steps: with {epochs:,} epochs it comes to rest at the minimum"
    if last.farthest < CLOSER * end.farthest:
        away = f"{_distance(last.farthest)} away from the minimum"
        return f"With {epochs:,} epochs it ends at most {away}. {CLOSE_BY_ONLY}"
    return CLOSE_BY_ONLY


def _with_lr(settings: Settings, lr: float, minimum: Minimum) -> Settings:
    near_w, near_b = minimum.w + 1e-3, minimum.b + 1e-3
    train = replace(settings.train, lr=lr, init_w=near_w, init_b=near_b)
    return replace(settings, train=train)


def _distances(shown: Trained, minimum: Minimum) -> Floats:
    far = np.hypot(shown.run.w - minimum.w, shown.run.b - minimum.b)
    return np.where(far < CLOSEST, 0.0, np.minimum(far, FARTHEST))


def _warning(minimum: Minimum, momentum: float) -> str | None:
    if momentum == 1.0:
        return "With a momentum of 1 no step is ever forgotten, and no run comes to rest."
    if momentum > LARGEST_MOMENTUM:
        return (
            f"With a momentum above {plain(LARGEST_MOMENTUM)} a run forgets so slowly that its "
            "steps do not tell whether it is stable, so nothing is found by bisection."
        )
    if not minimum.is_lowest:
        return (
            "This minimum is a local one: far from it the loss is lower, and a run may end there."
        )
    return None


def idea(loss: str) -> str:
    """What the page is about, for a loss."""
    far_away = FAR_AWAY[LOSSES[loss].is_convex].format(loss=LOSSES[loss].label)
    return f"{CLOSE_BY.strip()} {far_away.strip()}"


def draw() -> None:
    asked = chosen()
    show_head(asked.settings, idea(asked.settings.train.loss))
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
