"""What is sent to the browser and back, in types; browser/wire.js says the same in JavaScript.

A test fails where the two name different fields.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal, NotRequired, TypedDict, cast

import numpy as np
from numpy.typing import NDArray

from dashboard.figures.palette import Theme
from minibatch_core import Settings
from minibatch_core.arrays import Floats
from minibatch_core.engine.budgets import Budget
from minibatch_core.terms import Mark as TermMark

__all__ = [
    "Bar",
    "Click",
    "ControlKind",
    "Follows",
    "Foretellable",
    "GoTo",
    "Head",
    "Mark",
    "Place",
    "PlacedTerm",
    "SentAsked",
    "SentAxis",
    "SentCells",
    "SentChart",
    "SentCode",
    "SentControl",
    "SentData",
    "SentForetold",
    "SentLabels",
    "SentLed",
    "SentLooks",
    "SentMatrix",
    "SentMinimum",
    "SentOwn",
    "SentPage",
    "SentRun",
    "SentSettings",
    "SentShare",
    "SentStability",
    "SentTerm",
    "SentTraining",
    "SentValues",
    "View",
    "Words",
    "counted",
    "placed",
    "sent_settings",
]

Stops = list[list[Any]]
"""[position, colour] pairs."""

Mark = Literal["losses", "traces", "surface", "minibatch", "data", "epoch"]
"""What the player draws on a chart; on a minibatch's and an epoch's it draws all there is."""


ControlKind = Literal["whole", "number", "switch", "choice", "choices"]
"""What a control takes."""

Follows = Literal[
    "losses",
    "traces",
    "late_losses",
    "late_traces",
    "spectrum",
    "surface",
    "data",
    "runs",
    "race",
    "stability",
    "noise",
]
"""What run_charts.js fills a chart with, of whatever run, its note too, or another learner does."""


Foretellable = Literal["losses", "surface"]
"""The marks of charts on which a lesson can ask to draw."""


class Bar(TypedDict):
    """What the colours of a chart mean."""

    low: str
    high: str
    stops: Stops
    words: str


class SentTerm(TypedDict):
    """A term that is explained where it stands: its name, and what it means."""

    name: str
    says: str


class PlacedTerm(SentTerm):
    """A term in a note, from its first letter to behind its last."""

    start: int
    end: int


class Words(TypedDict):
    """A text and the terms that are explained in it."""

    text: str
    terms: list[PlacedTerm]


def placed(marks: Sequence[TermMark]) -> list[PlacedTerm]:
    """Terms where they stand in a text."""
    return [
        {"name": it.term.name, "says": it.term.says, "start": it.start, "end": it.end}
        for it in marks
    ]


class SentChart(TypedDict):
    """A figure and what stands above it; one without data is drawn by the player alone.

    Of one that follows the run only the looks are sent, and of its words the `answer`: what the
    browser can't say.
    """

    name: str
    title: str
    note: str
    terms: list[PlacedTerm]
    answer: Words
    data: list[dict[str, Any]] | None
    layout: dict[str, Any] | None
    bar: Bar | None
    clickable: bool
    seekable: bool
    mark: Mark | None
    follows: Follows | None


class SentData(TypedDict):
    """Which data to draw."""

    source: str
    n: int
    noise: float
    seed: int
    stored: str


class SentTraining(TypedDict):
    """How to train; None stands for torch's own."""

    loss: str
    optimizer: str
    lr: float
    schedule: str
    batch_size: int
    epochs: int
    shuffle: str
    drop_last: bool
    seed: int
    init_w: float | None
    init_b: float | None
    randn_before_model: int
    momentum: float | None
    dampening: float | None
    weight_decay: float | None
    eps: float | None
    beta1: float | None
    beta2: float | None
    amsgrad: bool
    momentum_decay: float | None
    alpha: float | None
    centered: bool
    rho: float | None
    lr_decay: float | None
    initial_accumulator_value: float | None


class SentLooks(TypedDict, total=False):
    """How a page looks at runs, by the names of its settings: each page has those it can follow.

    What the charts along the runs count; how many seeds there are; what is raced; how minibatches
    are drawn, and where their gradients are looked at: None stands for the w, or the b, of the
    lowest loss of the surface's grid.
    """

    unit: str
    step_cost: int
    seeds: int
    optimizers: Sequence[str]
    adaptive_lr: float
    is_matched: bool
    replacement: bool
    seed: int
    point_w: float | None
    point_b: float | None


class SentSettings(TypedDict):
    """Everything a board depends on: the settings of the engine, and the looks of its page."""

    data: SentData
    train: SentTraining
    looks: SentLooks


def sent_settings(settings: Settings, looks: SentLooks | None = None) -> SentSettings:
    """What the browser trains with, and what it makes of the runs."""
    return cast(SentSettings, asdict(settings) | {"looks": looks or {}})


def counted(budget: Budget) -> SentLooks:
    """What the charts along the runs count."""
    return {"unit": budget.unit, "step_cost": budget.step_cost}


class SentAxis(TypedDict):
    """A setting that differs from cell to cell, its values, and how they are spelled."""

    part: Literal["data", "train"]
    name: str
    label: str
    values: list[Any]
    labels: list[str]


class SentCells(TypedDict):
    """The runs of a grid of cells: what they share, and what each has of its own."""

    settings: SentSettings
    across: SentAxis
    up: SentAxis
    runs: int
    epochs: NDArray[np.int32]
    steps: NDArray[np.int32]
    targets: Floats


class SentRun(TypedDict):
    """A run to play: what it is trained with, and how it is drawn."""

    settings: SentSettings
    stops: Stops


class SentAsked(TypedDict):
    """What a board is of, where its settings say all of that."""

    settings: SentSettings


class SentMatrix(TypedDict):
    """A symmetrical matrix of w and b."""

    ww: float
    wb: float
    bb: float


class SentMinimum(TypedDict):
    """A minimum of the loss on all the data, and its Hessian there."""

    w: float
    b: float
    loss: float
    hessian: SentMatrix


class SentStability(TypedDict):
    """What the learning rates are about that runs can bear, and those found so far, by momentum."""

    settings: SentSettings
    minimum: SentMinimum | None
    momenta: list[float]
    found: list[tuple[float, float | None]]


class View(TypedDict):
    """A board."""

    plotly: str
    metrics: Sequence[tuple[str, str]]
    labels: Mapping[str, SentTerm]
    charts: list[SentChart]
    player: SentRun | None
    cells: SentCells | None
    runs: SentAsked | None
    race: SentAsked | None
    stability: SentStability | None
    noise: SentAsked | None
    areas: str
    aligned: bool
    rows: str
    columns: str
    fold: int
    stacked: int
    palette: Mapping[Theme, Mapping[str, str]]


class Click(TypedDict):
    """What the browser sends: where a clickable chart was clicked."""

    chart: str
    x: float
    y: float


class GoTo(TypedDict):
    """Another page, in place of this one in the history or after it."""

    address: str
    instead: bool


class SentForetold(TypedDict):
    """What a lesson asks to foretell on a chart, or what was foretold there."""

    mark: Foretellable
    drawn: Sequence[float]
    label: str


class SentLed(TypedDict):
    """The step of the run at which a lesson has the player stand, without what comes after it.

    `waits`: whether the lesson waits until the run is played.
    """

    step: int | None
    waits: bool


class SentCode(TypedDict):
    """The QR code of an address, as that of a picture; without one, a sentence that says why."""

    address: str
    picture: str
    says: str


class SentLabels(TypedDict):
    """What a page and its controls are called, by the keys that its address has."""

    title: str
    labels: Mapping[str, str]
    presents: NotRequired[bool]  # where it is presented to a hall


class SentShare(TypedDict):
    """What is sent to share a page: the code asked for last, and names of controls by key."""

    code: SentCode | None
    hide: Mapping[str, str]


class SentValues(TypedDict):
    """A setting that the browser follows, and the values that it can have."""

    part: str
    name: str
    label: str
    kind: ControlKind
    minimum: float | None
    maximum: float | None
    choices: Mapping[str, str] | None
    optional: bool


class SentOwn(TypedDict):
    """What is said of a hyperparameter beside one optimizer."""

    help: str
    placeholder: str


class SentControl(SentValues):
    """A setting that a page to take away has a control for."""

    key: str
    help: str
    placeholder: str
    own: Mapping[str, SentOwn]
    stops: Sequence[float]
    default: float | str | bool | None


class SentPage(TypedDict):
    """What a page to take away is made of."""

    board: str
    dashboard: str
    others: Sequence[tuple[str, str]]
    above: Sequence[Sequence[SentControl]]
    more: Sequence[Sequence[SentControl]]
    repairs: Mapping[str, str]


class Place(TypedDict):
    """Where an array lies after the head."""

    dtype: str
    shape: list[int]
    start: int


class Head(TypedDict):
    """What the bytes begin with, after their length; {"array": number} stands for an array."""

    revision: str
    arrays: list[Place]
    view: View
