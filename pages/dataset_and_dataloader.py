"""The notebook's section 3: Dataset, DataLoader, the shuffled run, and the model's summary."""

from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import streamlit as st

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.player import player, surfaces_to_play
from dashboard.charts.run import Trained, divergence, loss_chart, traces_chart, trained
from dashboard.figures.orders import order_figure, order_of_epochs
from dashboard.figures.run import FARTHEST_IN_SIGHT
from dashboard.server.cached import cached
from dashboard.shell.chosen import chosen
from dashboard.shell.comparison import printed_by_the_notebook
from dashboard.shell.controls import draw_size_of_pictures
from dashboard.shell.layout import Notice, Shown, show, show_head
from dashboard.shell.names import differences
from dashboard.shell.page import DATA, NOTEBOOK, ORDER, TRAIN, Chosen, Page
from dashboard.shell.repairs import mend_pictures
from dashboard.shell.terms import explain, show_board
from minibatch_core import (
    NOTEBOOK_PRESETS,
    Batches,
    Dataset,
    DataSettings,
    Run,
    TrainSettings,
    full_loss,
    make_batches,
    make_dataset,
    train,
)
from minibatch_core.arrays import Floats, standard_error
from minibatch_core.course.dataset import CourseDataset, course_batches, model_summary
from minibatch_core.course.slips import (
    broadcast_loss,
    first_batch_again,
    fresh_draws,
    losses_on_draws,
)
from minibatch_core.losses import LOSSES
from minibatch_core.settings.train import SHUFFLES, sizes_of_epoch, steps_per_epoch
from minibatch_core.words import (
    has_error,
    lie_between,
    listed,
    number,
    numbers_apart,
    plural,
    sentences,
    with_error,
)

IDEA = """
A `Dataset` answers `dataset[i]` and `len(dataset)`. A `DataLoader` decides which of its points make
the next minibatch. If it shuffles them in each epoch, they come together in ever new minibatches.
"""

SUMMARY = """
**Linear, 2 parameters**: one weight w and one bias b, since the layer goes from one feature to one
output. **Sigmoid, none**: it has nothing to learn. **Output shape [1, 1]**: one point in, one
number out. With a minibatch of 50 points it would be [50, 1]. Both parameters are trainable. For
each point torchinfo counts two multiply-adds: one for w x, and one for b, although b is only added.
So few numbers round to 0.00 MB. (The notebook's torchsummary is no longer kept up. torchinfo is its
successor.)
"""

MANY_DRAWS, RARE = 100, 0.02
"""Of so many draws a share tells of luck, and what comes in no larger share hardly ever comes."""

EPOCHS_DRAWN = 8
"""How many epochs have a row in the pictures."""

POINTS_DRAWN = 200
"""How many points have a column in the pictures."""

MOST_BROADCAST = 1000
"""Up to how many points every p is set against every y."""

USED_BY_THE_NOTEBOOK = NOTEBOOK_PRESETS["dataloader"].train.randn_before_model
"""How many numbers the notebook draws before its third model."""

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
    """What a Dataset and a DataLoader hand out, as text, and as pictures with words on them."""

    item: str
    printed: str
    words: str
    board: Board


@cached(most=32)
def pictures_of(data_settings: DataSettings, settings: TrainSettings) -> Pictures:
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
    words = _words_of_pictures(len(data), settings)
    return Pictures(item, "\n".join(lines), words, Board({}, charts, PICTURES_GRID))


def _words_of_pictures(n: int, settings: TrainSettings) -> str:
    """How to read the pictures, and what becomes of a short last minibatch."""
    size = settings.batch_size
    sizes, left = sizes_of_epoch(n, size, settings.drop_last), n % size
    words = (
        "**Who is in which minibatch?** Each row is an epoch, each column is a point, and each "
        f"colour is a minibatch. An epoch has {len(sizes):,} {plural('minibatch', len(sizes))}"
    )
    points = f"{size:,} {plural('point', size)}"
    if left == 0:
        return f"{words} of {points}."
    drop = "*Drop the last short batch*, under More,"
    if settings.drop_last:
        short = f"{left:,} {plural('point', left)}"
        return f"{words} of {points}. {drop} leaves out a last one, of only {short}."
    whole = "one" if len(sizes) == 2 else f"{len(sizes) - 1:,}"
    return (
        f"{words}: {whole} of {points}, and a last one of only {left:,}. {drop} would leave that "
        "out."
    )


def _picture(n: int, settings: TrainSettings) -> Chart:
    epochs = min(EPOCHS_DRAWN, settings.epochs)
    batches = make_batches(n, replace(settings, epochs=epochs))
    order = order_of_epochs(n, batches, epochs)
    order = order[:, :POINTS_DRAWN]
    unseen = int(np.isnan(order).sum())
    notes = {
        "none": "the same points make the same minibatch in every epoch",
        "once": "shuffled once, and then the same in every epoch",
        "each_epoch": "shuffled anew in each epoch: DataLoader's shuffle=True",
        "replacement": "in an epoch a point can come several times or never, and has the colour of "
        "the last minibatch it comes in",
    }
    empty = f"{unseen:,} of {order.size:,} cells {'is' if unseen == 1 else 'are'} empty: not seen"
    note = sentences(
        notes[settings.shuffle],
        f"{empty} in that epoch" if unseen else "",
        f"drawn are the first {POINTS_DRAWN} of {n:,} points" if n > POINTS_DRAWN else "",
    )
    title = f"Shuffling: {SHUFFLES[settings.shuffle].lower()}"
    figure = order_figure(order, batches.steps_per_epoch)
    return Chart(settings.shuffle, title, note, figure)


@dataclass(frozen=True, slots=True)
class DatasetAndDataLoader:
    """What the objects hand out, and what training with them comes to."""

    pictures: Pictures
    training: Shown


@cached(most=32)
def compute(chosen: Chosen) -> DatasetAndDataLoader:
    """Ask the objects, and train as the notebook's third run does."""
    settings, view = chosen.settings, chosen.view
    # The notebook prints its batches before the third run, without the unused draws.
    pictured = replace(settings.train, batch_size=view.order_batch_size, randn_before_model=0)
    shown = trained(settings)
    charts = (loss_chart(shown), traces_chart(shown), *surfaces_to_play(view.scale))
    comparison = printed_by_the_notebook("dataloader", shown.run)
    board = Board({}, charts, GRID, player(settings, view.scale))
    notices = [
        *_more_than_shuffling(shown),
        *_notices(shown),
        _no_seed(len(shown.data), pictured),
        *_nothing_held_out(shown, settings.data),
    ]
    training = Shown(board, warning=divergence(shown), comparison=comparison, notices=notices)
    return DatasetAndDataLoader(pictures_of(settings.data, pictured), training)


def _unused_draws(shown: Trained) -> Notice:
    """What drawing numbers that nobody uses changes, by training without them."""
    run, settings = shown.run, shown.run.settings
    without = train(shown.data, replace(settings, randn_before_model=0))
    changes, otherwise = [], []
    if (run.w[0], run.b[0]) != (without.w[0], without.b[0]):
        changes.append(f"starts at {_w_and_b(run, 0)}")
        otherwise.append(f"start at {_w_and_b(without, 0)}")
    if not _have_the_same_points(run.batches, without.batches):
        changes.append("sees other minibatches")
    drawn = settings.randn_before_model
    unused = "Two unused tensors" if drawn == USED_BY_THE_NOTEBOOK else "Unused random numbers"
    if drawn == USED_BY_THE_NOTEBOOK:
        what = (
            "Before its third model the notebook draws `w` and `b` with `torch.randn(1)` and never "
            "uses them; the run here does the same."
        )
    else:
        times = f"{drawn:,} {plural('time', drawn)}"
        what = (
            f"`torch.randn(1)` is called {times} before the model here; the notebook does it twice."
        )
    if not changes:
        return Notice(
            f"{unused} change nothing here",
            f"{what} That changes nothing here: the start is given, and each step sees the same "
            "points as without these draws.",
        )
    end, other = _w_and_b(run, -1), _w_and_b(without, -1)
    if end == other:
        ends = f"and yet it ends at the same {end}"
    else:
        ends = f"and ends at {end}"
        otherwise.append(f"end at {other}")
    calls = "these calls" if drawn > 1 else "this call"
    text = f"{what} Because of that the run {', '.join(changes)}, {ends}."
    if otherwise:
        text += f" Without {calls} it would {', and '.join(otherwise)}."
    return Notice(
        f"{unused} change the run",
        f"{text} *torch.randn(1) before the model*, under More, sets how many are drawn.",
    )


def _w_and_b(run: Run, step: int) -> str:
    return f"w = {number(float(run.w[step]), 4)}, b = {number(float(run.b[step]), 4)}"


def _have_the_same_points(some: Batches, others: Batches) -> bool:
    """Whether each step of two runs sees the same points, in whatever order."""
    if np.array_equal(some.indices, others.indices):
        return True
    return all(
        np.array_equal(np.sort(one), np.sort(other))
        for one, other in zip(some, others, strict=True)
    )


def _more_than_shuffling(shown: Trained) -> list[Notice]:
    """What shuffling alone does to this run, which also differs otherwise from the one before."""
    run, settings = shown.run, shown.run.settings
    is_shuffled = settings.shuffle != "none"
    before = NOTEBOOK_PRESETS["ordered_minibatches"]
    changed = differences(shown.settings, before)
    same = " Its shuffling is that of section 2." * (settings.shuffle == before.train.shuffle)
    others = differences(
        replace(shown.settings, train=replace(settings, shuffle=before.train.shuffle)), before
    )
    alone = replace(settings, shuffle="none" if is_shuffled else "each_epoch")
    other = train(shown.data, alone)
    if not others or run.diverged_at is not None or other.diverged_at is not None:
        return []
    without = float(full_loss(shown.data, other.w[-1:], other.b[-1:], settings.loss)[0])
    way = "without shuffling" if is_shuffled else "shuffled each epoch"
    ends = [f"{each:.5f}" for each in (without, shown.full[-1])]
    outcome = (
        f"the same loss on all the data, {ends[0]}"
        if ends[0] == ends[1]
        else f"a loss on all the data of {ends[0]} instead of {ends[1]}"
    )
    return [
        Notice(
            "From section 2 to 3 more changes than the order",
            f"Unlike section 2, this run has {listed(changed)}.{same} The same run {way} ends with "
            f"{outcome}. That is one run with one seed. *One change at a time*, the next page, "
            "changes one setting after another, with many seeds.",
        )
    ]


def _no_seed(n: int, settings: TrainSettings) -> Notice:
    """What the cell that prints the batches would print if it were run again."""
    first, again = first_batch_again(n, settings)
    size = len(first)
    seeded = " With `torch.manual_seed` in the cell it would print the same minibatches every time."
    if settings.shuffle == "none":
        seeded = ""
        outcome = "Here the order is fixed, so the same minibatches come again all the same."
    elif settings.shuffle == "once":
        outcome = (
            "Here the order is drawn once, before training, so every epoch has the same "
            "minibatches. Draw the order again, and it may be another one."
        )
    elif settings.shuffle == "each_epoch" and size == n:
        order = (
            ", this time by luck in the same order"
            if np.array_equal(first, again)
            else " in another order"
        )
        outcome = f"Run it again, and its minibatch has the same {n:,} points{order}."
    elif np.array_equal(np.sort(first), np.sort(again)):
        outcome = "Run it again, and by luck its first minibatch has the same points."
    else:
        same = int(np.isin(again, first).sum())
        were = f"{same:,} of its {size:,} points {'was' if same == 1 else 'were'}"
        if same in (0, size):
            were = f"{'all' if same else 'none'} of its {size:,} points were"
        outcome = "Run it again, and its first minibatch is another one" + (
            f": {were} in it before." if size > 1 else ", of another point."
        )
    return Notice(
        "The cell that prints the batches sets no seed",
        "It goes on with the random numbers where the cells before it have stopped. "
        f"{outcome}{seeded}",
    )


@cached(most=8)
def _fresh(settings: DataSettings) -> list[Dataset]:
    return fresh_draws(settings)


def _luck(own: float, losses: Floats) -> str:
    """How many draws have a loss as far from the mean, and what that says if they are many."""
    is_low = own < losses.mean()
    count = int((losses <= own).sum() if is_low else (losses >= own).sum())
    low, lower = ("low", "lower") if is_low else ("high", "higher")
    said = (
        f"{count:,} of the {len(losses):,} draws {'has' if count == 1 else 'have'} so {low} a loss "
        f"or a {lower} one"
    )
    if len(losses) < MANY_DRAWS:
        return f"{said}."
    is_rare = count <= RARE * len(losses)
    return (
        f"{said}, so luck alone {'hardly ever makes' if is_rare else 'can make'} this difference."
    )


def _nothing_held_out(shown: Trained, settings: DataSettings) -> list[Notice]:
    """The loss on the points that the run has trained on, and on other draws of the source."""
    w, b = shown.end
    if max(abs(w), abs(b)) > FARTHEST_IN_SIGHT:  # it has exploded: its losses say nothing
        return []
    draws = _fresh(settings)
    compared = []
    for loss in ("mse", "bce"):
        own = float(full_loss(shown.data, np.array([w]), np.array([b]), loss)[0])
        losses = losses_on_draws(draws, w, b, loss)
        fresh, error = float(losses.mean()), standard_error(losses)
        luck = f". {_luck(own, losses)}" if has_error(fresh, error) else ", the same in every draw."
        compared.append(
            f"{LOSSES.labels[loss]} is {number(own, 4)} on its own points and "
            f"{with_error(fresh, error)} on fresh ones{luck}"
        )
    return [
        Notice(
            "Nothing is held out",
            "Every loss that the notebook reports is of points on which it has trained. At the end "
            f"of this run {' '.join(compared)} Fresh points are other draws of as many points "
            f"from the same source: the mean of {len(draws):,} draws, ± its standard error. A "
            "difference can have two reasons: training fits these points, and by luck they "
            "are easier or harder than others.",
        )
    ]


def _notices(shown: Trained) -> list[Notice]:
    run, data = shown.run, shown.data
    notices = [_unused_draws(shown)] if run.settings.randn_before_model else []
    if np.isfinite(shown.end).all() and len(data) <= MOST_BROADCAST:
        notices.append(_first_dataset(shown))
    if run.diverged_at is None:
        notices.append(_printed_loss(shown))
    return notices


def _first_dataset(shown: Trained) -> Notice:
    """What MSELoss would make of a row of y."""
    columns, rows = broadcast_loss(shown.data, *shown.end)
    wrong, right = numbers_apart(rows, columns, 4)
    if np.ptp(shown.data.y) == 0.0:
        outcome = "Here that comes to the same, since all the points are of one class."
    elif wrong == right:
        outcome = f"At the end of this run a row and a column give the same, {right}."
    else:
        outcome = f"For all the data at the end of this run that is {wrong} instead of {right}."
    return Notice(
        "The first MyDataset could not be trained with",
        "It keeps y as a row of numbers and everything in float64; the second one, with which the "
        "notebook trains, makes y a column and float32, as `nn.Linear` is. With a row, `MSELoss` "
        f"would set every p against every y. {outcome} And its text says `x[4]` of `x[4:6]`.",
    )


def _printed_loss(shown: Trained) -> Notice:
    """How the loss that is printed after the last epoch differs from that of all the data."""
    run = shown.run
    epoch = run.batch_loss[-run.batches.steps_per_epoch :]
    others = by_luck = ""
    if len(epoch) > 1:
        others = f" The losses of that epoch's minibatches {lie_between(epoch, 4)}."
        if run.settings.shuffle in ("each_epoch", "replacement"):
            by_luck = (
                " Shuffled, the last minibatch is another one each epoch, so part of the "
                "difference between printed losses is only luck."
            )
    return Notice(
        "The printed loss is the last minibatch's",
        f"What is printed after the last epoch, {number(epoch[-1], 4)}, is the loss of its last "
        f"minibatch before the last step.{others} The loss on all the data after that step is "
        f"{number(shown.full[-1], 4)}.{by_luck}",
    )


def draw() -> None:
    above = st.container()
    beside, right = st.columns([2, 1], gap="medium")
    with right:
        draw_size_of_pictures()
    mend_pictures()
    asked = chosen()
    computed = compute(asked)
    with above:
        board = computed.training.board
        show_head(asked.settings, IDEA, can_be_checked=True, board=lambda: board)
        _show_printed(computed.pictures, asked.view.order_batch_size)
    with beside:
        explain(computed.pictures.words)
    show_board(computed.pictures.board, "pictures")
    size = asked.settings.train.batch_size
    st.markdown(f"**Training with it**, in minibatches of the *Batch size B* = {size:,}")
    show(computed.training, asked.settings)
    with st.expander("The model's summary, by torchinfo"):
        st.code(model_summary(), language=None)
        explain(SUMMARY)


def _show_printed(pictures: Pictures, batch_size: int) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**A Dataset**: `x[4:6]` and `dataset[4:6]`, as the notebook prints them")
        st.code(pictures.item, language=None, wrap_lines=True)
    with right:
        st.markdown(f"**A DataLoader**: its first epoch, batch_size={batch_size:,}")
        with st.container(height=130, border=False):
            st.code(pictures.printed, language=None, wrap_lines=True)


PAGE = Page(
    name="dataset_and_dataloader",
    title="3. Dataset and DataLoader",
    place=4,
    help="What a Dataset and a DataLoader hand out, and training with them.",
    group=NOTEBOOK,
    controls=DATA | TRAIN | ORDER | {"scale", "obs"},
    settings=NOTEBOOK_PRESETS["dataloader"],
    compute=compute,
    draw=draw,
)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw as draw_dashboard

    draw_dashboard()
