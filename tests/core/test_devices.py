"""Training by torch on every device of this machine: the CPU, and CUDA where there is one."""

import itertools

import numpy as np
import pytest
import torch

from minibatch_core import (
    NOTEBOOK_PRESETS,
    NOTEBOOK_PRINTS,
    Run,
    TrainSettings,
    available_device,
    make_dataset,
    train,
    train_torch,
)
from minibatch_core.losses import LOSSES
from minibatch_core.optimizers import OPTIMIZERS

DATA = make_dataset()
DEVICES = ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]


def farthest(one: Run, other: Run) -> float:
    """The largest difference of two runs in w, b or a minibatch's loss, at any step."""
    assert len(one) == len(other)
    pairs = ((one.w, other.w), (one.b, other.b), (one.batch_loss, other.batch_loss))
    return max(float(np.abs(a - b).max()) for a, b in pairs)


def test_the_fastest_kind_of_device_is_taken() -> None:
    assert available_device().type in (DEVICES[-1], "mps")


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("preset", NOTEBOOK_PRESETS)
def test_the_notebooks_printed_values_come_out(preset: str, device: str) -> None:
    settings = NOTEBOOK_PRESETS[preset]
    run = train_torch(make_dataset(settings.data), settings.train, device)
    for line in NOTEBOOK_PRINTS[preset]:
        epochs = settings.train.epochs if line.epoch is None else line.epoch
        step = epochs * run.batches.steps_per_epoch - (0 if line.epoch is None else 1)
        for printed, values in ((line.loss, run.batch_loss), (line.w, run.w), (line.b, run.b)):
            if printed is not None:
                assert f"{values[step]:.4f}" == f"{printed:.4f}", line


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(("optimizer", "loss"), list(itertools.product(OPTIMIZERS, LOSSES)))
def test_in_float64_every_step_is_the_compiled_one(optimizer: str, loss: str, device: str) -> None:
    settings = TrainSettings(
        optimizer=optimizer, loss=loss, batch_size=30, epochs=50, shuffle="each_epoch", seed=11
    )
    assert farthest(train_torch(DATA, settings, device, "float64"), train(DATA, settings)) < 1e-9


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_in_float32_a_run_stays_near_the_compiled_one(optimizer: str, device: str) -> None:
    settings = TrainSettings(
        optimizer=optimizer, loss="bce", batch_size=30, epochs=50, shuffle="each_epoch", seed=11
    )
    apart = farthest(train_torch(DATA, settings, device, "float32"), train(DATA, settings))
    assert 0.0 < apart < 1e-4
