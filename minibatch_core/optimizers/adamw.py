"""AdamW: Adam whose weight decay shrinks the parameter itself, not through the moments."""

from minibatch_core.compiled import part
from minibatch_core.optimizers import adam
from minibatch_core.optimizers.adam import WEIGHT_DECAY, moved
from minibatch_core.optimizers.record import LR, Line, Optimizer


@part
def step(h, factors, state, t, theta, g):
    return moved(h, factors, state, theta * (1.0 - h[LR] * h[WEIGHT_DECAY]), g)


RECORD = Optimizer(
    name="adamw",
    label="AdamW",
    place=8,
    torch_class="AdamW",
    hyperparameters={**adam.RECORD.hyperparameters, "weight_decay": 0.01},
    state=adam.RECORD.state,
    factors=adam.factors,
    step=step,
    update=(
        Line("theta", "theta - lr * weight_decay * theta", "weight_decay != 0"),
        *adam.BY_THE_MOMENTS,
    ),
    words=adam.RECORD.words,
    colour="#56b4e9",
    is_adaptive=True,
    lr_power=0.5,
)
