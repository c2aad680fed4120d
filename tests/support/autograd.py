"""Loss and gradient as torch's autograd computes them."""

import torch

from minibatch_core import Dataset


def by_autograd(
    data: Dataset, points: list[int], loss: str, w: float, b: float
) -> tuple[float, float, float]:
    """The mean loss of the points and its gradient, as torch computes them."""
    x, y = (torch.tensor(values[points]) for values in (data.x, data.y))
    parameters = torch.tensor([w, b], dtype=torch.float64, requires_grad=True)
    z = parameters[0] * x + parameters[1]
    mean = {
        "mse": lambda: torch.nn.functional.mse_loss(torch.sigmoid(z), y),
        "bce": lambda: torch.nn.functional.binary_cross_entropy_with_logits(z, y),
        "bce_with_logits_on_sigmoid": lambda: torch.nn.functional.binary_cross_entropy_with_logits(
            torch.sigmoid(z), y
        ),
    }[loss]()
    mean.backward()
    assert parameters.grad is not None
    slope_w, slope_b = parameters.grad.tolist()
    return mean.item(), slope_w, slope_b
