"""Settings -> a script of plain course-style PyTorch, cell by cell, with the notebook's names.

It needs numpy and torch, and nothing of this project.
"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from minibatch_core.engine.surface import NOTEBOOK_BOX
from minibatch_core.engine.torch_training import optimizer_call
from minibatch_core.losses import LOSSES
from minibatch_core.schedules import SCHEDULES
from minibatch_core.settings import DataSettings, Settings, SurfaceSettings, TrainSettings
from minibatch_core.settings.train import steps_per_epoch
from minibatch_core.sources import SOURCES
from minibatch_core.storage import STORAGE

__all__ = ["Cell", "cells_of", "to_script"]


@dataclass(frozen=True, slots=True)
class Cell:
    """Some code, what it does, and the plot that a notebook shows of it."""

    title: str
    code: str
    plot: str = ""


def to_script(settings: Settings, surfaces: SurfaceSettings | None = None) -> str:
    """A script of plain PyTorch that trains with exactly these settings, in float64 as `train`.

    It prints the loss, w and b as it goes, leaves them in `losses` and `params`, and saves run.csv:
    a row a step, the loss of its minibatch and w and b before the step. With `surfaces` it also
    computes the loss surface of all the data and of each minibatch, as `loss_surface` does.

    >>> "optimizer = torch.optim.Adam(model.parameters(), lr=0.05)" in to_script(Settings())
    True

    Source: the course notebook, whose names it keeps.
    """
    cells = cells_of(settings, surfaces)
    return "\n\n\n".join(f"# {cell.title}\n{cell.code}" for cell in cells) + "\n"


def cells_of(settings: Settings, surfaces: SurfaceSettings | None) -> list[Cell]:
    """What the script does, part by part."""
    cells = [_imports(settings.train), _data(settings.data)]
    if surfaces is not None:
        cells.append(_surfaces(settings, surfaces))
    return [*cells, _model(settings.train), _training(settings), _saving()]


def _imports(train: TrainSettings) -> Cell:
    sampler = ", RandomSampler" if train.shuffle == "replacement" else ""
    return Cell(
        "What it needs",
        f"""\
import csv
import random

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset{sampler}""",
    )


def _data(data: DataSettings) -> Cell:
    source = SOURCES[data.source]
    return Cell(
        source.script_title,
        source.script(data.n, data.noise, data.seed) + _stored(data.stored),
        """\
import matplotlib.pyplot as plt

plt.scatter(x[y == 1], y[y == 1], c="tab:blue", alpha=0.4, label="y = 1")
plt.scatter(x[y == 0], y[y == 0], c="tab:orange", alpha=0.4, label="y = 0")
plt.xlabel("x")
plt.ylabel("y")
plt.legend()
plt.show()""",
    )


def _stored(stored: str) -> str:
    storage = STORAGE[stored]
    if not storage.script:
        return ""
    return f"""

order = np.argsort({storage.script}, kind="stable")  # {storage.label.lower()}
x, y = x[order], y[order]"""


def _loss_call(loss: str, arguments: str = "") -> str:
    record = LOSSES[loss]
    remark = f"  # {record.remark}" if record.remark else ""
    return f"torch.nn.{record.torch_class}({arguments}){remark}"


def _surfaces(settings: Settings, surfaces: SurfaceSettings) -> Cell:
    (w_low, w_high), (b_low, b_high) = NOTEBOOK_BOX
    output = "w_i * x_tensor + b[:, None]"
    if not LOSSES[settings.train.loss].takes_logit:
        output = f"torch.sigmoid({output})"
    return Cell(
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


def _model(train: TrainSettings) -> Cell:
    if LOSSES[train.loss].takes_logit:
        forward = "return self.lay1(x)  # the loss applies the sigmoid"
        activation = ""
    else:
        forward = "return self.act(self.lay1(x))"
        activation = "\n        self.act = torch.nn.Sigmoid()"
    return Cell(
        "A Dataset and a model",
        f"""\
class MyDataset(Dataset):
    def __init__(self, x, y):
        self.x = torch.tensor(x, dtype=torch.float64)
        self.y = torch.tensor(y, dtype=torch.float64).reshape(-1, 1)

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


def _training(settings: Settings) -> Cell:
    train = settings.train
    scheduled = "" if train.schedule == "constant" else "\n        scheduler.step()"
    code = f"""\
torch.manual_seed({train.seed})
{_before_model(train)}model = Perceptron(1).double()  # float64 rounds less than the usual float32
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
    return Cell("Training", code, TRAINING_PLOT)


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
    schedule = SCHEDULES[train.schedule]
    arguments = schedule.arguments(train.epochs * per_epoch, train.lr)
    function = f"torch.optim.lr_scheduler.{schedule.torch_class}"
    return f"scheduler = {_call(function, 'optimizer', arguments)}\n"


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


def _saving() -> Cell:
    return Cell(
        "The run as a table: w and b as they were when the loss was taken",
        """\
with open("run.csv", "w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["epoch", "step", "loss", "w", "b"])
    for step, (loss, (w_step, b_step)) in enumerate(zip(losses, params)):
        table.writerow([step // len(dataloader) + 1, step, loss, w_step, b_step])""",
    )
