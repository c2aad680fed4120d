"""What a lesson can say of a run, and check, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from dashboard.charts.run import Trained, loss_on, trained
from dashboard.server.cached import cached
from minibatch_core import Settings, accuracy, find_minimum, full_loss, largest_stable_lr
from minibatch_core.engine.budgets import Budget, spent
from minibatch_core.engine.dataset import make_held_out
from minibatch_core.settings.train import sizes_of_epoch
from minibatch_core.theory.spectrum import trace_spectrum
from minibatch_core.words import number, percent

__all__ = ["MEASURES", "Measure", "Value", "measured"]

REPEATED = 0.9
"""A run of which so much of the power repeats each epoch has a period."""

Value = float | bool | None
"""None where a run has no such number."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of a run, how it is written, and what it is."""

    of: Callable[[Trained], Value]
    write: Callable[[float], str]
    says: str


@cached(most=16)
def _trained(settings: Settings) -> Trained:
    return trained(settings)


@cached(most=512)
def measured(settings: Settings, name: str) -> Value:
    """A number of the run with these settings; a step asks for it at every run of the page."""
    return MEASURES[name].of(_trained(settings))


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _four(value: float) -> str:
    return number(value, 4)


def _last_epoch(shown: Trained) -> np.ndarray:
    return shown.run.batch_loss[-shown.run.batches.steps_per_epoch :]


def _swing(shown: Trained) -> Value:
    losses = _last_epoch(shown)
    return float(losses.max() - losses.min()) if len(losses) else None


def _late(shown: Trained) -> Value:
    w, b = (values[_last_quarter(shown)] for values in (shown.run.w, shown.run.b))
    return float(full_loss(shown.data, w, b, shown.run.settings.loss).mean())


def _last_quarter(shown: Trained) -> slice:
    return slice(-max(1, len(shown.run) // 4), None)


def _spread(shown: Trained) -> Value:
    losses = shown.run.batch_loss[_last_quarter(shown)]
    return float(losses.std()) if len(losses) else None


def _floor(shown: Trained) -> Value:
    lowest, late = _lowest(shown), _late(shown)
    return None if lowest is None or late is None else late - lowest


def _held_out(shown: Trained) -> Value:
    data = make_held_out(shown.settings.data)
    return None if data is None else float(loss_on(data, shown)[-1])


def _period(shown: Trained) -> Value:
    steps = shown.run.batches.steps_per_epoch
    spectrum = trace_spectrum(shown.run.batch_loss, steps)
    return steps if spectrum is not None and spectrum.periodic_share >= REPEATED else None


def _lowest(shown: Trained) -> Value:
    minimum = find_minimum(shown.data, shown.run.settings.loss)
    return None if minimum is None else minimum.loss


def _limit(shown: Trained) -> Value:
    minimum = find_minimum(shown.data, shown.run.settings.loss)
    return None if minimum is None else largest_stable_lr(minimum.sharpness)


def _last_batch(shown: Trained) -> Value:
    train = shown.settings.train
    return sizes_of_epoch(len(shown.data), train.batch_size, train.drop_last)[-1]


def _examples(shown: Trained) -> Value:
    return float(spent(np.array([len(shown.run)]), shown.run.batches, Budget("examples"))[0])


MEASURES: Mapping[str, Measure] = {
    "first loss": Measure(
        lambda shown: float(shown.full[0]), _four, "loss on all the data before the first step"
    ),
    "final loss": Measure(
        lambda shown: float(shown.full[-1]), _four, "loss on all the data after the last step"
    ),
    "late loss": Measure(
        _late, _four, "mean loss on all the data after the steps of the run's last quarter"
    ),
    "minimum loss": Measure(
        _lowest, _four, "loss on all the data at its minimum; a run without one has no such number"
    ),
    "held-out loss": Measure(_held_out, _four, "loss on held-out data after the last step"),
    "swing": Measure(
        _swing, _four, "highest minus lowest minibatch loss of the last epoch, as the chart tells"
    ),
    "spread": Measure(
        _spread,
        _four,
        "standard deviation of the minibatch losses of the run's last quarter",
    ),
    "floor": Measure(
        _floor, _four, "late loss minus minimum loss; a run without a minimum has no such number"
    ),
    "period": Measure(
        _period,
        _whole,
        "steps after which the minibatch loss swings as before: those of an epoch, if at least "
        f"{REPEATED:.0%} of the power repeats each epoch, and at least four epochs are trained",
    ),
    "w": Measure(lambda shown: shown.end[0], _four, "w after the last step"),
    "b": Measure(lambda shown: shown.end[1], _four, "b after the last step"),
    "accuracy": Measure(
        lambda shown: float(accuracy(shown.data, *shown.end)),
        lambda value: percent(value, 1),
        "share of the points whose class the model gets right after the last step, from 0 to 1",
    ),
    "steps": Measure(lambda shown: len(shown.run), _whole, "steps of the run"),
    "steps per epoch": Measure(
        lambda shown: shown.run.batches.steps_per_epoch, _whole, "steps of an epoch"
    ),
    "last batch": Measure(_last_batch, _whole, "points in the last minibatch of an epoch"),
    "examples": Measure(
        _examples,
        _whole,
        "looks at a point, all steps together",
    ),
    "stable limit": Measure(
        _limit, _four, "largest stable lr of gradient descent on all the data without momentum, 2/λ"
    ),
    "diverges": Measure(
        lambda shown: shown.run.diverged_at is not None,
        lambda value: "yes" if value else "no",
        "yes or no: whether a number of the run stops being finite",
    ),
}
