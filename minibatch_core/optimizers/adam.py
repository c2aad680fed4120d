"""Adam: the mean gradient over the root of the mean squared gradient, both without their start."""

import math

from minibatch_core.compiled import part
from minibatch_core.optimizers.record import DECAY, LR, Line, Optimizer, decayed

_, BETA1, BETA2, EPS, WEIGHT_DECAY, AMSGRAD = range(6)


@part
def factors(h, memory, t):
    return h[LR] / (1.0 - h[BETA1] ** t), math.sqrt(1.0 - h[BETA2] ** t), 0.0


@part
def moved(h, factors, state, theta, g):
    """The parameter after a step by the two moments, with whatever was done about weight decay."""
    step_size, scale, _ = factors
    state[0] += (1.0 - h[BETA1]) * (g - state[0])
    state[1] = h[BETA2] * state[1] + (1.0 - h[BETA2]) * g * g
    second = state[1]
    if h[AMSGRAD] != 0.0:
        state[2] = max(state[2], second)
        second = state[2]
    return theta - step_size * state[0] / (math.sqrt(second) / scale + h[EPS])


@part
def step(h, factors, state, t, theta, g):
    return moved(h, factors, state, theta, decayed(h[WEIGHT_DECAY], theta, g))


BY_THE_MOMENTS = (
    Line("exp_avg", "beta1 * exp_avg + (1 - beta1) * g"),
    Line("exp_avg_sq", "beta2 * exp_avg_sq + (1 - beta2) * g ** 2"),
    Line("max_exp_avg_sq", "max(max_exp_avg_sq, exp_avg_sq)", "amsgrad != 0"),
    Line("bias_correction1", "1 - beta1 ** t"),
    Line("bias_correction2", "1 - beta2 ** t"),
    Line("denom", "sqrt(exp_avg_sq / bias_correction2) + eps", "amsgrad == 0"),
    Line("denom", "sqrt(max_exp_avg_sq / bias_correction2) + eps", "amsgrad != 0"),
    Line("theta_next", "theta - lr * (exp_avg / bias_correction1) / denom"),
)

RECORD = Optimizer(
    name="adam",
    label="Adam",
    place=7,
    torch_class="Adam",
    hyperparameters={
        "beta1": 0.9,
        "beta2": 0.999,
        "eps": 1e-8,
        "weight_decay": 0.0,
        "amsgrad": False,
    },
    state=("exp_avg", "exp_avg_sq", "max_exp_avg_sq"),
    factors=factors,
    step=step,
    update=(DECAY, *BY_THE_MOMENTS),
    words={
        "exp_avg": "The first moment: a running mean of the gradients, often called m.",
        "exp_avg_sq": "The second moment: a running mean of their squares, often called v.",
        "max_exp_avg_sq": "The largest second moment so far.",
        "bias_correction1": "exp_avg starts at 0 and is too small at first: this makes up for it.",
        "bias_correction2": "exp_avg_sq starts at 0 as well: this makes up for it.",
        "denom": "What the first moment is divided by: about the usual size of gradients.",
    },
    colour="#2f7fd1",
    is_adaptive=True,
    lr_power=0.5,
)
