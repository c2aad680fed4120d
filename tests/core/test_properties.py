"""What holds for any settings: they train or say why not, batches partition, surfaces add up."""

import random
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from minibatch_core import (
    Dataset,
    DataSettings,
    Settings,
    TrainSettings,
    batch_surfaces,
    full_loss,
    loss_surface,
    make_batches,
    make_dataset,
    surface_grid,
    train,
)
from minibatch_core.losses import LOSSES
from minibatch_core.settings.address import from_address, to_address
from minibatch_core.settings.fields import Setting, describe
from minibatch_core.settings.train import steps_per_epoch
from tests.support.autograd import torch_loss


def values_of(setting: Setting) -> st.SearchStrategy[Any]:
    """Any value that a setting takes."""
    if setting.choices is not None:
        return st.sampled_from(list(setting.choices))
    if setting.kind is bool:
        strategy: st.SearchStrategy[Any] = st.booleans()
    elif setting.kind is int:
        strategy = st.integers(int(setting.minimum), int(setting.maximum))
    else:
        strategy = st.floats(setting.minimum, setting.maximum)
    return st.none() | strategy if setting.optional else strategy


DATA_VALUES = {name: values_of(setting) for name, setting in describe(DataSettings).items()}
TRAIN_VALUES = {name: values_of(setting) for name, setting in describe(TrainSettings).items()}


@settings(max_examples=150, deadline=None)
@given(
    st.fixed_dictionaries({**DATA_VALUES, "n": st.integers(2, 200)}),
    st.fixed_dictionaries(
        {**TRAIN_VALUES, "batch_size": st.integers(1, 250), "epochs": st.integers(1, 30)}
    ),
)
def test_any_settings_train_or_say_why_not(
    data_values: dict[str, Any], train_values: dict[str, Any]
) -> None:
    try:
        chosen = Settings(DataSettings(**data_values), TrainSettings(**train_values))
    except ValueError as error:
        assert "should be" in str(error)
        assert "but got" in str(error)
        return
    run = train(make_dataset(chosen.data), chosen.train)
    assert len(run) == (len(run.batches) if run.diverged_at is None else run.diverged_at)
    assert np.isfinite(run.w).all()
    assert np.isfinite(run.b).all()
    assert np.isfinite(run.batch_loss).all()


@settings(max_examples=100, deadline=None)
@given(
    n=st.integers(2, 300),
    batch_size=st.integers(1, 300),
    shuffle=st.sampled_from(["none", "once", "each_epoch"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_batches_of_an_epoch_are_a_partition_of_the_data(
    n: int, batch_size: int, shuffle: str, seed: int
) -> None:
    chosen = TrainSettings(batch_size=min(batch_size, n), epochs=2, shuffle=shuffle, seed=seed)
    batches = list(make_batches(n, chosen))
    per_epoch = steps_per_epoch(n, chosen.batch_size)
    assert len(batches) == 2 * per_epoch
    for epoch in (batches[:per_epoch], batches[per_epoch:]):
        assert sorted(np.concatenate(epoch).tolist()) == list(range(n))
        assert all(len(batch) == chosen.batch_size for batch in epoch[:-1])


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(2, 120),
    batch_size=st.integers(1, 120),
    loss=st.sampled_from(list(LOSSES)),
    seed=st.integers(0, 1000),
    half=st.sampled_from([1.0, 5.0, 40.0, 500.0]),
)
def test_the_weighted_mean_of_the_minibatch_surfaces_is_the_full_surface(
    n: int, batch_size: int, loss: str, seed: int, half: float
) -> None:
    data = make_dataset(DataSettings(n=n, seed=seed))
    chosen = TrainSettings(batch_size=min(batch_size, n), epochs=1, shuffle="once")
    batches = make_batches(n, chosen)
    grid = np.linspace(-half, half, 7)
    weights = np.diff(batches.offsets) / n
    mean = np.tensordot(weights, batch_surfaces(data, batches, grid, grid, loss), axes=1)
    full = loss_surface(data, grid, grid, loss)
    np.testing.assert_allclose(mean, full, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("half", [0.5, 5.0, 40.0, 300.0, 5000.0])
def test_a_surface_is_the_loss_at_each_of_its_points(loss: str, half: float) -> None:
    data = make_dataset(DataSettings(n=700))  # more than the 512 factors taken at once
    grid = np.linspace(-half, half, 11)
    w, b = (values.ravel() for values in np.meshgrid(grid, grid, indexing="ij"))
    expected = full_loss(data, w, b, loss).reshape(11, 11)
    actual = loss_surface(data, grid, grid, loss)
    assert np.isfinite(actual).all()
    np.testing.assert_allclose(actual, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_are_those_of_torch(loss: str) -> None:
    data = make_dataset()
    w, b = 1.3, -0.7
    z = torch.tensor(w * data.x + b)
    y = torch.tensor(data.y)
    actual = full_loss(data, np.array([w]), np.array([b]), loss)[0]
    assert actual == pytest.approx(torch_loss(loss, z, y).item(), abs=1e-14)


def test_the_bce_is_that_of_p_and_the_bug_takes_the_sigmoid_twice() -> None:
    z, y = torch.linspace(-3.0, 3.0, 7, dtype=torch.float64), torch.tensor([0.0, 1.0] * 3 + [1.0])
    y = y.double()
    p = torch.sigmoid(z)
    assert torch_loss("bce", z, y).item() == pytest.approx(torch.nn.BCELoss()(p, y).item())
    twice = torch.nn.BCELoss()(torch.sigmoid(p), y).item()
    assert torch_loss("bce_with_logits_on_sigmoid", z, y).item() == pytest.approx(twice)


def test_a_tiny_loss_far_out_is_not_lost_in_rounding() -> None:
    data = Dataset(np.array([-1.0, 1.0]), np.array([0.0, 1.0]))
    value = loss_surface(data, [60.0], [0.0], "bce")[0, 0]
    assert value == pytest.approx(np.exp(-60.0), rel=1e-12)


def test_a_surface_can_be_of_some_points_only() -> None:
    data = make_dataset()
    one_by_one = [loss_surface(data, [1.0], [0.5], indices=[i])[0, 0] for i in (3, 3, 8)]
    together = loss_surface(data, [1.0], [0.5], indices=[3, 3, 8])[0, 0]
    assert together == pytest.approx(np.mean(one_by_one), abs=1e-15)
    with pytest.raises(ValueError, match="indices should name points 0 to 99"):
        loss_surface(data, [1.0], [0.5], indices=[100])


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_number_in_an_address_comes_back_as_it_was(data: st.DataObject) -> None:
    table = {**describe(DataSettings), **describe(TrainSettings)}
    setting = table[data.draw(st.sampled_from(sorted(table)))]
    value = data.draw(values_of(setting))
    if setting.choices is not None:
        text = setting.choices[value]
    else:
        text = "" if value is None else str(value)
    assert setting.parse(text) == value


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(describe(TrainSettings))), st.text())
def test_any_text_in_an_address_is_a_value_or_a_clear_sentence(name: str, text: str) -> None:
    setting = describe(TrainSettings)[name]
    try:
        value = setting.parse(text)
    except ValueError as error:
        assert f"{setting.key} should be" in str(error)
    else:
        assert setting.check(name, value) == value


@settings(max_examples=100, deadline=None)
@given(
    st.fixed_dictionaries({**DATA_VALUES, "n": st.integers(50, 200)}),
    st.fixed_dictionaries(
        {
            **TRAIN_VALUES,
            "batch_size": st.integers(1, 50),
            "epochs": st.integers(1, 30),
            "momentum": st.none() | st.floats(0.1, 1.0),
        }
    ),
)
def test_an_address_holds_all_settings(data: dict[str, Any], train: dict[str, Any]) -> None:
    chosen = Settings(DataSettings(**data), TrainSettings(**train))
    assert from_address(to_address(chosen)) == chosen


def test_an_address_that_cannot_be_says_why() -> None:
    for text, message in (
        ("bs=0", "bs should be between 1 and 10,000, but got 0"),
        ("colour=red", "no setting has the key 'colour'; leave it out"),
        ("n=10&bs=25", "batch_size should be between 1 and N=10, but got 25"),
    ):
        with pytest.raises(ValueError, match=message):
            from_address(text)


def test_every_short_key_names_one_setting() -> None:
    table = [*describe(DataSettings).values(), *describe(TrainSettings).values()]
    keys = [setting.key for setting in table]
    assert len(set(keys)) == len(keys)
    assert all(len(key) <= 5 for key in keys)


def test_the_notebooks_data_is_reproduced() -> None:
    """The notebook's generator as written, with [0] where numpy 2.4 wants a scalar."""
    random.seed(1)
    expected_x = np.random.RandomState(1).randn(100, 1) + 1

    def chance(x: float) -> float:
        if abs(x - 1) < 1.0:
            return 0.1
        return 0.025

    expected_y = [
        int(x[0] < 1) if random.random() < chance(x[0]) else int(x[0] > 1) for x in expected_x
    ]
    data = make_dataset(DataSettings(source="notebook", n=100, noise=0.10, seed=1))
    assert data.x.tolist() == expected_x[:, 0].tolist()
    assert data.y.tolist() == expected_y
    assert data.y.sum() == 53


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([1.0, np.nan], [0.0, 1.0], "x should be finite, but got nan"),
        ([1.0], [0.5], "y should be 0 or 1, but got 0.5"),
        ([1.0, 2.0], [1.0], "same length of at least 1, but got 2 and 1"),
        ([[1.0]], [1.0], r"x should have shape \(N,\), but got \(1, 1\)"),
    ],
)
def test_data_that_cannot_be_trained_on_is_refused(x: Any, y: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Dataset(np.array(x), np.array(y))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"batch_size": 0}, "batch_size should be between 1 and 10,000, but got 0"),
        ({"batch_size": 2.5}, "batch_size should be a whole number between"),
        ({"batch_size": True}, "batch_size should be a whole number between"),
        ({"lr": float("nan")}, "lr should be between 0 and 1,000, but got nan"),
        ({"lr": "fast"}, "lr should be a number between"),
        ({"optimizer": "lion"}, "optimizer should be one of 'sgd', .* but got 'lion'"),
        ({"drop_last": 1}, "drop_last should be True or False, but got 1"),
        ({"optimizer": "nesterov", "momentum": 0.0}, "momentum should be above 0"),
    ],
)
def test_settings_out_of_range_name_field_value_and_cure(
    fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        TrainSettings(**fields)


def test_what_cannot_be_trained_together_is_refused() -> None:
    with pytest.raises(ValueError, match="batch_size should be between 1 and N=100, but got 250"):
        train(make_dataset(), TrainSettings(batch_size=250))
    with pytest.raises(ValueError, match=r"epochs should be at most 20 .* a run may have 200,000"):
        Settings(DataSettings(n=10_000), TrainSettings(batch_size=1, epochs=21))


def test_the_grid_holds_the_path_or_is_the_largest() -> None:
    w_grid, b_grid = surface_grid(np.array([0.0, 30.0]), np.array([0.0, -35.0]))
    assert w_grid[0] <= 0.0
    assert w_grid[-1] >= 30.0
    assert b_grid[0] <= -35.0
    w_grid, _ = surface_grid(np.array([1e300]), np.array([0.0]))
    assert w_grid[-1] == 41.0


def test_the_core_imports_no_streamlit() -> None:
    code = "import sys, minibatch_core; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
