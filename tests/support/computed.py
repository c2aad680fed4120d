"""What pages compute, without drawing them."""

from dataclasses import replace
from typing import Any

from dashboard.shell.layout import Shown
from dashboard.shell.page import Chosen
from dashboard.shell.registry import PAGES
from dashboard.shell.view_settings import ViewSettings
from minibatch_core import Settings, SurfaceSettings


def computed(
    name: str,
    settings: Settings | None = None,
    surfaces: SurfaceSettings | None = None,
    view: ViewSettings | None = None,
    **looks: Any,
) -> Any:
    """What a page computes: of its opening, unless told otherwise."""
    page = PAGES[name]
    assert page.compute is not None
    looked = replace(page.view if view is None else view, **looks)
    return page.compute(
        Chosen(
            page.settings if settings is None else settings,
            replace(page.surfaces, points=looked.points) if surfaces is None else surfaces,
            looked,
        )
    )


def shown(name: str, settings: Settings | None = None, **more: Any) -> Shown:
    """The charts, laws and words of a page that shows a run."""
    found = computed(name, settings, **more)
    whole: Shown = found.training if name == "dataset_and_dataloader" else found
    return whole
