"""Hyperparameters that no optimizer has by default."""

from typing import Any

OTHER_THAN_DEFAULT: dict[str, Any] = {
    "momentum": 0.5,
    "dampening": 0.3,
    "weight_decay": 0.02,
    "eps": 1e-3,
    "beta1": 0.8,
    "beta2": 0.9,
    "amsgrad": True,
    "momentum_decay": 0.02,
    "alpha": 0.8,
    "centered": True,
    "rho": 0.7,
    "lr_decay": 0.01,
    "initial_accumulator_value": 0.2,
}
