"""The notebook's first run: BCEWithLogitsLoss fed p in place of z, log(1 + exp(p)) - y p."""

import math

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial

from minibatch_core.arrays import Floats
from minibatch_core.compiled import compiled, part
from minibatch_core.losses.record import Loss

_NODES = np.cos(np.pi * (np.arange(16) + 0.5) / 16)
_SERIES = Chebyshev.fit(_NODES, np.log1p(np.exp((_NODES + 1.0) / 2.0)), 15, domain=[-1, 1])
SOFTPLUS = _SERIES.convert(kind=Polynomial).coef
"""log(1 + exp(p)) for p in [0, 1] as a polynomial in t = 2 p - 1, to within 1e-15."""


@part
def value_and_slope(z, e, p, y):
    e_p = math.exp(-p)
    return p + math.log1p(e_p) - y * p, (1.0 / (1.0 + e_p) - y) * p * (1.0 - p)


def derivatives(p: Floats, y: Floats) -> tuple[Floats, Floats]:
    steep = p * (1.0 - p)
    bend = steep * (1.0 - 2.0 * p)
    again = 1.0 / (1.0 + np.exp(-p))
    return (again - y) * steep, again * (1.0 - again) * steep * steep + (again - y) * bend


@compiled
def surface(x, y, w, b, exp_b, exp_minus_b, total):
    """One exp for a whole row; a polynomial for log(1 + exp(p)) lets the loop vectorise."""
    value = np.empty(len(b))
    t = np.empty(len(b))
    for i in range(len(w)):
        for k in range(len(x)):
            e = math.exp(-w[i] * x[k])
            for j in range(len(b)):
                p = 1.0 / (1.0 + e * exp_minus_b[j])
                t[j] = 2.0 * p - 1.0
                value[j] = SOFTPLUS[-1]
                total[i, j] -= y[k] * p
            for c in range(len(SOFTPLUS) - 2, -1, -1):
                for j in range(len(b)):
                    value[j] = value[j] * t[j] + SOFTPLUS[c]
            for j in range(len(b)):
                total[i, j] += value[j]


RECORD = Loss(
    name="bce_with_logits_on_sigmoid",
    label="BCE with logits on sigmoid",
    place=3,
    torch_class="BCEWithLogitsLoss",
    takes_logit=False,
    value_and_slope=value_and_slope,
    derivatives=derivatives,
    lowest=math.log1p(math.exp(-1.0)),
    highest=math.log1p(math.exp(1.0)),
    remark="a second sigmoid: the bug",
    surface=surface,
)
