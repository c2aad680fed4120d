"""NAdam: Adam with Nesterov's momentum, which warms up."""

import math

import numpy as np

from minibatch_core.compiled import part
from minibatch_core.optimizers.record import LR, Optimizer, decayed

_, BETA1, BETA2, EPS, WEIGHT_DECAY, MOMENTUM_DECAY = range(6)


@part
def factors(h, memory, t):
    mu = h[BETA1] * (1.0 - 0.5 * 0.96 ** (t * h[MOMENTUM_DECAY]))
    mu_next = h[BETA1] * (1.0 - 0.5 * 0.96 ** ((t + 1) * h[MOMENTUM_DECAY]))
    # torch keeps the product of the mu in its default dtype, float32, whatever w and b have.
    memory[0] = np.float32(np.float32(memory[0]) * np.float32(mu))
    product = memory[0]
    gradient_factor = h[LR] * (1.0 - mu) / (1.0 - product)
    return gradient_factor, h[LR] * mu_next / (1.0 - product * mu_next), 1.0 - h[BETA2] ** t


@part
def step(h, factors, state, t, theta, g):
    gradient_factor, mean_factor, correction = factors
    g = decayed(h[WEIGHT_DECAY], theta, g)
    state[0] += (1.0 - h[BETA1]) * (g - state[0])
    state[1] = h[BETA2] * state[1] + (1.0 - h[BETA2]) * g * g
    denominator = math.sqrt(state[1] / correction) + h[EPS]
    return theta - gradient_factor * g / denominator - mean_factor * state[0] / denominator


RECORD = Optimizer(
    name="nadam",
    label="NAdam",
    place=9,
    torch_class="NAdam",
    hyperparameters={
        "beta1": 0.9,
        "beta2": 0.999,
        "eps": 1e-8,
        "weight_decay": 0.0,
        "momentum_decay": 4e-3,
    },
    state=("exp_avg", "exp_avg_sq"),
    factors=factors,
    step=step,
    colour="#8c6bb1",
    is_adaptive=True,
    lr_power=0.5,
)
