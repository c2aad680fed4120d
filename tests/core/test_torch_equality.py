"""The compiled engine against PyTorch: every step of every optimizer, and the order of batches."""

import itertools

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, RandomSampler

from minibatch_core import (
    NOTEBOOK_PRESETS,
    DataSettings,
    TrainSettings,
    make_batches,
    make_dataset,
    train,
    train_torch,
)
from minibatch_core.losses import LOSSES
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.settings.train import SHUFFLES, steps_per_epoch
from tests.support.hyperparameters import OTHER_THAN_DEFAULT

DATA = make_dataset()


def settings_of_500_steps(**fields: object) -> TrainSettings:
    return settings_of(500, **fields)


def settings_of(steps: int, **fields: object) -> TrainSettings:
    drop_last = bool(fields.get("drop_last", False))
    epochs = -(-steps // steps_per_epoch(100, 30, drop_last))
    return TrainSettings(batch_size=30, epochs=epochs, seed=7, **fields)  # type: ignore[arg-type]


def assert_same_path(settings: TrainSettings, tolerance: float = 1e-9) -> None:
    expected = train_torch(DATA, settings, device="cpu", dtype="float64")
    actual = train(DATA, settings)
    assert len(actual) == len(expected)
    np.testing.assert_allclose(actual.w, expected.w, rtol=0, atol=tolerance)
    np.testing.assert_allclose(actual.b, expected.b, rtol=0, atol=tolerance)
    np.testing.assert_allclose(actual.batch_loss, expected.batch_loss, rtol=0, atol=tolerance)


@pytest.mark.parametrize(("optimizer", "loss"), list(itertools.product(OPTIMIZERS, LOSSES)))
def test_every_one_of_500_steps_is_that_of_torch_optim(optimizer: str, loss: str) -> None:
    settings = settings_of_500_steps(optimizer=optimizer, loss=loss, shuffle="each_epoch")
    assert len(train(DATA, settings)) >= 500
    assert_same_path(settings)


@pytest.mark.parametrize(
    ("optimizer", "loss", "shuffle", "drop_last"),
    list(itertools.product(OPTIMIZERS, LOSSES, SHUFFLES, [False, True])),
)
def test_in_every_order_the_steps_are_those_of_torch_optim(
    optimizer: str, loss: str, shuffle: str, drop_last: bool
) -> None:
    assert_same_path(
        settings_of(60, optimizer=optimizer, loss=loss, shuffle=shuffle, drop_last=drop_last)
    )


@pytest.mark.parametrize(
    ("optimizer", "name"),
    [(o, name) for o, record in OPTIMIZERS.items() for name in record.hyperparameters],
)
def test_every_hyperparameter_means_what_it_means_in_torch(optimizer: str, name: str) -> None:
    changed = settings_of(200, optimizer=optimizer, **{name: OTHER_THAN_DEFAULT[name]})
    assert_same_path(changed)
    default = train(DATA, settings_of(200, optimizer=optimizer))
    assert not np.array_equal(train(DATA, changed).w, default.w)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_hyperparameters_have_the_defaults_of_torch(optimizer: str) -> None:
    class_name = {"momentum": "SGD", "nesterov": "SGD", "sgd": "SGD", "rmsprop": "RMSprop"}
    classes = {name.lower(): getattr(torch.optim, name) for name in dir(torch.optim)}
    real = classes[class_name.get(optimizer, optimizer).lower()]([torch.zeros(1)])
    expected = dict(real.defaults)
    if "betas" in expected:
        expected["beta1"], expected["beta2"] = expected["betas"]
    if optimizer in ("momentum", "nesterov"):
        expected["momentum"] = 0.9  # the one that is not SGD's default, but everyone's
    for name, value in TrainSettings(optimizer=optimizer).hyperparameters.items():
        assert value == expected[name], name


@pytest.mark.parametrize("shuffle", ["none", "each_epoch", "replacement"])
@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize(("n", "batch_size"), [(100, 30), (64, 8), (33, 33), (7, 1), (1000, 999)])
def test_batches_are_those_of_a_plain_dataloader(
    shuffle: str, drop_last: bool, n: int, batch_size: int
) -> None:
    settings = TrainSettings(
        batch_size=batch_size, epochs=3, shuffle=shuffle, drop_last=drop_last, seed=5
    )
    with torch.random.fork_rng():
        torch.manual_seed(5)
        torch.nn.Linear(1, 1)
        points = torch.arange(n)
        sampler = RandomSampler(points, replacement=True) if shuffle == "replacement" else None
        loader: DataLoader[int] = DataLoader(
            points,  # type: ignore[arg-type]
            batch_size=batch_size,
            shuffle=None if sampler else shuffle == "each_epoch",
            sampler=sampler,
            drop_last=drop_last,
        )
        expected = [batch.tolist() for _ in range(3) for batch in loader]
    assert [batch.tolist() for batch in make_batches(n, settings)] == expected


def test_shuffled_once_is_one_randperm_after_the_model() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(5)
        torch.nn.Linear(1, 1)
        expected = torch.randperm(20).tolist()
    batches = make_batches(20, TrainSettings(batch_size=20, epochs=2, shuffle="once", seed=5))
    assert [batch.tolist() for batch in batches] == [expected, expected]


def test_the_global_random_state_is_never_touched() -> None:
    torch.manual_seed(1)
    np.random.seed(1)
    before = torch.random.get_rng_state().clone(), np.random.get_state()[1].copy()  # type: ignore[index]
    settings = TrainSettings(epochs=2, shuffle="each_epoch", seed=99)
    data = make_dataset(DataSettings(seed=12))
    train(data, settings)
    train_torch(data, settings, device="cpu")
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])  # type: ignore[index]


def notebook_run(preset: str) -> tuple[np.ndarray, np.ndarray]:
    """The notebook's own loops: global seed, float32, nn.Linear, torch.optim.Adam."""
    settings = NOTEBOOK_PRESETS[preset].train
    x = torch.tensor(DATA.x).float().reshape(-1, 1)
    y = torch.tensor(DATA.y).float().reshape(-1, 1)
    with torch.random.fork_rng():
        torch.manual_seed(42)
        if preset == "dataloader":
            torch.randn(1)
            torch.randn(1)
        model = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Sigmoid())
        loss_fn = torch.nn.BCEWithLogitsLoss() if preset == "full_batch" else torch.nn.MSELoss()
        optimizer = torch.optim.Adam(model.parameters(), lr=settings.lr)
        loader = DataLoader(
            torch.utils.data.TensorDataset(x, y),
            batch_size=settings.batch_size,
            shuffle=preset == "dataloader",
        )
        params = [[param.item() for param in model.parameters()]]
        for _ in range(settings.epochs):
            for x_t, y_t in loader:
                loss = loss_fn(model(x_t), y_t)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                params.append([param.item() for param in model.parameters()])
    path = np.array(params)
    return path[:, 0], path[:, 1]


@pytest.mark.parametrize(
    ("preset", "w", "b"),
    [
        ("full_batch", 5.058522, -4.912086),
        ("ordered_minibatches", 3.221504, -2.929974),
        ("dataloader", 6.427011, -5.890235),
    ],
)
def test_the_notebooks_runs_are_reproduced(preset: str, w: float, b: float) -> None:
    expected_w, expected_b = notebook_run(preset)
    assert (round(expected_w[-1], 6), round(expected_b[-1], 6)) == pytest.approx((w, b), abs=2e-6)
    settings = NOTEBOOK_PRESETS[preset].train
    for run, tolerance in (
        (train(DATA, settings), 1e-5),
        (train_torch(DATA, settings, device="cpu", dtype="float32"), 1e-6),
    ):
        np.testing.assert_allclose(run.w, expected_w, rtol=0, atol=tolerance)
        np.testing.assert_allclose(run.b, expected_b, rtol=0, atol=tolerance)


def test_a_start_can_be_set_without_changing_the_order() -> None:
    plain = TrainSettings(shuffle="each_epoch", epochs=3)
    moved = TrainSettings(shuffle="each_epoch", epochs=3, init_w=2.0, init_b=-1.5)
    run = train(DATA, moved)
    assert (run.w[0], run.b[0]) == (2.0, -1.5)
    assert np.array_equal(run.batches.indices, train(DATA, plain).batches.indices)
    reference = train_torch(DATA, moved, device="cpu", dtype="float64")
    np.testing.assert_allclose(run.w, reference.w, rtol=0, atol=1e-9)


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_a_run_that_diverges_ends_where_torch_diverges(optimizer: str) -> None:
    settings = TrainSettings(optimizer=optimizer, lr=100.0, weight_decay=50.0, epochs=100)
    run = train(DATA, settings)
    reference = train_torch(DATA, settings, device="cpu", dtype="float64")
    assert run.diverged_at == reference.diverged_at is not None
    assert len(run) == len(reference) == run.diverged_at
    assert np.isfinite(run.w).all()
    assert len(run.w) == len(run) + 1


def test_training_can_be_followed_and_stopped() -> None:
    seen: list[int] = []

    def stop_at_three(step: int, _w: float, _b: float) -> None:
        seen.append(step)
        if step == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        train_torch(DATA, TrainSettings(), device="cpu", progress=stop_at_three)
    assert seen == [1, 2, 3]


def test_a_dtype_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="dtype should be 'float32' or 'float64', but got 'int8'"):
        train_torch(DATA, dtype="int8")
