"""training.js: the browser trains as the engine does, step by step."""

import itertools
import random
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from dashboard.charts.run import trained
from dashboard.charts.wire import sent_settings
from minibatch_core import (
    Dataset,
    DataSettings,
    Settings,
    TrainSettings,
    full_loss,
    make_dataset,
    train,
)
from minibatch_core.arrays import Floats
from minibatch_core.engine.learning_rates import learning_rates
from minibatch_core.engine.training import train_with_rates
from minibatch_core.losses import LOSSES
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.schedules import SCHEDULES
from minibatch_core.settings.fields import describe
from minibatch_core.settings.train import SHUFFLES
from minibatch_core.storage import STORAGE
from tests.support.hyperparameters import OTHER_THAN_DEFAULT
from tests.support.in_node import array_of, in_node

DATA = DataSettings(n=61, noise=0.2)


@dataclass(frozen=True)
class Path:
    """What training did: w, b and both losses, and where it diverged."""

    w: Floats
    b: Floats
    batch_loss: Floats
    full_loss: Floats
    diverged_at: int | None


NAMES = ("w", "b", "batch_loss", "full_loss")
SENT = """
    const sent = (run) => [
      ...[run.w, run.b, run.batchLoss, run.fullLoss].map(bytes), run.divergedAt, [...run.steps],
    ]
"""


def in_browser(runs: list[Settings]) -> list[Path]:
    code = f"{SENT} return all.map((settings) => sent(it.train(settings)))"
    found = in_node("training.js", code, all=[sent_settings(run) for run in runs])
    return [
        Path(floats(w), floats(b), floats(batch_loss), floats(full), diverged_at)
        for w, b, batch_loss, full, diverged_at, _ in found
    ]


def floats(sent: str) -> Floats:
    return array_of(sent, "f8")


def in_python(settings: Settings) -> Path:
    data = make_dataset(settings.data)
    run = train(data, settings.train)
    losses = full_loss(data, run.w, run.b, settings.train.loss)
    return Path(run.w, run.b, run.batch_loss, losses, run.diverged_at)


def assert_same(found: Path, expected: Path, settings: Settings) -> None:
    assert found.diverged_at == expected.diverged_at, settings
    for name in NAMES:
        np.testing.assert_allclose(
            getattr(found, name),
            getattr(expected, name),
            rtol=1e-12,
            atol=1e-14,
            err_msg=f"{settings}",
        )


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_in_every_order_and_schedule_each_of_500_steps_is_that_of_python(optimizer: str) -> None:
    grid = itertools.product(LOSSES, SHUFFLES, SCHEDULES, [False, True])
    runs = [
        Settings(
            DATA,
            TrainSettings(
                optimizer=optimizer,
                loss=loss,
                shuffle=shuffle,
                schedule=schedule,
                drop_last=drop_last,
                batch_size=30,
                epochs=250 if drop_last else 167,
                seed=7,
            ),
        )
        for loss, shuffle, schedule, drop_last in grid
    ]
    for found, settings in zip(in_browser(runs), runs, strict=True):
        assert len(found.batch_loss) >= 500
        assert_same(found, in_python(settings), settings)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_hyperparameter_does_what_it_does_in_python(optimizer: str) -> None:
    other = {name: OTHER_THAN_DEFAULT[name] for name in OPTIMIZERS[optimizer].hyperparameters}
    plain = TrainSettings(optimizer=optimizer, batch_size=30, epochs=167, shuffle="each_epoch")
    runs = [
        Settings(DATA, replace(plain, loss=loss, **chosen))
        for loss in LOSSES
        for chosen in (*({name: value} for name, value in other.items()), other)
    ]
    for found, settings in zip(in_browser(runs), runs, strict=True):
        assert_same(found, in_python(settings), settings)


@pytest.mark.parametrize(
    "chosen",
    [
        {"optimizer": "sgd", "lr": 100.0, "weight_decay": 50.0},
        {"optimizer": "sgd", "lr": 1.0, "weight_decay": 3.2, "loss": "bce"},  # the loss, before w
        {"optimizer": "momentum", "lr": 100.0, "weight_decay": 50.0, "loss": "bce"},
        {"optimizer": "nesterov", "lr": 1000.0, "weight_decay": 1.0, "shuffle": "each_epoch"},
        {"optimizer": "adamw", "lr": 100.0, "weight_decay": 50.0, "schedule": "warmup"},
        {"optimizer": "adam", "eps": 0.0, "init_w": 0.0, "init_b": 1000.0},  # 0 / 0 at step 0
        {"optimizer": "adagrad", "eps": 0.0, "init_w": 0.0, "init_b": 1000.0},
        {"optimizer": "rmsprop", "alpha": 0.0, "eps": 0.0, "centered": True},
    ],
)
def test_a_run_diverges_where_it_does_in_python(chosen: dict[str, Any]) -> None:
    settings = Settings(DATA, TrainSettings(batch_size=20, epochs=250, **chosen))
    ((found,), expected) = in_browser([settings]), in_python(settings)
    assert expected.diverged_at is not None
    assert len(found.w) == expected.diverged_at + 1
    with np.errstate(invalid="ignore"):
        assert_same(found, expected, settings)


# ---- settings as they come


def any_settings(optimizer: str, draw: random.Random) -> Settings:
    """Settings that a visitor can choose, few of them sensible."""
    n = draw.choice([2, 3, 100, 500, draw.randint(2, 500)])
    chosen: dict[str, Any] = {}
    for name, default in OPTIMIZERS[optimizer].hyperparameters.items():
        if draw.random() < 0.5:
            continue
        bounds = describe(TrainSettings)[name]
        if isinstance(default, bool):
            chosen[name] = True
        else:
            ends = [bounds.minimum, bounds.maximum]
            small = min(bounds.maximum, 10.0 ** draw.uniform(-6.0, 0.0))
            chosen[name] = draw.choice([*ends, small, small, draw.uniform(0.01, 0.999)])
    if optimizer == "nesterov" and chosen.get("momentum") == 0.0:
        del chosen["momentum"]
    size, drop_last = draw.choice([1, 2, n, draw.randint(1, n)]), draw.random() < 0.4
    per_epoch = n // size if drop_last else -(-n // size)
    train_settings = TrainSettings(
        optimizer=optimizer,
        lr=10.0 ** draw.uniform(-4.0, draw.choice([0.0, 1.0, 3.0])),
        loss=draw.choice(list(LOSSES)),
        schedule=draw.choice(list(SCHEDULES)),
        shuffle=draw.choice(list(SHUFFLES)),
        drop_last=drop_last,
        batch_size=size,
        epochs=-(-draw.choice([50, 500]) // per_epoch),
        init_w=draw.choice([None, None, 0.0, draw.uniform(-1000.0, 1000.0)]),
        init_b=draw.choice([None, draw.uniform(-10.0, 10.0)]),
        seed=draw.choice([0, 2**32 - 1, draw.randrange(2**32)]),
        randn_before_model=draw.randint(0, 3),
        **chosen,
    )
    data = DataSettings(
        n=n,
        noise=draw.choice([0.0, 0.1, 0.5]),
        seed=draw.choice([0, 2**32 - 1, draw.randrange(2**32)]),
        stored=draw.choice(list(STORAGE)),
    )
    return Settings(data, train_settings)


def away(found: Path, expected: Path) -> Floats:
    """How far w and b are from those expected at each step, in parts of 1 or of their size."""
    far = np.full(len(expected.w), np.inf)  # from where one of them has diverged
    both = min(len(found.w), len(expected.w))
    for one, other in ((found.w, expected.w), (found.b, expected.b)):
        apart = np.abs(one[:both] - other[:both]) / np.maximum(1.0, np.abs(other[:both]))
        far[:both] = np.fmax(apart, 0.0 if one is found.w else far[:both])
    return far


def amplified(settings: Settings, expected: Path) -> Floats:
    """How far rounding can have taken a run by each step.

    Six runs of the engine have x and the learning rates changed in their last digit, or not: the
    largest distance of these so far.
    """
    data = make_dataset(settings.data)
    steps = settings.train.epochs * -(-len(data) // settings.train.batch_size)
    if settings.train.drop_last:
        steps = settings.train.epochs * (len(data) // settings.train.batch_size)
    rates = learning_rates(settings.train, steps)
    largest = np.zeros(len(expected.w))
    for seed in range(6):
        draw = np.random.default_rng(seed)
        x, other_rates = (
            values * (1.0 + 2.0**-52 * draw.integers(-1, 2, len(values)))
            for values in (data.x, rates)
        )
        run = train_with_rates(Dataset(x, data.y), settings.train, other_rates)
        twin = Path(run.w, run.b, run.batch_loss, np.empty(0), run.diverged_at)
        largest = np.fmax(largest, away(twin, expected))
    return np.maximum.accumulate(largest)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_with_any_settings_no_run_parts_from_python_farther_than_rounding_takes_it(
    optimizer: str,
) -> None:
    """1e-12, and where a run amplifies rounding, 100 times as far as it takes the engine's own."""
    draw = random.Random(optimizer)
    runs = [any_settings(optimizer, draw) for _ in range(40)]
    near = 0
    for found, settings in zip(in_browser(runs), runs, strict=True):
        expected = in_python(settings)
        apart = away(found, expected)
        if found.diverged_at == expected.diverged_at and (apart <= 1e-12).all():
            near += 1
            continue
        allowed = amplified(settings, expected)
        assert (apart <= 1e-12 + 100.0 * allowed).all(), settings
        assert found.diverged_at == expected.diverged_at or np.isinf(allowed[-1]), settings
    assert near >= 34


# ---- in slices

LONG = Settings(
    DataSettings(n=400), TrainSettings(batch_size=7, epochs=60, shuffle="each_epoch", loss="bce")
)


def test_a_run_in_slices_is_the_run_at_one_go() -> None:
    code = f"""{SENT}
        const {{ planOf }} = await load("plan.js")
        const trainer = new it.Trainer(planOf(settings), 301)
        let [slices, run] = [0, null]
        while (!run) {{
          run = trainer.advance(0) // the time is always up
          slices += 1
        }}
        return [slices, sent(run), sent(it.train(settings, 301))]
    """
    slices, in_slices, at_one_go = in_node("training.js", code, settings=sent_settings(LONG))
    assert in_slices == at_one_go
    slopes = 60 * 400 + 301 * 400
    assert slices >= slopes / 20_000


def test_no_slice_goes_through_many_points_after_its_time() -> None:
    """A slice that finds its time up ends within the points of a millisecond."""
    code = """
        const [{ planOf }, { MEANS }] = [await load("plan.js"), await load("losses.js")]
        const plain = MEANS.bce
        let points = 0
        MEANS.bce = (...given) => { points += given[4] - given[3] + 10; plain(...given) }
        const trainer = new it.Trainer(planOf(settings))
        const slices = []
        for (let run = null; !run;) {
          points = 0
          run = trainer.advance(0)
          slices.push(points)
        }
        return slices
    """
    slices = in_node("training.js", code, settings=sent_settings(LONG))
    assert max(slices) <= 21_000
    assert len(slices) > 60


@pytest.mark.parametrize("epochs", [2, 100, 101, 333])
def test_the_loss_on_all_the_data_is_taken_where_the_charts_have_it(epochs: int) -> None:
    settings = Settings(DATA, TrainSettings(batch_size=30, epochs=epochs))
    code = f"{SENT} return sent(it.train(settings, 301))"
    *_, losses, _, steps = in_node("training.js", code, settings=sent_settings(settings))
    shown = trained(settings)
    assert steps == shown.steps.tolist()
    np.testing.assert_allclose(floats(losses), shown.full, rtol=1e-12)
