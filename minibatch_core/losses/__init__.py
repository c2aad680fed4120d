"""The losses: a file each, found by its being here."""

import math

from minibatch_core.compiled import by_code, compiled
from minibatch_core.losses.record import Loss
from minibatch_core.records import Records, records_of

__all__ = ["LOSSES", "Loss", "loss_and_slope"]

LOSSES: Records[Loss] = records_of(__name__, "loss")

_value_and_slope = by_code([loss.value_and_slope for loss in LOSSES.values()])


@compiled
def loss_and_slope(code: int, z: float, y: float) -> tuple[float, float]:
    """The loss of one point with logit z and label y, and its derivative with respect to z."""
    e = math.exp(-abs(z))
    p = 1.0 / (1.0 + e) if z >= 0.0 else e / (1.0 + e)
    return _value_and_slope(code, z, e, p, y)
