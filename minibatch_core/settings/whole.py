"""Everything a run depends on."""

from dataclasses import dataclass

from minibatch_core.settings.data import DataSettings
from minibatch_core.settings.train import TrainSettings

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """A data set and a way to train on it: everything a run depends on.

    >>> Settings(data=DataSettings(n=10), train=TrainSettings(batch_size=25))
    Traceback (most recent call last):
    ValueError: batch_size should be between 1 and N=10, but got 25
    """

    data: DataSettings = DataSettings()
    train: TrainSettings = TrainSettings()

    def __post_init__(self) -> None:
        self.train.check_against(self.data.n)
