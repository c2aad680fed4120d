"""How to train."""

from dataclasses import dataclass

from minibatch_core.losses import LOSSES
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.schedules import SCHEDULES
from minibatch_core.settings.fields import (
    check_fields,
    choice_field,
    describe,
    number_field,
    switch_field,
)

__all__ = [
    "MAX_STEPS",
    "SHUFFLES",
    "TrainSettings",
    "max_epochs",
    "sizes_of_epoch",
    "steps_per_epoch",
]

MAX_STEPS = 200_000
"""The most steps one run may take, so that no address can ask for minutes of work."""

SHUFFLES = {
    "none": "None",
    "once": "Once",
    "each_epoch": "Each epoch",
    "replacement": "Replacement",
}
"""The orders in which a run can see the points, and their labels."""


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """How to train; a hyperparameter left at None has the value that its optimizer's record gives.

    >>> TrainSettings(optimizer="adamw").hyperparameters["weight_decay"]
    0.01
    >>> TrainSettings(lr=-1.0)
    Traceback (most recent call last):
    ValueError: lr should be between 0 and 1,000, but got -1
    """

    loss: str = choice_field(
        "mse",
        "loss",
        "Loss",
        LOSSES.labels,
        "What training makes small, a mean over points. MSE: (p - y)². BCE: minus the logarithm "
        "of the probability that the model gives to the right class. BCE with logits on sigmoid: "
        "BCE with the notebook's slip, which takes the sigmoid twice.",
    )
    optimizer: str = choice_field(
        "adam",
        "opt",
        "Optimizer",
        OPTIMIZERS.labels,
        "The rule that makes a step in w and b out of the gradient, as in torch.optim. SGD uses "
        "the gradient of this step alone. The others can use earlier gradients too.",
    )
    lr: float = number_field(
        0.05,
        "lr",
        "Learning rate",
        0.0,
        1000.0,
        "A factor of every step: SGD moves w and b by this number times the gradient. The other "
        "optimizers first make something else of the gradient.",
        sched="With a schedule the rate changes during the run: *Schedule* says what this number "
        "is then.",
    )
    schedule: str = choice_field(
        "constant",
        "sched",
        "Schedule",
        SCHEDULES.labels,
        "How the learning rate changes during the run, as in torch.optim.lr_scheduler. "
        + " ".join(f"{each.label}: {each.says}." for each in SCHEDULES.values())
        + " A run of few steps may not come to the first, highest or last of these exactly.",
    )
    batch_size: int = number_field(
        25,
        "bs",
        "Batch size B",
        1,
        10_000,
        "How many points a minibatch has, from 1 to N. Each step uses one minibatch.",
    )
    epochs: int = number_field(
        50,
        "ep",
        "Epochs",
        1,
        1000,
        "How long training lasts. An epoch has as many steps as it takes to use every point once.",
        drop="With *Drop the last short batch* some points may be left out.",
    )
    shuffle: str = choice_field(
        "none",
        "shuf",
        "Shuffling",
        SHUFFLES,
        "In which order the points come. None: as they are stored. Once: shuffled before training, "
        "and then the same in every epoch. Each epoch: shuffled anew for every epoch, as with "
        "DataLoader's shuffle=True. Replacement: each draw is from all N points, so "
        "that a point can come twice.",
    )
    drop_last: bool = switch_field(
        False,
        "drop",
        "Drop the last short batch",
        "Leave out the last minibatch of every epoch if it has fewer than B points, as DataLoader "
        "does with drop_last=True.",
    )
    seed: int = number_field(
        42,
        "seed",
        "Seed",
        0,
        2**32 - 1,
        "The number that torch.manual_seed gets. It fixes where w and b start.",
        w0="Where *Start w* or *Start b* has a number, that is the start.",
        bs="It fixes the order of shuffled points, too.",
    )
    init_w: float | None = number_field(
        None,
        "w0",
        "Start w",
        -1000.0,
        1000.0,
        "Where w starts. Empty: where nn.Linear(1, 1) starts with this seed.",
    )
    init_b: float | None = number_field(
        None,
        "b0",
        "Start b",
        -1000.0,
        1000.0,
        "Where b starts. Empty: where nn.Linear(1, 1) starts with this seed.",
    )
    randn_before_model: int = number_field(
        0,
        "pre",
        "torch.randn(1) before the model",
        0,
        100,
        "How many times torch.randn(1) is called after the seed is set and before the model is "
        "made. The notebook's third run does so twice, and therefore starts elsewhere.",
    )
    momentum: float | None = number_field(
        None,
        "mom",
        "momentum",
        0.0,
        1.0,
        "The optimizer adds up the gradients. Before it adds the next one, it multiplies the sum "
        "by this number: with 0 nothing of the earlier gradients is left, with 0.9 nine tenths.",
        opt="RMSprop adds up gradients that it has divided by their size.",
    )
    dampening: float | None = number_field(
        None,
        "damp",
        "dampening",
        0.0,
        1.0,
        "Momentum multiplies each new gradient by 1 - dampening before it adds it to the sum, "
        "except for the first.",
    )
    weight_decay: float | None = number_field(
        None,
        "wd",
        "weight_decay",
        0.0,
        1000.0,
        "How strong a pull towards 0 each step adds. AdamW multiplies w and b by 1 - lr × "
        "weight_decay, apart from the gradient. The other optimizers add weight_decay times w, or "
        "b, to the gradient. A pull that is too strong throws w and b past 0.",
    )
    eps: float | None = number_field(
        None,
        "eps",
        "eps",
        0.0,
        1.0,
        "A small number that is added to what the optimizer divides by, so that this is not 0.",
    )
    beta1: float | None = number_field(
        None,
        "b1",
        "betas[0]",
        0.0,
        0.999999,
        "How slowly the running mean of the gradients forgets: the share of it that is kept in "
        "each step. The new gradient makes up the rest.",
    )
    beta2: float | None = number_field(
        None,
        "b2",
        "betas[1]",
        0.0,
        0.999999,
        "How slowly the running mean of the squared gradients forgets: the share of it that is "
        "kept in each step. The new square makes up the rest.",
    )
    amsgrad: bool = switch_field(
        False,
        "ams",
        "amsgrad",
        "Use the largest running mean of the squared gradients so far, not the present one.",
    )
    momentum_decay: float | None = number_field(
        None,
        "md",
        "momentum_decay",
        0.0,
        1.0,
        "How fast NAdam's momentum grows from about half of betas[0] to betas[0].",
    )
    alpha: float | None = number_field(
        None,
        "alpha",
        "alpha",
        0.0,
        0.999999,
        "How slowly the running mean of the squared gradients forgets: the share of it that is "
        "kept in each step. The new square makes up the rest.",
    )
    centered: bool = switch_field(
        False,
        "cent",
        "centered",
        "Divide by the gradient's standard deviation, not by the root of its mean square. Both are "
        "running estimates.",
    )
    rho: float | None = number_field(
        None,
        "rho",
        "rho",
        0.0,
        0.999999,
        "How slowly Adadelta's running means forget: the share of them that is kept in each step.",
    )
    lr_decay: float | None = number_field(
        None,
        "lrd",
        "lr_decay",
        0.0,
        1.0,
        "How fast Adagrad's learning rate falls: in step t it is divided by "
        "1 + (t - 1) × lr_decay.",
    )
    initial_accumulator_value: float | None = number_field(
        None,
        "acc",
        "initial_accumulator_value",
        0.0,
        1000.0,
        "The number with which Adagrad's sum of squared gradients begins.",
    )

    def __post_init__(self) -> None:
        check_fields(self)
        if self.optimizer == "nesterov" and self.momentum == 0.0:
            raise ValueError(
                "momentum should be above 0 for optimizer='nesterov', but got 0.0; "
                "use optimizer='sgd' for no momentum"
            )

    @property
    def hyperparameters(self) -> dict[str, float | bool]:
        """The optimizer's own hyperparameters besides lr, as torch.optim names them."""
        return {
            name: default if (value := getattr(self, name)) is None else value
            for name, default in OPTIMIZERS[self.optimizer].hyperparameters.items()
        }

    def check_against(self, n: int) -> None:
        """Raise a ValueError if N = n points cannot be trained on with these settings."""
        if self.batch_size > n:
            raise ValueError(
                f"batch_size should be between 1 and N={n:,}, but got {self.batch_size:,}"
            )
        most = max_epochs(n, self.batch_size, self.drop_last)
        if self.epochs > most:
            steps = self.epochs * steps_per_epoch(n, self.batch_size, self.drop_last)
            raise ValueError(
                f"epochs should be at most {most:,} for N={n:,} and batch_size="
                f"{self.batch_size:,}, but got {self.epochs:,}, which is {steps:,} steps; "
                f"a run may have {MAX_STEPS:,}"
            )


def steps_per_epoch(n: int, batch_size: int, drop_last: bool = False) -> int:
    """ceil(N / B), or floor(N / B) with drop_last.

    >>> steps_per_epoch(100, 30), steps_per_epoch(100, 30, drop_last=True)
    (4, 3)
    """
    return n // batch_size if drop_last else -(-n // batch_size)


def sizes_of_epoch(n: int, batch_size: int, drop_last: bool = False) -> list[int]:
    """How many points each minibatch of an epoch has.

    >>> sizes_of_epoch(100, 30), sizes_of_epoch(100, 30, drop_last=True)
    ([30, 30, 30, 10], [30, 30, 30])
    """
    short = [] if drop_last or n % batch_size == 0 else [n % batch_size]
    return [batch_size] * (n // batch_size) + short


def max_epochs(n: int, batch_size: int, drop_last: bool = False) -> int:
    """The most epochs that stay within MAX_STEPS.

    >>> max_epochs(10_000, 1)
    20
    """
    most = int(describe(TrainSettings)["epochs"].maximum)
    return min(most, MAX_STEPS // steps_per_epoch(n, batch_size, drop_last))
