"""Loss and gradient as torch's autograd computes them."""

import torch

from minibatch_core import Dataset
from minibatch_core.losses import LOSSES


def torch_loss(name: str, z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean loss of points with these logits, by the class of torch.nn that the record names."""
    record = LOSSES[name]
    given = z if record.takes_logit else torch.sigmoid(z)
    mean: torch.Tensor = getattr(torch.nn, record.torch_class)()(given, y)
    return mean


def by_autograd(
    data: Dataset, points: list[int], loss: str, w: float, b: float
) -> tuple[float, float, float]:
    """The mean loss of the points and its gradient, as torch computes them."""
    x, y = (torch.tensor(values[points]) for values in (data.x, data.y))
    parameters = torch.tensor([w, b], dtype=torch.float64, requires_grad=True)
    z = parameters[0] * x + parameters[1]
    mean = torch_loss(loss, z, y)
    mean.backward()
    assert parameters.grad is not None
    slope_w, slope_b = parameters.grad.tolist()
    return mean.item(), slope_w, slope_b
