"""What pages open with, computed before the first visitor comes."""

from dashboard.shell.registry import PAGES
from minibatch_core import loss_surface, make_dataset, notebook_grid
from minibatch_core.losses import LOSSES

__all__ = ["compute_openings"]


def compute_openings() -> None:
    """Compute pages once, so that nobody waits for a kernel to be compiled or a module read."""
    for page in PAGES.values():
        if page.compute is not None and page.is_ready_early:
            page.compute(page.opening)
    for loss in LOSSES:
        loss_surface(make_dataset(), *notebook_grid(), loss)
