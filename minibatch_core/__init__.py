"""A PyTorch-true engine for seeing what a minibatch does: one feature, one sigmoid unit, w and b.

>>> data = make_dataset(DataSettings(source="notebook", n=100, noise=0.10, seed=1))
>>> run = train(data, TrainSettings(optimizer="adam", lr=0.05, batch_size=25, epochs=50))
>>> round(float(run.w[-1]), 4), round(float(run.b[-1]), 4)
(3.2215, -2.93)
"""

from minibatch_core.course.runs import NOTEBOOK_PRESETS, NOTEBOOK_PRINTS
from minibatch_core.engine.batches import Batches, draw_minibatches, make_batches
from minibatch_core.engine.dataset import Dataset, make_dataset
from minibatch_core.engine.many_runs import Summary, summarise, train_many
from minibatch_core.engine.surface import batch_surfaces, loss_surface, notebook_grid, surface_grid
from minibatch_core.engine.torch_training import available_device, train_torch
from minibatch_core.engine.training import Run, accuracy, full_loss, predict, train
from minibatch_core.export.notebook import to_notebook
from minibatch_core.export.script import to_script
from minibatch_core.export.table import to_csv
from minibatch_core.reading.classes import columns_of_classes
from minibatch_core.reading.columns import columns_of_numbers
from minibatch_core.reading.dropped import Dropped
from minibatch_core.reading.errors import DataError
from minibatch_core.reading.parsing import parse_csv
from minibatch_core.reading.points import Reading, read_points
from minibatch_core.reading.scaling import Scale, standardise
from minibatch_core.reading.table import Table, read_table
from minibatch_core.settings import (
    DataSettings,
    Settings,
    SurfaceSettings,
    SweepSettings,
    TrainSettings,
)
from minibatch_core.theory.jitter import jitter, jitter_found, jitter_of_runs
from minibatch_core.theory.minimum import Minimum, find_minimum
from minibatch_core.theory.noise import GradientNoise, gradient_noise
from minibatch_core.theory.spectrum import Spectrum, trace_spectrum
from minibatch_core.theory.spread import measured_spread, predicted_spread, surface_spread
from minibatch_core.theory.stability import largest_stable_lr, stable_lr_found

__all__ = [
    "NOTEBOOK_PRESETS",
    "NOTEBOOK_PRINTS",
    "Batches",
    "DataError",
    "DataSettings",
    "Dataset",
    "Dropped",
    "GradientNoise",
    "Minimum",
    "Reading",
    "Run",
    "Scale",
    "Settings",
    "Spectrum",
    "Summary",
    "SurfaceSettings",
    "SweepSettings",
    "Table",
    "TrainSettings",
    "accuracy",
    "available_device",
    "batch_surfaces",
    "columns_of_classes",
    "columns_of_numbers",
    "draw_minibatches",
    "find_minimum",
    "full_loss",
    "gradient_noise",
    "jitter",
    "jitter_found",
    "jitter_of_runs",
    "largest_stable_lr",
    "loss_surface",
    "make_batches",
    "make_dataset",
    "measured_spread",
    "notebook_grid",
    "parse_csv",
    "predict",
    "predicted_spread",
    "read_points",
    "read_table",
    "stable_lr_found",
    "standardise",
    "summarise",
    "surface_grid",
    "surface_spread",
    "to_csv",
    "to_notebook",
    "to_script",
    "trace_spectrum",
    "train",
    "train_many",
    "train_torch",
]
