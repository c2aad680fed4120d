"""What the page "Dataset and DataLoader" shows: the notebook's section 3."""

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

import numpy as np

from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.player import surfaces_to_play
from dashboard.charts.run import (
    Chapter,
    Notice,
    Trained,
    divergence,
    loss_chart,
    number,
    printed_by_the_notebook,
    traces_chart,
    trained,
)
from dashboard.figures.notebook import order_figure, order_of_epochs
from minibatch_core import DataSettings, Settings, TrainSettings, make_batches, make_dataset, train
from minibatch_core.course.dataset import CourseDataset, course_batches
from minibatch_core.course.slips import broadcast_loss
from minibatch_core.settings.train import SHUFFLES, steps_per_epoch

__all__ = ["Pictures", "dataloader_view", "pictures_view"]

EPOCHS_DRAWN = 8
"""How many epochs have a row in the pictures."""

POINTS_DRAWN = 200
"""How many points have a column in the pictures."""

MOST_BROADCAST = 1000
"""Up to how many points every p is set against every y."""

BATCHES_PRINTED = 10
"""How many batches of the first epoch are printed."""

PICTURES_GRID = Grid(
    areas=("none once", "each_epoch replacement"),
    rows="165px 165px",
    columns="repeat(2, minmax(0, 1fr))",
    stacked=190,
)
GRID = Grid(
    areas=("loss surface minibatch", "traces surface minibatch", "epoch epoch epoch"),
    rows="165px 145px auto",
    columns="minmax(0, 4fr) minmax(0, 3fr) minmax(0, 3fr)",
)


@dataclass(frozen=True, slots=True)
class Pictures:
    """What a Dataset and a DataLoader hand out, as text and as pictures."""

    item: str
    printed: str
    board: Board


@lru_cache(maxsize=32)
def pictures_view(data_settings: DataSettings, settings: TrainSettings) -> Pictures:
    """Ask a real Dataset and a real DataLoader of these settings for what they hold."""
    data = make_dataset(data_settings)
    first = replace(settings, epochs=1)
    batches = course_batches(data, make_batches(len(data), first))
    lines = [f"batch:  {batch}" for batch in islice(batches, BATCHES_PRINTED)]
    per_epoch = steps_per_epoch(len(data), settings.batch_size, settings.drop_last)
    more = per_epoch - BATCHES_PRINTED
    lines += [f"... and {more:,} more"] if more > 0 else []
    charts = [_picture(len(data), replace(settings, shuffle=shuffle)) for shuffle in SHUFFLES]
    item = (
        f"Without dataset object x[4] is: {data.x[4:6].reshape(-1, 1)}\n"
        f"Using dataset object x[4] is: {CourseDataset(data)[4:6]}"
    )
    return Pictures(item, "\n".join(lines), Board({}, charts, PICTURES_GRID))


def _picture(n: int, settings: TrainSettings) -> Chart:
    epochs = min(EPOCHS_DRAWN, settings.epochs)
    batches = make_batches(n, replace(settings, epochs=epochs))
    order = order_of_epochs(n, batches, epochs)
    unseen = float(np.isnan(order).mean())
    notes = {
        "none": "the same points in the same batch, every epoch",
        "once": "shuffled, but the same every epoch",
        "each_epoch": "DataLoader's shuffle=True",
        "replacement": "some points come twice, some not at all",
    }
    note = notes[settings.shuffle]
    if unseen:
        note += f"; {unseen:.0%} of the cells are empty: not seen in that epoch"
    if n > POINTS_DRAWN:
        note += f"; the first {POINTS_DRAWN} of {n:,} points"
    title = f"Shuffling: {SHUFFLES[settings.shuffle].lower()}"
    figure = order_figure(order[:, :POINTS_DRAWN], batches.steps_per_epoch)
    return Chart(settings.shuffle, title, note, figure)


@lru_cache(maxsize=32)
def dataloader_view(settings: Settings, scale: str) -> Chapter:
    """Train as the notebook's third run does."""
    shown = trained(settings)
    surfaces, player = surfaces_to_play(shown, scale)
    charts = (loss_chart(shown), traces_chart(shown), *surfaces)
    comparison = printed_by_the_notebook("dataloader", shown.run)
    board = Board({}, charts, GRID, player)
    return Chapter(board, comparison, _notices(shown), divergence(shown))


def _notices(shown: Trained) -> list[Notice]:
    settings, data = shown.run.settings, shown.data
    notices = []
    drawn = settings.randn_before_model
    without = train(data, replace(settings, randn_before_model=0))
    run = shown.run
    if drawn:
        notices.append(
            Notice(
                "Two unused tensors move the start",
                "Before its third model the notebook draws `w` and `b` with `torch.randn(1)` and "
                f"never uses them. The model so starts at w = {number(run.w[0], 4)}, "
                f"b = {number(run.b[0], 4)} instead of {number(without.w[0], 4)} and "
                f"{number(without.b[0], 4)}, sees other minibatches, and ends at "
                f"w = {number(run.w[-1], 4)}, b = {number(run.b[-1], 4)} instead of "
                f"{number(without.w[-1], 4)} and {number(without.b[-1], 4)}. "
                "*torch.randn(1) before the model*, under More, sets how many are drawn.",
            )
        )
    if np.isfinite(shown.end).all() and len(data) <= MOST_BROADCAST:
        columns, rows = broadcast_loss(data, *shown.end)
        notices.append(
            Notice(
                "The first MyDataset could not be trained with",
                "It keeps y as a row of numbers and everything in float64; the second one, of the "
                "run, makes y a column and float32, as `nn.Linear` is. With a row, `MSELoss` would "
                f"set every p against every y: {number(rows, 4)} instead of {number(columns, 4)} "
                "for all the data at the end of this run. And its text says `x[4]` of `x[4:6]`.",
            )
        )
    period = run.batches.steps_per_epoch
    if run.diverged_at is None:
        epoch = run.batch_loss[-period:]
        by_luck = ""
        if settings.shuffle in ("each_epoch", "replacement") and period > 1:
            by_luck = (
                " Shuffled, the last minibatch is another one each epoch, so part of the "
                "difference between printed losses is only luck."
            )
        notices.append(
            Notice(
                "The printed loss is the last minibatch's",
                f"It is {number(epoch[-1], 4)} after the last epoch, whose losses go from "
                f"{number(epoch.min(), 4)} to {number(epoch.max(), 4)}; all the data is at "
                f"{number(shown.full[-1], 4)}.{by_luck}",
            )
        )
    return notices
