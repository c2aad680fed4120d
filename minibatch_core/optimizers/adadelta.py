"""Adadelta: the gradient over its root mean square, times that of the last steps."""

import math

from minibatch_core.compiled import part
from minibatch_core.optimizers.record import DECAY, LR, Line, Optimizer, decayed

_, RHO, EPS, WEIGHT_DECAY = range(4)


@part
def step(h, factors, state, t, theta, g):
    g = decayed(h[WEIGHT_DECAY], theta, g)
    state[0] = h[RHO] * state[0] + (1.0 - h[RHO]) * g * g
    delta = math.sqrt(state[1] + h[EPS]) / math.sqrt(state[0] + h[EPS]) * g
    state[1] = h[RHO] * state[1] + (1.0 - h[RHO]) * delta * delta
    return theta - h[LR] * delta


RECORD = Optimizer(
    name="adadelta",
    label="Adadelta",
    place=5,
    torch_class="Adadelta",
    hyperparameters={"rho": 0.9, "eps": 1e-6, "weight_decay": 0.0},
    state=("square_avg", "acc_delta"),
    step=step,
    update=(
        DECAY,
        Line("square_avg", "rho * square_avg + (1 - rho) * g ** 2"),
        Line("delta", "sqrt(acc_delta + eps) / sqrt(square_avg + eps) * g"),
        Line("acc_delta", "rho * acc_delta + (1 - rho) * delta ** 2"),
        Line("theta_next", "theta - lr * delta"),
    ),
    words={
        "square_avg": "A running mean of the squares of the gradients.",
        "acc_delta": "A running mean of the squares of delta.",
        "delta": "The step before it is multiplied by lr.",
        "eps": "A small number that is added in two places. In what the optimizer divides by, it "
        "makes sure that this is not 0. In what it multiplies by, the usual size of the steps so "
        "far, it makes a beginning: that size is 0 at first, and with eps = 0 w and b would never "
        "move.",
    },
    colour="#ff7799",
    is_adaptive=False,
    lr_power=None,
)
