"""SGD with momentum: the gradients of earlier steps go on, each `momentum` times the next."""

from minibatch_core.compiled import part
from minibatch_core.optimizers.record import DECAY, LR, Line, Optimizer, decayed

_, MOMENTUM, DAMPENING, WEIGHT_DECAY = range(4)


@part
def step(h, factors, state, t, theta, g):
    g = decayed(h[WEIGHT_DECAY], theta, g)
    state[0] = g if t == 1 else h[MOMENTUM] * state[0] + (1.0 - h[DAMPENING]) * g
    return theta - h[LR] * state[0]


RECORD = Optimizer(
    name="momentum",
    label="Momentum",
    place=2,
    torch_class="SGD",
    hyperparameters={"momentum": 0.9, "dampening": 0.0, "weight_decay": 0.0},
    usual=("momentum",),
    state=("momentum_buffer",),
    step=step,
    update=(
        DECAY,
        Line("momentum_buffer", "g", "t == 1"),
        Line("momentum_buffer", "momentum * momentum_buffer + g", "t > 1 and dampening == 0"),
        Line(
            "momentum_buffer",
            "momentum * momentum_buffer + (1 - dampening) * g",
            "t > 1 and dampening != 0",
        ),
        Line("theta_next", "theta - lr * momentum_buffer"),
    ),
    words={
        "momentum_buffer": "The gradients so far, added up. Before each new one is added, the sum "
        "is multiplied by momentum.",
    },
    colour="#d55e00",
    is_adaptive=False,
    lr_power=1.0,
)
