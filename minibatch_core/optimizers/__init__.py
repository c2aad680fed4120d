r"""The steps of torch.optim, one parameter and one gradient at a time.

`optimizer_step` is called once for w and once for b; `state` holds what that parameter's optimizer
remembers (zeros before step 1, except Adagrad's sum). The formulas follow the "Algorithm" boxes of
the torch.optim documentation, in the order in which PyTorch's single-tensor code rounds them.
"""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from minibatch_core.compiled import compiled
from minibatch_core.settings import OPTIMIZERS, TrainSettings

__all__ = [
    "LR",
    "OPTIMIZER_CODES",
    "STATE_NAMES",
    "STATE_SIZE",
    "hyperparameter_vector",
    "optimizer_step",
    "step_factors",
]

OPTIMIZER_CODES = {name: code for code, name in enumerate(OPTIMIZERS)}
SGD, MOMENTUM, NESTEROV, ADAGRAD, ADADELTA, RMSPROP, ADAM, ADAMW, NADAM = range(9)

ORDER = (
    "lr",
    "momentum",
    "dampening",
    "weight_decay",
    "eps",
    "beta1",
    "beta2",
    "amsgrad",
    "momentum_decay",
    "alpha",
    "centered",
    "rho",
    "lr_decay",
    "initial_accumulator_value",
)
(
    LR,
    MOM,
    DAMPENING,
    WEIGHT_DECAY,
    EPS,
    BETA1,
    BETA2,
    AMSGRAD,
    MOMENTUM_DECAY,
    ALPHA,
    CENTERED,
    RHO,
    LR_DECAY,
    INITIAL_ACCUMULATOR,
) = range(len(ORDER))

STATE_SIZE = 3
STATE_NAMES: Mapping[str, tuple[str, ...]] = {
    "sgd": (),
    "momentum": ("momentum_buffer",),
    "nesterov": ("momentum_buffer",),
    "adagrad": ("sum",),
    "adadelta": ("square_avg", "acc_delta"),
    "rmsprop": ("square_avg", "grad_avg", "momentum_buffer"),
    "adam": ("exp_avg", "exp_avg_sq", "max_exp_avg_sq"),
    "adamw": ("exp_avg", "exp_avg_sq", "max_exp_avg_sq"),
    "nadam": ("exp_avg", "exp_avg_sq"),
}
"""What each optimizer remembers of a parameter, as torch.optim calls it in its state."""


def hyperparameter_vector(settings: TrainSettings) -> NDArray[np.float64]:
    """lr and the optimizer's hyperparameters in the fixed order the compiled step reads."""
    values = {"lr": settings.lr, **settings.hyperparameters}
    return np.array([float(values.get(name, 0.0)) for name in ORDER])


@compiled
def step_factors(
    code: int, h: NDArray[np.float64], memory: NDArray[np.float64], t: int
) -> tuple[float, float, float]:
    """What step t = 1, 2, ... has in common for all parameters; `memory` (1,) starts at 1."""
    lr = h[LR]
    if code == ADAGRAD:
        return lr / (1.0 + (t - 1) * h[LR_DECAY]), 0.0, 0.0
    if code == ADAM or code == ADAMW:
        return lr / (1.0 - h[BETA1] ** t), math.sqrt(1.0 - h[BETA2] ** t), 0.0
    if code == NADAM:
        mu = h[BETA1] * (1.0 - 0.5 * 0.96 ** (t * h[MOMENTUM_DECAY]))
        mu_next = h[BETA1] * (1.0 - 0.5 * 0.96 ** ((t + 1) * h[MOMENTUM_DECAY]))
        # torch keeps the product of the mu in its default dtype, float32, whatever w and b have.
        memory[0] = np.float32(np.float32(memory[0]) * np.float32(mu))
        product = memory[0]
        gradient_factor = lr * (1.0 - mu) / (1.0 - product)
        return gradient_factor, lr * mu_next / (1.0 - product * mu_next), 1.0 - h[BETA2] ** t
    return lr, 0.0, 0.0


@compiled
def optimizer_step(
    code: int,
    h: NDArray[np.float64],
    factors: tuple[float, float, float],
    state: NDArray[np.float64],
    t: int,
    theta: float,
    g: float,
) -> float:
    """The parameter after step t, given its value theta, its gradient g and the step's factors."""
    if code == ADAMW:
        theta *= 1.0 - h[LR] * h[WEIGHT_DECAY]
    elif h[WEIGHT_DECAY] != 0.0:
        g += h[WEIGHT_DECAY] * theta
    if code == SGD:
        return theta - h[LR] * g
    if code == ADAM or code == ADAMW:
        return _adam(h, factors, state, theta, g)
    if code == MOMENTUM or code == NESTEROV:
        return _momentum(code, h, state, t, theta, g)
    if code == RMSPROP:
        return _rmsprop(h, state, theta, g)
    if code == ADAGRAD:
        return _adagrad(h, factors, state, t, theta, g)
    if code == ADADELTA:
        return _adadelta(h, state, theta, g)
    return _nadam(h, factors, state, theta, g)


@compiled
def _momentum(code, h, state, t, theta, g):
    state[0] = g if t == 1 else h[MOM] * state[0] + (1.0 - h[DAMPENING]) * g
    return theta - h[LR] * (g + h[MOM] * state[0] if code == NESTEROV else state[0])


@compiled
def _rmsprop(h, state, theta, g):
    state[0] = h[ALPHA] * state[0] + (1.0 - h[ALPHA]) * g * g
    if h[CENTERED] != 0.0:
        state[1] += (1.0 - h[ALPHA]) * (g - state[1])
        average = math.sqrt(state[0] - state[1] * state[1]) + h[EPS]
    else:
        average = math.sqrt(state[0]) + h[EPS]
    if h[MOM] > 0.0:
        state[2] = h[MOM] * state[2] + g / average
        return theta - h[LR] * state[2]
    return theta - h[LR] * g / average


@compiled
def _adagrad(h, factors, state, t, theta, g):
    if t == 1:
        state[0] = h[INITIAL_ACCUMULATOR]
    state[0] += g * g
    return theta - factors[0] * g / (math.sqrt(state[0]) + h[EPS])


@compiled
def _adadelta(h, state, theta, g):
    state[0] = h[RHO] * state[0] + (1.0 - h[RHO]) * g * g
    delta = math.sqrt(state[1] + h[EPS]) / math.sqrt(state[0] + h[EPS]) * g
    state[1] = h[RHO] * state[1] + (1.0 - h[RHO]) * delta * delta
    return theta - h[LR] * delta


@compiled
def _adam(h, factors, state, theta, g):
    step_size, scale, _ = factors
    state[0] += (1.0 - h[BETA1]) * (g - state[0])
    state[1] = h[BETA2] * state[1] + (1.0 - h[BETA2]) * g * g
    second = state[1]
    if h[AMSGRAD] != 0.0:
        state[2] = max(state[2], second)
        second = state[2]
    return theta - step_size * state[0] / (math.sqrt(second) / scale + h[EPS])


@compiled
def _nadam(h, factors, state, theta, g):
    gradient_factor, mean_factor, correction = factors
    state[0] += (1.0 - h[BETA1]) * (g - state[0])
    state[1] = h[BETA2] * state[1] + (1.0 - h[BETA2]) * g * g
    denominator = math.sqrt(state[1] / correction) + h[EPS]
    return theta - gradient_factor * g / denominator - mean_factor * state[0] / denominator
