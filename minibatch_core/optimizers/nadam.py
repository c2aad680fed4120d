"""NAdam: Adam with Nesterov's momentum, which warms up."""

import math

import numpy as np

from minibatch_core.compiled import part
from minibatch_core.optimizers import adam
from minibatch_core.optimizers.record import DECAY, LR, Line, Optimizer, decayed

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
    update=(
        DECAY,
        Line("mu", "beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))"),
        Line("mu_next", "beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * momentum_decay))"),
        Line("mu_product", "float32(mu_product * mu)"),
        Line("exp_avg", "beta1 * exp_avg + (1 - beta1) * g"),
        Line("exp_avg_sq", "beta2 * exp_avg_sq + (1 - beta2) * g ** 2"),
        Line("bias_correction2", "1 - beta2 ** t"),
        Line("denom", "sqrt(exp_avg_sq / bias_correction2) + eps"),
        Line("part_of_g", "lr * (1 - mu) / (1 - mu_product) * g / denom"),
        Line("part_of_exp_avg", "lr * mu_next / (1 - mu_product * mu_next) * exp_avg / denom"),
        Line("theta_next", "theta - part_of_g - part_of_exp_avg"),
    ),
    words={
        "mu": "The momentum of this step, which warms up from half of beta1 to beta1.",
        "mu_next": "The momentum of the next step.",
        "mu_product": "The product of all mu so far. PyTorch keeps it in float32, with about "
        "seven digits, and float32(...) rounds it so.",
        "exp_avg": adam.RECORD.words["exp_avg"],
        "exp_avg_sq": adam.RECORD.words["exp_avg_sq"],
        "bias_correction2": adam.RECORD.words["bias_correction2"],
        "denom": "What the step is divided by: about the usual size of gradients.",
        "part_of_g": "The part of the step that this gradient makes.",
        "part_of_exp_avg": "The part of the step that the first moment makes.",
    },
    memory="mu_product",
    colour="#9900ff",
    is_adaptive=True,
    lr_power=0.5,
)
