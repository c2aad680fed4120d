"""The notebook's Dataset, DataLoader and model as it uses them, for what they print."""

from collections.abc import Iterator
from functools import cache

import torch
import torchinfo
from torch import nn
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

from minibatch_core.engine.batches import Batches
from minibatch_core.engine.dataset import Dataset

__all__ = ["CourseDataset", "course_batches", "first_points", "model_summary"]

Item = dict[str, torch.Tensor]


class CourseDataset(TorchDataset[Item]):
    """The notebook's MyDataset: a dictionary of x, shape (1,), and y, shape (), in float64.

    >>> from minibatch_core import make_dataset
    >>> CourseDataset(make_dataset())[4:6]["y"]
    tensor([1., 0.], dtype=torch.float64)

    Source: section 3 of the course notebook.
    """

    def __init__(self, data: Dataset) -> None:
        self.x = torch.tensor(data.x).reshape(-1, 1)
        self.y = torch.tensor(data.y)

    def __getitem__(self, index: int | slice) -> Item:
        return {"x": self.x[index], "y": self.y[index]}

    def __len__(self) -> int:
        return len(self.x)


def course_batches(data: Dataset, batches: Batches) -> Iterator[Item]:
    """The batches as a DataLoader over the notebook's Dataset hands them out.

    >>> from minibatch_core import TrainSettings, make_batches, make_dataset
    >>> batches = make_batches(100, TrainSettings(batch_size=2, epochs=1))
    >>> next(course_batches(make_dataset(), batches))["y"]
    tensor([1., 0.], dtype=torch.float64)
    """
    order = [batch.tolist() for batch in batches]
    generator = torch.Generator().manual_seed(0)  # it draws a base seed; the global one stays
    yield from DataLoader(CourseDataset(data), batch_sampler=order, generator=generator)


def first_points(data: Dataset, count: int = 5) -> str:
    r"""What the notebook's `x_tensor[:5]` prints: the first x, in float32.

    >>> from minibatch_core import make_dataset
    >>> first_points(make_dataset(), 2)
    'tensor([[2.6243],\n        [0.3882]])'

    Source: section 2 of the course notebook.
    """
    return str(torch.tensor(data.x[:count], dtype=torch.float32).reshape(-1, 1))


@cache
def model_summary() -> str:
    """torchinfo's summary of the notebook's Perceptron for one point of one feature.

    >>> "Trainable params: 2" in model_summary()
    True

    Source: torchinfo, the successor of the notebook's torchsummary.
    """

    class Perceptron(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lay1 = nn.utils.skip_init(nn.Linear, 1, 1)
            self.act = nn.Sigmoid()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.act(self.lay1(x))

    return str(torchinfo.summary(Perceptron(), input_data=torch.zeros(1, 1), verbose=0))
