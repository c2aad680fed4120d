"""What can be set, each field declared once with its bounds, default, label and help."""

from minibatch_core.settings.data import DataSettings
from minibatch_core.settings.surfaces import SurfaceSettings
from minibatch_core.settings.sweep import SweepSettings
from minibatch_core.settings.train import TrainSettings
from minibatch_core.settings.whole import Settings

__all__ = ["DataSettings", "Settings", "SurfaceSettings", "SweepSettings", "TrainSettings"]
