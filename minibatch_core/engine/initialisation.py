"""What plain PyTorch draws after torch.manual_seed(seed), with a generator of our own.

The global random state is never read or written: all sessions share one process.
"""

import math

import torch

from minibatch_core.settings import TrainSettings

__all__ = ["draw_start"]


def draw_start(settings: TrainSettings) -> tuple[float, float, torch.Generator]:
    """The weight and bias that nn.Linear(1, 1) starts with, and the generator as it leaves it.

    The settings' `init_w` and `init_b` replace the values, not the draws, as assigning them to a
    fresh model would.

    >>> w, b, _ = draw_start(TrainSettings(seed=42))
    >>> round(w, 4), round(b, 4)
    (0.7645, 0.83)

    Source: torch.nn.Linear.reset_parameters.
    """
    generator = torch.Generator().manual_seed(settings.seed)
    for _ in range(settings.randn_before_model):
        torch.randn(1, generator=generator)
    weight = torch.empty(1, 1)
    torch.nn.init.kaiming_uniform_(weight, a=math.sqrt(5), generator=generator)
    bias = torch.empty(1)
    torch.nn.init.uniform_(bias, -1.0, 1.0, generator=generator)
    w = weight.item() if settings.init_w is None else settings.init_w
    b = bias.item() if settings.init_b is None else settings.init_b
    return w, b, generator
