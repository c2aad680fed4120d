"""SGD with Nesterov's momentum: the step looks ahead by the momentum of the next."""

from minibatch_core.compiled import part
from minibatch_core.optimizers.record import DECAY, LR, Line, Optimizer, decayed

_, MOMENTUM, WEIGHT_DECAY = range(3)


@part
def step(h, factors, state, t, theta, g):
    g = decayed(h[WEIGHT_DECAY], theta, g)
    state[0] = g if t == 1 else h[MOMENTUM] * state[0] + g
    return theta - h[LR] * (g + h[MOMENTUM] * state[0])


RECORD = Optimizer(
    name="nesterov",
    label="Nesterov",
    place=3,
    torch_class="SGD",
    torch_arguments={"nesterov": True},
    hyperparameters={"momentum": 0.9, "weight_decay": 0.0},
    usual=("momentum",),
    state=("momentum_buffer",),
    step=step,
    update=(
        DECAY,
        Line("momentum_buffer", "g", "t == 1"),
        Line("momentum_buffer", "momentum * momentum_buffer + g", "t > 1"),
        Line("theta_next", "theta - lr * (g + momentum * momentum_buffer)"),
    ),
    words={
        "momentum_buffer": "The gradients so far, added up. Before each new one is added, the sum "
        "is multiplied by momentum.",
    },
    colour="#e69f00",
    is_adaptive=False,
    lr_power=1.0,
)
