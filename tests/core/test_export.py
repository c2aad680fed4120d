"""What is taken away runs in a fresh process and takes PyTorch's own steps."""

import csv
import io
import itertools
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from numpy.typing import NDArray

from minibatch_core import (
    NOTEBOOK_PRESETS,
    DataSettings,
    Settings,
    SurfaceSettings,
    TrainSettings,
    batch_surfaces,
    draw_minibatches,
    loss_surface,
    make_dataset,
    notebook_grid,
    to_csv,
    to_notebook,
    to_script,
    train,
    train_torch,
)
from minibatch_core.losses import LOSSES
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.schedules import SCHEDULES
from minibatch_core.settings.train import SHUFFLES
from minibatch_core.storage import STORAGE
from tests.support.hyperparameters import OTHER_THAN_DEFAULT

# Runs each script of a folder as its own program and keeps what it leaves behind.
RUNNER = """
import json, pathlib, runpy, sys
assert "minibatch_core" not in sys.modules
kept = {}
for script in sorted(pathlib.Path().glob("*.py")):
    left = runpy.run_path(str(script), run_name="__main__")
    table = pathlib.Path("run.csv").read_text()
    surfaces = [left["surface"], *left.get("batch_surfaces", [])] if "surface" in left else []
    kept[script.stem] = [left["losses"], left["params"], table, [s.tolist() for s in surfaces]]
assert not any(name.startswith("minibatch_core") for name in sys.modules)
print(json.dumps(kept), file=sys.stderr)
"""


def run_in_a_fresh_process(scripts: dict[str, str], folder: Path) -> dict[str, list[object]]:
    for name, text in scripts.items():
        (folder / f"{name}.py").write_text(text)
    finished = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUNNER],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-2000:]
    kept: dict[str, list[object]] = json.loads(finished.stderr)
    return kept


def assert_same_steps(
    settings: Settings, losses: NDArray[np.float64], params: NDArray[np.float64]
) -> None:
    data = make_dataset(settings.data)
    expected = train_torch(data, settings.train, device="cpu", dtype="float64")
    assert expected.diverged_at is None
    assert params.shape == (len(expected) + 1, 2)
    np.testing.assert_allclose(params[:, 0], expected.w, rtol=0, atol=1e-12)
    np.testing.assert_allclose(params[:, 1], expected.b, rtol=0, atol=1e-12)
    np.testing.assert_allclose(losses, expected.batch_loss, rtol=0, atol=1e-12)
    ours = train(data, settings.train)
    np.testing.assert_allclose(params, np.stack([ours.w, ours.b], axis=1), rtol=0, atol=1e-9)


BASE = TrainSettings(batch_size=30, epochs=3, seed=7)
MANY_SETTINGS = {
    **{
        f"{optimizer}_{loss}": Settings(train=replace(BASE, optimizer=optimizer, loss=loss))
        for optimizer, loss in itertools.product(OPTIMIZERS, LOSSES)
    },
    **{
        f"{shuffle}_{drop_last}": Settings(
            DataSettings(n=47, noise=0.3, seed=4),
            replace(BASE, batch_size=10, shuffle=shuffle, drop_last=drop_last),
        )
        for shuffle, drop_last in itertools.product(SHUFFLES, [False, True])
    },
    **{
        f"{optimizer}_{name}": Settings(
            train=replace(BASE, optimizer=optimizer, **{name: OTHER_THAN_DEFAULT[name]})
        )
        for optimizer, record in OPTIMIZERS.items()
        for name in record.hyperparameters
    },
    **{schedule: Settings(train=replace(BASE, schedule=schedule)) for schedule in SCHEDULES},
    **{
        f"{stored}_{shuffle}": Settings(
            DataSettings(n=47, noise=0.3, seed=4, stored=stored),
            replace(BASE, batch_size=10, shuffle=shuffle),
        )
        for stored, shuffle in itertools.product(STORAGE, SHUFFLES)
    },
    "start": Settings(train=replace(BASE, init_w=-1.5, init_b=2.25, shuffle="each_epoch")),
    "start_w": Settings(train=replace(BASE, init_w=1e-3, randn_before_model=3)),
    "one_point": Settings(DataSettings(n=2), replace(BASE, batch_size=1, epochs=1)),
}


def test_scripts_of_many_settings_take_the_steps_of_torch(tmp_path: Path) -> None:
    scripts = {name: to_script(settings) for name, settings in MANY_SETTINGS.items()}
    kept = run_in_a_fresh_process(scripts, tmp_path)
    assert kept.keys() == MANY_SETTINGS.keys()
    for name, settings in MANY_SETTINGS.items():
        losses, params, table, _ = kept[name]
        assert_same_steps(settings, np.array(losses), np.array(params))
        rows = list(csv.DictReader(io.StringIO(str(table))))
        assert [float(row["loss"]) for row in rows] == losses
        assert [[float(row["w"]), float(row["b"])] for row in rows] == params[:-1]  # type: ignore[index]


def test_a_script_of_a_run_that_amplifies_rounding_ends_where_ours_does(tmp_path: Path) -> None:
    wild = {
        "rmsprop": Settings(train=TrainSettings(optimizer="rmsprop", lr=1.0, batch_size=3)),
        "sgd": Settings(train=TrainSettings(optimizer="sgd", lr=10.0, batch_size=1)),
    }
    scripts = {name: to_script(settings) for name, settings in wild.items()}
    kept = run_in_a_fresh_process(scripts, tmp_path)
    for name, settings in wild.items():
        run = train(make_dataset(settings.data), settings.train)
        w, _ = kept[name][1][-1]  # type: ignore[index]
        narrow = train_torch(make_dataset(settings.data), settings.train, device="cpu")
        assert abs(narrow.w[-1] - run.w[-1]) > 0.01  # in float32 it ends elsewhere
        assert abs(w - run.w[-1]) < 0.001


NOTEBOOKS = {
    **NOTEBOOK_PRESETS,
    "others": Settings(
        DataSettings(n=60, noise=0.2, seed=3, stored="class"),
        replace(BASE, optimizer="nadam", loss="bce", shuffle="replacement", init_w=0.5),
    ),
}


def test_notebooks_run_in_jupyter_and_take_our_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MPLBACKEND", raising=False)  # Streamlit sets it, and no picture would show
    cells_of = {}
    for name, settings in NOTEBOOKS.items():
        notebook = nbformat.reads(to_notebook(settings, SurfaceSettings(points=21)), as_version=4)
        nbformat.validate(notebook)
        for number, cell in enumerate(notebook.cells):
            cell.id = f"{name}-{number}"
        kept = new_code_cell(f"%mv run.csv {name}.csv")
        cells_of[name] = [new_code_cell("%reset -f"), *notebook.cells, kept]
    # One after another in one process: most of the time it imports torch.
    together = new_notebook(cells=[cell for cells in cells_of.values() for cell in cells])
    NotebookClient(together, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    for name, settings in NOTEBOOKS.items():
        outputs = [output for cell in cells_of[name] for output in cell.get("outputs", [])]
        pictures = [output for output in outputs if "image/png" in output.get("data", {})]
        assert len(pictures) == 3
        rows = list(csv.DictReader(io.StringIO((tmp_path / f"{name}.csv").read_text())))
        expected = train(make_dataset(settings.data), settings.train)
        np.testing.assert_allclose([float(row["w"]) for row in rows], expected.w[:-1], atol=1e-9)
        np.testing.assert_allclose([float(row["b"]) for row in rows], expected.b[:-1], atol=1e-9)
        printed = "".join(output.text for output in outputs if output.output_type == "stream")
        assert f"at the end: w = {expected.w[-1]:.4f}, b = {expected.b[-1]:.4f}" in printed


@pytest.mark.parametrize("name", MANY_SETTINGS)
def test_a_notebook_has_the_scripts_code(name: str) -> None:
    settings, surfaces = MANY_SETTINGS[name], SurfaceSettings()
    script = to_script(settings, surfaces)
    notebook = nbformat.reads(to_notebook(settings, surfaces), as_version=4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    plots = [cell for cell in cells if "plt." in cell]
    assert len(plots) == 3
    for cell in cells:
        assert (cell in script) == (cell not in plots)


def test_the_surfaces_of_a_script_are_ours(tmp_path: Path) -> None:
    cases = list(itertools.product(LOSSES, [True, False], ["batch_size", "n"]))
    scripts = {
        str(number): to_script(
            Settings(train=TrainSettings(batch_size=10, epochs=1, loss=loss)),
            SurfaceSettings(points=21, count=3, replacement=replacement, divisor=divisor, seed=5),
        )
        for number, (loss, replacement, divisor) in enumerate(cases)
    }
    kept = run_in_a_fresh_process(scripts, tmp_path)
    data, (w_grid, b_grid) = make_dataset(), notebook_grid(21)
    for number, (loss, replacement, divisor) in enumerate(cases):
        full, *small = np.array(kept[str(number)][3])
        np.testing.assert_allclose(full, loss_surface(data, w_grid, b_grid, loss), atol=1e-12)
        batches = draw_minibatches(100, 10, 3, replacement, seed=5)
        expected = batch_surfaces(data, batches, w_grid, b_grid, loss)
        expected *= 0.1 if divisor == "n" else 1.0
        np.testing.assert_allclose(small, expected, atol=1e-12)


def test_a_script_keeps_the_notebooks_names_and_none_of_ours() -> None:
    text = to_script(Settings(), SurfaceSettings())
    for name in (
        "model",
        "losses",
        "params",
        "loss_fn",
        "n_epochs",
        "dataloader",
        "batch_surfaces",
    ):
        assert f"\n{name} = " in text
    assert "minibatch_core" not in text


@pytest.mark.parametrize("name", MANY_SETTINGS)
def test_a_script_has_lines_that_fit_a_screen(name: str) -> None:
    text = to_script(MANY_SETTINGS[name], SurfaceSettings(divisor="n"))
    assert max(len(line) for line in text.splitlines()) <= 100


def test_a_script_without_minibatches_runs_too(tmp_path: Path) -> None:
    surfaces = SurfaceSettings(points=21, count=0)
    settings = Settings(train=TrainSettings(epochs=1))
    text = to_script(settings, surfaces)
    assert "batch_surfaces" not in text
    assert "batch_surfaces" not in to_notebook(settings, surfaces)
    surfaces_left = np.array(run_in_a_fresh_process({"script": text}, tmp_path)["script"][3])
    expected = loss_surface(make_dataset(), *notebook_grid())
    np.testing.assert_allclose(surfaces_left, [expected], atol=1e-12)


def test_the_same_settings_give_the_same_notebook() -> None:
    assert to_notebook(Settings()) == to_notebook(Settings())


def test_the_csv_has_every_step_with_its_points() -> None:
    settings = TrainSettings(batch_size=30, epochs=2, shuffle="each_epoch")
    run = train(make_dataset(), settings)
    rows = list(csv.DictReader(io.StringIO(to_csv(run))))
    assert list(rows[0]) == ["epoch", "step", "indices", "loss", "w", "b"]
    assert [int(row["epoch"]) for row in rows] == [1, 1, 1, 1, 2, 2, 2, 2]
    assert [int(row["step"]) for row in rows] == list(range(8))
    points = [[int(i) for i in row["indices"].split()] for row in rows]
    assert points == [batch.tolist() for batch in run.batches]
    for name, values in (("loss", run.batch_loss), ("w", run.w[:-1]), ("b", run.b[:-1])):
        assert [float(row[name]) for row in rows] == values.tolist()


def test_the_csv_of_a_run_that_diverges_ends_where_the_run_does() -> None:
    run = train(make_dataset(), TrainSettings(optimizer="sgd", lr=100.0, weight_decay=50.0))
    assert run.diverged_at is not None
    assert len(to_csv(run).splitlines()) == 1 + len(run)
