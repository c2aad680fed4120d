"""What the controls of the page say. It is read here, and nothing is done about it."""

from typing import Any

import streamlit as st

from dashboard.shell.page import TABLES, Chosen, Page
from dashboard.shell.session import current_page
from dashboard.shell.view_settings import ViewSettings
from minibatch_core import DataSettings, Settings, SurfaceSettings, SweepSettings, TrainSettings
from minibatch_core.optimizers import HYPERPARAMETERS, OPTIMIZERS

__all__ = ["chosen", "settings", "surfaces", "sweep", "value", "values", "view"]


def value(setting: str) -> Any:
    """What a control of the page says, or what the page opens with where it has no such control."""
    return _said(current_page(), setting)


def _said(page: Page, setting: str) -> Any:
    default = page.defaults[setting]
    return st.session_state.get(page.key(setting), default) if setting in page.controls else default


def values(part: str) -> dict[str, Any]:
    """The fields of a part of the settings, which may not go together yet."""
    page = current_page()
    read = {field: _said(page, setting.key) for field, setting in TABLES[part].items()}
    if part == "train" and page.is_full_batch:
        read["batch_size"] = _said(page, "n")
    return read


def settings() -> Settings:
    """The data and the training that the page shows.

    Raises ValueError where values can't be together: `repairs.mend_values` is to be asked before.
    """
    page, train = current_page(), values("train")
    for field in HYPERPARAMETERS - OPTIMIZERS[train["optimizer"]].hyperparameters.keys():
        train[field] = getattr(page.settings.train, field)
    return Settings(DataSettings(**values("data")), TrainSettings(**train))


def view() -> ViewSettings:
    """How the page says that things are to be drawn."""
    return ViewSettings(**values("view"))


def sweep() -> SweepSettings:
    """What the page sweeps; raises ValueError if that can't be."""
    return SweepSettings(**values("sweep"))


def surfaces() -> SurfaceSettings:
    """The minibatch surfaces that the page shows, on the grid of the chosen look."""
    return _surfaces(view())


def _surfaces(view: ViewSettings) -> SurfaceSettings:
    return SurfaceSettings(**(values("surfaces") | {"points": view.points}))


def chosen() -> Chosen:
    """What the page is asked to compute: to be read where its own controls are drawn already."""
    seen = view()
    return Chosen(settings(), _surfaces(seen), seen)
