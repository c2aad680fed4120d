"""Stochastic gradient descent: theta - lr g."""

from minibatch_core.compiled import part
from minibatch_core.optimizers.record import DECAY, LR, Line, Optimizer, decayed

_, WEIGHT_DECAY = range(2)


@part
def step(h, factors, state, t, theta, g):
    return theta - h[LR] * decayed(h[WEIGHT_DECAY], theta, g)


RECORD = Optimizer(
    name="sgd",
    label="SGD",
    place=1,
    torch_class="SGD",
    hyperparameters={"weight_decay": 0.0},
    state=(),
    step=step,
    update=(DECAY, Line("theta_next", "theta - lr * g")),
    colour="#666688",
    is_adaptive=False,
    lr_power=1.0,
)
