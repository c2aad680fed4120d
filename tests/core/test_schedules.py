"""Learning-rate schedules and optimizers' inner states: as torch has them, step by step."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from minibatch_core import (
    DataSettings,
    TrainSettings,
    make_batches,
    make_dataset,
    train,
    train_torch,
)
from minibatch_core.engine.learning_rates import learning_rates, make_scheduler
from minibatch_core.engine.torch_training import optimizer_call
from minibatch_core.engine.training import train_with_states
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.schedules import SCHEDULES
from minibatch_core.settings.fields import describe

DATA = make_dataset(DataSettings(n=40, noise=0.2, seed=2))
SETTINGS = TrainSettings(
    loss="bce", lr=0.1, batch_size=9, epochs=12, shuffle="each_epoch", init_w=0.5, init_b=-0.25
)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_scheduled_step_is_that_of_torch(optimizer: str, schedule: str) -> None:
    settings = replace(SETTINGS, optimizer=optimizer, schedule=schedule)
    run, reference = train(DATA, settings), train_torch(DATA, settings, "cpu", "float64")
    np.testing.assert_allclose([run.w, run.b], [reference.w, reference.b], atol=1e-9)
    unscheduled = train(DATA, replace(settings, schedule="constant"))
    assert np.array_equal(run.w, unscheduled.w) == (schedule == "constant")


@pytest.mark.parametrize("steps", [1, 2, 7, 300])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_learning_rates_are_those_of_torch_at_any_lr(schedule: str, steps: int) -> None:
    lr = 0.3
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    schedulers = {
        "constant": lambda: lr_scheduler.LambdaLR(optimizer, lambda _: 1.0),
        "step": lambda: lr_scheduler.StepLR(optimizer, -(-steps // 3), 0.1),
        "exponential": lambda: lr_scheduler.ExponentialLR(optimizer, 0.01 ** (1 / steps)),
        "cosine": lambda: lr_scheduler.CosineAnnealingLR(optimizer, steps),
        "warmup": lambda: lr_scheduler.LinearLR(optimizer, 0.01, total_iters=max(1, steps // 5)),
        "one_cycle": lambda: lr_scheduler.OneCycleLR(
            optimizer, lr, max(2, steps), cycle_momentum=False
        ),
    }
    scheduler = schedulers[schedule]()
    rates = []
    for _ in range(steps):
        rates.append(float(scheduler.get_last_lr()[0]))
        optimizer.step()
        scheduler.step()
    settings = TrainSettings(schedule=schedule, lr=lr)
    np.testing.assert_allclose(learning_rates(settings, steps), rates, rtol=1e-12)


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5, 11, 500, 12_345])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_shape_of_a_schedule_is_torchs_to_the_last_bit(schedule: str, steps: int) -> None:
    settings = TrainSettings(schedule=schedule, lr=1.0)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make_scheduler(settings, optimizer, steps)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert learning_rates(settings, steps).tolist() == rates


def remembered_by_torch(settings: TrainSettings) -> list[dict[str, float]]:
    """For each step, what torch's optimizer remembers of w."""
    w, b = (torch.tensor([v], dtype=torch.float64, requires_grad=True) for v in (0.5, -0.25))
    name, arguments = optimizer_call(settings)
    optimizer = getattr(torch.optim, name)([w, b], lr=settings.lr, **arguments)
    x, y = torch.tensor(DATA.x), torch.tensor(DATA.y)
    states = []
    for batch in make_batches(len(DATA), settings):
        points = torch.tensor(batch, dtype=torch.int64)
        optimizer.zero_grad()
        logits = w * x[points] + b
        torch.nn.functional.binary_cross_entropy_with_logits(logits, y[points]).backward()
        optimizer.step()
        remembered = optimizer.state[w].items()
        states.append({key: float(value) for key, value in remembered if value is not None})
    return states


@pytest.mark.parametrize("optimizer", [name for name, record in OPTIMIZERS.items() if record.state])
def test_what_an_optimizer_remembers_is_what_torch_remembers(optimizer: str) -> None:
    settings = replace(SETTINGS, optimizer=optimizer, amsgrad=optimizer in ("adam", "adamw"))
    if optimizer == "rmsprop":
        settings = replace(settings, centered=True, momentum=0.5)
    _, states = train_with_states(DATA, settings)
    expected = remembered_by_torch(settings)
    for slot, name in enumerate(OPTIMIZERS[optimizer].state):
        theirs = [state[name] for state in expected]
        np.testing.assert_allclose(states[:, 0, slot], theirs, atol=1e-9)


@pytest.mark.parametrize(
    ("schedule", "first", "largest_at", "last"),
    [
        ("constant", 1.0, (0.0, 1.0), 1.0),
        ("step", 1.0, (0.0, 1 / 3), 0.01),
        ("exponential", 1.0, (0.0, 0.0), 0.01),
        ("cosine", 1.0, (0.0, 0.0), 0.0),
        ("warmup", 0.01, (0.2, 1.0), 1.0),
        ("one_cycle", 1 / 25, (0.3, 0.3), 0.0),
    ],
)
def test_the_help_says_what_lr_is_in_every_schedule(
    schedule: str, first: float, largest_at: tuple[float, float], last: float
) -> None:
    """The shares of lr, and of the run, that the words of a schedule speak of."""
    steps, lr = 3000, 0.4
    rates = learning_rates(
        TrainSettings(schedule=schedule, lr=lr, batch_size=1, epochs=steps // 10), steps
    )
    assert rates[0] == pytest.approx(first * lr)
    assert rates.max() == pytest.approx(lr)
    at = np.flatnonzero(rates >= (1.0 - 1e-9) * lr) / steps
    assert (at[0], at[-1]) == pytest.approx(largest_at, abs=2 / steps)
    assert rates[-1] == pytest.approx(last * lr, rel=0.01, abs=1e-4 * lr)
    says = SCHEDULES[schedule].says
    assert f"{SCHEDULES[schedule].label}: {says}." in describe(TrainSettings)["schedule"].help
    begins = {
        1.0: ("it begins at lr", "it stays at lr"),
        0.01: ("it grows from a hundredth of lr to lr",),
        1 / 25: ("it grows from lr/25 to lr",),
    }
    assert says.startswith(begins[first])


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 9, 10, 11, 14, 17, 30])
def test_the_help_says_that_short_runs_may_begin_elsewhere(steps: int) -> None:
    first = {
        name: learning_rates(TrainSettings(schedule=name, lr=1.0), steps)[0] for name in SCHEDULES
    }
    turned = {name: learning_rates(TrainSettings(schedule=name, lr=1.0), steps) for name in first}
    said = {"constant": 1.0, "step": 1.0, "exponential": 1.0, "cosine": 1.0, "warmup": 0.01}
    as_said = (
        first == pytest.approx(said | {"one_cycle": 1 / 25})
        and turned["warmup"].max() == pytest.approx(1.0)
        and turned["one_cycle"].max() > 0.9
    )
    assert as_said or steps < 10
    assert as_said == (steps > 4) or steps in (5, 9)
    is_exact = turned["one_cycle"].max() == pytest.approx(1.0, rel=1e-9)
    assert is_exact == (steps % 10 == 0)  # three tenths of the steps are whole
    says = describe(TrainSettings)["schedule"].help
    assert "A run of few steps may not come to the first, highest or last of these exactly." in says


def test_the_help_says_how_the_exponential_falls() -> None:
    rates = learning_rates(TrainSettings(schedule="exponential", lr=0.5), 40)
    factors = rates[1:] / rates[:-1]
    assert factors == pytest.approx(np.full(39, factors[0]))
    assert np.ptp(np.diff(rates)) > 0.01  # by no even amounts
    assert "by the same factor at each step" in SCHEDULES["exponential"].says


def test_the_help_says_that_momentum_adds_up_gradients() -> None:
    still = replace(SETTINGS, optimizer="momentum", lr=0.0, momentum=0.5)
    run, states = train_with_states(DATA, still)
    assert np.ptp(run.w) == 0.0  # no step to add up
    kept = states[:, 0, OPTIMIZERS["momentum"].state.index("momentum_buffer")]
    slopes = np.diff(kept, prepend=0.0) + 0.5 * np.concatenate([[0.0], kept[:-1]])
    assert np.abs(slopes[1:]).min() > 0.0
    assert describe(TrainSettings)["momentum"].help.startswith(
        "The optimizer adds up the gradients"
    )
