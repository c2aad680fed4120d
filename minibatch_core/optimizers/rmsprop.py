"""RMSprop: the gradient over its root mean square, with momentum if asked for."""

import math

from minibatch_core.compiled import part
from minibatch_core.optimizers.record import DECAY, LR, Line, Optimizer, decayed

_, ALPHA, EPS, WEIGHT_DECAY, MOMENTUM, CENTERED = range(6)


@part
def step(h, factors, state, t, theta, g):
    g = decayed(h[WEIGHT_DECAY], theta, g)
    state[0] = h[ALPHA] * state[0] + (1.0 - h[ALPHA]) * g * g
    if h[CENTERED] != 0.0:
        state[1] += (1.0 - h[ALPHA]) * (g - state[1])
        average = math.sqrt(state[0] - state[1] * state[1]) + h[EPS]
    else:
        average = math.sqrt(state[0]) + h[EPS]
    if h[MOMENTUM] > 0.0:
        state[2] = h[MOMENTUM] * state[2] + g / average
        move = h[LR] * state[2]
    else:
        move = h[LR] * g / average
    return theta - move


RECORD = Optimizer(
    name="rmsprop",
    label="RMSprop",
    place=6,
    torch_class="RMSprop",
    hyperparameters={
        "alpha": 0.99,
        "eps": 1e-8,
        "weight_decay": 0.0,
        "momentum": 0.0,
        "centered": False,
    },
    state=("square_avg", "grad_avg", "momentum_buffer"),
    step=step,
    update=(
        DECAY,
        Line("square_avg", "alpha * square_avg + (1 - alpha) * g ** 2"),
        Line("grad_avg", "alpha * grad_avg + (1 - alpha) * g", "centered != 0"),
        Line("avg", "sqrt(square_avg) + eps", "centered == 0"),
        Line("avg", "sqrt(square_avg - grad_avg ** 2) + eps", "centered != 0"),
        Line("momentum_buffer", "momentum * momentum_buffer + g / avg", "momentum > 0"),
        Line("theta_next", "theta - lr * g / avg", "momentum == 0"),
        Line("theta_next", "theta - lr * momentum_buffer", "momentum > 0"),
    ),
    words={
        "square_avg": "A running mean of the squares of the gradients.",
        "grad_avg": "A running mean of the gradients.",
        "avg": "What the gradient is divided by: the usual size of gradients, or how they vary.",
        "momentum_buffer": "The gradients so far, each divided by its avg, added up. Before each "
        "new one is added, the sum is multiplied by momentum.",
    },
    colour="#007755",
    is_adaptive=True,
    lr_power=0.5,
)
