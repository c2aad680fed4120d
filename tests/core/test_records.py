"""Records: found by their being there, and a name that is none is refused everywhere."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from dashboard.shell.controls import own_words
from minibatch_core import (
    DataSettings,
    TrainSettings,
    full_loss,
    gradient_noise,
    loss_surface,
    make_batches,
    make_dataset,
    train_torch,
)
from minibatch_core.engine.batches import _draw_order
from minibatch_core.engine.learning_rates import learning_rates
from minibatch_core.losses import LOSSES
from minibatch_core.optimizers import OPTIMIZERS, STATE_SIZE
from minibatch_core.records import Records
from minibatch_core.schedules import SCHEDULES
from minibatch_core.sources import SOURCES
from minibatch_core.storage import STORAGE

DATA = make_dataset()
ZERO = np.zeros(1)


@pytest.mark.parametrize(
    ("use", "what"),
    [
        (lambda: OPTIMIZERS["typo"], "optimizer"),
        (lambda: OPTIMIZERS.code("typo"), "optimizer"),
        (lambda: LOSSES["typo"], "loss"),
        (lambda: SCHEDULES["typo"], "schedule"),
        (lambda: SOURCES["typo"], "source"),
        (lambda: STORAGE["typo"], "stored"),
        (lambda: TrainSettings(optimizer="typo"), "optimizer"),
        (lambda: TrainSettings(loss="typo"), "loss"),
        (lambda: TrainSettings(schedule="typo"), "schedule"),
        (lambda: TrainSettings(shuffle="typo"), "shuffle"),
        (lambda: DataSettings(source="typo"), "source"),
        (lambda: DataSettings(stored="typo"), "stored"),
        (lambda: full_loss(DATA, ZERO, ZERO, "typo"), "loss"),
        (lambda: loss_surface(DATA, ZERO, ZERO, "typo"), "loss"),
        (lambda: gradient_noise(DATA, 0.0, 0.0, "typo"), "loss"),
        (lambda: train_torch(DATA, device="typo"), "device"),
        (lambda: train_torch(DATA, dtype="typo"), "dtype"),
        (lambda: _draw_order(10, 2, "typo", 1, 0), "shuffle"),
    ],
)
def test_a_name_that_is_none_is_refused_everywhere(use: Callable[[], Any], what: str) -> None:
    with pytest.raises(ValueError, match=f"^{what} should be .*, but got 'typo'"):
        use()


def test_two_records_of_one_name_are_refused() -> None:
    record = LOSSES["mse"]
    with pytest.raises(ValueError, match="every loss should have a name of its own"):
        Records("loss", [record, record])


@pytest.mark.parametrize("records", [OPTIMIZERS, LOSSES, SCHEDULES, SOURCES, STORAGE])
def test_records_stand_in_the_order_of_menus_and_kernels_know_them_by_it(
    records: Records[Any],
) -> None:
    places = [record.place for record in records.values()]
    assert places == sorted(set(places))
    assert [records.code(name) for name in records] == list(range(len(records)))
    assert list(records.labels.values()) == [record.label for record in records.values()]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_has_the_hyperparameters_of_its_settings_and_room_for_its_state(
    name: str,
) -> None:
    record = OPTIMIZERS[name]
    assert record.hyperparameters.keys() <= set(TrainSettings.__dataclass_fields__)
    assert TrainSettings(optimizer=name).hyperparameters == record.hyperparameters
    assert len(record.state) <= STATE_SIZE


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_hyperparameter_has_torchs_default_unless_the_record_says_otherwise(name: str) -> None:
    record = OPTIMIZERS[name]
    signature = inspect.signature(getattr(torch.optim, record.torch_class)).parameters
    defaults = {each: parameter.default for each, parameter in signature.items()}
    if "betas" in defaults:
        defaults["beta1"], defaults["beta2"] = defaults["betas"]
    ours = {each for each, value in record.hyperparameters.items() if value != defaults[each]}
    assert ours == set(record.usual)
    for each in record.hyperparameters:
        said = own_words(each, name, ())["placeholder"]
        assert ("PyTorch's default" in said) == (each not in ours)


def test_adadelta_never_moves_without_eps() -> None:
    run = train_torch(DATA, TrainSettings(optimizer="adadelta", eps=0.0), device="cpu")
    assert np.ptp(run.w) == np.ptp(run.b) == 0.0
    assert "with eps = 0 w and b would never move" in own_words("eps", "adadelta", ())["help"]


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_gives_a_rate_for_each_step(name: str) -> None:
    steps = len(make_batches(100, TrainSettings()))
    rates = learning_rates(TrainSettings(schedule=name, lr=0.3), steps)
    assert rates.shape == (steps,)
    assert 0.0 <= rates.min() <= rates.max() <= 0.3 + 1e-12
