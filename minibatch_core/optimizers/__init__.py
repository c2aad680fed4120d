r"""The optimizers: a file each, found by its being here.

The formulas follow the "Algorithm" boxes of the torch.optim documentation, in the order in which
PyTorch's single-tensor code rounds them.
"""

from minibatch_core.compiled import by_code
from minibatch_core.optimizers.record import LR, Optimizer
from minibatch_core.records import Records, records_of

__all__ = [
    "HYPERPARAMETERS",
    "LR",
    "OPTIMIZERS",
    "STATE_SIZE",
    "Optimizer",
    "optimizer_step",
    "step_factors",
]

OPTIMIZERS: Records[Optimizer] = records_of(__name__, "optimizer")

STATE_SIZE = max(len(optimizer.state) for optimizer in OPTIMIZERS.values())
"""How many numbers an optimizer remembers of a parameter at most."""

step_factors = by_code([optimizer.factors for optimizer in OPTIMIZERS.values()])
"""(code, h, memory, t) -> what step t has in common for all parameters."""

optimizer_step = by_code([optimizer.step for optimizer in OPTIMIZERS.values()])
"""(code, h, factors, state, t, theta, g) -> the parameter after step t."""

HYPERPARAMETERS = frozenset(
    name for optimizer in OPTIMIZERS.values() for name in optimizer.hyperparameters
)
"""The hyperparameters that some optimizer has besides lr."""
