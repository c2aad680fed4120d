"""Settings worth a look, one click away."""

from collections.abc import Mapping

from minibatch_core import NOTEBOOK_PRESETS, DataSettings, Settings, TrainSettings

__all__ = ["PRESETS"]

_DATA = DataSettings()

PRESETS: Mapping[str, Settings] = {
    "Notebook, section 1: full batch": NOTEBOOK_PRESETS["full_batch"],
    "Notebook, section 2: minibatches in order": NOTEBOOK_PRESETS["ordered_minibatches"],
    "Notebook, section 3: DataLoader": NOTEBOOK_PRESETS["dataloader"],
    "One point at a time: B = 1": Settings(
        _DATA,
        TrainSettings(optimizer="sgd", lr=0.5, batch_size=1, epochs=20, shuffle="each_epoch"),
    ),
    "All points at once: B = N": Settings(
        _DATA, TrainSettings(optimizer="sgd", lr=2.0, batch_size=100, epochs=200)
    ),
    "In order: the loss oscillates": Settings(
        _DATA, TrainSettings(optimizer="sgd", lr=2.0, batch_size=10, epochs=50)
    ),
    "The same, shuffled": Settings(
        _DATA,
        TrainSettings(optimizer="sgd", lr=2.0, batch_size=10, epochs=50, shuffle="each_epoch"),
    ),
    "Too large a learning rate": Settings(
        _DATA,
        TrainSettings(
            loss="bce", optimizer="sgd", lr=20.0, batch_size=10, epochs=30, shuffle="each_epoch"
        ),
    ),
}
