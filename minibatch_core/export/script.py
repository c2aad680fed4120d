"""Settings -> what a student takes away: a PyTorch script, a notebook, the run as CSV.

Script and notebook are plain course-style PyTorch with the notebook's names; they need numpy and
torch, and nothing of this project.
"""

import csv
import inspect
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import nbformat
import torch

from minibatch_core.engine.surface import NOTEBOOK_BOX
from minibatch_core.engine.torch_training import optimizer_call
from minibatch_core.engine.training import Run
from minibatch_core.schedules import scheduler_call
from minibatch_core.settings import (
    DataSettings,
    Settings,
    SurfaceSettings,
    TrainSettings,
    steps_per_epoch,
)

__all__ = ["to_csv", "to_notebook", "to_script"]


@dataclass(frozen=True, slots=True)
class _Cell:
    """Some code, what it does, and the plot that a notebook shows of it."""

    title: str
    code: str
    plot: str = ""


def to_script(settings: Settings, surfaces: SurfaceSettings | None = None) -> str:
    """A script of plain PyTorch that trains with exactly these settings, in float32.

    It prints the loss, w and b as it goes, leaves them in `losses` and `params`, and saves run.csv:
    a row a step, the loss of its minibatch and w and b before the step. With `surfaces` it also
    computes the loss surface of all the data and of each minibatch, as `loss_surface` does.

    >>> "optimizer = torch.optim.Adam(model.parameters(), lr=0.05)" in to_script(Settings())
    True

    Source: the course notebook, whose names it keeps.
    """
    cells = _cells(settings, surfaces)
    return "\n\n\n".join(f"# {cell.title}\n{cell.code}" for cell in cells) + "\n"


def to_notebook(settings: Settings, surfaces: SurfaceSettings | None = None) -> str:
    """The same as a Jupyter notebook with plots: the text of an .ipynb file.

    The same settings give the same text.

    >>> nbformat.reads(to_notebook(Settings()), as_version=4).cells[0].cell_type
    'markdown'

    Source: nbformat 4.5.
    """
    parts = [nbformat.v4.new_markdown_cell(f"# Minibatches\n\n{_summary(settings)}")]
    for cell in _cells(settings, surfaces):
        parts.append(nbformat.v4.new_markdown_cell(f"## {cell.title}"))
        parts.append(nbformat.v4.new_code_cell(cell.code))
        if cell.plot:
            parts.append(nbformat.v4.new_code_cell(cell.plot))
    for number, part in enumerate(parts):
        part["id"] = f"cell-{number}"  # nbformat would draw it at random
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = nbformat.v4.new_notebook(cells=parts, metadata={"kernelspec": kernel})
    nbformat.validate(notebook)
    return nbformat.writes(notebook)


def to_csv(run: Run) -> str:
    """The run as CSV, a row a step: epoch, step, indices, loss, w, b.

    Epochs count from 1, steps from 0. `indices` are the minibatch's points, separated by spaces;
    `loss` is its loss, and w and b are those before the step.

    >>> from minibatch_core import make_dataset, train
    >>> run = train(make_dataset(), TrainSettings(batch_size=2, epochs=1))
    >>> to_csv(run).splitlines()[1]
    '1,0,0 1,0.2867384561608089,0.7645385265350342,0.8300079107284546'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["epoch", "step", "indices", "loss", "w", "b"])
    per_epoch = run.batches.steps_per_epoch
    rows = zip(run.batches, run.batch_loss.tolist(), run.w.tolist(), run.b.tolist(), strict=False)
    for step, (points, loss, w, b) in enumerate(rows):
        indices = " ".join(map(str, points.tolist()))
        writer.writerow([step // per_epoch + 1, step, indices, loss, w, b])
    return text.getvalue()


def _summary(settings: Settings) -> str:
    train = settings.train
    return (
        f"One sigmoid unit trained on {settings.data.n:,} points in minibatches of "
        f"{train.batch_size:,}, for {train.epochs:,} epochs."
    )


def _cells(settings: Settings, surfaces: SurfaceSettings | None) -> list[_Cell]:
    cells = [_imports(settings.train), _data(settings.data)]
    if surfaces is not None:
        cells.append(_surfaces(settings, surfaces))
    return [*cells, _model(settings.train), _training(settings), _saving()]


def _imports(train: TrainSettings) -> _Cell:
    sampler = ", RandomSampler" if train.shuffle == "replacement" else ""
    return _Cell(
        "What it needs",
        f"""\
import csv
import random

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset{sampler}""",
    )


def _data(data: DataSettings) -> _Cell:
    return _Cell(
        "The data: y says on which side of 1 x lies, and some labels are flipped",
        f"""\
N = {data.n}
noise = {data.noise!r}  # the chance of a flip within 1 of the boundary; a quarter of it elsewhere

random.seed({data.seed})
np.random.seed({data.seed})
x = np.random.randn(N, 1) + 1


def true_y(x_i):
    flip_probability = noise if abs(x_i - 1) < 1 else noise / 4
    flipped = random.random() < flip_probability
    return int(x_i < 1) if flipped else int(x_i > 1)


y = np.array([true_y(x_i) for x_i in x[:, 0]])""",
        """\
import matplotlib.pyplot as plt

plt.scatter(x[y == 1], y[y == 1], c="tab:blue", alpha=0.4, label="y = 1")
plt.scatter(x[y == 0], y[y == 0], c="tab:orange", alpha=0.4, label="y = 0")
plt.xlabel("x")
plt.ylabel("y")
plt.legend()
plt.show()""",
    )


LOSS_CALLS = {
    "mse": "torch.nn.MSELoss({})",
    "bce": "torch.nn.BCEWithLogitsLoss({})  # applies the sigmoid itself",
    "bce_with_logits_on_sigmoid": "torch.nn.BCEWithLogitsLoss({})  # a second sigmoid: the bug",
}


def _loss_call(loss: str, arguments: str = "") -> str:
    return LOSS_CALLS[loss].format(arguments)


def _surfaces(settings: Settings, surfaces: SurfaceSettings) -> _Cell:
    (w_low, w_high), (b_low, b_high) = NOTEBOOK_BOX
    output = "w_i * x_tensor + b[:, None]"
    if settings.train.loss != "bce":
        output = f"torch.sigmoid({output})"
    return _Cell(
        "The loss surface: w upwards, b across",
        f"""\
w = torch.linspace({w_low}, {w_high}, {surfaces.points}, dtype=torch.float64)
b = torch.linspace({b_low}, {b_high}, {surfaces.points}, dtype=torch.float64)
surface_loss_fn = {_loss_call(settings.train.loss, 'reduction="none"')}


def loss_surface(x, y):
    x_tensor, y_tensor = torch.tensor(x), torch.tensor(y, dtype=torch.float64)
    rows = []
    for w_i in w:
        output = {output}
        rows.append(surface_loss_fn(output, y_tensor.expand_as(output)).mean(dim=1))
    return torch.stack(rows)


surface = loss_surface(x[:, 0], y)
i, j = divmod(surface.argmin().item(), len(b))
print(f"lowest on the grid: {{surface[i, j]:.4f}} at w = {{w[i]:.2f}}, b = {{b[j]:.2f}}")\
{_minibatches(settings.train.batch_size, surfaces)}""",
        SURFACE_PLOT if surfaces.count else SURFACE_PLOT.replace(", *batch_surfaces", ""),
    )


def _minibatches(batch_size: int, surfaces: SurfaceSettings) -> str:
    if surfaces.count == 0:
        return ""
    if surfaces.replacement:
        indices = "[random.randint(0, N - 1) for _ in range(bs)]"
    else:
        indices = "random.sample(range(N), bs)"
    surface = "loss_surface(x[indices, 0], y[indices])"
    if surfaces.divisor == "n":
        surface += " * bs / N"
    comment = "  # N, not bs" if surfaces.divisor == "n" else ""
    return f"""

bs = {batch_size}
batch_surfaces = []
random.seed({surfaces.seed})
for _ in range({surfaces.count}):
    indices = {indices}
    batch_surfaces.append({surface}){comment}
    low, high = batch_surfaces[-1].min(), batch_surfaces[-1].max()
    print(f"a minibatch's surface: {{low:.4f}} to {{high:.4f}}")"""


SURFACE_PLOT = """\
shown = [surface, *batch_surfaces]
fig, axes = plt.subplots(1, len(shown), figsize=(4 * len(shown), 3.5), squeeze=False)
for ax, values in zip(axes[0], shown):
    image = ax.pcolormesh(b, w, values, cmap="viridis", shading="nearest")
    ax.set(xlabel="b", ylabel="w")
    fig.colorbar(image, ax=ax)
plt.show()"""


def _model(train: TrainSettings) -> _Cell:
    if train.loss == "bce":
        forward = "return self.lay1(x)  # the loss applies the sigmoid"
        activation = ""
    else:
        forward = "return self.act(self.lay1(x))"
        activation = "\n        self.act = torch.nn.Sigmoid()"
    return _Cell(
        "A Dataset and a model",
        f"""\
class MyDataset(Dataset):
    def __init__(self, x, y):
        self.x = torch.tensor(x, dtype=torch.float32)
        self.y = torch.tensor(y, dtype=torch.float32).reshape(-1, 1)

    def __getitem__(self, index):
        return {{"x": self.x[index], "y": self.y[index]}}

    def __len__(self):
        return len(self.x)


class Perceptron(torch.nn.Module):
    def __init__(self, input_dim):
        super().__init__()
        self.lay1 = torch.nn.Linear(input_dim, 1){activation}

    def forward(self, x):
        {forward}""",
    )


def _training(settings: Settings) -> _Cell:
    train = settings.train
    scheduled = "" if train.schedule == "constant" else "\n        scheduler.step()"
    code = f"""\
torch.manual_seed({train.seed})
{_before_model(train)}model = Perceptron(1)
{_start(train)}{_loader(train)}
loss_fn = {_loss_call(train.loss)}
optimizer = {_optimizer_line(train)}
{_scheduler_line(settings)}n_epochs = {train.epochs}
losses = []
params = []

for epoch in range(1, n_epochs + 1):
    for batch in dataloader:
        params.append(tuple(param.item() for param in model.parameters()))
        loss = loss_fn(model(batch["x"]), batch["y"])
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step(){scheduled}
    if epoch % {_print_every(train.epochs)} == 0:
        w_now, b_now = params[-1]
        print(f"epoch {{epoch}}: loss = {{losses[-1]:.4f}}, w = {{w_now:.4f}}, b = {{b_now:.4f}}")

params.append(tuple(param.item() for param in model.parameters()))
print(f"at the end: w = {{params[-1][0]:.4f}}, b = {{params[-1][1]:.4f}}")"""
    return _Cell("Training", code, TRAINING_PLOT)


TRAINING_PLOT = """\
fig, (ax1, ax2, ax3) = plt.subplots(1, 3, figsize=(18, 4))
ax1.plot(losses)
ax1.set(xlabel="step", ylabel="loss of the minibatch")
ax2.plot([param[0] for param in params])
ax2.set(xlabel="step", ylabel="w")
ax3.plot([param[1] for param in params])
ax3.set(xlabel="step", ylabel="b")
plt.show()"""


def _before_model(train: TrainSettings) -> str:
    if not train.randn_before_model:
        return ""
    return (
        f"for _ in range({train.randn_before_model}):\n"
        "    torch.randn(1)  # not used, but the model draws other numbers after it\n"
    )


def _start(train: TrainSettings) -> str:
    lines = [
        f"    model.lay1.{name}.fill_({value!r})\n"
        for name, value in (("weight", train.init_w), ("bias", train.init_b))
        if value is not None
    ]
    return "".join(["with torch.no_grad():\n", *lines]) if lines else ""


def _loader(train: TrainSettings) -> str:
    arguments = [f"batch_size={train.batch_size}"]
    dataset = "dataset = MyDataset(x, y)"
    if train.shuffle == "once":
        dataset = (
            "order = torch.randperm(N).numpy()  # shuffled once, then always in this order\n"
            "dataset = MyDataset(x[order], y[order])"
        )
    elif train.shuffle == "each_epoch":
        arguments.append("shuffle=True")
    elif train.shuffle == "replacement":
        dataset += "\nsampler = RandomSampler(dataset, replacement=True)"
        arguments.append("sampler=sampler")
    if train.drop_last:
        arguments.append("drop_last=True")
    return f"{dataset}\ndataloader = DataLoader(dataset, {', '.join(arguments)})\n"


def _optimizer_line(train: TrainSettings) -> str:
    name, arguments = optimizer_call(train)
    defaults = inspect.signature(getattr(torch.optim, name)).parameters
    chosen = {key: value for key, value in arguments.items() if value != defaults[key].default}
    return _call(f"torch.optim.{name}", "model.parameters()", {"lr": train.lr, **chosen})


def _scheduler_line(settings: Settings) -> str:
    train = settings.train
    if train.schedule == "constant":
        return ""
    per_epoch = steps_per_epoch(settings.data.n, train.batch_size, train.drop_last)
    name, arguments = scheduler_call(train.schedule, train.epochs * per_epoch, train.lr)
    return f"scheduler = {_call(f'torch.optim.lr_scheduler.{name}', 'optimizer', arguments)}\n"


def _call(function: str, first: str, arguments: Mapping[str, Any]) -> str:
    """A call in one line, or, where that is long, with an argument a line."""
    written = [first, *(f"{key}={value!r}" for key, value in arguments.items())]
    call = f"{function}({', '.join(written)})"
    if len(call) <= 80:
        return call
    return "\n".join([f"{function}(", *(f"    {argument}," for argument in written), ")"])


def _print_every(epochs: int) -> int:
    """Every 25 epochs as the notebook does, or twice in a shorter run."""
    return 25 if epochs >= 25 else max(1, epochs // 2)


def _saving() -> _Cell:
    return _Cell(
        "The run as a table: w and b as they were when the loss was taken",
        """\
with open("run.csv", "w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["epoch", "step", "loss", "w", "b"])
    for step, (loss, (w_step, b_step)) in enumerate(zip(losses, params)):
        table.writerow([step // len(dataloader) + 1, step, loss, w_step, b_step])""",
    )
