"""Learning-rate schedules and optimizers' inner states: as torch has them, step by step."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from minibatch_core import DataSettings, TrainSettings, make_batches, make_dataset, train
from minibatch_core.optimizers import STATE_NAMES
from minibatch_core.schedules import SCHEDULES, learning_rates, make_scheduler
from minibatch_core.settings import OPTIMIZERS
from minibatch_core.torch_training import optimizer_call
from minibatch_core.training import train_with_states

DATA = make_dataset(DataSettings(n=40, noise=0.2, seed=2))
SETTINGS = TrainSettings(
    loss="bce", lr=0.1, batch_size=9, epochs=12, shuffle="each_epoch", init_w=0.5, init_b=-0.25
)


def by_torch(
    settings: TrainSettings, schedule: str
) -> tuple[NDArray[np.float64], list[dict[str, float]]]:
    """The path (2, T+1) and, for each step, what the optimizer remembers of w."""
    w = torch.tensor([0.5], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([-0.25], dtype=torch.float64, requires_grad=True)
    batches = make_batches(len(DATA), settings)
    name, arguments = optimizer_call(settings)
    optimizer = getattr(torch.optim, name)([w, b], lr=settings.lr, **arguments)
    scheduler = make_scheduler(schedule, optimizer, len(batches), settings.lr)
    x, y = torch.tensor(DATA.x), torch.tensor(DATA.y)
    path, states = [(0.5, -0.25)], []
    for t, batch in enumerate(batches):
        points = torch.tensor(batch, dtype=torch.int64)
        optimizer.zero_grad()
        logits = w * x[points] + b
        torch.nn.functional.binary_cross_entropy_with_logits(logits, y[points]).backward()
        optimizer.step()
        if t < len(batches) - 1:
            scheduler.step()
        path.append((w.item(), b.item()))
        remembered = optimizer.state[w].items()
        states.append({key: float(value) for key, value in remembered if value is not None})
    return np.array(path).T, states


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_scheduled_step_is_that_of_torch(optimizer: str, schedule: str) -> None:
    settings = replace(SETTINGS, optimizer=optimizer)
    steps = len(make_batches(len(DATA), settings))
    run = train(DATA, settings, learning_rates(schedule, settings.lr, steps))
    path, _ = by_torch(settings, schedule)
    np.testing.assert_allclose([run.w, run.b], path, atol=1e-9)


@pytest.mark.parametrize("optimizer", [name for name, states in STATE_NAMES.items() if states])
def test_what_an_optimizer_remembers_is_what_torch_remembers(optimizer: str) -> None:
    settings = replace(SETTINGS, optimizer=optimizer, amsgrad=optimizer in ("adam", "adamw"))
    if optimizer == "rmsprop":
        settings = replace(settings, centered=True, momentum=0.5)
    _, states = train_with_states(DATA, settings)
    _, expected = by_torch(settings, "constant")
    for slot, name in enumerate(STATE_NAMES[optimizer]):
        theirs = [state[name] for state in expected]
        np.testing.assert_allclose(states[:, 0, slot], theirs, atol=1e-9)


def test_a_constant_schedule_is_no_schedule() -> None:
    steps = len(make_batches(len(DATA), SETTINGS))
    scheduled = train(DATA, SETTINGS, learning_rates("constant", SETTINGS.lr, steps))
    assert scheduled.w.tolist() == train(DATA, SETTINGS).w.tolist()


def test_rates_that_do_not_fit_and_schedules_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="one value for each of 60 steps, but got 3"):
        train(DATA, SETTINGS, np.ones(3))
    with pytest.raises(ValueError, match="schedule should be one of constant"):
        learning_rates("cubic", 0.1, 10)
