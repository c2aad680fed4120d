"""What a step costs in PyTorch beside the points that it looks at, on one thread of a CPU.

python -m benchmarks.step_cost

The time of a step is fitted as a + b B over batch sizes B; a/b is the cost of a step in examples,
which the model of time in `minibatch_core.engine.budgets` takes from the first row.
"""

import time
from collections.abc import Iterable
from itertools import islice

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

POINTS, STEPS, REPEATS = 10_000, 100, 9
SIZES = {
    "DataLoader": (1, 3, 10, 30, 100, 300),
    "slices of a tensor": (1, 100, 1000, 3000, 10_000),
}

Pairs = Iterable[tuple[torch.Tensor, torch.Tensor]]


def from_a_loader(x: torch.Tensor, y: torch.Tensor, size: int) -> Pairs:
    """As in the notebook."""
    return DataLoader(TensorDataset(x, y), batch_size=size, shuffle=True, drop_last=True)


def from_slices(x: torch.Tensor, y: torch.Tensor, size: int) -> Pairs:
    """Cut out of the tensors, with nothing done point by point."""
    return ((x[k : k + size], y[k : k + size]) for k in range(0, len(x) - size + 1, size))


WAYS = {"DataLoader": from_a_loader, "slices of a tensor": from_slices}
OPTIMIZERS = {"SGD": torch.optim.SGD, "Adam": torch.optim.Adam}


def microseconds(way: str, optimizer: str, size: int) -> float:
    """Of one step of the notebook's loop."""
    x = torch.randn(POINTS, 1)
    y = (torch.rand(POINTS, 1) > 0.5).float()
    model, loss_of = nn.Linear(1, 1), nn.MSELoss()
    steps = OPTIMIZERS[optimizer](model.parameters(), lr=0.01)
    done, started = 0, time.thread_time()  # others may use the processor too
    while done < STEPS:
        for inputs, targets in islice(WAYS[way](x, y, size), STEPS - done):
            loss = loss_of(torch.sigmoid(model(inputs)), targets)
            steps.zero_grad()
            loss.backward()
            steps.step()
            loss.item()
            done += 1
    return 1e6 * (time.thread_time() - started) / done


def main() -> None:
    torch.set_num_threads(1)
    for way in WAYS:
        fixed = {}
        for optimizer in OPTIMIZERS:
            microseconds(way, optimizer, 10)
            times = [
                min(microseconds(way, optimizer, size) for _ in range(REPEATS))
                for size in SIZES[way]
            ]
            # A step of few points is to be fitted as well as one of many.
            point, step = np.polyfit(SIZES[way], times, 1, w=1.0 / np.array(times))
            fixed[optimizer] = step
            print(
                f"{way}, {optimizer}: {step:.0f} us a step and {point:.4f} us a point: a step "
                f"costs as much as {step / point:,.0f} points"
            )
        print(f"{way}: a step with Adam takes {fixed['Adam'] / fixed['SGD']:.2f} times one of SGD")


if __name__ == "__main__":
    main()
