"""What every page opens with, computed before the first visitor comes."""

from dataclasses import replace

from dashboard.shell.page import PLACES
from dashboard.views.dataset_and_dataloader import dataloader_view, pictures_view
from dashboard.views.full_batch import MEANT, full_batch_view
from dashboard.views.gradient_noise import gradient_noise_view
from dashboard.views.in_order import in_order_view
from dashboard.views.loss_surface import loss_surface_view
from dashboard.views.minibatch_surfaces import minibatch_surfaces_view
from dashboard.views.playground import playground_view
from minibatch_core.course.dataset import model_summary

__all__ = ["compute_openings"]


def compute_openings() -> None:
    """Compute each page once, so that nobody waits for a kernel to be compiled or a module read."""
    playground_view(PLACES["playground"].settings, PLACES["playground"].view.scale)
    opening = PLACES["loss_surface"]
    loss_surface_view(opening.settings, opening.view)
    section_1 = PLACES["full_batch"]
    for loss in (section_1.settings.train.loss, MEANT):
        train = replace(section_1.settings.train, loss=loss)
        full_batch_view(replace(section_1.settings, train=train), section_1.view.scale)
    section_2 = PLACES["in_order"]
    in_order_view(section_2.settings, section_2.view.scale)
    section_3 = PLACES["dataset_and_dataloader"]
    train = section_3.settings.train
    train = replace(train, batch_size=section_3.view.order_batch_size, randn_before_model=0)
    pictures_view(section_3.settings.data, train)
    dataloader_view(section_3.settings, section_3.view.scale)
    model_summary()
    last = PLACES["minibatch_surfaces"]
    minibatch_surfaces_view(last.settings, last.surfaces, last.view)
    gradients = PLACES["gradient_noise"]
    gradient_noise_view(gradients.settings, gradients.surfaces, gradients.view)
