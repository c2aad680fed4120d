"""The mean squared error of p: (p - y)^2."""

import math

from minibatch_core.arrays import Floats
from minibatch_core.compiled import compiled, part
from minibatch_core.losses.record import Loss


@part
def value_and_slope(z, e, p, y):
    return (p - y) * (p - y), 2.0 * (p - y) * p * (1.0 - p)


def derivatives(p: Floats, y: Floats) -> tuple[Floats, Floats]:
    steep = p * (1.0 - p)
    bend = steep * (1.0 - 2.0 * p)
    return 2.0 * (p - y) * steep, 2.0 * (steep * steep + (p - y) * bend)


@compiled
def surface(x, y, w, b, exp_b, exp_minus_b, total):
    """exp(-(w x + b)) is exp(-w x) exp(-b): one exp for a whole row, and a loop that vectorises."""
    for i in range(len(w)):
        for k in range(len(x)):
            e = math.exp(-w[i] * x[k])
            for j in range(len(b)):
                miss = 1.0 / (1.0 + e * exp_minus_b[j]) - y[k]
                total[i, j] += miss * miss


RECORD = Loss(
    name="mse",
    label="MSE",
    place=1,
    torch_class="MSELoss",
    takes_logit=False,
    value_and_slope=value_and_slope,
    derivatives=derivatives,
    highest=1.0,
    surface=surface,
)
