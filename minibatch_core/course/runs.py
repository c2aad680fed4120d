"""The course notebook's three training runs as settings, and what each of them prints."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from minibatch_core.settings import DataSettings, Settings, TrainSettings

__all__ = ["NOTEBOOK_PRESETS", "NOTEBOOK_PRINTS", "Print"]

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


@dataclass(frozen=True, slots=True)
class Print:
    """A line that the notebook prints: the loss of an epoch's last step, and w and b before it.

    Epochs count from 1; the full batch's "iteration" counts from 0. The last line of a run has no
    epoch and no loss: w and b at the end.
    """

    label: str
    epoch: int | None
    loss: float | None = None
    w: float | None = None
    b: float | None = None


NOTEBOOK_PRINTS: Mapping[str, tuple[Print, ...]] = MappingProxyType(
    {
        "full_batch": (
            Print("iteration 0, epoch 1", 1, 0.7168),
            Print("iteration 50, epoch 51", 51, 0.6156),
            Print("iteration 100, epoch 101", 101, 0.5838),
            Print("iteration 150, epoch 151", 151, 0.5728),
            Print("iteration 200, epoch 201", 201, 0.5669),
            Print("at the end", None, None, 5.0585, -4.9121),
        ),
        "ordered_minibatches": (
            Print("epoch 25", 25, 0.0997, 2.3561, -2.0738),
            Print("epoch 50", 50, 0.0811, 3.2143, -2.9233),
            Print("at the end", None, None, 3.2215, -2.9300),
        ),
        "dataloader": (
            Print("epoch 25", 25, 0.1175, 5.0662, -4.7828),
            Print("epoch 50", 50, 0.0754, 5.6858, -5.2695),
            Print("epoch 75", 75, 0.0749, 6.1330, -5.5837),
            Print("epoch 100", 100, 0.0702, 6.4264, -5.8787),
            Print("at the end", None, None, 6.4270, -5.8902),
        ),
    }
)
"""What the notebook's runs print, with torch 2.13.0 and numpy 2.3.5 on a CPU."""
