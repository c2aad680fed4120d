"""A run as the browser plays it: points, order and path, from which it computes every step."""

from collections.abc import Sequence

import numpy as np

from dashboard.charts.live_chart import Chart
from dashboard.charts.run import Ground, Trained, ground_of, surface_chart
from dashboard.charts.wire import SentRun, sent_settings
from dashboard.figures.data import MOST_POINTS
from dashboard.figures.kept import Kept
from dashboard.figures.palette import colour_stops
from minibatch_core.engine.batches import sampler_seeds
from minibatch_core.engine.budgets import IN_STEPS, Budget
from minibatch_core.engine.learning_rates import learning_rates

__all__ = ["player", "surfaces_to_play"]


def surfaces_to_play(
    shown: Trained,
    scale: str,
    click: str | None = None,
    budget: Budget = IN_STEPS,
    kept: Sequence[Kept] = (),
) -> tuple[list[Chart], SentRun]:
    """The surface of all the data, the charts that the player fills, and the run to be played."""
    ground = ground_of(shown, kept)
    charts = [
        surface_chart(ground, scale, click, kept),
        Chart("minibatch", "Minibatch", "", {}, mark="minibatch"),
        Chart("epoch", "Minibatches", "", {}, mark="epoch"),
    ]
    return charts, player(shown, ground, scale, budget)


def player(shown: Trained, ground: Ground, scale: str, budget: Budget = IN_STEPS) -> SentRun:
    """What `player.js` needs of a run; w and b are those of every step, none is left out.

    The charts along the run count the `budget`.

    Where each epoch has an order of its own, the seeds are sent from which the browser draws it:
    4 bytes an epoch where the order itself would be up to 40,000.
    """
    data, run = shown.data, shown.run
    settings, batches = run.settings, run.batches
    kept = int(batches.offsets[batches.steps_per_epoch])
    constant = settings.schedule == "constant"
    drawn_anew = settings.shuffle in ("each_epoch", "replacement")
    return {
        "settings": sent_settings(shown.settings),
        "x": data.x,
        "y": data.y.astype(np.uint8),
        "loss": settings.loss,
        "optimizer": settings.optimizer,
        "hyperparameters": [settings.lr, *map(float, settings.hyperparameters.values())],
        "rates": None if constant else learning_rates(settings, len(batches))[: len(run)],
        "w": run.w,
        "b": run.b,
        "diverged": run.diverged_at is not None,
        "batch_size": settings.batch_size,
        "per_epoch": batches.steps_per_epoch,
        "epochs": settings.epochs,
        "kept": kept,
        "order": None if drawn_anew else batches.indices[:kept],
        "seeds": sampler_seeds(settings).astype(np.uint32) if drawn_anew else None,
        "replacement": settings.shuffle == "replacement",
        "unit": budget.unit,
        "step_cost": budget.step_cost if budget.unit == "time" else 0,
        "w_ends": (float(ground.w_grid[0]), float(ground.w_grid[-1])),
        "b_ends": (float(ground.b_grid[0]), float(ground.b_grid[-1])),
        "limits": ground.limits,
        "stops": colour_stops(scale),
        "most_lit": MOST_POINTS,
    }
