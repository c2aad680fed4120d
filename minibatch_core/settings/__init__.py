"""What can be set: each field with its bounds, default, label, help and short key, declared once.

Widgets, addresses, error messages and documentation all read the declarations of this module.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from numbers import Integral, Real
from typing import Any

__all__ = [
    "HYPERPARAMETERS",
    "MAX_STEPS",
    "DataSettings",
    "Setting",
    "Settings",
    "SurfaceSettings",
    "SweepSettings",
    "TrainSettings",
    "check_fields",
    "choice_field",
    "choices_field",
    "describe",
    "max_epochs",
    "number_field",
    "steps_per_epoch",
    "switch_field",
    "told",
]

MAX_STEPS = 200_000
"""The most steps one run may take, so that no address can ask for minutes of work."""

MOST_LETTERS = 60
"""How much of a text that can't be an error message says."""

LOSSES = {
    "mse": "MSE",
    "bce": "BCE",
    "bce_with_logits_on_sigmoid": "BCE with logits on sigmoid",
}
OPTIMIZERS = {
    "sgd": "SGD",
    "momentum": "Momentum",
    "nesterov": "Nesterov",
    "adagrad": "Adagrad",
    "adadelta": "Adadelta",
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "adamw": "AdamW",
    "nadam": "NAdam",
}
SCHEDULES = {
    "constant": "Constant",
    "step": "Step",
    "exponential": "Exponential",
    "cosine": "Cosine",
    "warmup": "Linear warm-up",
    "one_cycle": "One cycle",
}
DIVISORS = {"batch_size": "bs, its own points", "n": "N, all points"}
SHUFFLES = {
    "none": "None",
    "once": "Once",
    "each_epoch": "Each epoch",
    "replacement": "Replacement",
}

HYPERPARAMETERS: Mapping[str, Mapping[str, float | bool]] = {
    "sgd": {"weight_decay": 0.0},
    "momentum": {"momentum": 0.9, "dampening": 0.0, "weight_decay": 0.0},
    "nesterov": {"momentum": 0.9, "weight_decay": 0.0},
    "adagrad": {
        "lr_decay": 0.0,
        "weight_decay": 0.0,
        "initial_accumulator_value": 0.0,
        "eps": 1e-10,
    },
    "adadelta": {"rho": 0.9, "eps": 1e-6, "weight_decay": 0.0},
    "rmsprop": {
        "alpha": 0.99,
        "eps": 1e-8,
        "weight_decay": 0.0,
        "momentum": 0.0,
        "centered": False,
    },
    "adam": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0, "amsgrad": False},
    "adamw": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01, "amsgrad": False},
    "nadam": {
        "beta1": 0.9,
        "beta2": 0.999,
        "eps": 1e-8,
        "weight_decay": 0.0,
        "momentum_decay": 4e-3,
    },
}
"""The hyperparameters of each optimizer besides lr, with torch.optim's names and defaults."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of the settings: what it is called, what it may be, how an address spells it."""

    key: str
    label: str
    help: str
    kind: type
    minimum: float = -math.inf
    maximum: float = math.inf
    choices: Mapping[str, str] | None = None
    optional: bool = False
    several: bool = False

    def check(self, name: str, value: Any) -> Any:
        """Return `value` as this setting's type, or raise a ValueError that names the cure."""
        if value is None and self.optional:
            return None
        if self.several:
            one = replace(self, several=False)
            return tuple(one.check(name, each) for each in value)
        if self.choices is not None:
            if not isinstance(value, str) or value not in self.choices:
                allowed = ", ".join(repr(choice) for choice in self.choices)
                raise ValueError(f"{name} should be one of {allowed}, but got {told(value)}")
            return value
        if self.kind is bool:
            if not isinstance(value, bool):
                raise ValueError(f"{name} should be True or False, but got {told(value)}")
            return value
        return self._check_number(name, value)

    def parse(self, text: str) -> Any:
        """The value that an address spells as `text`, or a ValueError that names the cure.

        A choice is spelled by its label, as its widget shows it; of several, each by itself.

        >>> describe(TrainSettings)["optimizer"].parse("AdamW")
        'adamw'
        >>> describe(TrainSettings)["batch_size"].parse("2.5")
        Traceback (most recent call last):
        ValueError: bs should be a whole number between 1 and 10,000, but got '2.5'
        """
        if self.optional and not text:
            return None
        if self.choices is not None:
            values = {label: value for value, label in self.choices.items()}
            if text not in values:
                allowed = ", ".join(repr(label) for label in values)
                raise ValueError(f"{self.key} should be one of {allowed}, but got {told(text)}")
            return values[text]
        if self.kind is bool:
            return self.check(self.key, {"true": True, "false": False}.get(text.lower(), text))
        try:
            value = float(text)
        except ValueError:
            return self.check(self.key, text)
        if self.kind is int:
            return self.check(self.key, int(value) if value.is_integer() else text)
        return self.check(self.key, value)

    def spell(self, value: Any) -> str:
        """The text that an address has for a value, which `parse` takes back.

        >>> describe(TrainSettings)["drop_last"].spell(True)
        'true'
        """
        if value is None:
            return ""
        if self.choices is not None:
            return self.choices[value]
        return str(value).lower() if self.kind is bool else repr(value)

    def _check_number(self, name: str, value: Any) -> Any:
        wanted: Any = Integral if self.kind is int else Real
        word = "a whole number" if self.kind is int else "a number"
        bounds = f"between {self.minimum:,} and {self.maximum:,}"
        if isinstance(value, bool) or not isinstance(value, wanted):
            raise ValueError(f"{name} should be {word} {bounds}, but got {told(value)}")
        if not self.minimum <= value <= self.maximum:  # NaN fails this too
            raise ValueError(f"{name} should be {bounds}, but got {told(value)}")
        return self.kind(value)


def told(value: Any) -> str:
    """A value as an error message says it, cut where it is long.

    >>> told(1_000), told(10**400), told("1" * 309)[-24:]
    ('1,000', 'about 1e400', "11' and 249 more letters")
    """
    if isinstance(value, str) and len(value) > MOST_LETTERS:
        return f"{value[:MOST_LETTERS]!r} and {len(value) - MOST_LETTERS:,} more letters"
    if isinstance(value, bool) or not isinstance(value, Integral | float):
        return repr(value)
    if isinstance(value, float) or abs(int(value)) < 10**15:
        return f"{value:,}"
    # Python refuses to write out more than 4,300 digits.
    return f"about {'-' if int(value) < 0 else ''}1e{math.log10(abs(int(value))):.0f}"


def number_field(
    default: float | None, key: str, label: str, minimum: float, maximum: float, text: str
) -> Any:
    """A dataclass field for a number: whole if `minimum` is, optional if `default` is None."""
    kind = int if isinstance(minimum, int) else float
    setting = Setting(key, label, text, kind, minimum, maximum, optional=default is None)
    return field(default=default, metadata={"setting": setting})


def choice_field(default: str, key: str, label: str, choices: Mapping[str, str], text: str) -> Any:
    """A dataclass field for one of `choices`, a mapping of values to labels."""
    return field(
        default=default, metadata={"setting": Setting(key, label, text, str, choices=choices)}
    )


def choices_field(
    default: tuple[str, ...], key: str, label: str, choices: Mapping[str, str], text: str
) -> Any:
    """A dataclass field for any number of `choices`, a mapping of values to labels."""
    setting = Setting(key, label, text, str, choices=choices, several=True)
    return field(default=default, metadata={"setting": setting})


def switch_field(default: bool, key: str, label: str, text: str) -> Any:
    """A dataclass field for True or False."""
    setting = Setting(key, label, text, bool)
    return field(default=default, metadata={"setting": setting})


def describe(settings: type | Any) -> dict[str, Setting]:
    """The declaration of each field of a settings class.

    >>> describe(DataSettings)["n"].maximum
    10000
    """
    return {entry.name: entry.metadata["setting"] for entry in dataclasses.fields(settings)}


def check_fields(settings: Any) -> None:
    """Give each field its type, or raise a ValueError that names the field and the cure."""
    for name, setting in describe(settings).items():
        object.__setattr__(settings, name, setting.check(name, getattr(settings, name)))


@dataclass(frozen=True, slots=True)
class DataSettings:
    """Which data to draw.

    >>> DataSettings(n=0)
    Traceback (most recent call last):
    ValueError: n should be between 2 and 10,000, but got 0
    """

    source: str = choice_field(
        "notebook", "src", "Data", {"notebook": "Notebook"}, "Where the points come from."
    )
    n: int = number_field(100, "n", "Points N", 2, 10_000, "How many points the data has.")
    noise: float = number_field(
        0.1,
        "noise",
        "Noise",
        0.0,
        0.5,
        "The chance that a label within 1 of the boundary x = 1 is flipped; "
        "farther away it is a quarter of this.",
    )
    seed: int = number_field(
        1, "dseed", "Data seed", 0, 2**32 - 1, "Another seed draws other points and other flips."
    )

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """How to train; a hyperparameter left at None has torch.optim's default.

    >>> TrainSettings(optimizer="adamw").hyperparameters["weight_decay"]
    0.01
    >>> TrainSettings(lr=-1.0)
    Traceback (most recent call last):
    ValueError: lr should be between 0.0 and 1,000.0, but got -1.0
    """

    loss: str = choice_field("mse", "loss", "Loss", LOSSES, "What training tries to make small.")
    optimizer: str = choice_field(
        "adam", "opt", "Optimizer", OPTIMIZERS, "How a gradient becomes a step (torch.optim)."
    )
    lr: float = number_field(
        0.05,
        "lr",
        "Learning rate",
        0.0,
        1000.0,
        "What the optimizer's step, for SGD the gradient, is multiplied by.",
    )
    schedule: str = choice_field(
        "constant",
        "sched",
        "Schedule",
        SCHEDULES,
        "How the learning rate changes along the run (torch.optim.lr_scheduler).",
    )
    batch_size: int = number_field(
        25, "bs", "Batch size B", 1, 10_000, "How many points each step looks at, from 1 to N."
    )
    epochs: int = number_field(
        50, "ep", "Epochs", 1, 1000, "How often training goes through all the data."
    )
    shuffle: str = choice_field(
        "none",
        "shuf",
        "Shuffling",
        SHUFFLES,
        "The order of the points: as stored, permuted once, permuted each epoch (DataLoader's "
        "shuffle=True), or drawn with replacement.",
    )
    drop_last: bool = switch_field(
        False, "drop", "Drop the last short batch", "As in DataLoader: leave out a short batch."
    )
    seed: int = number_field(
        42,
        "seed",
        "Seed",
        0,
        2**32 - 1,
        "torch.manual_seed: the start and the order of the points.",
    )
    init_w: float | None = number_field(
        None, "w0", "Start w", -1000.0, 1000.0, "Where w starts; empty: what nn.Linear draws."
    )
    init_b: float | None = number_field(
        None, "b0", "Start b", -1000.0, 1000.0, "Where b starts; empty: what nn.Linear draws."
    )
    randn_before_model: int = number_field(
        0,
        "pre",
        "torch.randn(1) before the model",
        0,
        100,
        "How many torch.randn(1) are drawn between the seed and the model; "
        "the notebook's third run draws two and so starts elsewhere.",
    )
    momentum: float | None = number_field(
        None, "mom", "momentum", 0.0, 1.0, "How much of the last step goes on."
    )
    dampening: float | None = number_field(
        None, "damp", "dampening", 0.0, 1.0, "How much of the gradient momentum leaves out."
    )
    weight_decay: float | None = number_field(
        None, "wd", "weight_decay", 0.0, 1000.0, "How strongly w and b are pulled towards 0."
    )
    eps: float | None = number_field(
        None, "eps", "eps", 0.0, 1.0, "Added to the denominator, so that it is never 0."
    )
    beta1: float | None = number_field(
        None, "b1", "betas[0]", 0.0, 0.999999, "How slowly the mean gradient forgets."
    )
    beta2: float | None = number_field(
        None, "b2", "betas[1]", 0.0, 0.999999, "How slowly the mean squared gradient forgets."
    )
    amsgrad: bool = switch_field(
        False, "ams", "amsgrad", "Divide by the largest second moment so far."
    )
    momentum_decay: float | None = number_field(
        None, "md", "momentum_decay", 0.0, 1.0, "How fast NAdam's momentum warms up."
    )
    alpha: float | None = number_field(
        None, "alpha", "alpha", 0.0, 0.999999, "How slowly the mean squared gradient forgets."
    )
    centered: bool = switch_field(
        False, "cent", "centered", "Divide by the gradient's standard deviation instead."
    )
    rho: float | None = number_field(
        None, "rho", "rho", 0.0, 0.999999, "How slowly Adadelta's averages forget."
    )
    lr_decay: float | None = number_field(
        None, "lrd", "lr_decay", 0.0, 1.0, "How fast Adagrad's learning rate falls."
    )
    initial_accumulator_value: float | None = number_field(
        None, "acc", "initial_accumulator_value", 0.0, 1000.0, "Adagrad's sum of squares at step 0."
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
            for name, default in HYPERPARAMETERS[self.optimizer].items()
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


@dataclass(frozen=True, slots=True)
class SurfaceSettings:
    """Which minibatches to draw loss surfaces of, and on which grid of the notebook's box.

    >>> SurfaceSettings(count=100)
    Traceback (most recent call last):
    ValueError: count should be between 0 and 12, but got 100
    """

    points: int = number_field(
        61, "grid", "Grid", 2, 241, "Values of w, and of b, at which the loss is computed."
    )
    count: int = number_field(3, "k", "Minibatches k", 0, 12, "How many minibatches to draw.")
    replacement: bool = switch_field(
        True,
        "repl",
        "Draw with replacement",
        "As random.randint does: one minibatch can hold a point twice.",
    )
    divisor: str = choice_field(
        "batch_size",
        "div",
        "Divide the sum by",
        DIVISORS,
        "The notebook divides every sum by N = 100, also that of ten points.",
    )
    seed: int = number_field(
        1, "kseed", "Minibatch seed", 0, 2**32 - 1, "Another seed draws other minibatches."
    )

    def __post_init__(self) -> None:
        check_fields(self)


SWEPT = {
    "batch_size": "Batch size B",
    "lr": "Learning rate",
    "schedule": "Schedule",
    "epochs": "Epochs",
    "optimizer": "Optimizer",
    "shuffle": "Shuffling",
    "loss": "Loss",
    "momentum": "momentum",
    "weight_decay": "weight_decay",
    "beta1": "betas[0]",
    "beta2": "betas[1]",
    "eps": "eps",
    "init_w": "Start w",
    "init_b": "Start b",
    "n": "Points N",
    "noise": "Noise",
}
"""What can be swept, by the name of the setting."""


@dataclass(frozen=True, slots=True)
class SweepSettings:
    """Which two settings to sweep, over which values, with how many seeds each, to which target.

    >>> SweepSettings(across="lr", up="lr")
    Traceback (most recent call last):
    ValueError: up should be another setting than across, but got 'Learning rate' for both
    """

    across: str = choice_field("batch_size", "sx", "Across", SWEPT, "The setting swept sidewards.")
    across_from: float | None = number_field(
        None, "sx0", "from", -1000.0, 10_000.0, "Its smallest value; empty: a usual one."
    )
    across_to: float | None = number_field(
        None, "sx1", "to", -1000.0, 10_000.0, "Its largest value; empty: a usual one."
    )
    across_count: int = number_field(
        10, "sxn", "values", 2, 60, "How many values it has; whole ones that coincide count once."
    )
    up: str = choice_field("lr", "sy", "Upwards", SWEPT, "The setting swept upwards.")
    up_from: float | None = number_field(
        None, "sy0", "from", -1000.0, 10_000.0, "Its smallest value; empty: a usual one."
    )
    up_to: float | None = number_field(
        None, "sy1", "to", -1000.0, 10_000.0, "Its largest value; empty: a usual one."
    )
    up_count: int = number_field(
        10, "syn", "values", 2, 60, "How many values it has; whole ones that coincide count once."
    )
    runs: int = number_field(
        3, "runs", "Runs a cell", 1, 50, "How many seeds each pair of values is trained with."
    )
    target: float | None = number_field(
        None,
        "goal",
        "Target loss",
        0.0,
        1000.0,
        "The loss on all the data that a run is to reach; empty: a quarter above the lowest on the "
        "notebook's grid.",
    )

    def __post_init__(self) -> None:
        check_fields(self)
        if self.across == self.up:
            raise ValueError(
                f"up should be another setting than across, but got {SWEPT[self.up]!r} for both"
            )


@dataclass(frozen=True, slots=True)
class Settings:
    """A data set and a way to train on it: everything a run depends on.

    >>> Settings(data=DataSettings(n=10), train=TrainSettings(batch_size=25))
    Traceback (most recent call last):
    ValueError: batch_size should be between 1 and N=10, but got 25
    """

    data: DataSettings = DataSettings()
    train: TrainSettings = TrainSettings()

    def __post_init__(self) -> None:
        self.train.check_against(self.data.n)


def steps_per_epoch(n: int, batch_size: int, drop_last: bool = False) -> int:
    """ceil(N / B), or floor(N / B) with drop_last.

    >>> steps_per_epoch(100, 30), steps_per_epoch(100, 30, drop_last=True)
    (4, 3)
    """
    return n // batch_size if drop_last else -(-n // batch_size)


def max_epochs(n: int, batch_size: int, drop_last: bool = False) -> int:
    """The most epochs that stay within MAX_STEPS.

    >>> max_epochs(10_000, 1)
    20
    """
    most = int(describe(TrainSettings)["epochs"].maximum)
    return min(most, MAX_STEPS // steps_per_epoch(n, batch_size, drop_last))
