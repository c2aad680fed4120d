"""The pages: where they stand, what they open with, and which controls they show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.figures.common import SCALES
from minibatch_core import (
    NOTEBOOK_PRESETS,
    DataSettings,
    Settings,
    SurfaceSettings,
    SweepSettings,
    TrainSettings,
)
from minibatch_core.optimizers import HYPERPARAMETERS, OPTIMIZERS
from minibatch_core.settings.fields import (
    Setting,
    check_fields,
    choice_field,
    choices_field,
    describe,
    number_field,
    switch_field,
)

__all__ = ["PLACES", "TABLES", "Place", "ViewSettings"]

LOOKS: Mapping[str, tuple[int, str, str]] = {
    "notebook": (21, "rdylgn", "Notebook: 21 × 21, RdYlGn"),
    "viridis": (61, "viridis", "61 × 61, Viridis"),
    "cividis": (61, "cividis", "61 × 61, Cividis"),
    "fine": (121, "viridis", "121 × 121, Viridis"),
}
"""Grid points, colours and label of what a surface can look like."""


UNITS = {"steps": "Steps", "epochs": "Epochs", "examples": "Examples seen"}
"""What can be counted along a run."""


@dataclass(frozen=True, slots=True)
class ViewSettings:
    """How things are drawn; what they are does not depend on it."""

    scale: str = choice_field(
        "viridis", "scale", "Surface colours", SCALES, "Perceptually uniform, or the notebook's."
    )
    look: str = choice_field(
        "notebook",
        "look",
        "Grid and colours",
        {name: label for name, (_, _, label) in LOOKS.items()},
        "At how many values of w and b the loss is computed, and in which colours it is drawn.",
    )
    own_range: bool = switch_field(
        False,
        "own",
        "Own colour range for each",
        "As in the notebook: the same colour then means another loss on each surface.",
    )
    point_w: float | None = number_field(
        None,
        "pw",
        "w of the point",
        -1000.0,
        1000.0,
        "Which point is looked at; empty: the grid's lowest one.",
    )
    point_b: float | None = number_field(
        None,
        "pb",
        "b of the point",
        -1000.0,
        1000.0,
        "Which point is looked at; empty: the grid's lowest one.",
    )
    order_batch_size: int = number_field(
        10, "obs", "Batch size of the pictures", 1, 10_000, "How many points share a colour."
    )

    unit: str = choice_field(
        "steps", "unit", "Counted in", UNITS, "An example is one look at one point."
    )
    adaptive_lr: float = number_field(
        0.1,
        "alr",
        "Learning rate, adaptive",
        0.0,
        1000.0,
        "For Adagrad, RMSprop, Adam, AdamW and NAdam, which divide by the size of the gradient.",
    )
    optimizers: tuple[str, ...] = choices_field(
        ("sgd", "momentum", "rmsprop", "adam"),
        "opts",
        "Optimizers",
        OPTIMIZERS.labels,
        "Which optimizers race.",
    )
    seeds: int = number_field(100, "nseeds", "Seeds", 2, 1000, "How many runs are drawn together.")

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def points(self) -> int:
        """How many values of w, and of b, the chosen look has."""
        return LOOKS[self.look][0]

    @property
    def look_scale(self) -> str:
        """The colour scale of the chosen look."""
        return LOOKS[self.look][1]


TABLES: Mapping[str, Mapping[str, Setting]] = {
    "data": describe(DataSettings),
    "train": describe(TrainSettings),
    "surfaces": describe(SurfaceSettings),
    "sweep": describe(SweepSettings),
    "view": describe(ViewSettings),
}
"""The settings of a place: its parts, each with its fields."""

DATA_KEYS = {"n", "noise", "dseed"}
HYPERPARAMETER_KEYS = {TABLES["train"][name].key for name in HYPERPARAMETERS}
TRAIN_KEYS = {"lr", "sched", "opt", "loss", "seed", "ep", "w0", "b0", "pre", *HYPERPARAMETER_KEYS}
ORDER_KEYS = {"bs", "shuf", "drop"}
SWEEP_KEYS = {setting.key for setting in TABLES["sweep"].values()}


@dataclass(frozen=True, slots=True)
class Place:
    """A page: its settings are what it opens with, and what the controls it does not show have.

    Each place has settings of its own: an address on it, and a widget, have the setting's key with
    the place's `suffix`. In a `full_batch` place the batch size is N, whatever N is.
    """

    name: str
    title: str
    help: str
    keys: frozenset[str]
    settings: Settings = Settings()
    surfaces: SurfaceSettings = SurfaceSettings()
    sweep: SweepSettings = SweepSettings()
    view: ViewSettings = ViewSettings()
    full_batch: bool = False
    suffix: str = ""
    group: str = "The notebook"
    defaults: Mapping[str, Any] = field(init=False, repr=False)
    """What each setting has when the page opens, by its name."""

    def __post_init__(self) -> None:
        parts = {
            "data": self.settings.data,
            "train": self.settings.train,
            "surfaces": self.surfaces,
            "sweep": self.sweep,
            "view": self.view,
        }
        defaults = {
            setting.key: getattr(parts[part], name)
            for part, table in TABLES.items()
            for name, setting in table.items()
        }
        object.__setattr__(self, "defaults", defaults)

    def key(self, setting: str) -> str:
        """The key of a setting on this page.

        >>> PLACES["in_order"].key("bs")
        'bs_2'
        """
        return f"{setting}{self.suffix}"


PLACES: Mapping[str, Place] = {
    place.name: place
    for place in (
        Place(
            "playground",
            "Playground",
            "Everything the notebook plots, together, answering every control.",
            frozenset({"scale", *DATA_KEYS, *TRAIN_KEYS, *ORDER_KEYS}),
            group="",
        ),
        Place(
            "loss_surface",
            "Data and loss surface",
            "The points, the rule that flips labels, and the loss over every w and b.",
            frozenset({"look", "loss", "pw", "pb", *DATA_KEYS}),
            surfaces=SurfaceSettings(points=21, count=0),
            full_batch=True,
            suffix="_0",
        ),
        Place(
            "full_batch",
            "1. Full batch",
            "201 steps on all the points, with the notebook's double sigmoid and without it.",
            frozenset({"scale", *DATA_KEYS, *TRAIN_KEYS}),
            settings=NOTEBOOK_PRESETS["full_batch"],
            full_batch=True,
            suffix="_1",
        ),
        Place(
            "in_order",
            "2. Minibatches in order",
            "Minibatches that come in the same order every epoch, and how training swings.",
            frozenset({"scale", *DATA_KEYS, *TRAIN_KEYS, *ORDER_KEYS}),
            settings=NOTEBOOK_PRESETS["ordered_minibatches"],
            suffix="_2",
        ),
        Place(
            "dataset_and_dataloader",
            "3. Dataset and DataLoader",
            "What a Dataset and a DataLoader hand out, and training with them.",
            frozenset({"scale", "obs", *DATA_KEYS, *TRAIN_KEYS, *ORDER_KEYS}),
            settings=NOTEBOOK_PRESETS["dataloader"],
            suffix="_3",
        ),
        Place(
            "minibatch_surfaces",
            "Minibatch loss surfaces",
            "The loss surface that each minibatch sees, and how much they differ.",
            frozenset({"look", "own", "bs", "k", "repl", "div", "kseed", "loss", *DATA_KEYS}),
            settings=Settings(train=TrainSettings(batch_size=10, epochs=20)),
            surfaces=SurfaceSettings(points=21, divisor="n"),
            view=ViewSettings(own_range=True),
            suffix="_4",
        ),
        Place(
            "sweep",
            "Sweep",
            "Two settings over a grid of values, several seeds each.",
            frozenset({"scale", *SWEEP_KEYS, *DATA_KEYS, *TRAIN_KEYS, *ORDER_KEYS}),
            settings=Settings(
                train=TrainSettings(
                    optimizer="sgd", lr=1.0, batch_size=10, epochs=30, shuffle="each_epoch"
                )
            ),
            suffix="_6",
            group="Labs",
        ),
        Place(
            "seeds",
            "Seeds",
            "One setting, many seeds: what is luck, and what is not.",
            frozenset({"nseeds", "unit", *DATA_KEYS, *TRAIN_KEYS, *ORDER_KEYS}),
            settings=Settings(
                train=TrainSettings(optimizer="sgd", lr=1.0, batch_size=10, shuffle="each_epoch")
            ),
            suffix="_9",
            group="Labs",
        ),
        Place(
            "gradient_noise",
            "Gradient noise",
            "How the gradients of minibatches scatter, and what that costs.",
            frozenset({"scale", "bs", "lr", "ep", "repl", "kseed", "loss", "pw", "pb", *DATA_KEYS}),
            settings=Settings(
                train=TrainSettings(optimizer="sgd", lr=1.0, batch_size=10, shuffle="each_epoch")
            ),
            view=ViewSettings(point_w=1.0, point_b=-1.0),
            suffix="_5",
            group="Labs",
        ),
        Place(
            "order_matters",
            "Order matters",
            "The same start, the same minibatch size, four orders of the points.",
            frozenset({"bs", "lr", "ep", "loss", "seed", *DATA_KEYS}),
            settings=Settings(
                train=TrainSettings(loss="bce", optimizer="sgd", lr=1.0, batch_size=10, epochs=100)
            ),
            suffix="_8",
            group="Labs",
        ),
        Place(
            "optimizers",
            "Optimizers side by side",
            "A race on the same minibatches from the same start, with what each remembers.",
            frozenset(
                {
                    *("scale", "lr", "alr", "sched", "opts", "bs", "shuf", "ep", "loss", "seed"),
                    *DATA_KEYS,
                }
            ),
            settings=Settings(
                train=TrainSettings(optimizer="sgd", lr=1.0, batch_size=10, shuffle="each_epoch")
            ),
            suffix="_10",
            group="Labs",
        ),
        Place(
            "compare",
            "Compare",
            "Pinned runs over one another, and what differs between them.",
            frozenset(),
            suffix="_11",
            group="Labs",
        ),
        Place(
            "stability",
            "Stability",
            "The largest learning rate that gradient descent can bear, by law and as found.",
            frozenset({"scale", "lr", "mom", "ep", "loss", "seed", *DATA_KEYS}),
            settings=Settings(
                train=TrainSettings(
                    loss="bce", optimizer="momentum", momentum=0.0, lr=10.0, batch_size=100
                )
            ),
            full_batch=True,
            suffix="_7",
            group="Labs",
        ),
    )
}
