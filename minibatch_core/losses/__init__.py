r"""The losses of one point as functions of its logit z = w x + b, with p = 1 / (1 + exp(-z)).

- `mse`: (p - y)^2
- `bce`: -y log p - (1 - y) log(1 - p) = max(z, 0) - y z + log(1 + exp(-|z|)), finite for every z
- `bce_with_logits_on_sigmoid`: the notebook's first run, BCEWithLogitsLoss fed p in place of z:
  log(1 + exp(p)) - y p
"""

import math

from minibatch_core.compiled import compiled

__all__ = ["BCE", "BCE_ON_SIGMOID", "LOSS_CODES", "MSE", "loss_and_slope"]

MSE, BCE, BCE_ON_SIGMOID = 0, 1, 2
LOSS_CODES = {"mse": MSE, "bce": BCE, "bce_with_logits_on_sigmoid": BCE_ON_SIGMOID}


@compiled
def loss_and_slope(code: int, z: float, y: float) -> tuple[float, float]:
    """The loss of one point with logit z and label y, and its derivative with respect to z."""
    e = math.exp(-abs(z))
    p = 1.0 / (1.0 + e) if z >= 0.0 else e / (1.0 + e)
    if code == MSE:
        return (p - y) * (p - y), 2.0 * (p - y) * p * (1.0 - p)
    if code == BCE:
        return max(z, 0.0) - y * z + math.log1p(e), p - y
    e_p = math.exp(-p)
    return p + math.log1p(e_p) - y * p, (1.0 / (1.0 + e_p) - y) * p * (1.0 - p)
