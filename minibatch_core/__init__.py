"""A PyTorch-true engine for seeing what a minibatch does: one feature, one sigmoid unit, w and b.

>>> data = make_dataset(DataSettings(source="notebook", n=100, noise=0.10, seed=1))
>>> run = train(data, TrainSettings(optimizer="adam", lr=0.05, batch_size=25, epochs=50))
>>> round(float(run.w[-1]), 4), round(float(run.b[-1]), 4)
(3.2215, -2.93)
"""

from minibatch_core.batches import Batches, make_batches
from minibatch_core.data import Dataset, make_dataset
from minibatch_core.notebook import NOTEBOOK_PRESETS
from minibatch_core.settings import DataSettings, Settings, TrainSettings
from minibatch_core.surface import batch_surfaces, loss_surface, surface_grid
from minibatch_core.torch_training import available_device, train_torch
from minibatch_core.training import Run, accuracy, full_loss, predict, train

__all__ = [
    "NOTEBOOK_PRESETS",
    "Batches",
    "DataSettings",
    "Dataset",
    "Run",
    "Settings",
    "TrainSettings",
    "accuracy",
    "available_device",
    "batch_surfaces",
    "full_loss",
    "loss_surface",
    "make_batches",
    "make_dataset",
    "predict",
    "surface_grid",
    "train",
    "train_torch",
]
