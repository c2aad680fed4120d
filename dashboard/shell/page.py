"""What a page is: where it stands, what it opens with, which controls it shows, how it is drawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dashboard.shell.view_settings import ViewSettings
from minibatch_core import DataSettings, Settings, SurfaceSettings, SweepSettings, TrainSettings
from minibatch_core.optimizers import HYPERPARAMETERS
from minibatch_core.settings.fields import Setting, describe

__all__ = ["DATA", "LABS", "NOTEBOOK", "ORDER", "SWEEP", "TABLES", "TRAIN", "Chosen", "Page"]

TABLES: Mapping[str, Mapping[str, Setting]] = {
    "data": describe(DataSettings),
    "train": describe(TrainSettings),
    "surfaces": describe(SurfaceSettings),
    "sweep": describe(SweepSettings),
    "view": describe(ViewSettings),
}
"""The settings of a page: its parts, each with its fields."""

DATA = frozenset({"src", "n", "noise", "dseed"})
TRAIN = frozenset(
    {
        *("lr", "sched", "opt", "loss", "seed", "ep", "w0", "b0", "pre"),
        *(TABLES["train"][name].key for name in HYPERPARAMETERS),
    }
)
ORDER = frozenset({"bs", "shuf", "drop"})
SWEEP = frozenset(setting.key for setting in TABLES["sweep"].values())
"""Controls that pages show together, by the keys of their settings."""

NOTEBOOK, LABS = "The notebook", "Labs"
"""The groups of pages in the navigation."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a page is asked to compute."""

    settings: Settings = Settings()
    surfaces: SurfaceSettings = SurfaceSettings()
    view: ViewSettings = ViewSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page; its module in pages/ has its name and holds it as PAGE.

    - `place`: where it stands in the navigation
    - `controls`: those of the sidebar, by the keys of their settings
    - `draw`: draws what is not in the sidebar
    - `compute`: from what is chosen to what is shown; None where it takes more than that
    - `settings`, `surfaces`, `sweep`, `view`: what it opens with, and what controls that it does
      not show have
    - `is_full_batch`: the batch size is N, whatever N is
    - `is_ready_early`: its opening is computed before the first visitor comes; not so where that
      would keep the visitor waiting

    Every page has settings of its own: in its address, and in a widget, the key of a setting ends
    with the page's name, but for the Playground's.
    """

    name: str
    title: str
    place: int
    help: str
    controls: frozenset[str]
    draw: Callable[[], None]
    compute: Callable[[Chosen], Any] | None = None
    group: str = ""
    settings: Settings = Settings()
    surfaces: SurfaceSettings = SurfaceSettings()
    sweep: SweepSettings = SweepSettings()
    view: ViewSettings = ViewSettings()
    is_full_batch: bool = False
    is_ready_early: bool = True
    defaults: Mapping[str, Any] = field(init=False, repr=False)
    """What each setting has when the page opens, by its key."""

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

    @property
    def is_default(self) -> bool:
        """Whether it is what the bare address opens."""
        return self.place == 0

    @property
    def opening(self) -> Chosen:
        """What it computes when it opens."""
        settings = self.settings
        if self.is_full_batch:
            settings = replace(settings, train=replace(settings.train, batch_size=settings.data.n))
        return Chosen(settings, replace(self.surfaces, points=self.view.points), self.view)

    def key(self, setting: str) -> str:
        """The key of a setting on this page: bs_in_order."""
        return setting if self.is_default else f"{setting}_{self.name}"
