"""Adagrad: each parameter's gradient over the root of the sum of its squares so far."""

import math

from minibatch_core.compiled import part
from minibatch_core.optimizers.record import DECAY, LR, Line, Optimizer, decayed

_, LR_DECAY, WEIGHT_DECAY, INITIAL_ACCUMULATOR, EPS = range(5)


@part
def factors(h, memory, t):
    return h[LR] / (1.0 + (t - 1) * h[LR_DECAY]), 0.0, 0.0


@part
def step(h, factors, state, t, theta, g):
    g = decayed(h[WEIGHT_DECAY], theta, g)
    if t == 1:
        state[0] = h[INITIAL_ACCUMULATOR]
    state[0] += g * g
    return theta - factors[0] * g / (math.sqrt(state[0]) + h[EPS])


RECORD = Optimizer(
    name="adagrad",
    label="Adagrad",
    place=4,
    torch_class="Adagrad",
    hyperparameters={
        "lr_decay": 0.0,
        "weight_decay": 0.0,
        "initial_accumulator_value": 0.0,
        "eps": 1e-10,
    },
    state=("sum",),
    factors=factors,
    step=step,
    update=(
        DECAY,
        Line("sum", "initial_accumulator_value", "t == 1 and initial_accumulator_value != 0"),
        Line("sum", "sum + g ** 2"),
        Line("clr", "lr / (1 + (t - 1) * lr_decay)", "lr_decay != 0"),
        Line("theta_next", "theta - lr * g / (sqrt(sum) + eps)", "lr_decay == 0"),
        Line("theta_next", "theta - clr * g / (sqrt(sum) + eps)", "lr_decay != 0"),
    ),
    words={
        "sum": "The squares of all gradients so far, added to initial_accumulator_value.",
        "clr": "The learning rate as far as lr_decay has made it smaller.",
    },
    colour="#a65628",
    is_adaptive=True,
    lr_power=0.5,
)
