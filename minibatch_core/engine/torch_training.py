"""The same training by the real thing: nn.Module, DataLoader, autograd and torch.optim."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, RandomSampler, Sampler, TensorDataset

from minibatch_core.engine.batches import make_batches
from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.initialisation import draw_start
from minibatch_core.engine.learning_rates import make_scheduler
from minibatch_core.engine.training import Run, finished_run
from minibatch_core.losses import LOSSES
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.settings import TrainSettings

__all__ = ["Perceptron", "available_device", "optimizer_call", "train_torch"]

DTYPES = {"float32": torch.float32, "float64": torch.float64}


class Perceptron(nn.Module):
    """The notebook's model: one linear layer; the sigmoid is the loss's affair."""

    def __init__(self) -> None:
        super().__init__()
        self.lay1 = nn.utils.skip_init(nn.Linear, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """z = w x + b of each point: (B, 1) -> (B, 1)."""
        logit: torch.Tensor = self.lay1(x)
        return logit


def train_torch(
    data: Dataset,
    settings: TrainSettings = TrainSettings(),
    device: str = "auto",
    dtype: str = "float32",
    progress: Callable[[int, float, float], None] | None = None,
) -> Run:
    """Train with torch's own model, loader, autograd and optimizer; the Run is that of `train`.

    `device` is "auto" (CUDA, else MPS, else CPU) or a torch device; `dtype` is "float32" or
    "float64". `progress(step, w, b)` is called after every step; what it raises stops the training.
    loss="bce" is BCEWithLogitsLoss on the logit, PyTorch's stable form of BCELoss on the sigmoid.

    Raises ValueError if the batch size is above N, the steps are above the limit, there is no such
    device or dtype, or the device has no such dtype.

    >>> from minibatch_core import make_dataset
    >>> run = train_torch(make_dataset(), TrainSettings(batch_size=100, epochs=2), device="cpu")
    >>> len(run), run.w.shape, run.batch_loss.shape
    (2, (3,), (2,))

    Source: the course notebook, sections 1 to 3.
    """
    if dtype not in DTYPES:
        raise ValueError(f"dtype should be 'float32' or 'float64', but got {dtype!r}")
    place = available_device() if device == "auto" else _device(device)
    if place.type == "mps" and dtype == "float64":
        raise ValueError("dtype should be 'float32' on device 'mps', but got 'float64'")
    batches = make_batches(len(data), settings)
    w, b, generator = draw_start(settings)
    model = Perceptron().to(place, DTYPES[dtype])
    with torch.no_grad():
        model.lay1.weight.fill_(w)
        model.lay1.bias.fill_(b)
    loader = _loader(data, settings, generator, DTYPES[dtype])
    optimizer = _optimizer(settings, model)
    scheduler = make_scheduler(settings, optimizer, len(batches))
    loss_of = _loss(settings.loss)

    path = np.empty((2, len(batches) + 1))
    path[:, 0] = model.lay1.weight.item(), model.lay1.bias.item()
    batch_loss = np.empty(len(batches))
    t = 0
    for _ in range(settings.epochs):
        for x, y in loader:
            loss = loss_of(model(x.to(place)), y.to(place))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            batch_loss[t] = loss.item()
            path[:, t + 1] = model.lay1.weight.item(), model.lay1.bias.item()
            if not np.isfinite([batch_loss[t], *path[:, t + 1]]).all():
                return finished_run(path[0], path[1], batch_loss, batches, settings, t)
            t += 1
            if progress is not None:
                progress(t, path[0, t], path[1, t])
    return finished_run(path[0], path[1], batch_loss, batches, settings, t)


def _device(name: str) -> torch.device:
    try:
        return torch.device(name)
    except RuntimeError as error:
        raise ValueError(f"device should be 'auto' or one of torch's, but got {name!r}") from error


def available_device() -> torch.device:
    """CUDA if there is one, else MPS, else the CPU.

    >>> available_device().type in ("cuda", "mps", "cpu")
    True
    """
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


class _PlainRandomSampler(RandomSampler):
    """RandomSampler as it is without a generator, but its seeds come from `source`."""

    def __init__(self, points: Any, source: torch.Generator, replacement: bool) -> None:
        super().__init__(points, replacement=replacement)
        self.source = source

    def __iter__(self) -> Iterator[int]:
        seed = torch.empty((), dtype=torch.int64).random_(generator=self.source)
        self.generator = torch.Generator().manual_seed(int(seed.item()))
        yield from super().__iter__()


def _loader(
    data: Dataset, settings: TrainSettings, generator: torch.Generator, dtype: torch.dtype
) -> DataLoader[tuple[torch.Tensor, ...]]:
    x, y = (torch.tensor(values, dtype=dtype).reshape(-1, 1) for values in (data.x, data.y))
    if settings.shuffle == "once":
        order = torch.randperm(len(data), generator=generator)
        x, y = x[order], y[order]
    points = TensorDataset(x, y)
    sampler: Sampler[int] | None = None
    if settings.shuffle in ("each_epoch", "replacement"):
        replacement = settings.shuffle == "replacement"
        sampler = _PlainRandomSampler(points, generator, replacement)
    return DataLoader(
        points,
        batch_size=settings.batch_size,
        sampler=sampler,
        drop_last=settings.drop_last,
        generator=generator,
    )


def _loss(name: str) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    record = LOSSES[name]
    loss: nn.Module = getattr(nn, record.torch_class)()
    if record.takes_logit:
        return loss
    return lambda logit, y: loss(torch.sigmoid(logit), y)


def optimizer_call(settings: TrainSettings) -> tuple[str, dict[str, Any]]:
    """The name of the torch.optim class and its arguments besides the parameters and lr.

    >>> optimizer_call(TrainSettings(optimizer="nesterov"))
    ('SGD', {'momentum': 0.9, 'weight_decay': 0.0, 'nesterov': True})
    """
    arguments: dict[str, Any] = dict(settings.hyperparameters)
    if "beta1" in arguments:
        arguments = {"betas": (arguments.pop("beta1"), arguments.pop("beta2")), **arguments}
    record = OPTIMIZERS[settings.optimizer]
    return record.torch_class, {**arguments, **record.torch_arguments}


def _optimizer(settings: TrainSettings, model: nn.Module) -> torch.optim.Optimizer:
    name, arguments = optimizer_call(settings)
    optimizer: torch.optim.Optimizer = getattr(torch.optim, name)(
        model.parameters(), lr=settings.lr, **arguments
    )
    return optimizer
