"""The course notebook's three training runs as settings."""

from collections.abc import Mapping
from types import MappingProxyType

from minibatch_core.settings import DataSettings, Settings, TrainSettings

__all__ = ["NOTEBOOK_PRESETS"]

_DATA = DataSettings(source="notebook", n=100, noise=0.10, seed=1)

NOTEBOOK_PRESETS: Mapping[str, Settings] = MappingProxyType(
    {
        "full_batch": Settings(
            _DATA,
            TrainSettings(
                loss="bce_with_logits_on_sigmoid",
                optimizer="adam",
                lr=0.05,
                batch_size=100,
                epochs=201,
                shuffle="none",
                seed=42,
            ),
        ),
        "ordered_minibatches": Settings(
            _DATA,
            TrainSettings(
                loss="mse",
                optimizer="adam",
                lr=0.05,
                batch_size=25,
                epochs=50,
                shuffle="none",
                seed=42,
            ),
        ),
        "dataloader": Settings(
            _DATA,
            TrainSettings(
                loss="mse",
                optimizer="adam",
                lr=0.5,
                batch_size=50,
                epochs=100,
                shuffle="each_epoch",
                seed=42,
                randn_before_model=2,
            ),
        ),
    }
)
"""The runs of the notebook's sections 1, 2 and 3; the third draws two torch.randn(1) first."""
