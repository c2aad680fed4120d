"""The binary cross-entropy: -y log p - (1 - y) log(1 - p).

Computed as max(z, 0) - y z + log(1 + exp(-|z|)), which is finite for every z.
"""

import math

import numpy as np

from minibatch_core.arrays import Floats
from minibatch_core.compiled import compiled, part
from minibatch_core.losses.record import Loss


@part
def value_and_slope(z, e, p, y):
    return max(z, 0.0) - y * z + math.log1p(e), p - y


def derivatives(p: Floats, y: Floats) -> tuple[Floats, Floats]:
    return p - y, p * (1.0 - p)


@compiled
def surface(x, y, w, b, exp_b, exp_minus_b, total):
    """One exp for a whole row; log(1 + u) is taken of a product of up to 512 factors in [1, 2]."""
    product = np.empty(len(b))
    for i in range(len(w)):
        for first in range(0, len(x), 512):
            product[:] = 0.0  # the product of the (1 + u) so far, minus 1, so that small u count
            for k in range(first, min(first + 512, len(x))):
                z_x = w[i] * x[k]
                e, e_minus = math.exp(z_x), math.exp(-z_x)
                for j in range(len(b)):
                    z = z_x + b[j]
                    u = e_minus * exp_minus_b[j] if z > 0.0 else e * exp_b[j]
                    product[j] += u + product[j] * u
                    total[i, j] += (z if z > 0.0 else 0.0) - y[k] * z
            for j in range(len(b)):
                total[i, j] += math.log1p(product[j])


RECORD = Loss(
    name="bce",
    label="BCE",
    place=2,
    torch_class="BCEWithLogitsLoss",
    takes_logit=True,
    value_and_slope=value_and_slope,
    derivatives=derivatives,
    is_convex=True,
    remark="applies the sigmoid itself",
    surface=surface,
)
