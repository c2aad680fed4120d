"""The notebook's slips, run as they are written there, so that a page can say what they do."""

import random
from dataclasses import dataclass

import numpy as np
import torch

from minibatch_core.engine.dataset import Dataset
from minibatch_core.engine.torch_training import Perceptron
from minibatch_core.engine.training import predict

__all__ = [
    "LabelTrial",
    "broadcast_loss",
    "hook_calls",
    "notebook_flip_probability",
    "try_label_generator",
]


def notebook_flip_probability(x: float) -> float:
    """The notebook's rule, branch by branch: the second can never be reached.

    >>> notebook_flip_probability(1.05), notebook_flip_probability(3.0)
    (0.1, 0.025)

    Source: addNoise in the first code cell of the course notebook.
    """
    if abs(x - 1) < 1.0:
        return 0.1
    if abs(x - 1) < 0.1:
        return 0.2
    return 0.025


def hook_calls() -> tuple[int, int]:
    """How often a forward hook runs for one model.forward(x), and for one model(x).

    >>> hook_calls()
    (0, 1)

    Source: torch.nn.Module.register_forward_hook.
    """
    model = Perceptron()
    calls = []
    model.register_forward_hook(lambda *_: calls.append(1))
    with torch.no_grad():
        model.forward(torch.zeros(1, 1))
        by_forward = len(calls)
        model(torch.zeros(1, 1))
    return by_forward, len(calls) - by_forward


def broadcast_loss(data: Dataset, w: float, b: float) -> tuple[float, float]:
    """The MSE of p against y as a column, and against y as a row, as the first MyDataset gives it.

    p has shape (N, 1). Against y of shape (N,) both are broadcast to (N, N): every p against every
    y.

    >>> from minibatch_core import make_dataset
    >>> [round(loss, 3) for loss in broadcast_loss(make_dataset(), 3.0, -3.0)]
    [0.095, 0.373]

    Source: section 3 of the course notebook; torch.nn.MSELoss.
    """
    p = torch.tensor(predict(data.x, w, b)).reshape(-1, 1)
    y = torch.tensor(data.y)
    mse = torch.nn.MSELoss()
    with_columns = mse(p, y.reshape(-1, 1)).item()
    # MSELoss broadcasts by itself, but warns; asked for, the result is the same.
    return with_columns, mse(*torch.broadcast_tensors(p, y)).item()


@dataclass(frozen=True, slots=True)
class LabelTrial:
    """What came of the notebook's label generator: the error it ends with, or None."""

    numpy: str
    error: str | None


def try_label_generator(data: Dataset) -> LabelTrial:
    """Run the notebook's expression for the labels, which takes int() of an array of one element.

    numpy 2.4 and later raise a TypeError there; 2.3.5 and earlier give the labels.

    >>> from minibatch_core import make_dataset
    >>> try_label_generator(make_dataset()).numpy == np.__version__
    True

    Source: true_y in the first code cell of the course notebook.
    """
    draw = random.Random(1)

    def label(x: np.ndarray) -> list[int]:
        flipped = draw.random() < notebook_flip_probability(x[0])
        return [int(x < 1) if flipped else int(x > 1)]

    try:
        np.apply_along_axis(label, 1, data.x[:, None])
    except TypeError as error:
        return LabelTrial(np.__version__, str(error))
    return LabelTrial(np.__version__, None)
